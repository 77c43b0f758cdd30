"""What a drawn problem consists of: its formulation's parts and the pieces of its telling."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from optiwright.training.speech import Quantity
from optiwright.training.things import Thing

Element: TypeAlias = Thing | int
Key: TypeAlias = tuple[Element, ...]
Words: TypeAlias = str | Callable[..., str]
"""Words, or a function that makes them from the elements of an index, in the order of `over`."""
Kind: TypeAlias = Literal["continuous", "integer", "binary"]
Sense: TypeAlias = Literal["minimize", "maximize"]


@dataclass(frozen=True)
class SetPart:
    """A set; its elements are things, integers (periods), or pairs of things."""

    name: str
    meaning: str
    elements: tuple[Element | Key, ...]


@dataclass(frozen=True)
class DataPart:
    """Known numbers over sets; a single one has the key ()."""

    name: str
    meaning: str
    over: tuple[str, ...]
    values: Mapping[Key, Quantity]
    unit: str


@dataclass(frozen=True)
class DecisionPart:
    """A decision over an index clause; bounds are expressions over data and indices, or None."""

    name: str
    meaning: Words
    over: str
    kind: Kind
    lower: str | None
    upper: str | None
    flat: Callable[..., str] | None
    """The name in a script, from the elements of the index."""
    unit: str


@dataclass(frozen=True)
class TotalPart:
    """A named quantity over the decisions."""

    name: str
    meaning: Words
    over: str
    expression: str
    flat: Callable[..., str] | None
    carried: bool
    """Whether it is defined by its own value before: the indexed form has a variable for it."""


@dataclass(frozen=True)
class GoalPart:
    """What is to be best."""

    sense: Sense
    expression: str
    meaning: str
    unit: str


@dataclass(frozen=True)
class RulePart:
    """A requirement, for every index of `over`."""

    name: str
    relation: str
    over: str
    comment: Words
    meaning: str


@dataclass(frozen=True)
class AskPart:
    """A quantity that the text asks for."""

    meaning: Words
    expression: str
    over: str


@dataclass(frozen=True)
class Column:
    """One measure of the rows of a table.

    `say` is what a sentence says of it behind the row's name, with `{}` for the quantity, such as
    "needs {} of pouring"; a list has `head quantity`.
    """

    head: str
    say: str
    values: Sequence[Quantity]


@dataclass(frozen=True)
class RowsPiece:
    """Facts about each of some things: told as sentences, as a table or as a list."""

    corner: str
    """What the rows are, in the singular."""
    rows: Sequence[Thing]
    columns: Sequence[Column]
    subject: Callable[[Thing], str]
    """How a sentence begins that is about a row."""


@dataclass(frozen=True)
class GridPiece:
    """A number for each pair: told as a table, or as a sentence a row."""

    corner: str
    rows: Sequence[Thing]
    columns: Sequence[Thing]
    values: Mapping[tuple[Thing, Thing], Quantity]
    title: str
    """What the numbers are, for the line above the table, such as "Cost per tonne"."""
    say: Callable[[Thing, str], str]
    """A sentence for a row, from the row and the list "4 to Lake, 6 to Mill"."""
    part: Callable[[Quantity, Thing], str]
    """One member of that list."""


@dataclass(frozen=True)
class SaidPiece:
    """A sentence or two."""

    text: str


Piece: TypeAlias = RowsPiece | GridPiece | SaidPiece
