/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The command line of sspi-rdp.
 */
#ifndef SSPI_RDP_OPTIONS_H
#define SSPI_RDP_OPTIONS_H

#include "session.h"

/**
 * struct options - what the command line says
 * @gateway:    but for its credential
 * @address:    to listen on
 * @port:       to listen on
 * @credential: its name, or NULL
 * @ca:         file of authorities for the server's certificate, or NULL
 */
struct options {
	struct gateway gateway;
	const char *address;
	const char *port;
	const char *credential;
	const char *ca;
};

/**
 * options_parse() - read the command line
 * @options: receives what it says; stays as long as the program
 * @argc:    of main()
 * @argv:    of main()
 *
 * Ends the program with 0 after --help and --version, with 2 and a message for what
 * makes no sense.
 */
void options_parse(struct options *options, int argc, char **argv);

#endif /* SSPI_RDP_OPTIONS_H */
