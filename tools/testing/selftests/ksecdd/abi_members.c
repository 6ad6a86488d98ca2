// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Each member of every ioctl's struct, and of what it points to, spoiled alone: bits
 * of reserved members, values that are not defined, counts and lengths that nobody
 * means, pointers to nowhere.  Each gets what <linux/ksecdd.h> says, and nothing has
 * happened.
 *
 * What to spoil, and what is to come of it, is from ioctl_table.
 */
#include "abi.h"
#include "mem.h"
#include "suite.h"

/**
 * struct spoiled - a struct of which one thing is wrong
 * @member: of which
 * @value:  what is wrong
 * @want:   what is to come of it; nothing: there is nothing wrong
 * @status: where the status is
 * @late:   it shows only once the function was done
 */
struct spoiled {
	const struct ioctl_member *member;
	uint64_t value;
	struct ioctl_refusal want;
	const uint8_t *status;
	bool late;
};

static const struct ioctl_refusal invalid = { .err = EINVAL };
static const struct ioctl_refusal fault = { .err = EFAULT };
static const struct ioctl_refusal stale = { .status = SEC_E_INVALID_HANDLE };

static uint64_t get(const struct ioctl_member *m, const uint8_t *base)
{
	uint64_t value = 0;

	memcpy(&value, base + m->offset, m->size);
	return value;
}

static const struct ioctl_member *length_of(const struct ioctl_struct *s,
					    const struct ioctl_member *pointer)
{
	size_t i;

	for (i = 0; i < s->nmembers; i++)
		if ((s->members[i].kind == IOCTL_LEN || s->members[i].kind == IOCTL_COUNT) &&
		    s->members[i].pointer == pointer->offset)
			return &s->members[i];
	return NULL;
}

/* Bytes that a pointer of a struct has to have behind it */
static uint64_t extent(const struct ioctl_struct *s, const struct ioctl_member *pointer,
		       const uint8_t *base)
{
	const struct ioctl_member *len = length_of(s, pointer);

	return len ? get(len, base) * len->unit : 0;
}

/* Each bit, none and all of them */
#define PATTERNS	34

static uint32_t pattern(unsigned int i)
{
	return i < 32 ? 1u << i : i == 32 ? 0 : UINT32_MAX;
}

static bool defined(const struct ioctl_member *m, uint32_t value)
{
	size_t i;

	for (i = 0; i < m->nvalues; i++)
		if (m->values[i] == value)
			return true;
	return false;
}

/*
 * For each kind of member: the @i-th way to spoil it.  False: there are no more.
 * Leaves @s->want empty for a way that is none.
 */
typedef bool (*spoil_fn)(const struct ioctl_struct *st, const uint8_t *base, unsigned int i,
			 struct spoiled *s);

static bool spoil_nothing(const struct ioctl_struct *st, const uint8_t *base, unsigned int i,
			  struct spoiled *s)
{
	(void)st;
	(void)base;
	(void)i;
	(void)s;
	return false;
}

/* Of an element; that of the whole is abi.c's. */
static bool spoil_size(const struct ioctl_struct *st, const uint8_t *base, unsigned int i,
		       struct spoiled *s)
{
	const uint32_t sizes[] = { 0, st->size - 1, st->size + 1, ABI_PAGE, UINT32_MAX };

	(void)base;
	if (i >= ARRAY_SIZE(sizes))
		return false;
	s->value = sizes[i];
	s->want = invalid;
	return true;
}

static bool spoil_reserved(const struct ioctl_struct *st, const uint8_t *base, unsigned int i,
			   struct spoiled *s)
{
	(void)st;
	(void)base;
	if (i >= s->member->size * 8u)
		return false;
	s->value = 1ull << i;
	s->want = invalid;
	return true;
}

static bool spoil_value(const struct ioctl_struct *st, const uint8_t *base, unsigned int i,
			struct spoiled *s)
{
	(void)st;
	(void)base;
	if (i >= PATTERNS)
		return false;
	s->value = pattern(i);
	if (!defined(s->member, pattern(i)))
		s->want = s->member->refusal;
	return true;
}

static bool spoil_flags(const struct ioctl_struct *st, const uint8_t *base, unsigned int i,
			struct spoiled *s)
{
	(void)st;
	if (i >= PATTERNS)
		return false;
	s->value = get(s->member, base) | pattern(i);
	if (s->value & ~(uint64_t)s->member->max)
		s->want = s->member->refusal;
	return true;
}

/* What is no handle, that of another generation, and that of another type */
static bool spoil_handle(const struct ioctl_struct *st, const uint8_t *base, unsigned int i,
			 struct spoiled *s)
{
	uint64_t now = get(s->member, base);
	const uint64_t handles[] = {
		UINT64_MAX, UINT32_MAX, 1ull << 63, now ^ 1ull << 32, now ^ 1ull << 63,
		now ^ 1ull << 31, now ^ (now & UINT32_MAX),
		s->member->kind == IOCTL_CONTEXT ? fixture.cred : fixture.ctx,
	};

	(void)st;
	if (i >= ARRAY_SIZE(handles))
		return false;
	s->value = handles[i];
	/* No context at all begins a new one. */
	if (s->value && s->value != now)
		s->want = stale;
	return true;
}

static bool spoil_length(const struct ioctl_struct *st, const uint8_t *base, unsigned int i,
			 struct spoiled *s)
{
	const struct ioctl_member *m = s->member;
	const uint32_t unit = m->unit;
	/* Some of them times an element's size, or plus a header's, are small in 32 bits. */
	const uint32_t lengths[] = {
		m->max + 1, m->min - 1, 0x7fffffff, 0x80000000, 0x80000001, 0xfffffff0,
		UINT32_MAX - unit + 1, UINT32_MAX / unit + 2, 0x80000000 / unit + 1, UINT32_MAX,
	};

	(void)st;
	(void)base;
	if (i >= ARRAY_SIZE(lengths))
		return false;
	s->value = lengths[i];
	if (lengths[i] < m->min || lengths[i] > m->max)
		s->want = m->refusal;
	return true;
}

/* Pages of which the first bytes are as they were, and the last is missing */
static uint64_t cut(const void *data, uint64_t len, uint64_t missing)
{
	return (uintptr_t)mem_across_edge(data, len, missing);
}

static bool spoil_pointer(const struct ioctl_struct *st, const uint8_t *base, unsigned int i,
			  struct spoiled *s)
{
	const void *now = (const void *)(uintptr_t)get(s->member, base);
	uint64_t len = extent(st, s->member, base);
	enum ioctl_kind kind = s->member->kind;
	unsigned int n = i - MEM_BAD_POINTERS;

	/* Nobody looks at a pointer to nothing. */
	if (!now || !len)
		return false;
	s->late = kind == IOCTL_TO || kind == IOCTL_INOUT;
	s->want = fault;
	if (i < MEM_BAD_POINTERS)
		s->value = mem_bad(i);
	else if (n == 0)
		s->value = cut(now, len, 1);
	else if (n == 1)
		s->value = cut(now, len, len);
	else if (n == 2 && kind == IOCTL_TO)
		s->value = (uintptr_t)mem_readonly(now, len);
	else
		return false;
	return true;
}

static const spoil_fn spoilers[IOCTL_KINDS] = {
	[IOCTL_SIZE] = spoil_size,
	[IOCTL_OUT] = spoil_nothing,
	[IOCTL_RESERVED] = spoil_reserved,
	[IOCTL_ANY] = spoil_nothing,
	[IOCTL_VALUE] = spoil_value,
	[IOCTL_FLAGS] = spoil_flags,
	[IOCTL_CREDENTIAL] = spoil_handle,
	[IOCTL_CONTEXT] = spoil_handle,
	[IOCTL_HANDLE] = spoil_handle,
	[IOCTL_IN] = spoil_pointer,
	[IOCTL_TO] = spoil_pointer,
	[IOCTL_INOUT] = spoil_pointer,
	[IOCTL_ARRAY] = spoil_pointer,
	[IOCTL_LEN] = spoil_length,
	[IOCTL_COUNT] = spoil_length,
};

/* Whether a member is worth spoiling in this case of its ioctl */
static bool relevant(const struct abi_case *c, const struct ioctl_struct *st,
		     const struct ioctl_member *m, const uint8_t *base, bool whole)
{
	uint64_t pointer = 0;

	switch (m->kind) {
	case IOCTL_SIZE:
		return !whole;
	case IOCTL_LEN:
	case IOCTL_COUNT:
		memcpy(&pointer, base + m->pointer, sizeof(pointer));
		return pointer;
	case IOCTL_IN:
	case IOCTL_TO:
	case IOCTL_INOUT:
	case IOCTL_ARRAY:
		return extent(st, m, base);
	default:
		return c->first;
	}
}

/*
 * Spoils the @i-th thing in a struct and what it points to; takes from @i how many
 * things there are, if they are fewer.
 */
static bool spoil_struct(const struct abi_case *c, const struct ioctl_struct *st, uint8_t *base,
			 bool whole, unsigned int *i, struct spoiled *s)
{
	const struct ioctl_member *m, *status;
	uint8_t *element;
	uint64_t n;

	for (m = st->members; m < st->members + st->nmembers; m++) {
		if (!relevant(c, st, m, base, whole))
			continue;
		*s = (struct spoiled){ .member = m, .status = s->status };
		status = ioctl_member(st, "status");
		if (status && status->kind == IOCTL_OUT)
			s->status = base + status->offset;
		if (spoilers[m->kind](st, base, *i, s)) {
			memcpy(base + m->offset, &s->value, m->size);
			return true;
		}
		for (n = 0; spoilers[m->kind](st, base, (unsigned int)n, s); n++)
			;
		*i -= (unsigned int)n;
		if (m->kind != IOCTL_ARRAY)
			continue;
		element = (uint8_t *)(uintptr_t)get(m, base);
		for (n = get(length_of(st, m), base); n; n--, element += m->element->size)
			if (spoil_struct(c, m->element, element, false, i, s))
				return true;
	}
	return false;
}

/* The struct of a case with its @i-th thing spoiled; false: there are not so many. */
static bool spoil(const struct abi_case *c, unsigned int i, union arg *a, struct spoiled *s)
{
	*s = (struct spoiled){};
	prepare(c, a);
	return spoil_struct(c, c->desc->arg, a->bytes, true, &i, s);
}

static bool asks_nothing(const struct spoiled *s)
{
	return !s->want.err && !s->want.status;
}

/* In words, for who wants to know which one it was. */
static void note(const struct abi_case *c, const struct spoiled *s)
{
	suite_note("in %s with %s = %#llx", c->name, s->member->name,
		   (unsigned long long)s->value);
}

/* Only the status, and the number of messages done, may differ after a fault. */
static bool same_struct(const struct abi_case *c, const union arg *before, const union arg *now)
{
	const struct ioctl_member *count = c->desc->cmd == KSECDD_IOC_MESSAGE_BATCH ?
					   ioctl_member(c->desc->arg, "count") : NULL;
	uint32_t i;

	for (i = 0; i < c->desc->arg->size; i++) {
		if (c->desc->status != IOCTL_NO_STATUS && i - c->desc->status < 4)
			continue;
		if (count && i - count->offset < count->size)
			continue;
		if (before->bytes[i] != now->bytes[i])
			return false;
	}
	return true;
}

/* Do it, and see that it is refused as it should be. */
static void check_refusal(const struct abi_case *c, int fd, union arg *a, const struct spoiled *s)
{
	union arg before = *a;
	int32_t status;
	bool ok;

	ok = CHECK_EQ(device_ioctl(fd, c->desc->cmd, a), -s->want.err);
	if (s->want.err) {
		ok = CHECK(same_struct(c, &before, a)) && ok;
		if (c->desc->cmd == KSECDD_IOC_MESSAGE_BATCH &&
		    s->member != ioctl_member(c->desc->arg, "count"))
			ok = CHECK_EQ(a->batch.count, 0) && ok;
	} else {
		memcpy(&status, s->status, sizeof(status));
		ok = CHECK_STATUS(status, s->want.status) && ok;
	}
	ok = CHECK(abi_same_memory()) && ok;
	if (!ok)
		note(c, s);
}

/* All that is wrong with a case, as far as it shows early, or late. */
static unsigned int check_case(const struct abi_case *c, int fd, bool late)
{
	unsigned int i, n = 0;
	struct spoiled s;
	union arg a;

	for (i = 0; spoil(c, i, &a, &s); i++) {
		if (asks_nothing(&s) || s.late != late)
			continue;
		check_refusal(c, fd, &a, &s);
		n++;
	}
	return n;
}

static void device(void)
{
	const struct abi_case *c;
	struct family_status before;
	unsigned int n = 0;
	union arg a;

	for (c = abi_cases; c < abi_cases + ABI_CASES; c++) {
		if (c->desc->file == IOCTL_REQUEST)
			continue;
		before = status_now();
		n += check_case(c, abi_file(c), false);
		check_unchanged(&before);
		prepare(c, &a);
		check_success(c, abi_file(c), &a);
		check_gauges(&before);
	}
	suite_note("%u spoiled structs", n);
}

/* A buffer that turns out not to be there when the function is done */
static void device_late(void)
{
	struct family_status before = status_now(), now;
	const struct abi_case *c;
	unsigned int n = 0;

	for (c = abi_cases; c < abi_cases + ABI_CASES; c++)
		/* Of a message that encrypts, the data is there before the token. */
		if (c->desc->file != IOCTL_REQUEST && c->put && (c->first || c->undo))
			n += check_case(c, abi_file(c), true);
	suite_note("%u spoiled structs", n);
	now = status_now();
	CHECK_EQ(now.accepted, before.accepted);
	CHECK_EQ(now.signed_messages, before.signed_messages);
	fetch_kept();
	check_gauges(&before);
}

/* Spoiled things of all cases of a request file: those that leave it as it was */
static void spoil_request(int fd, const struct request *req, void *data)
{
	unsigned int *n = data;
	const struct abi_case *c;
	union arg a;

	(void)req;
	for (c = abi_cases; c < abi_cases + ABI_CASES; c++) {
		if (c->desc->file != IOCTL_REQUEST || c->desc->ends)
			continue;
		*n += check_case(c, fd, false) + check_case(c, fd, true);
		prepare(c, &a);
		check_success(c, fd, &a);
	}
}

static void request(void)
{
	struct family_status before = status_now();
	unsigned int n = 0;

	in_request(spoil_request, &n, 0, SEC_E_LOGON_DENIED);
	suite_note("%u spoiled structs", n);
	check_gauges(&before);
}

/* Pointers of COMPLETE to nowhere: nothing has happened. */
static void spoil_pointers(int fd, const struct request *req, void *data)
{
	const struct abi_case *c;
	unsigned int *n = data, i;
	struct spoiled s;
	union arg a;

	(void)req;
	for (c = abi_cases; c < abi_cases + ABI_CASES; c++) {
		if (!c->desc->ends)
			continue;
		for (i = 0; spoil(c, i, &a, &s); i++) {
			if (s.want.err == EFAULT) {
				check_refusal(c, fd, &a, &s);
				(*n)++;
			}
		}
	}
}

static void request_pointers(void)
{
	struct family_status before = status_now();
	unsigned int n = 0;

	in_request(spoil_pointers, &n, 0, SEC_E_LOGON_DENIED);
	suite_note("%u spoiled structs", n);
	check_gauges(&before);
}

/* One COMPLETE, and by the way what is true of a request that it has ended */
struct last_word {
	const struct abi_case *c;
	union arg *a;
	const struct spoiled *s;
};

static void last_word(int fd, const struct request *req, void *data)
{
	const struct last_word *last = data;
	struct ksecdd_set_keys keys = { .size = sizeof(keys) };

	(void)req;
	check_refusal(last->c, fd, last->a, last->s);
	CHECK_EQ(device_ioctl(fd, KSECDD_REQ_SET_KEYS, &keys), -EALREADY);
}

/* What a confused helper says is no success: its request fails, and is over. */
static void request_values(void)
{
	struct family_status before = status_now();
	const struct abi_case *c;
	unsigned int i, n = 0;
	struct spoiled s;
	union arg a;

	for (c = abi_cases; c < abi_cases + ABI_CASES; c++) {
		for (i = 0; c->desc->ends && spoil(c, i, &a, &s) && !suite_failed(); i++) {
			if (s.want.err != EINVAL)
				continue;
			in_request(last_word, &(struct last_word){ c, &a, &s }, -EALREADY,
				   SEC_E_INTERNAL_ERROR);
			n++;
		}
	}
	suite_note("%u spoiled structs", n);
	CHECK_EQ(status_now().aborted, before.aborted + n);
	check_gauges(&before);
}

/*
 * Every member that the table calls wrong in some way was wrong at least once: a
 * case that points to nothing would leave a pointer untried.
 */
static bool tried(const struct ioctl_desc *desc, const struct ioctl_member *m)
{
	const struct abi_case *c;
	struct spoiled s;
	unsigned int i;
	union arg a;

	for (c = abi_cases; c < abi_cases + ABI_CASES; c++)
		for (i = 0; c->desc == desc && spoil(c, i, &a, &s); i++)
			if (s.member == m && !asks_nothing(&s))
				return true;
	return false;
}

static bool has_wrong_values(const struct ioctl_member *m, bool whole)
{
	switch (m->kind) {
	case IOCTL_SIZE:
		return !whole;
	case IOCTL_OUT:
	case IOCTL_ANY:
		return false;
	case IOCTL_FLAGS:
	case IOCTL_LEN:
	case IOCTL_COUNT:
		return m->refusal.err || m->refusal.status;
	default:
		return true;
	}
}

static void check_tried(const struct ioctl_desc *desc, const struct ioctl_struct *st, bool whole)
{
	const struct ioctl_member *m;

	for (m = st->members; m < st->members + st->nmembers; m++) {
		if (has_wrong_values(m, whole) && !CHECK(tried(desc, m)))
			suite_note("%s of %s", m->name, desc->name);
		if (m->element)
			check_tried(desc, m->element, false);
	}
}

static void all_tried(void)
{
	size_t i;

	for (i = 0; i < IOCTL_TABLE_SIZE; i++)
		check_tried(&ioctl_table[i], ioctl_table[i].arg, true);
}

static const struct suite_test tests[] = {
	{ .name = "there is a case for every member", .run = all_tried },
	{ .name = "the device: what is refused at once", .run = device },
	{ .name = "the device: what cannot be written in the end", .run = device_late },
	{ .name = "request files: SET_KEYS and MESSAGE", .run = request },
	{ .name = "request files: pointers of COMPLETE", .run = request_pointers },
	{ .name = "request files: an answer that makes no sense", .run = request_values },
};

int main(void)
{
	fixture_setup();
	return suite_run(tests, ARRAY_SIZE(tests));
}
