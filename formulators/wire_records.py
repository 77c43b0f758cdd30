"""The records of the two wire forms: what a language model's formulation is read into."""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, Field

_NAME = r"^[A-Za-z][A-Za-z0-9_]{0,39}$"


class WireRecord(BaseModel):
    """Base: unknown fields are ignored, since servers without a schema let models add some."""

    model_config = ConfigDict(
        frozen=True, extra="ignore", use_attribute_docstrings=True, allow_inf_nan=False
    )


Domain: TypeAlias = Literal["continuous", "integer", "binary"]
Direction: TypeAlias = Literal["minimize", "maximize"]


class FlatVariable(WireRecord):
    """A decision."""

    name: str = Field(pattern=_NAME)
    """A plain identifier."""
    meaning: str
    type: Domain
    lower: float | None
    """Least value; null if it may be negative without limit."""
    upper: float | None
    """Greatest value that the text states for this decision alone, else null."""


class WireObjective(WireRecord):
    """What is to be least or greatest."""

    sense: Direction
    meaning: str
    unit: str
    expression: str
    """Over the variables."""


class FlatConstraint(WireRecord):
    """One requirement of the text."""

    name: str = Field(pattern=_NAME)
    meaning: str
    """The requirement in one sentence."""
    expression: str
    """A comparison: left <= right, left >= right or left == right."""


class FlatDefinition(WireRecord):
    """A named intermediate quantity over the variables."""

    name: str = Field(pattern=_NAME)
    meaning: str
    expression: str


class WireAsked(WireRecord):
    """A quantity that the text asks for."""

    meaning: str
    expression: str
    """Over the variables; `objective` stands for the objective's expression."""


class FlatWire(WireRecord):
    """A problem with its numbers written in."""

    problem: str
    """What is decided and what is to be best, one short sentence; "none" if the text has none."""
    variables: list[FlatVariable]
    definitions: list[FlatDefinition]
    objective: WireObjective | None
    """Null if any feasible solution will do."""
    constraints: list[FlatConstraint]
    asked: list[WireAsked]


class TableElements(WireRecord):
    """Elements that come from a data table: the distinct rows of one or more of its columns."""

    table: str
    columns: list[str] = Field(min_length=1)


class TableValues(WireRecord):
    """Values that come from a data table's column, each found by the row's keys."""

    table: str
    column: str
    keys: list[str]
    """The columns that hold the indices, in the order of `over`; empty for a table of one row."""
    missing: float | None
    """The value where the table has no row; null if every index has its row."""


ListedElements: TypeAlias = Annotated[
    list[str | int | Annotated[list[str | int], Field(min_length=1)]], Field(min_length=1)
]
ListedValues: TypeAlias = list[float]
"""None of them where the text does not give them."""


class WireSet(WireRecord):
    """A set; `elements` are names or integers, lists of them for pairs, or one "1..12"."""

    name: str = Field(pattern=_NAME)
    meaning: str
    elements: ListedElements | TableElements


class WireParameter(WireRecord):
    """Known numbers over zero, one or more sets."""

    name: str = Field(pattern=_NAME)
    meaning: str
    unit: str
    over: str
    """Sets, such as "Plants, Markets"; empty for a single number."""
    values: ListedValues | TableValues
    """In the order of the sets' elements, the last set varying fastest; one for a single number; or
    a data table's column."""


class IndexedVariable(WireRecord):
    """A decision over zero, one or more sets; bounds are expressions or null."""

    name: str = Field(pattern=_NAME)
    meaning: str
    unit: str
    over: str
    """Index clause such as "i in Plants, j in Markets if i != j"; empty for a single one."""
    type: Literal["continuous", "integer", "binary", "semicontinuous"]
    type_basis: Literal["stated", "inferred", "assumed"]
    """Whether the text states the type, implies it, or leaves it open."""
    lower: str | None
    upper: str | None


class WireDefinition(WireRecord):
    """A named intermediate quantity."""

    name: str = Field(pattern=_NAME)
    meaning: str
    over: str
    expression: str


class IndexedConstraint(WireRecord):
    """One requirement, for every index of `over`."""

    name: str = Field(pattern=_NAME)
    meaning: str
    over: str
    condition: str | None
    """If not null, the requirement holds only where this binary, and/or/not of binaries, or
    comparison holds."""
    expression: str
    penalty: str | None
    """If not null, the requirement may be broken at this cost a unit."""


class IndexedAsked(WireRecord):
    """A quantity that the text asks for, for every index of `over`."""

    meaning: str
    over: str
    expression: str
    """`objective` stands for the objective's expression."""


class WireChange(WireRecord):
    """A new value of a parameter, at one index or, with an empty one, of a single number."""

    parameter: str = Field(pattern=_NAME)
    index: list[str | int]
    value: float


class WireScenario(WireRecord):
    """A further case that the text asks for: the same problem with other numbers."""

    name: str
    changes: list[WireChange]


class IndexedWire(WireRecord):
    """A problem over sets."""

    problem: str
    """What is decided and what is to be best, one short sentence; "none" if the text has none."""
    sets: list[WireSet]
    parameters: list[WireParameter]
    variables: list[IndexedVariable]
    definitions: list[WireDefinition]
    objective: WireObjective | None
    """Null if any feasible solution will do."""
    constraints: list[IndexedConstraint]
    asked: list[IndexedAsked]
    assumptions: list[str]
    """What the text leaves open and how it was read, one sentence each."""
    scenarios: list[WireScenario]
    """Further cases that the text asks for; usually none."""
