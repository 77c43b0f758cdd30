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
_YEAR = re.compile(r"(?<![\w.,$€£-])(?:19|20)\d\d\b(?!\s?%|[.,]\d)")
_CELLS = re.compile(r"[|\t;]|\s{2,}")
_HEAD_OF_YEAR = re.compile(
    r"(?!.*\b(?:up|from|to|most|least|over|under|above|below|than|until)\b)"
    r"[a-z ]*?\s?(?P<year>19\d\d|20\d\d)",
    re.IGNORECASE,
)
"""A cell that a year ends: `cost 2026`."""
_REFERENCE = re.compile(
    r"\b(?:after|follows|depends on)\s+(?P<items>\d+(?:\s*(?:,\s*and|,|and|or)\s*\d+)*)"
    r"(?=\s*(?:$|[.,;)]))",
    re.IGNORECASE | re.MULTILINE,
)
_ITEM = re.compile(r"^[ \t]*\(?(\d+)[.)]\s", re.MULTILINE)
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

    The places of telephone numbers are among them, years that head columns, and numbers of the
    text's own list that are referred to: `9. Inspection: 1 day, after 7 and 8`.

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
        *_years(text),
        *_references(text),
    }


def _years(text: str) -> Iterator[int]:
    """Yield where years begin that head columns of a table, there and elsewhere."""
    heading, above = set[int](), ""
    for line in text.splitlines() if _YEAR.search(text) else ():
        if len(_CELLS.split(above.strip(" |"))) == 1:
            heading |= _years_over_columns(line)
        above = line
    yield from (found.start() for found in _YEAR.finditer(text) if int(found[0]) in heading)


def _years_over_columns(line: str) -> set[int]:
    """Return the years of a row of cells that follow each other, if no cell has another number."""
    heads = [_HEAD_OF_YEAR.fullmatch(c.strip()) for c in _CELLS.split(line) if re.search(r"\d", c)]
    years = {int(head["year"]) for head in heads if head is not None}
    return set() if None in heads else {y for y in years if years & {y - 1, y + 1}}


def _references(text: str) -> Iterator[int]:
    """Yield where numbers begin that refer to items of the text's own list, if two or more do."""
    items = set(_ITEM.findall(text))
    found = list(_REFERENCE.finditer(text)) if items else []
    for reference in found if len(found) > 1 else ():
        for number in re.finditer(r"\d+", reference["items"]):
            if number[0] in items:
                yield reference.start("items") + number.start()


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
