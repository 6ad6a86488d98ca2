// SPDX-License-Identifier: GPL-2.0-only
/*
 * The keys of a context go to a TCP socket: kTLS (Documentation/networking/tls.rst of the
 * kernel), installed as a program would do it with setsockopt().
 */
#include <linux/bitops.h>
#include <linux/errno.h>
#include <linux/kmod.h>
#include <linux/lockdep.h>
#include <linux/net.h>
#include <linux/string.h>
#include <linux/tls.h>
#include <net/inet_connection_sock.h>
#include <net/sock.h>
#include <net/tcp.h>
#include <net/tls.h>

#include <linux/ksecdd.h>

#include "../compat/socket.h"
#include "tls.h"

#define KSEC_TLS_ULP	"tls"

/*
 * What setsockopt() takes: the structs of linux/tls.h differ in the lengths of what is
 * in them, and have no holes.
 */
struct ksec_tls_crypto_info {
	struct tls_crypto_info i_info;
	u8 i_bytes[sizeof(union tls_crypto_context) - sizeof(struct tls_crypto_info)];
};

/* The four have what they have in the same order. */
#define KSEC_TLS_INFO_IS(type)								\
	static_assert(offsetof(struct type, iv) == sizeof(struct tls_crypto_info) &&	\
		      offsetof(struct type, key) == offsetofend(struct type, iv) &&	\
		      offsetof(struct type, salt) == offsetofend(struct type, key) &&	\
		      offsetof(struct type, rec_seq) == offsetofend(struct type, salt) && \
		      sizeof(struct type) == offsetofend(struct type, rec_seq))

KSEC_TLS_INFO_IS(tls12_crypto_info_aes_gcm_128);
KSEC_TLS_INFO_IS(tls12_crypto_info_aes_gcm_256);
KSEC_TLS_INFO_IS(tls12_crypto_info_aes_ccm_128);
KSEC_TLS_INFO_IS(tls12_crypto_info_chacha20_poly1305);

static u8 *ksec_tls_append(u8 *to, const void *bytes, u32 len)
{
	memcpy(to, bytes, len);
	return to + len;
}

/* The keys of a direction as kTLS wants them; returns the bytes of it. */
static u32 ksec_tls_crypto_info(const struct ksec_tls_keys *keys, const struct ksec_tls_way *way,
				struct ksec_tls_crypto_info *info)
{
	const struct ksec_tls_cipher *cipher = keys->k_cipher;
	__be64 seq = cpu_to_be64(way->w_seq);
	u32 salt_len = cipher->c_salt_len < KSEC_TLS_NONCE ? cipher->c_salt_len : 0;
	u8 *p = info->i_bytes;

	info->i_info.version = keys->k_version;
	info->i_info.cipher_type = cipher->c_ktls;
	/* What is sent of the nonce counts, as it does here. */
	if (ksec_tls_explicit(keys))
		p = ksec_tls_append(p, &seq, KSEC_TLS_EXPLICIT);
	else
		p = ksec_tls_append(p, way->w_iv + salt_len, KSEC_TLS_NONCE - salt_len);
	p = ksec_tls_append(p, way->w_key, cipher->c_key_len);
	p = ksec_tls_append(p, way->w_iv, salt_len);
	p = ksec_tls_append(p, &seq, sizeof(seq));
	return sizeof(info->i_info) + (p - info->i_bytes);
}

static int ksec_tls_install(const struct ksec_tls_keys *keys, const struct ksec_tls_way *way,
			    struct socket *sock, int option)
{
	struct ksec_tls_crypto_info info;
	u32 len = ksec_tls_crypto_info(keys, way, &info);
	int err;

	err = ksec_sock_setsockopt(sock, SOL_TLS, option, &info, len);
	memzero_explicit(&info, sizeof(info));
	return err;
}

static bool ksec_tls_has_ulp(struct sock *sk)
{
	const struct tcp_ulp_ops *ulp;
	bool has;

	lock_sock(sk);
	ulp = inet_csk(sk)->icsk_ulp_ops;
	has = ulp && !strcmp(ulp->name, KSEC_TLS_ULP);
	release_sock(sk);
	return has;
}

/* Whoever may use this device may have the module, which TCP loads for the mighty only. */
static int ksec_tls_set_ulp(struct socket *sock)
{
	char name[] = KSEC_TLS_ULP;
	int err;

	err = ksec_sock_setsockopt(sock, SOL_TCP, TCP_ULP, name, sizeof(name) - 1);
	if (err == -ENOENT) {
		request_module("tcp-ulp-" KSEC_TLS_ULP);
		err = ksec_sock_setsockopt(sock, SOL_TCP, TCP_ULP, name, sizeof(name) - 1);
	}
	/* It may be there without keys, after an attempt that failed. */
	return err == -EEXIST && ksec_tls_has_ulp(sock->sk) ? 0 : err;
}

static s32 ksec_tls_attach_status(int err)
{
	switch (err) {
	case 0:
		return SEC_E_OK;
	case -ENOENT:
		return SEC_E_SECPKG_NOT_FOUND;
	case -EEXIST:
	case -EBUSY:
		return SEC_E_NOT_OWNER;
	case -EINVAL:
	case -EOPNOTSUPP:
		return SEC_E_ALGORITHM_MISMATCH;
	case -ENOTCONN:
		return SEC_E_INVALID_PARAMETER;
	case -ENOMEM:
		return SEC_E_INSUFFICIENT_MEMORY;
	default:
		return SEC_E_INTERNAL_ERROR;
	}
}

/* Whether the stream can go on elsewhere from where it is. */
static s32 ksec_tls_may_attach(const struct ksec_tls_keys *keys)
{
	static const unsigned long over = BIT(KSEC_TLS_DEAD) | BIT(KSEC_TLS_RX_CLOSED) |
					  BIT(KSEC_TLS_TX_CLOSED);
	static const unsigned long due = BIT(KSEC_TLS_OWES_UPDATE) | BIT(KSEC_TLS_OWES_REFUSAL);
	unsigned long flags = READ_ONCE(keys->k_flags);

	if (flags & over)
		return SEC_E_CONTEXT_EXPIRED;
	if (flags & BIT(KSEC_TLS_EXTRA))
		return SEC_E_INCOMPLETE_MESSAGE;
	if ((flags & due) || keys->k_rx.w_skip)
		return SEC_E_OUT_OF_SEQUENCE;
	return keys->k_cipher->c_ktls ? SEC_E_OK : SEC_E_ALGORITHM_MISMATCH;
}

/* The locks of both directions are the caller's. */
static s32 ksec_tls_attach_locked(struct ksec_tls_keys *keys, struct socket *sock)
{
	s32 status = ksec_tls_may_attach(keys);
	int err;

	if (status != SEC_E_OK)
		return status;
	err = ksec_tls_set_ulp(sock) ?: ksec_tls_install(keys, &keys->k_rx, sock, TLS_RX);
	if (err)
		return ksec_tls_attach_status(err);
	/*
	 * From here on what the peer sends goes to the socket, so that there is no way
	 * back: and nobody may use the keys beside it.
	 */
	err = ksec_tls_install(keys, &keys->k_tx, sock, TLS_TX);
	set_bit(KSEC_TLS_DEAD, &keys->k_flags);
	ksec_tls_wipe(keys, &keys->k_rx);
	ksec_tls_wipe(keys, &keys->k_tx);
	return ksec_tls_attach_status(err);
}

/**
 * ksec_tls_attach() - give the keys of a context to a socket
 * @opaque: the keys
 * @sock:   a TCP socket, connected to the peer
 *
 * Afterwards the context has no keys any more, and its messages are SEC_E_CONTEXT_EXPIRED.
 *
 * Context: may sleep; takes the locks of both directions, and under them that of the
 *          socket.
 * Return:
 * * SEC_E_OK
 * * SEC_E_CONTEXT_EXPIRED    - the stream is over, or another socket has it
 * * SEC_E_INCOMPLETE_MESSAGE - the caller has bytes that were not decrypted
 * * SEC_E_OUT_OF_SEQUENCE    - an answer to the peer is due first, see ksec_tls_answer()
 * * SEC_E_ALGORITHM_MISMATCH - this kernel's kTLS lacks the AEAD or the version
 * * SEC_E_SECPKG_NOT_FOUND   - this kernel has no kTLS
 * * SEC_E_NOT_OWNER          - the socket has another ULP, or keys
 * * SEC_E_INVALID_PARAMETER  - it is not connected
 * * SEC_E_INSUFFICIENT_MEMORY, SEC_E_INTERNAL_ERROR
 *
 * After a failure the context is what it was, unless the socket has taken one direction
 * and not the other, which only a lack of memory can bring about: then both are over.
 */
s32 ksec_tls_attach(struct ksec_keys *opaque, struct socket *sock)
{
	struct ksec_tls_keys *keys = ksec_tls_keys(opaque);
	s32 status;

	mutex_lock(&keys->k_rx.w_lock);
	mutex_lock_nested(&keys->k_tx.w_lock, SINGLE_DEPTH_NESTING);
	status = ksec_tls_attach_locked(keys, sock);
	mutex_unlock(&keys->k_tx.w_lock);
	mutex_unlock(&keys->k_rx.w_lock);
	return status;
}
