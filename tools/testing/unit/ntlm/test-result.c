// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The result of an engine: a failure at first, and empty after one.
 */
#include <stdlib.h>
#include <string.h>

#include "helper/engine.h"
#include "tools/testing/tap/tap.h"

static struct engine_result res, first, before;

/* Everything that an engine can have worked out */
static void fill(void)
{
	engine_result_init(&res);
	res.status = SEC_E_LOGON_DENIED;
	res.reason = "a test";
	res.ret_flags = ~0u;
	memset(res.state, 0xa5, sizeof(res.state));
	res.state_len = sizeof(res.state);
	res.token = calloc(1, 64);
	res.token_len = 64;
	res.mech_flags = ~0u;
	memset(res.key, 0xa5, sizeof(res.key));
	res.key_len = sizeof(res.key);
	memset(&res.account, 'a', sizeof(res.account));
	res.anonymous = true;
	res.have_target = true;
	memset(res.target, 't', sizeof(res.target) - 1);
	strcpy(res.user, "user");
	strcpy(res.domain, "domain");
	strcpy(res.workstation, "workstation");
}

int main(void)
{
	memset(&res, 0xff, sizeof(res));
	engine_result_init(&res);
	first = res;
	tap_is(res.status, SEC_E_INTERNAL_ERROR, "a result is a failure at first");
	tap_ok(res.reason != NULL, "and says why");
	tap_ok(!res.token && !res.token_len && !res.state_len && !res.key_len && !res.ret_flags,
	       "with nothing in it");
	tap_is(res.account.expiry, KSECDD_TIME_NEVER, "and no end");

	fill();
	before = res;
	engine_result_fail(&res);
	tap_is(res.status, SEC_E_LOGON_DENIED, "a failure keeps its status");
	tap_ok(!strcmp(res.reason, "a test") && !strcmp(res.user, before.user) &&
	       !strcmp(res.domain, before.domain) &&
	       !strcmp(res.workstation, before.workstation), "its reason and the names");
	/* What stays aside, it is as it was at first. */
	before = first;
	before.status = res.status;
	before.reason = res.reason;
	strcpy(before.user, "user");
	strcpy(before.domain, "domain");
	strcpy(before.workstation, "workstation");
	tap_mem(&res, &before, sizeof(res), "and nothing else");

	fill();
	engine_result_clear(&res);
	tap_mem(&res, &first, sizeof(res), "a result is empty after it was cleared");
	engine_result_clear(&res);
	tap_mem(&res, &first, sizeof(res), "and may be cleared again");
	return tap_done();
}
