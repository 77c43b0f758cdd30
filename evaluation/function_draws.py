"""Black-box problems drawn from a seed, by the cells in which optimizers are compared.

A cell says of what sort a problem is: how many unknowns, how its level sets lie, whether it has
many minima, noise, constraints, whole numbers, and how many evaluations may be made.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from typing import Literal, get_args

import numpy as np
from pydantic import BaseModel, ConfigDict

from optiwright.evaluation.function_families import FAMILIES, Basic, Conditioning, Modality
from optiwright.evaluation.function_sources import FunctionProblem, Limits, Mixing

DIMENSIONS: dict[str, tuple[int, ...]] = {
    "1-3": (2, 3),
    "4-10": (4, 5, 6, 8, 10),
    "11-40": (12, 16, 20),
}
BUDGETS: dict[str, int] = {
    "few(<=12/dim)": 10,
    "small(<=50/dim)": 30,
    "medium(<=500/dim)": 150,
    "large": 600,
}
"""Evaluations for each unknown."""
_HALF_WIDTHS = (1.0, 5.0, 10.0, 100.0)
_WHOLE_HALF_WIDTHS = (10.0, 50.0)
_STRETCH = 1.5
"""What makes a well-conditioned family's level sets a thousand times longer than wide."""


class Cell(BaseModel):
    """A sort of problem."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    dimension: Literal["1-3", "4-10", "11-40"]
    conditioning: Conditioning
    modality: Modality
    noise: bool = False
    constrained: bool = False
    kinds: Literal["real", "mixed"] = "real"
    budget: Literal["few(<=12/dim)", "small(<=50/dim)", "medium(<=500/dim)", "large"]


def all_cells() -> Iterator[Cell]:
    """Yield the cells that are measured: at most one of noise, constraints, whole numbers."""
    plain = {"noise": False, "constrained": False, "kinds": "real"}
    extras = (plain, *({**plain, **e} for e in ({"noise": True}, {"constrained": True},
                                                {"kinds": "mixed"})))  # fmt: skip
    shapes = product(DIMENSIONS, get_args(Conditioning), get_args(Modality), BUDGETS, extras)
    for dimension, conditioning, modality, budget, extra in shapes:
        told = {"dimension": dimension, "conditioning": conditioning, "modality": modality}
        yield Cell.model_validate({**told, "budget": budget, **extra})


def draw(cell: Cell, seed: int, *, held_out: bool = False) -> FunctionProblem:
    """Draw a problem of a cell; equal cells and seeds draw equal problems.

    Args:
        cell: of what sort it is.
        seed: zero or more.
        held_out: whether its families are those kept aside for the benchmark.
    """
    key = cell.model_dump_json().encode()
    rng = np.random.default_rng([seed, int(held_out), *key])
    dimension = int(rng.choice(DIMENSIONS[cell.dimension]))
    mixing, count = _mixing(rng, dimension)
    mixed = cell.kinds == "mixed"
    stretch, parts = _parts(rng, cell, dimension // count if mixing == "split" else dimension,
                            count, held_out=held_out)  # fmt: skip
    limits: Limits = "none"
    if cell.constrained:
        limits = ("ball", "plane", "several")[rng.integers(3)]
    return FunctionProblem(
        parts=tuple(p.name for p in parts),
        weights=tuple(_weights(rng, parts, dimension)),
        mixing=mixing,
        dimension=dimension,
        half_width=float(rng.choice(_WHOLE_HALF_WIDTHS if mixed else _HALF_WIDTHS)),
        whole=_whole(rng, dimension) if mixed else 0,
        turned=bool(rng.random() < 0.5),
        stretch=stretch,
        noise=float(rng.choice((0.05, 0.3))) if cell.noise else 0.0,
        limits=limits,
        lowest=round(float(rng.uniform(-100, 100)), 2),
        budget=BUDGETS[cell.budget] * dimension,
        seed=int(rng.integers(1, 10**6)),
    )


def _mixing(rng: np.random.Generator, dimension: int) -> tuple[Mixing, int]:
    """Choose how many basic functions there are and how they are mixed; most often one alone."""
    drawn = rng.random()
    if drawn < 0.5:
        return "sum", 1
    if drawn < 0.75 or dimension < 6:
        return "sum", int(rng.integers(2, 4))
    return "split", int(rng.integers(2, 4))


def _parts(
    rng: np.random.Generator, cell: Cell, dimension: int, count: int, *, held_out: bool
) -> tuple[float, list[Basic]]:
    """Choose basic functions, and how far the axes are stretched, so that they are of the cell."""
    known = [b for b in FAMILIES.values() if b.held_out is held_out and b.least <= dimension]
    stretch = _STRETCH if cell.conditioning == "high" and rng.random() < 0.4 else 0.0
    if cell.modality == "many":
        stretch = _STRETCH if cell.conditioning == "high" else 0.0
    wanted = "high" if cell.conditioning == "high" and not stretch else "low"
    first = [b for b in known if b.modality == cell.modality and (
        b.conditioning == wanted or cell.modality == "many")]  # fmt: skip
    others = [b for b in known if b.conditioning == wanted and (
        b.modality == "one" or cell.modality == "many")]  # fmt: skip
    chosen = [first[rng.integers(len(first))]]
    chosen += [others[rng.integers(len(others))] for _ in range(count - 1)]
    return stretch, chosen


def _weights(rng: np.random.Generator, parts: list[Basic], dimension: int) -> Iterator[float]:
    """Yield weights by which parts count about alike, whatever their own scales."""
    if len(parts) == 1:
        yield 1.0
        return
    for part in parts:
        points = rng.uniform(-part.reach, part.reach, (30, dimension))
        names: dict[str, object] = {"np": np}
        exec(part.source, names)
        scale = float(np.median([names[part.name](p) for p in points]))  # type: ignore[operator]
        yield float(f"{rng.uniform(5, 20) / max(scale, 1e-9):.3g}")


def _whole(rng: np.random.Generator, dimension: int) -> int:
    return dimension if rng.random() < 0.3 else max(1, dimension // 2)
