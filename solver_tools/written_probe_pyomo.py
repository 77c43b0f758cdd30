"""What a point breaks in a model of Pyomo.

SOS constraints are held to while the open constraints are brought as near as can be, and nothing
is said of them.
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pyomo.environ as pyo
from pyomo.core.expr.visitor import identify_variables

from optiwright.solver_tools.written_breaches import Limits, Row, beyond, size_of, told
from optiwright.solver_tools.written_pyomo import solved_values

if TYPE_CHECKING:
    from optiwright.solver_tools.written_breaches import Point
    from optiwright.solver_tools.written_result import ProbeReport
    from optiwright.solver_tools.written_watch import Watch


def probe(model: Any, point: Point, watch: Watch) -> ProbeReport:
    """Returns what the point breaks in the model; its variables stay fixed to it.

    Raises:
        ChangedModelError: the point has another number of variables.
    """
    variables = list(model.component_data_objects(pyo.Var))
    point.require(len(variables))
    limits = [_limits(variable) for variable in variables]
    for variable, value in zip(variables, point.values, strict=True):
        if value is not None:
            _fix(variable, value)
    rows = [_row(row) for row in model.component_data_objects(pyo.Constraint, active=True)]
    besides = model.component_data_objects((pyo.SOSConstraint, pyo.LogicalConstraint), active=True)
    return told(
        point,
        limits,
        rows,
        lambda left: _at_best(model, left, watch),
        _goal(model),
        all_told=next(besides, None) is None,
    )


def _limits(variable: Any) -> Limits:
    """Returns what values a variable may take; one that the program fixed has a single one."""
    ends = (variable.value, variable.value) if variable.fixed else variable.bounds
    low, high = _end(ends[0], -math.inf), _end(ends[1], math.inf)
    return Limits(low, high, not variable.is_continuous())


def _fix(variable: Any, value: float) -> None:
    """Fixes a variable, also to what is not whole, which a solver would find infeasible."""
    variable.domain = pyo.Reals
    variable.fix(value, skip_validation=True)


def _row(row: Any) -> Row:
    low, high = _end(row.lower, -math.inf), _end(row.upper, math.inf)
    excess = None
    if _is_settled(row.body):
        body = pyo.value(row.body, exception=False)
        excess = math.nan if body is None else beyond(float(body), low, high)
    return Row(row.name, lambda: str(row.expr), excess, size_of(low, high), row)


def _end(bound: Any, none: float) -> float:
    return none if bound is None else float(pyo.value(bound))


def _is_settled(expression: Any) -> bool:
    return not any(True for _ in identify_variables(expression, include_fixed=False))


def _goal(model: Any) -> float | None:
    goals = list(model.component_data_objects(pyo.Objective))
    if len(goals) != 1 or not _is_settled(goals[0].expr):
        return None
    value: float | None = pyo.value(goals[0].expr, exception=False)
    return value


def _at_best(model: Any, rows: list[Row], watch: Watch) -> list[Row]:
    """Returns the rows with what is missed of each where the total is least and proved so."""
    for part in list(model.component_data_objects((pyo.Objective, pyo.Constraint), active=True)):
        part.deactivate()
    block = pyo.Block()
    model.add_component("_optiwright_slack", block)
    block.miss = pyo.Var(range(len(rows)), [-1, 1], within=pyo.NonNegativeReals)
    block.rows = pyo.ConstraintList()
    for number, row in enumerate(rows):
        met = row.source.body + block.miss[number, -1] - block.miss[number, 1]
        block.rows.add(pyo.inequality(row.source.lower, met, row.source.upper))
    block.goal = pyo.Objective(expr=pyo.quicksum(block.miss.values()))
    if not solved_values(model, watch):
        return []
    return [
        replace(row, excess=sum(float(pyo.value(block.miss[n, side])) for side in (-1, 1)))
        for n, row in enumerate(rows)
    ]
