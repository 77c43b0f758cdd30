"""What a search came to that ended without an answer of its own: the best that was paid for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from optiwright.formulators.model import Sense
from optiwright.formulators.phrases import counted
from optiwright.solver_tools.oracle import axes_of
from optiwright.solver_tools.search_ledger import Ledger, miss
from optiwright.solver_tools.search_outcome import SearchOutcome, SearchStatus
from optiwright.solver_tools.search_sureness import nearest_sentence

if TYPE_CHECKING:
    from optiwright.formulators.black_box import BlackBox
    from optiwright.solver_tools.oracle import Evaluation


def broken_off(box: BlackBox, known: Sequence[Evaluation], why: str) -> SearchOutcome:
    """Returns the best of what was evaluated, not evaluated again; a failure where nothing was.

    Args:
        box: what was searched.
        known: the journal; what lies outside of the bounds or beyond the budget is left out.
        why: a sentence.
    """
    axes = axes_of(box)
    values = [
        evaluation
        for evaluation in known
        if evaluation.gradient is None
        and all(axis.holds(value) for axis, value in zip(axes, evaluation.point, strict=True))
    ][: box.budget]
    ledger = Ledger(None, box.budget, maximize=box.sense is Sense.MAXIMIZE, known=values)
    for evaluation in values:
        ledger.ask(evaluation.point, again=True)
    made = SearchOutcome(
        status=SearchStatus.FAILED,
        message=why,
        evaluations=ledger.evaluations,
        failures=ledger.failures,
        trace=tuple(ledger.trace),
    )
    best = ledger.best
    if best is None:
        return made
    asked = counted(ledger.evaluations, "evaluation")
    kept = f"{why.rstrip('.')}. The best of {asked} until then was kept"
    met = not miss(best)
    told = "; it was not evaluated again." if met else f". {nearest_sentence(box, best)}"
    return made.model_copy(
        update={
            "status": SearchStatus.FOUND if met else SearchStatus.NO_POINT,
            "point": best.point,
            "value": best.value,
            "constraints": best.constraints,
            "message": kept + told,
        }
    )
