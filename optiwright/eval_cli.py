"""`optiwright eval`: benchmarks from the command line. --help imports nothing heavy."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperGroup

from optiwright.solver_tools.sandbox_policy import Isolation

if TYPE_CHECKING:
    from optiwright.evaluation.api import Prepared

INTERRUPTED = 130


class BenchmarkFirst(TyperGroup):
    """Takes `eval NAME ...` for `eval run NAME ...`: a name that is no command is a benchmark."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Put the command in where only the benchmark is named."""
        if args and not args[0].startswith("-") and args[0] not in self.commands:
            args = ["run", *args]
        return super().parse_args(ctx, args)


app = typer.Typer(
    cls=BenchmarkFirst,
    no_args_is_help=True,
    help="How often answers are right: `optiwright eval NAME` runs a benchmark (a name from "
    "`eval list`, `all`, a .jsonl or .json file, a folder); the rest is below.",
)

Name = Annotated[
    str,
    typer.Argument(
        help="A name from `eval list`, `all`, or a file or folder of your own. With -no-best "
        "behind it, only the problems that have no best solution."
    ),
]
Data = Annotated[
    Path | None,
    typer.Option(
        help="Folder of the benchmarks' files. Default: OPTIWRIGHT_DATA, else yours, and what is "
        "not there is fetched."
    ),
]
Out = Annotated[Path | None, typer.Option(help="Folder of all evaluations. Default: your data's.")]
Reviews = Annotated[
    Path | None, typer.Option(help="File of your reviews of labels. Default: in your data's.")
]
Runs = Annotated[list[str], typer.Argument(help="Folders of runs, or their names.")]


@app.command()
def run(
    name: Name,
    n: Annotated[int | None, typer.Option("--n", help="How many to draw. Default: all.")] = None,
    seed: Annotated[int, typer.Option(help="Of the draw and of the runs.")] = 0,
    plain: Annotated[
        bool, typer.Option("--plain", help="Draw without regard to types, not in proportion.")
    ] = False,
    part: Annotated[
        str | None,
        typer.Option(
            help="2/6: the second of six parts of the draw, for several machines or evenings; "
            "`eval report` puts them together."
        ),
    ] = None,
    method: Annotated[
        str, typer.Option(help="optiwright, or a baseline; `eval list` names them.")
    ] = "optiwright",
    model: Annotated[str | None, typer.Option(help="As for `optiwright solve`.")] = None,
    base_url: Annotated[str | None, typer.Option(help="As for `optiwright solve`.")] = None,
    effort: Annotated[str, typer.Option(help="quick, standard or thorough.")] = "standard",
    route: Annotated[str | None, typer.Option(help="compiled, written or both.")] = None,
    library: Annotated[
        str, typer.Option(help="What the model writes its program in: pyomo, cvxpy or highspy.")
    ] = "pyomo",
    form: Annotated[str | None, typer.Option(help="flat or indexed.")] = None,
    solver: Annotated[str | None, typer.Option(help="A solver's name.")] = None,
    time_limit: Annotated[float, typer.Option(help="Wall-clock seconds for one solve.")] = 60.0,
    isolation: Annotated[
        Isolation, typer.Option(help="required or best-effort, as for `optiwright solve`.")
    ] = Isolation.REQUIRED,
    samples: Annotated[int, typer.Option(help="How often each problem is answered.")] = 1,
    rounds: Annotated[int, typer.Option(help="Corrections at most, for llmopt-correct.")] = 12,
    votes: Annotated[int, typer.Option(help="Programs that vote, for majority.")] = 5,
    quantities: Annotated[
        bool, typer.Option(help="Map the quantities that a label names, a small call each.")
    ] = True,
    jobs: Annotated[int, typer.Option(help="Problems worked on at once.")] = 1,
    engine: Annotated[
        str, typer.Option(help="asyncio, or ray: workers here or on RAY_ADDRESS's cluster.")
    ] = "asyncio",
    calls_per_minute: Annotated[
        float | None, typer.Option(help="Model calls at most, over all jobs. Default: no limit.")
    ] = None,
    batch: Annotated[
        bool,
        typer.Option(
            "--batch",
            help="Ask in the provider's batches: within a day, at half price. For "
            "methods that ask once: direct, fewshot, cot.",
        ),
    ] = False,
    price: Annotated[
        str | None,
        typer.Option(help="Of a million tokens, IN/OUT or IN/OUT/CACHED, to show what it costs."),
    ] = None,
    data: Data = None,
    out: Out = None,
) -> None:
    """Run a benchmark; the same command goes on where it was interrupted."""
    from optiwright.agent.pull_bar import PullBar
    from optiwright.evaluation.api import Choices, prepare, run_prepared
    from optiwright.evaluation.console import Live, show_findings, show_summary
    from optiwright.formulators.wire import Form

    chosen = {
        "effort": effort, "route": route, "library": library, "form": Form(form) if form else None,
        "engine": engine, "calls_per_minute": calls_per_minute, "batch": batch,
    }  # fmt: skip
    choices = Choices(
        n=n, seed=seed, stratified=not plain, part=part, method=method, model=model,
        base_url=base_url, solver=solver, time_limit_s=time_limit, isolation=isolation,
        samples=samples, rounds=rounds, votes=votes, quantities=quantities, jobs=jobs,
        price=price, data=data, out=out, **chosen,  # type: ignore[arg-type]
    )  # fmt: skip
    with PullBar() as bar:
        prepared: Prepared = prepare(
            name, choices, lambda text: typer.echo(text, err=True), bar.show
        )
    show_findings(prepared.findings)
    try:
        with Live(prepared) as live:
            run_prepared(prepared, live.add, live.say)
    except KeyboardInterrupt:
        typer.echo("optiwright: interrupted; the same command goes on from here", err=True)
        raise typer.Exit(INTERRUPTED) from None
    show_summary(prepared.folder)


@app.command()
def report(
    runs: Runs,
    out: Out = None,
    to: Annotated[
        Path | None, typer.Option(help="Folder for the report. Default: that of the first run.")
    ] = None,
    reviews: Reviews = None,
) -> None:
    """Write report.md and report.html (one file, with plots) on one or more runs."""
    from optiwright.evaluation.console import found_runs
    from optiwright.evaluation.report import write_report

    paths = found_runs(runs, out)
    for written in write_report(paths, to or paths[0], reviews):
        typer.echo(written)


@app.command()
def compare(
    first: Annotated[str, typer.Argument(help="A run's folder, or its name.")],
    second: Annotated[str, typer.Argument(help="The one to hold against it.")],
    out: Out = None,
) -> None:
    """Hold two runs against each other, problem by problem, with a paired test."""
    from optiwright.agent.documents import to_markdown
    from optiwright.evaluation.compare import compare as compared
    from optiwright.evaluation.console import found_runs
    from optiwright.evaluation.evaluated import read_run

    left, right = map(read_run, found_runs([first, second], out))
    typer.echo(to_markdown(compared(left, right)))


@app.command()
def audit(
    runs: Runs,
    n: Annotated[int, typer.Option("--n", help="How many problems to draw.")] = 20,
    seed: Annotated[int, typer.Option(help="Of the draw and of the answers' order.")] = 0,
    sheet: Annotated[
        Path | None,
        typer.Option(help="A Markdown file to fill in: made the first time, read the next."),
    ] = None,
    reviews: Reviews = None,
    out: Out = None,
) -> None:
    """Judge labels blind: text, label and answers, without whose; the report takes your word."""
    from optiwright.evaluation.audit_console import audit as audited
    from optiwright.evaluation.console import found_runs
    from optiwright.evaluation.reviews import reviews_file

    try:
        audited(found_runs(runs, out), n, seed, reviews or reviews_file(), sheet)
    except KeyboardInterrupt:
        typer.echo("\noptiwright: interrupted; the same command goes on from here", err=True)
        raise typer.Exit(INTERRUPTED) from None


@app.command()
def overlap(
    texts: Annotated[
        list[Path],
        typer.Argument(help="Text, Markdown, code, JSON, JSON lines or CSV, or folders of them."),
    ],
    data: Data = None,
) -> None:
    """Say which of your texts repeat a benchmark's problem, exactly or nearly; exit 1 if one does.

    Not to be trained on, nor shown to a model that is to be measured by that benchmark.
    """
    from optiwright.agent.pull_bar import PullBar
    from optiwright.evaluation.overlap import known_texts, show_overlaps

    with PullBar() as bar:
        known = known_texts(data, bar.show)
    if show_overlaps(texts, known):
        raise typer.Exit(1)


@app.command("list")
def list_(data: Data = None) -> None:
    """List the benchmarks, which are here, their origin and licence; and the methods."""
    from optiwright.evaluation.console import show_benchmarks

    show_benchmarks(data)
