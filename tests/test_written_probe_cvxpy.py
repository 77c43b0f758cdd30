"""What a point breaks in a written program's model of CVXPY."""

from __future__ import annotations

import pytest

from tests.probed import missed, probe, texts, total

STOCK = """
need = np.array([3, 4, 5])
make = cp.Variable(3, integer=True)
stock = cp.Variable(4, nonneg=True)
flow = (stock[1:] == stock[:-1] + make - need).set_label("flow")
rows = [stock[0] == 2, flow, make <= np.array([9, 6, 6])]
cp.Problem(cp.Minimize(cp.sum(make)), rows).solve()
"""
"""Three months with what is in stock before, between and after them."""


def test_a_vector_constraint_is_evaluated_entry_by_entry() -> None:
    report = probe(STOCK, *[("make", k, made) for k, made in enumerate((10, 2, 8))])
    assert texts(report) == {
        "make <= [9. 6. 6.], entry [0]": 1,
        "make <= [9. 6. 6.], entry [2]": 2,
    }
    assert (report.matched, report.objective) == (3, 20)


def test_entries_that_are_not_given_take_what_suits() -> None:
    assert missed(probe(STOCK, *[("make", k, v) for k, v in enumerate((1, 4, 5))])) == {}
    # 2 in stock and 0 made are 1 short of 3 in the first month; 6 made are enough for the second.
    (breach,) = probe(STOCK, ("make", 0, 0), ("make", 1, 6)).breaches
    assert (breach.name, round(breach.excess, 6)) == ("flow", 1)
    assert breach.expression.endswith(", entry [0]")
    assert total(probe(STOCK, ("make", 0, 0), ("make", 1, 2))) == pytest.approx(3)


def test_the_entries_left_of_a_variable_keep_their_bounds_and_kinds() -> None:
    assert missed(probe(STOCK, ("stock", 1, 0), ("stock", 2, 0), ("stock", 3, 0))) == {}
    # What is made is whole, and 9 at the most where 10 would do.
    halves = [("stock", 1, 8), ("stock", 2, 0.5)]
    assert total(probe(STOCK, *halves, ("stock", 3, 0))) == pytest.approx(1)
    assert total(probe(STOCK, *halves, ("make", 0, 9))) == pytest.approx(0.5)
    assert total(probe(STOCK, ("stock", 1, 9), ("stock", 2, 5), ("make", 2, 0))) == pytest.approx(1)


MATRIX = """
ship = {"sea": cp.Variable((2, 2), bounds=[np.array([[0, 0], [1, 0]]), 4])}
use = cp.Variable(2, boolean=[[1]], integer=[[0]])
rows = [cp.sum(ship["sea"], axis=1) <= 5 * use, cp.sum(use) <= 3]
cp.Problem(cp.Maximize(cp.sum(ship["sea"])), rows).solve()
"""


def test_bounds_and_kinds_hold_for_the_entries_they_are_of() -> None:
    given = [("ship", "sea", i, j, v) for i, j, v in [(0, 0, -1), (0, 1, 5), (1, 0, 0.5)]]
    assert texts(probe(MATRIX, *given)) == {
        "ship[sea,0,0] >= 0": 1, "ship[sea,0,1] <= 4": 1, "ship[sea,1,0] >= 1": 0.5
    }  # fmt: skip
    given = [("ship", "sea", i, j, v) for i, j, v in [(0, 0, 1), (0, 1, 4), (1, 0, 2), (1, 1, 3)]]
    assert missed(probe(MATRIX, *given, ("use", 0, 2), ("use", 1, 1))) == {}
    assert texts(probe(MATRIX, ("use", 0, 2.5), ("use", 1, 1.5))) == {
        "use[0] integer": 0.5, "use[1] integer": 0.5, "use[1] <= 1": 0.5,
        "Sum(use, None, False) <= 3.0": 1,
    }  # fmt: skip
    assert texts(probe(MATRIX, ("ship", "sea", 1, 1, 4.5), ("ship", "sea", 1, 0, 4))) == {
        "ship[sea,1,1] <= 4": 0.5,
        "Sum(ship[sea], 1, False) <= Promote(5.0, (2,)) * use, entry [1]": 3.5,
    }


def test_what_is_left_of_a_bounded_variable_stays_within_its_bounds() -> None:
    # One entry of a row is given; the other may be 4, or 1, at the most or at the least.
    source = MATRIX.replace("rows = [", 'rows = [cp.sum(ship["sea"], axis=1) == [9, 1], ')
    given = [("ship", "sea", 0, 0, 4), ("ship", "sea", 1, 1, 2), ("use", 0, 2), ("use", 1, 1)]
    report = probe(source, *given)
    assert [round(b.excess, 4) for b in report.breaches] == [1, 2]


@pytest.mark.parametrize(
    ("row", "at", "excess"),
    [
        ("x[0] >= 3", (1, 9), 2),
        ("x <= x[::-1] - 1", (1, 9), 9),
        ("cp.constraints.NonNeg(x[0] - 3)", (1, 9), 2),
        ("cp.constraints.Zero(x[0] + x[1] - 3)", (1, 9), 7),
        ("cp.norm(x) <= 4", (6, 8), 6),
        ("cp.log(x[0]) >= 1", (1, 9), 1),
        ("cp.square(x[0]) <= x[1]", (4, 9), 7),
        ("cp.max(x) <= 5", (1, 9), 4),
    ],
)
def test_inequalities_of_every_form_are_evaluated(
    row: str, at: tuple[float, float], excess: float
) -> None:
    source = f"x = cp.Variable(2)\ncp.Problem(cp.Minimize(cp.sum(x)), [{row}, x >= -50]).solve()\n"
    report = probe(source, ("x", 0, at[0]), ("x", 1, at[1]))
    assert [breach.excess for breach in report.breaches] == [pytest.approx(excess)]


@pytest.mark.parametrize(
    ("row", "excess"),
    [
        ("x[0] + x[1] >= 9", 3),
        ("x[0] + x[1] <= 2", 2),
        ("cp.constraints.NonNeg(x[0] + x[1] - 9)", 3),
        ("cp.constraints.Zero(x[0] + x[1] - 9)", 3),
        ("x[0] + x[1] == 2", 2),
        ("cp.norm(x) <= 3", 1),
    ],
)
def test_open_ones_of_every_form_are_met_as_nearly_as_can_be(row: str, excess: float) -> None:
    source = (
        f"x = cp.Variable(2, bounds=[0, 2])\ncp.Problem(cp.Minimize(cp.sum(x)), [{row}]).solve()\n"
    )
    report = probe(source, ("x", 0, 4))
    assert [breach.name for breach in report.breaches] == ["x[0]", "constraint 1"]
    assert report.breaches[1].excess == pytest.approx(excess, abs=1e-4)


def test_what_is_written_as_a_cone_is_held_and_not_told() -> None:
    source = """
x = cp.Variable(2); t = cp.Variable()
cp.Problem(cp.Minimize(t), [cp.SOC(t, x), x[0] >= 3, t <= 20]).solve()
"""
    assert missed(probe(source, ("x", 0, 3), ("x", 1, 4), ("t", 4))) == {}
    assert missed(probe(source, ("x", 0, 3), ("x", 1, 4))) == {}
    assert missed(probe(source, ("x", 0, 30), ("x", 1, 40))) == {"constraint 3": 30}
    # One that the point settles is not held to: nothing else could be told then.
    source = source.replace("[cp.SOC", "[t >= 6 + cp.Variable(nonneg=True), cp.SOC")
    assert missed(probe(source, ("x", 0, 3), ("x", 1, 4), ("t", 4))) == {"constraint 1": 2}


def test_a_geometric_problem_is_told_only_where_it_is_settled() -> None:
    source = """
x = cp.Variable(pos=True); y = cp.Variable(pos=True)
cp.Problem(cp.Minimize(x * y), [x * y >= 3, x <= 2 * y]).solve(gp=True)
"""
    assert texts(probe(source, ("x", 1), ("y", 1))) == {"3.0 <= x * y": 2}
    assert texts(probe(source, ("x", -4), ("y", 1))) == {"x >= 0": 4, "3.0 <= x * y": 7}
    assert probe(source, ("x", 9)).breaches == ()
    source = source.replace("x * y >= 3", "x * y * cp.Variable(pos=True) >= 3")
    assert texts(probe(source, ("x", 9), ("y", 1))) == {"x <= 2.0 * y": 7}
    assert probe(source, ("x", 9)).breaches == ()


def test_of_many_misses_a_few_are_shown() -> None:
    source = (
        "x = cp.Variable(30)\ncp.Problem(cp.Minimize(0), [np.eye(30) @ x <= np.ones(30)]).solve()\n"
    )
    report = probe(source, *[("x", k, 3) for k in range(30)])
    assert [breach.excess for breach in report.breaches] == [2] * 8
    assert all(0 < len(breach.expression) < 200 for breach in report.breaches)


def test_outside_of_a_function_s_domain_there_is_nothing_to_tell() -> None:
    source = """
x = cp.Variable()
cp.Problem(cp.Minimize(x), [cp.log(x) >= 1, x <= 9]).solve()
"""
    assert probe(source, ("x", -1)).breaches == ()


def test_entries_that_are_tied_together_stay_open_unless_all_are_given() -> None:
    source = """
X = cp.Variable((2, 2), PSD=True); t = cp.Variable()
cp.Problem(cp.Minimize(t), [cp.trace(X) == t, t <= 5, X[0, 1] == 1]).solve()
"""
    # With a trace of 1 the entry beside the diagonal is a half at the most.
    assert total(probe(source, ("X", 0, 1, 9), ("t", 1))) == pytest.approx(0.5)
    given = [("X", i, j, 4) for i in range(2) for j in range(2)]
    assert total(probe(source, *given)) == pytest.approx(3 + 3)
