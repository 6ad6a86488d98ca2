// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What ends a TLS context, or takes its keys, at the moment when others use it: whoever comes
 * first, each sees one of the two orders, and no record is lost, made twice or taken twice.
 *
 * KSECDD_SECONDS=n: how long each race is run again and again.
 */
#include <string.h>
#include <unistd.h>

#include "chance.h"
#include "env.h"
#include "race.h"
#include "session.h"
#include "suite.h"
#include "tls_link.h"
#include "tls_socket.h"
#include "tools/testing/tap/tap.h"

#define STORM_MS	1500	/* of each race */
#define LEN		100

/* Who begins how much later than another, in microseconds */
#define APART		100

static struct chance chance;
static struct tls_link s;
static struct tls_sockets sockets[2];
static uint8_t plain[LEN];

/* What the racers have seen */
static int32_t attached[2], sealed, opened;

/* The record that the module makes, and the one that it is to take */
static uint8_t made[LEN + TLS_MAX_OVERHEAD], sent[LEN + TLS_MAX_OVERHEAD];
static uint8_t taken[LEN + TLS_MAX_OVERHEAD];
static size_t made_len, sent_len;
static struct ksecdd_buffer parts[TLS_OPEN_BUFFERS];

static void begin(void)
{
	static unsigned int n;

	tls_link_open(&s, n++ % 2 ? KSECDD_TLS_1_3 : KSECDD_TLS_1_2, KSECDD_TLS_AES_128_GCM);
	sent_len = tls_peer_seal(&s.peer, TLS_DATA, plain, LEN, sent);
	memcpy(taken, sent, sent_len);
	attached[0] = attached[1] = sealed = opened = 1;
}

/* How often the keys, or messages, came before what ends them: both orders should be seen. */
static unsigned int rounds, firsts;

/* As long as the time for a race is not up; whether the first racer came first is counted. */
static bool more(uint64_t deadline, bool first)
{
	rounds++;
	firsts += first;
	if (!suite_failed() && suite_now_ms() < deadline)
		return true;
	tap_diag("%u rounds, %u of them in this order", rounds, firsts);
	rounds = firsts = 0;
	return false;
}

/* Racers: an ioctl that is refused as such, because its file was closed, is a 1. */

static int32_t attach(int fd)
{
	struct ksecdd_attach arg = {
		.size = sizeof(arg), .status = 1, .context = s.call.context, .fd = fd,
	};

	return device_ioctl(s.dev, KSECDD_IOC_ATTACH, &arg) ? 1 : arg.status;
}

static void attach_first(void *data)
{
	(void)data;
	attached[0] = attach(sockets[0].service);
}

static void attach_second(void *data)
{
	(void)data;
	attached[1] = attach(sockets[1].service);
}

static void encrypt(void *data)
{
	(void)data;
	sealed = tls_link_encrypt(&s, plain, LEN, made, &made_len);
}

static void decrypt(void *data)
{
	(void)data;
	opened = tls_link_decrypt(&s, taken, sent_len, parts);
}

static void query(void *data)
{
	struct ksecdd_query arg = {
		.size = sizeof(arg), .context = s.call.context, .attribute = KSECDD_ATTR_TLS,
	};

	(void)data;
	/* What it says is not the matter, only that it looks at the keys. */
	device_ioctl(s.dev, KSECDD_IOC_QUERY, &arg);
}

static void delete(void *data)
{
	(void)data;
	CHECK_STATUS(device_destroy(s.dev, s.call.context, KSECDD_OBJECT_CONTEXT), SEC_E_OK);
}

static void close_socket(void *data)
{
	(void)data;
	close(sockets[0].service);
}

static void close_client(void *data)
{
	(void)data;
	close(sockets[0].client);
}

static void close_device(void *data)
{
	(void)data;
	close(s.dev);
}

/* What must be so afterwards */

static bool is_one_of(int32_t status, int32_t one, int32_t other)
{
	return status == one || CHECK_STATUS(status, other);
}

/* The peer takes what the module has made, if it has. */
static void check_sealed(void)
{
	uint8_t out[TLS_MAX_RECORD], type = 0;
	size_t len = 0;

	if (sealed != SEC_E_OK)
		return;
	if (CHECK(tls_peer_open(&s.peer, made, made_len, &type, out, &len)) && CHECK_EQ(len, LEN))
		CHECK_MEM(out, plain, LEN);
}

static void check_opened(void)
{
	if (opened == SEC_E_OK && CHECK_EQ(parts[1].len, LEN))
		CHECK_MEM((void *)(uintptr_t)parts[1].ptr, plain, LEN);
}

/* The socket goes on both ways where the context has ended. */
static void check_socket(const struct tls_sockets *p)
{
	size_t len = tls_header_len(&s.peer) + LEN + tls_trailer_len(&s.peer);
	uint8_t record[TLS_MAX_RECORD], out[TLS_MAX_RECORD], type = 0;

	tls_write(p->service, plain, LEN);
	tls_read(p->client, record, len);
	if (CHECK(tls_peer_open(&s.peer, record, len, &type, out, &len)) && CHECK_EQ(len, LEN))
		CHECK_MEM(out, plain, LEN);
	/* What the context has taken, the socket does not want again. */
	if (opened == SEC_E_OK)
		sent_len = tls_peer_seal(&s.peer, TLS_DATA, plain, LEN, sent);
	tls_write(p->client, sent, sent_len);
	tls_read(p->service, out, LEN);
	CHECK_MEM(out, plain, LEN);
}

/* A socket that has no keys: what is written is what arrives. */
static void check_untouched(const struct tls_sockets *p)
{
	uint8_t out[LEN];

	tls_write(p->service, plain, LEN);
	tls_read(p->client, out, LEN);
	CHECK_MEM(out, plain, LEN);
}

/* The context has its keys still. */
static void check_context(void)
{
	decrypt(NULL);
	CHECK_STATUS(opened, SEC_E_OK);
	check_opened();
	CHECK(tls_link_works(&s));
}

static void check_expired(void)
{
	encrypt(NULL);
	CHECK_STATUS(sealed, SEC_E_CONTEXT_EXPIRED);
}

/* Races */

static void attach_and_close(race_fn close_one, bool ours)
{
	const race_fn fns[] = { attach_first, close_one };
	uint64_t deadline = chance_deadline(STORM_MS);

	do {
		begin();
		tls_sockets_open(&sockets[0]);
		race(&chance, fns, ARRAY_SIZE(fns), NULL, APART);
		is_one_of(attached[0], SEC_E_OK, SEC_E_INVALID_PARAMETER);
		if (attached[0] == SEC_E_OK)
			check_expired();
		else
			check_context();
		close(ours ? sockets[0].client : sockets[0].service);
		tls_link_close(&s);
	} while (more(deadline, attached[0] == SEC_E_OK));
}

static void attach_against_close(void)
{
	attach_and_close(close_socket, true);
}

static void attach_against_peer(void)
{
	attach_and_close(close_client, false);
}

static void attach_against_delete(void)
{
	static const race_fn fns[] = { attach_first, delete };
	uint64_t deadline = chance_deadline(STORM_MS);

	do {
		begin();
		tls_sockets_open(&sockets[0]);
		race(&chance, fns, ARRAY_SIZE(fns), NULL, APART);
		is_one_of(attached[0], SEC_E_OK, SEC_E_INVALID_HANDLE);
		if (attached[0] == SEC_E_OK)
			check_socket(&sockets[0]);
		else
			check_untouched(&sockets[0]);
		tls_sockets_close(&sockets[0]);
		tls_link_close(&s);
	} while (more(deadline, attached[0] == SEC_E_OK));
}

static void attach_against_attach(void)
{
	static const race_fn fns[] = { attach_first, attach_second };
	uint64_t deadline = chance_deadline(STORM_MS);
	unsigned int i, won;

	do {
		begin();
		for (i = 0; i < 2; i++)
			tls_sockets_open(&sockets[i]);
		race(&chance, fns, ARRAY_SIZE(fns), NULL, APART);
		won = attached[0] != SEC_E_OK;
		CHECK_STATUS(attached[won], SEC_E_OK);
		CHECK_STATUS(attached[!won], SEC_E_CONTEXT_EXPIRED);
		check_socket(&sockets[won]);
		check_untouched(&sockets[!won]);
		for (i = 0; i < 2; i++)
			tls_sockets_close(&sockets[i]);
		tls_link_close(&s);
	} while (more(deadline, !won));
}

static void attach_against_messages(void)
{
	static const race_fn fns[] = { attach_first, encrypt, decrypt };
	uint64_t deadline = chance_deadline(STORM_MS);

	do {
		begin();
		tls_sockets_open(&sockets[0]);
		race(&chance, fns, ARRAY_SIZE(fns), NULL, APART);
		CHECK_STATUS(attached[0], SEC_E_OK);
		is_one_of(sealed, SEC_E_OK, SEC_E_CONTEXT_EXPIRED);
		is_one_of(opened, SEC_E_OK, SEC_E_CONTEXT_EXPIRED);
		check_sealed();
		check_opened();
		check_socket(&sockets[0]);
		tls_sockets_close(&sockets[0]);
		tls_link_close(&s);
	} while (more(deadline, sealed != SEC_E_OK));
}

static void messages_against_delete(void)
{
	static const race_fn fns[] = { encrypt, decrypt, query, delete };
	uint64_t deadline = chance_deadline(STORM_MS);

	do {
		begin();
		race(&chance, fns, ARRAY_SIZE(fns), NULL, APART);
		is_one_of(sealed, SEC_E_OK, SEC_E_INVALID_HANDLE);
		is_one_of(opened, SEC_E_OK, SEC_E_INVALID_HANDLE);
		check_sealed();
		check_opened();
		tls_link_close(&s);
	} while (more(deadline, sealed == SEC_E_OK));
}

/* The last descriptor goes while calls on it are on their way. */
static void all_against_close(void)
{
	static const race_fn fns[] = { attach_first, encrypt, decrypt, close_device };
	uint64_t deadline = chance_deadline(STORM_MS);
	struct family_status before = status_now();

	do {
		begin();
		tls_sockets_open(&sockets[0]);
		race(&chance, fns, ARRAY_SIZE(fns), NULL, APART);
		is_one_of(attached[0], SEC_E_OK, 1);
		if (sealed != SEC_E_CONTEXT_EXPIRED)
			is_one_of(sealed, SEC_E_OK, 1);
		if (opened != SEC_E_CONTEXT_EXPIRED)
			is_one_of(opened, SEC_E_OK, 1);
		check_sealed();
		check_opened();
		if (attached[0] == SEC_E_OK)
			check_socket(&sockets[0]);
		else
			check_untouched(&sockets[0]);
		tls_sockets_close(&sockets[0]);
	} while (more(deadline, attached[0] == SEC_E_OK));
	check_gauges(&before);
}

static const struct suite_test tests[] = {
	{ "a socket gets the keys, and is closed", attach_against_close, 0 },
	{ "a socket gets the keys, and its peer closes", attach_against_peer, 0 },
	{ "a socket gets the keys, and the context is deleted", attach_against_delete, 0 },
	{ "two sockets want the keys", attach_against_attach, 0 },
	{ "a socket gets the keys, while there are messages", attach_against_messages, 0 },
	{ "messages, and the context is deleted", messages_against_delete, 0 },
	{ "all of it, and the device is closed", all_against_close, 0 },
};

int main(void)
{
	int ret;

	chance_init(&chance, 0);
	fill(plain, sizeof(plain), 5);
	tls_link_start();
	tls_loopback_up();
	ret = suite_run(tests, ARRAY_SIZE(tests));
	tls_link_stop();
	return ret;
}
