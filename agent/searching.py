"""The door for a function: `search` looks for its best arguments within bounds."""

from __future__ import annotations

import inspect
import textwrap
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeAlias

from optiwright.agent.api import OnEvent, solve
from optiwright.agent.result import Result
from optiwright.formulators.black_box import Ask, BlackBox, Code, Unknown
from optiwright.formulators.bounds_lines import read_bounds, told
from optiwright.formulators.code_bounds import unknowns_of
from optiwright.formulators.errors import FormulationError, UserError
from optiwright.formulators.model import Sense

Bounds: TypeAlias = str | Sequence[tuple[float, float]] | Mapping[str, Any]
"""`x in [0, 5], n in 1..10`; a pair for each entry of a vector; or by name a pair, a `range` of
whole numbers, or a list of labels."""


def search(
    function: Callable[..., Any] | Path | str,
    bounds: Bounds | None = None,
    *,
    constraints: Sequence[Callable[..., Any] | str] = (),
    budget: int | None = None,
    maximize: bool = False,
    noisy: bool | None = None,
    start: Sequence[float | int | str] | None = None,
    on_event: OnEvent | None = None,
    **options: Any,
) -> Result:
    """Look for the arguments at which a function is least, or greatest.

    A callable is asked in this process, without a time-out; Python source and files run in the
    sandbox, and what in them is a formula is solved as one. No language model is asked where the
    bounds are given.

    Args:
        function: a callable, Python source, or a file's path, `FILE.py` or `FILE.py:name`.
        bounds: of its arguments; a source may have them itself.
        constraints: each at most zero: callables with the function's arguments, or, of a source,
            names of its functions, `g` or `g >= 0`.
        budget: evaluations at most, 1,000 unless a source says otherwise.
        maximize: of a callable, whether it is to be greatest; a source or its words say so.
        noisy: of a callable, whether it answers differently for the same point; None: it is found
            out.
        start: of a callable, a point to begin with.
        on_event: called with every event as it happens, from the background loop's thread.
        options: further fields of `optiwright.Options`: time_limit_s, optimizer, seed, ...

    Returns:
        The result; `.search` has the point, the trace and how sure it is, `.explain()` the words.

    Raises:
        UserError: the bounds or an option cannot be used, or a source cannot be read.
    """
    if callable(function):
        sense = Sense.MAXIMIZE if maximize else Sense.MINIMIZE
        box = black_box_of(function, bounds, constraints, budget, sense, noisy, start)
        asked = _with_constraints(function, constraints)
        return solve(box, on_event=on_event, own_function=asked, **options)
    told_ = ", ".join(f"{u.name} in {told(u)}" for u in _unknowns(bounds)) if bounds else None
    named = [c if isinstance(c, str) else getattr(c, "__name__", "?") for c in constraints]
    known = {"bounds": told_, "constraints": named, "budget": budget, **options}
    if isinstance(function, str) and ("\n" in function or "lambda" in function):
        return solve(function, on_event=on_event, **known)
    goal = "Maximize" if maximize else "Minimize"
    text = f"{goal} the function of {Path(function).name}."
    return solve(text, on_event=on_event, function=function, **known)


_REMEDY = "Give `x in [0, 5]`, a list of pairs, or a mapping from name to pair, range or labels."


def _unknowns(bounds: Bounds) -> tuple[Unknown, ...]:
    try:
        return read_bounds(bounds) if isinstance(bounds, str) else unknowns_of(bounds)
    except FormulationError as error:
        raise UserError(error.what, where="bounds", remedy=error.remedy or _REMEDY) from None


def black_box_of(
    function: Callable[..., Any],
    bounds: Bounds | None,
    constraints: Sequence[Callable[..., Any] | str] = (),
    budget: int | None = None,
    sense: Sense = Sense.MINIMIZE,
    noisy: bool | None = None,
    start: Sequence[float | int | str] | None = None,
) -> BlackBox:
    """Return a callable as a black box, for a run whose options have it as `own_function`.

    Raises:
        UserError: if the bounds or the start cannot be used.
    """
    if bounds is None:
        raise UserError("a callable comes without bounds", where="bounds", remedy=_REMEDY)
    unknowns = _unknowns(bounds)
    try:
        parameters = set(inspect.signature(function).parameters)
    except (TypeError, ValueError):  # some of C's have none
        parameters = set()
    names = {u.name for u in unknowns}
    if start is not None and len(start) != len(unknowns):
        raise UserError(
            f"the start has {len(start)} values, and there are {len(unknowns)} unknowns",
            where="start",
        )
    return BlackBox(
        title=f"The function {_name(function)}",
        unknowns=unknowns,
        sense=sense,
        oracle=Code(
            source=_source(function),
            function=_name(function),
            style="named" if names <= parameters else "vector",
        ),
        constraints=tuple(
            Ask(function=_name(c, k), description=f"{_name(c, k)} <= 0")
            for k, c in enumerate(constraints, 1)
        ),
        budget=budget if budget is not None else 1000,
        noisy=noisy,
        start=tuple(start) if start is not None else None,
    )


def _with_constraints(
    function: Callable[..., Any], constraints: Sequence[Callable[..., Any] | str]
) -> Callable[..., Any]:
    """Return a function of the value and the constraints' values, in the form a search asks for."""
    odd = next((c for c in constraints if not callable(c)), None)
    if odd is not None:
        raise UserError(
            f"{odd!r} is no callable",
            where="constraints",
            remedy="Give functions, as `function` is.",
        )
    if not constraints:
        return function

    def asked(*place: Any, **named: Any) -> tuple[Any, list[Any]]:
        limits = [c(*place, **named) for c in constraints if callable(c)]
        return function(*place, **named), limits

    asked.__name__ = _name(function)
    return asked


def _name(function: object, place: int = 0) -> str:
    name = str(getattr(function, "__name__", ""))
    fallback = f"constraint{place}" if place else "function"
    return name if name.isidentifier() else fallback


def _source(function: Callable[..., Any]) -> str:
    """Return what the function's source is, for people; it is not run."""
    try:
        return textwrap.dedent(inspect.getsource(function))
    except (OSError, TypeError):
        return f"# {_name(function)} is a function of the caller's own process.\n"
