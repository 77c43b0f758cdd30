"""What asking a black box comes to, and how an answer of any kind is read."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from typing import Any, Protocol

from pydantic import BaseModel, ConfigDict

from optiwright.formulators.black_box import BlackBox, OneOf, RealRange
from optiwright.formulators.errors import UserError
from optiwright.solver_tools.search_target import Axis, Point

_LONGEST = 300


class Evaluation(BaseModel):
    """One evaluation of a black box: a line of the journal."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    point: tuple[float | int | str, ...]
    value: float | None = None
    """None where it failed."""
    constraints: tuple[float, ...] = ()
    gradient: tuple[float, ...] | None = None
    """Where it was asked for instead of the value."""
    failure: str = ""
    """Why there is no value, a sentence."""
    seconds: float = 0.0

    @property
    def key(self) -> str:
        """The point and what was asked there, as text that differs where either does."""
        return f"{'' if self.gradient is None else 'gradient '}{key_of(self.point)}"


class Oracle(Protocol):
    """Something that evaluates points; what goes wrong there is an evaluation that failed."""

    def ask(self, point: Point) -> Evaluation:
        """Evaluates a point."""

    def slope(self, point: Point) -> Evaluation | None:
        """Returns the gradient there, None where there is no way to it."""


def key_of(point: Sequence[float | int | str]) -> str:
    """Returns a point as text, equal for equal points only."""
    return json.dumps(list(point))


def axes_of(box: BlackBox) -> tuple[Axis, ...]:
    """Returns the unknowns as edges of the unit cube.

    Raises:
        UserError: bounds that cross, or a magnitude whose lower bound is not above zero.
    """
    return tuple(_axis(unknown) for unknown in box.unknowns)


def _axis(unknown: Any) -> Axis:
    if isinstance(unknown, OneOf):
        if len(set(unknown.choices)) < len(unknown.choices):
            raise UserError("a label stands there twice", where=f"`choices` of `{unknown.name}`")
        return Axis(choices=unknown.choices)
    if unknown.lower > unknown.upper:
        raise UserError(
            f"the lower bound {unknown.lower:g} is above the upper bound {unknown.upper:g}",
            where=f"the bounds of `{unknown.name}`",
            remedy="Exchange them.",
        )
    if not isinstance(unknown, RealRange):
        return Axis(unknown.lower, unknown.upper, whole=True)
    if unknown.log and unknown.lower <= 0:
        raise UserError(
            f"`log` needs a lower bound above zero, and it is {unknown.lower:g}",
            where=f"`{unknown.name}`",
            remedy="Give a small positive lower bound, or leave `log` away.",
        )
    return Axis(unknown.lower, unknown.upper, log=unknown.log)


def number(found: Any, what: str) -> tuple[float | None, str]:
    """Reads an answer as a finite number; else returns None and a sentence.

    Args:
        found: what was answered.
        what: what is said to have answered it, as the beginning of the sentence.
    """
    if found is None:
        return None, f"{what} gave nothing (None); it has to give a number."
    try:
        if isinstance(found, bool | complex | str | bytes):
            raise TypeError
        size = getattr(found, "size", 1)
        value = float(found.item()) if size == 1 and hasattr(found, "item") else float(found)
    except (TypeError, ValueError, OverflowError):
        kind = type(found).__name__
        return None, f"{what} gave {short(repr(found))} ({kind}); it has to give one number."
    if not math.isfinite(value):
        return None, f"{what} gave {value}, which is no finite number."
    return value, ""


def short(text: str) -> str:
    """Returns a text on one line, cut where it is long."""
    line = " ".join(text.split())
    line = line.encode("utf-8", "replace").decode()
    return line if len(line) <= _LONGEST else f"{line[:_LONGEST]} ..."


def failed(point: Point, sentence: str, seconds: float = 0.0) -> Evaluation:
    """Returns an evaluation that came to nothing."""
    return Evaluation(point=point, failure=short(sentence), seconds=round(seconds, 6))
