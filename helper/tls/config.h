/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the configuration says of TLS: its [tls] and [tls NAME] sections.
 */
#ifndef KSECD_TLS_CONFIG_H
#define KSECD_TLS_CONFIG_H

#include <limits.h>

#include "helper/accounts/account.h"
#include "helper/kerberos/kerberos.h"
#include "helper/tls/tls.h"
#include "helper/uids.h"

#define TLS_LABEL_MAX		64	/* bytes of a section's name, with its NUL */
#define TLS_MAX_SECTIONS	8
#define TLS_MAX_CERTIFICATES	2	/* of a section: one with RSA and one with ECDSA */
#define TLS_MAX_RULES		32
#define TLS_MAX_PROTOCOLS	8	/* names of ALPN */
#define TLS_MAX_NAMES		8	/* UPNs or mail addresses of a certificate */
#define TLS_DN_MAX		KERBEROS_PRINCIPAL_MAX	/* bytes of a subject, with its NUL */

/* What of a certificate a rule is about */
enum tls_rule_kind {
	TLS_RULE_UPN,		/* user principal name: otherName 1.3.6.1.4.1.311.20.2.3 */
	TLS_RULE_EMAIL,		/* rfc822Name */
	TLS_RULE_SUBJECT,	/* the subject's distinguished name, RFC 4514 */
	TLS_RULE_SHA256,	/* fingerprint of the certificate */
	TLS_RULE_KINDS,
};

/**
 * struct tls_rule - which local user a client's certificate is
 * @kind: what of it
 * @rule: what that is to be, and the user; with UPNs and mail addresses as a
 *        principal, else without a star
 */
struct tls_rule {
	enum tls_rule_kind kind;
	struct kerberos_rule rule;
};

/**
 * struct tls_names - what of a certificate rules may be about
 * @subject: distinguished name, RFC 4514
 * @sha256:  fingerprint, lower case hexadecimal
 * @upns:    user principal names
 * @n_upns:  how many
 * @emails:  mail addresses
 * @n_emails: how many
 */
struct tls_names {
	char subject[TLS_DN_MAX];
	char sha256[65];
	char upns[TLS_MAX_NAMES][KERBEROS_PRINCIPAL_MAX];
	unsigned int n_upns;
	char emails[TLS_MAX_NAMES][KERBEROS_PRINCIPAL_MAX];
	unsigned int n_emails;
};

/**
 * struct tls_section - [tls NAME]
 * @label:       NAME, or ""
 * @line:        where it begins in the file
 * @users:       who may use the keys: owners of credentials
 * @certificate: files with a certificate each, and with those between it and the root
 * @n_certificates: how many
 * @key:         the key of each: a file, or a PKCS#11 URI
 * @n_keys:      how many
 * @client:      whether clients are to show certificates
 * @client_ca:   file with whom to believe them, or ""
 * @client_crl:  file with which of them not to believe, or ""
 * @rules:       who the clients are; the first that fits counts
 * @n_rules:     how many
 * @protocols:   names of protocols for ALPN, the dearest first
 * @n_protocols: how many
 */
struct tls_section {
	char label[TLS_LABEL_MAX];
	unsigned int line;
	struct config_uids users;
	char certificate[TLS_MAX_CERTIFICATES][PATH_MAX];
	unsigned int n_certificates;
	char key[TLS_MAX_CERTIFICATES][PATH_MAX];
	unsigned int n_keys;
	enum tls_client_certificate client;
	char client_ca[PATH_MAX];
	char client_crl[PATH_MAX];
	struct tls_rule rules[TLS_MAX_RULES];
	unsigned int n_rules;
	char protocols[TLS_MAX_PROTOCOLS][TLS_MAX_PROTOCOL + 1];
	unsigned int n_protocols;
};

/* struct tls_policy - all of them */
struct tls_policy {
	struct tls_section sections[TLS_MAX_SECTIONS];
	unsigned int n_sections;
};

/* rule.c */
const char *tls_rule_parse(const char *text, struct tls_rule *rule);
bool tls_map(const struct tls_section *section, const struct tls_names *names,
	     struct account *account);

#endif /* KSECD_TLS_CONFIG_H */
