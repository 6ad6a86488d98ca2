// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Looking at keytabs before a client comes.
 *
 * A logon opens the keytab anew and looks for the one key of its ticket; here it is
 * every name that a service answers to.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <krb5/krb5.h>

#include "helper/check.h"
#include "helper/kerberos/library.h"

/**
 * struct keys - what a keytab has for a service
 * @service: of the configuration
 * @n:       how many keys it could use
 * @usable:  of each name: there is a key that it could use
 * @off:     of each name: there is one of this encryption type, which is off; or 0
 */
struct keys {
	const struct kerberos_service *service;
	unsigned int n;
	bool usable[KERBEROS_MAX_NAMES];
	krb5_enctype off[KERBEROS_MAX_NAMES];
};

static void say_error(krb5_context context, krb5_error_code code)
{
	const char *text = krb5_get_error_message(context, code);

	fputs(text, stderr);
	krb5_free_error_message(context, text);
}

/*
 * The service that there is without any in the file, and in the example of it: many
 * hosts have no keytab, and want nobody to log on with Kerberos.
 */
static bool is_host(const struct kerberos_service *service)
{
	return !strcmp(service->label, "host") && !strcmp(service->keytab, CONFIG_KEYTAB);
}

/* Whether there is a keytab that can be opened; @good says whether that is as it should be. */
static bool can_open(const struct kerberos_service *service, bool *good)
{
	char text[KERBEROS_KEYTAB_ERROR_MAX];
	int error;

	error = kerberos_keytab_error(service->keytab, "PRINCIPAL", text, sizeof(text));
	*good = !error || (error == ENOENT && is_host(service));
	if (!error)
		return true;
	if (*good)
		printf("%s: there is none, so service \"%s\" has no clients\n", service->keytab,
		       service->label);
	else
		fprintf(stderr, "ksecd: service \"%s\": %s\n", service->label, text);
	return false;
}

/* Counts a key for each of the names that its principal is one of. */
static void count(struct keys *keys, const char *name, const char *realm, krb5_enctype enctype)
{
	const struct kerberos_service *service = keys->service;
	bool on = kerberos_etype_allowed(service->arcfour, enctype), fits = false;
	unsigned int i;

	for (i = 0; i < service->n_names; i++) {
		if (!kerberos_name_fits(service->names[i], name, realm))
			continue;
		fits = true;
		keys->usable[i] |= on;
		if (!on)
			keys->off[i] = enctype;
	}
	keys->n += fits && on;
}

static krb5_error_code count_entry(krb5_context context, const krb5_keytab_entry *entry,
				   struct keys *keys)
{
	const krb5_data *realm = &entry->principal->realm;
	char realm_text[KERBEROS_PRINCIPAL_MAX];
	krb5_error_code code;
	char *name;

	code = krb5_unparse_name_flags(context, entry->principal,
				       KRB5_PRINCIPAL_UNPARSE_NO_REALM, &name);
	if (code)
		return code;
	/* One that is cut fits no name that has a realm, as it would not whole. */
	snprintf(realm_text, sizeof(realm_text), "%.*s", (int)realm->length, realm->data);
	count(keys, name, realm_text, entry->key.enctype);
	krb5_free_unparsed_name(context, name);
	return 0;
}

static krb5_error_code read_keytab(krb5_context context, struct keys *keys)
{
	char name[PATH_MAX + 8];
	krb5_keytab_entry entry;
	krb5_kt_cursor cursor;
	krb5_keytab keytab;
	krb5_error_code code, end;

	snprintf(name, sizeof(name), "FILE:%s", keys->service->keytab);
	code = krb5_kt_resolve(context, name, &keytab);
	if (code)
		return code;
	code = krb5_kt_start_seq_get(context, keytab, &cursor);
	if (!code) {
		while (!(code = krb5_kt_next_entry(context, keytab, &entry, &cursor))) {
			code = count_entry(context, &entry, keys);
			krb5_free_keytab_entry_contents(context, &entry);
			if (code)
				break;
		}
		end = krb5_kt_end_seq_get(context, keytab, &cursor);
		if (code == KRB5_KT_END)
			code = end;
	}
	krb5_kt_close(context, keytab);
	return code;
}

static void say_off(const struct keys *keys, unsigned int i)
{
	const struct kerberos_service *service = keys->service;
	char enctype[64];

	if (krb5_enctype_to_name(keys->off[i], false, enctype, sizeof(enctype)))
		snprintf(enctype, sizeof(enctype), "type %d", keys->off[i]);
	fprintf(stderr, "ksecd: %s: service \"%s\" has keys of %s that are of %s only, which is off; "
		"get new ones with 'kadmin ktadd -e aes256-cts:normal -k %s PRINCIPAL'%s\n",
		service->keytab, service->label, service->names[i], enctype, service->keytab,
		keys->off[i] == KSECDD_KRB5_ARCFOUR_HMAC ? ", or set \"allow-arcfour\"" : "");
}

/* Names without a key */
static bool say_missing(const struct keys *keys)
{
	const struct kerberos_service *service = keys->service;
	bool good = true;
	unsigned int i;

	for (i = 0; i < service->n_names; i++) {
		if (keys->usable[i])
			continue;
		good = false;
		if (keys->off[i])
			say_off(keys, i);
		else
			fprintf(stderr, "ksecd: %s: service \"%s\" has no key of %s in it; get one "
				"with 'kadmin ktadd -k %s PRINCIPAL', or change \"names\"\n",
				service->keytab, service->label, service->names[i],
				service->keytab);
	}
	return good;
}

static bool check_service(krb5_context context, const struct kerberos_service *service)
{
	struct keys keys = { .service = service };
	krb5_error_code code;
	bool good;

	if (!can_open(service, &good))
		return good;
	code = read_keytab(context, &keys);
	if (code) {
		fprintf(stderr, "ksecd: %s: the keytab of service \"%s\" cannot be used: ",
			service->keytab, service->label);
		say_error(context, code);
		fprintf(stderr, "; write a new one with 'kadmin ktadd -k FILE PRINCIPAL', or "
			"change \"keytab\"\n");
		return false;
	}
	if (!say_missing(&keys))
		return false;
	printf("%s: ok, keys of service \"%s\": %u\n", service->keytab, service->label, keys.n);
	return true;
}

bool check_keytabs(const struct config *cfg)
{
	const struct kerberos_policy *policy = &cfg->kerberos;
	krb5_context context;
	krb5_error_code code;
	bool good = true;
	unsigned int i;

	code = krb5_init_context(&context);
	if (code) {
		fprintf(stderr, "ksecd: the Kerberos library does not start: ");
		say_error(NULL, code);
		fprintf(stderr, "; look at /etc/krb5.conf\n");
		return false;
	}
	for (i = 0; i < policy->n_services; i++)
		good &= check_service(context, &policy->services[i]);
	krb5_free_context(context);
	return good;
}
