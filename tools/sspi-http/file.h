/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Files, opened as the client.
 */
#ifndef SSPI_HTTP_FILE_H
#define SSPI_HTTP_FILE_H

#include <sspi.h>

#include "page.h"

/**
 * file_serve() - read a file as the client
 * @context: of the client, established
 * @folder:  that is served
 * @path:    below it, of http_path()
 * @page:    receives the file; nothing unless the code is 200
 * @status:  receives what ImpersonateSecurityContext() says
 *
 * Return: code of the response: 200, 403 (the client may not read it, or nobody can
 *         be the client here), 404, 503 (no memory)
 */
unsigned int file_serve(PCtxtHandle context, int folder, const char *path, struct page *page,
			SECURITY_STATUS *status);

#endif /* SSPI_HTTP_FILE_H */
