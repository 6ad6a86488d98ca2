#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Clients of others at the package Negotiate: NTLM inside of SPNEGO, and without it."""

import accounts
import gss_client
import http_server
import ksecd
import messages
import sspi_pipe as sspi
import tap

ALICE = accounts.ALICE
SEAL = sspi.ASC_REQ_CONFIDENTIALITY | sspi.ASC_REQ_INTEGRITY
NTLM_OID = bytes.fromhex("060a2b06010401823702020a")


def spnego(**options):
    """gss-ntlmssp inside of MIT's SPNEGO."""
    return gss_client.Client(ALICE, mech=gss_client.SPNEGO, **options)


def raw(**options):
    """gss-ntlmssp by itself."""
    return gss_client.Client(ALICE, **options)


def negotiate(**options):
    """The server's side."""
    return sspi.Acceptor(package="Negotiate", **options)


def check_chosen(t, server, name):
    answer = server.query("negotiation")
    t.equal((answer.text("package"), answer.number("state")), ("NTLM", 0),
            f"{name}: NTLM was negotiated")
    t.equal(server.query("package").text("package"), "NTLM", f"{name}: as the package, too")
    t.equal(server.query("names").text("user"), ALICE.server_name, f"{name}: we know the client")


def test_gss(t):
    with negotiate() as server:
        client = spnego()
        first = client.token(None)
        t.ok(first[:1] == b"\x60" and NTLM_OID in first, "gss: it speaks SPNEGO", first.hex())
        answer = server.accept(first, SEAL)
        t.status(answer, sspi.SEC_I_CONTINUE_NEEDED, "gss: the first leg")
        answer = server.accept(client.token(answer.token), SEAL)
        if not t.status(answer, sspi.SEC_E_OK, "gss: the second leg"):
            return
        t.ok(not client.context.complete, "gss: the client waits for our MIC")
        client.token(answer.token)
        t.ok(client.context.complete, "gss: and takes it")
        t.equal(answer.number("flags") & SEAL, SEAL, "gss: both attributes are there")
        check_chosen(t, server, "gss")
        messages.everything(t, server, client, "gss, after both MICs")


def test_gss_refused(t):
    with negotiate() as server:
        t.status(sspi.log_on(server, spnego(password="wrong").token, SEAL),
                 sspi.SEC_E_LOGON_DENIED, "gss: wrong password")
        server.delete()
        client = spnego()
        answer = server.accept(client.token(None), SEAL)
        token = bytearray(client.token(answer.token))
        token[-1] ^= 1
        t.status(server.accept(bytes(token), SEAL), sspi.SEC_E_MESSAGE_ALTERED,
                 "P6: a wrong mechListMIC")
        server.delete()
        t.status(sspi.log_on(server, spnego().token, SEAL), sspi.SEC_E_OK, "and a right one")


def test_pieces(t):
    """MS-SPNG 3.2.5.9: a token in pieces, the service says nothing until it is whole."""
    with negotiate() as server:
        client, token = spnego(), None
        for leg in range(2):
            whole = client.token(token)
            for cut in (4, 3, 20):
                piece, whole = whole[:cut], whole[cut:]
                answer = server.accept(piece, SEAL)
                t.equal((answer.name, answer.token), ("SEC_I_CONTINUE_NEEDED", b""),
                        f"leg {leg}: {len(piece)} bytes, and nothing to answer")
            answer = server.accept(whole, SEAL)
            token = answer.token
        t.status(answer, sspi.SEC_E_OK, "the pieces make a logon")
        client.token(token)
        t.ok(client.context.complete, "and the client has not noticed")


def test_killed(t):
    """Another ksecd than the one before judges every token, and every piece of one."""
    with negotiate() as server:
        client = spnego()
        hello = server.accept(b"", SEAL)
        t.status(hello, sspi.SEC_I_CONTINUE_NEEDED, "P9: the server begins")
        t.ok(b"not_defined_in_RFC4178@please_ignore" in hello.token, "P9: as Windows does")
        token = None
        for leg in range(2):
            whole = client.token(token)
            for piece in (whole[:5], whole[5:]):
                ksecd.kill()
                ksecd.start()
                answer = server.accept(piece, SEAL)
                t.equal(answer.name, "SEC_E_OK" if leg and piece == whole[5:] else
                        "SEC_I_CONTINUE_NEEDED", f"leg {leg}: {len(piece)} bytes for another ksecd")
            token = answer.token
        client.token(token)
        t.ok(client.context.complete, "the client has not noticed")
        check_chosen(t, server, "killed")
        ksecd.kill()
        messages.to_server(t, server, client, "without any ksecd")
        messages.to_client(t, server, client, "without any ksecd")
        ksecd.start()


def test_raw(t):
    with negotiate() as server:
        client = gss_client.Client(ALICE)
        answer = server.accept(client.token(None), SEAL)
        t.ok(answer.token.startswith(b"NTLMSSP\0"), "P1: raw NTLM is answered raw")
        answer = server.accept(client.token(answer.token), SEAL)
        t.status(answer, sspi.SEC_E_OK, "P1: and lets the client in")
        t.equal(answer.token, b"", "P1: with nothing more to say")
        check_chosen(t, server, "raw")
        messages.everything(t, server, client, "raw NTLM")


def test_forbidden(t):
    with ksecd.with_settings("[negotiate]\nforbid-ntlm = *\n"), negotiate() as server:
        answer = server.accept(spnego().token(None), SEAL)
        t.status(answer, sspi.SEC_E_INVALID_TOKEN, "NTLM forbidden: SPNEGO")
        server.delete()
        t.status(server.accept(gss_client.Client(ALICE).token(None), SEAL),
                 sspi.SEC_E_INVALID_TOKEN, "NTLM forbidden: raw")
        with sspi.Acceptor() as ntlm:
            t.status(sspi.log_on(ntlm, gss_client.Client(ALICE).token), sspi.SEC_E_OK,
                     "NTLM forbidden: not to who asks for the package by name")


def test_channel_bindings(t):
    mine, other = b"tls-server-end-point:" + b"\x11" * 32, b"tls-server-end-point:" + b"\x22" * 32
    allow, proxy = sspi.ASC_REQ_ALLOW_MISSING_BINDINGS, sspi.ASC_REQ_PROXY_BINDINGS
    cases = (
        ("matching", mine, 0, sspi.SEC_E_OK),
        ("wrong", other, 0, sspi.SEC_E_BAD_BINDINGS),
        ("wrong, may be missing", other, allow, sspi.SEC_E_BAD_BINDINGS),
        ("missing", None, 0, sspi.SEC_E_BAD_BINDINGS),
        ("missing, may be missing", None, allow, sspi.SEC_E_OK),
        ("others, by a proxy", other, proxy, sspi.SEC_E_OK),
        ("missing, by a proxy", None, proxy, sspi.SEC_E_BAD_BINDINGS),
    )
    with negotiate() as server:
        for name, theirs, req, status in cases:
            for how, make in (("SPNEGO", spnego), ("raw", raw)):
                client = make(bindings=theirs)
                t.status(sspi.log_on(server, client.token, req, bindings=mine), status,
                         f"channel bindings, {how}: {name}")
                server.delete()
        client = spnego(bindings=mine)
        answer = server.accept(client.token(None), bindings=mine)
        answer = server.accept(client.token(answer.token))
        t.status(answer, sspi.SEC_E_OK, "channel bindings: given with the first call only")
        server.delete()
        client = spnego(bindings=other)
        answer = server.accept(client.token(None), bindings=mine)
        answer = server.accept(client.token(answer.token))
        t.status(answer, sspi.SEC_E_BAD_BINDINGS, "channel bindings: they count then, too")


def test_target(t):
    """A service that calls itself by a principal is no other one."""
    for how, make in (("SPNEGO", spnego), ("raw", raw)):
        for principal, status in ((gss_client.TARGET, sspi.SEC_E_OK),
                                  ("cifs/ksecdd.test", sspi.SEC_E_WRONG_PRINCIPAL)):
            with negotiate(principal=principal) as server:
                t.status(sspi.log_on(server, make().token), status, f"target, {how}: {principal}")


def test_curl(t):
    """sspi-http with both schemes, and curl with what its user knows."""
    with http_server.Server("--negotiate") as server:
        gss_client.remember(ALICE)
        user = f"{ALICE.domain}\\{ALICE.user}:"
        reply = server.curl("--negotiate", "--user", user, server.url(), server.url())
        t.equal((reply.codes, reply.accounts), ([200] * 2, [ALICE.server_name] * 2),
                "curl --negotiate: 200")
        t.equal([view.get("package") for view in reply.views], ["NTLM"] * 2,
                "curl --negotiate: by NTLM")
        gss_client.remember(ALICE, "wrong")
        t.equal(server.curl("--negotiate", "--user", user, server.url()).code, 401,
                "curl --negotiate: wrong password")
        reply = server.log_on(ALICE)
        t.equal((reply.code, reply.accounts), (200, [ALICE.server_name]),
                "curl --ntlm, beside it: 200")


try:
    with accounts.added(ALICE):
        tap.main(test_gss, test_gss_refused, test_pieces, test_killed, test_raw, test_forbidden,
                 test_channel_bindings, test_target, test_curl)
finally:
    gss_client.clean_up()
