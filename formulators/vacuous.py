"""Requirements that hold whatever is decided: a fact of the text written where a limit belongs."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from optiwright.formulators.errors import FormulationError
from optiwright.formulators.expressions import (
    Addition,
    Arithmetic,
    Name,
    Negative,
    Node,
    Number,
    walk,
)
from optiwright.formulators.findings import Code, Finding, Severity
from optiwright.formulators.model import Domain, Formulation, Variable
from optiwright.formulators.parser import parse_expression, parse_relation
from optiwright.formulators.plain import plain_relations, scalar_values, with_numbers

_MOST_DEFINITIONS = 200


def vacuous_findings(formulation: Formulation) -> Iterator[Finding]:
    """Yield each linear inequality with data in it that the variables' bounds alone imply.

    A small model at times writes "a cake takes 3 eggs" as `eggs >= 3*cakes`, which is so by the
    definition of `eggs`, and then believes the limit on eggs to be said. Scalar formulations only.
    """
    expander = _Expander(formulation)
    for constraint, plain in plain_relations(formulation):
        if not constraint.over and expander.holds_always(plain):
            yield Finding(
                code=Code.VACUOUS,
                severity=Severity.WARNING,
                where=f"constraint `{constraint.name}`",
                message=f"`{plain}` holds whatever is decided, so it limits nothing; if the text "
                "limits what stands there, compare the total with that number of the text.",
                expression=constraint.expression,
            )


class _Expander:
    """Works expressions out to linear forms in the variables, definitions written out.

    A form is the coefficients by variable, with the constant under the empty name.
    """

    def __init__(self, formulation: Formulation) -> None:
        numbers = scalar_values(formulation)
        self._variables = {v.name: v for v in formulation.variables if not v.over}
        self._inside = {
            d.name: with_numbers(d.expression, numbers)
            for d in formulation.definitions[:_MOST_DEFINITIONS]
            if not d.over
        }
        self._open: set[str] = set()

    def holds_always(self, relation: str) -> bool:
        """Whether an inequality with a number other than 0 and 1 in it follows from the bounds."""
        try:
            tree = parse_relation(relation)
        except FormulationError:
            return False
        if not any(op in {"<=", ">="} for op in tree.ops) or not _has_data(tree.operands):
            return False
        return all(
            op in {"<=", ">="} and self._follows(*((a, b) if op == "<=" else (b, a)))
            for (a, b), op in zip(pairwise(tree.operands), tree.ops, strict=True)
        )

    def _follows(self, smaller: Node, larger: Node) -> bool:
        left, right = self._linear(smaller), self._linear(larger)
        if left is None or right is None:
            return False
        least = 0.0
        for name in left.keys() | right.keys():
            slope = right.get(name, 0.0) - left.get(name, 0.0)
            least += slope if not name else _least(self._variables[name], slope)
        return least >= 0

    def _linear(self, node: Node) -> dict[str, float] | None:
        match node:
            case Number(value=value):
                return {"": value}
            case Name(name=name):
                return self._named(name)
            case Negative(operand=operand):
                return _scaled(self._linear(operand), -1.0)
            case Addition(terms=terms):
                total: dict[str, float] = {}
                for part in map(self._linear, terms):
                    if part is None:
                        return None
                    for name, slope in part.items():
                        total[name] = total.get(name, 0.0) + slope
                return total
            case Arithmetic(op="*", left=left, right=right):
                return _product(self._linear(left), self._linear(right))
            case Arithmetic(op="/", left=left, right=right):
                divisor = self._linear(right)
                constant = divisor.get("") if divisor and set(divisor) == {""} else None
                return _scaled(self._linear(left), 1 / constant) if constant else None
            case _:
                return None

    def _named(self, name: str) -> dict[str, float] | None:
        if name in self._variables:
            return {name: 1.0}
        if name not in self._inside or name in self._open:
            return None
        self._open.add(name)
        try:
            return self._linear(parse_expression(self._inside[name]))
        except FormulationError:
            return None
        finally:
            self._open.discard(name)


def _has_data(operands: tuple[Node, ...]) -> bool:
    numbers = {abs(n.value) for side in operands for n in walk(side) if isinstance(n, Number)}
    return bool(numbers - {0.0, 1.0})


def _least(variable: Variable, slope: float) -> float:
    """Return the least that a term can be, by the variable's own bounds."""
    if slope == 0:
        return 0.0
    binary = variable.domain is Domain.BINARY
    bound = variable.lower if slope > 0 else variable.upper
    if binary:
        return 0.0 if slope > 0 else slope
    try:
        return slope * float(bound) if bound is not None else float("-inf")
    except ValueError:
        return float("-inf")


def _scaled(linear: dict[str, float] | None, factor: float) -> dict[str, float] | None:
    return None if linear is None else {name: factor * slope for name, slope in linear.items()}


def _product(
    left: dict[str, float] | None, right: dict[str, float] | None
) -> dict[str, float] | None:
    if left is None or right is None:
        return None
    if set(left) <= {""}:
        return _scaled(right, left.get("", 0.0))
    return _scaled(left, right.get("", 0.0)) if set(right) <= {""} else None
