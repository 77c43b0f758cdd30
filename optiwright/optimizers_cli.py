"""`optiwright data optimizers`: which optimizer is for what, measured.

`cli` puts it into `data_cli`'s app by `add_to`; --help imports nothing heavy.
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


def add_to(app: typer.Typer) -> None:
    """Add the command to the app of `optiwright data`."""
    app.command()(optimizers)
