// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * The tables of functions that InitSecurityInterface returns, in Windows' order.
 */
#include "libsspi/internal.h"

/*
 * Reserved3 and Reserved4 are the places of SealMessage and UnsealMessage, the
 * old names of EncryptMessage and DecryptMessage, and Windows has these two
 * there, for programs that still look there.  Reserved2 and Reserved8 are NULL
 * on Windows, too.
 */
#define TABLE(letter) {								\
	.dwVersion = SECURITY_SUPPORT_PROVIDER_INTERFACE_VERSION_4,		\
	.EnumerateSecurityPackages##letter = EnumerateSecurityPackages##letter,	\
	.QueryCredentialsAttributes##letter = QueryCredentialsAttributes##letter, \
	.AcquireCredentialsHandle##letter = AcquireCredentialsHandle##letter,	\
	.FreeCredentialsHandle = FreeCredentialsHandle,				\
	.InitializeSecurityContext##letter = InitializeSecurityContext##letter,	\
	.AcceptSecurityContext = AcceptSecurityContext,				\
	.CompleteAuthToken = CompleteAuthToken,					\
	.DeleteSecurityContext = DeleteSecurityContext,				\
	.ApplyControlToken = ApplyControlToken,					\
	.QueryContextAttributes##letter = QueryContextAttributes##letter,	\
	.ImpersonateSecurityContext = ImpersonateSecurityContext,		\
	.RevertSecurityContext = RevertSecurityContext,				\
	.MakeSignature = MakeSignature,						\
	.VerifySignature = VerifySignature,					\
	.FreeContextBuffer = FreeContextBuffer,					\
	.QuerySecurityPackageInfo##letter = QuerySecurityPackageInfo##letter,	\
	.Reserved3 = (void *)EncryptMessage,					\
	.Reserved4 = (void *)DecryptMessage,					\
	.ExportSecurityContext = ExportSecurityContext,				\
	.ImportSecurityContext##letter = ImportSecurityContext##letter,		\
	.AddCredentials##letter = AddCredentials##letter,			\
	.QuerySecurityContextToken = QuerySecurityContextToken,			\
	.EncryptMessage = EncryptMessage,					\
	.DecryptMessage = DecryptMessage,					\
	.SetContextAttributes##letter = SetContextAttributes##letter,		\
	.SetCredentialsAttributes##letter = SetCredentialsAttributes##letter,	\
	.ChangeAccountPassword##letter = ChangeAccountPassword##letter,		\
	.QueryContextAttributesEx##letter = QueryContextAttributesEx##letter,	\
	.QueryCredentialsAttributesEx##letter = QueryCredentialsAttributesEx##letter, \
}

/* Const, although sspi.h does not say so: nobody should redirect them. */
static const SecurityFunctionTableA table_a = TABLE(A);
static const SecurityFunctionTableW table_w = TABLE(W);

/**
 * InitSecurityInterfaceA() - the table of the A functions
 *
 * Return: the table, which belongs to the library and cannot be written to
 */
PSecurityFunctionTableA SEC_ENTRY InitSecurityInterfaceA(void)
{
	return (PSecurityFunctionTableA)&table_a;
}

/**
 * InitSecurityInterfaceW() - the table of the W functions
 *
 * Return: the table, which belongs to the library and cannot be written to
 */
PSecurityFunctionTableW SEC_ENTRY InitSecurityInterfaceW(void)
{
	return (PSecurityFunctionTableW)&table_w;
}
