// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Fuzzing what clients of Digest send.  Input: their credentials; or, if it begins with a
 * NUL, what the service says of the request, behind that NUL.
 */
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "helper/digest/digest.h"
#include "helper/text.h"

static void check_value(const struct digest_credentials *c, const struct digest_span *value)
{
	fuzz_assert(value->data || !value->len, "a value that is not there has a length");
	fuzz_assert(!value->data || fuzz_is_within(value->data, value->len, c->text, sizeof(c->text)),
		    "a value lies outside");
	fuzz_assert(!value->len || !memchr(value->data, '\0', value->len), "a value has a NUL");
	fuzz_assert(!value->len || !memchr(value->data, '\n', value->len), "a value has two lines");
}

static void check_credentials(const struct digest_credentials *c)
{
	size_t len = strnlen(c->user, sizeof(c->user)), i;

	for (i = 0; i < DIGEST_PARAMS; i++)
		check_value(c, &c->value[i]);
	fuzz_assert(c->value[DIGEST_REALM].data && c->value[DIGEST_NONCE].data &&
		    c->value[DIGEST_URI].data && c->value[DIGEST_CNONCE].len &&
		    c->value[DIGEST_NC].len == 8 && c->value[DIGEST_QOP].len == 4,
		    "something is missing");
	fuzz_assert(c->value[DIGEST_RESPONSE].len == 2 * digest_len(c->algorithm),
		    "a response of another length");
	fuzz_assert(!c->value[DIGEST_USERNAME].data != !c->value[DIGEST_USERNAME_EXT].data,
		    "not one user");
	fuzz_assert(c->hashed == !len && len <= KSECDD_MAX_NAME, "a user of %zu bytes", len);
	fuzz_assert(text_is_utf8(c->user, len), "a user that is not UTF-8");
	for (i = 0; i < len; i++)
		fuzz_assert((unsigned char)c->user[i] >= ' ' && c->user[i] != 0x7f,
			    "a user with byte 0x%02x", (unsigned char)c->user[i]);
}

static void check_request(const uint8_t *data, size_t size)
{
	struct digest_request request;
	size_t sum = 0, i;

	if (digest_request_read(data, size, &request))
		return;
	for (i = 0; i < KSECDD_DIGEST_PARTS; i++) {
		const struct digest_span *part = &request.part[i];

		fuzz_assert(!part->data == !part->len, "a part that is given and empty");
		fuzz_assert(!part->data || fuzz_is_within(part->data, part->len, data, size),
			    "a part lies outside");
		fuzz_assert(!part->data || request.given, "nothing is given, and a part");
		sum += part->len;
	}
	fuzz_assert(!size || sum + sizeof(struct ksecdd_digest) == size, "%zu of %zu bytes", sum, size);
	fuzz_assert(request.part[KSECDD_DIGEST_REALM].len <= DIGEST_MAX_REALM, "a long realm");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct digest_credentials *c = malloc(sizeof(*c));
	bool request = size && !data[0];
	uint8_t *copy = fuzz_copy(data + request, size - request);

	if (!c)
		abort();
	memset(c, 0xa5, sizeof(*c));
	if (request)
		check_request(copy, size - request);
	else if (!digest_credentials_parse(copy, size, c))
		check_credentials(c);
	free(copy);
	free(c);
	return 0;
}
