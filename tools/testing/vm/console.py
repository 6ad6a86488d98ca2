# SPDX-License-Identifier: GPL-2.0-or-later
"""The guest's kernel log: whether the kernel has complained, and where."""

import re

# The time of a message, and its thread or processor
_STAMP = r"^(?:\[ *\d+\.\d+\](?:\[ *[CT]\d+\])? )?"

# At the start of a message, behind its time.
_COMPLAINT = re.compile(
    _STAMP +
    r"(?:WARNING: |BUG: |Oops|Kernel panic|general protection fault|kernel BUG at|"
    r"UBSAN: |KASAN|KCSAN|INFO: (?:task .* blocked|possible|suspicious|rcu)|"
    r"rcu: INFO: .*(?:stall|detected)|watchdog: BUG|"
    r"refcount_t: |list_(?:add|del) corruption|Slab cache still has objects|"
    r"unreferenced object 0x|kmemleak: \d+ new suspected|"
    r"possible (?:recursive|circular) locking|suspicious RCU usage|"
    r"BUG .*(?:Not tainted|Tainted)|=+\[ cut here|-+\[ cut here )")

# What a stock kernel says on a machine of this kind, and nothing to worry about.
_HARMLESS = re.compile(r"Unprivileged eBPF is enabled")


# A data race: the report, its end, and a frame of ours in one of its stacks. The kernel
# has races of its own, which are not what is tested here.
_RACE = re.compile(_STAMP + r"BUG: KCSAN: ")
_RACE_END = re.compile(_STAMP + r"={20,}$")
_STACK_END = re.compile(_STAMP + r" *$")
# What follows in a stack is what an interrupt has interrupted, and had no part in it.
_INTERRUPTED = re.compile(_STAMP + r" (?:\? )?asm_(?:sysvec_\w+|common_interrupt)\+")
_OUR_FRAME = re.compile(_STAMP + r" (?:\? )?[\w.]+\+0x[0-9a-f]+/0x[0-9a-f]+ \[ksecdd\b")


def _foreign_race(lines, start):
    """Whether the report of a race that begins there is whole and has no frame of ours."""
    interrupted = False
    for line in lines[start + 1:]:
        if _INTERRUPTED.search(line):
            interrupted = True
        elif _STACK_END.search(line):
            interrupted = False
        elif _OUR_FRAME.search(line) and not interrupted:
            return False
        if _RACE_END.search(line):
            return True
    return False


def complaint(lines):
    """The index of the first line in which the kernel complains, or None."""
    for i, line in enumerate(lines):
        if not _COMPLAINT.search(line) or _HARMLESS.search(line):
            continue
        if not (_RACE.search(line) and _foreign_race(lines, i)):
            return i
    return None


def excerpt(lines, around=None, count=50):
    """What to show of a log: about a line, or its end."""
    if around is None:
        return lines[-count:]
    return lines[max(0, around - 5):around + count]
