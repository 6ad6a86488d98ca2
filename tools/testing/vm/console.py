# SPDX-License-Identifier: GPL-2.0-or-later
"""The guest's kernel log: whether the kernel has complained, and where."""

import re

# At the start of a message, behind its time.
_COMPLAINT = re.compile(
    r"^(?:\[ *\d+\.\d+\](?:\[ *[CT]\d+\])? )?"
    r"(?:WARNING: |BUG: |Oops|Kernel panic|general protection fault|kernel BUG at|"
    r"UBSAN: |KASAN|KCSAN|INFO: (?:task .* blocked|possible|suspicious|rcu)|"
    r"rcu: INFO: .*(?:stall|detected)|watchdog: BUG|"
    r"refcount_t: |list_(?:add|del) corruption|Slab cache still has objects|"
    r"unreferenced object 0x|kmemleak: \d+ new suspected|"
    r"possible (?:recursive|circular) locking|suspicious RCU usage|"
    r"BUG .*(?:Not tainted|Tainted)|=+\[ cut here|-+\[ cut here )")

# What a stock kernel says on a machine of this kind, and nothing to worry about.
_HARMLESS = re.compile(r"Unprivileged eBPF is enabled")


def complaint(lines):
    """The index of the first line in which the kernel complains, or None."""
    for i, line in enumerate(lines):
        if _COMPLAINT.search(line) and not _HARMLESS.search(line):
            return i
    return None


def excerpt(lines, around=None, count=50):
    """What to show of a log: about a line, or its end."""
    if around is None:
        return lines[-count:]
    return lines[max(0, around - 5):around + count]
