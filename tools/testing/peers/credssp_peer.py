#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""impacket's rdp_check as client of CredSSP, libsspi as acceptor.

It speaks version 2 with NTLM and asks no more than whether it would be let in.
"""

import ctypes
import os
import pwd
import subprocess
import tempfile

import accounts
import ksecd
import rdp_server
import sspi_pipe as sspi
import tap
from client_token import Token

ALICE = accounts.ALICE
CHECK = "/usr/share/doc/python3-impacket/examples/rdp_check.py"
SECONDS = 120
UID = pwd.getpwnam(ALICE.local).pw_uid


class _Credential(ctypes.Structure):
    """LinuxCredential of sspi_linux.h."""
    _fields_ = [("user", ctypes.c_char_p), ("domain", ctypes.c_char_p),
                ("password", ctypes.c_char_p)]


def _certificate(folder):
    """A certificate of this server, and its key."""
    certificate, key = os.path.join(folder, "certificate.pem"), os.path.join(folder, "key.pem")
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2",
                    "-subj", "/CN=ksecdd.test", "-keyout", key, "-out", certificate],
                   check=True, stderr=subprocess.DEVNULL)
    return f"[tls rdp]\ncertificate = {certificate}\nkey = {key}\n"


def _check(password=ALICE.password):
    """Runs rdp_check; what it says."""
    target = f"{ALICE.domain}/{ALICE.user}:{password}@127.0.0.1"
    run = subprocess.run(["/usr/bin/python3", CHECK, target], stdout=subprocess.PIPE,
                         stderr=subprocess.STDOUT, timeout=SECONDS, check=False)
    return run.stdout.decode(errors="replace")


def _settings(certificate, more=""):
    return ksecd.with_settings(f"{certificate}[credssp]\ntls = rdp\n{more}")


def _fetch(token):
    """LinuxFetchCredential: the status, and user and password."""
    credential = ctypes.POINTER(_Credential)()
    token.lib.LinuxFetchCredential.argtypes = [ctypes.c_void_p, ctypes.c_void_p]
    status = token.lib.LinuxFetchCredential(token.fd, ctypes.byref(credential)) & 0xffffffff
    if status:
        return status, None, None
    got = credential.contents.user.decode(), credential.contents.password.decode()
    token.lib.FreeContextBuffer(credential)
    return status, *got


def _let_in(t, certificate):
    with _settings(certificate, "min-version = 2\n"), rdp_server.Server() as server:
        said = _check()
        t.need(server.result(), sspi.SEC_E_OK, "version 2, the right password")
        t.ok("Access Granted" in said, "and the client knows", said)
        t.equal(server.query("names").text("user"), ALICE.server_name, "its name")
        with Token(server) as token:
            t.equal((token.uid, token.flags & sspi.ASC_RET_DELEGATE), (UID, 0),
                    "its token, and nothing is delegated that nobody wanted")
            t.ok("key" not in token.fdinfo(), "nor kept")


def _delegated(t, certificate):
    with _settings(certificate, "min-version = 2\n"), \
            rdp_server.Server(sspi.ASC_REQ_DELEGATE) as server:
        _check()
        t.need(server.result(), sspi.SEC_E_OK, "with ASC_REQ_DELEGATE")
        with Token(server) as token:
            t.ok(token.flags & sspi.ASC_RET_DELEGATE, "the password is delegated")
            key = int(token.fdinfo()["key"])
            # Nobody but the user may look.
            listed = token.run("sh", "-c", "keyctl rlist $(keyctl get_persistent @p)")
            t.ok(str(key) in listed[1].decode().split(), "a key in the keyring of the local user",
                 key, *listed)
            described = token.run("keyctl", "rdescribe", str(key))
            t.ok(described[1].startswith(f"ksecdd_cred;{UID};".encode()), "it is his", *described)
            t.ok(token.run("keyctl", "pipe", str(key))[0], "and not even he reads it")
            t.equal(_fetch(token)[0], sspi.SEC_E_NO_CREDENTIALS, "nor is it fetched")


def _fetched(t, certificate):
    with _settings(certificate, "min-version = 2\nfetch-credentials = root\n"), \
            rdp_server.Server(sspi.ASC_REQ_DELEGATE) as server:
        _check()
        t.need(server.result(), sspi.SEC_E_OK, "with fetch-credentials")
        with Token(server) as token:
            t.equal(_fetch(token), (sspi.SEC_E_OK, ALICE.user, ALICE.password),
                    "the password is fetched")
            t.equal(_fetch(token)[0], sspi.SEC_E_NO_CREDENTIALS, "once")


def _forbidden(t, certificate):
    with _settings(certificate, "min-version = 2\nforbid-delegation = root\n"), \
            rdp_server.Server(sspi.ASC_REQ_DELEGATE) as server:
        _check()
        t.status(server.result(), sspi.SEC_E_UNSUPPORTED_FUNCTION, "delegation is forbidden")


def _refused(t, certificate):
    with _settings(certificate, "min-version = 2\n"), rdp_server.Server() as server:
        said = _check("not the password")
        t.status(server.result(), sspi.SEC_E_LOGON_DENIED, "version 2, a wrong password")
        t.ok("Access Denied" in said, "and the client is told by an alert", said)
    log = ksecd.Log()
    with _settings(certificate), rdp_server.Server() as server:
        said = _check()
        t.status(server.result(), sspi.SEC_E_UNSUPPORTED_FUNCTION,
                 "version 2 where 5 is the least")
        t.ok("Access Granted" not in said, "and the client is not told otherwise", said)
        t.ok("min-version" in log.text(), "the log says why")


def test_rdp_check(t):
    """Each of what a server may have in its configuration, and what comes of it."""
    if not os.path.exists(CHECK):
        t.skip("rdp_check", f"{CHECK} is not there")
        return
    with tempfile.TemporaryDirectory() as folder, accounts.added(ALICE):
        certificate = _certificate(folder)
        _let_in(t, certificate)
        _refused(t, certificate)
        _delegated(t, certificate)
        _fetched(t, certificate)
        _forbidden(t, certificate)


def test_nothing_left(t):
    # To ask a token for its package, libsspi has opened the device here, and keeps it.
    ksecd.nothing_left(t, own_files=1)


if __name__ == "__main__":
    tap.main(test_rdp_check, test_nothing_left)
