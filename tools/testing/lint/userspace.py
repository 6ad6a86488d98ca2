# SPDX-License-Identifier: GPL-2.0-or-later
"""Tools that look for mistakes along the paths through a C program: gcc -fanalyzer,
clang-tidy and cppcheck, over all C of userspace, the tests too."""

import re

import base
import cache
import compiled
import exceptions

# "path:line:column: warning: text [kind]" is what all of them can print.
LINE = re.compile(r"(\S+?):(\d+):(\d+): (?:warning|error|style|performance|portability|"
                  r"information): (.*) \[(\S+)\]$")

# clang-tidy does not say which function it means: for these it is looked up, and is part
# of what the finding is called: concurrency-mt-unsafe(strerror).
NAMELESS = ("concurrency-mt-unsafe",)


def is_test(path):
    """Whether a file is part of the tests only."""
    return path.startswith("tools/testing/")


def finding(line):
    """The Finding of a line of output, or None."""
    match = LINE.match(line)
    if not match:
        return None
    path, number, column, text, kind = match.groups()
    number, column = int(number), int(column)
    # clang-tidy has several names for some, gcc adds the number of a weakness.
    kind = kind.split(",")[0]
    text = re.sub(r" \[CWE-\d+\]$", "", text)
    if kind in NAMELESS:
        word = re.match(r"\w*", base.read(path).splitlines()[number - 1][column - 1:]).group()
        kind, text = f"{kind}({word})", f"{word}: {text}"
    return exceptions.Finding(path, number, column, kind, text)


def check(lint, tool, command, key):
    """A point for each C file. command(unit) is the list of words to run, key is made of
    what the tool depends on besides the command and the file."""
    units = compiled.units(lint, tool)
    jobs = [(path, unit) for path in units for unit in units[path]]

    def run(words):
        code, lines = base.run(*words)
        # Another checkout has the same text in other places.
        return code, [line.replace(base.TOP + "/", "") for line in lines]

    def look(job):
        words = command(job[1])
        return cache.remembered(cache.digest(tool, key, words, job[1].content),
                                job[1].ours, lambda: run(words))

    results = {path: (set(), []) for path in units}
    for (path, _), (code, lines) in zip(jobs, lint.each(tool, look, jobs)):
        found = list(filter(None, map(finding, lines)))
        results[path][0].update(found)
        # They end with 0 whatever they find.
        if code:
            results[path][1].extend(lines[-10:] or [f"{tool} failed, exit code {code}"])
    exceptions.judge(lint, tool, [(path, sorted(found), stray)
                                  for path, (found, stray) in results.items()])


def check_analyzer(lint):
    """gcc -fanalyzer: memory, files and NULL on each path through a function."""
    base.need("gcc", "gcc")
    check(lint, "analyzer", lambda unit: [
        "gcc", *unit.flags, "-O2", "-fanalyzer", "-fdiagnostics-plain-output",
        "-fdiagnostics-path-format=none", "-c", "-o", "/dev/null", unit.path],
        base.version("gcc"))


def check_clang_tidy(lint):
    """clang-tidy with the checks of .clang-tidy. Tests go without clang's analyzer, which
    would take more than half of the time: gcc's follows the same paths through them, and
    most run under sanitizers."""
    base.need("clang-tidy", "clang-tidy")
    config = base.read(".clang-tidy")

    def command(unit):
        less = ["--checks=-clang-analyzer-*"] if is_test(unit.path) else []
        return ["clang-tidy", "--quiet", f"--config={config}", *less, unit.path, "--",
                *unit.flags]

    check(lint, "clang-tidy", command, base.version("clang-tidy"))


def check_cppcheck(lint):
    """cppcheck, which sees no header but ours. Tests assign what they never read, to see
    what becomes of it: they go without its hints on style."""
    base.need("cppcheck", "cppcheck")

    def command(unit):
        wanted = ["warning", "performance", "portability"]
        if not is_test(unit.path):
            wanted.append("style")
        return ["cppcheck", "--quiet", f"--enable={','.join(wanted)}", "--std=c11",
                "--library=posix,gnu",
                "--template={file}:{line}:{column}: {severity}: {message} [{id}]", "-I.",
                *(x for x in unit.flags if re.match(r"-[IDU].", x)), unit.path]

    check(lint, "cppcheck", command, base.version("cppcheck"))
