"""Clashes of plain units: kilograms added to hours, dollars compared with days.

Only units that are known and stand alone are compared; an unknown, compound or missing unit goes
with everything, so that a clash that is reported is one.
"""

from __future__ import annotations

from collections.abc import Iterator

from optiwright.formulators.errors import FormulationError
from optiwright.formulators.expressions import (
    Addition,
    Choice,
    Comparison,
    Generator,
    Item,
    Name,
    Negative,
    Node,
    Reduction,
    walk,
)
from optiwright.formulators.findings import Code, Finding, Severity
from optiwright.formulators.model import Formulation, Implication, Piecewise, SetDef
from optiwright.formulators.parser import parse_expression
from optiwright.formulators.scope import Scope

_SPELLINGS = {
    "kg": "kg kgs kilo kilos kilogram kilograms",
    "g": "g gram grams",
    "t": "t tonne tonnes ton tons",
    "lb": "lb lbs pound pounds",
    "oz": "oz ounce ounces",
    "s": "s sec second seconds",
    "min": "min mins minute minutes",
    "h": "h hr hrs hour hours",
    "d": "d day days",
    "week": "week weeks",
    "month": "month months",
    "year": "year years",
    "m": "m meter meters metre metres",
    "km": "km kilometer kilometers kilometre kilometres",
    "mile": "mi mile miles",
    "$": "$ usd dollar dollars",
    "€": "€ eur euro euros",
    "£": "£ gbp",
    "l": "l liter liters litre litres",
    "gal": "gallon gallons",
    "m2": "m2 m² sqm",
    "ha": "hectare hectares ha",
    "acre": "acre acres",
    "kW": "kw kilowatt kilowatts",
    "kWh": "kwh",
    "MWh": "mwh",
    "%": "% percent",
}
_CANONICAL = {word: unit for unit, words in _SPELLINGS.items() for word in words.split()}


def known_unit(word: str) -> str:
    """Return the canonical name of a unit of measure; nothing if the word is none."""
    return _CANONICAL.get(word.lower(), "")


def unit_findings(formulation: Formulation, scope: Scope) -> Iterator[Finding]:
    """Yield the sums and comparisons whose sides have two different known units."""
    for where, source in _sources(formulation):
        try:
            tree = parse_expression(source)
        except FormulationError:
            continue
        for node in walk(tree):
            if not isinstance(node, Addition | Comparison):
                continue
            units = sorted(_known_units(node, scope))
            if len(units) > 1:
                yield _finding(where, source, node, units)


def _finding(where: str, source: str, node: Node, units: list[str]) -> Finding:
    return Finding(
        code=Code.UNITS,
        severity=Severity.NOTE if "%" in units else Severity.WARNING,
        where=where,
        message=f"`{source[node.span.start : node.span.stop]}` adds or compares quantities in "
        f"{' and '.join(units)}; convert one of them, or correct its unit.",
        expression=source,
        span=(node.span.start, node.span.stop),
    )


def _known_units(node: Addition | Comparison, scope: Scope) -> set[str]:
    if isinstance(node, Comparison):
        parts = () if "in" in node.ops or "not in" in node.ops else node.operands
    else:
        parts = node.terms
    return {unit for unit in (_unit(part, scope) for part in parts) if unit}


def _unit(node: Node | Generator, scope: Scope) -> str:
    """Return the canonical unit of a quantity that has a plain one, or nothing."""
    match node:
        case Negative(operand=inner) | Reduction(op="sum" | "min" | "max", body=inner):
            return _unit(inner, scope)
        case Addition(terms=terms):
            units = {_unit(term, scope) for term in terms}
            return units.pop() if len(units) == 1 else ""
        case Choice(yes=yes, no=no):
            unit = _unit(yes, scope)
            return unit if unit == _unit(no, scope) else ""
        case Name(name=name) | Item(name=name):
            symbol = scope.symbols.get(name)
            if symbol is None or isinstance(symbol.part, SetDef):
                return ""
            return _CANONICAL.get(symbol.part.unit.strip().lower(), "")
    return ""


def _sources(formulation: Formulation) -> Iterator[tuple[str, str]]:
    for definition in formulation.definitions:
        yield f"definition `{definition.name}`", definition.expression
    for goal in formulation.objectives:
        yield f"objective `{goal.name}`", goal.expression
    for constraint in formulation.constraints:
        where = f"constraint `{constraint.name}`"
        if isinstance(constraint, Implication):
            yield where, constraint.condition
            yield where, constraint.then
        elif not isinstance(constraint, Piecewise):
            for text in (
                getattr(constraint, "expression", ""),
                *getattr(constraint, "options", ()),
            ):
                if text:
                    yield where, text
