"""The five-element formulation: one frozen domain model, whatever wire form or file it came from.

Expressions are kept as text in the small language of `optiwright.formulators.parser`. An `over`
field is an index clause of it, such as `i in Plants, j in Markets if i != j`; empty means scalar.
`words` quotes the problem's text that an element stands for; empty means that it quotes none.
"""

from __future__ import annotations

import json
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, Self, TypeAlias

from pydantic import BaseModel, ConfigDict, Field, PrivateAttr, ValidationError

from optiwright.formulators.errors import FormulationError, UserError

if TYPE_CHECKING:
    from optiwright.formulators.data import Data

SCHEMA_VERSION: Literal[1] = 1

Element: TypeAlias = int | str
"""One component of a set's element."""

Index: TypeAlias = tuple[Element, ...]
"""Where in a symbol's domain a value lies; `()` for a scalar."""

NAME_PATTERN = r"^[A-Za-z_][A-Za-z0-9_]*$"
SymbolName: TypeAlias = Annotated[str, Field(pattern=NAME_PATTERN, max_length=80)]


class Basis(StrEnum):
    """Where a domain or a bound comes from."""

    STATED = "stated"
    INFERRED = "inferred"
    ASSUMED = "assumed"


class Part(BaseModel):
    """Base of everything in a formulation: frozen, closed, documented by its own docstrings."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", use_attribute_docstrings=True, allow_inf_nan=False
    )


# --- sets -----------------------------------------------------------------------------------------


Elements: TypeAlias = tuple[Element | Annotated[Index, Field(min_length=1)], ...]


class Listed(Part):
    """Elements written out; a tuple set's elements all have the same length of two or more."""

    kind: Literal["listed"] = "listed"
    elements: Elements


class Range(Part):
    """The integers from `start` to `stop`, both included."""

    kind: Literal["range"] = "range"
    start: str
    """An integer-valued expression over scalar parameters."""
    stop: str
    step: int = Field(default=1, ge=1)


class FromTable(Part):
    """The distinct rows of one or more columns of a data table, in the table's order."""

    kind: Literal["table"] = "table"
    table: str
    columns: tuple[str, ...] = Field(min_length=1)


class Members(Part):
    """The elements of an indexed set at one index."""

    index: Index
    elements: Elements


class Family(Part):
    """An indexed set: other elements at each index of `over`, as in `Succ[i]`."""

    kind: Literal["family"] = "family"
    over: str
    members: tuple[Members, ...]


class SetDef(Part):
    """A set of elements, ordered as given."""

    name: SymbolName
    description: str = ""
    words: str = ""
    data: Listed | Range | FromTable | Family = Field(discriminator="kind")


# --- parameters -----------------------------------------------------------------------------------


class Entry(Part):
    """One value of a table of data."""

    index: Index
    value: float


class Given(Part):
    """Values written in; a scalar has one entry with an empty index."""

    kind: Literal["given"] = "given"
    entries: tuple[Entry, ...]
    default: float | None = None
    """Value at the indices without an entry; none means that a missing entry is an error."""


class Derived(Part):
    """A value computed from other parameters."""

    kind: Literal["derived"] = "derived"
    expression: str


class Bound(Part):
    """A column of a data table, keyed by other columns in the order of the parameter's index."""

    kind: Literal["bound"] = "bound"
    table: str
    value_column: str
    key_columns: tuple[str, ...] = ()
    default: float | None = None
    """Value at the indices without a row; none means that a missing row is an error."""
    changed: tuple[Entry, ...] = ()
    """New values for some entries: what a question has changed since the table was read."""


class Parameter(Part):
    """A known number, or a table of them over sets."""

    name: SymbolName
    over: str = ""
    nonnegative: bool = False
    """Its values cannot be negative: data that are stop the run."""
    description: str = ""
    unit: str = ""
    words: str = ""
    data: Given | Derived | Bound = Field(discriminator="kind")


# --- variables ------------------------------------------------------------------------------------


class Domain(StrEnum):
    """The values that a variable may take within its bounds."""

    CONTINUOUS = "continuous"
    INTEGER = "integer"
    BINARY = "binary"
    SEMICONTINUOUS = "semicontinuous"
    """Zero, or between its bounds; both bounds are needed."""


class Variable(Part):
    """A decision; its bounds are expressions over parameters and the indices of `over`."""

    name: SymbolName
    over: str = ""
    domain: Domain = Domain.CONTINUOUS
    lower: str | None = "0"
    """Lower bound; none means unbounded below. A binary's bounds are 0 and 1 whatever is here."""
    upper: str | None = None
    description: str = ""
    unit: str = ""
    words: str = ""
    domain_basis: Basis = Basis.INFERRED
    bounds_basis: Basis = Basis.INFERRED


class Definition(Part):
    """A named intermediate quantity, in the text's own terms."""

    name: SymbolName
    over: str = ""
    expression: str
    description: str = ""
    unit: str = ""


# --- objective ------------------------------------------------------------------------------------


class Sense(StrEnum):
    """What is wanted of an objective."""

    MINIMIZE = "minimize"
    MAXIMIZE = "maximize"


class Objective(Part):
    """One goal. Several of equal priority are added by weight; a higher priority is solved first.

    With several priorities each later one may worsen an earlier one by no more than the earlier
    one's `tolerance`, relative to its best value. The first goal's sense is the total's: a goal of
    the other sense enters with its weight negated.
    """

    sense: Sense
    expression: str
    name: str = "objective"
    weight: float = Field(default=1.0, gt=0)
    priority: int = 0
    tolerance: float = Field(default=0.0, ge=0)
    description: str = ""
    unit: str = ""
    words: str = ""


# --- constraints ----------------------------------------------------------------------------------


class Rule(Part):
    """What every kind of constraint has."""

    name: SymbolName
    over: str = ""
    description: str = ""
    """What it demands, one sentence in the words of the problem."""
    words: str = ""


class Algebraic(Rule):
    """A relation between two or three expressions, hard unless it has a penalty."""

    kind: Literal["algebraic"] = "algebraic"
    expression: str
    penalty: str | None = None
    """Cost of one unit of violation, in the objective's unit; none makes the constraint hard."""


class Implication(Rule):
    """`then` holds wherever `condition` does.

    The condition is a binary, a combination of binaries by and/or/not, or a relation.
    """

    kind: Literal["implication"] = "implication"
    condition: str
    then: str


class Either(Rule):
    """At least `at_least` of the options, each a relation, hold."""

    kind: Literal["either"] = "either"
    options: tuple[str, ...] = Field(min_length=2)
    at_least: int = Field(default=1, ge=1)


class Logic(Rule):
    """A proposition over binaries: and, or, not; each binary or a comparison of binaries."""

    kind: Literal["logic"] = "logic"
    expression: str


class Piecewise(Rule):
    """`value == f(argument)`, f linear between the points given; points need increasing arguments.

    A jump is two points of equal argument.
    """

    kind: Literal["piecewise"] = "piecewise"
    argument: str
    value: str
    points: tuple[tuple[float, float], ...] = Field(min_length=2)


class AllDifferent(Rule):
    """The expressions take pairwise different integer values; `each` ranges over `among`."""

    kind: Literal["all_different"] = "all_different"
    among: str
    each: str


class NoOverlap(Rule):
    """Intervals [start, start + duration) that do not overlap, one for each index of `among`.

    An interval without length is none, so that `hours[j]*chosen[j]` is the length of an optional
    one.
    """

    kind: Literal["no_overlap"] = "no_overlap"
    among: str
    start: str
    duration: str


class Cumulative(Rule):
    """Intervals whose demands never add up to more than `capacity` at any time."""

    kind: Literal["cumulative"] = "cumulative"
    among: str
    start: str
    duration: str
    demand: str
    capacity: str


class Circuit(Rule):
    """The arcs whose binary is 1 form one cycle through all nodes."""

    kind: Literal["circuit"] = "circuit"
    among: str
    arc: str


class Table(Rule):
    """The values, whole numbers in the order given, are together one index of `among`."""

    kind: Literal["table"] = "table"
    among: str
    """Binds as many indices as there are values, all of them integers."""
    values: tuple[str, ...] = Field(min_length=1)


Global: TypeAlias = AllDifferent | NoOverlap | Cumulative | Circuit | Table
"""The constraint-programming kinds, each over many expressions at once."""

Constraint: TypeAlias = (
    Algebraic
    | Implication
    | Either
    | Logic
    | Piecewise
    | AllDifferent
    | NoOverlap
    | Cumulative
    | Circuit
    | Table
)


# --- the rest -------------------------------------------------------------------------------------


class Asked(Part):
    """A quantity that the text asks for, as an expression over the solution."""

    name: str
    expression: str
    over: str = ""
    unit: str = ""
    description: str = ""


class Assumption(Part):
    """Something that the text leaves open, and how it was read."""

    text: str
    about: tuple[str, ...] = ()
    """Names of the symbols or constraints that it concerns."""


class Change(Part):
    """New values for some entries of a parameter; the other entries stay."""

    parameter: SymbolName
    entries: tuple[Entry, ...] = Field(min_length=1)


class Scenario(Part):
    """The same model with some parameters changed."""

    name: str
    changes: tuple[Change, ...] = ()
    description: str = ""


class Formulation(Part):
    """Sets, parameters, variables, objective, constraints; and what the text asks for."""

    schema_version: Literal[1] = SCHEMA_VERSION
    title: str = ""
    sets: tuple[SetDef, ...] = ()
    parameters: tuple[Parameter, ...] = ()
    variables: tuple[Variable, ...] = ()
    definitions: tuple[Definition, ...] = ()
    objectives: tuple[Objective, ...] = ()
    """Empty for a pure feasibility problem."""
    constraints: tuple[Annotated[Constraint, Field(discriminator="kind")], ...] = ()
    asked: tuple[Asked, ...] = ()
    assumptions: tuple[Assumption, ...] = ()
    scenarios: tuple[Scenario, ...] = ()

    _data: Any = PrivateAttr(default=None)

    @property
    def data(self) -> Data | None:
        """The tables that sets and parameters are taken from; no part of the formulation itself.

        Copies keep them; JSON does not have them.
        """
        found: Data | None = self._data
        return found

    def with_data(self, data: Data | None) -> Self:
        """Return the same formulation with tables at hand."""
        if data is self._data:
            return self
        copy = self.model_copy()
        copy._data = data
        return copy

    @property
    def from_tables(self) -> bool:
        """Whether a set or a parameter is taken from a table."""
        return any(isinstance(s.data, FromTable) for s in self.sets) or any(
            isinstance(p.data, Bound) for p in self.parameters
        )

    def __eq__(self, other: object) -> bool:
        """Whether both say the same, whatever tables are at hand."""
        return isinstance(other, Formulation) and self.__dict__ == other.__dict__

    @property
    def leading(self) -> Objective | None:
        """The first goal of the highest priority: the one whose value is reported; None without."""
        return max(self.objectives, key=lambda goal: goal.priority, default=None)

    def to_json(self) -> str:
        """Return the formulation as indented JSON."""
        return self.model_dump_json(indent=2)

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Read a formulation back.

        Raises:
            FormulationError: naming the first field at fault and what was found there.
        """
        try:
            return cls.model_validate_json(text)
        except ValidationError as error:
            raise _as_formulation_error(error) from None

    def save(self, path: Path | str) -> None:
        """Write the formulation to a JSON file."""
        Path(path).write_text(self.to_json() + "\n", encoding="utf-8")

    @classmethod
    def load(cls, path: Path | str) -> Self:
        """Read a formulation from a JSON file.

        Raises:
            UserError: if the file cannot be read.
            FormulationError: if it is not a formulation.
        """
        try:
            text = Path(path).read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise UserError(f"the formulation cannot be read: {error}", where=str(path)) from None
        return cls.from_json(text)

    def to_latex(self) -> str:
        """Return the formulation as LaTeX that KaTeX can show, element by element."""
        from optiwright.formulators.latex import formulation_to_latex

        return formulation_to_latex(self)

    def to_markdown(self) -> str:
        """Return the formulation as Markdown with LaTeX formulas."""
        from optiwright.formulators.markdown import formulation_to_markdown

        return formulation_to_markdown(self)

    def to_text(self) -> str:
        """Return LLMOPT's five-element text (arXiv 2410.13213)."""
        from optiwright.formulators.llmopt import formulation_to_text

        return formulation_to_text(self)

    def _repr_html_(self) -> str:
        from optiwright.formulators.markdown import formulation_to_html

        return formulation_to_html(self)


def _as_formulation_error(error: ValidationError) -> FormulationError:
    first = error.errors()[0]
    place = ".".join(str(part) for part in first["loc"]) or "the whole"
    found = json.dumps(first.get("input"), default=str)
    shown = found if len(found) <= 80 else found[:77] + "..."
    more = f" ({error.error_count() - 1} more)" if error.error_count() > 1 else ""
    return FormulationError(
        f"not a formulation: {first['msg']}, found {shown}{more}",
        where=place,
        remedy="Correct the field; `Formulation.model_json_schema()` shows the form.",
    )
