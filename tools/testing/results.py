# SPDX-License-Identifier: GPL-2.0-or-later
"""What tests have printed (TAP), judged and counted.

A test program that dies, that does not make all the points of its plan, or that
fails while all its points are fine has one failed point more: nothing that went
wrong is without a failure in the count.
"""

import dataclasses
import re

_POINT = re.compile(r"^(not )?ok\b\s*(\d+)?\s*(?:-\s*)?([^#]*?)\s*(?:#\s*(\w+)\S*\s*(.*))?$")
_PLAN = re.compile(r"^1\.\.(\d+)\s*(?:#\s*skip\w*\s*(.*))?$", re.I)
_BAIL = re.compile(r"^Bail out!\s*(.*)")


@dataclasses.dataclass
class Outcome:
    """One test program's run."""

    name: str
    passed: int = 0
    failed: int = 0
    skipped: int = 0
    seconds: float = 0.0
    details: list = dataclasses.field(default_factory=list)   # for a person: what failed
    skips: list = dataclasses.field(default_factory=list)

    def fail(self, why):
        """One failed point more."""
        self.failed += 1
        self.details.append(why)


def judge(name, text, code, seconds, notes=()):
    """The Outcome of a program that has printed text and ended with code.

    code is None for one that did not get to its end; notes are further reasons to
    fail it.
    """
    outcome = Outcome(name, seconds=seconds)
    plan, points, failing, remarks = None, 0, False, []
    for line in text.splitlines():
        point, planned, bail = _POINT.match(line), _PLAN.match(line), _BAIL.match(line)
        if planned:
            plan = int(planned.group(1))
            if plan == 0:
                outcome.skipped += 1
                outcome.skips.append(planned.group(2) or "no reason given")
        elif bail:
            outcome.fail(f"gave up: {bail.group(1) or 'it does not say why'}")
        elif point:
            points += 1
            bad, number, what, directive, reason = point.groups()
            if directive and directive.lower() in ("skip", "todo"):
                outcome.skipped += 1
                outcome.skips.append(f"{what}: {reason}" if reason else what)
            elif bad:
                outcome.fail(f"not ok {number or points} - {what}")
                outcome.details += remarks
            else:
                outcome.passed += 1
        # Comments before a failed point or after it explain it: a program makes a point
        # when it has seen what is wrong, or says so then.
        elif line.startswith("#"):
            (outcome.details if failing else remarks).append("    " + line)
        if point or planned:
            failing, remarks = bool(point and point.group(1)), []

    failed_before = outcome.failed
    for note in notes:
        outcome.fail(note)
    if code is None:
        if not notes:
            outcome.fail("it did not get to its end")
    elif code == 124:
        outcome.fail("time limit reached")
    elif plan is None:
        outcome.fail(f"it printed no plan (exit code {code}): no TAP, or it died")
    elif plan != points:
        outcome.fail(f"it made {points} of {plan} points (exit code {code})")
    elif code != 0 and failed_before == 0:
        outcome.fail(f"all points are fine, but the exit code is {code}")
    if outcome.failed > failed_before:
        # Then the reason is most likely in what it printed last.
        outcome.details += ["    " + line for line in text.rstrip().splitlines()[-15:]]
    return outcome


class Report:
    """Prints each outcome as it comes, and the sum."""

    def __init__(self):
        self.passed = self.failed = self.skipped = 0
        self.failures = []

    def add(self, outcome):
        """Counts and prints an outcome."""
        self.passed += outcome.passed
        self.failed += outcome.failed
        self.skipped += outcome.skipped
        counts = f"{outcome.passed} passed"
        if outcome.failed:
            counts += f", {outcome.failed} failed"
        if outcome.skipped:
            counts += f", {outcome.skipped} skipped"
        word = "FAIL" if outcome.failed else "ok" if outcome.passed else "skip"
        print(f"{word:4}  {outcome.name:34} {outcome.seconds:7.1f} s  {counts}", flush=True)
        for line in outcome.details[:80]:
            print(f"        {line}", flush=True)
        if len(outcome.details) > 80:
            print(f"        and {len(outcome.details) - 80} lines more", flush=True)
        for line in outcome.skips[:10]:
            print(f"        skipped: {line}", flush=True)
        if outcome.failed:
            self.failures.append(outcome.name)

    def end(self):
        """Prints the last lines; the exit code."""
        if self.failures:
            print("\nfailed: " + ", ".join(self.failures))
        if not self.passed + self.failed + self.skipped:
            print("\nno test has run")
        print(f"{self.passed} passed, {self.failed} failed, {self.skipped} skipped", flush=True)
        return 1 if self.failed or not self.passed else 0
