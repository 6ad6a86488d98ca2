# SPDX-License-Identifier: GPL-2.0-or-later
#
# Unit tests of the account file.

$(eval $(call unit_test,account-file,tools/testing/unit/accounts/test-file.c,\
	ksecd-engine.a ksecd-client.a tap.a $(KSECD_ENGINE_LIBS) -lpthread))
$(eval $(call unit_test,account-source,tools/testing/unit/accounts/test-source.c,\
	ntlm-test.a ksecd-engine.a ksecd-client.a tap.a $(KSECD_ENGINE_LIBS) -lpthread))
