// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Looking at certificates before a client comes.
 *
 * That they can be loaded is what ksecd itself wants of them; whether clients believe
 * them is only seen here.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include <gnutls/x509.h>

#include "helper/check.h"
#include "helper/text.h"
#include "helper/tls/server.h"

#define SOON	1209600	/* two weeks before its end a certificate is told of */

static void show_date(time_t t, char text[16])
{
	struct tm tm;

	if (!gmtime_r(&t, &tm) || !strftime(text, 16, "%Y-%m-%d", &tm))
		strcpy(text, "?");
}

static bool check_time(const char *path, gnutls_x509_crt_t crt)
{
	const time_t now = time(NULL), from = gnutls_x509_crt_get_activation_time(crt);
	const time_t end = gnutls_x509_crt_get_expiration_time(crt);
	char date[16];

	if (from > now) {
		show_date(from, date);
		fprintf(stderr, "ksecd: %s: the certificate is valid from %s on; look at the clock, or "
			"wait\n", path, date);
		return false;
	}
	show_date(end, date);
	if (end <= now) {
		fprintf(stderr, "ksecd: %s: the certificate has expired on %s; get a new one from "
			"whoever has issued it\n", path, date);
		return false;
	}
	if (end - now < SOON)
		fprintf(stderr, "ksecd: %s: the certificate expires on %s; get a new one soon, and run "
			"'systemctl reload ksecd' then\n", path, date);
	return true;
}

/* A certificate that says what it is for must say that it is for servers. */
static bool check_purpose(const char *path, gnutls_x509_crt_t crt)
{
	char oid[128];
	unsigned int critical, i;
	size_t size = sizeof(oid);
	bool any = false;

	for (i = 0; !gnutls_x509_crt_get_key_purpose_oid(crt, i, oid, &size, &critical); i++) {
		if (!strcmp(oid, GNUTLS_KP_TLS_WWW_SERVER) || !strcmp(oid, GNUTLS_KP_ANY))
			return true;
		any = true;
		size = sizeof(oid);
	}
	if (any)
		fprintf(stderr, "ksecd: %s: the certificate is not for servers of TLS (its extended key "
			"usage lacks serverAuth); get another one\n", path);
	return !any;
}

/* Clients know this server by other names, too, so that this is none but a hint. */
static void check_name(const char *path, gnutls_x509_crt_t crt, const struct config *cfg)
{
	char shown[TEXT_NAME_MAX];

	if (!gnutls_x509_crt_check_hostname(crt, cfg->dns_computer))
		printf("%s: note that the certificate is not for %s, which is this server's name in "
		       "[names]\n", path, text_escape(shown, sizeof(shown), cfg->dns_computer));
}

static bool check_certificate(const struct tls_section *section, unsigned int i,
			      gnutls_x509_crt_t crt, const struct config *cfg)
{
	const char *path = section->certificate[i];
	char subject[256], shown[TEXT_NAME_MAX], date[16];
	size_t size = sizeof(subject);

	if (!check_time(path, crt) || !check_purpose(path, crt))
		return false;
	check_name(path, crt, cfg);
	if (gnutls_x509_crt_get_dn(crt, subject, &size))
		strcpy(subject, "?");
	show_date(gnutls_x509_crt_get_expiration_time(crt), date);
	printf("%s: ok, %s until %s, for [tls%s%s]\n", path,
	       text_escape(shown, sizeof(shown), subject), date, *section->label ? " " : "",
	       section->label);
	return true;
}

static bool check_section(const struct tls_section *section, const struct config *cfg)
{
	struct tls_server *server;
	struct config_error err;
	gnutls_x509_crt_t *list;
	unsigned int i, j, n;
	bool good = true;
	int ret;

	ret = tls_server_load(section, &server, &err);
	if (ret) {
		fprintf(stderr, "ksecd: %s\n", ret == -ENOMEM ? "out of memory" : err.text);
		return false;
	}
	for (i = 0; i < section->n_certificates; i++) {
		if (gnutls_certificate_get_x509_crt(server->credentials, i, &list, &n)) {
			fprintf(stderr, "ksecd: %s: the certificate cannot be looked at\n",
				section->certificate[i]);
			good = false;
			continue;
		}
		good &= check_certificate(section, i, list[0], cfg);
		for (j = 0; j < n; j++)
			gnutls_x509_crt_deinit(list[j]);
		gnutls_free(list);
	}
	tls_server_put(server);
	return good;
}

bool check_tls(const struct config *cfg)
{
	bool good = true;
	unsigned int i;

	for (i = 0; i < cfg->tls.n_sections; i++)
		good &= check_section(&cfg->tls.sections[i], cfg);
	return good;
}
