/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Every ioctl of every kind of file, member by member: what <linux/ksecdd.h> says
 * in words, for programs that try all of it.  A unit test compares the two.
 *
 * Nothing but data: what the ioctls are tried on is the test's.
 */
#ifndef KSECDD_SELFTESTS_IOCTL_TABLE_H
#define KSECDD_SELFTESTS_IOCTL_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <linux/ksecdd.h>

/* Kinds of files that have ioctls */
enum ioctl_file {
	IOCTL_DEVICE,		/* /dev/ksecdd */
	IOCTL_REQUEST,		/* [ksecdd-req] */
	IOCTL_TOKEN_FILE,	/* [ksecdd-token] */
	IOCTL_FILES
};

/* What a member of a struct is */
enum ioctl_kind {
	IOCTL_SIZE,		/* the size of the struct it begins */
	IOCTL_OUT,		/* written; what was there before is not looked at */
	IOCTL_RESERVED,		/* must be 0, or EINVAL */
	IOCTL_ANY,		/* read; there is no wrong value */
	IOCTL_VALUE,		/* read; one of @values, or else @refusal */
	IOCTL_FLAGS,		/* read; of the bits of @max, or else @refusal if there is one */
	IOCTL_CREDENTIAL,	/* handle of a credential */
	IOCTL_CONTEXT,		/* handle of a context */
	IOCTL_HANDLE,		/* handle of either */
	IOCTL_IN,		/* pointer to what is read */
	IOCTL_TO,		/* pointer to what is written */
	IOCTL_INOUT,		/* pointer to what is read and may be written */
	IOCTL_ARRAY,		/* pointer to elements of @element, read and written */
	IOCTL_LEN,		/* bytes at @pointer; up to @max, or else @refusal */
	IOCTL_COUNT,		/* elements at @pointer; up to @max, or else @refusal */
	IOCTL_KINDS
};

/**
 * struct ioctl_refusal - how a wrong value is refused
 * @err:    errno of the ioctl, 0 - it is @status that tells
 * @status: SECURITY_STATUS; with neither, nothing is refused
 */
struct ioctl_refusal {
	int err;
	int32_t status;
};

struct ioctl_struct;

/**
 * struct ioctl_member - a member of a struct
 * @name:    its name
 * @offset:  where it is
 * @size:    bytes
 * @kind:    what it is
 * @pointer: IOCTL_LEN, IOCTL_COUNT: offset of the pointer that it belongs to
 * @min:     IOCTL_LEN, IOCTL_COUNT: the least
 * @max:     IOCTL_LEN, IOCTL_COUNT: the most; IOCTL_FLAGS: bits that are defined
 * @unit:    IOCTL_LEN: 1; IOCTL_COUNT: bytes of an element
 * @refusal: what anything else gets
 * @values:  IOCTL_VALUE: those that are defined
 * @nvalues: how many
 * @element: IOCTL_ARRAY: what an element is
 */
struct ioctl_member {
	const char *name;
	uint16_t offset;
	uint16_t size;
	enum ioctl_kind kind;
	uint16_t pointer;
	uint32_t min;
	uint32_t max;
	uint32_t unit;
	struct ioctl_refusal refusal;
	const uint32_t *values;
	size_t nvalues;
	const struct ioctl_struct *element;
};

/**
 * struct ioctl_struct - a struct
 * @name:     its tag
 * @size:     its size
 * @members:  all of it: the members leave no byte out
 * @nmembers: how many
 */
struct ioctl_struct {
	const char *name;
	uint32_t size;
	const struct ioctl_member *members;
	size_t nmembers;
};

/* ioctl_desc.status of those that have none */
#define IOCTL_NO_STATUS	((size_t)-1)

/**
 * struct ioctl_desc - an ioctl
 * @name:   as <linux/ksecdd.h> has it
 * @cmd:    its number
 * @file:   on what
 * @arg:    its struct
 * @least:  the smallest size that is taken, that of the first version of the struct
 * @status: offset of the SECURITY_STATUS that it returns
 * @writes: the struct is written back
 * @ends:   ends the request, also where it refuses a value
 */
struct ioctl_desc {
	const char *name;
	uint32_t cmd;
	enum ioctl_file file;
	const struct ioctl_struct *arg;
	uint32_t least;
	size_t status;
	bool writes;
	bool ends;
};

/* Indices of ioctl_table; the ioctls of a file follow each other by number. */
enum {
	IOCTL_VERSION,
	IOCTL_PACKAGE,
	IOCTL_ACQUIRE,
	IOCTL_DESTROY,
	IOCTL_ACCEPT,
	IOCTL_QUERY,
	IOCTL_MESSAGE,
	IOCTL_MESSAGE_BATCH,
	IOCTL_TOKEN,
	IOCTL_ATTACH,
	IOCTL_CONTROL,
	IOCTL_TOKEN_QUERY,
	IOCTL_TOKEN_FETCH,
	IOCTL_REQ_SET_KEYS,
	IOCTL_REQ_MESSAGE,
	IOCTL_REQ_COMPLETE,
	IOCTL_REQ_CREDENTIAL,
	IOCTL_TABLE_SIZE
};

extern const struct ioctl_desc ioctl_table[IOCTL_TABLE_SIZE];

const struct ioctl_member *ioctl_member(const struct ioctl_struct *s, const char *name);
const struct ioctl_desc *ioctl_find(enum ioctl_file file, uint32_t cmd);

#endif /* KSECDD_SELFTESTS_IOCTL_TABLE_H */
