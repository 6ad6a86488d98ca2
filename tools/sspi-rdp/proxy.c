// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The PROXY protocol, version 2, as HAProxy's proxy-protocol.txt has it.
 */
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

#include "proxy.h"

#define HEADER_LEN	16
#define VERSION_PROXY	0x21	/* version 2, for somebody else */
#define FAMILY_TCP4	0x11
#define FAMILY_TCP6	0x21
#define FAMILY_UNSPEC	0x00

#define TYPE_SSL	0x20
#define SSL_VERSION	0x21
#define SSL_CIPHER	0x23
#define CLIENT_SSL	0x01	/* the client has come by TLS */

/**
 * struct header - a header that is being written
 * @bytes: it
 * @len:   its length in bytes; all names together have room in PROXY_MAX
 */
struct header {
	unsigned char *bytes;
	size_t len;
};

static void put(struct header *header, const void *data, size_t len)
{
	memcpy(header->bytes + header->len, data, len);
	header->len += len;
}

static void put16(unsigned char *p, size_t value)
{
	p[0] = (unsigned char)(value >> 8);
	p[1] = (unsigned char)value;
}

/* Type and length of a vector; returns where the length is, if that is to change. */
static unsigned char *begin_vector(struct header *header, unsigned char type, size_t len)
{
	unsigned char head[3] = { type };

	put16(head + 1, len);
	put(header, head, sizeof(head));
	return header->bytes + header->len - 2;
}

static void put_text(struct header *header, unsigned char type, const char *text)
{
	if (!*text)
		return;
	begin_vector(header, type, strlen(text));
	put(header, text, strlen(text));
}

/* An IPv4 address in IPv6 form is one of IPv4. */
static bool as_four(const struct sockaddr_storage *address, struct sockaddr_in *four)
{
	const struct sockaddr_in6 *six = (const struct sockaddr_in6 *)address;

	memset(four, 0, sizeof(*four));
	if (address->ss_family == AF_INET) {
		memcpy(four, address, sizeof(*four));
		return true;
	}
	if (address->ss_family != AF_INET6 || !IN6_IS_ADDR_V4MAPPED(&six->sin6_addr))
		return false;
	four->sin_port = six->sin6_port;
	memcpy(&four->sin_addr, six->sin6_addr.s6_addr + 12, 4);
	return true;
}

static unsigned char put_addresses(struct header *header, const struct sockaddr_storage *client,
				   const struct sockaddr_storage *local)
{
	const struct sockaddr_in6 *six = (const struct sockaddr_in6 *)client;
	const struct sockaddr_in6 *local_six = (const struct sockaddr_in6 *)local;
	struct sockaddr_in four, local_four;

	if (as_four(client, &four) && as_four(local, &local_four)) {
		put(header, &four.sin_addr, 4);
		put(header, &local_four.sin_addr, 4);
		put(header, &four.sin_port, 2);
		put(header, &local_four.sin_port, 2);
		return FAMILY_TCP4;
	}
	if (client->ss_family != AF_INET6 || local->ss_family != AF_INET6)
		return FAMILY_UNSPEC;
	put(header, &six->sin6_addr, 16);
	put(header, &local_six->sin6_addr, 16);
	put(header, &six->sin6_port, 2);
	put(header, &local_six->sin6_port, 2);
	return FAMILY_TCP6;
}

size_t proxy_write(unsigned char bytes[PROXY_MAX], const struct sockaddr_storage *client,
		   const struct sockaddr_storage *local, const struct identity *identity)
{
	static const unsigned char signature[] = "\r\n\r\n\0\r\nQUIT\n";
	/* The client has shown no certificate, so nobody has verified one. */
	static const unsigned char ssl[] = { CLIENT_SSL, 0, 0, 0, 1 };
	struct header header = { bytes, 0 };
	unsigned char *length, family;
	char uid[16];

	put(&header, signature, sizeof(signature) - 1);
	header.len = HEADER_LEN;
	family = put_addresses(&header, client, local);
	put_text(&header, PROXY_ACCOUNT, identity->account);
	put_text(&header, PROXY_USER, identity->user);
	if (identity->mapped) {
		snprintf(uid, sizeof(uid), "%u", identity->uid);
		put_text(&header, PROXY_UID, uid);
	}
	put_text(&header, PROXY_PACKAGE, identity->package);
	length = begin_vector(&header, TYPE_SSL, 0);
	put(&header, ssl, sizeof(ssl));
	put_text(&header, SSL_VERSION, identity->tls);
	put_text(&header, SSL_CIPHER, identity->cipher);
	put16(length, (size_t)(header.bytes + header.len - (length + 2)));
	bytes[12] = VERSION_PROXY;
	bytes[13] = family;
	put16(bytes + 14, header.len - HEADER_LEN);
	return header.len;
}
