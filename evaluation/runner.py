"""Running a method over problems: concurrently, resumably, each record written as it comes."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from optiwright.agent.errors import ProviderError
from optiwright.agent.llm import LanguageModel
from optiwright.agent.record import RunRecord
from optiwright.evaluation.claims import Claim, claim_of
from optiwright.evaluation.frames import Row, row_of
from optiwright.evaluation.mapping import Mapping, map_quantities
from optiwright.evaluation.methods import Method, Outcome, Resampled, failed_record
from optiwright.evaluation.problems import Problem
from optiwright.evaluation.records import EvaluationRecord, EvaluationSettings, RunFolder, key_of
from optiwright.evaluation.scorers import SCORERS

_OUTAGES_IN_A_ROW = 3
"""After so many the run stops; none of them is recorded, so that they are asked again."""


@dataclass(frozen=True)
class Work:
    """What a run does with each problem."""

    method: Method
    model: LanguageModel
    settings: EvaluationSettings

    async def answer(self, problem: Problem, sample: int) -> tuple[EvaluationRecord, str]:
        """Return a sample's record, and what the provider's outage was if there was one."""
        return await _one(problem, sample, self)


async def run_problems(
    problems: Sequence[Problem],
    work: Work,
    folder: RunFolder,
    jobs: int,
    on_row: Callable[[Row, bool], None],
) -> None:
    """Run what the folder does not hold yet, `jobs` problems at a time.

    Args:
        problems: drawn already.
        work: the method, the model and the settings.
        folder: open; holds what an earlier run has done.
        jobs: how many problems are worked on at once.
        on_row: told of every record, with whether it was there before.

    Raises:
        ProviderError: after several outages of the provider in a row.
    """
    done: set[str] = set()
    for record in folder.records():
        done.add(record.key)
        on_row(row_of(record), True)
    writer = _Writer(folder, lambda row: on_row(row, False))
    todo = _todo(problems, work.settings.samples, done)

    async def worker() -> None:
        for problem, sample in todo:
            writer.take(*await work.answer(problem, sample))

    workers = [asyncio.create_task(worker()) for _ in range(jobs)]
    try:
        await asyncio.gather(*workers)
    finally:
        for task in workers:
            task.cancel()
        await asyncio.gather(*workers, return_exceptions=True)
    writer.flush()


def _todo(
    problems: Sequence[Problem], samples: int, done: set[str]
) -> Iterator[tuple[Problem, int]]:
    """Yield what is left, every problem's first sample before any second one."""
    for sample in range(samples):
        for problem in problems:
            if key_of(problem, sample) not in done:
                yield problem, sample


class _Writer:
    """Appends records; a provider's outages are held back until it answers again."""

    def __init__(self, folder: RunFolder, on_row: Callable[[Row], None]) -> None:
        self._folder = folder
        self._on_row = on_row
        self._held: list[EvaluationRecord] = []

    def take(self, record: EvaluationRecord, outage: str) -> None:
        if not outage:
            self.flush()
            self._write(record)
            return
        self._held.append(record)
        if len(self._held) >= _OUTAGES_IN_A_ROW:
            raise ProviderError(
                f"the model failed {len(self._held)} times in a row: {outage}",
                kind="failed",
                remedy="The same command goes on from here.",
            )

    def flush(self) -> None:
        for record in self._held:
            self._write(record)
        self._held = []

    def _write(self, record: EvaluationRecord) -> None:
        self._folder.append(record)
        self._on_row(row_of(record))


async def _one(problem: Problem, sample: int, work: Work) -> tuple[EvaluationRecord, str]:
    started = time.monotonic()
    model = Resampled(work.model, sample)
    outcome = await _answered(problem, model, work)
    mapping = None
    if work.settings.quantities and not outcome.outage:
        mapping = await map_quantities(problem, outcome.record, model)
    claim = claim_of(outcome.record.result, mapping.values() if mapping else None)
    record = EvaluationRecord(
        key=key_of(problem, sample),
        settings=work.settings.sha256,
        method=work.method.name,
        problem=problem,
        sample=sample,
        claim=claim,
        mapping=mapping,
        scores=_scores(problem, claim, mapping, outcome.record),
        seconds=time.monotonic() - started,
        run=outcome.record,
    )
    return record, outcome.outage


def _scores(
    problem: Problem, claim: Claim, mapping: Mapping | None, run: RunRecord
) -> dict[str, bool | None]:
    """Return every scorer's verdict; None also where a run was never asked the question."""
    scores = {name: score(problem.label, claim) for name, score in SCORERS.items()}
    if mapping is None:
        scores["optibench"] = None
    if run.settings is not None and run.settings.route == "written":
        scores["equivalent"] = None  # no evaluator ever sees a written program's point
    return scores


async def _answered(problem: Problem, model: LanguageModel, work: Work) -> Outcome:
    """Ask the method; what it raises is its failure on this problem, named in the record.

    A run of hours must not end because one text finds a fault in the program: the report lists
    such failures apart, by the kind of error.
    """
    try:
        return await work.method.answer(problem, model, work.settings)
    except Exception as error:
        return Outcome(failed_record(problem.text, error))
