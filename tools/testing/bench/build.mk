# SPDX-License-Identifier: GPL-2.0-or-later
#
# The benchmark's programs: one for each implementation of SSPI or GSSAPI.

BENCH := tools/testing/bench
BENCH_SRCS := $(addprefix $(BENCH)/,main.c options.c output.c count.c logon.c message.c \
	memory.c) \
	tools/testing/selftests/ksecdd/ntlm_peer.c
BENCH_LIBS := ntlm-test.a tap.a nettle


# They are not of the product, and need what it does not: 'make' leaves them alone.
BENCH_PROGRAMS :=

# $(call bench_program,NAME,SRCS,LIBS)
define bench_program
BENCH_PROGRAMS += build/bench/bench-$1
$(call link,plain,bench-$1,$(BENCH_SRCS) $2,$(BENCH_LIBS) $3,,build/bench/bench-$1)
endef

# With a helper of its own, as the module's tests have one
$(eval $(call bench_program,ksecdd,$(addprefix $(BENCH)/,ssp_ksecdd.c ksecdd_fill.c) \
	tools/testing/selftests/ksecdd/testhelper.c helper/request.c,\
	libsspi.so ksecd-client.a libnl-genl-3.0 -lpthread))
$(eval $(call bench_program,winpr,$(BENCH)/ssp_winpr.c,winpr2))
$(eval $(call bench_program,gss,$(BENCH)/ssp_gss.c,mit-krb5-gssapi))

# Kerberos, with a helper of its own and MIT krb5 beside it
BENCH_PROGRAMS += build/bench/bench-krb5
$(eval $(call link,plain,bench-krb5,$(addprefix $(BENCH)/,krb5.c mit_krb5.c options.c output.c \
	count.c memory.c) \
	$(addprefix tools/testing/selftests/ksecdd/,krb5_session.c session.c ntlm_peer.c \
	testhelper.c env.c suite.c) helper/request.c,krb5-test.a tap.a ksecd-client.a \
	libnl-genl-3.0 -lpthread nettle mit-krb5-gssapi mit-krb5,,build/bench/bench-krb5))

# TLS, with a helper of its own and OpenSSL beside it
BENCH_PROGRAMS += build/bench/bench-tls
$(eval $(call link,plain,bench-tls,$(addprefix $(BENCH)/,tls.c openssl_pair.c options.c output.c \
	count.c) $(addprefix tools/testing/selftests/ksecdd/,tls_link.c tls_peer.c session.c \
	ntlm_peer.c testhelper.c env.c suite.c) helper/request.c,tap.a ksecd-client.a \
	libnl-genl-3.0 -lpthread nettle libssl libcrypto,,build/bench/bench-tls))

# A whole logon, with ksecd; krb5-logon sets up a realm for it
BENCH_PROGRAMS += build/bench/bench-krb5-logon
$(eval $(call link,plain,bench-krb5-logon,$(addprefix $(BENCH)/,krb5_logon.c options.c output.c \
	count.c),libsspi.so mit-krb5-gssapi mit-krb5,,build/bench/bench-krb5-logon))

# The same with CredSSP, and OpenSSL beside its TLS; credssp-logon makes a certificate for it
BENCH_PROGRAMS += build/bench/bench-credssp-logon
$(eval $(call link,plain,bench-credssp-logon,$(addprefix $(BENCH)/,credssp_logon.c options.c output.c \
	count.c) tools/testing/selftests/ksecdd/ntlm_peer.c,libsspi.so credssp-test.a spnego-test.a \
	ntlm-test.a tap.a nettle libssl libcrypto,,build/bench/bench-credssp-logon))
