// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Wiping what came of a handshake; without GnuTLS, since every result of an engine has room
 * for it.
 */
#include <stdlib.h>
#include <string.h>

#include "helper/tls/tls.h"

void tls_session_clear(struct tls_session *session)
{
	free(session->peer_cert);
	explicit_bzero(session, sizeof(*session));
}

void tls_answer_clear(struct tls_answer *answer)
{
	tls_session_clear(&answer->session);
	free(answer->token);
	free(answer->public_key);
	explicit_bzero(answer, sizeof(*answer));
}
