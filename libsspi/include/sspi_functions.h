/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The functions of SSPI, their types and the tables of them.  Part of sspi.h,
 * which includes it.  What each does and returns is said where it is defined.
 */
#ifndef SSPI_FUNCTIONS_H
#define SSPI_FUNCTIONS_H

#ifndef SSPI_H
#error "include <sspi.h>"
#endif

typedef void (WINAPI *SEC_GET_KEY_FN)(void *Arg, void *Principal, ULONG KeyVer, void **Key,
				      SECURITY_STATUS *Status);

/*
 * A function and the type of a pointer to it, from one list of parameters:
 * declared twice, the two could disagree.
 */
#define SSPI_FUNCTION(name, type, ...)					\
	KSECDDDECLSPEC SECURITY_STATUS SEC_ENTRY name(__VA_ARGS__);	\
	typedef SECURITY_STATUS (SEC_ENTRY *type)(__VA_ARGS__)

/* Packages */
SSPI_FUNCTION(EnumerateSecurityPackagesW, ENUMERATE_SECURITY_PACKAGES_FN_W,
	      ULONG *pcPackages, PSecPkgInfoW *ppPackageInfo);
SSPI_FUNCTION(EnumerateSecurityPackagesA, ENUMERATE_SECURITY_PACKAGES_FN_A,
	      ULONG *pcPackages, PSecPkgInfoA *ppPackageInfo);
SSPI_FUNCTION(QuerySecurityPackageInfoW, QUERY_SECURITY_PACKAGE_INFO_FN_W,
	      SEC_WCHAR *pszPackageName, PSecPkgInfoW *ppPackageInfo);
SSPI_FUNCTION(QuerySecurityPackageInfoA, QUERY_SECURITY_PACKAGE_INFO_FN_A,
	      SEC_CHAR *pszPackageName, PSecPkgInfoA *ppPackageInfo);

/* Credentials */
SSPI_FUNCTION(AcquireCredentialsHandleW, ACQUIRE_CREDENTIALS_HANDLE_FN_W,
	      SEC_WCHAR *pszPrincipal, SEC_WCHAR *pszPackage, ULONG fCredentialUse,
	      void *pvLogonId, void *pAuthData, SEC_GET_KEY_FN pGetKeyFn,
	      void *pvGetKeyArgument, PCredHandle phCredential, PTimeStamp ptsExpiry);
SSPI_FUNCTION(AcquireCredentialsHandleA, ACQUIRE_CREDENTIALS_HANDLE_FN_A,
	      SEC_CHAR *pszPrincipal, SEC_CHAR *pszPackage, ULONG fCredentialUse,
	      void *pvLogonId, void *pAuthData, SEC_GET_KEY_FN pGetKeyFn,
	      void *pvGetKeyArgument, PCredHandle phCredential, PTimeStamp ptsExpiry);
SSPI_FUNCTION(FreeCredentialsHandle, FREE_CREDENTIALS_HANDLE_FN,
	      PCredHandle phCredential);
SSPI_FUNCTION(AddCredentialsW, ADD_CREDENTIALS_FN_W,
	      PCredHandle hCredentials, SEC_WCHAR *pszPrincipal, SEC_WCHAR *pszPackage,
	      ULONG fCredentialUse, void *pAuthData, SEC_GET_KEY_FN pGetKeyFn,
	      void *pvGetKeyArgument, PTimeStamp ptsExpiry);
SSPI_FUNCTION(AddCredentialsA, ADD_CREDENTIALS_FN_A,
	      PCredHandle hCredentials, SEC_CHAR *pszPrincipal, SEC_CHAR *pszPackage,
	      ULONG fCredentialUse, void *pAuthData, SEC_GET_KEY_FN pGetKeyFn,
	      void *pvGetKeyArgument, PTimeStamp ptsExpiry);
SSPI_FUNCTION(QueryCredentialsAttributesW, QUERY_CREDENTIALS_ATTRIBUTES_FN_W,
	      PCredHandle phCredential, ULONG ulAttribute, void *pBuffer);
SSPI_FUNCTION(QueryCredentialsAttributesA, QUERY_CREDENTIALS_ATTRIBUTES_FN_A,
	      PCredHandle phCredential, ULONG ulAttribute, void *pBuffer);
SSPI_FUNCTION(QueryCredentialsAttributesExW, QUERY_CREDENTIALS_ATTRIBUTES_EX_FN_W,
	      PCredHandle phCredential, ULONG ulAttribute, void *pBuffer, ULONG cbBuffer);
SSPI_FUNCTION(QueryCredentialsAttributesExA, QUERY_CREDENTIALS_ATTRIBUTES_EX_FN_A,
	      PCredHandle phCredential, ULONG ulAttribute, void *pBuffer, ULONG cbBuffer);
SSPI_FUNCTION(SetCredentialsAttributesW, SET_CREDENTIALS_ATTRIBUTES_FN_W,
	      PCredHandle phCredential, ULONG ulAttribute, void *pBuffer, ULONG cbBuffer);
SSPI_FUNCTION(SetCredentialsAttributesA, SET_CREDENTIALS_ATTRIBUTES_FN_A,
	      PCredHandle phCredential, ULONG ulAttribute, void *pBuffer, ULONG cbBuffer);
SSPI_FUNCTION(ChangeAccountPasswordW, CHANGE_PASSWORD_FN_W,
	      SEC_WCHAR *pszPackageName, SEC_WCHAR *pszDomainName, SEC_WCHAR *pszAccountName,
	      SEC_WCHAR *pszOldPassword, SEC_WCHAR *pszNewPassword, BOOLEAN bImpersonating,
	      ULONG dwReserved, PSecBufferDesc pOutput);
SSPI_FUNCTION(ChangeAccountPasswordA, CHANGE_PASSWORD_FN_A,
	      SEC_CHAR *pszPackageName, SEC_CHAR *pszDomainName, SEC_CHAR *pszAccountName,
	      SEC_CHAR *pszOldPassword, SEC_CHAR *pszNewPassword, BOOLEAN bImpersonating,
	      ULONG dwReserved, PSecBufferDesc pOutput);

/* Contexts */
SSPI_FUNCTION(InitializeSecurityContextW, INITIALIZE_SECURITY_CONTEXT_FN_W,
	      PCredHandle phCredential, PCtxtHandle phContext, SEC_WCHAR *pszTargetName,
	      ULONG fContextReq, ULONG Reserved1, ULONG TargetDataRep, PSecBufferDesc pInput,
	      ULONG Reserved2, PCtxtHandle phNewContext, PSecBufferDesc pOutput,
	      ULONG *pfContextAttr, PTimeStamp ptsExpiry);
SSPI_FUNCTION(InitializeSecurityContextA, INITIALIZE_SECURITY_CONTEXT_FN_A,
	      PCredHandle phCredential, PCtxtHandle phContext, SEC_CHAR *pszTargetName,
	      ULONG fContextReq, ULONG Reserved1, ULONG TargetDataRep, PSecBufferDesc pInput,
	      ULONG Reserved2, PCtxtHandle phNewContext, PSecBufferDesc pOutput,
	      ULONG *pfContextAttr, PTimeStamp ptsExpiry);
SSPI_FUNCTION(AcceptSecurityContext, ACCEPT_SECURITY_CONTEXT_FN,
	      PCredHandle phCredential, PCtxtHandle phContext, PSecBufferDesc pInput,
	      ULONG fContextReq, ULONG TargetDataRep, PCtxtHandle phNewContext,
	      PSecBufferDesc pOutput, ULONG *pfContextAttr, PTimeStamp ptsExpiry);
SSPI_FUNCTION(CompleteAuthToken, COMPLETE_AUTH_TOKEN_FN,
	      PCtxtHandle phContext, PSecBufferDesc pToken);
SSPI_FUNCTION(ApplyControlToken, APPLY_CONTROL_TOKEN_FN,
	      PCtxtHandle phContext, PSecBufferDesc pInput);
SSPI_FUNCTION(DeleteSecurityContext, DELETE_SECURITY_CONTEXT_FN,
	      PCtxtHandle phContext);
SSPI_FUNCTION(FreeContextBuffer, FREE_CONTEXT_BUFFER_FN,
	      void *pvContextBuffer);
SSPI_FUNCTION(ImpersonateSecurityContext, IMPERSONATE_SECURITY_CONTEXT_FN,
	      PCtxtHandle phContext);
SSPI_FUNCTION(RevertSecurityContext, REVERT_SECURITY_CONTEXT_FN,
	      PCtxtHandle phContext);
SSPI_FUNCTION(QuerySecurityContextToken, QUERY_SECURITY_CONTEXT_TOKEN_FN,
	      PCtxtHandle phContext, HANDLE *Token);
SSPI_FUNCTION(QueryContextAttributesW, QUERY_CONTEXT_ATTRIBUTES_FN_W,
	      PCtxtHandle phContext, ULONG ulAttribute, void *pBuffer);
SSPI_FUNCTION(QueryContextAttributesA, QUERY_CONTEXT_ATTRIBUTES_FN_A,
	      PCtxtHandle phContext, ULONG ulAttribute, void *pBuffer);
SSPI_FUNCTION(QueryContextAttributesExW, QUERY_CONTEXT_ATTRIBUTES_EX_FN_W,
	      PCtxtHandle phContext, ULONG ulAttribute, void *pBuffer, ULONG cbBuffer);
SSPI_FUNCTION(QueryContextAttributesExA, QUERY_CONTEXT_ATTRIBUTES_EX_FN_A,
	      PCtxtHandle phContext, ULONG ulAttribute, void *pBuffer, ULONG cbBuffer);
SSPI_FUNCTION(SetContextAttributesW, SET_CONTEXT_ATTRIBUTES_FN_W,
	      PCtxtHandle phContext, ULONG ulAttribute, void *pBuffer, ULONG cbBuffer);
SSPI_FUNCTION(SetContextAttributesA, SET_CONTEXT_ATTRIBUTES_FN_A,
	      PCtxtHandle phContext, ULONG ulAttribute, void *pBuffer, ULONG cbBuffer);
SSPI_FUNCTION(ExportSecurityContext, EXPORT_SECURITY_CONTEXT_FN,
	      PCtxtHandle phContext, ULONG fFlags, PSecBuffer pPackedContext, void **pToken);
SSPI_FUNCTION(ImportSecurityContextW, IMPORT_SECURITY_CONTEXT_FN_W,
	      SEC_WCHAR *pszPackage, PSecBuffer pPackedContext, void *Token,
	      PCtxtHandle phContext);
SSPI_FUNCTION(ImportSecurityContextA, IMPORT_SECURITY_CONTEXT_FN_A,
	      SEC_CHAR *pszPackage, PSecBuffer pPackedContext, void *Token,
	      PCtxtHandle phContext);

/* Messages */
SSPI_FUNCTION(MakeSignature, MAKE_SIGNATURE_FN,
	      PCtxtHandle phContext, ULONG fQOP, PSecBufferDesc pMessage, ULONG MessageSeqNo);
SSPI_FUNCTION(VerifySignature, VERIFY_SIGNATURE_FN,
	      PCtxtHandle phContext, PSecBufferDesc pMessage, ULONG MessageSeqNo,
	      ULONG *pfQOP);
SSPI_FUNCTION(EncryptMessage, ENCRYPT_MESSAGE_FN,
	      PCtxtHandle phContext, ULONG fQOP, PSecBufferDesc pMessage, ULONG MessageSeqNo);
SSPI_FUNCTION(DecryptMessage, DECRYPT_MESSAGE_FN,
	      PCtxtHandle phContext, PSecBufferDesc pMessage, ULONG MessageSeqNo,
	      ULONG *pfQOP);

#undef SSPI_FUNCTION

/* Functions that are in no table */
KSECDDDECLSPEC SECURITY_STATUS SEC_ENTRY
DelegateSecurityContext(PCtxtHandle phContext, SEC_CHAR *pszTarget,
			SecDelegationType DelegationType, PTimeStamp pExpiry,
			PSecBuffer pPackageParameters, PSecBufferDesc pOutput);
KSECDDDECLSPEC SECURITY_STATUS SEC_ENTRY
AddSecurityPackageW(LPWSTR pszPackageName, PSECURITY_PACKAGE_OPTIONS pOptions);
KSECDDDECLSPEC SECURITY_STATUS SEC_ENTRY
AddSecurityPackageA(LPSTR pszPackageName, PSECURITY_PACKAGE_OPTIONS pOptions);
KSECDDDECLSPEC SECURITY_STATUS SEC_ENTRY
DeleteSecurityPackageW(SEC_WCHAR *pszPackageName);
KSECDDDECLSPEC SECURITY_STATUS SEC_ENTRY
DeleteSecurityPackageA(SEC_CHAR *pszPackageName);

#define SASL_OPTION_SEND_SIZE		1
#define SASL_OPTION_RECV_SIZE		2
#define SASL_OPTION_AUTHZ_STRING	3
#define SASL_OPTION_AUTHZ_PROCESSING	4

typedef enum _SASL_AUTHZID_STATE {
	Sasl_AuthZIDForbidden,
	Sasl_AuthZIDProcessed
} SASL_AUTHZID_STATE;

KSECDDDECLSPEC SECURITY_STATUS SEC_ENTRY
SaslEnumerateProfilesW(LPWSTR *ProfileList, ULONG *ProfileCount);
KSECDDDECLSPEC SECURITY_STATUS SEC_ENTRY
SaslEnumerateProfilesA(LPSTR *ProfileList, ULONG *ProfileCount);
KSECDDDECLSPEC SECURITY_STATUS SEC_ENTRY
SaslGetProfilePackageW(LPWSTR ProfileName, PSecPkgInfoW *PackageInfo);
KSECDDDECLSPEC SECURITY_STATUS SEC_ENTRY
SaslGetProfilePackageA(LPSTR ProfileName, PSecPkgInfoA *PackageInfo);
KSECDDDECLSPEC SECURITY_STATUS SEC_ENTRY
SaslIdentifyPackageW(PSecBufferDesc pInput, PSecPkgInfoW *PackageInfo);
KSECDDDECLSPEC SECURITY_STATUS SEC_ENTRY
SaslIdentifyPackageA(PSecBufferDesc pInput, PSecPkgInfoA *PackageInfo);
KSECDDDECLSPEC SECURITY_STATUS SEC_ENTRY
SaslInitializeSecurityContextW(PCredHandle phCredential, PCtxtHandle phContext,
			       LPWSTR pszTargetName, ULONG fContextReq, ULONG Reserved1,
			       ULONG TargetDataRep, PSecBufferDesc pInput, ULONG Reserved2,
			       PCtxtHandle phNewContext, PSecBufferDesc pOutput,
			       ULONG *pfContextAttr, PTimeStamp ptsExpiry);
KSECDDDECLSPEC SECURITY_STATUS SEC_ENTRY
SaslInitializeSecurityContextA(PCredHandle phCredential, PCtxtHandle phContext,
			       LPSTR pszTargetName, ULONG fContextReq, ULONG Reserved1,
			       ULONG TargetDataRep, PSecBufferDesc pInput, ULONG Reserved2,
			       PCtxtHandle phNewContext, PSecBufferDesc pOutput,
			       ULONG *pfContextAttr, PTimeStamp ptsExpiry);
KSECDDDECLSPEC SECURITY_STATUS SEC_ENTRY
SaslAcceptSecurityContext(PCredHandle phCredential, PCtxtHandle phContext,
			  PSecBufferDesc pInput, ULONG fContextReq, ULONG TargetDataRep,
			  PCtxtHandle phNewContext, PSecBufferDesc pOutput,
			  ULONG *pfContextAttr, PTimeStamp ptsExpiry);
KSECDDDECLSPEC SECURITY_STATUS SEC_ENTRY
SaslSetContextOption(PCtxtHandle ContextHandle, ULONG Option, PVOID Value, ULONG Size);
KSECDDDECLSPEC SECURITY_STATUS SEC_ENTRY
SaslGetContextOption(PCtxtHandle ContextHandle, ULONG Option, PVOID Value, ULONG Size,
		     PULONG Needed);

/* dwVersion tells how far a table goes. */
#define SECURITY_SUPPORT_PROVIDER_INTERFACE_VERSION	1
#define SECURITY_SUPPORT_PROVIDER_INTERFACE_VERSION_2	2
#define SECURITY_SUPPORT_PROVIDER_INTERFACE_VERSION_3	3
#define SECURITY_SUPPORT_PROVIDER_INTERFACE_VERSION_4	4
#define SECURITY_SUPPORT_PROVIDER_INTERFACE_VERSION_5	5

/* Before the tables: a source that says FreeCredentialHandle means the member, too. */
#define FreeCredentialHandle	FreeCredentialsHandle

typedef struct _SECURITY_FUNCTION_TABLE_W {
	ULONG dwVersion;
	ENUMERATE_SECURITY_PACKAGES_FN_W EnumerateSecurityPackagesW;
	QUERY_CREDENTIALS_ATTRIBUTES_FN_W QueryCredentialsAttributesW;
	ACQUIRE_CREDENTIALS_HANDLE_FN_W AcquireCredentialsHandleW;
	FREE_CREDENTIALS_HANDLE_FN FreeCredentialsHandle;
	void *Reserved2;
	INITIALIZE_SECURITY_CONTEXT_FN_W InitializeSecurityContextW;
	ACCEPT_SECURITY_CONTEXT_FN AcceptSecurityContext;
	COMPLETE_AUTH_TOKEN_FN CompleteAuthToken;
	DELETE_SECURITY_CONTEXT_FN DeleteSecurityContext;
	APPLY_CONTROL_TOKEN_FN ApplyControlToken;
	QUERY_CONTEXT_ATTRIBUTES_FN_W QueryContextAttributesW;
	IMPERSONATE_SECURITY_CONTEXT_FN ImpersonateSecurityContext;
	REVERT_SECURITY_CONTEXT_FN RevertSecurityContext;
	MAKE_SIGNATURE_FN MakeSignature;
	VERIFY_SIGNATURE_FN VerifySignature;
	FREE_CONTEXT_BUFFER_FN FreeContextBuffer;
	QUERY_SECURITY_PACKAGE_INFO_FN_W QuerySecurityPackageInfoW;
	void *Reserved3;
	void *Reserved4;
	EXPORT_SECURITY_CONTEXT_FN ExportSecurityContext;
	IMPORT_SECURITY_CONTEXT_FN_W ImportSecurityContextW;
	ADD_CREDENTIALS_FN_W AddCredentialsW;
	void *Reserved8;
	QUERY_SECURITY_CONTEXT_TOKEN_FN QuerySecurityContextToken;
	ENCRYPT_MESSAGE_FN EncryptMessage;
	DECRYPT_MESSAGE_FN DecryptMessage;
	SET_CONTEXT_ATTRIBUTES_FN_W SetContextAttributesW;
	SET_CREDENTIALS_ATTRIBUTES_FN_W SetCredentialsAttributesW;
	CHANGE_PASSWORD_FN_W ChangeAccountPasswordW;
	QUERY_CONTEXT_ATTRIBUTES_EX_FN_W QueryContextAttributesExW;
	QUERY_CREDENTIALS_ATTRIBUTES_EX_FN_W QueryCredentialsAttributesExW;
} SecurityFunctionTableW, *PSecurityFunctionTableW;

typedef struct _SECURITY_FUNCTION_TABLE_A {
	ULONG dwVersion;
	ENUMERATE_SECURITY_PACKAGES_FN_A EnumerateSecurityPackagesA;
	QUERY_CREDENTIALS_ATTRIBUTES_FN_A QueryCredentialsAttributesA;
	ACQUIRE_CREDENTIALS_HANDLE_FN_A AcquireCredentialsHandleA;
	FREE_CREDENTIALS_HANDLE_FN FreeCredentialsHandle;
	void *Reserved2;
	INITIALIZE_SECURITY_CONTEXT_FN_A InitializeSecurityContextA;
	ACCEPT_SECURITY_CONTEXT_FN AcceptSecurityContext;
	COMPLETE_AUTH_TOKEN_FN CompleteAuthToken;
	DELETE_SECURITY_CONTEXT_FN DeleteSecurityContext;
	APPLY_CONTROL_TOKEN_FN ApplyControlToken;
	QUERY_CONTEXT_ATTRIBUTES_FN_A QueryContextAttributesA;
	IMPERSONATE_SECURITY_CONTEXT_FN ImpersonateSecurityContext;
	REVERT_SECURITY_CONTEXT_FN RevertSecurityContext;
	MAKE_SIGNATURE_FN MakeSignature;
	VERIFY_SIGNATURE_FN VerifySignature;
	FREE_CONTEXT_BUFFER_FN FreeContextBuffer;
	QUERY_SECURITY_PACKAGE_INFO_FN_A QuerySecurityPackageInfoA;
	void *Reserved3;
	void *Reserved4;
	EXPORT_SECURITY_CONTEXT_FN ExportSecurityContext;
	IMPORT_SECURITY_CONTEXT_FN_A ImportSecurityContextA;
	ADD_CREDENTIALS_FN_A AddCredentialsA;
	void *Reserved8;
	QUERY_SECURITY_CONTEXT_TOKEN_FN QuerySecurityContextToken;
	ENCRYPT_MESSAGE_FN EncryptMessage;
	DECRYPT_MESSAGE_FN DecryptMessage;
	SET_CONTEXT_ATTRIBUTES_FN_A SetContextAttributesA;
	SET_CREDENTIALS_ATTRIBUTES_FN_A SetCredentialsAttributesA;
	CHANGE_PASSWORD_FN_A ChangeAccountPasswordA;
	QUERY_CONTEXT_ATTRIBUTES_EX_FN_A QueryContextAttributesExA;
	QUERY_CREDENTIALS_ATTRIBUTES_EX_FN_A QueryCredentialsAttributesExA;
} SecurityFunctionTableA, *PSecurityFunctionTableA;

KSECDDDECLSPEC PSecurityFunctionTableW SEC_ENTRY InitSecurityInterfaceW(void);
KSECDDDECLSPEC PSecurityFunctionTableA SEC_ENTRY InitSecurityInterfaceA(void);
typedef PSecurityFunctionTableW (SEC_ENTRY *INIT_SECURITY_INTERFACE_W)(void);
typedef PSecurityFunctionTableA (SEC_ENTRY *INIT_SECURITY_INTERFACE_A)(void);

/* Names for dlsym(): it takes no others than these, whatever UNICODE is. */
#define SECURITY_ENTRYPOINT_ANSIW	"InitSecurityInterfaceW"
#define SECURITY_ENTRYPOINT_ANSIA	"InitSecurityInterfaceA"
#define SECURITY_ENTRYPOINTW		SEC_TEXT("InitSecurityInterfaceW")
#define SECURITY_ENTRYPOINTA		SEC_TEXT("InitSecurityInterfaceA")
#define SECURITY_ENTRYPOINT16		"INITSECURITYINTERFACEA"
#define SECURITY_ENTRYPOINT		SSPI_NAME_AW(SECURITY_ENTRYPOINT)
#define SECURITY_ENTRYPOINT_ANSI	SSPI_NAME_AW(SECURITY_ENTRYPOINT_ANSI)

/* The names that follow UNICODE */
#define EnumerateSecurityPackages	SSPI_NAME_AW(EnumerateSecurityPackages)
#define QuerySecurityPackageInfo	SSPI_NAME_AW(QuerySecurityPackageInfo)
#define AcquireCredentialsHandle	SSPI_NAME_AW(AcquireCredentialsHandle)
#define AddCredentials			SSPI_NAME_AW(AddCredentials)
#define QueryCredentialsAttributes	SSPI_NAME_AW(QueryCredentialsAttributes)
#define QueryCredentialsAttributesEx	SSPI_NAME_AW(QueryCredentialsAttributesEx)
#define SetCredentialsAttributes	SSPI_NAME_AW(SetCredentialsAttributes)
#define ChangeAccountPassword		SSPI_NAME_AW(ChangeAccountPassword)
#define InitializeSecurityContext	SSPI_NAME_AW(InitializeSecurityContext)
#define QueryContextAttributes		SSPI_NAME_AW(QueryContextAttributes)
#define QueryContextAttributesEx	SSPI_NAME_AW(QueryContextAttributesEx)
#define SetContextAttributes		SSPI_NAME_AW(SetContextAttributes)
#define ImportSecurityContext		SSPI_NAME_AW(ImportSecurityContext)
#define AddSecurityPackage		SSPI_NAME_AW(AddSecurityPackage)
#define DeleteSecurityPackage		SSPI_NAME_AW(DeleteSecurityPackage)
#define SaslEnumerateProfiles		SSPI_NAME_AW(SaslEnumerateProfiles)
#define SaslGetProfilePackage		SSPI_NAME_AW(SaslGetProfilePackage)
#define SaslIdentifyPackage		SSPI_NAME_AW(SaslIdentifyPackage)
#define SaslInitializeSecurityContext	SSPI_NAME_AW(SaslInitializeSecurityContext)
#define SecurityFunctionTable		SSPI_NAME_AW(SecurityFunctionTable)
#define PSecurityFunctionTable		SSPI_NAME_AW(PSecurityFunctionTable)
#define InitSecurityInterface		SSPI_NAME_AW(InitSecurityInterface)

#define ENUMERATE_SECURITY_PACKAGES_FN		SSPI_NAME_U_AW(ENUMERATE_SECURITY_PACKAGES_FN)
#define QUERY_SECURITY_PACKAGE_INFO_FN		SSPI_NAME_U_AW(QUERY_SECURITY_PACKAGE_INFO_FN)
#define ACQUIRE_CREDENTIALS_HANDLE_FN		SSPI_NAME_U_AW(ACQUIRE_CREDENTIALS_HANDLE_FN)
#define ADD_CREDENTIALS_FN			SSPI_NAME_U_AW(ADD_CREDENTIALS_FN)
#define QUERY_CREDENTIALS_ATTRIBUTES_FN		SSPI_NAME_U_AW(QUERY_CREDENTIALS_ATTRIBUTES_FN)
#define QUERY_CREDENTIALS_ATTRIBUTES_EX_FN	SSPI_NAME_U_AW(QUERY_CREDENTIALS_ATTRIBUTES_EX_FN)
#define SET_CREDENTIALS_ATTRIBUTES_FN		SSPI_NAME_U_AW(SET_CREDENTIALS_ATTRIBUTES_FN)
#define CHANGE_PASSWORD_FN			SSPI_NAME_U_AW(CHANGE_PASSWORD_FN)
#define INITIALIZE_SECURITY_CONTEXT_FN		SSPI_NAME_U_AW(INITIALIZE_SECURITY_CONTEXT_FN)
#define QUERY_CONTEXT_ATTRIBUTES_FN		SSPI_NAME_U_AW(QUERY_CONTEXT_ATTRIBUTES_FN)
#define QUERY_CONTEXT_ATTRIBUTES_EX_FN		SSPI_NAME_U_AW(QUERY_CONTEXT_ATTRIBUTES_EX_FN)
#define SET_CONTEXT_ATTRIBUTES_FN		SSPI_NAME_U_AW(SET_CONTEXT_ATTRIBUTES_FN)
#define IMPORT_SECURITY_CONTEXT_FN		SSPI_NAME_U_AW(IMPORT_SECURITY_CONTEXT_FN)
#define INIT_SECURITY_INTERFACE			SSPI_NAME_U_AW(INIT_SECURITY_INTERFACE)

#endif /* SSPI_FUNCTIONS_H */
