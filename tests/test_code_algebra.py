"""A function that is a formula is found out, translated, and held against itself."""

from __future__ import annotations

import asyncio

import pytest

from optiwright.formulators.black_box import BlackBox
from optiwright.formulators.black_box_reader import Told, read_black_box
from optiwright.formulators.model import Domain
from optiwright.solver_tools.code_algebra import Algebra, algebra_of, values_at
from optiwright.solver_tools.pool import Isolation, Pool, default_pool

HEAD = "import math\nimport numpy as np\nfrom math import cos\nbounds = [(0.5, 3)] * 3\n\n"


@pytest.fixture
def pool() -> Pool:
    return default_pool()


def box_of(source: str) -> BlackBox:
    found = read_black_box(source, Told())
    assert isinstance(found, BlackBox), found
    return found


def look(pool: Pool, source: str) -> Algebra:
    return asyncio.run(algebra_of(box_of(source), pool, isolation=Isolation.REQUIRED))


@pytest.mark.parametrize(
    ("body", "expression"),
    [
        ("return 10 * len(x) + np.sum(x**2)", "30 + x1 ** 2 + x2 ** 2 + x3 ** 2"),
        (
            "a, b, c = np.asarray(x, dtype=float)\n    return float(cos(a) * b - c / 2)",
            "cos(x1) * x2 - x3 / 2",
        ),
        (
            "s = 0\n    for i in range(2):\n        s += (x[i + 1] - x[i]) ** 2\n    return s",
            "(x2 - x1) ** 2 + (x3 - x2) ** 2",
        ),
        ("return max(x[0], x[1]) + np.max(x)", "max(x1, x2) + max(x1, x2, x3)"),
        ("return abs(-x[2])", "abs(-x3)"),
        ("return math.sqrt(x[0]) + 1 / x[1] - (x[1] - x[2])", "sqrt(x1) + 1 / x2 - (x2 - x3)"),
        ("return np.exp(x).sum() - math.log(x[0])", "exp(x1) + exp(x2) + exp(x3) - log(x1)"),
        ("return np.dot([1, 2, 3], x) + np.maximum(1, x)[0]", "x1 + 2 * x2 + 3 * x3 + max(1, x1)"),
        ("return -x[0] ** 2 + (-x[1]) ** 3 - -x[2]", "-x1 ** 2 + (-x2) ** 3 - -x3"),
        (
            "y = np.array([v * 2 for v in x])\n    return y[0] * y[1]",
            "x1 * 2 * (x2 * 2)",
        ),
    ],
)
def test_a_formula_in_code_is_written_out(pool: Pool, body: str, expression: str) -> None:
    found = look(pool, f"{HEAD}def f(x):\n    {body}\n")
    assert found.formulation is not None, found.words
    assert found.formulation.objectives[0].expression == expression


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("return x[0] if x[0] > 1 else x[1]", "decides by the value"),
        ("return round(x[0]) + x[1] + x[2]", "decides by the value"),
        ("return x[0] + np.random.normal() + x[1] + x[2]", "differently for the same point"),
        ("return float('nan')", "computes with nan"),
        ("raise ValueError('dry')", "raises ValueError: dry"),
        ("return x", "something else than one value"),
        ("return f(x)", "calls itself"),
        ("import os\n    return float(os.environ['MY_KEY'])", "raises KeyError"),
    ],
)
def test_what_is_no_formula_says_why(pool: Pool, body: str, said: str) -> None:
    found = look(pool, f"{HEAD}def f(x):\n    {body}\n")
    assert found.formulation is None
    assert said in found.words


def test_a_formula_that_differs_from_its_function_is_none(pool: Pool) -> None:
    """It looks like arithmetic on symbols, and does otherwise on numbers."""
    body = "    return x[0] + x[1] + (5 if isinstance(x[2], float) else x[2])\n"
    found = look(pool, f"{HEAD}def f(x):\n{body}")
    assert found.formulation is None and "other values" in found.words
    rule = "def g(x):\n    return 7.0 if isinstance(x[0], float) else x[0]\n"
    found = look(pool, f"{HEAD}def f(x):\n    return x[0]\n\n{rule}")
    assert found.formulation is None and "other values" in found.words


def test_constraints_whole_numbers_and_names(pool: Pool) -> None:
    source = (
        "def f(n: int, max, y):  # n in 1..4, max in [0, 1], y in [0.5, 2]\n"
        "    return n * y - max\n"
        "def g(n, max, y):  # <= 2\n    return n * max + y\n"
    )
    found = look(pool, source).formulation
    assert found is not None
    assert [v.name for v in found.variables] == ["n", "max_", "y"]
    assert found.variables[0].domain is Domain.INTEGER
    assert (found.variables[2].lower, found.variables[2].upper) == ("0.5", "2")
    assert found.constraints[0].expression == "n * max_ + y - 2 <= 0"  # type: ignore[union-attr]


def test_labels_and_commands_are_searched(pool: Pool) -> None:
    labelled = "def f(x, k):  # x in [0, 1], k in {a, b}\n    return x\n"
    assert "`k` is a label" in look(pool, labelled).words


def test_the_function_runs_in_the_sandbox(pool: Pool) -> None:
    box = box_of(f"{HEAD}def f(x):\n    open('/tmp/made-by-a-function', 'w')\n    return 1.0\n")
    row, error = asyncio.run(values_at(box, pool, (1.0, 1.0, 1.0), isolation=Isolation.REQUIRED))
    assert row == [None]
    assert "`f` raises" in error and "x1 = 1" in error
