// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Opening tickets with MIT's GSSAPI.
 *
 * Each logon reads the keytab again, so that new keys count at once.  What the
 * library establishes leaves it as a "lucid" context, and nothing stays: the keys
 * in it are wiped here, the library wipes its own.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <gssapi/gssapi.h>
#include <gssapi/gssapi_ext.h>
#include <gssapi/gssapi_krb5.h>
#include <krb5/krb5.h>

#include "helper/kerberos/library.h"
#include "helper/log.h"
#include "helper/text.h"

/* Protocol errors of RFC 4120 are this much apart from the library's codes. */
#define PROTOCOL_ERROR(minor)	((minor) - ERROR_TABLE_BASE_krb5)
#define PROTOCOL_ERRORS		128

static bool failed(struct kerberos_answer *answer, OM_uint32 major, OM_uint32 minor)
{
	answer->major = major;
	answer->minor = (int32_t)minor;
	return GSS_ERROR(major);
}

/* What the library says about an error, for the log. */
static void log_failure(const struct kerberos_question *q, const struct kerberos_answer *answer)
{
	gss_buffer_desc text = GSS_C_EMPTY_BUFFER;
	char shown[TEXT_NAME_MAX], copy[TEXT_NAME_MAX / 2];
	OM_uint32 minor, more = 0;

	/* Of these it has nothing to say. */
	if (answer->no_keytab || !answer->minor ||
	    GSS_ROUTINE_ERROR(answer->major) == GSS_S_BAD_BINDINGS ||
	    GSS_ROUTINE_ERROR(answer->major) == GSS_S_DEFECTIVE_TOKEN)
		return;
	if (gss_display_status(&minor, (OM_uint32)answer->minor, GSS_C_MECH_CODE,
			       (gss_OID)gss_mech_krb5, &more, &text) != GSS_S_COMPLETE)
		return;
	snprintf(copy, sizeof(copy), "%.*s", (int)text.length, (const char *)text.value);
	gss_release_buffer(&minor, &text);
	log_notice("context %llu: Kerberos library: %s", (unsigned long long)q->context,
		   text_escape(shown, sizeof(shown), copy));
}

/* Why the keytab could not be read, for whoever has to mend it. */
static int keytab_error(const struct kerberos_question *q)
{
	int fd = open(q->keytab, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	int error = errno;

	if (fd >= 0) {
		close(fd);
		return 0;
	}
	if (error == ENOENT)
		log_err("%s: there is no such keytab; get the keys of %s there with "
			"'kadmin ktadd -k %s %s', or change \"keytab\" in ksecd.conf", q->keytab,
			q->principal, q->keytab, q->principal);
	else
		log_err("%s: %s; the keytab must belong to root, run: chown root '%s' && "
			"chmod 600 '%s'", q->keytab, strerror(error), q->keytab, q->keytab);
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

static bool have_key(const struct kerberos_question *q, struct kerberos_answer *answer)
{
	krb5_context context;
	krb5_error_code code = krb5_init_context(&context);

	if (!code) {
		code = find_key(context, q);
		krb5_free_context(context);
	}
	if (!code)
		return true;
	failed(answer, GSS_S_FAILURE, (OM_uint32)code);
	answer->no_keytab = keytab_error(q);
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
	if (failed(answer, major, minor))
		return false;
	major = gss_acquire_cred_from(&minor, name, GSS_C_INDEFINITE, &mechs, GSS_C_ACCEPT,
				      &store, cred, NULL, NULL);
	gss_release_name(&ignored, &name);
	return !failed(answer, major, minor);
}

/* A KRB-ERROR (RFC 4120 section 5.9.1) for what the protocol has a number for. */
static void make_error(const struct kerberos_question *q, struct kerberos_answer *answer)
{
	krb5_error message = { .error = (krb5_ui_4)PROTOCOL_ERROR(answer->minor) };
	krb5_data der = { .data = NULL };
	krb5_context context;

	if (!q->want_error || PROTOCOL_ERROR(answer->minor) <= 0 ||
	    PROTOCOL_ERROR(answer->minor) >= PROTOCOL_ERRORS || krb5_init_context(&context))
		return;
	if (!krb5_parse_name(context, q->principal, &message.server) &&
	    !krb5_us_timeofday(context, &message.stime, &message.susec) &&
	    !krb5_mk_error(context, &message, &der)) {
		answer->token = malloc(der.length);
		if (answer->token) {
			memcpy(answer->token, der.data, der.length);
			answer->token_len = der.length;
		}
		krb5_free_data_contents(context, &der);
	}
	krb5_free_principal(context, message.server);
	krb5_free_context(context);
}

static bool take_key(const gss_krb5_lucid_context_v1_t *lucid, struct kerberos_answer *answer)
{
	const gss_krb5_lucid_key_t *key = &lucid->rfc1964_kd.ctx_key;
	struct ksecdd_krb5_keys *keys = &answer->keys;

	if (lucid->protocol == 1) {
		answer->subkey = lucid->cfx_kd.have_acceptor_subkey;
		key = answer->subkey ? &lucid->cfx_kd.acceptor_subkey : &lucid->cfx_kd.ctx_key;
	}
	if (key->length > sizeof(keys->key))
		return false;
	keys->size = sizeof(*keys);
	keys->enctype = key->type;
	keys->send_seq = lucid->send_seq;
	keys->receive_seq = lucid->recv_seq;
	keys->key_len = key->length;
	memcpy(keys->key, key->data, key->length);
	answer->endtime = lucid->endtime;
	return true;
}

static void wipe_key(gss_krb5_lucid_key_t *key)
{
	if (key->data)
		explicit_bzero(key->data, key->length);
}

/* Takes the keys out of a context that is complete, which ends with it. */
static void export(gss_ctx_id_t *ctx, struct kerberos_answer *answer)
{
	gss_krb5_lucid_context_v1_t *lucid;
	OM_uint32 major, minor;
	void *exported = NULL;

	major = gss_krb5_export_lucid_sec_context(&minor, ctx, 1, &exported);
	if (failed(answer, major, minor))
		return;
	lucid = exported;
	if (!take_key(lucid, answer))
		failed(answer, GSS_S_FAILURE, (OM_uint32)KRB5_BAD_ENCTYPE);
	wipe_key(&lucid->rfc1964_kd.ctx_key);
	wipe_key(&lucid->cfx_kd.ctx_key);
	wipe_key(&lucid->cfx_kd.acceptor_subkey);
	gss_krb5_free_lucid_sec_context(&minor, exported);
}

static bool take_name(gss_name_t name, struct kerberos_answer *answer)
{
	gss_buffer_desc text = GSS_C_EMPTY_BUFFER;
	OM_uint32 major, minor;
	bool fits;

	major = gss_display_name(&minor, name, &text, NULL);
	if (failed(answer, major, minor))
		return false;
	fits = text.length < sizeof(answer->client) && !memchr(text.value, '\0', text.length);
	if (fits)
		memcpy(answer->client, text.value, text.length);
	else
		failed(answer, GSS_S_BAD_NAME, 0);
	gss_release_buffer(&minor, &text);
	return fits;
}

/* The library's answer belongs to its own allocator. */
static bool take_token(const gss_buffer_desc *token, struct kerberos_answer *answer)
{
	if (!token->length)
		return true;
	answer->token = malloc(token->length);
	if (!answer->token)
		return !failed(answer, GSS_S_FAILURE, ENOMEM);
	memcpy(answer->token, token->value, token->length);
	answer->token_len = token->length;
	return true;
}

static void drop_token(struct kerberos_answer *answer)
{
	free(answer->token);
	answer->token = NULL;
	answer->token_len = 0;
}

static void set_address(OM_uint32 *type, gss_buffer_desc *to, const struct channel_address *from)
{
	*type = from->type;
	*to = (gss_buffer_desc){ from->len, (void *)from->data };
}

/* One leg in the library; what it fills is the caller's to release. */
static void run(const struct kerberos_question *q, gss_cred_id_t cred, gss_ctx_id_t *ctx,
		gss_name_t *client, gss_buffer_desc *token, struct kerberos_answer *answer)
{
	gss_buffer_desc input = { q->token.len, (void *)q->token.data };
	struct gss_channel_bindings_struct cb;
	OM_uint32 major, minor, flags = 0;

	if (q->bindings) {
		set_address(&cb.initiator_addrtype, &cb.initiator_address,
			    &q->bindings->initiator);
		set_address(&cb.acceptor_addrtype, &cb.acceptor_address, &q->bindings->acceptor);
		cb.application_data = (gss_buffer_desc){ q->bindings->application_len,
							 (void *)q->bindings->application };
	}
	major = gss_accept_sec_context(&minor, ctx, cred, &input,
				       q->bindings ? &cb : GSS_C_NO_CHANNEL_BINDINGS, client, NULL,
				       token, &flags, NULL, NULL);
	answer->flags = flags;
	failed(answer, major, minor);
}

static void judge(const struct kerberos_question *q, gss_cred_id_t cred, gss_ctx_id_t *ctx,
		  struct kerberos_answer *answer)
{
	gss_buffer_desc token = GSS_C_EMPTY_BUFFER;
	gss_name_t client = GSS_C_NO_NAME;
	OM_uint32 minor;

	run(q, cred, ctx, &client, &token, answer);
	if (!GSS_ERROR(answer->major) && take_token(&token, answer)) {
		if (answer->major & GSS_S_CONTINUE_NEEDED) {
			if (kerberos_half_open_put(q->context, *ctx, answer->cookie))
				failed(answer, GSS_S_FAILURE, EIO);
			*ctx = GSS_C_NO_CONTEXT;
		} else if (take_name(client, answer)) {
			export(ctx, answer);
		}
	}
	gss_release_buffer(&minor, &token);
	gss_release_name(&minor, &client);
}

static void mit_accept(void *data, const struct kerberos_question *q,
		       struct kerberos_answer *answer)
{
	gss_cred_id_t cred = GSS_C_NO_CREDENTIAL;
	gss_ctx_id_t ctx = GSS_C_NO_CONTEXT;
	OM_uint32 minor;

	(void)data;
	if (q->cookie) {
		ctx = kerberos_half_open_take(q->context, q->cookie);
		if (!ctx)
			failed(answer, GSS_S_NO_CONTEXT, 0);
		else
			judge(q, cred, &ctx, answer);
	} else if (have_key(q, answer) && acquire(q, answer, &cred)) {
		judge(q, cred, &ctx, answer);
	}
	if (GSS_ERROR(answer->major)) {
		log_failure(q, answer);
		drop_token(answer);
		make_error(q, answer);
	}
	if (ctx)
		gss_delete_sec_context(&minor, &ctx, GSS_C_NO_BUFFER);
	gss_release_cred(&minor, &cred);
}

const struct kerberos_library kerberos_mit = { .accept = mit_accept };
