/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * FILETIME: units of 100 ns since 1601-01-01, UTC (MS-DTYP 2.3.3).
 */
#ifndef KSECD_FILETIME_H
#define KSECD_FILETIME_H

#include <stdint.h>
#include <time.h>

/* 1601-01-01 to 1970-01-01 in seconds, and the units in a second */
#define FILETIME_UNIX_EPOCH	11644473600LL
#define FILETIME_SECOND		10000000LL

/**
 * filetime_from_unix() - the FILETIME of a Unix time
 * @seconds: since 1970-01-01, not after the year 9999
 */
static inline int64_t filetime_from_unix(int64_t seconds)
{
	return (seconds + FILETIME_UNIX_EPOCH) * FILETIME_SECOND;
}

/**
 * filetime_now() - the time
 * @data: ignored; makes this what struct engine_env.now wants
 */
static inline uint64_t filetime_now(void *data)
{
	struct timespec ts;

	(void)data;
	clock_gettime(CLOCK_REALTIME, &ts);
	return (uint64_t)filetime_from_unix(ts.tv_sec) + (uint64_t)ts.tv_nsec / 100;
}

#endif /* KSECD_FILETIME_H */
