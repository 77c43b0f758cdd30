"""Text that somebody else wrote, made harmless for Streamlit's Markdown."""

from __future__ import annotations

import re
from itertools import groupby

_MARKS = re.compile(r"([\\`*_{}\[\]()<>#+\-.!|~$:^=&])")
_ICON = re.compile(r":(?=(?:material|streamlit|[\w+-]+:))")
_JOINER = "\u2060"
_CODE = re.compile(r"(```.*?```|`[^`\n]*`)", re.S)
_ROW = re.compile(r"\s*(?:\|.*\||\+[-=+]+\+|\S.*\t.*\t.*|\S+(?: \S+)*(?: {2,}\S+){2,})\s*$")
_DIRECTIVE = re.compile(r":(?=[a-z-]+\[|[a-z_+0-9-]+/?[a-z_]*:)")


def plain(text: str) -> str:
    """Return text that shows as it is written: no emphasis, link, formula, icon or colour.

    Its lines stay lines.
    """
    # Icons are looked for after escapes are read; a joiner of no width keeps them apart.
    lines = (_ICON.sub(f":{_JOINER}", line) for line in text.splitlines())
    return "  \n".join(_MARKS.sub(r"\\\1", line) for line in lines)


def plain_line(text: str) -> str:
    """Return the same on one line, for labels, cells and sentences."""
    return plain(" ".join(text.split()))


def pieces_of(text: str) -> list[tuple[str, bool]]:
    """Return a text in pieces, and of each whether it is lines of a table."""
    pieces: list[tuple[str, bool]] = []
    for table, lines in groupby(text.splitlines(), key=lambda line: bool(_ROW.match(line))):
        piece = "\n".join(lines).strip("\n")
        if piece.strip():
            pieces.append((piece, table))
    return pieces


def told(markdown: str) -> str:
    """Return an answer's Markdown with what names in it could do beyond that taken out.

    Dollar signs begin no formula, words between colons no icon or colour; there are no links and
    no images. What stands between backquotes stays.
    """
    parts = _CODE.split(markdown)
    return "".join(part if k % 2 else _tamed(part) for k, part in enumerate(parts))


def _tamed(text: str) -> str:
    text = re.sub(r"(?<!\\)\$", r"\\$", text)
    text = _DIRECTIVE.sub(r"\\:", text)
    text = text.replace("![", "!\\[").replace("](", "]\\(")
    return re.sub(r"<(?=[A-Za-z/!?])", r"\\<", text)
