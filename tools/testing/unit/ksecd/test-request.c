// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Reading request files and taking requests apart: whatever the lengths say.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "helper/request.h"
#include "tools/testing/tap/tap.h"

/* state "SS", token "TTT", bindings "B", principal "PPPP", params "LL" */
static const struct ksecdd_request head = {
	.size = sizeof(head),
	.op = KSECDD_REQUEST_ACCEPT,
	.package = KSECDD_PACKAGE_NTLM,
	.leg = 1,
	.req_flags = ASC_REQ_CONFIDENTIALITY,
	.target_drep = SECURITY_NATIVE_DREP,
	.context = 77,
	.state_len = 2,
	.token_len = 3,
	.bindings_len = 1,
	.principal_len = 4,
	.comm = "service",
	.params_len = 2,
	.flags = KSECDD_REQUEST_OUTER,
};
static const char sections[] = "SSTTTBPPPPLL";

/* A copy of exactly @len bytes, so that ASan sees who reads beyond. */
static int parse(const void *data, size_t len, struct request *req)
{
	uint8_t *copy = malloc(len ? len : 1);
	int ret;

	if (!copy)
		tap_bail("out of memory");
	memcpy(copy, data, len);
	ret = request_parse(copy, len, req);
	free(copy);
	return ret;
}

static size_t make(uint8_t *buf, const struct ksecdd_request *h)
{
	memcpy(buf, h, sizeof(*h));
	memcpy(buf + sizeof(*h), sections, sizeof(sections) - 1);
	return sizeof(*h) + sizeof(sections) - 1;
}

static void test_good(void)
{
	struct ksecdd_request longer = head;
	uint8_t buf[512];
	struct request req;
	size_t len;

	len = make(buf, &head);
	tap_is(request_parse(buf, len, &req), 0, "a request");
	tap_ok(req.step.leg == 1 && req.step.req_flags == ASC_REQ_CONFIDENTIALITY &&
	       req.step.target_drep == SECURITY_NATIVE_DREP && req.head.context == 77,
	       "what its head says");
	tap_ok(req.step.state_len == 2 && !memcmp(req.step.state, "SS", 2) &&
	       req.step.token_len == 3 && !memcmp(req.step.token, "TTT", 3) &&
	       req.step.bindings_len == 1 && !memcmp(req.step.bindings, "B", 1) &&
	       req.step.principal_len == 4 && !memcmp(req.step.principal, "PPPP", 4) &&
	       req.step.params_len == 2 && !memcmp(req.step.params, "LL", 2) &&
	       req.step.outer,
	       "its sections");

	/* A later module may have a longer head. */
	longer.size += 8;
	memcpy(buf, &longer, sizeof(longer));
	memset(buf + sizeof(longer), 0xee, 8);
	memcpy(buf + sizeof(longer) + 8, sections, sizeof(sections) - 1);
	tap_ok(!request_parse(buf, len + 8, &req) && !memcmp(req.step.token, "TTT", 3),
	       "behind a longer head");

	longer = head;
	longer.leg = 0;
	longer.state_len = 0;
	longer.token_len = 0;
	longer.bindings_len = 0;
	longer.principal_len = 0;
	longer.params_len = 0;
	longer.flags = 0;
	tap_ok(!parse(&longer, sizeof(longer), &req) && !req.step.bindings &&
	       !req.step.params && !req.step.outer,
	       "without any section, and without bindings and params");
}

static void test_truncated(void)
{
	uint8_t buf[512];
	struct request req;
	bool refused = true;
	size_t len, i;

	len = make(buf, &head);
	for (i = 0; i < len; i++)
		refused &= parse(buf, i, &req) == -EPROTO;
	tap_ok(refused, "all %zu truncations are refused", len);
	buf[len] = 0;
	tap_is(parse(buf, len + 1, &req), -EPROTO, "a byte too many");
}

/* Each length at each of the values at which arithmetic goes wrong. */
static void test_lengths(void)
{
	static const uint32_t values[] = {
		0, 1, 5, 0x7f, 0x1000, 0x1001, 0xffff, 0x10000, 0x10001, 0x7fffffff, 0x80000000,
		0xfffffff0, 0xfffffff6, 0xffffffff,
	};
	static const size_t offsets[] = {
		offsetof(struct ksecdd_request, size),
		offsetof(struct ksecdd_request, state_len),
		offsetof(struct ksecdd_request, token_len),
		offsetof(struct ksecdd_request, bindings_len),
		offsetof(struct ksecdd_request, principal_len),
		offsetof(struct ksecdd_request, params_len),
	};
	uint8_t buf[512], changed[512];
	struct request req;
	size_t len, i, j, k;
	bool refused = true;

	len = make(buf, &head);
	for (i = 0; i < sizeof(offsets) / sizeof(offsets[0]); i++) {
		for (j = 0; j < sizeof(values) / sizeof(values[0]); j++) {
			memcpy(changed, buf, len);
			memcpy(changed + offsets[i], &values[j], 4);
			if (!memcmp(changed, buf, len))
				continue;
			refused &= parse(changed, len, &req) == -EPROTO;
			/* A second one that makes up for it modulo 2^32. */
			for (k = 1; k < sizeof(offsets) / sizeof(offsets[0]); k++) {
				uint32_t first, second;

				if (k == i || !i)
					continue;
				memcpy(&first, buf + offsets[i], 4);
				memcpy(&second, buf + offsets[k], 4);
				second += first - values[j];
				memcpy(changed, buf, len);
				memcpy(changed + offsets[i], &values[j], 4);
				memcpy(changed + offsets[k], &second, 4);
				if (second <= sizeof(sections) && values[j] <= sizeof(sections))
					continue;
				refused &= parse(changed, len, &req) == -EPROTO;
			}
		}
	}
	tap_ok(refused, "lengths that do not fit, also those that wrap together");
}

static void test_rules(void)
{
	struct ksecdd_request changed = head;
	uint8_t buf[512];
	struct request req;

	changed.leg = 0;
	tap_is(parse(buf, make(buf, &changed), &req), -EPROTO, "a first leg has no state");
	changed = head;
	memset(changed.comm, 'x', sizeof(changed.comm));
	tap_is(parse(buf, make(buf, &changed), &req), -EPROTO, "a name without its end");
}

static void test_random(void)
{
	uint8_t buf[512];
	struct request req;
	size_t len, i, n;
	int good = 0;

	srandom(1);
	for (i = 0; i < 20000; i++) {
		len = make(buf, &head);
		for (n = (size_t)random() % 4 + 1; n; n--)
			buf[(size_t)random() % sizeof(head)] = (uint8_t)random();
		good += !parse(buf, len, &req);
	}
	tap_ok(good, "20000 corrupted requests, of which %d made sense", good);
}

static int file_of(size_t len)
{
	char name[] = "/tmp/ksecd-test-request.XXXXXX";
	int fd = mkstemp(name);
	char byte = 'x';

	if (fd < 0)
		tap_bail("cannot make a file in /tmp");
	unlink(name);
	if (len && (ftruncate(fd, (off_t)len) || pwrite(fd, &byte, 1, (off_t)len - 1) != 1))
		tap_bail("cannot write to a file in /tmp");
	return fd;
}

static void test_read(void)
{
	uint8_t *buf = malloc(100);
	int fds[2], fd;

	fd = file_of(0);
	tap_is(request_read(fd, buf, 100), 0, "an empty file");
	close(fd);
	fd = file_of(100);
	tap_is(request_read(fd, buf, 100), 100, "a file that just fits");
	tap_is(buf[99], 'x', "to its end");
	close(fd);
	fd = file_of(101);
	tap_is(request_read(fd, buf, 100), -EMSGSIZE, "a file that does not");
	tap_is(buf[99], 0, "is not left lying about");
	close(fd);
	fd = open("/tmp", O_RDONLY | O_CLOEXEC);
	tap_is(request_read(fd, buf, 100), -EISDIR, "an error of read()");
	close(fd);
	/* In pieces, as a pipe gives them. */
	if (pipe(fds) || write(fds[1], "abc", 3) != 3)
		tap_bail("cannot make a pipe");
	close(fds[1]);
	tap_is(request_read(fds[0], buf, 100), 3, "a pipe");
	close(fds[0]);
	free(buf);
}

static void test_answers(void)
{
	static const struct ksecdd_complete verdict = { .status = SEC_E_LOGON_DENIED };
	uint8_t key[16] = { 0 };
	int fd = file_of(0);

	tap_is(request_complete(fd, &verdict), -ENOTTY, "a file that takes no answer");
	tap_is(request_set_keys(fd, KSECDD_PACKAGE_NTLM, 0, key, sizeof(key)), -ENOTTY,
	       "and no keys");
	close(fd);
	tap_is(request_complete(fd, &verdict), -EBADF, "no file");
}

int main(void)
{
	test_good();
	test_truncated();
	test_lengths();
	test_rules();
	test_random();
	test_read();
	test_answers();
	return tap_done();
}
