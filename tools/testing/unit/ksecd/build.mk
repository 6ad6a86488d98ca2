# SPDX-License-Identifier: GPL-2.0-or-later
#
# Unit tests of ksecd without its engines and of what ksecctl prints.

KSECD_TEST_DIR := tools/testing/unit/ksecd
KSECD_TEST_LIBS = ksecd-client.a ksecd-core.a ksecd-engine.a tap.a $(KSECD_ENGINE_LIBS) -lpthread

$(foreach t,text log config request identity status,\
	$(eval $(call unit_test,ksecd-$t,$(KSECD_TEST_DIR)/test-$t.c,$(KSECD_TEST_LIBS))))
$(eval $(call unit_test,ksecd-select,$(KSECD_TEST_DIR)/test-select.c helper/accounts/select.c \
	helper/accounts/winbind.c,digest-test.a ntlm-test.a $(KSECD_TEST_LIBS) wbclient))
$(eval $(call unit_test,ksecd-identity-cache,$(KSECD_TEST_DIR)/test-identity-cache.c,\
	$(KSECD_TEST_LIBS) $(foreach f,identity_lookup stat clock_gettime,-Wl$(comma)--wrap=$f)))
$(eval $(call unit_test,ksecd-netlink,$(KSECD_TEST_DIR)/test-netlink.c,$(KSECD_TEST_LIBS) \
	libnl-genl-3.0))
