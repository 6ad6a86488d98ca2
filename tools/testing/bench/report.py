# SPDX-License-Identifier: GPL-2.0-or-later
"""The benchmark's rows as tables for people: on a terminal and in reStructuredText."""

import rows as r

NAMES = {
    "logon": "a whole logon",
    "logon-first-token": "first token",
    "logon-second-token": "second token",
    "logon-delete": "DeleteSecurityContext",
    "ioctl-unknown": "an ioctl that does not exist",
    "ioctl-version": "KSECDD_IOC_VERSION",
    "handle-lookup": "looking a handle up",
    "memory-established": "established",
    "memory-half-open": "half-open",
}


def plain(head, lines):
    """A table with columns that are aligned."""
    table = [head, *lines]
    widths = [max(len(line[i]) for line in table) for i in range(len(head))]

    def row(line):
        cells = [cell.ljust(width) if i == 0 else cell.rjust(width)
                 for i, (cell, width) in enumerate(zip(line, widths))]
        return "  ".join(cells).rstrip()

    return [row(head), "  ".join("-" * width for width in widths), *map(row, lines)]


def rest(head, lines):
    """The same, as a simple table of reStructuredText."""
    text = plain(head, lines)
    rule = text[1].replace("-", "=")
    return [rule, text[0], rule, *text[2:], rule]


def messages(rows):
    """Instructions of a message with one live context, and what they are to the peers'."""
    head = ["message", "ksecdd", f"by {r.BATCH}", "WinPR", "gss-ntlmssp", "/ WinPR",
            f"by {r.BATCH}", "/ gss"]
    lines = []
    for name in r.MESSAGES:
        for size in rows.sizes():
            figures = [rows.value(r.OURS, name, 1, size),
                       rows.value(r.OURS, name, 1, size, r.BATCH),
                       rows.value(r.WINPR, name, 1, size), rows.value(r.GSS, name, 1, size),
                       rows.ratio(name, size), rows.ratio(name, size, r.BATCH),
                       rows.ratio(name, size, 1, r.GSS)]
            lines.append([f"{name}, {size}", *map(r.shown, figures)])
    return head, lines


def beside(rows, head, peer, wanted):
    """Ours and one peer's; @wanted has a text, a row and a size for each line."""
    lines = []
    for text, name, size in wanted:
        figures = [rows.value(r.OURS, name, 1, size), rows.value(peer, name, 1, size),
                   rows.ratio(name, size, peer=peer)]
        if all(figures):
            lines.append([text, *map(r.shown, figures)])
    return head, lines


def with_sizes(rows, names):
    """A line for each row and each size."""
    return [(f"{name}, {size}", name, size) for name in names for size in rows.sizes()]


def kerberos(rows):
    """Instructions of a logon and of sealed messages, and what they are to MIT krb5's."""
    return beside(rows, ["Kerberos", "ksecdd", "MIT krb5", "/ MIT"], r.MIT,
                  [("logon, accept side", r.KERBEROS_LOGON, 0),
                   *with_sizes(rows, rows.kerberos())])


def tls(rows):
    """Instructions of records and of bytes through a socket, and what they are to OpenSSL's."""
    return beside(rows, ["TLS", "ksecdd", "OpenSSL", "/ OpenSSL"], r.OPENSSL,
                  [*with_sizes(rows, rows.tls()),
                   *((name, name, 0) for name in rows.tls_bytes())])


def logons(rows):
    """Instructions of a logon with one live context."""
    head = ["accept side", "ksecdd", "WinPR", "gss-ntlmssp", "/ WinPR", "/ gss"]
    lines = []
    for name in ("logon", "logon-first-token", "logon-second-token", "logon-delete"):
        figures = [rows.value(r.OURS, name), rows.value(r.WINPR, name), rows.value(r.GSS, name),
                   rows.ratio(name), rows.ratio(name, peer=r.GSS)]
        lines.append([NAMES[name], *map(r.shown, figures)])
    return head, lines


def credssp(rows):
    """Instructions of a logon with CredSSP, and what they are to the sum of others' parts."""
    return (["CredSSP, accept side", "ksecdd", "OpenSSL + WinPR", "/ sum"],
            [[text, r.shown(ours), r.shown(theirs), r.shown(ours / theirs)]
             for text, ours, theirs in rows.credssp()])


def live(rows):
    """What changes for ksecdd with the number of live contexts."""
    lives = rows.lives()
    head = ["ksecdd, live contexts", *(f"{n:,}" for n in lives)]
    lines = [[NAMES[name], *(r.shown(rows.value(r.OURS, name, n)) for n in lives)]
             for name in ("ioctl-unknown", "ioctl-version", "handle-lookup", "logon")]
    lines += [[f"{name}, {size}", *(r.shown(rows.value(r.OURS, name, n, size)) for n in lives)]
              for name in r.SEALING for size in rows.sizes()]
    return head, lines


def memory(rows):
    """Bytes of a context: ours in the kernel, the others' in the process."""
    head = ["bytes of a context", "ksecdd", "WinPR", "gss-ntlmssp"]
    lines = []
    for name in ("memory-established", "memory-half-open"):
        for n in rows.lives()[1:]:
            figures = [rows.value(ssp, name, n) for ssp in (r.OURS, r.WINPR, r.GSS)]
            if any(figure is not None for figure in figures):
                lines.append([f"{NAMES[name]}, of {n:,}", *map(r.shown, figures)])
    for name in rows.kerberos_contexts():
        enctype = name.removeprefix(r.KERBEROS_CONTEXT)
        lines.append([f"Kerberos, {enctype}", r.shown(rows.value(r.OURS, name)), "-", "-"])
    return head, lines


def spread(rows):
    """How far the runs of a row are apart."""
    widest, worst = 0.0, None
    for key, row in rows.items():
        if row["unit"] == "instructions" and row["min"] > 0:
            apart = row["median"] / row["min"] - 1
            if apart > widest:
                widest, worst = apart, key
    return widest, worst


def targets(rows):
    """What was aimed at, and what has come of it."""
    head = ["target", "is", "at most", ""]
    return head, [[t.text, r.shown(t.value), r.shown(t.most),
                   "met" if t.value <= t.most else "MISSED"] for t in rows.targets()]


SECTIONS = (("Messages", messages), ("Kerberos", kerberos), ("TLS", tls),
            ("Logons", logons), ("CredSSP", credssp),
            ("Live contexts", live), ("Memory", memory), ("Targets", targets))


def terminal(rows):
    """All tables as text."""
    text = []
    for title, section in SECTIONS:
        head, lines = section(rows)
        if lines:
            text += [title, "", *plain(head, lines), ""]
    return "\n".join(text)


def document(rows):
    """All tables as reStructuredText."""
    text = []
    for title, section in SECTIONS:
        head, lines = section(rows)
        if lines:
            text += [title, "-" * len(title), "", *rest(head, lines), ""]
    return "\n".join(text)
