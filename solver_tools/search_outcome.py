"""What a search of a black box came to: plain data."""

from __future__ import annotations

from enum import StrEnum
from typing import Literal

from pydantic import BaseModel, ConfigDict


class Plain(BaseModel):
    """Base of what is handed on: frozen and closed."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", use_attribute_docstrings=True, allow_inf_nan=False
    )


class Traits(Plain):
    """What is known of a black box, from its source or from a few evaluations."""

    dimension: int
    kinds: tuple[str, ...]
    """Which kinds of unknowns it has: real, whole, one_of."""
    differentiable: bool | None = None
    """By automatic differentiation of its source; None: not known."""
    convex: bool | None = None
    """Only where it is shown, or contradicted by points."""
    separable: bool | None = None
    noisy: bool | None = None
    noise: float = 0.0
    """Standard deviation of repeated values, relative to the spread between points."""
    seconds: float = 0.0
    """One evaluation takes this long, the median of those made."""
    constrained: bool = False
    modality: Literal["one", "many", "unknown"] = "unknown"
    """How many valleys it has: `many` where a line between two points had several."""
    conditioning: Literal["low", "high", "unknown"] = "unknown"
    """How unevenly it bends."""
    notes: tuple[str, ...] = ()
    """How each was found out, a sentence each."""


class SearchStatus(StrEnum):
    """How a search ended."""

    FOUND = "found"
    """A point that meets every constraint, evaluated again."""
    NO_POINT = "no point"
    """No point that was evaluated meets every constraint."""
    FAILED = "failed"
    """The function could not be evaluated."""


class Stage(Plain):
    """One optimizer's part of a search."""

    optimizer: str
    reason: str
    """Why it was chosen, or took over."""
    evaluations: int
    best: float | None = None


class TracePoint(Plain):
    """An evaluation that was the best so far."""

    evaluation: int
    value: float


class SearchOutcome(Plain):
    """The best point found, and how."""

    status: SearchStatus
    point: tuple[float | int | str, ...] = ()
    """In the order of the unknowns."""
    value: float | None = None
    """Evaluated again at the end; the mean of repeats where the function is noisy."""
    repeats: tuple[float, ...] = ()
    """The values of those last evaluations."""
    constraints: tuple[float, ...] = ()
    """Their values at the point, at most zero where they are met."""
    evaluations: int = 0
    failures: int = 0
    """Evaluations that raised, timed out or were no number."""
    cached: int = 0
    """Evaluations that an earlier search had paid for."""
    stages: tuple[Stage, ...] = ()
    trace: tuple[TracePoint, ...] = ()
    traits: Traits | None = None
    program: str = ""
    """The optimizer's code, as it ran in the sandbox."""
    sureness: str = ""
    """How sure it is that nothing much better is there, in a sentence, and why."""
    message: str = ""
    seconds: float = 0.0
