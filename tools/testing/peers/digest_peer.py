#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""curl --digest against sspi-http, and what curl would not do: RFC 7616 by hand.

What sspi-http does not need, CompleteAuthToken(), is called here.
"""

import ctypes
import hashlib
import pwd
import re

import accounts
import client_token
import http_connection
import http_server
import ksecd
import sspi_pipe as sspi
import tap

ALICE = accounts.ALICE
MÜLLER = accounts.MÜLLER
# sspi.h
SECPKG_ATTR_NAMES = 1

HASHES = {"SHA-256": hashlib.sha256, "MD5": hashlib.md5}


def log_on(server, account, *words, password=None):
    """curl --digest as an account."""
    user = f"{account.user}:{password or account.password}"
    return server.curl("--digest", "--user", user, *(words or (server.url(),)))


def challenge_of(text):
    """The parameters of a challenge of Digest."""
    return {name: quoted or plain for name, quoted, plain in
            re.findall(r'([a-z]+)=(?:"([^"]*)"|([^\s,]+))', text)}


def offered(response):
    """The same of a response, {} if it offers no Digest."""
    scheme, _, text = (response.offer or "").partition(" ")
    return challenge_of(text) if scheme == "Digest" else {}


def proof(challenge, account, method="GET", uri="/", **changes):
    """An Authorization field that answers a challenge (RFC 7616 3.4.1), and its changes."""
    values = {"username": account.user, "realm": challenge["realm"], "uri": uri,
              "nonce": challenge["nonce"], "nc": "00000001", "cnonce": "0a4f113b",
              "qop": "auth", "algorithm": challenge["algorithm"]}
    h = HASHES[values["algorithm"]]

    def digest(*parts):
        return h(":".join(parts).encode()).hexdigest()

    secret = digest(values["username"], values["realm"], account.password)
    values["response"] = digest(secret, values["nonce"], values["nc"], values["cnonce"],
                                values["qop"], digest(method, uri))
    values.update(changes)
    bare = ("nc", "qop", "algorithm")
    text = ", ".join(f"{name}={value}" if name in bare else f'{name}="{value}"'
                     for name, value in values.items() if value is not None)
    return f"Authorization: Digest {text}\r\n".encode()


def request(path, field=b"", method="GET"):
    """A request that wants JSON."""
    return (f"{method} {path} HTTP/1.1\r\n".encode() + http_connection.HOST +
            http_connection.JSON + field + b"\r\n")


class _Buffer(ctypes.Structure):
    """SecBuffer"""
    _fields_ = [("size", ctypes.c_uint32), ("type", ctypes.c_uint32), ("data", ctypes.c_void_p)]


class _Desc(ctypes.Structure):
    """SecBufferDesc"""
    _fields_ = [("version", ctypes.c_uint32), ("count", ctypes.c_uint32),
                ("buffers", ctypes.POINTER(_Buffer))]


class _Message:
    """A descriptor with a token and PKG_PARAMS, and the memory of both."""

    def __init__(self, token, *params):
        self.data = [token, *(ctypes.create_string_buffer(x.encode()) for x in params)]
        self.buffers = (_Buffer * len(self.data))()
        for i, item in enumerate(self.data):
            size = len(params[i - 1].encode()) if i else ctypes.sizeof(item)
            self.buffers[i] = _Buffer(
                size, sspi.SECBUFFER_PKG_PARAMS if i else sspi.SECBUFFER_TOKEN,
                ctypes.cast(item, ctypes.c_void_p))
        self.desc = _Desc(0, len(self.data), self.buffers)

    def result(self, status):
        """The status' name, and what is in the token now."""
        size = self.buffers[0].size if status >= 0 else 0
        return (sspi.Answer.name_of(status & 0xffffffff),
                ctypes.string_at(self.buffers[0].data, size).decode())


class Context:
    """A context of WDigest in this process, by the functions of sspi.h."""

    def __init__(self):
        self.lib = client_token.library()
        self.credential = (ctypes.c_size_t * 2)()
        self.handle = (ctypes.c_size_t * 2)()
        self.known = None
        status = self.lib.AcquireCredentialsHandleA(
            None, b"WDigest", sspi.SECPKG_CRED_INBOUND, None, None, None, None,
            self.credential, None)
        assert not status, hex(status)

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self.lib.DeleteSecurityContext(self.handle)
        self.lib.FreeCredentialsHandle(self.credential)

    def accept(self, token, *params):
        """AcceptSecurityContext; returns the status' name and the token."""
        given = _Message(ctypes.create_string_buffer(token.encode(), len(token)), *params)
        made = _Message(ctypes.create_string_buffer(4096))
        flags = ctypes.c_uint32()
        status = self.lib.AcceptSecurityContext(
            self.credential, self.known, ctypes.byref(given.desc), 0,
            sspi.SECURITY_NETWORK_DREP, self.handle, ctypes.byref(made.desc),
            ctypes.byref(flags), None)
        self.known = self.handle
        return made.result(status)

    def complete(self, *params):
        """CompleteAuthToken; returns the status' name and the token."""
        message = _Message(ctypes.create_string_buffer(4096), *params)
        return message.result(self.lib.CompleteAuthToken(self.handle, ctypes.byref(message.desc)))

    @property
    def user(self):
        """SECPKG_ATTR_NAMES"""
        name = ctypes.c_char_p()
        if self.lib.QueryContextAttributesA(self.handle, SECPKG_ATTR_NAMES,
                                            ctypes.byref(name)):
            return None
        return str(name.value, "utf-8")


# Of tools/testing/vm/accounts
GUEST, REALM = accounts.Account("alice", "", "Passw0rd!", "alice"), "ksecdd@example.org"


def test_complete(t):
    cases = (
        ("the right one", {}, "/x", ("SEC_E_OK", f"{accounts.COMPUTER}\\alice")),
        ("a wrong password", {"response": "0" * 64}, "/x", ("SEC_E_LOGON_DENIED", None)),
        ("another target", {}, "/y", ("SEC_E_MESSAGE_ALTERED", None)),
        ("a second response", {"nc": "00000002"}, "/x", ("SEC_E_OUT_OF_SEQUENCE", None)),
    )
    for name, changes, target, want in cases:
        with Context() as c:
            status, text = c.accept("")
            t.equal(status, "SEC_I_COMPLETE_AND_CONTINUE", f"{name}: nothing given at first")
            nonce = challenge_of(text)["nonce"]
            status, text = c.complete("", "", "", REALM)
            challenge = challenge_of(text)
            t.equal((status, challenge.get("realm"), challenge.get("nonce")),
                    ("SEC_E_OK", REALM, nonce), f"{name}: the realm is")
            field = proof(challenge, GUEST, uri="/x", **changes)
            status, _ = c.accept(field.decode().strip().removeprefix("Authorization: Digest "))
            t.equal((status, c.user), ("SEC_I_COMPLETE_NEEDED", None),
                    f"{name}: the method is to come")
            status, _ = c.complete("GET", target)
            t.equal((status, c.user), want, f"{name}: judged")
            if status != "SEC_E_OK":
                t.equal(c.complete("GET", target)[0], "SEC_E_INVALID_HANDLE",
                        f"{name}: that was the end of it")


def test_curl(t):
    with http_server.Server("--digest") as server:
        before = ksecd.statistics()["accepted"]
        reply = log_on(server, ALICE)
        t.equal((reply.exit, reply.codes, reply.connects), (0, [200], 1), "curl: 200")
        t.equal(ksecd.statistics()["accepted"] - before, 1, "module: one context established")
        view = reply.views[-1]
        for key, want in (("account", ALICE.server_name), ("user", ALICE.local),
                          ("uid", pwd.getpwnam(ALICE.local).pw_uid), ("package", "WDigest")):
            t.equal(view.get(key), want, f"server: {key}")
        reply = log_on(server, MÜLLER)
        t.equal(reply.accounts, [MÜLLER.server_name], "a name and a password beyond ASCII")
        reply = log_on(server, ALICE, "--data", "a=b", server.url("form?x=1&y=%20"))
        t.equal((reply.code, reply.accounts), (200, [ALICE.server_name]), "POST with a query")
        reply = log_on(server, ALICE, "--head", "--output", "/dev/null", server.url())
        t.equal((reply.exit, reply.code), (0, 200), "HEAD")
        reply = log_on(server, ALICE, *(server.url(str(i)) for i in range(4)))
        t.equal((reply.codes, reply.connects), ([200] * 4, 1),
                "four requests on one connection: each is authenticated")
        t.equal(reply.accounts, [ALICE.server_name] * 4, "as who it is")
        reply = server.curl("--anyauth", "--user", f"{ALICE.user}:{ALICE.password}", server.url())
        t.equal((reply.accounts[-1:], reply.views[-1].get("package")),
                ([ALICE.server_name], "WDigest"), "curl takes Digest where it has the choice")
        t.equal(server.log_on(ALICE).accounts, [ALICE.server_name], "NTLM is still there")


def test_refused(t):
    with http_server.Server("--digest") as server:
        before = ksecd.statistics()["accepted"]
        for name, account, password in (
                ("wrong password", ALICE, "wrong"),
                ("unknown user", ALICE._replace(user="peer-nobody"), None),
                ("an account without hashes for this realm",
                 accounts.Account("alice", "", "Passw0rd!", "alice"), None)):
            reply = log_on(server, account, password=password)
            t.equal(reply.codes, [401], f"{name}: 401")
            t.ok("account" not in reply.views[-1], f"{name}: told nothing", reply.views)
        t.equal(ksecd.statistics()["accepted"], before, "module: no context established")
        t.equal(log_on(server, ALICE).code, 200, "and then the right one")


def test_md5(t):
    with ksecd.with_settings("[digest]\nalgorithms = MD5\nrealm = a realm\n"), \
            accounts.added(ALICE._replace(user="peer-md5")), \
            http_server.Server("--digest") as server:
        account = ALICE._replace(user="peer-md5")
        with http_connection.Connection(server) as c:
            challenge = offered(c.ask(request("/")))
        t.equal((challenge.get("algorithm"), challenge.get("realm")), ("MD5", "a realm"),
                "the challenge is for MD5 and the realm of the configuration")
        t.equal(log_on(server, account).accounts, [account.server_name], "curl with MD5")
        t.equal(log_on(server, account, password="wrong").codes, [401], "wrong password: 401")
        t.equal(log_on(server, ALICE).codes, [401], "an account of another realm: 401")


def test_by_hand(t):
    with http_server.Server("--digest") as server:
        with http_connection.Connection(server) as c:
            first = c.ask(request("/"))
            challenge = offered(first)
            t.equal((first.code, challenge.get("algorithm"), challenge.get("qop")),
                    (401, "SHA-256", "auth"), "no credentials: a challenge")
            field = proof(challenge, ALICE)
            reply = c.ask(request("/", field))
            t.equal((reply.code, reply.view.get("account")), (200, ALICE.server_name),
                    "its answer: 200")
            reply = c.ask(request("/"))
            t.equal(reply.code, 401, "no credentials behind it: 401, since it is no logon of "
                    "the connection")
            reply = c.ask(request("/", field))
            t.equal((reply.code, offered(reply).get("stale")), (401, "true"),
                    "the same once more: 401, stale")
        with http_connection.Connection(server) as c:
            reply = c.ask(request("/", field))
            challenge = offered(reply)
            t.equal((reply.code, challenge.get("stale")), (401, "true"),
                    "on another connection: 401, stale")
            reply = c.ask(request("/", proof(challenge, ALICE)))
            t.equal(reply.code, 200, "and the answer to that: 200")


def test_altered(t):
    cases = (
        ("another target", "/b", {}, {}),
        ("another method", "/", {"method": "HEAD"}, {}),
        ("another realm", "/", {}, {"realm": "elsewhere"}),
        ("a second response", "/", {}, {"nc": "00000002"}),
        ("a response without qop", "/", {}, {"qop": None}),
        ("qop=auth-int", "/", {}, {"qop": "auth-int"}),
        ("no cnonce", "/", {}, {"cnonce": None}),
        ("a session's algorithm", "/", {}, {"algorithm": "SHA-256-sess"}),
        ("a response of another length", "/", {}, {"response": "0" * 32}),
        ("another user", "/", {}, {"username": MÜLLER.user}),
        ("a user twice", "/", {}, {"username": f'{ALICE.user}", username="root'}),
    )
    with http_server.Server("--digest") as server:
        for name, path, made, changes in cases:
            with http_connection.Connection(server) as c:
                challenge = offered(c.ask(request("/")))
                reply = c.ask(request(path, proof(challenge, ALICE, **made, **changes)))
                t.equal((reply.code, "account" in reply.view, bool(offered(reply))),
                        (401, False, True), f"{name}: 401 and a new challenge")


def test_nothing_left(t):
    # To ask a context for its package, libsspi has opened the device here, and keeps it.
    ksecd.nothing_left(t, own_files=1)


with accounts.added(ALICE, MÜLLER):
    tap.main(test_curl, test_refused, test_md5, test_by_hand, test_altered, test_complete,
             test_nothing_left)
