"""What became of a row that was verified, as data."""

from __future__ import annotations

import hashlib
from enum import StrEnum
from typing import Literal

from pydantic import BaseModel, ConfigDict

from optiwright.training.rows import AskedValue, TrainingRow
from optiwright.training.short_program import reported_names

RULES = 1
"""Counts up when a rule changes, so that earlier verdicts no longer hold."""


class Reason(StrEnum):
    """Why a row is kept, or is not."""

    AGREED = "agreed"
    """Every form has the same proved optimum: the one reason to keep a row."""
    ONE_WAY = "one way only"
    """It has no formulation or no program, so that nothing can be compared."""
    UNREADABLE = "formulation unreadable"
    """A formulation cannot be read, lifted or compiled."""
    UNTOLD_NUMBER = "number not in the text"
    TIMED_OUT = "timed out"
    NO_OPTIMUM = "no finite optimum"
    NOT_PROVED = "not proved optimal"
    NOTHING_DONE = "best to do nothing"
    """The optimum is zero, with every decision at zero."""
    IDLE_DECISION = "decision without effect"
    FORMS_DIFFER = "formulations differ"
    LABEL_DIFFERS = "own optimum differs"
    PROGRAM_FAILED = "program failed"
    PROGRAM_DIFFERS = "program differs"
    NOT_JUDGED = "not judged"
    """A worker broke down under it: no fault of the row, and looked at again the next time."""


class RowVerdict(BaseModel):
    """What became of a row."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", use_attribute_docstrings=True, allow_inf_nan=False
    )

    row: str
    """Its id."""
    content: str
    """`content_of` it, by which a verdict is found again."""
    reason: Reason
    detail: str = ""
    formulated: float | None = None
    """The optimum by the formulation."""
    programmed: float | None = None
    """The value by the program."""
    sense: Literal["minimize", "maximize", ""] = ""
    problem_class: str = ""
    """Of the compiled program; "" where it came to none."""
    reported: dict[str, float] = {}
    """What the program reports, by name."""
    seconds: float = 0.0
    """Wall-clock time for all of the row."""
    limit_s: float
    """What each solve was allowed."""
    rules: int = RULES

    @property
    def kept(self) -> bool:
        """Whether the row is right as far as can be shown."""
        return self.reason is Reason.AGREED

    def settled(self, limit_s: float) -> bool:
        """Tell whether the row need not be looked at again with that time limit."""
        if self.rules != RULES or self.reason is Reason.NOT_JUDGED:
            return False
        return self.reason is not Reason.TIMED_OUT or limit_s <= self.limit_s


def content_of(row: TrainingRow) -> str:
    """Return a hash of all that a verdict rests on; an id may be given and says less."""
    parts = (row.text, row.script, row.indexed, row.program, repr(row.optimum), row.sense)
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()[:16]


def marked(row: TrainingRow, verdict: RowVerdict) -> TrainingRow:
    """Return a row that was kept as verified, with what it left open of its answer."""
    names = reported_names(row.asked)
    values = (verdict.reported.get(name) for name in names)
    asked = tuple(
        a if a.value is not None else a.model_copy(update={"value": _asked(a, value, verdict)})
        for a, value in zip(row.asked, values, strict=True)
    )
    return row.model_copy(
        update={
            "verified": True,
            "asked": asked,
            "optimum": verdict.formulated if row.optimum is None else row.optimum,
            "sense": row.sense or verdict.sense,
            "problem_class": row.problem_class or verdict.problem_class,
        }
    )


def _asked(asked: AskedValue, reported: float | None, verdict: RowVerdict) -> float | None:
    return verdict.formulated if asked.expression == "objective" else reported
