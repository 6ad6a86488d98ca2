/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Clients that a thread may run as, with a helper of the test's own, which says who
 * they are; and who a thread is.
 */
#ifndef KSECDD_SELFTESTS_CLIENTS_H
#define KSECDD_SELFTESTS_CLIENTS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include <sspi_linux.h>

#include "env.h"

/* Nobody in the guest has these groups. */
#define GROUP_A		61001
#define GROUP_B		61002

/**
 * struct clients - contexts that were made before any test
 * @one:  ENV_UID, with GROUP_A
 * @two:  ENV_UID2, with GROUP_B
 * @root: root
 */
struct clients {
	CtxtHandle one;
	CtxtHandle two;
	CtxtHandle root;
};

extern struct clients clients;

/**
 * struct who - who a thread is
 * @text: what /proc says of it: ids, groups, capabilities
 */
struct who {
	char text[1024];
};

void clients_begin(void);
void clients_end(void);

CtxtHandle logon_as(uint32_t uid, uint32_t group);
CtxtHandle logon_flags(uint32_t uid, uint32_t group, ULONG ret_flags);

struct who who_is(pid_t tid);
struct who who_am_i(void);
bool same_who(struct who a, struct who b);
void check_is(struct who who, uint32_t uid, uint32_t group, uint32_t saved);
void check_files(int one, int two, int group_a, int group_b);

#endif /* KSECDD_SELFTESTS_CLIENTS_H */
