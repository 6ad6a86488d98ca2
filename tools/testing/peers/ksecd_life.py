#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""ksecd as a daemon: how it ends, who may be it, whom it serves, who a client is.

A winbindd that never answers holds up its workers, so that what happens is certain.
"""

import contextlib
import ctypes
import os
import signal
import subprocess
import tempfile
import time

import accounts
import impacket_ntlm
import ksecd
import sspi_pipe as sspi
import tap
from client_token import Token

ALICE = accounts.ALICE
UNMAPPED = accounts.Account("peer-unmapped", "EXAMPLE", "mapped to nobody", None)
LOST = accounts.Account("peer-lost", "EXAMPLE", "mapped to no user", "no-such-user-here")
NOBODY = accounts.Account("", "", "", None)
STOP_SECONDS = 5.0          # ksecd(8)
# A busy emulated machine may be this late with what it does at once.
SLACK = 3.0
CLONE_NEWNET = 0x40000000


@contextlib.contextmanager
def restarted_with(text):
    """The same for what counts from the start on."""
    with open(ksecd.CONFIG, encoding="utf-8") as f:
        before = f.read()
    try:
        with open(ksecd.CONFIG, "w", encoding="utf-8") as f:
            f.write(f"{before}\n{text}")
        subprocess.run(["vm-ksecd", "restart"], check=True)
        ksecd.wait_for(ksecd.serving, "ksecd registers")
        yield
    finally:
        with open(ksecd.CONFIG, "w", encoding="utf-8") as f:
            f.write(before)
        subprocess.run(["vm-ksecd", "restart"], check=True)
        ksecd.wait_for(ksecd.serving, "ksecd registers")


@contextlib.contextmanager
def ended():
    """ksecd may end inside of the with statement, and runs behind it."""
    try:
        yield
    finally:
        if not ksecd.serving():
            ksecd.start()


def half_open(server, account=ALICE):
    """Brings a logon to its second leg; returns the client's last token."""
    client = impacket_ntlm.Client(account)
    return client.token(server.accept(client.token(None)).token)


def log_on(server, account=ALICE, req=0):
    """A whole logon."""
    return sspi.log_on(server, impacket_ntlm.Client(account).token, req)


def uid_of(server):
    """The uid that the module has for the context of a server; None without one."""
    return next(c["uid"] for c in ksecd.contexts() if c["owner_pid"] == server.pid)


def ends_within(process, seconds):
    """How long it takes a process to end."""
    begin = time.monotonic()
    ksecd.wait_for(lambda: ksecd.gone(process), "ksecd ends", seconds)
    return time.monotonic() - begin


def test_stop_while_busy(t):
    """What does not come to an end is given up, and the next ksecd does the rest."""
    with sspi.Acceptor() as busy, sspi.Acceptor() as late, \
            ksecd.DeafWinbindd() as winbindd:
        token = half_open(busy)
        with ksecd.with_settings("[accounts]\nsource = winbind\n"), ended():
            log = ksecd.Log()
            busy.send_accept(token)
            winbindd.wait()
            process = ksecd.pid()
            os.kill(process, signal.SIGTERM)
            log.wait_for("stopping")
            late.send_accept(impacket_ntlm.Client(ALICE).token(None))
            seconds = ends_within(process, STOP_SECONDS + 4 * SLACK)
            t.ok(STOP_SECONDS - 1 < seconds < STOP_SECONDS + SLACK,
                 "SIGTERM: it waits for what it has begun, but not for ever", f"{seconds:.2f} s")
            t.status(busy.receive_within(SLACK), sspi.SEC_E_INTERNAL_ERROR,
                     "what it had begun fails")
            t.ok("not finished in time" in log.text(), "the log says so", log.text())
            ksecd.start()
            t.status(late.receive_within(10), sspi.SEC_I_CONTINUE_NEEDED,
                     "what came meanwhile is served by the next one")


def test_stop_finishes(t):
    """What comes to an end in time gets its answer."""
    with sspi.Acceptor() as busy, ksecd.DeafWinbindd() as winbindd:
        token = half_open(busy)
        with ksecd.with_settings("[accounts]\nsource = winbind\n"), ended():
            busy.send_accept(token)
            winbindd.wait()
            log = ksecd.Log()
            process = ksecd.pid()
            os.kill(process, signal.SIGTERM)
            time.sleep(1)
            t.ok(not ksecd.gone(process), "SIGTERM: it does not end while it is at work")
            winbindd.stop()
            t.status(busy.receive_within(10), sspi.SEC_E_NO_AUTHENTICATING_AUTHORITY,
                     "the caller gets the verdict")
            seconds = ends_within(process, STOP_SECONDS + SLACK)
            t.ok("<5>stopped\n" in log.text() and seconds < STOP_SECONDS,
                 "and ksecd ends", f"{seconds:.2f} s", log.text())


def test_stop_twice(t):
    with sspi.Acceptor() as busy, ksecd.DeafWinbindd() as winbindd:
        token = half_open(busy)
        with ksecd.with_settings("[accounts]\nsource = winbind\n"), ended():
            busy.send_accept(token)
            winbindd.wait()
            process = ksecd.pid()
            log = ksecd.Log()
            os.kill(process, signal.SIGTERM)
            log.wait_for("stopping")
            os.kill(process, signal.SIGTERM)
            seconds = ends_within(process, STOP_SECONDS)
            t.ok(seconds < STOP_SECONDS - 1, "a second SIGTERM: it ends at once",
                 f"{seconds:.2f} s")
            t.status(busy.receive_within(SLACK), sspi.SEC_E_INTERNAL_ERROR,
                     "what it had begun fails")


class Another:
    """Another ksecd."""

    def __init__(self, *args, **popen):
        self.log = tempfile.TemporaryFile()
        self.process = subprocess.Popen(
            [*popen.pop("prefix", []), "ksecd", *args], stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=self.log, **popen)

    def text(self):
        """What it has logged."""
        return os.pread(self.log.fileno(), 1 << 20, 0).decode()

    def code(self):
        """Its exit code."""
        return self.process.wait(ksecd.WAIT_SECONDS)

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self.process.kill()
        self.process.wait()
        self.log.close()


def test_second(t):
    first = ksecd.pid()
    with Another() as second:
        t.equal(second.code(), 1, "a second ksecd gives up")
        t.ok("another helper is registered" in second.text(), "and says why", second.text())
    t.equal(ksecd.status()["helper"]["pid"], first, "the first is still the helper")
    with ended(), Another("--wait") as second:
        ksecd.wait_for(lambda: "another helper" in second.text(), "the second has tried")
        time.sleep(2)
        t.ok(second.process.poll() is None, "with --wait it waits")
        ksecd.kill(signal.SIGTERM)
        ksecd.wait_for(ksecd.serving, "the second registers")
        t.equal(ksecd.status()["helper"]["pid"], second.process.pid,
                "when the first has ended it takes its place")
        t.equal(second.text().count("another helper"), 1, "it complained once")
        with sspi.Acceptor() as server:
            t.status(log_on(server), sspi.SEC_E_OK, "and serves")
        second.process.terminate()
        t.equal(second.code(), 0, "SIGTERM ends it")


def test_privileges(t):
    """Who has not both capabilities cannot be the helper, not even as root."""
    with ended():
        ksecd.kill(signal.SIGTERM)
        for prefix, name in (
                (["setpriv", "--bounding-set=-sys_admin"], "without CAP_SYS_ADMIN"),
                (["setpriv", "--bounding-set=-net_admin"], "without CAP_NET_ADMIN"),
                (["setpriv", "--reuid=65534", "--clear-groups"], "as nobody"),
                (["unshare", "--user", "--map-root-user"], "root of a user namespace")):
            with Another(prefix=prefix) as other:
                t.equal(other.code(), 1, f"{name}: it cannot register")
                t.ok("only root may be the helper" in other.text(), f"{name}: it says why",
                     other.text())
            t.ok(not ksecd.serving(), f"{name}: nobody is the helper")


def test_small_ring(t):
    """One request at a time: the others wait in the module, and none is forgotten."""
    with restarted_with("[daemon]\nworkers = 1\nmax-inflight = 1\n"), contextlib.ExitStack() as s:
        servers = [s.enter_context(sspi.Acceptor()) for _ in range(30)]
        clients = [impacket_ntlm.Client(ALICE) for _ in servers]
        for server, client in zip(servers, clients):
            server.send_accept(client.token(None))
        tokens = [c.token(s.receive_within(30).token) for s, c in zip(servers, clients)]
        for server, token in zip(servers, tokens):
            server.send_accept(token)
        answers = {server.receive_within(30).name for server in servers}
        t.equal(answers, {"SEC_E_OK"}, f"{len(servers)} logons at once")


def leave_network():
    """Into a network namespace of its own."""
    if ctypes.CDLL(None, use_errno=True).unshare(CLONE_NEWNET):
        raise OSError(ctypes.get_errno(), "unshare")


def test_network_namespaces(t):
    negotiate = impacket_ntlm.Client(ALICE).token(None)
    with sspi.Acceptor(preexec_fn=leave_network) as server:
        t.status(server.accept(negotiate), sspi.SEC_E_NO_AUTHENTICATING_AUTHORITY,
                 "a container has no helper")
    with restarted_with("[daemon]\nall-netns = yes\n"), \
            sspi.Acceptor(preexec_fn=leave_network) as server:
        t.status(log_on(server), sspi.SEC_E_OK, "unless ksecd serves all: logon")


def test_mapping(t):
    null = sspi.CONSTANTS["ASC_REQ_ALLOW_NULL_SESSION"]
    with sspi.Acceptor() as server:
        t.status(log_on(server, UNMAPPED), sspi.SEC_E_OK, "an account without local user")
        t.equal(uid_of(server), None, "has no uid")
        server.delete()
        log = ksecd.Log()
        t.status(log_on(server, LOST), sspi.SEC_E_LOGON_DENIED,
                 "an account whose local user does not exist")
        t.ok("local user does not exist" in log.text(), "the log says why", log.text())
        server.delete()
        t.status(log_on(server, NOBODY), sspi.SEC_E_LOGON_DENIED, "an anonymous client")
        server.delete()
        log = ksecd.Log()
        t.status(log_on(server, NOBODY, null), sspi.SEC_E_OK, "where null sessions are allowed")
        t.equal(uid_of(server), None, "has no uid")
        t.equal(server.query("names").text("user"), "NT AUTHORITY\\ANONYMOUS LOGON", "but a name")
        t.ok('account "NT AUTHORITY\\ANONYMOUS LOGON"' in log.text(), "also in the log",
             log.text())
    with ksecd.with_settings("[accounts]\nmap-unknown = daemon\nmap-anonymous = nobody\n"), \
            sspi.Acceptor() as server:
        for account, req, uid in ((UNMAPPED, 0, 1), (NOBODY, null, 65534), (ALICE, 0, None)):
            t.status(log_on(server, account, req), sspi.SEC_E_OK,
                     f"map-*: {account.user or 'anonymous'}")
            if uid:
                t.equal(uid_of(server), uid, "becomes the configured user")
            else:
                t.ok(uid_of(server) not in (None, 1, 65534), "keeps the user of its own")
            server.delete()
        t.status(log_on(server, LOST), sspi.SEC_E_LOGON_DENIED,
                 "map-*: not for a local user who does not exist")


def test_root_by_another_name(t):
    """A user with uid 0 who is not called root."""
    with open("/etc/passwd", encoding="utf-8") as f:
        before = f.read()
    try:
        with open("/etc/passwd", "a", encoding="utf-8") as f:
            f.write("toor:x:0:0::/root:/bin/sh\n")
        with ksecd.with_settings("[accounts]\nmap-unknown = toor\n"), sspi.Acceptor() as server:
            log = ksecd.Log()
            t.status(log_on(server, UNMAPPED), sspi.SEC_E_LOGON_DENIED, "nobody becomes root")
            t.ok("uid 0" in log.text(), "the log says why", log.text())
    finally:
        with open("/etc/passwd", "w", encoding="utf-8") as f:
            f.write(before)


def test_user_cache(t):
    """What was looked up holds, but not for longer than what it was looked up in."""
    def changed(path, change):
        with open(path, encoding="utf-8") as f:
            before = f.read()
        with open(f"{path}.new", "w", encoding="utf-8") as f:
            f.write(change(before))
        os.rename(f"{path}.new", path)
        return before

    def groups(name):
        t.need(log_on(server, ALICE), sspi.SEC_E_OK, name)
        with Token(server) as token:
            found = token.fdinfo()["groups"].split()
        server.delete()
        return found

    with ksecd.with_settings("[accounts]\nuser-cache = 1h\n"), sspi.Acceptor() as server:
        first = groups("user-cache: looked up")
        t.equal(groups("user-cache: known"), first, "has the same groups")
        before = changed("/etc/group", lambda text: f"{text}late:x:6001:alice\n")
        t.equal(groups("user-cache: in one more group"), [*first, "6001"], "has it at once")
        changed("/etc/group", lambda text: before)
        t.equal(groups("user-cache: not any more"), first, "at once, too")
        before = changed("/etc/passwd", lambda text: text.replace("\nalice:", "\nalicia:"))
        t.status(log_on(server, ALICE), sspi.SEC_E_LOGON_DENIED, "user-cache: who is gone is out")
        server.delete()
        changed("/etc/passwd", lambda text: before)
        t.equal(groups("user-cache: back again"), first, "as before")


def test_forged_lines(t):
    """A client that chooses its name for the log."""
    forged = ALICE._replace(user="x\"\n<6>NTLM context 1 leg 1: SEC_E_OK\x1b[2J", domain="A\\B")
    log = ksecd.Log()
    with sspi.Acceptor() as server:
        t.status(log_on(server, forged), sspi.SEC_E_LOGON_DENIED, "a strange name is refused")
    text = log.text()
    lines = [x for x in text.splitlines() if "SEC_E_LOGON_DENIED" in x]
    t.equal(len(lines), 1, "and is one line")
    t.ok('"A%5CB\\x%22%0A<6>NTLM' in lines[0] and "\x1b" not in text,
         "in which nothing is what it is not", text)
    t.ok(not any(x.startswith("<6>NTLM context 1 leg") for x in text.splitlines()),
         "none is forged")


with accounts.added(ALICE, UNMAPPED, LOST):
    tap.main(test_stop_while_busy, test_stop_finishes, test_stop_twice, test_second,
             test_privileges, test_small_ring, test_network_namespaces, test_mapping,
             test_root_by_another_name, test_user_cache, test_forged_lines)
