// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The library's credentials of the services.
 *
 * To make one takes the library longer than to open a ticket, so they are kept.  No key
 * is in them: the library reads the keytab again for each ticket, and new keys count at
 * once.
 *
 * A context of the library is kept, too, mostly for what it holds: what has been read of
 * krb5.conf is shared by all contexts there are, and would go with the last one, to be
 * read again for each logon.  The library looks whether the file is another one.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <gssapi/gssapi_ext.h>
#include <gssapi/gssapi_krb5.h>
#include <krb5/krb5.h>

#include "helper/kerberos/library.h"
#include "helper/log.h"

/* Services with several names have one for each; the oldest goes. */
#define KEPT	32

/*
 * struct kerberos_credential - a credential
 * @cred:         the library's
 * @users:        logons that use it, and one more while it is kept
 * @keytab:       what it was made of
 * @replay_cache: likewise
 * @principal:    likewise
 */
struct kerberos_credential {
	gss_cred_id_t cred;
	unsigned int users;
	char *keytab;
	char *replay_cache;
	char *principal;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;	/* protects @users and these: */
static struct kerberos_credential *kept[KEPT];
static unsigned int oldest;

static pthread_mutex_t context_lock = PTHREAD_MUTEX_INITIALIZER;
static krb5_context resident;	/* under @context_lock */

/**
 * kerberos_context_take() - a context of the library for what needs one for a moment
 *
 * Nobody else has it before kerberos_context_put(), which is to be called in any case.
 *
 * Return: the context, or NULL if there is no memory for one
 */
krb5_context kerberos_context_take(void)
{
	pthread_mutex_lock(&context_lock);
	if (!resident && krb5_init_context(&resident))
		resident = NULL;
	return resident;
}

/**
 * kerberos_context_put() - the context is not used any more
 */
void kerberos_context_put(void)
{
	pthread_mutex_unlock(&context_lock);
}

/**
 * kerberos_failed() - put what a function of the library has said into the answer
 * @answer: the answer
 * @major:  GSSAPI's status
 * @minor:  the mechanism's
 *
 * Return: whether that is a failure
 */
bool kerberos_failed(struct kerberos_answer *answer, OM_uint32 major, OM_uint32 minor)
{
	answer->major = major;
	answer->minor = (int32_t)minor;
	return GSS_ERROR(major);
}

/**
 * kerberos_keytab_error() - why a keytab cannot be read, for whoever has to mend it
 * @path:      the keytab
 * @principal: whose keys should be in it
 * @text:      receives why, and the remedy
 * @size:      room at @text in bytes
 *
 * Return: errno; 0 if it can be read, and nothing is said
 */
int kerberos_keytab_error(const char *path, const char *principal, char *text, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	int error = errno;

	if (fd >= 0) {
		close(fd);
		return 0;
	}
	if (error == ENOENT)
		snprintf(text, size, "%s: there is no such keytab; get the keys of %s there with "
			 "'kadmin ktadd -k %s %s', or change \"keytab\" in ksecd.conf", path,
			 principal, path, principal);
	else
		snprintf(text, size, "%s: ksecd cannot read this keytab: %s; it must belong to "
			 "root, run: chown root '%s' && chmod 600 '%s'", path, strerror(error),
			 path, path);
	return error;
}

/*
 * Whether the keytab has a key of the service.  The library would find out by itself,
 * but gss_acquire_cred_from() of krb5 1.20 leaks memory then, and clients choose for
 * whom their tickets are.
 */
static krb5_error_code find_key(krb5_context context, const struct kerberos_question *q)
{
	krb5_principal principal = NULL;
	krb5_keytab_entry entry;
	krb5_keytab keytab;
	char name[PATH_MAX + 8];
	krb5_error_code code;

	snprintf(name, sizeof(name), "FILE:%s", q->keytab);
	code = krb5_kt_resolve(context, name, &keytab);
	if (code)
		return code;
	code = krb5_parse_name(context, q->principal, &principal);
	if (!code)
		code = krb5_kt_get_entry(context, keytab, principal, 0, 0, &entry);
	if (!code)
		krb5_free_keytab_entry_contents(context, &entry);
	krb5_free_principal(context, principal);
	krb5_kt_close(context, keytab);
	return code;
}

/**
 * kerberos_have_key() - whether the keytab has a key of the service now
 * @q:      the logon
 * @answer: receives why not, and is left alone if it has
 */
bool kerberos_have_key(const struct kerberos_question *q, struct kerberos_answer *answer)
{
	char text[KERBEROS_KEYTAB_ERROR_MAX];
	krb5_context context;
	krb5_error_code code = krb5_init_context(&context);

	if (!code) {
		code = find_key(context, q);
		krb5_free_context(context);
	}
	if (!code)
		return true;
	kerberos_failed(answer, GSS_S_FAILURE, (OM_uint32)code);
	answer->no_keytab = kerberos_keytab_error(q->keytab, q->principal, text, sizeof(text));
	if (answer->no_keytab)
		log_err("%s", text);
	return false;
}

static bool acquire(const struct kerberos_question *q, struct kerberos_answer *answer,
		    gss_cred_id_t *cred)
{
	gss_buffer_desc text = { strlen(q->principal), (void *)q->principal };
	gss_OID_set_desc mechs = { 1, (gss_OID)gss_mech_krb5 };
	char keytab[PATH_MAX + 8], replay_cache[PATH_MAX + 8];
	gss_key_value_element_desc elements[] = {
		{ "keytab", keytab },
		{ "rcache", replay_cache },
	};
	gss_key_value_set_desc store = { sizeof(elements) / sizeof(elements[0]), elements };
	gss_name_t name = GSS_C_NO_NAME;
	OM_uint32 major, minor, ignored;

	snprintf(keytab, sizeof(keytab), "FILE:%s", q->keytab);
	snprintf(replay_cache, sizeof(replay_cache), "file2:%s", q->replay_cache);
	major = gss_import_name(&minor, &text, (gss_OID)GSS_KRB5_NT_PRINCIPAL_NAME, &name);
	if (kerberos_failed(answer, major, minor))
		return false;
	major = gss_acquire_cred_from(&minor, name, GSS_C_INDEFINITE, &mechs, GSS_C_ACCEPT,
				      &store, cred, NULL, NULL);
	gss_release_name(&ignored, &name);
	return !kerberos_failed(answer, major, minor);
}

static void release(struct kerberos_credential *c)
{
	OM_uint32 minor;

	gss_release_cred(&minor, &c->cred);
	free(c->keytab);
	free(c->replay_cache);
	free(c->principal);
	free(c);
}

static struct kerberos_credential *make(const struct kerberos_question *q,
					struct kerberos_answer *answer)
{
	struct kerberos_credential *c = calloc(1, sizeof(*c));

	if (c) {
		c->cred = GSS_C_NO_CREDENTIAL;
		c->users = 1;
		c->keytab = strdup(q->keytab);
		c->replay_cache = strdup(q->replay_cache);
		c->principal = strdup(q->principal);
		if (c->keytab && c->replay_cache && c->principal && acquire(q, answer, &c->cred))
			return c;
		if (!c->keytab || !c->replay_cache || !c->principal)
			kerberos_failed(answer, GSS_S_FAILURE, ENOMEM);
		release(c);
		return NULL;
	}
	kerberos_failed(answer, GSS_S_FAILURE, ENOMEM);
	return NULL;
}

static bool is_of(const struct kerberos_credential *c, const struct kerberos_question *q)
{
	return c && !strcmp(c->principal, q->principal) && !strcmp(c->keytab, q->keytab) &&
	       !strcmp(c->replay_cache, q->replay_cache);
}

static struct kerberos_credential *find(const struct kerberos_question *q)
{
	struct kerberos_credential *found = NULL;
	size_t i;

	pthread_mutex_lock(&lock);
	for (i = 0; i < KEPT && !found; i++)
		if (is_of(kept[i], q))
			found = kept[i];
	if (found)
		found->users++;
	pthread_mutex_unlock(&lock);
	return found;
}

static void keep(struct kerberos_credential *c)
{
	struct kerberos_credential *gone;

	/* So that there is one from now on; without it everything works, only slower. */
	kerberos_context_take();
	kerberos_context_put();
	pthread_mutex_lock(&lock);
	gone = kept[oldest];
	kept[oldest] = c;
	oldest = (oldest + 1) % KEPT;
	c->users++;
	pthread_mutex_unlock(&lock);
	if (gone)
		kerberos_credential_put(gone);
}

/**
 * kerberos_credential_get() - the credential for a logon
 * @q:      the logon
 * @answer: receives why there is none
 *
 * Return: the credential, for kerberos_credential_put(), or NULL
 */
struct kerberos_credential *kerberos_credential_get(const struct kerberos_question *q,
						    struct kerberos_answer *answer)
{
	struct kerberos_credential *c = find(q);

	if (c || !kerberos_have_key(q, answer))
		return c;
	c = make(q, answer);
	if (c)
		keep(c);
	return c;
}

/**
 * kerberos_credential_gss() - what the library knows it by
 * @c: from kerberos_credential_get()
 */
gss_cred_id_t kerberos_credential_gss(const struct kerberos_credential *c)
{
	return c->cred;
}

/**
 * kerberos_credential_put() - the logon does not use it any more
 * @c: from kerberos_credential_get()
 */
void kerberos_credential_put(struct kerberos_credential *c)
{
	bool last;

	pthread_mutex_lock(&lock);
	last = !--c->users;
	pthread_mutex_unlock(&lock);
	if (last)
		release(c);
}
