/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What the files of libsspi share.
 *
 * Who decides what: the kernel decides about everything that it sees.  Here are
 * only the decisions about what it never sees - pointers, descriptors of
 * buffers, names of packages, the caller's structs:
 *
 *  - a NULL where a result is to go: SEC_E_INVALID_PARAMETER
 *  - a NULL where a handle is, or is to go: SEC_E_INVALID_HANDLE
 *  - a descriptor of buffers that is none: SEC_E_INVALID_TOKEN
 *
 * Results are written when the function succeeds, and only then, except where
 * the function says otherwise.
 */
#ifndef LIBSSPI_INTERNAL_H
#define LIBSSPI_INTERNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include <linux/ksecdd.h>

#include <sspi.h>

/* The kernel reads and writes the caller's array of SecBuffer itself. */
_Static_assert(sizeof(SecBuffer) == sizeof(struct ksecdd_buffer) &&
	       offsetof(SecBuffer, cbBuffer) == offsetof(struct ksecdd_buffer, len) &&
	       offsetof(SecBuffer, BufferType) == offsetof(struct ksecdd_buffer, type) &&
	       offsetof(SecBuffer, pvBuffer) == offsetof(struct ksecdd_buffer, ptr),
	       "SecBuffer must have the layout of struct ksecdd_buffer");

/* In the ABI's handles and pointers, both 64 bits wide */
#define KSSPI_NO_HANDLE		UINT64_MAX

static inline uint64_t ksspi_pointer(const void *p)
{
	return (uintptr_t)p;
}

/**
 * ksspi_handle() - a handle as the kernel has it
 * @handle: the caller's, or NULL
 *
 * Return: 0 for NULL, which stands for "none"; KSSPI_NO_HANDLE, which no object
 *         has, for what cannot be a handle; else the handle
 */
static inline uint64_t ksspi_handle(const SecHandle *handle)
{
	if (!handle)
		return 0;
	if (handle->dwLower > UINT32_MAX || handle->dwUpper > UINT32_MAX ||
	    (!handle->dwLower && !handle->dwUpper))
		return KSSPI_NO_HANDLE;
	return (uint64_t)handle->dwUpper << 32 | handle->dwLower;
}

static inline void ksspi_set_handle(SecHandle *handle, uint64_t value)
{
	handle->dwLower = (uint32_t)value;
	handle->dwUpper = value >> 32;
}

/* status.c */
SECURITY_STATUS ksspi_status(int err);
SECURITY_STATUS ksspi_message_status(int err);

/* device.c */
int ksspi_ioctl(unsigned long request, void *arg);
SECURITY_STATUS ksspi_call(unsigned long request, void *arg);
SECURITY_STATUS ksspi_call_first(unsigned long request, void *arg);

/* buffer.c */
void *ksspi_alloc(size_t size);
void *ksspi_shrink(void *p, size_t size);
bool ksspi_free(void *p);

/* utf.c */
ssize_t ksspi_utf8_to_utf16(const char *from, size_t len, uint16_t *to, size_t room);
ssize_t ksspi_utf16_to_utf8(const uint16_t *from, size_t len, char *to, size_t room);
size_t ksspi_utf16_len(const WCHAR *s, size_t max);
SECURITY_STATUS ksspi_string(const char *from, size_t len, bool wide, void **to);

/* time.c */
int64_t ksspi_local_time(int64_t utc);
void ksspi_set_time(TimeStamp *to, int64_t utc);

/* package.c */
SECURITY_STATUS ksspi_package_by_name(const char *name, size_t len,
				      struct ksecdd_package *package);
SECURITY_STATUS ksspi_package_by_wide_name(const WCHAR *name, struct ksecdd_package *package);
SECURITY_STATUS ksspi_package_by_id(uint32_t id, struct ksecdd_package *package);
SECURITY_STATUS ksspi_package_info(const struct ksecdd_package *packages, size_t n, bool wide,
				   void **info);

/**
 * struct ksspi_identity - explicit credentials, wherever and however they are
 * @wide:         the strings are UTF-16 and their lengths count 16-bit units;
 *                else they are UTF-8 and their lengths count bytes
 * @user:         not NUL-terminated; NULL for none
 * @domain:       likewise
 * @password:     likewise
 * @user_len:     length of @user
 * @domain_len:   length of @domain
 * @password_len: length of @password
 */
struct ksspi_identity {
	bool wide;
	void *user;
	void *domain;
	void *password;
	uint32_t user_len;
	uint32_t domain_len;
	uint32_t password_len;
};

/* identity.c */
SECURITY_STATUS ksspi_identity_parse(void *auth_data, struct ksspi_identity *identity);

/**
 * struct ksspi_token - what a token says
 * @info:    the plain facts
 * @ngroups: how many of @groups
 * @groups:  supplementary groups
 */
struct ksspi_token {
	struct ksecdd_token_info info;
	uint32_t ngroups;
	uint32_t groups[KSECDD_MAX_GROUPS];
};

/* token.c */
SECURITY_STATUS ksspi_token_open(uint64_t context, int *fd);
SECURITY_STATUS ksspi_token_read(int fd, struct ksspi_token *token);
bool ksspi_token_usable(const struct ksspi_token *token);
HANDLE ksspi_token_handle(int fd);
int ksspi_token_fd(HANDLE token);

/* context_token.c */
SECURITY_STATUS ksspi_context_token(uint64_t context, int *fd);
void ksspi_context_token_close(uint64_t context);

/* impersonate.c */
SECURITY_STATUS ksspi_impersonate(int fd);
SECURITY_STATUS ksspi_revert(void);

/**
 * struct ksspi_query - a question to a context
 * @context: whom
 * @wide:    strings of the answer are UTF-16
 */
struct ksspi_query {
	uint64_t context;
	bool wide;
};

/* attribute.c */
SECURITY_STATUS ksspi_ask(const struct ksspi_query *query, uint32_t attribute, void *buffer,
			  uint32_t *len);

/* connection.c */
SECURITY_STATUS ksspi_get_stream_sizes(const struct ksspi_query *query, void *buffer);
SECURITY_STATUS ksspi_get_connection_info(const struct ksspi_query *query, void *buffer);
SECURITY_STATUS ksspi_get_cipher_info(const struct ksspi_query *query, void *buffer);
SECURITY_STATUS ksspi_get_remote_cert(const struct ksspi_query *query, void *buffer);
SECURITY_STATUS ksspi_get_unique_bindings(const struct ksspi_query *query, void *buffer);
SECURITY_STATUS ksspi_get_endpoint_bindings(const struct ksspi_query *query, void *buffer);
SECURITY_STATUS ksspi_get_protocol(const struct ksspi_query *query, void *buffer);

/* context.c */
SECURITY_STATUS ksspi_check_desc(const SecBufferDesc *desc);
SecBuffer *ksspi_find_buffer(const SecBufferDesc *desc, ULONG type);

/* digest.c */
SECURITY_STATUS ksspi_digest_params(const SecBufferDesc *desc, uint32_t flags,
				    struct ksecdd_accept *cmd, void **memory);

#endif /* LIBSSPI_INTERNAL_H */
