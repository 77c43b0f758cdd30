"""A changed formulation solved as a run is, in a folder below the run that it revises."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from uuid import uuid4

from optiwright.agent.data_store import with_tables
from optiwright.agent.events import Event, RunFinished, RunStarted
from optiwright.agent.explaining import explained
from optiwright.agent.graph import graph
from optiwright.agent.llm import LanguageModel
from optiwright.agent.options import Options
from optiwright.agent.record import RunRecord
from optiwright.agent.recorder import Recorder
from optiwright.agent.refusing import refuse_plan, refuse_search
from optiwright.agent.result import ErrorNote, Result
from optiwright.agent.saving import save_result
from optiwright.agent.setting_up import settings_of
from optiwright.agent.state import Context, State
from optiwright.agent.usage import usage_of
from optiwright.formulators.data import Data
from optiwright.formulators.errors import OptiwrightError, UserError
from optiwright.formulators.model import Formulation
from optiwright.formulators.open_data import made_up_told
from optiwright.solver_tools.pool import default_pool


def _given_since(before: Formulation | None, after: Formulation) -> set[str]:
    """Return the names of the parameters that have other values than before."""
    known = {p.name: p.data for p in before.parameters} if before is not None else {}
    return {p.name for p in after.parameters if known.get(p.name) != p.data}


def formulated(result: Result) -> Formulation:
    """Return a result's formulation.

    Raises:
        UserError: if it has none.
    """
    refuse_plan(
        result,
        "formulation that a question could change yet",
        "State the problem again with the change, or edit its `planning.json` and solve that: "
        "`optiwright solve --formulation planning.json`.",
    )
    refuse_search(result, "formulation that a question could change")
    if result.formulation is None:
        raise UserError(
            f"this answer rests on no formulation that could be changed: it is {result.status}",
            where=result.record or "the result",
            remedy="Solve the problem by the compiled route: `--route compiled`.",
        )
    return result.formulation


@contextmanager
def recorded(question: str, folder: Path, listen: Callable[[Event], None]) -> Iterator[Recorder]:
    """Give the recorder of a revision, begun; closed at the end, with the error if there is one."""
    now = datetime.now(UTC)
    record = RunRecord(
        run_id=f"{now:%Y%m%d-%H%M%S}-{uuid4().hex[:8]}",
        started=now,
        version=version("optiwright"),
        text=question,
        settings=None,
    )
    recorder = Recorder(folder, record, listen)
    recorder.emit(RunStarted, text=question, record=str(folder))
    try:
        yield recorder
    except OptiwrightError as error:
        recorder.fail(ErrorNote.of(error))
        raise
    finally:
        recorder.close()


def context_of(
    options: Options, model: LanguageModel | None, recorder: Recorder, data: Data | None
) -> Context:
    """Return what a revision works with; its settings go into the record."""
    settings = settings_of(options, model, given=True, data=data)
    recorder.update(settings=settings)
    return Context(settings, model, default_pool(), recorder, repair_rounds=0, data=data)


async def solve_revision(
    formulation: Formulation,
    context: Context,
    base: Result,
    started: float,
    *,
    only_formulate: bool = False,
) -> Result:
    """Check, compile, solve and judge a changed formulation; no model has a part in it.

    Args:
        formulation: the changed one.
        context: of the revision.
        base: what it revises.
        started: when the revision was begun, of the monotonic clock.
        only_formulate: stop after the checks.

    Raises:
        OptiwrightError: as a run of the graph does.
    """
    recorder = context.recorder
    state: State = {
        "run_id": recorder.record.run_id,
        "text": formulation.title,
        "given": formulation.model_dump(mode="json"),
        "only_formulate": only_formulate,
    }
    without_model = replace(context, model=None, bench={})
    final = await graph.ainvoke(state, context=without_model)
    found = with_tables(Result.model_validate(final["result"]), context.data)
    # What the change gives is known; what nobody gave before and it left alone is not.
    still = made_up_told(formulation, base.text) if base.made_up else ()
    given = _given_since(base.formulation, formulation)
    result = found.model_copy(
        update={
            "made_up": tuple(told for told in base.made_up if told in still),
            "missing": tuple(m for m in base.missing if not given & set(re.findall(r"\w+", m))),
            "text": base.text,
            "given": base.given,
            "parent": base.record or base.run_id,
            "record": str(recorder.folder),
            "usage": usage_of(recorder.folder, time.monotonic() - started),
        }
    )
    result = explained(result)
    recorder.update(result=result)
    save_result(result, recorder.folder)
    recorder.emit(RunFinished, result=result)
    return result
