"""Limits that a text has and a formulation leaves out, set where one total is described by them."""

from __future__ import annotations

import re

from optiwright.formulators.decided import vacuous_requirements
from optiwright.formulators.directions import meaning
from optiwright.formulators.mended_parts import assuming, requiring, with_number, without
from optiwright.formulators.model import Domain, Formulation, Sense
from optiwright.formulators.number_checks import unused_numbers
from optiwright.formulators.parser import names_of
from optiwright.formulators.plain import plain_relations
from optiwright.formulators.text_numbers import TextNumber
from optiwright.formulators.wording import clause_of, sentence_of, stems, words_after

_EMPTY = frozenset(
    {"the", "and", "for", "are", "that", "can", "per", "each", "all", "with", "available"}
)
_NEXT = re.compile(r"\b(?:and|but)\b")
_TOGETHER = re.compile(r"\b(?:total|in all|altogether|available)\b", re.IGNORECASE)
_APART = re.compile(r"\b(?:each|every|per|any|either|both|apiece)\b", re.IGNORECASE)
_HOW_OFTEN = re.compile(
    r"\b(?:each|every|per|any)\s+(?:(?:working|calendar)\s+)?"
    r"(?:second|minute|hour|shift|day|night|week|month|quarter|season|year|morning|evening)\b",
    re.IGNORECASE,
)
_APART_BEFORE = re.compile(
    r"\b(?:on|in|for|at|to|from|by|of)\s+(?:each|every|either|both)\b[^,.;]{0,30},\s*$",
    re.IGNORECASE,
)
_SPENT = frozenset({"budget", "cost", "dollar", "euro", "spent", "expense"})


def add_limits(formulation: Formulation, text: str) -> Formulation:
    """Return the formulation with the limits that the text has and it had not."""
    stocks = any(o.sense is Sense.MAXIMIZE for o in formulation.objectives)
    for number in unused_numbers(text, formulation):
        meant = meaning(text, number, stocks=stocks)
        if meant is None or number.percent or number.value <= 0 or number.is_part:
            continue
        if _is_of_each(text, number):
            continue
        said = stems(_NEXT.split(words_after(text, number))[0]) - _EMPTY
        if "budget" in meant.words.lower():
            said |= _SPENT
        total = _described(formulation, said)
        if not total and _is_of_all(text, number):
            total = _all_decisions(formulation, said)
        if total and not _limited(formulation, total, meant.sign):
            formulation = _with_limit(formulation, total, meant.sign, number, meant.words)
    return formulation


def _is_of_each(text: str, number: TextNumber) -> bool:
    """Whether a clause says its number of things one by one: "$2,000 on each pond"."""
    clause = clause_of(text, number)
    before = text[: number.span[0]]
    start = max(before.rfind(sign) for sign in ".;,\n") + 1
    return bool(_APART.search(_HOW_OFTEN.sub("", clause)) or _APART_BEFORE.search(before[:start]))


def _is_of_all(text: str, number: TextNumber) -> bool:
    """Whether a sentence says its number of all together, and of none apart."""
    sentence, _ = sentence_of(text, number)
    return _TOGETHER.search(sentence) is not None and _APART.search(sentence) is None


def _all_decisions(formulation: Formulation, words: set[str]) -> str:
    """Return the sum of all decisions, if each is said of these words, and none apart from others.

    Of "80 workers" where every decision is a number of workers.
    """
    said = [stems(f"{v.name} {v.description}".replace("_", " ")) for v in formulation.variables]
    indexed = any(v.over or v.domain is Domain.BINARY for v in formulation.variables)
    if len(said) < 2 or indexed:
        return ""
    shared = set.intersection(*said) - _EMPTY
    apart = set.union(*said) - shared
    return (
        " + ".join(v.name for v in formulation.variables)
        if (words & shared and not words & apart)
        else ""
    )


def _described(formulation: Formulation, words: set[str]) -> str:
    """Return the scalar total that is described by most of these words; nothing if two are."""
    fits = sorted(
        (len(stems(f"{d.name} {d.description}".replace("_", " ")) & words), d.name)
        for d in formulation.definitions
        if not d.over
    )
    best = fits[-1] if fits else (0, "")
    tied = len(fits) > 1 and fits[-2][0] == best[0]
    return best[1] if best[0] and not tied else ""


def _limited(formulation: Formulation, total: str, sign: str) -> bool:
    """Whether a requirement holds this very total against something with this sign."""
    start = re.compile(rf"\s*([\w+ ]+?)\s*(?:{sign}|==)")
    parts = sorted(re.findall(r"\w+", total))
    held = [m[1] for _, plain in plain_relations(formulation) if (m := start.match(plain))]
    return any(sorted(re.findall(r"\w+", left)) == parts for left in held)


def _with_limit(
    formulation: Formulation, total: str, sign: str, number: TextNumber, words: str
) -> Formulation:
    # What it said of this total instead, and what says nothing, was meant to be the limit.
    idle = {
        c.name
        for c, _ in plain_relations(formulation)
        if total in names_of(c.expression) and c.name in vacuous_requirements(formulation)
    }
    formulation = without(formulation, idle)
    label = total if total.isidentifier() else "all"
    formulation, limit = with_number(formulation, f"{label}_limit", number.value, words)
    formulation, name = requiring(
        formulation, f"{label}_requirement", f"{total} {sign} {limit}", words
    )
    said = f'"{words}" in the text limits `{total}`: {total} {sign} {number.value:.10g}.'
    return assuming(formulation, said, {name})
