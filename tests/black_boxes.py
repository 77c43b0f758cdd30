"""Black boxes that tests search."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from optiwright.formulators.black_box import BlackBox, Code
from optiwright.solver_tools.search_program import write_program

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


def run_alone(box: BlackBox, optimizers: Sequence[str], folder: Path) -> tuple[str, Any]:
    """Returns the text of the program to take away, and the value it prints when run by itself."""
    program = folder / "search.py"
    program.write_text(write_program(box, optimizers, 3))
    ran = subprocess.run(
        [sys.executable, "-I", "-W", "ignore", str(program)],
        capture_output=True,
        text=True,
        check=False,
        cwd=folder,
    )
    assert ran.returncode == 0, ran.stderr
    return program.read_text(), json.loads(ran.stdout)["value"]
