"""A benchmark's problem: its text and its label, as the authors wrote it.

A label stays text: how many digits were written decides how exactly it can be meant.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Sequence
from enum import StrEnum
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, field_validator


class Plain(BaseModel):
    """Base of what is written down: frozen and closed."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", use_attribute_docstrings=True, allow_inf_nan=False
    )


class Ending(StrEnum):
    """How a problem ends, in a label or in an answer."""

    SOLVED = "solved"
    """With a point; a label with a number says so."""
    INFEASIBLE = "infeasible"
    UNBOUNDED = "unbounded"
    NO_BEST = "no best solution"
    """A label alone: infeasible or unbounded, it does not say which."""
    NO_ANSWER = "no answer"
    """An answer alone."""
    TIMED_OUT = "timed out"
    """An answer alone."""


class Quantity(Plain):
    """A quantity that is asked for by name."""

    name: str
    value: str
    """As the label writes it."""


class Label(Plain):
    """What counts as right."""

    accepted: tuple[str, ...] = ()
    """Numbers as the label writes them, or an `Ending`; any of them is right. Empty where the
    problem has no objective."""
    quantities: tuple[Quantity, ...] = ()
    """What is asked for by name, in the label's order."""
    objective_at: int | None = None
    """Which of the quantities is the objective."""
    rounded_to: float = Field(default=0.0, exclude_if=lambda unit: not unit)
    """What the problem's text wants the answer rounded to; 0 where it says nothing of that."""
    plan_instance: str = Field(default="", exclude_if=lambda text: not text)
    """Where a plan is asked for: the published instance in PDDL, on which an answer is carried out.
    The accepted number is then the least number of steps."""

    @field_validator("accepted")
    @classmethod
    def _can_be_scored(cls, accepted: tuple[str, ...]) -> tuple[str, ...]:
        for answer in accepted:
            if answer not in list(Ending):
                written_number(answer)
        return accepted


class Problem(Plain):
    """A text with its label."""

    id: str
    """Unique within a run: benchmark and number."""
    benchmark: str
    kind: str
    """The benchmark's own type or difficulty; what strata and tables go by."""
    text: str
    label: Label

    @property
    def content(self) -> str:
        """Hashes of the text and of the label: the same problem under whatever name and benchmark.

        The part before the dash is the text's alone.
        """
        named = [[q.name, q.value] for q in self.label.quantities]
        label = json.dumps([list(self.label.accepted), named])
        return f"{_hash(' '.join(self.text.split()))}-{_hash(label)}"


class Finding(Plain):
    """Something about a benchmark's data that a reader of figures should know."""

    where: str
    what: str


_ENDINGS = {
    "no best solution": Ending.NO_BEST,
    "no solution": Ending.NO_BEST,
    "no optimal solution": Ending.NO_BEST,
    "no feasible solution": Ending.INFEASIBLE,
    "infeasible": Ending.INFEASIBLE,
    "unbounded": Ending.UNBOUNDED,
    "infeasible or unbounded": Ending.NO_BEST,
}


def accepted_answers(value: Any) -> tuple[str, ...]:
    """Return a label's accepted answers: numbers as they are written, or endings.

    Args:
        value: a number, its text, a word such as "No Best Solution", or a list of those.

    Raises:
        ValueError: saying what cannot be read.
    """
    if isinstance(value, str) and value.lstrip().startswith("["):
        value = _json_list(value)
    if isinstance(value, Sequence) and not isinstance(value, str):
        found = tuple(answer for item in value for answer in accepted_answers(item))
        if not found:
            raise ValueError("the label is an empty list")
        return found
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise ValueError(f"the label {value!r} is neither a number nor a word")
    written = str(value).strip()
    return (_ENDINGS.get(written.lower().rstrip("."), "") or written_number(written),)


def written_number(written: str) -> str:
    """Return a number's text without thousands separators and currency signs.

    Raises:
        ValueError: if it is no finite number.
    """
    plain = written.strip().lstrip("$€£").replace(",", "").replace("\u2212", "-").strip()
    try:
        value = float(plain)
    except ValueError:
        raise ValueError(f"the label {written!r} is not a number") from None
    if not math.isfinite(value):
        raise ValueError(f"the label {written!r} is not finite")
    return plain


def _hash(text: str) -> str:
    """Return the first 64 bits of a text's SHA-256, in hexadecimal."""
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _json_list(text: str) -> list[Any]:
    try:
        items = json.loads(text)
    except ValueError:
        raise ValueError(f"the label {text!r} is no list") from None
    assert isinstance(items, list)
    return items
