"""The ways of answering the benchmark `blackbox` that do not read the problem's text.

`search` is given the function and has its optimizer chosen by the measured table, `single:NAME`
uses one optimizer alone; neither asks a model. With `direct-search` the model writes an optimizer,
zero-shot (LLaMoCo's comparison, arXiv 2403.01131); what fails may be corrected, and is counted.
"""

from __future__ import annotations

import time

from pydantic import ValidationError

from optiwright.agent.errors import ProviderError
from optiwright.agent.evidence import Level
from optiwright.agent.llm import LanguageModel
from optiwright.agent.programs import TOLD
from optiwright.agent.record import Program, RunRecord
from optiwright.agent.result import Answer, Result, SearchAnswer, Status, Usage
from optiwright.evaluation.black_box_problems import function_of
from optiwright.evaluation.function_sources import FunctionProblem
from optiwright.evaluation.methods import Answer as Answering
from optiwright.evaluation.methods import Method, Outcome, failed_record, new_record
from optiwright.evaluation.problems import Plain, Problem
from optiwright.evaluation.records import EvaluationSettings
from optiwright.evaluation.trials import Trial
from optiwright.formulators.errors import OptiwrightError
from optiwright.solver_tools.optimizers import OPTIMIZERS
from optiwright.solver_tools.pool import Profile, default_pool
from optiwright.solver_tools.search import search
from optiwright.solver_tools.search_outcome import SearchStatus
from optiwright.solver_tools.written_check import strip_code
from optiwright.solver_tools.written_result import ProgramReport, Quantity

PROMPT = "baseline_search"
_CORRECTIONS = 2
_GRACE_S = 10.0
"""What a job gets beyond the time at which it ends itself."""


def searching(optimizer: str | None) -> Answering:
    """Make a way of answering that searches the given function, with one optimizer or the table."""

    async def answer(
        problem: Problem, model: LanguageModel, settings: EvaluationSettings
    ) -> Outcome:
        try:
            black_box = function_of(problem).black_box
            outcome = await search(
                black_box,
                default_pool(),
                optimizer=optimizer,
                time_limit_s=settings.time_limit_s,
                seed=settings.seed,
                isolation=settings.isolation,
            )
        except OptiwrightError as error:
            return Outcome(failed_record(problem.text, error))
        return Outcome(_record(problem.text, SearchAnswer(black_box=black_box, outcome=outcome)))

    return answer


def _record(text: str, found: SearchAnswer) -> RunRecord:
    record = new_record(text)
    outcome = found.outcome
    there = outcome.status is SearchStatus.FOUND
    result = Result(
        run_id=record.run_id,
        text=text,
        status=Status.FEASIBLE if there else Status.UNSOLVED,
        objective=outcome.value if there else None,
        level=Level.FEASIBLE if there else Level.FAILED,
        answers=_answers(found) if there else (),
        search=found,
        usage=Usage(seconds=outcome.seconds),
    )
    return record.model_copy(update={"result": result})


def _answers(found: SearchAnswer) -> tuple[Answer, ...]:
    pairs = zip(found.black_box.unknowns, found.outcome.point, strict=True)
    return tuple(Answer(name=u.name, value=v) for u, v in pairs if not isinstance(v, str))


class _Ran(Plain):
    """What `direct_search_job` returns; a program can forge it, so it is validated."""

    point: tuple[float, ...] | None
    calls: int
    error: str


async def write_and_run(
    problem: Problem, model: LanguageModel, settings: EvaluationSettings
) -> Outcome:
    """Have the model write an optimizer; one that fails may be corrected, with what it raised."""
    trial = Trial(problem, model, settings)
    function = function_of(problem)
    program: Program | None = None
    try:
        for turn in range(1 + _CORRECTIONS):
            told = {"program": program.source, "error": " ".join(program.complaints)} if (
                program
            ) else {"program": "", "error": ""}  # fmt: skip
            reply = await trial.ask(PROMPT, draw=turn, problem=problem.text, **told)
            program = await _run(reply, turn, function, settings)
            trial.keep(program)
            if not program.complaints:
                break
        return trial.outcome(program)
    except ProviderError as error:
        return trial.outcome(None, error)


async def _run(
    reply: str, turn: int, function: FunctionProblem, settings: EvaluationSettings
) -> Program:
    source = strip_code(reply)
    program = Program(number=turn + 1, source=source)
    if not source:
        return _failed(program, "The reply holds no program.")
    started = time.monotonic()
    half, reals = function.half_width, function.dimension - function.whole
    job = await default_pool().run(
        "optiwright.evaluation.direct_search_job:run",
        source,
        function.source,
        function.constraints,
        [(-half, half)] * (function.whole + reals),
        function.whole,
        function.budget,
        settings.time_limit_s,
        time_limit_s=settings.time_limit_s + _GRACE_S,
        profile=Profile.WRITTEN,
        isolation=settings.isolation,
    )
    program = program.model_copy(
        update={"reason": job.reason.value, "protections": tuple(job.protections)}
    )
    try:
        ran = _Ran.model_validate(job.value)
    except ValidationError:
        limit = time.monotonic() - started
        said = TOLD.get(job.reason, "Its process ended without a result.")
        return _failed(program, said.format(limit=limit))
    if ran.error:
        return _failed(program, ran.error)
    if ran.point is None:
        return _failed(program, "It found no point that meets every constraint and bound.")
    quantities = tuple(Quantity(name=f"x{k + 1}", value=v) for k, v in enumerate(ran.point))
    report = ProgramReport(
        outcome="finished",
        status="feasible",
        objective=function.value(ran.point),
        quantities=(*quantities, Quantity(name="evaluations", value=ran.calls)),
    )
    return program.model_copy(update={"report": report})


def _failed(program: Program, said: str) -> Program:
    report = ProgramReport(outcome="error", error=said)
    return program.model_copy(update={"report": report, "complaints": (said,)})


SINGLE = "single:"
"""Before an optimizer's name: the method that asks it alone."""
BLACK_BOX_METHODS = (
    Method(
        "search",
        "blackbox: the function, its optimizer by the table",
        (),
        searching(None),
    ),
    Method(
        "direct-search",
        "blackbox: the model writes an optimizer, zero-shot",
        (PROMPT,),
        write_and_run,
    ),
    *(
        Method(f"{SINGLE}{name}", f"blackbox: {optimizer.title} alone", (), searching(name))
        for name, optimizer in OPTIMIZERS.items()
    ),
)  # fmt: skip
