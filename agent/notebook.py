"""A result as HTML for a notebook: the answer, the checks, the formulation behind a fold."""

from __future__ import annotations

from html import escape

from optiwright.agent.documents import prose_to_html
from optiwright.agent.pictures import pictures_of
from optiwright.agent.result import Result
from optiwright.formulators.markdown import formulation_to_html
from optiwright.formulators.planning_lines import write_planning


def result_to_html(result: Result) -> str:
    """Return the result as HTML; the formulation's formulas are in LaTeX."""
    parts = [prose_to_html(result.explanation)]
    if result.plan is not None or result.search is not None:
        parts += [f"<figure>{picture.svg}</figure>" for picture in pictures_of(result)]
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
    if result.plan is not None and result.plan.planning.actions:
        shown = f"<pre>{escape(write_planning(result.plan.planning))}</pre>"
        parts.append(f"<details><summary>Formulation</summary>{shown}</details>")
    if result.written is not None and result.written.source:
        shown = f"<pre><code>{escape(result.written.source)}</code></pre>"
        parts.append(f"<details><summary>A second reading: a program</summary>{shown}</details>")
    return "\n".join(parts)
