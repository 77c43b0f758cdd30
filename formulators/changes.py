"""Typed changes of a formulation: what a what-if question comes down to, as plain data.

A change names what it concerns and where. `at` picks the indices, one pick for each position:
an element, `Others` (every element but one), `"*"` (each element), and, for a decision, `"+"` (the
sum over the elements). An empty `at` is the whole: every entry of a parameter, every index of a
constraint.
"""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias

from pydantic import Field, TypeAdapter, model_validator

from optiwright.formulators.model import Domain, Element, Entry, Part, Sense, SymbolName

EACH: Literal["*"] = "*"
"""Stands for each element at its position."""
SUMMED: Literal["+"] = "+"
"""Stands for the sum over the elements at its position; for decisions only."""


class Others(Part):
    """Every element at its position but one."""

    other_than: Element


GOAL = "objective"
"""Stands for the leading goal where a term is added."""

Pick: TypeAlias = Element | Others
At: TypeAlias = tuple[Pick, ...]

Relation: TypeAlias = Literal["<=", ">=", "=="]


class SetTo(Part):
    """Entries of a parameter get a new value."""

    kind: Literal["set"] = "set"
    parameter: SymbolName
    at: At = ()
    value: float


class SetEntries(Part):
    """Single entries of a parameter get values of their own, as an edited table has them."""

    kind: Literal["entries"] = "entries"
    parameter: SymbolName
    entries: tuple[Entry, ...] = Field(min_length=1)


class Scale(Part):
    """Entries of a parameter are multiplied: 1.29 is a rise by 29%."""

    kind: Literal["scale"] = "scale"
    parameter: SymbolName
    at: At = ()
    factor: float
    whole: bool = False
    """Whether the new values are rounded up to whole numbers."""


class Add(Part):
    """Entries of a parameter rise by an amount, or fall if it is negative."""

    kind: Literal["add"] = "add"
    parameter: SymbolName
    at: At = ()
    amount: float


class AddConstraint(Part):
    """One more relation holds."""

    kind: Literal["add_constraint"] = "add_constraint"
    name: SymbolName
    expression: str
    over: str = ""
    description: str = Field(min_length=1)
    """What it demands, one sentence in the words of the problem."""


class Restate(Part):
    """A constraint demands another relation, at the indices that it has."""

    kind: Literal["restate"] = "restate"
    constraint: SymbolName
    expression: str
    description: str = ""
    """Its new sentence; empty keeps the old one, unless that states a number."""


class Redefine(Part):
    """A total is worked out in another way."""

    kind: Literal["redefine"] = "redefine"
    definition: SymbolName
    expression: str


class Drop(Part):
    """A constraint no longer holds, at all or at some of its indices."""

    kind: Literal["drop"] = "drop"
    constraint: SymbolName
    at: At = ()


class Relax(Part):
    """A constraint may be missed, by an amount or at a price, at all or at some of its indices."""

    kind: Literal["relax"] = "relax"
    constraint: SymbolName
    at: At = ()
    amount: float | None = Field(default=None, gt=0)
    """By how much its two sides may miss each other, in their unit."""
    penalty: float | None = Field(default=None, ge=0)
    """What each unit by which it is missed costs, in the objective's unit."""

    @model_validator(mode="after")
    def _one_of_two(self) -> Relax:
        if (self.amount is None) == (self.penalty is None):
            raise ValueError("give either `amount` or `penalty`")
        return self


class Decide(Part):
    """A decision, or a total of decisions, is held to a value, from above or from below.

    For a binary, 1 is open, used or chosen and 0 closed, unused or not chosen. The symbol is a
    variable or a definition.
    """

    kind: Literal["decide"] = "decide"
    decision: SymbolName
    at: At = ()
    relation: Relation = "=="
    value: float
    description: str = ""
    """The sentence that the new constraint gets; empty makes one of the names."""


class ChangeDomain(Part):
    """A variable takes other kinds of values."""

    kind: Literal["domain"] = "domain"
    variable: SymbolName
    domain: Domain
    several: bool = False
    """Whether a binary that is no more one may also be larger than 1."""


class SetBounds(Part):
    """A variable gets other bounds, expressions over parameters and its indices; none is none."""

    kind: Literal["bounds"] = "bounds"
    variable: SymbolName
    lower: str | None
    upper: str | None


class ChangeObjective(Part):
    """The leading goal gets another sense or expression."""

    kind: Literal["objective"] = "objective"
    sense: Sense | None = None
    expression: str | None = None
    description: str | None = None
    unit: str | None = None

    @model_validator(mode="after")
    def _changes_something(self) -> ChangeObjective:
        if self.sense is None and self.expression is None:
            raise ValueError("give a `sense` or an `expression`")
        return self


class AddElement(Part):
    """A set gets one more element, with its data."""

    kind: Literal["add_element"] = "add_element"
    set_name: SymbolName
    element: Element
    entries: tuple[SetTo, ...] = ()
    """Values at the new element; `at` names it. Each parameter without a default needs them."""


class Term(Part):
    """So much of a total, a limit or the goal for each unit of a decision."""

    place: SymbolName
    """A definition, a constraint, or `objective` for the leading goal."""
    at: At = ()
    coefficient: float


class AddDecision(Part):
    """One more decision without indices, and what it adds to totals, limits and the goal."""

    kind: Literal["add_decision"] = "add_decision"
    name: SymbolName
    domain: Domain = Domain.CONTINUOUS
    lower: float | None = 0.0
    """None means unbounded below."""
    upper: float | None = None
    description: str = ""
    unit: str = ""
    terms: tuple[Term, ...] = Field(min_length=1)


DataChange: TypeAlias = SetTo | Scale | Add
TypedChange: TypeAlias = Annotated[
    SetTo
    | SetEntries
    | Scale
    | Add
    | AddConstraint
    | Restate
    | Redefine
    | Drop
    | Relax
    | Decide
    | ChangeDomain
    | SetBounds
    | ChangeObjective
    | AddElement
    | AddDecision,
    Field(discriminator="kind"),
]
Changes: TypeAlias = tuple[TypedChange, ...]

CHANGES: TypeAdapter[Changes] = TypeAdapter(Changes)
"""Reads and writes changes as JSON."""
