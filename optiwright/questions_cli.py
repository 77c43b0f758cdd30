"""The commands that go back to an answer: show it again, and question it."""

from __future__ import annotations

from typing import Annotated

import typer

ANSWERED, NOT_ANSWERED = 0, 1

app = typer.Typer()

Asked = Annotated[
    str,
    typer.Option(
        "--run",
        help="Which answer: `last`, a run's id or its beginning, a folder of --save, a "
        "result.json, or a formulation.json, which is solved first.",
    ),
]


@app.command()
def runs(
    n: Annotated[int, typer.Option("--n", help="How many to list, the newest first.")] = 20,
) -> None:
    """List earlier runs, the newest first."""
    from optiwright.agent.past import open_result, past_runs
    from optiwright.console import show_runs

    show_runs([(folder.name, open_result(folder)) for folder in past_runs()[:n]])


@app.command()
def show(run: Asked = "last") -> None:
    """Show an earlier answer again."""
    from optiwright.agent.past import open_result
    from optiwright.console import show_result

    result = open_result(run)
    show_result(result, code=False)
    raise typer.Exit(ANSWERED if result.level.answered else NOT_ANSWERED)
