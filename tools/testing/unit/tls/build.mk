# SPDX-License-Identifier: GPL-2.0-or-later
#
# Handshakes of TLS, against OpenSSL in the same process.

TLS_TEST_DIR := tools/testing/unit/tls
TLS_TEST_LIBS = tls-test.a ksecd-tls.a ksecd-core.a ksecd-engine.a tap.a $(KSECD_ENGINE_LIBS) \
	$(KSECD_TLS_LIBS) openssl -lpthread

$(eval $(call static_library,tls-test,$(addprefix $(TLS_TEST_DIR)/,client.c fixture.c pki.c \
	record.c),gnutls openssl))
$(foreach t,client handshake load,$(eval $(call unit_test,tls-$t,$(TLS_TEST_DIR)/test-$t.c,\
	$(TLS_TEST_LIBS))))
