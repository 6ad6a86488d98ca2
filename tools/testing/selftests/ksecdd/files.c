// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What else can be done to a descriptor: system calls that are neither ioctl() nor
 * close(), on the device and on request files, by themselves and through io_uring.
 * A request file can be read; nothing else works, and says so.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/aio_abi.h>
#include <linux/io_uring.h>
#include <poll.h>
#include <stdatomic.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include "call.h"
#include "env.h"
#include "suite.h"

#define PAGE	4096

static struct testhelper th;
static struct taken taken;
static struct call call;

static int fd;
static uint64_t cred;

static void ask(void)
{
	call_ask(&th, &call, &taken, fd, cred, 0);
}

static void answer(void)
{
	CHECK_EQ(complete(&taken, SEC_E_LOGON_DENIED), 0);
	call_finish(&call, &taken, SEC_E_LOGON_DENIED);
}

#define CHECK_FAILS(call_, want)	do {					\
	long __ret = (long)(call_);						\
	int __err = errno;							\
	if (CHECK_EQ(__ret, -1))						\
		CHECK_EQ(__err, want);						\
} while (0)

/* The same on both: there is nothing to map, to wait for or to send. */
static void check_nothing(int file)
{
	struct epoll_event event = { .events = EPOLLIN };
	struct pollfd pfd = { .fd = file, .events = POLLIN | POLLOUT | POLLPRI };
	int null = (int)REQUIRE_SYS(open("/dev/null", O_WRONLY | O_CLOEXEC));
	int epoll = (int)REQUIRE_SYS(epoll_create1(EPOLL_CLOEXEC)), pipes[2];
	char buf[16] = {};
	struct iovec iov = { buf, sizeof(buf) };

	REQUIRE_SYS(pipe2(pipes, O_CLOEXEC));
	CHECK(mmap(NULL, PAGE, PROT_READ, MAP_SHARED, file, 0) == MAP_FAILED);
	CHECK_EQ(errno, ENODEV);
	CHECK(mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE, file, 0) == MAP_FAILED);
	CHECK_EQ(errno, ENODEV);
	/* No event would ever come: epoll refuses, poll() does not wait. */
	CHECK_FAILS(epoll_ctl(epoll, EPOLL_CTL_ADD, file, &event), EPERM);
	CHECK_EQ(poll(&pfd, 1, 10000), 1);
	CHECK_EQ(pfd.revents, POLLIN | POLLOUT);
	CHECK_FAILS(splice(file, NULL, pipes[1], NULL, 16, SPLICE_F_NONBLOCK), EINVAL);
	CHECK_FAILS(sendfile(null, file, NULL, 16), EINVAL);
	CHECK_FAILS(fsync(file), EINVAL);
	CHECK_FAILS(fcntl(file, F_SETFL, O_ASYNC | O_NONBLOCK | O_DIRECT), EINVAL);
	CHECK(preadv2(file, &iov, 1, -1, RWF_NOWAIT) < 0);
	CHECK(pwritev2(file, &iov, 1, -1, RWF_APPEND) < 0);
	close(pipes[0]);
	close(pipes[1]);
	close(epoll);
	close(null);
}

static void device(void)
{
	struct family_status before = status_now();
	char buf[16] = {};
	struct iovec iov[2] = { { buf, 8 }, { buf + 8, 8 } };
	int modes[] = { O_RDONLY, O_WRONLY, O_RDWR | O_NONBLOCK | O_TRUNC | O_APPEND };
	unsigned int i;
	int other;

	check_nothing(fd);
	CHECK_FAILS(read(fd, buf, 1), EINVAL);
	CHECK_FAILS(readv(fd, iov, 2), EINVAL);
	CHECK_FAILS(pread(fd, buf, 1, 0), EINVAL);
	CHECK_FAILS(write(fd, buf, 1), EINVAL);
	CHECK_FAILS(writev(fd, iov, 2), EINVAL);
	CHECK_FAILS(pwrite(fd, buf, 1, 0), EINVAL);
	CHECK_FAILS(ftruncate(fd, 0), EINVAL);
	CHECK_FAILS(fallocate(fd, 0, 0, 16), ENODEV);
	CHECK_EQ(lseek(fd, 12345, SEEK_SET), 0);

	/* However it is opened, it can do the same. */
	for (i = 0; i < ARRAY_SIZE(modes); i++) {
		other = (int)REQUIRE_SYS(open(KSECDD_DEVICE, modes[i] | O_CLOEXEC));
		CHECK_STATUS(free_cred(other, device_acquire(other)), SEC_E_OK);
		close(other);
	}
	CHECK_FAILS(open(KSECDD_DEVICE, O_RDWR | O_DIRECT | O_CLOEXEC), EINVAL);
	/* A path alone is no open file. */
	other = (int)REQUIRE_SYS(open(KSECDD_DEVICE, O_PATH | O_CLOEXEC));
	CHECK_EQ(device_ioctl(other, KSECDD_IOC_VERSION, NULL), -EBADF);
	close(other);
	check_gauges(&before);
}

static void request(void)
{
	struct family_status before = status_now();
	char buf[16] = {}, piece[5];
	struct iovec iov[2] = { { buf, 8 }, { buf + 8, 8 } };
	uint8_t all[sizeof(taken.req.head) + 16];
	struct iovec pieces[3] = {
		{ all, 3 }, { all + 3, sizeof(all) - 3 }, { piece, sizeof(piece) },
	};

	ask();
	check_nothing(taken.fd);
	CHECK_FAILS(write(taken.fd, buf, 1), EBADF);
	CHECK_FAILS(writev(taken.fd, iov, 2), EBADF);
	CHECK_FAILS(ftruncate(taken.fd, 0), EINVAL);
	CHECK_FAILS(fallocate(taken.fd, 0, 0, 16), EBADF);
	CHECK_FAILS(pread(taken.fd, buf, 1, 0), ESPIPE);

	CHECK_EQ(lseek(taken.fd, 0, SEEK_SET), 0);
	REQUIRE_EQ(taken.len, sizeof(all));
	CHECK_EQ(readv(taken.fd, pieces, 3), sizeof(all));
	CHECK_MEM(all, taken.buf, sizeof(all));
	CHECK_EQ(readv(taken.fd, pieces, 3), 0);
	/* The end is where it is, and nothing is before the beginning. */
	CHECK_FAILS(lseek(taken.fd, -1, SEEK_SET), EINVAL);
	CHECK_EQ(lseek(taken.fd, 0, SEEK_CUR), sizeof(all));
	answer();
	check_gauges(&before);
}

/* A request that is over cannot be read any more, not even what nobody has read yet. */
static void request_that_is_over(void)
{
	char buf[16];
	struct iovec iov = { buf, sizeof(buf) };

	ask();
	CHECK_EQ(lseek(taken.fd, 0, SEEK_SET), 0);
	CHECK_EQ(read(taken.fd, buf, 4), 4);
	CHECK_EQ(complete(&taken, SEC_E_LOGON_DENIED), 0);
	CHECK_FAILS(read(taken.fd, buf, 4), ECANCELED);
	CHECK_FAILS(readv(taken.fd, &iov, 1), ECANCELED);
	call_finish(&call, &taken, SEC_E_LOGON_DENIED);
}

static void aio(void)
{
	struct family_status before = status_now();
	char buf[16];
	struct iocb cb = {
		.aio_lio_opcode = IOCB_CMD_PREAD, .aio_buf = (uintptr_t)buf,
		.aio_nbytes = sizeof(buf),
	};
	struct iocb *cbs[] = { &cb };
	aio_context_t aio_ctx = 0;
	unsigned int i;

	if (syscall(SYS_io_setup, 1, &aio_ctx))
		suite_skip("no aio: %s", strerror(errno));
	ask();
	for (i = 0; i < 2; i++) {
		cb.aio_fildes = (uint32_t)(i ? fd : taken.fd);
		CHECK_FAILS(syscall(SYS_io_submit, aio_ctx, 1, cbs), EINVAL);
	}
	answer();
	syscall(SYS_io_destroy, aio_ctx);
	check_gauges(&before);
}

/**
 * struct ring - an io_uring, one operation at a time
 * @fd:      its descriptor
 * @params:  where everything is
 * @sq:      the ring of submissions, and that of completions
 * @size:    its size in bytes
 * @sqes:    submissions
 */
static struct ring {
	int fd;
	struct io_uring_params params;
	uint8_t *sq;
	size_t size;
	struct io_uring_sqe *sqes;
} ring;

#define RING_SQES	8
#define AT(offset)	((_Atomic uint32_t *)(ring.sq + (offset)))

static void ring_open(void)
{
	memset(&ring, 0, sizeof(ring));
	ring.fd = (int)syscall(SYS_io_uring_setup, RING_SQES, &ring.params);
	if (ring.fd < 0)
		suite_skip("no io_uring: %s", strerror(errno));
	REQUIRE(ring.params.features & IORING_FEAT_SINGLE_MMAP);
	ring.size = ring.params.cq_off.cqes +
		    ring.params.cq_entries * sizeof(struct io_uring_cqe);
	if (ring.size < ring.params.sq_off.array + RING_SQES * sizeof(uint32_t))
		ring.size = ring.params.sq_off.array + RING_SQES * sizeof(uint32_t);
	ring.sq = mmap(NULL, ring.size, PROT_READ | PROT_WRITE, MAP_SHARED, ring.fd,
		       IORING_OFF_SQ_RING);
	ring.sqes = mmap(NULL, RING_SQES * sizeof(*ring.sqes), PROT_READ | PROT_WRITE, MAP_SHARED,
			 ring.fd, IORING_OFF_SQES);
	REQUIRE((void *)ring.sq != MAP_FAILED && (void *)ring.sqes != MAP_FAILED);
}

static void ring_close(void)
{
	munmap(ring.sqes, RING_SQES * sizeof(*ring.sqes));
	munmap(ring.sq, ring.size);
	close(ring.fd);
}

/* One operation, until it is done; returns its result. */
static int ring_do(const struct io_uring_sqe *sqe)
{
	const struct io_uring_cqe *cqes = (const void *)(ring.sq + ring.params.cq_off.cqes);
	uint32_t tail = *AT(ring.params.sq_off.tail), head = *AT(ring.params.cq_off.head);
	uint32_t mask = *AT(ring.params.sq_off.ring_mask);
	int res;

	ring.sqes[tail & mask] = *sqe;
	AT(ring.params.sq_off.array)[tail & mask] = tail & mask;
	*AT(ring.params.sq_off.tail) = tail + 1;
	REQUIRE_EQ(REQUIRE_SYS(syscall(SYS_io_uring_enter, ring.fd, 1, 1, IORING_ENTER_GETEVENTS,
				       NULL, 0)), 1);
	REQUIRE_EQ(*AT(ring.params.cq_off.tail), head + 1);
	res = cqes[head & *AT(ring.params.cq_off.ring_mask)].res;
	*AT(ring.params.cq_off.head) = head + 1;
	return res;
}

static int ring_rw(uint8_t opcode, int file, void *buf, uint32_t len, uint8_t flags)
{
	return ring_do(&(struct io_uring_sqe){
		.opcode = opcode, .flags = flags, .fd = file, .addr = (uintptr_t)buf, .len = len,
		.off = (uint64_t)-1,
	});
}

static int ring_command(int file)
{
	return ring_do(&(struct io_uring_sqe){
		.opcode = IORING_OP_URING_CMD, .fd = file, .cmd_op = KSECDD_IOC_VERSION,
	});
}

/* Where read() works so does this, by the submitter and by a worker of the ring. */
static void uring(void)
{
	struct family_status before = status_now();
	static const uint8_t flags[] = { 0, IOSQE_ASYNC };
	uint8_t all[sizeof(taken.req.head) + 16];
	unsigned int i;

	ring_open();
	ask();
	REQUIRE_EQ(taken.len, sizeof(all));
	for (i = 0; i < ARRAY_SIZE(flags); i++) {
		CHECK_EQ(lseek(taken.fd, 0, SEEK_SET), 0);
		memset(all, 0, sizeof(all));
		CHECK_EQ(ring_rw(IORING_OP_READ, taken.fd, all, sizeof(all), flags[i]),
			 sizeof(all));
		CHECK_MEM(all, taken.buf, sizeof(all));
		CHECK_EQ(ring_rw(IORING_OP_WRITE, taken.fd, all, 16, flags[i]), -EBADF);
		CHECK_EQ(ring_rw(IORING_OP_READ, fd, all, 16, flags[i]), -EINVAL);
		CHECK_EQ(ring_rw(IORING_OP_WRITE, fd, all, 16, flags[i]), -EINVAL);
	}
	CHECK_EQ(ring_command(fd), -EOPNOTSUPP);
	CHECK_EQ(ring_command(taken.fd), -EOPNOTSUPP);
	CHECK(!call.over);
	answer();
	ring_close();
	check_gauges(&before);
}

static int ring_register(unsigned int opcode, void *arg, unsigned int n)
{
	return syscall(SYS_io_uring_register, ring.fd, opcode, arg, n) < 0 ? -errno : 0;
}

/* A ring has its files as anybody else has: the last one to let go closes them. */
static void uring_holds(void)
{
	struct family_status before = status_now();
	int32_t files[2];
	unsigned int i;

	for (i = 0; i < 3; i++) {
		ring_open();
		ask();
		files[0] = taken.fd;
		files[1] = fd;
		REQUIRE_EQ(ring_register(IORING_REGISTER_FILES, files, 2), 0);
		if (i < 2) {
			taken_close(&taken);
			CHECK_EQ(status_now().aborted, before.aborted + i);
			CHECK(!call.over);
			if (i)
				CHECK_EQ(ring_register(IORING_UNREGISTER_FILES, NULL, 0), 0);
			ring_close();
			call_finish(&call, &taken, SEC_E_INTERNAL_ERROR);
		} else {
			answer();
			ring_close();
		}
	}
	CHECK_EQ(status_now().aborted, before.aborted + 2);
	check_gauges(&before);
}

/* Closed by a ring is closed. */
static void uring_closes(void)
{
	struct family_status before = status_now();

	ring_open();
	ask();
	CHECK_EQ(ring_do(&(struct io_uring_sqe){ .opcode = IORING_OP_CLOSE, .fd = taken.fd }), 0);
	CHECK_FAILS(fcntl(taken.fd, F_GETFD), EBADF);
	taken.fd = -1;
	call_finish(&call, &taken, SEC_E_INTERNAL_ERROR);
	ring_close();
	check_gauges(&before);
}

static const struct suite_test tests[] = {
	{ .name = "the device", .run = device },
	{ .name = "a request file", .run = request },
	{ .name = "a request file that is over", .run = request_that_is_over },
	{ .name = "aio", .run = aio },
	{ .name = "io_uring", .run = uring },
	{ .name = "files that an io_uring holds", .run = uring_holds },
	{ .name = "a request file closed by io_uring", .run = uring_closes },
};

int main(void)
{
	testhelper_isolate();
	REQUIRE_EQ(testhelper_register(&th), 0);
	fd = device_open();
	cred = device_acquire(fd);
	return suite_run(tests, ARRAY_SIZE(tests));
}
