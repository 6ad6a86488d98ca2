// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Fuzzing a request as the module writes it.  Input: what the request file has.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "helper/request.h"

static void check_part(const char *what, const void *part, size_t len, size_t want,
		       const uint8_t *data, size_t size)
{
	fuzz_assert(len == want, "%s: %zu bytes and not %zu", what, len, want);
	fuzz_assert(fuzz_is_within(part, len, data, size), "%s lies outside", what);
}

static void check_parts(const uint8_t *data, size_t size, const struct request *req)
{
	const struct ksecdd_request *head = &req->head;
	const struct engine_step *step = &req->step;
	uint8_t *again = malloc(size), *p = again;

	if (!again)
		abort();
	fuzz_assert(!memcmp(head, data, sizeof(*head)), "another head");
	check_part("the state", step->state, step->state_len, head->state_len, data, size);
	check_part("the token", step->token, step->token_len, head->token_len, data, size);
	check_part("the bindings", step->bindings, step->bindings_len, head->bindings_len, data,
		   size);
	check_part("the principal", step->principal, step->principal_len, head->principal_len,
		   data, size);
	if (step->params)
		check_part("the params", step->params, step->params_len,
			   head->params_len, data, size);
	fuzz_assert(!step->params == !step->params_len &&
		    step->params_len == head->params_len, "params of no bytes");
	fuzz_assert(!step->bindings == !step->bindings_len, "bindings of no bytes");
	fuzz_assert(step->leg == head->leg && step->req_flags == head->req_flags &&
		    step->target_drep == head->target_drep, "another step");
	fuzz_assert(step->leg || !step->state_len, "a state before the first leg");
	fuzz_assert(memchr(head->comm, '\0', sizeof(head->comm)), "a name without an end");

	/* Put together again, it is what it was: nothing is used twice, nothing left out. */
	memcpy(p, data, head->size);
	p += head->size;
	memcpy(p, step->state, step->state_len);
	p += step->state_len;
	memcpy(p, step->token, step->token_len);
	p += step->token_len;
	if (step->bindings_len)
		memcpy(p, step->bindings, step->bindings_len);
	p += step->bindings_len;
	memcpy(p, step->principal, step->principal_len);
	p += step->principal_len;
	if (step->params_len)
		memcpy(p, step->params, step->params_len);
	p += step->params_len;
	fuzz_assert(p == again + size && !memcmp(again, data, size), "the parts are not the whole");
	free(again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct request req;
	int ret;

	memset(&req, 0xa5, sizeof(req));
	ret = request_parse(data, size, &req);
	if (!ret) {
		check_parts(data, size, &req);
		return 0;
	}
	fuzz_assert(ret == -EPROTO, "%d", ret);
	fuzz_assert(fuzz_is_all(&req, 0xa5, sizeof(req)), "refused, and written");
	return 0;
}
