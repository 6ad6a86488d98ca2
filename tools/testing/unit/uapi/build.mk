# SPDX-License-Identifier: GPL-2.0-or-later

$(eval $(call unit_script,genl-spec,tools/testing/unit/uapi/genl-spec.py))
$(eval $(call unit_script,readme-example,tools/testing/unit/uapi/readme.py))
$(eval $(call unit_test,ioctl-table,tools/testing/unit/uapi/test-ioctl-table.c\
	tools/testing/selftests/ksecdd/ioctl_table.c,tap.a))
