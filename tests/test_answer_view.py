"""The answer on the page: every outcome has its words, its evidence, its picture and its buttons."""

from __future__ import annotations

from collections.abc import Iterator
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
from optiwright.formulators.model import Assumption, Domain, Formulation, Variable
from optiwright.solver_tools.solution import Termination
from optiwright.ui.open_sessions import open_sessions
from tests.conversations import PROBLEM, PROFIT, Conversing, creameries
from tests.infeasible_problems import STAFF
from tests.sample_formulations import SAMPLES, given, listed, maximize
from tests.solved_results import solved

NAME = "plan"
ODD = "costs $5 and $6, :red[*all*] <b>of</b> it :material/home:"


@pytest.fixture(autouse=True)
def folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("OPTIWRIGHT_DATA_DIR", str(tmp_path / "data"))
    yield
    open_sessions.clear()
    st.cache_data.clear()


def view() -> None:
    """What the page runs for the answer of the session `plan`."""
    from optiwright.agent.session_store import this_user
    from optiwright.ui.answer_view import show_answer
    from optiwright.ui.open_sessions import open_sessions
    from optiwright.ui.scene import Scene

    session = open_sessions().get(f"{this_user()}/plan")
    show_answer(Scene(session, session.standing()))


def begun(text: str = PROBLEM, reply: dict[str, Any] | None = None, form: Any = None) -> Session:
    """The session that is shown, with one version."""
    session = open_sessions().get(f"{this_user()}/{NAME}")
    model = Conversing([reply or creameries()])
    session.options = Options(model=model, route="compiled", form=form)
    session.send(text)
    return session


def holding(result: Result) -> Session:
    """The session, its version's answer replaced by another result."""
    session = begun()
    version = session.talk.version
    assert version is not None
    file = records_dir() / version.record / "result.json"
    own = Result.from_json(file.read_text(encoding="utf-8"))
    kept = {"run_id": own.run_id, "record": own.record}
    file.write_text(result.model_copy(update=kept).to_json(), encoding="utf-8")
    return session


def looked() -> AppTest:
    at = AppTest.from_function(view, default_timeout=60).run()
    assert not at.exception
    return at


def words(at: AppTest) -> str:
    """All Markdown, captions and notes on the page."""
    parts = [*at.markdown, *at.caption, *at.info, *at.subheader]
    return "\n".join(str(part.value) for part in parts)


def buttons(at: AppTest) -> list[str]:
    return [b.label for b in at.button]


def pressed(at: AppTest, label: str) -> AppTest:
    at = next(b for b in at.button if b.label == label).click().run()
    assert not at.exception
    return at


def ended(session: Session) -> None:
    """Wait for the turn that a button began."""
    for _ in session.watch():
        pass


def pictures(at: AppTest) -> list[str]:
    """The SVG documents on the page, with what is said of them."""
    found = []
    for block in at.get("imgs"):
        for image in block.proto.imgs:
            found.append(image.url)
    return found


# --- solved ---------------------------------------------------------------------------------------


def test_a_solved_problem_has_its_value_its_evidence_its_tables_and_its_questions() -> None:
    begun()
    at = looked()
    assert at.subheader[0].value == "7\\,060 euros"
    assert f"{PROFIT:,.0f}" == "7,060"
    assert at.caption[0].value == "The profit\\, as large as possible"
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
    assert len(pictures(at)) == 1


def test_the_picture_is_an_image_with_its_words_for_who_cannot_see_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    seen: list[tuple[str, str]] = []
    begun()
    import optiwright.ui.answer_solution as solution

    monkeypatch.setattr(solution.st, "image", lambda svg, alt: seen.append((svg, alt)))
    looked()
    ((svg, alt),) = seen
    assert svg.startswith("<svg") and "prefers-color-scheme" not in svg
    assert alt.startswith("Network of crates sent, 3 links: Ash to Arle 240 crates")


@pytest.mark.parametrize(
    ("label", "kind"),
    [
        ("What limits it?", "sensitivity"),
        ("Which numbers matter?", "tornado"),
        ("Prove it", "prove"),
        ("Explain at length", "explain"),
    ],
)
def test_a_question_begins_its_turn(label: str, kind: str) -> None:
    session = begun()
    pressed(looked(), label)
    ended(session)
    turn = session.talk.turns[-1]
    assert (turn.text, turn.kind, turn.way, turn.ok) == (label, kind, "given", True)


def test_nothing_is_asked_while_a_turn_is_under_way(monkeypatch: pytest.MonkeyPatch) -> None:
    begun()
    monkeypatch.setattr(Session, "running", property(lambda self: True))
    assert all(b.disabled for b in looked().button)


def test_limits_and_prices_are_worked_out_when_their_fold_is_opened() -> None:
    session = begun()
    closed = looked()
    assert len(closed.dataframe) == 2
    version = session.talk.version
    assert version is not None
    closed.session_state[f"limits-{session.name}-{version.number}"] = True
    at = closed.run()
    assert not at.exception
    prices = at.dataframe[2].value
    assert prices["limit"].tolist() == ["bought, Arle", "bought, Bonn", "bought, Corve"] or (
        "Arle" in prices["limit"][0]
    )
    assert prices["one more"].tolist() == ["+23", "+18", "+18"]
    assert prices["one less"].tolist() == ["-23", "-18", "-18"]
    assert "every whole\\-numbered decision" in words(at) or "whole-numbered" in words(at)


def test_what_is_zero_is_left_out_until_it_is_wanted() -> None:
    items = [f"item {k}" for k in range(30)]
    f = Formulation(
        sets=(listed("Items", items),),
        parameters=(given("most", {i: float(k % 3 == 0) for k, i in enumerate(items)}, "i in Items"),),
        variables=(Variable(name="take", over="i in Items", upper="most[i]", unit="kg"),),
        objectives=maximize("sum(take[i] for i in Items)"),
    )  # fmt: skip
    holding(solved(f))
    at = looked()
    assert len(at.dataframe[0].value) == 10
    assert "20 rows and columns of zeros left out" in words(at).replace("\\", "")
    at = at.toggle[0].set_value(True).run()
    assert len(at.dataframe[0].value) == 30
    assert at.dataframe[0].value["value"].tolist() == [1.0] * 10 + [0.0] * 20


def test_long_units_stand_whole_and_quantities_are_listed() -> None:
    unit = "thousand euros of the year 2026 after tax and depreciation, discounted to today"
    f = SAMPLES["product_mix"].formulation
    holding(solved(f.model_copy(update={"objectives": maximize("tables + chairs", unit)})))
    at = looked()
    assert at.subheader[0].value.replace("\\", "").endswith(unit)
    assert "- number of tables: **" in words(at)
    assert not at.dataframe  # what is asked for is not told twice


def test_text_of_others_is_shown_as_it_stands() -> None:
    result = solved(SAMPLES["product_mix"].formulation)
    assert result.formulation is not None
    written = WrittenAnswer(
        source="print('# <b>')", standing=Standing.OPTIMAL, objective=17.0, words=f"It {ODD}",
        broken=(ODD,), verdict=ODD,
    )  # fmt: skip
    odd = result.model_copy(
        update={
            "agreement": Agreement.DISPUTED,
            "level": Level.DISPUTED,
            "written": written,
            "checks": (Check(name=ODD, passed=False, detail=ODD),),
            "conflict_note": ODD,
            "formulation": result.formulation.model_copy(
                update={"assumptions": (Assumption(text=ODD),)}
            ),
        }
    )
    holding(odd)
    at = looked()
    inside = "\n".join(str(m.value) for m in at.expander[0].markdown)
    assert ":material/close: failed" in inside
    for line in (words(at), inside):
        assert " $" not in line and ":red[" not in line and "<b>" not in line.replace("\\<b", "")
        assert ":material/home:" not in line
    assert at.expander[0].label.endswith("Disputed]")
    assert at.code[0].value == "print('# <b>')"
    assert "The program's answer: optimal 17" in inside


def test_other_readings_and_scenarios_are_tables() -> None:
    result = solved(SAMPLES["product_mix"].formulation)
    cases = (
        Case(name="whole numbers", status=Status.OPTIMAL, objective=4090.0),
        Case(name="not at all", status=Status.INFEASIBLE),
    )
    holding(result.model_copy(update={"alternatives": cases[:1], "scenarios": cases}))
    at = looked()
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
    session = holding(result.model_copy(update=update))
    at = looked()
    assert "nothing shows that it is the best" in words(at)
    assert "the bound is 4\\,200\\, a gap of 2\\.44\\%" in words(at)
    assert buttons(at) == ["Prove it", "Explain at length"]
    version = session.talk.version
    assert version is not None
    at.session_state[f"limits-{session.name}-{version.number}"] = True
    at = at.run()
    assert not at.exception
    assert "carpentry_time" in words(at)


def test_two_goals_have_their_compromises_behind_a_fold() -> None:
    f = SAMPLES["product_mix"].formulation
    goals = maximize("tables") + maximize("chairs")
    named = tuple(g.model_copy(update={"name": n}) for g, n in zip(goals, "ab", strict=True))
    session = holding(solved(f.model_copy(update={"objectives": named})))
    at = looked()
    before = len(pictures(at))
    version = session.talk.version
    assert version is not None
    at.session_state[f"compromises-{session.name}-{version.number}"] = True
    at = at.run()
    assert not at.exception
    assert len(pictures(at)) == before + 1


# --- without a solution ---------------------------------------------------------------------------


def test_an_infeasible_problem_has_its_conflict_and_a_way_out_can_be_taken() -> None:
    session = begun(STAFF.text, STAFF.right, "flat")
    at = looked()
    assert not at.subheader
    assert "There is no solution" in words(at) and "These cannot all hold" in words(at)
    for line in STAFF.conflict:
        assert line.split("`")[0][:20] in words(at).replace("\\", "")
    assert buttons(at)[0] == "Show ways out"
    assert "What limits it?" not in buttons(at)
    at = pressed(at, "Show ways out")
    ways = [label for label in buttons(at) if label.startswith("Take way out")]
    assert ways and ways[0] == "Take way out 1"
    assert "raised from 9 to 11" in words(at)
    pressed(at, "Take way out 1")
    ended(session)
    turn = session.talk.turns[-1]
    assert (turn.kind, turn.way, turn.ok) == ("repair", "given", True)
    assert turn.text.startswith("Take way out 1. The least change") and "`" not in turn.text
    version = session.talk.version
    assert version is not None and (version.number, version.status) == (2, Status.OPTIMAL)
    assert looked().subheader[0].value.startswith("1\\,320")


def test_an_unbounded_problem_says_what_grows_and_what_to_do() -> None:
    f = Formulation(variables=(Variable(name="desks"),), objectives=maximize("desks"))
    holding(solved(f).model_copy(update={"conflict": ("`desks` can grow",)}))
    at = looked()
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
    holding(result.model_copy(update=nothing))
    at = looked()
    assert sentence in words(at)
    assert remedy in at.info[0].value
    assert not at.subheader and not at.dataframe and not pictures(at)


def test_a_solver_that_stopped_says_why() -> None:
    result = solved(SAMPLES["product_mix"].formulation)
    assert result.solution is not None
    solution = result.solution.model_copy(
        update={"termination": Termination.TIME_LIMIT, "message": "The time limit was reached.",
                "values": (), "objective": None}
    )  # fmt: skip
    update = {"status": Status.UNSOLVED, "solution": solution, "objective": None, "answers": ()}
    holding(result.model_copy(update=update))
    assert "The time limit was reached\\." in words(looked())


def test_a_program_alone_is_told_as_that() -> None:
    written = WrittenAnswer(source="", standing=Standing.OPTIMAL, objective=12.5, words="Alone.")
    result = Result(
        run_id="x", text="", status=Status.OPTIMAL, level=Level.UNCHECKED, written=written
    )
    holding(result)
    at = looked()
    assert at.subheader[0].value == "12\\.5"
    assert "no formulation stands beside it" in words(at)
    assert not at.button


def test_without_an_objective_nothing_has_a_price() -> None:
    f = Formulation(variables=(Variable(name="go", domain=Domain.BINARY),))
    holding(solved(f))
    at = looked()
    assert "meets every requirement" in words(at)
    assert not at.subheader and "What limits it?" not in buttons(at)


def test_an_answer_whose_files_are_gone_says_so() -> None:
    session = begun()
    version = session.talk.version
    assert version is not None
    (records_dir() / version.record / "result.json").unlink()
    at = looked()
    assert "files of this answer are gone" in at.info[0].value
    assert not at.button
