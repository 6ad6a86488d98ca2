# SPDX-License-Identifier: GPL-2.0-or-later

$(foreach t,utf buffer table identity device,\
	$(eval $(call unit_test,sspi-$t,tools/testing/unit/sspi/test-$t.c,sspi-core.a tap.a -lpthread)))
$(eval $(call unit_script,sspi-oracle,tools/testing/unit/sspi/oracle.py,build/lib/libsspi.so))
