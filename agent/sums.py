"""Weighted sums of requirements in words, so that a proof can be followed with pencil and paper."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from optiwright.agent.scaling_words import figure
from optiwright.formulators.phrases import label, listing
from optiwright.solver_tools.arithmetic import matrix
from optiwright.solver_tools.scaling_rows import Label

if TYPE_CHECKING:
    from optiwright.solver_tools.program import Floats, Program

Weight: TypeAlias = Fraction | float

_SHOWN = 6
_DIGITS = 24
_NOISE = 1e-9


def exactly(value: Fraction) -> str:
    """Return a fraction as people write it: `4,100`, `23/3`; by its size if it is very long."""
    text = f"{value.numerator:,}" if value.denominator == 1 else str(value)
    if len(text) <= _DIGITS:
        return text
    return f"{float(value):.12g} (a fraction of {len(str(value.denominator))}-digit numbers)"


def with_decimal(value: Fraction) -> str:
    """Return a fraction, with its decimal where it is not whole: `23/3 (7.666667)`."""
    text = exactly(value)
    if value.denominator == 1 or "(" in text:
        return text
    return f"{text} ({figure(float(value))})"


def weights_in_words(program: Program, weights: Sequence[Fraction] | Floats) -> str:
    """Return the rows that have a weight, each with it, the heaviest first.

    Args:
        program: whose rows they are.
        weights: shape (m,); their signs are left away, since which side of a row presses follows.
    """
    found = _weighty(program.row_labels(), weights)
    return _shown([f"{_times(w)}`{label(*_plain(place))}`" for place, w in found])


def moves_in_words(program: Program, direction: Sequence[Fraction] | Floats) -> str:
    """Return how the variables move along a direction of shape (n,), the fastest first."""
    found = _weighty(program.column_labels(), direction)
    return _shown(
        [
            f"`{label(*place)}` {'grows' if w > 0 else 'falls'} by {_amount(w)}"
            for place, w in found
            if not place[0].startswith("_")
        ]
    )


def scaled_down(weights: Floats) -> Floats:
    """Return weights over the least of them that is not noise, where that makes them whole."""
    sizes = np.abs(weights)
    use = sizes > _NOISE * max(float(sizes.max(initial=0.0)), np.finfo(float).tiny)
    kept: Floats = np.where(use, weights, 0.0)
    if not use.any():
        return kept
    over: Floats = kept / sizes[use].min()
    return np.round(over) if np.allclose(over, np.round(over), atol=1e-6) else over


def contradiction_in_words(program: Program, weights: Floats) -> str:
    """Return what a weighted sum of the rows says and why that cannot be, or nothing if it can be.

    Args:
        program: with linear rows.
        weights: Farkas multipliers, shape (m,).
    """
    combined = matrix(program.rows, program.columns).T @ weights
    combined[np.abs(combined) <= _NOISE * np.abs(combined).max(initial=1.0)] = 0.0
    rows = _range(weights, program.row_lower, program.row_upper)
    box = _range(combined, program.lower, program.upper)
    total = _combination(program, combined)
    say = "it says that" if np.count_nonzero(weights) == 1 else "added up they say that"
    if rows[0] > box[1]:
        return f"{say} {total} >= {figure(rows[0])}{_limit(total, box[1], 'most')}"
    if rows[1] < box[0]:
        return f"{say} {total} <= {figure(rows[1])}{_limit(total, box[0], 'least')}"
    return ""


def _limit(total: str, value: float, word: str) -> str:
    if total == "0":
        return ", which is false"
    return f", but by the bounds of the variables it is at {word} {figure(value)}"


def _combination(program: Program, combined: Floats) -> str:
    found = [
        (place, w) for place, w in zip(program.column_labels(), combined, strict=True) if w != 0
    ]
    if not found:
        return "0"
    if len(found) > _SHOWN:
        return f"a sum of {len(found)} variables"
    text = ""
    for place, weight in found:
        sign = (" - " if text else "-") if weight < 0 else (" + " if text else "")
        factor = "" if abs(weight) == 1 else f"{figure(abs(weight))}*"
        text += f"{sign}{factor}{label(*_plain(place))}"
    return f"`{text}`"


def _range(weights: Floats, lower: Floats, upper: Floats) -> tuple[float, float]:
    use = weights != 0
    ends = np.stack([weights[use] * lower[use], weights[use] * upper[use]])
    return float(ends.min(axis=0).sum()), float(ends.max(axis=0).sum())


def _weighty(
    labels: Iterable[Label], weights: Sequence[Fraction] | Floats
) -> list[tuple[Label, Weight]]:
    values: list[Weight] = list(weights)
    pairs = list(zip(labels, values, strict=True))
    most = max((abs(float(w)) for _, w in pairs), default=0.0)
    found = [(label, w) for label, w in pairs if abs(float(w)) > _NOISE * most]
    return sorted(found, key=lambda pair: -abs(float(pair[1])))


def _shown(parts: list[str]) -> str:
    if len(parts) <= _SHOWN:
        return listing(parts)
    return f"{', '.join(parts[:_SHOWN])} and {len(parts) - _SHOWN:,} more"


def _times(weight: Weight) -> str:
    return "" if abs(weight) == 1 else f"{_amount(weight)} times "


def _amount(weight: Weight) -> str:
    if isinstance(weight, Fraction):
        return exactly(abs(weight))
    return figure(abs(weight))


def _plain(label: Label) -> Label:
    return label[0].removeprefix("_"), label[1]
