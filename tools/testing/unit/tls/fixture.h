/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the tests of TLS have in common: certificates in a folder, and servers that a
 * configuration makes of them.
 */
#ifndef KSECDD_TESTING_TLS_FIXTURE_H
#define KSECDD_TESTING_TLS_FIXTURE_H

#include "helper/tls/server.h"
#include "tools/testing/unit/tls/pki.h"

#define FIXTURE_DNS	"server.ksecdd.test"

/**
 * struct fixture - certificates
 * @dir:   folder with their files: ca.crt; rsa.crt, rsa.key and ec.crt, ec.key with
 *         what is in the members of that name
 * @ca:    who has issued them
 * @rsa:   of the server
 * @ec:    of the server
 * @error: what fixture_load() has to say
 */
extern struct fixture {
	char dir[64];
	struct pki ca;
	struct pki rsa;
	struct pki ec;
	struct config_error error;
} fixture;

void fixture_begin(void);
void fixture_end(void);
struct tls_servers *fixture_try(const char *format, ...) __attribute__((format(printf, 1, 2)));
struct tls_servers *fixture_load(const char *more);
const char *fixture_path(const char *name);

#endif /* KSECDD_TESTING_TLS_FIXTURE_H */
