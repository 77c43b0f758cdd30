"""`optiwright data augment|label`: rows that a model writes, and rows of real failures.

`cli` puts them into `data_cli`'s app by `add_to`; --help imports nothing heavy.
"""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from optiwright.choices import BaseUrl, Model

INTERRUPTED = 130


class Method(StrEnum):
    """By which a model writes rows."""

    LLMOPT = "llmopt"
    RESOCRATIC = "resocratic"


def augment(
    seeds: Annotated[
        list[Path] | None,
        typer.Argument(help="Files of rows to rewrite (.jsonl, .parquet); resocratic needs none."),
    ] = None,
    method: Annotated[
        Method,
        typer.Option(
            help="llmopt: seven kinds of rewrites of rows. resocratic: new scenarios, told as "
            "questions from their formulations."
        ),
    ] = Method.LLMOPT,
    n: Annotated[int, typer.Option("--n", help="How many rewrites, or scenarios.")] = 20,
    seed: Annotated[int, typer.Option(help="Everything random derives from it.")] = 0,
    model: Model = None,
    base_url: BaseUrl = None,
    jobs: Annotated[int, typer.Option(help="Calls at once.")] = 4,
    price: Annotated[
        str | None,
        typer.Option(help="Of a million tokens, IN/OUT or IN/OUT/CACHED, to show what it costs."),
    ] = None,
    budget: Annotated[
        float | None,
        typer.Option(help="Money for the whole folder; takes --price. Ends the work when spent."),
    ] = None,
    max_calls: Annotated[
        int | None, typer.Option(help="Model calls for the whole folder, at most.")
    ] = None,
    max_tokens: Annotated[
        int | None, typer.Option(help="Tokens for the whole folder, at most.")
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(help="Folder for replies, outcomes and rows.jsonl. Default: in your data's."),
    ] = None,
) -> None:
    """Have a model write rows, kept where all solves agree; the same command goes on."""
    from optiwright.agent.budgets import Budget
    from optiwright.agent.prices import price_of
    from optiwright.augment_console import run_augment

    limits = Budget(money=budget, calls=max_calls, tokens=max_tokens)
    chosen = price_of(price) if price is not None else None
    try:
        run_augment(method.value, seeds or [], n, seed, model, base_url, jobs, chosen, limits, out)
    except KeyboardInterrupt:
        typer.echo("optiwright: interrupted; the same command goes on from here", err=True)
        raise typer.Exit(INTERRUPTED) from None


def label(
    runs: Annotated[
        list[str] | None,
        typer.Argument(help="Evaluations: folders, or their names. None: thumbs alone."),
    ] = None,
    out: Annotated[Path, typer.Option(help="File to write, .jsonl.")] = Path("labelled.jsonl"),
    thumbs: Annotated[
        bool, typer.Option(help="Take the answers that were judged in the page, too.")
    ] = True,
    evaluations: Annotated[
        Path | None, typer.Option(help="Folder of all evaluations. Default: your data's.")
    ] = None,
    data: Annotated[
        Path | None, typer.Option(help="Folder of the benchmarks' files, to leave their texts out.")
    ] = None,
) -> None:
    """Label real replies as right or wrong, for KTO; problems of benchmarks are left out."""
    from optiwright.agent.pull_bar import PullBar
    from optiwright.augment_console import run_label
    from optiwright.evaluation.overlap import known_texts

    with PullBar() as bar:
        known = known_texts(data, bar.show)
    run_label(runs or [], out, thumbs, evaluations, known)


def add_to(app: typer.Typer) -> None:
    """Put the two commands into an app."""
    app.command()(augment)
    app.command()(label)
