/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What an engine is: a table of functions that judge the tokens of one package.
 *
 * An engine does no I/O of its own.  Whatever it needs from outside - accounts,
 * random bytes, the time, this server's names - it asks of its environment, so
 * that it can be tested with known answers and fuzzed without kernel or
 * network.  It keeps nothing between two calls: what it must remember until the
 * next leg goes into engine_result.state and comes back in engine_step.state,
 * so that a restart of the daemon does not break a half-open logon.
 */
#ifndef KSECD_ENGINE_H
#define KSECD_ENGINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include <linux/ksecdd.h>

#include "helper/accounts/account.h"
#include "helper/credssp/policy.h"
#include "helper/digest/policy.h"
#include "helper/kerberos/kerberos.h"
#include "helper/tls/tls.h"

/**
 * struct engine_names - how this server calls itself
 * @nb_computer:  NetBIOS name of the computer, e.g. "SERVER"
 * @nb_domain:    NetBIOS name of the domain or workgroup
 * @dns_computer: DNS name of the computer
 * @dns_domain:   DNS name of the domain, may be empty
 * @in_domain:    true - @nb_domain is a domain, false - this server stands alone
 *
 * All strings are UTF-8, NUL-terminated and never NULL.
 */
struct engine_names {
	const char *nb_computer;
	const char *nb_domain;
	const char *dns_computer;
	const char *dns_domain;
	bool in_domain;
};

/**
 * struct engine_policy - what the configuration asks of every logon
 * @require_128:     refuse SIGN or SEAL without 128-bit keys (default true)
 * @require_mic:     refuse an AUTHENTICATE_MESSAGE without MIC (default false)
 * @check_av_echo:   the AV pairs sent must come back unchanged (default true)
 * @require_cbt:     refuse a client without channel bindings, even where the
 *                   service gave none or said ASC_REQ_ALLOW_MISSING_BINDINGS
 *                   (MS-NLMP 3.2.5.1.2; default false)
 * @max_skew:        seconds the client's timestamp may be off, 0 - not checked
 *                   (default 129600, the 36 hours of MS-NLMP)
 */
struct engine_policy {
	bool require_128;
	bool require_mic;
	bool check_av_echo;
	bool require_cbt;
	uint32_t max_skew;
};

struct engine_message;
struct engine_result;

/**
 * struct engine_env - the world as an engine sees it
 * @names:    this server
 * @policy:   the configuration
 * @accounts: who judges responses of NTLM and Digest
 * @kerberos: what the configuration says of Kerberos; NULL - there is none
 * @credssp:  what it says of CredSSP; NULL - there is none
 * @digest:   what it says of Digest; NULL - there is none
 * @library:  who opens Kerberos' tickets; NULL - nobody
 * @tls:      certificates and keys of TLS; NULL - there are none
 * @random:   fill @len bytes with random bytes; 0, or -errno
 * @now:      the time as FILETIME, UTC
 * @message:  have the module work on a message with the keys of a result, which are
 *            the module's afterwards: @key of it is wiped and @keyed set.  Returns
 *            SEC_E_OK, or why the module has not done it.  NULL - there is no module
 * @data:     handed to @random, @now and @message
 */
struct engine_env {
	const struct engine_names *names;
	const struct engine_policy *policy;
	const struct account_source *accounts;
	const struct kerberos_policy *kerberos;
	const struct credssp_policy *credssp;
	const struct digest_policy *digest;
	const struct kerberos_library *library;
	const struct tls_servers *tls;
	int (*random)(void *data, void *buf, size_t len);
	uint64_t (*now)(void *data);
	int32_t (*message)(void *data, struct engine_result *res, struct engine_message *msg);
	void *data;
};

/**
 * struct engine_step - what comes in
 * @leg:          0 for the first token
 * @req_flags:    ASC_REQ_* of the caller
 * @target_drep:  SECURITY_NATIVE_DREP or SECURITY_NETWORK_DREP
 * @context:      number of the context
 * @cred_uid:     who acquired the credential
 * @nested:       the token came inside of another package's
 * @state:        what the engine left behind on the preceding leg; it has been
 *                in the kernel only and may be trusted
 * @state_len:    its length in bytes
 * @token:        the client's token, untrusted
 * @token_len:    its length in bytes
 * @bindings:     the service's SEC_CHANNEL_BINDINGS buffer, or NULL
 * @bindings_len: its length in bytes; 0 is no bindings
 * @principal:    principal of the credential, not NUL-terminated, may be empty
 * @principal_len: its length in bytes
 * @params:       what the service says to the package, or NULL: Schannel, CredSSP -
 *                SEC_APPLICATION_PROTOCOLS; WDigest - struct ksecdd_digest.  The module
 *                has not looked into it
 * @params_len:   its length in bytes; 0 is nothing
 * @outer:        the token came through TLS that there is already, and what the engine
 *                answers goes there: KSECDD_REQUEST_OUTER
 * @mechs:        what Negotiate may choose from: bit n for KSECDD_PACKAGE_* n
 */
struct engine_step {
	uint32_t leg;
	uint32_t req_flags;
	uint32_t target_drep;
	uint64_t context;
	uint32_t cred_uid;
	bool nested;
	const uint8_t *state;
	size_t state_len;
	const uint8_t *token;
	size_t token_len;
	const uint8_t *bindings;
	size_t bindings_len;
	const char *principal;
	size_t principal_len;
	const uint8_t *params;
	size_t params_len;
	bool outer;
	uint32_t mechs;
};

/* Bytes of a MIC at most: no mechanism's is longer */
#define ENGINE_MAX_MIC	128

/* What sealing adds to a message at most, in bytes */
#define ENGINE_MAX_SEAL	256

/**
 * struct engine_message - a message that the module works on for an engine
 * @op:       KSECDD_MESSAGE_*: VERIFY and SIGN with KSECDD_MESSAGE_MIC, or ENCRYPT or
 *            DECRYPT
 * @data:     VERIFY, SIGN: what is covered; ENCRYPT: the plain text; DECRYPT: what was
 *            sealed, with the signature in front
 * @len:      its length in bytes
 * @mic:      VERIFY: the client's MIC
 * @mic_len:  its length in bytes
 * @out:      SIGN: receives the MIC; ENCRYPT: what was sealed, with the signature in
 *            front; DECRYPT: the plain text.  It may not be @data
 * @size:     room there: ENCRYPT wants ENGINE_MAX_SEAL bytes more than @len, DECRYPT
 *            @len bytes, since it works in there
 * @out_len:  [out] bytes there
 */
struct engine_message {
	uint32_t op;
	const uint8_t *data;
	size_t len;
	const uint8_t *mic;
	size_t mic_len;
	uint8_t *out;
	size_t size;
	size_t out_len;
};

/**
 * struct engine_secret - what a client has delegated besides tickets
 * @type:   TS_* of CredSSP; 0 - nothing
 * @user:   the user's name, UTF-8
 * @domain: the domain, UTF-8, may be empty
 * @secret: the password, or the PIN of a smart card, UTF-8
 */
struct engine_secret {
	uint32_t type;
	char user[KSECDD_MAX_NAME + 1];
	char domain[KSECDD_MAX_NAME + 1];
	char secret[KSECDD_MAX_SECRET + 1];
};

/**
 * struct engine_result - what comes out
 * @status:     SECURITY_STATUS; SEC_E_INTERNAL_ERROR until the engine decides
 * @ret_flags:  ASC_RET_*
 * @state:      state for the next leg, where there is one: engine_goes_on()
 * @state_len:  its length in bytes
 * @token:      token for the client, from malloc(), or NULL
 * @token_len:  its length in bytes
 * @partial:    with SEC_I_CONTINUE_NEEDED: the token is only the beginning of one;
 *              the next step has it again, with what came then behind it.  There is
 *              neither state nor token then, and @leg does not count
 * @mech:       KSECDD_PACKAGE_* that judged the client and whose the keys are; 0 if
 *              none did
 * @mech_flags: with @key_len: what the module derives its keys from
 * @key:        session key (NTLM: ExportedSessionKey; Kerberos: struct
 *              ksecdd_krb5_keys)
 * @key_len:    0 if there is no key: the client is anonymous, or @keyed
 * @keyed:      the module has the key: engine_env.message gave it, or an earlier leg
 * @tls:        what a handshake of TLS has agreed on; its keys are the module's, beside
 *              @key, with SEC_E_OK and SEC_I_CONTINUE_NEEDED
 * @has_alert:  the client is told @alert, with a failure inside of TLS
 * @alert:      description of a fatal alert
 * @client_mic: the client's own messages came with a MIC of NTLM
 * @account:    who the client is, with SEC_E_OK
 * @anonymous:  the client is nobody, with SEC_E_OK; @account is empty then
 * @server:     this server as the client knows it, UTF-8; empty - by the name of
 *              the computer
 * @delegated:  the client has delegated a ticket, with SEC_E_OK
 * @secret:     the client has delegated this, with SEC_E_OK
 * @has_sids:   the client's SIDs are known, with SEC_E_OK
 * @kept:       names both, for kerberos_half_open_take()
 * @have_target: the client named a target (maybe untrusted: then it is empty)
 * @target:     the target the client named, UTF-8
 * @user:       the user name as the client sent it, for the log, UTF-8
 * @domain:     the domain as the client sent it, for the log, UTF-8
 * @workstation: the client's computer as it says, for the log, UTF-8
 * @reason:     why the status is what it is, for the log; a literal, no secret
 *
 * The caller hands in a result from engine_result_init() and wipes and frees it
 * with engine_result_clear().
 */
struct engine_result {
	int32_t status;
	uint32_t ret_flags;
	uint8_t state[KSECDD_MAX_STATE];
	size_t state_len;
	uint8_t *token;
	size_t token_len;
	bool partial;
	uint32_t mech;
	uint32_t mech_flags;
	uint8_t key[KSECDD_MAX_KEY];
	size_t key_len;
	bool keyed;
	struct tls_session tls;
	bool has_alert;
	uint8_t alert;
	bool client_mic;
	struct account account;
	bool anonymous;
	char server[KSECDD_MAX_NAME + 1];
	bool delegated;
	struct engine_secret secret;
	bool has_sids;
	uint8_t kept[KERBEROS_COOKIE];
	bool have_target;
	char target[KSECDD_MAX_NAME + 1];
	char user[KSECDD_MAX_NAME + 1];
	char domain[KSECDD_MAX_NAME + 1];
	char workstation[KSECDD_MAX_NAME + 1];
	const char *reason;
};

/**
 * struct engine - one package
 * @name:    for the log
 * @package: KSECDD_PACKAGE_*
 * @accept:  one leg of AcceptSecurityContext; @res->status is the verdict and
 *           stays a failure unless the engine says otherwise.  May block in the
 *           account source and the module only; safe to call from many threads at
 *           once.
 */
struct engine {
	const char *name;
	uint32_t package;
	void (*accept)(const struct engine_env *env, const struct engine_step *step,
		       struct engine_result *res);
};

extern const struct engine ntlm_engine;
extern const struct engine kerberos_engine;
extern const struct engine spnego_engine;
extern const struct engine schannel_engine;
extern const struct engine credssp_engine;
extern const struct engine digest_engine;

bool engine_goes_on(int32_t status);
void engine_result_init(struct engine_result *res);
void engine_result_set_token(struct engine_result *res, uint8_t *token, size_t len);
void engine_result_fail(struct engine_result *res);
void engine_result_clear(struct engine_result *res);

#endif /* KSECD_ENGINE_H */
