#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""ksecd where there is no module: its options, its configuration, its signals."""

import os
import shutil
import signal
import socket
import struct
import subprocess
import tempfile
import time

import program
import tap

FOLDER = tempfile.mkdtemp(prefix="ksecdd-ksecd.")
CONFIG = f"{FOLDER}/ksecd.conf"
ACCOUNTS = f"{FOLDER}/accounts"
WAIT_SECONDS = 30


def write(path, text, mode=0o600):
    """Puts a file in the place of another."""
    with open(f"{path}.new", "w", encoding="utf-8") as f:
        f.write(text)
    os.chmod(f"{path}.new", mode)
    os.rename(f"{path}.new", path)


def configure(text=""):
    """Writes a configuration with the test's account file."""
    write(CONFIG, f"[accounts]\nfile = {ACCOUNTS}\n{text}")


class Daemon:
    """ksecd with its log in a file and its notifications in a socket."""

    def __init__(self, *args, watchdog=None):
        self.notify = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.notify.bind(f"{FOLDER}/notify")
        self.notify.settimeout(WAIT_SECONDS)
        environment = dict(program.ENVIRONMENT, NOTIFY_SOCKET=f"{FOLDER}/notify")
        if watchdog:
            environment["WATCHDOG_USEC"] = str(watchdog)
        self.log = open(f"{FOLDER}/log", "w+b")
        self.process = subprocess.Popen(
            [f"{program.BIN}/ksecd", "--config", CONFIG, *args], stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=self.log, env=environment)

    def text(self):
        """The log."""
        return os.pread(self.log.fileno(), 1 << 20, 0).decode()

    def logs(self, words):
        """Waits for words in the log."""
        end = time.monotonic() + WAIT_SECONDS
        while words not in self.text():
            if time.monotonic() > end or self.process.poll() is not None:
                return words in self.text()
            time.sleep(0.01)
        return True

    def told(self, words):
        """Waits for a notification; returns all that it had until then."""
        seen = b""
        while words not in seen:
            seen += self.notify.recv(4096) + b"\n"
        return seen

    def end(self):
        """Sees that it ends; its exit code."""
        try:
            return self.process.wait(WAIT_SECONDS)
        finally:
            self.process.kill()
            self.notify.close()
            os.unlink(f"{FOLDER}/notify")


def test_options(t):
    for args, code in ((["--help"], 0), (["--version"], 0), (["--foo"], 2), (["x"], 2),
                       (["--config"], 2)):
        result = program.run("ksecd", *args)
        t.ok(result.returncode == code and (result.stdout if not code else result.stderr),
             f"{' '.join(args)}: {code}", result)
    text = program.run("ksecd", "--help").stdout
    for option in ("config", "check-config", "wait", "foreground", "verbose", "help", "version"):
        t.ok(f"--{option}".encode() in text, f"--help names --{option}")


def keytab(name, *entries, mode=0o600):
    """Writes a keytab with (principal, encryption type); returns its path."""
    def counted(text):
        return struct.pack(">H", len(text)) + text.encode()
    data = b"\x05\x02"
    for principal, enctype in entries:
        parts, realm = principal.split("@")[0].split("/"), principal.split("@")[1]
        entry = struct.pack(">H", len(parts)) + counted(realm) + \
            b"".join(map(counted, parts)) + \
            struct.pack(">IIBHH", 1, 0, 1, enctype, 16) + bytes(16)
        data += struct.pack(">i", len(entry)) + entry
    path = f"{FOLDER}/{name}"
    with open(path, "wb") as f:
        f.write(data)
    os.chmod(path, mode)
    return path


AES, ARCFOUR, DES3 = 17, 23, 16


def test_check(t):
    # Not the host's own keytab, which may be there
    configure(f"[service a]\nkeytab = {keytab('a', ('host/a.test@A.TEST', AES))}\n")
    write(ACCOUNTS, "alice:fc525c9683e8fe067095ba2ddc971889:\n")
    check = ("--check-config", "--config", CONFIG)
    result = program.run("ksecd", *check, environment=program.LEAKS)
    t.ok(result.returncode == 0 and b"ok" in result.stdout and b"accounts: 1" in result.stdout,
         "a good configuration", result)
    write(ACCOUNTS, "alice:fc525c9683e8fe067095ba2ddc971889:\nrubbish\n")
    result = program.run("ksecd", *check, environment=program.LEAKS)
    t.ok(result.returncode == 3 and f"{ACCOUNTS}:2:".encode() in result.stderr,
         "a line of the account file that cannot be read", result)
    configure("[ntlm]\nrequire-mic = perhaps\n")
    result = program.run("ksecd", *check, environment=program.LEAKS)
    t.ok(result.returncode == 3 and f"{CONFIG}:4:".encode() in result.stderr,
         "a value that is not understood", result)
    result = program.run("ksecd", "--config", CONFIG, environment=program.LEAKS)
    t.ok(result.returncode == 3 and f"<3>{CONFIG}:4:".encode() in result.stderr,
         "with which it does not start either", result)
    result = program.run("ksecd", "--config", f"{FOLDER}/none")
    t.equal(result.returncode, 3, "nor with a file that was asked for and is not there")


def test_check_keytabs(t):
    """Each service of the file, before a client comes."""
    write(ACCOUNTS, "")
    web, smb = "HTTP/web.test@A.TEST", "cifs/web.test@A.TEST"
    junk = f"{FOLDER}/junk"
    write(junk, "this is no keytab\n")
    good = keytab("good", (web, AES), (smb, AES), (smb, ARCFOUR))
    arcfour = keytab("arcfour", (web, ARCFOUR), (web, DES3), (web, ARCFOUR))
    for name, settings, words in (
            ("all names", f"keytab = {good}\nnames = HTTP/web.test, cifs/*", b"keys"),
            ("whatever there is", f"keytab = {good}", b"keys of service \"a\": 2"),
            ("a name with its realm", f"keytab = {good}\nnames = HTTP/web.test@A.TEST", b"ok"),
            ("arcfour-hmac that is on", f"keytab = {arcfour}\nallow-arcfour = yes", b": 2")):
        configure(f"[service a]\n{settings}\n")
        result = program.run("ksecd", "--check-config", "--config", CONFIG,
                             environment=program.LEAKS)
        t.ok(result.returncode == 0 and words in result.stdout, f"keytab: {name}", result)
    missing = f"{FOLDER}/missing"
    for name, path, settings, words in (
            ("missing", missing, "", ("there is no such keytab", f"ktadd -k {missing}")),
            ("unreadable", keytab("locked", (web, AES), mode=0), "", ("cannot read", "chmod 600")),
            ("a folder", FOLDER, "", ("cannot be used", "ktadd")),
            ("none at all", junk, "", ("cannot be used", "ktadd")),
            ("empty", keytab("empty"), "", ("no key of *", "ktadd")),
            ("one of two names", good, "names = HTTP/web.test, ldap/*",
             ("no key of ldap/*", "ktadd", "names")),
            ("another realm", good, "names = HTTP/web.test@B.TEST",
             ("no key of HTTP/web.test@B.TEST",)),
            ("only arcfour-hmac", arcfour, "", ("arcfour-hmac only", "allow-arcfour")),
            ("only DES", keytab("des", (web, DES3)), "allow-arcfour = yes",
             ("des3-cbc-sha1 only", "-e aes256"))):
        configure(f"[service a]\nkeytab = {good}\n[service b]\nkeytab = {path}\n{settings}\n")
        result = program.run("ksecd", "--check-config", "--config", CONFIG,
                             environment=program.LEAKS)
        text = result.stderr.decode()
        t.ok(result.returncode == 3 and all(word in text for word in (path, '"b"', *words)) and
             '"a"' not in text, f"keytab: {name}: so it says", result)


def openssl(*words):
    """Runs openssl in the folder of the test."""
    subprocess.run(["openssl", *words], cwd=FOLDER, check=True, stdout=subprocess.DEVNULL,
                   stderr=subprocess.DEVNULL)


def certificate(name, *words):
    """A certificate for a month and its key; the settings that name them."""
    openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
            "-subj", f"/CN={name}", "-keyout", f"{name}.key", "-out", f"{name}.crt", *words)
    return f"certificate = {FOLDER}/{name}.crt\nkey = {FOLDER}/{name}.key\n"


def expired_certificate():
    """One of the past."""
    settings = certificate("expired")
    write(f"{FOLDER}/index", "")
    write(f"{FOLDER}/serial", "01\n")
    write(f"{FOLDER}/ca.conf", "[ca]\ndefault_ca = a\n[a]\ndatabase = index\nserial = serial\n"
          "new_certs_dir = .\ndefault_md = sha256\npolicy = p\n[p]\ncommonName = supplied\n")
    openssl("req", "-new", "-key", "expired.key", "-subj", "/CN=expired", "-out", "expired.csr")
    openssl("ca", "-batch", "-selfsign", "-config", "ca.conf", "-keyfile", "expired.key", "-in",
            "expired.csr", "-out", "expired.crt", "-notext", "-startdate", "20200101000000Z",
            "-enddate", "20200201000000Z")
    return settings


def test_check_tls(t):
    """Each certificate of the file, and its key."""
    write(ACCOUNTS, "")
    good = certificate("good", "-days", "300")
    loose = certificate("loose")
    os.chmod(f"{FOLDER}/loose.key", 0o644)
    for name, settings, code, words in (
            ("good", good, 0, ("good.crt: ok, CN=good until 2", "[tls a]", "note that")),
            ("soon over", certificate("soon", "-days", "3"), 0, ("expires on", "reload")),
            ("for this server", certificate("own", "-addext", "subjectAltName=DNS:own.test"), 0,
             ("own.crt: ok",)),
            ("over", expired_certificate(), 3, ("has expired on 2020-02-01", "get a new one")),
            ("for clients", certificate("client", "-addext", "extendedKeyUsage=clientAuth"), 3,
             ("not for servers of TLS", "serverAuth")),
            ("missing", "certificate = /nowhere\nkey = /nowhere\n", 3,
             ("[tls a]: /nowhere: there is no such file",)),
            ("for everybody", loose, 3, ("chmod 600",)),
            ("of another key", good.replace("good.key", "soon.key"), 3, ("is not the key of",))):
        configure(f"[names]\ndns-name = own.test\n[tls a]\n{settings}\n")
        result = program.run("ksecd", "--check-config", "--config", CONFIG,
                             environment=program.LEAKS)
        text = (result.stdout + result.stderr).decode()
        t.ok(result.returncode == code and all(word in text for word in words) and
             ("note that" in text) == (name in ("good", "soon over")),
             f"certificate: {name}: so it says", result)


def protected(process):
    """The limits that keep secrets in."""
    with open(f"/proc/{process}/status", encoding="ascii") as f:
        status = dict(line.rstrip("\n").split(":\t", 1) for line in f if ":\t" in line)
    with open(f"/proc/{process}/limits", encoding="ascii") as f:
        core = next(line.split()[4:6] for line in f if line.startswith("Max core"))
    return status, core


def test_without_module(t):
    write(ACCOUNTS, "")
    configure()
    daemon = Daemon("--verbose", watchdog=200000)
    try:
        seen = daemon.told(b"READY=1") + daemon.told(b"STATUS=")
        t.ok(b"Waiting for the module" in seen, "it is ready, and waits for the module", seen)
        t.ok(daemon.logs("modprobe ksecdd"), "the log says how to load it")
        t.ok(all(line.startswith("<") and line[2] == ">" for line in daemon.text().splitlines()),
             "lines have a priority for the journal", daemon.text())
        begin = time.monotonic()
        daemon.told(b"WATCHDOG=1")
        daemon.told(b"WATCHDOG=1")
        t.ok(time.monotonic() - begin < 5, "the watchdog is told")

        status, core = protected(daemon.process.pid)
        t.equal(core, ["0", "0"], "no core dumps")
        t.equal(status["NoNewPrivs"], "1", "no new privileges")
        wanted = 1 << 12 | 1 << 21  # CAP_NET_ADMIN, CAP_SYS_ADMIN
        t.equal(int(status["CapEff"], 16) & ~wanted, 0, "the main thread's capabilities")
        # ksecd is ready before each of them has come to it.
        end = time.monotonic() + WAIT_SECONDS
        while True:
            threads = os.listdir(f"/proc/{daemon.process.pid}/task")
            others = [x for x in threads if int(x) != daemon.process.pid]
            caps = [protected(f"{daemon.process.pid}/task/{x}")[0]["CapPrm"] for x in others]
            if set(caps) == {"0" * 16} or time.monotonic() > end:
                break
            time.sleep(0.02)
        t.ok(len(others) >= 4 and set(caps) == {"0" * 16}, "the workers have none", caps)

        configure("[ntlm]\nrequire-mic = perhaps\n")
        daemon.process.send_signal(signal.SIGHUP)
        t.ok(daemon.logs("the old configuration stays in force"), "a bad new configuration")
        configure("[daemon]\nworkers = 5\n")
        daemon.process.send_signal(signal.SIGHUP)
        t.ok(daemon.logs("read again"), "a good one is taken")
        t.ok("counts from the next start on" in daemon.text(), "as far as it can be")

        begin = time.monotonic()
        daemon.process.send_signal(signal.SIGTERM)
        t.ok(b"STOPPING=1" in daemon.told(b"STOPPING=1"), "it tells that it ends")
    finally:
        code = daemon.end()
    t.equal(code, 0, "SIGTERM ends it well")
    t.ok(time.monotonic() - begin < 5, "and at once when there is nothing to do")


def test_accounts_missing(t):
    os.unlink(ACCOUNTS)
    configure()
    daemon = Daemon()
    try:
        t.ok(daemon.logs(ACCOUNTS) and "ksecctl account add" in daemon.text(),
             "without the account file it starts, and says how to make one")
        daemon.told(b"READY=1")
        daemon.process.send_signal(signal.SIGINT)
    finally:
        code = daemon.end()
    t.equal(code, 0, "SIGINT ends it well")


def main():
    try:
        if program.module_loaded():
            tap.main(test_options, test_check, test_check_keytabs, test_check_tls)
        tap.main(test_options, test_check, test_check_keytabs, test_check_tls,
                 test_without_module, test_accounts_missing)
    finally:
        shutil.rmtree(FOLDER)


main()
