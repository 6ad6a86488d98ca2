/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the server tells its clients: as text, or as JSON for those who accept it.
 */
#ifndef SSPI_HTTP_PAGE_H
#define SSPI_HTTP_PAGE_H

#include <stdbool.h>
#include <stddef.h>

#include <sspi.h>

/**
 * struct page - the body of a response
 * @type: its media type
 * @text: what it is, to be freed; NULL without memory
 * @len:  its length in bytes
 */
struct page {
	const char *type;
	char *text;
	size_t len;
};

/**
 * page_client() - who the client is
 * @page:       receives the page
 * @context:    of the client, established
 * @json:       as JSON
 * @export_key: show the session key, too, if the policy lets it out
 */
void page_client(struct page *page, PCtxtHandle context, bool json, bool export_key);

/**
 * page_failure() - why the client does not get what it wanted
 * @page:   receives the page
 * @status: what went wrong; SEC_E_OK if that has no status
 * @reason: what to tell, a sentence
 * @json:   as JSON
 */
void page_failure(struct page *page, SECURITY_STATUS status, const char *reason, bool json);

/**
 * page_account() - the client's name, for the log
 * @context: of the client, established
 * @name:    receives it, fit to be shown
 * @size:    room at @name in bytes, at least 32
 */
void page_account(PCtxtHandle context, char *name, size_t size);

#endif /* SSPI_HTTP_PAGE_H */
