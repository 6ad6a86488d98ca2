# SPDX-License-Identifier: GPL-2.0-or-later
#
# Tests of the module itself, through its ioctls and its netlink family.

SELFTEST := tools/testing/selftests/ksecdd
SELFTEST_HELPER := $(SELFTEST)/testhelper.c helper/request.c
SELFTEST_LIBS := tap.a ksecd-client.a libnl-genl-3.0 -lpthread

$(eval $(call guest_test,message-kat,$(SELFTEST)/message_kat.c $(SELFTEST_HELPER),\
	$(SELFTEST_LIBS)))
# A table of tests, the helper's side of a call step by step, and what is around.
SELFTEST_SUITE := $(addprefix $(SELFTEST)/,suite.c call.c env.c mem.c) $(SELFTEST_HELPER)

define selftest
$(call guest_test,$1,$(addprefix $(SELFTEST)/,$2) $(SELFTEST_SUITE),$(SELFTEST_LIBS) $3)
endef

# Every ioctl there is, and what makes it succeed
SELFTEST_ABI := abi_cases.c ioctl_table.c
$(eval $(call selftest,abi,abi.c $(SELFTEST_ABI)))
$(eval $(call selftest,abi-members,abi_members.c $(SELFTEST_ABI)))
$(eval $(call selftest,abi-values,abi_values.c $(SELFTEST_ABI)))
$(eval $(call selftest,handles,handles.c fdpass.c))
$(eval $(call selftest,passing,passing.c fdpass.c))
$(eval $(call selftest,reply-races,reply_races.c race.c chance.c))
$(eval $(call selftest,limits,limits.c))
$(eval $(call selftest,accept,accept.c))
$(eval $(call selftest,answers,answers.c))
$(eval $(call selftest,complete,complete.c))
$(eval $(call selftest,query,query.c))
$(eval $(call selftest,token,token.c fdpass.c))
$(eval $(call selftest,delegated,delegated.c))
$(eval $(call selftest,upcall-faults,helper_faults.c))
$(eval $(call selftest,netlink,netlink.c))

# Through libsspi and the real ksecd
SELFTEST_LOGON := logon.c ntlm_peer.c
SELFTEST_LOGON_LIBS := libsspi.so ntlm-test.a nettle

$(eval $(call selftest,sspi-logon,sspi_logon.c $(SELFTEST_LOGON),$(SELFTEST_LOGON_LIBS)))

# The message functions, against a client of our own.
define message_test
$(call selftest,$1,$2 session.c ntlm_peer.c,nettle)
endef

$(eval $(call message_test,message-buffers,message_buffers.c))
$(eval $(call message_test,message-memory,message_memory.c))
$(eval $(call message_test,message-sequence,message_sequence.c))
$(eval $(call message_test,message-threads,message_threads.c))
$(eval $(call message_test,legs,legs.c))
$(eval $(call message_test,shared,shared.c chance.c))
$(eval $(call message_test,unload,unload.c chance.c))
$(eval $(call message_test,signals,signals.c chance.c))
$(eval $(call selftest,sspi-buffers,sspi_buffers.c $(SELFTEST_LOGON),$(SELFTEST_LOGON_LIBS)))
$(eval $(call selftest,sspi-batch,sspi_batch.c $(SELFTEST_LOGON),$(SELFTEST_LOGON_LIBS)))
$(eval $(call selftest,sspi-attributes,sspi_attributes.c $(SELFTEST_LOGON),\
	$(SELFTEST_LOGON_LIBS)))
$(eval $(call selftest,sspi-attacks,sspi_attacks.c $(SELFTEST_LOGON),$(SELFTEST_LOGON_LIBS)))
$(eval $(call selftest,sspi-negotiate,sspi_negotiate.c $(SELFTEST_LOGON),spnego-test.a \
	$(SELFTEST_LOGON_LIBS)))
$(eval $(call selftest,sspi-packages,sspi_packages.c $(SELFTEST_LOGON),$(SELFTEST_LOGON_LIBS)))
$(eval $(call selftest,sspi-policy,sspi_policy.c $(SELFTEST_LOGON),$(SELFTEST_LOGON_LIBS)))
# With a helper of its own, and the library
$(eval $(call selftest,sspi-impersonate,sspi_impersonate.c clients.c fdpass.c,libsspi.so))
$(eval $(call selftest,sspi-digest,sspi_digest.c,libsspi.so))
$(eval $(call selftest,sspi-privilege,sspi_privilege.c clients.c,libsspi.so))
$(eval $(call selftest,sspi-random,sspi_random.c chance.c $(SELFTEST_LOGON),$(SELFTEST_LOGON_LIBS)))
$(eval $(call selftest,storm,storm.c chance.c ntlm_peer.c,ntlm-test.a nettle))
$(eval $(call selftest,resources,resources.c))
$(eval $(call selftest,stalled,stalled.c))
$(eval $(call selftest,files,files.c))

# With one fault after the other, of malloc() and its like; the library and the
# daemon are part of these, as are ASan and UBSan.
SELFTEST_MALLOC := sweep.c fault_malloc.c
SELFTEST_ASAN := -fsanitize=address -fsanitize=undefined -fno-sanitize-recover=all
WRAP_MALLOC := $(foreach f,malloc calloc realloc reallocarray free strdup strndup realpath \
	asprintf getpwnam_r getpwuid_r getgrouplist,-Wl$(comma)--wrap=$f)

# $(call memory_test,NAME,SRCS,MORE SRCS,LIBS)
define memory_test
$(call guest_test,$1,$(addprefix $(SELFTEST)/,$2 $(SELFTEST_MALLOC)) $(SELFTEST_SUITE) $3,\
	ntlm-test.a $(SELFTEST_LIBS) nettle $4 $(SELFTEST_ASAN) $(WRAP_MALLOC),$(SELFTEST_ASAN))
endef

$(eval $(call memory_test,memory-sspi,fault_sspi.c fault_sspi_token.c $(SELFTEST_LOGON),\
	$(SSPI_SRCS),spnego-test.a))
$(eval $(call memory_test,memory-ksecd,fault_ksecd.c session.c ntlm_peer.c,\
	$(KSECD_ENGINE) $(filter-out helper/request.c,$(KSECD_CORE)) helper/logon.c \
	helper/delegated.c helper/settings.c helper/accounts/select.c helper/accounts/winbind.c $(KSECD_KERBEROS) \
	$(KSECD_TLS),spnego-test.a $(KSECD_TLS_LIBS) wbclient libtasn1 krb5-gssapi krb5 -lunistring))

# The same of a kernel that can inject faults
SELFTEST_SWEEP := sweep.c fault_kernel.c

$(foreach t,calls message helper first,$(eval $(call selftest,fault-$t,\
	fault_$t.c session.c ntlm_peer.c $(SELFTEST_SWEEP),nettle)))
$(eval $(call selftest,fault-sspi,fault_sspi.c fault_sspi_token.c $(SELFTEST_LOGON) \
	$(SELFTEST_SWEEP),spnego-test.a $(SELFTEST_LOGON_LIBS)))

# Kerberos' message protection, against a peer of our own
$(eval $(call static_library,krb5-test,$(addprefix $(SELFTEST)/,krb5_crypto.c krb5_peer.c\
	krb5_arcfour.c),nettle))

define krb5_test
$(call selftest,$1,$2 krb5_session.c session.c ntlm_peer.c,krb5-test.a nettle)
endef

$(eval $(call krb5_test,krb5-kat,krb5_kat.c))
$(eval $(call krb5_test,krb5-messages,krb5_messages.c chance.c))
$(eval $(call krb5_test,krb5-attacks,krb5_attacks.c))
$(eval $(call krb5_test,krb5-sequence,krb5_sequence.c))
$(eval $(call krb5_test,fault-krb5,fault_krb5.c $(SELFTEST_SWEEP)))

# TLS records, against OpenSSL's cryptography
define tls_test
$(call selftest,$1,$2 tls_link.c tls_peer.c session.c ntlm_peer.c,libcrypto nettle)
endef

$(eval $(call tls_test,tls-records,tls_records.c))
$(eval $(call tls_test,tls-accept,tls_accept.c))
$(eval $(call tls_test,tls-buffers,tls_buffers.c))
$(eval $(call tls_test,tls-attach,tls_attach.c tls_socket.c))
$(eval $(call tls_test,tls-threads,tls_threads.c tls_socket.c))
$(eval $(call tls_test,tls-races,tls_races.c tls_socket.c race.c chance.c))
$(eval $(call tls_test,fault-tls,fault_tls.c $(SELFTEST_SWEEP)))
$(eval $(call tls_test,fault-outer,fault_outer.c $(SELFTEST_SWEEP)))
$(eval $(call tls_test,fault-attach,fault_attach.c tls_socket.c $(SELFTEST_SWEEP)))
