"""The node that judges a formulation without a model: read, lift, check."""

from __future__ import annotations

import asyncio
from typing import Any

from langgraph.runtime import Runtime

from optiwright.agent.attempts import lost_data, lost_parts, strayed, worth_a_repair
from optiwright.agent.events import Notice
from optiwright.agent.record import Attempt
from optiwright.agent.state import AttemptState, Context, State
from optiwright.agent.steps import step
from optiwright.formulators.checks import check
from optiwright.formulators.conflict_origin import Origin
from optiwright.formulators.errors import FormulationError, UserError
from optiwright.formulators.findings import Finding, Severity
from optiwright.formulators.lift import lift
from optiwright.formulators.loosening import loosened
from optiwright.formulators.mending import mend
from optiwright.formulators.mending_decisions import whole_counts
from optiwright.formulators.model import Formulation
from optiwright.formulators.open_points import left_open
from optiwright.formulators.phrases import counted
from optiwright.formulators.questions import Answer, Question
from optiwright.formulators.reading_again import answered_before
from optiwright.formulators.text_data import with_values_of_the_text
from optiwright.formulators.wire import Form, read_wire


@step("check")
async def check_formulation(state: State, runtime: Runtime[Context]) -> tuple[State, str]:
    """Read the reply, lift it into the domain model and check it; a bad repair is refused."""
    context = runtime.context
    attempt = state["attempt"].copy()
    judged = await asyncio.to_thread(_judge, attempt, state, context)
    if context.redrafts and judged["complaints"]:
        # A new draft can mind all at once; a mended formulation is checked for the rest later.
        judged["complaints"] += worth_a_repair(judged)
    if not judged["complaints"]:
        # Of the text as it was given: what was answered stands below it since.
        asked = "" if state.get("given") is not None else context.recorder.record.text
        judged = await asyncio.to_thread(_left_open, judged, asked, state.get("answers", []))
    keep(context, judged)
    best = state["best"]
    if judged["formulation"] is None or best is None or best["formulation"] is None:
        return {"attempt": judged}, _summary(judged)
    before = Formulation.model_validate(best["formulation"])
    after = Formulation.model_validate(judged["formulation"])
    faults = _loosened(state["text"], best, before, after, afresh=context.redrafts)
    if not context.redrafts:
        # A draft of its own has not dropped anything; which is the better one, findings tell.
        told = best["complaints"] if "verdict" in state else []
        faults += lost_parts(before, after)
        faults += lost_data(state["text"], before, after, told)
        faults += strayed(best, judged)
    if faults:
        keep(context, judged, adopted=False)
        context.recorder.emit(Notice, message=f"The repair is refused: {'; '.join(faults)}.")
        refused = best | {"number": judged["number"]}
        return {"attempt": AttemptState(**refused)}, "refused, the earlier formulation stays"
    return {"attempt": judged}, _summary(judged)


def _loosened(
    text: str, best: AttemptState, before: Formulation, after: Formulation, *, afresh: bool
) -> list[str]:
    """Return how a repair of an infeasible formulation loosens what the text states.

    Of a new draft that is asked only where the conflict is the text's own through and through.
    """
    bearing = {Origin.TEXT} if afresh else {Origin.TEXT, Origin.OPEN}
    return loosened(text, before, after, best["clash"]) if best["origin"] in bearing else []


def keep(context: Context, attempt: AttemptState, adopted: bool = True) -> None:
    """Keep the attempt in the run's record."""
    solution = attempt["cases"][0]["solution"] if attempt["cases"] else None
    kept = Attempt.model_validate(
        {
            "number": attempt["number"],
            "sample": context.settings.sample,
            "formulation": attempt["formulation"],
            "findings": attempt["findings"],
            "solution": solution,
            "complaints": attempt["complaints"],
            "adopted": adopted,
        }
    )
    context.recorder.add_attempt(kept)


def _judge(attempt: AttemptState, state: State, context: Context) -> AttemptState:
    try:
        formulation = _formulation(attempt, state["text"], context)
    except FormulationError as error:
        attempt["complaints"] = [str(error)]
        return attempt
    if state.get("given") is not None:
        findings = check(formulation)
    else:
        formulation, findings = _without_faulty_asked(formulation, state["text"])
    attempt["formulation"] = formulation.model_dump(mode="json")
    attempt["findings"] = [f.model_dump(mode="json") for f in findings]
    attempt["complaints"] = [f.message for f in findings if f.severity is Severity.ERROR]
    return attempt


def _left_open(attempt: AttemptState, text: str, answered: list[dict[str, Any]]) -> AttemptState:
    """Note what the text leaves open; what was answered already is settled by the answer."""
    formulation = Formulation.model_validate(attempt["formulation"])
    questions: list[Question] = left_open(formulation, text)
    answers = [Answer.model_validate(a) for a in answered]
    if answers:
        formulation, _ = answered_before(formulation, questions, answers)
        questions = []
        attempt["formulation"] = formulation.model_dump(mode="json")
    attempt["questions"] = [q.model_dump(mode="json") for q in questions]
    return attempt


def _without_faulty_asked(
    formulation: Formulation, text: str
) -> tuple[Formulation, tuple[Finding, ...]]:
    """Check a model's formulation; asked quantities with errors are left out, with a note.

    The answer stands without them, and a repair for their sake can spoil what is sound.
    """
    findings = check(formulation, text)
    places = {f"asked quantity `{a.name}`": a for a in formulation.asked}
    faulty = [f for f in findings if f.severity is Severity.ERROR and f.where in places]
    if not faulty:
        return formulation, findings
    left_out = [places[f.where] for f in faulty]
    asked = tuple(a for a in formulation.asked if a not in left_out)
    formulation = formulation.model_copy(update={"asked": asked})
    notes = tuple(f.model_copy(update={"severity": Severity.NOTE}) for f in faulty)
    return formulation, (*check(formulation, text), *notes)


def _formulation(attempt: AttemptState, text: str, context: Context) -> Formulation:
    if attempt["formulation"] is not None:
        return context.formulation(attempt["formulation"])
    form, offered = context.settings.form, context.offered
    wire = read_wire(attempt["reply"], form, offered.ready if offered is not None else None)
    if not wire.variables:
        none = wire.problem.strip().lower().startswith("none")
        if none and attempt["number"] == 1:
            raise UserError(
                "the text contains no optimization problem that the model could find",
                remedy="State what is to be decided, what limits it and what is to be best.",
            )
        raise FormulationError("there are no variables", where="`variables`")
    formulation = lift(wire, text)
    if offered is not None:
        formulation = with_values_of_the_text(formulation, offered.data)
    formulation = formulation.with_data(context.data)
    match form:
        case Form.FLAT:
            return mend(formulation, text)
        case Form.TABLES:
            return whole_counts(formulation)
        case Form.INDEXED:
            return formulation


def _summary(attempt: AttemptState) -> str:
    if attempt["formulation"] is None:
        return attempt["complaints"][0]
    formulation = Formulation.model_validate(attempt["formulation"])
    decided = counted(len(formulation.variables), "variable")
    size = f"{decided}, {counted(len(formulation.constraints), 'constraint')}"
    counts = [
        f"{count} {severity.value}{'s' if count > 1 else ''}"
        for severity in Severity
        if (count := sum(f["severity"] == severity for f in attempt["findings"]))
    ]
    return ", ".join([size, *counts])
