// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What a failure of the Kerberos library is in SSPI's terms (MS-KILE 3.4.5,
 * RFC 4120 section 3.2.3).
 */
#include <errno.h>

#include <gssapi/gssapi.h>
#include <krb5/krb5.h>

#include <linux/ksecdd_sspi.h>

#include "helper/kerberos/kerberos.h"

#define ERRNO_END	4096	/* no errno is that large, and no code of the library that small */

static const struct {
	int32_t code;
	struct kerberos_verdict verdict;
} minors[] = {
	/* Time */
	{ KRB5KRB_AP_ERR_SKEW,
	  { SEC_E_TIME_SKEW, "the clocks of client and server differ by too much" } },
	{ KRB5KRB_AP_ERR_TKT_NYV, { SEC_E_TIME_SKEW, "the ticket is not valid yet" } },
	{ KRB5KRB_AP_ERR_TKT_EXPIRED, { SEC_E_CONTEXT_EXPIRED, "the ticket has expired" } },
	{ KRB5KRB_AP_ERR_TKT_INVALID, { SEC_E_TIME_SKEW, "the ticket is not valid yet" } },
	/* Keys */
	{ KRB5_KT_NOTFOUND,
	  { SEC_E_NO_KERB_KEY, "the keytab has no key of the service" } },
	{ KRB5_KT_KVNONOTFOUND,
	  { SEC_E_NO_KERB_KEY, "the keytab has no key of the ticket's version" } },
	{ KRB5KRB_AP_ERR_BADKEYVER,
	  { SEC_E_NO_KERB_KEY, "the keytab has no key of the ticket's version" } },
	{ KRB5KRB_AP_ERR_NOKEY,
	  { SEC_E_NO_KERB_KEY, "the keytab has no key for the ticket" } },
	{ KRB5KRB_AP_WRONG_PRINC,
	  { SEC_E_NO_KERB_KEY, "the keytab has no key for the ticket" } },
	{ KRB5KRB_AP_ERR_NOT_US,
	  { SEC_E_WRONG_PRINCIPAL, "the ticket is for another service than this one" } },
	{ KRB5_KT_FORMAT, { SEC_E_NO_KERB_KEY, "the keytab is no keytab" } },
	{ KRB5_KEYTAB_BADVNO, { SEC_E_NO_KERB_KEY, "the keytab is no keytab" } },
	/* Forgeries, and what looks like them */
	{ KRB5KRB_AP_ERR_MODIFIED,
	  { SEC_E_LOGON_DENIED, "the ticket does not decrypt with the service's key" } },
	{ KRB5KRB_AP_ERR_BAD_INTEGRITY,
	  { SEC_E_LOGON_DENIED, "the ticket does not decrypt with the service's key" } },
	{ KRB5KRB_AP_ERR_BADMATCH,
	  { SEC_E_LOGON_DENIED, "ticket and authenticator name different clients" } },
	{ KRB5KRB_AP_ERR_REPEAT, { SEC_E_LOGON_DENIED, "this token was used before" } },
	{ KRB5KRB_AP_ERR_BADADDR,
	  { SEC_E_LOGON_DENIED, "the ticket is for another address" } },
	{ KRB5KRB_AP_ERR_ILL_CR_TKT,
	  { SEC_E_LOGON_DENIED, "the ticket came by realms that are not trusted" } },
	{ KRB5_MUTUAL_FAILED,
	  { SEC_E_INVALID_TOKEN, "the client's last message does not match" } },
	/* Encryption types */
	{ KRB5_BAD_ENCTYPE, { SEC_E_KDC_UNKNOWN_ETYPE, "an unknown encryption type" } },
	{ KRB5_NOPERM_ETYPE,
	  { SEC_E_KDC_UNKNOWN_ETYPE, "krb5.conf does not permit the encryption type" } },
	{ KRB5_PROG_ETYPE_NOSUPP, { SEC_E_KDC_UNKNOWN_ETYPE, "an unknown encryption type" } },
	/* Tokens */
	{ KRB5KRB_AP_ERR_BADVERSION, { SEC_E_INVALID_TOKEN, "another version of Kerberos" } },
	{ KRB5KRB_AP_ERR_MSG_TYPE, { SEC_E_INVALID_TOKEN, "the token is no AP-REQ" } },
	{ KRB5KRB_AP_ERR_INAPP_CKSUM,
	  { SEC_E_INVALID_TOKEN, "the authenticator has no checksum that counts" } },
	/* What the library says of a PAC that it cannot read */
	{ ERANGE, { SEC_E_LOGON_DENIED, "the ticket's authorization data is malformed" } },
	{ EINVAL, { SEC_E_LOGON_DENIED, "the ticket's authorization data is malformed" } },
	{ ENOMEM, { SEC_E_INSUFFICIENT_MEMORY, "out of memory" } },
	/* The replay cache: without it nobody is let in */
	{ KRB5_RC_IO, { SEC_E_INTERNAL_ERROR, "the replay cache cannot be used" } },
	{ KRB5_RC_IO_EOF, { SEC_E_INTERNAL_ERROR, "the replay cache cannot be used" } },
	{ KRB5_RC_IO_IO, { SEC_E_INTERNAL_ERROR, "the replay cache cannot be used" } },
	{ KRB5_RC_IO_PERM, { SEC_E_INTERNAL_ERROR, "the replay cache cannot be used" } },
	{ KRB5_RC_IO_SPACE, { SEC_E_INTERNAL_ERROR, "there is no space for the replay cache" } },
	{ KRB5_RC_IO_MALLOC, { SEC_E_INSUFFICIENT_MEMORY, "out of memory" } },
	{ KRB5_RC_MALLOC, { SEC_E_INSUFFICIENT_MEMORY, "out of memory" } },
};

static const struct {
	uint32_t major;
	struct kerberos_verdict verdict;
} majors[] = {
	{ GSS_S_BAD_BINDINGS,
	  { SEC_E_BAD_BINDINGS, "the client's channel bindings are others, or its checksum is "
				"malformed" } },
	{ GSS_S_DUPLICATE_TOKEN, { SEC_E_LOGON_DENIED, "this token was used before" } },
	{ GSS_S_OLD_TOKEN, { SEC_E_LOGON_DENIED, "this token was used before" } },
	{ GSS_S_DEFECTIVE_TOKEN, { SEC_E_INVALID_TOKEN, "the library cannot read the token" } },
	{ GSS_S_BAD_MECH, { SEC_E_INVALID_TOKEN, "the token is not Kerberos'" } },
	{ GSS_S_BAD_SIG, { SEC_E_LOGON_DENIED, "the authenticator's checksum is wrong" } },
	{ GSS_S_CREDENTIALS_EXPIRED, { SEC_E_CONTEXT_EXPIRED, "the ticket has expired" } },
	{ GSS_S_CONTEXT_EXPIRED, { SEC_E_CONTEXT_EXPIRED, "the ticket has expired" } },
	{ GSS_S_NO_CRED, { SEC_E_NO_KERB_KEY, "the keytab has no key of the service" } },
	{ GSS_S_NO_CONTEXT,
	  { SEC_E_INVALID_TOKEN, "the half-open logon is not known: it took too long, or ksecd "
				 "was started again" } },
};

/**
 * kerberos_judge() - the status of a failure
 * @answer: what the library said
 *
 * What is not known refuses the client.
 *
 * Return: the status and the reason.
 */
struct kerberos_verdict kerberos_judge(const struct kerberos_answer *answer)
{
	size_t i;

	if (answer->no_keytab)
		return (struct kerberos_verdict){ SEC_E_NO_KERB_KEY,
						  "the keytab cannot be read" };
	if (answer->bad_pac)
		return (struct kerberos_verdict){ SEC_E_LOGON_DENIED, answer->bad_pac };
	/* The library's own code is the more exact one, but for these. */
	for (i = 0; i < sizeof(majors) / sizeof(majors[0]); i++)
		if (majors[i].major == GSS_ROUTINE_ERROR(answer->major) &&
		    majors[i].major == GSS_S_BAD_BINDINGS)
			return majors[i].verdict;
	for (i = 0; i < sizeof(minors) / sizeof(minors[0]); i++)
		if (minors[i].code == answer->minor)
			return minors[i].verdict;
	/* What the system says of files: of the replay cache, since the keytab was read */
	if (answer->minor > 0 && answer->minor < ERRNO_END)
		return (struct kerberos_verdict){ SEC_E_INTERNAL_ERROR,
						  "the replay cache cannot be used" };
	/* Codes of the ASN.1 decoder */
	if (answer->minor >= ASN1_BAD_TIMEFORMAT && answer->minor < ASN1_BAD_TIMEFORMAT + 256)
		return (struct kerberos_verdict){ SEC_E_INVALID_TOKEN,
						  "the library cannot read the token" };
	for (i = 0; i < sizeof(majors) / sizeof(majors[0]); i++)
		if (majors[i].major == GSS_ROUTINE_ERROR(answer->major))
			return majors[i].verdict;
	return (struct kerberos_verdict){ SEC_E_LOGON_DENIED,
					  "the library refuses the ticket" };
}
