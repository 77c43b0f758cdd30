"""What kind of problem a text states: algebra, a sequence of actions, or a function to ask."""

from __future__ import annotations

import re
from enum import StrEnum

from optiwright.formulators.code_signals import looks_like_code


class ProblemKind(StrEnum):
    """Which formulation a problem is turned into."""

    MODEL = "model"
    """The five elements."""
    PLAN = "plan"
    """Objects, facts, actions, start and goal (`formulators.planning`)."""
    SEARCH = "search"
    """Unknowns and a function without a formula (`formulators.black_box`)."""


_STEPS = r"(?:steps?|moves?|actions?|crossings?|pushes|operations)"
_ORDERED = re.compile(
    rf"\bsequence of (?:\w+ )?{_STEPS}\b"
    rf"|\b(?:fewest|least(?: number of)?|smallest number of|minimum number of|minimal number of"
    rf"|as few|how few|shortest (?:sequence|plan|list) of|how many) {_STEPS}\b"
    rf"|\bminimi[sz](?:e|ing) the (?:total )?number of {_STEPS}\b"
    rf"|\bwhich {_STEPS}\b|\bwhat {_STEPS}\b|\bplan of {_STEPS}\b|\bshortest plan\b"
    r"|\bstep[- ]by[- ]step\b|\bone (?:thing |block |step |move )?after (?:another|the other)\b",
    re.I,
)
"""What comes out is to be a sequence."""
_ACTIONS = re.compile(
    r"\b(?:actions?|moves?|steps?)\b[^.\n]{0,60}?"
    r"(?::|\b(?:are|is|can be|you can|allowed|possible)\b)"
    r"|\b(?:you|it|he|she|they|one|robot\w*|arm|hand|crane|boat|truck|nobody)\b"
    r"[^.\n]{0,40}?\b(?:can|may|is able to|are able to)(?: only| not|not| also)?"
    r" (?:pick|put|stack|unstack|move|carry|go|drive|load|unload|open|close|push|pull|lift|drop"
    r"|place|take|cross|row|pour|fill|fly|unlock|turn|get|rewind|grab|grasp|walk|climb|hold|be done"
    r"|be moved|attack|feast|succumb|overcome|only)\b"
    r"|\b(?:one|two|three|[123]) (?:\w+ ){0,3}at a time\b",
    re.I,
)
"""What can be done is told as single deeds."""
_CAN = re.compile(r"\b(?:can|may)(?: only| not| also| then)? (?!be |the |a )[a-z]+\b", re.I)
"""The same in any words; enough where a sequence is asked for."""
_GOAL = re.compile(
    r"\bgoals?\b|\bin the end\b|\bat the end\b(?! of)[^.\n]{0,40}\b(?:be|is|are|stands?|lies?)\b"
    r"|\b(?:should|must|has to|have to|shall) (?:all )?(?:be|end up|stand|lie|sit) "
    r"(?:\w+ )?(?:on|at|in|inside|behind|across|over)\b"
    r"|\bto (?:get|bring) (?!to\b)[^.\n]{3,60}\b(?:to|across|over|into|onto|on top of)\b"
    r"|\bwants? [^.\n]{0,40}\b(?:across|on the other side|on top of)\b",
    re.I,
)
"""What is to be true at the end."""
_STATE = re.compile(
    r"\b(?:initially|at first|at the start|at the beginning|to begin with|starting state|now)\b"
    r"|\binitial (?:state|condition|position)s?\b"
    r"|\b(?:is|are|stands?|starts?|lies?|sits?|begins?) (?:\w+ )?(?:at|in|on|inside|holding|empty"
    r"|clear|free|closed|open|locked|on top of|true)\b"
    r"|\b(?:both|all) (?:are )?(?:empty|full|closed|open|on|in|at)\b",
    re.I,
)
"""How things stand before."""
_ALGEBRA = re.compile(
    r"\b(?:profits?|revenue|budget|maximi[sz]e|demands?|supply|per (?:unit|day|week|month|hour|kg"
    r"|ton|tonne|item|person)|percent\w*|invest\w*|linear|optimi[sz]\w+ model|capacit\w+"
    r"|decision variables?|integers?|constraints?|objective function|formulate|minimi[sz]e)\b"
    r"|\d\s*%|[$€£]\s*\d",
    re.I,
)
"""What a problem of amounts says, and a sequence of deeds hardly does."""


def kind_of(text: str) -> ProblemKind:
    """Return what a text is taken for, without a model; in doubt, algebra.

    A plan is a text that tells what can be done as single deeds, how things stand before and how
    they are to stand after, and none of what a problem of amounts says; one that asks for the
    sequence in so many words may say a little of it.
    """
    if looks_like_code(text):
        return ProblemKind.SEARCH
    ordered = _ORDERED.search(text) is not None
    deeds = _ACTIONS.search(text) or (ordered and _CAN.search(text))
    if not (_GOAL.search(text) and _STATE.search(text) and deeds):
        return ProblemKind.MODEL
    amounts = len({m.group(0).lower() for m in _ALGEBRA.finditer(text)})
    return ProblemKind.PLAN if amounts <= ordered else ProblemKind.MODEL
