/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What ksecd --check-config looks at.
 */
#ifndef KSECD_CHECK_H
#define KSECD_CHECK_H

#include <stdbool.h>

#include "helper/config.h"

/**
 * check_keytabs() - look whether services can have clients
 * @cfg: the configuration
 *
 * Files are opened as the process may at the time, so it should have the capabilities
 * of the daemon and no more.  What is found is said on standard output, what is wrong
 * with what to do on standard error.
 *
 * Return: whether each service has a key for each of its names
 */
bool check_keytabs(const struct config *cfg);

/**
 * check_tls() - look at certificates and keys
 * @cfg: the configuration
 *
 * As check_keytabs(): what is wrong is what would keep ksecd from starting, and what
 * would keep clients from believing a certificate.
 *
 * Return: whether each section has what it takes
 */
bool check_tls(const struct config *cfg);

#endif /* KSECD_CHECK_H */
