"""Shares of a sum ("no more than 30% of all boats are ferries") that small models take wrongly."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from optiwright.formulators.decided import linear_form, vacuous_requirements
from optiwright.formulators.directions import meaning
from optiwright.formulators.model import Algebraic, Domain, Formulation
from optiwright.formulators.plain import relations_like, scalar_values
from optiwright.formulators.text_numbers import TextNumber, numbers_in
from optiwright.formulators.units import known_unit
from optiwright.formulators.wording import clause_of, stems

_RELATION = re.compile(r"^(.*?)(<=|>=|==)(.*)$", re.DOTALL)
_OF_ITSELF = re.compile(r"\s*(\w+)\s*(<=|>=)\s*(\w+)\s*\*\s*\1\s*")
_OF_A_NUMBER = re.compile(r"\s*(\w+)\s*(<=|>=)\s*(\w+)\s*\*\s*(\w+)\s*")
_SPENT_ON = re.compile(
    r"[^.;,]{0,40}?\b(?:spent|invested|allocated|used|devoted|dedicated|put|go(?:es)?)\s+"
    r"(?:on|in|into|to|for|towards)\s+(?:the\s+|all\s+)*([a-z]+(?:\s[a-z]+){0,2})\s*(?=[.,;]|$)",
    re.IGNORECASE,
)
"""What a share is spent on: "30% of the money has to go to chairs"."""
_WHOLE = re.compile(
    r"\s*(?:%|percent)\s+of\s+(?:all\s+|the\s+|its\s+|total\s+|number of\s+)*(.+)", re.I
)
_ASKED = re.compile(
    r"^[^.;,]{0,40}?\b(?:required|needed|demanded|ordered|requested)\b(?!\s+to\b)",
    re.IGNORECASE,
)
"""Said of what is asked for, "65% of the tents needed": a share of that number, and of no sum."""
_VERBS = re.compile(r"\b(?:can|must|should|may|need|are|is|has|have|be|to|that|which)\b")
_DONE = re.compile(r"\w+ed|made|sold|built|taken|given|sent|bought|grown|chosen|held|run|eaten")
"""What has become of things: "60% of teeth filled"."""
_ROUNDING = 1e-9
_STOCKS = frozenset({"fund", "resource", "reserve", "earning", "saving", "good"})
"""Plural words for what is a stock and not a number of things that are decided."""


@dataclass(frozen=True)
class Share:
    """A requirement in which a share is taken of too little, or of something else.

    Attributes:
        constraint: as it is written.
        mended: its expression with the share taken of the whole sum.
        words: the text's, from the share on.
    """

    constraint: Algebraic
    mended: str
    words: str


def wrong_shares(formulation: Formulation, text: str) -> Iterator[Share]:
    """Yield the requirements whose share of a sum has one right form, and is written otherwise.

    - `ferries <= 0.3*ferries + rafts`: the share of the first summand alone, where the other side
      is one of them: the sum lacks its brackets.
    - `ferries <= 0.3*rafts`: the share of the other decision alone, where it speaks of a share of
      both.
    - `ferries <= 0.3*people`: the share of a total of something else, where it speaks of a share of
      what is decided.
    - `ferries <= 0.3*ferries + 0.7*rafts`: the rest of the share of the others.
    - `ferries <= 0.3*load`: the share of any total, where it holds whatever is decided.
    - `ferries <= 0.3*200`: the share of a number that the text states elsewhere, of another thing,
      where it speaks of a share of what is counted: of all that is decided.

    Args:
        formulation: a lifted flat one.
        text: the problem in words.
    """
    values = scalar_values(formulation)
    percents = [n for n in numbers_in(text) if n.percent]
    shares = {
        name: number
        for name, value in values.items()
        for number in percents
        if abs(100 * value - number.value) <= 1e-9 * max(1.0, number.value)
    }
    vacuous = vacuous_requirements(formulation) if shares else set()
    for constraint, found in relations_like(formulation, _RELATION):
        left, sign, right = found.groups()
        for side, other in ((left, right), (right, left)):
            for name, number in shares.items():
                whole = _whole(side.strip(), other.strip(), name, number, formulation, text)
                if not whole and constraint.name in vacuous:
                    whole = _of_what_is_counted(side.strip(), other.strip(), name, formulation)
                if whole:
                    mended = f"{name} * ({whole})"
                    turned = (mended, other.strip()) if side is left else (other.strip(), mended)
                    words = text[number.span[0] :].split(".")[0]
                    yield Share(constraint, f"{turned[0]} {sign} {turned[1]}", words[:60].strip())


def shares_of_itself(formulation: Formulation, text: str) -> Iterator[Share]:
    """Yield the requirements that hold a total against a share of itself: `boats <= 0.3*boats`.

    The text's clause around the share names the one decision that has it ("at most 30% of the boats
    can be ferries"): as much of it as it adds to the total, three tons a trip.
    """
    values = scalar_values(formulation)
    totals = {d.name for d in formulation.definitions if not d.over}
    percents = {n.value / 100: n for n in numbers_in(text) if n.percent}
    said = _said(formulation)
    for constraint, found in relations_like(formulation, _OF_ITSELF):
        number = percents.get(values.get(found[3], 0.0))
        if found[1] not in totals or number is None:
            continue
        clause = stems(clause_of(text, number))
        common = set.intersection(*said.values()) if len(said) > 1 else set()
        named = [name for name, words in said.items() if (words - common) & clause]
        if len(named) == 1:
            words = text[number.span[0] :].split(".")[0][:60].strip()
            part = _part(formulation, found[1], named[0])
            yield Share(constraint, f"{part} {found[2]} {found[3]} * {found[1]}", words)


def shares_spent(formulation: Formulation, text: str) -> Iterator[Share]:
    """Yield the requirements that hold all spending against a share for some of it alone.

    `cost >= 0.3 * 3000` for "at least 30% of the money has to go to chairs", where there are desks
    as well: of the cost only what the chairs add to it counts.
    """
    values = scalar_values(formulation)
    percents = {n.value / 100: n for n in numbers_in(text) if n.percent}
    totals = {d.name: d.expression for d in formulation.definitions if not d.over}
    stated = Counter(n.value for n in numbers_in(text) if n.percent)
    said = _said(formulation)
    for constraint, found in relations_like(formulation, _OF_A_NUMBER):
        total, sign, share, whole = found.groups()
        number = percents.get(values.get(share, 0.0))
        if total not in totals or number is None or whole not in values:
            continue
        spent = _SPENT_ON.match(text, number.span[1])
        told = meaning(text, number, stocks=False)
        if stated[number.value] > 1 or (told is not None and told.sign != sign):
            continue
        parts = [re.fullmatch(r"\s*(?:\w+ \* )?(\w+)\s*", t) for t in totals[total].split("+")]
        if spent is None or not all(part and part[1] in said for part in parts):
            continue
        meant = [p[0].strip() for p in parts if p and stems(spent[1]) <= said[p[1]]]
        if 0 < len(meant) < len(parts):
            words = text[number.span[0] :].split(".")[0][:60].strip()
            yield Share(constraint, f"{' + '.join(meant)} {sign} {share} * {whole}", words)


def _said(formulation: Formulation) -> dict[str, set[str]]:
    """Return the words of each decision's name and meaning, by name."""
    named = {v.name: f"{v.name} {v.description}" for v in formulation.variables}
    return {name: stems(words.replace("_", " ")) for name, words in named.items()}


def _part(formulation: Formulation, total: str, name: str) -> str:
    """Returns what a decision adds to a total, with the total's own coefficient."""
    factor = (linear_form(formulation, total) or {}).get(name, 1.0)
    whole = next(d.expression for d in formulation.definitions if d.name == total)
    written = re.search(rf"(\w+) \* {name}\b", whole)
    if factor == 1.0:
        return name
    symbol = written[1] if written else ""
    plain = scalar_values(formulation).get(symbol) != factor
    return f"{factor:.12g} * {name}" if plain else f"{symbol} * {name}"


def share_bounds(formulation: Formulation, text: str) -> Iterator[tuple[str, str, TextNumber]]:
    """Yield each decision with a bound that is a share of what is counted, and which bound.

    `ferries = integer(0, 40)` for "no more than 40% of all boats are ferries".
    """
    values = scalar_values(formulation)
    numbers = numbers_in(text)
    if not _counted(formulation):
        return
    for variable in formulation.variables:
        for bound, source in (("lower", variable.lower), ("upper", variable.upper)):
            value = values.get(source or "")
            stated = [n for n in numbers if value in (n.value, n.value / 100)]
            if value and len(stated) == 1 and stated[0].percent:
                if value != stated[0].value / 100 and stated[0].value / 100 in values.values():
                    continue  # the share is said elsewhere
                thing = _thing(stated[0], text)
                if thing and _of_all(thing, formulation):
                    yield variable.name, bound, stated[0]


def _whole(
    side: str, other: str, share: str, number: TextNumber, formulation: Formulation, text: str
) -> str:
    """Returns the sum that the share is to be taken of; nothing where that is not plain."""
    decisions = [v.name for v in formulation.variables]
    if other not in decisions:
        return ""
    found = re.fullmatch(rf"{re.escape(share)}\s*\*\s*(\w+)((?:\s*\+\s*\w+)*)", side)
    if found is None:
        return _with_the_rest(side, other, share, formulation, text)
    first, *rest = [found[1], *re.findall(r"\w+", found[2])]
    if rest:
        summands = [first, *rest]
        return " + ".join(summands) if other in summands and set(summands) <= {*decisions} else ""
    thing = _thing(number, text)
    if not thing or not _counted(formulation):
        return ""
    base = scalar_values(formulation).get(first)
    if base is None:
        alone = first in decisions and first != other
        alone = alone or _is_apart(first, thing, formulation)
        return " + ".join(decisions) if alone and _of_all(thing, formulation) else ""
    places = [n for n in numbers_in(text) if base in n.alternatives]
    its_own = any(stems(thing) & stems(clause_of(text, place)) for place in places)
    return " + ".join(decisions) if places and not its_own else ""


def _with_the_rest(side: str, other: str, share: str, formulation: Formulation, text: str) -> str:
    """Returns the sum of two of which one has the share and the other what is left of it.

    The text does not state what is left.
    """
    found = re.fullmatch(rf"{re.escape(share)}\s*\*\s*(\w+)\s*\+\s*(\w+)\s*\*\s*(\w+)", side)
    if found is None or found[1] != other:
        return ""
    values = scalar_values(formulation)
    rest = values.get(found[2], 0.0)
    left = abs(rest + values[share] - 1) <= _ROUNDING and abs(rest - values[share]) > _ROUNDING
    stated = any(rest in n.alternatives or 100 * rest == n.value for n in numbers_in(text))
    both = found[3] in {v.name for v in formulation.variables} - {other}
    return f"{found[1]} + {found[3]}" if left and not stated and both else ""


def _of_what_is_counted(side: str, other: str, share: str, formulation: Formulation) -> str:
    """Returns the sum of all that is counted, for a share of a total that says nothing."""
    totals = {d.name for d in formulation.definitions if not d.over}
    found = re.fullmatch(rf"{re.escape(share)}\s*\*\s*(\w+)", side)
    decisions = [v.name for v in formulation.variables]
    of_total = found is not None and found[1] in totals and other in decisions
    return " + ".join(decisions) if of_total and _counted(formulation) else ""


def _counted(formulation: Formulation) -> bool:
    whole = all(v.domain is Domain.INTEGER and not v.over for v in formulation.variables)
    return whole and len(formulation.variables) >= 2


def _is_apart(name: str, thing: str, formulation: Formulation) -> bool:
    """Whether a name is of a total of other things, and not the sum of what is decided."""
    total = next((d for d in formulation.definitions if d.name == name and not d.over), None)
    if total is None:
        return False
    said = stems(f"{total.name} {total.description}".replace("_", " "))
    form = linear_form(formulation, name)
    summed = form is not None and set(form.values()) == {1.0}
    return not summed and not stems(thing) & said


def _of_all(thing: str, formulation: Formulation) -> bool:
    """Whether a word is said of all decisions or of none: of trips by boat and trips by car."""
    said = [stems(thing) <= stems(f"{v.name} {v.description}") for v in formulation.variables]
    return all(said) or not any(said)


def _thing(share: TextNumber, text: str) -> str:
    """Returns the last word of what the text takes the share of, where these are things."""
    said = _WHOLE.match(text[share.span[1] - 1 :]) or _WHOLE.match(text[share.span[1] :])
    if said is None or _ASKED.search(said[1]):
        return ""
    words = re.findall(r"[A-Za-z]+", _VERBS.split(said[1])[0].split(",")[0].split(".")[0])
    if len(words) > 1 and _DONE.fullmatch(words[-1].lower()):
        del words[-1]
    if not 1 <= len(words) <= 3 or not words[-1].endswith("s"):
        return ""
    stock = any(known_unit(word) or word.lower().rstrip("s") in _STOCKS for word in words)
    return "" if stock else words[-1]
