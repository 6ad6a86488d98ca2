# SPDX-License-Identifier: GPL-2.0-or-later

$(eval $(call unit_test,krb5-vectors,tools/testing/unit/krb5/test-vectors.c,\
	krb5-test.a tap.a nettle))
