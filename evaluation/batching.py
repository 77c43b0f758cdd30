"""An evaluation whose model is asked in a provider's batches, within a day and at half price.

A problem is answered as in any run, but by replies that have come already. Where one has not, the
problem is left for later and its question goes into the next batch; when that has come, what was
left is answered again. So a record is made as ever, and mapped quantities are a second batch.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from optiwright.agent.errors import ProviderError
from optiwright.agent.llm import LanguageModel, Reply, Request
from optiwright.agent.openai_client import OpenAIModel
from optiwright.agent.places import reply_cache_file
from optiwright.agent.reply_cache import CachedModel, reply_cache_wanted
from optiwright.evaluation.frames import Row
from optiwright.evaluation.problems import Problem
from optiwright.evaluation.records import EvaluationSettings, RunFolder
from optiwright.evaluation.runner import Answered, Work, run_problems
from optiwright.evaluation.sent_batches import Batches
from optiwright.formulators.errors import UserError

BATCHES = "batches"


def batches_of(model: LanguageModel) -> Batches:
    """Return the batches that a model may be asked in; none is sent yet.

    Raises:
        UserError: if it is not one that a provider serves.
    """
    while isinstance(model, CachedModel):
        model = model.asked
    if not isinstance(model, OpenAIModel):
        raise UserError(
            f"the model {model.name!r} is not served by a provider, and cannot be asked in batches",
            remedy="Name one with --model (and OPENAI_API_KEY), or leave out --batch.",
        )
    wanted = reply_cache_wanted()
    return Batches(model, CachedModel(model, reply_cache_file()) if wanted else None)


class _Noting:
    """A model that answers from batches, and notes whether something has not come yet."""

    def __init__(self, batches: Batches, model: LanguageModel) -> None:
        self.name = model.name
        self.small = model.small
        self.tuned = model.tuned
        self.waits = False
        self._batches = batches

    async def complete(
        self, request: Request, on_text: Callable[[str], None] | None = None
    ) -> Reply:
        """Return the reply that has come.

        Raises:
            ProviderError: it has not, or what came is none.
        """
        reply = await self._batches.reply(request)
        if reply is None:
            self.waits = True
            raise ProviderError("it is asked in the next batch", kind="dropped")
        if on_text is not None:
            on_text(reply.text)
        return reply

    async def aclose(self) -> None:
        """Leave the model to whoever opened it."""


class Batched:
    """Work on problems whose replies come in batches; a problem that waits has no record yet.

    Args:
        work: what is done with a problem.
        batches: where its replies come from.
    """

    def __init__(self, work: Work, batches: Batches) -> None:
        self.settings: EvaluationSettings = work.settings
        self.model = work.model
        self.batches = batches
        self._work = work

    async def answer(self, problem: Problem, sample: int) -> Answered | None:
        """Answer a problem's sample; None while a reply that it needs has not come."""
        model = _Noting(self.batches, self.model)
        answered = await replace(self._work, model=model).answer(problem, sample)
        return None if model.waits else answered

    async def aclose(self) -> None:
        """Close the model, if it is the work's own."""
        await self._work.aclose()


async def run_batched(
    problems: Sequence[Problem],
    work: Batched,
    folder: RunFolder,
    jobs: int,
    on_row: Callable[[Row, bool], None],
    say: Callable[[str], None],
) -> None:
    """Run as `run_problems` does, over as many batches as it takes.

    Args:
        problems: drawn already.
        work: what answers them.
        folder: open; holds what an earlier run has done, and its batches.
        jobs: how many problems are worked on at once.
        on_row: told of each record once.
        say: told where a batch stands.

    Raises:
        ProviderError: as `Batches.ask` does; nothing that came is lost.
    """
    await work.batches.resume(folder.path / BATCHES, say)
    told: set[str] = set()

    def tell(row: Row, before: bool) -> None:
        if row.key not in told:
            told.add(row.key)
            on_row(row, before)

    while True:
        await run_problems(problems, work, folder, jobs, tell)
        if not work.batches.wanted:
            return
        await work.batches.ask()
