"""Outcomes of searches, written by hand: as a search would end, without one."""

from __future__ import annotations

from typing import Any

from optiwright.agent.evidence import Level
from optiwright.agent.result import Check, Result, SearchAnswer, Status
from optiwright.agent.search_told import search_text
from optiwright.formulators.black_box import Ask, BlackBox, Code, OneOf, RealRange, WholeRange
from optiwright.solver_tools.search_outcome import (
    SearchOutcome,
    SearchStatus,
    Stage,
    TracePoint,
    Traits,
)

SOURCE = """\
def loss(width, layers, paint):
    if paint == "red":
        return (width - 2) ** 2 + layers
    return (width - 2) ** 2 + layers + 1


def too_wide(width, layers, paint):
    return width - 4
"""
BOX = BlackBox(
    title="A panel",
    unknowns=(
        RealRange(name="width", lower=0, upper=9.5),
        WholeRange(name="layers", lower=1, upper=20),
        OneOf(name="paint", choices=("red", "blue")),
    ),
    oracle=Code(source=SOURCE, function="loss", style="named"),
    constraints=(Ask(function="too_wide", description="not wider than the door"),),
    budget=200,
)
FOUND = SearchOutcome(
    status=SearchStatus.FOUND,
    point=(2.00125, 1, "red"),
    value=1.0000015625,
    repeats=(1.0000015625,),
    constraints=(-1.99875,),
    evaluations=190,
    failures=3,
    cached=10,
    stages=(
        Stage(optimizer="two-points-de", reason="three kinds", evaluations=120, best=1.4),
        Stage(optimizer="tpe", reason="no progress", evaluations=60, best=1.0000015625),
    ),
    trace=tuple(
        TracePoint(evaluation=n, value=v)
        for n, v in ((1, 31.5), (4, 9.0), (30, 2.0), (80, 1.4), (150, 1.0000015625))
    ),
    traits=Traits(dimension=3, kinds=("real", "whole", "one_of"), notes=("It is no formula.",)),
    program="print('the best point')\n",
    sureness="Fairly sure: 2 of 3 restarts ended here.",
)


def searched(**changed: Any) -> Result:
    """The result of a search, with fields of its outcome changed."""
    outcome = SearchOutcome.model_validate(FOUND.model_dump() | changed)
    found = outcome.status is SearchStatus.FOUND
    answer = SearchAnswer(black_box=BOX, outcome=outcome)
    result = Result(
        run_id="x",
        text=f"Which panel loses least?\n\n{SOURCE}",
        status=Status.FEASIBLE if found else Status.UNSOLVED,
        objective=outcome.value if found else None,
        program=outcome.program,
        level=Level.FEASIBLE if found else Level.FAILED,
        checks=(Check(name="evaluated again", passed=True, detail="the same value"),),
        search=answer,
    )
    return result.model_copy(update={"explanation": search_text(result, answer)})
