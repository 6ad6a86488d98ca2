// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A client's connection: X.224 says what it can, CredSSP who it is, and MCS is told what
 * the server behind was told.  From then on nobody looks at what it says.
 */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "helper/status.h"
#include "helper/text.h"

#include "mcs.h"
#include "relay.h"
#include "session.h"
#include "x224.h"

#define STOP_SECONDS	10
#define PDU_MAX		65535

/* Early User Authorization Result PDU (MS-RDPBCGR 2.2.10.2) */
#define AUTHZ_SUCCESS		0
#define AUTHZ_ACCESS_DENIED	5

/**
 * struct session - a client's connection
 * @net:      its thread
 * @gateway:  of all
 * @local:    what it has connected to
 * @client:   the connection
 * @backend:  that to the server
 * @child:    the server, if it is a program for this client
 * @auth:     the client's security context
 * @identity: who it is
 * @kernel:   kTLS does the records
 * @requested: protocols that the client has asked for
 * @selected: the one it was given
 * @protocol: the one that the server was asked for
 */
struct session {
	struct net_client net;
	const struct gateway *gateway;
	struct sockaddr_storage local;
	struct conn client;
	struct conn backend;
	pid_t child;
	struct auth auth;
	struct identity identity;
	bool kernel;
	uint32_t requested;
	uint32_t selected;
	uint32_t protocol;
};

static struct net_clients sessions = NET_CLIENTS_INITIALIZER;

static void __attribute__((format(printf, 2, 3)))
say(const struct session *session, const char *fmt, ...)
{
	va_list args;

	if (session->gateway->quiet)
		return;
	flockfile(stdout);
	printf("%s ", session->net.name);
	va_start(args, fmt);
	vprintf(fmt, args);
	va_end(args);
	putchar('\n');
	fflush(stdout);
	funlockfile(stdout);
}

/* Says what a wait for the client came to; whether that is what it should be. */
static bool went_well(const struct session *session, enum conn_result result, const char *what)
{
	const char *why = session->client.why;

	if (result == CONN_TIMEOUT)
		why = "not in time";
	else if (!why)
		why = result == CONN_TOO_LARGE ? "too long" : "the client has gone";
	if (result != CONN_OK)
		say(session, "refused: %s: %s", what, why);
	return result == CONN_OK;
}

/* A PDU, exactly; its length, or 0 if there is none. */
static size_t read_pdu(struct conn *conn, uint8_t *pdu, size_t max, enum conn_result *result)
{
	size_t len;

	*result = conn_read_all(conn, pdu, TPKT_HEADER);
	if (*result != CONN_OK)
		return 0;
	len = tpkt_length(pdu);
	if (!len || len > max) {
		conn->why = "this is not RDP";
		*result = CONN_CLOSED;
		return 0;
	}
	*result = conn_read_all(conn, pdu + TPKT_HEADER, len - TPKT_HEADER);
	return *result == CONN_OK ? len : 0;
}

/* Answers to the client's request; whether CredSSP can begin. */
static bool negotiate(struct session *session)
{
	struct x224_confirm confirm = {
		.type = RDP_NEG_RESPONSE,
		.flags = RDP_RESPONSE_EXTENDED | RDP_RESPONSE_GFX,
	};
	struct conn *client = &session->client;
	struct x224_request request;
	uint8_t pdu[X224_CONNECT_MAX];
	enum conn_result result;
	size_t len;

	len = read_pdu(client, pdu, sizeof(pdu), &result);
	if (!went_well(session, result, "the X.224 request"))
		return false;
	if (!x224_parse_request(pdu, len, &request)) {
		say(session, "refused: the X.224 request: it is malformed");
		return false;
	}
	session->requested = request.protocols;
	session->selected = request.protocols & RDP_PROTOCOL_HYBRID_EX ? RDP_PROTOCOL_HYBRID_EX :
			    request.protocols & RDP_PROTOCOL_HYBRID;
	confirm.value = session->selected;
	if (!session->selected) {
		say(session, "refused: it does not do Network Level Authentication");
		/* A client that does not negotiate knows no answer to that. */
		if (!request.negotiates)
			return false;
		confirm = (struct x224_confirm){ .type = RDP_NEG_FAILURE,
						 .value = RDP_FAILURE_HYBRID_REQUIRED };
	}
	x224_write_confirm(pdu, request.source, &confirm);
	result = conn_write(client, pdu, X224_CONFIRM_LEN);
	return confirm.type == RDP_NEG_RESPONSE && went_well(session, result, "the X.224 answer");
}

static bool authenticate(struct session *session)
{
	SECURITY_STATUS status;
	enum conn_result result;

	result = auth_accept(&session->auth, &session->client,
			     (PCredHandle)&session->gateway->credential);
	status = session->auth.status;
	if (result == CONN_OK)
		status = auth_identify(&session->auth, &session->identity);
	if (status != SEC_E_OK) {
		say(session, "refused: %s (0x%08" PRIx32 ")", status_name(status),
		    (uint32_t)status);
		return false;
	}
	return went_well(session, result, "CredSSP");
}

/* The client's side of TLS; whether the client has been told that it may come in. */
static bool authorize(struct session *session)
{
	const struct gateway *gateway = session->gateway;
	const struct identity *identity = &session->identity;
	const char *refusal = access_refusal(&gateway->access, identity);
	uint8_t result[4] = { refusal ? AUTHZ_ACCESS_DENIED : AUTHZ_SUCCESS };
	char account[3 * IDENTITY_NAME], user[3 * IDENTITY_NAME];
	SECURITY_STATUS status;

	text_show(account, sizeof(account), identity->account);
	text_show(user, sizeof(user), *identity->user ? identity->user : "-");
	status = secure_attach(&session->client, &session->auth, gateway->records,
			       &session->kernel);
	if (status != SEC_E_OK) {
		say(session, "failed: %s is known, but there is no TLS with it: %s (0x%08" PRIx32
		    ")", account, status_name(status), (uint32_t)status);
		return false;
	}
	say(session, "%s account=%s user=%s uid=%ld package=%s tls=%s cipher=%s records=%s",
	    refusal ? "known" : "accepted", account, user,
	    identity->mapped ? (long)identity->uid : -1L, identity->package, identity->tls,
	    identity->cipher, session->kernel ? "kernel" : "calls");
	if (refusal)
		say(session, "refused: %s", refusal);
	if (session->selected == RDP_PROTOCOL_HYBRID_EX &&
	    !went_well(session, conn_write(&session->client, result, sizeof(result)),
		       "the early user authorization result"))
		return false;
	return !refusal;
}

/* Client and server are each told what the other has been told. */
static bool introduce(struct session *session)
{
	uint8_t *pdu = malloc(PDU_MAX), *field;
	enum conn_result result;
	enum mcs_result found;
	bool fine = false;
	size_t len;

	if (!pdu)
		return false;
	len = read_pdu(&session->client, pdu, PDU_MAX, &result);
	if (!went_well(session, result, "MCS Connect-Initial"))
		goto out;
	found = mcs_selected_protocol(pdu, len, &field);
	if (found == MCS_NOT) {
		say(session, "refused: MCS Connect-Initial: it is malformed");
		goto out;
	}
	if (found == MCS_FOUND)
		mcs_set(field, session->protocol);
	result = conn_write(&session->backend, pdu, len);
	if (result == CONN_OK)
		len = read_pdu(&session->backend, pdu, PDU_MAX, &result);
	if (result != CONN_OK) {
		say(session, "failed: the server does not answer to MCS Connect-Initial: %s",
		    session->backend.why ? session->backend.why : "it has closed the connection");
		goto out;
	}
	/* A server that says no says it in other PDUs, which are the client's to read. */
	if (mcs_requested_protocols(pdu, len, &field) == MCS_FOUND)
		mcs_set(field, session->requested);
	fine = went_well(session, conn_write(&session->client, pdu, len), "MCS Connect-Response");
out:
	free(pdu);
	return fine;
}

static bool connect_backend(struct session *session)
{
	const struct backend_client client = {
		.identity = &session->identity,
		.peer = &session->net.peer,
		.local = &session->local,
		.peer_name = session->net.name,
	};
	const char *why = backend_connect(&session->gateway->backend, &client, &session->backend,
					  &session->child, &session->protocol);

	if (why)
		say(session, "failed: the server cannot be had: %s", why);
	return !why;
}

static void relay(struct session *session)
{
	struct relay relay = {
		.client = &session->client,
		.backend = &session->backend,
		.idle_ms = session->gateway->idle_ms,
	};
	int64_t start = conn_now();
	const char *why = relay_run(&relay);

	say(session, "ended: %s; %" PRIu64 " bytes from it, %" PRIu64 " to it, %" PRId64 " s", why,
	    relay.from_client, relay.from_backend, (conn_now() - start) / 1000);
}

static void serve(struct net_client *net)
{
	struct session *session = (struct session *)net;
	socklen_t len = sizeof(session->local);

	session->client.fd = net->fd;
	if (getsockname(net->fd, (struct sockaddr *)&session->local, &len))
		session->local.ss_family = AF_UNSPEC;
	conn_set_timeout(&session->client, session->gateway->handshake_ms);
	if (negotiate(session) && authenticate(session) && authorize(session) &&
	    connect_backend(session)) {
		/* What the server has taken was not the client's time. */
		conn_set_timeout(&session->client, session->gateway->handshake_ms);
		if (introduce(session))
			relay(session);
		backend_close(&session->backend, session->child);
	}
	conn_end(&session->client);
	auth_release(&session->auth);
	explicit_bzero(&session->identity, sizeof(session->identity));
}

void session_accept(const struct gateway *gateway, int fd, const struct sockaddr_storage *peer)
{
	struct session *session = calloc(1, sizeof(*session));
	char name[NET_ADDRESS_TEXT];

	if (!session) {
		close(fd);
		return;
	}
	session->gateway = gateway;
	session->client.type = &conn_plain;
	session->backend = (struct conn){ .type = &conn_plain, .fd = -1 };
	session->net.serve = serve;
	/* RDP has no word for it, so that all there is to do is to close the connection. */
	if (!net_clients_start(&sessions, &gateway->limits, &session->net, fd, peer) &&
	    !gateway->quiet) {
		net_address_text(name, peer);
		printf("%s refused: there are too many clients, in all or from this address\n", name);
		fflush(stdout);
	}
}

bool session_stop(void)
{
	return net_clients_stop(&sessions, STOP_SECONDS);
}
