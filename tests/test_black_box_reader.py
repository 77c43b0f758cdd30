"""Functions without a formula are read from Python, LaTeX and words; what is not clear is said."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from optiwright.formulators.black_box import BlackBox, Code, Command, OneOf, RealRange, WholeRange
from optiwright.formulators.black_box_lines import read_lines
from optiwright.formulators.black_box_reader import Told, Unread, read_black_box
from optiwright.formulators.bounds_lines import read_bounds, told
from optiwright.formulators.code_signals import looks_like_code
from optiwright.formulators.errors import FormulationError
from optiwright.formulators.model import Sense
from optiwright.formulators.problem_kind import ProblemKind, kind_of

BRANIN = '''
import math

def branin(x):
    """x1 in [-5, 10], x2 in [0, 15]; at most 200 evaluations."""
    a, b = x
    return (b - a**2) ** 2 + math.cos(a)
'''


def read(text: str, **said: object) -> BlackBox:
    found = read_black_box(text, Told(**said))  # type: ignore[arg-type]
    assert isinstance(found, BlackBox), found
    return found


def missed(text: str, **said: object) -> Unread:
    found = read_black_box(text, Told(**said))  # type: ignore[arg-type]
    assert isinstance(found, Unread), found
    return found


def bounds(text: str) -> dict[str, str]:
    return {u.name: told(u) for u in read_bounds(text)}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "x in [0, 5], n in 1..10, kind in {a, b}",
            {"x": "[0, 5]", "n": "1..10", "kind": "{a, b}"},
        ),
        ("x in [-5, 5]^3", {"x1": "[-5, 5]", "x2": "[-5, 5]", "x3": "[-5, 5]"}),
        ("x ∈ [−5, 5]²", {"x1": "[-5, 5]", "x2": "[-5, 5]"}),
        (r"x_i \in [-1, 2], \quad i = 1, \ldots, 2", {"x1": "[-1, 2]", "x2": "[-1, 2]"}),
        ("x[i] in [0, 1] for i in 0..1", {"x0": "[0, 1]", "x1": "[0, 1]"}),
        ("0 <= x <= 5 and 1≤y≤2", {"x": "[0, 5]", "y": "[1, 2]"}),
        ("rate in [1e-4, 1] log, n in [1, 5] integer", {"rate": "[0.0001, 1] log", "n": "1..5"}),
        ("x1, x2 in [0, 1]", {"x1": "[0, 1]", "x2": "[0, 1]"}),
        ("integer k in [2, 6]; on in {0, 1}", {"k": "2..6", "on": "0..1"}),
        ("a in [-pi, 2*pi]", {"a": f"[{-math.pi:.12g}, {2 * math.pi:.12g}]"}),
    ],
)
def test_bounds_as_people_write_them(text: str, expected: dict[str, str]) -> None:
    assert bounds(text) == expected


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("x in [5, 0]", "not below its upper one"),
        ("x in [2, 2]", "not below its upper one"),
        ("x in", "is no bound"),
        ("x in [0, 1], y", "'y' is no bound"),
        ("x in [0, 1], x in [0, 2]", "bounded twice"),
        ("x in [-5, 5]^99999", "no number from 1"),
        ("x in [0, 1] log", "lower bound is 0"),
        ("kind in {a}", "not several labels"),
        ("", "no bounds"),
    ],
)
def test_what_is_no_bound_is_said(text: str, said: str) -> None:
    with pytest.raises(FormulationError, match=said):
        read_bounds(text)


@given(
    st.integers(-1000, 1000),
    st.integers(1, 1000),
    st.sampled_from(["real", "whole"]),
    st.integers(1, 9),
)
def test_what_is_written_is_read_back(low: int, span: int, kind: str, size: int) -> None:
    between = f"[{low}, {low + span}]" if kind == "real" else f"{low}..{low + span}"
    text = ", ".join(f"v{k} in {between}" for k in range(size))
    found = read_bounds(text)
    assert [u.name for u in found] == [f"v{k}" for k in range(size)]
    made = RealRange if kind == "real" else WholeRange
    assert all(isinstance(u, made) and (u.lower, u.upper) == (low, low + span) for u in found)


@given(st.text(max_size=60))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        assert read_bounds(text)
    except FormulationError as error:
        assert error.what
    found = read_black_box(text)
    assert isinstance(found, Unread) and found.unclear


def test_a_function_with_bounds_in_its_documentation() -> None:
    box = read(BRANIN)
    assert isinstance(box.oracle, Code)
    assert (box.oracle.function, box.oracle.style) == ("branin", "vector")
    assert [told(u) for u in box.unknowns] == ["[-5, 10]", "[0, 15]"]
    assert (box.budget, box.sense) == (200, Sense.MINIMIZE)


def test_words_around_a_fenced_function_count() -> None:
    box = read(
        "Maximise the yield of this noisy process, with 100 experiments.\n"
        "```python\ndef yield_of(temp: float, n: int, gas):\n    return temp * n\n```\n"
        "temp in [20, 90], n in [1, 5], gas in {air, argon}"
    )
    assert isinstance(box.oracle, Code) and box.oracle.style == "named"
    assert (box.sense, box.noisy, box.budget) == (Sense.MAXIMIZE, True, 100)
    temp, n, gas = box.unknowns
    assert isinstance(temp, RealRange) and isinstance(n, WholeRange) and isinstance(gas, OneOf)


@pytest.mark.parametrize(
    "line",
    [
        "bounds = [(-1, 2), (-1, 2), (-1, 2)]",
        "bounds = [(-1, 2)] * 3",
        "bounds = [(-1, 2) for _ in range(3)]",
        "lb = np.array([-1] * 3); ub = np.ones(3) * 2",
        "dim = 3\nbounds = (-1.0, 2)",
        "bounds = Bounds([-1, -1, -1], [2, 2, 2])",
        "# x in [-1, 2]^3",
        "# x_i in [-1, 2], in three dimensions; 3 variables",
    ],
)
def test_bounds_of_a_vector_in_the_source(line: str) -> None:
    box = read(f"import numpy as np\n{line}\n\ndef f(x):\n    return np.sum(x**2)\n")
    assert [told(u) for u in box.unknowns] == ["[-1, 2]"] * 3


def test_bounds_by_name_and_by_hint() -> None:
    box = read(
        'space = {"rate": (1e-4, 1.0, "log"), "layers": range(1, 9), "kind": ["relu", "tanh"]}\n'
        "def loss(rate, layers, kind, wide: bool = False):\n    return rate * layers\n"
    )
    assert [told(u) for u in box.unknowns] == ["[0.0001, 1] log", "1..8", "{relu, tanh}"]
    hinted = read(
        "def f(a: Annotated[float, (0, 1)], k: Literal['p', 'q'], on: bool):\n    return a\n"
    )
    assert [told(u) for u in hinted.unknowns] == ["[0, 1]", "{p, q}", "0..1"]


def test_constraints_by_name_words_and_list() -> None:
    box = read(
        "def f(x, y):  # x, y in [0, 5]\n    return x * y\n"
        "def constraint_sum(x, y):\n    return x + y - 4\n"
        "def g(x, y):  # >= 0\n    return x - y\n"
    )
    assert [(c.function, c.description) for c in box.constraints] == [
        ("constraint_sum", "constraint_sum(x) <= 0"),
        ("g_at_most_0", "g(x) >= 0"),
    ]
    assert isinstance(box.oracle, Code)
    space: dict[str, object] = {}
    exec(box.oracle.source, space)
    assert space["g_at_most_0"](3, 1) == -2.0  # type: ignore[operator]
    scipy = read(
        "bounds = [(0, 1)] * 2\ndef f(x): return x[0]\n"
        "def lim(x): return x[0]\ndef eq(x): return x[1]\n"
        'constraints = ({"type": "ineq", "fun": lim}, {"type": "eq", "fun": eq})\n'
    )
    assert [c.description for c in scipy.constraints] == ["lim(x) >= 0", "eq(x) == 0"]


@pytest.mark.parametrize("head", ["constraints =", "cons: list ="])
def test_constraints_without_a_name_hold_too(head: str) -> None:
    box = read(
        "bounds = [(0, 1)] * 2\ndef f(x): return x[0]\ndef constraint_2(x): return 7\n"
        f'{head} [{{"type": "ineq", "fun": lambda x: x[0] - 0.5}}, lambda x: x[1] - 0.25]\n'
    )
    assert isinstance(box.oracle, Code)
    space: dict[str, Any] = {}
    exec(box.oracle.source, space)
    assert [space[c.function]([0.25, 1.0]) for c in box.constraints] == [0.25, 0.75]
    assert space["constraint_2"](0) == 7


@pytest.mark.parametrize(
    "entry", ["NonlinearConstraint(g, 0, 1)", "{'type': 'ineq', 'fun': missing}", "build(3)"]
)
def test_a_constraint_that_is_not_read_is_never_left_out(entry: str) -> None:
    head = "bounds = [(0, 1)]\ndef f(x): return x[0]\ndef g(x): return x[0]\n"
    odd = missed(f"{head}constraints = [g, {entry}]\n").unclear
    assert [u.field for u in odd] == ["constraints"] and entry in odd[0].found
    assert "--constraint" in odd[0].expected
    assert read(f"{head}constraints = [{entry}]\n", constraints=("g",)).constraints
    assert read(f"{head}constraints = None\n").constraints[0].function == "g"


def test_a_class_is_no_function_and_no_model_can_find_one_in_it() -> None:
    source = "class Oven:  # heat in [20, 300]\n    def run(self, heat): return heat\n"
    odd = missed("Minimize it.", source=source)
    assert "the class `Oven`" in odd.unclear[0].found and not odd.answerable


def test_constraints_told_beside_the_source() -> None:
    source = "def f(x): return x\ndef g(x): return x - 1\ndef h(x): return x\n"
    box = read(source, function="f", bounds="x in [0, 2]", constraints=("g >= 0.5",))
    assert [c.description for c in box.constraints] == ["g(x) >= 0.5"]
    odd = missed(source, function="f", bounds="x in [0, 2]", constraints=("k",))
    assert odd.unclear[0].field == "constraints" and "'k'" in odd.unclear[0].found


def test_a_constraint_of_latex_is_at_most_zero_where_it_is_met() -> None:
    box = read(r"\min_x x^2 \\ \text{s.t.} \quad x \geq 1 \\ x \in [0, 3]")
    assert isinstance(box.oracle, Code)
    space: dict[str, object] = {}
    exec(box.oracle.source, space)
    assert [space["constraint1"](x) for x in (0.0, 1.0, 3.0)] == [1.0, 0.0, -2.0]  # type: ignore[operator]


def test_of_several_functions_one_is_chosen_or_asked_for() -> None:
    two = "# x in [0, 1]\ndef first(x): return x\n\ndef second(x): return -x\n"
    (unclear,) = missed(two).unclear
    assert unclear.field == "function" and "`first`, `second`" in unclear.found
    assert read(two, function="second").oracle.function == "second"  # type: ignore[union-attr]
    assert "one of `first`, `second`" in str(missed(two, function="third"))
    helper = "# x in [0, 1]\ndef square(x): return x * x\n\ndef cost(x): return square(x)\n"
    assert read(helper).oracle.function == "cost"  # type: ignore[union-attr]
    lone = read("# x in [0, 1]\ndef g(x): return x\n")  # of two it would be a constraint
    assert lone.oracle.function == "g" and not lone.constraints  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("text", "field", "found"),
    [
        ("def f(x):\n    return sum(x)\n", "bounds", "no bounds for `x`"),
        ("def f(x):  # x in [0, 1]\n    return sum(x)\n", "bounds", "not how many"),
        ("bounds = [(0, 1)]\ndef f(x):\n    a, b = x\n    return a\n", None, ""),
        ("bounds = [(0, 1)] * 2\ndef f(x):\n    a, b, c = x\n    return a\n", "bounds", "takes 3"),
        ("def f(x: return 1\n", "function", "no Python"),
        ("a plain text", "function", "neither Python"),
    ],
)
def test_what_is_not_clear_names_its_field(text: str, field: str | None, found: str) -> None:
    if field is None:
        assert len(read(text).unknowns) == 2
        return
    (unclear,) = missed(text).unclear
    assert unclear.field == field and found in unclear.found and unclear.expected


def test_a_command_with_bounds() -> None:
    box = read(
        "Minimise the cost, 20 runs",
        command=("sim",),
        bounds="x in [0, 1]",
        constraints=("weight",),
    )
    assert isinstance(box.oracle, Command) and box.oracle.arguments == ("sim",)
    assert (box.budget, len(box.constraints)) == (20, 1)
    assert missed("x", command=("sim",)).unclear[0].field == "bounds"


LATEX = (
    (
        r"\begin{aligned} \min_{x} \quad & f(x) := 10 d + \sum_{i=1}^{d} \left[ x_i^2 - 10"
        r" \cos(2\pi x_i) \right] \\ \text{s.t.} \quad & x_i \in [-5, 5],"
        r" \quad i=1,\ldots,4 \end{aligned}",
        [0.5, 0, 0, 1],
        10 + 10 + 0.25 + 1,
    ),
    (
        r"$$\min_{x, y} \; (1 - x)^2 + 100 (y - x^2)^2 \quad \text{s.t.} \quad x^2 + y^2"
        r" \le 2, \quad -1.5 \le x \le 1.5, \quad -1.5 \le y \le 1.5$$",
        [0.0, 1.0],
        101.0,
    ),
    (
        r"\max_{x\in\mathbb{R}^2} \frac{\sin x_1}{2} - \sqrt{|x_2|} + e^{-x_1} \prod_{i=1}^{2} x_i"
        r" \\ \text{s.t.} & x_1 + x_2 \leq 1 \\ & x_i \in [0, 3], i = 1, 2",
        [1.0, 4.0],
        math.sin(1) / 2 - 2 + math.exp(-1) * 4,
    ),
)


@pytest.mark.parametrize(("text", "point", "value"), LATEX)
def test_formulas_in_latex(text: str, point: list[float], value: float) -> None:
    box = read(text)
    assert isinstance(box.oracle, Code)
    space: dict[str, object] = {}
    exec(box.oracle.source, space)
    arguments = point if box.oracle.style == "named" else [point]
    assert space["f"](*arguments) == pytest.approx(value)  # type: ignore[operator]
    assert len(box.unknowns) == len(point)
    assert len(box.constraints) == (0 if text is LATEX[0][0] else 1)
    assert box.sense is (Sense.MAXIMIZE if r"\max" in text else Sense.MINIMIZE)


def test_latex_that_is_not_understood_is_said() -> None:
    assert "`a_1`" in str(missed(r"\min_x a_1 x_1 + \sum_{i=1}^{2} x_i, \quad x_i \in [0, 1]^2"))
    assert "no bounds" in str(missed(r"\min_x x^2"))


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (BRANIN, True),
        (LATEX[0][0], True),
        ("Minimise this.\n```python\ndef f(x):\n    return x\n```", True),
        ("f = lambda x: x ** 2", True),
        ("def f(x) return 1", True),
        ("A bakery earns 2 euros a loaf and 5 a cake; the oven runs 240 minutes.", False),
        ("Maximize the profit: x + 2*y <= 10, x >= 0. We def need 5.", False),
        (r"A farm plants $x \leq 40$ hectares at \$12 and must use at least $\frac{1}{3}$.", False),
    ],
)
def test_code_is_told_from_a_problem_in_words(text: str, code: bool) -> None:
    assert looks_like_code(text) is code
    assert (kind_of(text) is ProblemKind.SEARCH) is code


def test_a_models_lines() -> None:
    said = read_lines(
        "function: f\nmaximize\n- `a in [0, 0.6]`\nb in 1..4\nconstraint: g <= 0\nbudget: 50"
    )
    assert (said.function, said.sense, said.budget) == ("f", Sense.MAXIMIZE, 50)
    assert said.constraints == ("g <= 0",)
    assert bounds(said.bounds) == {"a": "[0, 0.6]", "b": "1..4"}
    with pytest.raises(FormulationError):
        read_lines("I think that x is large.")
