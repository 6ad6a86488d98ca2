#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Samba as initiator, libsspi as acceptor: gensec for messages, and ntlm_auth.

ntlm_auth is what many programs run as their NTLM client. It tells its session key
but protects no messages; gensec is the library that it is made of.
"""

import base64
import os
import subprocess
import tempfile

import accounts
import ksecd
import messages
import sspi_pipe as sspi
import tap

from samba import NTSTATUSError, credentials, gensec, param

ALICE, WORLD = accounts.ALICE, accounts.WORLD
SIGNATURE = 16
SEAL = sspi.ASC_REQ_CONFIDENTIALITY
# Without a file of its own, Samba complains that it finds none.
SMB_CONF = tempfile.NamedTemporaryFile("w", prefix="ksecdd-smb.", suffix=".conf", delete=False)


class Gensec:
    """gensec's ntlmssp, or another of its mechanisms."""

    OPTIONS = ("128bit", "56bit", "keyexchange", "ntlm2")

    def __init__(self, account, password=None, seal=True, without=(), mech="ntlmssp"):
        settings = param.LoadParm()
        settings.load(SMB_CONF.name)
        # All of them: what was set once counts for the whole process.
        for option in self.OPTIONS:
            settings.set(f"ntlmssp_client:{option}", "no" if option in without else "yes")
        creds = credentials.Credentials()
        creds.guess(settings)
        creds.set_kerberos_state(credentials.DONT_USE_KERBEROS)
        creds.set_username(account.user)
        creds.set_domain(account.domain)
        creds.set_password(account.password if password is None else password)
        self.seal = seal
        self.gensec = gensec.Security.start_client(
            {"target_hostname": "ksecdd.test", "lp_ctx": settings})
        self.gensec.set_credentials(creds)
        self.gensec.want_feature(gensec.FEATURE_SIGN)
        if seal:
            self.gensec.want_feature(gensec.FEATURE_SEAL)
        self.gensec.start_mech_by_name(mech)

    @property
    def session_key(self):
        """ExportedSessionKey"""
        return self.gensec.session_key()

    def token(self, challenge):
        """The next token."""
        return self.gensec.update(challenge or b"")[1]

    def wrap(self, data):
        """Seals, or only signs."""
        message = self.gensec.wrap(data)
        return message[:SIGNATURE], message[SIGNATURE:]

    def unwrap(self, token, data):
        """Opens."""
        return self.gensec.unwrap(token + data)

    def mic(self, data):
        """Signs."""
        return self.gensec.sign_packet(data, data)

    def verify(self, token, data):
        """Verifies."""
        self.gensec.check_packet(data, data, token)


class NtlmAuth:
    """ntlm_auth as one of its clients"""

    def __init__(self, account, password=None, features=(), protocol="ntlmssp-client-1"):
        self.process = subprocess.Popen(
            ["ntlm_auth", f"--helper-protocol={protocol}", f"--username={account.user}",
             f"--domain={account.domain}", f"--configfile={SMB_CONF.name}",
             f"--password={account.password if password is None else password}"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        if features:
            self._ask("SF " + " ".join(f"NTLMSSP_FEATURE_{f}" for f in features), "OK")

    def _say(self, line):
        self.process.stdin.write(line.encode() + b"\n")
        self.process.stdin.flush()
        return self.process.stdout.readline().decode().strip().partition(" ")

    def _ask(self, line, *expected):
        word, _, rest = self._say(line)
        if word not in expected:
            raise ValueError(f"ntlm_auth answers '{word} {rest}' to '{line[:20]}'")
        return rest

    def token(self, challenge):
        """The next token."""
        if challenge is None:
            return base64.b64decode(self._ask("YR", "YR"))
        line = "TT " + base64.b64encode(challenge).decode()
        # What it says after the last token carries the token and its flags.
        return base64.b64decode(self._ask(line, "KK", "AF").split()[0])

    def takes(self, answer):
        """Whether it is content with the server's last token."""
        return self._say("TT " + base64.b64encode(answer).decode())[0] == "AF"

    @property
    def session_key(self):
        """ExportedSessionKey"""
        return base64.b64decode(self._ask("GK", "GK"))

    def close(self):
        """Ends it."""
        self.process.kill()
        self.process.wait()
        self.process.stdin.close()
        self.process.stdout.close()

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self.close()


def test_gensec_sealed(t):
    with sspi.Acceptor() as server:
        client = Gensec(ALICE)
        answer = sspi.log_on(server, client.token, SEAL)
        t.need(answer, sspi.SEC_E_OK, "gensec: logon")
        t.ok(answer.number("flags") & SEAL, "gensec: confidentiality")
        t.equal(server.query("names").text("user"), ALICE.server_name, "gensec: its name")
        messages.everything(t, server, client, "gensec")


def test_gensec_signed(t):
    with sspi.Acceptor() as server:
        client = Gensec(ALICE, seal=False)
        answer = sspi.log_on(server, client.token, SEAL | sspi.ASC_REQ_INTEGRITY)
        t.need(answer, sspi.SEC_E_OK, "gensec: logon for signing only")
        t.equal(answer.number("flags") & (SEAL | sspi.ASC_REQ_INTEGRITY),
                sspi.ASC_REQ_INTEGRITY, "gensec: integrity without confidentiality")
        messages.to_server(t, server, client, "gensec", sealed=False)
        messages.to_client(t, server, client, "gensec", sealed=False)


def test_weak_keys(t):
    """Keys of 56 and 40 bits, with and without key exchange: where the policy allows it."""
    cases = ((56, ("128bit",)), (40, ("128bit", "56bit")))
    for bits, without in cases:
        with sspi.Acceptor() as server:
            answer = sspi.log_on(server, Gensec(ALICE, without=without).token, SEAL)
            t.status(answer, sspi.SEC_E_UNSUPPORTED_FUNCTION, f"gensec, {bits} bits: refused")
    with ksecd.with_settings("[ntlm]\nrequire-128bit = no\n"):
        for bits, without in ((128, ()), *cases):
            for more in ((), ("keyexchange",)):
                name = f"gensec, {bits} bits{', no key exchange' if more else ''}"
                with sspi.Acceptor() as server:
                    client = Gensec(ALICE, without=without + more)
                    answer = sspi.log_on(server, client.token, SEAL)
                    if not t.status(answer, sspi.SEC_E_OK, f"{name}: logon"):
                        continue
                    t.equal(server.query("key-info").number("bits"), bits, f"{name}: bits")
                    messages.to_server(t, server, client, name)
                    messages.to_client(t, server, client, name)


def test_without_session_security(t):
    """Sealing is not granted without it, and gensec does not go on without sealing."""
    with sspi.Acceptor() as server:
        try:
            sspi.log_on(server, Gensec(ALICE, without=("ntlm2",)).token, SEAL)
            went_on = True
        except NTSTATUSError:
            went_on = False
        t.ok(not went_on, "gensec goes away where extended session security is missing")


def test_gensec_refused(t):
    with sspi.Acceptor() as server:
        answer = sspi.log_on(server, Gensec(ALICE, password="wrong").token)
        t.status(answer, sspi.SEC_E_LOGON_DENIED, "gensec: wrong password")
        server.delete()
        answer = sspi.log_on(server, Gensec(WORLD).token)
        t.status(answer, sspi.SEC_E_OK, "gensec: name and password beyond ASCII")
        t.equal(server.query("names").text("user"), WORLD.server_name, "gensec: its name")


def test_ntlm_auth(t):
    with sspi.Acceptor() as server:
        with NtlmAuth(ALICE, features=("SIGN", "SEAL")) as client:
            answer = sspi.log_on(server, client.token, SEAL)
            t.status(answer, sspi.SEC_E_OK, "ntlm_auth: logon")
            t.ok(answer.number("flags") & SEAL, "ntlm_auth: confidentiality")
            t.status(server.query("session-key"), sspi.SEC_E_UNSUPPORTED_FUNCTION,
                     "ntlm_auth: our session key is not given out")
        server.delete()
        with NtlmAuth(ALICE, password="wrong") as client:
            t.status(sspi.log_on(server, client.token), sspi.SEC_E_LOGON_DENIED,
                     "ntlm_auth: wrong password")
        server.delete()
        with NtlmAuth(ALICE) as client:
            t.status(sspi.log_on(server, client.token), sspi.SEC_E_OK,
                     "ntlm_auth: without any feature asked for")


def test_session_keys(t):
    with ksecd.with_settings("[policy]\nsession-key-export = root\n"), \
            sspi.Acceptor() as server:
        client = Gensec(ALICE)
        sspi.log_on(server, client.token)
        t.equal(server.query("session-key").data_of("key"), client.session_key,
                "gensec: its session key is ours")
        for features in (("SESSION_KEY",), ("SESSION_KEY", "SIGN"),
                         ("SESSION_KEY", "SIGN", "SEAL")):
            server.delete()
            with NtlmAuth(ALICE, features=features) as client:
                sspi.log_on(server, client.token)
                t.equal(server.query("session-key").data_of("key"), client.session_key,
                        f"ntlm_auth: its session key is ours, with {' '.join(features)}")


def test_negotiate(t):
    """SPNEGO with NTLM inside, and both MICs."""
    with sspi.Acceptor(package="Negotiate") as server:
        client = Gensec(ALICE, mech="spnego")
        answer = sspi.log_on(server, client.token, SEAL)
        t.need(answer, sspi.SEC_E_OK, "gensec, SPNEGO: logon")
        client.token(answer.token)
        t.equal(server.query("negotiation").text("package"), "NTLM", "gensec, SPNEGO: NTLM")
        messages.everything(t, server, client, "gensec, SPNEGO")
        server.delete()
        answer = sspi.log_on(server, Gensec(ALICE, password="wrong", mech="spnego").token)
        t.status(answer, sspi.SEC_E_LOGON_DENIED, "gensec, SPNEGO: wrong password")
        server.delete()
        with NtlmAuth(ALICE, protocol="gss-spnego-client") as client:
            answer = sspi.log_on(server, client.token)
            t.need(answer, sspi.SEC_E_OK, "ntlm_auth, SPNEGO: logon")
            t.ok(client.takes(answer.token), "ntlm_auth, SPNEGO: it takes our MIC")
            t.equal(server.query("names").text("user"), ALICE.server_name,
                    "ntlm_auth, SPNEGO: its name")
        server.delete()
        with NtlmAuth(ALICE, protocol="gss-spnego-client") as client:
            answer = sspi.log_on(server, client.token)
            token = bytearray(answer.token)
            token[-1] ^= 1
            t.ok(not client.takes(bytes(token)), "ntlm_auth, SPNEGO: it takes no other MIC")
        server.delete()
        with NtlmAuth(ALICE, password="wrong", protocol="gss-spnego-client") as client:
            t.status(sspi.log_on(server, client.token), sspi.SEC_E_LOGON_DENIED,
                     "ntlm_auth, SPNEGO: wrong password")


try:
    with accounts.added(ALICE, WORLD):
        tap.main(test_gensec_sealed, test_gensec_signed, test_weak_keys,
                 test_without_session_security, test_gensec_refused, test_ntlm_auth,
                 test_session_keys, test_negotiate)
finally:
    os.unlink(SMB_CONF.name)
