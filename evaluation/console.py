"""What `optiwright eval` shows: progress on standard error, results on standard output."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from pathlib import Path
from typing import Self

from rich.console import Console
from rich.markup import escape

from optiwright.evaluation.api import Prepared, evaluations_dir
from optiwright.evaluation.asked import asked_figures
from optiwright.evaluation.baselines import METHODS
from optiwright.evaluation.black_box_measures import black_box_figures
from optiwright.evaluation.black_box_run import SINGLE
from optiwright.evaluation.catalogue import (
    BENCHMARKS,
    Benchmark,
    data_folder,
    fetchable,
    place_of,
)
from optiwright.evaluation.frames import Row, row_of
from optiwright.evaluation.planning_figures import plan_figures
from optiwright.evaluation.prices import read_price
from optiwright.evaluation.problems import Finding
from optiwright.evaluation.records import SETTINGS, read_records, read_settings
from optiwright.evaluation.tally import Tally, tally_of
from optiwright.formulators.errors import UserError

_FINDINGS_SHOWN = 5


class Live:
    """A line a record, and where there is a terminal a line below that says where the run stands.

    Args:
        prepared: the evaluation.
    """

    def __init__(self, prepared: Prepared) -> None:
        self.tally = Tally(prepared.total, prepared.price)
        self._folder = prepared.folder
        self._console = Console(stderr=True, highlight=False)
        self._status = self._console.status("waiting for the first answer")

    def __enter__(self) -> Self:
        self._console.print(f"[dim]{escape(str(self._folder))}[/dim]", soft_wrap=True)
        self._status.start()  # shows nothing where there is no terminal
        return self

    def __exit__(self, *_: object) -> None:
        self._status.stop()

    def add(self, row: Row, before: bool) -> None:
        """Show one record; those of an earlier run count and are not shown again."""
        self.tally.add(row, before)
        if not before:
            self._console.print(f"{_line(row)}  [dim]{self.tally.line()}[/dim]", soft_wrap=True)
        self._status.update(f"{self.tally.line()}\n{escape(self.tally.by_kind())}")

    def say(self, text: str) -> None:
        """Show where a batch stands."""
        self._console.print(f"[dim]{escape(text)}[/dim]", soft_wrap=True)
        self._status.update(escape(text))


def found_runs(names: Sequence[str], root: Path | None) -> list[Path]:
    """Return the folders of runs that are given as paths, or by name below the evaluations' folder.

    Raises:
        UserError: if there is no such run.
    """
    return [_found(name, root or evaluations_dir()) for name in names]


def _found(name: str, root: Path) -> Path:
    for path in (Path(name), root / name):
        if (path / SETTINGS).is_file():
            return path
    known = sorted(p.parent.name for p in root.glob(f"*/{SETTINGS}"))
    raise UserError(
        f"there is no run {name!r}",
        where=str(root),
        remedy=f"There are: {', '.join(known) or 'none'}.",
    )


def show_findings(findings: Sequence[Finding]) -> None:
    """Print what is wrong with a benchmark's data; the records' folder has all of it."""
    console = Console(stderr=True, highlight=False, soft_wrap=True)
    for finding in findings[:_FINDINGS_SHOWN]:
        console.print(f"[dim]{escape(f'{finding.where}: {finding.what}')}[/dim]")
    if len(findings) > _FINDINGS_SHOWN:
        more = len(findings) - _FINDINGS_SHOWN
        console.print(f"[dim]... and {more} more findings about the data[/dim]")


def show_summary(folder: Path) -> None:
    """Print a run's figures."""
    settings = read_settings(folder)
    rows = list(map(row_of, read_records(folder)))
    tally = tally_of(rows, read_price(folder))
    console = Console(highlight=False, soft_wrap=True)
    console.print(escape(f"{settings.benchmark}, {settings.method}, {settings.model}"))
    for scorer, count in tally.scores.items():
        if count.total:
            console.print(f"  {scorer:<20} {count}")
    for what, figure in (*asked_figures(rows), *black_box_figures(read_records(folder))):
        console.print(escape(f"  {what}: {figure}"))
    console.print(escape(f"  by type: {tally.by_kind()}"))
    for task, held, optimal in plan_figures(rows):
        console.print(escape(f"  {task}: plan holds {held}; optimal {optimal}"))
    console.print(f"  {tally.spent}")
    console.print(escape(str(folder)))


def show_benchmarks(data: Path | None) -> None:
    """List the benchmarks, three short lines each, and the methods."""
    console = Console(highlight=False, soft_wrap=True)
    for benchmark in BENCHMARKS.values():
        size = f", {benchmark.size} problems" if benchmark.size is not None else ""
        console.print(f"[bold]{benchmark.name}[/bold] ({_where(benchmark, data)})")
        console.print(escape(f"  {benchmark.title}{size}"))
        console.print(escape(f"  {benchmark.origin}; licence: {benchmark.licence}"))
    console.print(escape(f"\nFiles are looked for in {data_folder(data)}.\n"))
    alone = [name for name in METHODS if name.startswith(SINGLE)]
    for method in METHODS.values():
        if method.name not in alone:
            console.print(escape(f"--method {method.name:<15} {method.title}"))
    console.print(f"--method {SINGLE + 'NAME':<15} blackbox: one optimizer alone; NAME is one of")
    names = ", ".join(name.removeprefix(SINGLE) for name in alone)
    console.print(textwrap.indent(textwrap.fill(names, 78, break_on_hyphens=False), "  "))


def _where(benchmark: Benchmark, data: Path | None) -> str:
    if place_of(benchmark, data) is not None:
        return "here"
    if fetchable(benchmark, data) is not None:
        return "fetched on first use"
    return "not here"


def _line(row: Row) -> str:
    verdict = row.right("strict")
    verdict = row.right("optibench") if verdict is None else verdict
    mark = "[green]right[/green]" if verdict else "[red]wrong[/red]"
    found = row.ending if row.objective is None else f"{row.objective:.8g}"
    return f"{escape(row.key)} {mark} {escape(f'{found} ({row.label})')} {row.level}"
