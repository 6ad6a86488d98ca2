# SPDX-License-Identifier: GPL-2.0-or-later
"""sspi-http and curl, as the tests of both use them."""

import collections
import json
import pwd
import re
import subprocess

import ksecd

USER = "ksecdd-service"

# One for each transfer: code of the last response, connections that were made for it
Transfer = collections.namedtuple("Transfer", "code connects")


class Reply:
    """What a run of curl gave: its transfers, and the bodies, which are JSON."""

    def __init__(self, code, output, errors):
        self.exit = code
        # With --parallel, a progress meter that --silent does not silence is in between.
        self.transfers = [Transfer(*map(int, numbers))
                          for numbers in re.findall(r"transfer (\d+) (\d+)\n", errors)]
        self.views = list(self._parse(output.decode()))

    @staticmethod
    def _parse(text):
        decoder = json.JSONDecoder()
        while text.strip():
            text = text.lstrip()
            value, end = decoder.raw_decode(text)
            yield value
            text = text[end:]

    @property
    def code(self):
        """The code of the last transfer."""
        return self.transfers[-1].code

    @property
    def codes(self):
        """All codes."""
        return [transfer.code for transfer in self.transfers]

    @property
    def connects(self):
        """How many connections were made."""
        return sum(transfer.connects for transfer in self.transfers)

    @property
    def accounts(self):
        """Whom the server took its client for, in each of its answers."""
        return [view.get("account") for view in self.views]

    def __repr__(self):
        return f"curl {self.exit}: {self.transfers} {self.views}"


class Server:
    """sspi-http, run by a user without privileges, inside of a with statement.

    privileges: capabilities that it has all the same.
    """

    def __init__(self, *options, privileges=()):
        self.options = options
        self.privileges = privileges
        self.process = None
        self.root = None

    def __enter__(self):
        user = pwd.getpwnam(USER)
        caps = ",".join(["-all", *(f"+{name}" for name in self.privileges)])
        self.process = subprocess.Popen(
            ["setpriv", f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups",
             f"--inh-caps={caps}", f"--ambient-caps={caps}",
             "sspi-http", "--quiet", "--port", "0", *self.options],
            stdout=subprocess.PIPE, text=True)
        line = self.process.stdout.readline()
        if not line.startswith("listening on "):
            raise ChildProcessError(f"sspi-http has ended with {self.process.wait()}: {line}")
        self.root = line.split()[2]
        return self

    def __exit__(self, *unused):
        self.process.terminate()
        self.process.wait()
        self.process.stdout.close()

    @property
    def address(self):
        """Address and port, as Python's sockets have them."""
        host, port = re.match(r"https?://([\d.]+):(\d+)/", self.root).groups()
        return host, int(port)

    @property
    def pid(self):
        """The process that calls libsspi."""
        return self.process.pid

    def url(self, path=""):
        """An address of it."""
        return f"{self.root}{path}"

    def curl(self, *words):
        """Runs curl with these words, which may be bytes."""
        return finish(self.start_curl(*words))

    def start_curl(self, *words):
        """The same, to be ended by finish()."""
        return subprocess.Popen(
            ["curl", "--silent", "--header", "Accept: application/json", "--write-out",
             "%{stderr}transfer %{http_code} %{num_connects}\n", *words],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE)

    def log_on(self, account, *words, password=None, domain=""):
        """curl --ntlm as an account."""
        prefix = f"{domain}\\" if domain else ""
        user = f"{prefix}{account.user}:{password or account.password}"
        return self.curl("--ntlm", "--user", user, *(words or (self.url(),)))


def finish(process):
    """What a curl that was started has to say."""
    output, errors = process.communicate(timeout=ksecd.WAIT_SECONDS)
    return Reply(process.returncode, output, errors.decode(errors="replace"))
