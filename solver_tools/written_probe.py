"""What a given point breaks in the model that a written Pyomo program builds.

The program is run again, in the confined child as before; then the variables of the model that it
solved last are fixed to the values given, as far as they are given. Constraints over those alone
are evaluated; of the others the least total violation is found, so that auxiliary variables, such
as a binary beside an amount, take the values that suit the point best.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import pyomo.environ as pyo
from pyomo.core.expr.visitor import identify_variables

from optiwright.solver_tools.written_faults import clean
from optiwright.solver_tools.written_names import plain_index
from optiwright.solver_tools.written_pyomo import solved_values
from optiwright.solver_tools.written_result import Breach, ProbeReport
from optiwright.solver_tools.written_run import run_source
from optiwright.solver_tools.written_watch import Watch, finite

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

TOLERANCE = 1e-5
"""Relative to a bound: solvers' own tolerances are no violations."""
_SHOWN = 8
_LONGEST = 160


def execute_at(source: str, time_limit_s: float, point: Sequence[Sequence[Any]]) -> dict[str, Any]:
    """Runs `source` and returns a `ProbeReport` as JSON-able data; empty where nothing is known.

    Args:
        source: the program.
        time_limit_s: wall-clock seconds for all of it.
        point: a variable's name, its index as a list, and its value, each.
    """
    ends = time.monotonic() + time_limit_s
    run = run_source(source, time_limit_s)
    last = run.watch.last if run.watch is not None else None
    if last is None or last.model is None:
        return ProbeReport().model_dump(mode="json")
    known = {(str(name), tuple(index)): float(value) for name, index, value in point}
    watch = Watch(max(1.0, ends - time.monotonic()))
    return probe(last.model, known, watch).model_dump(mode="json")


def probe(
    model: Any, known: dict[tuple[str, tuple[str | int, ...]], float], watch: Watch
) -> ProbeReport:
    """Returns what the values break in the model; its variables stay fixed to them."""
    breaches: list[Breach] = []
    matched = 0
    for variable in model.component_data_objects(pyo.Var):
        value = known.get((variable.parent_component().name, plain_index(variable.index())))
        if value is not None:
            matched += 1
            breaches += _out_of_bounds(variable, value)
            variable.fix(value, skip_validation=True)
    rows = list(model.component_data_objects(pyo.Constraint, active=True))
    settled = [row for row in rows if _is_settled(row.body)]
    breaches += _missed((row, pyo.value(row.body, exception=False)) for row in settled)
    breaches += _missed_at_best(model, [row for row in rows if row not in settled], watch)
    return ProbeReport(matched=matched, breaches=tuple(breaches[:_SHOWN]), objective=_goal(model))


def _is_settled(expression: Any) -> bool:
    return not any(True for _ in identify_variables(expression, include_fixed=False))


def _goal(model: Any) -> float | None:
    goals = list(model.component_data_objects(pyo.Objective))
    if len(goals) != 1 or not _is_settled(goals[0].expr):
        return None
    return finite(pyo.value(goals[0].expr, exception=False))


def _out_of_bounds(variable: Any, value: float) -> list[Breach]:
    low, high = variable.bounds
    name = clean(variable.name)
    found = []
    if not variable.is_continuous() and abs(value - round(value)) > TOLERANCE:
        found.append(Breach(name=name, expression=f"{name} integer", excess=abs(value % 1)))
    for bound, over, sign in ((low, -1, ">="), (high, 1, "<=")):
        excess = 0.0 if bound is None else over * (value - bound)
        if excess > TOLERANCE * max(1.0, abs(bound or 0.0)):
            found.append(Breach(name=name, expression=f"{name} {sign} {bound:g}", excess=excess))
    return found


def _missed(rows: Iterable[tuple[Any, float | None]]) -> list[Breach]:
    """Returns the constraints that a value of their body misses, with by how much."""
    found = []
    for row, body in rows:
        ends = (pyo.value(row.lower), -1), (pyo.value(row.upper), 1)
        for bound, over in ends:
            excess = 0.0 if bound is None or body is None else over * (body - bound)
            if excess > TOLERANCE * max(1.0, abs(bound or 0.0)):
                found.append(_breach(row, excess))
    return found


def _breach(row: Any, excess: float) -> Breach:
    shown = " ".join(str(row.expr).split())
    shown = shown if len(shown) <= _LONGEST else f"{shown[:_LONGEST]} ..."
    return Breach(name=clean(row.name), expression=clean(shown), excess=excess)


def _missed_at_best(model: Any, rows: list[Any], watch: Watch) -> list[Breach]:
    """Returns what is missed however the free variables are chosen, the total least."""
    if not rows:
        return []
    for goal in model.component_data_objects(pyo.Objective, active=True):
        goal.deactivate()
    block = pyo.Block()
    model.add_component("_optiwright_slack", block)
    block.miss = pyo.Var(range(len(rows)), [-1, 1], within=pyo.NonNegativeReals)
    block.rows = pyo.ConstraintList()
    for number, row in enumerate(rows):
        row.deactivate()
        met = row.body + block.miss[number, -1] - block.miss[number, 1]
        block.rows.add(pyo.inequality(row.lower, met, row.upper))
    block.goal = pyo.Objective(expr=pyo.quicksum(block.miss.values()))
    if not solved_values(model, watch):
        return []
    return [
        _breach(row, excess)
        for number, row in enumerate(rows)
        if (excess := _most(block, number)) > TOLERANCE * _size(row)
    ]


def _most(block: Any, number: int) -> float:
    return max(float(pyo.value(block.miss[number, side])) for side in (-1, 1))


def _size(row: Any) -> float:
    ends = (pyo.value(row.lower), pyo.value(row.upper))
    return float(max(1.0, *(abs(end) for end in ends if end is not None)))
