/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Kernel memory for the data of one message.
 */
#ifndef _KSECDD_SNAPSHOT_H
#define _KSECDD_SNAPSHOT_H

#include <linux/types.h>

/**
 * struct ksec_snapshot - kernel memory for the data of a message
 * @s_mem:    the memory
 * @s_len:    bytes in use
 * @s_cached: it is a scratch buffer
 */
struct ksec_snapshot {
	u8 *s_mem;
	u32 s_len;
	bool s_cached;
};

bool ksec_snapshot_get(struct ksec_snapshot *snap, u32 len);
void ksec_snapshot_put(struct ksec_snapshot *snap);
void ksec_snapshot_exit(void);

#endif /* _KSECDD_SNAPSHOT_H */
