"""Evaluates a black box that is a program: one JSON object on its input, a number or JSON back."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from optiwright.solver_tools.oracle import Evaluation, failed, number, short

if TYPE_CHECKING:
    from collections.abc import Sequence

    from optiwright.solver_tools.search_target import Point

_ANSWER_LIMIT = 1 << 20


class CommandOracle:
    """Asks a program, which is run anew for each point, and once more where it ends in an error.

    Args:
        arguments: the program and what it is called with.
        names: the unknowns, as its input names them.
        limits: how many constraints it answers with.
        time_limit_s: for one evaluation; it is killed then.
        session: whether it gets a session of its own, and is killed with all that it started.
    """

    def __init__(
        self,
        arguments: Sequence[str],
        names: Sequence[str],
        limits: int,
        time_limit_s: float,
        *,
        session: bool = True,
    ) -> None:
        self._arguments, self._names = tuple(arguments), tuple(names)
        self._limits, self._time_limit_s, self._session = limits, time_limit_s, session
        self._running: subprocess.Popen[bytes] | None = None
        self._cancelled = False

    def ask(self, point: Point) -> Evaluation:
        """Evaluates a point."""
        began = time.perf_counter()
        found = self._once(point)
        if isinstance(found, str) and found.startswith("The command ended") and not self._cancelled:
            found = self._once(point)
        took = time.perf_counter() - began
        if isinstance(found, str):
            return failed(point, found, took)
        value, limits = found
        return Evaluation(point=point, value=value, constraints=limits, seconds=round(took, 6))

    def slope(self, point: Point) -> None:
        """There is no way to a gradient."""

    def cancel(self) -> None:
        """Ends what runs, from another thread; nothing is begun again."""
        self._cancelled = True
        if self._running is not None:
            self._kill(self._running)

    def _once(self, point: Point) -> tuple[float, tuple[float, ...]] | str:
        """Returns value and constraints, or a sentence."""
        asked = json.dumps(dict(zip(self._names, point, strict=True))).encode()
        try:
            process = subprocess.Popen(
                self._arguments,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                start_new_session=self._session,
            )
        except (OSError, ValueError) as error:
            return (
                f"The command `{self._arguments[0]}` could not be started: "
                f"{getattr(error, 'strerror', None) or error}."
            )
        self._running = process
        try:
            printed, said = process.communicate(asked + b"\n", timeout=self._time_limit_s)
        except subprocess.TimeoutExpired:
            self._kill(process)
            process.communicate()
            return f"The command was still running after {self._time_limit_s:g} s, and was stopped."
        finally:
            self._running = None
            self._kill(process)  # what it may have left running
        if process.returncode != 0:
            last = said.decode(errors="replace").strip().splitlines()[-1:]
            told = f", saying: {short(last[0])}" if last else "."
            return f"The command ended with code {process.returncode}{told}"
        return self._read(printed)

    def _read(self, printed: bytes) -> tuple[float, tuple[float, ...]] | str:
        lines = printed[-_ANSWER_LIMIT:].decode(errors="replace").strip().splitlines()
        if not lines:
            return "The command printed nothing; its last line has to be a number or JSON."
        try:
            found: Any = json.loads(lines[-1])
        except (ValueError, RecursionError):
            return (
                f"The command's last line is {short(lines[-1])!r}; it has to be a number, or JSON "
                'as {"value": 1.5}.'
            )
        limits: Any = []
        if isinstance(found, dict):
            if "value" not in found:
                return f"The command's answer {short(lines[-1])!r} has no `value`."
            found, limits = found["value"], found.get("constraints", [])
        value, fault = number(found, "The command")
        if value is None:
            return fault
        return self._with_limits(value, limits)

    def _with_limits(self, value: float, limits: Any) -> tuple[float, tuple[float, ...]] | str:
        count = len(limits) if isinstance(limits, list) else -1
        if count != self._limits:
            given = "no list" if count < 0 else f"{count} numbers"
            return (
                f"The command's `constraints` are {given}, and {self._limits} were expected: each "
                "at most zero where it is met."
            )
        read = [number(limit, "The command's constraint") for limit in limits]
        faults = [fault for _, fault in read if fault]
        return faults[0] if faults else (value, tuple(float(v or 0.0) for v, _ in read))

    def _kill(self, process: subprocess.Popen[bytes]) -> None:
        with suppress(ProcessLookupError, PermissionError):
            if self._session:
                os.killpg(process.pid, signal.SIGKILL)
            else:
                process.kill()
