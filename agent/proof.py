"""The proof of an answer: what was checked of it, by what, with which numbers, and whether it held.

The formulation is solved again, since a result keeps no duals of the compiler's own rows; what is
claimed of the answer is then checked on the answer's own plan, and says so.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Literal

from optiwright.agent.refusing import refuse_plan, refuse_search
from optiwright.agent.result import Plain, Result, Status
from optiwright.agent.scaling_words import ScalingNote
from optiwright.formulators.errors import UserError
from optiwright.formulators.model import Index
from optiwright.solver_tools.certify import Optimality
from optiwright.solver_tools.solve import available_solvers


class Standing(StrEnum):
    """What came of a claim."""

    HELD = "held"
    """Checked by arithmetic of our own, and right."""
    FAILED = "failed"
    """Checked, and wrong."""
    TOLD = "told"
    """A solver's word, which no arithmetic of ours can check."""
    OPEN = "open"
    """Not checked; the sentence says why."""


class Figure(Plain):
    """A number that was found, and how large it may be where that is what was checked."""

    name: str
    value: float | None
    """None where it is infinite or could not be worked out."""
    allowed: float | None = None


class Claim(Plain):
    """One thing that the proof rests on."""

    name: str
    sentence: str
    """What was checked and what came out, in the problem's words."""
    by: str
    """What checked it: "own arithmetic", "exact fractions", a solver's name and version."""
    standing: Standing
    figures: tuple[Figure, ...] = ()


class ExactNumber(Plain):
    """A number without rounding."""

    fraction: str
    """`23/3`, or `4100`."""
    decimal: float
    """The nearest float."""
    name: str = ""
    """The variable, where it is one's value."""
    index: Index = ()


class Proof(Plain):
    """What shows that an answer is the best one to its model, claim by claim."""

    schema_version: Literal[1] = 1
    run_id: str
    problem_class: str
    status: Status
    objective: float | None = None
    """The answer's, in the formulation's own sense and unit."""
    unit: str = ""
    optimality: Optimality
    """How well it is backed, by what was found when it was solved again for the proof."""
    conclusion: str
    """What the claims come to, in a sentence or two."""
    claims: tuple[Claim, ...]
    exact_optimum: ExactNumber | None = None
    exact_plan: tuple[ExactNumber, ...] = ()
    """A best plan in exact numbers, variables of value zero left out."""
    scale: str
    """The ranges of the model's numbers."""
    scaling: tuple[ScalingNote, ...] = ()
    """What is out of scale in the model; empty where nothing is."""

    @property
    def holds(self) -> bool:
        """Whether nothing that was checked was found wrong."""
        return all(claim.standing is not Standing.FAILED for claim in self.claims)

    def to_json(self) -> str:
        """Return the proof as indented JSON."""
        return self.model_dump_json(indent=2)

    def to_markdown(self) -> str:
        """Return the proof as Markdown."""
        from optiwright.agent.proof_text import proof_text

        return proof_text(self)

    def _repr_markdown_(self) -> str:
        return self.to_markdown()


_PROVABLE = {Status.OPTIMAL, Status.FEASIBLE, Status.INFEASIBLE, Status.UNBOUNDED}
ANOTHER = "any"
"""Stands for whichever other solver takes the class."""


def prove(
    result: Result,
    exact: bool = False,
    second: bool | str = False,
    time_limit_s: float = 60.0,
) -> Proof:
    """Gather the proof of a result's answer.

    Args:
        result: with a formulation that was solved.
        exact: also confirm a linear answer in exact fractions, for what is small enough.
        second: also ask a second solver: the name of one, or True for any other.
        time_limit_s: wall-clock seconds for each solve, and for the exact confirmation.

    Raises:
        UserError: if there is nothing to prove, or the second solver is not another one.
        FormulationError: if the formulation cannot be compiled any more.
        SolverError: if the second solver is missing or does not take the class.
    """
    from optiwright.agent.loop import wait
    from optiwright.agent.proof_claims import proof_of
    from optiwright.agent.proof_evidence import gather

    refuse_plan(
        result,
        "proof beside the checks that stand with it",
        "`optiwright explain` says what was checked, and what shows that no plan is better.",
    )
    refuse_search(result, "proof beside the checks that stand with it")
    if result.formulation is None or result.status not in _PROVABLE:
        raise UserError(
            f"there is no answer to prove: the run ended with {result.status.value!r}",
            where=f"run `{result.run_id}`",
            remedy="Solve the problem first, with a longer time limit if it ran out of time.",
        )
    if time_limit_s <= 0:
        raise UserError(
            f"a time limit of {time_limit_s:g} seconds",
            where="time limit",
            remedy="Give a number of seconds above zero.",
        )
    name = _second(second)
    return proof_of(wait(gather(result, exact=exact, second=name, time_limit_s=time_limit_s)))


def _second(second: bool | str) -> str:
    """Returns the second solver's name, `any`, or nothing."""
    if isinstance(second, bool):
        return ANOTHER if second else ""
    name = second.strip().lower()
    known = [info.name for info in available_solvers()]
    if name not in (ANOTHER, *known):
        raise UserError(
            f"there is no solver {second!r}",
            where="second solver",
            remedy=f"Choose from {', '.join(f'`{k}`' for k in known)}, or `{ANOTHER}`.",
        )
    return name
