# SPDX-License-Identifier: GPL-2.0-or-later
"""The service that speaks TLS through sspi.h (sspi_tls.c), and clients that others wrote."""

import os
import queue
import re
import subprocess
import threading

import ksecd
import pki

WAIT = ksecd.WAIT_SECONDS


class Reader:
    """Lines of a pipe, read by a thread of its own, so that waiting for them ends."""

    def __init__(self, pipe):
        self.lines = queue.Queue()
        self.seen = []
        threading.Thread(target=self.read, args=(pipe,), daemon=True).start()

    def read(self, pipe):
        """What the thread does."""
        for line in pipe:
            self.lines.put(line.rstrip("\r\n"))
        self.lines.put(None)

    def until(self, pattern):
        """Reads until a line fits; the match. Raises at the end of the lines or the time."""
        while True:
            try:
                line = self.lines.get(timeout=WAIT)
            except queue.Empty:
                raise TimeoutError(f"no /{pattern}/ within {WAIT} s: {self.seen}") from None
            if line is None:
                self.lines.put(None)
                raise EOFError(f"no /{pattern}/: {self.seen}")
            self.seen.append(line)
            found = re.search(pattern, line)
            if found:
                return found

    def rest(self):
        """All lines to the end."""
        try:
            self.until("(?!)")
        except EOFError:
            pass
        return self.seen


class Event(dict):
    """What the service has printed: name, and values by their names."""

    def __init__(self, line):
        self.name, *words = line.split()
        super().__init__(word.split("=", 1) for word in words if "=" in word)

    @property
    def status(self):
        """A SECURITY_STATUS, as sspi_tls.c prints it."""
        return self.get("status")


class Service:
    """sspi-tls with these options; a context manager."""

    def __init__(self, *options):
        self.process = subprocess.Popen(["sspi-tls", *options], stdout=subprocess.PIPE,
                                        text=True)
        self.reader = Reader(self.process.stdout)
        self.port = int(self.reader.until(r"^port (\d+)")[1])

    def event(self, name):
        """The next event of that name."""
        return Event(self.reader.until(rf"^{name}\b").string)

    def over(self):
        """The events until the present client is over, by their names."""
        begin = len(self.reader.seen)
        self.reader.until("^over")
        return [Event(line) for line in self.reader.seen[begin:]]

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()


class Client:
    """A program with TLS on one side and pipes on the other; a context manager."""

    def __init__(self, words):
        self.process = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=subprocess.STDOUT, text=True,
                                        env={**os.environ, "LC_ALL": "C"})
        self.reader = Reader(self.process.stdout)

    def send(self, line):
        """A line."""
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()

    def command(self, letter, reply):
        """A command of s_client, which throws away what it reads together with it."""
        self.send(letter)
        self.reader.until(reply)

    def echoes(self, line):
        """Whether a line comes back; what was in the way is passed over."""
        self.send(line)
        return bool(self.reader.until(f"^{re.escape(line)}$"))

    def end(self):
        """Ends what it sends."""
        self.process.stdin.close()

    def wait(self):
        """Waits for its end; all that it has printed."""
        text = "\n".join(self.reader.rest())
        self.process.wait(WAIT)
        return text

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self.process.kill()
        self.process.wait()
        for pipe in (self.process.stdin, self.process.stdout):
            try:
                pipe.close()
            except BrokenPipeError:
                pass


def s_client(port, *options):
    """openssl s_client, which believes no other certificate."""
    return Client(["openssl", "s_client", "-connect", f"127.0.0.1:{port}", "-CAfile", pki.CA.path,
                   "-verify_return_error", "-verify_hostname", pki.HOST, "-servername", pki.HOST,
                   *options])


def gnutls_cli(port, priority, *options):
    """gnutls-cli, likewise."""
    return Client(["gnutls-cli", "--x509cafile", pki.CA.path, "--verify-hostname", pki.HOST,
                   "--priority", priority, "--port", str(port), *options, "127.0.0.1"])
