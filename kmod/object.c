// SPDX-License-Identifier: GPL-2.0-only
/*
 * Handles.
 *
 * Every open file of the device has a table of its own, so that the handle of
 * another process cannot even be named.  A handle is a dense index and the
 * generation of what is there; an index is used again, a generation is not (for
 * 2^32 objects of a file), so that a stale handle finds nothing.
 *
 * A lookup takes no lock: load, get a reference unless it is the last one that
 * has just gone, then look at what was got.  An object comes into the table
 * last, when nothing can fail any more; until then its index is taken by a
 * reserved entry, which loads as NULL.
 */
#include <linux/slab.h>

#include "ksec.h"

/* What to do at the last put, by KSECDD_OBJECT_*. */
static void (*const ksec_release[])(struct ksec_object *obj) = {
	[KSECDD_OBJECT_CREDENTIAL] = ksec_cred_release,
	[KSECDD_OBJECT_CONTEXT] = ksec_context_release,
};

/**
 * ksec_object_init() - begin an object's life with one reference
 * @obj:  the object
 * @type: KSECDD_OBJECT_*
 */
void ksec_object_init(struct ksec_object *obj, u32 type)
{
	refcount_set(&obj->o_ref, 1);
	obj->o_type = type;
}

/**
 * ksec_object_reserve() - give an object its handle, which finds nothing yet
 * @file: the table
 * @obj:  the object
 *
 * To be followed by ksec_object_publish() or ksec_object_unreserve().
 *
 * Return: 0, -ENOMEM, or -EBUSY if the table is full
 */
int ksec_object_reserve(struct ksec_file *file, struct ksec_object *obj)
{
	do {
		/* (0,0) and (-1,-1) are no handles; no index is 0, so this will do. */
		obj->o_gen = atomic_inc_return(&file->f_gen);
	} while (obj->o_gen == 0 || obj->o_gen == U32_MAX);

	return xa_alloc(&file->f_objects, &obj->o_id, XA_ZERO_ENTRY, xa_limit_31b,
			GFP_KERNEL_ACCOUNT);
}

/**
 * ksec_object_publish() - make a reserved handle find its object
 * @file: the table
 * @obj:  the object; the table takes over the caller's reference
 *
 * Cannot fail: the entry is there already.
 */
void ksec_object_publish(struct ksec_file *file, struct ksec_object *obj)
{
	xa_store(&file->f_objects, obj->o_id, obj, 0);
}

/**
 * ksec_object_unreserve() - give up a reserved handle
 * @file: the table
 * @obj:  the object, still the caller's
 */
void ksec_object_unreserve(struct ksec_file *file, struct ksec_object *obj)
{
	xa_erase(&file->f_objects, obj->o_id);
}

/**
 * ksec_object_get() - what a handle names
 * @file:   the table
 * @handle: the handle
 * @type:   what it has to be
 *
 * Return: the object with a reference for the caller, or NULL if the handle is
 *         stale, foreign, of another type or never was one
 */
struct ksec_object *ksec_object_get(struct ksec_file *file, u64 handle, u32 type)
{
	struct ksec_object *obj;

	rcu_read_lock();
	obj = xa_load(&file->f_objects, lower_32_bits(handle));
	if (obj && !refcount_inc_not_zero(&obj->o_ref))
		obj = NULL;
	rcu_read_unlock();
	if (!obj)
		return NULL;
	if (likely(obj->o_gen == upper_32_bits(handle) && obj->o_type == type))
		return obj;
	ksec_object_put(obj);
	return NULL;
}

/**
 * ksec_object_put() - give back a reference
 * @obj: the object; the last put wipes and frees it
 */
void ksec_object_put(struct ksec_object *obj)
{
	if (refcount_dec_and_test(&obj->o_ref))
		ksec_release[obj->o_type](obj);
}

static void ksec_object_retire(struct ksec_object *obj)
{
	/* Calls at work end on their own reference; new ones find it dead. */
	if (obj->o_type == KSECDD_OBJECT_CONTEXT)
		ksec_context_kill(ksec_to_context(obj));
	ksec_object_put(obj);
}

/**
 * ksec_object_remove() - end a handle
 * @file:   the table
 * @handle: the handle
 * @type:   what the caller takes it for
 *
 * Return: false if there is no such handle; of two threads that remove the same
 *         one, one gets true
 */
bool ksec_object_remove(struct ksec_file *file, u64 handle, u32 type)
{
	struct ksec_object *obj = ksec_object_get(file, handle, type);
	bool won;

	if (!obj)
		return false;
	won = xa_cmpxchg(&file->f_objects, obj->o_id, obj, NULL, 0) == obj;
	if (won)
		ksec_object_retire(obj);
	ksec_object_put(obj);
	return won;
}

/**
 * ksec_object_remove_all() - end all handles
 * @file: the table, which nobody else uses any more
 */
void ksec_object_remove_all(struct ksec_file *file)
{
	struct ksec_object *obj;
	unsigned long id;

	xa_for_each(&file->f_objects, id, obj) {
		xa_erase(&file->f_objects, id);
		ksec_object_retire(obj);
		cond_resched();
	}
	xa_destroy(&file->f_objects);
}
