"""The door to rows that a model writes: a method, seed rows, a folder, and what came of it."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, TypeAlias

from optiwright.agent.budgets import Budget, OverBudget, Spent
from optiwright.agent.llm import LanguageModel
from optiwright.agent.prices import Price
from optiwright.formulators.errors import UserError
from optiwright.formulators.phrases import counted
from optiwright.training.augmenting import augment
from optiwright.training.resocratic import resocratic
from optiwright.training.row_files import write_rows
from optiwright.training.rows import TrainingRow
from optiwright.training.writing_work import ROWS, Outcome, WritingWork

Way: TypeAlias = Literal["llmopt", "resocratic"]


@dataclass
class Tally:
    """What came of a work until now."""

    rows: int = 0
    dropped: Counter[str] = field(default_factory=Counter)
    """By kind of reason."""
    spent: Spent = field(default_factory=Spent)
    stopped: str = ""
    """What ended it early; empty where it came to its end."""

    @property
    def line(self) -> str:
        """Where it stands, for people."""
        return f"{counted(self.rows, 'row')}, {self.dropped.total():,} dropped, {self.spent.words}"

    def add(self, outcome: Outcome) -> None:
        """Count an outcome."""
        if outcome.row is not None:
            self.rows += 1
        else:
            self.dropped[outcome.kind] += 1


async def write_rows_with(
    model: LanguageModel,
    way: Way,
    seeds: Sequence[TrainingRow],
    n: int,
    folder: Path,
    *,
    seed: int = 0,
    jobs: int = 4,
    budget: Budget | None = None,
    price: Price | None = None,
    on_tally: Callable[[Tally], None] = lambda tally: None,
) -> Tally:
    """Have a model write rows into a folder's `rows.jsonl`; called again it goes on from there.

    Args:
        model: who writes; stays open.
        way: LLMOPT's rewrites of seed rows, or ReSocratic's scenarios, which need none.
        seeds: the rows to rewrite.
        n: how many rewrites or scenarios.
        folder: for replies, outcomes and rows; one process at a time.
        seed: of everything that is drawn.
        jobs: calls at once, at most.
        budget: of all calls for this folder, those of earlier processes too.
        price: of tokens.
        on_tally: told where it stands after each outcome.

    Raises:
        ProviderError: the model cannot be asked.
        UserError: a value is none, or the folder cannot be used.
    """
    if n < 1:
        raise UserError(f"{n} is no number of problems", remedy="Give 1 or more.")
    tally = Tally()

    def note(outcome: Outcome) -> None:
        tally.add(outcome)
        tally.spent = work.spent
        on_tally(tally)

    work = WritingWork(
        folder, model, jobs=jobs, budget=budget, price=price, seed=seed, on_outcome=note
    )
    with work:
        try:
            await (resocratic(work, n) if way == "resocratic" else augment(work, seeds, n))
        except OverBudget as error:
            tally.stopped = error.what
        finally:
            tally.spent = work.spent
            await asyncio.to_thread(write_rows, folder / ROWS, list(work.rows()))
    return tally
