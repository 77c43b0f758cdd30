"""What is said about an optimum's surroundings agrees with solving again, everywhere."""

from __future__ import annotations

import highspy
import pytest
from hypothesis import assume, example, settings
from hypothesis import given as draws
from hypothesis import strategies as st

from optiwright.formulators.instance import ground
from optiwright.formulators.model import (
    Algebraic,
    Domain,
    Formulation,
    Sense,
    Variable,
)
from optiwright.solver_tools import highs
from optiwright.solver_tools.compile import compile_program
from optiwright.solver_tools.effects import Basis, Effect, Way, step_of
from optiwright.solver_tools.sensitivity import Point, surroundings
from tests.sample_formulations import SAMPLES, given, listed, maximize, minimize
from tests.surrounded import (
    Surrounded,
    best_value,
    change_to,
    random_linear,
    solved,
    surrounded,
)

SEEDS = st.integers(0, 10**6)
_FAR = 4.0
_OUTSIDE = 0.5


def near(value: float) -> object:
    return pytest.approx(value, rel=1e-6, abs=1e-6)


def assert_holds(base: float, way: Way, sign: float, moved: object) -> None:
    """Holds a way to what re-solving says: inside the range, just outside, at the end."""
    value = moved  # a function from an amount to the best value, None without a solution
    assert callable(value)
    if not way.possible:
        assert value(sign * 1e-3) is None
        return
    assert way.rate is not None, way
    reach = _FAR if way.reach is None else way.reach
    for share in (0.5, 1.0):
        amount = share * min(reach, _FAR)
        assert value(sign * amount) == near(base + sign * way.rate * amount)
    if way.reach is not None:
        outside = value(sign * (way.reach + _OUTSIDE))
        line = base + sign * way.rate * (way.reach + _OUTSIDE)
        assert outside is None or outside != near(line)
    if way.end is not None:
        assert value(sign * (way.end + 1e-3)) is None
        assert value(sign * way.end * (1 - 1e-9)) is not None


@settings(max_examples=80, deadline=None)
@draws(SEEDS)
def test_every_price_of_a_limit_holds_over_its_range_and_no_further(seed: int) -> None:
    model = surrounded(random_linear(seed))
    assume(model is not None)
    assert model is not None
    limits = [e for e in model.effects.effects if e.kind == "limit"]
    assert len(limits) == sum(
        p.name.startswith(("b", "cap")) and _is_used(model.formulation, p.name)
        for p in model.formulation.parameters
    )
    for effect in limits:
        for way, sign in ((effect.up, 1.0), (effect.down, -1.0)):
            assert way is not None
            assert_holds(
                model.objective,
                way,
                sign,
                lambda by, e=effect: best_value(model.formulation, change_to(e.name, e.value + by)),
            )


def _is_used(formulation: Formulation, name: str) -> bool:
    if name != "cap":
        return True
    return any(v.upper == "cap" for v in formulation.variables)


@settings(max_examples=60, deadline=None)
@draws(SEEDS)
def test_every_price_of_a_constraint_is_that_of_one_more_on_the_side_of_its_data(
    seed: int,
) -> None:
    model = surrounded(random_linear(seed))
    assume(model is not None)
    assert model is not None
    for effect in model.effects.effects:
        if effect.kind == "constraint" and effect.up and effect.down:
            for way, sign in ((effect.up, 1.0), (effect.down, -1.0)):
                assert_holds(
                    model.objective,
                    way,
                    sign,
                    lambda by, e=effect: best_value(_with_limit(model, e, by)),
                )


def _with_limit(model: Surrounded, effect: Effect, by: float) -> Formulation:
    """Returns the model with the constraint's data side so much more, by its text."""
    changed = []
    for c in model.formulation.constraints:
        assert isinstance(c, Algebraic)
        text = c.expression
        if c.name == effect.name:
            limit = f"b{c.name[3:]}"
            if f"- {limit} <= 1" in text:
                text = text.replace("<= 1", f"<= 1 + ({by!r})")
            elif " - 9 <= " in text:
                low, body, high = text.split(" <= ")
                values = {p.name: p.data.entries[0].value for p in model.formulation.parameters}  # type: ignore[union-attr]
                upper = effect.value == values[limit]
                text = f"{low} <= {body} <= {high} + ({by!r})"
                text = text if upper else f"{low} + ({by!r}) <= {body} <= {high}"
            elif text.count(" >= ") == 2:
                high, body, low = text.split(" >= ")
                values = {p.name: p.data.entries[0].value for p in model.formulation.parameters}  # type: ignore[union-attr]
                upper = effect.value == values[limit]
                text = f"{high} + ({by!r}) >= {body} >= {low}"
                text = text if upper else f"{high} >= {body} >= {low} + ({by!r})"
            elif text.startswith(limit):
                text = f"({by!r}) + {text}"
            else:
                text = f"{text} + ({by!r})"
            c = c.model_copy(update={"expression": text})
        changed.append(c)
    return model.formulation.model_copy(update={"constraints": tuple(changed)})


@settings(max_examples=60, deadline=None)
@draws(SEEDS)
def test_every_reduced_cost_is_what_the_first_units_cost(seed: int) -> None:
    model = surrounded(random_linear(seed))
    assume(model is not None)
    assert model is not None
    for effect in model.effects.effects:
        if effect.kind != "variable" or effect.up is None:
            continue
        at_zero = effect.value == near(0.0)
        assert (effect.down is None) == at_zero
        ways = [(effect.up, 1.0)] if at_zero else [(effect.up, 1.0), (effect.down, -1.0)]
        for way, sign in ways:
            assert way is not None
            assert_holds(
                model.objective,
                way,
                sign,
                lambda by, e=effect, z=at_zero: best_value(_with_bound(model, e, by, z)),
            )


def _with_bound(model: Surrounded, effect: Effect, by: float, lower: bool) -> Formulation:
    bound = {"lower" if lower else "upper": repr(effect.value + by)}
    variables = tuple(
        v.model_copy(update=bound) if v.name == effect.name else v
        for v in model.formulation.variables
    )
    return model.formulation.model_copy(update={"variables": variables})


@settings(max_examples=80, deadline=None)
@draws(SEEDS)
def test_the_plan_stays_best_within_a_coefficients_range_and_no_further(seed: int) -> None:
    model = surrounded(random_linear(seed))
    assume(model is not None)
    assert model is not None
    plan = {v.name: v.value or 0.0 for v in model.best.values}
    assert sum(e.kind == "coefficient" for e in model.effects.effects) == len(plan)
    for effect in model.effects.effects:
        if effect.kind != "coefficient":
            continue
        own = plan[f"x{effect.name[1:]}"]
        for way, sign in ((effect.up, 1.0), (effect.down, -1.0)):
            assert way is not None
            assert not way.note
            reach = _FAR if way.reach is None else way.reach
            inside, outside = sign * min(reach, _FAR), sign * (reach + _OUTSIDE)
            best = best_value(model.formulation, change_to(effect.name, effect.value + inside))
            assert best == near(model.objective + own * inside)
            assert way.rate == (near(own) if reach else None)
            if way.reach is not None:
                best = best_value(model.formulation, change_to(effect.name, effect.value + outside))
                assert best is None or best != near(model.objective + own * outside)


# --- degenerate, signs, attribution ---------------------------------------------------------------


def _corner(sense: str = "maximize") -> Formulation:
    """Three limits meet at (4, 4), where two would do."""
    goal = maximize("x + y") if sense == "maximize" else minimize("0 - x - y")
    return Formulation(
        parameters=(given("both", 8), given("left", 4), given("right", 4)),
        variables=(Variable(name="x"), Variable(name="y")),
        objectives=goal,
        constraints=(
            Algebraic(name="together", expression="x + y <= both"),
            Algebraic(name="first", expression="x <= left"),
            Algebraic(name="second", expression="right >= y"),
        ),
    )


def limit(formulation: Formulation, name: str, kind: str = "limit") -> Effect:
    model = surrounded(formulation)
    assert model is not None
    return next(e for e in model.effects.effects if e.name == name and e.kind == kind)


@pytest.mark.parametrize(("sense", "sign"), [("maximize", 1.0), ("minimize", -1.0)])
def test_at_a_degenerate_vertex_both_prices_are_given(sense: str, sign: float) -> None:
    both = limit(_corner(sense), "both")
    assert both.up is not None
    assert both.down is not None
    assert (both.up.rate, both.down.rate) == (0.0, sign * 1.0)
    assert both.price is None
    assert (both.up.reach, both.down.reach) == (None, 8.0)
    left = limit(_corner(sense), "left")
    assert left.up is not None
    assert left.down is not None
    assert (left.up.rate, left.down.rate) == (0.0, sign * 1.0)


def test_the_prices_of_a_workshop() -> None:
    carpentry = limit(SAMPLES["product_mix"].formulation, "carpentry")
    assert carpentry.price == near(15)
    assert carpentry.up is not None
    assert carpentry.down is not None
    assert (carpentry.up.reach, carpentry.down.reach) == (near(60), near(40))
    assert carpentry.places == (("carpentry_time", ()),)
    assert carpentry.basis is Basis.EXACT


def test_a_number_in_several_bounds_has_one_price() -> None:
    capacity = limit(SAMPLES["inventory"].formulation, "capacity")
    assert capacity.price == near(-3)
    assert {name for name, _ in capacity.places} == {"make"}
    assert len(capacity.places) == 4


def test_a_number_that_scales_several_limits_has_one_price() -> None:
    amount = limit(SAMPLES["blending"].formulation, "amount")
    assert amount.price == near(SAMPLES["blending"].optimum / 500)
    assert {name for name, _ in amount.places} == {"mass", "enough_protein", "bran_share"}


def test_a_constraint_tells_its_sides_and_its_slack() -> None:
    model = surrounded(SAMPLES["transport"].formulation)
    assert model is not None
    found = {(e.name, e.index): e for e in model.effects.effects if e.kind == "constraint"}
    west = found["within_supply", ("San Diego",)]
    assert (west.value, west.other, west.slack, west.binding) == (600.0, 550.0, near(50.0), False)
    north = found["meet_demand", ("New York",)]
    assert (north.value, north.other, north.slack, north.binding) == (325.0, near(325), 0.0, True)
    assert north.price == near(225)


def test_a_number_inside_a_requirement_is_said_to_have_no_price() -> None:
    model = surrounded(SAMPLES["blending"].formulation)
    assert model is not None
    assert model.effects.inside == ("protein",)
    model = surrounded(SAMPLES["inventory"].formulation)
    assert model is not None
    assert model.effects.inside == ("horizon",)


def test_a_limit_behind_a_kink_of_its_own_is_given_no_range_beyond_it() -> None:
    formulation = Formulation(
        parameters=(given("stock", 10), given("least", 4)),
        variables=(Variable(name="x"),),
        objectives=maximize("x"),
        constraints=(Algebraic(name="use", expression="x <= max(stock, 8)"),),
    )
    stock = limit(formulation, "stock")
    assert stock.up is not None
    assert stock.down is not None
    assert (stock.up.rate, stock.up.reach) == (1.0, None)
    assert (stock.down.rate, stock.down.reach) == (1.0, 0.0)
    assert stock.down.note


def test_soft_constraints_have_the_price_of_their_penalty() -> None:
    formulation = Formulation(
        parameters=(given("wish", 10), given("room", 6)),
        variables=(Variable(name="x"),),
        objectives=minimize("x"),
        constraints=(
            Algebraic(name="wanted", expression="x >= wish", penalty="3"),
            Algebraic(name="space", expression="x <= room"),
        ),
    )
    assert limit(formulation, "wish").price == near(3)
    room = limit(formulation, "room")
    assert room.price == near(-2)
    assert room.up is not None
    assert room.up.reach == near(4)


# --- other classes --------------------------------------------------------------------------------


def test_a_convex_quadratic_price_is_that_at_the_margin() -> None:
    formulation = SAMPLES["portfolio"].formulation
    gain = limit(formulation, "least_gain")
    assert gain.basis is Basis.MARGIN
    assert gain.up is not None
    assert gain.up.reach == 0.0
    small = 1e-4
    more = best_value(formulation, change_to("least_gain", 0.05 + small))
    base = best_value(formulation)
    assert more is not None
    assert base is not None
    assert gain.price == pytest.approx((more - base) / small, rel=2e-2)


@settings(max_examples=40, deadline=None)
@draws(SEEDS)
@example(3)
def test_with_integers_held_a_price_is_that_of_the_rest(seed: int) -> None:
    plain = random_linear(seed)
    mixed = (plain.variables[0].model_copy(update={"domain": Domain.INTEGER}), *plain.variables[1:])
    formulation = plain.model_copy(update={"variables": mixed})
    model = surrounded(formulation)
    assume(model is not None)
    assert model is not None
    held = next(v.value for v in model.best.values if v.name == "x0")
    fixed = (mixed[0].model_copy(update={"lower": repr(held), "upper": repr(held)}), *mixed[1:])
    rest = formulation.model_copy(update={"variables": fixed})
    if len(mixed) == 1:
        assert model.effects.effects == ()
    for effect in model.effects.effects:
        assert effect.basis is Basis.HELD
        assert effect.kind in {"limit", "constraint"}
        if effect.kind == "constraint" or effect.name == "cap":
            continue
        for way, sign in ((effect.up, 1.0), (effect.down, -1.0)):
            assert way is not None
            assert_holds(
                model.objective,
                way,
                sign,
                lambda by, e=effect: best_value(rest, change_to(e.name, e.value + by)),
            )


def test_capacities_behind_a_switch_count_as_limits() -> None:
    formulation = Formulation(
        sets=(listed("Sites", ("a", "b")),),
        parameters=(
            given("capacity", {"a": 5, "b": 4}, "s in Sites"),
            given("fixed", {"a": 10, "b": 7}, "s in Sites"),
            given("need", 6),
            given("weight", 2),
        ),
        variables=(
            Variable(name="opened", over="s in Sites", domain=Domain.BINARY),
            Variable(name="ship", over="s in Sites"),
        ),
        objectives=minimize("sum(fixed[s] * opened[s] + ship[s] for s in Sites)"),
        constraints=(
            Algebraic(
                name="room", over="s in Sites", expression="ship[s] <= capacity[s] * opened[s]"
            ),
            Algebraic(name="met", expression="sum(ship[s] for s in Sites) >= need"),
            Algebraic(name="light", expression='weight * opened["a"] + ship["b"] <= 50'),
        ),
    )
    model = surrounded(formulation)
    assert model is not None
    assert set(model.effects.limits) == {("capacity", ("a",)), ("capacity", ("b",)), ("need", ())}
    assert model.effects.inside == ("weight",)


def test_a_plan_that_is_not_best_is_replaced_by_one_that_is() -> None:
    formulation = SAMPLES["product_mix"].formulation
    model = surrounded(formulation)
    assert model is not None
    poor: Point = {"tables": {(): 0.0}, "chairs": {(): 0.0}}
    assert surroundings(formulation, poor) == model.effects


def test_the_tightest_limits_come_first() -> None:
    model = surrounded(SAMPLES["transport"].formulation)
    assert model is not None
    assert model.effects.limits[-1] == ("supply", ("San Diego",))


@pytest.mark.parametrize(
    ("value", "step"),
    [(0, 1), (3, 1), (420, 1), (7.5, 0.1), (12.5, 1), (0.2, 0.01), (0.015, 0.001), (-0.3, 0.01),
     (1000, 10), (12_000, 100), (-25_000, 100), (1.0, 1)],
)  # fmt: skip
def test_a_step_means_something_for_its_number(value: float, step: float) -> None:
    assert step_of(value) == pytest.approx(step)


# --- another witness ------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["product_mix", "blending"])
def test_highs_ranges_are_the_same_where_nothing_is_degenerate(name: str) -> None:
    formulation = SAMPLES[name].formulation
    program = compile_program(ground(formulation))
    solver = highs.load(program)
    solver.run()
    _, ranging = solver.getRanging()
    model = surrounded(formulation)
    assert model is not None
    rows = [e for e in model.effects.effects if e.kind == "constraint"]
    assert [e.name for e in rows] == [label for label, _ in program.row_labels()]
    for k, effect in enumerate(rows):
        assert effect.up is not None
        assert effect.down is not None
        top, bottom = ranging.row_bound_up.value_[k], ranging.row_bound_dn.value_[k]
        shift = effect.value - program.row_upper[k]
        if not abs(shift) < 1e300:
            shift = effect.value - program.row_lower[k]
        assert effect.value + (effect.up.reach or highspy.kHighsInf) == near(top + shift)
        assert effect.value - (effect.down.reach or highspy.kHighsInf) == near(bottom + shift)


def test_the_sense_of_a_price_is_the_objectives_own() -> None:
    for sense, sign in ((Sense.MAXIMIZE, 1.0), (Sense.MINIMIZE, -1.0)):
        formulation = Formulation(
            parameters=(given("most", 3),),
            variables=(Variable(name="x"),),
            objectives=(maximize("2 * x") if sense is Sense.MAXIMIZE else minimize("0 - 2 * x")),
            constraints=(Algebraic(name="c", expression="x <= most"),),
        )
        assert limit(formulation, "most").price == near(sign * 2)
        assert limit(formulation, "c", "constraint").price == near(sign * 2)
        assert solved(formulation).duals[0].value == near(sign * 2)
