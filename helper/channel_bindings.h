/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A service's SEC_CHANNEL_BINDINGS, taken apart.
 */
#ifndef KSECD_CHANNEL_BINDINGS_H
#define KSECD_CHANNEL_BINDINGS_H

#include <stddef.h>
#include <stdint.h>

/**
 * struct channel_address - an end of the channel
 * @type: kind of address, as gss_channel_bindings_struct has it
 * @data: the address
 * @len:  its length in bytes
 */
struct channel_address {
	uint32_t type;
	const uint8_t *data;
	uint32_t len;
};

/**
 * struct channel_bindings - bindings of RFC 2743 section 1.1.6
 * @initiator:       the client's end
 * @acceptor:        the service's end
 * @application:     what the application binds to
 * @application_len: its length in bytes
 */
struct channel_bindings {
	struct channel_address initiator;
	struct channel_address acceptor;
	const uint8_t *application;
	uint32_t application_len;
};

const char *channel_bindings_read(const uint8_t *buf, size_t len,
				  struct channel_bindings *bindings);

#endif /* KSECD_CHANNEL_BINDINGS_H */
