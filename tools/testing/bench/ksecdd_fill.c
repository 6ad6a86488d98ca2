// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Very many contexts of ksecdd, from a helper of our own, which says at once what
 * ksecd would say after it has judged a client.
 *
 * It is the helper of a network namespace of its own, so that ksecd goes on serving
 * the one in which logons are measured.  The contexts stay when it ends.
 */
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <sched.h>
#include <string.h>
#include <unistd.h>

#include "ksecdd_fill.h"
#include "tools/testing/selftests/ksecdd/testhelper.h"

#define MAX_GROUPS	64
#define PROGRESS	20000

static const uint8_t key[16] = "the session key";

/* The local user, as ksecd looks it up */
static void map_account(const char *account, struct ksecdd_complete *complete)
{
	static gid_t groups[MAX_GROUPS];
	const struct passwd *user = getpwnam(account);
	int n = MAX_GROUPS;

	if (!user || getgrouplist(account, user->pw_gid, groups, &n) < 0)
		bench_die("there is no local user '%s'", account);
	complete->flags |= KSECDD_COMPLETE_MAPPED;
	complete->uid = user->pw_uid;
	complete->gid = user->pw_gid;
	complete->groups = (uintptr_t)groups;
	complete->ngroups = (uint32_t)n;
}

static struct verdict verdict_of(const struct ksecdd_form *form, bool established)
{
	static const uint8_t state[KSECDD_MAX_STATE];
	struct verdict verdict;

	if (!established) {
		verdict = verdict_fail(SEC_I_CONTINUE_NEEDED);
		verdict.complete.state = (uintptr_t)state;
		verdict.complete.state_len = (uint32_t)form->state_len;
		return verdict;
	}
	verdict = verdict_ok(TEST_SEAL_FLAGS, key);
	verdict.complete.client = (uintptr_t)form->client;
	verdict.complete.client_len = (uint32_t)strlen(form->client);
	verdict.complete.server = (uintptr_t)form->server;
	verdict.complete.server_len = (uint32_t)strlen(form->server);
	map_account(form->account, &verdict.complete);
	return verdict;
}

static void accept_all(const struct verdict *verdict, uint8_t *contexts, unsigned long n)
{
	enum bench_verdict want = verdict->complete.status == SEC_E_OK ? BENCH_ACCEPTED :
									 BENCH_CONTINUE;
	static struct bytes token, answer;
	unsigned long i;

	bytes_put(&token, verdict, sizeof(*verdict));
	for (i = 0; i < n; i++) {
		if (bench_ssp.accept(contexts + i * bench_ssp.context_size, &token, &answer) !=
		    want)
			bench_die("context %lu of %lu is refused; mind the limits, which are the "
				  "module's parameters", i, n);
		if (i % PROGRESS == PROGRESS - 1)
			bench_progress("%lu contexts", i + 1);
	}
	token.len = 0;
}

/**
 * ksecdd_fill() - make contexts
 * @form:        what they are like
 * @contexts:    receives them; all zero before
 * @n:           how many
 * @established: they are complete; else half-open
 * @client:      receives flags and key of the client at the other end of each
 */
void ksecdd_fill(const struct ksecdd_form *form, void *contexts, unsigned long n,
		 bool established, struct client *client)
{
	int home = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	struct verdict verdict = verdict_of(form, established);
	struct testhelper helper = {};

	if (home < 0)
		bench_die("/proc/self/ns/net cannot be opened");
	testhelper_isolate();
	testhelper_start(&helper);
	accept_all(&verdict, contexts, n);
	testhelper_stop(&helper);
	if (setns(home, CLONE_NEWNET))
		bench_die("the network namespace is lost");
	close(home);
	client->flags = TEST_SEAL_FLAGS;
	memcpy(client->exported_key, key, sizeof(key));
}
