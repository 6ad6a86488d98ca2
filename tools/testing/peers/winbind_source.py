#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""winbindd, a real one with accounts of its own, as ksecd's source of accounts.

It is a server that stands alone, so no domain controller is needed; ksecd asks it
in the way in which it asks about a domain.
"""

import os
import pwd
import shutil
import signal
import subprocess
import tempfile

import accounts
import http_server
import impacket_ntlm
import ksecd
import messages
import sspi_pipe as sspi
import tap

PASSWORD = "what winbindd knows"
# Samba wants a local user behind each account.
ALICE = accounts.Account("alice", accounts.COMPUTER, PASSWORD, "alice")
BOB = accounts.Account("bob", accounts.COMPUTER, PASSWORD, "bob")
# In the account file alone, with the same domain.
FILED = accounts.Account("peer-alice", accounts.COMPUTER, "what the file knows", "alice")


class Winbindd:
    """winbindd with everything that it keeps in a folder that goes with it."""

    def __init__(self):
        self.folder = tempfile.mkdtemp(prefix="ksecdd-winbind.")
        self.config = f"{self.folder}/smb.conf"
        for name in ("private", "lock", "state", "cache", "pid", "ncalrpc"):
            os.mkdir(f"{self.folder}/{name}", 0o755)
        # libwbclient looks there and nowhere else, and only if it is root's.
        os.makedirs(os.path.dirname(ksecd.WINBINDD_PIPE), mode=0o755, exist_ok=True)
        with open(self.config, "w", encoding="utf-8") as f:
            f.write("[global]\n"
                    f"netbios name = {accounts.COMPUTER}\nworkgroup = PEERS\n"
                    "server role = standalone server\n"
                    f"passdb backend = tdbsam:{self.folder}/private/passdb.tdb\n"
                    f"private dir = {self.folder}/private\nlock directory = {self.folder}/lock\n"
                    f"state directory = {self.folder}/state\n"
                    f"cache directory = {self.folder}/cache\n"
                    f"pid directory = {self.folder}/pid\n"
                    f"ncalrpc dir = {self.folder}/ncalrpc\n"
                    f"log file = {self.folder}/log\nlog level = 1\n"
                    "idmap config * : backend = tdb\nidmap config * : range = 200000-300000\n"
                    "interfaces = lo\nbind interfaces only = yes\ndisable netbios = yes\n")
        self.process = None

    def smbpasswd(self, *options, password=None):
        """Changes the accounts."""
        text = f"{password}\n{password}\n" if password else ""
        subprocess.run(["smbpasswd", "-c", self.config, "-s", *options], input=text.encode(),
                       stdout=subprocess.DEVNULL, stderr=subprocess.STDOUT, check=True)

    def start(self):
        """Returns when it judges logons: the first takes it longer than ksecd waits."""
        # Its children are of its group, and end with it.
        self.process = subprocess.Popen(
            ["winbindd", "--foreground", "--no-process-group", f"--configfile={self.config}"],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, process_group=0)
        ksecd.wait_for(lambda: subprocess.run(
            ["wbinfo", f"--authenticate={ALICE.domain}\\{ALICE.user}%{PASSWORD}"],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            check=False).returncode == 0, "winbindd judges logons", 120)

    def stop(self):
        """Ends it and its children."""
        if self.process:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
            self.process = None

    def _stop_dcerpcd(self):
        """Ends the daemon that it has started for its own requests.

        It takes long to start, and outlives winbindd: so it ends at the end only.
        """
        try:
            with open(f"{self.folder}/pid/samba-dcerpcd.pid", encoding="ascii") as f:
                daemon = int(f.read())
            # It has made a session of its own, with its workers in it.
            os.killpg(daemon, signal.SIGKILL)
        except (FileNotFoundError, ProcessLookupError):
            return
        ksecd.wait_for(lambda: ksecd.gone(daemon), "samba-dcerpcd ends")

    def log(self):
        """The end of what it has to say."""
        run = subprocess.run(f"tail -n 20 {self.folder}/log*", shell=True, check=False,
                             stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        return run.stdout.decode(errors="replace")

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self.stop()
        self._stop_dcerpcd()
        shutil.rmtree(self.folder)
        if os.path.exists(ksecd.WINBINDD_PIPE):
            os.unlink(ksecd.WINBINDD_PIPE)


WINBINDD = Winbindd()


def log_on(server, account, password=None):
    """A logon of impacket."""
    client = impacket_ntlm.Client(account, password=password)
    return sspi.log_on(server, client.token), client


def source(which):
    """A configuration with that source of accounts."""
    return ksecd.with_settings(f"[accounts]\nsource = {which}\n")


def test_logon(t):
    with source("winbind"), sspi.Acceptor() as server:
        answer, client = log_on(server, ALICE)
        if answer.status != sspi.SEC_E_OK:
            t.note(WINBINDD.log())
        t.need(answer, sspi.SEC_E_OK, "an account that winbindd knows")
        t.equal(server.query("names").text("user"), f"{accounts.COMPUTER}\\alice", "its name")
        mapped = [c["uid"] for c in ksecd.contexts() if c["owner_pid"] == server.pid]
        t.equal(mapped, [pwd.getpwnam("alice").pw_uid],
                "its uid is the one that winbindd maps it to")
        messages.everything(t, server, client, "through winbindd")


def test_refused(t):
    denied = sspi.SEC_E_LOGON_DENIED
    with source("winbind"), sspi.Acceptor() as server:
        t.status(log_on(server, ALICE, "wrong")[0], denied, "wrong password")
        server.delete()
        t.status(log_on(server, ALICE._replace(user="nobody-here"))[0], denied, "unknown user")
        server.delete()
        t.status(log_on(server, FILED)[0], denied, "one that only the file knows")
        server.delete()
        WINBINDD.smbpasswd("-d", "alice")
        t.status(log_on(server, ALICE)[0], denied, "disabled")
        server.delete()
        WINBINDD.smbpasswd("-e", "alice")
        t.status(log_on(server, ALICE)[0], sspi.SEC_E_OK, "enabled again")


def test_curl(t):
    with source("winbind"), http_server.Server() as server:
        reply = server.log_on(ALICE, domain=ALICE.domain)
        t.equal((reply.code, reply.accounts), (200, [f"{accounts.COMPUTER}\\alice"]),
                "curl logs in, and is told who it is")
        reply = server.log_on(ALICE, domain=ALICE.domain, password="wrong")
        t.equal(reply.code, 401, "curl with a wrong password")


def test_both(t):
    """File and winbindd, each with accounts that the other does not have."""
    for order in ("file, winbind", "winbind, file"):
        with source(order), sspi.Acceptor() as server:
            t.status(log_on(server, BOB)[0], sspi.SEC_E_OK, f"{order}: one of winbindd's")
            server.delete()
            t.status(log_on(server, FILED)[0], sspi.SEC_E_OK, f"{order}: one of the file's")
            server.delete()
            t.status(log_on(server, FILED, "wrong")[0], sspi.SEC_E_LOGON_DENIED,
                     f"{order}: wrong password")


def test_stopped(t):
    noauth = sspi.SEC_E_NO_AUTHENTICATING_AUTHORITY
    with source("winbind"), sspi.Acceptor() as server:
        log = ksecd.Log()
        WINBINDD.stop()
        t.status(log_on(server, ALICE)[0], noauth, "winbindd does not run")
        t.ok("winbindd is not running" in log.text(), "the log says so", log.text())
        server.delete()
        WINBINDD.start()
        t.status(log_on(server, ALICE)[0], sspi.SEC_E_OK, "it runs again")
    WINBINDD.stop()
    with source("file, winbind"), sspi.Acceptor() as server:
        t.status(log_on(server, FILED)[0], sspi.SEC_E_OK, "without it: one of the file's")
        server.delete()
        t.status(log_on(server, BOB)[0], noauth, "without it: one of winbindd's")


with accounts.added(FILED), WINBINDD:
    for user in ("alice", "bob"):
        WINBINDD.smbpasswd("-a", user, password=PASSWORD)
    WINBINDD.start()
    tap.main(test_logon, test_refused, test_curl, test_both, test_stopped)
