# SPDX-License-Identifier: GPL-2.0-or-later
#
# Unit tests of the NTLM engine; client.c and server.c are what they share.

NTLM_TEST_DIR := tools/testing/unit/ntlm
NTLM_TEST_COMMON := $(addprefix $(NTLM_TEST_DIR)/,bytes.c client.c server.c)
NTLM_TEST_LIBS = ntlm-test.a ksecd-engine.a ksecd-client.a tap.a $(KSECD_ENGINE_LIBS)

$(eval $(call static_library,ntlm-test,$(NTLM_TEST_COMMON),nettle))

$(eval $(call unit_test,engine-result,$(NTLM_TEST_DIR)/test-result.c,$(NTLM_TEST_LIBS)))
$(eval $(call unit_test,ntlm-vectors,$(NTLM_TEST_DIR)/test-vectors.c,$(NTLM_TEST_LIBS)))
$(eval $(call unit_test,ntlm-names,$(NTLM_TEST_DIR)/test-names.c,$(NTLM_TEST_LIBS)))
$(eval $(call unit_test,ntlm-negotiate,$(NTLM_TEST_DIR)/test-negotiate.c,$(NTLM_TEST_LIBS)))
$(eval $(call unit_test,ntlm-logon,$(NTLM_TEST_DIR)/test-logon.c,$(NTLM_TEST_LIBS)))
$(eval $(call unit_test,ntlm-attacks,$(NTLM_TEST_DIR)/test-attacks.c,$(NTLM_TEST_LIBS)))
$(eval $(call unit_test,ntlm-corruption,$(NTLM_TEST_DIR)/test-corruption.c,$(NTLM_TEST_LIBS)))
$(eval $(call unit_test,ntlm-secrets,$(NTLM_TEST_DIR)/test-secrets.c,$(NTLM_TEST_LIBS) -lpthread))
$(eval $(call unit_test,ntlm-work,$(NTLM_TEST_DIR)/test-work.c,$(NTLM_TEST_LIBS) \
	-Wl$(comma)--wrap=nettle_hmac_md5_set_key -Wl$(comma)--wrap=nettle_hmac_md5_update \
	-Wl$(comma)--wrap=nettle_hmac_md5_digest -Wl$(comma)--wrap=nettle_memeql_sec))
$(eval $(call unit_script,ntlm-vectors-check,tools/testing/vectors/ntlm-check.py))
