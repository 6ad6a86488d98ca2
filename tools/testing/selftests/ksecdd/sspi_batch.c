// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * LinuxProcessMessages: many messages of several contexts, in their order, up to the
 * one that fails.
 */
#include <linux/ksecdd.h>
#include <sspi_linux.h>

#include "logon.h"
#include "mem.h"
#include "ntlm_peer.h"
#include "suite.h"

#define CONTEXTS	3
/* More than fit in three system calls, and not a whole number of them */
#define MESSAGES	(3 * KSECDD_MAX_BATCH + 7)
#define LEN		50

/* What no call has written to */
#define UNTOUCHED	0xeeeeeeee

static struct logon l[CONTEXTS];
static struct ntlm_peer peers[CONTEXTS];

static LinuxMessage messages[MESSAGES];
static SecBufferDesc descs[MESSAGES];
static SecBuffer buffers[MESSAGES][2];
static uint8_t tokens[MESSAGES][16], data[MESSAGES][LEN];
static ULONG done;

static void text_of(unsigned int i, uint8_t text[LEN])
{
	unsigned int k;

	for (k = 0; k < LEN; k++)
		text[k] = (uint8_t)(i + 3 * k);
}

static struct ntlm_piece piece(unsigned int i, bool seal)
{
	return (struct ntlm_piece){ data[i], LEN, seal };
}

/* Contexts take turns; @op is the operation of all messages. */
static void prepare(ULONG op)
{
	bool seal = op == LINUX_MESSAGE_ENCRYPT || op == LINUX_MESSAGE_DECRYPT;
	unsigned int i;

	for (i = 0; i < MESSAGES; i++) {
		text_of(i, data[i]);
		memset(tokens[i], 0xee, sizeof(tokens[i]));
		if (op == LINUX_MESSAGE_VERIFY || op == LINUX_MESSAGE_DECRYPT) {
			struct ntlm_piece p = piece(i, seal);

			ntlm_peer_protect(&peers[i % CONTEXTS], &p, 1, tokens[i]);
		}
		buffers[i][0] = (SecBuffer){ 16, SECBUFFER_TOKEN, tokens[i] };
		buffers[i][1] = (SecBuffer){ LEN, SECBUFFER_DATA, data[i] };
		descs[i] = (SecBufferDesc){ SECBUFFER_VERSION, 2, buffers[i] };
		messages[i] = (LinuxMessage){
			.Context = l[i % CONTEXTS].context,
			.Operation = op,
			.Status = (SECURITY_STATUS)UNTOUCHED,
			.pMessage = &descs[i],
		};
	}
	done = UNTOUCHED;
}

/* Whether what was made is what the client takes, and what was opened is the text. */
static void check_good(unsigned int i, ULONG op)
{
	bool seal = op == LINUX_MESSAGE_ENCRYPT;
	struct ntlm_piece p = piece(i, seal);
	uint8_t text[LEN];

	CHECK_STATUS(messages[i].Status, SEC_E_OK);
	if (op == LINUX_MESSAGE_SIGN || op == LINUX_MESSAGE_ENCRYPT)
		CHECK(ntlm_peer_accept(&peers[i % CONTEXTS], &p, 1, tokens[i]));
	text_of(i, text);
	CHECK_MEM(data[i], text, LEN);
}

static void check_untouched(unsigned int from)
{
	unsigned int i;

	for (i = from; i < MESSAGES; i++)
		CHECK_STATUS(messages[i].Status, UNTOUCHED);
}

static void logged_in(void)
{
	unsigned int i;

	for (i = 0; i < CONTEXTS; i++) {
		logon_init(&l[i]);
		REQUIRE_STATUS(logon_run(&l[i]), SEC_E_OK);
		ntlm_peer_init(&peers[i], l[i].client.flags, l[i].client.exported_key);
	}
}

static void in_order(void)
{
	ULONG op;
	unsigned int i;

	logged_in();
	for (op = LINUX_MESSAGE_SIGN; op <= LINUX_MESSAGE_DECRYPT; op++) {
		prepare(op);
		CHECK_STATUS(LinuxProcessMessages(messages, MESSAGES, &done), SEC_E_OK);
		CHECK_EQ(done, MESSAGES);
		for (i = 0; i < MESSAGES; i++)
			check_good(i, op);
	}
	/* Single calls go on where it left off. */
	prepare(LINUX_MESSAGE_ENCRYPT);
	CHECK_STATUS(EncryptMessage(&l[0].context, 0, &descs[0], 0), SEC_E_OK);
	messages[0].Status = SEC_E_OK;
	check_good(0, LINUX_MESSAGE_ENCRYPT);
}

static void operations_mixed(void)
{
	unsigned int i;

	logged_in();
	prepare(LINUX_MESSAGE_DECRYPT);
	/* Everything of the first context goes the other way. */
	for (i = 0; i < MESSAGES; i += CONTEXTS) {
		text_of(i, data[i]);
		messages[i].Operation = LINUX_MESSAGE_ENCRYPT;
		messages[i].fQOP = i % 2 ? SECQOP_WRAP_NO_ENCRYPT : 0;
	}
	CHECK_STATUS(LinuxProcessMessages(messages, MESSAGES, NULL), SEC_E_OK);
	for (i = 0; i < MESSAGES; i++) {
		bool made = i % CONTEXTS == 0;

		check_good(i, !made ? LINUX_MESSAGE_DECRYPT :
			   i % 2 ? LINUX_MESSAGE_SIGN : LINUX_MESSAGE_ENCRYPT);
		CHECK_EQ(messages[i].fQOP, made && i % 2 ? SECQOP_WRAP_NO_ENCRYPT : 0);
	}
}

/* Message @bad fails with @want, and nothing behind it is done. */
static void check_stops(unsigned int bad, SECURITY_STATUS want)
{
	unsigned int i;

	CHECK_STATUS(LinuxProcessMessages(messages, MESSAGES, &done), want);
	CHECK_EQ(done, bad + 1);
	for (i = 0; i < bad; i++)
		check_good(i, LINUX_MESSAGE_ENCRYPT);
	CHECK_STATUS(messages[bad].Status, want);
	check_untouched(bad + 1);
}

/* The first, in the first call, the last of a call, the first of one, the last */
static const unsigned int places[] = {
	0, 5, KSECDD_MAX_BATCH - 1, KSECDD_MAX_BATCH, MESSAGES - 1,
};

static void stops_at(void (*spoil)(unsigned int i), SECURITY_STATUS want)
{
	size_t k;

	for (k = 0; k < ARRAY_SIZE(places); k++) {
		prepare(LINUX_MESSAGE_ENCRYPT);
		spoil(places[k]);
		check_stops(places[k], want);
	}
}

static void no_context(unsigned int i)
{
	messages[i].Context = (CtxtHandle){ 12345, 54321 };
}

static void no_handle(unsigned int i)
{
	messages[i].Context = (CtxtHandle){ 0, 0 };
}

static void no_operation(unsigned int i)
{
	messages[i].Operation = LINUX_MESSAGE_DECRYPT + 1;
}

static void no_description(unsigned int i)
{
	messages[i].pMessage = NULL;
}

static void no_buffers(unsigned int i)
{
	descs[i].cBuffers = 0;
}

static void no_room(unsigned int i)
{
	buffers[i][0].cbBuffer = 15;
}

static void no_quality(unsigned int i)
{
	messages[i].fQOP = 77;
}

static void no_memory(unsigned int i)
{
	buffers[i][1].pvBuffer = (void *)(uintptr_t)mem_bad(3);
}

static void no_array(unsigned int i)
{
	descs[i].pBuffers = (void *)(uintptr_t)mem_bad(3);
}

static void stops(void)
{
	logged_in();
	stops_at(no_context, SEC_E_INVALID_HANDLE);
	stops_at(no_handle, SEC_E_INVALID_HANDLE);
	stops_at(no_operation, SEC_E_INVALID_PARAMETER);
	stops_at(no_description, SEC_E_INVALID_TOKEN);
	stops_at(no_buffers, SEC_E_INVALID_TOKEN);
	stops_at(no_room, SEC_E_BUFFER_TOO_SMALL);
	stops_at(no_quality, SEC_E_QOP_NOT_SUPPORTED);
	stops_at(no_memory, SEC_E_INTERNAL_ERROR);
	stops_at(no_array, SEC_E_INTERNAL_ERROR);
}

/* A forged message ends the call; the rest of it is good in another one. */
static void forged(void)
{
	const unsigned int bad = KSECDD_MAX_BATCH + 1;
	unsigned int i;

	logged_in();
	prepare(LINUX_MESSAGE_DECRYPT);
	data[bad][7] ^= 1;
	CHECK_STATUS(LinuxProcessMessages(messages, MESSAGES, &done), SEC_E_MESSAGE_ALTERED);
	CHECK_EQ(done, bad + 1);
	CHECK_STATUS(messages[bad].Status, SEC_E_MESSAGE_ALTERED);
	check_untouched(bad + 1);
	data[bad][7] ^= 1;
	CHECK_STATUS(LinuxProcessMessages(messages + bad, MESSAGES - bad, &done), SEC_E_OK);
	CHECK_EQ(done, MESSAGES - bad);
	for (i = 0; i < MESSAGES; i++)
		check_good(i, LINUX_MESSAGE_DECRYPT);
}

static void arguments(void)
{
	CHECK_STATUS(LinuxProcessMessages(NULL, 0, &done), SEC_E_OK);
	CHECK_EQ(done, 0);
	CHECK_STATUS(LinuxProcessMessages(NULL, 0, NULL), SEC_E_OK);
	done = UNTOUCHED;
	CHECK_STATUS(LinuxProcessMessages(NULL, 1, &done), SEC_E_INVALID_PARAMETER);
	CHECK_EQ(done, 0);
	CHECK_STATUS(LinuxProcessMessages(messages, 0, NULL), SEC_E_OK);
}

static void after(void)
{
	unsigned int i;

	for (i = 0; i < CONTEXTS; i++)
		logon_end(&l[i]);
}

static const struct suite_test tests[] = {
	{ .name = "messages of several contexts, in their order", .run = in_order },
	{ .name = "making and checking in one call", .run = operations_mixed },
	{ .name = "a message that fails is the last one", .run = stops },
	{ .name = "a forged message among good ones", .run = forged },
	{ .name = "nothing to do, and nowhere to find it", .run = arguments },
};

int main(void)
{
	suite_after = after;
	return suite_run(tests, ARRAY_SIZE(tests));
}
