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
guest-tests: $(GUEST_TESTS:%=$B/%)
unit-tests: $(UNIT_TESTS:%=build/%) $(UNIT_NEEDS)

ifneq ($(KDIR),)
module: FORCE
	$(Q)scripts/build-module --kdir '$(KDIR)' build/kmod/local
else
module: $(KERNELS:%=module-%)
endif

module-%: FORCE
	$(Q)scripts/build-module --series $* build/kmod/$*

deps:
	$(Q)scripts/deps

# deps is run by its own make: what pkg-config says must not be looked up before.
setup: FORCE
	$(Q)$(MAKE) deps
	$(Q)$(MAKE) all guest-tests unit-tests
	$(Q)tools/testing/vm/root

check: setup
	$(Q)tools/testing/check.sh

lint: deps
	$(Q)tools/testing/lint/lint

# A BARE guest needs nothing of ours, so that the harness can be used on its own.
vm:
	$(Q)$(MAKE) deps
	$(Q)$(if $(filter 1,$(BARE)),:,$(MAKE) module-$(or $(KERNEL),6.12) userspace guest-tests)
	$(Q)tools/testing/vm/run

demo: deps
	$(Q)$(MAKE) module-$(or $(KERNEL),6.12) userspace
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
.PHONY: all userspace guest-tests unit-tests module deps setup check lint vm demo \
	install uninstall clean clean-cache help FORCE

-include $(wildcard $(DEPFILES))
