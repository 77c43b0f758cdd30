"""What a draft's next version begins with: sure lines, in the script's form, and the place."""

from __future__ import annotations

import re

import pytest

from optiwright.formulators.lift import lift
from optiwright.formulators.mending import mend
from optiwright.formulators.openings import Opening, Step, gone_on, opening_of
from optiwright.formulators.script import GRAMMARS, Place, read_script
from optiwright.formulators.text_numbers import numbers_in
from optiwright.formulators.wire import Form, read_wire
from optiwright.formulators.wording import clause_of
from tests.grammars import regex_of


def opening(script: str, text: str) -> Opening | None:
    reply = f"```python\n# decisions\n{script}```"
    return opening_of(reply, mend(lift(read_wire(reply, Form.FLAT), text), text), text)


def keeps_to_the_form(words: str) -> bool:
    """Whether whole lines are decisions or totals as the grammar has them."""
    rules = [re.compile(regex_of(GRAMMARS[Place.START], r)) for r in ("decision", "total")]
    lines = words.splitlines(keepends=True)
    whole = [x for x in lines if x.endswith("\n") and x[0] not in "#`"]
    return bool(whole) and all(any(r.fullmatch(x) for r in rules) for x in whole)


ORDERS = "Orders are 80 in January, 120 in February and 150 in March. Plan the cheapest making."
MONTHS = """day = integer(0, 110)  # made by day
night = integer(0, None)  # made by night
store = continuous(0, None)  # in store
# totals
made = day + night  # made
# objective: cheapest
minimize(30*day + 42*night + store)
# orders
require(made >= 80)
require(made >= 120)
require(made >= 150)
"""


def test_what_several_numbers_are_asked_of_is_decided_once_for_each() -> None:
    found = opening(MONTHS, ORDERS)
    assert found is not None
    (step,) = found
    assert step.place is Place.TOTALS and keeps_to_the_form(step.words)
    assert "day_january = integer(0, 110)  # made by day, January\n" in step.words
    assert "night_march = integer(0, None)" in step.words
    assert step.words.endswith("store = continuous(0, None)  # in store\n# totals\n")


def test_decisions_are_counted_where_the_text_has_no_names_for_them() -> None:
    found = opening(MONTHS, "Orders are 80, 120 and 150. Plan the cheapest making.")
    assert found is not None
    assert [n for n in re.findall(r"^(\w+) =", found[0].words, re.M) if n.startswith("day")] == [
        "day_1", "day_2", "day_3",
    ]  # fmt: skip


@pytest.mark.parametrize("row", ["1", "+", "Côte"])
def test_pairs_that_no_name_can_be_made_of_are_left_to_a_new_draft(row: str) -> None:
    rows = [f"| {row} | 1 | 2 |", "| Aachen | 3 | 4 |", "| Bonn | 5 | 6 |"]
    text = "\n".join(["| | Dover | Essen |", "|---|---|---|", *rows])
    script = """aachen = continuous(0, None)  # from Aachen
bonn = continuous(0, None)  # from Bonn
dover = continuous(0, None)  # to Dover
essen = continuous(0, None)  # to Essen
# totals
cost = 1*aachen + 2*bonn + 3*dover + 4*essen  # cost
# objective: cheapest
minimize(cost)
# all
require(cost >= 5)
require(cost >= 6)
"""
    assert opening(script, text) is None
    assert opening(script, text.replace(f"| {row} |", "| Celle |")) is not None


MASTS = "Every one of three farms must be reached. A mast costs 40 on the hill, 30 at the dam."
REACH = """hill = binary()  # 1 if the hill mast is built
dam = binary()  # 1 if the dam mast is built
# totals
cost = 40*hill + 30*dam  # cost
reach = hill + dam  # farms reached
double = 2*reach  # twice that
# objective: cheapest
minimize(cost)
# every one of three farms must be reached
require(reach >= 3)
"""


@pytest.mark.parametrize("said", ["every one of three farms", "every farm", "all the farms"])
def test_a_need_of_each_of_several_things_gets_a_total_for_each(said: str) -> None:
    found = opening(REACH.replace("every one of three farms", said), MASTS)
    assert found is not None
    assert [step.place for step in found] == [*[Place.TOTAL] * 3, Place.REST]
    assert keeps_to_the_form(found[0].words)
    assert found[0].words.endswith("cost = 40*hill + 30*dam  # cost\nfarm1 =")
    assert [step.words for step in found[1:]] == ["farm2 =", "farm3 =", ""]
    lines = [" hill\n", " hill + dam\n", " dam\n"]
    rest = "# objective: cheapest\nminimize(cost)\n# all\nrequire(farm1 >= 1)\n```"
    whole = "".join(s.words + written for s, written in zip(found, [*lines, rest], strict=True))
    assert [d.name for d in read_script(whole).definitions] == ["cost", "farm1", "farm2", "farm3"]


def test_who_serves_a_numbered_thing_is_read_off_the_text() -> None:
    text = (
        "Every one of three farms must be reached. The hill costs 3 thousand and reaches farms 1 "
        "and 2; the dam costs 2 thousand, reaching 2. Hill and dam: 3 of them. Rain: 2 mm."
    )
    found = opening(REACH, text)
    assert found is not None
    first, rest = found
    assert (first.place, rest) == (Place.TOTAL, Step("", Place.REST))
    assert keeps_to_the_form(first.words)
    totals = read_script(f"{first.words} dam\nminimize(farm1)").definitions
    assert {d.name: d.expression for d in totals[1:]} == {
        "farm1": "hill", "farm2": "hill + dam", "farm3": "dam",
    }  # fmt: skip


RACKS = (
    "A wall rack holds 6 bikes and 2 scooters, a floor rack 4 bikes and 5 scooters. They cost "
    "90 and 70 euros. At least 96 bikes and 61 scooters must find a place."
)
HELD = """wall = integer(0, None)  # wall racks
floor = integer(0, None)  # floor racks
# totals
cost = 90*wall + 70*floor  # euros
bikes = 6*wall + 4*floor  # bikes held
# objective: cheapest
minimize(cost)
# at least 96 bikes
require(bikes >= 96)
# at least 61 scooters
require(bikes >= 61)
"""


def test_a_limit_that_was_held_against_another_total_gets_its_own() -> None:
    found = opening(HELD, RACKS)
    assert found is not None
    first, rest = found
    assert (first.place, rest) == (Place.TOTAL, Step("", Place.REST))
    assert keeps_to_the_form(first.words)
    assert first.words.endswith("bikes = 6*wall + 4*floor  # bikes held\nscooters =")
    lines = [" 2*wall + 5*floor  # scooters\n", "# objective: cheapest\nminimize(cost)\n```"]
    whole = "".join(s.words + written for s, written in zip(found, lines, strict=True))
    assert [d.name for d in read_script(whole).definitions] == ["cost", "bikes", "scooters"]


@pytest.mark.parametrize(
    ("script", "text"),
    [
        # The text has no scooters of each decision.
        (HELD, RACKS.replace(" and 2 scooters", "").replace(" and 5 scooters", "")),
        # Both are bikes.
        (HELD, RACKS.replace("61 scooters", "61 bikes")),
        # There is a total of scooters.
        (HELD.replace("# objective", "scooters = 2*wall + 5*floor  # scooters held\n# objective"),
         RACKS),
    ],
    ids=["not of each", "of the same", "is there"],
)  # fmt: skip
def test_no_total_is_begun_that_the_text_does_not_ask_for(script: str, text: str) -> None:
    found = opening(script, text)
    assert found is None or not any("scooters =" in step.words for step in found[:1])


LIMITS = """cups = integer(0, None)  # cups made
# totals
money = 3*cups  # money earned
# objective: most money
maximize(money)
{}"""


@pytest.mark.parametrize(
    ("text", "clauses"),
    [
        ("A cup earns 3. The kiln holds 70, and 20 cups are ordered.",
         ["The kiln holds 70", "20 cups are ordered"]),
        ("A cup earns 3. The kiln holds 70 and takes 4 kg of wood for each cup.", None),
        ("A cup earns 3.", None),
        ("A cup earns 3. | wood | 70 |", None),
        ("We open at 7:30 and close at 16:00. A cup earns 3.", None),
    ],
    ids=["limits", "a coefficient", "nothing is missing", "a table", "times of day"],
)  # fmt: skip
def test_a_missing_limit_is_asked_for_in_the_texts_words(
    text: str, clauses: list[str] | None
) -> None:
    found = opening(LIMITS.format("# kiln\nrequire(cups <= 9)\n"), text)
    said = found and [re.findall(r"^# (.*)\nrequire\($", s.words, re.M)[-1] for s in found]
    assert said == clauses


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("cups <= 70)\n", True),
        ("60 * cups <= 4200)\n", True),  # in minutes
        ("3*cups <= 1000)\n", False),
        ("cups >= 20)\n", False),  # the other one's
    ],
)
def test_a_requirement_for_a_missing_number_has_it_or_is_left_out(written: str, kept: bool) -> None:
    text = "A cup earns 3. The kiln holds 70, and 20 cups are ordered."
    found = opening(LIMITS.format("# kiln\nrequire(cups <= 9)\n"), text)
    assert found is not None
    first, second = found
    script = gone_on(first.words, first, written)
    assert ("The kiln holds 70" in script) == kept and "require(cups <= 9)" in script
    script = gone_on(script + second.words, second, "cups >= 20)\n")
    limits = [c.expression for c in read_script(script).constraints]
    assert limits == ["cups <= 9", *[written.removesuffix(")\n")] * kept, "cups >= 20"]


def test_no_limit_is_added_to_a_draft_with_an_error_that_would_stay() -> None:
    twice = "cups = integer(0, None)  # cups sold\n" + LIMITS.format("# kiln\nrequire(cups <= 9)\n")
    assert opening(twice, "A cup earns 3. The kiln holds 70, and 20 cups are ordered.") is None


def test_a_reply_that_is_no_script_has_no_opening() -> None:
    reply = f"```python\n# decisions\n{MONTHS}```"
    model = lift(read_wire(reply, Form.FLAT), ORDERS)
    assert opening_of('{"variables": []}', model, ORDERS) is None


@pytest.mark.parametrize(
    ("text", "clause"),
    [
        ("Aachen has 120 crates, Bonn 80 and Coburg 90.", "Aachen has 120 crates"),
        ("Aachen has 12, Bonn 120 and Coburg 90.", "Bonn 120"),
        ("It is cheap. At most 120.5 kg (of salt) fit; no more.", "At most 120.5 kg (of salt) fit"),
        ("Rows\n| salt | 120 | 3 |", "120"),
    ],
)
def test_a_clause_ends_where_the_next_number_has_its_own(text: str, clause: str) -> None:
    number = next(n for n in numbers_in(text) if 100 < n.value < 130)
    assert clause_of(text, number) == clause


def test_every_grammar_ends_and_names_its_rules() -> None:
    for grammar in GRAMMARS.values():
        rules = set(re.findall(r"^(\w+) ::=", grammar, re.M))
        used = set(re.findall(r"\b[a-z]+\b", re.sub(r'"(?:\\.|[^"])*"|\[[^\]]*\]', "", grammar)))
        assert used <= rules
