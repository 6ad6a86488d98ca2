// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Memory for callers: FreeContextBuffer() frees what is ours and nothing else.
 */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "libsspi/internal.h"
#include "tools/testing/tap/tap.h"

#define MANY	5000
#define THREADS	4
#define ROUNDS	20000

static void test_foreign(void)
{
	static int variable;
	void *heap = malloc(64), *ours = ksspi_alloc(64);
	int local = 0;

	tap_is(FreeContextBuffer(NULL), SEC_E_OK, "NULL is nothing to free");
	tap_is(FreeContextBuffer(&local), SEC_E_INVALID_HANDLE, "a variable on the stack");
	tap_is(FreeContextBuffer(&variable), SEC_E_INVALID_HANDLE, "a static variable");
	tap_is(FreeContextBuffer(heap), SEC_E_INVALID_HANDLE, "memory of malloc()");
	tap_is(FreeContextBuffer((void *)0x10), SEC_E_INVALID_HANDLE, "no memory at all");
	tap_is(FreeContextBuffer((void *)UINTPTR_MAX), SEC_E_INVALID_HANDLE, "the last address");
	tap_is(FreeContextBuffer((char *)ours + 16), SEC_E_INVALID_HANDLE, "the middle of ours");
	tap_is(FreeContextBuffer((char *)ours - 16), SEC_E_INVALID_HANDLE, "before ours");
	tap_is(FreeContextBuffer(ours), SEC_E_OK, "ours");
	tap_is(FreeContextBuffer(ours), SEC_E_INVALID_HANDLE, "ours a second time");
	SspiLocalFree(&local);
	SspiFreeAuthIdentity(heap);
	SspiLocalFree(NULL);
	tap_ok(true, "SspiLocalFree and SspiFreeAuthIdentity leave alone what is not ours");
	free(heap);
}

static void test_many(void)
{
	static unsigned char *p[MANY];
	unsigned int i, wrong = 0;

	for (i = 0; i < MANY; i++) {
		size_t size = i % 700;

		p[i] = ksspi_alloc(size);
		if (!p[i] || (uintptr_t)p[i] % _Alignof(max_align_t))
			wrong++;
		else
			memset(p[i], (int)i, size);
	}
	tap_is(wrong, 0, "%d blocks, all aligned", MANY);
	/* in another order than they came */
	for (i = 0; i < MANY; i++)
		wrong += !ksspi_free(p[i * 7 % MANY]);
	tap_is(wrong, 0, "each can be freed");
	for (i = 0; i < MANY; i++)
		wrong += ksspi_free(p[i]);
	tap_is(wrong, 0, "and not again");
}

static void test_shrink(void)
{
	unsigned char *p = ksspi_alloc(KSECDD_MAX_TOKEN);

	memcpy(p, "token", 5);
	p = ksspi_shrink(p, 5);
	tap_mem(p, "token", 5, "what is shrunk keeps its start");
	tap_is(FreeContextBuffer(p), SEC_E_OK, "and is still ours");
	p = ksspi_shrink(ksspi_alloc(1), 1);
	tap_is(FreeContextBuffer(p), SEC_E_OK, "shrunk by nothing");
	tap_ok(!ksspi_alloc(SIZE_MAX) && !ksspi_alloc(SIZE_MAX / 2), "there are limits");
}

static void *churn(void *arg)
{
	unsigned int i, *wrong = arg;

	for (i = 0; i < ROUNDS; i++) {
		unsigned char *a = ksspi_alloc(i % 97 + 1), *b = ksspi_alloc(i % 31 + 1);

		if (!a || !b || !ksspi_free(a) || !ksspi_free(b) || ksspi_free(&i))
			(*wrong)++;
	}
	return NULL;
}

/* A child of a thread must find the table whole, whatever the others were at. */
static void test_fork(void)
{
	unsigned int wrong[THREADS] = { 0 }, total = 0, i, children = 0;
	void *before = ksspi_alloc(8);
	pthread_t threads[THREADS];
	int status;

	for (i = 0; i < THREADS; i++)
		if (pthread_create(&threads[i], NULL, churn, &wrong[i]))
			tap_bail("no thread");
	for (i = 0; i < 20; i++) {
		pid_t pid = fork();

		if (!pid) {
			alarm(60);
			_exit(!ksspi_free(before) || !ksspi_free(ksspi_alloc(10)));
		}
		children += pid > 0 && waitpid(pid, &status, 0) == pid && !status;
	}
	for (i = 0; i < THREADS; i++) {
		pthread_join(threads[i], NULL);
		total += wrong[i];
	}
	tap_is(total, 0, "%d threads at once", THREADS);
	tap_is(children, 20, "children forked meanwhile can allocate and free");
	tap_ok(ksspi_free(before), "what a child freed is still the parent's");
}

int main(void)
{
	test_foreign();
	test_many();
	test_shrink();
	test_fork();
	return tap_done();
}
