# SPDX-License-Identifier: GPL-2.0-or-later

$(eval $(call unit_script,genl-spec,tools/testing/unit/uapi/genl-spec.py))
$(eval $(call unit_script,readme-example,tools/testing/unit/uapi/readme.py))
