# SPDX-License-Identifier: GPL-2.0-or-later
"""The kernel's rules for coccinelle, over the module.

A rule finds a pattern of statements in the text of a function, before the preprocessor:
memory that is used after kfree(), a lock taken twice, a sleeping allocation under a
spinlock, a pointer that is used and then compared with NULL.
"""

import os
import re
import tempfile

import base
import cache
import exceptions

FOLDERS = ["api", "free", "iterators", "locks", "misc", "null", "tests"]

# Rules that are left out, each with its reason.
OUT = {
    "api/check_bq27xxx_data": "for one driver; its script needs OCaml's compiler",
    "api/device_attr_show": "the module has no device attributes of its own",
    "api/platform_get_irq": "for platform drivers",
    "api/platform_no_drv_owner": "for platform drivers",
    "api/pm_runtime": "for devices",
    "api/resource_size": "for devices",
    "free/clk_put": "for devices",
    "free/devm_free": "for devices",
    "free/iounmap": "for devices",
    "free/pci_free_consistent": "for devices",
    "iterators/device_node_continue": "for device trees",
    "iterators/for_each_child": "for device trees",
    "misc/irqf_oneshot": "for devices",
    "misc/minmax": "a matter of style, and a third of the time of all rules",
    "misc/of_table": "for device trees",
    "null/badzero": "its script needs OCaml's compiler; sparse finds the same",
}


def rules():
    """The names of the rules, without '.cocci'; their folder."""
    folder = os.path.join(base.kernel_source(), "scripts/coccinelle")
    names = []
    for part in FOLDERS:
        for here, _, files in os.walk(os.path.join(folder, part)):
            names += [os.path.relpath(os.path.join(here, x), folder)[:-len(".cocci")]
                      for x in files if x.endswith(".cocci")]
    gone = sorted(set(OUT) - set(names))
    if not names or gone:
        raise base.Failure(f"{folder} has no rule {', '.join(gone) or 'at all'}")
    return folder, sorted(set(names) - set(OUT))


def spatch(files, *words):
    """spatch's exit code and output for files, each looked at by itself."""
    with tempfile.NamedTemporaryFile("w", suffix=".groups", encoding="utf-8") as f:
        f.write("".join(f"{path}\n\n" for path in files))
        f.flush()
        return base.run("spatch", "--very-quiet", "--file-groups", f.name, *words)


def lost_functions(path):
    """The functions that coccinelle cannot read: it would pass over them in silence."""
    code, lines = base.run("spatch", "--parse-c", path)
    if code or not any(line.startswith("nb good") for line in lines):
        return code or 1, [f"{path}: spatch --parse-c failed", *lines[-5:]]
    # In the kernel's style a line that is a brace and nothing else opens a function.
    lost = sum(bool(re.match(r"(bad: |BAD:!!!!! )\{\s*$", line)) for line in lines)
    return 0, [f"{path}: coccinelle cannot read {lost} of its functions: "
               "see spatch --parse-c"] if lost else []


def check(lint):
    """All rules on all files of the module."""
    base.need("spatch", "coccinelle")
    files = [path for path in lint.files if re.match(r"kmod/.*\.[ch]$", path)
             and lint.wanted(f"coccinelle {path}")]
    if not files:
        return
    folder, names = rules()
    content = [[path, cache.file_digest(path)] for path in files]

    def apply(name):
        rule = os.path.join(folder, name + ".cocci")
        key = cache.digest("coccinelle", base.version("spatch"), cache.file_digest(rule), content)
        return cache.remembered(key, files, lambda: spatch(
            files, "-D", "report", "--no-show-diff", "--no-includes", "--cocci-file", rule))

    findings, stray = {path: [] for path in files}, []
    for name, (code, lines) in zip(names, lint.each("coccinelle", apply, names)):
        for line in lines:
            found = re.match(r"(\S+?):(\d+):(\d+)-\d+: (.*)", line)
            if found and found.group(1) in findings:
                path, number, column, text = found.groups()
                findings[path].append(exceptions.Finding(
                    path, int(number), int(column) + 1, name, text))
            elif not line.startswith("warning: line "):
                # Those are remarks on the rule.
                stray.append(f"{name}: {line}")
        if code:
            stray.append(f"{name}: spatch failed, exit code {code}")
    lint.point(f"coccinelle: {len(names)} rules", stray)
    keys = [cache.digest("parse", base.version("spatch"), *x) for x in content]
    lost = lint.each("coccinelle reads", lambda x: cache.remembered(
        x[1], [x[0]], lambda: lost_functions(x[0])), zip(files, keys))
    exceptions.judge(lint, "coccinelle",
                     [(path, findings[path], said) for path, (_, said) in zip(files, lost)])
