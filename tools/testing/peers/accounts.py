# SPDX-License-Identifier: GPL-2.0-or-later
"""Accounts for the peer tests, added with ksecctl and deleted afterwards."""

import collections
import contextlib
import os
import subprocess

# What the server calls itself where the configuration does not say otherwise.
COMPUTER = os.uname().nodename.split(".")[0].upper()


class Account(collections.namedtuple("Account", "user domain password local")):
    """An account: domain is the one a client names, local the user it maps to.

    In the account file it has no domain, so it answers for whichever is named.
    """

    @property
    def server_name(self):
        """What SECPKG_ATTR_NAMES says of it."""
        return f"{COMPUTER}\\{self.user}"


ALICE = Account("peer-alice", "EXAMPLE", "Passw0rd! of Alice", "alice")
# Beyond ASCII, and beyond Latin-1, which is all that some peers know.
MÜLLER = Account("peer-müller", "EXAMPLE", "Grüße vom Schloß", "bob")
WORLD = Account("peer-世界", "EXAMPLE", "你好 Passw0rd!", "carol")


def add(account, *options):
    """ksecctl account add"""
    command = ["ksecctl", "account", "add", "--password-stdin"]
    if account.local:
        command += ["--local", account.local]
    subprocess.run([*command, *options, account.user], input=f"{account.password}\n".encode(),
                   stdout=subprocess.DEVNULL, check=True)


def delete(account):
    """ksecctl account del"""
    subprocess.run(["ksecctl", "account", "del", account.user], stdout=subprocess.DEVNULL,
                   check=True)


@contextlib.contextmanager
def added(*accounts):
    """The accounts are there inside of the with statement."""
    done = []
    try:
        for account in accounts:
            add(account)
            done.append(account)
        yield
    finally:
        for account in done:
            delete(account)
