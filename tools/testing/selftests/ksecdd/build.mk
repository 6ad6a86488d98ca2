# SPDX-License-Identifier: GPL-2.0-or-later
#
# Tests of the module itself, through its ioctls and its netlink family.

SELFTEST := tools/testing/selftests/ksecdd
SELFTEST_HELPER := $(SELFTEST)/testhelper.c helper/request.c
SELFTEST_LIBS := tap.a ksecd-client.a libnl-genl-3.0 -lpthread

$(eval $(call guest_test,message-kat,$(SELFTEST)/message_kat.c $(SELFTEST_HELPER),\
	$(SELFTEST_LIBS)))
# A table of tests, the helper's side of a call step by step, and what is around.
SELFTEST_SUITE := $(addprefix $(SELFTEST)/,suite.c call.c env.c mem.c) $(SELFTEST_HELPER)

define selftest
$(call guest_test,$1,$(addprefix $(SELFTEST)/,$2) $(SELFTEST_SUITE),$(SELFTEST_LIBS) $3)
endef

$(eval $(call selftest,abi,abi.c abi_ops.c))
$(eval $(call selftest,abi-values,abi_values.c abi_ops.c))
$(eval $(call selftest,handles,handles.c))
$(eval $(call selftest,limits,limits.c))
$(eval $(call selftest,accept,accept.c))
$(eval $(call selftest,complete,complete.c))
$(eval $(call selftest,query,query.c))
$(eval $(call selftest,helper-faults,helper_faults.c))
$(eval $(call selftest,netlink,netlink.c))
