/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Very many contexts of ksecdd.
 */
#ifndef KSECDD_BENCH_KSECDD_FILL_H
#define KSECDD_BENCH_KSECDD_FILL_H

#include "bench.h"

/**
 * struct ksecdd_form - what the contexts are to be like
 * @client:    name of the client, as the module has it
 * @server:    name of the server
 * @account:   local user that the client maps to
 * @state_len: bytes of ksecd's state while half-open
 */
struct ksecdd_form {
	const char *client;
	const char *server;
	const char *account;
	size_t state_len;
};

void ksecdd_fill(const struct ksecdd_form *form, void *contexts, unsigned long n,
		 bool established, struct client *client);

#endif /* KSECDD_BENCH_KSECDD_FILL_H */
