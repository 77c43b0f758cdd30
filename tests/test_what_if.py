"""What if, why and why not: answers side by side, a history that is walked and undone."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from optiwright import Result, UserError, cli, solve
from optiwright.agent.history import History, Revision, Turn
from optiwright.agent.options import Options
from optiwright.agent.past import open_result, past_runs
from optiwright.agent.result import Status
from optiwright.agent.what_if import WhatIf, what_if
from optiwright.agent.why import Why
from optiwright.formulators.changes import Add, Decide, Drop, Scale, SetTo
from optiwright.formulators.errors import FormulationError
from optiwright.testing import ScriptedModel
from tests.agent_runs import dropped
from tests.sample_formulations import SAMPLES
from tests.test_question_reading import FERRIES

NO_MODEL = ScriptedModel([])
"""Asked, it fails the test."""


@pytest.fixture(autouse=True)
def own_data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPTIWRIGHT_DATA_DIR", str(tmp_path / "data"))


@pytest.fixture
def transport() -> Result:
    return solve(SAMPLES["transport"].formulation)


@pytest.fixture
def ferries() -> Result:
    return solve(FERRIES)


# --- what if --------------------------------------------------------------------------------------


def test_a_plain_question_is_answered_without_a_model(transport: Result) -> None:
    answer = transport.what_if("What if the demand of Chicago grows by 10%?", model=NO_MODEL)
    assert answer.way == "reader"
    assert answer.changes == (Scale(parameter="demand", at=("Chicago",), factor=1.1),)
    assert answer.difference == ("demand[Chicago]: 300 -> 330 cases (+10%)",)
    # Thirty more cases from Seattle at 1.7 * 90.
    assert answer.new.objective == pytest.approx(153_675 + 30 * 153)
    assert answer.base.objective == pytest.approx(153_675)
    assert answer.conflict == ()
    moved = {(m.name, m.index): (m.before, m.after) for m in answer.moved}
    assert moved["ship", ("Seattle", "Chicago")] == pytest.approx((300, 330))
    assert "158,265 $ instead of 153,675 $, 4,590 $ more (+2.99%)" in answer.explanation
    assert "300 -> 330 cases" in answer.outcome
    assert "without a language model" in answer.outcome


def test_the_base_is_left_as_it_is(transport: Result) -> None:
    before = transport.model_dump_json()
    files = {p: p.read_bytes() for p in Path(transport.record).iterdir() if p.is_file()}
    transport.what_if("What if the demand of Chicago grows by 10%?", model=NO_MODEL)
    assert transport.model_dump_json() == before
    assert {p: p.read_bytes() for p in files} == files


def test_a_result_of_a_what_if_is_a_result_and_is_asked_on(transport: Result) -> None:
    first = transport.what_if("What if the demand of Chicago grows by 10%?", model=NO_MODEL)
    second = first.result.what_if("And if the freight rises by 10?", model=NO_MODEL)
    assert second.base == first.new
    assert second.new.objective == pytest.approx(first.new.objective / 90 * 100)  # type: ignore[operator]
    assert first.result.parent == transport.record
    assert second.result.parent == first.result.record
    assert second.result.level.answered
    assert Result.from_json(second.result.to_json()) == second.result
    assert WhatIf.model_validate_json(second.model_dump_json()) == second


def test_typed_changes_need_no_words(transport: Result) -> None:
    answer = transport.apply([Drop(constraint="meet_demand", at=("Topeka",))])
    assert answer.way == "given" and answer.question == ""
    assert answer.new.objective == pytest.approx(153_675 - 275 * 126)
    with pytest.raises(FormulationError, match="no parameter `demnd`"):
        transport.apply([SetTo(parameter="demnd", value=1)])


def test_a_change_that_leaves_no_solution_names_the_conflict(transport: Result) -> None:
    answer = transport.apply([Add(parameter="demand", amount=100)])
    assert answer.new.status == "infeasible" and answer.new.objective is None
    assert any("demand" in c for c in answer.conflict)
    assert "there is no solution" in answer.explanation
    assert answer.moved == ()
    back = answer.result.apply([Add(parameter="demand", amount=-100)])
    assert "Before, the problem was infeasible" in back.explanation
    assert back.new.objective == pytest.approx(153_675)


def test_a_change_without_consequence_says_so(transport: Result) -> None:
    answer = transport.apply([Add(parameter="supply", at=("San Diego",), amount=1)])
    assert "stays at 153,675 $" in answer.explanation


def test_a_profit_that_falls_is_less() -> None:
    mix = solve(SAMPLES["product_mix"].formulation)
    answer = mix.apply([SetTo(parameter="carpentry", value=120)])
    assert "less (-" in answer.explanation


def test_the_difference_is_told_before_the_solve(transport: Result) -> None:
    from optiwright.agent.loop import wait
    from optiwright.agent.what_if import answer_what_if

    order: list[str] = []
    wait(
        answer_what_if(
            transport,
            (SetTo(parameter="freight", value=80),),
            Options(),
            listen=lambda event: order.append(getattr(event, "step", "")),
            on_difference=lambda lines: order.append(lines[0]),
        )
    )
    told = order.index("freight: 90 -> 80 $/case/thousand miles (-11.1%)")
    assert told < order.index("solve")


# --- the model ------------------------------------------------------------------------------------


def test_what_is_not_plain_goes_to_the_model(ferries: Result) -> None:
    model = ScriptedModel(["avoid visit[Gannet, Iona]\nuse visit[Gannet, Skye]"])
    answer = ferries.what_if("Gannet would rather see Skye than Iona", model=model)
    assert answer.way == "model"
    assert answer.changes == (
        Decide(decision="visit", at=("Gannet", "Iona"), value=0),
        Decide(decision="visit", at=("Gannet", "Skye"), value=1),
    )
    (request,) = model.requests
    assert 'root ::= "none" | line' in request.grammar
    assert "visit[Boats, Islands]" in request.messages[-1].content
    assert request.messages[-1].content.endswith("Gannet would rather see Skye than Iona")
    assert "read by the language model" in answer.outcome
    record = json.loads((Path(answer.result.record) / "record.json").read_text("utf-8"))
    assert [c["step"] for c in record["calls"]] == ["question"]
    assert set(record["prompts"]) == {"what_if"}
    assert answer.result.usage.calls == 1


def test_the_model_is_told_what_cannot_be_twice_at_most(ferries: Result) -> None:
    wrong = "avoid visit[Gannet, Jura]"
    model = ScriptedModel([wrong, "avoid visit[Gannet, Iona]"])
    answer = ferries.what_if("Gannet stays away from the first", model=model)
    assert answer.changes == (Decide(decision="visit", at=("Gannet", "Iona"), value=0),)
    assert "no element 'Jura'" in model.requests[1].messages[-1].content
    assert model.requests[1].messages[-2].content == wrong
    stubborn = ScriptedModel([wrong] * 3)
    with pytest.raises(FormulationError, match="Jura"):
        ferries.what_if("Gannet stays away from the first", model=stubborn)
    stubborn.assert_played_out()
    small = ScriptedModel([wrong] * 2)
    small.small = True
    with pytest.raises(FormulationError, match="Jura"):
        ferries.what_if("Gannet stays away from the first", model=small)
    small.assert_played_out()


def test_a_line_that_only_the_model_saw_is_told_as_the_models(ferries: Result) -> None:
    model = ScriptedModel(['{"problem": "ferries"}'] * 3)
    with pytest.raises(FormulationError, match="the language model could not") as told:
        ferries.what_if("Gannet stays away from the first", model=model)
    assert told.value.where == "line 1 of its reply" and "in other words" in told.value.remedy
    assert "line 1" in model.requests[1].messages[-1].content
    assert "language model" not in model.requests[1].messages[-1].content


def test_a_question_that_changes_nothing_is_refused(ferries: Result) -> None:
    with pytest.raises(UserError, match="names nothing") as caught:
        ferries.what_if("Who painted the boats?", model=ScriptedModel(["none"]))
    assert "optiwright show" in caught.value.remedy
    assert ferries.history.revisions == {}


@pytest.mark.parametrize(
    ("question", "what"), [("?", "no words"), ("", "no words"), ("a" * 2001, "2,001 characters")]
)
def test_what_is_no_question_is_refused(ferries: Result, question: str, what: str) -> None:
    with pytest.raises(UserError, match=what):
        ferries.what_if(question, model=NO_MODEL)


def test_a_failed_model_leaves_a_record_and_no_revision(ferries: Result) -> None:
    failure = dropped()
    with pytest.raises(type(failure)):
        ferries.what_if("Gannet stays away", model=ScriptedModel([failure]))
    (folder,) = (Path(ferries.record) / "revisions").iterdir()
    record = json.loads((folder / "record.json").read_text("utf-8"))
    assert record["error"]["kind"] == "ProviderError"
    assert ferries.history.revisions == {}


def test_without_a_formulation_nothing_is_changed(transport: Result) -> None:
    bare = transport.model_copy(update={"formulation": None})
    with pytest.raises(UserError, match="no formulation") as caught:
        bare.what_if("What if?", model=NO_MODEL)
    assert "--route compiled" in caught.value.remedy


# --- why ------------------------------------------------------------------------------------------


def test_why_says_what_the_opposite_costs(transport: Result) -> None:
    answer = transport.why("Why does Seattle not ship to Topeka?", model=NO_MODEL)
    assert answer.holds
    assert answer.cost == pytest.approx(0.4 * 90)
    assert "Because otherwise it is worse" in answer.answer
    assert "`ship[Seattle, Topeka]` is at least 1 case" in answer.answer
    assert "153,711 $ instead of 153,675 $, 36 $ more" in answer.answer
    assert Why.model_validate_json(answer.model_dump_json()) == answer


def test_why_of_what_is_done_forces_nothing_of_it(transport: Result) -> None:
    answer = transport.why("Why do we ship from Seattle to Chicago?", model=NO_MODEL)
    assert isinstance(answer, Why)
    assert answer.what_if.changes == (Decide(decision="ship", at=("Seattle", "Chicago"), value=0),)
    assert answer.cost == pytest.approx(300 * 0.1 * 90)


def test_a_profit_is_less_by_what_it_costs() -> None:
    mix = solve(SAMPLES["product_mix"].formulation)
    answer = mix.why("What are chairs for?", model=ScriptedModel(["avoid chairs"]))
    assert answer.cost == pytest.approx(4100 - 3500)
    assert "600 euro less" in answer.answer


def test_a_question_that_presumes_what_is_not_so_is_told_so(transport: Result) -> None:
    answer = transport.why("Why do we ship from Seattle to Topeka?", model=NO_MODEL)
    assert not answer.holds
    assert answer.cost == pytest.approx(0)
    assert "presumes what is not so" in answer.answer
    assert answer.answer.endswith("There `ship[Seattle, Topeka]` is 0.")


def test_what_makes_no_difference(transport: Result) -> None:
    # New York is as far from both plants, so either may serve it.
    shipped = {v.index: v.value for v in transport.solution.values}  # type: ignore[union-attr]
    seattle = bool(shipped["Seattle", "New York"])
    plant = "Seattle" if seattle else "San Diego"
    spare = transport.apply([Add(parameter="supply", amount=1000)]).result
    used = {v.index: v.value for v in spare.solution.values}  # type: ignore[union-attr]
    plant = "Seattle" if used["Seattle", "New York"] else "San Diego"
    answer = spare.why(f"Why do we ship from {plant} to New York?", model=NO_MODEL)
    assert "makes no difference" in answer.answer
    assert answer.cost == pytest.approx(0)


def test_what_cannot_be_otherwise_has_its_conflict(transport: Result) -> None:
    tight = transport.apply([Decide(decision="ship", at=("San Diego", "Chicago"), value=0)]).result
    answer = tight.why("Why do we ship from Seattle to Chicago?", model=NO_MODEL)
    assert "cannot be otherwise" in answer.answer
    assert answer.cost is None
    assert "demand" in answer.answer


def test_why_of_data_is_refused(transport: Result) -> None:
    model = ScriptedModel(["raise freight by 5"])
    with pytest.raises(UserError, match="about the data"):
        transport.why("Why is freight worth 5?", model=model)


def test_why_needs_a_solution(transport: Result) -> None:
    none = transport.apply([Add(parameter="demand", amount=100)]).result
    with pytest.raises(UserError, match="no solution"):
        none.why("Why do we ship from Seattle to Chicago?", model=NO_MODEL)


def test_a_binary_is_asked_about_as_yes_or_no(ferries: Result) -> None:
    sails = {v.index[0] for v in ferries.solution.values if v.name == "sail" and v.value}  # type: ignore[union-attr]
    boat = sorted(map(str, sails))[0]
    answer = ferries.why(f"Why is {boat} open?", model=NO_MODEL)
    assert f"`sail[{boat}]` is no" in answer.answer
    answer = ferries.why(f"Why is {boat} closed?", model=NO_MODEL)
    assert answer.answer.endswith(f"in this answer `sail[{boat}]` is yes already.")


# --- history --------------------------------------------------------------------------------------


def made(result: Result, freight: float) -> WhatIf:
    return what_if(result, (SetTo(parameter="freight", value=freight),))


def test_revisions_are_a_tree_of_differences(transport: Result) -> None:
    one = made(transport, 80)
    two = made(one.result, 70)
    three = made(transport, 60)
    history = transport.history
    assert [(d, r.number, r.parent) for d, r in history.walk()] == [(1, 1, 0), (2, 2, 1), (1, 3, 0)]
    assert [r.number for r in history.path(two.revision)] == [1, 2]
    assert history.current == 0
    assert history.result(three.revision) == three.result
    assert history.revisions[2].difference == ("freight: 80 -> 70 $/case/thousand miles (-12.5%)",)
    written = (Path(transport.record) / "revisions.jsonl").read_text("utf-8")
    assert len(written.splitlines()) == 3
    assert "153675" not in written.replace(".", "")


def test_the_current_revision_is_turned_to_and_undone(transport: Result) -> None:
    one = made(transport, 80)
    two = made(one.result, 70)
    history = transport.history
    history.turn(two.revision)
    assert History.of(transport).current == 2
    assert open_result(transport.run_id).objective == pytest.approx(two.new.objective)
    assert history.undo().number == 2
    assert open_result().objective == pytest.approx(one.new.objective)
    assert history.undo().number == 1
    assert open_result() == transport
    with pytest.raises(UserError, match="nothing to undo"):
        history.undo()
    assert len(past_runs()) == 1


def test_a_revision_is_opened_by_its_folder(transport: Result) -> None:
    one = made(transport, 80)
    assert open_result(one.result.record) == one.result
    assert open_result(one.result.record).history.root == Path(transport.record)


def test_what_is_not_there_is_said(transport: Result) -> None:
    with pytest.raises(UserError, match="no revision 7"):
        transport.history.turn(7)
    made(transport, 80)
    (Path(transport.record) / "revisions/1/result.json").unlink()
    with pytest.raises(UserError, match="cannot be read"):
        transport.history.result(1)
    (Path(transport.record) / "revisions.jsonl").write_text("{}\n", encoding="utf-8")
    with pytest.raises(UserError, match="line 1 is no revision"):
        History.of(transport)


def test_a_line_that_a_crash_cut_off_is_left_out(transport: Result) -> None:
    made(transport, 80)
    with (Path(transport.record) / "revisions.jsonl").open("a", encoding="utf-8") as file:
        file.write('{"kind": "turn", "to"')
    assert list(transport.history.revisions) == [1]


def test_a_result_without_its_folder_gets_one(transport: Result, tmp_path: Path) -> None:
    moved = transport.model_copy(update={"record": str(tmp_path / "gone"), "run_id": "elsewhere"})
    made(moved, 80)
    assert next(p.name for p in past_runs()) == "elsewhere"
    assert list(History.of(moved).revisions) == [1]


def test_the_lines_of_a_history_are_plain() -> None:
    revision = Revision(
        number=1,
        parent=0,
        way="given",
        changes=(SetTo(parameter="p", value=1),),
        status=Status.OPTIMAL,
    )
    assert Revision.model_validate_json(revision.model_dump_json()) == revision
    assert Turn.model_validate_json(Turn(to=3).model_dump_json()) == Turn(to=3)


# --- the commands ---------------------------------------------------------------------------------


def command(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str]:
    """Returns the exit code and what was printed as the answer, or the complaint."""
    sys.argv[1:] = list(arguments)
    with pytest.raises(SystemExit) as ended:
        cli.main()
    code = ended.value.code
    caught = capsys.readouterr()
    return (code if isinstance(code, int) else 0), caught.out or caught.err


def test_the_commands_tell_it_all(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, transport: Result
) -> None:
    monkeypatch.setattr(sys, "argv", ["optiwright"])
    code, said = command(capsys, "whatif", "What if the demand of Chicago grows by 10%?")
    assert code == 0
    assert said.index("demand[Chicago]: 300 -> 330 cases (+10%)") < said.index("158,265 $")
    assert "Revision 1 is kept beside the current answer" in said
    code, said = command(capsys, "whatif", "What if freight becomes 45?", "--keep")
    assert code == 0 and "Revision 2 is now the current answer" in said
    code, said = command(capsys, "why", "Why does Seattle not ship to Topeka?")
    assert code == 0 and "18 $ more" in said
    code, said = command(capsys, "history")
    assert "* " in said and "3  optimal" in said and "What if freight becomes 45?" in said
    code, said = command(capsys, "history", "--json")
    shown: Any = json.loads(said)
    assert shown["current"] == 2 and [r["number"] for r in shown["revisions"]] == [1, 2, 3]
    code, said = command(capsys, "undo")
    assert code == 0 and "Taken back: revision 2" in said and "153,675" in said
    code, said = command(capsys, "undo")
    assert code == 2 and "nothing to undo" in said
    code, said = command(capsys, "whatif", "What if every demand grows by 90?", "--json")
    answer = WhatIf.model_validate_json(said)
    assert code == 0 and answer.new.status == "infeasible"
    code, said = command(capsys, "why", "Why does Seattle not ship to Topeka?", "--json")
    assert code == 0 and Why.model_validate_json(said).cost == pytest.approx(36)
