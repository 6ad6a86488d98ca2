# SPDX-License-Identifier: GPL-2.0-or-later

SSPI_RDP_UNIT := tools/testing/unit/sspi-rdp

$(eval $(call static_library,sspi-rdp-test,$(SSPI_RDP_UNIT)/pdu.c $(SSPI_RDP_UNIT)/certificate.c,\
	libssl libcrypto))
$(eval $(call unit_test,sspi-rdp-x224,$(SSPI_RDP_UNIT)/test-x224.c,\
	sspi-rdp-test.a sspi-rdp-core.a tap.a))
$(eval $(call unit_test,sspi-rdp-session,$(SSPI_RDP_UNIT)/test-session.c,\
	sspi-rdp-test.a sspi-rdp-core.a net.a tap.a libssl libcrypto -lpthread))
$(eval $(call unit_script,sspi-rdp-options,$(SSPI_RDP_UNIT)/options-test,build/bin/sspi-rdp))
