"""The compiled mathematical program: arrays that every solver's back end reads.

A `Program` is one formulation with its data, expanded: n columns, m rows, and one objective a
priority level. Nothing in it knows sets or expressions any more, save that blocks remember which
symbol and index a column or a row came from.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import IntEnum, StrEnum
from typing import Any, Literal, TypeAlias

import numpy as np
import numpy.typing as npt

from optiwright.formulators.model import Index

Floats: TypeAlias = npt.NDArray[np.float64]
Ints: TypeAlias = npt.NDArray[np.int64]
GlobalKind: TypeAlias = Literal["all_different", "no_overlap", "cumulative", "circuit", "table"]
OperationName: TypeAlias = Literal["exp", "log", "sqrt", "sin", "cos", "abs", "pow", "div", "mul"]


class Kind(IntEnum):
    """What values a column may take within its bounds."""

    CONTINUOUS = 0
    INTEGER = 1
    SEMICONTINUOUS = 2


class ProblemClass(StrEnum):
    """What kind of program it is, which decides the solver."""

    LP = "LP"
    MIP = "MIP"
    QP = "convex QP"
    MIQP = "MIQP"
    QCP = "convex QCP"
    MIQCP = "MIQCP"
    NONCONVEX_QP = "nonconvex QP"
    NLP = "NLP"
    MINLP = "MINLP"


@dataclass(frozen=True, slots=True)
class Operation:
    """A nonlinear operation on scalar functions; `pow`, `div` and `mul` take two arguments."""

    op: OperationName
    arguments: tuple[Scalar, ...]


@dataclass(frozen=True, slots=True)
class Scalar:
    """One function of the columns: constant + linear + quadratic + nonlinear operations."""

    constant: float = 0.0
    linear: tuple[tuple[int, float], ...] = ()
    """(column, coefficient)"""
    quadratic: tuple[tuple[int, int, float], ...] = ()
    """(column, column, coefficient), the pair in no particular order"""
    operations: tuple[tuple[float, Operation], ...] = ()
    """(coefficient, operation)"""


@dataclass(frozen=True)
class Functions:
    """A batch of `count` functions of the columns, in coordinate form.

    Entries that repeat a position add up. All index arrays have dtype int64.
    """

    count: int
    constant: Floats
    """Shape (count,)."""
    row: Ints
    column: Ints
    value: Floats
    """Linear entries, three arrays of equal length."""
    quadratic_row: Ints
    quadratic_first: Ints
    quadratic_second: Ints
    quadratic_value: Floats
    """Quadratic entries value * x[first] * x[second], four arrays of equal length."""
    operations: tuple[tuple[int, float, Operation], ...] = ()
    """(row, coefficient, operation)"""

    @property
    def is_linear(self) -> bool:
        """Whether no function has a quadratic or nonlinear part."""
        return len(self.quadratic_row) == 0 and not self.operations


@dataclass(frozen=True)
class Block:
    """Consecutive columns or rows that one symbol or constraint was expanded to.

    Names that start with an underscore are the compiler's own (auxiliary columns and rows).
    """

    name: str
    start: int
    indices: Sequence[Index]

    @property
    def stop(self) -> int:
        """One past the last position."""
        return self.start + len(self.indices)

    @property
    def auxiliary(self) -> bool:
        """Whether the compiler made it up."""
        return self.name.startswith("_")


@dataclass(frozen=True)
class Global:
    """A constraint over many functions at once, which CP-SAT takes as it is.

    `global_rows.in_rows` writes it as rows over binaries for solvers that know rows alone.
    """

    kind: GlobalKind
    name: str
    index: Index
    items: Sequence[Index]
    """What each function belongs to."""
    parts: tuple[Functions, ...]
    """By kind: values; starts, durations; the same with demands and one capacity; arcs; values."""
    allowed: Ints
    """Of a table, the value that each function takes in each allowed row, shape (rows, functions);
    of a circuit, the numbers of the two nodes of each arc, shape (arcs, 2); else empty."""


@dataclass(frozen=True)
class Program:
    """Minimise or maximise objectives[0], then objectives[1], ... subject to rows and bounds."""

    lower: Floats
    upper: Floats
    """Column bounds, shape (n,), infinite where there is none."""
    kind: npt.NDArray[np.uint8]
    """`Kind` of each column, shape (n,)."""
    column_blocks: tuple[Block, ...]
    rows: Functions
    row_lower: Floats
    row_upper: Floats
    """row_lower <= rows(x) <= row_upper, shape (m,); the constant of `rows` is zero."""
    row_blocks: tuple[Block, ...]
    objectives: Functions
    """One function a priority level, the most important first; at least one (zero if none)."""
    minimize: tuple[bool, ...]
    tolerances: tuple[float, ...]
    """How much each level may be worsened by later ones, relative."""
    globals: tuple[Global, ...] = ()
    """What holds beside the rows."""

    @property
    def columns(self) -> int:
        """Number of columns, n."""
        return len(self.lower)

    def column_labels(self) -> Iterator[tuple[str, Index]]:
        """Yield the symbol and index of every column, in order."""
        return _labels(self.column_blocks)

    def row_labels(self) -> Iterator[tuple[str, Index]]:
        """Yield the constraint and index of every row, in order."""
        return _labels(self.row_blocks)


def _labels(blocks: tuple[Block, ...]) -> Iterator[tuple[str, Index]]:
    for block in blocks:
        for index in block.indices:
            yield block.name, index


def functions(count: int, **parts: Any) -> Functions:
    """Make a batch of functions; parts not given are empty (constant: zeros)."""
    nothing_int = np.empty(0, dtype=np.int64)
    nothing = np.empty(0)
    empty = {
        "constant": np.zeros(count),
        "row": nothing_int,
        "column": nothing_int,
        "value": nothing,
        "quadratic_row": nothing_int,
        "quadratic_first": nothing_int,
        "quadratic_second": nothing_int,
        "quadratic_value": nothing,
    }
    return Functions(count=count, **{**empty, **parts})
