/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The names of the packages, sspi.h and secext.h, as Windows' <security.h> gives them */
#ifndef SSPI_SECURITY_H
#define SSPI_SECURITY_H

#include <sspi_types.h>

#define NTLMSP_NAME_A			"NTLM"
#define NTLMSP_NAME			SSPI_WIDE("NTLM")
#define MICROSOFT_KERBEROS_NAME_A	"Kerberos"
#define MICROSOFT_KERBEROS_NAME_W	SSPI_WIDE("Kerberos")
#define MICROSOFT_KERBEROS_NAME		MICROSOFT_KERBEROS_NAME_W
#define NEGOSSP_NAME_A			"Negotiate"
#define NEGOSSP_NAME_W			SSPI_WIDE("Negotiate")
#define NEGOSSP_NAME			SSPI_NAME_U_AW(NEGOSSP_NAME)
#define CLOUDAP_NAME_A			"CloudAP"
#define CLOUDAP_NAME_W			SSPI_WIDE("CloudAP")
#define CLOUDAP_NAME			SSPI_NAME_U_AW(CLOUDAP_NAME)

#include <sspi.h>
#include <secext.h>

#endif /* SSPI_SECURITY_H */
