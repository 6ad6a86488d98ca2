# SPDX-License-Identifier: GPL-2.0-or-later
"""gss-client of krb5-gss-samples against libsspi.

What the two say is gss-misc's: a byte of flags and four of length before each token.
"""

import os
import socket
import struct
import subprocess
import threading

import ksecd
import sspi_pipe as sspi

NOOP, CONTEXT, DATA, MIC, CONTEXT_NEXT, WRAPPED, ENCRYPTED, SEND_MIC = (1 << n for n in range(8))


class Server(threading.Thread):
    """Serves one gss-client with an Acceptor; what went wrong is in failure."""

    def __init__(self, acceptor, req=0):
        super().__init__(daemon=True)
        self.acceptor = acceptor
        self.req = req
        self.failure = None
        self.messages = []
        self.status = None
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.listener.settimeout(ksecd.WAIT_SECONDS)
        self.stream = None

    @property
    def port(self):
        """Where it listens."""
        return self.listener.getsockname()[1]

    def _receive(self):
        head = self.stream.read(5)
        if len(head) < 5:
            return 0, b""
        flags, length = struct.unpack(">BI", head)
        return flags, self.stream.read(length)

    def _send(self, flags, token):
        self.stream.write(struct.pack(">BI", flags, len(token)) + token)
        self.stream.flush()

    def _log_on(self):
        while True:
            flags, token = self._receive()
            if flags != CONTEXT:
                raise ValueError(f"gss-client sends no token of a context: {flags:#x}")
            answer = self.acceptor.accept(token, self.req)
            self.status = answer.status
            if answer.token:
                self._send(CONTEXT, answer.token)
            if answer.status != sspi.SEC_I_CONTINUE_NEEDED:
                return answer.status == sspi.SEC_E_OK

    def _answer(self, flags, message):
        if flags & WRAPPED:
            answer = self.acceptor.unwrap_stream(message)
            sealed = answer.status == sspi.SEC_E_OK and not answer.number("qop")
            if answer.status != sspi.SEC_E_OK or sealed != bool(flags & ENCRYPTED):
                raise ValueError(f"a wrapped message, flags {flags:#x}: {answer}")
            message = answer.data
        self.messages.append(message)
        if flags & SEND_MIC:
            self._send(MIC, self.acceptor.mic(message).token)
        else:
            self._send(NOOP, b"")

    def _serve(self):
        flags, _ = self._receive()
        if flags != NOOP | CONTEXT_NEXT:
            raise ValueError(f"gss-client begins with {flags:#x}")
        if not self._log_on():
            return
        while True:
            flags, message = self._receive()
            if not flags & DATA:
                return
            self._answer(flags, message)

    def run(self):
        """The thread: one connection."""
        try:
            connection, _ = self.listener.accept()
            connection.settimeout(ksecd.WAIT_SECONDS)
            with connection, connection.makefile("rwb") as self.stream:
                self._serve()
        except (OSError, ValueError, EOFError) as error:
            self.failure = error
        finally:
            self.listener.close()


def run(acceptor, service, cache, message, *options, req=0):
    """Runs gss-client with these options; returns its end, its output and the Server."""
    server = Server(acceptor, req)
    server.start()
    client = subprocess.run(
        ["gss-client", "-port", str(server.port), *options, "127.0.0.1", service, message],
        env=dict(os.environ, KRB5CCNAME=cache), stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, text=True, check=False, timeout=ksecd.WAIT_SECONDS)
    server.join(ksecd.WAIT_SECONDS)
    return client.returncode, client.stdout, server
