// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * OpenSSL between memory and tls_accept().
 */
#include <string.h>

#include "tools/testing/tap/tap.h"
#include "tools/testing/unit/tls/client.h"
#include "tools/testing/unit/tls/record.h"

#define FLIGHT_MAX	65536
#define LEGS_MAX	100000

static void note_alert(const SSL *ssl, int where, int code)
{
	struct client *c = SSL_get_app_data(ssl);

	if ((where & (SSL_CB_ALERT | SSL_CB_READ)) == (SSL_CB_ALERT | SSL_CB_READ) &&
	    code >> 8 == SSL3_AL_FATAL)
		c->alert = code & 0xff;
}

/**
 * client_begin() - a client that has said nothing yet
 * @c: the client, for client_end()
 * @server: whom it talks to
 */
void client_begin(struct client *c, const struct tls_server *server)
{
	memset(c, 0, sizeof(*c));
	c->question = (struct tls_question){ .server = server, .context = CLIENT_CONTEXT };
	c->ctx = SSL_CTX_new(TLS_client_method());
	c->ssl = c->ctx ? SSL_new(c->ctx) : NULL;
	if (!c->ssl)
		tap_bail("OpenSSL does not start");
	SSL_set_app_data(c->ssl, c);
	SSL_set_info_callback(c->ssl, note_alert);
	SSL_set_bio(c->ssl, BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));
	SSL_set_connect_state(c->ssl);
}

/**
 * client_end() - free a client, and what the server has of it
 * @c: the client
 */
void client_end(struct client *c)
{
	tls_half_open_drop(c->question.context);
	tls_answer_clear(&c->answer);
	SSL_free(c->ssl);
	SSL_CTX_free(c->ctx);
}

/**
 * client_flight() - let the client go on as far as it can
 * @c: the client
 * @records: what it sends
 * @size: room there in bytes
 *
 * Return: the length in bytes.
 */
size_t client_flight(struct client *c, uint8_t *records, size_t size)
{
	int n;

	SSL_do_handshake(c->ssl);
	n = BIO_read(SSL_get_wbio(c->ssl), records, (int)size);
	return n > 0 ? (size_t)n : 0;
}

/**
 * client_leg() - a token for the server, and its answer for the client
 * @c: the client
 * @token: the token
 * @len: its length in bytes
 *
 * Return: what the server says, which is in @c->answer.
 */
int32_t client_leg(struct client *c, const uint8_t *token, size_t len)
{
	struct tls_question question = c->question;
	uint8_t state[TLS_MAX_STATE];

	question.state_len = c->answer.state_len;
	memcpy(state, c->answer.state, sizeof(state));
	question.state = state;
	question.token = token;
	question.token_len = len;
	tls_answer_clear(&c->answer);
	tls_accept(&question, &c->answer);
	c->legs++;
	if (c->answer.token_len)
		BIO_write(SSL_get_rbio(c->ssl), c->answer.token, (int)c->answer.token_len);
	return c->answer.status;
}

/**
 * client_handshake() - a whole handshake
 * @c: the client
 *
 * Return: what the server says at the end, or SEC_E_INCOMPLETE_MESSAGE if the client
 * has nothing to say any more.  The client has had the server's last records.
 */
int32_t client_handshake(struct client *c)
{
	static uint8_t flight[FLIGHT_MAX];
	int32_t status = SEC_I_CONTINUE_NEEDED;
	size_t len, pos, n;

	while (status == SEC_I_CONTINUE_NEEDED && c->legs < LEGS_MAX) {
		len = client_flight(c, flight, sizeof(flight));
		if (!len)
			return SEC_E_INCOMPLETE_MESSAGE;
		for (pos = 0; pos < len && status == SEC_I_CONTINUE_NEEDED; pos += n) {
			n = c->fragment && c->fragment < len - pos ? c->fragment : len - pos;
			status = client_leg(c, flight + pos, n);
		}
	}
	SSL_do_handshake(c->ssl);
	return status;
}

/**
 * client_talks() - whether records go both ways by the keys that the module is given
 * @c: a client whose handshake is over
 */
bool client_talks(struct client *c)
{
	static const char there[] = "from the client", back[] = "from the server";
	const struct ksecdd_tls_keys *keys = &c->answer.session.keys;
	uint8_t record[1024], plain[1024];
	size_t len, n;
	unsigned int i;

	for (i = 0; i < 3; i++) {
		if (SSL_write(c->ssl, there, sizeof(there)) != sizeof(there))
			return false;
		len = (size_t)BIO_read(SSL_get_wbio(c->ssl), record, sizeof(record));
		if (!record_open(keys, i, record, len, plain, &n) || n != sizeof(there) ||
		    memcmp(plain, there, n))
			return false;
		if (!record_seal(keys, i, (const uint8_t *)back, sizeof(back), record, &len))
			return false;
		BIO_write(SSL_get_rbio(c->ssl), record, (int)len);
		if (SSL_read(c->ssl, plain, sizeof(plain)) != sizeof(back) ||
		    memcmp(plain, back, sizeof(back)))
			return false;
	}
	return true;
}
