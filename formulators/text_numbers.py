"""The numbers that a text states: digits, percents, fractions, words, currencies, tables.

Separators: a comma or a space before exactly three digits groups thousands (1,250 and 1 250 are
1250); several commas, or a comma and then a point, likewise (1,250.5 is 1250.5). A point before a
comma groups thousands and the comma is the decimal one (1.250,5 is 1250.5). A single point is
always decimal (1.250 is 1.25), a single comma before other than three digits too (2,5 is 2.5).
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from optiwright.formulators.rounding import ROUNDED
from optiwright.formulators.text_layout import laid_out, naming

ONES = [
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
]
"""The words for 0 to 19."""
TENS = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
"""The words for 20, 30, ..., 90."""
_WORDS: dict[str, float] = {
    **{word: float(k) for k, word in enumerate(ONES)},
    **{word: 10.0 * (k + 2) for k, word in enumerate(TENS)},
}
_SCALES = {"hundred": 100.0, "thousand": 1e3, "million": 1e6, "billion": 1e9, "dozen": 12.0}
_SPECIAL = {
    "half": 0.5, "quarter": 0.25, "third": 1 / 3, "thirds": 1 / 3, "quarters": 0.25,
    "fifth": 0.2, "fifths": 0.2, "tenth": 0.1, "tenths": 0.1,
    "twice": 2.0, "double": 2.0, "thrice": 3.0, "triple": 3.0,
}  # fmt: skip
_AMBIGUOUS = frozenset({"third", "quarter", "fifth", "tenth", "one", "zero", "double", "triple"})
"""Words that count only in a fraction or beside other number words: ordinals, pronouns, names."""

_GLYPHS = {"½": 0.5, "¼": 0.25, "¾": 0.75, "⅓": 1 / 3, "⅔": 2 / 3, "⅕": 0.2, "⅛": 0.125}
_SUFFIXES = {
    "k": 1e3, "K": 1e3, "M": 1e6, "m": 1e6, "bn": 1e9,
    "thousand": 1e3, "million": 1e6, "billion": 1e9,
}  # fmt: skip
"""A lower-case m or bn counts after a currency sign only: 5 m is five metres."""

_DIGITS = "|".join(
    (
        r"\d{1,3}(?:,\d{3})+(?:\.\d+)?",
        r"\d{1,3}(?:['’]\d{3})+(?:\.\d+)?(?!\d)",
        r"\d{1,3}(?:\.\d{3})+,\d+",
        r"\d{1,3}(?:[ \u00a0\u202f]\d{3})+(?:\.\d+)?(?!\d)",
        r"(?<!\d,)\d+,(?:\d{1,2}|\d{4,})(?![\d,])",
        r"\d+\.\d+",
        r"\.\d+",
        r"\d+",
    )
)
_NUMBER = re.compile(
    rf"(?<![\w.])(?P<money>[$€£¥]\s?)?(?P<digits>(?:{_DIGITS}))(?P<exponent>[eE][+-]?\d+)?"
    rf"(?:\s?(?P<glyph>[{''.join(_GLYPHS)}])|\s?/\s?(?P<over>\d+(?:\.\d+)?)(?![\w/]))?"
    r"(?P<suffix>[kKM](?![\w²³])|(?(money)(?:m|bn)(?!\w)|(?!))|\s(?:million|billion|thousand)\b)?"
    r"(?P<percent>\s?%|\s?per\s?cent\b)?"
)
_GLYPH = re.compile(rf"[{''.join(_GLYPHS)}]")
_WORD = re.compile(r"[A-Za-z]+")
_UNIT = re.compile(
    r"[ \t\-]*(?:(?:other|remaining)[ \t]+)?([A-Za-z°][\w²³°]*(?:/\w+)?|[$€£%](?!\s?\d))"
)
_OF_ONE = re.compile(r"\s+(?:of\s+)?an?\s+([A-Za-z]+)")
"""What goes on with a part of a unit: half an hour, 3/4 of a mile."""
_AND_A_PART = re.compile(
    r"(?:[ \t]+and[ \t]+an?[ \t]+(?P<word>half|quarter|third)"
    r"|[ \t]+and[ \t]+(?P<many>three|two)[ -](?P<words>quarters|thirds)"
    r"|[ \t]+(?:and[ \t]+)?(?P<over>\d)/(?P<under>\d\d?))(?![\w/-]|[ \t]+of\b|[ \t]*\|)",
    re.IGNORECASE,
)
"""What makes one number of a whole one and a part: `6 and a half`, `1 1/2`."""
_ONE_AND = re.compile(
    r"\b(?:one|an?[ \t]+(?P<unit>hour|minute|day|week|month|year|dozen|kilo|kg|mile|ton"
    r"|kilomet(?:er|re)|lit(?:er|re)))(?=[ \t]+and[ \t]+an?[ \t]+(?:half|quarter|third)\b"
    r"(?![ \t]+of\b))",
    re.IGNORECASE,
)
"""`one and a half`, `an hour and a half`: one, which is no number by itself."""
_NO_UNITS = re.compile(
    r"(?:an?|and|are|as|at|be|but|by|can|each|for|from|if|in|into|is|it|may|must|no|of|on|or|per|so"
    r"|than|that|the|then|there|they|this|to|was|we|were|which|while|will|with|x)$",
    re.IGNORECASE,
)
_LABELS = (
    "product", "step", "machine", "plant", "site", "factory", "warehouse", "city", "month", "day",
    "week", "period", "quarter", "job", "task", "type", "table", "figure", "case", "item", "node",
    "customer", "store", "market", "project", "model", "option", "line", "phase", "stage", "zone",
    "region", "worker", "employee", "truck", "route", "group", "class", "grade", "part", "no",
    "process", "location", "center", "centre", "facility", "supplier", "shift", "team", "year",
    "crop", "field", "food", "ingredient", "resource", "department", "facilities", "section",
    "district", "investment",
)  # fmt: skip
_LABEL_BEFORE = re.compile(rf"\b(?:cities|{'|'.join(_LABELS)})s?\s*#?\s*$", re.IGNORECASE)
_EACH_BEFORE = re.compile(r"\b(?:each|every|per|a|an)\s+\w+,?\s*$", re.IGNORECASE)
_LAST_LABEL = 99
_REACH = 400
"""Characters before a number in which a list of labels that it ends may begin: ninety-nine fit."""
_LABEL_LIST = re.compile(
    rf"\b(?:cities|{'|'.join(_LABELS)})s?\s*#?\s*\d+(?:\s*(?:,|and|or|to|through|,\s*and)\s*\d+)*"
    r"\s*(?:,|and|or|to|through|,\s*and|-|–)\s*$",
    re.IGNORECASE,
)
_CAPTION = re.compile(
    r"\b(?:Tab(?:le|\.)|Fig(?:ure|\.)|Exhibit|Appendix|Chapter|Section|Example|Exercise)s?\s+"
    r"(?:\d+[.-]\d+(?:\s*(?:,\s*and|,|and|or|to|through|-|–)\s*)?)*$"
)
"""What a number of two parts goes on with as one of a table's: `Table 3.1`, `Tables 3-23, 3-24`."""
_CODE_BEFORE = re.compile(
    r"\b(?:product|model|type|grade|item|part|article|order|code|alloy|resin|route|flight|train|line"
    r"|mixture)s?\s+[A-Z]{1,4}-$",
    re.IGNORECASE,
)
"""What a number goes on with as a product's: `product B-55`."""
_SPOKEN_OF = re.compile(
    r"\s+(?!(?:is|are|and|or|shows?|gives?|lists?|below|above|for|with|of|in|on|contains?|presents?"
    r"|has|have|holds?|describes?|summari\w+|to|that|which|as|we|the)\b)[a-z%$€£]"
)
"""What follows an amount (`Table 3.5 hours`) and no table's number."""
_YEAR_BEFORE = re.compile(
    r"\b(?:in|of|since|until|by|year|during|from|january|february|march|april|may|june|july|"
    r"august|september|october|november|december)\s+$",
    re.IGNORECASE,
)
FIRST_YEAR, LAST_YEAR = 1900, 2100
"""Whole numbers that may be years."""
_BUILT_BEFORE = re.compile(r"\b(?:built|founded|opened|established)\s+(?:in\s+)?$", re.IGNORECASE)
_MONTH_AFTER = re.compile(
    r"(?:st|nd|rd|th)?\s+(?:January|February|March|April|May|June|July|August|September|October"
    r"|November|December)\b"
)


_PART = re.compile(r"\d+(?:\.\d+)?\s*/\s*\d|(?!\d)\w")
"""How a part of something is written: 1/4, a third, ¼."""


@dataclass(frozen=True)
class TextNumber:
    """A number in a text.

    A percent's value is the number before the sign; `alternatives` has the fraction too.
    """

    value: float
    words: str
    """The number as the text has it, with the unit's word where there is one."""
    span: tuple[int, int]
    """Characters of the number itself, half-open."""
    unit_hint: str = ""

    @property
    def percent(self) -> bool:
        """Whether it is a percentage."""
        return self.unit_hint == "%"

    @property
    def is_part(self) -> bool:
        """Whether it is written as a part of something: "a third", "1/4"."""
        return 0 < self.value < 1 and _PART.match(self.words) is not None

    @property
    def alternatives(self) -> tuple[float, ...]:
        """The values that stand for it: of 20% both 20 and 0.2."""
        return (self.value, self.value / 100) if self.percent else (self.value,)


def numbers_in(text: str) -> list[TextNumber]:
    """Return the numbers that a text states, in its order.

    Numbers that only name something are left out: "Product 1", "Step 2", list markers at the start
    of a line, years that a word such as "in" marks as such, the numbers of tables, what an answer
    is to be rounded to, and what `text_layout` knows.
    """
    found = [*_digits(text, labels=False), *_spelled(text)]
    rounding = [m.span() for m in ROUNDED.finditer(text)]
    found = [n for n in found if not any(a <= n.span[0] < b for a, b in rounding)]
    taken: list[TextNumber] = []
    for number in sorted(found, key=lambda n: (n.span[0], -n.span[1])):
        if not taken or number.span[0] >= taken[-1].span[1]:
            taken.append(number)
    return _with_halves(taken, text)


def _with_halves(numbers: list[TextNumber], text: str) -> list[TextNumber]:
    """Return the numbers, `6 and a half` and `1 1/2` as one each."""
    ones = [
        TextNumber(1.0, found[0], found.span(), found["unit"] or "")
        for found in _ONE_AND.finditer(text)
    ]
    whole: list[TextNumber] = []
    for number in sorted([*numbers, *ones], key=lambda n: n.span):
        if whole and number.span[0] < whole[-1].span[1]:
            continue
        part = _AND_A_PART.match(text, number.span[1])
        one = number in ones
        if part is None or not number.value.is_integer() or (number.unit_hint and not one):
            whole.append(number)
            continue
        if part["over"]:
            share = int(part["over"]) / max(1, int(part["under"]))
        else:
            word = (part["word"] or part["words"]).lower()
            share = _WORDS[(part["many"] or "one").lower()] * _SPECIAL[word]
        if share >= 1:
            whole.append(number)
            continue
        value = number.value + share
        whole.append(_number(text, number.span[0], part.end(), value, number.unit_hint))
    return whole


def stated_once(text: str) -> dict[float, TextNumber]:
    """Return the values that one number of a text has and no other, with that number."""
    numbers = numbers_in(text)
    stated = Counter(value for number in numbers for value in {*number.alternatives})
    return {v: n for n in numbers for v in n.alternatives if stated[v] == 1}


def labels_in(text: str) -> list[TextNumber]:
    """Return the numbers that `numbers_in` leaves out, since they seem to name something."""
    return list(_digits(text, labels=True))


def _digits(text: str, *, labels: bool) -> Iterator[TextNumber]:
    layout, names = laid_out(text), naming(text)
    for match in _NUMBER.finditer(text):
        label = match.start("digits") in names or _is_label(text, match)
        if match.start("digits") in layout or label != labels:
            continue
        value = _amount(match["digits"]) * float(f"1{match['exponent'] or ''}")
        if match["glyph"]:
            value += _GLYPHS[match["glyph"]]
        if match["over"] and float(match["over"]):
            value /= float(match["over"])
        value *= _SUFFIXES.get((match["suffix"] or "").strip(), 1.0)
        unit = "%" if match["percent"] else (match["money"] or "").strip()
        if math.isfinite(value):
            yield _number(text, match.start(), match.end(), value, unit)
    for match in () if labels else _GLYPH.finditer(text):
        yield _number(text, match.start(), match.end(), _GLYPHS[match[0]], "")


def _number(text: str, start: int, stop: int, value: float, unit: str) -> TextNumber:
    after = _UNIT.match(text, stop)
    after = None if after and _NO_UNITS.match(after[1]) else after
    words = text[start : after.end() if after and not unit else stop]
    of_one = _OF_ONE.match(text, stop) if 0 < value < 1 else None
    hint = unit or (after[1] if after else of_one[1] if of_one else "")
    return TextNumber(value, " ".join(words.split()), (start, stop), hint)


def _amount(digits: str) -> float:
    plain = re.sub(r"[ \u00a0\u202f'’]", "", digits)
    if "," in plain and "." in plain and plain.rindex(",") > plain.rindex("."):
        return float(plain.replace(".", "").replace(",", "."))
    if re.fullmatch(r"\d+,(?:\d{1,2}|\d{4,})", plain):
        return float(plain.replace(",", "."))
    return float(plain.replace(",", ""))


def _is_label(text: str, match: re.Match[str]) -> bool:
    before = text[: match.start()]
    line = before[before.rfind("\n") + 1 :]
    near = line[-_REACH:]
    if _is_caption(text, match, near):
        return True
    marked = match["money"] or match["percent"] or match["suffix"] or match["over"]
    whole = match["digits"].isdigit()
    if marked or not whole or _EACH_BEFORE.search(near):
        return False
    if re.fullmatch(r"[ \t]*\(?", line) and re.match(r"[.)](?:\s|$)", text[match.end() :]):
        return True
    if _MONTH_AFTER.match(text, match.end()) or _is_row_number(before, line, match, text):
        return True
    if _BUILT_BEFORE.search(near) and FIRST_YEAR <= int(match["digits"]) <= LAST_YEAR:
        return not re.match(r"\s*[a-z]", text[match.end() :])
    if _YEAR_BEFORE.search(near) and FIRST_YEAR <= int(match["digits"]) <= LAST_YEAR:
        return not re.match(r"\s*[a-z]", text[match.end() :]) or _is_date(near)
    small = int(match["digits"]) <= _LAST_LABEL
    labelled = _LABEL_BEFORE.search(near) or _LABEL_LIST.search(near)
    return bool(_CODE_BEFORE.search(near)) or (small and bool(labelled))


def _is_caption(text: str, match: re.Match[str], near: str) -> bool:
    """Whether it is the number of a table or figure that has two parts, or a part of one."""
    after = text[match.end() :]
    first = re.sub(r"\d+-$", "", near)
    dotted = re.fullmatch(r"\d+\.\d+", match["digits"]) is not None
    if not (dotted or first != near or re.match(r"-\d", after)) or _EACH_BEFORE.search(first):
        return False
    return bool(_CAPTION.search(first)) and not _SPOKEN_OF.match(re.sub(r"^-\d+", "", after))


def _is_row_number(before: str, line: str, match: re.Match[str], text: str) -> bool:
    """Whether it counts a table's rows: alone in the first cell, one more than the row above."""
    if not re.fullmatch(r"\s*\|?\s*", line) or not re.match(r"[ ]*[|\t]", text[match.end() :]):
        return False
    rows = before.rstrip("\n| \t").split("\n")
    above = [m for row in rows[-2:] if (m := re.match(r"\s*\|?\s*(\d+)[ ]*[|\t]", row))]
    return int(match["digits"]) == (int(above[-1][1]) + 1 if above else 1)


def _is_date(line: str) -> bool:
    return not re.search(r"\b(?:of|by|from)\s+$", line, re.IGNORECASE)


def _spelled(text: str) -> Iterator[TextNumber]:
    words = [(m[0].lower(), m.start(), m.end()) for m in _WORD.finditer(text)]
    at = 0
    while at < len(words):
        length, value = _phrase(words, at, text)
        if length == 0:
            at += 1
            continue
        start, stop = words[at][1], words[at + length - 1][2]
        percent = re.match(r"\s?%|\s+per\s?cent\b", text[stop:])
        yield _number(text, start, stop, value, "%" if percent else "")
        at += length


def _phrase(words: list[tuple[str, int, int]], at: int, text: str) -> tuple[int, float]:
    """Return how many words from `at` on make a number, and its value; 0 words if none do."""
    total, current, length = 0.0, 0.0, 0
    for k in range(at, len(words)):
        word = words[k][0]
        if k > at and not re.fullmatch(r"[\s\-]+", text[words[k - 1][2] : words[k][1]]):
            break
        if word in _WORDS:
            # "two three" is two numbers; "twenty five" and "hundred five" are one.
            if length and current % 100 and not (current % 10 == 0 and _WORDS[word] < 10):
                break
            current += _WORDS[word]
        elif word in _SCALES and (length or word != "dozen" or _article(words, at)):
            if not length and not _article(words, at):
                break
            current = max(current, 1.0) * _SCALES[word]
            if _SCALES[word] >= 1e3:
                total, current = total + current, 0.0
        elif word in _SPECIAL and (length or word not in _AMBIGUOUS or _fraction(words, at, text)):
            return k - at + 1, (total + current or 1.0) * _SPECIAL[word]
        elif word == "and" and length and _continues(words, k, current):
            continue
        else:
            break
        length = k - at + 1
    alone = length == 1 and words[at][0] in _AMBIGUOUS and words[at][0] in _WORDS
    return (0, 0.0) if alone else (length, total + current)


def _article(words: list[tuple[str, int, int]], at: int) -> bool:
    return at > 0 and words[at - 1][0] in {"a", "one", "per", "each", "the"}


def _fraction(words: list[tuple[str, int, int]], at: int, text: str) -> bool:
    if words[at][0] in {"double", "triple"}:
        return bool(re.match(r"\s+(?:the|that|of|as)\b", text[words[at][2] :]))
    of = re.match(r"\s+(?:of|as)\b", text[words[at][2] :])
    return at > 0 and words[at - 1][0] in {"a", "one"} and bool(of)


def _continues(words: list[tuple[str, int, int]], k: int, current: float) -> bool:
    return k + 1 < len(words) and words[k + 1][0] in _WORDS and current >= 100


def but_named(numbers: Iterable[TextNumber], words: Iterable[str]) -> list[TextNumber]:
    """Return the numbers that none of these sentences names."""
    named = {n.value for sentence in words for n in numbers_in(sentence)}
    return [number for number in numbers if number.value not in named]
