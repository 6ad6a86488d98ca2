# SPDX-License-Identifier: GPL-2.0-or-later
"""impacket's ntlm module as client."""

from Cryptodome.Cipher import ARC4
from impacket import ntlm

SIGNATURE = 16


class _Half:
    """The keys of one direction."""

    def __init__(self, flags, session_key, mode):
        self.flags = flags
        self.signing_key = ntlm.SIGNKEY(flags, session_key, mode)
        self.sealing_key = ntlm.SEALKEY(flags, session_key, mode)
        self.rc4 = ARC4.new(self.sealing_key)
        self.number = 0

    def sign(self, data):
        """The signature of the next message."""
        signature = ntlm.SIGN(self.flags, self.signing_key, data, self.number, self.rc4.encrypt)
        self.number += 1
        return signature.getData()


class Client:
    """An initiator; session_key is the ExportedSessionKey once there is one."""

    def __init__(self, account, password=None, sign=True, nt_hash=""):
        self.account = account
        self.password = account.password if password is None else password
        self.nt_hash = nt_hash
        self.negotiate = ntlm.getNTLMSSPType1("", "", sign)
        self.session_key = None
        self.authenticate = None
        self.ours = self.theirs = None

    def token(self, challenge):
        """The next token."""
        if challenge is None:
            return self.negotiate.getData()
        message, self.session_key = ntlm.getNTLMSSPType3(
            self.negotiate, challenge, self.account.user, self.password, self.account.domain,
            nthash=self.nt_hash)
        flags = message["flags"]
        self.ours = _Half(flags, self.session_key, "Client")
        self.theirs = _Half(flags, self.session_key, "Server")
        self.authenticate = message.getData()
        return self.authenticate

    def wrap(self, data):
        """Seals."""
        half = self.ours
        wire, signature = ntlm.SEAL(half.flags, half.signing_key, half.sealing_key, data, data,
                                    half.number, half.rc4.encrypt)
        half.number += 1
        return signature.getData(), wire

    def unwrap(self, token, data):
        """impacket opens by sealing again, and leaves comparing to its caller."""
        half = self.theirs
        plain = half.rc4.decrypt(data)
        if half.sign(plain) != token:
            raise ValueError("the signature is wrong")
        return plain

    def mic(self, data):
        """Signs."""
        return self.ours.sign(data)

    def verify(self, token, data):
        """Likewise."""
        if self.theirs.sign(data) != token:
            raise ValueError("the signature is wrong")
