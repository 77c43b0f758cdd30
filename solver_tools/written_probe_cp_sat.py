"""What a point breaks in a model of CP-SAT.

Told are linear constraints, those of literals (and, or, at most one, exactly one), and equations
of products, maxima and minima, each under the literals that enforce it. Nothing is said of the
others: all different, circuits, intervals, tables, divisions. They are held to while the open
constraints are brought as near as can be, as are products and maxima with something open in them.
Where they cannot be held to, and where the point has a value that is not whole, nothing is said of
what is open.
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from ortools.sat.python import cp_model, cp_model_helper

from optiwright.solver_tools.cp_sat_sums import Sum, condition_text, domain_of, flat_domain, sums_of
from optiwright.solver_tools.program import Scalar
from optiwright.solver_tools.scalar_text import scalar_text
from optiwright.solver_tools.written_breaches import TOLERANCE, Limits, Row, beyond, size_of, told
from optiwright.solver_tools.written_ortools import WORKERS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from optiwright.solver_tools.cp_sat_sums import Domain
    from optiwright.solver_tools.written_breaches import Point
    from optiwright.solver_tools.written_result import ProbeReport
    from optiwright.solver_tools.written_watch import Watch

_WIDEST = 2**40
"""Most by which an open row may be missed: the sum over all rows then stays within 64 bits."""


def probe(model: Any, point: Point, watch: Watch) -> ProbeReport:
    """Returns what the point breaks in the model.

    Raises:
        ChangedModelError: the point has another number of variables.
    """
    proto = model.Proto()
    point.require(len(proto.variables))
    domains = [domain_of(entry.domain) for entry in proto.variables]
    limits = [Limits(domain[0][0], domain[-1][1], is_integer=True) for domain in domains]
    rows = [*_holes(domains, point), *_rows(proto, point)]
    return told(
        point, limits, rows, lambda left: _at_best(model, point, left, watch), _goal(proto, point)
    )


def _holes(domains: Sequence[Domain], point: Point) -> Iterator[Row]:
    """Yields what a value between a variable's bounds misses of a domain with holes."""
    for number, (domain, value) in enumerate(zip(domains, point.values, strict=True)):
        if value is not None and domain[0][0] <= value <= domain[-1][1]:
            yield _sum_row(Sum(((number, 1),), domain, ()), point.names[number], point)


def _rows(proto: Any, point: Point) -> Iterator[Row]:
    for number, constraint in enumerate(proto.constraints):
        name = constraint.name or f"constraint {number + 1}"
        for part in sums_of(constraint):
            yield _sum_row(part, name, point)
        computed = _computed(constraint, point)
        if computed is not None:
            yield replace(computed, name=name)


def _sum_row(part: Sum, name: str, point: Point) -> Row:
    body, holds = _value(part.terms, 0, point), _hold(part.literals, point)
    excess = None
    if holds is False:
        excess = 0.0
    elif holds and body is not None:
        excess = min(beyond(body, low, high) for low, high in part.domain)
    ends = [end for interval in part.domain for end in interval]
    return Row(name, lambda: part.text(point.names), excess, size_of(*ends), part)


def _value(terms: Any, constant: float, point: Point) -> float | None:
    """Returns a sum at the point; None where something in it is open."""
    total = constant
    for variable, weight in terms:
        value = point.values[variable]
        if value is None:
            return None
        total += weight * value
    return total


def _hold(literals: Sequence[int], point: Point) -> bool | None:
    """Tells whether all literals hold; None where that is open, or one is neither yes nor no."""
    found: list[bool | None] = []
    for literal in literals:
        value = point.values[literal if literal >= 0 else -1 - literal]
        is_whole = value is not None and min(abs(value), abs(value - 1)) <= TOLERANCE
        found.append((value > 0.5) == (literal >= 0) if value is not None and is_whole else None)
    if False in found:
        return False
    return None if None in found else True


def _computed(constraint: Any, point: Point) -> Row | None:
    """Returns what is missed of a settled product or maximum; None for all others."""
    if constraint.has_lin_max():
        equation, text = constraint.lin_max, "max"
    elif constraint.has_int_prod():
        equation, text = constraint.int_prod, "product"
    else:
        return None
    literals = constraint.enforcement_literal
    holds, target = _hold(literals, point), _affine_value(equation.target, point)
    parts = [_affine_value(part, point) for part in equation.exprs]
    known = [part for part in parts if part is not None]
    if holds is None or target is None or len(known) < len(parts):
        return None
    left, *right = (_affine_text(side, point) for side in (equation.target, *equation.exprs))
    shown = f"{left} == {text}({', '.join(right)})" + condition_text(literals, point.names)
    told_to_be = max(known) if text == "max" else math.prod(known)
    excess = abs(target - told_to_be) if holds else 0.0
    return Row("", lambda: shown, excess)


def _affine_value(affine: Any, point: Point) -> float | None:
    return _value(zip(affine.vars, affine.coeffs, strict=True), affine.offset, point)


def _affine_text(affine: Any, point: Point) -> str:
    terms = tuple(zip(affine.vars, affine.coeffs, strict=True))
    return scalar_text(Scalar(affine.offset, terms), point.names)


def _goal(proto: Any, point: Point) -> float | None:
    if proto.has_floating_point_objective():
        goal, scale = proto.floating_point_objective, 1.0
    elif proto.has_objective():
        goal, scale = proto.objective, proto.objective.scaling_factor or 1.0
    else:
        return None
    value = _value(zip(goal.vars, goal.coeffs, strict=True), goal.offset, point)
    return None if value is None else scale * value


def _at_best(model: Any, point: Point, rows: list[Row], watch: Watch) -> list[Row]:
    """Returns the rows with what is missed of each where the total is least and proved so."""
    if any(value is not None and abs(value - round(value)) > TOLERANCE for value in point.values):
        return []
    elastic = model.clone()
    elastic.clear_objective()
    elastic.clear_hints()
    elastic.clear_assumptions()
    proto = elastic.Proto()
    _fix(proto, point)
    pairs = [_soften(proto, row.source) for row in rows]
    proto.objective.vars.extend([slack for pair in pairs for slack in pair])
    proto.objective.coeffs.extend([1] * 2 * len(pairs))
    solver = cp_model.CpSolver()
    solver.parameters.max_time_in_seconds = watch.seconds
    solver.parameters.num_workers = WORKERS
    if solver.solve(elastic) != cp_model.OPTIMAL:
        return []
    found = list(solver.ResponseProto().solution)
    return [
        replace(row, excess=float(found[short] + found[over]))
        for row, (short, over) in zip(rows, pairs, strict=True)
    ]


def _fix(proto: Any, point: Point) -> None:
    """Fixes the point's variables, and takes out what is settled or will be softened."""
    for entry, value in zip(proto.variables, point.values, strict=True):
        if value is not None:
            entry.domain.clear()
            entry.domain.extend([round(value)] * 2)
    for constraint in proto.constraints:
        if sums_of(constraint) or _computed(constraint, point) is not None:
            constraint.copy_from(cp_model_helper.ConstraintProto())


def _soften(proto: Any, part: Sum) -> tuple[int, int]:
    """Adds a constraint that may be missed, and returns the variables for by how much."""
    least = most = 0
    for variable, weight in part.terms:
        domain = proto.variables[variable].domain
        ends = weight * domain[0], weight * domain[len(domain) - 1]
        least, most = least + min(ends), most + max(ends)
    (low, _), (_, high) = part.domain[0], part.domain[-1]
    across = most - least if len(part.domain) > 1 else 0
    widest = int(min(_WIDEST, across + max(beyond(least, low, high), beyond(most, low, high))))
    start = len(proto.variables)
    for _ in range(2):
        proto.variables.add().domain.extend([0, widest])
    row = proto.constraints.add()
    row.enforcement_literal.extend(part.literals)
    row.linear.vars.extend([*(variable for variable, _ in part.terms), start, start + 1])
    row.linear.coeffs.extend([*(weight for _, weight in part.terms), 1, -1])
    row.linear.domain.extend(flat_domain(part.domain))
    return start, start + 1
