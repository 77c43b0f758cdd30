"""Limits whose sign the text leaves open: at least or exactly, used up or not, a cap or a need."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from optiwright.formulators.changes import Changes, Relation
from optiwright.formulators.model import Formulation, Sense
from optiwright.formulators.questions import Kind, Question, of_two, slug
from optiwright.formulators.stated_limits import StatedLimit
from optiwright.formulators.wording import clause_of, sentence_of

_COMPARED = re.compile(
    r"\b(?:at least|at most|exactly|precisely|just|only|no (?:more|less|fewer|longer) than|not"
    r"|cannot|never|up to|min(?:imum|imal|\.)?|max(?:imum|imal|\.)?|more than|less than|fewer than"
    r"|over|under|above|below|exceed\w*|between|or (?:more|less|fewer)|limit\w*|available|capacity"
    r"|within|as (?:many|much)|all|whole|entire|full|fully|completely|total(?:ly)? used)\b",
    re.IGNORECASE,
)
_DONE = (
    "make|made|produce|produced|deliver|delivered|supply|supplied|ship|shipped|plant|planted|build"
    "|built|hire|hired|employ|employed|bake|baked|print|printed|sew|sewn|serve|served|buy|bought"
    "|purchase|purchased|run|mix|mixed|blend|blended|pack|packed|assemble|assembled|send|sent|carry"
    "|carried|move|moved|process|processed|brew|brewed|weave|woven|paint|painted|grow|grown"
)
_TO_DO = re.compile(
    rf"\b(?:must|has to|have to|is to|are to|will|should|wants to|want to)\s+(?:be\s+)?"
    rf"(?:{_DONE})\s+(?:out\s+|him\s+|her\s+|them\s+|a\s+total\s+of\s+)?$",
    re.IGNORECASE,
)
_TO_BE_DONE = re.compile(
    rf"^\s*(?:[\w-]+\s+){{1,4}}?(?:must|have to|are to|is to|should)\s+be\s+(?:{_DONE})\b",
    re.IGNORECASE,
)
_ORDERED = re.compile(
    r"\b(?:order(?:ed|s)?|contract(?:ed|s)?)\s+(?:(?:is|are|was|for|of|comes|to)\s+){0,3}$",
    re.IGNORECASE,
)
_TO_USE = re.compile(
    r"^\s*(?:[\w$€£]+\s+(?:of\s+\w+\s+)?)?(?:to|that (?:it|she|he) wants to)\s+(?:be\s+)?"
    r"(?:invest|invested|spend|spent|allocate|allocated|distribute|distributed|divide"
    r"|divided|plant|planted|use|used|assign|assigned|place|placed|split|fill|filled|work|give away"
    r"|hand out|store|stored|load|loaded)\b",
    re.IGNORECASE,
)
_DEMAND = re.compile(
    r"\b(?:demand\w*|orders? (?:are|is)|customers want|market for)\b", re.IGNORECASE
)
_SOFT = re.compile(
    r"\b(?:usually|normally|typically|generally|on average|about|around|roughly|approximately"
    r"|preferably|ideally|if possible)\b",
    re.IGNORECASE,
)


def open_limits(
    formulation: Formulation, text: str, limits: Sequence[StatedLimit]
) -> Iterator[Question]:
    """Yield a question for each stated number whose comparison the text does not say."""
    goal = formulation.leading
    for limit in limits:
        clause = clause_of(text, limit.number)
        sentence, place = sentence_of(text, limit.number)
        before = sentence[:place]
        after = sentence[place + limit.number.span[1] - limit.number.span[0] :]
        if limit.number.percent:
            continue
        if _SOFT.search(re.split(r"[.;:,|(]", before)[-1]) and (found := _soft(limit, clause)):
            yield found
        elif _COMPARED.search(clause):
            continue
        elif _TO_USE.search(after) and limit.sign in {"<=", "=="}:
            yield _used(limit, clause)
        elif _TO_DO.search(before) or _ORDERED.search(before) or _TO_BE_DONE.search(after):
            if limit.sign in {">=", "=="}:
                yield from _exactly(limit, clause)
        elif _DEMAND.search(clause) and goal is not None and goal.sense is Sense.MAXIMIZE:
            yield from _demand(limit, clause)


def _exactly(limit: StatedLimit, clause: str) -> Iterator[Question]:
    said = limit.number.words
    least = (f"at least {said}", f"no less than {said} will do, but more may")
    just = (f"exactly {said}", f"it is exactly {said}, no more")
    meant, other = (least, just) if limit.sign == ">=" else (just, least)
    changes = limit.turned("==" if limit.sign == ">=" else ">=", clause)
    if changes:
        yield _question(
            Kind.EXACTLY,
            f'"{clause}": at least that, or exactly?',
            clause,
            (meant, other),
            changes,
        )


def _used(limit: StatedLimit, clause: str) -> Question:
    said = limit.number.words
    some = ("some may be left", f"of {said} some may be left")
    every = ("all is used", f"all of {said} is used")
    meant, other = (some, every) if limit.sign == "<=" else (every, some)
    changes = limit.turned("==" if limit.sign == "<=" else "<=", clause)
    return _question(
        Kind.USE,
        f'"{clause}": must all of it be used, or may some be left?',
        clause,
        (meant, other),
        changes,
    )


def _demand(limit: StatedLimit, clause: str) -> Iterator[Question]:
    said = limit.number.words
    cap = ("a limit on sales", f"no more than {said} can be sold")
    need = ("it must be met", f"the demand of {said} must be met")
    meant, other = (cap, need) if limit.sign == "<=" else (need, cap)
    turned: Relation = ">=" if limit.sign == "<=" else "<="
    changes = limit.turned(turned, clause) if limit.rule is not None else ()
    if changes:
        yield _question(
            Kind.LIMIT,
            f'"{clause}": does it limit what can be sold, or must it be met?',
            clause,
            (meant, other),
            changes,
        )


def _soft(limit: StatedLimit, clause: str) -> Question | None:
    changes = limit.dropped()
    if not changes:
        return None
    said = limit.number.words
    return _question(
        Kind.LIMIT,
        f'"{clause}": is that a limit that holds, or only what is usual?',
        clause,
        (
            ("a limit", f"{said} is a limit that holds"),
            ("only usual", f"{said} is only what is usual and limits nothing"),
        ),
        changes,
    )


def _question(
    kind: Kind,
    text: str,
    clause: str,
    readings: tuple[tuple[str, str], tuple[str, str]],
    changes: Changes,
) -> Question:
    return of_two(slug(kind.name.lower(), clause), kind, text, *readings, changes, clause)
