"""The commands that ask what an answer hangs on: sensitivity, tornado, sweep, pareto."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from optiwright.questions_cli import AsJson, Asked

if TYPE_CHECKING:
    from optiwright.agent.plotted import Plotted

app = typer.Typer()

Save = Annotated[
    Path | None, typer.Option(help="A file for the plot (.svg), the table (.csv) or both (.json).")
]


class SenseChoice(StrEnum):
    """What is wanted of a goal."""

    MINIMIZE = "minimize"
    MAXIMIZE = "maximize"


@app.command()
def sensitivity(run: Asked = "last", as_json: AsJson = False) -> None:
    """Say what each limit is worth, what is not tight, and how far each number may go."""
    from optiwright.agent.past import open_result
    from optiwright.agent.sensitivity import analyse, formulation_of
    from optiwright.agent.sensitivity_words import sensitivity_words
    from optiwright.console import show_markdown

    result = open_result(run)
    found = analyse(result)
    if as_json:
        typer.echo(found.model_dump_json(indent=2))
    else:
        show_markdown(sensitivity_words(formulation_of(result), found))


@app.command()
def tornado(
    parameters: Annotated[
        list[str] | None,
        typer.Argument(help="Names, or entries such as demand[cafe2]; all where none is given."),
    ] = None,
    change: Annotated[float, typer.Option(help="The share by which each is changed.")] = 0.1,
    run: Asked = "last",
    save: Save = None,
    as_json: AsJson = False,
) -> None:
    """Solve again with each number a tenth less and more: which ones matter most."""
    from optiwright.agent.past import open_result
    from optiwright.sensitivity_console import show_tornado

    found = open_result(run).tornado(parameters or None, change)
    if not _given_out(found, save, as_json):
        show_tornado(found)


@app.command()
def sweep(
    parameter: Annotated[str, typer.Argument(help="A name, or an entry such as demand[cafe2].")],
    start: Annotated[float, typer.Option("--from", help="The first value.")],
    stop: Annotated[float, typer.Option("--to", help="The last value.")],
    steps: Annotated[int, typer.Option(help="How many values, both ends included.")] = 9,
    scaled: Annotated[
        bool,
        typer.Option("--scaled", help="The values are factors, on every entry of a table."),
    ] = False,
    run: Asked = "last",
    save: Save = None,
    as_json: AsJson = False,
) -> None:
    """Solve again with one number at several values: what comes out, and what switches where."""
    from optiwright.agent.past import open_result
    from optiwright.agent.sweeping import spread
    from optiwright.sensitivity_console import show_sweep

    found = open_result(run).sweep(parameter, spread(start, stop, steps), scaled=scaled)
    if not _given_out(found, save, as_json):
        show_sweep(found)


@app.command()
def pareto(
    second: Annotated[
        str | None,
        typer.Argument(help="The second goal: a definition's name or an expression."),
    ] = None,
    sense: Annotated[
        SenseChoice, typer.Option(help="Of the second goal, where it is named here.")
    ] = SenseChoice.MINIMIZE,
    n: Annotated[int, typer.Option("--n", help="Points at most, the two ends included.")] = 15,
    run: Asked = "last",
    save: Save = None,
    as_json: AsJson = False,
) -> None:
    """Show the best compromises between two goals."""
    from optiwright.agent.past import open_result
    from optiwright.sensitivity_console import show_front

    found = open_result(run).pareto(n, second, sense.value)
    if not _given_out(found, save, as_json):
        show_front(found)


def _given_out(found: Plotted, save: Path | None, as_json: bool) -> bool:
    """Save where asked; print as JSON if asked, and tell whether that was all."""
    if save is not None:
        found.save(save)
        typer.echo(f"saved: {save}", err=True)
    if as_json:
        typer.echo(found.model_dump_json(indent=2))
    return as_json
