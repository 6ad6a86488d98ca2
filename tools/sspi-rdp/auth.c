// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Network Level Authentication.
 */
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sspi_linux.h>
#include <windows/schannel.h>

#include "auth.h"

/* A record's head says how long it is; nothing shorter says anything. */
#define RECORD_HEAD	5
/* What a client may send for one call: a flight of a handshake, or a TSRequest. */
#define TOKEN_MAX	(256UL * 1024)

/*
 * Replies are allocated by the library.  A client that is refused is told so, if its
 * version of CredSSP knows how.
 */
#define ALWAYS_ASKED	(ASC_REQ_ALLOCATE_MEMORY | ASC_REQ_STREAM | ASC_REQ_EXTENDED_ERROR | \
			 ASC_REQ_REPLAY_DETECT | ASC_REQ_SEQUENCE_DETECT | ASC_REQ_CONFIDENTIALITY)

SECURITY_STATUS auth_acquire(const char *name, PCredHandle credential)
{
	return AcquireCredentialsHandleA((SEC_CHAR *)name, (SEC_CHAR *)"CREDSSP",
					 SECPKG_CRED_INBOUND, NULL, NULL, NULL, NULL, credential,
					 NULL);
}

/**
 * struct input - what was read and is not used yet
 * @data: it
 * @len:  its length in bytes
 * @want: how many bytes there have to be before it is worth a call
 */
struct input {
	unsigned char *data;
	size_t len;
	size_t want;
};

static enum conn_result read_more(struct input *in, struct conn *conn)
{
	enum conn_result result;
	unsigned char *grown;

	if (in->want > TOKEN_MAX)
		return CONN_TOO_LARGE;
	grown = realloc(in->data, in->want);
	if (!grown) {
		conn->why = "out of memory";
		return CONN_CLOSED;
	}
	in->data = grown;
	result = conn_read_all(conn, in->data + in->len, in->want - in->len);
	in->len = result == CONN_OK ? in->want : 0;
	return result;
}

/*
 * One call.  What it has not used stays in @in, and @in->want says how much there has to
 * be for the next one.
 */
static SECURITY_STATUS accept_token(struct auth *auth, PCredHandle credential, struct input *in,
				    SecBuffer *out)
{
	SecBuffer buffers[2] = {
		{ (ULONG)in->len, SECBUFFER_TOKEN, in->data },
		{ 0, SECBUFFER_EMPTY, NULL },
	};
	SecBufferDesc input = { SECBUFFER_VERSION, 2, buffers };
	SecBufferDesc output = { SECBUFFER_VERSION, 1, out };
	SECURITY_STATUS status;
	size_t missing = 1, i;
	ULONG attributes;
	size_t extra = 0;

	*out = (SecBuffer){ 0, SECBUFFER_TOKEN, NULL };
	status = AcceptSecurityContext(credential, auth->have ? &auth->context : NULL, &input,
				       ALWAYS_ASKED, SECURITY_NATIVE_DREP, &auth->context, &output,
				       &attributes, NULL);
	for (i = 0; i < 2; i++) {
		if (buffers[i].BufferType == SECBUFFER_EXTRA)
			extra = buffers[i].cbBuffer;
		else if (buffers[i].BufferType == SECBUFFER_MISSING && buffers[i].cbBuffer)
			missing = buffers[i].cbBuffer;
	}
	if (status == SEC_E_INCOMPLETE_MESSAGE) {
		in->want = in->len + missing;
		return status;
	}
	if (status == SEC_E_OK || status == SEC_I_CONTINUE_NEEDED)
		auth->have = true;
	if (extra > in->len)
		extra = 0;
	if (extra)
		memmove(in->data, in->data + in->len - extra, extra);
	in->len = extra;
	/* What is there may be enough already; a call says so. */
	in->want = extra > RECORD_HEAD ? extra : RECORD_HEAD;
	return status;
}

enum conn_result auth_accept(struct auth *auth, struct conn *conn, PCredHandle credential)
{
	struct input in = { .want = RECORD_HEAD };
	enum conn_result result = CONN_OK;
	SECURITY_STATUS status = SEC_I_CONTINUE_NEEDED;
	SecBuffer out = { 0 };

	auth->status = SEC_E_OK;
	while (result == CONN_OK &&
	       (status == SEC_I_CONTINUE_NEEDED || status == SEC_E_INCOMPLETE_MESSAGE)) {
		if (in.len < in.want)
			result = read_more(&in, conn);
		if (result != CONN_OK)
			break;
		status = accept_token(auth, credential, &in, &out);
		/* With a failure, too: it is what tells the client. */
		if (out.cbBuffer)
			result = conn_write(conn, out.pvBuffer, out.cbBuffer);
		if (out.pvBuffer)
			FreeContextBuffer(out.pvBuffer);
	}
	if (result == CONN_OK && status == SEC_E_OK && in.len) {
		auth->extra = in.data;
		auth->extra_len = in.len;
		return CONN_OK;
	}
	free(in.data);
	if (result == CONN_OK && status != SEC_E_OK) {
		auth->status = status;
		return CONN_CLOSED;
	}
	return result;
}

static void query_channel(PCtxtHandle context, struct identity *identity)
{
	SecPkgContext_CipherInfo info = { .dwVersion = SECPKGCONTEXT_CIPHERINFO_V1 };
	size_t i;

	if (QueryContextAttributesA(context, SECPKG_ATTR_CIPHER_INFO, &info) != SEC_E_OK)
		return;
	snprintf(identity->tls, sizeof(identity->tls), "%s",
		 info.dwProtocol & SP_PROT_TLS1_3_SERVER ? "TLSv1.3" :
		 info.dwProtocol & SP_PROT_TLS1_2_SERVER ? "TLSv1.2" : "unknown");
	/* Names of cipher suites are ASCII. */
	for (i = 0; i < sizeof(identity->cipher) - 1 && i < SZ_ALG_MAX_SIZE &&
	     info.szCipherSuite[i]; i++)
		identity->cipher[i] = (char)info.szCipherSuite[i];
	identity->cipher[i] = 0;
}

/* The local account, as the token has it. */
static SECURITY_STATUS query_token(PCtxtHandle context, struct identity *identity)
{
	struct passwd entry, *found = NULL;
	PLinuxTokenInfo info;
	SECURITY_STATUS status;
	char buf[4096];
	HANDLE token;

	status = QuerySecurityContextToken(context, &token);
	if (status != SEC_E_OK)
		return status;
	status = LinuxQueryToken(token, &info);
	CloseHandle(token);
	if (status != SEC_E_OK)
		return status;
	if (info->Account) {
		identity->mapped = true;
		identity->uid = info->Account->Uid;
		identity->gid = info->Account->Gid;
		if (!getpwuid_r(identity->uid, &entry, buf, sizeof(buf), &found) && found)
			snprintf(identity->user, sizeof(identity->user), "%s", entry.pw_name);
	}
	snprintf(identity->package, sizeof(identity->package), "%s", info->sPackageName);
	FreeContextBuffer(info);
	return SEC_E_OK;
}

SECURITY_STATUS auth_identify(const struct auth *auth, struct identity *identity)
{
	PCtxtHandle context = (PCtxtHandle)&auth->context;
	SecPkgContext_NamesA names;
	SECURITY_STATUS status;
	int n;

	*identity = (struct identity){ 0 };
	status = QueryContextAttributesA(context, SECPKG_ATTR_NAMES, &names);
	if (status != SEC_E_OK)
		return status;
	n = snprintf(identity->account, sizeof(identity->account), "%s", names.sUserName);
	FreeContextBuffer(names.sUserName);
	/* Half a name may be somebody else's. */
	if (n < 0 || (size_t)n >= sizeof(identity->account))
		return SEC_E_BUFFER_TOO_SMALL;
	query_channel(context, identity);
	return query_token(context, identity);
}

void auth_release(struct auth *auth)
{
	if (auth->have)
		DeleteSecurityContext(&auth->context);
	auth->have = false;
	free(auth->extra);
	auth->extra = NULL;
}
