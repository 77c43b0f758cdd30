"""The benchmark `blackbox`: functions as Python source, of families that nothing else is made with.

The problems are drawn and not published: a file beside this module has the seed and their number.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from importlib import resources
from pathlib import Path

import numpy as np

from optiwright.evaluation.function_draws import Cell, all_cells, draw
from optiwright.evaluation.function_sources import FunctionProblem
from optiwright.evaluation.layouts import Read
from optiwright.evaluation.problems import Label, Problem
from optiwright.formulators.errors import UserError

BLACK_BOX = "blackbox"
"""The benchmark's name."""
DRAWN = "black_box.json"
_LARGEST = 10_000
"""Evaluations at most: a run of a hundred problems is to end within an evening."""


def read_black_box(path: Path, benchmark: str) -> Read:
    """Draw the problems that a file names the seed and the number of.

    Raises:
        UserError: if it names none.
    """
    try:
        told = json.loads(path.read_text("utf-8"))
        seed, count = int(told["seed"]), int(told["count"])
    except (OSError, ValueError, KeyError, TypeError):
        raise UserError(
            "the file does not say which functions are drawn",
            where=str(path),
            remedy='It needs {"seed": 1, "count": 100}.',
        ) from None
    for number in range(count):
        cell, drawn = _drawn(seed, number)
        yield Problem(
            id=f"{benchmark}-{number}",
            benchmark=benchmark,
            kind=_kind(cell),
            text=text_of(drawn),
            label=Label(accepted=(f"{drawn.lowest:.6f}",)),
        )


def function_of(problem: Problem) -> FunctionProblem:
    """Return what a problem of the benchmark was made from.

    Raises:
        UserError: if it is none of the benchmark's.
    """
    if problem.benchmark == BLACK_BOX:
        number = int(problem.id.split("-")[1])
        drawn = _drawn(_seed(), number)[1]
        if text_of(drawn) == problem.text:
            return drawn
    raise UserError(
        "this problem is none of the benchmark `blackbox`",
        where=problem.id,
        remedy="The methods that are given the function are for `optiwright eval blackbox`.",
    )


def text_of(function: FunctionProblem) -> str:
    """Return a problem as a user states it: what is sought in words, then the code."""
    said = [
        f"Minimise the Python function `objective` below over {function.dimension} unknowns within "
        f"`bounds`, with at most {function.budget} evaluations."
    ]
    if function.whole:
        which = f"The first {function.whole} unknowns are whole numbers."
        said += [
            "All unknowns are whole numbers." if function.whole == function.dimension else which
        ]
    if names := ", ".join(f"`{name}`" for name in function.constraints):
        said += [f"The constraints are {names}: each has to be at most 0."]
    if function.noise:
        said += ["The function is noisy: the same point does not give the same value twice."]
    return f"{' '.join(said)}\n\n```python\n{function.source}```"


def _kind(cell: Cell) -> str:
    extra = (
        "noise" if cell.noise
        else "constraints" if cell.constrained
        else "whole numbers" if cell.kinds == "mixed"
        else "plain"
    )  # fmt: skip
    return f"{extra}, {'one minimum' if cell.modality == 'one' else 'many minima'}"


@cache
def _drawn(seed: int, number: int) -> tuple[Cell, FunctionProblem]:
    rng = np.random.default_rng([seed, number])
    # budgets of few evaluations came later, and what was drawn before stays as it was
    cells = tuple(cell for cell in all_cells() if not cell.budget.startswith("few"))
    for cell in _endlessly(rng, cells):
        drawn = draw(cell, int(rng.integers(10**6)), held_out=True)
        if drawn.budget <= _LARGEST:
            return cell, drawn
    raise AssertionError("cells are drawn endlessly")


def _endlessly(rng: np.random.Generator, cells: tuple[Cell, ...]) -> Iterator[Cell]:
    while True:
        yield cells[rng.integers(len(cells))]


@cache
def _seed() -> int:
    file = resources.files("optiwright.evaluation").joinpath(DRAWN)
    return int(json.loads(file.read_text("utf-8"))["seed"])
