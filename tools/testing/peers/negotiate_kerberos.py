#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Clients of others at the package Negotiate: MIT Kerberos in SPNEGO and without it."""

import os

import accounts
import gss_client
import gss_kerberos
import gss_sample
import http_server
import ksecd
import memory
import realm
import sspi_pipe as sspi
import tap

import gssapi
from gssapi.raw import krb5_export_lucid_sec_context, set_neg_mechs

ALICE = accounts.ALICE
HOST = "ksecdd.test"
SERVICE = f"HTTP/{HOST}"
KEYTAB = "/etc/ksecd/negotiate.keytab"
# Of the same host, and in the same keytab
OTHER_SERVICE = f"cifs/{HOST}"
CONFIG = f"""
[kerberos]
map = alice@{realm.REALM} alice
[service web]
keytab = {KEYTAB}
names = {SERVICE}
users = root, {http_server.USER}
"""
NO_NTLM = "[negotiate]\nforbid-ntlm = *\n"
KRB5_OID = bytes.fromhex("06092a864886f712010202")
MS_KRB5_OID = bytes.fromhex("06092a864882f712010202")
# A mechanism that nobody has
OTHER_OID = bytes.fromhex("06092a864886f71201027f")
SPNEGO_OID = bytes.fromhex("06062b0601050502")
AP_REQ, AP_REP = b"\x6e", b"\x6f"
REQ = sspi.ASC_REQ_CONFIDENTIALITY | sspi.ASC_REQ_MUTUAL_AUTH
REALM = realm.Realm()
CACHE = REALM.cache("alice")


def client(mech=gss_kerberos.SPNEGO, service=SERVICE, **options):
    """alice, who has a ticket."""
    return gss_kerberos.Client(CACHE, service, mech=mech, **options)


def raw(**options):
    """The same without SPNEGO."""
    return client(mech=gssapi.MechType.kerberos, **options)


def negotiate(**options):
    """The server's side."""
    return sspi.Acceptor(package="Negotiate", **options)


def check_alice(t, server, name, package="Kerberos"):
    """Who it is, and by which package."""
    answer = server.query("negotiation")
    t.equal((answer.text("package"), answer.number("state")), (package, 0),
            f"{name}: {package} was negotiated")
    t.equal(server.query("package").text("package"), package, f"{name}: as the package, too")
    user = f"{realm.REALM}\\alice" if package == "Kerberos" else ALICE.server_name
    t.equal(server.query("names").text("user"), user, f"{name}: we know the client")


def established(t, server, alice, name, req=REQ):
    """A whole logon, with all that can be done afterwards."""
    answer = sspi.log_on(server, alice.token, req)
    if not t.status(answer, sspi.SEC_E_OK, f"{name}: logon"):
        return
    if answer.token:
        alice.token(answer.token)
    t.ok(alice.context.complete, f"{name}: the client takes itself for logged on")
    check_alice(t, server, name)
    gss_kerberos.protect(t, server, alice.context, name)


def test_spnego(t):
    with negotiate() as server:
        alice = client()
        first = alice.token(None)
        t.ok(first[:1] == b"\x60" and SPNEGO_OID in first[:16], "P4: it speaks SPNEGO",
             first[:32].hex())
        answer = server.accept(first, REQ)
        t.status(answer, sspi.SEC_E_OK, "P4: the first token is enough")
        t.ok(answer.token[:1] == b"\xa1" and KRB5_OID in answer.token, "P4: the answer names it",
             answer.token.hex())
        alice.token(answer.token)
        t.ok(alice.context.complete, "P6: the client asks for no MIC")
        check_alice(t, server, "SPNEGO")
        wanted = sspi.ASC_RET_CONFIDENTIALITY | sspi.ASC_RET_MUTUAL_AUTH
        t.equal(answer.number("flags") & wanted, wanted, "SPNEGO: the attributes")
        gss_kerberos.protect(t, server, alice.context, "SPNEGO")
        t.status(server.accept(first), sspi.SEC_E_INVALID_TOKEN, "P8: a token after the last")


def test_old_name(t):
    """Kerberos under the name that Windows 2000 gave it is answered so."""
    with negotiate() as server:
        answer = server.accept(client().token(None).replace(KRB5_OID, MS_KRB5_OID, 1), REQ)
        t.status(answer, sspi.SEC_E_OK, "P5: Microsoft's OID")
        t.ok(MS_KRB5_OID in answer.token, "P5: and the answer has it", answer.token.hex())


def prefers_ntlm():
    """MIT's initiator with NTLM as its first choice and Kerberos as the second."""
    credential = gssapi.Credentials(usage="initiate", mechs=[gss_kerberos.SPNEGO])
    set_neg_mechs(credential, [gss_client.NTLM, gssapi.MechType.kerberos])
    return gssapi.SecurityContext(
        name=gssapi.Name(f"HTTP@{HOST}", gssapi.NameType.hostbased_service), creds=credential,
        mech=gss_kerberos.SPNEGO, usage="initiate",
        flags=gss_kerberos.SEAL | gss_kerberos.ORDER | gss_kerberos.MUTUAL)


def test_mic(t):
    """The client's first choice is forbidden: both prove which list they saw."""
    gss_client.remember(ALICE)
    os.environ["KRB5CCNAME"] = CACHE
    with ksecd.with_settings(NO_NTLM), negotiate() as server:
        for changed in (False, True):
            alice = prefers_ntlm()
            answer = server.accept(alice.step(), REQ)
            t.status(answer, sspi.SEC_I_CONTINUE_NEEDED, "P4: the second choice")
            t.ok(bytes.fromhex("a0030a0103") in answer.token and KRB5_OID in answer.token,
                 "P4: is asked for, with request-mic", answer.token.hex())
            answer = server.accept(alice.step(answer.token), REQ)
            t.status(answer, sspi.SEC_I_CONTINUE_NEEDED, "P6: no success without a MIC")
            last = bytearray(alice.step(answer.token))
            last[-1] ^= changed
            answer = server.accept(bytes(last), REQ)
            if changed:
                t.status(answer, sspi.SEC_E_MESSAGE_ALTERED, "P6: a wrong MIC")
            elif t.status(answer, sspi.SEC_E_OK, "P6: with the right one"):
                t.ok(alice.complete, "P6: the client has our MIC")
                check_alice(t, server, "MICs")
                gss_kerberos.protect(t, server, alice, "after MICs")
            server.delete()


def test_raw(t):
    with negotiate() as server:
        alice = raw()
        first = alice.token(None)
        t.ok(first[:1] == b"\x60" and KRB5_OID in first[:17], "P1: Kerberos with its own frame")
        answer = server.accept(first, REQ)
        t.status(answer, sspi.SEC_E_OK, "P1: raw Kerberos")
        t.ok(answer.token[:1] == b"\x60" and KRB5_OID in answer.token[:17] and
             SPNEGO_OID not in answer.token, "P1: is answered raw", answer.token.hex())
        alice.token(answer.token)
        check_alice(t, server, "raw")
        gss_kerberos.protect(t, server, alice.context, "raw")


def test_dce_style(t):
    flags = int(gss_kerberos.SEAL | gss_kerberos.ORDER | gss_kerberos.MUTUAL) | \
        gss_kerberos.DCE_STYLE
    req = REQ | sspi.ASC_REQ_USE_DCE_STYLE
    for name, make in (("raw", raw), ("SPNEGO", client)):
        with negotiate() as server:
            alice = make(flags=flags)
            first = alice.token(None)
            t.equal(first[:1], AP_REQ if make is raw else b"\x60", f"DCE style, {name}: AP-REQ")
            answer = server.accept(first, req)
            t.status(answer, sspi.SEC_I_CONTINUE_NEEDED, f"DCE style, {name}: AP-REP")
            answer = server.accept(alice.token(answer.token), req)
            t.status(answer, sspi.SEC_E_OK, f"DCE style, {name}: the client's AP-REP")
            if answer.token:
                alice.token(answer.token)
            t.ok(alice.context.complete, f"DCE style, {name}: for the client, too")
            check_alice(t, server, f"DCE style, {name}")


def test_refused(t):
    with negotiate() as server:
        token = client().token(None)
        t.status(server.accept(token, REQ), sspi.SEC_E_OK, "a token")
        server.delete()
        answer = server.accept(token, REQ | sspi.ASC_REQ_EXTENDED_ERROR)
        t.status(answer, sspi.SEC_E_LOGON_DENIED, "the same again")
        t.ok(bytes.fromhex("0a0102") in answer.token, "and the answer says reject",
             answer.token.hex())
        server.delete()
        os.rename(KEYTAB, f"{KEYTAB}.away")
        t.status(server.accept(client().token(None), REQ), sspi.SEC_E_NO_KERB_KEY,
                 "there is no keytab")
        os.rename(f"{KEYTAB}.away", KEYTAB)
        server.delete()
        t.status(server.accept(client().token(None), REQ), sspi.SEC_E_OK, "there is one again")


def test_pieces(t):
    """A ticket comes in pieces, and ksecd dies and comes back between any two of them."""
    with negotiate() as server:
        alice = client()
        whole = alice.token(None)
        cuts = [0, 4, 5, len(whole) // 2, len(whole) - 1, len(whole)]
        for start, end in zip(cuts, cuts[1:]):
            answer = server.accept(whole[start:end], REQ)
            if end < len(whole):
                t.equal((answer.name, answer.token), ("SEC_I_CONTINUE_NEEDED", b""),
                        f"P2: {end} bytes of {len(whole)}")
                ksecd.kill()
                ksecd.start()
        t.status(answer, sspi.SEC_E_OK, "P2: and the last one makes it whole")
        alice.token(answer.token)
        check_alice(t, server, "in pieces")


def test_channel_bindings(t):
    mine, other = b"tls-server-end-point:" + b"\x11" * 32, b"tls-server-end-point:" + b"\x22" * 32
    allow = sspi.ASC_REQ_ALLOW_MISSING_BINDINGS
    with negotiate() as server:
        for name, theirs, req, status in (
                ("matching", mine, 0, sspi.SEC_E_OK),
                ("wrong", other, 0, sspi.SEC_E_BAD_BINDINGS),
                ("wrong, may be missing", other, allow, sspi.SEC_E_BAD_BINDINGS),
                ("missing", None, 0, sspi.SEC_E_BAD_BINDINGS),
                ("missing, may be missing", None, allow, sspi.SEC_E_OK),
                ("whatever there is", mine, sspi.ASC_REQ_PROXY_BINDINGS,
                 sspi.SEC_E_UNSUPPORTED_FUNCTION)):
            for how, make in (("SPNEGO", client), ("raw", raw)):
                t.status(sspi.log_on(server, make(bindings=theirs).token, req, bindings=mine),
                         status, f"channel bindings, {how}: {name}")
                server.delete()


def test_target(t):
    """K2: whom a ticket is for, and what the credential names."""
    wrong, none = sspi.SEC_E_WRONG_PRINCIPAL, sspi.SEC_E_NO_CREDENTIALS
    for principal, ticket, status in (
            (None, SERVICE, sspi.SEC_E_OK), ("web", SERVICE, sspi.SEC_E_OK),
            (SERVICE, SERVICE, sspi.SEC_E_OK), (None, OTHER_SERVICE, wrong),
            ("web", OTHER_SERVICE, wrong), (SERVICE, OTHER_SERVICE, wrong),
            ("smb", SERVICE, none), (OTHER_SERVICE, OTHER_SERVICE, none)):
        for how, make in (("SPNEGO", client), ("raw", raw)):
            with negotiate(principal=principal) as server:
                t.status(server.accept(make(service=ticket).token(None)), status,
                         f"K2 {how}: credential for {principal}, ticket for {ticket}")


def test_secrets(t):
    with negotiate() as server:
        alice = client()
        established(t, server, alice, "secrets")
        key = krb5_export_lucid_sec_context(alice.context, 1).cfx_kd.acceptor_subkey
        t.ok("key" in memory.search(os.getpid(), {"key": key}), "secrets: a search finds it here")
        t.equal(memory.search(ksecd.pid(), {"key": key}), {},
                "secrets: ksecd has forgotten the session's key")


def test_gss_client(t):
    """gss-client of krb5-gss-samples, as it is."""
    for package, *options in (
            ("Kerberos",), ("Negotiate",), ("Negotiate", "-spnego"),
            ("Negotiate", "-spnego", "-nm"), ("Negotiate", "-spnego", "-nx"),
            ("Negotiate", "-spnego", "-nw"), ("Negotiate", "-spnego", "-nomutual"),
            ("Negotiate", "-spnego", "-mcount", "3")):
        name = " ".join((package, "gss-client", *options))
        with sspi.Acceptor(package=package) as acceptor:
            code, text, server = gss_sample.run(acceptor, f"HTTP@{HOST}", CACHE, "a message",
                                                *options, req=REQ)
            t.ok(not code and not server.failure, f"{name}: it is content", code,
                 server.failure, text)
            t.equal(server.messages, [b"a message"] * (3 if "3" in options else 1),
                    f"{name}: what it sent")
            if "-nm" not in options:
                t.ok("Signature verified." in text, f"{name}: our MIC is right", text)
            if package == "Negotiate":
                check_alice(t, acceptor, name)


def test_curl(t):
    """curl with a ticket, and with what gss-ntlmssp knows where there is none."""
    words = ("--negotiate", "--user", ":")
    os.environ["KRB5CCNAME"] = CACHE
    with http_server.Server("--negotiate") as server:
        port = server.root.rstrip("/").rsplit(":", 1)[1]
        url = f"http://{HOST}:{port}/"
        words += ("--resolve", f"{HOST}:{port}:127.0.0.1")
        reply = server.curl(*words, url, url)
        t.equal((reply.codes, reply.accounts), ([200] * 2, [f"alice@{realm.REALM}"] * 2),
                "curl --negotiate with a ticket: 200")
        t.equal([(view.get("package"), view.get("user")) for view in reply.views],
                [("Kerberos", "alice")] * 2, "curl --negotiate: by Kerberos, alice")
        os.environ["KRB5CCNAME"] = f"{CACHE}.nowhere"
        gss_client.remember(ALICE)
        reply = server.curl(*words, url)
        t.equal((reply.code, reply.accounts), (200, [ALICE.server_name]),
                "curl --negotiate without a ticket: 200, as who NTLM knows")
        gss_client.remember(ALICE, "wrong")
        t.equal(server.curl(*words, url).code, 401, "curl --negotiate with neither: 401")


try:
    for each in (SERVICE, OTHER_SERVICE):
        REALM.add_service(each, KEYTAB)
    REALM.start()
    REALM.log_in("alice")
    with accounts.added(ALICE), ksecd.with_settings(CONFIG):
        tap.main(test_spnego, test_old_name, test_mic, test_raw, test_dce_style, test_refused,
                 test_pieces, test_channel_bindings, test_target, test_secrets,
                 test_gss_client, test_curl)
finally:
    REALM.close()
    gss_client.clean_up()
