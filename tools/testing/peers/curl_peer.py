#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""curl --ntlm against sspi-http, which a user without privileges runs."""

import os
import pwd

import accounts
import http_server
import ksecd
import tap

ALICE = accounts.ALICE
BOB = accounts.Account("peer-bob", "", "Bob's password", "bob")
# curl hashes each byte of a name as one character, and only ASCII ones in capitals:
# what works beyond ASCII are names that are in capitals already, as ISO 8859-1.
UMLAUT = accounts.Account("PEER-Ü", "", "Grüße", "carol")
AT_ONCE = 8


def accepted(function, *args, **options):
    """What a call returns, and how many contexts were established meanwhile."""
    before = ksecd.statistics()["accepted"]
    result = function(*args, **options)
    return result, ksecd.statistics()["accepted"] - before


def test_who(t):
    with http_server.Server() as server:
        log = ksecd.Log()
        reply, count = accepted(server.log_on, ALICE)
        t.equal((reply.exit, reply.codes), (0, [200]), "curl: 200")
        t.equal(count, 1, "module: one context established")
        view = reply.views[-1] if reply.views else {}
        uid = pwd.getpwnam(ALICE.local).pw_uid
        for key, want in (("account", ALICE.server_name), ("uid", uid), ("user", ALICE.local),
                          ("package", "NTLM")):
            t.equal(view.get(key), want, f"server: {key}")
        t.ok(view.get("attributes") is not None and view.get("key-bits") is not None,
             "server: attributes and length of the key", view)
        line = next((x for x in log.text().splitlines() if "SEC_E_OK" in x), "")
        t.ok(ALICE.user in line and f"pid {server.pid}" in line and '"alice"' in line,
             "ksecd's log: client, service and local user", log.text())
        t.ok(ALICE.password not in log.text(), "ksecd's log: not the password")
        reply = server.curl("--anyauth", "--user", f"{ALICE.user}:{ALICE.password}",
                            server.url())
        t.equal(reply.accounts[-1:], [ALICE.server_name], "curl finds out what to do by itself")


def test_domains(t):
    with http_server.Server() as server:
        for domain in ("", "EXAMPLE", "example.org"):
            reply = server.log_on(ALICE, domain=domain)
            t.equal((reply.code, reply.accounts), (200, [ALICE.server_name]),
                    f"domain '{domain}'")
        # The accounts of the test guest: bob is of one domain only.
        bob = accounts.Account("bob", "", "Passw0rd!", "bob")
        for domain, code in (("EXAMPLE", 200), ("example", 200), ("OTHER", 401)):
            reply = server.log_on(bob, domain=domain)
            t.equal(reply.code, code, f"an account of EXAMPLE, domain '{domain}'")
        reply = server.log_on(ALICE._replace(user=ALICE.user.upper()))
        t.equal((reply.code, reply.accounts), (200, [ALICE.server_name]), "in capitals")


def test_refused(t):
    with http_server.Server() as server:
        guests = accounts.Account("", "", "Passw0rd!", "")
        cases = (
            ("wrong password", ALICE, {"password": "wrong"}),
            ("password in other case", ALICE, {"password": ALICE.password.upper()}),
            ("unknown user", ALICE._replace(user="peer-nobody"), {}),
            ("disabled account", guests._replace(user="dave"), {}),
            ("expired account", guests._replace(user="erin"), {}),
        )
        before = ksecd.statistics()["denied"]
        for name, account, options in cases:
            reply, count = accepted(server.log_on, account, **options)
            t.equal((reply.codes, count), ([401], 0), f"{name}: 401, no context")
            t.ok("account" not in reply.views[-1], f"{name}: told nothing", reply.views)
        t.equal(ksecd.statistics()["denied"] - before, len(cases), "module: as many denied")
        t.equal(server.curl(server.url()).code, 401, "no credentials: 401")
        t.equal(server.curl("--negotiate", "--user", ":", server.url()).code, 401,
                "another scheme: 401")
        t.equal(server.log_on(ALICE).code, 200, "and then the right one")


def test_one_connection(t):
    with http_server.Server() as server:
        urls = [server.url(str(i)) for i in range(5)]
        reply, count = accepted(server.log_on, ALICE, *urls)
        t.equal(reply.codes, [200] * 5, "five requests: 200")
        t.equal((reply.connects, count), (1, 1), "on one connection, with one logon")
        t.equal(reply.accounts, [ALICE.server_name] * 5, "each of them known")
        alice, bob = f"{ALICE.user}:{ALICE.password}", f"{BOB.user}:{BOB.password}"
        reply, count = accepted(server.curl, "--ntlm", "--user", alice, server.url(), "--next",
                                "--ntlm", "--user", bob, "--header",
                                "Accept: application/json", "--write-out",
                                "%{stderr}transfer %{http_code} %{num_connects}\n", server.url())
        t.equal((reply.accounts, count), ([ALICE.server_name, BOB.server_name], 2),
                "two users of one curl are told apart")


def test_methods(t):
    with http_server.Server() as server:
        reply = server.log_on(ALICE, "--head", "--output", "/dev/null", server.url())
        t.equal((reply.exit, reply.code), (0, 200), "HEAD: 200, and curl misses nothing")
        reply = server.log_on(ALICE, "--data", "a=b", server.url())
        t.equal((reply.code, reply.accounts), (200, [ALICE.server_name]), "POST: 200")
        reply = server.log_on(ALICE, "--data-binary", "@/usr/bin/curl", server.url())
        size = os.path.getsize("/usr/bin/curl")
        t.equal((reply.code, reply.accounts), (200, [ALICE.server_name]),
                f"POST of {size} bytes: 200")
        reply = server.log_on(ALICE, "--data", "a=b", server.url(), server.url())
        t.equal((reply.codes, reply.connects), ([200] * 2, 1), "two POSTs on one connection")
        reply = server.log_on(ALICE, "--http1.0", "--header", "Connection: keep-alive",
                              server.url())
        t.equal(reply.code, 200, "HTTP/1.0 with keep-alive: 200")
        t.equal(server.log_on(ALICE, "--http1.0", server.url()).code, 401,
                "HTTP/1.0 with a connection for each request: 401, since NTLM needs one")


def test_beyond_ascii(t):
    with http_server.Server() as server:
        user = f"{UMLAUT.user}:{UMLAUT.password}".encode("iso-8859-1")
        reply = server.curl("--ntlm", "--user", user, server.url())
        t.equal((reply.code, reply.accounts), (200, [UMLAUT.server_name]),
                "name and password in ISO 8859-1")
        log = ksecd.Log()
        reply = server.curl("--ntlm", "--user", user[:5] + b"\xff\xfe:x", server.url())
        t.equal(reply.code, 401, "a name of strange bytes: 401")
        text = log.text()
        t.ok("SEC_E_LOGON_DENIED" in text and all(c.isprintable() for c in text if c != "\n"),
             "and the log can be read", repr(text))


def test_at_once(t):
    with http_server.Server() as server:
        before = ksecd.statistics()["accepted"]
        users = [(ALICE, BOB)[i % 2] for i in range(AT_ONCE)]
        running = [server.start_curl("--ntlm", "--user", f"{user.user}:{user.password}",
                                     server.url(), server.url()) for user in users]
        replies = [http_server.finish(process) for process in running]
        t.equal([reply.accounts for reply in replies], [[u.server_name] * 2 for u in users],
                f"{AT_ONCE} clients at once: each is known as who it is")
        t.equal(ksecd.statistics()["accepted"] - before, AT_ONCE, "module: as many contexts")
        urls = [server.url(str(i)) for i in range(3 * AT_ONCE)]
        reply = server.log_on(ALICE, "--parallel", "--parallel-immediate", "--parallel-max",
                              str(AT_ONCE), *urls)
        t.equal((reply.codes, reply.accounts), ([200] * len(urls), [ALICE.server_name] * len(urls)),
                f"one curl, {len(urls)} requests in parallel")


with accounts.added(ALICE, BOB, UMLAUT):
    tap.main(test_who, test_domains, test_refused, test_one_connection, test_methods,
             test_beyond_ascii, test_at_once, ksecd.nothing_left)
