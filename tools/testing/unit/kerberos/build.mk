# SPDX-License-Identifier: GPL-2.0-or-later
#
# The Kerberos engine, with the library that opens the tickets and a client that
# makes them.

KERBEROS_TEST_DIR := tools/testing/unit/kerberos
KERBEROS_TEST_LIBS = ksecd-core.a ksecd-engine.a ksecd-client.a tap.a $(KSECD_ENGINE_LIBS) \
	krb5-gssapi krb5 -lpthread

$(foreach t,logon delegation pac,$(eval $(call unit_test,kerberos-$t,\
	$(addprefix $(KERBEROS_TEST_DIR)/,test-$t.c client.c server.c) $(KSECD_KERBEROS),\
	$(KERBEROS_TEST_LIBS))))
$(foreach t,token rules,$(eval $(call unit_test,kerberos-$t,$(KERBEROS_TEST_DIR)/test-$t.c,\
	$(KERBEROS_TEST_LIBS))))
