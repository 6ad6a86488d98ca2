#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Where the keys of sealed sessions are not: in the service, in ksecd, on netlink.

The client is a process of its own that tells its keys. Then all readable memory of
the other processes is searched for them. What has to be there is searched for in
the same way, so that a search that finds nothing means something.
"""

import json
import os
import re
import signal
import subprocess
import sys
import tempfile

import accounts
import ksecd
import memory
import sspi_pipe as sspi
import tap

ALICE = accounts.ALICE
SESSIONS = 4
# Long, so that the end of it stays in buffers that are used again.
MARKER = b"; ".join(b"plain text %d that the service was meant to read" % i for i in range(9))
CONTROL = MARKER[-32:]
CMD_NEXT = 2    # uapi/linux/ksecdd_genl.h: KSECDD_CMD_NEXT


class Client:
    """Drives secrets_client.py."""

    def __init__(self, account):
        script = os.path.join(os.path.dirname(os.path.realpath(__file__)), "secrets_client.py")
        self.process = subprocess.Popen(
            [sys.executable, script, account.user, account.domain, account.password],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def ask(self, verb, *data):
        """One line there, and one back."""
        words = [verb] + [None if d is None else d.hex() for d in data]
        self.process.stdin.write(json.dumps(words) + "\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())

    def token(self, challenge):
        """The next token."""
        return bytes.fromhex(self.ask("token", challenge))

    def wrap(self, data):
        """A sealed message."""
        return [bytes.fromhex(part) for part in self.ask("wrap", data)]

    def unwrap(self, token, data):
        """What is in one."""
        return bytes.fromhex(self.ask("unwrap", token, data))

    def keys(self):
        """All keys of all sessions: {name: bytes}."""
        return {name: bytes.fromhex(key) for name, key in self.ask("keys").items()}

    def close(self):
        """Ends the process."""
        self.process.kill()
        self.process.wait()


def sealed_session(t, client, servers):
    """Logs on and sends a message each way; the session stays open."""
    server = sspi.Acceptor()
    servers.append(server)
    answer = sspi.log_on(server, client.token, sspi.ASC_REQ_CONFIDENTIALITY)
    t.need(answer, sspi.SEC_E_OK, "logon")
    answer = server.unwrap(*client.wrap(MARKER))
    t.equal(answer.data, MARKER, "the service reads a sealed message")
    answer = server.wrap(MARKER)
    t.equal(client.unwrap(answer.token, answer.data), MARKER, "and seals one")
    t.status(server.query("session-key"), sspi.SEC_E_UNSUPPORTED_FUNCTION,
             "it asks for the session key and does not get it")


def family():
    """The number of the module's netlink family."""
    text = subprocess.check_output(["genl", "ctrl", "get", "name", "ksecdd"], text=True)
    return int(re.search(r"ID: (0x[0-9a-f]+)", text, re.I).group(1), 16)


def secrets_of(keys):
    """Everything that must not be found; the password too."""
    return {**keys, "password": ALICE.password.encode(),
            "password in UTF-16": ALICE.password.encode("utf-16-le")}


def keys_of(number, keys):
    """Those of one session."""
    return {name: key for name, key in keys.items() if name.endswith(f" of session {number}")}


def hexadecimal(needles):
    """The same as text, in both cases."""
    return {**{f"{name} as text": value.hex().encode() for name, value in needles.items()},
            **{f"{name} as TEXT": value.hex().upper().encode()
               for name, value in needles.items()}}


def not_with_asan():
    """ASan's own memory is terabytes, and a crash under it is an exit."""
    if os.environ.get("KSECDD_BUILD", "").endswith("asan"):
        raise tap.Skip("the programs are those of build/asan")


def test_not_found(t):
    not_with_asan()
    servers = []
    client = Client(ALICE)
    try:
        with memory.NetlinkTap() as netlink:
            subprocess.run(["ksecctl", "status"], stdout=subprocess.DEVNULL, check=True)
            for _ in range(SESSIONS):
                sealed_session(t, client, servers)
            netlink.drain()
            keys = client.keys()
            look_at_netlink(t, netlink, keys)
        look_at_client(t, client, keys)
        for number, server in enumerate(servers):
            look_at_service(t, server, keys_of(number, keys))
        look_at_ksecd(t, keys, "sessions open")
        look_at_logs(t, keys)
        for server in servers:
            server.delete()
        look_at_service(t, servers[0], keys_of(0, keys))
        look_at_ksecd(t, keys, "sessions over")
    finally:
        client.close()
        for server in servers:
            server.close()


def look_at_client(t, client, keys):
    needles = {name: key for name, key in keys.items()
               if re.search("ExportedSessionKey|ing key", name)}
    found = memory.search(client.process.pid, needles)
    t.equal(set(found), set(needles), "control: the keys are found in the client's memory")


def look_at_service(t, server, keys):
    needles = {**secrets_of(keys), **hexadecimal(keys)}
    control = {"plain text": CONTROL.hex().encode()}
    found = memory.search(server.pid, {**needles, **control})
    t.ok("plain text" in found, "control: the message is found in the service's memory")
    found.pop("plain text", None)
    t.ok(not found, f"no secret in {found.size >> 10} KiB of the service's memory", found)


def look_at_ksecd(t, keys, when):
    """It has the NT hash of the account file, and nothing that is made of it."""
    needles = secrets_of(keys)
    found = memory.search(ksecd.pid(), needles)
    hashes = {name for name in found if name.startswith("NT hash")}
    t.ok(hashes, f"control, {when}: the account's NT hash is found in ksecd's memory")
    others = {name: place for name, place in found.items() if name not in hashes}
    t.ok(not others, f"{when}: no other secret in {found.size >> 10} KiB of ksecd's memory",
         others)


def look_at_netlink(t, netlink, keys):
    t.equal(netlink.lost, 0, "control: the tap has lost nothing")
    t.ok(netlink.search({"name": b"ksecdd\0"}), "control: ksecctl is seen on netlink")
    t.ok(netlink.messages(family(), CMD_NEXT) >= 2 * SESSIONS,
         "control: the requests of the logons are seen on netlink")
    found = netlink.search({**secrets_of(keys), **hexadecimal(keys)})
    t.ok(not found, f"no secret in {len(netlink.packets)} packets of netlink", found)
    t.ok(not netlink.search({"token": b"NTLMSSP\0"}), "and no token either")


def look_at_logs(t, keys):
    needles = {**secrets_of(keys), **hexadecimal(keys)}
    with open(ksecd.Log.PATH, "rb") as f:
        logs = {"ksecd's log": f.read(),
                "the kernel's log": subprocess.check_output(["dmesg"])}
    t.ok(ALICE.user.encode() in logs["ksecd's log"], "control: ksecd's log has the name")
    for name, text in logs.items():
        found = [needle for needle, value in needles.items() if value in text]
        t.ok(not found, f"no secret in {name}", found)


def test_protected(t):
    """What keeps others away from ksecd's memory."""
    pid = ksecd.pid()
    with open(f"/proc/{pid}/limits", encoding="ascii") as f:
        line = next(line for line in f if line.startswith("Max core file size"))
    t.equal(line.split()[4:6], ["0", "0"], "ksecd's limit for core dumps is 0, and stays it")
    capabilities = {}
    for task in os.listdir(f"/proc/{pid}/task"):
        with open(f"/proc/{pid}/task/{task}/status", encoding="ascii") as f:
            text = f.read()
        capabilities[task] = [int(re.search(rf"^{key}:\s*(\w+)", text, re.M).group(1), 16)
                              for key in ("CapEff", "CapPrm")]
    workers = [caps for task, caps in capabilities.items() if task != str(pid)]
    t.ok(len(workers) >= 2 and not any(map(any, workers)), "its workers have no capabilities",
         capabilities)


def dumps_core(command, directory):
    """Whether a process that crashes leaves a core dump."""
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                          cwd=directory) as process:
        exe = os.path.realpath(subprocess.check_output(["which", command[0]], text=True).strip())
        ksecd.wait_for(lambda: os.readlink(f"/proc/{process.pid}/exe") == exe, "the exec")
        ksecd.wait_for(lambda: settled(process.pid), f"{command[0]} waits")
        process.send_signal(signal.SIGSEGV)
        process.wait()
    return os.path.exists(f"{directory}/core.{process.pid}")


def settled(pid):
    """Whether a process has done its beginning and sleeps in poll() or the like."""
    with open(f"/proc/{pid}/wchan", encoding="ascii") as f:
        return f.read() in ("do_sys_poll", "do_poll.constprop.0", "do_poll",
                            "poll_schedule_timeout", "poll_schedule_timeout.constprop.0",
                            "hrtimer_nanosleep")


def test_core_dump(t):
    """A second ksecd, which waits for the first to end, crashes in its place."""
    not_with_asan()
    pattern_file = "/proc/sys/kernel/core_pattern"
    with open(pattern_file, encoding="ascii") as f:
        before = f.read()
    with tempfile.TemporaryDirectory(prefix="ksecdd-core.") as directory:
        try:
            with open(pattern_file, "w", encoding="ascii") as f:
                f.write(f"{directory}/core.%p")
            unlimited = ["prlimit", "--core=unlimited"]
            subprocess.run([*unlimited, f"--pid={os.getpid()}"], check=True)
            t.ok(dumps_core(["sleep", "1000"], directory),
                 "control: another process that crashes leaves a core dump")
            t.ok(not dumps_core(["ksecd", "--wait"], directory), "ksecd does not")
        finally:
            with open(pattern_file, "w", encoding="ascii") as f:
                f.write(before)


with accounts.added(ALICE):
    tap.main(test_not_found, test_protected, test_core_dump)
