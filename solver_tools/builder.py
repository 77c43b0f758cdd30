"""A program under construction: columns and rows are added in blocks, then put together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from optiwright.formulators.errors import FormulationError
from optiwright.formulators.model import Index
from optiwright.solver_tools.batches import is_finite, stack
from optiwright.solver_tools.intervals import tighten
from optiwright.solver_tools.program import (
    Block,
    Floats,
    Functions,
    Global,
    Ints,
    Kind,
    Program,
)


@dataclass(frozen=True)
class _Rows:
    rank: int
    name: str
    indices: Sequence[Index]
    body: Functions
    lower: Floats
    upper: Floats


class Builder:
    """Collects blocks of columns and rows.

    Attributes:
        rank: place of the constraint being compiled among all; rows are put in this order.

    Args:
        reach: how far columns may go, whatever bounds they have, before a big-M row holds them;
            None for what bounds and rows imply.
    """

    def __init__(self, reach: float | None = None) -> None:
        self.rank = 0
        self._reach = reach
        self.columns = 0
        self._lower: list[Floats] = []
        self._upper: list[Floats] = []
        self._kind: list[Ints] = []
        self._blocks: list[Block] = []
        self._rows: list[_Rows] = []
        self._globals: list[Global] = []
        self._tight: tuple[Floats, Floats] | None = None

    def add_columns(
        self,
        name: str,
        indices: Sequence[Index],
        lower: Floats | float,
        upper: Floats | float,
        kind: Kind = Kind.CONTINUOUS,
    ) -> Ints:
        """Add a block of columns and return their positions; bounds have shape () or (n,)."""
        count = len(indices)
        self._lower.append(np.broadcast_to(np.asarray(lower, dtype=np.float64), count))
        self._upper.append(np.broadcast_to(np.asarray(upper, dtype=np.float64), count))
        self._kind.append(np.full(count, kind))
        self._blocks.append(Block(name, self.columns, indices))
        self.columns += count
        return np.arange(self.columns - count, self.columns)

    def add_auxiliary(
        self,
        name: str,
        count: int,
        lower: Floats | float,
        upper: Floats | float,
        kind: Kind = Kind.CONTINUOUS,
    ) -> Ints:
        """Add columns of the compiler's own, numbered, under a name that it makes its own."""
        return self.add_columns(f"_{name}", numbered(count), lower, upper, kind)

    def add_rows(
        self,
        name: str,
        indices: Sequence[Index],
        body: Functions,
        lower: Floats | float,
        upper: Floats | float,
    ) -> None:
        """Add lower <= body <= upper; the body's constant moves to the bounds.

        Raises:
            FormulationError: if a coefficient or constant of the body is not finite.
        """
        if not is_finite(body):
            raise FormulationError(
                "the coefficients overflow", where=f"`{name}`", remedy="Rescale the numbers."
            )
        low, high = (
            np.broadcast_to(np.asarray(bound, dtype=np.float64), body.count) - body.constant + 0.0
            for bound in (lower, upper)
        )
        body = replace(body, constant=np.zeros(body.count))
        self._rows.append(_Rows(self.rank, name, indices, body, low, high))

    def add_own_rows(
        self, name: str, body: Functions, lower: Floats | float, upper: Floats | float
    ) -> None:
        """Add rows of the compiler's own, numbered."""
        self.add_rows(f"_{name}", numbered(body.count), body, lower, upper)

    def add_global(self, constraint: Global) -> None:
        """Add a constraint that holds beside the rows."""
        self._globals.append(constraint)

    def bounds(self) -> tuple[Floats, Floats]:
        """Return bounds on every column: its own, and those implied by the rows there are.

        Rows are looked at once, when first asked; later columns have their own bounds only.
        """
        low, high, kind = _joined(self._lower), _joined(self._upper), self.kinds()
        # A semicontinuous column may be zero besides.
        semi = kind == Kind.SEMICONTINUOUS
        low = np.where(semi, np.minimum(low, 0), low)
        high = np.where(semi, np.maximum(high, 0), high)
        if self._reach is not None:
            binary = (kind == Kind.INTEGER) & (low == 0) & (high == 1)
            wide = np.where(binary, 0.0, self._reach)
            return np.minimum(low, -wide), np.maximum(high, wide)
        if self._tight is None:
            body, lower, upper = self._joined_rows(self._rows)
            tight = tighten(body, lower, upper, low, high, kind == Kind.INTEGER)
            # Rows that contradict each other imply nothing worth having: the solver will say so.
            self._tight = (low, high) if (tight[0] > tight[1]).any() else tight
        known = len(self._tight[0])
        return (
            np.concatenate([self._tight[0], low[known:]]),
            np.concatenate([self._tight[1], high[known:]]),
        )

    def column_label(self, column: int) -> str:
        """Return a column's symbol and index in words, as in `x['a', 3]`."""
        block = next(b for b in self._blocks if b.start <= column < b.stop)
        index = block.indices[column - block.start]
        return f"{block.name}[{', '.join(map(repr, index))}]" if index else block.name

    def kinds(self) -> Ints:
        """Return the `Kind` of every column so far."""
        return np.concatenate([np.empty(0, dtype=np.int64), *self._kind])

    def finish(
        self, objectives: Functions, minimize: tuple[bool, ...], tolerances: tuple[float, ...]
    ) -> Program:
        """Put the program together, rows in the order of their ranks."""
        ordered = sorted(self._rows, key=lambda block: block.rank)
        body, lower, upper = self._joined_rows(ordered)
        blocks, start = [], 0
        for rows in ordered:
            blocks.append(Block(rows.name, start, rows.indices))
            start += rows.body.count
        return Program(
            lower=_joined(self._lower),
            upper=_joined(self._upper),
            kind=self.kinds().astype(np.uint8),
            column_blocks=tuple(self._blocks),
            rows=body,
            row_lower=lower,
            row_upper=upper,
            row_blocks=tuple(blocks),
            objectives=objectives,
            minimize=minimize,
            tolerances=tolerances,
            globals=tuple(self._globals),
        )

    def _joined_rows(self, blocks: Sequence[_Rows]) -> tuple[Functions, Floats, Floats]:
        return (
            stack([block.body for block in blocks]),
            _joined([block.lower for block in blocks]),
            _joined([block.upper for block in blocks]),
        )


def numbered(count: int) -> tuple[Index, ...]:
    """Return the indices of an anonymous block."""
    return tuple((k,) for k in range(count))


def _joined(parts: Sequence[Floats]) -> Floats:
    return np.concatenate([np.empty(0), *parts])
