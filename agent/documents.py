"""A document's parts, and the two ways of writing them down: Markdown, and one HTML page.

The page needs nothing else and runs nothing: styles are inside, and its own policy forbids scripts
and whatever would be fetched.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from html import escape
from itertools import groupby
from typing import TypeAlias

from markdown_it import MarkdownIt

from optiwright.formulators.markdown import plain_markdown, quoted_markdown


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
class Prose:
    """Markdown that our templates wrote: paragraphs, lists, tables; no HTML, no links."""

    text: str


@dataclass(frozen=True)
class Quoted:
    """Somebody's words, shown line by line as they stand."""

    text: str


@dataclass(frozen=True)
class Facts:
    """Names, each with what it is, in plain words."""

    pairs: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Code:
    """Text that is shown as it stands."""

    text: str
    title: str = ""


@dataclass(frozen=True)
class Table:
    """Cells; the first columns are words, the others are figures, or words too."""

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    words: bool = False
    title: str = ""
    keys: int = 1
    """How many columns are words."""


@dataclass(frozen=True)
class Figure:
    """An inline SVG; Markdown leaves it out, since the tables say the same."""

    svg: str


@dataclass(frozen=True)
class Markup:
    """HTML of ours with everything escaped that others wrote; Markdown leaves it out."""

    html: str


@dataclass(frozen=True)
class Folded:
    """Parts behind a title, closed at first in HTML."""

    title: str
    parts: tuple[Heading | Paragraph | Code | Table, ...]


Part: TypeAlias = (
    Heading | Paragraph | Prose | Quoted | Facts | Code | Table | Figure | Markup | Folded
)

_QUOTED, _CODE = re.compile("`([^`]+)`"), r"<code>\1</code>"
_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
_NOT_OURS = [
    *("html_block", "html_inline", "link", "image", "autolink", "reference", "entity"),
    *("heading", "lheading", "hr", "code", "fence"),
]
"""Rules of Markdown that our templates do without, and texts of others must not come upon."""
_WRAPPED = 60
"""Characters of a line from which on its end is taken for one of the page, not of the words."""
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'"
_STYLE = """
:root{color-scheme:light dark;--ink:#222;--paper:#fff;--panel:#f4f6f8;
--line:#d5dae0;--bar:#79a6d4;--rest:#dbe2ea;--link:#1d5aa0}
@media screen and (prefers-color-scheme:dark){:root{--ink:#e4e7eb;--paper:#15181c;--panel:#1f242a;
--line:#3a424c;--bar:#3f72a8;--rest:#38424e;--link:#8cb8e8}}
body{font:15px/1.5 sans-serif;color:var(--ink);background:var(--paper);max-width:72rem;
margin:2rem auto;padding:0 1rem;overflow-wrap:break-word}
h1,h2,h3,h4{line-height:1.25}h2{margin-top:2.5rem;border-top:1px solid var(--line);padding-top:1rem}
.wide{overflow-x:auto;margin:1rem 0}table{border-collapse:collapse}
th,td{padding:.25rem .6rem;border-bottom:1px solid var(--line);text-align:right;vertical-align:top;
white-space:nowrap}
th{vertical-align:bottom}.words th,.words td,th.key,td.key{text-align:left}
th:first-child,td:first-child,.words td{text-align:left;white-space:normal;overflow-wrap:anywhere;
min-width:7rem}
pre{background:var(--panel);padding:.7rem;overflow-x:auto;white-space:pre-wrap;
overflow-wrap:anywhere;font-size:13px}
code{background:var(--panel);padding:0 .2rem}
figure{margin:1.5rem 0}figcaption{font-weight:600;margin-bottom:.3rem}.told{font-weight:400}
details{margin:.4rem 0;padding-left:1rem}summary{cursor:pointer;color:var(--link);margin-left:-1rem}
svg{max-width:100%;height:auto}
blockquote{margin:1rem 0;padding:.1rem 1rem;border-left:4px solid var(--line)}
caption{text-align:left;font-weight:600;padding:.3rem 0}
dl{display:grid;grid-template-columns:max-content 1fr;gap:.25rem 1.2rem}dt{font-weight:600}
dd{margin:0;overflow-wrap:anywhere}
.formula{overflow-x:auto;overflow-y:hidden;padding:.3rem 0}math{font-size:1.1em}
li{margin:.25rem 0}li table{margin:.4rem 0}
@media (max-width:40rem){body{font-size:14px;margin-top:1rem}dl{grid-template-columns:1fr}
dd{margin-bottom:.4rem}}
@page{margin:16mm}
@media print{:root{color-scheme:light}body{font-size:10.5pt;margin:0;max-width:none;padding:0}
h1,h2,h3,h4,caption{break-after:avoid}tr,figure,.formula{break-inside:avoid}
.wide,.formula,pre{overflow:visible}pre{font-size:8.5pt}th,td{white-space:normal}}
"""


def to_markdown(parts: Iterable[Part]) -> str:
    """Write parts as Markdown."""
    return "\n\n".join(text for part in parts if (text := _markdown(part))) + "\n"


def to_html(title: str, parts: Iterable[Part]) -> str:
    """Write parts as one page that needs nothing else."""
    body = _UNPRINTABLE.sub("?", "\n".join(map(_html, parts)))
    return (
        f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">'
        f'<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>{escape(_UNPRINTABLE.sub('?', title))}</title><style>{_STYLE}</style></head>\n"
        f"<body>\n<main>\n{body}\n</main>\n</body></html>\n"
    )


def _markdown(part: Part) -> str:
    match part:
        case Heading(text, level):
            return f"{'#' * level} {text}"
        case Paragraph(text) | Prose(text):
            return text
        case Quoted(text):
            return quoted_markdown(text)
        case Facts(pairs):
            return "\n".join(f"- **{name}:** {plain_markdown(value)}" for name, value in pairs)
        case Code(text, title):
            fence = "```"
            while fence in text:
                fence += "`"
            return f"{f'{title}:' + chr(10) * 2 if title else ''}{fence}\n{text.rstrip()}\n{fence}"
        case Table(head, rows, words, title, _):
            lead = f"{title}:\n\n" if title else ""
            return lead + _markdown_table(head, rows, words)
        case Figure() | Markup():
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
        case Prose(text):
            return prose_to_html(text)
        case Quoted(text):
            return f"<blockquote>{''.join(_html_lines(text))}</blockquote>"
        case Facts(pairs):
            rows = "".join(f"<dt>{escape(n)}</dt><dd>{escape(v)}</dd>" for n, v in pairs)
            return f"<dl>{rows}</dl>"
        case Code(text, title):
            return (
                f"{f'<p>{escape(title)}:</p>' if title else ''}<pre>{escape(text.rstrip())}</pre>"
            )
        case Table():
            return _html_table(part)
        case Figure(markup) | Markup(markup):
            return markup
        case Folded(title, parts):
            inner = "".join(map(_html, parts))
            return f"<details><summary>{escape(title)}</summary>{inner}</details>"


def _html_lines(text: str) -> Iterator[str]:
    """Yield a text's lines as they stand; where they make a table, in letters of one width."""
    for tabular, lines in groupby(text.splitlines(), lambda line: "|" in line or "\t" in line):
        if tabular:
            yield f"<pre>{escape(chr(10).join(lines))}</pre>"
        else:
            yield "".join(f"<p>{p}</p>" for p in _paragraphs(lines))


def _paragraphs(lines: Iterable[str]) -> Iterator[str]:
    """Yield HTML of the paragraphs between blank lines; a line as long as a page's goes on."""
    for blank, block in groupby(lines, lambda line: not line.strip()):
        if not blank:
            shown = [escape(line) + (" " if len(line) >= _WRAPPED else "<br>") for line in block]
            yield "".join(shown).removesuffix("<br>").strip()


def _html_table(table: Table) -> str:
    top = _html_row("th", table.head, table.keys)
    body = "".join(_html_row("td", row, table.keys) for row in table.rows)
    kind = ' class="words"' if table.words else ""
    title = f"<caption>{escape(table.title)}</caption>" if table.title else ""
    inner = f"{title}<thead>{top}</thead><tbody>{body}</tbody>"
    return f'<div class="wide"><table{kind}>{inner}</table></div>'


def _html_row(tag: str, cells: Sequence[str], keys: int) -> str:
    scope = ' scope="col"' if tag == "th" else ""
    kinds = [' class="key"' if 0 < place < keys else "" for place in range(len(cells))]
    shown = (
        f"<{tag}{scope}{kind}>{escape(cell)}</{tag}>"
        for kind, cell in zip(kinds, cells, strict=True)
    )
    return f"<tr>{''.join(shown)}</tr>"


def prose_to_html(markdown: str) -> str:
    """Return the HTML of Markdown that our templates wrote; what others wrote in it stays text."""
    rendered: str = _reader().render(markdown)
    return rendered.replace("<table>", '<div class="wide"><table class="words">').replace(
        "</table>", "</table></div>"
    )


@cache
def _reader() -> MarkdownIt:
    reader = MarkdownIt("commonmark", {"html": False}).enable("table")
    return reader.disable(_NOT_OURS)
