# SPDX-License-Identifier: GPL-2.0-or-later
"""What expensive checks have said, kept under a hash of everything that they looked at.

A key has to cover all that the result depends on: the text of the files, the tool's
version and its settings. What is kept is the tool's output, not the verdict: exceptions
apply to it anew each time.
"""

import functools
import hashlib
import json
import os
import tempfile
import time

import base

DAYS = 14


def digest(*parts):
    """A hash of strings and lists of strings."""
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


def _hash(path):
    with open(os.path.join(base.TOP, path), "rb") as f:
        return hashlib.sha256(f.read()).hexdigest()


@functools.lru_cache(None)
def file_digest(path):
    """A hash of a file's content when it was first asked for; the path is absolute or
    from the top of the tree."""
    return _hash(path)


def _changed(path):
    try:
        return _hash(path) != file_digest(path)
    except FileNotFoundError:
        return True


@functools.lru_cache(None)
def folder():
    """Where results are kept; what nobody has used for a while is removed."""
    path = os.path.join(base.output("scripts/cache")[-1], "lint")
    os.makedirs(path, exist_ok=True)
    stamp = os.path.join(path, ".pruned")
    now = time.time()
    if not os.path.exists(stamp) or now - os.stat(stamp).st_mtime > 86400:
        with open(stamp, "w", encoding="utf-8"):
            pass
        for entry in os.scandir(path):
            # Somebody else may remove it at the same time.
            try:
                if now - entry.stat().st_mtime > DAYS * 86400:
                    os.unlink(entry.path)
            except FileNotFoundError:
                pass
    return path


def remembered(key, paths, function):
    """What function() returns, an exit code and lines, or has returned for that key
    before. A failure is not kept: it may have had another reason than what the key is
    made of. Neither is what was said while one of the files was changed."""
    path = os.path.join(folder(), key)
    try:
        with open(path, encoding="utf-8") as f:
            lines = json.load(f)
        os.utime(path)
        return 0, lines
    except (FileNotFoundError, ValueError):
        pass
    code, lines = function()
    if code == 0 and not any(map(_changed, paths)):
        with tempfile.NamedTemporaryFile("w", dir=folder(), prefix=".new.", delete=False,
                                         encoding="utf-8") as f:
            json.dump(lines, f)
        os.rename(f.name, path)
    return code, lines
