# SPDX-License-Identifier: GPL-2.0-or-later
"""Findings of the tools, and the exceptions from them in TOOL.conf.

A line of TOOL.conf: a file, what the tool calls the finding, and the reason why it does
not count. In the first two '*' stands for any characters. The file may be followed by
':function', which restricts the exception to that function. Findings may be several,
joined by commas. Whatever a line excepts has to occur: an exception that is not
needed any more fails.
"""

import collections
import fnmatch
import os
import re

import base

# line and column count from 1; column is 0 when the tool does not say it.
Finding = collections.namedtuple("Finding", "path line column kind text")


def function_at(path, number):
    """The name of the function of a C file, written in the kernel's style, that has
    this line; '' for a line outside of all functions."""
    lines = base.read(path).splitlines()
    for start in range(min(number, len(lines)) - 1, -1, -1):
        if lines[start].startswith("}") and start != number - 1:
            return ""
        if lines[start].startswith("{"):
            head = []
            for line in reversed(lines[:start]):
                if not line or line[0] in "}#" or line.rstrip().endswith((";", "*/")):
                    break
                head.insert(0, line)
            name = re.search(r"(\w+)\s*\(", "\n".join(head))
            return name.group(1) if name else ""
    return ""


class Exceptions:
    """The lines of a tool's file."""

    def __init__(self, tool):
        self.path = f"tools/testing/lint/{tool}.conf"
        self.lines = []
        self.used = set()
        text = base.read(self.path) if os.path.exists(os.path.join(base.TOP, self.path)) else ""
        for line in text.splitlines():
            words = line.partition("#")[0].split(None, 2)
            if words:
                pattern, kinds, why = (words + ["", ""])[:3]
                path, _, function = pattern.partition(":")
                self.lines += [(path, function, kind, why) for kind in kinds.split(",")]

    def allow(self, finding):
        """Whether a finding does not count."""
        for i, (path, function, kind, _) in enumerate(self.lines):
            if fnmatch.fnmatch(finding.kind, kind) and fnmatch.fnmatch(finding.path, path) and \
                    (not function or function == function_at(finding.path, finding.line)):
                self.used.add(i)
                return True
        return False

    def complaints(self):
        """The exceptions that nothing needs, and those without a reason."""
        said = []
        for i, (path, function, kind, why) in enumerate(self.lines):
            where = f"{path}:{function}" if function else path
            if i not in self.used:
                said.append(f"{self.path}: {where} {kind}: nothing needs this exception any more")
            if not why:
                said.append(f"{self.path}: {where} {kind}: no reason is given")
        return said


def judge(lint, tool, results):
    """A point for each file that a tool has looked at, and one for the exceptions.

    results: (path, [Finding], [line]) for each file, where the lines are what the tool
    said about something else, which fails the file.
    """
    exceptions = Exceptions(tool)
    told = set()
    for path, findings, stray in results:
        # What is in a header is found in each file that includes it.
        counted = [x for x in findings if not exceptions.allow(x) and x not in told]
        told.update(counted)
        lint.point(f"{tool} {path}", [f"{x.path}:{x.line}:{x.column}: {x.text} [{x.kind}]"
                                      for x in counted] + stray)
    # A part of the files does not need all of the exceptions.
    if not lint.pattern:
        lint.point(f"{tool}: every exception is needed and has a reason", exceptions.complaints())
