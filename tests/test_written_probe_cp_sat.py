"""What a point breaks in a written program's model of CP-SAT."""

from __future__ import annotations

import pytest

from tests.probed import missed, probe, texts, total

CHOICE = """
from ortools.sat.python import cp_model
m = cp_model.CpModel()
x, y, t = (m.new_int_var(0, top, name) for top, name in ((20, "x"), (20, "y"), (400, "t")))
b, c = m.new_bool_var("b"), m.new_bool_var("c")
{rows}
m.maximize(2 * x + 3)
cp_model.CpSolver().solve(m)
"""


@pytest.mark.parametrize(
    ("row", "text", "excess"),
    [
        ("m.add(x + y <= 7).only_enforce_if(b)", "x + y <= 7 if b", 2),
        ("m.add(x + y <= 7).only_enforce_if(b, ~c)", "x + y <= 7 if b and not c", 2),
        ("m.add(x + y <= 7).only_enforce_if(c)", None, 0),
        ("m.add(x + y <= 7).only_enforce_if(~b)", None, 0),
        ("m.add(x != 4)", "x != 4", 1),
        ("m.add_linear_constraint(x - y, 2, 3)", "2 <= x - y <= 3", 3),
        (
            "m.add_linear_expression_in_domain(x + y, cp_model.Domain.from_values([1, 4, 5, 12]))",
            "x + y in 1, 4..5, 12",
            3,
        ),
        ("m.add_implication(b, c)", "c == 1 if b", 1),
        ("m.add_implication(c, b)", None, 0),
        ("m.add_bool_or(~b, c)", "-b + c >= 0", 1),
        ("m.add_bool_and(c, b, ~b)", None, 2),
        ("m.add_at_most_one(b, ~c)", "b - c <= 0", 1),
        ("m.add_exactly_one(c, ~b)", "c - b == 0", 1),
        ("m.add_max_equality(t, [x, y + 1])", "t == max(x, y + 1)", 1),
        ("m.add_min_equality(t, [x, y])", "-t == max(-x, -y)", 3),
        ("m.add_abs_equality(t, x - y)", "t == max(x - y, -x + y)", 6),
        ("m.add_multiplication_equality(t, [x, y])", "t == product(x, y)", 13),
        ("m.add_multiplication_equality(t, [x, y]).only_enforce_if(b)", None, 13),
        ("m.add_multiplication_equality(t, [x, y]).only_enforce_if(c)", None, 0),
        ("m.add_all_different(x, x)", None, 0),
    ],
)
def test_constraints_are_evaluated(row: str, text: str | None, excess: float) -> None:
    given = [("x", 4), ("y", 5), ("t", 7), ("b", 1), ("c", 0)]
    report = probe(CHOICE.format(rows=row), *given)
    assert total(report) == excess
    assert text is None or [breach.expression for breach in report.breaches] == [text]
    assert (report.matched, report.objective) == (5, 11)


@pytest.mark.parametrize(
    ("rows", "given", "broken"),
    [
        ("m.add(x <= 7).only_enforce_if(b); m.add(5 * b > 4)", [("x", 9)], {"constraint 1": 2}),
        ("m.add(x <= 7).only_enforce_if(b); m.add(5 * b > 4)", [("x", 7)], {}),
        ("m.add(x <= 7).only_enforce_if(b); m.add(x + y >= 3)", [("x", 30)], {"x": 10}),
        ("m.add(x + y <= 7); m.add_bool_or(b, c)", [("x", 9), ("b", 0)], {"constraint 1": 2}),
        ("m.add(x - y != 0); m.add(y <= 5); m.add(y >= 5)", [("x", 5)], None),
        ("m.add_max_equality(t, [x, y]); m.add(t <= 6)", [("x", 9)], {"constraint 2": 3}),
        ("m.add_max_equality(t, [x, x]); m.add(t + y >= 30)", [("x", 9), ("t", 4)],
         {"constraint 1": 5, "constraint 2": 6}),
        ("m.add_exactly_one(b, c); m.add_implication(b, c)", [("b", 1)], None),
        ("m.add_all_different(x, y); m.add(x + y + t <= 3)", [("x", 4), ("y", 4)], {}),
        ("m.add_all_different(x, y); m.add(x + y + t <= 3)", [("x", 4), ("y", 3)],
         {"constraint 2": 4}),
        ("m.add(x + y <= 3)", [("x", 4.5)], {"x": 0.5}),
        ("m.add(x + y <= 3); m.add(x <= 4)", [("x", 4.5)], {"x": 0.5, "constraint 2": 0.5}),
        ("m.add(y <= 3).only_enforce_if(b)", [("b", 2), ("y", 4)], {"b": 1}),
    ],
)  # fmt: skip
def test_what_is_open_takes_what_suits(
    rows: str, given: list[tuple[str, float]], broken: dict[str, float] | None
) -> None:
    report = probe(CHOICE.format(rows=rows), *given)
    if broken is None:  # either of two is missed by 1
        assert [breach.excess for breach in report.breaches] == [1]
    else:
        assert missed(report) == broken


def test_a_domain_with_holes_is_held_to() -> None:
    rows = "w = m.new_int_var_from_domain(cp_model.Domain.from_values([1, 4, 5, 9]), 'w')"
    source = CHOICE.format(rows=rows + "\nm.add(w + x == 10)")
    assert texts(probe(source, ("w", 7), ("x", 3))) == {"w in 1, 4..5, 9": 2}
    assert texts(probe(source, ("w", 12), ("x", 0))) == {
        "w <= 9": 3, "x + w == 10": 2
    }  # fmt: skip
    assert missed(probe(source, ("x", 3))) == {"constraint 1": 2}


def test_an_objective_of_fractions_is_evaluated() -> None:
    source = CHOICE.format(rows="").replace("2 * x + 3", "0.5 * x - 1.5 * y + 3")
    assert probe(source, ("x", 3), ("y", 2)).objective == 1.5
