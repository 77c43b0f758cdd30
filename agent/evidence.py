"""How much an answer can be trusted: two questions kept apart, and one table for the summary word.

Is it the best answer to the model (`Optimality`, from `optiwright.solver_tools.certify`), and is it
the model that the text means (`Agreement`)? What a written program says alone has a level of its
own: nobody but the program's solver has looked at it.
"""

from __future__ import annotations

from enum import StrEnum

from optiwright.solver_tools.certify import Optimality


class Agreement(StrEnum):
    """Whether a second model, made from the text alone, says the same."""

    CORROBORATED = "corroborated"
    RECONCILED = "reconciled"
    SINGLE = "single"
    DISPUTED = "disputed"


class Standing(StrEnum):
    """How a route ended."""

    OPTIMAL = "optimal"
    FEASIBLE = "feasible"
    """A point that nothing shows to be best: a gap is open, or the optimum is local."""
    INFEASIBLE = "infeasible"
    UNBOUNDED = "unbounded"
    TIMED_OUT = "timed out"
    CRASHED = "crashed"
    NO_ANSWER = "no answer"
    NOT_RUN = "not run"


class Level(StrEnum):
    """The summary word of both questions, strongest first."""

    PROVED = "proved"
    CHECKED = "checked"
    FEASIBLE = "feasible"
    """Feasible in every constraint, but not shown to be best."""
    UNCHECKED = "unchecked"
    """Rests on what nobody has checked: on a written program's word only, with no formulation to
    hold it against, or on a number that the text does not give."""
    DISPUTED = "disputed"
    FAILED = "failed"

    @property
    def answered(self) -> bool:
        """Whether the user has an answer to act on (exit code 0)."""
        return self in {Level.PROVED, Level.CHECKED, Level.FEASIBLE, Level.UNCHECKED}


_LEVELS: dict[tuple[Optimality, Agreement], Level] = {
    (Optimality.CERTIFIED, Agreement.CORROBORATED): Level.PROVED,
    (Optimality.CERTIFIED, Agreement.RECONCILED): Level.CHECKED,
    (Optimality.CERTIFIED, Agreement.SINGLE): Level.CHECKED,
    (Optimality.CERTIFIED, Agreement.DISPUTED): Level.DISPUTED,
    (Optimality.BOUNDED, Agreement.CORROBORATED): Level.CHECKED,
    (Optimality.BOUNDED, Agreement.RECONCILED): Level.FEASIBLE,
    (Optimality.BOUNDED, Agreement.SINGLE): Level.FEASIBLE,
    (Optimality.BOUNDED, Agreement.DISPUTED): Level.DISPUTED,
    (Optimality.LOCAL, Agreement.CORROBORATED): Level.FEASIBLE,
    (Optimality.LOCAL, Agreement.RECONCILED): Level.FEASIBLE,
    (Optimality.LOCAL, Agreement.SINGLE): Level.FEASIBLE,
    (Optimality.LOCAL, Agreement.DISPUTED): Level.DISPUTED,
    (Optimality.NONE, Agreement.CORROBORATED): Level.FAILED,
    (Optimality.NONE, Agreement.RECONCILED): Level.FAILED,
    (Optimality.NONE, Agreement.SINGLE): Level.FAILED,
    (Optimality.NONE, Agreement.DISPUTED): Level.DISPUTED,
}


def level(optimality: Optimality, agreement: Agreement, *, open_findings: bool) -> Level:
    """Return the summary word; an open finding of the checks keeps `proved` down to `checked`."""
    word = _LEVELS[optimality, agreement]
    return Level.CHECKED if word is Level.PROVED and open_findings else word


_ALONE: dict[Standing, Level] = {
    Standing.OPTIMAL: Level.UNCHECKED,
    Standing.FEASIBLE: Level.UNCHECKED,
    Standing.INFEASIBLE: Level.UNCHECKED,
    Standing.UNBOUNDED: Level.UNCHECKED,
    Standing.TIMED_OUT: Level.FAILED,
    Standing.CRASHED: Level.FAILED,
    Standing.NO_ANSWER: Level.FAILED,
    Standing.NOT_RUN: Level.FAILED,
}


def written_level(standing: Standing) -> Level:
    """Return the summary word of a result that rests on a written program alone."""
    return _ALONE[standing]
