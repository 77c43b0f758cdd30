"""Evaluates a black box that is a function of the caller's own process."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from optiwright.solver_tools.oracle import Evaluation, failed, number, short

if TYPE_CHECKING:
    from optiwright.solver_tools.search_target import Point


class CallableOracle:
    """Asks a function for a number, or for a number and a list of constraints' values.

    Args:
        function: what is asked.
        names: the unknowns, for a function that is called by them.
        style: `vector` or `named`.
        limits: how many constraints it answers with.
    """

    def __init__(
        self, function: Callable[..., Any], names: Sequence[str], style: str, limits: int
    ) -> None:
        self._function, self._names, self._style = function, tuple(names), style
        self._limits = limits
        self._title = f"`{getattr(function, '__name__', 'function')}`"

    def ask(self, point: Point) -> Evaluation:
        """Evaluates a point; what the function raises is an evaluation that failed."""
        began = time.perf_counter()
        try:
            found = self._call(point)
        except Exception as error:
            what = short(f"{type(error).__name__}: {error}".rstrip(": "))
            return failed(point, f"{self._title} raised {what}.", time.perf_counter() - began)
        took = time.perf_counter() - began
        limits: Any = ()
        if self._limits:
            try:
                found, limits = found
                limits = tuple(limits)
            except (TypeError, ValueError):
                limits = ()
            if len(limits) != self._limits:
                return failed(
                    point,
                    f"{self._title} has to return its value and the values of {self._limits} "
                    "constraints: `value, [..]`.",
                    took,
                )
        read = [number(found, self._title), *(number(limit, self._title) for limit in limits)]
        for _, sentence in read:
            if sentence:
                return failed(point, sentence, took)
        value, *kept = (float(v or 0.0) for v, _ in read)
        return Evaluation(point=point, value=value, constraints=tuple(kept), seconds=round(took, 6))

    def slope(self, point: Point) -> None:
        """There is no way to a gradient."""

    def _call(self, point: Point) -> Any:
        if self._style == "named":
            return self._function(**dict(zip(self._names, point, strict=True)))
        if any(isinstance(value, str) for value in point):
            return self._function(list(point))
        return self._function(np.array(point, dtype=float))
