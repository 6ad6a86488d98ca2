# SPDX-License-Identifier: GPL-2.0-or-later

SSPI_RDP := $(addprefix tools/sspi-rdp/,main.c options.c session.c auth.c secure.c calls.c \
	access.c backend.c command.c proxy.c relay.c x224.c mcs.c)

$(eval $(call program,sspi-rdp,$(SSPI_RDP) helper/status.c helper/text.c,\
	net.a libsspi.so libssl libcrypto -lpthread,$(SBINDIR)))
$(eval $(call install_file,tools/sspi-rdp/sspi-rdp.service.in,$(UNITDIR)))

# What needs no security package, for the unit tests.
$(eval $(call static_library,sspi-rdp-core,$(addprefix tools/sspi-rdp/,x224.c mcs.c proxy.c \
	relay.c access.c command.c backend.c session.c) helper/status.c helper/text.c,libssl libcrypto))
