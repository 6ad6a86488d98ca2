/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One request from its token to its verdict.
 */
#ifndef KSECD_LOGON_H
#define KSECD_LOGON_H

#include <stdint.h>

#include "helper/settings.h"

/* struct logon - the memory one request needs; made once, used by one thread */
struct logon;

struct logon *logon_new(void);
void logon_free(struct logon *logon);
void logon_serve(struct logon *logon, const struct settings *settings, int fd);

uint32_t logon_packages(void);
void logon_tidy(void);
void logon_end(void);

#endif /* KSECD_LOGON_H */
