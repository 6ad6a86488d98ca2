# SPDX-License-Identifier: GPL-2.0-or-later
"""A Kerberos realm of the test's own: MIT's KDC as a plain process.

	with realm.Realm() as kerberos:
	    kerberos.add_service("HTTP/ksecdd.test", "/etc/ksecd/http.keytab")
	    kerberos.log_in("alice")

While it runs /etc/krb5.conf is the realm's, for ksecd as for the clients.
"""

import os
import shutil
import socket
import subprocess
import tempfile

import ksecd

REALM = "KSECDD.TEST"
PORT = 18088
KRB5_CONF = "/etc/krb5.conf"

_KRB5_CONF = """
[libdefaults]
	default_realm = {realm}
	dns_lookup_kdc = false
	dns_lookup_realm = false
	dns_canonicalize_hostname = false
	rdns = false
	udp_preference_limit = 100000
	# A KDC gives keys of arcfour-hmac only then; who wants one has to ask for it.
	allow_rc4 = true
	{options}
[realms]
	{realm} = {{
		kdc = 127.0.0.1:{port}
	}}
[domain_realm]
	.test = {realm}
	localhost = {realm}
"""

_KDC_CONF = """
[kdcdefaults]
	kdc_listen = 127.0.0.1:{port}
	kdc_tcp_listen = 127.0.0.1:{port}
[realms]
	{realm} = {{
		database_name = {folder}/principal
		key_stash_file = {folder}/stash
		acl_file = {folder}/acl
		max_life = 10h
		supported_enctypes = aes256-cts-hmac-sha1-96:normal
	}}
"""


class Realm:
    """A KDC with users and services, and the caches of those who have logged in."""

    def __init__(self, users=("alice", "bob")):
        self.folder = tempfile.mkdtemp(prefix="ksecdd-realm.")
        self.environ = dict(os.environ, KRB5_KDC_PROFILE=f"{self.folder}/kdc.conf",
                            LC_ALL="C")
        self.kdc = None
        self.before = None
        if os.path.exists(KRB5_CONF):
            with open(KRB5_CONF, encoding="utf-8") as f:
                self.before = f.read()
        with open(f"{KRB5_CONF}.new", "w", encoding="ascii") as f:
            f.write(_KRB5_CONF.format(realm=REALM, port=PORT, options=""))
        os.rename(f"{KRB5_CONF}.new", KRB5_CONF)
        with open(f"{self.folder}/kdc.conf", "w", encoding="ascii") as f:
            f.write(_KDC_CONF.format(realm=REALM, port=PORT, folder=self.folder))
        self._run("kdb5_util", "create", "-s", "-P", "a master key", "-r", REALM)
        self.kadmin(*(f"addprinc -pw {user}-pw {user}" for user in users))

    def client_config(self, options):
        """Path of a krb5.conf for clients alone, with more lines in [libdefaults]."""
        path = f"{self.folder}/client.conf"
        with open(path, "w", encoding="ascii") as f:
            f.write(_KRB5_CONF.format(realm=REALM, port=PORT, options=options))
        return path

    def _run(self, *command, **options):
        run = subprocess.run(command, env=self.environ, stdout=subprocess.PIPE, check=False,
                             stderr=subprocess.STDOUT, text=True, **options)
        if run.returncode:
            raise OSError(f"{' '.join(command)}: {run.stdout}")
        return run.stdout

    def kadmin(self, *queries):
        """kadmin.local with several lines; raises when one fails."""
        text = self._run("kadmin.local", input="".join(f"{query}\n" for query in queries))
        if any(line.startswith(("add_principal:", "ktadd:", "set_string:")) or
               "unknown" in line.lower() for line in text.splitlines()):
            raise OSError(f"kadmin.local: {text}")

    def add_service(self, name, keytab, enctypes=None):
        """A service with random keys in a keytab, which belongs to root alone."""
        keysalts = [f"-e {','.join(f'{e}:normal' for e in enctypes)}"] if enctypes else [""]
        queries = [f"addprinc -randkey {keysalts[0]} {name}",
                   f"ktadd -norandkey -k {keytab} {name}"]
        if enctypes:
            queries.insert(1, f"setstr {name} session_enctypes {','.join(enctypes)}")
        self.kadmin(*queries)
        os.chmod(keytab, 0o600)

    def start(self):
        """The KDC itself."""
        with open(f"{self.folder}/kdc.log", "wb") as log:
            self.kdc = subprocess.Popen(["krb5kdc", "-n"], env=self.environ, stdout=log,
                                        stderr=subprocess.STDOUT)
        ksecd.wait_for(self._answers, "krb5kdc listens")

    def _answers(self):
        if self.kdc.poll() is not None:
            raise OSError(f"krb5kdc has ended: {self.kdc.returncode}")
        try:
            socket.create_connection(("127.0.0.1", PORT), 1).close()
            return True
        except OSError:
            return False

    def stop(self):
        """Ends the KDC; tickets that were got stay."""
        if self.kdc:
            self.kdc.kill()
            self.kdc.wait()
            self.kdc = None

    def cache(self, user):
        """Where the tickets of a user are."""
        return f"FILE:{self.folder}/cache.{user.replace('/', '_')}"

    def log_in(self, user, password=None, options=()):
        """kinit; returns where the tickets are."""
        self._run("kinit", *options, "-c", self.cache(user), user,
                  input=f"{password or f'{user}-pw'}\n")
        return self.cache(user)

    def get_ticket(self, user, service):
        """kvno: the ticket is in the user's cache then."""
        self._run("kvno", "-c", self.cache(user), service)

    def close(self):
        """Ends everything and puts krb5.conf back."""
        self.stop()
        shutil.rmtree(self.folder)
        if self.before is None:
            os.unlink(KRB5_CONF)
        else:
            with open(KRB5_CONF, "w", encoding="utf-8") as f:
                f.write(self.before)

    def __enter__(self):
        try:
            self.start()
        except Exception:
            self.close()
            raise
        return self

    def __exit__(self, *unused):
        self.close()
