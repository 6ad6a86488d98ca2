// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * The packages: EnumerateSecurityPackages and QuerySecurityPackageInfo.  The list
 * is the kernel's.
 */
#include <stdlib.h>
#include <string.h>

#include "libsspi/internal.h"

_Static_assert(sizeof(SecPkgInfoA) == sizeof(SecPkgInfoW), "one size for both");

/* More names of Windows for packages; their own are the kernel's. */
static const struct {
	const char *name;
	uint32_t package;
} aliases[] = {
	{ "Microsoft Unified Security Protocol Provider", KSECDD_PACKAGE_SCHANNEL },
	{ "Default TLS SSP", KSECDD_PACKAGE_SCHANNEL },
	{ "TSSSP", KSECDD_PACKAGE_CREDSSP },
};

/* Bytes of the longest name, with room to see that one is longer */
#define NAME_ROOM	64

static char to_lower(char c)
{
	return (char)(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
}

/* Names of packages are ASCII, and the locale has no say. */
static bool same_name(const char *name, size_t len, const char *other, size_t other_len)
{
	size_t i;

	if (len != other_len)
		return false;
	for (i = 0; i < len; i++)
		if (to_lower(name[i]) != to_lower(other[i]))
			return false;
	return true;
}

static SECURITY_STATUS get_package(uint32_t index, struct ksecdd_package *package)
{
	*package = (struct ksecdd_package){ .size = sizeof(*package), .index = index };
	return ksspi_call_first(KSECDD_IOC_PACKAGE, package);
}

/**
 * ksspi_package_by_name() - the package with a name
 * @name:    UTF-8, in any case of letters; also another name of Windows for it
 * @len:     its length in bytes
 * @package: receives the package
 *
 * Return: SEC_E_OK, SEC_E_SECPKG_NOT_FOUND, or a status of ksspi_call_first()
 */
SECURITY_STATUS ksspi_package_by_name(const char *name, size_t len,
				      struct ksecdd_package *package)
{
	SECURITY_STATUS status;
	uint32_t i;

	for (i = 0; i < sizeof(aliases) / sizeof(aliases[0]); i++)
		if (same_name(name, len, aliases[i].name, strlen(aliases[i].name)))
			return ksspi_package_by_id(aliases[i].package, package);
	for (i = 0;; i++) {
		status = get_package(i, package);
		if (status != SEC_E_OK ||
		    same_name(name, len, package->name,
			      strnlen(package->name, sizeof(package->name))))
			return status;
	}
}

/**
 * ksspi_package_by_wide_name() - the package with a name in UTF-16
 * @name:    NUL-terminated, in any case of letters, or NULL
 * @package: receives the package
 *
 * Return: as ksspi_package_by_name()
 */
SECURITY_STATUS ksspi_package_by_wide_name(const WCHAR *name, struct ksecdd_package *package)
{
	char utf8[NAME_ROOM];
	ssize_t len = -1;

	if (name)
		len = ksspi_utf16_to_utf8(name, ksspi_utf16_len(name, sizeof(utf8)), utf8,
					  sizeof(utf8));
	/* What is longer than a name can be, or no text, is the name of none. */
	if (len < 0 || (size_t)len >= sizeof(utf8))
		return SEC_E_SECPKG_NOT_FOUND;
	return ksspi_package_by_name(utf8, (size_t)len, package);
}

/**
 * ksspi_package_by_id() - the package with a number
 * @id:      KSECDD_PACKAGE_*
 * @package: receives the package
 *
 * Return: as ksspi_package_by_name()
 */
SECURITY_STATUS ksspi_package_by_id(uint32_t id, struct ksecdd_package *package)
{
	SECURITY_STATUS status;
	uint32_t i;

	for (i = 0;; i++) {
		status = get_package(i, package);
		if (status != SEC_E_OK || package->id == id)
			return status;
	}
}

static size_t name_len(const struct ksecdd_package *package)
{
	return strnlen(package->name, sizeof(package->name));
}

static size_t comment_len(const struct ksecdd_package *package)
{
	return strnlen(package->comment, sizeof(package->comment));
}

/* Writes a string at *p with its NUL and moves on; there is room enough. */
static void *put_string(char **p, const char *s, size_t len, bool wide)
{
	void *start = *p;
	ssize_t units;

	if (wide) {
		units = ksspi_utf8_to_utf16(s, len, start, len);
		/* What is no text is left out: it is a comment, or was not found by name. */
		*p += ((units < 0 ? 0 : (size_t)units) + 1) * sizeof(uint16_t);
		if (units < 0)
			memset(start, 0, len * sizeof(uint16_t));
	} else {
		memcpy(start, s, len);
		*p += len + 1;
	}
	return start;
}

/**
 * ksspi_package_info() - what the caller gets to know about packages
 * @packages: the packages
 * @n:        how many
 * @wide:     false - an array of SecPkgInfoA, true - of SecPkgInfoW
 * @info:     receives the array; it and its strings are one piece of memory,
 *            which FreeContextBuffer() frees
 *
 * Return: SEC_E_OK or SEC_E_INSUFFICIENT_MEMORY
 */
SECURITY_STATUS ksspi_package_info(const struct ksecdd_package *packages, size_t n, bool wide,
				   void **info)
{
	size_t unit = wide ? sizeof(SEC_WCHAR) : sizeof(SEC_CHAR);
	size_t i, size = n * sizeof(SecPkgInfoA);
	char *base, *strings;

	/* A character takes no more units in UTF-16 than bytes in UTF-8. */
	for (i = 0; i < n; i++)
		size += (name_len(&packages[i]) + comment_len(&packages[i]) + 2) * unit;
	base = ksspi_alloc(size);
	if (!base)
		return SEC_E_INSUFFICIENT_MEMORY;

	strings = base + n * sizeof(SecPkgInfoA);
	for (i = 0; i < n; i++) {
		const struct ksecdd_package *package = &packages[i];
		SecPkgInfoA *a = (SecPkgInfoA *)base + i;
		SecPkgInfoW *w = (SecPkgInfoW *)base + i;
		void *name = put_string(&strings, package->name, name_len(package), wide);
		void *comment = put_string(&strings, package->comment, comment_len(package), wide);

		if (wide)
			*w = (SecPkgInfoW){ package->capabilities, package->version,
					    package->rpcid, package->max_token, name, comment };
		else
			*a = (SecPkgInfoA){ package->capabilities, package->version,
					    package->rpcid, package->max_token, name, comment };
	}
	*info = base;
	return SEC_E_OK;
}

static SECURITY_STATUS enumerate(ULONG *count, void **info, bool wide)
{
	struct ksecdd_package *packages, first;
	SECURITY_STATUS status;
	uint32_t i, n;

	status = get_package(0, &first);
	if (status != SEC_E_OK)
		return status;
	/* The list does not change while the device is open. */
	n = first.count;
	packages = calloc(n, sizeof(*packages));
	if (!packages)
		return SEC_E_INSUFFICIENT_MEMORY;
	for (i = 0; i < n && status == SEC_E_OK; i++)
		status = get_package(i, &packages[i]);
	if (status == SEC_E_OK)
		status = ksspi_package_info(packages, n, wide, info);
	free(packages);
	if (status == SEC_E_OK)
		*count = n;
	return status;
}

/**
 * EnumerateSecurityPackagesA() - the list of packages
 * @pcPackages:    receives how many there are
 * @ppPackageInfo: receives an array of them, to be freed with one
 *                 FreeContextBuffer()
 *
 * Return: SEC_E_OK; SEC_E_INVALID_PARAMETER (a NULL); SEC_E_SECPKG_NOT_FOUND
 *         (the module is not loaded, or can offer no package in this kernel);
 *         SEC_E_NOT_OWNER (the device may not be opened);
 *         SEC_E_INSUFFICIENT_MEMORY
 */
SECURITY_STATUS SEC_ENTRY EnumerateSecurityPackagesA(ULONG *pcPackages,
						     PSecPkgInfoA *ppPackageInfo)
{
	SECURITY_STATUS status;
	void *info;

	if (!pcPackages || !ppPackageInfo)
		return SEC_E_INVALID_PARAMETER;
	status = enumerate(pcPackages, &info, false);
	if (status == SEC_E_OK)
		*ppPackageInfo = info;
	return status;
}

/**
 * EnumerateSecurityPackagesW() - EnumerateSecurityPackagesA() in UTF-16
 * @pcPackages:    receives how many there are
 * @ppPackageInfo: receives an array of them
 *
 * Return: as EnumerateSecurityPackagesA()
 */
SECURITY_STATUS SEC_ENTRY EnumerateSecurityPackagesW(ULONG *pcPackages,
						     PSecPkgInfoW *ppPackageInfo)
{
	SECURITY_STATUS status;
	void *info;

	if (!pcPackages || !ppPackageInfo)
		return SEC_E_INVALID_PARAMETER;
	status = enumerate(pcPackages, &info, true);
	if (status == SEC_E_OK)
		*ppPackageInfo = info;
	return status;
}

/**
 * QuerySecurityPackageInfoA() - what a package can do
 * @pszPackageName: its name, in any case of letters
 * @ppPackageInfo:  receives the answer, to be freed with FreeContextBuffer()
 *
 * Return: SEC_E_OK; SEC_E_INVALID_PARAMETER (@ppPackageInfo is NULL);
 *         SEC_E_SECPKG_NOT_FOUND (no such package, no name, or the module is
 *         not loaded); SEC_E_NOT_OWNER; SEC_E_INSUFFICIENT_MEMORY
 */
SECURITY_STATUS SEC_ENTRY QuerySecurityPackageInfoA(SEC_CHAR *pszPackageName,
						    PSecPkgInfoA *ppPackageInfo)
{
	struct ksecdd_package package;
	SECURITY_STATUS status;
	void *info;

	if (!ppPackageInfo)
		return SEC_E_INVALID_PARAMETER;
	if (!pszPackageName)
		return SEC_E_SECPKG_NOT_FOUND;
	status = ksspi_package_by_name(pszPackageName, strlen(pszPackageName), &package);
	if (status == SEC_E_OK)
		status = ksspi_package_info(&package, 1, false, &info);
	if (status == SEC_E_OK)
		*ppPackageInfo = info;
	return status;
}

/**
 * QuerySecurityPackageInfoW() - QuerySecurityPackageInfoA() in UTF-16
 * @pszPackageName: its name, in any case of letters
 * @ppPackageInfo:  receives the answer, to be freed with FreeContextBuffer()
 *
 * Return: as QuerySecurityPackageInfoA()
 */
SECURITY_STATUS SEC_ENTRY QuerySecurityPackageInfoW(SEC_WCHAR *pszPackageName,
						    PSecPkgInfoW *ppPackageInfo)
{
	struct ksecdd_package package;
	SECURITY_STATUS status;
	void *info;

	if (!ppPackageInfo)
		return SEC_E_INVALID_PARAMETER;
	status = ksspi_package_by_wide_name(pszPackageName, &package);
	if (status == SEC_E_OK)
		status = ksspi_package_info(&package, 1, true, &info);
	if (status == SEC_E_OK)
		*ppPackageInfo = info;
	return status;
}
