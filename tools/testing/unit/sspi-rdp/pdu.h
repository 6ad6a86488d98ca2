/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * PDUs as RDP clients and servers begin with them, for the tests.
 */
#ifndef TEST_SSPI_RDP_PDU_H
#define TEST_SSPI_RDP_PDU_H

#include <stddef.h>
#include <stdint.h>

#define PDU_ROOM	1024

/**
 * pdu_connect_initial() - what a client begins MCS with
 * @pdu:      receives it
 * @core_len: length of its core data, 216 with serverSelectedProtocol and nothing after it
 * @protocol: that, if there is room for it
 *
 * Return: its length in bytes
 */
size_t pdu_connect_initial(uint8_t pdu[PDU_ROOM], size_t core_len, uint32_t protocol);

/**
 * pdu_connect_response() - what a server answers
 * @pdu:      receives it
 * @core_len: length of its core data, 12 with clientRequestedProtocols
 * @protocol: that, if there is room for it
 *
 * Return: its length in bytes
 */
size_t pdu_connect_response(uint8_t pdu[PDU_ROOM], size_t core_len, uint32_t protocol);

#endif /* TEST_SSPI_RDP_PDU_H */
