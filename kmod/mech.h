/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a mechanism of message protection is: a const table of functions over
 * keys.  The message path (message.c) has copied the caller's buffers into
 * kernel memory before it calls one and copies them back afterwards, so that a
 * mechanism sees one snapshot and never sleeps on user memory.
 */
#ifndef _KSECDD_MECH_H
#define _KSECDD_MECH_H

#include <linux/types.h>
#include <linux/ksecdd.h>

struct ksecdd_tls_info;

/* Opaque to everybody but its mechanism. */
struct ksec_keys;

/**
 * struct ksec_segment - one data buffer of a message
 * @data:    kernel copy, changed in place if @seal
 * @len:     length in bytes
 * @seal:    [in] to be encrypted or decrypted by ENCRYPT and DECRYPT; false for
 *           SECBUFFER_READONLY and SECBUFFER_READONLY_WITH_CHECKSUM, and for
 *           SIGN and VERIFY; [out] the data was changed
 * @sign:    [in] false for SECBUFFER_READONLY alone, which mechanisms that can
 *           leave data out of the checksum leave out
 */
struct ksec_segment {
	u8 *data;
	u32 len;
	bool seal;
	bool sign;
};

/* No mechanism puts a longer token beside a message, in bytes. */
#define KSEC_MAX_TRAILER	128

/* Nor pads one with more. */
#define KSEC_MAX_PADDING	8

/**
 * struct ksec_message - one message, in kernel memory
 * @segments:  the SECBUFFER_DATA buffers in the caller's order
 * @nsegments: how many
 * @token:     the SECBUFFER_TOKEN buffer: signature or trailer; KSEC_MAX_TRAILER
 *             bytes of memory
 * @token_len: [in] room (SIGN, ENCRYPT) or length (VERIFY, DECRYPT) in bytes,
 *             which may be more than there is at @token; [out] bytes written
 *             (SIGN, ENCRYPT)
 * @stream:    [in] the only segment is a whole SECBUFFER_STREAM, and there is no
 *             token: DECRYPT, where ksec_mech.stream_token is 0
 * @sealed:    the segments with @seal, in their order and without gaps.  In
 *             front of them are ksec_mech.headroom bytes and behind them
 *             ksec_mech.tailroom bytes that are the mechanism's to use
 * @sealed_len: their length in bytes
 * @padding:   the SECBUFFER_PADDING buffer
 * @padding_len: [in] room (ENCRYPT) or length (DECRYPT) in bytes, 0 if there is
 *             no such buffer; [out] bytes written (ENCRYPT)
 * @qop:       [in/out] quality of protection
 * @seq:       [in] the caller's sequence number, for datagram contexts
 * @mic:       [in] it is the MIC of a negotiation
 */
struct ksec_message {
	struct ksec_segment *segments;
	unsigned int nsegments;
	u8 *token;
	u32 token_len;
	bool stream;
	u8 *sealed;
	u32 sealed_len;
	u8 padding[KSEC_MAX_PADDING];
	u32 padding_len;
	u32 qop;
	u32 seq;
	bool mic;
};

/* A message operation; returns a SECURITY_STATUS.  May sleep. */
typedef s32 (*ksec_message_fn)(struct ksec_keys *keys, struct ksec_message *msg);

/**
 * struct ksec_record - a record of a stream, in kernel memory
 * @data: [in] the data (seal), with ksec_stream.headroom bytes in front of it and
 *        ksec_stream.tailroom bytes behind it; or the whole record (open), which becomes
 *        the data in it
 * @len:  bytes of it
 */
struct ksec_record {
	u8 *data;
	u32 len;
};

/**
 * struct ksec_stream - a mechanism that protects a stream of records
 * @head:     bytes of a record that tell how long it is
 * @headroom: bytes in front of the data that are the mechanism's to use, a multiple of 16
 * @tailroom: likewise behind it
 * @most:     bytes of data that a record may have
 * @sizes:    how many bytes of a record are in front of its data, and how many behind it
 * @frame:    how long the record is that begins with @head; a failure is a status
 * @seal:     make a record of data, all but its head and tail in place
 * @open:     take a record apart; SEC_E_OK, SEC_I_* for one that is no data, or a failure
 * @extra:    tell whether the caller has bytes of the stream that were not decrypted yet
 *
 * Safe to call from many threads at once; but records have an order.
 */
struct ksec_stream {
	u32 head;
	u32 headroom;
	u32 tailroom;
	u32 most;
	void (*sizes)(const struct ksec_keys *keys, u32 *header, u32 *trailer);
	s32 (*frame)(struct ksec_keys *keys, const u8 *head, u32 *len);
	s32 (*seal)(struct ksec_keys *keys, struct ksec_record *rec);
	s32 (*open)(struct ksec_keys *keys, struct ksec_record *rec);
	void (*extra)(struct ksec_keys *keys, bool extra);
};

/**
 * struct ksec_mech - a mechanism
 * @package:   KSECDD_PACKAGE_* it belongs to, as named by ksecdd_set_keys.mech
 * @stream_token: length in bytes of the token that a SECBUFFER_STREAM begins
 *             with; 0 if that depends on the token: DECRYPT then gets the whole
 *             SECBUFFER_STREAM as its only segment, and makes that segment the
 *             part of it that is the plain text
 * @headroom:  bytes of ksec_message.sealed that are the mechanism's to use, a
 *             multiple of 16
 * @tailroom:  likewise behind it
 * @padding:   bytes of SECBUFFER_PADDING it may write or read, at most
 *             KSEC_MAX_PADDING
 * @stream:    how it protects a stream; NULL - it protects messages.  A mechanism of
 *             streams has no @op
 * @init:      get the algorithms; 0, or -ENOENT etc. if this kernel lacks one,
 *             in which case the package is not offered
 * @exit:      give them back
 * @create:    derive the keys of an established context.  @key is the caller's
 *             and stays so.  Returns ERR_PTR(-EINVAL) for flags or lengths that
 *             make no sense, ERR_PTR(-ENOMEM).  Allocates GFP_KERNEL_ACCOUNT.
 * @destroy:   wipe and free; NULL is fine
 * @op:        indexed by KSECDD_MESSAGE_*; safe to call from many threads at once
 * @info:      fill @mech_flags, @max_token, @max_signature, @block_size,
 *             @trailer, @key_bits, @sign_alg and @encrypt_alg; @keys may be NULL
 *             for a context without session security
 * @tls_info:  answer KSECDD_ATTR_TLS; NULL - it is not TLS
 * @session_key: the key for KSECDD_ATTR_SESSION_KEY: copy at most
 *             KSECDD_MAX_KEY bytes to @buf and return the length; 0 if it was
 *             forgotten
 * @forget_session_key: wipe what only @session_key needs
 * @counts:    messages protected and accepted so far, for the statistics
 */
struct ksec_mech {
	u32 package;
	u32 stream_token;
	u32 headroom;
	u32 tailroom;
	u32 padding;
	const struct ksec_stream *stream;
	int (*init)(void);
	void (*exit)(void);
	struct ksec_keys *(*create)(u32 mech_flags, const u8 *key, u32 key_len, bool initiator);
	void (*destroy)(struct ksec_keys *keys);
	ksec_message_fn op[4];
	void (*info)(const struct ksec_keys *keys, struct ksecdd_context_info *info);
	void (*tls_info)(const struct ksec_keys *keys, struct ksecdd_tls_info *info);
	u32 (*session_key)(const struct ksec_keys *keys, u8 *buf);
	void (*forget_session_key)(struct ksec_keys *keys);
	void (*counts)(const struct ksec_keys *keys, u64 *sent, u64 *received);
};

extern const struct ksec_mech ksec_ntlm_mech;
extern const struct ksec_mech ksec_krb5_mech;
extern const struct ksec_mech ksec_tls_mech;
extern const struct ksec_mech ksec_digest_mech;

#endif /* _KSECDD_MECH_H */
