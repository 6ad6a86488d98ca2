# SPDX-License-Identifier: GPL-2.0-or-later
"""The client of secrets_search.py, in a process of its own: it may know its keys.

usage: secrets_client.py USER DOMAIN PASSWORD

Each line on stdin is a JSON list: ["token", CHALLENGE], ["wrap", DATA],
["unwrap", SIGNATURE, DATA] or ["keys"]; each line on stdout the result. Bytes are
hex. A token for no challenge begins another session; "keys" are those of all.
"""

import hmac
import json
import sys

import accounts
import impacket_ntlm
from impacket import ntlm


def rc4_state(key, used):
    """The state of RC4 after that many bytes of key stream."""
    state = list(range(256))
    j = 0
    for i in range(256):
        j = (j + state[i] + key[i % len(key)]) % 256
        state[i], state[j] = state[j], state[i]
    i = j = 0
    for _ in range(used):
        i = (i + 1) % 256
        j = (j + state[i]) % 256
        state[i], state[j] = state[j], state[i]
    return bytes(state)


class Session(impacket_ntlm.Client):
    """A session that counts how far its ciphers are."""

    def __init__(self, account):
        super().__init__(account)
        self.used = {"client": 0, "server": 0}

    def keys(self):
        """All that is derived from the password, by name."""
        account = self.account
        nt_hash = ntlm.compute_nthash(account.password)
        response_key = ntlm.NTOWFv2(account.user, account.password, account.domain)
        message = ntlm.NTLMAuthChallengeResponse()
        message.fromString(self.authenticate)
        proof = message["ntlm"][:16]
        keys = {
            "NT hash": nt_hash,
            "ResponseKeyNT": response_key,
            "SessionBaseKey": hmac.digest(response_key, proof, "md5"),
            "ExportedSessionKey": self.session_key,
        }
        for name, half in (("client", self.ours), ("server", self.theirs)):
            keys[f"{name}'s signing key"] = half.signing_key
            keys[f"{name}'s sealing key"] = half.sealing_key
            for when, used in (("first", 0), ("present", self.used[name])):
                state = rc4_state(half.sealing_key, used)
                # Found also where it is kept in another way than as an array of bytes.
                keys[f"{name}'s {when} RC4 state"] = state[:32]
                keys[f"{name}'s {when} RC4 state, in words"] = b"".join(
                    bytes([byte, 0, 0, 0]) for byte in state[:8])
        return keys


def main():
    """See the top of the file."""
    account = accounts.Account(*sys.argv[1:4], None)
    sessions = []
    for line in sys.stdin:
        verb, *words = json.loads(line)
        data = [word and bytes.fromhex(word) for word in words]
        if verb == "token":
            if data[0] is None:
                sessions.append(Session(account))
            result = sessions[-1].token(data[0]).hex()
        elif verb == "wrap":
            session = sessions[-1]
            token, wire = session.wrap(data[0])
            session.used["client"] += len(wire) + 8
            result = [token.hex(), wire.hex()]
        elif verb == "unwrap":
            session = sessions[-1]
            result = session.unwrap(*data).hex()
            session.used["server"] += len(data[1]) + 8
        else:
            result = {f"{name} of session {i}": key.hex() for i, session in enumerate(sessions)
                      for name, key in session.keys().items()}
        print(json.dumps(result), flush=True)


main()
