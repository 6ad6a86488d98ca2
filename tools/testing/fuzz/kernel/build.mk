# SPDX-License-Identifier: GPL-2.0-or-later
#
# The fuzzer of the module, through its ioctls, request files and netlink family.

KFUZZ := tools/testing/fuzz/kernel
KFUZZ_SRCS := $(addprefix $(KFUZZ)/,calls.c corpus.c fault.c genl.c ioctl.c kcov.c log.c \
	marshal.c memory.c mutate.c oracle.c other.c param.c peer.c program.c stream.c text.c \
	waiter.c world.c)
KFUZZ_TESTS := $(addprefix tools/testing/selftests/ksecdd/,ioctl_table.c ntlm_peer.c session.c \
	testhelper.c tls_peer.c) helper/request.c
KFUZZ_LIBS := fuzz-calls.a tap.a ksecd-client.a libnl-genl-3.0 libcrypto nettle -lpthread

$(eval $(call static_library,fuzz-calls,$(KFUZZ_SRCS) $(KFUZZ_TESTS),libnl-genl-3.0 libcrypto nettle))
$(eval $(call guest_test,fuzz-calls,$(KFUZZ)/main.c,$(KFUZZ_LIBS)))

KFUZZ_NEEDS := module-debug build/tests/fuzz-calls build/vm/init userspace
$(eval $(call fuzz_guest,ioctl,$(KFUZZ)/guest,$(KFUZZ_NEEDS),\
	what programs may ask of the module through its ioctls))
$(eval $(call fuzz_guest,replies,$(KFUZZ)/guest,$(KFUZZ_NEEDS),\
	what a helper may answer and send over netlink))
