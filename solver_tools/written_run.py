"""Runs a program that a language model wrote, and says what came of it.

This is what runs inside the confined child: it guards nothing itself. The program may do anything
that its process may; the pool confines the process and kills it at the wall clock.
"""

from __future__ import annotations

import contextlib
import ctypes
import dataclasses
import io
import linecache
import sys
import threading
import types
from typing import TYPE_CHECKING, Any, TextIO

from optiwright.solver_tools import (
    written_cvxpy,
    written_highs,
    written_preamble,
    written_pyomo,
    written_scip,
    written_scipy,
)
from optiwright.solver_tools.written_faults import (
    PROGRAM,
    Fault,
    OutOfTime,
    describe,
    syntax_fault,
)
from optiwright.solver_tools.written_reader import Run, read
from optiwright.solver_tools.written_watch import Watch, patches

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_KEPT = 32_768
"""Characters kept of each end of what the program prints."""
_AGAIN_S = 0.5
_LIBRARIES = (
    written_cvxpy,
    written_highs,
    written_pyomo,
    written_scip,
    written_scipy,
)


def execute(source: str, time_limit_s: float) -> dict[str, Any]:
    """Runs `source` as `__main__` and returns a `ProgramReport` as JSON-able data.

    Whatever the program does short of ending its process is data too: nothing is raised. Solvers
    are told to stop within the time, and Python code is interrupted at its end; a call into a
    library that does not return is for the pool to kill, a little later.

    Args:
        source: the program; its results are what it gives to `report`, solves and prints.
        time_limit_s: wall-clock seconds for all of it.
    """
    return read(run_source(source, time_limit_s)).model_dump(mode="json")


def run_source(source: str, time_limit_s: float) -> Run:
    """Runs `source` as `execute` does and returns what is left of the run, live objects and all."""
    try:
        code = compile(source, PROGRAM, "exec", dont_inherit=True)
    except (SyntaxError, ValueError, RecursionError, MemoryError, OverflowError) as error:
        return Run(fault=syntax_fault(error, source))
    return _run(code, source, time_limit_s)


def _run(code: types.CodeType, source: str, time_limit_s: float) -> Run:
    watch, reported = Watch(time_limit_s), written_preamble.Reported()
    module = types.ModuleType("__main__")
    heard = _Tee(sys.stdout)
    linecache.cache[PROGRAM] = (len(source), None, source.splitlines(keepends=True), PROGRAM)
    with patches() as made, _as_main(module), contextlib.redirect_stdout(heard):
        for library in _LIBRARIES:
            library.install(watch, made)
        if "ortools" in source:
            from optiwright.solver_tools import written_ortools  # slow to import, rarely used

            written_ortools.install(watch, made)
        written_preamble.install(made)
        made.set(sys, "stdin", io.StringIO())  # nobody is there to answer
        vars(module).update(written_preamble.names(reported, source))
        vars(module).update(written_preamble.forgotten_model(source))
        fault = _called(lambda: exec(code, vars(module)), time_limit_s)
    return Run(watch, reported, heard.text, fault, vars(module))


@contextlib.contextmanager
def _as_main(module: types.ModuleType) -> Iterator[None]:
    """Makes the program's module the main one, where `dataclass` and `pickle` look for it."""
    before = sys.modules["__main__"]
    sys.modules["__main__"] = module
    try:
        yield
    finally:
        sys.modules["__main__"] = before


def _called(function: Callable[[], None], time_limit_s: float) -> Fault | None:
    """Calls the program's code and returns what went wrong, if anything."""
    try:
        with _interrupted_after(time_limit_s) as interrupted:
            function()
    except BaseException as error:  # also SystemExit: whatever a program raises is data
        fault = describe(error, time_limit_s)
        return fault and dataclasses.replace(fault, out_of_time=interrupted.is_set())
    return None


@contextlib.contextmanager
def _interrupted_after(seconds: float) -> Iterator[threading.Event]:
    """Raises `OutOfTime` in this thread after that time, and again if that was swallowed.

    Whether it came to that is the event: a library may have made another exception of it. By a
    thread and not by a signal, which the program, a solver or a test runner may use.
    """
    own = ctypes.c_ulong(threading.get_ident())
    over, interrupted, lock = threading.Event(), threading.Event(), threading.Lock()

    def interrupt() -> None:
        patience = seconds
        while not over.wait(patience):
            with lock:
                if not over.is_set():
                    interrupted.set()
                    ctypes.pythonapi.PyThreadState_SetAsyncExc(own, ctypes.py_object(OutOfTime))
            patience = _AGAIN_S

    threading.Thread(target=interrupt, daemon=True).start()
    try:
        yield interrupted
    finally:
        over.set()
        with lock:  # an interruption under way arrives before this is left, not in our caller
            pass


class _Tee(io.TextIOBase):
    """Passes text on to a stream and keeps both ends of it."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._head = ""
        self._tail = ""

    def write(self, text: str) -> int:
        """Writes, and keeps what is among the first or the last."""
        self._stream.write(text)
        room = _KEPT - len(self._head)
        self._head += text[:room]
        self._tail = (self._tail + text[room:])[-_KEPT:]
        return len(text)

    def flush(self) -> None:
        """Flushes the stream below."""
        self._stream.flush()

    def fileno(self) -> int:
        """Returns the stream's descriptor."""
        return self._stream.fileno()

    def close(self) -> None:
        """Stays open: a program that closes its output loses nothing."""

    @property
    def text(self) -> str:
        """What was written, without what lies between both ends."""
        return self._head + self._tail
