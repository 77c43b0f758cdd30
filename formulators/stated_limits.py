"""Where numbers of a text limit the decisions, and how such a limit is read otherwise."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from optiwright.formulators.changes import AddConstraint, Changes, Decide, Drop, Relation
from optiwright.formulators.errors import FormulationError
from optiwright.formulators.expressions import Comparison, names_in
from optiwright.formulators.model import Algebraic, Formulation, Variable
from optiwright.formulators.parser import parse_relation
from optiwright.formulators.plain import scalar_values
from optiwright.formulators.text_numbers import TextNumber, numbers_in

_FLIPPED = {"<=": ">=", ">=": "<=", "==": "=="}


@dataclass(frozen=True)
class StatedLimit:
    """A constraint, or a decision's bound, that compares decisions with a number of the text.

    Attributes:
        parameter: the scalar parameter that has the number.
        sign: as seen from the decisions, `<=`, `>=` or `==`.
        limited: the decisions' side, as text.
        limit: the number's side, the parameter or a multiple of it.
        rule: the constraint; None where it is a bound of `variable`.
    """

    number: TextNumber
    parameter: str
    value: float
    sign: str
    limited: str
    limit: str
    rule: Algebraic | None = None
    variable: Variable | None = None

    def turned(self, sign: Relation, description: str) -> Changes:
        """Return the changes that make it a limit of another sign; none if that cannot be said."""
        if self.rule is not None:
            new = AddConstraint(
                name=self.rule.name,
                over=self.rule.over,
                expression=f"{self.limited} {sign} {self.limit}",
                description=description,
            )
            return (Drop(constraint=self.rule.name), new)
        if self.variable is None or (sign != "==" and sign[0] != self.sign[0]):
            return ()
        return (
            Decide(
                decision=self.variable.name,
                relation=sign,
                value=self.value,
                description=description,
            ),
        )

    def dropped(self) -> Changes:
        """Return the change that takes it away; none where it is a decision's own bound."""
        return (Drop(constraint=self.rule.name),) if self.rule is not None else ()


def stated_limits(formulation: Formulation, text: str) -> list[StatedLimit]:
    """Return the limits whose numbers the text states once, in the text's order."""
    values = scalar_values(formulation)
    numbers = numbers_in(text)
    stated = [v for n in numbers for v in set(n.alternatives)]
    found: list[StatedLimit] = []
    for number in numbers:
        names = [
            name
            for name, value in values.items()
            if value in number.alternatives and stated.count(value) == 1 and value
        ]
        for name in names:
            found += _limits(formulation, number, name, values[name])
    return found


def _limits(
    formulation: Formulation, number: TextNumber, name: str, value: float
) -> Iterator[StatedLimit]:
    decided = {v.name for v in formulation.variables} | {d.name for d in formulation.definitions}
    for rule in formulation.constraints:
        if not isinstance(rule, Algebraic) or rule.penalty is not None:
            continue
        for sign, limited, limit in _sides(rule, name, decided):
            yield StatedLimit(number, name, value, sign, limited, limit, rule=rule)
    for variable in formulation.variables:
        for bound, sign in ((variable.lower, ">="), (variable.upper, "<=")):
            if bound == name and not variable.over:
                yield StatedLimit(number, name, value, sign, variable.name, name, variable=variable)


def _sides(rule: Algebraic, name: str, decided: set[str]) -> Iterator[tuple[str, str, str]]:
    try:
        relation: Comparison = parse_relation(rule.expression)
    except FormulationError:
        return
    if len(relation.ops) != 1 or relation.ops[0] not in _FLIPPED:
        return
    sign, (left, right) = relation.ops[0], relation.operands
    texts = [rule.expression[s.span.start : s.span.stop] for s in relation.operands]
    if set(names_in(right)) == {name} and set(names_in(left)) & decided:
        yield sign, texts[0], texts[1]
    elif set(names_in(left)) == {name} and set(names_in(right)) & decided:
        yield _FLIPPED[sign], texts[1], texts[0]
