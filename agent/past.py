"""Finding an earlier result again: by its run, its folder or its file."""

from __future__ import annotations

import json
from pathlib import Path

from pydantic import ValidationError

from optiwright.agent.history import History
from optiwright.agent.loop import wait
from optiwright.agent.options import Options
from optiwright.agent.places import records_dir
from optiwright.agent.record import RunRecord
from optiwright.agent.result import Result
from optiwright.agent.run import execute
from optiwright.formulators.errors import UserError
from optiwright.formulators.model import Formulation
from optiwright.formulators.planning import Planning

LAST = "last"
"""Stands for the newest run that has a result."""

_RESULT = "result.json"


def open_result(where: str | Path = LAST) -> Result:
    """Return the result of an earlier run: of its revisions the current one, if there are any.

    Args:
        where: `last`, a run's id or the beginning of it, the folder of a run or of `--save`, a
            `result.json`, taken as it stands, or a `formulation.json` or `planning.json`, which is
            solved, without a language model. `RUN/revisions/3` is the folder of a revision.

    Raises:
        UserError: if there is none, or the beginning of an id fits several.
    """
    if str(where) == LAST:
        return _last()
    path = Path(where)
    if path.is_file():
        return _of_file(path)
    folder = path if path.is_dir() else _run_folder(str(where))
    if not (folder / _RESULT).is_file():
        raise UserError(
            "there is no result in that folder",
            where=str(folder),
            remedy="A run that failed or was interrupted leaves none; `optiwright runs` lists "
            "those that have one.",
        )
    return _current(folder)


def record_of(where: str) -> tuple[RunRecord, Path]:
    """Return the record of a run and its folder, by its name below the folder of records.

    Raises:
        UserError: if there is none; a revision that no model was asked for has none of its own.
    """
    folder = records_dir() / where
    try:
        return RunRecord.model_validate_json(_read(folder / "record.json")), folder
    except ValidationError:
        raise UserError("the record cannot be read", where=str(folder)) from None


def past_runs() -> list[Path]:
    """Return the folders of the runs that have a result, the newest first."""
    folder = records_dir()
    if not folder.is_dir():
        return []
    ended = sorted(folder.glob(f"*/{_RESULT}"), key=_when, reverse=True)
    return [path.parent for path in ended]


def _when(path: Path) -> tuple[str, int]:
    """Return when a run began, to the second as its name has it, and then when it ended."""
    return path.parent.name[: len("YYYYMMDD-HHMMSS")], path.stat().st_mtime_ns


def _last() -> Result:
    runs = past_runs()
    if not runs:
        raise UserError(
            "there is no earlier run to ask about",
            where=str(records_dir()),
            remedy='Solve a problem first: `optiwright solve "..."`.',
        )
    return _current(runs[0])


def _current(folder: Path) -> Result:
    history = History(folder)
    return history.result(history.current) if history.current else _of_file(folder / _RESULT)


def _run_folder(beginning: str) -> Path:
    found = [p for p in past_runs() if p.name.startswith(beginning)] if beginning else []
    if len(found) == 1:
        return found[0]
    several = f"{len(found)} runs begin with" if found else "there is no run, file or folder"
    raise UserError(
        f"{several} `{beginning}`",
        where="run",
        remedy="`optiwright runs` lists the runs; `last` is the newest.",
    )


def _of_file(path: Path) -> Result:
    text = _read(path)
    if '"run_id"' in text[:2000]:
        return Result.from_json(text)
    return wait(execute(given_of(text), Options(), lambda _: None))


def given_of(text: str) -> Formulation | Planning:
    """Return the formulation that was saved as a text; one of a plan has actions.

    Raises:
        FormulationError: it is none, naming the first field at fault.
    """
    try:
        fields = json.loads(text)
    except ValueError:
        fields = None
    planned = isinstance(fields, dict) and "actions" in fields
    return Planning.from_json(text) if planned else Formulation.from_json(text)


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UserError(f"the file cannot be read: {error}", where=str(path)) from None
