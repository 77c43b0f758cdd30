"""Plain questions about data: which parameter a number is said of, and what becomes of it."""

from __future__ import annotations

import re
from collections.abc import Sequence

from optiwright.formulators.asked_numbers import AskedNumber
from optiwright.formulators.changes import EACH, Add, At, Changes, Scale, SetTo, TypedChange
from optiwright.formulators.model import Formulation
from optiwright.formulators.named_places import Named
from optiwright.formulators.plain import scalar_values
from optiwright.formulators.question_words import Mention, best_fits, fill, stems_of, stems_told

_RISE = re.compile(
    r"\b(?:increas\w*|ris(?:e|es|ing)|rose|grow\w*|grew|rais\w*|surg\w*|boost\w*|jump\w*|soar\w*"
    r"|upticks?|spik\w*|enhanc\w*|augment\w*|climb\w*|went up|goes? up|gains?|higher|more|extra"
    r"|additional|supplementary|further|up by|added?)\b",
    re.I,
)
_FALL = re.compile(
    r"\b(?:decreas\w*|reduc\w*|fall\w*|fell|drops?|dropped|lower\w*|less|fewer|cuts?|slash\w*"
    r"|declin\w*|shrink\w*|shrank|cheaper|down by|goes? down|went down)\b",
    re.I,
)
ONLY = re.compile(r"\b(?:only|just|merely|no more than|limited to|down to)\b", re.I)
_MORE_AFTER = re.compile(
    r"[\s\-]*(?:units?|points?|[a-z]+)?[\s\-]*(?:more|extra|additional|supplementary|further"
    r"|increase|rise|growth|surge|uptick|boost|jump)\b",
    re.I,
)
_LESS_AFTER = re.compile(
    r"[\s\-]*(?:units?|points?|[a-z]+)?[\s\-]*(?:less|fewer|decrease|reduction|drop|fall|cut)\b",
    re.I,
)
_BY_BEFORE = re.compile(
    r"\b(?:by|(?:increase|rise|growth|surge|decrease|drop|fall|cut) of)\s*[$€£]?$", re.I
)
_TO_BEFORE = re.compile(
    r"\b(?:to|at|is|be|becomes?|became|becoming|now|being|of|was|were|are|costs?|charges?|earns?"
    r"|earning|paid|making|makes?|the|new|updated|a)\s*[$€£]?$",
    re.I,
)
_LIMIT_WORDS = stems_of("limit capacity total available")
"""Words of names that say of a number no more than that it is a limit."""


def changed_data(
    question: str,
    formulation: Formulation,
    names: Sequence[Named],
    mentions: Sequence[Mention],
    said: AskedNumber,
) -> Changes | None:
    """Return the changes of data that a question with one number means; None where it is open."""
    parameters = [n for n in names if n.kind == "parameter"]
    fitting = [(n, at) for n in parameters if (at := fill(n, mentions)) is not None]
    meant = best_fits(stems_told(question, names), fitting, everyone=parameters)
    if not (said.percent or said.factor):
        meant = _of_one_kind(question, formulation, meant, said)
    changes = [
        change
        for named, ats in meant
        for at in ats
        if (change := _data_change(question, named, at, said)) is not None
    ]
    return tuple(changes) or None


def _of_one_kind(
    question: str,
    formulation: Formulation,
    meant: list[tuple[Named, list[At]]],
    said: AskedNumber,
) -> list[tuple[Named, list[At]]]:
    """Return those of several parameters that one number can be said of.

    "The oven has 300 minutes" is not said of `oven_loaf`, the minutes that a loaf takes: the only
    one with the number's unit is meant, or the only one with no word beside the question's; else
    all, if they are alike until now; else none.
    """
    if len(meant) < 2:
        return meant
    noun = re.match(r"\s+([A-Za-z]{2,})", question[said.span[1] :])
    stems = stems_of(noun[1]) if noun else set()
    own = [(n, at) for n, at in meant if stems and stems_of(n.unit) == stems]
    asked = stems_of(question) | _LIMIT_WORDS
    bare = [(n, at) for n, at in meant if stems_of(n.name) <= asked]
    for only in (own, bare):
        if len(only) == 1:
            return only
    given = scalar_values(formulation)
    values = {given.get(n.name) for n, _ in meant}
    return meant if len(values) == 1 else []


def _data_change(
    question: str, named: Named, at: tuple[object, ...], said: AskedNumber
) -> TypedChange | None:
    whole = () if all(pick == EACH for pick in at) else at
    fields = {"parameter": named.name, "at": whole}
    before, after = question[: said.span[0]], question[said.span[1] :]
    rises, falls = bool(_RISE.search(question)), bool(_FALL.search(question))
    if said.factor:
        return Scale.model_validate(fields | {"factor": said.value})
    if said.percent:
        factor = _factor(question, said, rises, falls)
        return None if factor is None else Scale.model_validate(fields | {"factor": factor})
    if _MORE_AFTER.match(after):
        return Add.model_validate(fields | {"amount": said.value})
    if _LESS_AFTER.match(after):
        return Add.model_validate(fields | {"amount": -said.value})
    if _BY_BEFORE.search(before):
        if rises == falls:
            return None
        return Add.model_validate(fields | {"amount": said.value if rises else -said.value})
    if _TO_BEFORE.search(before) or not (rises or falls):
        return SetTo.model_validate(fields | {"value": said.value})
    return None


def _factor(question: str, said: AskedNumber, rises: bool, falls: bool) -> float | None:
    """Return what a share in percent multiplies by; None where its direction is open."""
    word = question[said.span[0] : said.span[1]].lower()
    if word.startswith("halv"):
        return 0.5
    if rises and not falls:
        return float(f"{1 + said.ratio:.12g}")
    if falls and not rises:
        return float(f"{1 - said.ratio:.12g}")
    if not rises and not falls and ONLY.search(question):
        return said.ratio
    return 0.5 if not rises and not falls and re.search(r"\b(?:to|is) half\b", question) else None
