// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Legs of CredSSP inside of TLS with one fault after the other: what the helper sees was in a
 * record, and what it answers becomes one.  Whatever fails, the same record is good once more
 * and gets the answer that it would have got, and the two sides still count alike.
 */
#include <string.h>
#include <unistd.h>

#include "call.h"
#include "env.h"
#include "session.h"
#include "suite.h"
#include "sweep.h"
#include "tls_link.h"

#define ALERT_ACCESS_DENIED	49

/**
 * struct leg - a leg inside of TLS
 * @version: KSECDD_TLS_1_2 or _1_3
 * @cipher:  KSECDD_TLS_*
 * @verdict: what the helper says; tokens are put in
 * @type:    of the record that is the answer
 * @answer:  what is in it
 * @len:     bytes of @answer
 */
struct leg {
	unsigned int version;
	unsigned int cipher;
	const struct verdict *verdict;
	uint8_t type;
	const void *answer;
	size_t len;
};

static const uint8_t inner_key[16] = "the inner key";
static const uint8_t denied[] = { 2, ALERT_ACCESS_DENIED };
static uint8_t flight[300], reply[700], reply_state[40];
static struct verdict up, further, last, refusal;

static struct tls_link s;
static uint64_t ctx;
static uint8_t record[sizeof(struct verdict) + TLS_MAX_OVERHEAD], out[1024], got[TLS_MAX_RECORD];
static size_t record_len;
static struct ksecdd_accept call;

static struct verdict go_on(const void *token, size_t len)
{
	return (struct verdict){
		.magic = VERDICT_MAGIC,
		.complete = {
			.status = SEC_I_CONTINUE_NEEDED,
			.state = (uintptr_t)reply_state, .state_len = sizeof(reply_state),
			.token = (uintptr_t)token, .token_len = (uint32_t)len,
		},
	};
}

static void verdicts_init(void)
{
	fill(flight, sizeof(flight), 1);
	fill(reply, sizeof(reply), 2);
	fill(reply_state, sizeof(reply_state), 3);
	up = go_on(flight, sizeof(flight));
	up.set_keys = true;
	up.mech = KSECDD_PACKAGE_SCHANNEL;
	up.key_len = sizeof(struct ksecdd_tls_keys);
	further = go_on(reply, sizeof(reply));
	/* With it come the keys of what is inside. */
	last = verdict_ok(TEST_SEAL_FLAGS, inner_key);
	last.complete.token = (uintptr_t)reply;
	last.complete.token_len = sizeof(reply);
	last.complete.peer_cert = last.complete.endpoint = (uintptr_t)flight;
	last.complete.peer_cert_len = last.complete.endpoint_len = 64;
	refusal = verdict_fail(SEC_E_LOGON_DENIED);
	refusal.complete.flags = KSECDD_COMPLETE_ALERT;
	refusal.complete.alert = ALERT_ACCESS_DENIED;
}

static void open_device(const void *arg)
{
	(void)arg;
	s = (struct tls_link){ .dev = device_open() };
	s.cred = device_acquire_package(s.dev, KSECDD_PACKAGE_CREDSSP);
}

static void close_device(const void *arg)
{
	(void)arg;
	tls_link_close(&s);
}

/* A handshake is over, and the client's record for the next leg is there. */
static void before(const void *arg)
{
	const struct leg *leg = arg;
	struct ksecdd_tls_keys keys = tls_link_keys(leg->version, leg->cipher);

	memcpy(up.key, &keys, sizeof(keys));
	call = (struct ksecdd_accept){ .out = (uintptr_t)out, .out_len = sizeof(out) };
	REQUIRE_EQ(device_accept(s.dev, s.cred, 0, &up, &call), 0);
	REQUIRE_STATUS(call.status, SEC_I_CONTINUE_NEEDED);
	ctx = call.new_context;
	tls_peer_init(&s.peer, &keys);
	record_len = tls_peer_seal(&s.peer, TLS_DATA, leg->verdict, sizeof(*leg->verdict), record);
}

static int32_t run(const void *arg)
{
	int err;

	(void)arg;
	call = (struct ksecdd_accept){
		.size = sizeof(call), .credential = s.cred, .context = ctx,
		.token = (uintptr_t)record, .token_len = (uint32_t)record_len,
		.out = (uintptr_t)out, .out_len = sizeof(out),
	};
	err = device_ioctl(s.dev, KSECDD_IOC_ACCEPT, &call);
	return err ? err : call.status;
}

static void check_answer(const struct leg *leg)
{
	uint8_t type = 0;
	size_t len = 0;

	REQUIRE(tls_peer_open(&s.peer, out, call.out_len, &type, got, &len));
	CHECK_EQ(type, leg->type);
	REQUIRE_EQ(len, leg->len);
	CHECK_MEM(got, leg->answer, len);
}

static void further_after(const void *arg, int32_t outcome, enum fault_kind kind)
{
	(void)kind;
	if (outcome != SEC_I_CONTINUE_NEEDED)
		REQUIRE_STATUS(run(arg), SEC_I_CONTINUE_NEEDED);
	check_answer(arg);
	CHECK_STATUS(delete_context(s.dev, ctx), SEC_E_OK);
}

static void last_after(const void *arg, int32_t outcome, enum fault_kind kind)
{
	(void)kind;
	if (outcome != SEC_E_OK)
		REQUIRE_STATUS(run(arg), SEC_E_OK);
	check_answer(arg);
	s.call = (struct message_call){
		.cmd = KSECDD_IOC_MESSAGE, .fd = s.dev, .context = ctx,
	};
	CHECK(tls_link_works(&s));
	CHECK_STATUS(delete_context(s.dev, ctx), SEC_E_OK);
}

/* A refusal is in force even where it or its alert could not be written. */
static void refusal_after(const void *arg, int32_t outcome, enum fault_kind kind)
{
	struct ksecdd_context_info info;

	if (outcome != SEC_E_LOGON_DENIED && query_info(s.dev, ctx, &info) == SEC_E_OK) {
		CHECK_EQ(info.state, KSECDD_STATE_HALF_OPEN);
		outcome = run(arg);
		CHECK_STATUS(outcome, SEC_E_LOGON_DENIED);
	}
	if (outcome == SEC_E_LOGON_DENIED && (call.out_len || kind == FAULT_NONE))
		check_answer(arg);
	CHECK_STATUS(query_info(s.dev, ctx, &info), SEC_E_INVALID_HANDLE);
	CHECK_STATUS(delete_context(s.dev, ctx), SEC_E_OK);
}

#define LEG(title, result, check, ...)							\
	{ .name = title, .faults = &sweep_ioctl, .want = result,			\
	  .arg = &(const struct leg){ __VA_ARGS__ }, .begin = open_device,		\
	  .before = before, .run = run, .after = check##_after, .end = close_device }

static const struct sweep rows[] = {
	LEG("a leg, TLS 1.3, GCM", SEC_I_CONTINUE_NEEDED, further, KSECDD_TLS_1_3,
	    KSECDD_TLS_AES_256_GCM, &further, TLS_DATA, reply, sizeof(reply)),
	LEG("a leg, TLS 1.2, CCM", SEC_I_CONTINUE_NEEDED, further, KSECDD_TLS_1_2,
	    KSECDD_TLS_AES_128_CCM, &further, TLS_DATA, reply, sizeof(reply)),
	LEG("the last leg, TLS 1.3, ChaCha20", SEC_E_OK, last, KSECDD_TLS_1_3,
	    KSECDD_TLS_CHACHA20_POLY1305, &last, TLS_DATA, reply, sizeof(reply)),
	LEG("the last leg, TLS 1.2, GCM", SEC_E_OK, last, KSECDD_TLS_1_2,
	    KSECDD_TLS_AES_128_GCM, &last, TLS_DATA, reply, sizeof(reply)),
	LEG("refused with an alert, TLS 1.3, GCM", SEC_E_LOGON_DENIED, refusal, KSECDD_TLS_1_3,
	    KSECDD_TLS_AES_128_GCM, &refusal, TLS_ALERT, denied, sizeof(denied)),
};

int main(int argc, char **argv)
{
	tls_link_start();
	verdicts_init();
	argc = sweep_run(rows, ARRAY_SIZE(rows), argc, argv);
	tls_link_stop();
	return argc;
}
