// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Fuzzing names on the wire (helper/ntlm/name.c), and their hashes.  Input:
 * UTF-16LE, which is taken for OEM characters and UTF-8, too.
 */
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "helper/ntlm/crypto.h"
#include "helper/ntlm/name.h"
#include "helper/text.h"

static bool is_utf16(const uint8_t *data, size_t len)
{
	size_t i;

	for (i = 0; i + 1 < len; i += 2) {
		if (!data[i] && !data[i + 1])
			return false;
		if ((data[i + 1] & 0xf8) != 0xd8)
			continue;
		if ((data[i + 1] & 0xfc) != 0xd8 || i + 3 >= len || (data[i + 3] & 0xfc) != 0xdc)
			return false;
		i += 2;
	}
	return !(len % 2);
}

/* There and back again; the same whether there is just enough room or much. */
static void check_utf16(const uint8_t *data, size_t len)
{
	size_t room = 2 * len + 1, need;
	char *name = malloc(room), *tight;
	uint8_t *back = malloc(2 * room);
	enum name_error error;

	if (!name || !back)
		abort();
	error = name_from_utf16(data, len, name, room);
	fuzz_assert((error == NAME_OK) == is_utf16(data, len), "error %d", error);
	if (error) {
		fuzz_assert(!name[0], "an error and a name");
		goto out;
	}
	need = strlen(name) + 1;
	fuzz_assert(text_is_utf8(name, need - 1), "not UTF-8");
	fuzz_assert(name_to_utf16(name, NULL, 0) == len, "%zu bytes and not %zu",
		    name_to_utf16(name, NULL, 0), len);
	fuzz_assert(name_to_utf16(name, back, len) == len && (!len || !memcmp(back, data, len)),
		    "it comes back as another one");
	if (len)
		fuzz_assert(name_to_utf16(name, back, len - 1) == SIZE_MAX, "it does not fit");

	tight = malloc(need);
	if (!tight)
		abort();
	fuzz_assert(name_from_utf16(data, len, tight, need) == NAME_OK && !strcmp(tight, name),
		    "it fits exactly");
	if (need > 1)
		fuzz_assert(name_from_utf16(data, len, tight, need - 1) == NAME_TOO_LONG &&
			    !tight[0], "it fits where it cannot");
	free(tight);
out:
	free(name);
	free(back);
}

static void check_oem(const uint8_t *data, size_t len)
{
	size_t room = 2 * len + 1;
	char *name = malloc(room);
	enum name_error error;

	if (!name)
		abort();
	error = name_from_oem(data, len, name, room);
	fuzz_assert((error == NAME_NUL) == (len && memchr(data, 0, len)), "error %d", error);
	fuzz_assert(error == NAME_OK || error == NAME_NUL, "error %d", error);
	if (error)
		fuzz_assert(!name[0], "an error and a name");
	else if (text_is_utf8((const char *)data, len))
		fuzz_assert(strlen(name) == len && !memcmp(name, data, len), "UTF-8 was changed");
	else
		fuzz_assert(text_is_utf8(name, strlen(name)) && text_columns(name) == len,
			    "not each byte a character");
	free(name);
}

/* An order, and the same one for the hash: equal names have equal keys. */
static void check_compare(char *text)
{
	static const uint8_t hash[NTLM_KEY_LEN] = { 1 };
	uint8_t a_key[NTLM_KEY_LEN], b_key[NTLM_KEY_LEN];
	char *a = text, *b = a + strlen(a) + 1, *c = b + strlen(b) + 1;
	int ab = name_compare(a, b), bc = name_compare(b, c);
	bool a_ok, b_ok;

	fuzz_assert(!name_compare(a, a), "not equal to itself");
	fuzz_assert((ab > 0) == (name_compare(b, a) < 0) && !ab == !name_compare(b, a),
		    "an order in one direction");
	if (ab <= 0 && bc <= 0)
		fuzz_assert(name_compare(a, c) <= 0, "an order that goes in circles");
	a_ok = ntlm_ntowfv2(hash, a, "", a_key);
	b_ok = ntlm_ntowfv2(hash, b, "", b_key);
	fuzz_assert(a_ok == text_is_utf8(a, strlen(a)), "a key for what is not UTF-8");
	if (a_ok && b_ok)
		fuzz_assert(!ab == !memcmp(a_key, b_key, NTLM_KEY_LEN),
			    "another name for the hash than for the order");
}

static void check_upcase(uint32_t point)
{
	uint32_t upper = name_upcase(point);

	fuzz_assert(point < 0x80 || upper >= 0x80, "U+%X becomes ASCII", point);
	fuzz_assert(point <= 0xffff || upper == point, "U+%X has a case", point);
}

static void check_password(const uint8_t *data, size_t len)
{
	uint8_t hash[NTLM_KEY_LEN];
	bool ok = ntlm_ntowfv1((const char *)data, len, hash);

	fuzz_assert(ok == text_is_utf8((const char *)data, len), "a hash of what is not UTF-8");
	fuzz_assert(ok || fuzz_is_all(hash, 0, sizeof(hash)), "refused, and a hash");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 3);
	size_t i;

	if (!text)
		abort();
	memcpy(text, data, size);
	memset(text + size, 0, 3);
	check_utf16(data, size);
	check_oem(data, size);
	check_password(data, size);
	check_compare(text);
	for (i = 0; i + 1 < size; i += 2)
		check_upcase(data[i] | data[i + 1] << 8);
	free(text);
	return 0;
}
