// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * PACs: the SIDs in KERB_VALIDATION_INFO (MS-PAC 2.5), and whose PAC is believed
 * (K14, B14).
 */
#include <stdlib.h>
#include <string.h>

#include "helper/kerberos/library.h"
#include "tools/testing/tap/tap.h"
#include "tools/testing/unit/kerberos/server.h"

#define ENABLED		7	/* SE_GROUP_MANDATORY, _ENABLED_BY_DEFAULT, _ENABLED */
#define DENY_ONLY	0x10
#define DOMAIN_SID	"S-1-5-21-1000000001-2-4294967295"
#define RESOURCE_SID	"S-1-5-21-7-8-9"

/* struct group - a RID in a domain */
struct group {
	uint32_t rid;
	uint32_t attributes;
};

/* struct pac - what is in a KERB_VALIDATION_INFO */
struct pac {
	uint32_t user;
	uint32_t primary;
	struct group groups[4];
	unsigned int n_groups;
	uint32_t extra_attributes;
	unsigned int n_extra;
	struct group resources[4];
	unsigned int n_resources;
	unsigned int many;		/* groups of the same RID, besides */
};

static uint8_t buf[64 * 1024];
static size_t len;

static void put(const void *data, size_t n)
{
	if (n > sizeof(buf) - len)
		abort();
	memcpy(buf + len, data, n);
	len += n;
}

static void put32(uint32_t value)
{
	const uint8_t bytes[] = { (uint8_t)value, (uint8_t)(value >> 8), (uint8_t)(value >> 16),
				  (uint8_t)(value >> 24) };

	put(bytes, sizeof(bytes));
}

static void put_zeros(size_t n)
{
	while (n--)
		put("", 1);
}

static void put_string(const char *text)
{
	uint32_t n = (uint32_t)strlen(text);

	put32(n);
	put32(0);
	put32(n);
	for (; *text; text++)
		put((const char[]){ *text, 0 }, 2);
	put_zeros(-len & 3);
}

static void put_sid(unsigned int n, const uint32_t *sub)
{
	static const uint8_t nt[] = { 0, 0, 0, 0, 0, 5 };
	unsigned int i;

	put32(n);
	put((const uint8_t[]){ 1, (uint8_t)n }, 2);
	put(nt, sizeof(nt));
	for (i = 0; i < n; i++)
		put32(sub[i]);
}

static void put_groups(const struct group *groups, unsigned int n, unsigned int many)
{
	unsigned int i;

	put32(n + many);
	for (i = 0; i < n; i++) {
		put32(groups[i].rid);
		put32(groups[i].attributes);
	}
	while (many--) {
		put32(4242);
		put32(ENABLED);
	}
}

/* A KERB_VALIDATION_INFO as domain controllers write it */
static void make(const struct pac *pac)
{
	static const uint32_t domain[] = { 21, 1000000001, 2, UINT32_MAX };
	static const uint32_t resources[] = { 21, 7, 8, 9 }, asserted[] = { 1 };
	static const char *const strings[] = { "alice", "Alice A", "", "", "", "" };
	unsigned int i;

	len = 0;
	put((const uint8_t[]){ 1, 0x10, 8, 0, 0xcc, 0xcc, 0xcc, 0xcc }, 8);
	put32(0);
	put32(0);
	put32(0x20000);
	put_zeros(6 * 8);
	for (i = 0; i < 6; i++) {
		put32(0);
		put32(0x20004 + 4 * i);
	}
	put32(0);
	put32(pac->user);
	put32(pac->primary);
	put32(pac->n_groups + pac->many);
	put32(pac->n_groups + pac->many ? 0x20020 : 0);
	put32(0x220);
	put_zeros(16);
	for (i = 0; i < 2; i++) {
		put32(0);
		put32(0x20024 + 4 * i);
	}
	put32(0x20030);
	put_zeros(8);
	put32(0x210);
	put_zeros(28);
	put32(pac->n_extra);
	put32(pac->n_extra ? 0x20034 : 0);
	put32(pac->n_resources ? 0x20038 : 0);
	put32(pac->n_resources);
	put32(pac->n_resources ? 0x2003c : 0);

	for (i = 0; i < 6; i++)
		put_string(strings[i]);
	if (pac->n_groups + pac->many)
		put_groups(pac->groups, pac->n_groups, pac->many);
	put_string("DC");
	put_string("KSECDD");
	put_sid(4, domain);
	if (pac->n_extra) {
		put32(pac->n_extra);
		for (i = 0; i < pac->n_extra; i++) {
			put32(0x20040 + 4 * i);
			put32(pac->extra_attributes);
		}
		for (i = 0; i < pac->n_extra; i++)
			put_sid(i ? 4 : 1, i ? resources : asserted);
	}
	if (pac->n_resources) {
		put_sid(4, resources);
		put_groups(pac->resources, pac->n_resources, 0);
	}
	put_zeros(-len & 7);
	buf[8] = (uint8_t)(len - 16);
	buf[9] = (uint8_t)((len - 16) >> 8);
	buf[10] = (uint8_t)((len - 16) >> 16);
}

static const struct pac alice = {
	.user = 1104, .primary = 513,
	.groups = { { 513, ENABLED }, { 1105, ENABLED } }, .n_groups = 2,
	.extra_attributes = ENABLED, .n_extra = 2,
	.resources = { { 77, ENABLED | 0x20000000 } }, .n_resources = 1,
};

#define ALICE	DOMAIN_SID "-1104 " DOMAIN_SID "-513 " DOMAIN_SID "-1105 "	\
		"S-1-5-1 " RESOURCE_SID " " RESOURCE_SID "-77"

/* In memory of its own size, so that ASan sees who reads on. */
static const char *read_pac(size_t n, char **sids)
{
	uint8_t *copy = malloc(n ? n : 1);
	const char *wrong;

	memcpy(copy, buf, n);
	wrong = kerberos_pac_sids(copy, n, sids);
	free(copy);
	return wrong;
}

static void check(const struct pac *pac, const char *want, const char *what)
{
	const char *wrong;
	char *sids;

	make(pac);
	wrong = read_pac(len, &sids);
	if (want)
		tap_ok(!wrong && !strcmp(sids, want), "%s: %s", what, wrong ? wrong : sids);
	else
		tap_ok(wrong && !sids, "%s: %s", what, wrong ? wrong : "accepted");
	free(sids);
}

static void test_sids(void)
{
	struct pac pac = alice;

	check(&alice, ALICE, "all kinds of groups");
	pac.primary = 514;
	pac.n_extra = pac.n_resources = 0;
	check(&pac, DOMAIN_SID "-1104 " DOMAIN_SID "-513 " DOMAIN_SID "-1105 " DOMAIN_SID "-514",
	      "a primary group that is not in the list");
	pac = (struct pac){ .n_extra = 1, .extra_attributes = ENABLED };
	check(&pac, "S-1-5-1", "a user without a RID");
	pac.n_extra = 0;
	check(&pac, NULL, "no user at all");
	pac = alice;
	pac.groups[1].attributes = DENY_ONLY;
	check(&pac, NULL, "a group for denying only");
	pac = alice;
	pac.extra_attributes = DENY_ONLY;
	check(&pac, NULL, "an extra SID for denying only");
	pac = alice;
	pac.many = KERBEROS_MAX_SIDS - 5;
	check(&pac, NULL, "one group too many");
}

static void test_many(void)
{
	struct pac pac = { .user = 1, .many = KSECDD_MAX_GROUPS };
	const char *wrong;
	unsigned int n = 1;
	char *sids, *p;

	make(&pac);
	wrong = read_pac(len, &sids);
	for (p = sids; p && *p; p++)
		n += *p == ' ';
	tap_ok(!wrong && n == KERBEROS_MAX_SIDS, "as many as there may be: %s", wrong ? wrong : "");
	free(sids);
}

/* Nothing that is cut or changed is read beyond its end, and what is cut is refused. */
static void test_malformed(void)
{
	unsigned int accepted = 0;
	size_t n, whole;
	char *sids;

	make(&alice);
	for (n = 0; n < len - 8; n++) {
		if (!read_pac(n, &sids))
			accepted++;
		free(sids);
	}
	tap_is(accepted, 0, "B14: none of %zu that are cut", n);
	whole = len;
	for (n = 0; n < 256 * whole; n++) {
		make(&alice);
		buf[n / 256] = (uint8_t)n;
		if (!read_pac(len, &sids) && strncmp(sids, "S-1-", 4))
			accepted++;
		free(sids);
	}
	tap_is(accepted, 0, "B14: %zu with another byte", n);
}

/* A ticket with a PAC that is signed with a key; NULL - with the service's own */
static void set_pac(krb5_data *pac_data, const krb5_keyblock *key)
{
	krb5_data info = { .data = (char *)buf, .length = (unsigned int)len };
	krb5_principal principal;
	krb5_pac pac;

	if (krb5_pac_init(client.context, &pac) ||
	    krb5_pac_add_buffer(client.context, pac, KRB5_PAC_LOGON_INFO, &info) ||
	    krb5_parse_name(client.context, "alice@" REALM, &principal) ||
	    krb5_pac_sign(client.context, pac, (krb5_timestamp)client.start, principal,
			  key ? key : &client.service_key, &client.service_key, pac_data))
		tap_bail("no PAC");
	krb5_free_principal(client.context, principal);
	krb5_pac_free(client.context, pac);
	client.pac = (const uint8_t *)pac_data->data;
	client.pac_len = pac_data->length;
}

static void check_kept(const char *what)
{
	struct kerberos_kept kept;

	tap_ok(result.has_sids &&
	       kerberos_half_open_take(step.context, result.kept, &kept) && kept.sids &&
	       !strcmp(kept.sids, ALICE), "%s", what);
	if (result.has_sids)
		kerberos_kept_clear(&kept);
}

static void test_signature(void)
{
	krb5_keyblock other = { 0 };
	krb5_data pac;
	size_t i;

	make(&alice);
	begin(AES256);
	set_pac(&pac, NULL);
	tap_is(logon(), SEC_E_OK, "K14: a PAC with the service's signature");
	check_kept("K14: and its SIDs");
	client.pac = NULL;
	tap_ok(logon() == SEC_E_OK && !result.has_sids, "K14: a ticket without a PAC");
	client.pac = (const uint8_t *)pac.data;
	pac.data[pac.length / 2] ^= 1;
	tap_is(logon(), SEC_E_LOGON_DENIED, "K14: a changed PAC");
	tap_ok(!strcmp(result.reason, "the PAC is not signed with the service's key"), "%s",
	       result.reason);
	krb5_free_data_contents(client.context, &pac);

	client_new_key(&client, &other, AES256);
	set_pac(&pac, &other);
	tap_is(logon(), SEC_E_LOGON_DENIED, "K14: a PAC with somebody else's signature");
	tap_ok(!result.has_sids && !result.key_len, "K14: and nothing is left of it");
	krb5_free_data_contents(client.context, &pac);
	krb5_free_keyblock_contents(client.context, &other);

	/* The number of buffers, and where the first is */
	for (i = 0; i < 2; i++) {
		set_pac(&pac, NULL);
		memset(pac.data + (i ? 16 : 0), 0xff, i ? 8 : 4);
		tap_is(logon(), SEC_E_LOGON_DENIED, "B14: a PAC with %s",
		       i ? "a buffer far away" : "4294967295 buffers");
		krb5_free_data_contents(client.context, &pac);
	}
	len = 100;
	set_pac(&pac, NULL);
	tap_is(logon(), SEC_E_LOGON_DENIED, "a PAC that is signed and malformed");
	krb5_free_data_contents(client.context, &pac);
	end();
}

static void test_dce(void)
{
	struct der token;
	struct reply reply;
	krb5_data pac;

	make(&alice);
	begin(AES256);
	set_pac(&pac, NULL);
	client.raw = true;
	client.flags |= GSS_C_DCE_STYLE;
	step.req_flags = ASC_REQ_USE_DCE_STYLE;
	tap_ok(logon() == SEC_I_CONTINUE_NEEDED &&
	       client_read_reply(&client, result.token, result.token_len, &reply),
	       "DCE style: the first leg");
	client_confirm(&client, &reply, &token);
	step.leg = 1;
	tap_is(leg(der_data(&token), der_len(&token)), SEC_E_OK, "DCE style: the second leg");
	check_kept("DCE style: the SIDs");
	krb5_free_data_contents(client.context, &pac);
	end();
}

int main(void)
{
	server_start();
	test_sids();
	test_many();
	test_malformed();
	test_signature();
	test_dce();
	return server_stop();
}
