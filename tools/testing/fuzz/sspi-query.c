// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Fuzzing QueryContextAttributes, EnumerateSecurityPackages and
 * QuerySecurityPackageInfo: what libsspi makes of the kernel's names.
 *
 * Input: what is asked, then the packages, then each answer of the kernel.
 */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <sspi_linux.h>

#include "sspi_kernel.h"

#define PACKAGES_MAX	3

static struct fuzz_input in;
static uint32_t npackages;
static struct ksecdd_package packages[PACKAGES_MAX];
static bool failed;

static int package(struct ksecdd_package *cmd)
{
	uint32_t index = cmd->index;

	if (index >= npackages) {
		cmd->status = SEC_E_SECPKG_NOT_FOUND;
		return 0;
	}
	*cmd = packages[index];
	cmd->index = index;
	cmd->count = npackages;
	cmd->status = SEC_E_OK;
	return 0;
}

static int query(struct ksecdd_query *cmd)
{
	size_t len;
	uint8_t *bytes;
	uint32_t room = cmd->len;

	fuzz_assert(cmd->size == sizeof(*cmd) && cmd->context == 0x100000002, "another call");
	cmd->status = sspi_take_status(&in);
	if (cmd->status != SEC_E_OK)
		return 0;
	if (cmd->attribute == KSECDD_ATTR_INFO) {
		struct ksecdd_context_info info = {
			.package = fuzz_take8(&in), .state = fuzz_take8(&in) & 3,
			.sign_alg = fuzz_take8(&in) & 1 ? (uint32_t)-138 : 0,
			.encrypt_alg = (uint32_t)-140, .uid = fuzz_take8(&in) - 1,
			.start = fuzz_take64(&in), .expiry = fuzz_take64(&in),
		};

		fuzz_assert(room >= sizeof(info), "no room for the facts");
		memcpy((void *)(uintptr_t)cmd->buffer, &info, sizeof(info));
		cmd->len = sizeof(info);
		return 0;
	}
	bytes = fuzz_take_bytes(&in, KSECDD_MAX_NAME, &len);
	if (len > room) {
		cmd->status = SEC_E_BUFFER_TOO_SMALL;
	} else if (len) {
		memcpy((void *)(uintptr_t)cmd->buffer, bytes, len);
	}
	cmd->len = len;
	free(bytes);
	return 0;
}

static int answer(unsigned long request, void *arg)
{
	int err = sspi_take_errno(&in);

	failed |= err;
	if (err)
		return err;
	if (request == KSECDD_IOC_PACKAGE)
		return package(arg);
	fuzz_assert(request == KSECDD_IOC_QUERY, "another call");
	return query(arg);
}

static void check_wide(const WCHAR *s)
{
	size_t len = ksspi_utf16_len(s, SIZE_MAX);

	fuzz_assert(ksspi_utf16_to_utf8((const uint16_t *)s, len, NULL, 0) >= 0, "no UTF-16");
}

static void check_narrow(const char *s)
{
	fuzz_assert(ksspi_utf8_to_utf16(s, strlen(s), NULL, 0) >= 0, "no UTF-8");
}

/* A string of an answer; the caller's to free, once. */
static void check_string(void *s, bool wide)
{
	fuzz_assert(s, "no string");
	if (wide)
		check_wide(s);
	else
		check_narrow(s);
	fuzz_assert(FreeContextBuffer(s) == SEC_E_OK, "it cannot be freed");
	fuzz_assert(FreeContextBuffer(s) == SEC_E_INVALID_HANDLE, "it can be freed twice");
}

static void check_info(void *info, ULONG n, bool wide)
{
	SecPkgInfoW *w = info;
	SecPkgInfoA *a = info;
	ULONG i;

	/* ASan sees a string that is longer than its memory; comments may be any bytes. */
	for (i = 0; i < n; i++) {
		if (wide) {
			check_wide(w[i].Name);
			check_wide(w[i].Comment);
		} else {
			fuzz_assert(strlen(a[i].Name) < 33 && strlen(a[i].Comment) < 97,
				    "long names");
		}
	}
	fuzz_assert(FreeContextBuffer(info) == SEC_E_OK, "it cannot be freed");
}

static void check_attribute(ULONG attribute, void *buffer, bool wide)
{
	SecPkgContext_NativeNamesA *native = buffer;
	SecPkgContext_KeyInfoA *key = buffer;
	SecPkgContext_SessionKey *session = buffer;
	SecPkgContext_ClientSpecifiedTarget *target = buffer;

	switch (attribute) {
	case SECPKG_ATTR_NAMES:
		check_string(((SecPkgContext_NamesA *)buffer)->sUserName, wide);
		break;
	case SECPKG_ATTR_NATIVE_NAMES:
		check_string(native->sClientName, wide);
		check_string(native->sServerName, wide);
		break;
	case SECPKG_ATTR_KEY_INFO:
		check_string(key->sSignatureAlgorithmName, wide);
		check_string(key->sEncryptAlgorithmName, wide);
		break;
	case SECPKG_ATTR_SESSION_KEY:
		fuzz_assert(session->SessionKeyLength <= KSECDD_MAX_KEY, "a key of %u bytes",
			    session->SessionKeyLength);
		free(fuzz_copy(session->SessionKey, session->SessionKeyLength));
		fuzz_assert(FreeContextBuffer(session->SessionKey) == SEC_E_OK,
			    "it cannot be freed");
		break;
	case SECPKG_ATTR_PACKAGE_INFO:
	case SECPKG_ATTR_NEGOTIATION_INFO:
		check_info(((SecPkgContext_PackageInfoA *)buffer)->PackageInfo, 1, wide);
		break;
	case SECPKG_ATTR_CLIENT_SPECIFIED_TARGET:
		if (target->sTargetName)
			check_string(target->sTargetName, true);
		break;
	case SECPKG_ATTR_LINUX_ACCOUNT:
		fuzz_assert(((SecPkgContext_LinuxAccount *)buffer)->Uid != UINT32_MAX, "nobody");
		break;
	}
}

static void ask_attribute(bool wide)
{
	static const ULONG attributes[] = {
		SECPKG_ATTR_SIZES, SECPKG_ATTR_NAMES, SECPKG_ATTR_LIFESPAN, SECPKG_ATTR_KEY_INFO,
		SECPKG_ATTR_SESSION_KEY, SECPKG_ATTR_PACKAGE_INFO, SECPKG_ATTR_NEGOTIATION_INFO,
		SECPKG_ATTR_NATIVE_NAMES, SECPKG_ATTR_FLAGS, SECPKG_ATTR_CLIENT_SPECIFIED_TARGET,
		SECPKG_ATTR_LINUX_ACCOUNT, 0x7fff,
	};
	ULONG attribute = attributes[fuzz_take_below(&in, sizeof(attributes) / sizeof(attributes[0]))];
	ULONG size = fuzz_take8(&in);
	CtxtHandle context = { 2, 1 };
	SECURITY_STATUS status;
	uint8_t *buffer = malloc(size ? size : 1);

	if (!buffer)
		abort();
	memset(buffer, 0xa5, size);
	status = wide ? QueryContextAttributesExW(&context, attribute, buffer, size) :
			QueryContextAttributesExA(&context, attribute, buffer, size);
	if (status == SEC_E_OK)
		check_attribute(attribute, buffer, wide);
	else
		fuzz_assert(fuzz_is_all(buffer, 0xa5, size), "0x%x, and written", status);
	free(buffer);
}

static void ask_list(bool wide)
{
	ULONG n = 4711;
	void *info = &n;
	SECURITY_STATUS status;

	status = wide ? EnumerateSecurityPackagesW(&n, (PSecPkgInfoW *)&info) :
			EnumerateSecurityPackagesA(&n, (PSecPkgInfoA *)&info);
	if (status == SEC_E_OK) {
		fuzz_assert(n == npackages, "%u packages", n);
		check_info(info, n, wide);
	} else {
		fuzz_assert(n == 4711 && info == &n, "0x%x, and written", status);
		fuzz_assert(failed || !npackages, "0x%x for nothing", status);
	}
}

static void ask_package(bool wide)
{
	size_t len;
	char *name = fuzz_take_text(&in, 40);
	uint8_t *wide_name = fuzz_take_bytes(&in, 96, &len);
	WCHAR *copy = calloc(len / 2 + 1, sizeof(*copy));
	void *info = &len;
	SECURITY_STATUS status;

	if (!copy)
		abort();
	memcpy(copy, wide_name, len / 2 * 2);
	status = wide ? QuerySecurityPackageInfoW(copy, (PSecPkgInfoW *)&info) :
			QuerySecurityPackageInfoA(name, (PSecPkgInfoA *)&info);
	if (status != SEC_E_OK)
		fuzz_assert(info == &len, "0x%x, and written", status);
	else if (!wide)
		fuzz_assert(!strcasecmp(((SecPkgInfoA *)info)->Name, name), "\"%s\" for \"%s\"",
			    ((SecPkgInfoA *)info)->Name, name);
	if (status == SEC_E_OK)
		check_info(info, 1, wide);
	free(name);
	free(wide_name);
	free(copy);
}

static void take_packages(void)
{
	uint32_t i;
	size_t len;
	uint8_t *bytes;

	npackages = fuzz_take_below(&in, PACKAGES_MAX + 1);
	for (i = 0; i < npackages; i++) {
		packages[i] = (struct ksecdd_package){
			.size = sizeof(packages[i]), .id = 1 + fuzz_take_below(&in, 3),
		};
		bytes = fuzz_take_bytes(&in, sizeof(packages[i].name), &len);
		memcpy(packages[i].name, bytes, len);
		free(bytes);
		bytes = fuzz_take_bytes(&in, sizeof(packages[i].comment), &len);
		memcpy(packages[i].comment, bytes, len);
		free(bytes);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static void (*const questions[])(bool wide) = { ask_attribute, ask_list, ask_package };
	uint8_t what;

	in = (struct fuzz_input){ data, size };
	sspi_kernel = answer;
	failed = false;
	what = fuzz_take8(&in);
	take_packages();
	questions[(what >> 1) % 3](what & 1);
	return 0;
}
