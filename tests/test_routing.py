"""Where turns go without a model: commands, plain words, and what is left to the model."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from optiwright import UserError
from optiwright.agent.result import Status
from optiwright.agent.routing import COMMANDS, Scene, route_plainly
from optiwright.agent.routing_asked import ASKED
from optiwright.agent.secrets_told import without_keys
from optiwright.agent.turns import ACTS
from optiwright.formulators.changes import ChangeObjective, Decide
from optiwright.formulators.goal_reader import parameter_meant, read_goal, total_meant
from optiwright.formulators.lift import lift
from optiwright.formulators.model import Formulation, Sense
from optiwright.formulators.question_reader import read_question
from optiwright.formulators.wire import Form, read_wire
from tests.conversations import PROBLEM, creameries
from tests.wire_samples import BAKERY


def formulation() -> Formulation:
    import json

    return lift(read_wire(json.dumps(creameries()), Form.INDEXED), PROBLEM)


CREAMERIES = formulation()
SOLVED = Scene(CREAMERIES, Status.OPTIMAL)

PLAIN = {
    "Hello!": "talk",
    "thanks, that is all": "talk",
    "What can you do?": "help",
    "Make it at most two creameries.": "revision",
    "Birch's capacity is now 300": "revision",
    "Actually, a crate sells for 60 euros in Bonn": "revision",
    "We must not run Ash": "revision",
    "maximise revenue, not profit": "revision",
    "What if the price in Bonn falls by 10%?": "what_if",
    "Suppose Ash could make 400 crates.": "what_if",
    "How much would we earn if Arle bought 300 crates?": "what_if",
    "Why is Cedar run?": "why",
    "why not send anything from Ash to Bonn": "why",
    "keep that": "keep",
    "Let's go with that": "keep",
    "undo": "undo",
    "Please take that back": "undo",
    "go back": "undo",
    "go back to version 2": "back",
    "switch to the original": "back",
    "compare version 1 and 3": "compare",
    "What has changed since version 1?": "compare",
    "call this `lean`": "branch",
    "show me the history": "history",
    "export it to plan.xlsx": "export",
    "Save the model as model.lp": "export",
    "explain the answer": "explain",
    "How sure are you of that?": "explain",
    "Show the formulation again": "show",
    "What limits the profit?": "sensitivity",
    "How much is one more crate at Ash worth?": "sensitivity",
    "Which numbers matter most?": "tornado",
    "vary the price in Bonn from 50 to 60": "sweep",
    "What is the trade-off between profit and revenue?": "pareto",
    "What would have to change to make it possible?": "repairs",
    "take the second repair": "repair",
    "Is that really the best plan?": "prove",
    "use this file instead": "data",
    f"New problem: {BAKERY}": "problem",
    PROBLEM: "problem",
    BAKERY: "problem",
}


@pytest.mark.parametrize("said", PLAIN)
def test_plain_words_need_no_model(said: str) -> None:
    found = route_plainly(said, SOLVED)
    assert found is not None and (found.kind, found.way) == (PLAIN[said], "rule")


@pytest.mark.parametrize(
    "said", ["My cousin lives in Bonn", "Bonn?", "The dairy inspector was here yesterday"]
)
def test_what_is_not_plain_is_left_to_the_model(said: str) -> None:
    assert route_plainly(said, SOLVED) is None


@pytest.mark.parametrize("said", [BAKERY, PROBLEM, "I have 3 vans and 10 parcels"])
def test_before_an_answer_a_text_with_numbers_is_a_problem(said: str) -> None:
    found = route_plainly(said, Scene())
    assert found is not None and (found.kind, found.to) == ("problem", said)


@pytest.mark.parametrize(
    "said", ["What if the capacity of Birch falls by 20%?", "And what happens if Bonn needs 40?"]
)
def test_a_what_if_before_an_answer_is_no_problem(said: str) -> None:
    for scene in (Scene(), Scene(attached=("costs.csv",))):
        found = route_plainly(said, scene)
        assert found is not None and found.kind == "what_if"


def test_commands_are_never_guessed() -> None:
    for name, (kind, _) in COMMANDS.items():
        found = route_plainly(f"/{name} 2", SOLVED)
        assert found is not None and (found.kind, found.way) == (kind, "command")
        assert kind in ACTS
    with pytest.raises(UserError, match="no command `/undoo`"):
        route_plainly("/undoo", SOLVED)
    assert set(ASKED) <= set(ACTS)


def test_details_of_a_turn_are_read() -> None:
    def details(said: str) -> tuple[str, tuple[float, ...]]:
        found = route_plainly(said, SOLVED)
        assert found is not None
        return found.to, found.numbers

    assert details("export it to `my plan.xlsx`")[0] == "my plan.xlsx"
    assert details("compare the first and #3")[1] == (1, 3)
    assert details("vary the price in Bonn from 50 to 60.5 in 5 steps")[1] == (50, 60.5, 5)
    assert details("call this `lean`")[0] == "lean"
    assert details("call this lean")[0] == "lean"
    assert details("/new a problem with 3 vans")[0] == "a problem with 3 vans"


@given(st.text(max_size=300))
def test_no_text_is_too_odd_to_route(said: str) -> None:
    for scene in (Scene(), SOLVED):
        try:
            route_plainly(said, scene)
        except UserError:
            assert said.strip().startswith("/")


def test_a_goal_is_read_where_its_total_is_plain() -> None:
    goal = read_goal("Maximise the revenue, not the profit", CREAMERIES)
    assert goal == ChangeObjective(
        sense=Sense.MAXIMIZE, expression="revenue", description="what the crates sell for", unit=""
    )
    least = read_goal("minimize costs instead", CREAMERIES)
    assert least is not None and (least.sense, least.expression) == (Sense.MINIMIZE, "costs")
    for open_words in ("maximise happiness", "maximise profit and minimise costs", "more revenue"):
        assert read_goal(open_words, CREAMERIES) is None


def test_numbers_and_totals_are_meant_by_their_words() -> None:
    assert parameter_meant("the capacity of Ash", CREAMERIES) == "capacity[Ash]"
    assert parameter_meant("`demand`", CREAMERIES) == "demand"
    assert parameter_meant("happiness", CREAMERIES) is None
    meant = total_meant("all costs", CREAMERIES)
    assert meant is not None and meant.name == "costs"


@pytest.mark.parametrize(
    ("said", "relation", "value"),
    [
        ("at most two creameries", "<=", 2),
        ("at least 3 of the creameries must run", ">=", 3),
        ("no more than 2 creameries", "<=", 2),
    ],
)
def test_a_choice_among_a_set_is_counted(said: str, relation: str, value: float) -> None:
    changes = read_question(said, CREAMERIES)
    assert changes is not None and len(changes) == 1
    (change,) = changes
    assert isinstance(change, Decide)
    assert (change.decision, change.at, change.relation) == ("run", ("+",), relation)
    assert change.value == value


@pytest.mark.parametrize("said", ["at most 2.5 creameries", "at most two dairies"])
def test_a_count_of_nothing_that_is_chosen_is_left_open(said: str) -> None:
    assert read_question(said, CREAMERIES) is None


def test_keys_are_taken_out_of_a_text(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "plain-word-key")
    text = without_keys("plain-word-key, sk-abcdefghijklmnopqrst, mine-and-only", "mine-and-only")
    assert text == "[a key], [a key], [a key]"
    assert without_keys("a task-force of sk-ill", None) == "a task-force of sk-ill"
