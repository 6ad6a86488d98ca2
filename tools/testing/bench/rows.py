# SPDX-License-Identifier: GPL-2.0-or-later
"""Rows of the benchmark, and what they are held against.

A row is a line of JSON that one of the programs bench-* has printed:

	ssp	"ksecdd", "winpr", "gss-ntlmssp", "mit-krb5" or "openssl"
	row	what was measured: a function, "logon", "handle-lookup", ...; of bench-krb5
		"Wrap" or "Unwrap" and an encryption type; of bench-tls a function and a
		suite
	live	live contexts meanwhile
	size	bytes of a message, 0 for what is none
	batch	messages in a call
	unit	"instructions" (of a message, a logon, a call) or "bytes" (of a context)
	runs	how often; min, median, max: what it took
"""

import collections
import json

OURS, WINPR, GSS, MIT, OPENSSL = "ksecdd", "winpr", "gss-ntlmssp", "mit-krb5", "openssl"
SEALING = ("EncryptMessage", "DecryptMessage")
MESSAGES = ("MakeSignature", "VerifySignature", *SEALING)

# Of bench-krb5-logon
KERBEROS_LOGON = "Kerberos logon"

# Of bench-credssp-logon: all of it, all that OpenSSL does for it, and the part of both
CREDSSP_LOGON = "CredSSP logon"
CREDSSP_TLS = "CredSSP logon, its TLS"
CREDSSP_HANDSHAKE = "CredSSP logon, TLS handshake"

# How the row of bench-tls begins that tells of a byte; the suite follows.
TLS_BYTE = "byte through a socket, "

# How rows of bench-krb5 begin; the encryption type follows.
KERBEROS_CONTEXT = "context "

BATCH = 16

# What a target is a ratio of, and how much of it is allowed.
MESSAGE, SMALL, BATCHED, LOGON = 1.2, 2.0, 1.2, 2.0
KERBEROS, KERBEROS_SMALL, KERBEROS_LOGONS = 0.8, 1.5, 1.3
SMALL_SIZE = 64
TLS, TLS_SMALL, TLS_SMALL_SIZE, TLS_SOCKET = 1.1, 1.5, 1024, 1.0
CONTEXT_BYTES = 1024
MORE_CONTEXTS = 1.05

# Targets that are missed, as the tables say, and what is too much all the same
NOT_MET = {
    f"{KERBEROS_LOGON}, accept side, / MIT krb5": 2.0,
}

Key = collections.namedtuple("Key", "ssp row live size batch")

# What was measured, what it is, and the most it may be.
Target = collections.namedtuple("Target", "text value most")


def allowed(target):
    """What makes it a failure."""
    return NOT_MET.get(target.text, target.most)


class Error(Exception):
    """The output of a program cannot be understood."""


def parse(line):
    """A row of a line that a program has printed, or None for another line."""
    if not line.startswith("{"):
        return None
    try:
        row = json.loads(line)
        return Key(*(row[name] for name in Key._fields)), row
    except (ValueError, KeyError) as error:
        raise Error(f"this is no row: {line}") from error


class Rows(dict):
    """Rows by their Key."""

    def take(self, line):
        """Adds the row of a line; whether there is one."""
        found = parse(line)
        if found:
            self[found[0]] = found[1]
        return bool(found)

    def value(self, ssp, row, live=1, size=0, batch=1):
        """The least that something took: the least disturbed of its runs. None: not there."""
        found = self.get(Key(ssp, row, live, size, batch))
        return found["min"] if found else None

    def lives(self, ssp=OURS):
        """The numbers of live contexts that were measured, growing."""
        return sorted({key.live for key in self if key.ssp == ssp})

    def sizes(self):
        """The lengths of messages that were measured, growing."""
        return sorted({key.size for key in self if key.size})

    def ratio(self, row, size=0, batch=1, peer=WINPR):
        """What ours took in units of what the peer took for it, one at a time."""
        ours, theirs = self.value(OURS, row, 1, size, batch), self.value(peer, row, 1, size)
        return ours / theirs if ours and theirs else None

    def kerberos(self):
        """The rows of bench-krb5."""
        return sorted({key.row for key in self if key.ssp == MIT and key.size})

    def kerberos_contexts(self):
        """The rows of bench-krb5 that tell the memory of a context."""
        return sorted({key.row for key in self if key.row.startswith(KERBEROS_CONTEXT)})

    def tls(self):
        """The rows of bench-tls that tell of records."""
        return sorted({key.row for key in self if key.ssp == OPENSSL and key.size})

    def tls_bytes(self):
        """The rows of bench-tls that tell of a byte through a socket."""
        return sorted({key.row for key in self if key.row.startswith(TLS_BYTE)})

    def credssp(self):
        """Parts of a logon with CredSSP: a text, ours, and the sum of OpenSSL's and WinPR's.

        WinPR's part is its logon with NTLM and what is sealed after it: the proof of the
        key, each way, and the password.
        """
        ours = self.value(OURS, CREDSSP_LOGON), self.value(OURS, CREDSSP_HANDSHAKE)
        tls = self.value(OPENSSL, CREDSSP_TLS), self.value(OPENSSL, CREDSSP_HANDSHAKE)
        ntlm = (self.value(WINPR, "logon"), self.value(WINPR, "EncryptMessage", 1, SMALL_SIZE),
                self.value(WINPR, "DecryptMessage", 1, SMALL_SIZE))
        if not all((*ours, *tls, *ntlm)):
            return []
        ntlm = ntlm[0] + ntlm[1] + 2 * ntlm[2]
        return [("TLS handshake", ours[1], tls[1]),
                ("TSRequests, NTLM, the password", ours[0] - ours[1], tls[0] - tls[1] + ntlm),
                ("a whole logon", ours[0], tls[0] + ntlm)]

    def _tls_targets(self):
        """Those of records, and of a file through a socket, beside OpenSSL."""
        for row in self.tls():
            for size in self.sizes():
                ratio = self.ratio(row, size, peer=OPENSSL)
                if ratio:
                    yield Target(f"{row}, {size} bytes, / OpenSSL", ratio,
                                 TLS_SMALL if size <= TLS_SMALL_SIZE else TLS)
        for row in self.tls_bytes():
            ratio = self.ratio(row, peer=OPENSSL)
            if ratio:
                yield Target(f"{row}, / OpenSSL", ratio, TLS_SOCKET)

    def _kerberos_targets(self):
        """Those of sealed messages and of a logon beside MIT krb5, and of contexts."""
        if self.ratio(KERBEROS_LOGON, peer=MIT):
            yield Target(f"{KERBEROS_LOGON}, accept side, / MIT krb5",
                         self.ratio(KERBEROS_LOGON, peer=MIT), KERBEROS_LOGONS)
        for row in self.kerberos():
            for size in self.sizes():
                ratio = self.ratio(row, size, peer=MIT)
                if ratio:
                    yield Target(f"{row}, {size} bytes, / MIT krb5", ratio,
                                 KERBEROS_SMALL if size <= SMALL_SIZE else KERBEROS)

        for row in self.kerberos_contexts():
            yield Target(f"bytes of an established {row}", self.value(OURS, row), CONTEXT_BYTES)

    def _growth(self):
        """The targets of many live contexts: the message that suffers most from them."""
        for live in self.lives()[1:]:
            grown = {}
            for row in MESSAGES:
                for size in self.sizes():
                    one = self.value(OURS, row, 1, size)
                    many = self.value(OURS, row, live, size)
                    if one and many:
                        grown[f"{row}, {size} bytes"] = many / one
            if grown:
                worst = max(grown, key=grown.get)
                yield Target(f"any message, {live} contexts / 1 (worst: {worst})", grown[worst],
                             MORE_CONTEXTS)

    def targets(self):
        """All targets for which there are rows."""
        for row in SEALING:
            for size in self.sizes():
                small = size <= SMALL_SIZE
                for batch, most in ((1, SMALL if small else MESSAGE), (BATCH, BATCHED)):
                    ratio = self.ratio(row, size, batch)
                    if ratio:
                        calls = f", batched by {batch}" if batch > 1 else ""
                        yield Target(f"{row}, {size} bytes{calls}, / WinPR", ratio, most)
        if self.ratio("logon"):
            yield Target("logon, accept side, / WinPR", self.ratio("logon"), LOGON)
        yield from self._kerberos_targets()
        yield from self._tls_targets()
        yield from self._growth()
        lives = [live for live in self.lives()
                 if self.value(OURS, "memory-established", live) is not None]
        if lives:
            # Pages are accounted for one by one: the more contexts, the less noise.
            yield Target(f"bytes of an established context, of {lives[-1]}",
                         self.value(OURS, "memory-established", lives[-1]), CONTEXT_BYTES)


def shown(value):
    """A figure for people."""
    if value is None:
        return "-"
    return f"{value:,.0f}" if value >= 10 else f"{value:.2f}"
