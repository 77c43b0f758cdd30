"""One run from the text to the result: set up, walk the graph, keep the record."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any, TypeAlias, overload
from uuid import uuid4

from langgraph.checkpoint.base import BaseCheckpointSaver

from optiwright.agent.data_store import with_tables
from optiwright.agent.events import Event, Notice, RunFinished, RunStarted
from optiwright.agent.intake import accept
from optiwright.agent.llm import LanguageModel
from optiwright.agent.options import Options
from optiwright.agent.places import records_dir
from optiwright.agent.prompts_used import prompts_of
from optiwright.agent.record import RunRecord
from optiwright.agent.recorder import Recorder
from optiwright.agent.result import ErrorNote, Plain, Result
from optiwright.agent.samples import choose_sample
from optiwright.agent.saving import make_folder, save_result
from optiwright.agent.search_inputs import asks_a_model, told_of
from optiwright.agent.setting_up import data_for, model_of, settings_of, with_offer
from optiwright.agent.state import Context, State
from optiwright.agent.usage import usage_of
from optiwright.agent.walking import Way
from optiwright.agent.which_kind import Problem, kind_for
from optiwright.formulators.black_box import BlackBox
from optiwright.formulators.black_box_reader import NOTHING
from optiwright.formulators.errors import OptiwrightError, UserError
from optiwright.formulators.problem_kind import ProblemKind
from optiwright.formulators.questions import Question, answers_to
from optiwright.solver_tools.pool import default_pool

Listen: TypeAlias = Callable[[Event], None]


class Waiting(Plain):
    """A run that has stopped to wait for a user's answers; `resume` goes on with it."""

    run_id: str
    text: str
    questions: tuple[Question, ...]
    """Answered by id; what is left out takes the best guess."""
    record: str
    """Folder of the run's record."""


@overload
async def execute(
    problem: Problem, options: Options, listen: Listen, *, run_id: str | None = None
) -> Result: ...


@overload
async def execute(
    problem: Problem,
    options: Options,
    listen: Listen,
    *,
    saver: BaseCheckpointSaver[Any],
    run_id: str | None = None,
) -> Result | Waiting: ...


async def execute(
    problem: Problem,
    options: Options,
    listen: Listen,
    *,
    saver: BaseCheckpointSaver[Any] | None = None,
    run_id: str | None = None,
) -> Result | Waiting:
    """Run one problem to its result, or to questions; every event goes to `listen`.

    Args:
        problem: the text, or a formulation of either kind.
        options: of the run.
        listen: called with every event.
        saver: keeps every step, so that the run can go on in another process. With one, a user is
            there: where the text leaves something open and `options.ask` is None, the run ends as
            `Waiting`.
        run_id: names the run, its folder and its threads in the saver; None makes one up.

    Raises:
        OptiwrightError: if there is no result; the record keeps what was achieved until then.
        asyncio.CancelledError: if the caller gave up; the record says so.
    """
    tables = options.data is not None
    text = problem if isinstance(problem, str) else problem.title
    if isinstance(problem, str):
        numbered = kind_for(problem, options) is ProblemKind.MODEL and not tables
        text = accept(problem, quantities=numbered)
    if options.save is not None:
        make_folder(options.save)
    recorder = _recorder(text, listen, run_id)
    recorder.emit(RunStarted, text=text, record=str(recorder.folder))
    return await _led(problem, options, recorder, Way(saver, options.ask))


async def resume(
    run_id: str,
    answers: Mapping[str, str] | None,
    options: Options,
    listen: Listen,
    *,
    saver: BaseCheckpointSaver[Any],
) -> Result | Waiting:
    """Go on with a run that waits for answers or was interrupted, in whatever process.

    Record and events go on in the same folder.

    Args:
        run_id: of the run.
        answers: to its questions, by id; an empty mapping takes the best guesses. None where the
            run was interrupted; one that waits then waits on.
        options: as it was begun with; they are not kept.
        listen: called with every event from here on.
        saver: the one that the run was begun with.

    Raises:
        UserError: there is no such run, or an answer is none; the run waits on.
        OptiwrightError: as `execute` does.
    """
    recorder = Recorder.reopened(records_dir() / run_id, listen)
    record = recorder.record
    try:
        # Before anything is spent on it.
        answers_to(() if record.answers else record.questions, answers or {})
    except UserError:
        recorder.close()
        raise
    recorder.update(error=None)
    return await _led(recorder.record.text, options, recorder, Way(saver, options.ask, answers))


async def _led(
    problem: Problem, options: Options, recorder: Recorder, way: Way
) -> Result | Waiting:
    """Set up what the nodes work with, go the way, and keep what comes of it."""
    started = time.monotonic() - recorder.record.seconds
    model: LanguageModel | None = None
    try:
        pool = default_pool()
        pool.warm()
        before = recorder.record.settings  # there where the run goes on
        kind = kind_for(problem, options) if before is None else before.problem_kind
        told = told_of(options) if kind is ProblemKind.SEARCH else NOTHING
        if asks_a_model(problem, kind, told, options):
            model = await asyncio.to_thread(model_of, options, recorder)
        data = await asyncio.to_thread(data_for, problem, options)
        settings = settings_of(
            options, model, given=not isinstance(problem, str), data=data, kind=kind
        )
        recorder.update(settings=settings, prompts=prompts_of(settings, model, asks=way.asks))
        rounds = options.repair_rounds(small=model is not None and model.small)
        context = Context(
            settings,
            model,
            pool,
            recorder,
            rounds,
            data=data,
            asks=way.asks,
            told=told,
            function=options.own_function,
            evaluations=Path(options.evaluations) if options.evaluations is not None else None,
        )
        if isinstance(problem, str) and kind is ProblemKind.MODEL:
            text = recorder.record.text
            context = await asyncio.to_thread(with_offer, context, text, options)
        ended = await _samples(problem, options, context, way)
        if not isinstance(ended, Result):
            recorder.update(seconds=time.monotonic() - started)
            return Waiting(
                run_id=recorder.record.run_id,
                text=recorder.record.text,
                questions=ended,
                record=str(recorder.folder),
            )
        return _kept(ended, options, recorder, time.monotonic() - started)
    except OptiwrightError as error:
        recorder.fail(ErrorNote.of(error))
        raise
    except asyncio.CancelledError:
        recorder.fail(ErrorNote(kind="Interrupted", what="the run was interrupted"))
        raise
    finally:
        recorder.close()
        if model is not None and not isinstance(options.model, LanguageModel):
            await model.aclose()


def _kept(result: Result, options: Options, recorder: Recorder, seconds: float) -> Result:
    spent = usage_of(recorder.folder, seconds)
    result = result.model_copy(update={"usage": spent, "record": str(recorder.folder)})
    recorder.update(result=result)
    for folder in (recorder.folder, *([options.save] if options.save else [])):
        save_result(result, folder)
    recorder.emit(RunFinished, result=result)
    return result


async def _samples(
    problem: Problem, options: Options, context: Context, way: Way
) -> Result | tuple[Question, ...]:
    """Draw as many formulations as the effort asks for and choose among their results.

    A failure after the first draw does not cost what the earlier ones have found. What was answered
    about the first draw holds for the others.
    """
    record = context.recorder.record
    results: list[Result] = []
    for sample in range(_draws(problem, context, options)):
        settings = context.settings.model_copy(update={"sample": sample})
        state: State = {
            "run_id": record.run_id,
            "text": record.text,
            "given": None
            if isinstance(problem, str | BlackBox)
            else problem.model_dump(mode="json"),
            "only_formulate": options.only_formulate,
            "problem_kind": settings.problem_kind.value,
        }
        if isinstance(problem, BlackBox):
            state["black_box"] = problem.model_dump(mode="json")
        if results and results[0].clarified:
            state["answers"] = [a.model_dump(mode="json") for a in results[0].clarified]
            state["text"] = results[0].text
        own = replace(context, settings=settings, bench={})
        try:
            final = await way.walk(state, own)
        except OptiwrightError as error:
            if not results:
                raise
            context.recorder.emit(Notice, message=f"No further formulation is drawn: {error}")
            break
        if isinstance(final, tuple):
            return final
        results.append(with_tables(Result.model_validate(final["result"]), context.data))
    return choose_sample(results)


def _draws(problem: Problem, context: Context, options: Options) -> int:
    """Return how many formulations are drawn: of what no model formulates, one."""
    searched = context.settings.problem_kind is ProblemKind.SEARCH
    return options.samples if isinstance(problem, str) and not searched else 1


def _recorder(text: str, listen: Listen, run_id: str | None) -> Recorder:
    now = datetime.now(UTC)
    run_id = run_id or f"{now:%Y%m%d-%H%M%S}-{uuid4().hex[:8]}"
    record = RunRecord(
        run_id=run_id, started=now, version=version("optiwright"), text=text, settings=None
    )
    return Recorder(records_dir() / run_id, record, listen)
