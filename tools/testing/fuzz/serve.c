// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Fuzzing how ksecd serves a request, from the request file to the verdict.
 *
 * helper/logon.c is a part of this file, so that what it leaves behind can be seen.
 * The request file is memory that read() reads, and ioctl() on it is this file's:
 * it looks at the keys and the verdict as the module would.
 *
 * Input: the settings, how the module answers, the head of the request, its
 * sections; then what the client of the second leg is like, and what it negotiates.
 */
#include "helper/logon.c"

#include <stdarg.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "fuzz.h"
#include "tools/testing/unit/ntlm/client.h"
#include "tools/testing/unit/spnego/wire.h"

#define ACCOUNTS								\
	"alice:fc525c9683e8fe067095ba2ddc971889:daemon\n"			\
	"root:fc525c9683e8fe067095ba2ddc971889:root\n"				\
	"ghost:fc525c9683e8fe067095ba2ddc971889:no-such-user-here\n"		\
	"DOM\\carol:fc525c9683e8fe067095ba2ddc971889:\n"

int __wrap_ioctl(int fd, unsigned long request, void *arg);
int __real_identity_lookup(const char *user, struct identity *id);
int __wrap_identity_lookup(const char *user, struct identity *id);
ssize_t __wrap_getrandom(void *buf, size_t len, unsigned int flags);
void __wrap_log_line(int priority, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* struct module - what the module has been told, and how it answers */
static struct {
	const struct settings *settings;
	int keys_error;
	int complete_error;
	unsigned int failures;
	unsigned int keys;
	unsigned int mics;
	int32_t mic_status;
	uint32_t package;
	unsigned int verdicts;
	unsigned int lines;
	uint8_t key[16];
	int32_t status;
	uint8_t state[KSECDD_MAX_STATE];
	size_t state_len;
	struct bytes token;
} module;

static struct settings *all_settings[4];
static struct logon *l;
static char accounts_path[300];
static int request_fd;

/* The local users of this machine, and one with uid 0 who is not called root */
int __wrap_identity_lookup(const char *user, struct identity *id)
{
	if (strcmp(user, "toor"))
		return __real_identity_lookup(user, id);
	memset(id, 0, sizeof(*id));
	return 0;
}

ssize_t __wrap_getrandom(void *buf, size_t len, unsigned int flags)
{
	(void)flags;
	memset(buf, 0x42, len);
	return len;
}

void __wrap_log_line(int priority, const char *format, ...)
{
	char line[8192];
	va_list args;
	int n, i;

	va_start(args, format);
	n = vsnprintf(line, sizeof(line), format, args);
	va_end(args);
	fuzz_assert(n >= 0 && n < (int)sizeof(line), "a line of %d bytes", n);
	/* log_line() would make question marks of them; but nobody should need that. */
	for (i = 0; i < n; i++)
		fuzz_assert((unsigned char)line[i] >= ' ' && line[i] != 0x7f,
			    "byte 0x%02x in the log, priority %d", (unsigned char)line[i], priority);
	module.lines++;
}

static int set_keys(const struct ksecdd_set_keys *arg)
{
	fuzz_assert(arg->size == sizeof(*arg) && arg->mech == KSECDD_PACKAGE_NTLM &&
		    arg->key_len == sizeof(module.key), "keys that are none");
	memcpy(module.key, (const void *)(uintptr_t)arg->key, sizeof(module.key));
	fuzz_assert(!module.verdicts, "keys after the verdict");
	module.keys++;
	return module.keys_error;
}

/* Memory of the helper that the module reads; ASan sees what is none. */
static void *section(uint64_t ptr, size_t len, size_t max)
{
	fuzz_assert(len <= max, "%zu bytes, and %zu are allowed", len, max);
	fuzz_assert(ptr || !len, "%zu bytes nowhere", len);
	return fuzz_copy((const void *)(uintptr_t)ptr, len);
}

static void check_success(const struct ksecdd_complete *v)
{
	bool anonymous = v->ret_flags & ASC_RET_NULL_SESSION;
	bool keyless = anonymous || module.package == KSECDD_PACKAGE_WDIGEST;
	bool negotiated = module.package == KSECDD_PACKAGE_NEGOTIATE;

	fuzz_assert(v->client_len && v->server_len && !v->state_len &&
		    (negotiated || !v->token_len),
		    "a success that lacks something, or has too much");
	fuzz_assert(!module.mics || module.mic_status == SEC_E_OK, "a success without its MIC");
	fuzz_assert(module.keys == !keyless, "%u keys", module.keys);
	fuzz_assert(!module.keys_error || keyless, "a success without its keys");
	fuzz_assert(!(v->flags & KSECDD_COMPLETE_EXPORT_KEY) ||
		    (!keyless && module.settings->config.export_key.any),
		    "the key may be read, and nobody said so");
	fuzz_assert(!anonymous || !(v->flags & KSECDD_COMPLETE_MAPPED) || v->uid,
		    "an anonymous client is root");
	if (v->flags & KSECDD_COMPLETE_MAPPED)
		fuzz_assert(v->uid != (uint32_t)-1 && v->gid != (uint32_t)-1, "nobody at all");
	else
		fuzz_assert(!v->ngroups && !v->uid && !v->gid, "a uid that is not meant");
}

static void check_continue(const struct ksecdd_complete *v)
{
	if (v->flags)
		fuzz_assert(v->flags == KSECDD_COMPLETE_PARTIAL && !v->state_len && !v->token_len &&
			    module.package == KSECDD_PACKAGE_NEGOTIATE, "a beginning of nothing");
	else
		fuzz_assert(v->state_len && !v->token_len == (v->status == SEC_I_COMPLETE_NEEDED),
			    "nothing to go on with");
	fuzz_assert(v->status == SEC_I_CONTINUE_NEEDED || module.package == KSECDD_PACKAGE_WDIGEST,
		    "status 0x%x of another package than WDigest", v->status);
	fuzz_assert(!module.keys, "keys before the end");
}

static int complete(const struct ksecdd_complete *v)
{
	void *token, *state;

	fuzz_assert(v->size == sizeof(*v), "another size");
	fuzz_assert(!(v->flags & ~(KSECDD_COMPLETE_EXPORT_KEY | KSECDD_COMPLETE_MAPPED |
				   KSECDD_COMPLETE_TARGET | KSECDD_COMPLETE_PARTIAL)),
		    "flags 0x%x", v->flags);
	fuzz_assert(v->status == SEC_E_OK || engine_goes_on(v->status) || v->status < 0,
		    "status 0x%x", v->status);
	token = section(v->token, v->token_len, KSECDD_MAX_TOKEN);
	state = section(v->state, v->state_len, KSECDD_MAX_STATE);
	free(section(v->client, v->client_len, KSECDD_MAX_NAME));
	free(section(v->server, v->server_len, KSECDD_MAX_NAME));
	free(section(v->target, v->target_len, KSECDD_MAX_NAME));
	free(section(v->groups, v->ngroups * sizeof(uint32_t),
		     KSECDD_MAX_GROUPS * sizeof(uint32_t)));
	if (v->status == SEC_E_OK)
		check_success(v);
	else
		fuzz_assert(!v->client_len && !v->server_len && !v->target_len &&
			    !v->ngroups && !v->ret_flags, "0x%x, and who it is", v->status);
	if (engine_goes_on(v->status))
		check_continue(v);
	else
		fuzz_assert(!v->state_len, "a state for nobody");
	/* Keys of a request that fails go with it; but only these failures come after them. */
	if (v->status < 0)
		fuzz_assert(!v->flags, "flags 0x%x for nobody", v->flags);
	if (v->status < 0)
		fuzz_assert(!module.keys || module.keys_error || module.mics ||
			    (v->status == SEC_E_INSUFFICIENT_MEMORY &&
			     module.complete_error == ENOMEM), "keys, and 0x%x", v->status);
	fuzz_assert(!module.verdicts, "a second verdict");
	fuzz_assert(module.lines, "a verdict, and no line in the log");
	if (module.complete_error && module.failures) {
		module.failures--;
		free(token);
		free(state);
		return module.complete_error;
	}
	module.verdicts++;
	module.status = v->status;
	module.state_len = v->state_len;
	memcpy(module.state, state, v->state_len);
	module.token.len = 0;
	bytes_put(&module.token, token, v->token_len);
	free(token);
	free(state);
	return 0;
}

/* A MIC of a negotiation is judged, or made */
static int mic(struct ksecdd_message *msg)
{
	struct ksecdd_buffer *bufs = (struct ksecdd_buffer *)(uintptr_t)msg->buffers;
	bool sign = msg->op == (KSECDD_MESSAGE_SIGN | KSECDD_MESSAGE_MIC);

	fuzz_assert(msg->size == sizeof(*msg) && !msg->context && msg->nbuffers == 2 && !msg->qop,
		    "a message that is none");
	fuzz_assert(sign || msg->op == (KSECDD_MESSAGE_VERIFY | KSECDD_MESSAGE_MIC),
		    "operation 0x%x", msg->op);
	fuzz_assert(module.keys && !module.keys_error && !module.verdicts &&
		    module.package == KSECDD_PACKAGE_NEGOTIATE, "a MIC out of turn");
	fuzz_assert(!sign || module.mic_status == SEC_E_OK, "a MIC for who had none");
	free(section(bufs[0].ptr, bufs[0].len, KSECDD_MAX_TOKEN));
	free(section(bufs[1].ptr, bufs[1].len, KSECDD_MAX_TOKEN));
	if (sign) {
		fuzz_assert(bufs[1].len >= 16, "no room for a MIC");
		memset((void *)(uintptr_t)bufs[1].ptr, 0x4d, 16);
		bufs[1].len = 16;
	}
	msg->status = sign ? SEC_E_OK : module.mic_status;
	module.mics++;
	return 0;
}

int __wrap_ioctl(int fd, unsigned long request, void *arg)
{
	(void)fd;
	switch (request) {
	case KSECDD_REQ_MESSAGE:
		errno = mic(arg);
		break;
	case KSECDD_REQ_SET_KEYS:
		errno = set_keys(arg);
		break;
	case KSECDD_REQ_COMPLETE:
		errno = complete(arg);
		break;
	default:
		fuzz_fail(__FILE__, __LINE__, "ioctl 0x%lx", request);
	}
	return errno ? -1 : 0;
}

static void make_settings(size_t n, const char *accounts, const char *more)
{
	struct settings *s = calloc(1, sizeof(*s));
	struct config_error err;
	char text[1024];
	int len;

	fuzz_assert(s, "out of memory");
	len = snprintf(text, sizeof(text), "[accounts]\nfile=%s\n%s", accounts, more);
	fuzz_assert(!config_parse("fuzz", text, len, "server.dom.example", &s->config, &err) &&
		    !accounts_open(&s->config, &s->accounts, &err), "%s", err.text);
	all_settings[n] = s;
}

static void clean_up(void)
{
	unlink(accounts_path);
}

static void set_up(void)
{
	const char *where = getenv("TMPDIR");
	int fd;

	snprintf(accounts_path, sizeof(accounts_path), "%s/ksecdd-fuzz.XXXXXX",
		 where ? where : "/tmp");
	fd = mkstemp(accounts_path);
	fuzz_assert(fd >= 0 && write(fd, ACCOUNTS, strlen(ACCOUNTS)) == (ssize_t)strlen(ACCOUNTS),
		    "cannot write %s: %s", accounts_path, strerror(errno));
	close(fd);
	atexit(clean_up);
	make_settings(0, accounts_path, "user-cache=0\n");
	make_settings(1, accounts_path, "map-unknown=daemon\nmap-anonymous=daemon\n"
		      "[policy]\nsession-key-export=*\n");
	make_settings(2, accounts_path, "map-unknown=toor\nmap-anonymous=toor\n");
	make_settings(3, "/nonexistent/accounts", "");
	l = logon_new();
	request_fd = memfd_create("request", MFD_CLOEXEC);
	fuzz_assert(l && request_fd >= 0, "out of memory");
}

/* struct parts - the sections of a request */
struct parts {
	const uint8_t *state;
	size_t state_len;
	const uint8_t *token;
	size_t token_len;
	uint8_t *bindings;
	size_t bindings_len;
	uint8_t *principal;
	size_t principal_len;
};

static void write_request(const void *data, size_t len)
{
	fuzz_assert(write(request_fd, data, len) == (ssize_t)len, "%s", strerror(errno));
}

static void write_file(const struct ksecdd_request *head, const struct parts *parts)
{
	fuzz_assert(!ftruncate(request_fd, 0) && !lseek(request_fd, 0, SEEK_SET), "%s",
		    strerror(errno));
	write_request(head, sizeof(*head));
	write_request(parts->state, parts->state_len);
	write_request(parts->token, parts->token_len);
	write_request(parts->bindings, parts->bindings_len);
	write_request(parts->principal, parts->principal_len);
	lseek(request_fd, 0, SEEK_SET);
}

static void check_wiped(void)
{
	fuzz_assert(fuzz_is_all(l->buf, 0, l->len), "the request is still there");
	fuzz_assert(fuzz_is_all(l->result.key, 0, sizeof(l->result.key)) && !l->result.token &&
		    fuzz_is_all(l->result.state, 0, sizeof(l->result.state)),
		    "the result is still there");
	fuzz_assert(fuzz_is_all(&l->req, 0, sizeof(l->req)), "the step is still there");
}

static void serve_once(struct ksecdd_request *head, const struct parts *parts)
{
	head->state_len = parts->state_len;
	head->token_len = parts->token_len;
	head->bindings_len = parts->bindings_len;
	head->principal_len = parts->principal_len;
	write_file(head, parts);
	module.keys = module.mics = module.verdicts = module.lines = 0;
	module.package = head->package;
	logon_serve(l, module.settings, request_fd);
	check_wiped();
	/* Whoever waits gets an answer, unless there is no request or nobody waits. */
	if (head->size == sizeof(*head) && memchr(head->comm, '\0', sizeof(head->comm)) &&
	    !module.keys_error && !module.complete_error && (head->leg || !head->state_len))
		fuzz_assert(module.verdicts == 1, "no verdict");
	fuzz_assert(module.lines, "nothing in the log");
}

static void take_head(struct fuzz_input *in, struct ksecdd_request *head)
{
	uint8_t odd = fuzz_take8(in);

	*head = (struct ksecdd_request){
		.size = sizeof(*head),
		.op = KSECDD_REQUEST_ACCEPT,
		.package = KSECDD_PACKAGE_NTLM,
		.context = 1,
	};
	if (odd & 1)
		head->size = fuzz_take8(in);
	if (odd & 2)
		head->op = fuzz_take8(in);
	if (odd & 4)
		head->package = fuzz_take8(in);
	if (odd & 8)
		head->leg = fuzz_take8(in);
	if (odd & 16)
		head->req_flags = fuzz_take32(in);
	if (odd & 32)
		memset(head->comm, fuzz_take8(in), sizeof(head->comm) - !(odd & 64));
	head->cred_uid = odd & 128 ? 1000 : 0;
}

/* The client's second message, and what somebody made of it */
static void take_answer(struct fuzz_input *in, const struct bytes *negotiate,
			const struct bytes *challenge, struct bytes *message)
{
	static const char *const users[] = { "alice", "root", "ghost", "carol", "nobody", "ALICE" };
	static struct bytes raw;
	uint8_t what = fuzz_take8(in), changes;
	struct client c;
	uint8_t *bytes;
	size_t len;

	client_init(&c);
	c.user = users[(what & 7) % 6];
	if (what & 8)
		c.password = "wrong";
	c.anonymous = what & 16;
	c.mic = !(what & 32);
	if (what & 64)
		c.target = "HTTP/server";
	if (what & 128) {
		bytes = fuzz_take_bytes(in, 255, &len);
		raw.len = 0;
		bytes_put(&raw, bytes, len);
		free(bytes);
		c.domain_raw = &raw;
	}
	client_authenticate(&c, negotiate, challenge, message);
	for (changes = fuzz_take8(in) & 7; changes; changes--) {
		size_t at = fuzz_take16(in) % message->len;

		message->data[at] ^= fuzz_take8(in);
	}
}

/* The NTLM message of the server's answer */
static void take_challenge(bool negotiated, struct bytes *challenge)
{
	struct wire_resp resp = { .token = { module.token.data, module.token.len } };

	if (negotiated)
		fuzz_assert(wire_read_resp(module.token.data, module.token.len, &resp) &&
			    resp.token.data, "an answer without a challenge");
	challenge->len = 0;
	bytes_put(challenge, resp.token.data, resp.token.len);
}

/* The client's second message in a NegTokenResp: with a MIC, unless it leaves that out */
static void wrap_answer(struct fuzz_input *in, const struct bytes *message, struct bytes *token)
{
	uint8_t what = fuzz_take8(in);
	const struct wire_resp resp = {
		.state = what & 4 ? WIRE_COMPLETED : WIRE_NO_STATE,
		.token = { message->data, message->len },
		.mic = { what & 1 ? NULL : "the client's MIC", what & 8 ? 0 : 16 },
	};

	module.mic_status = what & 2 ? SEC_E_MESSAGE_ALTERED : SEC_E_OK;
	wire_resp(token, &resp);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const int errors[] = { 0, 0, 0, 0, ENOMEM, EINVAL, ECANCELED, EINTR };
	static struct bytes negotiate, challenge, answer, wrapped;
	static const struct wire_part nothing;
	struct fuzz_input in = { data, size };
	struct parts parts = { 0 };
	struct ksecdd_request head;
	struct client c;
	uint8_t *token = NULL, how;
	bool negotiated;

	if (!l)
		set_up();
	how = fuzz_take8(&in);
	module.settings = all_settings[how & 3];
	module.keys_error = how & 4 ? errors[fuzz_take8(&in) & 7] : 0;
	module.complete_error = how & 8 ? errors[fuzz_take8(&in) & 7] : 0;
	module.failures = how >> 6;
	take_head(&in, &head);
	parts.bindings = fuzz_take_bytes(&in, 255, &parts.bindings_len);
	parts.principal = fuzz_take_bytes(&in, 255, &parts.principal_len);
	if (how & 16) {
		token = fuzz_take_bytes(&in, 2048, &parts.token_len);
		parts.token = token;
	} else {
		client_init(&c);
		client_negotiate(&c, &negotiate);
		if (how & 32) {
			head.package = KSECDD_PACKAGE_NEGOTIATE;
			wire_init(&wrapped, WIRE_NTLM,
				  (struct wire_part){ negotiate.data, negotiate.len }, nothing);
		}
		parts.token = how & 32 ? wrapped.data : negotiate.data;
		parts.token_len = how & 32 ? wrapped.len : negotiate.len;
	}
	module.mic_status = SEC_E_OK;
	negotiated = how & 32;
	module.status = SEC_E_INTERNAL_ERROR;
	serve_once(&head, &parts);
	if (module.status == SEC_I_CONTINUE_NEEDED && !token) {
		uint8_t state[KSECDD_MAX_STATE];

		take_challenge(negotiated, &challenge);
		take_answer(&in, &negotiate, &challenge, &answer);
		if (negotiated)
			wrap_answer(&in, &answer, &wrapped);
		memcpy(state, module.state, module.state_len);
		parts.state = state;
		parts.state_len = module.state_len;
		parts.token = negotiated ? wrapped.data : answer.data;
		parts.token_len = negotiated ? wrapped.len : answer.len;
		head.leg++;
		serve_once(&head, &parts);
	}
	free(token);
	free(parts.bindings);
	free(parts.principal);
	return 0;
}
