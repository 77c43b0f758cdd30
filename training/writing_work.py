"""The folder of a work in which a model writes rows: every reply and outcome, kept as it comes.

A file of JSON lines for each stage, appended to and synced, so that a kill costs what was under way
and nothing is asked twice. A reply is found again by what was asked, an outcome by what it is the
outcome of: other settings or prompts never meet a wrong one.
"""

from __future__ import annotations

import asyncio
import fcntl
import hashlib
import os
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Iterator
from pathlib import Path
from typing import Any, Self, TypeVar

from optiwright.agent.asking import CALL_LIMIT_S
from optiwright.agent.budgets import Budget, Budgets, Meter, MeteredModel, Spent
from optiwright.agent.errors import ProviderError
from optiwright.agent.llm import LanguageModel, Reply, Request
from optiwright.agent.places import private_dir
from optiwright.agent.prices import Price
from optiwright.agent.prompting import load_prompt
from optiwright.agent.reply_cache import cache_key
from optiwright.evaluation.lines import append_line, open_lines, read_lines
from optiwright.evaluation.methods import outage_of
from optiwright.evaluation.problems import Plain
from optiwright.formulators.errors import UserError
from optiwright.training.row_verdicts import Reason
from optiwright.training.rows import TrainingRow

T = TypeVar("T")

ROWS = "rows.jsonl"
"""The file of the rows that came of it, in the work's folder."""
_OUTCOMES = "outcomes"
_MAX_TOKENS = 3000


class Kept(Plain):
    """A reply, and what it answers."""

    key: str
    reply: Reply


class Outcome(Plain):
    """What became of something that was to be a row."""

    key: str
    row: TrainingRow | None = None
    why: str = ""
    """Why there is no row: a kind before the first colon, then what it was."""

    @property
    def kind(self) -> str:
        """What a table of reasons counts it under; "" for a row."""
        return self.why.partition(":")[0]


class Unanswered(Exception):
    """The model did not answer one question as it must; the work goes on with the next."""


class WritingWork:
    """A work folder, held by one process at a time; a context manager.

    Args:
        folder: made if need be.
        model: who is asked; stays open.
        jobs: calls at once, at most.
        budget: of the whole work, with what earlier processes have spent on it.
        price: of tokens.
        seed: of every call.
        on_outcome: told of every outcome, those of earlier processes too when they are met.
    """

    def __init__(
        self,
        folder: Path,
        model: LanguageModel,
        *,
        jobs: int = 4,
        budget: Budget | None = None,
        price: Price | None = None,
        seed: int = 0,
        on_outcome: Callable[[Outcome], None] = lambda outcome: None,
    ) -> None:
        if jobs < 1:
            raise UserError(f"{jobs} calls at once are none", remedy="Give 1 or more.")
        budgets = Budgets(turn=budget or Budget(), price=price).checked()
        self.folder = folder
        self.seed = seed
        self.model_name = model.name
        self._meter = Meter(budgets, Spent(), Spent())
        self._model = MeteredModel(model, self._meter)
        self._on_outcome = on_outcome
        self._ended: ProviderError | None = None
        self._turns = asyncio.Semaphore(jobs)
        self._asking: dict[str, asyncio.Lock] = {}
        self._replies: dict[str, Reply] = {}
        self._outcomes: dict[str, Outcome] = {}
        self._files: dict[str, int] = {}
        self._lock = -1

    def __enter__(self) -> Self:
        try:
            private_dir(self.folder)
            self._lock = os.open(self.folder / ".lock", os.O_CREAT | os.O_RDWR, 0o600)
        except OSError as error:
            raise UserError(
                f"the folder cannot be made: {error.strerror}",
                where=str(self.folder),
                remedy="Name another.",
            ) from None
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(self._lock)
            raise UserError(
                "another process is at this work", where=str(self.folder), remedy="Let it finish."
            ) from None
        self._read()
        return self

    def __exit__(self, *_: object) -> None:
        for file in (*self._files.values(), self._lock):
            os.close(file)

    @property
    def spent(self) -> Spent:
        """What was spent on the work in all; the time is this process's."""
        return self._meter.spent

    async def ask(
        self, stage: str, prompt: str, *, temperature: float = 0.0, sample: int = 0, **values: Any
    ) -> str:
        """Ask by a prompt, unless the reply is here already.

        Args:
            stage: the file that the reply is kept in.
            prompt: its name.
            temperature: of the draw.
            sample: which draw it is.
            values: for the prompt's placeholders.

        Raises:
            Unanswered: the model did not answer this question as it must.
            OverBudget: the budget is spent.
            ProviderError: the model cannot be asked at all.
        """
        loaded = load_prompt(prompt)
        request = Request(
            messages=loaded.messages(**values),
            fixed=len(loaded.fixed),
            max_tokens=_MAX_TOKENS,
            temperature=temperature,
            seed=self.seed,
            sample=sample,
            timeout_s=CALL_LIMIT_S,
        )
        key = cache_key(self.model_name, request)
        async with self._asking.setdefault(key, asyncio.Lock()):
            # Two rows may ask one question at the same time.
            reply = self._replies.get(key) or await self._asked(stage, key, request)
        if reply.finish_reason == "length":
            raise Unanswered("the reply was cut off")
        return reply.text

    async def _asked(self, stage: str, key: str, request: Request) -> Reply:
        try:
            async with self._turns:
                if self._ended is not None:
                    raise self._ended
                reply = await self._model.complete(request)
        except ProviderError as error:
            if error.kind == "over_budget" or outage_of(error):
                self._ended = error  # what is under way comes to its end, nothing more is asked
                raise
            raise Unanswered(error.what) from None
        self._append(stage, Kept(key=key, reply=reply))
        self._replies[key] = reply
        return reply

    async def outcome(self, key: str, make: Callable[[], Awaitable[TrainingRow | str]]) -> Outcome:
        """Return an outcome that is here, or have it made and keep it.

        Where a worker broke down there is no verdict: the next process has it made again.

        Args:
            key: by `key_of`.
            make: returns the row, or why there is none.
        """
        if key not in self._outcomes:
            try:
                made = await make()
            except Unanswered as fault:
                made = f"no answer: {fault}"
            why, row = (made, None) if isinstance(made, str) else ("", made)
            outcome = Outcome(key=key, row=row, why=why)
            if outcome.kind != Reason.NOT_JUDGED:
                self._append(_OUTCOMES, outcome)
            self._outcomes[key] = outcome
        self._on_outcome(self._outcomes[key])
        return self._outcomes[key]

    async def drop(self, key: str, why: str) -> None:
        """Keep that nothing came of something, and why."""

        async def said() -> str:
            return why

        await self.outcome(key, said)

    def rows(self) -> Iterator[TrainingRow]:
        """Yield the rows that came of the work until now, each once."""
        rows = (outcome.row for outcome in self._outcomes.values())
        yield from {row.id: row for row in rows if row is not None}.values()

    def _read(self) -> None:
        for path in sorted(self.folder.glob("*.jsonl")):
            if path.stem == _OUTCOMES:
                for outcome in read_lines(path, Outcome, "outcome"):
                    self._outcomes[outcome.key] = outcome
            elif path.name != ROWS:
                for kept in read_lines(path, Kept, "kept reply"):
                    self._replies[kept.key] = kept.reply
                    self._meter.add(kept.reply)

    def _append(self, stage: str, item: Plain) -> None:
        try:
            if stage not in self._files:
                self._files[stage] = open_lines(self.folder / f"{stage}.jsonl")
            append_line(self._files[stage], item)
        except OSError as error:
            raise UserError(
                f"what came cannot be kept: {error.strerror}",
                where=str(self.folder),
                remedy="Make room; the same command goes on from there.",
            ) from None


def key_of(*parts: object) -> str:
    """Return what names the outcome of something that these parts make."""
    return hashlib.sha256("\x1f".join(map(str, parts)).encode()).hexdigest()[:16]


async def all_of(awaited: Iterable[Coroutine[Any, Any, T]]) -> list[T]:
    """Await several at once, each to its end; then raise what the first of them raised."""
    ended = await asyncio.gather(*awaited, return_exceptions=True)
    for one in ended:
        if isinstance(one, BaseException):
            raise one
    return [one for one in ended if not isinstance(one, BaseException)]
