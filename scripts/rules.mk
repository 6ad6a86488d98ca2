# SPDX-License-Identifier: GPL-2.0-or-later
#
# What a component's build.mk may call; Documentation/build.rst describes it.
#
# Everything in userspace can be built in variants: plain in build/, asan in
# build/asan/ with ASan and UBSan, fuzz in build/fuzzer/ with both, by clang and with
# the counters that libFuzzer goes by, and gcov in build/gcov/ with counters of lines.
# The rules of all always exist; which one `make` builds is decided by SANITIZE, fuzz
# targets need the third, and 'make coverage' the last.

VARIANTS  := plain asan fuzz gcov
OUT_plain := build
OUT_asan  := build/asan
OUT_fuzz  := build/fuzzer
OUT_gcov  := build/gcov

# Only clang has libFuzzer.
VARIANT_CC_fuzz := clang

# _FORTIFY_SOURCE hides overflows from ASan, so the asan variant goes without.
VARIANT_CFLAGS_plain  := -O2 -D_FORTIFY_SOURCE=2 -fstack-clash-protection -fcf-protection
VARIANT_CFLAGS_asan   := -O1 -fno-omit-frame-pointer -fsanitize=address,undefined \
	-fno-sanitize-recover=all
VARIANT_CFLAGS_fuzz   := -O1 -fno-omit-frame-pointer \
	-fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all
# Threads count too. Without optimization gcc takes more for uninitialized than is.
VARIANT_CFLAGS_gcov   := -O0 --coverage -fprofile-abs-path -fprofile-update=atomic \
	-Wno-maybe-uninitialized
VARIANT_LDFLAGS_plain :=
VARIANT_LDFLAGS_asan  := -fsanitize=address,undefined
VARIANT_LDFLAGS_fuzz  := -fsanitize=address,undefined
VARIANT_LDFLAGS_gcov  := --coverage -Wl,--wrap=_exit

# Linked into everything, for what tools/testing/gcov/counts.c says.
VARIANT_OBJECTS_gcov  := $(OUT_gcov)/obj/counts/tools/testing/gcov/counts.o

KSEC_CPPFLAGS := -D_GNU_SOURCE -DKSECDD_VERSION='"$(VERSION)"' \
	-iquote . -Iuapi -Ilibsspi/include
KSEC_CFLAGS := -std=c17 -g -Wall -Wextra -Werror -Wformat -Wformat-security \
	-Wmissing-prototypes -Wstrict-prototypes -fstack-protector-strong
KSEC_LDFLAGS := -Wl,-z,relro,-z,now,-z,noexecstack -Wl,--as-needed

# Programs lie beside lib/ both in build/ and where they are installed.
RUNPATH := -Wl,-rpath,'$$$$ORIGIN/../lib'

# What is built, for the top Makefile: names of files below build/.
PROGRAMS :=
LIBRARIES :=
UNIT_TESTS :=
UNIT_SCRIPTS :=
COVERAGE_SCRIPTS :=
UNIT_NEEDS :=
DEEP_SCRIPTS :=
GUEST_TESTS :=
FUZZ_TARGETS :=
FUZZ_PROGRAMS :=
INSTALL_RULES :=
DEPFILES :=

comma := ,

# $(call objects,VARIANT,NAME,SRCS)
objects = $(patsubst %.c,$(OUT_$1)/obj/$2/%.o,$(strip $3))

# The words of LIBS: libraries of this tree, literal options, pkg-config modules.
libs_ours    = $(patsubst %,$(OUT_$1)/lib/%,$(filter %.a %.so,$2))
libs_options = $(filter -%,$1)
libs_modules = $(filter-out -% %.a %.so,$1)

# $(call pkg,--cflags|--libs,LIBS): expanded in recipes, so that 'make deps' and
# 'make help' work on a machine that has none of the modules yet.
pkg = $(if $(call libs_modules,$2),$(shell pkg-config $1 $(call libs_modules,$2)))
pkg_check = $(if $(call libs_modules,$1),@pkg-config --print-errors --exists \
	$(call libs_modules,$1) || { echo "run 'make deps' first" >&2; exit 1; })

# $(call compile,VARIANT,NAME,SRCS,LIBS,CFLAGS,FRAGMENT)
define compile
DEPFILES += $(patsubst %.o,%.d,$(call objects,$1,$2,$3))
$(call objects,$1,$2,$3): $(OUT_$1)/obj/$2/%.o: %.c scripts/rules.mk VERSION $6
	$(call pkg_check,$4)
	@mkdir -p $$(@D)
	$$(call say,CC,$$@)
	$(Q)$(or $(VARIANT_CC_$1),$(CC)) $(KSEC_CPPFLAGS) $(CPPFLAGS) $(KSEC_CFLAGS) $(VARIANT_CFLAGS_$1) \
		$(CFLAGS) $$(call pkg,--cflags,$4) $5 -MMD -MP -c -o $$@ $$<
endef

# $(call link,VARIANT,NAME,SRCS,LIBS,CFLAGS,OUTPUT)
define link
$(call compile,$1,$2,$3,$4,-fPIE $5,$(FRAGMENT))
$6: $(call objects,$1,$2,$3) $(VARIANT_OBJECTS_$1) $(call libs_ours,$1,$4)
	@mkdir -p $$(@D)
	$$(call say,LD,$$@)
	$(Q)$(or $(VARIANT_CC_$1),$(CC)) -pie $(KSEC_LDFLAGS) $(VARIANT_LDFLAGS_$1) $(LDFLAGS) $(RUNPATH) -o $$@ \
		$(call objects,$1,$2,$3) $(VARIANT_OBJECTS_$1) $(call libs_ours,$1,$4) \
		$(call libs_options,$4) $$(call pkg,--libs,$4)
endef

# The build.mk that is being read: its objects depend on it.
FRAGMENT = $(lastword $(filter-out %.d,$(MAKEFILE_LIST)))

# $(call program,NAME,SRCS,LIBS,INSTALLDIR,CFLAGS)
define program
PROGRAMS += bin/$(strip $1)
$(if $(strip $4),$(call install_rule,build/bin/$(strip $1),$(strip $4),0755,$(strip $1)))
$(foreach v,$(VARIANTS),
$(call link,$v,$(strip $1),$2,$3,$5,$(OUT_$v)/bin/$(strip $1))
)
endef

# $(call static_library,NAME,SRCS,LIBS,CFLAGS)
define static_library
$(foreach v,$(VARIANTS),
$(call compile,$v,$(strip $1),$2,$3,-fPIE $4,$(FRAGMENT))
$(OUT_$v)/lib/$(strip $1).a: $(call objects,$v,$(strip $1),$2)
	@mkdir -p $$(@D)
	$$(call say,AR,$$@)
	$(Q)rm -f $$@ && $(AR) rcs $$@ $$^
)
endef

# $(call shared_library,NAME,SOVERSION,SRCS,LIBS,MAPFILE,CFLAGS)
#
# The link NAME.so is made by the rule of the library itself: only what links to
# it needs it. The asan variant leaves -z defs out, since ASan's runtime comes
# with the program; the gcov variant also exports what its objects share.
define shared_library
LIBRARIES += lib/$(strip $1).so
$(call install_rule,build/lib/$(strip $1).so.$(strip $2),$$(LIBDIR),0644,$(strip $1).so.$(strip $2))
$(call install_link,$(strip $1).so.$(strip $2),$$(LIBDIR)/$(strip $1).so)
$(foreach v,$(VARIANTS),
$(call compile,$v,$(strip $1),$3,$4,-fPIC -fvisibility=hidden $6,$(FRAGMENT))
$(OUT_$v)/lib/$(strip $1).so: $(call objects,$v,$(strip $1),$3) $(VARIANT_OBJECTS_$v) \
		$(call libs_ours,$v,$4) $(strip $5)
	@mkdir -p $$(@D)
	$$(call say,LD,$$@.$(strip $2))
	$(Q)$(or $(VARIANT_CC_$v),$(CC)) -shared -Wl,-soname,$(strip $1).so.$(strip $2) \
		$(if $(filter-out gcov,$(if $(strip $5),$v)),-Wl$(comma)--version-script=$(strip $5)) \
		$(if $(filter plain,$v),-Wl$(comma)-z$(comma)defs) \
		$(KSEC_LDFLAGS) $(VARIANT_LDFLAGS_$v) $(LDFLAGS) -o $$@.$(strip $2) \
		$(call objects,$v,$(strip $1),$3) $(VARIANT_OBJECTS_$v) $(call libs_ours,$v,$4) \
		$(call libs_options,$4) $$(call pkg,--libs,$4)
	$(Q)ln -sf $(strip $1).so.$(strip $2) $$@
)
endef

# $(call unit_test,NAME,SRCS,LIBS,CFLAGS)
define unit_test
UNIT_TESTS += tests/$(strip $1)
$(foreach v,asan gcov,
$(call link,$v,test-$(strip $1),$2,$3,$4,$(OUT_$v)/tests/$(strip $1))
)
endef

# $(call unit_script,NAME,SCRIPT,NEEDS): one that needs something of build/asan takes it
# from KSECDD_BUILD if that is set, so 'make coverage' runs it, too.
define unit_script
UNIT_SCRIPTS += $(strip $1)=$(strip $2)
UNIT_NEEDS += $(strip $2) $3
$(if $(filter $(OUT_asan)/%,$3),COVERAGE_SCRIPTS += $(strip $1)=$(strip $2))
endef

# $(call deep_script,NAME,SCRIPT WORDS...): for 'make check-deep', on this machine.
# What it needs is in UNIT_NEEDS already, by a unit_script of the same thing.
define deep_script
DEEP_SCRIPTS += '$(strip $1) $(strip $2)'
endef

# $(call guest_test,NAME,SRCS,LIBS,CFLAGS)
define guest_test
GUEST_TESTS += tests/$(strip $1)
$(foreach v,$(VARIANTS),
$(call link,$v,test-$(strip $1),$2,$3,$4,$(OUT_$v)/tests/$(strip $1))
)
endef

# $(call fuzz_target,NAME,SRCS,LIBS,MAXLEN,RUNS,SUBJECT,CFLAGS)
define fuzz_target
FUZZ_TARGETS += $(strip $1)
FUZZ_LINE_$(strip $1) := host|$(OUT_fuzz)/fuzz/$(strip $1)|$(strip $4)|$(strip $5)|$(strip $6)
FUZZ_NEEDS_$(strip $1) := $(OUT_fuzz)/fuzz/$(strip $1)
FUZZ_PROGRAMS += $(OUT_fuzz)/fuzz/$(strip $1)
$(call link,fuzz,fuzz-$(strip $1),$2,$3 -fsanitize=fuzzer,$7,$(OUT_fuzz)/fuzz/$(strip $1))
endef

# $(call fuzz_guest,NAME,SCRIPT,NEEDS,SUBJECT)
define fuzz_guest
FUZZ_TARGETS += $(strip $1)
FUZZ_LINE_$(strip $1) := guest|$(strip $2)|||$(strip $4)
FUZZ_NEEDS_$(strip $1) := $(strip $2) $3
endef

# Installation is kept as lines of MODE|SOURCE|DIRECTORY|NAME, in the order of
# their declaration; 'make install' carries them out and 'make uninstall' removes.
# $(call install_rule,SOURCE,DIR,MODE,NAME)
define install_rule
INSTALL_RULES += $3|$1|$2|$4
endef
# $(call install_link,TARGET,PATH)
define install_link
INSTALL_RULES += link|$1|$(dir $2)|$(notdir $2)
endef

# $(call install_file,FILES,DIR,MODE)
define install_file
$(foreach f,$1,
$(call install_rule,$(if $(filter %.in,$f),build/gen/$(f:.in=),$f),$(strip $2),$(or $(strip $3),0644),$(notdir $(f:.in=)))
)
endef

# Files made from templates. They hold paths of the installation, so they are
# made again whenever 'make install' runs.
build/gen/%: %.in FORCE
	@mkdir -p $(@D)
	@sed -e 's|@VERSION@|$(VERSION)|g' -e 's|@PREFIX@|$(PREFIX)|g' \
		-e 's|@BINDIR@|$(BINDIR)|g' -e 's|@SBINDIR@|$(SBINDIR)|g' \
		-e 's|@LIBDIR@|$(LIBDIR)|g' -e 's|@INCLUDEDIR@|$(INCLUDEDIR)|g' \
		-e 's|@SYSCONFDIR@|$(SYSCONFDIR)|g' $< > $@
