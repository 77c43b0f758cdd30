"""A formulation for a terminal: five short lists, scalar parameters shown as their numbers."""

from __future__ import annotations

import re
from collections.abc import Iterator

from optiwright.formulators.expressions import Name, walk
from optiwright.formulators.global_form import global_text
from optiwright.formulators.model import (
    Algebraic,
    AllDifferent,
    Asked,
    Bound,
    Circuit,
    Constraint,
    Cumulative,
    Domain,
    Either,
    Formulation,
    FromTable,
    Given,
    Implication,
    Listed,
    Logic,
    NoOverlap,
    Objective,
    Parameter,
    Piecewise,
    Range,
    SetDef,
    Table,
    Variable,
)
from optiwright.formulators.parser import ExpressionError, parse_expression

_SHOWN = 8


def formulation_to_plain(formulation: Formulation) -> str:
    """Return the formulation as indented plain text."""
    numbers = scalar_values(formulation)
    tables = [p for p in formulation.parameters if p.name not in numbers]
    sections = [
        ("Sets", [_set(s) for s in formulation.sets]),
        ("Parameters", [_parameter(p) for p in tables]),
        ("Variables", [_variable(v, numbers) for v in formulation.variables]),
        (
            "Definitions",
            [
                f"{_indexed(d.name, d.over)} = {with_numbers(d.expression, numbers)}"
                for d in formulation.definitions
            ],
        ),
        ("Objective", [_objective(o, numbers) for o in formulation.objectives]),
        ("Constraints", [_constraint(c, numbers) for c in formulation.constraints]),
        ("Asked", [_asked(a, numbers) for a in formulation.asked]),
        ("Assumed", [a.text for a in formulation.assumptions]),
    ]
    return "\n".join(
        f"{title}\n" + "\n".join(f"  {line}" for line in lines)
        for title, lines in sections
        if lines
    )


def scalar_values(formulation: Formulation) -> dict[str, float]:
    """Return the scalar parameters that are plain numbers."""
    return {
        p.name: p.data.entries[0].value
        for p in formulation.parameters
        if not p.over and isinstance(p.data, Given) and len(p.data.entries) == 1
    }


def plain_relations(formulation: Formulation) -> Iterator[tuple[Algebraic, str]]:
    """Yield each algebraic constraint with its expression, numbers for scalar parameters."""
    numbers = scalar_values(formulation)
    for constraint in formulation.constraints:
        if isinstance(constraint, Algebraic):
            yield constraint, with_numbers(constraint.expression, numbers)


def relations_like(
    formulation: Formulation, form: re.Pattern[str]
) -> Iterator[tuple[Algebraic, re.Match[str]]]:
    """Yield each algebraic constraint over no index whose whole expression has a form."""
    for constraint in formulation.constraints:
        if isinstance(constraint, Algebraic) and not constraint.over:
            found = form.fullmatch(constraint.expression)
            if found is not None:
                yield constraint, found


def with_numbers(expression: str, numbers: dict[str, float]) -> str:
    """Return an expression with the scalar parameters' numbers in their place."""
    try:
        tree = parse_expression(expression)
    except ExpressionError:
        return expression
    places = [n for n in walk(tree) if isinstance(n, Name) and n.name in numbers]
    for place in sorted(places, key=lambda n: -n.span.start):
        shown = f"{numbers[place.name]:.12g}"
        start, stop = place.span.start, place.span.stop
        signed = f"({shown})" if shown.startswith("-") else shown
        expression = expression[:start] + signed + expression[stop:]
    return expression


def _set(part: SetDef) -> str:
    meaning = f": {part.description}" if part.description else ""
    match part.data:
        case Listed(elements=elements):
            shown = [
                str(e) if not isinstance(e, tuple) else f"({', '.join(map(str, e))})"
                for e in elements[:_SHOWN]
            ]
            more = f", ... {len(elements)} in all" if len(elements) > _SHOWN else ""
            return f"{part.name} = {{{', '.join(shown)}{more}}}{meaning}"
        case Range(start=start, stop=stop):
            return f"{part.name} = {start}..{stop}{meaning}"
        case FromTable(table=table, columns=columns):
            return f"{part.name} = {', '.join(f'{table}.{c}' for c in columns)}{meaning}"
    return f"{part.name}{meaning}"


def _parameter(part: Parameter) -> str:
    match part.data:
        case Given(entries=entries):
            shown = ", ".join(f"{e.value:.12g}" for e in entries[:_SHOWN])
            values = shown + (f", ... {len(entries)} in all" if len(entries) > _SHOWN else "")
        case Bound(table=table, value_column=column):
            values = f"{table}.{column}"
        case other:
            values = other.kind
    unit = f" {part.unit}" if part.unit else ""
    return f"{_indexed(part.name, part.over)} = {values}{unit}{_remark(part.description)}"


def _variable(part: Variable, numbers: dict[str, float]) -> str:
    domain = part.domain.value
    if part.domain is not Domain.BINARY:
        lower = with_numbers(part.lower, numbers) if part.lower is not None else None
        upper = with_numbers(part.upper, numbers) if part.upper is not None else None
        bounds = [f">= {lower}"] * (lower is not None) + [f"<= {upper}"] * (upper is not None)
        domain = " ".join([domain, ", ".join(bounds)]) if bounds else f"{domain}, unbounded"
    unit = f" [{part.unit}]" if part.unit else ""
    return f"{_indexed(part.name, part.over)} {domain}{unit}{_remark(part.description)}"


def _objective(part: Objective, numbers: dict[str, float]) -> str:
    unit = f" [{part.unit}]" if part.unit else ""
    shown = with_numbers(part.expression, numbers)
    return f"{part.sense.value} {shown}{unit}{_remark(part.description)}"


def constraint_body(part: Constraint, numbers: dict[str, float]) -> str:
    """Return what a constraint of any kind demands, with the scalar parameters' numbers."""
    match part:
        case Algebraic(penalty=None) | Logic():
            return with_numbers(part.expression, numbers)
        case Algebraic():
            penalty = with_numbers(part.penalty or "", numbers)
            return f"{with_numbers(part.expression, numbers)} (or {penalty} a unit)"
        case Implication():
            condition = with_numbers(part.condition, numbers)
            return f"if {condition}: {with_numbers(part.then, numbers)}"
        case Either():
            options = " or ".join(with_numbers(o, numbers) for o in part.options)
            return f"at least {part.at_least} of: {options}"
        case Piecewise():
            points = ", ".join(f"({x:.12g}, {y:.12g})" for x, y in part.points)
            return f"{part.value} == f({part.argument}), f through {points}"
        case AllDifferent() | NoOverlap() | Cumulative() | Circuit() | Table():
            return global_text(part, lambda text: with_numbers(text, numbers))


def _constraint(part: Constraint, numbers: dict[str, float]) -> str:
    body = constraint_body(part, numbers)
    over = f"  for {part.over}" if part.over else ""
    return f"{part.name}: {body}{over}{_remark(part.description)}"


def _asked(part: Asked, numbers: dict[str, float]) -> str:
    over = f"  for {part.over}" if part.over else ""
    return f"{part.name}: {with_numbers(part.expression, numbers)}{over}"


def _indexed(name: str, over: str) -> str:
    return f"{name}[{over}]" if over else name


def _remark(description: str) -> str:
    return f"   ({description})" if description else ""
