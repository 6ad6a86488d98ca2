# SPDX-License-Identifier: GPL-2.0-or-later
"""Running our programs, with sanitizers unless told otherwise, and what comes out."""

import os
import subprocess
import sys

TOP = os.path.abspath(f"{os.path.dirname(__file__)}/../../../..")
BIN = os.environ.get("KSECDD_BUILD", f"{TOP}/build/asan") + "/bin"

sys.path.insert(1, f"{TOP}/tools/testing/peers")

# A process that nobody may look into cannot be searched for leaks either.
ENVIRONMENT = dict(os.environ, LC_ALL="C.UTF-8", ASAN_OPTIONS="detect_leaks=0")
LEAKS = dict(os.environ, LC_ALL="C.UTF-8", ASAN_OPTIONS="detect_leaks=1")


def run(name, *args, text=None, environment=None, **kwargs):
    """Runs a program to its end, with text as its standard input."""
    return subprocess.run([f"{BIN}/{name}", *args],
                          input=text.encode() if isinstance(text, str) else text,
                          stdin=subprocess.DEVNULL if text is None else None,
                          capture_output=True, timeout=60, check=False,
                          env=environment or ENVIRONMENT, **kwargs)


def module_loaded():
    """Whether this machine has the module, so that what it lacks cannot be tested."""
    return os.path.isdir("/sys/module/ksecdd")
