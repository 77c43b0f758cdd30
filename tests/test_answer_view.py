"""The answer on the page: every outcome has its words, evidence, picture and buttons."""

from __future__ import annotations

import re
from base64 import b64decode
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from optiwright.agent.evidence import Agreement, Level, Standing
from optiwright.agent.options import Options
from optiwright.agent.places import records_dir
from optiwright.agent.result import Case, Check, Result, Status, WrittenAnswer
from optiwright.agent.session import Session
from optiwright.agent.session_store import this_user
from optiwright.formulators.findings import Code, Finding, Severity
from optiwright.formulators.model import Assumption, Domain, Element, Formulation, Index, Variable
from optiwright.solver_tools.plan_outcome import PlanOutcome, PlanStatus
from optiwright.solver_tools.search_outcome import SearchStatus
from optiwright.solver_tools.solution import Termination
from optiwright.ui.open_sessions import open_sessions
from tests.conversations import PROBLEM, PROFIT, Conversing, creameries
from tests.infeasible_problems import STAFF
from tests.plans_by_hand import BLOCKS, BRIDGE, PARCELS, as_result, hand_made, steps_of
from tests.sample_formulations import SAMPLES, given, listed, maximize
from tests.searches_by_hand import searched
from tests.solved_results import solved
from tests.waiting import eventually

NAME = "plan"
ODD = "costs $5 and $6, :red[*all*] <b>of</b> it :material/home:"


@pytest.fixture(scope="module")
def solved_once(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A data folder with the session, whose version's answer tests may replace."""
    folder = tmp_path_factory.mktemp("answers")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("OPTIWRIGHT_DATA_DIR", str(folder))
        begun()
    yield folder
    open_sessions.clear()


@pytest.fixture(autouse=True)
def folders(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a turn is begun, a data folder of its own; else the one with the solved session."""
    st.cache_data.clear()
    open_sessions.clear()
    folder = "tmp_path" if "own_folder" in request.fixturenames else "solved_once"
    monkeypatch.setenv("OPTIWRIGHT_DATA_DIR", str(request.getfixturevalue(folder)))


@pytest.fixture
def own_folder() -> None:
    """Marks a test that begins turns."""


def view() -> None:
    """What the page runs for the answer of the session `plan`."""
    from optiwright.agent.session_store import this_user
    from optiwright.ui.answer_view import show_answer
    from optiwright.ui.open_sessions import open_sessions
    from optiwright.ui.scene import Scene

    session = open_sessions().get(f"{this_user()}/plan")
    show_answer(Scene(session, session.standing()))


def the_session() -> Session:
    return open_sessions().get(f"{this_user()}/{NAME}")


def begun(text: str = PROBLEM, reply: dict[str, Any] | None = None, form: Any = None) -> Session:
    """The session that is shown, with one version."""
    session = the_session()
    model = Conversing([reply or creameries()] * 3)
    session.options = Options(model=model, route="compiled", form=form)
    session.send(text)
    return session


def file_of(session: Session) -> Path:
    version = session.talk.version
    assert version is not None
    return records_dir() / version.record / "result.json"


@contextmanager
def holding(result: Result) -> Iterator[AppTest]:
    """The page, once run, with another result in the place of the version's answer."""
    file = file_of(the_session())
    before = file.read_text(encoding="utf-8")
    own = Result.from_json(before)
    kept = {"run_id": own.run_id, "record": own.record}
    file.write_text(result.model_copy(update=kept).to_json(), encoding="utf-8")
    try:
        yield looked()
    finally:
        file.write_text(before, encoding="utf-8")


def opened(at: AppTest, fold: str) -> AppTest:
    """The page with a fold opened."""
    at.session_state[f"{fold}-{the_session().name}-1"] = True
    return settled(at.run())


def settled(at: AppTest) -> AppTest:
    """The page when what it does aside is done."""

    def done() -> bool:
        assert not at.exception
        if any(caption.value.endswith("…") for caption in at.caption):
            at.run()
            return False
        return True

    assert eventually(done, 60)
    return at


def looked() -> AppTest:
    at = AppTest.from_function(view, default_timeout=60).run()
    assert not at.exception
    return at


def raw(at: AppTest) -> str:
    """All Markdown, captions and notes on the page."""
    parts = [*at.markdown, *at.caption, *at.info, *at.header]
    return "\n".join(str(part.value) for part in parts)


def words(at: AppTest) -> str:
    """The same as it is read."""
    return raw(at).replace("\\", "")


def buttons(at: AppTest) -> list[str]:
    return [b.label for b in at.button]


def pressed(at: AppTest, label: str) -> AppTest:
    return settled(next(b for b in at.button if b.label == label).click().run())


def ended(session: Session) -> None:
    """Wait for the turn that a button began."""
    for _ in session.watch():
        pass


def pictures(at: AppTest) -> list[tuple[str, str]]:
    """The SVG documents on the page, with what is said of each."""
    images = [image for block in at.get("image") for image in block.proto.imgs]
    return [(b64decode(i.url.partition(",")[2]).decode(), i.alt) for i in images]


# --- solved ---------------------------------------------------------------------------------------


def test_a_solved_problem_has_its_value_its_evidence_its_tables_and_its_questions() -> None:
    at = looked()
    assert at.header[0].value == "7,060 euros"
    assert f"{PROFIT:,.0f}" == "7,060"
    assert at.caption[0].value == "The profit, as large as possible"
    assert "This is the best solution" in words(at)
    assert at.expander[0].label.startswith("How sure: :green-badge[")
    assert at.expander[0].label.endswith("Checked]")
    inside = "\n".join(str(m.value) for m in at.expander[0].markdown)
    assert inside.count(":material/check: held") == 3
    assert "No second program confirms" in inside and "What was assumed" in inside
    assert buttons(at) == [
        "What limits it?", "Which numbers matter?", "Prove it", "Explain at length",
    ]  # fmt: skip
    tables = [d.value for d in at.dataframe]
    assert tables[0].iloc[:, 1].tolist() == ["yes", "yes", "yes"]
    assert tables[1].shape == (3, 3) and tables[1].loc["Ash", "Arle"] == 240
    ((svg, said),) = pictures(at)
    assert svg.startswith("<svg") and "prefers-color-scheme" not in svg
    assert said.startswith("Network of crates sent, 3 links: Ash to Arle 240 crates")


@pytest.mark.parametrize(
    ("label", "kind"),
    [
        ("What limits it?", "sensitivity"),
        ("Which numbers matter?", "tornado"),
        ("Prove it", "prove"),
        ("Explain at length", "explain"),
    ],
)
def test_a_question_begins_its_turn(label: str, kind: str, own_folder: None) -> None:
    session = begun()
    pressed(looked(), label)
    ended(session)
    turn = session.talk.turns[-1]
    assert (turn.text, turn.kind, turn.way, turn.ok) == (label, kind, "given", True)


def test_nothing_is_asked_while_a_turn_is_under_way(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Session, "running", property(lambda self: True))
    assert all(b.disabled for b in looked().button)


def test_limits_and_prices_are_worked_out_when_their_fold_is_opened() -> None:
    closed = looked()
    assert len(closed.dataframe) == 2
    at = opened(closed, "limits")
    prices = at.dataframe[2].value
    assert [row.rpartition(", ")[2] for row in prices["limit"]] == ["Arle", "Bonn", "Corve"]
    assert prices["one more"].tolist() == ["+23", "+18", "+18"]
    assert prices["one less"].tolist() == ["-23", "-18", "-18"]
    assert prices["holds to"].tolist() == ["300", "260", "280"]
    assert "in euros. The prices hold with every whole-numbered decision kept" in words(at)


def test_what_is_zero_is_left_out_until_it_is_wanted() -> None:
    items = [f"item {k}" for k in range(30)]
    most: dict[Element | Index, float] = {item: float(k % 3 == 0) for k, item in enumerate(items)}
    f = Formulation(
        sets=(listed("Items", items),),
        parameters=(given("most", most, "i in Items"),),
        variables=(Variable(name="take", over="i in Items", upper="most[i]", unit="kg"),),
        objectives=maximize("sum(take[i] for i in Items)"),
    )
    with holding(solved(f)) as at:
        assert len(at.dataframe[0].value) == 10
        assert "take (kg); 20 rows and columns of zeros left out" in words(at)
        at.toggle[0].set_value(True).run()
        assert at.dataframe[0].value["value"].tolist() == [1.0] * 10 + [0.0] * 20


def test_long_units_stand_whole_and_what_is_asked_for_is_told_once() -> None:
    unit = "thousand euros of the year 2026 after tax and depreciation, discounted to today"
    f = SAMPLES["product_mix"].formulation
    with holding(solved(f.model_copy(update={"objectives": maximize("tables", unit)}))) as at:
        assert at.header[0].value.replace("\\", "") == f"50 {unit}"
        assert "- number of tables: **50**\n- number of chairs: **0**" in words(at)
        assert not at.dataframe


def test_text_of_others_is_shown_as_it_stands() -> None:
    result = solved(SAMPLES["product_mix"].formulation)
    assert result.formulation is not None
    written = WrittenAnswer(
        source="print('# <b>')", standing=Standing.OPTIMAL, objective=17.0, words=f"It {ODD}",
        broken=(ODD,), verdict=ODD,
    )  # fmt: skip
    assumed = result.formulation.model_copy(update={"assumptions": (Assumption(text=ODD),)})
    odd = {
        "agreement": Agreement.DISPUTED,
        "level": Level.DISPUTED,
        "written": written,
        "checks": (Check(name=ODD, passed=False, detail=ODD),),
        "findings": (Finding(severity=Severity.NOTE, code=Code.UNUSED, where=ODD, message=ODD),),
        "conflict": (ODD,),
        "conflict_note": ODD,
        "formulation": assumed,
    }
    with holding(result.model_copy(update=odd)) as at:
        assert raw(at).count("costs") >= 9
        assert not re.search(r"(?<!\\)(?:\$|:red\[|<b>|:material/home:)", raw(at)), raw(at)
        assert "failed" in words(at) and ":material/close:" in raw(at)
        assert at.expander[0].label.endswith("Disputed]")
        assert at.code[0].value == "print('# <b>')"
        assert "The program's answer: optimal 17" in words(at)
        assert "A second program, written from the text alone, says otherwise." in words(at)


def test_other_readings_and_scenarios_are_tables() -> None:
    result = solved(SAMPLES["product_mix"].formulation)
    cases = (
        Case(name="whole numbers", status=Status.OPTIMAL, objective=4090.0),
        Case(name="not at all", status=Status.INFEASIBLE),
    )
    update = {"alternatives": cases[:1], "scenarios": cases}
    with holding(result.model_copy(update=update)) as at:
        readings, scenarios = (d.value for d in at.dataframe)
        assert readings["objective"].tolist() == ["4,100 euro", "4,090 euro"]
        assert scenarios["case"].tolist() == ["as stated", "whole numbers", "not at all"]
        assert scenarios["outcome"].tolist() == ["optimal", "optimal", "infeasible"]


def test_a_gap_is_told_and_only_an_optimum_is_asked_for_prices() -> None:
    result = solved(SAMPLES["product_mix"].formulation)
    assert result.solution is not None
    solution = result.solution.model_copy(
        update={"termination": Termination.FEASIBLE, "bound": 4200.0, "gap": 0.0244}
    )
    update = {"status": Status.FEASIBLE, "solution": solution, "level": Level.FEASIBLE}
    with holding(result.model_copy(update=update)) as at:
        assert "nothing shows that it is the best; the bound is 4,200, a gap of 2.44%" in words(at)
        assert buttons(at) == ["Prove it", "Explain at length"]
        assert "carpentry_time" not in words(at)
        assert "carpentry_time" in words(opened(at, "limits"))


def test_two_goals_have_their_compromises_behind_a_fold() -> None:
    f = SAMPLES["product_mix"].formulation
    goals = maximize("tables") + maximize("chairs")
    named = tuple(g.model_copy(update={"name": n}) for g, n in zip(goals, "ab", strict=True))
    with holding(solved(f.model_copy(update={"objectives": named}))) as at:
        assert [alt.split()[0] for _, alt in pictures(at)] == ["The"]
        opened(at, "compromises")
        assert [alt.split()[0] for _, alt in pictures(at)] == ["The", "Best"]


# --- without a solution ---------------------------------------------------------------------------


def test_an_infeasible_problem_has_its_conflict_and_a_way_out_can_be_taken(
    own_folder: None,
) -> None:
    session = begun(STAFF.text, STAFF.right, "flat")
    at = looked()
    assert not at.header
    assert "There is no solution" in words(at) and "These cannot all hold" in words(at)
    assert "at least 6 nurses work on Monday" in words(at)
    assert buttons(at) == ["Show ways out", "Prove it", "Explain at length"]
    at = pressed(at, "Show ways out")
    assert buttons(at)[:2] == ["Take way out 1", "Take way out 2"]
    assert "raised from 9 to 11" in words(at)
    pressed(at, "Take way out 1")
    ended(session)
    turn = session.talk.turns[-1]
    assert (turn.kind, turn.way, turn.ok) == ("repair", "given", True)
    assert turn.text.startswith("Take way out 1. The least change") and "`" not in turn.text
    version = session.talk.version
    assert version is not None and (version.number, version.status) == (2, Status.OPTIMAL)
    assert looked().header[0].value.startswith("1,320")


def test_an_unbounded_problem_says_what_grows_and_what_to_do() -> None:
    f = Formulation(variables=(Variable(name="desks"),), objectives=maximize("desks"))
    with holding(solved(f).model_copy(update={"conflict": ("`desks` can grow",)})) as at:
        assert "What can grow without limit:\n\n- `desks` can grow" in words(at)
        assert "A limit is missing" in at.info[0].value
        assert not pictures(at) and not at.dataframe


@pytest.mark.parametrize(
    ("status", "sentence", "remedy"),
    [
        (Status.UNSOLVED, "No solver came to an end with it", "more time"),
        (Status.FORMULATED, "nothing is solved yet", "solve it"),
        (Status.NO_FORMULATION, "No formulation came about", "more detail"),
    ],
)
def test_what_did_not_come_to_an_answer_has_a_sentence_and_what_to_do(
    status: Status, sentence: str, remedy: str
) -> None:
    result = solved(SAMPLES["product_mix"].formulation)
    nothing = {"status": status, "objective": None, "answers": (), "solution": None}
    with holding(result.model_copy(update=nothing)) as at:
        assert sentence in words(at)
        assert remedy in at.info[0].value
        assert not at.header and not at.dataframe and not pictures(at)


def test_what_the_text_does_not_give_is_listed_with_what_to_do() -> None:
    result = solved(SAMPLES["product_mix"].formulation)
    gap = Finding(code=Code.NO_VALUES, severity=Severity.ERROR, where="parameter `p`", message="p")
    nothing = {"status": Status.NO_FORMULATION, "objective": None, "answers": (), "solution": None}
    told = {"findings": (gap,), "missing": ("what a table earns (`p[Goods]`)",)}
    with holding(result.model_copy(update=nothing | told)) as at:
        assert "Nothing was solved: the text does not give all that is needed." in words(at)
        assert "It lacks:" in words(at) and "what a table earns" in words(at)
        assert "hand it in as a table" in at.info[0].value


def test_a_value_is_shown_as_the_text_wants_it_rounded() -> None:
    result = solved(SAMPLES["product_mix"].formulation)
    text = "What is the greatest profit, rounded to the nearest thousand?"
    assert result.objective is not None and result.objective > 1000
    with holding(result.model_copy(update={"text": text})) as at:
        assert f"rounded as asked: **{round(result.objective, -3):,.0f}**" in words(at)


def test_a_solver_that_stopped_says_why() -> None:
    result = solved(SAMPLES["product_mix"].formulation)
    assert result.solution is not None
    solution = result.solution.model_copy(
        update={"termination": Termination.TIME_LIMIT, "message": "The time limit was reached.",
                "values": (), "objective": None}
    )  # fmt: skip
    update = {"status": Status.UNSOLVED, "solution": solution, "objective": None, "answers": ()}
    with holding(result.model_copy(update=update)) as at:
        assert "came to an end with it. The time limit was reached." in words(at)


def test_a_program_alone_is_told_as_that() -> None:
    written = WrittenAnswer(source="", standing=Standing.OPTIMAL, objective=12.5, words="Alone.")
    result = Result(
        run_id="x", text="", status=Status.OPTIMAL, level=Level.UNCHECKED, written=written
    )
    with holding(result) as at:
        assert at.header[0].value.replace("\\", "") == "12.5"
        assert "no formulation stands beside it" in words(at)
        assert not at.button


def test_without_an_objective_nothing_has_a_price() -> None:
    f = Formulation(variables=(Variable(name="go", domain=Domain.BINARY),))
    with holding(solved(f)) as at:
        assert "meets every requirement" in words(at)
        assert not at.header and "What limits it?" not in buttons(at)


def test_an_answer_whose_files_are_gone_says_so(own_folder: None) -> None:
    file_of(begun()).unlink()
    at = looked()
    assert "files of this answer are gone" in at.info[0].value
    assert not at.button


# --- plans and searches ---------------------------------------------------------------------------


def cells(at: AppTest) -> list[list[list[str]]]:
    """The tables that wrap, each with its heads."""
    return [
        [[str(t.value.index.name), *map(str, t.value.columns)]]
        + [[str(c) for c in row] for row in t.value.reset_index().values.tolist()]
        for t in at.table
    ]


def test_a_plan_has_its_steps_its_proof_and_its_pictures() -> None:
    with holding(as_result(hand_made(PARCELS))) as at:
        assert at.header[0].value == "8 steps"
        assert at.caption[0].value == "The steps, as few as possible"
        said = words(at)
        assert "No plan is better than this one." in said
        assert "Every shorter horizon is infeasible." in said
        assert "Each of 8 steps has all that it needs when its turn comes" in said
        assert "that no plan is better by this formulation is shown" in said
        assert [alt.split()[0] for _, alt in pictures(at)] == ["Storyboard", "Schedule"]
        ((head, first, *_),) = cells(at)
        assert head == ["step", "what to do", "action", "becomes true", "not true any more"]
        assert first[:2] == ["1", "V1 goes from Ulm to Hof"]
        assert buttons(at) == ["Explain at length"]
        assert not at.dataframe


def test_a_plan_of_least_cost_tells_its_cost_and_its_steps() -> None:
    with holding(as_result(hand_made(BRIDGE))) as at:
        assert at.header[0].value.replace("\\", "") == "7.5"
        assert at.caption[0].value == "The cost, as little as possible"
        assert "- steps: **3**" in words(at)
    plan = hand_made(BRIDGE)
    outcome = plan.outcome.model_copy(update={"status": PlanStatus.FOUND, "bound": 6.0})
    unproved = plan.model_copy(update={"outcome": outcome})
    feasible = {"status": Status.FEASIBLE, "level": Level.FEASIBLE}
    with holding(as_result(unproved, **feasible)) as at:
        assert "nothing shows that it is the best; none is better than 6." in words(at)


def test_a_plan_that_does_not_work_says_where() -> None:
    plan = hand_made((BLOCKS[0], "take(b, a) put(a, c)"))
    with holding(as_result(plan, status=Status.UNSOLVED, level=Level.FAILED)) as at:
        assert "Step 2, put(a, c), lacks held(a)." in words(at)
        assert "The goal's on(a, b) does not hold at the end." in words(at)


def test_an_impossible_goal_has_the_part_that_can_be_reached() -> None:
    plan = hand_made(PARCELS)
    steps = steps_of("drive(v1, Ulm, Hof) load(red, v1, Hof) drive(v1, Hof, Ulm)")
    update = {
        "status": PlanStatus.IMPOSSIBLE, "steps": (), "reached_by": steps,
        "proof": "the whole space of states was searched", "reached": ("in_town(red, Ulm)",),
    }  # fmt: skip
    plan = plan.model_copy(update={"outcome": plan.outcome.model_copy(update=update)})
    plan = plan.model_copy(update={"simulation": None})
    conflict = {"status": Status.INFEASIBLE, "conflict": ("in_town(blue, Ulm)",)}
    with holding(as_result(plan, objective=None, **conflict)) as at:
        said = words(at)
        assert not at.header
        assert "The goal cannot be reached: no plan is possible." in said
        assert "The whole space of states was searched." in said
        assert "cannot be reached with the rest:\n\n- blue is in Ulm" in said
        assert "This much of the goal can be reached, in 3 steps**\n\n- red is in Ulm" in said
        assert pictures(at)[0][1].startswith("Storyboard of 3 steps")
        assert "Show ways out" not in buttons(at)


@pytest.mark.parametrize(
    ("status", "sentence"),
    [
        (Status.UNSOLVED, "No plan was found, nor that there is none. Out of time."),
        (Status.FORMULATED, "no plan was looked for yet"),
        (Status.NO_FORMULATION, "No formulation came about that a plan can be looked for with"),
    ],
)
def test_a_plan_that_was_not_found_has_a_sentence(status: Status, sentence: str) -> None:
    outcome = PlanOutcome(status=PlanStatus.UNSOLVED, message="Out of time.")
    plan = hand_made(PARCELS).model_copy(update={"outcome": outcome, "simulation": None})
    with holding(as_result(plan, status=status, objective=None, level=Level.FAILED)) as at:
        assert sentence in words(at)
        assert not at.header and not pictures(at) and not at.table


def test_a_search_has_its_point_its_trace_its_stages_and_its_program() -> None:
    with holding(searched()) as at:
        assert at.header[0].value.replace("\\", "") == "1.000002"
        said = words(at)
        assert "it was searched for, and is not proved to be the best there is" in said
        assert "- evaluations: **190 of 200 at most**" in said
        assert "- gave no number: **3 evaluations**" in said
        assert "- known from an earlier search: **10 evaluations**" in said
        assert "Fairly sure: 2 of 3 restarts ended here." in said
        assert "second program" not in said.lower()
        point, held = cells(at)
        assert point[1:] == [
            ["width", "2\\.00125", "0 to 9\\.5"],
            ["layers", "1", "1 to 20, whole"],
            ["paint", "red", "one of red, blue"],
        ]
        assert held[1] == ["not wider than the door", "\\-1\\.99875", "met"]
        assert "1. **two-points-de**, 120 evaluations, best 1.4: three kinds\n1. **tpe**" in said
        assert [alt.split(":")[0] for _, alt in pictures(at)] == ["Trace of the search"]
        assert [c.value for c in at.code] == ["print('the best point')"]
        assert "- It is no formula." in said


@pytest.mark.parametrize(
    ("status", "message", "sentence"),
    [
        (SearchStatus.NO_POINT, "", "No point that was tried meets every constraint"),
        (SearchStatus.FAILED, "`loss` raised KeyError: 'x'", "could not be evaluated. loss raised"),
    ],
)
def test_a_search_that_found_nothing_says_why(
    status: SearchStatus, message: str, sentence: str
) -> None:
    nothing = {"value": None, "trace": (), "stages": (), "point": (), "constraints": ()}
    with holding(searched(status=status, message=message, **nothing)) as at:
        assert sentence in words(at)
        assert at.info[0].value and not at.header and not pictures(at)


def formulated_view() -> None:
    """What the page runs for a plan's formulation, then for a search's."""
    from optiwright.ui.kinds_view import show_black_box, show_planning
    from tests.plans_by_hand import BRIDGE, as_result, hand_made
    from tests.searches_by_hand import BOX, searched

    plan = hand_made(BRIDGE)
    show_planning(as_result(plan), plan.planning, ())
    show_black_box(searched(), BOX)


def test_the_formulations_of_both_are_shown_part_by_part() -> None:
    at = AppTest.from_function(formulated_view, default_timeout=60).run()
    assert not at.exception
    said = words(at)
    assert "- person: `ann`, `bob`, `cy`" in said
    assert "- `pace(p: person)` in minutes" in said
    assert "- `cross_alone(p: person, s: side, t: side)`\n    - needs `stands(p, s)`" in said
    assert "    - costs `pace(slow)`" in said
    assert "`torch(near)`" in said and "The least cost, all steps together." in said
    assert "- `layers`: a whole number from 1 to 20" in said
    assert "- `too_wide` is at most zero: not wider than the door" in said
    assert "The least value, by 200 evaluations at most." in said
    lines, pasted, source = (c.value for c in at.code)
    assert lines.startswith("kind person") or "object ann, bob, cy: person" in lines
    assert pasted.startswith("def loss") and source.startswith("def loss")
    assert at.code[1].language == at.code[2].language == "python"
