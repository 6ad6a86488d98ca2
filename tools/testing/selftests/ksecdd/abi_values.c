// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The greatest values that the ioctls take, and what they say of lengths.  What they
 * refuse is abi_members.c's.
 */
#include "abi.h"
#include "suite.h"

static struct ksecdd_context_info info;

static int accept_with(uint32_t token_len, uint32_t bindings_len, uint32_t out_len,
		       int32_t *status)
{
	static uint8_t big[KSECDD_MAX_TOKEN];
	struct ksecdd_accept arg = {
		.size = sizeof(arg),
		.credential = fixture.cred,
		.token = (uintptr_t)big,
		.token_len = token_len,
		.bindings = (uintptr_t)big,
		.bindings_len = bindings_len,
		.out_len = out_len,
	};
	int ret = device_ioctl(fixture.fd, KSECDD_IOC_ACCEPT, &arg);

	*status = arg.status;
	return ret;
}

/* They reach the helper, to which the token is nonsense. */
static void accept_lengths(void)
{
	struct family_status before = status_now();
	int32_t status;

	CHECK_EQ(accept_with(KSECDD_MAX_TOKEN, KSECDD_MAX_CBT, UINT32_MAX, &status), 0);
	CHECK_STATUS(status, SEC_E_INVALID_TOKEN);
	CHECK_EQ(status_now().upcalls, before.upcalls + 1);
	CHECK_EQ(accept_with(0, 0, 0, &status), 0);
	CHECK_STATUS(status, SEC_E_INVALID_TOKEN);
	CHECK_EQ(status_now().upcalls, before.upcalls + 2);
	check_gauges(&before);
}

static void acquire_lengths(void)
{
	static char name[KSECDD_MAX_NAME];
	struct family_status before = status_now();
	struct ksecdd_acquire arg = {
		.size = sizeof(arg),
		.package = KSECDD_PACKAGE_NTLM,
		.use = SECPKG_CRED_INBOUND,
		.principal = (uintptr_t)name,
		.user = (uintptr_t)name,
		.domain = (uintptr_t)name,
		.secret = (uintptr_t)name,
		.principal_len = KSECDD_MAX_NAME,
		.user_len = KSECDD_MAX_NAME,
		.domain_len = KSECDD_MAX_NAME,
		.secret_len = KSECDD_MAX_SECRET,
	};

	CHECK_EQ(device_ioctl(fixture.fd, KSECDD_IOC_ACQUIRE, &arg), 0);
	CHECK_STATUS(arg.status, SEC_E_OK);
	CHECK_STATUS(free_cred(fixture.fd, arg.handle), SEC_E_OK);
	check_gauges(&before);
}

/* A use that is defined, and that no package offers */
static void acquire_outbound(void)
{
	struct ksecdd_acquire arg = {
		.size = sizeof(arg),
		.package = KSECDD_PACKAGE_NTLM,
		.use = SECPKG_CRED_OUTBOUND,
	};

	CHECK_EQ(device_ioctl(fixture.fd, KSECDD_IOC_ACQUIRE, &arg), 0);
	CHECK_STATUS(arg.status, SEC_E_UNSUPPORTED_FUNCTION);
	CHECK_EQ(arg.handle, 0);
}

static void query_lengths(void)
{
	static const uint32_t huge[] = { 16u << 20, 0x7fffffff, 0x80000000, UINT32_MAX };
	struct family_status before = status_now();
	uint32_t len;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(huge); i++) {
		len = huge[i];
		CHECK_STATUS(query(fixture.fd, fixture.ctx, KSECDD_ATTR_INFO, &info, &len),
			     SEC_E_OK);
		CHECK_EQ(len, sizeof(info));
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

static const struct suite_test tests[] = {
	{ .name = "lengths of ACCEPT", .run = accept_lengths },
	{ .name = "lengths of ACQUIRE", .run = acquire_lengths },
	{ .name = "a use that no package offers", .run = acquire_outbound },
	{ .name = "lengths of QUERY", .run = query_lengths },
};

int main(void)
{
	fixture_setup();
	return suite_run(tests, ARRAY_SIZE(tests));
}
