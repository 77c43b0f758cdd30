"""A sentence of a plan's text taken apart into clauses, each with or without its `not`."""

from __future__ import annotations

import re
from collections.abc import Sequence

_APOSTROPHE = re.compile(r"(?<=\w)[\u2019\u02bc](?=\w)")
_QUOTES = re.compile(
    r"[\"\u201c\u201d\u201e\u00ab\u00bb\u2018\u2019\u201a`]|\*\*|(?<!\w)'|(?<!s)'(?!\w)"
)
_CONTRACTED = re.compile(r"\b(can|wo|[a-z]+)n't\b", re.IGNORECASE)
_WHOLE = {"ca": "can", "can": "can", "wo": "will", "sha": "shall"}
_PART = re.compile(r"[.;:,]\s+|\bthat\b:?", re.IGNORECASE)
_NOT = re.compile(
    r"\b(?:no longer|not any more|any more|not|never|no|none of|nobody)\b\s*", re.IGNORECASE
)
_FORBIDDEN = re.compile(
    r"\b(?:(?:it is )?(?:forbidden|prohibited|not allowed)|avoid|prevent) that ", re.IGNORECASE
)
_WITHOUT = re.compile(r",? without (?=\w)([^,.;]+?) being\b", re.IGNORECASE)
_NEITHER = re.compile(r"\bneither (.+?) nor (.+)", re.IGNORECASE)
_NEITHER_OF = re.compile(r"\s*neither (.+?) nor (.+?) (is|are|has|have) (.+)", re.IGNORECASE)
_LONGEST_NAME = 4
_JOINT = re.compile(r"( (?:and|but)(?: also)? )")
_VERB = r"(?:is|are|be|has|have|should|must|shall|will|can|was|were)"
_HAS_VERB = re.compile(rf"\b{_VERB}\b", re.IGNORECASE)
_LINK = re.compile(r"\b(?:at|in|on|to|from|with|by|for|upon|under)\b", re.IGNORECASE)
_MARK = re.compile(
    r"\s*(?:at first|first of all|initially|finally|now|currently|(?:the )?goals?"
    r"|(?:in|at) the (?:end|start|beginning))\b[:,]?",
    re.IGNORECASE,
)
_SUBJECT = re.compile(rf"(.*?) {_VERB}\b", re.IGNORECASE)


def plainly(text: str) -> str:
    """Return a text without quotation marks, and with `is not` for `isn't`."""
    text = _APOSTROPHE.sub("'", text)
    text = re.sub(r"\bcannot\b", "can not", text, flags=re.IGNORECASE)
    return _QUOTES.sub("", _CONTRACTED.sub(_uncontracted, text))


def denied(text: str) -> str:
    """Return a text said plainly, with `not` for `avoid that` and `without ... being`."""
    return _WITHOUT.sub(r" and not \1 being", _FORBIDDEN.sub("not ", plainly(text)))


def _uncontracted(found: re.Match[str]) -> str:
    verb = found.group(1)
    return f"{_WHOLE.get(verb.lower(), verb)} not"


def bared(clause: str) -> str:
    """Return a clause without its `not`, and without what joins it to others."""
    bare = _NOT.sub("", clause).strip(" :,.;!?").removeprefix("and ").removesuffix(" and")
    return " ".join(bare.removeprefix("but ").split())


def is_negated(clause: str) -> bool:
    """Whether a clause says that something is not so."""
    return _NOT.search(clause) is not None


def parts_of(told: str) -> list[str]:
    """Return what stands between stops, commas and `that`; where a `not` begins, one ends."""
    return [side for part in _PART.split(told) for side in _at_negations(part)]


def _at_negations(part: str) -> list[str]:
    if several := _NEITHER_OF.fullmatch(part):
        one, other, verb, rest = several.groups()
        return [f"{one} {verb} not {rest}", f"{other} {verb} not {rest}"]
    part = _NEITHER.sub(r"not \1 and not \2", part)
    found: list[str] = []
    first, *rest = _JOINT.split(part)
    found.append(first)
    for joint, side in zip(rest[::2], rest[1::2], strict=True):
        if _turns(found[-1], side):
            found.append(side)
        else:
            found[-1] += joint + side
    return found


def _turns(before: str, side: str) -> bool:
    """Whether a `not` in one of two sides of an `and` says nothing of the other."""
    leads = _NOT.match(side.strip()) is not None
    several = is_negated(before) or is_negated(side)
    return several and _is_clause(before) and (leads or _is_clause(side))


def _is_clause(side: str) -> bool:
    return _HAS_VERB.search(side) is not None or (is_negated(side) and len(side.split()) > 2)


def subject_of(clause: str) -> str:
    """Return what a clause speaks of: what stands before its verb."""
    found = _SUBJECT.match(clause)
    return found.group(1) if found else ""


def listed_together(parts: Sequence[str]) -> list[str]:
    """Return parts of a sentence, `red` and `blue and green are hot` of it as one."""
    found: list[str] = []
    names: list[str] = []
    for part in parts:
        bare = _MARK.sub("", part, count=1)
        if (verb := _HAS_VERB.search(part)) is not None:
            if verb.group().lower() in ("is", "has"):  # what stands before is not part of it
                found += names
                names = []
            found.append(" and ".join((*names, part.strip().removeprefix("and "))))
            names = []
        elif 0 < len(bare.split()) <= _LONGEST_NAME and not _LINK.search(bare):
            names.append(part)
        else:
            found += [*names, part]
            names = []
    return [*found, *names]
