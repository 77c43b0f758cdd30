"""Runs a program in which a language model wrote an optimizer; the sandbox is around it."""

from __future__ import annotations

import time
import types
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

_MET = 1e-6
_WITHIN = 1e-9


class _Over(BaseException):
    """The budget is spent, or the time; no `except Exception` of the program stops it."""


def run(
    program: str,
    source: str,
    constraints: Sequence[str],
    bounds: Sequence[tuple[float, float]],
    whole: int,
    budget: int,
    time_limit_s: float,
) -> dict[str, Any]:
    """Call a program's `optimize` on the functions of a source.

    Args:
        program: defines `optimize`.
        source: defines `objective` and the constraints.
        constraints: their names.
        bounds: of each unknown.
        whole: how many unknowns, the first ones, are whole numbers.
        budget: calls of the objective at most.
        time_limit_s: after which it is ended at its next call.

    Returns:
        The best point that counts (None if there is none), the calls, and what went wrong.
    """
    problem = _run_source(source, "problem.py")
    limits = [problem[name] for name in constraints]
    asked = _Asked(problem["objective"], limits, bounds, whole, budget, time_limit_s)
    error = ""
    try:
        optimize = _run_source(program, "program.py").get("optimize")
        if not callable(optimize):
            raise NameError("the program defines no function `optimize`")
        returned = optimize(asked, limits, [tuple(b) for b in bounds], budget)
        if asked.left > 0 and asked.calls < budget:
            asked(np.array(returned, dtype=float).ravel())
    except _Over:
        pass
    except SyntaxError as fault:
        error = f"Line {fault.lineno} is no valid Python: {fault.msg}."
    except BaseException as fault:
        error = f"{type(fault).__name__}{_line(fault)}: {str(fault)[:300]}"
    return {"point": asked.point, "calls": asked.calls, "error": error}


class _Asked:
    """The objective as the program sees it."""

    def __init__(
        self,
        objective: Callable[[Any], float],
        limits: Sequence[Callable[[Any], float]],
        bounds: Sequence[tuple[float, float]],
        whole: int,
        budget: int,
        time_limit_s: float,
    ) -> None:
        self._objective, self._limits, self._whole = objective, limits, whole
        self._lower, self._upper = np.array(bounds, dtype=float).T
        self._end = time.monotonic() + time_limit_s
        self._best = np.inf
        self.left, self.calls = budget, 0
        self.point: list[float] | None = None

    def __call__(self, x: Any) -> float:
        if self.left <= 0 or time.monotonic() > self._end:
            raise _Over
        self.left -= 1
        self.calls += 1
        x = np.asarray(x, dtype=float)
        value = float(self._objective(x))
        if value < self._best and x.shape == self._lower.shape and self._counts(x):
            self._best, self.point = value, [float(v) for v in x]
        return value

    def _counts(self, x: np.ndarray) -> bool:
        inside = np.all(x >= self._lower - _WITHIN) and np.all(x <= self._upper + _WITHIN)
        wholes = np.all(np.abs(x[: self._whole] - np.round(x[: self._whole])) <= _WITHIN)
        return bool(inside and wholes and all(limit(x) <= _MET for limit in self._limits))


def _run_source(source: str, name: str) -> dict[str, Any]:
    module = types.ModuleType(name.removesuffix(".py"))
    exec(compile(source, name, "exec", dont_inherit=True), vars(module))
    return vars(module)


def _line(fault: BaseException) -> str:
    """Return in which of the program's lines it was raised."""
    found, trace = "", fault.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == "program.py":
            found = f" in line {trace.tb_lineno}"
        trace = trace.tb_next
    return found
