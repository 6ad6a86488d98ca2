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

/* What the library calls a PAC, and before the names of what is in it */
#define LOGON_INFO	"urn:mspac:logon-info"

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

/* GSS_S_BAD_SIG if the client's name has the attribute, else GSS_S_UNAVAILABLE or a failure. */
static OM_uint32 find_attribute(gss_name_t client, const gss_buffer_desc *name)
{
	gss_buffer_set_t names = GSS_C_NO_BUFFER_SET;
	OM_uint32 major, minor;
	bool found = false;
	size_t i;

	major = gss_inquire_name(&minor, client, NULL, NULL, &names);
	for (i = 0; names && i < names->count; i++)
		found = found || (names->elements[i].length == name->length &&
				  !memcmp(names->elements[i].value, name->value, name->length));
	gss_release_buffer_set(&minor, &names);
	if (GSS_ERROR(major))
		return major;
	return found ? GSS_S_BAD_SIG : GSS_S_UNAVAILABLE;
}

/*
 * What the PAC (MS-PAC) says of SIDs: GSS_S_COMPLETE, GSS_S_UNAVAILABLE if it says
 * nothing or there is none, GSS_S_BAD_SIG if its server signature is not of the key that
 * opened the ticket, or what has failed.
 */
static OM_uint32 get_logon_info(gss_name_t client, gss_buffer_desc *value)
{
	gss_buffer_desc name = { strlen(LOGON_INFO), (void *)LOGON_INFO };
	int authentic = 0, complete = 0, more = -1;
	OM_uint32 major, minor;

	major = gss_get_name_attribute(&minor, client, &name, &authentic, &complete, value, NULL,
				       &more);
	/* Of a PAC that did not verify the library has the names alone. */
	if (major == GSS_S_UNAVAILABLE)
		return find_attribute(client, &name);
	return major == GSS_S_COMPLETE && !authentic ? GSS_S_BAD_SIG : major;
}

/*
 * A PAC that does not count refuses the client: he may have groups that shut him out.
 */
static void take_sids(gss_name_t client, struct kerberos_kept *kept,
		      struct kerberos_answer *answer)
{
	gss_buffer_desc value = GSS_C_EMPTY_BUFFER;
	OM_uint32 major, minor;

	major = get_logon_info(client, &value);
	if (major == GSS_S_COMPLETE)
		answer->bad_pac = kerberos_pac_sids(value.value, value.length, &kept->sids);
	else if (major == GSS_S_BAD_SIG)
		answer->bad_pac = "the PAC is not signed with the service's key";
	gss_release_buffer(&minor, &value);
	if (answer->bad_pac || (GSS_ERROR(major) && major != GSS_S_UNAVAILABLE))
		kerberos_failed(answer, GSS_S_FAILURE, 0);
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
