# SPDX-License-Identifier: GPL-2.0-or-later

$(eval $(call unit_script,install,tools/testing/install-test,userspace))
$(eval $(call unit_script,demo,tools/testing/demo-test))
