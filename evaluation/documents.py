"""A report's parts, and the two ways of writing them down: Markdown, and one HTML page."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape
from typing import TypeAlias


@dataclass(frozen=True)
class Heading:
    """A heading; level 1 is the document's."""

    text: str
    level: int = 2


@dataclass(frozen=True)
class Paragraph:
    """Plain words."""

    text: str


@dataclass(frozen=True)
class Code:
    """Text that is shown as it stands."""

    text: str
    title: str = ""


@dataclass(frozen=True)
class Table:
    """Cells; the first column is words, the others are figures, or words too."""

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    words: bool = False


@dataclass(frozen=True)
class Figure:
    """An inline SVG; Markdown leaves it out, since the tables say the same."""

    svg: str


@dataclass(frozen=True)
class Folded:
    """Parts behind a title, closed at first in HTML."""

    title: str
    parts: tuple[Heading | Paragraph | Code | Table, ...]


Part: TypeAlias = Heading | Paragraph | Code | Table | Figure | Folded

_QUOTED, _CODE = re.compile("`([^`]+)`"), r"<code>\1</code>"
_STYLE = """
:root{color-scheme:light dark;--ink:#222;--paper:#fff;--panel:#f4f6f8;
--line:#d5dae0;--bar:#79a6d4;--rest:#dbe2ea;--link:#1d5aa0}
@media (prefers-color-scheme:dark){:root{--ink:#e4e7eb;--paper:#15181c;--panel:#1f242a;
--line:#3a424c;--bar:#3f72a8;--rest:#38424e;--link:#8cb8e8}}
body{font:15px/1.5 sans-serif;color:var(--ink);background:var(--paper);max-width:72rem;
margin:2rem auto;padding:0 1rem;overflow-wrap:break-word}
h1,h2,h3,h4{line-height:1.25}h2{margin-top:2.5rem;border-top:1px solid var(--line);padding-top:1rem}
.wide{overflow-x:auto;margin:1rem 0}table{border-collapse:collapse}
th,td{padding:.25rem .6rem;border-bottom:1px solid var(--line);text-align:right;vertical-align:top;
white-space:nowrap}
th{vertical-align:bottom}.words th,.words td{text-align:left}
th:first-child,td:first-child,.words td{text-align:left;white-space:normal;overflow-wrap:anywhere;
min-width:7rem}
pre{background:var(--panel);padding:.7rem;overflow-x:auto;white-space:pre-wrap;
overflow-wrap:anywhere;font-size:13px}
code{background:var(--panel);padding:0 .2rem}
figure{margin:1.5rem 0}figcaption{font-weight:600;margin-bottom:.3rem}
details{margin:.4rem 0;padding-left:1rem}summary{cursor:pointer;color:var(--link);margin-left:-1rem}
svg{max-width:100%;height:auto}
@media (max-width:40rem){body{font-size:14px;margin-top:1rem}}
"""


def to_markdown(parts: Iterable[Part]) -> str:
    """Write parts as Markdown."""
    return "\n\n".join(text for part in parts if (text := _markdown(part))) + "\n"


def to_html(title: str, parts: Iterable[Part]) -> str:
    """Write parts as one page that needs nothing else."""
    body = "\n".join(map(_html, parts))
    return (
        f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        f'<meta name="viewport" content="width=device-width">'
        f"<title>{escape(title)}</title><style>{_STYLE}</style></head>\n"
        f"<body>\n{body}\n</body></html>\n"
    )


def _markdown(part: Part) -> str:
    match part:
        case Heading(text, level):
            return f"{'#' * level} {text}"
        case Paragraph(text):
            return text
        case Code(text, title):
            fence = "```"
            while fence in text:
                fence += "`"
            return f"{f'{title}:' + chr(10) * 2 if title else ''}{fence}\n{text.rstrip()}\n{fence}"
        case Table(head, rows, words):
            return _markdown_table(head, rows, words)
        case Figure():
            return ""
        case Folded(title, parts):
            return "\n\n".join([f"#### {title}", *(_markdown(p) for p in parts)])


def _markdown_table(head: Sequence[str], rows: Sequence[Sequence[str]], words: bool) -> str:
    lines = [head, ["---"] + ["---" if words else "--:"] * (len(head) - 1), *rows]
    return "\n".join(f"| {' | '.join(_cell(c) for c in line)} |" for line in lines)


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


def _html(part: Part) -> str:
    match part:
        case Heading(text, level):
            return f"<h{level}>{escape(text)}</h{level}>"
        case Paragraph(text):
            return f"<p>{_QUOTED.sub(_CODE, escape(text))}</p>"
        case Code(text, title):
            return (
                f"{f'<p>{escape(title)}:</p>' if title else ''}<pre>{escape(text.rstrip())}</pre>"
            )
        case Table(head, rows, words):
            top = "".join(f"<th>{escape(c)}</th>" for c in head)
            body = "".join(
                "<tr>" + "".join(f"<td>{escape(c)}</td>" for c in row) + "</tr>" for row in rows
            )
            kind = ' class="words"' if words else ""
            table = f"<table{kind}><thead><tr>{top}</tr></thead><tbody>{body}</tbody></table>"
            return f'<div class="wide">{table}</div>'
        case Figure(svg):
            return svg
        case Folded(title, parts):
            inner = "".join(map(_html, parts))
            return f"<details><summary>{escape(title)}</summary>{inner}</details>"
