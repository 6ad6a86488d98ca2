# SPDX-License-Identifier: GPL-2.0-or-later
#
# The guest's first program. It is not one of PROGRAMS: it is linked statically,
# which goes together with no sanitizer.

VM_INIT := build/vm/init
$(eval $(call link,plain,vm-init,$(addprefix tools/testing/vm/guest/,\
	init.c config.c root.c port.c command.c),-static -no-pie,,$(VM_INIT)))

# Stands in for the service manager in the guest; not installed.
$(eval $(call program,vm-ksecd,tools/testing/vm/guest/vm-ksecd.c))
