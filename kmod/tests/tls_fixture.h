/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Both ends of a TLS connection, for the suites of the record layer.
 */
#ifndef _KSECDD_TESTS_TLS_FIXTURE_H
#define _KSECDD_TESTS_TLS_FIXTURE_H

#include "../tls/tls.h"
#include "fixture.h"

/* A record with as much data as there may be, and what a mechanism wants around it */
#define KSEC_TLS_TEST_ROOM	(32 + KSEC_TLS_MAX_PLAIN + 2048)

/* The level of an alert that ends the connection */
#define KSEC_TLS_TEST_FATAL	2

/**
 * struct ksec_tls_pair - both ends of a connection
 * @p_service: our end
 * @p_client:  the other
 * @p_mem:     memory for a record
 */
struct ksec_tls_pair {
	struct ksec_keys *p_service;
	struct ksec_keys *p_client;
	u8 *p_mem;
};

struct ksecdd_tls_keys ksec_tls_given(u16 version, u8 cipher);
struct ksec_keys *ksec_tls_test_keys(struct kunit *test, const struct ksecdd_tls_keys *given,
				     bool initiator);
struct ksec_tls_pair ksec_tls_pair_from(struct kunit *test, const struct ksecdd_tls_keys *given);
struct ksec_tls_pair ksec_tls_pair(struct kunit *test, u16 version, u8 cipher);
u32 ksec_tls_send(struct kunit *test, struct ksec_keys *from, u8 type, const void *data, u32 len,
		  u8 *record);
s32 ksec_tls_receive(struct ksec_keys *keys, u8 *record, u32 len, struct ksec_record *rec);
void ksec_tls_expect_works(struct kunit *test, struct ksec_tls_pair *pair);

#endif /* _KSECDD_TESTS_TLS_FIXTURE_H */
