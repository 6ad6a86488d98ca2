// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * gss-ntlmssp through GSSAPI: all of it in this process.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <gssapi/gssapi.h>

#include "bench.h"

#define USERS_FILE	"/tmp/bench-users"

/* 1.3.6.1.4.1.311.2.2.10 */
static gss_OID_desc ntlmssp = { 10, "\x2b\x06\x01\x04\x01\x82\x37\x02\x02\x0a" };
static gss_cred_id_t credential;

struct context {
	gss_ctx_id_t id;
};

static void write_users(void)
{
	static const char *const users[] = { BENCH_USER, "bob", "carol", "dave", "erin" };
	unsigned int i;
	FILE *f = fopen(USERS_FILE, "we");

	if (!f)
		bench_die(USERS_FILE " cannot be written");
	for (i = 0; i < sizeof(users) / sizeof(users[0]); i++)
		fprintf(f, "%s:%s:%s\n", BENCH_DOMAIN, users[i], BENCH_PASSWORD);
	if (fclose(f))
		bench_die(USERS_FILE " cannot be written");
}

static void init(void)
{
	gss_OID_set_desc mechs = { 1, &ntlmssp };
	OM_uint32 major, minor;

	write_users();
	/* It looks at it when it is loaded. */
	setenv("NTLM_USER_FILE", USERS_FILE, 1);
	major = gss_acquire_cred(&minor, GSS_C_NO_NAME, GSS_C_INDEFINITE, &mechs, GSS_C_ACCEPT,
				 &credential, NULL, NULL);
	if (GSS_ERROR(major))
		bench_die("gss-ntlmssp has no credential for us: %x", major);
}

static enum bench_verdict accept_token(void *context, const struct bytes *token,
				       struct bytes *answer)
{
	gss_buffer_desc in = { token->len, (void *)token->data }, out = GSS_C_EMPTY_BUFFER;
	struct context *c = context;
	OM_uint32 major, minor, flags;
	gss_name_t client = GSS_C_NO_NAME;

	major = gss_accept_sec_context(&minor, &c->id, credential, &in,
				       GSS_C_NO_CHANNEL_BINDINGS, &client, NULL, &out, &flags,
				       NULL, NULL);
	answer->len = 0;
	if (!GSS_ERROR(major))
		bytes_put(answer, out.value, out.length);
	gss_release_buffer(&minor, &out);
	gss_release_name(&minor, &client);
	if (GSS_ERROR(major))
		return BENCH_REFUSED;
	return major & GSS_S_CONTINUE_NEEDED ? BENCH_CONTINUE : BENCH_ACCEPTED;
}

static void drop(void *context)
{
	struct context *c = context;
	OM_uint32 minor;

	if (GSS_ERROR(gss_delete_sec_context(&minor, &c->id, GSS_C_NO_BUFFER)))
		bench_die("a context cannot be deleted");
}

static bool sign(struct context *c, struct bench_message *m)
{
	gss_buffer_desc data = { m->len, m->buf + BENCH_TOKEN }, mic = GSS_C_EMPTY_BUFFER;
	OM_uint32 major, minor;

	major = gss_get_mic(&minor, c->id, GSS_C_QOP_DEFAULT, &data, &mic);
	if (GSS_ERROR(major) || mic.length != BENCH_TOKEN)
		return false;
	/* As the others do, who write it where the service wants it. */
	memcpy(m->buf, mic.value, BENCH_TOKEN);
	gss_release_buffer(&minor, &mic);
	return true;
}

static bool verify(struct context *c, struct bench_message *m)
{
	gss_buffer_desc data = { m->len, m->buf + BENCH_TOKEN }, mic = { BENCH_TOKEN, m->buf };
	OM_uint32 minor;

	return !GSS_ERROR(gss_verify_mic(&minor, c->id, &data, &mic, NULL));
}

static bool encrypt(struct context *c, struct bench_message *m)
{
	gss_buffer_desc data = { m->len, m->buf + BENCH_TOKEN }, out = GSS_C_EMPTY_BUFFER;
	OM_uint32 major, minor;
	int sealed;

	major = gss_wrap(&minor, c->id, 1, GSS_C_QOP_DEFAULT, &data, &sealed, &out);
	if (GSS_ERROR(major) || out.length != BENCH_TOKEN + m->len)
		return false;
	m->out = out.value;
	return true;
}

static bool decrypt(struct context *c, struct bench_message *m)
{
	gss_buffer_desc in = { BENCH_TOKEN + m->len, m->buf }, out = GSS_C_EMPTY_BUFFER;
	OM_uint32 major, minor;
	int sealed;

	major = gss_unwrap(&minor, c->id, &in, &out, &sealed, NULL);
	if (GSS_ERROR(major) || out.length != m->len)
		return false;
	/* Where the data would be if there were a token in front of it. */
	m->out = (uint8_t *)out.value - BENCH_TOKEN;
	return true;
}

static bool run(enum bench_op op, const struct bench_job *jobs, unsigned int n)
{
	static bool (*const ops[])(struct context *c, struct bench_message *m) = {
		[BENCH_SIGN] = sign,
		[BENCH_VERIFY] = verify,
		[BENCH_ENCRYPT] = encrypt,
		[BENCH_DECRYPT] = decrypt,
	};

	return n == 1 && ops[op](jobs->context, jobs->message);
}

static void release(enum bench_op op, const struct bench_job *jobs, unsigned int n)
{
	gss_buffer_desc out;
	OM_uint32 minor;
	unsigned int i;

	if (op != BENCH_ENCRYPT && op != BENCH_DECRYPT)
		return;
	for (i = 0; i < n; i++) {
		struct bench_message *m = jobs[i].message;

		out.value = op == BENCH_ENCRYPT ? m->out : m->out + BENCH_TOKEN;
		out.length = m->len;
		gss_release_buffer(&minor, &out);
	}
}

const struct bench_ssp bench_ssp = {
	.name = "gss-ntlmssp",
	.ops = (1U << BENCH_OPS) - 1,
	.batch = 1,
	.context_size = sizeof(struct context),
	.init = init,
	.accept = accept_token,
	.drop = drop,
	.run = run,
	.release = release,
};
