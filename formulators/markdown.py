"""A formulation as Markdown with LaTeX formulas, and as HTML for notebooks."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterator

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


def quoted_markdown(text: str) -> str:
    """Return a text as a Markdown quotation that shows it as it stands, line by line."""
    lines = [plain_markdown(line) for line in text.strip().splitlines()]
    # Two blanks at the end of a line break it, in every renderer.
    return "\n".join(f"> {line}  " if line else ">" for line in lines)


def formula_for_mathjax(formula: str) -> str:
    """Return a formula as HTML in which MathJax finds it, between `$`."""
    return f"<br>${html.escape(formula)}$"


def formulation_to_html(
    f: Formulation, *, formula: Callable[[str], str] = formula_for_mathjax, level: int = 3
) -> str:
    """Return the formulation as HTML; everything that others wrote is escaped.

    Args:
        f: the formulation.
        formula: makes HTML of a formula in LaTeX.
        level: of the title's heading; the elements are one below.
    """
    title = f"<h{level}>{_escape(f.title)}</h{level}>" if f.title else ""
    parts = (_html_section(s, formula, level + 1) for s in sections(f))
    return f"<div>{title}{''.join(parts)}</div>"


def _html_section(section: Section, formula: Callable[[str], str], level: int) -> str:
    items = "".join(f"<li>{_html_line(line, formula)}</li>" for line in section.lines)
    shown = f"<ul>{items}</ul>" if items else "<p>None.</p>"
    return f"<h{level}>{section.title}</h{level}>{shown}"


def _html_line(line: Line, formula: Callable[[str], str]) -> str:
    parts = [
        f"<b>{_escape(line.name)}</b>" if line.name else "",
        _escape(line.meaning),
        f"[{_escape(line.unit)}]" if line.unit else "",
        f"<q>{_escape(line.words)}</q>" if line.words else "",
        formula(line.formula) if line.formula else "",
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
