/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * The ABI of /dev/ksecdd and of the helper's request files.
 */
#ifndef _UAPI_LINUX_KSECDD_H
#define _UAPI_LINUX_KSECDD_H

#include <linux/ioctl.h>
#include <linux/types.h>
#include <linux/ksecdd_sspi.h>

/**
 * DOC: General ioctl format
 *
 * Every ioctl takes a pointer to a struct whose first member, @size, the caller
 * sets to the size of the struct it was compiled with.  A kernel that knows a
 * longer struct takes the missing members as zero; a kernel that knows a
 * shorter one refuses the call unless the members it does not know are zero.
 * Reserved members must be zero.  Pointers are __aligned_u64.
 *
 * The result of a security function is a SECURITY_STATUS and is returned in
 * @status of the struct, with the ioctl itself returning 0.  The errno of the
 * ioctl is for faults of the call as such, and nothing was done then:
 *
 *  - ENOTTY: no such ioctl on this file
 *  - E2BIG: @size is larger than the kernel knows and the excess is not zero,
 *    or @size is more than a page
 *  - EINVAL: @size is too small, a reserved member is not zero, or a member
 *    that is not a SECURITY_STATUS matter has a value that is not defined
 *  - EFAULT: a pointer does not point to memory of the caller
 *  - ENOMEM: out of memory before the function began
 *  - EINTR: the caller was killed while waiting for the helper
 *
 * @status is written in that case only if the struct can be written at all.
 *
 * Strings are UTF-8 with a length in bytes and without a terminating NUL, times
 * are FILETIME values (units of 100 ns since 1601-01-01) in UTC;
 * KSECDD_TIME_NEVER means no end.
 */

#define KSECDD_ABI_VERSION	1
#define KSECDD_DEVICE		"/dev/ksecdd"

/* Limits, in bytes or elements */
#define KSECDD_MAX_TOKEN	65536	/* a security token, either way */
#define KSECDD_MAX_STATE	4096	/* half-open state of an engine */
#define KSECDD_MAX_CBT		65536	/* channel bindings */
#define KSECDD_MAX_NAME		1024	/* a name of any kind */
#define KSECDD_MAX_SECRET	1024	/* a password */
#define KSECDD_MAX_GROUPS	1024	/* groups of a mapped account */
#define KSECDD_MAX_SIDS		65535	/* the SIDs of a client, as text */
#define KSECDD_MAX_BUFFERS	64	/* buffers of a message */
#define KSECDD_MAX_MESSAGE	1048576	/* all buffers of a message together */
#define KSECDD_MAX_BATCH	64	/* messages in one ioctl */
#define KSECDD_MAX_KEY		64	/* a session key */
#define KSECDD_MAX_PARAMS	16384	/* what a service says to its package */
#define KSECDD_MAX_CERT		65535	/* a certificate, DER */
#define KSECDD_MAX_PROTOCOL	255	/* the name of an application protocol */
#define KSECDD_MAX_TLS_BINDING	64	/* channel bindings of a TLS connection */

#define KSECDD_TIME_NEVER	0x7fffffffffffffffLL

/*
 * A handle is {dwLower = id, dwUpper = generation} of sspi.h's SecHandle packed
 * into 64 bits, the id in the low half.  Neither 0 nor ~0 is ever a handle.
 */

/* Packages */
#define KSECDD_PACKAGE_NTLM	1
#define KSECDD_PACKAGE_KERBEROS	2
#define KSECDD_PACKAGE_NEGOTIATE 3
#define KSECDD_PACKAGE_SCHANNEL	4
#define KSECDD_PACKAGE_CREDSSP	5
#define KSECDD_PACKAGE_WDIGEST	6

#define KSECDD_IOC_MAGIC	0xD5

/* ioctls of /dev/ksecdd */
#define KSECDD_IOC_VERSION		_IO(KSECDD_IOC_MAGIC, 0x00)
#define KSECDD_IOC_PACKAGE		_IO(KSECDD_IOC_MAGIC, 0x01)
#define KSECDD_IOC_ACQUIRE		_IO(KSECDD_IOC_MAGIC, 0x02)
#define KSECDD_IOC_DESTROY		_IO(KSECDD_IOC_MAGIC, 0x03)
#define KSECDD_IOC_ACCEPT		_IO(KSECDD_IOC_MAGIC, 0x04)
#define KSECDD_IOC_QUERY		_IO(KSECDD_IOC_MAGIC, 0x05)
#define KSECDD_IOC_MESSAGE		_IO(KSECDD_IOC_MAGIC, 0x06)
#define KSECDD_IOC_MESSAGE_BATCH	_IO(KSECDD_IOC_MAGIC, 0x07)
#define KSECDD_IOC_TOKEN		_IO(KSECDD_IOC_MAGIC, 0x08)
#define KSECDD_IOC_ATTACH		_IO(KSECDD_IOC_MAGIC, 0x09)
#define KSECDD_IOC_CONTROL		_IO(KSECDD_IOC_MAGIC, 0x0a)

/* ioctls of a token file */
#define KSECDD_TOKEN_QUERY		_IO(KSECDD_IOC_MAGIC, 0x40)
#define KSECDD_TOKEN_FETCH		_IO(KSECDD_IOC_MAGIC, 0x41)

/* ioctls of a request file, for the helper */
#define KSECDD_REQ_SET_KEYS		_IO(KSECDD_IOC_MAGIC, 0x80)
#define KSECDD_REQ_MESSAGE		_IO(KSECDD_IOC_MAGIC, 0x81)
#define KSECDD_REQ_COMPLETE		_IO(KSECDD_IOC_MAGIC, 0x82)
#define KSECDD_REQ_CREDENTIAL		_IO(KSECDD_IOC_MAGIC, 0x83)

/**
 * struct ksecdd_version - ioctl(KSECDD_IOC_VERSION)
 * @size:       [in]  sizeof(struct ksecdd_version)
 * @abi:        [out] KSECDD_ABI_VERSION of the module
 * @features:   [out] 0; bits will name what an ABI version does not tell
 * @module:     [out] version of the module, NUL-terminated
 */
struct ksecdd_version {
	__u32 size;
	__u32 abi;
	__aligned_u64 features;
	char module[32];
};

/**
 * struct ksecdd_package - ioctl(KSECDD_IOC_PACKAGE), one line of the package list
 * @size:         [in]  sizeof(struct ksecdd_package)
 * @status:       [out] SEC_E_OK, or SEC_E_SECPKG_NOT_FOUND past the last package
 * @index:        [in]  0 to @count - 1
 * @count:        [out] number of packages
 * @id:           [out] KSECDD_PACKAGE_*
 * @capabilities: [out] SECPKG_FLAG_* of sspi.h
 * @version:      [out] SecPkgInfo.wVersion
 * @rpcid:        [out] SecPkgInfo.wRPCID
 * @max_token:    [out] SecPkgInfo.cbMaxToken in bytes
 * @__reserved:   must be 0
 * @name:         [out] SecPkgInfo.Name, NUL-terminated
 * @comment:      [out] SecPkgInfo.Comment, NUL-terminated
 *
 * A package whose algorithms this kernel does not have (MD5 under fips=1) is
 * not in the list, nor is one other than NTLM where no helper has registered for it
 * yet.
 */
struct ksecdd_package {
	__u32 size;
	__s32 status;
	__u32 index;
	__u32 count;
	__u32 id;
	__u32 capabilities;
	__u16 version;
	__u16 rpcid;
	__u32 max_token;
	__aligned_u64 __reserved;
	char name[32];
	char comment[96];
};

/**
 * struct ksecdd_acquire - ioctl(KSECDD_IOC_ACQUIRE), AcquireCredentialsHandle
 * @size:          [in]  sizeof(struct ksecdd_acquire)
 * @status:        [out] SECURITY_STATUS
 * @package:       [in]  KSECDD_PACKAGE_*
 * @use:           [in]  SECPKG_CRED_INBOUND, _OUTBOUND or _BOTH
 * @principal:     [in]  name of the principal, or NULL
 * @user:          [in]  user of the explicit credentials, or NULL for none
 * @domain:        [in]  domain of the explicit credentials, or NULL
 * @secret:        [in]  password of the explicit credentials, or NULL
 * @principal_len: [in]  0 to KSECDD_MAX_NAME
 * @user_len:      [in]  0 to KSECDD_MAX_NAME
 * @domain_len:    [in]  0 to KSECDD_MAX_NAME
 * @secret_len:    [in]  0 to KSECDD_MAX_SECRET
 * @handle:        [out] the credential
 * @expiry:        [out] FILETIME, UTC
 *
 * The explicit credentials become the payload of a key of the type
 * "ksecdd_cred", which nobody can read; they count against the caller's key
 * quota.
 *
 * Statuses: SEC_E_SECPKG_NOT_FOUND, SEC_E_UNSUPPORTED_FUNCTION (@use that the
 * package does not offer), SEC_E_INVALID_PARAMETER (@use that is not defined, or
 * a length), and SEC_E_INSUFFICIENT_MEMORY (memory, quota or limit).
 */
struct ksecdd_acquire {
	__u32 size;
	__s32 status;
	__u32 package;
	__u32 use;
	__aligned_u64 principal;
	__aligned_u64 user;
	__aligned_u64 domain;
	__aligned_u64 secret;
	__u32 principal_len;
	__u32 user_len;
	__u32 domain_len;
	__u32 secret_len;
	__aligned_u64 handle;
	__s64 expiry;
};

/* Types of handles, as ioctl(KSECDD_IOC_DESTROY) names them */
#define KSECDD_OBJECT_CREDENTIAL	1
#define KSECDD_OBJECT_CONTEXT		2

/**
 * struct ksecdd_destroy - ioctl(KSECDD_IOC_DESTROY), FreeCredentialsHandle and
 *                         DeleteSecurityContext
 * @size:       [in]  sizeof(struct ksecdd_destroy)
 * @status:     [out] SEC_E_OK, or SEC_E_INVALID_HANDLE
 * @handle:     [in]  a handle of this open file
 * @type:       [in]  KSECDD_OBJECT_*, what the caller takes the handle for
 * @__reserved: must be 0
 *
 * Contexts keep the credential they were made with; it may be freed before them.
 */
struct ksecdd_destroy {
	__u32 size;
	__s32 status;
	__aligned_u64 handle;
	__u32 type;
	__u32 __reserved;
};

/* struct ksecdd_accept.params_type */
#define KSECDD_PARAMS_NONE	0
#define KSECDD_PARAMS_PROTOCOLS	1	/* Schannel, CredSSP: a SEC_APPLICATION_PROTOCOLS buffer */
#define KSECDD_PARAMS_DIGEST	2	/* WDigest: struct ksecdd_digest of ksecdd_digest.h */

/**
 * struct ksecdd_accept - ioctl(KSECDD_IOC_ACCEPT), AcceptSecurityContext
 * @size:        [in]  sizeof(struct ksecdd_accept)
 * @status:      [out] SECURITY_STATUS
 * @credential:  [in]  handle of an inbound credential; 0 is allowed once
 *               @context is given
 * @context:     [in]  0 on the first call, then the half-open context
 * @req_flags:   [in]  ASC_REQ_*; bits that are not defined are ignored
 * @target_drep: [in]  SECURITY_NATIVE_DREP or SECURITY_NETWORK_DREP
 * @token:       [in]  the client's token
 * @bindings:    [in]  a SEC_CHANNEL_BINDINGS buffer (32-byte header and what
 *               its offsets point to), or NULL for none
 * @out:         [in]  where the token for the client goes
 * @token_len:   [in]  0 to KSECDD_MAX_TOKEN
 * @bindings_len: [in] 0 to KSECDD_MAX_CBT
 * @out_len:     [in/out] room at @out; then the length of the token, or with
 *               SEC_E_BUFFER_TOO_SMALL the room it needs
 * @ret_flags:   [out] ASC_RET_*; those that speak of security are valid with
 *               SEC_E_OK only
 * @new_context: [out] the context, with SEC_E_OK and SEC_I_CONTINUE_NEEDED;
 *               equal to @context if that was given
 * @expiry:      [out] FILETIME, UTC
 * @params:      [in]  what the service says to its package, or NULL for nothing
 * @params_len:  [in]  0 to KSECDD_MAX_PARAMS
 * @extra_len:   [out] with SEC_E_OK and SEC_I_CONTINUE_NEEDED: bytes at the end of
 *               @token that were not used, for the next call or for DecryptMessage
 * @missing_len: [out] with SEC_E_INCOMPLETE_MESSAGE: bytes that are missing at least
 * @params_type: [in]  KSECDD_PARAMS_*: what @params is.  Nobody looks at @params of a
 *               type that the package has not got
 *
 * Schannel and CredSSP: @token is a stream of TLS records, and only whole ones are
 * used.  Without a whole one the call is SEC_E_INCOMPLETE_MESSAGE, and nothing has
 * happened: the same context, or on a first call none, is to be called again with
 * the same bytes and those that follow.  What cannot begin a record is
 * SEC_E_ILLEGAL_MESSAGE and ends the context; on a first call it is
 * SEC_E_INVALID_TOKEN.  ASC_REQ_DELEGATE is SEC_E_UNSUPPORTED_FUNCTION for Schannel.
 *
 * An established context of Schannel or CredSSP may be given with an empty @token: after
 * KSECDD_CONTROL_SHUTDOWN the token for the client is a close_notify alert, after a
 * KeyUpdate that DECRYPT has answered with SEC_I_RENEGOTIATE it is this side's
 * KeyUpdate.  That is SEC_E_OK and asks no helper; without either it is
 * SEC_E_INVALID_TOKEN.
 *
 * WDigest: SEC_I_COMPLETE_NEEDED and SEC_I_COMPLETE_AND_CONTINUE are successes with
 * which the context stays half-open, as it does with SEC_I_CONTINUE_NEEDED; the next call
 * on it is CompleteAuthToken(): no @token, and @params with KSECDD_DIGEST_COMPLETE.
 *
 * If no helper has seen the token, nothing has happened with
 * SEC_E_INSUFFICIENT_MEMORY and SEC_E_NO_AUTHENTICATING_AUTHORITY, and the same
 * call may be made again.  Nor has anything happened to
 * the context where the call itself is refused: SEC_E_INVALID_PARAMETER,
 * SEC_E_WRONG_CREDENTIAL_HANDLE, SEC_E_INVALID_HANDLE for @credential,
 * SEC_E_UNSUPPORTED_FUNCTION for ASC_REQ_PROMPT_FOR_CREDS, SEC_E_INVALID_TOKEN
 * for a length, for an established context, and while another call is at work
 * on it.  After any other failure a context that was given is dead: it answers
 * SEC_E_INVALID_HANDLE to everything but DESTROY.  A first call that fails
 * leaves no context behind.
 *
 * SEC_E_BUFFER_TOO_SMALL says that the helper has let the client in or asked for
 * another token, and that the answer does not fit.  It is kept, because of some
 * tokens a helper gives one verdict only (to an AP-REQ, say), and is what the
 * same call gets when it is made again: one of the same user with the same
 * @credential, @context, @token, @bindings, @params, @target_drep and @req_flags, where
 * ASC_REQ_ALLOCATE_MEMORY does not count.  Another call on @context is
 * SEC_E_INVALID_TOKEN and changes nothing; another first call is another
 * question.  Until it was fetched, the answer of a first call counts as a
 * half-open context and ends like one.  The same is true after EFAULT and
 * SEC_E_INSUFFICIENT_MEMORY, if the helper has not refused the client; if it has,
 * the context is dead.
 */
struct ksecdd_accept {
	__u32 size;
	__s32 status;
	__aligned_u64 credential;
	__aligned_u64 context;
	__u32 req_flags;
	__u32 target_drep;
	__aligned_u64 token;
	__aligned_u64 bindings;
	__aligned_u64 out;
	__u32 token_len;
	__u32 bindings_len;
	__u32 out_len;
	__u32 ret_flags;
	__aligned_u64 new_context;
	__s64 expiry;
	__aligned_u64 params;
	__u32 params_len;
	__u32 extra_len;
	__u32 missing_len;
	__u32 params_type;
};

/* What ioctl(KSECDD_IOC_QUERY) can be asked of a context, ioctl(KSECDD_TOKEN_QUERY) of a token */
#define KSECDD_ATTR_INFO		1	/* struct ksecdd_context_info */
#define KSECDD_ATTR_CLIENT_NAME		2	/* "DOMAIN\user", UTF-8 */
#define KSECDD_ATTR_SERVER_NAME		3	/* this server, as the package calls it, UTF-8 */
#define KSECDD_ATTR_TARGET_NAME		4	/* the service the client asked for, UTF-8 */
#define KSECDD_ATTR_SESSION_KEY		5	/* bytes; only where the policy allows export */
#define KSECDD_ATTR_TOKEN		6	/* of a token: struct ksecdd_token_info */
#define KSECDD_ATTR_GROUPS		7	/* of a token: supplementary groups, __u32 each */
#define KSECDD_ATTR_CCACHE		8	/* of a token: credential cache, UTF-8 */
#define KSECDD_ATTR_SIDS		9	/* of a token: the client's SIDs, as text */
#define KSECDD_ATTR_TLS			10	/* struct ksecdd_tls_info */
#define KSECDD_ATTR_PEER_CERT		11	/* the client's certificate, DER */
#define KSECDD_ATTR_PROTOCOL		12	/* the application protocol (ALPN) */
#define KSECDD_ATTR_UNIQUE		13	/* tls-unique (RFC 5929) */
#define KSECDD_ATTR_ENDPOINT		14	/* tls-server-end-point: the hash (RFC 5929) */

/**
 * struct ksecdd_query - ioctl(KSECDD_IOC_QUERY), behind QueryContextAttributes
 * @size:       [in]  sizeof(struct ksecdd_query)
 * @status:     [out] SECURITY_STATUS
 * @context:    [in]  handle of a context; must be 0 on a token file
 * @attribute:  [in]  KSECDD_ATTR_*
 * @len:        [in/out] room at @buffer; then the length of the answer, which
 *              SEC_E_BUFFER_TOO_SMALL returns too
 * @buffer:     [in]  where the answer goes
 *
 * Statuses: SEC_E_INVALID_HANDLE (and for every attribute but
 * KSECDD_ATTR_INFO while the context is not established),
 * SEC_E_UNSUPPORTED_FUNCTION (no such attribute, one that this package or this
 * context does not have, or a session key the policy keeps in),
 * SEC_E_TARGET_UNKNOWN (the client named no target), SEC_E_NO_CREDENTIALS
 * (KSECDD_ATTR_PEER_CERT: the client has shown none),
 * SEC_E_BUFFER_TOO_SMALL.
 *
 * A token answers KSECDD_ATTR_CLIENT_NAME and what is "of a token", a context
 * everything else.
 *
 * The answer to KSECDD_ATTR_CCACHE is empty if the client has delegated nothing;
 * else it is a name for the Kerberos library, good for the mapped account in the
 * initial user namespace.  The answer to KSECDD_ATTR_SIDS is empty if whoever
 * authenticated the client said nothing of SIDs; else it is "S-1-5-21-1-2-3-1104
 * S-1-5-21-1-2-3-513": the user's first, then those of his groups, with a space
 * between two.
 */
struct ksecdd_query {
	__u32 size;
	__s32 status;
	__aligned_u64 context;
	__u32 attribute;
	__u32 len;
	__aligned_u64 buffer;
};

/* States of a context */
#define KSECDD_STATE_HALF_OPEN		1
#define KSECDD_STATE_ESTABLISHED	2
#define KSECDD_STATE_DEAD		3

/**
 * struct ksecdd_context_info - answer to KSECDD_ATTR_INFO
 * @package:       [out] KSECDD_PACKAGE_* of the credential
 * @state:         [out] KSECDD_STATE_*
 * @ret_flags:     [out] ASC_RET_* of the established context, else 0
 * @mech_flags:    [out] the package's own flags (NTLM: NegotiateFlags)
 * @max_token:     [out] SecPkgContext_Sizes.cbMaxToken
 * @max_signature: [out] SecPkgContext_Sizes.cbMaxSignature
 * @block_size:    [out] SecPkgContext_Sizes.cbBlockSize
 * @trailer:       [out] SecPkgContext_Sizes.cbSecurityTrailer
 * @key_bits:      [out] SecPkgContext_KeyInfo.KeySize
 * @sign_alg:      [out] SecPkgContext_KeyInfo.SignatureAlgorithm
 * @encrypt_alg:   [out] SecPkgContext_KeyInfo.EncryptAlgorithm
 * @uid:           [out] uid of the mapped local account in the caller's user
 *                 namespace, ~0 if none
 * @start:         [out] FILETIME of the establishment, UTC
 * @expiry:        [out] FILETIME of the end, UTC
 * @mech:          [out] KSECDD_PACKAGE_* that protects the messages: of an
 *                 established context the one that was negotiated, else @package
 * @__reserved:    [out] 0
 */
struct ksecdd_context_info {
	__u32 package;
	__u32 state;
	__u32 ret_flags;
	__u32 mech_flags;
	__u32 max_token;
	__u32 max_signature;
	__u32 block_size;
	__u32 trailer;
	__u32 key_bits;
	__u32 sign_alg;
	__u32 encrypt_alg;
	__u32 uid;
	__s64 start;
	__s64 expiry;
	__u32 mech;
	__u32 __reserved;
};

/**
 * struct ksecdd_token - ioctl(KSECDD_IOC_TOKEN), QuerySecurityContextToken
 * @size:       [in]  sizeof(struct ksecdd_token)
 * @status:     [out] SECURITY_STATUS
 * @context:    [in]  handle of an established context
 * @fd:         [out] the token file, close-on-exec; -1 without one
 * @__reserved: must be 0
 *
 * A token says who the client is and does nothing: whoever is given its file may ask
 * it (KSECDD_TOKEN_QUERY, /proc/PID/fdinfo), and takes on the client's identity with
 * privileges of its own.  It needs its context no more, and counts against the
 * user that opened the device until its file is closed.
 *
 * Statuses: SEC_E_INVALID_HANDLE (no context, or one that is not established),
 * SEC_E_CONTEXT_EXPIRED, SEC_E_INSUFFICIENT_MEMORY (memory, descriptors or the
 * limit).
 */
struct ksecdd_token {
	__u32 size;
	__s32 status;
	__aligned_u64 context;
	__s32 fd;
	__u32 __reserved;
};

/**
 * struct ksecdd_token_info - answer to KSECDD_ATTR_TOKEN
 * @logon:     [out] number of the logon, unique since the module was loaded: that of
 *             the context in the log and in KSECDD_CMD_CONTEXT
 * @package:   [out] KSECDD_PACKAGE_* of the credential
 * @mech:      [out] KSECDD_PACKAGE_* that the client was authenticated with
 * @ret_flags: [out] ASC_RET_* of the context
 * @uid:       [out] uid of the mapped local account in the caller's user
 *             namespace, ~0 if there is none
 * @gid:       [out] its group, likewise
 * @ngroups:   [out] how many KSECDD_ATTR_GROUPS returns.  One that the caller's user
 *             namespace does not have is ~0 there, and not left out: groups also
 *             shut out
 * @start:     [out] FILETIME of the establishment, UTC
 * @expiry:    [out] FILETIME of the end of what the client has proved, UTC; the
 *             token stays what it is
 * @key:       [out] serial number of a key of the mapped account with a password that the
 *             client has delegated, 0 if there is none
 * @__reserved: [out] 0
 */
struct ksecdd_token_info {
	__aligned_u64 logon;
	__u32 package;
	__u32 mech;
	__u32 ret_flags;
	__u32 uid;
	__u32 gid;
	__u32 ngroups;
	__s64 start;
	__s64 expiry;
	__s32 key;
	__u32 __reserved;
};

/**
 * struct ksecdd_fetch - ioctl(KSECDD_TOKEN_FETCH): a password that the client has delegated
 * @size:       [in]  sizeof(struct ksecdd_fetch)
 * @status:     [out] SECURITY_STATUS
 * @user:       [in]  where the user's name goes, UTF-8
 * @domain:     [in]  where the domain goes, UTF-8
 * @secret:     [in]  where the password goes, UTF-8
 * @user_len:   [in/out] room at @user; then the length of the name, which
 *              SEC_E_BUFFER_TOO_SMALL returns too
 * @domain_len: [in/out] likewise
 * @secret_len: [in/out] likewise
 * @__reserved: must be 0
 *
 * Once for each logon, by the user who acquired the credential, and where ksecd.conf says
 * so.  The key stays.
 *
 * Statuses: SEC_E_NO_CREDENTIALS (nothing was delegated, it was fetched, or this caller
 * may not), SEC_E_BUFFER_TOO_SMALL (and it may be fetched again, as after EFAULT).
 */
struct ksecdd_fetch {
	__u32 size;
	__s32 status;
	__aligned_u64 user;
	__aligned_u64 domain;
	__aligned_u64 secret;
	__u32 user_len;
	__u32 domain_len;
	__u32 secret_len;
	__u32 __reserved;
};

/**
 * struct ksecdd_attach - ioctl(KSECDD_IOC_ATTACH), SspiAttachSocket
 * @size:    [in]  sizeof(struct ksecdd_attach)
 * @status:  [out] SECURITY_STATUS
 * @context: [in]  handle of an established context of Schannel or CredSSP
 * @fd:      [in]  a connected TCP socket, on which nothing is in flight that the
 *           context has not seen
 * @flags:   must be 0
 *
 * Hands the records of the connection over to the kernel's TLS (kTLS): afterwards
 * read() and write() of the socket carry the plain text, and the context has no keys
 * any more.  If it fails, both are as they were, but for a lack of memory after which
 * the context is SEC_E_CONTEXT_EXPIRED.
 *
 * Statuses: SEC_E_INVALID_HANDLE, SEC_E_UNSUPPORTED_FUNCTION (a context without TLS),
 * SEC_E_CONTEXT_EXPIRED (or a socket has its keys already), SEC_E_INCOMPLETE_MESSAGE
 * (the caller has bytes of the stream that were not decrypted), SEC_E_OUT_OF_SEQUENCE
 * (an answer after SEC_I_RENEGOTIATE is due), SEC_E_ALGORITHM_MISMATCH (this kernel's
 * TLS lacks the cipher), SEC_E_SECPKG_NOT_FOUND (it has no TLS), SEC_E_NOT_OWNER (@fd
 * has another protocol on top, or keys), SEC_E_INVALID_PARAMETER (@fd is no connected
 * TCP socket), SEC_E_INSUFFICIENT_MEMORY.
 */
struct ksecdd_attach {
	__u32 size;
	__s32 status;
	__aligned_u64 context;
	__s32 fd;
	__u32 flags;
};

/* struct ksecdd_control.op */
#define KSECDD_CONTROL_SHUTDOWN	1	/* end this side of the connection */

/**
 * struct ksecdd_control - ioctl(KSECDD_IOC_CONTROL), ApplyControlToken
 * @size:    [in]  sizeof(struct ksecdd_control)
 * @status:  [out] SECURITY_STATUS
 * @context: [in]  handle of an established context
 * @op:      [in]  KSECDD_CONTROL_*
 * @value:   must be 0
 *
 * Statuses: SEC_E_INVALID_HANDLE, SEC_E_UNSUPPORTED_FUNCTION (a context without TLS,
 * or no such @op), SEC_E_CONTEXT_EXPIRED.
 */
struct ksecdd_control {
	__u32 size;
	__s32 status;
	__aligned_u64 context;
	__u32 op;
	__u32 value;
};

/**
 * struct ksecdd_buffer - one buffer of a message; the layout of sspi.h's SecBuffer
 * @len:  [in/out] length of the data at @ptr in bytes
 * @type: [in]     SECBUFFER_DATA, _TOKEN, _PADDING, _STREAM or _EMPTY, with
 *        SECBUFFER_READONLY or SECBUFFER_READONLY_WITH_CHECKSUM or'ed in
 * @ptr:  [in/out] the data, changed in place unless it is read-only
 *
 * A message has exactly one SECBUFFER_TOKEN, at any place: the signature, or
 * what ENCRYPT adds to the data.  SIGN and ENCRYPT shorten it to what they
 * wrote.  The SECBUFFER_DATA buffers, none to many, are the message in their
 * order; the read-only ones are signed and never encrypted.  Kerberos does not
 * sign those that are SECBUFFER_READONLY alone.  SECBUFFER_PADDING gets what
 * block ciphers add; ENCRYPT sets @len to what it wrote, which is 0 for NTLM and
 * for Kerberos with all encryption types but arcfour-hmac.  SECBUFFER_EMPTY is
 * ignored.
 *
 * DECRYPT also takes, in place of the SECBUFFER_TOKEN, exactly one
 * SECBUFFER_STREAM that has the token and right behind it the encrypted data,
 * with exactly one SECBUFFER_DATA, whose @len and @ptr are not read: they are
 * set to where in the SECBUFFER_STREAM the plain text lies.  Kerberos takes a
 * SECBUFFER_STREAM with any rotation.
 *
 * TLS has records in place of messages.  ENCRYPT makes one of all SECBUFFER_DATA, with
 * one SECBUFFER_STREAM_HEADER and one SECBUFFER_STREAM_TRAILER around it, which it
 * shortens.  DECRYPT takes one SECBUFFER_DATA with what was received, and three
 * SECBUFFER_EMPTY or more; in their order, whole entries of this array become
 * SECBUFFER_STREAM_HEADER, _DATA and _STREAM_TRAILER of the first record, and
 * SECBUFFER_EXTRA if there is something behind it.  With SEC_E_INCOMPLETE_MESSAGE the
 * SECBUFFER_DATA has become a SECBUFFER_MISSING, whose @len is what is missing at least.
 */
struct ksecdd_buffer {
	__u32 len;
	__u32 type;
	__aligned_u64 ptr;
};

/* What a message ioctl does */
#define KSECDD_MESSAGE_SIGN	0	/* MakeSignature */
#define KSECDD_MESSAGE_VERIFY	1	/* VerifySignature */
#define KSECDD_MESSAGE_ENCRYPT	2	/* EncryptMessage */
#define KSECDD_MESSAGE_DECRYPT	3	/* DecryptMessage */

/* or'ed in to _SIGN and _VERIFY on a request file: it is the MIC of a negotiation */
#define KSECDD_MESSAGE_MIC	0x10

/**
 * struct ksecdd_message - ioctl(KSECDD_IOC_MESSAGE): one message
 * @size:     [in]  sizeof(struct ksecdd_message)
 * @status:   [out] SECURITY_STATUS
 * @context:  [in]  handle of an established context; must be 0 on a request file
 * @op:       [in]  KSECDD_MESSAGE_SIGN, _VERIFY, _ENCRYPT or _DECRYPT
 * @qop:      [in/out] quality of protection: 0, or SECQOP_WRAP_NO_ENCRYPT
 * @seq:      [in]  the caller's sequence number; contexts that are not
 *            datagram contexts count themselves and ignore it
 * @nbuffers: [in]  1 to KSECDD_MAX_BUFFERS
 * @buffers:  [in]  @nbuffers of struct ksecdd_buffer
 *
 * Statuses: SEC_E_INVALID_HANDLE, SEC_E_INVALID_TOKEN (buffers that make no
 * message, or a signature that is none), SEC_E_BUFFER_TOO_SMALL,
 * SEC_E_MESSAGE_ALTERED, SEC_E_OUT_OF_SEQUENCE, SEC_E_QOP_NOT_SUPPORTED,
 * SEC_E_UNSUPPORTED_FUNCTION (the context has no such protection),
 * SEC_E_CONTEXT_EXPIRED, SEC_E_INSUFFICIENT_MEMORY (also for buffers of more
 * than KSECDD_MAX_MESSAGE together).  A message that fails leaves sequence
 * numbers, cipher states and the caller's buffers as they were, unless it was
 * made or accepted and could then not be written to the caller's memory
 * (EFAULT): it counts as sent or received.
 *
 * NTLM: SECQOP_WRAP_NO_ENCRYPT is for ENCRYPT, which then only signs; the peer
 * needs VERIFY for such a message, since nothing in it tells what was done.
 * Where signing was negotiated without sealing, ENCRYPT asks for it and DECRYPT
 * returns it; with sealing, DECRYPT returns 0.  SEC_E_CONTEXT_EXPIRED is for
 * the message after the 2^32nd of a direction: sequence numbers do not wrap.  A
 * MIC of a negotiation counts, and leaves NTLM's key stream where it was (MS-SPNG
 * 3.2.5.1).
 *
 * Kerberos: a token says itself whether it is sealed, and DECRYPT returns it in
 * @qop.
 *
 * TLS: SIGN and VERIFY are SEC_E_UNSUPPORTED_FUNCTION.  DECRYPT may also be
 * SEC_E_INCOMPLETE_MESSAGE, SEC_I_CONTEXT_EXPIRED (a close_notify), SEC_I_RENEGOTIATE
 * (KSECDD_IOC_ACCEPT without a token gives the answer), SEC_E_ILLEGAL_MESSAGE, or what
 * an alert of the client means.  After a record that was wrong every other message is
 * SEC_E_CONTEXT_EXPIRED.
 */
struct ksecdd_message {
	__u32 size;
	__s32 status;
	__aligned_u64 context;
	__u32 op;
	__u32 qop;
	__u32 seq;
	__u32 nbuffers;
	__aligned_u64 buffers;
};

/**
 * struct ksecdd_message_batch - ioctl(KSECDD_IOC_MESSAGE_BATCH): several messages
 * @size:     [in]  sizeof(struct ksecdd_message_batch)
 * @count:    [in/out] 1 to KSECDD_MAX_BATCH; then how many were done
 * @messages: [in]  @count of struct ksecdd_message, each with its own @status
 *
 * The messages are done in order until one has another status than SEC_E_OK
 * or the call faults; @count tells how many have a status.
 */
struct ksecdd_message_batch {
	__u32 size;
	__u32 count;
	__aligned_u64 messages;
};

/**
 * DOC: Request files
 *
 * The answer to KSECDD_CMD_NEXT carries the descriptor of a request file.
 * read() gives a struct ksecdd_request and behind it, without gaps, the
 * sections whose lengths it names, in the order of the members.  The helper
 * judges the token, gives the keys to KSECDD_REQ_SET_KEYS if there are any, and
 * ends the request with KSECDD_REQ_COMPLETE.  A request file that is closed
 * without KSECDD_REQ_COMPLETE fails its request with SEC_E_INTERNAL_ERROR.
 *
 * After the caller has gone or the time is up, the ioctls return ECANCELED.
 */

/* What a request asks for */
#define KSECDD_REQUEST_ACCEPT	1	/* judge a client's token */

/* struct ksecdd_request.flags */
#define KSECDD_REQUEST_OUTER	0x1	/* what passes goes through TLS that there is already */

/**
 * struct ksecdd_request - the head of what read() of a request file gives
 * @size:          [out] sizeof(struct ksecdd_request): where the sections begin
 * @op:            [out] KSECDD_REQUEST_*
 * @package:       [out] KSECDD_PACKAGE_*
 * @leg:           [out] 0 for the first token of a context, then counting
 * @req_flags:     [out] ASC_REQ_* of this call
 * @target_drep:   [out] SECURITY_NATIVE_DREP or SECURITY_NETWORK_DREP
 * @cred_use:      [out] SECPKG_CRED_* of the credential
 * @cred_uid:      [out] uid that acquired the credential (init user namespace)
 * @caller_uid:    [out] effective uid of the caller (init user namespace)
 * @caller_pid:    [out] process of the caller (init pid namespace)
 * @context:       [out] number of the context, unique since the module was
 *                 loaded: for the log
 * @state_len:     [out] section 1: state of the preceding leg, as completed
 * @token_len:     [out] section 2: the client's token
 * @bindings_len:  [out] section 3: the caller's SEC_CHANNEL_BINDINGS buffer as
 *                 given, 0 if none was; the module has not looked into it
 * @principal_len: [out] section 4: principal of the credential, UTF-8
 * @comm:          [out] name of the calling thread, NUL-terminated: for the log
 * @params_len:    [out] section 5: what the caller says to the package, of the one type
 *                 that it has, as given, 0 if nothing was; the module has not looked
 *                 into it
 * @flags:         [out] KSECDD_REQUEST_*
 *
 * With KSECDD_REQUEST_OUTER, the token is what the client's TLS records contained
 * under the keys with mech KSECDD_PACKAGE_SCHANNEL of an earlier leg, and the token of
 * the answer goes into such records; without, tokens of Schannel and CredSSP are whole
 * TLS records themselves.
 */
struct ksecdd_request {
	__u32 size;
	__u32 op;
	__u32 package;
	__u32 leg;
	__u32 req_flags;
	__u32 target_drep;
	__u32 cred_use;
	__u32 cred_uid;
	__u32 caller_uid;
	__u32 caller_pid;
	__aligned_u64 context;
	__u32 state_len;
	__u32 token_len;
	__u32 bindings_len;
	__u32 principal_len;
	char comm[16];
	__u32 params_len;
	__u32 flags;
};

/**
 * struct ksecdd_set_keys - ioctl(KSECDD_REQ_SET_KEYS)
 * @size:       [in] sizeof(struct ksecdd_set_keys)
 * @mech:       [in] whose protection it is: the package of the request, or one that
 *              it is made of
 * @mech_flags: [in] NTLM: NegotiateFlags of the AUTHENTICATE_MESSAGE;
 *              Kerberos: KSECDD_KRB5_* of ksecdd_krb5.h; Schannel: 0
 * @key_len:    [in] NTLM: 16; Kerberos: sizeof(struct ksecdd_krb5_keys); Schannel:
 *              sizeof(struct ksecdd_tls_keys)
 * @key:        [in] NTLM: ExportedSessionKey; Kerberos: struct ksecdd_krb5_keys;
 *              Schannel: struct ksecdd_tls_keys of ksecdd_tls.h
 *
 * The keys belong to the request at first, where KSECDD_REQ_MESSAGE can use
 * them, and become the context's when KSECDD_REQ_COMPLETE says SEC_E_OK.  After
 * SEC_I_CONTINUE_NEEDED they are those of the request of the next leg, with
 * sequence numbers and cipher states as they were; nobody else can use them.
 *
 * A request of CredSSP has two sets.  Those of Schannel are the outer ones: from the
 * next leg on the module itself opens and makes records with them, and with SEC_E_OK
 * they become the context's.  All others are the inner ones, which KSECDD_REQ_MESSAGE
 * uses, and which end with the negotiation.
 *
 * Errors: EINVAL (what is not as above), EBUSY (keys are set already, maybe with
 * an earlier leg),
 * EOPNOTSUPP (algorithms that this kernel does not have), ECANCELED, ENOMEM.
 */
struct ksecdd_set_keys {
	__u32 size;
	__u32 mech;
	__u32 mech_flags;
	__u32 key_len;
	__aligned_u64 key;
};

/* struct ksecdd_credential.flags */
#define KSECDD_CREDENTIAL_FETCH	0x1	/* KSECDD_TOKEN_FETCH may have it, once */

/**
 * struct ksecdd_credential - ioctl(KSECDD_REQ_CREDENTIAL): the client has delegated a password
 * @size:       [in]  sizeof(struct ksecdd_credential)
 * @flags:      [in]  KSECDD_CREDENTIAL_*
 * @user:       [in]  the user's name, UTF-8
 * @domain:     [in]  the domain, UTF-8
 * @secret:     [in]  the password, UTF-8
 * @client:     [in]  name of the client, for the key's description
 * @user_len:   [in]  0 to KSECDD_MAX_NAME
 * @domain_len: [in]  0 to KSECDD_MAX_NAME
 * @secret_len: [in]  1 to KSECDD_MAX_SECRET
 * @client_len: [in]  1 to KSECDD_MAX_NAME
 * @uid:        [in]  uid of the mapped account (init user namespace), whose key it becomes
 * @gid:        [in]  its group
 * @key:        [out] serial number of the key
 * @__reserved: must be 0
 *
 * The key is of the type "ksecdd_cred", so that nobody can read it, and counts against
 * the quota of @uid.  The mapped account may link it to its keyrings.  It is the request's
 * until KSECDD_REQ_COMPLETE says SEC_E_OK with ASC_RET_DELEGATE and the same @uid, and
 * then the client's.
 *
 * Errors: EINVAL (what is not as above), EBUSY (there is one already), EDQUOT, ECANCELED,
 * ENOMEM.
 */
struct ksecdd_credential {
	__u32 size;
	__u32 flags;
	__aligned_u64 user;
	__aligned_u64 domain;
	__aligned_u64 secret;
	__aligned_u64 client;
	__u32 user_len;
	__u32 domain_len;
	__u32 secret_len;
	__u32 client_len;
	__u32 uid;
	__u32 gid;
	__s32 key;
	__u32 __reserved;
};

/* struct ksecdd_complete.flags */
#define KSECDD_COMPLETE_EXPORT_KEY	0x1	/* the policy allows KSECDD_ATTR_SESSION_KEY */
#define KSECDD_COMPLETE_MAPPED		0x2	/* @uid, @gid and @groups are a local account */
#define KSECDD_COMPLETE_TARGET		0x4	/* the client named a target, maybe an empty one */
#define KSECDD_COMPLETE_PARTIAL		0x8	/* the token of the request is not whole */
#define KSECDD_COMPLETE_ALERT		0x10	/* @alert is to be sent */

/**
 * struct ksecdd_complete - ioctl(KSECDD_REQ_COMPLETE)
 * @size:        [in] sizeof(struct ksecdd_complete)
 * @status:      [in] SEC_E_OK, SEC_I_CONTINUE_NEEDED, or the SEC_E_* of the failure;
 *               WDigest: also SEC_I_COMPLETE_NEEDED and SEC_I_COMPLETE_AND_CONTINUE,
 *               which are as SEC_I_CONTINUE_NEEDED in all that follows
 * @flags:       [in] KSECDD_COMPLETE_*
 * @ret_flags:   [in] ASC_RET_*; with SEC_E_OK only
 * @state:       [in] state for the next leg; with SEC_I_CONTINUE_NEEDED only
 * @token:       [in] token for the client
 * @client:      [in] name of the client; with SEC_E_OK only
 * @server:      [in] name of this server; with SEC_E_OK only
 * @target:      [in] name of the service the client asked for; with SEC_E_OK only
 * @groups:      [in] supplementary groups, __u32 each (init user namespace)
 * @state_len:   [in] 0 to KSECDD_MAX_STATE
 * @token_len:   [in] 0 to KSECDD_MAX_TOKEN
 * @client_len:  [in] 0 to KSECDD_MAX_NAME
 * @server_len:  [in] 0 to KSECDD_MAX_NAME
 * @target_len:  [in] 0 to KSECDD_MAX_NAME
 * @ngroups:     [in] 0 to KSECDD_MAX_GROUPS
 * @uid:         [in] uid of the mapped account (init user namespace)
 * @gid:         [in] gid of the mapped account (init user namespace)
 * @expiry:      [in] FILETIME, UTC, or KSECDD_TIME_NEVER; with SEC_E_OK only
 * @ccache:      [in] name of the credential cache of the mapped account with what
 *               the client has delegated; with KSECDD_COMPLETE_MAPPED only.  It or a
 *               key of KSECDD_REQ_CREDENTIAL is there exactly with ASC_RET_DELEGATE
 * @sids:        [in] the client's SIDs, as KSECDD_ATTR_SIDS has them; with
 *               SEC_E_OK only
 * @ccache_len:  [in] 0 to KSECDD_MAX_NAME
 * @sids_len:    [in] 0 to KSECDD_MAX_SIDS
 * @unused_len:  [in] bytes at the end of the request's token that were not used; with
 *               SEC_E_OK and SEC_I_CONTINUE_NEEDED of Schannel and CredSSP only, and
 *               not with KSECDD_REQUEST_OUTER
 * @alert:       [in] TLS: AlertDescription for the client, 0 to 255; with
 *               KSECDD_COMPLETE_ALERT only, which goes with a failure, no @token, and
 *               KSECDD_REQUEST_OUTER: without the latter @token is the alert's record
 * @peer_cert:   [in] the client's certificate, DER; with SEC_E_OK only, as the rest
 * @protocol:    [in] application protocol that was negotiated (ALPN)
 * @unique:      [in] tls-unique
 * @endpoint:    [in] tls-server-end-point, the hash alone
 * @peer_cert_len: [in] 0 to KSECDD_MAX_CERT
 * @protocol_len: [in] 0 to KSECDD_MAX_PROTOCOL
 * @unique_len:  [in] 0 to KSECDD_MAX_TLS_BINDING
 * @endpoint_len: [in] 0 to KSECDD_MAX_TLS_BINDING
 *
 * KSECDD_COMPLETE_PARTIAL goes with SEC_I_CONTINUE_NEEDED and with neither @state
 * nor @token.  Nothing has been judged then: the module keeps the token and puts it
 * in front of the next, which has @leg and state of this one.  A token that is
 * empty, or longer than KSECDD_MAX_TOKEN with what is in front of it, is not such a
 * next one (SEC_E_INVALID_TOKEN, and nothing has happened).
 *
 * Errors: EINVAL (and the request then fails with SEC_E_INTERNAL_ERROR: what a
 * confused helper says is never taken for success), EFAULT, ENOMEM (nothing
 * has happened), EALREADY (completed before), ECANCELED.
 */
struct ksecdd_complete {
	__u32 size;
	__s32 status;
	__u32 flags;
	__u32 ret_flags;
	__aligned_u64 state;
	__aligned_u64 token;
	__aligned_u64 client;
	__aligned_u64 server;
	__aligned_u64 target;
	__aligned_u64 groups;
	__u32 state_len;
	__u32 token_len;
	__u32 client_len;
	__u32 server_len;
	__u32 target_len;
	__u32 ngroups;
	__u32 uid;
	__u32 gid;
	__s64 expiry;
	__aligned_u64 ccache;
	__aligned_u64 sids;
	__u32 ccache_len;
	__u32 sids_len;
	__u32 unused_len;
	__u32 alert;
	__aligned_u64 peer_cert;
	__aligned_u64 protocol;
	__aligned_u64 unique;
	__aligned_u64 endpoint;
	__u32 peer_cert_len;
	__u32 protocol_len;
	__u32 unique_len;
	__u32 endpoint_len;
};

#endif /* _UAPI_LINUX_KSECDD_H */
