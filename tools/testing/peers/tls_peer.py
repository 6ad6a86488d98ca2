#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Schannel against clients that others wrote: openssl s_client and gnutls-cli.

The service is sspi_tls.c, which sees records and plain text and no key.
"""

import signal

import ksecd
import pki
import tap

from tls_service import Service, gnutls_cli, s_client

OK = "00000000"
RENEGOTIATE, EXPIRED = "00090321", "00090317"
# SP_PROT_TLS1_3_SERVER, SP_PROT_TLS1_2_SERVER
PROTOCOLS = {"-tls1_3": "1000", "-tls1_2": "400"}
ASC_RET_MUTUAL_AUTH, ASC_RET_STREAM = 0x2, 0x10000
CONFIDENTIALITY = 0x10
TEXT = "what is said comes back"

# OpenSSL's name, IANA's number, bits of the key, bytes before and behind the data
SUITES_13 = (
    ("TLS_AES_128_GCM_SHA256", "1301", 128),
    ("TLS_AES_256_GCM_SHA384", "1302", 256),
    ("TLS_CHACHA20_POLY1305_SHA256", "1303", 256),
    ("TLS_AES_128_CCM_SHA256", "1304", 128),
)
SUITES_12 = (
    ("ECDHE-ECDSA-AES128-GCM-SHA256", "c02b", 128),
    ("ECDHE-ECDSA-AES256-GCM-SHA384", "c02c", 256),
    ("ECDHE-ECDSA-CHACHA20-POLY1305", "cca9", 256),
    ("ECDHE-ECDSA-AES128-CCM", "c0ac", 128),
    ("ECDHE-ECDSA-AES256-CCM", "c0ad", 256),
    ("ECDHE-RSA-AES128-GCM-SHA256", "c02f", 128),
    ("ECDHE-RSA-AES256-GCM-SHA384", "c030", 256),
    ("ECDHE-RSA-CHACHA20-POLY1305", "cca8", 256),
    ("DHE-RSA-AES128-GCM-SHA256", "009e", 128),
    ("DHE-RSA-AES256-GCM-SHA384", "009f", 256),
    ("DHE-RSA-CHACHA20-POLY1305", "ccaa", 256),
    ("DHE-RSA-AES128-CCM", "c09e", 128),
    ("DHE-RSA-AES256-CCM", "c09f", 256),
)
GNUTLS_CIPHERS = ("AES-128-GCM", "AES-256-GCM", "CHACHA20-POLY1305", "AES-128-CCM",
                  "AES-256-CCM")

ALICE = pki.client("alice", upn="alice@KSECDD.TEST")
BOB = pki.client("bob")
OLD = pki.client("old", days=-1)
STRANGER = pki.client("stranger", pki.Certificate("another CA", pki.ec_key(), ca=True))
RSA = pki.server_rsa()

CONFIG = f"""
[tls]
certificate = {pki.SERVER_EC.path}
key = {pki.SERVER_EC.key_path}
certificate = {RSA.path}
key = {RSA.key_path}
alpn = h2, http/1.1
[tls clients]
certificate = {pki.SERVER_EC.path}
key = {pki.SERVER_EC.key_path}
client-certificates = require
client-ca = {pki.CA.path}
map = upn:*@KSECDD.TEST *
"""


def talk(t, service, client, name):
    """Lines both ways; the handshake as the service has seen it."""
    handshake = service.event("handshake")
    if not t.equal(handshake.status, OK, f"{name}: a handshake"):
        t.note(client.wait())
        raise tap.Skip("what it needs has failed")
    t.ok(client.echoes(TEXT) and client.echoes("once more"), f"{name}: records go both ways")
    return handshake


def check(t, handshake, version, suite, bits, name):
    """What the attributes say of a connection."""
    header = 13 if version == "-tls1_2" and "CHACHA" not in name else 5
    trailer = 16 if version == "-tls1_2" else 17
    t.equal((handshake.get("protocol"), handshake.get("suite"), handshake.get("strength")),
            (PROTOCOLS[version], suite, str(bits)), f"{name}: version, suite and key")
    t.equal((handshake.get("header"), handshake.get("trailer"), handshake.get("maximum")),
            (str(header), str(trailer), "16384"), f"{name}: sizes of a record")


def test_openssl(t):
    with Service() as service:
        for number, (suite, iana, bits) in enumerate(SUITES_13 + SUITES_12):
            words = ("-tls1_3", "-ciphersuites") if number < len(SUITES_13) else \
                ("-tls1_2", "-cipher")
            with s_client(service.port, *words, suite) as client:
                check(t, talk(t, service, client, suite), words[0], iana, bits, suite)
                client.send("Q")
                text = client.wait()
            t.ok("Verify return code: 0 (ok)" in text and "New Session Ticket" not in text and
                 "Reused" not in text, f"{suite}: a certificate that is believed, and no ticket")
            events = [event.name for event in service.over()]
            t.ok("shutdown" in events and "lost" not in events, f"{suite}: both sides end", events)


def test_gnutls(t):
    with Service() as service:
        for version, ciphers in (("1.3", GNUTLS_CIPHERS[:4]), ("1.2", GNUTLS_CIPHERS)):
            for cipher in ciphers:
                name = f"gnutls-cli, TLS {version}, {cipher}"
                priority = f"NORMAL:-VERS-ALL:+VERS-TLS{version}:-CIPHER-ALL:+{cipher}"
                with gnutls_cli(service.port, priority) as client:
                    talk(t, service, client, name)
                    # It ends its side, and reads the rest of ours.
                    client.end()
                    text = client.wait()
                    t.equal(client.process.returncode, 0, f"{name}: it is content")
                t.ok("Status: The certificate is trusted" in text, f"{name}: and believes")
                service.over()


def test_bytes(t):
    """The service asks with each byte that comes, and each time nothing happens."""
    with Service("--byte") as service:
        for version in ("-tls1_3", "-tls1_2"):
            with s_client(service.port, version) as client:
                handshake = talk(t, service, client, f"{version}, byte by byte")
                t.ok(int(handshake["calls"]) > 300, f"{version}: in many calls", handshake)
                client.send("Q")
                client.wait()
            events = service.over()
            t.ok("wrong:" not in [event.name for event in events] and
                 any(event.name == "shutdown" and event.status == OK for event in events),
                 f"{version}: and nothing was lost", events)


def test_key_update(t):
    with Service() as service, s_client(service.port, "-tls1_3") as client:
        talk(t, service, client, "TLS 1.3")
        for _ in range(3):
            client.command("k", "KEYUPDATE")    # of its own keys
            t.ok(client.echoes("after its KeyUpdate"), "the client has other keys")
            client.command("K", "KEYUPDATE")    # of both
            t.equal(service.event("update").status, OK, "the service answers a KeyUpdate")
            t.ok(client.echoes("after both"), "both have other keys")
        client.send("Q")
        client.wait()
        events = service.over()
        t.equal(events[-2].name if len(events) > 1 else None, "shutdown", "and a proper end")


def test_renegotiation(t):
    """TLS 1.2: the client asks for another handshake, and does not get one."""
    with Service() as service, s_client(service.port, "-tls1_2") as client:
        talk(t, service, client, "TLS 1.2")
        client.command("R", "RENEGOTIATING")
        text = client.wait()
        t.ok("no renegotiation" in text, "R is refused", text[-300:])
        t.ok(any(event.name == "update" and event.status == OK for event in service.over()),
             "by what the service was given for the client", service.reader.seen[-5:])


def test_truncation(t):
    """Without close_notify, the end of the connection is not the end of what was said."""
    with Service() as service:
        with s_client(service.port) as client:
            talk(t, service, client, "before the end")
            client.process.send_signal(signal.SIGKILL)
            names = [event.name for event in service.over()]
        t.ok("eof" in names and "shutdown" not in names, "a truncated connection", names)
        with s_client(service.port) as client:
            talk(t, service, client, "another one")
            client.send("Q")
            client.wait()
            names = [event.name for event in service.over()]
        t.ok("eof" not in names and "shutdown" in names, "one that was ended", names)


def test_half_close(t):
    """The service ends its side first."""
    with Service() as service:
        for version in ("-tls1_3", "-tls1_2"):
            with s_client(service.port, version) as client:
                talk(t, service, client, version)
                client.send("close")
                shutdown = service.event("shutdown")
                t.equal((shutdown.get("control"), shutdown.status), (OK, OK),
                        f"{version}: ApplyControlToken, and the record after it")
                text = client.wait()
                t.ok("close" in text.splitlines() and "closed" in text,
                     f"{version}: the client has read all and the end", text[-300:])
                service.over()


def test_protocols(t):
    with Service() as service:
        with s_client(service.port, "-alpn", "http/1.1,h2") as client:
            t.equal(talk(t, service, client, "ALPN").get("alpn"), "h2", "by the configuration")
        service.over()
        with s_client(service.port, "-alpn", "imap") as client:
            t.equal(service.event("handshake").status, "80090367", "no protocol in common")
            t.ok("no application protocol" in client.wait(), "the client is told")
        service.over()
    with Service("--protocols", "imap,pop3") as service:
        with s_client(service.port, "-alpn", "pop3,h2") as client:
            t.equal(talk(t, service, client, "ALPN").get("alpn"), "pop3", "by the service")
        service.over()


def test_refused(t):
    with Service() as service:
        for name, words, status, alert in (
                ("CBC only", ("-tls1_2", "-cipher", "ECDHE-RSA-AES128-SHA256"), "80090331",
                 "handshake failure"),
                ("TLS 1.1", ("-tls1_1", "-cipher", "DEFAULT:@SECLEVEL=0"), "80090302",
                 "protocol version")):
            with s_client(service.port, *words) as client:
                t.equal(service.event("handshake").status, status, f"{name} is refused")
                t.ok(alert in client.wait(), f"{name}: the client is told: {alert}")
            service.over()
    with Service("--principal", "nobody") as service, s_client(service.port) as client:
        t.equal(service.event("handshake").status, "8009030e", "no such section")
        client.wait()


def test_clients(t):
    """Certificates of clients, and who they are."""
    with Service("--principal", "clients") as service:
        for version in ("-tls1_3", "-tls1_2"):
            for who, want in ((ALICE, "alice"), (BOB, "X509\\CN=bob")):
                with s_client(service.port, version, "-cert", who.path, "-key",
                              who.key_path) as client:
                    handshake = talk(t, service, client, f"{version}, {want}")
                    t.equal(handshake.get("certificate"), who.der.hex(), "the certificate")
                    name = bytes.fromhex(handshake.get("client", "")).decode()
                    t.ok(name.endswith(want), f"{name}: the name", want)
                    flags = int(handshake.get("flags", "0"), 16)
                    wanted = ASC_RET_MUTUAL_AUTH | ASC_RET_STREAM | CONFIDENTIALITY
                    t.equal(flags & wanted, wanted, "the flags")
                    t.equal(handshake.get("endpoint"),
                            (b"tls-server-end-point:" + pki.SERVER_EC.sha256).hex(),
                            "tls-server-end-point")
                    t.equal("unique" in handshake, version == "-tls1_2", "tls-unique")
                service.over()
            for who, status in ((None, "8009030e"), (OLD, "80090328"), (STRANGER, "80090325")):
                words = ("-cert", who.path, "-key", who.key_path) if who else ()
                with s_client(service.port, version, *words) as client:
                    t.equal(service.event("handshake").status, status,
                            f"{version}: {who.path if who else 'no certificate'}")
                    t.ok("alert" in client.wait(), "the client is told")
                service.over()
        with gnutls_cli(service.port, "NORMAL", "--x509certfile", ALICE.path, "--x509keyfile",
                        ALICE.key_path) as client:
            t.equal(talk(t, service, client, "gnutls-cli").get("certificate"), ALICE.der.hex(),
                    "its certificate")
        service.over()
    with Service("--mutual", "--principal", "clients") as service, \
            s_client(service.port) as client:
        t.equal(service.event("handshake").status, "8009030e", "ASC_REQ_MUTUAL_AUTH besides")
        client.wait()


def test_many_records(t):
    """More than fits into a record, each way."""
    text = "x" * 40000
    with Service() as service, s_client(service.port, "-ign_eof") as client:
        service.event("handshake")
        t.ok(client.echoes(text), "40000 bytes there and back")


def tls_stat():
    """The counters of the kernel's TLS."""
    with open("/proc/net/tls_stat", encoding="ascii") as f:
        return {name: int(value) for name, value in map(str.split, f)}


def test_attached(t):
    """The socket has the keys, and the service reads and writes plain text."""
    with Service("--attach") as service:
        for version in ("-tls1_3", "-tls1_2"):
            with s_client(service.port, version) as client:
                t.equal(service.event("handshake").status, OK, f"{version}: a handshake")
                t.equal(service.event("attach").status, OK, f"{version}: SspiAttachSocket")
                t.ok(client.echoes(TEXT), f"{version}: records go both ways")
                stat = tls_stat()
                t.equal((stat["TlsCurrTxSw"], stat["TlsCurrRxSw"]), (1, 1),
                        f"{version}: and the kernel makes them")
                client.send("Q")
                client.wait()
            service.over()


def test_nothing_left(t):
    ksecd.nothing_left(t)


with ksecd.with_settings(CONFIG):
    tap.main(test_openssl, test_gnutls, test_bytes, test_key_update, test_renegotiation,
             test_truncation, test_half_close, test_protocols, test_refused, test_clients,
             test_many_records, test_attached, test_nothing_left)
