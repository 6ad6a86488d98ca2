# SPDX-License-Identifier: GPL-2.0-or-later
"""Certificates and their keys, made by the test, in a folder of its own."""

import datetime
import functools
import hashlib
import os
import tempfile

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

HOST = "ksecdd.test"
FOLDER = tempfile.TemporaryDirectory(prefix="ksecdd-pki.")
UPN = x509.ObjectIdentifier("1.3.6.1.4.1.311.20.2.3")
DAY = datetime.timedelta(days=1)


def save(name, data):
    """Writes a file that only its owner can read; returns its path."""
    path = f"{FOLDER.name}/{name}"
    with open(path, "wb", opener=lambda p, flags: os.open(p, flags, 0o600)) as f:
        f.write(data)
    return path


@functools.lru_cache(maxsize=None)
def rsa_key():
    """Made once: the test guest takes its time for it."""
    return rsa.generate_private_key(65537, 2048)


def ec_key():
    """On secp256r1."""
    return ec.generate_private_key(ec.SECP256R1())


def utf8_string(text):
    """DER of an UTF8String of less than 128 bytes."""
    data = text.encode()
    return bytes([0x0c, len(data)]) + data


class Certificate:
    """A certificate and its key: path and key_path, PEM; der; sha256.

    issuer: the Certificate of whoever signs it; itself without
    ca: whether it may sign others
    purpose: an x509.ExtendedKeyUsageOID, or None
    upn: user principal name, or None
    days: from today, when it ends
    """

    def __init__(self, name, key, issuer=None, *, ca=False, purpose=None, upn=None, days=1):
        subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
        now = datetime.datetime.utcnow()
        names = [x509.DNSName(HOST)]
        if upn:
            names.append(x509.OtherName(UPN, utf8_string(upn)))
        builder = (
            x509.CertificateBuilder().subject_name(subject)
            .issuer_name(issuer.subject if issuer else subject)
            .serial_number(x509.random_serial_number()).public_key(key.public_key())
            .not_valid_before(now - 3 * DAY).not_valid_after(now + days * DAY)
            .add_extension(x509.SubjectAlternativeName(names), critical=False)
            .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True))
        if purpose:
            builder = builder.add_extension(x509.ExtendedKeyUsage([purpose]), critical=False)
        certificate = builder.sign(issuer.private if issuer else key, hashes.SHA256())
        self.subject = subject
        self.private = key
        self.der = certificate.public_bytes(serialization.Encoding.DER)
        self.sha256 = hashlib.sha256(self.der).digest()
        file = name.replace(" ", "-") + ("-rsa" if isinstance(key, rsa.RSAPrivateKey) else "")
        self.path = save(f"{file}.crt", certificate.public_bytes(serialization.Encoding.PEM))
        self.key_path = save(f"{file}.key", key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption()))


CA = Certificate("ksecdd test CA", ec_key(), ca=True)
SERVER_EC = Certificate(HOST, ec_key(), CA, purpose=x509.ExtendedKeyUsageOID.SERVER_AUTH)


def server_rsa():
    """The same with RSA."""
    return Certificate(HOST, rsa_key(), CA, purpose=x509.ExtendedKeyUsageOID.SERVER_AUTH)


def client(name, issuer=CA, **more):
    """A certificate for a client."""
    return Certificate(name, ec_key(), issuer, purpose=x509.ExtendedKeyUsageOID.CLIENT_AUTH,
                       **more)
