"""Files of rows verified, resumably: verdicts lie beside the output, so that none is paid twice.

The file of verdicts is appended to as they come and outlives a kill; the output is written at the
end, whole, from the rows and the verdicts.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

from optiwright.evaluation.lines import append_line, open_lines, read_lines
from optiwright.solver_tools.pool import Pool
from optiwright.training.row_files import check_ending, require_none_lost, write_rows, writing
from optiwright.training.row_verdicts import RowVerdict, content_of, marked
from optiwright.training.rows import TrainingRow
from optiwright.training.verifying_rows import Care, verify

OnVerdict = Callable[[RowVerdict, bool, int], None]
"""Called with each verdict, whether it was there before, and how many there will be."""

Rows = Callable[[], Iterator[TrainingRow]]
"""Yields the same rows each time that it is called."""


def verdicts_file(out: Path) -> Path:
    """Return where the verdicts of an output lie."""
    return out.with_name(f"{out.name}.verdicts.jsonl")


def read_verdicts(out: Path) -> dict[str, RowVerdict]:
    """Return the verdicts beside an output by `content_of` a row; the later of two counts.

    Raises:
        UserError: if a line is no verdict.
    """
    path = verdicts_file(out)
    if not path.is_file():
        return {}
    return {verdict.content: verdict for verdict in read_lines(path, RowVerdict, "verdict")}


def verify_rows(
    rows: Rows, out: Path, pool: Pool, care: Care, on_verdict: OnVerdict | None = None
) -> int:
    """Verify rows and write those that are kept, each once; return how many.

    Rows that have a verdict beside the output, from a run that was broken off, are not looked at
    again.

    Raises:
        UserError: if the output's name does not end as a file of rows does, the rows cannot all be
            had, or a file of other rows is there, before anything is solved; if a file cannot be
            written.
    """
    check_ending(out)
    total = len({content_of(row) for row in rows()})
    require_none_lost(out, rows())
    with writing(out):
        out.parent.mkdir(parents=True, exist_ok=True)
        verdicts = read_verdicts(out)
        file = open_lines(verdicts_file(out))

    def tell(verdict: RowVerdict, before: bool) -> None:
        if on_verdict is not None:
            on_verdict(verdict, before, total)

    try:
        for verdict in verify(_unsettled(rows, verdicts, care, tell), pool, care):
            with writing(verdicts_file(out)):
                append_line(file, verdict)
            verdicts[verdict.content] = verdict
            tell(verdict, False)
    finally:
        os.close(file)
    return write_rows(out, _kept(rows, verdicts))


def _unsettled(
    rows: Rows,
    verdicts: dict[str, RowVerdict],
    care: Care,
    tell: Callable[[RowVerdict, bool], None],
) -> Iterator[TrainingRow]:
    """Yield the rows that have no verdict yet, each once."""
    seen = set()
    for row in rows():
        content = content_of(row)
        if content in seen:
            continue
        seen.add(content)
        before = verdicts.get(content)
        if before is not None and before.settled(care.time_limit_s):
            tell(before, True)
        else:
            yield row


def _kept(rows: Rows, verdicts: dict[str, RowVerdict]) -> Iterator[TrainingRow]:
    seen = set()
    for row in rows():
        content = content_of(row)
        if verdicts[content].kept and content not in seen:
            yield marked(row, verdicts[content])
        seen.add(content)
