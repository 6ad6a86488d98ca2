# SPDX-License-Identifier: GPL-2.0-or-later
"""Test points for programs that print TAP (the Test Anything Protocol).

	import tap

	def test_answer(t):
	    t.equal(6 * 7, 42, "the answer")

	tap.main(test_answer)

Each test is a function that takes a Tap. One that raises is a failed point, and
the next one runs.
"""

import sys
import time
import traceback


LINE_LENGTH = 300   # of what is said about a failed point


class Skip(Exception):
    """The rest of the test cannot run here; its text says why."""


class Tap:
    """Counts and prints points."""

    def __init__(self):
        self.count = 0
        self.failed = 0

    def ok(self, condition, name, *details):
        """A point that passes when condition is true; details are shown when not."""
        self.count += 1
        if not condition:
            self.failed += 1
        # A '#' would be read as a directive.
        print(f"{'ok' if condition else 'not ok'} {self.count} - {name.replace('#', '')}")
        if not condition:
            self.note(*details)
        sys.stdout.flush()
        return bool(condition)

    def equal(self, got, want, name):
        """A point that passes when got is want."""
        return self.ok(got == want, name, f"got  {got!r}", f"want {want!r}")

    def status(self, answer, want, name):
        """A point for the SECURITY_STATUS of an answer (sspi_pipe.Answer)."""
        return self.ok(answer.status == want, name, f"got  {answer.name}",
                       f"want {type(answer).name_of(want)}")

    def need(self, answer, want, name):
        """The same, and the rest of the test makes no sense without it."""
        if not self.status(answer, want, name):
            raise Skip("what it needs has failed")

    def skip(self, name, reason):
        """A point that could not be looked at."""
        self.count += 1
        print(f"ok {self.count} - {name.replace('#', '')} # SKIP {reason}", flush=True)

    @staticmethod
    def note(*texts):
        """Lines for whoever reads the log."""
        for text in texts:
            for line in str(text).splitlines() or [""]:
                print(f"# {line[:LINE_LENGTH]}")
        sys.stdout.flush()


def main(*tests):
    """Runs the tests in order and ends the program: 0 when no point has failed."""
    t = Tap()
    for test in tests:
        name = test.__name__.removeprefix("test_").replace("_", " ")
        begin = time.monotonic()
        try:
            test(t)
        except Skip as skip:
            t.skip(name, str(skip))
        except Exception:  # whatever it is, the other tests are to run
            t.ok(False, f"{name}: went to its end", traceback.format_exc())
        t.note(f"{name}: {time.monotonic() - begin:.1f} s")
    print(f"1..{t.count}", flush=True)
    sys.exit(1 if t.failed or not t.count else 0)
