// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * sspi-rdp from a client's first byte to its last, on this machine's loopback: the real
 * thing but for CredSSP and its TLS, which need the module and are tested with it. Here a
 * client authenticates itself by four bytes.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "certificate.h"
#include "pdu.h"
#include "tools/sspi-rdp/mcs.h"
#include "tools/sspi-rdp/proxy.h"
#include "tools/sspi-rdp/session.h"
#include "tools/sspi-rdp/x224.h"
#include "tools/testing/tap/tap.h"

#define TIMEOUT_SECONDS	20
#define BULK		(1 << 20)

static struct identity identity = { "HOST\\alice", "alice", 5001, 5001, true, "NTLM", "TLSv1.3",
				    "TLS_AES_256_GCM_SHA384" };
static bool known = true;

/* In the place of auth.c and secure.c */
enum conn_result auth_accept(struct auth *auth, struct conn *conn, PCredHandle credential)
{
	char token[4];
	enum conn_result result = conn_read_all(conn, token, sizeof(token));

	(void)credential;
	auth->status = known || result != CONN_OK ? SEC_E_OK : SEC_E_LOGON_DENIED;
	return known || result != CONN_OK ? result : CONN_CLOSED;
}

SECURITY_STATUS auth_identify(const struct auth *auth, struct identity *who)
{
	(void)auth;
	*who = identity;
	return SEC_E_OK;
}

void auth_release(struct auth *auth)
{
	(void)auth;
}

SECURITY_STATUS secure_attach(struct conn *conn, struct auth *auth, enum secure_mode mode,
			      bool *kernel)
{
	(void)conn;
	(void)auth;
	(void)mode;
	*kernel = false;
	return SEC_E_OK;
}

static struct gateway gateway;
static char path[64];
static int listener = -1;	/* the server's */

static void die(const char *what)
{
	tap_bail("%s: %s", what, strerror(errno));
}

static void bound_time(int fd)
{
	const struct timeval time = { .tv_sec = TIMEOUT_SECONDS };

	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &time, sizeof(time));
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &time, sizeof(time));
}

/* A gateway in front of a Unix socket, which is @listener. */
static void set_up(void)
{
	static char name[64];
	struct sockaddr_un address = { .sun_family = AF_UNIX };

	known = true;
	identity.mapped = true;
	gateway = (struct gateway){
		.limits = { .clients = 8 },
		.handshake_ms = TIMEOUT_SECONDS * 1000,
		.backend = { .path = name, .tell = BACKEND_COOKIE,
			     .timeout_ms = TIMEOUT_SECONDS * 1000 },
		.quiet = true,
	};
	snprintf(name, sizeof(name), "%s", path);
	snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
	unlink(path);
	if (listener >= 0)
		close(listener);
	listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (bind(listener, (struct sockaddr *)&address, sizeof(address)) || listen(listener, 8))
		die("a server");
	bound_time(listener);
}

/* The gateway's connection to the server */
static int accept_server(void)
{
	struct sockaddr_un peer;
	socklen_t len = sizeof(peer);
	int fd = accept4(listener, (struct sockaddr *)&peer, &len, SOCK_CLOEXEC);

	bound_time(fd);
	return fd;
}

/* A client's connection to the gateway, by TCP, so that there are addresses. */
static int connect_client(void)
{
	struct sockaddr_storage peer = { 0 };
	struct sockaddr_in address = { .sin_family = AF_INET,
				       .sin_addr = { htonl(INADDR_LOOPBACK) } };
	socklen_t len = sizeof(address);
	int door = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int client = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), served;

	if (bind(door, (struct sockaddr *)&address, sizeof(address)) || listen(door, 1) ||
	    getsockname(door, (struct sockaddr *)&address, &len) ||
	    connect(client, (struct sockaddr *)&address, sizeof(address)))
		die("a client");
	len = sizeof(peer);
	served = accept4(door, (struct sockaddr *)&peer, &len, SOCK_CLOEXEC | SOCK_NONBLOCK);
	if (served < 0)
		die("accept");
	close(door);
	bound_time(client);
	session_accept(&gateway, served, &peer);
	return client;
}

/* The end of a program that a session has started is a signal to some thread. */
static ssize_t receive(int fd, void *buf, size_t len)
{
	ssize_t n;

	do {
		n = recv(fd, buf, len, MSG_WAITALL);
	} while (n < 0 && errno == EINTR);
	return n;
}

static bool get(int fd, void *buf, size_t len)
{
	return receive(fd, buf, len) == (ssize_t)len;
}

static bool give(int fd, const void *buf, size_t len)
{
	return send(fd, buf, len, MSG_NOSIGNAL) == (ssize_t)len;
}

/* Whether the other side has ended: nothing more comes, and no wait was needed to see it. */
static bool is_over(int fd)
{
	char byte;
	ssize_t n = receive(fd, &byte, 1);

	return !n || (n < 0 && errno == ECONNRESET);
}

/* Asks for these protocols; what the gateway says, with type 0 if nothing. */
static struct x224_confirm ask(int client, uint32_t protocols)
{
	struct x224_confirm confirm = { 0 };
	uint8_t pdu[X224_CONNECT_MAX];
	size_t len = x224_write_request(pdu, "Cookie: mstshash=mallory", protocols);

	if (!give(client, pdu, len) || !get(client, pdu, X224_CONFIRM_LEN) ||
	    !x224_parse_confirm(pdu, X224_CONFIRM_LEN, &confirm))
		confirm.type = 0;
	return confirm;
}

/* What the server is asked for; it answers by @protocol. */
static bool serve_request(int server, const char *cookie, uint32_t want, uint32_t protocol)
{
	const struct x224_confirm confirm = { RDP_NEG_RESPONSE, 0, protocol };
	struct x224_request request;
	uint8_t pdu[X224_CONNECT_MAX];
	size_t len;

	if (!get(server, pdu, TPKT_HEADER))
		return false;
	len = tpkt_length(pdu);
	if (!len || len > sizeof(pdu) || !get(server, pdu + TPKT_HEADER, len - TPKT_HEADER) ||
	    !x224_parse_request(pdu, len, &request) || request.protocols != want)
		return false;
	if (cookie && (request.token_len != strlen(cookie) ||
		       memcmp(request.token, cookie, request.token_len)))
		return false;
	x224_write_confirm(pdu, 0, &confirm);
	return give(server, pdu, X224_CONFIRM_LEN);
}

/* The field of a PDU that arrives, or -1. */
static int64_t get_field(int fd, size_t len,
			 enum mcs_result (*find)(uint8_t *pdu, size_t len, uint8_t **field))
{
	uint8_t pdu[PDU_ROOM], *field;

	return get(fd, pdu, len) && find(pdu, len, &field) == MCS_FOUND ?
	       (int64_t)mcs_get(field) : -1;
}

/* A client that is let in, up to where it can say what it likes; the server's side of it. */
static int begin_session(int client)
{
	uint8_t pdu[PDU_ROOM];
	uint32_t result = 1;
	size_t len;
	int server;

	if (ask(client, RDP_PROTOCOL_SSL | RDP_PROTOCOL_HYBRID | RDP_PROTOCOL_HYBRID_EX).value !=
	    RDP_PROTOCOL_HYBRID_EX || !give(client, "AUTH", 4) || !get(client, &result, 4) || result)
		return -1;
	server = accept_server();
	if (!serve_request(server, NULL, RDP_PROTOCOL_RDP, RDP_PROTOCOL_RDP))
		return -1;
	len = pdu_connect_initial(pdu, 216, RDP_PROTOCOL_HYBRID_EX);
	if (!give(client, pdu, len) || !get(server, pdu, len))
		return -1;
	len = pdu_connect_response(pdu, 12, RDP_PROTOCOL_RDP);
	if (!give(server, pdu, len) || !get(client, pdu, len))
		return -1;
	return server;
}

static void test_whole(void)
{
	uint8_t pdu[PDU_ROOM], initial[PDU_ROOM];
	uint32_t result = 1;
	int client, server;
	size_t len;

	set_up();
	client = connect_client();
	tap_is(ask(client, 0xb).value, RDP_PROTOCOL_HYBRID_EX, "HYBRID_EX is selected");
	tap_ok(give(client, "AUTH", 4) && get(client, &result, 4) && !result,
	       "the early user authorization result says that it may come in");
	server = accept_server();
	tap_ok(serve_request(server, "Cookie: mstshash=alice", 0, 0),
	       "the server is told who was authenticated, and not who was named");
	len = pdu_connect_initial(initial, 216, RDP_PROTOCOL_HYBRID_EX);
	tap_ok(give(client, initial, 5) && give(client, initial + 5, len - 5),
	       "MCS Connect-Initial in two pieces");
	tap_is(get_field(server, len, mcs_selected_protocol), RDP_PROTOCOL_RDP,
	       "the server gets the protocol that it has selected");
	len = pdu_connect_response(pdu, 12, RDP_PROTOCOL_RDP);
	tap_ok(give(server, pdu, len), "MCS Connect-Response");
	tap_is(get_field(client, len, mcs_requested_protocols), 0xb,
	       "the client gets the protocols that it has requested");
	tap_ok(give(client, "ping", 4) && get(server, pdu, 4) && !memcmp(pdu, "ping", 4) &&
	       give(server, "pong", 4) && get(client, pdu, 4) && !memcmp(pdu, "pong", 4),
	       "then all is passed on");
	shutdown(client, SHUT_WR);
	tap_ok(is_over(server), "the client's end reaches the server");
	tap_ok(give(server, "last", 4) && get(client, pdu, 4) && !memcmp(pdu, "last", 4),
	       "which may still say something");
	close(server);
	tap_ok(is_over(client), "and its end reaches the client");
	close(client);

	client = connect_client();
	tap_is(ask(client, RDP_PROTOCOL_SSL | RDP_PROTOCOL_HYBRID).value, RDP_PROTOCOL_HYBRID,
	       "HYBRID for a client that knows no more");
	give(client, "AUTH", 4);
	server = accept_server();
	serve_request(server, NULL, 0, 0);
	len = pdu_connect_initial(initial, 212, 0);
	tap_ok(give(client, initial, len) && get(server, pdu, len) && !memcmp(pdu, initial, len),
	       "an old client's Connect-Initial is passed on as it is");
	tap_ok(give(server, "\3\0\0\x09\2\xf0\x80\x21\x80", 9) && get(client, pdu, 9) &&
	       !memcmp(pdu + 4, "\2\xf0\x80\x21\x80", 5), "so is a server's no");
	close(server);
	tap_ok(is_over(client), "the server's end reaches the client");
	close(client);
}

/* A server that says everything twice: to the client what it has said. */
static void *echo(void *arg)
{
	int fd = *(int *)arg;
	char buf[8192];
	ssize_t n;

	while ((n = recv(fd, buf, sizeof(buf), 0)) > 0)
		if (send(fd, buf, (size_t)n, MSG_NOSIGNAL) != n)
			break;
	shutdown(fd, SHUT_WR);
	return NULL;
}

static void test_bulk(void)
{
	unsigned char *out = malloc(BULK), *in = malloc(BULK);
	size_t sent = 0, got = 0, i;
	struct pollfd pfd;
	pthread_t thread;
	int client, server;
	ssize_t n;

	set_up();
	client = connect_client();
	server = begin_session(client);
	if (!out || !in || server < 0 || pthread_create(&thread, NULL, echo, &server))
		tap_bail("no session");
	for (i = 0; i < BULK; i++)
		out[i] = (unsigned char)(i * 7 + i / 251);
	while (got < BULK) {
		pfd = (struct pollfd){ client, POLLIN, 0 };
		if (sent < BULK)
			pfd.events |= POLLOUT;
		if (poll(&pfd, 1, TIMEOUT_SECONDS * 1000) <= 0)
			break;
		if (pfd.revents & POLLOUT) {
			n = send(client, out + sent, BULK - sent, MSG_DONTWAIT | MSG_NOSIGNAL);
			sent += n > 0 ? (size_t)n : 0;
			if (sent == BULK)
				shutdown(client, SHUT_WR);
		}
		if (pfd.revents & (POLLIN | POLLHUP)) {
			n = recv(client, in + got, BULK - got, MSG_DONTWAIT);
			if (!n)
				break;
			got += n > 0 ? (size_t)n : 0;
		}
	}
	tap_ok(got == BULK && !memcmp(in, out, BULK), "a MiB goes to the server and comes back");
	tap_ok(is_over(client), "with an end");
	pthread_join(thread, NULL);
	close(server);
	close(client);
	free(out);
	free(in);
}

static void test_refused(void)
{
	static const char plain[] = "\x03\x00\x00\x0b\x06\xe0\x00\x00\x00\x00\x00";
	struct pollfd waiting = { .events = POLLIN };
	struct x224_confirm confirm;
	uint32_t result = 0;
	int client;

	set_up();
	client = connect_client();
	confirm = ask(client, RDP_PROTOCOL_SSL);
	tap_ok(confirm.type == RDP_NEG_FAILURE && confirm.value == RDP_FAILURE_HYBRID_REQUIRED,
	       "a client without CredSSP is told that it is required");
	tap_ok(is_over(client), "that is all");
	close(client);
	client = connect_client();
	tap_ok(give(client, plain, sizeof(plain) - 1) && is_over(client),
	       "one that does not negotiate is told nothing");
	close(client);
	client = connect_client();
	tap_ok(give(client, "GET / HTTP/1.1\r\n\r\n", 18) && is_over(client),
	       "something else than RDP, neither");
	close(client);
	client = connect_client();
	tap_ok(give(client, "\3\0\xff\xff\xff\xe0\0\0\0\0\0", 11) && is_over(client),
	       "a request that is too long is not waited for");
	close(client);

	known = false;
	client = connect_client();
	ask(client, 0xb);
	tap_ok(give(client, "AUTH", 4) && is_over(client), "a client that is not known is refused");
	close(client);
	known = true;
	identity.mapped = false;
	client = connect_client();
	ask(client, 0xb);
	tap_ok(give(client, "AUTH", 4) && get(client, &result, 4) && result == 5 && is_over(client),
	       "one without a local account gets to know that it may not come in");
	close(client);
	client = connect_client();
	ask(client, RDP_PROTOCOL_HYBRID);
	tap_ok(give(client, "AUTH", 4) && is_over(client),
	       "not if it has not asked for HYBRID_EX");
	close(client);
	identity.mapped = true;
	gateway.access = (struct access){ .groups = { 0xfffffff0 }, .ngroups = 1 };
	client = connect_client();
	ask(client, 0xb);
	tap_ok(give(client, "AUTH", 4) && get(client, &result, 4) && result == 5,
	       "one who is in no group, neither");
	close(client);
	waiting.fd = listener;
	tap_is(poll(&waiting, 1, 0), 0, "of all these the server has not heard");
}

static void test_limits(void)
{
	const struct x224_confirm none = { 0 };
	struct x224_confirm confirm;
	int clients[3];

	set_up();
	gateway.limits.per_address = 2;
	clients[0] = connect_client();
	clients[1] = connect_client();
	clients[2] = connect_client();
	tap_ok(is_over(clients[2]), "a third from the same address is one too many");
	close(clients[2]);
	confirm = ask(clients[1], 0xb);
	tap_is(confirm.value, RDP_PROTOCOL_HYBRID_EX, "the second is served");
	close(clients[1]);
	close(clients[0]);
	gateway.handshake_ms = 200;
	gateway.limits.per_address = 0;
	clients[0] = connect_client();
	tap_ok(is_over(clients[0]), "who says nothing is not waited for");
	close(clients[0]);
	clients[0] = connect_client();
	confirm = ask(clients[0], 0xb);
	tap_ok(confirm.type != none.type && is_over(clients[0]), "who stops in between, neither");
	close(clients[0]);
}

static void test_backend(void)
{
	uint32_t result = 1;
	int client, server;

	set_up();
	gateway.backend.path = (char []){ "/nonexistent/socket" };
	client = connect_client();
	ask(client, 0xb);
	tap_ok(give(client, "AUTH", 4) && get(client, &result, 4) && !result && is_over(client),
	       "without a server, the client is let in and hears no more");
	close(client);
	set_up();
	gateway.backend.timeout_ms = 200;
	client = connect_client();
	ask(client, 0xb);
	give(client, "AUTH", 4);
	get(client, &result, 4);
	tap_ok(is_over(client), "a server that does not answer is not waited for");
	close(client);
	set_up();
	client = connect_client();
	ask(client, 0xb);
	give(client, "AUTH", 4);
	get(client, &result, 4);
	server = accept_server();
	serve_request(server, NULL, 0, RDP_PROTOCOL_SSL);
	tap_ok(is_over(server), "a server that wants TLS does not get the client's words in clear");
	tap_ok(is_over(client), "nor does the client get any");
	close(server);
	close(client);
	identity = (struct identity){ .account = "HOST\\a name", .user = "a name", .mapped = true };
	client = connect_client();
	ask(client, 0xb);
	give(client, "AUTH", 4);
	get(client, &result, 4);
	tap_ok(is_over(client), "a name that is two words goes into no cookie");
	close(client);
	identity = (struct identity){ "HOST\\alice", "alice", 5001, 5001, true, "NTLM", "TLSv1.3",
				      "TLS_AES_256_GCM_SHA384" };
}

/* The text of a vector of this type in a PROXY header, or NULL. */
static const char *vector(const uint8_t *header, size_t len, uint8_t type, char text[256])
{
	size_t at = 16 + 12, size;

	for (; at + 3 <= len; at += 3 + size) {
		size = (size_t)header[at + 1] << 8 | header[at + 2];
		if (header[at] != type || at + 3 + size > len || size > 255)
			continue;
		memcpy(text, header + at + 3, size);
		text[size] = 0;
		return text;
	}
	return NULL;
}

static void test_proxy(void)
{
	static const uint8_t signature[] = "\r\n\r\n\0\r\nQUIT\n";
	struct sockaddr_in address;
	socklen_t address_len = sizeof(address);
	uint8_t header[PROXY_MAX];
	char text[256];
	int client, server;
	size_t len = 0;

	set_up();
	gateway.backend.tell = BACKEND_PROXY;
	client = connect_client();
	ask(client, 0xb);
	give(client, "AUTH", 4);
	server = accept_server();
	if (get(server, header, 16))
		len = 16 + ((size_t)header[14] << 8 | header[15]);
	tap_ok(len > 28 && len < sizeof(header) && get(server, header + 16, len - 16) &&
	       !memcmp(header, signature, 12) && header[12] == 0x21 && header[13] == 0x11,
	       "a header of PROXY v2");
	getsockname(client, (struct sockaddr *)&address, &address_len);
	tap_ok(!memcmp(header + 16, &address.sin_addr, 4) && !memcmp(header + 24, &address.sin_port, 2),
	       "the client's address and port");
	tap_ok(vector(header, len, PROXY_ACCOUNT, text) && !strcmp(text, "HOST\\alice"), "account");
	tap_ok(vector(header, len, PROXY_USER, text) && !strcmp(text, "alice"), "local user");
	tap_ok(vector(header, len, PROXY_UID, text) && !strcmp(text, "5001"), "uid");
	tap_ok(vector(header, len, PROXY_PACKAGE, text) && !strcmp(text, "NTLM"), "package");
	tap_ok(vector(header, len, 0x20, text) && text[0] == 1 && !memcmp(text + 8, "TLSv1.3", 7),
	       "TLS");
	tap_ok(serve_request(server, NULL, 0, 0), "RDP comes behind it");
	close(server);
	close(client);
}

static void test_command(void)
{
	static char script[] = "[ \"$SSPI_RDP_USER:$SSPI_RDP_UID\" = alice:5001 ] || exit 1\n"
		"dd bs=43 count=1 2>/dev/null >/dev/null\n"
		"printf '\\003\\000\\000\\013\\006\\320\\000\\000\\000\\000\\000'\n"
		"exec cat\n";
	static char shell[] = "sh", option[] = "-c", nothing[] = "/nonexistent/program";
	static char *command[] = { shell, option, script, NULL };
	uint8_t pdu[PDU_ROOM], initial[PDU_ROOM];
	uint32_t result = 1;
	size_t len;
	int client;

	set_up();
	gateway.backend.path = NULL;
	gateway.backend.command = command;
	client = connect_client();
	ask(client, 0xb);
	give(client, "AUTH", 4);
	get(client, &result, 4);
	len = pdu_connect_initial(initial, 216, 8);
	tap_ok(give(client, initial, len), "a program in the place of a server");
	tap_is(get_field(client, len, mcs_selected_protocol), 0,
	       "gets what a server gets, and knows who the client is");
	tap_ok(give(client, "ping", 4) && get(client, pdu, 4) && !memcmp(pdu, "ping", 4),
	       "what it says goes to the client");
	shutdown(client, SHUT_WR);
	tap_ok(is_over(client), "and it ends with its client");
	close(client);
	command[0] = nothing;
	client = connect_client();
	ask(client, 0xb);
	give(client, "AUTH", 4);
	get(client, &result, 4);
	tap_ok(is_over(client), "one that cannot be started ends the connection");
	close(client);
}

static SSL_CTX *server_context;
static unsigned char fingerprint[32];

/* A server with TLS that says "hello" where MCS begins, and then what it is told. */
static void *serve_tls(void *arg)
{
	static const char answer[] = "\x03\x00\x00\x09\x02\xf0\x80\x21\x80";
	int fd = accept_server();
	SSL *ssl = SSL_new(server_context);
	char buf[PDU_ROOM];
	int n;

	(void)arg;
	SSL_set_fd(ssl, fd);
	if (serve_request(fd, NULL, RDP_PROTOCOL_SSL, RDP_PROTOCOL_SSL) && SSL_accept(ssl) == 1 &&
	    SSL_read(ssl, buf, sizeof(buf)) > 0) {
		SSL_write(ssl, answer, sizeof(answer) - 1);
		while ((n = SSL_read(ssl, buf, sizeof(buf))) > 0)
			SSL_write(ssl, buf, n);
		SSL_shutdown(ssl);
	}
	SSL_free(ssl);
	close(fd);
	return NULL;
}

/* Whether a session through TLS to the server comes to be. */
static bool try_tls(enum backend_tls tls)
{
	uint8_t pdu[PDU_ROOM];
	pthread_t thread;
	uint32_t result = 1;
	size_t len;
	bool well;
	int client;

	set_up();
	gateway.backend.tls = tls;
	memcpy(gateway.backend.pin, fingerprint, sizeof(fingerprint));
	if (!backend_prepare(&gateway.backend, NULL) ||
	    pthread_create(&thread, NULL, serve_tls, NULL))
		tap_bail("no TLS");
	client = connect_client();
	ask(client, 0xb);
	give(client, "AUTH", 4);
	get(client, &result, 4);
	len = pdu_connect_initial(pdu, 216, 8);
	well = give(client, pdu, len) && get(client, pdu, 9) && give(client, "ping", 4) &&
	       get(client, pdu, 4) && !memcmp(pdu, "ping", 4);
	shutdown(client, SHUT_WR);
	well &= is_over(client);
	close(client);
	pthread_join(thread, NULL);
	SSL_CTX_free(gateway.backend.context);
	return well;
}

int main(void)
{
	snprintf(path, sizeof(path), "/tmp/sspi-rdp-test.%d", getpid());
	signal(SIGPIPE, SIG_IGN);
	server_context = certificate_context(fingerprint);
	if (!server_context)
		tap_bail("no certificate");
	/* Before there are connections that have not ended quite. */
	test_limits();
	test_whole();
	test_bulk();
	test_refused();
	test_backend();
	test_proxy();
	test_command();
	tap_ok(try_tls(BACKEND_ANY), "a server with TLS and any certificate");
	tap_ok(try_tls(BACKEND_PIN), "one with the certificate that is wanted");
	fingerprint[31] ^= 1;
	tap_ok(!try_tls(BACKEND_PIN), "one with another");
	tap_ok(session_stop(), "all connections have ended");
	SSL_CTX_free(server_context);
	unlink(path);
	return tap_done();
}
