// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Tokens: QuerySecurityContextToken, and what can be asked of a token.
 *
 * The HANDLE of a token is its file descriptor.  It is never one of the first three,
 * so that it is never NULL.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <linux/magic.h>

#include <sspi_linux.h>

#include "libsspi/internal.h"

/* A newer kernel may have more to say than this library knows. */
union token_info {
	struct ksecdd_token_info known;
	unsigned char room[256];
};

/**
 * ksspi_token_handle() - the HANDLE of a token
 * @fd: its descriptor
 *
 * Return: the HANDLE
 */
HANDLE ksspi_token_handle(int fd)
{
	return (HANDLE)(intptr_t)fd;
}

/**
 * ksspi_token_fd() - the descriptor of a HANDLE
 * @token: the HANDLE
 *
 * Return: the descriptor, maybe not of a token; -1 if it can be none
 */
int ksspi_token_fd(HANDLE token)
{
	intptr_t fd = (intptr_t)token;

	return fd > STDERR_FILENO && fd <= INT_MAX ? (int)fd : -1;
}

/*
 * Descriptors come from other processes, too.  One of a device that some user has
 * made must not answer for a token; our driver's files are anonymous inodes, which
 * only drivers make.
 */
static SECURITY_STATUS check_file(int fd)
{
	struct statfs fs;

	if (fstatfs(fd, &fs))
		return ksspi_status(errno);
	return fs.f_type == ANON_INODE_FS_MAGIC ? SEC_E_OK : SEC_E_INVALID_HANDLE;
}

static SECURITY_STATUS ask(int fd, uint32_t attribute, void *buffer, uint32_t *len)
{
	struct ksecdd_query cmd = {
		.size = sizeof(cmd),
		.attribute = attribute,
		.len = *len,
		.buffer = ksspi_pointer(buffer),
	};

	if (ioctl(fd, KSECDD_TOKEN_QUERY, &cmd))
		return errno == ENOTTY || errno == EINVAL ? SEC_E_INVALID_HANDLE :
							    ksspi_status(errno);
	if (cmd.status == SEC_E_OK)
		*len = cmd.len;
	return cmd.status;
}

/**
 * ksspi_token_read() - what a token says
 * @fd:    a descriptor, maybe not of a token
 * @token: receives it
 *
 * Return: SEC_E_OK; SEC_E_INVALID_HANDLE if it is no token;
 *         SEC_E_INSUFFICIENT_MEMORY
 */
SECURITY_STATUS ksspi_token_read(int fd, struct ksspi_token *token)
{
	uint32_t len = sizeof(union token_info);
	SECURITY_STATUS status;
	union token_info info = {};

	status = check_file(fd);
	if (status == SEC_E_OK)
		status = ask(fd, KSECDD_ATTR_TOKEN, &info, &len);
	if (status != SEC_E_OK)
		return status;
	token->info = info.known;
	len = sizeof(token->groups);
	status = ask(fd, KSECDD_ATTR_GROUPS, token->groups, &len);
	if (status == SEC_E_OK)
		token->ngroups = len / sizeof(*token->groups);
	return status;
}

/**
 * ksspi_token_open() - a token of a context's client
 * @context: the context
 * @fd:      receives the descriptor, close-on-exec and the caller's
 *
 * Return: SEC_E_OK; SEC_E_INVALID_HANDLE, SEC_E_CONTEXT_EXPIRED,
 *         SEC_E_INSUFFICIENT_MEMORY (memory, descriptors or the limit)
 */
SECURITY_STATUS ksspi_token_open(uint64_t context, int *fd)
{
	struct ksecdd_token cmd = {
		.size = sizeof(cmd),
		.context = context,
	};
	SECURITY_STATUS status;
	int high;

	status = ksspi_call(KSECDD_IOC_TOKEN, &cmd);
	if (status != SEC_E_OK)
		return status;
	if (cmd.fd <= STDERR_FILENO) {
		high = fcntl(cmd.fd, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
		close(cmd.fd);
		if (high < 0)
			return SEC_E_INSUFFICIENT_MEMORY;
		cmd.fd = high;
	}
	*fd = cmd.fd;
	return SEC_E_OK;
}

/**
 * QuerySecurityContextToken() - a token that says who the client of a context is
 * @phContext: an established context
 * @Token:     receives the token, to be closed with CloseHandle().  It needs the
 *             context no more
 *
 * Return: SEC_E_OK; SEC_E_INVALID_HANDLE (NULL, no context, or one that is not
 *         established); SEC_E_INVALID_PARAMETER (@Token is NULL);
 *         SEC_E_CONTEXT_EXPIRED; SEC_E_INSUFFICIENT_MEMORY
 */
SECURITY_STATUS SEC_ENTRY QuerySecurityContextToken(PCtxtHandle phContext, HANDLE *Token)
{
	SECURITY_STATUS status;
	int fd;

	if (!phContext)
		return SEC_E_INVALID_HANDLE;
	if (!Token)
		return SEC_E_INVALID_PARAMETER;
	status = ksspi_token_open(ksspi_handle(phContext), &fd);
	if (status == SEC_E_OK)
		*Token = ksspi_token_handle(fd);
	return status;
}

/**
 * struct texts - what a token says in words
 * @client:     DOMAIN\user
 * @ccache:     a credential cache, maybe none
 * @sids:       SIDs with spaces between them, maybe none
 * @client_len: bytes of each
 * @ccache_len: likewise
 * @sids_len:   likewise
 */
struct texts {
	char client[KSECDD_MAX_NAME];
	char ccache[KSECDD_MAX_NAME];
	char sids[KSECDD_MAX_SIDS];
	uint32_t client_len;
	uint32_t ccache_len;
	uint32_t sids_len;
};

/* A module may be too old to have been asked that. */
static SECURITY_STATUS ask_more(int fd, uint32_t attribute, char *text, uint32_t *len)
{
	SECURITY_STATUS status = ask(fd, attribute, text, len);

	if (status != SEC_E_UNSUPPORTED_FUNCTION)
		return status;
	*len = 0;
	return SEC_E_OK;
}

static SECURITY_STATUS read_texts(int fd, struct texts *texts)
{
	SECURITY_STATUS status;

	texts->client_len = sizeof(texts->client);
	texts->ccache_len = sizeof(texts->ccache);
	texts->sids_len = sizeof(texts->sids);
	status = ask(fd, KSECDD_ATTR_CLIENT_NAME, texts->client, &texts->client_len);
	if (status == SEC_E_OK)
		status = ask_more(fd, KSECDD_ATTR_CCACHE, texts->ccache, &texts->ccache_len);
	if (status == SEC_E_OK)
		status = ask_more(fd, KSECDD_ATTR_SIDS, texts->sids, &texts->sids_len);
	return status;
}

static uint32_t count_sids(const struct texts *texts)
{
	uint32_t n = !!texts->sids_len, i;

	for (i = 0; i < texts->sids_len; i++)
		n += texts->sids[i] == ' ';
	return n;
}

/* Appends a string; returns where it is. */
static char *put_text(char **end, const char *text, size_t len)
{
	char *begin = *end;

	memcpy(begin, text, len);
	begin[len] = '\0';
	*end += len + 1;
	return begin;
}

static void put_sids(char **end, const struct texts *texts, char **sids, uint32_t n)
{
	char *sid = put_text(end, texts->sids, texts->sids_len);
	uint32_t i;

	for (i = 0; i < n; i++) {
		sids[i] = sid;
		sid += strcspn(sid, " ");
		*sid++ = '\0';
	}
}

static SECURITY_STATUS make_info(const struct ksspi_token *token, const struct texts *texts,
				 PLinuxTokenInfo *ppInfo)
{
	struct ksecdd_package package = {};
	uint32_t sids = count_sids(texts);
	SECURITY_STATUS status;
	struct {
		LinuxTokenInfo info;
		LinuxTokenAccount account;
		char *sids[];
	} *all;
	size_t package_len;
	ULONG *groups;
	char *end;

	/* A token that another process was given may be of a package that is not here. */
	status = ksspi_package_by_id(token->info.mech, &package);
	if (status != SEC_E_OK && status != SEC_E_SECPKG_NOT_FOUND)
		return status;
	package_len = strnlen(package.name, sizeof(package.name) - 1);
	all = ksspi_alloc(sizeof(*all) + sids * sizeof(*all->sids) +
			  token->ngroups * sizeof(*groups) + texts->client_len +
			  package_len + texts->ccache_len + texts->sids_len + 4);
	if (!all)
		return SEC_E_INSUFFICIENT_MEMORY;
	groups = (ULONG *)&all->sids[sids];
	memcpy(groups, token->groups, token->ngroups * sizeof(*groups));
	end = (char *)&groups[token->ngroups];

	all->account = (LinuxTokenAccount){ token->info.uid, token->info.gid, token->ngroups,
					    groups };
	all->info = (LinuxTokenInfo){
		.LogonId = { (DWORD)token->info.logon, (LONG)(token->info.logon >> 32) },
		.Flags = token->info.ret_flags,
		.Account = ksspi_token_usable(token) ? &all->account : NULL,
		.cSids = sids,
		.sSids = all->sids,
		.Key = token->info.key,
	};
	all->info.sUserName = put_text(&end, texts->client, texts->client_len);
	all->info.sPackageName = put_text(&end, package.name, package_len);
	if (texts->ccache_len)
		all->info.sCredentialCache = put_text(&end, texts->ccache, texts->ccache_len);
	put_sids(&end, texts, all->sids, sids);
	ksspi_set_time(&all->info.tsStart, token->info.start);
	ksspi_set_time(&all->info.tsExpiry, token->info.expiry);
	*ppInfo = &all->info;
	return SEC_E_OK;
}

/**
 * ksspi_token_usable() - has a token an account that this process can name?
 * @token: the token
 *
 * A user namespace that has not all of its ids has not the account: without one of
 * its groups it would be somebody else, whom a group may shut out from less.
 *
 * Return: true if so
 */
bool ksspi_token_usable(const struct ksspi_token *token)
{
	uint32_t i;

	if (token->info.uid == UINT32_MAX || token->info.gid == UINT32_MAX)
		return false;
	for (i = 0; i < token->ngroups; i++)
		if (token->groups[i] == UINT32_MAX)
			return false;
	return true;
}

/**
 * LinuxQueryToken() - what a token says
 * @Token:  the token
 * @ppInfo: receives it, in one piece of memory that FreeContextBuffer() takes back
 *
 * Return: SEC_E_OK; SEC_E_INVALID_HANDLE (no token); SEC_E_INVALID_PARAMETER (@ppInfo
 *         is NULL); SEC_E_NOT_OWNER (the device may not be opened);
 *         SEC_E_INSUFFICIENT_MEMORY
 */
SECURITY_STATUS SEC_ENTRY LinuxQueryToken(HANDLE Token, PLinuxTokenInfo *ppInfo)
{
	struct ksspi_token token;
	SECURITY_STATUS status;
	struct texts *texts;

	if (!ppInfo)
		return SEC_E_INVALID_PARAMETER;
	status = ksspi_token_read(ksspi_token_fd(Token), &token);
	if (status != SEC_E_OK)
		return status;
	/* Too much for the stack of a small thread. */
	texts = malloc(sizeof(*texts));
	if (!texts)
		return SEC_E_INSUFFICIENT_MEMORY;
	status = read_texts(ksspi_token_fd(Token), texts);
	if (status == SEC_E_OK)
		status = make_info(&token, texts, ppInfo);
	free(texts);
	return status;
}

/* For functions that return a BOOL: why not is in errno, as Linux has it. */
static BOOL succeeded(SECURITY_STATUS status)
{
	if (status == SEC_E_INVALID_HANDLE)
		errno = EBADF;
	else if (status == SEC_E_INSUFFICIENT_MEMORY)
		errno = ENOMEM;
	else if (status != SEC_E_OK)
		errno = EPERM;
	return status == SEC_E_OK;
}

/**
 * ImpersonateLoggedOnUser() - let the calling thread run as the client of a token
 * @hToken: the token
 *
 * As ImpersonateSecurityContext().
 *
 * Return: TRUE; FALSE with errno: EBADF - no token; EPERM - what
 *         ImpersonateSecurityContext() returns SEC_E_NO_IMPERSONATION for; ENOMEM
 */
BOOL WINAPI ImpersonateLoggedOnUser(HANDLE hToken)
{
	return succeeded(ksspi_impersonate(ksspi_token_fd(hToken)));
}

/**
 * RevertToSelf() - let the calling thread run as itself again
 *
 * Return: TRUE, also if it does already; FALSE with errno, and the thread runs as the
 *         client still
 */
BOOL WINAPI RevertToSelf(void)
{
	return succeeded(ksspi_revert());
}

/**
 * CloseHandle() - close a token
 * @hObject: the token
 *
 * Return: TRUE; FALSE with errno EBADF if it is no token, and it stays open then
 */
BOOL WINAPI CloseHandle(HANDLE hObject)
{
	struct ksspi_token token;
	int fd = ksspi_token_fd(hObject);

	if (ksspi_token_read(fd, &token) == SEC_E_INVALID_HANDLE) {
		errno = EBADF;
		return FALSE;
	}
	return !close(fd);
}
