# SPDX-License-Identifier: GPL-2.0-or-later
#
# What happens when memory runs out; the sweeps are those of the guest tests.

MEMORY_TEST := $(addprefix tools/testing/selftests/ksecdd/,suite.c env.c $(SELFTEST_MALLOC))
MEMORY_TEST_LIBS = ntlm-test.a ksecd-client.a ksecd-core.a ksecd-engine.a tap.a \
	$(KSECD_ENGINE_LIBS) libnl-genl-3.0 -lpthread
WRAP_WBC := $(foreach f,wbcCtxCreate wbcCtxFree wbcCtxAuthenticateUserEx wbcCtxSidToUid \
	wbcFreeMemory,-Wl$(comma)--wrap=$f)

$(eval $(call unit_test,memory-engine,tools/testing/unit/memory/test-engine.c \
	helper/accounts/select.c helper/accounts/winbind.c $(MEMORY_TEST),\
	$(MEMORY_TEST_LIBS) wbclient $(WRAP_MALLOC) $(WRAP_WBC)))
$(eval $(call unit_test,memory-daemon,tools/testing/unit/memory/test-daemon.c \
	$(filter-out helper/main.c helper/loop.c,$(KSECD_DAEMON)) $(MEMORY_TEST),\
	ksecd-tls.a $(MEMORY_TEST_LIBS) $(KSECD_TLS_LIBS) wbclient krb5-gssapi krb5 libsystemd \
	$(WRAP_MALLOC) $(foreach f,mmap pthread_create nl_socket_alloc nlmsg_alloc,\
	-Wl$(comma)--wrap=$f)))
