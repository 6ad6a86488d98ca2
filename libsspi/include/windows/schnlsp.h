/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Another name of <schannel.h>, as on Windows */
#ifndef SSPI_SCHNLSP_H
#define SSPI_SCHNLSP_H

#include <schannel.h>

#endif /* SSPI_SCHNLSP_H */
