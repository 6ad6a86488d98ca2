// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A service that speaks TLS through sspi.h and echoes what its clients say.
 *
 * The keys of a connection are never here: what a client sends goes to
 * AcceptSecurityContext and DecryptMessage as it comes from the socket, and what these
 * say of it - what is missing, what was too much - is believed to the byte.
 *
 * Each line on stdout is something that has happened, for the test that has started it.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <getopt.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <sspi_linux.h>
#include <windows/schannel.h>

#define ROOM	(4 * 18432)	/* for records that have come; one is 16 KiB and its overhead */

static const char usage[] =
	"usage: sspi-tls [OPTION...]\n"
	"\n"
	"Waits on a port of 127.0.0.1, accepts TLS from one client after the other through\n"
	"sspi.h, and echoes what it says. The port and what happens are printed, a line each.\n"
	"A client's message that begins with \"close\" ends this side of the connection.\n"
	"\n"
	"  --principal NAME   the [tls NAME] of ksecd.conf\n"
	"  --mutual           ASC_REQ_MUTUAL_AUTH\n"
	"  --protocols LIST   protocols for ALPN, with commas between them\n"
	"  --byte             read a byte at a time, and ask with each\n"
	"  --attach           SspiAttachSocket after the handshake\n"
	"  --linger           keep each context until the next client has come\n"
	"  --help             this text\n";

static struct {
	const char *principal;
	const char *protocols;
	bool mutual;
	bool byte;
	bool attach;
	bool linger;
} options;

static CredHandle credential;

/**
 * struct connection - a client
 * @fd:        its socket
 * @context:   the library's
 * @have:      there is one
 * @in:        what has come and was not used yet
 * @len:       its length in bytes
 * @calls:     of AcceptSecurityContext
 * @sizes:     what a record has besides its data
 * @closed:    this side has ended
 */
struct connection {
	int fd;
	CtxtHandle context;
	bool have;
	BYTE in[ROOM];
	ULONG len;
	unsigned int calls;
	SecPkgContext_StreamSizes sizes;
	bool closed;
};

static void put_hex(const char *name, const void *data, size_t len)
{
	const unsigned char *byte = data;
	size_t i;

	printf(" %s=", name);
	for (i = 0; i < len; i++)
		printf("%02x", byte[i]);
}

static bool transmit(struct connection *c, const void *data, size_t len)
{
	const char *p = data;
	ssize_t n;

	while (len) {
		n = send(c->fd, p, len, MSG_NOSIGNAL);
		if (n < 0) {
			printf("lost errno=%d\n", errno);
			return false;
		}
		p += n;
		len -= (size_t)n;
	}
	return true;
}

/* More bytes of the client; false at the end of them. */
static bool receive(struct connection *c)
{
	ssize_t n;

	if (c->len == sizeof(c->in)) {
		puts("full");
		return false;
	}
	n = recv(c->fd, c->in + c->len, options.byte ? 1 : sizeof(c->in) - c->len, 0);
	if (n <= 0) {
		printf("eof errno=%d left=%u\n", n ? errno : 0, c->len);
		return false;
	}
	c->len += (ULONG)n;
	return true;
}

/* What was not used is the end of what was given. */
static void keep_extra(struct connection *c, const SecBuffer *buffers, ULONG n)
{
	ULONG i, extra = 0;

	for (i = 0; i < n; i++)
		if (buffers[i].BufferType == SECBUFFER_EXTRA)
			extra = buffers[i].cbBuffer;
	if (extra > c->len) {
		puts("wrong: more is left than there was");
		extra = c->len;
	}
	memmove(c->in, c->in + c->len - extra, extra);
	c->len = extra;
}

static ULONG missing(const SecBuffer *buffers, ULONG n)
{
	ULONG i;

	for (i = 0; i < n; i++)
		if (buffers[i].BufferType == SECBUFFER_MISSING)
			return buffers[i].cbBuffer;
	return 0;
}

/* SEC_APPLICATION_PROTOCOLS of --protocols; returns its length. */
static ULONG make_protocols(BYTE *buf)
{
	SEC_APPLICATION_PROTOCOLS *all = (SEC_APPLICATION_PROTOCOLS *)buf;
	SEC_APPLICATION_PROTOCOL_LIST *list = &all->ProtocolLists[0];
	BYTE *p = list->ProtocolList;
	const char *name = options.protocols;
	size_t len;

	for (; *name; name += len + (name[len] == ',')) {
		len = strcspn(name, ",");
		*p++ = (BYTE)len;
		memcpy(p, name, len);
		p += len;
	}
	list->ProtoNegoExt = SecApplicationProtocolNegotiationExt_ALPN;
	list->ProtocolListSize = (unsigned short)(p - list->ProtocolList);
	all->ProtocolListsSize = (ULONG)(p - (BYTE *)list);
	return (ULONG)(p - buf);
}

/* One call of AcceptSecurityContext with what has come, or with nothing. */
static SECURITY_STATUS accept_once(struct connection *c, bool nothing, ULONG *attributes)
{
	BYTE protocols[512];
	SecBuffer in[] = {
		{ c->len, SECBUFFER_TOKEN, c->in },
		{ 0, SECBUFFER_EMPTY, NULL },
		{ 0, SECBUFFER_APPLICATION_PROTOCOLS, protocols },
	};
	SecBuffer out = { 0, SECBUFFER_TOKEN, NULL };
	SecBufferDesc input = { SECBUFFER_VERSION, options.protocols ? 3 : 2, in };
	SecBufferDesc output = { SECBUFFER_VERSION, 1, &out };
	ULONG req = ASC_REQ_ALLOCATE_MEMORY | ASC_REQ_STREAM | ASC_REQ_EXTENDED_ERROR |
		    (options.mutual ? ASC_REQ_MUTUAL_AUTH : 0);
	SECURITY_STATUS status;

	if (options.protocols)
		in[2].cbBuffer = make_protocols(protocols);
	status = AcceptSecurityContext(&credential, c->have ? &c->context : NULL,
				       nothing ? NULL : &input, req, SECURITY_NATIVE_DREP,
				       &c->context, &output, attributes, NULL);
	c->calls++;
	if (status == SEC_E_INCOMPLETE_MESSAGE) {
		if (!missing(in, 2))
			puts("wrong: nothing is missing");
		return status;
	}
	c->have |= SEC_SUCCESS(status);
	if (!nothing)
		keep_extra(c, in, 2);
	if (out.cbBuffer)
		transmit(c, out.pvBuffer, out.cbBuffer);
	if (out.pvBuffer)
		FreeContextBuffer(out.pvBuffer);
	return status;
}

static void tell_bindings(struct connection *c, ULONG attribute, const char *name)
{
	SecPkgContext_Bindings bindings;
	const SEC_CHANNEL_BINDINGS *b;

	if (QueryContextAttributesA(&c->context, attribute, &bindings) != SEC_E_OK)
		return;
	b = bindings.Bindings;
	put_hex(name, (const BYTE *)b + b->dwApplicationDataOffset, b->cbApplicationDataLength);
	FreeContextBuffer(bindings.Bindings);
}

/* What is known of the connection */
static void tell(struct connection *c)
{
	SecPkgContext_ApplicationProtocol protocol;
	SecPkgContext_ConnectionInfo connection;
	SecPkgContext_CipherInfo cipher = { .dwVersion = SECPKGCONTEXT_CIPHERINFO_V1 };
	SecPkgContext_NamesA names;
	PCCERT_CONTEXT cert;

	if (QueryContextAttributesA(&c->context, SECPKG_ATTR_CONNECTION_INFO, &connection) ==
	    SEC_E_OK)
		printf(" protocol=%x strength=%u", connection.dwProtocol,
		       connection.dwCipherStrength);
	if (QueryContextAttributesA(&c->context, SECPKG_ATTR_CIPHER_INFO, &cipher) == SEC_E_OK)
		printf(" suite=%04x", cipher.dwCipherSuite);
	if (QueryContextAttributesA(&c->context, SECPKG_ATTR_APPLICATION_PROTOCOL, &protocol) ==
	    SEC_E_OK && protocol.ProtoNegoStatus == SecApplicationProtocolNegotiationStatus_Success)
		printf(" alpn=%.*s", protocol.ProtocolIdSize, (const char *)protocol.ProtocolId);
	if (QueryContextAttributesA(&c->context, SECPKG_ATTR_REMOTE_CERT_CONTEXT, &cert) ==
	    SEC_E_OK) {
		put_hex("certificate", cert->pbCertEncoded, cert->cbCertEncoded);
		FreeContextBuffer((void *)cert);
	}
	if (QueryContextAttributesA(&c->context, SECPKG_ATTR_NAMES, &names) == SEC_E_OK) {
		put_hex("client", names.sUserName, strlen(names.sUserName));
		FreeContextBuffer(names.sUserName);
	}
	tell_bindings(c, SECPKG_ATTR_UNIQUE_BINDINGS, "unique");
	tell_bindings(c, SECPKG_ATTR_ENDPOINT_BINDINGS, "endpoint");
	printf(" header=%u trailer=%u maximum=%u", c->sizes.cbHeader, c->sizes.cbTrailer,
	       c->sizes.cbMaximumMessage);
}

static bool handshake(struct connection *c)
{
	SECURITY_STATUS status = SEC_E_INCOMPLETE_MESSAGE;
	ULONG attributes = 0;

	while (status == SEC_E_INCOMPLETE_MESSAGE || status == SEC_I_CONTINUE_NEEDED) {
		if ((status == SEC_E_INCOMPLETE_MESSAGE || !c->len) && !receive(c))
			return false;
		status = accept_once(c, false, &attributes);
	}
	printf("handshake status=%08x flags=%x calls=%u extra=%u", (unsigned int)status, attributes,
	       c->calls, c->len);
	if (status == SEC_E_OK &&
	    QueryContextAttributesA(&c->context, SECPKG_ATTR_STREAM_SIZES, &c->sizes) == SEC_E_OK)
		tell(c);
	putchar('\n');
	return status == SEC_E_OK;
}

/* Sends data, in as many records as it takes. */
static bool say(struct connection *c, const BYTE *data, ULONG len)
{
	static BYTE record[32768];
	SecBuffer buffers[4];
	SecBufferDesc message = { SECBUFFER_VERSION, 4, buffers };
	SECURITY_STATUS status;
	ULONG n;

	for (; len; data += n, len -= n) {
		n = len < c->sizes.cbMaximumMessage ? len : c->sizes.cbMaximumMessage;
		buffers[0] = (SecBuffer){ c->sizes.cbHeader, SECBUFFER_STREAM_HEADER, record };
		buffers[1] = (SecBuffer){ n, SECBUFFER_DATA, record + c->sizes.cbHeader };
		buffers[2] = (SecBuffer){ c->sizes.cbTrailer, SECBUFFER_STREAM_TRAILER,
					  record + c->sizes.cbHeader + n };
		buffers[3] = (SecBuffer){ 0, SECBUFFER_EMPTY, NULL };
		memcpy(buffers[1].pvBuffer, data, n);
		status = EncryptMessage(&c->context, 0, &message, 0);
		if (status != SEC_E_OK) {
			printf("encrypt status=%08x\n", (unsigned int)status);
			return false;
		}
		if (!transmit(c, record, buffers[0].cbBuffer + n + buffers[2].cbBuffer))
			return false;
	}
	return true;
}

/* Ends this side: close_notify, and nothing more can be encrypted. */
static void end_side(struct connection *c)
{
	DWORD token = SCHANNEL_SHUTDOWN;
	SecBuffer buffer = { sizeof(token), SECBUFFER_TOKEN, &token };
	SecBufferDesc input = { SECBUFFER_VERSION, 1, &buffer };
	SECURITY_STATUS control, status;
	ULONG attributes;

	control = ApplyControlToken(&c->context, &input);
	status = accept_once(c, true, &attributes);
	printf("shutdown control=%08x status=%08x\n", (unsigned int)control, (unsigned int)status);
	c->closed = true;
}

static bool take_data(struct connection *c, const SecBuffer *data)
{
	printf("data length=%u%s\n", data->cbBuffer, c->closed ? " after=shutdown" : "");
	if (c->closed)
		return true;
	if (!say(c, data->pvBuffer, data->cbBuffer))
		return false;
	if (data->cbBuffer >= 5 && !memcmp(data->pvBuffer, "close", 5))
		end_side(c);
	return true;
}

/* One record; false when the connection is over. */
static bool take_record(struct connection *c)
{
	SecBuffer buffers[4] = {
		{ c->len, SECBUFFER_DATA, c->in },
		{ 0, SECBUFFER_EMPTY, NULL }, { 0, SECBUFFER_EMPTY, NULL },
		{ 0, SECBUFFER_EMPTY, NULL },
	};
	SecBufferDesc message = { SECBUFFER_VERSION, 4, buffers };
	SECURITY_STATUS status;
	ULONG attributes;
	bool goes_on = true;

	status = DecryptMessage(&c->context, &message, 0, NULL);
	if (status == SEC_E_INCOMPLETE_MESSAGE) {
		if (!missing(buffers, 4))
			puts("wrong: nothing is missing");
		return receive(c);
	}
	if (status != SEC_E_OK || buffers[1].cbBuffer == 0)
		printf("decrypt status=%08x\n", (unsigned int)status);
	if (status == SEC_E_OK && buffers[1].BufferType == SECBUFFER_DATA && buffers[1].cbBuffer)
		goes_on = take_data(c, &buffers[1]);
	if (!SEC_SUCCESS(status))
		return false;
	keep_extra(c, buffers, 4);
	if (status == SEC_I_RENEGOTIATE)
		printf("update status=%08x\n", (unsigned int)accept_once(c, true, &attributes));
	if (status == SEC_I_CONTEXT_EXPIRED) {
		if (!c->closed)
			end_side(c);
		return false;
	}
	return goes_on;
}

static void serve_stream(struct connection *c)
{
	while ((c->len || receive(c)) && take_record(c))
		;
}

/* The same by read() and write() of the socket */
static void serve_attached(struct connection *c)
{
	SECURITY_STATUS status = SspiAttachSocket(&c->context, c->fd, 0);
	ssize_t n;

	printf("attach status=%08x\n", (unsigned int)status);
	while (status == SEC_E_OK && (n = read(c->fd, c->in, sizeof(c->in))) > 0) {
		printf("data length=%zd\n", n);
		if (!transmit(c, c->in, (size_t)n))
			break;
	}
}

static void serve(int fd)
{
	static struct connection c;
	static CtxtHandle kept;
	static bool have_kept;

	memset(&c, 0, sizeof(c));
	c.fd = fd;
	puts("client");
	if (handshake(&c)) {
		if (options.attach)
			serve_attached(&c);
		else
			serve_stream(&c);
	}
	if (have_kept)
		DeleteSecurityContext(&kept);
	kept = c.context;
	have_kept = c.have;
	if (have_kept && !options.linger) {
		DeleteSecurityContext(&kept);
		have_kept = false;
	}
	close(fd);
	puts("over");
}

static int listen_on_loopback(void)
{
	struct sockaddr_in address = { .sin_family = AF_INET,
				       .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof(address);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof(address)) || listen(fd, 16) ||
	    getsockname(fd, (struct sockaddr *)&address, &len)) {
		fprintf(stderr, "sspi-tls: no port: %s\n", strerror(errno));
		exit(1);
	}
	printf("port %u\n", ntohs(address.sin_port));
	return fd;
}

static void parse_options(int argc, char **argv)
{
	static const struct option longs[] = {
		{ "principal", required_argument, NULL, 'p' },
		{ "protocols", required_argument, NULL, 'l' },
		{ "mutual", no_argument, NULL, 'm' },
		{ "byte", no_argument, NULL, 'b' },
		{ "attach", no_argument, NULL, 'a' },
		{ "linger", no_argument, NULL, 'k' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	int c;

	while ((c = getopt_long(argc, argv, "", longs, NULL)) != -1) {
		switch (c) {
		case 'p':
			options.principal = optarg;
			break;
		case 'l':
			options.protocols = optarg;
			break;
		case 'm':
			options.mutual = true;
			break;
		case 'b':
			options.byte = true;
			break;
		case 'a':
			options.attach = true;
			break;
		case 'k':
			options.linger = true;
			break;
		case 'h':
			fputs(usage, stdout);
			exit(0);
		default:
			fputs("Try 'sspi-tls --help'.\n", stderr);
			exit(2);
		}
	}
}

int main(int argc, char **argv)
{
	SECURITY_STATUS status;
	int fd, client;

	parse_options(argc, argv);
	setvbuf(stdout, NULL, _IOLBF, 0);
	status = AcquireCredentialsHandleA((char *)options.principal, UNISP_NAME_A,
					   SECPKG_CRED_INBOUND, NULL, NULL, NULL, NULL, &credential,
					   NULL);
	if (status != SEC_E_OK) {
		fprintf(stderr, "sspi-tls: AcquireCredentialsHandle: %08x\n", (unsigned int)status);
		return 1;
	}
	fd = listen_on_loopback();
	for (;;) {
		client = accept(fd, NULL, NULL);
		if (client >= 0)
			serve(client);
	}
}
