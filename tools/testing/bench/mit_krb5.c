// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Both ends of a connection of MIT krb5, without a KDC: a keytab and a ticket of our
 * own making, both in memory, and a logon between the two.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <gssapi/gssapi_krb5.h>
#include <krb5.h>

#include "mit_krb5.h"

#define REALM	"BENCH.TEST"
#define SERVICE	"bench/localhost@" REALM
#define HOUR	3600

/* What a KDC needs: libkrb5 has both, and no header of it that is installed. */
krb5_error_code krb5_encrypt_tkt_part(krb5_context ctx, const krb5_keyblock *key,
				      krb5_ticket *ticket);
krb5_error_code encode_krb5_ticket(const krb5_ticket *ticket, krb5_data **code);

/* Every one of them has to work. */
static void need(const char *what, long error)
{
	if (!error)
		return;
	fprintf(stderr, "bench-krb5: %s: error %ld\n", what, error);
	exit(1);
}

#define NEED(call)	need(#call, (long)(call))

/**
 * struct realm - what client and service have of the realm
 * @ctx:     libkrb5's
 * @client:  the client's name
 * @service: the service's
 * @keytab:  the service's keys
 * @ccache:  the client's tickets
 */
struct realm {
	krb5_context ctx;
	krb5_principal client;
	krb5_principal service;
	krb5_keytab keytab;
	krb5_ccache ccache;
};

/* A ticket for the service, as a KDC would have made it */
static void make_ticket(struct realm *r, const krb5_keyblock *key, krb5_keyblock *session)
{
	krb5_timestamp now = (krb5_timestamp)time(NULL);
	krb5_enc_tkt_part part = {
		.session = session,
		.client = r->client,
		.transited.tr_type = 1,
		.times = { .authtime = now, .starttime = now - 60, .endtime = now + HOUR },
	};
	krb5_ticket ticket = { .server = r->service, .enc_part.kvno = 1, .enc_part2 = &part };
	krb5_creds creds = {
		.client = r->client, .server = r->service, .keyblock = *session,
		.times = part.times,
	};
	krb5_principal tgs;
	krb5_data *code;

	NEED(krb5_encrypt_tkt_part(r->ctx, key, &ticket));
	ticket.enc_part.kvno = 1;
	NEED(encode_krb5_ticket(&ticket, &code));
	creds.ticket = *code;
	NEED(krb5_cc_store_cred(r->ctx, r->ccache, &creds));
	/* Without one for the KDC, GSSAPI does not believe that there are tickets. */
	NEED(krb5_parse_name(r->ctx, "krbtgt/" REALM "@" REALM, &tgs));
	creds.server = tgs;
	NEED(krb5_cc_store_cred(r->ctx, r->ccache, &creds));
	krb5_free_principal(r->ctx, tgs);
	krb5_free_data(r->ctx, code);
}

static void make_realm(struct realm *r, int enctype)
{
	krb5_keytab_entry entry = { .vno = 1 };
	krb5_keyblock session;

	NEED(krb5_init_context(&r->ctx));
	NEED(krb5_parse_name(r->ctx, "alice@" REALM, &r->client));
	NEED(krb5_parse_name(r->ctx, SERVICE, &r->service));
	NEED(krb5_kt_resolve(r->ctx, "MEMORY:bench", &r->keytab));
	NEED(krb5_cc_new_unique(r->ctx, "MEMORY", NULL, &r->ccache));
	NEED(krb5_cc_initialize(r->ctx, r->ccache, r->client));
	NEED(krb5_c_make_random_key(r->ctx, enctype, &entry.key));
	NEED(krb5_c_make_random_key(r->ctx, enctype, &session));
	entry.principal = r->service;
	NEED(krb5_kt_add_entry(r->ctx, r->keytab, &entry));
	make_ticket(r, &entry.key, &session);
	krb5_free_keyblock_contents(r->ctx, &entry.key);
	krb5_free_keyblock_contents(r->ctx, &session);
}

static void free_realm(struct realm *r)
{
	krb5_cc_destroy(r->ctx, r->ccache);
	krb5_kt_close(r->ctx, r->keytab);
	krb5_free_principal(r->ctx, r->client);
	krb5_free_principal(r->ctx, r->service);
	krb5_free_context(r->ctx);
}

/**
 * mit_pair_make() - a connection; a failure ends the program
 * @enctype: of all of its keys
 *
 * Return: both ends, for mit_pair_free()
 */
struct mit_pair mit_pair_make(int enctype)
{
	static const OM_uint32 flags = GSS_C_MUTUAL_FLAG | GSS_C_CONF_FLAG | GSS_C_INTEG_FLAG |
				       GSS_C_REPLAY_FLAG | GSS_C_SEQUENCE_FLAG;
	gss_buffer_desc name_text = { sizeof(SERVICE) - 1, SERVICE };
	gss_buffer_desc to_service = GSS_C_EMPTY_BUFFER, to_client = GSS_C_EMPTY_BUFFER;
	gss_cred_id_t client, service;
	struct mit_pair pair = { 0 };
	OM_uint32 major, minor, ignored;
	gss_name_t name;
	struct realm r;

	make_realm(&r, enctype);
	NEED(gss_krb5_import_cred(&minor, r.ccache, NULL, NULL, &client));
	NEED(gss_krb5_import_cred(&minor, NULL, r.service, r.keytab, &service));
	NEED(gss_import_name(&minor, &name_text, (gss_OID)GSS_KRB5_NT_PRINCIPAL_NAME, &name));
	do {
		major = gss_init_sec_context(&minor, client, &pair.initiator, name,
					     (gss_OID)gss_mech_krb5, flags, 0, NULL, &to_client,
					     NULL, &to_service, NULL, NULL);
		gss_release_buffer(&ignored, &to_client);
		if (GSS_ERROR(major))
			need("gss_init_sec_context", (long)minor);
		if (to_service.length)
			NEED(gss_accept_sec_context(&minor, &pair.acceptor, service, &to_service,
						    NULL, NULL, NULL, &to_client, NULL, NULL,
						    NULL));
		gss_release_buffer(&ignored, &to_service);
	} while (to_client.length);
	NEED(gss_release_name(&minor, &name));
	NEED(gss_release_cred(&minor, &client));
	NEED(gss_release_cred(&minor, &service));
	free_realm(&r);
	return pair;
}

/**
 * mit_pair_free() - end of a connection
 * @pair: from mit_pair_make()
 */
void mit_pair_free(struct mit_pair *pair)
{
	OM_uint32 minor;

	gss_delete_sec_context(&minor, &pair->initiator, GSS_C_NO_BUFFER);
	gss_delete_sec_context(&minor, &pair->acceptor, GSS_C_NO_BUFFER);
}
