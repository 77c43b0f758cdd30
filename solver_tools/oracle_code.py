"""Evaluates a black box that is Python source. It guards nothing itself: the pool confines it."""

from __future__ import annotations

import linecache
import time
import types
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np

from optiwright.solver_tools.oracle import Evaluation, failed, number, short
from optiwright.solver_tools.oracle_gradient import Gradient, gradient_of
from optiwright.solver_tools.written_faults import OutOfTime

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from optiwright.formulators.black_box import BlackBox, Code
    from optiwright.solver_tools.search_target import Point

FILE = "function.py"
"""The file name that the source has in tracebacks."""
Guard = Callable[["Point"], "AbstractContextManager[None]"]


class SourceFault(Exception):
    """The source defines no function that can be asked; says why."""


def functions_of(source: str, names: Sequence[str]) -> list[Callable[..., Any]]:
    """Runs the source and returns the functions of these names.

    Raises:
        SourceFault: it does not compile, raises, or defines no such function.
    """
    linecache.cache[FILE] = (len(source), None, source.splitlines(keepends=True), FILE)
    module = types.ModuleType("black_box")
    try:
        exec(compile(source, FILE, "exec", dont_inherit=True), vars(module))
    except OutOfTime:
        raise
    except SyntaxError as error:
        raise SourceFault(f"Line {error.lineno} is no valid Python: {error.msg}.") from None
    except BaseException as error:
        raise SourceFault(f"Running the source {raised(error)}") from None
    found = []
    for name in names:
        function = vars(module).get(name)
        if not callable(function):
            defined = [
                f"`{n}`" for n, v in vars(module).items() if isinstance(v, types.FunctionType)
            ]
            there = f"it defines {', '.join(defined)}" if defined else "it defines no function"
            raise SourceFault(f"The source defines no function `{name}`; {there}.")
        found.append(function)
    return found


def raised(error: BaseException) -> str:
    """Returns the rest of a sentence on what something raised, and in which of its lines."""
    line, trace = None, error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == FILE:
            line = trace.tb_lineno
        trace = trace.tb_next
    where = "" if line is None else f" in line {line}"
    if isinstance(error, SystemExit):
        return f"ended by exit({error.code!r}){where}."
    what = short(f"{type(error).__name__}: {error}".rstrip(": "))
    beside = ""
    if isinstance(error, PermissionError):
        beside = " (in the sandbox it may write in its own folder alone, and has no network)"
    return f"raised {what}{where}{beside}."


class CodeOracle:
    """Asks functions for a value and for constraints.

    Args:
        functions: the function and the constraints'.
        names: the unknowns' names, for a function that is called by them.
        style: how they are called.
        guard: what each call is made within; it may end the call by `OutOfTime`.
    """

    def __init__(
        self,
        functions: Sequence[Callable[..., Any]],
        names: Sequence[str],
        style: str,
        guard: Guard = lambda point: nullcontext(),
        gradient: Callable[[Point], Sequence[float] | None] = lambda point: None,
    ) -> None:
        self._function, *self._limits = functions
        self._titles = [f"`{getattr(f, '__name__', 'function')}`" for f in functions]
        self._names, self._style, self._guard = tuple(names), style, guard
        self._gradient = gradient

    def ask(self, point: Point) -> Evaluation:
        """Evaluates a point: the value, then the constraints."""
        began = time.perf_counter()
        try:
            with self._guard(point):
                value, sentence = number(self._call(self._function, point), self._titles[0])
                limits = []
                for title, function in zip(self._titles[1:], self._limits, strict=True):
                    limit, fault = number(self._call(function, point), title)
                    limits.append(limit)
                    sentence = sentence or fault
        except OutOfTime as error:
            sentence, value, limits = str(error), None, []
        except MemoryError:
            sentence, value, limits = f"{self._titles[0]} needed more memory than it may.", None, []
        except BaseException as error:  # SystemExit too: whatever it raises is data
            sentence, value, limits = f"{self._titles[0]} {raised(error)}", None, []
        took = time.perf_counter() - began
        if sentence or value is None:
            return failed(point, sentence, took)
        return Evaluation.model_construct(
            point=point,
            value=value,
            constraints=tuple(limits),
            gradient=None,
            failure="",
            seconds=round(took, 6),
        )

    def slope(self, point: Point) -> Evaluation | None:
        """Returns the gradient there, None where there is no way to it or it takes too long."""
        began = time.perf_counter()
        try:
            with self._guard(point):
                found = self._gradient(point)
        except BaseException:  # whatever autograd does not know; that it takes too long, too
            return None
        if found is None or not np.all(np.isfinite(found)):
            return None
        took = round(time.perf_counter() - began, 6)
        return Evaluation(point=point, gradient=tuple(map(float, found)), seconds=took)

    def _call(self, function: Callable[..., Any], point: Point) -> Any:
        if self._style == "named":
            return function(**dict(zip(self._names, point, strict=True)))
        if any(isinstance(value, str) for value in point):
            return function(list(point))
        return function(np.array(point, dtype=float))


def code_oracle(box: BlackBox, code: Code, guard: Guard) -> CodeOracle:
    """Returns the oracle of a black box's source.

    Raises:
        SourceFault: see `functions_of`.
    """
    names = [code.function, *(ask.function for ask in box.constraints)]
    functions = functions_of(code.source, names)
    unknowns = [unknown.name for unknown in box.unknowns]

    @cache
    def derived() -> Gradient | None:  # when one is first asked for, as that imports autograd
        return gradient_of(code.source, code.function, unknowns, code.style)

    def gradient(point: Point) -> Sequence[float] | None:
        found = derived()
        return None if found is None else found(point)

    return CodeOracle(functions, unknowns, code.style, guard, gradient)
