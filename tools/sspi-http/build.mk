# SPDX-License-Identifier: GPL-2.0-or-later

SSPI_HTTP := $(addprefix tools/sspi-http/,main.c server.c http_conn.c tls.c end_point.c auth.c http.c \
	base64.c page.c file.c)
# Showing names and statuses is the same everywhere.
SSPI_HTTP_SHARED := helper/status.c helper/text.c tools/ksecctl/json.c

$(eval $(call program,sspi-http,$(SSPI_HTTP) $(SSPI_HTTP_SHARED),\
	net.a libsspi.so libssl libcrypto -lpthread,$(BINDIR)))

# The server in the README; built, so that it stays one.
$(eval $(call program,sspi-example,tools/sspi-http/example.c,libsspi.so))
$(eval $(call install_file,tools/sspi-http/example.c,$(EXAMPLEDIR)))

# The parsers and the like, for the unit tests.
$(eval $(call static_library,sspi-http-core,tools/sspi-http/http.c tools/sspi-http/base64.c \
	tools/sspi-http/end_point.c,libcrypto))
