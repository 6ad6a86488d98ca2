# SPDX-License-Identifier: GPL-2.0-or-later
#
# What libsspi does about its open file, its process and its memory.

$(eval $(call guest_test,sspi-open-file,tools/testing/selftests/sspi/open_file.c,\
	libsspi.so tap.a -lpthread))
$(eval $(call guest_test,sspi-credential,tools/testing/selftests/sspi/credential.c,\
	libsspi.so tap.a -lpthread))
