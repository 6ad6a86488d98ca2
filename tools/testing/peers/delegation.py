#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Clients that delegate their tickets: where these go, who can use them, and who cannot."""

import os
import pwd
import struct
import subprocess
import time

import gss_client
import gss_kerberos
import ksecd
import memory
import realm
import sspi_pipe as sspi
import tap
from client_token import Token
from gss_kerberos import DCE_STYLE, MUTUAL, ORDER, SEAL

import gssapi

KEYTAB = "/etc/ksecd/delegation.keytab"
SERVICE = "HTTP/ksecdd.test"
FORBIDDEN = "HTTP/forbidden.ksecdd.test"
SECOND = "host/second.ksecdd.test"
CONFIG = f"""
[kerberos]
map = alice@{realm.REALM} alice
map = alice/admin@{realm.REALM} alice
map = alice/quota@{realm.REALM} alice
map = bob@{realm.REALM} bob
[service web]
keytab = {KEYTAB}
names = {SERVICE}
[service forbidden]
keytab = {KEYTAB}
names = {FORBIDDEN}
forbid-delegation = yes
"""
NO_NTLM = "[negotiate]\nforbid-ntlm = *\n"
DELEGATE = gssapi.RequirementFlag.delegate_to_peer
KERBEROS = gssapi.MechType.kerberos
REQ = sspi.ASC_REQ_CONFIDENTIALITY | sspi.ASC_REQ_MUTUAL_AUTH
USERS = ("alice", "alice/admin", "alice/quota", "bob", "stranger")
REALM = realm.Realm(USERS)
UID = pwd.getpwnam("alice").pw_uid
QUOTA = "/proc/sys/kernel/keys/maxkeys"


def client(user="alice", flags=SEAL | ORDER | MUTUAL | DELEGATE, service=SERVICE, mech=KERBEROS):
    """An initiator that delegates, unless the flags are others."""
    return gss_kerberos.Client(REALM.cache(user), service, flags=flags, mech=mech)


def log_on(t, server, initiator, name, req=REQ | sspi.ASC_REQ_DELEGATE):
    """A logon; whether it came with ASC_RET_DELEGATE."""
    answer = sspi.log_on(server, initiator.token, req)
    t.need(answer, sspi.SEC_E_OK, f"{name}: logon")
    if answer.token:
        initiator.token(answer.token)
    return bool(answer.number("flags") & sspi.ASC_RET_DELEGATE)


def cache_name(principal="alice"):
    """What the cache of a client of the local user alice is called."""
    return f"KEYRING:persistent:{UID}:ksecd_{principal}@{realm.REALM}"


def dropped(t, name, initiator, req=REQ | sspi.ASC_REQ_DELEGATE, package="Kerberos"):
    """A logon whose ticket goes nowhere."""
    with sspi.Acceptor(package=package) as server:
        flag = log_on(t, server, initiator, name, req)
        with Token(server) as token:
            t.equal((flag, token.flags & sspi.ASC_RET_DELEGATE, token.ccache),
                    (False, 0, None), f"{name}: nothing is delegated")
            t.ok("ccache" not in token.fdinfo(), f"{name}: fdinfo says nothing of a cache")


def test_not_delegated(t):
    """First of all, while there is no cache yet."""
    dropped(t, "a service that does not ask", client(), REQ)
    dropped(t, "Negotiate, a service that does not ask", client(mech=gss_kerberos.SPNEGO), REQ,
            "Negotiate")
    dropped(t, "a client that does not delegate", client(flags=SEAL | ORDER | MUTUAL))
    dropped(t, "a client without a local user", client("stranger"))
    with ksecd.with_settings("[accounts]\nmap-unknown = carol\n"):
        dropped(t, "a client whom nobody knows", client("stranger"))
    dropped(t, "DCE style", client(flags=int(SEAL | ORDER | MUTUAL | DELEGATE) | DCE_STYLE),
            REQ | sspi.ASC_REQ_DELEGATE | sspi.ASC_REQ_USE_DCE_STYLE)
    with sspi.Acceptor(package="Kerberos") as server:
        log_on(t, server, client(), "nothing is stored", REQ)
        with Token(server) as token:
            code, text = token.run("klist", ccache=cache_name())
            t.ok(code, "nothing is stored: there is no cache", text)
    with sspi.Acceptor(package="Kerberos") as server:
        t.status(server.accept(client(service=FORBIDDEN).token(None),
                               REQ | sspi.ASC_REQ_DELEGATE),
                 sspi.SEC_E_UNSUPPORTED_FUNCTION, "forbid-delegation")
        t.status(server.accept(client(service=FORBIDDEN).token(None), REQ), sspi.SEC_E_OK,
                 "forbid-delegation: the service does not ask")


def prefers_ntlm():
    """Its first choice is forbidden, so that the ticket has to wait for its MIC."""
    gss_client.remember(gss_client_account())
    os.environ["KRB5CCNAME"] = REALM.cache("alice")
    credential = gssapi.Credentials(usage="initiate", mechs=[gss_kerberos.SPNEGO])
    gssapi.raw.set_neg_mechs(credential, [gss_client.NTLM, KERBEROS])
    context = gssapi.SecurityContext(
        name=gssapi.Name(SERVICE.replace("/", "@"), gssapi.NameType.hostbased_service),
        creds=credential, mech=gss_kerberos.SPNEGO, usage="initiate",
        flags=SEAL | ORDER | MUTUAL | DELEGATE)
    return type("Initiator", (), {"token": staticmethod(context.step)})


def gss_client_account():
    """Whom gss-ntlmssp takes itself for; nobody here knows him."""
    return type("Account", (), {"user": "alice", "domain": "", "password": "no password"})


def kvno(t, server, name):
    """The service gets a ticket for another service, as the client."""
    with Token(server) as token:
        t.equal((token.ccache, token.uid), (cache_name(), UID), f"{name}: where it is")
        t.equal(token.fdinfo().get("ccache"), cache_name(), f"{name}: fdinfo says so")
        t.ok(token.flags & sspi.ASC_RET_DELEGATE, f"{name}: the token's flags")
        code, text = token.run("kvno", SECOND)
        t.equal((code, text), (0, f"{SECOND}@{realm.REALM}: kvno = 1\n".encode()),
                f"{name}: kvno gets a ticket with it")


def test_delegated(t):
    for name, package, initiator, req in (
            ("Kerberos", "Kerberos", client(), REQ),
            ("Negotiate", "Negotiate", client(mech=gss_kerberos.SPNEGO), REQ),
            ("Negotiate, raw Kerberos", "Negotiate", client(), REQ)):
        with sspi.Acceptor(package=package) as server:
            t.ok(log_on(t, server, initiator, name, req | sspi.ASC_REQ_DELEGATE),
                 f"{name}: ASC_RET_DELEGATE")
            kvno(t, server, name)
    with ksecd.with_settings(NO_NTLM), sspi.Acceptor(package="Negotiate") as server:
        t.ok(log_on(t, server, prefers_ntlm(), "after a MIC"), "after a MIC: ASC_RET_DELEGATE")
        kvno(t, server, "after a MIC")
    del os.environ["KRB5CCNAME"]


def in_keyring(token, script):
    """A shell that has the persistent keyring of the client in a session of its own."""
    code, text = token.run("keyctl", "session", "-", "/bin/sh", "-c",
                           f"P=$(keyctl get_persistent @s {token.uid}) && {script}")
    if code:
        raise OSError(text.decode(errors="replace"))
    return text


def session_key(token):
    """The session key of the delegated TGT, out of the key of the kernel."""
    data = in_keyring(token, "keyctl pipe $(keyctl search $P keyring "
                      f"ksecd_alice@{realm.REALM} >/dev/null 2>&1; keyctl search $P user "
                      f"krbtgt/{realm.REALM}@{realm.REALM})")
    data = data[data.index(b"\0\0\0"):]
    at = 0
    for _ in range(2):      # client and server: type, count, realm, components
        count = struct.unpack_from(">I", data, at + 4)[0]
        at += 8
        for _ in range(count + 1):
            at += 4 + struct.unpack_from(">I", data, at)[0]
    length = struct.unpack_from(">I", data, at + 2)[0]
    return data[at + 6:at + 6 + length]


def processes(name):
    """Pids of those that call themselves so."""
    found = []
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{pid}/comm", encoding="utf-8") as f:
                if f.read().strip() == name and not ksecd.gone(pid):
                    found.append(int(pid))
        except (FileNotFoundError, ProcessLookupError):
            pass
    return found


def files_with(needle):
    """Files of the guest's own file systems that have the bytes in them."""
    root, found, count = os.stat("/").st_dev, [], 0
    devices = {root} | {os.stat(path).st_dev for path in ("/tmp", "/run", "/var", "/dev/shm")}
    newer = time.time() - 3600
    for top in ("/etc", "/home", "/root", "/run", "/tmp", "/var", "/dev/shm"):
        for folder, folders, files in os.walk(top):
            folders[:] = [d for d in folders
                          if os.lstat(os.path.join(folder, d)).st_dev in devices]
            for name in files:
                path = os.path.join(folder, name)
                if not os.path.isfile(path) or os.path.islink(path) or \
                        os.stat(path).st_mtime < newer:
                    continue
                count += 1
                with open(path, "rb") as f:
                    if needle in f.read():
                        found.append(path)
    return found, count


def test_secrets(t):
    with sspi.Acceptor(package="Kerberos") as server:
        log_on(t, server, client(), "secrets")
        with Token(server) as token:
            key = session_key(token)
        t.equal(len(key), 32, "secrets: the key of the delegated ticket")
        found = {name: memory.search(pid, {"key": key})
                 for name, pids in (("ksecd", [ksecd.pid()]),
                                    ("its keeper", processes("ksecd-keeper")),
                                    ("the service", [server.pid]))
                 for pid in pids}
        keeper = processes("ksecd-keeper")[0]
        with open(f"/proc/{keeper}/status", encoding="ascii") as f:
            caps = [line.split()[1].lstrip("0") for line in f
                    if line.startswith(("CapPrm", "CapEff"))]
        t.equal(caps, ["c0", "c0"], "the keeper has CAP_SETUID, CAP_SETGID and nothing else")
        t.equal(found, {"ksecd": {}, "its keeper": {}, "the service": {}},
                "secrets: it is in nobody's memory")
        with subprocess.Popen(["cat"], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as cat:
            cat.stdin.write(key)
            cat.stdin.flush()
            cat.stdout.read(1)
            t.ok(memory.search(cat.pid, {"key": key}), "secrets: a search finds it in cat")
            cat.stdin.close()
        paths, count = files_with(key)
        t.equal(paths, [], f"secrets: it is in none of {count} files")


def test_others(t):
    with sspi.Acceptor(package="Kerberos") as server, \
            sspi.Acceptor(package="Kerberos") as other:
        log_on(t, server, client(), "alice")
        t.ok(log_on(t, other, client("bob"), "bob"), "bob has a cache, too")
        with Token(server) as alice, Token(other) as bob:
            t.equal(alice.run("klist")[0], 0, "alice can read her cache")
            code, text = bob.run("klist", ccache=alice.ccache)
            t.ok(code, "bob cannot", text)
            code, text = bob.run("kvno", SECOND, ccache=alice.ccache)
            t.ok(code, "nor get a ticket with it", text)
            t.equal(bob.run("kvno", SECOND)[0], 0, "but with his own")
            code, text = bob.run("keyctl", "get_persistent", "@p", str(alice.uid))
            t.ok(code, "he cannot have her keyring", text)
            text = in_keyring(alice, "keyctl show $P | sed -n 's/^ *\\([0-9]*\\) .*/\\1/p' | "
                              "while read key; do keyctl rdescribe $key; done").decode()
            # type;uid;gid;permissions;description
            keys = [line.split(";") for line in text.splitlines() if line.count(";") >= 4]
            t.ok(len(keys) > 4, "her keys", text)
            t.equal({key[1] for key in keys}, {str(alice.uid)}, "are all hers")
            t.equal({int(key[3], 16) & 0xffff for key in keys}, {0}, "and for nobody else")


def used():
    """How many keys alice has."""
    with open("/proc/key-users", encoding="ascii") as f:
        for line in f:
            words = line.replace(":", " ").split()
            if int(words[0]) == UID:
                return int(words[3].split("/")[0])
    return 0


def ends(token):
    """When the delegated TGT in the cache ends, as klist says."""
    _, text = token.run("klist")
    line = next(line for line in text.decode().splitlines() if "krbtgt/" in line)
    return " ".join(line.split()[2:4])


def test_again(t):
    """The quota lasts, and a cache that is in use does not break."""
    with sspi.Acceptor(package="Kerberos") as server:
        log_on(t, server, client(), "again")
        before = used()
        for _ in range(5):
            server.delete()
            log_on(t, server, client(), "again")
        t.equal(used(), before, f"five more logons: {before} keys as before")
        with Token(server) as token:
            with token.impersonated():
                mine = gssapi.Credentials(usage="initiate", store={"ccache": token.ccache})
            first = ends(token)
            REALM.log_in("alice", options=["-f", "-l", "1h"])
            server.delete()
            t.ok(log_on(t, server, client(), "a shorter ticket"), "a shorter ticket: delegated")
            t.equal(ends(token), first, "the one that lasts longer stays")
            REALM.log_in("alice", options=["-f"])
            server.delete()
            t.ok(log_on(t, server, client(), "a longer ticket"), "a longer ticket: delegated")
            t.ok(ends(token) > first, "takes the place of the one before", ends(token), first)
            with token.impersonated():
                name = gssapi.Name(f"{SECOND}@{realm.REALM}", gssapi.NameType.kerberos_principal)
                first = gssapi.SecurityContext(name=name, creds=mine, mech=KERBEROS,
                                               usage="initiate").step()
            t.ok(first, "who has the cache open still uses it")
            in_keyring(token, f"keyctl timeout $(keyctl search $P keyring ksecd_alice@{realm.REALM}"
                              ") 1; sleep 2")
            code, text = token.run("klist")
            t.ok(code, "the cache has expired", text)
            server.delete()
            t.ok(log_on(t, server, client(), "after that"), "after that: delegated")
            t.equal(token.run("kvno", SECOND)[0], 0, "after that: it works again")


def test_two_clients(t):
    """Two clients that are the same local user have a cache each."""
    with sspi.Acceptor(package="Kerberos") as server:
        t.ok(log_on(t, server, client("alice/admin"), "alice/admin"), "alice/admin: delegated")
        with Token(server) as token:
            t.equal(token.ccache, cache_name("alice/admin"), "alice/admin: a cache of its own")
            code, text = token.run("klist")
            t.ok(not code and f"principal: alice/admin@{realm.REALM}".encode() in text,
                 "alice/admin: with its ticket", text)
            code, text = token.run("klist", ccache=cache_name())
            t.ok(f"principal: alice@{realm.REALM}".encode() in text, "alice has hers", text)


def test_quota(t):
    with open(QUOTA, encoding="ascii") as f:
        before = f.read()
    log = ksecd.Log()
    try:
        with open(QUOTA, "w", encoding="ascii") as f:
            f.write("1")
        dropped(t, "no quota of keys", client("alice/quota"))
    finally:
        with open(QUOTA, "w", encoding="ascii") as f:
            f.write(before)
    text = log.text()
    t.ok(f'"alice/quota@{realm.REALM}"' in text and 'local user "alice"' in text and
         "/proc/sys/kernel/keys/maxbytes" in text, "no quota of keys: the log says what helps",
         text)


def test_restart(t):
    ksecd.kill()
    ksecd.wait_for(lambda: not processes("ksecd-keeper"), "the keeper ends with ksecd")
    ksecd.start()
    t.equal(len(processes("ksecd-keeper")), 1, "ksecd has a keeper again")
    with sspi.Acceptor(package="Kerberos") as server:
        t.ok(log_on(t, server, client(), "a new ksecd"), "a new ksecd: delegated")
    log = ksecd.Log()
    os.kill(processes("ksecd-keeper")[0], 9)
    ksecd.wait_for(lambda: not processes("ksecd-keeper"), "the keeper ends")
    dropped(t, "without the keeper", client())
    t.ok("start ksecd again" in log.text(), "without the keeper: the log says what helps",
         log.text())
    ksecd.kill()
    ksecd.start()


try:
    for each in (SERVICE, FORBIDDEN):
        REALM.add_service(each, KEYTAB)
    REALM.add_service(SECOND, f"{REALM.folder}/second.keytab")
    REALM.start()
    for each in USERS:
        REALM.log_in(each, options=["-f"])
    with ksecd.with_settings(CONFIG):
        tap.main(test_not_delegated, test_delegated, test_secrets, test_others, test_again,
                 test_two_clients, test_quota, test_restart)
finally:
    REALM.close()
    gss_client.clean_up()
