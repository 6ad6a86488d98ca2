// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A server and a client that log on with SSPI and then talk, protected: one source for Windows
 * and for Linux.
 *
 *	x86_64-w64-mingw32-gcc sspi-talk.c -o sspi-talk.exe -lsecur32 -lws2_32
 *	gcc sspi-talk.c -o sspi-talk $(pkg-config --cflags --libs sspi)
 *
 * On the wire are frames: what it is, the length of the clear data and the length of what
 * follows, four bytes each, most significant first.  The client says something sealed, signed,
 * or with a signature beside it, and the server says the same back.
 */
#ifdef _WIN32
#define SECURITY_WIN32
#define WIN32_LEAN_AND_MEAN
#include <winsock2.h>
#include <ws2tcpip.h>
#include <windows.h>
#else
#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>
#endif
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <sspi.h>

/* ---- what Windows and Linux call differently */

#ifdef _WIN32

/* Whether this is Wine, which lays messages out in its own way: see seal() and unseal(). */
static int on_wine(void)
{
	return GetProcAddress(GetModuleHandleA("ntdll.dll"), "wine_get_version") != NULL;
}

static int split_time(time_t seconds, struct tm *to)
{
	return gmtime_s(to, &seconds) == 0;
}

static void start_sockets(void)
{
	WSADATA data;

	if (WSAStartup(MAKEWORD(2, 2), &data))
		exit(1);
}

#else

typedef int SOCKET;
#define INVALID_SOCKET	(-1)
#define closesocket	close
#define start_sockets()
#define on_wine()	0

static int split_time(time_t seconds, struct tm *to)
{
	return gmtime_r(&seconds, to) != NULL;
}

#endif

/* ---- frames */

enum kind {
	TOKEN = 1,	/* of the logon */
	SEALED,		/* EncryptMessage */
	WRAPPED,	/* EncryptMessage with SECQOP_WRAP_NO_ENCRYPT */
	SIGNED,		/* MakeSignature: the signature, then the data */
};

#define MAX_DATA	200000
#define MAX_EXTRA	4096		/* of a protected message beside its data */
#define MAX_FRAME	(MAX_DATA + MAX_EXTRA)

struct frame {
	uint32_t kind;
	uint32_t clear;			/* length of the data */
	uint32_t length;		/* of bytes */
	char bytes[MAX_FRAME];
};

/* Everything that a conversation needs; too big for a stack. */
struct talk {
	SOCKET socket;
	const char *package;
	CredHandle credential;
	CtxtHandle context;
	SecPkgContext_Sizes sizes;
	int data_first;			/* Wine's Kerberos */
	struct frame in, out;
	char message[MAX_FRAME];
};

static void die(const char *what)
{
	fprintf(stderr, "sspi-talk: %s\n", what);
	exit(1);
}

static void check(SECURITY_STATUS status, const char *function)
{
	if (status == SEC_E_OK)
		return;
	printf("%s: 0x%08x\n", function, (unsigned int)status);
	fflush(stdout);
	exit(1);
}

static void send_all(SOCKET to, const void *from, size_t length)
{
	const char *next = from;

	while (length) {
		int sent = (int)send(to, next, (int)length, 0);

		if (sent <= 0)
			die("the connection is gone");
		next += sent;
		length -= (size_t)sent;
	}
}

/* 0 at the end of the stream */
static int receive_all(SOCKET from, void *to, size_t length)
{
	char *next = to;

	while (length) {
		int got = (int)recv(from, next, (int)length, 0);

		if (got <= 0)
			return 0;
		next += got;
		length -= (size_t)got;
	}
	return 1;
}

static void send_frame(struct talk *t)
{
	uint32_t head[3] = { htonl(t->out.kind), htonl(t->out.clear), htonl(t->out.length) };

	send_all(t->socket, head, sizeof(head));
	send_all(t->socket, t->out.bytes, t->out.length);
}

/* A token lies where the frame is made; an empty one is not sent. */
static void send_token(struct talk *t, ULONG length)
{
	t->out.kind = TOKEN;
	t->out.clear = 0;
	t->out.length = length;
	if (length)
		send_frame(t);
}

/* 0 when the other side has hung up */
static int receive_frame(struct talk *t)
{
	uint32_t head[3];

	if (!receive_all(t->socket, head, sizeof(head)))
		return 0;
	t->in.kind = ntohl(head[0]);
	t->in.clear = ntohl(head[1]);
	t->in.length = ntohl(head[2]);
	if (t->in.length > MAX_FRAME || t->in.clear > MAX_DATA || t->in.clear > t->in.length)
		die("a frame with impossible lengths");
	if (!receive_all(t->socket, t->in.bytes, t->in.length))
		die("the connection ended inside of a frame");
	return 1;
}

/* ---- messages */

/*
 * Puts data into the frame that goes out, sealed, or readable but with the same header.
 *
 * What travels is the token, then the data, then the padding.  Wine's Kerberos fills the
 * buffers in another order, the data with the message's beginning and the token with its end,
 * leaves the padding alone, and wants a longer token than its cbSecurityTrailer says.
 */
static void seal(struct talk *t, const char *data, uint32_t length, enum kind kind)
{
	char token[MAX_EXTRA / 2], padding[MAX_EXTRA / 2] = "";
	SecBuffer buffers[] = {
		{ t->data_first ? sizeof(token) : t->sizes.cbSecurityTrailer, SECBUFFER_TOKEN, token },
		{ length, SECBUFFER_DATA, t->message },
		{ t->sizes.cbBlockSize, SECBUFFER_PADDING, padding },
	};
	const ULONG order[] = { t->data_first, !t->data_first, 2 }, count = t->data_first ? 2 : 3;
	SecBufferDesc message = { SECBUFFER_VERSION, count, buffers };
	ULONG i;

	memcpy(t->message, data, length);
	check(EncryptMessage(&t->context, kind == SEALED ? 0 : SECQOP_WRAP_NO_ENCRYPT, &message, 0),
	      "EncryptMessage");
	t->out.kind = kind;
	t->out.clear = length;
	t->out.length = 0;
	for (i = 0; i < count; i++) {
		const SecBuffer *part = &buffers[order[i]];

		memcpy(t->out.bytes + t->out.length, part->pvBuffer, part->cbBuffer);
		t->out.length += part->cbBuffer;
	}
}

/* Where the data of the received frame is, after it has been decrypted in place. */
static const char *unseal(struct talk *t, uint32_t *length)
{
	SecBuffer buffers[] = {
		{ t->in.length, SECBUFFER_STREAM, t->in.bytes },
		{ 0, SECBUFFER_DATA, NULL },
	};
	SecBufferDesc message = { SECBUFFER_VERSION, 2, buffers };
	ULONG qop = 0;

	/* Wine knows no SECBUFFER_STREAM, and has to be told what is what. */
	if (on_wine()) {
		uint32_t extra = t->in.length - t->in.clear;

		buffers[0] = (SecBuffer){ extra, SECBUFFER_TOKEN,
					  t->in.bytes + (t->data_first ? t->in.clear : 0) };
		buffers[1] = (SecBuffer){ t->in.clear, SECBUFFER_DATA,
					  t->in.bytes + (t->data_first ? 0 : extra) };
	}
	check(DecryptMessage(&t->context, &message, 0, &qop), "DecryptMessage");
	if ((t->in.kind == SEALED) != (qop == 0))
		die(qop ? "a sealed message was readable" : "a readable message was sealed");
	*length = buffers[1].cbBuffer;
	return buffers[1].pvBuffer;
}

static void sign(struct talk *t, const char *data, uint32_t length)
{
	SecBuffer buffers[] = {
		{ length, SECBUFFER_DATA, t->message },
		{ t->sizes.cbMaxSignature, SECBUFFER_TOKEN, t->out.bytes },
	};
	SecBufferDesc message = { SECBUFFER_VERSION, 2, buffers };

	memcpy(t->message, data, length);
	check(MakeSignature(&t->context, 0, &message, 0), "MakeSignature");
	t->out.kind = SIGNED;
	t->out.clear = length;
	t->out.length = buffers[1].cbBuffer + length;
	memcpy(t->out.bytes + buffers[1].cbBuffer, data, length);
}

static const char *verify(struct talk *t, uint32_t *length)
{
	uint32_t signature = t->in.length - t->in.clear;
	SecBuffer buffers[] = {
		{ t->in.clear, SECBUFFER_DATA, t->in.bytes + signature },
		{ signature, SECBUFFER_TOKEN, t->in.bytes },
	};
	SecBufferDesc message = { SECBUFFER_VERSION, 2, buffers };
	ULONG qop = 0;

	check(VerifySignature(&t->context, &message, 0, &qop), "VerifySignature");
	*length = t->in.clear;
	return buffers[0].pvBuffer;
}

static void say(struct talk *t, const char *data, uint32_t length, enum kind kind)
{
	if (kind == SIGNED)
		sign(t, data, length);
	else
		seal(t, data, length, kind);
	send_frame(t);
}

/* What was said, or NULL at the end of the conversation. */
static const char *hear(struct talk *t, uint32_t *length)
{
	if (!receive_frame(t))
		return NULL;
	if (t->in.kind < SEALED || t->in.kind > SIGNED)
		die("a frame of another kind");
	return t->in.kind == SIGNED ? verify(t, length) : unseal(t, length);
}

/* ---- what the context says of itself */

static int asked(struct talk *t, ULONG attribute, void *to, const char *name)
{
	SECURITY_STATUS status = QueryContextAttributesA(&t->context, attribute, to);

	if (status != SEC_E_OK)
		printf("%s: 0x%08x\n", name, (unsigned int)status);
	return status == SEC_E_OK;
}

/* A TimeStamp counts 100 ns since 1601; the last one there is stands for never. */
static const char *time_text(const TimeStamp *stamp)
{
	static char text[32];
	time_t seconds = (time_t)(stamp->QuadPart / 10000000 - 11644473600);
	struct tm fields;

	if (stamp->QuadPart == INT64_MAX || !split_time(seconds, &fields) ||
	    !strftime(text, sizeof(text), "%Y-%m-%d %H:%M:%S", &fields))
		return "never";
	return text;
}

static void show(struct talk *t, ULONG attributes)
{
	SecPkgContext_NamesA names = { NULL };
	SecPkgContext_NativeNamesA native = { NULL, NULL };
	SecPkgContext_NegotiationInfoA negotiated = { NULL, 0 };
	SecPkgContext_PackageInfoA package = { NULL };
	SecPkgContext_Lifespan lifespan = { 0 };

	printf("attributes: 0x%08x\n", (unsigned int)attributes);
	if (asked(t, SECPKG_ATTR_NAMES, &names, "names")) {
		printf("names: %s\n", names.sUserName);
		FreeContextBuffer(names.sUserName);
	}
	if (asked(t, SECPKG_ATTR_NATIVE_NAMES, &native, "native names")) {
		printf("native names: %s, %s\n", native.sClientName ? native.sClientName : "-",
		       native.sServerName ? native.sServerName : "-");
		FreeContextBuffer(native.sClientName);
		FreeContextBuffer(native.sServerName);
	}
	if (asked(t, SECPKG_ATTR_NEGOTIATION_INFO, &negotiated, "negotiated")) {
		printf("negotiated: %s, state %u\n", negotiated.PackageInfo->Name,
		       (unsigned int)negotiated.NegotiationState);
		t->data_first = on_wine() && !strcmp(negotiated.PackageInfo->Name, "Kerberos");
		FreeContextBuffer(negotiated.PackageInfo);
	}
	if (asked(t, SECPKG_ATTR_PACKAGE_INFO, &package, "package")) {
		printf("package: %s\n", package.PackageInfo->Name);
		FreeContextBuffer(package.PackageInfo);
	}
	if (asked(t, SECPKG_ATTR_LIFESPAN, &lifespan, "lifespan"))
		printf("lifespan: %s\n", time_text(&lifespan.tsExpiry));
	check(QueryContextAttributesA(&t->context, SECPKG_ATTR_SIZES, &t->sizes),
	      "QueryContextAttributes(SIZES)");
	printf("sizes: token %u, signature %u, block %u, trailer %u\n",
	       (unsigned int)t->sizes.cbMaxToken, (unsigned int)t->sizes.cbMaxSignature,
	       (unsigned int)t->sizes.cbBlockSize, (unsigned int)t->sizes.cbSecurityTrailer);
	fflush(stdout);
	if (t->sizes.cbSecurityTrailer > MAX_EXTRA / 2 || t->sizes.cbBlockSize > MAX_EXTRA / 2 ||
	    t->sizes.cbMaxSignature > MAX_EXTRA)
		die("this package wants more room than there is");
}

/* ---- the server */

static ULONG accept_client(struct talk *t)
{
	SECURITY_STATUS status = SEC_I_CONTINUE_NEEDED;
	CtxtHandle *half_open = NULL;
	ULONG attributes = 0;

	while (status == SEC_I_CONTINUE_NEEDED) {
		SecBuffer from = { 0, SECBUFFER_TOKEN, t->in.bytes };
		SecBuffer to = { MAX_FRAME, SECBUFFER_TOKEN, t->out.bytes };
		SecBufferDesc input = { SECBUFFER_VERSION, 1, &from };
		SecBufferDesc output = { SECBUFFER_VERSION, 1, &to };

		if (!receive_frame(t) || t->in.kind != TOKEN)
			die("the client sends no token");
		from.cbBuffer = t->in.length;
		status = AcceptSecurityContext(&t->credential, half_open, &input,
					       ASC_REQ_CONFIDENTIALITY | ASC_REQ_MUTUAL_AUTH |
					       ASC_REQ_REPLAY_DETECT | ASC_REQ_SEQUENCE_DETECT,
					       SECURITY_NATIVE_DREP, &t->context, &output,
					       &attributes, NULL);
		half_open = &t->context;
		if (status < 0)
			check(status, "AcceptSecurityContext");
		send_token(t, to.cbBuffer);
	}
	check(status, "AcceptSecurityContext");
	return attributes;
}

static SOCKET wait_for_client(unsigned short port)
{
	struct sockaddr_in address = { .sin_family = AF_INET };
	SOCKET listener = socket(AF_INET, SOCK_STREAM, 0), connection;
	socklen_t length = sizeof(address);

	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	address.sin_port = htons(port);
	if (listener == INVALID_SOCKET ||
	    bind(listener, (struct sockaddr *)&address, sizeof(address)) ||
	    listen(listener, 1) ||
	    getsockname(listener, (struct sockaddr *)&address, &length))
		die("cannot listen");
	printf("port: %u\n", ntohs(address.sin_port));
	fflush(stdout);
	connection = accept(listener, NULL, NULL);
	closesocket(listener);
	if (connection == INVALID_SOCKET)
		die("nobody came");
	return connection;
}

static void serve(struct talk *t, unsigned short port)
{
	static const char *const names[] = {
		[SEALED] = "sealed", [WRAPPED] = "readable", [SIGNED] = "signature",
	};
	const char *data;
	uint32_t length;

	check(AcquireCredentialsHandleA(NULL, (char *)t->package, SECPKG_CRED_INBOUND, NULL, NULL,
					NULL, NULL, &t->credential, NULL),
	      "AcquireCredentialsHandle");
	t->socket = wait_for_client(port);
	show(t, accept_client(t));
	while ((data = hear(t, &length)) != NULL) {
		printf("heard: %s, %u bytes\n", names[t->in.kind], length);
		say(t, data, length, t->in.kind);
	}
}

/* ---- the client */

static ULONG log_on(struct talk *t, const char *target, ULONG wishes)
{
	SECURITY_STATUS status = SEC_I_CONTINUE_NEEDED;
	CtxtHandle *half_open = NULL;
	ULONG attributes = 0;

	while (status == SEC_I_CONTINUE_NEEDED) {
		SecBuffer from = { t->in.length, SECBUFFER_TOKEN, t->in.bytes };
		SecBuffer to = { MAX_FRAME, SECBUFFER_TOKEN, t->out.bytes };
		SecBufferDesc input = { SECBUFFER_VERSION, 1, &from };
		SecBufferDesc output = { SECBUFFER_VERSION, 1, &to };

		status = InitializeSecurityContextA(&t->credential, half_open, (char *)target,
						    wishes, 0, SECURITY_NATIVE_DREP,
						    half_open ? &input : NULL, 0, &t->context,
						    &output, &attributes, NULL);
		half_open = &t->context;
		if (status < 0)
			check(status, "InitializeSecurityContext");
		send_token(t, to.cbBuffer);
		if (status == SEC_I_CONTINUE_NEEDED && (!receive_frame(t) || t->in.kind != TOKEN))
			die("the server does not answer");
	}
	check(status, "InitializeSecurityContext");
	return attributes;
}

static SOCKET connect_to(unsigned short port)
{
	struct sockaddr_in address = { .sin_family = AF_INET };
	SOCKET s = socket(AF_INET, SOCK_STREAM, 0);

	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	address.sin_port = htons(port);
	if (s == INVALID_SOCKET || connect(s, (struct sockaddr *)&address, sizeof(address)))
		die("cannot connect");
	return s;
}

/* DOMAIN\user; the password is the first line of standard input. */
static void read_identity(char *name, SEC_WINNT_AUTH_IDENTITY_A *identity)
{
	static char password[256];
	char *user = strchr(name, '\\');

	if (!user || !fgets(password, sizeof(password), stdin))
		die("say DOMAIN\\user, and the password on standard input");
	*user++ = '\0';
	password[strcspn(password, "\r\n")] = '\0';
	identity->Domain = (unsigned char *)name;
	identity->DomainLength = (ULONG)strlen(name);
	identity->User = (unsigned char *)user;
	identity->UserLength = (ULONG)strlen(user);
	identity->Password = (unsigned char *)password;
	identity->PasswordLength = (ULONG)strlen(password);
	identity->Flags = SEC_WINNT_AUTH_IDENTITY_ANSI;
}

/* Bytes that are the same in every run, so that both sides can be compared. */
static void fill(char *to, uint32_t length)
{
	uint32_t i, x = length;

	for (i = 0; i < length; i++) {
		x = x * 1664525 + 1013904223;
		to[i] = (char)(x >> 24);
	}
}

static void converse(struct talk *t, const char *kinds)
{
	static const uint32_t lengths[] = { 5, 0, 1, 1000, 65536, MAX_DATA };
	static char data[MAX_DATA];
	const char *answer;
	uint32_t heard;
	size_t i;

	for (; *kinds; kinds++) {
		enum kind kind = *kinds == 's' ? SEALED : *kinds == 'r' ? WRAPPED : SIGNED;

		for (i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
			fill(data, lengths[i]);
			say(t, data, lengths[i], kind);
			answer = hear(t, &heard);
			if (!answer || t->in.kind != kind || heard != lengths[i] ||
			    memcmp(answer, data, heard))
				die("the server does not say the same back");
		}
	}
	printf("said: all\n");
}

static void visit(struct talk *t, unsigned short port, const char *target, ULONG wishes,
		  char *user, const char *kinds)
{
	SEC_WINNT_AUTH_IDENTITY_A identity = { NULL };

	if (user)
		read_identity(user, &identity);
	check(AcquireCredentialsHandleA(NULL, (char *)t->package, SECPKG_CRED_OUTBOUND, NULL,
					user ? &identity : NULL, NULL, NULL, &t->credential, NULL),
	      "AcquireCredentialsHandle");
	t->socket = connect_to(port);
	show(t, log_on(t, target, wishes));
	converse(t, kinds);
}

static int usage(int code)
{
	fputs("usage: sspi-talk server PACKAGE [PORT]\n"
	      "       sspi-talk client PACKAGE PORT TARGET [OPTION...]\n"
	      "\n"
	      "  PACKAGE      Kerberos, Negotiate, NTLM\n"
	      "  PORT         of 127.0.0.1; the server takes any free one, and prints it\n"
	      "  TARGET       the service, as HTTP/www.example.org\n"
	      "\n"
	      "  user=DOMAIN\\USER   log on as this user; the password is read from standard\n"
	      "                     input. Without it: as who runs the program\n"
	      "  mutual       the server has to prove who it is, too\n"
	      "  say=srm      kinds of messages: sealed, readable, with a signature beside it\n",
	      code ? stderr : stdout);
	return code;
}

static unsigned short port_of(const char *text)
{
	char *end;
	unsigned long port = strtoul(text, &end, 10);

	if (*end || port > 65535)
		die("that is no port");
	return (unsigned short)port;
}

int main(int argc, char **argv)
{
	ULONG wishes = ISC_REQ_CONFIDENTIALITY | ISC_REQ_INTEGRITY | ISC_REQ_REPLAY_DETECT |
		       ISC_REQ_SEQUENCE_DETECT;
	static struct talk talk;
	struct talk *t = &talk;
	const char *kinds = "sm";
	char *user = NULL;
	int server, i;

	server = argc > 1 && !strcmp(argv[1], "server");
	if (argc == 2 && !strcmp(argv[1], "--help"))
		return usage(0);
	if (argc < 3 || (server ? argc > 4 : strcmp(argv[1], "client") || argc < 5))
		return usage(2);
	for (i = 5; i < argc; i++) {
		if (!strncmp(argv[i], "user=", 5))
			user = argv[i] + 5;
		else if (!strncmp(argv[i], "say=", 4))
			kinds = argv[i] + 4;
		else if (!strcmp(argv[i], "mutual"))
			wishes |= ISC_REQ_MUTUAL_AUTH;
		else
			return usage(2);
	}
	start_sockets();
	t->package = argv[2];
	if (server)
		serve(t, argc > 3 ? port_of(argv[3]) : 0);
	else
		visit(t, port_of(argv[3]), argv[4], wishes, user, kinds);
	DeleteSecurityContext(&t->context);
	FreeCredentialsHandle(&t->credential);
	closesocket(t->socket);
	return 0;
}
