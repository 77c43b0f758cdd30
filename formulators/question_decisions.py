"""Plain questions about decisions: limited, switched on or off, never together, the opposite."""

from __future__ import annotations

import re
from collections.abc import Sequence

from optiwright.formulators.asked_numbers import AskedNumber
from optiwright.formulators.change_script import unused, used
from optiwright.formulators.changes import EACH, SUMMED, At, Changes, Decide, Relation
from optiwright.formulators.errors import FormulationError
from optiwright.formulators.model import Formulation
from optiwright.formulators.named_places import Named
from optiwright.formulators.question_words import (
    Mention,
    best_fits,
    fill,
    is_each,
    set_words,
    stems_of,
    stems_told,
)
from optiwright.formulators.together import never_both

NOT = re.compile(
    r"\bnot\b|n't\b|\bcannot\b|\bunable\b|\bnever\b|\bprevent|\bavoid|\bexclud|\bagainst\b"
    r"|\binstead of\b|\bincapable\b|\bwithout\b|\bno\b|\bfail",
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
BROKEN = r"broken|broke|breaks? down|(?:is|are|was|were) down|out of (?:order|service|action)"
_CLOSE = re.compile(
    r"\b(?:clos(?:e|es|ed|ing)|shut\w*|ceas\w*|discontinu\w*|terminat\w*|stop\w*"
    rf"|{BROKEN})\b",
    re.I,
)
_OPEN = re.compile(r"\b(?:open(?:s|ed|ing)?|reopen\w*)\b", re.I)
_TOGETHER = re.compile(
    r"\btogether\b|\bsame (?:day|time|shift|week|hour|place)\b|\bsimultaneous|\bconcurrent"
    r"|\bcoincide|\bconflict|\bat once\b",
    re.I,
)  # fmt: skip


def limit_of(question: str) -> Relation | None:
    """Return the side on which a question limits something; None for none or for both."""
    most, least = bool(_MOST.search(question)), bool(_LEAST.search(question))
    if most == least:
        return None
    return "<=" if most else ">="


def limited(
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
    meant = best_fits(stems_told(question, names), fitting, everyone=decisions)
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


def apart(
    question: str, formulation: Formulation, names: Sequence[Named], mentions: Sequence[Mention]
) -> Changes | None:
    """Read that two are never chosen together."""
    two = list(dict.fromkeys(m.element for m in mentions))
    if len(two) != 2 or not _TOGETHER.search(question) or not NOT.search(question):
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


def switched(
    question: str, formulation: Formulation, names: Sequence[Named], mentions: Sequence[Mention]
) -> Changes | None:
    """Read that something is closed or opened."""
    closes, opens = bool(_CLOSE.search(question)), bool(_OPEN.search(question))
    if closes == opens or NOT.search(question):
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


def opposite(
    question: str, formulation: Formulation, names: Sequence[Named], mentions: Sequence[Mention]
) -> Changes | None:
    """Read what a question asks the reason of, and return its opposite."""
    decisions = [n for n in names if n.kind == "decision" and not n.total]
    found = [(n, ats) for n in decisions if mentions and (ats := _filled(n, mentions)) is not None]
    if len(found) > 1:
        found = best_fits(stems_told(question, names), found, everyone=decisions)
    if not found and not mentions:
        said = stems_of(question)
        plain = [n for n in decisions if not n.arity and stems_of(n.name) <= said]
        found = [(n, [()]) for n in plain] if len(plain) == 1 else []
    if not found:
        return None
    negated = bool(NOT.search(question)) != bool(_CLOSE.search(question))
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
