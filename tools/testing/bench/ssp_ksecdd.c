// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * ksecdd: libsspi, the module and ksecd.
 */
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <linux/ksecdd.h>
#include <sspi_linux.h>

#include "ksecdd_fill.h"
#include "ssp_sspi.h"

static void init(void)
{
	if (AcquireCredentialsHandleA(NULL, "NTLM", SECPKG_CRED_INBOUND, NULL, NULL, NULL, NULL,
				      &sspi_credential, NULL) != SEC_E_OK)
		bench_die("there is no credential; do module and ksecd run?");
}

static bool run_batch(enum bench_op op, const struct bench_job *jobs, unsigned int n)
{
	static const ULONG ops[BENCH_OPS] = {
		[BENCH_SIGN] = LINUX_MESSAGE_SIGN,
		[BENCH_VERIFY] = LINUX_MESSAGE_VERIFY,
		[BENCH_ENCRYPT] = LINUX_MESSAGE_ENCRYPT,
		[BENCH_DECRYPT] = LINUX_MESSAGE_DECRYPT,
	};
	SecBuffer buffers[BENCH_MESSAGES][2];
	SecBufferDesc descs[BENCH_MESSAGES];
	LinuxMessage messages[BENCH_MESSAGES];
	unsigned int i;

	for (i = 0; i < n; i++) {
		const struct sspi_context *c = jobs[i].context;
		const struct bench_message *m = jobs[i].message;

		buffers[i][0] = (SecBuffer){ BENCH_TOKEN, SECBUFFER_TOKEN, m->buf };
		buffers[i][1] = (SecBuffer){ m->len, SECBUFFER_DATA, m->buf + BENCH_TOKEN };
		descs[i] = (SecBufferDesc){ SECBUFFER_VERSION, 2, buffers[i] };
		messages[i] = (LinuxMessage){
			.Context = c->handle, .Operation = ops[op], .pMessage = &descs[i],
		};
	}
	return LinuxProcessMessages(messages, n, NULL) == SEC_E_OK;
}

static bool run(enum bench_op op, const struct bench_job *jobs, unsigned int n)
{
	return n == 1 ? sspi_run_one(op, jobs) : run_batch(op, jobs, n);
}

/* The descriptor of libsspi, in whose table the handles are */
static int device(void)
{
	char link[32], path[32];
	ssize_t len;
	int fd;

	for (fd = 0; fd < 1024; fd++) {
		snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
		len = readlink(link, path, sizeof(path));
		if (len == (ssize_t)strlen(KSECDD_DEVICE) && !memcmp(path, KSECDD_DEVICE, len))
			return fd;
	}
	bench_die("libsspi has not opened " KSECDD_DEVICE);
}

/* What an ioctl takes; several at once, since one is soon over. */
static double ioctl_cost(int fd, unsigned long request, void *arg)
{
	uint64_t begin, end;
	unsigned int i;

	begin = count_now();
	for (i = 0; i < BENCH_MESSAGES; i++)
		ioctl(fd, request, arg);
	end = count_now();
	return (double)(end - begin - count_overhead()) / BENCH_MESSAGES;
}

/*
 * What it takes to look a handle up: the difference between a handle that is stale,
 * which is found and given back, and one whose index no table reaches.  Everything
 * else of the two calls is the same.
 */
static void handles(void *context, unsigned long live)
{
	const struct sspi_context *c = context;
	struct ksecdd_version version = { .size = sizeof(version) };
	struct ksecdd_destroy stale = {
		.size = sizeof(stale),
		.type = KSECDD_OBJECT_CONTEXT,
		.handle = (uint64_t)(c->handle.dwUpper + 1) << 32 | c->handle.dwLower,
	};
	struct ksecdd_destroy nowhere = {
		.size = sizeof(nowhere), .type = KSECDD_OBJECT_CONTEXT, .handle = INT32_MAX,
	};
	struct count empty = { 0 }, smallest = { 0 }, lookup = { 0 }, missed = { 0 };
	unsigned int i;
	int fd = device();

	for (i = 0; i <= bench_options.runs; i++) {
		struct count none = { 0 };

		count_add(i ? &empty : &none, ioctl_cost(fd, 0, NULL));
		count_add(i ? &smallest : &none, ioctl_cost(fd, KSECDD_IOC_VERSION, &version));
		count_add(i ? &lookup : &none, ioctl_cost(fd, KSECDD_IOC_DESTROY, &stale));
		count_add(i ? &missed : &none, ioctl_cost(fd, KSECDD_IOC_DESTROY, &nowhere));
	}
	/*
	 * The least that was missed with goes off every lookup: in a pair of its own
	 * an interrupt would make the difference less than nothing.
	 */
	count_sort(&missed);
	for (i = 0; i < lookup.runs; i++)
		lookup.value[i] -= missed.value[0];
	if (stale.status != SEC_E_INVALID_HANDLE || nowhere.status != SEC_E_INVALID_HANDLE)
		bench_die("a handle was found that is none");
	bench_row(bench_ssp.name, "ioctl-unknown", live, 0, 1, "instructions", &empty);
	bench_row(bench_ssp.name, "ioctl-version", live, 0, 1, "instructions", &smallest);
	bench_row(bench_ssp.name, "handle-lookup", live, 0, 1, "instructions", &lookup);
}

/* Bytes of ksecd's state besides the two messages (helper/ntlm/state.c) */
#define STATE_HEADER	6

static void fill(void *contexts, unsigned long n, bool established, struct client *client)
{
	struct ksecdd_form form = { .account = BENCH_USER };
	SecPkgContext_NativeNamesA names;
	struct sspi_context c = { 0 };
	struct client first;

	form.state_len = STATE_HEADER + bench_log_on(&c, &first);
	if (QueryContextAttributesA(&c.handle, SECPKG_ATTR_NATIVE_NAMES, &names) != SEC_E_OK)
		bench_die("a context does not say whose it is");
	sspi_drop(&c);
	form.client = names.sClientName;
	form.server = names.sServerName;
	ksecdd_fill(&form, contexts, n, established, client);
	FreeContextBuffer(names.sClientName);
	FreeContextBuffer(names.sServerName);
}

const struct bench_ssp bench_ssp = {
	.name = "ksecdd",
	.ops = (1U << BENCH_OPS) - 1,
	.batch = BENCH_MESSAGES,
	.in_kernel = true,
	.context_size = sizeof(struct sspi_context),
	.init = init,
	.accept = sspi_accept,
	.drop = sspi_drop,
	.run = run,
	.handles = handles,
	.fill = fill,
};
