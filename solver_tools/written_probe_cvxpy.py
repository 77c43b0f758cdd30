"""What a point breaks in a problem of CVXPY: equations and inequalities, entry by entry.

Nothing is said of cones written as such (`SOC`, `PSD`, `ExpCone`, ...), of variables' attributes
beside signs, bounds and integrality, nor of what a point leaves open where that is not convex, as
in a geometric problem. Cones and attributes are held to while the open constraints are brought as
near as can be.
"""

from __future__ import annotations

import re
import warnings
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any

import cvxpy as cp
import numpy as np
from cvxpy.constraints.nonpos import Inequality, NonNeg
from cvxpy.constraints.zero import Equality, Zero
from scipy import sparse

from optiwright.solver_tools.written_breaches import Limits, Row, told
from optiwright.solver_tools.written_cvxpy import by_scip, fitting

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import numpy.typing as npt

    from optiwright.solver_tools.written_breaches import Point
    from optiwright.solver_tools.written_result import ProbeReport
    from optiwright.solver_tools.written_watch import Watch

_EQUATIONS = (Equality, Zero)
_TOLD = (Inequality, NonNeg, *_EQUATIONS)
_TYING = ("symmetric", "diag", "PSD", "NSD", "hermitian", "sparsity")
"""Attributes that tie a variable's entries to one another."""


@dataclass
class _Filled:
    """A problem with the point's values in it."""

    stands: dict[int, Any]
    """What stands in a variable's place, by `id`; none for a variable that is open as a whole."""
    names: dict[str, str]
    """The program's names for those that CVXPY made up."""
    held: list[Any]
    """Constraints that have to be met: on entries that are open beside others that are not."""


def probe(problem: Any, point: Point, watch: Watch) -> ProbeReport:
    """Returns what the point breaks in the problem.

    Raises:
        ChangedModelError: the point has another number of entries.
    """
    holders = problem.variables()
    point.require(sum(holder.size for holder in holders))
    limits = [_limits(holder) for holder in holders]
    filled = _filled(holders, limits, point)
    with np.errstate(all="ignore"):  # outside of a function's domain there is no value to tell
        rows = list(_rows(problem, filled))
        goal = problem.objective.args[0].tree_copy(filled.stands)
        value = None if goal.variables() else goal.value
    return told(
        point,
        [entry for ends in limits for entry in ends],
        rows,
        lambda left: _at_best(left, filled.held, watch),
        value,
    )


def _limits(holder: Any) -> list[Limits]:
    """Returns what values each entry may take, in the order of `written_cvxpy`, row by row."""
    flags, shape = holder.attributes, holder.shape
    least, most = _bounds(flags["bounds"])
    low = np.maximum(np.full(shape, 0.0 if flags["nonneg"] or flags["pos"] else -np.inf), least)
    high = np.minimum(np.full(shape, 0.0 if flags["nonpos"] or flags["neg"] else np.inf), most)
    binary = _marked(flags["boolean"], shape)
    low, high = np.where(binary, 0.0, low), np.where(binary, 1.0, high)
    whole = binary | _marked(flags["integer"], shape)
    entries = zip(low.flat, high.flat, whole.flat, strict=True)
    return [Limits(float(least), float(most), bool(is_whole)) for least, most, is_whole in entries]


def _bounds(pair: Any) -> list[Any]:
    """Returns what stands as `bounds`, numbers or arrays; these may be parameters' values."""
    ends = (-np.inf, np.inf) if pair is None else pair
    return [end.value if isinstance(end, cp.Expression) else end for end in ends]


def _marked(flag: Any, shape: tuple[int, ...]) -> npt.NDArray[np.bool_]:
    """Returns which entries an attribute is for: all, none, or those at its indices.

    CVXPY takes them as numpy does, a list a dimension, whatever its documentation says.
    """
    if isinstance(flag, bool) or flag is None:
        return np.full(shape, bool(flag))
    marked = np.zeros(shape, dtype=bool)
    marked[tuple(np.asarray(part) for part in flag)] = True
    return marked


def _filled(holders: list[Any], limits: list[list[Limits]], point: Point) -> _Filled:
    filled, start = _Filled({}, {}, []), 0
    for holder, ends in zip(holders, limits, strict=True):
        stop = start + holder.size
        values = np.array(point.values[start:stop], dtype=float)
        if re.fullmatch(r"var\d+", holder.name()) and holder.size:
            filled.names[holder.name()] = _common_name(point.names[start], holder.ndim)
        _fill(filled, holder, values, ends)
        start = stop
    return filled


def _common_name(name: str, depth: int) -> str:
    """Returns the name of a variable by that of its first entry: `x[a]` of `x[a,0]`, depth 1."""
    if not depth:
        return name
    head, _, index = name.removesuffix("]").partition("[")
    kept = ",".join(index.split(",")[:-depth])
    return f"{head}[{kept}]" if kept else head


def _fill(filled: _Filled, holder: Any, values: npt.NDArray[Any], ends: list[Limits]) -> None:
    """Puts values in a variable's place, and a new variable in that of entries without one.

    A variable whose entries are tied to one another stays open as a whole unless all are given.
    """
    is_open = np.isnan(values)
    if not np.any(is_open):
        filled.stands[id(holder)] = cp.Constant(values.reshape(holder.shape))
    elif not np.all(is_open) and not any(holder.attributes[name] for name in _TYING):
        places = np.flatnonzero(is_open)
        left = [ends[place] for place in places]
        whole = [n for n, end in enumerate(left) if end.is_integer]
        free = cp.Variable(len(places), integer=[whole] if whole else False)
        entries = (np.ones(len(places)), (places, np.arange(len(places))))
        spread = sparse.csc_array(entries, shape=(holder.size, len(places)))
        flat = spread @ free + np.where(is_open, 0.0, values)
        filled.stands[id(holder)] = flat.reshape(holder.shape, order="C")
        for n, end in enumerate(left):
            filled.held += [free[n] >= end.low] if np.isfinite(end.low) else []
            filled.held += [free[n] <= end.high] if np.isfinite(end.high) else []


def _rows(problem: Any, filled: _Filled) -> Iterator[Row]:
    """Yields what is missed of settled constraints, and open ones as a whole; the rest is held."""
    for number, constraint in enumerate(problem.constraints):
        copy = constraint.tree_copy(filled.stands)
        if not isinstance(constraint, _TOLD):
            filled.held += [copy] if copy.variables() else []
            continue
        row = Row(
            constraint.label or f"constraint {number + 1}",
            partial(_text, constraint, filled.names),
            source=(copy, _sizes(constraint)),
        )
        if copy.variables():
            yield row
        else:
            yield from _entries(row, copy.residual)


def _text(constraint: Any, names: dict[str, str]) -> str:
    return re.sub(r"\bvar\d+\b", lambda made: names.get(made[0], made[0]), constraint.name())


def _sizes(constraint: Any) -> Any:
    """Returns what the tolerance of each entry is relative to: a side that is a constant."""
    sizes = np.ones(constraint.shape)
    for side in constraint.args:
        if side.is_constant():
            sizes = np.maximum(sizes, np.abs(side.value))
    return sizes


def _entries(whole: Row, misses: Any) -> Iterator[Row]:
    """Yields a row an entry that is missed."""
    _, sizes = whole.source
    for place, miss in np.ndenumerate(misses):
        if miss > 0:
            text = partial(_entry_text, whole.text, place) if np.size(misses) > 1 else whole.text
            yield replace(whole, text=text, excess=float(miss), size=float(sizes[place]))


def _entry_text(text: Callable[[], str], place: tuple[int, ...]) -> str:
    return f"{text()}, entry [{','.join(map(str, place))}]"


def _at_best(rows: list[Row], held: list[Any], watch: Watch) -> Iterator[Row]:
    """Yields what is missed of each entry where the total is least and proved so."""
    misses, soft = [], []
    for row in rows:
        constraint, _ = row.source
        body, short = constraint.expr, cp.Variable(constraint.shape, nonneg=True)
        if isinstance(constraint, _EQUATIONS):
            over = cp.Variable(constraint.shape, nonneg=True)
            soft.append(body + short - over == 0)
            misses.append(short + over)
        else:
            soft.append(body + short >= 0 if isinstance(constraint, NonNeg) else body <= short)
            misses.append(short)
    total = sum(miss.sum() for miss in misses)
    if _is_solved(cp.Problem(cp.Minimize(total), soft + held), watch):
        for row, miss in zip(rows, misses, strict=True):
            yield from _entries(row, miss.value)


def _is_solved(problem: Any, watch: Watch) -> bool:
    """Solves the problem, mixed-integer ones by SCIP for the reason in `written_pyomo`."""
    if not problem.is_dcp():
        return False
    mixed = problem.is_mixed_integer()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of what the status says
        try:
            problem.solve(**by_scip(watch.seconds) if mixed else fitting(problem, watch.seconds))
        except cp.SolverError:  # a class that no solver here takes
            return False
    return bool(problem.status == "optimal")
