# SPDX-License-Identifier: GPL-2.0-or-later
"""The C files of userspace as make compiles them."""

import collections
import os
import re
import shlex

import base
import cache

# What decides the meaning of the text. The rest of a command line is left out:
# optimization, sanitizers and warnings are the business of each tool.
WITH_WORD = ("-iquote", "-isystem", "-include", "-I", "-D", "-U")
ALONE = re.compile(r"-(I|D|U|std=).+")

# A file as it is compiled once. content is a hash of all its text, with all headers; ours
# are those of this tree.
Unit = collections.namedtuple("Unit", "path flags content ours")


def flags_of(words):
    """The flags among the words of a command that decide the meaning of the text."""
    flags, words = [], iter(words)
    for word in words:
        if word in WITH_WORD:
            flags += [word, next(words)]
        elif ALONE.match(word) and not word.startswith("-D_FORTIFY_SOURCE"):
            # Findings in the headers of others are theirs.
            flags += ["-isystem", word[2:]] if word.startswith("-I/usr/") else [word]
    return flags


def commands():
    """{path: [flags]} of all that make would compile; there are no equal flags."""
    code, lines = base.run("make", "--no-print-directory", "-nB", "compiled")
    if code:
        raise base.Failure("'make -nB compiled' failed: " + " ".join(lines[-3:]))
    found = {}
    for line in "\n".join(lines).replace("\\\n", " ").splitlines():
        if not re.match(r"\S*(gcc|clang|cc)(-\d+)? ", line):
            continue
        words = shlex.split(line)
        if "-c" not in words:
            continue
        for path in (x for x in words if x.endswith(".c")):
            flags = flags_of(words)
            if flags not in found.setdefault(os.path.normpath(path), []):
                found[path].append(flags)
    return found


def preprocess(path, flags):
    """A Unit, or the compiler's complaints."""
    code, lines = base.run("gcc", "-E", *flags, path)
    if code:
        return lines
    # The tools also look at comments, which are gone by now.
    ours = sorted({x for x in re.findall(r'^# \d+ "([^"<]+)"', "\n".join(lines), re.M)
                   if not x.startswith("/usr/") and os.path.isfile(os.path.join(base.TOP, x))})
    return Unit(path, flags, cache.digest(lines, [[x, cache.file_digest(x)] for x in ours]),
                ours)


def units(lint, tool):
    """{path: [Unit]} of all files that are wanted; a point for what cannot be had.

    The same text is there once, however many programs it is compiled for.
    """
    compiled = commands()
    missing = [path for path in lint.files if path.endswith(".c")
               and not path.startswith("kmod/") and path not in compiled]
    if not lint.pattern:
        lint.point(f"{tool}: every C file of userspace is compiled by a rule",
                   [f"{path}: no command of 'make -nB compiled' compiles it" for path in missing])
    jobs = [(path, flags) for path in sorted(compiled) for flags in compiled[path]
            if lint.wanted(f"{tool} {path}")]
    found = collections.defaultdict(dict)
    for (path, _), unit in zip(jobs, lint.each(f"{tool}: preprocessing", lambda x: preprocess(*x),
                                               jobs)):
        if isinstance(unit, Unit):
            found[path][unit.content] = unit
        else:
            lint.point(f"{tool}: preprocessing {path}", unit)
    return {path: list(by_content.values()) for path, by_content in found.items()}
