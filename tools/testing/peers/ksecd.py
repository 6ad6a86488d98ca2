# SPDX-License-Identifier: GPL-2.0-or-later
"""The ksecd of the test guest: its configuration, its pid, its death."""

import contextlib
import json
import os
import select
import signal
import socket
import subprocess
import time

CONFIG = "/etc/ksecd/ksecd.conf"
WAIT_SECONDS = 30 * int(os.environ.get("KSECDD_SLOW", "1"))
# Where libwbclient looks for winbindd.
WINBINDD_PIPE = "/run/samba/winbindd/pipe"


def wait_for(condition, what, seconds=WAIT_SECONDS):
    """Looks until condition() is true; its value. Raises when that takes too long."""
    end = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise TimeoutError(f"{what}: not within {seconds} s")
        time.sleep(0.02)


def status():
    """ksecctl status, as dictionary; also when module or helper are missing."""
    run = subprocess.run(["ksecctl", "status", "--json"], stdout=subprocess.PIPE, check=False)
    return json.loads(run.stdout or b"{}")


def statistics():
    """ksecctl statistics, as dictionary."""
    return json.loads(subprocess.check_output(["ksecctl", "statistics", "--json"]))


def nothing_left(t, *more, own_files=0):
    """A test: in the end no object is left in the module, nor any that a name in more counts.

    own_files: devices that the test's own process has open.
    """
    def left():
        counters = statistics()
        counters["files"] -= own_files
        return {n: counters[n] for n in ("contexts", "half_open", "requests", "files", *more)
                if counters[n]}
    try:
        wait_for(lambda: not left(), "all objects are gone", 10)
    except TimeoutError:
        pass
    t.equal(left(), {}, "nothing of a client is left in the module")


def contexts():
    """ksecctl contexts, as a list of dictionaries."""
    return json.loads(subprocess.check_output(["ksecctl", "contexts", "--json"]))["contexts"]


def serving():
    """Whether a helper is registered with the module."""
    return subprocess.run(["ksecctl", "status"], stdout=subprocess.DEVNULL,
                          stderr=subprocess.DEVNULL, check=False).returncode == 0


def pid():
    """Its process id; raises if it does not run."""
    return int(subprocess.check_output(["vm-ksecd", "pid"]))


def gone(process):
    """Whether a process has ended, whoever its parent is."""
    try:
        with open(f"/proc/{process}/stat", encoding="ascii") as f:
            return f.read().rpartition(")")[2].split()[0] in "ZX"
    except (FileNotFoundError, ProcessLookupError):
        return True


def start():
    """Starts it as the test guest does, and waits until it serves."""
    subprocess.run(["vm-ksecd", "start"], check=True)
    wait_for(serving, "ksecd registers with the module")


def kill(number=signal.SIGKILL):
    """Ends it and waits for its end."""
    process = pid()
    os.kill(process, number)
    wait_for(lambda: gone(process), "ksecd ends")


def pause():
    """SIGSTOP; returns when it has stopped."""
    process = pid()
    os.kill(process, signal.SIGSTOP)

    def stopped():
        with open(f"/proc/{process}/stat", encoding="ascii") as f:
            return f.read().rpartition(")")[2].split()[0] == "T"

    wait_for(stopped, "ksecd stops")


def resume():
    """SIGCONT."""
    os.kill(pid(), signal.SIGCONT)


class Log:
    """What ksecd has written to its log since this was made."""

    PATH = "/var/log/ksecd.log"

    def __init__(self):
        self.offset = os.path.getsize(self.PATH)

    def text(self):
        """All of it."""
        with open(self.PATH, encoding="utf-8", errors="replace") as f:
            f.seek(self.offset)
            return f.read()

    def wait_for(self, words):
        """Returns when a line has these words in it."""
        wait_for(lambda: words in self.text(), f"ksecd logs \"{words}\"")


def write_config(text):
    """Has ksecd read this configuration; returns what it has logged since."""
    log = Log()
    with open(f"{CONFIG}.new", "w", encoding="utf-8") as f:
        f.write(text)
    os.rename(f"{CONFIG}.new", CONFIG)
    os.kill(pid(), signal.SIGHUP)
    return log


@contextlib.contextmanager
def configured(text):
    """A configuration that is in force inside of the with statement only."""
    try:
        with open(CONFIG, encoding="utf-8") as f:
            before = f.read()
    except FileNotFoundError:
        before = ""
    try:
        write_config(text).wait_for(f"{CONFIG}: read again")
        yield
    finally:
        write_config(before).wait_for(f"{CONFIG}: read again")


def with_settings(text):
    """The present configuration and some more, inside of the with statement."""
    with open(CONFIG, encoding="utf-8") as f:
        return configured(f"{f.read()}\n{text}")


class DeafWinbindd:
    """A winbindd that never answers, so that ksecd's workers wait.

    It takes connections and says nothing; stop() hangs up on everybody.
    """

    def __init__(self):
        os.makedirs(os.path.dirname(WINBINDD_PIPE), mode=0o755, exist_ok=True)
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.bind(WINBINDD_PIPE)
        self.socket.listen(128)

    def wait(self):
        """Waits until a worker has called."""
        wait_for(lambda: select.select([self.socket], [], [], 0)[0], "a worker asks winbindd")

    def stop(self):
        """Hangs up."""
        if self.socket:
            self.socket.close()
            os.unlink(WINBINDD_PIPE)
            self.socket = None

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self.stop()
