/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the files of ksecdd.ko know of each other, in the order of Kbuild.
 *
 * Locks, outermost first; none is held over an upcall or a copy from or to user
 * memory:
 *
 *	ksec_files_lock (mutex)	the list of open files
 *	ksec_context.lock	state of one context
 *	ksec_file.lock		answers that were not fetched
 *	ksec_net.lock		queue and helper of one network namespace
 *	ksec_reap_lock		list of half-open contexts
 *	ksec_users_lock		table of users
 */
#ifndef _KSECDD_KSEC_H
#define _KSECDD_KSEC_H

#include <linux/atomic.h>
#include <linux/completion.h>
#include <linux/key.h>
#include <linux/list.h>
#include <linux/percpu.h>
#include <linux/refcount.h>
#include <linux/sched.h>
#include <linux/spinlock.h>
#include <linux/types.h>
#include <linux/uidgid.h>
#include <linux/workqueue.h>
#include <linux/xarray.h>

#include <linux/ksecdd.h>

#include "compat/compat.h"
#include "identity.h"
#include "mech.h"
#include "request.h"

struct genl_info;
struct net;

/* stats.c */

enum ksec_stat {
	/* what there is now */
	KSEC_STAT_CONTEXTS,
	KSEC_STAT_HALF_OPEN,
	KSEC_STAT_CREDENTIALS,
	KSEC_STAT_FILES,
	KSEC_STAT_REQUESTS,
	/* what has happened */
	KSEC_STAT_ACCEPTED,
	KSEC_STAT_DENIED,
	KSEC_STAT_FAILED,
	KSEC_STAT_UPCALLS,
	KSEC_STAT_TIMEOUTS,
	KSEC_STAT_ABORTED,
	KSEC_STAT_UNSERVED,
	KSEC_STAT_SIGNED,
	KSEC_STAT_VERIFIED,
	KSEC_STAT_REJECTED,
	KSEC_STAT_EXPIRED,
	KSEC_NR_STATS
};

struct ksec_stats {
	u64 s_count[KSEC_NR_STATS];
};

extern struct ksec_stats __percpu *ksec_stats;

static inline void ksec_stat_add(enum ksec_stat stat, s64 n)
{
	this_cpu_add(ksec_stats->s_count[stat], n);
}

static inline void ksec_stat_inc(enum ksec_stat stat)
{
	ksec_stat_add(stat, 1);
}

static inline void ksec_stat_dec(enum ksec_stat stat)
{
	ksec_stat_add(stat, -1);
}

u64 ksec_stat_sum(enum ksec_stat stat);
int ksec_stats_init(void);
void ksec_stats_exit(void);

/* package.c */

/**
 * struct ksec_package - a line of the package list
 * @p_id:           KSECDD_PACKAGE_*
 * @p_capabilities: SECPKG_FLAG_*
 * @p_rpcid:        SecPkgInfo.wRPCID
 * @p_max_token:    SecPkgInfo.cbMaxToken in bytes
 * @p_uses:         SECPKG_CRED_* bits that AcquireCredentialsHandle may combine;
 *                  at least one inbound bit must be asked for
 * @p_timeout_ms:   how long the helper may take over a token
 * @p_mech:         who protects its messages unless the helper says otherwise
 * @p_mechs:        whose keys the helper may give to its contexts: a bit for each
 *                  KSECDD_PACKAGE_*
 * @p_tls:          tokens of its clients are TLS records
 * @p_params:       KSECDD_PARAMS_* that a service may give with a token
 * @p_completes:    its contexts go on with SEC_I_COMPLETE_NEEDED and
 *                  SEC_I_COMPLETE_AND_CONTINUE, too
 * @p_refused:      ASC_REQ_* that it has not got
 * @p_on_demand:    it is only in the list where a helper has registered for it
 * @p_name:         SecPkgInfo.Name
 * @p_comment:      SecPkgInfo.Comment
 */
struct ksec_package {
	u32 p_id;
	u32 p_capabilities;
	u16 p_rpcid;
	u32 p_max_token;
	u32 p_uses;
	const unsigned int *p_timeout_ms;
	const struct ksec_mech *p_mech;
	u32 p_mechs;
	bool p_tls;
	u32 p_params;
	bool p_completes;
	u32 p_refused;
	bool p_on_demand;
	const char *p_name;
	const char *p_comment;
};

const struct ksec_package *ksec_package_by_id(u32 id);
const struct ksec_package *ksec_package_by_index(u32 index, u32 *count);
const char *ksec_package_name(u32 id);
bool ksec_status_goes_on(const struct ksec_package *pkg, s32 status);
const struct ksec_mech *ksec_package_mech(const struct ksec_package *pkg, u32 id);
int ksec_package_init(void);
void ksec_package_exit(void);

/* limits.c */

/**
 * struct ksec_user - what one user has
 * @u_uid:       who
 * @u_ref:       one per open file and token
 * @u_contexts:  contexts of all files
 * @u_half_open: those that are not established
 * @u_creds:     credentials of all files
 * @u_tokens:    tokens of all files' contexts
 * @u_requests:  requests that wait or are with the helper
 * @u_node:      in the table of users
 */
struct ksec_user {
	kuid_t u_uid;
	refcount_t u_ref;
	atomic_t u_contexts;
	atomic_t u_half_open;
	atomic_t u_creds;
	atomic_t u_tokens;
	atomic_t u_requests;
	struct hlist_node u_node;
};

extern unsigned int ksec_max_contexts_file;
extern unsigned int ksec_max_contexts_user;
extern unsigned int ksec_max_half_open_user;
extern unsigned int ksec_max_creds_user;
extern unsigned int ksec_max_tokens_user;
extern unsigned int ksec_max_requests_user;

struct ksec_user *ksec_user_get(kuid_t uid);
void ksec_user_put(struct ksec_user *user);
bool ksec_charge(atomic_t *counter, unsigned int limit);
void ksec_uncharge(atomic_t *counter);

/* object.c */

/**
 * struct ksec_object - what a handle names
 * @o_ref:  the table's reference and one for each call at work
 * @o_type: KSECDD_OBJECT_*
 * @o_id:   index in the file's table
 * @o_gen:  generation: other than that of whatever had the index before
 * @o_rcu:  the memory is given back after a grace period, the contents are
 *          wiped at the last put
 */
struct ksec_object {
	refcount_t o_ref;
	u32 o_type;
	u32 o_id;
	u32 o_gen;
	struct rcu_head o_rcu;
};

/**
 * struct ksec_file - an open file of the device
 * @f_ref:        the open file's, and one for each context, which the reaper may
 *                still have in hand when the file is closed
 * @f_objects:    what its handles name
 * @f_gen:        last generation given out
 * @f_contexts:   contexts in @f_objects
 * @f_user:       who opened it; pays for everything
 * @f_lock:       protects @f_answers
 * @f_answers:    contexts without a handle that keep an answer; a reference each
 * @f_serial:     position in the list of files
 * @f_node:       in the list of files
 */
struct ksec_file {
	refcount_t f_ref;
	struct xarray f_objects;
	atomic_t f_gen;
	atomic_t f_contexts;
	struct ksec_user *f_user;
	spinlock_t f_lock;	/* protects f_answers */
	struct list_head f_answers;
	u64 f_serial;
	struct list_head f_node;
};

static inline u64 ksec_handle(const struct ksec_object *obj)
{
	return (u64)obj->o_gen << 32 | obj->o_id;
}

void ksec_object_init(struct ksec_object *obj, u32 type);
int ksec_object_reserve(struct ksec_file *file, struct ksec_object *obj);
void ksec_object_publish(struct ksec_file *file, struct ksec_object *obj);
void ksec_object_unreserve(struct ksec_file *file, struct ksec_object *obj);
struct ksec_object *ksec_object_get(struct ksec_file *file, u64 handle, u32 type);
void ksec_object_put(struct ksec_object *obj);
bool ksec_object_remove(struct ksec_file *file, u64 handle, u32 type);
void ksec_object_remove_all(struct ksec_file *file);

/* keytype.c */

/* What explicit credentials are made of, in this order */
enum ksec_secret_part {
	KSEC_SECRET_USER,
	KSEC_SECRET_DOMAIN,
	KSEC_SECRET_PASSWORD,
	KSEC_SECRET_PARTS,
};

/**
 * struct ksec_secret - explicit credentials, the payload of a "ksecdd_cred" key
 * @s_fetch: 1 - who has the token may fetch it; 0 - he may not, or has
 * @s_len:   bytes of each part
 * @s_data:  the parts, without gaps, UTF-8
 */
struct ksec_secret {
	int s_fetch;
	u32 s_len[KSEC_SECRET_PARTS];
	u8 s_data[];
};

/**
 * struct ksec_key_source - explicit credentials that are to become a key
 * @k_part:        the parts, in memory of the caller
 * @k_uid:         whose key it becomes, and whose quota pays
 * @k_gid:         its group
 * @k_perm:        KEY_*: what possessor, user and others may do with it
 * @k_fetch:       who has the token may fetch it, once
 * @k_description: what it is called
 */
struct ksec_key_source {
	struct {
		const void __user *from;
		u32 len;
	} k_part[KSEC_SECRET_PARTS];
	kuid_t k_uid;
	kgid_t k_gid;
	u32 k_perm;
	bool k_fetch;
	const char *k_description;
};

struct key *ksec_key_create(const struct ksec_key_source *source);
struct ksec_secret *ksec_key_secret(const struct key *key);
int ksec_keytype_init(void);
void ksec_keytype_exit(void);

/* cred.c */

/**
 * struct ksec_cred - a credential
 * @c_obj:           must be first
 * @c_package:       whose
 * @c_use:           SECPKG_CRED_*
 * @c_uid:           who acquired it: the policy of the helper goes by it
 * @c_user:          who pays
 * @c_key:           explicit credentials, or NULL
 * @c_expiry:        FILETIME
 * @c_principal_len: bytes of @c_principal
 * @c_principal:     UTF-8
 */
struct ksec_cred {
	struct ksec_object c_obj;
	const struct ksec_package *c_package;
	u32 c_use;
	kuid_t c_uid;
	struct ksec_user *c_user;
	struct key *c_key;
	s64 c_expiry;
	u32 c_principal_len;
	char c_principal[];
};

static inline struct ksec_cred *ksec_to_cred(struct ksec_object *obj)
{
	return container_of(obj, struct ksec_cred, c_obj);
}

int ksec_cred_acquire(void *file, void *arg, void __user *uarg);
void ksec_cred_release(struct ksec_object *obj);

/* context.c */

/**
 * struct ksec_context - a security context
 * @x_obj:       must be first
 * @x_lock:      protects what is said beside it
 * @x_state:     KSECDD_STATE_*; ESTABLISHED is stored last, and what follows it
 *               below does not change from then on
 * @x_busy:      an AcceptSecurityContext is at work on it
 * @x_charged:   counted as half-open
 * @x_leg:       tokens accepted so far
 * @x_blob_len:  bytes of @x_blob
 * @x_part_len:  bytes of @x_part
 * @x_blob:      what the engine wants back with the next token
 * @x_answer:    a request that was answered, and the caller could not take the
 *               answer
 * @x_answered:  in ksec_file.f_answers, protected by its f_lock
 * @x_part:      beginning of the next token, kvfree_sensitive(); NULL - there is none
 * @x_cred:      its credential, kept for as long as it lives
 * @x_file:      the open file it belongs to; keeps a reference
 * @x_since:     jiffies when it began to wait for a token
 * @x_reap:      in the list of half-open contexts
 * @x_number:    unique since the module was loaded
 * @x_created:   milliseconds of the boot clock
 * @x_pid:       process that made it
 * @x_comm:      its name
 * @x_mech:      mechanism of @x_keys; NULL while there are none
 * @x_keys:      keys of the message protection; NULL - there is none, or the
 *               request of the call at work has them
 * @x_identity:  who the client is
 * @x_outer:     while half-open: keys of what the tokens are wrapped in; NULL - there
 *               are none, or the request of the call at work has them
 * @x_peer:      of an established context: what is known of its TLS connection, or NULL
 * @x_ret_flags: ASC_RET_*
 * @x_auth:      KSECDD_PACKAGE_* that the client was authenticated with
 * @x_wrapped:   there are or were @x_outer
 * @x_shutdown:  the service has nothing more to say, and the peer is to be told
 * @x_start:     FILETIME of the establishment
 * @x_expiry:    FILETIME of the end
 */
struct ksec_context {
	struct ksec_object x_obj;
	spinlock_t x_lock;	/* protects the next 9 fields, and x_keys while half-open */
	bool x_busy;
	bool x_charged;
	u8 x_state;
	u16 x_leg;
	u16 x_blob_len;
	u32 x_part_len;
	void *x_blob;
	void *x_part;
	struct ksec_request *x_answer;
	struct list_head x_answered;
	struct ksec_cred *x_cred;
	struct ksec_file *x_file;
	unsigned long x_since;
	struct list_head x_reap;
	u64 x_number;
	u64 x_created;
	pid_t x_pid;
	char x_comm[TASK_COMM_LEN];
	const struct ksec_mech *x_mech;
	struct ksec_keys *x_keys;
	struct ksec_identity *x_identity;
	union {
		struct ksec_keys *x_outer;
		struct ksec_peer *x_peer;
	};
	u32 x_ret_flags;
	u8 x_auth;
	bool x_wrapped;
	bool x_shutdown;
	s64 x_start;
	s64 x_expiry;
};

static inline struct ksec_context *ksec_to_context(struct ksec_object *obj)
{
	return container_of(obj, struct ksec_context, x_obj);
}

struct ksec_reply;
struct ksec_request;

static inline u8 ksec_context_state(const struct ksec_context *ctx)
{
	/* Pairs with ksec_context_close(): keys and identity came before. */
	return smp_load_acquire(&ctx->x_state);
}

/* Of an established context, or one that nobody else has. */
static inline const struct ksec_mech *ksec_context_mech(const struct ksec_context *ctx)
{
	return ctx->x_mech ?: ctx->x_cred->c_package->p_mech;
}

struct ksec_context *ksec_context_create(struct ksec_file *file, struct ksec_cred *cred);
void ksec_context_kill(struct ksec_context *ctx);
void ksec_context_release(struct ksec_object *obj);
s32 ksec_context_begin(struct ksec_context *ctx);
bool ksec_context_copy(struct ksec_context *ctx, void *blob, u32 blob_len, void *part,
		       u32 part_len);
void ksec_context_lend_keys(struct ksec_context *ctx, struct ksec_request *req);
void ksec_context_end(struct ksec_context *ctx, struct ksec_request *req);
void ksec_context_keep(struct ksec_context *ctx, struct ksec_request *req, bool is_new);
struct ksec_request *ksec_context_take_answer(struct ksec_context *ctx);
void ksec_context_advance(struct ksec_context *ctx, struct ksec_reply *reply);
void ksec_context_establish(struct ksec_context *ctx, struct ksec_reply *reply);
s32 ksec_context_usable(const struct ksec_context *ctx);
s64 ksec_filetime_now(void);
int ksec_context_init(void);
void ksec_context_exit(void);

/* query.c */

int ksec_context_query(void *file, void *arg, void __user *uarg);
int ksec_query_respond(struct ksecdd_query *cmd, const void *data, u32 len, void __user *uarg);
void ksec_context_info(const struct ksec_context *ctx, struct ksecdd_context_info *info);

/* protect.c */

int ksec_protect(void *file, void *arg, void __user *uarg);
int ksec_protect_batch(void *file, void *arg, void __user *uarg);

/* answer.c */

bool ksec_answer_is_for(const struct ksec_request *answered, const struct ksec_request *req);
struct ksec_context *ksec_answer_find(struct ksec_file *file, const struct ksec_cred *cred,
				      const struct ksec_request *req);
void ksec_answer_add(struct ksec_context *ctx);
bool ksec_answer_remove(struct ksec_context *ctx);
void ksec_answer_remove_all(struct ksec_file *file);

/* accept.c */

int ksec_context_accept(void *file, void *arg, void __user *uarg);

/* accept_tls.c */

/* Bytes of the longest record that an established context makes by itself */
#define KSEC_TLS_MAX_SMALL	64

s32 ksec_tls_token(const u8 *data, u32 len, bool first, bool single, u32 *whole, u32 *missing);
s32 ksec_tls_unwrap(struct ksec_request *req);
void ksec_tls_unsent(struct ksec_request *req);
s32 ksec_tls_wrap(struct ksec_request *req);
void ksec_tls_extra(struct ksec_reply *reply, u32 extra_len);
int ksec_tls_established(struct ksec_context *ctx, struct ksecdd_accept *cmd, void __user *uarg);

/* control.c */

int ksec_context_control(void *file, void *arg, void __user *uarg);

/* attach.c */

int ksec_context_attach(void *file, void *arg, void __user *uarg);

/* netlink.c */

void ksec_netlink_ready(struct net *net, u32 portid, u32 pending);
int ksec_netlink_init(void);
void ksec_netlink_exit(void);

/* ioctl.c */

/**
 * struct ksec_ioctl - one ioctl
 * @i_cmd:     its number
 * @i_size:    size of its struct
 * @i_min:     size of its struct in the first ABI
 * @i_execute: does it; @arg is the kernel's copy of the struct, @uarg where it
 *             came from.  Writes the struct back itself, by ksec_respond(),
 *             because some have to take back what they did if that faults.
 */
struct ksec_ioctl {
	unsigned int i_cmd;
	u32 i_size;
	u32 i_min;
	int (*i_execute)(void *ctx, void *arg, void __user *uarg);
};

/* @_last is the last member of the first ABI's struct. */
#define KSEC_IOCTL(_cmd, _type, _last, _execute) {			\
	.i_cmd = (_cmd),						\
	.i_size = sizeof(_type),					\
	.i_min = offsetofend(_type, _last),				\
	.i_execute = (_execute),					\
}

long ksec_ioctl_dispatch(const struct ksec_ioctl *table, unsigned int n, void *ctx,
			 unsigned int cmd, void __user *uarg);
int ksec_respond(const void *arg, void __user *uarg);
long ksec_dev_ioctl(struct ksec_file *file, unsigned int cmd, void __user *uarg);

/* dev.c */

extern struct mutex ksec_files_lock;
extern struct list_head ksec_files;

struct ksec_file *ksec_file_create(kuid_t uid);
void ksec_file_close(struct ksec_file *file);
void ksec_file_put(struct ksec_file *file);
int ksec_dev_init(void);
void ksec_dev_exit(void);

/* main.c */

int ksec_parts_init(void);
void ksec_parts_exit(void);

#endif /* _KSECDD_KSEC_H */
