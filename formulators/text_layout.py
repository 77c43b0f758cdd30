r"""Digits of a text that are no numbers of its problem: layout, lists, headings, units' scales.

What is read here are problems as textbooks print them: tables of HTML and LaTeX with commands
(`\multicolumn{3}{c}`), indices below the line (`A_{2}`), lists within a line ("(1) ..., (2) ..."),
the text's own number ("5.11 A mill ...") and headings that say what is counted in
("demand/1000 boxes"). Telephone numbers are none either.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

_BRACES = r"\{(?:[^{}]|\{[^{}]*\})*\}"
_MARKUP = re.compile(
    r"</?(?:table|thead|tbody|tfoot|tr|td|th|col|colgroup|caption|div|span|p|br|html|body|img|sub)\b"
    r"[^<>]*>"
    rf"|\\(?:renewcommand|setlength|addtolength|setcounter)\s*(?:{_BRACES}|\\\w+)\s*{_BRACES}"
    rf"|\\(?:cmidrule|cline)\s*(?:\([^()]*\))?\s*{_BRACES}"
    rf"|\\(?:multicolumn|multirow|vspace|hspace|scalebox|resizebox)\*?\s*{_BRACES}"
    rf"|\\begin\s*\{{(?:tabular|tabularx|longtable|array)\*?\}}(?:\[[a-z]\])?(?:{_BRACES})?"
    r"|\\\\\[\s?-?[\d.]{1,6}\s?(?:pt|em|ex|mm|cm|in|\\\w{1,12})\s?\]"
    rf"|_{_BRACES}"
)
_PHONE = re.compile(
    r"(?<![\w.,:/+-])(?:\+\d{1,3}[ /-]?(?:\(0\)[ ]?)?\d{1,5}|\(?0\d{1,5}\)?)(?:[ /-]\d{2,}){1,4}"
    r"(?![\w.,:/-]*\d)"
)
_PHONED = re.compile(
    r"\b(?:tel|telephone|phone|phoned|mobile|fax|call|hotline|whatsapp)s?\b", re.IGNORECASE
)
"""What makes a row of digits a telephone number."""
_SHORTEST_PHONE = 7
"""Digits that a telephone number has at least."""
_MARKER = re.compile(
    r"(?:(?<=[^\d][:.,])|(?<=;)|(?<=[:;.,]\s))(?P<bare>\d{1,2})\.\s?(?=[A-Za-z])"
    r"|(?<![\w)])\((?P<bracketed>\d{1,2})\)(?=\s[A-Za-z])"
)
_HEADING = re.compile(
    r"\s{0,9}(?P<number>\d{1,3}\.\d{1,3})\s+"
    r"(?:(?:An?|Consider|For|Given|In|It|Let|Suppose|The|There|To)\s|[A-Z]\w*\s+[A-Z])"
)
_LONG = 100
"""Characters from which on a text is a problem, which may have a number of its own."""
_POWER = r"(?P<number>10[0 ,]{1,12})(?![\d.,]{0,12}\d)"
_BELOW = re.compile(rf"(?:(?<=[A-Za-z]{{3}})|(?<=[$€£¥]))\s?/\s?{_POWER}(?=\s?[A-Za-z\\])")
_TERM = re.compile(r"[-+*=]\s?\w+$")
_PER = re.compile(rf"\bper\s{{1,3}}{_POWER}", re.IGNORECASE)


def laid_out(text: str) -> set[int]:
    """Return the places of a text that only lay it out."""
    return {k for m in _MARKUP.finditer(text) for k in range(*m.span())}


def naming(text: str) -> set[int]:
    """Return where numbers begin that mark a list's items, name the text, or are a unit's scale.

    The places of telephone numbers are among them.

    A list counts from one, and has two items at least. A thousand and more below a slash is a
    scale, and then so is the same one after "per"; a hundred is one where both are there.
    """
    markers: list[int] = []
    for found in _MARKER.finditer(text):
        group = "bare" if found["bare"] else "bracketed"
        if int(found[group]) == len(markers) + 1:
            markers.append(found.start(group))
    own = _HEADING.match(text) if len(text) >= _LONG else None
    heading = [own.start("number")] if own is not None else []
    after = list(_PER.finditer(text))
    said = {_digits(m["number"]) for m in after}
    below = [m for m in _BELOW.finditer(text) if _is_scale(text, m, said)]
    scales = {_digits(m["number"]) for m in below}
    per = [m for m in after if _digits(m["number"]) in scales]
    return {
        *(markers if len(markers) > 1 else ()),
        *heading,
        *(m.start("number") for m in (*below, *per)),
        *_phones(text),
    }


def _phones(text: str) -> Iterator[int]:
    """Yield the places of a text's telephone numbers, where it speaks of any."""
    if _PHONED.search(text):
        for found in _PHONE.finditer(text):
            if len(_digits(found[0])) >= _SHORTEST_PHONE:
                yield from range(*found.span())


def _is_scale(text: str, below: re.Match[str], said: set[str]) -> bool:
    digits = _digits(below["number"])
    divided = _TERM.search(text[max(0, below.start() - 40) : below.start()])
    return divided is None and (len(digits) > 3 or digits in said)


def _digits(number: str) -> str:
    return re.sub(r"\D", "", number)
