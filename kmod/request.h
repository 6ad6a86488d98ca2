/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Questions to the helper and what it answers: upcall.c, reply.c, reqfd.c.
 */
#ifndef _KSECDD_REQUEST_H
#define _KSECDD_REQUEST_H

#include <linux/completion.h>
#include <linux/list.h>
#include <linux/refcount.h>
#include <linux/spinlock.h>
#include <linux/types.h>
#include <linux/workqueue.h>

#include <linux/ksecdd.h>

struct file;
struct ksec_identity;
struct ksec_keys;
struct ksec_mech;
struct ksec_package;
struct ksec_peer;
struct mem_cgroup;
struct net;

/* upcall.c */

/**
 * struct ksec_net - requests and helper of a network namespace
 * @n_lock:       protects everything below
 * @n_new:        requests that no helper has taken, oldest first
 * @n_nnew:       how many
 * @n_inflight:   request files that exist
 * @n_max:        most request files the helper wants
 * @n_portid:     netlink port of the helper, 0 - there is none
 * @n_packages:   packages it judges, or the last one did, one bit each
 * @n_all_netns:  it serves namespaces without a helper, too
 * @n_closed:     the namespace or the module goes away
 * @n_epoch:      random number of the registration
 * @n_next_id:    id of the next request
 * @n_grace:      jiffies until when a helper that has gone may come back
 * @n_grace_set:  @n_grace means something
 * @n_grace_work: ends the wait of requests that no helper came for
 */
struct ksec_net {
	spinlock_t n_lock;	/* protects all that follows */
	struct list_head n_new;
	u32 n_nnew;
	u32 n_inflight;
	u32 n_max;
	u32 n_portid;
	u32 n_packages;
	bool n_all_netns;
	bool n_closed;
	bool n_grace_set;
	u64 n_epoch;
	u64 n_next_id;
	unsigned long n_grace;
	struct delayed_work n_grace_work;
};

/**
 * struct ksec_reply - what a helper answered
 * @p_status:     SECURITY_STATUS
 * @p_ret_flags:  ASC_RET_*
 * @p_expiry:     FILETIME
 * @p_blob:       state for the next leg, kfree_sensitive()
 * @p_blob_len:   its bytes
 * @p_token:      token for the client, kvfree_sensitive()
 * @p_token_len:  its bytes
 * @p_identity:   who the client is
 * @p_peer:       what is known of his TLS connection, kvfree(); NULL - nothing
 * @p_unused_len: bytes at the end of the token that were not used
 * @p_outer:      keys of what the tokens are wrapped in
 * @p_wrapped:    @p_token is wrapped
 * @p_has_alert:  @p_alert is to be sent
 * @p_alert:      AlertDescription of TLS
 * @p_part:       the token, which is not whole, kvfree_sensitive()
 * @p_part_len:   its bytes
 * @p_keys:       keys that SET_KEYS made
 * @p_mech:       whose keys
 */
struct ksec_reply {
	s32 p_status;
	u32 p_ret_flags;
	s64 p_expiry;
	void *p_blob;
	u32 p_blob_len;
	void *p_token;
	u32 p_token_len;
	struct ksec_identity *p_identity;
	struct ksec_peer *p_peer;
	u32 p_unused_len;
	struct ksec_keys *p_outer;
	bool p_wrapped;
	bool p_has_alert;
	u8 p_alert;
	void *p_part;
	u32 p_part_len;
	struct ksec_keys *p_keys;
	const struct ksec_mech *p_mech;
};

/* ksec_request.r_flags */
enum {
	KSEC_REQ_DONE,		/* completed or cancelled: who sets it first decides */
	KSEC_REQ_SENT,		/* a helper has had its file */
	KSEC_REQ_COMPLETED,	/* by the helper's own COMPLETE */
	KSEC_REQ_BUSY,		/* an ioctl of its file is at work */
};

/**
 * struct ksec_request - a question to the helper
 * @r_ref:     the caller's, and the request file's
 * @r_flags:   KSEC_REQ_*
 * @r_done:    completed once the reply may be read
 * @r_id:      unique within the epoch
 * @r_package: whose token
 * @r_net:     queue it is in
 * @r_netns:   its namespace, held
 * @r_memcg:   memory cgroup of the caller, held: what the helper's answer takes
 *             is the caller's, and the helper must not run out of memory by it
 * @r_list:    in ksec_net.n_new, protected by n_lock
 * @r_deadline: jiffies when the caller gives up
 * @r_size:    bytes of @r_data
 * @r_room:    bytes that there are at @r_data
 * @r_data:    struct ksecdd_request and its sections
 * @r_part_len: bytes of the token that an earlier call has brought
 * @r_sent_len: bytes of @r_sent
 * @r_sent:    the token as the caller sent it, where the helper sees another:
 *             kvfree_sensitive()
 * @r_outer:   keys of what the tokens are wrapped in, until they go into @r_reply
 * @r_mark:    where @r_outer was before the token was unwrapped
 * @r_judged:  somebody may have judged the token: it must not come again
 * @r_keys:    keys of SET_KEYS until they go into @r_reply
 * @r_mech:    whose keys
 * @r_delegated: "ksecdd_cred" key with a password that the client has delegated, or NULL
 * @r_reply:   the answer, written by who sets KSEC_REQ_DONE, read after @r_done
 */
struct ksec_request {
	refcount_t r_ref;
	unsigned long r_flags;
	struct completion r_done;
	u64 r_id;
	const struct ksec_package *r_package;
	struct ksec_net *r_net;
	struct net *r_netns;
	struct mem_cgroup *r_memcg;
	struct list_head r_list;
	unsigned long r_deadline;
	size_t r_size;
	size_t r_room;
	void *r_data;
	u32 r_part_len;
	u32 r_sent_len;
	void *r_sent;
	struct ksec_keys *r_outer;
	u64 r_mark;
	bool r_judged;
	struct ksec_keys *r_keys;
	const struct ksec_mech *r_mech;
	struct key *r_delegated;
	struct ksec_reply r_reply;
};

struct ksec_request *ksec_request_create(const struct ksec_package *pkg, size_t sections);
void ksec_request_put(struct ksec_request *req);
int ksec_request_run(struct ksec_request *req);
bool ksec_request_finish(struct ksec_request *req, struct ksec_reply *reply);
bool ksec_request_fail(struct ksec_request *req, s32 status);

int ksec_helper_register(struct net *net, u32 portid, u32 packages, u32 max,
			 bool all_netns, u64 *epoch);
void ksec_helper_gone(struct net *net, u32 portid);
u32 ksec_helper_portid(struct net *net);
bool ksec_helper_known(struct net *net, u32 package);
struct ksec_request *ksec_request_take(struct net *net, u32 portid, u64 *epoch, u32 *pending);
void ksec_request_untake(struct ksec_request *req);
void ksec_request_release_file(struct ksec_request *req);
int ksec_upcall_init(void);
void ksec_upcall_exit(void);

/* reply.c */

int ksec_reply_from_user(struct ksec_reply *reply, const struct ksecdd_complete *cmd,
			 const struct ksec_request *req);
void ksec_reply_clear(struct ksec_reply *reply);

/* reqfd.c */

struct file *ksec_reqfd_create(struct ksec_request *req);
void ksec_reqfd_disown(struct file *file);

#endif /* _KSECDD_REQUEST_H */
