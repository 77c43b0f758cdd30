"""How much an answer can be trusted: two questions kept apart, and one table for the summary word.

Is it the best answer to the model (`Optimality`, from `optiwright.solver_tools.certify`), and is it
the model that the text means (`Agreement`)?
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


class Level(StrEnum):
    """The summary word of both questions, strongest first."""

    PROVED = "proved"
    CHECKED = "checked"
    FEASIBLE = "feasible"
    """Feasible in every constraint, but not shown to be best."""
    DISPUTED = "disputed"
    FAILED = "failed"

    @property
    def answered(self) -> bool:
        """Whether the user has an answer to act on (exit code 0)."""
        return self in {Level.PROVED, Level.CHECKED, Level.FEASIBLE}


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
