# SPDX-License-Identifier: GPL-2.0-or-later
#
# ksecdd. 'make help' lists the targets; Documentation/build.rst describes how a
# component takes part.

SHELL := /bin/bash
.SHELLFLAGS := -euc
.DELETE_ON_ERROR:
.SUFFIXES:
MAKEFLAGS += --no-builtin-rules --no-print-directory

CC ?= gcc
ifeq ($(origin CC),default)
CC := gcc
endif

VERSION := $(shell cat VERSION)
KERNELS ?= $(shell scripts/kernels)

PREFIX        ?= /usr/local
BINDIR        ?= $(PREFIX)/bin
SBINDIR       ?= $(PREFIX)/sbin
LIBDIR        ?= $(PREFIX)/lib
INCLUDEDIR    ?= $(PREFIX)/include
DATADIR       ?= $(PREFIX)/share
MANDIR        ?= $(DATADIR)/man
EXAMPLEDIR    ?= $(DATADIR)/doc/ksecdd/examples
COMPLETIONDIR ?= $(DATADIR)/bash-completion/completions
PKGCONFIGDIR  ?= $(LIBDIR)/pkgconfig
UNITDIR       ?= $(PREFIX)/lib/systemd/system
UDEVDIR       ?= $(PREFIX)/lib/udev/rules.d
SYSCONFDIR    ?= /etc
DKMSDIR       ?= /usr/src

ifeq ($(V),1)
Q :=
say :=
else
Q := @
say = @printf '  %-5s %s\n' '$1' '$2'
endif

all: module userspace

include scripts/rules.mk

FRAGMENTS := $(wildcard helper/build.mk libsspi/build.mk uapi/build.mk) \
	$(shell find tools -name build.mk 2>/dev/null | LC_ALL=C sort)
include $(FRAGMENTS)

PAGES := $(wildcard Documentation/man/*.[1-9])
$(foreach p,$(PAGES),$(eval $(call install_file,$p,$(MANDIR)/man$(patsubst .%,%,$(suffix $p)))))

B := $(if $(filter 1,$(SANITIZE)),$(OUT_asan),$(OUT_plain))

userspace: $(PROGRAMS:%=$B/%) $(LIBRARIES:%=$B/%)
guest-tests: $(GUEST_TESTS:%=$B/%) $(BENCH_PROGRAMS) $(VM_INIT) build/staged

# What is installed, for the guest that has a service manager.
build/staged: userspace FORCE
	$(Q)$(MAKE) install DESTDIR='$(CURDIR)/$@' PREFIX=/usr/local >&2
unit-tests: $(UNIT_TESTS:%=$(OUT_asan)/%) $(UNIT_NEEDS) $(FUZZ_PROGRAMS)

ifneq ($(KDIR),)
module: FORCE
	$(Q)scripts/build-module --kdir '$(KDIR)' build/kmod/local
else
module: $(KERNELS:%=module-%)
endif

# A kernel, and, with a dash before each, how it is built: what make's words that has.
MODULE_kunit := KSECDD_KUNIT=y
MODULE_gcov  := GCOV_PROFILE=y
MODULE_kcov  := KCOV_INSTRUMENT=y
module_words  = $(foreach v,$(wordlist 2,9,$(subst -, ,$1)),\
	$(or $(MODULE_$v),$(error the module is not built as '$v')))

module-%: FORCE
	$(Q)scripts/build-module --series $(firstword $(subst -, ,$*)) build/kmod/$* \
		$(call module_words,$*)

deps:
	$(Q)scripts/deps

# Those that 'make check' runs, for tools/testing/check: a name and a path each line.
build/unit-tests: FORCE
	@mkdir -p $(@D)
	@printf '%s\n' $(foreach t,$(UNIT_TESTS),'$(notdir $t) $(OUT_asan)/$t') \
		$(foreach s,$(UNIT_SCRIPTS),'$(subst =, ,$s)') > $@

# The same for 'make coverage'.
build/coverage-tests: FORCE
	@mkdir -p $(@D)
	@printf '%s\n' $(foreach t,$(UNIT_TESTS),'$(notdir $t) $(OUT_gcov)/$t') \
		$(foreach s,$(COVERAGE_SCRIPTS),'$(subst =, ,$s)') > $@

build/deep-tests: FORCE
	@mkdir -p $(@D)
	@printf '%s\n' $(DEEP_SCRIPTS) > $@

# Those that tools/testing/guest-tests has to list.
build/guest-tests: FORCE
	@mkdir -p $(@D)
	@printf '%s\n' $(GUEST_TESTS:%=build/%) > $@

# Those of 'make fuzz', for tools/testing/fuzz/run: the name, and what rules.mk says of it.
build/fuzz-targets: FORCE
	@mkdir -p $(@D)
	@printf '%s\n' $(foreach t,$(FUZZ_TARGETS),'$t|$(FUZZ_LINE_$t)') > $@

# deps is run by its own make: what pkg-config says must not be looked up before.
# The guest's root needs the network more than processors, so it is made meanwhile.
setup: FORCE
	$(Q)$(MAKE) deps
	$(Q)tools/testing/vm/root --verify >/dev/null & root=$$!; \
	$(MAKE) -j$(shell nproc) all $(CHECK_MODULES:%=module-%) guest-tests unit-tests \
		build/unit-tests build/deep-tests build/guest-tests || \
		{ kill $$root; wait; exit 1; }; \
	wait $$root

# Besides those for KERNELS, what tests need.
check: CHECK_MODULES := debug debug-kunit
check-deep: CHECK_MODULES := debug kcsan

check: setup
	$(Q)tools/testing/check

check-deep: setup
	$(Q)DEEP=1 tools/testing/check

lint: deps build/guest-tests
	$(Q)tools/testing/lint/lint $(if $(FILES),--files '$(FILES)') $(GROUPS)

# All C of userspace: lint asks with -n what the commands are.
compiled: userspace guest-tests unit-tests $(FUZZ_PROGRAMS) $(VARIANT_OBJECTS_gcov)

COVERAGE_NEEDS := module-6.12 module-debug-gcov module-debug-gcov-kunit \
	$(addprefix $(OUT_gcov)/,$(PROGRAMS) $(LIBRARIES) $(GUEST_TESTS) $(UNIT_TESTS)) \
	$(VM_INIT) build/coverage-tests

coverage: FORCE
	$(Q)$(MAKE) deps
	$(Q)$(MAKE) -j$(shell nproc) $(COVERAGE_NEEDS)
	$(Q)tools/testing/coverage

# With TARGET=all, those that need no guest. An unknown one is for the script to tell.
fuzz: build/fuzz-targets
ifneq ($(TARGET),)
	$(Q)$(MAKE) deps
	$(Q)$(MAKE) $(if $(Q),-s) -j$(shell nproc) build/fuzz-targets \
		$(if $(filter all,$(TARGET)),$(FUZZ_PROGRAMS)) $(foreach t,$(TARGET),$(FUZZ_NEEDS_$t)) >&2
endif
	$(Q)tools/testing/fuzz/run $(TARGET) $(if $(SECONDS),--seconds '$(SECONDS)') \
		$(if $(RUNS),--runs '$(RUNS)') $(if $(INPUT),--input '$(INPUT)')

# The command reaches the guest as it was typed: $(value) keeps make from looking for
# variables of its own in it.
override CMD := $(value CMD)
export CMD

# What is needed for running the guest, which with BARE=1 is none of our programs.
VM_NEEDS := $(VM_INIT) $(if $(filter 1,$(BARE)),,module-$(or $(KERNEL),6.12)$(VARIANT:%=-%) userspace guest-tests)

vm:
	$(Q)$(MAKE) deps
	$(Q)$(MAKE) $(if $(Q),-s) $(VM_NEEDS) >&2
	$(Q)tools/testing/vm/run

# LIVE=, SIZES=, RUNS= and SAVE= are said in tools/testing/bench/bench.
bench:
	$(Q)$(MAKE) deps
	$(Q)$(MAKE) $(VM_INIT) module-$(or $(KERNEL),6.12) userspace $(BENCH_PROGRAMS) >&2
	$(Q)tools/testing/bench/bench

# STAY=1 keeps the guest up, with its server on DEMO_PORT of this machine.
demo:
	$(Q)$(MAKE) deps
	$(Q)$(MAKE) $(VM_INIT) module-$(or $(KERNEL),6.12) userspace >&2
	$(Q)tools/testing/demo.sh

install: userspace FORCE
	$(Q)$(MAKE) $(filter build/gen/%,$(subst |, ,$(INSTALL_RULES)))
	$(Q)printf '%s\n' $(INSTALL_LINES) | scripts/install install '$(DESTDIR)'
	$(Q)scripts/dkms install '$(DESTDIR)' '$(DKMSDIR)' $(VERSION)

uninstall:
	$(Q)printf '%s\n' $(INSTALL_LINES) | scripts/install uninstall '$(DESTDIR)'
	$(Q)scripts/dkms uninstall '$(DESTDIR)' '$(DKMSDIR)' $(VERSION)

INSTALL_LINES = $(foreach r,$(INSTALL_RULES),'$r')

# The guest's root is kept: it lies outside the tree. 'make clean-cache' removes it.
clean:
	$(Q)rm -rf build

clean-cache:
	$(Q)scripts/cache clean

help:
	@scripts/help

FORCE:
.PHONY: all userspace guest-tests unit-tests module deps setup check check-deep bench lint coverage \
	fuzz vm demo install uninstall clean clean-cache help FORCE

-include $(wildcard $(DEPFILES))
