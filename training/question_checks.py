"""What is wrong with a question that was written from a formulation: data left out, or given away.

A question tells everything that the formulation takes from it, and nothing of how it is solved.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from optiwright.evaluation.fingerprints import plain_words
from optiwright.formulators.model import Formulation
from optiwright.formulators.number_checks import unused_numbers
from optiwright.formulators.wording import quoted
from optiwright.training.row_checks import untold_numbers

SHORTEST, LONGEST = 12, 900
"""Words."""
_SIGNS = re.compile(r"<=|>=|==|≤|≥|\\[a-z]+|//|\{\s*\"|\w\*\*[\w(]|[\w)]\*[\w(]|[\w)] \* [A-Za-z(]")
_TALK = re.compile(
    r"\b(?:decision variables?|objective function|subject to|minimi[sz]e\s*\(|maximi[sz]e\s*\("
    r"|linear program|integer program|(?:optimal|best) (?:solution|value|answer) is)",
    re.IGNORECASE,
)
_HEADING = re.compile(
    r"^\s*(?:#+\s*|\*\*)?(?:variables|objective|constraints?|constraint \d+)\b\W*$",
    re.IGNORECASE | re.MULTILINE,
)
_TABLE_ROW = re.compile(r"^\s*\|.*\|\s*$", re.MULTILINE)


def has_table(text: str) -> bool:
    """Tell whether a Markdown table stands in a text."""
    return len(_TABLE_ROW.findall(text)) >= 3


def number_fault(text: str, formulation: Formulation) -> str:
    """Return how a text's numbers differ from its formulation's; "" if they do not.

    What need not be said `untold_numbers` knows.
    """
    if missing := untold_numbers(text, formulation):
        use = missing[0]
        return f"numbers left out: {use.value:,.10g} ({use.where}) is not in the text"
    unused = unused_numbers(text, formulation)
    return f"numbers added: {quoted(text, unused[0])} is used nowhere" if unused else ""


def given_away(text: str, names: Iterable[str] = ()) -> str:
    """Return what a question gives away of a formal solution; "" for nothing.

    Args:
        text: the question.
        names: of the formulation's decisions and totals.
    """
    if found := _SIGNS.search(text):
        return f"formal solution given away: `{found.group(0)}`"
    if found := _TALK.search(text) or _HEADING.search(text):
        return f"formal solution given away: `{found.group(0).strip()}`"
    formal = [name for name in names if "_" in name or any(c.isdigit() for c in name)]
    told = next((name for name in formal if re.search(rf"\b{re.escape(name)}\b", text)), "")
    return f"formal solution given away: the name `{told}`" if told else ""


def length_fault(text: str) -> str:
    """Return whether a text is too short or too long for a question; "" if it is not."""
    count = len(plain_words(text))
    return "" if SHORTEST <= count <= LONGEST else f"length: the text has {count} words"
