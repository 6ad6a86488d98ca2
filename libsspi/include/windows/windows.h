/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What sources that use SSPI want of <windows.h>: the basic types, and
 * LoadLibrary() with GetProcAddress(), by which many of them get at SSPI.
 *
 * This folder is not on the include path of pkg-config --cflags sspi; add
 * -I$(pkg-config --variable=windowsdir sspi) for sources written for Windows.
 */
#ifndef SSPI_WINDOWS_H
#define SSPI_WINDOWS_H

#include <dlfcn.h>
#include <stddef.h>
#include <string.h>
#include <strings.h>

#include <sspi_types.h>

#ifndef MAX_PATH
#define MAX_PATH		260
#endif
#define ZeroMemory(p, size)	memset((p), 0, (size))
#define SecureZeroMemory(p, size) explicit_bzero((p), (size))
#define CopyMemory(to, from, size) memcpy((to), (from), (size))
#define FillMemory(p, size, byte) memset((p), (byte), (size))
#define MAKEWORD(low, high)	((WORD)((BYTE)(low) | (WORD)((BYTE)(high)) << 8))

#define SUCCEEDED(result)	((HRESULT)(result) >= 0)
#define FAILED(result)		((HRESULT)(result) < 0)

typedef void *HMODULE;
typedef void *HINSTANCE;
/* To be cast to what the function is; compilers take this one for a pointer to any. */
typedef void (WINAPI *FARPROC)(void);

/**
 * LoadLibraryA() - the library that stands for one of Windows' DLLs of SSPI
 * @name: "secur32.dll", "security.dll" or "sspicli.dll", with or without a
 *        folder and the suffix, in any case of letters
 *
 * Return: libsspi, or NULL for every other name.
 */
static inline HMODULE LoadLibraryA(LPCSTR name)
{
	static const char * const dlls[] = { "secur32", "security", "sspicli" };
	const char *base = name;
	size_t i, len;

	if (!name)
		return NULL;
	for (; *name; name++)
		if (*name == '\\' || *name == '/')
			base = name + 1;
	len = strlen(base);
	if (len > 4 && !strcasecmp(base + len - 4, ".dll"))
		len -= 4;
	for (i = 0; i < sizeof(dlls) / sizeof(dlls[0]); i++)
		if (len == strlen(dlls[i]) && !strncasecmp(base, dlls[i], len))
			return dlopen("libsspi.so.0", RTLD_NOW | RTLD_LOCAL);
	return NULL;
}

static inline HMODULE LoadLibraryW(LPCWSTR name)
{
	char narrow[MAX_PATH];
	size_t i;

	if (!name)
		return NULL;
	for (i = 0; i < sizeof(narrow); i++) {
		/* None of the names that count has other characters. */
		narrow[i] = (char)(name[i] < 0x80 ? name[i] : '?');
		if (!narrow[i])
			return LoadLibraryA(narrow);
	}
	return NULL;
}

static inline FARPROC GetProcAddress(HMODULE module, LPCSTR name)
{
	FARPROC function = NULL;
	void *symbol = module && name ? dlsym(module, name) : NULL;

	/* C has no conversion between the two kinds of pointers. */
	memcpy(&function, &symbol, sizeof(function));
	return function;
}

static inline BOOL FreeLibrary(HMODULE module)
{
	return module && !dlclose(module);
}

#define LoadLibrary	SSPI_NAME_AW(LoadLibrary)

#endif /* SSPI_WINDOWS_H */
