"""Labels that somebody read the text for and judged: the verdicts, and the file that keeps them.

A verdict names its problem by hashes of text and label, so that it holds for the same problem in
another file or benchmark, and no benchmark's text stands in it.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from enum import StrEnum
from importlib.resources import as_file, files
from pathlib import Path
from typing import Literal, Self

from pydantic import model_validator

from optiwright.agent.places import data_dir
from optiwright.evaluation.claims import Claim
from optiwright.evaluation.frames import Row
from optiwright.evaluation.lines import append_line, open_lines, read_lines
from optiwright.evaluation.measures import main_verdict
from optiwright.evaluation.problems import Ending, Label, Plain
from optiwright.evaluation.scorers import strict
from optiwright.formulators.errors import UserError

_SHIPPED = "reviewed_labels.jsonl"


class Verdict(StrEnum):
    """What a reviewer says of a label."""

    RIGHT = "right"
    WRONG = "wrong"
    AMBIGUOUS = "ambiguous"
    """The text has several readings with different answers, or lacks data."""


class Review(Plain):
    """One problem's label, judged."""

    schema_version: Literal[1] = 1
    content: str
    """The problem's `content`: hashes of text and label."""
    problem: str
    """Its id where it was reviewed, for people."""
    verdict: Verdict
    correct: tuple[str, ...] = ()
    """What is right, as a label's `accepted`, where the label is wrong."""
    note: str = ""

    @model_validator(mode="after")
    def _corrected_where_wrong(self) -> Self:
        if bool(self.correct) is not (self.verdict is Verdict.WRONG):
            raise ValueError("what is right is said where the label is wrong, and only there")
        Label(accepted=self.correct)
        return self

    def __str__(self) -> str:
        """Return the verdict in words."""
        right = f", right is {' or '.join(self.correct)}" if self.correct else ""
        return f"{self.verdict}{right}" + (f" ({self.note})" if self.note else "")


def reviews_file() -> Path:
    """The file of the user's own reviews."""
    return data_dir() / "reviews.jsonl"


def read_reviews(path: Path) -> dict[str, Review]:
    """Read reviews by their problem's content, the latest of each; none if there is no file.

    Raises:
        UserError: if the file cannot be read or a line is no review.
    """
    if not path.exists():
        return {}
    try:
        return {review.content: review for review in read_lines(path, Review, "review")}
    except OSError as error:
        raise _unusable(path, error) from None


def shipped_reviews() -> dict[str, Review]:
    """Return the reviews that come with the package; docs/labels.md says how they came about."""
    with as_file(files("optiwright.evaluation") / _SHIPPED) as path:
        return read_reviews(path)


def known_reviews(path: Path | None = None) -> dict[str, Review]:
    """Return the shipped reviews and, before them, the user's own.

    Args:
        path: of the user's own; None takes the usual place.

    Raises:
        UserError: as `read_reviews`, or if a file was named and is not there.
    """
    if path is not None and not path.exists():
        raise UserError("there is no file of reviews", where=str(path))
    return shipped_reviews() | read_reviews(path or reviews_file())


def append_reviews(path: Path, reviews: Iterable[Review]) -> None:
    """Append reviews to a file, which is made where it is missing; each is kept at once.

    Raises:
        UserError: if the file cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        file = open_lines(path)
    except OSError as error:
        raise _unusable(path, error) from None
    try:
        for review in reviews:
            append_line(file, review)
    finally:
        os.close(file)


def reviewed_verdict(row: Row, reviews: Mapping[str, Review]) -> bool | None:
    """Return whether an answer is right by its reviewed label.

    None where the label was not reviewed or is ambiguous.
    """
    review = reviews.get(row.content)
    if review is None or review.verdict is Verdict.AMBIGUOUS:
        return None
    if review.verdict is Verdict.RIGHT:
        return main_verdict(row)
    claim = Claim(ending=Ending(row.ending), objective=row.objective)
    return strict(Label(accepted=review.correct), claim)


def _unusable(path: Path, error: OSError) -> UserError:
    return UserError(f"the reviews cannot be kept there: {error.strerror}", where=str(path))
