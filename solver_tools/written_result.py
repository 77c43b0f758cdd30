"""What a program that a language model wrote came to: the report that crosses to the caller.

Everything in it is what the program says or what the solver said to the program. Nothing is
checked here against a formulation; that is for the comparison of the routes.
"""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict

Outcome = Literal["finished", "error", "syntax", "no_result"]
Status = Literal["optimal", "feasible", "infeasible", "unbounded", "unknown"]
Sense = Literal["minimize", "maximize"]
UsedLibrary = Literal["pyomo", "cvxpy", "highspy", "pyscipopt", "ortools", "scipy", ""]
Domain = Literal["continuous", "integer", "binary"]
How = Literal["report", "model", "text"]


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)


class Quantity(_Frozen):
    """A quantity that the program reported or printed; null where it was no finite number."""

    name: str
    value: float | str | None


class Variable(_Frozen):
    """A variable of the model that the program solved last."""

    name: str
    index: tuple[str | int, ...] = ()
    value: float | None = None
    domain: Domain = "continuous"


class ProgramReport(_Frozen):
    """What became of a program that a language model wrote."""

    outcome: Outcome
    """How the run ended; `no_result` ran through, but solved, reported and printed nothing."""
    status: Status = "unknown"
    """What the last solve claims; a local method's point is `feasible`. `unknown` without one."""
    objective: float | None = None
    """The value that the program stands for: reported, else the model's, else printed."""
    model_objective: float | None = None
    """The solved model's value, also where `objective` is it."""
    sense: Sense | None = None
    """Of the solved model, as the program wrote it."""
    bound: float | None = None
    """What the solver proved about the model's objective."""
    quantities: tuple[Quantity, ...] = ()
    variables: tuple[Variable, ...] = ()
    """At most `VARIABLES_KEPT`; `n_variables` counts all."""
    n_variables: int = 0
    n_integer: int = 0
    """Integer and binary variables, of all."""
    n_constraints: int = 0
    loose: tuple[str, ...] = ()
    """Variables in constraints that nothing connects with the objective; told for Pyomo."""
    solves: int = 0
    """How many times the program called a solver; the last call counts."""
    how: How | None = None
    """Where `objective`, or for want of it the status, comes from."""
    library: UsedLibrary = ""
    notes: tuple[str, ...] = ()
    """What a reader of the report should know, as sentences."""
    error: str = ""
    """What went wrong, for a model that has to repair the program."""
    line: int | None = None
    """The line of the program where it went wrong."""
    out_of_time: bool = False
    """Whether it was interrupted at its time limit, and that is the error."""


class Breach(_Frozen):
    """A constraint or a bound of a program's model that a point breaks."""

    name: str
    expression: str
    """As the library writes it."""
    excess: float
    """By how much it is missed."""


class ProbeReport(_Frozen):
    """What a point breaks in the model of a program."""

    matched: int = 0
    """How many of the model's variables the point had values for."""
    breaches: tuple[Breach, ...] = ()
    objective: float | None = None
    """The program's objective at the point, where the point decides it."""
    settled: bool = False
    """Whether the point decides all that the model requires, so that no breach means feasible."""


VARIABLES_KEPT = 20_000
