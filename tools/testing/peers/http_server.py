# SPDX-License-Identifier: GPL-2.0-or-later
"""sspi-http and curl, as the tests of both use them."""

import collections
import subprocess

Reply = collections.namedtuple("Reply", "code body")


class Server:
    """sspi-http on a port of its own."""

    def __enter__(self):
        raise NotImplementedError

    def __exit__(self, *unused):
        pass
