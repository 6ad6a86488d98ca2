// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A domain controller judges the response; winbindd asks it, and libwbclient
 * asks winbindd over its privileged socket, which only root and the group
 * winbindd_priv may reach.
 *
 * Every call has a libwbclient context of its own: the library's shared one
 * would make the workers wait for each other while a controller is slow.
 */
#include <errno.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* It includes nothing that its own types need. */
#include <wbclient.h>

#include "helper/accounts/winbind.h"
#include "helper/filetime.h"
#include "helper/identity.h"

/* wbcAuthUserInfo.user_flags: LOGON_GUEST of MS-NRPC 2.2.1.4.13 */
#define LOGON_GUEST	0x00000001

/* The last second of the year 9999. */
#define LATEST_SECONDS	253402300799ULL

/*
 * What a domain controller or winbindd says (MS-ERREF 2.3.1).  @asked: a domain
 * controller has judged the account; otherwise nobody could be asked.
 */
static const struct {
	uint32_t nt_status;
	bool asked;
	const char *reason;
} answers[] = {
	{ 0xc0000064, true, "no such user in the domain" },
	{ 0xc000006a, true, "wrong password" },
	{ 0xc000006d, true, "unknown user or wrong password" },
	{ 0xc000006e, true, "account restriction" },
	{ 0xc000006f, true, "not within the account's logon hours" },
	{ 0xc0000070, true, "not from this workstation" },
	{ 0xc0000071, true, "password expired" },
	{ 0xc0000072, true, "account disabled" },
	{ 0xc000015b, true, "logon type not granted" },
	{ 0xc0000193, true, "account expired" },
	{ 0xc0000198, true, "interdomain trust account" },
	{ 0xc0000199, true, "workstation trust account" },
	{ 0xc000019a, true, "server trust account" },
	{ 0xc0000224, true, "password must be changed" },
	{ 0xc0000234, true, "account locked out" },
	{ 0xc0000413, true, "not allowed to authenticate to this server" },
	{ 0xc0000418, true, "NTLM is blocked in the domain" },
	{ 0xc0000022, false, "winbindd or the domain controller refuses this server" },
	{ 0xc000005e, false, "no domain controller can be reached" },
	{ 0xc00000b5, false, "the domain controller does not answer" },
	{ 0xc00000da, false, "no access to the domain's information" },
	{ 0xc00000dc, false, "the domain controller is in the wrong state" },
	{ 0xc000018a, false, "this server has not joined the domain" },
	{ 0xc000018b, false, "this server's account in the domain is missing" },
	{ 0xc000018c, false, "the trust between the domains is broken" },
	{ 0xc000018d, false, "this server's trust with the domain is broken" },
	{ 0xc0000192, false, "netlogon is not running" },
	{ 0xc0000233, false, "no domain controller was found" },
};

static int32_t judge_nt_status(uint32_t nt_status, const char **reason)
{
	size_t i;

	for (i = 0; i < sizeof(answers) / sizeof(answers[0]); i++) {
		if (answers[i].nt_status != nt_status)
			continue;
		*reason = answers[i].reason;
		return answers[i].asked ? SEC_E_LOGON_DENIED :
					  SEC_E_NO_AUTHENTICATING_AUTHORITY;
	}
	*reason = "the domain refuses the logon";
	return SEC_E_LOGON_DENIED;
}

static int32_t judge_error(wbcErr err, const struct wbcAuthErrorInfo *info,
			   const char **reason)
{
	switch (err) {
	case WBC_ERR_AUTH_ERROR:
		if (info)
			return judge_nt_status(info->nt_status, reason);
		*reason = "the domain refuses the logon";
		return SEC_E_LOGON_DENIED;
	case WBC_ERR_WINBIND_NOT_AVAILABLE:
		*reason = "winbindd is not running, or its privileged socket is out of reach";
		return SEC_E_NO_AUTHENTICATING_AUTHORITY;
	case WBC_ERR_NO_MEMORY:
		*reason = "out of memory while asking winbindd";
		return SEC_E_INSUFFICIENT_MEMORY;
	case WBC_ERR_DOMAIN_NOT_FOUND:
		*reason = "winbindd does not know the domain";
		return SEC_E_LOGON_DENIED;
	default:
		*reason = "winbindd refuses the logon";
		return SEC_E_LOGON_DENIED;
	}
}

/* winbindd gives Unix times, and values far away for "never". */
static int64_t end_of_logon(uint64_t seconds)
{
	if (!seconds || seconds == 0x7fffffff || seconds == 0xffffffff ||
	    seconds > LATEST_SECONDS)
		return KSECDD_TIME_NEVER;
	return filetime_from_unix((int64_t)seconds);
}

/* Copies a name whole or not at all: a name cut short is another name. */
static int copy_name(char *dst, size_t size, const char *src)
{
	if (!src || strlen(src) >= size)
		return -EINVAL;
	strcpy(dst, src);
	return 0;
}

/*
 * The local user is the one whose uid winbindd has for the account's SID, by the
 * name NSS has for it.  An account that winbindd maps to uid 0 is left without a
 * local user: a domain must not appoint root here.  So is one whose name NSS has
 * for another uid, because that is who the name would be looked up as: with
 * "winbind use default domain" the domain's "root" is called like the local one.
 *
 * Not to find out is another matter than to find none: whoever has a local user
 * must not be let in without it.
 */
static int32_t find_local_user(struct wbcContext *ctx, const struct wbcAuthUserInfo *info,
			       struct account *account, const char **reason)
{
	uid_t uid;
	wbcErr err;
	int ret;

	if (!info->num_sids)
		return SEC_E_OK;
	err = wbcCtxSidToUid(ctx, &info->sids[0].sid, &uid);
	if (err == WBC_ERR_NO_MEMORY || err == WBC_ERR_WINBIND_NOT_AVAILABLE)
		return judge_error(err, NULL, reason);
	if (!WBC_ERROR_IS_OK(err) || !uid)
		return SEC_E_OK;
	ret = identity_name(uid, account->local, sizeof(account->local));
	if (!ret)
		return SEC_E_OK;
	*account->local = '\0';
	if (ret == -ENOENT)
		return SEC_E_OK;
	*reason = "the account's local user cannot be looked up";
	return ret == -ENOMEM ? SEC_E_INSUFFICIENT_MEMORY : SEC_E_INTERNAL_ERROR;
}

static int32_t accept_info(struct wbcContext *ctx, const struct wbcAuthUserInfo *info,
			   struct account *account, uint8_t session_base_key[16],
			   const char **reason)
{
	static const uint8_t no_key[16];
	struct account result = { .expiry = KSECDD_TIME_NEVER };
	int64_t kickoff;
	int32_t status;

	/* Who cannot prove to be somebody is not to become a guest. */
	if (info->user_flags & LOGON_GUEST) {
		*reason = "the domain takes the client for a guest";
		return SEC_E_LOGON_DENIED;
	}
	if (!memcmp(info->user_session_key, no_key, sizeof(no_key))) {
		*reason = "the domain gives no session key";
		return SEC_E_LOGON_DENIED;
	}
	if (copy_name(result.user, sizeof(result.user), info->account_name) ||
	    copy_name(result.domain, sizeof(result.domain), info->domain_name)) {
		*reason = "the domain's name of the account is too long";
		return SEC_E_LOGON_DENIED;
	}
	result.expiry = end_of_logon(info->logoff_time);
	kickoff = end_of_logon(info->kickoff_time);
	if (kickoff < result.expiry)
		result.expiry = kickoff;
	status = find_local_user(ctx, info, &result, reason);
	if (status != SEC_E_OK)
		return status;
	*account = result;
	memcpy(session_base_key, info->user_session_key, 16);
	*reason = "accepted by the domain";
	return SEC_E_OK;
}

static int32_t winbind_verify(void *data, const struct ntlmv2_response *response,
			      struct account *account, uint8_t session_base_key[16],
			      const char **reason)
{
	/* libwbclient's pointers are not const, but it only reads. */
	struct wbcAuthUserParams params = {
		.account_name = response->user,
		.domain_name = response->domain,
		.workstation_name = response->workstation,
		.parameter_control = WBC_MSV1_0_ALLOW_WORKSTATION_TRUST_ACCOUNT |
				     WBC_MSV1_0_ALLOW_SERVER_TRUST_ACCOUNT,
		.level = WBC_AUTH_USER_LEVEL_RESPONSE,
		.password.response = {
			.nt_length = (uint32_t)response->nt_len,
			.nt_data = (uint8_t *)response->nt,
			.lm_length = (uint32_t)response->lm_len,
			.lm_data = (uint8_t *)response->lm,
		},
	};
	struct wbcAuthErrorInfo *error = NULL;
	struct wbcAuthUserInfo *info = NULL;
	struct wbcContext *ctx;
	int32_t status;
	wbcErr err;

	(void)data;
	memcpy(params.password.response.challenge, response->challenge,
	       sizeof(params.password.response.challenge));
	ctx = wbcCtxCreate();
	if (!ctx) {
		*reason = "out of memory while asking winbindd";
		return SEC_E_INSUFFICIENT_MEMORY;
	}
	err = wbcCtxAuthenticateUserEx(ctx, &params, &info, &error);
	if (WBC_ERROR_IS_OK(err) && info)
		status = accept_info(ctx, info, account, session_base_key, reason);
	else
		status = judge_error(err, error, reason);
	if (info) {
		explicit_bzero(info->user_session_key, sizeof(info->user_session_key));
		explicit_bzero(info->lm_session_key, sizeof(info->lm_session_key));
	}
	wbcFreeMemory(info);
	wbcFreeMemory(error);
	wbcCtxFree(ctx);
	return status;
}

static void set_name(void)
{
	wbcSetClientProcessName("ksecd");
}

/**
 * winbind_open() - the functions of the source
 * @source: filled in
 *
 * To be called by one thread before others use @source.  libwbclient keeps the
 * name by which winbindd's log knows us in a static buffer; left alone, it would
 * fill it in whichever threads come first.
 */
void winbind_open(struct account_source *source)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	pthread_once(&once, set_name);
	source->name = "winbind";
	source->verify = winbind_verify;
	/* A domain controller's Digest is not to be had through winbindd. */
	source->verify_digest = NULL;
	source->data = NULL;
}
