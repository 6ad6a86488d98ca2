# SPDX-License-Identifier: GPL-2.0-or-later
#
# What the servers share: listening, a thread for each client, reading and writing.

$(eval $(call static_library,net,$(addprefix tools/net/,conn.c tls_conn.c clients.c listener.c),\
	libssl libcrypto))
