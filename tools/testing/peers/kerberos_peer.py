#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""MIT Kerberos through python3-gssapi as initiator, libsspi as acceptor."""

import contextlib
import os
import pwd
import time

import gssapi

import gss_kerberos
import ksecd
import memory
import realm
import sspi_pipe as sspi
import tap
from gss_kerberos import DCE_STYLE, MUTUAL, ORDER, SEAL

KEYTAB = "/etc/ksecd/http.keytab"
SERVICE = "HTTP/ksecdd.test"
CONFIG = f"""
[kerberos]
map = alice@{realm.REALM} alice
map = mallory@{realm.REALM} -
map = *@{realm.REALM} *
[service web]
keytab = {KEYTAB}
names = {SERVICE}
users = root, bob
[service enctypes]
keytab = /etc/ksecd/enctypes.keytab
names = etype17/*, etype18/*, etype19/*, etype20/*, etype25/*, etype26/*
[service arcfour]
keytab = /etc/ksecd/enctypes.keytab
names = etype23/*
"""
# For the last section of that
ALLOW_ARCFOUR = "allow-arcfour = yes\n"
# Number, name, and how long a MIC and the checksum of a sealed message are (K15)
ENCTYPES = ((17, "aes128-cts-hmac-sha1-96", 12), (18, "aes256-cts-hmac-sha1-96", 12),
            (19, "aes128-cts-hmac-sha256-128", 16), (20, "aes256-cts-hmac-sha384-192", 24),
            (25, "camellia128-cts-cmac", 16), (26, "camellia256-cts-cmac", 16))
ARCFOUR = "arcfour-hmac"


class Client(gss_kerberos.Client):
    """An initiator for the web service, unless another one is named."""

    def __init__(self, cache, service=SERVICE, **options):
        super().__init__(cache, service, **options)


class World:
    """What the tests share: a realm, and alice's tickets."""

    def __init__(self):
        self.kerberos = realm.Realm()
        self.alice = None

    def start(self):
        """A running realm with a service."""
        self.kerberos.add_service(SERVICE, KEYTAB)
        for number, name in [entry[:2] for entry in ENCTYPES] + [(23, ARCFOUR)]:
            self.kerberos.add_service(f"etype{number}/ksecdd.test", "/etc/ksecd/enctypes.keytab",
                                      [name])
        self.kerberos.kadmin(*(f"addprinc -pw secret {user}"
                               for user in ("root", "nobody-here", "mallory", "bob/admin")))
        self.kerberos.start()
        self.alice = self.kerberos.log_in("alice")


def acceptor(**options):
    """libsspi with Kerberos."""
    return sspi.Acceptor(package="Kerberos", **options)


@contextlib.contextmanager
def established(t, world, name, req=0, **options):
    """A server and a client with a context between them."""
    client = Client(world.alice, **options)
    with acceptor() as server:
        answer = server.accept(client.token(None), req)
        t.need(answer, sspi.SEC_E_OK, f"{name}: logon")
        if answer.token:
            client.token(answer.token)
        t.ok(client.context.complete, f"{name}: the client takes itself for logged on")
        yield server, client, answer


def test_logon(t):
    req = sspi.ASC_REQ_CONFIDENTIALITY | sspi.ASC_REQ_MUTUAL_AUTH
    with established(t, WORLD, "mutual", req) as (server, client, answer):
        t.ok(answer.token, "mutual: there is an AP-REP")
        wanted = (sspi.ASC_RET_CONFIDENTIALITY | sspi.ASC_RET_INTEGRITY |
                  sspi.ASC_RET_MUTUAL_AUTH | sspi.ASC_RET_REPLAY_DETECT |
                  sspi.ASC_RET_SEQUENCE_DETECT)
        t.equal(answer.number("flags"), wanted, "mutual: the attributes")
        t.equal(server.query("names").text("user"), f"{realm.REALM}\\alice", "the client")
        native = server.query("native-names")
        t.equal((native.text("client"), native.text("server")),
                (f"alice@{realm.REALM}", f"{SERVICE}@{realm.REALM}"), "both, as Kerberos has them")
        t.equal(server.query("target").text("target"), SERVICE, "what the client asked for")
        gss_kerberos.protect(t, server, client.context, "mutual")


def test_one_way(t):
    with established(t, WORLD, "one way", flags=SEAL | ORDER) as (server, client, answer):
        t.equal(answer.token, b"", "one way: there is no AP-REP")
        t.equal(answer.number("flags") & sspi.ASC_RET_MUTUAL_AUTH, 0, "one way: not mutual")
        gss_kerberos.protect(t, server, client.context, "one way")


@contextlib.contextmanager
def permitted(number, name):
    """A client with a ticket for the service of an encryption type, and nothing else."""
    service = f"etype{number}/ksecdd.test"
    WORLD.kerberos.get_ticket("alice", service)
    os.environ["KRB5_CONFIG"] = WORLD.kerberos.client_config(f"permitted_enctypes = {name}")
    try:
        yield service
    finally:
        del os.environ["KRB5_CONFIG"]


def sizes_of(server):
    """SECPKG_ATTR_SIZES without the longest token."""
    answer = server.query("sizes")
    return [answer.number(name) for name in ("max-signature", "block-size", "trailer")]


def test_enctypes(t):
    for number, name, mac in ENCTYPES:
        with permitted(number, name) as service, \
                established(t, WORLD, name, service=service) as (server, client, _):
            t.equal(server.query("key-info").number("encrypt-alg"), number,
                    f"K9 {name}: it is that encryption type")
            t.equal(sizes_of(server), [16 + mac, 1, 48 + mac], f"K15 {name}: sizes")
            gss_kerberos.protect(t, server, client.context, f"K10 to K12 {name}")


def test_arcfour(t):
    """RFC 4757: off, unless the service's section says otherwise."""
    with permitted(23, ARCFOUR) as service:
        with acceptor() as server:
            t.status(server.accept(Client(WORLD.alice, service=service).token(None)),
                     sspi.SEC_E_KDC_UNKNOWN_ETYPE, "K9 arcfour-hmac is off")
        with ksecd.with_settings(ALLOW_ARCFOUR), \
                established(t, WORLD, "K9 arcfour-hmac that is on",
                            service=service) as (server, client, _):
            t.equal(server.query("key-info").number("encrypt-alg"), 23, "K9 it is arcfour-hmac")
            gss_kerberos.protect(t, server, client.context, "K9 arcfour-hmac")


def test_services(t):
    token = Client(WORLD.alice, service="etype18/ksecdd.test").token(None)
    with acceptor(principal="web") as server:
        t.status(server.accept(token), sspi.SEC_E_WRONG_PRINCIPAL, "a ticket for another service")
    with acceptor(principal="enctypes") as server:
        t.status(server.accept(token), sspi.SEC_E_OK, "with a credential for that one")
    client = Client(WORLD.alice)
    with acceptor(principal="smb") as server:
        t.status(server.accept(client.token(None)), sspi.SEC_E_NO_CREDENTIALS,
                 "a credential that names no service")
    with acceptor(user="alice") as server:
        t.status(server.accept(Client(WORLD.alice).token(None)), sspi.SEC_E_NO_CREDENTIALS,
                 "a service of a user who may not use the keys")
    with acceptor(user="bob") as server:
        t.status(server.accept(Client(WORLD.alice).token(None)), sspi.SEC_E_OK,
                 "and of one who may")


def refused(t, client, status, name, req=0):
    """A logon that is refused; returns the answer."""
    with acceptor() as server:
        answer = server.accept(client.token(None), req)
        t.status(answer, status, name)
        return answer


def test_keytab(t):
    log = ksecd.Log()
    os.rename(KEYTAB, f"{KEYTAB}.away")
    refused(t, Client(WORLD.alice), sspi.SEC_E_NO_KERB_KEY, "the keytab is missing")
    t.ok(f"{KEYTAB}: there is no such keytab" in log.text(), "and the log says which", log.text())
    os.rename(f"{KEYTAB}.away", KEYTAB)
    log = ksecd.Log()
    os.chmod(KEYTAB, 0)
    refused(t, Client(WORLD.alice), sspi.SEC_E_NO_KERB_KEY, "the keytab cannot be read")
    t.ok(f"chmod 600 '{KEYTAB}'" in log.text(), "and the log says what to do", log.text())
    os.chmod(KEYTAB, 0o600)
    with established(t, WORLD, "with the keytab again"):
        pass


def test_replay(t):
    token = Client(WORLD.alice).token(None)
    with acceptor() as server, acceptor() as other:
        for each in (server, other):
            each.send_accept(token)
        answers = [each.receive() for each in (server, other)]
        t.equal(sorted(answer.name for answer in answers), ["SEC_E_LOGON_DENIED", "SEC_E_OK"],
                "one token on two threads is good once")
    with acceptor() as server:
        t.status(server.accept(token), sspi.SEC_E_LOGON_DENIED, "and not again")
        ksecd.kill()
        ksecd.start()
        t.status(server.accept(token), sspi.SEC_E_LOGON_DENIED, "not after a restart of ksecd")
        t.status(server.accept(Client(WORLD.alice).token(None)), sspi.SEC_E_OK, "another one is")


@contextlib.contextmanager
def clock_moved(seconds):
    """The machine's clock is wrong inside of the with statement."""
    time.clock_settime(time.CLOCK_REALTIME, time.time() + seconds)
    try:
        yield
    finally:
        time.clock_settime(time.CLOCK_REALTIME, time.time() - seconds)


def test_clock(t):
    client = Client(WORLD.alice)
    with acceptor() as server:
        token, another = client.token(None), Client(WORLD.alice).token(None)
        with clock_moved(3600):
            t.status(server.accept(another), sspi.SEC_E_TIME_SKEW, "an hour late")
            answer = server.accept(token, sspi.ASC_REQ_EXTENDED_ERROR)
        t.status(answer, sspi.SEC_E_TIME_SKEW, "with extended errors")
        try:
            client.token(answer.token)
            t.ok(False, "the client learns why")
        except gssapi.exceptions.GSSError as error:
            t.ok("skew" in str(error).lower(), "the client learns why", error)
        token = Client(WORLD.alice).token(None)
        with clock_moved(12 * 3600):
            status = server.accept(token).status
        t.ok(status in (sspi.SEC_E_CONTEXT_EXPIRED, sspi.SEC_E_TIME_SKEW), "half a day late")
        t.status(server.accept(Client(WORLD.alice).token(None)), sspi.SEC_E_OK, "in time")


def test_expiry(t):
    """A context ends with its ticket, whatever is done with it."""
    with established(t, WORLD, "K14") as (server, client, _):
        data = b"in time"
        message, mic = client.context.wrap(data, True).message, client.context.get_signature(data)
        with clock_moved(11 * 3600):
            for name, answer in (("EncryptMessage", server.wrap(data)),
                                 ("DecryptMessage", server.unwrap_stream(message)),
                                 ("MakeSignature", server.mic(data)),
                                 ("VerifySignature", server.verify(mic, data))):
                t.status(answer, sspi.SEC_E_CONTEXT_EXPIRED, f"K14 the ticket is over: {name}")
            t.equal(server.query("names").text("user"), f"{realm.REALM}\\alice",
                    "K14 who it was can still be asked")
        answer = server.unwrap_stream(message)
        t.ok(answer.status == sspi.SEC_E_OK and answer.data == data,
             "K14 nothing was consumed meanwhile", answer)


def test_bindings(t):
    """With both values of ASC_REQ_ALLOW_MISSING_BINDINGS, as for NTLM."""
    mine, other = b"tls-server-end-point:" + b"\x11" * 32, b"tls-server-end-point:" + b"\x22" * 32
    allow = sspi.ASC_REQ_ALLOW_MISSING_BINDINGS
    ok, bad = sspi.SEC_E_OK, sspi.SEC_E_BAD_BINDINGS
    for name, ours, theirs, req, status in (
            ("matching", mine, mine, 0, ok),
            ("matching, may be missing", mine, mine, allow, ok),
            ("wrong", mine, other, 0, bad),
            ("wrong, may be missing", mine, other, allow, bad),
            ("missing", mine, None, 0, bad),
            ("missing, may be missing", mine, None, allow, ok),
            ("not asked for", None, mine, 0, ok),
            ("whatever there is, which cannot be seen", None, mine, sspi.ASC_REQ_PROXY_BINDINGS,
             sspi.SEC_E_UNSUPPORTED_FUNCTION)):
        with acceptor() as server:
            client = Client(WORLD.alice, bindings=theirs)
            t.status(server.accept(client.token(None), req, bindings=ours), status,
                     f"channel bindings: {name}")


def test_dce_style(t):
    flags = int(SEAL | ORDER | MUTUAL) | DCE_STYLE
    req = sspi.ASC_REQ_USE_DCE_STYLE

    def begin(server):
        client = Client(WORLD.alice, flags=flags)
        answer = server.accept(client.token(None), req)
        t.status(answer, sspi.SEC_I_CONTINUE_NEEDED, "DCE style: AP-REQ")
        return client.token(answer.token)

    with acceptor() as server:
        token = begin(server)
        answer = server.accept(token, req)
        t.status(answer, sspi.SEC_E_OK, "DCE style: the client's AP-REP")
        t.ok(answer.number("flags") & sspi.ASC_RET_USED_DCE_STYLE, "DCE style: so it says")
    with acceptor() as server:
        token = begin(server)
        ksecd.kill()
        ksecd.start()
        t.status(server.accept(token, req), sspi.SEC_E_INVALID_TOKEN,
                 "DCE style: ksecd was started again in between")
        t.status(server.delete(), sspi.SEC_E_OK, "DCE style: the context can be deleted")


def test_identity(t):
    with established(t, WORLD, "alice") as (server, _, _):
        uids = [context.get("uid") for context in ksecd.contexts()
                if context.get("client") == f"{realm.REALM}\\alice"]
        t.equal(uids, [pwd.getpwnam("alice").pw_uid], "alice is the local user alice")
        life = server.query("lifespan")
        hours = (life.number("expiry") - life.number("start")) / 36e9
        t.ok(9 < hours < 10.1, "the context ends with the ticket", f"{hours} hours")
    denied = sspi.SEC_E_LOGON_DENIED
    for user, status in (("root", denied), ("nobody-here", denied), ("mallory", denied),
                         ("bob/admin", sspi.SEC_E_OK)):
        refused(t, Client(WORLD.kerberos.log_in(user, "secret")), status, f"{user}@{realm.REALM}")


def test_secrets(t):
    with established(t, WORLD, "secrets") as (_, client, _):
        key = gssapi.raw.krb5_export_lucid_sec_context(client.context, 1).cfx_kd.acceptor_subkey
        t.equal(len(key), 32, "secrets: a key of 256 bits")
        t.ok("key" in memory.search(os.getpid(), {"key": key}), "secrets: a search finds it here")
        t.equal(memory.search(ksecd.pid(), {"key": key}), {},
                "secrets: ksecd has forgotten the session's key")


def test_kdc_absent(t):
    client = Client(WORLD.alice)
    token = client.token(None)
    WORLD.kerberos.stop()
    with acceptor() as server:
        t.status(server.accept(token), sspi.SEC_E_OK, "the KDC is not needed to accept")


WORLD = World()
try:
    WORLD.start()
    with ksecd.with_settings(CONFIG):
        tap.main(test_logon, test_one_way, test_enctypes, test_arcfour, test_services,
                 test_identity, test_keytab, test_replay, test_clock, test_expiry,
                 test_bindings, test_dce_style, test_secrets, test_kdc_absent)
finally:
    WORLD.kerberos.close()
