"""Forgiving reading of the expressions that models write, into the strict language.

Only spellings whose meaning is plain are mended: other signs for the same operator, a missing `*`
after a number, thousands separators, currency signs, percentages, the name `pi`. What is left is
for the parser.
"""

from __future__ import annotations

import re

_SIGNS = {
    "≤": "<=",
    "≥": ">=",
    "⩽": "<=",
    "⩾": ">=",
    "=<": "<=",
    "=>": ">=",
    "×": "*",
    "·": "*",
    "⋅": "*",
    "−": "-",
    "–": "-",
    "÷": "/",
    "²": "**2",
    "³": "**3",
    "^": "**",
    "{": "(",
    "}": ")",
    "$": "",
    "€": "",
    "£": "",
    "π": "pi",
}
_THOUSANDS = re.compile(r"(?<![\w.,\[(])(\d{1,3}(?:,\d{3})+)(?![\d,])")
_PERCENT = re.compile(r"(\d+(?:\.\d+)?)\s*%")
_PRODUCT = re.compile(
    r"(?<![\w.])(\d+(?:\.\d+)?|\.\d+)\s*(?=[A-Za-z_(])(?![eE][+-]?\d)"
    r"(?!\s*(?:if|else|and|or|not|in|for)\b)"
)
_BRACKET_PRODUCT = re.compile(r"\)\s*(?=\()")
_PI = re.compile(r"\b(?:math\.)?pi\b(?!\s*[\[(])")
_QUOTED = re.compile(r"""("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')""")
_SINGLE_EQUALS = re.compile(r"(?<![<>=!])=(?!=)")
_HEAD = re.compile(
    r"^\s*(?:maximi[sz]e\b\s*:?|minimi[sz]e\b\s*:?|(?:max|min)\b(?:\s*:|(?!\s*\()))\s*",
    re.IGNORECASE,
)


def mend_value(text: str) -> str:
    """Return a value's expression, such as an objective: a leading `Profit =` is dropped too."""
    mended = _HEAD.sub("", _mend(text))
    left, equals, right = mended.partition("==")
    named = equals and re.fullmatch(r"\s*[A-Za-z_]\w*\s*", left)
    return (right if named else mended).strip()


def mend_relation(text: str) -> str:
    """Return a relation, with a single `=` read as `==`."""
    return _mend(text).strip()


def mend_clause(text: str) -> str:
    """Return an index clause; `∈` is `in`, a leading `for` or `forall` is dropped."""
    clause = text.replace("∈", " in ").strip()
    clause = re.sub(r"^(?:for\s+all|forall|for\s+each|for|∀)\s+", "", clause)
    return re.sub(r"\s+", " ", clause)


def _mend(text: str) -> str:
    """Mend what stands outside quotes: a quoted label is an element's name."""
    parts = _QUOTED.split(text)
    return "".join(part if k % 2 else _mend_unquoted(part) for k, part in enumerate(parts))


def _mend_unquoted(text: str) -> str:
    for sign, plain in _SIGNS.items():
        text = text.replace(sign, plain)
    text = _THOUSANDS.sub(lambda m: m.group(1).replace(",", ""), text)
    text = _PERCENT.sub(lambda m: f"{float(m.group(1)) / 100:.12g}", text)
    text = _PRODUCT.sub(r"\1*", text)
    text = _BRACKET_PRODUCT.sub(")*", text)
    text = _PRODUCT.sub(r"\1*", _PI.sub("3.141592653589793", text))
    return _SINGLE_EQUALS.sub("==", text)
