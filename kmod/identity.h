/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Who the client is, and the token that says so: token.c.
 */
#ifndef _KSECDD_IDENTITY_H
#define _KSECDD_IDENTITY_H

#include <linux/refcount.h>
#include <linux/types.h>
#include <linux/uidgid.h>

struct key;
struct ksec_context;
struct ksec_user;
struct ksecdd_token_info;

/* What an identity has as text, in this order */
enum ksec_text {
	KSEC_CLIENT,		/* the client's name */
	KSEC_SERVER,		/* this server's name */
	KSEC_TARGET,		/* the target's name */
	KSEC_CCACHE,		/* the client's credential cache */
	KSEC_SIDS,		/* the client's SIDs */
	KSEC_TEXTS,
	/* of a TLS connection, and so in a struct ksec_peer */
	KSEC_PEER_CERT = KSEC_TEXTS,	/* the client's certificate */
	KSEC_PROTOCOL,		/* the application protocol */
	KSEC_UNIQUE,		/* tls-unique */
	KSEC_ENDPOINT,		/* tls-server-end-point */
	KSEC_ALL_TEXTS,
};

#define KSEC_PEER_TEXTS	(KSEC_ALL_TEXTS - KSEC_TEXTS)

/**
 * struct ksec_peer - what is known of the TLS connection of an established context
 * @e_len:  bytes of each text from KSEC_TEXTS on
 * @e_data: the texts, without gaps
 */
struct ksec_peer {
	u16 e_len[KSEC_PEER_TEXTS];
	u8 e_data[];
};

/**
 * struct ksec_identity - who the client of an established context is
 * @i_ref:        the context's, and one for each token
 * @i_uid:        mapped account; INVALID_UID if there is none
 * @i_gid:        its group
 * @i_ngroups:    how many of @i_groups
 * @i_len:        bytes of each text
 * @i_has_target: the client named a target
 * @i_export_key: the policy lets the session key out
 * @i_delegated:  the client has delegated a password
 * @i_groups:     supplementary groups; behind them the texts, without gaps, and then the key
 *                with the password: ksec_identity_key()
 */
struct ksec_identity {
	refcount_t i_ref;
	kuid_t i_uid;
	kgid_t i_gid;
	u32 i_ngroups;
	u16 i_len[KSEC_TEXTS];
	bool i_has_target : 1;
	bool i_export_key : 1;
	bool i_delegated : 1;
	kgid_t i_groups[];
};

/* Bytes of a key's place behind an identity: few have one, and all would pay for it. */
#define KSEC_IDENTITY_KEY	(__alignof__(struct key *) - 1 + sizeof(struct key *))

/**
 * struct ksec_token - what stays of a context for who acts as its client
 * @t_identity:  who the client is; shared with the context
 * @t_user:      who pays
 * @t_owner:     who acquired the credential
 * @t_logon:     number of the context
 * @t_package:   KSECDD_PACKAGE_* of its credential
 * @t_mech:      KSECDD_PACKAGE_* that the client was authenticated with
 * @t_ret_flags: ASC_RET_*
 * @t_start:     FILETIME of the establishment
 * @t_expiry:    FILETIME of the end
 */
struct ksec_token {
	struct ksec_identity *t_identity;
	struct ksec_user *t_user;
	kuid_t t_owner;
	u64 t_logon;
	u32 t_package;
	u32 t_mech;
	u32 t_ret_flags;
	s64 t_start;
	s64 t_expiry;
};

void ksec_identity_put(struct ksec_identity *id);
const char *ksec_identity_text(const struct ksec_identity *id, enum ksec_text which);
struct key *ksec_identity_key(const struct ksec_identity *id);
void ksec_identity_set_key(struct ksec_identity *id, struct key *key);
struct ksec_token *ksec_token_create(struct ksec_context *ctx);
void ksec_token_free(struct ksec_token *token);
void ksec_token_info(const struct ksec_token *token, struct ksecdd_token_info *info);
int ksec_context_token(void *file, void *arg, void __user *uarg);

/* delegated.c */
int ksec_reqfd_credential(void *ctx, void *arg, void __user *uarg);
int ksec_token_fetch(void *ctx, void *arg, void __user *uarg);

#endif /* _KSECDD_IDENTITY_H */
