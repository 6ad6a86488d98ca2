# SPDX-License-Identifier: GPL-2.0-or-later
#
# The fuzzers. Documentation/testing.rst tells how to add one.

FUZZ_DIR := tools/testing/fuzz
FUZZ_LIBS = fuzz.a ksecd-core.a ksecd-engine.a $(KSECD_ENGINE_LIBS)

$(eval $(call static_library,fuzz,$(FUZZ_DIR)/fuzz.c))
$(eval $(call static_library,fuzz-ntlm,$(FUZZ_DIR)/ntlm_oracle.c,nettle))

# NTLM: helper/ntlm
FUZZ_NTLM = fuzz-ntlm.a ntlm-test.a ksecd-client.a tap.a $(FUZZ_LIBS)

$(eval $(call fuzz_target,ntlm-negotiate,$(FUZZ_DIR)/ntlm-negotiate.c,$(FUZZ_NTLM),256,8000,\
	NTLM: the first message$(comma) and the challenge to it))
$(eval $(call fuzz_target,ntlm-authenticate,$(FUZZ_DIR)/ntlm-authenticate.c,$(FUZZ_NTLM),1024,8000,\
	NTLM: the last message$(comma) with right responses and MICs))
$(eval $(call fuzz_target,ntlm-logon,$(FUZZ_DIR)/ntlm-logon.c,$(FUZZ_NTLM),512,4000,\
	NTLM: whole logons of clients of all kinds))
$(eval $(call fuzz_target,ntlm-state,$(FUZZ_DIR)/ntlm-state.c,$(FUZZ_NTLM),1024,20000,\
	NTLM: the state between two messages))
$(eval $(call fuzz_target,ntlm-av,$(FUZZ_DIR)/ntlm-av.c,$(FUZZ_NTLM),1024,20000,\
	NTLM: lists of AV pairs))
$(eval $(call fuzz_target,ntlm-bindings,$(FUZZ_DIR)/ntlm-bindings.c,$(FUZZ_NTLM),256,20000,\
	NTLM: channel bindings))
$(eval $(call fuzz_target,ntlm-name,$(FUZZ_DIR)/ntlm-name.c,$(FUZZ_NTLM),256,10000,\
	NTLM: names and passwords in UTF-16 and OEM characters))

# Negotiate: helper/spnego
$(eval $(call fuzz_target,spnego-token,$(FUZZ_DIR)/spnego-token.c,spnego-test.a $(FUZZ_NTLM),1024,\
	20000,Negotiate: tokens))
$(eval $(call fuzz_target,spnego,$(FUZZ_DIR)/spnego.c,spnego-test.a $(FUZZ_NTLM),1024,4000,\
	Negotiate: whole negotiations))

# CredSSP: helper/credssp
FUZZ_CREDSSP = credssp-test.a spnego-test.a ksecd-tls.a $(FUZZ_NTLM) $(KSECD_TLS_LIBS)
$(eval $(call fuzz_target,credssp-request,$(FUZZ_DIR)/credssp-request.c,$(FUZZ_CREDSSP),1024,\
	20000,CredSSP: TSRequests))
$(eval $(call fuzz_target,credssp-credentials,$(FUZZ_DIR)/credssp-credentials.c,$(FUZZ_CREDSSP),\
	512,20000,CredSSP: what clients delegate))
$(eval $(call fuzz_target,credssp,$(FUZZ_DIR)/credssp.c,$(FUZZ_CREDSSP),512,4000,\
	CredSSP: whole logons behind the handshake))

# Digest: helper/digest
$(eval $(call fuzz_target,digest-credentials,$(FUZZ_DIR)/digest-credentials.c,$(FUZZ_LIBS),1024,\
	20000,Digest: credentials$(comma) and what services say of requests))

# Kerberos: helper/kerberos
$(eval $(call fuzz_target,kerberos-token,$(FUZZ_DIR)/kerberos-token.c,$(FUZZ_LIBS),1024,20000,\
	Kerberos: tokens$(comma) and what is read of an AP-REQ without a key))

$(eval $(call fuzz_target,kerberos-pac,$(FUZZ_DIR)/kerberos-pac.c,$(FUZZ_LIBS),1024,20000,\
	Kerberos: the SIDs in a PAC))

# TLS: helper/tls
FUZZ_TLS = fuzz.a tls-test.a ksecd-tls.a tap.a ksecd-core.a ksecd-engine.a $(KSECD_ENGINE_LIBS) \
	$(KSECD_TLS_LIBS) openssl -lpthread

$(eval $(call fuzz_target,tls-handshake,$(FUZZ_DIR)/tls-handshake.c,$(FUZZ_TLS),2048,4000,\
	TLS: tokens of a handshake$(comma) and protocols of a service))
$(eval $(call fuzz_target,tls-certificate,$(FUZZ_DIR)/tls-certificate.c,$(FUZZ_TLS),2048,8000,\
	TLS: who the certificate of a client is))

# ksecd: the account file, the configuration, requests, the log
$(eval $(call fuzz_target,account-line,$(FUZZ_DIR)/account-line.c,$(FUZZ_LIBS),512,20000,\
	a line of the account file))
$(eval $(call fuzz_target,account-file,$(FUZZ_DIR)/account-file.c,$(FUZZ_LIBS),1024,20000,\
	the account file$(comma) and who it lets in))
$(eval $(call fuzz_target,account-edit,$(FUZZ_DIR)/account-edit.c,$(FUZZ_LIBS),1024,2000,\
	changes to the account file))
$(eval $(call fuzz_target,config,$(FUZZ_DIR)/config.c,$(FUZZ_LIBS),2048,20000,\
	ksecd.conf))
$(eval $(call fuzz_target,request,$(FUZZ_DIR)/request.c,$(FUZZ_LIBS),1024,20000,\
	requests of the module))
$(eval $(call fuzz_target,serve,$(FUZZ_DIR)/serve.c helper/delegated.c helper/accounts/select.c \
	helper/accounts/winbind.c $(KSECD_KERBEROS),ksecd-tls.a spnego-test.a ntlm-test.a tap.a \
	$(FUZZ_LIBS) $(KSECD_TLS_LIBS) wbclient krb5-gssapi krb5 \
	$(foreach f,ioctl getrandom log_line identity_lookup,-Wl$(comma)--wrap=$f),512,5000,\
	from a request of the module to the verdict))
$(eval $(call fuzz_target,netlink,$(FUZZ_DIR)/netlink.c,fuzz.a ksecd-client.a libnl-genl-3.0 \
	$(foreach f,recvmsg sendto poll close,-Wl$(comma)--wrap=$f),1024,20000,\
	netlink messages of the module))
$(eval $(call fuzz_target,text,$(FUZZ_DIR)/text.c,$(FUZZ_LIBS),512,20000,\
	what is shown of names that others chose))
$(eval $(call fuzz_target,log,$(FUZZ_DIR)/log.c,$(FUZZ_LIBS) -Wl$(comma)--wrap=write,8192,20000,\
	lines of the log))

# ksecctl; its main() is a part of the target
$(eval $(call fuzz_target,output,$(FUZZ_DIR)/output.c $(FUZZ_DIR)/json_check.c \
	tools/ksecctl/json.c tools/ksecctl/table.c,$(FUZZ_LIBS),512,10000,\
	ksecctl: JSON and tables))
$(eval $(call fuzz_target,ksecctl,$(FUZZ_DIR)/ksecctl.c $(FUZZ_DIR)/json_check.c \
	$(filter-out %/main.c,$(KSECCTL_SRCS)),ksecd-client.a $(FUZZ_LIBS) libnl-genl-3.0 -lpthread \
	$(foreach f,account_file_add account_file_delete account_file_disable account_db_load \
	config_load family_open mkdir nanosleep,-Wl$(comma)--wrap=$f),512,5000,\
	ksecctl: the command line$(comma) and passwords))

# libsspi, with the target in the place of the device
FUZZ_SSPI = fuzz-sspi.a sspi-core.a $(FUZZ_LIBS) -lpthread \
	$(foreach f,ioctl call call_first,-Wl$(comma)--wrap=ksspi_$f)

$(eval $(call static_library,fuzz-sspi,$(FUZZ_DIR)/sspi_kernel.c))
$(eval $(call fuzz_target,sspi-accept,$(FUZZ_DIR)/sspi-accept.c,$(FUZZ_SSPI),512,20000,\
	libsspi: AcceptSecurityContext and its buffers))
$(eval $(call fuzz_target,sspi-message,$(FUZZ_DIR)/sspi-message.c,$(FUZZ_SSPI),256,20000,\
	libsspi: buffers of messages))
$(eval $(call fuzz_target,sspi-batch,$(FUZZ_DIR)/sspi-batch.c,$(FUZZ_SSPI),512,20000,\
	libsspi: several messages at once))
$(eval $(call fuzz_target,sspi-query,$(FUZZ_DIR)/sspi-query.c,$(FUZZ_SSPI),2048,20000,\
	libsspi: attributes of contexts$(comma) and packages))
$(eval $(call fuzz_target,sspi-identity,$(FUZZ_DIR)/sspi-identity.c,$(FUZZ_SSPI),512,20000,\
	libsspi: explicit credentials))
$(eval $(call fuzz_target,sspi-utf,$(FUZZ_DIR)/sspi-utf.c,sspi-core.a $(FUZZ_LIBS) -lpthread,256,\
	20000,libsspi: UTF-8 and UTF-16))

# sspi-http
$(eval $(call fuzz_target,http-head,$(FUZZ_DIR)/http-head.c,fuzz.a sspi-http-core.a,2048,20000,\
	sspi-http: heads of requests))
$(eval $(call fuzz_target,http-body,$(FUZZ_DIR)/http-body.c tools/sspi-http/http_conn.c,\
	fuzz.a sspi-http-core.a net.a,2048,10000,sspi-http: requests and their bodies on a connection))
$(eval $(call fuzz_target,base64,$(FUZZ_DIR)/base64.c,fuzz.a sspi-http-core.a,512,20000,\
	sspi-http: base64$(comma) and lengths of chunks))

# sspi-rdp
$(eval $(call fuzz_target,rdp-pdu,$(FUZZ_DIR)/rdp-pdu.c,fuzz.a sspi-rdp-core.a,1024,20000,\
	sspi-rdp: PDUs of X.224 and MCS))

$(eval $(call unit_script,fuzz,$(FUZZ_DIR)/check,build/fuzz-targets))

# What 'make check-deep' does: other executions each time, so many seconds of each.
$(eval $(call deep_script,fuzz,$(FUZZ_DIR)/run --tap --seconds 60))
