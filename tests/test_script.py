"""The script that a small model writes: what is read of it, and where its faults are named."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import optiwright
from optiwright.formulators.errors import FormulationError
from optiwright.formulators.lift import lift
from optiwright.formulators.script import read_script
from optiwright.formulators.wire import Form, read_wire
from optiwright.formulators.wire_records import FlatWire
from tests.wire_samples import BAKERY, flat_reply

SCRIPT = """```python
# decisions
bread = integer(0, None)  # loaves baked
cake = integer(0, 25)  # cakes baked
# objective: total profit
maximize(2*bread + 5*cake)
# minutes of oven
oven = 3*bread + 8*cake
# at most 240 minutes of oven
require(oven <= 240)
```"""


def read(*lines: str) -> FlatWire:
    return read_script("\n".join(lines))


def test_a_script_is_the_formulation_that_the_json_form_states() -> None:
    wire = read_script(SCRIPT)
    assert [(v.name, v.meaning, v.upper) for v in wire.variables] == [
        ("bread", "loaves baked", None),
        ("cake", "cakes baked", 25),
    ]
    assert wire.objective is not None
    assert (wire.objective.sense, wire.objective.meaning) == ("maximize", "total profit")
    assert [(d.name, d.meaning) for d in wire.definitions] == [("oven", "minutes of oven")]
    assert wire.constraints[0].meaning == "at most 240 minutes of oven"
    stated = read_wire(json.dumps(flat_reply()), Form.FLAT)
    scripted, written = (optiwright.solve(lift(w, BAKERY)).objective for w in (wire, stated))
    assert scripted == written == pytest.approx(160)


def test_the_answers_are_the_decisions_the_named_quantities_and_the_objective() -> None:
    result = optiwright.solve(lift(read_script(SCRIPT), BAKERY))
    found = {a.name: a.value for a in result.answers}
    assert found["loaves baked"] == pytest.approx(80)
    assert found["minutes of oven"] == pytest.approx(240)
    assert found["total profit"] == pytest.approx(160)


@pytest.mark.parametrize(
    "wrapping",
    [
        "{}",
        "Here is the model:\n{}\nIt maximizes profit (in euros).",
        "```\nnothing yet\n```\n{}",
        "{}\n```python\nx = 1\n```",
    ],
)
def test_what_stands_around_the_script_is_passed_over(wrapping: str) -> None:
    assert read_wire(wrapping.replace("{}", SCRIPT), Form.FLAT) == read_script(SCRIPT)


def test_a_script_without_a_fence_and_one_cut_off_after_a_line_are_read() -> None:
    bare = SCRIPT.removeprefix("```python\n").removesuffix("\n```")
    assert read_script(bare) == read_script(SCRIPT)
    assert read_script(SCRIPT.removesuffix("\n```")) == read_script(SCRIPT)


@pytest.mark.parametrize("reply", ["none", " None.\n", "`none`"])
def test_a_text_without_a_problem_is_none(reply: str) -> None:
    wire = read_script(reply)
    assert (wire.problem, wire.variables) == ("none", [])


def test_bounds_may_be_left_out_named_negative_or_products() -> None:
    wire = read(
        "a = integer()",
        "b = continuous(-5, 2*60)",
        "c = continuous(lower=None, upper=9)",
        "d = binary()",
        "minimize(a + b + c + d)",
    )
    assert [(v.lower, v.upper) for v in wire.variables] == [(0, None), (-5, 120), (None, 9), (0, 1)]


def test_one_comment_may_stand_above_several_requirements() -> None:
    wire = read(
        "a = integer()",
        "maximize(a)",
        "# at most 5, at least 2",
        "require(a <= 5)",
        "require(a >= 2, 'said again')",
        "",
        "require(a != 3)",
    )
    meanings = [c.meaning for c in wire.constraints]
    assert meanings == ["at most 5, at least 2"] * 2 + ["a != 3"]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("for i in range(3): pass", "only decisions"),
        ("x[0] = integer(0, 5)", "only decisions"),
        ("y = integer(0, 2*x)", "a bound is a number"),
        ("y = integer(0, x)", "a bound is a number"),
        ("minimize(2*x)", "one objective already"),
        ("require(x)", "a comparison"),
        ("print(x)", "only decisions"),
        ("__import__('os').system('true')", "only decisions"),
        ("x = (3", "no Python"),
        ("require(x" + " + x" * 900 + " <= 3)", "nested too deeply"),
        ("_y = integer(0, 1)", "name"),
    ],
)
def test_a_fault_is_named_with_its_line(line: str, said: str) -> None:
    with pytest.raises(FormulationError) as caught:
        read("x = integer(0, 5)", "maximize(x)", line)
    assert said in caught.value.what
    assert "line 3" in caught.value.where
    assert caught.value.remedy


def test_a_name_that_differs_in_capitals_alone_is_the_declared_one() -> None:
    wire = read(
        "lake = continuous()", "mill = continuous()", "Mill = 2*mill", "cost = Lake + MILL + Mill",
        "minimize(Cost)", "require(LAKE >= 3)",
    )  # fmt: skip
    assert wire.definitions[1].expression == "lake + MILL + Mill"
    assert wire.objective is not None and wire.objective.expression == "cost"
    assert wire.constraints[0].expression == "lake >= 3"


def test_a_missing_objective_is_named() -> None:
    with pytest.raises(FormulationError, match="no objective"):
        read("x = integer(0, 5)", "profit = 3*x", "require(x <= 4)")


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=80))
def test_reading_raises_nothing_but_its_own_error(text: str) -> None:
    try:
        read_script(text)
    except FormulationError as error:
        assert error.what


@settings(max_examples=80, deadline=None)
@given(st.text(alphabet="()[]{}+-*/ x=1,\n'\"", max_size=200))
def test_torn_code_raises_nothing_but_its_own_error(text: str) -> None:
    try:
        read_script("x = integer(0, 5)\nmaximize(x)\n" + text)
    except FormulationError as error:
        assert error.what


@settings(max_examples=60, deadline=None)
@given(
    bounds=st.lists(
        st.tuples(
            st.sampled_from(["integer", "continuous"]),
            st.none() | st.integers(-99, 99),
            st.none() | st.floats(100, 1e6, allow_nan=False),
        ),
        min_size=1,
        max_size=5,
    ),
    limit=st.floats(0, 1e6, allow_nan=False),
)
def test_what_is_written_is_what_is_read(
    bounds: list[tuple[str, int | None, float | None]], limit: float
) -> None:
    lines = [f"x{k} = {kind}({low}, {high})" for k, (kind, low, high) in enumerate(bounds)]
    total = " + ".join(f"x{k}" for k in range(len(bounds)))
    wire = read(*lines, f"minimize({total})", f"require({total} >= {limit!r})")
    assert [(v.type, v.lower, v.upper) for v in wire.variables] == bounds
    assert wire.constraints[0].expression == f"{total} >= {limit!r}"
