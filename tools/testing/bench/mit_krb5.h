/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Both ends of a connection of MIT krb5, without a KDC.
 */
#ifndef KSECDD_BENCH_MIT_KRB5_H
#define KSECDD_BENCH_MIT_KRB5_H

#include <gssapi/gssapi.h>

/**
 * struct mit_pair - the contexts of a client and a service
 * @initiator: the client's
 * @acceptor:  the service's
 */
struct mit_pair {
	gss_ctx_id_t initiator;
	gss_ctx_id_t acceptor;
};

struct mit_pair mit_pair_make(int enctype);
void mit_pair_free(struct mit_pair *pair);

#endif /* KSECDD_BENCH_MIT_KRB5_H */
