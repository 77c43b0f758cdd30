"""A black box whose function is algebra, as a formulation; checked against the function itself."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from optiwright.formulators.black_box import BlackBox, Code, OneOf, RealRange, WholeRange
from optiwright.formulators.black_box_reader import NO_BUDGET
from optiwright.formulators.errors import FormulationError, UserError
from optiwright.formulators.model import (
    Algebraic,
    Assumption,
    Basis,
    Domain,
    Formulation,
    Index,
    Objective,
    Variable,
)
from optiwright.formulators.structure_checks import RESERVED
from optiwright.solver_tools.evaluate import evaluate
from optiwright.solver_tools.pool import Isolation, Pool, Profile, Reason

POINTS = 12
"""At how many points function and formulation are compared."""
_CLOSE = 1e-7
_LIMIT_S = 10.0


@dataclass(frozen=True)
class Algebra:
    """What came of looking for algebra in a function."""

    formulation: Formulation | None
    words: str
    """Why it is algebra or is none, a sentence."""


async def algebra_of(
    black_box: BlackBox, pool: Pool, *, isolation: Isolation, seed: int = 0
) -> Algebra:
    """Return the formulation that a function's code amounts to, if it does.

    The function runs in the sandbox, once on symbols and at `POINTS` points on numbers, where the
    formulation has to have the same values.
    """
    oracle = black_box.oracle
    if not isinstance(oracle, Code):
        return Algebra(None, "It is a command, so its formula is not known.")
    labels = [u.name for u in black_box.unknowns if isinstance(u, OneOf)]
    if labels:
        return Algebra(None, f"`{labels[0]}` is a label, which no formula computes with.")
    if black_box.noisy:
        return Algebra(None, "It answers differently for the same point.")
    names = [u.name for u in black_box.unknowns]
    symbols = [name if name not in RESERVED else f"{name}_" for name in names]
    functions = [oracle.function, *(ask.function for ask in black_box.constraints)]
    asked = (oracle.source, functions, oracle.style, names)
    traced = await _in_sandbox(pool, isolation, "trace_job", *asked, symbols)
    if not isinstance(traced, dict):
        return Algebra(None, f"Looking for a formula in it came to no end ({traced}).")
    if traced["expressions"] is None:
        return Algebra(None, f"It is no formula: {traced['reason']}.")
    # A formula costs next to nothing to evaluate, and no other function is asked here.
    points = _points(black_box, seed)
    found = await _in_sandbox(pool, isolation, "values_job", *asked, [*points, points[0]])
    if not isinstance(found, list):
        return Algebra(None, f"Comparing it with a formula came to no end ({found}).")
    values, error = found
    if error and not any(row[0] is not None for row in values):
        return Algebra(None, f"It gives no number: {error}.")
    if values[0] != values[-1]:
        return Algebra(None, "It answers differently for the same point.")
    formulation = _formulation(black_box, symbols, traced["expressions"])
    return _compared(formulation, symbols, points, values)


async def values_at(
    black_box: BlackBox, pool: Pool, point: Sequence[float | int | str], *, isolation: Isolation
) -> tuple[list[float | None], str]:
    """Return the values of a function and its constraints at a point, and the first error.

    Raises:
        UserError: if it is a command.
    """
    oracle = black_box.oracle
    if not isinstance(oracle, Code):
        raise UserError("a command is asked by the search alone")
    found = await _in_sandbox(
        pool,
        isolation,
        "values_job",
        oracle.source,
        [oracle.function, *(ask.function for ask in black_box.constraints)],
        oracle.style,
        [u.name for u in black_box.unknowns],
        [list(point)],
    )
    if not isinstance(found, list):
        return [], f"it came to no end ({found})"
    rows, error = found
    return (rows[0] if rows else []), error


async def _in_sandbox(pool: Pool, isolation: Isolation, job: str, *arguments: Any) -> Any:
    """Return what a job answers, else the reason why it did not."""
    outcome = await pool.run(
        f"optiwright.solver_tools.code_trace:{job}",
        *arguments,
        time_limit_s=_LIMIT_S,
        profile=Profile.WRITTEN,
        isolation=isolation,
    )
    return outcome.value if outcome.reason is Reason.FINISHED else outcome.reason


def _formulation(black_box: BlackBox, names: list[str], expressions: list[str]) -> Formulation:
    variables = []
    for name, unknown in zip(names, black_box.unknowns, strict=True):
        assert isinstance(unknown, RealRange | WholeRange)
        variables.append(
            Variable(
                name=name,
                domain=Domain.INTEGER if isinstance(unknown, WholeRange) else Domain.CONTINUOUS,
                lower=_figure(unknown.lower),
                upper=_figure(unknown.upper),
                domain_basis=Basis.STATED,
                bounds_basis=Basis.STATED,
            )
        )
    rules = tuple(
        Algebraic(
            name=_apart(ask.function, names), expression=f"{text} <= 0", description=ask.description
        )
        for ask, text in zip(black_box.constraints, expressions[1:], strict=True)
    )
    goal = Objective(sense=black_box.sense, expression=expressions[0])
    return Formulation(
        title=black_box.title,
        variables=tuple(variables),
        objectives=(goal,),
        constraints=rules,
        assumptions=tuple(
            Assumption(text=text) for text in black_box.assumptions if text != NO_BUDGET
        ),
    )


def _figure(value: float) -> str:
    """Return the shortest text that is read as the same number."""
    return repr(value).removesuffix(".0")


def _apart(name: str, names: list[str]) -> str:
    return name if name not in names and name not in RESERVED else f"{name}_constraint"


def _points(black_box: BlackBox, seed: int) -> list[list[float]]:
    rng = np.random.default_rng(seed)
    points = []
    for _ in range(POINTS):
        point: list[float] = []
        for u in black_box.unknowns:
            if isinstance(u, WholeRange):
                point.append(int(rng.integers(u.lower, u.upper + 1)))
            elif isinstance(u, RealRange):
                point.append(float(rng.uniform(u.lower, u.upper)))
        points.append(point)
    return points


def _compared(
    formulation: Formulation,
    names: list[str],
    points: list[list[float]],
    values: list[list[float | None]],
) -> Algebra:
    agreed = 0
    for point, row in zip(points, values, strict=False):
        if any(value is None for value in row):
            continue  # where the function is not defined, the formula need not be either
        at: dict[str, dict[Index, float]] = {
            name: {(): float(v)} for name, v in zip(names, point, strict=True)
        }
        try:
            found = evaluate(formulation, at)
        except (FormulationError, UserError) as error:
            return Algebra(None, f"Its formula cannot be evaluated: {error.what}.")
        mine = [found.objectives[0].value if found.objectives else None]
        sides = {slack.name: slack.left - slack.right for slack in found.slacks}
        mine += [sides.get(rule.name) for rule in formulation.constraints]
        if not all(_near(a, b) for a, b in zip(mine, row, strict=True)):
            return Algebra(None, "The formula read from it has other values than it has.")
        agreed += 1
    if agreed < POINTS // 2:
        return Algebra(None, "It gives no number at most points.")
    said = (
        f"The function is a formula: it was translated to algebra, and the two agree at {agreed} "
        "points at random."
    )
    return Algebra(formulation, said)


def _near(mine: float | None, theirs: float | None) -> bool:
    if mine is None or theirs is None:
        return False
    return math.isclose(mine, theirs, rel_tol=_CLOSE, abs_tol=_CLOSE)
