"""What is accepted as a problem's text, before anything is spent on it."""

from __future__ import annotations

from optiwright.formulators.errors import UserError
from optiwright.formulators.text_numbers import numbers_in

MAX_CHARACTERS = 100_000
"""About 25,000 tokens; longer tables belong in data files."""


def accept(text: str, *, quantities: bool = True) -> str:
    """Return the text, stripped.

    Args:
        text: the problem's.
        quantities: whether it has to state any; not where they come in tables, or where a plan is
            asked for.

    Raises:
        UserError: if it is empty, not text, too long, or states no quantity at all.
    """
    stripped = text.strip().removeprefix("\ufeff")
    if not stripped:
        raise UserError(
            "the problem's text is empty",
            remedy="State what is to be decided, what limits it and what is to be best.",
        )
    if not _is_text(stripped):
        raise UserError(
            "the problem is not text but binary data",
            remedy="Give a text file in UTF-8.",
        )
    if len(stripped) > MAX_CHARACTERS:
        raise UserError(
            f"the problem has {len(stripped):,} characters, more than {MAX_CHARACTERS:,}",
            remedy="Keep what decides the answer; leave long tables out of the text.",
        )
    if quantities and not numbers_in(stripped):
        raise UserError(
            "the text states no quantity, so there is nothing to optimize",
            remedy="Give the numbers: amounts available, needs, costs or gains.",
        )
    return stripped


def _is_text(text: str) -> bool:
    surrogates = any("\ud800" <= c <= "\udfff" for c in text)  # bytes that were no UTF-8
    return not surrogates and "\x00" not in text and _unreadable_share(text) <= 0.05


def _unreadable_share(text: str) -> float:
    odd = sum(not (c.isprintable() or c in "\n\r\t") for c in text[:20_000])
    return odd / len(text[:20_000])
