#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""impacket's ntlm module as initiator, libsspi as acceptor.

impacket knows the session key, so the policy that guards ours is tested here, too.
"""

import accounts
import impacket_ntlm
import ksecd
import messages
import sspi_pipe as sspi
import tap

ALICE, MÜLLER = accounts.ALICE, accounts.MÜLLER


def test_messages(t):
    with sspi.Acceptor() as server:
        client = impacket_ntlm.Client(ALICE)
        answer = sspi.log_on(server, client.token, sspi.ASC_REQ_CONFIDENTIALITY)
        t.need(answer, sspi.SEC_E_OK, "logon")
        t.equal(server.query("names").text("user"), ALICE.server_name, "its name")
        t.equal(server.query("target").text("target"), f"cifs/{accounts.COMPUTER}",
                "the target it names")
        messages.everything(t, server, client, "impacket")


def test_without_session_security(t):
    """There is a logon, and no protection is claimed or done."""
    with sspi.Acceptor() as server:
        client = impacket_ntlm.Client(ALICE)
        client.negotiate["flags"] &= ~sspi.NTLMSSP_NEGOTIATE_EXTENDED_SESSIONSECURITY
        both = sspi.ASC_REQ_CONFIDENTIALITY | sspi.ASC_REQ_INTEGRITY
        answer = sspi.log_on(server, client.token, both)
        t.need(answer, sspi.SEC_E_OK, "without extended session security: logon")
        t.equal(answer.number("flags") & both, 0,
                "neither integrity nor confidentiality is claimed")
        t.status(server.wrap(b"secret"), sspi.SEC_E_UNSUPPORTED_FUNCTION, "nothing is sealed")


def test_names(t):
    with sspi.Acceptor() as server:
        answer = sspi.log_on(server, impacket_ntlm.Client(MÜLLER).token)
        t.status(answer, sspi.SEC_E_OK, "name and password beyond ASCII")
        t.equal(server.query("names").text("user"), MÜLLER.server_name, "its name")
        server.delete()
        answer = sspi.log_on(server, impacket_ntlm.Client(ALICE._replace(domain="")).token)
        t.status(answer, sspi.SEC_E_OK, "without a domain")
        server.delete()
        answer = sspi.log_on(server, impacket_ntlm.Client(ALICE._replace(
            user=ALICE.user.upper())).token)
        t.status(answer, sspi.SEC_E_OK, "in capitals")
        t.equal(server.query("names").text("user"), ALICE.server_name,
                "the name is the account's, not the client's spelling")


def test_refused(t):
    with sspi.Acceptor() as server:
        for what, client in (
                ("wrong password", impacket_ntlm.Client(ALICE, password="passw0rd! of alice")),
                ("unknown user", impacket_ntlm.Client(ALICE._replace(user="peer-nobody"))),
                ("empty password", impacket_ntlm.Client(ALICE, password=""))):
            t.status(sspi.log_on(server, client.token), sspi.SEC_E_LOGON_DENIED, what)
            server.delete()


def test_challenge_of_another(t):
    """An AUTHENTICATE_MESSAGE answers one challenge only."""
    with sspi.Acceptor() as one, sspi.Acceptor() as two:
        client = impacket_ntlm.Client(ALICE)
        negotiate = client.token(None)
        challenge = one.accept(negotiate).token
        t.need(two.accept(negotiate), sspi.SEC_I_CONTINUE_NEEDED, "two contexts half open")
        token = client.token(challenge)
        t.ok(two.accept(token).status in (sspi.SEC_E_LOGON_DENIED, sspi.SEC_E_INVALID_TOKEN),
             "the answer to one challenge is refused by the other context")
        t.status(one.accept(token), sspi.SEC_E_OK, "and taken by its own")
        t.status(one.accept(token), sspi.SEC_E_INVALID_TOKEN, "once")


def test_session_key(t):
    """Without the policy it stays in the kernel; with it, it is impacket's."""
    with sspi.Acceptor() as server:
        client = impacket_ntlm.Client(ALICE)
        t.need(sspi.log_on(server, client.token), sspi.SEC_E_OK, "logon")
        t.status(server.query("session-key"), sspi.SEC_E_UNSUPPORTED_FUNCTION,
                 "the session key is not given out")
    with ksecd.with_settings("[policy]\nsession-key-export = *\n"):
        with sspi.Acceptor() as server:
            client = impacket_ntlm.Client(ALICE)
            t.need(sspi.log_on(server, client.token), sspi.SEC_E_OK, "logon")
            t.equal(server.query("session-key").data_of("key"), client.session_key,
                    "where the policy allows it, the session key is impacket's")
            t.status(server.unwrap(*client.wrap(b"x")), sspi.SEC_E_OK, "and seals as well")
    with ksecd.with_settings("[policy]\nsession-key-export = bob, carol\n"):
        with sspi.Acceptor() as server:
            sspi.log_on(server, impacket_ntlm.Client(ALICE).token)
            t.status(server.query("session-key"), sspi.SEC_E_UNSUPPORTED_FUNCTION,
                     "the policy for others is not one for root")


with accounts.added(ALICE, MÜLLER):
    tap.main(test_messages, test_without_session_security, test_names, test_refused,
             test_challenge_of_another, test_session_key)
