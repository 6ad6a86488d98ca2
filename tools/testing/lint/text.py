# SPDX-License-Identifier: GPL-2.0-or-later
"""Licence lines, the length of files, spelling, and the list of guest tests."""

import fnmatch
import os
import re

import base
import exceptions

# One subject, one file; what is longer is two. The headers that programs include are
# as long as what they describe.
MAX_LINES = 650
ANY_LENGTH = ["libsspi/include/*", "uapi/*"]

# Files that cannot carry a comment, or that people read as they are.
NO_SPDX = ["VERSION", "README.md", "LICENSES/*", "*.pem", "*.json",
           "tools/testing/fuzz/corpus/*"]

LICENSES = [
    ("kmod/*", "GPL-2.0-only"),
    ("uapi/*.h", "GPL-2.0 WITH Linux-syscall-note"),
    ("libsspi/*.[ch]", "LGPL-2.1-or-later"),
    ("helper/*", "GPL-2.0-or-later"),
    ("tools/*", "GPL-2.0-or-later"),
]


def check_licenses(lint):
    """The licence in the first line, or the second of a script."""
    if not lint.wanted("SPDX"):
        return
    said = []
    for path in lint.files:
        if base.matches(path, NO_SPDX):
            continue
        head = "\n".join(base.read(path).splitlines()[:3])
        found = re.search(r"SPDX-License-Identifier: ([^*\n]*[^*\s])", head)
        if not found:
            said.append(f"{path}: no SPDX-License-Identifier in its first lines")
            continue
        wanted = next((x for p, x in LICENSES if fnmatch.fnmatch(path, p)), None)
        if wanted and wanted.split()[0] not in found.group(1):
            said.append(f"{path}: {found.group(1)}, but {wanted} is for files there")
    lint.point("SPDX lines", said)


def check_lengths(lint):
    """One subject in each file."""
    if not lint.wanted("length"):
        return
    said = []
    for path in lint.files:
        if not re.search(r"\.(c|h|py|sh|mk)$", path) and not base.interpreter(path):
            continue
        lines = base.read(path).count("\n")
        if lines > MAX_LINES and not base.matches(path, ANY_LENGTH):
            said.append(f"{path}: {lines} lines; more than {MAX_LINES} are two subjects")
    lint.point("length of files", said)


def check_spelling(lint):
    """codespell, which knows the usual misspellings and nothing else."""
    base.need("codespell", "codespell")
    files = [path for path in lint.files if lint.wanted(f"codespell {path}")
             and not base.matches(path, ["LICENSES/*", "tools/testing/fuzz/corpus/*",
                                           "tools/testing/lint/codespell.conf"])]
    if not files:
        return
    # No file of the user's settings is looked at.
    code, lines = base.run("codespell", "--config", os.devnull, *files)
    findings, stray = [], []
    for line in lines:
        found = re.match(r"(\S+):(\d+): ((\S+) ==> .*)", line)
        if found:
            path, number, text, word = found.groups()
            findings.append(exceptions.Finding(path, int(number), 0, word.lower(), text))
        else:
            stray.append(line)
    if code and not findings:
        stray.append(f"codespell failed, exit code {code}")
    exceptions.judge(lint, "codespell", [("everywhere", findings, stray)])


def check_guest_tests(lint):
    """Whether every guest test is in the list, and the list has no others."""
    if not lint.wanted("guest-tests"):
        return
    listed = base.read("tools/testing/guest-tests") + base.read("tools/testing/guest-tests-deep")
    words = set(listed.split())
    scripts = [path for path in lint.files if base.interpreter(path)
               and re.match(r"tools/testing/(peers|selftests)/", path)
               and os.access(os.path.join(base.TOP, path), os.X_OK)]
    programs = base.read("build/guest-tests").split()
    said = [f"neither tools/testing/guest-tests nor guest-tests-deep lists {path}"
            for path in scripts + programs if path not in words]
    for word in words:
        if re.match(r"(build/tests|tools/testing)/\S+$", word) and word not in programs and \
                not os.path.exists(os.path.join(base.TOP, word)):
            said.append(f"tools/testing/guest-tests or guest-tests-deep lists {word}, "
                        "which does not exist")
    lint.point("guest-tests: complete", said)
