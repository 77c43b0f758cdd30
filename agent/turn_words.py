"""The words by which a turn says what it wants, read without a model: a table, and what it tells.

Words that only some phrasings have are left to the model; what stands here is plain.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from optiwright.agent.session_state import Kind


class Words(NamedTuple):
    """A kind of turn and the words that ask for it."""

    kind: Kind
    pattern: re.Pattern[str]
    answered: bool = True
    """Whether it takes an answer to be asked about."""


def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.I)


def _words(kind: Kind, pattern: str, *, answered: bool = True) -> Words:
    return Words(kind, _compiled(pattern), answered)


_ASK = r"^(?:(?:please|now|then|ok(?:ay)?|and|can you|could you|i want to|let(?:'s| us))[,\s]+)*"

TABLE: tuple[Words, ...] = (
    _words(
        "talk",
        r"^(?:hello|hi|hey|good (?:morning|day|afternoon|evening)|thanks?(?: you)?(?: (?:very|so)"
        r" much| a lot)?|many thanks|great|perfect|nice|ok(?:ay)?|bye|good ?bye|cool|well done|fine"
        r"|very good|that helps|i see|that is all)(?:[\s,]+(?:there|optiwright|thanks?|thank you"
        r"|that (?:helps|is all)|all))*[\s.!]*$",
        answered=False,
    ),
    _words(
        "help",
        r"^(?:help|what (?:can|could) (?:you|i) (?:do|ask|say)|how does this work|who are you|"
        r"what are you|what is optiwright)\b[^.]{0,30}[\s?.!]*$",
        answered=False,
    ),
    _words(
        "undo",
        _ASK + r"(?:undo\b|take (?:that|it|this|the last (?:change|one)) back|revert\b|scrap that"
        r"|forget (?:that|the last (?:change|one))|never ?mind\b"
        r"|go (?:one )?(?:step )?back[\s.!]*$)",
    ),
    _words(
        "back",
        _ASK + r"(?:go|switch|return|jump|turn) (?:back )?to (?:the )?(?:version|first|original|"
        r"start|beginning|branch|what-?if|\#\d|`)",
    ),
    _words(
        "compare",
        _ASK + r"(?:compare\b|(?:what|how) (?:has|have|is|are|does|do)\b[^?]*"
        r"\b(?:changed since|differ"
        r"\w*)|what is the difference (?:between|to|from))",
    ),
    _words(
        "branch",
        _ASK + r"(?:branch\b|(?:call|name|label) (?:this|that|it|the current)\b|save (?:this|it)"
        r" (?:version )?as (?!\S+\.\w+))",
    ),
    _words(
        "keep",
        _ASK + r"(?:keep (?:that|it|this)\b|do (?:that|it|so)[\s.!]*$|apply (?:that|it|this)\b|"
        r"make (?:that|it|this) (?:the )?(?:current|permanent|plan)|use that[\s.!]*$|"
        r"(?:yes,? )?(?:let's|let us) (?:do|take|go with) (?:that|it|this))",
    ),
    _words(
        "solve",
        _ASK + r"(?:(?:accept|approve)(?: (?:it|this|that|the formulation))?|go ahead"
        r"|(?:re-?)?solve(?: (?:it|this|that|the formulation))?(?: (?:now|again|as it stands"
        r"|like this))?)(?:[\s,]+please)?[\s.!]*$",
    ),
    _words("history", _ASK + r"(?:(?:show|list)\b[^.]*\b(?:history|versions|tree|revisions)\b"
           r"|history[\s.?]*$|(?:which|what) versions\b)"),
    _words(
        "export",
        _ASK + r"(?:export\b|(?:save|write|store|download|put)\b[^?]*\b(?:to|as|in|into) "
        r"(?:a |the )?(?:file )?`?[\w./~-]*\.[a-z]{2,5}\b)",
    ),
    _words(
        "repair",
        _ASK + r"(?:take|apply|use|make|do|choose) (?:the )?(?:repair|(?:first|second|third"
        r"|\d+(?:st|nd|rd|th)?) (?:repair|one|change|way out))",
    ),
    _words(
        "repairs",
        r"\brepairs?\b|\bwhat (?:would|must|has to|needs to|can|could|should)\b[^?]*\b(?:change"
        r"|give|be changed|be different)\b[^?]*\b(?:feasible|possible|work|solvable)"
        r"|\bhow (?:can|could|do)\b[^?]*\b(?:made|make)\b[^?]*"
        r"\b(?:feasible|possible|work|solvable)",
    ),
    _words(
        "prove",
        r"\bpro(?:ve|of|ven)\b|\b(?:really|truly|certainly|definitely) (?:the )?"
        r"(?:best|optimal|optimum)|\bhow do you know\b|\bno better\b",
    ),
    _words(
        "tornado",
        r"\btornado\b|\bwhich (?:numbers?|figures?|data|parameters?|inputs?|assumptions?)\b[^?]*\b"
        r"(?:matters?|counts?|influences?|important|critical)",
    ),
    _words(
        "sensitivity",
        r"\bsensitiv|\bshadow prices?|\bbottle-?necks?|\bbinding\b|\bwhat limits\b"
        r"|\b(?:which|what) (?:limits?|constraints?|requirements?)\b[^?]*"
        r"\b(?:tight|bind|cost|worth|hold|valuable)|\bhow much is\b[^?]*\bworth\b"
        r"|\bworth of (?:one|an)\b|\bone more\b[^?]*\bworth\b|\bslack\b",
    ),
    _words("sweep", r"\b(?:sweep|vary|varies|varied|range)\b[^.]*\bfrom\b[^.]*\bto\b"
           r"|\bfor every value\b[^.]*\bfrom\b[^.]*\bto\b"),
    _words("pareto", r"\bpareto\b|\btrade-?\s?offs?\b|\bcompromises?\b|\bfrontier\b"),
    _words(
        "explain",
        _ASK + r"(?:explain\b|(?:tell|show) me (?:more|why i should)|how (?:sure|certain)\b|what"
        r" does (?:that|it|this|the (?:answer|plan|result)) mean|in plain words|give me the"
        r" details|what did you assume|which assumptions)",
    ),
    _words(
        "show",
        _ASK + r"(?:(?:show|print|list|give|repeat|display)\b[^.?]*\b(?:answer|result|plan"
        r"|solution|formulation|model|constraints?|variables?|objective|latex|formulas?)\b"
        r"|what (?:is|was|are) the (?:current )?(?:answer|result|plan|solution"
        r"|formulation|model|optimum|status)[\s?.]*$)",
    ),
    _words(
        "data",
        _ASK + r"(?:use|take|read|load|replace|swap|attach)\b[^.?]*\b(?:files?|sheet|table|data|"
        r"csv|xlsx|spreadsheet)\b",
        answered=False,
    ),
)  # fmt: skip
"""The first whose words a turn has says what it is."""

WHAT_IF = _compiled(
    r"^(?:(?:and|so|then|but|now|ok(?:ay)?)[,\s]+)*(?:what (?:if|happens|would|about|will)|suppose"
    r"|imagine|assume|assuming|if\b|would|say\b|in case|could we|can we|is it possible"
    r"|how (?:would|will|does|do|much|many|about|is))"
)
"""How a question begins that wants to know and not to keep."""

HYPOTHESIS = _compiled(r"^(?:(?:and|so|then|but|now)[,\s]+)*what (?:if|happens|would happen)\b")
"""How a question begins that is no problem, whatever numbers it has."""

REVISION = _compiled(
    r"\b(?:make it|set|change|raise|increase|lower|reduce|cut|limit|allow|forbid|require|must|may"
    r"|cannot|can't|should|shall|need(?:s|ed)?|have to|has to|at (?:most|least)|only|instead"
    r"|no(?:t)? more than|maximi[sz]e|minimi[sz]e|drop|remove|ignore|leave out|close|open|stop"
    r"|never|always|double|halve|add|also|introduce|another|actually"
    r"|correction|(?:is|are) now|becomes?|costs? now"
    r"|now (?:costs?|needs?|is|has|takes?)|turns? out|goes? (?:up|down)|rises?|falls?|grows?"
    r"|drops?)\b"
)
"""Words of one who changes the problem."""

NEW = _compiled(
    r"^\s*(?:(?:here is )?(?:a|another|the next) )?(?:new|another|next|different|other) problem\b"
    r"[\s:,.-]*"
)
"""How somebody begins who turns to another problem."""

GOAL = _compiled(
    r"\b(?:minimi[sz]|maximi[sz]|optimi[sz])\w*|\bhow (?:many|much|should|can|do)\b"
    r"|\b(?:which|what) (?:is|are|should|would|do)\b|\b(?:find|determine|decide)\b"
    r"|\b(?:cheap|best)\w*"
    r"|(?<!at )\b(?:most|least)\b|\b(?:lowest|highest|greatest|shortest|fewest)\b"
    r"|\bas (?:little|much|few|many|high|low)\b"
)
"""What a whole problem has, and a long table that was forgotten has not."""

PLACES = {"first": 1, "second": 2, "third": 3, "fourth": 4, "fifth": 5}
