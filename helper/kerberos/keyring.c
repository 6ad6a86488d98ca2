// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A credential cache in the persistent keyring of a user (persistent-keyring(7),
 * "KEYRING" in MIT's documentation): in the kernel's memory, and nobody's but his.
 *
 * There is one for each client that is this user, however often he logs on, so that the
 * user's quota of keys lasts.  A newer ticket takes the place of the older one with one
 * add_key(2): whoever is using the cache has the one or the other, and the tickets that
 * he got with the older one stay.  The keys expire with the ticket.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <krb5/krb5.h>
#include <linux/keyctl.h>

#include "helper/kerberos/ccache.h"

#define PREFIX	"KEYRING:persistent:"

/* Characters of a principal that need no quoting: neither here nor in a shell */
static bool is_plain(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       (c && strchr("@._/-", c));
}

/**
 * ccache_name() - what the cache of a client is called
 * @uid:    the local user
 * @client: the client's principal
 * @name:   receives it, with what is not plain in a principal as %XX
 * @size:   room at @name in bytes
 *
 * Return: false if it does not fit
 */
bool ccache_name(uint32_t uid, const char *client, char *name, size_t size)
{
	size_t len = (size_t)snprintf(name, size, PREFIX "%u:ksecd_", uid);

	for (; *client; client++) {
		if (len + 4 > size)
			return false;
		if (is_plain(*client))
			name[len++] = *client;
		else
			len += (size_t)snprintf(name + len, 4, "%%%02X", (unsigned char)*client);
	}
	if (len >= size)
		return false;
	name[len] = '\0';
	return true;
}

/* A ticket to get tickets with, of the client who is logging on, and not over */
static krb5_error_code check(krb5_context context, const char *client, const krb5_creds *tgt)
{
	krb5_principal principal;
	krb5_error_code code;
	bool same;

	code = krb5_parse_name(context, client, &principal);
	if (code)
		return code;
	same = krb5_principal_compare(context, principal, tgt->client);
	krb5_free_principal(context, principal);
	if (!same)
		return KRB5_PRINC_NOMATCH;
	if (tgt->server->length != 2 || tgt->server->data[0].length != strlen("krbtgt") ||
	    memcmp(tgt->server->data[0].data, "krbtgt", strlen("krbtgt")))
		return KRB5KRB_AP_ERR_NOT_US;
	return (uint32_t)tgt->times.endtime > time(NULL) ? 0 : KRB5KRB_AP_ERR_TKT_EXPIRED;
}

/* Whether the cache is one of the client, maybe of earlier; it may have expired. */
static bool is_ready(krb5_context context, krb5_ccache cache, krb5_principal client)
{
	krb5_principal owner;
	bool same;

	if (krb5_cc_get_principal(context, cache, &owner))
		return false;
	same = krb5_principal_compare(context, owner, client);
	krb5_free_principal(context, owner);
	return same;
}

/* Whether the cache has a ticket that is good until @end, or longer */
static bool has_ticket(krb5_context context, krb5_ccache cache, const krb5_creds *tgt, uint32_t end)
{
	krb5_creds match = { .client = tgt->client, .server = tgt->server }, found;
	bool good;

	if (krb5_cc_retrieve_cred(context, cache, 0, &match, &found))
		return false;
	good = (uint32_t)found.times.endtime >= end;
	krb5_free_cred_contents(context, &found);
	return good;
}

static krb5_error_code put(krb5_context context, krb5_ccache cache, krb5_creds *tgt)
{
	uint32_t end = (uint32_t)tgt->times.endtime;
	krb5_error_code code;

	if (is_ready(context, cache, tgt->client)) {
		/* What is there may be used longer than what has come. */
		if (has_ticket(context, cache, tgt, end + 1))
			return 0;
		code = krb5_cc_store_cred(context, cache, tgt);
		if (code || has_ticket(context, cache, tgt, end))
			return code;
		/* An expired key was in the way. */
	}
	code = krb5_cc_initialize(context, cache, tgt->client);
	return code ? code : krb5_cc_store_cred(context, cache, tgt);
}

static krb5_error_code store(krb5_context context, const char *client, const uint8_t *ticket,
			     size_t len, const char *name)
{
	krb5_data data = { .magic = KV5M_DATA };
	krb5_creds *tgt = NULL;
	krb5_error_code code;
	krb5_ccache cache;

	data.data = (char *)ticket;
	data.length = (unsigned int)len;
	code = krb5_unmarshal_credentials(context, &data, &tgt);
	if (code)
		return code;
	code = check(context, client, tgt);
	if (!code)
		code = krb5_cc_resolve(context, name, &cache);
	if (!code) {
		code = put(context, cache, tgt);
		krb5_cc_close(context, cache);
	}
	krb5_free_creds(context, tgt);
	return code;
}

/*
 * Without persistent keyrings the library would take the keyring of the real uid, which
 * is not the user's.
 */
static int need_persistent(uint32_t uid)
{
	return syscall(SYS_keyctl, KEYCTL_GET_PERSISTENT, uid, KEY_SPEC_PROCESS_KEYRING) < 0 ?
	       errno : 0;
}

/**
 * ccache_keyring_store() - keep a ticket for a user
 * @uid:    the user, who is the caller's effective uid
 * @client: the client's principal, which has to be the ticket's
 * @ticket: as krb5_marshal_credentials() writes it
 * @len:    its length in bytes
 * @reply:  receives what became of it, zero before
 */
void ccache_keyring_store(uint32_t uid, const char *client, const uint8_t *ticket, size_t len,
			  struct ccache_reply *reply)
{
	krb5_context context = NULL;
	const char *text;

	if (!ccache_name(uid, client, reply->name, sizeof(reply->name)))
		reply->code = ENAMETOOLONG;
	if (!reply->code)
		reply->code = need_persistent(uid);
	if (!reply->code)
		reply->code = krb5_init_context(&context);
	if (!reply->code)
		reply->code = store(context, client, ticket, len, reply->name);
	if (reply->code) {
		text = krb5_get_error_message(context, reply->code);
		snprintf(reply->why, sizeof(reply->why), "%s", text);
		krb5_free_error_message(context, text);
	}
	krb5_free_context(context);
}

/**
 * ccache_keyring_link() - put a key into the persistent keyring of a user
 * @uid:   the user, who is the caller's effective uid
 * @key:   serial number of the key, which is his; it takes the place of one of the
 *         same type and description
 * @reply: receives what became of it, zero before
 */
void ccache_keyring_link(uint32_t uid, int32_t key, struct ccache_reply *reply)
{
	long keyring = syscall(SYS_keyctl, KEYCTL_GET_PERSISTENT, uid, KEY_SPEC_PROCESS_KEYRING);

	if (keyring >= 0 && !syscall(SYS_keyctl, KEYCTL_LINK, key, keyring))
		return;
	reply->code = errno;
	snprintf(reply->why, sizeof(reply->why), "%s", strerror(errno));
}
