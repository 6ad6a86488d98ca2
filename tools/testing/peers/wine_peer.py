#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""A program of Windows, run by Wine, against itself on Linux: tools/sspi-talk.

Runs in the guest's root 'wine' only, which has a compiler for Windows, too.
"""

import calendar
import os
import shutil
import subprocess
import tempfile
import time

import accounts
import ksecd
import realm
import sspi_pipe as sspi
import tap

import gssapi

ALICE = accounts.ALICE
USER = f"user={ALICE.domain}\\{ALICE.user}"
SERVICE = "HTTP/ksecdd.test"
KEYTAB = "/etc/ksecd/wine.keytab"
CONFIG = f"""
[kerberos]
map = alice@{realm.REALM} alice
[service web]
keytab = {KEYTAB}
names = {SERVICE}
users = root
"""
SOURCE = os.path.join(os.environ["KSECDD_TOP"], "tools/sspi-talk/sspi-talk.c")
FOLDER = tempfile.mkdtemp(prefix="ksecdd-wine.")
PROGRAM = f"{FOLDER}/sspi-talk.exe"
WINE = "/usr/lib/wine/wine64"
WINESERVER = "/usr/lib/wine/wineserver"
REALM = realm.Realm()

# What is said of each kind: lengths of sspi-talk.c.
LENGTHS = (5, 0, 1, 1000, 65536, 200000)
KINDS = {"s": "sealed", "r": "readable", "m": "signature"}
CALL_SECONDS = 120


class Said:
    """How one side has ended, and what it has printed: 'what: text' a line."""

    def __init__(self, code, text):
        self.code = code
        self.text = text
        lines = [line.partition(": ") for line in text.splitlines()]
        self.fields = {name: value for name, _, value in lines}
        self.heard = [value for name, _, value in lines if name == "heard"]

    def __str__(self):
        return f"ended with {self.code}: {self.text}"

    def attributes(self):
        """*pfContextAttr."""
        return int(self.fields.get("attributes", "0"), 16)


def environment():
    """For programs that Wine runs: they need none of the services that Windows starts."""
    return dict(os.environ, HOME="/root", WINEDEBUG="-all", KRB5CCNAME=REALM.cache("alice"),
                KRB5_KTNAME=KEYTAB, WINEDLLOVERRIDES="wineboot.exe=")


def wine(*words, **options):
    """The program, as Wine runs it."""
    try:
        run = subprocess.run([WINE, PROGRAM, *words], env=environment(), stdout=subprocess.PIPE,
                             stderr=subprocess.STDOUT, check=False, text=True,
                             timeout=CALL_SECONDS, **options)
        return Said(run.returncode, run.stdout)
    except subprocess.TimeoutExpired as error:
        return Said(124, (error.stdout or b"").decode(errors="replace"))


def talk(package, *options, password=None, command=("sspi-talk",)):
    """A client of Windows and a server, which is ours; returns both as Said."""
    with subprocess.Popen([*command, "server", package], env=environment(),
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          text=True) as server:
        try:
            first = server.stdout.readline()
            port = first.removeprefix("port: ").strip()
            client = wine("client", package, port, SERVICE, *options,
                          input=f"{password}\n" if password else "")
            text, _ = server.communicate(timeout=CALL_SECONDS)
        finally:
            server.kill()
    return client, Said(server.returncode, first + text)


def conversed(t, name, client, server, kinds):
    """Whether both have heard everything, and have nothing to complain about."""
    return t.ok(client.code == 0 and server.code == 0 and client.fields.get("said") == "all" and
                server.heard == [f"{KINDS[kind]}, {length} bytes" for kind in kinds
                                 for length in LENGTHS],
                f"{name}: messages of all lengths both ways, {' and '.join(map(KINDS.get, kinds))}",
                f"client {client}", f"server {server}")


def is_alice(t, name, server, package):
    """Who it is, as the server sees it, and by which package."""
    who = f"{realm.REALM}\\alice" if package == "Kerberos" else ALICE.server_name
    t.equal(server.fields.get("names"), who, f"{name}: we know the client")
    t.equal([server.fields.get("negotiated"), server.fields.get("package")],
            [f"{package}, state 0", package], f"{name}: {package} was negotiated")


def kerberos(t, package, *options):
    """A logon with alice's ticket."""
    name = " ".join((package, *options))
    client, server = talk(package, "say=srm", *options)
    if not conversed(t, name, client, server, "srm"):
        return
    is_alice(t, name, server, "Kerberos")
    t.equal(server.fields.get("native names"), f"alice@{realm.REALM}, {SERVICE}@{realm.REALM}",
            f"{name}: and what the ticket calls us both")
    t.equal(client.fields.get("negotiated"), "Kerberos, state 0", f"{name}: the client, too")
    t.equal([bool(side.attributes() & sspi.ASC_RET_MUTUAL_AUTH) for side in (client, server)],
            ["mutual" in options] * 2, f"{name}: mutual authentication as was asked for")
    credential = gssapi.Credentials(usage="initiate", store={"ccache": REALM.cache("alice")})
    until = calendar.timegm(time.strptime(server.fields["lifespan"], "%Y-%m-%d %H:%M:%S"))
    left = until - time.time() - credential.lifetime
    t.ok(abs(left) < 5, f"{name}: lasts as long as the ticket", server.fields["lifespan"], left)


def ntlm(t, package):
    """A logon with a password."""
    name = f"{package} with a password"
    client, server = talk(package, "say=sm", USER, password=ALICE.password)
    if conversed(t, name, client, server, "sm"):
        is_alice(t, name, server, "NTLM")


def test_wine(t):
    """Wine's folder of Windows was made with the root."""
    build = subprocess.run(["x86_64-w64-mingw32-gcc", "-std=c17", "-Wall", "-Wextra", "-Werror",
                            SOURCE, "-o", PROGRAM, "-lsecur32", "-lws2_32"], check=False,
                           stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    t.ok(not build.returncode, "sspi-talk is built for Windows", build.stdout)
    # Stays for the programs after this one.
    subprocess.run([WINESERVER, "--persistent"], env=environment(), check=True)
    said = wine("--help")
    t.ok("usage: sspi-talk" in said.text, "Wine runs it", said)


def test_kerberos(t):
    kerberos(t, "Kerberos")
    kerberos(t, "Kerberos", "mutual")


def test_negotiate_kerberos(t):
    kerberos(t, "Negotiate", "mutual")


def test_server(t):
    """The same source is a server of Windows, too."""
    client, server = talk("Kerberos", "say=srm", "mutual", command=(WINE, PROGRAM))
    conversed(t, "a server that Wine runs", client, server, "srm")


def test_ntlm(t):
    ntlm(t, "NTLM")
    _, server = talk("NTLM", USER, password="wrong")
    t.equal([server.fields.get("AcceptSecurityContext"), "names" in server.fields],
            [f"0x{sspi.SEC_E_LOGON_DENIED & 0xffffffff:08x}", False],
            "NTLM with a password, which is wrong")


def test_negotiate_ntlm(t):
    ntlm(t, "Negotiate")


try:
    REALM.add_service(SERVICE, KEYTAB)
    REALM.start()
    REALM.log_in("alice")
    with accounts.added(ALICE), ksecd.with_settings(CONFIG):
        tap.main(test_wine, test_kerberos, test_negotiate_kerberos, test_ntlm,
                 test_negotiate_ntlm, test_server)
finally:
    subprocess.run([WINESERVER, "--kill"], env=environment(), check=False)
    REALM.close()
    shutil.rmtree(FOLDER)
