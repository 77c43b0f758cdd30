"""What looking for a plan came to, and what a plan does step by step: plain data."""

from __future__ import annotations

from enum import StrEnum

from pydantic import BaseModel, ConfigDict


class Plain(BaseModel):
    """Base of what is handed on: frozen and closed."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", use_attribute_docstrings=True, allow_inf_nan=False
    )


class PlanStep(Plain):
    """One action with the objects that it is done to."""

    action: str
    arguments: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"{self.action}({', '.join(self.arguments)})"


class PlanStatus(StrEnum):
    """How looking for a plan ended."""

    OPTIMAL = "optimal"
    """A plan, and proof that none is better."""
    FOUND = "found"
    """A plan."""
    IMPOSSIBLE = "impossible"
    """Proof that there is none."""
    UNSOLVED = "unsolved"
    """Neither, within the time."""

    @property
    def has_plan(self) -> bool:
        """Whether a plan that reaches the goal comes with it."""
        return self in {PlanStatus.OPTIMAL, PlanStatus.FOUND}


class PlanOutcome(Plain):
    """What an engine found for a planning formulation."""

    status: PlanStatus
    steps: tuple[PlanStep, ...] = ()
    value: float | None = None
    """Steps or cost, whichever is to be least; None without a plan."""
    bound: float | None = None
    """No plan is better than this."""
    engine: str = ""
    proof: str = ""
    """What shows that it is optimal or impossible, in a sentence."""
    reached: tuple[str, ...] = ()
    """Impossible: conditions of the goal that one plan can bring about together, as many as can."""
    reached_by: tuple[PlanStep, ...] = ()
    """Impossible: the plan that does."""
    message: str = ""
    seconds: float = 0.0


class SimulatedStep(Plain):
    """A step as it happens to the formulation's state."""

    step: PlanStep
    unmet: tuple[str, ...] = ()
    """What it needs and has not, with the objects put in."""
    became_true: tuple[str, ...] = ()
    became_false: tuple[str, ...] = ()
    amounts: tuple[tuple[str, float], ...] = ()
    """The amounts that changed, with their new values."""
    cost: float = 0.0


class Simulation(Plain):
    """A plan carried out on the formulation, by code that did not make it."""

    steps: tuple[SimulatedStep, ...] = ()
    unmet_goal: tuple[str, ...] = ()
    value: float = 0.0
    """Steps or cost, whichever is to be least."""

    @property
    def valid(self) -> bool:
        """Whether every step could be taken and the goal holds at the end."""
        return not self.unmet_goal and not any(s.unmet for s in self.steps)
