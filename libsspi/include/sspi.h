/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The Security Support Provider Interface, as 64-bit Windows has it: the same
 * names, values and layouts, so that sources written for Windows compile and
 * find what they expect.
 *
 *	cc server.c $(pkg-config --cflags --libs sspi)
 *
 * A names take UTF-8, W names UTF-16; a name without the letter is the W one
 * where UNICODE is defined.  SECURITY_WIN32 may be defined and need not be.
 * Values that the module and its helper use, too, are in <linux/ksecdd_sspi.h>.
 */
#ifndef SSPI_H
#define SSPI_H

#ifdef SECURITY_KERNEL
#error "this is the interface for programs"
#endif

#include <linux/ksecdd_sspi.h>

#include <sspi_types.h>
#include <sspi_status.h>

#define ISSP_LEVEL	32
#define ISSP_MODE	1

#define SEC_TEXT	TEXT
#define SEC_FAR
#define __SEC_FAR
#define SEC_ENTRY	WINAPI
#ifndef KSECDDDECLSPEC
#define KSECDDDECLSPEC	__attribute__((__visibility__("default")))
#endif

#ifdef __cplusplus
extern "C" {
#endif

typedef WCHAR SEC_WCHAR;
typedef CHAR SEC_CHAR;

#ifdef UNICODE
typedef SEC_WCHAR *SECURITY_PSTR;
typedef const SEC_WCHAR *SECURITY_PCSTR;
#else
typedef SEC_CHAR *SECURITY_PSTR;
typedef const SEC_CHAR *SECURITY_PCSTR;
#endif

/* Neither (0, 0) nor (-1, -1) is ever a handle. */
typedef struct _SecHandle {
	ULONG_PTR dwLower;
	ULONG_PTR dwUpper;
} SecHandle, *PSecHandle;

typedef SecHandle CredHandle;
typedef PSecHandle PCredHandle;
typedef SecHandle CtxtHandle;
typedef PSecHandle PCtxtHandle;

#define SecInvalidateHandle(x)						\
	((void)(((PSecHandle)(x))->dwLower = (ULONG_PTR)(INT_PTR)-1,	\
		((PSecHandle)(x))->dwUpper = (ULONG_PTR)(INT_PTR)-1))
#define SecIsValidHandle(x)						\
	(((PSecHandle)(x))->dwLower != (ULONG_PTR)(INT_PTR)-1 &&	\
	 ((PSecHandle)(x))->dwUpper != (ULONG_PTR)(INT_PTR)-1)
#define SEC_DELETED_HANDLE	((ULONG_PTR)(-2))

/* Units of 100 ns since 1601-01-01 in local time */
typedef LARGE_INTEGER _SECURITY_INTEGER, SECURITY_INTEGER, *PSECURITY_INTEGER;
typedef SECURITY_INTEGER TimeStamp;
typedef SECURITY_INTEGER *PTimeStamp;

typedef UNICODE_STRING SECURITY_STRING, *PSECURITY_STRING;

typedef struct _SecPkgInfoW {
	ULONG fCapabilities;
	unsigned short wVersion;
	unsigned short wRPCID;
	ULONG cbMaxToken;
	SEC_WCHAR *Name;
	SEC_WCHAR *Comment;
} SecPkgInfoW, *PSecPkgInfoW;

typedef struct _SecPkgInfoA {
	ULONG fCapabilities;
	unsigned short wVersion;
	unsigned short wRPCID;
	ULONG cbMaxToken;
	SEC_CHAR *Name;
	SEC_CHAR *Comment;
} SecPkgInfoA, *PSecPkgInfoA;

#define SecPkgInfo	SSPI_NAME_AW(SecPkgInfo)
#define PSecPkgInfo	SSPI_NAME_AW(PSecPkgInfo)

/* SecPkgInfo.fCapabilities: what <linux/ksecdd_sspi.h> does not have */
#define SECPKG_FLAG_DATAGRAM				0x00000008
#define SECPKG_FLAG_CLIENT_ONLY				0x00000040
#define SECPKG_FLAG_EXTENDED_ERROR			0x00000080
#define SECPKG_FLAG_IMPERSONATION			0x00000100
#define SECPKG_FLAG_STREAM				0x00000400
#define SECPKG_FLAG_ASCII_BUFFERS			0x00004000
#define SECPKG_FLAG_FRAGMENT				0x00008000
#define SECPKG_FLAG_DELEGATION				0x00020000
#define SECPKG_FLAG_RESTRICTED_TOKENS			0x00080000
#define SECPKG_FLAG_NEGO_EXTENDER			0x00100000
#define SECPKG_FLAG_NEGOTIABLE2				0x00200000
#define SECPKG_FLAG_APPCONTAINER_PASSTHROUGH		0x00400000
#define SECPKG_FLAG_APPCONTAINER_CHECKS			0x00800000
#define SECPKG_FLAG_CREDENTIAL_ISOLATION_ENABLED	0x01000000
#define SECPKG_FLAG_APPLY_LOOPBACK			0x02000000

#define SECPKG_ID_NONE					0xFFFF

#define SECPKG_CALLFLAGS_APPCONTAINER			0x00000001
#define SECPKG_CALLFLAGS_APPCONTAINER_AUTHCAPABLE	0x00000002
#define SECPKG_CALLFLAGS_FORCE_SUPPLIED			0x00000004
#define SECPKG_CALLFLAGS_APPCONTAINER_UPNCAPABLE	0x00000008

typedef struct _SecBuffer {
	ULONG cbBuffer;
	ULONG BufferType;
	void *pvBuffer;
} SecBuffer, *PSecBuffer;

typedef struct _SecBufferDesc {
	ULONG ulVersion;
	ULONG cBuffers;
	PSecBuffer pBuffers;
} SecBufferDesc, *PSecBufferDesc;

#define SECBUFFER_VERSION	0

/* SecBuffer.BufferType: what <linux/ksecdd_sspi.h> does not have */
#define SECBUFFER_NEGOTIATION_INFO			8
#define SECBUFFER_MECHLIST				11
#define SECBUFFER_MECHLIST_SIGNATURE			12
#define SECBUFFER_TARGET				13
#define SECBUFFER_CHANGE_PASS_RESPONSE			15
#define SECBUFFER_TARGET_HOST				16
#define SECBUFFER_ALERT					17
#define SECBUFFER_APPLICATION_PROTOCOLS			18
#define SECBUFFER_SRTP_PROTECTION_PROFILES		19
#define SECBUFFER_SRTP_MASTER_KEY_IDENTIFIER		20
#define SECBUFFER_TOKEN_BINDING				21
#define SECBUFFER_PRESHARED_KEY				22
#define SECBUFFER_PRESHARED_KEY_IDENTITY		23
#define SECBUFFER_DTLS_MTU				24
#define SECBUFFER_SEND_GENERIC_TLS_EXTENSION		25
#define SECBUFFER_SUBSCRIBE_GENERIC_TLS_EXTENSION	26
#define SECBUFFER_FLAGS					27
#define SECBUFFER_TRAFFIC_SECRETS			28
#define SECBUFFER_RESERVED				0x60000000

typedef struct _SEC_NEGOTIATION_INFO {
	ULONG Size;
	ULONG NameLength;
	SEC_WCHAR *Name;
	void *Reserved;
} SEC_NEGOTIATION_INFO, *PSEC_NEGOTIATION_INFO;

/* Offsets count from the start of the struct, all lengths are in bytes. */
typedef struct _SEC_CHANNEL_BINDINGS {
	ULONG dwInitiatorAddrType;
	ULONG cbInitiatorLength;
	ULONG dwInitiatorOffset;
	ULONG dwAcceptorAddrType;
	ULONG cbAcceptorLength;
	ULONG dwAcceptorOffset;
	ULONG cbApplicationDataLength;
	ULONG dwApplicationDataOffset;
} SEC_CHANNEL_BINDINGS, *PSEC_CHANNEL_BINDINGS;

typedef enum _SEC_APPLICATION_PROTOCOL_NEGOTIATION_EXT {
	SecApplicationProtocolNegotiationExt_None,
	SecApplicationProtocolNegotiationExt_NPN,
	SecApplicationProtocolNegotiationExt_ALPN
} SEC_APPLICATION_PROTOCOL_NEGOTIATION_EXT, *PSEC_APPLICATION_PROTOCOL_NEGOTIATION_EXT;

typedef struct _SEC_APPLICATION_PROTOCOL_LIST {
	SEC_APPLICATION_PROTOCOL_NEGOTIATION_EXT ProtoNegoExt;
	unsigned short ProtocolListSize;
	unsigned char ProtocolList[ANYSIZE_ARRAY];
} SEC_APPLICATION_PROTOCOL_LIST, *PSEC_APPLICATION_PROTOCOL_LIST;

typedef struct _SEC_APPLICATION_PROTOCOLS {
	ULONG ProtocolListsSize;
	SEC_APPLICATION_PROTOCOL_LIST ProtocolLists[ANYSIZE_ARRAY];
} SEC_APPLICATION_PROTOCOLS, *PSEC_APPLICATION_PROTOCOLS;

typedef struct _SEC_SRTP_PROTECTION_PROFILES {
	unsigned short ProfilesSize;
	unsigned short ProfilesList[ANYSIZE_ARRAY];
} SEC_SRTP_PROTECTION_PROFILES, *PSEC_SRTP_PROTECTION_PROFILES;

typedef struct _SEC_SRTP_MASTER_KEY_IDENTIFIER {
	unsigned char MasterKeyIdentifierSize;
	unsigned char MasterKeyIdentifier[ANYSIZE_ARRAY];
} SEC_SRTP_MASTER_KEY_IDENTIFIER, *PSEC_SRTP_MASTER_KEY_IDENTIFIER;

typedef struct _SEC_TOKEN_BINDING {
	unsigned char MajorVersion;
	unsigned char MinorVersion;
	unsigned short KeyParametersSize;
	unsigned char KeyParameters[ANYSIZE_ARRAY];
} SEC_TOKEN_BINDING, *PSEC_TOKEN_BINDING;

typedef struct _SEC_PRESHAREDKEY {
	unsigned short KeySize;
	unsigned char Key[ANYSIZE_ARRAY];
} SEC_PRESHAREDKEY, *PSEC_PRESHAREDKEY;

typedef struct _SEC_PRESHAREDKEY_IDENTITY {
	unsigned short KeyIdentitySize;
	unsigned char KeyIdentity[ANYSIZE_ARRAY];
} SEC_PRESHAREDKEY_IDENTITY, *PSEC_PRESHAREDKEY_IDENTITY;

typedef struct _SEC_DTLS_MTU {
	unsigned short PathMTU;
} SEC_DTLS_MTU, *PSEC_DTLS_MTU;

typedef struct _SEC_FLAGS {
	unsigned long long Flags;
} SEC_FLAGS, *PSEC_FLAGS;

typedef enum _SEC_TRAFFIC_SECRET_TYPE {
	SecTrafficSecret_None,
	SecTrafficSecret_Client,
	SecTrafficSecret_Server
} SEC_TRAFFIC_SECRET_TYPE, *PSEC_TRAFFIC_SECRET_TYPE;

#define SZ_ALG_MAX_SIZE		64

typedef struct _SEC_TRAFFIC_SECRETS {
	WCHAR SymmetricAlgId[SZ_ALG_MAX_SIZE];
	WCHAR ChainingMode[SZ_ALG_MAX_SIZE];
	WCHAR HashAlgId[SZ_ALG_MAX_SIZE];
	unsigned short KeySize;
	unsigned short IvSize;
	unsigned short MsgSequenceStart;
	unsigned short MsgSequenceEnd;
	SEC_TRAFFIC_SECRET_TYPE TrafficSecretType;
	unsigned short TrafficSecretSize;
	unsigned char TrafficSecret[ANYSIZE_ARRAY];
} SEC_TRAFFIC_SECRETS, *PSEC_TRAFFIC_SECRETS;

/* fCredentialUse: what <linux/ksecdd_sspi.h> does not have */
#define SECPKG_CRED_DEFAULT			0x00000004
#define SECPKG_CRED_AUTOLOGON_RESTRICTED	0x00000010
#define SECPKG_CRED_PROCESS_POLICY_ONLY		0x00000020
#define SECPKG_CRED_RESERVED			0xF0000000

/* fContextReq of InitializeSecurityContext */
#define ISC_REQ_DELEGATE			0x00000001
#define ISC_REQ_MUTUAL_AUTH			0x00000002
#define ISC_REQ_REPLAY_DETECT			0x00000004
#define ISC_REQ_SEQUENCE_DETECT			0x00000008
#define ISC_REQ_CONFIDENTIALITY			0x00000010
#define ISC_REQ_USE_SESSION_KEY			0x00000020
#define ISC_REQ_PROMPT_FOR_CREDS		0x00000040
#define ISC_REQ_USE_SUPPLIED_CREDS		0x00000080
#define ISC_REQ_ALLOCATE_MEMORY			0x00000100
#define ISC_REQ_USE_DCE_STYLE			0x00000200
#define ISC_REQ_DATAGRAM			0x00000400
#define ISC_REQ_CONNECTION			0x00000800
#define ISC_REQ_CALL_LEVEL			0x00001000
#define ISC_REQ_FRAGMENT_SUPPLIED		0x00002000
#define ISC_REQ_EXTENDED_ERROR			0x00004000
#define ISC_REQ_STREAM				0x00008000
#define ISC_REQ_INTEGRITY			0x00010000
#define ISC_REQ_IDENTIFY			0x00020000
#define ISC_REQ_NULL_SESSION			0x00040000
#define ISC_REQ_MANUAL_CRED_VALIDATION		0x00080000
#define ISC_REQ_RESERVED1			0x00100000
#define ISC_REQ_FRAGMENT_TO_FIT			0x00200000
#define ISC_REQ_FORWARD_CREDENTIALS		0x00400000
#define ISC_REQ_NO_INTEGRITY			0x00800000
#define ISC_REQ_USE_HTTP_STYLE			0x01000000
#define ISC_REQ_UNVERIFIED_TARGET_NAME		0x20000000
#define ISC_REQ_CONFIDENTIALITY_ONLY		0x40000000
#define ISC_REQ_MESSAGES			0x0000000100000000

/* *pfContextAttr of InitializeSecurityContext */
#define ISC_RET_DELEGATE			0x00000001
#define ISC_RET_MUTUAL_AUTH			0x00000002
#define ISC_RET_REPLAY_DETECT			0x00000004
#define ISC_RET_SEQUENCE_DETECT			0x00000008
#define ISC_RET_CONFIDENTIALITY			0x00000010
#define ISC_RET_USE_SESSION_KEY			0x00000020
#define ISC_RET_USED_COLLECTED_CREDS		0x00000040
#define ISC_RET_USED_SUPPLIED_CREDS		0x00000080
#define ISC_RET_ALLOCATED_MEMORY		0x00000100
#define ISC_RET_USED_DCE_STYLE			0x00000200
#define ISC_RET_DATAGRAM			0x00000400
#define ISC_RET_CONNECTION			0x00000800
#define ISC_RET_INTERMEDIATE_RETURN		0x00001000
#define ISC_RET_CALL_LEVEL			0x00002000
#define ISC_RET_EXTENDED_ERROR			0x00004000
#define ISC_RET_STREAM				0x00008000
#define ISC_RET_INTEGRITY			0x00010000
#define ISC_RET_IDENTIFY			0x00020000
#define ISC_RET_NULL_SESSION			0x00040000
#define ISC_RET_MANUAL_CRED_VALIDATION		0x00080000
#define ISC_RET_RESERVED1			0x00100000
#define ISC_RET_FRAGMENT_ONLY			0x00200000
#define ISC_RET_FORWARD_CREDENTIALS		0x00400000
#define ISC_RET_USED_HTTP_STYLE			0x01000000
#define ISC_RET_NO_ADDITIONAL_TOKEN		0x02000000
#define ISC_RET_REAUTHENTICATION		0x08000000
#define ISC_RET_CONFIDENTIALITY_ONLY		0x40000000
#define ISC_RET_MESSAGES			0x0000000100000000

/* fContextReq of AcceptSecurityContext: what <linux/ksecdd_sspi.h> does not have */
#define ASC_REQ_SESSION_TICKET			0x00000040
#define ASC_REQ_CALL_LEVEL			0x00001000
#define ASC_REQ_FRAGMENT_SUPPLIED		0x00002000
#define ASC_REQ_LICENSING			0x00040000
#define ASC_REQ_ALLOW_NON_USER_LOGONS		0x00200000
#define ASC_REQ_ALLOW_CONTEXT_REPLAY		0x00400000
#define ASC_REQ_FRAGMENT_TO_FIT			0x00800000
#define ASC_REQ_NO_TOKEN			0x01000000
#define ASC_REQ_MESSAGES			0x0000000100000000

/* *pfContextAttr of AcceptSecurityContext: likewise */
#define ASC_RET_SESSION_TICKET			0x00000040
#define ASC_RET_DATAGRAM			0x00000400
#define ASC_RET_CALL_LEVEL			0x00002000
#define ASC_RET_THIRD_LEG_FAILED		0x00004000
#define ASC_RET_LICENSING			0x00040000
#define ASC_RET_ALLOW_NON_USER_LOGONS		0x00200000
#define ASC_RET_ALLOW_CONTEXT_REPLAY		0x00400000
#define ASC_RET_FRAGMENT_ONLY			0x00800000
#define ASC_RET_NO_TOKEN			0x01000000
#define ASC_RET_NO_ADDITIONAL_TOKEN		0x02000000
#define ASC_RET_MESSAGES			0x0000000100000000

/* fQOP */
#define SECQOP_WRAP_OOB_DATA			0x40000000

/* fFlags of ExportSecurityContext */
#define SECPKG_CONTEXT_EXPORT_RESET_NEW		0x00000001
#define SECPKG_CONTEXT_EXPORT_DELETE_OLD	0x00000002
#define SECPKG_CONTEXT_EXPORT_TO_KERNEL		0x00000004

typedef enum _SecDelegationType {
	SecFull,
	SecService,
	SecTree,
	SecDirectory,
	SecObject
} SecDelegationType, *PSecDelegationType;

typedef struct _SECURITY_PACKAGE_OPTIONS {
	ULONG Size;
	ULONG Type;
	ULONG Flags;
	ULONG SignatureSize;
	void *Signature;
} SECURITY_PACKAGE_OPTIONS, *PSECURITY_PACKAGE_OPTIONS;

#define SECPKG_OPTIONS_TYPE_UNKNOWN	0
#define SECPKG_OPTIONS_TYPE_LSA		1
#define SECPKG_OPTIONS_TYPE_SSPI	2
#define SECPKG_OPTIONS_PERMANENT	0x00000001

#include <sspi_context.h>
#include <sspi_identity.h>
#include <sspi_functions.h>

#ifdef __cplusplus
}
#endif

#endif /* SSPI_H */
