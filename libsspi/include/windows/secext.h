/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The types of Windows' <secext.h>.  Its functions (GetUserNameEx,
 * TranslateName, GetComputerObjectName) are no part of SSPI and are not here:
 * a program that calls them does not link.
 */
#ifndef SSPI_SECEXT_H
#define SSPI_SECEXT_H

typedef enum {
	NameUnknown = 0,
	NameFullyQualifiedDN = 1,
	NameSamCompatible = 2,
	NameDisplay = 3,
	NameUniqueId = 6,
	NameCanonical = 7,
	NameUserPrincipal = 8,
	NameCanonicalEx = 9,
	NameServicePrincipal = 10,
	NameDnsDomain = 12,
	NameGivenName = 13,
	NameSurname = 14
} EXTENDED_NAME_FORMAT, *PEXTENDED_NAME_FORMAT;

#endif /* SSPI_SECEXT_H */
