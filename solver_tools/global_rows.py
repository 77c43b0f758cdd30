"""Constraints over many functions as rows over binaries, for solvers that know rows alone.

The rows say the same as the constraint. A big-M comes from derived finite bounds; where one is
missing the constraint has no such form. Order in time is a choice for each pair; a circuit is a
flow of one commodity from its first node to each other one (Gavish and Graves, 1978).
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from optiwright.formulators.errors import FormulationError
from optiwright.solver_tools.batches import add, columns_at, constants, gather, scale, stack
from optiwright.solver_tools.intervals import interval, tighten
from optiwright.solver_tools.program import Block, Kind, Program

if TYPE_CHECKING:
    from collections.abc import Sequence

    from optiwright.solver_tools.program import Floats, Functions, Global, Ints

MOST_VALUES = 2_000
"""Values up to which an all-different has a binary for each item and value, and not for pairs."""


def in_rows(program: Program) -> Program:
    """Return the program with every `Global` as rows; the columns that it had come first.

    Raises:
        FormulationError: if a bound is missing that a row needs.
    """
    if not program.globals:
        return program
    return _Rows(program).written()


class _Rows:
    """Collects columns and rows beside a program's own."""

    def __init__(self, program: Program) -> None:
        self.program = program
        whole = program.kind == Kind.INTEGER
        semi = program.kind == Kind.SEMICONTINUOUS
        low = np.where(semi, np.minimum(program.lower, 0.0), program.lower)
        high = np.where(semi, np.maximum(program.upper, 0.0), program.upper)
        self.low: Floats
        self.high: Floats
        low, high = _within_tables(program, low, high)
        tight = tighten(program.rows, program.row_lower, program.row_upper, low, high, whole)
        self.low, self.high = (low, high) if (tight[0] > tight[1]).any() else tight
        self.columns: list[tuple[float, float, Kind]] = []
        self.bodies: list[Functions] = []
        self.limits: list[tuple[float, float]] = []

    def written(self) -> Program:
        for constraint in self.program.globals:
            _Written(self, constraint).add()
        program, start = self.program, self.program.columns
        lower, upper, kind = zip(*self.columns, strict=True) if self.columns else ((), (), ())
        bodies = stack(self.bodies)
        ends = np.array(self.limits).reshape(-1, 2) - bodies.constant[:, np.newaxis]
        count = len(program.row_lower)
        return replace(
            program,
            globals=(),
            lower=np.concatenate([program.lower, lower]),
            upper=np.concatenate([program.upper, upper]),
            kind=np.concatenate([program.kind, np.array(kind, dtype=np.uint8)]),
            column_blocks=(
                *program.column_blocks,
                Block("_choice", start, [(k,) for k in range(len(self.columns))]),
            ),
            rows=stack([program.rows, replace(bodies, constant=np.zeros(bodies.count))]),
            row_lower=np.concatenate([program.row_lower, ends[:, 0]]),
            row_upper=np.concatenate([program.row_upper, ends[:, 1]]),
            row_blocks=(
                *program.row_blocks,
                Block("_choice", count, [(k,) for k in range(bodies.count)]),
            ),
        )

    def new(self, count: int, lower: float, upper: float, kind: Kind) -> Ints:
        start = self.program.columns + len(self.columns)
        self.columns += [(lower, upper, kind)] * count
        return np.arange(start, start + count)


class _Written:
    """One constraint on its way into rows."""

    def __init__(self, rows: _Rows, constraint: Global) -> None:
        self.rows = rows
        self.constraint = constraint
        self.count = constraint.parts[0].count

    def add(self) -> None:
        match self.constraint.kind:
            case "all_different":
                self.all_different()
            case "no_overlap":
                self.no_overlap()
            case "cumulative":
                self.cumulative()
            case "circuit":
                self.circuit()
            case "table":
                self.table()

    # --- pieces -----------------------------------------------------------------------------------

    def item(self, part: int, at: int) -> Functions:
        return gather(self.constraint.parts[part], np.array([at]))

    def bit(self) -> Functions:
        return columns_at(self.rows.new(1, 0.0, 1.0, Kind.INTEGER))

    def row(self, body: Functions, lower: float, upper: float) -> None:
        self.rows.bodies.append(body)
        self.rows.limits.append((lower, upper))

    def ends(self, body: Functions) -> tuple[float, float]:
        """Returns finite bounds on one function."""
        known = len(self.rows.low)
        extra = np.array(self.rows.columns).reshape(-1, 3)
        low = np.concatenate([self.rows.low, extra[:, 0]])
        high = np.concatenate([self.rows.high, extra[:, 1]])
        least, most = (float(end[0]) for end in interval(body, low, high))
        if np.isfinite(least) and np.isfinite(most):
            return least, most
        columns = np.concatenate([body.column, body.quadratic_first, body.quadratic_second])
        ends = [(c, low[c], high[c]) for c in columns.tolist() if c < known]
        open_ended = [end for end in ends if not np.isfinite(end[1:]).all()]
        what = "an expression in it has no finite range"
        if open_ended:
            column, below, _ = open_ended[0]
            name, index = list(self.rows.program.column_labels())[column]
            shown = f"{name}[{', '.join(map(repr, index))}]" if index else name
            what = f"`{shown}` has no {'upper' if np.isfinite(below) else 'lower'} bound"
        raise FormulationError(
            f"{what}, and it needs one here",
            where=f"constraint `{self.constraint.name}`",
            remedy="Give its variables finite bounds, such as a last moment for all starts.",
        )

    def at_most(self, body: Functions, unless: Sequence[Functions]) -> None:
        """Adds body <= 0 unless one of the literals is 1."""
        _, most = self.ends(body)
        if most > 0:
            self.row(add([body, *(scale(bit, -most) for bit in unless)]), -np.inf, 0.0)

    def if_then(self, bit: Functions, body: Functions) -> None:
        """Adds body <= 0 where the literal is 1."""
        _, most = self.ends(body)
        if most > 0:
            self.row(add([body, scale(bit, most)]), -np.inf, most)

    def total(self, parts: Sequence[Functions], lower: float, upper: float) -> None:
        self.row(add([_number(0.0), *parts]), lower, upper)

    def absent(self, at: int) -> list[Functions] | None:
        """Returns the literals that say that an interval has no length; None if it never has one.

        An empty list: it always has one.
        """
        duration = self.item(1, at)
        least, most = self.ends(duration)
        if most <= 0:
            return None
        if least > 0:
            return []
        empty = self.bit()
        self.if_then(empty, duration)
        return [empty]

    def precedes(self, one: int, other: int) -> Functions:
        """Returns end(one) - start(other)."""
        return add([self.item(0, one), self.item(1, one), scale(self.item(0, other), -1.0)])

    # --- kinds ------------------------------------------------------------------------------------

    def all_different(self) -> None:
        ends = [self.ends(self.item(0, at)) for at in range(self.count)]
        if not ends:
            return
        least, most = min(low for low, _ in ends), max(high for _, high in ends)
        if most - least < MOST_VALUES:
            self.values_taken(ends, range(round(least), round(most) + 1))
            return
        for one in range(self.count):
            for other in range(one):
                gap = add([self.item(0, one), scale(self.item(0, other), -1.0), _number(1.0)])
                back = add([self.item(0, other), scale(self.item(0, one), -1.0), _number(1.0)])
                before = self.bit()
                self.if_then(before, gap)
                self.at_most(back, [before])

    def values_taken(self, ends: Sequence[tuple[float, float]], values: range) -> None:
        takers: dict[int, list[Functions]] = {value: [] for value in values}
        for at, (low, high) in enumerate(ends):
            mine = [(value, self.bit()) for value in values if low <= value <= high]
            for value, bit in mine:
                takers[value].append(bit)
            self.total([bit for _, bit in mine], 1.0, 1.0)
            sums = [scale(bit, float(value)) for value, bit in mine]
            self.total([*sums, scale(self.item(0, at), -1.0)], 0.0, 0.0)
        for bits in takers.values():
            if len(bits) > 1:
                self.total(bits, -np.inf, 1.0)

    def no_overlap(self) -> None:
        absent = [self.absent(at) for at in range(self.count)]
        for one in range(self.count):
            for other in range(one):
                if absent[one] is None or absent[other] is None:
                    continue
                unless = [*(absent[one] or []), *(absent[other] or [])]
                first = self.bit()
                after = add([_number(1.0), scale(first, -1.0)])
                self.at_most(self.precedes(one, other), [after, *unless])
                self.at_most(self.precedes(other, one), [first, *unless])

    def cumulative(self) -> None:
        """At each start, what has started and not ended demands no more than there is.

        Of two that start together the later in an order of all counts the other one, so that of
        those that run at any moment the last to start counts them all.
        """
        capacity = self.constraint.parts[3]
        absent = [self.absent(at) for at in range(self.count)]
        live = [at for at in range(self.count) if absent[at] is not None]
        place = columns_at(self.rows.new(self.count, 0.0, float(self.count - 1), Kind.INTEGER))
        for at in live:
            used = [self.item(2, at), scale(capacity, -1.0)]
            for other in live:
                if other != at:
                    used.append(self.running(other, at, place, absent[other] or []))
            self.at_most(add(used), absent[at] or [])

    def running(
        self, other: int, at: int, place: Functions, unless: Sequence[Functions]
    ) -> Functions:
        """Returns what `other` demands at the start of `at`, at least."""
        ended, later = self.bit(), self.bit()
        self.if_then(ended, self.precedes(other, at))
        self.if_then(later, add([self.item(0, at), scale(self.item(0, other), -1.0)]))
        step = [gather(place, np.array([k])) for k in (at, other)]
        self.if_then(later, add([step[0], scale(step[1], -1.0), _number(1.0)]))
        demand = self.item(2, other)
        _, most = self.ends(demand)
        taken = columns_at(self.rows.new(1, 0.0, max(most, 0.0), Kind.CONTINUOUS))
        self.at_most(add([demand, scale(taken, -1.0)]), [ended, later, *unless])
        return taken

    def circuit(self) -> None:
        ends = self.constraint.allowed
        nodes = int(ends.max(initial=-1)) + 1
        arcs = [self.item(0, at) for at in range(self.count)]
        for node in range(nodes):
            for side in (0, 1):
                self.total([arcs[a] for a in np.flatnonzero(ends[:, side] == node)], 1.0, 1.0)
        if nodes < 2:
            return
        flow = [columns_at(self.rows.new(1, 0.0, nodes - 1.0, Kind.CONTINUOUS)) for _ in arcs]
        for at, arc in enumerate(arcs):
            if ends[at, 0] == ends[at, 1]:
                self.total([arc], 0.0, 0.0)
            self.total([flow[at], scale(arc, 1.0 - nodes)], -np.inf, 0.0)
        for node in range(1, nodes):
            into = [flow[a] for a in np.flatnonzero(ends[:, 1] == node)]
            out = [scale(flow[a], -1.0) for a in np.flatnonzero(ends[:, 0] == node)]
            self.total([*into, *out], 1.0, 1.0)

    def table(self) -> None:
        allowed = self.constraint.allowed
        bits = [self.bit() for _ in allowed]
        self.total(bits, 1.0, 1.0)
        for at in range(self.count):
            values = allowed[:, at].tolist()
            sums = [scale(bit, float(v)) for bit, v in zip(bits, values, strict=True) if v]
            self.total([*sums, scale(self.item(0, at), -1.0)], 0.0, 0.0)


def _within_tables(program: Program, low: Floats, high: Floats) -> tuple[Floats, Floats]:
    """Return the bounds, drawn in to what tables allow of single columns."""
    low, high = low.copy(), high.copy()
    for constraint in program.globals:
        if constraint.kind != "table" or not len(constraint.allowed):
            continue
        part = constraint.parts[0]
        for at in range(part.count):
            entries = np.flatnonzero(part.row == at)
            if len(entries) == 1 and part.is_linear and part.value[entries[0]] == 1:
                column, taken = part.column[entries[0]], constraint.allowed[:, at]
                low[column] = max(low[column], float(taken.min()) - part.constant[at])
                high[column] = min(high[column], float(taken.max()) - part.constant[at])
    return low, high


def _number(value: float) -> Functions:
    return constants(np.asarray(value), 1)


def bounds_of(program: Program) -> tuple[Floats, Floats]:
    """Return bounds on every column that its own and the rows imply, none wider than its own."""
    rows = _Rows(program)
    return rows.low, rows.high
