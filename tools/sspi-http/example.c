// SPDX-License-Identifier: GPL-2.0-or-later
/* Who is there?  Tokens over stdin and stdout, each behind its length in 4 bytes:
 *	socat TCP-LISTEN:4000,bind=127.0.0.1,fork EXEC:./sspi-example
 */
#include <arpa/inet.h>
#include <stdio.h>
#include <sspi.h>

int main(void)
{
	static char in[65536], out[65536];
	SecBuffer from = { 0, SECBUFFER_TOKEN, in }, to = { 0, SECBUFFER_TOKEN, out };
	SecBufferDesc input = { SECBUFFER_VERSION, 1, &from };
	SecBufferDesc output = { SECBUFFER_VERSION, 1, &to };
	SECURITY_STATUS status = SEC_I_CONTINUE_NEEDED;
	SecPkgContext_NamesA client;
	CredHandle cred;
	CtxtHandle ctx, *half_open = NULL;
	uint32_t size;
	ULONG attributes;

	if (AcquireCredentialsHandleA(NULL, "NTLM", SECPKG_CRED_INBOUND, NULL, NULL, NULL, NULL,
				      &cred, NULL) != SEC_E_OK)
		return 1;
	while (status == SEC_I_CONTINUE_NEEDED && fread(&size, sizeof(size), 1, stdin) &&
	       (from.cbBuffer = ntohl(size)) <= sizeof(in) &&
	       fread(in, 1, from.cbBuffer, stdin) == from.cbBuffer) {
		to.cbBuffer = sizeof(out);
		status = AcceptSecurityContext(&cred, half_open, &input, 0, SECURITY_NATIVE_DREP,
					       &ctx, &output, &attributes, NULL);
		half_open = &ctx;
		if (SEC_SUCCESS(status) && to.cbBuffer) {
			size = htonl(to.cbBuffer);
			fwrite(&size, sizeof(size), 1, stdout);
			fwrite(out, 1, to.cbBuffer, stdout);
			fflush(stdout);
		}
	}
	if (status == SEC_E_OK &&
	    QueryContextAttributesA(&ctx, SECPKG_ATTR_NAMES, &client) == SEC_E_OK)
		printf("Hello %s\n", client.sUserName);
	else
		printf("No: 0x%08x\n", (unsigned int)status);
	return status != SEC_E_OK;
}
