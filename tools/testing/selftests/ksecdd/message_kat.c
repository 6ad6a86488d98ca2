// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * NTLM's message protection in the module against known answers, by both ways
 * that lead to it: the device, for an established context, and the request file,
 * for one that is not yet.
 *
 * The module is the server: what the client sends must verify or decrypt, what
 * the server sends must come out as in the vector.
 */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "testhelper.h"
#include "tools/testing/tap/tap.h"
#include "tools/testing/vectors/ntlm.h"

#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))

static const struct ntlm_kat_message messages[] = NTLM_KAT_MESSAGES;

/* A vector as buffers: before, data, after, token */
struct parts {
	uint8_t before[64], data[64], after[64], token[16];
	size_t before_len, data_len, after_len;
};

static size_t buffers(struct parts *p, struct ksecdd_buffer bufs[4])
{
	size_t n = 0;

	if (p->before_len)
		bufs[n++] = buffer(SECBUFFER_DATA | SECBUFFER_READONLY_WITH_CHECKSUM,
				   p->before, p->before_len);
	bufs[n++] = buffer(SECBUFFER_DATA, p->data, p->data_len);
	if (p->after_len)
		bufs[n++] = buffer(SECBUFFER_DATA | SECBUFFER_READONLY, p->after, p->after_len);
	bufs[n++] = buffer(SECBUFFER_TOKEN, p->token, sizeof(p->token));
	return n;
}

static void check_one(const struct message_call *call, const struct ntlm_kat_message *kat,
		      size_t number)
{
	const char *way = call->cmd == KSECDD_IOC_MESSAGE ? "device" : "request file";
	bool seal = kat->op == NTLM_KAT_SEAL;
	uint8_t plain[64], data[64], token[16];
	struct ksecdd_buffer bufs[4];
	struct parts p = {};
	size_t n;

	p.before_len = from_hex(kat->before, p.before, sizeof(p.before));
	p.data_len = from_hex(kat->plain, plain, sizeof(plain));
	p.after_len = from_hex(kat->after, p.after, sizeof(p.after));
	from_hex(kat->data, data, sizeof(data));
	from_hex(kat->signature, token, sizeof(token));
	n = buffers(&p, bufs);

	if (kat->from_client) {
		memcpy(p.data, data, p.data_len);
		memcpy(p.token, token, sizeof(token));
		tap_is(message_status(call, seal ? KSECDD_MESSAGE_DECRYPT : KSECDD_MESSAGE_VERIFY,
				      bufs, (uint32_t)n), SEC_E_OK,
		       "%s: vector %zu (stream %u) is accepted", way, number, kat->stream);
		tap_mem(p.data, plain, p.data_len, "%s: vector %zu: plain text", way, number);
	} else {
		memcpy(p.data, plain, p.data_len);
		tap_is(message_status(call, seal ? KSECDD_MESSAGE_ENCRYPT : KSECDD_MESSAGE_SIGN,
				      bufs, (uint32_t)n), SEC_E_OK,
		       "%s: vector %zu (stream %u) is made", way, number, kat->stream);
		tap_mem(p.data, data, p.data_len, "%s: vector %zu: data", way, number);
		tap_mem(p.token, token, sizeof(token), "%s: vector %zu: signature", way, number);
	}
}

static size_t stream_end(size_t first)
{
	size_t i = first;

	while (i < ARRAY_SIZE(messages) && messages[i].stream == messages[first].stream)
		i++;
	return i;
}

static void check_stream(const struct message_call *call, size_t first)
{
	size_t i, end = stream_end(first);

	for (i = first; i < end; i++)
		check_one(call, &messages[i], i);
}

/* In the helper's thread, while the test waits for it in ACCEPT. */
static void by_request_file(int fd, const struct request *req, void *data)
{
	const struct message_call call = { .cmd = KSECDD_REQ_MESSAGE, .fd = fd };
	const struct ntlm_kat_message *kat = &messages[*(size_t *)data];
	uint8_t key[16];

	(void)req;
	from_hex(kat->key, key, sizeof(key));
	if (!tap_is(request_set_keys(fd, KSECDD_PACKAGE_NTLM, kat->flags, key, sizeof(key)), 0,
		    "keys for stream %u", kat->stream))
		return;
	check_stream(&call, *(size_t *)data);
	tap_is(request_set_keys(fd, KSECDD_PACKAGE_NTLM, kat->flags, key, sizeof(key)), -EBUSY,
	       "keys can be set once only");
}

/*
 * The states move on with the keys: what the helper did with them while the
 * context was half open, the service carries on.
 */
static void carried_on(int fd, const struct request *req, void *data)
{
	const struct message_call call = { .cmd = KSECDD_REQ_MESSAGE, .fd = fd };
	const struct ntlm_kat_message *kat = &messages[*(size_t *)data];
	uint8_t key[16];

	(void)req;
	from_hex(kat->key, key, sizeof(key));
	tap_is(request_set_keys(fd, KSECDD_PACKAGE_NTLM, kat->flags, key, sizeof(key)), 0,
	       "keys for a stream that is divided");
	check_one(&call, kat, *(size_t *)data);
}

static void check_flags(int dev, uint64_t cred, struct testhelper *th)
{
	static const struct {
		uint32_t flags, key_len;
		int want;
		const char *what;
	} cases[] = {
		{ NTLM_KAT_FLAGS_WITHOUT_ESS, 16, -EINVAL, "no extended session security" },
		{ TEST_SEAL_FLAGS | NTLMSSP_NEGOTIATE_DATAGRAM, 16, -EINVAL, "datagrams" },
		{ TEST_SEAL_FLAGS, 15, -EINVAL, "a key of 15 bytes" },
		{ TEST_SEAL_FLAGS, 17, -EINVAL, "a key of 17 bytes" },
		{ TEST_SEAL_FLAGS, 0, -EINVAL, "no key" },
		{ TEST_SEAL_FLAGS, KSECDD_MAX_KEY, -EINVAL, "a key of the greatest length" },
		{ TEST_SEAL_FLAGS, UINT32_MAX, -EINVAL, "a key of 4 GiB" },
		{ TEST_SEAL_FLAGS, 16, 0, "what NTLM has" },
	};
	static const uint8_t key[16];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		struct verdict verdict = verdict_ok(cases[i].flags, key);
		struct ksecdd_accept accept = {};

		verdict.key_len = cases[i].key_len;
		verdict.complete.status = SEC_E_LOGON_DENIED;
		th->set_keys = 1;
		device_accept(dev, cred, 0, &verdict, &accept);
		tap_is(th->set_keys, cases[i].want, "SET_KEYS with %s", cases[i].what);
	}
}

static void check_info(int dev, uint64_t cred)
{
	static const struct {
		uint32_t flags, bits, sign, encrypt;
	} cases[] = {
		{ TEST_SEAL_FLAGS, 128, (uint32_t)-138, (uint32_t)-140 },
		{ TEST_SEAL_FLAGS | NTLMSSP_NEGOTIATE_56, 128, (uint32_t)-138, (uint32_t)-140 },
		{ (TEST_SEAL_FLAGS & ~NTLMSSP_NEGOTIATE_128) | NTLMSSP_NEGOTIATE_56, 56,
		  (uint32_t)-138, (uint32_t)-140 },
		{ TEST_SIGN_FLAGS & ~NTLMSSP_NEGOTIATE_128, 40, (uint32_t)-138, 0 },
		{ NTLMSSP_NEGOTIATE_ALWAYS_SIGN, 0, 0, 0 },
	};
	static const uint8_t key[16];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		struct verdict verdict = verdict_ok(cases[i].flags, key);
		struct ksecdd_context_info info = {};
		struct ksecdd_query query = {
			.size = sizeof(query),
			.context = device_establish(dev, cred, &verdict),
			.attribute = KSECDD_ATTR_INFO,
			.len = sizeof(info),
			.buffer = (uintptr_t)&info,
		};

		tap_is(device_ioctl(dev, KSECDD_IOC_QUERY, &query), 0, "query %zu", i);
		tap_ok(info.mech_flags == cases[i].flags && info.key_bits == cases[i].bits &&
		       info.sign_alg == cases[i].sign && info.encrypt_alg == cases[i].encrypt,
		       "flags 0x%08x: %u bits, algorithms 0x%x and 0x%x", info.mech_flags,
		       info.key_bits, info.sign_alg, info.encrypt_alg);
		tap_ok(info.max_token == 2888 && info.max_signature == 16 &&
		       info.block_size == 0 && info.trailer == 16,
		       "sizes as Windows' NTLM has them: %u, %u, %u, %u", info.max_token,
		       info.max_signature, info.block_size, info.trailer);
		device_destroy(dev, query.context, KSECDD_OBJECT_CONTEXT);
	}
}

int main(void)
{
	struct testhelper th = {};
	uint64_t cred;
	size_t i;
	int dev;

	testhelper_isolate();
	testhelper_start(&th);
	dev = device_open();
	cred = device_acquire(dev);

	for (i = 0; i < ARRAY_SIZE(messages); i = stream_end(i)) {
		struct verdict verdict;
		struct message_call call = { .cmd = KSECDD_IOC_MESSAGE, .fd = dev };
		struct ksecdd_accept accept = {};
		uint8_t key[16];

		from_hex(messages[i].key, key, sizeof(key));
		verdict = verdict_ok(messages[i].flags, key);
		call.context = device_establish(dev, cred, &verdict);
		check_stream(&call, i);
		device_destroy(dev, call.context, KSECDD_OBJECT_CONTEXT);

		verdict = verdict_fail(SEC_E_LOGON_DENIED);
		verdict.hook = by_request_file;
		verdict.data = &i;
		device_accept(dev, cred, 0, &verdict, &accept);
		tap_is(accept.status, SEC_E_LOGON_DENIED, "refused after all");

		if (stream_end(i) - i < 2)
			continue;
		verdict = verdict_ok(messages[i].flags, key);
		verdict.set_keys = false;
		verdict.hook = carried_on;
		verdict.data = &i;
		call.context = device_establish(dev, cred, &verdict);
		check_one(&call, &messages[i + 1], i + 1);
		device_destroy(dev, call.context, KSECDD_OBJECT_CONTEXT);
	}
	check_flags(dev, cred, &th);
	check_info(dev, cred);

	close(dev);
	testhelper_stop(&th);
	return tap_done();
}
