# SPDX-License-Identifier: GPL-2.0-or-later
#
# What every test in C prints its results with.

$(eval $(call static_library,tap,tools/testing/tap/tap.c))
