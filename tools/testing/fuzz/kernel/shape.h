/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What calls there are and what their arguments look like: const tables, from
 * which calls are made up, changed, written as text and carried out.
 */
#ifndef KSECDD_FUZZ_SHAPE_H
#define KSECDD_FUZZ_SHAPE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifndef ARRAY_SIZE
#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))
#endif

/*
 * Slots hold what earlier calls have brought: descriptors and handles.  A slot
 * keeps its value when that is closed or destroyed, so that stale ones are used.
 */
enum slot_kind {
	SLOT_DEVICE,	/* open files of /dev/ksecdd */
	SLOT_REQUEST,	/* request files */
	SLOT_SOCKET,	/* netlink sockets */
	SLOT_TOKEN,	/* token files */
	SLOT_STREAM,	/* sockets that may get the keys of a context */
	SLOT_FILES,	/* number of the kinds above, which are descriptors */
	SLOT_CRED = SLOT_FILES,	/* handles of credentials */
	SLOT_CONTEXT,	/* handles of contexts */
	SLOT_KINDS,
};

#define SLOTS_OF_KIND	4
#define SLOTS		(SLOT_KINDS * SLOTS_OF_KIND)
#define FILE_SLOTS	(SLOT_FILES * SLOTS_OF_KIND)

/* The letters that name them in a text, by enum slot_kind */
#define SLOT_LETTERS	"drntscx"

enum arg_kind {
	ARG_NONE,
	ARG_NUMBER,	/* any number */
	ARG_RARE,	/* a number that is not looked at, or must be 0 */
	ARG_ENUM,	/* one of the values */
	ARG_FLAGS,	/* some bits of @max */
	ARG_SIZE,	/* bytes of the struct it is in */
	ARG_LENGTH,	/* bytes or elements of another argument */
	ARG_FILE,	/* the slot of a descriptor */
	ARG_HANDLE,	/* what is in a slot, or any number */
	ARG_RESULT,	/* the slot that gets what the call returns */
	ARG_DATA,	/* bytes somewhere else */
	ARG_ARRAY,	/* structs somewhere else */
	ARG_PLACE,	/* where the call's own struct lies */
	ARG_KINDS,
};

struct shape;

/**
 * struct arg - an argument of a call, or a member of a struct
 * @name:    in texts
 * @kind:    what it is
 * @slots:   ARG_FILE, ARG_HANDLE, ARG_RESULT: the kind it should be
 * @out:     ARG_DATA, ARG_ARRAY: the call may write there
 * @offset:  where it is in the struct
 * @width:   its bytes there; 0 - it is in no struct
 * @of:      ARG_LENGTH: index of the argument that is measured
 * @unit:    ARG_LENGTH: bytes that count as one
 * @max:     ARG_DATA, ARG_ARRAY, ARG_LENGTH: most bytes or elements that make
 *           sense; ARG_FLAGS: the bits
 * @values:  ARG_ENUM: the numbers, the first of which it is unless said otherwise
 * @nvalues: how many
 * @elem:    ARG_ARRAY: what the elements look like
 */
struct arg {
	const char *name;
	enum arg_kind kind;
	enum slot_kind slots;
	bool out;
	uint16_t offset;
	uint16_t width;
	uint16_t of;
	uint16_t unit;
	uint32_t max;
	const uint32_t *values;
	size_t nvalues;
	const struct shape *elem;
};

/**
 * struct shape - the arguments of a call, or the members of a struct
 * @size:  bytes of the struct; 0 - there is none
 * @args:  the arguments
 * @nargs: how many
 */
struct shape {
	size_t size;
	const struct arg *args;
	size_t nargs;
};

/* What is fuzzed; both can do everything, but do not do it equally often. */
enum target {
	TARGET_IOCTL,	/* the callers' side: /dev/ksecdd */
	TARGET_REPLIES,	/* the helper's side: request files and netlink */
	TARGETS,
};

struct world;
struct call;
struct ioctl_desc;

/**
 * struct call_desc - a call there is
 * @name:   in texts
 * @shape:  its arguments
 * @run:    carries it out; returns what the system call returned, or -errno
 * @ioctl:  the ioctl, NULL - it is something else
 * @weight: how often it is made up, for each target; 0 - never
 */
struct call_desc {
	const char *name;
	struct shape shape;
	long (*run)(struct world *w, const struct call *call);
	const struct ioctl_desc *ioctl;
	uint8_t weight[TARGETS];
};

/* By enum ioctl_file */
extern const enum slot_kind ioctl_slots[];

void calls_init(void);
const struct call_desc *call_find(const char *name, size_t len);
const struct call_desc *call_at(size_t i);
size_t call_count(void);
size_t arg_find(const struct shape *shape, const char *name, size_t len);
uint64_t arg_default(const struct arg *arg);

#endif /* KSECDD_FUZZ_SHAPE_H */
