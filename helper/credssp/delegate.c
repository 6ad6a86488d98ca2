// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What the client delegates: for the module, which keeps it where nobody reads it.
 */
#include <string.h>

#include "helper/credssp/credssp.h"
#include "helper/ntlm/name.h"

/* The attributes of every context of CredSSP: those of TLS */
#define ATTRIBUTES	(ASC_RET_REPLAY_DETECT | ASC_RET_SEQUENCE_DETECT | \
			 ASC_RET_CONFIDENTIALITY | ASC_RET_INTEGRITY | ASC_RET_STREAM)

/* ... and those that it has where the caller wishes so; the bits are the same. */
#define WISHES		(ASC_RET_CONNECTION | ASC_RET_EXTENDED_ERROR)

/* UTF-16LE, maybe with NULs behind it, which rdesktop counts. */
static bool read_text(const struct der_span *from, char *dst, size_t size)
{
	size_t len = from->len;

	while (len >= 2 && !(len & 1) && !from->data[len - 1] && !from->data[len - 2])
		len -= 2;
	return name_from_utf16(from->data, len, dst, size) == NAME_OK;
}

/*
 * Whether the credentials are those of the client who has just been judged: he may call
 * himself "user", as the account or as he has signed himself, or "user@domain".
 */
static bool is_client(const struct engine_result *res, const char *user)
{
	const char *at = strchr(user, '@');
	char name[KSECDD_MAX_NAME + 1];

	if (!name_compare(user, res->account.user) || !name_compare(user, res->user))
		return true;
	if (!at || (size_t)(at - user) >= sizeof(name))
		return false;
	memcpy(name, user, (size_t)(at - user));
	name[at - user] = '\0';
	return !name_compare(name, res->account.user) || !name_compare(name, res->user);
}

static int32_t read_secret(struct credssp *c, const struct ts_credentials *from)
{
	struct engine_secret *secret = &c->res->secret;

	if (!read_text(&from->user, secret->user, sizeof(secret->user)) ||
	    !read_text(&from->domain, secret->domain, sizeof(secret->domain)) ||
	    !read_text(&from->secret, secret->secret, sizeof(secret->secret)))
		return credssp_invalid(c, "a part of the credentials is no text");
	if (*secret->user && !is_client(c->res, secret->user))
		return credssp_verdict(c, SEC_E_LOGON_DENIED,
				       "the credentials are another user's");
	secret->type = from->type;
	return SEC_E_OK;
}

static int32_t take(struct credssp *c, const uint8_t *data, size_t len)
{
	struct engine_secret *secret = &c->res->secret;
	struct ts_credentials from;
	const char *wrong = ts_credentials_parse(data, len, &from);
	int32_t status;

	if (wrong)
		return credssp_invalid(c, wrong);
	status = read_secret(c, &from);
	if (status != SEC_E_OK)
		return status;
	c->res->ret_flags = ATTRIBUTES | (c->step->req_flags & WISHES) |
			    (c->res->ret_flags & ASC_RET_MUTUAL_AUTH);
	if ((c->step->req_flags & ASC_REQ_DELEGATE) && *secret->secret)
		return credssp_verdict(c, SEC_E_OK, "accepted, with credentials");
	explicit_bzero(secret, sizeof(*secret));
	return credssp_verdict(c, SEC_E_OK, "accepted");
}

/**
 * credssp_take_credentials() - authInfo, the last thing that the client sends
 * @c: the logon
 *
 * Where the caller has not asked for it with ASC_REQ_DELEGATE, and where the client has
 * sent no secret (a restricted logon, a remote guard), nothing is delegated.
 *
 * Return: the status.
 */
int32_t credssp_take_credentials(struct credssp *c)
{
	const struct der_span *sealed = &c->request.auth_info;
	int32_t status;
	uint8_t *plain;
	size_t len;

	status = credssp_unseal(c, sealed, &plain, &len);
	if (status != SEC_E_OK)
		return status;
	status = take(c, plain, len);
	credssp_forget(plain, sealed->len);
	return status;
}
