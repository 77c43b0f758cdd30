"""What a text speaks of again and again, and a planning formulation never does."""

from __future__ import annotations

import re
from collections import Counter

from optiwright.formulators.findings import Code, Finding, Severity
from optiwright.formulators.phrases import listing
from optiwright.formulators.planning import Planning
from optiwright.formulators.planning_heads import one_of
from optiwright.formulators.planning_lines import write_planning

_OFTEN = 4
_SHORTEST = 4
_LONGEST_TAIL = 3
_OF_ANY_TASK = frozenset(
    re.findall(
        r"\w+",
        "that this then than them they their there these those with from into onto upon only each "
        "every other another what when where which while will would should must does have been "
        "being also both just more most some such very your step steps plan plans action actions "
        "longer same whole goal goals task first last start finally initially "
        "afterwards after before begin fewest "
        "least shortest find order needs need needed time times anything nothing something",
    )
)


def untold(text: str, planning: Planning) -> tuple[Finding, ...]:
    """Return a warning that names words of a text that stand nowhere in its formulation.

    A word counts from its fourth time on. Where most of them are missing, the formulation is in
    other words than the text, another language's perhaps, and nothing is said.
    """
    said = [w for w in _words(text) if w not in _OF_ANY_TASK and len(w) >= _SHORTEST]
    spoken = [w for w, n in Counter(map(one_of, said)).items() if n >= _OFTEN]
    told = set(map(one_of, _words(write_planning(planning))))
    missing = [w for w in spoken if not any(_alike(w, other) for other in told)]
    if not missing or 2 * len(missing) > len(spoken):
        return ()
    words = listing(f"`{w}`" for w in missing)
    message = f"The text speaks of {words} again and again, and nothing here does; is it left out?"
    return (
        Finding(code=Code.UNUSED, severity=Severity.WARNING, where="the text", message=message),
    )


def _words(text: str) -> list[str]:
    return re.findall(r"[^\W\d_]+", text.lower())


def _alike(word: str, other: str) -> bool:
    """Whether two words are one but for an ending."""
    short, long = sorted((word, other), key=len)
    stem = short[:-1] if short[-1] in "ey" and len(short) > _SHORTEST else short
    return len(stem) >= _SHORTEST and (
        long.startswith(stem) and len(long) - len(stem) <= _LONGEST_TAIL
    )
