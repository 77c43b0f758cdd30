"""How a text compares two things that are decided ("at least twice as many vans as carts").

A small model turns such a sentence round (`2*vans >= carts`), says with it what always holds, or
leaves it out; the words say which of the two is the greater.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from optiwright.formulators.decided import linear_form
from optiwright.formulators.model import Algebraic, Domain, Formulation
from optiwright.formulators.parser import names_through
from optiwright.formulators.plain import scalar_values
from optiwright.formulators.text_numbers import ONES
from optiwright.formulators.wording import sentences

_LEAST = "at least|no less than|not less than|no fewer than|not fewer than|a minimum of"
_MOST = (
    "at most|no more than|not more than|up to|a maximum of|(?:can ?not|must not|may not|should not"
    "|not) (?:exceed|be (?:more|greater|larger?|higher) than)"
)
_FACTORS = {"half": 0.5, "twice": 2.0, "double": 2.0, "thrice": 3.0, "triple": 3.0}
_COUNTED = {word: float(k) for k, word in enumerate(ONES[2:11], 2)}
_BOUND = r"must|should|has to|have to|needs? to|required to"
_MULTIPLE = (
    rf"(?:(?P<word>{'|'.join(_FACTORS)})"
    rf"|(?P<number>\d+(?:\.\d+)?|{'|'.join(_COUNTED)})[ -]times)\b"
)
_TIMES = re.compile(
    rf"\b(?:(?P<least>{_LEAST})|(?P<most>{_MOST})|(?P<same>(?:{_BOUND})(?: \w+)?(?: exactly)?))\s+"
    rf"{_MULTIPLE}",
    re.IGNORECASE,
)
_EXCEED = re.compile(
    r"\b(?:(?P<most>(?:can ?not|must not|may not|should not|(?:does|do|must|should) not)"
    r" (?:exceed|be (?:more|greater|larger?|higher) than|outnumber))"
    rf"|(?P<least>(?:{_BOUND}) (?:exceed|outnumber|be (?:more|greater|larger?|higher) than)))\b"
    rf"(?!\s+{_MULTIPLE.replace('?P<word>', '?:').replace('?P<number>', '?:')})",
    re.IGNORECASE,
)
_MORE = re.compile(r"\bmore\b", re.IGNORECASE)
_AS = re.compile(r"\b(?:as|than|that of|compared to|compared with)\b", re.IGNORECASE)
_CLAUSE = re.compile(
    r"[;:,]\s|\n|\\n|\b(?:but|while|because|since|whereas|although)\b", re.IGNORECASE
)
_TOGETHER = re.compile(r"\b(?:combined|total|sum|together|both|either)\b", re.IGNORECASE)
_SUBJECT = re.compile(r"\b(?:the|number|amount)\b", re.IGNORECASE)
_WORD = re.compile(r"[A-Za-z]{2,}")
_RELATION = re.compile(r"^([^<>=]*)(<=|>=|==)([^<>=]*)$", re.DOTALL)
_FLIPPED = {"<=": ">=", ">=": "<=", "==": "=="}
_NEAR = 1e-9


@dataclass(frozen=True)
class Ratio:
    """A sentence that holds one decision against a multiple of another.

    Attributes:
        first: the one that is at least, or at most, so many times the other.
        sign: `>=`, `<=` or `==`, as in `first >= factor * second`.
        factor: 1 where they are compared plainly.
        second: the other.
        strict: whether they may not be equal.
        words: the text's.
    """

    first: str
    sign: str
    factor: float
    second: str
    strict: bool
    words: str


@dataclass(frozen=True)
class Misread:
    """A ratio of the text that the formulation turns round, says nothing with, or leaves out.

    Attributes:
        ratio: what the text says.
        constraint: what is to be replaced; None where it is left out.
        more: what follows the multiple in what is to be required: where they may not be equal.
    """

    ratio: Ratio
    constraint: Algebraic | None
    more: str

    def written(self, factor: str) -> str:
        """Return what is to be required, with the factor's name or digits; none where it is 1."""
        times = "" if self.ratio.factor == 1 else f"{factor} * "
        return f"{self.ratio.first} {self.ratio.sign} {times}{self.ratio.second}{self.more}"


def misread_ratios(formulation: Formulation, text: str) -> Iterator[Misread]:
    """Yield the ratios of the text that no requirement has, with the one right form.

    Args:
        formulation: a lifted flat one; one with indices has none.
        text: the problem in words.
    """
    if any(v.over for v in formulation.variables):
        return
    said = {v.name: f"{v.name} {v.description}" for v in formulation.variables}
    found = list(ratios_in(text, said))
    pairs = [frozenset({r.first, r.second}) for r in found]
    for ratio, pair in zip(found, pairs, strict=True):
        if pairs.count(pair) > 1:
            continue
        held = [(c, form, sign) for c, form, sign in _held(formulation) if pair <= form.keys()]
        more = _more(formulation, ratio)
        if any(_says(form, sign, ratio, more) for _, form, sign in held):
            continue
        about = [c for c, form, _ in _held(formulation) if _is_about(form, ratio, formulation, c)]
        apart = all(form[ratio.first] * form[ratio.second] > 0 for _, form, _ in held)
        if len(about) == 1 or (not about and apart and not _is_curved(formulation, pair)):
            yield Misread(ratio, about[0] if about else None, more)


def ratios_in(text: str, things: Mapping[str, str]) -> Iterator[Ratio]:
    """Yield what a text says of one thing against another.

    Args:
        text: the problem in words.
        things: their names with the words by which they are known; words of several tell nothing.
    """
    known = _telling(things)
    for _, sentence in sentences(text):
        for phrase in [*_TIMES.finditer(sentence), *_EXCEED.finditer(sentence)]:
            factor = _factor(phrase)
            pair = _compared(sentence, phrase, known)
            if pair is not None:
                sign = "<=" if phrase["most"] else ">=" if phrase["least"] else "=="
                strict = phrase.re is _EXCEED and sign == ">="
                yield Ratio(
                    pair[0], sign, factor, pair[1], strict, _shown(sentence, phrase.start())
                )
        for phrase in _MORE.finditer(sentence):
            pair = _after(sentence[phrase.end() :], known)
            before = _CLAUSE.split(sentence[: phrase.start()])[-1]
            plain = re.search(rf"\b(?:{_BOUND})\b", before, re.I)
            other = re.search(r"times\s*$|\bno\s*$|\bnot\b", before, re.I)
            if pair is not None and plain and not other:
                yield Ratio(pair[0], ">=", 1.0, pair[1], True, _shown(sentence, phrase.start()))


def _telling(things: Mapping[str, str]) -> dict[str, str]:
    """Returns the stems that tell one thing from all others, with its name.

    Of its own name, where that has any.
    """
    words = {name: _stems(said) for name, said in things.items()}
    own = {name: _stems(name) for name in things}
    telling: dict[str, str] = {}
    for name in things:
        others = set().union(*(w for n, w in words.items() if n != name))
        for stem in (own[name] - others) or (words[name] - others):
            telling[stem] = name
    return telling


def _stems(words: str) -> set[str]:
    return {_stem(w) for w in _WORD.findall(words.replace("_", " "))}


def _stem(word: str) -> str:
    return re.sub(r"(?:es|s)$", "", word.lower())


def _factor(phrase: re.Match[str]) -> float:
    groups = phrase.groupdict()
    if word := groups.get("word"):
        return _FACTORS[word.lower()]
    number = groups.get("number")
    return _COUNTED.get(number.lower()) or float(number) if number else 1.0


def _mentions(words: str, known: Mapping[str, str]) -> list[tuple[str, int, int]]:
    """Returns the things that words mention, in their order, each once in a row, with its span."""
    found: list[tuple[str, int, int]] = []
    for match in _WORD.finditer(words):
        name = known.get(_stem(match.group()))
        if name and found and found[-1][0] == name:
            found[-1] = (name, found[-1][1], match.end())
        elif name:
            found.append((name, match.start(), match.end()))
    return found


def _compared(
    sentence: str, phrase: re.Match[str], known: Mapping[str, str]
) -> tuple[str, str] | None:
    """Returns the two that are compared, the first of them what is so many times the other."""
    rest = sentence[phrase.end() :]
    pair = _after(rest, known) if phrase.re is _TIMES else None
    if pair is not None:
        return pair
    rest = re.split(r"\d|\band\b", _CLAUSE.split(rest)[0])[0]
    mentioned = _mentions(rest, known)
    clause = _CLAUSE.split(sentence[: phrase.start()])[-1]
    last = re.split(r"\band\b", clause)[-1]
    for part in (clause, last if _SUBJECT.search(last) else ""):
        before = {name for name, *_ in _mentions(part, known)}
        apart = len(before) == 1 and not _TOGETHER.search(part)
        if apart and mentioned and mentioned[0][0] not in before:
            return before.pop(), mentioned[0][0]
    return None


def _after(rest: str, known: Mapping[str, str]) -> tuple[str, str] | None:
    """Returns the two of "... as many vans (must be used) as carts": nothing of other words."""
    mentioned = _mentions(_CLAUSE.split(rest)[0], known)
    if len(mentioned) < 2:
        return None
    (first, _, end), (second, start, _) = mentioned[:2]
    between = rest[end:start]
    joined = _AS.search(between) and not re.search(r"\b(?:and|or)\b|\d", between)
    return (first, second) if joined else None


def _shown(sentence: str, at: int) -> str:
    """Returns the words around a place, from their clause's beginning on."""
    before = re.split(r"[;:,]\s", sentence[:at])[-1]
    after = re.split(r"[;:,.](?=\s|$)", sentence[at:])[0]
    return " ".join((before + after).split())


def _held(formulation: Formulation) -> Iterator[tuple[Algebraic, dict[str, float], str]]:
    """Yield the linear requirements as left less right, by decision, and their sign."""
    for constraint in formulation.constraints:
        found = _RELATION.match(getattr(constraint, "expression", ""))
        if isinstance(constraint, Algebraic) and found is not None:
            form = linear_form(formulation, f"({found[1]}) - ({found[3]})")
            if form is not None:
                yield constraint, form, found[2]


def _is_about(
    form: dict[str, float], ratio: Ratio, formulation: Formulation, constraint: Algebraic
) -> bool:
    """Whether a requirement holds the two against each other, or one against so many of itself."""
    decided = form.keys() - {""}
    constant = form.get("", 0.0)
    if len(decided) == 1:
        inside = {d.name: d.expression for d in formulation.definitions}
        numbers = scalar_values(formulation)
        held = {numbers.get(n) for n in names_through([constraint.expression], inside)}
        of_itself = ratio.factor != 1 and ratio.factor in held
        return of_itself and not constant and decided < {ratio.first, ratio.second}
    if decided != {ratio.first, ratio.second} or abs(constant) > (ratio.factor == 1):
        return False
    first, second = form[ratio.first], form[ratio.second]
    if first * second > 0:
        return False
    plain = {abs(first), abs(second)} == {1.0}
    return plain or any(abs(-second / first - k) <= _NEAR for k in (ratio.factor, 1 / ratio.factor))


def _is_curved(formulation: Formulation, pair: frozenset[str]) -> bool:
    """Whether a requirement that is not linear has both: the ratio may be said in that."""
    linear = {c.name for c, *_ in _held(formulation)}
    inside = {d.name: d.expression for d in formulation.definitions}
    others = [c for c in formulation.constraints if c.name not in linear]
    return any(
        not isinstance(c, Algebraic) or pair <= names_through([c.expression], inside)
        for c in others
    )


def _says(form: dict[str, float], sign: str, ratio: Ratio, more: str) -> bool:
    """Whether a requirement is what the text says, or an equation of it."""
    first, second = form[ratio.first], form[ratio.second]
    if first < 0:
        sign = _FLIPPED[sign]
    if more and form.get("", 0.0) / first > -1:
        return False
    same = abs(-second / first - ratio.factor) <= _NEAR
    return same and (sign == ratio.sign or "==" in (sign, ratio.sign))


def _more(formulation: Formulation, ratio: Ratio) -> str:
    whole = {v.name for v in formulation.variables if v.domain is Domain.INTEGER}
    return " + 1" if ratio.strict and {ratio.first, ratio.second} <= whole else ""
