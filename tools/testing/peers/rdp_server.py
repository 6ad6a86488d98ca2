# SPDX-License-Identifier: GPL-2.0-or-later
"""What of an RDP server is behind Network Level Authentication's door, and no more.

	with rdp_server.Server() as server:
		... a client connects to 127.0.0.1:3389 ...
		answer = server.result()

It agrees on CredSSP with one client at a time, and hands all that follows to
AcceptSecurityContext until that has come to a verdict.
"""

import socket
import threading

import sspi_pipe as sspi

PORT = 3389
SECONDS = 60

# MS-RDPBCGR 2.2.1.2.1: CredSSP is what the server has chosen.
_HYBRID = bytes.fromhex("030000130ed000001234000200080002000000")


class Server:
    """One client after the other; each gets a context of its own."""

    def __init__(self, req=0, **acceptor):
        self.req = req | sspi.ASC_REQ_EXTENDED_ERROR | sspi.ASC_REQ_STREAM
        self.acceptor = sspi.Acceptor(package="CREDSSP", **acceptor)
        self.listener = socket.create_server(("127.0.0.1", PORT))
        self.listener.settimeout(SECONDS)
        self.statuses = []
        self.thread = threading.Thread(target=self._serve)
        self.error = None
        self.answer = None
        self.thread.start()

    def _serve(self):
        try:
            client, _ = self.listener.accept()
            with client:
                client.settimeout(SECONDS)
                self._negotiate(client)
                self._authenticate(client)
        except (OSError, EOFError, ValueError) as error:
            self.error = error

    @staticmethod
    def _read(client, size):
        data = b""
        while len(data) < size:
            more = client.recv(size - len(data))
            if not more:
                raise EOFError("the client has hung up")
            data += more
        return data

    def _negotiate(self, client):
        """A connection request of X.224 in its TPKT header (RFC 1006 section 6)."""
        header = self._read(client, 4)
        self._read(client, int.from_bytes(header[2:4], "big") - len(header))
        client.sendall(_HYBRID)

    def _authenticate(self, client):
        data = b""
        while True:
            if not data or self.answer and self.answer.status == sspi.SEC_E_INCOMPLETE_MESSAGE:
                more = client.recv(65536)
                if not more:
                    raise EOFError(f"the client has hung up after {self.statuses}")
                data += more
            self.answer = self.acceptor.accept(data, self.req, stream=1)
            self.statuses.append(self.answer.name)
            if self.answer.token:
                client.sendall(self.answer.token)
            if self.answer.status == sspi.SEC_E_INCOMPLETE_MESSAGE:
                continue
            if self.answer.status != sspi.SEC_I_CONTINUE_NEEDED:
                break
            extra = int(self.answer.fields.get("extra", "0"))
            data = data[len(data) - extra:]

    def result(self):
        """The last answer of AcceptSecurityContext to the client; raises without one."""
        self.thread.join(SECONDS)
        if self.error:
            raise self.error
        return self.answer

    def query(self, what):
        """QueryContextAttributes of the context."""
        return self.acceptor.query(what)

    @property
    def pid(self):
        """The process that calls libsspi."""
        return self.acceptor.pid

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self.listener.close()
        self.thread.join(SECONDS)
        self.acceptor.close()
