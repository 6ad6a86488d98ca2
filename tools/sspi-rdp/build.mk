# SPDX-License-Identifier: GPL-2.0-or-later

# What needs no security package, for the unit tests.
$(eval $(call static_library,sspi-rdp-core,$(addprefix tools/sspi-rdp/,x224.c mcs.c proxy.c \
	relay.c access.c command.c backend.c session.c) helper/status.c helper/text.c,libssl libcrypto))
