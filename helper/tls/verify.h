/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Clients' certificates.
 */
#ifndef KSECD_TLS_VERIFY_H
#define KSECD_TLS_VERIFY_H

#include <gnutls/x509.h>

#include "helper/tls/config.h"

int tls_verify_client(gnutls_session_t session);
bool tls_read_names(gnutls_x509_crt_t crt, const gnutls_datum_t *der, struct tls_names *names);

#endif /* KSECD_TLS_VERIFY_H */
