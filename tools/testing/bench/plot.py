# SPDX-License-Identifier: GPL-2.0-or-later
"""The benchmark's rows as a picture (SVG)."""

import math
from xml.sax.saxutils import escape

import rows as r

WIDTH, HEIGHT = 1180, 1330
FONT = "font-family='DejaVu Sans, Helvetica, Arial, sans-serif'"

# Colours that colour-blind people can tell apart, and a sign for each line besides.
STYLES = {
    "ksecdd": ("#0072b2", "circle"),
    f"ksecdd, {r.BATCH} in a call": ("#56b4e9", "square"),
    "WinPR": ("#d55e00", "triangle"),
    "gss-ntlmssp": ("#009e73", "diamond"),
}
OTHERS = [("#0072b2", "circle"), ("#a06a00", "square"), ("#009e73", "triangle"),
          ("#cc79a7", "diamond"), ("#555555", "cross")]


def number(value):
    """A number for an axis: 1, 64, 1 k, 64 k, 1 M."""
    for limit, unit in ((1e6, " M"), (1e3, " k")):
        if value >= limit:
            return f"{value / limit:g}{unit}"
    return f"{value:g}"


def size_name(value):
    """Bytes for an axis."""
    return f"{value // 1024} KiB" if value >= 1024 else f"{value} B"


class Picture:
    """Collects elements."""

    def __init__(self):
        self.parts = []

    def add(self, element):
        """An element as it is."""
        self.parts.append(element)

    def line(self, x1, y1, x2, y2, color="#000", width=1.0, dash=""):
        """A line."""
        extra = f" stroke-dasharray='{dash}'" if dash else ""
        self.add(f"<line x1='{x1:.1f}' y1='{y1:.1f}' x2='{x2:.1f}' y2='{y2:.1f}' "
                 f"stroke='{color}' stroke-width='{width}'{extra}/>")

    def text(self, x, y, text, size=12, anchor="start", color="#222", weight="normal", turn=0):
        """A line of text."""
        turned = f" transform='rotate({turn} {x:.1f} {y:.1f})'" if turn else ""
        self.add(f"<text x='{x:.1f}' y='{y:.1f}' font-size='{size}' text-anchor='{anchor}' "
                 f"fill='{color}' font-weight='{weight}'{turned}>{escape(text)}</text>")

    def sign(self, x, y, style):
        """A point of a line."""
        color, shape = style
        fill = f"fill='{color}'"
        if shape == "circle":
            self.add(f"<circle cx='{x:.1f}' cy='{y:.1f}' r='4.5' {fill}/>")
            return
        corners = {
            "square": ((-4, -4), (4, -4), (4, 4), (-4, 4)),
            "triangle": ((0, -5.5), (5, 4), (-5, 4)),
            "diamond": ((0, -5.5), (5.5, 0), (0, 5.5), (-5.5, 0)),
            "cross": ((-5, -1.5), (-1.5, -1.5), (-1.5, -5), (1.5, -5), (1.5, -1.5), (5, -1.5),
                      (5, 1.5), (1.5, 1.5), (1.5, 5), (-1.5, 5), (-1.5, 1.5), (-5, 1.5)),
        }[shape]
        points = " ".join(f"{x + dx:.1f},{y + dy:.1f}" for dx, dy in corners)
        self.add(f"<polygon points='{points}' {fill}/>")

    def svg(self):
        """The whole file."""
        return "\n".join([
            "<?xml version='1.0' encoding='UTF-8'?>",
            "<!-- SPDX-License-Identifier: GPL-2.0-or-later -->",
            f"<svg xmlns='http://www.w3.org/2000/svg' width='{WIDTH}' height='{HEIGHT}' "
            f"viewBox='0 0 {WIDTH} {HEIGHT}' {FONT}>",
            f"<rect width='{WIDTH}' height='{HEIGHT}' fill='#fff'/>", *self.parts, "</svg>", ""])


class Axes:
    """A diagram with logarithmic axes, in a place of the picture."""

    def __init__(self, picture, place, title, labels):
        """place: x, y, width and height of the field; labels: of both axes."""
        self.p = picture
        self.x, self.y, self.w, self.h = place
        self.title, self.labels = title, labels
        self.range = None

    def scale(self, xs, ys):
        """Lays down what is shown: a little more than there is."""
        low, high = math.floor(math.log10(min(ys))), math.ceil(math.log10(max(ys)))
        self.range = (math.log(min(xs)), math.log(max(xs)), low, max(high, low + 1))

    def at(self, x, y):
        """Where a point is."""
        x0, x1, y0, y1 = self.range
        part = (math.log(x) - x0) / (x1 - x0) if x1 > x0 else 0.5
        return (self.x + 24 + part * (self.w - 48),
                self.y + self.h - (math.log10(y) - y0) / (y1 - y0) * self.h)

    def frame(self, xs, name):
        """Axes, grid and their labels."""
        _, _, low, high = self.range
        self.p.text(self.x, self.y - 14, self.title, 14, weight="bold")
        for decade in range(low, high + 1):
            y = self.at(xs[0], 10 ** decade)[1]
            self.p.line(self.x, y, self.x + self.w, y, "#ccc")
            self.p.text(self.x - 6, y + 4, number(10 ** decade), 11, "end")
        for x in xs:
            at = self.at(x, 10 ** low)[0]
            self.p.line(at, self.y, at, self.y + self.h, "#eee")
            self.p.text(at, self.y + self.h + 16, name(x), 11, "middle")
        self.p.add(f"<rect x='{self.x}' y='{self.y}' width='{self.w}' height='{self.h}' "
                   "fill='none' stroke='#888'/>")
        self.p.text(self.x + self.w / 2, self.y + self.h + 34, self.labels[0], 12, "middle")
        self.p.text(self.x - 46, self.y + self.h / 2, self.labels[1], 12, "middle", turn=-90)

    def draw(self, points, style, dash=""):
        """A line through points, which are (x, y)."""
        places = [self.at(x, y) for x, y in points]
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
        extra = f" stroke-dasharray='{dash}'" if dash else ""
        self.p.add(f"<polyline points='{path}' fill='none' stroke='{style[0]}' "
                   f"stroke-width='2'{extra}/>")
        for x, y in places:
            self.p.sign(x, y, style)


def legend(picture, x, y, entries):
    """entries: (text, style), one below the other."""
    for i, (text, style) in enumerate(entries):
        line = y + i * 19
        picture.line(x, line, x + 26, line, style[0], 2)
        picture.sign(x + 13, line, style)
        picture.text(x + 34, line + 4, text, 12)


def above(axes, series):
    """The names of lines that lie far apart: each in the middle of its own."""
    for text, style, points in series:
        (x1, y1), (x2, y2) = axes.at(*points[0]), axes.at(*points[-1])
        axes.p.text((x1 + x2) / 2, (y1 + y2) / 2 - 8, text, 12, "middle", style[0], "bold")


def diagram(axes, series, name, named_above=False):
    """series: [(text, style, points)]; draws those that have points."""
    # Where nothing was measured, or a difference of nothing, a logarithm has no place.
    series = [(text, style, [(x, y) for x, y in points if y and y > 0])
              for text, style, points in series]
    series = [(text, style, points) for text, style, points in series if points]
    if not series:
        return
    xs = sorted({x for _, _, points in series for x, _ in points})
    axes.scale(xs, [y for _, _, points in series for _, y in points])
    axes.frame(xs, name)
    for _, style, points in series:
        axes.draw(points, style)
    if named_above:
        above(axes, series)
    else:
        legend(axes.p, axes.x + 14, axes.y + 20, [(text, style) for text, style, _ in series])


def by_size(rows, row):
    """Lines of a message function against the message's size, one live context."""
    for text, ssp, batch in (("ksecdd", r.OURS, 1),
                             (f"ksecdd, {r.BATCH} in a call", r.OURS, r.BATCH),
                             ("WinPR", r.WINPR, 1), ("gss-ntlmssp", r.GSS, 1)):
        points = [(size, rows.value(ssp, row, 1, size, batch)) for size in rows.sizes()]
        yield text, STYLES[text], points


# Of the encryption types the usual one, and its successor
KERBEROS = (("aes256-cts-hmac-sha1-96", "circle", "square"),
            ("aes256-cts-hmac-sha384-192", "triangle", "diamond"))


def kerberos_by_size(rows, op):
    """Lines of a message function of Kerberos against the message's size."""
    for enctype, ours, theirs in KERBEROS:
        for ssp, text, style in ((r.OURS, "ksecdd", ("#0072b2", ours)),
                                 (r.MIT, "MIT krb5", ("#d55e00", theirs))):
            yield (f"{text}, {enctype}", style,
                   [(size, rows.value(ssp, f"{op} {enctype}", 1, size)) for size in rows.sizes()])


def by_live(rows):
    """Lines of ksecdd against the number of live contexts."""
    small, large = rows.sizes()[0], 1024
    wanted = [("a logon", "logon", 0), (f"EncryptMessage, {size_name(large)}", "EncryptMessage",
                                        large),
              (f"EncryptMessage, {size_name(small)}", "EncryptMessage", small),
              ("an ioctl that does not exist", "ioctl-unknown", 0),
              ("looking a handle up", "handle-lookup", 0)]
    for (text, row, size), style in zip(wanted, OTHERS):
        points = [(live, rows.value(r.OURS, row, live, size)) for live in rows.lives()]
        yield text, style, points


def bars(picture, x, y, width, title, groups, unit):
    """groups: [(name, [(ssp's text, value)])], as horizontal bars with their figures."""
    picture.text(x, y - 14, title, 14, weight="bold")
    most = max(value for _, values in groups for _, value in values)
    line = y + 8
    for name, values in groups:
        picture.text(x, line + 6, name, 12)
        line += 14
        for text, value in values:
            length = max(value / most * (width - 190), 2)
            picture.add(f"<rect x='{x + 90}' y='{line:.1f}' width='{length:.1f}' height='15' "
                        f"fill='{STYLES[text][0]}'/>")
            picture.text(x + 84, line + 12, text, 11, "end")
            picture.text(x + 96 + length, line + 12, f"{value:,.0f}{unit}", 11)
            line += 19
        line += 10


def of_all(rows, row, live):
    """A row of all implementations that have it."""
    named = (("ksecdd", r.OURS), ("WinPR", r.WINPR), ("gss-ntlmssp", r.GSS))
    values = [(text, rows.value(ssp, row, live)) for text, ssp in named]
    return [(text, value) for text, value in values if value]


def draw(rows):
    """The picture as text."""
    p = Picture()
    p.text(WIDTH / 2, 30, "The accept side: instructions and bytes", 18, "middle",
           weight="bold")
    p.text(WIDTH / 2, 50, "Linux 6.12 in QEMU, one processor; what the whole machine executes, "
           "kernel and helper included; less is better", 12, "middle", "#555")
    message = ("bytes of the message", "instructions a message")
    diagram(Axes(p, (80, 95, 480, 300), "NTLM: EncryptMessage against size (1 live context)",
                 message),
            list(by_size(rows, "EncryptMessage")), size_name)
    diagram(Axes(p, (660, 95, 480, 300), "NTLM: MakeSignature against size (1 live context)",
                 message),
            list(by_size(rows, "MakeSignature")), size_name)
    diagram(Axes(p, (80, 500, 480, 330), "NTLM: ksecdd against live contexts",
                 ("live contexts", "instructions")), list(by_live(rows)), number, named_above=True)
    logons = [("two tokens and the end", of_all(rows, "logon", 1))]
    bars(p, 660, 500, 480, "NTLM: a whole logon, instructions (1 live context)", logons, "")
    many = [live for live in rows.lives() if rows.value(r.WINPR, "memory-established", live)]
    if many:
        groups = [(f"{name}, measured over {number(many[-1])}",
                   of_all(rows, f"memory-{name}", many[-1]))
                  for name in ("established", "half-open")]
        bars(p, 660, 640, 480, "NTLM: memory of an idle context (ksecdd: of the kernel)", groups,
             " B")
    for x, op, name in ((80, "Wrap", "EncryptMessage"), (660, "Unwrap", "DecryptMessage")):
        diagram(Axes(p, (x, 930, 480, 330), f"Kerberos: {name} against size", message),
                list(kerberos_by_size(rows, op)), size_name)
    return p.svg()
