"""`optiwright data`: training rows from the command line. --help imports nothing heavy."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from optiwright.solver_tools.sandbox_policy import Isolation

if TYPE_CHECKING:
    from optiwright.training.rows import TrainingRow

INTERRUPTED = 130
_TOLD_EVERY = 1000
_DEFAULT_JOBS = 2
"""As many as the process's own pool has workers."""


class SplitChoice(StrEnum):
    """Which families rows are drawn from."""

    TRAIN = "train"
    TEST = "test"


app = typer.Typer(
    no_args_is_help=True,
    help="Rows to train a model on: drawn, verified, described, held against benchmarks, shown.",
)

Files = Annotated[
    list[Path], typer.Argument(help="Files of rows, .jsonl or .parquet.", metavar="FILES...")
]
Out = Annotated[
    Path | None,
    typer.Option(help="The file to write, .jsonl or .parquet. Default: in your data's folder."),
]
Data = Annotated[
    Path | None,
    typer.Option(
        help="Folder of the benchmarks' files. Default: OPTIWRIGHT_DATA, else yours, and what is "
        "not there is fetched."
    ),
]


TimeLimit = Annotated[
    float, typer.Option(help="Wall-clock seconds for one solve and for one program.", min=0.01)
]
Jobs = Annotated[int, typer.Option(help="Rows solved at once.", min=1)]
Isolated = Annotated[
    Isolation, typer.Option(help="required or best-effort, as for `optiwright solve`.")
]


@app.command()
def synth(
    n: Annotated[
        int, typer.Option("--n", help="Rows to draw; those that do not verify are dropped.", min=1)
    ] = 1000,
    seed: Annotated[int, typer.Option(help="Another seed draws other rows.", min=0)] = 0,
    family: Annotated[
        list[str] | None,
        typer.Option(help="A family, or a kind of them (`data families`). May be repeated."),
    ] = None,
    split: Annotated[
        SplitChoice | None,
        typer.Option(
            help="train, or test: the families that are kept aside. Default: train, and with "
            "--family whichever these are of."
        ),
    ] = None,
    templates: Annotated[
        list[str] | None,
        typer.Option(
            help="Draw the numbers of problems written by hand instead: a file of templates, one "
            "that comes with the package (linear-short, ...), or all of these. May be repeated."
        ),
    ] = None,
    out: Out = None,
    time_limit: TimeLimit = 20.0,
    jobs: Jobs = _DEFAULT_JOBS,
    isolation: Isolated = Isolation.REQUIRED,
) -> None:
    """Draw problems with known answers from the families, and verify them.

    Equal options draw equal rows; the same command goes on where it was interrupted.
    """
    from optiwright.formulators.errors import UserError
    from optiwright.formulators.phrases import counted
    from optiwright.training.drawn import draw_row
    from optiwright.training.row_files import JSONL, training_dir
    from optiwright.training.synthesis import chosen_families, drawn_rows
    from optiwright.training.templates import chosen_templates, drawn_from

    if templates:
        if family or split:
            raise UserError(
                "templates have no families",
                where="--templates",
                remedy="Leave out --family and --split.",
            )
        told = chosen_templates(templates)
        named = "-".join(Path(name).stem for name in templates)
        out = out or training_dir() / f"generated-{named}-{seed}{JSONL}"
        typer.echo(f"drawing {n:,} rows from {counted(len(told), 'template')}", err=True)
        _verify(lambda: drawn_rows(told, n, seed, drawn_from), out, time_limit, jobs, isolation)
        return
    if split is None and not family:
        split = SplitChoice.TRAIN
    chosen = chosen_families(family or (), None if split is None else split.value)
    if out is None:
        words = [
            *(word.replace(" ", "_") for word in family or ()),
            *([split.value] if split else []),
        ]
        out = training_dir() / f"generated-{'-'.join(words)}-{seed}{JSONL}"
    typer.echo(f"drawing {n:,} rows", err=True)
    _verify(lambda: drawn_rows(chosen, n, seed, draw_row), out, time_limit, jobs, isolation)


@app.command()
def families() -> None:
    """List the families of generated problems, by kind."""
    from rich.console import Console

    from optiwright.training.synthesis import families_table

    Console().print(families_table())


@app.command()
def verify(
    files: Files,
    out: Out = None,
    time_limit: TimeLimit = 20.0,
    jobs: Jobs = _DEFAULT_JOBS,
    isolation: Isolated = Isolation.REQUIRED,
) -> None:
    """Keep the rows whose formulation and program have the same proved optimum.

    The same command goes on where it was interrupted; verdicts lie beside the output.
    """
    from optiwright.training.row_files import read_all_rows

    out = _beside(files, out, "verified")
    _verify(lambda: read_all_rows(files), out, time_limit, jobs, isolation)


def _verify(
    rows: Callable[[], Iterator[TrainingRow]],
    out: Path,
    time_limit: float,
    jobs: int,
    isolation: Isolation,
) -> None:
    from optiwright.solver_tools.pool import Pool, default_pool
    from optiwright.training.verified_files import verdicts_file, verify_rows
    from optiwright.training.verify_bar import VerifyBar
    from optiwright.training.verifying_rows import Care

    pool = Pool(workers=jobs) if jobs > _DEFAULT_JOBS else default_pool()
    try:
        with VerifyBar() as bar:
            care = Care(time_limit, isolation, jobs)
            kept = verify_rows(rows, out, pool, care, bar.add)
    except KeyboardInterrupt:
        typer.echo("optiwright: interrupted; the same command goes on from here", err=True)
        raise typer.Exit(INTERRUPTED) from None
    finally:
        if jobs > _DEFAULT_JOBS:
            pool.close()
    for line in bar.summary():
        typer.echo(line)
    typer.echo(f"{kept:,} rows in {out}")
    typer.echo(f"verdicts in {verdicts_file(out)}")


@app.command()
def stats(
    files: Files,
    tokenizer: Annotated[
        Path | None, typer.Option(help="A model's folder, to give lengths in its tokens too.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="A Markdown file for the card. Default: printed.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="The card as JSON.")] = False,
) -> None:
    """Write the data card: counts, lengths, share verified, seeds, models, licences."""
    from optiwright.training.data_card import data_card, tokens_by
    from optiwright.training.row_files import read_all_rows, writing

    count = None if tokenizer is None else tokens_by(tokenizer)
    named = "" if tokenizer is None else tokenizer.resolve().name
    card = data_card(read_all_rows(files), count, named)
    page = card.model_dump_json(indent=2) + "\n" if as_json else card.markdown()
    if out is None:
        typer.echo(page, nl=False)
    else:
        with writing(out):
            out.parent.mkdir(parents=True, exist_ok=True)
            out.write_text(page, encoding="utf-8")
        typer.echo(out)


@app.command()
def dedupe(files: Files, out: Out = None, data: Data = None) -> None:
    """Leave out rows that repeat another row, or a benchmark's problem, each named."""
    from optiwright.agent.pull_bar import PullBar
    from optiwright.evaluation.overlap import known_texts
    from optiwright.training.deduplicating import deduplicate
    from optiwright.training.row_files import read_all_rows, require_none_lost, write_rows

    out = _beside(files, out, "deduplicated")
    require_none_lost(out, read_all_rows(files))
    with PullBar() as bar:
        known = known_texts(data, bar.show)
    found = deduplicate(_told(read_all_rows(files)), known)
    for line in found.lines(known):
        typer.echo(line)
    typer.echo(f"{write_rows(out, found.kept):,} rows in {out}")


@app.command()
def show(
    files: Files,
    id_: Annotated[
        list[str] | None, typer.Option("--id", help="A row's id or its beginning; repeatable.")
    ] = None,
    family: Annotated[list[str] | None, typer.Option(help="A family; repeatable.")] = None,
    n: Annotated[int, typer.Option("-n", help="How many rows at most.", min=1)] = 3,
) -> None:
    """Print rows with all their forms."""
    from optiwright.training.row_files import read_all_rows
    from optiwright.training.showing import chosen, show_rows

    show_rows(chosen(read_all_rows(files), id_ or (), family or (), n))


@app.command("import")
def import_(
    name: Annotated[str, typer.Argument(help="resocratic-29k, or-instruct or optmath-train.")],
    file: Annotated[Path, typer.Argument(help="Its file, as it is published.")],
    out: Out = None,
) -> None:
    """Turn a published training set into rows: text and program, not verified."""
    from optiwright.evaluation.problems import Finding
    from optiwright.formulators.errors import UserError
    from optiwright.training.published_rows import PUBLISHED, read_published
    from optiwright.training.row_files import require_none_lost, write_rows

    out = _beside([file], out, name)
    read = read_published(name, file)
    left_out = Counter[str]()

    def rows() -> Iterator[TrainingRow]:
        count = 0
        for found in read:
            if isinstance(found, Finding):
                left_out[found.what] += 1
            else:
                count += 1
                yield found
        for what, times in left_out.most_common():
            typer.echo(f"left out, {times:,} rows: {what}", err=True)
        if not count:
            raise UserError(f"nothing in it is a row of {name}", where=str(file))
        again = (found for found in read_published(name, file) if not isinstance(found, Finding))
        require_none_lost(out, again)

    count = write_rows(out, rows())
    typer.echo(f"{count:,} rows in {out}, licence: {PUBLISHED[name].licence}")


def _beside(files: list[Path], out: Path | None, what: str) -> Path:
    """Return the output: the one that is named, else one for these files alone; none is both."""
    from optiwright.formulators.errors import UserError
    from optiwright.training.row_files import JSONL, training_dir

    paths = [file.resolve() for file in files]
    if out is None:
        digest = hashlib.sha256("\n".join(map(str, paths)).encode()).hexdigest()[:8]
        return training_dir() / f"{files[0].stem}-{digest}-{what}{JSONL}"
    if out.resolve() in paths:
        raise UserError(
            "it is read, and what is left out would be lost from it",
            where=str(out),
            remedy="Name another file with `--out`.",
        )
    return out


def _told(rows: Iterable[TrainingRow]) -> Iterator[TrainingRow]:
    """Pass rows on and say now and then how many there were."""
    for number, row in enumerate(rows, start=1):
        yield row
        if number % _TOLD_EVERY == 0:
            typer.echo(f"{number:,} rows so far", err=True)
