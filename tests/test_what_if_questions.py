"""The what-if benchmark: a base made once, its questions asked of it; the published results."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from optiwright import Formulation, UserError
from optiwright.agent.errors import ProviderError
from optiwright.agent.llm import Request
from optiwright.agent.loop import wait
from optiwright.evaluation.baselines import METHODS
from optiwright.evaluation.catalogue import load
from optiwright.evaluation.claims import Claim
from optiwright.evaluation.problems import Ending, Label, Problem
from optiwright.evaluation.records import RunFolder, read_records
from optiwright.evaluation.scorers import strict
from optiwright.evaluation.what_if import given_formulation
from optiwright.evaluation.what_if_layout import split_question
from optiwright.formulators.checks import check
from optiwright.formulators.question_reader import read_question
from optiwright.formulators.revising import apply
from optiwright.solver_tools.pool import default_pool
from optiwright.solver_tools.solution import Termination
from optiwright.solver_tools.variants import Solved, Variant, solve_variants
from optiwright.testing import ScriptedModel, ScriptedReply
from tests.evaluations import run_made, settings_of
from tests.test_benchmarks import REAL
from tests.what_if_changes import changes_for
from tests.wire_samples import BAKERY, flat_reply

WRONG = {
    "whatif-workforce-131": "the day asked for is one when the worker is not available",
    "whatif-workforce-137": "the day asked for is one when the worker is not available",
    "whatif-facility-28": "the edge is used by the best plan; the label holds it to one unit",
    "whatif-facility-89": "the edge is used by the best plan; the label holds it to one unit",
    "whatif-facility-84": "the text is a question mark",
}
"""Labels that do not follow from their question and base, and why."""


def question(number: int, asked: str, answer: str = "350", base: str = BAKERY) -> Problem:
    return Problem(
        id=f"whatif-coffee-{number}",
        benchmark="whatif",
        kind="kind",
        text=f"{base}\n\nQuestion: {asked}",
        label=Label(accepted=(answer,)),
    )


def base_then(*lines: str) -> ScriptedModel:
    """A model that formulates the bakery and answers questions about it in turn."""
    waiting = iter(lines)

    def reply(request: Request) -> ScriptedReply:
        asked = "Question: " in request.messages[-1].content
        return next(waiting) if asked else flat_reply()

    return ScriptedModel(reply)


def run(tmp_path: Path, method: str, problems: list[Problem], model: Any, **given: Any) -> Any:
    usual = {"route": "compiled", "form": "flat", "benchmark": "whatif"}
    return run_made(tmp_path, problems, model, method=METHODS[method], **usual | given)


def records(tmp_path: Path) -> list[Any]:
    return list(read_records(next(tmp_path.glob("whatif-*"))))


def test_the_base_is_formulated_once_for_all_its_questions(tmp_path: Path) -> None:
    problems = [
        question(0, "There is nothing but cake", "125"),
        question(1, "There is nothing but bread", "160"),
    ]
    model = base_then("avoid bread", "avoid cake")
    run(tmp_path, "whatif", problems, model)
    made = records(tmp_path)
    assert [r.scores["strict"] for r in made] == [True, True]
    assert [r.scores["equivalent"] for r in made] == [True, True]
    assert [[c.step for c in r.run.calls] for r in made] == [
        ["formulate", "question"],
        ["question"],
    ]
    assert len(model.requests) == 3
    assert all(r.run.text == r.problem.text for r in made)


def test_it_goes_on_where_it_was_interrupted(tmp_path: Path) -> None:
    problems = [question(k, f"There is nothing but cake {k}", "125") for k in range(3)]
    settings = settings_of(problems, route="compiled", form="flat", benchmark="whatif")
    run(tmp_path, "whatif", problems, base_then(*["avoid bread"] * 3))
    file = tmp_path / settings.folder / "records.jsonl"
    file.write_text(file.read_text("utf-8").splitlines(keepends=True)[0], encoding="utf-8")
    rows = run(tmp_path, "whatif", problems, base_then(*["avoid bread"] * 2))
    assert [before for _, before in rows] == [True, False, False]
    with RunFolder(tmp_path, settings) as folder:
        assert len(list(folder.records())) == 3


def test_a_base_that_is_given_needs_no_text(tmp_path: Path) -> None:
    problems = [
        question(0, "What if the capacity of supplier 2 is halved?", "2495", base="BASE"),
        question(1, "Supplier 9 is on strike", "1", base="BASE"),
    ]
    model = ScriptedModel(["none"])
    run(tmp_path, "whatif-given", problems, model)
    plain, unknown = records(tmp_path)
    assert plain.scores["strict"] and plain.run.calls == ()
    assert plain.claim.objective == pytest.approx(2495)
    assert not unknown.scores["strict"]
    assert "names nothing" in unknown.run.error.what
    assert unknown.claim.ending is Ending.NO_ANSWER


def test_an_infeasible_answer_is_right_where_the_label_says_so(tmp_path: Path) -> None:
    problems = [
        question(0, "What if the capacity of supplier 1 is halved?", "infeasible", base="B")
    ]
    run(tmp_path, "whatif-given", problems, ScriptedModel([]))
    (record,) = records(tmp_path)
    assert record.claim.ending is Ending.INFEASIBLE and record.scores["strict"]


def test_an_outage_is_no_answer_and_not_kept(tmp_path: Path) -> None:
    outage = ProviderError("down", kind="unreachable", remedy="wait")
    problems = [question(k, "There is nothing but cake", "125", base=f"{BAKERY} ") for k in (0, 1)]
    model = ScriptedModel([outage, flat_reply(), "avoid bread"])
    run(tmp_path, "whatif", problems, model)
    assert [r.run.error is None for r in records(tmp_path)] == [False, True]


def test_other_problems_are_refused_by_name(tmp_path: Path) -> None:
    other = question(0, "x").model_copy(update={"text": BAKERY})
    run(tmp_path, "whatif", [other], ScriptedModel([]))
    (record,) = records(tmp_path)
    assert "no question about a base" in record.run.error.what
    with pytest.raises(UserError, match="'oven'"):
        given_formulation("oven")


@pytest.mark.parametrize("name", ["coffee", "workforce", "facility"])
def test_the_given_bases_are_sound(name: str) -> None:
    base = given_formulation(name)
    assert check(base) == ()
    assert all(p.description for p in (*base.parameters, *base.variables, *base.constraints))


# --- the published questions ----------------------------------------------------------------------


def published() -> Iterator[tuple[Problem, Formulation]]:
    for problem in load("whatif", Path(os.environ["OPTIWRIGHT_TEST_DATA"])).problems:
        yield problem, given_formulation(problem.id.split("-")[1])


def claim(solved: Any) -> Claim:
    assert isinstance(solved, Solved)
    if solved.termination is Termination.INFEASIBLE:
        return Claim(ending=Ending.INFEASIBLE)
    return Claim(ending=Ending.SOLVED, objective=solved.objective, feasible=True)


@REAL
def test_typed_changes_made_by_hand_give_every_published_result() -> None:
    cases = [
        (problem, apply(base, changes_for(base, problem.kind, split_question(problem)[1])))
        for problem, base in published()
        if problem.id != "whatif-facility-84"
    ]
    distinct = list(dict.fromkeys(f.model_dump_json() for _, f in cases))
    variants = [Variant(str(k), Formulation.from_json(f)) for k, f in enumerate(distinct)]
    claims = dict(
        zip(distinct, map(claim, wait(solve_variants(default_pool(), variants))), strict=True)
    )
    missed = {p.id for p, f in cases if not strict(p.label, claims[f.model_dump_json()])}
    assert missed == set(WRONG) - {"whatif-facility-84"}
    assert len(cases) == len(list(published())) - 1


@REAL
def test_what_the_plain_reader_reads_is_right() -> None:
    read = wrong = 0
    for problem, base in published():
        asked = split_question(problem)[1]
        found = read_question(asked, base)
        if found is not None:
            read += 1
            wrong += found != changes_for(base, problem.kind, asked)
    assert wrong == 0
    assert read >= 330
