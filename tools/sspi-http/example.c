// SPDX-License-Identifier: GPL-2.0-or-later
/* Who is there?  Tokens over stdin and stdout, each behind its length in 4 bytes:
 *	socat TCP-LISTEN:4000,bind=127.0.0.1,fork EXEC:./sspi-example
 */
#include <arpa/inet.h>
#include <stdint.h>
#include <stdio.h>

#include <sspi.h>

static char in[65536], out[65536];

static int receive(SecBuffer *token)
{
	uint32_t size;

	if (!fread(&size, sizeof(size), 1, stdin))
		return 0;
	token->cbBuffer = ntohl(size);
	return token->cbBuffer <= sizeof(in) &&
	       fread(token->pvBuffer, 1, token->cbBuffer, stdin) == token->cbBuffer;
}

static void transmit(const SecBuffer *token)
{
	uint32_t size = htonl(token->cbBuffer);

	fwrite(&size, sizeof(size), 1, stdout);
	fwrite(token->pvBuffer, 1, token->cbBuffer, stdout);
	fflush(stdout);
}

/* What the README shows begins here. */
int main(void)
{
	SecBuffer from = { 0, SECBUFFER_TOKEN, in }, to = { 0, SECBUFFER_TOKEN, out };
	SecBufferDesc input = { SECBUFFER_VERSION, 1, &from };
	SecBufferDesc output = { SECBUFFER_VERSION, 1, &to };
	SECURITY_STATUS status = SEC_I_CONTINUE_NEEDED;
	SecPkgContext_NamesA client;
	CredHandle cred;
	CtxtHandle ctx, *half_open = NULL;
	ULONG attributes;

	if (AcquireCredentialsHandleA(NULL, "NTLM", SECPKG_CRED_INBOUND, NULL, NULL, NULL, NULL,
				      &cred, NULL) != SEC_E_OK)
		return 1;
	while (status == SEC_I_CONTINUE_NEEDED && receive(&from)) {
		to.cbBuffer = sizeof(out);
		status = AcceptSecurityContext(&cred, half_open, &input, 0, SECURITY_NATIVE_DREP,
					       &ctx, &output, &attributes, NULL);
		half_open = &ctx;
		if (SEC_SUCCESS(status) && to.cbBuffer)
			transmit(&to);
	}
	if (status == SEC_E_OK && QueryContextAttributesA(&ctx, SECPKG_ATTR_NAMES, &client) == SEC_E_OK)
		printf("Hello %s\n", client.sUserName);
	return status != SEC_E_OK;
}
