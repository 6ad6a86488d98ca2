// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * A thread that runs as the client: ImpersonateSecurityContext and
 * RevertSecurityContext.
 *
 * The C library changes who all threads of a process are, so this calls the kernel
 * itself, which changes the calling thread alone.  Of that thread
 *
 *  - the real and the effective ids and the groups become the client's: the file
 *    system, sockets, keyrings, limits and whatever the thread executes see him;
 *  - the saved ids stay the thread's own: with all of them the client's, he could
 *    change the limits of the process (prlimit(2)), and with capabilities that stay
 *    permitted the thread could not come back where its own uid is 0;
 *  - effective, inheritable and ambient capabilities go.  Permitted ones stay, since
 *    RevertSecurityContext needs them; what is executed loses those with the saved
 *    ids, and has no way back.
 *
 * This takes CAP_SETUID and CAP_SETGID in the caller's user namespace, so that nobody
 * becomes by it what he could not become without.
 *
 * What the thread was is kept for the thread.  If it ends, what was kept is freed; a
 * child of fork() has it, too.  A thread that is begun while impersonating is the
 * client from its beginning, and has nothing to go back to.
 */
#include <errno.h>
#include <grp.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <linux/capability.h>
#include <linux/securebits.h>

#include "libsspi/internal.h"

#define NEEDED	(UINT64_C(1) << CAP_SETUID | UINT64_C(1) << CAP_SETGID)

/**
 * struct creds - who a thread is
 * @uid:         real, effective and saved
 * @gid:         likewise
 * @permitted:   capabilities, bit n for capability n
 * @effective:   likewise
 * @inheritable: likewise
 * @ambient:     likewise
 * @ngroups:     how many of @groups
 * @groups:      supplementary groups
 */
struct creds {
	uid_t uid[3];
	gid_t gid[3];
	uint64_t permitted;
	uint64_t effective;
	uint64_t inheritable;
	uint64_t ambient;
	size_t ngroups;
	gid_t groups[];
};

/**
 * struct impersonation - a thread that runs as a client
 * @own:    who it was
 * @client: who it is
 */
struct impersonation {
	struct creds *own;
	struct creds *client;
};

static pthread_key_t key;
static bool have_key;

static void impersonation_free(void *p)
{
	struct impersonation *imp = p;

	if (!imp)
		return;
	free(imp->own);
	free(imp->client);
	free(imp);
}

static void make_key(void)
{
	have_key = !pthread_key_create(&key, impersonation_free);
}

/* The calling thread's, NULL - it is itself. */
static struct impersonation *impersonation_get(void)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	pthread_once(&once, make_key);
	return have_key ? pthread_getspecific(key) : NULL;
}

static struct creds *creds_alloc(size_t ngroups)
{
	struct creds *creds = calloc(1, sizeof(*creds) + ngroups * sizeof(creds->groups[0]));

	if (creds)
		creds->ngroups = ngroups;
	return creds;
}

static int caps_get(struct creds *creds)
{
	struct __user_cap_header_struct head = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3];
	uint64_t raisable;
	int cap;

	if (syscall(SYS_capget, &head, data))
		return errno;
	creds->permitted = data[0].permitted | (uint64_t)data[1].permitted << 32;
	creds->effective = data[0].effective | (uint64_t)data[1].effective << 32;
	creds->inheritable = data[0].inheritable | (uint64_t)data[1].inheritable << 32;
	/* Only these can be ambient. */
	raisable = creds->permitted & creds->inheritable;
	creds->ambient = 0;
	for (cap = 0; raisable >> cap; cap++)
		if (raisable >> cap & 1 &&
		    prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_IS_SET, cap, 0, 0) == 1)
			creds->ambient |= UINT64_C(1) << cap;
	return 0;
}

static int caps_set(const struct creds *creds, uint64_t effective)
{
	struct __user_cap_header_struct head = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3] = {
		{ (uint32_t)effective, (uint32_t)creds->permitted, (uint32_t)creds->inheritable },
		{ (uint32_t)(effective >> 32), (uint32_t)(creds->permitted >> 32),
		  (uint32_t)(creds->inheritable >> 32) },
	};

	return syscall(SYS_capset, &head, data) ? errno : 0;
}

/* Those that are ambient already stay so. */
static int ambient_raise(uint64_t ambient)
{
	int cap;

	for (cap = 0; ambient >> cap; cap++)
		if (ambient >> cap & 1 && prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, cap, 0, 0))
			return errno;
	return 0;
}

/* Who the calling thread is; NULL without memory. */
static struct creds *creds_now(void)
{
	long n = syscall(SYS_getgroups, 0, NULL);
	struct creds *creds = n < 0 ? NULL : creds_alloc((size_t)n);

	if (!creds)
		return NULL;
	if (syscall(SYS_getgroups, n, creds->groups) != n ||
	    syscall(SYS_getresuid, &creds->uid[0], &creds->uid[1], &creds->uid[2]) ||
	    syscall(SYS_getresgid, &creds->gid[0], &creds->gid[1], &creds->gid[2]) ||
	    caps_get(creds)) {
		free(creds);
		return NULL;
	}
	return creds;
}

static bool is_root(const struct creds *creds)
{
	return !creds->uid[0] || !creds->uid[1] || !creds->uid[2];
}

/* Who a thread is to be; NULL without memory. */
static struct creds *creds_of_client(const struct creds *own, const struct ksspi_token *token)
{
	struct creds *creds = creds_alloc(token->ngroups);

	if (!creds)
		return NULL;
	memcpy(creds->groups, token->groups, token->ngroups * sizeof(creds->groups[0]));
	creds->uid[0] = creds->uid[1] = token->info.uid;
	creds->gid[0] = creds->gid[1] = token->info.gid;
	/* When the last uid that is 0 goes, the kernel takes the permitted ones, too. */
	creds->uid[2] = is_root(own) ? 0 : own->uid[1];
	creds->gid[2] = own->gid[1];
	creds->permitted = own->permitted;
	return creds;
}

/* The kernel has no call that does all of it.  With NEEDED effective; returns an errno. */
static int creds_apply(const struct creds *to)
{
	if (syscall(SYS_setgroups, to->ngroups, to->groups) ||
	    syscall(SYS_setresgid, to->gid[0], to->gid[1], to->gid[2]) ||
	    syscall(SYS_setresuid, to->uid[0], to->uid[1], to->uid[2]))
		return errno;
	/* A uid that has become 0, or is 0 no more, has changed what is effective. */
	return caps_set(to, to->effective) ?: ambient_raise(to->ambient);
}

/*
 * From what the thread is to what it shall be, or not at all: nobody goes on with a
 * thread that is half of each.  Returns an errno.
 */
static int creds_switch(const struct creds *from, const struct creds *to)
{
	int err = caps_set(from, from->effective | NEEDED);

	if (err)
		return err;
	err = creds_apply(to);
	if (err && (caps_set(from, from->effective | NEEDED) || creds_apply(from)))
		abort();
	return err;
}

/* Inheritable and ambient capabilities cannot always be had back (capabilities(7)). */
static bool can_come_back(const struct creds *own)
{
	int securebits, cap;

	if ((own->permitted & NEEDED) != NEEDED || (own->inheritable & ~own->permitted))
		return false;
	for (cap = 0; own->inheritable >> cap; cap++)
		if (own->inheritable >> cap & 1 && prctl(PR_CAPBSET_READ, cap, 0, 0, 0) != 1)
			return false;
	if (!own->ambient)
		return true;
	securebits = prctl(PR_GET_SECUREBITS, 0, 0, 0, 0);
	return securebits >= 0 && !(securebits & SECBIT_NO_CAP_AMBIENT_RAISE);
}

/*
 * Nobody gains by it: who may not become the client is refused, as is who could not
 * come back as he was.
 */
static bool may_become(const struct creds *own, const struct ksspi_token *token)
{
	if (!ksspi_token_usable(token) || (token->info.ret_flags & ASC_RET_IDENTIFY))
		return false;
	/* What root executes has all capabilities, whoever has begun it. */
	return can_come_back(own) && (token->info.uid || !own->uid[1]);
}

static SECURITY_STATUS to_status(int err)
{
	if (!err)
		return SEC_E_OK;
	/* EINVAL: an id that the user namespace does not have */
	if (err == EPERM || err == EINVAL)
		return SEC_E_NO_IMPERSONATION;
	return err == EAGAIN ? SEC_E_INSUFFICIENT_MEMORY : ksspi_status(err);
}

/* The first client of a thread */
static SECURITY_STATUS begin(const struct ksspi_token *token)
{
	struct impersonation *imp = calloc(1, sizeof(*imp));
	int err = ENOMEM;

	if (!imp)
		return SEC_E_INSUFFICIENT_MEMORY;
	imp->own = creds_now();
	if (!imp->own)
		goto free;
	if (!may_become(imp->own, token)) {
		err = EPERM;
		goto free;
	}
	imp->client = creds_of_client(imp->own, token);
	/* First, because from then on nothing may fail. */
	if (!imp->client || !have_key || pthread_setspecific(key, imp))
		goto free;
	err = creds_switch(imp->own, imp->client);
	if (!err)
		return SEC_E_OK;
	pthread_setspecific(key, NULL);
free:
	impersonation_free(imp);
	return to_status(err);
}

/* Another client in place of one; the way back stays the same. */
static SECURITY_STATUS replace(struct impersonation *imp, const struct ksspi_token *token)
{
	struct creds *client;
	int err;

	if (!may_become(imp->own, token))
		return SEC_E_NO_IMPERSONATION;
	client = creds_of_client(imp->own, token);
	if (!client)
		return SEC_E_INSUFFICIENT_MEMORY;
	err = creds_switch(imp->client, client);
	if (err) {
		free(client);
		return to_status(err);
	}
	free(imp->client);
	imp->client = client;
	return SEC_E_OK;
}

/**
 * ksspi_impersonate() - let the calling thread run as the client of a token
 * @fd: descriptor of the token, still the caller's; maybe of something else
 *
 * Return: as ImpersonateSecurityContext()
 */
SECURITY_STATUS ksspi_impersonate(int fd)
{
	struct impersonation *imp = impersonation_get();
	struct ksspi_token token;
	SECURITY_STATUS status;

	status = ksspi_token_read(fd, &token);
	if (status != SEC_E_OK)
		return status;
	return imp ? replace(imp, &token) : begin(&token);
}

/**
 * ksspi_revert() - let the calling thread run as itself again
 *
 * Return: SEC_E_OK, also if it does already; SEC_E_INSUFFICIENT_MEMORY or
 *         SEC_E_NO_IMPERSONATION, and the thread runs as the client still
 */
SECURITY_STATUS ksspi_revert(void)
{
	struct impersonation *imp = impersonation_get();
	int err;

	if (!imp)
		return SEC_E_OK;
	err = creds_switch(imp->client, imp->own);
	if (err)
		return to_status(err);
	pthread_setspecific(key, NULL);
	impersonation_free(imp);
	return SEC_E_OK;
}

/**
 * ImpersonateSecurityContext() - let the calling thread run as the client of a context
 * @phContext: an established context
 *
 * Other threads stay who they are.  The client takes the place of one that the
 * thread runs as already; there is one way back, to what the thread was at first.
 * After a failure the thread is who it was before.
 *
 * Return: SEC_E_OK; SEC_E_INVALID_HANDLE (NULL, no context, or one that is not
 *         established); SEC_E_NO_IMPERSONATION - the caller has not CAP_SETUID and
 *         CAP_SETGID, the client maps to no account here, or only lets himself be
 *         identified (ASC_RET_IDENTIFY), he is root and the caller is not, or a
 *         security module or user namespace forbids it; SEC_E_CONTEXT_EXPIRED;
 *         SEC_E_INSUFFICIENT_MEMORY
 */
SECURITY_STATUS SEC_ENTRY ImpersonateSecurityContext(PCtxtHandle phContext)
{
	SECURITY_STATUS status;
	int fd;

	if (!phContext)
		return SEC_E_INVALID_HANDLE;
	status = ksspi_token_open(ksspi_handle(phContext), &fd);
	if (status != SEC_E_OK)
		return status;
	status = ksspi_impersonate(fd);
	close(fd);
	return status;
}

/**
 * RevertSecurityContext() - let the calling thread run as itself again
 * @phContext: the context that was given to ImpersonateSecurityContext(), not deleted
 *             since; RevertToSelf() needs none
 *
 * Return: SEC_E_OK, also if the thread impersonates nobody; SEC_E_INVALID_HANDLE
 *         (NULL, no context, or one that is not established), SEC_E_NO_IMPERSONATION
 *         (a security module forbids it), SEC_E_INSUFFICIENT_MEMORY: the thread runs
 *         as the client still
 */
SECURITY_STATUS SEC_ENTRY RevertSecurityContext(PCtxtHandle phContext)
{
	unsigned char info[256];
	struct ksecdd_query cmd = {
		.size = sizeof(cmd),
		.context = ksspi_handle(phContext),
		.attribute = KSECDD_ATTR_SERVER_NAME,
		.len = sizeof(info),
		.buffer = ksspi_pointer(info),
	};
	SECURITY_STATUS status;

	if (!phContext)
		return SEC_E_INVALID_HANDLE;
	/* What only an established context tells; it may be of any length. */
	status = ksspi_call(KSECDD_IOC_QUERY, &cmd);
	if (status != SEC_E_OK && status != SEC_E_BUFFER_TOO_SMALL)
		return status;
	return ksspi_revert();
}
