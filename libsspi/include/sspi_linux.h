/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What SSPI has no word for because it is of Linux.
 */
#ifndef SSPI_LINUX_H
#define SSPI_LINUX_H

#include <sspi.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * ulAttribute of QueryContextAttributes: the local account that the client maps
 * to.  An attribute, and no function, so that it can be had through a
 * SecurityFunctionTable; the number is far from those of Windows.
 */
#define SECPKG_ATTR_LINUX_ACCOUNT	0x4b530001

/*
 * Uid is the uid in the caller's user namespace.  For a client that maps to no
 * local account the answer is SEC_E_NO_IMPERSONATION and not an impossible uid,
 * which setuid() and its like would take for "leave it as it is".
 */
typedef struct _SecPkgContext_LinuxAccount {
	ULONG Uid;
} SecPkgContext_LinuxAccount, *PSecPkgContext_LinuxAccount;

#ifdef __cplusplus
}
#endif

#endif /* SSPI_LINUX_H */
