"""A result as one Markdown document: the problem, the answer explained, the formulation."""

from __future__ import annotations

from optiwright.agent.explanation import explanation_of
from optiwright.agent.result import Result
from optiwright.formulators.markdown import formulation_to_markdown, plain_markdown


def markdown_document(result: Result) -> str:
    """Return the document; formulas stand between `$`."""
    explained = explanation_of(result).markdown
    title, _, rest = explained.partition("\n\n")
    parts = [title]
    if result.text.strip():
        parts.append(f"## The problem\n\n{quoted_text(result.text)}")
    parts.append(rest.strip())
    if result.formulation is not None:
        untitled = result.formulation.model_copy(update={"title": ""})
        parts.append("# The formulation\n\n" + formulation_to_markdown(untitled).strip())
    return "\n\n".join(parts) + "\n"


def quoted_text(text: str) -> str:
    """Return a text as a Markdown quotation that shows it as it stands, line by line."""
    lines = [plain_markdown(line) for line in text.strip().splitlines()]
    # Two blanks at the end of a line break it, in every renderer.
    return "\n".join(f"> {line}  " if line else ">" for line in lines)
