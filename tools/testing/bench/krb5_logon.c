// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A whole logon with Kerberos, as the accept side sees it: the client's token, the
 * answer that proves the service, and the context's end.  libsspi, the module and ksecd
 * beside MIT krb5's GSSAPI in this process, with the same keytab.
 *
 * The counter goes round all of it, what others do for it when it is over included. The
 * client's tokens are made before: each is good once, for either of them.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <gssapi/gssapi_krb5.h>
#include <krb5.h>

#include <sspi_linux.h>

#include "bench.h"

#define MAX_LOGONS	64
#define MAX_TOKEN	16384

static const char usage[] =
	"usage: KRB5CCNAME=CACHE bench-krb5-logon [--logons N] [--runs N] SERVICE KEYTAB\n"
	"\n"
	"Counts the instructions of a logon with Kerberos at the service, as ksecdd and as MIT\n"
	"krb5 do it. Runs in the test guest; krb5-logon sets up what it needs.\n";

/**
 * struct logon - a logon
 * @client: the client's context
 * @token:  what it sends
 * @answer: what it gets, released by the acceptor's release()
 * @memory: room for the answer, where the acceptor wants some
 */
struct logon {
	gss_ctx_id_t client;
	gss_buffer_desc token;
	gss_buffer_desc answer;
	uint8_t memory[MAX_TOKEN];
};

/**
 * struct acceptor - who accepts
 * @ssp:     its name in the report
 * @init:    get ready: the credential
 * @logon:   a context of the client's token, and its end; receives the answer
 * @release: frees the answer; NULL if there is nothing to free
 */
struct acceptor {
	const char *ssp;
	void (*init)(const char *service, const char *keytab);
	bool (*logon)(struct logon *logon);
	void (*release)(struct logon *logon);
};

static struct logon logons[MAX_LOGONS];
static gss_name_t target;

/* ksecdd */

static CredHandle sspi_credential;

static void sspi_init(const char *service, const char *keytab)
{
	(void)service;
	(void)keytab;	/* ksecd has it. */
	if (AcquireCredentialsHandleA(NULL, "Kerberos", SECPKG_CRED_INBOUND, NULL, NULL, NULL,
				      NULL, &sspi_credential, NULL) != SEC_E_OK)
		bench_die("there is no credential; do module and ksecd run, with a [service]?");
}

static bool sspi_logon(struct logon *logon)
{
	SecBuffer in = { (ULONG)logon->token.length, SECBUFFER_TOKEN, logon->token.value };
	SecBuffer out = { sizeof(logon->memory), SECBUFFER_TOKEN, logon->memory };
	SecBufferDesc input = { SECBUFFER_VERSION, 1, &in };
	SecBufferDesc output = { SECBUFFER_VERSION, 1, &out };
	SECURITY_STATUS status;
	CtxtHandle context;
	TimeStamp expiry;
	ULONG attributes;

	status = AcceptSecurityContext(&sspi_credential, NULL, &input,
				       ASC_REQ_CONFIDENTIALITY | ASC_REQ_INTEGRITY |
				       ASC_REQ_REPLAY_DETECT | ASC_REQ_SEQUENCE_DETECT |
				       ASC_REQ_MUTUAL_AUTH,
				       SECURITY_NATIVE_DREP, &context, &output, &attributes,
				       &expiry);
	if (status != SEC_E_OK)
		return false;
	logon->answer = (gss_buffer_desc){ out.cbBuffer, out.pvBuffer };
	return DeleteSecurityContext(&context) == SEC_E_OK;
}

/* MIT krb5 */

static gss_cred_id_t mit_credential;

static void mit_init(const char *service, const char *keytab)
{
	gss_buffer_desc text = { strlen(service), (void *)service };
	gss_key_value_element_desc element = { "keytab", keytab };
	gss_key_value_set_desc store = { 1, &element };
	gss_OID_set_desc mechs = { 1, (gss_OID)gss_mech_krb5 };
	OM_uint32 minor;
	gss_name_t name;

	if (gss_import_name(&minor, &text, (gss_OID)GSS_KRB5_NT_PRINCIPAL_NAME, &name) ||
	    gss_acquire_cred_from(&minor, name, GSS_C_INDEFINITE, &mechs, GSS_C_ACCEPT, &store,
				  &mit_credential, NULL, NULL))
		bench_die("%s: no key of %s", keytab, service);
	gss_release_name(&minor, &name);
}

static bool mit_logon(struct logon *logon)
{
	gss_ctx_id_t context = GSS_C_NO_CONTEXT;
	gss_name_t client = GSS_C_NO_NAME;
	OM_uint32 major, minor;

	major = gss_accept_sec_context(&minor, &context, mit_credential, &logon->token,
				       GSS_C_NO_CHANNEL_BINDINGS, &client, NULL, &logon->answer,
				       NULL, NULL, NULL);
	gss_release_name(&minor, &client);
	gss_delete_sec_context(&minor, &context, GSS_C_NO_BUFFER);
	return major == GSS_S_COMPLETE;
}

static void mit_release(struct logon *logon)
{
	OM_uint32 minor;

	gss_release_buffer(&minor, &logon->answer);
}

static const struct acceptor acceptors[] = {
	{ "ksecdd", sspi_init, sspi_logon, NULL },
	{ "mit-krb5", mit_init, mit_logon, mit_release },
};

/* Both */

static OM_uint32 client_step(struct logon *logon, gss_buffer_t answer, gss_buffer_t token)
{
	OM_uint32 minor;

	return gss_init_sec_context(&minor, GSS_C_NO_CREDENTIAL, &logon->client, target,
				    (gss_OID)gss_mech_krb5, GSS_C_MUTUAL_FLAG | GSS_C_CONF_FLAG |
				    GSS_C_INTEG_FLAG | GSS_C_REPLAY_FLAG | GSS_C_SEQUENCE_FLAG,
				    0, GSS_C_NO_CHANNEL_BINDINGS, answer, NULL, token, NULL, NULL);
}

static void client_begins(struct logon *logon)
{
	memset(logon, 0, sizeof(*logon));
	if (client_step(logon, GSS_C_NO_BUFFER, &logon->token) != GSS_S_CONTINUE_NEEDED)
		bench_die("the client has no ticket; is the KDC there, and KRB5CCNAME set?");
}

static void client_ends(const struct acceptor *a, struct logon *logon)
{
	gss_buffer_desc nothing = GSS_C_EMPTY_BUFFER;
	OM_uint32 minor;

	if (client_step(logon, &logon->answer, &nothing) != GSS_S_COMPLETE)
		bench_die("%s: the client refuses the answer", a->ssp);
	gss_release_buffer(&minor, &logon->token);
	gss_delete_sec_context(&minor, &logon->client, GSS_C_NO_BUFFER);
	if (a->release)
		a->release(logon);
}

static double run(const struct acceptor *a)
{
	unsigned int i, n = bench_options.logons;
	uint64_t begin, end, rest, idle;
	bool ok = true;

	for (i = 0; i < n; i++)
		client_begins(&logons[i]);
	rest = count_settle_cost();
	idle = count_idle();
	begin = count_now();
	for (i = 0; i < n; i++)
		ok &= a->logon(&logons[i]);
	count_settle();
	end = count_now();
	if (count_idle() != idle)
		bench_die("%s: nothing ran for a while during the logons, and what was counted "
			  "is not instructions", a->ssp);
	if (!ok)
		bench_die("%s: a logon is refused", a->ssp);
	for (i = 0; i < n; i++)
		client_ends(a, &logons[i]);
	return (double)(end - begin - rest - count_overhead()) / n;
}

static void measure(const struct acceptor *a, const char *service, const char *keytab)
{
	struct count count = { 0 };
	unsigned int i;
	double took;

	bench_progress("logons with %s", a->ssp);
	a->init(service, keytab);
	/* The first time does what is done only once, and is not counted. */
	for (i = 0; i <= bench_options.runs; i++) {
		took = run(a);
		if (i)
			count_add(&count, took);
	}
	bench_row(a->ssp, "Kerberos logon", 1, 0, 1, "instructions", &count);
}

int main(int argc, char **argv)
{
	gss_buffer_desc text;
	OM_uint32 minor;
	char *service, *keytab;
	size_t i;

	if (argc < 3) {
		fputs(usage, stdout);
		return argc > 1 && !strcmp(argv[1], "--help") ? 0 : 2;
	}
	keytab = argv[argc - 1];
	service = argv[argc - 2];
	argv[argc - 2] = NULL;
	bench_parse_options(argv, usage);
	if (bench_options.logons > MAX_LOGONS)
		bench_die("--logons: %d at most", MAX_LOGONS);
	text = (gss_buffer_desc){ strlen(service), service };
	if (gss_import_name(&minor, &text, (gss_OID)GSS_KRB5_NT_PRINCIPAL_NAME, &target))
		bench_die("%s: no name of a service", service);
	count_init();
	for (i = 0; i < sizeof(acceptors) / sizeof(acceptors[0]); i++)
		measure(&acceptors[i], service, keytab);
	gss_release_name(&minor, &target);
	return 0;
}
