// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What is in the ioctls' structs: pointers to nowhere, lengths and counts that
 * nobody means, and values that are not defined.
 */
#include "abi.h"
#include "mem.h"
#include "suite.h"

static struct ksecdd_context_info info;

/* Each member of an ioctl's struct that is a pointer and has something to point to */
#define POINTER(op, type, member) { op, offsetof(struct type, member), #member }

static const struct {
	int op;
	size_t offset;
	const char *name;
} pointers[] = {
	POINTER(ACQUIRE, ksecdd_acquire, principal),
	POINTER(ACQUIRE, ksecdd_acquire, user),
	POINTER(ACQUIRE, ksecdd_acquire, domain),
	POINTER(ACQUIRE, ksecdd_acquire, secret),
	POINTER(ACCEPT, ksecdd_accept, token),
	POINTER(ACCEPT, ksecdd_accept, bindings),
	POINTER(QUERY, ksecdd_query, buffer),
	POINTER(MESSAGE, ksecdd_message, buffers),
	POINTER(BATCH, ksecdd_message_batch, messages),
};

static void put_names(union arg *a)
{
	static const char name[4] = "name";

	a->acquire.principal = a->acquire.user = a->acquire.domain = a->acquire.secret =
		(uintptr_t)name;
	a->acquire.principal_len = a->acquire.user_len = a->acquire.domain_len =
		a->acquire.secret_len = sizeof(name);
}

static void device_pointers(void)
{
	struct family_status before = status_now();
	const struct op *op;
	unsigned int i, j;
	uint64_t bad;
	union arg a;

	for (i = 0; i < ARRAY_SIZE(pointers); i++) {
		op = &device_ops[pointers[i].op];
		for (j = 0; j < MEM_BAD_POINTERS; j++) {
			prepare(op, &a);
			if (pointers[i].op == ACQUIRE)
				put_names(&a);
			a.accept.bindings_len = pointers[i].op == ACCEPT ? 32 : a.accept.bindings_len;
			a.accept.bindings = pointers[i].op == ACCEPT ? (uintptr_t)abi_data :
								       a.accept.bindings;
			bad = mem_bad(j);
			memcpy(a.bytes + pointers[i].offset, &bad, sizeof(bad));
			check_errno(op, fixture.fd, (uintptr_t)&a, -EFAULT, pointers[i].name);
		}
	}
	check_unchanged(&before);
}

/* Pointers inside of arrays: of a message's buffers, and of a batch's messages */
static void message_pointers(void)
{
	struct family_status before = status_now();
	unsigned int i, j;
	union arg a;

	for (i = 0; i < 2; i++) {
		for (j = 0; j < MEM_BAD_POINTERS; j++) {
			/* The token is written only: that shows when the message is made. */
			prepare(&device_ops[MESSAGE], &a);
			abi_bufs[i].ptr = mem_bad(j);
			check_errno(&device_ops[MESSAGE], fixture.fd, (uintptr_t)&a, -EFAULT,
				    i ? "a bad token" : "bad data");

			prepare(&device_ops[BATCH], &a);
			abi_bufs[i].ptr = mem_bad(j);
			check_errno(&device_ops[BATCH], fixture.fd, (uintptr_t)&a, -EFAULT,
				    i ? "a bad token" : "bad data");
			CHECK_EQ(a.batch.count, 0);
		}
	}
	check_gauges(&before);
}

static int accept_with(uint32_t token_len, uint32_t bindings_len, uint32_t out_len,
		       int32_t *status)
{
	static uint8_t big[KSECDD_MAX_TOKEN];
	union arg a;
	int ret;

	prepare(&device_ops[ACCEPT], &a);
	a.accept.token = a.accept.bindings = (uintptr_t)big;
	a.accept.token_len = token_len;
	a.accept.bindings_len = bindings_len;
	a.accept.out_len = out_len;
	ret = device_ioctl(fixture.fd, KSECDD_IOC_ACCEPT, &a);
	*status = a.accept.status;
	return ret;
}

static const uint32_t huge[] = { 16u << 20, 0x7fffffff, 0x80000000, UINT32_MAX };

static void accept_lengths(void)
{
	struct family_status before = status_now();
	int32_t status;
	size_t i;

	/* The greatest that are allowed reach the helper. */
	CHECK_EQ(accept_with(KSECDD_MAX_TOKEN, KSECDD_MAX_CBT, UINT32_MAX, &status), 0);
	CHECK_STATUS(status, SEC_E_INVALID_TOKEN);
	CHECK_EQ(status_now().upcalls, before.upcalls + 1);
	CHECK_EQ(accept_with(0, 0, 0, &status), 0);
	CHECK_STATUS(status, SEC_E_INVALID_TOKEN);
	CHECK_EQ(status_now().upcalls, before.upcalls + 2);

	CHECK_EQ(accept_with(KSECDD_MAX_TOKEN + 1, 0, 64, &status), 0);
	CHECK_STATUS(status, SEC_E_INVALID_TOKEN);
	CHECK_EQ(accept_with(16, KSECDD_MAX_CBT + 1, 64, &status), 0);
	CHECK_STATUS(status, SEC_E_INVALID_TOKEN);
	for (i = 0; i < ARRAY_SIZE(huge); i++) {
		CHECK_EQ(accept_with(huge[i], 0, 64, &status), 0);
		CHECK_STATUS(status, SEC_E_INVALID_TOKEN);
		CHECK_EQ(accept_with(16, huge[i], 64, &status), 0);
		CHECK_STATUS(status, SEC_E_INVALID_TOKEN);
	}
	/* They do not. */
	CHECK_EQ(status_now().upcalls, before.upcalls + 2);
	check_gauges(&before);
}

static void acquire_lengths(void)
{
	static const size_t lens[] = {
		offsetof(struct ksecdd_acquire, principal_len),
		offsetof(struct ksecdd_acquire, user_len),
		offsetof(struct ksecdd_acquire, domain_len),
		offsetof(struct ksecdd_acquire, secret_len),
	};
	static char name[KSECDD_MAX_NAME];
	struct family_status before = status_now();
	uint32_t len;
	size_t i, j;
	union arg a;

	for (i = 0; i < ARRAY_SIZE(lens); i++) {
		for (j = 0; j <= ARRAY_SIZE(huge); j++) {
			prepare(&device_ops[ACQUIRE], &a);
			put_names(&a);
			len = j ? huge[j - 1] : KSECDD_MAX_NAME + 1;
			memcpy(a.bytes + lens[i], &len, sizeof(len));
			CHECK_EQ(device_ioctl(fixture.fd, KSECDD_IOC_ACQUIRE, &a), 0);
			CHECK_STATUS(a.acquire.status, SEC_E_INVALID_PARAMETER);
		}
	}
	check_unchanged(&before);

	prepare(&device_ops[ACQUIRE], &a);
	a.acquire.principal = a.acquire.user = a.acquire.domain = a.acquire.secret =
		(uintptr_t)name;
	a.acquire.principal_len = a.acquire.user_len = a.acquire.domain_len = KSECDD_MAX_NAME;
	a.acquire.secret_len = KSECDD_MAX_SECRET;
	CHECK_EQ(device_ioctl(fixture.fd, KSECDD_IOC_ACQUIRE, &a), 0);
	CHECK_STATUS(a.acquire.status, SEC_E_OK);
	CHECK_STATUS(free_cred(fixture.fd, a.acquire.handle), SEC_E_OK);
	check_gauges(&before);
}

static void acquire_values(void)
{
	static const struct {
		uint32_t package, use;
		int32_t want;
	} cases[] = {
		{ 0, SECPKG_CRED_INBOUND, SEC_E_SECPKG_NOT_FOUND },
		{ 2, SECPKG_CRED_INBOUND, SEC_E_SECPKG_NOT_FOUND },
		{ UINT32_MAX, SECPKG_CRED_INBOUND, SEC_E_SECPKG_NOT_FOUND },
		{ KSECDD_PACKAGE_NTLM, 0, SEC_E_INVALID_PARAMETER },
		{ KSECDD_PACKAGE_NTLM, 4, SEC_E_INVALID_PARAMETER },
		{ KSECDD_PACKAGE_NTLM, UINT32_MAX, SEC_E_INVALID_PARAMETER },
		{ KSECDD_PACKAGE_NTLM, SECPKG_CRED_OUTBOUND, SEC_E_UNSUPPORTED_FUNCTION },
	};
	struct family_status before = status_now();
	union arg a;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		prepare(&device_ops[ACQUIRE], &a);
		a.acquire.package = cases[i].package;
		a.acquire.use = cases[i].use;
		CHECK_EQ(device_ioctl(fixture.fd, KSECDD_IOC_ACQUIRE, &a), 0);
		CHECK_STATUS(a.acquire.status, cases[i].want);
	}
	check_unchanged(&before);
}

static void message_lengths(void)
{
	static const uint32_t counts[] = { 0, KSECDD_MAX_BUFFERS + 1, 65536, UINT32_MAX };
	static const uint32_t batches[] = { 0, KSECDD_MAX_BATCH + 1, 65536, UINT32_MAX };
	static const uint32_t ops[] = { 4, 5, 0x80000000, UINT32_MAX };
	struct family_status before = status_now();
	union arg a;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(counts); i++) {
		prepare(&device_ops[MESSAGE], &a);
		a.message.nbuffers = counts[i];
		check_errno(&device_ops[MESSAGE], fixture.fd, (uintptr_t)&a, -EINVAL, "a count");
		prepare(&device_ops[MESSAGE], &a);
		a.message.op = ops[i];
		check_errno(&device_ops[MESSAGE], fixture.fd, (uintptr_t)&a, -EINVAL, "an op");
		prepare(&device_ops[BATCH], &a);
		a.batch.count = batches[i];
		check_errno(&device_ops[BATCH], fixture.fd, (uintptr_t)&a, -EINVAL, "a count");
		prepare(&device_ops[MESSAGE], &a);
		abi_bufs[0].len = huge[i];
		CHECK_EQ(device_ioctl(fixture.fd, KSECDD_IOC_MESSAGE, &a), 0);
		CHECK_STATUS(a.message.status, SEC_E_INSUFFICIENT_MEMORY);
	}
	/* A message of a batch has its size checked as well. */
	prepare(&device_ops[BATCH], &a);
	abi_messages[0].size = 0;
	check_errno(&device_ops[BATCH], fixture.fd, (uintptr_t)&a, -EINVAL, "a message of size 0");
	CHECK_EQ(a.batch.count, 0);
	check_unchanged(&before);
}

static void query_lengths(void)
{
	struct family_status before = status_now();
	uint32_t len;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(huge); i++) {
		len = huge[i];
		CHECK_STATUS(query(fixture.fd, fixture.ctx, KSECDD_ATTR_INFO, &info, &len),
			     SEC_E_OK);
		CHECK_EQ(len, sizeof(info));
		len = sizeof(info);
		CHECK_STATUS(query(fixture.fd, fixture.ctx, huge[i], &info, &len),
			     SEC_E_UNSUPPORTED_FUNCTION);
	}
	len = sizeof(info) - 1;
	CHECK_STATUS(query(fixture.fd, fixture.ctx, KSECDD_ATTR_INFO, &info, &len),
		     SEC_E_BUFFER_TOO_SMALL);
	CHECK_EQ(len, sizeof(info));
	len = 0;
	CHECK_STATUS(query(fixture.fd, fixture.ctx, KSECDD_ATTR_INFO, NULL, &len),
		     SEC_E_BUFFER_TOO_SMALL);
	CHECK_EQ(len, sizeof(info));
	check_unchanged(&before);
}

static void destroy_values(void)
{
	static const uint32_t types[] = { 0, 3, 0x80000001, UINT32_MAX };
	struct ksecdd_destroy arg;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(types); i++) {
		arg = (struct ksecdd_destroy){ .size = sizeof(arg), .handle = fixture.ctx,
					       .type = types[i] };
		CHECK_EQ(device_ioctl(fixture.fd, KSECDD_IOC_DESTROY, &arg), -EINVAL);
	}
	CHECK_STATUS(query_info(fixture.fd, fixture.ctx, &info), SEC_E_OK);
}

static const struct suite_test tests[] = {
	{ .name = "bad pointers in the structs", .run = device_pointers },
	{ .name = "bad pointers in the buffers of messages", .run = message_pointers },
	{ .name = "lengths of ACCEPT", .run = accept_lengths },
	{ .name = "lengths of ACQUIRE", .run = acquire_lengths },
	{ .name = "packages and uses of ACQUIRE", .run = acquire_values },
	{ .name = "counts and lengths of messages", .run = message_lengths },
	{ .name = "attributes and lengths of QUERY", .run = query_lengths },
	{ .name = "types of DESTROY", .run = destroy_values },
};

int main(void)
{
	fixture_setup();
	return suite_run(tests, ARRAY_SIZE(tests));
}
