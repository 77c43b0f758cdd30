"""What a point breaks in the model of a written program, alike in every library."""

from __future__ import annotations

import re

import pytest

from optiwright.solver_tools.written_result import ProbeReport
from tests.probed import BAKERY, BALANCE, FIXED_CHARGE, missed, probe, texts, total
from tests.written_programs import ENDLESS, LINEAR, MARKET_SPLIT, PYOMO_LP

# --- what the point settles -----------------------------------------------------------------------


@pytest.mark.parametrize("library", BAKERY)
@pytest.mark.parametrize(
    ("bread", "cake", "broken"),
    [
        (80, 0, {}),
        (72, 3, {}),
        (80, 1, {"oven": 8}),
        (0, 26, {"cake": 1}),
        (-1, 0, {"bread": 1}),
        (1.5, 0, {"bread": 0.5}),
        (2, 3.9, {"cake": 0.1}),
        (101, 25, {"oven": 263}),
        (90, 30, {"cake": 5, "oven": 270}),
    ],
)
def test_constraints_bounds_and_integrality_are_evaluated(
    library: str, bread: float, cake: float, broken: dict[str, float]
) -> None:
    report = probe(BAKERY[library], ("bread", bread), ("cake", cake))
    assert missed(report) == broken
    assert report.matched == 2
    assert report.objective == pytest.approx(2 * bread + 5 * cake)
    # Of a cone or a table of CP-SAT nothing is told, and so they do not say that all is.
    assert report.settled == (library not in {"cvxpy", "cp_sat"})
    assert not probe(BAKERY[library], ("bread", bread)).settled


@pytest.mark.parametrize("library", BAKERY)
def test_a_constant_of_the_objective_counts(library: str) -> None:
    source = re.sub(r"5 \* (model\.)?cake(?= *[,)])", r"5 * \1cake + 7", BAKERY[library])
    assert source.count("cake + 7") >= 1
    assert probe(source, ("bread", 3), ("cake", 1)).objective == pytest.approx(18)


@pytest.mark.parametrize("library", BAKERY)
def test_a_bound_and_integrality_are_worded_alike(library: str) -> None:
    assert texts(probe(BAKERY[library], ("bread", -2.5), ("cake", 25.5))) == {
        "bread integer": 0.5, "bread >= 0": 2.5, "cake integer": 0.5, "cake <= 25": 0.5
    }  # fmt: skip


@pytest.mark.parametrize(
    ("library", "text"),
    [
        ("pyomo", "3*bread + 8*cake <= 240"),
        ("cvxpy", "3.0 * bread + 8.0 * cake <= 240.0"),
        ("highspy", "3*bread + 8*cake <= 240"),
        ("pyscipopt", "3*bread + 8*cake <= 240"),
        ("pywraplp", "3*bread + 8*cake <= 240"),
        ("cp_sat", "3*bread + 8*cake <= 240"),
    ],
)
def test_a_constraint_is_shown_in_the_program_s_own_names(library: str, text: str) -> None:
    assert texts(probe(BAKERY[library], ("bread", 82), ("cake", 0))) == {text: 6}


@pytest.mark.parametrize("library", BALANCE)
@pytest.mark.parametrize(
    ("point", "broken"),
    [
        ((3, 6, 1), {}),
        ((3, 6, 3), {"mix": 2}),
        ((2, 4, 0), {"mix": 4}),
        ((3, 7, 0), {"pair": 1}),
        ((4, 6, 0), {"pair": 2}),
        ((0, 0, 4), {"z": 1, "mix": 6}),
    ],
)
def test_equations_are_missed_on_either_side(
    library: str, point: tuple[float, ...], broken: dict[str, float]
) -> None:
    report = probe(BALANCE[library], *zip("xyz", point, strict=True))
    assert missed(report) == broken
    assert (report.matched, report.objective) == (3, point[2])


@pytest.mark.parametrize("library", BALANCE)
def test_a_model_of_bounds_alone_is_probed(library: str) -> None:
    rows = ("m.mix", "m.pair", "mix =", "pair =", "h.addC", "m.addC", "s.Add", "m.add(")
    lines = [line for line in BALANCE[library].splitlines() if not line.startswith(rows)]
    source = "\n".join(lines).replace("(z), [mix, pair]", "(x + z), []")
    assert texts(probe(source, ("x", 11), ("z", -1))) == {"x <= 9": 2, "z >= 0": 1}


@pytest.mark.parametrize("library", BALANCE)
def test_what_a_solver_leaves_of_a_bound_is_no_miss(library: str) -> None:
    within = probe(BALANCE[library], ("x", 3), ("y", 6), ("z", 1 + 5e-5))
    assert [b for b in within.breaches if b.name == "mix"] == []
    beyond = probe(BALANCE[library], ("x", 3), ("y", 6), ("z", 1 + 5e-4))
    assert [b.excess for b in beyond.breaches if b.name == "mix"] == [pytest.approx(5e-4)]
    assert "z" not in missed(probe(BALANCE[library], ("z", 3 + 5e-6)))
    assert texts(probe(BALANCE[library], ("z", 3 + 5e-4)))["z <= 3"] == 5e-4


# --- what it leaves open --------------------------------------------------------------------------


@pytest.mark.parametrize("library", FIXED_CHARGE)
@pytest.mark.parametrize(
    ("a", "b", "excess"), [(7, 0, 0), (0, 10, 0), (3, 0, 2), (13, 0, 3), (3, 3, 1), (1, 1, 4)]
)
def test_variables_that_are_not_given_take_what_suits(
    library: str, a: float, b: float, excess: float
) -> None:
    report = probe(FIXED_CHARGE[library], ("made", "a", a), ("made", "b", b))
    # Of 3 and 3 both are open, which is one too many; one of them closed misses more.
    assert total(report) == pytest.approx(excess)
    assert (report.matched, report.objective) == (2, None)


@pytest.mark.parametrize("library", BAKERY)
def test_a_value_that_should_be_whole_is_held_to_all_the_same(library: str) -> None:
    broken = {"bread": 0.5} | ({"oven": 61.5} if library != "cp_sat" else {})
    assert missed(probe(BAKERY[library], ("bread", 100.5))) == broken


@pytest.mark.parametrize("library", BALANCE)
@pytest.mark.parametrize(
    ("x", "y", "broken"),
    [
        (3, 6, {}),
        (1, 2, {"mix": 4}),
        (4, 8, {"mix": 2}),
        (6, 7, {"pair": 5, "mix": 3}),  # the one is settled, the other is not
        (-2, -4, {"x": 2, "y": 4, "mix": 13}),
    ],
)
def test_an_open_equation_is_met_as_nearly_as_bounds_allow(
    library: str, x: float, y: float, broken: dict[str, float]
) -> None:
    assert missed(probe(BALANCE[library], ("x", x), ("y", y))) == broken


@pytest.mark.parametrize("library", ["pyomo", "cvxpy", "highspy", "cp_sat"])
def test_a_least_miss_that_is_not_proved_is_not_told(library: str) -> None:
    report = probe(MARKET_SPLIT + ENDLESS[library], ("x", 0, 1), limit=1.2)
    assert (report.matched, report.breaches) == (1, ())


# --- what cannot be told --------------------------------------------------------------------------


@pytest.mark.parametrize("library", BALANCE)
def test_where_nothing_is_matched_nothing_is_said(library: str) -> None:
    hopeless = BALANCE[library].replace("== 10", "== 99")
    assert probe(hopeless, ("x", 3)).breaches != ()
    assert probe(hopeless, ("stock", 3), ("x", 1, 3)) == ProbeReport()


@pytest.mark.parametrize("source", ["no Python (", "print(3)", LINEAR["milp"], LINEAR["linprog"]])
def test_a_program_without_a_model_that_has_names_says_nothing(source: str) -> None:
    assert probe(source, ("x", 0, 99), ("x", 1, 99)) == ProbeReport()


@pytest.mark.parametrize(
    ("library", "late"),
    [
        ("pyomo", "m.late = Var()"),
        ("highspy", 'h.addVariable(name="late")'),
        ("pyscipopt", 'm.freeTransform(); m.addVar("late", vtype="B")'),
        ("pywraplp", 's.BoolVar("late")'),
        ("cp_sat", 'm.new_bool_var("late")'),
    ],
)
def test_a_model_that_has_other_variables_by_now_says_nothing(library: str, late: str) -> None:
    assert missed(probe(BALANCE[library] + "pass\n", ("x", 10))) != {}
    assert probe(BALANCE[library] + late, ("x", 10)) == ProbeReport()


@pytest.mark.parametrize("library", ["highspy", "pyscipopt", "pywraplp", "cp_sat"])
def test_a_name_that_two_variables_have_matches_neither(library: str) -> None:
    twice = BALANCE[library].replace('"y"', '"x"').replace("addVariable(", 'addVariable(name="x", ')
    assert probe(twice, ("x", 99)) == ProbeReport()


@pytest.mark.parametrize(
    ("library", "number"),
    [("cvxpy", ("var{n}",)), ("highspy", ("x", 0)), ("pyscipopt", ("x1",)), ("cp_sat", ("x", 0))],
)
def test_a_variable_that_is_only_numbered_is_not_matched(
    library: str, number: tuple[str | int, ...]
) -> None:
    source = {
        "cvxpy": "def f():\n    a = cp.Variable()\n"
        "    cp.Problem(cp.Minimize(a), [a >= 2]).solve()\nf()\n",
        "highspy": "h = highspy.Highs()\nh.addVariable(lb=2)\nh.run()\n",
        "pyscipopt": "import pyscipopt\nm = pyscipopt.Model()\nm.addVar(lb=2)\nm.optimize()\n",
        "cp_sat": "from ortools.sat.python import cp_model\nm = cp_model.CpModel()\n"
        "m.new_int_var(2, 3, '')\ncp_model.CpSolver().solve(m)\n",
    }[library]
    names = [(str(part).format(n=n), *number[1:], 1) for part in number[:1] for n in range(1, 400)]
    assert probe(source, *names) == ProbeReport()


def test_a_program_that_ends_in_an_error_after_its_solve_is_probed() -> None:
    source = PYOMO_LP.replace("{asked!r}", "'glpk'") + "raise ValueError\n"
    assert missed(probe(source, ("x", 4), ("y", 1), ("z", 0))) == {"hours": 1, "wood": 4}
