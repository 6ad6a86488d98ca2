// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * WinPR's SSPI: all of it in this process.
 *
 * Its MakeSignature and VerifySignature are there in name only.
 */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <winpr/sspi.h>

#include "ssp_sspi.h"

/* Where WinPR's server looks for accounts; the same ones as ours has */
#define SAM_FILE	"/etc/winpr/SAM"

static void write_sam(void)
{
	static const char *const others[] = { "bob", "carol", "dave", "erin" };
	unsigned int i;
	FILE *f;

	if (system("mkdir -p /etc/winpr") != 0)
		bench_die("/etc/winpr cannot be made");
	f = fopen(SAM_FILE, "we");
	if (!f)
		bench_die(SAM_FILE " cannot be written");
	fprintf(f, "%s:::%s:::\n", BENCH_USER, BENCH_NT_HASH);
	for (i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		fprintf(f, "%s:::%s:::\n", others[i], BENCH_NT_HASH);
	if (fclose(f))
		bench_die(SAM_FILE " cannot be written");
}

static void init(void)
{
	static CHAR package[] = "NTLM";
	TimeStamp expiry;

	write_sam();
	if (AcquireCredentialsHandleA(NULL, package, SECPKG_CRED_INBOUND, NULL, NULL, NULL, NULL,
				      &sspi_credential, &expiry) != SEC_E_OK)
		bench_die("WinPR has no credential for us");
}

static bool run(enum bench_op op, const struct bench_job *jobs, unsigned int n)
{
	return n == 1 && sspi_run_one(op, jobs);
}

const struct bench_ssp bench_ssp = {
	.name = "winpr",
	.ops = 1U << BENCH_ENCRYPT | 1U << BENCH_DECRYPT,
	.batch = 1,
	.context_size = sizeof(struct sspi_context),
	.init = init,
	.accept = sspi_accept,
	.drop = sspi_drop,
	.run = run,
};
