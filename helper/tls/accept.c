// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A leg of a handshake.  Between two legs the state is:
 *
 *	byte	0		version
 *	16 bytes		the cookie of the half-open handshake
 */
#include <stdlib.h>
#include <string.h>

#include <gnutls/abstract.h>

#include "helper/der.h"
#include "helper/tls/handshake.h"

#define STATE_VERSION	1
#define STATE_LEN	(1 + HALF_OPEN_COOKIE)

_Static_assert(STATE_LEN <= TLS_MAX_STATE, "the state fits");

/* RFC 8446 section 5.1 */
#define RECORD_HEADER			5
#define RECORD_CHANGE_CIPHER_SPEC	20
#define RECORD_ALERT			21

/*
 * Bytes that a client may send: GnuTLS waits for the end of a message, which may say that
 * it has 16 MiB.  A chain of certificates is the longest that there is.
 */
#define RECEIVED_MAX	131072

/* Bytes of the stack that the library may have used, at least */
#define STACK_USED	32768

static void say(struct tls_answer *answer, int32_t status, const char *reason)
{
	answer->status = status;
	answer->reason = reason;
}

static uint8_t *copy(const void *data, size_t len)
{
	uint8_t *p = malloc(len ? len : 1);

	if (p)
		memcpy(p, data, len);
	return p;
}

/*
 * SubjectPublicKeyInfo (RFC 5280 section 4.1) is a SEQUENCE of the algorithm and a BIT
 * STRING, whose first byte says how many bits of the last are none.
 */
static bool find_public_key(const gnutls_datum_t *info, struct der_span *key)
{
	struct der_span outer = { info->data, info->size }, inner, algorithm;
	uint8_t tag;

	if (!der_open(&outer, DER_SEQUENCE, &inner) ||
	    !der_next(&inner, &tag, &algorithm) || tag != DER_SEQUENCE ||
	    !der_next(&inner, &tag, key) || tag != DER_BIT_STRING || key->len < 2)
		return false;
	key->data++;
	key->len--;
	return true;
}

static bool take_public_key(const struct tls_handshake *h, struct tls_answer *answer)
{
	const gnutls_datum_t *der = gnutls_certificate_get_ours(h->session);
	gnutls_datum_t info = { NULL, 0 };
	struct der_span key;
	gnutls_pcert_st pcert;

	if (!der || gnutls_pcert_import_x509_raw(&pcert, der, GNUTLS_X509_FMT_DER, 0))
		return false;
	if (!gnutls_pubkey_export2(pcert.pubkey, GNUTLS_X509_FMT_DER, &info) &&
	    find_public_key(&info, &key)) {
		answer->public_key = copy(key.data, key.len);
		answer->public_key_len = key.len;
	}
	gnutls_free(info.data);
	gnutls_pcert_deinit(&pcert);
	return answer->public_key;
}

/* What is longer than there is room for is not told at all. */
static void take_binding(gnutls_session_t session, gnutls_channel_binding_t kind, uint8_t *to,
			 size_t *ret_len)
{
	gnutls_datum_t binding = { NULL, 0 };

	if (gnutls_session_channel_binding(session, kind, &binding))
		return;
	if (binding.size <= TLS_MAX_BINDINGS) {
		memcpy(to, binding.data, binding.size);
		*ret_len = binding.size;
	}
	gnutls_free(binding.data);
}

static bool take_peer(const struct tls_handshake *h, struct tls_session *session)
{
	const gnutls_datum_t *chain;
	unsigned int n = 0;

	if (!h->has_account)
		return true;
	chain = gnutls_certificate_get_peers(h->session, &n);
	if (!chain || !n)
		return false;
	/* Nothing longer fits into a message of a handshake. */
	if (chain[0].size > TLS_MAX_PEER_CERT)
		return false;
	session->peer_cert = copy(chain[0].data, chain[0].size);
	session->peer_cert_len = chain[0].size;
	return session->peer_cert;
}

static bool take_session(const struct tls_handshake *h, struct tls_session *session)
{
	gnutls_datum_t protocol;

	if (!tls_read_keys(h, &session->keys) || !take_peer(h, session))
		return false;
	session->has_keys = true;
	session->unused = h->in_len;
	if (!gnutls_alpn_get_selected_protocol(h->session, &protocol) &&
	    protocol.size <= sizeof(session->protocol)) {
		memcpy(session->protocol, protocol.data, protocol.size);
		session->protocol_len = protocol.size;
	}
	/* RFC 9266: TLS 1.3 has no tls-unique. */
	if (session->keys.version == KSECDD_TLS_1_2)
		take_binding(h->session, GNUTLS_CB_TLS_UNIQUE, session->unique,
			     &session->unique_len);
	take_binding(h->session, GNUTLS_CB_TLS_SERVER_END_POINT, session->endpoint,
		     &session->endpoint_len);
	return true;
}

static void finish(const struct tls_handshake *h, struct tls_answer *answer)
{
	if (gnutls_record_check_pending(h->session)) {
		say(answer, SEC_E_INTERNAL_ERROR, "GnuTLS has read beyond the handshake");
	} else if (!take_session(h, &answer->session) || !take_public_key(h, answer)) {
		tls_session_clear(&answer->session);
		say(answer, SEC_E_INTERNAL_ERROR, "GnuTLS does not tell what was agreed on");
	} else {
		answer->has_account = h->has_account;
		if (h->has_account)
			answer->account = h->account;
		say(answer, SEC_E_OK, h->has_account ? "the client's certificate is good" :
						       "the handshake is over");
	}
}

/*
 * The last record that was read, if it is an alert in clear that ends the handshake.  GnuTLS
 * takes none before a ClientHello, nor one of a client of TLS 1.3 that does not like the
 * certificate and has no keys for its own records yet.
 */
static bool is_alert(const struct tls_handshake *h, const struct tls_question *q, int *alert)
{
	static const uint8_t head[] = { RECORD_ALERT, 3 };
	const uint8_t *record = h->in - RECORD_HEADER - 2;

	if (h->in - q->token < RECORD_HEADER + 2 || memcmp(record, head, sizeof(head)) ||
	    record[3] || record[4] != 2)
		return false;
	*alert = record[6];
	return record[5] == GNUTLS_AL_FATAL || record[6] == GNUTLS_A_CLOSE_NOTIFY;
}

static void fail(struct tls_handshake *h, const struct tls_question *q, int code,
		 struct tls_answer *answer)
{
	struct tls_verdict v = h->refused.status ? h->refused : tls_judge(h->session, code);
	bool ended = code == GNUTLS_E_FATAL_ALERT_RECEIVED;
	int alert;

	if ((code == GNUTLS_E_DECRYPTION_FAILED || code == GNUTLS_E_UNEXPECTED_PACKET) &&
	    is_alert(h, q, &alert)) {
		v = tls_judge_alert(alert);
		ended = true;
	}
	/* RFC 8446 section 6.2: of an alert comes none in return. */
	if (!ended && v.alert >= 0)
		gnutls_alert_send(h->session, GNUTLS_AL_FATAL, (gnutls_alert_description_t)v.alert);
	else if (!ended)
		gnutls_alert_send_appropriate(h->session, code);
	say(answer, v.status, v.reason);
}

static int shake(struct tls_handshake *h, const struct tls_question *q)
{
	int code;

	/* GnuTLS passes over it, as it has to later; RFC 8446 section 5. */
	if (!q->state_len && q->token_len && q->token[0] == RECORD_CHANGE_CIPHER_SPEC)
		return GNUTLS_E_UNEXPECTED_PACKET;
	h->received += q->token_len;
	if (h->received > RECEIVED_MAX)
		return GNUTLS_E_HANDSHAKE_TOO_LARGE;
	/* Each turn takes a record away. */
	do {
		code = gnutls_handshake(h->session);
	} while (code != GNUTLS_E_AGAIN && code < 0 && !gnutls_error_is_fatal(code));
	return code;
}

/* Returns whether the handshake waits for another token. */
static bool run(struct tls_handshake *h, const struct tls_question *q, struct tls_answer *answer)
{
	int code;

	h->in = q->token;
	h->in_len = q->token_len;
	code = shake(h, q);
	if (!code)
		finish(h, answer);
	else if (code != GNUTLS_E_AGAIN)
		fail(h, q, code, answer);
	answer->token = h->out;
	answer->token_len = h->out_len;
	h->out = NULL;
	h->out_len = 0;
	h->out_size = 0;
	return code == GNUTLS_E_AGAIN;
}

static struct tls_handshake *begin(const struct tls_question *q, struct tls_answer *answer)
{
	struct tls_verdict verdict;
	struct tls_handshake *h = tls_handshake_new(q, &verdict);

	if (!h)
		say(answer, verdict.status, verdict.reason);
	return h;
}

static struct tls_handshake *go_on(const struct tls_question *q, struct tls_answer *answer)
{
	struct tls_handshake *h = NULL;

	if (q->state_len == STATE_LEN && q->state[0] == STATE_VERSION)
		h = tls_handshake_take(q->context, q->state + 1);
	if (!h)
		say(answer, SEC_E_INVALID_TOKEN, "the handshake is not known: it took too long, or "
		    "ksecd was started again");
	return h;
}

static void keep(const struct tls_question *q, struct tls_handshake *h,
		 struct tls_answer *answer)
{
	answer->state[0] = STATE_VERSION;
	if (tls_handshake_keep(q->context, h, answer->state + 1)) {
		tls_answer_clear(answer);
		say(answer, SEC_E_INTERNAL_ERROR, "no random bytes");
		return;
	}
	answer->state_len = STATE_LEN;
	say(answer, SEC_I_CONTINUE_NEEDED, "the handshake goes on");
}

/* What the library has spilled there are keys, too. */
__attribute__((noinline))
static void wipe_stack(void)
{
	uint8_t room[STACK_USED];

	explicit_bzero(room, sizeof(room));
}

void tls_accept(const struct tls_question *question, struct tls_answer *answer)
{
	struct tls_handshake *h;

	memset(answer, 0, sizeof(*answer));
	answer->account.expiry = KSECDD_TIME_NEVER;
	h = question->state_len ? go_on(question, answer) : begin(question, answer);
	if (!h)
		return;
	if (run(h, question, answer))
		keep(question, h, answer);
	else
		tls_handshake_free(h);
	wipe_stack();
}
