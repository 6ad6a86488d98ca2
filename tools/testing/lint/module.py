# SPDX-License-Identifier: GPL-2.0-or-later
"""The module's own build with all warnings: gcc and sparse with the headers of each
supported kernel, clang with the debug kernel's configuration."""

import functools
import re

import base
import cache


def build(lint, name, out, tools, *words):
    """A point for a build of the module, of all its files, in folder out.

    words are those of scripts/build-module, the first two say for which kernel; tools
    have (program, package) of what the build takes. A build of the same files with the
    same tools is not made again.
    """
    if not lint.wanted(name):
        return
    for program, package in tools:
        base.need(program, package)

    def make():
        # Objects that are there already would not be looked at again.
        base.run("find", out, "-name", "*.o", "-delete")
        return base.run("scripts/build-module", *words[:2], out, *words[2:])

    sources = [x for x in lint.files if re.match(r"(kmod|uapi)/|(Kbuild|VERSION)$", x)
               or x == "scripts/build-module"]
    key = cache.digest("module", words, [base.version(program) for program, _ in tools],
                       [[x, cache.file_digest(x)] for x in sources])
    code, lines = cache.remembered(key, sources, make)
    said = [x.replace(f"{base.TOP}/{out}/", "") for x in lines
            if re.search(r"(warning|error):", x)]
    lint.point(name, said or (lines[-20:] if code else []))


def check_gcc(series, lint):
    """gcc and sparse, with one of the supported kernels."""
    release = base.output("scripts/kernels", "release", series)[0]
    kdir = base.output("scripts/kernel-headers", release)[-1]
    build(lint, f"module {series}: no warning with W=1 and sparse", f"build/lint/{series}",
          [("gcc", "gcc"), ("sparse", "sparse")],
          "--kdir", kdir, "W=1", "C=2", "CF=-D__CHECK_ENDIAN__")


def gcc_checks():
    """{group: check} of the supported kernels."""
    return {f"module-{series}": [functools.partial(check_gcc, series)]
            for series in base.output("scripts/kernels")}


def check_clang(lint):
    """clang finds other things than gcc, and builds other branches of the headers."""
    base.need("clang", "clang")
    kdir = base.output("scripts/clang-headers")[-1]
    build(lint, "module: no warning with W=1 and clang", "build/lint/clang",
          [("clang", "clang")],
          # What the kernel exports is known when it is built, and this one never is.
          "--kdir", kdir, "CC=clang", "W=1", "KBUILD_MODPOST_WARN=1")
