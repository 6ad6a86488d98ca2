// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The command line of sspi-rdp.
 */
#include <errno.h>
#include <getopt.h>
#include <grp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/un.h>

#include "options.h"

static const char usage[] =
	"usage: sspi-rdp [OPTION]... --backend=SERVER\n"
	"       sspi-rdp [OPTION]... -- COMMAND [ARGUMENT]...\n"
	"\n"
	"Stands in front of an RDP server that has no Network Level Authentication: clients\n"
	"authenticate themselves by CredSSP through libsspi, and the server behind sees those\n"
	"only who have. Needs the module ksecdd, the helper ksecd and a [tls] section in\n"
	"ksecd.conf. Prints lines about each connection.\n"
	"\n"
	"  -p, --port=N                 port to listen on (default 3389; 0: any)\n"
	"  -b, --bind=ADDRESS           address to listen on (default 0.0.0.0; :: is all there is)\n"
	"      --credential=NAME        the [tls NAME] of ksecd.conf that clients see\n"
	"      --backend=HOST:PORT      the server; [ADDRESS]:PORT for IPv6, unix:PATH for a\n"
	"                               socket. In its place, a COMMAND is started for each\n"
	"                               client, with RDP on its standard input and output\n"
	"      --backend-tls=MODE       what the server speaks: no (default, and all there is\n"
	"                               for a COMMAND); or TLS, with a certificate that is:\n"
	"                               any, sha256:HEX, or ca:FILE for one by an authority\n"
	"                               in FILE (PEM) and for HOST\n"
	"      --tell=HOW               how the server learns who the client is: none, cookie\n"
	"                               (mstshash=USER in its X.224 request; default), proxy\n"
	"                               (a header of PROXY v2), or cookie,proxy\n"
	"      --group=NAME             let in who is in this local group; more than once:\n"
	"                               who is in one of them\n"
	"      --allow-unmapped         let clients in that have no local account\n"
	"      --records=WHO            who does the records of TLS: auto (default: kernel, or\n"
	"                               else calls), kernel (kTLS) or calls\n"
	"      --max-connections=N      at the same time (default 64)\n"
	"      --max-per-address=N      of these, from one address (default 16)\n"
	"      --handshake-timeout=S    seconds until a client has to be known (default 20)\n"
	"      --connect-timeout=S      seconds that the server may take (default 10)\n"
	"      --idle-timeout=S         seconds a session may be silent (default 0: for ever)\n"
	"  -q, --quiet                  no lines about connections\n"
	"  -h, --help                   this text\n"
	"  -V, --version                the version\n"
	"\n"
	"  sspi-rdp --backend=127.0.0.1:3390 --backend-tls=any\n"
	"  xfreerdp /v:HOST /u:alice\n";

static void __attribute__((noreturn)) bad_usage(const char *what, const char *value)
{
	fprintf(stderr, "sspi-rdp: %s: %s\nTry 'sspi-rdp --help'.\n", what, value);
	exit(2);
}

static unsigned int parse_number(const char *text, unsigned long least, unsigned long most,
				 const char *what)
{
	unsigned long value;
	char *end;

	errno = 0;
	value = strtoul(text, &end, 10);
	if (errno || end == text || *end || *text == '-' || value < least || value > most) {
		fprintf(stderr, "sspi-rdp: %s must be a number from %lu to %lu, not %s\n", what,
			least, most, text);
		exit(2);
	}
	return (unsigned int)value;
}

static void __attribute__((noreturn)) no_memory(void)
{
	perror("sspi-rdp");
	exit(1);
}

static void set_port(struct options *options, const char *value)
{
	parse_number(value, 0, 65535, "the port");
	options->port = value;
}

static void set_address(struct options *options, const char *value)
{
	options->address = value;
}

static void set_credential(struct options *options, const char *value)
{
	options->credential = value;
}

static void set_backend(struct options *options, const char *value)
{
	struct backend *backend = &options->gateway.backend;
	const char *colon = strrchr(value, ':');
	size_t len;

	if (!strncmp(value, "unix:", 5)) {
		if (!value[5] || strlen(value + 5) >= sizeof(((struct sockaddr_un *)NULL)->sun_path))
			bad_usage("--backend=unix: takes the path of a socket, not", value + 5);
		backend->path = strdup(value + 5);
		if (!backend->path)
			no_memory();
		return;
	}
	if (!colon || colon == value || !colon[1])
		bad_usage("--backend takes HOST:PORT or unix:PATH, not", value);
	parse_number(colon + 1, 1, 65535, "the server's port");
	len = (size_t)(colon - value);
	/* The colons of an IPv6 address are in brackets. */
	if (*value == '[' && colon[-1] == ']') {
		value++;
		len -= 2;
	} else if (memchr(value, ':', len)) {
		bad_usage("write --backend=[ADDRESS]:PORT for an IPv6 address, not", value);
	}
	backend->host = strndup(value, len);
	backend->port = strdup(colon + 1);
	if (!backend->host || !backend->port)
		no_memory();
}

static int hex_digit(char c)
{
	static const char digits[] = "0123456789abcdef";
	const char *at = c ? strchr(digits, c >= 'A' && c <= 'F' ? c - 'A' + 'a' : c) : NULL;

	return at ? (int)(at - digits) : -1;
}

/* As openssl x509 -fingerprint prints it, or without the colons. */
static void parse_pin(struct backend *backend, const char *value)
{
	const char *p = value;
	size_t i;
	int high, low;

	for (i = 0; i < sizeof(backend->pin); i++) {
		high = hex_digit(*p);
		low = high < 0 ? -1 : hex_digit(p[1]);
		if (low < 0)
			break;
		backend->pin[i] = (unsigned char)(high << 4 | low);
		p += 2;
		if (*p == ':' && p[1])
			p++;
	}
	if (i < sizeof(backend->pin) || *p)
		bad_usage("--backend-tls=sha256: takes 64 hex digits (openssl x509 -noout "
			  "-fingerprint -sha256), not", value);
	backend->tls = BACKEND_PIN;
}

static void set_backend_tls(struct options *options, const char *value)
{
	struct backend *backend = &options->gateway.backend;

	if (!strcmp(value, "no")) {
		backend->tls = BACKEND_PLAIN;
	} else if (!strcmp(value, "any")) {
		backend->tls = BACKEND_ANY;
	} else if (!strncmp(value, "sha256:", 7)) {
		parse_pin(backend, value + 7);
	} else if (!strncmp(value, "ca:", 3) && value[3]) {
		backend->tls = BACKEND_CA;
		options->ca = value + 3;
	} else {
		bad_usage("--backend-tls is no, any, sha256:HEX or ca:FILE, not", value);
	}
}

static void set_tell(struct options *options, const char *value)
{
	static const struct {
		const char *name;
		unsigned int tell;
	} names[] = {
		{ "none", 0 },
		{ "cookie", BACKEND_COOKIE },
		{ "proxy", BACKEND_PROXY },
		{ "cookie,proxy", BACKEND_COOKIE | BACKEND_PROXY },
		{ "proxy,cookie", BACKEND_COOKIE | BACKEND_PROXY },
	};
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (!strcmp(value, names[i].name)) {
			options->gateway.backend.tell = names[i].tell;
			return;
		}
	}
	bad_usage("--tell is none, cookie, proxy or cookie,proxy, not", value);
}

static void add_group(struct options *options, const char *value)
{
	struct access *access = &options->gateway.access;
	struct group entry, *group = NULL;
	char buf[4096];

	if (getgrnam_r(value, &entry, buf, sizeof(buf), &group) == ERANGE)
		bad_usage("there are too many in the group", value);
	if (!group)
		bad_usage("there is no local group", value);
	if (access->ngroups == ACCESS_GROUPS)
		bad_usage("there may be 16 groups at most; one too many is", value);
	access->groups[access->ngroups++] = group->gr_gid;
}

static void allow_unmapped(struct options *options, const char *value)
{
	(void)value;
	options->gateway.access.unmapped = true;
}

static void set_records(struct options *options, const char *value)
{
	static const char *const names[] = {
		[SECURE_AUTO] = "auto",
		[SECURE_KERNEL] = "kernel",
		[SECURE_CALLS] = "calls",
	};
	enum secure_mode mode;

	for (mode = SECURE_AUTO; mode <= SECURE_CALLS; mode++) {
		if (!strcmp(value, names[mode])) {
			options->gateway.records = mode;
			return;
		}
	}
	bad_usage("--records is auto, kernel or calls, not", value);
}

static void set_connections(struct options *options, const char *value)
{
	options->gateway.limits.clients = parse_number(value, 1, 10000, "--max-connections");
}

static void set_per_address(struct options *options, const char *value)
{
	options->gateway.limits.per_address = parse_number(value, 1, 10000, "--max-per-address");
}

static void set_handshake(struct options *options, const char *value)
{
	options->gateway.handshake_ms = 1000 * parse_number(value, 1, 3600, "--handshake-timeout");
}

static void set_connect(struct options *options, const char *value)
{
	options->gateway.backend.timeout_ms =
		1000 * parse_number(value, 1, 3600, "--connect-timeout");
}

static void set_idle(struct options *options, const char *value)
{
	options->gateway.idle_ms = 1000 * parse_number(value, 0, 1000000, "--idle-timeout");
}

static void set_quiet(struct options *options, const char *value)
{
	(void)value;
	options->gateway.quiet = true;
}

static void __attribute__((noreturn)) show_help(struct options *options, const char *value)
{
	(void)options;
	(void)value;
	fputs(usage, stdout);
	exit(0);
}

static void __attribute__((noreturn)) show_version(struct options *options, const char *value)
{
	(void)options;
	(void)value;
	puts("sspi-rdp " KSECDD_VERSION);
	exit(0);
}

/* One row for each option; the name, what it takes, and its letter if it has one. */
static const struct row {
	const char *name;
	int takes;
	char letter;
	void (*set)(struct options *options, const char *value);
} rows[] = {
	{ "port", required_argument, 'p', set_port },
	{ "bind", required_argument, 'b', set_address },
	{ "credential", required_argument, 0, set_credential },
	{ "backend", required_argument, 0, set_backend },
	{ "backend-tls", required_argument, 0, set_backend_tls },
	{ "tell", required_argument, 0, set_tell },
	{ "group", required_argument, 0, add_group },
	{ "allow-unmapped", no_argument, 0, allow_unmapped },
	{ "records", required_argument, 0, set_records },
	{ "max-connections", required_argument, 0, set_connections },
	{ "max-per-address", required_argument, 0, set_per_address },
	{ "handshake-timeout", required_argument, 0, set_handshake },
	{ "connect-timeout", required_argument, 0, set_connect },
	{ "idle-timeout", required_argument, 0, set_idle },
	{ "quiet", no_argument, 'q', set_quiet },
	{ "help", no_argument, 'h', show_help },
	{ "version", no_argument, 'V', show_version },
};

#define ROWS	(sizeof(rows) / sizeof(rows[0]))

/* Where the rest of the command line says what cannot go together. */
static void check(struct options *options, char **command)
{
	struct backend *backend = &options->gateway.backend;

	if (!!backend->host + !!backend->path + !!*command != 1)
		bad_usage("there has to be one server", "say --backend=HOST:PORT, "
			  "--backend=unix:PATH, or a COMMAND after --");
	if (*command) {
		backend->command = command;
		if (backend->tls != BACKEND_PLAIN)
			bad_usage("a COMMAND speaks no TLS, so leave this out", "--backend-tls");
		backend->tell &= ~(unsigned int)BACKEND_PROXY;
	}
	if (backend->path && backend->tls == BACKEND_CA)
		bad_usage("a socket has no name that could be in a certificate",
			  "say --backend-tls=sha256:HEX");
	if (options->gateway.access.unmapped && options->gateway.access.ngroups)
		bad_usage("who has no local account is in no group, so leave this out",
			  "--allow-unmapped");
}

void options_parse(struct options *options, int argc, char **argv)
{
	struct option names[ROWS + 1] = { 0 };
	/* A '+' ends the options at the first word that is none. */
	char letters[2 * ROWS + 2] = "+";
	size_t i, n = 1;
	int c;

	*options = (struct options){
		.port = "3389",
		.address = "0.0.0.0",
		.gateway = {
			.limits = { .clients = 64, .per_address = 16 },
			.handshake_ms = 20000,
			.backend = { .tell = BACKEND_COOKIE, .timeout_ms = 10000 },
		},
	};
	for (i = 0; i < ROWS; i++) {
		names[i] = (struct option){ rows[i].name, rows[i].takes, NULL, 256 + (int)i };
		if (rows[i].letter)
			letters[n++] = rows[i].letter;
		if (rows[i].letter && rows[i].takes == required_argument)
			letters[n++] = ':';
	}
	while ((c = getopt_long(argc, argv, letters, names, NULL)) != -1) {
		for (i = 0; i < ROWS; i++) {
			if (c == 256 + (int)i || (rows[i].letter && c == rows[i].letter)) {
				rows[i].set(options, optarg);
				break;
			}
		}
		if (i == ROWS) {
			fputs("Try 'sspi-rdp --help'.\n", stderr);
			exit(2);
		}
	}
	check(options, argv + optind);
}
