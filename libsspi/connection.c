// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * What a TLS connection tells about itself, and what is done to it besides messages: the
 * attributes of Schannel and CredSSP, ApplyControlToken and SspiAttachSocket.
 */
#include <string.h>

#include <linux/ksecdd_tls.h>

#include <sspi_linux.h>
#include <windows/schannel.h>

#include "libsspi/internal.h"

/* ALG_IDs of wincrypt.h; there is none for ChaCha20-Poly1305. */
#define CALG_AES_128	0x0000660e
#define CALG_AES_256	0x00006610
#define CALG_SHA_256	0x0000800c
#define CALG_SHA_384	0x0000800d
#define CALG_DH_EPHEM	0x0000aa02
#define CALG_ECDH_EPHEM	0x0000ae06

#define X509_ASN_ENCODING	1

/* Groups, RFC 8446 section 4.2.7: those from here on are of finite fields. */
#define FIRST_FFDHE	0x0100

/*
 * struct cipher - a cipher
 * @number: KSECDD_TLS_*
 * @alg_id: its ALG_ID, or 0
 * @block:  what SecPkgContext_StreamSizes calls its block size
 * @name:   as Windows' CNG calls it
 */
static const struct cipher {
	uint8_t number;
	ALG_ID alg_id;
	ULONG block;
	const char *name;
} ciphers[] = {
	{ KSECDD_TLS_AES_128_GCM, CALG_AES_128, 16, "AES" },
	{ KSECDD_TLS_AES_256_GCM, CALG_AES_256, 16, "AES" },
	{ KSECDD_TLS_AES_128_CCM, CALG_AES_128, 16, "AES" },
	{ KSECDD_TLS_AES_256_CCM, CALG_AES_256, 16, "AES" },
	{ KSECDD_TLS_CHACHA20_POLY1305, 0, 1, "CHACHA20_POLY1305" },
};

/*
 * struct suite - a cipher suite
 * @number:      IANA's number
 * @name:        and name
 * @exchange:    how keys are exchanged, as Windows calls it; "" - the suite does not say
 * @certificate: kind of the server's key, likewise
 */
static const struct suite {
	uint16_t number;
	const char *name;
	const char *exchange;
	const char *certificate;
} suites[] = {
	{ 0x1301, "TLS_AES_128_GCM_SHA256", "", "" },
	{ 0x1302, "TLS_AES_256_GCM_SHA384", "", "" },
	{ 0x1303, "TLS_CHACHA20_POLY1305_SHA256", "", "" },
	{ 0x1304, "TLS_AES_128_CCM_SHA256", "", "" },
	{ 0x009e, "TLS_DHE_RSA_WITH_AES_128_GCM_SHA256", "DH", "RSA" },
	{ 0x009f, "TLS_DHE_RSA_WITH_AES_256_GCM_SHA384", "DH", "RSA" },
	{ 0xc02b, "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256", "ECDH", "ECDSA" },
	{ 0xc02c, "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384", "ECDH", "ECDSA" },
	{ 0xc02f, "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", "ECDH", "RSA" },
	{ 0xc030, "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384", "ECDH", "RSA" },
	{ 0xc09e, "TLS_DHE_RSA_WITH_AES_128_CCM", "DH", "RSA" },
	{ 0xc09f, "TLS_DHE_RSA_WITH_AES_256_CCM", "DH", "RSA" },
	{ 0xc0ac, "TLS_ECDHE_ECDSA_WITH_AES_128_CCM", "ECDH", "ECDSA" },
	{ 0xc0ad, "TLS_ECDHE_ECDSA_WITH_AES_256_CCM", "ECDH", "ECDSA" },
	{ 0xcca8, "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256", "ECDH", "RSA" },
	{ 0xcca9, "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256", "ECDH", "ECDSA" },
	{ 0xccaa, "TLS_DHE_RSA_WITH_CHACHA20_POLY1305_SHA256", "DH", "RSA" },
};

/* Groups and their strengths in bits */
static const struct {
	uint16_t number;
	DWORD bits;
} groups[] = {
	{ 0x0017, 256 }, { 0x0018, 384 }, { 0x0019, 521 }, { 0x001d, 255 }, { 0x001e, 448 },
	{ 0x0100, 2048 }, { 0x0101, 3072 }, { 0x0102, 4096 }, { 0x0103, 6144 }, { 0x0104, 8192 },
};

#define COUNT_OF(a)	(sizeof(a) / sizeof((a)[0]))

static const struct cipher *find_cipher(uint8_t number)
{
	static const struct cipher unknown = { 0, 0, 1, "" };
	size_t i;

	for (i = 0; i < COUNT_OF(ciphers); i++)
		if (ciphers[i].number == number)
			return &ciphers[i];
	return &unknown;
}

/* What a newer helper negotiates has no name here. */
static const struct suite *find_suite(uint16_t number)
{
	static const struct suite unknown = { 0, "", "", "" };
	size_t i;

	for (i = 0; i < COUNT_OF(suites); i++)
		if (suites[i].number == number)
			return &suites[i];
	return &unknown;
}

static DWORD group_bits(uint16_t number)
{
	size_t i;

	for (i = 0; i < COUNT_OF(groups); i++)
		if (groups[i].number == number)
			return groups[i].bits;
	return 0;
}

static DWORD protocol_of(const struct ksecdd_tls_info *info)
{
	return info->version == KSECDD_TLS_1_3 ? SP_PROT_TLS1_3_SERVER : SP_PROT_TLS1_2_SERVER;
}

static DWORD hash_bits(const struct ksecdd_tls_info *info)
{
	return info->hash == KSECDD_TLS_SHA384 ? 384 : 256;
}

/* Names in the tables are ASCII, and fit. */
static void set_wide(WCHAR to[SZ_ALG_MAX_SIZE], const char *from)
{
	memset(to, 0, SZ_ALG_MAX_SIZE * sizeof(*to));
	ksspi_utf8_to_utf16(from, strlen(from), (uint16_t *)to, SZ_ALG_MAX_SIZE - 1);
}

static SECURITY_STATUS ask_tls(const struct ksspi_query *query, struct ksecdd_tls_info *info)
{
	union {
		struct ksecdd_tls_info known;
		unsigned char room[256];
	} answer;
	uint32_t len = sizeof(answer);
	SECURITY_STATUS status;

	memset(&answer, 0, sizeof(answer));
	status = ksspi_ask(query, KSECDD_ATTR_TLS, &answer, &len);
	if (status == SEC_E_OK)
		*info = answer.known;
	return status;
}

/**
 * ksspi_get_stream_sizes() - SECPKG_ATTR_STREAM_SIZES
 * @query:  whom
 * @buffer: a SecPkgContext_StreamSizes
 *
 * Return: SEC_E_OK; SEC_E_UNSUPPORTED_FUNCTION (it is no stream); SEC_E_INVALID_HANDLE
 */
SECURITY_STATUS ksspi_get_stream_sizes(const struct ksspi_query *query, void *buffer)
{
	SecPkgContext_StreamSizes *sizes = buffer;
	struct ksecdd_tls_info info;
	SECURITY_STATUS status;

	status = ask_tls(query, &info);
	if (status == SEC_E_OK)
		*sizes = (SecPkgContext_StreamSizes){
			.cbHeader = info.header,
			.cbTrailer = info.trailer,
			.cbMaximumMessage = info.max_message,
			.cBuffers = 4,
			.cbBlockSize = find_cipher(info.cipher)->block,
		};
	return status;
}

/**
 * ksspi_get_connection_info() - SECPKG_ATTR_CONNECTION_INFO
 * @query:  whom
 * @buffer: a SecPkgContext_ConnectionInfo; what has no number in Windows is 0
 *
 * Return: as ksspi_get_stream_sizes()
 */
SECURITY_STATUS ksspi_get_connection_info(const struct ksspi_query *query, void *buffer)
{
	SecPkgContext_ConnectionInfo *answer = buffer;
	struct ksecdd_tls_info info;
	SECURITY_STATUS status;
	ALG_ID exchange = 0;

	status = ask_tls(query, &info);
	if (status != SEC_E_OK)
		return status;
	if (info.group)
		exchange = info.group < FIRST_FFDHE ? CALG_ECDH_EPHEM : CALG_DH_EPHEM;
	*answer = (SecPkgContext_ConnectionInfo){
		.dwProtocol = protocol_of(&info),
		.aiCipher = find_cipher(info.cipher)->alg_id,
		.dwCipherStrength = info.key_bits,
		.aiHash = info.hash == KSECDD_TLS_SHA384 ? CALG_SHA_384 : CALG_SHA_256,
		.dwHashStrength = hash_bits(&info),
		.aiExch = exchange,
		.dwExchStrength = group_bits(info.group),
	};
	return SEC_E_OK;
}

/**
 * ksspi_get_cipher_info() - SECPKG_ATTR_CIPHER_INFO
 * @query:  whom
 * @buffer: a SecPkgContext_CipherInfo, whose dwVersion is not looked at
 *
 * The hash is empty: an AEAD has none of its own.
 *
 * Return: as ksspi_get_stream_sizes()
 */
SECURITY_STATUS ksspi_get_cipher_info(const struct ksspi_query *query, void *buffer)
{
	SecPkgContext_CipherInfo *answer = buffer;
	const struct cipher *cipher;
	const struct suite *suite;
	struct ksecdd_tls_info info;
	SECURITY_STATUS status;

	status = ask_tls(query, &info);
	if (status != SEC_E_OK)
		return status;
	cipher = find_cipher(info.cipher);
	suite = find_suite(info.suite);
	memset(answer, 0, sizeof(*answer));
	answer->dwVersion = SECPKGCONTEXT_CIPHERINFO_V1;
	answer->dwProtocol = protocol_of(&info);
	answer->dwCipherSuite = answer->dwBaseCipherSuite = info.suite;
	set_wide(answer->szCipherSuite, suite->name);
	set_wide(answer->szCipher, cipher->name);
	answer->dwCipherLen = info.key_bits;
	answer->dwCipherBlockLen = cipher->block;
	set_wide(answer->szExchange, suite->exchange);
	set_wide(answer->szCertificate, suite->certificate);
	answer->dwMinExchangeLen = answer->dwMaxExchangeLen = group_bits(info.group);
	return SEC_E_OK;
}

/*
 * An answer of bytes behind @head zeroed bytes, in memory for the caller.  How long it is
 * the kernel says at the first call, and it does not change.
 */
static SECURITY_STATUS ask_bytes(const struct ksspi_query *query, uint32_t attribute, size_t head,
				 void **ret, uint32_t *ret_len)
{
	uint32_t len = KSECDD_MAX_CERT;
	SECURITY_STATUS status;
	char *answer;

	answer = ksspi_alloc(head + len);
	if (!answer)
		return SEC_E_INSUFFICIENT_MEMORY;
	status = ksspi_ask(query, attribute, answer + head, &len);
	if (status != SEC_E_OK) {
		ksspi_free(answer);
		return status;
	}
	*ret = ksspi_shrink(answer, head + len);
	*ret_len = len;
	return SEC_E_OK;
}

/**
 * ksspi_get_remote_cert() - SECPKG_ATTR_REMOTE_CERT_CONTEXT
 * @query:  whom
 * @buffer: a PCCERT_CONTEXT: DER, with nothing taken apart; FreeContextBuffer() frees it
 *
 * Return: SEC_E_OK; SEC_E_NO_CREDENTIALS (the client has shown none); as
 *         ksspi_get_stream_sizes()
 */
SECURITY_STATUS ksspi_get_remote_cert(const struct ksspi_query *query, void *buffer)
{
	PCCERT_CONTEXT *answer = buffer;
	SECURITY_STATUS status;
	CERT_CONTEXT *cert;
	uint32_t len;
	void *bytes;

	status = ask_bytes(query, KSECDD_ATTR_PEER_CERT, sizeof(*cert), &bytes, &len);
	if (status != SEC_E_OK)
		return status;
	cert = bytes;
	cert->dwCertEncodingType = X509_ASN_ENCODING;
	cert->pbCertEncoded = (BYTE *)(cert + 1);
	cert->cbCertEncoded = len;
	*answer = cert;
	return SEC_E_OK;
}

/* RFC 5929: the application data is the type's name, a colon, and the bytes. */
static SECURITY_STATUS get_bindings(const struct ksspi_query *query, uint32_t attribute,
				    const char *prefix, void *buffer)
{
	SecPkgContext_Bindings *answer = buffer;
	SEC_CHANNEL_BINDINGS *bindings;
	size_t prefix_len = strlen(prefix);
	SECURITY_STATUS status;
	uint32_t len;
	void *bytes;

	status = ask_bytes(query, attribute, sizeof(*bindings) + prefix_len, &bytes, &len);
	if (status != SEC_E_OK)
		return status;
	bindings = bytes;
	bindings->dwApplicationDataOffset = sizeof(*bindings);
	bindings->cbApplicationDataLength = (ULONG)(prefix_len + len);
	memcpy(bindings + 1, prefix, prefix_len);
	answer->Bindings = bindings;
	answer->BindingsLength = (ULONG)(sizeof(*bindings) + prefix_len + len);
	return SEC_E_OK;
}

/**
 * ksspi_get_unique_bindings() - SECPKG_ATTR_UNIQUE_BINDINGS
 * @query:  whom
 * @buffer: a SecPkgContext_Bindings; FreeContextBuffer() frees what it points to
 *
 * Return: SEC_E_OK; SEC_E_UNSUPPORTED_FUNCTION (also with TLS 1.3, which has none); as
 *         ksspi_get_stream_sizes()
 */
SECURITY_STATUS ksspi_get_unique_bindings(const struct ksspi_query *query, void *buffer)
{
	return get_bindings(query, KSECDD_ATTR_UNIQUE, "tls-unique:", buffer);
}

/**
 * ksspi_get_endpoint_bindings() - SECPKG_ATTR_ENDPOINT_BINDINGS
 * @query:  whom
 * @buffer: a SecPkgContext_Bindings; FreeContextBuffer() frees what it points to
 *
 * Return: as ksspi_get_stream_sizes()
 */
SECURITY_STATUS ksspi_get_endpoint_bindings(const struct ksspi_query *query, void *buffer)
{
	return get_bindings(query, KSECDD_ATTR_ENDPOINT, "tls-server-end-point:", buffer);
}

/**
 * ksspi_get_protocol() - SECPKG_ATTR_APPLICATION_PROTOCOL
 * @query:  whom
 * @buffer: a SecPkgContext_ApplicationProtocol
 *
 * Return: SEC_E_OK, also if none was negotiated; as ksspi_get_stream_sizes()
 */
SECURITY_STATUS ksspi_get_protocol(const struct ksspi_query *query, void *buffer)
{
	SecPkgContext_ApplicationProtocol answer = {};
	uint32_t len = sizeof(answer.ProtocolId);
	SECURITY_STATUS status;

	status = ksspi_ask(query, KSECDD_ATTR_PROTOCOL, answer.ProtocolId, &len);
	if (status != SEC_E_OK)
		return status;
	if (len) {
		answer.ProtoNegoStatus = SecApplicationProtocolNegotiationStatus_Success;
		answer.ProtoNegoExt = SecApplicationProtocolNegotiationExt_ALPN;
		answer.ProtocolIdSize = (unsigned char)len;
	}
	memcpy(buffer, &answer, sizeof(answer));
	return SEC_E_OK;
}

/* Schannel's tokens begin with their type; 0 for what is none that there is here. */
static uint32_t control_of(const SecBufferDesc *input)
{
	DWORD type;
	ULONG i;

	if (ksspi_check_desc(input) != SEC_E_OK)
		return 0;
	for (i = 0; i < input->cBuffers; i++) {
		const SecBuffer *buffer = &input->pBuffers[i];

		if ((buffer->BufferType & ~SECBUFFER_ATTRMASK) != SECBUFFER_TOKEN)
			continue;
		if (!buffer->pvBuffer || buffer->cbBuffer < sizeof(type))
			return 0;
		memcpy(&type, buffer->pvBuffer, sizeof(type));
		return type == SCHANNEL_SHUTDOWN ? KSECDD_CONTROL_SHUTDOWN : 0;
	}
	return 0;
}

/**
 * ApplyControlToken() - do something to a connection
 * @phContext: an established context of Schannel or CredSSP
 * @pInput:    a SECBUFFER_TOKEN with the DWORD SCHANNEL_SHUTDOWN: the next
 *             AcceptSecurityContext() without a token gives the close_notify to be sent
 *
 * Return: SEC_E_OK; SEC_E_INVALID_HANDLE; SEC_E_CONTEXT_EXPIRED;
 *         SEC_E_UNSUPPORTED_FUNCTION (another token, or another package)
 */
SECURITY_STATUS SEC_ENTRY ApplyControlToken(PCtxtHandle phContext, PSecBufferDesc pInput)
{
	struct ksecdd_control cmd = {
		.size = sizeof(cmd),
		.context = ksspi_handle(phContext),
		.op = control_of(pInput),
	};

	return ksspi_call(KSECDD_IOC_CONTROL, &cmd);
}

/**
 * SspiAttachSocket() - have the kernel's TLS carry a connection
 * @phContext: an established context of Schannel or CredSSP
 * @fd:        the connection's socket, TCP; there must be nothing left of it that was read
 *             and not decrypted
 * @flags:     0
 *
 * Afterwards read(), write(), sendfile() and splice() of the socket carry the plain text,
 * and EncryptMessage() and DecryptMessage() are SEC_E_CONTEXT_EXPIRED: the keys have gone.
 *
 * Return: SEC_E_OK; SEC_E_INVALID_HANDLE; SEC_E_INVALID_PARAMETER (@flags, or no connected
 *         TCP socket); SEC_E_INCOMPLETE_MESSAGE (there is something that was read and that
 *         DecryptMessage() has not decrypted); SEC_E_OUT_OF_SEQUENCE (the answer to a
 *         SEC_I_RENEGOTIATE is due); SEC_E_ALGORITHM_MISMATCH (the running kernel's TLS
 *         lacks the cipher); SEC_E_SECPKG_NOT_FOUND (it has no TLS); SEC_E_NOT_OWNER (the
 *         socket has another protocol on top, or keys); SEC_E_UNSUPPORTED_FUNCTION
 *         (another package); SEC_E_CONTEXT_EXPIRED; SEC_E_INSUFFICIENT_MEMORY, after
 *         which the context may be SEC_E_CONTEXT_EXPIRED
 */
SECURITY_STATUS SEC_ENTRY SspiAttachSocket(PCtxtHandle phContext, int fd, ULONG flags)
{
	struct ksecdd_attach cmd = {
		.size = sizeof(cmd),
		.context = ksspi_handle(phContext),
		.fd = fd,
	};

	if (flags)
		return SEC_E_INVALID_PARAMETER;
	return ksspi_call(KSECDD_IOC_ATTACH, &cmd);
}
