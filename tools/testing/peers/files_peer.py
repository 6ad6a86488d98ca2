#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""curl and sspi-http --files: each client gets the files that it may read, and no others."""

import glob
import os
import pwd
import shutil
import tempfile

import accounts
import http_server
import ksecd
import tap

ALICE = accounts.ALICE
BOB = accounts.Account("peer-bob", "", "Bob's password", "bob")
NOBODY = accounts.Account("peer-nobody", "", "No local user", "")
AT_ONCE = 6


class Folder:
    """A folder with files of several users."""

    def __init__(self):
        self.path = tempfile.mkdtemp(prefix="files-peer-")

    def __enter__(self):
        os.chmod(self.path, 0o755)
        alice, bob = pwd.getpwnam("alice"), pwd.getpwnam("bob")
        self.add("alice", alice.pw_uid, 0, 0o400)
        self.add("bob", bob.pw_uid, 0, 0o400)
        # alice is a member of a group that bob is not in.
        group = max(set(os.getgrouplist("alice", alice.pw_gid)) - {alice.pw_gid})
        self.add("group", 0, group, 0o040)
        self.add("root", 0, 0, 0o400)
        self.add("all", 0, 0, 0o444)
        os.mkdir(f"{self.path}/folder")
        os.mkfifo(f"{self.path}/pipe", 0o666)
        os.symlink("/etc/hostname", f"{self.path}/outside")
        os.symlink("alice", f"{self.path}/link")
        return self

    def add(self, name, uid, gid, mode):
        """A file with its own name in it."""
        path = f"{self.path}/{name}"
        with open(path, "w", encoding="ascii") as f:
            f.write(f'{{"file": "{name}"}}')
        os.chown(path, uid, gid)
        os.chmod(path, mode)

    def __exit__(self, *unused):
        shutil.rmtree(self.path)


def ids(server):
    """Uid lines of all threads of a server."""
    lines = set()
    for path in glob.glob(f"/proc/{server.pid}/task/*/status"):
        try:
            with open(path, encoding="utf-8") as f:
                lines |= {line for line in f if line.startswith(("Uid:", "Gid:", "Groups:",
                                                                 "CapEff:"))}
        except (FileNotFoundError, ProcessLookupError):
            pass
    return lines


def codes(server, account, names):
    """{name: code} of each file."""
    return {name: server.log_on(account, server.url(name)).code for name in names}


def test_files(t):
    names = ("alice", "bob", "group", "root", "all", "link")
    with Folder() as folder, http_server.Server("--files", folder.path,
                                                privileges=("setuid", "setgid")) as server:
        before = ids(server)
        reply = server.log_on(ALICE, server.url("alice"))
        t.equal((reply.code, reply.views), (200, [{"file": "alice"}]), "alice: her file")
        reply = server.log_on(ALICE, server.url("bob"))
        t.equal(reply.code, 403, "alice: not bob's")
        t.ok("may not read" in reply.views[-1].get("error", ""), "and is told why", reply)
        t.equal(codes(server, ALICE, names), {"alice": 200, "bob": 403, "group": 200, "root": 403,
                                              "all": 200, "link": 200}, "alice: of all files")
        t.equal(codes(server, BOB, names), {"alice": 403, "bob": 200, "group": 403, "root": 403,
                                            "all": 200, "link": 403}, "bob: of all files")
        t.equal(codes(server, NOBODY, names), dict.fromkeys(names, 403),
                "a client without a local user: none")
        reply = server.log_on(ALICE)
        t.equal((reply.code, reply.accounts), (200, [ALICE.server_name]), "/ says who she is")
        t.equal(codes(server, ALICE, ("nothing", "folder", "folder/x", "pipe", "outside",
                                      "%2e%2e/%2e%2e/etc/hostname", "/etc/hostname",
                                      "alice/x")),
                dict.fromkeys(("nothing", "folder", "folder/x", "pipe", "outside",
                               "%2e%2e/%2e%2e/etc/hostname", "/etc/hostname", "alice/x"), 404),
                "what is no file, or not there")
        t.equal(server.curl(server.url("all")).code, 401, "nobody gets anything without logging on")
        t.equal(ids(server), before, "the server's threads are who they were")


def test_one_connection(t):
    with Folder() as folder, http_server.Server("--files", folder.path,
                                                privileges=("setuid", "setgid")) as server:
        urls = [server.url(name) for name in ("alice", "bob", "", "bob", "alice")]
        reply = server.log_on(ALICE, *urls)
        t.equal((reply.codes, reply.connects), ([200, 403, 200, 403, 200], 1),
                "one connection: each request is the client's")
        users = [(ALICE, BOB)[i % 2] for i in range(AT_ONCE)]
        running = [server.start_curl("--ntlm", "--user", f"{user.user}:{user.password}",
                                     server.url("alice"), server.url("bob")) for user in users]
        replies = [http_server.finish(process) for process in running]
        t.equal([reply.codes for reply in replies],
                [[200, 403] if user is ALICE else [403, 200] for user in users],
                f"{AT_ONCE} clients of two users at once: to each what is his")


def test_without_privilege(t):
    with Folder() as folder:
        for privileges in ((), ("setuid",), ("setgid",)):
            with http_server.Server("--files", folder.path, privileges=privileges) as server:
                reply = server.log_on(ALICE, server.url("alice"))
                t.equal((reply.code, reply.views[-1].get("status")),
                        (403, "SEC_E_NO_IMPERSONATION"),
                        f"a server with {' '.join(privileges) or 'no capability'}: 403")
                t.equal(server.log_on(ALICE, server.url("all")).code, 403,
                        "also for what everybody may read")


with accounts.added(ALICE, BOB, NOBODY):
    tap.main(test_files, test_one_connection, test_without_privilege, ksecd.nothing_left)
