# SPDX-License-Identifier: GPL-2.0-or-later
"""gss-ntlmssp as initiator, by itself or inside of MIT's SPNEGO."""

import os
import tempfile

# gss-ntlmssp looks at it when it is loaded.
USERS = tempfile.NamedTemporaryFile("w", prefix="ksecdd-users.", delete=False)
os.environ["NTLM_USER_FILE"] = USERS.name

import gssapi
from gssapi.raw import ChannelBindings

NTLM = gssapi.OID.from_int_seq("1.3.6.1.4.1.311.2.2.10")
SPNEGO = gssapi.OID.from_int_seq("1.3.6.1.5.5.2")
SEAL = gssapi.RequirementFlag.confidentiality | gssapi.RequirementFlag.integrity
SIGN = gssapi.RequirementFlag.integrity
SIGNATURE = 16
HOST = "ksecdd.test"
# What its clients ask for
TARGET = f"HTTP/{HOST}"


def remember(account, password=None):
    """Gives gss-ntlmssp in this process and its children an account, the only one."""
    with open(USERS.name, "w", encoding="utf-8") as f:
        f.write(f"{account.domain}:{account.user}:{password or account.password}\n")


class Client:
    """An initiator; bindings are the application data of channel bindings."""

    LACKS = {"empty messages"}

    def __init__(self, account, password=None, flags=SEAL, bindings=None,
                 mech=NTLM):
        remember(account, password)
        name = gssapi.Name(f"{account.domain}\\{account.user}", gssapi.NameType.user)
        credential = gssapi.Credentials(name=name, mechs=[mech], usage="initiate")
        target = gssapi.Name(f"HTTP@{HOST}", gssapi.NameType.hostbased_service)
        if bindings is not None:
            bindings = ChannelBindings(application_data=bindings)
        self.context = gssapi.SecurityContext(
            name=target, creds=credential, mech=mech, usage="initiate", flags=flags,
            channel_bindings=bindings)

    def token(self, challenge):
        """The next token."""
        return self.context.step(challenge)

    def wrap(self, data):
        """GSS_Wrap; its token is the signature with the data behind it."""
        message = self.context.wrap(data, True).message
        return message[:SIGNATURE], message[SIGNATURE:]

    def unwrap(self, token, data):
        """GSS_Unwrap."""
        return self.context.unwrap(token + data).message

    def mic(self, data):
        """GSS_GetMIC."""
        return self.context.get_signature(data)

    def verify(self, token, data):
        """GSS_VerifyMIC."""
        self.context.verify_signature(data, token)


def clean_up():
    """Removes the file with the password."""
    os.unlink(USERS.name)
