"""Edits by hand: what they come to as changes and as versions, and where faults in them lie."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given as examples
from hypothesis import strategies as st

from optiwright import Formulation
from optiwright.agent.options import Options
from optiwright.agent.places import records_dir
from optiwright.agent.result import Status
from optiwright.agent.session import Session
from optiwright.agent.session_state import Route, Turn
from optiwright.formulators.changes import (
    AddConstraint,
    ChangeDomain,
    ChangeObjective,
    Drop,
    Redefine,
    Restate,
    SetBounds,
    SetEntries,
    TypedChange,
)
from optiwright.formulators.data import read_data
from optiwright.formulators.difference import difference
from optiwright.formulators.editing import (
    added_constraint,
    bound_text,
    constraint_edit,
    edit_faults,
    edits_told,
    entries_edit,
    goal_edit,
    plain_bound,
    variable_edit,
)
from optiwright.formulators.errors import FormulationError
from optiwright.formulators.findings import Code, Finding, Severity
from optiwright.formulators.model import (
    Algebraic,
    Bound,
    Domain,
    Entry,
    FromTable,
    Parameter,
    Sense,
    SetDef,
    Variable,
)
from optiwright.formulators.revising import apply
from optiwright.formulators.value_grids import value_grids
from tests.conversations import PROBLEM, PROFIT, Conversing, creameries
from tests.sample_formulations import SAMPLES, given, listed

TRANSPORT = SAMPLES["transport"].formulation
BOUGHT = "sum(send[c, t] for c in Creameries) <= 1.5*demand[t]"


@pytest.fixture(autouse=True)
def folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPTIWRIGHT_DATA_DIR", str(tmp_path / "data"))


def session(*, only_formulate: bool = False, replies: int = 1) -> Session:
    model = Conversing([creameries()] * replies)
    options = Options(model=model, route="compiled", only_formulate=only_formulate)
    if only_formulate:
        options = Options(model=model, only_formulate=True)
    return Session("plan", options=options)


def edit(talking: Session, *changes: TypedChange, version: int = 0, to: str = "") -> Turn:
    numbers = (version,) if version else ()
    route = Route(kind="edit", way="given", to=to, numbers=numbers, changes=changes)
    return ended(talking, "edited", route)


def ended(talking: Session, text: str, route: Route | None = None) -> Turn:
    turn = talking.send(text, route=route)
    assert isinstance(turn, Turn)
    return turn


def formulation(talking: Session) -> Formulation:
    version = talking.talk.version
    assert version is not None
    return Formulation.load(records_dir() / version.record / "formulation.json")


PRICE = SetEntries(parameter="price", entries=(Entry(index=("Bonn",), value=60),))


# --- in a session ---------------------------------------------------------------------------------


def test_edits_make_a_version_that_is_solved_and_changes_nothing_else() -> None:
    talking = session()
    ended(talking, PROBLEM)
    before = formulation(talking)
    turn = edit(talking, PRICE, Restate(constraint="bought", expression=BOUGHT), version=1)
    assert (turn.kind, turn.ok, turn.made, turn.current) == ("edit", True, 2, 2)
    assert "price[Bonn]: 55 -> 60" in turn.answer and "`/undo` goes back to 1" in turn.answer
    version = talking.talk.version
    assert version is not None and version.how == "revision" and version.parent == 1
    assert version.title == "edited: price (1 entry), bought"
    assert version.difference[0] == "price[Bonn]: 55 -> 60 (+9.09%)" and turn.spent.calls == 0
    assert version.objective is not None and version.objective > PROFIT
    after = formulation(talking)
    assert [c.name for c in after.constraints] == [c.name for c in before.constraints]
    same = {"parameters": before.parameters, "constraints": before.constraints}
    assert after.model_copy(update=same) == before
    assert ended(talking, "undo").current == 1


BAD: list[tuple[TypedChange, str]] = [
    (
        Restate(constraint="bought", expression="sum(send[c, t] for c in Creameries) <= dmand"),
        "characters 40 to 44",
    ),
    (
        Restate(constraint="bought", expression="sum(send[c, t] for c in Creameries) <= 3 4"),
        "a product needs `*`",
    ),
    (Restate(constraint="boght", expression="run['Ash'] <= 1"), "Did you mean `bought`?"),
    (
        SetEntries(parameter="price", entries=(Entry(index=("Bon",), value=1),)),
        "Did you mean `Bonn`?",
    ),
    (SetBounds(variable="send", lower="0", upper="limt"), "variable `send`, characters 1 to 4"),
    (ChangeObjective(expression="profit - ("), "objective `objective`"),
    (SetBounds(variable="run", lower="0", upper="2"), "yes or no"),
]


def test_a_bad_edit_says_where_it_is_wrong_and_changes_nothing() -> None:
    talking = session()
    ended(talking, PROBLEM)
    before = formulation(talking)
    for change, told in BAD:
        turn = edit(talking, PRICE, change)
        assert not turn.ok and turn.made == 0 and turn.current == 1
        assert told in turn.answer and "change 2" in turn.answer
        assert len(talking.talk.versions) == 1 and formulation(talking) == before


def test_an_edit_of_a_version_that_is_not_the_current_one_is_refused() -> None:
    talking = session()
    ended(talking, PROBLEM)
    edit(talking, PRICE, version=1)
    turn = edit(talking, PRICE, version=1)
    assert not turn.ok and "version 1 was edited" in turn.answer
    assert not edit(talking).ok


def test_a_formulation_is_looked_at_changed_and_then_solved_as_it_stands() -> None:
    talking = session(only_formulate=True)
    turn = ended(talking, PROBLEM)
    assert turn.ok and turn.made == 1 and "/solve" in turn.answer
    assert talking.result is not None and talking.result.status is Status.FORMULATED
    turn = edit(talking, PRICE, version=1)
    assert turn.ok and "Nothing is solved yet" in turn.answer
    assert "No solver" not in turn.answer
    turn = ended(talking, "Make it at most two creameries.")
    assert turn.kind == "revision" and "Nothing is solved yet" in turn.answer
    assert [v.status for v in talking.talk.versions] == [Status.FORMULATED] * 3
    turn = ended(talking, "solve it")
    assert turn.kind == "solve" and turn.current == 4 and turn.spent.calls == 0
    assert talking.talk.versions[3].status is Status.OPTIMAL
    assert "the profit (greatest)" in turn.answer
    assert "**What changes**" not in turn.answer
    assert formulation(talking) == Formulation.load(
        records_dir() / talking.talk.versions[2].record / "formulation.json"
    )
    assert ended(talking, "undo").current == 3


def test_a_what_if_of_a_formulation_that_is_not_solved_is_solved() -> None:
    talking = session(only_formulate=True)
    ended(talking, PROBLEM)
    turn = ended(talking, "What if the capacity of Birch grows by 20%?")
    assert turn.current == 1 and talking.talk.versions[1].status is Status.OPTIMAL
    assert "Before, the problem was" not in turn.answer


def test_an_edit_can_be_solved_at_once() -> None:
    talking = session(only_formulate=True)
    ended(talking, PROBLEM)
    edit(talking, PRICE, version=1, to="solve")
    assert talking.talk.versions[1].status is Status.OPTIMAL


def test_a_rejected_formulation_leaves_what_was_there_before() -> None:
    talking = session(only_formulate=True, replies=2)
    ended(talking, PROBLEM)
    turn = ended(talking, "x", Route(kind="undo", way="given"))
    assert turn.ok and turn.current == 0 and talking.talk.version is None
    ended(talking, PROBLEM)
    assert talking.talk.current == 2


# --- the typed changes ----------------------------------------------------------------------------


def test_entries_of_a_table_are_set_and_the_others_stay() -> None:
    entries = (Entry(index=("Seattle",), value=400), Entry(index=("San Diego",), value=500))
    new = apply(TRANSPORT, [SetEntries(parameter="supply", entries=entries)])
    assert difference(TRANSPORT, new) == (
        "supply[Seattle]: 350 -> 400 cases (+14.3%)",
        "supply[San Diego]: 600 -> 500 cases (-16.7%)",
    )
    twice = (Entry(index=("Seattle",), value=1), Entry(index=("Seattle",), value=2))
    with pytest.raises(FormulationError, match="given twice"):
        apply(TRANSPORT, [SetEntries(parameter="supply", entries=twice)])
    with pytest.raises(FormulationError, match="worked out from other numbers"):
        entry = Entry(index=("Seattle", "Topeka"), value=1)
        apply(TRANSPORT, [SetEntries(parameter="cost", entries=(entry,))])


def test_bounds_are_set_and_taken_away() -> None:
    new = apply(TRANSPORT, [SetBounds(variable="ship", lower="10", upper="supply[i]")])
    assert difference(TRANSPORT, new) == ("ship: bounds 0 to none -> 10 to supply[i]",)
    old = apply(new, [SetBounds(variable="ship", lower="0", upper=None)])
    assert difference(TRANSPORT, old) == ("ship: described otherwise",)  # its bounds are stated now


def test_a_restated_constraint_loses_a_sentence_whose_number_it_may_contradict() -> None:
    inventory = SAMPLES["product_mix"].formulation
    rule = inventory.constraints[0]
    assert isinstance(rule, Algebraic)
    said = rule.model_copy(update={"description": "At most 240 hours of carpentry."})
    base = inventory.model_copy(update={"constraints": (said, *inventory.constraints[1:])})
    other = "4*tables + 3*chairs <= 200"
    (new, *_) = apply(base, [Restate(constraint=rule.name, expression=other)]).constraints
    assert new == said.model_copy(update={"expression": other, "description": new.description})
    assert new.description == f"`{rule.name}`, changed by hand"
    told = Restate(constraint=rule.name, expression=other, description="Less carpentry.")
    assert apply(base, [told]).constraints[0].description == "Less carpentry."


def test_a_total_is_redefined() -> None:
    inventory = SAMPLES["inventory"].formulation
    total = inventory.definitions[0]
    new = apply(inventory, [Redefine(definition=total.name, expression=f"2*({total.expression})")])
    assert difference(inventory, new) == (
        f"total {total.name}: `{total.expression}` -> `2*({total.expression})`",
    )


# --- from inputs to changes -----------------------------------------------------------------------


def test_inputs_that_say_what_stands_make_no_change() -> None:
    ship = next(v for v in TRANSPORT.variables if v.name == "ship")
    rule, goal = TRANSPORT.constraints[0], TRANSPORT.leading
    assert goal is not None and isinstance(rule, Algebraic)
    assert variable_edit(ship, ship.lower, "", ship.domain) == []
    assert constraint_edit(rule, f" {rule.expression} ", rule.description) == []
    assert goal_edit(goal, goal.sense, goal.expression) == []
    assert entries_edit("supply", {("a",): 1.0}, {("a",): 1.0}) == []
    assert added_constraint(TRANSPORT, "  ", "", "") == []
    assert bound_text("0.0", 0.0) == "0.0" and bound_text("0", 2.0) == "2"
    assert (plain_bound("cap[i]"), plain_bound(None)) == ((False, None), (True, None))


def test_inputs_that_differ_make_the_changes() -> None:
    ship = next(v for v in TRANSPORT.variables if v.name == "ship")
    rule, goal = TRANSPORT.constraints[0], TRANSPORT.leading
    assert goal is not None
    assert variable_edit(ship, "0", "9", Domain.INTEGER) == [
        ChangeDomain(variable="ship", domain=Domain.INTEGER),
        SetBounds(variable="ship", lower="0", upper="9"),
    ]
    assert variable_edit(ship, "5", "9", Domain.BINARY) == [
        ChangeDomain(variable="ship", domain=Domain.BINARY)
    ]
    assert constraint_edit(rule, "", "", dropped=True) == [Drop(constraint=rule.name)]
    assert goal_edit(goal, Sense.MAXIMIZE, goal.expression) == [
        ChangeObjective(sense=Sense.MAXIMIZE)
    ]
    taken = apply(TRANSPORT, added_constraint(TRANSPORT, "ship['Seattle', 'Topeka'] <= 5", "", ""))
    (second,) = added_constraint(taken, "1 <= 2", "", "why")
    assert isinstance(second, AddConstraint)
    assert second.name == "added_2" and second.description == "why"


@pytest.mark.parametrize(
    ("change", "code", "place"),
    [
        (AddConstraint(name="n", expression="ship[p, m] <= 4", over="p in Plants, m in Marktes",
                       description="d"), None, ""),
        (Restate(constraint="within_supply", expression="sum(ship[p, m] for m in Markets) <= "),
         Code.SYNTAX, "character"),
        (Restate(constraint="within_supply", expression="sum(ship[p, m] for m in Markets)"),
         Code.SYNTAX, "characters 1 to 32"),
        (ChangeObjective(expression="sum(ship[p] for p in Plants)"), Code.ARITY, "characters 5 to"),
        (SetBounds(variable="ship", lower=None, upper="ship"), Code.VARIABLE_IN_DATA, "characters"),
    ],
)  # fmt: skip
def test_faults_in_expressions_have_their_place(
    change: TypedChange, code: Code | None, place: str
) -> None:
    faults = edit_faults(TRANSPORT, change)
    assert faults and all(f.severity is Severity.ERROR for f in faults)
    assert code is None or faults[0].code is code
    assert place in faults[0].place


def test_bounds_that_cross_are_told_before_the_edit_is_said() -> None:
    (fault,) = edit_faults(TRANSPORT, SetBounds(variable="ship", lower="0", upper="-5"))
    assert fault.code is Code.CROSSED_BOUNDS and "at least 0 and at most -5" in fault.message
    for lower, upper in (("3", "3"), ("-5", "0"), (None, "-5"), ("0", None)):
        assert not edit_faults(TRANSPORT, SetBounds(variable="ship", lower=lower, upper=upper))


def test_a_sound_edit_has_no_faults() -> None:
    sound = Restate(
        constraint="within_supply", expression="sum(ship[i, m] for m in Markets) <= 2*supply[i]"
    )
    assert edit_faults(TRANSPORT, sound) == ()
    assert edit_faults(TRANSPORT, Drop(constraint="within_supply")) == ()


@examples(st.text(max_size=60))
def test_whatever_is_written_is_told_with_its_place(written: str) -> None:
    for fault in edit_faults(TRANSPORT, ChangeObjective(expression=written)):
        assert fault.message
        _, *carets = fault.pointed.split("\n")
        assert len(carets) <= 1 and all(set(c) <= {" ", "^"} and "^" in c for c in carets)


def test_carets_stand_below_what_is_wrong_in_a_long_expression() -> None:
    expression = " + ".join(["x"] * 60) + " + wrng + x"
    at = expression.index("wrng")
    found = Finding(code=Code.SYNTAX, severity=Severity.ERROR, where="", message="m",
                    expression=expression, span=(at, at + 4))  # fmt: skip
    line, carets = found.pointed.split("\n")
    assert line[carets.index("^") : carets.rindex("^") + 1] == "wrng" and len(line) < 100
    assert line.startswith("... ") and not line.endswith(" ...")


def test_edits_are_told_in_a_few_words() -> None:
    entries = (Entry(index=("a",), value=1), Entry(index=("b",), value=2))
    told = edits_told(
        [
            SetEntries(parameter="demand", entries=entries),
            SetBounds(variable="x", lower=None, upper=None),
            ChangeDomain(variable="x", domain=Domain.INTEGER),
            Drop(constraint="limit"),
            ChangeObjective(sense=Sense.MINIMIZE),
            Restate(constraint="other", expression="1 <= 2"),
        ]
    )
    assert told == (
        "demand (2 entries), the range of x, limit dropped, the objective and 1 more edit"
    )


# --- tables ---------------------------------------------------------------------------------------


def test_a_pair_of_indices_is_a_table_of_rows_and_columns() -> None:
    grid = value_grids(TRANSPORT)["distance"]
    assert list(grid.frame.columns) == ["New York", "Chicago", "Topeka"]
    assert list(grid.frame.index) == ["Seattle", "San Diego"]
    assert grid.read(grid.frame) == grid.values
    edited = grid.frame.copy()
    edited.loc["San Diego", "Topeka"] = 1.5
    assert entries_edit("distance", grid.values, grid.read(edited)) == [
        SetEntries(parameter="distance", entries=(Entry(index=("San Diego", "Topeka"), value=1.5),))
    ]
    edited.loc["San Diego", "Topeka"] = float("nan")
    with pytest.raises(FormulationError, match="a cell is empty") as caught:
        grid.read(edited)
    assert caught.value.where == "distance[San Diego, Topeka]"


def test_derived_scalar_and_sparse_parameters() -> None:
    grids = value_grids(TRANSPORT)
    assert "cost" not in grids and grids["freight"].single and grids["freight"].values == {(): 90}
    sparse = Formulation(
        sets=(listed("Arcs", [("a", "b"), ("b", "c"), ("a", "c")]),),
        parameters=(given("length", {("a", "b"): 1, ("b", "c"): 2, ("a", "c"): 4}, "Arcs"),),
        variables=(Variable(name="x"),),
    )
    grid = value_grids(sparse)["length"]
    assert list(grid.frame.index) == ["a, b", "b, c", "a, c"] and grid.frame.shape == (3, 1)


def test_cells_that_come_from_a_file_are_changed_beside_it() -> None:
    stock = Formulation(
        sets=(SetDef(name="Goods", data=FromTable(table="stock", columns=("good",))),),
        parameters=(
            Parameter(
                name="kept",
                over="Goods",
                data=Bound(table="stock", value_column="kept", key_columns=("good",)),
            ),
        ),
        variables=(Variable(name="x", over="g in Goods", upper="kept[g]"),),
    ).with_data(read_data({"stock": pd.DataFrame({"good": ["nut", "bolt"], "kept": [5, 7]})}))
    grid = value_grids(stock)["kept"]
    assert grid.file == "column `kept` of `stock`" and grid.values == {("nut",): 5, ("bolt",): 7}
    new = apply(stock, entries_edit("kept", grid.values, grid.values | {("bolt",): 8.0}))
    assert value_grids(new)["kept"].values == {("nut",): 5, ("bolt",): 8}
    assert difference(stock, new) == ("kept[bolt]: 7 -> 8 (+14.3%)",)
