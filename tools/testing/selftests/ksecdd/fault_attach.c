// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * KSECDD_IOC_ATTACH with one fault after the other, in the kernel's own TLS as well.  Whatever
 * fails, either the context goes on and its keys can go to the socket after all, or it is over;
 * never do both have them.
 */
#include "session.h"
#include "suite.h"
#include "sweep.h"
#include "tls_link.h"
#include "tls_socket.h"

static struct tls_link s;
static struct tls_sockets sockets;
static uint8_t plain[100], record[TLS_MAX_RECORD], out[TLS_MAX_RECORD];

static void before(const void *arg)
{
	(void)arg;
	tls_link_open(&s, KSECDD_TLS_1_3, KSECDD_TLS_AES_128_GCM);
	tls_sockets_open(&sockets);
}

static int32_t run(const void *arg)
{
	struct ksecdd_attach attach = {
		.size = sizeof(attach), .status = 1, .context = s.call.context,
		.fd = sockets.service,
	};
	int err = device_ioctl(s.dev, KSECDD_IOC_ATTACH, &attach);

	(void)arg;
	return err ? err : attach.status;
}

/* What the socket sends is of the context's keys. */
static void check_socket(void)
{
	size_t len = tls_header_len(&s.peer) + sizeof(plain) + tls_trailer_len(&s.peer);
	uint8_t type = 0;

	tls_write(sockets.service, plain, sizeof(plain));
	tls_read(sockets.client, record, len);
	CHECK(tls_peer_open(&s.peer, record, len, &type, out, &len));
	CHECK_EQ(len, sizeof(plain));
	CHECK_MEM(out, plain, sizeof(plain));
}

static void after(const void *arg, int32_t outcome, enum fault_kind kind)
{
	int32_t again = outcome == SEC_E_OK ? SEC_E_OK : run(arg);
	size_t len;

	(void)kind;
	/* It was done and could not be told, or went so far that there is no way back. */
	if (again != SEC_E_CONTEXT_EXPIRED && CHECK_STATUS(again, SEC_E_OK))
		check_socket();
	CHECK_STATUS(tls_link_encrypt(&s, plain, sizeof(plain), record, &len),
		     SEC_E_CONTEXT_EXPIRED);
	tls_sockets_close(&sockets);
	tls_link_close(&s);
}

static const struct sweep rows[] = {
	{ .name = "a socket gets the keys", .faults = &sweep_ioctl, .before = before, .run = run,
	  .after = after, .loud = true },
};

int main(int argc, char **argv)
{
	fill(plain, sizeof(plain), 3);
	tls_link_start();
	tls_loopback_up();
	argc = sweep_run(rows, ARRAY_SIZE(rows), argc, argv);
	tls_link_stop();
	return argc;
}
