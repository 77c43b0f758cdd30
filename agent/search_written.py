"""An optimizer that the model writes for a function, run on its share of the budget.

The search by the measured table has the other share; the better of the two points stands.
"""

from __future__ import annotations

from langgraph.runtime import Runtime
from pydantic import ValidationError

from optiwright.agent.asking import ask
from optiwright.agent.errors import ProviderError
from optiwright.agent.events import Notice
from optiwright.agent.llm import Request
from optiwright.agent.prompting import load_prompt
from optiwright.agent.state import Context, State
from optiwright.agent.steps import step
from optiwright.formulators.black_box import BlackBox, Code
from optiwright.formulators.bounds_lines import told
from optiwright.formulators.figures import number
from optiwright.formulators.model import Sense
from optiwright.solver_tools.code_algebra import values_at
from optiwright.solver_tools.oracle import Evaluation
from optiwright.solver_tools.pool import Profile, Reason
from optiwright.solver_tools.search_outcome import SearchOutcome, SearchStatus, Stage, TracePoint
from optiwright.solver_tools.search_target import TOLERANCE
from optiwright.solver_tools.written_check import strip_code

NAME = "written program"
_MAX_TOKENS = 2000
_GRACE_S = 5.0


def writes(context: Context, black_box: BlackBox) -> bool:
    """Tell whether the model writes an optimizer for a function."""
    written = context.settings.route == "written" and context.model is not None
    return written and isinstance(black_box.oracle, Code) and context.function is None


@step("search_write")
async def search_write(state: State, runtime: Runtime[Context]) -> tuple[State, str]:
    """Have the model write an optimizer, and run it; a model that fails costs no answer."""
    context = runtime.context
    black_box = BlackBox.model_validate(state["black_box"])
    outcome = SearchOutcome.model_validate(state["search"])
    try:
        program = await _program(context, black_box, outcome)
    except ProviderError as error:
        context.recorder.emit(Notice, message=f"No program for the search: {error}")
        return {}, "the model did not answer"
    share = black_box.budget - outcome.evaluations
    outcome, said = await _run(context, black_box, outcome, program, share)
    return {"search": outcome.model_dump(mode="json")}, said


async def _program(context: Context, black_box: BlackBox, outcome: SearchOutcome) -> str:
    assert isinstance(black_box.oracle, Code)
    prompt = load_prompt("write_search_program")
    messages = prompt.messages(
        words=black_box.title,
        unknowns=", ".join(f"{u.name} in {told(u)}" for u in black_box.unknowns),
        constraints=", ".join(c.description or c.function for c in black_box.constraints),
        budget=black_box.budget - outcome.evaluations,
        notes=outcome.traits.notes if outcome.traits is not None else (),
        source=black_box.oracle.source.strip(),
    )
    request = Request(
        messages=messages,
        fixed=len(prompt.fixed),
        max_tokens=_MAX_TOKENS,
    )
    return strip_code((await ask(context, "search_write", 1, request)).text)


async def _run(
    context: Context, black_box: BlackBox, before: SearchOutcome, program: str, share: int
) -> tuple[SearchOutcome, str]:
    settings = context.settings
    job = await context.pool.run(
        "optiwright.solver_tools.written_optimizer:run_job",
        program,
        black_box.model_dump_json(),
        share,
        settings.seed,
        settings.time_limit_s,
        time_limit_s=settings.time_limit_s + _GRACE_S,
        profile=Profile.WRITTEN,
        isolation=settings.isolation,
    )
    if job.reason is not Reason.FINISHED:
        return _noted(before, 0, 0, None, f"it came to no end ({job.reason})")
    try:
        best = Evaluation.model_validate(job.value["best"]) if job.value["best"] else None
        made, failed = int(job.value["evaluations"]), int(job.value["failures"])
        error = str(job.value["error"])
    except (ValidationError, KeyError, TypeError, ValueError):
        return _noted(before, 0, 0, None, "it put something else in the place of its answer")
    made, failed = min(max(made, 0), share), min(max(failed, 0), share)
    if best is None or best.value is None:
        return _noted(before, made, failed, None, error or "it found no point")
    return await _weighed(context, black_box, before, program, best, (made, failed))


async def _weighed(
    context: Context,
    black_box: BlackBox,
    before: SearchOutcome,
    program: str,
    best: Evaluation,
    counts: tuple[int, int],
) -> tuple[SearchOutcome, str]:
    """Keep the program's point where it is better, by an evaluation outside of its reach."""
    isolation = context.settings.isolation
    row, error = await values_at(black_box, context.pool, best.point, isolation=isolation)
    value, *limits = row or [None]
    kept = [limit for limit in limits if limit is not None]
    if any(limit > TOLERANCE for limit in kept):
        return _noted(before, *counts, None, "its point breaks a constraint")
    if error or value is None or len(kept) < len(limits):
        return _noted(before, *counts, None, "its point does not hold when it is evaluated again")
    gain = (before.value or 0.0) - value
    gain = -gain if black_box.sense is Sense.MAXIMIZE else gain
    if before.status is SearchStatus.FOUND and gain <= 0:
        return _noted(before, *counts, value, "it was not better")
    outcome, _ = _noted(before, *counts, value, "it was better")
    place = TracePoint(evaluation=outcome.evaluations, value=value)
    found = {
        "status": SearchStatus.FOUND,
        "point": best.point,
        "value": value,
        "repeats": (value,),
        "constraints": tuple(kept),
        "trace": (*before.trace, place),
        "program": program,
        "sureness": "Not proved: one program's word, evaluated again.",
    }
    return outcome.model_copy(update=found), f"{number(value)}, better"


def _noted(
    before: SearchOutcome, made: int, failed: int, value: float | None, said: str
) -> tuple[SearchOutcome, str]:
    reason = f"The model wrote it for this function; {said}."
    stage = Stage(optimizer=NAME, reason=reason, evaluations=made, best=value)
    counted = {
        "stages": (*before.stages, stage),
        "evaluations": before.evaluations + made,
        "failures": before.failures + failed,
    }
    return before.model_copy(update=counted), said
