// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A service with a keytab, and the engine that judges its clients' tokens.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "helper/kerberos/library.h"
#include "tools/testing/tap/tap.h"
#include "tools/testing/unit/kerberos/server.h"

struct kerberos_policy policy;
struct kerberos_service *const service = &policy.services[0];
struct client client;
struct engine_result result;
struct engine_step step;
static char folder[] = "/tmp/ksecd-test-kerberos.XXXXXX";
static uint64_t contexts;

void path_of(const char *name, char *path)
{
	snprintf(path, PATH_MAX, "%s/%s", folder, name);
}

void need_rule(const char *text, struct kerberos_rule *rule)
{
	if (kerberos_rule_parse(text, rule))
		tap_bail("\"%s\" is no rule", text);
}

/* A service with the keys of the client's ticket, and nothing seen yet. */
void begin(krb5_enctype enctype)
{
	memset(&policy, 0, sizeof(policy));
	strcpy(service->label, "web");
	path_of("keytab", service->keytab);
	path_of("replay", policy.replay_cache);
	unlink(service->keytab);
	unlink(policy.replay_cache);
	service->users.n = 1;
	service->users.list[0] = UID;
	strcpy(service->names[0], SERVICE);
	service->n_names = 1;
	policy.n_services = 1;
	need_rule("alice@" REALM " alice", &policy.rules[0]);
	policy.n_rules = 1;
	client_init(&client, enctype);
	client_add_key(&client, service->keytab, SERVICE "@" REALM, client.kvno,
		       &client.service_key);
	step = (struct engine_step){ .cred_uid = UID, .principal = "" };
}

void end(void)
{
	engine_result_clear(&result);
	client_free(&client);
}

/* One leg; the token is in memory of its own size, so that ASan sees who reads on. */
int32_t leg(const uint8_t *token, size_t len)
{
	const struct engine_env env = { .kerberos = &policy, .library = &kerberos_mit };
	uint8_t state[KSECDD_MAX_STATE], *copy = malloc(len ? len : 1);
	int32_t status;

	if (!copy)
		tap_bail("out of memory");
	memcpy(copy, token, len);
	memcpy(state, result.state, result.state_len);
	step.state = state;
	step.state_len = step.leg ? result.state_len : 0;
	step.token = copy;
	step.token_len = len;
	engine_result_clear(&result);
	kerberos_engine.accept(&env, &step, &result);
	status = result.status;
	free(copy);
	return status;
}

int32_t first(const struct der *token)
{
	step.leg = 0;
	step.context = ++contexts;
	return leg(der_data(token), der_len(token));
}

/* A logon with a new token. */
int32_t logon(void)
{
	struct der token;

	client_token(&client, &token);
	return first(&token);
}

/* A folder of the test's own, with the library's configuration in it */
void server_start(void)
{
	char conf[PATH_MAX];

	if (!mkdtemp(folder))
		tap_bail("cannot make a folder in /tmp");
	path_of("krb5.conf", conf);
	client_write_conf(conf);
	engine_result_init(&result);
}

/* The exit code of the test */
int server_stop(void)
{
	char command[PATH_MAX];

	snprintf(command, sizeof(command), "rm -r %s", folder);
	return system(command) || tap_done();
}
