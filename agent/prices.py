"""What model calls cost in money: the user's prices a million tokens, times the tokens paid for.

There is no list of prices here, which would be wrong within months.
"""

from __future__ import annotations

import math
from typing import Protocol

from optiwright.agent.result import Plain
from optiwright.formulators.errors import UserError


class Paid(Protocol):
    """Tokens that were paid for; replies out of our own cache were paid when they were new."""

    @property
    def paid_prompt_tokens(self) -> int: ...
    @property
    def paid_cached_tokens(self) -> int:
        """Of the prompt's tokens those that the provider had in its own cache."""
        ...

    @property
    def paid_completion_tokens(self) -> int: ...
    @property
    def batched(self) -> bool:
        """Whether all were asked in batches, at half price."""
        ...


class Price(Plain):
    """Prices a million tokens, in whatever currency the user thinks of."""

    prompt: float
    completion: float
    cached: float | None = None
    """Of prompt tokens that the provider had in its own cache; None: as the others."""

    def __str__(self) -> str:
        parts = (self.prompt, self.completion, *(() if self.cached is None else (self.cached,)))
        return "/".join(f"{part:g}" for part in parts)

    def of(self, paid: Paid) -> float:
        """Return what tokens cost."""
        cached = self.prompt if self.cached is None else self.cached
        prompt = (paid.paid_prompt_tokens - paid.paid_cached_tokens) * self.prompt
        completion = paid.paid_completion_tokens * self.completion
        whole = (prompt + paid.paid_cached_tokens * cached + completion) / 1e6
        return whole / 2 if paid.batched else whole


FREE = Price(prompt=0, completion=0)
"""The embedded model's."""


def price_of(text: str) -> Price:
    """Read `IN/OUT` or `IN/OUT/CACHED`.

    Raises:
        UserError: if it is not that.
    """
    try:
        numbers = [float(part) for part in text.split("/")]
    except ValueError:
        numbers = []
    if len(numbers) not in (2, 3) or not all(0 <= n < math.inf for n in numbers):
        raise UserError(
            f"{text!r} is no price",
            remedy="Give prices a million tokens as IN/OUT, such as 2.5/10, or IN/OUT/CACHED.",
        )
    return Price(
        prompt=numbers[0],
        completion=numbers[1],
        cached=numbers[2] if len(numbers) == 3 else None,
    )


def shown_money(amount: float) -> str:
    """Return an amount with as many decimals as it needs: 0, 0.0042, 3.20, 1,234.00."""
    return "0" if amount == 0 else f"{amount:.4f}" if amount < 1 else f"{amount:,.2f}"
