// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * AcceptSecurityContext of packages whose tokens are TLS records: which bytes are a token,
 * what the helper sees of records that the module can open, and what the caller gets.
 */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "call.h"
#include "env.h"
#include "session.h"
#include "suite.h"
#include "tls_link.h"

static struct testhelper th = {
	.helper.packages = 1 << KSECDD_PACKAGE_NTLM | 1 << KSECDD_PACKAGE_SCHANNEL |
			   1 << KSECDD_PACKAGE_CREDSSP,
};

static int fd;
static uint64_t schannel, credssp;
static struct call call;
static struct taken taken;
static uint8_t records[2 * TLS_MAX_RECORD], room[TLS_MAX_RECORD];

static const uint8_t hello[] = "a client's hello", flight[] = "a server's flight";
static const uint8_t question[] = "a TSRequest", reply[] = "the answer to it";
static const uint8_t inner_key[16] = "the inner key...";

/* A record that is not encrypted */
static size_t put_record(uint8_t *to, uint8_t type, const void *data, size_t len)
{
	const uint8_t head[TLS_HEAD] = { type, 3, 1, (uint8_t)(len >> 8), (uint8_t)len };

	memcpy(to, head, sizeof(head));
	memcpy(to + sizeof(head), data, len);
	return sizeof(head) + len;
}

static void prepare_call(uint64_t cred, uint64_t context, const void *token, size_t len)
{
	call_init(&call, fd, cred, context);
	call.arg.token = (uintptr_t)token;
	call.arg.token_len = (uint32_t)len;
	call.arg.out = (uintptr_t)room;
	call.arg.out_len = sizeof(room);
}

/* A call that no helper is asked about */
static int32_t ask_nobody(uint64_t cred, uint64_t context, const void *token, size_t len)
{
	uint64_t upcalls = status_now().upcalls;

	prepare_call(cred, context, token, len);
	call_run(&call);
	CHECK_EQ(call.ret, 0);
	CHECK_EQ(status_now().upcalls, upcalls);
	CHECK_EQ(call.arg.out_len, 0);
	CHECK_EQ(call.arg.extra_len, 0);
	return call.arg.status;
}

/* A call of which the helper has taken the request */
static void ask(uint64_t cred, uint64_t context, const void *token, size_t len)
{
	prepare_call(cred, context, token, len);
	call_start(&call);
	take(&th, &taken);
}

static int answer(const struct ksecdd_complete *arg)
{
	return device_ioctl(taken.fd, KSECDD_REQ_COMPLETE, (void *)(uintptr_t)arg);
}

/* SEC_E_OK of Schannel, or of CredSSP with its keys on this leg */
static void let_in(uint32_t unused)
{
	struct ksecdd_complete arg;

	fill_ok(&arg);
	arg.unused_len = unused;
	CHECK_EQ(answer(&arg), 0);
	call_finish(&call, &taken, SEC_E_OK);
}

static int set_tls_keys(const struct ksecdd_tls_keys *keys)
{
	return request_set_keys(taken.fd, KSECDD_PACKAGE_SCHANNEL, 0, (const uint8_t *)keys,
				sizeof(*keys));
}

/* Each beginning of a record is incomplete, and leaves nothing behind. */
static void pieces(uint64_t cred)
{
	struct family_status before = status_now();
	size_t len = put_record(records, TLS_HANDSHAKE, hello, sizeof(hello)), i;

	for (i = 0; i < len; i++) {
		CHECK_STATUS(ask_nobody(cred, 0, records, i), SEC_E_INCOMPLETE_MESSAGE);
		CHECK_EQ(call.arg.missing_len, i < TLS_HEAD ? TLS_HEAD - i : len - i);
		CHECK_EQ(call.arg.new_context, 0);
	}
	check_gauges(&before);
	CHECK_EQ(status_now().failed, before.failed);
}

static void incomplete(void)
{
	pieces(schannel);
	pieces(credssp);
}

/* Two whole records and a part of a third: the helper sees the two. */
static void extra(void)
{
	struct family_status before = status_now();
	struct ksecdd_tls_keys keys = tls_link_keys(KSECDD_TLS_1_3, KSECDD_TLS_AES_128_GCM);
	size_t one, two, len, i;

	one = put_record(records, TLS_HANDSHAKE, hello, sizeof(hello));
	two = one + put_record(records + one, TLS_CHANGE_CIPHER, "\1", 1);
	len = two + put_record(records + two, TLS_DATA, question, sizeof(question));
	for (i = two; i <= len; i++) {
		ask(schannel, 0, records, i);
		CHECK_EQ(taken.req.step.token_len, i == len ? len : two);
		CHECK_MEM(taken.req.step.token, records, taken.req.step.token_len);
		CHECK(!taken.req.step.outer);
		CHECK_EQ(set_tls_keys(&keys), 0);
		/* The helper has used one of them. */
		let_in((uint32_t)(taken.req.step.token_len - one));
		CHECK_EQ(call.arg.extra_len, i - one);
		CHECK_STATUS(delete_context(fd, call.arg.new_context), SEC_E_OK);
	}
	check_gauges(&before);
}

static const struct {
	const char *what;
	uint8_t head[TLS_HEAD];
	int32_t first;	/* a first call's status; a later one's is SEC_E_ILLEGAL_MESSAGE */
} heads[] = {
	{ "HTTP", "GET /", SEC_E_INVALID_TOKEN },
	{ "SSL 2", { 0x80, 0x2e, 1, 0, 2 }, SEC_E_INVALID_TOKEN },
	{ "type 0", { 0, 3, 3, 0, 1 }, SEC_E_INVALID_TOKEN },
	{ "type 255", { 255, 3, 3, 0, 1 }, SEC_E_INVALID_TOKEN },
	{ "version 2", { TLS_HANDSHAKE, 2, 0, 0, 1 }, SEC_E_INVALID_TOKEN },
	{ "no bytes", { TLS_HANDSHAKE, 3, 3, 0, 0 }, SEC_E_ILLEGAL_MESSAGE },
	{ "too many bytes", { TLS_HANDSHAKE, 3, 3, 0x48, 1 }, SEC_E_ILLEGAL_MESSAGE },
	{ "65535 bytes", { TLS_HANDSHAKE, 3, 3, 255, 255 }, SEC_E_ILLEGAL_MESSAGE },
};

/* A half-open context of a credential; the server's flight is at room */
static uint64_t half_open_tls(uint64_t cred)
{
	size_t len = put_record(records, TLS_HANDSHAKE, hello, sizeof(hello));

	ask(cred, 0, records, len);
	CHECK_EQ(complete_continue(&taken, "state", 5, flight, sizeof(flight)), 0);
	call_finish(&call, &taken, SEC_I_CONTINUE_NEEDED);
	CHECK_EQ(call.arg.out_len, sizeof(flight));
	CHECK_MEM(room, flight, sizeof(flight));
	return call.arg.new_context;
}

static void no_records(void)
{
	struct family_status before = status_now();
	struct ksecdd_context_info info;
	uint64_t ctx;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(heads); i++) {
		CHECK_STATUS(ask_nobody(schannel, 0, heads[i].head, TLS_HEAD), heads[i].first);
		ctx = half_open_tls(schannel);
		CHECK_STATUS(ask_nobody(schannel, ctx, heads[i].head, TLS_HEAD),
			     SEC_E_ILLEGAL_MESSAGE);
		CHECK_STATUS(query_info(fd, ctx, &info), SEC_E_INVALID_HANDLE);
		CHECK_STATUS(delete_context(fd, ctx), SEC_E_OK);
		if (suite_failed())
			suite_note("with %s", heads[i].what);
	}
	/* What comes behind a whole record is for the next call. */
	i = put_record(records, TLS_HANDSHAKE, hello, sizeof(hello));
	memcpy(records + i, "GET /", 5);
	ask(schannel, 0, records, i + 5);
	CHECK_EQ(taken.req.step.token_len, i);
	CHECK_EQ(complete(&taken, SEC_E_LOGON_DENIED), 0);
	call_finish(&call, &taken, SEC_E_LOGON_DENIED);
	CHECK_EQ(call.arg.extra_len, 0);
	check_gauges(&before);
}

static void nonsense(void)
{
	struct ksecdd_tls_keys keys = tls_link_keys(KSECDD_TLS_1_2, KSECDD_TLS_AES_128_GCM);
	size_t len = put_record(records, TLS_HANDSHAKE, hello, sizeof(hello));
	struct family_status before = status_now();
	struct ksecdd_complete arg;

	/* Nobody is let in without keys, or by those of the other kind. */
	ask(schannel, 0, records, len);
	CHECK_EQ(complete_ok(&taken), -EINVAL);
	call_finish(&call, &taken, SEC_E_INTERNAL_ERROR);
	ask(schannel, 0, records, len);
	CHECK_EQ(request_set_keys(taken.fd, KSECDD_PACKAGE_NTLM, TEST_SEAL_FLAGS, inner_key, 16),
		 -EINVAL);
	CHECK_EQ(complete(&taken, SEC_E_LOGON_DENIED), 0);
	call_finish(&call, &taken, SEC_E_LOGON_DENIED);
	ask(credssp, 0, records, len);
	CHECK_EQ(request_set_keys(taken.fd, KSECDD_PACKAGE_NTLM, TEST_SEAL_FLAGS, inner_key, 16),
		 0);
	CHECK_EQ(complete_ok(&taken), -EINVAL);
	call_finish(&call, &taken, SEC_E_INTERNAL_ERROR);

	/* More unused than there was */
	ask(schannel, 0, records, len);
	CHECK_EQ(set_tls_keys(&keys), 0);
	CHECK_EQ(set_tls_keys(&keys), -EBUSY);
	fill_ok(&arg);
	arg.unused_len = (uint32_t)len + 1;
	CHECK_EQ(answer(&arg), -EINVAL);
	call_finish(&call, &taken, SEC_E_INTERNAL_ERROR);

	/* An alert for the module to make, before there is what it could make it with */
	ask(credssp, 0, records, len);
	arg = (struct ksecdd_complete){
		.size = sizeof(arg), .status = SEC_E_LOGON_DENIED,
		.flags = KSECDD_COMPLETE_ALERT, .alert = 49,
	};
	CHECK_EQ(answer(&arg), -EINVAL);
	call_finish(&call, &taken, SEC_E_INTERNAL_ERROR);
	check_gauges(&before);
}

static void refused_flags(void)
{
	size_t len = put_record(records, TLS_HANDSHAKE, hello, sizeof(hello));
	struct family_status before = status_now();

	prepare_call(schannel, 0, records, len);
	call.arg.req_flags = ASC_REQ_DELEGATE;
	call_run(&call);
	CHECK_STATUS(call.arg.status, SEC_E_UNSUPPORTED_FUNCTION);
	CHECK_EQ(status_now().upcalls, before.upcalls);

	prepare_call(credssp, 0, records, len);
	call.arg.req_flags = ASC_REQ_DELEGATE;
	call_start(&call);
	take(&th, &taken);
	CHECK_EQ(complete(&taken, SEC_E_LOGON_DENIED), 0);
	call_finish(&call, &taken, SEC_E_LOGON_DENIED);
	check_gauges(&before);
}

/* A context of CredSSP whose TLS is up, and the client at the other end of that */
static uint64_t tls_is_up(struct tls_peer *peer, unsigned int version, unsigned int cipher)
{
	struct ksecdd_tls_keys keys = tls_link_keys(version, cipher);
	size_t len = put_record(records, TLS_HANDSHAKE, hello, sizeof(hello));

	ask(credssp, 0, records, len);
	CHECK_EQ(set_tls_keys(&keys), 0);
	CHECK_EQ(complete_continue(&taken, "state", 5, flight, sizeof(flight)), 0);
	call_finish(&call, &taken, SEC_I_CONTINUE_NEEDED);
	/* The answer to what came before the keys is the helper's own record. */
	CHECK_EQ(call.arg.out_len, sizeof(flight));
	CHECK_MEM(room, flight, sizeof(flight));
	tls_peer_init(peer, &keys);
	return call.arg.new_context;
}

/* That the caller got a record, and what the client sees in it */
static void check_record(struct tls_peer *peer, uint8_t type, const void *data, size_t len)
{
	uint8_t got[sizeof(room)], got_type = 0;
	size_t got_len = 0;

	if (!CHECK(tls_peer_open(peer, room, call.arg.out_len, &got_type, got, &got_len)))
		return;
	CHECK_EQ(got_type, type);
	CHECK_EQ(got_len, len);
	CHECK_MEM(got, data, len);
}

static bool helper_sees(const void *data, size_t len)
{
	return CHECK(taken.req.step.outer) && CHECK_EQ(taken.req.step.token_len, len) &&
	       CHECK_MEM(taken.req.step.token, data, len);
}

/* A leg inside of TLS; with @small, the answer does not fit at first. */
static void inner_leg(struct tls_peer *peer, uint64_t ctx, bool small)
{
	size_t len = tls_peer_seal(peer, TLS_DATA, question, sizeof(question), records);
	uint64_t upcalls = status_now().upcalls;
	uint32_t needed;

	prepare_call(credssp, ctx, records, len);
	if (small)
		call.arg.out_len = sizeof(reply);
	call_start(&call);
	take(&th, &taken);
	helper_sees(question, sizeof(question));
	CHECK_EQ(complete_continue(&taken, "state", 5, reply, sizeof(reply)), 0);
	if (small) {
		call_finish(&call, &taken, SEC_E_BUFFER_TOO_SMALL);
		needed = call.arg.out_len;
		CHECK(needed > sizeof(reply));
		/* The same call, and the same answer */
		prepare_call(credssp, ctx, records, len);
		call_run(&call);
		CHECK_STATUS(call.arg.status, SEC_I_CONTINUE_NEEDED);
		CHECK_EQ(call.arg.out_len, needed);
	} else {
		call_finish(&call, &taken, SEC_I_CONTINUE_NEEDED);
	}
	CHECK_EQ(status_now().upcalls, upcalls + 1);
	check_record(peer, TLS_DATA, reply, sizeof(reply));
}

static void check_token_mech(uint64_t ctx, uint32_t mech)
{
	struct ksecdd_token arg = { .size = sizeof(arg), .context = ctx };
	struct ksecdd_token_info info = {};
	struct ksecdd_query q = {
		.size = sizeof(q), .attribute = KSECDD_ATTR_TOKEN, .len = sizeof(info),
		.buffer = (uintptr_t)&info,
	};

	REQUIRE_EQ(device_ioctl(fd, KSECDD_IOC_TOKEN, &arg), 0);
	REQUIRE_STATUS(arg.status, SEC_E_OK);
	CHECK_EQ(device_ioctl(arg.fd, KSECDD_TOKEN_QUERY, &q), 0);
	CHECK_STATUS(q.status, SEC_E_OK);
	CHECK_EQ(info.package, KSECDD_PACKAGE_CREDSSP);
	CHECK_EQ(info.mech, mech);
	close(arg.fd);
}

static void check_text(uint64_t ctx, uint32_t attribute, const char *want)
{
	char text[64];
	uint32_t len = sizeof(text);

	CHECK_STATUS(query(fd, ctx, attribute, text, &len), SEC_E_OK);
	CHECK_EQ(len, strlen(want));
	CHECK_MEM(text, want, strlen(want));
}

/* The last leg: who the client is, and what is known of his connection */
static void last_leg(struct tls_peer *peer, uint64_t ctx)
{
	size_t len = tls_peer_seal(peer, TLS_DATA, question, sizeof(question), records), next;
	struct ksecdd_complete arg;

	/* What follows at once is for DecryptMessage, and not for the helper. */
	next = tls_peer_seal(peer, TLS_DATA, hello, sizeof(hello), records + len);
	ask(credssp, ctx, records, len + next);
	helper_sees(question, sizeof(question));
	fill_ok(&arg);
	arg.token = (uintptr_t)reply;
	arg.token_len = sizeof(reply);
	arg.peer_cert = (uintptr_t)"certificate";
	arg.peer_cert_len = 11;
	arg.protocol = (uintptr_t)"h2";
	arg.protocol_len = 2;
	arg.endpoint = (uintptr_t)"end point";
	arg.endpoint_len = 9;
	CHECK_EQ(answer(&arg), 0);
	call_finish(&call, &taken, SEC_E_OK);
	CHECK_EQ(call.arg.extra_len, next);
	check_record(peer, TLS_DATA, reply, sizeof(reply));
	memmove(records, records + len, next);
	check_text(ctx, KSECDD_ATTR_PEER_CERT, "certificate");
	check_text(ctx, KSECDD_ATTR_PROTOCOL, "h2");
	check_text(ctx, KSECDD_ATTR_ENDPOINT, "end point");
}

static void credssp_logon(unsigned int version, unsigned int cipher)
{
	struct tls_link s = { .dev = fd, .cred = credssp };
	uint64_t ctx = tls_is_up(&s.peer, version, cipher);
	struct ksecdd_tls_info info = {};
	struct ksecdd_buffer bufs[TLS_OPEN_BUFFERS];
	uint32_t len = sizeof(info);
	uint8_t text[64];
	size_t sealed;

	inner_leg(&s.peer, ctx, false);
	inner_leg(&s.peer, ctx, true);

	/* The inner keys, which the helper uses, and which are not TLS's */
	sealed = tls_peer_seal(&s.peer, TLS_DATA, question, sizeof(question), records);
	ask(credssp, ctx, records, sealed);
	CHECK_EQ(request_set_keys(taken.fd, KSECDD_PACKAGE_NTLM, TEST_SEAL_FLAGS, inner_key, 16),
		 0);
	CHECK_EQ(complete_continue(&taken, "state", 5, NULL, 0), 0);
	call_finish(&call, &taken, SEC_I_CONTINUE_NEEDED);
	CHECK_EQ(call.arg.out_len, 0);

	last_leg(&s.peer, ctx);
	check_token_mech(ctx, KSECDD_PACKAGE_NTLM);
	CHECK_STATUS(query(fd, ctx, KSECDD_ATTR_TLS, &info, &len), SEC_E_OK);
	CHECK_EQ(info.version, version);
	CHECK_EQ(info.cipher, cipher);
	CHECK_EQ(info.header, tls_header_len(&s.peer));
	CHECK_EQ(info.trailer, tls_trailer_len(&s.peer));
	len = sizeof(text);
	CHECK_STATUS(query(fd, ctx, KSECDD_ATTR_UNIQUE, text, &len), SEC_E_UNSUPPORTED_FUNCTION);

	/* The record that came with the last token, and one back */
	s.call = (struct message_call){ .cmd = KSECDD_IOC_MESSAGE, .fd = fd, .context = ctx };
	sealed = TLS_HEAD + (size_t)(records[3] << 8 | records[4]);
	CHECK_STATUS(tls_link_decrypt(&s, records, sealed, bufs), SEC_E_OK);
	CHECK_MEM((void *)(uintptr_t)bufs[1].ptr, hello, sizeof(hello));
	CHECK_STATUS(tls_link_encrypt(&s, reply, sizeof(reply), room, &sealed), SEC_E_OK);
	call.arg.out_len = (uint32_t)sealed;
	check_record(&s.peer, TLS_DATA, reply, sizeof(reply));
	CHECK_STATUS(delete_context(fd, ctx), SEC_E_OK);
}

static void credssp_logons(void)
{
	struct family_status before = status_now();

	credssp_logon(KSECDD_TLS_1_2, KSECDD_TLS_AES_128_GCM);
	credssp_logon(KSECDD_TLS_1_2, KSECDD_TLS_CHACHA20_POLY1305);
	credssp_logon(KSECDD_TLS_1_3, KSECDD_TLS_AES_256_GCM);
	check_gauges(&before);
}

/* A token that is not whole: the helper sees its beginning again, as plain text. */
static void token_in_two(void)
{
	struct ksecdd_complete part = {
		.size = sizeof(part), .status = SEC_I_CONTINUE_NEEDED,
		.flags = KSECDD_COMPLETE_PARTIAL,
	};
	struct family_status before = status_now();
	struct tls_peer peer;
	uint64_t ctx = tls_is_up(&peer, KSECDD_TLS_1_3, KSECDD_TLS_AES_128_GCM);
	size_t one = tls_peer_seal(&peer, TLS_DATA, question, 4, records);
	size_t two = tls_peer_seal(&peer, TLS_DATA, question + 4, sizeof(question) - 4,
				   records + one);

	ask(credssp, ctx, records, one + two);
	helper_sees(question, 4);
	CHECK_EQ(answer(&part), 0);
	call_finish(&call, &taken, SEC_I_CONTINUE_NEEDED);
	CHECK_EQ(call.arg.extra_len, two);
	ask(credssp, ctx, records + one, two);
	helper_sees(question, sizeof(question));
	CHECK_EQ(complete(&taken, SEC_E_LOGON_DENIED), 0);
	call_finish(&call, &taken, SEC_E_LOGON_DENIED);
	CHECK_STATUS(delete_context(fd, ctx), SEC_E_OK);
	check_gauges(&before);
}

/* Without a helper nothing has happened, and the record is as good as before. */
static void no_helper(void)
{
	struct tls_peer peer;
	uint64_t ctx = tls_is_up(&peer, KSECDD_TLS_1_3, KSECDD_TLS_AES_128_GCM);
	size_t len = tls_peer_seal(&peer, TLS_DATA, question, sizeof(question), records);
	struct ksecdd_context_info info;

	family_close(&th.family);
	prepare_call(credssp, ctx, records, len);
	call_run(&call);
	CHECK_STATUS(call.arg.status, SEC_E_NO_AUTHENTICATING_AUTHORITY);
	CHECK_STATUS(query_info(fd, ctx, &info), SEC_E_OK);
	REQUIRE_EQ(testhelper_register(&th), 0);
	ask(credssp, ctx, records, len);
	helper_sees(question, sizeof(question));
	CHECK_EQ(complete_continue(&taken, "state", 5, reply, sizeof(reply)), 0);
	call_finish(&call, &taken, SEC_I_CONTINUE_NEEDED);
	check_record(&peer, TLS_DATA, reply, sizeof(reply));
	CHECK_STATUS(delete_context(fd, ctx), SEC_E_OK);
}

/* Records that are not data, or not the client's */
static void wrong_record(uint8_t type, const void *data, size_t len, int flip, int32_t want)
{
	struct ksecdd_context_info info;
	struct tls_peer peer;
	uint64_t ctx = tls_is_up(&peer, KSECDD_TLS_1_3, KSECDD_TLS_AES_128_GCM);
	size_t n = tls_peer_seal(&peer, type, data, len, records);

	if (flip)
		records[n - 1] ^= 1;
	CHECK_STATUS(ask_nobody(credssp, ctx, records, n), want);
	CHECK_STATUS(query_info(fd, ctx, &info), SEC_E_INVALID_HANDLE);
	CHECK_STATUS(delete_context(fd, ctx), SEC_E_OK);
}

static void wrong_records(void)
{
	struct family_status before = status_now();

	wrong_record(TLS_DATA, question, sizeof(question), 1, SEC_E_MESSAGE_ALTERED);
	wrong_record(TLS_ALERT, "\1\0", 2, 0, SEC_I_CONTEXT_EXPIRED);
	wrong_record(TLS_HANDSHAKE, "\30\0\0\1\1", 5, 0, SEC_E_ILLEGAL_MESSAGE);
	check_gauges(&before);
}

/* Tokens and alerts of failures are records, too. */
static void failures(void)
{
	struct ksecdd_complete arg = {
		.size = sizeof(arg), .status = SEC_E_LOGON_DENIED,
		.token = (uintptr_t)reply, .token_len = sizeof(reply),
	};
	struct family_status before = status_now();
	struct tls_peer peer;
	uint64_t ctx;
	size_t n;

	ctx = tls_is_up(&peer, KSECDD_TLS_1_2, KSECDD_TLS_AES_256_GCM);
	n = tls_peer_seal(&peer, TLS_DATA, question, sizeof(question), records);
	ask(credssp, ctx, records, n);
	CHECK_EQ(answer(&arg), 0);
	call_finish(&call, &taken, SEC_E_LOGON_DENIED);
	check_record(&peer, TLS_DATA, reply, sizeof(reply));
	CHECK_STATUS(delete_context(fd, ctx), SEC_E_OK);

	ctx = tls_is_up(&peer, KSECDD_TLS_1_2, KSECDD_TLS_AES_256_GCM);
	n = tls_peer_seal(&peer, TLS_DATA, question, sizeof(question), records);
	ask(credssp, ctx, records, n);
	arg.token_len = 0;
	arg.flags = KSECDD_COMPLETE_ALERT;
	arg.alert = 49;
	CHECK_EQ(answer(&arg), 0);
	call_finish(&call, &taken, SEC_E_LOGON_DENIED);
	check_record(&peer, TLS_ALERT, "\2\61", 2);
	CHECK_STATUS(delete_context(fd, ctx), SEC_E_OK);
	check_gauges(&before);
}

static int32_t control(uint64_t ctx, uint32_t op)
{
	struct ksecdd_control arg = { .size = sizeof(arg), .context = ctx, .op = op };

	CHECK_EQ(device_ioctl(fd, KSECDD_IOC_CONTROL, &arg), 0);
	return arg.status;
}

/* An established Schannel context */
static uint64_t connection(struct tls_peer *peer, unsigned int version)
{
	struct ksecdd_tls_keys keys = tls_link_keys(version, KSECDD_TLS_AES_128_GCM);
	size_t len = put_record(records, TLS_HANDSHAKE, hello, sizeof(hello));

	ask(schannel, 0, records, len);
	CHECK_EQ(set_tls_keys(&keys), 0);
	let_in(0);
	tls_peer_init(peer, &keys);
	return call.arg.new_context;
}

static void shut_down(unsigned int version)
{
	struct tls_link s = { .dev = fd, .cred = schannel };
	uint64_t ctx = connection(&s.peer, version), upcalls = status_now().upcalls;
	size_t len;

	CHECK_STATUS(control(ctx, 0), SEC_E_UNSUPPORTED_FUNCTION);
	CHECK_STATUS(control(ctx, KSECDD_CONTROL_SHUTDOWN), SEC_E_OK);
	/* A token is refused as ever; none, with too little room, may come again. */
	CHECK_STATUS(ask_nobody(schannel, ctx, records, TLS_HEAD), SEC_E_INVALID_TOKEN);
	prepare_call(0, ctx, NULL, 0);
	call.arg.out_len = 0;
	call_run(&call);
	CHECK_STATUS(call.arg.status, SEC_E_BUFFER_TOO_SMALL);
	CHECK(call.arg.out_len);
	prepare_call(0, ctx, NULL, 0);
	call_run(&call);
	CHECK_STATUS(call.arg.status, SEC_E_OK);
	CHECK_EQ(call.arg.new_context, ctx);
	check_record(&s.peer, TLS_ALERT, "\1\0", 2);
	CHECK_EQ(status_now().upcalls, upcalls);

	s.call = (struct message_call){ .cmd = KSECDD_IOC_MESSAGE, .fd = fd, .context = ctx };
	CHECK_STATUS(tls_link_encrypt(&s, reply, sizeof(reply), room, &len),
		     SEC_E_CONTEXT_EXPIRED);
	CHECK_STATUS(ask_nobody(0, ctx, NULL, 0), SEC_E_CONTEXT_EXPIRED);
	CHECK_STATUS(delete_context(fd, ctx), SEC_E_OK);
}

static void shutdowns(void)
{
	struct family_status before = status_now();

	shut_down(KSECDD_TLS_1_2);
	shut_down(KSECDD_TLS_1_3);
	check_gauges(&before);
}

/* Without a token there is a KeyUpdate in TLS 1.3, and nothing to say in TLS 1.2. */
static void key_update(void)
{
	struct family_status before = status_now();
	struct tls_link s = { .dev = fd, .cred = schannel };
	uint64_t ctx = connection(&s.peer, KSECDD_TLS_1_2);
	size_t len;

	CHECK_STATUS(ask_nobody(0, ctx, NULL, 0), SEC_E_INVALID_TOKEN);
	CHECK_STATUS(delete_context(fd, ctx), SEC_E_OK);

	ctx = connection(&s.peer, KSECDD_TLS_1_3);
	prepare_call(0, ctx, NULL, 0);
	call_run(&call);
	CHECK_STATUS(call.arg.status, SEC_E_OK);
	check_record(&s.peer, TLS_HANDSHAKE, "\30\0\0\1\1", 5);
	tls_peer_update(&s.peer, &s.peer.receive);
	s.call = (struct message_call){ .cmd = KSECDD_IOC_MESSAGE, .fd = fd, .context = ctx };
	CHECK_STATUS(tls_link_encrypt(&s, reply, sizeof(reply), room, &len), SEC_E_OK);
	call.arg.out_len = (uint32_t)len;
	check_record(&s.peer, TLS_DATA, reply, sizeof(reply));
	CHECK_STATUS(delete_context(fd, ctx), SEC_E_OK);
	check_gauges(&before);
}

static const struct suite_test tests[] = {
	{ .name = "a record in pieces", .run = incomplete },
	{ .name = "what is behind the token", .run = extra },
	{ .name = "what is no record", .run = no_records },
	{ .name = "a helper that makes no sense", .run = nonsense },
	{ .name = "ASC_REQ_DELEGATE", .run = refused_flags },
	{ .name = "CredSSP, from the hello to messages", .run = credssp_logons },
	{ .name = "a token in two records", .run = token_in_two },
	{ .name = "records that are wrong inside of CredSSP", .run = wrong_records },
	{ .name = "failures inside of CredSSP", .run = failures },
	{ .name = "without a helper nothing has happened", .run = no_helper },
	{ .name = "close_notify", .run = shutdowns },
	{ .name = "KeyUpdate", .run = key_update },
};

int main(void)
{
	testhelper_isolate();
	REQUIRE_EQ(testhelper_register(&th), 0);
	fd = device_open();
	schannel = device_acquire_package(fd, KSECDD_PACKAGE_SCHANNEL);
	credssp = device_acquire_package(fd, KSECDD_PACKAGE_CREDSSP);
	return suite_run(tests, ARRAY_SIZE(tests));
}
