// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * From what GnuTLS says to a SECURITY_STATUS.
 */
#include "helper/tls/handshake.h"

/**
 * struct code - what an error of the library is
 * @code:    GNUTLS_E_*
 * @verdict: what it is here
 */
struct code {
	int code;
	struct tls_verdict verdict;
};

static const struct code codes[] = {
	{ GNUTLS_E_UNSUPPORTED_VERSION_PACKET,
	  { SEC_E_UNSUPPORTED_FUNCTION, -1, "the client knows neither TLS 1.2 nor 1.3" } },
	{ GNUTLS_E_NO_CIPHER_SUITES,
	  { SEC_E_ALGORITHM_MISMATCH, -1, "no cipher suite in common" } },
	{ GNUTLS_E_NO_COMMON_KEY_SHARE,
	  { SEC_E_ALGORITHM_MISMATCH, -1, "no group in common" } },
	{ GNUTLS_E_INCOMPATIBLE_SIG_WITH_KEY,
	  { SEC_E_ALGORITHM_MISMATCH, -1, "no signature algorithm in common" } },
	{ GNUTLS_E_UNSUPPORTED_SIGNATURE_ALGORITHM,
	  { SEC_E_ALGORITHM_MISMATCH, -1, "no signature algorithm in common" } },
	{ GNUTLS_E_UNKNOWN_CIPHER_SUITE,
	  { SEC_E_ALGORITHM_MISMATCH, -1, "no cipher suite in common" } },
	{ GNUTLS_E_INSUFFICIENT_SECURITY,
	  { SEC_E_ALGORITHM_MISMATCH, -1, "what there is in common is too weak" } },
	{ GNUTLS_E_INAPPROPRIATE_FALLBACK,
	  { SEC_E_UNSUPPORTED_FUNCTION, -1,
	    "the client has fallen back to a version that is not the best in common" } },
	{ GNUTLS_E_NO_APPLICATION_PROTOCOL,
	  { SEC_E_APPLICATION_PROTOCOL_MISMATCH, -1, "no application protocol in common" } },
	{ GNUTLS_E_CERTIFICATE_REQUIRED,
	  { SEC_E_NO_CREDENTIALS, -1, "the client shows no certificate" } },
	/* So it is before TLS 1.3, where GnuTLS would send decode_error. */
	{ GNUTLS_E_NO_CERTIFICATE_FOUND,
	  { SEC_E_NO_CREDENTIALS, GNUTLS_A_HANDSHAKE_FAILURE, "the client shows no certificate" } },
	{ GNUTLS_E_PK_SIG_VERIFY_FAILED,
	  { SEC_E_MESSAGE_ALTERED, -1, "the client's signature is wrong" } },
	{ GNUTLS_E_ERROR_IN_FINISHED_PACKET,
	  { SEC_E_MESSAGE_ALTERED, -1, "the client's Finished is wrong" } },
	{ GNUTLS_E_DECRYPTION_FAILED,
	  { SEC_E_DECRYPT_FAILURE, -1, "a record does not decrypt" } },
	{ GNUTLS_E_UNEXPECTED_PACKET,
	  { SEC_E_INVALID_TOKEN, -1, "a record of another kind than comes next" } },
	{ GNUTLS_E_UNEXPECTED_HANDSHAKE_PACKET,
	  { SEC_E_INVALID_TOKEN, -1, "another message of the handshake than comes next" } },
	{ GNUTLS_E_MEMORY_ERROR,
	  { SEC_E_INSUFFICIENT_MEMORY, -1, "out of memory" } },
	{ GNUTLS_E_PK_SIGN_FAILED,
	  { SEC_E_INTERNAL_ERROR, -1, "the private key does not sign" } },
	{ GNUTLS_E_PKCS11_ERROR,
	  { SEC_E_INTERNAL_ERROR, -1, "the PKCS#11 token does not sign" } },
	{ GNUTLS_E_PKCS11_DEVICE_ERROR,
	  { SEC_E_INTERNAL_ERROR, -1, "the PKCS#11 token does not sign" } },
	{ GNUTLS_E_PKCS11_SESSION_ERROR,
	  { SEC_E_INTERNAL_ERROR, -1, "the PKCS#11 token does not sign" } },
	{ GNUTLS_E_PKCS11_TOKEN_ERROR,
	  { SEC_E_INTERNAL_ERROR, -1, "the PKCS#11 token does not sign" } },
	{ GNUTLS_E_INTERNAL_ERROR,
	  { SEC_E_INTERNAL_ERROR, -1, "GnuTLS has an internal error" } },
	{ GNUTLS_E_RANDOM_FAILED,
	  { SEC_E_INTERNAL_ERROR, -1, "no random bytes" } },
};

/* What the client has ended the handshake with: RFC 8446 section 6.2. */
static const struct code alerts[] = {
	{ GNUTLS_A_CLOSE_NOTIFY,
	  { SEC_E_ILLEGAL_MESSAGE, -1, "the client closes the connection" } },
	{ GNUTLS_A_USER_CANCELED,
	  { SEC_E_ILLEGAL_MESSAGE, -1, "the client cancels the handshake" } },
	{ GNUTLS_A_UNKNOWN_CA,
	  { SEC_E_UNTRUSTED_ROOT, -1, "the client does not know who issued the certificate" } },
	{ GNUTLS_A_CERTIFICATE_EXPIRED,
	  { SEC_E_CERT_EXPIRED, -1, "the client says that the certificate has expired" } },
	{ GNUTLS_A_BAD_CERTIFICATE,
	  { SEC_E_CERT_UNKNOWN, -1, "the client does not take the certificate" } },
	{ GNUTLS_A_CERTIFICATE_REVOKED,
	  { SEC_E_CERT_UNKNOWN, -1, "the client says that the certificate is revoked" } },
	{ GNUTLS_A_CERTIFICATE_UNKNOWN,
	  { SEC_E_CERT_UNKNOWN, -1, "the client does not take the certificate" } },
	{ GNUTLS_A_UNSUPPORTED_CERTIFICATE,
	  { SEC_E_CERT_UNKNOWN, -1, "the client does not know this kind of certificate" } },
	{ GNUTLS_A_HANDSHAKE_FAILURE,
	  { SEC_E_ALGORITHM_MISMATCH, -1, "the client finds nothing in common" } },
	{ GNUTLS_A_PROTOCOL_VERSION,
	  { SEC_E_UNSUPPORTED_FUNCTION, -1, "the client does not take the version" } },
	{ GNUTLS_A_ACCESS_DENIED,
	  { SEC_E_LOGON_DENIED, -1, "the client refuses this server" } },
	{ GNUTLS_A_DECRYPT_ERROR,
	  { SEC_E_MESSAGE_ALTERED, -1, "the client says that a signature or Finished is wrong" } },
	{ GNUTLS_A_BAD_RECORD_MAC,
	  { SEC_E_DECRYPT_FAILURE, -1, "the client says that a record does not decrypt" } },
};

/* What is wrong with a client's certificate; the first that is true counts. */
static const struct {
	unsigned int status;
	struct tls_verdict verdict;
} certificates[] = {
	{ GNUTLS_CERT_REVOKED,
	  { SEC_E_CERT_UNKNOWN, GNUTLS_A_CERTIFICATE_REVOKED,
	    "the client's certificate is revoked" } },
	{ GNUTLS_CERT_SIGNER_NOT_FOUND | GNUTLS_CERT_SIGNER_NOT_CA |
	  GNUTLS_CERT_SIGNER_CONSTRAINTS_FAILURE,
	  { SEC_E_UNTRUSTED_ROOT, GNUTLS_A_UNKNOWN_CA,
	    "nobody of \"client-ca\" has issued the client's certificate" } },
	{ GNUTLS_CERT_SIGNATURE_FAILURE,
	  { SEC_E_UNTRUSTED_ROOT, GNUTLS_A_BAD_CERTIFICATE,
	    "the signature of the client's certificate is wrong" } },
	{ GNUTLS_CERT_EXPIRED,
	  { SEC_E_CERT_EXPIRED, GNUTLS_A_CERTIFICATE_EXPIRED,
	    "the client's certificate has expired" } },
	{ GNUTLS_CERT_NOT_ACTIVATED,
	  { SEC_E_CERT_EXPIRED, GNUTLS_A_CERTIFICATE_EXPIRED,
	    "the client's certificate is not valid yet" } },
	{ GNUTLS_CERT_PURPOSE_MISMATCH,
	  { SEC_E_CERT_UNKNOWN, GNUTLS_A_UNSUPPORTED_CERTIFICATE,
	    "the client's certificate is not for clients of TLS" } },
	{ GNUTLS_CERT_INSECURE_ALGORITHM,
	  { SEC_E_CERT_UNKNOWN, GNUTLS_A_BAD_CERTIFICATE,
	    "the client's certificate has an algorithm that is too weak" } },
	{ GNUTLS_CERT_REVOCATION_DATA_SUPERSEDED |
	  GNUTLS_CERT_REVOCATION_DATA_ISSUED_IN_FUTURE,
	  { SEC_E_CERT_UNKNOWN, GNUTLS_A_CERTIFICATE_UNKNOWN,
	    "the list of \"client-crl\" is not of today" } },
	{ ~0U,
	  { SEC_E_CERT_UNKNOWN, GNUTLS_A_BAD_CERTIFICATE, "the client's certificate is not good" } },
};

static bool find(const struct code *list, size_t n, int code, struct tls_verdict *verdict)
{
	size_t i;

	for (i = 0; i < n; i++) {
		if (list[i].code == code) {
			*verdict = list[i].verdict;
			return true;
		}
	}
	return false;
}

/**
 * tls_judge_alert() - what it is that the client has ended the handshake
 * @alert: what it said, GNUTLS_A_*
 */
struct tls_verdict tls_judge_alert(int alert)
{
	struct tls_verdict verdict = { SEC_E_ILLEGAL_MESSAGE, -1,
				       "the client has ended the handshake" };

	find(alerts, sizeof(alerts) / sizeof(alerts[0]), alert, &verdict);
	return verdict;
}

/**
 * tls_judge() - what it is that the handshake has failed
 * @session: the session
 * @code: GNUTLS_E_*, which gnutls_error_is_fatal()
 */
struct tls_verdict tls_judge(gnutls_session_t session, int code)
{
	struct tls_verdict verdict = { SEC_E_ILLEGAL_MESSAGE, -1, gnutls_strerror(code) };

	if (code == GNUTLS_E_FATAL_ALERT_RECEIVED)
		return tls_judge_alert(gnutls_alert_get(session));
	find(codes, sizeof(codes) / sizeof(codes[0]), code, &verdict);
	return verdict;
}

/**
 * tls_judge_certificate() - what it is that a certificate is not good
 * @status: GNUTLS_CERT_*, not 0
 */
struct tls_verdict tls_judge_certificate(unsigned int status)
{
	size_t i = 0;

	while (!(certificates[i].status & status))
		i++;
	return certificates[i].verdict;
}
