"""The benchmarks that are known by name: their files, where they come from, their licence."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from optiwright.agent.places import data_dir
from optiwright.evaluation.duplicates import without_repeats
from optiwright.evaluation.layouts import Reader, read_folder, read_optibench, read_rows
from optiwright.evaluation.problems import Finding, Problem
from optiwright.formulators.errors import UserError

ALL = "all"


@dataclass(frozen=True)
class Benchmark:
    """A published benchmark.

    Attributes:
        places: where its file or folder lies below the data folder; the first that is there counts.
        size: how many problems its authors published; None where versions differ.
    """

    name: str
    title: str
    places: tuple[str, ...]
    size: int | None
    origin: str
    licence: str
    read: Reader = read_rows


def _files(folder: str, *names: str) -> tuple[str, ...]:
    return tuple(f"{folder}/{name}" for name in names) + names


BENCHMARKS: dict[str, Benchmark] = {
    b.name: b
    for b in (
        Benchmark(
            "optibench",
            "OptiBench",
            _files("optibench", "OptiBench.json"),
            605,
            "ReSocratic, arXiv 2407.09887",
            "Apache-2.0",
            read_optibench,
        ),
        Benchmark(
            "optibench-clean",
            "OptiBench, the problems whose labels a survey kept",
            _files("optibench", "OptiBench_clean403.jsonl"),
            403,
            "LLM4OR, arXiv 2508.10047",
            "Apache-2.0",
            read_optibench,
        ),
        Benchmark(
            "nl4opt",
            "NL4OPT",
            _files("nl4opt", "NL4OPT.json", "NL4OPT_with_optimal_solution.json"),
            245,
            "NL4OPT competition, answers by ORLM",
            "MIT",
        ),
        Benchmark(
            "mamo-easy",
            "MAMO EasyLP",
            _files("mamo", "MAMO_EasyLP.json"),
            652,
            "MAMO, arXiv 2405.13144",
            "CC BY-SA 4.0",
        ),
        Benchmark(
            "mamo-complex",
            "MAMO ComplexLP",
            _files("mamo", "MAMO_ComplexLP.json"),
            211,
            "MAMO, arXiv 2405.13144",
            "CC BY-SA 4.0",
        ),
        Benchmark(
            "mamo-complex-fixed",
            "MAMO ComplexLP, labels corrected",
            _files("mamo", "MAMO_ComplexLP_fixed.jsonl"),
            203,
            "SIRL, from MAMO",
            "CC BY-SA 4.0",
        ),
        Benchmark(
            "industryor",
            "IndustryOR, labels corrected",
            _files("industryor", "IndustryOR_fixedV2.json"),
            100,
            "ORLM, arXiv 2405.17743",
            "for evaluation only",
        ),
        Benchmark(
            "optmath",
            "OptMATH-Bench",
            _files("optmath", "OptMATH_Bench.json", "OptMATH_Bench_166.jsonl"),
            166,
            "OptMATH, arXiv 2502.11102",
            "Apache-2.0",
        ),
        Benchmark(
            "bwor",
            "BWOR",
            _files("bwor", "BWOR.json"),
            82,
            "OR-LLM-Agent, arXiv 2503.10009",
            "for evaluation only",
        ),
        Benchmark(
            "nlp4lp",
            "NLP4LP",
            ("nlp4lp", "NLP4LP"),
            None,
            "OptiMUS, arXiv 2402.10172",
            "CC BY-NC-SA 4.0",
            read_folder,
        ),
        Benchmark(
            "complexor",
            "ComplexOR",
            ("complexor", "ComplexOR"),
            None,
            "Chain-of-Experts (ICLR 2024)",
            "see its repository",
            read_folder,
        ),
        Benchmark(
            "logior",
            "LogiOR",
            ("logior", "LogiOR"),
            None,
            "ORThought, arXiv 2508.14410",
            "see its repository",
            read_folder,
        ),
    )
}

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
    given = os.environ.get("OPTIWRIGHT_DATA")
    return data or (Path(given) if given else data_dir() / "benchmarks")


def place_of(benchmark: Benchmark, data: Path | None = None) -> Path | None:
    """Return where a benchmark's file or folder lies; None if it is not here."""
    candidates = (data_folder(data) / place for place in benchmark.places)
    return next((path for path in candidates if path.exists()), None)


def load(name: str, data: Path | None = None) -> Loaded:
    """Read a benchmark by name, `all` of them, or a file or folder of one's own.

    Raises:
        UserError: if there is no such benchmark, its file is missing, or nothing in it can be read.
    """
    if name == ALL:
        return _all(data)
    if name in BENCHMARKS:
        return _read(name, BENCHMARKS[name].read, _required(BENCHMARKS[name], data))
    path = Path(name)
    if path.is_dir():
        return _read(path.resolve().name, read_folder, path)
    if path.is_file():
        return _read(path.stem, read_rows, path)
    raise UserError(
        f"there is no benchmark and no file {name!r}",
        remedy=f"Known by name: {', '.join([*BENCHMARKS, ALL])}.",
    )


def _required(benchmark: Benchmark, data: Path | None) -> Path:
    path = place_of(benchmark, data)
    if path is None:
        raise UserError(
            f"the file of {benchmark.name} is not here",
            where=str(data_folder(data)),
            remedy=f"Get it from {benchmark.origin}, put it there as {benchmark.places[0]}, or "
            "give the folder with --data or OPTIWRIGHT_DATA.",
        )
    return path


def _read(name: str, reader: Reader, path: Path) -> Loaded:
    items = list(reader(path, name))
    problems = tuple(_named_once([i for i in items if isinstance(i, Problem)]))
    if not problems:
        raise UserError("no problem in it can be read", where=str(path))
    return Loaded(name, problems, tuple(i for i in items if isinstance(i, Finding)))


def _named_once(problems: list[Problem]) -> Iterator[Problem]:
    """Yield the problems, a repeated id with a number behind it."""
    seen: dict[str, int] = {}
    for problem in problems:
        count = seen[problem.id] = seen.get(problem.id, 0) + 1
        again = {"id": f"{problem.id}-{count}"} if count > 1 else {}
        yield problem.model_copy(update=again)


def _all(data: Path | None) -> Loaded:
    problems: list[Problem] = []
    findings: list[Finding] = []
    for name in _IN_ALL:
        if place_of(BENCHMARKS[name], data) is None:
            findings.append(Finding(where=name, what="its file is not here; it is left out"))
            continue
        loaded = load(name, data)
        problems += loaded.problems
        findings += loaded.findings
    if not problems:
        raise UserError(
            "no benchmark is here", where=str(data_folder(data)), remedy="Give --data DIR."
        )
    kept, repeats = without_repeats(problems)
    return Loaded(ALL, tuple(kept), (*findings, *repeats))
