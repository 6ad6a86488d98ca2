/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A Kerberos client that makes its own tickets: it has the service's key, as a KDC
 * has, and can make every mistake.
 */
#ifndef TEST_KERBEROS_CLIENT_H
#define TEST_KERBEROS_CLIENT_H

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#include <gssapi/gssapi.h>
#include <gssapi/gssapi_ext.h>
#include <krb5/krb5.h>

#include "tools/testing/unit/kerberos/der.h"

#define REALM		"KSECDD.TEST"
#define SERVICE		"HTTP/ksecdd.test"
#define CHECKSUM_GSS	0x8003

/**
 * struct client - a client, its ticket, and what is wrong with them
 * @context:      of the library
 * @service:      whom the ticket names
 * @realm:        and its realm
 * @name:         the client's name, as the ticket has it
 * @other_name:   as the authenticator has it
 * @service_key:  what the ticket is encrypted with
 * @kvno:         version that the ticket names
 * @session_key:  what the ticket has in it
 * @has_subkey:   the authenticator has @subkey in it
 * @subkey:       the client's
 * @start:        when the ticket begins to be valid
 * @end:          when it ends
 * @time:         what the client's clock shows
 * @microseconds: the rest of it; authenticators of the same time differ in it
 * @options:      first byte of APOptions
 * @flags:        GSS_C_*_FLAG; with GSS_C_DELEG_FLAG a KRB-CRED is in the checksum
 * @delegated:    service that the delegated ticket is for
 * @pac:          the ticket's PAC, NULL for none
 * @pac_len:      its length in bytes
 * @checksum:     type of the checksum, 0 for none
 * @cut:          bytes that are missing at the end of the checksum
 * @bindings:     its Bnd field
 * @cbt_option:   the authenticator says KERB_AP_OPTIONS_CBT
 * @sequence:     number of the client's first message
 * @ms_mechanism: the framing has Microsoft's mechanism
 * @raw:          the AP-REQ goes without framing
 */
struct client {
	krb5_context context;
	const char *service;
	const char *realm;
	const char *name;
	const char *other_name;
	krb5_keyblock service_key;
	int kvno;
	krb5_keyblock session_key;
	bool has_subkey;
	krb5_keyblock subkey;
	time_t start;
	time_t end;
	time_t time;
	int microseconds;
	uint8_t options;
	uint32_t flags;
	const char *delegated;
	const uint8_t *pac;
	size_t pac_len;
	int checksum;
	size_t cut;
	uint8_t bindings[16];
	bool cbt_option;
	uint32_t sequence;
	bool ms_mechanism;
	bool raw;
};

/* struct reply - what an AP-REP had in it */
struct reply {
	time_t time;
	int microseconds;
	bool has_subkey;
	int enctype;
	uint8_t key[32];
	uint32_t sequence;
};

void client_write_file(const char *path, const char *text);
void client_write_conf(const char *path);
void client_init(struct client *client, krb5_enctype enctype);
void client_free(struct client *client);
void client_new_key(struct client *client, krb5_keyblock *key, krb5_enctype enctype);
void client_add_key(struct client *client, const char *keytab, const char *principal, int kvno,
		    const krb5_keyblock *key);
void client_bind(struct client *client, const char *data);
void client_token(struct client *client, struct der *token);
bool client_read_reply(struct client *client, const uint8_t *token, size_t len,
		       struct reply *reply);
void client_confirm(struct client *client, const struct reply *reply, struct der *token);

#endif /* TEST_KERBEROS_CLIENT_H */
