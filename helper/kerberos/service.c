// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Which service a ticket is for, and whether the caller may use its keys.
 */
#include <string.h>
#include <strings.h>

#include <linux/ksecdd_sspi.h>

#include "helper/kerberos/kerberos.h"

/**
 * kerberos_etype_allowed() - whether an encryption type is on
 * @arcfour: the service takes arcfour-hmac
 * @etype: IANA's number
 *
 * DES and its kin are no encryption types at all.
 */
bool kerberos_etype_allowed(bool arcfour, int32_t etype)
{
	static const int32_t strong[] = {
		KSECDD_KRB5_AES128_CTS_HMAC_SHA1_96, KSECDD_KRB5_AES256_CTS_HMAC_SHA1_96,
		KSECDD_KRB5_AES128_CTS_HMAC_SHA256_128, KSECDD_KRB5_AES256_CTS_HMAC_SHA384_192,
		KSECDD_KRB5_CAMELLIA128_CTS_CMAC, KSECDD_KRB5_CAMELLIA256_CTS_CMAC,
	};
	size_t i;

	for (i = 0; i < sizeof(strong) / sizeof(strong[0]); i++)
		if (strong[i] == etype)
			return true;
	return arcfour && etype == KSECDD_KRB5_ARCFOUR_HMAC;
}

/**
 * kerberos_name_fits() - whether a principal is one of those that a name stands for
 * @pattern: as in struct kerberos_service.names
 * @name: the principal without its realm
 * @realm: its realm
 *
 * Types and hosts are compared without regard to case, as Windows does; realms
 * are not.
 */
bool kerberos_name_fits(const char *pattern, const char *name, const char *realm)
{
	const char *at = strchr(pattern, '@');
	size_t len = at ? (size_t)(at - pattern) : strlen(pattern);

	if (at && strcmp(at + 1, realm))
		return false;
	if (len == 1 && pattern[0] == '*')
		return true;
	if (len > 2 && pattern[len - 2] == '/' && pattern[len - 1] == '*')
		return strlen(name) >= len && !strncasecmp(pattern, name, len - 1) &&
		       !strchr(name + len - 1, '/');
	return strlen(name) == len && !strncasecmp(pattern, name, len);
}

static bool answers_to(const struct kerberos_service *service, const char *name,
		       const char *realm)
{
	unsigned int i;

	for (i = 0; i < service->n_names; i++)
		if (kerberos_name_fits(service->names[i], name, realm))
			return true;
	return false;
}

/*
 * What a credential's principal says: the label of a service, which stands for all
 * its names, or the one name that clients must have asked for.
 */
static bool credential_fits(const struct kerberos_service *service, const char *principal,
			    const struct kerberos_ap_req *req)
{
	return !*principal || !strcmp(principal, service->label) ||
	       kerberos_name_fits(principal, req->name, req->realm);
}

/* Whether the credential could be good for the service with another ticket. */
static bool credential_names(const struct kerberos_service *service, const char *principal)
{
	char name[KERBEROS_PRINCIPAL_MAX];
	char *at;
	unsigned int i;

	if (!*principal || !strcmp(principal, service->label))
		return true;
	/* The label of another service, whatever this one answers to. */
	if (!strpbrk(principal, "/@"))
		return false;
	strcpy(name, principal);
	at = strchr(name, '@');
	if (at)
		*at++ = '\0';
	for (i = 0; i < service->n_names; i++) {
		const char *realm = strchr(service->names[i], '@');

		/* A principal without its realm is of whichever the service is. */
		if (kerberos_name_fits(service->names[i], name, at ? at : realm ? realm + 1 : ""))
			return true;
	}
	return false;
}

/**
 * kerberos_find_service() - find the service that a ticket is for
 * @policy: the configuration
 * @req: the ticket
 * @uid: owner of the credential
 * @principal: principal of the credential, not NUL-terminated, may be empty
 * @principal_len: its length in bytes
 * @verdict: why there is none
 *
 * Of services that both answer to the name, the first counts.  Whether another
 * user's service would have answered is nothing that a caller learns.
 *
 * Return: the service, or NULL.
 */
const struct kerberos_service *
kerberos_find_service(const struct kerberos_policy *policy, const struct kerberos_ap_req *req,
		      uid_t uid, const char *principal, size_t principal_len,
		      struct kerberos_verdict *verdict)
{
	char wanted[KERBEROS_PRINCIPAL_MAX] = "";
	bool usable = false;
	unsigned int i;

	if (principal_len < sizeof(wanted) && !memchr(principal, '\0', principal_len))
		memcpy(wanted, principal, principal_len);
	else
		strcpy(wanted, "/");	/* no name of anything */
	for (i = 0; i < policy->n_services; i++) {
		const struct kerberos_service *service = &policy->services[i];

		if (!config_uids_have(&service->users, uid) || !credential_names(service, wanted))
			continue;
		usable = true;
		if (credential_fits(service, wanted, req) &&
		    answers_to(service, req->name, req->realm))
			return service;
	}
	if (usable)
		*verdict = (struct kerberos_verdict){ SEC_E_WRONG_PRINCIPAL,
			"the ticket is for another service than this one" };
	else
		*verdict = (struct kerberos_verdict){ SEC_E_NO_CREDENTIALS,
			"no service in ksecd.conf has this user in \"users\", or none of this name" };
	return NULL;
}
