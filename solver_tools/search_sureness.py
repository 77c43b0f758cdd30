"""Sentences on what a search is worth: how sure, why there is no point, why nothing had a value."""

from __future__ import annotations

import math
from collections import Counter
from typing import TYPE_CHECKING

from optiwright.formulators.model import Sense
from optiwright.solver_tools.oracle import axes_of
from optiwright.solver_tools.search_target import TOLERANCE, Spent

if TYPE_CHECKING:
    from collections.abc import Sequence

    from optiwright.formulators.black_box import BlackBox
    from optiwright.solver_tools.oracle import Evaluation
    from optiwright.solver_tools.search_ledger import Ledger
    from optiwright.solver_tools.search_outcome import Stage, Traits

_SAME = 1e-6
_QUIET = 0.05
_FEW = 5
"""Evaluations for each unknown that have to bring nothing better before that says something."""


def sureness(
    box: BlackBox, ledger: Ledger, traits: Traits, stages: Sequence[Stage], ends: Sequence[float]
) -> str:
    """Says how sure it is that nothing much better is there, and why; never that it is proved.

    Args:
        box: what was searched.
        ledger: how that went; one more evaluation of it may be taken.
        traits: what is known of the function.
        stages: the optimizers that were used.
        ends: values at which runs from different starts came to rest.
    """
    assert ledger.best is not None and ledger.best.value is not None
    points = math.prod(axis.levels for axis in axes_of(box))
    if points and not traits.noisy and len(ledger.taken) >= points:
        return f"Certain, as every one of the {points} points was evaluated."
    signed = (-1 if box.sense is Sense.MAXIMIZE else 1) * ledger.best.value
    same = [end for end in ends if abs(end - signed) <= _SAME * max(1.0, abs(signed))]
    quiet = 1 - ledger.last_progress / max(1, ledger.evaluations)
    strong = 0
    said = []
    steepness = _steepness(box, ledger) if traits.differentiable and not traits.noisy else None
    if steepness is not None:
        said.append(f"within the bounds, its gradient there is {steepness:.2g} long")
    if len(ends) > 1:  # one end shows nothing
        said.append(f"{len(same)} of {len(ends)} runs from different starts ended at this value")
        strong += len(same) >= 3 and len(same) >= 0.3 * len(ends)
    methods = {stage.optimizer for stage in stages if stage.evaluations}
    said.append(
        f"the last {quiet:.0%} of {ledger.evaluations} evaluations, by "
        f"{len(methods)} method{'' if len(methods) == 1 else 's'}, brought nothing better"
        if quiet >= _QUIET
        else "it was still getting better when the search ended"
    )
    still = ledger.evaluations - ledger.last_progress
    settled = quiet >= 0.2 and still >= _FEW * len(box.unknowns)  # a handful shows nothing
    strong += settled
    strong += len(methods) >= 2 and settled
    if ledger.is_out_of_time:
        said.append(f"the time was over before the budget of {box.budget} was spent")
    if traits.noisy:
        said.append("the function is noisy, so points of almost equal value cannot be told apart")
    if traits.modality == "many":
        said.append("it has many valleys, of which some may not have been seen")
    level = "Hardly sure" if strong == 0 else "Somewhat sure" if strong == 1 else "Fairly sure"
    return f"{level}, not proved: {'; '.join(said)}."


def _steepness(box: BlackBox, ledger: Ledger) -> float | None:
    """Returns how long the gradient is at the best point, along what the bounds leave open."""
    assert ledger.best is not None
    try:
        slope = ledger.slope(ledger.best.point)
    except Spent:
        return None
    upwards = -1.0 if box.sense is Sense.MAXIMIZE else 1.0
    open_ways = [
        rise
        for axis, value, rise in zip(axes_of(box), ledger.best.point, slope, strict=True)
        if not (float(value) <= axis.lower and upwards * rise > 0)
        and not (float(value) >= axis.upper and upwards * rise < 0)
    ]
    return math.hypot(*open_ways)


def nearest_sentence(box: BlackBox, best: Evaluation) -> str:
    """Says which constraints the nearest point breaks, and by how much."""
    names = [f"`{ask.function}`" for ask in box.constraints]
    names += [f"constraint {i + 1}" for i in range(len(names), len(best.constraints))]
    broken = [
        f"{name} by {limit:.3g}"
        for name, limit in zip(names, best.constraints, strict=True)
        if limit > TOLERANCE
    ]
    return (
        "No point that was evaluated meets every constraint; the nearest breaks "
        f"{' and '.join(broken)}. Give a larger budget, or a start that meets them."
    )


def failure_sentence(ledger: Ledger) -> str:
    """Says what the function said where no evaluation had a value."""
    if not ledger.faults:
        return "Nothing was evaluated before the time was over; give it more time."
    counted = Counter(evaluation.failure for evaluation in ledger.faults)
    (fault, _), *others = counted.most_common(2)
    at = ", ".join(str(value) for value in ledger.faults[0].point[:8])
    more = f" Others: {others[0][0]}" if others else ""
    fault = fault if fault.endswith((".", "!", "?")) else f"{fault}."
    return (
        f"None of {ledger.failures} evaluations gave a value. {fault}{more} The first was at "
        f"({at}). Try the function there by hand, or change bounds."
    )
