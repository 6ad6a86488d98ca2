# SPDX-License-Identifier: GPL-2.0-or-later
#
# What rules.mk links into every program and library of build/gcov.

$(eval $(call compile,gcov,counts,tools/testing/gcov/counts.c,,-fPIC,$(FRAGMENT)))
