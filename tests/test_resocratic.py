"""Rows that a model writes in reverse: what is kept, what is dropped, and nothing asked twice."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from optiwright.agent.budgets import Budget
from optiwright.agent.errors import ProviderError
from optiwright.agent.llm import Request
from optiwright.agent.loop import wait
from optiwright.agent.prices import Price
from optiwright.formulators.errors import UserError
from optiwright.formulators.script import GRAMMARS, Place
from optiwright.solver_tools.certify import Optimality, Verdict
from optiwright.solver_tools.solution import Termination
from optiwright.solver_tools.variants import Solved, solve_variant
from optiwright.solver_tools.written_check import strip_code
from optiwright.testing import ScriptedModel, ScriptedReply
from optiwright.training.question_checks import given_away, has_table, length_fault
from optiwright.training.row_files import read_rows
from optiwright.training.rows import TrainingRow
from optiwright.training.writing_rows import Tally, write_rows_with
from optiwright.training.writing_work import ROWS, WritingWork
from tests.grammars import admits
from tests.inventive_model import KAYAKS, LAMPS, SHORT, WITH, WITHOUT, answer, inventive, stage_of


def by_hand(least_rafts: int) -> float:
    """The best value by trying everything."""
    plans = ((k, r) for k in range(37) for r in range(least_rafts, 22) if 11 * k + 19 * r <= 400)
    return max(130.0 * k + 210.0 * r for k, r in plans)


def write(
    folder: Path, model: ScriptedModel, n: int = 1, budget: Budget | None = None, seed: int = 0
) -> Tally:
    price = Price(prompt=1, completion=2)
    return wait(
        write_rows_with(
            model, "resocratic", (), n, folder, seed=seed, budget=budget, price=price, jobs=2
        )
    )


def rows(folder: Path) -> list[TrainingRow]:
    return list(read_rows(folder / ROWS))


def test_each_prefix_becomes_a_row_with_a_table_and_without(tmp_path: Path) -> None:
    model = inventive(invented=KAYAKS)
    tally = write(tmp_path, model)
    kept = rows(tmp_path)
    assert tally.rows == len(kept) == 4 and not tally.dropped and not tally.stopped
    assert sorted((row.optimum, row.voice) for row in kept) == sorted(
        (by_hand(least), voice) for least in (0, 8) for voice in ("story", "table")
    )
    for row in kept:
        assert row.verified and row.source == "resocratic" and row.made_by == "scripted"
        assert row.split == "train" and row.sense == "maximize" and row.problem_class == "MIP"
        assert has_table(row.text) == (row.voice == "table")
        assert admits(GRAMMARS[Place.START], row.script)
        assert row.program in (strip_code(WITHOUT), strip_code(WITH))
        assert row.elements.startswith("## Sets:")
        assert (row.asked[0].expression, row.asked[0].value) == ("objective", row.optimum)
        assert {a.expression for a in row.asked} == {"objective", "kayaks", "rafts"}
    stages = [stage_of(request) for request in model.requests]
    counts = [(stage, stages.count(stage)) for stage in ("scenario", "question", "program")]
    assert counts == [("scenario", 1), ("question", 4), ("program", 4)]
    assert {r.temperature for r in model.requests if stage_of(r) == "scenario"} == {0.7}
    assert {r.temperature for r in model.requests if stage_of(r) != "scenario"} == {0.0}


Otherwise = Callable[[Request, str], ScriptedReply | None]


def in_stage(wanted: str, said: str, new: str) -> Otherwise:
    """Says something else in one stage, by putting `new` for `said` into the sound reply."""

    def otherwise(request: Request, stage: str) -> ScriptedReply | None:
        if stage != wanted:
            return None
        sound = answer(request, SHORT)
        return sound.replace(said, new) if said else new

    return otherwise


@pytest.mark.parametrize(
    ("stage", "said", "new", "reason"),
    [
        ("scenario", SHORT, SHORT.replace("## Objective", "## Goal"), "form"),
        ("scenario", SHORT, SHORT.replace("maximize", "minimize"), "best to do nothing"),
        ("scenario", SHORT, SHORT.replace("hours <= 400", "hours >= 400"), "no finite optimum"),
        ("question", "", "How many kayaks?", "length"),
        ("question", "210", "many", "numbers left out"),
        ("question", "A boat house", "In its 37 halls a boat house", "numbers added"),
        ("question", " of which there are", " and 11*kayaks + 19*rafts <=", "formal solution"),
        ("question", "How many of each", "Subject to this, how many of each", "formal solution"),
        ("formulation", "require(hours <= 400)", "require(hours <= 430)", "round trip differs"),
        ("formulation", "hours <= 400", "hours >= 400", "no finite optimum"),
        ("formulation", "", "I cannot say.", "formulation unreadable"),
        ("program", "<= 400", "<= 390", "program differs"),
        ("program", "model.rafts = Var", "model.rafts = Frob", "program failed"),
        ("program", "", "There is none.", "one way only"),
    ],
)  # fmt: skip
def test_what_does_not_end_alike_is_dropped_with_its_reason(
    tmp_path: Path, stage: str, said: str, new: str, reason: str
) -> None:
    tally = write(tmp_path, inventive(in_stage(stage, said, new)))
    assert any(kind.startswith(reason) for kind in tally.dropped), tally.dropped
    assert tally.rows == len(rows(tmp_path)) == 0


def test_a_question_in_the_wrong_voice_is_dropped(tmp_path: Path) -> None:
    tally = write(tmp_path, inventive(in_stage("question", "|", "/")))
    assert tally.dropped == {"voice": 1} and tally.rows == 1


def test_a_second_scenario_like_the_first_is_a_duplicate(tmp_path: Path) -> None:
    tally = write(tmp_path, inventive(), n=3)
    assert tally.dropped == {"near duplicate": 2} and tally.rows == 2


def test_the_problem_of_a_bad_last_step_is_the_one_before(tmp_path: Path) -> None:
    cut = KAYAKS.replace("// rafts >= 8", "// rafts > 8")
    tally = write(tmp_path, inventive(invented=cut))
    assert tally.rows == 2 and {row.optimum for row in rows(tmp_path)} == {by_hand(0)}


def test_examples_and_field_are_drawn_by_seed_and_number(tmp_path: Path) -> None:
    def prompts(folder: str, seed: int) -> list[str]:
        model = inventive(in_stage("scenario", "", LAMPS))
        write(tmp_path / folder, model, n=12, seed=seed, budget=Budget(calls=12))
        asked = [r for r in model.requests if stage_of(r) == "scenario"]
        return [r.messages[-1].content for r in sorted(asked, key=lambda r: r.sample)]

    first = prompts("a", 1)
    assert first == prompts("b", 1)[: len(first)] != prompts("c", 2)[: len(first)]
    shown = [text.count("Example:") for text in first]
    assert set(shown) == {1, 2} and len(set(first)) == len(first)


# --- resuming -------------------------------------------------------------------------------------


class Killed(BaseException):
    """What ends a process."""


def dying(after: int) -> ScriptedModel:
    """A model in whose hands the process ends after so many calls."""
    calls = 0

    def otherwise(request: Request, stage: str) -> None:
        nonlocal calls
        calls += 1
        if calls > after:
            raise Killed

    return inventive(otherwise)


@pytest.mark.parametrize("after", [0, 1, 4, 6])
def test_killed_anywhere_nothing_is_asked_twice(tmp_path: Path, after: int) -> None:
    first, second, third = dying(after), inventive(), inventive()
    with pytest.raises(Killed):
        write(tmp_path, first)
    for file in tmp_path.glob("*.jsonl"):
        file.write_bytes(file.read_bytes() + b'{"key": "cut o')
    assert write(tmp_path, second).rows == 2
    told = [r.model_dump_json() for r in second.requests]
    assert len(told) == len(set(told)) and after <= len(first.requests)
    answered = 7 - len(second.requests)
    assert after - 1 <= answered <= after  # one of two at once may have been lost unanswered
    before = rows(tmp_path)
    assert write(tmp_path, third).rows == 2 and third.requests == []
    assert rows(tmp_path) == before


def test_a_budget_ends_the_work_and_more_of_it_goes_on(tmp_path: Path) -> None:
    first = inventive()
    tally = write(tmp_path, first, budget=Budget(calls=3))
    assert "budget of 3 calls is spent" in tally.stopped
    assert 3 <= len(first.requests) <= 4  # of two at once the second may be under way
    assert tally.spent.calls == len(first.requests) and tally.spent.money > 0
    again = inventive()
    assert write(tmp_path, again, budget=Budget(calls=3)).stopped and again.requests == []
    more = inventive()
    tally = write(tmp_path, more, budget=Budget(calls=100))
    assert tally.rows == 2 and not tally.stopped
    assert tally.spent.calls == 7 == len(first.requests) + len(more.requests)


def test_an_outage_ends_the_work_and_loses_nothing(tmp_path: Path) -> None:
    out = ProviderError("nobody answers", kind="unreachable")
    calls = 0

    def otherwise(request: Request, stage: str) -> ScriptedReply | None:
        nonlocal calls
        calls += 1
        return out if calls > 4 else None

    with pytest.raises(ProviderError, match="nobody answers"):
        write(tmp_path, inventive(otherwise))
    model = inventive()
    assert write(tmp_path, model).rows == 2
    assert len(model.requests) == 7 - 4


def test_a_reply_that_fails_alone_costs_its_row_alone(tmp_path: Path) -> None:
    refused = ProviderError("it will not say", kind="refused")

    def otherwise(request: Request, stage: str) -> ScriptedReply | None:
        table = "| kayak | red |" in request.messages[-1].content
        return refused if stage == "program" and table else None

    tally = write(tmp_path, inventive(otherwise))
    assert tally.rows == 1 and tally.dropped == {"no answer": 1}


def test_what_a_broken_worker_left_open_is_solved_the_next_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    solves = 0

    async def broken(*given: Any) -> Solved:
        nonlocal solves
        solves += 1
        before_questions = solves <= 2
        solved = await solve_variant(*given)
        if before_questions:
            return solved
        ended = solved.solution.model_copy(update={"termination": Termination.INTERRUPTED})
        return replace(solved, solution=ended)

    with monkeypatch.context() as patch:
        patch.setattr("optiwright.training.proved_optima.solve_variant", broken)
        tally = write(tmp_path, inventive())
    assert tally.rows == 0 and tally.dropped == {"not judged": 2}
    model = inventive()
    assert write(tmp_path, model).rows == 2
    assert len(model.requests) == 7 - 3


def test_a_gap_in_the_proof_costs_no_question(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def doubtful(*given: Any) -> Solved:
        solved = await solve_variant(*given)
        return replace(solved, verdict=Verdict(Optimality.BOUNDED, ("The gap is 3%.",)))

    monkeypatch.setattr("optiwright.training.proved_optima.solve_variant", doubtful)
    model = inventive()
    assert write(tmp_path, model).dropped == {"not proved optimal": 2}
    assert len(model.requests) == 1


def test_two_processes_do_not_share_a_folder(tmp_path: Path) -> None:
    def otherwise(request: Request, stage: str) -> None:
        with pytest.raises(UserError, match="another process is at this work"):
            WritingWork(tmp_path, inventive()).__enter__()

    assert write(tmp_path, inventive(otherwise)).rows == 2


@pytest.mark.parametrize(("n", "jobs"), [(0, 1), (1, 0)])
def test_numbers_that_are_none_are_refused(tmp_path: Path, n: int, jobs: int) -> None:
    with pytest.raises(UserError, match=r"^0 "):
        wait(write_rows_with(inventive(), "resocratic", (), n, tmp_path, jobs=jobs))


# --- what a question must not give away -----------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "Let 3*x be the cost.", "It must hold that x <= 4.", "They need ≥ 3.", "// hours",
        'So {"name": "x"}.', r"Minimise $\sum x$.", "## Constraints\nfew", "**Objective:**\nmoney",
        "The decision variables are clear.", "The optimal value is 7.", "maximize(x)",
        "The oven_time is short.", "We sell x**2.",
    ],
)  # fmt: skip
def test_a_formal_solution_is_noticed(text: str) -> None:
    assert given_away(text, ["oven_time", "kayaks"]).startswith("formal solution given away")


@pytest.mark.parametrize(
    "text",
    [
        "The objective is money, and constraints are few: 3 x 4 metres at 5/hour, 2-3 times.",
        "How many kayaks? Prices: 4 * 5 stars; *very* good.",
        "| a | b |\n|---|---|\n| 1 | 2 |",
    ],
)
def test_plain_words_give_nothing_away(text: str) -> None:
    assert given_away(text, ["oven_time", "kayaks"]) == ""


def test_a_text_has_a_sensible_length() -> None:
    assert length_fault("one two") and length_fault("word " * 901) and not length_fault("w " * 12)
