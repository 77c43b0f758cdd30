"""A search of a black box in one confined job: optimizer and function in one process.

Each evaluation leaves as a line on standard output, those of quick functions a few at a time. What
the function prints goes nowhere. It guards nothing itself: the pool confines the process, and what
comes out of it is data that its caller checks.
"""

from __future__ import annotations

import json
import math
import os
import threading
import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from optiwright.formulators.black_box import BlackBox, Code
from optiwright.solver_tools.oracle import Evaluation, Oracle
from optiwright.solver_tools.oracle_code import Guard, SourceFault, code_oracle
from optiwright.solver_tools.oracle_command import CommandOracle
from optiwright.solver_tools.oracle_watchdog import TICK_S, Watchdog
from optiwright.solver_tools.search_journal import line_of, read_line
from optiwright.solver_tools.search_ledger import Ledger
from optiwright.solver_tools.search_run import Search
from optiwright.solver_tools.written_faults import OutOfTime

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from optiwright.solver_tools.search_target import Point

_SLOW_S = 0.005


class Lines:
    """Lines to the caller: what is written soon leaves, what takes long leaves at once."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor, self._lock = descriptor, threading.Lock()
        self._waiting = bytearray()
        self._sent = time.monotonic()

    def evaluation(self, evaluation: Evaluation) -> None:
        """Writes an evaluation."""
        now = evaluation.seconds > _SLOW_S or time.monotonic() - self._sent > TICK_S
        self.write(line_of(evaluation), now=now)

    def message(self, **fields: Any) -> None:
        """Writes something else, at once."""
        self.write(json.dumps(fields).encode() + b"\n", now=True)

    def write(self, line: bytes, *, now: bool) -> None:
        """Writes a line."""
        with self._lock:
            self._waiting += line
        if now:
            self.flush()

    def flush(self) -> None:
        """Sends what waits."""
        with self._lock:
            view = memoryview(bytes(self._waiting))
            self._waiting.clear()
            self._sent = time.monotonic()
            while view:
                view = view[os.write(self._descriptor, view) :]


def search(
    box_json: str,
    known: str,
    optimizer: str | None,
    seed: int,
    time_limit_s: float,
    call_limit_s: float,
    *modes: str,
) -> dict[str, Any]:
    """Searches, and returns the outcome with how often its point was and may be evaluated.

    Args:
        box_json: the black box.
        known: the evaluations that are paid for, as lines.
        optimizer: the only one to use; None: those that promise most.
        seed: of all that is random.
        time_limit_s: for all of it.
        call_limit_s: for one call of the function.
        modes: `careful`: each point is told before it is evaluated; `replay`: nothing new is.
    """

    def look(box: BlackBox, oracle: Oracle, lines: Lines) -> dict[str, Any]:
        paid = [read_line(line) for line in known.splitlines()]
        ledger = Ledger(
            None if "replay" in modes else oracle,
            box.budget,
            maximize=box.sense == "maximize",
            known=[evaluation for evaluation in paid if evaluation is not None],
            keep=lines.evaluation,
            deadline=time.monotonic() + time_limit_s,
        )

        def told(name: str, reason: str) -> None:
            lines.message(stage=name, reason=reason)

        found = Search(box, ledger, optimizer, seed, told).run()
        return {
            "outcome": found.outcome.model_dump(mode="json"),
            "taken": found.taken,
            "repeats": found.repeats,
        }

    return _with_oracle(box_json, call_limit_s, "careful" in modes, look, time_limit_s)


def evaluate(
    box_json: str, point: Sequence[float | int | str], times: int, call_limit_s: float
) -> dict[str, Any]:
    """Evaluates one point so many times; the evaluations leave as lines."""

    def look(box: BlackBox, oracle: Oracle, lines: Lines) -> dict[str, Any]:
        for _ in range(times):
            lines.evaluation(oracle.ask(tuple(point)))
        return {}

    return _with_oracle(box_json, call_limit_s, False, look)


def _with_oracle(
    box_json: str,
    call_limit_s: float,
    careful: bool,
    look: Callable[[BlackBox, Oracle, Lines], dict[str, Any]],
    time_limit_s: float = math.inf,
) -> dict[str, Any]:
    """Has the function ready, and output out of its way; a source that is none is a `fault`."""
    box = BlackBox.model_validate_json(box_json)
    lines = Lines(os.dup(1))
    with open(os.devnull, "w", encoding="utf-8") as silent:
        os.dup2(silent.fileno(), 1)
        os.dup2(silent.fileno(), 2)
        try:
            if isinstance(box.oracle, Code):
                return _with_code(box, box.oracle, call_limit_s, careful, look, lines, silent)
            oracle = CommandOracle(
                box.oracle.arguments,
                [unknown.name for unknown in box.unknowns],
                len(box.constraints),
                box.oracle.time_limit_s,
                session=False,
                deadline=time.monotonic() + time_limit_s,
            )
            return look(box, oracle, lines)
        finally:
            lines.flush()


def _with_code(
    box: BlackBox,
    code: Code,
    call_limit_s: float,
    careful: bool,
    look: Callable[[BlackBox, Oracle, Lines], dict[str, Any]],
    lines: Lines,
    silent: Any,
) -> dict[str, Any]:
    def hung(point: Point, sentence: str) -> None:
        if point:
            lines.evaluation(Evaluation(point=point, failure=sentence, seconds=call_limit_s))
        else:
            lines.message(fault=f"Running the source took too long. {sentence}")
        lines.flush()

    watchdog = Watchdog(call_limit_s, lines.flush, hung, silent)
    guard: Guard = _Careful(watchdog, lines) if careful else watchdog
    try:
        with guard(()):
            oracle = code_oracle(box, code, guard)
        return look(box, oracle, lines)
    except OutOfTime as error:
        return {"fault": f"Running the source took too long. {error}"}
    except SourceFault as fault:
        return {"fault": str(fault)}
    finally:
        watchdog.stop()


class _Careful:
    """Tells each point before it is evaluated, for a function that ends its process."""

    def __init__(self, watchdog: Watchdog, lines: Lines) -> None:
        self._watchdog, self._lines = watchdog, lines

    def __call__(self, point: Point) -> AbstractContextManager[None]:
        self._lines.message(asking=list(point))
        return self._watchdog(point)
