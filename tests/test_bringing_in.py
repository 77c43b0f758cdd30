"""What a conversation brings in: a new element of a set with its data, a new decision."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import given as examples
from hypothesis import settings
from hypothesis import strategies as st

from optiwright import Formulation, solve
from optiwright.agent.options import Options
from optiwright.agent.places import records_dir
from optiwright.agent.session import Session
from optiwright.agent.session_state import Turn
from optiwright.formulators.asked_numbers import asked_numbers
from optiwright.formulators.change_grammar import change_grammar, outline
from optiwright.formulators.change_reply import read_changes
from optiwright.formulators.changes import (
    CHANGES,
    AddDecision,
    AddElement,
    Changes,
    Decide,
    SetTo,
    Term,
)
from optiwright.formulators.data import read_data
from optiwright.formulators.difference import difference
from optiwright.formulators.errors import FormulationError
from optiwright.formulators.model import (
    Algebraic,
    Asked,
    Bound,
    Definition,
    Domain,
    FromTable,
    Given,
    Listed,
    Objective,
    Range,
    Sense,
    SetDef,
    Variable,
)
from optiwright.formulators.named_places import places_of
from optiwright.formulators.parser import parse_relation
from optiwright.formulators.question_reader import read_question
from optiwright.formulators.revising import apply
from optiwright.formulators.wire import Form
from tests.conversations import Conversing
from tests.grammars import admits
from tests.sample_formulations import SAMPLES, given, listed
from tests.test_question_reading import FERRIES
from tests.wire_samples import BAKERY, flat_reply, indexed_reply

HATS = "We can now also make hats: 2 minutes of oven each, sells for 30, at most 40."
TRANSPORT = SAMPLES["transport"].formulation
SUPPLIER = AddElement(
    set_name="Plants",
    element="Denver",
    entries=(
        SetTo(parameter="supply", at=("Denver",), value=100),
        SetTo(parameter="distance", at=("Denver", "*"), value=1),
    ),
)


@pytest.fixture(autouse=True)
def folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPTIWRIGHT_DATA_DIR", str(tmp_path / "data"))


def refusal(formulation: Formulation, *changes: Any) -> FormulationError:
    with pytest.raises(FormulationError) as caught:
        apply(formulation, changes)
    return caught.value


def without_element(formulation: Formulation, name: str, element: Any) -> Formulation:
    """A formulation with an element and every entry of it taken out."""
    sets = []
    for part in formulation.sets:
        if part.name == name:
            assert isinstance(part.data, Listed)
            kept = tuple(e for e in part.data.elements if e != element)
            part = part.model_copy(update={"data": Listed(elements=kept)})
        sets.append(part)
    parameters = []
    for p in formulation.parameters:
        if isinstance(p.data, Given):
            entries = tuple(e for e in p.data.entries if element not in e.index)
            p = p.model_copy(update={"data": p.data.model_copy(update={"entries": entries})})
        parameters.append(p)
    return formulation.model_copy(update={"sets": tuple(sets), "parameters": tuple(parameters)})


def without_decision(formulation: Formulation, name: str) -> Formulation:
    """A formulation with a decision, its numbers and its terms taken out."""
    term = re.compile(rf" [+-] (?:\w+_{name}(?:_\d+)?\*)?{name}\b")
    new = rf"(?:\w+_{name}(?:_\d+)?|{name}_(?:maximum|minimum))"

    def cut(part: Any) -> Any:
        return part.model_copy(update={"expression": term.sub("", part.expression)})

    return formulation.model_copy(
        update={
            "parameters": tuple(p for p in formulation.parameters if not re.fullmatch(new, p.name)),
            "variables": tuple(v for v in formulation.variables if v.name != name),
            "definitions": tuple(map(cut, formulation.definitions)),
            "objectives": tuple(map(cut, formulation.objectives)),
            "constraints": tuple(
                cut(c) if isinstance(c, Algebraic) else c for c in formulation.constraints
            ),
            "asked": tuple(cut(a) for a in formulation.asked if a.expression != name),
        }
    )


# --- in a conversation ----------------------------------------------------------------------------


def talk(form: Form, *replies: Any) -> Session:
    options = Options(model=Conversing(list(replies)), route="compiled", form=form)
    return Session("plan", options=options)


def sent(talking: Session, text: str) -> Turn:
    turn = talking.send(text)
    assert isinstance(turn, Turn)
    return turn


def versions(talking: Session) -> list[Formulation]:
    return [
        Formulation.load(records_dir() / v.record / "formulation.json")
        for v in talking.talk.versions
    ]


def test_a_new_product_joins_a_flat_formulation_and_stays() -> None:
    reply = "hats = integer(0, 40)\noven += 2*hats\nobjective += 30*hats"
    talking = talk(Form.FLAT, flat_reply(), reply)
    assert sent(talking, BAKERY).ok
    turn = sent(talking, HATS)
    assert (turn.kind, turn.ok, turn.current) == ("revision", True, 2), turn.answer
    # 80 of the 240 minutes go to 40 hats, the other 160 to 53 loaves.
    assert talking.result is not None and talking.result.objective == pytest.approx(1306)
    assert "new decision: hats (integer, 0 to 40)" in turn.answer
    assert "oven_hats: 2, new" in turn.answer
    assert {a.name: a.value for a in talking.result.answers}["greatest profit"] == pytest.approx(
        1306
    )
    before, after = versions(talking)
    assert without_decision(after, "hats") == before
    turn = sent(talking, "What if the oven minutes of hats are 4?")
    assert talking.talk.versions[-1].objective == pytest.approx(1200 + 24 * 2 + 5), turn.answer
    turn = sent(talking, "undo")
    assert turn.current == 1
    assert talking.result.objective == pytest.approx(160)


def test_a_new_product_joins_an_indexed_formulation_and_stays() -> None:
    reply = (
        "add hats to Goods\nset profit[hats] to 30\nset minutes[hats] to 2\n"
        "limit make[hats] to at most 40"
    )
    talking = talk(Form.INDEXED, indexed_reply(), reply)
    assert sent(talking, BAKERY).ok
    turn = sent(talking, HATS)
    assert (turn.kind, turn.ok, turn.current) == ("revision", True, 2), turn.answer
    assert talking.result is not None and talking.result.objective == pytest.approx(1306)
    assert "set Goods: also hats" in turn.answer
    assert "minutes[hats]: 2, new" in turn.answer
    before, after = versions(talking)
    kept = tuple(c for c in after.constraints if c in before.constraints)
    assert [c.name for c in after.constraints[len(kept) :]] == ["what_if_make"]
    rest = after.model_copy(update={"constraints": kept})
    assert without_element(rest, "Goods", "hats") == before


def test_what_is_not_said_of_it_is_asked_back() -> None:
    reply = "add hats to Goods\nset profit[hats] to 30"
    talking = talk(Form.INDEXED, indexed_reply(), reply, reply, reply)
    sent(talking, BAKERY)
    turn = sent(talking, "We can now also make hats, which sell for 30.")
    assert (turn.ok, turn.current) == (False, 1)
    assert "`minutes[hats]` has no value" in turn.answer
    assert "Say what it is for 'hats'" in turn.answer


def test_a_what_if_may_bring_in_too_and_changes_nothing() -> None:
    reply = "hats = integer(0, 40)\noven += 2*hats\nobjective += 30*hats"
    talking = talk(Form.FLAT, flat_reply(), reply)
    sent(talking, BAKERY)
    turn = sent(talking, f"What if w{HATS[1:]}")
    assert (turn.kind, turn.ok, turn.current) == ("what_if", True, 1), turn.answer
    assert talking.talk.versions[-1].objective == pytest.approx(1306)


# --- a model's lines ------------------------------------------------------------------------------

BOAT = (
    "We also get another boat, Puffin, which takes 60 crates, has an upkeep of 90, and asks 8 for "
    "a crate to any island."
)


def read(reply: str, question: str = BOAT) -> Changes:
    return read_changes(reply, FERRIES, asked_numbers(question), question)


def test_the_data_of_a_new_element_go_with_it_wherever_they_stand() -> None:
    reply = (
        "set load[Puffin] to 60\nadd Puffin to Boats\nset upkeep[puffin] to 90\n"
        "set fare[Puffin, *] to 8\nlimit food[Puffin, +] to at most 60"
    )
    element, limit = read(reply)
    assert element == AddElement(
        set_name="Boats",
        element="Puffin",
        entries=(
            SetTo(parameter="load", at=("Puffin",), value=60),
            SetTo(parameter="upkeep", at=("Puffin",), value=90),
            SetTo(parameter="fare", at=("Puffin", "*"), value=8),
        ),
    )
    assert limit == Decide(decision="food", at=("Puffin", "+"), relation="<=", value=60)
    after = apply(FERRIES, (element, limit))
    boats = after.sets[0].data
    assert isinstance(boats, Listed) and boats.elements == ("Gannet", "Heron", "Tern", "Puffin")
    assert solve(after).status == "optimal"


def test_a_decision_takes_and_gives() -> None:
    (plane,) = read(
        "plane = continuous(8, 90)  # crates flown\nfuel_met[Skye] += plane\nloaded[*] -= 60*plane",
        f"{BOAT} Also a plane.",
    )
    assert plane == AddDecision(
        name="plane",
        lower=8,
        upper=90,
        description="crates flown",
        terms=(
            Term(place="fuel_met", at=("Skye",), coefficient=1),
            Term(place="loaded", at=("*",), coefficient=-60),
        ),
    )


@pytest.mark.parametrize(
    ("reply", "where", "what"),
    [
        ("add Razorbill to Boats", "line 1", "the question does not say `Razorbill`"),
        ("add Puffin to Ships", "line 1", "no set `Ships`"),
        ("boat = integer(0, 77)\nobjective += 8*boat", "line 1", "does not say 77"),
        ("boat = integer(0, 60)", "line 1", "counts in nothing"),
        ("boat = integer(0, 60)\nobjectiv += 8*boat", "line 2", "no total or limit `objectiv`"),
        ("boat = integer(0, 60)\nobjective += 7*boat", "line 2", "does not say 7"),
        ("objective += 8*boat", "line 1", "`boat` is nothing new"),
        ("submarine = binary()\nobjective += submarine", "line 1", "does not say `submarine`"),
    ],
)
def test_what_is_made_up_is_refused(reply: str, where: str, what: str) -> None:
    with pytest.raises(FormulationError) as caught:
        read(reply)
    assert caught.value.where == where and what in caught.value.what


def test_the_grammar_offers_new_names_only_to_questions_of_something_new() -> None:
    numbers = asked_numbers(BOAT)
    grammar = change_grammar(FERRIES, BOAT, numbers)
    for good in (
        "add Puffin to Boats\nset fare[Puffin, *] to 8\nset load[Puffin] to 60",
        "puffin = continuous(0, 60)\nfuel_met[*] += puffin\nobjective += 8*puffin",
        "another_boat = binary()\nloaded[Tern] -= 60*another_boat",
        "avoid sail[Puffin]",
    ):
        assert admits(grammar, good), good
        read(good)
    for bad in (
        "add Razorbill to Boats",
        "add Puffin to fare",
        "puffin = integer(0, 61)",
        "sail = integer(0, 60)",
        "objective += 7*puffin",
        "upkeep[Tern] += puffin",
    ):
        assert not admits(grammar, bad), bad
    plain = "What if the load of Tern is 60?"
    grammar = change_grammar(FERRIES, plain, asked_numbers(plain))
    assert not admits(grammar, "load = integer(0, 60)") and "new" not in grammar
    assert "Goal" in outline(FERRIES, BOAT) and "Goal" not in outline(FERRIES, plain)


@pytest.mark.parametrize(
    "question",
    [
        "We can now also sell hats at 30.",
        "What if a second boat had a load of 70?",
        "We introduce Puffin, with a load of 70.",
        "We start to make hats, at a profit of 30.",
        "Another boat has an upkeep of 90.",
    ],
)
def test_the_plain_reader_takes_no_number_of_something_new(question: str) -> None:
    assert read_question(question, FERRIES) is None


# --- a new element --------------------------------------------------------------------------------


def test_an_element_is_added_with_its_data() -> None:
    after = apply(TRANSPORT, [SUPPLIER])
    assert without_element(after, "Plants", "Denver") == TRANSPORT
    best = solve(after).objective
    assert best is not None and best < 153_675
    lines = difference(TRANSPORT, after)
    assert lines[0] == "set Plants: also Denver"
    assert "supply[Denver]: 100 cases, new" in lines
    assert CHANGES.validate_json(CHANGES.dump_json((SUPPLIER,))) == (SUPPLIER,)


@pytest.mark.parametrize(
    ("change", "what", "remedy"),
    [
        (SUPPLIER.model_copy(update={"set_name": "Plant"}), "no set `Plant`", "`Plants`"),
        (SUPPLIER.model_copy(update={"element": "Seattle"}), "has 'Seattle' already", "its data"),
        (
            SUPPLIER.model_copy(update={"entries": SUPPLIER.entries[1:]}),
            "`supply[Denver]` has no value",
            "what it is for 'Denver'",
        ),
        (
            SUPPLIER.model_copy(update={"entries": ()}),
            "`supply[Denver]`, `distance[Denver, New York]`, `distance[Denver, Chicago]`, "
            "`distance[Denver, Topeka]` have no value",
            "what they are",
        ),
        (
            SUPPLIER.model_copy(
                update={"entries": (SetTo(parameter="demand", at=("Topeka",), value=1),)}
            ),
            "`demand[Topeka]` is no entry of 'Denver'",
            "new element",
        ),
        (
            SUPPLIER.model_copy(
                update={"entries": (SetTo(parameter="suply", at=("Denver",), value=1),)}
            ),
            "no parameter `suply`",
            "`supply`",
        ),
    ],
)
def test_an_element_that_cannot_be_is_refused(change: AddElement, what: str, remedy: str) -> None:
    error = refusal(TRANSPORT, change)
    assert what in error.what and remedy in error.remedy
    assert error.where == "change 1, add element"


def counted(data: Listed | Range | FromTable) -> Formulation:
    """Something to make in each week."""
    return Formulation(
        sets=(SetDef(name="Weeks", data=data),),
        parameters=(given("need", {1: 5.0, 2: 6.0, 3: 7.0}, "w in Weeks"),),
        variables=(Variable(name="make", over="w in Weeks"),),
        objectives=(Objective(sense=Sense.MINIMIZE, expression="sum(make[w] for w in Weeks)"),),
        constraints=(Algebraic(name="met", over="w in Weeks", expression="make[w] >= need[w]"),),
    )


def test_a_count_goes_on_by_the_next_number_alone() -> None:
    week = AddElement(
        set_name="Weeks", element="4", entries=(SetTo(parameter="need", at=("4",), value=8),)
    )
    for data in (Range(start="1", stop="3"), Listed(elements=(1, 2, 3))):
        base = counted(data)
        numbers = asked_numbers("8")
        changes = read_changes(
            "add 4 to Weeks\nset need[4] to 8", base, numbers, "Also week 4, with 8"
        )
        after = apply(base, changes)
        assert solve(after).objective == pytest.approx(26)
        assert "Weeks" in difference(base, after)[0]
    error = refusal(counted(Range(start="1", stop="3")), week.model_copy(update={"element": 6}))
    assert "counts up to 3" in error.what and "Add 4" in error.remedy


def test_the_elements_of_a_table_are_added_in_its_file() -> None:
    base = counted(FromTable(table="weeks", columns=("week",)))
    error = refusal(
        base.model_copy(update={"parameters": ()}), AddElement(set_name="Weeks", element=4)
    )
    assert "come from the table `weeks`" in error.what and "use this file instead" in error.remedy


# --- a new decision -------------------------------------------------------------------------------

SHOP = Formulation(
    sets=(listed("Days", ("Mon", "Tue")),),
    parameters=(given("hours", {"Mon": 8.0, "Tue": 6.0}, "d in Days"),),
    variables=(
        Variable(name="make", over="d in Days"),
        Variable(name="pots"),
        Variable(name="open", domain=Domain.BINARY),
    ),
    definitions=(
        Definition(name="work", over="d in Days", expression="2*make[d]"),
        Definition(name="profit", expression="sum(5*make[d] for d in Days) + pots"),
    ),
    objectives=(Objective(sense=Sense.MAXIMIZE, expression="profit"),),
    constraints=(
        Algebraic(name="worked", over="d in Days", expression="work[d] <= hours[d]"),
        Algebraic(name="clay", expression="30 >= (pots)"),
        Algebraic(name="tied", expression="pots <= 20*open"),
        Algebraic(name="band", expression="0 <= pots <= 25"),
        Algebraic(name="named", over="d in Days", expression='(make[d] if d == "Mon" else 0) <= 9'),
    ),
    asked=(Asked(name="pots made", expression="pots"), Asked(name="profit", expression="profit")),
)


def hats(*terms: Term, **fields: Any) -> AddDecision:
    return AddDecision(name="hats", terms=terms, **fields)


def test_a_decision_counts_where_it_is_said() -> None:
    change = hats(
        Term(place="objective", coefficient=3),
        Term(place="work", at=("Mon",), coefficient=4),
        Term(place="clay", coefficient=1),
        upper=1,
        domain=Domain.INTEGER,
    )
    after = apply(SHOP, [change])
    assert solve(SHOP).objective == pytest.approx(7 * 5 + 20)
    assert solve(after).objective == pytest.approx(7 * 5 + 20)  # a hat of 3 takes 2 pieces of 5
    assert [a.expression for a in after.asked] == ["pots", "profit", "hats"]
    named = {
        p.name: p.data.entries[0].value
        for p in after.parameters
        if isinstance(p.data, Given) and not p.over
    }
    assert named == {"hats_maximum": 1, "profit_hats": 3, "work_hats": 4}
    assert after.objectives == SHOP.objectives  # the goal is a total, and the term is in that


@pytest.mark.parametrize(
    ("at", "hours", "best"),
    [("Mon", 4, 2 + 3 + 30 / 5), ("Tue", 8, 4 + 0.75 * 30 / 5), ("*", 4, 1 + 1.5 * 30 / 5)],
)
def test_a_term_counts_at_the_indices_that_are_named(at: str, hours: float, best: float) -> None:
    change = hats(
        Term(place="objective", coefficient=30),
        Term(place="work", at=(at,), coefficient=hours),
        upper=1 if at != "*" else None,
    )
    assert solve(apply(SHOP, [change])).objective == pytest.approx(best * 5 + 20)


@pytest.mark.parametrize(
    ("place", "text"),
    [
        ("clay", "30 >= (pots - clay_hats*hats)"),
        ("band", "0 <= pots - band_hats*hats <= 25"),
        (
            "named",
            '((make[d] if d == "Mon" else 0) - named_hats*hats) <= 9',
        ),
    ],
)
def test_a_term_stands_on_the_side_of_the_decisions(place: str, text: str) -> None:
    at = ("*",) if place == "named" else ()
    after = apply(SHOP, [hats(Term(place=place, at=at, coefficient=-2))])
    rule = next(c for c in after.constraints if c.name == place)
    assert isinstance(rule, Algebraic)
    assert parse_relation(rule.expression).ops == parse_relation(text).ops
    assert rule.expression.replace("((", "(") == text.replace("((", "(")


@pytest.mark.parametrize(
    ("change", "what"),
    [
        (hats(Term(place="tied", coefficient=1)), "decisions on both sides"),
        (hats(Term(place="work", coefficient=1)), "not said where the term counts"),
        (hats(Term(place="work", at=("+",), coefficient=1)), "not said where the term counts"),
        (hats(Term(place="work", at=("Sun",), coefficient=1)), "no element 'Sun'"),
        (hats(Term(place="pots", coefficient=1)), "no total or limit `pots`"),
        (AddDecision(name="pots", terms=(Term(place="clay", coefficient=1),)), "`pots` already"),
        (AddDecision(name="clay", terms=(Term(place="clay", coefficient=1),)), "`clay` already"),
    ],
)
def test_a_decision_that_cannot_be_is_refused(change: AddDecision, what: str) -> None:
    assert what in refusal(SHOP, change).what


def test_without_a_goal_there_is_none_to_add_to() -> None:
    bare = SHOP.model_copy(update={"objectives": ()})
    assert "no objective" in refusal(bare, hats(Term(place="objective", coefficient=1))).what


def test_yes_or_no_has_its_bounds() -> None:
    change = hats(Term(place="profit", coefficient=4), domain=Domain.BINARY, upper=None)
    assert solve(apply(SHOP, [change])).objective == pytest.approx(7 * 5 + 20 + 4)


# --- what is not touched stays --------------------------------------------------------------------


@st.composite
def decisions(draw: Any) -> tuple[Formulation, AddDecision]:
    formulation = draw(st.sampled_from([SHOP, *(s.formulation for s in SAMPLES.values())]))
    places = ["objective"] * (formulation.leading is not None)
    rules = (*formulation.constraints, *formulation.definitions)
    places += [p.name for p in rules if not p.over]
    places = places or [formulation.constraints[0].name]
    number = st.floats(-9, 9).map(lambda v: round(v, 2)).filter(bool)
    chosen = draw(st.lists(st.sampled_from(places), min_size=1, max_size=3, unique=True))
    terms = tuple(Term(place=name, coefficient=draw(number)) for name in chosen)
    return formulation, AddDecision(
        name="hats",
        domain=draw(st.sampled_from([Domain.CONTINUOUS, Domain.INTEGER])),
        lower=draw(st.sampled_from([None, 0.0, 2.0])),
        upper=draw(st.sampled_from([None, 40.0])),
        terms=terms,
    )


@settings(max_examples=120, deadline=None)
@examples(decisions())
def test_with_the_decision_taken_out_all_is_as_it_was(
    case: tuple[Formulation, AddDecision],
) -> None:
    before, change = case
    try:
        after = apply(before, [change])
    except FormulationError as error:
        assert (
            "both sides" in error.what
            or "no side" in error.what
            or "no comparison" in error.what
            or "index" in error.what
        ), error
        return
    assert without_decision(after, "hats") == before
    assert difference(before, after)
    assert CHANGES.validate_json(CHANGES.dump_json((change,))) == (change,)


@st.composite
def elements(draw: Any) -> tuple[Formulation, AddElement]:
    formulation = draw(st.sampled_from([SHOP, FERRIES, *(s.formulation for s in SAMPLES.values())]))
    plain = [
        s.name
        for s in formulation.sets
        if isinstance(s.data, Listed) and not any(isinstance(e, tuple) for e in s.data.elements)
    ]
    name = draw(st.sampled_from(plain)) if plain else "none"
    entries = []
    for named in places_of(formulation):
        for k in range(named.arity if named.kind == "parameter" else 0):
            if named.sets[k] == name:
                at = ["*"] * named.arity
                at[k] = "Newcomer"
                value = draw(st.floats(1, 9).map(lambda v: round(v, 2)))
                entries.append(SetTo(parameter=named.name, at=tuple(at), value=value))
    return formulation, AddElement(set_name=name, element="Newcomer", entries=tuple(entries))


@settings(max_examples=60, deadline=None)
@examples(elements())
def test_with_the_element_taken_out_all_is_as_it_was(case: tuple[Formulation, AddElement]) -> None:
    before, change = case
    try:
        after = apply(before, [change])
    except FormulationError as error:
        assert re.search("no set `none`|taken from|nowhere|not in|is no number", error.what), error
        return
    assert without_element(after, change.set_name, "Newcomer") == before
    assert difference(before, after)[0] == f"set {change.set_name}: also Newcomer"


def test_numbers_of_a_table_stay_with_the_table() -> None:
    frame = pd.DataFrame({"week": [1, 2, 3], "need": [5, 6, 7]})
    base = counted(Listed(elements=(1, 2, 3)))
    bound = Bound(table="weeks", value_column="need", key_columns=("week",))
    need = base.parameters[0].model_copy(update={"data": bound})
    base = base.model_copy(update={"parameters": (need,)}).with_data(read_data({"weeks": frame}))
    entry = SetTo(parameter="need", at=(4,), value=8)
    error = refusal(base, AddElement(set_name="Weeks", element=4, entries=(entry,)))
    assert "table `weeks`, which has no row for 4" in error.what
    assert "use this file instead" in error.remedy
