// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What <linux/ksecdd.h> promises of every ioctl as such: its number, the size of its
 * struct, and structs that cannot be read or written.  What faults must not have done
 * anything.
 */
#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "abi.h"
#include "mem.h"
#include "suite.h"

static bool on(const struct abi_case *c, enum ioctl_file file)
{
	return c->desc->file == file;
}

/* Sizes that are refused, with a struct that would be fine otherwise. */
static void check_sizes(const struct abi_case *c, int fd)
{
	static const uint32_t far[] = {
		ABI_PAGE + 1, 65536, 0x7fffffff, 0x80000000, 0xfffffffc, UINT32_MAX,
	};
	uint32_t size = c->desc->arg->size, i;
	union arg a;

	prepare(c, &a);
	for (a.size = 0; a.size < c->desc->least; a.size++)
		check_errno(c, fd, (uintptr_t)&a, -EINVAL, "less than the least size");
	for (i = 0; i < 8; i++) {
		prepare(c, &a);
		a.size = size + 1;
		a.bytes[size] = (uint8_t)(1 << i);
		check_errno(c, fd, (uintptr_t)&a, -E2BIG, "a byte more that is not zero");
	}
	/* Wherever it is, a byte is a byte. */
	for (i = size; i < ABI_PAGE; i += i < size + 16 ? 1 : 61) {
		prepare(c, &a);
		a.size = ABI_PAGE;
		a.bytes[i] = 0x80;
		check_errno(c, fd, (uintptr_t)&a, -E2BIG, "a page with a byte that is not zero");
	}
	for (i = 0; i < ARRAY_SIZE(far); i++) {
		prepare(c, &a);
		a.size = far[i];
		check_errno(c, fd, (uintptr_t)&a, -E2BIG, "more than a page");
	}
}

/* Places where the struct cannot be read. */
static void check_unreadable(const struct abi_case *c, int fd)
{
	uint32_t size = c->desc->arg->size, i;
	union arg a;

	prepare(c, &a);
	for (i = 0; i < MEM_BAD_POINTERS; i++)
		check_errno(c, fd, mem_bad(i), -EFAULT, "a bad pointer");
	for (i = 1; i <= size; i++)
		check_errno(c, fd, (uintptr_t)mem_across_edge(&a, size, i), -EFAULT,
			    "a struct whose end is missing");
	/* What is behind the struct must be readable, too, if it is said to be there. */
	a.size = ABI_PAGE;
	check_errno(c, fd, (uintptr_t)mem_at_edge(&a, size), -EFAULT,
		    "a size of more than there is");
}

static void device_sizes(void)
{
	struct family_status before = status_now();
	size_t i;

	for (i = 0; i < ABI_CASES; i++)
		if (!on(&abi_cases[i], IOCTL_REQUEST))
			check_sizes(&abi_cases[i], abi_file(&abi_cases[i]));
	check_unchanged(&before);
}

static void device_unreadable(void)
{
	struct family_status before = status_now();
	size_t i;

	for (i = 0; i < ABI_CASES; i++)
		if (!on(&abi_cases[i], IOCTL_REQUEST))
			check_unreadable(&abi_cases[i], abi_file(&abi_cases[i]));
	check_unchanged(&before);
}

/* Sizes of now and of later, at every address and at the edge of memory */
static void check_places(const struct abi_case *c, int fd)
{
	static union arg places[2];
	uint32_t size = c->desc->arg->size, i;
	union arg a;

	for (i = 0; i < 8; i++) {
		prepare(c, &a);
		memcpy(places[0].bytes + i, &a, size);
		check_success(c, fd, places[0].bytes + i);
	}
	prepare(c, &a);
	check_success(c, fd, mem_at_edge(&a, size));
	for (i = size + 1; i <= ABI_PAGE; i += i == size + 1 ? 7 : ABI_PAGE - size - 8) {
		prepare(c, &a);
		a.size = i;
		check_success(c, fd, &a);
		CHECK_EQ(a.size, i);
	}
}

static void device_succeeds(void)
{
	struct family_status before = status_now();
	size_t i;

	for (i = 0; i < ABI_CASES; i++)
		if (!on(&abi_cases[i], IOCTL_REQUEST))
			check_places(&abi_cases[i], abi_file(&abi_cases[i]));
	check_gauges(&before);
}

/* Nobody can be told: it must be as if nothing was done, and is done the next time. */
static void device_readonly(void)
{
	struct family_status before = status_now();
	const struct abi_case *c;
	union arg a;
	size_t i;

	for (i = 0; i < ABI_CASES; i++) {
		c = &abi_cases[i];
		if (on(c, IOCTL_REQUEST))
			continue;
		prepare(c, &a);
		CHECK_EQ(device_ioctl(abi_file(c), c->desc->cmd,
				      mem_readonly(&a, c->desc->arg->size)), -EFAULT);
		/* What the helper has said to ACCEPT is kept. */
		if (c->desc != &ioctl_table[IOCTL_ACCEPT])
			check_gauges(&before);
		prepare(c, &a);
		check_success(c, abi_file(c), &a);
	}
	check_gauges(&before);
}

/* Every number of ours and, of those that there are, every other direction and size */
static void check_unknown(int fd, enum ioctl_file file)
{
	static const uint32_t sizes[] = { 0, 1, 8, 16, 24, 32, 40, 48, 80, 88, 104, 168, 0x3fff };
	static const uint32_t others[] = { 0, 1, 0x5401 /* TCGETS */, UINT32_MAX };
	union arg a = { .size = 64 };
	uint32_t nr, dir, cmd;
	size_t i;

	for (nr = 0; nr < 256; nr++) {
		for (dir = 0; dir < 4; dir++) {
			for (i = 0; i < ARRAY_SIZE(sizes); i++) {
				cmd = _IOC(dir, KSECDD_IOC_MAGIC, nr, sizes[i]);
				if (ioctl_find(file, cmd))
					continue;
				if (!CHECK_EQ(device_ioctl(fd, cmd, &a), -ENOTTY))
					suite_note("ioctl %#x is not in ioctl_table", cmd);
			}
		}
		cmd = _IO(KSECDD_IOC_MAGIC, nr);
		if (!ioctl_find(file, cmd))
			CHECK_EQ(device_ioctl(fd, cmd, NULL), -ENOTTY);
		CHECK_EQ(device_ioctl(fd, _IO(KSECDD_IOC_MAGIC + 1, nr), &a), -ENOTTY);
		CHECK_EQ(device_ioctl(fd, _IO(KSECDD_IOC_MAGIC - 1, nr), &a), -ENOTTY);
	}
	for (i = 0; i < ARRAY_SIZE(others); i++)
		CHECK_EQ(device_ioctl(fd, others[i], &a), -ENOTTY);
}

static void device_unknown(void)
{
	struct family_status before = status_now();

	check_unknown(fixture.fd, IOCTL_DEVICE);
	check_unknown(fixture.token, IOCTL_TOKEN_FILE);
	check_unchanged(&before);
}

static void spoil_request(int fd, const struct request *req, void *unused)
{
	size_t i;

	(void)req;
	(void)unused;
	for (i = 0; i < ABI_CASES; i++) {
		if (!on(&abi_cases[i], IOCTL_REQUEST))
			continue;
		check_sizes(&abi_cases[i], fd);
		check_unreadable(&abi_cases[i], fd);
	}
}

/* None of this ends the request: it is answered in the usual way then. */
static void request_faults(void)
{
	struct family_status before = status_now();

	in_request(spoil_request, NULL, 0, SEC_E_LOGON_DENIED);
	check_gauges(&before);
}

/* Puts the struct of a request's ioctl somewhere; NULL: where nobody can write */
typedef void *(*place_fn)(const void *arg, size_t size);

static void *misaligned(const void *arg, size_t size)
{
	static union arg place;

	return memcpy(place.bytes + 3, arg, size);
}

static void *longer(const void *arg, size_t size)
{
	static union arg place;

	memset(&place, 0, sizeof(place));
	memcpy(&place, arg, size);
	place.size = ABI_PAGE;
	return &place;
}

/**
 * struct use - how to use a request file
 * @last:  the case that ends it
 * @place: where the structs are
 */
struct use {
	const struct abi_case *last;
	place_fn place;
};

static void use_request(int fd, const struct request *req, void *data)
{
	const struct use *use = data;
	const struct abi_case *c;
	union arg a;
	uint32_t size;

	(void)req;
	for (c = abi_cases; c < abi_cases + ABI_CASES; c++) {
		if (!on(c, IOCTL_REQUEST) || (c->desc->ends && c != use->last))
			continue;
		size = c->desc->arg->size;
		prepare(c, &a);
		/* Where nothing is written it need not be possible. */
		if (use->place)
			check_success(c, fd, use->place(&a, size));
		else
			CHECK_EQ(device_ioctl(fd, c->desc->cmd, mem_readonly(&a, size)),
				 c->desc->writes ? -EFAULT : 0);
	}
}

static void request_succeeds(void)
{
	static const place_fn places[] = { NULL, mem_at_edge, misaligned, longer };
	struct family_status before = status_now();
	struct use use;
	size_t i;

	for (use.last = abi_cases; use.last < abi_cases + ABI_CASES; use.last++) {
		for (i = 0; use.last->desc->ends && i < ARRAY_SIZE(places); i++) {
			use.place = places[i];
			in_request(use_request, &use, -EALREADY, use.last->want);
		}
	}
	check_gauges(&before);
}

static void unknown_request(int fd, const struct request *req, void *unused)
{
	(void)req;
	(void)unused;
	check_unknown(fd, IOCTL_REQUEST);
}

static void request_unknown(void)
{
	in_request(unknown_request, NULL, 0, SEC_E_LOGON_DENIED);
}

/* An ioctl without a case would be tested by nobody. */
static void all_cases(void)
{
	size_t i, j, firsts;

	for (i = 0; i < IOCTL_TABLE_SIZE; i++) {
		for (firsts = j = 0; j < ABI_CASES; j++)
			firsts += abi_cases[j].desc == &ioctl_table[i] && abi_cases[j].first;
		if (!CHECK_EQ(firsts, 1))
			suite_note("%s", ioctl_table[i].name);
	}
}

static const struct suite_test tests[] = {
	{ .name = "every ioctl of the table is tested", .run = all_cases },
	{ .name = "every ioctl succeeds, wherever its struct is, also with a longer one",
	  .run = device_succeeds },
	{ .name = "sizes that are refused", .run = device_sizes },
	{ .name = "structs that cannot be read", .run = device_unreadable },
	{ .name = "structs that cannot be written", .run = device_readonly },
	{ .name = "ioctls that there are not", .run = device_unknown },
	{ .name = "request files: what is refused leaves the request", .run = request_faults },
	{ .name = "request files: every ioctl succeeds", .run = request_succeeds },
	{ .name = "request files: ioctls that there are not", .run = request_unknown },
};

int main(void)
{
	fixture_setup();
	return suite_run(tests, ARRAY_SIZE(tests));
}
