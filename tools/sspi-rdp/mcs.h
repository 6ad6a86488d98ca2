/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The two PDUs of MCS in which client and server tell each other again what security
 * protocol they think they have negotiated (MS-RDPBCGR 2.2.1.3 and 2.2.1.4).
 */
#ifndef SSPI_RDP_MCS_H
#define SSPI_RDP_MCS_H

#include <stddef.h>
#include <stdint.h>

/* What there was to be found */
enum mcs_result {
	MCS_NOT,	/* this is not the PDU */
	MCS_ABSENT,	/* it is, and does not have the field, which is optional */
	MCS_FOUND,
};

enum mcs_result mcs_selected_protocol(uint8_t *pdu, size_t len, uint8_t **field);
enum mcs_result mcs_requested_protocols(uint8_t *pdu, size_t len, uint8_t **field);
uint32_t mcs_get(const uint8_t *field);
void mcs_set(uint8_t *field, uint32_t protocol);

#endif /* SSPI_RDP_MCS_H */
