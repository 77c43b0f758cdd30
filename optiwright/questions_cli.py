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


AsJson = Annotated[bool, typer.Option("--json", help="Print it as JSON and nothing else.")]
TimeLimit = Annotated[float, typer.Option(help="Wall-clock seconds for one solve.")]


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


@app.command()
def prove(
    run: Asked = "last",
    exact: Annotated[
        bool,
        typer.Option("--exact", help="Confirm a small linear answer in exact fractions too."),
    ] = False,
    second_solver: Annotated[
        str | None,
        typer.Option(help="Ask a second solver too: its name, such as SCIP, or `any`."),
    ] = None,
    time_limit: TimeLimit = 60.0,
    as_json: AsJson = False,
) -> None:
    """Show what proves an answer to be the best one to its model."""
    from optiwright.agent.past import open_result
    from optiwright.console import show_markdown

    proof = open_result(run).proof(exact, second_solver or False, time_limit)
    if as_json:
        typer.echo(proof.to_json())
    else:
        show_markdown("Proof", proof.to_markdown())
    raise typer.Exit(ANSWERED if proof.holds else NOT_ANSWERED)
