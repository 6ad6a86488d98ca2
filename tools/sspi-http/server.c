// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The server: connections, each with a thread of its own.
 */
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "helper/status.h"
#include "tools/net/clients.h"

#include "file.h"
#include "http.h"
#include "http_conn.h"
#include "page.h"
#include "server.h"

#define HEAD_MS		15000	/* for a request's head, and for its body as well */
#define WRITE_MS	15000
#define STOP_SECONDS	10
#define TURNED_AWAY	16	/* connections above the limit that are told so */

/**
 * struct client - a connection
 * @net:     its thread; above the limit it gets nothing but 503
 * @options: of the server
 * @http:    the socket
 * @auth:    whom it belongs to
 */
struct client {
	struct net_client net;
	const struct server_options *options;
	struct http_conn http;
	struct auth auth;
};

/**
 * struct response - what goes back
 * @code:   of HTTP
 * @page:   the body
 * @answer: for WWW-Authenticate behind the scheme, or NULL
 * @offer:  say in WWW-Authenticate which schemes there are
 * @close:  the connection ends with it
 */
struct response {
	unsigned int code;
	struct page page;
	char *answer;
	bool offer;
	bool close;
};

static struct net_clients clients = NET_CLIENTS_INITIALIZER;

/* One line for each request; what the client sent in it is visible ASCII. */
static void __attribute__((format(printf, 3, 4)))
log_request(const struct client *client, const struct http_request *req, const char *fmt, ...)
{
	va_list args;

	if (client->options->quiet)
		return;
	flockfile(stdout);
	printf("%s %s %s ", client->net.name, req ? req->method : "-", req ? req->target : "-");
	va_start(args, fmt);
	vprintf(fmt, args);
	va_end(args);
	putchar('\n');
	fflush(stdout);
	funlockfile(stdout);
}

/* Which schemes there are, or what the one the client has chosen has to say. */
static void write_authenticate(FILE *file, const struct auth *auth,
			       const struct response *response)
{
	unsigned int i;

	for (i = 0; i < AUTH_SCHEMES; i++) {
		if (response->answer && i == auth->scheme)
			fprintf(file, "WWW-Authenticate: %s %s\r\n", auth_schemes[i],
				response->answer);
		else if (response->offer && auth->policy->offered[i])
			fprintf(file, "WWW-Authenticate: %s\r\n", auth_schemes[i]);
	}
}

static enum conn_result send_response(struct client *client, const struct http_request *req,
				      const struct response *response)
{
	struct conn *conn = &client->http.conn;
	enum conn_result result = CONN_CLOSED;
	char date[64] = "";
	char *head = NULL;
	size_t len = 0;
	struct tm tm;
	time_t now;
	FILE *file;

	file = open_memstream(&head, &len);
	if (!file)
		return CONN_CLOSED;
	time(&now);
	strftime(date, sizeof(date), "%a, %d %b %Y %H:%M:%S GMT", gmtime_r(&now, &tm));
	fprintf(file, "HTTP/1.1 %u %s\r\nDate: %s\r\nServer: sspi-http\r\n", response->code,
		http_reason(response->code), date);
	fprintf(file, "Content-Type: %s\r\nContent-Length: %zu\r\nCache-Control: no-store\r\n",
		response->page.type, response->page.len);
	write_authenticate(file, &client->auth, response);
	if (response->code == 405)
		fputs("Allow: GET, HEAD, POST\r\n", file);
	if (response->code == 503)
		fputs("Retry-After: 5\r\n", file);
	fprintf(file, "Connection: %s\r\n\r\n", response->close ? "close" : "keep-alive");

	conn_set_timeout(conn, WRITE_MS);
	if (!fclose(file) && response->page.text) {
		result = conn_write(conn, head, len);
		if (result == CONN_OK && !(req && req->method && !strcmp(req->method, "HEAD")))
			result = conn_write(conn, response->page.text, response->page.len);
	}
	free(head);
	return result;
}

static void response_clear(struct response *response)
{
	/* There may be a session key on it. */
	if (response->page.text)
		explicit_bzero(response->page.text, response->page.len);
	free(response->page.text);
	free(response->answer);
}

/* What to tell, and to do, about a status that is not the client's fault */
static const char *unavailable_reason(SECURITY_STATUS status)
{
	switch (status) {
	case SEC_E_NO_AUTHENTICATING_AUTHORITY:
		return "nobody can be authenticated now: the helper ksecd is not running, or did "
		       "not answer in time; start it (systemctl start ksecd) and look at its log";
	case SEC_E_SECPKG_NOT_FOUND:
		return "nobody can be authenticated now: the module ksecdd is not loaded, or has "
		       "no such package in this kernel";
	case SEC_E_INSUFFICIENT_MEMORY:
		return "the server is out of memory, or at a limit of the module ksecdd";
	default:
		return "the helper ksecd failed; look at its log";
	}
}

/* A page without the client's name on it. */
static void failure(struct response *response, unsigned int code, SECURITY_STATUS status,
		    const char *reason, bool json)
{
	response->code = code;
	page_failure(&response->page, status, reason, json);
}

static const char *file_reason(unsigned int code, SECURITY_STATUS status)
{
	if (status == SEC_E_NO_IMPERSONATION)
		return "the server cannot run as you: you have no local user here, or it has not "
		       "the capabilities CAP_SETUID and CAP_SETGID";
	if (code == 403)
		return "you may not read this file";
	return code == 404 ? "there is no such file" : "the file cannot be read now";
}

/* The client is known: who it is, or the file that it asks for. */
static void accepted(struct client *client, const struct http_request *req,
		     struct response *response)
{
	PCtxtHandle context = &client->auth.context;
	char name[512], path[PATH_MAX];
	SECURITY_STATUS status;

	page_account(context, name, sizeof(name));
	response->code = 200;
	if (client->options->folder < 0 || !http_path(req->target, path, sizeof(path))) {
		page_client(&response->page, context, req->json, client->options->export_key);
	} else {
		response->code = file_serve(context, client->options->folder, path,
					    &response->page, &status);
		if (response->code != 200)
			failure(response, response->code, status,
				file_reason(response->code, status), req->json);
	}
	log_request(client, req, "%u %s", response->code, name);
}

/* The answer to a request that was read to its end. */
static void answer(struct client *client, const struct http_request *req,
		   struct response *response)
{
	struct auth *auth = &client->auth;

	switch (auth_request(auth, req, &response->answer)) {
	case AUTH_ACCEPTED:
		accepted(client, req, response);
		break;
	case AUTH_CONTINUE:
		failure(response, 401, SEC_E_OK, "answer the challenge", req->json);
		log_request(client, req, "401 challenge");
		break;
	case AUTH_OFFER:
		response->offer = true;
		failure(response, 401, SEC_E_OK, "authentication is required", req->json);
		log_request(client, req, "401 authentication required");
		break;
	case AUTH_REFUSED:
		/* It may try again, with whatever it has; so it is not told why. */
		response->offer = true;
		failure(response, 401, auth->status, "authentication failed", req->json);
		log_request(client, req, "401 %s", status_name(auth->status));
		break;
	case AUTH_UNAVAILABLE:
		response->close = true;
		failure(response, 503, auth->status, unavailable_reason(auth->status), req->json);
		log_request(client, req, "503 %s", status_name(auth->status));
		break;
	}
}

static const char *refusal_reason(unsigned int code)
{
	switch (code) {
	case 405:
		return "only GET, HEAD and POST are here";
	case 408:
		return "the request did not arrive in time";
	case 413:
		return "the body is too large";
	case 417:
		return "of all expectations, only 100-continue can be met";
	case 431:
		return "the head of the request is too large";
	case 501:
		return "the only transfer coding is chunked";
	case 503:
		return "there are too many connections";
	case 505:
		return "the versions are HTTP/1.0 and HTTP/1.1";
	default:
		return "this is no request of HTTP/1.1";
	}
}

/* Ends the connection with a code for what cannot be answered. */
static void refuse(struct client *client, const struct http_request *req, unsigned int code)
{
	struct response response = { .close = true };

	failure(&response, code, SEC_E_OK, refusal_reason(code), req && req->json);
	send_response(client, req, &response);
	log_request(client, req, "%u %s", code, http_reason(code));
	response_clear(&response);
}

static unsigned int code_of(enum conn_result result)
{
	return result == CONN_TIMEOUT ? 408 : result == CONN_TOO_LARGE ? 413 : 400;
}

/* Reads the body away, since the next request comes behind it. */
static bool take_body(struct client *client, const struct http_request *req)
{
	static const char go_on[] = "HTTP/1.1 100 Continue\r\n\r\n";
	struct http_conn *http = &client->http;
	enum conn_result result = CONN_OK;

	conn_set_timeout(&http->conn, HEAD_MS);
	if (req->expects && req->minor && (req->length || req->chunked) && !http->len)
		result = conn_write(&http->conn, go_on, sizeof(go_on) - 1);
	if (result == CONN_OK)
		result = http_conn_drain(http, req);
	if (result != CONN_OK && result != CONN_CLOSED)
		refuse(client, req, code_of(result));
	return result == CONN_OK;
}

/* Serves one request; false ends the connection. */
static bool serve(struct client *client)
{
	struct http_conn *http = &client->http;
	struct response response = { 0 };
	struct http_request req;
	enum conn_result result;
	unsigned int code;
	char *head;
	size_t len;
	bool stay = false;

	conn_set_timeout(&http->conn, client->options->idle_ms);
	if (http_conn_wait(http) != CONN_OK)
		return false;
	conn_set_timeout(&http->conn, HEAD_MS);
	result = http_conn_read_head(http, &len);
	if (result != CONN_OK) {
		if (result != CONN_CLOSED)
			refuse(client, NULL, result == CONN_TOO_LARGE ? 431 : 408);
		return false;
	}
	/* The request is looked at while its body is read into the same buffer. */
	head = malloc(len);
	if (!head)
		return false;
	memcpy(head, http->buf, len);
	http_conn_consume(http, len);
	code = http_parse(head, len, &req);
	if (code) {
		/* Of what cannot be parsed, nothing is fit for the log. */
		refuse(client, code == 405 ? &req : NULL, code);
	} else if (client->net.surplus) {
		refuse(client, &req, 503);
	} else if (take_body(client, &req)) {
		response.close = !req.keep_alive || net_clients_stopping(&clients);
		answer(client, &req, &response);
		stay = send_response(client, &req, &response) == CONN_OK && !response.close;
		response_clear(&response);
	}
	explicit_bzero(head, len);
	free(head);
	return stay;
}

/* What comes before HTTP; false ends the connection. */
static bool start(struct client *client)
{
	const unsigned int idle_ms = client->options->idle_ms;
	const char *why = "the handshake did not end in time";
	enum conn_result result;

	conn_set_timeout(&client->http.conn, idle_ms < HEAD_MS ? idle_ms : HEAD_MS);
	result = conn_start(&client->http.conn);
	if (result == CONN_CLOSED)
		why = client->http.conn.why ? client->http.conn.why : "the client has gone";
	if (result != CONN_OK)
		log_request(client, NULL, "TLS: %s", why);
	return result == CONN_OK;
}

static void serve_all(struct net_client *net)
{
	struct client *client = (struct client *)net;

	if (start(client))
		while (serve(client))
			;
	auth_reset(&client->auth);
	conn_end(&client->http.conn);
}

void server_accept(const struct server_options *options, int fd,
		   const struct sockaddr_storage *peer)
{
	const struct net_limits limits = { .clients = options->max_connections,
					   .turned_away = TURNED_AWAY };
	struct client *client = calloc(1, sizeof(*client));

	/* Without memory or a thread there is nobody to say more than this. */
	if (!client) {
		close(fd);
		return;
	}
	client->options = options;
	client->http.conn.fd = fd;
	client->http.conn.type = options->connections;
	client->auth.policy = &options->policy;
	client->net.serve = serve_all;
	net_clients_start(&clients, &limits, &client->net, fd, peer);
}

bool server_stop(void)
{
	return net_clients_stop(&clients, STOP_SECONDS);
}
