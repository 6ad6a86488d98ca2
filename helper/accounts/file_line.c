// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * One line of the account file: read and written in this place only.
 */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "helper/accounts/file_line.h"
#include "helper/filetime.h"
#include "helper/ntlm/crypto.h"
#include "helper/text.h"

#define SECONDS_PER_DAY		86400

/* RFC 1320, A.5: MD4 of nothing */
static const uint8_t empty_hash[ACCOUNT_HASH_LEN] = {
	0x31, 0xd6, 0xcf, 0xe0, 0xd1, 0x6a, 0xe9, 0x31,
	0xb7, 0x3c, 0x59, 0xd7, 0xe0, 0xc0, 0x89, 0xc0,
};

/**
 * account_hash_is_empty() - whether a hash is that of the empty password
 * @hash: the NT hash
 *
 * Such an account is never accepted: a store that lost its passwords would
 * otherwise let everybody in (CVE-2022-24882, CVE-2022-24883).
 */
bool account_hash_is_empty(const uint8_t hash[ACCOUNT_HASH_LEN])
{
	return ntlm_equal(hash, empty_hash);
}

/**
 * account_hash_password() - make the NT hash of a password
 * @password: UTF-8
 * @len: its length in bytes
 * @hash: 16 bytes, a secret worth the password
 *
 * Return: 0, or -EILSEQ if @password is not UTF-8.
 */
int account_hash_password(const char *password, size_t len, uint8_t hash[ACCOUNT_HASH_LEN])
{
	return ntlm_ntowfv1(password, len, hash) ? 0 : -EILSEQ;
}

/**
 * account_write_name() - the name of an account as it is written
 * @domain: domain of the account, may be empty
 * @user: its user
 * @name: [DOMAIN\]USER
 */
void account_write_name(const char *domain, const char *user, char name[ACCOUNT_NAME_LEN])
{
	snprintf(name, ACCOUNT_NAME_LEN, "%s%s%s", domain, *domain ? "\\" : "", user);
}

/**
 * account_digest_password() - make the hashes of a password for Digest
 * @account: whose it is: @account->domain and @account->user as clients write them
 * @password: UTF-8
 * @len: its length in bytes
 * @digest: its realm is given; gets the hashes, secrets worth the password
 */
void account_digest_password(const struct account *account, const char *password, size_t len,
			     struct account_digest *digest)
{
	char name[ACCOUNT_NAME_LEN];
	unsigned int i;

	account_write_name(account->domain, account->user, name);
	for (i = 0; i < DIGEST_ALGORITHMS; i++)
		digest_ha1(i, name, digest->realm, password, len, digest->ha1[i]);
}

/**
 * account_check_realm() - whether a realm can be that of accounts
 * @realm: the realm
 *
 * Return: NULL, or what is wrong with it, a literal.
 */
const char *account_check_realm(const char *realm)
{
	size_t len = strlen(realm), i;

	if (len > DIGEST_MAX_REALM)
		return "a realm has 255 bytes at most";
	if (!text_is_utf8(realm, len))
		return "a realm is UTF-8";
	if (len && (realm[0] == ' ' || realm[len - 1] == ' '))
		return "a realm neither begins nor ends with a blank";
	for (i = 0; i < len; i++)
		if (realm[i] == ':' || (unsigned char)realm[i] < ' ' || realm[i] == 0x7f)
			return "a realm has neither colons nor tabs, line feeds and the like";
	return NULL;
}

static bool two_digits(const char *text, int *value)
{
	if (!isdigit((unsigned char)text[0]) || !isdigit((unsigned char)text[1]))
		return false;
	*value = 10 * (text[0] - '0') + (text[1] - '0');
	return true;
}

/**
 * account_parse_expiry() - read the last day of an account
 * @text: YYYY-MM-DD, need not be terminated
 * @len: its length in bytes
 * @ret_expiry: FILETIME (UTC) of the midnight after that day
 *
 * Return: 0, or -EINVAL if this is no day of the years 1970 to 9999.
 */
int account_parse_expiry(const char *text, size_t len, int64_t *ret_expiry)
{
	struct tm day = { 0 }, check;
	int century, year;
	time_t start;

	if (len != 10 || text[4] != '-' || text[7] != '-' ||
	    !two_digits(text, &century) || !two_digits(text + 2, &year) ||
	    !two_digits(text + 5, &day.tm_mon) || !two_digits(text + 8, &day.tm_mday))
		return -EINVAL;
	day.tm_year = 100 * century + year - 1900;
	day.tm_mon--;
	if (day.tm_year < 70)
		return -EINVAL;

	/* timegm() takes February 30 for March 2. */
	check = day;
	start = timegm(&check);
	if (check.tm_year != day.tm_year || check.tm_mon != day.tm_mon ||
	    check.tm_mday != day.tm_mday)
		return -EINVAL;
	*ret_expiry = filetime_from_unix(start + SECONDS_PER_DAY);
	return 0;
}

/**
 * account_format_expiry() - write the last day of an account
 * @expiry: what account_parse_expiry() returned
 * @text: YYYY-MM-DD, NUL-terminated
 *
 * Return: 0, or -EINVAL if @expiry is not such a time.
 */
int account_format_expiry(int64_t expiry, char text[ACCOUNT_DAY_LEN])
{
	time_t last = expiry / FILETIME_SECOND - FILETIME_UNIX_EPOCH - SECONDS_PER_DAY;
	struct tm day;
	int64_t again;

	if (!gmtime_r(&last, &day) || !strftime(text, ACCOUNT_DAY_LEN, "%Y-%m-%d", &day) ||
	    account_parse_expiry(text, strlen(text), &again) || again != expiry)
		return -EINVAL;
	return 0;
}

static const char *option_disabled(const char *value, size_t len, struct account_line *line)
{
	(void)value;
	if (len)
		return "the option 'disabled' takes no value";
	line->disabled = true;
	return NULL;
}

static const char *option_expires(const char *value, size_t len, struct account_line *line)
{
	if (account_parse_expiry(value, len, &line->expiry))
		return "the option 'expires' takes a day: expires=YYYY-MM-DD";
	return NULL;
}

static const struct {
	const char *name;
	const char *(*parse)(const char *value, size_t len, struct account_line *line);
} options[] = {
	{ "disabled", option_disabled },
	{ "expires=", option_expires },
};

#define COUNT(array)	(sizeof(array) / sizeof((array)[0]))

static const char *parse_option(const char *text, size_t len, struct account_line *line)
{
	size_t i;

	for (i = 0; i < COUNT(options); i++) {
		size_t n = strlen(options[i].name);

		if (len >= n && !memcmp(text, options[i].name, n))
			return options[i].parse(text + n, len - n, line);
	}
	return "options are 'disabled' and 'expires=YYYY-MM-DD', joined by commas";
}

static const char *parse_options(const char *text, struct account_line *line)
{
	const char *wrong = NULL;

	while (!wrong) {
		size_t n = strcspn(text, ",");

		wrong = parse_option(text, n, line);
		if (!text[n])
			break;
		text += n + 1;
	}
	return wrong;
}

/* What no editor gets right by hand */
#define WRONG(what)	what "; write the line anew with 'ksecctl account add'"

static bool parse_hash(const char *text, size_t len, uint8_t *hash, size_t hash_len)
{
	return len == 2 * hash_len && text_get_hex(text, hash, hash_len);
}

/* SHA256,MD5,REALM; the hashes are wiped from @text. */
static const char *parse_digest(char *text, struct account_line *line)
{
	const char *wrong = NULL;
	unsigned int i;

	for (i = 0; i < DIGEST_ALGORITHMS && !wrong; i++) {
		size_t n = strcspn(text, ",");

		if (!text[n] || !parse_hash(text, n, line->ha1[i], digest_len(i)))
			wrong = WRONG("the hashes of Digest are SHA256,MD5,REALM with 64 and 32 "
				      "hex digits");
		explicit_bzero(text, n);
		text += text[n] ? n + 1 : n;
	}
	if (wrong)
		return wrong;
	line->realm = text;
	return *text ? account_check_realm(text) : "the realm is missing behind the hashes of Digest";
}

/* What is wrong with a name; NULL if nothing is. */
static const char *check_name(const char *name, size_t size)
{
	size_t len = strlen(name), i;

	if (len >= size)
		return "a name is too long";
	if (!text_is_utf8(name, len))
		return "a name is not UTF-8";
	if (len && (name[0] == ' ' || name[len - 1] == ' '))
		return "a name begins or ends with a blank; remove it";
	for (i = 0; i < len; i++)
		if (iscntrl((unsigned char)name[i]) && (unsigned char)name[i] < 0x80)
			return "a name has a tab, a carriage return or the like; remove it";
	return NULL;
}

static const char *check_names(const struct account_line *line)
{
	struct account room;
	const char *wrong;

	if (!line->user[0])
		return "the user name is missing";
	if (strchr(line->user, '\\'))
		return "a user name has no backslash; write DOMAIN\\USER with one backslash";
	wrong = check_name(line->user, sizeof(room.user));
	if (!wrong)
		wrong = check_name(line->domain, sizeof(room.domain));
	if (!wrong)
		wrong = check_name(line->local, sizeof(room.local));
	return wrong;
}

/* Cut the next field off a line; NULL after the last. */
static char *next_field(char **rest)
{
	char *field = *rest, *colon;

	if (!field)
		return NULL;
	colon = strchr(field, ':');
	if (colon)
		*colon++ = '\0';
	*rest = colon;
	return field;
}

/**
 * account_line_is_account() - whether a line is more than a comment
 * @text: the line, need not be terminated
 * @len: its length in bytes
 */
bool account_line_is_account(const char *text, size_t len)
{
	return len && text[0] != '#' && strspn(text, " \t") < len;
}

/**
 * account_line_parse() - read one line
 * @text: the line, NUL-terminated; cut up, and @line points into it
 * @len: its length in bytes
 * @line: what it says; its number is left alone
 *
 * The hashes are wiped from @text.
 *
 * Return: NULL, or what is wrong with it and what to do, a literal.
 */
const char *account_line_parse(char *text, size_t len, struct account_line *line)
{
	char *name, *hash, *local, *backslash, *option, *digest, *rest = text;
	const char *wrong;
	bool hashed;

	if (strlen(text) != len)
		return "there is a NUL in the line; this is not a text file";
	name = next_field(&rest);
	hash = next_field(&rest);
	local = next_field(&rest);
	option = next_field(&rest);
	digest = next_field(&rest);
	if (!local || rest)
		return WRONG("an account has 3 to 5 fields, "
			     "[DOMAIN\\]USER:NTHASH:[LOCAL][:[OPTION,...][:SHA256,MD5,REALM]]");

	hashed = parse_hash(hash, strlen(hash), line->hash, ACCOUNT_HASH_LEN);
	explicit_bzero(hash, strlen(hash));
	line->realm = "";
	memset(line->ha1, 0, sizeof(line->ha1));
	wrong = digest ? parse_digest(digest, line) : NULL;
	if (!hashed)
		return WRONG("an NT hash has 32 hex digits");

	backslash = strchr(name, '\\');
	if (backslash)
		*backslash = '\0';
	line->user = backslash ? backslash + 1 : name;
	line->domain = backslash ? name : "";
	line->local = local;
	line->disabled = false;
	line->expiry = KSECDD_TIME_NEVER;
	if (!wrong)
		wrong = check_names(line);
	/* Only with something behind it may the field be empty. */
	if (!wrong && option && (*option || !digest))
		wrong = parse_options(option, line);
	return wrong;
}

/* Room for the field of Digest, with the colon before it and a NUL */
#define DIGEST_FIELD_LEN	(2 * DIGEST_MAX_HASH * DIGEST_ALGORITHMS + DIGEST_MAX_REALM + 8)

static void put_digest(const struct account_digest *digest, char dst[DIGEST_FIELD_LEN])
{
	unsigned int i;

	for (i = 0; i < DIGEST_ALGORITHMS; i++) {
		*dst++ = i ? ',' : ':';
		text_put_hex(dst, digest->ha1[i], digest_len(i));
		dst += 2 * digest_len(i);
	}
	*dst++ = ',';
	strcpy(dst, digest->realm);
}

/**
 * account_line_format() - write one line
 * @entry: what it says
 * @hash: the NT hash
 * @digest: the hashes of Digest, or NULL; without a realm there are none
 * @dst: where it goes, with a line feed and a NUL; a secret
 * @size: room at @dst in bytes
 *
 * Return: its length in bytes, or -EINVAL if it does not fit or @entry->account
 * has an end that is not a midnight.
 */
int account_line_format(const struct account_entry *entry,
			const uint8_t hash[ACCOUNT_HASH_LEN], const struct account_digest *digest,
			char *dst, size_t size)
{
	const struct account *account = &entry->account;
	char day[ACCOUNT_DAY_LEN] = "", name[ACCOUNT_NAME_LEN], hex[2 * ACCOUNT_HASH_LEN + 1];
	char digests[DIGEST_FIELD_LEN] = "";
	bool expires = account->expiry != KSECDD_TIME_NEVER;
	bool with_digest = digest && *digest->realm;
	int n;

	if (expires && account_format_expiry(account->expiry, day))
		return -EINVAL;
	account_write_name(account->domain, account->user, name);
	text_put_hex(hex, hash, ACCOUNT_HASH_LEN);
	if (with_digest)
		put_digest(digest, digests);
	n = snprintf(dst, size, "%s:%s:%s%s%s%s%s%s%s\n", name, hex, account->local,
		     entry->disabled || expires || with_digest ? ":" : "",
		     entry->disabled ? "disabled" : "", entry->disabled && expires ? "," : "",
		     expires ? "expires=" : "", day, digests);
	explicit_bzero(hex, sizeof(hex));
	explicit_bzero(digests, sizeof(digests));
	return n < 0 || (size_t)n >= size ? -EINVAL : n;
}
