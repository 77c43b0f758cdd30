"""Slips with one remedy: put right, said, solved; whatever leaves a choice stays as it was."""

from __future__ import annotations

import pytest

import optiwright
from optiwright.formulators.checks import Code, check
from optiwright.formulators.lift import lift
from optiwright.formulators.mending import mend
from optiwright.formulators.model import Domain, Formulation
from optiwright.formulators.plain import plain_relations, scalar_values, with_numbers
from optiwright.formulators.wire import Form, read_wire

FEED = (
    "Maize has 9% protein, soy 44%. The mix must weigh 500 kg and contain at least 16% protein. "
    "Maize costs 0.22, soy 0.48 a kilo. What is the cheapest mix?"
)


def formulation(text: str, script: str) -> Formulation:
    return lift(read_wire(f"```python\n{script}\n```", Form.FLAT), text)


def relations(model: Formulation) -> list[str]:
    return [plain for _, plain in plain_relations(model)]


def feed(protein: str, least: str) -> Formulation:
    return formulation(
        FEED,
        f"""maize = continuous(0, None)  # kg of maize
soy = continuous(0, None)  # kg of soy
mix = maize + soy  # kg of mix
protein = {protein}  # protein
cost = 0.22*maize + 0.48*soy  # cost
minimize(cost)
require(mix == 500)
require(protein >= {least})""",
    )


def protein_of(model: Formulation) -> str:
    definition = next(d for d in model.definitions if d.name == "protein")
    return with_numbers(definition.expression, scalar_values(model))


def test_percentages_of_two_scales_in_one_requirement_become_fractions() -> None:
    mended = mend(feed("9*maize + 44*soy", "0.16*mix"), FEED)
    assert protein_of(mended) == "0.09 * maize + 0.44 * soy"
    (assumption,) = mended.assumptions
    assert assumption.text.startswith("Percentages are fractions throughout: ")
    assert "9% as 0.09" in assumption.text and "44% as 0.44" in assumption.text


@pytest.mark.parametrize(
    ("protein", "least"),
    [
        ("9*maize + 44*soy", "16*mix"),
        ("0.09*maize + 0.44*soy", "0.16*mix"),
        ("9*maize + 44*soy", "100*0.16*mix"),
    ],
    ids=["whole throughout", "fractions throughout", "scaled by 100"],
)
def test_percentages_of_one_scale_are_left_alone(protein: str, least: str) -> None:
    model = feed(protein, least)
    assert mend(model, FEED) == model


CAKES = "We get 60 eggs a day, and at most 17 cakes can be sold. Make the most of it."


def cakes(requirement: str, text: str = CAKES) -> Formulation:
    return formulation(
        text,
        f"""lemon = integer(0, None)  # lemon cakes
plum = integer(0, None)  # plum cakes
eggs = 3*lemon + 4*plum  # eggs used
oven = 2*lemon + 1*plum  # hours in the oven
cakes = lemon + plum  # all cakes
maximize(6*lemon + 9*plum)
{requirement}""",
    )


@pytest.mark.parametrize(
    ("written", "mended"),
    [
        ("require(eggs >= 60)\nrequire(cakes <= 17)", ["eggs <= 60", "cakes <= 17"]),
        ("require(60 <= eggs)\nrequire(17 >= cakes)", ["60 >= eggs", "17 >= cakes"]),
        ("require(eggs <= 60)\nrequire(cakes == 17)", ["eggs <= 60", "cakes <= 17"]),
    ],
)
def test_a_sign_that_the_text_contradicts_is_turned(written: str, mended: list[str]) -> None:
    model = mend(cakes(written), CAKES)
    assert relations(model) == mended
    assert len(model.assumptions) == 1
    assert Code.DIRECTION not in {f.code for f in check(model, CAKES)}


def test_a_limit_that_was_left_out_is_set_on_the_total_that_it_names() -> None:
    model = mend(cakes("require(cakes <= 17)"), CAKES)
    assert relations(model) == ["cakes <= 17", "eggs <= 60"]
    assert '"We get 60" in the text limits `eggs`' in model.assumptions[0].text
    assert not [f for f in check(model, CAKES) if f.code is Code.UNUSED_NUMBER]


def test_what_stood_idle_in_place_of_a_limit_goes() -> None:
    written = "require(eggs >= 3*lemon)\nrequire(oven >= 2*lemon)\nrequire(cakes <= 17)"
    model = mend(cakes(written), CAKES)
    assert relations(model) == ["oven >= 2 * lemon", "cakes <= 17", "eggs <= 60"]
    solved = optiwright.solve(model)
    assert solved.objective == pytest.approx(135)  # 15 plum cakes take the 60 eggs


@pytest.mark.parametrize(
    "text",
    [
        CAKES.replace("We get 60 eggs a day", "There are 60 shops"),
        CAKES.replace("We get 60 eggs a day", "It is 60 miles to the egg farm"),
        CAKES.replace("60 eggs", "60 hours of eggs"),
    ],
    ids=["no total of it", "no limit", "two totals of it"],
)
def test_a_limit_of_nothing_or_of_two_things_is_not_set(text: str) -> None:
    model = cakes("require(cakes <= 17)", text)
    assert relations(mend(model, text)) == ["cakes <= 17"]


def test_a_number_of_things_is_whole_and_one_of_measures_is_not() -> None:
    model = formulation(
        "How many tests and how many hours?",
        """tests = continuous(0, None)  # number of ear tests
hours = continuous(0, None)  # number of hours worked
acid = continuous(0, None)  # litres of acid
maximize(tests + hours + acid)
require(tests + hours + acid <= 7)""",
    )
    domains = {v.name: v.domain for v in mend(model, "").variables}
    assert domains == {
        "tests": Domain.INTEGER,
        "hours": Domain.CONTINUOUS,
        "acid": Domain.CONTINUOUS,
    }


def test_a_sound_formulation_is_not_touched() -> None:
    model = cakes("require(eggs <= 60)\nrequire(cakes <= 17)")
    assert mend(model, CAKES) == model


@pytest.mark.parametrize(
    ("said", "limit"),
    [
        ("They have a budget of $930.", "cost <= 930"),
        ("The firm has available 30 people.", "crew <= 30"),
        ("The firm has available 30 people and must bring 70 crates.", "crew <= 30"),
    ],
)
def test_a_stock_that_is_limited_nowhere_is_limited(said: str, limit: str) -> None:
    text = f"A van takes 2 people and 50 dollars, a cart 1 and 20. {said} Most crates?"
    script = """vans = integer(0, None)  # vans
carts = integer(0, None)  # carts
crew = 2*vans + carts  # people
cost = 50*vans + 20*carts  # dollars
crates = 9*vans + 4*carts  # crates
maximize(crates)
require(vans <= 8)"""
    assert limit in relations(mend(formulation(text, script), text))


def test_what_is_available_is_said_of_its_own_number_only() -> None:
    text = "Each day 80 crates must go and they have available 70 litres. Fewest vans?"
    script = """vans = integer(0, None)  # vans
crates = 9*vans  # crates
litres = 2*vans  # litres
minimize(vans)
require(crates >= 80)
require(litres <= 70)"""
    assert relations(mend(formulation(text, script), text)) == ["crates >= 80", "litres <= 70"]


STALL = (
    "A stall sells juice at 4 euros and soup at 6 euros a cup. Fruit for a juice costs 1 euro, "
    "vegetables for a soup cost 2 euros. A juice takes 2 minutes and a soup 5; 600 minutes are "
    "there, and {goal}."
)
BEST = "maximize the profit"


def stall(objective: str, text: str, revenue: str = "4*juice + 6*soup") -> Formulation:
    return formulation(
        text,
        f"""juice = integer(0, None)  # cups of juice
soup = integer(0, None)  # cups of soup
revenue = {revenue}  # euros from sales
ingredients = 1*juice + 2*soup  # cost of ingredients
minutes = 2*juice + 5*soup  # minutes of work
maximize({objective})
require(minutes <= 600)
require(juice + soup >= 100)""",
    )


@pytest.mark.parametrize(
    ("objective", "goal", "best"),
    [
        ("revenue", "maximize the profit", 900),
        ("revenue/minutes", "maximize the profit per minute", 1.5),
        ("revenue", "we want the greatest profit", 900),
    ],
)
def test_a_profit_is_takings_less_their_cost(objective: str, goal: str, best: float) -> None:
    text = STALL.format(goal=goal)
    mended = mend(stall(objective, text), text)
    (assumption,) = mended.assumptions
    assert "`revenue` less `ingredients`" in assumption.text
    assert optiwright.solve(mended).objective == pytest.approx(best)


@pytest.mark.parametrize(
    ("objective", "revenue", "text"),
    [
        ("revenue", "4*juice + 6*soup", STALL.format(goal="maximize the revenue")),
        ("revenue", "(4 - 1)*juice + (6 - 2)*soup", STALL.format(goal=BEST)),
        ("revenue - ingredients", "4*juice + 6*soup", STALL.format(goal=BEST)),
        ("revenue", "4*juice + 6*soup", STALL.format(goal=f"{BEST}; the profit of a juice is 4")),
        ("minutes", "4*juice + 6*soup", STALL.format(goal=BEST)),
    ],
)
def test_takings_stay_the_goal_where_they_may_be_it(
    objective: str, revenue: str, text: str
) -> None:
    model = stall(objective, text, revenue)
    assert mend(model, text).objectives == model.objectives


CREWS = (
    "Two crews dig. A man of crew A digs 3 tonnes of sand or 2 of clay {rate}, one of crew B 4 "
    "of sand or 1 of clay. At least 90 tonnes of sand and 40 of clay are needed, and there are 10 "
    "men, at most 6 of a crew. {goal}"
)
LEAST = "What is the minimum time?"


def crews(goal: str, text: str, sand: str = "tonnes of sand") -> Formulation:
    return formulation(
        text,
        f"""a = integer(0, 6)  # men of crew A
b = integer(0, 6)  # men of crew B
sand = 3*a + 4*b  # {sand}
clay = 2*a + 1*b  # tonnes of clay
least = max(sand, clay)  # the longest
minimize({goal})
require(sand >= 90)
require(clay >= 40)
require(a + b <= 10)""",
    )


@pytest.mark.parametrize(
    "goal", ["max(sand, clay)", "least", "max(sand/4, clay/2)", "max(3*a, 4*b)"]
)
def test_a_least_time_is_one_in_which_every_need_is_met(goal: str) -> None:
    text = CREWS.format(rate="an hour", goal=LEAST)
    mended = mend(crews(goal, text), text)
    (assumption,) = mended.assumptions
    assert assumption.text.startswith("`sand`, `clay`: what is made in a unit of time")
    assert optiwright.solve(mended).objective == pytest.approx(45 / 17, rel=1e-6)


@pytest.mark.parametrize(
    ("goal", "text", "sand"),
    [
        ("max(sand, clay)", CREWS.format(rate="an hour", goal="Balance the digging."), "tonnes"),
        ("max(sand, clay)", CREWS.format(rate="in all", goal=LEAST), "tonnes"),
        ("max(sand, clay)", CREWS.format(rate="an hour", goal=LEAST), "hours for the sand"),
        ("sand + clay", CREWS.format(rate="an hour", goal=LEAST), "tonnes"),
        # Numbers of its own: what a loader takes an hour, what a man's way takes.
        ("max(sand/10, clay/10)", CREWS.format(rate="an hour", goal=LEAST), "tonnes"),
        ("max(7*a, 4*b)", CREWS.format(rate="an hour", goal=LEAST), "tonnes"),
        ("max(90/sand, 40/clay)", CREWS.format(rate="an hour", goal=LEAST), "tonnes"),
    ],
)
def test_a_greatest_total_stays_where_it_may_be_meant(goal: str, text: str, sand: str) -> None:
    model = crews(goal, text, sand)
    assert mend(model, text).objectives == model.objectives


BATCHES = (
    "A batch in oven A takes 2 hours, in B 3. A batch of A gives 2 kg of resin and 5 of glue, of B "
    "4 and 3. Power costs 6 dollars per hour. At least 60 kg of resin and 70 of glue are needed. "
    "Find the least time until both are done."
)


def test_times_with_the_numbers_of_two_totals_stay_times() -> None:
    model = formulation(
        BATCHES,
        """a = integer(0, None)  # batches of A
b = integer(0, None)  # batches of B
resin = 2*a + 4*b  # kg of resin
glue = 5*a + 3*b  # kg of glue
minimize(max(2*a, 3*b))
require(resin >= 60)
require(glue >= 70)""",
    )
    assert mend(model, BATCHES).objectives == model.objectives


def test_a_need_that_the_goal_does_not_name_is_none_of_a_time() -> None:
    text = CREWS.format(rate="an hour", goal=LEAST) + " At least 25 points: 5 a man of A, 2 of B."
    model = formulation(
        text,
        """a = integer(0, 6)  # men of crew A
b = integer(0, 6)  # men of crew B
sand = 3*a + 4*b  # tonnes of sand
clay = 2*a + 1*b  # tonnes of clay
points = 5*a + 2*b  # points
minimize(max(sand, clay))
require(sand >= 90)
require(clay >= 40)
require(points >= 25)
require(a + b <= 10)""",
    )
    written = relations(mend(model, text))
    assert "points >= 25" in written and "sand * time >= 90" in written


PRESSES = """Three presses make oils, by men who work on them:

| Press | Oil 1, litres | Oil 2, litres | Oil 3, litres |
|---|---|---|---|
| 1 | 13 | 31 | 42 |
| 2 | 53 | 37 | 44 |
| 3 | 29 | 47 | 58 |

At least 410 litres of oil 1, 520 of oil 2 and 630 of oil 3 are needed, by as few men as can be."""


def test_a_column_is_not_turned_where_rows_and_columns_have_the_same_numbers() -> None:
    model = formulation(
        PRESSES,
        """men_1 = integer(0, None)  # men on press 1
men_2 = integer(0, None)  # men on press 2
men_3 = integer(0, None)  # men on press 3
oil_1 = 13*men_1 + 53*men_2 + 29*men_3  # litres of oil 1
oil_2 = 31*men_1 + 37*men_2 + 47*men_3  # litres of oil 2
oil_3 = 42*men_1 + 44*men_2 + 58*men_3  # litres of oil 3
minimize(men_1 + men_2 + men_3)
require(oil_1 >= 410)
require(oil_2 >= 520)
require(oil_3 >= 630)""",
    )
    assert mend(model, PRESSES) == model


KILNS = """Kilns are to bake tiles and bricks, in batches:

| Kiln | Tiles per batch | Bricks per batch |
|---|---|---|
| North | 20 | 70 |
| South | 30 | 40 |

At least 300 tiles and 500 bricks are needed, in as few batches as can be."""


def kilns(tiles: str, bricks: str, names: tuple[str, str] = ("north", "south")) -> Formulation:
    one, two = names
    return formulation(
        KILNS,
        f"""{one} = integer(0, None)  # batches of kiln {one}
{two} = integer(0, None)  # batches of kiln {two}
tiles = {tiles}  # tiles baked
bricks = {bricks}  # bricks baked
minimize({one} + {two})
require(tiles >= 300)
require(bricks >= 500)""",
    )


def coefficients(model: Formulation) -> list[str]:
    return [with_numbers(d.expression, scalar_values(model)) for d in model.definitions]


def test_a_row_that_is_taken_for_a_column_is_turned() -> None:
    mended = mend(kilns("20*north + 70*south", "30*north + 40*south"), KILNS)
    assert coefficients(mended) == ["20 * north + 30 * south", "70 * north + 40 * south"]
    assert [a.text for a in mended.assumptions] == [
        '`tiles` takes the numbers that the table has for "Tiles per batch".',
        '`bricks` takes the numbers that the table has for "Bricks per batch".',
    ]
    assert optiwright.solve(mended).objective == 11


@pytest.mark.parametrize(
    "model",
    [
        kilns("20*north + 30*south", "70*north + 40*south"),  # as it should be
        kilns("20*south + 30*north", "70*south + 40*north"),  # neither a row nor a column
        kilns("20*x + 70*y", "30*x + 40*y", ("x", "y")),  # which decision is which kiln is open
    ],
)
def test_what_no_name_decides_is_not_turned(model: Formulation) -> None:
    assert coefficients(mend(model, KILNS)) == coefficients(model)


SHIFTS = (
    "An hour of day shift brings 20 euros, one of night shift 30, and at most 25 can be at night. "
    "{limit} Which hours bring most?"
)


def shifts(text: str) -> Formulation:
    return formulation(
        text,
        """day = integer(0, None)  # hours of day shift
night = integer(0, 25)  # hours of night shift
income = 20*day + 30*night  # euros
maximize(income)""",
    )


def test_a_limit_on_all_decisions_together_is_set_on_their_sum() -> None:
    text = SHIFTS.format(limit="There are a total of 60 hours available.")
    mended = mend(shifts(text), text)
    assert relations(mended)[-1] == "day + night <= 60"
    assert optiwright.solve(mended).objective == 25 * 30 + 35 * 20
    assert mend(mended, text) == mended


@pytest.mark.parametrize(
    "limit",
    [
        "Each shift has 60 hours available.",
        "A total of 60 day hours are available.",
        "There are 60 rooms available.",
    ],
)
def test_a_limit_of_some_decisions_is_not_set_on_all(limit: str) -> None:
    text = SHIFTS.format(limit=limit)
    assert relations(mend(shifts(text), text)) == relations(shifts(text))


APPLES = "A cake takes 3 apples and earns 5, a pie takes 4 and earns 7. {apples} Earn the most."


@pytest.mark.parametrize(
    ("apples", "comment", "sign"),
    [
        ("We pick 90 apples a day.", "apples available", "<="),
        ("There is space for 90 apples.", "space for 90 apples", "<="),
        ("We pick 90 apples a day.", "apples are used", ">="),
        ("We pick 90 apples a day.", "at least the available apples", ">="),
        ("At least 90 apples must be used.", "apples available", ">="),
    ],
)
def test_what_is_available_is_a_limit(apples: str, comment: str, sign: str) -> None:
    text = APPLES.format(apples=apples)
    model = formulation(
        text,
        f"""cake = integer(0, 50)  # cakes
pie = integer(0, 50)  # pies
apples = 3*cake + 4*pie  # apples taken
maximize(5*cake + 7*pie)
# {comment}
require(apples >= 90)""",
    )
    assert relations(mend(model, text)) == [f"apples {sign} 90"]


TRIPS = "A van carries 9 boxes, a bike 2. At least 30% of the trips must be by bike; 100 boxes go."


@pytest.mark.parametrize(
    ("total", "whole"),
    [
        ("9*van + 2*bike  # boxes carried", "(van + bike)"),
        ("van + bike  # all of them", "total"),
        ("9*van + 2*bike  # boxes on all trips", "total"),
    ],
)
def test_a_share_of_trips_is_none_of_what_they_carry(total: str, whole: str) -> None:
    model = formulation(
        TRIPS,
        f"""van = integer(0, None)  # trips by van
bike = integer(0, None)  # trips by bike
total = {total}
minimize(van + bike)
require(bike >= 0.3*total)""",
    )
    assert relations(mend(model, TRIPS))[0] == f"bike >= 0.3 * {whole}"


def test_a_goal_to_which_earnings_were_added_stands_alone() -> None:
    text = (
        "A guard works 8 hours and earns 90, a helper 5 and 40; 60 hours are needed. "
        "Minimize the number of staff."
    )
    model = formulation(
        text,
        """guard = integer(0, None)  # guards
helper = integer(0, None)  # helpers
staff = guard + helper  # number of staff
earnings = 90*guard + 40*helper  # total earnings
hours = 8*guard + 5*helper  # hours worked
minimize(staff + earnings)
require(hours >= 60)""",
    )
    assert mend(model, text).objectives[0].expression == "staff"


RUN = "The canal closes my ducks' run; 64 metres of fence go round the {sides}. The largest area?"


@pytest.mark.parametrize(
    ("sides", "fence", "described", "mended"),
    [
        ("other three sides", "2*a + 2*b", "metres along the canal", "1 * a + 2 * b"),
        ("other three sides", "2*a + 2*b", "metres", "2 * a + 2 * b"),
        ("other three sides", "a + 2*b", "metres along the canal", "a + 2 * b"),
        ("four sides", "2*a + 2*b", "metres along the canal", "2 * a + 2 * b"),
    ],
)
def test_three_sides_are_not_four(sides: str, fence: str, described: str, mended: str) -> None:
    text = RUN.format(sides=sides)
    model = formulation(
        text,
        f"""a = continuous(0, None)  # {described}
b = continuous(0, None)  # metres away from it
fence = {fence}  # metres of fence
maximize(a*b)
require(fence <= 64)""",
    )
    assert coefficients(mend(model, text)) == [mended]


BUSES = (
    "Big buses take 48 guests and 30 litres, minibuses 14 and 9. 600 guests go. Use the least fuel."
)
FLEET = """big = integer(0, None)  # trips of big buses
minibus = integer(0, None)  # trips of minibuses
minibus_fuel = 9*minibus  # litres of minibuses
fuel = 30*big + {fuel}  # litres
guests = 48*big + {guests}  # guests
minimize(fuel)
require(guests >= 600)"""


def test_a_plural_of_what_is_declared_is_that_and_is_said() -> None:
    written = FLEET.format(fuel="minibuses_fuel", guests="14*minibuses")
    found = mend(formulation(BUSES, written), BUSES)
    said = [a.text for a in found.assumptions]
    assert "`minibuses_fuel` is `minibus_fuel`, which is declared." in said
    assert "`minibuses` is `minibus`, which is declared." in said
    assert optiwright.solve(found).objective == pytest.approx(378)


@pytest.mark.parametrize(
    ("fuel", "guests"),
    [("minibus_fuel + minibuses_fuel", "14*minibus"), ("minivan_fuel", "14*minibus"),
     ("minibus_fuel2", "14*minibus"), ("minibus_fuel", "14*bigs + 3*big")],
    ids=["beside it", "another word", "a number", "beside the singular"],
)  # fmt: skip
def test_a_name_that_may_be_another_stays_unknown(fuel: str, guests: str) -> None:
    written = formulation(BUSES, FLEET.format(fuel=fuel, guests=guests))
    assert not any("which is declared" in a.text for a in mend(written, BUSES).assumptions)


@pytest.mark.parametrize("name", ["sum", "max", "min", "exp"])
def test_a_total_with_the_name_of_a_function_gets_another(name: str) -> None:
    text = "Two numbers add up to 300; neither exceeds 200. What is their greatest product?"
    script = f"""x = continuous(0, None)  # first number
y = continuous(0, None)  # second number
{name} = x + y  # both
maximize(x*y)
require({name} == 300)
require(max(x, y) <= 200)"""
    made = mend(lift(read_wire(f"```python\n{script}\n```", Form.FLAT), text), text)
    assert [d.name for d in made.definitions] == [f"the_{name}"]
    assert optiwright.solve(made).objective == pytest.approx(22500, rel=1e-6)


PADDLES = "A kayak costs $300 and is sold for {kayak}, a paddle costs $25 and is sold for {paddle}."


@pytest.mark.parametrize(
    ("kayak", "paddle", "profit"),
    [
        ("a profit of $200", "a profit of $30", "200 * kayaks + 30 * paddles"),
        ("$200", "$30", "(200 - 300) * kayaks + (30 - 25) * paddles"),
        ("a profit of $200", "$30", "(200 - 300) * kayaks + (30 - 25) * paddles"),
    ],
)
def test_a_stated_profit_has_no_cost_to_take_off(kayak: str, paddle: str, profit: str) -> None:
    text = PADDLES.format(kayak=kayak, paddle=paddle) + " At most $9000 is spent. Earn the most."
    model = formulation(
        text,
        """kayaks = integer(0, None)  # kayaks sold
paddles = integer(0, None)  # paddles sold
spent = 300*kayaks + 25*paddles  # dollars
profit = (200 - 300)*kayaks + (30 - 25)*paddles  # dollars of profit
maximize(profit)
require(spent <= 9000)""",
    )
    mended = mend(model, text)
    values = scalar_values(mended)
    (total,) = [d.expression for d in mended.definitions if d.name == "profit"]
    assert with_numbers(total, values) == profit
