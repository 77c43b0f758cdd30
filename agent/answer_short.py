"""An answer's text in two parts: what is said at once, and what a page shows elsewhere anyway."""

from __future__ import annotations

import re

_SECTION = re.compile(r"\n\n(?=\*\*)")
_LISTED = re.compile(r"(\*\*[^*\n]+\*\*) ([^\n]+:\n\n?- .*)", re.S)
"""A headline with the lines of a conflict, and what is said of them."""
_ELSEWHERE = (
    *("What to do", "What limits it", "Scenarios", "A second reading", "How sure"),
    *("The plan**", "How the goal comes about", "What can be reached"),
    *("At**", "The least broken", "Constraints", "How it was found", "The way there"),
    "What is known of the function",
)
"""Sections of `answer_text` that a page has tables, badges and folds for."""


def in_short(answer: str) -> tuple[str, str]:
    """Return an answer without the sections that a page shows beside it, and those sections."""
    first, *others = _SECTION.split(answer)
    heads = tuple(f"**{title}" for title in _ELSEWHERE)
    lead, listed = _LISTED.match(first), ""
    if lead is not None:
        first, listed = lead[1], lead[2]
    said = [first, *(s for s in others if not s.startswith(heads))]
    rest = [listed] * bool(listed) + [s for s in others if s.startswith(heads)]
    return "\n\n".join(said), "\n\n".join(rest)
