"""The program to take away."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from optiwright.formulators.black_box import BlackBox
from tests.black_boxes import BOWL, DISC, black_box, run_alone


@pytest.mark.parametrize(
    ("box", "names", "least"),
    [
        (black_box(BOWL, title='A "bowl"', start=(1.0, 1.0)), ["nelder-mead", "cma-es"], 0.0),
        (
            black_box(DISC, constraints=[{"function": "inside"}, {"function": "right"}]),
            ["cobyqa"],
            0.2 - math.sqrt(0.96),
        ),
        (black_box("def f(x):\n    return -x[0] - x[1]", sense="maximize"), ["powell"], 4.0),
    ],
)
def test_the_program_runs_alone_and_finds_it_too(
    box: BlackBox, names: list[str], least: float, tmp_path: Path
) -> None:
    program, value = run_alone(box, names, tmp_path)
    assert value == pytest.approx(least, abs=1e-4)
    assert "optiwright" not in program
