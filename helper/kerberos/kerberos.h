/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the parts of the Kerberos engine share.
 *
 * The engine itself decides: which service a ticket is for and who may use its
 * keys, what channel bindings have to be there, who the client is on this
 * machine, and which SECURITY_STATUS a failure is.  What needs files, a clock and
 * the Kerberos library - to open the ticket and to make the answer - it asks of
 * struct kerberos_library, which library.c implements with MIT's GSSAPI.
 */
#ifndef KSECD_KERBEROS_KERBEROS_H
#define KSECD_KERBEROS_KERBEROS_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <linux/ksecdd.h>
#include <linux/ksecdd_krb5.h>

#include "helper/channel_bindings.h"
#include "helper/uids.h"

#define KERBEROS_PRINCIPAL_MAX	512	/* bytes of a principal as text, with its NUL */
#define KERBEROS_LABEL_MAX	64	/* bytes of a service's name in the file, with its NUL */
#define KERBEROS_LOCAL_MAX	256	/* bytes of a local user's name, with its NUL */
#define KERBEROS_MAX_NAMES	16	/* names of a service */
#define KERBEROS_MAX_SERVICES	16
#define KERBEROS_MAX_RULES	64
#define KERBEROS_COOKIE		16	/* bytes that name a half-open logon */
#define KERBEROS_MAX_SIDS	(1 + KSECDD_MAX_GROUPS)	/* of a client: the user and groups */

/**
 * struct kerberos_service - a service and its keys
 * @label:       as the configuration calls it
 * @keytab:      path of the file with its keys
 * @users:       who may use them: owners of credentials
 * @names:       principals it answers to, "TYPE/HOST" with or without "@REALM",
 *               "TYPE/" followed by a star for every host, or a star alone for
 *               whatever the keytab has
 * @n_names:     how many
 * @require_cbt: refuse clients without channel bindings, whatever the service asks
 * @arcfour:     take tickets and keys of arcfour-hmac (RFC 4757), too
 * @no_delegation: the service may not have what its clients delegate
 */
struct kerberos_service {
	char label[KERBEROS_LABEL_MAX];
	char keytab[PATH_MAX];
	struct config_uids users;
	char names[KERBEROS_MAX_NAMES][KERBEROS_PRINCIPAL_MAX];
	unsigned int n_names;
	bool require_cbt;
	bool arcfour;
	bool no_delegation;
};

/**
 * struct kerberos_rule - which local user a principal is
 * @from: a principal, or a star and "@REALM" for all of a realm
 * @to:   name of the local user; a star for the user of the same name, "-" to
 *        refuse the principal
 */
struct kerberos_rule {
	char from[KERBEROS_PRINCIPAL_MAX];
	char to[KERBEROS_LOCAL_MAX];
};

/**
 * struct kerberos_policy - what the configuration says of Kerberos
 * @services:     the services, in their order
 * @n_services:   how many
 * @rules:        the rules, the first that fits counts
 * @n_rules:      how many
 * @replay_cache: path of the file with the authenticators that were seen
 */
struct kerberos_policy {
	struct kerberos_service services[KERBEROS_MAX_SERVICES];
	unsigned int n_services;
	struct kerberos_rule rules[KERBEROS_MAX_RULES];
	unsigned int n_rules;
	char replay_cache[PATH_MAX];
};

/* struct kerberos_span - bytes of somebody else's buffer */
struct kerberos_span {
	const uint8_t *data;
	size_t len;
};

/* How an AP-REQ came, and how its answer is to go */
enum kerberos_framing {
	KERBEROS_RAW,		/* as it is (DCE style) */
	KERBEROS_FRAMED,	/* RFC 4121 section 4.1, mechanism 1.2.840.113554.1.2.2 */
	KERBEROS_FRAMED_MS,	/* the same with Microsoft's 1.2.840.48018.1.2.2 */
	KERBEROS_FRAMED_U2U,	/* 1.2.840.113554.1.2.2.3, user to user */
};

/**
 * struct kerberos_ap_req - what can be read of an AP-REQ without a key
 * @framing:      how it came
 * @message:      the AP-REQ itself
 * @user_to_user: the ticket is encrypted with the session key of another
 * @ticket_etype: encryption type of the ticket
 * @etype:        encryption type of the authenticator, the session key's
 * @name:         whom the ticket is for, "TYPE/HOST", NUL-terminated
 * @realm:        and the realm
 */
struct kerberos_ap_req {
	enum kerberos_framing framing;
	struct kerberos_span message;
	bool user_to_user;
	int32_t ticket_etype;
	int32_t etype;
	char name[KERBEROS_PRINCIPAL_MAX];
	char realm[KERBEROS_PRINCIPAL_MAX];
};

/**
 * struct kerberos_question - one leg, for the library
 * @keytab:       path of the file with the keys; NULL on a later leg
 * @replay_cache: path of the replay cache; NULL on a later leg
 * @principal:    whose key opens the ticket; NULL on a later leg
 * @token:        the client's token: an AP-REQ, framed with the standard
 *                mechanism or raw; on a later leg an AP-REP
 * @bindings:     or NULL
 * @cookie:       on a later leg what the answer to the first said
 * @context:      number of the context
 * @want_error:   a KRB-ERROR is wanted if it fails
 * @delegate:     what the client delegates is wanted
 */
struct kerberos_question {
	const char *keytab;
	const char *replay_cache;
	const char *principal;
	struct kerberos_span token;
	const struct channel_bindings *bindings;
	const uint8_t *cookie;
	uint64_t context;
	bool want_error;
	bool delegate;
};

/**
 * struct kerberos_answer - what the library says
 * @major:     GSS_S_COMPLETE, GSS_S_CONTINUE_NEEDED, or what failed
 * @minor:     the library's code for it; errno values and those of <krb5.h>
 * @no_keytab: errno why the keytab could not be opened, else 0
 * @bad_pac:   what is wrong with the ticket's PAC, a literal; NULL - nothing
 * @flags:     GSS_C_*_FLAG of the context
 * @token:     answer for the client from malloc(), or NULL.  When the leg failed, a
 *             KRB-ERROR without framing
 * @token_len: its length in bytes
 * @cookie:    names the half-open logon, with GSS_S_CONTINUE_NEEDED, and what waits
 *             in the library, with @delegated and @has_sids
 * @delegated: the client has delegated a ticket, with GSS_S_COMPLETE
 * @has_sids:  the ticket's PAC has SIDs, with GSS_S_COMPLETE
 * @client:    the client's principal, with GSS_S_COMPLETE
 * @endtime:   Unix time of the ticket's end, with GSS_S_COMPLETE
 * @keys:      for the module, with GSS_S_COMPLETE; wiped by the caller
 * @subkey:    the acceptor chose the key in @keys
 */
struct kerberos_answer {
	uint32_t major;
	int32_t minor;
	int no_keytab;
	const char *bad_pac;
	uint32_t flags;
	uint8_t *token;
	size_t token_len;
	uint8_t cookie[KERBEROS_COOKIE];
	bool delegated;
	bool has_sids;
	char client[KERBEROS_PRINCIPAL_MAX];
	int64_t endtime;
	struct ksecdd_krb5_keys keys;
	bool subkey;
};

/**
 * struct kerberos_library - who opens tickets
 * @accept: one leg; @answer is zero before.  Safe to call from many threads at once;
 *          may block on files
 * @data:   handed to @accept
 */
struct kerberos_library {
	void (*accept)(void *data, const struct kerberos_question *question,
		       struct kerberos_answer *answer);
	void *data;
};

/**
 * struct kerberos_verdict - what a failure of the library is
 * @status: SECURITY_STATUS
 * @reason: for the log, a literal
 */
struct kerberos_verdict {
	int32_t status;
	const char *reason;
};

/* pac.c */
const char *kerberos_pac_sids(const uint8_t *data, size_t len, char **ret_sids);

/* token.c */
const char *kerberos_read_token(const uint8_t *token, size_t len, struct kerberos_ap_req *req);
uint8_t *kerberos_frame(enum kerberos_framing framing, uint16_t id, const uint8_t *inner,
			size_t len, size_t *ret_len);
bool kerberos_unframe(const uint8_t *token, size_t len, enum kerberos_framing *framing,
		      uint16_t *id, struct kerberos_span *inner);

/* Token ids, RFC 4121 section 4.1 */
#define KERBEROS_ID_AP_REQ	0x0100
#define KERBEROS_ID_AP_REP	0x0200
#define KERBEROS_ID_ERROR	0x0300

/* service.c */
bool kerberos_name_fits(const char *pattern, const char *name, const char *realm);
const struct kerberos_service *
kerberos_find_service(const struct kerberos_policy *policy, const struct kerberos_ap_req *req,
		      uid_t uid, const char *principal, size_t principal_len,
		      struct kerberos_verdict *verdict);
bool kerberos_etype_allowed(bool arcfour, int32_t etype);

/* rule.c */
bool kerberos_map(const struct kerberos_policy *policy, const char *principal, char *local,
		  size_t size, bool *by_rule);
bool kerberos_is_user(const char *text, size_t len);
bool kerberos_rule_fits(const struct kerberos_rule *rule, const char *principal);
bool kerberos_rule_apply(const struct kerberos_rule *rule, const char *principal, char *local,
			 size_t size, bool *by_rule);
const char *kerberos_rule_parse(const char *text, struct kerberos_rule *rule);

/* verdict.c */
struct kerberos_verdict kerberos_judge(const struct kerberos_answer *answer);

#endif /* KSECD_KERBEROS_KERBEROS_H */
