// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Every ioctl of every kind of file, member by member.
 */
#include <errno.h>
#include <string.h>

#include "ioctl_table.h"

#define COUNT_OF(a)	(sizeof(a) / sizeof((a)[0]))

#define AT(type, member)							\
	.name = #member, .offset = offsetof(struct type, member),		\
	.size = sizeof(((struct type *)0)->member)

#define MEMBER(type, member, what)	{ AT(type, member), .kind = what }
#define SIZE(type)			MEMBER(type, size, IOCTL_SIZE)
#define OUT(type, member)		MEMBER(type, member, IOCTL_OUT)
#define RESERVED(type, member)		MEMBER(type, member, IOCTL_RESERVED)
#define REFUSED(errno_, status_)	.refusal = { .err = errno_, .status = status_ }

#define VALUE(type, member, list, ...)						\
	{ AT(type, member), .kind = IOCTL_VALUE, .values = list, .nvalues = COUNT_OF(list), \
	  __VA_ARGS__ }

#define FLAGS(type, member, bits, ...)						\
	{ AT(type, member), .kind = IOCTL_FLAGS, .max = bits, __VA_ARGS__ }

#define ARRAY(type, member, of)							\
	{ AT(type, member), .kind = IOCTL_ARRAY, .element = of }

#define LEN(type, member, pointer_, max_, ...)					\
	{ AT(type, member), .kind = IOCTL_LEN, .unit = 1, .max = max_,		\
	  .pointer = offsetof(struct type, pointer_), __VA_ARGS__ }

#define COUNT(type, member, pointer_, unit_, min_, max_, ...)			\
	{ AT(type, member), .kind = IOCTL_COUNT, .unit = unit_, .min = min_, .max = max_, \
	  .pointer = offsetof(struct type, pointer_), __VA_ARGS__ }

#define STRUCT(tag, list)	{ .name = #tag, .size = sizeof(struct tag), .members = list, \
				  .nmembers = COUNT_OF(list) }

/* Bits of fContextReq and pfContextAttr that are defined; others are not refused. */
#define ASC_REQ_BITS	0x101bffff

static const struct ioctl_member version_members[] = {
	SIZE(ksecdd_version),
	OUT(ksecdd_version, abi),
	OUT(ksecdd_version, features),
	OUT(ksecdd_version, module),
};

static const struct ioctl_struct version_struct = STRUCT(ksecdd_version, version_members);

static const uint32_t package_indices[] = { 0, 1 };

static const struct ioctl_member package_members[] = {
	SIZE(ksecdd_package),
	OUT(ksecdd_package, status),
	VALUE(ksecdd_package, index, package_indices, REFUSED(0, SEC_E_SECPKG_NOT_FOUND)),
	OUT(ksecdd_package, count),
	OUT(ksecdd_package, id),
	OUT(ksecdd_package, capabilities),
	OUT(ksecdd_package, version),
	OUT(ksecdd_package, rpcid),
	OUT(ksecdd_package, max_token),
	RESERVED(ksecdd_package, __reserved),
	OUT(ksecdd_package, name),
	OUT(ksecdd_package, comment),
};

static const struct ioctl_struct package_struct = STRUCT(ksecdd_package, package_members);

static const uint32_t packages[] = {
	KSECDD_PACKAGE_NTLM, KSECDD_PACKAGE_KERBEROS, KSECDD_PACKAGE_WDIGEST,
};
static const uint32_t uses[] = { SECPKG_CRED_INBOUND, SECPKG_CRED_OUTBOUND, SECPKG_CRED_BOTH };

static const struct ioctl_member acquire_members[] = {
	SIZE(ksecdd_acquire),
	OUT(ksecdd_acquire, status),
	VALUE(ksecdd_acquire, package, packages, REFUSED(0, SEC_E_SECPKG_NOT_FOUND)),
	VALUE(ksecdd_acquire, use, uses, REFUSED(0, SEC_E_INVALID_PARAMETER)),
	MEMBER(ksecdd_acquire, principal, IOCTL_IN),
	MEMBER(ksecdd_acquire, user, IOCTL_IN),
	MEMBER(ksecdd_acquire, domain, IOCTL_IN),
	MEMBER(ksecdd_acquire, secret, IOCTL_IN),
	LEN(ksecdd_acquire, principal_len, principal, KSECDD_MAX_NAME,
	    REFUSED(0, SEC_E_INVALID_PARAMETER)),
	LEN(ksecdd_acquire, user_len, user, KSECDD_MAX_NAME, REFUSED(0, SEC_E_INVALID_PARAMETER)),
	LEN(ksecdd_acquire, domain_len, domain, KSECDD_MAX_NAME,
	    REFUSED(0, SEC_E_INVALID_PARAMETER)),
	LEN(ksecdd_acquire, secret_len, secret, KSECDD_MAX_SECRET,
	    REFUSED(0, SEC_E_INVALID_PARAMETER)),
	OUT(ksecdd_acquire, handle),
	OUT(ksecdd_acquire, expiry),
};

static const struct ioctl_struct acquire_struct = STRUCT(ksecdd_acquire, acquire_members);

static const uint32_t object_types[] = { KSECDD_OBJECT_CREDENTIAL, KSECDD_OBJECT_CONTEXT };

static const struct ioctl_member destroy_members[] = {
	SIZE(ksecdd_destroy),
	OUT(ksecdd_destroy, status),
	MEMBER(ksecdd_destroy, handle, IOCTL_HANDLE),
	VALUE(ksecdd_destroy, type, object_types, REFUSED(EINVAL, 0)),
	RESERVED(ksecdd_destroy, __reserved),
};

static const struct ioctl_struct destroy_struct = STRUCT(ksecdd_destroy, destroy_members);

static const uint32_t dreps[] = { SECURITY_NATIVE_DREP, SECURITY_NETWORK_DREP };

static const uint32_t params_types[] = {
	KSECDD_PARAMS_NONE, KSECDD_PARAMS_PROTOCOLS, KSECDD_PARAMS_DIGEST,
};

static const struct ioctl_member accept_members[] = {
	SIZE(ksecdd_accept),
	OUT(ksecdd_accept, status),
	MEMBER(ksecdd_accept, credential, IOCTL_CREDENTIAL),
	MEMBER(ksecdd_accept, context, IOCTL_CONTEXT),
	FLAGS(ksecdd_accept, req_flags, ASC_REQ_BITS),
	VALUE(ksecdd_accept, target_drep, dreps, REFUSED(0, SEC_E_INVALID_PARAMETER)),
	MEMBER(ksecdd_accept, token, IOCTL_IN),
	MEMBER(ksecdd_accept, bindings, IOCTL_IN),
	MEMBER(ksecdd_accept, out, IOCTL_TO),
	LEN(ksecdd_accept, token_len, token, KSECDD_MAX_TOKEN, REFUSED(0, SEC_E_INVALID_TOKEN)),
	LEN(ksecdd_accept, bindings_len, bindings, KSECDD_MAX_CBT,
	    REFUSED(0, SEC_E_INVALID_TOKEN)),
	LEN(ksecdd_accept, out_len, out, UINT32_MAX),
	OUT(ksecdd_accept, ret_flags),
	OUT(ksecdd_accept, new_context),
	OUT(ksecdd_accept, expiry),
	MEMBER(ksecdd_accept, params, IOCTL_IN),
	LEN(ksecdd_accept, params_len, params, KSECDD_MAX_PARAMS,
	    REFUSED(0, SEC_E_INVALID_TOKEN)),
	OUT(ksecdd_accept, extra_len),
	OUT(ksecdd_accept, missing_len),
	VALUE(ksecdd_accept, params_type, params_types, REFUSED(EINVAL, 0)),
};

static const struct ioctl_struct accept_struct = STRUCT(ksecdd_accept, accept_members);

static const uint32_t attributes[] = {
	KSECDD_ATTR_INFO, KSECDD_ATTR_CLIENT_NAME, KSECDD_ATTR_SERVER_NAME,
	KSECDD_ATTR_TARGET_NAME, KSECDD_ATTR_SESSION_KEY,
};

#define QUERY_MEMBERS(context_kind, attributes_) {				\
	SIZE(ksecdd_query),							\
	OUT(ksecdd_query, status),						\
	MEMBER(ksecdd_query, context, context_kind),				\
	VALUE(ksecdd_query, attribute, attributes_, REFUSED(0, SEC_E_UNSUPPORTED_FUNCTION)), \
	LEN(ksecdd_query, len, buffer, UINT32_MAX),				\
	MEMBER(ksecdd_query, buffer, IOCTL_TO),					\
}

static const struct ioctl_member query_members[] = QUERY_MEMBERS(IOCTL_CONTEXT, attributes);
static const struct ioctl_struct query_struct = STRUCT(ksecdd_query, query_members);

/* The same on a token file, which has its own attributes */
static const uint32_t token_attributes[] = {
	KSECDD_ATTR_TOKEN, KSECDD_ATTR_CLIENT_NAME, KSECDD_ATTR_GROUPS, KSECDD_ATTR_CCACHE,
	KSECDD_ATTR_SIDS,
};

static const struct ioctl_member token_query_members[] = QUERY_MEMBERS(IOCTL_RESERVED,
								       token_attributes);
static const struct ioctl_struct token_query_struct = STRUCT(ksecdd_query, token_query_members);

/* Of a client who has delegated nothing, nothing is written; delegated.c has the others. */
static const struct ioctl_member fetch_members[] = {
	SIZE(ksecdd_fetch),
	OUT(ksecdd_fetch, status),
	MEMBER(ksecdd_fetch, user, IOCTL_ANY),
	MEMBER(ksecdd_fetch, domain, IOCTL_ANY),
	MEMBER(ksecdd_fetch, secret, IOCTL_ANY),
	MEMBER(ksecdd_fetch, user_len, IOCTL_ANY),
	MEMBER(ksecdd_fetch, domain_len, IOCTL_ANY),
	MEMBER(ksecdd_fetch, secret_len, IOCTL_ANY),
	RESERVED(ksecdd_fetch, __reserved),
};

static const struct ioctl_struct fetch_struct = STRUCT(ksecdd_fetch, fetch_members);

static const struct ioctl_member token_members[] = {
	SIZE(ksecdd_token),
	OUT(ksecdd_token, status),
	MEMBER(ksecdd_token, context, IOCTL_CONTEXT),
	OUT(ksecdd_token, fd),
	RESERVED(ksecdd_token, __reserved),
};

static const struct ioctl_struct token_struct = STRUCT(ksecdd_token, token_members);

static const struct ioctl_member attach_members[] = {
	SIZE(ksecdd_attach),
	OUT(ksecdd_attach, status),
	MEMBER(ksecdd_attach, context, IOCTL_CONTEXT),
	MEMBER(ksecdd_attach, fd, IOCTL_ANY),
	RESERVED(ksecdd_attach, flags),
};

static const struct ioctl_struct attach_struct = STRUCT(ksecdd_attach, attach_members);

static const uint32_t controls[] = { KSECDD_CONTROL_SHUTDOWN };

static const struct ioctl_member control_members[] = {
	SIZE(ksecdd_control),
	OUT(ksecdd_control, status),
	MEMBER(ksecdd_control, context, IOCTL_CONTEXT),
	VALUE(ksecdd_control, op, controls, REFUSED(0, SEC_E_UNSUPPORTED_FUNCTION)),
	RESERVED(ksecdd_control, value),
};

static const struct ioctl_struct control_struct = STRUCT(ksecdd_control, control_members);

/* The modifiers alone make a read-only SECBUFFER_EMPTY. */
static const uint32_t buffer_types[] = {
	SECBUFFER_EMPTY, SECBUFFER_READONLY, SECBUFFER_READONLY_WITH_CHECKSUM,
	SECBUFFER_DATA, SECBUFFER_TOKEN, SECBUFFER_PADDING, SECBUFFER_STREAM,
	SECBUFFER_DATA | SECBUFFER_READONLY, SECBUFFER_DATA | SECBUFFER_READONLY_WITH_CHECKSUM,
	SECBUFFER_TOKEN | SECBUFFER_READONLY,
};

/* All buffers of a message together are bounded; alone each may have all of it. */
static const struct ioctl_member buffer_members[] = {
	LEN(ksecdd_buffer, len, ptr, KSECDD_MAX_MESSAGE, REFUSED(0, SEC_E_INSUFFICIENT_MEMORY)),
	VALUE(ksecdd_buffer, type, buffer_types, REFUSED(0, SEC_E_INVALID_TOKEN)),
	MEMBER(ksecdd_buffer, ptr, IOCTL_INOUT),
};

static const struct ioctl_struct buffer_struct = STRUCT(ksecdd_buffer, buffer_members);

static const uint32_t message_ops[] = {
	KSECDD_MESSAGE_SIGN, KSECDD_MESSAGE_VERIFY, KSECDD_MESSAGE_ENCRYPT, KSECDD_MESSAGE_DECRYPT,
};

static const uint32_t req_message_ops[] = {
	KSECDD_MESSAGE_SIGN, KSECDD_MESSAGE_VERIFY, KSECDD_MESSAGE_ENCRYPT, KSECDD_MESSAGE_DECRYPT,
	KSECDD_MESSAGE_SIGN | KSECDD_MESSAGE_MIC, KSECDD_MESSAGE_VERIFY | KSECDD_MESSAGE_MIC,
};

static const uint32_t qops[] = { 0, SECQOP_WRAP_NO_ENCRYPT };

#define MESSAGE_MEMBERS(context_kind, ops) {					\
	SIZE(ksecdd_message),							\
	OUT(ksecdd_message, status),						\
	MEMBER(ksecdd_message, context, context_kind),				\
	VALUE(ksecdd_message, op, ops, REFUSED(EINVAL, 0)),			\
	VALUE(ksecdd_message, qop, qops, REFUSED(0, SEC_E_QOP_NOT_SUPPORTED)),	\
	MEMBER(ksecdd_message, seq, IOCTL_ANY),					\
	COUNT(ksecdd_message, nbuffers, buffers, sizeof(struct ksecdd_buffer), 1, \
	      KSECDD_MAX_BUFFERS, REFUSED(EINVAL, 0)),				\
	ARRAY(ksecdd_message, buffers, &buffer_struct),				\
}

static const struct ioctl_member message_members[] = MESSAGE_MEMBERS(IOCTL_CONTEXT, message_ops);
static const struct ioctl_struct message_struct = STRUCT(ksecdd_message, message_members);

/* The same on a request file, whose own keys are meant */
static const struct ioctl_member req_message_members[] = MESSAGE_MEMBERS(IOCTL_RESERVED,
									 req_message_ops);
static const struct ioctl_struct req_message_struct = STRUCT(ksecdd_message, req_message_members);

static const struct ioctl_member batch_members[] = {
	SIZE(ksecdd_message_batch),
	COUNT(ksecdd_message_batch, count, messages, sizeof(struct ksecdd_message), 1,
	      KSECDD_MAX_BATCH, REFUSED(EINVAL, 0)),
	ARRAY(ksecdd_message_batch, messages, &message_struct),
};

static const struct ioctl_struct batch_struct = STRUCT(ksecdd_message_batch, batch_members);

/* The key's length is the mechanism's matter; 16 is NTLM's. */
static const struct ioctl_member set_keys_members[] = {
	SIZE(ksecdd_set_keys),
	VALUE(ksecdd_set_keys, mech, packages, REFUSED(EINVAL, 0)),
	MEMBER(ksecdd_set_keys, mech_flags, IOCTL_ANY),
	{ AT(ksecdd_set_keys, key_len), .kind = IOCTL_LEN, .unit = 1, .min = 16, .max = 16,
	  .pointer = offsetof(struct ksecdd_set_keys, key), REFUSED(EINVAL, 0) },
	MEMBER(ksecdd_set_keys, key, IOCTL_IN),
};

static const struct ioctl_struct set_keys_struct = STRUCT(ksecdd_set_keys, set_keys_members);

/* A password and a client there has to be. */
#define SOME(type, name_, pointer_, max_)					\
	{ AT(type, name_), .kind = IOCTL_LEN, .unit = 1, .min = 1, .max = max_,	\
	  .pointer = offsetof(struct type, pointer_), REFUSED(EINVAL, 0) }

static const struct ioctl_member credential_members[] = {
	SIZE(ksecdd_credential),
	FLAGS(ksecdd_credential, flags, KSECDD_CREDENTIAL_FETCH, REFUSED(EINVAL, 0)),
	MEMBER(ksecdd_credential, user, IOCTL_IN),
	MEMBER(ksecdd_credential, domain, IOCTL_IN),
	MEMBER(ksecdd_credential, secret, IOCTL_IN),
	MEMBER(ksecdd_credential, client, IOCTL_IN),
	LEN(ksecdd_credential, user_len, user, KSECDD_MAX_NAME, REFUSED(EINVAL, 0)),
	LEN(ksecdd_credential, domain_len, domain, KSECDD_MAX_NAME, REFUSED(EINVAL, 0)),
	SOME(ksecdd_credential, secret_len, secret, KSECDD_MAX_SECRET),
	SOME(ksecdd_credential, client_len, client, KSECDD_MAX_NAME),
	MEMBER(ksecdd_credential, uid, IOCTL_ANY),
	MEMBER(ksecdd_credential, gid, IOCTL_ANY),
	OUT(ksecdd_credential, key),
	RESERVED(ksecdd_credential, __reserved),
};

static const struct ioctl_struct credential_struct = STRUCT(ksecdd_credential, credential_members);

static const uint32_t verdicts[] = {
	SEC_E_OK, SEC_I_CONTINUE_NEEDED, (uint32_t)SEC_E_LOGON_DENIED, (uint32_t)SEC_E_INVALID_TOKEN,
	(uint32_t)SEC_E_INTERNAL_ERROR, (uint32_t)SEC_E_NO_AUTHENTICATING_AUTHORITY,
};

static const uint32_t zero[] = { 0 };

static const struct ioctl_member complete_members[] = {
	SIZE(ksecdd_complete),
	VALUE(ksecdd_complete, status, verdicts, REFUSED(EINVAL, 0)),
	FLAGS(ksecdd_complete, flags, KSECDD_COMPLETE_EXPORT_KEY | KSECDD_COMPLETE_MAPPED |
	      KSECDD_COMPLETE_TARGET | KSECDD_COMPLETE_PARTIAL | KSECDD_COMPLETE_ALERT,
	      REFUSED(EINVAL, 0)),
	FLAGS(ksecdd_complete, ret_flags, ASC_REQ_BITS),
	MEMBER(ksecdd_complete, state, IOCTL_IN),
	MEMBER(ksecdd_complete, token, IOCTL_IN),
	MEMBER(ksecdd_complete, client, IOCTL_IN),
	MEMBER(ksecdd_complete, server, IOCTL_IN),
	MEMBER(ksecdd_complete, target, IOCTL_IN),
	MEMBER(ksecdd_complete, groups, IOCTL_IN),
	LEN(ksecdd_complete, state_len, state, KSECDD_MAX_STATE, REFUSED(EINVAL, 0)),
	LEN(ksecdd_complete, token_len, token, KSECDD_MAX_TOKEN, REFUSED(EINVAL, 0)),
	LEN(ksecdd_complete, client_len, client, KSECDD_MAX_NAME, REFUSED(EINVAL, 0)),
	LEN(ksecdd_complete, server_len, server, KSECDD_MAX_NAME, REFUSED(EINVAL, 0)),
	LEN(ksecdd_complete, target_len, target, KSECDD_MAX_NAME, REFUSED(EINVAL, 0)),
	COUNT(ksecdd_complete, ngroups, groups, sizeof(uint32_t), 0, KSECDD_MAX_GROUPS,
	      REFUSED(EINVAL, 0)),
	MEMBER(ksecdd_complete, uid, IOCTL_ANY),
	MEMBER(ksecdd_complete, gid, IOCTL_ANY),
	MEMBER(ksecdd_complete, expiry, IOCTL_ANY),
	MEMBER(ksecdd_complete, ccache, IOCTL_IN),
	MEMBER(ksecdd_complete, sids, IOCTL_IN),
	LEN(ksecdd_complete, ccache_len, ccache, KSECDD_MAX_NAME, REFUSED(EINVAL, 0)),
	LEN(ksecdd_complete, sids_len, sids, KSECDD_MAX_SIDS, REFUSED(EINVAL, 0)),
	/* Neither is anything without TLS. */
	VALUE(ksecdd_complete, unused_len, zero, REFUSED(EINVAL, 0)),
	VALUE(ksecdd_complete, alert, zero, REFUSED(EINVAL, 0)),
	MEMBER(ksecdd_complete, peer_cert, IOCTL_IN),
	MEMBER(ksecdd_complete, protocol, IOCTL_IN),
	MEMBER(ksecdd_complete, unique, IOCTL_IN),
	MEMBER(ksecdd_complete, endpoint, IOCTL_IN),
	LEN(ksecdd_complete, peer_cert_len, peer_cert, KSECDD_MAX_CERT, REFUSED(EINVAL, 0)),
	LEN(ksecdd_complete, protocol_len, protocol, KSECDD_MAX_PROTOCOL, REFUSED(EINVAL, 0)),
	LEN(ksecdd_complete, unique_len, unique, KSECDD_MAX_TLS_BINDING, REFUSED(EINVAL, 0)),
	LEN(ksecdd_complete, endpoint_len, endpoint, KSECDD_MAX_TLS_BINDING, REFUSED(EINVAL, 0)),
};

static const struct ioctl_struct complete_struct = STRUCT(ksecdd_complete, complete_members);

/* @last: the last member of the struct's first version */
#define IOCTL(number, on, s, type, last, ...)					\
	{ .name = #number, .cmd = number, .file = on, .arg = &(s),		\
	  .least = offsetof(struct type, last) + sizeof(((struct type *)0)->last), \
	  __VA_ARGS__ }
#define STATUS(type)	.status = offsetof(struct type, status)
#define NO_STATUS	.status = IOCTL_NO_STATUS

const struct ioctl_desc ioctl_table[IOCTL_TABLE_SIZE] = {
	[IOCTL_VERSION] = IOCTL(KSECDD_IOC_VERSION, IOCTL_DEVICE, version_struct, ksecdd_version,
				module, NO_STATUS, .writes = true),
	[IOCTL_PACKAGE] = IOCTL(KSECDD_IOC_PACKAGE, IOCTL_DEVICE, package_struct, ksecdd_package,
				comment, STATUS(ksecdd_package), .writes = true),
	[IOCTL_ACQUIRE] = IOCTL(KSECDD_IOC_ACQUIRE, IOCTL_DEVICE, acquire_struct, ksecdd_acquire,
				expiry, STATUS(ksecdd_acquire), .writes = true),
	[IOCTL_DESTROY] = IOCTL(KSECDD_IOC_DESTROY, IOCTL_DEVICE, destroy_struct, ksecdd_destroy,
				__reserved, STATUS(ksecdd_destroy), .writes = true),
	[IOCTL_ACCEPT] = IOCTL(KSECDD_IOC_ACCEPT, IOCTL_DEVICE, accept_struct, ksecdd_accept,
			       expiry, STATUS(ksecdd_accept), .writes = true),
	[IOCTL_QUERY] = IOCTL(KSECDD_IOC_QUERY, IOCTL_DEVICE, query_struct, ksecdd_query,
			      buffer, STATUS(ksecdd_query), .writes = true),
	[IOCTL_MESSAGE] = IOCTL(KSECDD_IOC_MESSAGE, IOCTL_DEVICE, message_struct, ksecdd_message,
				buffers, STATUS(ksecdd_message), .writes = true),
	[IOCTL_MESSAGE_BATCH] = IOCTL(KSECDD_IOC_MESSAGE_BATCH, IOCTL_DEVICE, batch_struct,
				      ksecdd_message_batch, messages, NO_STATUS, .writes = true),
	[IOCTL_TOKEN] = IOCTL(KSECDD_IOC_TOKEN, IOCTL_DEVICE, token_struct, ksecdd_token,
			      __reserved, STATUS(ksecdd_token), .writes = true),
	[IOCTL_ATTACH] = IOCTL(KSECDD_IOC_ATTACH, IOCTL_DEVICE, attach_struct, ksecdd_attach,
			       flags, STATUS(ksecdd_attach), .writes = true),
	[IOCTL_CONTROL] = IOCTL(KSECDD_IOC_CONTROL, IOCTL_DEVICE, control_struct, ksecdd_control,
				value, STATUS(ksecdd_control), .writes = true),
	[IOCTL_TOKEN_QUERY] = IOCTL(KSECDD_TOKEN_QUERY, IOCTL_TOKEN_FILE, token_query_struct,
				    ksecdd_query, buffer, STATUS(ksecdd_query), .writes = true),
	[IOCTL_TOKEN_FETCH] = IOCTL(KSECDD_TOKEN_FETCH, IOCTL_TOKEN_FILE, fetch_struct,
				    ksecdd_fetch, __reserved, STATUS(ksecdd_fetch),
				    .writes = true),
	[IOCTL_REQ_SET_KEYS] = IOCTL(KSECDD_REQ_SET_KEYS, IOCTL_REQUEST, set_keys_struct,
				     ksecdd_set_keys, key, NO_STATUS),
	[IOCTL_REQ_MESSAGE] = IOCTL(KSECDD_REQ_MESSAGE, IOCTL_REQUEST, req_message_struct,
				    ksecdd_message, buffers, STATUS(ksecdd_message),
				    .writes = true),
	[IOCTL_REQ_COMPLETE] = IOCTL(KSECDD_REQ_COMPLETE, IOCTL_REQUEST, complete_struct,
				     ksecdd_complete, sids_len, NO_STATUS, .ends = true),
	[IOCTL_REQ_CREDENTIAL] = IOCTL(KSECDD_REQ_CREDENTIAL, IOCTL_REQUEST, credential_struct,
				       ksecdd_credential, __reserved, NO_STATUS, .writes = true),
};

/**
 * ioctl_member() - a member by its name
 * @s:    the struct
 * @name: the name
 *
 * Return: the member, or NULL if there is none of that name
 */
const struct ioctl_member *ioctl_member(const struct ioctl_struct *s, const char *name)
{
	size_t i;

	for (i = 0; i < s->nmembers; i++)
		if (!strcmp(s->members[i].name, name))
			return &s->members[i];
	return NULL;
}

/**
 * ioctl_find() - an ioctl by its number
 * @file: on what kind of file
 * @cmd:  the number
 *
 * Return: the ioctl, or NULL if that kind of file has none of that number
 */
const struct ioctl_desc *ioctl_find(enum ioctl_file file, uint32_t cmd)
{
	size_t i;

	for (i = 0; i < IOCTL_TABLE_SIZE; i++)
		if (ioctl_table[i].file == file && ioctl_table[i].cmd == cmd)
			return &ioctl_table[i];
	return NULL;
}
