#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""sspi-http with TLS: channel bindings of clients that others wrote, and bad clients.

curl and Python's ssl bring OpenSSL's TLS, MIT Kerberos and gss-ntlmssp the tokens. What
the bindings are, this test computes itself from the certificate it has made.
"""

import contextlib
import datetime
import functools
import hashlib
import ipaddress
import os
import re
import socket
import ssl
import subprocess
import tempfile
import time
import warnings

import accounts
import gss_client
import gss_kerberos
import http_server
import ksecd
import realm
import tap

import gssapi
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

from http_connection import GET, Connection

# What should not be used any more is what some of this is about.
warnings.filterwarnings("ignore", ".*(SHA1|TLSv1)")

ALICE = accounts.ALICE
HOST = "ksecdd.test"
SERVICE = f"HTTP/{HOST}"
KEYTAB = "/etc/ksecd/https.keytab"
CONFIG = f"""
[kerberos]
map = alice@{realm.REALM} alice
[service web]
keytab = {KEYTAB}
names = {SERVICE}
users = {http_server.USER}
"""
REALM = realm.Realm()
CACHE = REALM.cache("alice")
FOLDER = tempfile.TemporaryDirectory(prefix="ksecdd-https.")
NEGOTIATE, NTLM = "Negotiate", "NTLM"


@functools.lru_cache(maxsize=None)
def rsa_key():
    """Made once: the test guest takes its time for it."""
    return rsa.generate_private_key(65537, 2048)


def save(name, data):
    """Writes a file that sspi-http can read; returns its path."""
    path = f"{FOLDER.name}/{name}"
    with open(path, "wb") as f:
        f.write(data)
    os.chmod(path, 0o644)
    return path


def save_key(key, name, encryption=serialization.NoEncryption()):
    """Writes a key as PEM; returns its path."""
    return save(name, key.private_bytes(serialization.Encoding.PEM,
                                        serialization.PrivateFormat.PKCS8, encryption))


class Certificate:
    """A certificate for 127.0.0.1, and its key.

    digest: of its signature, None where the key says it.
    bound: name of the hash of the certificate that is in the bindings.
    """

    def __init__(self, name, key, digest, bound=None):
        own = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, HOST)])
        now = datetime.datetime.utcnow()
        names = [x509.DNSName(HOST), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
        certificate = (
            x509.CertificateBuilder().subject_name(own).issuer_name(own).serial_number(1)
            .public_key(key.public_key())
            .not_valid_before(now - datetime.timedelta(days=1))
            .not_valid_after(now + datetime.timedelta(days=1))
            .add_extension(x509.SubjectAlternativeName(names), critical=False)
            .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
            .sign(key, digest))
        self.private = key
        self.bound = bound
        self.der = certificate.public_bytes(serialization.Encoding.DER)
        self.path = save(f"{name}.pem", certificate.public_bytes(serialization.Encoding.PEM))
        self.key = save_key(key, f"{name}.key")
        self.options = f"--tls-certificate={self.path}", f"--tls-key={self.key}"

    def bindings(self, algorithm=None):
        """tls-server-end-point (RFC 5929 section 4), or what it is with another hash."""
        digest = hashlib.new(algorithm or self.bound, self.der).digest()
        return b"tls-server-end-point:" + digest

    def context(self, version=None):
        """A client's side of TLS, which trusts it."""
        context = ssl.create_default_context(cafile=self.path)
        # OpenSSL takes SHA-1 for nothing that one could trust in.
        context.set_ciphers("DEFAULT:@SECLEVEL=0")
        if version:
            context.minimum_version = context.maximum_version = version
        return context


def rsa_sha256():
    """With an RSA key."""
    return Certificate("rsa-sha256", rsa_key(), hashes.SHA256(), "sha256")


def rsa_sha1():
    """The same with a signature whose hash is too weak."""
    return Certificate("rsa-sha1", rsa_key(), hashes.SHA1(), "sha256")


def ecdsa_sha384():
    """With a key on a curve, which is the fastest there is."""
    return Certificate("ecdsa-sha384", ec.generate_private_key(ec.SECP256R1()), hashes.SHA384(),
                       "sha384")


def kerberos(bindings):
    """alice's ticket, by itself."""
    return gss_kerberos.Client(CACHE, SERVICE, mech=gssapi.MechType.kerberos, bindings=bindings)


def spnego_kerberos(bindings):
    """alice's ticket in SPNEGO."""
    return gss_kerberos.Client(CACHE, SERVICE, mech=gss_kerberos.SPNEGO, bindings=bindings)


def ntlm(bindings):
    """An account, by NTLM itself."""
    return gss_client.Client(ALICE, bindings=bindings)


def spnego_ntlm(bindings):
    """The same in SPNEGO."""
    return gss_client.Client(ALICE, mech=gss_client.SPNEGO, bindings=bindings)


# Name, client, scheme of HTTP, package that the server names
CLIENTS = (
    ("Kerberos", kerberos, NEGOTIATE, "Kerberos"),
    ("Kerberos in SPNEGO", spnego_kerberos, NEGOTIATE, "Kerberos"),
    ("NTLM", ntlm, NTLM, "NTLM"),
    ("raw NTLM as Negotiate", ntlm, NEGOTIATE, "NTLM"),
    ("NTLM in SPNEGO", spnego_ntlm, NEGOTIATE, "NTLM"),
)
FEW = CLIENTS[1], CLIENTS[4]
MODES = ("none", "allow", "require")
# What the client gives, and in which modes that lets it in
GIVEN = (("right", MODES), ("wrong", ("none",)), ("missing", ("none", "allow")))


def server(certificate, mode, *options):
    """sspi-http with TLS and both schemes."""
    return http_server.Server("--negotiate", f"--bindings={mode}", *certificate.options,
                              *options)


def try_clients(t, certificate, mode, given, clients=CLIENTS):
    """Clients with these bindings, each on a connection of its own."""
    right = certificate.bindings()
    wrong = right[:-1] + bytes([right[-1] ^ 1])
    values = {"right": right, "wrong": wrong, "missing": None}
    tls = certificate.context()
    with server(certificate, mode) as web:
        for what, modes in given:
            want = (200, None) if mode in modes else (401, "SEC_E_BAD_BINDINGS")
            for name, make, scheme, package in clients:
                with Connection(web, tls) as c:
                    response = c.exchange(make(values[what]), scheme)
                    got = response.code, response.view.get("status")
                    t.ok(got == want and (want[0] != 200 or response.view["package"] == package),
                         f"{name}, --bindings={mode}, {what} ones: {want[0]} {want[1] or ''}",
                         response)


def test_modes(t):
    certificate = rsa_sha256()
    try_clients(t, certificate, "none", GIVEN, FEW)
    for mode in ("allow", "require"):
        try_clients(t, certificate, mode, GIVEN)


def test_hashes(t):
    """Of the certificate: its signature's, or SHA-256 where that is too weak."""
    for certificate, other in ((ecdsa_sha384(), "sha256"), (rsa_sha1(), "sha1")):
        t.note(f"{certificate.path}: the bindings have {certificate.bound}")
        try_clients(t, certificate, "require", GIVEN[:1], FEW)
        with server(certificate, "require") as web, \
                Connection(web, certificate.context()) as c:
            response = c.exchange(kerberos(certificate.bindings(other)), NEGOTIATE)
            t.equal((response.code, response.view["status"]), (401, "SEC_E_BAD_BINDINGS"),
                    f"{certificate.bound}, and the client took {other}: 401")


def test_behind_proxy(t):
    """Plain HTTP: who does TLS for the server tells it what clients are bound to."""
    right = b"tls-server-end-point:" + b"\x11" * 32
    with http_server.Server("--negotiate", "--bindings=require",
                            f"--channel-bindings={right.hex()}") as web:
        for bindings, code in ((right, 200), (right[:-1] + b"\0", 401), (None, 401)):
            with Connection(web) as c:
                t.equal(c.exchange(spnego_kerberos(bindings), NEGOTIATE).code, code,
                        f"--channel-bindings: {code}")


def test_curl(t):
    """curl of Debian 12 has no bindings."""
    certificate = ecdsa_sha384()
    os.environ["KRB5CCNAME"] = CACHE
    for mode in MODES:
        with server(certificate, mode) as web:
            port = web.address[1]
            url = f"https://{HOST}:{port}/"
            words = ("--cacert", certificate.path, "--resolve", f"{HOST}:{port}:127.0.0.1")
            for name, account, login in (
                    ("--negotiate", f"alice@{realm.REALM}", ("--negotiate", "--user", ":")),
                    ("--ntlm", ALICE.server_name,
                     ("--ntlm", "--user", f"{ALICE.user}:{ALICE.password}"))):
                reply = web.curl(*words, *login, url, url)
                if mode == "require":
                    t.equal((reply.code, reply.views[-1].get("status")),
                            (401, "SEC_E_BAD_BINDINGS"), f"curl {name}, --bindings={mode}: 401")
                    continue
                t.equal((reply.codes, reply.accounts), ([200] * 2, [account] * 2),
                        f"curl {name}, --bindings={mode}: 200")
                t.equal(reply.connects, 1, "on one connection")
    with server(certificate, "allow") as web:
        url = web.url()
        t.equal(web.curl("--cacert", certificate.path, url).code, 401, "curl without a name: 401")
        t.equal(web.curl(url).code, 0, "curl that does not trust the server: nothing")


def test_versions(t):
    certificate = ecdsa_sha384()
    right = certificate.bindings()
    with server(certificate, "require") as web:
        for name, version in (("TLSv1.2", ssl.TLSVersion.TLSv1_2),
                              ("TLSv1.3", ssl.TLSVersion.TLSv1_3)):
            with Connection(web, certificate.context(version)) as c:
                t.equal(c.exchange(kerberos(right), NEGOTIATE).code, 200, f"{name}: 200")
                cipher, _, bits = c.socket.cipher()
                t.ok(re.search("GCM|CHACHA20", cipher) and bits >= 128, f"{name}: {cipher}")
                t.equal(c.socket.version(), name, "it is that version")
                body = b"x" * 300000
                t.equal(c.ask(GET + b"Content-Length: 300000\r\n\r\n" + body).code, 200,
                        f"{name}: a body of many records")
                response = c.ask(GET + b"Connection: close\r\n\r\n")
                # Without close_notify, Python's ssl raises SSLEOFError here.
                t.ok(response.code == 200 and c.ended(), f"{name}: a proper end")
        for name, version in (("TLSv1", ssl.TLSVersion.TLSv1),
                              ("TLSv1.1", ssl.TLSVersion.TLSv1_1)):
            with socket.create_connection(web.address) as raw:
                try:
                    certificate.context(version).wrap_socket(raw, server_hostname=HOST).close()
                    t.ok(False, f"{name} is refused")
                except ssl.SSLError as error:
                    t.ok("ALERT" in str(error.reason), f"{name} is refused", error)


def hello(certificate):
    """The bytes that a client begins a handshake with."""
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    client = certificate.context().wrap_bio(incoming, outgoing, server_hostname=HOST)
    with contextlib.suppress(ssl.SSLWantReadError):
        client.do_handshake()
    return outgoing.read()


def raw_end(web, data, half_close=False):
    """Sends bytes without TLS; returns what the server answers until it ends."""
    with socket.create_connection(web.address, timeout=ksecd.WAIT_SECONDS) as raw:
        raw.sendall(data)
        if half_close:
            raw.shutdown(socket.SHUT_WR)
        answer = b""
        with contextlib.suppress(ConnectionResetError):
            while data := raw.recv(65536):
                answer += data
        return answer


def test_bad_clients(t):
    certificate = ecdsa_sha384()
    tls = certificate.context()
    first = hello(certificate)
    with server(certificate, "allow") as web:
        def alive(name):
            with Connection(web, tls) as c:
                t.equal(c.ask(GET + b"\r\n").code, 401, f"{name}: the next client is served")
        for name, data in (("garbage", bytes(range(256)) * 4), ("HTTP", GET + b"\r\n"),
                           ("a record of a length that cannot be", b"\x16\x03\x01\xff\xff" * 20),
                           ("a first record twice", first + first),
                           ("data before the handshake", b"\x17\x03\x03\x00\x05hello")):
            answer = raw_end(web, data)
            t.ok(answer[:1] in (b"", b"\x15", b"\x16") and b"HTTP/" not in answer,
                 f"{name}: no answer but TLS's", answer[:80])
        alive("bad handshakes")
        for cut in (1, 5, len(first) // 2, len(first) - 1, len(first)):
            raw_end(web, first[:cut], half_close=True)
        alive("handshakes that end in the middle")
        with Connection(web, tls) as c:
            c.send(GET)
            c.socket.shutdown(socket.SHUT_RDWR)
        with Connection(web, tls) as c, socket.socket(fileno=c.socket.detach()) as raw:
            raw.settimeout(ksecd.WAIT_SECONDS)
            raw.sendall(b"\x17\x03\x03\x00\x20" + bytes(32))
            answer = raw.recv(65536)
            t.ok(answer and b"HTTP/" not in answer and not raw.recv(65536),
                 "a forged record: an alert, and the end", answer)
        alive("a request that is cut off, and a forged record")


def test_times(t):
    certificate = ecdsa_sha384()
    first = hello(certificate)
    with server(certificate, "allow", "--idle-timeout", "2") as web:
        begin = time.monotonic()
        for name, data in (("says nothing", b""), ("stops in the handshake", first[:-1]),
                           ("never ends the handshake", first)):
            raw_end(web, data)
            t.ok(True, f"the connection of a client that {name} ends")
        t.ok(6 <= time.monotonic() - begin < 30, "in time", time.monotonic() - begin)
        with Connection(web, certificate.context()) as idle:
            t.ok(idle.ended(), "and so does one without a request")
    with server(certificate, "allow", "--max-connections", "2") as web:
        held = [socket.create_connection(web.address) for _ in range(2)]
        with Connection(web, certificate.context()) as surplus:
            t.equal(surplus.ask(GET + b"\r\n").code, 503, "503: one more than may be")
        begin = time.monotonic()
        web.process.terminate()
        t.equal(web.process.wait(timeout=20), 0, "SIGTERM: the server ends well")
        t.ok(time.monotonic() - begin < 10, "at once, whoever is in a handshake")
        for each in held:
            each.close()


def test_options(t):
    """What cannot work is said at start, with what to do."""
    mine, other = ecdsa_sha384(), rsa_sha256()
    edwards = Certificate("ed25519", ed25519.Ed25519PrivateKey.generate(), None)
    locked = save_key(mine.private, "locked.key", serialization.BestAvailableEncryption(b"x"))
    der = save("der", mine.der)
    certificate = f"--tls-certificate={mine.path}"
    for name, options, code, words in (
            ("no certificate", ["--tls-certificate=/nowhere"], 1, "/nowhere: No such file"),
            ("no key", [certificate], 1, f"{mine.path}: no key"),
            ("DER", [f"--tls-certificate={der}"], 1, "-inform der"),
            ("a key with a passphrase", [certificate, f"--tls-key={locked}"], 1, "passphrase"),
            ("the key of another", [certificate, f"--tls-key={other.key}"], 1,
             f"{other.key}: this is not the key"),
            ("a key alone", [f"--tls-key={mine.key}"], 2, "--tls-certificate"),
            ("a signature without a hash", edwards.options, 1, "--bindings=none"),
            ("bindings without TLS", ["--bindings=require"], 2, "--tls-certificate"),
            ("a mode that is none", ["--bindings=maybe"], 2, "none, allow or require"),
            ("bindings, and none", ["--bindings=none", "--channel-bindings=00"], 2, "no sense")):
        done = subprocess.run(["sspi-http", "--port", "0", *options], stdin=subprocess.DEVNULL,
                              capture_output=True, text=True, timeout=ksecd.WAIT_SECONDS,
                              check=False)
        t.ok(done.returncode == code and words in done.stderr, f"{name}: so it says", done)
    with server(edwards, "none") as web, Connection(web, edwards.context()) as c:
        t.equal(c.exchange(spnego_kerberos(None), NEGOTIATE).code, 200,
                "a signature without a hash, and no bindings: 200")


try:
    os.chmod(FOLDER.name, 0o755)
    REALM.add_service(SERVICE, KEYTAB)
    REALM.start()
    REALM.log_in("alice")
    with accounts.added(ALICE), ksecd.with_settings(CONFIG):
        tap.main(test_modes, test_hashes, test_behind_proxy, test_curl, test_versions,
                 test_bad_clients, test_times, test_options)
finally:
    REALM.close()
    gss_client.clean_up()
    FOLDER.cleanup()
