"""The result of a problem without a formula."""

from __future__ import annotations

from optiwright.agent.evidence import Level
from optiwright.agent.result import Answer, Check, ErrorNote, Result, SearchAnswer, Status
from optiwright.agent.search_told import search_text, why_failed
from optiwright.agent.state import State
from optiwright.formulators.black_box import BlackBox, OneOf
from optiwright.formulators.model import Sense
from optiwright.solver_tools.search_outcome import SearchOutcome, SearchStatus


def search_result(state: State, formulated: Result | None) -> Result:
    """Return the result of a search.

    Args:
        state: after the search.
        formulated: what came of the function as a formulation, where it was tried first; it stands
            where the search found nothing better.
    """
    outcome = SearchOutcome.model_validate(state["search"])
    black_box = BlackBox.model_validate(state["black_box"])
    if formulated is not None and not _better(outcome, formulated, black_box.sense):
        return formulated
    found = outcome.status is SearchStatus.FOUND
    translated = state.get("translated", "")
    if formulated is not None:
        translated = (
            f"{translated} As such it was not solved to a certain end ({formulated.status}), so it "
            "was searched as well."
        )
    checks = tuple(Check.model_validate(check) for check in state.get("search_checks", []))
    result = Result(
        run_id=state["run_id"],
        text=state["text"],
        status=Status.FEASIBLE if found else Status.UNSOLVED,
        objective=outcome.value if found else None,
        answers=_answers(black_box, outcome) if found else (),
        program=outcome.program,
        checks=checks,
        level=Level.FEASIBLE if found and all(c.passed for c in checks) else Level.FAILED,
        translated=translated,
        search=SearchAnswer(black_box=black_box, outcome=outcome),
        error=_error(outcome),
    )
    assert result.search is not None
    return result.model_copy(update={"explanation": search_text(result, result.search)})


def _better(outcome: SearchOutcome, formulated: Result, sense: Sense) -> bool:
    """Tell whether a search found a better value than the formulation's answer."""
    if not formulated.status.has_point or formulated.objective is None:
        return True
    if outcome.status is not SearchStatus.FOUND or outcome.value is None:
        return False
    gain = formulated.objective - outcome.value
    gain = -gain if sense is Sense.MAXIMIZE else gain
    return gain > 1e-9 * max(1.0, abs(formulated.objective))


def _answers(black_box: BlackBox, outcome: SearchOutcome) -> tuple[Answer, ...]:
    """Return each unknown's value; a label is an index, with 1 as its value."""
    return tuple(
        Answer(name=unknown.name, index=(str(value),), value=1.0)
        if isinstance(unknown, OneOf) or isinstance(value, str)
        else Answer(name=unknown.name, value=float(value))
        for unknown, value in zip(black_box.unknowns, outcome.point, strict=True)
    )


def _error(outcome: SearchOutcome) -> ErrorNote | None:
    if outcome.status is not SearchStatus.FAILED:
        return None
    return ErrorNote(
        kind="UserError",
        what=why_failed(outcome).rstrip(".") or "the function could not be evaluated",
        where="function",
        remedy="Call it by hand at a point within its bounds, and mend it.",
    )
