# SPDX-License-Identifier: GPL-2.0-or-later
"""Man pages, the pages of Documentation/, Markdown, and the netlink specification."""

import glob
import importlib
import io
import os
import re

import base

# Names in the text that are files of the tree.
OURS = re.compile(r"(Documentation|helper|kmod|libsspi|scripts|tools|uapi)/[\w./*-]+$")


def library(name, package):
    """A Python module, which must be there."""
    try:
        return importlib.import_module(name)
    except ImportError as error:
        raise base.Failure(f"there is no Python module {name}: install Debian's package "
                           f"{package}, or run 'make deps'") from error


def broken(page, target):
    """Whether what a page refers to does not exist; target is relative to the page."""
    path = target.partition("#")[0]
    return not re.match(r"[a-z]+:", target) and path != "" and not os.path.exists(
        os.path.join(base.TOP, os.path.dirname(page), path))


def check_man(lint):
    """Man pages."""
    base.need("mandoc", "mandoc")
    for path in lint.files:
        name = f"man page {path}"
        if re.match(r"Documentation/man/.*\.[1-9]$", path) and lint.wanted(name):
            code, lines = base.run("mandoc", "-T", "lint", "-W", "warning", path)
            lint.point(name, lines if code else [])


def rst_complaints(path):
    """What is wrong with a page: its syntax, links and names of files."""
    core = library("docutils.core", "python3-docutils")
    nodes = library("docutils.nodes", "python3-docutils")
    said = io.StringIO()
    tree = core.publish_doctree(base.read(path), source_path=path, settings_overrides={
        "report_level": 1, "halt_level": 5, "warning_stream": said, "file_insertion_enabled": False,
        # No file of the user's settings is looked at.
        "_disable_config": True})
    complaints = said.getvalue().splitlines()
    for link in tree.findall(nodes.reference):
        if "refuri" in link and broken(path, link["refuri"]):
            complaints.append(f"{path}: there is no {link['refuri']}")
    for literal in tree.findall(nodes.literal):
        name = literal.astext()
        # A word in capitals stands for some name.
        pattern = os.path.join(base.TOP, re.sub("[A-Z]{3,}", "*", name))
        if OURS.match(name) and not glob.glob(pattern):
            complaints.append(f"{path}: there is no ``{name}``")
    return complaints


def check_rst(lint):
    """The pages in reStructuredText. They keep to what docutils knows: they are read as
    they are, and on a server that renders them."""
    for path in lint.files:
        name = f"page {path}"
        if path.endswith(".rst") and lint.wanted(name):
            lint.point(name, rst_complaints(path))


def check_markdown(lint):
    """Links in Markdown."""
    for path in lint.files:
        name = f"links {path}"
        if path.endswith(".md") and lint.wanted(name):
            links = re.findall(r"\]\(([^)\s]+)\)", base.read(path))
            lint.point(name, [f"{path}: there is no {link}" for link in links
                              if broken(path, link)])


def check_netlink(lint):
    """The netlink specification against the kernel's schema."""
    yaml = library("yaml", "python3-yaml")
    jsonschema = library("jsonschema", "python3-jsonschema")
    for path in lint.files:
        name = f"netlink {path}"
        if not re.match(r"Documentation/netlink/specs/.*\.yaml$", path) or not lint.wanted(name):
            continue
        schemas = os.path.join(base.kernel_source(), "Documentation/netlink")
        try:
            spec = yaml.safe_load(base.read(path))
            with open(f"{schemas}/{spec.get('protocol', 'genetlink')}.yaml",
                      encoding="utf-8") as f:
                schema = yaml.safe_load(f)
        except (OSError, AttributeError, yaml.YAMLError) as error:
            lint.point(name, str(error).splitlines())
            continue
        errors = jsonschema.Draft7Validator(schema).iter_errors(spec)
        lint.point(name, [f"{path}: {'/'.join(map(str, x.absolute_path))}: {x.message}"
                          for x in errors])
