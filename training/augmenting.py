"""LLMOPT's seven rewrites (arXiv 2410.13213): seed rows told and changed by a model.

Each rewrite is formulated and programmed from its text alone and solved twice. A paraphrase has to
keep the seed's best value; every other one has to be another text.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from random import Random

from optiwright.evaluation.fingerprints import Fingerprint, plain_words
from optiwright.formulators.errors import UserError
from optiwright.training.candidates import Candidate, try_candidate
from optiwright.training.fields import FIELDS
from optiwright.training.rows import TrainingRow
from optiwright.training.writing_work import Unanswered, WritingWork, all_of, key_of

TEMPERATURE = 0.7
_WAVE = 16
"""Rewrites under way at once."""


class Rewrite(StrEnum):
    """What becomes of a seed."""

    CROSS = "cross"
    SAME_CONTEXT = "same context"
    OTHER_FIELD = "other field"
    CONSTRAINTS = "constraints"
    GOAL = "constraints and objective"
    DATA = "variables and parameters"
    PARAPHRASE = "paraphrase"


TOLD: dict[Rewrite, str] = {
    Rewrite.CROSS: "Write a problem of the kind of the other problem below (what sort of thing is "
    "decided, what sort of requirements there are) in the background of the first one. Numbers are "
    "new.",
    Rewrite.SAME_CONTEXT: "Write a new problem that somebody in the same situation has: the same "
    "background, another decision, another structure and other numbers.",
    Rewrite.OTHER_FIELD: "Write a problem of the same kind and about the same size in another "
    "field: {field}. Everything else, numbers too, is made to fit that field.",
    Rewrite.CONSTRAINTS: "Change the requirements and nothing else: replace one, add one of a sort "
    "that the problem does not have yet, and drop one if it can be spared.",
    Rewrite.GOAL: "Change the requirements and what is to be best: another goal that makes sense "
    "here, and requirements that keep the best answer finite for it.",
    Rewrite.DATA: "Change what is decided (one thing more or one less, or parts where there were "
    "whole pieces) and the numbers; goal and kinds of requirements stay.",
    Rewrite.PARAPHRASE: "Say the same problem in other words and another order, as somebody else "
    "would tell it. Every number and every requirement stays exactly as it is, and so does the "
    "answer.",
}


@dataclass(frozen=True)
class Order:
    """One rewrite to be made."""

    number: int
    rewrite: Rewrite
    seed: TrainingRow
    other: TrainingRow | None
    field: str


def orders(seeds: Sequence[TrainingRow], n: int, seed: int) -> list[Order]:
    """Return `n` rewrites of rows: every rewrite as often, every row as often.

    Raises:
        UserError: if there is no row to rewrite.
    """
    usable = [row for row in seeds if row.split == "train"]
    if not usable:
        raise UserError(
            "there is no row to rewrite",
            where="the seed rows",
            remedy="Give a file of rows; those kept aside for testing are never taken.",
        )
    return [_order(usable, number, seed) for number in range(n)]


def _order(seeds: Sequence[TrainingRow], number: int, seed: int) -> Order:
    turn, place = divmod(number, len(seeds))
    at = Random(f"{seed}-{turn}").sample(range(len(seeds)), len(seeds))[place]
    row = seeds[at]
    random = Random(f"{seed}-{number}")
    kinds = list(Rewrite)
    rewrite = kinds[(at + turn) % len(kinds)]  # in seven turns every row meets every rewrite
    others = [s for s in seeds if s.id != row.id and s.family != row.family]
    if rewrite is Rewrite.CROSS and not others:
        rewrite = Rewrite.OTHER_FIELD
    if rewrite is Rewrite.PARAPHRASE and row.optimum is None:
        rewrite = Rewrite.SAME_CONTEXT  # there is no value to be kept
    other = random.choice(others) if rewrite is Rewrite.CROSS else None
    return Order(number, rewrite, row, other, random.choice(FIELDS))


async def augment(work: WritingWork, seeds: Sequence[TrainingRow], n: int) -> None:
    """Make `n` rewrites; what becomes of each is in the work's outcomes.

    Raises:
        OverBudget: the budget is spent.
        ProviderError: the model cannot be asked.
        UserError: there is no row to rewrite, or the work folder cannot be written.
    """
    todo = orders(seeds, n, work.seed)
    for start in range(0, n, _WAVE):
        await all_of(_rewrite(work, order) for order in todo[start : start + _WAVE])


async def _rewrite(work: WritingWork, order: Order) -> None:
    key = key_of("rewrite", work.seed, order.number, order.rewrite, order.seed.id)
    try:
        text = await work.ask(
            "rewrite",
            "augment",
            temperature=TEMPERATURE,
            sample=order.number,
            rewrite=TOLD[order.rewrite].format(field=order.field),
            problem=order.seed.text,
            other=order.other.text if order.other is not None else "",
        )
    except Unanswered as fault:
        await work.drop(key, f"no answer: {fault}")
        return
    text = text.strip()
    if same := same_text(order, text):
        await work.drop(key, same)
        return
    candidate = Candidate(
        text=text,
        source="augmented",
        family=order.seed.family,
        value=order.seed.optimum if order.rewrite is Rewrite.PARAPHRASE else None,
        parent=order.seed.id,
        voice=order.rewrite.value,
        seed=order.number,
    )
    await try_candidate(work, candidate)


def same_text(order: Order, text: str) -> str:
    """Return how a rewrite is none: the seed's own text, or nearly; "" if it is one.

    A paraphrase has the seed's numbers and may share many of its words, a changed problem not both.
    """
    new, old = plain_words(text), plain_words(order.seed.text)
    if new == old:
        return "same text: it is the seed's own"
    if order.rewrite is Rewrite.PARAPHRASE:
        return ""
    if Fingerprint.of(new).same(Fingerprint.of(old)):
        return "same text: it is nearly the seed's own"
    return ""
