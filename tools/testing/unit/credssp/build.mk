# SPDX-License-Identifier: GPL-2.0-or-later
#
# Unit tests of the CredSSP engine; peer.c is what they share.

CREDSSP_TEST_DIR := tools/testing/unit/credssp
CREDSSP_TEST_LIBS = credssp-test.a spnego-test.a ntlm-test.a ksecd-tls.a ksecd-core.a ksecd-engine.a \
	ksecd-client.a tap.a $(KSECD_ENGINE_LIBS) $(KSECD_TLS_LIBS)

$(eval $(call static_library,credssp-test,$(CREDSSP_TEST_DIR)/peer.c,nettle))

$(eval $(call unit_test,credssp-message,$(CREDSSP_TEST_DIR)/test-message.c,$(CREDSSP_TEST_LIBS)))
$(eval $(call unit_test,credssp-engine,$(CREDSSP_TEST_DIR)/test-engine.c,$(CREDSSP_TEST_LIBS)))
$(eval $(call unit_test,credssp-handshake,$(CREDSSP_TEST_DIR)/test-handshake.c,tls-test.a \
	ksecd-tls.a ksecd-core.a ksecd-engine.a tap.a $(KSECD_ENGINE_LIBS) $(KSECD_TLS_LIBS) openssl \
	-lpthread))
