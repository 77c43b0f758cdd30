"""Whether an answer is the best one to the model, by our own arithmetic; no solver is asked.

A certificate holds the worst number of each check. Duals and rays come from a solver, but nothing
about them is taken on trust: a bad one can only fail.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

import numpy as np

from optiwright.solver_tools.arithmetic import (
    first_objective,
    function_values,
    hessian,
    matrix,
    operation_value,
)
from optiwright.solver_tools.global_checks import worst_breach
from optiwright.solver_tools.problem_class import classify_program
from optiwright.solver_tools.program import Kind, ProblemClass, Program
from optiwright.solver_tools.solution import GAP, RawSolution, Termination

if TYPE_CHECKING:
    from optiwright.solver_tools.program import Floats

FEASIBILITY = 1e-6
"""How far a row, a bound or a dual may be off, relative to the size of its terms."""

_NOISE = 1e-9


class Optimality(StrEnum):
    """How well the answer to the model is backed."""

    CERTIFIED = "certified"
    BOUNDED = "bounded"
    LOCAL = "local"
    NONE = "none"


@dataclass(frozen=True)
class Verdict:
    """The level reached, and what was checked for it, a sentence a check."""

    optimality: Optimality
    checks: tuple[str, ...]


@dataclass(frozen=True)
class Certificate:
    """The worst number of each of the three conditions of optimality, relative."""

    primal: float
    """Violation of a row or a bound."""
    dual: float
    """Violation of a dual's or a reduced cost's sign, over the largest slope of the objective."""
    gap: float
    """|objective - bound| over the objective's largest term; complementary slackness summed up."""
    bound: float
    """The bound on the objective that the duals give."""

    @property
    def holds(self) -> bool:
        """Whether all three are within tolerance."""
        return self.primal <= FEASIBILITY and self.dual <= FEASIBILITY and self.gap <= GAP


def certify_lp(program: Program, x: Floats, row_dual: Floats) -> Certificate:
    """Check a point and duals of an LP, or of a convex QP with linear rows.

    For a convex objective f the bound is that of its linearisation at `x`, which lies below it:
    f(y) >= f(x) + g'(y - x), and g'y is bounded by the duals over rows and bounds (Lagrange).

    Args:
        program: continuous, with linear rows; the first objective counts.
        x: shape (n,).
        row_dual: change of the objective per unit of right-hand side, shape (m,).
    """
    sign = 1.0 if program.minimize[0] else -1.0
    objective = first_objective(program)
    value = sign * float(function_values(objective, x)[0])
    gradient = matrix(objective, program.columns).toarray()[0]
    sizes = np.abs(gradient)
    if len(objective.quadratic_row):
        curved = hessian(objective, 0, program.columns)
        gradient, sizes = gradient + curved @ x, sizes + abs(curved) @ np.abs(x)
    gradient, multiplier = sign * gradient, sign * row_dual
    rows = matrix(program.rows, program.columns)
    reduced = gradient - rows.T @ multiplier
    # Not max(1, ...): costs of 1e-8 lie below a solver's tolerance, and it stops anywhere.
    scale = max(float(sizes.max(initial=0.0)), float(np.finfo(float).tiny))
    # What the objective is made of at the point, and at least what one unit of a column is worth.
    worth = max(abs(value), float((sizes * np.abs(x)).max(initial=0.0)), scale)
    from_rows, wrong_rows = _support(multiplier, program.row_lower, program.row_upper, scale)
    from_bounds, wrong_bounds = _support(reduced, program.lower, program.upper, scale)
    bound = value - float(gradient @ x) + from_rows + from_bounds
    return Certificate(
        primal=violation(program, x),
        dual=max(wrong_rows, wrong_bounds) / scale,
        gap=abs(value - bound) / worth,
        bound=sign * bound,
    )


def _support(weights: Floats, lower: Floats, upper: Floats, scale: float) -> tuple[float, float]:
    """Returns min weights'z over lower <= z <= upper, and the worst weight that makes it -inf.

    Weights that make it -inf, and noise, are left out of the minimum.
    """
    limit = np.where(weights > 0, lower, upper)
    counts = np.abs(weights) > _NOISE * scale
    stray = counts & ~np.isfinite(limit)
    kept = counts & ~stray
    worst = float(np.abs(weights[stray]).max(initial=0.0))
    return float(weights[kept] @ limit[kept]), worst


def violation(program: Program, x: Floats) -> float:
    """Return the worst violation of a row, a bound or a `Global` at `x`, relative to its terms."""
    values = function_values(program.rows, x)
    if np.any(np.isnan(values)) or np.any(np.isnan(x)):
        return float("inf")
    terms = np.ones(len(values))
    np.maximum.at(terms, program.rows.row, np.abs(program.rows.value * x[program.rows.column]))
    quadratic = program.rows.quadratic_value * x[program.rows.quadratic_first]
    quadratic = np.abs(quadratic * x[program.rows.quadratic_second])
    np.maximum.at(terms, program.rows.quadratic_row, quadratic)
    for row, coefficient, operation in program.rows.operations:
        terms[row] = max(terms[row], abs(coefficient * operation_value(operation, x)))
    over_rows = _excess(values, program.row_lower, program.row_upper) / terms
    semi = program.kind == Kind.SEMICONTINUOUS
    off = semi & (x == 0.0)
    lower, upper = np.where(off, 0.0, program.lower), np.where(off, 0.0, program.upper)
    over_bounds = _excess(x, lower, upper) / np.maximum(1.0, np.abs(x))
    beside = worst_breach(program, x, FEASIBILITY)
    return float(max(over_rows.max(initial=0.0), over_bounds.max(initial=0.0), beside))


def _excess(values: Floats, lower: Floats, upper: Floats) -> Floats:
    return np.maximum(np.maximum(lower - values, values - upper), 0.0)


def is_feasible(program: Program, x: Floats) -> bool:
    """Return whether rows, bounds and integrality hold at `x` within tolerance."""
    integers = x[program.kind == Kind.INTEGER]
    return bool(np.all(integers == np.round(integers))) and violation(program, x) <= FEASIBILITY


def bounds_cross(program: Program) -> str | None:
    """Return the first column or row whose lower limit is above its upper one, if any is."""
    for lower, upper, labels in (
        (program.lower, program.upper, program.column_labels),
        (program.row_lower, program.row_upper, program.row_labels),
    ):
        crossed = np.flatnonzero(lower > upper)
        if len(crossed):
            name, index = list(labels())[crossed[0]]
            return f"`{name}{list(index) if index else ''}`"
    return None


def proves_infeasible(program: Program, multipliers: Floats) -> bool:
    """Return whether a weighted sum of the rows contradicts the bounds (Farkas).

    With d = A'y, the bounds keep d'x within an interval and the rows keep it within another; the
    program, or its relaxation, is infeasible if the two do not meet.
    """
    if not program.rows.is_linear:
        return False
    direction = matrix(program.rows, program.columns).T @ multipliers
    lower, upper = _relaxed(program)
    scale = max(float(np.abs(multipliers).max(initial=0.0)), np.finfo(float).tiny)
    rows = [_support(s * multipliers, program.row_lower, program.row_upper, scale) for s in (1, -1)]
    box = [_support(s * direction, lower, upper, scale) for s in (1, -1)]
    gaps = [
        rows[0][0] + box[1][0] if rows[0][1] == box[1][1] == 0.0 else -np.inf,
        rows[1][0] + box[0][0] if rows[1][1] == box[0][1] == 0.0 else -np.inf,
    ]
    size = scale * max(1.0, *(abs(part[0]) / scale for part in (*rows, *box)))
    return bool(max(gaps) > FEASIBILITY * size)


def _relaxed(program: Program) -> tuple[Floats, Floats]:
    semi = program.kind == Kind.SEMICONTINUOUS
    lower = np.where(semi, np.minimum(program.lower, 0.0), program.lower)
    return lower, np.where(semi, np.maximum(program.upper, 0.0), program.upper)


def proves_unbounded(program: Program, x: Floats, direction: Floats) -> bool:
    """Return whether `x` is feasible and the objective improves for ever along `direction`.

    With integer columns the data are taken as rational, as floating-point numbers are: a multiple
    of the direction is then integral.
    """
    objective = first_objective(program)
    if program.globals or not program.rows.is_linear or objective.operations:
        return False
    if not is_feasible(program, x):
        return False
    step = direction / max(float(np.abs(direction).max(initial=0.0)), np.finfo(float).tiny)
    moved = matrix(program.rows, program.columns) @ step
    entries = np.maximum(1.0, abs(matrix(program.rows, program.columns)) @ np.abs(step))
    stays = _recedes(moved / entries, program.row_lower, program.row_upper)
    stays = stays and _recedes(step, program.lower, program.upper)
    sign = 1.0 if program.minimize[0] else -1.0
    gradient = sign * matrix(objective, program.columns).toarray()[0]
    if len(objective.quadratic_row):
        curved = sign * hessian(objective, 0, program.columns) @ step
        gradient = gradient + sign * hessian(objective, 0, program.columns) @ x
        stays = stays and float(step @ curved) <= _NOISE
    scale = max(1.0, float(np.abs(gradient).max(initial=0.0)))
    return stays and float(gradient @ step) < -FEASIBILITY * scale


def _recedes(step: Floats, lower: Floats, upper: Floats) -> bool:
    down, up = step[np.isfinite(lower)], step[np.isfinite(upper)]
    return bool(np.all(down >= -_NOISE) and np.all(up <= _NOISE))


# --- the verdict ----------------------------------------------------------------------------------


def optimality(
    program: Program,
    raw: RawSolution,
    *,
    evaluation_ok: bool,
    second: RawSolution | None = None,
) -> Verdict:
    """Judge how well a solution's claim to be the best answer to the model is backed.

    Args:
        program: what was solved.
        raw: what the solver said.
        evaluation_ok: whether the evaluator found the solution to meet every constraint, bound
            and domain, with the objective as reported; without meaning where there is no point.
        second: what another solver said, where one was asked.
    """
    match raw.termination:
        case Termination.INFEASIBLE:
            return _no_point(raw, second, _infeasible_proof(program, raw))
        case Termination.UNBOUNDED:
            return _no_point(raw, second, _unbounded_proof(program, raw))
        case termination if not termination.has_point or raw.x is None:
            return Verdict(Optimality.NONE, (f"The solver ended with: {termination.value}.",))
    if not evaluation_ok:
        return Verdict(Optimality.NONE, ("The evaluator did not find the solution feasible.",))
    feasible = "The evaluator found every constraint, bound and domain met."
    level, reason = _of_point(program, raw)
    return Verdict(level, (feasible, *reason))


def _infeasible_proof(program: Program, raw: RawSolution) -> str:
    if bounds_cross(program) is not None:
        return "A lower bound lies above its upper bound."
    if raw.ray is not None and proves_infeasible(program, raw.ray):
        return "A weighted sum of the constraints contradicts the bounds (Farkas certificate)."
    return ""


def _unbounded_proof(program: Program, raw: RawSolution) -> str:
    if raw.ray is None or raw.x is None or not proves_unbounded(program, raw.x, raw.ray):
        return ""
    return "From a feasible point the objective improves without limit along a checked ray."


def _no_point(raw: RawSolution, second: RawSolution | None, proof: str) -> Verdict:
    word = raw.termination.value
    said = f"{raw.solver} found the program {word}."
    if proof:
        return Verdict(Optimality.CERTIFIED, (said, proof))
    other = second if second is not None and second.solver != raw.solver else None
    if other is not None and other.termination is raw.termination:
        return Verdict(Optimality.CERTIFIED, (said, f"{other.solver} found the same."))
    silent = other is None or not (other.termination.has_point or other.termination in _ENDINGS)
    if silent and _is_exact(raw):
        searched = (
            "It searches whole numbers without any tolerance, and ruled every one of them out; no "
            "second solver came to an end with it."
        )
        return Verdict(Optimality.CERTIFIED, (said, searched))
    if second is None or second.solver == raw.solver:
        return Verdict(Optimality.NONE, (said, "No certificate and no second solver's word."))
    differing = f"{second.solver} did not confirm it: {second.termination.value}."
    return Verdict(Optimality.NONE, (said, differing))


_ENDINGS = {Termination.INFEASIBLE, Termination.UNBOUNDED, Termination.INFEASIBLE_OR_UNBOUNDED}


def _is_exact(raw: RawSolution) -> bool:
    """Whether an infeasible answer rests on a complete search without tolerances."""
    return raw.termination is Termination.INFEASIBLE and raw.solver.startswith("CP-SAT ")


def _of_point(program: Program, raw: RawSolution) -> tuple[Optimality, tuple[str, ...]]:
    if raw.termination is Termination.LOCALLY_OPTIMAL:
        return Optimality.LOCAL, ("The solver claims a local optimum only.",)
    if raw.termination is Termination.OPTIMAL and raw.row_dual is not None:
        checked = _by_duals(program, raw)
        if checked is not None:
            return checked
    if raw.gap is None:
        return Optimality.NONE, ("No bound on the objective is known.",)
    if raw.termination is Termination.OPTIMAL and raw.gap == 0:
        closed = f"{raw.solver} closed the gap to {GAP:g}."
        return Optimality.CERTIFIED, (closed, raw.message) if raw.message else (closed,)
    return Optimality.BOUNDED, (f"A relative gap of {raw.gap:.3g} is left.",)


def _by_duals(program: Program, raw: RawSolution) -> tuple[Optimality, tuple[str, ...]] | None:
    """Returns what the duals show, None where they cannot: rows that are not linear."""
    if classify_program(program) not in (ProblemClass.LP, ProblemClass.QP):
        return None
    assert raw.x is not None
    assert raw.row_dual is not None
    certificate = certify_lp(program, raw.x, raw.row_dual)
    numbers = (
        f"worst primal violation {certificate.primal:.2g}, dual {certificate.dual:.2g}, "
        f"gap {certificate.gap:.2g}"
    )
    if certificate.holds:
        return Optimality.CERTIFIED, (f"The duals certify the optimum: {numbers}.",)
    return Optimality.BOUNDED, (f"The duals do not certify the optimum: {numbers}.",)
