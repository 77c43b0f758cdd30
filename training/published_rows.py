"""Training sets that others publish, read as rows where a user has their files.

What is known of the formats, none of which comes with a description of its fields:

- ReSocratic-29k (arXiv 2407.09887): a JSON list. Its authors' own programs write and read
  `question` and `code_solution`, null where the program did not run; `nl_solution`, steps in a form
  of their own, fits no part of a row. Confirmed by those programs, not by the file.
- OR-Instruct (ORLM, arXiv 2405.17743), the 3,000 rows that are published: JSON lines of `prompt`
  and `completion`. The prompt's frame is that of its authors' evaluation; the fields are confirmed
  by programs of others that read the file. The programs call coptpy.
- OptMATH-Train (arXiv 2502.11102): `input` and `output`. Confirmed by one program of others that
  reads the file, not by its authors. The programs call gurobipy.

Nothing is verified by reading. Their programs need solvers that are not here, PySCIPOpt apart, and
there are no formulations, so that these rows serve question to program alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from optiwright.evaluation.given_texts import json_rows
from optiwright.evaluation.problems import Finding
from optiwright.formulators.errors import UserError
from optiwright.solver_tools.written_check import strip_code
from optiwright.training.rows import TrainingRow

_FRAMED = re.compile(r"^.*?^#\s*Question:?\s*\n(.*?)(?:^#\s*Response:?\s*)?\Z", re.M | re.S)
"""The frame that ORLM's and OptMATH's prompts put around a question."""
_FENCE = "```"


@dataclass(frozen=True)
class PublishedSet:
    """A set of rows that others publish.

    Attributes:
        question: the field with the problem's text, in a prompt's frame or without one.
        answer: the field with the program, within an explanation or by itself.
        licence: as its authors state it.
    """

    name: str
    title: str
    origin: str
    licence: str
    question: str
    answer: str


PUBLISHED = {
    s.name: s
    for s in (
        PublishedSet(
            "resocratic-29k",
            "ReSocratic-29k",
            "synthetic_data/resocratic-29k.json of github.com/yangzhch6/ReSocratic",
            "Apache-2.0",
            "question",
            "code_solution",
        ),
        PublishedSet(
            "or-instruct",
            "OR-Instruct-Data-3K",
            "huggingface.co/datasets/CardinalOperations/OR-Instruct-Data-3K",
            "CC BY-NC 4.0: not for commercial use",
            "prompt",
            "completion",
        ),
        PublishedSet(
            "optmath-train",
            "OptMATH-Train",
            "huggingface.co/datasets/Aurora-Gem/OptMATH-Train",
            "not stated",
            "input",
            "output",
        ),
    )
}


def read_published(name: str, path: Path) -> Iterator[TrainingRow | Finding]:
    """Yield a published set's rows, unverified, and a finding for each that cannot be one.

    Args:
        name: of `PUBLISHED`.
        path: the file as it is published.

    Raises:
        UserError: if there is no such set or file, or it is not JSON.
    """
    if name not in PUBLISHED:
        raise UserError(
            f"there is no published set `{name}`", remedy=f"Known are {', '.join(PUBLISHED)}."
        )
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise UserError(f"it cannot be read: {error.strerror}", where=str(path)) from None
    except UnicodeDecodeError:
        raise UserError("it is not text in UTF-8", where=str(path)) from None
    if text.startswith("version https://git-lfs"):
        raise UserError(
            "this is a pointer of Git LFS and not the file",
            where=str(path),
            remedy="Fetch it by `git lfs pull`.",
        )
    return _rows(PUBLISHED[name], path, text)


def _rows(published: PublishedSet, path: Path, text: str) -> Iterator[TrainingRow | Finding]:
    for number, data in enumerate(json_rows(path, text), start=1):
        where = f"{path}, row {number}"
        if isinstance(data, Finding):
            yield Finding(where=where, what=data.what)
            continue
        found = _row(published, data)
        yield found if isinstance(found, TrainingRow) else Finding(where=where, what=found)


def _row(published: PublishedSet, data: Any) -> TrainingRow | str:
    """Return a row, or what it lacks."""
    if not isinstance(data, dict):
        return f"an object with `{published.question}` and `{published.answer}` was expected"
    question, answer = (data.get(f) or "" for f in (published.question, published.answer))
    for field, value in ((published.question, question), (published.answer, answer)):
        if not isinstance(value, str):
            return f"`{field}` is no text"
    framed = _FRAMED.match(question)
    question = (framed[1] if framed else question).strip()
    program = _program(answer)
    if not question:
        return f"`{published.question}` is missing or empty"
    if not program:
        return f"`{published.answer}` has no program"
    return TrainingRow(
        source="published",
        family=published.name,
        problem_class="",
        text=question,
        program=program,
    )


def _program(answer: str) -> str:
    """Return the program in an answer; "" where an explanation has none."""
    if _FENCE in answer or "import " in answer:
        return strip_code(answer).strip()
    return ""
