"""`optiwright data optimizers|optimizer-rows`: which optimizer is for what; rows of that.

`cli` puts them into `data_cli`'s app by `add_to`; --help imports nothing heavy.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from optiwright.evaluation.optimizer_runs import OptimizerRun

INTERRUPTED = 130
_RUNS = "optimizer-runs.jsonl"


def optimizers(
    minutes: Annotated[
        float, typer.Option(help="Wall-clock minutes; 0 makes the table alone.", min=0)
    ] = 20.0,
    seed: Annotated[int, typer.Option(help="Of the first round's functions.", min=0)] = 0,
    out: Annotated[
        Path | None, typer.Option(help="The file of runs, .jsonl. Default: in your data's folder.")
    ] = None,
    table: Annotated[
        Path | None, typer.Option(help="The file for the table, .json. Default: beside the runs.")
    ] = None,
) -> None:
    """Run the pool of optimizers on functions whose lowest value is known, and sum up.

    The same command goes on where it was stopped: a line a run, appended and never changed.
    """
    from rich.console import Console

    from optiwright.evaluation.optimizer_runs import measure, read_optimizer_runs
    from optiwright.evaluation.optimizer_table import optimizer_table, write_table
    from optiwright.training.row_files import training_dir, writing

    runs = out or training_dir() / _RUNS
    table = table or runs.with_suffix(".table.json")
    console = Console(stderr=True, highlight=False)
    try:
        with console.status("measuring") as status, writing(runs):

            def told(run: OptimizerRun, done: int) -> None:
                last = f"{run.optimizer} on {run.function}: {run.log_gap:.1f}"
                status.update(f"{done:,} runs; {last}")

            count = measure(runs, seed=seed, minutes=minutes, on_run=told)
    except KeyboardInterrupt:
        typer.echo("optiwright: interrupted; the same command goes on from here", err=True)
        raise typer.Exit(INTERRUPTED) from None
    made_by = f"optiwright data optimizers --seed {seed}"
    with writing(table):
        write_table(table, optimizer_table(read_optimizer_runs(runs), made_by, seed))
    typer.echo(f"{count:,} runs in {runs}")
    typer.echo(f"table in {table}")


def optimizer_rows(
    runs: Annotated[Path, typer.Argument(help="The file of runs, .jsonl.")],
    out: Annotated[
        Path | None,
        typer.Option(help="The file to write, .jsonl or .parquet. Default: in your data's folder."),
    ] = None,
) -> None:
    """Make rows of runs: a function, and a program with the optimizer that did best on it."""
    from collections import Counter

    from optiwright.evaluation.optimizer_runs import read_optimizer_runs
    from optiwright.formulators.errors import UserError
    from optiwright.training.optimizer_rows import optimizer_rows as rows_of
    from optiwright.training.row_files import JSONL, check_ending, training_dir, write_rows

    if not runs.is_file():
        raise UserError("there are no runs", where=str(runs), remedy="Make them: data optimizers.")
    out = out or training_dir() / f"{runs.stem}-rows{JSONL}"
    check_ending(out)
    rows = list(rows_of(read_optimizer_runs(runs)))
    counted = Counter(row.optimizer for row in rows)
    typer.echo(f"{write_rows(out, rows):,} rows in {out}")
    typer.echo(", ".join(f"{name} {count:,}" for name, count in counted.most_common()))


def add_to(app: typer.Typer) -> None:
    """Add the commands to the app of `optiwright data`."""
    app.command()(optimizers)
    app.command()(optimizer_rows)
