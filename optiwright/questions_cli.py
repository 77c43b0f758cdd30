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


Question = Annotated[str, typer.Argument(help="The question, in plain words.")]
Model = Annotated[
    str | None,
    typer.Option(help="As for `optiwright solve`; asked only where the words are not plain."),
]
BaseUrl = Annotated[str | None, typer.Option(help="As for `optiwright solve`.")]
Solver = Annotated[str | None, typer.Option(help="A solver's name.")]
TimeLimit = Annotated[float, typer.Option(help="Wall-clock seconds for one solve.")]
Seed = Annotated[int, typer.Option(help="Everything random derives from it.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print the answer as JSON and nothing else.")]


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
def whatif(
    question: Question,
    run: Asked = "last",
    keep: Annotated[
        bool,
        typer.Option("--keep", help="Make it the current answer, which later questions are about."),
    ] = False,
    model: Model = None,
    base_url: BaseUrl = None,
    solver: Solver = None,
    time_limit: TimeLimit = 60.0,
    seed: Seed = 0,
    as_json: AsJson = False,
) -> None:
    """Answer what would be otherwise: the change first, then the old and the new answer."""
    from optiwright.agent.history import History
    from optiwright.agent.loop import wait
    from optiwright.agent.options import Options
    from optiwright.agent.past import open_result
    from optiwright.agent.what_if import answer_what_if
    from optiwright.console import show_difference, show_what_if

    options = Options(
        model=model, base_url=base_url, solver=solver, time_limit_s=time_limit, seed=seed
    )
    shown = None if as_json else show_difference
    answer = wait(answer_what_if(open_result(run), question, options, on_difference=shown))
    if keep:
        History.of(answer.result).turn(answer.revision)
    show_what_if(answer, as_json=as_json, kept=keep)
    raise typer.Exit(ANSWERED if answer.result.level.answered else NOT_ANSWERED)


@app.command()
def why(
    question: Question,
    run: Asked = "last",
    model: Model = None,
    base_url: BaseUrl = None,
    solver: Solver = None,
    time_limit: TimeLimit = 60.0,
    seed: Seed = 0,
    as_json: AsJson = False,
) -> None:
    """Answer why a decision is as it is, or why not otherwise: its opposite is solved."""
    from optiwright.agent.loop import wait
    from optiwright.agent.options import Options
    from optiwright.agent.past import open_result
    from optiwright.agent.why import answer_why
    from optiwright.console import show_difference, show_why

    options = Options(
        model=model, base_url=base_url, solver=solver, time_limit_s=time_limit, seed=seed
    )
    shown = None if as_json else show_difference
    show_why(
        wait(answer_why(open_result(run), question, options, on_difference=shown)),
        as_json=as_json,
    )


@app.command()
def history(run: Asked = "last", as_json: AsJson = False) -> None:
    """Show the revisions of an answer, each under the one that it changes."""
    from optiwright.agent.past import open_result
    from optiwright.console import show_history

    show_history(open_result(run).history, as_json=as_json)


@app.command()
def undo(run: Asked = "last") -> None:
    """Take back the current revision of an answer; nothing is deleted."""
    from optiwright.agent.past import open_result
    from optiwright.console import show_undone

    revisions = open_result(run).history
    show_undone(revisions.undo(), revisions)
