// SPDX-License-Identifier: GPL-2.0-or-later
/* From the initial file system to Debian's root with the host's folders in it. */

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "guest.h"

struct file_system {
	const char *type;
	const char *source;
	const char *target;
	unsigned long flags;
	const char *data;
	bool optional;
};

static void mount_one(const struct file_system *fs)
{
	if (mkdir(fs->target, 0755) != 0 && errno != EEXIST && !fs->optional)
		guest_fail("cannot make %s: %s", fs->target, strerror(errno));
	if (mount(fs->source, fs->target, fs->type, fs->flags, fs->data) != 0 && !fs->optional)
		guest_fail("cannot mount %s on %s: %s", fs->type, fs->target, strerror(errno));
}

static void mount_all(const struct file_system *fs, size_t count)
{
	size_t i;

	for (i = 0; i < count; i++)
		mount_one(&fs[i]);
}

/**
 * guest_insmod() - load a module from a file
 * @path:       the file
 * @parameters: as on insmod's command line
 *
 * A module that is loaded already is fine.
 */
void guest_insmod(const char *path, const char *parameters)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		guest_fail("cannot open the module %s: %s", path, strerror(errno));
	if (syscall(SYS_finit_module, fd, parameters, 0) != 0 && errno != EEXIST)
		guest_fail("the kernel refuses the module %s: %s; the reason is in the log",
			   path, strerror(errno));
	close(fd);
}

static void load_early_modules(void)
{
	char *order, *name, path[256];

	order = guest_read_file("/modules/order", NULL);
	if (!order)
		guest_fail("the initial file system has no list of modules");
	for (name = strtok(order, "\n"); name; name = strtok(NULL, "\n")) {
		snprintf(path, sizeof(path), "/modules/%s", name);
		guest_insmod(path, "");
	}
	free(order);
}

/**
 * guest_root_enter() - make Debian's root with a throw-away overlay the root
 *
 * Loads the modules of the initial file system first.
 */
void guest_root_enter(void)
{
	static const struct file_system early[] = {
		{ "devtmpfs", "dev", "/dev", 0, NULL, false },
		{ "proc", "proc", "/proc", 0, NULL, false },
		{ "sysfs", "sys", "/sys", 0, NULL, false },
	};
	static const struct file_system layers[] = {
		{ "squashfs", "/dev/vda", "/ro", MS_RDONLY, NULL, false },
		{ "tmpfs", "rw", "/rw", 0, "mode=755", false },
	};
	static const struct file_system overlay = {
		"overlay", "root", "/root", 0,
		"lowerdir=/ro,upperdir=/rw/upper,workdir=/rw/work", false
	};
	static const char *const moved[] = { "/dev", "/proc", "/sys" };
	char target[32];
	size_t i;

	mount_all(early, sizeof(early) / sizeof(early[0]));
	load_early_modules();
	mount_all(layers, sizeof(layers) / sizeof(layers[0]));
	mkdir("/rw/upper", 0755);
	mkdir("/rw/work", 0755);
	mount_one(&overlay);
	for (i = 0; i < sizeof(moved) / sizeof(moved[0]); i++) {
		snprintf(target, sizeof(target), "/root%s", moved[i]);
		if (mount(moved[i], target, NULL, MS_MOVE, NULL) != 0)
			guest_fail("cannot move %s: %s", moved[i], strerror(errno));
	}
	if (chdir("/root") != 0 || mount(".", "/", NULL, MS_MOVE, NULL) != 0 ||
	    chroot(".") != 0 || chdir("/") != 0)
		guest_fail("cannot make Debian's root the root: %s", strerror(errno));
}

/**
 * guest_root_furnish() - mount what a running Debian has mounted
 */
void guest_root_furnish(void)
{
	static const struct file_system usual[] = {
		{ "devpts", "devpts", "/dev/pts", MS_NOSUID | MS_NOEXEC, "gid=5,mode=620,ptmxmode=666", false },
		{ "tmpfs", "shm", "/dev/shm", MS_NOSUID | MS_NODEV, "mode=1777", false },
		{ "tmpfs", "run", "/run", MS_NOSUID | MS_NODEV, "mode=755", false },
		{ "tmpfs", "tmp", "/tmp", MS_NOSUID | MS_NODEV, "mode=1777", false },
		{ "cgroup2", "cgroup2", "/sys/fs/cgroup", MS_NOSUID | MS_NOEXEC, NULL, false },
		{ "debugfs", "debugfs", "/sys/kernel/debug", 0, NULL, false },
		{ "tracefs", "tracefs", "/sys/kernel/tracing", 0, NULL, false },
		{ "securityfs", "securityfs", "/sys/kernel/security", 0, NULL, true },
	};

	mount_all(usual, sizeof(usual) / sizeof(usual[0]));
	mkdir("/run/lock", 01777);
	/* What udev would make: programs use them to name their own descriptors. */
	if (symlink("/proc/self/fd", "/dev/fd") != 0 || symlink("fd/0", "/dev/stdin") != 0 ||
	    symlink("fd/1", "/dev/stdout") != 0 || symlink("fd/2", "/dev/stderr") != 0)
		guest_note("links in /dev: %s", strerror(errno));
}

static void make_path(const char *path)
{
	char *copy = strdup(path), *slash;

	if (!copy)
		guest_fail("no memory");
	for (slash = strchr(copy + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		mkdir(copy, 0755);
		*slash = '/';
	}
	if (mkdir(copy, 0755) != 0 && errno != EEXIST)
		guest_fail("cannot make %s for a shared folder: %s", path, strerror(errno));
	free(copy);
}

/**
 * guest_share_folders() - mount the host's folders at their own paths
 *
 * cache=mmap keeps nothing but what is mapped: the host builds while a guest runs,
 * and a guest that goes on with old data would test something else.
 */
void guest_share_folders(void)
{
	static const char options[] =
		"trans=virtio,version=9p2000.L,cache=mmap,access=any,msize=512000";
	char *path, *tag;

	while (guest_next_folder(&path, &tag)) {
		make_path(path);
		if (mount(tag, path, "9p", MS_NOATIME, options) != 0)
			guest_fail("cannot mount the host's folder %s: %s", path, strerror(errno));
	}
}

static bool copy_file(const char *from, const char *to)
{
	size_t size = 0;
	char *data = guest_read_file(from, &size);
	int fd = open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
	bool done = data && fd >= 0 && write(fd, data, size) == (ssize_t)size;

	if (fd >= 0)
		close(fd);
	free(data);
	return done;
}

/**
 * guest_modules_copy() - let modprobe find what the running kernel has built in
 * @folder: the host's folder of its modules, shared already
 *
 * Debian's root has those of Debian's kernels only. Copies, since nothing of the host's
 * folders is cached: the crypto API runs modprobe twice for every algorithm, and each
 * would ask the host a hundred times while somebody waits.
 */
void guest_modules_copy(const char *folder)
{
	const char *name = strrchr(folder, '/');
	char from[512], to[512];
	struct dirent *entry;
	DIR *dir = opendir(folder);

	snprintf(to, sizeof(to), "/lib/modules%s", name);
	if (!dir || mkdir(to, 0755) != 0)
		guest_fail("cannot copy %s to %s: %s", folder, to, strerror(errno));
	while ((entry = readdir(dir))) {
		if (strncmp(entry->d_name, "modules.", strlen("modules.")) != 0)
			continue;
		snprintf(from, sizeof(from), "%s/%s", folder, entry->d_name);
		snprintf(to, sizeof(to), "/lib/modules%s/%s", name, entry->d_name);
		if (!copy_file(from, to))
			guest_fail("cannot copy %s to %s: %s", from, to, strerror(errno));
	}
	closedir(dir);
}

static void set_address(int sock, const char *device, unsigned long request, const char *address)
{
	struct ifreq ifr = { 0 };
	/* sin_family, sin_port and sin_addr without pulling all of netinet in. */
	unsigned char octet[4];

	snprintf(ifr.ifr_name, sizeof(ifr.ifr_name), "%s", device);
	ifr.ifr_addr.sa_family = AF_INET;
	if (sscanf(address, "%hhu.%hhu.%hhu.%hhu", &octet[0], &octet[1], &octet[2], &octet[3]) != 4)
		guest_fail("'%s' is no address", address);
	memcpy(ifr.ifr_addr.sa_data + 2, octet, sizeof(octet));
	if (ioctl(sock, request, &ifr) != 0)
		guest_fail("cannot give %s the address %s: %s", device, address, strerror(errno));
}

static void bring_up(int sock, const char *device)
{
	struct ifreq ifr = { 0 };

	snprintf(ifr.ifr_name, sizeof(ifr.ifr_name), "%s", device);
	ifr.ifr_flags = IFF_UP | IFF_RUNNING;
	if (ioctl(sock, SIOCSIFFLAGS, &ifr) != 0)
		guest_fail("cannot bring %s up: %s", device, strerror(errno));
}

/**
 * guest_network_up() - bring the loopback device up, and eth0 if there is one
 * @device: whether the host gave the guest a network device
 *
 * The addresses are those of QEMU's user network.
 */
void guest_network_up(bool device)
{
	static const char *const modprobe[] = { "/sbin/modprobe", "virtio_net", NULL };
	int sock = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (sock < 0)
		guest_fail("no network in this kernel: %s", strerror(errno));
	bring_up(sock, "lo");
	if (device) {
		if (guest_spawn(modprobe) != 0)
			guest_fail("cannot load the driver of the network device");
		set_address(sock, "eth0", SIOCSIFADDR, "10.0.2.15");
		set_address(sock, "eth0", SIOCSIFNETMASK, "255.255.255.0");
		bring_up(sock, "eth0");
	}
	close(sock);
}
