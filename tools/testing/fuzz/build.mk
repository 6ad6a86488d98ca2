# SPDX-License-Identifier: GPL-2.0-or-later
#
# The fuzzers. Documentation/testing.rst tells how to add one.

FUZZ_DIR := tools/testing/fuzz
FUZZ_LIBS = fuzz.a ksecd-core.a ksecd-engine.a $(KSECD_ENGINE_LIBS)

$(eval $(call static_library,fuzz,$(FUZZ_DIR)/fuzz.c))

$(eval $(call fuzz_target,text,$(FUZZ_DIR)/text.c,$(FUZZ_LIBS),512,20000,\
	what is shown of names that others chose))

$(eval $(call unit_script,fuzz,$(FUZZ_DIR)/check,build/fuzz-targets))
