# SPDX-License-Identifier: GPL-2.0-or-later
#
# What fuzz-calls makes its programs with, which needs no guest, and the ABI as
# syzkaller is told of it.

$(eval $(call unit_test,fuzz-programs,tools/testing/unit/fuzz/test-programs.c,\
	fuzz-calls.a tap.a ksecd-client.a libnl-genl-3.0 libcrypto nettle -lpthread))
$(eval $(call unit_script,syzlang,tools/testing/fuzz/syzlang,))
