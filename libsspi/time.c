// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Times: the kernel speaks of UTC, SSPI of local time.
 */
#include <time.h>

#include "libsspi/internal.h"

#define UNITS_PER_SECOND	INT64_C(10000000)
#define EPOCH_SECONDS		INT64_C(11644473600)	/* from 1601 to 1970 */

/**
 * ksspi_local_time() - a point in time on the clock of this place
 * @utc: FILETIME, UTC
 *
 * The offset is that of the point in time, not that of today: the result is
 * what a clock on the wall will show.
 *
 * Return: FILETIME, local time.  "Never" and "not known" (0) are no points in
 *         time and stay as they are.
 */
int64_t ksspi_local_time(int64_t utc)
{
	time_t seconds = (time_t)(utc / UNITS_PER_SECOND - EPOCH_SECONDS);
	int64_t local;
	struct tm tm;

	if (utc <= 0 || utc == KSECDD_TIME_NEVER || !localtime_r(&seconds, &tm))
		return utc;
	if (__builtin_add_overflow(utc, (int64_t)tm.tm_gmtoff * UNITS_PER_SECOND, &local) || local < 0)
		return utc;
	return local;
}

/**
 * ksspi_set_time() - give the caller a time
 * @to:  where it goes, or NULL
 * @utc: FILETIME, UTC
 */
void ksspi_set_time(TimeStamp *to, int64_t utc)
{
	if (to)
		to->QuadPart = ksspi_local_time(utc);
}
