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

/* What LinuxProcessMessages() is to do with a message */
#define LINUX_MESSAGE_SIGN	0	/* as MakeSignature() */
#define LINUX_MESSAGE_VERIFY	1	/* as VerifySignature() */
#define LINUX_MESSAGE_ENCRYPT	2	/* as EncryptMessage() */
#define LINUX_MESSAGE_DECRYPT	3	/* as DecryptMessage() */

/*
 * A message for LinuxProcessMessages(): the arguments of the function that it
 * stands for, and its status.  fQOP is what goes in (LINUX_MESSAGE_SIGN,
 * LINUX_MESSAGE_ENCRYPT) and what comes out if the message succeeds.
 */
typedef struct _LinuxMessage {
	CtxtHandle Context;
	ULONG Operation;
	ULONG fQOP;
	ULONG MessageSeqNo;
	SECURITY_STATUS Status;
	PSecBufferDesc pMessage;
} LinuxMessage, *PLinuxMessage;

KSECDDDECLSPEC SECURITY_STATUS SEC_ENTRY
LinuxProcessMessages(PLinuxMessage pMessages, ULONG cMessages, ULONG *pcDone);

/*
 * From an established context of Schannel or CredSSP to its TCP socket: afterwards read(),
 * write(), sendfile() and splice() carry the plain text, and the context has no keys any
 * more.  flags must be 0.
 */
KSECDDDECLSPEC SECURITY_STATUS SEC_ENTRY
SspiAttachSocket(PCtxtHandle phContext, int fd, ULONG flags);

/*
 * Tokens of QuerySecurityContextToken().  The HANDLE of a token is its file
 * descriptor: it may be passed to another process (SCM_RIGHTS), which asks it and,
 * with privileges of its own, takes on the client's identity.  Only what comes from
 * somebody trusted should be impersonated: a token is no proof that its client has
 * anything to do with whom it comes from.
 */
#define LinuxTokenFromDescriptor(fd)	((HANDLE)(intptr_t)(fd))
#define LinuxTokenDescriptor(token)	((int)(intptr_t)(token))

/* A local account: what setgroups(), setresgid() and setresuid() take */
typedef struct _LinuxTokenAccount {
	ULONG Uid;
	ULONG Gid;
	ULONG cGroups;
	ULONG *Groups;
} LinuxTokenAccount, *PLinuxTokenAccount;

/*
 * Account is NULL for a client that maps to no local account, or to one that is not
 * wholly in the caller's user namespace.  Flags are the ASC_RET_* of the context,
 * LogonId is the number of the logon in the log, and the names are UTF-8.
 *
 * sCredentialCache is what the client has delegated (ASC_RET_DELEGATE): the name of
 * a Kerberos credential cache (KRB5CCNAME) that a thread can use which impersonates
 * the client.  NULL if he has delegated nothing.
 *
 * sSids are the client's SIDs ("S-1-5-21-1-2-3-1104"), the user's first, then those
 * of his groups.  None, with cSids 0, if nobody who can be believed named any.
 *
 * Key is the serial number of a kernel key of the local account with a password that the
 * client has delegated with CredSSP; 0 if he has not.  Nobody can read it.
 */
typedef struct _LinuxTokenInfo {
	LUID LogonId;
	ULONG Flags;
	LinuxTokenAccount *Account;
	char *sUserName;
	char *sPackageName;
	TimeStamp tsStart;
	TimeStamp tsExpiry;
	char *sCredentialCache;
	ULONG cSids;
	char **sSids;
	LONG Key;
} LinuxTokenInfo, *PLinuxTokenInfo;

KSECDDDECLSPEC SECURITY_STATUS SEC_ENTRY
LinuxQueryToken(HANDLE Token, PLinuxTokenInfo *ppInfo);

/* A password, or the PIN of a smart card, that a client has delegated; UTF-8 */
typedef struct _LinuxCredential {
	char *sUserName;
	char *sDomainName;
	char *sPassword;
} LinuxCredential, *PLinuxCredential;

/*
 * For a service that has to log on with the password once more (PAM), where
 * fetch-credentials of ksecd.conf(5) has the user that acquired the credential, who is the
 * one to call it: once for each logon.  FreeContextBuffer() wipes what it frees; what the
 * caller copies is for him to wipe.
 */
KSECDDDECLSPEC SECURITY_STATUS SEC_ENTRY
LinuxFetchCredential(HANDLE Token, PLinuxCredential *ppCredential);

/*
 * These are in other DLLs and headers of Windows, and are here for tokens alone.
 * Where one returns FALSE, errno says why.
 */
KSECDDDECLSPEC BOOL WINAPI ImpersonateLoggedOnUser(HANDLE hToken);
KSECDDDECLSPEC BOOL WINAPI RevertToSelf(void);
KSECDDDECLSPEC BOOL WINAPI CloseHandle(HANDLE hObject);

#ifdef __cplusplus
}
#endif

#endif /* SSPI_LINUX_H */
