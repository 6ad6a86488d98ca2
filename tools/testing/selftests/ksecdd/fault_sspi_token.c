// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Tokens, and being the client: rows of fault_sspi.c.
 */
#include <string.h>
#include <unistd.h>

#include <sspi_linux.h>

#include "fault_sspi.h"
#include "suite.h"

static HANDLE handle;
static PLinuxTokenInfo token_info;

static int32_t token_run(const void *arg)
{
	(void)arg;
	return QuerySecurityContextToken(session_context(), &handle);
}

static void token_after(const void *arg, int32_t outcome, enum fault_kind kind)
{
	(void)kind;
	if (outcome != SEC_E_OK)
		REQUIRE_STATUS(token_run(arg), SEC_E_OK);
	CHECK(CloseHandle(handle));
}

static void token_begin(const void *arg)
{
	session_begin(arg);
	REQUIRE_STATUS(token_run(arg), SEC_E_OK);
}

static int32_t tell_run(const void *arg)
{
	(void)arg;
	return LinuxQueryToken(handle, &token_info);
}

static void tell_after(const void *arg, int32_t outcome, enum fault_kind kind)
{
	(void)kind;
	if (outcome != SEC_E_OK)
		REQUIRE_STATUS(tell_run(arg), SEC_E_OK);
	CHECK(!strcmp(token_info->sPackageName, "NTLM"));
	REQUIRE(token_info->Account);
	CHECK_STATUS(FreeContextBuffer(token_info), SEC_E_OK);
}

static void token_end(const void *arg)
{
	CHECK(CloseHandle(handle));
	session_end(arg);
}

/* As whom this thread opens files */
static bool is_client(void)
{
	return geteuid() && getegid();
}

static int32_t become_run(const void *arg)
{
	(void)arg;
	return ImpersonateSecurityContext(session_context());
}

static void become_after(const void *arg, int32_t outcome, enum fault_kind kind)
{
	(void)kind;
	CHECK_EQ(is_client(), outcome == SEC_E_OK);
	if (outcome != SEC_E_OK)
		REQUIRE_STATUS(become_run(arg), SEC_E_OK);
	REQUIRE(RevertToSelf());
	CHECK(!is_client());
}

static void revert_before(const void *arg)
{
	REQUIRE_STATUS(become_run(arg), SEC_E_OK);
}

static int32_t revert_run(const void *arg)
{
	(void)arg;
	return RevertSecurityContext(session_context());
}

static void revert_after(const void *arg, int32_t outcome, enum fault_kind kind)
{
	(void)kind;
	CHECK_EQ(is_client(), outcome != SEC_E_OK);
	REQUIRE_STATUS(revert_run(arg), SEC_E_OK);
	CHECK(!is_client());
}

const struct sweep fault_token_rows[FAULT_TOKEN_ROWS] = {
	CALL("QuerySecurityContextToken", token, SEC_E_OK, NULL, .begin = session_begin,
	     .end = session_end),
	CALL("LinuxQueryToken", tell, SEC_E_OK, NULL, .begin = token_begin, .end = token_end),
	CALL("ImpersonateSecurityContext", become, SEC_E_OK, NULL, .begin = session_begin,
	     .end = session_end),
	CALL("RevertSecurityContext", revert, SEC_E_OK, NULL, .begin = session_begin,
	     .before = revert_before, .end = session_end),
};
