// SPDX-License-Identifier: GPL-2.0-only
/*
 * Asking the helper.
 *
 *	 NEW --take--> SENT --finish(COMPLETE)--> done: the helper's answer
 *	  ^              |---finish(close)------> done: SEC_E_INTERNAL_ERROR
 *	  +---untake-----+
 *	  |              |
 *	  +--- timeout, kill, no helper came ---> done: SEC_E_NO_AUTHENTICATING_AUTHORITY
 *
 * Each network namespace has a queue.  The one who sets KSEC_REQ_DONE decides
 * what became of a request; everybody else finds it over.  The caller waits
 * killable and bounded, and holds no lock meanwhile.
 *
 * A helper that goes away fails what it had taken, because the kernel closes
 * its request files.  What it had not taken waits for the next one, but not
 * longer than the grace.
 */
#include <linux/cred.h>
#include <linux/memcontrol.h>
#include <linux/module.h>
#include <linux/nsproxy.h>
#include <linux/random.h>
#include <linux/slab.h>
#include <net/net_namespace.h>
#include <net/netns/generic.h>

#include <linux/ksecdd_genl.h>

#include "ksec.h"
#include "trace.h"

/* Each request is charged to its user, see limits.c; it takes many to fill this. */
#define KSEC_MAX_QUEUE	16384

static unsigned int restart_grace_ms = 5000;
module_param(restart_grace_ms, uint, 0644);
MODULE_PARM_DESC(restart_grace_ms, "Milliseconds requests wait for a helper that has gone away");

static unsigned int ksec_net_id;

static struct ksec_net *ksec_net(const struct net *net)
{
	return net_generic(net, ksec_net_id);
}

/**
 * ksec_request_create() - a request, to be filled in and run
 * @pkg:      whose token
 * @sections: bytes behind the struct ksecdd_request
 *
 * Fills in what is known of the caller; r_data is zero otherwise.
 *
 * Return: the request with the caller's reference, or NULL
 */
struct ksec_request *ksec_request_create(const struct ksec_package *pkg, size_t sections)
{
	struct ksecdd_request *head;
	struct ksec_request *req;

	req = kzalloc(sizeof(*req), GFP_KERNEL_ACCOUNT);
	if (!req)
		return NULL;
	req->r_size = size_add(sizeof(*head), sections);
	req->r_room = req->r_size;
	req->r_data = kvzalloc(req->r_size, GFP_KERNEL_ACCOUNT | __GFP_NOWARN);
	if (!req->r_data) {
		kfree(req);
		return NULL;
	}
	refcount_set(&req->r_ref, 1);
	init_completion(&req->r_done);
	INIT_LIST_HEAD(&req->r_list);
	req->r_package = pkg;
	req->r_memcg = get_mem_cgroup_from_mm(current->mm);
	req->r_reply.p_status = SEC_E_INTERNAL_ERROR;

	head = req->r_data;
	head->size = sizeof(*head);
	head->package = pkg->p_id;
	head->caller_uid = from_kuid_munged(&init_user_ns, current_euid());
	head->caller_pid = task_tgid_nr(current);
	get_task_comm(head->comm, current);
	ksec_stat_inc(KSEC_STAT_REQUESTS);
	return req;
}

/**
 * ksec_request_put() - give back a reference
 * @req: the request; the last put wipes and frees it
 */
void ksec_request_put(struct ksec_request *req)
{
	if (!refcount_dec_and_test(&req->r_ref))
		return;
	if (req->r_mech)
		req->r_mech->destroy(req->r_keys);
	ksec_tls_mech.destroy(req->r_outer);
	key_put(req->r_delegated);
	ksec_reply_clear(&req->r_reply);
	kvfree_sensitive(req->r_data, req->r_room);
	kvfree_sensitive(req->r_sent, req->r_sent_len);
	if (req->r_netns)
		put_net(req->r_netns);
	mem_cgroup_put(req->r_memcg);
	kfree(req);
	ksec_stat_dec(KSEC_STAT_REQUESTS);
}

/**
 * ksec_request_finish() - end a request with an answer
 * @req:   the request
 * @reply: the answer; taken over if the request was not over yet
 *
 * Return: true if it was not over yet
 */
bool ksec_request_finish(struct ksec_request *req, struct ksec_reply *reply)
{
	if (test_and_set_bit(KSEC_REQ_DONE, &req->r_flags))
		return false;
	req->r_reply = *reply;
	memset(reply, 0, sizeof(*reply));
	complete(&req->r_done);
	return true;
}

/**
 * ksec_request_fail() - end a request without an answer
 * @req:    the request
 * @status: what the caller gets
 *
 * Return: true if it was not over yet
 */
bool ksec_request_fail(struct ksec_request *req, s32 status)
{
	struct ksec_reply reply = { .p_status = status };

	return ksec_request_finish(req, &reply);
}

static bool ksec_in_grace(const struct ksec_net *kn)
{
	lockdep_assert_held(&kn->n_lock);
	return kn->n_grace_set && time_before(jiffies, kn->n_grace);
}

/* Returns 0; -ENOENT: no helper there; -ENOBUFS: the queue is full. */
static int ksec_enqueue(struct ksec_request *req, struct net *net, bool foreign)
{
	struct ksec_net *kn = ksec_net(net);
	u32 portid, pending;
	int err = -ENOENT;

	spin_lock(&kn->n_lock);
	portid = kn->n_portid;
	if (kn->n_closed || (!portid && !ksec_in_grace(kn)))
		goto unlock;
	if (!(kn->n_packages & BIT(req->r_package->p_id)) || (foreign && !kn->n_all_netns))
		goto unlock;
	err = -ENOBUFS;
	if (kn->n_nnew >= KSEC_MAX_QUEUE)
		goto unlock;
	req->r_id = ++kn->n_next_id;
	req->r_net = kn;
	req->r_netns = get_net(net);
	list_add_tail(&req->r_list, &kn->n_new);
	pending = ++kn->n_nnew;
	err = 0;
unlock:
	spin_unlock(&kn->n_lock);
	/* May be lost; the queue is the truth. */
	if (!err && portid)
		ksec_netlink_ready(net, portid, pending);
	return err;
}

static void ksec_unqueue(struct ksec_request *req)
{
	struct ksec_net *kn = req->r_net;

	spin_lock(&kn->n_lock);
	if (!list_empty(&req->r_list)) {
		list_del_init(&req->r_list);
		kn->n_nnew--;
	}
	spin_unlock(&kn->n_lock);
}

/**
 * ksec_request_run() - ask the helper and wait for the answer
 * @req: the request
 *
 * Callers are served by the helper of their network namespace, or by that of the
 * initial one if it offers to.
 *
 * Context: process context, no locks held.
 * Return: 0, and r_reply is the answer or says why there is none; -EINTR if the
 *         caller was killed
 */
int ksec_request_run(struct ksec_request *req)
{
	struct net *net = current->nsproxy->net_ns;
	long left;
	int err;

	might_sleep();
	left = msecs_to_jiffies(READ_ONCE(*req->r_package->p_timeout_ms));
	req->r_deadline = jiffies + left;
	err = ksec_enqueue(req, net, false);
	if (err == -ENOENT && net != &init_net)
		err = ksec_enqueue(req, &init_net, true);
	if (err) {
		ksec_stat_inc(KSEC_STAT_UNSERVED);
		req->r_reply.p_status = SEC_E_NO_AUTHENTICATING_AUTHORITY;
		return 0;
	}
	ksec_stat_inc(KSEC_STAT_UPCALLS);
	trace_ksec_upcall_queue(req);

	left = wait_for_completion_killable_timeout(&req->r_done, left);
	if (left <= 0 && !test_and_set_bit(KSEC_REQ_DONE, &req->r_flags)) {
		ksec_unqueue(req);
		if (left < 0)
			return -EINTR;
		ksec_stat_inc(KSEC_STAT_TIMEOUTS);
		req->r_reply.p_status = SEC_E_NO_AUTHENTICATING_AUTHORITY;
	} else if (left <= 0) {
		/* Somebody was faster and is about to complete() it. */
		wait_for_completion(&req->r_done);
	}
	trace_ksec_upcall_done(req);
	return 0;
}

/**
 * ksec_helper_register() - make a netlink socket the helper of its namespace
 * @net:       the namespace
 * @portid:    the socket's port
 * @packages:  packages it judges, one bit each
 * @max:       most request files it wants at once
 * @all_netns: serve namespaces without a helper, too
 * @epoch:     receives the random number of the registration
 *
 * Return: 0, -EBUSY if there is a helper, -ENODEV if the namespace goes away
 */
int ksec_helper_register(struct net *net, u32 portid, u32 packages, u32 max,
			 bool all_netns, u64 *epoch)
{
	struct ksec_net *kn = ksec_net(net);
	int err = 0;

	get_random_bytes(epoch, sizeof(*epoch));
	spin_lock(&kn->n_lock);
	if (kn->n_closed) {
		err = -ENODEV;
	} else if (kn->n_portid) {
		err = -EBUSY;
	} else {
		/* Read without the lock by ksec_helper_portid() and ksec_helper_known(). */
		WRITE_ONCE(kn->n_portid, portid);
		WRITE_ONCE(kn->n_packages, packages);
		kn->n_max = max;
		WRITE_ONCE(kn->n_all_netns, all_netns);
		kn->n_epoch = *epoch;
		kn->n_grace_set = false;
	}
	spin_unlock(&kn->n_lock);
	return err;
}

/**
 * ksec_helper_gone() - a netlink socket was closed, or could not be told
 * @net:    its namespace
 * @portid: its port, which may never have been a helper's
 */
void ksec_helper_gone(struct net *net, u32 portid)
{
	struct ksec_net *kn = ksec_net(net);
	unsigned long grace = msecs_to_jiffies(READ_ONCE(restart_grace_ms));

	spin_lock(&kn->n_lock);
	if (kn->n_portid == portid && !kn->n_closed) {
		WRITE_ONCE(kn->n_portid, 0);
		kn->n_grace = jiffies + grace;
		kn->n_grace_set = true;
		mod_delayed_work(system_wq, &kn->n_grace_work, grace);
	}
	spin_unlock(&kn->n_lock);
}

/**
 * ksec_helper_portid() - who the helper of a namespace is
 * @net: the namespace
 *
 * Return: its netlink port, 0 if there is no helper
 */
u32 ksec_helper_portid(struct net *net)
{
	return READ_ONCE(ksec_net(net)->n_portid);
}

/**
 * ksec_helper_known() - has a package had a helper?
 * @net:     the caller's namespace
 * @package: KSECDD_PACKAGE_*
 *
 * A helper that has gone is expected back: it counts until another comes.
 *
 * Return: true if the last helper of the namespace judges it, or the one of the
 *         initial namespace, if that serves all
 */
bool ksec_helper_known(struct net *net, u32 package)
{
	const struct ksec_net *own = ksec_net(net), *init = ksec_net(&init_net);

	return (READ_ONCE(own->n_packages) & BIT(package)) ||
	       (READ_ONCE(init->n_all_netns) && (READ_ONCE(init->n_packages) & BIT(package)));
}

/* Fail what no helper came for. */
static void ksec_fail_new(struct ksec_net *kn)
{
	struct ksec_request *req;

	for (;;) {
		spin_lock(&kn->n_lock);
		req = NULL;
		if (kn->n_closed || (!kn->n_portid && !ksec_in_grace(kn)))
			req = list_first_entry_or_null(&kn->n_new, struct ksec_request, r_list);
		if (req) {
			list_del_init(&req->r_list);
			kn->n_nnew--;
			refcount_inc(&req->r_ref);
		}
		spin_unlock(&kn->n_lock);
		if (!req)
			return;
		ksec_request_fail(req, SEC_E_NO_AUTHENTICATING_AUTHORITY);
		ksec_request_put(req);
		cond_resched();
	}
}

static void ksec_grace_over(struct work_struct *work)
{
	ksec_fail_new(container_of(work, struct ksec_net, n_grace_work.work));
}

/**
 * ksec_request_take() - the oldest request that nobody has taken
 * @net:    the helper's namespace
 * @portid: the port that asks
 * @epoch:  receives the number of the registration
 * @pending: receives how many others nobody has taken
 *
 * Return: the request with a reference that ksec_request_release_file() or
 *         ksec_request_untake() gives back; ERR_PTR() of -EPERM (not the
 *         helper), -EBUSY (has as many as it wanted), -EAGAIN (there is none)
 */
struct ksec_request *ksec_request_take(struct net *net, u32 portid, u64 *epoch, u32 *pending)
{
	struct ksec_net *kn = ksec_net(net);
	struct ksec_request *req;

	spin_lock(&kn->n_lock);
	if (!kn->n_portid || kn->n_portid != portid) {
		req = ERR_PTR(-EPERM);
	} else if (kn->n_inflight >= kn->n_max) {
		req = ERR_PTR(-EBUSY);
	} else if (list_empty(&kn->n_new)) {
		req = ERR_PTR(-EAGAIN);
	} else {
		req = list_first_entry(&kn->n_new, struct ksec_request, r_list);
		list_del_init(&req->r_list);
		kn->n_nnew--;
		kn->n_inflight++;
		refcount_inc(&req->r_ref);
		set_bit(KSEC_REQ_SENT, &req->r_flags);
		*epoch = kn->n_epoch;
		*pending = kn->n_nnew;
	}
	spin_unlock(&kn->n_lock);
	return req;
}

/**
 * ksec_request_untake() - the helper never got what ksec_request_take() gave
 * @req: the request; it becomes the oldest again, unless it is over
 */
void ksec_request_untake(struct ksec_request *req)
{
	struct ksec_net *kn = req->r_net;

	spin_lock(&kn->n_lock);
	kn->n_inflight--;
	/*
	 * Whoever ends a request sets DONE first and unqueues it then under this
	 * lock: what is put back here before that will be found there.
	 */
	if (!test_bit(KSEC_REQ_DONE, &req->r_flags)) {
		clear_bit(KSEC_REQ_SENT, &req->r_flags);
		list_add(&req->r_list, &kn->n_new);
		kn->n_nnew++;
	}
	spin_unlock(&kn->n_lock);
	ksec_request_put(req);
	/* The grace may have ended while it was away. */
	ksec_fail_new(kn);
}

/**
 * ksec_request_release_file() - the helper has closed a request file
 * @req: the request; the file's reference is given back
 *
 * A request that was not completed fails: this is how a dead helper shows.
 */
void ksec_request_release_file(struct ksec_request *req)
{
	struct ksec_net *kn = req->r_net;

	spin_lock(&kn->n_lock);
	kn->n_inflight--;
	spin_unlock(&kn->n_lock);
	/* Before the caller wakes up and looks at it; not so if he had gone already. */
	ksec_stat_inc(KSEC_STAT_ABORTED);
	if (!ksec_request_fail(req, SEC_E_INTERNAL_ERROR))
		ksec_stat_dec(KSEC_STAT_ABORTED);
	ksec_request_put(req);
}

static int __net_init ksec_net_init(struct net *net)
{
	struct ksec_net *kn = ksec_net(net);

	spin_lock_init(&kn->n_lock);
	INIT_LIST_HEAD(&kn->n_new);
	INIT_DELAYED_WORK(&kn->n_grace_work, ksec_grace_over);
	return 0;
}

static void __net_exit ksec_net_exit(struct net *net)
{
	struct ksec_net *kn = ksec_net(net);

	spin_lock(&kn->n_lock);
	kn->n_closed = true;
	WRITE_ONCE(kn->n_portid, 0);
	spin_unlock(&kn->n_lock);
	ksec_fail_new(kn);
	cancel_delayed_work_sync(&kn->n_grace_work);
}

static struct pernet_operations ksec_net_ops = {
	.init = ksec_net_init,
	.exit = ksec_net_exit,
	.id = &ksec_net_id,
	.size = sizeof(struct ksec_net),
};

int ksec_upcall_init(void)
{
	return register_pernet_subsys(&ksec_net_ops);
}

void ksec_upcall_exit(void)
{
	unregister_pernet_subsys(&ksec_net_ops);
}
