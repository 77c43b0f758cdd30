"""One run from the text to the result: set up, walk the graph, keep the record."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from importlib.metadata import version
from uuid import uuid4

from optiwright.agent.choose_model import choose_model
from optiwright.agent.data_store import keep, with_tables
from optiwright.agent.events import Event, Notice, RunFailed, RunFinished, RunStarted
from optiwright.agent.graph import graph
from optiwright.agent.intake import accept
from optiwright.agent.llm import LanguageModel
from optiwright.agent.offered import form_for, offered
from optiwright.agent.options import Options
from optiwright.agent.places import records_dir
from optiwright.agent.prompting import FORMULATION_PROMPT, PROGRAM_PROMPT, prompt_hashes
from optiwright.agent.record import RunRecord, Settings
from optiwright.agent.recorder import Recorder
from optiwright.agent.result import ErrorNote, Result
from optiwright.agent.samples import choose_sample
from optiwright.agent.saving import make_folder, save_result
from optiwright.agent.state import Context, State, redrafts
from optiwright.agent.usage import usage_of
from optiwright.formulators.data import Data, read_data
from optiwright.formulators.errors import OptiwrightError
from optiwright.formulators.model import Formulation
from optiwright.solver_tools.pool import Isolation, default_pool


async def execute(
    problem: str | Formulation, options: Options, listen: Callable[[Event], None]
) -> Result:
    """Run one problem to its result; every event goes to `listen`.

    Raises:
        OptiwrightError: if there is no result; the record keeps what was achieved until then.
        asyncio.CancelledError: if the caller gave up; the record says so.
    """
    started = time.monotonic()
    text = accept(problem) if isinstance(problem, str) else problem.title
    if options.save is not None:
        make_folder(options.save)
    recorder = _recorder(text, options, listen)
    model: LanguageModel | None = None
    try:
        recorder.emit(RunStarted, text=text, record=str(recorder.folder))
        pool = default_pool()
        pool.warm()
        if isinstance(problem, str):
            model = await asyncio.to_thread(model_of, options, recorder)
        data = await asyncio.to_thread(data_for, problem, options)
        settings = settings_of(options, model, given=not isinstance(problem, str), data=data)
        recorder.update(settings=settings, prompts=_prompts(settings, model))
        rounds = options.repair_rounds(small=model is not None and model.small)
        context = Context(settings, model, pool, recorder, rounds, data=data)
        if isinstance(problem, str):
            context = await asyncio.to_thread(_with_offer, context, text, options)
        result = await _samples(problem, text, options, context)
        spent = usage_of(recorder.folder, time.monotonic() - started)
        result = result.model_copy(update={"usage": spent, "record": str(recorder.folder)})
        recorder.update(result=result)
        for folder in (recorder.folder, *([options.save] if options.save else [])):
            save_result(result, folder)
        recorder.emit(RunFinished, result=result)
        return result
    except OptiwrightError as error:
        recorder.update(error=ErrorNote.of(error))
        recorder.emit(RunFailed, error=ErrorNote.of(error))
        raise
    except asyncio.CancelledError:
        note = ErrorNote(kind="Interrupted", what="the run was interrupted")
        recorder.update(error=note)
        recorder.emit(RunFailed, error=note)
        raise
    finally:
        recorder.close()
        if model is not None and not isinstance(options.model, LanguageModel):
            await model.aclose()


async def _samples(
    problem: str | Formulation, text: str, options: Options, context: Context
) -> Result:
    """Draw as many formulations as the effort asks for and choose among their results.

    A failure after the first draw does not cost what the earlier ones have found.
    """
    results: list[Result] = []
    for sample in range(options.samples if isinstance(problem, str) else 1):
        settings = context.settings.model_copy(update={"sample": sample})
        state: State = {
            "run_id": context.recorder.record.run_id,
            "text": text,
            "given": None if isinstance(problem, str) else problem.model_dump(mode="json"),
            "only_formulate": options.only_formulate,
        }
        own = replace(context, settings=settings, bench={})
        try:
            final = await graph.ainvoke(state, context=own)
        except OptiwrightError as error:
            if not results:
                raise
            context.recorder.emit(Notice, message=f"No further formulation is drawn: {error}")
            break
        results.append(with_tables(Result.model_validate(final["result"]), context.data))
    return choose_sample(results)


def _with_offer(context: Context, text: str, options: Options) -> Context:
    """Return the context with what the model is told of tables; the record says which cells."""
    found = offered(text, context.data, context.settings.form, samples=options.samples_in_prompt)
    if found is not None:
        context.recorder.update(shown=found.brief.shown)
    return replace(context, offered=found)


def _recorder(text: str, options: Options, listen: Callable[[Event], None]) -> Recorder:
    now = datetime.now(UTC)
    run_id = f"{now:%Y%m%d-%H%M%S}-{uuid4().hex[:8]}"
    record = RunRecord(
        run_id=run_id, started=now, version=version("optiwright"), text=text, settings=None
    )
    return Recorder(records_dir() / run_id, record, listen)


def model_of(options: Options, recorder: Recorder) -> LanguageModel:
    """Return the model that was chosen, opened where it is not an object already.

    Raises:
        UserError: if there is no such model.
        ProviderError: if the embedded one cannot be started.
    """
    if isinstance(options.model, LanguageModel):
        return options.model
    return choose_model(
        options.model,
        options.base_url,
        options.api_key,
        on_status=lambda text: recorder.emit(Notice, message=text),
    )


def data_for(problem: str | Formulation, options: Options) -> Data | None:
    """Return the tables of a run, kept: those given, else those that the formulation has.

    Raises:
        UserError: if they cannot be read, or not be kept beside the records.
    """
    data = problem.data if isinstance(problem, Formulation) else None
    if options.data is not None:
        data = read_data(options.data)
    if data is not None:
        keep(data)
    return data


def settings_of(
    options: Options, model: LanguageModel | None, *, given: bool, data: Data | None = None
) -> Settings:
    """Return what was chosen as a run's settings; `given`: the formulation is, no text is read."""
    small = model is not None and model.small
    return Settings(
        model=model.name if model is not None else "",
        form=form_for(options.form, data, small=small),
        effort=options.effort,
        route=options.route_for(given=given, tables=data is not None),
        library=options.library,
        isolation=Isolation(options.isolation),
        solver=options.solver,
        time_limit_s=options.time_limit_s,
        seed=options.seed,
        data=data.hashes if data is not None else {},
    )


def _prompts(settings: Settings, model: LanguageModel | None) -> dict[str, str]:
    if model is None:
        return {}
    again = "redraft" if redrafts(settings, model) else "repair"
    compiled = (FORMULATION_PROMPT[settings.form], again)
    written = (PROGRAM_PROMPT[settings.library], *(() if model.small else ("rewrite",)))
    match settings.route:
        case "compiled":
            return prompt_hashes(compiled)
        case "written":
            return prompt_hashes(written)
        case "both":
            return prompt_hashes((*compiled, *written, "judge"))
