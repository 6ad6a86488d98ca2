// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Opening tickets with MIT's GSSAPI.
 *
 * What the library establishes leaves it as a "lucid" context, and nothing stays: the
 * keys in it are wiped here, the library wipes its own.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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

/* Whom in the library one asks for a PAC */
#define PAC_MODULE	"mspac"

/* What the library says about an error, for the log. */
static void log_failure(const struct kerberos_question *q, const struct kerberos_answer *answer)
{
	gss_buffer_desc text = GSS_C_EMPTY_BUFFER;
	char shown[TEXT_NAME_MAX], copy[TEXT_NAME_MAX / 2];
	OM_uint32 minor, more = 0;

	/* Of these it has nothing to say. */
	if (answer->no_keytab || answer->bad_pac || !answer->minor ||
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
	if (kerberos_failed(answer, major, minor))
		return;
	lucid = exported;
	if (!take_key(lucid, answer))
		kerberos_failed(answer, GSS_S_FAILURE, (OM_uint32)KRB5_BAD_ENCTYPE);
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
	if (kerberos_failed(answer, major, minor))
		return false;
	fits = text.length < sizeof(answer->client) && !memchr(text.value, '\0', text.length);
	if (fits)
		memcpy(answer->client, text.value, text.length);
	else
		kerberos_failed(answer, GSS_S_BAD_NAME, 0);
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
		return !kerberos_failed(answer, GSS_S_FAILURE, ENOMEM);
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
		gss_name_t *client, gss_buffer_desc *token, gss_cred_id_t *delegated,
		struct kerberos_answer *answer)
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
				       token, &flags, NULL, q->delegate ? delegated : NULL);
	answer->flags = flags;
	kerberos_failed(answer, major, minor);
}

/*
 * The ticket's PAC, which is a krb5_pac: GSS_S_COMPLETE, GSS_S_UNAVAILABLE without one, or
 * what has failed.  Each such question about a name costs a context of the library, so that
 * what is in the PAC is not asked for one by one.
 */
static OM_uint32 get_pac(gss_name_t client, bool verified, krb5_pac *pac)
{
	gss_buffer_desc module = { strlen(PAC_MODULE), (void *)PAC_MODULE };
	gss_any_t any = NULL;
	OM_uint32 major, minor;

	major = gss_map_name_to_any(&minor, client, verified, &module, &any);
	*pac = (krb5_pac)any;
	return major == GSS_S_COMPLETE && !any ? GSS_S_UNAVAILABLE : major;
}

/* What a PAC (MS-PAC) says of SIDs, which may be nothing; 0 or an error of the library's */
static krb5_error_code read_pac(krb5_context context, krb5_pac pac, bool verified,
				struct kerberos_kept *kept, struct kerberos_answer *answer)
{
	krb5_data info = { .data = NULL };
	krb5_error_code code;

	code = krb5_pac_get_buffer(context, pac, KRB5_PAC_LOGON_INFO, &info);
	if (code)
		return code == ENOENT ? 0 : code;
	if (verified)
		answer->bad_pac = kerberos_pac_sids((const uint8_t *)info.data, info.length,
						    &kept->sids);
	else
		answer->bad_pac = "the PAC is not signed with the service's key";
	krb5_free_data_contents(context, &info);
	return 0;
}

/*
 * A PAC that does not count refuses the client: he may have groups that shut him out.
 */
static void take_sids(gss_name_t client, struct kerberos_kept *kept,
		      struct kerberos_answer *answer)
{
	OM_uint32 major;
	krb5_pac pac = NULL;
	krb5_context context;
	krb5_error_code code = 0;
	bool verified;

	major = get_pac(client, true, &pac);
	verified = major == GSS_S_COMPLETE;
	if (major == GSS_S_UNAVAILABLE)
		major = get_pac(client, false, &pac);
	if (major == GSS_S_UNAVAILABLE)
		return;
	context = kerberos_context_take();
	if (major != GSS_S_COMPLETE)
		kerberos_failed(answer, GSS_S_FAILURE, 0);
	else
		code = context ? read_pac(context, pac, verified, kept, answer) : ENOMEM;
	krb5_pac_free(context, pac);
	kerberos_context_put();
	if (code || answer->bad_pac)
		kerberos_failed(answer, GSS_S_FAILURE, (OM_uint32)code);
}

/* What is too large for the module waits here until the logon is over. */
static void keep(const struct kerberos_question *q, struct kerberos_kept *kept,
		 struct kerberos_answer *answer)
{
	const bool delegated = kept->tgt, has_sids = kept->sids;

	if (!delegated && !has_sids)
		return;
	if (kerberos_half_open_put(q->context, kept, answer->cookie)) {
		kerberos_failed(answer, GSS_S_FAILURE, EIO);
		return;
	}
	answer->delegated = delegated;
	answer->has_sids = has_sids;
}

static void judge(const struct kerberos_question *q, gss_cred_id_t cred,
		  struct kerberos_kept *kept, struct kerberos_answer *answer)
{
	gss_cred_id_t delegated = GSS_C_NO_CREDENTIAL;
	gss_buffer_desc token = GSS_C_EMPTY_BUFFER;
	gss_name_t client = GSS_C_NO_NAME;
	OM_uint32 minor;

	run(q, cred, &kept->ctx, &client, &token, &delegated, answer);
	if (!GSS_ERROR(answer->major) && take_token(&token, answer)) {
		if (delegated)
			kept->tgt = kerberos_delegated_tgt(delegated, &kept->tgt_len);
		if (answer->major & GSS_S_CONTINUE_NEEDED) {
			if (kerberos_half_open_put(q->context, kept, answer->cookie))
				kerberos_failed(answer, GSS_S_FAILURE, EIO);
		} else if (take_name(client, answer)) {
			take_sids(client, kept, answer);
			if (!GSS_ERROR(answer->major))
				export(&kept->ctx, answer);
			if (!GSS_ERROR(answer->major))
				keep(q, kept, answer);
		}
	}
	if (delegated)
		gss_release_cred(&minor, &delegated);
	gss_release_buffer(&minor, &token);
	gss_release_name(&minor, &client);
}

/* A logon's first leg */
static void begin(const struct kerberos_question *q, struct kerberos_kept *kept,
		  struct kerberos_answer *answer)
{
	struct kerberos_credential *cred = kerberos_credential_get(q, answer);

	if (!cred)
		return;
	judge(q, kerberos_credential_gss(cred), kept, answer);
	/* Of a keytab without the key the library says many things. */
	if (GSS_ERROR(answer->major))
		kerberos_have_key(q, answer);
	kerberos_credential_put(cred);
}

static void mit_accept(void *data, const struct kerberos_question *q,
		       struct kerberos_answer *answer)
{
	struct kerberos_kept kept = { .ctx = GSS_C_NO_CONTEXT };

	(void)data;
	if (!q->cookie)
		begin(q, &kept, answer);
	else if (kerberos_half_open_take(q->context, q->cookie, &kept) && kept.ctx)
		judge(q, GSS_C_NO_CREDENTIAL, &kept, answer);
	else
		kerberos_failed(answer, GSS_S_NO_CONTEXT, 0);
	if (GSS_ERROR(answer->major)) {
		log_failure(q, answer);
		drop_token(answer);
		make_error(q, answer);
	}
	kerberos_kept_clear(&kept);
}

const struct kerberos_library kerberos_mit = { .accept = mit_accept };
