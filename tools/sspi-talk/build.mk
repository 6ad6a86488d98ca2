# SPDX-License-Identifier: GPL-2.0-or-later

# An example, and one end of what the tests have Wine talk to; not installed but as source.
$(eval $(call program,sspi-talk,tools/sspi-talk/sspi-talk.c,libsspi.so))
$(eval $(call install_file,tools/sspi-talk/sspi-talk.c,$(EXAMPLEDIR)))
