"""A result as one Markdown document: the problem, the answer explained, the formulation."""

from __future__ import annotations

import re

from optiwright.agent.documents import Code, to_markdown
from optiwright.agent.explanation import explanation_of
from optiwright.agent.result import Result
from optiwright.formulators.markdown import formulation_to_markdown, quoted_markdown
from optiwright.formulators.planning_words import planning_markdown


def markdown_document(result: Result) -> str:
    """Return the document; formulas stand between `$`."""
    explained = explanation_of(result).markdown
    title, _, rest = without_math(explained).partition("\n\n")
    parts = [title]
    if is_told(result):
        parts.append(f"## The problem\n\n{quoted_markdown(result.text)}")
    parts.append(f"## The answer\n\n{rest.strip()}")
    if result.formulation is not None:
        untitled = result.formulation.model_copy(update={"title": ""})
        parts.append("# The formulation\n\n" + formulation_to_markdown(untitled).strip())
    if result.plan is not None and result.plan.planning.actions:
        untitled_plan = result.plan.planning.model_copy(update={"title": ""})
        parts.append("# The formulation\n\n" + planning_markdown(untitled_plan).strip())
    if result.search is not None and result.search.black_box.oracle.kind == "code":
        source = result.search.black_box.oracle.source
        parts.append("# The function\n\n" + to_markdown([Code(source)]).strip())
    return "\n\n".join(parts) + "\n"


def is_told(result: Result) -> bool:
    """Whether the result has a problem's text, and not only a formulation's title."""
    title = result.formulation.title if result.formulation is not None else ""
    if result.plan is not None:
        title = result.plan.planning.title
    return result.text.strip() not in {"", title.strip()}


def without_math(markdown: str) -> str:
    """Return Markdown in which no dollar sign begins a formula; code keeps its own."""
    pieces = re.split(r"(`[^`]*`)", markdown)
    return "".join(p if p.startswith("`") else p.replace("$", r"\$") for p in pieces)
