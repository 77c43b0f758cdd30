"""From a reply to the domain model: parameters for literals, laid-out values, kinds of rules."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from optiwright.formulators.checks import check
from optiwright.formulators.errors import FormulationError
from optiwright.formulators.findings import Severity
from optiwright.formulators.lift import lift
from optiwright.formulators.model import (
    Algebraic,
    Basis,
    Either,
    Formulation,
    Given,
    Implication,
    Listed,
    Logic,
    Parameter,
    Range,
)
from optiwright.formulators.plain import formulation_to_plain
from optiwright.formulators.wire import Form, read_wire
from tests.wire_samples import (
    BAKERY,
    flat_constraint,
    flat_reply,
    flat_variable,
    goal,
    indexed_reply,
    wire_constraint,
    wire_parameter,
    wire_set,
    wire_variable,
)


def flat(text: str = "", **given: Any) -> Formulation:
    return lift(read_wire(json.dumps(flat_reply(**given)), Form.FLAT), text)


def indexed(text: str = "", **given: Any) -> Formulation:
    return lift(read_wire(json.dumps(indexed_reply(**given)), Form.INDEXED), text)


def errors(formulation: Formulation) -> list[str]:
    return [f.message for f in check(formulation, "") if f.severity is Severity.ERROR]


def numbers(formulation: Formulation) -> dict[str, float]:
    """The scalar parameters' values by name."""
    return {
        p.name: p.data.entries[0].value
        for p in formulation.parameters
        if not p.over and isinstance(p.data, Given)
    }


def entries(parameter: Parameter) -> dict[tuple[Any, ...], float]:
    assert isinstance(parameter.data, Given)
    return {e.index: e.value for e in parameter.data.entries}


def objective_of(expression: str) -> tuple[str, dict[str, float]]:
    """The lifted objective over a and b, and the parameters that came of it."""
    lifted = flat(
        variables=[flat_variable("a"), flat_variable("b")],
        objective=goal("maximize", expression),
        constraints=[],
        asked=[],
    )
    return lifted.objectives[0].expression, numbers(lifted)


# --- literals -------------------------------------------------------------------------------------


def test_literals_become_named_parameters_with_words_of_the_text() -> None:
    lifted = flat(BAKERY)
    assert lifted.objectives[0].expression == "objective_bread*bread + objective_cake*cake"
    assert numbers(lifted) == {
        "cake_maximum": 25,
        "oven_bread": 3,
        "oven_cake": 8,
        "oven_limit": 240,
        "objective_bread": 2,
        "objective_cake": 5,
    }
    words = {p.name: p.words for p in lifted.parameters}
    assert "240 minutes of oven" in words["oven_limit"]
    assert "earns 5 euros" in words["objective_cake"]
    assert "at most 25 cakes" in words["cake_maximum"]


def test_words_are_those_of_the_right_one_of_equal_numbers() -> None:
    text = "There are 40 hours of milling and 40 litres of paint. A chair takes 2 hours."
    lifted = flat(
        text,
        variables=[flat_variable("chair")],
        objective=goal("maximize", "chair"),
        constraints=[
            flat_constraint("milling", "2*chair <= 40", "hours of milling are at most 40"),
            flat_constraint("painting", "3*chair <= 40", "litres of paint are at most 40"),
        ],
    )
    words = {p.name: p.words for p in lifted.parameters}
    assert "hours of milling" in words["milling_limit"]
    assert "litres of paint" in words["painting_limit"]
    assert words["painting_chair"] == ""


def test_a_fraction_finds_the_percent_of_the_text() -> None:
    lifted = flat(
        "At most 40% of all is b.",
        variables=[flat_variable("a"), flat_variable("b")],
        objective=goal("maximize", "a"),
        constraints=[flat_constraint("share", "b <= 0.4*(a + b)", "at most 40% is b")],
    )
    (parameter,) = lifted.parameters
    assert "40%" in parameter.words


@pytest.mark.parametrize(
    ("written", "lifted", "values"),
    [
        ("a + b", "a + b", []),
        ("0*a + 1*b", "0*a + 1*b", []),
        ("a**2 + 4*b", "a**2 + objective_b*b", [4]),
        ("5**a", "objective_limit**a", [5]),
        ("3.14159*a + 3.1416*b", "3.14159*a + 3.1416*b", []),
        ("-4*a", "-objective_a*a", [4]),
        ("a*4", "a*objective_a", [4]),
        ("a/8 + 6/b", "a/objective_a + objective_b/b", [8, 6]),
        ("2*a + 3*a", "objective_a*a + objective_a_2*a", [2, 3]),
        (
            "(a - 10)*(200 - 4*b)",
            "(a - objective_limit)*(objective_limit_2 - objective_b*b)",
            [10, 200, 4],
        ),
        ("sqrt(9*a)", "sqrt(objective_a*a)", [9]),
        ("min(2*a, 7)", "min(objective_a*a, objective_limit)", [2, 7]),
        ("1e3*a", "objective_a*a", [1000]),
    ],
)
def test_which_literals_are_lifted(written: str, lifted: str, values: list[float]) -> None:
    expression, made = objective_of(written)
    assert expression == lifted
    assert list(made.values()) == values


def test_indices_and_conditions_keep_their_literals() -> None:
    lifted = indexed(
        sets=[wire_set("T", "1..4")],
        parameters=[],
        variables=[wire_variable("x", "t in T")],
        objective=goal("minimize", "sum(5*x[t] for t in T if t >= 2)"),
        constraints=[
            wire_constraint("up", "x[t] >= 7*x[t - 1]", "t in T if t > 3"),
            wire_constraint("last", "x[4] >= (6 if t == 2 else 9)", "t in T"),
        ],
        asked=[],
    )
    assert lifted.objectives[0].expression == "sum(objective_x*x[t] for t in T if t >= 2)"
    up, last = lifted.constraints
    assert isinstance(up, Algebraic)
    assert (up.expression, up.over) == ("x[t] >= up_x*x[t - 1]", "t in T if t > 3")
    assert isinstance(last, Algebraic)
    assert last.expression == "x[4] >= (last_limit if t == 2 else last_limit_2)"
    assert sorted(numbers(lifted).values()) == [5, 6, 7, 9]
    assert errors(lifted) == []


# --- names and bounds -----------------------------------------------------------------------------


def test_bounds_become_parameters_unless_zero_or_one() -> None:
    lifted = flat(
        variables=[
            flat_variable("a", lower=0, upper=1),
            flat_variable("b", lower=-5, upper=12.5),
            flat_variable("c", lower=None, upper=None),
        ],
        objective=None,
        constraints=[],
        asked=[],
    )
    a, b, c = lifted.variables
    assert (a.lower, a.upper, c.lower, c.upper) == ("0", "1", None, None)
    assert (b.lower, b.upper) == ("b_minimum", "b_maximum")
    assert numbers(lifted) == {"b_minimum": -5, "b_maximum": 12.5}
    assert errors(lifted) == []


def test_a_blank_bound_of_the_indexed_form_is_none() -> None:
    blanks = [None, "", "null", "None", "inf", " "]
    lifted = indexed(
        variables=[wire_variable(f"x{k}", upper=blank) for k, blank in enumerate(blanks)],
        objective=None, constraints=[], asked=[],
    )  # fmt: skip
    assert [v.upper for v in lifted.variables] == [None] * len(blanks)


def test_constraints_of_one_name_are_told_apart() -> None:
    lifted = flat(
        constraints=[flat_constraint("bread", "bread <= 3"), flat_constraint("bread", "cake <= 4")]
    )
    names = [c.name for c in lifted.constraints]
    assert len({*names, "bread", "cake"}) == 4
    assert errors(lifted) == []


def test_variables_of_one_name_are_reported_not_merged() -> None:
    lifted = flat(variables=[flat_variable("bread"), flat_variable("bread"), flat_variable("cake")])
    assert len(lifted.variables) == 3
    assert any("bread" in message for message in errors(lifted))


def test_a_new_parameter_takes_nobodys_name() -> None:
    lifted = flat(
        variables=[flat_variable("bread"), flat_variable("cake"), flat_variable("objective_bread")]
    )
    names = [p.name for p in lifted.parameters]
    assert "objective_bread_2" in names
    assert errors(lifted) == []


@pytest.mark.parametrize(
    "expression", ["3*é", "5*日本 + 4", "3*lambda", "3 +", "3*x[", "1e999*x", ""]
)
def test_what_cannot_be_read_is_left_to_the_checks(expression: str) -> None:
    lifted = flat(objective=goal("maximize", expression), asked=[])
    assert errors(lifted)


def test_long_names_still_fit() -> None:
    long = "a" * 40
    lifted = flat(
        variables=[flat_variable(long)],
        objective=goal("maximize", f"3*{long}"),
        constraints=[flat_constraint("b" * 40, f"2*{long} <= 5")],
        asked=[],
    )
    assert all(len(p.name) <= 80 for p in lifted.parameters)
    assert errors(lifted) == []


# --- sets and values ------------------------------------------------------------------------------


def test_values_are_laid_out_with_the_last_set_fastest() -> None:
    lifted = indexed(
        sets=[wire_set("P", "a", "b"), wire_set("T", "1..3")],
        parameters=[wire_parameter("c", "P, T", 1, 2, 3, 4, 5, 6)],
    )
    assert entries(lifted.parameters[0]) == {
        ("a", 1): 1, ("a", 2): 2, ("a", 3): 3, ("b", 1): 4, ("b", 2): 5, ("b", 3): 6
    }  # fmt: skip


def test_pairs_are_elements_of_two_components() -> None:
    lifted = indexed(
        sets=[wire_set("Roads", ["a", "b"], ["b", 3]), wire_set("T", 1, 2)],
        parameters=[wire_parameter("length", "(i, j) in Roads, t in T", 5, 6, 7, 8)],
    )
    assert isinstance(lifted.sets[0].data, Listed)
    assert lifted.sets[0].data.elements == (("a", "b"), ("b", 3))
    assert list(entries(lifted.parameters[0])) == [
        ("a", "b", 1), ("a", "b", 2), ("b", 3, 1), ("b", 3, 2)
    ]  # fmt: skip


def test_one_value_stands_for_every_index() -> None:
    lifted = indexed(sets=[wire_set("P", "a", "b", "c")], parameters=[wire_parameter("c", "P", 7)])
    assert entries(lifted.parameters[0]) == {("a",): 7, ("b",): 7, ("c",): 7}


@pytest.mark.parametrize("written", ["1..12", " 1 .. 12 ", "1 to 12", "1-12"])
def test_a_range_is_written_as_one_element(written: str) -> None:
    lifted = indexed(
        sets=[wire_set("Months", written)],
        parameters=[wire_parameter("need", "Months", *range(12))],
    )
    assert lifted.sets[0].data == Range(start="1", stop="12")
    assert entries(lifted.parameters[0])[12,] == 11


@pytest.mark.parametrize("written", ["a..c", "1..", "1..2..3", "9" * 5000 + "..3"])
def test_what_is_no_range_is_an_element(written: str) -> None:
    lifted = indexed(sets=[wire_set("S", written)], parameters=[])
    assert lifted.sets[0].data == Listed(elements=(written,))


@pytest.mark.parametrize(
    ("changed", "what", "where"),
    [
        (
            {"parameters": [wire_parameter("c", "Goods", 1, 2, 3)]},
            "3 values for 2 indices",
            "parameter `c` over 'Goods'",
        ),
        (
            {"parameters": [wire_parameter("c", "", 1, 2)]},
            "2 values for 1 indices",
            "parameter `c`",
        ),
        (
            {"parameters": [wire_parameter("c", "Nowhere", 1)]},
            "`Nowhere` is not a declared set",
            "parameter `c`",
        ),
        ({"sets": [wire_set("Goods", "1..9999999999")]}, "more than", "set `Goods`"),
        (
            {
                "sets": [wire_set("A", "1..900000"), wire_set("B", "1..900000")],
                "parameters": [wire_parameter("c", "A, B", 1)],
            },
            "1 values for 810000000000 indices",
            "parameter `c`",
        ),
    ],
)
def test_values_that_do_not_fit_are_located(changed: dict[str, Any], what: str, where: str) -> None:
    with pytest.raises(FormulationError) as caught:
        indexed(**changed)
    assert what in caught.value.what
    assert where in caught.value.where
    assert caught.value.remedy


# --- kinds of requirement -------------------------------------------------------------------------


def test_a_condition_makes_an_implication() -> None:
    lifted = indexed(
        constraints=[wire_constraint("few", "y <= 30", condition="z = 1 and y ≥ 5")],
        variables=[wire_variable("y"), wire_variable("z", type="binary", upper="1")],
        objective=None, asked=[],
    )  # fmt: skip
    (rule,) = lifted.constraints
    assert isinstance(rule, Implication)
    assert (rule.condition, rule.then) == ("z == 1 and y >= 5", "y <= few_limit")


def test_a_connective_makes_logic() -> None:
    lifted = indexed(
        variables=[wire_variable(n, type="binary", upper="1") for n in "abc"],
        constraints=[wire_constraint("either", "not a or (b and c)")],
        objective=None, asked=[],
    )  # fmt: skip
    (rule,) = lifted.constraints
    assert isinstance(rule, Logic)
    assert rule.expression == "not a or (b and c)"
    assert errors(lifted) == []


def test_a_number_that_the_text_states_once_is_one_parameter_wherever_it_is_used() -> None:
    lifted = flat(
        BAKERY,
        constraints=[
            flat_constraint("oven", "3*bread + 8*cake <= 240"),
            flat_constraint("half", "3*bread <= 240/2"),
        ],
    )
    oven, half = lifted.constraints
    assert isinstance(oven, Algebraic) and isinstance(half, Algebraic)
    assert half.expression == "oven_bread*bread <= oven_limit/half_limit"
    assert sum(value == 240 for value in numbers(lifted).values()) == 1


def test_asked_quantities_listed_with_commas_are_taken_apart() -> None:
    lifted = flat(asked=[{"meaning": "plan", "expression": "bread, 2*cake"}])
    assert [(a.name, a.expression) for a in lifted.asked] == [
        ("plan: bread", "bread"),
        ("plan: 2*cake", "2*cake"),
    ]


@pytest.mark.parametrize("joined", ["bread <= 20, cake <= 20", "bread <= 20 and (cake <= 20)"])
def test_relations_joined_by_and_or_commas_are_taken_apart(joined: str) -> None:
    for lifted in (
        flat(constraints=[flat_constraint("most", joined)]),
        indexed(
            variables=[wire_variable("bread"), wire_variable("cake")],
            constraints=[wire_constraint("most", joined)],
            objective=None, asked=[],
        ),
    ):  # fmt: skip
        rules = [c for c in lifted.constraints if isinstance(c, Algebraic)]
        assert [(c.name, c.expression) for c in rules] == [
            ("most", "bread <= most_limit"),
            ("most_2", "cake <= most_2_limit"),
        ]


def test_relations_joined_by_or_make_alternatives() -> None:
    lifted = indexed(
        variables=[wire_variable("y"), wire_variable("z")],
        constraints=[wire_constraint("either", "y + z <= 30 or (y >= 50)")],
        objective=None, asked=[],
    )  # fmt: skip
    (rule,) = lifted.constraints
    assert isinstance(rule, Either)
    assert rule.options == ("y + z <= either_limit", "y >= either_limit_2")
    assert (numbers(lifted)["either_limit"], numbers(lifted)["either_limit_2"]) == (30, 50)


def test_a_further_case_becomes_a_scenario_with_its_changes_gathered() -> None:
    changes = [
        {"parameter": "gain", "index": ["bread"], "value": 3},
        {"parameter": "gain", "index": ["cake"], "value": 9},
        {"parameter": "oven", "index": [], "value": 300},
    ]
    lifted = indexed(scenarios=[{"name": "holiday", "changes": changes}])
    (case,) = lifted.scenarios
    assert [(c.parameter, [(e.index, e.value) for e in c.entries]) for c in case.changes] == [
        ("gain", [(("bread",), 3), (("cake",), 9)]),
        ("oven", [((), 300)]),
    ]


def test_a_penalty_is_kept_and_lifted() -> None:
    lifted = indexed(
        variables=[wire_variable("y")],
        constraints=[
            wire_constraint("soft", "y >= 30", penalty="$4"),
            wire_constraint("hard", "y >= 3", penalty="none"),
        ],
        objective=goal("minimize", "y"), asked=[],
    )  # fmt: skip
    soft, hard = lifted.constraints
    assert isinstance(soft, Algebraic) and isinstance(hard, Algebraic)
    assert (soft.penalty, hard.penalty) == ("soft_penalty_limit", None)
    assert numbers(lifted)["soft_penalty_limit"] == 4


def test_asked_objective_is_the_objectives_expression() -> None:
    for lifted in (flat(), indexed()):
        assert lifted.asked[-1].expression == lifted.objectives[0].expression


def test_the_bases_of_types() -> None:
    assert flat("Only whole loaves can be sold.").variables[0].domain_basis is Basis.STATED
    assert flat(BAKERY).variables[0].domain_basis is Basis.INFERRED
    open_type = indexed(variables=[wire_variable("make", "g in Goods", type_basis="assumed")])
    assert open_type.variables[0].domain_basis is Basis.ASSUMED


def test_both_forms_of_one_problem_are_shown_with_their_numbers() -> None:
    shown = formulation_to_plain(flat(BAKERY))
    assert "maximize 2*bread + 5*cake [euros]" in shown
    assert "oven: 3*bread + 8*cake <= 240" in shown
    assert "cake integer >= 0, <= 25" in shown
    shown = formulation_to_plain(indexed(BAKERY))
    assert "Goods = {bread, cake}" in shown
    assert "profit[Goods] = 2, 5" in shown
    assert 'sold: make["cake"] <= 25' in shown


names = st.sampled_from(["x", "y", "S", "c", "é", "objective", "for", "T"])
pieces = st.sampled_from(
    ["3", "x", "y[", "]", "*", "+", "S", " for ", " in ", "sum(", ")", "(", "1,000", "%", "é", "==",
     "if", '"', "..", "=", "1e999", "0", "\x00", "\n", "**", "-", "not ", "max"]
)  # fmt: skip
sources = st.lists(pieces, max_size=8).map("".join)
elements = st.integers(-3, 3) | st.sampled_from(["a", "1..3", "3..1", ""]) | st.just(["a", 2])


@settings(max_examples=120, deadline=None)
@given(
    over=sources | st.sampled_from(["S", "i in S", "S, S", "(i, j) in S"]),
    source=sources,
    elements=st.lists(elements | st.just([]), min_size=1, max_size=3),
    values=st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=1, max_size=3),
)
def test_lifting_and_checking_raise_nothing_else(
    over: str, source: str, elements: list[Any], values: list[float]
) -> None:
    try:
        lifted = indexed(
            "A text with 3 numbers, 40% and 1,000.",
            sets=[wire_set("S", *elements)],
            parameters=[wire_parameter("c", over, *values)],
            variables=[wire_variable("x", over, lower=source, upper=None)],
            objective=goal("maximize", source),
            constraints=[wire_constraint("r", source, over, condition=source, penalty=source)],
            asked=[{"meaning": "m", "over": over, "expression": source}],
        )
    except FormulationError as error:
        assert error.what
    else:
        check(lifted, "A text with 3 numbers, 40% and 1,000.")
        formulation_to_plain(lifted)
