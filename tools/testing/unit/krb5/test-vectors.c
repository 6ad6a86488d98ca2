// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Every value of vectors/krb5.h recomputed by the tests' own Kerberos, with which
 * the module is then compared.
 */
#include <stdlib.h>
#include <string.h>

#include "tools/testing/selftests/ksecdd/krb5_crypto.h"
#include "tools/testing/selftests/ksecdd/krb5_peer.h"
#include "tools/testing/tap/tap.h"
#include "tools/testing/vectors/krb5.h"

#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))

static size_t bytes(const char *hex, uint8_t *out)
{
	size_t i, len = strlen(hex) / 2;

	for (i = 0; i < len; i++) {
		char digits[] = { hex[2 * i], hex[2 * i + 1], 0 };

		out[i] = (uint8_t)strtoul(digits, NULL, 16);
	}
	return len;
}

static struct krb5_key protocol_key(unsigned int enctype, const char *hex)
{
	struct krb5_key key = { .enctype = enctype };

	key.len = bytes(hex, key.bytes);
	return key;
}

static void check_nfold(void)
{
	static const struct krb5_kat_nfold kats[] = KRB5_KAT_NFOLD;
	uint8_t have[64], want[64];
	size_t i, len;

	for (i = 0; i < ARRAY_SIZE(kats); i++) {
		len = bytes(kats[i].folded, want);
		krb5_nfold((const uint8_t *)kats[i].text, strlen(kats[i].text), have, len);
		tap_mem(have, want, len, "%zu-fold(\"%s\")", len * 8, kats[i].text);
	}
}

static void check_cts(void)
{
	static const struct krb5_kat_cts kats[] = KRB5_KAT_CTS;
	uint8_t key[16], data[64], want[64];
	size_t i;

	bytes(KRB5_KAT_CTS_KEY, key);
	for (i = 0; i < ARRAY_SIZE(kats); i++) {
		memcpy(data, KRB5_KAT_CTS_TEXT, kats[i].len);
		bytes(kats[i].encrypted, want);
		krb5_cts_encrypt(17, key, data, kats[i].len);
		tap_mem(data, want, kats[i].len, "%u bytes with ciphertext stealing", kats[i].len);
		krb5_cts_decrypt(17, key, data, kats[i].len);
		tap_mem(data, KRB5_KAT_CTS_TEXT, kats[i].len, "and back");
	}
}

static void check_keys(void)
{
	static const struct krb5_kat_key kats[] = KRB5_KAT_KEYS;
	uint8_t have[KRB5_MAX_KEY], want[KRB5_MAX_KEY];
	size_t i, len;

	for (i = 0; i < ARRAY_SIZE(kats); i++) {
		struct krb5_key key = protocol_key(kats[i].enctype, kats[i].key);

		len = bytes(kats[i].derived, want);
		tap_is((int64_t)krb5_derive(&key, kats[i].usage, (uint8_t)kats[i].kind, have),
		       (int64_t)len, "enctype %u: length of key 0x%x", kats[i].enctype,
		       kats[i].kind);
		tap_mem(have, want, len, "enctype %u: key 0x%x", kats[i].enctype, kats[i].kind);
	}
}

static void check_texts(void)
{
	static const struct krb5_kat_text kats[] = KRB5_KAT_TEXTS;
	uint8_t text[128], plain[128], want[128], mac[KRB5_MAX_MAC];
	size_t i, len, plain_len;

	for (i = 0; i < ARRAY_SIZE(kats); i++) {
		struct krb5_key key = protocol_key(kats[i].enctype, kats[i].key);
		struct krb5_piece piece = { .data = text, .seal = true };

		len = bytes(kats[i].encrypted, text);
		plain_len = bytes(kats[i].plain, plain);
		memcpy(want, text, len);
		piece.len = len - krb5_mac_len(kats[i].enctype);
		tap_ok(krb5_decrypt(&key, kats[i].usage, &piece, 1, text + piece.len) &&
		       piece.len == plain_len + KRB5_BLOCK &&
		       !memcmp(text + KRB5_BLOCK, plain, plain_len),
		       "enctype %u: text of %zu bytes", kats[i].enctype, plain_len);
		krb5_encrypt(&key, kats[i].usage, &piece, 1, mac);
		tap_ok(!memcmp(text, want, piece.len) &&
		       !memcmp(mac, want + piece.len, len - piece.len), "and back");
	}
}

static void check_checksums(void)
{
	static const struct krb5_kat_checksum kats[] = KRB5_KAT_CHECKSUMS;
	uint8_t data[64], have[KRB5_MAX_MAC], want[KRB5_MAX_MAC];
	size_t i, len;

	for (i = 0; i < ARRAY_SIZE(kats); i++) {
		struct krb5_key key = protocol_key(kats[i].enctype, kats[i].key);
		struct krb5_piece piece = { .data = data };

		piece.len = bytes(kats[i].data, data);
		len = bytes(kats[i].checksum, want);
		krb5_checksum(&key, kats[i].usage, &piece, 1, have);
		tap_mem(have, want, len, "enctype %u: checksum", kats[i].enctype);
	}
}

/* A token that the other side made is one that the tests' peer accepts. */
static void check_tokens(void)
{
	static const struct krb5_kat_token kats[] = KRB5_KAT_TOKENS;
	uint8_t token[256], plain[64], out[256];
	size_t i, len, plain_len = bytes(KRB5_KAT_TOKEN_PLAIN, plain), out_len;

	for (i = 0; i < ARRAY_SIZE(kats); i++) {
		struct krb5_peer peer = {
			.key = protocol_key(kats[i].enctype, kats[i].key),
			.initiator = kats[i].from_acceptor,
			.subkey = true,
			.receive_seq = kats[i].seq,
		};
		bool sealed = false;

		len = bytes(kats[i].token, token);
		if (kats[i].op == KRB5_KAT_MIC) {
			tap_ok(krb5_peer_verify(&peer, plain, plain_len, token, len),
			       "token %zu (enctype %u): MIC", i, kats[i].enctype);
			continue;
		}
		tap_ok(krb5_peer_unwrap(&peer, token, len, out, &out_len, &sealed) &&
		       sealed == (kats[i].op == KRB5_KAT_SEAL) && out_len == plain_len &&
		       !memcmp(out, plain, plain_len),
		       "token %zu (enctype %u): Wrap", i, kats[i].enctype);
	}
}

static void check_arcfour(void)
{
	uint8_t token[128], plain[64], out[128];
	size_t len, plain_len = bytes(KRB5_KAT_ARCFOUR_PLAIN, plain), out_len;
	struct krb5_peer peer = {
		.key = protocol_key(23, KRB5_KAT_ARCFOUR_KEY),
		.initiator = false,
		.receive_seq = KRB5_KAT_ARCFOUR_SEQ,
	};
	bool sealed = false;

	len = bytes(KRB5_KAT_ARCFOUR_TOKEN KRB5_KAT_ARCFOUR_DATA KRB5_KAT_ARCFOUR_PADDING, token);
	tap_ok(krb5_peer_unwrap(&peer, token, len, out, &out_len, &sealed) && sealed &&
	       out_len == plain_len && !memcmp(out, plain, plain_len), "arcfour-hmac: Wrap");
}

int main(void)
{
	check_nfold();
	check_cts();
	check_keys();
	check_texts();
	check_checksums();
	check_tokens();
	check_arcfour();
	return tap_done();
}
