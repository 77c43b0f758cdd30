"""The formulation on the page: lines and their words, edits as one turn, faults in their place."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from streamlit.testing.v1 import AppTest

from optiwright.agent.options import Options
from optiwright.agent.result import Result, Status
from optiwright.agent.session import Session
from optiwright.agent.session_state import Route, Version
from optiwright.formulators.changes import Restate, SetBounds, SetEntries
from optiwright.formulators.model import (
    Algebraic,
    Domain,
    Entry,
    Formulation,
    Objective,
    Sense,
    Variable,
)
from tests.conversations import PROBLEM, Conversing, creameries
from tests.sample_formulations import given, maximize
from tests.wire_samples import BAKERY, flat_reply

KEY = "formulation-me/plan-1"
TRICKY = "**bold** $x$ :red[no] :material/home: <b>x</b> [link](http://a.b)"


@pytest.fixture(autouse=True)
def folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPTIWRIGHT_DATA_DIR", str(tmp_path / "data"))


class FakeScene:
    """A scene of one result; keeps what is said."""

    def __init__(self, result: Result | None, *, busy: bool = False) -> None:
        self.session = SimpleNamespace(name="me/plan")
        self.result = result
        self.busy = busy
        self.said: list[tuple[str, Route | None]] = []
        status = result.status if result is not None else Status.OPTIMAL
        self.version = Version(
            number=1, parent=0, turn=1, how="problem", title="t", record=f"r{id(self)}",
            status=status,
        )  # fmt: skip

    def say(self, text: str, *, files: Any = None, route: Route | None = None) -> None:
        self.said.append((text, route))


def page(scene: FakeScene) -> AppTest:
    def shown() -> None:
        import streamlit as st

        from optiwright.ui.formulation_view import show_formulation

        show_formulation(st.session_state["scene"])

    at = AppTest.from_function(shown, default_timeout=30)
    at.session_state["scene"] = cast(Any, scene)
    at.run()
    assert not at.exception
    return at


def result_of(
    reply: dict[str, Any], text: str, *, only_formulate: bool = False, form: Any = None
) -> Result:
    options = Options(model=Conversing([reply]), only_formulate=only_formulate, form=form)
    if not only_formulate:
        options = Options(model=Conversing([reply]), route="compiled", form=form)
    talking = Session("plan", options=options)
    talking.send(text)
    found = talking.result
    assert found is not None
    return found


def bare(formulation: Formulation, text: str = "", status: Status = Status.OPTIMAL) -> Result:
    return Result(run_id="r", text=text, status=status, formulation=formulation)


def texts(at: AppTest) -> str:
    return "\n".join(m.value for m in [*at.markdown, *at.caption])


def turn_edit(at: AppTest, *, on: bool = True) -> AppTest:
    at.toggle(key=f"{KEY}-edit").set_value(on).run()
    assert not at.exception
    return at


def test_the_five_elements_stand_with_formula_sentence_unit_and_numbers() -> None:
    at = page(FakeScene(result_of(creameries(), PROBLEM)))
    said = texts(at)
    for title in ("Sets", "Parameters", "Variables", "Objective", "Constraints"):
        assert f"##### {title}" in said
    formulas = [line.value for line in at.latex]
    assert any(r"\mathrm{run}_{c} \in \{0, 1\}" in formula for formula in formulas)
    assert "crates sent *in crates*" in said
    table = at.dataframe[0].value
    assert list(table.columns) == ["Number", "In the text", "Where it went"]
    assert "price[Bonn]" in set(table["Where it went"])


def test_a_click_marks_the_words_of_a_line_in_the_text() -> None:
    at = page(FakeScene(result_of(flat_reply(), f"{BAKERY} {TRICKY}", form="flat")))
    assert ":yellow-background[" not in texts(at)
    names = [b.key for b in at.button if b.key and b.key.endswith("-words")]
    at.button(key=f"{KEY}-Parameters-1-words").click().run()
    marks = [m.value for m in at.markdown if ":yellow-background[**takes 3 minutes" in m.value]
    assert len(marks) == 2 and len(names) > 6  # in the text, and below the line
    assert ":red[" not in texts(at) and "$x$" not in texts(at) and "<b>" not in texts(at)
    at.button(key=f"{KEY}-Parameters-1-words").click().run()
    assert ":yellow-background[" not in texts(at)


def test_an_edited_cell_and_a_bound_and_a_constraint_are_one_turn() -> None:
    scene = FakeScene(result_of(creameries(), PROBLEM))
    at = turn_edit(page(scene))
    assert at.button(key="apply-solve-1").disabled
    at.session_state[f"{KEY}-table-price"] = {
        "edited_rows": {1: {"price": 60}}, "added_rows": [], "deleted_rows": [],
    }  # fmt: skip
    at.number_input(key=f"{KEY}-variable-send-upper").set_value(150.0)
    expression = "sum(send[c, t] for c in Creameries) <= 2*demand[t]"
    at.text_input(key=f"{KEY}-rule-bought-expression").set_value(expression)
    at.run()
    assert not at.exception and not at.error
    assert "**3 edits**: price" in texts(at)
    at.button(key="apply-solve-1").click().run()
    ((said, route),) = scene.said
    assert said == "Edit: price (1 entry), the range of send, bought"
    assert route is not None and (route.kind, route.to, route.numbers) == ("edit", "solve", (1,))
    assert route.changes == (
        SetEntries(parameter="price", entries=(Entry(index=("Bonn",), value=60),)),
        SetBounds(variable="send", lower="0", upper="150"),
        Restate(constraint="bought", expression=expression),
    )


def test_a_table_of_pairs_is_edited_by_row_and_column() -> None:
    scene = FakeScene(result_of(creameries(), PROBLEM))
    at = turn_edit(page(scene))
    at.session_state[f"{KEY}-table-transport_cost"] = {
        "edited_rows": {2: {"Bonn": 70}}, "added_rows": [], "deleted_rows": [],
    }  # fmt: skip
    at.run()
    at.button(key="apply-solve-1").click().run()
    route = scene.said[0][1]
    assert route is not None
    entry = Entry(index=("Cedar", "Bonn"), value=70)
    assert route.changes == (SetEntries(parameter="transport_cost", entries=(entry,)),)


def test_a_bad_expression_is_told_right_there_and_nothing_is_said() -> None:
    scene = FakeScene(result_of(flat_reply(), BAKERY, form="flat"))
    at = turn_edit(page(scene))
    at.text_input(key=f"{KEY}-rule-oven-expression").set_value("oven_bread*bred <= oven_limit")
    at.run()
    assert at.code[0].value == "oven_bread*bred <= oven_limit\n           ^^^^"
    assert "Characters 12 to 15" in at.error[0].value and "bread" in at.error[0].value
    assert at.button(key="apply-solve-1").disabled and scene.said == []
    at.text_input(key=f"{KEY}-rule-oven-expression").set_value("oven_bread*bread <= oven_limit")
    at.run()
    assert not at.error and not at.button(key="apply-solve-1").disabled


def test_constraints_are_dropped_and_added() -> None:
    scene = FakeScene(result_of(flat_reply(), BAKERY, form="flat"))
    at = turn_edit(page(scene))
    at.checkbox(key=f"{KEY}-rule-oven-drop").check()
    at.text_input(key=f"{KEY}-new-expression").set_value("bread + cake <= 30")
    at.run()
    at.button(key="apply-solve-1").click().run()
    route = scene.said[0][1]
    assert route is not None
    assert [c.kind for c in route.changes] == ["drop", "add_constraint"]


def test_an_unsolved_formulation_is_solved_or_taken_back() -> None:
    unsolved = result_of(flat_reply(), BAKERY, form="flat", only_formulate=True)
    scene = FakeScene(unsolved)
    at = page(scene)
    assert "Nothing is solved yet" in texts(at)
    at.button(key=f"{KEY}-solve").click().run()
    at.button(key=f"{KEY}-reject").click().run()
    assert [(r.kind if r else "") for _, r in scene.said] == ["solve", "undo"]
    at = turn_edit(page(scene))
    at.number_input(key=f"{KEY}-value-oven_limit").set_value(300.0)
    at.run()
    assert at.button(key=f"{KEY}-solve").disabled  # the edits first
    at.button(key="apply-1").click().run()
    route = scene.said[-1][1]
    assert route is not None and route.to == ""


def test_another_reading_of_an_unsolved_formulation_is_one_click() -> None:
    scene = FakeScene(result_of(creameries(), PROBLEM, only_formulate=True))
    at = page(scene)
    assert "What the text leaves open" in texts(at)
    next(b for b in at.button if b.label.startswith("Read it as")).click().run()
    said, route = scene.said[0]
    assert said.startswith("Read it as: ") and route is not None and route.changes


def test_nothing_can_be_edited_while_a_turn_is_under_way() -> None:
    at = page(FakeScene(result_of(flat_reply(), BAKERY, form="flat"), busy=True))
    assert at.toggle(key=f"{KEY}-edit").disabled


def test_a_large_formulation_shows_fifty_lines_and_more_on_a_click() -> None:
    variables = tuple(Variable(name=f"x{k}", description=f"thing {k}") for k in range(120))
    at = page(FakeScene(bare(Formulation(variables=variables))))
    assert len(at.latex) == 51  # and the objective
    more = next(b for b in at.button if b.label == "70 more lines of variables")
    more.click().run()
    assert len(at.latex) == 101
    assert any(b.label == "20 more lines of variables" for b in at.button)


def test_what_others_wrote_is_shown_as_it_stands() -> None:
    formulation = Formulation(
        parameters=(given("p", 4, unit=TRICKY),),
        variables=(Variable(name="x", description=TRICKY, unit=TRICKY, upper="p"),),
        objectives=(Objective(sense=Sense.MAXIMIZE, expression="x", description=TRICKY),),
        constraints=(Algebraic(name="r", expression="x <= p", description=TRICKY),),
    )
    at = turn_edit(page(FakeScene(bare(formulation, TRICKY))))
    labels = [w.label for w in [*at.text_input, *at.number_input, *at.selectbox, *at.button]]
    for shown in [texts(at), *labels]:
        for mark in ("**bold**", "$x$", ":red[", ":material/home", "<b>", "[link]"):
            assert mark not in shown


def test_an_answer_without_a_formulation_has_its_sentence() -> None:
    gone = page(FakeScene(None))
    assert "files of this version are gone" in gone.info[0].value
    none = page(FakeScene(Result(run_id="r", text="t", status=Status.OPTIMAL)))
    assert "no formulation" in none.info[0].value


def test_the_kinds_of_a_variable_are_offered_in_words() -> None:
    formulation = Formulation(
        variables=(
            Variable(name="y", domain=Domain.BINARY),
            Variable(name="z", domain=Domain.SEMICONTINUOUS, lower="1", upper="5"),
        ),
        objectives=maximize("y + z"),
    )
    scene = FakeScene(bare(formulation))
    at = turn_edit(page(scene))
    assert not any(n.key and "variable-y" in n.key for n in at.number_input)
    at.selectbox(key=f"{KEY}-variable-y-kind").set_value(Domain.INTEGER).run()
    at.button(key="apply-solve-1").click().run()
    route = scene.said[0][1]
    assert route is not None and [c.kind for c in route.changes] == ["domain"]
