/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where delegated tickets go: credential caches in the keyrings of local users.
 */
#ifndef KSECD_KERBEROS_CCACHE_H
#define KSECD_KERBEROS_CCACHE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "helper/kerberos/kerberos.h"

#define CCACHE_WHY_MAX	256

/**
 * struct ccache_reply - what became of a ticket
 * @number: the request's
 * @code:   0; errno or code of the Kerberos library why it is nowhere
 * @why:    the same in words
 * @name:   the cache it is in, for KRB5CCNAME
 */
struct ccache_reply {
	uint64_t number;
	int32_t code;
	char why[CCACHE_WHY_MAX];
	char name[KSECDD_MAX_NAME + 1];
};

/* ccache.c */
void ccache_start(bool lock_memory);
void ccache_stop(void);
void ccache_store(uint32_t uid, uint32_t gid, const char *client, const uint8_t *tgt, size_t len,
		  struct ccache_reply *reply);
void ccache_link(uint32_t uid, uint32_t gid, int32_t key, struct ccache_reply *reply);
const char *ccache_remedy(int32_t code);

/* keyring.c */
bool ccache_name(uint32_t uid, const char *client, char *name, size_t size);
void ccache_keyring_store(uint32_t uid, const char *client, const uint8_t *tgt, size_t len,
			  struct ccache_reply *reply);
void ccache_keyring_link(uint32_t uid, int32_t key, struct ccache_reply *reply);

#endif /* KSECD_KERBEROS_CCACHE_H */
