"""The commands that go back to an answer: show it again, and question it."""

from __future__ import annotations

import json
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


@app.command()
def repairs(
    allow: Annotated[
        list[str] | None,
        typer.Option(
            help="What may move, by name or a word of it; may be repeated. Default: "
            "budgets, capacities, demands and their like."
        ),
    ] = None,
    forbid: Annotated[
        list[str] | None, typer.Option(help="What may not move; may be repeated.")
    ] = None,
    run: Asked = "last",
    time_limit: Annotated[float, typer.Option(help="Wall-clock seconds for one solve.")] = 60.0,
    as_json: Annotated[bool, typer.Option("--json", help="Print the repairs as JSON.")] = False,
) -> None:
    """Say what would have to change to make an infeasible problem possible, each change solved."""
    from optiwright.agent.past import open_result
    from optiwright.agent.repairs import repairs_of
    from optiwright.solver_tools.variants import Allowance

    found = repairs_of(open_result(run), allow, forbid, Allowance(time_limit_s=time_limit))
    if as_json:
        typer.echo(json.dumps([r.model_dump(mode="json") for r in found.repairs], indent=2))
    else:
        typer.echo(found.words)
    raise typer.Exit(ANSWERED if found.repairs else NOT_ANSWERED)
