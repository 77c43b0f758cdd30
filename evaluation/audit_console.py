"""A review of labels as a person does it: at the terminal, or in a sheet that is filled in."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.markup import escape

from optiwright.evaluation.audit import GRAMMAR, Case, cases_of, drawn, judged
from optiwright.evaluation.reviews import Review, Verdict, append_reviews, read_reviews
from optiwright.evaluation.sheets import read_sheet, write_sheet
from optiwright.formulators.errors import UserError

_console = Console(highlight=False, soft_wrap=True)


def audit(paths: Sequence[Path], n: int, seed: int, reviews: Path, sheet: Path | None) -> None:
    """Draw problems of runs and take verdicts on their labels; what was judged is not asked again.

    Args:
        paths: the runs' folders.
        n: how many problems are drawn.
        seed: of the draw and of the answers' order.
        reviews: the file that keeps the verdicts.
        sheet: a file that is made, or read where it is there already; None asks at the terminal.

    Raises:
        UserError: if a run, a file or a verdict in the sheet cannot be used.
    """
    cases = cases_of(paths, seed)
    chosen = drawn(cases, n, seed)
    if sheet is not None and sheet.exists():
        _take_sheet(sheet, {key: case for key, (case, _) in cases.items()}, reviews)
    elif left := _left(chosen, reviews):
        if sheet is not None:
            _make_sheet(left, sheet)
        else:
            _ask_all(left, reviews)
    _say_where(chosen, reviews)


def _left(chosen: Sequence[Case], reviews: Path) -> list[Case]:
    known = read_reviews(reviews)
    return [case for case in chosen if case.problem.content not in known]


def _ask_all(cases: Sequence[Case], reviews: Path) -> None:
    _show(f"Judge each label: {GRAMMAR}. Ctrl-C ends; what was judged is kept.")
    try:
        for place, case in enumerate(cases, start=1):
            _show(f"\n[{place} of {len(cases)}]\n\n{case.problem.text}\n\nlabel: {case.label}")
            for letter, answer in case.answers.items():
                _show(f"{letter}: {answer}")
            _ask(case, reviews)
    except EOFError:
        _show(
            "\nThe input has ended. Without a terminal, `--sheet FILE.md` makes a file to fill in."
        )


def _ask(case: Case, reviews: Path) -> None:
    """Ask until there is a verdict; one that was given is kept even if the remark is broken off."""
    review: Review | None = None
    while True:
        try:
            review = judged(case, input("\nThe label is: "))
            break
        except UserError as error:
            _show(str(error))
    if review is None:
        return
    note = ""
    try:
        note = input("Remark, or Enter: ")
    finally:
        append_reviews(reviews, [review.model_copy(update={"note": " ".join(note.split())})])


def _make_sheet(cases: Sequence[Case], sheet: Path) -> None:
    try:
        with sheet.open("x", encoding="utf-8", newline="\n") as file:
            file.write(write_sheet(cases))
    except OSError as error:
        raise UserError(f"the sheet cannot be made: {error.strerror}", where=str(sheet)) from None
    _show(f"{sheet}: {len(cases)} problems. Fill it in and run the same command again.")


def _take_sheet(sheet: Path, cases: dict[str, Case], reviews: Path) -> None:
    try:
        text = sheet.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        raise UserError("the sheet cannot be read as text", where=str(sheet)) from None
    known = read_reviews(reviews)
    new = [r for r in read_sheet(text, cases) if known.get(r.content) != r]
    append_reviews(reviews, new)
    _show(f"{sheet}: {len(new)} new verdicts.")


def _say_where(chosen: Sequence[Case], reviews: Path) -> None:
    known = read_reviews(reviews)
    verdicts = Counter(review.verdict for review in known.values())
    counts = ", ".join(f"{verdicts[verdict]} {verdict}" for verdict in Verdict)
    left = len(_left(chosen, reviews))
    _show(f"{len(chosen) - left} of the {len(chosen)} drawn are judged.")
    _show(f"{reviews}: {counts}.")


def _show(text: str) -> None:
    _console.print(escape(text))
