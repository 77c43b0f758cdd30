"""Why there is no answer: conflicts that are small and right, variables that run away."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from optiwright.solver_tools.diagnose import Conflict, conflict, conflict_job
from optiwright.solver_tools.program import Block, Kind, Program, Scalar
from optiwright.solver_tools.runaway import runaway as find_runaway
from tests.programs import (
    INF,
    affine,
    contradiction,
    furniture,
    market_split,
    program,
    runaway,
)


def _parts(found: Conflict) -> set[tuple[str, str, tuple[object, ...]]]:
    return {(member.part, member.name, member.index) for member in found.members}


CONFLICT = {("constraint", "c", (0,)), ("constraint", "c", (1,)), ("upper bound", "x", (0,))}


def test_an_lps_conflict_is_irreducible() -> None:
    found = conflict_job(contradiction(), 10)
    assert _parts(found) == CONFLICT
    assert found.minimal
    assert found.message == ""


def test_the_same_with_integers_and_with_a_curved_row() -> None:
    integer = replace(contradiction(), kind=np.full(2, Kind.INTEGER, dtype=np.uint8))
    assert _parts(conflict(integer, 10)) == CONFLICT
    disc = Scalar(quadratic=((0, 0, 1.0), (1, 1, 1.0)))
    rows = [(-INF, disc, 4.0), (5.0, affine(1, 1), INF), (-INF, affine(1, -1), 90.0)]
    curved = program(affine(1, 1), rows, lower=[0, 0])
    found = conflict(curved, 10)
    assert _parts(found) == {("constraint", "c", (0,)), ("constraint", "c", (1,))}
    assert found.minimal


def test_integrality_is_named_where_the_conflict_needs_it() -> None:
    parity = program(affine(1), [(1, affine(2, 2), 1)], lower=[0, 0], kind=[Kind.INTEGER] * 2)
    found = conflict(parity, 10)
    assert _parts(found) == {("constraint", "c", (0,)), ("domain", "x", ())}
    assert found.minimal


def test_two_rows_in_many() -> None:
    rows = [(-INF, affine(*(float(i == j) for j in range(60))), 5.0) for i in range(60)]
    rows += [(12.0, affine(*(float(j in (7, 31)) for j in range(60))), INF)]
    found = conflict(program(affine(1), rows, lower=[0.0] * 60), 20)
    assert {member.index for member in found.members} == {(7,), (31,), (60,)}


def test_the_compilers_own_rows_stay_and_are_not_named() -> None:
    """The auxiliary column x1 = 2 x0 is tied by an auxiliary row."""
    case = program(
        affine(1),
        [(0, affine(2, -1), 0), (10, affine(0, 1), INF), (-INF, affine(1), 4)],
        lower=[0, -INF],
        column_blocks=(Block("x", 0, [()]), Block("_double", 1, [()])),
        row_blocks=(Block("_tie", 0, [()]), Block("demand", 1, [()]), Block("limit", 2, [()])),
    )
    assert _parts(conflict(case, 10)) == {("constraint", "demand", ()), ("constraint", "limit", ())}


def test_a_feasible_program_has_no_conflict() -> None:
    found = conflict(furniture(), 10)
    assert found.members == ()
    assert found.message


def test_no_time_is_said_and_never_called_minimal() -> None:
    case = market_split()
    tied = replace(case, upper=np.where(np.isinf(case.upper), 0.0, case.upper))
    assert not conflict(tied, 0.3).minimal


INTEGERS = replace(runaway(), kind=np.full(3, Kind.INTEGER, dtype=np.uint8))


@pytest.mark.parametrize("case", [runaway(), INTEGERS])
def test_the_variables_that_run_away_are_named(case: Program) -> None:
    found = find_runaway(case, 10).moving
    assert {(item.name, item.index) for item in found} == {("x", (0,)), ("x", (1,))}
    assert all(item.rate == pytest.approx(1.0, abs=1e-3) for item in found)


def test_a_nonlinear_runaway_is_named_too() -> None:
    goal = Scalar(quadratic=((0, 1, 1.0),))
    case = program(goal, lower=[0, 0, 0], upper=[INF, 3, INF], minimize=False)
    assert [item.index for item in find_runaway(case, 4).moving] == [(0,)]


def test_a_bounded_program_has_none() -> None:
    assert find_runaway(furniture(), 5).moving == ()
