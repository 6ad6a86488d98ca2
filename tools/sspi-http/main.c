// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * sspi-http: a small HTTP/1.1 server that authenticates its clients with NTLM or
 * Negotiate through libsspi and tells them who they are.  For tests, and as an example of
 * a server that uses sspi.h; example.c is the shortest one.
 */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "helper/status.h"
#include "tools/net/clients.h"
#include "tools/net/listener.h"

#include "end_point.h"
#include "http.h"
#include "server.h"
#include "tls.h"

#define DEFAULT_PORT		"8080"
#define DEFAULT_BIND		"127.0.0.1"
#define DEFAULT_CONNECTIONS	64
#define DEFAULT_IDLE_MS		60000

static const char usage[] =
	"usage: sspi-http [OPTION]...\n"
	"\n"
	"Serves HTTP/1.1, authenticates each connection with NTLM through libsspi and\n"
	"answers every GET, HEAD and POST with who the client is: as text, or as JSON if\n"
	"the client accepts application/json.  Needs the module ksecdd and the helper\n"
	"ksecd.  Prints one line for each request.\n"
	"\n"
	"  -p, --port=N                port to listen on (default " DEFAULT_PORT "; 0: any)\n"
	"  -b, --bind=ADDRESS          address to listen on (default " DEFAULT_BIND ")\n"
	"      --negotiate             offer Negotiate, besides NTLM\n"
	"      --digest                offer Digest, besides NTLM: for each request, with the\n"
	"                              realm and algorithm of ksecd.conf\n"
	"      --allow-null-session    let clients in that give no name\n"
	"      --tls-certificate=FILE  speak HTTPS: TLS 1.2 or 1.3 with this certificate (PEM)\n"
	"      --tls-key=FILE          its key (PEM), if that is not in the same file\n"
	"      --bindings=MODE         channel bindings that clients have to prove they see:\n"
	"                              none, allow (right ones or none at all; default) or\n"
	"                              require\n"
	"      --channel-bindings=HEX  their application data, where something else does TLS\n"
	"                              for this server; otherwise its certificate says it\n"
	"      --export-key            show the session key, if the policy lets it out\n"
	"      --files=FOLDER          serve the files in it, each as the client: who may not\n"
	"                              read one gets 403; / still says who the client is\n"
	"      --max-connections=N     further clients get 503 (default 64)\n"
	"      --idle-timeout=SECONDS  for connections without a request (default 60)\n"
	"  -q, --quiet                 no line for each request\n"
	"  -h, --help                  this text\n"
	"  -V, --version               the version\n"
	"\n"
	"  sspi-http --port 8080 &\n"
	"  curl --ntlm -u alice http://127.0.0.1:8080/\n";

enum {
	OPTION_NEGOTIATE = 256,
	OPTION_DIGEST,
	OPTION_NULL_SESSION,
	OPTION_CERTIFICATE,
	OPTION_KEY,
	OPTION_BINDINGS,
	OPTION_APPLICATION_DATA,
	OPTION_EXPORT_KEY,
	OPTION_FILES,
	OPTION_CONNECTIONS,
	OPTION_IDLE,
};

static const struct option long_options[] = {
	{ "port", required_argument, NULL, 'p' },
	{ "bind", required_argument, NULL, 'b' },
	{ "negotiate", no_argument, NULL, OPTION_NEGOTIATE },
	{ "digest", no_argument, NULL, OPTION_DIGEST },
	{ "allow-null-session", no_argument, NULL, OPTION_NULL_SESSION },
	{ "tls-certificate", required_argument, NULL, OPTION_CERTIFICATE },
	{ "tls-key", required_argument, NULL, OPTION_KEY },
	{ "bindings", required_argument, NULL, OPTION_BINDINGS },
	{ "channel-bindings", required_argument, NULL, OPTION_APPLICATION_DATA },
	{ "export-key", no_argument, NULL, OPTION_EXPORT_KEY },
	{ "files", required_argument, NULL, OPTION_FILES },
	{ "max-connections", required_argument, NULL, OPTION_CONNECTIONS },
	{ "idle-timeout", required_argument, NULL, OPTION_IDLE },
	{ "quiet", no_argument, NULL, 'q' },
	{ "help", no_argument, NULL, 'h' },
	{ "version", no_argument, NULL, 'V' },
	{ 0 }
};

static struct server_options options = {
	.connections = &conn_plain,
	.folder = -1,
	.max_connections = DEFAULT_CONNECTIONS,
	.idle_ms = DEFAULT_IDLE_MS,
	.policy.offered[AUTH_NTLM] = true,
};
static const char *port = DEFAULT_PORT;
static const char *address = DEFAULT_BIND;
static const char *certificate;
static const char *key;

/* What Windows' services know as Extended Protection: off, allow, require */
enum bindings_mode {
	BINDINGS_DEFAULT,
	BINDINGS_NONE,
	BINDINGS_ALLOW,
	BINDINGS_REQUIRE,
};

static enum bindings_mode bindings_mode;

static void __attribute__((noreturn)) bad_usage(const char *what, const char *value)
{
	fprintf(stderr, "sspi-http: %s: %s\nTry 'sspi-http --help'.\n", what, value);
	exit(2);
}

static unsigned long parse_number(const char *text, unsigned long least, unsigned long most,
				  const char *what)
{
	unsigned long value;
	char *end;

	errno = 0;
	value = strtoul(text, &end, 10);
	if (errno || end == text || *end || *text == '-' || value < least || value > most) {
		fprintf(stderr, "sspi-http: %s must be a number from %lu to %lu, not %s\n", what,
			least, most, text);
		exit(2);
	}
	return value;
}

static enum bindings_mode parse_mode(const char *name)
{
	static const char *const names[] = {
		[BINDINGS_NONE] = "none",
		[BINDINGS_ALLOW] = "allow",
		[BINDINGS_REQUIRE] = "require",
	};
	enum bindings_mode mode;

	for (mode = BINDINGS_NONE; mode <= BINDINGS_REQUIRE; mode++)
		if (!strcmp(name, names[mode]))
			return mode;
	bad_usage("--bindings is none, allow or require, not", name);
}

static void set_bindings(const unsigned char *data, size_t len)
{
	if (auth_set_bindings(&options.policy, data, len))
		return;
	perror("sspi-http");
	exit(1);
}

static void parse_application_data(const char *hex)
{
	size_t len = strlen(hex) / 2, i;
	unsigned char *data;
	int high, low;

	if (strlen(hex) % 2 || !len)
		bad_usage("--channel-bindings takes an even number of hex digits, not", hex);
	data = malloc(len);
	if (!data) {
		perror("sspi-http");
		exit(1);
	}
	for (i = 0; i < len; i++) {
		high = http_hex_digit(hex[2 * i]);
		low = http_hex_digit(hex[2 * i + 1]);
		if (high < 0 || low < 0)
			bad_usage("--channel-bindings takes hex digits, not", hex);
		data[i] = (unsigned char)(high << 4 | low);
	}
	set_bindings(data, len);
	free(data);
}

/* What the options for TLS and channel bindings come to together. */
static void set_channel(void)
{
	unsigned char data[END_POINT_MAX];
	size_t len;

	if (key && !certificate)
		bad_usage("--tls-key needs --tls-certificate, too; it was given", key);
	if (certificate) {
		if (!tls_load(certificate, key ? key : certificate))
			exit(1);
		options.connections = &tls_type;
	}
	if (options.policy.bindings && bindings_mode == BINDINGS_NONE)
		bad_usage("--bindings=none makes no sense with", "--channel-bindings");
	if (bindings_mode >= BINDINGS_ALLOW && !certificate && !options.policy.bindings)
		bad_usage("without TLS there is nothing that clients could be bound to",
			  "use --tls-certificate, or --channel-bindings behind a proxy that "
			  "does TLS, or --bindings=none");
	if (certificate && !options.policy.bindings && bindings_mode != BINDINGS_NONE) {
		len = end_point(tls_certificate(), data);
		if (!len) {
			fprintf(stderr, "sspi-http: %s: the signature of this certificate is by "
				"an algorithm for which there are no channel bindings (RFC 5929 "
				"section 4.1): use one that is signed with RSA or ECDSA, or "
				"--bindings=none\n", certificate);
			exit(1);
		}
		set_bindings(data, len);
	}
	if (options.policy.bindings && bindings_mode != BINDINGS_REQUIRE)
		options.policy.req_flags |= ASC_REQ_ALLOW_MISSING_BINDINGS;
}

static void parse_options(int argc, char **argv)
{
	int c;

	while ((c = getopt_long(argc, argv, "p:b:qhV", long_options, NULL)) != -1) {
		switch (c) {
		case 'p':
			parse_number(optarg, 0, 65535, "the port");
			port = optarg;
			break;
		case 'b':
			address = optarg;
			break;
		case OPTION_NEGOTIATE:
			options.policy.offered[AUTH_NEGOTIATE] = true;
			break;
		case OPTION_DIGEST:
			options.policy.offered[AUTH_DIGEST] = true;
			break;
		case OPTION_NULL_SESSION:
			options.policy.req_flags |= ASC_REQ_ALLOW_NULL_SESSION;
			break;
		case OPTION_CERTIFICATE:
			certificate = optarg;
			break;
		case OPTION_KEY:
			key = optarg;
			break;
		case OPTION_BINDINGS:
			bindings_mode = parse_mode(optarg);
			break;
		case OPTION_APPLICATION_DATA:
			parse_application_data(optarg);
			break;
		case OPTION_EXPORT_KEY:
			options.export_key = true;
			break;
		case OPTION_FILES:
			options.folder = open(optarg, O_PATH | O_DIRECTORY | O_CLOEXEC);
			if (options.folder < 0)
				bad_usage(strerror(errno), optarg);
			break;
		case OPTION_CONNECTIONS:
			options.max_connections = (unsigned int)
				parse_number(optarg, 1, 10000, "the number of connections");
			break;
		case OPTION_IDLE:
			options.idle_ms = (unsigned int)
				parse_number(optarg, 1, 86400, "the time-out") * 1000;
			break;
		case 'q':
			options.quiet = true;
			break;
		case 'h':
			fputs(usage, stdout);
			exit(0);
		case 'V':
			puts("sspi-http " KSECDD_VERSION);
			exit(0);
		default:
			fputs("Try 'sspi-http --help'.\n", stderr);
			exit(2);
		}
	}
	if (optind < argc)
		bad_usage("this is too much", argv[optind]);
	set_channel();
}

static int open_listener(void)
{
	struct sockaddr_storage bound = { 0 };
	char name[NET_ADDRESS_TEXT];
	int fd = listener_open(address, port, &bound);

	if (fd < 0 && errno == EDESTADDRREQ)
		bad_usage("--bind takes an IP address, not", address);
	if (fd < 0) {
		fprintf(stderr, "sspi-http: cannot listen on %s port %s: %s\n", address, port,
			strerror(errno));
		exit(1);
	}
	/* Even if quiet: with --port 0 this is how to find the server. */
	net_address_text(name, &bound);
	printf("listening on %s://%s/\n", certificate ? "https" : "http", name);
	fflush(stdout);
	return fd;
}

static void accepted(int fd, const struct sockaddr_storage *peer)
{
	server_accept(&options, fd, peer);
}

static void explain_acquire(SECURITY_STATUS status, const char *package)
{
	fprintf(stderr, "sspi-http: no credential for the package %s: %s (0x%08" PRIx32 ")\n",
		package, status_name(status), (uint32_t)status);
	if (status == SEC_E_SECPKG_NOT_FOUND)
		fputs("Is the module loaded? Try 'modprobe ksecdd'. Negotiate and WDigest need "
		      "ksecd, too.\n", stderr);
	else if (status == SEC_E_NOT_OWNER)
		fputs("/dev/ksecdd cannot be opened: look at its permissions.\n", stderr);
}

int main(int argc, char **argv)
{
	int listener, signals, code = 0;
	const char *package = NULL;
	SECURITY_STATUS status;

	parse_options(argc, argv);
	/* Before the first thread */
	signals = listener_signals();
	if (signals < 0) {
		perror("sspi-http: signals");
		return 1;
	}
	status = auth_acquire(&options.policy, &package);
	if (status != SEC_E_OK) {
		explain_acquire(status, package);
		return 1;
	}
	listener = open_listener();
	listener_run("sspi-http", listener, signals, accepted);
	close(listener);
	if (!server_stop()) {
		fputs("sspi-http: some connections did not end in time\n", stderr);
		code = 1;
	}
	/* What is left of them uses the policy: the process's end cleans up. */
	if (!code)
		auth_release(&options.policy);
	return code;
}
