// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * The one open file of /dev/ksecdd that a process has.
 *
 * It is opened when it is first needed and then kept: handles belong to the open
 * file, and closing it would end them all.  No lock guards it, so nothing here
 * can be in the wrong state when another thread forks.
 *
 * fork(): the child inherits the descriptor and goes on with the same open file.
 * Handles from before the fork work in both processes and mean the same
 * contexts, with one sequence of messages and one account of limits; what one
 * deletes is gone for the other.  Handles made after the fork are in the common
 * table, too, where the other process could use them if it were told the number:
 * parent and child are one domain of trust.  A child that is not to have them
 * calls exec(): the descriptor is close-on-exec, and the program that is started
 * opens a file of its own.  The file ends, and contexts with it, when the last
 * process has closed it.
 *
 * A program may close descriptors that it does not know, as daemons do before
 * they detach.  Its handles have ended then, and the number may meanwhile name
 * another file.  That is noticed when the kernel refuses a call, and the next
 * call that needs no handle opens the device anew.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "libsspi/internal.h"

/* The head of every struct that ksspi_call() takes */
struct call_head {
	uint32_t size;
	int32_t status;
};

#define CALL_HAS_HEAD(type)							\
	_Static_assert(offsetof(struct type, size) ==				\
		       offsetof(struct call_head, size) &&			\
		       offsetof(struct type, status) ==				\
		       offsetof(struct call_head, status), "no head: " #type)
CALL_HAS_HEAD(ksecdd_package);
CALL_HAS_HEAD(ksecdd_acquire);
CALL_HAS_HEAD(ksecdd_destroy);
CALL_HAS_HEAD(ksecdd_accept);
CALL_HAS_HEAD(ksecdd_query);
CALL_HAS_HEAD(ksecdd_message);

/*
 * The descriptor plus one in the low half, 0 while there is none.  The high half
 * counts the openings, so that a thread that found a descriptor dead does not
 * throw away the one that another thread has opened since under the same number.
 */
static _Atomic uint64_t device;

#define OPENINGS	(UINT64_C(1) << 32)

static int device_fd(uint64_t state)
{
	return (int)(uint32_t)state - 1;
}

/* Is a descriptor the device, or something else that got its number? */
static bool is_device(int fd)
{
	struct stat now, node;

	return !fstat(fd, &now) && S_ISCHR(now.st_mode) &&
	       !stat(KSECDD_DEVICE, &node) && now.st_rdev == node.st_rdev;
}

static int device_ioctl(int fd, unsigned long request, void *arg)
{
	int err;

	/* EINTR says that nothing has happened. */
	do {
		err = ioctl(fd, request, arg) ? errno : 0;
	} while (err == EINTR);
	return err;
}

/* Returns a descriptor, or -errno. */
static int open_file(void)
{
	struct ksecdd_version version = { .size = sizeof(version) };
	int fd, high, err;

	do {
		fd = open(KSECDD_DEVICE, O_RDWR | O_CLOEXEC);
	} while (fd < 0 && errno == EINTR);
	if (fd < 0)
		return -errno;
	/* A program that starts without them may think that 0 to 2 are its own. */
	if (fd <= STDERR_FILENO) {
		high = fcntl(fd, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
		err = errno;
		close(fd);
		if (high < 0)
			return -err;
		fd = high;
	}
	err = device_ioctl(fd, KSECDD_IOC_VERSION, &version);
	/* A file that is no device, or a module that speaks otherwise than we do */
	if (err == ENOTTY || (!err && version.abi != KSECDD_ABI_VERSION))
		err = ENODEV;
	if (err) {
		close(fd);
		return -err;
	}
	return fd;
}

/* Opens the device if it is not open.  Returns 0, or an errno. */
static int device_open(uint64_t *state)
{
	uint64_t wanted;
	int fd;

	*state = atomic_load(&device);
	while (device_fd(*state) < 0) {
		fd = open_file();
		if (fd < 0)
			return -fd;
		wanted = ((*state + OPENINGS) & ~UINT64_C(0xffffffff)) | (uint32_t)(fd + 1);
		if (atomic_compare_exchange_strong(&device, state, wanted))
			*state = wanted;
		else	/* Another thread was faster; its state is in *state now. */
			close(fd);
	}
	return 0;
}

/* Returns an errno; EBADF if the descriptor is not the device any more. */
static int device_call(uint64_t state, unsigned long request, void *arg)
{
	int fd = device_fd(state);
	int err = device_ioctl(fd, request, arg);

	if ((err == EBADF || err == ENOTTY) && !is_device(fd)) {
		atomic_compare_exchange_strong(&device, &state, state & ~UINT64_C(0xffffffff));
		err = EBADF;
	}
	return err;
}

static SECURITY_STATUS call_status(int err, const void *arg)
{
	const struct call_head *head = arg;

	return err ? ksspi_status(err) : head->status;
}

/**
 * ksspi_ioctl() - an ioctl about handles
 * @request: KSECDD_IOC_*
 * @arg:     its struct
 *
 * Return: 0 or an errno; EBADF if the device is not open, since there can be no
 *         handle then
 */
int ksspi_ioctl(unsigned long request, void *arg)
{
	uint64_t state = atomic_load(&device);

	if (device_fd(state) < 0)
		return EBADF;
	return device_call(state, request, arg);
}

/**
 * ksspi_call() - ask the kernel something about a handle
 * @request: KSECDD_IOC_*
 * @arg:     its struct, with a size and a status at the head
 *
 * Return: the status of the struct, or what ksspi_status() makes of an errno of
 *         ksspi_ioctl()
 */
SECURITY_STATUS ksspi_call(unsigned long request, void *arg)
{
	return call_status(ksspi_ioctl(request, arg), arg);
}

/**
 * ksspi_call_first() - ask the kernel something that needs no handle
 * @request: KSECDD_IOC_*
 * @arg:     its struct, with a size and a status at the head
 *
 * Opens the device if it is not open.
 *
 * Return: as ksspi_call(); SEC_E_SECPKG_NOT_FOUND if there is no device,
 *         SEC_E_NOT_OWNER if it may not be opened
 */
SECURITY_STATUS ksspi_call_first(unsigned long request, void *arg)
{
	uint64_t state;
	int tries, err = EBADF;

	/* A second time if the first one found out that the file is gone */
	for (tries = 0; tries < 2 && err == EBADF; tries++) {
		err = device_open(&state);
		if (!err)
			err = device_call(state, request, arg);
	}
	return call_status(err, arg);
}
