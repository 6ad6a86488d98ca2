// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Fuzzing the PDUs that sspi-rdp reads (tools/sspi-rdp/x224.c, mcs.c).
 *
 * Input: a byte that says what the rest is taken for, and a PDU.  Its length in TPKT is
 * set right if the byte says so, since hardly any input had it right otherwise.
 */
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "tools/sspi-rdp/mcs.h"
#include "tools/sspi-rdp/x224.h"

static void try_request(const uint8_t *pdu, size_t len)
{
	struct x224_request request, again;
	uint8_t written[X224_CONNECT_MAX];
	char *token = NULL;
	size_t n;

	if (!x224_parse_request(pdu, len, &request))
		return;
	fuzz_assert(request.negotiates || !(request.protocols | request.flags),
		    "protocols %#x without a negotiation", request.protocols);
	if (request.token) {
		fuzz_assert(fuzz_is_within(request.token, request.token_len, pdu, len),
			    "a token outside of the PDU");
		token = strndup(request.token, request.token_len);
		fuzz_assert(token, "out of memory");
	}
	n = x224_write_request(written, token, request.protocols);
	/* What a token may be, but the gateway does not send: a lone CR or LF, or too long. */
	if (n) {
		fuzz_assert(x224_parse_request(written, n, &again), "what was written is no request");
		fuzz_assert(again.protocols == request.protocols && !again.flags,
			    "other protocols: %#x", again.protocols);
		fuzz_assert(!token || (again.token_len == strlen(token) &&
				       !memcmp(again.token, token, again.token_len)),
			    "another token");
	}
	free(token);
}

static void try_confirm(const uint8_t *pdu, size_t len)
{
	struct x224_confirm confirm, again;
	uint8_t written[X224_CONFIRM_LEN];

	if (!x224_parse_confirm(pdu, len, &confirm) || !confirm.type)
		return;
	x224_write_confirm(written, 1, &confirm);
	fuzz_assert(x224_parse_confirm(written, sizeof(written), &again) &&
		    again.type == confirm.type && again.flags == confirm.flags &&
		    again.value == confirm.value, "what was written is another one");
}

static void try_mcs(uint8_t *pdu, size_t len,
		    enum mcs_result (*find)(uint8_t *, size_t, uint8_t **))
{
	uint8_t *field = NULL, *again = NULL;

	if (find(pdu, len, &field) != MCS_FOUND)
		return;
	fuzz_assert(fuzz_is_within(field, 4, pdu, len), "a field outside of the PDU");
	mcs_set(field, 0x01020304);
	fuzz_assert(find(pdu, len, &again) == MCS_FOUND && again == field,
		    "it is elsewhere when it has another value");
	fuzz_assert(mcs_get(again) == 0x01020304, "it has not the value that it was given");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_input in = { data, size };
	uint8_t what = fuzz_take8(&in);
	uint8_t *pdu;
	size_t len;

	pdu = fuzz_take_rest(&in, &len);
	if (what & 4 && len >= TPKT_HEADER && len <= 0xffff) {
		pdu[0] = 3;
		pdu[2] = (uint8_t)(len >> 8);
		pdu[3] = (uint8_t)len;
	}
	switch (what & 3) {
	case 0:
		try_request(pdu, len);
		break;
	case 1:
		try_confirm(pdu, len);
		break;
	case 2:
		try_mcs(pdu, len, mcs_selected_protocol);
		break;
	case 3:
		try_mcs(pdu, len, mcs_requested_protocols);
		break;
	}
	free(pdu);
	return 0;
}
