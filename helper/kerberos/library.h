/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Who opens tickets: MIT's GSSAPI.
 */
#ifndef KSECD_KERBEROS_LIBRARY_H
#define KSECD_KERBEROS_LIBRARY_H

#include <gssapi/gssapi.h>
#include <krb5/krb5.h>

#include "helper/kerberos/kerberos.h"

extern const struct kerberos_library kerberos_mit;

/* credential.c */

/* Three times the path, twice the principal, and the rest */
#define KERBEROS_KEYTAB_ERROR_MAX	(3 * PATH_MAX + 2 * KERBEROS_PRINCIPAL_MAX + 256)

struct kerberos_credential;

int kerberos_keytab_error(const char *path, const char *principal, char *text, size_t size);

bool kerberos_failed(struct kerberos_answer *answer, OM_uint32 major, OM_uint32 minor);
bool kerberos_have_key(const struct kerberos_question *q, struct kerberos_answer *answer);
struct kerberos_credential *kerberos_credential_get(const struct kerberos_question *q,
						    struct kerberos_answer *answer);
gss_cred_id_t kerberos_credential_gss(const struct kerberos_credential *c);
void kerberos_credential_put(struct kerberos_credential *c);
krb5_context kerberos_context_take(void);
void kerberos_context_put(void);

/* delegation.c */
uint8_t *kerberos_delegated_tgt(gss_cred_id_t cred, size_t *ret_len);

/**
 * struct kerberos_kept - what of a logon is in this process only
 * @ctx:     the library's context, or GSS_C_NO_CONTEXT
 * @tgt:     what the client has delegated, as krb5_marshal_credentials() writes it
 *           and from malloc(), or NULL
 * @tgt_len: its length in bytes
 * @sids:    the client's SIDs as kerberos_pac_sids() writes them and from malloc(), or
 *           NULL
 */
struct kerberos_kept {
	gss_ctx_id_t ctx;
	char *sids;
	uint8_t *tgt;
	size_t tgt_len;
};

/* half_open.c */
void kerberos_kept_clear(struct kerberos_kept *kept);
int kerberos_half_open_put(uint64_t context, struct kerberos_kept *kept,
			   uint8_t cookie[KERBEROS_COOKIE]);
bool kerberos_half_open_take(uint64_t context, const uint8_t cookie[KERBEROS_COOKIE],
			     struct kerberos_kept *kept);
void kerberos_half_open_drop(uint64_t context);
void kerberos_half_open_reap(void);
void kerberos_half_open_clear(void);

#endif /* KSECD_KERBEROS_LIBRARY_H */
