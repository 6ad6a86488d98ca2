# SPDX-License-Identifier: GPL-2.0-or-later

$(foreach t,utf buffer table identity device,\
	$(eval $(call unit_test,sspi-$t,tools/testing/unit/sspi/test-$t.c,sspi-core.a tap.a -lpthread)))
$(eval $(call unit_script,sspi-oracle,tools/testing/unit/sspi/oracle.py,build/lib/libsspi.so))

# A source for Windows, in both ways of Windows.
SSPI_WINDOWS := -Ilibsspi/include/windows
$(eval $(call unit_test,sspi-windows-a,tools/testing/unit/sspi/test-windows.c,libsspi.so tap.a,\
	$(SSPI_WINDOWS)))
$(eval $(call unit_test,sspi-windows-w,tools/testing/unit/sspi/test-windows.c,libsspi.so tap.a,\
	$(SSPI_WINDOWS) -DUNICODE))
