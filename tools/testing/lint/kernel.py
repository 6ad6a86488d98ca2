# SPDX-License-Identifier: GPL-2.0-or-later
"""What the kernel's own scripts say about the module: checkpatch and kernel-doc."""

import os
import re

import base
import cache
import exceptions

COMPLAINT = re.compile(r"(\S+?):(\d+): \w+:(\w+): (.*)")


# A change to a file is a new look at those beside it in the list, too: checkpatch
# takes its time to start.
BATCH = 8


def checkpatch(files):
    """What checkpatch says about files: its exit code, which is 0 if that are findings
    and nothing else, and lines."""
    scripts = os.path.join(base.kernel_source(), "scripts")
    settings = [cache.file_digest(os.path.join(scripts, x))
                for x in ("checkpatch.pl", "spelling.txt", "const_structs.checkpatch")]

    def make():
        code, lines = base.run(
            "perl", f"{scripts}/checkpatch.pl", "--strict", "--no-tree", "--show-types",
            "--max-line-length=100", "--no-summary", "--terse", "-q", "-f", *files)
        return 0 if lines and all(map(COMPLAINT.match, lines)) else code, lines

    return cache.remembered(cache.digest(
        "checkpatch", settings, [[path, cache.file_digest(path)] for path in files]), files, make)


def check_checkpatch(lint):
    """checkpatch --strict on the module and what it shares with userspace."""
    base.need("perl", "perl")
    files = [path for path in lint.files if re.match(r"(kmod|uapi)/.*\.[ch]$", path)
             and lint.wanted(f"checkpatch {path}")]
    if not files:
        return
    batches = [files[i:i + BATCH] for i in range(0, len(files), BATCH)]
    results = {path: ([], []) for path in files}
    for batch, (code, lines) in zip(batches, lint.each("checkpatch", checkpatch, batches)):
        if code:
            results[batch[0]][1].extend(lines or [f"checkpatch failed, exit code {code}"])
            continue
        for line in lines:
            path, number, kind, text = COMPLAINT.match(line).groups()
            results[path][0].append(exceptions.Finding(path, int(number), 0, kind, text))
    exceptions.judge(lint, "checkpatch", [(path, *said) for path, said in results.items()])


def check_kernel_doc(lint):
    """The comments above functions, as far as they claim to be kernel-doc."""
    base.need("perl", "perl")
    files = [path for path in lint.files if path.endswith((".c", ".h"))
             and "\n/**\n" in base.read(path) and lint.wanted(f"kernel-doc {path}")]
    if not files:
        return
    code, lines = base.run("perl", f"{base.kernel_source()}/scripts/kernel-doc", "-none", *files)
    found = base.complaints_by_file(lines, files)
    for path, said in found.items():
        lint.point(f"kernel-doc {path}",
                   [x for x in said if re.search(r"warning:|error:", x, re.I)])
    if code and not any(found.values()):
        lint.point("kernel-doc", lines or [f"kernel-doc failed, exit code {code}"])
