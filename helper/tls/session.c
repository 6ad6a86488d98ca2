// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Handshakes: how they begin, what they read and write, and where they wait for the
 * client's next token.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "helper/tls/handshake.h"

#define PLACES		512
#define PLACE_SECONDS	60	/* that a client may take for a token */
#define TOTAL_SECONDS	120	/* that it may take for all of them */

static struct half_open_place places[PLACES];
static struct half_open store =
	HALF_OPEN_STORE("handshakes of TLS", PLACE_SECONDS, places, tls_handshake_free);

static time_t now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_BOOTTIME, &ts);
	return ts.tv_sec;
}

static ssize_t pull(gnutls_transport_ptr_t ptr, void *to, size_t len)
{
	struct tls_handshake *h = ptr;

	if (!h->in_len) {
		gnutls_transport_set_errno(h->session, EAGAIN);
		return -1;
	}
	if (len > h->in_len)
		len = h->in_len;
	memcpy(to, h->in, len);
	h->in += len;
	h->in_len -= len;
	return (ssize_t)len;
}

static int pull_timeout(gnutls_transport_ptr_t ptr, unsigned int ms)
{
	const struct tls_handshake *h = ptr;

	(void)ms;
	return h->in_len ? 1 : 0;
}

/* More than a token can be is no token. */
static ssize_t push(gnutls_transport_ptr_t ptr, const void *from, size_t len)
{
	struct tls_handshake *h = ptr;
	size_t size = h->out_size;
	uint8_t *out;

	if (len > KSECDD_MAX_TOKEN - h->out_len) {
		gnutls_transport_set_errno(h->session, EMSGSIZE);
		return -1;
	}
	if (h->out_len + len > size) {
		while (size < h->out_len + len)
			size = size ? 2 * size : 4096;
		out = realloc(h->out, size);
		if (!out) {
			gnutls_transport_set_errno(h->session, ENOMEM);
			return -1;
		}
		h->out = out;
		h->out_size = size;
	}
	memcpy(h->out + h->out_len, from, len);
	h->out_len += len;
	return (ssize_t)len;
}

/*
 * SEC_APPLICATION_PROTOCOLS of sspi.h: a length, then lists, each with its kind (2 is
 * ALPN, 1 was NPN), a length of two bytes, and names with a byte of length before each.
 * Returns what is wrong.
 */
static const char *read_protocols(const uint8_t *p, size_t len, gnutls_datum_t *list,
				  unsigned int *n)
{
	uint32_t total, kind;
	uint16_t size;
	size_t i;

	if (len < sizeof(total))
		return "the service's application protocols have no length";
	memcpy(&total, p, sizeof(total));
	p += sizeof(total);
	len -= sizeof(total);
	if (total > len)
		return "the service's application protocols are cut";
	for (len = total; len; p += size, len -= size) {
		if (len < sizeof(kind) + sizeof(size))
			return "a list of the service's application protocols is cut";
		memcpy(&kind, p, sizeof(kind));
		memcpy(&size, p + sizeof(kind), sizeof(size));
		p += sizeof(kind) + sizeof(size);
		len -= sizeof(kind) + sizeof(size);
		if (size > len)
			return "a list of the service's application protocols is cut";
		for (i = 0; kind == 2 && i < size; i += 1 + p[i]) {
			if (!p[i] || p[i] >= size - i)
				return "a name of the service's application protocols is cut";
			if (*n == TLS_MAX_PROTOCOLS)
				return "the service has too many application protocols";
			list[(*n)++] = (gnutls_datum_t){ (uint8_t *)p + i + 1, p[i] };
		}
	}
	return NULL;
}

/* The service's protocols, or without those the configuration's. */
static const char *set_protocols(struct tls_handshake *h, const struct tls_question *q)
{
	const struct tls_section *section = &h->server->section;
	gnutls_datum_t list[TLS_MAX_PROTOCOLS];
	unsigned int n = 0;
	const char *wrong;

	if (q->protocols_len) {
		wrong = read_protocols(q->protocols, q->protocols_len, list, &n);
		if (wrong)
			return wrong;
	} else {
		for (; n < section->n_protocols; n++)
			list[n] = (gnutls_datum_t){
				(uint8_t *)section->protocols[n],
				(unsigned int)strlen(section->protocols[n])
			};
	}
	if (n && gnutls_alpn_set_protocols(h->session, list, n,
					   GNUTLS_ALPN_MANDATORY | GNUTLS_ALPN_SERVER_PRECEDENCE))
		return "GnuTLS does not take the service's application protocols";
	return NULL;
}

static bool init_session(struct tls_handshake *h, enum tls_client_certificate client)
{
	static const gnutls_certificate_request_t requests[] = {
		[TLS_CLIENT_NONE] = GNUTLS_CERT_IGNORE,
		[TLS_CLIENT_ASK] = GNUTLS_CERT_REQUEST,
		[TLS_CLIENT_REQUIRE] = GNUTLS_CERT_REQUIRE,
	};

	/* A session that was resumed would have no certificate to map. */
	if (gnutls_init(&h->session, GNUTLS_SERVER | GNUTLS_NONBLOCK | GNUTLS_NO_SIGNAL |
			GNUTLS_NO_TICKETS | GNUTLS_NO_AUTO_REKEY)) {
		h->session = NULL;
		return false;
	}
	if (gnutls_priority_set(h->session, h->server->priority) ||
	    gnutls_credentials_set(h->session, GNUTLS_CRD_CERTIFICATE, h->server->credentials))
		return false;
	gnutls_session_set_ptr(h->session, h);
	gnutls_certificate_server_set_request(h->session, requests[client]);
	gnutls_handshake_set_secret_function(h->session, tls_keep_secret);
	/* The time is measured here: what the library has waits for a file descriptor. */
	gnutls_handshake_set_timeout(h->session, 0);
	gnutls_transport_set_ptr(h->session, h);
	gnutls_transport_set_pull_function(h->session, pull);
	gnutls_transport_set_pull_timeout_function(h->session, pull_timeout);
	gnutls_transport_set_push_function(h->session, push);
	return true;
}

/**
 * tls_handshake_new() - begin a handshake
 * @question: its first leg
 * @verdict: why not
 *
 * Return: the handshake, for tls_handshake_free(); or NULL.
 */
struct tls_handshake *tls_handshake_new(const struct tls_question *question,
					struct tls_verdict *verdict)
{
	struct tls_handshake *h = calloc(1, sizeof(*h));

	*verdict = (struct tls_verdict){ SEC_E_INSUFFICIENT_MEMORY, -1, "out of memory" };
	if (!h)
		return NULL;
	h->server = tls_server_get(question->server);
	h->end = now() + TOTAL_SECONDS;
	if (init_session(h, question->client)) {
		verdict->reason = set_protocols(h, question);
		if (!verdict->reason)
			return h;
		verdict->status = SEC_E_INVALID_TOKEN;
	}
	tls_handshake_free(h);
	return NULL;
}

/**
 * tls_handshake_free() - end, wipe and free a handshake
 * @handshake: the struct tls_handshake, or NULL
 */
void tls_handshake_free(void *handshake)
{
	struct tls_handshake *h = handshake;

	if (!h)
		return;
	if (h->session)
		gnutls_deinit(h->session);
	tls_server_put(h->server);
	free(h->out);
	explicit_bzero(h, sizeof(*h));
	free(h);
}

/**
 * tls_handshake_keep() - keep a handshake for the client's next token
 * @context: number of the context
 * @handshake: the handshake, not the caller's any more
 * @cookie: finds it again
 *
 * Return: 0; -EIO without random bytes.
 */
int tls_handshake_keep(uint64_t context, struct tls_handshake *handshake,
		       uint8_t cookie[HALF_OPEN_COOKIE])
{
	return half_open_put(&store, context, handshake, cookie);
}

/**
 * tls_handshake_take() - the handshake goes on
 * @context: number of the context
 * @cookie: from tls_handshake_keep()
 *
 * Return: the handshake, the caller's; NULL - it is not there any more.
 */
struct tls_handshake *tls_handshake_take(uint64_t context,
					 const uint8_t cookie[HALF_OPEN_COOKIE])
{
	struct tls_handshake *h = half_open_take(&store, context, cookie);

	if (h && h->end <= now()) {
		tls_handshake_free(h);
		h = NULL;
	}
	return h;
}

void tls_half_open_drop(uint64_t context)
{
	half_open_drop(&store, context);
}

void tls_half_open_reap(void)
{
	half_open_reap(&store);
}

void tls_half_open_clear(void)
{
	half_open_clear(&store);
}
