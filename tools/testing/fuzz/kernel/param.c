// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The module's parameters.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "param.h"
#include "run.h"

#define FOLDER	"/sys/module/ksecdd/parameters/"

/* The numbers are those of the programs in the corpus: new ones come last. */
static struct param {
	const char *name;
	unsigned int ours;	/* what it is for programs, 0 - as it was */
	char before[32];
	char value[32];
	bool changed;
} params[PARAMS] = {
	{ .name = "ntlm_timeout_ms", .ours = TIMEOUT_MS },
	/* What no helper takes waits for the one that comes at the end of the program. */
	{ .name = "restart_grace_ms", .ours = 10 * TIMEOUT_MS },
	{ .name = "half_open_timeout_ms" },
	{ .name = "max_contexts_file" },
	{ .name = "max_contexts_user" },
	{ .name = "max_half_open_user" },
	{ .name = "max_credentials_user" },
	{ .name = "max_requests_user" },
	{ .name = "kerberos_timeout_ms", .ours = TIMEOUT_MS },
	{ .name = "negotiate_timeout_ms", .ours = TIMEOUT_MS },
	/* SET_KEYS of a cipher that nobody has used before loads modules. */
	{ .name = "schannel_timeout_ms", .ours = 5 * TIMEOUT_MS },
	{ .name = "credssp_timeout_ms", .ours = 5 * TIMEOUT_MS },
	{ .name = "wdigest_timeout_ms", .ours = TIMEOUT_MS },
};

static long put(const char *name, const char *value)
{
	char path[128];
	int fd, err = 0;

	snprintf(path, sizeof(path), FOLDER "%s", name);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	if (write(fd, value, strlen(value)) < 0)
		err = -errno;
	close(fd);
	return err;
}

static void get(const char *name, char *value, size_t size)
{
	char path[128];
	ssize_t n = 0;
	int fd;

	snprintf(path, sizeof(path), FOLDER "%s", name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd >= 0) {
		n = read(fd, value, size - 1);
		close(fd);
	}
	value[n > 0 ? n : 0] = '\0';
	value[strcspn(value, "\n")] = '\0';
}

/**
 * params_init() - give all parameters the values that programs begin with
 */
void params_init(void)
{
	struct param *p;

	for (p = params; p < params + PARAMS; p++) {
		get(p->name, p->before, sizeof(p->before));
		strcpy(p->value, p->before);
		if (p->ours)
			snprintf(p->value, sizeof(p->value), "%u", p->ours);
		put(p->name, p->value);
	}
}

/**
 * param_put() - set a parameter until params_restore()
 * @i:     which, less than PARAMS
 * @value: its value
 *
 * Return: 0 or -errno
 */
long param_put(size_t i, uint64_t value)
{
	char text[32];

	if (i >= PARAMS)
		return -ENOENT;
	snprintf(text, sizeof(text), "%llu", (unsigned long long)value);
	params[i].changed = true;
	return put(params[i].name, text);
}

/**
 * params_restore() - undo what a program has done
 */
void params_restore(void)
{
	struct param *p;

	for (p = params; p < params + PARAMS; p++)
		if (p->changed)
			put(p->name, p->value);
	for (p = params; p < params + PARAMS; p++)
		p->changed = false;
}

/**
 * params_end() - give all parameters the values they had
 */
void params_end(void)
{
	struct param *p;

	for (p = params; p < params + PARAMS; p++)
		put(p->name, p->before);
}
