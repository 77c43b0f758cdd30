"""Requirements that the decisions' bounds alone decide: always met, or never."""

from __future__ import annotations

import math
import re
from collections.abc import Container, Iterator
from dataclasses import dataclass
from itertools import pairwise

from optiwright.formulators.errors import FormulationError
from optiwright.formulators.expressions import (
    Addition,
    Arithmetic,
    Comparison,
    Name,
    Negative,
    Node,
    Number,
    walk,
)
from optiwright.formulators.findings import Code, Finding, Severity
from optiwright.formulators.model import Algebraic, Domain, Formulation
from optiwright.formulators.parser import parse_expression, parse_relation
from optiwright.formulators.plain import plain_relations, scalar_values, with_numbers
from optiwright.formulators.text_numbers import numbers_in
from optiwright.formulators.wording import stems

_MOST_DEFINITIONS = 200
_ROUNDING = 1e-6
_THINGS = re.compile(
    r"\b(?:every|each|all)(?: one)?(?: of)?(?: the)? (\w+) (\w{3,})", re.IGNORECASE
)
_MOST_THINGS = 12
_HOW_MANY = re.compile(r"\bhow many\b|\bnumber of\b", re.IGNORECASE)


@dataclass(frozen=True)
class NeedOfEach:
    """A need of each of several things that is asked of one total."""

    total: str
    thing: str
    """One of them, such as `district`."""
    count: int


def decided_findings(formulation: Formulation, text: str) -> Iterator[Finding]:
    """Yield each linear requirement with data in it that the bounds alone imply or rule out.

    A small model at times writes "a cake takes 3 eggs" as `eggs >= 3*cakes`, which is so by the
    definition of `eggs`, and then believes the limit on eggs to be said; or it asks one total for
    what the text asks of each of several things. Scalar formulations only.
    """
    for constraint, plain, missed in _decided(formulation):
        need = _need_of_each(constraint, plain, text)
        yield Finding(
            code=Code.IMPOSSIBLE if missed else Code.VACUOUS,
            severity=Severity.WARNING,
            where=f"constraint `{constraint.name}`",
            message=_impossible(plain, missed, need) if missed else _vacuous(plain),
            expression=constraint.expression,
        )


def vacuous_requirements(formulation: Formulation) -> set[str]:
    """Return the names of the requirements that hold whatever is decided."""
    return {constraint.name for constraint, _, missed in _decided(formulation) if not missed}


def needs_of_each(formulation: Formulation, text: str) -> Iterator[NeedOfEach]:
    """Yield what an impossible requirement's own words, or the text's, ask of each of several."""
    for constraint, plain, missed in _decided(formulation):
        need = _need_of_each(constraint, plain, text) if missed else None
        if need is not None:
            yield need


def _decided(formulation: Formulation) -> Iterator[tuple[Algebraic, str, float]]:
    """Yield the requirements that the bounds decide, and by how much those that cannot be are."""
    expander = _Expander(formulation)
    for constraint, plain in plain_relations(formulation):
        missed = None if constraint.over else expander.missed(plain)
        if missed is not None:
            yield constraint, plain, missed


def counts_by_yes_or_no(formulation: Formulation, text: str) -> bool:
    """Tell whether all is decided by yes or no where the text asks how many and wants more."""
    variables = formulation.variables
    if not _HOW_MANY.search(text) or any(v.domain is not Domain.BINARY for v in variables):
        return False
    return any(found.code is Code.IMPOSSIBLE for found in decided_findings(formulation, text))


def linear_form(formulation: Formulation, expression: str) -> dict[str, float] | None:
    """Return an expression as the coefficients of its variables, definitions written out.

    The constant stands under the empty name, where there is one. None if it is not linear, or if
    anything in it has an index.
    """
    try:
        form = _Expander(formulation).linear(expression)
    except FormulationError:
        return None
    return None if form is None else {n: c for n, c in form.items() if c}


class _Expander:
    """Works expressions out to linear forms in the variables, definitions written out.

    A form is the coefficients by variable, with the constant under the empty name.
    """

    def __init__(self, formulation: Formulation) -> None:
        numbers = self._numbers = scalar_values(formulation)
        self._variables = {v.name: v for v in formulation.variables if not v.over}
        self._inside = {
            d.name: with_numbers(d.expression, numbers)
            for d in formulation.definitions[:_MOST_DEFINITIONS]
            if not d.over
        }
        self._open: set[str] = set()

    def linear(self, expression: str) -> dict[str, float] | None:
        """Return an expression's linear form; None if it has none."""
        return self._linear(parse_expression(with_numbers(expression, self._numbers)))

    def missed(self, relation: str) -> float | None:
        """Return by how much a relation fails at best; 0 if it always holds; None if it may fail.

        Only relations with a number other than 0 and 1 in them are looked at, and of those that
        always hold only what is no decision's own bound once more.
        """
        try:
            tree = parse_relation(relation)
        except FormulationError:
            return None
        if not _has_data(tree.operands):
            return None
        ranges = [
            (op, *self._range(*sides))
            for sides, op in zip(pairwise(tree.operands), tree.ops, strict=True)
        ]
        worst = max(_short_of(op, low, high) for op, low, high in ranges)
        if worst > _ROUNDING:
            return worst
        met = all(_always(op, low, high) for op, low, high in ranges)
        return 0.0 if met and not _restates_a_bound(tree, self._variables) else None

    def _range(self, left: Node, right: Node) -> tuple[float, float]:
        """Return the least and the greatest that left less right can be, by the bounds."""
        forms = self._linear(left), self._linear(right)
        if forms[0] is None or forms[1] is None:
            return -math.inf, math.inf
        slopes = {n: forms[0].get(n, 0.0) - forms[1].get(n, 0.0) for n in forms[0] | forms[1]}
        constant = slopes.pop("", 0.0)
        least = sum(self._least(n, slope) for n, slope in slopes.items())
        most = -sum(self._least(n, -slope) for n, slope in slopes.items())
        return constant + least, constant + most

    def _least(self, name: str, slope: float) -> float:
        """Return the least that a term can be, by the variable's own bounds."""
        variable = self._variables[name]
        if slope == 0:
            return 0.0
        if variable.domain is Domain.BINARY:
            return min(slope, 0.0)
        bound = variable.lower if slope > 0 else variable.upper
        try:
            return slope * float(with_numbers(bound, self._numbers)) if bound else -math.inf
        except ValueError:
            return -math.inf

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


def _short_of(op: str, low: float, high: float) -> float:
    """Return by how much left less right, between low and high, misses a relation at best."""
    above = low if op in {"<=", "=="} else 0.0
    below = -high if op in {">=", "=="} else 0.0
    return max(above, below)


def _always(op: str, low: float, high: float) -> bool:
    return (op == "<=" and high <= 0) or (op == ">=" and low >= 0)


def _restates_a_bound(tree: Comparison, variables: Container[str]) -> bool:
    """Whether it holds one decision against a number, as its own bound does already."""
    left, right = tree.operands[0], tree.operands[-1]
    return len(tree.ops) == 1 and any(
        isinstance(a, Name) and a.name in variables and isinstance(b, Number)
        for a, b in ((left, right), (right, left))
    )


def _vacuous(relation: str) -> str:
    return (
        f"`{relation}` holds whatever is decided, so it limits nothing; if the text limits what "
        "stands there, compare the total with that number of the text."
    )


def _impossible(relation: str, missed: float, need: NeedOfEach | None) -> str:
    said = (
        f"`{relation}` can never hold: by the bounds of its decisions it is missed by at least "
        f"{missed:.6g}."
    )
    if need is None:
        return (
            f"{said} If the text asks this of each of several things, write for each of them a "
            "total with only the decisions that serve it, and a requirement on that total."
        )
    return (
        f"{said} The text asks it of each of {need.count} {need.thing}s: write {need.count} totals "
        f"in its place, `{need.thing}1` to `{need.thing}{need.count}`, each with only the "
        f"decisions that serve that {need.thing}, and a requirement on each of them."
    )


def _need_of_each(constraint: Algebraic, plain: str, text: str) -> NeedOfEach | None:
    """Return what is asked of each of so many things; the text may say how many they are."""
    own = stems(constraint.description)
    things = _THINGS.search(constraint.description)
    if not things or not numbers_in(things.group(1)):
        said = [m for m in _THINGS.finditer(text) if stems(m.group(2)) & own]
        things = said[0] if said else None
    count = numbers_in(things.group(1)) if things else []
    if not things or len(count) != 1 or not 2 <= count[0].value <= _MOST_THINGS:
        return None
    total = re.match(r"\w+(?=\s*[<>=])", plain)
    thing = re.sub(r"s$", "", things.group(2).lower())
    return NeedOfEach(total.group() if total else "", thing, int(count[0].value))


def _has_data(operands: tuple[Node, ...]) -> bool:
    numbers = {abs(n.value) for side in operands for n in walk(side) if isinstance(n, Number)}
    return bool(numbers - {0.0, 1.0})


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
