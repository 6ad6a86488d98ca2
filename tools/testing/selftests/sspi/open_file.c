// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * libsspi's open file of the device: when it is opened, what fork(), exec() and
 * programs that close what they do not know do to it, and what there is without.
 */
#include <dirent.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <linux/ksecdd.h>
#include <sspi.h>

#include "tools/testing/tap/tap.h"

#define THREADS		8
#define NOBODY		65534
#define MAX_FDS		16

/* NEGOTIATE_MESSAGE: UNICODE, REQUEST_TARGET, NTLM, SIGN, SEAL, ESS, 128 */
static unsigned char negotiate[32] = {
	'N', 'T', 'L', 'M', 'S', 'S', 'P', 0, 1, 0, 0, 0, 0x37, 0x82, 0x08, 0x20,
};

/* The descriptors of the device; returns how many. */
static int device_fds(int fds[MAX_FDS])
{
	DIR *dir = opendir("/proc/self/fd");
	struct dirent *entry;
	char path[64], target[64];
	ssize_t len;
	int n = 0;

	if (!dir)
		return -1;
	while ((entry = readdir(dir)) && n < MAX_FDS) {
		snprintf(path, sizeof(path), "/proc/self/fd/%.20s", entry->d_name);
		len = readlink(path, target, sizeof(target) - 1);
		if (len <= 0)
			continue;
		target[len] = 0;
		if (!strcmp(target, KSECDD_DEVICE))
			fds[n++] = atoi(entry->d_name);
	}
	closedir(dir);
	return n;
}

static int device_fd(void)
{
	int fds[MAX_FDS];

	return device_fds(fds) == 1 ? fds[0] : -1;
}

static SECURITY_STATUS acquire(CredHandle *cred)
{
	return AcquireCredentialsHandleA(NULL, "NTLM", SECPKG_CRED_INBOUND, NULL, NULL, NULL,
					 NULL, cred, NULL);
}

static SECURITY_STATUS first_leg(CredHandle *cred, CtxtHandle *ctx)
{
	static _Thread_local unsigned char out[4096];
	SecBuffer in = { sizeof(negotiate), SECBUFFER_TOKEN, negotiate };
	SecBuffer answer = { sizeof(out), SECBUFFER_TOKEN, out };
	SecBufferDesc input = { SECBUFFER_VERSION, 1, &in };
	SecBufferDesc output = { SECBUFFER_VERSION, 1, &answer };
	ULONG attributes;

	return AcceptSecurityContext(cred, NULL, &input, 0, SECURITY_NATIVE_DREP, ctx, &output,
				     &attributes, NULL);
}

static SECURITY_STATUS sizes_of(CtxtHandle *ctx)
{
	SecPkgContext_Sizes sizes;

	return QueryContextAttributesA(ctx, SECPKG_ATTR_SIZES, &sizes);
}

static SECURITY_STATUS look(void)
{
	PSecPkgInfoA info;
	SECURITY_STATUS status;

	status = QuerySecurityPackageInfoA("NTLM", &info);
	if (status == SEC_E_OK)
		FreeContextBuffer(info);
	return status;
}

/* What a function says in a child; the child's exit code is the low byte. */
static int in_child(SECURITY_STATUS (*fn)(void), SECURITY_STATUS want)
{
	pid_t pid = fork();
	int status = -1;

	if (!pid)
		_exit(fn() == want ? 42 : 1);
	if (pid < 0 || waitpid(pid, &status, 0) != pid || !WIFEXITED(status))
		return -1;
	return WEXITSTATUS(status);
}

static pthread_barrier_t barrier;

static void *look_together(void *wrong)
{
	pthread_barrier_wait(&barrier);
	if (look() != SEC_E_OK)
		__atomic_fetch_add((int *)wrong, 1, __ATOMIC_RELAXED);
	return NULL;
}

static void test_open(void)
{
	CredHandle cred = { 1, 1 };
	pthread_t threads[THREADS];
	int fds[MAX_FDS], wrong = 0, i;

	tap_is(device_fds(fds), 0, "nothing is open before it is needed");
	tap_is(FreeCredentialsHandle(&cred), SEC_E_INVALID_HANDLE, "a handle from nowhere");
	tap_is(device_fds(fds), 0, "needs no open file either");
	pthread_barrier_init(&barrier, NULL, THREADS);
	for (i = 0; i < THREADS; i++)
		if (pthread_create(&threads[i], NULL, look_together, &wrong))
			tap_bail("no thread");
	for (i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	tap_is(wrong, 0, "%d threads need it at once", THREADS);
	tap_is(device_fds(fds), 1, "and have one open file");
	tap_is(fcntl(fds[0], F_GETFD), FD_CLOEXEC, "which exec() closes");
	tap_ok(fds[0] > STDERR_FILENO, "and which is none of the standard ones");
}

static CredHandle the_cred;
static CtxtHandle the_ctx;

static SECURITY_STATUS use_and_delete(void)
{
	SECURITY_STATUS status = sizes_of(&the_ctx);

	return status == SEC_E_OK ? DeleteSecurityContext(&the_ctx) : status;
}

/* Sees what the child of a fork sees after exec(): the handles come as arguments. */
static int after_exec(char **argv)
{
	CtxtHandle ctx = { strtoul(argv[2], NULL, 10), strtoul(argv[3], NULL, 10) };
	int fds[MAX_FDS];

	if (device_fds(fds) != 0 || sizes_of(&ctx) != SEC_E_INVALID_HANDLE)
		return 1;
	if (look() != SEC_E_OK || device_fds(fds) != 1)
		return 2;
	return sizes_of(&ctx) == SEC_E_INVALID_HANDLE ? 42 : 3;
}

static void test_fork(void)
{
	char lower[24], upper[24];
	int status = -1;
	pid_t pid;

	tap_is(acquire(&the_cred), SEC_E_OK, "a credential");
	tap_is(first_leg(&the_cred, &the_ctx), SEC_I_CONTINUE_NEEDED, "a context");

	snprintf(lower, sizeof(lower), "%lu", (unsigned long)the_ctx.dwLower);
	snprintf(upper, sizeof(upper), "%lu", (unsigned long)the_ctx.dwUpper);
	pid = fork();
	if (!pid) {
		execl("/proc/self/exe", "sspi-open-file", "exec", lower, upper, NULL);
		_exit(127);
	}
	waitpid(pid, &status, 0);
	tap_is(WEXITSTATUS(status), 42, "a program that is started has neither file nor handles");
	tap_is(sizes_of(&the_ctx), SEC_E_OK, "and does the context no harm");

	tap_is(in_child(use_and_delete, SEC_E_OK), 42, "a child uses the context and deletes it");
	tap_is(sizes_of(&the_ctx), SEC_E_INVALID_HANDLE, "it is gone for the parent as well");
	tap_is(first_leg(&the_cred, &the_ctx), SEC_I_CONTINUE_NEEDED, "which makes another");
	tap_is(DeleteSecurityContext(&the_ctx), SEC_E_OK, "and deletes it");
	tap_is(FreeCredentialsHandle(&the_cred), SEC_E_OK, "and the credential");
}

static void test_closed(void)
{
	CredHandle old, new;
	CtxtHandle ctx;
	int fd, null;

	acquire(&old);
	first_leg(&old, &ctx);
	fd = device_fd();
	tap_ok(fd >= 0 && !close(fd), "somebody closes the file");
	tap_is(sizes_of(&ctx), SEC_E_INVALID_HANDLE, "its contexts are gone");
	tap_is(FreeCredentialsHandle(&old), SEC_E_INVALID_HANDLE, "and its credentials");
	tap_is(acquire(&new), SEC_E_OK, "there are new ones");
	tap_is(first_leg(&new, &ctx), SEC_I_CONTINUE_NEEDED, "as good as before");

	fd = device_fd();
	null = open("/dev/null", O_RDWR);
	tap_ok(fd >= 0 && dup2(null, fd) == fd, "another file gets its number");
	tap_is(sizes_of(&ctx), SEC_E_INVALID_HANDLE, "its contexts are gone");
	tap_is(acquire(&new), SEC_E_OK, "a new credential");
	tap_ok(device_fd() >= 0 && device_fd() != fd, "comes from a file of another number");
	tap_ok(fcntl(fd, F_GETFD) >= 0 && write(fd, "x", 1) == 1, "the other file is as it was");
	close(fd);
	close(null);

	fd = device_fd();
	close(fd);
	tap_is(acquire(&old), SEC_E_OK, "closed, and needed without a handle at first");
	tap_is(FreeCredentialsHandle(&old), SEC_E_OK, "works at once");
	tap_is(FreeCredentialsHandle(&new), SEC_E_INVALID_HANDLE, "old handles stay gone");
}

static SECURITY_STATUS without_standard_files(void)
{
	SECURITY_STATUS status;

	close(device_fd());
	close(STDIN_FILENO);
	close(STDOUT_FILENO);
	close(STDERR_FILENO);
	status = look();
	return status == SEC_E_OK && device_fd() <= STDERR_FILENO ? SEC_E_INTERNAL_ERROR : status;
}

static SECURITY_STATUS without_descriptors(void)
{
	struct rlimit none = { 0, 0 }, before;

	close(device_fd());
	getrlimit(RLIMIT_NOFILE, &before);
	none.rlim_max = before.rlim_max;
	setrlimit(RLIMIT_NOFILE, &none);
	if (look() != SEC_E_INSUFFICIENT_MEMORY)
		return SEC_E_INTERNAL_ERROR;
	setrlimit(RLIMIT_NOFILE, &before);
	return look();
}

static SECURITY_STATUS as_nobody(void)
{
	close(device_fd());
	if (setgid(NOBODY) || setuid(NOBODY))
		return SEC_E_INTERNAL_ERROR;
	return look();
}

static SECURITY_STATUS in_empty_dev(void)
{
	close(device_fd());
	if (unshare(CLONE_NEWNS) || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) ||
	    mount("none", "/dev", "tmpfs", 0, NULL))
		return SEC_E_INTERNAL_ERROR;
	return look();
}

static SECURITY_STATUS with_file_instead(void)
{
	SECURITY_STATUS status = in_empty_dev();

	if (status != SEC_E_SECPKG_NOT_FOUND)
		return SEC_E_INTERNAL_ERROR;
	close(open(KSECDD_DEVICE, O_CREAT | O_WRONLY, 0600));
	return look();
}

static void test_none(void)
{
	struct stat device;

	stat(KSECDD_DEVICE, &device);
	look();
	tap_is(in_child(without_standard_files, SEC_E_OK), 42, "0 to 2 are left to the program");
	tap_is(in_child(without_descriptors, SEC_E_OK), 42,
	       "no descriptor: SEC_E_INSUFFICIENT_MEMORY, and then all is well");
	tap_is(in_child(as_nobody, SEC_E_OK), 42, "the device is for everybody");
	chmod(KSECDD_DEVICE, 0600);
	tap_is(in_child(as_nobody, SEC_E_NOT_OWNER), 42, "unless it is not: SEC_E_NOT_OWNER");
	chmod(KSECDD_DEVICE, device.st_mode & 07777);
	tap_is(in_child(in_empty_dev, SEC_E_SECPKG_NOT_FOUND), 42,
	       "no device: SEC_E_SECPKG_NOT_FOUND");
	tap_is(in_child(with_file_instead, SEC_E_SECPKG_NOT_FOUND), 42,
	       "a file that is no device: SEC_E_SECPKG_NOT_FOUND");
	tap_is(look(), SEC_E_OK, "this process saw nothing of all that");
}

int main(int argc, char **argv)
{
	if (argc == 4)
		return after_exec(argv);
	test_open();
	test_fork();
	test_closed();
	test_none();
	return tap_done();
}
