# SPDX-License-Identifier: GPL-2.0-or-later
"""What every peer that protects messages must get right together with us.

A client is an object with

	token(challenge)     the next token, the first time for None
	wrap(data)           -> (signature, data as it travels)
	unwrap(signature, data)  -> the data; raises when it is not genuine
	mic(data)            -> signature
	verify(signature, data)  raises when it is not genuine

and, where it cannot do all of that, LACKS = {"signatures", "empty messages"}. The server is a
sspi_pipe.Acceptor whose context is established.
"""

import random

import sspi_pipe as sspi

SIZES = (0, 1, 16, 1000, 65000)


def _lacks(client, what):
    return what in getattr(client, "LACKS", ())


def _sizes(client):
    return SIZES[1:] if _lacks(client, "empty messages") else SIZES


def payload(rng, size):
    """Bytes that no cipher text is taken for: the same in every run."""
    return rng.randbytes(size)


def _hides(size, data, wire, sealed):
    """Whether the data travels as it should: short data may look like itself."""
    return size < 16 or (wire != data) == sealed


def to_server(t, server, client, name, sealed=True):
    """Messages of the client, as both kinds of buffers, and its signatures."""
    rng = random.Random(1)
    good = hidden = True
    qop = 0 if sealed else sspi.SECQOP_WRAP_NO_ENCRYPT
    for number, size in enumerate(_sizes(client)):
        data = payload(rng, size)
        token, wire = client.wrap(data)
        hidden = hidden and _hides(size, data, wire, sealed)
        if number % 2:
            answer = server.unwrap_stream(token + wire)
        else:
            answer = server.unwrap(token, wire)
        if (answer.status, answer.data) != (sspi.SEC_E_OK, data) or answer.number("qop") != qop:
            good = False
            t.note(f"{size} bytes: {answer}")
            break
        if not _lacks(client, "signatures"):
            token = client.mic(data)
            good = good and server.verify(token, data).status == sspi.SEC_E_OK
    what = "seals" if sealed else "signs"
    t.ok(good, f"{name} {what}, we read; its signatures are right")
    t.ok(hidden, f"{name}: the data is {'not ' if sealed else ''}readable on the wire")


def to_client(t, server, client, name, sealed=True):
    """Our messages and signatures, and messages that we sign in a sealed context."""
    rng = random.Random(2)
    good = hidden = True
    for size in _sizes(client):
        data = payload(rng, size)
        answer = server.wrap(data, qop=0 if sealed else sspi.SECQOP_WRAP_NO_ENCRYPT)
        if answer.status != sspi.SEC_E_OK:
            good = False
            t.note(f"{size} bytes: {answer}")
            break
        hidden = hidden and _hides(size, data, answer.data, sealed)
        good = good and client.unwrap(answer.token, answer.data) == data
        if not _lacks(client, "signatures"):
            client.verify(server.mic(data).token, data)
            answer = server.wrap(data, qop=sspi.SECQOP_WRAP_NO_ENCRYPT)
            client.verify(answer.token, answer.data)
            good = good and answer.data == data
    what = "seal" if sealed else "sign"
    t.ok(good, f"{name} reads what we {what}, and finds our signatures right")
    t.ok(hidden, f"{name}: our data is {'not ' if sealed else ''}readable on the wire")


def _flip(data, index):
    return data[:index] + bytes([data[index] ^ 0x40]) + data[index + 1:]


def forged_to_server(t, server, client, name):
    """Each way of changing a message is told by its status, and nothing is lost."""
    data = b"transfer 100 to alice" * 3
    token, wire = client.wrap(data)
    forgeries = (
        ("data changed", token, _flip(wire, 5), sspi.SEC_E_MESSAGE_ALTERED),
        ("checksum changed", _flip(token, 7), wire, sspi.SEC_E_MESSAGE_ALTERED),
        ("sequence number changed", _flip(token, 12), wire, sspi.SEC_E_OUT_OF_SEQUENCE),
        ("version changed", _flip(token, 0), wire, sspi.SEC_E_INVALID_TOKEN),
        ("signature cut", token[:15], wire, sspi.SEC_E_INVALID_TOKEN),
        ("data cut", token, wire[:-1], sspi.SEC_E_MESSAGE_ALTERED),
    )
    for what, bad_token, bad_wire, status in forgeries:
        t.status(server.unwrap(bad_token, bad_wire), status, f"{name}: {what}")
    answer = server.unwrap(token, wire)
    t.ok((answer.status, answer.data) == (sspi.SEC_E_OK, data),
         f"{name}: the genuine message is read after all the forged ones", answer)
    t.status(server.unwrap(token, wire), sspi.SEC_E_OUT_OF_SEQUENCE, f"{name}: replayed")

    first, second = client.wrap(b"first"), client.wrap(b"second")
    t.status(server.unwrap(*second), sspi.SEC_E_OUT_OF_SEQUENCE,
             f"{name}: the second message first")
    t.ok([server.unwrap(*m).data for m in (first, second)] == [b"first", b"second"],
         f"{name}: both in their order")
    if _lacks(client, "signatures"):
        return
    token = client.mic(data)
    t.status(server.verify(token, _flip(data, 3)), sspi.SEC_E_MESSAGE_ALTERED,
             f"{name}: signed data changed")
    t.status(server.verify(token, data), sspi.SEC_E_OK, f"{name}: and as it was signed")


def _refuses(function, *args):
    try:
        function(*args)
    except Exception:  # each peer has an exception of its own
        return True
    return False


def forged_to_client(t, server, client, name):
    """The peer refuses what was changed on the way; the other direction goes on.

    What a peer does with its cipher after that is its affair: this comes last.
    """
    answer = server.wrap(b"transfer 100 to alice")
    t.ok(_refuses(client.unwrap, answer.token, _flip(answer.data, 5)),
         f"{name} refuses our message when its data is changed")
    data = b"from the client, after that"
    answer = server.unwrap(*client.wrap(data))
    t.ok((answer.status, answer.data) == (sspi.SEC_E_OK, data),
         f"{name}: the other direction goes on", answer)


def everything(t, server, client, name):
    """All of the above on one sealed context."""
    to_server(t, server, client, name)
    to_client(t, server, client, name)
    forged_to_server(t, server, client, name)
    to_client(t, server, client, f"{name}, later")
    forged_to_client(t, server, client, name)


def sequence(t, server, client, name, count, batch=50):
    """count messages, as many each way, in turns; the server's calls are pipelined."""
    rng = random.Random(3)
    good = True
    for _ in range(0, count, 2 * batch):
        sent = [payload(rng, rng.randrange(1, 120)) for _ in range(batch)]
        replies = [payload(rng, rng.randrange(1, 120)) for _ in range(batch)]
        lines = []
        for data, reply in zip(sent, replies):
            token, wire = client.wrap(data)
            lines += [f"unwrap {token.hex()} {wire.hex()}", f"wrap {reply.hex()}"]
        server.send_lines(lines)
        for data, reply in zip(sent, replies):
            good = good and server.receive().data == data
            answer = server.receive()
            good = good and client.unwrap(answer.token, answer.data) == reply
    t.ok(good, f"{name}: {count} messages in sequence, in turns")
