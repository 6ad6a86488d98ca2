# SPDX-License-Identifier: GPL-2.0-or-later
"""MIT Kerberos as initiator, by itself or inside of MIT's SPNEGO."""

import random

import gssapi
from gssapi.raw import ChannelBindings

import realm
import sspi_pipe as sspi

SEAL = gssapi.RequirementFlag.confidentiality | gssapi.RequirementFlag.integrity
ORDER = gssapi.RequirementFlag.replay_detection | gssapi.RequirementFlag.out_of_sequence_detection
DCE_STYLE = 0x1000      # GSS_C_DCE_STYLE
MUTUAL = gssapi.RequirementFlag.mutual_authentication
SPNEGO = gssapi.OID.from_int_seq("1.3.6.1.5.5.2")
SIZES = (0, 1, 16, 1000, 65000)


class Client:
    """An initiator; bindings are the application data of channel bindings."""

    def __init__(self, cache, service, flags=SEAL | ORDER | MUTUAL, bindings=None,
                 mech=gssapi.MechType.kerberos):
        credential = gssapi.Credentials(usage="initiate", store={"ccache": cache})
        target = gssapi.Name(f"{service}@{realm.REALM}", gssapi.NameType.kerberos_principal)
        if bindings is not None:
            bindings = ChannelBindings(application_data=bindings)
        self.context = gssapi.SecurityContext(
            name=target, creds=credential, mech=mech, usage="initiate", flags=flags,
            channel_bindings=bindings)

    def token(self, answer):
        """The next token."""
        return self.context.step(answer)


def protect(t, server, context, name):
    """Messages and signatures, sealed and not, both ways."""
    rng = random.Random(1)
    good = True
    for size in SIZES:
        data = rng.randbytes(size)
        for seal in (True, False):
            qop = 0 if seal else sspi.SECQOP_WRAP_NO_ENCRYPT
            answer = server.unwrap_stream(context.wrap(data, seal).message)
            if (answer.status, answer.data) != (sspi.SEC_E_OK, data) or \
                    answer.number("qop") != qop:
                t.note(f"{size} bytes to us, seal {seal}: {answer}")
                good = False
            answer = server.wrap(data, qop)
            if answer.status != sspi.SEC_E_OK:
                t.note(f"{size} bytes of ours, seal {seal}: {answer}")
                good = False
                continue
            message = context.unwrap(answer.token + answer.data)
            good = good and (message.message, message.encrypted) == (data, seal)
        answer = server.verify(context.get_signature(data), data)
        if answer.status != sspi.SEC_E_OK:
            t.note(f"signature of {size} bytes: {answer}")
            good = False
        context.verify_signature(data, server.mic(data).token)
    t.ok(good, f"{name}: wrapped and signed, sealed and not, both ways")
