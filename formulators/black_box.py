"""A problem without a formula: what is sought within bounds, and a function or command to ask.

The function is Python source, which runs in the sandbox, or a command of the user's own, which is
asked with one JSON object a point and answers with a number or an object.
"""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias

from pydantic import Field

from optiwright.formulators.model import Part, Sense, SymbolName


class RealRange(Part):
    """A real number within bounds, both included."""

    kind: Literal["real"] = "real"
    name: SymbolName
    lower: float
    upper: float
    log: bool = False
    """Whether its magnitude matters more than its value; needs a lower bound above zero."""


class WholeRange(Part):
    """A whole number within bounds, both included."""

    kind: Literal["whole"] = "whole"
    name: SymbolName
    lower: int
    upper: int


class OneOf(Part):
    """One of several labels."""

    kind: Literal["one_of"] = "one_of"
    name: SymbolName
    choices: tuple[str, ...] = Field(min_length=2)


Unknown: TypeAlias = Annotated[RealRange | WholeRange | OneOf, Field(discriminator="kind")]


class Code(Part):
    """Python source that defines the function; it runs in the sandbox."""

    kind: Literal["code"] = "code"
    source: str
    function: SymbolName
    style: Literal["vector", "named"] = "vector"
    """Called as `f(x)` with a numpy array in the order of the unknowns, or as `f(a=.., b=..)`."""


class Command(Part):
    """A program of the user's own: one JSON object on standard input, a number or JSON back."""

    kind: Literal["command"] = "command"
    arguments: tuple[str, ...] = Field(min_length=1)
    trusted: bool = False
    """Whether it runs outside the sandbox, as the user's own process."""
    time_limit_s: float = Field(default=60.0, gt=0)
    """For one evaluation."""


class Ask(Part):
    """A constraint that is asked of the function's source: `name(x) <= 0`, called as it is."""

    function: SymbolName
    description: str = ""


class BlackBox(Part):
    """Unknowns with bounds, a function to ask, constraints, and what asking costs."""

    schema_version: Literal[1] = 1
    title: str = ""
    unknowns: tuple[Unknown, ...] = Field(min_length=1)
    sense: Sense = Sense.MINIMIZE
    oracle: Code | Command = Field(discriminator="kind")
    constraints: tuple[Ask, ...] = ()
    """Functions of the source that have to be at most zero; a command answers with
    `{"value": ..., "constraints": [...]}`."""
    budget: int = Field(default=1000, ge=1)
    """Evaluations of the function at most."""
    noisy: bool | None = None
    """Whether it answers differently for the same point; None: it is found out."""
    start: tuple[float | int | str, ...] | None = None
    """A point to begin with."""
    assumptions: tuple[str, ...] = ()

    def constraint_names(self, count: int) -> list[str]:
        """Return `count` constraints in words; a command may answer with more than have a name."""
        names = [ask.description or f"{ask.function}(x) <= 0" for ask in self.constraints]
        return [*names, *(f"constraint {k + 1} <= 0" for k in range(len(names), count))]
