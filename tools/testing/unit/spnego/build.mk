# SPDX-License-Identifier: GPL-2.0-or-later
#
# Unit tests of the Negotiate engine; wire.c is what they share.

SPNEGO_TEST_DIR := tools/testing/unit/spnego
SPNEGO_TEST_LIBS = spnego-test.a $(NTLM_TEST_LIBS)

$(eval $(call static_library,spnego-test,$(SPNEGO_TEST_DIR)/wire.c))

$(eval $(call unit_test,spnego-token,$(SPNEGO_TEST_DIR)/test-token.c,$(SPNEGO_TEST_LIBS)))
$(eval $(call unit_test,spnego-engine,$(SPNEGO_TEST_DIR)/test-engine.c,$(SPNEGO_TEST_LIBS)))
$(eval $(call unit_test,spnego-kerberos,$(SPNEGO_TEST_DIR)/test-kerberos.c \
	$(KERBEROS_TEST_DIR)/client.c $(KSECD_KERBEROS),spnego-test.a ntlm-test.a \
	$(KERBEROS_TEST_LIBS)))
