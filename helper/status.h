/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Names of SECURITY_STATUS values, for people.
 */
#ifndef KSECD_STATUS_H
#define KSECD_STATUS_H

#include <stdint.h>

const char *status_name(int32_t status);

#endif /* KSECD_STATUS_H */
