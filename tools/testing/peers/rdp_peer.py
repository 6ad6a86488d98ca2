#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""sspi-rdp and clients that others wrote: FreeRDP, NTLM in version 6 of CredSSP, and
rdesktop, Kerberos in version 2.
"""

import subprocess

import accounts
import ksecd
import rdp
import realm
import tap

ALICE = accounts.ALICE
DISPLAY = rdp.Display()
KEYTAB = "/etc/ksecd/rdp.keytab"
OLD = "[credssp]\nmin-version = 2\n"
KERBEROS = f"""
[kerberos]
map = alice@{realm.REALM} alice
[service rdp]
keytab = {KEYTAB}
names = TERMSRV/{rdp.HOST}
users = root, {rdp.USER}
"""


def check_accepted(t, gateway, account, package):
    """What the gateway knows of a client."""
    seen = gateway.accepted()
    t.equal((seen.get("account"), seen.get("user"), seen.get("uid"), seen.get("package")),
            (account, "alice", "5001", package), f"the gateway knows {account}")
    t.ok(seen.get("tls") in ("TLSv1.2", "TLSv1.3") and seen.get("cipher"),
         f"{seen.get('tls')}, {seen.get('cipher')}")
    return seen.get("records")


def try_freerdp(t, records, *options):
    """The right password: what the gateway, the server and the kernel's TLS know then."""
    before = rdp.tls_stat()
    with rdp.Server() as server, rdp.Gateway(f"--backend={server.address}", *options) as gateway:
        run = rdp.xfreerdp(DISPLAY, gateway.port, ALICE)
        server.wait()
        t.ok("LOGON_FAILURE" not in run.text, "xfreerdp: the right password", run)
        t.equal(check_accepted(t, gateway, ALICE.server_name, "NTLM"), records,
                f"records={records}")
        t.ok(server.token == "Cookie: mstshash=alice", "the server is told the local user",
             server.token, run, *gateway.lines)
        t.equal(server.selected, 0, "MCS comes through, with the protocol that it has selected")
    after = rdp.tls_stat()
    for name in ("TlsTxSw", "TlsRxSw"):
        t.equal(after[name] - before[name], int(records == "kernel"), f"{name} of the kernel")
    t.equal(after["TlsDecryptError"], before["TlsDecryptError"], "and no record was forged")


def test_freerdp(t):
    try_freerdp(t, "kernel")
    try_freerdp(t, "calls", "--records=calls")


def test_freerdp_refused(t):
    with rdp.Server() as server, \
            rdp.Gateway(f"--backend={server.address}", "--group=ksecdd-test") as gateway:
        run = rdp.xfreerdp(DISPLAY, gateway.port, ALICE, "wrong password")
        t.ok(run.code != 0 and "LOGON_FAILURE" in run.text, "xfreerdp: a wrong password", run)
        t.ok(gateway.line("refused: SEC_E_LOGON_DENIED"), "the gateway says so, too",
             *gateway.lines)
        nobody = ALICE._replace(user="nobody-knows")
        run = rdp.xfreerdp(DISPLAY, gateway.port, nobody)
        t.ok(run.code != 0 and "LOGON_FAILURE" in run.text, "a name that nobody has: the same",
             run)
        with accounts.added(accounts.MÜLLER):
            run = rdp.xfreerdp(DISPLAY, gateway.port, accounts.MÜLLER)
            t.ok(run.code != 0, "a user who is not in the group", run)
            t.ok(gateway.line("known .* user=bob "), "is known", *gateway.lines)
            t.ok(gateway.line("refused: it is in none of the groups"), "and refused",
                 *gateway.lines)
        t.equal(server.token, None, "the server has heard nothing of all this")


def try_rdesktop(t, cache, name):
    """What is not to get through, with its reason; the server behind hears nothing of it."""
    with rdp.Server() as server, rdp.Gateway(f"--backend={server.address}") as gateway:
        run = rdp.rdesktop(DISPLAY, gateway.port, "alice", realm.REALM, cache)
        t.ok(run.code != 0, f"rdesktop: {name}", run)
        t.equal(server.token, None, "gets nowhere")


def test_rdesktop(t):
    with realm.Realm() as kerberos:
        kerberos.add_service(f"TERMSRV/{rdp.HOST}", KEYTAB)
        cache = kerberos.log_in("alice")
        with ksecd.with_settings(KERBEROS):
            try_rdesktop(t, cache, "version 2, where 5 is the least")
        with ksecd.with_settings(KERBEROS + OLD):
            with rdp.Server() as server, rdp.Gateway(f"--backend={server.address}") as gateway:
                run = rdp.rdesktop(DISPLAY, gateway.port, "alice", realm.REALM, cache)
                server.wait()
                check_accepted(t, gateway, f"{realm.REALM}\\alice", "Kerberos")
                t.ok((server.token, server.selected) == ("Cookie: mstshash=alice", 0),
                     "rdesktop: a ticket, and MCS", run, *gateway.lines)
            try_rdesktop(t, kerberos.cache("nobody"), "no ticket")
            kerberos.log_in("alice", options=("-l", "2s"))
            ksecd.wait_for(lambda: subprocess.run(["klist", "-s", "-c", cache],
                                                  check=False).returncode, "the ticket expires",
                           60)
            try_rdesktop(t, cache, "an expired ticket")


def main():
    """See the top of the file."""
    rdp.prepare()
    with DISPLAY, ksecd.with_settings(rdp.TLS_CONFIG), accounts.added(ALICE):
        tap.main(test_freerdp, test_freerdp_refused, test_rdesktop)


main()
