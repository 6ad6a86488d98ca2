// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Loading certificates and keys when the configuration is read.
 *
 * What cannot be loaded makes the whole configuration one that is not taken: a server
 * that comes up without its certificate fails each of its clients, and says so to nobody.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <gnutls/abstract.h>
#include <gnutls/urls.h>
#include <gnutls/x509.h>

#include "helper/tls/server.h"
#include "helper/tls/verify.h"

#define FILE_MAX	(1U << 20)	/* bytes of a file with certificates or a key */
#define CHAIN_MAX	16		/* certificates of a chain */

/* What a message begins with: the section it is about. */
__attribute__((format(printf, 3, 4)))
static int complain(struct config_error *err, const struct tls_section *section,
		    const char *format, ...)
{
	va_list args;
	int n;

	n = snprintf(err->text, sizeof(err->text), "[tls%s%s]: ", *section->label ? " " : "",
		     section->label);
	va_start(args, format);
	vsnprintf(err->text + n, sizeof(err->text) - (size_t)n, format, args);
	va_end(args);
	return -EINVAL;
}

static void wipe(gnutls_datum_t *file)
{
	if (file->data) {
		explicit_bzero(file->data, file->size);
		free(file->data);
	}
	*file = (gnutls_datum_t){ NULL, 0 };
}

/* Reads to the end; 0, or -errno. */
static int read_all(int fd, size_t size, gnutls_datum_t *file)
{
	size_t len = 0;
	ssize_t n = 1;

	file->data = malloc(size);
	file->size = (unsigned int)size;
	if (!file->data)
		return -ENOMEM;
	while (len < size && n) {
		n = read(fd, file->data + len, size - len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		len += (size_t)n;
	}
	file->size = (unsigned int)len;
	return 0;
}

/* A file with a key must not be one that others can read. */
static int read_file(const struct tls_section *section, const char *key, const char *path,
		     bool secret, gnutls_datum_t *file, struct config_error *err)
{
	struct stat st;
	int fd, ret;

	*file = (gnutls_datum_t){ NULL, 0 };
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	if (fd < 0 && errno == ENOENT)
		return complain(err, section, "%s: there is no such file; put it there, or change "
				"\"%s\"", path, key);
	if (fd < 0)
		return complain(err, section, "%s: ksecd cannot read it: %s; it must belong to root, "
				"run: chown root '%s'", path, strerror(errno), path);
	if (fstat(fd, &st))
		ret = complain(err, section, "%s: %s", path, strerror(errno));
	else if (!S_ISREG(st.st_mode))
		ret = complain(err, section, "%s: not a regular file; change \"%s\"", path, key);
	else if (st.st_size > FILE_MAX)
		ret = complain(err, section, "%s: larger than %u bytes; is that what \"%s\" should "
			       "be?", path, FILE_MAX, key);
	else if (secret && (st.st_mode & S_IRWXO))
		ret = complain(err, section, "%s: everybody may read this private key; run: chmod "
			       "600 '%s', and get another key if others were here", path, path);
	else if (st.st_mode & S_IWOTH)
		ret = complain(err, section, "%s: everybody may write to this file; run: chmod o-w "
			       "'%s'", path, path);
	else
		ret = read_all(fd, (size_t)st.st_size, file);
	if (ret && ret != -EINVAL && ret != -ENOMEM)
		ret = complain(err, section, "%s: %s", path, strerror(-ret));
	close(fd);
	if (ret)
		wipe(file);
	return ret;
}

static int load_chain(const struct tls_section *section, const char *path,
		      gnutls_pcert_st *chain, unsigned int *n, struct config_error *err)
{
	gnutls_datum_t file;
	int ret;

	ret = read_file(section, "certificate", path, false, &file, err);
	if (ret)
		return ret;
	*n = CHAIN_MAX;
	ret = gnutls_pcert_list_import_x509_raw(chain, n, &file, GNUTLS_X509_FMT_PEM,
						GNUTLS_X509_CRT_LIST_FAIL_IF_UNSORTED);
	wipe(&file);
	if (ret >= 0)
		return 0;
	*n = 0;
	if (ret == GNUTLS_E_MEMORY_ERROR)
		return -ENOMEM;
	if (ret == GNUTLS_E_CERTIFICATE_LIST_UNSORTED)
		return complain(err, section, "%s: the certificates are none of one chain; it must "
				"have the server's, then that of its issuer, and so on", path);
	return complain(err, section, "%s: there is no certificate that can be read: %s; it must be "
			"PEM, as 'openssl x509' writes it", path, gnutls_strerror(ret));
}

static int load_key_file(const struct tls_section *section, const char *path,
			 gnutls_privkey_t key, struct config_error *err)
{
	gnutls_datum_t file;
	int ret;

	ret = read_file(section, "key", path, true, &file, err);
	if (ret)
		return ret;
	ret = gnutls_privkey_import_x509_raw(key, &file, GNUTLS_X509_FMT_PEM, NULL, 0);
	wipe(&file);
	if (ret >= 0)
		return 0;
	if (ret == GNUTLS_E_MEMORY_ERROR)
		return -ENOMEM;
	if (ret == GNUTLS_E_DECRYPTION_FAILED)
		return complain(err, section, "%s: the private key has a password, and there is "
				"nobody to ask for it; take it off with 'openssl pkey', or use a "
				"PKCS#11 token", path);
	return complain(err, section, "%s: there is no private key that can be read: %s; it must be "
			"PEM, as 'openssl genpkey' writes it", path, gnutls_strerror(ret));
}

static int load_key(const struct tls_section *section, const char *name, gnutls_privkey_t key,
		    struct config_error *err)
{
	int ret;

	if (!gnutls_url_is_supported(name))
		return load_key_file(section, name, key, err);
	ret = gnutls_privkey_import_url(key, name, 0);
	if (ret >= 0)
		return 0;
	if (ret == GNUTLS_E_MEMORY_ERROR)
		return -ENOMEM;
	/* The URI may have the PIN in it, so it is not shown. */
	if (ret == GNUTLS_E_REQUESTED_DATA_NOT_AVAILABLE ||
	    ret == GNUTLS_E_PKCS11_REQUESTED_OBJECT_NOT_AVAILBLE)
		return complain(err, section, "\"key\": no PKCS#11 token has a private key of this "
				"URI; 'p11tool --list-tokens' and 'p11tool --login --list-privkeys' "
				"show what there is");
	if (ret == GNUTLS_E_PKCS11_PIN_ERROR || ret == GNUTLS_E_PKCS11_USER_ERROR)
		return complain(err, section, "\"key\": the PKCS#11 token wants another PIN; put it "
				"into a file of root's and ?pin-source=/PATH behind the URI");
	return complain(err, section, "\"key\": the PKCS#11 token does not give the private key: %s",
			gnutls_strerror(ret));
}

/* Whether a key is that of a certificate; 1, 0, or an error of the library. */
static int is_pair(const gnutls_pcert_st *certificate, gnutls_privkey_t key)
{
	uint8_t of_certificate[64], of_key[sizeof(of_certificate)];
	size_t len = sizeof(of_certificate), key_len = sizeof(of_key);
	gnutls_pubkey_t pubkey;
	int ret;

	ret = gnutls_pubkey_init(&pubkey);
	if (ret < 0)
		return ret;
	ret = gnutls_pubkey_import_privkey(pubkey, key, 0, 0);
	if (ret >= 0)
		ret = gnutls_pubkey_get_key_id(pubkey, GNUTLS_KEYID_USE_SHA256, of_key, &key_len);
	if (ret >= 0)
		ret = gnutls_pubkey_get_key_id(certificate->pubkey, GNUTLS_KEYID_USE_SHA256,
					       of_certificate, &len);
	if (ret >= 0)
		ret = len == key_len && !memcmp(of_certificate, of_key, len);
	gnutls_pubkey_deinit(pubkey);
	return ret;
}

static int take_pair(struct tls_server *server, unsigned int i, gnutls_pcert_st *chain,
		     unsigned int n, gnutls_privkey_t key, bool *ret_taken,
		     struct config_error *err)
{
	const struct tls_section *section = &server->section;
	int ret = is_pair(chain, key);

	if (!ret)
		return complain(err, section, "%s: \"key\" number %u is not the key of this "
				"certificate; the first key goes with the first certificate",
				section->certificate[i], i + 1);
	if (ret > 0) {
		ret = gnutls_certificate_set_key(server->credentials, NULL, 0, chain, (int)n, key);
		/* Whose they are after an error is not said: they are nobody's then. */
		*ret_taken = true;
	}
	if (ret == GNUTLS_E_MEMORY_ERROR)
		return -ENOMEM;
	if (ret < 0)
		return complain(err, section, "%s: the certificate cannot be used: %s",
				section->certificate[i], gnutls_strerror(ret));
	return 0;
}

/* A certificate with its key */
static int load_pair(struct tls_server *server, unsigned int i, struct config_error *err)
{
	const struct tls_section *section = &server->section;
	gnutls_pcert_st *chain;
	gnutls_privkey_t key = NULL;
	unsigned int n = 0, j;
	bool taken = false;
	int ret;

	chain = calloc(CHAIN_MAX, sizeof(*chain));
	if (!chain || gnutls_privkey_init(&key)) {
		free(chain);
		return -ENOMEM;
	}
	ret = load_chain(section, section->certificate[i], chain, &n, err);
	if (!ret)
		ret = load_key(section, section->key[i], key, err);
	if (!ret)
		ret = take_pair(server, i, chain, n, key, &taken, err);
	for (j = 0; j < n && !taken; j++)
		gnutls_pcert_deinit(&chain[j]);
	if (!taken)
		gnutls_privkey_deinit(key);
	free(chain);
	return ret;
}

static int load_trust(struct tls_server *server, struct config_error *err)
{
	const struct tls_section *section = &server->section;
	gnutls_datum_t file;
	int ret;

	if (!*section->client_ca)
		return 0;
	ret = read_file(section, "client-ca", section->client_ca, false, &file, err);
	if (ret)
		return ret;
	ret = gnutls_certificate_set_x509_trust_mem(server->credentials, &file,
						    GNUTLS_X509_FMT_PEM);
	wipe(&file);
	if (ret <= 0)
		return complain(err, section, "%s: there is no certificate that can be read%s%s; it "
				"must have those of whom clients are believed by, as PEM",
				section->client_ca, ret ? ": " : "", ret ? gnutls_strerror(ret) : "");
	if (!*section->client_crl)
		return 0;
	ret = read_file(section, "client-crl", section->client_crl, false, &file, err);
	if (ret)
		return ret;
	ret = gnutls_certificate_set_x509_crl_mem(server->credentials, &file, GNUTLS_X509_FMT_PEM);
	wipe(&file);
	if (ret <= 0)
		return complain(err, section, "%s: there is no revocation list that can be read%s%s; "
				"it must be PEM, as 'openssl crl' writes it", section->client_crl,
				ret ? ": " : "", ret ? gnutls_strerror(ret) : "");
	return 0;
}

/*
 * AEADs only, and keys that a stolen private key does not open.  Certificates of RSA
 * with less than 2048 bits and signatures with SHA-1 are in no level of today.
 */
static const char priority[] =
	"NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2:-CIPHER-ALL:+AES-256-GCM:"
	"+CHACHA20-POLY1305:+AES-128-GCM:+AES-256-CCM:+AES-128-CCM:-MAC-ALL:+AEAD:"
	"-KX-ALL:+ECDHE-ECDSA:+ECDHE-RSA:+DHE-RSA:-SIGN-RSA-SHA1:-SIGN-ECDSA-SHA1";

/**
 * tls_server_load() - load what a section names
 * @section: the section
 * @ret_server: the result, for tls_server_put()
 * @err: what is wrong
 *
 * Return: 0; -EINVAL with @err filled; -ENOMEM.
 */
int tls_server_load(const struct tls_section *section, struct tls_server **ret_server,
		    struct config_error *err)
{
	struct tls_server *server = calloc(1, sizeof(*server));
	unsigned int i;
	int ret;

	if (!server)
		return -ENOMEM;
	tls_wipe_memory();
	atomic_init(&server->refs, 1);
	server->section = *section;
	if (gnutls_certificate_allocate_credentials(&server->credentials)) {
		free(server);
		return -ENOMEM;
	}
	if (gnutls_priority_init(&server->priority, priority, NULL)) {
		gnutls_certificate_free_credentials(server->credentials);
		free(server);
		return complain(err, section, "GnuTLS does not take the priorities \"%s\"; it must "
				"be of version 3.7 or later", priority);
	}
	ret = load_trust(server, err);
	for (i = 0; !ret && i < section->n_certificates; i++)
		ret = load_pair(server, i, err);
	/* Clients of TLS 1.2 that want finite fields, but none of RFC 7919. */
	if (!ret && gnutls_certificate_set_known_dh_params(server->credentials,
							   GNUTLS_SEC_PARAM_MEDIUM))
		ret = -ENOMEM;
	if (ret) {
		tls_server_put(server);
		return ret;
	}
	gnutls_certificate_set_verify_function(server->credentials, tls_verify_client);
	*ret_server = server;
	return 0;
}

/**
 * tls_servers_load() - load what the configuration names
 * @cfg: the configuration
 * @ret_servers: the result, for tls_servers_free()
 * @err: what is wrong
 *
 * Files are opened as the process may at the time, PKCS#11 tokens too.
 *
 * Return: 0; -EINVAL with @err filled; -ENOMEM with @err filled.
 */
int tls_servers_load(const struct config *cfg, struct tls_servers **ret_servers,
		     struct config_error *err)
{
	struct tls_servers *servers = calloc(1, sizeof(*servers));
	int ret = servers ? 0 : -ENOMEM;
	unsigned int i;

	for (i = 0; !ret && i < cfg->tls.n_sections; i++) {
		ret = tls_server_load(&cfg->tls.sections[i], &servers->list[i], err);
		if (!ret)
			servers->n++;
	}
	if (ret) {
		tls_servers_free(servers);
		if (ret == -ENOMEM)
			snprintf(err->text, sizeof(err->text), "out of memory");
		return ret;
	}
	*ret_servers = servers;
	return 0;
}

/**
 * tls_servers_free() - drop what was loaded
 * @servers: from tls_servers_load(), or NULL; handshakes that have begun go on
 */
void tls_servers_free(struct tls_servers *servers)
{
	unsigned int i;

	if (!servers)
		return;
	for (i = 0; i < servers->n; i++)
		tls_server_put(servers->list[i]);
	free(servers);
}

const struct tls_server *tls_server_find(const struct tls_servers *servers, const char *name,
					 size_t len)
{
	unsigned int i;

	for (i = 0; servers && i < servers->n; i++)
		if (strlen(servers->list[i]->section.label) == len &&
		    !memcmp(servers->list[i]->section.label, name, len))
			return servers->list[i];
	return NULL;
}

const struct tls_section *tls_server_section(const struct tls_server *server)
{
	return &server->section;
}

/**
 * tls_server_get() - take a reference
 * @server: the caller has one, or somebody who stays
 */
struct tls_server *tls_server_get(const struct tls_server *server)
{
	struct tls_server *own = (struct tls_server *)server;

	atomic_fetch_add(&own->refs, 1);
	return own;
}

/**
 * tls_server_put() - drop a reference
 * @server: the server, or NULL; freed with the last reference
 */
void tls_server_put(struct tls_server *server)
{
	if (!server || atomic_fetch_sub(&server->refs, 1) != 1)
		return;
	gnutls_certificate_free_credentials(server->credentials);
	gnutls_priority_deinit(server->priority);
	free(server);
}
