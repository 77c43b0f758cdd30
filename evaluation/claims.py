"""What a run claims, as scorers see it: how it ended, the objective, the quantities asked for."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import Field

from optiwright.agent.evidence import Standing
from optiwright.agent.result import Result, Status
from optiwright.evaluation.problems import Ending, Plain
from optiwright.solver_tools.solution import Termination

_ENDINGS: dict[Status, Ending] = {
    Status.OPTIMAL: Ending.SOLVED,
    Status.FEASIBLE: Ending.SOLVED,
    Status.INFEASIBLE: Ending.INFEASIBLE,
    Status.UNBOUNDED: Ending.UNBOUNDED,
    Status.UNSOLVED: Ending.NO_ANSWER,
    Status.FORMULATED: Ending.NO_ANSWER,
    Status.NO_FORMULATION: Ending.NO_ANSWER,
}
_EVALUATED = "independent evaluation"
"""The name of the check by which the evaluator says whether the point is feasible."""


class Named(Plain):
    """A quantity's value, by the name under which the label asks for it; None: not found."""

    name: str
    value: float | None


class Claim(Plain):
    """A run's answer."""

    ending: Ending
    objective: float | None = None
    quantities: tuple[Named, ...] = ()
    feasible: bool | None = None
    """Whether our evaluator found the point feasible in the formulation; None: it did not look. Of
    a plan: whether it can be carried out on the published instance and reaches the goal."""
    fault: str = Field(default="", exclude_if=lambda text: not text)
    """Of a plan: why it is not."""

    def quantity(self, name: str) -> float | None:
        """Return a quantity's value."""
        return next((q.value for q in self.quantities if q.name == name), None)


def claim_of(result: Result | None, quantities: Mapping[str, float | None] | None = None) -> Claim:
    """Return what a result claims; None, a run that failed, claims nothing."""
    named = tuple(Named(name=name, value=value) for name, value in (quantities or {}).items())
    if result is None:
        return Claim(ending=Ending.NO_ANSWER, quantities=named)
    return Claim(
        ending=_ending(result),
        objective=result.objective,
        quantities=named,
        feasible=next((c.passed for c in result.checks if c.name == _EVALUATED), None),
    )


def _ending(result: Result) -> Ending:
    ending = _ENDINGS[result.status]
    if ending is not Ending.NO_ANSWER:
        return ending
    solution, written = result.solution, result.written
    late = solution is not None and solution.termination is Termination.TIME_LIMIT
    late = late or (written is not None and written.standing is Standing.TIMED_OUT)
    return Ending.TIMED_OUT if late else ending
