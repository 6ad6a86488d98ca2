#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""What callers of AcceptSecurityContext see when ksecd, the real one, fails.

It is killed, stopped, restarted, given a wrong configuration, and loses the module.
Each fault has its status within its time, and nothing hangs.
"""

import contextlib
import os
import signal
import subprocess
import sys
import time

import accounts
import impacket_ntlm
import ksecd
import sspi_pipe as sspi
import tap

ALICE = accounts.ALICE
BOB = accounts.Account("peer-bob", "EXAMPLE", "another password", "bob")
PARAMETERS = "/sys/module/ksecdd/parameters"
MODULE = f"{os.environ['KSECDD_KMOD']}/ksecdd.ko"
# A busy emulated machine may be this late with what it does at once.
SLACK = 3.0
IN_FLIGHT = 100
# What ksecd takes at once unless its configuration says otherwise: ksecd.conf(5).
TAKEN = 64


@contextlib.contextmanager
def parameters(**values):
    """Parameters of the module inside of the with statement."""
    before = {}
    for name, value in values.items():
        path = f"{PARAMETERS}/{name}"
        with open(path, encoding="ascii") as f:
            before[path] = f.read()
        with open(path, "w", encoding="ascii") as f:
            f.write(str(value))
    try:
        yield
    finally:
        for path, value in before.items():
            if os.path.exists(path):
                with open(path, "w", encoding="ascii") as f:
                    f.write(value)


def timed(function, *args):
    """What a call returns, and how many seconds it took."""
    begin = time.monotonic()
    return function(*args), time.monotonic() - begin


def half_open(t, server, account=ALICE):
    """Brings a logon to its second leg; returns the client's last token."""
    client = impacket_ntlm.Client(account)
    answer = server.accept(client.token(None))
    t.need(answer, sspi.SEC_I_CONTINUE_NEEDED, "first leg")
    return client.token(answer.token)


def logs_on(t, name, account=ALICE):
    """A point for a whole logon."""
    with sspi.Acceptor() as server:
        return t.status(sspi.log_on(server, impacket_ntlm.Client(account).token),
                        sspi.SEC_E_OK, name)


def test_not_running(t):
    noauth = sspi.SEC_E_NO_AUTHENTICATING_AUTHORITY
    negotiate = impacket_ntlm.Client(ALICE).token(None)
    with parameters(restart_grace_ms=1000), sspi.Acceptor() as server, \
            sspi.Acceptor() as later:
        token = half_open(t, server)
        ksecd.kill()
        answer, seconds = timed(later.accept, negotiate)
        t.status(answer, noauth, "ksecd has died: first leg")
        t.ok(seconds < 1.0 + SLACK, "it waits for another helper no longer than the grace",
             f"{seconds:.2f} s")
        answer, seconds = timed(later.accept, negotiate)
        t.status(answer, noauth, "after the grace: first leg")
        t.ok(seconds < SLACK, "it does not wait", f"{seconds:.2f} s")
        t.status(server.accept(token), noauth, "after the grace: second leg")
        ksecd.start()
        t.status(server.accept(token), sspi.SEC_E_OK,
                 "ksecd is back: the second leg that nobody had seen finishes the logon")
        t.status(later.accept(negotiate), sspi.SEC_I_CONTINUE_NEEDED, "and so begin others")


def test_restart_between_legs(t):
    for how, number in (("ended", signal.SIGTERM), ("killed", signal.SIGKILL)):
        with sspi.Acceptor() as server:
            token = half_open(t, server)
            before = ksecd.pid()
            ksecd.kill(number)
            ksecd.start()
            t.ok(ksecd.pid() != before, f"ksecd {how} and started: another process")
            t.status(server.accept(token), sspi.SEC_E_OK,
                     f"ksecd {how} and started between two legs: the logon finishes")
            t.equal(server.query("names").text("user"), ALICE.server_name, "as who it is")


def test_killed_with_requests(t):
    """A winbindd that never answers holds up ksecd, so that what happens is certain."""
    with open(ksecd.CONFIG, encoding="utf-8") as f:
        config = f.read()
    deaf = ksecd.DeafWinbindd()
    servers = []
    try:
        for _ in range(IN_FLIGHT):
            servers.append(sspi.Acceptor())
        tokens = [half_open_quietly(server) for server in servers]
        ksecd.write_config(config + "\n[accounts]\nsource = winbind\n").wait_for("read again")
        aborted = ksecd.statistics()["aborted"]
        for server, token in zip(servers, tokens):
            server.send_accept(token)
        ksecd.wait_for(lambda: ksecd.statistics()["requests"] == IN_FLIGHT,
                       f"{IN_FLIGHT} requests are under way")
        t.ok(True, f"{IN_FLIGHT} requests are under way")

        ksecd.kill()
        with open(ksecd.CONFIG, "w", encoding="utf-8") as f:
            f.write(config)
        ksecd.wait_for(lambda: ksecd.statistics()["aborted"] == aborted + TAKEN,
                       "what ksecd had taken fails")
        t.equal(ksecd.statistics()["requests"], IN_FLIGHT - TAKEN,
                "what it had not taken waits for the next one")
        ksecd.start()
        answers = [server.receive_within(ksecd.WAIT_SECONDS) for server in servers]
        statuses = sorted(answer.name for answer in answers)
        t.equal(statuses, ["SEC_E_INTERNAL_ERROR"] * TAKEN + ["SEC_E_OK"] * (IN_FLIGHT - TAKEN),
                "each caller has one answer: failed, or logged on by the next ksecd")
        dead = next(s for s, a in zip(servers, answers) if a.status == sspi.SEC_E_INTERNAL_ERROR)
        t.status(dead.accept(tokens[0]), sspi.SEC_E_INVALID_HANDLE, "what failed is dead")
        t.status(dead.delete(), sspi.SEC_E_OK, "and can be deleted")
        t.equal(ksecd.statistics()["requests"], 0, "no request is left")
    finally:
        deaf.stop()
        for server in servers:
            server.close()
        with open(ksecd.CONFIG, "w", encoding="utf-8") as f:
            f.write(config)


def half_open_quietly(server):
    """half_open() without a point."""
    client = impacket_ntlm.Client(ALICE)
    return client.token(server.accept(client.token(None)).token)


def test_stopped(t):
    negotiate = impacket_ntlm.Client(ALICE).token(None)
    ksecd.pause()
    try:
        with parameters(ntlm_timeout_ms=1000), sspi.Acceptor() as server:
            answer, seconds = timed(server.accept, negotiate)
            t.status(answer, sspi.SEC_E_NO_AUTHENTICATING_AUTHORITY, "ksecd stopped: first leg")
            t.ok(1.0 <= seconds < 1.0 + SLACK, "after its time", f"{seconds:.2f} s")
        with parameters(ntlm_timeout_ms=60000), sspi.Acceptor() as server:
            before = ksecd.statistics()["requests"]
            server.send_accept(negotiate)
            ksecd.wait_for(lambda: ksecd.statistics()["requests"] == before + 1,
                           "the request waits")
            _, seconds = timed(server.close)
            t.ok(seconds < SLACK, "a caller that waits can be killed", f"{seconds:.2f} s")
            t.equal(ksecd.statistics()["requests"], before, "and its request goes with it")
    finally:
        ksecd.resume()
    logs_on(t, "ksecd goes on: logon")


def test_module_reloaded(t):
    before = ksecd.pid()
    log = ksecd.Log()
    ksecd.wait_for(lambda: subprocess.run(["rmmod", "ksecdd"], check=False,
                                          stderr=subprocess.DEVNULL).returncode == 0,
                   "the module is unloaded")
    run = subprocess.run(["ksecctl", "status"], stderr=subprocess.PIPE, check=False)
    t.equal(run.returncode, 3, "ksecctl status tells that the module is not loaded")
    t.ok(b"modprobe ksecdd" in run.stderr, "and what to do", run.stderr)
    log.wait_for("not loaded; waiting for it")
    subprocess.run(["insmod", MODULE], check=True)
    ksecd.wait_for(ksecd.serving, "ksecd registers again")
    t.equal(ksecd.pid(), before, "module loaded again: the same ksecd registers by itself")
    logs_on(t, "module loaded again: logon")


def test_wrong_configuration(t):
    with open(ksecd.CONFIG, encoding="utf-8") as f:
        config = f.read()
    lines = config.count("\n")
    cases = (
        ("a key that there is not", "[ntlm]\nrequire-mick = yes\n", 2, "require-mick"),
        ("a value that there is not", "[ntlm]\nrequire-mic = maybe\n", 2, "require-mic"),
        ("a user that there is not", "[policy]\nsession-key-export = nobody-here\n", 2,
         "nobody-here"),
        ("a file that is not text", "\0\0\0", None, "not a text file"),
    )
    try:
        for name, text, line, words in cases:
            log = ksecd.write_config(config + text)
            log.wait_for("the old configuration stays in force")
            where = f"{ksecd.CONFIG}:{lines + line}:" if line else ksecd.CONFIG
            t.ok(where in log.text() and words in log.text(),
                 f"{name}: the log names the line and what is wrong with it", log.text())
            logs_on(t, f"{name}: the old configuration stays in force")
        os.unlink(ksecd.CONFIG)
        os.mkdir(ksecd.CONFIG)
        log = ksecd.Log()
        os.kill(ksecd.pid(), signal.SIGHUP)
        log.wait_for("the old configuration stays in force")
        t.ok(True, "a folder in the place of the file: the old configuration stays in force")
    finally:
        if os.path.isdir(ksecd.CONFIG):
            os.rmdir(ksecd.CONFIG)
        ksecd.write_config(config).wait_for("read again")


def test_accounts_at_once(t):
    def status(password=BOB.password):
        with sspi.Acceptor() as server:
            return sspi.log_on(server, impacket_ntlm.Client(BOB, password=password).token)

    denied = sspi.SEC_E_LOGON_DENIED
    t.status(status(), denied, "an account that is not there yet")
    accounts.add(BOB)
    t.status(status(), sspi.SEC_E_OK, "ksecctl account add: works at once")
    accounts.add(BOB._replace(password="a new one"), "--replace")
    t.status(status(), denied, "another password: the old one does not work any more")
    t.status(status("a new one"), sspi.SEC_E_OK, "the new one does")
    subprocess.run(["ksecctl", "account", "disable", BOB.user], check=True,
                   stdout=subprocess.DEVNULL)
    t.status(status("a new one"), denied, "disabled: at once")
    subprocess.run(["ksecctl", "account", "enable", BOB.user], check=True,
                   stdout=subprocess.DEVNULL)
    t.status(status("a new one"), sspi.SEC_E_OK, "enabled: at once")
    accounts.delete(BOB)
    t.status(status("a new one"), denied, "deleted: at once")


def test_readable_accounts(t):
    """A file of hashes that others can read is not used, and the log says so."""
    path = "/etc/ksecd/accounts"
    logs_on(t, "accounts for root only")
    for mode in (0o640, 0o604, 0o660):
        log = ksecd.Log()
        os.chmod(path, mode)
        try:
            with sspi.Acceptor() as server:
                answer = sspi.log_on(server, impacket_ntlm.Client(ALICE).token)
                t.status(answer, sspi.SEC_E_LOGON_DENIED, f"accounts with mode {mode:o}")
            t.ok(path in log.text() and "chmod" in log.text(),
                 f"mode {mode:o}: the log names the file and the remedy", log.text())
        finally:
            os.chmod(path, 0o600)
    os.chown(path, 65534, -1)
    try:
        with sspi.Acceptor() as server:
            answer = sspi.log_on(server, impacket_ntlm.Client(ALICE).token)
            t.status(answer, sspi.SEC_E_LOGON_DENIED, "accounts that belong to somebody else")
    finally:
        os.chown(path, 0, -1)
    logs_on(t, "for root only again")


def test_nothing_left(t):
    ksecd.nothing_left(t, "credentials")


TESTS = (test_not_running, test_restart_between_legs, test_killed_with_requests, test_stopped,
         test_module_reloaded, test_wrong_configuration, test_accounts_at_once,
         test_readable_accounts, test_nothing_left)
with accounts.added(ALICE):
    tap.main(*(test for test in TESTS if not sys.argv[1:] or test.__name__ in sys.argv[1:]))
