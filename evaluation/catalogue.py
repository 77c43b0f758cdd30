"""Benchmarks read: by name from the data folder or fetched, all of them, or a user's own."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from importlib import resources
from pathlib import Path

from optiwright.agent.model_files import OnProgress
from optiwright.agent.places import data_dir
from optiwright.evaluation.benchmark_table import BENCHMARKS, Benchmark
from optiwright.evaluation.duplicates import without_repeats
from optiwright.evaluation.fetching import Source, fetch_once, fetched_file
from optiwright.evaluation.layouts import Reader, read_folder, read_rows
from optiwright.evaluation.planning_figures import PLANNING
from optiwright.evaluation.planning_layout import TASKS
from optiwright.evaluation.planning_made import MADE, made_problems
from optiwright.evaluation.problems import Ending, Finding, Problem
from optiwright.formulators.errors import UserError
from optiwright.formulators.rounding import rounding_asked

__all__ = [
    "ALL",
    "BENCHMARKS",
    "Benchmark",
    "Loaded",
    "at_hand",
    "data_folder",
    "fetchable",
    "is_known",
    "load",
    "place_of",
    "prescribed_folder",
]

ALL = "all"
TASK = f"{PLANNING}-"
"""Before the name of one of its tasks, as `planning-gripper`."""
NO_BEST = "-no-best"
"""Behind a benchmark's name: only its problems without a best solution, as `nl4opt-no-best`."""
_IN_ALL = (
    "optibench",
    "nl4opt",
    "mamo-easy",
    "mamo-complex-fixed",
    "mamo-complex",
    "industryor",
    "optmath",
    "bwor",
    "nlp4lp",
    "complexor",
    "logior",
)
"""In this order a text that stands in several counts; corrected labels come before the others."""


@dataclass(frozen=True)
class Loaded:
    """A benchmark's problems, and what was found wrong with its data."""

    name: str
    problems: tuple[Problem, ...]
    findings: tuple[Finding, ...]


def data_folder(data: Path | None = None) -> Path:
    """Return the folder of the benchmarks' files: given, `OPTIWRIGHT_DATA`, or the user's own."""
    return prescribed_folder(data) or data_dir() / "benchmarks"


def prescribed_folder(data: Path | None = None) -> Path | None:
    """Return the folder that is given or named by `OPTIWRIGHT_DATA`; None where the user's own."""
    given = os.environ.get("OPTIWRIGHT_DATA")
    return data or (Path(given) if given else None)


def is_known(name: str) -> bool:
    """Whether a name is a published benchmark's or `all`, and so no file of the user's own."""
    return name == ALL or name in BENCHMARKS or name in {TASK + task for task in TASKS}


def place_of(benchmark: Benchmark, data: Path | None = None) -> Path | None:
    """Return where a benchmark's file or folder lies; None if it is not here.

    In the data folder, or where that is the user's own, also among what was fetched.

    Raises:
        UserError: if the fetched file was changed.
    """
    if benchmark.packaged:
        return Path(str(resources.files("optiwright.evaluation").joinpath(benchmark.places[0])))
    candidates = (data_folder(data) / place for place in benchmark.places)
    found = next((path for path in candidates if path.exists()), None)
    source = fetchable(benchmark, data)
    return found if found is not None or source is None else fetched_file(benchmark.name, source)


def fetchable(benchmark: Benchmark, data: Path | None = None) -> Source | None:
    """Return what its file may be fetched from; None where a data folder is prescribed."""
    return benchmark.source if prescribed_folder(data) is None else None


def load(name: str, data: Path | None = None, on_progress: OnProgress | None = None) -> Loaded:
    """Read a benchmark by name, `all` of them, or a file or folder of one's own.

    With `NO_BEST` behind the name, only what is infeasible or unbounded by its label.

    A file that is not here is fetched, once, from where it is published, unless a data folder is
    prescribed.

    Raises:
        UserError: if there is no such benchmark, its file is missing and cannot be fetched, or
            nothing in it can be read.
    """
    if name.endswith(NO_BEST) and not Path(name).exists():
        return _without_best(load(name.removesuffix(NO_BEST), data, on_progress))
    if name == ALL:
        return _all(data, on_progress)
    if name.startswith(TASK) and not Path(name).exists():
        return _task_of(name.removeprefix(TASK), data)
    if name in BENCHMARKS:
        return _published(BENCHMARKS[name], data, on_progress)
    path = Path(name)
    if path.is_dir():
        return _read(path.resolve().name, read_folder, path)
    if path.is_file():
        return _read(path.stem, read_rows, path)
    raise UserError(
        f"there is no benchmark and no file {name!r}",
        remedy=f"Known by name: {', '.join([*BENCHMARKS, ALL])}; {NO_BEST} behind one leaves the "
        "problems without a best solution.",
    )


def _task_of(task: str, data: Path | None) -> Loaded:
    """Return one task of the benchmark of plans; those that are made here need no files."""
    if task not in TASKS:
        raise UserError(
            f"there is no planning task {task!r}",
            remedy=f"There are {', '.join(TASK + each for each in TASKS)}.",
        )
    if task in MADE:
        loaded = Loaded(PLANNING, tuple(made_problems(PLANNING)), ())
    else:
        loaded = _published(BENCHMARKS[PLANNING], data)
    kept = tuple(p for p in loaded.problems if p.kind == task)
    if not kept:
        raise UserError(
            f"no problem of the task {task} is here",
            where=str(data_folder(data)),
            remedy=f"{BENCHMARKS[PLANNING].by_hand}.".capitalize(),
        )
    return Loaded(TASK + task, kept, tuple(f for f in loaded.findings if f.where.startswith(task)))


def _without_best(loaded: Loaded) -> Loaded:
    """Return the problems that are infeasible or unbounded by their label."""
    endings = list(Ending)
    kept = tuple(p for p in loaded.problems if any(a in endings for a in p.label.accepted))
    if not kept:
        raise UserError(f"every problem of {loaded.name} has a best solution")
    return replace(loaded, name=f"{loaded.name}{NO_BEST}", problems=kept)


def _published(
    benchmark: Benchmark, data: Path | None, on_progress: OnProgress | None = None
) -> Loaded:
    path, source = place_of(benchmark, data), fetchable(benchmark, data)
    if path is None and source is None:
        raise _missing(benchmark, data)
    if path is None and source is not None:
        path = _fetched(benchmark, source, on_progress)
    assert path is not None
    loaded = _read(benchmark.name, benchmark.read, path)
    if source is None or path != fetched_file(benchmark.name, source):
        return loaded
    return replace(loaded, findings=(*_of_edition(benchmark, source, loaded), *loaded.findings))


def _fetched(benchmark: Benchmark, source: Source, on_progress: OnProgress | None) -> Path:
    def check(part: Path) -> None:
        _read(benchmark.name, benchmark.read, part)

    try:
        return fetch_once(benchmark.name, benchmark.licence, source, check, on_progress)
    except UserError as error:
        raise UserError(
            f"the file of {benchmark.name} is not here, and {error.what}",
            remedy=f"Run it again with a network; without one, get {source.url} elsewhere and put "
            f"it into {data_folder()} as {benchmark.places[0]}.",
        ) from None


def _of_edition(benchmark: Benchmark, source: Source, loaded: Loaded) -> Iterator[Finding]:
    """Yield what is to be said of a fetched file as a whole."""
    if source.note:
        yield Finding(where=benchmark.name, what=source.note)
    count = len(loaded.problems)
    if benchmark.size is not None and count != benchmark.size:
        what = f"{count} problems are in the file that was fetched, {benchmark.size} are published"
        yield Finding(where=benchmark.name, what=what)


def _missing(benchmark: Benchmark, data: Path | None) -> UserError:
    how = f"It is not fetched: {benchmark.by_hand}. Get it"
    if benchmark.source is not None:
        url = benchmark.source.url
        how = f"Leave out --data and OPTIWRIGHT_DATA to have it fetched, or get {url}"
    return UserError(
        f"the file of {benchmark.name} is not here",
        where=str(data_folder(data)),
        remedy=f"{how} and put it there as {benchmark.places[0]}.",
    )


def _read(name: str, reader: Reader, path: Path) -> Loaded:
    items = list(reader(path, name))
    problems = tuple(_named_once([_as_asked(i) for i in items if isinstance(i, Problem)]))
    if not problems:
        why = next((f": {i.what}" for i in items if isinstance(i, Finding)), "")
        raise UserError(f"no problem in it can be read{why}", where=str(path))
    return Loaded(name, problems, tuple(i for i in items if isinstance(i, Finding)))


def _as_asked(problem: Problem) -> Problem:
    """Return a problem whose label says what its text wants the answer rounded to."""
    label = problem.label.model_copy(update={"rounded_to": rounding_asked(problem.text)})
    return problem.model_copy(update={"label": label})


def _named_once(problems: list[Problem]) -> Iterator[Problem]:
    """Yield the problems, a repeated id with a number behind it."""
    seen: dict[str, int] = {}
    for problem in problems:
        count = seen[problem.id] = seen.get(problem.id, 0) + 1
        again = {"id": f"{problem.id}-{count}"} if count > 1 else {}
        yield problem.model_copy(update=again)


def _all(data: Path | None, on_progress: OnProgress | None) -> Loaded:
    parts, findings = at_hand(_IN_ALL, data, on_progress)
    kept, repeats = without_repeats([p for part in parts for p in part.problems])
    return Loaded(ALL, tuple(kept), (*findings, *(f for p in parts for f in p.findings), *repeats))


def at_hand(
    names: Iterable[str], data: Path | None = None, on_progress: OnProgress | None = None
) -> tuple[list[Loaded], list[Finding]]:
    """Read the benchmarks that are here or can be fetched; after one failed fetch try no other.

    Returns:
        Them, in the order of the names, and a finding for each of the others.

    Raises:
        UserError: if there is none at all, or one that is here cannot be read.
    """
    parts: list[Loaded] = []
    findings: list[Finding] = []
    offline = False
    for benchmark in map(BENCHMARKS.__getitem__, names):
        here = place_of(benchmark, data) is not None
        if not here and (offline or fetchable(benchmark, data) is None):
            findings.append(
                Finding(where=benchmark.name, what="its file is not here; it is left out")
            )
            continue
        try:
            parts.append(_published(benchmark, data, on_progress))
        except UserError as error:
            if here:
                raise
            offline = True
            findings.append(Finding(where=benchmark.name, what=str(error)))
    if not parts:
        raise UserError(
            "no benchmark is here", where=str(data_folder(data)), remedy="Give --data DIR."
        )
    return parts, findings
