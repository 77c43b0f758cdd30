"""What a caller says of a function or command: files read, command lines taken apart."""

from __future__ import annotations

import shlex
import shutil
import sys
from pathlib import Path

from optiwright.agent.options import Options
from optiwright.agent.which_kind import Problem
from optiwright.formulators.black_box_reader import Told, Unread, read_black_box
from optiwright.formulators.errors import UserError
from optiwright.formulators.problem_kind import ProblemKind

_PYTHONS = {"python", "python3"}
_LARGEST = 1_000_000
"""Bytes of a file with a function."""


def told_of(options: Options) -> Told:
    """Return what the options say of a function or command.

    Raises:
        UserError: if its file cannot be read, or there is no such program.
    """
    source, name = _function(options.function) if options.function is not None else ("", "")
    return Told(
        source=source,
        function=name,
        command=_command(options.command) if options.command is not None else (),
        own_process=options.own_process,
        bounds=options.bounds or "",
        constraints=tuple(options.constraints),
        budget=options.budget,
        as_it_is=options.kind is not None and ProblemKind(options.kind) is ProblemKind.SEARCH,
    )


def asks_a_model(problem: Problem, kind: ProblemKind, told: Told, options: Options) -> bool:
    """Tell whether a language model has a part in a run.

    Of a search it has one only where the function is not read without doubt, or is to be searched
    by a program that the model writes.
    """
    if kind is ProblemKind.SEARCH and options.route == "written":
        return True
    if not isinstance(problem, str):
        return False
    if kind is not ProblemKind.SEARCH:
        return True
    read = read_black_box(problem, told)
    return isinstance(read, Unread) and read.answerable


def _function(given: Path | str) -> tuple[str, str]:
    """Return a file's text, and the function's name where one is given."""
    path, _, name = str(given).rpartition(":")
    if not path or not name.isidentifier():
        path, name = str(given), ""
    file = Path(path)
    try:
        if file.stat().st_size > _LARGEST:
            raise UserError(
                f"the file is larger than {_LARGEST // 1000:,} kB",
                where=path,
                remedy="Give a file with the function and what it needs.",
            )
        return file.read_text(encoding="utf-8-sig"), name
    except UnicodeDecodeError:
        raise UserError("that is no Python in UTF-8", where=path) from None
    except OSError as error:
        raise UserError(
            f"the function's file cannot be read: {error.strerror}",
            where=path,
            remedy="Name a Python file, as in `--function FILE.py` or `--function FILE.py:name`.",
        ) from None


def _command(given: object) -> tuple[str, ...]:
    try:
        arguments = tuple(shlex.split(given) if isinstance(given, str) else map(str, given))  # type: ignore[call-overload]
    except ValueError as error:
        raise UserError(f"no command line: {error}", where="command") from None
    if not arguments:
        raise UserError("the command is empty", where="command", remedy="Name a program.")
    if arguments[0] in _PYTHONS:
        return (sys.executable, *arguments[1:])  # the one that the sandbox has
    program = shutil.which(arguments[0])
    if program is None:
        raise UserError(
            f"there is no program `{arguments[0]}` that can be started",
            where="command",
            remedy="Give its path, and make it executable.",
        )
    return (program, *arguments[1:])
