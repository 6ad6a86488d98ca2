#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""uapi/linux/ksecdd_genl.h says what Documentation/netlink/specs/ksecdd.yaml says.

The kernel's generator cannot be used out of its tree, so the header is kept by
hand and compared here: the same attributes and commands, in the same order.
"""
import re
import sys

SPEC = "Documentation/netlink/specs/ksecdd.yaml"
HEADER = "uapi/linux/ksecdd_genl.h"


def spec_enums(text):
    """{"HELPER": [attribute, ...], ..., "CMD": [command, ...]}; the spec's own layout."""
    enums, current, section = {}, None, None
    for line in text.splitlines():
        if re.match(r"\S", line):
            section = line.rstrip(":")
        match = re.match(r"^( *)name: (\S+)$", line)
        if not match:
            continue
        depth, name = len(match[1]), match[2].upper().replace("-", "_")
        if section == "attribute-sets" and depth == 4:
            current = enums.setdefault(name, [])
        elif section == "attribute-sets" and depth == 8:
            current.append(name)
        elif section == "operations" and depth == 6:
            enums.setdefault("CMD", []).append(name)
    return enums


def header_enums(text):
    """The same of the header, without the __MAX entries."""
    enums = {}
    for body in re.findall(r"enum \{(.*?)\};", text, re.S):
        for name in re.findall(r"^\tKSECDD_(\w+?)(?: = 1)?,$", body, re.M):
            kind, rest = name.split("_", 1)
            if kind == "A":
                kind, rest = rest.split("_", 1)
            enums.setdefault(kind, []).append(rest)
    return enums


def main():
    with open(SPEC, encoding="ascii") as file:
        spec = spec_enums(file.read())
    with open(HEADER, encoding="ascii") as file:
        header = header_enums(file.read())
    names = sorted(set(spec) | set(header))
    failed = 0
    print("TAP version 13")
    print(f"1..{len(names)}")
    for i, name in enumerate(names, 1):
        good = spec.get(name) and spec.get(name) == header.get(name)
        failed += not good
        print(f"{'ok' if good else 'not ok'} {i} - {name} is the same in both")
        if not good:
            print(f"# {SPEC}: {spec.get(name)}\n# {HEADER}: {header.get(name)}")
    return 1 if failed or len(names) < 5 else 0


if __name__ == "__main__":
    sys.exit(main())
