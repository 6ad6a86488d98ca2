/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A service with a keytab, and the engine with MIT's library that judges its clients'
 * tokens.
 */
#ifndef TEST_KERBEROS_SERVER_H
#define TEST_KERBEROS_SERVER_H

#include "helper/engine.h"
#include "tools/testing/unit/kerberos/client.h"
#include "tools/testing/unit/kerberos/der.h"

#define AES128	ENCTYPE_AES128_CTS_HMAC_SHA1_96
#define AES256	ENCTYPE_AES256_CTS_HMAC_SHA1_96
#define UID	1000

extern struct kerberos_policy policy;
extern struct kerberos_service *const service;
extern struct client client;
extern struct engine_result result;
extern struct engine_step step;

void server_start(void);
int server_stop(void);
void path_of(const char *name, char *path);
void need_rule(const char *text, struct kerberos_rule *rule);
void begin(krb5_enctype enctype);
void end(void);
int32_t leg(const uint8_t *token, size_t len);
int32_t first(const struct der *token);
int32_t logon(void);

#endif /* TEST_KERBEROS_SERVER_H */
