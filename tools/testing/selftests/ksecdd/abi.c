// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What <linux/ksecdd.h> promises of every ioctl's struct: sizes, reserved
 * members, unknown commands, structs that cannot be read or written.  What
 * faults must not have done anything.
 */
#include <fcntl.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "abi.h"
#include "mem.h"
#include "suite.h"

/* Sizes that are refused, with a struct that would be fine otherwise. */
static void check_sizes(const struct op *op, int fd)
{
	union arg a;

	prepare(op, &a);
	a.size = 0;
	check_errno(op, fd, (uintptr_t)&a, -EINVAL, "size 0");
	a.size = 3;
	check_errno(op, fd, (uintptr_t)&a, -EINVAL, "size 3");
	a.size = op->size - 1;
	check_errno(op, fd, (uintptr_t)&a, -EINVAL, "a byte less than the least");
	a.size = op->size + 1;
	a.bytes[op->size] = 1;
	check_errno(op, fd, (uintptr_t)&a, -E2BIG, "a byte more that is not zero");
	a.bytes[op->size] = 0;
	a.size = op->size + 64;
	a.bytes[op->size + 63] = 0x80;
	check_errno(op, fd, (uintptr_t)&a, -E2BIG, "64 bytes more, the last not zero");
	a.size = ABI_PAGE + 1;
	check_errno(op, fd, (uintptr_t)&a, -E2BIG, "more than a page");
	a.size = UINT32_MAX;
	check_errno(op, fd, (uintptr_t)&a, -E2BIG, "4 GiB");
	a.size = op->size;
	if (op->reserved) {
		a.bytes[op->reserved] = 1;
		check_errno(op, fd, (uintptr_t)&a, -EINVAL, "a reserved member that is not zero");
	}
}

/* Places where the struct cannot be read. */
static void check_unreadable(const struct op *op, int fd)
{
	union arg a;
	unsigned int i;

	prepare(op, &a);
	for (i = 0; i < MEM_BAD_POINTERS; i++)
		check_errno(op, fd, mem_bad(i), -EFAULT, "a bad pointer");
	check_errno(op, fd, (uintptr_t)mem_across_edge(&a, op->size, 1), -EFAULT,
		    "a struct whose last byte is missing");
	check_errno(op, fd, (uintptr_t)mem_across_edge(&a, op->size, op->size - 4), -EFAULT,
		    "a struct that is a size only");
	check_errno(op, fd, (uintptr_t)mem_across_edge(&a, op->size, op->size - 2), -EFAULT,
		    "half a size");
}

static void device_sizes(void)
{
	struct family_status before = status_now();
	size_t i;

	for (i = 0; i < ARRAY_SIZE(device_ops); i++)
		check_sizes(&device_ops[i], fixture.fd);
	check_unchanged(&before);
}

static void device_unreadable(void)
{
	struct family_status before = status_now();
	size_t i;

	for (i = 0; i < ARRAY_SIZE(device_ops); i++)
		check_unreadable(&device_ops[i], fixture.fd);
	check_unchanged(&before);
}

static void free_acquired(const union arg *a, const struct op *op)
{
	if (op->cmd == KSECDD_IOC_ACQUIRE)
		CHECK_STATUS(free_cred(fixture.fd, a->acquire.handle), SEC_E_OK);
}

static void device_succeeds(void)
{
	struct family_status before = status_now();
	const struct op *op;
	union arg a, *edge;
	uint32_t size;

	for (op = device_ops; op < device_ops + ARRAY_SIZE(device_ops); op++) {
		prepare(op, &a);
		check_success(op, fixture.fd, &a);
		free_acquired(&a, op);

		prepare(op, &a);
		edge = mem_at_edge(&a, op->size);
		check_success(op, fixture.fd, edge);
		free_acquired(edge, op);

		for (size = op->size + 1; size <= ABI_PAGE; size += ABI_PAGE - op->size - 1) {
			prepare(op, &a);
			a.size = size;
			check_success(op, fixture.fd, &a);
			CHECK_EQ(a.size, size);
			free_acquired(&a, op);
		}
	}
	check_gauges(&before);
}

/* The function is done, but nobody can be told: it must be as if it was not. */
static void device_readonly(void)
{
	struct family_status before = status_now();
	const struct op *op;
	union arg a;

	for (op = device_ops; op < device_ops + ARRAY_SIZE(device_ops); op++) {
		prepare(op, &a);
		check_errno(op, fixture.fd, (uintptr_t)mem_readonly(&a, op->size), -EFAULT,
			    "a struct that cannot be written");
	}
	check_gauges(&before);
}

static void device_unknown(void)
{
	static const unsigned long unknown[] = {
		_IO(KSECDD_IOC_MAGIC, 0x08), _IO(KSECDD_IOC_MAGIC, 0x7f),
		_IO(KSECDD_IOC_MAGIC, 0xff), KSECDD_REQ_SET_KEYS, KSECDD_REQ_MESSAGE,
		KSECDD_REQ_COMPLETE, _IO(KSECDD_IOC_MAGIC + 1, 0x00),
		_IOWR(KSECDD_IOC_MAGIC, 0x00, struct ksecdd_version),
		_IOW(KSECDD_IOC_MAGIC, 0x04, int), _IOR(KSECDD_IOC_MAGIC, 0x05, int), 0, 1,
		0xffffffff, 0x5401 /* TCGETS */,
	};
	struct family_status before = status_now();
	union arg a;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(unknown); i++) {
		memset(&a, 0, sizeof(a));
		a.size = 64;
		if (!CHECK_EQ(device_ioctl(fixture.fd, unknown[i], &a), -ENOTTY))
			suite_note("ioctl %#lx", unknown[i]);
		CHECK_EQ(device_ioctl(fixture.fd, unknown[i], NULL), -ENOTTY);
	}
	check_unchanged(&before);
}

static void device_is_no_file(void)
{
	char byte = 0;

	CHECK_EQ(read(fixture.fd, &byte, 1), -1);
	CHECK_EQ(errno, EINVAL);
	CHECK_EQ(write(fixture.fd, &byte, 1), -1);
	CHECK_EQ(errno, EINVAL);
	CHECK(mmap(NULL, ABI_PAGE, PROT_READ, MAP_SHARED, fixture.fd, 0) == MAP_FAILED);
	CHECK_EQ(errno, ENODEV);
	CHECK(mmap(NULL, ABI_PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE, fixture.fd, 0) == MAP_FAILED);
	CHECK_EQ(errno, ENODEV);
}

/* A request file, open until the hook returns. */
static void in_request(void (*hook)(int fd, const struct request *req, void *data), bool finish)
{
	struct verdict verdict = verdict_fail(SEC_E_LOGON_DENIED);
	unsigned int served = __atomic_load_n(&fixture.helper.served, __ATOMIC_SEQ_CST);
	struct ksecdd_accept accept = {};

	verdict.hook = hook;
	CHECK_EQ(device_accept(fixture.fd, fixture.cred, 0, &verdict, &accept), 0);
	CHECK_STATUS(accept.status, SEC_E_LOGON_DENIED);
	/* The helper may still be on its way out of COMPLETE. */
	while (__atomic_load_n(&fixture.helper.served, __ATOMIC_SEQ_CST) == served)
		sched_yield();
	CHECK_EQ(fixture.helper.completed, finish ? -EALREADY : 0);
}

static void spoil_request(int fd, const struct request *req, void *unused)
{
	size_t i;

	(void)req;
	(void)unused;
	for (i = 0; i < ARRAY_SIZE(request_ops); i++) {
		check_sizes(&request_ops[i], fd);
		check_unreadable(&request_ops[i], fd);
	}
}

/* None of this ends the request: it is answered in the usual way then. */
static void request_faults(void)
{
	struct family_status before = status_now();

	in_request(spoil_request, false);
	check_gauges(&before);
}

static void use_request(int fd, const struct request *req, void *unused)
{
	const struct op *op;
	union arg a;

	(void)req;
	(void)unused;
	for (op = request_ops; op < request_ops + ARRAY_SIZE(request_ops); op++) {
		prepare(op, &a);
		if (!op->read_only) {
			check_errno(op, fd, (uintptr_t)mem_readonly(&a, op->size), -EFAULT,
				    "a struct that cannot be written");
			check_success(op, fd, mem_at_edge(&a, op->size));
		} else {
			/* Nothing is written, so that it need not be possible. */
			check_success(op, fd, mem_readonly(&a, op->size));
		}
	}
}

static void request_succeeds(void)
{
	struct family_status before = status_now();

	in_request(use_request, true);
	check_gauges(&before);
}

static void longer_request(int fd, const struct request *req, void *unused)
{
	const struct op *op;
	union arg a;

	(void)req;
	(void)unused;
	for (op = request_ops; op < request_ops + ARRAY_SIZE(request_ops); op++) {
		prepare(op, &a);
		a.size = ABI_PAGE;
		check_success(op, fd, &a);
	}
}

static void request_longer_structs(void)
{
	in_request(longer_request, true);
}

static void unknown_request(int fd, const struct request *req, void *unused)
{
	static const unsigned long unknown[] = {
		KSECDD_IOC_VERSION, KSECDD_IOC_ACCEPT, _IO(KSECDD_IOC_MAGIC, 0x7f),
		_IO(KSECDD_IOC_MAGIC, 0x83), _IO(KSECDD_IOC_MAGIC, 0xff), 0, UINT32_MAX,
		_IOWR(KSECDD_IOC_MAGIC, 0x80, struct ksecdd_set_keys),
	};
	union arg a = { .size = 64 };
	char byte = 0;
	size_t i;

	(void)req;
	(void)unused;
	for (i = 0; i < ARRAY_SIZE(unknown); i++)
		CHECK_EQ(device_ioctl(fd, unknown[i], &a), -ENOTTY);
	CHECK_EQ(write(fd, &byte, 1), -1);
	CHECK_EQ(errno, EBADF);
	CHECK(mmap(NULL, ABI_PAGE, PROT_READ, MAP_SHARED, fd, 0) == MAP_FAILED);
	CHECK_EQ(errno, ENODEV);
	for (i = 0; i < MEM_BAD_POINTERS; i++) {
		CHECK_EQ(lseek(fd, 0, SEEK_SET), 0);
		CHECK_EQ(read(fd, (void *)(uintptr_t)mem_bad((unsigned int)i), 16), -1);
		CHECK_EQ(errno, EFAULT);
	}
}

static void request_unknown(void)
{
	in_request(unknown_request, false);
}

static const struct suite_test tests[] = {
	{ .name = "every ioctl succeeds, also at the edge of memory and with a longer struct",
	  .run = device_succeeds },
	{ .name = "sizes and reserved members that are refused", .run = device_sizes },
	{ .name = "structs that cannot be read", .run = device_unreadable },
	{ .name = "structs that cannot be written", .run = device_readonly },
	{ .name = "ioctls that there are not", .run = device_unknown },
	{ .name = "the device cannot be read, written or mapped", .run = device_is_no_file },
	{ .name = "request files: what is refused leaves the request", .run = request_faults },
	{ .name = "request files: every ioctl succeeds", .run = request_succeeds },
	{ .name = "request files: longer structs", .run = request_longer_structs },
	{ .name = "request files: what there is not", .run = request_unknown },
};

int main(void)
{
	fixture_setup();
	return suite_run(tests, ARRAY_SIZE(tests));
}
