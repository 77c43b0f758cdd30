"""A formulation as Markdown with LaTeX formulas, and as HTML for notebooks."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator

from optiwright.formulators.model import Formulation
from optiwright.formulators.reading import Line, Section, sections

_MARKDOWN_SPECIAL = re.compile(r"([\\`*_\[\]<>|$~#])")


def formulation_to_markdown(f: Formulation) -> str:
    """Return the formulation as Markdown: a heading an element, a bullet a line, `$` formulas."""
    blocks = [f"# {plain_markdown(f.title)}"] if f.title else []
    blocks += [_markdown_section(section) for section in sections(f)]
    return "\n\n".join(blocks) + "\n"


def _markdown_section(section: Section) -> str:
    lines = [text for line in section.lines for text in _markdown_line(line)]
    return "\n".join([f"## {section.title}", "", *(lines or ["None."])])


def _markdown_line(line: Line) -> Iterator[str]:
    meaning = plain_markdown(line.meaning)
    name = f"**{plain_markdown(line.name)}**{':' if meaning else ''}" if line.name else ""
    unit = f"[{plain_markdown(line.unit)}]" if line.unit else ""
    head = f"- {' '.join(filter(None, (name, meaning, unit, _quote(line))))}"
    # Two spaces at the end of a line break it, in every renderer.
    yield f"{head}  " if line.formula else head
    if line.formula:
        yield f"  ${line.formula}$"
    if line.table:
        top, *body = ([plain_markdown(cell) for cell in row] for row in line.table)
        yield ""
        yield from (f"  | {' | '.join(row)} |" for row in (top, ["---"] * len(top), *body))
        yield ""


def _quote(line: Line) -> str:
    return f"“{plain_markdown(line.words)}”" if line.words else ""


def plain_markdown(text: str) -> str:
    """Return text that Markdown shows as it stands, on one line."""
    return _MARKDOWN_SPECIAL.sub(r"\\\1", " ".join(text.split()))


def formulation_to_html(f: Formulation) -> str:
    """Return the formulation as HTML; formulas stand between `$` for MathJax, all else escaped."""
    title = f"<h3>{_escape(f.title)}</h3>" if f.title else ""
    return f"<div>{title}{''.join(_html_section(s) for s in sections(f))}</div>"


def _html_section(section: Section) -> str:
    items = "".join(f"<li>{_html_line(line)}</li>" for line in section.lines)
    return f"<h4>{section.title}</h4>" + (f"<ul>{items}</ul>" if items else "<p>None.</p>")


def _html_line(line: Line) -> str:
    parts = [
        f"<b>{_escape(line.name)}</b>" if line.name else "",
        _escape(line.meaning),
        f"[{_escape(line.unit)}]" if line.unit else "",
        f"<q>{_escape(line.words)}</q>" if line.words else "",
        f"<br>${html.escape(line.formula)}$" if line.formula else "",
        _html_table(line.table) if line.table else "",
    ]
    return " ".join(filter(None, parts))


def _html_table(rows: tuple[tuple[str, ...], ...]) -> str:
    body = "".join(
        f"<tr>{''.join(f'<{tag}>{_escape(cell)}</{tag}>' for cell in row)}</tr>"
        for tag, row in zip(("th", *["td"] * (len(rows) - 1)), rows, strict=True)
    )
    return f"<table>{body}</table>"


def _escape(text: str) -> str:
    # MathJax reads the page's text, so entities do not hide a delimiter; an element around it does.
    return re.sub(r"([$\\])", r"<span>\1</span>", html.escape(" ".join(text.split())))
