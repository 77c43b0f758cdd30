"""One problem in the hands of a baseline: its calls, its programs, and the record they make.

A baseline's programs run where the agent's second route runs its own: same sandbox, same preamble,
same report, so that baselines lose on modelling and not on slips of interface.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from optiwright.agent.asking import CALL_LIMIT_S
from optiwright.agent.errors import ProviderError
from optiwright.agent.evidence import Standing, written_level
from optiwright.agent.llm import LanguageModel, Request
from optiwright.agent.programs import TOLD, new_program, standing_of
from optiwright.agent.prompting import load_prompt, prompt_hashes
from optiwright.agent.record import Call, Program, RunRecord, Settings
from optiwright.agent.result import Answer, ErrorNote, Result, Status, StepUsage, Usage
from optiwright.agent.result import WrittenAnswer as Written
from optiwright.agent.state import WrittenState
from optiwright.agent.writing import reported, run_written
from optiwright.evaluation.methods import SAMPLE_TEMPERATURE, Outcome, new_record, outage_of
from optiwright.evaluation.problems import Problem
from optiwright.evaluation.records import EvaluationSettings
from optiwright.formulators.wire import Form
from optiwright.solver_tools.pool import Outcome as JobOutcome
from optiwright.solver_tools.pool import Reason, default_pool
from optiwright.solver_tools.written_check import strip_code
from optiwright.solver_tools.written_result import ProgramReport

_MAX_TOKENS = 2500
_STATUS: dict[Standing, Status] = {
    Standing.OPTIMAL: Status.OPTIMAL,
    Standing.FEASIBLE: Status.FEASIBLE,
    Standing.INFEASIBLE: Status.INFEASIBLE,
    Standing.UNBOUNDED: Status.UNBOUNDED,
    Standing.TIMED_OUT: Status.UNSOLVED,
    Standing.CRASHED: Status.UNSOLVED,
    Standing.NO_ANSWER: Status.UNSOLVED,
    Standing.NOT_RUN: Status.UNSOLVED,
}


class Trial:
    """A problem, a model, and what a baseline has done with them so far.

    Args:
        problem: the text is all a baseline is shown of it.
        model: who is asked.
        settings: of the evaluation.
    """

    def __init__(
        self, problem: Problem, model: LanguageModel, settings: EvaluationSettings
    ) -> None:
        self.text = problem.text
        self.settings = settings
        self._model = model
        self._started = time.monotonic()
        self._calls: list[Call] = []
        self._programs: list[Program] = []

    async def ask(self, prompt: str, draw: int = 0, **values: Any) -> str:
        """Ask by a prompt; a later draw of the same question is a warm one.

        Raises:
            ProviderError: from the model; the call is kept.
        """
        loaded = load_prompt(prompt)
        request = Request(
            messages=loaded.messages(**values),
            fixed=len(loaded.fixed),
            max_tokens=_MAX_TOKENS,
            temperature=SAMPLE_TEMPERATURE if draw else 0.0,
            seed=self.settings.seed,
            sample=draw,
            timeout_s=CALL_LIMIT_S,
        )
        call = Call(step=prompt, attempt=draw + 1, request=request, reply=None)
        try:
            reply = await self._model.complete(request)
        except ProviderError as error:
            self._calls.append(call.model_copy(update={"error": ErrorNote.of(error)}))
            raise
        self._calls.append(call.model_copy(update={"reply": reply}))
        return reply.text

    async def run(self, reply: str, sample: int = 0) -> Program:
        """Run the program in a reply, confined."""
        source = strip_code(reply)
        program = Program(number=len(self._programs) + 1, sample=sample, source=source)
        if source:
            limit = self.settings.time_limit_s
            isolation = self.settings.isolation
            job = await run_written(default_pool(), source, limit, isolation)
            program = program.model_copy(update=_ended(job, limit))
        self._programs.append(program)
        return program

    def keep(self, program: Program) -> None:
        """Take a program into the record that was run elsewhere."""
        self._programs.append(program)

    def outcome(self, chosen: Program | None, error: ProviderError | None = None) -> Outcome:
        """Return the record, in which `chosen` is the answer."""
        self._programs = [p.model_copy(update={"adopted": p is chosen}) for p in self._programs]
        return self.ended(None if chosen is None else partial(self._result, program=chosen), error)

    def ended(
        self, result: Callable[[RunRecord], Result] | None, error: ProviderError | None = None
    ) -> Outcome:
        """Return the record, with the result that is made for it, or with the error."""
        record = new_record(self.text)
        names = tuple(dict.fromkeys(call.step for call in self._calls))
        fields: dict[str, Any] = {
            "settings": self._own_settings(),
            "prompts": prompt_hashes(names),
            "calls": tuple(self._calls),
            "programs": tuple(self._programs),
        }
        if error is not None:
            fields["error"] = ErrorNote.of(error)
        elif result is not None:
            fields["result"] = result(record)
        outage = outage_of(error) if error is not None else ""
        return Outcome(record.model_copy(update=fields), outage)

    def _own_settings(self) -> Settings:
        return Settings(
            model=self._model.name,
            form=Form.FLAT,
            effort=self.settings.effort,
            route="written",
            isolation=self.settings.isolation,
            time_limit_s=self.settings.time_limit_s,
            seed=self.settings.seed,
        )

    def _result(self, record: RunRecord, program: Program) -> Result:
        standing, report = (
            standing_of_program(program),
            program.report or ProgramReport(outcome="no_result"),
        )
        answers = tuple(
            Answer(name=q.name, value=q.value)
            for q in report.quantities
            if not isinstance(q.value, str)
        )
        answered = written_level(standing).answered
        return Result(
            run_id=record.run_id,
            text=self.text,
            status=_STATUS[standing],
            objective=report.objective if answered else None,
            answers=answers if answered else (),
            level=written_level(standing),
            written=Written(
                source=program.source,
                standing=standing,
                objective=report.objective,
                quantities=answers,
                library=report.library,
                variables=report.n_variables,
                constraints=report.n_constraints,
                error=" ".join(program.complaints),
            ),
            usage=Usage(steps=_usage(self._calls), seconds=time.monotonic() - self._started),
        )


def standing_of_program(program: Program) -> Standing:
    """Return how a program ended."""
    state: WrittenState = new_program(program.number, "", source=program.source)
    state["reason"] = program.reason
    state["report"] = program.report.model_dump(mode="json") if program.report else None
    return standing_of(state)


def _ended(job: JobOutcome, limit: float) -> dict[str, Any]:
    report, reason = reported(job), job.reason
    if report is not None and report.out_of_time:
        reason = Reason.TIMEOUT  # interrupted from within, and not by the pool
    return {
        "report": report,
        "reason": reason.value,
        "protections": tuple(job.protections),
        "complaints": _complaints(report, reason, limit),
    }


def _complaints(report: ProgramReport | None, reason: Reason, limit: float) -> tuple[str, ...]:
    if report is None:
        return (TOLD.get(reason, "Its process ended without a result.").format(limit=limit),)
    return (report.error,) if report.error else ()


def _usage(calls: Sequence[Call]) -> tuple[StepUsage, ...]:
    steps: dict[str, StepUsage] = {}
    for call in calls:
        if call.reply is None:
            continue
        so_far = steps.get(call.step, StepUsage(step=call.step))
        added = {
            "calls": so_far.calls + 1,
            "prompt_tokens": so_far.prompt_tokens + call.reply.prompt_tokens,
            "cached_prompt_tokens": so_far.cached_prompt_tokens + call.reply.cached_prompt_tokens,
            "completion_tokens": so_far.completion_tokens + call.reply.completion_tokens,
            "model_seconds": so_far.model_seconds + call.reply.seconds,
        }
        steps[call.step] = so_far.model_copy(update=added)
    return tuple(steps.values())
