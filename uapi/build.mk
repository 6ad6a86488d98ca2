# SPDX-License-Identifier: GPL-2.0-or-later
#
# sspi.h includes <linux/ksecdd_sspi.h>; the rest is for those who go without libsspi.

$(eval $(call install_file,$(wildcard uapi/linux/*.h),$$(INCLUDEDIR)/linux))
