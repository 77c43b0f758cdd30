"""What the sensitivity's sentences say, and that they say what was found."""

from __future__ import annotations

import re

import pytest
from hypothesis import assume, settings
from hypothesis import given as draws
from hypothesis import strategies as st

from optiwright import Result, UserError, solve
from optiwright.agent.loop import wait
from optiwright.agent.result import Status
from optiwright.agent.sensitivity import Sensitivity, analyse
from optiwright.agent.sensitivity_words import sensitivity_words
from optiwright.formulators.figures import amount, is_money, number, short, singular
from optiwright.formulators.model import (
    Algebraic,
    Domain,
    Formulation,
    Objective,
    Parameter,
    Sense,
    Variable,
)
from optiwright.solver_tools.effects import Basis
from optiwright.solver_tools.nudges import nudge
from optiwright.solver_tools.pool import default_pool
from tests.feed_model import feed
from tests.sample_formulations import SAMPLES, given, maximize, minimize
from tests.surrounded import by_enumeration, change_to, random_whole, surrounded


def described(parameter: Parameter, words: str) -> Parameter:
    return parameter.model_copy(update={"description": words})


def bakery(domain: Domain = Domain.CONTINUOUS) -> Formulation:
    """Lemon and chocolate cakes: an oven and eggs limit them, and what the cafes take."""
    return Formulation(
        title="Bakery",
        parameters=(
            described(given("lemon_profit", 6, unit="euro"), "profit of a lemon cake"),
            described(given("chocolate_profit", 9.5, unit="euro"), "profit of a chocolate cake"),
            described(given("oven", 420, unit="minutes"), "time that the oven is free"),
            described(given("eggs", 60, unit="eggs"), "eggs a day"),
            described(given("taken", 8, unit="cakes"), "chocolate cakes that the cafes take"),
        ),
        variables=(
            Variable(name="lemon", domain=domain, unit="cakes", description="lemon cakes"),
            Variable(name="chocolate", domain=domain, unit="cakes", description="chocolate cakes"),
        ),
        objectives=(
            Objective(
                sense=Sense.MAXIMIZE,
                expression="lemon_profit * lemon + chocolate_profit * chocolate",
                unit="euro",
            ),
        ),
        constraints=(
            Algebraic(name="oven_time", expression="20 * lemon + 35 * chocolate <= oven"),
            Algebraic(name="egg_use", expression="3 * lemon + 4 * chocolate <= eggs"),
            Algebraic(name="sold", expression="chocolate <= taken"),
        ),
    )


def lines(formulation: Formulation) -> dict[str, str]:
    """Returns the sentence about each number, by its name."""
    text = sensitivity_words(formulation, analyse(solve(formulation)))
    return {m[1]: m[0] for m in re.finditer(r"^- .*?`([^`]+)`.*$", text, flags=re.MULTILINE)}


def test_a_linear_problem_in_sentences() -> None:
    said = lines(bakery())
    assert said["oven"] == (
        "- Time that the oven is free (`oven`, 420 minutes): one more minute is worth 0.18 euro, "
        "up to 46.67 minutes more (to 466.7 minutes); one minute less costs as much, down to 20 "
        "minutes less (to 400 minutes)."
    )
    assert said["eggs"] == (
        "- Eggs a day (`eggs`, 60 eggs): one more egg is worth 0.8 euro, up to 3 eggs more (to 63 "
        "eggs); one egg less costs as much, down to 7 eggs less (to 53 eggs)."
    )
    assert said["taken"] == (
        "- Chocolate cakes that the cafes take (`taken`, 8 cakes): nothing changes from 2.4 cakes "
        "upwards."
    )
    assert said["lemon_profit"] == (
        "- Profit of a lemon cake (`lemon_profit`, 6 euro): from 5.429 to 7.125 euro."
    )


def test_the_most_valuable_comes_first() -> None:
    text = solve(bakery()).sensitivity_text()
    order = [text.index(f"`{name}`") for name in ("oven", "eggs", "taken", "lemon_profit")]
    assert order == sorted(order)
    dear = _with(bakery(), "oven", 100_000)
    text = solve(dear).sensitivity_text()
    assert text.index("`eggs`") < text.index("`oven`")


def test_the_dearest_of_several_entries_comes_first() -> None:
    text = solve(SAMPLES["inventory"].formulation).sensitivity_text()
    order = [text.index(f"`demand[{month}]`") for month in (3, 2, 4, 1)]
    assert order == sorted(order)
    assert "- `unit_cost[4]` (13 $): from 0 to 16 $." in text


def test_what_was_not_looked_at_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("optiwright.agent.sensitivity._MOST_STEPS", 1)
    result = solve(bakery(Domain.INTEGER))
    assert analyse(result).left_out == 2
    assert "2 more numbers, constraints and decisions were not looked at" in (
        result.sensitivity_text()
    )


def test_an_integer_problem_in_sentences() -> None:
    formulation = bakery(Domain.INTEGER)
    result = solve(formulation)
    text = result.sensitivity_text()
    assert "solving again" in text
    said = lines(formulation)
    more = solve(_with(formulation, "eggs", 61)).objective
    assert more is not None
    assert result.objective is not None
    gain = more - result.objective
    expected = (
        f"(to 61 eggs) is worth {short(gain)} euro, for {more:g} euro in all" if gain else
        "(to 61 eggs) changes nothing"
    )  # fmt: skip
    assert expected in said["eggs"] or "more or less changes nothing" in said["eggs"]


def _with(formulation: Formulation, name: str, value: float) -> Formulation:
    parameters = tuple(
        p.model_copy(update={"data": given(name, value).data}) if p.name == name else p
        for p in formulation.parameters
    )
    return formulation.model_copy(update={"parameters": parameters})


def test_a_kink_is_said_both_ways() -> None:
    formulation = Formulation(
        parameters=(given("both", 8, unit="hours"), given("left", 4), given("right", 4)),
        variables=(Variable(name="x"), Variable(name="y")),
        objectives=maximize("2 * x + 2 * y", "$"),
        constraints=(
            Algebraic(name="together", expression="x + y <= both"),
            Algebraic(name="first", expression="x <= left"),
            Algebraic(name="second", expression="y <= right"),
        ),
    )
    assert lines(formulation)["both"] == (
        "- `both` (8 hours): more changes nothing; one hour less costs 2 $, all the way down to 0."
    )


def test_a_limit_without_room_is_said_to_leave_no_solution() -> None:
    formulation = Formulation(
        parameters=(given("need", 5), given("stock", 5)),
        variables=(Variable(name="x"),),
        objectives=minimize("x", "hours"),
        constraints=(
            Algebraic(name="met", expression="x >= need"),
            Algebraic(name="there", expression="x <= stock"),
        ),
    )
    said = lines(formulation)
    assert said["need"] == (
        "- `need` (5): with any more there is no solution; one less lowers the objective by 1 "
        "hour, all the way down to 0."
    )
    assert said["stock"] == (
        "- `stock` (5): more changes nothing; with any less there is no solution."
    )


def test_minimised_money_is_saved_and_cost() -> None:
    said = lines(SAMPLES["transport"].formulation)
    assert said["demand[New York]"] == (
        "- `demand[New York]` (325 cases): one more case costs 225 $, up to 50 cases more (to 375 "
        "cases); beyond that there is no solution; one case less saves as much, all the way down "
        "to 0."
    )
    assert said["ship[Seattle, Topeka]"] == (
        "- `ship[Seattle, Topeka]` (0 cases): each case costs 36 $, up to 50 cases."
    )
    assert said["distance[Seattle, New York]"].endswith(
        "from 2.4 to 2.5 thousand miles; with any more another plan is best."
    )


def test_shares_are_spoken_of_by_the_hundredth() -> None:
    said = lines(SAMPLES["blending"].formulation)
    assert "0.01 more costs 8.571 $, up to 0.153 more (to 0.353)" in said["least_protein"]


def test_a_difference_of_percentages_is_in_points() -> None:
    said = lines(feed())
    assert said["least_protein"] == (
        "- Least protein content of the mix (`least_protein`, 16%): one more percentage point "
        "costs 3.943 $, up to 17.65 percentage points more (to 33.65%); one percentage point less "
        "saves as much, down to 6.593 percentage points less (to 9.407%)."
    )


def test_a_constraint_that_a_number_stands_for_is_not_said_twice() -> None:
    text = solve(SAMPLES["product_mix"].formulation).sensitivity_text()
    assert "carpentry_time" not in text


def test_a_limit_that_is_no_parameter_is_said_as_the_constraints() -> None:
    formulation = Formulation(
        variables=(Variable(name="x"),),
        objectives=maximize("2 * x", "euro"),
        constraints=(Algebraic(name="most", description="at most 3", expression="x <= 3"),),
    )
    assert lines(formulation)["most"].startswith(
        "- At most 3 (`most`, 3): one more is worth 2 euro"
    )


# --- every step that is told of an integer problem ------------------------------------------------


@settings(max_examples=40, deadline=None)
@draws(st.integers(0, 10**6))
def test_every_step_of_an_integer_problem_agrees_with_trying_every_point(seed: int) -> None:
    formulation = random_whole(seed)
    base = by_enumeration(formulation)
    assume(base is not None)
    assert base is not None
    model = surrounded(formulation)
    assert model is not None
    assert model.objective == pytest.approx(base)
    limits = model.effects.limits
    assert {name for name, _ in limits} >= {
        p.name for p in formulation.parameters if p.name.startswith("b")
    }
    for effect in wait(nudge(default_pool(), formulation, model.objective, limits)):
        assert effect.basis is Basis.RESOLVED
        for way, sign in ((effect.up, 1), (effect.down, -1)):
            assert way is not None
            assert way.reach == 1.0
            best = by_enumeration(formulation, change_to(effect.name, effect.value + sign))
            assert way.possible == (best is not None)
            if best is not None:
                assert way.objective == pytest.approx(best, abs=1e-6)
                assert way.rate == pytest.approx((best - base) * sign, abs=1e-6)


# --- the frame, and refusals ----------------------------------------------------------------------


def test_the_frame_has_a_row_for_each_and_its_ranges() -> None:
    frame = solve(SAMPLES["product_mix"].formulation).sensitivity()
    row = frame[(frame.kind == "limit") & (frame.name == "carpentry")].iloc[0]
    assert row["price"] == row["price_up"] == row["price_down"] == pytest.approx(15)
    assert (row["from"], row["to"]) == (pytest.approx(200), pytest.approx(300))
    assert (row["unit"], row["basis"]) == ("hours", "exact")
    best = frame[(frame.kind == "coefficient") & (frame.name == "table_profit")].iloc[0]
    assert (best["from"], best["to"]) == (pytest.approx(200 / 3), pytest.approx(100))
    assert set(frame.kind) == {"limit", "coefficient", "constraint", "variable"}


def test_what_was_found_comes_back_from_json() -> None:
    found = analyse(solve(SAMPLES["transport"].formulation))
    assert Sensitivity.model_validate_json(found.model_dump_json()) == found


def test_what_has_no_surroundings_is_refused() -> None:
    result = solve(SAMPLES["product_mix"].formulation)
    with pytest.raises(UserError, match="infeasible"):
        result.model_copy(update={"status": Status.INFEASIBLE}).sensitivity()
    with pytest.raises(UserError, match="no formulation"):
        result.model_copy(update={"formulation": None}).sensitivity()
    empty = Formulation(variables=(Variable(name="x"),))
    with pytest.raises(UserError, match="no objective"):
        solve(empty).sensitivity()


def test_a_nonconvex_problem_is_solved_again() -> None:
    formulation = Formulation(
        parameters=(given("room", 4),),
        variables=(Variable(name="x", upper="10"), Variable(name="y", upper="10")),
        objectives=maximize("x * y"),
        constraints=(Algebraic(name="space", expression="x + y <= room"),),
    )
    result: Result = solve(formulation)
    frame = result.sensitivity()
    row = frame[frame.name == "room"].iloc[0]
    assert row["basis"] == "re-solved"
    assert row["objective_up"] == pytest.approx(6.25, abs=1e-4)
    assert row["objective_down"] == pytest.approx(2.25, abs=1e-4)


# --- amounts --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("unit", "one"),
    [
        ("hours", "hour"), ("boxes", "box"), ("batteries", "battery"), ("batches", "batch"),
        ("kg", "kg"), ("glass", "glass"), ("$/case", "$/case"), ("cases/day", "case/day"),
        ("thousand miles", "thousand mile"), ("", ""), ("gas", "gas"), ("tonnes", "tonne"),
        ("houses", "house"),
    ],
)  # fmt: skip
def test_units_in_the_singular(unit: str, one: str) -> None:
    assert singular(unit) == one
    assert amount(1, unit) == f"1 {one}".strip()


def test_large_numbers_keep_what_stands_before_the_point() -> None:
    assert number(4_000_000_420.0) == "4,000,000,420"
    assert number(12_345_678.9) == "12,345,679"
    assert number(-98_765_432.1) == "-98,765,432"
    assert number(1_234_567.891) == "1,234,568"
    assert number(0.1 + 0.2) == "0.3"
    assert number(1.5e16) == "1.5e+16"


@pytest.mark.parametrize(
    ("value", "shown"),
    [(0.18, "0.18"), (1 / 3, "0.3333"), (14.285714, "14.29"), (123456.7, "123,457"), (0, "0"),
     (-2.50001, "-2.5"), (1000.4, "1,000"), (8.571428, "8.571")],
)  # fmt: skip
def test_numbers_have_few_digits_but_all_before_the_point(value: float, shown: str) -> None:
    assert short(value) == shown


@pytest.mark.parametrize(
    ("unit", "money"),
    [("$", True), ("euros/day", True), ("thousand dollars", True), ("hours", False),
     ("centimetres", False), ("cases/$", False), ("", False)],
)  # fmt: skip
def test_money_is_known(unit: str, money: bool) -> None:
    assert is_money(unit) is money
