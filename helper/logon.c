// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * One request: read it, let the engine judge the token, find the local user,
 * install the keys, answer, and say in the log what was decided and why.
 *
 * The verdict is a failure until everything has succeeded.  What is secret (the
 * request's state and token, the session key) is wiped on every way out; it
 * lies in memory that no core dump contains.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/random.h>

#include "helper/delegated.h"
#include "helper/filetime.h"
#include "helper/log.h"
#include "helper/logon.h"
#include "helper/request.h"
#include "helper/status.h"
#include "helper/text.h"

/* What Windows calls a client without a name (well-known SID S-1-5-7). */
#define ANONYMOUS_DOMAIN	"NT AUTHORITY"
#define ANONYMOUS_USER		"ANONYMOUS LOGON"

static const struct engine *const engines[] = {
	&ntlm_engine,
	&kerberos_engine,
	&spnego_engine,
	&schannel_engine,
	&credssp_engine,
	&digest_engine,
};

/**
 * struct logon - one request's memory
 * @settings: the configuration it began with
 * @fd:       the request file
 * @len:      bytes in @buf
 * @req:      the request, pointing into @buf
 * @result:   what the engine said; empty between requests
 * @verdict:  the answer
 * @identity: the local user, if @verdict.flags has KSECDD_COMPLETE_MAPPED
 * @local:    name of the local user, or ""
 * @reason:   why the verdict is what it is, a literal
 * @client:   name of the client for the module
 * @kept:     what has waited for the end of the logon; empty between requests
 * @ccache:   where what the client has delegated is
 * @canceled: nobody waits for the answer any more
 * @buf:      the request as it was read
 */
struct logon {
	const struct settings *settings;
	int fd;
	size_t len;
	struct request req;
	struct engine_result result;
	struct ksecdd_complete verdict;
	struct identity identity;
	const char *local;
	const char *reason;
	char client[KSECDD_MAX_NAME + 1];
	struct kerberos_kept kept;
	struct ccache_reply ccache;
	bool canceled;
	uint8_t buf[REQUEST_MAX];
};

/**
 * logon_packages() - the packages there are engines for
 *
 * Return: a mask, bit n for KSECDD_PACKAGE_* n.
 */
uint32_t logon_packages(void)
{
	uint32_t mask = 0;
	size_t i;

	for (i = 0; i < sizeof(engines) / sizeof(engines[0]); i++)
		mask |= UINT32_C(1) << engines[i]->package;
	return mask;
}

/**
 * logon_tidy() - drop half-open logons whose time is up; to be called now and then
 */
void logon_tidy(void)
{
	kerberos_half_open_reap();
	tls_half_open_reap();
}

/**
 * logon_end() - drop all half-open logons; no request may be served meanwhile
 */
void logon_end(void)
{
	kerberos_half_open_clear();
	tls_half_open_clear();
}

static const struct engine *find_engine(uint32_t package)
{
	size_t i;

	for (i = 0; i < sizeof(engines) / sizeof(engines[0]); i++)
		if (engines[i]->package == package)
			return engines[i];
	return NULL;
}

/**
 * logon_new() - memory for serving requests, one after the other
 *
 * Return: the memory, out of core dumps, or NULL.
 */
struct logon *logon_new(void)
{
	struct logon *logon;

	logon = mmap(NULL, sizeof(*logon), PROT_READ | PROT_WRITE,
		     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (logon == MAP_FAILED)
		return NULL;
	madvise(logon, sizeof(*logon), MADV_DONTDUMP);
	engine_result_init(&logon->result);
	return logon;
}

/**
 * logon_free() - give the memory back
 * @logon: from logon_new(), or NULL
 */
void logon_free(struct logon *logon)
{
	if (!logon)
		return;
	explicit_bzero(logon, sizeof(*logon));
	munmap(logon, sizeof(*logon));
}

static void set_verdict(struct logon *l, int32_t status, const char *reason)
{
	l->verdict.status = status;
	l->reason = reason;
}

static int random_bytes(void *data, void *buf, size_t len)
{
	uint8_t *p = buf;
	ssize_t n;

	(void)data;
	while (len) {
		/* Blocks until the kernel's generator is seeded, as it must. */
		n = getrandom(p, len, 0);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		p += n;
		len -= (size_t)n;
	}
	return 0;
}

/* Something of the module's went wrong on the way; what it does is in the log. */
static int32_t module_failed(struct logon *l, const char *what, int error)
{
	if (error == -ECANCELED)
		l->canceled = true;
	else
		log_err("context %llu: the module %s: %s",
			(unsigned long long)l->req.head.context, what, strerror(-error));
	return error == -ENOMEM ? SEC_E_INSUFFICIENT_MEMORY :
	       error == -EOPNOTSUPP ? SEC_E_CRYPTO_SYSTEM_INVALID : SEC_E_INTERNAL_ERROR;
}

/* The keys go to the module and nowhere else; then this process forgets them. */
static int32_t give_keys(struct logon *l, struct engine_result *res)
{
	int ret = 0;

	if (res->key_len > sizeof(res->key))
		ret = -EINVAL;
	else if (res->key_len)
		ret = request_set_keys(l->fd, res->mech, res->mech_flags, res->key, res->key_len);
	explicit_bzero(res->key, sizeof(res->key));
	if (ret)
		return module_failed(l, "does not take the keys", ret);
	res->keyed |= res->key_len;
	res->key_len = 0;
	return SEC_E_OK;
}

/* Those of the records, which there are beside those of the client. */
static int32_t give_tls_keys(struct logon *l)
{
	struct tls_session *tls = &l->result.tls;
	int ret = 0;

	if (tls->has_keys)
		ret = request_set_keys(l->fd, KSECDD_PACKAGE_SCHANNEL, 0,
				       (const uint8_t *)&tls->keys, sizeof(tls->keys));
	explicit_bzero(&tls->keys, sizeof(tls->keys));
	return ret ? module_failed(l, "does not take the keys of TLS", ret) : SEC_E_OK;
}

/* struct engine_env.message */
static int32_t work_with_keys(void *data, struct engine_result *res, struct engine_message *msg)
{
	struct logon *l = data;
	int32_t status = give_keys(l, res);
	int ret;

	if (status != SEC_E_OK)
		return status;
	ret = request_message(l->fd, msg, &status);
	return ret ? module_failed(l, "does not work on a message", ret) : status;
}

static void make_env(struct logon *l, struct engine_env *env)
{
	*env = (struct engine_env){
		.names = &l->settings->config.names,
		.policy = &l->settings->config.policy,
		.accounts = accounts_source(l->settings->accounts),
		.kerberos = &l->settings->config.kerberos,
		.credssp = &l->settings->config.credssp,
		.digest = &l->settings->config.digest,
		.library = &kerberos_mit,
		.tls = l->settings->tls,
		.random = random_bytes,
		.now = filetime_now,
		.message = work_with_keys,
		.data = l,
	};
}

/* What an engine may say is a verdict; anything else is none. */
static void take_verdict(struct logon *l)
{
	int32_t status = l->result.status;

	if (status != SEC_E_OK && !engine_goes_on(status) && status >= 0)
		set_verdict(l, SEC_E_INTERNAL_ERROR, "the engine did not decide");
	else
		set_verdict(l, status, l->result.reason ? l->result.reason : "no reason given");
}

static void run_engine(struct logon *l)
{
	const struct engine *engine = find_engine(l->req.head.package);
	struct engine_env env;

	if (l->req.head.op != KSECDD_REQUEST_ACCEPT) {
		set_verdict(l, SEC_E_INTERNAL_ERROR, "the module asks for something unknown");
		return;
	}
	if (!engine) {
		set_verdict(l, SEC_E_SECPKG_NOT_FOUND, "there is no engine for the package");
		return;
	}
	make_env(l, &env);
	l->req.step.mechs = config_mechs(&l->settings->config, l->req.head.cred_uid);
	engine->accept(&env, &l->req.step, &l->result);
	take_verdict(l);
}

/* An account without a domain is one of this machine. */
static const char *client_domain(const struct logon *l)
{
	if (l->result.anonymous)
		return ANONYMOUS_DOMAIN;
	return *l->result.account.domain ? l->result.account.domain :
					   l->settings->config.nb_computer;
}

static const char *client_user(const struct logon *l)
{
	return l->result.anonymous ? ANONYMOUS_USER : l->result.account.user;
}

/* Which local user the client is to be; the others are the configuration's. */
static const char *choose_local(const struct logon *l, bool *ret_configured)
{
	const struct config *cfg = &l->settings->config;

	*ret_configured = true;
	if (l->result.anonymous)
		return cfg->map_anonymous;
	if (!*l->result.account.local)
		return cfg->map_unknown;
	*ret_configured = l->result.account.by_rule;
	return l->result.account.local;
}

/*
 * An account that names a local user who does not exist is refused: a service
 * that goes by the uid must not take it for a client without one.
 */
static void map_identity(struct logon *l)
{
	bool configured;
	int ret;

	l->local = choose_local(l, &configured);
	if (!*l->local)
		return;
	ret = identity_find(l->local, l->settings->config.user_cache, &l->identity);
	if (ret == -ENOENT)
		set_verdict(l, SEC_E_LOGON_DENIED, "the account's local user does not exist");
	else if (ret == -E2BIG)
		set_verdict(l, SEC_E_LOGON_DENIED, "the local user has too many groups");
	else if (ret)
		set_verdict(l, ret == -ENOMEM ? SEC_E_INSUFFICIENT_MEMORY : SEC_E_INTERNAL_ERROR,
			    "the local user cannot be looked up");
	else if (configured && !l->identity.uid)
		set_verdict(l, SEC_E_LOGON_DENIED,
			    "a rule that is not for one account alone leads to a user with uid 0");
	else
		l->verdict.flags |= KSECDD_COMPLETE_MAPPED;
}

/* Whoever is a user because nobody knows him is that together with others. */
static void keep_delegated(struct logon *l)
{
	const struct config *cfg = &l->settings->config;
	const struct delegated_to to = {
		.context = l->req.head.context, .fd = l->fd, .client = l->client,
		.local = l->local, .id = &l->identity,
	};
	struct ksecdd_complete *v = &l->verdict;

	if (!(v->flags & KSECDD_COMPLETE_MAPPED) || !*l->result.account.local)
		return;
	if (l->kept.tgt &&
	    delegated_keep_ticket(&to, &l->result.account, &l->kept, &l->ccache)) {
		v->ret_flags |= ASC_RET_DELEGATE;
		v->ccache = (uintptr_t)l->ccache.name;
		v->ccache_len = (uint32_t)strlen(l->ccache.name);
	}
	if (l->result.secret.type &&
	    delegated_keep_secret(&to, &l->result.secret,
				  config_uids_have(&cfg->credssp.fetch, l->req.head.cred_uid)))
		v->ret_flags |= ASC_RET_DELEGATE;
}

/*
 * What has waited for the end of the logon.  Without the SIDs nobody is let in: those of
 * groups that shut him out would be missing.
 */
static void take_kept(struct logon *l)
{
	if (!l->result.delegated && !l->result.has_sids)
		return;
	if (!kerberos_half_open_take(l->req.head.context, l->result.kept, &l->kept) &&
	    l->result.has_sids)
		set_verdict(l, SEC_E_INVALID_TOKEN, "the half-open logon is not known: it took "
			    "too long, or ksecd was started again");
}

/* What COMPLETE says of a client who is let in. */
static void describe_client(struct logon *l)
{
	struct ksecdd_complete *v = &l->verdict;
	const char *server = *l->result.server ? l->result.server :
						 l->settings->config.nb_computer;

	snprintf(l->client, sizeof(l->client), "%s\\%s", client_domain(l), client_user(l));
	v->ret_flags = l->result.ret_flags;
	v->client = (uintptr_t)l->client;
	v->client_len = (uint32_t)strlen(l->client);
	v->server = (uintptr_t)server;
	v->server_len = (uint32_t)strlen(server);
	v->expiry = l->result.account.expiry;
	if (l->result.have_target) {
		v->flags |= KSECDD_COMPLETE_TARGET;
		v->target = (uintptr_t)l->result.target;
		v->target_len = (uint32_t)strlen(l->result.target);
	}
	if (v->flags & KSECDD_COMPLETE_MAPPED) {
		v->uid = l->identity.uid;
		v->gid = l->identity.gid;
		v->groups = (uintptr_t)l->identity.groups;
		v->ngroups = l->identity.ngroups;
	}
	if (l->result.keyed &&
	    config_may_export(&l->settings->config, l->req.head.cred_uid))
		v->flags |= KSECDD_COMPLETE_EXPORT_KEY;
	if (l->kept.sids) {
		v->sids = (uintptr_t)l->kept.sids;
		v->sids_len = (uint32_t)strlen(l->kept.sids);
	}
	keep_delegated(l);
}

static bool goes_on(const struct logon *l)
{
	return l->verdict.status == SEC_E_OK || engine_goes_on(l->verdict.status);
}

/* What COMPLETE says of TLS */
static void describe_tls(struct logon *l)
{
	const struct tls_session *tls = &l->result.tls;
	struct ksecdd_complete *v = &l->verdict;

	v->unused_len = (uint32_t)tls->unused;
	if (v->status != SEC_E_OK)
		return;
	v->peer_cert = (uintptr_t)tls->peer_cert;
	v->peer_cert_len = (uint32_t)tls->peer_cert_len;
	v->protocol = (uintptr_t)tls->protocol;
	v->protocol_len = (uint32_t)tls->protocol_len;
	v->unique = (uintptr_t)tls->unique;
	v->unique_len = (uint32_t)tls->unique_len;
	v->endpoint = (uintptr_t)tls->endpoint;
	v->endpoint_len = (uint32_t)tls->endpoint_len;
}

/* From the engine's verdict to the one that is given; -ECANCELED if nobody waits. */
static int conclude(struct logon *l)
{
	struct ksecdd_complete *v = &l->verdict;
	int32_t status;

	if (v->status == SEC_E_OK)
		map_identity(l);
	status = goes_on(l) ? give_tls_keys(l) : SEC_E_OK;
	if (status == SEC_E_OK && goes_on(l))
		status = give_keys(l, &l->result);
	if (status != SEC_E_OK)
		set_verdict(l, status, "the module does not take the keys");
	if (v->status == SEC_E_OK)
		take_kept(l);
	if (v->status == SEC_E_OK)
		describe_client(l);
	else
		v->flags = 0;
	if (v->status == SEC_I_CONTINUE_NEEDED && l->result.partial)
		v->flags = KSECDD_COMPLETE_PARTIAL;
	if (engine_goes_on(v->status)) {
		v->state = (uintptr_t)l->result.state;
		v->state_len = (uint32_t)l->result.state_len;
	}
	if (goes_on(l))
		describe_tls(l);
	/* A token goes with the engine's own verdict, not with one made after it. */
	if (v->status == l->result.status) {
		v->token = (uintptr_t)l->result.token;
		v->token_len = (uint32_t)l->result.token_len;
		if (l->result.has_alert && !goes_on(l)) {
			v->flags |= KSECDD_COMPLETE_ALERT;
			v->alert = l->result.alert;
		}
	}
	return l->canceled ? -ECANCELED : 0;
}

static int priority_of(int32_t status)
{
	switch (status) {
	case SEC_I_CONTINUE_NEEDED:
	case SEC_I_COMPLETE_NEEDED:
	case SEC_I_COMPLETE_AND_CONTINUE:
		return LOG_DEBUG;
	case SEC_E_OK:
		return LOG_INFO;
	case SEC_E_INTERNAL_ERROR:
	case SEC_E_INSUFFICIENT_MEMORY:
		return LOG_ERR;
	case SEC_E_NO_AUTHENTICATING_AUTHORITY:
		return LOG_WARNING;
	default:
		return LOG_NOTICE;
	}
}

/* Before the answer is given: nobody is let in of whom the log knows nothing. */
static void log_verdict(const struct logon *l)
{
	const struct ksecdd_request *head = &l->req.head;
	char domain[TEXT_NAME_MAX], user[TEXT_NAME_MAX], workstation[TEXT_NAME_MAX];
	char comm[TEXT_NAME_MAX], local[TEXT_NAME_MAX], mapped[TEXT_NAME_MAX + 64] = "";
	const struct engine *engine = find_engine(head->package);
	const struct engine_result *r = &l->result;
	bool known = l->verdict.status == SEC_E_OK;

	if (l->verdict.flags & KSECDD_COMPLETE_MAPPED)
		snprintf(mapped, sizeof(mapped), " as local user \"%s\" (uid %u)",
			 text_escape(local, sizeof(local), l->local), l->identity.uid);
	log_line(priority_of(l->verdict.status),
		 "%s context %llu leg %u: %s (%s); account \"%s\\%s\"%s, workstation \"%s\", "
		 "service \"%s\" pid %u uid %u",
		 engine ? engine->name : "unknown package", (unsigned long long)head->context,
		 head->leg, status_name(l->verdict.status), l->reason,
		 text_escape(domain, sizeof(domain), known ? client_domain(l) : r->domain),
		 text_escape(user, sizeof(user), known ? client_user(l) : r->user), mapped,
		 text_escape(workstation, sizeof(workstation), r->workstation),
		 text_escape(comm, sizeof(comm), head->comm), head->caller_pid,
		 head->caller_uid);
}

/*
 * What the answer takes in the kernel is the service's.  Where that has none left,
 * a bare status still gets through, and says so.
 */
static int answer(struct logon *l)
{
	const struct ksecdd_complete none = { .status = SEC_E_INSUFFICIENT_MEMORY };
	int ret = request_complete(l->fd, &l->verdict);

	if (ret != -ENOMEM)
		return ret;
	log_err("context %llu: the service has no memory left for the answer; see the limit of "
		"its control group", (unsigned long long)l->req.head.context);
	return request_complete(l->fd, &none);
}

static void serve(struct logon *l)
{
	ssize_t n;
	int ret;

	n = request_read(l->fd, l->buf, sizeof(l->buf));
	if (n == -ECANCELED) {
		log_debug("a request was over before it was read");
		return;
	}
	if (n < 0) {
		log_err("cannot read a request: %s", strerror((int)-n));
		return;
	}
	l->len = (size_t)n;
	if (request_parse(l->buf, l->len, &l->req)) {
		log_err("a request of %zu bytes makes no sense; module and ksecd must be of the "
			"same version", l->len);
		return;
	}
	run_engine(l);
	ret = conclude(l);
	log_verdict(l);
	if (!ret)
		ret = answer(l);
	if (ret == -ECANCELED)
		log_notice("context %llu: the service has not waited for the answer",
			   (unsigned long long)l->req.head.context);
	else if (ret)
		log_err("context %llu: the module does not take the answer: %s",
			(unsigned long long)l->req.head.context, strerror(-ret));
}

static void drop_half_open(uint64_t context)
{
	kerberos_half_open_drop(context);
	tls_half_open_drop(context);
}

/**
 * logon_serve() - serve one request
 * @logon: memory for it; holds nothing of the request afterwards
 * @settings: the configuration; must stay until this returns
 * @fd: the request file; stays the caller's, and closing it without an answer
 *      fails the request
 */
void logon_serve(struct logon *logon, const struct settings *settings, int fd)
{
	logon->settings = settings;
	logon->fd = fd;
	logon->len = 0;
	logon->local = "";
	logon->canceled = false;
	memset(&logon->verdict, 0, sizeof(logon->verdict));
	set_verdict(logon, SEC_E_INTERNAL_ERROR, "not judged");
	serve(logon);
	kerberos_kept_clear(&logon->kept);
	if (!engine_goes_on(logon->verdict.status))
		drop_half_open(logon->req.head.context);
	engine_result_clear(&logon->result);
	explicit_bzero(logon->buf, logon->len);
	explicit_bzero(&logon->req, sizeof(logon->req));
}
