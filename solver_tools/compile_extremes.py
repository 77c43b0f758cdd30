"""`max`, `min` and `abs` of variables: by an epigraph where convexity allows it, else by binaries.

Everything is done for `max`; `min(a, b)` is `-max(-a, -b)` and `abs(a)` is `max(a, -a)`. The big-M
of a piece comes from the intervals of the pieces; where one is infinite, a bound is asked for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from optiwright.formulators.errors import FormulationError
from optiwright.formulators.expressions import Call, Node, Reduction
from optiwright.formulators.frames import Frame
from optiwright.formulators.lookup import Mask
from optiwright.solver_tools.batches import (
    add,
    apply,
    collect,
    columns_at,
    gather,
    scale,
    stack,
)
from optiwright.solver_tools.intervals import interval
from optiwright.solver_tools.program import Floats, Functions, Ints, Kind

if TYPE_CHECKING:
    from optiwright.solver_tools.compile_terms import Signs, Terms


def inner_direction(op: str, signs: Signs) -> Signs:
    """Return which replacement of the pieces is allowed: the epigraph's, else none."""
    wanted = 1 if op == "max" else -1
    return np.where(signs == wanted, signs, 0)


def extreme(
    terms: Terms,
    node: Call | Reduction,
    pieces: Functions,
    parents: Ints,
    frame: Frame,
    signs: Signs,
) -> Functions:
    """Return the greatest or least piece of each parent; `parents` rises."""
    op = node.function if isinstance(node, Call) else node.op
    empty = np.bincount(parents, minlength=frame.size) == 0
    if empty.any():
        row = int(np.argmax(empty))
        raise terms.reader.fail(node, f"`{op}` of nothing", frame=frame, row=row)
    if op == "max":
        return _greatest(terms, node, op, pieces, parents, frame, signs)
    return scale(_greatest(terms, node, op, scale(pieces, -1.0), parents, frame, -signs), -1.0)


def absolute(terms: Terms, node: Call, inner: Functions, frame: Frame, signs: Signs) -> Functions:
    """Return the absolute values of functions."""
    order = np.argsort(np.tile(np.arange(frame.size), 2), kind="stable")
    pieces = gather(stack([inner, scale(inner, -1.0)]), order)
    parents = np.repeat(np.arange(frame.size), 2)
    return _greatest(terms, node, "abs", pieces, parents, frame, signs)


def _greatest(
    terms: Terms,
    node: Node,
    op: str,
    pieces: Functions,
    parents: Ints,
    frame: Frame,
    signs: Signs,
) -> Functions:
    if frame.size == 0:
        return collect(pieces, parents, 0)
    builder = terms.builder
    low, high = interval(pieces, *builder.bounds())
    least = _by_parent(np.maximum, low, parents)
    most = _by_parent(np.maximum, high, parents)
    exact = signs <= 0
    alive = _alive(low, high, least, parents)
    choosing = exact & (np.bincount(parents, weights=alive, minlength=frame.size) > 1)
    # Pieces that a binary must be able to switch off.
    open_ended = choosing[parents] & alive & ~np.isfinite(most[parents] - low)
    if open_ended.any():
        if pieces.operations or len(pieces.quadratic_row):
            return _folded(pieces, parents, frame.size)
        raise _unbounded(terms, node, pieces, frame, parents, open_ended)
    columns = builder.add_auxiliary(f"{op}_{terms.name}", frame.size, least, most)
    over = add([columns_at(columns[parents]), scale(pieces, -1.0)])
    builder.add_own_rows(f"{op}_{terms.name}", over, 0.0, np.inf)
    tied = np.flatnonzero(exact[parents] & alive)
    if len(tied):
        _tie(
            terms, op, gather(over, tied), parents[tied], choosing, most[parents[tied]] - low[tied]
        )
    return columns_at(columns)


def _alive(low: Floats, high: Floats, least: Floats, parents: Ints) -> Mask:
    """Return which pieces can be the greatest; of equal ones that always are, the first."""
    champion = low >= least[parents]
    first = np.zeros(len(parents), dtype=np.bool_)
    where = np.flatnonzero(champion)
    first[where[np.unique(parents[where], return_index=True)[1]]] = True
    return (high > least[parents]) | first


def _tie(
    terms: Terms, op: str, over: Functions, parents: Ints, choosing: Mask, big: Floats
) -> None:
    """Make the column equal to a piece: where several are possible, binaries choose one."""
    builder = terms.builder
    several = np.flatnonzero(choosing[parents])
    single = np.flatnonzero(~choosing[parents])
    name = f"{op}_{terms.name}"
    if len(single):
        builder.add_own_rows(name, gather(over, single), -np.inf, 0.0)
    if len(several) == 0:
        return
    chosen = builder.add_auxiliary(f"{name}_which", len(several), 0.0, 1.0, Kind.INTEGER)
    switch = scale(columns_at(chosen), big[several])
    builder.add_own_rows(name, add([gather(over, several), switch]), -np.inf, big[several])
    _, group = np.unique(parents[several], return_inverse=True)
    count = int(group.max()) + 1
    builder.add_own_rows(name, collect(columns_at(chosen), group, count), 1.0, 1.0)


def _folded(pieces: Functions, parents: Ints, count: int) -> Functions:
    """Return max as nested (a + b + |a - b|) / 2, for nonlinear pieces without finite bounds."""
    sizes = np.bincount(parents, minlength=count)
    start = np.cumsum(sizes) - sizes
    best = gather(pieces, start)
    for turn in range(1, int(sizes.max())):
        rows, rest = np.flatnonzero(sizes > turn), np.flatnonzero(sizes <= turn)
        one, two = gather(best, rows), gather(pieces, start[rows] + turn)
        difference = apply("abs", (add([one, scale(two, -1.0)]),))
        larger = scale(add([one, two, difference]), 0.5)
        best = add([collect(larger, rows, count), collect(gather(best, rest), rest, count)])
    return best


def _by_parent(reduce: np.ufunc, values: Floats, parents: Ints) -> Floats:
    start = np.flatnonzero(np.diff(parents, prepend=-1))
    reduced: Floats = reduce.reduceat(values, start)
    return reduced


def _unbounded(
    terms: Terms,
    node: Node,
    pieces: Functions,
    frame: Frame,
    parents: Ints,
    open_ended: Mask,
) -> FormulationError:
    row = int(np.argmax(open_ended))
    siblings = np.flatnonzero(parents == parents[row])
    return unbounded(terms, node, gather(pieces, siblings), frame, int(parents[row]))


def unbounded(
    terms: Terms, node: Node, batch: Functions, frame: Frame, row: int
) -> FormulationError:
    """Make the error that asks for the bounds of the variables in `batch` that have none."""
    lower, upper = terms.builder.bounds()
    columns = np.unique(
        np.concatenate([batch.column, batch.quadratic_first, batch.quadratic_second])
    )
    loose = columns[~np.isfinite(lower[columns]) | ~np.isfinite(upper[columns])]
    names = ", ".join(f"`{terms.builder.column_label(int(c))}`" for c in loose[:3])
    more = f" and {len(loose) - 3} more" if len(loose) > 3 else ""
    which = f"{names}{more}" if len(loose) else "its variables"
    return terms.reader.fail(
        node,
        f"this needs binaries, and so finite bounds on {which}",
        "Give a lower and an upper bound.",
        frame=frame,
        row=row,
    )
