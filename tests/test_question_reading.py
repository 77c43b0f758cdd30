"""Questions to typed changes: the plain reader, a model's lines, the grammar that holds them."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given as examples
from hypothesis import settings
from hypothesis import strategies as st

from optiwright.agent.prompting import load_prompt
from optiwright.formulators.asked_numbers import asked_numbers
from optiwright.formulators.change_grammar import change_grammar, outline
from optiwright.formulators.change_reply import read_changes
from optiwright.formulators.change_script import used
from optiwright.formulators.changes import (
    Add,
    AddConstraint,
    Changes,
    Decide,
    Drop,
    Others,
    Scale,
    SetTo,
)
from optiwright.formulators.errors import FormulationError
from optiwright.formulators.model import (
    Algebraic,
    Definition,
    Domain,
    Formulation,
    Objective,
    Sense,
    Variable,
)
from optiwright.formulators.question_reader import is_why, read_question
from optiwright.formulators.revising import apply
from tests.grammars import regex_of
from tests.sample_formulations import SAMPLES, given, listed, table

BOATS, ISLANDS = ("Gannet", "Heron", "Tern"), ("Iona", "Mull", "Skye")

FERRIES = Formulation(
    title="Boats and islands",
    sets=(listed("Boats", BOATS), listed("Islands", ISLANDS)),
    parameters=(
        given("load", dict.fromkeys(BOATS, 80), "b in Boats", unit="crates"),
        given("fare", table(BOATS, ISLANDS, ((4, 6, 9), (5, 3, 7), (6, 6, 6))),
              "b in Boats, i in Islands", unit="pounds"),
        given("upkeep", dict.fromkeys(BOATS, 100), "b in Boats", unit="pounds").model_copy(
            update={"description": "cost of keeping a boat in service"}
        ),
        given("food_order", dict.fromkeys(ISLANDS, 30), "i in Islands", unit="crates"),
        given("fuel_order", dict.fromkeys(ISLANDS, 20), "i in Islands", unit="crates"),
    ),
    variables=(
        Variable(name="sail", over="b in Boats", domain=Domain.BINARY,
                 description="whether a boat is open for service"),
        Variable(name="food", over="b in Boats, i in Islands", unit="crates"),
        Variable(name="fuel", over="b in Boats, i in Islands", unit="crates"),
        Variable(name="visit", over="b in Boats, i in Islands", domain=Domain.BINARY,
                 description="whether a boat calls at an island"),
    ),
    objectives=(
        Objective(
            sense=Sense.MINIMIZE,
            expression="sum(upkeep[b] * sail[b] for b in Boats) + sum(fare[b, i] * (food[b, i] "
            "+ fuel[b, i]) for b in Boats for i in Islands)",
        ),
    ),
    constraints=(
        Algebraic(
            name="loaded",
            over="b in Boats",
            expression="sum(food[b, i] + fuel[b, i] for i in Islands) <= load[b] * sail[b]",
        ),
        Algebraic(
            name="called",
            over="b in Boats, i in Islands",
            expression="food[b, i] + fuel[b, i] <= load[b] * visit[b, i]",
        ),
        Algebraic(
            name="food_met",
            over="i in Islands",
            expression="sum(food[b, i] for b in Boats) >= food_order[i]",
        ),
        Algebraic(
            name="fuel_met",
            over="i in Islands",
            expression="sum(fuel[b, i] for b in Boats) >= fuel_order[i]",
        ),
        Algebraic(
            name="docks", over="i in Islands", expression="sum(visit[b, i] for b in Boats) <= 2"
        ),
    ),
)  # fmt: skip


# --- the plain reader -----------------------------------------------------------------------------


def both(change: type[Scale | Add], at: tuple[Any, ...], **fields: float) -> Changes:
    return tuple(
        change.model_validate({"parameter": name, "at": at} | fields)
        for name in ("food_order", "fuel_order")
    )


PLAIN: list[tuple[str, Changes]] = [
    ("What if the food order of Skye grew by 12%?",
     (Scale(parameter="food_order", at=("Skye",), factor=1.12),)),
    ("Suppose the fuel order of Mull drops by a quarter.",
     (Scale(parameter="fuel_order", at=("Mull",), factor=0.75),)),
    ("How would a 9 percent rise in orders of Iona look?", both(Scale, ("Iona",), factor=1.09)),
    ("What if every order fell by 5?", both(Add, (), amount=-5)),
    ("Imagine that Heron's load is doubled.", (Scale(parameter="load", at=("Heron",), factor=2),)),
    ("Heron's load is halved, what then?", (Scale(parameter="load", at=("Heron",), factor=0.5),)),
    ("Tern can only load 40% of that.", (Scale(parameter="load", at=("Tern",), factor=0.4),)),
    ("The fare from Gannet to Skye becomes 11.",
     (SetTo(parameter="fare", at=("Gannet", "Skye"), value=11),)),
    ("What if Mull needs 7 more crates of food order?",
     (Add(parameter="food_order", at=("Mull",), amount=7),)),
    ("What if Mull wants 4 fewer crates of food order?",
     (Add(parameter="food_order", at=("Mull",), amount=-4),)),
    ("What if we cut the upkeep of Tern by 30%?",
     (Scale(parameter="upkeep", at=("Tern",), factor=0.7),)),
    ("What if the upkeep of Gannet and Tern rises by 10?",
     (Add(parameter="upkeep", at=("Gannet",), amount=10),
      Add(parameter="upkeep", at=("Tern",), amount=10))),
    ("What happens if we close Tern?", (Decide(decision="sail", at=("Tern",), value=0),)),
    ("What if Tern is broken?", (Decide(decision="sail", at=("Tern",), value=0),)),
    ("Suppose Tern is out of order", (Decide(decision="sail", at=("Tern",), value=0),)),
    ("What if Gannet is down?", (Decide(decision="sail", at=("Gannet",), value=0),)),
    ("What if Heron broke down?", (Decide(decision="sail", at=("Heron",), value=0),)),
    ("And if Heron were opened?", (Decide(decision="sail", at=("Heron",), value=1),)),
    ("Why is Gannet open?", (Decide(decision="sail", at=("Gannet",), value=0),)),
    ("Why is Gannet not open?", (Decide(decision="sail", at=("Gannet",), value=1),)),
    ("Why is Gannet closed?", (Decide(decision="sail", at=("Gannet",), value=1),)),
    ("Why does no fuel go from Tern to Mull?",
     (Decide(decision="fuel", at=("Tern", "Mull"), relation=">=", value=1),)),
    ("What is the reason that Heron brings food to Iona?",
     (Decide(decision="food", at=("Heron", "Iona"), value=0),)),
    ("Heron may bring at most 25 crates of food.",
     (Decide(decision="food", at=("Heron", "+"), relation="<=", value=25),)),
    ("What if each boat must visit at least 2?",
     (Decide(decision="visit", at=("*", "+"), relation=">=", value=2),)),
]  # fmt: skip


@pytest.mark.parametrize(("question", "changes"), PLAIN, ids=[q for q, _ in PLAIN])
def test_a_plain_question_is_read(question: str, changes: Changes) -> None:
    assert read_question(question, FERRIES) == changes
    apply(FERRIES, changes)


@pytest.mark.parametrize(
    "question",
    [
        "What if the weather is bad?",  # nothing of the model
        "What if the order rises by 5% and then by 7?",  # two numbers
        "What if the fuel order of Skye changes by 12%?",  # up or down
        "What if the fuel order of Heron rises by 12%?",  # a boat orders nothing
        "What if Skye rises by 12%?",  # what of Skye
        "Why is it 7 for Skye?",
        "Why is Skye as it is?",
        "What if we close Skye?",  # nothing is open or closed at an island
        "What if we close Tern but open Heron?",
        "What if we do not close Tern?",
        "Could Tern call at Mull instead of Iona?",
        "What if at least 2 and at most 4 islands are visited?",
        "",
        "What if the load of the Gannet falls to 40 and the Heron is closed?",
        "The upkeep of the Tern rises by 10%, but the Heron stops: what then?",
        "The upkeep of the Tern rises by 10%, and the Heron is broken.",
        "What if the demand goes down?",
    ],
)
def test_what_is_not_plain_is_left_to_a_model(question: str) -> None:
    assert read_question(question, FERRIES) is None


def test_two_that_must_not_meet_are_kept_apart() -> None:
    found = read_question("Tern and Heron cannot be at an island at the same time.", FERRIES)
    assert found is not None
    (change,) = found
    assert isinstance(change, AddConstraint)
    assert change.over == 'b in Boats, i in Islands if b == "Tern"'
    assert change.expression == 'visit[b, i] + visit["Heron", i] <= 1'


def test_a_day_of_the_week_means_all_days_that_begin_so() -> None:
    days = ("Mon1", "Tue2", "Mon8")
    base = Formulation(
        sets=(listed("Days", days),),
        parameters=(given("required", dict.fromkeys(days, 2), "d in Days"),),
    )
    found = read_question("What if 3 more are required on Mondays?", base)
    assert found == tuple(Add(parameter="required", at=(d,), amount=3) for d in ("Mon1", "Mon8"))
    found = read_question("What if 3 more are required on Mon 8?", base)
    assert found == (Add(parameter="required", at=("Mon8",), amount=3),)


def test_a_numbered_element_counts_after_its_sets_word() -> None:
    base = Formulation(
        sets=(listed("Plants", (1, 2, 3)),),
        parameters=(given("capacity", {1: 5, 2: 5, 3: 5}, "p in Plants"),),
    )
    found = read_question("What if the capacity of plant 3 falls by 2?", base)
    assert found == (Add(parameter="capacity", at=(3,), amount=-2),)


def test_scalar_names_of_a_flat_formulation_are_told_apart_by_their_words() -> None:
    base = Formulation(
        parameters=(
            given("lake_need", 40).model_copy(update={"description": "Lake needs 40 tonnes"}),
            given("mill_need", 35).model_copy(update={"description": "Mill needs 35"}),
        ),
    )
    found = read_question("What if the Mill's need rises by 20%?", base)
    assert found == (Scale(parameter="mill_need", factor=1.2),)


def test_a_whole_name_counts_before_a_part_of_a_longer_one() -> None:
    base = Formulation(
        variables=tuple(Variable(name=n, description=f"kg of {n}") for n in ("hay", "maize")),
        definitions=tuple(
            Definition(name=f"{n}_protein", expression=f"0.1 * {n}", description=f"of {n}")
            for n in ("hay", "maize")
        ),
    )
    found = read_question("What if at most 100 kg of hay may be used?", base)
    assert found == (Decide(decision="hay", relation="<=", value=100),)
    found = read_question("What if the hay's protein is at least 5?", base)
    assert found == (Decide(decision="hay_protein", relation=">=", value=5),)


@pytest.mark.parametrize("words", ["one", "a", "the"])
def test_articles_are_no_elements(words: str) -> None:
    base = Formulation(
        sets=(listed("Sites", ("A", "B")),),
        parameters=(given("rent", {"A": 1, "B": 2}, "s in Sites"),),
    )
    found = read_question(f"What if {words} rent rises by 20%?", base)
    assert found == (Scale(parameter="rent", factor=1.2),)
    found = read_question("What if the rent of site A rises by 20%?", base)
    assert found == (Scale(parameter="rent", at=("A",), factor=1.2),)


@pytest.mark.parametrize(
    ("question", "asks"),
    [
        ("Why is Tern closed?", True),
        ("What is the rationale behind this?", True),
        ("What prevents Tern from sailing?", True),
        ("What if Tern is closed?", False),
        ("How would it look?", False),
    ],
)
def test_a_question_for_a_reason_is_told(question: str, asks: bool) -> None:
    assert is_why(question) is asks


@settings(max_examples=80, deadline=None)
@examples(st.text(max_size=80), st.sampled_from([s.formulation for s in SAMPLES.values()]))
def test_the_reader_takes_any_text(question: str, base: Formulation) -> None:
    found = read_question(question, base)
    assert found is None or found


# --- numbers --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("question", "tokens"),
    [
        ("grows by 29%", ["29%"]),
        ("costs 1,250.50 then", ["1250.5"]),
        ("is halved", ["50%"]),
        ("by a third", ["33.3333333333%"]),
        ("twice as much", ["2"]),
        ("five more", ["5"]),
        ("tripled, and 4 more", ["3", "4"]),
        ("as it is", []),
        ("plant 3 makes 5 fewer", ["5"]),
        ("what of plant 3", ["3"]),
    ],
)
def test_the_numbers_of_a_question(question: str, tokens: list[str]) -> None:
    assert [n.token for n in asked_numbers(question)] == tokens


# --- a model's lines ------------------------------------------------------------------------------


def read(reply: str, question: str = "12%, 5, 9 and half") -> Changes:
    return read_changes(reply, FERRIES, asked_numbers(question))


@pytest.mark.parametrize(
    ("line", "change"),
    [
        ("raise food_order[Skye] by 12%", Scale(parameter="food_order", at=("Skye",), factor=1.12)),
        ("lower load[*] by 12%", Scale(parameter="load", at=("*",), factor=0.88)),
        ("raise load[Tern] by 5", Add(parameter="load", at=("Tern",), amount=5)),
        ("lower load[not Tern] by 5",
         Add(parameter="load", at=(Others(other_than="Tern"),), amount=-5)),
        ("set fare[Heron, Iona] to 9", SetTo(parameter="fare", at=("Heron", "Iona"), value=9)),
        ("multiply load[Heron] by 50%", Scale(parameter="load", at=("Heron",), factor=0.5)),
        ("multiply load[heron] by 5", Scale(parameter="load", at=("Heron",), factor=5)),
        ("avoid sail[Tern]", Decide(decision="sail", at=("Tern",), value=0)),
        ("use sail[Tern]", Decide(decision="sail", at=("Tern",), value=1)),
        ("use food[Tern, Mull]",
         Decide(decision="food", at=("Tern", "Mull"), relation=">=", value=1)),
        ("limit visit[*, +] to at most 5",
         Decide(decision="visit", at=("*", "+"), relation="<=", value=5)),
        ("limit food[Tern, +] to exactly 9",
         Decide(decision="food", at=("Tern", "+"), relation="==", value=9)),
        ("drop docks[Iona]", Drop(constraint="docks", at=("Iona",))),
        ("drop docks", Drop(constraint="docks")),
        ("require sum(food[b, i] for b in Boats) <= 9 for i in Islands  # little food",
         AddConstraint(name="required_1", expression="sum(food[b, i] for b in Boats) <= 9",
                       over="i in Islands", description="little food")),
    ],
)  # fmt: skip
def test_a_line_is_read(line: str, change: Any) -> None:
    assert read(line) == (change,)
    assert read(f"```\n{line}\n```") == (change,)
    apply(FERRIES, read(line))


def test_none_is_no_change() -> None:
    assert read("none") == () == read("None.")


@pytest.mark.parametrize(
    ("reply", "what", "remedy"),
    [
        ("raise food_ordr[Skye] by 12%", "no parameter `food_ordr`", "`food_order`"),
        ("raise food_order[Skye] by 13%", "does not say 13%", "12%, 5, 9, 50%"),
        ("raise food_order[Skye] to 12%", "`raise ... to`", "by 12%"),
        ("raise everything", "no change", "Begin with"),
        ("drop dock[Iona]", "no constraint", "`docks`"),
        ("avoid tern", "no decision", ""),
        ("require food['Tern', 'Mull'] <= 77", "does not say 77", "copy one"),
        ("", "is empty", "Write a line"),
        ("raise [x] by 5", "expected a name", "demand[Oslo]"),
    ],
)
def test_a_line_that_cannot_be_read_says_where_and_what(reply: str, what: str, remedy: str) -> None:
    with pytest.raises(FormulationError) as caught:
        read(reply)
    assert what in caught.value.what
    assert remedy in caught.value.remedy
    assert caught.value.where in {"line 1", "the reply"}


def test_a_number_is_only_taken_from_the_question() -> None:
    with pytest.raises(FormulationError, match="does not say 4"):
        read("set load[Tern] to 4", "What if nothing?")


def test_a_share_is_used_by_a_tenth_of_its_bound() -> None:
    base = SAMPLES["portfolio"].formulation
    assert used(base, "share", ("bond",)).value == pytest.approx(0.1)
    assert used(SAMPLES["transport"].formulation, "ship", ("Seattle", "Topeka")).value == 1


def test_an_element_with_commas_stands_in_quotes() -> None:
    base = Formulation(
        sets=(listed("Cities", ("Paris, France", "Rome")), listed("Years", (1, 2))),
        parameters=(
            given("rent", {(c, y): 1.0 for c in ("Paris, France", "Rome") for y in (1, 2)},
                  "c in Cities, y in Years"),
        ),
    )  # fmt: skip
    assert '"Paris, France"' in outline(base, "")
    found = read_changes('set rent["Paris, France", 2] to 5', base, asked_numbers("5"))
    assert found == (SetTo(parameter="rent", at=("Paris, France", 2), value=5),)


# --- the grammar ----------------------------------------------------------------------------------


def lines_of(base: Formulation, question: str) -> re.Pattern[str]:
    return re.compile(regex_of(change_grammar(base, question, asked_numbers(question)), "line"))


def test_the_grammar_holds_names_elements_and_numbers() -> None:
    line = lines_of(FERRIES, "What if 12% or 5?")
    for good in (
        "raise food_order[Skye] by 12%",
        "set fare[Heron, *] to 5",
        "limit visit[not Tern, +] to at least 5",
        "avoid sail[Tern]",
        "never both visit[Tern, *] and visit[Heron, *]",
        "drop docks[not Iona]",
    ):
        assert line.fullmatch(good), good
        read_changes(good, FERRIES, asked_numbers("What if 12% or 5?"))
    for bad in (
        "raise food_order[Skye] by 13%",
        "raise food_order[Tern] by 12%",
        "raise food_order by 12%",
        "raise load[+] by 5",
        "set fare[Heron] to 5",
        "raise sail[Tern] by 5",
        "never both food[Tern, *] and food[Heron, *]",
        "drop food[Tern, Mull]",
    ):
        assert not line.fullmatch(bad), bad


def test_without_numbers_no_line_has_one() -> None:
    line = lines_of(FERRIES, "Why does Tern sail?")
    assert line.fullmatch("avoid sail[Tern]")
    assert not line.fullmatch("raise load[Tern] by 1")


def test_of_many_elements_those_of_the_question_are_offered() -> None:
    many = [f"Town{k}" for k in range(500)]
    base = Formulation(
        sets=(listed("Towns", many),),
        parameters=(given("need", {t: 1.0 for t in many}, "t in Towns"),),
    )
    question = "What if the need of town 431 rises by 7?"
    assert lines_of(base, question).fullmatch("raise need[Town431] by 7")
    shown = outline(base, question)
    assert "Town431" in shown and len(shown) < 1000


@pytest.mark.parametrize("name", list(SAMPLES))
def test_every_sample_has_an_outline_and_a_grammar(name: str) -> None:
    base = SAMPLES[name].formulation
    shown = outline(base, "")
    assert all(v.name in shown for v in base.variables)
    assert all(c.name in shown for c in base.constraints)
    assert lines_of(base, "5").fullmatch("none") is None


# --- the prompt -----------------------------------------------------------------------------------

EXAMPLES = load_prompt("what_if").examples()


@pytest.mark.parametrize(("problem", "reply"), EXAMPLES, ids=[r for _, r in EXAMPLES])
def test_a_worked_example_is_right_about_its_model(problem: str, reply: str) -> None:
    question = problem.rpartition("Question: ")[2]
    numbers = asked_numbers(question)
    changes = read_changes(reply, FERRIES, numbers, question)
    assert bool(changes) is (reply != "none")
    apply(FERRIES, changes)
    line = lines_of(FERRIES, question)
    assert reply == "none" or all(line.fullmatch(one) for one in reply.splitlines())


def test_the_prompts_model_is_the_one_here() -> None:
    shown = EXAMPLES[0][0]
    parts = (*FERRIES.parameters, *FERRIES.variables, *FERRIES.constraints)
    assert set(re.findall(r"^(\w+)\[", shown, re.MULTILINE)) <= {p.name for p in parts}
    assert "Boats: Gannet, Heron, Tern" in shown


def shop(**units: str) -> Formulation:
    """Two products and the hours of a saw, as the flat form names its numbers."""
    return Formulation(
        title="A shop",
        parameters=(
            given("saw_shelf", {(): 3}, unit=units.get("shelf", "")),
            given("saw_table", {(): 8}, unit=units.get("table", "")),
            given("saw_limit", {(): 240}, unit=units.get("limit", "")),
        ),
        variables=(Variable(name="shelf"), Variable(name="table")),
        objectives=(Objective(name="profit", sense=Sense.MAXIMIZE, expression="shelf + table"),),
        constraints=(
            Algebraic(name="saw", expression="saw_shelf*shelf + saw_table*table <= saw_limit"),
        ),
    )


@pytest.mark.parametrize(
    ("question", "units", "meant"),
    [
        ("What if the saw has 300 minutes?", {}, ["saw_limit"]),
        ("What if the saw runs 300 hours?", {"limit": "hours", "shelf": "h/shelf"}, ["saw_limit"]),
        ("What if the saw takes 5 for each shelf?", {}, ["saw_shelf"]),
    ],
)
def test_one_number_is_not_said_of_several_that_differ(
    question: str, units: dict[str, str], meant: list[str]
) -> None:
    changes = read_question(question, shop(**units))
    assert [c.parameter for c in changes or () if isinstance(c, SetTo)] == meant


def test_a_number_that_may_be_said_of_several_different_ones_is_left_to_the_model() -> None:
    formulation = shop()
    renamed = tuple(
        p.model_copy(update={"name": p.name.replace("limit", "bench")})
        for p in formulation.parameters
    )
    constraint = Algebraic(name="saw", expression="saw_shelf*shelf + saw_table*table <= saw_bench")
    open_one = formulation.model_copy(update={"parameters": renamed, "constraints": (constraint,)})
    assert read_question("What if the saw has 300 minutes?", open_one) is None


def test_a_decision_without_an_index_is_meant_by_its_name() -> None:
    assert read_question("Why no table?", shop()) == (
        Decide(decision="table", relation=">=", value=1),
    )
    assert read_question("Why is the shelf made?", shop()) == (
        Decide(decision="shelf", relation="==", value=0),
    )
    assert read_question("Why no shelf and no table?", shop()) is None
    assert read_question("Why is it so?", shop()) is None
