"""Writing a result where people and programs find it."""

from __future__ import annotations

from pathlib import Path

from optiwright.agent.picture_trace import trace_picture
from optiwright.agent.result import Result
from optiwright.formulators.errors import UserError
from optiwright.formulators.planning_lines import write_planning


def make_folder(folder: Path | str) -> None:
    """Make a folder to save to, before anything is spent.

    Raises:
        UserError: if it cannot be made.
    """
    try:
        Path(folder).mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise _unwritable(error, folder) from None


def save_result(result: Result, folder: Path | str) -> None:
    """Write what there is of a result into a folder.

    `result.json` and `answer.md`, `formulation.json` and its `program.py`, of a plan
    `planning.json` and its lines as `planning.txt`, the second route's program as `written.py`, and
    of a search its trace as `trace.svg`.

    Raises:
        UserError: if the folder cannot be written.
    """
    folder = Path(folder)
    files = {"result.json": result.to_json() + "\n", "answer.md": result.explanation + "\n"}
    if result.formulation is not None:
        files["formulation.json"] = result.formulation.to_json() + "\n"
    if result.plan is not None and result.plan.planning.actions:
        files["planning.json"] = result.plan.planning.to_json() + "\n"
        files["planning.txt"] = write_planning(result.plan.planning)
    if result.program:
        files["program.py"] = result.program
    if result.written is not None and result.written.source:
        files["written.py"] = result.written.source
    trace = trace_picture(result.search) if result.search is not None else None
    if trace is not None:
        files["trace.svg"] = trace.svg
    make_folder(folder)
    try:
        for name, content in files.items():
            (folder / name).write_text(content, encoding="utf-8")
    except OSError as error:
        raise _unwritable(error, folder) from None


def write_file(path: Path, content: bytes) -> None:
    """Write a file that a user named.

    Raises:
        UserError: if it cannot be written.
    """
    try:
        path.write_bytes(content)
    except OSError as error:
        raise UserError(
            f"the file cannot be written: {error.strerror}",
            where=str(path),
            remedy="Choose a folder that exists and that you may write to.",
        ) from None


def _unwritable(error: OSError, folder: Path | str) -> UserError:
    return UserError(
        f"the result cannot be written: {error.strerror}",
        where=str(folder),
        remedy="Choose a folder that you may write to.",
    )
