#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Runs the module's KUnit suites and says in TAP what they have found.

usage: kunit.py [MODULE]

Loads ksecdd_kunit.ko, which runs them, reads their results in debugfs, and unloads it.
For a guest with the debug kernel in which ksecdd.ko is not loaded:

  make module-debug-kunit
  make vm KERNEL=debug BARE=1 CMD=tools/testing/selftests/ksecdd/kunit.py
"""

import glob
import os
import re
import subprocess
import sys

HERE = os.path.dirname(os.path.realpath(__file__))
TOP = os.path.realpath(os.path.join(HERE, "../../../.."))
sys.path.insert(0, os.path.join(TOP, "tools/testing/peers"))
import tap

# Beside the folder of the ksecdd.ko that the other tests get.
MODULE = os.environ.get("KSECDD_KMOD", f"{TOP}/build/kmod/debug") + "-kunit/ksecdd_kunit.ko"
RESULTS = "/sys/kernel/debug/kunit"
# Each suite is a file, and this is the only thing that has to be told of a new one.
SUITES = os.path.join(TOP, "kmod/tests/*_kunit.c")

# For the suite that has allocations fail one by one: also those that may wait, and
# without a trace in the log.
FAULTS = "/sys/kernel/debug"
FAULT_SETTINGS = {"failslab/ignore-gfp-wait": "N", "failslab/verbose": "0",
                  "fail_page_alloc/ignore-gfp-wait": "N", "fail_page_alloc/min-order": "0",
                  "fail_page_alloc/ignore-gfp-highmem": "N", "fail_page_alloc/verbose": "0"}

# KTAP: each level is indented by four spaces more (kernel: Documentation/dev-tools/ktap.rst).
_POINT = re.compile(r"^( *)(not )?ok (\d+) ?(.*?)(?: # (SKIP)\b ?(.*))?$")
_PLAN = re.compile(r"^( *)1\.\.(\d+)$")
_SUBTEST = re.compile(r"^( *)# Subtest: (.*)$")
SUITE, CASE, PARAMETER = 0, 4, 8


class Suite:
    """What the results of one suite say, made into points."""

    def __init__(self, t, name):
        self.t = t
        self.name = name
        self.case = ""
        self.notes = []
        self.points = 0        # of this suite
        self.parameters = 0    # points of the present case
        self.failed = 0        # of this suite, or since the present case began
        self.planned = self.cases = 0

    def point(self, good, what, skipped=None):
        """One point of ours."""
        name = f"{self.name}: {what}"
        if skipped is not None:
            self.t.skip(name, skipped)
        else:
            self.t.ok(good, name, *self.notes)
            self.failed += not good
        self.points += 1

    def take(self, line):
        """A line of the results."""
        point, plan, subtest = _POINT.match(line), _PLAN.match(line), _SUBTEST.match(line)
        if plan and len(plan.group(1)) == CASE:
            self.planned = int(plan.group(2))
        elif subtest and len(subtest.group(1)) == PARAMETER:
            self.case, self.parameters, self.notes = subtest.group(2), 0, []
        elif point:
            depth, bad, _, what, skip, why = point.groups()
            if len(depth) == PARAMETER:
                self.parameters += 1
                self.point(not bad, f"{self.case}: {what}", why if skip else None)
            elif len(depth) == CASE:
                self.cases += 1
                # The points of its parameters have said it already.
                if not self.parameters or (bad and not self.failed):
                    self.point(not bad, what, why if skip else None)
                self.parameters = 0
            elif bad and not self.failed:
                self.point(False, "the suite as a whole")
            self.notes = []
        elif line.strip() and not plan and "KTAP version" not in line:
            self.notes.append(line.strip())


def test_suites(t):
    """Every suite of the sources has run, and each of its tests."""
    folders = glob.glob(f"{RESULTS}/ksecdd_*")
    t.equal(len(folders), len(glob.glob(SUITES)), "as many suites as files of tests")
    for folder in sorted(folders):
        suite = Suite(t, os.path.basename(folder))
        with open(f"{folder}/results", encoding="utf-8", errors="replace") as f:
            for line in f:
                suite.take(line.rstrip("\n"))
        t.ok(suite.points and suite.cases == suite.planned,
             f"{suite.name}: all of its tests have run",
             f"{suite.cases} of {suite.planned} tests, {suite.points} points")


def test_unload(t):
    """Nothing of what they made is left that would hold the module."""
    t.equal(subprocess.run(["rmmod", "ksecdd_kunit"], check=False).returncode, 0,
            "the module can be unloaded")


def main():
    """See the top of the file."""
    if sys.argv[1:2] in (["-h"], ["--help"]):
        print(__doc__)
        return
    module = sys.argv[1] if len(sys.argv) > 1 else MODULE
    if not os.path.exists(module):
        sys.exit(f"kunit.py: {module} is not there: run 'make module-debug-kunit'")
    if os.path.exists("/sys/module/ksecdd"):
        sys.exit("kunit.py: ksecdd.ko is loaded, whose place ksecdd_kunit.ko takes: run this in "
                 "a bare guest")
    for name, value in FAULT_SETTINGS.items():
        with open(f"{FAULTS}/{name}", "w", encoding="utf-8") as f:
            f.write(value)
    # It returns when all suites have run.
    if subprocess.run(["insmod", module], check=False).returncode:
        sys.exit(f"kunit.py: {module} cannot be loaded; the kernel's log says why. It is for "
                 "the debug kernel (KERNEL=debug)")
    tap.main(test_suites, test_unload)


main()
