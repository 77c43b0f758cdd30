"""Weighted totals that neither the objective nor a requirement uses: a limit was forgotten."""

from __future__ import annotations

from collections.abc import Iterator

from optiwright.formulators.findings import Code, Finding, Severity
from optiwright.formulators.limits import constraint_texts
from optiwright.formulators.model import Definition, Formulation
from optiwright.formulators.parser import names_of, names_through
from optiwright.formulators.plain import scalar_values, with_numbers


def idle_findings(formulation: Formulation) -> Iterator[Finding]:
    """Yield each definition with data in it that the solver never sees.

    A count of decisions may be there only to be reported; a total with the text's numbers in it,
    such as hours of work, was worked out because the text limits it or wants it best.
    """
    numbers = scalar_values(formulation)
    used = _used_texts(formulation)
    seen = ["".join(with_numbers(text, numbers).split()) for text in used]
    reached = names_through(used, {d.name: d.expression for d in formulation.definitions})
    variables = {v.name for v in formulation.variables}
    for definition in formulation.definitions:
        if definition.name in reached:
            continue
        plain = "".join(with_numbers(definition.expression, numbers).split())
        names = names_of(definition.expression)
        weighted = any(numbers.get(name, 1.0) != 1.0 for name in names)
        if weighted and names & variables and not any(plain in text for text in seen):
            yield _finding(definition, with_numbers(definition.expression, numbers))


def _finding(definition: Definition, expression: str) -> Finding:
    said = f" ({definition.description})" if definition.description else ""
    return Finding(
        code=Code.IDLE,
        severity=Severity.WARNING,
        where=f"definition `{definition.name}`",
        message=f"`{definition.name}`{said} = {expression} is worked out, but no requirement and "
        "not the objective uses it; if the text limits it or has to have some of it, add that "
        f"requirement on `{definition.name}`.",
        expression=definition.expression,
    )


def _used_texts(formulation: Formulation) -> list[str]:
    texts = [goal.expression for goal in formulation.objectives]
    for constraint in formulation.constraints:
        texts += constraint_texts(constraint)
    return texts
