// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What the server tells its clients.  All of it comes out of
 * QueryContextAttributes(); what a context does not answer is left out.
 */
#include <inttypes.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <sspi_linux.h>

#include "helper/status.h"
#include "helper/text.h"
#include "tools/ksecctl/json.h"

#include "page.h"

#define FILETIME_SECOND		10000000
#define FILETIME_EPOCH		11644473600LL	/* seconds from 1601 to 1970 */

static const struct {
	ULONG flag;
	const char *name;
} attributes[] = {
	{ ASC_RET_DELEGATE, "DELEGATE" },
	{ ASC_RET_MUTUAL_AUTH, "MUTUAL_AUTH" },
	{ ASC_RET_REPLAY_DETECT, "REPLAY_DETECT" },
	{ ASC_RET_SEQUENCE_DETECT, "SEQUENCE_DETECT" },
	{ ASC_RET_CONFIDENTIALITY, "CONFIDENTIALITY" },
	{ ASC_RET_USE_SESSION_KEY, "USE_SESSION_KEY" },
	{ ASC_RET_ALLOCATED_MEMORY, "ALLOCATED_MEMORY" },
	{ ASC_RET_CONNECTION, "CONNECTION" },
	{ ASC_RET_EXTENDED_ERROR, "EXTENDED_ERROR" },
	{ ASC_RET_STREAM, "STREAM" },
	{ ASC_RET_INTEGRITY, "INTEGRITY" },
	{ ASC_RET_IDENTIFY, "IDENTIFY" },
	{ ASC_RET_NULL_SESSION, "NULL_SESSION" },
};

/**
 * struct writer - a page that is being written
 * @file: where to
 * @json: the JSON on it
 * @is_json: this is JSON; else lines of "key: value"
 */
struct writer {
	FILE *file;
	struct json json;
	bool is_json;
};

static bool begin(struct writer *w, struct page *page, bool json)
{
	page->type = json ? "application/json" : "text/plain; charset=utf-8";
	page->text = NULL;
	page->len = 0;
	w->file = open_memstream(&page->text, &page->len);
	if (!w->file)
		return false;
	w->json = (struct json){ .file = w->file };
	w->is_json = json;
	if (json)
		json_open(&w->json, NULL, '{');
	return true;
}

static void end(struct writer *w, struct page *page)
{
	if (w->is_json)
		json_close(&w->json, '}');
	if (!fclose(w->file))
		return;
	free(page->text);
	page->text = NULL;
}

static void put_string(struct writer *w, const char *key, const char *value)
{
	char shown[3 * 1024];

	if (w->is_json)
		json_string(&w->json, key, value);
	else
		fprintf(w->file, "%s: %s\n", key, text_show(shown, sizeof(shown), value));
}

/* A name, or that there is none. */
static void put_algorithm(struct writer *w, const char *key, const char *name)
{
	if (*name)
		put_string(w, key, name);
	else if (w->is_json)
		json_null(&w->json, key);
	else
		fprintf(w->file, "%s: none\n", key);
}

static void put_number(struct writer *w, const char *key, uint64_t value)
{
	if (w->is_json)
		json_number(&w->json, key, value);
	else
		fprintf(w->file, "%s: %" PRIu64 "\n", key, value);
}

static void put_hex(struct writer *w, const char *key, const unsigned char *bytes, size_t len)
{
	char text[2 * 64 + 1] = "";
	size_t i;

	for (i = 0; i < len && 2 * i + 2 < sizeof(text); i++)
		snprintf(text + 2 * i, 3, "%02x", bytes[i]);
	put_string(w, key, text);
	explicit_bzero(text, sizeof(text));
}

/* SSPI's times are local: what gmtime_r() makes of one is the time of this place. */
static void put_time(struct writer *w, const char *key, const TimeStamp *time)
{
	time_t seconds = (time_t)(time->QuadPart / FILETIME_SECOND - FILETIME_EPOCH);
	char text[32];
	struct tm tm;

	if (time->QuadPart == INT64_MAX)
		put_string(w, key, "never");
	else if (gmtime_r(&seconds, &tm) && strftime(text, sizeof(text), "%F %T", &tm))
		put_string(w, key, text);
}

static void put_attributes(struct writer *w, ULONG flags)
{
	bool any = false;
	size_t i;

	if (w->is_json)
		json_open(&w->json, "attributes", '[');
	else
		fputs("attributes:", w->file);
	for (i = 0; i < sizeof(attributes) / sizeof(attributes[0]); i++) {
		if (!(flags & attributes[i].flag))
			continue;
		any = true;
		if (w->is_json)
			json_string(&w->json, NULL, attributes[i].name);
		else
			fprintf(w->file, " %s", attributes[i].name);
	}
	if (w->is_json)
		json_close(&w->json, ']');
	else
		fputs(any ? "\n" : " none\n", w->file);
}

static void put_account(struct writer *w, PCtxtHandle context)
{
	SecPkgContext_NativeNamesA names;
	SecPkgContext_LinuxAccount account;
	struct passwd entry, *found = NULL;
	char buf[4096];

	if (QueryContextAttributesA(context, SECPKG_ATTR_NATIVE_NAMES, &names) == SEC_E_OK) {
		put_string(w, "account", names.sClientName);
		put_string(w, "server", names.sServerName);
		FreeContextBuffer(names.sClientName);
		FreeContextBuffer(names.sServerName);
	}
	if (QueryContextAttributesA(context, SECPKG_ATTR_LINUX_ACCOUNT, &account) != SEC_E_OK)
		return;
	put_number(w, "uid", account.Uid);
	if (!getpwuid_r(account.Uid, &entry, buf, sizeof(buf), &found) && found)
		put_string(w, "user", entry.pw_name);
}

/* The target is the one string of SSPI that has no A form. */
static void put_target(struct writer *w, PCtxtHandle context)
{
	SecPkgContext_ClientSpecifiedTarget target;
	char text[1024];
	size_t i;

	if (QueryContextAttributesA(context, SECPKG_ATTR_CLIENT_SPECIFIED_TARGET, &target) !=
	    SEC_E_OK)
		return;
	/* Names of services are ASCII; what is not is not shown as it is. */
	for (i = 0; target.sTargetName && target.sTargetName[i] && i < sizeof(text) - 1; i++)
		text[i] = (char)(target.sTargetName[i] < 0x80 ? target.sTargetName[i] : '?');
	text[i] = 0;
	put_string(w, "target", text);
	FreeContextBuffer(target.sTargetName);
}

static void put_package(struct writer *w, PCtxtHandle context)
{
	SecPkgContext_PackageInfoA package;

	if (QueryContextAttributesA(context, SECPKG_ATTR_PACKAGE_INFO, &package) != SEC_E_OK)
		return;
	put_string(w, "package", package.PackageInfo->Name);
	FreeContextBuffer(package.PackageInfo);
}

static void put_protection(struct writer *w, PCtxtHandle context)
{
	SecPkgContext_KeyInfoA key;
	SecPkgContext_Sizes sizes;
	SecPkgContext_Flags flags;

	if (QueryContextAttributesA(context, SECPKG_ATTR_FLAGS, &flags) == SEC_E_OK)
		put_attributes(w, flags.Flags);
	if (QueryContextAttributesA(context, SECPKG_ATTR_KEY_INFO, &key) == SEC_E_OK) {
		put_number(w, "key-bits", key.KeySize);
		put_algorithm(w, "signature", key.sSignatureAlgorithmName);
		put_algorithm(w, "encryption", key.sEncryptAlgorithmName);
		FreeContextBuffer(key.sSignatureAlgorithmName);
		FreeContextBuffer(key.sEncryptAlgorithmName);
	}
	if (QueryContextAttributesA(context, SECPKG_ATTR_SIZES, &sizes) == SEC_E_OK) {
		put_number(w, "max-token", sizes.cbMaxToken);
		put_number(w, "max-signature", sizes.cbMaxSignature);
		put_number(w, "security-trailer", sizes.cbSecurityTrailer);
	}
}

static void put_lifespan(struct writer *w, PCtxtHandle context)
{
	SecPkgContext_Lifespan lifespan;

	if (QueryContextAttributesA(context, SECPKG_ATTR_LIFESPAN, &lifespan) != SEC_E_OK)
		return;
	put_time(w, "since", &lifespan.tsStart);
	put_time(w, "expires", &lifespan.tsExpiry);
}

static void put_session_key(struct writer *w, PCtxtHandle context)
{
	SecPkgContext_SessionKey key;
	SECURITY_STATUS status;

	status = QueryContextAttributesA(context, SECPKG_ATTR_SESSION_KEY, &key);
	if (status == SEC_E_OK) {
		put_hex(w, "session-key", key.SessionKey, key.SessionKeyLength);
		FreeContextBuffer(key.SessionKey);
	} else {
		put_string(w, "session-key-refused", status_name(status));
	}
}

void page_client(struct page *page, PCtxtHandle context, bool json, bool export_key)
{
	struct writer w;

	if (!begin(&w, page, json))
		return;
	put_account(&w, context);
	put_package(&w, context);
	put_target(&w, context);
	put_protection(&w, context);
	put_lifespan(&w, context);
	put_number(&w, "context", context->dwLower);
	put_number(&w, "context-generation", context->dwUpper);
	if (export_key)
		put_session_key(&w, context);
	end(&w, page);
}

void page_failure(struct page *page, SECURITY_STATUS status, const char *reason, bool json)
{
	char value[16];
	struct writer w;

	if (!begin(&w, page, json))
		return;
	put_string(&w, "error", reason);
	if (status != SEC_E_OK) {
		snprintf(value, sizeof(value), "0x%08" PRIx32, (uint32_t)status);
		put_string(&w, "status", status_name(status));
		put_string(&w, "status-value", value);
	}
	end(&w, page);
}

void page_account(PCtxtHandle context, char *name, size_t size)
{
	SecPkgContext_NamesA names;
	SECURITY_STATUS status;

	status = QueryContextAttributesA(context, SECPKG_ATTR_NAMES, &names);
	if (status != SEC_E_OK) {
		snprintf(name, size, "%s", status_name(status));
		return;
	}
	text_show(name, size, *names.sUserName ? names.sUserName : "anonymous");
	FreeContextBuffer(names.sUserName);
}
