"""What a point breaks in a model of pyscipopt: its linear rows, and curved ones of `addCons`.

Indicator, SOS, cardinality and logical constraints cannot be read back, so nothing is said of
them; nor of the value of a nonlinear objective.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
from pyscipopt import scip

from optiwright.solver_tools import batches
from optiwright.solver_tools.program import Kind, Program
from optiwright.solver_tools.scip_model import INFINITE
from optiwright.solver_tools.written_rows import probe_program
from optiwright.solver_tools.written_scip import GOAL, program_variables

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from optiwright.solver_tools.program import Floats, Functions, OperationName
    from optiwright.solver_tools.written_breaches import Point
    from optiwright.solver_tools.written_result import ProbeReport
    from optiwright.solver_tools.written_watch import Watch

_FUNCTIONS: dict[type, OperationName] = {
    scip.AbsExpr: "abs",
    scip.ExpExpr: "exp",
    scip.LogExpr: "log",
    scip.SqrtExpr: "sqrt",
    scip.SinExpr: "sin",
    scip.CosExpr: "cos",
}


def probe(model: Any, point: Point, watch: Watch) -> ProbeReport:
    """Returns what the point breaks in the model."""
    variables = program_variables(model)
    point.require(len(variables))
    places = {variable.ptr(): number for number, variable in enumerate(variables)}
    read = [(row, _body(model, row, places)) for row in model.getConss(transformed=False)]
    known = [(row, body) for row, body in read if body is not None]
    rows = batches.stack([body for _, body in known])
    program = Program(
        lower=np.array([_side(variable.getLbOriginal()) for variable in variables]),
        upper=np.array([_side(variable.getUbOriginal()) for variable in variables]),
        kind=np.array([_kind(variable) for variable in variables], dtype=np.uint8),
        column_blocks=(),
        rows=replace(rows, constant=np.zeros(rows.count)),
        row_lower=_sides(model.getLhs, known) - rows.constant,
        row_upper=_sides(model.getRhs, known) - rows.constant,
        row_blocks=(),
        objectives=_goal(model, variables),
        minimize=(model.getObjectiveSense().startswith("min"),),
        tolerances=(0.0,),
    )
    report = probe_program(program, [row.name for row, _ in known], point, watch)
    settled = report.settled and len(known) == len(read)
    # One variable more stands for a nonlinear objective.
    goal = report.objective if len(variables) == len(model.getVars()) else None
    return report.model_copy(update={"objective": goal, "settled": settled})


def _sides(side: Callable[[Any], float], rows: list[tuple[Any, Functions]]) -> Floats:
    return np.array([_side(side(row)) for row, _ in rows], dtype=float)


def _side(value: float) -> float:
    return float(value) if abs(value) < INFINITE else float(np.copysign(np.inf, value))


def _kind(variable: Any) -> Kind:
    return Kind.CONTINUOUS if variable.vtype() == "CONTINUOUS" else Kind.INTEGER


def _goal(model: Any, variables: list[Any]) -> Functions:
    terms = [
        batches.scale(_column(number), variable.getObj())
        for number, variable in enumerate(variables)
    ]
    return batches.add([_number(model.getObjoffset()), *terms])


def _body(model: Any, row: Any, places: dict[int, int]) -> Functions | None:
    """Returns what stands between a constraint's sides, a batch of one; None if unreadable."""
    kind = row.getConshdlrName()
    if row.name == GOAL:
        return None
    if kind == "linear":
        terms = zip(model.getConsVars(row), model.getConsVals(row), strict=True)
        parts = [batches.scale(_column(places[v.ptr()]), value) for v, value in terms]
        return batches.add([_number(0.0), *parts])
    if kind == "nonlinear" and row.ptr() in model.curved:
        return _expression(model.curved[row.ptr()], places)
    return None


def _number(value: float) -> Functions:
    return batches.constants(np.asarray(value), 1)


def _column(number: int) -> Functions:
    return batches.columns_at(np.array([number]))


def _expression(expression: Any, places: dict[int, int]) -> Functions:
    """Returns an expression of pyscipopt as a batch of one.

    Raises:
        KeyError: it has a variable or a function that is not known.
    """
    if isinstance(expression, scip.Expr):
        items = expression.terms.items()
        return batches.add([_number(0.0), *(_monomial(key, each, places) for key, each in items)])
    if isinstance(expression, scip.Constant):
        return _number(expression.number)
    if isinstance(expression, scip.SumExpr):
        parts = [_expression(child, places) for child in expression.children]
        return batches.add([_number(expression.constant), *parts])
    if isinstance(expression, scip.ProdExpr):
        parts = [_expression(child, places) for child in expression.children]
        return _product([_number(expression.constant), *parts])
    (argument,) = (_expression(child, places) for child in expression.children)
    if isinstance(expression, scip.VarExpr):
        return argument
    if isinstance(expression, scip.PowExpr):
        return _lean(batches.power(argument, float(expression.expo)))
    return batches.apply(_FUNCTIONS[type(expression)], (argument,))


def _monomial(term: Any, coefficient: float, places: dict[int, int]) -> Functions:
    powers = Counter(places[variable.ptr()] for variable in term.vartuple)
    factors = [_lean(batches.power(_column(n), float(times))) for n, times in powers.items()]
    return _product([_number(coefficient), *factors])


def _product(factors: Iterable[Functions]) -> Functions:
    total = _number(1.0)
    for factor in factors:
        total = _lean(batches.multiply(total, factor))
    return total


def _lean(batch: Functions) -> Functions:
    """Returns a batch without the zeros that a product leaves, for its text."""
    kept = batch.value != 0
    return replace(batch, row=batch.row[kept], column=batch.column[kept], value=batch.value[kept])
