#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The server that README.md shows is the one that make compiles."""
import re
import sys

README = "README.md"
EXAMPLE = "tools/sspi-http/example.c"
MARK = "/* What the README shows begins here. */\n"


def main():
    with open(README, encoding="utf-8") as file:
        shown = re.search(r"^```c\n(.*?)^```$", file.read(), re.S | re.M)
    with open(EXAMPLE, encoding="utf-8") as file:
        compiled = file.read().split(MARK)[-1]
    good = shown and shown[1] == compiled
    print(f"TAP version 13\n1..1\n{'ok' if good else 'not ok'} 1 - {README} shows {EXAMPLE}")
    return not good


if __name__ == "__main__":
    sys.exit(main())
