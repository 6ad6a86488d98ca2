// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A folder with certificates.
 */
#include <dirent.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tools/testing/tap/tap.h"
#include "tools/testing/unit/tls/fixture.h"

struct fixture fixture;

/**
 * fixture_path() - where a file is
 * @name: its name
 *
 * Return: the path, in one of a few buffers that are used again.
 */
const char *fixture_path(const char *name)
{
	static char paths[8][PATH_MAX];
	static unsigned int next;
	char *path = paths[next++ % 8];

	snprintf(path, PATH_MAX, "%s/%s", fixture.dir, name);
	return path;
}

/**
 * fixture_begin() - make the folder and what is in it
 */
void fixture_begin(void)
{
	struct pki_request request = { .algorithm = GNUTLS_PK_ECDSA, .ca = true,
				       .subject = "CN=ksecdd test CA" };

	strcpy(fixture.dir, "/tmp/ksecd-test-tls.XXXXXX");
	if (!mkdtemp(fixture.dir))
		tap_bail("%s cannot be made", fixture.dir);
	pki_make(&request, &fixture.ca);
	pki_write(&fixture.ca, NULL, fixture_path("ca.crt"), NULL);
	request = (struct pki_request){ .algorithm = GNUTLS_PK_RSA, .issuer = &fixture.ca,
					.subject = "CN=" FIXTURE_DNS, .dns = FIXTURE_DNS,
					.purpose = GNUTLS_KP_TLS_WWW_SERVER };
	pki_make(&request, &fixture.rsa);
	pki_write(&fixture.rsa, NULL, fixture_path("rsa.crt"), fixture_path("rsa.key"));
	request.algorithm = GNUTLS_PK_ECDSA;
	pki_make(&request, &fixture.ec);
	pki_write(&fixture.ec, &fixture.ca, fixture_path("ec.crt"), fixture_path("ec.key"));
}

/**
 * fixture_end() - remove the folder and all that is in it
 */
void fixture_end(void)
{
	DIR *dir = opendir(fixture.dir);
	struct dirent *entry;

	while (dir && (entry = readdir(dir)))
		if (entry->d_name[0] != '.')
			unlink(fixture_path(entry->d_name));
	if (dir)
		closedir(dir);
	rmdir(fixture.dir);
	pki_free(&fixture.ca);
	pki_free(&fixture.rsa);
	pki_free(&fixture.ec);
}

/**
 * fixture_try() - servers of a configuration that may be wrong
 * @format: as for printf(): the configuration
 *
 * Return: the servers, for tls_servers_free(); NULL with fixture.error.
 */
struct tls_servers *fixture_try(const char *format, ...)
{
	static struct config config;
	struct tls_servers *servers = NULL;
	char text[4096];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	fixture.error.text[0] = '\0';
	if (config_parse("ksecd.conf", text, strlen(text), "server", &config, &fixture.error) ||
	    tls_servers_load(&config, &servers, &fixture.error))
		return NULL;
	return servers;
}

/**
 * fixture_load() - a server with both certificates
 * @more: further lines of its section
 *
 * Return: the servers, for tls_servers_free().
 */
struct tls_servers *fixture_load(const char *more)
{
	struct tls_servers *servers;

	servers = fixture_try("[tls]\ncertificate = %s\nkey = %s\ncertificate = %s\nkey = %s\n%s\n",
			      fixture_path("rsa.crt"), fixture_path("rsa.key"),
			      fixture_path("ec.crt"), fixture_path("ec.key"), more);
	if (!servers)
		tap_bail("%s", fixture.error.text);
	return servers;
}
