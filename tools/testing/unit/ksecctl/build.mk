# SPDX-License-Identifier: GPL-2.0-or-later
#
# What ksecctl and ksecd do on a machine without the module.

$(eval $(call unit_script,ksecctl,tools/testing/unit/ksecctl/ksecctl.py,build/asan/bin/ksecctl))
$(eval $(call unit_script,ksecd,tools/testing/unit/ksecctl/ksecd.py,build/asan/bin/ksecd))
