// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Lengths of messages, and memory that is not there or takes its time.
 */
#include <fcntl.h>
#include <linux/userfaultfd.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "mem.h"
#include "session.h"
#include "suite.h"

#define DATA		SECBUFFER_DATA
#define TOKEN		SECBUFFER_TOKEN
#define SIGN		KSECDD_MESSAGE_SIGN
#define VERIFY		KSECDD_MESSAGE_VERIFY
#define ENCRYPT		KSECDD_MESSAGE_ENCRYPT
#define DECRYPT		KSECDD_MESSAGE_DECRYPT
#define PAGE		4096
#define MIB		1048576u

static struct testhelper th;

static void check_length(struct session *s, uint8_t *data, const uint8_t *plain, size_t len)
{
	uint8_t token[16];

	memcpy(data, plain, len);
	REQUIRE_STATUS(session_encrypt(s, data, len, token), SEC_E_OK);
	REQUIRE(client_decrypt(s, data, len, token));
	CHECK_MEM(data, plain, len);
	client_encrypt(s, data, len, token);
	REQUIRE_STATUS(session_decrypt(s, data, len, token), SEC_E_OK);
	CHECK_MEM(data, plain, len);
}

static void lengths(void)
{
	static const size_t big[] = {
		4095, 4096, 4097, 65535, 65536, 65537, 100000, 524288, MIB - 16,
	};
	static uint8_t data[MIB], plain[MIB];
	struct session s;
	size_t i;

	fill(plain, MIB, 5);
	session_open(&s, TEST_SEAL_FLAGS);
	for (i = 0; i <= 530; i++)
		check_length(&s, data, plain, i);
	for (i = 0; i < ARRAY_SIZE(big); i++)
		check_length(&s, data, plain, big[i]);
	session_close(&s);
}

static void too_long(void)
{
	static uint8_t data[MIB];
	uint8_t token[16];
	struct ksecdd_buffer bufs[18];
	struct session s;
	uint32_t op;
	size_t i;

	session_open(&s, TEST_SEAL_FLAGS);
	for (op = SIGN; op <= DECRYPT; op++) {
		bufs[0] = buffer(DATA, data, MIB - 15);
		bufs[1] = buffer(TOKEN, token, 16);
		CHECK_STATUS(message_status(&s.call, op, bufs, 2), SEC_E_INSUFFICIENT_MEMORY);
		bufs[0].len = UINT32_MAX;
		CHECK_STATUS(message_status(&s.call, op, bufs, 2), SEC_E_INSUFFICIENT_MEMORY);
		/* together 2^32 */
		bufs[0].len = 0xfffffff0;
		CHECK_STATUS(message_status(&s.call, op, bufs, 2), SEC_E_INSUFFICIENT_MEMORY);
		bufs[0].len = 16;
		bufs[1].len = UINT32_MAX;
		CHECK_STATUS(message_status(&s.call, op, bufs, 2), SEC_E_INSUFFICIENT_MEMORY);
		/* together 2^32 + 2^28 + 16 */
		for (i = 0; i < 17; i++)
			bufs[i] = buffer(DATA, data, 0x10000000);
		bufs[17] = buffer(TOKEN, token, 16);
		CHECK_STATUS(message_status(&s.call, op, bufs, 18), SEC_E_INSUFFICIENT_MEMORY);
	}
	bufs[0] = buffer(SECBUFFER_STREAM, data, UINT32_MAX);
	bufs[1] = buffer(DATA, NULL, 0);
	CHECK_STATUS(message_status(&s.call, DECRYPT, bufs, 2), SEC_E_INSUFFICIENT_MEMORY);
	CHECK(session_works(&s));
	session_close(&s);
}

/* Memory that cannot be read: nothing has happened. */
static void unreadable(void)
{
	uint8_t data[32] = {}, token[16] = { 1 };
	struct ksecdd_buffer bufs[2];
	struct ksecdd_message msg = {};
	struct session s;
	unsigned int i;
	uint32_t op;

	session_open(&s, TEST_SEAL_FLAGS);
	for (op = SIGN; op <= DECRYPT; op++) {
		bufs[0] = buffer(DATA, data, sizeof(data));
		bufs[1] = buffer(TOKEN, token, sizeof(token));
		CHECK_EQ(message_call(&s.call, op, mem_across_edge(bufs, sizeof(bufs), 1), 2,
				      &msg), -EFAULT);
		for (i = 0; i < MEM_BAD_POINTERS; i++) {
			CHECK_EQ(message_call(&s.call, op, (void *)mem_bad(i), 2, &msg), -EFAULT);
			bufs[0].ptr = mem_bad(i);
			CHECK_EQ(message_call(&s.call, op, bufs, 2, &msg), -EFAULT);
		}
		bufs[0].ptr = (uintptr_t)mem_across_edge(data, sizeof(data), 1);
		CHECK_EQ(message_call(&s.call, op, bufs, 2, &msg), -EFAULT);
		if (op == SIGN || op == ENCRYPT)
			continue;
		bufs[0].ptr = (uintptr_t)data;
		for (i = 0; i < MEM_BAD_POINTERS; i++) {
			bufs[1].ptr = mem_bad(i);
			CHECK_EQ(message_call(&s.call, op, bufs, 2, &msg), -EFAULT);
		}
		bufs[1].ptr = (uintptr_t)mem_across_edge(token, sizeof(token), 1);
		CHECK_EQ(message_call(&s.call, op, bufs, 2, &msg), -EFAULT);
	}
	bufs[0] = buffer(SECBUFFER_STREAM, mem_across_edge(data, sizeof(data), 1), sizeof(data));
	bufs[1] = buffer(DATA, NULL, 0);
	CHECK_EQ(message_call(&s.call, DECRYPT, bufs, 2, &msg), -EFAULT);
	CHECK_EQ(device_ioctl(s.dev, KSECDD_IOC_MESSAGE, NULL), -EFAULT);

	/* no data needs no memory */
	bufs[0] = buffer(DATA, (void *)mem_bad(1), 0);
	bufs[1] = buffer(TOKEN, token, sizeof(token));
	CHECK_EQ(message_call(&s.call, SIGN, bufs, 2, &msg), 0);
	CHECK_STATUS(msg.status, SEC_E_OK);
	CHECK(client_decrypt(&s, NULL, 0, token));
	CHECK(session_works(&s));
	session_close(&s);
}

/* The client has to take a message that was lost into account. */
static void client_skips(struct session *s, size_t len)
{
	uint8_t lost[64] = {}, signature[16] = {};

	CHECK(!client_decrypt(s, lost, len, signature));
}

/* Memory that cannot be written: the message was made or accepted, and counts. */
static void unwritable(void)
{
	uint8_t data[64], copy[64], token[16], sealed[64];
	struct ksecdd_buffer bufs[2], *ro_bufs;
	struct ksecdd_message msg = {};
	struct session s;

	session_open(&s, TEST_SEAL_FLAGS);
	fill(data, sizeof(data), 1);

	/* the data */
	bufs[0] = buffer(DATA, mem_readonly(data, sizeof(data)), sizeof(data));
	bufs[1] = buffer(TOKEN, token, sizeof(token));
	CHECK_EQ(message_call(&s.call, ENCRYPT, bufs, 2, &msg), -EFAULT);
	CHECK_MEM((void *)(uintptr_t)bufs[0].ptr, data, sizeof(data));
	client_skips(&s, sizeof(data));
	CHECK(session_works(&s));

	/* the token */
	memcpy(copy, data, sizeof(data));
	bufs[0] = buffer(DATA, copy, sizeof(copy));
	bufs[1] = buffer(TOKEN, mem_readonly(token, sizeof(token)), sizeof(token));
	CHECK_EQ(message_call(&s.call, ENCRYPT, bufs, 2, &msg), -EFAULT);
	client_skips(&s, sizeof(data));
	CHECK(session_works(&s));

	/* the token's length */
	bufs[1] = buffer(TOKEN, data, 17);
	ro_bufs = mem_readonly(bufs, sizeof(bufs));
	CHECK_EQ(message_call(&s.call, ENCRYPT, ro_bufs, 2, &msg), -EFAULT);
	client_skips(&s, sizeof(data));
	CHECK(session_works(&s));

	/* plain text */
	fill(data, sizeof(data), 1);
	client_encrypt(&s, data, sizeof(data), token);
	memcpy(sealed, data, sizeof(data));
	bufs[0] = buffer(DATA, mem_readonly(data, sizeof(data)), sizeof(data));
	bufs[1] = buffer(TOKEN, token, sizeof(token));
	CHECK_EQ(message_call(&s.call, DECRYPT, bufs, 2, &msg), -EFAULT);
	CHECK_MEM((void *)(uintptr_t)bufs[0].ptr, sealed, sizeof(sealed));
	CHECK_STATUS(session_decrypt(&s, data, sizeof(data), token), SEC_E_OUT_OF_SEQUENCE);
	CHECK(session_works(&s));

	/* a refused message needs no memory to write to */
	client_encrypt(&s, data, sizeof(data), token);
	token[5] ^= 1;
	bufs[0] = buffer(DATA, mem_readonly(data, sizeof(data)), sizeof(data));
	CHECK_EQ(message_call(&s.call, DECRYPT, bufs, 2, &msg), 0);
	CHECK_STATUS(msg.status, SEC_E_MESSAGE_ALTERED);
	session_close(&s);
}

/**
 * struct stall - memory that is there only when the test says so
 * @fd:   userfaultfd
 * @page: the memory
 */
struct stall {
	int fd;
	uint8_t *page;
};

static void stall_open(struct stall *st)
{
	struct uffdio_api api = { .api = UFFD_API };
	struct uffdio_register reg = { .mode = UFFDIO_REGISTER_MODE_MISSING };

	st->fd = (int)syscall(SYS_userfaultfd, O_CLOEXEC);
	if (st->fd < 0)
		suite_skip("this kernel has no userfaultfd");
	REQUIRE_SYS(ioctl(st->fd, UFFDIO_API, &api));
	st->page = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	REQUIRE(st->page != MAP_FAILED);
	reg.range.start = (uintptr_t)st->page;
	reg.range.len = PAGE;
	REQUIRE_SYS(ioctl(st->fd, UFFDIO_REGISTER, &reg));
}

/* Until somebody touches the page. */
static void stall_wait(struct stall *st)
{
	struct uffd_msg msg;

	REQUIRE_EQ(read(st->fd, &msg, sizeof(msg)), sizeof(msg));
	CHECK_EQ(msg.event, UFFD_EVENT_PAGEFAULT);
}

static void stall_end(struct stall *st, const uint8_t content[PAGE])
{
	struct uffdio_copy copy = {
		.dst = (uintptr_t)st->page, .src = (uintptr_t)content, .len = PAGE,
	};

	REQUIRE_SYS(ioctl(st->fd, UFFDIO_COPY, &copy));
}

static void stall_close(struct stall *st)
{
	munmap(st->page, PAGE);
	close(st->fd);
}

/* A message in a thread of its own */
struct caller {
	struct session *s;
	uint32_t op;
	struct ksecdd_buffer bufs[2];
	int32_t status;
	pthread_t thread;
};

static void *call_thread(void *arg)
{
	struct caller *c = arg;

	c->status = message_status(&c->s->call, c->op, c->bufs, 2);
	return NULL;
}

static void caller_start(struct caller *c)
{
	c->status = 1;
	REQUIRE_EQ(pthread_create(&c->thread, NULL, call_thread, c), 0);
}

/* Somebody waits for his own memory: nobody else has to wait for him. */
static void stalled_reading(void)
{
	uint8_t content[PAGE], token[16];
	struct caller c;
	struct session s;
	struct stall st;
	unsigned int i;

	stall_open(&st);
	session_open(&s, TEST_SEAL_FLAGS);
	c = (struct caller){
		.s = &s, .op = ENCRYPT,
		.bufs = { buffer(DATA, st.page, 100), buffer(TOKEN, token, 16) },
	};
	caller_start(&c);
	stall_wait(&st);
	for (i = 0; i < 10; i++)
		CHECK(session_works(&s));
	CHECK_EQ(c.status, 1);
	fill(content, PAGE, 1);
	stall_end(&st, content);
	pthread_join(c.thread, NULL);
	CHECK_STATUS(c.status, SEC_E_OK);
	CHECK(client_decrypt(&s, st.page, 100, token));
	CHECK_MEM(st.page, content, 100);
	session_close(&s);
	stall_close(&st);
}

static void stalled_writing(void)
{
	uint8_t content[PAGE] = {}, data[100], token[16], second[10] = {}, second_token[16];
	struct caller c;
	struct session s;
	struct stall st;

	stall_open(&st);
	session_open(&s, TEST_SEAL_FLAGS);
	fill(data, sizeof(data), 1);
	c = (struct caller){
		.s = &s, .op = ENCRYPT,
		.bufs = { buffer(DATA, data, sizeof(data)), buffer(TOKEN, st.page, 16) },
	};
	caller_start(&c);
	stall_wait(&st);
	/* the first message is made, its token is on the way; so this is the second */
	CHECK_STATUS(session_encrypt(&s, second, sizeof(second), second_token), SEC_E_OK);
	CHECK_EQ(second_token[12], 1);
	CHECK_EQ(c.status, 1);
	stall_end(&st, content);
	pthread_join(c.thread, NULL);
	CHECK_STATUS(c.status, SEC_E_OK);
	memcpy(token, st.page, sizeof(token));
	CHECK(client_decrypt(&s, data, sizeof(data), token));
	CHECK(client_decrypt(&s, second, sizeof(second), second_token));
	session_close(&s);
	stall_close(&st);
}

/* The context goes away while a message on it waits for its memory. */
static void stalled_and_deleted(void)
{
	uint8_t content[PAGE] = {}, token[16];
	struct caller c;
	struct session s;
	struct stall st;

	stall_open(&st);
	session_open(&s, TEST_SEAL_FLAGS);
	c = (struct caller){
		.s = &s, .op = SIGN,
		.bufs = { buffer(DATA, st.page, 100), buffer(TOKEN, token, 16) },
	};
	caller_start(&c);
	stall_wait(&st);
	CHECK_STATUS(device_destroy(s.dev, s.call.context, KSECDD_OBJECT_CONTEXT), SEC_E_OK);
	CHECK_STATUS(session_encrypt(&s, token, 16, token), SEC_E_INVALID_HANDLE);
	stall_end(&st, content);
	pthread_join(c.thread, NULL);
	CHECK_STATUS(c.status, SEC_E_OK);
	session_close(&s);
	stall_close(&st);
}

static const struct suite_test tests[] = {
	{ .name = "lengths from 0 to 1 MiB", .run = lengths },
	{ .name = "messages that are too long", .run = too_long },
	{ .name = "memory that cannot be read", .run = unreadable },
	{ .name = "memory that cannot be written", .run = unwritable },
	{ .name = "a message that waits for its data holds up nobody", .run = stalled_reading },
	{ .name = "a message that waits to be written holds up nobody", .run = stalled_writing },
	{ .name = "a context deleted under a message", .run = stalled_and_deleted },
};

int main(void)
{
	int ret;

	testhelper_isolate();
	testhelper_start(&th);
	ret = suite_run(tests, ARRAY_SIZE(tests));
	testhelper_stop(&th);
	return ret;
}
