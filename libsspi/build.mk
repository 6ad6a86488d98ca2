# SPDX-License-Identifier: GPL-2.0-or-later

SSPI_SRCS := libsspi/table.c libsspi/package.c libsspi/credential.c libsspi/identity.c \
	libsspi/context.c libsspi/digest.c libsspi/token.c libsspi/fetch.c libsspi/context_token.c \
	libsspi/impersonate.c libsspi/message.c libsspi/batch.c libsspi/attribute.c libsspi/connection.c \
	libsspi/unsupported.c libsspi/buffer.c libsspi/device.c libsspi/status.c libsspi/time.c \
	libsspi/utf.c

# Handles live as long as the device's open file, and that as long as the library.
$(eval $(call shared_library,libsspi,0,$(SSPI_SRCS),-Wl$(comma)-z$(comma)nodelete,\
	libsspi/libsspi.map))

# The same for the unit tests, which look behind the public functions.
$(eval $(call static_library,sspi-core,$(SSPI_SRCS)))

$(eval $(call install_file,$(wildcard libsspi/include/*.h),$$(INCLUDEDIR)/sspi))
$(eval $(call install_file,$(wildcard libsspi/include/windows/*.h),$$(INCLUDEDIR)/sspi/windows))
$(eval $(call install_file,libsspi/sspi.pc.in,$$(PKGCONFIGDIR)))
