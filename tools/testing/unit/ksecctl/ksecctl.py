#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""ksecctl: accounts in a file of the test's, its help, its errors, its JSON."""

import hashlib
import json
import os
import pty
import select
import shutil
import signal
import stat
import subprocess
import tempfile
import termios
import time

import program
import tap

FOLDER = tempfile.mkdtemp(prefix="ksecdd-ksecctl.")
FILE = f"{FOLDER}/accounts"
COMMANDS = ("account add", "account del", "account disable", "account enable", "account list",
            "status", "statistics", "contexts")
# MD4 of the UTF-16LE form, as other programs make it.
HASHES = {"Password": "a4f49c406510bdcab6824ee7c30fd852",
          "Passw0rd!": "fc525c9683e8fe067095ba2ddc971889"}


def ksecctl(*args, text=None):
    """Runs it; leaks are errors."""
    return program.run("ksecctl", *args, text=text, environment=program.LEAKS)


def account(command, *args, text=None):
    """Runs one of its account commands on the test's file."""
    return ksecctl("account", command, "--file", FILE, *args, text=text)


def add(*args, password="Password", realm=""):
    """Adds an account; without hashes of Digest, unless a realm is given."""
    return account("add", "--password-stdin", "--realm", realm, *args, text=f"{password}\n")


def lines():
    """What is in the file."""
    with open(FILE, encoding="utf-8") as f:
        return f.read().splitlines()


def listed():
    """The accounts that it lists."""
    return json.loads(account("list", "--json").stdout)["accounts"]


def test_help(t):
    whole = ksecctl("--help")
    t.equal(whole.returncode, 0, "--help")
    for command in COMMANDS:
        t.ok(command.encode() in whole.stdout, f"--help lists {command}")
        own = ksecctl(*command.split(), "--help")
        t.ok(own.returncode == 0 and own.stdout.startswith(f"usage: ksecctl {command}".encode())
             and b"\n  ksecctl " in own.stdout, f"{command} --help has usage and examples")
        t.equal(ksecctl("help", *command.split()).stdout, own.stdout, f"help {command} is the same")
    t.ok(ksecctl("--version").stdout.startswith(b"ksecctl "), "--version")
    t.equal(ksecctl().returncode, 2, "without a command")
    t.equal(ksecctl("account").returncode, 2, "account without a command")
    t.equal(ksecctl("account", "--help").returncode, 0, "account --help")


def test_wrong_usage(t):
    for args in (["foo"], ["--foo"], ["status", "x"], ["status", "--wait", "x"],
                 ["statistics", "--wait", "1"], ["contexts", "--foo"], ["account", "foo"],
                 ["account", "add"], ["account", "add", "a", "b"], ["account", "list", "a"],
                 ["account", "list", "--replace"], ["account", "del", "--local", "x", "a"],
                 ["account", "add", "--expires", "tomorrow", "a"], ["account", "add", ""],
                 ["account", "add", "--domain", "A", "B\\c"], ["account", "add", "CORP\\"],
                 ["account", "add", "x" * 600]):
        result = ksecctl(*args)
        t.ok(result.returncode == 2 and result.stderr and not result.stdout,
             f"{' '.join(args)[:60]!r} is no command", result)


def test_add(t):
    result = add("--local", "nobody", "alice")
    t.equal(result.returncode, 0, "an account is added")
    t.equal(lines(), [f"alice:{HASHES['Password']}:nobody"], "its line, with the hash")
    t.equal(stat.S_IMODE(os.stat(FILE).st_mode), 0o600, "only the owner reads the file")
    t.ok(HASHES["Password"].encode() not in result.stdout + result.stderr, "no hash is printed")
    result = add("alice", password="Passw0rd!")
    t.ok(result.returncode == 1 and b"--replace" in result.stderr, "not twice, and it says how")
    t.equal(lines(), [f"alice:{HASHES['Password']}:nobody"], "nothing has changed")
    t.equal(add("--replace", "ALICE", password="Passw0rd!").returncode, 0, "it is replaced")
    t.equal(lines(), [f"ALICE:{HASHES['Passw0rd!']}:"], "its line, with the new hash")
    result = add("--expires", "2030-12-31", "--disabled", "CORP\\Bob")
    t.equal(result.returncode, 0, "one with a domain, options")
    t.equal(result.stdout.decode(), f"{FILE}: CORP\\Bob added\n", "it says which one that is")
    t.equal(lines()[1], f"CORP\\Bob:{HASHES['Password']}::disabled,expires=2030-12-31",
            "and its line")
    t.equal(add("--domain", "CORP", "carol").returncode, 0, "the domain as an option")
    t.ok(lines()[2].startswith("CORP\\carol:"), "is the same")
    result = add("--local", "no-such-user-here", "dave")
    t.ok(result.returncode == 0 and b"no local user" in result.stderr,
         "a local user who does not exist is worth a warning")


def digest(user, realm, password):
    """What the file has for Digest (RFC 7616 3.4.2)."""
    a1 = f"{user}:{realm}:{password}".encode()
    return f"{hashlib.sha256(a1).hexdigest()},{hashlib.md5(a1).hexdigest()},{realm}"


def test_digest(t):
    before = lines()
    realm, frank = "a realm, of Jürgen", "CORP\\frank"
    want = f"{frank}:{HASHES['Password']}::%s:{digest(frank, realm, 'Password')}"
    t.equal(add(frank, realm=realm).returncode, 0, "a realm is given")
    t.equal(lines()[-1], want % "", "its hashes")
    t.equal([a["realm"] for a in listed() if a["user"] == "frank"], [realm], "the list has it")
    t.equal(account("disable", frank).returncode, 0, "the account is disabled")
    t.equal(lines()[-1], want % "disabled", "and keeps them")
    for wrong in ("a:b", "a\nb", " a", "x" * 256):
        result = add("--replace", frank, realm=wrong)
        t.ok(result.returncode == 2 and result.stderr, f"no realm: {wrong[:10]!r}", result)
    account("del", frank)
    result = account("add", "--password-stdin", "frank", text="Password\n")
    realm = [a["realm"] for a in listed() if a["user"] == "frank"][0]
    t.ok(realm and lines()[-1].endswith(":::" + digest("frank", realm, "Password")),
         "without --realm it is ksecd's", result, realm)
    account("del", "frank")
    t.equal(lines(), before, "the file is as before")


def test_passwords(t):
    for password, name in (("", "an empty password"), ("x" * 1025, "a long password")):
        before = lines()
        result = add("erin", password=password)
        t.ok(result.returncode == 1 and result.stderr and lines() == before, f"{name}: refused")
    for text, name in ((b"a\0b\n", "a password with a NUL"), (b"\xff\xfe\n", "not UTF-8"),
                       (b"", "no password at all")):
        result = account("add", "--password-stdin", "erin", text=text)
        t.ok(result.returncode == 1 and result.stderr, f"{name}: refused", result)
    result = account("add", "--password-stdin", "erin", text=b"Password\nand more\n")
    t.ok(result.returncode == 0 and HASHES["Password"] in lines()[-1], "the first line counts")
    account("del", "erin")
    result = account("add", "--password-stdin", "erin", text=b"Password")
    t.ok(result.returncode == 0 and HASHES["Password"] in lines()[-1], "also without its end")
    account("del", "erin")
    result = add("erin", password="x" * 1024)
    t.equal(result.returncode, 0, "1024 bytes are not too long")
    account("del", "erin")


def test_change(t):
    before = lines()
    t.equal(account("disable", "corp\\CAROL").returncode, 0, "an account is disabled")
    t.ok(lines()[2] == f"{before[2]}:disabled", "its line says so")
    t.equal(account("disable", "corp\\carol").returncode, 0, "again")
    t.equal(account("enable", "--domain", "Corp", "carol").returncode, 0, "and enabled")
    t.equal(lines(), before, "its line is as it was")
    for command in ("disable", "enable", "del"):
        result = account(command, "carol")
        t.ok(result.returncode == 1 and FILE.encode() in result.stderr,
             f"{command}: not the account without a domain")
    t.equal(account("enable", "CORP\\bob").returncode, 0, "one that also expires is enabled")
    t.ok(lines()[1].endswith("::expires=2030-12-31"), "and still expires")
    t.equal(account("del", "CORP\\carol").returncode, 0, "an account is deleted")
    t.equal(lines(), before[:1] + [lines()[1]] + before[3:], "its line alone is gone")


def test_list(t):
    table = account("list").stdout.decode().splitlines()
    t.equal(table[0].split(), ["ACCOUNT", "LOCAL", "USER", "STATE", "LAST", "DAY", "DIGEST",
                               "REALM"], "a heading")
    column = table[0].index("STATE")
    t.ok(all(row[column - 1] == " " and row[column] != " " for row in table[1:]),
         "columns are aligned", *table)
    got = listed()
    t.equal([(a["domain"], a["user"], a["state"]) for a in got],
            [("", "ALICE", "enabled"), ("CORP", "Bob", "enabled"), ("", "dave", "enabled")],
            "the accounts in JSON")
    t.equal((got[1]["expires"], got[1]["local"], got[2]["local"]),
            ("2030-12-31", None, "no-such-user-here"), "and what belongs to them")
    for expiry, state in (("2020-01-01", "expired"), ("2999-12-31", "enabled")):
        add("--replace", "--expires", expiry, "dave")
        t.equal(listed()[2]["state"], state, f"until {expiry}: {state}")
    t.ok(not any(h.encode() in account("list", "-j").stdout for h in HASHES.values()),
         "no hash is listed")


def test_json(t):
    for args in ((["disable", "dave"]), (["enable", "dave"]), (["del", "dave"])):
        answer = json.loads(account(*args, "--json").stdout)
        t.ok(answer["user"] == "dave" and answer["file"] == FILE and answer["action"],
             f"{args[0]} --json says what was done")
    t.equal(json.loads(ksecctl("-j", "account", "list", "-f", FILE).stdout)["file"], FILE,
            "-j in front of the command")


def test_nasty_names(t):
    """Names that would break JSON, a terminal or a shell."""
    names = ['a"b', "a'b", "a b", "$(id)", "a\x1b[31mb", "a\tb", "a\u202eb", "Jürgen", "田中",
             "🔑", "a,b", "</script>", "%41", "a\x9bb", "a\x7fb"]
    taken = []
    for name in names:
        if add(name).returncode == 0:
            taken.append(name)
    t.ok(len(taken) >= 8, f"{len(taken)} of {len(names)} nasty names are accounts")
    got = [a["user"] for a in listed()]
    t.equal(sorted(got), sorted(["ALICE", "Bob", *taken]), "JSON gives them back as they were")
    text = account("list").stdout.decode()
    t.ok(not any(c in text for c in "\x1b\t\u202e\x9b\x7f"), "the table shows none as they are")
    t.ok("Jürgen" in text and "田中" in text, "but letters")
    text = account("list", "-j").stdout
    t.ok(not any(c < 0x20 and c != 0x0a for c in text) and b"\x7f" not in text and
         b"\xc2\x9b" not in text, "nor does JSON drive a terminal")
    for name in taken:
        account("del", name)
    t.equal(len(listed()), 2, "they can be deleted by these names")


def test_bad_files(t):
    with open(FILE, encoding="utf-8") as f:
        good = f.read()
    with open(FILE, "a", encoding="utf-8") as f:
        f.write("rubbish\n")
    for args in (["list"], ["del", "alice"], ["disable", "alice"]):
        result = account(*args)
        t.ok(result.returncode == 1 and f"{FILE}:3:".encode() in result.stderr,
             f"{args[0]}: a line that cannot be read is named", result)
    t.equal(add("zoe").returncode, 1, "nor is anything added to such a file")
    with open(FILE, "w", encoding="utf-8") as f:
        f.write(good)
    os.chmod(FILE, 0o644)
    result = account("list")
    t.ok(result.returncode == 1 and b"chmod" in result.stderr, "a file that all may read")
    os.chmod(FILE, 0o600)
    result = ksecctl("account", "list", "-f", f"{FOLDER}/none")
    t.ok(result.returncode == 1 and b"none" in result.stderr, "a file that is not there")
    result = ksecctl("account", "list", "-f", FOLDER)
    t.equal(result.returncode, 1, "a folder is no file")
    result = ksecctl("account", "add", "-s", "-f", f"{FOLDER}/no/accounts", "a", text="x\n")
    t.ok(result.returncode == 1 and b"mkdir" in result.stderr, "a folder that is not there")
    with open("/dev/full", "wb") as full:
        code = subprocess.run([f"{program.BIN}/ksecctl", "account", "list", "-f", FILE],
                              stdout=full, stderr=subprocess.DEVNULL, check=False,
                              env=program.LEAKS).returncode
    t.equal(code, 1, "output that cannot be written is an error")


class Terminal:
    """ksecctl at a terminal of its own."""

    def __init__(self, *args):
        self.pid, self.fd = pty.fork()
        if not self.pid:
            os.execve(f"{program.BIN}/ksecctl", ["ksecctl", *args], program.LEAKS)
        self.shown = b""

    def read(self, words):
        """Reads until these words have been shown."""
        end = time.monotonic() + 30
        while words not in self.shown:
            ready = select.select([self.fd], [], [], end - time.monotonic())[0]
            if not ready:
                raise TimeoutError(f"{words!r} does not come: {self.shown!r}")
            try:
                data = os.read(self.fd, 4096)
            except OSError:
                break
            if not data:
                break
            self.shown += data
        return words in self.shown

    def echoes(self):
        """Whether what is typed is shown."""
        return bool(termios.tcgetattr(self.fd)[3] & termios.ECHO)

    def type(self, text):
        """Types a line."""
        os.write(self.fd, text)

    def end(self):
        """Waits for its end; its exit code, or minus the signal."""
        self.read(b"\xff never shown")
        status = os.waitpid(self.pid, 0)[1]
        os.close(self.fd)
        return os.waitstatus_to_exitcode(status)


def test_terminal(t):
    terminal = Terminal("account", "add", "-f", FILE, "typist")
    t.ok(terminal.read(b"New password of typist: "), "it asks for the password")
    t.ok(not terminal.echoes(), "and does not show it")
    terminal.type(b"Password\n")
    t.ok(terminal.read(b"The same again: "), "it asks again")
    t.ok(not terminal.echoes(), "and does not show that either")
    terminal.type(b"Password\n")
    t.equal(terminal.end(), 0, "the account is added")
    t.ok(b"Password" not in terminal.shown.replace(b"New password", b""),
         "the password was never seen")
    t.ok(HASHES["Password"] in lines()[-1], "its hash is in the file")

    before = lines()
    terminal = Terminal("account", "add", "-f", FILE, "-r", "typist")
    terminal.read(b"typist: ")
    terminal.type(b"one\n")
    terminal.read(b"again: ")
    terminal.type(b"other\n")
    t.equal(terminal.end(), 1, "two that differ")
    t.ok(b"differ" in terminal.shown and lines() == before, "change nothing")

    terminal = Terminal("account", "add", "-f", FILE, "-r", "typist")
    terminal.read(b"typist: ")
    terminal.type(b"\x03")
    t.equal(terminal.end(), -signal.SIGINT, "Ctrl-C ends it")
    t.equal(lines(), before, "and changes nothing")


def test_no_terminal(t):
    result = subprocess.run([f"{program.BIN}/ksecctl", "account", "add", "-f", FILE, "x"],
                            stdin=subprocess.DEVNULL, capture_output=True, check=False,
                            start_new_session=True, env=program.LEAKS)
    t.ok(result.returncode == 1 and b"--password-stdin" in result.stderr,
         "without a terminal it says how to give the password")


def test_no_module(t):
    if program.module_loaded():
        raise tap.Skip("the module is loaded")
    for command in ("status", "statistics", "contexts"):
        result = ksecctl(command)
        t.ok(result.returncode == 3 and b"modprobe ksecdd" in result.stderr,
             f"{command}: the module is missing, and it says what to do", result)
    answer = json.loads(ksecctl("status", "--json").stdout)
    t.ok(answer["module"]["loaded"] is False and answer["helper"]["registered"] is False,
         "status --json says so, too")
    begin = time.monotonic()
    t.equal(ksecctl("status", "--wait", "1").returncode, 3, "it waits in vain")
    t.ok(time.monotonic() - begin >= 0.9, "as long as it was told")


COMPLETION = r"""
source tools/ksecctl/ksecctl.bash-completion
if ! declare -F _init_completion >/dev/null; then
	# What bash-completion does for a command line without quotes.
	_init_completion() {
		words=("${COMP_WORDS[@]}") cword=$COMP_CWORD
		cur=${words[cword]} prev=${words[cword - 1]}
	}
fi
COMP_WORDS=("$@") COMP_CWORD=$(($# - 1)) COMPREPLY=()
_ksecctl
printf '%s\n' "${COMPREPLY[@]}"
"""


def complete(*words):
    """What bash offers for the last word."""
    environment = dict(program.LEAKS, PATH=f"{program.BIN}:{os.environ['PATH']}")
    out = subprocess.run(["bash", "-c", COMPLETION, "bash", "ksecctl", *words], check=True,
                         capture_output=True, env=environment, cwd=program.TOP).stdout
    return out.decode().split()


def test_completion(t):
    t.equal(set(complete("")) - {"--help", "--json", "--version", "help"},
            {c.split()[0] for c in COMMANDS}, "all commands are offered")
    t.equal(set(complete("account", "")) - {"--help"},
            {c.split()[1] for c in COMMANDS if " " in c}, "and all of account's")
    for command in COMMANDS:
        own = ksecctl(*command.split(), "--help").stdout.decode()
        offered = {o for o in complete(*command.split(), "--") if o != "--help"}
        t.ok(offered and all(f"{o} " in own for o in offered), f"{command}: options that it has")
        t.ok(all(w.rstrip(",") in offered for w in own.split()
                 if w.startswith("--") and "ksecctl" not in w),
             f"{command}: all that it has")
    t.equal(complete("account", "del", "-f", FILE, "CORP"), ["CORP\\\\Bob"], "accounts, quoted")


def main():
    try:
        tap.main(test_help, test_wrong_usage, test_add, test_digest, test_passwords, test_change,
                 test_list, test_json, test_nasty_names, test_bad_files, test_terminal,
                 test_no_terminal, test_no_module, test_completion)
    finally:
        shutil.rmtree(FOLDER)


main()
