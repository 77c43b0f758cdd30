"""The ways of answering that are compared: the agent itself, and baselines on the same model.

A method turns a problem into a `RunRecord`. What goes wrong on the way is in the record; whether it
was the provider's outage is said beside it, so that a dead server is not counted as wrong answers.
"""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Literal, TypeAlias
from uuid import uuid4

from optiwright.agent.errors import ProviderError
from optiwright.agent.events import Event, RunStarted
from optiwright.agent.llm import LanguageModel, Reply, Request
from optiwright.agent.options import Options
from optiwright.agent.prompting import FORMULATION_PROMPT, PROGRAM_PROMPT
from optiwright.agent.record import RunRecord
from optiwright.agent.result import ErrorNote
from optiwright.agent.run import execute
from optiwright.evaluation.asked import with_a_user
from optiwright.evaluation.problems import Problem
from optiwright.evaluation.records import EvaluationSettings
from optiwright.formulators.errors import OptiwrightError
from optiwright.formulators.problem_kind import ProblemKind

if TYPE_CHECKING:
    from optiwright.evaluation.choices import Choices

SAMPLE_TEMPERATURE = 0.7
_OUTAGES = {"unreachable", "unauthorized", "unknown_model", "rate_limited", "dropped", "failed"}
"""Provider errors that say nothing about the model."""


@dataclass(frozen=True)
class Outcome:
    """A method's record of a problem, and whether the provider was out."""

    record: RunRecord
    outage: str = ""
    """What the provider's error was, where it says nothing about the model."""


Answer: TypeAlias = Callable[[Problem, LanguageModel, EvaluationSettings], Awaitable[Outcome]]


@dataclass(frozen=True)
class Method:
    """A way of answering.

    Attributes:
        prompts: the prompts it uses; their hashes are part of the settings. One without any asks no
            model.
        uses_rounds: whether the number of correction rounds matters to it.
        uses_votes: whether the number of votes does.
        one_shot: whether it asks one question a problem, which a provider's batch can hold.
        answers: whether it comes to values, to plans, or to whichever a problem asks for.
    """

    name: str
    title: str
    prompts: tuple[str, ...]
    answer: Answer
    uses_rounds: bool = False
    uses_votes: bool = False
    one_shot: bool = False
    answers: Literal["values", "plans", "both"] = "values"

    def can_answer(self, problem: Problem) -> bool:
        """Whether what the problem asks for is what the method can come to."""
        wanted = "plans" if problem.label.plan_instance else "values"
        return self.answers in (wanted, "both")


async def ask_agent(
    problem: Problem, model: LanguageModel, settings: EvaluationSettings
) -> Outcome:
    """Answer with the agent; its own folder is read and removed, since the line here holds it."""
    folders: list[Path] = []

    def listen(event: Event) -> None:
        if isinstance(event, RunStarted):
            folders.append(Path(event.record))

    options = with_a_user(options_of(settings, model), problem)
    if problem.label.plan_instance:
        options = replace(options, kind=ProblemKind.PLAN)
    try:
        # Not by `asolve`: a cancelled one returns before the run has closed its folder.
        await execute(problem.text, options, listen)
        return Outcome(taken_record(folders[0]))
    except OptiwrightError as error:
        kept = taken_record(folders[0]) if folders else failed_record(problem.text, error)
        return Outcome(kept, outage_of(error))
    finally:
        for folder in folders:
            await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)


def options_of(chosen: Choices | EvaluationSettings, model: LanguageModel | None) -> Options:
    """Return what was chosen about an evaluation as the agent's own options.

    Raises:
        UserError: if a value is not one that the agent knows.
    """
    return Options(
        model=model,
        effort=chosen.effort,
        route=chosen.route,
        form=chosen.form,
        library=chosen.library,
        isolation=chosen.isolation,
        solver=chosen.solver,
        time_limit_s=chosen.time_limit_s,
        seed=chosen.seed,
    )


def outage_of(error: OptiwrightError) -> str:
    """Return what an error says if it is the provider's outage, else nothing."""
    return str(error) if isinstance(error, ProviderError) and error.kind in _OUTAGES else ""


def failed_record(text: str, error: Exception) -> RunRecord:
    """Return the record of a run that did not come as far as having one."""
    note = (
        ErrorNote.of(error)
        if isinstance(error, OptiwrightError)
        else ErrorNote(kind=type(error).__name__, what=str(error) or "no message")
    )
    return new_record(text).model_copy(update={"error": note})


def new_record(text: str) -> RunRecord:
    """Return an empty record of a run that begins now."""
    now = datetime.now(UTC)
    run_id = f"{now:%Y%m%d-%H%M%S}-{uuid4().hex[:8]}"
    return RunRecord(run_id=run_id, started=now, version=version("optiwright"), text=text)


class NoModel:
    """What stands for the model where a method asks none."""

    name = "none"
    small = False
    tuned = ""

    async def complete(
        self, request: Request, on_text: Callable[[str], None] | None = None
    ) -> Reply:
        """Answer nothing: a method without prompts has no question."""
        raise AssertionError("a method that asks no model has asked one")

    async def aclose(self) -> None:
        """There is nothing to give up."""


class Resampled:
    """A model whose answers are other draws of the same questions.

    Args:
        model: who is asked.
        sample: which draw; 0 changes nothing.
    """

    def __init__(self, model: LanguageModel, sample: int) -> None:
        self.name = model.name
        self.small = model.small
        self.tuned = model.tuned
        self.sample = sample
        self._model = model

    async def complete(
        self, request: Request, on_text: Callable[[str], None] | None = None
    ) -> Reply:
        """Ask for this draw, warm enough to differ from the first.

        Raises:
            ProviderError: from the model.
        """
        if self.sample:
            drawn = {
                "sample": request.sample + 1000 * self.sample,
                "temperature": max(request.temperature, SAMPLE_TEMPERATURE),
            }
            request = request.model_copy(update=drawn)
        return await self._model.complete(request, on_text)

    async def aclose(self) -> None:
        """Leave the model to whoever opened it."""


def taken_record(folder: Path) -> RunRecord:
    """Return the record that the agent left in a run's folder."""
    return RunRecord.model_validate_json((folder / "record.json").read_bytes())


AGENT = Method(
    "optiwright",
    "Optiwright",
    (
        *FORMULATION_PROMPT.values(),
        "redraft",
        "repair",
        *PROGRAM_PROMPT.values(),
        "rewrite",
        "judge",
    ),
    ask_agent,
    answers="both",
)
