# SPDX-License-Identifier: GPL-2.0-or-later
#
# ksecd, and what ksecctl and the unit tests share with it.

# What libtasn1 knows of the syntaxes.
KSECD_ASN1 := build/gen/credssp_definitions.c build/gen/spnego_definitions.c

# Engines and the account file: no I/O but the file's, no thread, no kernel. The
# others need it, so it comes last where programs are linked.
KSECD_ENGINE := helper/engine.c helper/text.c helper/stack.c helper/channel_bindings.c \
	helper/asn1.c helper/der.c helper/pack.c \
	$(sort $(wildcard helper/digest/*.c)) $(sort $(wildcard helper/ntlm/*.c)) \
	$(addprefix helper/kerberos/,kerberos.c pac.c rule.c service.c token.c verdict.c) \
	$(sort $(wildcard helper/spnego/*.c)) helper/tls/clear.c helper/tls/rule.c \
	$(KSECD_ASN1) $(sort $(wildcard helper/accounts/file*.c))

build/gen/credssp_definitions.c: helper/credssp/credssp.asn
build/gen/spnego_definitions.c: helper/spnego/spnego.asn
$(KSECD_ASN1):
	@mkdir -p $(@D)
	$(call say,ASN1,$@)
	$(Q)asn1Parser --output=$@ --name=$(basename $(@F)) $< >$@.log 2>&1 || { cat $@.log >&2; exit 1; }

# It looks at all C of userspace and compiles none of it.
lint: $(KSECD_ASN1)

# The module's netlink family.
KSECD_CLIENT := helper/family.c helper/netlink.c

KSECD_CORE := helper/config.c helper/config_key.c helper/config_tls.c helper/half_open.c \
	helper/identity.c helper/identity_cache.c helper/log.c helper/request.c helper/status.c

# What the Kerberos engine asks; needs krb5-gssapi.
KSECD_KERBEROS := $(addprefix helper/kerberos/,ccache.c credential.c delegation.c half_open.c \
	keyring.c library.c)

KSECD_DAEMON := helper/main.c helper/check.c helper/check_tls.c helper/loop.c helper/worker.c \
	helper/logon.c helper/delegated.c helper/settings.c helper/accounts/select.c \
	helper/accounts/winbind.c $(KSECD_KERBEROS)

# Handshakes of TLS, CredSSP behind them, and what a program with ksecd-tls.a has to be
# linked with besides.
KSECD_TLS := $(addprefix helper/tls/,accept.c engine.c keys.c memory.c server.c session.c \
	verdict.c verify.c) $(sort $(wildcard helper/credssp/*.c))
KSECD_TLS_LIBS := gnutls

# What a program with ksecd-engine.a has to be linked with.
KSECD_ENGINE_LIBS := nettle libtasn1 -lunistring

$(eval $(call static_library,ksecd-engine,$(KSECD_ENGINE),nettle libtasn1 krb5-gssapi))
$(eval $(call static_library,ksecd-client,$(KSECD_CLIENT),libnl-genl-3.0))
$(eval $(call static_library,ksecd-core,$(KSECD_CORE),))
$(eval $(call static_library,ksecd-tls,$(KSECD_TLS),gnutls libtasn1 krb5-gssapi))
$(eval $(call program,ksecd,$(KSECD_DAEMON),\
	ksecd-tls.a ksecd-client.a ksecd-core.a ksecd-engine.a $(KSECD_TLS_LIBS) \
	$(KSECD_ENGINE_LIBS) libnl-genl-3.0 wbclient krb5-gssapi krb5 libsystemd -lpthread,$(SBINDIR)))

$(eval $(call install_file,helper/ksecd.service.in,$(UNITDIR)))
$(eval $(call install_file,helper/60-ksecdd.rules,$(UDEVDIR)))
$(eval $(call install_file,helper/ksecd.conf,$(EXAMPLEDIR)))
