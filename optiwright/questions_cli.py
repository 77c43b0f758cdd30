"""The commands that go back to an answer: show it again, and question it."""

from __future__ import annotations

import json
from collections.abc import Callable, Coroutine
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, TypeVar

import typer

ANSWERED, NOT_ANSWERED = 0, 1
A = TypeVar("A")

app = typer.Typer()

Asked = Annotated[
    str,
    typer.Option(
        "--run",
        help="Which answer: `last`, a run's id or its beginning, a folder of --save, a "
        "result.json, or a formulation.json, which is solved first.",
    ),
]

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON and nothing else.")]


class LibraryOf(StrEnum):
    """What an exported program is written in."""

    PYOMO = "pyomo"
    CVXPY = "cvxpy"
    HIGHSPY = "highspy"
    CP_SAT = "cp-sat"


Question = Annotated[str, typer.Argument(help="The question, in plain words.")]
Model = Annotated[
    str | None,
    typer.Option(help="As for `optiwright solve`; asked only where the words are not plain."),
]
BaseUrl = Annotated[str | None, typer.Option(help="As for `optiwright solve`.")]
Solver = Annotated[str | None, typer.Option(help="A solver's name.")]
TimeLimit = Annotated[float, typer.Option(help="Wall-clock seconds for one solve.")]
Seed = Annotated[int, typer.Option(help="Everything random derives from it.")]


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
def explain(run: Asked = "last", as_json: AsJson = False) -> None:
    """Explain an answer: what to do, what limits it, what was assumed, how sure it is and why."""
    from optiwright.agent.explanation import explanation_of
    from optiwright.agent.past import open_result
    from optiwright.console import show_markdown

    result = open_result(run)
    explained = explanation_of(result)
    if as_json:
        typer.echo(explained.model_dump_json(indent=2))
    else:
        show_markdown(explained.markdown)
    raise typer.Exit(ANSWERED if result.level.answered else NOT_ANSWERED)


@app.command()
def export(
    file: Annotated[
        Path,
        typer.Argument(
            help="Where to write; the suffix says what: .lp .mps .py .ipynb .tex .md .html .xlsx "
            ".csv .json .formulation.json"
        ),
    ],
    run: Asked = "last",
    library: Annotated[
        LibraryOf, typer.Option("--as", help="What a .py or .ipynb is written in.")
    ] = LibraryOf.PYOMO,
    table: Annotated[
        str | None, typer.Option(help="Of a .csv: one decision's table, keyed as the data were.")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace a file that is there.")] = False,
    as_json: AsJson = False,
) -> None:
    """Write an answer to a file: a solver's format, a program, a notebook, a document, a table."""
    from optiwright.agent.exporting import format_of
    from optiwright.agent.past import open_result

    form = format_of(file)
    path = open_result(run).export(file, library=library.value, table=table, overwrite=force)
    if as_json:
        typer.echo(json.dumps({"file": str(path), "what": form.what}))
    else:
        typer.echo(f"{path}: {form.what}, {path.stat().st_size:,} bytes")


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
    from optiwright.agent.what_if import answer_what_if
    from optiwright.console import show_what_if

    answer = _answered(
        answer_what_if, question, run, as_json,
        model=model, base_url=base_url, solver=solver, time_limit_s=time_limit, seed=seed,
    )  # fmt: skip
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
    from optiwright.agent.why import answer_why
    from optiwright.console import show_why

    answer = _answered(
        answer_why, question, run, as_json,
        model=model, base_url=base_url, solver=solver, time_limit_s=time_limit, seed=seed,
    )  # fmt: skip
    show_why(answer, as_json=as_json)


def _answered(
    answering: Callable[..., Coroutine[Any, Any, A]],
    question: str,
    run: str,
    as_json: bool,
    **options: Any,
) -> A:
    """Have a question answered, with its progress and what it changes shown meanwhile."""
    from optiwright.agent.loop import wait
    from optiwright.agent.options import Options
    from optiwright.agent.past import open_result
    from optiwright.console import Progress, show_difference

    result, chosen = open_result(run), Options(**options)
    with Progress() as progress:
        return wait(
            answering(
                result, question, chosen, listen=progress.show,
                on_difference=None if as_json else show_difference,
            )
        )  # fmt: skip


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
        show_markdown(proof.to_markdown(), "Proof")
    raise typer.Exit(ANSWERED if proof.holds else NOT_ANSWERED)


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
