// SPDX-License-Identifier: GPL-2.0-only
/*
 * ksecdd: Windows' security provider interface for Linux.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/module.h>

#include "ksec.h"
#include "message.h"

static const struct {
	int (*init)(void);
	void (*exit)(void);
} ksec_parts[] = {
	{ ksec_stats_init, ksec_stats_exit },
	{ ksec_message_init, ksec_message_exit },
	{ ksec_package_init, ksec_package_exit },
	{ ksec_keytype_init, ksec_keytype_exit },
	{ ksec_context_init, ksec_context_exit },
	{ ksec_upcall_init, ksec_upcall_exit },
	{ ksec_netlink_init, ksec_netlink_exit },
	/* Last, because from then on everything is used. */
	{ ksec_dev_init, ksec_dev_exit },
};

static void ksec_exit_parts(unsigned int n)
{
	while (n--)
		ksec_parts[n].exit();
}

/**
 * ksec_parts_init() - set up all there is, in its order
 *
 * Return: 0, or -errno of the part that failed; nothing of the others is left then
 */
int ksec_parts_init(void)
{
	unsigned int i;
	int err;

	for (i = 0; i < ARRAY_SIZE(ksec_parts); i++) {
		err = ksec_parts[i].init();
		if (err) {
			ksec_exit_parts(i);
			return err;
		}
	}
	return 0;
}

/**
 * ksec_parts_exit() - take it down; nobody uses it any more
 */
void ksec_parts_exit(void)
{
	ksec_exit_parts(ARRAY_SIZE(ksec_parts));
}

static int __init ksec_init(void)
{
	int err = ksec_parts_init();

	if (!err)
		pr_info("version %s\n", KSECDD_VERSION);
	return err;
}

static void __exit ksec_exit(void)
{
	ksec_parts_exit();
}

module_init(ksec_init);
module_exit(ksec_exit);

MODULE_DESCRIPTION("Security Support Provider Interface");
MODULE_AUTHOR("The ksecdd developers");
MODULE_LICENSE("GPL");
MODULE_VERSION(KSECDD_VERSION);
MODULE_SOFTDEP("pre: md5 tls");
