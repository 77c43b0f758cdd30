"""Whole things or parts of them, one of a kind or several: where the text does not say."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from optiwright.formulators.changes import ChangeDomain, Changes, Decide
from optiwright.formulators.model import Basis, Domain, Formulation, Variable
from optiwright.formulators.phrases import listing
from optiwright.formulators.questions import Kind, Question, of_two, slug
from optiwright.formulators.units import known_unit

_OTHER = {Domain.INTEGER: Domain.CONTINUOUS, Domain.CONTINUOUS: Domain.INTEGER}
_LABELS = {Domain.INTEGER: "whole numbers", Domain.CONTINUOUS: "fractions too"}
_SAID = re.compile(
    r"\b(?:integers?|whole|indivisible|cannot be (?:split|divided)|fractions?|fractional|discrete"
    r"|partial(?:ly)?|divisible|continuous|in any amount|part of an?|half an?|how many)\b",
    re.IGNORECASE,
)
_EITHER_WAY = re.compile(
    r"\b(?:batch(?:es)?|acres?|shares?|servings?|portions?|loads?|lots?|hours?|days?|weeks?"
    r"|shifts?|sheets?|plots?|pallets?|cords?|bales?|units of|bunches)\b",
    re.IGNORECASE,
)
"""What is counted and can be parted: half a batch may or may not make sense."""
_PIECES = re.compile(r"\bnumber of (?!hours|tonnes|tons|litres|liters|kilos|kilograms|acres)", re.I)
_KINDS = re.compile(
    r"\b(?:kinds|types|sorts|varieties|models|sizes|packages)\s+of\s+(\w+)", re.IGNORECASE
)
_HOW_OFTEN = re.compile(
    r"\b(?:at most one|only one|once|one of each|one of a kind|single|either|whether|any number"
    r"|as many|unlimited|several|yes or no|how many|number of|each (?:kind|type|sort) of)\b",
    re.IGNORECASE,
)
_ONE = ("one of each", "one of each kind is taken at most")
_MANY = ("several", "several of one kind may be taken")


def open_domains(formulation: Formulation, text: str) -> Iterator[Question]:
    """Yield the question whether decisions are whole, for all that are open together.

    Open is what the formulation itself calls assumed; and what is counted in batches, shares or
    the like, what is measured but whole, and a number of things that is not, unless the text says.
    """
    unsure = [v for v in formulation.variables if v.domain in _OTHER and _is_open(v, text)]
    if unsure:
        domain = unsure[0].domain
        yield _whole_or_parts([v for v in unsure if v.domain is domain])


def one_or_several(formulation: Formulation, text: str) -> Iterator[Question]:
    """Yield whether one of a kind is meant, or several, where kinds are chosen among."""
    kinds, variables = _KINDS.search(text), formulation.variables
    chosen = re.search(r"\bwhich\b", text, re.IGNORECASE)
    if kinds is None or chosen is None or _HOW_OFTEN.search(text):
        return
    if any(v.over for v in variables):
        return
    if all(v.domain is Domain.BINARY for v in variables):
        meant, other = _ONE, _MANY
        changes: Changes = tuple(
            ChangeDomain(variable=v.name, domain=Domain.INTEGER, several=True) for v in variables
        )
    elif all(v.domain is Domain.INTEGER and v.upper is None for v in variables):
        meant, other = _MANY, _ONE
        changes = tuple(Decide(decision=v.name, relation="<=", value=1) for v in variables)
    else:
        return
    yield of_two(
        slug("several", kinds.group(1)),
        Kind.LIMIT,
        f"May several {kinds.group(1)} of one kind be taken, or one of each at most?",
        meant,
        other,
        changes,
        kinds.group(),
    )


def _is_open(variable: Variable, text: str) -> bool:
    said = f"{variable.description} {variable.unit}".strip()
    measured = any(known_unit(word) for word in re.findall(r"[A-Za-z²]+", said) if len(word) > 1)
    pieces = bool(_PIECES.search(said)) and not measured
    if variable.domain_basis is not Basis.INFERRED:
        counted = bool(text) and pieces and variable.domain is Domain.INTEGER
        return variable.domain_basis is Basis.ASSUMED and not counted
    if not text or _SAID.search(text):
        return False
    if _EITHER_WAY.search(said):
        return True
    return measured if variable.domain is Domain.INTEGER else pieces


def _whole_or_parts(unsure: Sequence[Variable]) -> Question:
    names = listing([f"`{v.name}`" for v in unsure])
    first = unsure[0].domain
    other = _OTHER[first]
    what = listing([v.description or f"`{v.name}`" for v in unsure][:4])
    return of_two(
        "integrality",
        Kind.INTEGRALITY,
        f"Must these be whole numbers, or are parts of one possible too: {what}?",
        (_LABELS[first], f"with {names} {first.value}"),
        (_LABELS[other], f"with {names} {other.value}"),
        tuple(ChangeDomain(variable=v.name, domain=other) for v in unsure),
    )
