"""What-if questions as their authors publish them: a file of questions for each base problem."""

from __future__ import annotations

from pathlib import Path

from optiwright.evaluation.layouts import KINDS, Read, Row, each_row, first_of, text_of
from optiwright.evaluation.problems import Finding, Label, Problem, accepted_answers
from optiwright.formulators.errors import UserError

_QUESTION = "\n\nQuestion: "
"""Stands between a base problem's text and a what-if question."""


def read_what_if(path: Path, benchmark: str) -> Read:
    """Read OptiGuide's layout: a file of questions for each base, its problem in words beside it.

    Raises:
        UserError: if the folder has no file of questions.
    """
    files = sorted(path.glob("*.json")) if path.is_dir() else []
    if not files:
        raise UserError(
            "the folder holds no what-if questions",
            where=str(path),
            remedy="It needs NAME.json with rows of question, type and gt_exec_result, and the "
            "base problem in words as NAME.md.",
        )
    for file in files:
        if not file.with_suffix(".md").is_file():
            yield Finding(
                where=file.name, what=f"the base problem's text {file.stem}.md is missing"
            )
            continue
        yield from each_row(file, benchmark, _what_if_row)


def split_question(problem: Problem) -> tuple[str, str]:
    """Return the base problem's text and the question about it.

    Raises:
        UserError: if the problem is no what-if question.
    """
    base, found, question = problem.text.rpartition(_QUESTION)
    if not found:
        raise UserError(
            "this problem is no question about a base problem",
            where=problem.id,
            remedy="The methods whatif and whatif-given are for the benchmark whatif.",
        )
    return base, question


def _what_if_row(row: Row, benchmark: str, number: int, path: Path) -> Problem:
    """Read {question, type, gt_exec_result}; an infeasible one names its conflict below."""
    answer = row.get("gt_exec_result")
    if isinstance(answer, str):
        answer = answer.partition("\n")[0]
    return Problem(
        id=f"{benchmark}-{path.stem}-{number}",
        benchmark=benchmark,
        kind=str(first_of(row, KINDS, path.stem)),
        text=path.with_suffix(".md").read_text("utf-8").strip() + _QUESTION + text_of(row),
        label=Label(accepted=accepted_answers(answer)),
    )
