# SPDX-License-Identifier: GPL-2.0-or-later
"""Drives sspi-pipe: AcceptSecurityContext and its family from Python.

	import sspi_pipe as sspi

	server = sspi.Acceptor()
	answer = server.accept(token, req=sspi.ASC_REQ_CONFIDENTIALITY)
	if answer.status == sspi.SEC_I_CONTINUE_NEEDED: ... answer.token ...

The constants are those of the headers in uapi/linux, read from there.
"""

import os
import re
import select
import subprocess

TOP = os.path.realpath(os.path.join(os.path.dirname(__file__), "../../.."))


def _read_constants(header):
    """The constants of a header of uapi/linux: name -> value without sign."""
    pattern = re.compile(r"^#define\s+(\w+)\s+(?:\(\(__s32\))?(0x[0-9A-Fa-f]+|\d+)\)?", re.M)
    with open(os.path.join(TOP, "uapi/linux", header), encoding="ascii") as f:
        return {name: int(value, 0) for name, value in pattern.findall(f.read())}


CONSTANTS = {**_read_constants("ksecdd_sspi.h"), **_read_constants("ksecdd_ntlm.h")}
globals().update(CONSTANTS)

_STATUS_NAMES = {value: name for name, value in CONSTANTS.items() if re.match("SEC_[EI]_", name)}


class Answer:
    """What a call gave back: its status, and its fields by name.

    A field that is one (token, data, key) is also an attribute, as bytes.
    """

    def __init__(self, line):
        words = line.split()
        self.status = int(words[0], 16)
        self.fields = dict(word.split("=", 1) for word in words[1:])

    @staticmethod
    def name_of(status):
        """The status as the header calls it."""
        return _STATUS_NAMES.get(status, f"{status:#010x}")

    @property
    def name(self):
        """Its own status as the header calls it."""
        return self.name_of(self.status)

    def data_of(self, name):
        """A field as bytes, None if the answer has no such field."""
        text = self.fields.get(name)
        return None if text is None else bytes.fromhex(text)

    def text(self, name):
        """A field as text."""
        data = self.data_of(name)
        return None if data is None else data.decode()

    def number(self, name):
        """A field as number."""
        return int(self.fields[name], 0)

    @property
    def token(self):
        """The token for the client, or the one of a message."""
        return self.data_of("token")

    @property
    def data(self):
        """The message."""
        return self.data_of("data")

    def __repr__(self):
        return f"{self.name} {self.fields}"


def _hex(data):
    return data.hex() or "-"


class Pipe:
    """A running sspi-pipe; to be closed, or used with 'with'.

    send() and receive() may be apart: what has been sent is under way.
    """

    def __init__(self, **popen):
        # A test that runs elsewhere than in the guest has build/bin not in PATH.
        path = os.environ.get("SSPI_PIPE", "sspi-pipe")
        self.process = subprocess.Popen([path], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, text=True, **popen)

    @property
    def pid(self):
        """The process that calls libsspi."""
        return self.process.pid

    def send(self, *words):
        """Begins a call."""
        self.process.stdin.write(" ".join(words) + "\n")
        self.process.stdin.flush()

    def send_lines(self, lines):
        """Begins many; their answers have to be taken by as many receive()."""
        self.process.stdin.write("".join(f"{line}\n" for line in lines))
        self.process.stdin.flush()

    def receive(self):
        """The answer to the oldest call that has none yet."""
        line = self.process.stdout.readline()
        if not line:
            raise EOFError(f"sspi-pipe has ended: {self.process.wait()}")
        if line.startswith("!"):
            raise ValueError(f"sspi-pipe: {line.strip()}")
        return Answer(line)

    def receive_within(self, seconds):
        """The answer to the only call that has none yet; raises if it takes longer."""
        if not select.select([self.process.stdout], [], [], seconds)[0]:
            raise TimeoutError(f"sspi-pipe has not answered within {seconds} s")
        return self.receive()

    def call(self, *words):
        """A whole call."""
        self.send(*words)
        return self.receive()

    def close(self):
        """Ends the process, whatever it is at."""
        # By SIGTERM a program that counts lines can write them down.
        self.process.terminate()
        try:
            self.process.wait(1)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process.stdin.close()
        self.process.stdout.close()

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self.close()


class Acceptor(Pipe):
    """A Pipe that has a credential for a package; raises where it does not get one."""

    def __init__(self, use="inbound", package="NTLM", principal=None, **popen):
        super().__init__(**popen)
        words = [f"principal={principal}"] if principal else []
        answer = self.call("acquire", f"use={use}", f"package={package}", *words)
        if answer.status != CONSTANTS["SEC_E_OK"]:
            self.close()
            raise OSError(f"AcquireCredentialsHandle: {answer.name}")

    def accept(self, token, req=0, **options):
        """AcceptSecurityContext; bindings and raw_bindings are bytes.

        Opens a context, or goes on with the one that is half open.
        """
        self.send_accept(token, req, **options)
        return self.receive()

    def send_accept(self, token, req=0, **options):
        """The same up to receive()."""
        words = [f"{name.replace('_', '-')}={_hex(v) if isinstance(v, bytes) else v}"
                 for name, v in options.items() if v is not None]
        self.send("accept", _hex(token), f"req={req:#x}", *words)

    def wrap(self, data, qop=0):
        """EncryptMessage."""
        return self.call("wrap", _hex(data), f"qop={qop:#x}")

    def unwrap(self, token, data):
        """DecryptMessage."""
        return self.call("unwrap", _hex(token), _hex(data))

    def unwrap_stream(self, stream):
        """DecryptMessage of a token with the data right behind it."""
        return self.call("unwrap-stream", _hex(stream))

    def mic(self, data):
        """MakeSignature."""
        return self.call("mic", _hex(data))

    def verify(self, token, data):
        """VerifySignature."""
        return self.call("verify", _hex(token), _hex(data))

    def query(self, what):
        """QueryContextAttributes."""
        return self.call("query", what)

    def delete(self):
        """DeleteSecurityContext."""
        return self.call("delete")


def log_on(server, client, req=0, **options):
    """A whole logon; returns the last answer of the server.

    client(token) gives the next token of the client, the first time for None.
    """
    answer = server.accept(client(None), req, **options)
    while answer.status == CONSTANTS["SEC_I_CONTINUE_NEEDED"]:
        answer = server.accept(client(answer.token), req, **options)
    return answer
