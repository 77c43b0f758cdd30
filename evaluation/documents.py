"""A report's parts, and the two ways of writing them down: Markdown, and one HTML page."""

from __future__ import annotations

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
    """Cells; the first column is left-aligned, the others are figures."""

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


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

_STYLE = """
body{font:15px/1.5 sans-serif;color:#222;max-width:70rem;margin:2rem auto;padding:0 1rem}
table{border-collapse:collapse;margin:1rem 0}
th,td{padding:.25rem .7rem;border-bottom:1px solid #ddd}
th,td{text-align:right}th:first-child,td:first-child{text-align:left}
pre{background:#f6f7f9;padding:.7rem;overflow-x:auto;white-space:pre-wrap}
figure{margin:1.5rem 0}figcaption{font-weight:600}details{margin:.5rem 0}summary{cursor:pointer}
svg{max-width:100%;height:auto}
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
        case Table(head, rows):
            return _markdown_table(head, rows)
        case Figure():
            return ""
        case Folded(title, parts):
            return "\n\n".join([f"#### {title}", *(_markdown(p) for p in parts)])


def _markdown_table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [head, ["---"] + ["--:"] * (len(head) - 1), *rows]
    return "\n".join(f"| {' | '.join(_cell(c) for c in line)} |" for line in lines)


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


def _html(part: Part) -> str:
    match part:
        case Heading(text, level):
            return f"<h{level}>{escape(text)}</h{level}>"
        case Paragraph(text):
            return f"<p>{escape(text)}</p>"
        case Code(text, title):
            return (
                f"{f'<p>{escape(title)}:</p>' if title else ''}<pre>{escape(text.rstrip())}</pre>"
            )
        case Table(head, rows):
            top = "".join(f"<th>{escape(c)}</th>" for c in head)
            body = "".join(
                "<tr>" + "".join(f"<td>{escape(c)}</td>" for c in row) + "</tr>" for row in rows
            )
            return f"<table><thead><tr>{top}</tr></thead><tbody>{body}</tbody></table>"
        case Figure(svg):
            return svg
        case Folded(title, parts):
            inner = "".join(map(_html, parts))
            return f"<details><summary>{escape(title)}</summary>{inner}</details>"
