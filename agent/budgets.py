"""Budgets of a conversation: calls, tokens, money and seconds, for a turn and for the session.

A budget is looked at before each model call, and ends a turn's time by the clock. What a run has
when it is spent is what it ends with: a repair that may not be asked for leaves all as it is.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable

from optiwright.agent.errors import ProviderError
from optiwright.agent.llm import LanguageModel, Reply, Request
from optiwright.agent.prices import Price, shown_money
from optiwright.agent.result import Plain
from optiwright.formulators.errors import UserError
from optiwright.formulators.phrases import counted


class Spent(Plain):
    """What was spent; replies out of the cache cost nothing again."""

    calls: int = 0
    paid_prompt_tokens: int = 0
    paid_cached_tokens: int = 0
    paid_completion_tokens: int = 0
    money: float = 0.0
    seconds: float = 0.0
    """Wall-clock time of turns, without waiting for the user."""

    @property
    def tokens(self) -> int:
        """Tokens sent and generated."""
        return self.paid_prompt_tokens + self.paid_completion_tokens

    @property
    def batched(self) -> bool:
        """A conversation is never asked in batches."""
        return False

    def __add__(self, other: Spent) -> Spent:
        mine, others = self.model_dump(), other.model_dump()
        return Spent(**{name: mine[name] + others[name] for name in mine})

    @property
    def words(self) -> str:
        """What it was, for people."""
        money = f", {shown_money(self.money)} in money" if self.money else ""
        return f"{counted(self.calls, 'model call')}, {self.tokens:,} tokens{money}"


class Budget(Plain):
    """The most that may be spent; None is no limit."""

    calls: int | None = None
    tokens: int | None = None
    money: float | None = None
    seconds: float | None = None


class Budgets(Plain):
    """The budgets of each turn and of the whole session, and what tokens cost."""

    turn: Budget = Budget()
    session: Budget = Budget()
    price: Price | None = None

    def checked(self) -> Budgets:
        """Return them.

        Raises:
            UserError: if a limit is not above zero, or one on money has no price to count with.
        """
        for whose, budget in (("turn", self.turn), ("session", self.session)):
            for name, limit in budget.model_dump().items():
                if limit is not None and limit <= 0:
                    raise UserError(
                        f"a budget of {limit:g} {name} allows nothing",
                        where=f"the {whose}'s budget",
                        remedy="Give a number above zero, or leave it out.",
                    )
            if budget.money is not None and self.price is None:
                raise UserError(
                    "a budget of money needs a price to count with",
                    where=f"the {whose}'s budget",
                    remedy="Give the prices a million tokens: `--price IN/OUT`.",
                )
        return self


class OverBudget(ProviderError):
    """A budget is spent, so that the model is not asked."""

    def __init__(self, what: str, where: str) -> None:
        super().__init__(
            what,
            kind="over_budget",
            where=where,
            remedy="Allow more, or go on with what there is.",
        )

    def __reduce__(self) -> tuple[object, ...]:
        """Pickle by its two arguments."""
        return (OverBudget, (self.what, self.where))


class Meter:
    """Counts what a turn spends and says when a budget is used up.

    Args:
        budgets: those of the turn and of the session.
        session: what earlier turns had spent.
        turn: what this turn had spent before it waited or was cut off.
    """

    def __init__(self, budgets: Budgets, session: Spent, turn: Spent) -> None:
        self._budgets = budgets
        self._session = session
        self._turn = turn
        self._counted = Spent()
        self._began = time.monotonic()

    @property
    def spent(self) -> Spent:
        """What the turn has spent until now."""
        seconds = time.monotonic() - self._began
        return self._turn + self._counted.model_copy(update={"seconds": seconds})

    @property
    def seconds_left(self) -> float:
        """Until the nearer of the two budgets of time is used up; infinite without one."""
        turn, whole = self.spent.seconds, (self._session + self.spent).seconds
        limits = (self._budgets.turn.seconds, turn), (self._budgets.session.seconds, whole)
        return min((limit - used for limit, used in limits if limit is not None), default=math.inf)

    def require(self) -> None:
        """Let one more call pass.

        Raises:
            OverBudget: if a budget is spent.
        """
        whole = self._session + self.spent
        pairs = ("turn", self._budgets.turn, self.spent), ("session", self._budgets.session, whole)
        for whose, budget, spent in pairs:
            for name in ("calls", "tokens", "money", "seconds"):
                limit: float | None = getattr(budget, name)
                if limit is not None and getattr(spent, name) >= limit:
                    raise OverBudget(_spent_words(name, limit), f"the {whose}'s budget")

    def add(self, reply: Reply) -> None:
        """Count a reply."""
        if reply.cached:
            return
        once = Spent(
            calls=1,
            paid_prompt_tokens=reply.prompt_tokens,
            paid_cached_tokens=reply.cached_prompt_tokens,
            paid_completion_tokens=reply.completion_tokens,
        )
        price = self._budgets.price
        money = price.of(once) if price is not None else 0.0
        self._counted += once.model_copy(update={"money": money})


class MeteredModel:
    """A model that is asked only while the budgets last."""

    def __init__(self, model: LanguageModel, meter: Meter) -> None:
        self.name = model.name
        self.small = model.small
        self.tuned = model.tuned
        self._model = model
        self._meter = meter

    async def complete(
        self, request: Request, on_text: Callable[[str], None] | None = None
    ) -> Reply:
        """Ask, and count the reply.

        Raises:
            OverBudget: if a budget is spent.
            ProviderError: from the model.
        """
        self._meter.require()
        left = max(1.0, min(request.timeout_s, self._meter.seconds_left))
        reply = await self._model.complete(request.model_copy(update={"timeout_s": left}), on_text)
        self._meter.add(reply)
        return reply

    async def aclose(self) -> None:
        """Leave the model open: it is the session's."""


def _spent_words(name: str, limit: float) -> str:
    shown = shown_money(limit) if name == "money" else f"{limit:,g}"
    unit = {"money": " in money"}.get(name, f" {name if limit != 1 else name[:-1]}")
    return f"the budget of {shown}{unit} is spent"
