// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * What a context tells about itself: QueryContextAttributes.
 *
 * Each attribute has a function, which serves A and W alike: their structs have
 * the same layout, and only what their strings are differs.
 */
#include <string.h>

#include <sspi_linux.h>
#include <windows/schannel.h>

#include "libsspi/internal.h"

#define SAME_LAYOUT(name)							\
	_Static_assert(sizeof(name##A) == sizeof(name##W), "one layout for both: " #name)
SAME_LAYOUT(SecPkgContext_Names);
SAME_LAYOUT(SecPkgContext_NativeNames);
SAME_LAYOUT(SecPkgContext_KeyInfo);
SAME_LAYOUT(SecPkgContext_PackageInfo);
SAME_LAYOUT(SecPkgContext_NegotiationInfo);

/* A newer kernel may have more to say than this library knows. */
union info {
	struct ksecdd_context_info known;
	unsigned char room[256];
};

/**
 * ksspi_ask() - ask the kernel something of a context
 * @query:     whom
 * @attribute: KSECDD_ATTR_*
 * @buffer:    receives the answer
 * @len:       [in] room there; [out] length of the answer, with SEC_E_OK
 *
 * Return: a status of KSECDD_IOC_QUERY or ksspi_call()
 */
SECURITY_STATUS ksspi_ask(const struct ksspi_query *query, uint32_t attribute, void *buffer,
			  uint32_t *len)
{
	struct ksecdd_query cmd = {
		.size = sizeof(cmd),
		.context = query->context,
		.attribute = attribute,
		.len = *len,
		.buffer = ksspi_pointer(buffer),
	};
	SECURITY_STATUS status;

	status = ksspi_call(KSECDD_IOC_QUERY, &cmd);
	if (status == SEC_E_OK)
		*len = cmd.len;
	return status;
}

static SECURITY_STATUS ask_info(const struct ksspi_query *query, union info *info)
{
	uint32_t len = sizeof(*info);

	memset(info, 0, sizeof(*info));
	return ksspi_ask(query, KSECDD_ATTR_INFO, info, &len);
}

/* The facts of a context that is established. */
static SECURITY_STATUS ask_established(const struct ksspi_query *query, union info *info)
{
	SECURITY_STATUS status;

	status = ask_info(query, info);
	if (status == SEC_E_OK && info->known.state != KSECDD_STATE_ESTABLISHED)
		status = SEC_E_INVALID_HANDLE;
	return status;
}

/* A name, in memory for the caller. */
static SECURITY_STATUS ask_name(const struct ksspi_query *query, uint32_t attribute, bool wide,
				void **name)
{
	char utf8[KSECDD_MAX_NAME];
	uint32_t len = sizeof(utf8);
	SECURITY_STATUS status;

	status = ksspi_ask(query, attribute, utf8, &len);
	return status == SEC_E_OK ? ksspi_string(utf8, len, wide, name) : status;
}

/* The caller gets two strings or none: frees the first if there is no second. */
static SECURITY_STATUS both_or_none(SECURITY_STATUS second_status, void *first)
{
	if (second_status != SEC_E_OK)
		ksspi_free(first);
	return second_status;
}

static SECURITY_STATUS get_sizes(const struct ksspi_query *query, void *buffer)
{
	SecPkgContext_Sizes *sizes = buffer;
	SECURITY_STATUS status;
	union info info;

	status = ask_info(query, &info);
	if (status == SEC_E_OK)
		*sizes = (SecPkgContext_Sizes){ info.known.max_token, info.known.max_signature,
						info.known.block_size, info.known.trailer };
	return status;
}

static SECURITY_STATUS get_names(const struct ksspi_query *query, void *buffer)
{
	SecPkgContext_NamesA *names = buffer;
	SECURITY_STATUS status;
	void *name;

	status = ask_name(query, KSECDD_ATTR_CLIENT_NAME, query->wide, &name);
	if (status == SEC_E_OK)
		names->sUserName = name;
	return status;
}

/* The client as its package writes it: Kerberos' "REALM\user" is user@REALM. */
static SECURITY_STATUS ask_native_client(const struct ksspi_query *query, void **name)
{
	char given[KSECDD_MAX_NAME], native[KSECDD_MAX_NAME];
	uint32_t len = sizeof(given);
	SECURITY_STATUS status;
	const char *slash;
	union info info;

	status = ask_info(query, &info);
	if (status == SEC_E_OK)
		status = ksspi_ask(query, KSECDD_ATTR_CLIENT_NAME, given, &len);
	if (status != SEC_E_OK)
		return status;
	slash = memchr(given, '\\', len);
	if (info.known.mech == KSECDD_PACKAGE_KERBEROS && slash) {
		size_t realm = (size_t)(slash - given), user = len - realm - 1;

		memcpy(native, slash + 1, user);
		native[user] = '@';
		memcpy(native + user + 1, given, realm);
		return ksspi_string(native, len, query->wide, name);
	}
	return ksspi_string(given, len, query->wide, name);
}

static SECURITY_STATUS get_native_names(const struct ksspi_query *query, void *buffer)
{
	SecPkgContext_NativeNamesA *names = buffer;
	SECURITY_STATUS status;
	void *client, *server;

	status = ask_native_client(query, &client);
	if (status != SEC_E_OK)
		return status;
	status = both_or_none(ask_name(query, KSECDD_ATTR_SERVER_NAME, query->wide, &server),
			      client);
	if (status == SEC_E_OK) {
		names->sClientName = client;
		names->sServerName = server;
	}
	return status;
}

static SECURITY_STATUS get_flags(const struct ksspi_query *query, void *buffer)
{
	SecPkgContext_Flags *flags = buffer;
	SECURITY_STATUS status;
	union info info;

	status = ask_established(query, &info);
	if (status == SEC_E_OK)
		flags->Flags = info.known.ret_flags;
	return status;
}

static SECURITY_STATUS get_lifespan(const struct ksspi_query *query, void *buffer)
{
	SecPkgContext_Lifespan *lifespan = buffer;
	SECURITY_STATUS status;
	union info info;

	status = ask_established(query, &info);
	if (status == SEC_E_OK) {
		ksspi_set_time(&lifespan->tsStart, info.known.start);
		ksspi_set_time(&lifespan->tsExpiry, info.known.expiry);
	}
	return status;
}

/* KERB_CHECKSUM_* and KERB_ETYPE_*, as Windows' NTLM package numbers its algorithms */
static const char *algorithm_name(uint32_t algorithm)
{
	static const struct {
		uint32_t algorithm;
		const char *name;
	} names[] = {
		{ (uint32_t)-138, "HMAC-MD5" },
		{ (uint32_t)-140, "RC4" },
	};
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (names[i].algorithm == algorithm)
			return names[i].name;
	return "";
}

static SECURITY_STATUS get_key_info(const struct ksspi_query *query, void *buffer)
{
	SecPkgContext_KeyInfoA *key = buffer;
	const char *sign, *encrypt;
	void *sign_name, *encrypt_name;
	SECURITY_STATUS status;
	union info info;

	status = ask_established(query, &info);
	if (status != SEC_E_OK)
		return status;
	sign = algorithm_name(info.known.sign_alg);
	encrypt = algorithm_name(info.known.encrypt_alg);
	status = ksspi_string(sign, strlen(sign), query->wide, &sign_name);
	if (status != SEC_E_OK)
		return status;
	status = both_or_none(ksspi_string(encrypt, strlen(encrypt), query->wide, &encrypt_name),
			      sign_name);
	if (status == SEC_E_OK)
		*key = (SecPkgContext_KeyInfoA){ sign_name, encrypt_name, info.known.key_bits,
						 info.known.sign_alg, info.known.encrypt_alg };
	return status;
}

/* The package of a context: of one that was negotiated, what was chosen. */
static SECURITY_STATUS ask_package(const struct ksspi_query *query, union info *info, void **ret)
{
	struct ksecdd_package package;
	SECURITY_STATUS status;

	status = ask_info(query, info);
	if (status == SEC_E_OK)
		status = ksspi_package_by_id(info->known.mech, &package);
	if (status == SEC_E_OK)
		status = ksspi_package_info(&package, 1, query->wide, ret);
	return status;
}

static SECURITY_STATUS get_package_info(const struct ksspi_query *query, void *buffer)
{
	SecPkgContext_PackageInfoA *answer = buffer;
	SECURITY_STATUS status;
	union info info;
	void *package;

	status = ask_package(query, &info, &package);
	if (status == SEC_E_OK)
		answer->PackageInfo = package;
	return status;
}

static SECURITY_STATUS get_negotiation_info(const struct ksspi_query *query, void *buffer)
{
	SecPkgContext_NegotiationInfoA *answer = buffer;
	SECURITY_STATUS status;
	union info info;
	void *package;

	status = ask_package(query, &info, &package);
	if (status == SEC_E_OK) {
		answer->PackageInfo = package;
		answer->NegotiationState = info.known.state == KSECDD_STATE_ESTABLISHED ?
			SECPKG_NEGOTIATION_COMPLETE : SECPKG_NEGOTIATION_IN_PROGRESS;
	}
	return status;
}

static SECURITY_STATUS get_session_key(const struct ksspi_query *query, void *buffer)
{
	SecPkgContext_SessionKey *answer = buffer;
	unsigned char key[KSECDD_MAX_KEY];
	uint32_t len = sizeof(key);
	SECURITY_STATUS status;
	void *copy;

	status = ksspi_ask(query, KSECDD_ATTR_SESSION_KEY, key, &len);
	if (status != SEC_E_OK)
		return status;
	copy = ksspi_alloc(len);
	if (copy) {
		memcpy(copy, key, len);
		answer->SessionKeyLength = len;
		answer->SessionKey = copy;
	} else {
		status = SEC_E_INSUFFICIENT_MEMORY;
	}
	explicit_bzero(key, sizeof(key));
	return status;
}

static SECURITY_STATUS get_target(const struct ksspi_query *query, void *buffer)
{
	SecPkgContext_ClientSpecifiedTarget *target = buffer;
	SECURITY_STATUS status;
	WCHAR *name;
	void *copy;

	/* The struct has UTF-16 in it whoever asks. */
	status = ask_name(query, KSECDD_ATTR_TARGET_NAME, true, &copy);
	if (status != SEC_E_OK)
		return status;
	name = copy;
	if (!*name) {	/* The client did not say where it got it from: not to be relied on. */
		ksspi_free(name);
		name = NULL;
	}
	target->sTargetName = name;
	return SEC_E_OK;
}

static SECURITY_STATUS get_access_token(const struct ksspi_query *query, void *buffer)
{
	SecPkgContext_AccessToken *answer = buffer;
	SECURITY_STATUS status;
	int fd;

	status = ksspi_context_token(query->context, &fd);
	if (status == SEC_E_OK)
		answer->AccessToken = ksspi_token_handle(fd);
	return status;
}

static SECURITY_STATUS get_linux_account(const struct ksspi_query *query, void *buffer)
{
	SecPkgContext_LinuxAccount *account = buffer;
	SECURITY_STATUS status;
	union info info;

	status = ask_established(query, &info);
	if (status != SEC_E_OK)
		return status;
	if (info.known.uid == UINT32_MAX)
		return SEC_E_NO_IMPERSONATION;
	account->Uid = info.known.uid;
	return SEC_E_OK;
}

static const struct attribute {
	ULONG number;
	ULONG size;	/* of the struct that the caller gives */
	SECURITY_STATUS (*get)(const struct ksspi_query *query, void *buffer);
} attributes[] = {
	{ SECPKG_ATTR_SIZES, sizeof(SecPkgContext_Sizes), get_sizes },
	{ SECPKG_ATTR_NAMES, sizeof(SecPkgContext_NamesA), get_names },
	{ SECPKG_ATTR_LIFESPAN, sizeof(SecPkgContext_Lifespan), get_lifespan },
	{ SECPKG_ATTR_KEY_INFO, sizeof(SecPkgContext_KeyInfoA), get_key_info },
	{ SECPKG_ATTR_SESSION_KEY, sizeof(SecPkgContext_SessionKey), get_session_key },
	{ SECPKG_ATTR_PACKAGE_INFO, sizeof(SecPkgContext_PackageInfoA), get_package_info },
	{ SECPKG_ATTR_NEGOTIATION_INFO, sizeof(SecPkgContext_NegotiationInfoA),
	  get_negotiation_info },
	{ SECPKG_ATTR_ACCESS_TOKEN, sizeof(SecPkgContext_AccessToken), get_access_token },
	{ SECPKG_ATTR_NATIVE_NAMES, sizeof(SecPkgContext_NativeNamesA), get_native_names },
	{ SECPKG_ATTR_FLAGS, sizeof(SecPkgContext_Flags), get_flags },
	{ SECPKG_ATTR_CLIENT_SPECIFIED_TARGET, sizeof(SecPkgContext_ClientSpecifiedTarget),
	  get_target },
	{ SECPKG_ATTR_STREAM_SIZES, sizeof(SecPkgContext_StreamSizes), ksspi_get_stream_sizes },
	{ SECPKG_ATTR_UNIQUE_BINDINGS, sizeof(SecPkgContext_Bindings), ksspi_get_unique_bindings },
	{ SECPKG_ATTR_ENDPOINT_BINDINGS, sizeof(SecPkgContext_Bindings),
	  ksspi_get_endpoint_bindings },
	{ SECPKG_ATTR_APPLICATION_PROTOCOL, sizeof(SecPkgContext_ApplicationProtocol),
	  ksspi_get_protocol },
	{ SECPKG_ATTR_REMOTE_CERT_CONTEXT, sizeof(PCCERT_CONTEXT), ksspi_get_remote_cert },
	{ SECPKG_ATTR_CONNECTION_INFO, sizeof(SecPkgContext_ConnectionInfo),
	  ksspi_get_connection_info },
	{ SECPKG_ATTR_CIPHER_INFO, sizeof(SecPkgContext_CipherInfo), ksspi_get_cipher_info },
	{ SECPKG_ATTR_LINUX_ACCOUNT, sizeof(SecPkgContext_LinuxAccount), get_linux_account },
};

static SECURITY_STATUS query_attribute(PCtxtHandle context, ULONG number, void *buffer,
				       ULONG size, bool wide)
{
	struct ksspi_query query = { .context = ksspi_handle(context), .wide = wide };
	size_t i;

	if (!context)
		return SEC_E_INVALID_HANDLE;
	if (!buffer)
		return SEC_E_INVALID_PARAMETER;
	for (i = 0; i < sizeof(attributes) / sizeof(attributes[0]); i++) {
		if (attributes[i].number != number)
			continue;
		if (size < attributes[i].size)
			return SEC_E_BUFFER_TOO_SMALL;
		return attributes[i].get(&query, buffer);
	}
	return SEC_E_UNSUPPORTED_FUNCTION;
}

/**
 * QueryContextAttributesA() - ask a context something
 * @phContext:   the context.  Half-open it answers SECPKG_ATTR_SIZES,
 *               SECPKG_ATTR_PACKAGE_INFO and SECPKG_ATTR_NEGOTIATION_INFO
 * @ulAttribute: SECPKG_ATTR_SIZES, _NAMES, _LIFESPAN, _KEY_INFO, _SESSION_KEY,
 *               _PACKAGE_INFO, _NEGOTIATION_INFO, _NATIVE_NAMES, _FLAGS,
 *               _CLIENT_SPECIFIED_TARGET, _ACCESS_TOKEN, or
 *               SECPKG_ATTR_LINUX_ACCOUNT; of Schannel and CredSSP also
 *               _STREAM_SIZES, _CONNECTION_INFO, _CIPHER_INFO,
 *               _REMOTE_CERT_CONTEXT, _UNIQUE_BINDINGS, _ENDPOINT_BINDINGS and
 *               _APPLICATION_PROTOCOL
 * @pBuffer:     the attribute's struct, which receives the answer.  Each pointer
 *               in it is the caller's to free with FreeContextBuffer(), but
 *               AccessToken is the context's and is closed with it
 *
 * Return: SEC_E_OK; SEC_E_INVALID_HANDLE (NULL, no context, or one that is not
 *         far enough); SEC_E_INVALID_PARAMETER (@pBuffer is NULL);
 *         SEC_E_UNSUPPORTED_FUNCTION (another attribute, or a session key that
 *         the policy does not let out); SEC_E_TARGET_UNKNOWN (the client named
 *         no target); SEC_E_NO_IMPERSONATION (the client maps to no local
 *         account); SEC_E_NO_CREDENTIALS (the client has shown no certificate);
 *         SEC_E_CONTEXT_EXPIRED (a token of what is over);
 *         SEC_E_INTERNAL_ERROR (a name that is none);
 *         SEC_E_INSUFFICIENT_MEMORY
 */
SECURITY_STATUS SEC_ENTRY QueryContextAttributesA(PCtxtHandle phContext, ULONG ulAttribute,
						  void *pBuffer)
{
	return query_attribute(phContext, ulAttribute, pBuffer, UINT32_MAX, false);
}

/**
 * QueryContextAttributesW() - QueryContextAttributesA() with strings in UTF-16
 * @phContext:   the context
 * @ulAttribute: as there
 * @pBuffer:     the attribute's struct
 *
 * Return: as QueryContextAttributesA()
 */
SECURITY_STATUS SEC_ENTRY QueryContextAttributesW(PCtxtHandle phContext, ULONG ulAttribute,
						  void *pBuffer)
{
	return query_attribute(phContext, ulAttribute, pBuffer, UINT32_MAX, true);
}

/**
 * QueryContextAttributesExA() - QueryContextAttributesA() with a check of size
 * @phContext:   the context
 * @ulAttribute: as there
 * @pBuffer:     the attribute's struct
 * @cbBuffer:    its size in bytes
 *
 * Return: as QueryContextAttributesA(); SEC_E_BUFFER_TOO_SMALL
 */
SECURITY_STATUS SEC_ENTRY QueryContextAttributesExA(PCtxtHandle phContext, ULONG ulAttribute,
						    void *pBuffer, ULONG cbBuffer)
{
	return query_attribute(phContext, ulAttribute, pBuffer, cbBuffer, false);
}

/**
 * QueryContextAttributesExW() - QueryContextAttributesW() with a check of size
 * @phContext:   the context
 * @ulAttribute: as there
 * @pBuffer:     the attribute's struct
 * @cbBuffer:    its size in bytes
 *
 * Return: as QueryContextAttributesA(); SEC_E_BUFFER_TOO_SMALL
 */
SECURITY_STATUS SEC_ENTRY QueryContextAttributesExW(PCtxtHandle phContext, ULONG ulAttribute,
						    void *pBuffer, ULONG cbBuffer)
{
	return query_attribute(phContext, ulAttribute, pBuffer, cbBuffer, true);
}
