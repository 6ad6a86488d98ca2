# SPDX-License-Identifier: GPL-2.0-or-later
"""A client's side of HTTP/1.1 byte by byte, for tests of sspi-http."""

import base64
import json
import re
import socket

import ksecd

HOST = b"Host: localhost\r\n"
GET = b"GET / HTTP/1.1\r\n" + HOST
JSON = b"Accept: application/json\r\n"


class Response:
    """What came back: code, header fields by their names in small letters, body."""

    def __init__(self, code, fields, body):
        self.code = code
        self.fields = fields
        self.body = body

    @property
    def offer(self):
        """WWW-Authenticate"""
        return self.fields.get("www-authenticate")

    @property
    def token(self):
        """The token for the client, None if there is none."""
        words = (self.offer or "").split()
        return base64.b64decode(words[1]) if len(words) == 2 else None

    @property
    def view(self):
        """The body, which is JSON."""
        return json.loads(self.body)

    @property
    def closes(self):
        """Whether the connection ends with it."""
        return self.fields.get("connection") == "close"

    def __repr__(self):
        return f"{self.code} {self.fields} {self.body!r}"


class Connection:
    """A connection to a server, without any help of a library for HTTP.

    tls: an ssl.SSLContext, with which the handshake is done at once.
    """

    def __init__(self, server, tls=None):
        self.socket = socket.create_connection(server.address, timeout=ksecd.WAIT_SECONDS)
        if tls:
            self.socket = tls.wrap_socket(self.socket, server_hostname=server.address[0])
        self.file = self.socket.makefile("rb")

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self.close()

    def close(self):
        """Ends it."""
        self.file.close()
        self.socket.close()

    def send(self, data):
        """Sends bytes."""
        self.socket.sendall(data)

    def receive(self, head=False):
        """The next response; None when the connection has ended."""
        line = self.file.readline()
        if not line:
            return None
        code = int(re.match(rb"HTTP/1\.1 (\d{3}) [A-Z][\w ]+\r\n$", line).group(1))
        fields = {}
        while (line := self.file.readline()) != b"\r\n":
            name, value = line.decode().split(":", 1)
            fields[name.lower()] = value.strip()
        length = 0 if head or code == 100 else int(fields["content-length"])
        return Response(code, fields, self.file.read(length).decode())

    def ask(self, request, **options):
        """Sends a request and receives the response."""
        self.send(request)
        return self.receive(**options)

    def ended(self):
        """Whether the other side has closed it."""
        return self.receive() is None

    def token(self, token, scheme="NTLM"):
        """A GET with a token."""
        text = f"Authorization: {scheme} {base64.b64encode(token).decode()}\r\n\r\n"
        return self.ask(GET + JSON + text.encode())

    def exchange(self, client, scheme="NTLM"):
        """A whole logon; returns the last response."""
        response = self.token(client.token(None), scheme)
        while response.code == 401 and response.token:
            response = self.token(client.token(response.token), scheme)
        return response
