"""Whether an answer is right, by several rules that are never mixed.

Ours: `strict`, `equivalent` and `valid-plan`. OptiBench's own: `optibench`. The others (`legacy`)
are the rules of published systems, kept for comparison with their figures, flaws and all.

A scorer returns None where its question does not arise: a problem without an objective has no
strict score, one without named quantities no score of OptiBench's.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from optiwright.evaluation.claims import Claim
from optiwright.evaluation.legacy import mamo, orlm, sirl
from optiwright.evaluation.problems import Ending, Label

Scorer: TypeAlias = Callable[[Label, Claim], bool | None]

RELATIVE = 1e-6
_OPTIBENCH = 1e-4
_NOISE = 1e-9
"""A label this near to zero is a solver's zero."""
_ZERO = 1e-6
"""How near to a label of zero an answer must be."""
_LONGEST_ROUNDED = 12
"""More significant digits than this are a float's, not a person's rounding."""


def strict(label: Label, claim: Claim) -> bool | None:
    """Whether the objective is the label's, or the ending is where the label names one.

    Within 1e-6 relative, or half a unit of the label's last digit where it is visibly rounded, or
    half of what the text wants the answer rounded to.
    """
    if not label.accepted:
        return None
    return any(_is_strictly(answer, claim, label.rounded_to) for answer in label.accepted)


def equivalent(label: Label, claim: Claim) -> bool | None:
    """Whether the answer is strictly right and its point feasible by our evaluator.

    Alternative optima count, a value without a point that holds does not, nor one whose point no
    evaluator has seen.
    """
    right = strict(label, claim)
    if not right or claim.ending is not Ending.SOLVED:
        return right
    return claim.feasible is True


def optibench(label: Label, claim: Claim) -> bool | None:
    """Whether every asked quantity is within 1e-4 absolute of its label, as ReSocratic scores."""
    if not label.quantities:
        return None
    if claim.ending is not Ending.SOLVED:
        return False
    return all(_near(claim.quantity(q.name), float(q.value)) for q in label.quantities)


def valid_plan(label: Label, claim: Claim) -> bool | None:
    """Whether the plan can be carried out on the published instance and reaches the goal.

    That it also has the fewest steps is what `strict` says.
    """
    if not label.plan_instance:
        return None
    return claim.ending is Ending.SOLVED and claim.feasible is True


def optibench_objective(label: Label, claim: Claim) -> bool | None:
    """Whether the objective alone is within 1e-4 absolute of its label."""
    if label.objective_at is None:
        return None
    return claim.ending is Ending.SOLVED and objective_holds(label, claim.objective)


def objective_holds(label: Label, objective: float | None) -> bool:
    """Return whether an objective is within 1e-4 absolute of the quantity that is the objective."""
    if label.objective_at is None:
        return False
    return _near(objective, float(label.quantities[label.objective_at].value))


SCORERS: dict[str, Scorer] = {
    "strict": strict,
    "equivalent": equivalent,
    "valid-plan": valid_plan,
    "optibench": optibench,
    "optibench-objective": optibench_objective,
    "orlm": orlm,
    "optmath": orlm,  # the same rule; its second and third tries with swapped types are an oracle
    "sirl": sirl,
    "mamo": mamo,
}


def tolerance(written: str) -> float:
    """Return how far from a label's number a strict answer may lie.

    A label is visibly rounded where it has decimals other than a float's `.0`, and from three to
    twelve significant digits: half a unit of the last one is then allowed. `1.5` and `0.05` are
    taken to be meant as they stand.
    """
    value = _denoised(float(written))
    if value == 0:
        return _ZERO
    return max(RELATIVE * abs(value), _rounding(written))


def _rounding(written: str) -> float:
    mantissa = written.lower().lstrip("+-")
    decimals = mantissa.partition(".")[2]
    if "e" in mantissa or not decimals or decimals == "0":
        return 0.0
    digits = len(mantissa.replace(".", "").lstrip("0"))
    return 0.5 * 10.0 ** -len(decimals) if 3 <= digits <= _LONGEST_ROUNDED else 0.0


def _denoised(value: float) -> float:
    return 0.0 if abs(value) < _NOISE else value


def _is_strictly(answer: str, claim: Claim, rounded_to: float) -> bool:
    if answer in list(Ending):
        empty = {Ending.INFEASIBLE, Ending.UNBOUNDED}
        return claim.ending in (empty if answer == Ending.NO_BEST else {answer})
    if claim.ending is not Ending.SOLVED or claim.objective is None:
        return False
    # The slack is the rounding of the two numbers' own subtraction.
    wanted = _denoised(float(answer))
    slack = 1e-12 * max(abs(wanted), abs(claim.objective))
    allowed = max(tolerance(answer), rounded_to / 2 if _is_multiple(wanted, rounded_to) else 0.0)
    return abs(claim.objective - wanted) <= allowed + slack


def _is_multiple(value: float, unit: float) -> bool:
    return unit > 0 and abs(value / unit - round(value / unit)) < _NOISE


def _near(value: float | None, wanted: float) -> bool:
    return value is not None and abs(value - wanted) <= _OPTIBENCH
