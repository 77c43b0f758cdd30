"""Lines of plans: the language of conditions, what a reader puts right, what it cannot read."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from optiwright.formulators.parser import ExpressionError
from optiwright.formulators.planning import (
    OBJECT,
    Action,
    Amount,
    Fact,
    ObjectKind,
    Place,
    Planning,
    Thing,
)
from optiwright.formulators.planning_lines import planning_grammar, read_planning, write_planning
from optiwright.formulators.planning_parser import (
    parse_atom,
    parse_change,
    parse_condition,
    parse_start,
    parse_term,
)
from optiwright.formulators.planning_terms import (
    Atom,
    Change,
    Compare,
    Given,
    Holds,
    Number,
    Operation,
    Same,
)
from tests import plannings
from tests.grammars import admits

NAMES = st.sampled_from(["a", "b7", "at", "on_top", "Big", "in", "from", "x_1", "steps", "start"])
WORDS = st.sampled_from(["", "x goes to y", "the van, with its load", "50% (or so) # of it"])
ATOMS = st.builds(Atom, NAMES, st.lists(NAMES, max_size=3).map(tuple))
NUMBERS = st.decimals(-999, 999, places=3, allow_nan=False).map(Fraction).map(Number)
TERMS = st.recursive(
    ATOMS | NUMBERS, lambda t: st.builds(Operation, st.sampled_from("+-*/"), t, t), max_leaves=8
)
RELATIONS = st.sampled_from(["==", "!=", "<=", ">=", "<", ">"])
CONDITIONS = (
    st.builds(Holds, ATOMS, st.booleans())
    | st.builds(Same, NAMES, NAMES, st.booleans())
    | st.builds(Compare, RELATIONS, TERMS, TERMS).filter(
        lambda c: bool(getattr(c.left, "arguments", 1) or getattr(c.right, "arguments", 1))
    )
)
CHANGES = st.builds(Change, ATOMS, st.sampled_from(["=", "+=", "-="]), TERMS)
STARTS = st.builds(Given, ATOMS, NUMBERS.map(lambda n: n.value)) | st.builds(Holds, ATOMS)


@given(CONDITIONS)
def test_a_condition_is_read_as_it_is_written(condition: Any) -> None:
    assert parse_condition(str(condition)) == condition


@given(CHANGES, STARTS, TERMS)
def test_changes_starts_and_terms_are_read_as_they_are_written(
    change: Change, start: Any, term: Any
) -> None:
    assert parse_change(str(change)) == change
    assert parse_start(str(start)) == start
    assert parse_term(str(term)) == term


def test_two_bare_names_are_objects_unless_one_is_an_amount() -> None:
    assert parse_condition("x != y") == Same("x", "y", False)
    assert parse_condition("not x == y") == Same("x", "y", False)
    told = parse_condition("left == need", frozenset({"left"}))
    assert told == Compare("==", Atom("left"), Atom("need"))
    assert parse_condition("not fuel(t) < 5") == Compare(
        ">=", Atom("fuel", ("t",)), Number(Fraction(5))
    )


@pytest.mark.parametrize(
    ("read", "text", "place", "remedy"),
    [
        (parse_condition, "on(a, b) or on(b, a)", "on(a, b) or on(b, a)", "an action for each"),
        (parse_condition, "on(a, b) and x == y", "on(a, b) and x == y", "comma"),
        (parse_condition, "1 < f(x) < 3", "1 < f(x) < 3", "two conditions"),
        (parse_condition, "on(a, clear(b))", "clear(b)", "on(b, c)"),
        (parse_condition, "on(a, 'b')", "'b'", "names"),
        (parse_condition, "f(x) % 2 == 0", "f(x) % 2", "+ - * and /"),
        (parse_condition, "on[a]", "on[a]", "on(b, c)"),
        (parse_condition, "os.system(a)", "os.system(a)", "on(b, c)"),
        (parse_condition, "(" * 90, "(", "atoms"),
        (parse_condition, "not " * 60 + "on", "on", "brackets"),
        (parse_condition, "x " * 4000, "x", "one condition"),
        (parse_condition, "f(x) < 1e99", "1e99", "units"),
        (parse_term, "True + 1", "True", ""),
        (parse_term, "", "", "Write it out"),
        (parse_change, "fuel(t) - 5", "fuel(t) - 5", "`fuel(t) -= 5`"),
        (parse_change, "5 -= fuel(t)", "5", "on(b, c)"),
        (parse_start, "fuel(t) = fuel(u)", " fuel(u)", "a number"),
        (parse_start, "fuel(t) > 5", "fuel(t) > 5", "= 10"),
        (parse_atom, "x + y", "x + y", "on(b, c)"),
    ],
)
def test_what_cannot_be_read_is_named_with_its_place_and_a_remedy(
    read: Any, text: str, place: str, remedy: str
) -> None:
    if text == "True + 1":
        assert read(text) == Operation("+", Atom("True"), Number(Fraction(1)))  # a name like any
        return
    with pytest.raises(ExpressionError) as caught:
        read(text)
    assert place in caught.value.where or len(text) > 80
    assert remedy in caught.value.remedy
    assert str(caught.value)


# --- lines ---


def canonical(parts: Any, most: int = 4) -> Any:
    return st.lists(parts.map(str), max_size=most, unique=True).map(tuple)


@st.composite
def plannings_drawn(draw: st.DrawFn) -> Planning:
    kinds = draw(st.lists(st.sampled_from(["van", "town", "load"]), unique=True))
    kind = st.sampled_from([OBJECT, *kinds])
    name = st.sampled_from(["n1", "Alpha", "b7", "x_1", "Beta", "steps"])
    places = st.lists(st.sampled_from("pqrs"), unique=True, max_size=3).flatmap(
        lambda names: st.tuples(*(st.builds(Place, name=st.just(n), kind=kind) for n in names))
    )
    atoms = st.builds(Atom, st.sampled_from(["at", "free"]), st.lists(name, max_size=2).map(tuple))
    terms = st.builds(Operation, st.sampled_from("+-*/"), atoms, NUMBERS) | NUMBERS
    needs: Any = st.builds(Holds, atoms, st.booleans())
    needs |= st.builds(Compare, RELATIONS, atoms, terms) | st.builds(
        Same, name, name, st.booleans()
    )
    unit = st.sampled_from(["", "litres", "kWh"])

    def several(part: Any, most: int = 3) -> Any:
        return st.lists(part, max_size=most, unique=True).map(tuple)

    action = st.builds(
        Action,
        name=st.sampled_from(["drive", "load_it"]),
        places=places,
        needs=canonical(needs, 8),
        makes=canonical(atoms),
        ends=canonical(atoms),
        changes=canonical(st.builds(Change, atoms, st.sampled_from(["=", "-="]), terms)),
        cost=terms.map(str),
        description=WORDS,
    )
    thing = st.builds(Thing, name=name, kind=kind, words=WORDS)
    return draw(
        st.builds(
            Planning,
            title=WORDS,
            kinds=st.just(tuple(ObjectKind(name=k) for k in kinds)),
            objects=st.lists(thing, min_size=1, unique_by=lambda t: t.name).map(tuple),
            facts=several(st.builds(Fact, name=name, places=places, description=WORDS)),
            amounts=several(
                st.builds(Amount, name=name, places=places, unit=unit, description=WORDS)
            ),
            actions=several(action),
            start=canonical(
                st.builds(Holds, atoms) | st.builds(Given, atoms, st.just(Fraction(5, 2))), 20
            ),
            goal=canonical(st.builds(Holds, atoms, st.booleans())),
            least=st.sampled_from(["steps", "cost", "any"]),
            most_steps=st.none() | st.integers(0, 99),
            assumptions=several(WORDS.filter(bool)),
        )
    )


@settings(max_examples=50)
@given(plannings_drawn())
def test_what_is_written_is_read_again(planning: Planning) -> None:
    assert read_planning(write_planning(planning)) == (planning, ())


@given(st.text(max_size=200) | st.text("kind object fact action(:)#,\n=-?'", max_size=200))
def test_any_text_is_read_or_refused_with_sentences(text: str) -> None:
    planning, findings = read_planning(text)
    assert planning is None or isinstance(planning, Planning)
    assert all(f.message and f.where for f in findings)


SAMPLES = ("PARCELS", "BLOCKS", "JUGS", "BRIDGE", "DELIVERY")


@pytest.mark.parametrize("name", SAMPLES)
def test_the_grammar_admits_what_is_written(name: str) -> None:
    planning = plannings.planning_of(getattr(plannings, name))
    lines = write_planning(planning).strip()
    assert read_planning(lines) == (planning, ())
    assert admits(planning_grammar(), lines)
    assert not admits(planning_grammar(), lines.replace("action", "do"))
    assert admits(planning_grammar(), "none")


SLIPS = [
    ("goal at(Red, ULM)", "goal at(red, Ulm)"),
    ("goal: AT(red, Ulm).", "goal at(red, Ulm)"),
    ("goal (and (at red Ulm) (not (at blue Ulm)))", "goal at(red, Ulm), not at(blue, Ulm)"),
    ("goals\n  - at(red, Ulm)\n  - !at(blue, Ulm)", "goal at(red, Ulm), not at(blue, Ulm)"),
    ("goal at(red, Ulm) and weight(red) ≥ 2", "goal at(red, Ulm), weight(red) >= 2"),
    ("goal weight(red) = 2", "goal weight(red) == 2"),
    ("goal at(red, Ulm) = true, at(blue, Ulm) == False", "goal at(red, Ulm), not at(blue, Ulm)"),
    ("goal at(big box, Ulm), at(box-2, Ulm)", "goal at(big_box, Ulm), at(box_2, Ulm)"),
    ("goal at(3, Ulm)", "goal at(_3, Ulm)"),
    ("init at(red, Ulm); weight(red) == 2\ngoal none", "start at(red, Ulm), weight(red) = 2"),
    (
        "action Move-It(?x - parcel ?a ?b - town)\n precondition: (and (at ?x ?a) (not (= ?a ?b)))"
        "\n effect: (and (at ?x ?b) (not (at ?x ?a)) (decrease (weight ?x) 1))",
        "action Move_It(x: parcel, a: town, b: town)\n  needs at(x, a), a != b\n"
        "  makes at(x, b)\n  ends at(x, a)\n  changes weight(x) -= 1",
    ),
    (
        "action go(X: parcel)\n needs nothing\n adds at(x, Ulm), weight(x) += 1\n"
        " removes not held(X)",
        "action go(X: parcel)\n  makes at(X, Ulm)\n  ends held(X)\n  changes weight(X) += 1",
    ),
    ("fact near(a, b: Towns)", "fact near(a: town, b: town)"),
    ("minimize total-cost", "least cost"),
    ("limit at most 12 steps", "limit 12"),
]
FRAME = """
object red, blue, big box, box-2, 3: parcel
object Ulm: town
fact at(x: parcel, t: town)
fact held(x: parcel)
amount weight(x: parcel)
"""


@pytest.mark.parametrize(("slip", "meant"), SLIPS)
def test_a_slip_with_one_remedy_is_put_right(slip: str, meant: str) -> None:
    planning, findings = read_planning(FRAME + slip)
    assert planning is not None and findings == ()
    assert meant in write_planning(planning)
    assert [k.name for k in planning.kinds] == ["parcel", "town"]  # used, and so declared


@pytest.mark.parametrize(
    ("line", "where", "told"),
    [
        ("goal at(red, Ulm) or held(red)", "line 7", "an action for each case"),
        ("fact at(x: object", "line 7", "a name and its places"),
        ("action lift(x: object", "line 7", "a name and its places"),
        ("needs at(red, Ulm)", "line 7", "below the line of its `action`"),
        ("limit a few", "line 7", "`limit 12`"),
        ("The goal is to bring red home.", "line 7", "is no line of a plan"),
        ("start weight(red) = heavy", "line 7", "a number"),
    ],
)
def test_a_line_that_cannot_be_read_is_named_and_the_rest_is_kept(
    line: str, where: str, told: str
) -> None:
    planning, findings = read_planning(FRAME + line)
    assert planning is not None and len(planning.objects) == 6
    assert [(f.where, told in f.message) for f in findings] == [(where, True)]


def test_a_reply_without_a_formulation_is_none() -> None:
    assert read_planning("none") == (None, ())
    planning, findings = read_planning("I am sorry, I cannot do that.")
    assert planning is None and "no planning formulation" in findings[-1].message
