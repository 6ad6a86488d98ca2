// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What can be done to the module's files besides their ioctls, and to what it has
 * elsewhere.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/keyctl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "genl.h"
#include "param.h"

#define PAGE	4096

static int file_of(struct world *w, const struct call *call)
{
	return w->files[call_number(call, "file")];
}

/* Nobody here waits for what may never come. */
static void no_wait(const struct world *w, const struct call *call)
{
	size_t slot = call_number(call, "file");

	if (world_is(w, slot, SLOT_SOCKET) || world_is(w, slot, SLOT_STREAM))
		fcntl(w->files[slot], F_SETFL, O_NONBLOCK);
}

static bool is_socket(const struct world *w, const struct call *call)
{
	return world_is(w, call_number(call, "file"), SLOT_SOCKET);
}

static void begin_faults(const struct call *call)
{
	fault_set((unsigned int)call_number(call, "fault"));
}

static long result(long ret)
{
	int err = errno;

	fault_set(0);
	return ret < 0 ? -err : 0;
}

static long run_open(struct world *w, const struct call *call)
{
	int fd;

	begin_faults(call);
	fd = open(KSECDD_DEVICE, (int)(call_number(call, "flags") & O_ACCMODE) | O_CLOEXEC);
	if (result(fd))
		return -errno;
	world_set_file(w, call_number(call, "file"), fd, SLOT_DEVICE, 0);
	return 0;
}

static long run_dup(struct world *w, const struct call *call)
{
	size_t from = call_number(call, "from"), to = call_number(call, "file");
	struct keys keys = w->keys[from];
	uint64_t id = w->ids[from];
	int fd;

	if (from == to)
		return 0;
	fd = dup(w->files[from]);
	if (fd < 0)
		return -errno;
	/* What the slot had may be the same file, which then stays open. */
	world_set_file(w, to, fd, w->kinds[from], id);
	w->keys[to] = keys;
	return 0;
}

static long run_close(struct world *w, const struct call *call)
{
	world_close_file(w, call_number(call, "file"));
	return 0;
}

static long run_read(struct world *w, const struct call *call)
{
	const struct value *v = call_arg(call, "data");
	struct piece piece = marshal_data(&call->desc->shape.args[v - call->args], v);

	no_wait(w, call);
	begin_faults(call);
	return result(syscall(SYS_read, file_of(w, call), piece.addr, v->len));
}

static long run_write(struct world *w, const struct call *call)
{
	const struct value *v = call_arg(call, "data");
	struct piece piece = marshal_data(&call->desc->shape.args[v - call->args], v);
	long ret;

	no_wait(w, call);
	begin_faults(call);
	ret = result(syscall(SYS_write, file_of(w, call), piece.addr, v->len));
	/* It may have been a NEXT. */
	if (!ret && is_socket(w, call))
		genl_drain(w, call_number(call, "file"), SLOT_REQUEST * SLOTS_OF_KIND);
	return ret;
}

static long run_lseek(struct world *w, const struct call *call)
{
	return result(lseek(file_of(w, call), (off_t)call_number(call, "offset"),
			    (int)call_number(call, "whence")));
}

static long run_mmap(struct world *w, const struct call *call)
{
	void *p;

	/* That is possible with TCP. */
	if (world_is(w, call_number(call, "file"), SLOT_STREAM))
		return 0;
	begin_faults(call);
	p = mmap(NULL, PAGE, (int)call_number(call, "prot") & (PROT_READ | PROT_WRITE | PROT_EXEC),
		 call_number(call, "flags") & 1 ? MAP_SHARED : MAP_PRIVATE, file_of(w, call), 0);
	if (p == MAP_FAILED)
		return result(-1);
	fault_set(0);
	munmap(p, PAGE);
	world_fail(w, "a file of the module can be mapped");
	return 0;
}

static long run_poll(struct world *w, const struct call *call)
{
	struct pollfd fd = { .fd = file_of(w, call), .events = (short)call_number(call, "events") };

	return result(poll(&fd, 1, 0));
}

static long run_fcntl(struct world *w, const struct call *call)
{
	static const int cmds[] = { F_GETFL, F_SETFL, F_GETFD, F_SETFD, F_GETOWN, F_GETLK };
	uint64_t cmd = call_number(call, "cmd");
	struct flock lock = { .l_type = F_RDLCK };

	if (cmd >= ARRAY_SIZE(cmds))
		return -EINVAL;
	if (cmds[cmd] == F_GETLK)
		return result(fcntl(file_of(w, call), F_GETLK, &lock));
	return result(fcntl(file_of(w, call), cmds[cmd], (int)call_number(call, "arg")));
}

/* Numbers that are no ioctl of the table, or one of another kind of file */
static long run_raw_ioctl(struct world *w, const struct call *call)
{
	uint64_t cmd = call_number(call, "cmd");
	const struct value *v = call_arg(call, "data");
	struct piece piece = marshal_data(&call->desc->shape.args[v - call->args], v);

	/* Others do things to whole file systems; and ACCEPT waits for the helper. */
	if (_IOC_TYPE(cmd) != KSECDD_IOC_MAGIC || cmd == KSECDD_IOC_ACCEPT)
		return -ENOTTY;
	begin_faults(call);
	return result(ioctl(file_of(w, call), cmd, piece.addr));
}

static long run_fdinfo(struct world *w, const struct call *call)
{
	char path[64], buf[1024];
	long ret;
	int fd;

	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", file_of(w, call));
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	ret = result(read(fd, buf, sizeof(buf)));
	close(fd);
	return ret;
}

/* Nobody but the module can make keys of its type. */
static long run_add_key(struct world *w, const struct call *call)
{
	const struct value *v = call_arg(call, "data");
	struct piece piece = marshal_data(&call->desc->shape.args[v - call->args], v);
	long ret;

	begin_faults(call);
	ret = result(syscall(SYS_add_key, "ksecdd_cred", "fuzz", piece.addr, v->len,
			     KEY_SPEC_THREAD_KEYRING));
	if (!ret)
		world_fail(w, "add_key() makes a key of the module's type");
	return ret;
}

/* What holds passwords can be seen, and neither read nor changed. */
static long run_keys(struct world *w, const struct call *call)
{
	FILE *f = fopen("/proc/keys", "re");
	char line[256], secret[64];
	int serial;

	if (!f)
		return -errno;
	begin_faults(call);
	while (fgets(line, sizeof(line), f)) {
		if (!strstr(line, "ksecdd_"))
			continue;
		serial = (int)strtoul(line, NULL, 16);
		syscall(SYS_keyctl, KEYCTL_DESCRIBE, serial, secret, sizeof(secret));
		if (syscall(SYS_keyctl, KEYCTL_READ, serial, secret, sizeof(secret)) >= 0)
			world_fail(w, "the key of a credential can be read");
		if (syscall(SYS_keyctl, KEYCTL_UPDATE, serial, "x", 1) >= 0)
			world_fail(w, "the key of a credential can be changed");
	}
	result(0);
	fclose(f);
	return 0;
}

static long run_param(struct world *w, const struct call *call)
{
	(void)w;
	return param_put(call_number(call, "which"), call_number(call, "value"));
}

static long run_sleep(struct world *w, const struct call *call)
{
	uint64_t ms = call_number(call, "ms");
	struct timespec t = { .tv_nsec = (long)(ms < 100 ? ms : 100) * 1000000 };

	(void)w;
	nanosleep(&t, NULL);
	return 0;
}

#define ANY_FILE	{ .name = "file", .kind = ARG_FILE, .slots = SLOT_REQUEST }
#define VALUES(list)	.values = list, .nvalues = ARRAY_SIZE(list)
#define CALL(name_, run_, args_, ...)							\
	{ .name = name_, .run = run_, .shape = { .args = args_, .nargs = ARRAY_SIZE(args_) }, \
	  .weight = { __VA_ARGS__ } }

static const uint32_t open_modes[] = { O_RDWR, O_RDONLY, O_WRONLY };
static const uint32_t small[] = { 0, 1, 2, 3, 4, 5, 6, 7 };
static const uint32_t raw_cmds[] = {
	0xd508, 0xd57f, 0xd583, 0xd5ff, 0xd500, 0xd503, 0xd506, 0xd580, 0xd582, 0x4004d504,
	0xc030d500,
};
static const uint32_t genl_cmds[] = { 2, 1, 4, 5, 3, 0, 6, 255 };
static const uint32_t genl_flags[] = { 5, 1, 0x305, 0x301, 0, 0x105 };

static const struct arg open_args[] = {
	{ .name = "file", .kind = ARG_FILE, .slots = SLOT_DEVICE },
	{ .name = "flags", .kind = ARG_ENUM, VALUES(open_modes) },
};
static const struct arg socket_args[] = {
	{ .name = "file", .kind = ARG_FILE, .slots = SLOT_SOCKET },
	{ .name = "nobody", .kind = ARG_RARE },
};
static const struct arg stream_args[] = {
	{ .name = "file", .kind = ARG_FILE, .slots = SLOT_STREAM },
	{ .name = "other", .kind = ARG_FILE, .slots = SLOT_STREAM },
	{ .name = "how", .kind = ARG_ENUM, VALUES(small) },
};
static const struct arg dup_args[] = {
	{ .name = "from", .kind = ARG_FILE, .slots = SLOT_REQUEST },
	{ .name = "file", .kind = ARG_FILE, .slots = SLOT_REQUEST },
};
static const struct arg file_args[] = { ANY_FILE };
static const struct arg read_args[] = {
	ANY_FILE, { .name = "data", .kind = ARG_DATA, .out = true, .max = 70000 },
};
static const struct arg write_args[] = {
	ANY_FILE, { .name = "data", .kind = ARG_DATA, .max = 256 },
};
static const struct arg lseek_args[] = {
	ANY_FILE, { .name = "offset", .kind = ARG_NUMBER },
	{ .name = "whence", .kind = ARG_ENUM, VALUES(small) },
};
static const struct arg mmap_args[] = {
	ANY_FILE, { .name = "prot", .kind = ARG_ENUM, VALUES(small) },
	{ .name = "flags", .kind = ARG_ENUM, VALUES(small) },
};
static const struct arg poll_args[] = {
	ANY_FILE, { .name = "events", .kind = ARG_ENUM, VALUES(small) },
};
static const struct arg fcntl_args[] = {
	ANY_FILE, { .name = "cmd", .kind = ARG_ENUM, VALUES(small) },
	{ .name = "arg", .kind = ARG_NUMBER },
};
static const struct arg ioctl_args[] = {
	ANY_FILE, { .name = "cmd", .kind = ARG_ENUM, VALUES(raw_cmds) },
	{ .name = "data", .kind = ARG_DATA, .out = true, .max = 256 },
};
static const struct arg netlink_args[] = {
	{ .name = "file", .kind = ARG_FILE, .slots = SLOT_SOCKET },
	{ .name = "cmd", .kind = ARG_ENUM, VALUES(genl_cmds) },
	{ .name = "attrs", .kind = ARG_ARRAY, .max = 8, .elem = &genl_attr_shape },
	{ .name = "request", .kind = ARG_FILE, .slots = SLOT_REQUEST },
	{ .name = "nobody", .kind = ARG_RARE },
	{ .name = "flags", .kind = ARG_ENUM, VALUES(genl_flags) },
	{ .name = "version", .kind = ARG_RARE },
	{ .name = "type", .kind = ARG_RARE },
	{ .name = "len", .kind = ARG_RARE },
};
static const struct arg add_key_args[] = { { .name = "data", .kind = ARG_DATA, .max = 256 } };
static const struct arg param_args[] = {
	{ .name = "which", .kind = ARG_ENUM, VALUES(small) },
	{ .name = "value", .kind = ARG_ENUM, VALUES(small) },
};
static const struct arg sleep_args[] = { { .name = "ms", .kind = ARG_ENUM, VALUES(small) } };

const struct call_desc other_calls[] = {
	CALL("open", run_open, open_args, 3, 1),
	CALL("dup", run_dup, dup_args, 1, 3),
	CALL("close", run_close, file_args, 3, 6),
	CALL("read", run_read, read_args, 2, 6),
	CALL("write", run_write, write_args, 1, 2),
	CALL("lseek", run_lseek, lseek_args, 1, 2),
	CALL("mmap", run_mmap, mmap_args, 1, 1),
	CALL("poll", run_poll, poll_args, 1, 1),
	CALL("fcntl", run_fcntl, fcntl_args, 1, 1),
	CALL("ioctl", run_raw_ioctl, ioctl_args, 1, 1),
	CALL("fdinfo", run_fdinfo, file_args, 1, 1),
	CALL("socket", run_socket, socket_args, 1, 4),
	CALL("stream", run_stream, stream_args, 2, 0),
	CALL("netlink", run_netlink, netlink_args, 4, 20),
	CALL("add_key", run_add_key, add_key_args, 1, 0),
	{ .name = "keys", .run = run_keys, .weight = { 1, 0 } },
	CALL("param", run_param, param_args, 1, 2),
	CALL("sleep", run_sleep, sleep_args, 0, 1),
	{ .name = "kill", .run = run_kill, .weight = { 1, 2 } },
};

const size_t other_ncalls = ARRAY_SIZE(other_calls);
