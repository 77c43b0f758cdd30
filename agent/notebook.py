"""A result as HTML for a notebook: the answer, the checks, the formulation behind a fold."""

from __future__ import annotations

import re
from html import escape

from optiwright.agent.result import Result
from optiwright.formulators.markdown import formulation_to_html


def result_to_html(result: Result) -> str:
    """Return the result as HTML; the formulation's formulas are in LaTeX."""
    parts = [_answer(result.explanation)]
    if result.checks:
        rows = "".join(
            f"<tr><td>{'&#10003;' if c.passed else '&#10007;'}</td>"
            f"<td>{escape(c.name)}</td><td>{escape(c.detail)}</td></tr>"
            for c in result.checks
        )
        parts.append(f"<details><summary>Checks</summary><table>{rows}</table></details>")
    if result.formulation is not None:
        shown = formulation_to_html(result.formulation)
        parts.append(f"<details><summary>Formulation</summary>{shown}</details>")
    if result.written is not None and result.written.source:
        shown = f"<pre><code>{escape(result.written.source)}</code></pre>"
        parts.append(f"<details><summary>Second route: a program</summary>{shown}</details>")
    return "\n".join(parts)


def _answer(markdown: str) -> str:
    """Render the answer's own small Markdown: paragraphs, lists, bold and code."""
    blocks = []
    for block in markdown.split("\n\n"):
        lines = [_inline(line) for line in block.strip().split("\n") if line]
        items = [line.removeprefix("- ") for line in lines if line.startswith("- ")]
        words = " ".join(line for line in lines if not line.startswith("- "))
        if words:
            blocks.append(f"<p>{words}</p>")
        if items:
            blocks.append("<ul>" + "".join(f"<li>{item}</li>" for item in items) + "</ul>")
    return "\n".join(blocks)


def _inline(line: str) -> str:
    shown = escape(line)
    shown = re.sub(r"\*\*(.+?)\*\*", r"<b>\1</b>", shown)
    return re.sub(r"`(.+?)`", r"<code>\1</code>", shown)
