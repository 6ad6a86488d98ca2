# SPDX-License-Identifier: GPL-2.0-or-later
"""sspi-rdp with what is around it: a display, clients, and servers behind it."""

import contextlib
import os
import pwd
import re
import socket
import struct
import subprocess
import tempfile
import threading

import ksecd

USER = "ksecdd-service"
HOST = "ksecdd.test"
SSL, HYBRID, HYBRID_EX = 1, 2, 8
FOLDER = tempfile.TemporaryDirectory(prefix="ksecdd-rdp.")
CERTIFICATE = f"{FOLDER.name}/rdp.pem"
KEY = f"{FOLDER.name}/rdp.key"
TLS_CONFIG = f"""
[tls rdp]
certificate = {CERTIFICATE}
key = {KEY}
users = {USER}
"""
# CC without more than what must be in it, and with a negotiation
CONFIRM = bytes.fromhex("03000013 0ed00000123400 02000800")


def prepare():
    """kTLS, and a certificate with an RSA key, which is all that some clients know."""
    # A service without privileges cannot have it loaded by using it.
    subprocess.run(["modprobe", "tls"], check=True)
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2",
                    "-subj", f"/CN={HOST}", "-addext", f"subjectAltName=DNS:{HOST}",
                    "-keyout", KEY, "-out", CERTIFICATE], stderr=subprocess.DEVNULL, check=True)
    os.chmod(KEY, 0o600)


def tls_stat():
    """/proc/net/tls_stat, as dictionary."""
    with open("/proc/net/tls_stat", encoding="ascii") as f:
        return {name: int(value) for name, value in (line.split() for line in f)}


class Display:
    """An X server without a screen, inside of a with statement."""

    def __init__(self):
        self.process = None
        self.name = None

    def __enter__(self):
        read, write = os.pipe()
        with open(f"{FOLDER.name}/xvfb.log", "wb") as log:
            self.process = subprocess.Popen(
                ["Xvfb", "-displayfd", str(write), "-screen", "0", "800x600x24", "-nolisten",
                 "tcp", "-extension", "GLX"], pass_fds=[write], stdout=log, stderr=log)
        os.close(write)
        with os.fdopen(read) as f:
            self.name = f":{f.readline().strip()}"
        if self.name == ":":
            with open(f"{FOLDER.name}/xvfb.log", encoding="utf-8", errors="replace") as f:
                raise ChildProcessError(f"Xvfb has ended: {f.read()}")
        return self

    def __exit__(self, *unused):
        self.process.terminate()
        self.process.wait()

    def environment(self, **more):
        """That of programs that use it."""
        return dict(os.environ, DISPLAY=self.name, HOME=FOLDER.name, **more)


class Gateway:
    """sspi-rdp, run by a user without privileges, inside of a with statement."""

    def __init__(self, *options):
        self.options = options
        self.process = None
        self.port = None
        self.lines = []
        self.reader = None

    def __enter__(self):
        user = pwd.getpwnam(USER)
        self.process = subprocess.Popen(
            ["setpriv", f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups",
             "--inh-caps=-all", "--ambient-caps=-all",
             "sspi-rdp", "--port=0", "--bind=127.0.0.1", "--credential=rdp", *self.options],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        line = self.process.stdout.readline()
        found = re.match(r"listening on rdp://[\d.]+:(\d+)/", line)
        if not found:
            raise ChildProcessError(f"sspi-rdp has ended: {line}{self.process.communicate()[0]}")
        self.port = int(found.group(1))
        self.reader = threading.Thread(target=self._read)
        self.reader.start()
        return self

    def _read(self):
        for line in self.process.stdout:
            self.lines.append(line.rstrip())

    def __exit__(self, *unused):
        self.process.terminate()
        self.process.wait()
        self.reader.join()
        self.process.stdout.close()

    def line(self, pattern):
        """The first line of its log in which this is, which is waited for."""
        def look():
            return next((line for line in self.lines if re.search(pattern, line)), None)
        try:
            return ksecd.wait_for(look, f"sspi-rdp says {pattern!r}")
        except TimeoutError:
            return None

    def accepted(self):
        """What it says of the client that it has let in, as dictionary."""
        line = self.line(" accepted ") or ""
        return dict(re.findall(r"(\w+)=(\S*)", line))


class Server:
    """A server that goes as far as it has to, so that it is known what it was told.

    token: what was in the X.224 request; selected: what the client of MCS thinks was.
    """

    def __init__(self, port=0):
        self.listener = socket.create_server(("127.0.0.1", port))
        self.listener.settimeout(ksecd.WAIT_SECONDS)
        self.address = "127.0.0.1:%d" % self.listener.getsockname()[1]
        self.token = self.selected = None
        self.thread = threading.Thread(target=self._serve)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *unused):
        # Who waits for a client goes on by this, and not by the end of the descriptor.
        with contextlib.suppress(OSError):
            self.listener.shutdown(socket.SHUT_RDWR)
        self.thread.join()
        self.listener.close()

    def wait(self):
        """Until it has seen its client, or given up."""
        self.thread.join()

    @staticmethod
    def _pdu(connection):
        def take(n):
            data = b""
            while len(data) < n:
                piece = connection.recv(n - len(data))
                if not piece:
                    raise EOFError
                data += piece
            return data
        head = take(4)
        return take(struct.unpack(">H", head[2:])[0] - 4)

    def _serve(self):
        with contextlib.suppress(OSError, EOFError, ValueError):
            connection, _ = self.listener.accept()
            with connection:
                connection.settimeout(ksecd.WAIT_SECONDS)
                request = self._pdu(connection)
                self.token = request[7:].partition(b"\r\n")[0].decode()
                connection.sendall(CONFIRM + bytes(4))
                initial = self._pdu(connection)
                # Core data of a client: the field is at 212 of it.
                at = initial.index(b"Duca")
                at = initial.index(b"\x01\xc0", at + 4)
                self.selected, = struct.unpack_from("<I", initial, at + 212)


class Run:
    """What a client has come to: its exit code, and what it has said."""

    def __init__(self, command, environment, text=None):
        try:
            done = subprocess.run(command, env=environment, input=text, text=True, check=False,
                                  stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                  errors="replace", timeout=2 * ksecd.WAIT_SECONDS)
            self.code, self.text = done.returncode, done.stdout
        except subprocess.TimeoutExpired as error:
            self.code, self.text = None, (error.stdout or b"").decode(errors="replace")

    def __repr__(self):
        return f"exit code {self.code}\n" + "\n".join(self.text.splitlines()[-12:])


def main():
    """A server on port 3390 for one client, which says what it was told: for the demo."""
    with Server(3390) as server:
        print("an RDP server without Network Level Authentication", flush=True)
        server.wait()
        print(f"the server was told: {server.token}")
        print(f"MCS says that the protocol is {server.selected}", flush=True)


def xfreerdp(display, port, account, password=None):
    """FreeRDP, up to where a session is active; it ends then."""
    return Run(["xfreerdp", f"/v:127.0.0.1:{port}", f"/u:{account.user}", f"/d:{account.domain}",
                f"/p:{password or account.password}", "/sec:nla", "/cert:ignore", "+auth-only"],
               display.environment())


if __name__ == "__main__":
    main()


def rdesktop(display, port, user, domain, cache):
    """rdesktop with a ticket; it asks whether the certificate is to be trusted."""
    return Run(["rdesktop", "-v", "-u", user, "-d", domain, "-p", f"{user}-pw", f"{HOST}:{port}"],
               display.environment(KRB5CCNAME=cache), "yes\n" * 20)
