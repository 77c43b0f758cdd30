"""The machinery of generated problems: one story, three forms and a text that agree."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from optiwright.formulators.phrases import listing
from optiwright.formulators.script import read_script
from optiwright.formulators.text_numbers import numbers_in
from optiwright.training.drawn import PoorDraw, draw_row
from optiwright.training.families import Family
from optiwright.training.flattening import asked_of, script_of
from optiwright.training.indexing import indexed_of
from optiwright.training.short_program import program_of
from optiwright.training.speech import Speech
from optiwright.training.story import Story
from optiwright.training.story_parts import Column
from optiwright.training.things import Thing, article, slug, things
from optiwright.training.voices import VOICES, speech_for, told_in


def empty(**speech: object) -> Story:
    return Story(random.Random(0), Speech(**speech))  # type: ignore[arg-type]


def workshop(story: Story) -> None:
    """Two products, two machines, minutes and money."""
    goods, machines = things(["pen", "box/boxes"]), things(["saw", "press"])
    speech = story.speech
    minutes = {
        (g, m): speech.amount(v, "minutes")
        for (g, m), v in zip(((g, m) for g in goods for m in machines), (3, 1, 0, 8), strict=True)
    }
    profit = {g: speech.money(v) for g, v in zip(goods, (2.5, 4), strict=True)}
    limit = {
        m: speech.stock(v, "minutes", random.Random(3))
        for m, v in zip(machines, (900, 480), strict=True)
    }
    story.set("Goods", goods, "goods")
    story.set("Machines", machines, "machines")
    story.table("minutes", "Goods, Machines", minutes, "minutes on a machine", "minutes")
    story.table("profit", "Goods", profit, "profit")
    story.table("limit", "Machines", limit, "minutes that a machine runs", "minutes")
    story.decide("make", lambda g: f"{g.plural} made", over="g in Goods", kind="integer")
    story.total(
        "used",
        "sum(minutes[g, m]*make[g] for g in Goods)",
        lambda m: f"minutes of {m}",
        over="m in Machines",
    )
    said = {m: story.state(f"The {m} runs {limit[m]}.") for m in machines}
    story.rule("hours", "used[m] <= limit[m]", over="m in Machines", comment=lambda m: said[m])
    story.aim("maximize", "sum(profit[g]*make[g] for g in Goods)", "most money")
    story.scene = "A workshop makes pens and boxes"
    columns = [
        Column(m.one, f"takes {{}} at the {m}", [minutes[g, m] for g in goods]) for m in machines
    ]
    story.rows(
        "product", goods, [*columns, Column("profit", "earns {}", [profit[g] for g in goods])]
    )
    story.question = "What is best?"
    story.ask(lambda g: f"{g.plural} to make", "make[g]", "g in Goods")


def test_a_story_becomes_the_script_that_a_careful_modeller_writes() -> None:
    story = empty()
    workshop(story)
    assert script_of(story).splitlines() == [
        "```python",
        "# decisions",
        "pen = integer(0, None)  # pens made",
        "box = integer(0, None)  # boxes made",
        "# totals",
        "saw = 3*pen  # minutes of saw",  # boxes need none of it
        "press = pen + 8*box  # minutes of press",
        "# objective: most money",
        "maximize(2.5*pen + 4*box)",
        "# the saw runs 15 hours",
        "require(saw <= 15*60)",
        "# the press runs 8 hours",
        "require(press <= 8*60)",
        "```",
    ]


def test_what_is_asked_is_told_over_the_script_s_names() -> None:
    story = empty()
    workshop(story)
    story.ask("minutes in all", 'used["saw"] + used["press"]')
    story.ask("most money", "objective")
    asked = [(a.meaning, a.expression) for a in asked_of(story)]
    assert asked == [
        ("pens to make", "pen"),
        ("boxes to make", "box"),
        ("minutes in all", "saw + press"),
        ("most money", "objective"),
    ]


def test_the_indexed_form_has_sets_numbers_in_order_and_words_about_the_index() -> None:
    story = empty()
    workshop(story)
    wire = indexed_of(story)
    assert [s.elements for s in wire.sets] == [["pen", "box"], ["saw", "press"]]
    assert wire.parameters[0].values == [3, 1, 0, 8]
    assert wire.variables[0].meaning == "g made"
    assert wire.constraints[0].over == "m in Machines"
    assert wire.asked[0].expression == "make[g]"


@pytest.mark.parametrize("voice", VOICES)
@pytest.mark.parametrize("numbers", ["plain", "comma", "european", "apostrophe"])
def test_every_voice_tells_every_number(voice: str, numbers: str) -> None:
    for seed in range(5):
        story = empty(numbers=numbers, converts=False, spells=seed % 2 == 0)
        workshop(story)
        text = told_in(voice, story, random.Random(seed))
        told = [number.value for number in numbers_in(text)]
        for value in (3, 1, 8, 2.5, 4, 900, 480):
            assert value in told, text
        assert "What is best?" in text and "workshop" in text


def test_a_table_has_the_things_downward_or_across() -> None:
    story = empty()
    workshop(story)
    heads = {told_in("table", story, random.Random(k)).splitlines()[2] for k in range(30)}
    assert heads == {
        "| product | saw (minutes) | press (minutes) | profit ($) |",
        "|  | pen | box |",
    }


def test_repeated_verbs_are_said_once() -> None:
    story = empty()
    workshop(story)
    text = told_in("paragraphs", story, random.Random(2))
    assert "Each pen takes 3 minutes at the saw, 1 minute at the press and earns $2.5." in text


def test_a_text_that_leaves_a_number_out_makes_no_row() -> None:
    def fill(story: Story) -> None:
        workshop(story)
        story.number("hidden", story.speech.plain(77), "never told")

    with pytest.raises(PoorDraw, match=r"hidden.*77"):
        draw_row(Family("leaky", "test", fill), 0)


def test_a_name_that_the_story_does_not_have_makes_no_row() -> None:
    def fill(story: Story) -> None:
        workshop(story)
        story.rule("odd", "nowhere <= 3", "Odd.")

    with pytest.raises(PoorDraw, match="nowhere"):
        draw_row(Family("odd", "test", fill), 0)


def test_periods_conditions_and_bounds_are_written_out() -> None:
    story = empty()
    speech = story.speech
    story.set("Weeks", [1, 2, 3], "weeks")
    need = {t: speech.amount(v, "kg") for t, v in zip((1, 2, 3), (5, 0, 7), strict=True)}
    story.table("need", "Weeks", need, "need")
    start = story.number("start", speech.amount(2, "kg"), "stock at the start")
    story.number("most", speech.share(0.25), "share")
    story.decide("make", lambda t: f"made in week {t}", over="t in Weeks", upper="need[t]*most")
    story.decide("stock", lambda t: f"left after week {t}", over="t in Weeks")
    story.rule(
        "balance",
        "(start if t == first(Weeks) else stock[prev(t)]) + make[t] == need[t] + stock[t]",
        over="t in Weeks",
        comment=lambda t: f"balance of week {t}",
    )
    story.rule("calm", "-1 <= make[t] - make[t-1] <= 1", over="t in Weeks if t > 1", comment="calm")
    story.rule("ends", "stock[last(Weeks)] == 0", "Nothing is left.")
    story.aim("minimize", "sum(2*make[t] for t in Weeks if need[t] > 0)", "least cost")
    assert start.text == "2 kg"
    lines = script_of(story).splitlines()
    assert "make_1 = continuous(0, 5*0.25)  # made in week 1" in lines
    assert "make_2 = continuous(0, 0)  # made in week 2" in lines
    assert "minimize(2*make_1 + 2*make_3)" in lines
    assert "require(2 + make_1 == 5 + stock_1)" in lines
    assert "require(stock_1 + make_2 == stock_2)" in lines
    assert lines.count("# calm") == 1  # said once for all of them
    assert "require(-1 <= make_2 - make_1)" in lines and "require(make_2 - make_1 <= 1)" in lines
    assert "require(stock_3 == 0)" in lines


def test_names_that_would_clash_are_told_apart() -> None:
    story = empty()
    story.set("Towns", things(["Lake", "Mill"]), "towns")
    story.decide("send", "sent", over="t in Towns")
    story.decide("open", "open", over="t in Towns", kind="binary")
    story.total("all", "sum(send[t] for t in Towns)", "all", flat=lambda: "lambda")
    story.aim("minimize", "all", "least")
    read = read_script(script_of(story))
    assert [v.name for v in read.variables] == ["lake", "mill", "open_lake", "open_mill"]
    assert read.definitions[0].name == "lambda_"


def test_a_program_says_what_the_script_says() -> None:
    story = empty()
    workshop(story)
    program = program_of(script_of(story), asked_of(story))
    assert "model.pen = Var(within=NonNegativeIntegers)  # pens made" in program
    assert "model.limits.add(saw <= 15 * 60)" in program
    assert program.endswith("pens_to_make=value(model.pen), boxes_to_make=value(model.box))")


def test_a_program_is_refused_where_pyomo_has_no_form() -> None:
    with pytest.raises(ValueError, match="`max` of decisions"):
        program_of("x = continuous(0, None)\nrequire(max(x, 3) <= 5)\nminimize(x)")


@given(st.floats(0.01, 10**7).map(lambda v: round(v, 2)), st.integers(0, 10**6))
def test_a_number_reads_back_from_its_words(value: float, seed: int) -> None:
    speech = speech_for(random.Random(seed))
    for told in (speech.number(value), speech.money(value).text, speech.amount(value, "kg").text):
        (read,) = numbers_in(f"It is {told} in all")
        assert read.value == pytest.approx(value)


@given(st.integers(1, 10**6), st.sampled_from(["minutes", "kg", "ml"]), st.integers(0, 1000))
def test_an_amount_in_another_unit_is_its_factors(value: int, unit: str, seed: int) -> None:
    draw = random.Random(seed)
    told = speech_for(draw).stock(value, unit, draw)
    product = 1.0
    for factor in told.factors:
        product *= factor
    assert product == pytest.approx(value)
    (read,) = numbers_in(f"It is {told.text}")
    assert read.value in (pytest.approx(told.factors[0]), pytest.approx(value))


@given(st.text(max_size=60))
def test_every_slug_is_a_name_of_the_script(text: str) -> None:
    name = slug(text)
    assert name.isidentifier() and len(name) <= 41
    script = f"{name} = continuous(0, 1)\nminimize({name})"
    assert [v.name for v in read_script(script).variables] == [name]


def test_words() -> None:
    assert Thing("goose", "geese").plural == "geese"
    assert [t.plural for t in things(["pen", "box/boxes"])] == ["pens", "boxes"]
    assert (article("egg"), article("unit"), article("pen")) == ("an", "a", "a")
    assert (listing(["a"]), listing(["a", "b"]), listing(["a", "b", "c"])) == (
        "a",
        "a and b",
        "a, b and c",
    )
