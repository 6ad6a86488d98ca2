#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""What 'make install' brings, run by systemd: the units with all that they forbid, udev's rule.

systemd is the first process of a pid namespace: the guest's own first process is the test
harness'. The tests run in that namespace, too, so that all speak of the same pids.
"""

import os
import pwd
import re
import shutil
import signal
import subprocess
import sys

import gssapi

import accounts
import gss_kerberos
import http_server
import ksecd
import rdp
import realm
import sspi_pipe as sspi
import tap
from client_token import Token

STAGED = os.path.join(sspi.TOP, "build/staged")
EXAMPLE = "/usr/local/share/doc/ksecdd/examples/ksecd.conf"
KEYTAB = "/etc/ksecd/units.keytab"
CERTIFICATE, KEY = "/etc/ksecd/rdp.pem", "/etc/ksecd/rdp.key"
SERVICE = "HTTP/ksecdd.test"
SECOND = "host/second.ksecdd.test"
GATEWAY_USER = "sspi-rdp"
GATEWAY_PORT, SERVER_PORT = 3389, 3390
CONFIG = f"""
[kerberos]
map = alice@{realm.REALM} alice
[service web]
keytab = {KEYTAB}
names = {SERVICE}
[tls rdp]
certificate = {CERTIFICATE}
key = {KEY}
users = {GATEWAY_USER}
"""
# capabilities(7): the numbers of CAP_SETGID, CAP_SETUID, CAP_NET_ADMIN and CAP_SYS_ADMIN
CAPABILITIES = 1 << 6 | 1 << 7 | 1 << 12 | 1 << 21
ALICE = accounts.ALICE
# What systemd would do at the start of a machine, and must not here: the repository of the
# host may lie in a folder that it empties.
KEEP_AWAY = ("/usr/bin/systemd-tmpfiles",)
INSIDE = "--inside"


def run(*command):
    """A command's exit code and output."""
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          check=False, errors="replace")
    return done.returncode, done.stdout


def unit(verb, name, *options):
    """systemctl; raises with what the unit has said when it fails."""
    code, text = run("systemctl", verb, *options, name)
    if code:
        raise OSError(f"systemctl {verb} {name}: {text}\n{journal(name)[-4000:]}")


def show(name, what):
    """A property of a unit."""
    return subprocess.check_output(["systemctl", "show", "--value", "-p", what, name],
                                   text=True).strip()


def main_pid(name):
    """The pid of a unit's main process, 0 if it has none."""
    return int(show(name, "MainPID"))


def journal(name):
    """What a unit has said."""
    run("journalctl", "--sync")
    return run("journalctl", "--no-pager", "--output=cat", f"--unit={name}")[1]


def process_status(pid):
    """/proc/PID/status, as dictionary."""
    with open(f"/proc/{pid}/status", encoding="utf-8") as f:
        return dict(line.rstrip("\n").split(":\t", 1) for line in f if ":\t" in line)


def configure(text):
    """What is in ksecd.conf, after the example's own lines; read by ksecd."""
    shutil.copy(EXAMPLE, ksecd.CONFIG)
    with open(ksecd.CONFIG, "a", encoding="utf-8") as f:
        f.write(text)
    before = journal("ksecd").count(": read again")
    unit("reload", "ksecd")
    ksecd.wait_for(lambda: journal("ksecd").count(": read again") > before,
                   "ksecd reads its configuration again")


def logs_on(t, name):
    """A client that others wrote, with NTLM."""
    with http_server.Server() as server:
        reply = server.log_on(ALICE)
        t.ok(reply.code == 200 and reply.accounts[-1] == ALICE.server_name,
             f"{name}: curl --ntlm", reply)


def test_start(t):
    os.makedirs("/etc/ksecd", mode=0o755)
    shutil.copy(EXAMPLE, ksecd.CONFIG)
    t.ok(not os.path.exists("/dev/ksecdd"), "the module is not there at first")
    unit("start", "ksecd")
    t.ok(ksecd.serving(), "ksecd serves as soon as systemctl says so, and the module is there")
    ksecd.wait_for(lambda: show("dev-ksecdd.device", "ActiveState") == "active",
                   "udev's rule tells systemd of the device")
    t.equal(os.stat("/dev/ksecdd").st_mode & 0o777, 0o666, "every service may use the device")
    status = process_status(main_pid("ksecd"))
    t.equal((int(status["CapBnd"], 16), status["NoNewPrivs"], status["Seccomp"]),
            (CAPABILITIES, "1", "2"), "ksecd has the rights that the unit names, and no others")
    t.equal(os.stat("/var/lib/ksecd").st_mode & 0o777, 0o700, "its folder is its own")


def test_ntlm(t):
    with accounts.added(ALICE):
        logs_on(t, "an account")
    t.ok("alice" in journal("ksecd"), "the journal tells of it", journal("ksecd")[-1000:])


def prepare_certificate():
    """Where ksecd sees it: /tmp is another folder for the units."""
    for made, path in ((rdp.CERTIFICATE, CERTIFICATE), (rdp.KEY, KEY)):
        shutil.copy(made, path)
    os.chmod(KEY, 0o600)


def test_delegation(t):
    """What needs most: the keeper puts a ticket into another user's keyring."""
    with realm.Realm() as kerberos:
        kerberos.add_service(SERVICE, KEYTAB)
        kerberos.add_service(SECOND, f"{kerberos.folder}/second.keytab")
        cache = kerberos.log_in("alice", options=["-f"])
        prepare_certificate()
        configure(CONFIG)
        flags = gss_kerberos.SEAL | gss_kerberos.ORDER | gss_kerberos.MUTUAL | \
            gssapi.RequirementFlag.delegate_to_peer
        for package, mech in (("Kerberos", gssapi.MechType.kerberos),
                              ("Negotiate", gss_kerberos.SPNEGO)):
            client = gss_kerberos.Client(cache, SERVICE, flags=flags, mech=mech)
            with sspi.Acceptor(package=package) as server:
                answer = sspi.log_on(server, client.token,
                                     sspi.ASC_REQ_MUTUAL_AUTH | sspi.ASC_REQ_DELEGATE)
                if answer.status != sspi.SEC_E_OK:
                    t.note(journal("ksecd")[-2000:])
                t.need(answer, sspi.SEC_E_OK, f"{package}: logon with a ticket")
                with Token(server) as token:
                    t.equal(token.uid, pwd.getpwnam("alice").pw_uid, f"{package}: she is alice")
                    code, text = token.run("kvno", SECOND)
                    t.equal((code, text.decode()), (0, f"{SECOND}@{realm.REALM}: kvno = 1\n"),
                            f"{package}: her ticket was delegated, and can be used")
    t.ok(os.listdir("/var/lib/ksecd"), "the replay cache is in ksecd's own folder")


def test_reload(t):
    before = main_pid("ksecd")
    with open(ksecd.CONFIG, "a", encoding="utf-8") as f:
        f.write("\nno such key = 1\n")
    code, text = run("systemctl", "reload", "ksecd")
    t.ok(code, "a wrong configuration: systemctl reload says so", text)
    t.ok("no such key" in journal("ksecd"), "and the journal what is wrong",
         journal("ksecd")[-1000:])
    t.equal((main_pid("ksecd"), ksecd.serving()), (before, True), "ksecd goes on with the old one")
    configure(CONFIG)


def comes_back(t, name, harm):
    """Something that ends ksecd, and systemd's answer."""
    before = main_pid("ksecd")
    harm(before)
    ksecd.wait_for(lambda: main_pid("ksecd") not in (0, before) and ksecd.serving(),
                   f"{name}: ksecd comes back")
    with accounts.added(ALICE):
        logs_on(t, name)


def test_restart(t):
    for _ in range(6):
        pid = main_pid("ksecd")
        os.kill(pid, signal.SIGKILL)
        ksecd.wait_for(lambda pid=pid: main_pid("ksecd") not in (0, pid), "a new ksecd")
    comes_back(t, "killed seven times", lambda pid: os.kill(pid, signal.SIGKILL))
    folder = "/run/systemd/system/ksecd.service.d"
    os.makedirs(folder)
    with open(f"{folder}/watchdog.conf", "w", encoding="ascii") as f:
        f.write("[Service]\nWatchdogSec=4s\n")
    run("systemctl", "daemon-reload")
    unit("restart", "ksecd")
    comes_back(t, "hung", lambda pid: os.kill(pid, signal.SIGSTOP))
    shutil.rmtree(folder)
    run("systemctl", "daemon-reload")


def rdp_logon(t, display):
    before = rdp.tls_stat()
    with rdp.Server(SERVER_PORT) as server:
        client = rdp.xfreerdp(display, GATEWAY_PORT, ALICE)
        server.wait()
        said = journal("sspi-rdp")
        t.ok("LOGON_FAILURE" not in client.text and re.search(" accepted .*user=alice", said),
             "xfreerdp gets through sspi-rdp", client, said[-1000:])
        t.equal(server.token, "Cookie: mstshash=alice", "to the server behind")
        client = rdp.xfreerdp(display, GATEWAY_PORT, ALICE, "wrong password")
        t.ok("LOGON_FAILURE" in client.text, "a wrong password does not", client)
    after = rdp.tls_stat()
    t.equal(after["TlsTxSw"] - before["TlsTxSw"], 1, "its records are the kernel's")


def test_gateway(t):
    os.makedirs("/etc/default", exist_ok=True)
    with open("/etc/default/sspi-rdp", "w", encoding="ascii") as f:
        f.write(f"SSPI_RDP_OPTIONS=--bind=127.0.0.1 --port={GATEWAY_PORT} --credential=rdp "
                f"--backend=127.0.0.1:{SERVER_PORT}\n")
    unit("start", "sspi-rdp")
    ksecd.wait_for(lambda: "listening on" in journal("sspi-rdp"), "sspi-rdp listens")
    status = process_status(main_pid("sspi-rdp"))
    t.equal((status["Uid"].split()[0], int(status["CapBnd"], 16), status["Seccomp"]),
            (str(pwd.getpwnam(GATEWAY_USER).pw_uid), 0, "2"),
            "sspi-rdp is a user without any capability")
    with rdp.Display() as display, accounts.added(ALICE):
        rdp_logon(t, display)


def test_stop(t):
    for name in ("sspi-rdp", "ksecd"):
        unit("stop", name)
        t.equal((show(name, "Result"), main_pid(name)), ("success", 0), f"{name} stops")
    t.equal(run("pgrep", "ksecd-keeper")[1], "", "the keeper has ended with ksecd")


def install():
    """As 'make install' and, for the module, DKMS would."""
    release = os.uname().release
    subprocess.run(["cp", "-r", f"{STAGED}/.", "/"], check=True)
    os.makedirs(f"/lib/modules/{release}/updates/dkms")
    shutil.copy(f"{sspi.TOP}/build/kmod/{os.environ['KSECDD_KERNEL']}/ksecdd.ko",
                f"/lib/modules/{release}/updates/dkms")
    subprocess.run(["depmod", release], check=True)
    subprocess.run(["ldconfig"], check=True)


def boot():
    """systemd, up to its basic target: the process that holds it, and the way in."""
    for path in KEEP_AWAY:
        os.unlink(path)
    holder = subprocess.Popen(
        ["unshare", "--pid", "--fork", "--mount-proc", "--kill-child", "env", "-i",
         "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "container=ksecdd",
         "/lib/systemd/systemd", "--system", "--unit=basic.target", "--show-status=no"])
    children = f"/proc/{holder.pid}/task/{holder.pid}/children"

    def first():
        with open(children, encoding="ascii") as f:
            return f.read().strip()

    pid = ksecd.wait_for(first, "systemd starts")
    # systemd does not talk to whom it cannot see.
    enter = ["nsenter", f"--target={pid}", "--pid", "--mount"]
    ksecd.wait_for(lambda: run(*enter, "systemctl", "is-active", "basic.target")[0] == 0,
                   "systemd is up", 120)
    return holder, enter


def main():
    """See the top of the file."""
    if sys.argv[1:] == [INSIDE]:
        # As sspi-rdp(8) says
        subprocess.run(["useradd", "--system", GATEWAY_USER], check=True)
        rdp.prepare()
        tap.main(test_start, test_ntlm, test_delegation, test_reload, test_restart, test_gateway,
                 test_stop)
    install()
    holder, enter = boot()
    try:
        code = subprocess.call([*enter, sys.executable, os.path.realpath(__file__), INSIDE])
    finally:
        holder.kill()
        holder.wait()
    # Only now is nobody left who has the device open; a worker of the kernel ends the rest.
    ksecd.wait_for(lambda: run("rmmod", "ksecdd")[0] == 0, "nothing holds the module")
    sys.exit(code)


main()
