"""What-if questions as a benchmark: the base formulated or given once, each question asked of it.

A problem's text is the base problem's and the question's. `whatif` formulates the base from its
text, once for all its questions, then changes it; `whatif-given` changes a formulation that comes
with the package, so that reading a question shows apart from formulating a text. Any other method
reads both in one piece and formulates anew for each question.
"""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import TypeAlias

from optiwright.agent.errors import ProviderError
from optiwright.agent.events import Event, RunStarted
from optiwright.agent.llm import LanguageModel
from optiwright.agent.record import Call, RunRecord
from optiwright.agent.result import Result
from optiwright.agent.run import execute
from optiwright.agent.what_if import answer_what_if
from optiwright.evaluation.methods import (
    AGENT,
    Method,
    Outcome,
    Resampled,
    failed_record,
    options_of,
    outage_of,
    taken_record,
)
from optiwright.evaluation.problems import Problem
from optiwright.evaluation.records import EvaluationSettings
from optiwright.evaluation.what_if_layout import split_question
from optiwright.formulators.errors import OptiwrightError, UserError
from optiwright.formulators.model import Formulation


@dataclass
class _Base:
    """A base problem's answer, and the calls that no record has shown yet."""

    result: Result
    calls: tuple[Call, ...]

    def take_calls(self) -> tuple[Call, ...]:
        """Return the calls that made it, to the first question that comes."""
        calls, self.calls = self.calls, ()
        return calls


_GIVEN = "what_if_"
"""How the files of the package's own base formulations begin."""

_MakeBase = Callable[[Problem, LanguageModel, EvaluationSettings], Awaitable[_Base]]
_Key: TypeAlias = tuple[asyncio.AbstractEventLoop, _MakeBase, str, str, int]
_bases: dict[_Key, asyncio.Future[_Base]] = {}
"""One a loop, way of making it, base problem, settings and sample."""


async def ask_formulated(
    problem: Problem, model: LanguageModel, settings: EvaluationSettings
) -> Outcome:
    """Answer with the base formulated from its text."""
    return await _ask(problem, model, settings, _formulated_base)


async def ask_given(
    problem: Problem, model: LanguageModel, settings: EvaluationSettings
) -> Outcome:
    """Answer with the base formulation that comes with the package."""
    return await _ask(problem, model, settings, _given_base)


def given_formulation(name: str) -> Formulation:
    """Return the package's own formulation of a base problem: coffee, workforce or facility.

    Raises:
        UserError: if it has none of that name.
    """
    folder = resources.files("optiwright.evaluation")
    file = folder.joinpath(f"{_GIVEN}{name}.json")
    if not file.is_file():
        files = [f.name for f in folder.iterdir() if f.name.endswith(".json")]
        known = sorted(f.removeprefix(_GIVEN).removesuffix(".json") for f in files)
        raise UserError(
            f"no formulation of a base problem {name!r} comes with the package",
            remedy=f"There are {', '.join(known)}; `--method whatif` formulates the text.",
        )
    return Formulation.from_json(file.read_text(encoding="utf-8"))


async def _ask(
    problem: Problem, model: LanguageModel, settings: EvaluationSettings, make: _MakeBase
) -> Outcome:
    folder = Path(await asyncio.to_thread(tempfile.mkdtemp, prefix="optiwright-whatif-"))
    calls: tuple[Call, ...] = ()
    try:
        _, question = split_question(problem)
        base = await _base_of(problem, model, settings, make)
        calls = base.take_calls()
        asked = base.result.model_copy(update={"record": str(folder)})
        await answer_what_if(asked, question, options_of(settings, model))
        return Outcome(_record(problem, folder, calls))
    except OptiwrightError as error:
        kept = next(folder.glob("revisions/*/record.json"), None)
        record = failed_record(problem.text, error) if kept is None else _record(
            problem, folder, calls
        )  # fmt: skip
        return Outcome(record, outage_of(error))
    finally:
        await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)


def _record(problem: Problem, folder: Path, calls: tuple[Call, ...]) -> RunRecord:
    """Return the question's record, with the whole text and the calls that made the base."""
    record = taken_record(next(folder.glob("revisions/*/")))
    return record.model_copy(update={"text": problem.text, "calls": (*calls, *record.calls)})


async def _base_of(
    problem: Problem, model: LanguageModel, settings: EvaluationSettings, make: _MakeBase
) -> _Base:
    """Return a problem's base, made once; a provider's outage is not kept."""
    sample = model.sample if isinstance(model, Resampled) else 0
    text, _ = split_question(problem)
    name = text if make is _formulated_base else problem.id.split("-")[1]
    key = asyncio.get_running_loop(), make, name, settings.sha256, sample
    if key not in _bases:
        _bases[key] = asyncio.ensure_future(make(problem, model, settings))
    try:
        return await asyncio.shield(_bases[key])
    except ProviderError:
        _bases.pop(key, None)
        raise


async def _formulated_base(
    problem: Problem, model: LanguageModel, settings: EvaluationSettings
) -> _Base:
    text, _ = split_question(problem)
    return await _solved(text, model, settings)


async def _given_base(
    problem: Problem, model: LanguageModel, settings: EvaluationSettings
) -> _Base:
    name = problem.id.split("-")[1]
    return await _solved(given_formulation(name), model, settings)


async def _solved(
    base: str | Formulation, model: LanguageModel, settings: EvaluationSettings
) -> _Base:
    folders: list[Path] = []

    def listen(event: Event) -> None:
        if isinstance(event, RunStarted):
            folders.append(Path(event.record))

    try:
        result = await execute(base, options_of(settings, model), listen)
        return _Base(result, taken_record(folders[0]).calls)
    finally:
        for folder in folders:
            await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)


WHAT_IF = (
    Method(
        "whatif",
        "what-if: the base formulated once, then changed",
        (*AGENT.prompts, "what_if"),
        ask_formulated,
    ),
    Method(
        "whatif-given",
        "what-if: the base formulation is given",
        ("what_if",),
        ask_given,
    ),
)
