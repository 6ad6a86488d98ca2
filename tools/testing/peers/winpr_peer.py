#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""FreeRDP's WinPR as initiator, libsspi as acceptor."""

import ctypes

import accounts
import ksecd
import messages
import sspi_pipe as sspi
import tap
import winpr

ALICE = accounts.ALICE


def client_of(account, password=None, **options):
    """A client with an account's password, or another."""
    return winpr.Client(account.user, account.domain, password or account.password, **options)


def test_messages(t):
    try:
        ctypes.CDLL(winpr.LIBRARY)
    except OSError as error:
        raise tap.Skip(f"there is no WinPR here: {error}") from error
    with sspi.Acceptor() as server:
        client = client_of(ALICE)
        answer = sspi.log_on(server, client.token, sspi.ASC_REQ_CONFIDENTIALITY)
        t.need(answer, sspi.SEC_E_OK, "logon, with a MIC")
        t.equal(server.query("names").text("user"), ALICE.server_name, "its name")
        messages.everything(t, server, client, "WinPR")


def test_refused(t):
    with sspi.Acceptor() as server:
        t.status(sspi.log_on(server, client_of(ALICE, "wrong").token), sspi.SEC_E_LOGON_DENIED,
                 "wrong password")


def test_mic_required(t):
    with ksecd.with_settings("[ntlm]\nrequire-mic = yes\n"), sspi.Acceptor() as server:
        t.status(sspi.log_on(server, client_of(ALICE).token), sspi.SEC_E_OK,
                 "MIC required: accepted with one")


def test_mic(t):
    """WinPR's MIC covers all three tokens: no bit of them may change on the way."""
    for where, index in (("NEGOTIATE_MESSAGE, a flag", 14), ("CHALLENGE_MESSAGE, a flag", 22)):
        with sspi.Acceptor() as server:
            client = client_of(ALICE)
            negotiate = bytearray(client.token(None))
            if where.startswith("NEGOTIATE"):
                negotiate[index] ^= 0x02    # TARGET_TYPE_SERVER means nothing here
            challenge = bytearray(server.accept(bytes(negotiate)).token)
            if where.startswith("CHALLENGE"):
                challenge[index] ^= 0x40    # REQUEST_NON_NT_SESSION_KEY, likewise
            answer = server.accept(client.token(bytes(challenge)))
            t.status(answer, sspi.SEC_E_LOGON_DENIED, f"changed in the {where}")


with accounts.added(ALICE):
    tap.main(test_messages, test_refused, test_mic_required, test_mic)
