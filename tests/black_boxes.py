"""Black boxes that tests search."""

from __future__ import annotations

from typing import Any

from optiwright.formulators.black_box import BlackBox, Code

BOWL = "def f(x):\n    return (x[0] - 0.7) ** 2 + 3 * (x[1] + 0.4) ** 2\n"
"""Least, 0, at (0.7, -0.4)."""
VALLEY = (
    "import numpy as np\n\n\ndef f(x):\n"
    "    return float(np.sum(100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2))\n"
)
"""Rosenbrock's: least, 0, where all are 1."""
DISC = (
    "def f(x):\n    return x[0] + x[1]\n\n\n"
    "def inside(x):\n    return x[0] ** 2 + x[1] ** 2 - 1\n\n\n"
    "def right(x):\n    return 0.2 - x[0]\n"
)
"""Least within the disc and right of 0.2: -0.7798."""


def reals(count: int, lower: float = -2.0, upper: float = 2.0) -> tuple[dict[str, Any], ...]:
    """Returns that many real unknowns."""
    return tuple(
        {"kind": "real", "name": f"x{i}", "lower": lower, "upper": upper} for i in range(count)
    )


def black_box(source: str, unknowns: Any = None, **fields: Any) -> BlackBox:
    """Returns the black box of a source that defines `f`; two real unknowns unless others are."""
    given = {"unknowns": unknowns or reals(2), "budget": 200, **fields}
    return BlackBox.model_validate({"oracle": Code(source=source, function="f"), **given})
