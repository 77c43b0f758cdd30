"""Typed changes derived by hand from the wordings of the published what-if questions.

Test-side only: each type of question has its rule here, written against the base formulations that
come with the package, so that applying and solving are held to the published results without any
language model or reader of questions in between.
"""

from __future__ import annotations

import re

from optiwright.formulators.asked_numbers import asked_numbers
from optiwright.formulators.changes import (
    EACH,
    SUMMED,
    Add,
    Changes,
    Decide,
    Others,
    Scale,
    SetTo,
)
from optiwright.formulators.model import Formulation
from optiwright.formulators.together import never_both

_WORKERS = ("Amy", "Bob", "Cathy", "Dan", "Ed", "Fred", "Gu")
_OFF = (
    r"from (?P<off>\w+) to (?P<on>\w+)",
    r"off (?:on )?(?P<off>[A-Z]\w+\d+) (?:and|to) .*?(?P<on>[A-Z]\w+\d+)",
    r"(?:off|remove) (?:on )?(?P<off>[A-Z]\w+\d+).*?(?P<on>[A-Z]\w+\d+)",
    r"(?P<off>[A-Z]\w+\d+) off.*?(?P<on>[A-Z]\w+\d+)",
    r"working on (?P<off>[A-Z]\w+\d+) to (?P<on>[A-Z]\w+\d+)",
    r"(?P<on>[A-Z]\w+\d+).*(?:off (?:on )?(?P<off>[A-Z]\w+\d+)|(?P<off2>[A-Z]\w+\d+) off)",
)


def changes_for(base: Formulation, kind: str, question: str) -> Changes:
    """Return the changes that a question of a type stands for, in one of the three bases."""
    return _RULES[kind](base, question)


def _found(pattern: str, question: str) -> str:
    match = re.search(pattern, question, re.IGNORECASE)
    assert match is not None, question
    return str(match[0]).lower()


def _number(question: str) -> float:
    numbers = [n for n in asked_numbers(question) if n.value not in {1.0} or "1" in question]
    return numbers[0].value


def _percent(question: str) -> float:
    return next(n.value for n in asked_numbers(question) if n.percent)


def _demand(names: tuple[str, ...], question: str) -> Changes:
    cafe = _found(r"cafe\d", question)
    factor = (100 + _percent(question)) / 100
    return tuple(Scale(parameter=name, at=(cafe,), factor=factor) for name in names)


def _shipping(base: Formulation, question: str) -> Changes:
    at = (_found(r"supplier\d", question), _found(r"roastery\d", question))
    return (SetTo(parameter="supply_cost", at=at, value=_number(question)),)


def _supply(base: Formulation, question: str) -> Changes:
    at = (_found(r"supplier\d", question), _found(r"roastery\d", question))
    return (Decide(decision="beans", at=at, value=0),)


def _only(base: Formulation, question: str) -> Changes:
    roastery, cafe = _found(r"roastery\d", question), _found(r"cafe\d", question)
    at = (roastery, Others(other_than=cafe))
    return tuple(Decide(decision=name, at=at, value=0) for name in ("light", "dark"))


def _exclusive(base: Formulation, question: str) -> Changes:
    roastery, cafe = _found(r"roastery\d", question), _found(r"cafe\d", question)
    at = (Others(other_than=roastery), cafe)
    back = tuple(Decide(decision=name, at=at, value=0) for name in ("light", "dark"))
    return (*_only(base, question), *back)


def _half(base: Formulation, question: str) -> Changes:
    return (Scale(parameter="capacity", at=(_found(r"supplier\d", question),), factor=0.5),)


def _worker(question: str) -> str:
    return next(str(w) for w in re.findall(r"[A-Z][a-z]+", question) if w in _WORKERS)


def _swap(base: Formulation, question: str) -> Changes:
    days = {"Monday": "Mon", "Tuesday": "Tue", "Wednesday": "Wed", "Thursday": "Thu"}
    question = re.sub(
        r"the (\d+)(?:st|nd|rd|th) of (\w+)", lambda m: f"{days[m[2]]}{m[1]}", question
    )
    found = next(m for p in _OFF if (m := re.search(p, question)))
    groups = found.groupdict()
    off, on = groups.get("off") or groups.get("off2"), groups["on"]
    worker = _worker(question)
    assert off is not None
    return (
        Decide(decision="work", at=(worker, off), value=0),
        Decide(decision="work", at=(worker, on), value=1),
    )


def _pay(base: Formulation, question: str) -> Changes:
    return (SetTo(parameter="pay", at=(_worker(question),), value=_number(question)),)


def _limit(base: Formulation, question: str) -> Changes:
    one = [w for w in re.findall(r"[A-Z][a-z]+", question) if w in _WORKERS]
    least = re.search(r"least|minimum|3-shift min", question) and not one
    return (
        Decide(
            decision="work",
            at=(one[0] if one else EACH, SUMMED),
            relation=">=" if least and "at most" not in question else "<=",
            value=_number(question),
        ),
    )


def _more_people(base: Formulation, question: str) -> Changes:
    amount = _number(question)
    return tuple(Add(parameter="required", at=(day,), amount=amount) for day in ("Mon1", "Mon8"))


def _apart(base: Formulation, question: str) -> Changes:
    one, other = (w for w in re.findall(r"[A-Z][a-z]+", question) if w in _WORKERS)
    return tuple(never_both(base, ("work", (one, EACH)), ("work", (other, EACH)), "test"))


def _plant(question: str) -> str:
    return f"Plant {_found(r'plant +[0-9]', question)[-1]}"


def _closed(base: Formulation, question: str) -> Changes:
    return (Decide(decision="open", at=(_plant(question),), value=0),)


def _edge(base: Formulation, question: str) -> Changes:
    warehouse = f"Warehouse {_found(r'warehouse +[0-9]', question)[-1]}"
    at = (_plant(question), warehouse)
    return (Decide(decision="ship", at=at, relation=">=", value=1),)


def _halved(base: Formulation, question: str) -> Changes:
    return (Scale(parameter="fixed_cost", at=(_plant(question),), factor=0.5),)


def _more_demand(base: Formulation, question: str) -> Changes:
    return (Add(parameter="demand", amount=_number(question)),)


_RULES = {
    "demand-increase": lambda _, q: _demand(("light_demand", "dark_demand"), q),
    "demand-increase-light": lambda _, q: _demand(("light_demand",), q),
    "supplier-roastery-shipping": _shipping,
    "supply-roastery": _supply,
    "incompatible-roastery-cafes": _only,
    "exclusive-roastery-cafe": _exclusive,
    "supplier-capacity": _half,
    "constraint-availability": _swap,
    "data-pay": _pay,
    "shift-limit": _limit,
    "data-shift-requirements": _more_people,
    "shift-conflicts": _apart,
    "open-close": _closed,
    "transport-yes-not": _edge,
    "open-cost": _halved,
    "demand-value": _more_demand,
}
