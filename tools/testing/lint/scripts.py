# SPDX-License-Identifier: GPL-2.0-or-later
"""Shell and Python."""

import json
import os
import re

import base
import cache
import exceptions

PYLINTRC = "tools/testing/lint/pylintrc"


# An exception is in the line before what it excepts: # shellcheck disable=SC2016 # why
DISABLE = re.compile(r"^\s*# *shellcheck +disable=(\S+) *(.*)")


def shellcheck(path):
    """The complaints about a script: shellcheck's, and about exceptions from them that
    are not needed or give no reason."""
    code, said = base.run("shellcheck", "--format=gcc", path)
    lines = base.read(path).splitlines()
    disabled = [(number, *DISABLE.match(line).groups())
                for number, line in enumerate(lines, 1) if DISABLE.match(line)]
    if disabled:
        text = "\n".join("#" if DISABLE.match(line) else line for line in lines) + "\n"
        code, without = base.run("shellcheck", "--format=gcc", "-", text=text)
        found = re.findall(r"^-:(\d+):.*\[(SC\d+)\]$", "\n".join(without), re.M)
        for number, kinds, why in disabled:
            for kind in kinds.split(","):
                # It holds for one command, however long that is; in most cases a line.
                if not any(k == kind and int(n) > number for n, k in found):
                    said.append(f"{path}:{number}: nothing needs this exception from {kind}")
            if not why.startswith("#"):
                said.append(f"{path}:{number}: no reason is given: disable={kinds} # reason")
    if code > 1 and not said:
        said.append(f"shellcheck failed, exit code {code}")
    return said


def check_shell(lint):
    """shellcheck."""
    base.need("shellcheck", "shellcheck")
    files = [path for path in lint.files
             if base.is_shell(path) and lint.wanted(f"shellcheck {path}")]
    for path, said in zip(files, lint.each("shellcheck", shellcheck, files)):
        lint.point(f"shellcheck {path}", said)


def check_interpreter(lint):
    """Python takes Debian's interpreter."""
    for path in lint.files:
        program = base.interpreter(path)
        if "python" in program and lint.wanted(f"interpreter {path}"):
            said = [f"the first line says {program}; say /usr/bin/python3"]
            lint.point(f"interpreter {path}", said if program != "/usr/bin/python3" else [])


def pylint(files):
    """pylint's exit code and what it prints. It follows imports, so that what it says
    about a file depends on others."""
    key = cache.digest("pylint", base.version("pylint"), base.read(PYLINTRC),
                       [[path, cache.file_digest(path)] for path in files])
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1", "PYLINTHOME": os.devnull}
    words = ["pylint", f"--rcfile={PYLINTRC}", "--output-format=json", "--exit-zero", *files]
    return cache.remembered(key, files, lambda: base.run(*words, env=environment))


def check_python(lint):
    """pylint, which also finds what does not compile."""
    base.need("pylint", "pylint")
    files = [path for path in lint.files
             if base.is_python(path) and lint.wanted(f"pylint {path}")]
    if not files:
        return
    code, lines = pylint(files)
    try:
        said = json.loads("\n".join(lines))
    except ValueError:
        code, said = code or 1, []
    if code:
        lint.point("pylint", lines or [f"pylint failed, exit code {code}"])
        return
    findings = {path: [] for path in files}
    for one in said:
        path = one["path"]
        finding = exceptions.Finding(path, one["line"], one["column"] + 1, one["symbol"],
                                     one["message"].replace("\n", " "))
        # What is about several files at once has the name of the last.
        findings.setdefault(path, []).append(finding)
    exceptions.judge(lint, "pylint", [(path, said, []) for path, said in findings.items()])
