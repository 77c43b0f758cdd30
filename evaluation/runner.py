"""Running a method over problems: concurrently, resumably, each record written as it comes."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeAlias

from optiwright.agent.errors import ProviderError
from optiwright.agent.llm import LanguageModel
from optiwright.agent.record import RunRecord
from optiwright.evaluation.claims import Claim, claim_of
from optiwright.evaluation.frames import Row, row_of
from optiwright.evaluation.mapping import Mapping, map_quantities
from optiwright.evaluation.methods import Method, Outcome, Resampled, failed_record
from optiwright.evaluation.planning_claims import plan_claim
from optiwright.evaluation.problems import Problem
from optiwright.evaluation.records import EvaluationRecord, EvaluationSettings, RunFolder, key_of
from optiwright.evaluation.scorers import SCORERS

_OUTAGES_IN_A_ROW = 3
"""After so many the run stops; none of them is recorded, so that they are asked again."""


Answered: TypeAlias = tuple[EvaluationRecord, str]
"""A record, and what the provider's outage was if there was one."""


class Answering(Protocol):
    """Whatever answers problems: `Work` in this process, or something that sends it elsewhere."""

    @property
    def settings(self) -> EvaluationSettings:
        """Of the evaluation."""
        ...

    @property
    def model(self) -> LanguageModel:
        """Who is asked."""
        ...

    async def answer(self, problem: Problem, sample: int) -> Answered | None:
        """Answer a problem's sample; what is wrong with the answer is in the record.

        None where it cannot be answered yet, and is left for another call of `run_problems`.
        """
        ...

    async def aclose(self) -> None:
        """Give up what was opened for it."""
        ...


@dataclass(frozen=True)
class Work:
    """What a run does with each problem.

    Attributes:
        owned: whether the model was opened for it and is closed with it.
    """

    method: Method
    model: LanguageModel
    settings: EvaluationSettings
    owned: bool = False

    async def answer(self, problem: Problem, sample: int) -> Answered:
        """Ask the method; what it raises is its failure on this problem, named in the record.

        A run of hours must not end because one text finds a fault in the program: the report lists
        such failures apart, by the kind of error.
        """
        started = time.monotonic()
        model = Resampled(self.model, sample)
        try:
            outcome = await self.method.answer(problem, model, self.settings)
        except Exception as error:
            outcome = Outcome(failed_record(problem.text, error))
        return await self.recorded(problem, sample, outcome, started)

    async def recorded(
        self, problem: Problem, sample: int, outcome: Outcome, started: float
    ) -> Answered:
        """Map and score what came out of a problem that was begun at `started`."""
        mapping = None
        if self.settings.quantities and not outcome.outage:
            model = Resampled(self.model, sample)
            mapping = await map_quantities(problem, outcome.record, model)
        result = outcome.record.result
        claim = claim_of(result, mapping.values() if mapping else None)
        if problem.label.plan_instance:
            claim = await asyncio.to_thread(plan_claim, problem.label, result, claim)
        record = EvaluationRecord(
            key=key_of(problem, sample),
            settings=self.settings.sha256,
            method=self.method.name,
            problem=problem,
            sample=sample,
            claim=claim,
            mapping=mapping,
            scores=_scores(problem, claim, mapping, outcome.record),
            seconds=time.monotonic() - started,
            run=outcome.record,
        )
        return record, outcome.outage

    async def aclose(self) -> None:
        """Close the model, if it is this work's own."""
        if self.owned:
            await self.model.aclose()


async def run_problems(
    problems: Sequence[Problem],
    work: Answering,
    folder: RunFolder,
    jobs: int,
    on_row: Callable[[Row, bool], None],
) -> None:
    """Run what the folder does not hold yet, `jobs` problems at a time.

    Args:
        problems: drawn already.
        work: what answers them.
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
            answered = await work.answer(problem, sample)
            if answered is not None:
                writer.take(*answered)

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
