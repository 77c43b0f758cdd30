"""SCIP: everything nonlinear, integer or nonconvex, to global optimality."""

from __future__ import annotations

import contextlib
import io
import math
import time
from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
import pyscipopt

from optiwright.solver_tools.arithmetic import (
    function_values,
    operations_in,
    scalar_value,
    select,
    with_rows,
)
from optiwright.solver_tools.program import Functions, Kind, Operation, Program, Scalar, functions
from optiwright.solver_tools.solution import Limits, RawSolution, SolverError, Termination
from optiwright.solver_tools.status import read_status

if TYPE_CHECKING:
    from collections.abc import Callable

    from optiwright.solver_tools.program import Floats

INFINITE = 1e20
"""What SCIP takes for infinity."""

_CONSISTENT = 1e-4
_SINGULAR = 1e-5
_DISTANCES = (1e-2, 1e-4, 1e-6)


def version() -> str:
    """Return the solver's name and version."""
    model = pyscipopt.Model()
    return f"SCIP {model.version()}"


def solve(program: Program, limits: Limits) -> RawSolution:
    """Solve for the first objective, any class.

    SCIP's claim is held against our own arithmetic: an optimum whose objective is not what SCIP
    says, or that sits on the edge of a logarithm's or a quotient's domain, is examined for
    growing without limit.
    """
    start = time.monotonic()
    raw, claimed = _run(program, limits)
    if raw.termination is Termination.INFEASIBLE_OR_UNBOUNDED:
        raw = _resolve(program, limits, raw)
    elif raw.termination is Termination.OPTIMAL and not _credible(program, raw, claimed):
        raw = _examine(program, limits, raw)
    return replace(raw, solver=version(), seconds=time.monotonic() - start)


def _resolve(program: Program, limits: Limits, raw: RawSolution) -> RawSolution:
    """Tells infeasible from unbounded by solving without the objective."""
    feasible, _ = _run(replace(program, objectives=functions(1), minimize=(True,)), limits)
    log = raw.log + feasible.log
    if feasible.x is not None:
        return replace(raw, termination=Termination.UNBOUNDED, x=feasible.x, log=log)
    return replace(raw, termination=feasible.termination, log=log)


# --- claims that do not hold ----------------------------------------------------------------------


def _credible(program: Program, raw: RawSolution, claimed: float) -> bool:
    objective, x = raw.objective, raw.x
    if objective is None or x is None or not math.isfinite(objective):
        return False
    if abs(objective - claimed) > _CONSISTENT * max(1.0, abs(objective)):
        return False
    return all(abs(scalar_value(a, x)) > _SINGULAR for a in _singular_arguments(program))


def _singular_arguments(program: Program) -> list[Scalar]:
    """Returns the arguments at whose zero a function of the program is infinite."""
    found = []
    for batch in (program.rows, select(program.objectives, np.array([0]))):
        for operation in operations_in(batch):
            if operation.op == "log":
                found.append(operation.arguments[0])
            elif operation.op == "div":
                found.append(operation.arguments[1])
            elif operation.op == "pow" and _constant(operation.arguments[1]) < 0:
                found.append(operation.arguments[0])
    return found


def _examine(program: Program, limits: Limits, raw: RawSolution) -> RawSolution:
    """Keeps the singular arguments off zero by less and less and watches the objective.

    One that moves on by equal or growing steps has no limit; one that settles has.
    """
    arguments = _singular_arguments(program)
    if not arguments:
        return _doubtful(raw, "SCIP's objective is not the value of its point")
    best: list[float] = []
    for distance in _DISTANCES:
        kept, _ = _run(_away(program, arguments, distance), limits)
        if kept.termination is not Termination.OPTIMAL or kept.objective is None:
            return _doubtful(raw, "SCIP's point lies on the edge of a function's domain")
        best.append(kept.objective)
    steps = [abs(after - before) for before, after in pairwise(best)]
    if steps[1] >= 0.9 * steps[0] > 1e-3:
        message = "The objective grows without limit as a function's argument goes to zero."
        unbounded = Termination.UNBOUNDED
        return replace(
            raw, termination=unbounded, x=kept.x, objectives=(), bound=None, message=message
        )
    objective = raw.objective
    settled = objective is not None and math.isfinite(objective)
    if settled and abs(best[-1] - float(objective or 0.0)) <= _CONSISTENT * max(1.0, abs(best[-1])):
        return raw
    return _doubtful(kept, "SCIP's point lies on the edge of a function's domain")


def _away(program: Program, arguments: list[Scalar], distance: float) -> Program:
    rows = _as_functions(arguments)
    return with_rows(program, rows, np.full(rows.count, distance), np.full(rows.count, np.inf))


def _as_functions(scalars: list[Scalar]) -> Functions:
    linear = [(row, *term) for row, scalar in enumerate(scalars) for term in scalar.linear]
    quadratic = [(row, *term) for row, scalar in enumerate(scalars) for term in scalar.quadratic]
    row, column, value = zip(*linear, strict=True) if linear else ((), (), ())
    at, first, second, factor = zip(*quadratic, strict=True) if quadratic else ((), (), (), ())
    return functions(
        len(scalars),
        constant=np.array([scalar.constant for scalar in scalars]),
        row=np.array(row, dtype=np.int64),
        column=np.array(column, dtype=np.int64),
        value=np.array(value, dtype=float),
        quadratic_row=np.array(at, dtype=np.int64),
        quadratic_first=np.array(first, dtype=np.int64),
        quadratic_second=np.array(second, dtype=np.int64),
        quadratic_value=np.array(factor, dtype=float),
        operations=tuple(
            (r, *term) for r, scalar in enumerate(scalars) for term in scalar.operations
        ),
    )


def _doubtful(raw: RawSolution, message: str) -> RawSolution:
    finite = raw.objective is not None and math.isfinite(raw.objective)
    termination = Termination.FEASIBLE if finite else Termination.NUMERICAL
    return replace(raw, termination=termination, bound=None, message=f"{message}.")


# --- one run --------------------------------------------------------------------------------------


class _Log(io.TextIOBase):
    """A text stream that keeps what is written and hands it on."""

    def __init__(self, on_log: Callable[[str], None] | None) -> None:
        self._on_log = on_log
        self.parts: list[str] = []

    def write(self, text: str) -> int:
        self.parts.append(text)
        if self._on_log is not None:
            self._on_log(text)
        return len(text)


def _run(program: Program, limits: Limits) -> tuple[RawSolution, float]:
    """Runs SCIP once; returns what it found and the objective that it claims."""
    model = pyscipopt.Model()
    columns = _Builder(model, program).build()
    for name, value in {
        "limits/time": limits.remaining_s,
        "limits/gap": 1e-8,
        "limits/absgap": 1e-9,
        "numerics/feastol": 1e-7,
        "randomization/randomseedshift": limits.seed % (2**31),
    }.items():
        model.setParam(name, value)
    log = _Log(limits.on_log)
    model.redirectOutput()  # through Python's stdout: the C library's pipe can fill and hang
    with contextlib.redirect_stdout(log):
        model.optimize()
    return _read(program, model, columns, "".join(log.parts))


def _read(program: Program, model: Any, columns: list[Any], log: str) -> tuple[RawSolution, float]:
    has_point = model.getNSols() > 0
    raw = RawSolution(*read_status("scip", model.getStatus(), has_point=has_point), log=log)
    bound = float(model.getDualbound())
    claimed = float(model.getPrimalbound())
    if raw.termination.has_point and abs(claimed) >= INFINITE:
        return replace(raw, termination=Termination.UNBOUNDED), claimed
    if not raw.termination.has_point:
        return raw, claimed
    best = model.getBestSol()
    x = np.clip([best[column] for column in columns], *_box(program))
    objective = float(function_values(select(program.objectives, np.array([0])), x)[0])
    proved = bound if abs(bound) < INFINITE else None
    return replace(raw, x=x, objectives=(objective,), bound=proved), claimed


def _box(program: Program) -> tuple[Floats, Floats]:
    """Returns the bounds that a column's value cannot leave, zero included where it may be zero."""
    semi = program.kind == Kind.SEMICONTINUOUS
    lower = np.where(semi, np.minimum(program.lower, 0.0), program.lower)
    return lower, np.where(semi, np.maximum(program.upper, 0.0), program.upper)


# --- building -------------------------------------------------------------------------------------


def _constant(scalar: Scalar) -> float:
    """Returns a constant function's value, NaN for any other."""
    varies = scalar.linear or scalar.quadratic or scalar.operations
    return math.nan if varies else scalar.constant


def _limit(value: float) -> float | None:
    return float(value) if abs(value) < INFINITE else None


class _Builder:
    """Writes a program into a SCIP model."""

    def __init__(self, model: Any, program: Program) -> None:
        self._model = model
        self._program = program
        self._columns: list[Any] = []

    def build(self) -> list[Any]:
        """Adds columns, rows and the objective; returns the columns' variables."""
        program = self._program
        self._columns = [self._column(position) for position in range(program.columns)]
        for expression, lower, upper in zip(
            self._batch(program.rows), program.row_lower, program.row_upper, strict=True
        ):
            self._row(expression, float(lower), float(upper))
        self._objective()
        return self._columns

    def _column(self, position: int) -> Any:
        program = self._program
        lower, upper = float(program.lower[position]), float(program.upper[position])
        kind = Kind(int(program.kind[position]))
        if kind is Kind.SEMICONTINUOUS:
            return self._semicontinuous(lower, upper)
        vtype = "I" if kind is Kind.INTEGER else "C"
        return self._model.addVar(vtype=vtype, lb=_limit(lower), ub=_limit(upper))

    def _semicontinuous(self, lower: float, upper: float) -> Any:
        """Adds x in {0} or [lower, upper], by a binary that says which."""
        bottom, top = min(lower, 0.0), max(upper, 0.0)
        x = self._model.addVar(lb=_limit(bottom), ub=_limit(top))
        if lower <= 0.0 <= upper:
            return x
        on = self._model.addVar(vtype="B")
        off = self._model.addVar(vtype="B")
        self._model.addCons(on + off == 1)
        for bound, sign in ((lower, 1.0), (upper, -1.0)):
            if math.isfinite(bound):
                self._model.addCons(sign * x >= sign * bound * on)
        if not (math.isfinite(lower) and math.isfinite(upper)):
            self._model.addConsIndicator(x <= 0, off)
            self._model.addConsIndicator(-x <= 0, off)
        return x

    def _row(self, expression: Any, lower: float, upper: float) -> None:
        low, high = _limit(lower), _limit(upper)
        if isinstance(expression, int | float):
            # A row of no terms: SCIP would not take it, an infeasible one must stay infeasible.
            expression = 0.0 * self._model.addVar(lb=0, ub=0) + expression
        if low is not None and low == high:
            self._model.addCons(expression == low)
        elif low is not None and high is not None:
            self._model.addCons((expression <= high) >= low)
        elif high is not None:
            self._model.addCons(expression <= high)
        elif low is not None:
            self._model.addCons(expression >= low)

    def _objective(self) -> None:
        objective = select(self._program.objectives, np.array([0]))
        (expression,) = self._batch(objective)
        minimize = self._program.minimize[0]
        if not objective.is_linear:
            target = self._model.addVar(lb=None, ub=None)
            beyond = expression - target
            self._model.addCons(beyond <= 0 if minimize else beyond >= 0)
            expression = target
        self._model.setObjective(expression + 0.0, "minimize" if minimize else "maximize")

    def _batch(self, batch: Functions) -> list[Any]:
        """Returns each function as an expression; a number where it has no terms."""
        x = self._columns
        terms: list[list[Any]] = [[] for _ in range(batch.count)]
        linear = zip(batch.row.tolist(), batch.column.tolist(), batch.value.tolist(), strict=True)
        for row, column, value in linear:
            terms[row].append(value * x[column])
        for row, first, second, value in zip(
            batch.quadratic_row.tolist(),
            batch.quadratic_first.tolist(),
            batch.quadratic_second.tolist(),
            batch.quadratic_value.tolist(),
            strict=True,
        ):
            terms[row].append(value * x[first] * x[second])
        for row, value, operation in batch.operations:
            terms[row].append(value * self._operation(operation))
        return [
            pyscipopt.quicksum(parts) + constant if parts else constant
            for parts, constant in zip(terms, batch.constant.tolist(), strict=True)
        ]

    def _scalar(self, scalar: Scalar) -> Any:
        (expression,) = self._batch(_as_functions([scalar]))
        return expression

    def _operation(self, operation: Operation) -> Any:
        match operation.op, operation.arguments:
            case "mul", (left, right) if left == right:
                return self._factor(left) ** 2
            case "mul", (left, right):
                return self._factor(left) * self._factor(right)
            case "div", (left, right):
                return self._factor(left) / self._factor(right)
            case "pow", (base, exponent):
                return self._power(base, exponent)
            case "abs", (argument,):
                return abs(self._factor(argument))
            case name, (argument,):
                return getattr(pyscipopt, name)(self._scalar(argument))
        raise SolverError(f"`{operation.op}` takes another number of arguments than it was given")

    def _power(self, base: Scalar, exponent: Scalar) -> Any:
        power = _constant(exponent)
        if not math.isnan(power):
            return self._factor(base) ** (int(power) if power.is_integer() else power)
        number = _constant(base)
        if not math.isnan(number):
            return pyscipopt.exp(math.log(number) * self._scalar(exponent))
        return pyscipopt.exp(self._scalar(exponent) * pyscipopt.log(self._factor(base)))

    def _factor(self, scalar: Scalar) -> Any:
        """Returns an operand: as it is where it is one term, else as a variable of its own.

        pyscipopt multiplies powers and products of polynomials out, which loses the structure
        that SCIP's relaxations need: Rosenbrock's function then never closes its gap.
        """
        curved = len(scalar.quadratic) + len(scalar.operations)
        single = curved + len(scalar.linear) + bool(scalar.constant) <= 1
        if single or (len(scalar.linear) == 1 and not curved):
            return self._scalar(scalar)
        operand = self._model.addVar(lb=None, ub=None)
        self._model.addCons(self._scalar(scalar) - operand == 0)
        return operand
