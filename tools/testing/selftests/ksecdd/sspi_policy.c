// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What the configuration of ksecd changes for services: each test restarts ksecd
 * with a configuration of its own, the last one with the one there was.
 */
#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <sched.h>
#include <stdlib.h>
#include <unistd.h>

#include <linux/ksecdd.h>
#include <sspi_linux.h>

#include "env.h"
#include "logon.h"
#include "ntlm_peer.h"
#include "suite.h"

#define CONFIG	"/etc/ksecd/ksecd.conf"

static struct logon l;
static char saved[65536];
static bool changed;

static void put_config(const char *text)
{
	int fd = (int)REQUIRE_SYS(open(CONFIG, O_WRONLY | O_TRUNC | O_CLOEXEC));

	CHECK_EQ(write(fd, text, strlen(text)), strlen(text));
	close(fd);
	/* It is not there if the last configuration was a mistake. */
	CHECK_EQ(system("vm-ksecd stop"), 0);
	REQUIRE_EQ(system("vm-ksecd start"), 0);
}

static void configure(const char *text)
{
	if (!changed)
		REQUIRE(read_file(CONFIG, saved, sizeof(saved)));
	changed = true;
	put_config(text);
}

static void check_messages(uint32_t bits)
{
	SecPkgContext_KeyInfoA info;
	uint8_t data[9], sig[16];
	SecBuffer bufs[] = {
		{ sizeof(data), SECBUFFER_DATA, data }, { sizeof(sig), SECBUFFER_TOKEN, sig },
	};
	SecBufferDesc desc = { SECBUFFER_VERSION, 2, bufs };
	struct ntlm_piece piece = { data, sizeof(data), true };
	struct ntlm_peer peer;
	unsigned int i;
	ULONG qop;

	REQUIRE_STATUS(QueryContextAttributesA(&l.context, SECPKG_ATTR_KEY_INFO, &info), SEC_E_OK);
	CHECK_EQ(info.KeySize, bits);
	FreeContextBuffer(info.sSignatureAlgorithmName);
	FreeContextBuffer(info.sEncryptAlgorithmName);
	ntlm_peer_init(&peer, l.client.flags, l.client.exported_key);
	for (i = 0; i < 2; i++) {
		memcpy(data, "a message", 9);
		CHECK_STATUS(EncryptMessage(&l.context, 0, &desc, 0), SEC_E_OK);
		CHECK(ntlm_peer_accept(&peer, &piece, 1, sig));
		CHECK_MEM(data, "a message", 9);
		ntlm_peer_protect(&peer, &piece, 1, sig);
		CHECK_STATUS(DecryptMessage(&l.context, &desc, 0, &qop), SEC_E_OK);
		CHECK_MEM(data, "a message", 9);
	}
}

static void weak_keys(void)
{
	const uint32_t without = CLIENT_FLAGS & ~NTLMSSP_NEGOTIATE_128;

	configure("[ntlm]\nrequire-128bit = no\n");
	logon_init(&l);
	l.client.negotiate = without;
	REQUIRE_STATUS(logon_run(&l), SEC_E_OK);
	check_messages(56);
	logon_end(&l);
	logon_init(&l);
	l.client.negotiate = without & ~NTLMSSP_NEGOTIATE_56;
	REQUIRE_STATUS(logon_run(&l), SEC_E_OK);
	check_messages(40);
	logon_end(&l);
	logon_init(&l);
	REQUIRE_STATUS(logon_run(&l), SEC_E_OK);
	check_messages(128);
	logon_end(&l);
}

static void required_mic(void)
{
	configure("[ntlm]\nrequire-mic = yes\n");
	logon_init(&l);
	l.client.mic = false;
	CHECK_STATUS(logon_run(&l), SEC_E_LOGON_DENIED);
	logon_end(&l);
	logon_init(&l);
	CHECK_STATUS(logon_run(&l), SEC_E_OK);
	logon_end(&l);
}

static void required_bindings(void)
{
	static const SEC_CHANNEL_BINDINGS bindings;
	static const uint8_t some[16] = { 1 };

	configure("[ntlm]\nrequire-channel-bindings = yes\n");
	logon_init(&l);
	l.bindings = &bindings;
	l.bindings_len = sizeof(bindings);
	l.req |= ASC_REQ_ALLOW_MISSING_BINDINGS;
	CHECK_STATUS(logon_run(&l), SEC_E_BAD_BINDINGS);
	logon_end(&l);
	/* The service has none to compare with: the client has to have some. */
	logon_init(&l);
	CHECK_STATUS(logon_run(&l), SEC_E_BAD_BINDINGS);
	logon_end(&l);
	logon_init(&l);
	l.client.cbt = some;
	CHECK_STATUS(logon_run(&l), SEC_E_OK);
	logon_end(&l);
}

static void unchecked_echo(void)
{
	configure("[ntlm]\ncheck-av-echo = no\n");
	logon_init(&l);
	l.client.drop_av = 1;
	CHECK_STATUS(logon_run(&l), SEC_E_OK);
	logon_end(&l);
}

static void ask_key(SECURITY_STATUS want)
{
	SecPkgContext_SessionKey key = { 0, NULL };

	REQUIRE_STATUS(logon_run(&l), SEC_E_OK);
	CHECK_STATUS(QueryContextAttributesA(&l.context, SECPKG_ATTR_SESSION_KEY, &key), want);
	if (want == SEC_E_OK) {
		CHECK_EQ(key.SessionKeyLength, 16);
		CHECK_MEM(key.SessionKey, l.client.exported_key, 16);
		CHECK_STATUS(FreeContextBuffer(key.SessionKey), SEC_E_OK);
	}
	logon_end(&l);
}

static void key_of_another_user(void *unused)
{
	(void)unused;
	become(ENV_UID);
	logon_init(&l);
	ask_key(SEC_E_UNSUPPORTED_FUNCTION);
}

/* I08: the policy goes by the user that acquired the credential. */
static void exported_keys(void *unused)
{
	(void)unused;
	logon_init(&l);
	ask_key(SEC_E_OK);
	logon_init(&l);
	l.client.negotiate = CLIENT_FLAGS & ~NTLMSSP_NEGOTIATE_KEY_EXCH;
	ask_key(SEC_E_OK);
	/* An SMB server signs with the key itself. */
	logon_init(&l);
	l.client.negotiate = CLIENT_CURL;
	l.client.version = false;
	l.client.header = 64;
	l.client.mic = false;
	ask_key(SEC_E_OK);
}

static void session_keys(void)
{
	configure("[policy]\nsession-key-export = 0\n");
	suite_in_child(key_of_another_user, NULL);
	suite_in_child(exported_keys, NULL);
	configure("[policy]\nsession-key-export =\n");
	logon_init(&l);
	ask_key(SEC_E_UNSUPPORTED_FUNCTION);
}

static uid_t uid_of(const char *user)
{
	const struct passwd *pw = getpwnam(user);

	REQUIRE(pw);
	return pw->pw_uid;
}

static void check_uid(SECURITY_STATUS want, ULONG uid)
{
	SecPkgContext_LinuxAccount account = { 0 };

	REQUIRE_STATUS(logon_run(&l), SEC_E_OK);
	CHECK_STATUS(QueryContextAttributesA(&l.context, SECPKG_ATTR_LINUX_ACCOUNT, &account),
		     want);
	CHECK_EQ(account.Uid, uid);
	logon_end(&l);
}

static void mapped_users(void)
{
	configure("[accounts]\nmap-unknown = bob\nmap-anonymous = carol\n");
	logon_init(&l);
	check_uid(SEC_E_OK, uid_of("alice"));
	logon_init(&l);
	l.client.user = "carol";
	check_uid(SEC_E_OK, uid_of("bob"));
	logon_init(&l);
	l.client.anonymous = true;
	l.client.mic = false;
	l.req |= ASC_REQ_ALLOW_NULL_SESSION;
	check_uid(SEC_E_OK, uid_of("carol"));
	/* Anonymous or not, the service has to allow it. */
	logon_init(&l);
	l.client.anonymous = true;
	l.client.mic = false;
	CHECK_STATUS(logon_run(&l), SEC_E_LOGON_DENIED);
	logon_end(&l);
}

static void names(void)
{
	SecPkgContext_NativeNamesA native;

	configure("[names]\nnetbios-name = WEB\nnetbios-domain = CORP\n"
		  "dns-domain = corp.test\ndomain-member = yes\n");
	logon_init(&l);
	REQUIRE_STATUS(logon_run(&l), SEC_E_OK);
	REQUIRE_STATUS(QueryContextAttributesA(&l.context, SECPKG_ATTR_NATIVE_NAMES, &native),
		       SEC_E_OK);
	CHECK(!strcmp(native.sClientName, "WEB\\alice"));
	CHECK(!strcmp(native.sServerName, "WEB"));
	FreeContextBuffer(native.sClientName);
	FreeContextBuffer(native.sServerName);
	logon_end(&l);
}

static void clock_skew(void)
{
	configure("[ntlm]\nmax-clock-skew = 0\ncheck-av-echo = no\n");
	logon_init(&l);
	l.client.timestamp = 1;
	CHECK_STATUS(logon_run(&l), SEC_E_OK);
	logon_end(&l);
	configure("[ntlm]\nmax-clock-skew = 60s\ncheck-av-echo = no\n");
	logon_init(&l);
	l.client.timestamp = 1;
	CHECK_STATUS(logon_run(&l), SEC_E_LOGON_DENIED);
	logon_end(&l);
	logon_init(&l);
	CHECK_STATUS(logon_run(&l), SEC_E_OK);
	logon_end(&l);
}

static void log_in_elsewhere(void *want)
{
	REQUIRE_SYS(unshare(CLONE_NEWNET));
	logon_init(&l);
	CHECK_STATUS(logon_run(&l), *(SECURITY_STATUS *)want);
	logon_end(&l);
}

static void as_it_was(void)
{
	changed = false;
	put_config(saved);
	logon_init(&l);
	CHECK_STATUS(logon_run(&l), SEC_E_OK);
	logon_end(&l);
}

/* Callers of another network namespace, which has no helper */
static void network_namespaces(void)
{
	SECURITY_STATUS want = SEC_E_NO_AUTHENTICATING_AUTHORITY;

	configure("[daemon]\nall-netns = no\n");
	suite_in_child(log_in_elsewhere, &want);
	configure("[daemon]\nall-netns = yes\n");
	want = SEC_E_OK;
	suite_in_child(log_in_elsewhere, &want);
}

static void after(void)
{
	logon_end(&l);
}

static const struct suite_test tests[] = {
	/* First: what has opened the device before it forks decides who pays. */
	{ .name = "session keys go out where the policy says so", .run = session_keys },
	{ .name = "network namespaces without a helper", .run = network_namespaces },
	{ .name = "weak keys are allowed", .run = weak_keys },
	{ .name = "a MIC is required", .run = required_mic },
	{ .name = "channel bindings are required", .run = required_bindings },
	{ .name = "the AV pairs are not looked at", .run = unchecked_echo },
	{ .name = "local users for those who have none", .run = mapped_users },
	{ .name = "names of the server", .run = names },
	{ .name = "the client's clock", .run = clock_skew },
	{ .name = "as it was", .run = as_it_was },
};

int main(void)
{
	suite_after = after;
	return suite_run(tests, ARRAY_SIZE(tests));
}
