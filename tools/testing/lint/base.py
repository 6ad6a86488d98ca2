# SPDX-License-Identifier: GPL-2.0-or-later
"""What all checks share: the tree's files, programs that are run, and test points."""

import concurrent.futures
import fnmatch
import functools
import os
import re
import shutil
import subprocess
import sys

TOP = os.path.realpath(os.path.join(os.path.dirname(os.path.realpath(__file__)), "../../.."))


class Failure(Exception):
    """A check that could not be made; the text says what to do."""


class Lint:
    """A run: which files are wanted, and the points made so far.

    pattern, when not empty, restricts the run to checks whose name matches: files
    that are not meant are not looked at.
    """

    def __init__(self, pattern, jobs):
        self.pattern = pattern
        self.jobs = jobs
        self.files = tracked()
        self.count = 0
        self.failed = 0

    def wanted(self, name):
        """Whether a check is to be made at all."""
        return not self.pattern or fnmatch.fnmatch(name, f"*{self.pattern}*")

    def point(self, name, complaints):
        """A point that passes when there are no complaints, which are lines."""
        self.count += 1
        self.failed += bool(complaints)
        print(f"{'not ok' if complaints else 'ok'} {self.count} - {name}")
        for line in complaints:
            print(f"#   {line}")
        sys.stdout.flush()

    def each(self, what, function, items):
        """function(item) of all items, in their order, several at the same time."""
        items = list(items)
        with concurrent.futures.ThreadPoolExecutor(self.jobs) as pool:
            for done, result in enumerate(pool.map(function, items), 1):
                if sys.stderr.isatty():
                    end = "\r" if done < len(items) else "\r\033[K"
                    print(f"{what}: {done} of {len(items)}", end=end, file=sys.stderr, flush=True)
                yield result


def run(*words, text="", env=None):
    """A program's exit code, and its output with the errors in it as lines; text is what
    it reads."""
    done = subprocess.run(words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, cwd=TOP,
                          input=text.encode(), check=False, env=env)
    return done.returncode, done.stdout.decode(errors="replace").splitlines()


def output(*words):
    """A program's standard output as lines; it must not fail. Errors and progress are
    left to whoever started the lint."""
    done = subprocess.run(words, stdout=subprocess.PIPE, cwd=TOP, stdin=subprocess.DEVNULL,
                          check=False)
    if done.returncode:
        raise Failure(f"{' '.join(words)} failed, exit code {done.returncode}")
    return done.stdout.decode(errors="replace").splitlines()


def need(program, package):
    """Fails when a program is not installed: a check must not pass for lack of it."""
    if not shutil.which(program):
        raise Failure(f"there is no program {program}: install Debian's package {package}, "
                      "or run 'make deps'")


@functools.lru_cache(None)
def version(program, option="--version"):
    """What a program says about its version, for keys of results."""
    return "\n".join(run(program, option)[1])


def tracked():
    """The files of the tree: git's, or all but what is built when this is no checkout."""
    code, lines = run("git", "ls-files")
    if code != 0:
        _, lines = run("find", ".", "-path", "./build", "-prune", "-o", "-type", "f",
                       "-printf", "%P\\n")
    return sorted(path for path in lines if os.path.isfile(os.path.join(TOP, path)))


def read(path):
    """A file's text."""
    with open(os.path.join(TOP, path), encoding="utf-8", errors="replace") as f:
        return f.read()


def interpreter(path):
    """The program that a script names in its first line, or ''."""
    first = read(path).partition("\n")[0]
    return first[2:].strip() if first.startswith("#!") else ""


def matches(path, patterns):
    """Whether a path is meant by one of the patterns."""
    return any(fnmatch.fnmatch(path, pattern) for pattern in patterns)


def complaints_by_file(lines, files):
    """{file: [line]} of lines that begin with a file's name and a colon."""
    found = {path: [] for path in files}
    for line in lines:
        path = line.partition(":")[0]
        if path in found:
            found[path].append(line)
    return found


@functools.lru_cache(None)
def kernel_source():
    """The folder with the kernel's sources, which bring the kernel's own checks."""
    return output("scripts/kernel-source")[-1]


def is_python(path):
    """Whether a file is Python, by its name or by its first line."""
    return path.endswith(".py") or "python" in interpreter(path)


def is_shell(path):
    """Whether a file is a shell script."""
    return bool(re.search(r"/(ba|da)?sh\b", interpreter(path)))
