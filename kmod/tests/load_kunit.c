// SPDX-License-Identifier: GPL-2.0-only
/*
 * Setting up the module with one fault after the other: what its parts have set up
 * is taken down again when a later one fails, and the next attempt goes well.
 *
 * Not by loading it, since the kernel warns where it finds no memory for the trace
 * events of a module, and nothing of that is ours.
 */
#include <linux/sched.h>
#include <linux/slab.h>

#include "fixture.h"

/* More than there are */
#define KSEC_LOAD_POINTS	5000

/*
 * The linker puts this in the place of what kmem_cache_create() comes down to, and so a
 * cache is one allocation: where the kernel itself fails to show one in sysfs, it loses
 * the name (sysfs_slab_add()), which kmemleak finds.
 */
struct kmem_cache *__wrap___kmem_cache_create_args(const char *name, unsigned int size,
						   struct kmem_cache_args *args,
						   slab_flags_t flags)
{
	unsigned int left = READ_ONCE(current->fail_nth);
	struct kmem_cache *cache;

	WRITE_ONCE(current->fail_nth, 0);
	if (left == 1)
		return NULL;
	cache = __real___kmem_cache_create_args(name, size, args, flags);
	if (left)
		WRITE_ONCE(current->fail_nth, left - 1);
	return cache;
}

/* With the @nth allocation failing; returns whether there are so many. */
static bool ksec_load_try(unsigned int nth, int *err)
{
	bool failed;

	WRITE_ONCE(current->fail_nth, nth);
	*err = ksec_parts_init();
	failed = !READ_ONCE(current->fail_nth);
	WRITE_ONCE(current->fail_nth, 0);
	return failed;
}

static void ksec_load_faults(struct kunit *test)
{
	unsigned int nth, refused = 0;
	bool more = true;
	int err = 0;

	ksec_parts_exit();
	for (nth = 1; more && nth < KSEC_LOAD_POINTS; nth++) {
		more = ksec_load_try(nth, &err);
		if (!err) {
			KUNIT_EXPECT_NOT_NULL_MSG(test, ksec_package_by_id(KSECDD_PACKAGE_NTLM),
						  "allocation %u", nth);
			ksec_parts_exit();
			continue;
		}
		refused++;
		/* misc_register() has EBUSY for a number that it has no memory for. */
		KUNIT_EXPECT_TRUE_MSG(test, err == -ENOMEM || err == -EBUSY,
				      "allocation %u: %d", nth, err);
	}
	KUNIT_EXPECT_FALSE(test, more);
	KUNIT_EXPECT_EQ(test, err, 0);
	KUNIT_EXPECT_GT_MSG(test, refused, 0,
			    "failslab/ignore-gfp-wait is to be N, as kunit.py has it");
	kunit_info(test, "%u allocations failed, %u of them the whole\n", nth - 2, refused);

	/* The other suites, and unloading, take it for granted. */
	KUNIT_ASSERT_EQ(test, ksec_parts_init(), 0);
}

static struct kunit_case ksec_load_cases[] = {
	KUNIT_CASE_SLOW(ksec_load_faults),
	{}
};

static struct kunit_suite ksec_load_suite = {
	.name = "ksecdd_load",
	.test_cases = ksec_load_cases,
};

kunit_test_suite(ksec_load_suite);
