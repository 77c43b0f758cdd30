"""A turn's events put together as what people watch; bound and best value off solvers' logs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import optiwright
from optiwright.agent.events import (
    Event,
    ModelCalled,
    ModelText,
    RunFailed,
    SolverOutput,
    StepFinished,
    StepStarted,
)
from optiwright.agent.progress_told import gap_points, progress_of
from optiwright.agent.result import ErrorNote
from optiwright.agent.session_events import SessionEvent, TurnNotice, WhatChanges
from optiwright.formulators.model import Formulation
from optiwright.testing import ScriptedModel
from tests.wire_samples import BAKERY, flat_reply

ROOT = Path(__file__).resolve().parents[1]
DEPOTS = Formulation.load(ROOT / "examples" / "questions" / "depots.formulation.json")
ID: Any = {"run_id": "r", "seq": 0}


def began(step: str, attempt: int = 1) -> StepStarted:
    return StepStarted(**ID, step=step, attempt=attempt)


def ended(step: str, *, ok: bool = True, attempt: int = 1, seconds: float = 1.0) -> StepFinished:
    return StepFinished(
        **ID, step=step, attempt=attempt, ok=ok, summary=f"{step} is done", seconds=seconds
    )


@pytest.mark.parametrize("solver", ["highs", "scip"])
def test_a_real_solves_log_gives_bound_and_best_value_until_they_meet(solver: str) -> None:
    events: list[Event] = []
    result = optiwright.solve(DEPOTS, solver=solver, on_event=events.append)
    progress = progress_of(events)
    last = progress.gap[-1]
    assert result.objective is not None
    assert last.best == pytest.approx(result.objective, rel=1e-3)
    assert last.bound == pytest.approx(result.objective, rel=1e-3)
    assert len(progress.gap) > 2
    assert [step.step for step in progress.steps].count("solve") == 1


def test_a_linear_programs_log_has_no_gap() -> None:
    events: list[Event] = []
    optiwright.solve(
        BAKERY,
        model=ScriptedModel([flat_reply(variables=[
            v | {"type": "continuous"} for v in flat_reply()["variables"]
        ])]),
        route="compiled",
        on_event=events.append,
    )  # fmt: skip
    progress = progress_of(events)
    assert "HiGHS" in progress.log or progress.log
    assert progress.gap == ()
    assert progress.calls == 1
    assert progress.tokens > 0
    assert progress.reply == ""


@given(st.text(max_size=400))
def test_any_text_is_a_log(text: str) -> None:
    assert all(p.seconds >= 0 for p in gap_points(text))


@given(
    st.floats(-1e9, 1e9), st.floats(-1e9, 1e9), st.floats(0, 1e5), st.sampled_from(["inf", "-inf"])
)
def test_a_line_of_highs_says_what_was_printed(
    bound: float, best: float, seconds: float, none: str
) -> None:
    line = (
        " T     120      35        40  12.50%   {}    {}    3.19%    59     12      7"
        "       906     {:.1f}s"
    )
    (point,) = gap_points(line.format(f"{bound:.6f}", f"{best:.6f}", seconds))
    assert point.bound == pytest.approx(bound, abs=1e-6)
    assert point.best == pytest.approx(best, abs=1e-6)
    assert point.seconds == pytest.approx(seconds, abs=0.06)
    (point,) = gap_points(line.format(f"{bound:.6f}", none, seconds))
    assert point.best is None


def test_a_stage_is_ahead_then_now_then_done_and_counts_how_often_it_was_begun() -> None:
    def states(*events: SessionEvent) -> dict[str, tuple[str, int]]:
        stages = progress_of(events).stages
        return {s.name: (s.state, s.times) for s in stages}

    first: list[SessionEvent] = [began("formulate")]
    assert states(*first)["Read"] == ("now", 1)
    assert states(*first)["Solve"] == ("ahead", 0)
    failed: list[SessionEvent] = [
        *first,
        ended("formulate"),
        began("check"),
        ended("check", ok=False),
    ]
    assert states(*failed)["Check"] == ("to mend", 1)
    again: list[SessionEvent] = [*failed, began("repair", 2)]
    assert states(*again)["Read"] == ("now", 2)
    assert states(*again, ended("repair", attempt=2))["Read"] == ("done", 2)
    solved: list[SessionEvent] = [
        began("compile"),
        ended("compile"),
        began("solve"),
        ended("solve"),
    ]
    assert states(*solved)["Solve"] == ("done", 1)


def test_the_steps_of_several_samples_at_once_end_in_the_order_in_which_they_began() -> None:
    progress = progress_of(
        [began("formulate"), began("formulate"), ended("formulate", seconds=2.0)]
    )
    assert [s.state for s in progress.steps] == ["done", "running"]
    assert progress.steps[0].seconds == 2.0
    assert progress.now.startswith("the model reads")


def test_the_reply_is_what_came_since_the_last_one_was_complete() -> None:
    called = ModelCalled(
        **ID, step="formulate", prompt_tokens=5, cached_prompt_tokens=0, completion_tokens=7,
        seconds=1.0, cached=False,
    )  # fmt: skip
    pieces = [ModelText(**ID, text=t) for t in ("ab", "cd")]
    assert progress_of([began("formulate"), *pieces]).reply == "abcd"
    after = progress_of([began("formulate"), *pieces, called])
    assert (after.reply, after.calls, after.tokens) == ("", 1, 12)
    assert (after.paid.calls, after.paid.tokens) == (1, 12)
    remembered = called.model_copy(update={"cached": True})
    again = progress_of([began("formulate"), remembered])
    assert (again.calls, again.tokens, again.paid.tokens) == (1, 12, 0)


def test_a_second_solve_begins_a_new_log() -> None:
    said = [SolverOutput(**ID, text=t) for t in ("one\n", "two\n")]
    progress = progress_of([began("solve"), said[0], ended("solve"), began("solve"), said[1]])
    assert progress.log == "two\n"


def test_a_run_that_failed_leaves_no_step_running() -> None:
    note = ErrorNote(kind="ProviderError", what="no model")
    failed = RunFailed(**ID, error=note)
    progress = progress_of([began("formulate"), failed])
    assert [s.state for s in progress.steps] == []
    assert progress.now == ""


def test_notices_and_changes_are_kept() -> None:
    progress = progress_of([TurnNotice(message="starting"), WhatChanges(lines=("a: 1 -> 2",))])
    assert (progress.now, progress.changes) == ("starting", ("a: 1 -> 2",))
    assert json.loads(progress.model_dump_json())["changes"] == ["a: 1 -> 2"]
