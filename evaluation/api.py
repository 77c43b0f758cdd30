"""The door to an evaluation: `run` draws, resumes, runs and returns a data frame."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from optiwright.agent.choose_model import choose_model, identity_of, runs_here
from optiwright.agent.llm import LanguageModel
from optiwright.agent.loop import wait
from optiwright.agent.model_files import OnProgress
from optiwright.agent.pacing import Pace, PacedModel, Turn
from optiwright.agent.places import data_dir
from optiwright.agent.prices import FREE, Price, price_of
from optiwright.agent.prompting import prompt_hashes
from optiwright.evaluation.baselines import METHODS
from optiwright.evaluation.batching import Batched, batches_of, run_batched
from optiwright.evaluation.catalogue import Loaded, load
from optiwright.evaluation.choices import Choices
from optiwright.evaluation.code_hash import code_hash
from optiwright.evaluation.draw import draw, part_of
from optiwright.evaluation.frames import Row, to_frame
from optiwright.evaluation.mapping import PROMPT
from optiwright.evaluation.methods import Method, NoModel
from optiwright.evaluation.on_ray import OnRay, SharedPace
from optiwright.evaluation.origins import ORIGIN, Origin, origin_of
from optiwright.evaluation.prices import PRICE, read_price
from optiwright.evaluation.problems import Finding, Problem
from optiwright.evaluation.records import EvaluationSettings, RunFolder, problems_hash
from optiwright.evaluation.runner import Answering, Work, run_problems
from optiwright.formulators.errors import UserError

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Choices", "Prepared", "evaluations_dir", "prepare", "run", "run_prepared"]


@dataclass(frozen=True)
class Prepared:
    """An evaluation that is ready to run."""

    problems: list[Problem]
    findings: tuple[Finding, ...]
    origin: Origin
    work: Answering
    root: Path
    jobs: int
    price: Price | None
    """Of its tokens: named now or before, or that of the embedded model, nothing."""

    @property
    def settings(self) -> EvaluationSettings:
        """What decides its outcome."""
        return self.work.settings

    @property
    def folder(self) -> Path:
        """Where its records go."""
        return self.root / self.settings.folder

    @property
    def total(self) -> int:
        """How many records it will have."""
        return len(self.problems) * self.settings.samples


def run(
    benchmark: str, *, on_row: Callable[[Row, bool], None] | None = None, **choices: Any
) -> pd.DataFrame:
    """Evaluate a method on a benchmark and return a row a problem and sample.

    The same call goes on where an earlier one was interrupted; other choices begin another run.

    Args:
        benchmark: a name from `optiwright eval list`, `all`, or a file or folder of one's own.
        on_row: told of every record as it comes, with whether an earlier run had made it.
        choices: the fields of `Choices`: model, n, seed, method, effort, route, jobs, ...

    Raises:
        UserError: the benchmark or a choice cannot be used.
        ProviderError: the model failed several times in a row.
    """
    rows: list[Row] = []

    def keep(row: Row, before: bool) -> None:
        rows.append(row)
        if on_row is not None:
            on_row(row, before)

    run_prepared(prepare(benchmark, Choices(**choices)), keep)
    return to_frame(rows)


def prepare(
    benchmark: str,
    choices: Choices,
    on_status: Callable[[str], None] | None = None,
    on_progress: OnProgress | None = None,
) -> Prepared:
    """Load, draw and choose the model; nothing is asked yet.

    Args:
        benchmark: as in `run`.
        choices: as in `run`.
        on_status: told what is happening while a model is fetched or started.
        on_progress: told how far the fetch of a benchmark's file is.

    Raises:
        UserError: the benchmark or a choice cannot be used.
    """
    named = price_of(choices.price) if choices.price else None
    loaded = load(benchmark, choices.data, on_progress)
    suited = _suited(loaded, METHODS[choices.method])
    drawn = draw(suited.problems, choices.n, choices.seed, stratified=choices.stratified)
    problems = part_of(drawn, choices.part)
    work = _work(loaded.name, problems, choices, on_status)
    root = choices.out or evaluations_dir()
    return Prepared(
        problems=problems,
        findings=suited.findings,
        origin=origin_of(
            benchmark,
            choices.data,
            choices.model if isinstance(choices.model, str) else None,
            choices.base_url,
        ),
        work=work,
        root=root,
        jobs=choices.jobs,
        price=FREE if runs_here(work.model) else named or read_price(root / work.settings.folder),
    )


def _suited(loaded: Loaded, method: Method) -> Loaded:
    """Leave out what a method cannot answer, and say so: values where it makes plans, or plans."""
    kept = tuple(filter(method.can_answer, loaded.problems))
    left = len(loaded.problems) - len(kept)
    if not kept:
        fit = [each.name for each in METHODS.values() if each.can_answer(loaded.problems[0])]
        raise UserError(
            f"the method {method.name!r} comes to {method.answers}, and {loaded.name} asks for "
            "something else",
            where="--method",
            remedy=f"Choose one of {', '.join(fit)}.",
        )
    what = f"the method {method.name} answers {method.answers}: {left} problems are left out"
    findings = (Finding(where=loaded.name, what=what),) if left else ()
    return replace(loaded, problems=kept, findings=(*loaded.findings, *findings))


def run_prepared(
    prepared: Prepared,
    on_row: Callable[[Row, bool], None],
    say: Callable[[str], None] = lambda text: None,
) -> None:
    """Run an evaluation to its end; raises what `run` does, and KeyboardInterrupt.

    Args:
        prepared: by `prepare`.
        on_row: as in `run`.
        say: told where the provider's batches stand, if the model is asked in batches.
    """
    wait(_run(prepared, on_row, say))


def evaluations_dir() -> Path:
    """The folder of evaluations."""
    return data_dir() / "evaluations"


async def _run(
    prepared: Prepared, on_row: Callable[[Row, bool], None], say: Callable[[str], None]
) -> None:
    try:
        with RunFolder(prepared.root, prepared.settings, prepared.findings) as folder:
            folder.note(ORIGIN, prepared.origin.model_dump_json())
            if prepared.price is not None:
                folder.note(PRICE, prepared.price.model_dump_json())
            problems, work, jobs = prepared.problems, prepared.work, prepared.jobs
            if isinstance(work, Batched):
                await run_batched(problems, work, folder, jobs, on_row, say)
            else:
                await run_problems(problems, work, folder, jobs, on_row)
    finally:
        await asyncio.shield(prepared.work.aclose())


def _work(
    benchmark: str,
    problems: list[Problem],
    choices: Choices,
    on_status: Callable[[str], None] | None,
) -> Answering:
    limit, on_ray = choices.calls_per_minute, choices.engine == "ray"
    shared = SharedPace(limit) if limit and on_ray else None
    pace = shared or (Pace(limit) if limit else None)
    method = METHODS[choices.method]
    model = _model(choices, pace.turn if pace else None, on_status)
    settings = _settings(benchmark, problems, method, model, choices)
    owned = not isinstance(choices.model, LanguageModel)
    work = Work(method, model, settings, owned)
    if choices.batch:
        return Batched(work, batches_of(model))
    return OnRay(work, choices.jobs, shared) if on_ray else work


def _model(
    choices: Choices, turn: Turn | None, on_status: Callable[[str], None] | None
) -> LanguageModel:
    given = choices.model
    if not METHODS[choices.method].prompts:
        return NoModel()
    if isinstance(given, LanguageModel):
        return PacedModel(given, turn) if turn else given
    return choose_model(given, choices.base_url, turn=turn, on_status=on_status)


def _settings(
    benchmark: str,
    problems: list[Problem],
    method: Method,
    model: LanguageModel,
    choices: Choices,
) -> EvaluationSettings:
    mapped = choices.quantities and any(p.label.quantities for p in problems)
    return EvaluationSettings(
        benchmark=benchmark,
        n=choices.n,
        draw="stratified" if choices.stratified else "plain",
        seed=choices.seed,
        part=choices.part,
        problems=problems_hash(problems),
        method=method.name,
        model=model.name,
        effort=choices.effort,
        route=choices.route,
        library=choices.library,
        form=choices.form,
        isolation=choices.isolation,
        solver=choices.solver,
        time_limit_s=choices.time_limit_s,
        samples=choices.samples,
        rounds=choices.rounds if method.uses_rounds else 0,
        votes=choices.votes if method.uses_votes else 0,
        quantities=mapped,
        prompts=prompt_hashes(_prompts(method, model, mapped=mapped)),
        version=version("optiwright"),
        weights=identity_of(model),
        code=code_hash(),
    )


def _prompts(method: Method, model: LanguageModel, *, mapped: bool) -> tuple[str, ...]:
    tuned = (model.tuned,) if model.tuned else ()
    return (*method.prompts, *tuned, *((PROMPT,) if mapped else ()))
