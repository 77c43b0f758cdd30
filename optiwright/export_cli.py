"""`optiwright train export` and `evaluate`: what was trained, made ready and measured."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from optiwright.choices import BaseUrl, Effort, EffortChoice, Seed
from optiwright.formulators.errors import UserError

INTERRUPTED = 130
app = typer.Typer()


class QuantizeChoice(StrEnum):
    """How a merged model's GGUF is stored."""

    Q8_0 = "q8_0"
    Q4_K_M = "q4_k_m"


@app.command()
def export(
    run: Annotated[Path, typer.Argument(help="A run's folder, or that of a checkpoint in it.")],
    out: Annotated[
        Path | None, typer.Option(help="The folder to make. Default: below your data folder.")
    ] = None,
    adapter: Annotated[
        bool, typer.Option("--adapter", help="The adapter alone, as GGUF. That is the default.")
    ] = False,
    merged: Annotated[
        bool,
        typer.Option("--merged", help="A whole model: safetensors, or with --quantize a GGUF."),
    ] = False,
    quantize: Annotated[
        QuantizeChoice | None,
        typer.Option(help="q8_0: larger, nearest to what was trained. q4_k_m: as the base is."),
    ] = None,
    base: Annotated[
        str | None,
        typer.Option(
            help="What was tuned, where the run does not say or its GGUF is another: a name from "
            "`optiwright model list`, a .gguf file, hf:owner/repo/file.gguf."
        ),
    ] = None,
) -> None:
    """Make a run's adapter ready to serve: a folder that `--model` takes."""
    from optiwright.training.export import export as exported

    if adapter and merged:
        raise UserError("`--adapter` and `--merged` are two exports: take one at a time")
    tuned = exported(
        run,
        out,
        "merged" if merged else "adapter",
        quantize.value if quantize is not None else None,
        base,
        lambda text: typer.echo(text, err=True),
    )
    typer.echo(tuned.folder)


@app.command()
def evaluate(
    model: Annotated[str, typer.Argument(metavar="EXPORT", help="The folder of an export.")],
    benchmark: Annotated[
        list[str],
        typer.Option(
            help="A name from `optiwright eval list`, or a file: problems of your own, rows of "
            "data (those kept aside are taken). May be repeated."
        ),
    ],
    before: Annotated[
        str | None, typer.Option(help="The model to hold it against. Default: its base.")
    ] = None,
    base_url: BaseUrl = None,
    n: Annotated[int | None, typer.Option("--n", help="How many to draw. Default: all.")] = None,
    seed: Seed = 0,
    effort: Effort = EffortChoice.STANDARD,
    jobs: Annotated[int, typer.Option(help="Problems worked on at once.")] = 1,
    data: Annotated[Path | None, typer.Option(help="Folder of the benchmarks' files.")] = None,
    out: Annotated[Path | None, typer.Option(help="Folder of all evaluations.")] = None,
) -> None:
    """Measure a tuned model beside its base, on the same problems, with a paired test."""
    from optiwright.agent.documents import to_markdown
    from optiwright.agent.tuned_card import tuned_at
    from optiwright.evaluation.api import Choices, prepare, run_prepared
    from optiwright.evaluation.compare import compare
    from optiwright.evaluation.console import Live, show_findings
    from optiwright.evaluation.evaluated import read_run

    tuned = tuned_at(model)
    if tuned is None:
        raise UserError(
            "that is no model that was tuned here",
            where=model,
            remedy="Name a folder that `optiwright train export` has made.",
        )
    models = (before or tuned.card.base.name, model)
    # Both at first: what cannot be used is said before an hour is spent on the other.
    pairs = [
        [
            prepare(
                name,
                Choices(
                    n=n, seed=seed, model=m, base_url=base_url, effort=effort.value, jobs=jobs,
                    data=data, out=out,
                ),
                lambda text: typer.echo(text, err=True),
            )
            for m in models
        ]
        for name in benchmark
    ]  # fmt: skip
    try:
        for pair in pairs:
            show_findings(pair[0].findings)
            for prepared in pair:
                with Live(prepared) as live:
                    run_prepared(prepared, live.add, live.say)
            first, second = (read_run(prepared.folder) for prepared in pair)
            typer.echo(f"The first is {models[0]}, the second {tuned.label}.\n")
            typer.echo(to_markdown(compare(first, second)))
    except KeyboardInterrupt:
        typer.echo("optiwright: interrupted; the same command goes on from here", err=True)
        raise typer.Exit(INTERRUPTED) from None
