// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Kerberos inside of Negotiate, with MIT's library behind it and a client that makes
 * its own tickets.  What the module does with the keys is only noted here.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "helper/kerberos/library.h"
#include "helper/spnego/spnego.h"
#include "tools/testing/tap/tap.h"
#include "tools/testing/unit/kerberos/client.h"
#include "tools/testing/unit/spnego/wire.h"

#define UID		1000
#define KRB5_BIT	(UINT32_C(1) << KSECDD_PACKAGE_KERBEROS)
#define MADE_MIC	"the module's MIC"

static char folder[] = "/tmp/ksecd-test-negotiate.XXXXXX";
static const struct wire_part nothing, client_mic = { "the client's MIC", 16 };
static struct kerberos_policy policy;
static struct client client;
static struct der token;
static struct engine_result result;
static struct engine_step step;
static struct bytes msg, answer;
static unsigned int mics_made;

static void path_of(const char *name, char *path)
{
	snprintf(path, PATH_MAX, "%s/%s", folder, name);
}

/* A service with the keys of the client's ticket, a rule for all, and any mechanism. */
static void begin(void)
{
	struct kerberos_service *service = &policy.services[0];

	memset(&policy, 0, sizeof(policy));
	strcpy(service->label, "web");
	path_of("keytab", service->keytab);
	path_of("replay", policy.replay_cache);
	unlink(service->keytab);
	unlink(policy.replay_cache);
	service->users.any = true;
	strcpy(service->names[0], SERVICE);
	service->n_names = 1;
	policy.n_services = 1;
	if (kerberos_rule_parse("*@" REALM " *", &policy.rules[0]))
		tap_bail("the rule is none");
	policy.n_rules = 1;
	client_init(&client, ENCTYPE_AES256_CTS_HMAC_SHA1_96);
	client_add_key(&client, service->keytab, SERVICE "@" REALM, client.kvno,
		       &client.service_key);
	step = (struct engine_step){
		.cred_uid = UID, .principal = "", .context = step.context + 1,
		.mechs = UINT32_MAX,
	};
	engine_result_clear(&result);
	client_token(&client, &token);
}

static void end(void)
{
	client_free(&client);
}

static struct wire_part part_of(const struct der *der)
{
	return (struct wire_part){ der_data(der), der_len(der) };
}

/* The module judges each MIC to be right, and makes some. */
static int32_t work_on_mic(void *data, struct engine_result *res, struct engine_message *msg)
{
	(void)data;
	(void)res;
	if (msg->op == (KSECDD_MESSAGE_SIGN | KSECDD_MESSAGE_MIC)) {
		mics_made++;
		msg->out_len = strlen(MADE_MIC);
		memcpy(msg->out, MADE_MIC, msg->out_len);
	}
	return SEC_E_OK;
}

/* A token for the engine; what comes back is kept as the module does. */
static int32_t feed(const void *data, size_t len)
{
	const struct engine_env env = {
		.kerberos = &policy, .library = &kerberos_mit, .message = work_on_mic,
	};
	uint8_t *state = bytes_copy(result.state, result.state_len);
	uint8_t *copy = bytes_copy(data, len);

	step.state = state;
	step.state_len = result.state_len;
	step.token = copy;
	step.token_len = len;
	engine_result_clear(&result);
	mics_made = 0;
	spnego_engine.accept(&env, &step, &result);
	step.leg++;
	free(state);
	free(copy);
	return result.status;
}

static int32_t feed_init(const char *mechs, struct wire_part inner)
{
	wire_init(&msg, mechs, inner, nothing);
	return feed(msg.data, msg.len);
}

static int32_t feed_resp(struct wire_part inner, struct wire_part mic)
{
	const struct wire_resp resp = { .state = WIRE_NO_STATE, .token = inner, .mic = mic };

	wire_resp(&msg, &resp);
	return feed(msg.data, msg.len);
}

static struct wire_resp answer_is(int state, const char *mech, bool has_token, bool has_mic,
				  const char *what)
{
	uint8_t oid[32];
	size_t len = mech ? bytes_hex(mech, oid, sizeof(oid)) : 0;
	struct wire_resp resp = { .state = WIRE_NO_STATE };

	answer.len = 0;
	bytes_put(&answer, result.token, result.token_len);
	tap_ok(wire_read_resp(answer.data, answer.len, &resp) && resp.state == state &&
	       resp.mech.len == len && !memcmp(resp.mech.data ? resp.mech.data : oid, oid, len) &&
	       !resp.token.data == !has_token && !resp.mic.data == !has_mic,
	       "%s: what the client is told", what);
	return resp;
}

static bool is_alice(void)
{
	return !strcmp(result.account.user, "alice") && !strcmp(result.account.domain, REALM) &&
	       !strcmp(result.account.local, "alice") && result.account.by_rule &&
	       !strcmp(result.server, SERVICE "@" REALM) && result.have_target &&
	       !strcmp(result.target, SERVICE) && (result.ret_flags & ASC_RET_MUTUAL_AUTH);
}

static void test_first(void)
{
	static const struct {
		const char *offer, *chosen;
		bool ms;
	} offers[] = {
		{ WIRE_KRB5 WIRE_NTLM, WIRE_KRB5, false },
		{ WIRE_MS_KRB5 WIRE_KRB5 WIRE_NEGOEX WIRE_NTLM, WIRE_MS_KRB5, false },
		{ WIRE_MS_KRB5, WIRE_MS_KRB5, true },
	};
	struct wire_resp resp;
	struct reply reply;
	size_t i;

	for (i = 0; i < sizeof(offers) / sizeof(offers[0]); i++) {
		begin();
		client.ms_mechanism = offers[i].ms;
		client_token(&client, &token);
		if (!tap_is(feed_init(offers[i].offer, part_of(&token)), SEC_E_OK,
			    "P4: Kerberos first, offer %zu", i))
			tap_diag("%s", result.reason);
		resp = answer_is(WIRE_COMPLETED, offers[i].chosen, true, false, "P4");
		tap_ok(client_read_reply(&client, resp.token.data, resp.token.len, &reply),
		       "P4: with an AP-REP");
		tap_ok(result.mech == KSECDD_PACKAGE_KERBEROS && is_alice() &&
		       result.key_len == sizeof(struct ksecdd_krb5_keys) && !mics_made,
		       "P4: the client is Kerberos'");
		end();
	}
}

/* Another mechanism than the client's first: the list has to be proven. */
static void test_mic(void)
{
	struct wire_resp resp;
	struct reply reply;
	uint32_t ret_flags;

	begin();
	step.mechs = KRB5_BIT;
	tap_is(feed_init(WIRE_NTLM WIRE_KRB5, (struct wire_part){ "NTLMSSP", 8 }),
	       SEC_I_CONTINUE_NEEDED, "P5: NTLM first, which is forbidden");
	answer_is(WIRE_REQUEST_MIC, WIRE_KRB5, false, false, "P5");
	tap_is(feed_resp(part_of(&token), nothing), SEC_I_CONTINUE_NEEDED, "P5: the AP-REQ");
	resp = answer_is(WIRE_INCOMPLETE, NULL, true, true, "P5");
	tap_ok(client_read_reply(&client, resp.token.data, resp.token.len, &reply),
	       "P5: the AP-REP comes with our MIC");
	tap_ok(result.key_len && result.mech == KSECDD_PACKAGE_KERBEROS && mics_made == 1,
	       "P5: and the module has the keys");
	ret_flags = result.ret_flags;
	tap_is(feed_resp(nothing, client_mic), SEC_E_OK, "P6: the client's MIC");
	answer_is(WIRE_COMPLETED, NULL, false, false, "P6");
	tap_ok(is_alice() && result.keyed && !result.key_len && !result.anonymous &&
	       result.ret_flags == ret_flags && result.mech == KSECDD_PACKAGE_KERBEROS,
	       "P6: who the client is was kept, and by which rule");
	end();

	begin();
	step.mechs = KRB5_BIT;
	feed_init(WIRE_NTLM WIRE_KRB5, nothing);
	feed_resp(part_of(&token), nothing);
	tap_is(feed_resp(nothing, nothing), SEC_E_INVALID_TOKEN, "P6: no MIC");
	tap_ok(!*result.account.user && !result.keyed, "P6: and nobody is let in");
	end();
}

/* A client without a name has keys all the same. */
static void test_anonymous(void)
{
	begin();
	client.name = "WELLKNOWN/ANONYMOUS";
	client.other_name = client.name;
	client_token(&client, &token);
	step.mechs = KRB5_BIT;
	step.req_flags = ASC_REQ_ALLOW_NULL_SESSION;
	feed_init(WIRE_NTLM WIRE_KRB5, nothing);
	tap_is(feed_resp(part_of(&token), nothing), SEC_I_CONTINUE_NEEDED, "anonymous, up to the MIC");
	tap_is(feed_resp(nothing, client_mic), SEC_E_OK, "anonymous, with it");
	tap_ok(result.anonymous && !*result.account.user && !*result.account.local &&
	       (result.ret_flags & ASC_RET_NULL_SESSION), "anonymous: and nobody else");
	end();
}

static void test_raw(void)
{
	struct reply reply;

	begin();
	tap_is(feed(der_data(&token), der_len(&token)), SEC_E_OK, "P1: Kerberos without SPNEGO");
	tap_ok(client_read_reply(&client, result.token, result.token_len, &reply) && is_alice(),
	       "P1: is answered so");
	end();
	begin();
	step.mechs = ~KRB5_BIT;
	tap_is(feed(der_data(&token), der_len(&token)), SEC_E_INVALID_TOKEN,
	       "P1: and refused where it is not allowed");
	end();
}

/* Three messages of Kerberos, without its own framing; @spnego - in that of SPNEGO */
static void dce(bool spnego)
{
	struct wire_part ap_rep;
	struct reply reply;

	begin();
	client.raw = true;
	client.flags |= GSS_C_DCE_STYLE;
	client_token(&client, &token);
	tap_is(spnego ? feed_init(WIRE_KRB5, part_of(&token)) :
			feed(der_data(&token), der_len(&token)),
	       SEC_I_CONTINUE_NEEDED, "DCE style, SPNEGO %d", spnego);
	ap_rep = spnego ? answer_is(WIRE_INCOMPLETE, WIRE_KRB5, true, false, "DCE style").token :
			  (struct wire_part){ result.token, result.token_len };
	if (tap_ok(client_read_reply(&client, ap_rep.data, ap_rep.len, &reply),
		   "DCE style: an AP-REP as it is")) {
		client_confirm(&client, &reply, &token);
		tap_is(spnego ? feed_resp(part_of(&token), nothing) :
				feed(der_data(&token), der_len(&token)),
		       SEC_E_OK, "DCE style: and the client's own");
		tap_ok(is_alice() && (result.ret_flags & ASC_RET_USED_DCE_STYLE),
		       "DCE style: the client");
	}
	if (spnego)
		answer_is(WIRE_COMPLETED, NULL, false, false, "DCE style");
	end();
}

/* What Kerberos has to say of its refusal goes to the client in the frame. */
static void test_refused(void)
{
	begin();
	client.time -= 400;
	client_token(&client, &token);
	step.req_flags = ASC_REQ_EXTENDED_ERROR;
	tap_is(feed_init(WIRE_KRB5 WIRE_NTLM, part_of(&token)), SEC_E_TIME_SKEW,
	       "K3: a clock that is late");
	answer_is(WIRE_REJECT, NULL, true, false, "K3");
	tap_ok(!result.key_len && !result.state_len && !*result.account.user,
	       "K3: and nothing is granted");
	end();
}

static void test_hint(void)
{
	static const char *const offers[] = { WIRE_KRB5, WIRE_MS_KRB5, WIRE_NTLM };
	uint8_t oid[32];
	size_t i, n = 0;

	begin();
	tap_is(feed("", 0), SEC_I_CONTINUE_NEEDED, "P9: no token at first");
	for (i = 0; i < sizeof(offers) / sizeof(offers[0]); i++)
		n += memmem(result.token, result.token_len, oid,
			    bytes_hex(offers[i], oid, sizeof(oid))) != NULL;
	tap_is(n, 3, "P9: Kerberos under both names, and NTLM");
	tap_is(feed_init(WIRE_KRB5, part_of(&token)), SEC_E_OK, "P9: and Kerberos then");
	end();
}

int main(void)
{
	char command[PATH_MAX], conf[PATH_MAX];

	if (!mkdtemp(folder))
		tap_bail("cannot make a folder in /tmp");
	path_of("krb5.conf", conf);
	client_write_conf(conf);
	engine_result_init(&result);
	test_first();
	test_mic();
	test_anonymous();
	test_raw();
	dce(false);
	dce(true);
	test_refused();
	test_hint();
	engine_result_clear(&result);
	snprintf(command, sizeof(command), "rm -r %s", folder);
	return system(command) || tap_done();
}
