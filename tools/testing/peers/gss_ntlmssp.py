#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""gss-ntlmssp through python3-gssapi as initiator, libsspi as acceptor.

usage: gss_ntlmssp.py [--short]

--short leaves the long sequence of messages out.
"""

import sys
import time

import accounts
import gss_client
import ksecd
import messages
import sspi_pipe as sspi
import tap
from gss_client import SEAL, SIGN, Client

SEQUENCE = 10000
SEQUENCE_SECONDS = 120
ALICE = accounts.ALICE


def established(t, name, req=0, flags=SEAL):
    """A server and a client with a context between them."""
    server, client = sspi.Acceptor(), Client(ALICE, flags=flags)
    answer = sspi.log_on(server, client.token, req)
    if not t.status(answer, sspi.SEC_E_OK, f"{name}: logon"):
        server.close()
        raise tap.Skip("there is no context")
    t.ok(client.context.complete, f"{name}: the client takes itself for logged on")
    return server, client, answer


def test_logon(t):
    req = sspi.ASC_REQ_CONFIDENTIALITY | sspi.ASC_REQ_INTEGRITY
    server, client, answer = established(t, "sealed", req)
    with server:
        t.equal(answer.number("flags") & req, req, "both attributes are there")
        t.equal(server.query("names").text("user"), ALICE.server_name,
                "we know the client by its name")
        t.equal(server.query("key-info").number("bits"), 128, "128-bit keys")
        messages.everything(t, server, client, "gss-ntlmssp")


def test_signed_only(t):
    server, client, answer = established(t, "signed", sspi.ASC_REQ_CONFIDENTIALITY, SIGN)
    with server:
        t.equal(answer.number("flags") & sspi.ASC_REQ_CONFIDENTIALITY, 0,
                "signed only: no confidentiality is claimed")
        data = b"to be read by everybody"
        token = client.mic(data)
        t.status(server.verify(token, data), sspi.SEC_E_OK, "signed only: its signature")
        client.verify(server.mic(data).token, data)
        t.ok(True, "signed only: our signature")


def test_refused(t):
    with sspi.Acceptor() as server:
        client = Client(ALICE, password="wrong")
        t.status(sspi.log_on(server, client.token), sspi.SEC_E_LOGON_DENIED, "wrong password")
        t.status(server.delete(), sspi.SEC_E_OK, "the context that failed can be deleted")
        client = Client(ALICE._replace(user="nobody-here"))
        t.status(sspi.log_on(server, client.token), sspi.SEC_E_LOGON_DENIED, "unknown user")
        server.delete()
        t.status(sspi.log_on(server, Client(ALICE).token), sspi.SEC_E_OK,
                 "and then somebody with the right password")


def test_channel_bindings(t):
    """MS-NLMP 3.2.5.1.2, with the flags that Windows has for it."""
    mine, other = b"tls-server-end-point:" + b"\x11" * 32, b"tls-server-end-point:" + b"\x22" * 32
    allow, proxy = sspi.ASC_REQ_ALLOW_MISSING_BINDINGS, sspi.ASC_REQ_PROXY_BINDINGS
    ok, bad = sspi.SEC_E_OK, sspi.SEC_E_BAD_BINDINGS
    cases = (
        ("matching", mine, mine, 0, ok),
        ("matching, may be missing", mine, mine, allow, ok),
        ("wrong", mine, other, 0, bad),
        ("wrong, may be missing", mine, other, allow, bad),
        ("missing", mine, None, 0, bad),
        ("missing, may be missing", mine, None, allow, ok),
        ("not asked for", None, mine, 0, ok),
        ("none at all", None, None, 0, ok),
        ("others, by a proxy", mine, other, proxy, ok),
        ("missing, by a proxy", mine, None, proxy, bad),
        ("missing, and we have none, by a proxy", None, None, proxy, bad),
        ("missing, may be missing, by a proxy", mine, None, proxy | allow, ok),
    )
    bindings_matrix(t, "channel bindings", cases)
    required = (
        ("matching", mine, mine, 0, ok),
        ("missing, may be missing", mine, None, allow, bad),
        ("the client's are not asked for", None, mine, 0, ok),
        ("none at all", None, None, 0, bad),
    )
    with ksecd.with_settings("[ntlm]\nrequire-channel-bindings = yes\n"):
        bindings_matrix(t, "channel bindings required", required)


def bindings_matrix(t, what, cases):
    """Logons with (name, our bindings, the client's, ASC_REQ_*, status)."""
    with sspi.Acceptor() as server:
        for name, ours, theirs, req, status in cases:
            client = Client(ALICE, bindings=theirs)
            answer = sspi.log_on(server, client.token, req, bindings=ours)
            t.status(answer, status, f"{what}: {name}")
            server.delete()


def test_target(t):
    """N15: a service that calls itself by a principal is no other one."""
    for principal, status in ((gss_client.TARGET, sspi.SEC_E_OK),
                              (gss_client.TARGET.upper(), sspi.SEC_E_OK),
                              ("cifs/ksecdd.test", sspi.SEC_E_WRONG_PRINCIPAL),
                              ("HTTP/elsewhere.test", sspi.SEC_E_WRONG_PRINCIPAL),
                              ("a service without a host", sspi.SEC_E_OK)):
        with sspi.Acceptor(principal=principal.replace(" ", "_")) as server:
            t.status(sspi.log_on(server, Client(ALICE).token), status, f"target: {principal}")


def test_mic_required(t):
    """gss-ntlmssp sends one inside of SPNEGO only."""
    with ksecd.with_settings("[ntlm]\nrequire-mic = yes\n"), sspi.Acceptor() as server:
        t.status(sspi.log_on(server, Client(ALICE).token), sspi.SEC_E_LOGON_DENIED,
                 "MIC required: refused without one")


def test_sequence(t):
    server, client, _ = established(t, "sequence")
    with server:
        begin = time.monotonic()
        messages.sequence(t, server, client, "gss-ntlmssp", SEQUENCE)
        seconds = time.monotonic() - begin
        t.note(f"{SEQUENCE / seconds:.0f} messages a second")
        t.ok(seconds < SEQUENCE_SECONDS, f"in less than {SEQUENCE_SECONDS} s")
        t.status(server.delete(), sspi.SEC_E_OK, "deleted")


TESTS = [test_logon, test_signed_only, test_refused, test_channel_bindings, test_target,
         test_mic_required]
if sys.argv[1:] == []:
    TESTS.append(test_sequence)
elif sys.argv[1:] != ["--short"]:
    sys.exit(__doc__)
try:
    with accounts.added(ALICE):
        tap.main(*TESTS)
finally:
    gss_client.clean_up()
