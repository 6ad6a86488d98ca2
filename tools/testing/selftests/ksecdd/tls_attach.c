// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A context's keys go to a socket (KSECDD_IOC_ATTACH), and the kernel's own TLS goes on with
 * the session.  At the other end of a loopback connection is kTLS too, set up with
 * setsockopt(), or OpenSSL's cryptography.
 */
#include <errno.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <unistd.h>

#include <linux/tls.h>

#include "session.h"
#include "suite.h"
#include "tls_link.h"
#include "tls_socket.h"

#ifndef SOL_TLS
#define SOL_TLS	282
#endif

#define BULK	(256 * 1024)

static uint8_t plain[BULK], back[BULK], record[TLS_MAX_RECORD];

/* TLS_CIPHER_* of kTLS and the lengths of what its struct has; KSECDD_TLS_* is the index */
static const struct {
	uint16_t type;
	size_t iv_len;
} ktls[] = {
	[KSECDD_TLS_AES_128_GCM] = { TLS_CIPHER_AES_GCM_128, 8 },
	[KSECDD_TLS_AES_256_GCM] = { TLS_CIPHER_AES_GCM_256, 8 },
	[KSECDD_TLS_AES_128_CCM] = { TLS_CIPHER_AES_CCM_128, 8 },
	[KSECDD_TLS_AES_256_CCM] = { 0, 0 },
	[KSECDD_TLS_CHACHA20_POLY1305] = { TLS_CIPHER_CHACHA20_POLY1305, 12 },
};

/* The client's direction in kTLS, as any program would install it */
static void client_install(const struct tls_peer *peer, const struct tls_peer_way *way, int fd,
			   int option)
{
	size_t key_len = tls_key_len(peer->cipher), iv_len = ktls[peer->cipher].iv_len;
	uint8_t info[64] = { 0 }, seq[8], *p = info + sizeof(struct tls_crypto_info);
	const struct tls_crypto_info head = {
		.version = peer->version, .cipher_type = ktls[peer->cipher].type,
	};
	unsigned int i;

	for (i = 0; i < 8; i++)
		seq[i] = (uint8_t)(way->seq >> (56 - 8 * i));
	memcpy(info, &head, sizeof(head));
	if (iv_len == 12)
		memcpy(p, way->iv, 12);
	else
		memcpy(p, peer->version == KSECDD_TLS_1_3 ? way->iv + 4 : seq, 8);
	p += iv_len;
	memcpy(p, way->key, key_len);
	p += key_len;
	memcpy(p, way->iv, 12 - iv_len);
	p += 12 - iv_len;
	memcpy(p, seq, 8);
	p += 8;
	REQUIRE_SYS(setsockopt(fd, SOL_TLS, option, info, (socklen_t)(p - info)));
}

static void client_ktls(const struct tls_peer *peer, int fd)
{
	REQUIRE_SYS(setsockopt(fd, IPPROTO_TCP, TCP_ULP, "tls", 3));
	client_install(peer, &peer->send, fd, TLS_TX);
	client_install(peer, &peer->receive, fd, TLS_RX);
}

/* A counter of /proc/net/tls_stat */
static unsigned long tls_stat(const char *name)
{
	FILE *f = fopen("/proc/net/tls_stat", "re");
	unsigned long value = 0, found = 0;
	char line[80];

	REQUIRE(f);
	while (fscanf(f, "%79s %lu", line, &value) == 2)
		if (!strcmp(line, name))
			found = value;
	fclose(f);
	return found;
}

/* Bytes each way between the two sockets */
static void sockets_work(struct tls_sockets *p)
{
	tls_write(p->client, plain, 20000);
	tls_read(p->service, back, 20000);
	CHECK_MEM(back, plain, 20000);
	memset(back, 0, 20000);
	tls_write(p->service, plain + 1, 20000);
	tls_read(p->client, back, 20000);
	CHECK_MEM(back, plain + 1, 20000);
}

static void attach_one(unsigned int version, unsigned int cipher)
{
	unsigned long tx, rx;
	struct tls_link s;
	struct tls_sockets p;
	size_t len;

	tls_link_open(&s, version, cipher);
	/* So that the numbers are not those of the beginning */
	CHECK(tls_link_works(&s));
	CHECK(tls_link_works(&s));
	tls_sockets_open(&p);
	if (!ktls[cipher].type) {
		CHECK_STATUS(tls_attach(&s, p.service), SEC_E_ALGORITHM_MISMATCH);
		CHECK(tls_link_works(&s));
	} else {
		client_ktls(&s.peer, p.client);
		tx = tls_stat("TlsTxSw");
		rx = tls_stat("TlsRxSw");
		REQUIRE_STATUS(tls_attach(&s, p.service), SEC_E_OK);
		CHECK_EQ(tls_stat("TlsTxSw"), tx + 1);
		CHECK_EQ(tls_stat("TlsRxSw"), rx + 1);
		sockets_work(&p);
		CHECK_EQ(tls_stat("TlsDecryptError"), 0);
		/* The context has nothing to do with it any more. */
		CHECK_STATUS(tls_link_encrypt(&s, plain, 10, record, &len),
			     SEC_E_CONTEXT_EXPIRED);
		CHECK_STATUS(tls_attach(&s, p.service), SEC_E_CONTEXT_EXPIRED);
		CHECK_EQ(device_destroy(s.dev, s.call.context, KSECDD_OBJECT_CONTEXT), SEC_E_OK);
		sockets_work(&p);
	}
	tls_sockets_close(&p);
	tls_link_close(&s);
}

static void all_ciphers(void)
{
	unsigned int version, cipher;

	for (version = KSECDD_TLS_1_2; version <= KSECDD_TLS_1_3; version++) {
		for (cipher = 1; cipher <= KSECDD_TLS_CHACHA20_POLY1305; cipher++) {
			attach_one(version, cipher);
			if (suite_failed()) {
				suite_note("version %x, cipher %u", version, cipher);
				return;
			}
		}
	}
}

/* On the wire are records, which OpenSSL opens with the keys of the client. */
static void wire(void)
{
	uint8_t type = 0, *p = back;
	struct tls_link s;
	struct tls_sockets sockets;
	size_t len, have = 0, n;

	tls_link_open(&s, KSECDD_TLS_1_3, KSECDD_TLS_AES_256_GCM);
	tls_sockets_open(&sockets);
	REQUIRE_STATUS(tls_attach(&s, sockets.service), SEC_E_OK);
	tls_write(sockets.service, plain, 40000);
	shutdown(sockets.service, SHUT_WR);
	while ((n = (size_t)REQUIRE_SYS(read(sockets.client, back + have, BULK - have))))
		have += n;
	CHECK(have > 40000);
	for (len = 0; have; len += n) {
		size_t size = TLS_HEAD + (size_t)(p[3] << 8 | p[4]);

		REQUIRE(size <= have);
		REQUIRE(tls_peer_open(&s.peer, p, size, &type, record, &n));
		CHECK_EQ(type, TLS_DATA);
		REQUIRE(len + n <= 40000);
		CHECK_MEM(record, plain + len, n);
		p += size;
		have -= size;
	}
	CHECK_EQ(len, 40000);
	/* And what the client sends arrives as it is. */
	n = tls_peer_seal(&s.peer, TLS_DATA, plain, 1000, record);
	tls_write(sockets.client, record, n);
	tls_read(sockets.service, back, 1000);
	CHECK_MEM(back, plain, 1000);
	tls_sockets_close(&sockets);
	tls_link_close(&s);
}

static void send_a_file(void)
{
	FILE *file = tmpfile();
	struct tls_link s;
	struct tls_sockets p;
	off_t at = 0;
	size_t half;

	REQUIRE(file);
	REQUIRE_EQ(fwrite(plain, 1, BULK, file), BULK);
	REQUIRE_EQ(fflush(file), 0);
	tls_link_open(&s, KSECDD_TLS_1_3, KSECDD_TLS_AES_128_GCM);
	tls_sockets_open(&p);
	client_ktls(&s.peer, p.client);
	REQUIRE_STATUS(tls_attach(&s, p.service), SEC_E_OK);
	/* In pieces that fit the buffers of a connection that nobody reads meanwhile */
	for (half = 0; half < BULK; half += 32768) {
		REQUIRE_EQ(sendfile(p.service, fileno(file), &at, 32768), 32768);
		tls_read(p.client, back + half, 32768);
	}
	CHECK_MEM(back, plain, BULK);
	fclose(file);
	tls_sockets_close(&p);
	tls_link_close(&s);
}

/* Bytes that were read and not decrypted would be missing. */
static void unread_extra(void)
{
	struct ksecdd_buffer bufs[TLS_OPEN_BUFFERS];
	struct tls_link s;
	struct tls_sockets p;
	size_t first, len;

	tls_link_open(&s, KSECDD_TLS_1_3, KSECDD_TLS_AES_128_GCM);
	tls_sockets_open(&p);
	first = tls_peer_seal(&s.peer, TLS_DATA, plain, 10, record);
	len = first + tls_peer_seal(&s.peer, TLS_DATA, plain, 20, record + first);
	CHECK_STATUS(tls_link_decrypt(&s, record, 3, bufs), SEC_E_INCOMPLETE_MESSAGE);
	CHECK_STATUS(tls_attach(&s, p.service), SEC_E_INCOMPLETE_MESSAGE);
	CHECK_STATUS(tls_link_decrypt(&s, record, len, bufs), SEC_E_OK);
	CHECK_STATUS(tls_attach(&s, p.service), SEC_E_INCOMPLETE_MESSAGE);
	CHECK_STATUS(tls_link_decrypt(&s, record + first, len - first, bufs), SEC_E_OK);
	client_ktls(&s.peer, p.client);
	REQUIRE_STATUS(tls_attach(&s, p.service), SEC_E_OK);
	sockets_work(&p);
	tls_sockets_close(&p);
	tls_link_close(&s);
}

/* What is no socket for it, each leaves the context as it is. */
static void other_sockets(void)
{
	struct tls_link s;
	int fds[2], fd;
	struct tls_sockets p;

	tls_link_open(&s, KSECDD_TLS_1_2, KSECDD_TLS_AES_256_GCM);
	CHECK_STATUS(tls_attach(&s, -1), SEC_E_INVALID_PARAMETER);
	CHECK_STATUS(tls_attach(&s, s.dev), SEC_E_INVALID_PARAMETER);
	REQUIRE_SYS(socketpair(AF_UNIX, SOCK_STREAM, 0, fds));
	CHECK_STATUS(tls_attach(&s, fds[0]), SEC_E_INVALID_PARAMETER);
	close(fds[0]);
	close(fds[1]);
	fd = (int)REQUIRE_SYS(socket(AF_INET, SOCK_DGRAM, 0));
	CHECK_STATUS(tls_attach(&s, fd), SEC_E_INVALID_PARAMETER);
	close(fd);
	/* One that is not connected */
	fd = (int)REQUIRE_SYS(socket(AF_INET, SOCK_STREAM, 0));
	CHECK_STATUS(tls_attach(&s, fd), SEC_E_INVALID_PARAMETER);
	close(fd);

	/* One that has keys already; one that has the ULP only will do. */
	tls_sockets_open(&p);
	client_ktls(&s.peer, p.client);
	CHECK_STATUS(tls_attach(&s, p.client), SEC_E_NOT_OWNER);
	REQUIRE_SYS(setsockopt(p.service, IPPROTO_TCP, TCP_ULP, "tls", 3));
	CHECK(tls_link_works(&s));
	tls_sockets_close(&p);
	tls_sockets_open(&p);
	client_ktls(&s.peer, p.client);
	REQUIRE_SYS(setsockopt(p.service, IPPROTO_TCP, TCP_ULP, "tls", 3));
	CHECK_STATUS(tls_attach(&s, p.service), SEC_E_OK);
	sockets_work(&p);
	tls_sockets_close(&p);
	tls_link_close(&s);
}

/* Contexts from which there is nothing to be had */
static void other_contexts(void)
{
	static const uint8_t close_notify[] = { 1, 0 }, wanted[] = { 24, 0, 0, 1, 1 };
	struct ksecdd_attach arg = { .size = sizeof(arg) };
	struct ksecdd_buffer bufs[TLS_OPEN_BUFFERS];
	struct session ntlm;
	struct tls_link s;
	struct tls_sockets p;
	size_t len;

	tls_sockets_open(&p);
	session_open(&ntlm, TEST_SEAL_FLAGS);
	arg.fd = p.service;
	REQUIRE_EQ(device_ioctl(ntlm.dev, KSECDD_IOC_ATTACH, &arg), 0);
	CHECK_STATUS(arg.status, SEC_E_INVALID_HANDLE);
	arg.context = ntlm.call.context;
	REQUIRE_EQ(device_ioctl(ntlm.dev, KSECDD_IOC_ATTACH, &arg), 0);
	CHECK_STATUS(arg.status, SEC_E_UNSUPPORTED_FUNCTION);
	arg.flags = 1;
	CHECK_EQ(device_ioctl(ntlm.dev, KSECDD_IOC_ATTACH, &arg), -EINVAL);
	session_close(&ntlm);

	tls_link_open(&s, KSECDD_TLS_1_3, KSECDD_TLS_AES_128_GCM);
	len = tls_peer_seal(&s.peer, TLS_HANDSHAKE, wanted, sizeof(wanted), record);
	CHECK_STATUS(tls_link_decrypt(&s, record, len, bufs), SEC_I_RENEGOTIATE);
	CHECK_STATUS(tls_attach(&s, p.service), SEC_E_OUT_OF_SEQUENCE);
	tls_link_close(&s);
	tls_link_open(&s, KSECDD_TLS_1_3, KSECDD_TLS_AES_128_GCM);
	len = tls_peer_seal(&s.peer, TLS_ALERT, close_notify, sizeof(close_notify), record);
	CHECK_STATUS(tls_link_decrypt(&s, record, len, bufs), SEC_I_CONTEXT_EXPIRED);
	CHECK_STATUS(tls_attach(&s, p.service), SEC_E_CONTEXT_EXPIRED);
	tls_link_close(&s);
	tls_sockets_close(&p);
}

/* After that the session is the kernel's: what it makes of alerts and KeyUpdates. */
static void records_afterwards(void)
{
	static const uint8_t close_notify[] = { 1, 0 };
	char control[CMSG_SPACE(1)];
	struct cmsghdr *head;
	uint8_t type[2];
	struct iovec iov = { .iov_base = type, .iov_len = sizeof(type) };
	struct msghdr msg = {
		.msg_iov = &iov, .msg_iovlen = 1, .msg_control = control,
		.msg_controllen = sizeof(control),
	};
	struct tls_link s;
	struct tls_sockets p;
	size_t len;

	tls_link_open(&s, KSECDD_TLS_1_3, KSECDD_TLS_AES_128_GCM);
	tls_sockets_open(&p);
	REQUIRE_STATUS(tls_attach(&s, p.service), SEC_E_OK);
	len = tls_peer_seal(&s.peer, TLS_ALERT, close_notify, sizeof(close_notify), record);
	tls_write(p.client, record, len);
	/* read() does not see what is no data, recvmsg() gives its type. */
	CHECK_EQ(read(p.service, back, 10), -1);
	CHECK_EQ(errno, EIO);
	REQUIRE_EQ(recvmsg(p.service, &msg, 0), 2);
	head = CMSG_FIRSTHDR(&msg);
	REQUIRE(head);
	CHECK_EQ(head->cmsg_type, TLS_GET_RECORD_TYPE);
	CHECK_EQ(*CMSG_DATA(head), TLS_ALERT);
	CHECK_MEM(type, close_notify, 2);
	tls_sockets_close(&p);
	tls_link_close(&s);
}

static const struct suite_test tests[] = {
	{ "all ciphers, both versions", all_ciphers, 0 },
	{ "records on the wire", wire, 0 },
	{ "sendfile", send_a_file, 0 },
	{ "bytes that were not decrypted", unread_extra, 0 },
	{ "what is no socket for it", other_sockets, 0 },
	{ "what is no context for it", other_contexts, 0 },
	{ "an alert afterwards", records_afterwards, 0 },
};

int main(void)
{
	int ret;

	fill(plain, sizeof(plain), 9);
	tls_link_start();
	tls_loopback_up();
	ret = suite_run(tests, ARRAY_SIZE(tests));
	tls_link_stop();
	return ret;
}
