# SPDX-License-Identifier: GPL-2.0-or-later
"""The list of the tests that run in the guest: tools/testing/guest-tests."""

import dataclasses
import os
import re
import subprocess

TOP = os.path.realpath(os.path.join(os.path.dirname(os.path.realpath(__file__)), "../.."))


def _kernels_of(*words):
    """What scripts/kernels prints."""
    return tuple(subprocess.check_output(
        [os.path.join(TOP, "scripts/kernels"), *words]).decode().split())


STOCK = _kernels_of()
DEBUG = _kernels_of("debug")
KERNELS = STOCK + DEBUG

# Names of several in the second column.
GROUPS = {"stock": STOCK, "all": STOCK + ("debug",)}

ROOTS = os.listdir(os.path.join(TOP, "tools/testing/vm/roots"))

# How many times as long as on a stock kernel a test may take.
SLOWNESS = {"debug": 4, "kcsan": 6}


class Error(Exception):
    """The list cannot be understood; says where and why."""


@dataclasses.dataclass(frozen=True)
class Settings:
    """What kind of guest a test wants; tests with equal ones share a guest."""

    smp: int = 1
    memory: str = "2G"
    icount: bool = False
    bare: bool = False
    alone: bool = False
    root: str = ""

    def __str__(self):
        words = [f"smp={self.smp}"] if self.smp > 1 else []
        words += [f"mem={self.memory}"] if self.memory != "2G" else []
        words += [f"root={self.root}"] if self.root else []
        words += [name for name in ("icount", "bare", "alone") if getattr(self, name)]
        return ",".join(words) or "-"


@dataclasses.dataclass(frozen=True)
class Test:
    """A line of the list."""

    name: str
    kernels: tuple
    boot: Settings
    limit: int
    command: str


def _settings(text):
    """The third column."""
    values = {}
    for word in [] if text == "-" else text.split(","):
        if re.fullmatch(r"smp=[1-8]", word):
            values["smp"] = int(word[4:])
        elif re.fullmatch(r"mem=\d+[MG]", word):
            values["memory"] = word[4:]
        elif word in [f"root={name}" for name in ROOTS]:
            values["root"] = word[5:]
        elif word in ("icount", "bare", "alone"):
            values[word] = True
        else:
            raise ValueError(f"'{word}' is not one of smp=N, mem=2G, root={'|'.join(ROOTS)}, "
                             "icount, bare and alone")
    return Settings(**values)


def _kernels(text):
    """The second column."""
    kernels = []
    for word in text.split(","):
        if word not in GROUPS and word not in KERNELS:
            raise ValueError(f"kernel {word} is not one of "
                             f"{', '.join((*GROUPS, *KERNELS))}")
        kernels += GROUPS.get(word, (word,))
    return tuple(kernels)


def read(path):
    """The Tests of a list, in its order."""
    tests = []
    with open(path, encoding="utf-8") as f:
        for number, line in enumerate(f, 1):
            line = line.rstrip("\n")
            if not line.strip() or line.lstrip().startswith("#"):
                continue
            words = line.split(None, 4)
            try:
                if len(words) != 5:
                    raise ValueError("there are five columns")
                name, kernels, boot, limit, command = words
                if not re.fullmatch(r"[A-Za-z0-9._-]+", name):
                    raise ValueError(f"'{name}' has other signs than letters, digits, . _ -")
                if any(test.name == name for test in tests):
                    raise ValueError(f"there are two tests '{name}'")
                tests.append(Test(name, _kernels(kernels), _settings(boot), int(limit), command))
            except ValueError as error:
                raise Error(f"{path}:{number}: {error}") from error
    return tests
