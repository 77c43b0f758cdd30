"""A review sheet: the drawn problems in a Markdown file, whose verdicts are filled in and read."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from optiwright.evaluation.audit import GRAMMAR, Case, judged
from optiwright.evaluation.reviews import Review
from optiwright.formulators.errors import UserError

_TITLE = "# Labels to judge"
_CASE = re.compile(r"## Case ([0-9a-f]{16}-[0-9a-f]{16})\s*")
_ANSWER = re.compile(r"- ([A-Z]{1,2}): (.*)")
_FIELD = re.compile(r"(Verdict|Note):(.*)")


@dataclass
class _Entry:
    """What stands under one case's heading."""

    content: str
    answers: dict[str, str] = field(default_factory=dict)
    verdict: str = ""
    line: int = 0
    """Of the verdict."""
    note: list[str] = field(default_factory=list)


def write_sheet(cases: Iterable[Case]) -> str:
    """Write cases as a sheet; whatever a text holds stands behind `> ` and is never read back."""
    return "\n".join([_TITLE, "", *_instructions(), *(line for c in cases for line in _lines(c))])


def read_sheet(sheet: str, cases: Mapping[str, Case]) -> list[Review]:
    """Read the verdicts that were filled in.

    Args:
        sheet: the text.
        cases: those that may stand in it, by content.

    Raises:
        UserError: if it is no sheet, names another problem, or holds what is no verdict.
    """
    lines = sheet.removeprefix("\ufeff").splitlines()
    if not lines or lines[0].strip() != _TITLE:
        raise UserError("the file is no review sheet", remedy="Name a new file to have one made.")
    reviews = [_review(entry, cases) for entry in _entries(lines)]
    return [review for review in reviews if review is not None]


def _instructions() -> Iterator[str]:
    yield f"Is each label right? Behind `Verdict:` write {GRAMMAR}."
    yield "Behind `Note:` there is room for a remark. What is left empty is asked again."
    yield "Then run the same command again: it reads the verdicts."
    yield ""


def _lines(case: Case) -> Iterator[str]:
    yield from (f"## Case {case.problem.content}", "")
    yield from (f"> {line}" for line in case.problem.text.splitlines())
    yield from ("", f"- label: {case.label}")
    yield from (f"- {letter}: {answer}" for letter, answer in case.answers.items())
    yield from ("", "Verdict:", "Note:", "")


def _entries(lines: Iterable[str]) -> Iterator[_Entry]:
    entry: _Entry | None = None
    for number, line in enumerate(lines, start=1):
        heading = _CASE.fullmatch(line)
        if heading:
            if entry is not None:
                yield entry
            entry = _Entry(heading[1])
        elif entry is not None:
            _take(entry, line, number)
    if entry is not None:
        yield entry


def _take(entry: _Entry, line: str, number: int) -> None:
    """Read one line under a case; those of the text, and what nobody asked for, say nothing."""
    answer, filled = _ANSWER.fullmatch(line), _FIELD.fullmatch(line)
    if filled and filled[1] == "Verdict":
        entry.verdict, entry.line = filled[2], number
    elif filled or entry.note:
        entry.note.append(filled[2] if filled else line)
    elif answer:
        entry.answers[answer[1]] = answer[2]


def _review(entry: _Entry, cases: Mapping[str, Case]) -> Review | None:
    case = cases.get(entry.content)
    if case is None:
        raise UserError(f"case {entry.content} is of none of these runs", where="the sheet")
    shown = replace(case, answers=entry.answers)
    try:
        return judged(shown, entry.verdict, " ".join(entry.note))
    except UserError as error:
        raise UserError(error.what, where=f"line {entry.line}", remedy=error.remedy) from None
