// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The ioctls of the table, and whether what they return is what <linux/ksecdd.h>
 * promises.
 */
#include <errno.h>
#include <string.h>
#include <sys/ioctl.h>

#include "tools/testing/selftests/ksecdd/ioctl_table.h"

#include "oracle.h"
#include "run.h"

/* As much as a page is copied, and no more. */
#define PAGE	4096

static struct piece make_struct(struct world *w, const struct call *call)
{
	const struct shape *shape = &call->desc->shape;
	const struct value *at = call_arg(call, "at"), *size = call_arg(call, "size");
	size_t len = shape->size;
	const struct value file = { .form = FORM_SLOT, .n = call_number(call, "file") };
	struct piece piece;
	uint8_t all[PAGE + 1];

	/* A longer struct has zeroes behind it, which is what makes it fine. */
	memset(all, 0, sizeof(all));
	if (size->form == FORM_NUMBER && size->n > len)
		len = size->n < sizeof(all) ? size->n : sizeof(all);
	marshal(w, shape, call->args, all, &file);
	piece = memory_get(at, len);
	if (piece.at)
		memcpy(piece.at, all, piece.len);
	if (!call->desc->ioctl->writes)
		memory_protect(&piece);
	return piece;
}

/* The status in a struct that has come back; false if it has none. */
static bool get_status(const struct ioctl_desc *desc, const struct piece *arg, int32_t *status)
{
	if (desc->status == IOCTL_NO_STATUS || !desc->writes || !arg->at ||
	    arg->len < desc->status + sizeof(*status))
		return false;
	memcpy(status, arg->at + desc->status, sizeof(*status));
	return true;
}

static void set_keys(struct keys *keys, const struct piece *arg)
{
	struct ksecdd_set_keys cmd;

	if (!arg->at || arg->len < sizeof(cmd))
		return;
	memcpy(&cmd, arg->at, sizeof(cmd));
	*keys = (struct keys){ .set = true, .mech = cmd.mech, .mech_flags = cmd.mech_flags,
			       .len = cmd.key_len };
	/* It was taken, so that it is memory of ours. */
	if (cmd.key_len <= sizeof(keys->key))
		memcpy(keys->key, (void *)(uintptr_t)cmd.key, cmd.key_len);
}

static void give_peer(struct world *w, size_t slot, const struct keys *keys)
{
	peer_free(w->peers[slot]);
	w->peers[slot] = keys->set ?
		peer_make(keys->mech, keys->mech_flags, keys->key, keys->len) : NULL;
	w->keys[slot] = *keys;
}

static void take_results(struct world *w, const struct call *call, const struct piece *arg,
			 const struct keys *keys)
{
	static const struct keys none;
	const struct shape *shape = &call->desc->shape;
	uint64_t handle, slot;
	size_t i;

	for (i = 0; i < shape->nargs; i++) {
		if (shape->args[i].kind != ARG_RESULT ||
		    arg->len < shape->args[i].offset + (size_t)shape->args[i].width)
			continue;
		handle = 0;
		memcpy(&handle, arg->at + shape->args[i].offset, shape->args[i].width);
		slot = call->args[i].form == FORM_SLOT ? call->args[i].n :
							 arg_default(&shape->args[i]);
		if (shape->args[i].slots < SLOT_FILES) {
			world_set_file(w, slot, (int)handle, shape->args[i].slots, 0);
			continue;
		}
		if (!handle)
			continue;
		/* Keys of an earlier leg stay: those of TLS become the context's. */
		if (w->handles[slot] == handle && (w->keys[slot].set || !keys || !keys->set))
			continue;
		w->handles[slot] = handle;
		give_peer(w, slot, keys ? keys : &none);
	}
}

static int32_t verdict(const struct piece *arg)
{
	struct ksecdd_complete cmd = {};

	if (arg->at && arg->len >= sizeof(cmd))
		memcpy(&cmd, arg->at, sizeof(cmd));
	return cmd.status;
}

/* What the calls on a request file mean for whoever waits for its answer */
static void follow_request(struct world *w, const struct call *call, const struct piece *arg,
			   long ret)
{
	size_t slot = call_number(call, "file");
	struct waiter *waiter;

	if (!world_is(w, slot, SLOT_REQUEST))
		return;
	waiter = waiter_of(w, w->ids[slot]);
	if (call->desc->ioctl == &ioctl_table[IOCTL_REQ_SET_KEYS] && !ret) {
		struct keys keys = {};

		set_keys(&keys, arg);
		give_peer(w, slot, &keys);
	}
	if (!call->desc->ioctl->ends || !waiter)
		return;
	if (!ret) {
		waiter->keys = w->keys[slot];
		waiter->verdict = verdict(arg);
	}
	/* What was refused may have ended it, too. */
	if (world_is_over(w, slot))
		waiter_finish(w, waiter);
}

static void settle_peers(struct world *w, bool taken)
{
	size_t i;

	for (i = 0; i < SLOTS; i++)
		if (w->peers[i])
			peer_settle(w->peers[i], taken);
}

/**
 * ioctl_returned() - look at what an ioctl has returned
 * @w:      the world
 * @call:   the call
 * @arg:    its struct
 * @ret:    0 or -errno
 * @waiter: of ACCEPT: who made it
 */
void ioctl_returned(struct world *w, const struct call *call, const struct piece *arg, long ret,
		    const struct waiter *waiter)
{
	const struct ioctl_desc *desc = call->desc->ioctl;
	int32_t status = 0;
	bool told = !ret && get_status(desc, arg, &status);

	oracle_ioctl(w, call, ret, told ? &status : NULL, waiter);
	if (told)
		oracle_message(w, call, status);
	settle_peers(w, !ret && status >= 0);
	if (!ret && arg->at && status >= 0)
		take_results(w, call, arg, waiter ? &waiter->keys : NULL);
	follow_request(w, call, arg, ret);
}

/**
 * run_ioctl() - carry out an ioctl of the table
 * @w:    the world
 * @call: the call
 *
 * Return: 0 or -errno; 0 for one that waits and has only begun
 */
long run_ioctl(struct world *w, const struct call *call)
{
	int fd = w->files[call_number(call, "file")];
	struct piece arg = make_struct(w, call);
	long ret;

	if (call->desc->ioctl == &ioctl_table[IOCTL_ACCEPT]) {
		ret = waiter_start(w, call, fd, &arg) ? 0 : -EBUSY;
		/* What is on its way to the helper was opened. */
		settle_peers(w, !ret);
		return ret;
	}
	fault_set((unsigned int)call_number(call, "fault"));
	ret = ioctl(fd, call->desc->ioctl->cmd, arg.addr) ? -errno : 0;
	fault_set(0);
	ioctl_returned(w, call, &arg, ret, NULL);
	return ret;
}
