// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The X.224 and MCS PDUs that sspi-rdp reads and writes.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pdu.h"
#include "tools/sspi-rdp/mcs.h"
#include "tools/sspi-rdp/x224.h"
#include "tools/testing/tap/tap.h"

#define HEAD(total)	"\x03\x00\x00" total
/* Length indicator, code, references and class */
#define REQUEST(li)	li "\xe0\x00\x00\x12\x34\x00"
#define CONFIRM(li)	li "\xd0\x12\x34\x56\x78\x00"
#define NEGOTIATION	"\x01\x00\x08\x00\x0b\x00\x00\x00"
#define BYTES(text)	text, sizeof(text) - 1

/* In memory of exactly its size, so that ASan sees overruns. */
static void *copy_of(const void *bytes, size_t len)
{
	void *copy = malloc(len ? len : 1);

	if (!copy)
		tap_bail("out of memory");
	return memcpy(copy, bytes, len);
}

static bool parse_request(const char *bytes, size_t len, struct x224_request *request)
{
	uint8_t *copy = copy_of(bytes, len);
	bool is = x224_parse_request(copy, len, request);

	/* What it points to goes with the copy. */
	if (is && request->token)
		request->token = bytes + ((const uint8_t *)request->token - copy);
	free(copy);
	return is;
}

static void test_requests(void)
{
	static const char cookie[] = HEAD("\x29") REQUEST("\x24") "Cookie: mstshash=eve\r\n"
		"\x01\x00\x08\x00\x03\x00\x00\x00";
	struct x224_request request;

	tap_ok(parse_request(BYTES(cookie), &request) && request.negotiates &&
	       request.protocols == 3 && request.source == 0x1234, "a request");
	tap_ok(request.token_len == 20 && !memcmp(request.token, "Cookie: mstshash=eve", 20),
	       "its cookie");
	tap_ok(parse_request(BYTES(HEAD("\x13") REQUEST("\x0e") NEGOTIATION), &request) &&
	       request.protocols == 0xb && !request.token, "one without a cookie");
	tap_ok(parse_request(BYTES(HEAD("\x0b") REQUEST("\x06")), &request) &&
	       !request.negotiates && !request.protocols, "one that does not negotiate");
	tap_ok(parse_request(BYTES(HEAD("\x13") REQUEST("\x0e") "\x01\x00\x08\x00\x0d\x0a\x00\x00"),
			     &request) && request.protocols == 0x0a0d && !request.token,
	       "a line's end in the protocols makes no cookie");
	tap_ok(parse_request(BYTES(HEAD("\x37") REQUEST("\x32") "\x01\x08\x08\x00\x0b\x00\x00\x00"
				   "\x06\x00\x24\x00" "0123456789abcdef" "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"),
			     &request) && request.flags == 8, "one with a correlation");
}

static void test_bad_requests(void)
{
	static const struct {
		const char *bytes;
		size_t len;
		const char *what;
	} bad[] = {
		{ BYTES(""), "nothing" },
		{ BYTES(HEAD("\x0a") "\x05\xe0\x00\x00\x00\x00"), "one without a class" },
		{ BYTES("\x02\x00\x00\x0b" REQUEST("\x06")), "another version of TPKT" },
		{ BYTES(HEAD("\x0c") REQUEST("\x06")), "one that is cut off" },
		{ BYTES(HEAD("\x0b") REQUEST("\x05")), "a length indicator that is too small" },
		{ BYTES(HEAD("\x0b") REQUEST("\x07")), "one that is too large" },
		{ BYTES(HEAD("\x0b") "\x06\xd0\x00\x00\x00\x00\x00"), "a confirm" },
		{ BYTES(HEAD("\x0b") "\x06\xe0\x00\x00\x00\x00\x40"), "class 4" },
		{ BYTES(HEAD("\x17") REQUEST("\x12") "Cookie: a" "\x01\x00\x08"),
		  "a cookie without an end" },
		{ BYTES(HEAD("\x11") REQUEST("\x0c") "x\r\n\x01\x00\x08"),
		  "a negotiation that is cut off" },
		{ BYTES(HEAD("\x12") REQUEST("\x0d") "\x01\x00\x08\x00\x0b\x00\x00"),
		  "one that lacks a byte" },
		{ BYTES(HEAD("\x14") REQUEST("\x0f") NEGOTIATION "\x00"), "a byte too many" },
		{ BYTES(HEAD("\x16") REQUEST("\x11") "x\r\n\x02\x00\x08\x00\x01\x00\x00\x00"),
		  "a response in a request" },
		{ BYTES(HEAD("\x13") REQUEST("\x0e") "\x01\x08\x08\x00\x0b\x00\x00\x00"),
		  "a correlation that is not there" },
	};
	struct x224_request request;
	size_t i;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		tap_ok(!parse_request(bad[i].bytes, bad[i].len, &request), "no request: %s",
		       bad[i].what);
}

static bool parse_confirm(const char *bytes, size_t len, struct x224_confirm *confirm)
{
	uint8_t *copy = copy_of(bytes, len);
	bool is = x224_parse_confirm(copy, len, confirm);

	free(copy);
	return is;
}

static void test_confirms(void)
{
	struct x224_confirm confirm;

	tap_ok(parse_confirm(BYTES(HEAD("\x13") CONFIRM("\x0e") "\x02\x1f\x08\x00\x08\x00\x00\x00"),
			     &confirm) && confirm.type == RDP_NEG_RESPONSE &&
	       confirm.flags == 0x1f && confirm.value == 8, "a response");
	tap_ok(parse_confirm(BYTES(HEAD("\x13") CONFIRM("\x0e") "\x03\x00\x08\x00\x05\x00\x00\x00"),
			     &confirm) && confirm.type == RDP_NEG_FAILURE && confirm.value == 5,
	       "a failure");
	tap_ok(parse_confirm(BYTES(HEAD("\x0b") CONFIRM("\x06")), &confirm) && !confirm.type,
	       "one that does not negotiate");
	tap_ok(!parse_confirm(BYTES(HEAD("\x13") CONFIRM("\x0e") NEGOTIATION), &confirm),
	       "no confirm: a request in it");
	tap_ok(!parse_confirm(BYTES(HEAD("\x0c") CONFIRM("\x07") "\x02"), &confirm),
	       "no confirm: one that is cut off");
	tap_ok(!parse_confirm(BYTES(HEAD("\x14") CONFIRM("\x0f") "\x02\x00\x08\x00\x00\x00\x00\x00\0"),
			      &confirm), "no confirm: a byte too many");
	tap_ok(strcmp(x224_failure_text(5), x224_failure_text(6)) &&
	       !strcmp(x224_failure_text(0), x224_failure_text(7)), "failures have texts");
}

static void test_written(void)
{
	static const struct x224_confirm response = { RDP_NEG_RESPONSE, 3, RDP_PROTOCOL_HYBRID_EX };
	struct x224_request request;
	struct x224_confirm confirm;
	char token[X224_CONNECT_MAX];
	uint8_t pdu[X224_CONNECT_MAX];
	size_t len;

	len = x224_write_request(pdu, "Cookie: mstshash=alice", RDP_PROTOCOL_SSL);
	tap_ok(len == 43 && parse_request((const char *)pdu, len, &request) &&
	       request.protocols == RDP_PROTOCOL_SSL && request.token_len == 22,
	       "a request that was written is one");
	len = x224_write_request(pdu, NULL, RDP_PROTOCOL_RDP);
	tap_ok(len == 19 && parse_request((const char *)pdu, len, &request) &&
	       request.negotiates && !request.token, "one without a cookie, too");
	tap_is((int64_t)x224_write_request(pdu, "a\nb", 0), 0, "a cookie is one line");
	memset(token, 'x', sizeof(token));
	token[238] = 0;
	len = x224_write_request(pdu, token, 0);
	tap_ok(len == X224_CONNECT_MAX && parse_request((const char *)pdu, len, &request) &&
	       request.token_len == 238, "the longest cookie");
	token[238] = 'x';
	token[239] = 0;
	tap_is((int64_t)x224_write_request(pdu, token, 0), 0, "one that is too long");
	x224_write_confirm(pdu, 0xbeef, &response);
	tap_ok(parse_confirm((const char *)pdu, X224_CONFIRM_LEN, &confirm) &&
	       confirm.flags == 3 && confirm.value == 8 && pdu[6] == 0xbe && pdu[7] == 0xef,
	       "a confirm that was written is one");
}

static enum mcs_result find(enum mcs_result (*f)(uint8_t *, size_t, uint8_t **),
			    const uint8_t *pdu, size_t len, uint32_t *value, size_t *at)
{
	uint8_t *copy = copy_of(pdu, len), *field = NULL;
	enum mcs_result result = f(copy, len, &field);

	if (result == MCS_FOUND) {
		*value = mcs_get(field);
		*at = (size_t)(field - copy);
	}
	free(copy);
	return result;
}

static void test_mcs(void)
{
	uint8_t pdu[PDU_ROOM], changed[PDU_ROOM], *field;
	unsigned int same = 0, found = 0;
	uint32_t value = 0;
	size_t len, at = 0, i;

	len = pdu_connect_initial(pdu, 216, 0xb);
	tap_ok(find(mcs_selected_protocol, pdu, len, &value, &at) == MCS_FOUND && value == 0xb,
	       "Connect-Initial: the selected protocol");
	memcpy(changed, pdu, len);
	if (mcs_selected_protocol(changed, len, &field) == MCS_FOUND)
		mcs_set(field, 0x01020304);
	for (i = 0; i < len; i++)
		same += changed[i] == pdu[i];
	tap_ok(same == len - 4 && !memcmp(changed + at, "\4\3\2\1", 4), "it changes, and nothing else");
	tap_is(find(mcs_requested_protocols, pdu, len, &value, &at), MCS_NOT,
	       "it is no Connect-Response");
	for (i = 0; i < len; i++)
		found += find(mcs_selected_protocol, pdu, i, &value, &at) != MCS_NOT;
	tap_is(found, 0, "nor is a part of it anything");
	len = pdu_connect_initial(pdu, 212, 0);
	tap_is(find(mcs_selected_protocol, pdu, len, &value, &at), MCS_ABSENT,
	       "one of an old client has no such field");
	len = pdu_connect_initial(pdu, 234, 8);
	tap_ok(find(mcs_selected_protocol, pdu, len, &value, &at) == MCS_FOUND && value == 8,
	       "one with more behind it");

	len = pdu_connect_response(pdu, 12, 3);
	tap_ok(find(mcs_requested_protocols, pdu, len, &value, &at) == MCS_FOUND && value == 3,
	       "Connect-Response: the requested protocols");
	tap_is(find(mcs_selected_protocol, pdu, len, &value, &at), MCS_NOT,
	       "it is no Connect-Initial");
	len = pdu_connect_response(pdu, 8, 0);
	tap_is(find(mcs_requested_protocols, pdu, len, &value, &at), MCS_ABSENT,
	       "one of an old server has no such field");
}

int main(void)
{
	test_requests();
	test_bad_requests();
	test_confirms();
	test_written();
	test_mcs();
	return tap_done();
}
