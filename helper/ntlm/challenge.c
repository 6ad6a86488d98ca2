// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Making a CHALLENGE_MESSAGE (MS-NLMP 2.2.1.2, 3.2.5.1.1).
 */
#include <stdlib.h>
#include <string.h>

#include "helper/ntlm/name.h"
#include "helper/ntlm/ntlm.h"

/* What every challenge says ... */
#define ALWAYS	(NTLMSSP_REQUEST_TARGET | NTLMSSP_NEGOTIATE_NTLM | \
		 NTLMSSP_NEGOTIATE_ALWAYS_SIGN | NTLMSSP_NEGOTIATE_TARGET_INFO)
/* ... and what it says if the client asked for it.  LM_KEY is never granted. */
#define IF_ASKED (NTLMSSP_NEGOTIATE_SIGN | NTLMSSP_NEGOTIATE_SEAL | \
		  NTLMSSP_NEGOTIATE_EXTENDED_SESSIONSECURITY | \
		  NTLMSSP_NEGOTIATE_KEY_EXCH | NTLMSSP_NEGOTIATE_128 | \
		  NTLMSSP_NEGOTIATE_56 | NTLMSSP_NEGOTIATE_IDENTIFY | \
		  NTLMSSP_NEGOTIATE_VERSION)
#define KEY_LENGTHS (NTLMSSP_NEGOTIATE_128 | NTLMSSP_NEGOTIATE_56)

/*
 * Version 10.0, build 0 and NTLMSSP_REVISION_W2K3 (MS-NLMP 2.2.2.10).  It is for
 * debugging; the build is none of Windows'.
 */
static const uint8_t version[8] = { 10, 0, 0, 0, 0, 0, 0, 15 };

/**
 * struct writer - a message that is being written
 * @data: its bytes, zero at first
 * @size: room in bytes
 * @len:  bytes written
 * @bad:  something did not fit, or was not UTF-8
 */
struct writer {
	uint8_t *data;
	size_t size;
	size_t len;
	bool bad;
};

static void put_bytes(struct writer *w, const void *src, size_t len)
{
	if (len > w->size - w->len) {
		w->bad = true;
		return;
	}
	memcpy(w->data + w->len, src, len);
	w->len += len;
}

static void put16(struct writer *w, uint16_t value)
{
	const uint8_t bytes[] = { value, value >> 8 };

	put_bytes(w, bytes, sizeof(bytes));
}

static void put32(struct writer *w, uint32_t value)
{
	put16(w, value);
	put16(w, value >> 16);
}

static void put64(struct writer *w, uint64_t value)
{
	put32(w, value);
	put32(w, value >> 32);
}

static void put_utf16(struct writer *w, const char *name)
{
	size_t n = name_to_utf16(name, w->data + w->len, w->size - w->len);

	if (n == SIZE_MAX)
		w->bad = true;
	else
		w->len += n;
}

static void put_av_name(struct writer *w, uint16_t id, const char *name)
{
	size_t n = name_to_utf16(name, NULL, 0);

	/* An unknown domain is better not named than given an empty name. */
	if (!n)
		return;
	put16(w, id);
	put16(w, n);
	put_utf16(w, name);
}

/*
 * AV pairs in the order of Windows.  There are no others, in particular no
 * MsvAvFlags: FreeRDP makes its list from these ids and would not bring another
 * one back, and Windows' MIC does not match after MsvAvFlags of 0.
 */
static void put_target_info(struct writer *w, const struct engine_names *names, uint64_t now)
{
	put_av_name(w, NTLM_AV_NB_DOMAIN, names->nb_domain);
	put_av_name(w, NTLM_AV_NB_COMPUTER, names->nb_computer);
	put_av_name(w, NTLM_AV_DNS_DOMAIN, names->dns_domain);
	put_av_name(w, NTLM_AV_DNS_COMPUTER, names->dns_computer);
	put16(w, NTLM_AV_TIMESTAMP);
	put16(w, sizeof(now));
	put64(w, now);
	put16(w, NTLM_AV_EOL);
	put16(w, 0);
}

static void put_field(struct writer *w, size_t len, size_t offset)
{
	put16(w, len);
	put16(w, len);
	put32(w, offset);
}

/**
 * ntlm_challenge_flags() - answer a client's wishes (MS-NLMP 2.2.2.5, 3.2.5.1.1)
 * @env: the environment
 * @asked: NegotiateFlags of the NEGOTIATE_MESSAGE, with UNICODE or OEM
 *
 * Without EXTENDED_SESSIONSECURITY there is neither SIGN nor SEAL: the module
 * has no other protection than that.
 *
 * Return: NegotiateFlags of the CHALLENGE_MESSAGE.
 */
uint32_t ntlm_challenge_flags(const struct engine_env *env, uint32_t asked)
{
	uint32_t flags = ALWAYS | (asked & IF_ASKED);

	flags |= asked & NTLMSSP_NEGOTIATE_UNICODE ? NTLMSSP_NEGOTIATE_UNICODE :
						     NTLMSSP_NEGOTIATE_OEM;
	flags |= env->names->in_domain ? NTLMSSP_TARGET_TYPE_DOMAIN : NTLMSSP_TARGET_TYPE_SERVER;
	if (!(flags & NTLMSSP_NEGOTIATE_EXTENDED_SESSIONSECURITY))
		flags &= ~NTLM_PROTECTION;
	if (!(flags & NTLM_PROTECTION))
		flags &= ~KEY_LENGTHS;
	return flags;
}

static void put_challenge(struct writer *w, const struct engine_env *env, uint32_t flags,
			  const uint8_t challenge[NTLM_CHALLENGE_LEN], uint64_t now)
{
	const char *target = env->names->in_domain ? env->names->nb_domain :
						     env->names->nb_computer;
	static const uint8_t zero[8];
	size_t target_len, info_len;

	/* The fields first, for their lengths; then the header over the gap. */
	w->len = NTLM_CHALLENGE_PAYLOAD;
	if (flags & NTLMSSP_NEGOTIATE_UNICODE)
		put_utf16(w, target);
	else
		put_bytes(w, target, strlen(target));
	target_len = w->len - NTLM_CHALLENGE_PAYLOAD;
	put_target_info(w, env->names, now);
	info_len = w->len - NTLM_CHALLENGE_PAYLOAD - target_len;

	w->len = 0;
	put_bytes(w, "NTLMSSP", 8);
	put32(w, NTLM_CHALLENGE);
	put_field(w, target_len, NTLM_CHALLENGE_PAYLOAD);
	put32(w, flags);
	put_bytes(w, challenge, NTLM_CHALLENGE_LEN);
	put_bytes(w, zero, sizeof(zero));
	put_field(w, info_len, NTLM_CHALLENGE_PAYLOAD + target_len);
	put_bytes(w, flags & NTLMSSP_NEGOTIATE_VERSION ? version : zero, sizeof(version));
	w->len += target_len + info_len;
}

/* More than the message takes: a name has at most 2 bytes in UTF-16 for one in UTF-8. */
static size_t room_for(const struct engine_names *names)
{
	return NTLM_CHALLENGE_PAYLOAD + 64 +
	       2 * (2 * strlen(names->nb_domain) + 2 * strlen(names->nb_computer) +
		    strlen(names->dns_domain) + strlen(names->dns_computer));
}

/**
 * ntlm_build_challenge() - make a CHALLENGE_MESSAGE
 * @env: the environment
 * @flags: NegotiateFlags, from ntlm_challenge_flags()
 * @res: gets the token, allocated
 *
 * Return: SEC_E_OK; SEC_E_INSUFFICIENT_MEMORY; SEC_E_INTERNAL_ERROR if there
 * are no random bytes or this server's names do not fit into a message.
 */
int32_t ntlm_build_challenge(const struct engine_env *env, uint32_t flags,
			     struct engine_result *res)
{
	struct writer w = { .size = room_for(env->names) };
	uint8_t challenge[NTLM_CHALLENGE_LEN];

	if (w.size > KSECDD_MAX_STATE)
		return ntlm_verdict(res, SEC_E_INTERNAL_ERROR,
				    "the names of this server are too long for NTLM");
	if (env->random(env->data, challenge, sizeof(challenge)))
		return ntlm_verdict(res, SEC_E_INTERNAL_ERROR, "there are no random bytes");
	w.data = calloc(1, w.size);
	if (!w.data)
		return ntlm_verdict(res, SEC_E_INSUFFICIENT_MEMORY, "out of memory");
	put_challenge(&w, env, flags, challenge, env->now(env->data));
	if (w.bad) {
		free(w.data);
		return ntlm_verdict(res, SEC_E_INTERNAL_ERROR,
				    "the names of this server are not UTF-8");
	}
	res->token = w.data;
	res->token_len = w.len;
	return SEC_E_OK;
}
