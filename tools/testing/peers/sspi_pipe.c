// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The acceptor of the peer tests: sspi.h over a pipe.
 *
 * Each line on stdin is one call, each line on stdout its result, so that a test
 * in any language can put a client that it can drive against libsspi:
 *
 *	accept 4e544c4d5353500001... req=0x10
 *	00090312 token=4e544c4d5353500002... flags=0x100
 *
 * A result is the SECURITY_STATUS in eight hex digits and what the call gave
 * back.  "! text" means that the line itself was wrong; nothing was called then.
 */
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sspi.h>

#define MAX_WORDS	16
#define ROOM		65536	/* for a token, unless room= says otherwise */
#define TRAILER		128	/* room for a token beside a message */
#define PADDING		8	/* and behind it */

static const char usage[] =
	"usage: sspi-pipe\n"
	"\n"
	"Calls sspi.h as the lines on stdin say and prints one line for each call:\n"
	"the SECURITY_STATUS in hex and what came back.  HEX may be - for no bytes.\n"
	"One credential and one context are held at a time.\n"
	"\n"
	"  acquire [use=inbound|outbound|both] [package=NAME] [principal=NAME]\n"
	"  free                        FreeCredentialsHandle\n"
	"  accept HEX [req=N] [drep=N] [room=N] [bindings=HEX | raw-bindings=HEX]\n"
	"         [stream=1]           with a SECBUFFER_EMPTY, for extra= and missing=\n"
	"                              bindings= is the application data,\n"
	"                              raw-bindings= the whole SEC_CHANNEL_BINDINGS\n"
	"  wrap HEX [qop=N]            EncryptMessage\n"
	"  unwrap TOKEN DATA           DecryptMessage of a token and data\n"
	"  unwrap-stream HEX           DecryptMessage of both in one SECBUFFER_STREAM\n"
	"  mic HEX                     MakeSignature\n"
	"  verify TOKEN DATA           VerifySignature\n"
	"  query names|native-names|sizes|flags|key-info|lifespan|package|\n"
	"        negotiation|target|session-key|access-token\n"
	"  delete                      DeleteSecurityContext\n"
	"\n"
	"  echo 'acquire use=inbound' | sspi-pipe\n";

static CredHandle credential;
static CtxtHandle context;
static bool have_context;

/* What the words of a line are: at most one call. */
struct line {
	char *word[MAX_WORDS];
	size_t count;
};

struct bytes {
	unsigned char *data;
	size_t len;
};

/* "! text": the line is wrong.  Returns false, for callers to pass on. */
static bool __attribute__((format(printf, 1, 2))) complain(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	fputs("! ", stdout);
	vprintf(format, args);
	putchar('\n');
	va_end(args);
	return false;
}

static int nibble(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return -1;
}

/* The bytes are in a block of exactly their size, so that ASan sees overruns. */
static bool parse_hex(const char *text, struct bytes *bytes)
{
	size_t digits = strcmp(text, "-") ? strlen(text) : 0, i;

	if (digits % 2)
		return complain("an odd number of hex digits");
	bytes->len = digits / 2;
	bytes->data = malloc(bytes->len ? bytes->len : 1);
	if (!bytes->data)
		return complain("out of memory");
	for (i = 0; i < bytes->len; i++) {
		int high = nibble(text[2 * i]), low = nibble(text[2 * i + 1]);

		if (high < 0 || low < 0) {
			free(bytes->data);
			bytes->data = NULL;
			return complain("not hex: %.40s", text);
		}
		bytes->data[i] = (unsigned char)(high << 4 | low);
	}
	return true;
}

static void put_hex(const char *name, const void *data, size_t len)
{
	static const char digits[] = "0123456789abcdef";
	const unsigned char *byte = data;
	size_t i;

	printf(" %s=", name);
	for (i = 0; i < len; i++) {
		putchar_unlocked(digits[byte[i] >> 4]);
		putchar_unlocked(digits[byte[i] & 15]);
	}
}

/* Names go as hex of their UTF-8: they may hold anything. */
static void put_text(const char *name, const char *text)
{
	if (text)
		put_hex(name, text, strlen(text));
}

static void put_status(SECURITY_STATUS status)
{
	printf("%08x", (unsigned int)status);
}

static bool parse_number(const char *text, ULONG *number)
{
	unsigned long value;
	char *end;

	value = strtoul(text, &end, 0);
	if (!*text || *end || value > UINT32_MAX)
		return complain("not a number of 32 bits: %.40s", text);
	*number = (ULONG)value;
	return true;
}

/* The value of the option NAME=VALUE, or NULL. */
static const char *option(const struct line *line, const char *name)
{
	size_t len = strlen(name), i;

	for (i = 1; i < line->count; i++)
		if (!strncmp(line->word[i], name, len) && line->word[i][len] == '=')
			return line->word[i] + len + 1;
	return NULL;
}

static bool number_option(const struct line *line, const char *name, ULONG *number)
{
	const char *text = option(line, name);

	return !text || parse_number(text, number);
}

static bool do_acquire(const struct line *line)
{
	static const struct {
		const char *name;
		ULONG use;
	} uses[] = {
		{ "inbound", SECPKG_CRED_INBOUND },
		{ "outbound", SECPKG_CRED_OUTBOUND },
		{ "both", SECPKG_CRED_BOTH },
	};
	const char *use = option(line, "use"), *package = option(line, "package");
	const char *principal = option(line, "principal");
	SECURITY_STATUS status;
	TimeStamp expiry = { 0 };
	size_t i;

	for (i = 0; use && strcmp(uses[i].name, use); i++)
		if (i + 1 == sizeof(uses) / sizeof(uses[0]))
			return complain("no such use: %.40s", use);
	status = AcquireCredentialsHandleA((SEC_CHAR *)principal,
					   (SEC_CHAR *)(package ? package : "NTLM"),
					   use ? uses[i].use : SECPKG_CRED_INBOUND, NULL, NULL,
					   NULL, NULL, &credential, &expiry);
	put_status(status);
	printf(" expiry=%lld\n", (long long)expiry.QuadPart);
	return true;
}

static bool do_free(const struct line *line)
{
	(void)line;
	put_status(FreeCredentialsHandle(&credential));
	putchar('\n');
	return true;
}

/* RFC 2743 bindings without addresses, as TLS endpoints give them. */
static bool make_bindings(struct bytes *bindings)
{
	SEC_CHANNEL_BINDINGS head = {
		.cbApplicationDataLength = (ULONG)bindings->len,
		.dwApplicationDataOffset = sizeof(head),
	};
	unsigned char *whole = malloc(sizeof(head) + bindings->len);

	if (!whole)
		return complain("out of memory");
	memcpy(whole, &head, sizeof(head));
	memcpy(whole + sizeof(head), bindings->data, bindings->len);
	free(bindings->data);
	bindings->data = whole;
	bindings->len += sizeof(head);
	return true;
}

/* Channel bindings of the line, if it has any: data is NULL if not. */
static bool parse_bindings(const struct line *line, struct bytes *bindings)
{
	const char *raw = option(line, "raw-bindings"), *data = option(line, "bindings");

	if (!raw && !data)
		return true;
	if (!parse_hex(raw ? raw : data, bindings))
		return false;
	return raw || make_bindings(bindings);
}

struct accept {
	struct bytes token;
	struct bytes bindings;
	ULONG req;
	ULONG drep;
	ULONG room;
	ULONG stream;
};

/* What the second buffer says of the first: extra=N, missing=N */
static void put_rest(const SecBuffer *rest)
{
	if (rest->BufferType == SECBUFFER_EXTRA)
		printf(" extra=%u", rest->cbBuffer);
	else if (rest->BufferType == SECBUFFER_MISSING)
		printf(" missing=%u", rest->cbBuffer);
}

static bool call_accept(const struct accept *a)
{
	SecBuffer in[2] = {
		{ (ULONG)a->token.len, SECBUFFER_TOKEN, a->token.data },
		{ (ULONG)a->bindings.len, a->stream ? SECBUFFER_EMPTY : SECBUFFER_CHANNEL_BINDINGS,
		  a->bindings.data },
	};
	SecBufferDesc in_desc = { SECBUFFER_VERSION, a->bindings.data || a->stream ? 2 : 1, in };
	bool allocate = a->req & ASC_REQ_ALLOCATE_MEMORY;
	void *own = allocate ? NULL : malloc(a->room ? a->room : 1);
	SecBuffer out = { allocate ? 0 : a->room, SECBUFFER_TOKEN, own };
	SecBufferDesc out_desc = { SECBUFFER_VERSION, 1, &out };
	CtxtHandle new_context = context;
	SECURITY_STATUS status;
	TimeStamp expiry = { 0 };
	ULONG flags = 0;

	if (!allocate && !own)
		return complain("out of memory");
	status = AcceptSecurityContext(&credential, have_context ? &context : NULL, &in_desc,
				       a->req, a->drep, &new_context, &out_desc, &flags, &expiry);
	put_status(status);
	if (status == SEC_E_OK || status == SEC_I_CONTINUE_NEEDED) {
		context = new_context;
		have_context = true;
		put_hex("token", out.pvBuffer, out.pvBuffer ? out.cbBuffer : 0);
	} else if (status == SEC_E_BUFFER_TOO_SMALL) {
		printf(" needs=%u", out.cbBuffer);
	} else if (a->req & ASC_REQ_EXTENDED_ERROR) {
		put_hex("token", out.pvBuffer, out.pvBuffer ? out.cbBuffer : 0);
	}
	put_rest(&in[1]);
	printf(" flags=0x%x expiry=%lld\n", flags, (long long)expiry.QuadPart);
	if (allocate && out.pvBuffer)
		FreeContextBuffer(out.pvBuffer);
	free(own);
	return true;
}

static bool do_accept(const struct line *line)
{
	struct accept a = { .room = ROOM };
	bool done;

	done = parse_hex(line->word[1], &a.token) && parse_bindings(line, &a.bindings) &&
	       number_option(line, "req", &a.req) && number_option(line, "drep", &a.drep) &&
	       number_option(line, "room", &a.room) && number_option(line, "stream", &a.stream) &&
	       call_accept(&a);
	free(a.token.data);
	free(a.bindings.data);
	return done;
}

/*
 * EncryptMessage and MakeSignature: the data in, token and data out.  What is sealed has
 * its padding behind it, where the package wants any.
 */
static bool protect(const struct line *line, ENCRYPT_MESSAGE_FN function, bool seal)
{
	unsigned char trailer[TRAILER];
	SecBuffer buffers[3] = { { sizeof(trailer), SECBUFFER_TOKEN, trailer } };
	SecBufferDesc desc = { SECBUFFER_VERSION, seal ? 3 : 2, buffers };
	SECURITY_STATUS status;
	struct bytes data;
	unsigned char *all;
	ULONG qop = 0;

	if (!number_option(line, "qop", &qop) || !parse_hex(line->word[1], &data))
		return false;
	all = malloc(data.len + PADDING);
	if (!all)
		abort();
	if (data.len)
		memcpy(all, data.data, data.len);
	free(data.data);
	buffers[1] = (SecBuffer){ (ULONG)data.len, SECBUFFER_DATA, all };
	buffers[2] = (SecBuffer){ PADDING, SECBUFFER_PADDING, all + data.len };
	status = function(&context, qop, &desc, 0);
	put_status(status);
	if (status == SEC_E_OK) {
		put_hex("token", trailer, buffers[0].cbBuffer);
		if (seal)
			put_hex("data", all, data.len + buffers[2].cbBuffer);
	}
	putchar('\n');
	free(all);
	return true;
}

static bool do_wrap(const struct line *line)
{
	return protect(line, EncryptMessage, true);
}

static bool do_mic(const struct line *line)
{
	return protect(line, MakeSignature, false);
}

/* DecryptMessage and VerifySignature: token and data in, the data out. */
static bool unprotect(const struct line *line, DECRYPT_MESSAGE_FN function)
{
	struct bytes token = { 0 }, data = { 0 };
	SECURITY_STATUS status;
	ULONG qop = 0;

	if (!parse_hex(line->word[1], &token))
		return false;
	if (!parse_hex(line->word[2], &data)) {
		free(token.data);
		return false;
	}
	SecBuffer buffers[2] = {
		{ (ULONG)token.len, SECBUFFER_TOKEN, token.data },
		{ (ULONG)data.len, SECBUFFER_DATA, data.data },
	};
	SecBufferDesc desc = { SECBUFFER_VERSION, 2, buffers };

	status = function(&context, &desc, 0, &qop);
	put_status(status);
	if (status == SEC_E_OK) {
		put_hex("data", buffers[1].pvBuffer, buffers[1].cbBuffer);
		printf(" qop=0x%x", qop);
	}
	putchar('\n');
	free(token.data);
	free(data.data);
	return true;
}

static bool do_unwrap(const struct line *line)
{
	return unprotect(line, DecryptMessage);
}

static bool do_verify(const struct line *line)
{
	return unprotect(line, VerifySignature);
}

static bool do_unwrap_stream(const struct line *line)
{
	struct bytes stream;
	SECURITY_STATUS status;
	ULONG qop = 0;

	if (!parse_hex(line->word[1], &stream))
		return false;
	SecBuffer buffers[2] = {
		{ (ULONG)stream.len, SECBUFFER_STREAM, stream.data },
		{ 0, SECBUFFER_DATA, NULL },
	};
	SecBufferDesc desc = { SECBUFFER_VERSION, 2, buffers };

	status = DecryptMessage(&context, &desc, 0, &qop);
	put_status(status);
	if (status == SEC_E_OK) {
		put_hex("data", buffers[1].pvBuffer, buffers[1].cbBuffer);
		printf(" qop=0x%x", qop);
	}
	putchar('\n');
	free(stream.data);
	return true;
}

/*
 * One attribute of QueryContextAttributes: the struct it fills, and what of it
 * is printed.  @show also frees what the answer points to.
 */
union answer {
	SecPkgContext_NamesA names;
	SecPkgContext_NativeNamesA native_names;
	SecPkgContext_Sizes sizes;
	SecPkgContext_Flags flags;
	SecPkgContext_KeyInfoA key_info;
	SecPkgContext_Lifespan lifespan;
	SecPkgContext_PackageInfoA package;
	SecPkgContext_NegotiationInfoA negotiation;
	SecPkgContext_ClientSpecifiedTarget target;
	SecPkgContext_SessionKey session_key;
	SecPkgContext_AccessToken access_token;
};

static void show_names(union answer *a)
{
	put_text("user", a->names.sUserName);
	FreeContextBuffer(a->names.sUserName);
}

static void show_native_names(union answer *a)
{
	put_text("client", a->native_names.sClientName);
	put_text("server", a->native_names.sServerName);
	FreeContextBuffer(a->native_names.sClientName);
	FreeContextBuffer(a->native_names.sServerName);
}

static void show_sizes(union answer *a)
{
	printf(" max-token=%u max-signature=%u block-size=%u trailer=%u", a->sizes.cbMaxToken,
	       a->sizes.cbMaxSignature, a->sizes.cbBlockSize, a->sizes.cbSecurityTrailer);
}

static void show_flags(union answer *a)
{
	printf(" flags=0x%x", a->flags.Flags);
}

static void show_key_info(union answer *a)
{
	printf(" bits=%u sign-alg=%d encrypt-alg=%u", a->key_info.KeySize,
	       (int)a->key_info.SignatureAlgorithm, a->key_info.EncryptAlgorithm);
	put_text("sign-name", a->key_info.sSignatureAlgorithmName);
	put_text("encrypt-name", a->key_info.sEncryptAlgorithmName);
	FreeContextBuffer(a->key_info.sSignatureAlgorithmName);
	FreeContextBuffer(a->key_info.sEncryptAlgorithmName);
}

static void show_lifespan(union answer *a)
{
	printf(" start=%lld expiry=%lld", (long long)a->lifespan.tsStart.QuadPart,
	       (long long)a->lifespan.tsExpiry.QuadPart);
}

static void show_package(union answer *a)
{
	put_text("package", a->package.PackageInfo->Name);
	FreeContextBuffer(a->package.PackageInfo);
}

static void show_negotiation(union answer *a)
{
	put_text("package", a->negotiation.PackageInfo->Name);
	printf(" state=%u", a->negotiation.NegotiationState);
	FreeContextBuffer(a->negotiation.PackageInfo);
}

/* A target has characters of the BMP at most in these tests. */
static void show_target(union answer *a)
{
	const WCHAR *unit = a->target.sTargetName;
	char text[512], *end = text;

	for (; unit && *unit && end < text + sizeof(text) - 4; unit++) {
		if (*unit < 0x80) {
			*end++ = (char)*unit;
		} else if (*unit < 0x800) {
			*end++ = (char)(0xc0 | *unit >> 6);
			*end++ = (char)(0x80 | (*unit & 0x3f));
		} else {
			*end++ = (char)(0xe0 | *unit >> 12);
			*end++ = (char)(0x80 | (*unit >> 6 & 0x3f));
			*end++ = (char)(0x80 | (*unit & 0x3f));
		}
	}
	put_hex("target", text, (size_t)(end - text));
	FreeContextBuffer(a->target.sTargetName);
}

static void show_session_key(union answer *a)
{
	put_hex("key", a->session_key.SessionKey, a->session_key.SessionKeyLength);
	FreeContextBuffer(a->session_key.SessionKey);
}

/* The descriptor of a token, for whoever can take it from here (pidfd_getfd(2)) */
static void show_access_token(union answer *a)
{
	printf(" fd=%d", (int)(intptr_t)a->access_token.AccessToken);
}

static const struct {
	const char *name;
	ULONG attribute;
	void (*show)(union answer *a);
} attributes[] = {
	{ "names", SECPKG_ATTR_NAMES, show_names },
	{ "native-names", SECPKG_ATTR_NATIVE_NAMES, show_native_names },
	{ "sizes", SECPKG_ATTR_SIZES, show_sizes },
	{ "flags", SECPKG_ATTR_FLAGS, show_flags },
	{ "key-info", SECPKG_ATTR_KEY_INFO, show_key_info },
	{ "lifespan", SECPKG_ATTR_LIFESPAN, show_lifespan },
	{ "package", SECPKG_ATTR_PACKAGE_INFO, show_package },
	{ "negotiation", SECPKG_ATTR_NEGOTIATION_INFO, show_negotiation },
	{ "target", SECPKG_ATTR_CLIENT_SPECIFIED_TARGET, show_target },
	{ "session-key", SECPKG_ATTR_SESSION_KEY, show_session_key },
	{ "access-token", SECPKG_ATTR_ACCESS_TOKEN, show_access_token },
};

static bool do_query(const struct line *line)
{
	union answer answer;
	SECURITY_STATUS status;
	size_t i;

	memset(&answer, 0, sizeof(answer));
	for (i = 0; i < sizeof(attributes) / sizeof(attributes[0]); i++) {
		if (strcmp(attributes[i].name, line->word[1]))
			continue;
		status = QueryContextAttributesA(&context, attributes[i].attribute, &answer);
		put_status(status);
		if (status == SEC_E_OK)
			attributes[i].show(&answer);
		putchar('\n');
		return true;
	}
	return complain("no such attribute: %.40s", line->word[1]);
}

static bool do_delete(const struct line *line)
{
	(void)line;
	put_status(DeleteSecurityContext(&context));
	putchar('\n');
	have_context = false;
	return true;
}

/* @words: how many the line has at least, with its name */
static const struct command {
	const char *name;
	size_t words;
	bool (*run)(const struct line *line);
} commands[] = {
	{ "acquire", 1, do_acquire },
	{ "free", 1, do_free },
	{ "accept", 2, do_accept },
	{ "wrap", 2, do_wrap },
	{ "unwrap", 3, do_unwrap },
	{ "unwrap-stream", 2, do_unwrap_stream },
	{ "mic", 2, do_mic },
	{ "verify", 3, do_verify },
	{ "query", 2, do_query },
	{ "delete", 1, do_delete },
};

static bool run_line(char *text)
{
	struct line line = { .count = 0 };
	char *word;
	size_t i;

	while ((word = strsep(&text, " \t\n"))) {
		if (!*word)
			continue;
		if (line.count == MAX_WORDS)
			return complain("more than %d words", MAX_WORDS);
		line.word[line.count++] = word;
	}
	if (!line.count)
		return true;
	for (i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
		if (strcmp(commands[i].name, line.word[0]))
			continue;
		if (line.count < commands[i].words)
			return complain("%s needs %zu words", line.word[0], commands[i].words - 1);
		return commands[i].run(&line);
	}
	return complain("no such command: %.40s", line.word[0]);
}

int main(int argc, char **argv)
{
	char *text = NULL;
	size_t size = 0;
	int failures = 0;

	if (argc > 1) {
		fputs(usage, strcmp(argv[1], "--help") ? stderr : stdout);
		return strcmp(argv[1], "--help") ? 2 : 0;
	}
	SecInvalidateHandle(&credential);
	SecInvalidateHandle(&context);
	while (getline(&text, &size, stdin) > 0) {
		if (!run_line(text))
			failures++;
		fflush(stdout);
	}
	free(text);
	return failures ? 1 : 0;
}
