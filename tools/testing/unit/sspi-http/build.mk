# SPDX-License-Identifier: GPL-2.0-or-later

$(eval $(call unit_test,sspi-http,tools/testing/unit/sspi-http/test-http.c,sspi-http-core.a tap.a))
$(eval $(call unit_test,sspi-http-end-point,tools/testing/unit/sspi-http/test-end-point.c,\
	sspi-http-core.a tap.a libcrypto))
