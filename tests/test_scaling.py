"""A badly scaled model is named as such, with its parameter and a remedy; others are not."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from optiwright import solve
from optiwright.agent.scaling_words import ranges_in_words, scaling_notes
from optiwright.formulators.instance import ground
from optiwright.formulators.model import Algebraic, Definition, Domain, Formulation, Variable
from optiwright.solver_tools.compile import compile_program
from optiwright.solver_tools.program import Block, Kind, Program, Scalar
from optiwright.solver_tools.scaling import examine_scaling
from optiwright.solver_tools.solve import solve_program
from tests.programs import INF, affine, program
from tests.sample_formulations import SAMPLES, listed, maximize, minimize
from tests.sample_formulations import given as data

SITES = ("North", "South")


def plants(price: float = 3_500_000.0, budget: float = 2e9) -> Formulation:
    return Formulation(
        parameters=(
            data("price", price, unit="$"),
            data("budget", budget, unit="$"),
            data("emission", 0.0004, unit="tons"),
        ),
        variables=(Variable(name="plants"), Variable(name="fuel", unit="g")),
        definitions=(Definition(name="spent", expression="price * plants + 0.004 * fuel"),),
        objectives=maximize("plants + 0.001 * fuel"),
        constraints=(
            Algebraic(name="money", expression="spent <= budget", description="no overspending"),
            Algebraic(name="air", expression="emission * plants <= 0.5"),
        ),
    )


def sites(switch: float, most: float | None = 200) -> Formulation:
    limit = (
        ()
        if most is None
        else (Algebraic(name="total", expression=f"sum(ship[s] for s in Sites) <= {most}"),)
    )
    return Formulation(
        sets=(listed("Sites", SITES),),
        parameters=(data("M", switch), data("cost", {"North": 50, "South": 40}, "s in Sites")),
        variables=(
            Variable(name="open", over="s in Sites", domain=Domain.BINARY),
            Variable(name="ship", over="s in Sites", unit="tons"),
        ),
        objectives=minimize("sum(cost[s] * open[s] + ship[s] for s in Sites)"),
        constraints=(
            Algebraic(name="if_open", over="s in Sites", expression="ship[s] <= M * open[s]"),
            Algebraic(name="need", expression="sum(ship[s] for s in Sites) >= 120"),
            *limit,
        ),
    )


def notes_of(formulation: Formulation) -> dict[str, tuple[str, str, str]]:
    scaling = examine_scaling(compile_program(ground(formulation)))
    notes = scaling_notes(formulation, scaling)
    return {note.kind: (note.parameter, note.message, note.remedy) for note in notes}


@pytest.mark.parametrize("name", SAMPLES)
def test_nothing_is_said_of_an_ordinary_model(name: str) -> None:
    formulation = SAMPLES[name].formulation
    scaling = examine_scaling(compile_program(ground(formulation)))
    assert not scaling.serious
    assert scaling_notes(formulation, scaling) == ()
    assert ranges_in_words(scaling).startswith("Sizes of its numbers: ")


def test_ranges_are_of_what_is_there() -> None:
    case = program(
        affine(2, 0, -50, constant=1e9),
        [(-INF, affine(0.5, 1), 30), (4, affine(0, -8), INF)],
        lower=[0, -7, -INF],
        upper=[INF, 0, 3],
    )
    found = {r.what: (r.least.value, r.greatest.value) for r in examine_scaling(case).ranges}
    assert found == {
        "requirements": (0.5, -8.0),
        "objective": (2.0, -50.0),
        "bounds": (3.0, -7.0),
        "right-hand sides": (4.0, 30.0),
    }
    bounds = next(r for r in examine_scaling(case).ranges if r.what == "bounds")
    assert (bounds.least.column, bounds.greatest.column) == (("x", (2,)), ("x", (1,)))


# --- ranges and units -----------------------------------------------------------------------------


def test_a_wide_range_names_the_parameters_and_the_units_that_mend_it() -> None:
    parameter, message, remedy = notes_of(plants())["range"]
    assert parameter == "price"
    assert "0.0004 (on `plants` in `air`, from the parameter `emission`)" in message
    assert (
        "3,500,000 (on `plants` in `money` (no overspending), from the parameter `price`)"
        in message
    )
    assert "a factor of about 8,800,000,000" in message
    assert remedy == (
        "Count `fuel` in billions of g and write both sides of `money` in millions and of `air` "
        "in thousandths; the factor is then about 10."
    )


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.integers(-3, 3), min_size=3, max_size=3),
    st.lists(st.integers(-3, 3), min_size=3, max_size=3),
    st.integers(0, 99),
)
def test_the_units_given_lead_to_the_factor_given(
    columns: list[int], rows: list[int], seed: int
) -> None:
    """Spoils an even matrix by units of a thousand each: those proposed undo it as far as said."""
    even = np.random.default_rng(seed).uniform(1, 9, size=(3, 3))
    spoiled = even * 1000.0 ** (np.array(rows)[:, None] + np.array(columns))
    case = program(
        Scalar(),
        [(-INF, affine(*line), 1.0) for line in spoiled.tolist()],
        lower=[0.0] * 3,
        column_blocks=tuple(Block(f"x{j}", j, [()]) for j in range(3)),
        row_blocks=tuple(Block(f"c{i}", i, [()]) for i in range(3)),
    )
    scaling = examine_scaling(case)
    wide = next(r for r in scaling.ranges if r.what == "requirements")
    assert wide.ratio == pytest.approx(spoiled.max() / spoiled.min())
    assert (scaling.units is not None) == wide.serious
    if scaling.units is None:
        return
    powers = dict(scaling.units.columns), dict(scaling.units.rows)
    mended = spoiled.copy()
    for j in range(3):
        mended[:, j] *= 10.0 ** powers[0].get(f"x{j}", 0)
    for i in range(3):
        mended[i] /= 10.0 ** powers[1].get(f"c{i}", 0)
    assert mended.max() / mended.min() == pytest.approx(scaling.units.ratio)
    assert scaling.units.ratio < 1e4


def test_a_range_that_no_units_mend_gets_none() -> None:
    rows = [(-INF, affine(1, 1e9), 1.0), (-INF, affine(1e9, 1), 1.0)]
    blocks = (Block("x", 0, [()]), Block("y", 1, [()]))
    scaling = examine_scaling(program(Scalar(), rows, lower=[0, 0], column_blocks=blocks))
    assert scaling.units is None
    assert scaling.serious


def test_an_objective_with_a_penalty_out_of_proportion() -> None:
    formulation = sites(200).model_copy(
        update={
            "parameters": (*sites(200).parameters, data("penalty", 1e10)),
            "objectives": minimize("penalty * open['North'] + 2 * ship['South']"),
        }
    )
    parameter, message, remedy = notes_of(formulation)["range"]
    assert parameter == "penalty"
    assert "The numbers of the objective reach from 2 (on `ship[South]`)" in message
    assert "`penalty` holds a penalty" in remedy


def test_a_huge_bound_that_stands_for_none() -> None:
    variable = Variable(name="x", upper="huge")
    formulation = Formulation(
        parameters=(data("huge", 1e12),),
        variables=(variable,),
        objectives=minimize("x"),
        constraints=(Algebraic(name="c", expression="x >= 3"),),
    )
    parameter, message, remedy = notes_of(formulation)["range"]
    assert parameter == "huge"
    assert message.startswith("A number of the variables' bounds is 1,000,000,000,000 (on `x`")
    assert "better left out" in remedy


# --- switches -------------------------------------------------------------------------------------


def test_a_needless_factor_of_a_switch_is_named_with_what_suffices() -> None:
    parameter, message, remedy = notes_of(sites(1e7))["switch"]
    assert parameter == "M"
    assert "`if_open[North]`" in message
    assert "the factor 10,000,000, from the parameter `M`" in message
    assert "lets 10 through" in message
    assert remedy.startswith("Take 200 for `M`")


def test_what_suffices_cuts_nothing_off() -> None:
    values = [solve_program(compile_program(ground(sites(m)))).objective for m in (200, 1e5)]
    assert values[0] == pytest.approx(values[1])
    # One less, and a plan that the bounds allow would be gone.
    assert notes_of(sites(200.0 * 1000))["switch"][2].startswith("Take 200 ")


def test_a_factor_that_nothing_limits_asks_for_a_bound() -> None:
    _, _, remedy = notes_of(sites(1e7, most=None))["switch"]
    assert remedy.startswith("Bound what it switches")


@pytest.mark.parametrize("factor", [200, 5000, 19_000])
def test_a_factor_in_proportion_is_none(factor: float) -> None:
    assert "switch" not in notes_of(sites(factor))


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_the_smaller_factor_leaves_every_point_feasible(data: st.DataObject) -> None:
    """Over a box of integers: the same points hold with the factor that suffices."""
    a, b = data.draw(st.integers(-3, 3)), data.draw(st.integers(1, 3))
    low, high = data.draw(st.integers(-4, 0)), data.draw(st.integers(1, 5))
    limit = data.draw(st.integers(-5, 30))
    upper_side, on = data.draw(st.booleans()), data.draw(st.booleans())
    big = 1e6
    sign = 1.0 if upper_side else -1.0

    def with_factor(factor: float) -> Program:
        # a x + b y <= limit, switched off at z = 1 (or at z = 0), or the same turned around.
        push = -factor if on else factor
        right = limit if on else limit + factor
        body = affine(sign * a, sign * b, sign * push)
        row = (-INF, body, right) if upper_side else (-right, body, INF)
        kind = [Kind.CONTINUOUS, Kind.CONTINUOUS, Kind.INTEGER]
        return program(Scalar(), [row], lower=[low, low, 0], upper=[high, high, 1], kind=kind)

    found = examine_scaling(with_factor(big)).switches
    assert len(found) == 1
    smaller = found[0].suffices
    assert smaller is not None
    assert smaller <= abs(a) * 5 + b * 5 + abs(limit) + 1
    for x in range(low, high + 1):
        for y in range(low, high + 1):
            for z in (0, 1):
                held = [
                    a * x + b * y + (-m if on else m) * z <= (limit if on else limit + m) + 1e-9
                    for m in (big, smaller)
                ]
                assert held[0] == held[1], (x, y, z)


def test_the_compilers_own_switch_is_named_by_its_constraint() -> None:
    machine = SAMPLES["machine"].formulation
    far = tuple(v.model_copy(update={"upper": "9e6"}) for v in machine.variables)
    _, message, _ = notes_of(machine.model_copy(update={"variables": far}))["switch"]
    assert "In `one_at_a_time` its switch has the factor 9,000,00" in message
    assert "`_" not in message


# --- rows and limits ------------------------------------------------------------------------------


def test_rows_that_nearly_coincide_are_named_and_exact_multiples_are_not() -> None:
    base = affine(2, 3, 5)
    near = affine(-4, -6, -10 - 1e-6)
    rows = [
        (-INF, base, 9),
        (1, affine(7, 1, 0), INF),
        (-INF, near, 20),
        (-INF, affine(4, 6, 10), 20),
    ]
    found = examine_scaling(program(affine(1, 1, 1), rows, lower=[0, 0, 0])).parallel
    assert {(p.first, p.second) for p in found} == {
        (("c", (0,)), ("c", (2,))),
        (("c", (2,)), ("c", (3,))),
    }
    assert found[0].distance == pytest.approx(5e-8, rel=0.02)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10**6))
def test_near_pairs_are_found_among_many_rows(seed: int) -> None:
    random = np.random.default_rng(seed)
    table = random.uniform(1, 9, size=(40, 6))
    one, two = sorted(random.choice(40, size=2, replace=False).tolist())
    table[two] = table[one] * random.uniform(0.5, 3) * (1 + 1e-7 * random.uniform(-1, 1, size=6))
    rows = [(-INF, affine(*line), 1.0) for line in table.tolist()]
    found = examine_scaling(program(affine(1), rows, lower=[0.0] * 6)).parallel
    assert [(p.first[1], p.second[1]) for p in found] == [((one,), (two,))]


def test_units_alone_make_no_rows_coincide() -> None:
    rows = [(-INF, affine(1e7, 1), 9.0), (-INF, affine(1e7, 2), 9.0)]
    assert examine_scaling(program(affine(1, 1), rows, lower=[0, 0])).parallel == ()


def test_limits_that_nearly_coincide_are_named_and_equal_ones_are_not() -> None:
    formulation = Formulation(
        variables=(
            Variable(name="x", lower="5", upper="5.0000001"),
            Variable(name="y", lower="5", upper="5"),
            Variable(name="z", lower=None),
        ),
        objectives=minimize("x + y + z"),
        constraints=(Algebraic(name="c", expression="2 <= x + z <= 2.0000001"),),
    )
    scaling = examine_scaling(compile_program(ground(formulation)))
    places = [note.where for note in scaling_notes(formulation, scaling)]
    assert places == ["`x`", "`c`"]
    assert scaling.serious


def test_near_is_relative_to_the_size_of_the_limits() -> None:
    for low, high, near in ((1e9, 1e9 + 1, True), (0.0, 1e-7, True), (1e3, 1e3 + 1, False)):
        case = program(affine(1), lower=[low], upper=[high])
        assert bool(examine_scaling(case).narrow) == near


# --- beside the answer ----------------------------------------------------------------------------


def test_a_badly_scaled_model_says_so_beside_its_answer_and_keeps_its_level() -> None:
    bad, good = solve(plants()), solve(plants(price=350.0, budget=2e5))
    told = [c for c in bad.checks if c.name == "even scale"]
    assert len(told) == 1
    assert "`price`" in told[0].detail
    assert "millions" in told[0].detail
    assert not any(c.name == "even scale" for c in good.checks)
    assert bad.level is good.level


def test_an_objective_below_every_tolerance_is_named() -> None:
    formulation = Formulation(
        variables=(Variable(name="x", upper="5"),), objectives=maximize("2e-8 * x")
    )
    _, message, remedy = notes_of(formulation)["range"]
    assert message.startswith("No number of the objective is larger than 2e-08 (on `x`)")
    assert remedy == "Count the objective in a smaller unit: multiply it by 1,000,000,000."


# --- what counts as a switch, and as a row that can coincide --------------------------------------


def switched(
    rows: list[tuple[float, Scalar, float]], *, upper: tuple[float, ...] = (INF, 1.0, 1.0)
) -> list[tuple[tuple[int, ...], float | None]]:
    """Returns row and sufficient factor of the switches among x0 and the binaries x1 and x2."""
    kind = [Kind.CONTINUOUS, Kind.INTEGER, Kind.INTEGER]
    blocks = tuple(Block(f"c{k}", k, [()]) for k in range(len(rows)))
    case = program(
        affine(1, 1, 1), rows, lower=[0, 0, 0], upper=list(upper), kind=kind, row_blocks=blocks
    )
    return [((int(s.row[0][1:]),), s.suffices) for s in examine_scaling(case).switches]


def test_only_a_binary_is_a_switch_and_only_in_a_linear_row() -> None:
    assert switched([(-INF, affine(1, -1e6), 0)]) == [((0,), None)]
    assert switched([(-INF, affine(1, -1e6), 0)], upper=(INF, 7.0, 1.0)) == []
    curved = Scalar(linear=((0, 1.0), (1, -1e6)), quadratic=((0, 0, 1.0),))
    assert switched([(-INF, curved, 0)]) == []


def test_a_factor_is_needless_by_what_suffices_and_the_worst_comes_first() -> None:
    # 20,000 is in proportion, were it not that 5 suffices.
    assert switched([(-INF, affine(1, -2e4), 0)], upper=(5.0, 1.0, 1.0)) == [((0,), 5.0)]
    assert switched([(-INF, affine(1, -2e4), 0)], upper=(1500.0, 1.0, 1.0)) == []
    both = [(-INF, affine(1, -2e5), 0.0), (-INF, affine(1, 0, -3e7), 0.0)]
    assert [row for row, _ in switched(both)] == [(1,), (0,)]


def test_what_may_be_off_is_off_where_a_switch_has_to_make_up_for_it() -> None:
    # x0 is nothing or within 2 and 5, so that the switch of `x0 + M x1 >= 3` may have to bring 3.
    case = program(
        affine(1, 1),
        [(3.0, affine(1, 1e5), INF)],
        lower=[2, 0],
        upper=[5, 1],
        kind=[Kind.SEMICONTINUOUS, Kind.INTEGER],
    )
    (switch,) = examine_scaling(case).switches
    assert switch.suffices == 3.0


def test_a_row_with_a_curve_coincides_with_none() -> None:
    straight = (-INF, affine(2, 3), 9.0)
    bent = Scalar(linear=((0, 2.0), (1, 3.0 + 1e-6)), quadratic=((0, 0, 1.0),))
    case = program(affine(1, 1), [straight, (-INF, bent, 9.0)], lower=[0, 0])
    assert examine_scaling(case).parallel == ()
    flat = replace(bent, quadratic=())
    case = program(affine(1, 1), [straight, (-INF, flat, 9.0)], lower=[0, 0])
    assert len(examine_scaling(case).parallel) == 1
