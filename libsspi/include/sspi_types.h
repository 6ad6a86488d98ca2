/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The basic types of Windows' headers, as far as sspi.h and its family use them.
 *
 * The sizes are those of 64-bit Windows, where long is 32 bits wide: ULONG,
 * LONG and everything made of them are 32-bit types here.  WCHAR is a 16-bit
 * unit of UTF-16, whatever wchar_t is: write u"text", or TEXT("text") for what
 * follows UNICODE.
 */
#ifndef SSPI_TYPES_H
#define SSPI_TYPES_H

#include <stdint.h>

#if defined(__SIZEOF_POINTER__) && __SIZEOF_POINTER__ != 8
#error "libsspi has the binary layout of 64-bit Windows: build for a 64-bit target"
#endif

#ifndef VOID
#define VOID void
#endif
#ifndef CONST
#define CONST const
#endif
#ifndef TRUE
#define TRUE 1
#endif
#ifndef FALSE
#define FALSE 0
#endif

/* Calling conventions and import declarations: there is one way on Linux. */
#ifndef WINAPI
#define WINAPI
#endif
#ifndef CALLBACK
#define CALLBACK
#endif
#ifndef ANYSIZE_ARRAY
#define ANYSIZE_ARRAY 1
#endif

typedef char		CHAR;
typedef unsigned char	UCHAR;
typedef unsigned char	BYTE;
typedef unsigned char	BOOLEAN;
typedef int16_t		SHORT;
typedef uint16_t	USHORT;
typedef uint16_t	WORD;
typedef int		INT;
typedef unsigned int	UINT;
typedef int		BOOL;
typedef int32_t		LONG;
typedef uint32_t	ULONG;
typedef uint32_t	DWORD;
typedef int64_t		LONGLONG;
typedef uint64_t	ULONGLONG;
typedef uint64_t	ULONG64;
typedef intptr_t	INT_PTR;
typedef intptr_t	LONG_PTR;
typedef uintptr_t	ULONG_PTR;
typedef uintptr_t	DWORD_PTR;
typedef uintptr_t	SIZE_T;
typedef int32_t		HRESULT;
typedef int32_t		NTSTATUS;
typedef void		*HANDLE;
typedef void		*PVOID;
typedef void		*LPVOID;

/*
 * C++ tells char16_t, wchar_t and uint16_t apart, so there WCHAR has to be the
 * type of the literals.  With -fshort-wchar L"text" works, too.
 */
#if defined(__SIZEOF_WCHAR_T__) && __SIZEOF_WCHAR_T__ == 2
#ifdef __cplusplus
typedef wchar_t		WCHAR;
#else
typedef __WCHAR_TYPE__	WCHAR;
#endif
#define SSPI_WIDE(text)	L##text
#else
#ifdef __cplusplus
typedef char16_t	WCHAR;
#else
typedef uint16_t	WCHAR;
#endif
#define SSPI_WIDE(text)	u##text
#endif

typedef CHAR		*PCHAR, *PSTR, *LPSTR;
typedef const CHAR	*PCSTR, *LPCSTR;
typedef WCHAR		*PWCHAR, *PWSTR, *LPWSTR;
typedef const WCHAR	*PCWSTR, *LPCWSTR;
typedef UCHAR		*PUCHAR;
typedef BYTE		*PBYTE, *LPBYTE;
typedef BOOLEAN		*PBOOLEAN;
typedef BOOL		*PBOOL;
typedef USHORT		*PUSHORT;
typedef WORD		*PWORD;
typedef LONG		*PLONG;
typedef ULONG		*PULONG;
typedef DWORD		*PDWORD, *LPDWORD;
typedef HANDLE		*PHANDLE;

#ifndef __TEXT
#ifdef UNICODE
#define __TEXT(text)	SSPI_WIDE(text)
#else
#define __TEXT(text)	text
#endif
#endif
#ifndef TEXT
#define TEXT(text)	__TEXT(text)
#endif

/* NAME without a letter stands for the W one where UNICODE is defined. */
#ifdef UNICODE
#define SSPI_NAME_AW(name)	name##W
#define SSPI_NAME_U_AW(name)	name##_W
#else
#define SSPI_NAME_AW(name)	name##A
#define SSPI_NAME_U_AW(name)	name##_A
#endif

typedef union _LARGE_INTEGER {
	__extension__ struct {
		DWORD LowPart;
		LONG HighPart;
	};
	struct {
		DWORD LowPart;
		LONG HighPart;
	} u;
	LONGLONG QuadPart;
} LARGE_INTEGER, *PLARGE_INTEGER;

/* Units of 100 ns since 1601-01-01 */
typedef struct _FILETIME {
	DWORD dwLowDateTime;
	DWORD dwHighDateTime;
} FILETIME, *PFILETIME, *LPFILETIME;

typedef struct _LUID {
	DWORD LowPart;
	LONG HighPart;
} LUID, *PLUID;

typedef struct _GUID {
	uint32_t Data1;
	uint16_t Data2;
	uint16_t Data3;
	uint8_t Data4[8];
} GUID;

/* Length and MaximumLength count bytes; Buffer need not end with a NUL. */
typedef struct _UNICODE_STRING {
	USHORT Length;
	USHORT MaximumLength;
	USHORT *Buffer;
} UNICODE_STRING, *PUNICODE_STRING;

#endif /* SSPI_TYPES_H */
