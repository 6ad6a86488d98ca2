#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Where the keys of TLS are not: in ksecd and in the service, once the module has them.

What the secrets are, the client says (SSLKEYLOGFILE); the keys that follow from them are
computed here. All readable memory of the others is searched for them, and, so that a
search that finds nothing means something, that of the client.
"""

import hmac
import os
import re

import ksecd
import memory
import pki
import tap

from tls_service import Service, s_client

CONFIG = f"""
[tls]
certificate = {pki.SERVER_EC.path}
key = {pki.SERVER_EC.key_path}
"""
OK = "00000000"
# Long enough that no part of it is there by chance.
MARKER = "plain text that the service was meant to read, and that it has read"
SESSIONS = 3


def not_with_asan():
    """ASan keeps what was freed, and its own memory is terabytes."""
    if os.environ.get("KSECDD_BUILD", "").endswith("asan"):
        raise tap.Skip("the programs are those of build/asan")


def read_keylog(path):
    """Labels and secrets of NSS's key log format."""
    with open(path, encoding="ascii") as f:
        for line in f:
            words = line.split()
            if len(words) == 3 and not line.startswith("#"):
                yield words[0], bytes.fromhex(words[1]), bytes.fromhex(words[2])


def expand_label(secret, label, length):
    """HKDF-Expand-Label of no context and less bytes than the hash has: RFC 8446 7.1."""
    digest = "sha384" if len(secret) == 48 else "sha256"
    name = b"tls13 " + label
    info = length.to_bytes(2, "big") + bytes([len(name)]) + name + b"\0\1"
    return hmac.digest(secret, info, digest)[:length]


def prf(secret, seed, length, digest):
    """P_hash of RFC 5246 section 5."""
    out, a = b"", seed
    while len(out) < length:
        a = hmac.digest(secret, a, digest)
        out += hmac.digest(secret, a + seed, digest)
    return out[:length]


def secrets_13(path):
    """All secrets of TLS 1.3 that the client has told, and the keys of the records."""
    found = {}
    for label, _, secret in read_keylog(path):
        found[label] = secret
        if "TRAFFIC_SECRET" in label:
            found[f"key of {label}"] = expand_label(secret, b"key", 32)
            found[f"IV of {label}"] = expand_label(secret, b"iv", 12)
    return found


def secrets_12(path, random):
    """The master secret and the keys of TLS 1.2 with AES-256-GCM."""
    (_, client_random, master), = read_keylog(path)
    block = prf(master, b"key expansion" + random + client_random, 72, "sha384")
    return {"master secret": master, "client's key": block[:32], "server's key": block[32:64]}


def server_random(text):
    """That of the ServerHello, as s_client -msg shows it in hexadecimal."""
    dump = text.partition("ServerHello")[2]
    data = bytes.fromhex("".join(re.findall(r"^ {4}((?:[0-9a-f]{2} ?)+)", dump, re.M)[:4]))
    return data[6:38]


class Session:
    """A client that has talked, and whose connection stays."""

    def __init__(self, t, service, number, tls13):
        self.path = f"{pki.FOLDER.name}/keys-{number}"
        words = ("-tls1_3", "-ciphersuites", "TLS_AES_256_GCM_SHA384") if tls13 else \
            ("-tls1_2", "-cipher", "ECDHE-ECDSA-AES256-GCM-SHA384", "-msg")
        self.client = s_client(service.port, "-keylogfile", self.path, *words)
        t.equal(service.event("handshake").status, OK, f"session {number}")
        t.ok(self.client.echoes(MARKER), "talks")
        text = "\n".join(self.client.reader.seen)
        self.secrets = secrets_13(self.path) if tls13 else \
            secrets_12(self.path, server_random(text))


def look_at_client(t, session):
    """OpenSSL does not keep all that it has made."""
    found = memory.search(session.client.process.pid, session.secrets)
    wanted = [name for name in session.secrets
              if re.fullmatch(r"(CLIENT|SERVER)_TRAFFIC_SECRET_0|.*key|master secret", name)]
    t.ok(set(wanted) & set(found), "control: the client has what is searched for", found)


def look_at(t, pid, name, secrets, control):
    """Nothing but the control is in the memory of a process."""
    hexadecimal = {f"{key} as text": value.hex().encode() for key, value in secrets.items()}
    found = memory.search(pid, {**secrets, **hexadecimal, **control})
    t.ok(set(control) <= set(found), f"control: {', '.join(control)} is in {name}")
    others = {key: place for key, place in found.items() if key not in control}
    t.ok(not others, f"no secret of TLS in {found.size >> 10} KiB of {name}", others)


def check_version(t, tls13):
    """Sessions that are open, and then over."""
    not_with_asan()
    certificate = {"the certificate": pki.SERVER_EC.der[-64:]}
    plain = {"plain text": MARKER.encode()}
    version = "TLS 1.3" if tls13 else "TLS 1.2"
    with Service("--linger") as service:
        for number in range(SESSIONS):
            session = Session(t, service, f"{version}-{number}", tls13)
            with session.client as client:
                look_at_client(t, session)
                look_at(t, ksecd.pid(), f"ksecd, {version}, open", session.secrets, certificate)
                look_at(t, service.process.pid, f"the service, {version}, open",
                        session.secrets, plain)
                client.send("Q")
                client.wait()
            service.over()
        look_at(t, ksecd.pid(), f"ksecd, {version}, over", session.secrets, certificate)


def test_tls13(t):
    check_version(t, True)


def test_tls12(t):
    check_version(t, False)


with ksecd.with_settings(CONFIG):
    tap.main(test_tls13, test_tls12)
