# SPDX-License-Identifier: GPL-2.0-or-later

KSECCTL_SRCS := tools/ksecctl/main.c tools/ksecctl/account.c tools/ksecctl/contexts.c \
	tools/ksecctl/json.c tools/ksecctl/module.c tools/ksecctl/password.c \
	tools/ksecctl/status.c tools/ksecctl/table.c

$(eval $(call program,ksecctl,$(KSECCTL_SRCS),\
	ksecd-client.a ksecd-core.a ksecd-engine.a $(KSECD_ENGINE_LIBS) libnl-genl-3.0 -lpthread,\
	$(SBINDIR)))

# bash-completion looks for a file of the command's name.
$(eval $(call install_rule,tools/ksecctl/ksecctl.bash-completion,$(COMPLETIONDIR),0644,ksecctl))
