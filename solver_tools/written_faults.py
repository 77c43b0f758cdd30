"""What went wrong in a written program, in its own lines, for the model that has to repair it."""

from __future__ import annotations

import traceback
from collections import deque
from dataclasses import dataclass

PROGRAM = "program.py"
"""The file name that the program's code has in tracebacks."""
HERE = (
    "Installed are pyomo, cvxpy, highspy, pyscipopt, ortools, scipy, numpy and pandas; Pyomo's "
    "`SolverFactory` takes any solver's name and answers with one that fits."
)
_FRAMES = 3
_LONGEST = 1500
_LONGEST_LINE = 200


class OutOfTime(BaseException):
    """Raised in a program that runs at the end of its time."""


@dataclass(frozen=True)
class Fault:
    """Why a program did not run to its end."""

    error: str
    """A sentence, and the program's last lines in the traceback."""
    line: int | None = None
    is_syntax: bool = False
    is_exit: bool = False
    """It ended itself by `sys.exit`."""
    out_of_time: bool = False
    """It was interrupted at its time limit."""


def syntax_fault(error: BaseException, source: str) -> Fault:
    """Returns the fault of a program that does not compile; `error` is what `compile` raised."""
    if not isinstance(error, SyntaxError) or error.lineno is None:
        what = str(error) or type(error).__name__
        return Fault(f"The program is no Python that compiles: {clean(what)}.", is_syntax=True)
    lines = source.splitlines()
    text = lines[error.lineno - 1].strip() if 0 < error.lineno <= len(lines) else ""
    sentence = f"Line {error.lineno} is no valid Python: {error.msg}."
    return Fault(
        clean(f"{sentence}\n  line {error.lineno}: {_short(text)}"), error.lineno, is_syntax=True
    )


def describe(error: BaseException, time_limit_s: float) -> Fault | None:
    """Returns what an exception says of the program that raised it; None for a good exit."""
    frames: deque[traceback.FrameSummary] = deque(maxlen=_FRAMES)
    frames.extend(_own_frames(error))
    line = frames[-1].lineno if frames else None
    if isinstance(error, SystemExit):
        if error.code in (None, 0):
            return None
        return Fault(
            clean(f"{_at(line)} ended the program by exit({error.code!r})."), line, is_exit=True
        )
    shown = [_shown(frame) for frame in frames]
    return Fault(clean("\n".join([_sentence(error, line, time_limit_s), *shown])), line)


def _own_frames(error: BaseException) -> traceback.StackSummary:
    own = (pair for pair in traceback.walk_tb(error.__traceback__) if _is_own(pair[0]))
    return traceback.StackSummary.extract(own, lookup_lines=False)


def _is_own(frame: object) -> bool:
    return frame.f_code.co_filename == PROGRAM  # type: ignore[attr-defined, no-any-return]


def _shown(frame: traceback.FrameSummary) -> str:
    where = "" if frame.name == "<module>" else f", in `{frame.name}`"
    return f"  line {frame.lineno}{where}: {_short(frame.line or '')}"


def _short(line: str) -> str:
    return line if len(line) <= _LONGEST_LINE else f"{line[:_LONGEST_LINE]} ..."


def _at(line: int | None) -> str:
    return "The program" if line is None else f"Line {line}"


def _sentence(error: BaseException, line: int | None, time_limit_s: float) -> str:
    if isinstance(error, OutOfTime):
        return f"{_at(line)} was still running after {time_limit_s:g} s, when the time was up."
    what = "".join(traceback.format_exception_only(error)).strip()
    if len(what) > _LONGEST:
        what = f"{what[: _LONGEST // 2]} ... {what[-_LONGEST // 2 :]}"
    sentence = f"{_at(line)} raised {what}"
    if isinstance(error, ModuleNotFoundError):
        return f"{sentence}\n{HERE}"
    return sentence


def clean(text: str) -> str:
    """Returns the text without what UTF-8 cannot say."""
    return text.encode("utf-8", "replace").decode()
