#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""SIDs in tickets: PACs by impacket, sent by MIT's GSSAPI, which knows nothing of them."""

import os
import re
import subprocess
import sys
import tempfile

import gss_kerberos
import ksecd
import realm
import sspi_pipe as sspi
import tap
from client_token import Token

KEYTAB = "/etc/ksecd/pac.keytab"
SERVICE = "HTTP/ksecdd.test"
CONFIG = f"""
[kerberos]
map = alice@{realm.REALM} alice
[service web]
keytab = {KEYTAB}
names = {SERVICE}
"""
TICKETER = "/usr/share/doc/python3-impacket/examples/ticketer.py"
DOMAIN = "S-1-5-21-1004336348-1177238915-682003330"
EXTRA = "S-1-5-21-1-2-3-4567"
# Its checksums with a key of zeros, its encryption as it is
WRONG_KEY = """
import impacket.krb5.crypto as crypto
def wrong(function):
    return type("Wrong", (), {"checksum": staticmethod(
        lambda key, *rest: function.checksum(crypto.Key(key.enctype, bytes(len(key.contents))),
                                             *rest))})
for number, function in list(crypto._checksum_table.items()):
    crypto._checksum_table[number] = wrong(function)
"""
RUN = "import runpy, sys; sys.argv = sys.argv[1:]; runpy.run_path(sys.argv[0], " \
      "run_name='__main__')"
REALM = realm.Realm(("alice",))


def service_key():
    """The newest key of the service, in hexadecimal."""
    text = subprocess.check_output(["klist", "-k", "-K", "-e", KEYTAB], text=True)
    return re.findall(r"^\s*2 .*\(0x([0-9a-f]+)\)", text, re.M)[-1]


def forge(name, *options, patch=""):
    """A ticket for the service that impacket makes; returns the cache it is in."""
    folder = tempfile.mkdtemp(dir=REALM.folder)
    run = subprocess.run(
        [sys.executable, "-c", patch + RUN, TICKETER, "-domain", realm.REALM, "-domain-sid",
         DOMAIN, "-spn", SERVICE, "-aesKey", service_key(), "-duration", "1", *options, name],
        cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    path = f"{folder}/{name}.ccache"
    if run.returncode or not os.path.exists(path):
        raise OSError(f"ticketer.py: {run.stdout}")
    return f"FILE:{path}"


def log_on(cache, package="Kerberos"):
    """An acceptor, and its answer to a client with the cache."""
    server = sspi.Acceptor(package=package)
    mech = gss_kerberos.SPNEGO if package == "Negotiate" else gss_kerberos.gssapi.MechType.kerberos
    client = gss_kerberos.Client(cache, SERVICE, mech=mech)
    return server, server.accept(client.token(None), sspi.ASC_REQ_MUTUAL_AUTH)


def test_sids(t):
    cache = forge("alice", "-user-id", "1104", "-groups", "513,1105", "-extra-sid", EXTRA)
    want = [f"{DOMAIN}-1104", f"{DOMAIN}-513", f"{DOMAIN}-1105", EXTRA]
    for package in ("Kerberos", "Negotiate"):
        server, answer = log_on(cache, package)
        with server:
            t.need(answer, sspi.SEC_E_OK, f"{package}: logon")
            with Token(server) as token:
                t.equal(token.sids[:1] + sorted(token.sids[1:]), want[:1] + sorted(want[1:]),
                        f"{package}: the token's SIDs, the user's first")
                t.equal(token.fdinfo().get("sids"), " ".join(token.sids),
                        f"{package}: fdinfo says so, too")


def test_wrong_key(t):
    cache, log = forge("alice", patch=WRONG_KEY), ksecd.Log()
    server, answer = log_on(cache)
    with server:
        t.status(answer, sspi.SEC_E_LOGON_DENIED, "signed with a wrong key")
        t.ok("the PAC is not signed with the service's key" in log.text(), "the log says so",
             log.text())


def test_too_many(t):
    groups = ",".join(str(2000 + i) for i in range(1200))
    server, answer = log_on(forge("alice", "-groups", groups))
    with server:
        t.status(answer, sspi.SEC_E_LOGON_DENIED, "more groups than can be handed on")


def test_kdc(t):
    server, answer = log_on(REALM.log_in("alice"))
    with server:
        t.need(answer, sspi.SEC_E_OK, "a ticket of MIT's KDC: logon")
        with Token(server) as token:
            t.equal((token.sids, "sids" in token.fdinfo()), ([], False),
                    "a ticket of MIT's KDC: no SIDs")


try:
    REALM.add_service(SERVICE, KEYTAB)
    # impacket's tickets are for version 2 of the key.
    REALM.kadmin(f"cpw -randkey {SERVICE}", f"ktadd -norandkey -k {KEYTAB} {SERVICE}")
    REALM.start()
    with ksecd.with_settings(CONFIG):
        tap.main(test_sids, test_wrong_key, test_too_many, test_kdc)
finally:
    REALM.close()
