# SPDX-License-Identifier: GPL-2.0-or-later

# The acceptor that the peer tests drive; not installed.
$(eval $(call program,sspi-pipe,tools/testing/peers/sspi_pipe.c,libsspi.so))

# The service that clients of TLS talk to; not installed.
$(eval $(call program,sspi-tls,tools/testing/peers/sspi_tls.c,libsspi.so))
