// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Kerberos logons that wait: the library's context of a DCE style logon between its two
 * legs, which the library cannot write down; a ticket that the client has delegated,
 * which is a secret; and his SIDs: both are larger than the state that the module keeps.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "helper/half_open.h"
#include "helper/kerberos/library.h"

#define PLACES		128
#define PLACE_SECONDS	60	/* that a client may take */

_Static_assert(KERBEROS_COOKIE == HALF_OPEN_COOKIE, "a cookie is a cookie");

/**
 * kerberos_kept_clear() - end, wipe and free what is kept of a logon
 * @kept: the logon; holds nothing afterwards
 */
void kerberos_kept_clear(struct kerberos_kept *kept)
{
	OM_uint32 minor;

	if (kept->ctx)
		gss_delete_sec_context(&minor, &kept->ctx, GSS_C_NO_BUFFER);
	if (kept->tgt) {
		explicit_bzero(kept->tgt, kept->tgt_len);
		free(kept->tgt);
	}
	free(kept->sids);
	*kept = (struct kerberos_kept){ .ctx = GSS_C_NO_CONTEXT };
}

static void destroy(void *item)
{
	kerberos_kept_clear(item);
	free(item);
}

static struct half_open_place places[PLACES];
static struct half_open store =
	HALF_OPEN_STORE("half-open logons", PLACE_SECONDS, places, destroy);

/**
 * kerberos_half_open_put() - keep a logon until it goes on
 * @context: number of the context it belongs to
 * @kept: the logon, of which @cookie is all that is left here, also after an error
 * @cookie: finds it again
 *
 * Return: 0; -ENOMEM; -EIO without random bytes.
 */
int kerberos_half_open_put(uint64_t context, struct kerberos_kept *kept,
			   uint8_t cookie[KERBEROS_COOKIE])
{
	struct kerberos_kept *item = malloc(sizeof(*item));

	if (!item) {
		kerberos_kept_clear(kept);
		return -ENOMEM;
	}
	*item = *kept;
	*kept = (struct kerberos_kept){ .ctx = GSS_C_NO_CONTEXT };
	return half_open_put(&store, context, item, cookie);
}

/**
 * kerberos_half_open_take() - the logon goes on
 * @context: number of the context
 * @cookie: from kerberos_half_open_put()
 * @kept: receives the logon, for kerberos_kept_clear()
 *
 * Return: false if it is not there any more; @kept holds nothing then.
 */
bool kerberos_half_open_take(uint64_t context, const uint8_t cookie[KERBEROS_COOKIE],
			     struct kerberos_kept *kept)
{
	struct kerberos_kept *item = half_open_take(&store, context, cookie);
	bool found = item;

	*kept = found ? *item : (struct kerberos_kept){ .ctx = GSS_C_NO_CONTEXT };
	free(item);
	return found;
}

/**
 * kerberos_half_open_drop() - drop what is kept of a context that is not half-open
 * @context: number of the context
 */
void kerberos_half_open_drop(uint64_t context)
{
	half_open_drop(&store, context);
}

/**
 * kerberos_half_open_reap() - drop the logons whose clients have not come back
 */
void kerberos_half_open_reap(void)
{
	half_open_reap(&store);
}

/**
 * kerberos_half_open_clear() - drop all of them, when the daemon ends
 */
void kerberos_half_open_clear(void)
{
	half_open_clear(&store);
}
