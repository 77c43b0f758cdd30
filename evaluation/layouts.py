"""Reading benchmarks in the layouts in which their authors publish them.

A reader yields a `Problem` for each row that it can read and a `Finding` for each that it cannot.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any, TypeAlias

from optiwright.evaluation.problems import (
    Finding,
    Label,
    Problem,
    Quantity,
    accepted_answers,
    written_number,
)
from optiwright.formulators.errors import UserError

Read: TypeAlias = Iterator[Problem | Finding]
Reader: TypeAlias = Callable[[Path, str], Read]
"""From a file or folder and the benchmark's name to its problems."""

_TEXTS = ("en_question", "question", "text", "problem", "description")
_ANSWERS = ("en_answer", "answer", "objective", "results", "solution", "obj")
KINDS = ("type", "kind", "difficulty", "class")
_IDS = ("index", "id", "name")
_TRAINING = {"family", "split", "script", "optimum"}
"""Fields by which a row of training data is known."""

_OBJECTIVE_AT: dict[int, int | None] = {
    4: 0, 20: 0, 49: 0, 78: 0, 97: 0, 149: 0, 321: 0, 423: 2, 476: 0, 490: 0, 493: 0,
    33: None, 42: None, 545: None, 583: None,
}  # fmt: skip
"""OptiBench's problems whose objective is not the last quantity, or is none of them.

Read one by one, of the 404 that this project may tune on.
"""


def read_rows(path: Path, benchmark: str) -> Read:
    """Read a JSON list or JSON lines of {question, answer} rows, whatever the two are called."""
    yield from each_row(path, benchmark, _row)


def read_optibench(path: Path, benchmark: str) -> Read:
    """Read OptiBench's file: `results` names the quantities, the objective is mostly the last."""
    yield from each_row(path, benchmark, _optibench_row)


def read_folder(path: Path, benchmark: str) -> Read:
    """Read a folder: `expected.json`, or a problem a subfolder as LogiOR, ComplexOR and NLP4LP do.

    Raises:
        UserError: if it is none of those.
    """
    if (path / "expected.json").is_file():
        yield from each_row(path / "expected.json", benchmark, _expected_row)
        return
    folders = sorted(p for p in path.iterdir() if p.is_dir() and not p.name.startswith("."))
    layouts = {"answer.json": _logior, "sample.json": _complexor, "solution.json": _nlp4lp}
    known = False
    for folder in folders:
        for file, read in layouts.items():
            if (folder / file).is_file():
                known = True
                yield from guarded(partial(_listed, read, folder, benchmark), folder.name)
    if not known:
        raise UserError(
            "the folder holds no benchmark that is known",
            where=str(path),
            remedy="It needs an expected.json, or subfolders with question.txt and answer.json, "
            "or with description.txt and sample.json or solution.json.",
        )


# --- rows -----------------------------------------------------------------------------------------

Row: TypeAlias = Mapping[str, Any]
FromRow: TypeAlias = Callable[[Row, str, int, Path], Problem]
FromFolder: TypeAlias = Callable[[Path, str], Iterator[Problem]]


def each_row(path: Path, benchmark: str, read: FromRow) -> Read:
    """Yield a file's rows, read one by one, and what is wrong with those that cannot be."""
    for number, row in _parsed(path):
        if isinstance(row, Finding):
            yield row
            continue
        one = partial(_single, read, row, benchmark, number, path)
        yield from guarded(one, f"{path.name}, row {number}")


def guarded(read: Callable[[], list[Problem]], where: str) -> Read:
    """Turn what is wrong with one row's data into a finding."""
    try:
        yield from read()
    except (ValueError, OSError) as error:
        yield Finding(where=where, what=str(error))


def _single(read: FromRow, row: Row, benchmark: str, number: int, path: Path) -> list[Problem]:
    # MAMO's authors write `Question` and `Answer`, others `en_question` and `en_answer`.
    return [read({key.lower(): value for key, value in row.items()}, benchmark, number, path)]


def _listed(read: FromFolder, folder: Path, benchmark: str) -> list[Problem]:
    return list(read(folder, benchmark))


def _parsed(path: Path) -> Iterator[tuple[int, Row | Finding]]:
    """Yield a file's rows, numbered from 0: a JSON list or, also as `.json`, JSON lines."""
    text = _text_of(path)
    if path.suffix == ".jsonl":
        yield from _parsed_lines(path, text)
        return
    try:
        rows = json.loads(text)
    except ValueError as error:
        if text.startswith("{"):
            yield from _parsed_lines(path, text)
            return
        raise UserError(f"not JSON: {error}", where=str(path)) from None
    if not isinstance(rows, list):
        raise UserError("not a list of problems", where=str(path))
    for number, row in enumerate(rows):
        wrong = Finding(where=f"{path.name}, row {number}", what="the row is no object")
        yield number, row if isinstance(row, dict) else wrong


def _parsed_lines(path: Path, text: str) -> Iterator[tuple[int, Row | Finding]]:
    # Not splitlines(): a text may hold U+2028, which is no end of a line in JSON lines.
    lines = [line for line in text.split("\n") if line.strip()]
    for number, line in enumerate(lines):
        where = f"{path.name}, row {number}"
        try:
            row = json.loads(line)
        except ValueError as error:
            yield number, Finding(where=where, what=f"not JSON: {error}")
            continue
        wrong = Finding(where=where, what="the row is no object")
        yield number, row if isinstance(row, dict) else wrong


def _text_of(path: Path) -> str:
    try:
        return path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise UserError(f"the file cannot be read: {error.strerror}", where=str(path)) from None
    except UnicodeDecodeError:
        raise UserError("not text in UTF-8", where=str(path)) from None


def _row(row: Row, benchmark: str, number: int, path: Path) -> Problem:
    if row.keys() >= _TRAINING:
        return _training_row(row, benchmark, number)
    if isinstance(row.get("results"), dict):
        return _optibench_row(row, benchmark, number, path)
    return Problem(
        id=f"{benchmark}-{first_of(row, _IDS, number)}",
        benchmark=benchmark,
        kind=str(first_of(row, KINDS, benchmark)),
        text=text_of(row),
        label=Label(accepted=accepted_answers(_answer(row))),
    )


def _training_row(row: Row, benchmark: str, number: int) -> Problem:
    """Read a row of training data that is kept aside; its family is the problem's kind."""
    if row["split"] != "test":
        raise ValueError("the row is one to train on, not one kept aside")
    if row["optimum"] is None:
        raise ValueError("the row's optimum is not known")
    return Problem(
        id=f"{benchmark}-{first_of(row, _IDS, number)}",
        benchmark=benchmark,
        kind=row["family"],
        text=text_of(row),
        label=Label(accepted=accepted_answers(row["optimum"])),
    )


def _answer(row: Row) -> Any:
    """Return a row's answer; NLP4LP writes its solution as JSON with the objective inside."""
    value = first_of(row, _ANSWERS, None)
    if value is None:
        raise ValueError(f"there is no label: none of {', '.join(_ANSWERS)}")
    if isinstance(value, str) and value.lstrip().startswith("{"):
        value = json.loads(value)
    if isinstance(value, dict):
        value = value.get("objective")
    return value


def text_of(row: Row) -> str:
    """Return a row's text, whatever it is called.

    Raises:
        ValueError: if it has none.
    """
    text = first_of(row, _TEXTS, None)
    if not isinstance(text, str) or not text.strip():
        raise ValueError(f"there is no text: none of {', '.join(_TEXTS)}")
    return text.strip()


def first_of(row: Row, names: tuple[str, ...], otherwise: Any) -> Any:
    """Return the first of the fields that a row has."""
    found = (row[name] for name in names if row.get(name) is not None)
    return next(found, otherwise)


def _optibench_row(row: Row, benchmark: str, number: int, path: Path) -> Problem:
    results = row.get("results")
    if not isinstance(results, dict) or not results:
        raise ValueError("`results` names no quantity")
    quantities = tuple(
        Quantity(name=str(name), value=written_number(str(value)))
        for name, value in results.items()
    )
    index = row.get("index", number)
    last = len(quantities) - 1
    at = _OBJECTIVE_AT.get(index, last) if benchmark.startswith("optibench") else last
    accepted = () if at is None else (quantities[at].value,)
    return Problem(
        id=f"{benchmark}-{first_of(row, _IDS, number)}",
        benchmark=benchmark,
        kind=str(first_of(row, KINDS, benchmark)),
        text=text_of(row),
        label=Label(accepted=accepted, quantities=quantities, objective_at=at),
    )


def _expected_row(row: Row, benchmark: str, number: int, path: Path) -> Problem:
    """Read an entry {file, class, status, objective} of our own examples."""
    if not isinstance(row.get("file"), str):
        raise ValueError("the entry names no file")
    answer = row.get("objective")
    return Problem(
        id=f"{benchmark}-{Path(row['file']).stem}",
        benchmark=benchmark,
        kind=str(row.get("class", benchmark)),
        text=(path.parent / row["file"]).read_text("utf-8"),
        label=Label(accepted=accepted_answers(row.get("status") if answer is None else answer)),
    )


# --- a problem a folder ---------------------------------------------------------------------------


def _logior(folder: Path, benchmark: str) -> Iterator[Problem]:
    answer = json.loads((folder / "answer.json").read_text("utf-8"))
    status, value = answer.get("status"), answer.get("obj")
    text = (folder / "question.txt").read_text("utf-8")
    yield _in_folder(folder, benchmark, text, status if value is None else value)


def _complexor(folder: Path, benchmark: str) -> Iterator[Problem]:
    """Read a description and its samples: one set of data and one output each."""
    text = (folder / "description.txt").read_text("utf-8")
    samples = json.loads((folder / "sample.json").read_text("utf-8"))
    for number, sample in enumerate(samples):
        whole = _with_data(text, sample.get("input"))
        suffix = f"-{number}" if len(samples) > 1 else ""
        yield _in_folder(folder, benchmark, whole, sample.get("output"), suffix)


def _nlp4lp(folder: Path, benchmark: str) -> Iterator[Problem]:
    text = (folder / "description.txt").read_text("utf-8")
    solution = json.loads((folder / "solution.json").read_text("utf-8"))
    parameters = folder / "parameters.json"
    data = json.loads(parameters.read_text("utf-8")) if parameters.is_file() else None
    yield _in_folder(folder, benchmark, _with_data(text, data), _answer({"solution": solution}))


def _in_folder(folder: Path, benchmark: str, text: str, answer: Any, suffix: str = "") -> Problem:
    return Problem(
        id=f"{benchmark}-{folder.name}{suffix}",
        benchmark=benchmark,
        kind=benchmark,
        text=text.strip(),
        label=Label(accepted=accepted_answers(answer)),
    )


def _with_data(text: str, data: Any) -> str:
    """Return the text with its data behind it, unless it states the numbers itself."""
    written = json.dumps(data)
    missing = set(re.findall(r"\d+(?:\.\d+)?", written)) - set(re.findall(r"\d+(?:\.\d+)?", text))
    return text if data is None or not missing else f"{text.strip()}\n\nData: {written}"
