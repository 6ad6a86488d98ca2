// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * sspi-rdp: Network Level Authentication for RDP servers that have none.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "helper/status.h"
#include "tools/net/listener.h"

#include "options.h"

static struct options options;

static void explain_acquire(SECURITY_STATUS status)
{
	fprintf(stderr, "sspi-rdp: no credential for the package CREDSSP: %s (0x%08" PRIx32 ")\n",
		status_name(status), (uint32_t)status);
	if (status == SEC_E_SECPKG_NOT_FOUND || status == SEC_E_NO_AUTHENTICATING_AUTHORITY)
		fputs("Is the module loaded, and does the helper run? Try 'modprobe ksecdd' and "
		      "'systemctl start ksecd'.\n", stderr);
	else if (status == SEC_E_NOT_OWNER)
		fputs("/dev/ksecdd cannot be opened: look at its permissions.\n", stderr);
	else
		fputs("Has ksecd.conf a [tls] section, or the one that --credential names, which "
		      "this user may use? ksecd's log says more.\n", stderr);
}

static int open_listener(void)
{
	struct sockaddr_storage bound = { 0 };
	char name[NET_ADDRESS_TEXT];
	int fd = listener_open(options.address, options.port, &bound);

	if (fd < 0) {
		fprintf(stderr, "sspi-rdp: cannot listen on %s port %s: %s\n", options.address,
			options.port, errno == EDESTADDRREQ ? "this is no IP address" :
			strerror(errno));
		return -1;
	}
	/* Even if quiet: with --port 0 this is how to find the gateway. */
	net_address_text(name, &bound);
	printf("listening on rdp://%s/\n", name);
	fflush(stdout);
	return fd;
}

static void accepted(int fd, const struct sockaddr_storage *peer)
{
	session_accept(&options.gateway, fd, peer);
}

int main(int argc, char **argv)
{
	struct gateway *gateway = &options.gateway;
	int listener, signals, code = 0;
	SECURITY_STATUS status;

	options_parse(&options, argc, argv);
	if (!backend_prepare(&gateway->backend, options.ca))
		return 1;
	/* Before the first thread */
	signals = listener_signals();
	if (signals < 0) {
		perror("sspi-rdp: signals");
		return 1;
	}
	status = auth_acquire(options.credential, &gateway->credential);
	if (status != SEC_E_OK) {
		explain_acquire(status);
		return 1;
	}
	listener = open_listener();
	if (listener < 0)
		return errno == EDESTADDRREQ ? 2 : 1;
	listener_run("sspi-rdp", listener, signals, accepted);
	close(listener);
	if (!session_stop()) {
		fputs("sspi-rdp: some connections did not end in time\n", stderr);
		code = 1;
	}
	/* What is left of them uses it: the process's end cleans up. */
	if (!code)
		FreeCredentialsHandle(&gateway->credential);
	return code;
}
