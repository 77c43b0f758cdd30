"""Plain questions read without a model: one number, one thing it is about, no doubt about either.

Everything that is not plain is left to a language model: None is returned.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from optiwright.formulators.asked_numbers import AskedNumber, asked_numbers
from optiwright.formulators.change_script import unused, used
from optiwright.formulators.changes import (
    EACH,
    SUMMED,
    Add,
    At,
    Changes,
    Decide,
    Relation,
    Scale,
    SetTo,
    TypedChange,
)
from optiwright.formulators.errors import FormulationError
from optiwright.formulators.goal_reader import read_goal
from optiwright.formulators.model import Formulation
from optiwright.formulators.named_places import Named, places_of
from optiwright.formulators.newcomers import brings_in
from optiwright.formulators.plain import scalar_values
from optiwright.formulators.question_words import (
    Mention,
    best_fits,
    fill,
    is_each,
    mentions_of,
    set_words,
    stems_of,
)
from optiwright.formulators.together import never_both

_WHY = re.compile(
    r"\bwhy\b|\breasons?\b|\brationale\b|\bpurpose\b|\bmotivat|\bjustif|\bnecessitat"
    r"|\bwhat (?:prompted|led|drove|made)\b|\bwhat\b[^?]*\bprevents?\b",
    re.I,
)
_NOT = re.compile(
    r"\bnot\b|n't\b|\bcannot\b|\bunable\b|\bnever\b|\bprevent|\bavoid|\bexclud|\bagainst\b"
    r"|\binstead of\b|\bincapable\b|\bwithout\b|\bno\b|\bfail",
    re.I,
)
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
_ONLY = re.compile(r"\b(?:only|just|merely|no more than|limited to|down to)\b", re.I)
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
_MOST = re.compile(
    r"\bat most\b|\bmaximum\b|\bmax\b|\bcap(?:ped)?\b|\bup to\b|\bor (?:less|fewer)\b"
    r"|\bno more than\b|\blimit(?:s|ed|ing)?\b|(?:\bno\b|\bnot\b|n't\b|\bcannot\b|\bunable\b)[^.?]*"
    r"\b(?:more than|over|beyond|above|exceed)",
    re.I,
)
_LEAST = re.compile(
    r"\bat least\b|\bminimum\b|\bno (?:fewer|less) than\b|\bor more\b|\bthe least\b", re.I
)
_BROKEN = r"broken|broke|breaks? down|(?:is|are|was|were) down|out of (?:order|service|action)"
_CLOSE = re.compile(
    r"\b(?:clos(?:e|es|ed|ing)|shut\w*|ceas\w*|discontinu\w*|terminat\w*|stop\w*"
    rf"|{_BROKEN})\b",
    re.I,
)
_OPEN = re.compile(r"\b(?:open(?:s|ed|ing)?|reopen\w*)\b", re.I)
_LIMIT_WORDS = stems_of("limit capacity total available")
"""Words of names that say of a number no more than that it is a limit."""
_SWITCH = re.compile(
    rf"\b(?:clos(?:e|es|ed)|shut|stops?|stopped|opens?|opened|reopen\w*|{_BROKEN})\b", re.I
)
_JOINT = re.compile(r"[;,]|\b(?:and|but|while|whereas)\b", re.I)
_TOGETHER = re.compile(
    r"\btogether\b|\bsame (?:day|time|shift|week|hour|place)\b|\bsimultaneous|\bconcurrent"
    r"|\bcoincide|\bconflict|\bat once\b",
    re.I,
)  # fmt: skip


def is_why(question: str) -> bool:
    """Whether a question asks for the reason of something, so that its opposite is to be tried."""
    return bool(_WHY.search(question))


def read_question(question: str, formulation: Formulation) -> Changes | None:
    """Return the changes that a plain question means; of a why-question, the opposite.

    None where the question names nothing or several things, or leaves open what is to be done.

    Raises:
        FormulationError: if the formulation does not join with its data.
    """
    if brings_in(question) and not is_why(question):
        return None
    names = places_of(formulation)
    mentions = mentions_of(question, names)
    numbers = [n for n in asked_numbers(question) if not _within(n, mentions)]
    if is_why(question):
        return None if numbers else _opposite(question, formulation, names, mentions)
    if not numbers and (goal := read_goal(question, formulation)) is not None:
        return (goal,)
    if not numbers:
        return _apart(question, formulation, names, mentions) or _switched(
            question, formulation, names, mentions
        )
    if len(numbers) > 1 or _says_more(question, numbers[0]):
        return None
    limit = _limit_of(question)
    if limit is not None and not numbers[0].percent:
        return _limited(question, names, mentions, numbers[0], limit)
    if limit is not None and not _ONLY.search(question):
        return None
    return _changed_data(question, formulation, names, mentions, numbers[0])


def _says_more(question: str, said: AskedNumber) -> bool:
    """Whether a clause without the number wants something too, as in `..., and it is closed`."""
    start = 0
    for joint in [*_JOINT.finditer(question), None]:
        end = joint.start() if joint else len(question)
        clause = question[start:end]
        if not start <= said.span[0] < end and (_SWITCH.search(clause) or _NOT.search(clause)):
            return True
        start = joint.end() if joint else end
    return False


def _within(number: AskedNumber, mentions: Sequence[Mention]) -> bool:
    return any(m.span[0] <= number.span[0] < m.span[1] for m in mentions)


# --- data -----------------------------------------------------------------------------------------


def _changed_data(
    question: str,
    formulation: Formulation,
    names: Sequence[Named],
    mentions: Sequence[Mention],
    said: AskedNumber,
) -> Changes | None:
    parameters = [n for n in names if n.kind == "parameter"]
    fitting = [(n, at) for n in parameters if (at := fill(n, mentions)) is not None]
    meant = best_fits(_wanted(question, names), fitting, everyone=parameters)
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
    if not rises and not falls and _ONLY.search(question):
        return said.ratio
    return 0.5 if not rises and not falls and re.search(r"\b(?:to|is) half\b", question) else None


# --- decisions ------------------------------------------------------------------------------------


def _limit_of(question: str) -> Relation | None:
    most, least = bool(_MOST.search(question)), bool(_LEAST.search(question))
    if most == least:
        return None
    return "<=" if most else ">="


def _limited(
    question: str,
    names: Sequence[Named],
    mentions: Sequence[Mention],
    said: AskedNumber,
    relation: Relation,
) -> Changes | None:
    """Limit a decision, or its total over what the question does not tell apart."""
    decisions = [n for n in names if n.kind == "decision"]
    fitting = []
    for named in decisions:
        ats = fill(named, mentions, rest=SUMMED)
        if ats is None:
            continue
        spread = [tuple(
            EACH if pick == SUMMED and is_each(question, named.sets[k]) else pick
            for k, pick in enumerate(at)
        ) for at in ats]  # fmt: skip
        told = not named.arity or any(pick != SUMMED for pick in spread[0])
        if told:
            fitting.append((named, spread))
    meant = best_fits(_wanted(question, names), fitting, everyone=decisions)
    if not mentions and (number_of := _chosen_of(question, decisions, said)) is not None:
        meant = [(number_of, [(SUMMED,)])]
    if len(meant) != 1:
        return None
    named, ats = meant[0]
    return tuple(
        Decide(decision=named.name, at=at, relation=relation, value=said.value) for at in ats
    )


def _chosen_of(question: str, decisions: Sequence[Named], said: AskedNumber) -> Named | None:
    """Return the choice among a set that a number is said of: `at most three plants`."""
    noun = re.match(r"\s+(?:of (?:the |our )?)?([A-Za-z]{3,})", question[said.span[1] :])
    if noun is None or not said.value.is_integer():
        return None
    fitting = [
        n
        for n in decisions
        if n.binary and n.arity == 1 and stems_of(noun[1]) & set_words(n.sets[0])
    ]
    return fitting[0] if len(fitting) == 1 else None


def _apart(
    question: str, formulation: Formulation, names: Sequence[Named], mentions: Sequence[Mention]
) -> Changes | None:
    """Read that two are never chosen together."""
    two = list(dict.fromkeys(m.element for m in mentions))
    if len(two) != 2 or not _TOGETHER.search(question) or not _NOT.search(question):
        return None
    fitting = [
        (n, ats)
        for n in names
        if n.binary and n.arity > 1 and (ats := fill(n, mentions)) is not None and len(ats) == 2
    ]
    if len(fitting) != 1:
        return None
    named, (first, second) = fitting[0]
    try:
        return tuple(
            never_both(formulation, (named.name, first), (named.name, second), "the question")
        )
    except FormulationError:
        return None


def _switched(
    question: str, formulation: Formulation, names: Sequence[Named], mentions: Sequence[Mention]
) -> Changes | None:
    """Read that something is closed or opened."""
    closes, opens = bool(_CLOSE.search(question)), bool(_OPEN.search(question))
    if closes == opens or _NOT.search(question):
        return None
    found = [
        (n, at) for n in names if n.binary and mentions and (at := _filled(n, mentions)) is not None
    ]
    if len(found) != 1:
        return None
    named, ats = found[0]
    return tuple(
        used(formulation, named.name, at) if opens else unused(named.name, at) for at in ats
    )


def _opposite(
    question: str, formulation: Formulation, names: Sequence[Named], mentions: Sequence[Mention]
) -> Changes | None:
    """Read what a question asks the reason of, and return its opposite."""
    decisions = [n for n in names if n.kind == "decision" and not n.total]
    found = [(n, ats) for n in decisions if mentions and (ats := _filled(n, mentions)) is not None]
    if len(found) > 1:
        found = best_fits(_wanted(question, names), found, everyone=decisions)
    if not found and not mentions:
        said = stems_of(question)
        plain = [n for n in decisions if not n.arity and stems_of(n.name) <= said]
        found = [(n, [()]) for n in plain] if len(plain) == 1 else []
    if not found:
        return None
    negated = bool(_NOT.search(question)) != bool(_CLOSE.search(question))
    if negated and len(found) > 1:
        return None
    return tuple(
        used(formulation, n.name, at) if negated else unused(n.name, at)
        for n, ats in found
        for at in ats
    )


def _filled(named: Named, mentions: Sequence[Mention]) -> list[At] | None:
    """Return a symbol's picks where every index is named."""
    ats = fill(named, mentions)
    if ats is None or any(pick == EACH for at in ats for pick in at):
        return None
    return ats


def _wanted(question: str, names: Sequence[Named]) -> set[str]:
    """Return the stems of a question, without those that only say which set is meant."""
    sets = {word for n in names for label in n.sets for word in set_words(label)}
    found = stems_of(question)
    return found - sets or found
