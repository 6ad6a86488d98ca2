# SPDX-License-Identifier: GPL-2.0-or-later
#
# Unit tests of the Digest engine; client.c and server.c are what they share.

DIGEST_TEST_DIR := tools/testing/unit/digest
DIGEST_TEST_LIBS = digest-test.a ksecd-engine.a tap.a $(KSECD_ENGINE_LIBS)

$(eval $(call static_library,digest-test,$(addprefix $(DIGEST_TEST_DIR)/,client.c server.c),nettle))

$(eval $(call unit_test,digest-hash,$(DIGEST_TEST_DIR)/test-hash.c,$(DIGEST_TEST_LIBS)))
$(eval $(call unit_test,digest-credentials,$(DIGEST_TEST_DIR)/test-credentials.c,$(DIGEST_TEST_LIBS)))
$(eval $(call unit_test,digest-engine,$(DIGEST_TEST_DIR)/test-engine.c,$(DIGEST_TEST_LIBS)))
$(eval $(call unit_test,digest-work,$(DIGEST_TEST_DIR)/test-work.c,$(DIGEST_TEST_LIBS) -lpthread \
	-Wl$(comma)--wrap=nettle_sha256_update -Wl$(comma)--wrap=nettle_md5_update \
	-Wl$(comma)--wrap=nettle_memeql_sec))
