/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which of the clients that are known are let in.
 */
#ifndef SSPI_RDP_ACCESS_H
#define SSPI_RDP_ACCESS_H

#include <stdbool.h>
#include <sys/types.h>

#include "auth.h"

#define ACCESS_GROUPS	16

/**
 * struct access - the policy
 * @groups:   of which a client's local user has to be in one, if there are any
 * @ngroups:  how many these are
 * @unmapped: clients without a local account may come, too
 */
struct access {
	gid_t groups[ACCESS_GROUPS];
	unsigned int ngroups;
	bool unmapped;
};

/**
 * access_refusal() - judge a client
 * @access:   the policy
 * @identity: who it is
 *
 * Return: NULL if it may come in, or why not, a literal
 */
const char *access_refusal(const struct access *access, const struct identity *identity);

#endif /* SSPI_RDP_ACCESS_H */
