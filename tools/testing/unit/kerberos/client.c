// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A Kerberos client that makes its own tickets (RFC 4120 section 5, RFC 4121
 * section 4.1).
 */
#include <stdio.h>
#include <string.h>

#include "tools/testing/tap/tap.h"
#include "tools/testing/unit/kerberos/client.h"

#define BIT_STRING	0x03
#define OCTET_STRING	0x04
#define GENERAL_STRING	0x1b
#define GENERAL_TIME	0x18
#define SEQUENCE	0x30
#define APPLICATION(n)	(0x60 + (n))

#define USAGE_TICKET		2
#define USAGE_AUTHENTICATOR	11
#define USAGE_AP_REP		12

#define AD_IF_RELEVANT		1
#define AD_AP_OPTIONS		143
#define AP_OPTIONS_CBT		0x4000

static void need(krb5_error_code code, const char *what)
{
	if (code)
		tap_bail("%s: %s", what, error_message(code));
}

void client_write_file(const char *path, const char *text)
{
	FILE *file = fopen(path, "w");

	if (!file)
		tap_bail("%s cannot be written", path);
	fputs(text, file);
	fclose(file);
}

/* The krb5.conf of the whole process from now on */
void client_write_conf(const char *path)
{
	client_write_file(path, "[libdefaults]\ndefault_realm = " REALM "\n"
			  "allow_weak_crypto = true\ndns_lookup_kdc = false\n"
			  "dns_lookup_realm = false\nrdns = false\n");
	setenv("KRB5_CONFIG", path, 1);
}

/* The Bnd field for bindings without addresses (RFC 4121 section 4.1.1.2) */
void client_bind(struct client *client, const char *data)
{
	uint8_t buf[256] = { 0 };
	size_t len = strlen(data);
	krb5_data in = { .data = (char *)buf, .length = (unsigned int)(20 + len) };
	krb5_checksum sum;

	buf[16] = (uint8_t)len;
	memcpy(buf + 20, data, len);
	need(krb5_c_make_checksum(client->context, CKSUMTYPE_RSA_MD5, NULL, 0, &in, &sum),
	     "a hash of bindings");
	memcpy(client->bindings, sum.contents, sizeof(client->bindings));
	krb5_free_checksum_contents(client->context, &sum);
}

void client_new_key(struct client *client, krb5_keyblock *key, krb5_enctype enctype)
{
	krb5_free_keyblock_contents(client->context, key);
	need(krb5_c_make_random_key(client->context, enctype, key), "a random key");
}

void client_init(struct client *client, krb5_enctype enctype)
{
	time_t now = time(NULL);

	memset(client, 0, sizeof(*client));
	need(krb5_init_context(&client->context), "krb5_init_context");
	need(krb5_allow_weak_crypto(client->context, 1), "weak encryption types");
	client_new_key(client, &client->service_key, enctype);
	client_new_key(client, &client->session_key, enctype);
	client->service = SERVICE;
	client->realm = REALM;
	client->name = "alice";
	client->other_name = "alice";
	client->kvno = 2;
	client->start = now - 60;
	client->end = now + 3600;
	client->time = now;
	client->options = 0x20;		/* mutual-required */
	client->flags = GSS_C_MUTUAL_FLAG | GSS_C_REPLAY_FLAG | GSS_C_SEQUENCE_FLAG |
			GSS_C_CONF_FLAG | GSS_C_INTEG_FLAG;
	client->checksum = CHECKSUM_GSS;
	client->sequence = 0x12345678;
	client->delegated = "krbtgt/" REALM "@" REALM;
}

void client_free(struct client *client)
{
	krb5_free_keyblock_contents(client->context, &client->service_key);
	krb5_free_keyblock_contents(client->context, &client->session_key);
	krb5_free_keyblock_contents(client->context, &client->subkey);
	krb5_free_context(client->context);
}

void client_add_key(struct client *client, const char *keytab, const char *principal, int kvno,
		    const krb5_keyblock *key)
{
	krb5_keytab_entry entry = { .vno = (krb5_kvno)kvno, .key = *key };
	krb5_keytab file;
	char name[256];

	snprintf(name, sizeof(name), "WRFILE:%s", keytab);
	need(krb5_kt_resolve(client->context, name, &file), "a keytab");
	need(krb5_parse_name(client->context, principal, &entry.principal), principal);
	need(krb5_kt_add_entry(client->context, file, &entry), "a keytab's entry");
	krb5_free_principal(client->context, entry.principal);
	krb5_kt_close(client->context, file);
}

static void put_time(struct der *der, unsigned int n, time_t t)
{
	char text[32];
	struct tm tm;

	gmtime_r(&t, &tm);
	strftime(text, sizeof(text), "%Y%m%d%H%M%SZ", &tm);
	der_field(der, n, GENERAL_TIME, text, strlen(text));
}

/* PrincipalName, the components of which are apart by slashes */
static void put_name(struct der *der, unsigned int n, const char *name)
{
	size_t begin = der_len(der), before;
	const char *end = name + strlen(name), *from;

	do {
		from = end;
		while (from > name && from[-1] != '/')
			from--;
		before = der_len(der);
		der_bytes(der, from, (size_t)(end - from));
		der_wrap(der, GENERAL_STRING, before);
		end = from - 1;
	} while (from > name);
	der_wrap(der, SEQUENCE, begin);
	der_wrap(der, DER_CONTEXT(1), begin);
	der_number(der, 0, 1);
	der_wrap(der, SEQUENCE, begin);
	der_wrap(der, (uint8_t)DER_CONTEXT(n), begin);
}

static void put_key(struct der *der, unsigned int n, const krb5_keyblock *key)
{
	size_t begin = der_len(der);

	der_field(der, 1, OCTET_STRING, key->contents, key->length);
	der_number(der, 0, key->enctype);
	der_wrap(der, SEQUENCE, begin);
	der_wrap(der, (uint8_t)DER_CONTEXT(n), begin);
}

/* EncryptedData of what is in @plain; @kvno 0 is left out */
static void put_encrypted(struct client *client, struct der *der, unsigned int n,
			  const krb5_keyblock *key, int usage, int kvno, const struct der *plain)
{
	krb5_data in = { .data = (char *)der_data(plain), .length = (unsigned int)der_len(plain) };
	size_t begin = der_len(der), len;
	krb5_enc_data out;
	char buf[DER_MAX];

	need(krb5_c_encrypt_length(client->context, key->enctype, in.length, &len), "a length");
	out.ciphertext = (krb5_data){ .data = buf, .length = (unsigned int)len };
	need(krb5_c_encrypt(client->context, key, usage, NULL, &in, &out), "encryption");
	der_field(der, 2, OCTET_STRING, buf, out.ciphertext.length);
	if (kvno)
		der_number(der, 1, kvno);
	der_number(der, 0, key->enctype);
	der_wrap(der, SEQUENCE, begin);
	der_wrap(der, (uint8_t)DER_CONTEXT(n), begin);
}

/* AuthorizationData: AD-IF-RELEVANT with one element */
static void put_authdata(struct der *der, unsigned int n, int type, const void *data, size_t len)
{
	size_t begin = der_len(der), inner;

	inner = der_len(der);
	der_field(der, 1, OCTET_STRING, data, len);
	der_number(der, 0, type);
	der_wrap(der, SEQUENCE, inner);
	der_wrap(der, SEQUENCE, inner);
	der_wrap(der, OCTET_STRING, inner);
	der_wrap(der, DER_CONTEXT(1), inner);
	der_number(der, 0, AD_IF_RELEVANT);
	der_wrap(der, SEQUENCE, begin);
	der_wrap(der, SEQUENCE, begin);
	der_wrap(der, (uint8_t)DER_CONTEXT(n), begin);
}

/* KERB_AP_OPTIONS_CBT (MS-KILE 3.4.5) */
static void put_option(struct der *der, unsigned int n)
{
	static const uint8_t cbt[] = { 0, AP_OPTIONS_CBT >> 8, 0, 0 };

	put_authdata(der, n, AD_AP_OPTIONS, cbt, sizeof(cbt));
}

static void put_ticket(struct client *client, struct der *der)
{
	static const uint8_t flags[] = { 0, 0x00, 0x40, 0, 0 };	/* initial */
	size_t begin = der_len(der), before;
	struct der part;

	der_init(&part);
	if (client->pac)
		put_authdata(&part, 10, KRB5_AUTHDATA_WIN2K_PAC, client->pac, client->pac_len);
	put_time(&part, 7, client->end);
	put_time(&part, 6, client->start);
	put_time(&part, 5, client->start);
	before = der_len(&part);
	der_field(&part, 1, OCTET_STRING, "", 0);
	der_number(&part, 0, 1);
	der_wrap(&part, SEQUENCE, before);
	der_wrap(&part, DER_CONTEXT(4), before);
	put_name(&part, 3, client->name);
	der_field(&part, 2, GENERAL_STRING, REALM, strlen(REALM));
	put_key(&part, 1, &client->session_key);
	der_field(&part, 0, BIT_STRING, flags, sizeof(flags));
	der_wrap(&part, SEQUENCE, 0);
	der_wrap(&part, APPLICATION(3), 0);

	put_encrypted(client, der, 3, &client->service_key, USAGE_TICKET, client->kvno, &part);
	put_name(der, 2, client->service);
	der_field(der, 1, GENERAL_STRING, client->realm, strlen(client->realm));
	der_number(der, 0, 5);
	der_wrap(der, SEQUENCE, begin);
	der_wrap(der, APPLICATION(1), begin);
}

/* A KRB-CRED with a ticket that nobody can read; its length */
static size_t make_cred(struct client *client, uint8_t *dst, size_t size)
{
	krb5_creds creds = { 0 };
	krb5_auth_context auth;
	krb5_data *der = NULL;
	struct der ticket;
	char name[64];
	size_t len;

	der_init(&ticket);
	put_ticket(client, &ticket);
	creds.ticket = (krb5_data){ .data = (char *)der_data(&ticket),
				    .length = (unsigned int)der_len(&ticket) };
	snprintf(name, sizeof(name), "%s@" REALM, client->other_name);
	need(krb5_parse_name(client->context, name, &creds.client), "a client");
	need(krb5_parse_name(client->context, client->delegated, &creds.server), "a service");
	need(krb5_c_make_random_key(client->context, client->session_key.enctype, &creds.keyblock),
	     "a key");
	creds.times = (krb5_ticket_times){ .authtime = (krb5_timestamp)client->start,
					   .starttime = (krb5_timestamp)client->start,
					   .endtime = (krb5_timestamp)client->end };
	need(krb5_auth_con_init(client->context, &auth), "a context");
	krb5_auth_con_setflags(client->context, auth, 0);
	krb5_auth_con_setuseruserkey(client->context, auth, &client->session_key);
	need(krb5_mk_1cred(client->context, auth, &creds, &der, NULL), "a KRB-CRED");
	len = der->length;
	if (len > size)
		abort();
	memcpy(dst, der->data, len);
	krb5_free_data(client->context, der);
	krb5_auth_con_free(client->context, auth);
	creds.ticket = (krb5_data){ 0 };
	krb5_free_cred_contents(client->context, &creds);
	return len;
}

static void put_checksum(struct client *client, struct der *der, unsigned int n)
{
	size_t begin = der_len(der), len = 24, i;
	uint8_t sum[DER_MAX / 2] = { 16 };

	memcpy(sum + 4, client->bindings, sizeof(client->bindings));
	for (i = 0; i < 4; i++)
		sum[20 + i] = (uint8_t)(client->flags >> (8 * i));
	if (client->flags & GSS_C_DELEG_FLAG) {
		i = make_cred(client, sum + 28, sizeof(sum) - 28);
		sum[24] = 1;
		sum[26] = (uint8_t)i;
		sum[27] = (uint8_t)(i >> 8);
		len = 28 + i;
	}
	der_field(der, 1, OCTET_STRING, sum, len - client->cut);
	der_number(der, 0, client->checksum);
	der_wrap(der, SEQUENCE, begin);
	der_wrap(der, (uint8_t)DER_CONTEXT(n), begin);
}

static void put_authenticator(struct client *client, struct der *der, unsigned int n)
{
	struct der part;

	der_init(&part);
	if (client->cbt_option)
		put_option(&part, 8);
	der_number(&part, 7, client->sequence);
	if (client->has_subkey)
		put_key(&part, 6, &client->subkey);
	put_time(&part, 5, client->time);
	der_number(&part, 4, client->microseconds);
	if (client->checksum)
		put_checksum(client, &part, 3);
	put_name(&part, 2, client->other_name);
	der_field(&part, 1, GENERAL_STRING, REALM, strlen(REALM));
	der_number(&part, 0, 5);
	der_wrap(&part, SEQUENCE, 0);
	der_wrap(&part, APPLICATION(2), 0);
	put_encrypted(client, der, n, &client->session_key, USAGE_AUTHENTICATOR, 0, &part);
}

static void put_framing(const struct client *client, struct der *der, uint8_t id)
{
	const uint8_t oid[] = { 0x2a, 0x86, 0x48, client->ms_mechanism ? 0x82 : 0x86, 0xf7, 0x12,
				0x01, 0x02, 0x02 };
	size_t begin;

	der_bytes(der, (uint8_t[]){ id, 0 }, 2);
	begin = der_len(der);
	der_bytes(der, oid, sizeof(oid));
	der_wrap(der, 0x06, begin);
	der_wrap(der, 0x60, 0);
}

/* The client's first token, each with another time. */
void client_token(struct client *client, struct der *token)
{
	const uint8_t options[] = { 0, client->options, 0, 0, 0 };
	size_t before;

	client->microseconds++;
	der_init(token);
	put_authenticator(client, token, 4);
	before = der_len(token);
	put_ticket(client, token);
	der_wrap(token, DER_CONTEXT(3), before);
	der_field(token, 2, BIT_STRING, options, sizeof(options));
	der_number(token, 1, 14);
	der_number(token, 0, 5);
	der_wrap(token, SEQUENCE, 0);
	der_wrap(token, APPLICATION(14), 0);
	if (!client->raw)
		put_framing(client, token, 1);
}

/* A reader of what is well-formed: the length of an element's head, and its content's. */
static const uint8_t *enter(const uint8_t *p, uint8_t tag, size_t *len)
{
	size_t n = 2, i;

	*len = 0;
	if (!p || p[0] != tag)
		return NULL;
	*len = p[1];
	if (p[1] & 0x80) {
		n += p[1] & 0x7f;
		*len = 0;
		for (i = 2; i < n; i++)
			*len = *len << 8 | p[i];
	}
	return p + n;
}

/* The content of the field "[n] tag" of a SEQUENCE's content, or NULL. */
static const uint8_t *find(const uint8_t *p, size_t len, unsigned int n, uint8_t tag,
			   size_t *ret_len)
{
	const uint8_t *end = p + len, *in;
	size_t inner;

	while (p && p < end) {
		in = enter(p, p[0], &inner);
		if (p[0] == DER_CONTEXT(n))
			return enter(in, tag, ret_len);
		p = in + inner;
	}
	return NULL;
}

static int64_t number(const uint8_t *p, size_t len, unsigned int n)
{
	const uint8_t *digit = find(p, len, n, 0x02, &len);
	int64_t value = 0;

	while (digit && len--)
		value = value << 8 | *digit++;
	return value;
}

/* Decrypt the answer, framed as the question was. */
bool client_read_reply(struct client *client, const uint8_t *token, size_t len,
		       struct reply *reply)
{
	const uint8_t *p = token, *enc, *cipher, *in;
	size_t n, cipher_len, key_len, inner;
	krb5_enc_data data = { .enctype = client->session_key.enctype };
	char plain[DER_MAX];
	krb5_data out = { .data = plain, .length = sizeof(plain) };
	struct tm tm = { 0 };

	memset(reply, 0, sizeof(*reply));
	p = client->raw ? p : enter(p, 0x60, &n);
	if (!p)
		return false;
	p = enter(client->raw ? p : p + 11 + 2, APPLICATION(15), &n);
	p = enter(p, SEQUENCE, &n);
	enc = find(p, n, 2, SEQUENCE, &n);
	cipher = find(enc, n, 2, OCTET_STRING, &cipher_len);
	if (!cipher || cipher + cipher_len != token + len)
		return false;
	data.ciphertext = (krb5_data){ .data = (char *)cipher, .length = (unsigned int)cipher_len };
	if (krb5_c_decrypt(client->context, &client->session_key, USAGE_AP_REP, NULL, &data, &out))
		return false;
	p = enter((uint8_t *)plain, APPLICATION(27), &n);
	p = enter(p, SEQUENCE, &n);
	in = find(p, n, 0, GENERAL_TIME, &inner);
	if (!in || !strptime((const char *)in, "%Y%m%d%H%M%SZ", &tm))
		return false;
	reply->time = timegm(&tm);
	reply->microseconds = (int)number(p, n, 1);
	reply->sequence = (uint32_t)number(p, n, 3);
	in = find(p, n, 2, SEQUENCE, &inner);
	reply->has_subkey = in;
	if (in) {
		reply->enctype = (int)number(in, inner, 0);
		in = find(in, inner, 1, OCTET_STRING, &key_len);
		if (in && key_len <= sizeof(reply->key))
			memcpy(reply->key, in, key_len);
	}
	return true;
}

/* The third leg of DCE style: an AP-REP that repeats the acceptor's sequence number. */
void client_confirm(struct client *client, const struct reply *reply, struct der *token)
{
	struct der part;

	der_init(&part);
	der_number(&part, 3, reply->sequence);
	der_number(&part, 1, reply->microseconds);
	put_time(&part, 0, reply->time);
	der_wrap(&part, SEQUENCE, 0);
	der_wrap(&part, APPLICATION(27), 0);
	der_init(token);
	put_encrypted(client, token, 2, &client->session_key, USAGE_AP_REP, 0, &part);
	der_number(token, 1, 15);
	der_number(token, 0, 5);
	der_wrap(token, SEQUENCE, 0);
	der_wrap(token, APPLICATION(15), 0);
}
