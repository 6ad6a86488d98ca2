#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""sspi-http byte by byte: what it makes of good, bad and slow clients.

The tokens are impacket's. curl_peer.py is about what a whole client sees. At the
end comes sspi-example, the server of the README.
"""

import base64
import re
import struct
import subprocess
import time

import accounts
import http_connection
import http_server
import impacket_ntlm
import ksecd
import tap

from http_connection import GET, HOST, JSON

ALICE = accounts.ALICE


class Connection(http_connection.Connection):
    """With the client that most of the tests are about: impacket's NTLM."""

    def challenge(self, client):
        """The first leg; returns the challenge, or None."""
        return self.token(client.token(None)).token

    def log_on(self, account, password=None):
        """Both legs."""
        return self.exchange(impacket_ntlm.Client(account, password))


def refused(t, response, name):
    """A 401 that lets the client begin anew."""
    t.ok(response and (response.code, response.offer) == (401, "NTLM") and
         "account" not in response.view, f"{name}: 401, and another try", response)


def test_logon(t):
    with http_server.Server() as server, Connection(server) as c:
        refused(t, c.ask(GET + JSON + b"\r\n"), "nothing")
        client = impacket_ntlm.Client(ALICE)
        response = c.token(client.token(None))
        t.equal(response.code, 401, "the first token: 401")
        t.ok(re.fullmatch(r"NTLM TlRMTVNTUAACAAAA[\w+/]+=*", response.offer), "with a challenge",
             response)
        t.ok(not response.closes, "on a connection that goes on")
        response = c.token(client.token(base64.b64decode(response.offer.split()[1])))
        t.equal((response.code, response.view["account"]), (200, ALICE.server_name),
                "the second: 200")
        t.ok(response.offer is None, "and no more of it")
        for key, want in (("key-bits", 128), ("signature", "HMAC-MD5"), ("encryption", "RC4"),
                          ("max-signature", 16), ("security-trailer", 16), ("expires", "never")):
            t.equal(response.view[key], want, f"the page: {key}")
        t.ok({"INTEGRITY", "CONFIDENTIALITY", "CONNECTION"} <= set(response.view["attributes"]),
             "the page: attributes", response)
        t.ok("session-key" not in response.view, "the page: no session key")
        first = response.view["context"], response.view["context-generation"]

        response = c.ask(GET + JSON + b"\r\n")
        t.equal((response.code, response.view["account"]), (200, ALICE.server_name),
                "the connection is authenticated")
        t.equal((response.view["context"], response.view["context-generation"]), first,
                "it is the same context")
        response = c.ask(GET + b"\r\n")
        t.ok(f"account: {ALICE.server_name}\n" in response.body and
             response.fields["content-type"].startswith("text/plain"), "the page as text",
             response)
        with Connection(server) as other:
            refused(t, other.ask(GET + JSON + b"\r\n"), "another connection")


def test_begin_anew(t):
    with http_server.Server() as server, Connection(server) as c:
        refused(t, c.log_on(ALICE, "wrong"), "a wrong password")
        t.equal(c.log_on(ALICE).code, 200, "the right one on the same connection")
        client = impacket_ntlm.Client(ALICE)
        challenge = c.challenge(client)
        t.ok(challenge, "an authenticated client begins anew: a challenge")
        refused(t, c.ask(GET + JSON + b"\r\n"), "and does not go on")
        refused(t, c.token(client.token(challenge)), "its answer comes too late")
        t.equal(c.log_on(ALICE).code, 200, "it can begin anew once more")
        response = c.ask(GET + JSON + b"Authorization: Basic YWxpY2U6eA==\r\n\r\n")
        refused(t, response, "other credentials on an authenticated connection")
        refused(t, c.ask(GET + JSON + b"\r\n"), "which it was until then")


def test_bad_tokens(t):
    with http_server.Server() as server, Connection(server) as c:
        for name, value in (("no token", b"NTLM"), ("an empty token", b"NTLM "),
                            ("no base64", b"NTLM !!!!"), ("half of base64", b"NTLM TlR"),
                            ("an end of base64 in it", b"NTLM TlRM=TVN"),
                            ("stray bits", b"NTLM TlRNTVP="),
                            ("no NTLM", b"NTLM " + base64.b64encode(b"Hello world")),
                            ("another scheme", b"Negotiate TlRM"), ("no scheme", b""),
                            ("a scheme that begins so", b"NTLMX TlRM")):
            refused(t, c.ask(GET + JSON + b"Authorization: " + value + b"\r\n\r\n"), name)
        client = impacket_ntlm.Client(ALICE)
        challenge = c.challenge(client)
        answer = client.token(challenge)
        refused(t, c.token(client.token(None)), "the first token twice")
        refused(t, c.token(answer), "the second one after that")
        refused(t, c.token(b"NTLMSSP\0\3\0\0\0" + bytes(20000)), "a long one")
        t.equal(c.log_on(ALICE).code, 200, "the connection has taken no harm")


def test_requests(t):
    with http_server.Server() as server, Connection(server) as c:
        t.equal(c.log_on(ALICE).code, 200, "logon")
        c.send((GET + b"\r\n") * 5)
        t.equal([c.receive().code for _ in range(5)], [200] * 5, "five requests at once")
        response = c.ask(b"HEAD / HTTP/1.1\r\n" + HOST + b"\r\n", head=True)
        t.ok(response.code == 200 and int(response.fields["content-length"]) > 100,
             "HEAD has a length and no body", response)
        t.equal(c.ask(GET + b"Content-Length: 100000\r\n\r\n" + bytes(100000)).code, 200,
                "a body with a length")
        chunks = b"Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n1000;a=b\r\n" + \
            bytes(0x1000) + b"\r\n0\r\nTrailer: x\r\n\r\n"
        t.equal(c.ask(b"POST / HTTP/1.1\r\n" + HOST + chunks).code, 200, "a body in chunks")
        request = b"POST / HTTP/1.1\r\n" + HOST + b"Content-Length: 3\r\n" \
            b"Expect: 100-continue\r\n\r\n"
        t.equal(c.ask(request).code, 100, "a client that waits is told to go on")
        t.equal(c.ask(b"abc").code, 200, "and answered then")
        c.send(b"\r\n\r\n" + GET[:20])
        time.sleep(0.2)
        t.equal(c.ask(GET[20:] + b"\r\n").code, 200, "a request in pieces, after empty lines")
        t.equal(c.ask(b"GET http://localhost/ HTTP/1.1\r\n" + HOST + b"\r\n").code, 200,
                "a target with a host")
        response = c.ask(GET + b"Connection: close\r\n\r\n")
        t.ok(response.code == 200 and response.closes and c.ended(), "close", response)
        with Connection(server) as old:
            response = old.ask(b"GET / HTTP/1.0\r\n\r\n")
            t.ok(response.code == 401 and response.closes and old.ended(), "HTTP/1.0", response)


def test_bad_requests(t):
    post = b"POST / HTTP/1.1\r\n" + HOST
    chunked = post + b"Transfer-Encoding: chunked\r\n\r\n"
    with http_server.Server() as server:
        for code, name, request in (
                (400, "no request", b"hello\r\n\r\n"),
                (400, "TLS", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n"),
                (400, "no Host", b"GET / HTTP/1.1\r\n\r\n"),
                (400, "a length and chunks", post + b"Content-Length: 4\r\n"
                 b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
                (400, "two lengths", post + b"Content-Length: 4\r\nContent-Length: 5\r\n\r\nabcde"),
                (400, "a size of a chunk that is none", chunked + b"xyz\r\n"),
                (400, "no end of a chunk", chunked + b"3\r\nabcdef\r\n"),
                (400, "a line without end before a chunk", chunked + b"1;" + b"x" * 1000),
                (405, "another method", b"DELETE / HTTP/1.1\r\n" + HOST + b"\r\n"),
                (413, "a body that is too large", post + b"Content-Length: 99999999\r\n\r\n"),
                (413, "a chunk that is too large", chunked + b"fffffffff\r\n"),
                (417, "another expectation", GET + b"Expect: more\r\n\r\n"),
                (431, "a head that is too large", GET + b"X: " + b"x" * 40000),
                (431, "too many fields", GET + b"X: y\r\n" * 200 + b"\r\n"),
                (501, "another coding", post + b"Transfer-Encoding: gzip\r\n\r\n"),
                (505, "another version", b"GET / HTTP/3.0\r\n" + HOST + b"\r\n")):
            with Connection(server) as c:
                response = c.ask(request)
                t.ok(response and response.code == code and response.closes and
                     response.body.startswith("error: ") and c.ended(), f"{code}: {name}",
                     response)
        with Connection(server) as c:
            c.send(GET[:10])
        with Connection(server) as c:
            t.equal(c.log_on(ALICE).code, 200, "the server has taken no harm")


def test_times(t):
    with http_server.Server("--idle-timeout", "2") as server:
        begin = time.monotonic()
        with Connection(server) as idle, Connection(server) as slow:
            slow.send(GET)
            t.ok(idle.ended(), "a connection without a request ends")
            t.ok(2 <= time.monotonic() - begin < 10, "in time")
            t.equal(slow.ask(b"X: y\r\n\r\n").code, 401, "one with half of one does not")
            slow.send(GET)
            response = slow.receive()
            t.ok(response.code == 408 and response.closes and slow.ended(),
                 "408: the other half never comes", response)


def test_many(t):
    with http_server.Server("--max-connections", "3") as server:
        held = [Connection(server) for _ in range(3)]
        t.equal([c.ask(GET + b"\r\n").code for c in held], [401] * 3, "as many as may be")
        with Connection(server) as surplus:
            response = surplus.ask(GET + b"\r\n")
            t.ok(response.code == 503 and "too many" in response.body and surplus.ended(),
                 "503: one more", response)
        held.pop().close()

        def again():
            with Connection(server) as c:
                return c.ask(GET + b"\r\n").code == 401
        t.ok(ksecd.wait_for(again, "a place is free"), "one goes, another may come")
        for c in held:
            c.close()


def test_end(t):
    before = len(ksecd.contexts())
    with http_server.Server() as server:
        idle, half, busy = Connection(server), Connection(server), Connection(server)
        t.equal(idle.log_on(ALICE).code, 200, "an idle connection")
        half.send(GET)
        busy.challenge(impacket_ntlm.Client(ALICE))
        t.equal(len(ksecd.contexts()) - before, 2, "the contexts of two clients")
        busy.close()
        ksecd.wait_for(lambda: len(ksecd.contexts()) - before == 1, "a half-open context ends")
        t.ok(True, "one ends with its connection")
        begin = time.monotonic()
        server.process.terminate()
        t.equal(server.process.wait(timeout=20), 0, "SIGTERM: the server ends well")
        t.ok(time.monotonic() - begin < 10, "at once")
        t.ok(idle.ended() and half.ended(), "its connections too")
        t.equal(len(ksecd.contexts()), before, "and all contexts")


def test_no_helper(t):
    with http_server.Server() as server, Connection(server) as c, Connection(server) as other:
        t.equal(c.log_on(ALICE).code, 200, "an established context")
        ksecd.kill()
        try:
            response = other.token(impacket_ntlm.Client(ALICE).token(None))
            t.ok(response.code == 503 and response.closes and "retry-after" in response.fields and
                 "ksecd" in response.view["error"] and
                 response.view["status"] == "SEC_E_NO_AUTHENTICATING_AUTHORITY",
                 "503: no helper, and what to do", response)
            t.equal(c.ask(GET + b"\r\n").code, 200, "the established context needs none")
        finally:
            ksecd.start()
        with Connection(server) as again:
            t.equal(again.log_on(ALICE).code, 200, "the helper is back")


def example(password):
    """A logon to sspi-example; returns what it says at the end, and its exit code."""
    client = impacket_ntlm.Client(ALICE, password)

    def framed(token):
        return struct.pack(">I", len(token)) + token
    with subprocess.Popen(["sspi-example"], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as p:
        p.stdin.write(framed(client.token(None)))
        p.stdin.flush()
        length, = struct.unpack(">I", p.stdout.read(4))
        output, _ = p.communicate(framed(client.token(p.stdout.read(length))),
                                  timeout=ksecd.WAIT_SECONDS)
        return output.decode(), p.returncode


def test_example(t):
    t.equal(example(None), (f"Hello {ALICE.server_name}\n", 0), "sspi-example: the right password")
    t.equal(example("wrong"), ("", 1), "sspi-example: a wrong one")
    done = subprocess.run(["sspi-example"], input=b"\xff\xff\xff\xff", stdout=subprocess.PIPE,
                          check=False)
    t.equal((done.stdout, done.returncode), (b"", 1), "sspi-example: nonsense")


with accounts.added(ALICE):
    tap.main(test_logon, test_begin_anew, test_bad_tokens, test_requests, test_bad_requests,
             test_times, test_many, test_end, test_no_helper, test_example)
