// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What a client has delegated (RFC 4121 section 4.1.1, KRB_CRED): from the library's
 * hands into one piece of memory, which is wiped.
 */
#include <stdlib.h>
#include <string.h>

#include <gssapi/gssapi_krb5.h>
#include <krb5/krb5.h>

#include "helper/kerberos/library.h"

/**
 * struct out - a credential that is being written
 * @dst: where, or NULL to count only
 * @len: bytes
 */
struct out {
	uint8_t *dst;
	size_t len;
};

static void put(struct out *out, const void *data, size_t len)
{
	if (out->dst && len)
		memcpy(out->dst + out->len, data, len);
	out->len += len;
}

static void put_number(struct out *out, uint64_t number, unsigned int bytes)
{
	uint8_t byte;

	while (bytes--) {
		byte = (uint8_t)(number >> 8 * bytes);
		put(out, &byte, 1);
	}
}

static void put_data(struct out *out, const void *data, unsigned int len)
{
	put_number(out, len, 4);
	put(out, data, len);
}

static void put_principal(struct out *out, krb5_const_principal principal)
{
	krb5_int32 i;

	put_number(out, (uint32_t)principal->type, 4);
	put_number(out, (uint32_t)principal->length, 4);
	put_data(out, principal->realm.data, principal->realm.length);
	for (i = 0; i < principal->length; i++)
		put_data(out, principal->data[i].data, principal->data[i].length);
}

/*
 * What krb5_marshal_credentials() writes, which leaves copies of the key in memory that
 * it has given back.  Neither addresses nor authorization data are said again: they are
 * in the ticket.
 */
static void put_creds(struct out *out, const krb5_creds *creds)
{
	put_principal(out, creds->client);
	put_principal(out, creds->server);
	put_number(out, (uint16_t)creds->keyblock.enctype, 2);
	put_data(out, creds->keyblock.contents, creds->keyblock.length);
	put_number(out, (uint32_t)creds->times.authtime, 4);
	put_number(out, (uint32_t)creds->times.starttime, 4);
	put_number(out, (uint32_t)creds->times.endtime, 4);
	put_number(out, (uint32_t)creds->times.renew_till, 4);
	put_number(out, 0, 1);
	put_number(out, (uint32_t)creds->ticket_flags, 4);
	put_number(out, 0, 4);
	put_number(out, 0, 4);
	put_data(out, creds->ticket.data, creds->ticket.length);
	put_data(out, NULL, 0);
}

static uint8_t *marshal(const krb5_creds *creds, size_t *ret_len)
{
	struct out out = { .dst = NULL };

	put_creds(&out, creds);
	if (out.len > KSECDD_MAX_TOKEN)
		return NULL;
	out = (struct out){ .dst = malloc(out.len) };
	if (!out.dst)
		return NULL;
	put_creds(&out, creds);
	*ret_len = out.len;
	return out.dst;
}

static uint8_t *first_of(krb5_context context, krb5_ccache cache, size_t *ret_len)
{
	krb5_cc_cursor cursor;
	uint8_t *tgt = NULL;
	krb5_creds creds;

	if (krb5_cc_start_seq_get(context, cache, &cursor))
		return NULL;
	if (!krb5_cc_next_cred(context, cache, &cursor, &creds)) {
		tgt = marshal(&creds, ret_len);
		krb5_free_cred_contents(context, &creds);
	}
	krb5_cc_end_seq_get(context, cache, &cursor);
	return tgt;
}

/**
 * kerberos_delegated_tgt() - take the ticket out of a delegated credential
 * @cred:    the library's credential, which stays the caller's
 * @ret_len: length of the result in bytes
 *
 * Return: the ticket as krb5_marshal_credentials() writes it, to be wiped and
 * free()d; NULL without one, or without memory.
 */
uint8_t *kerberos_delegated_tgt(gss_cred_id_t cred, size_t *ret_len)
{
	krb5_ccache cache = NULL;
	krb5_context context;
	uint8_t *tgt = NULL;
	OM_uint32 minor;

	if (krb5_init_context(&context))
		return NULL;
	if (!krb5_cc_new_unique(context, "MEMORY", NULL, &cache) &&
	    !gss_krb5_copy_ccache(&minor, cred, cache))
		tgt = first_of(context, cache, ret_len);
	if (cache)
		krb5_cc_destroy(context, cache);
	krb5_free_context(context);
	return tgt;
}
