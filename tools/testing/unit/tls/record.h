/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Records of TLS by the keys that the module is given, to judge those by.
 */
#ifndef KSECDD_TESTING_TLS_RECORD_H
#define KSECDD_TESTING_TLS_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <linux/ksecdd_tls.h>

bool record_open(const struct ksecdd_tls_keys *keys, uint64_t n, const uint8_t *record,
		 size_t len, uint8_t *plain, size_t *plain_len);
bool record_seal(const struct ksecdd_tls_keys *keys, uint64_t n, const uint8_t *plain,
		 size_t len, uint8_t *record, size_t *record_len);

#endif /* KSECDD_TESTING_TLS_RECORD_H */
