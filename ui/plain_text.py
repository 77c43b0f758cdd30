"""Text that somebody else wrote, made harmless for Streamlit's Markdown."""

from __future__ import annotations

import ast
import re
from collections.abc import Sequence
from itertools import groupby
from typing import Literal, TypeAlias

Kind: TypeAlias = Literal["words", "table", "code"]

_MARKS = re.compile(r"([\\`*_{}\[\]()<>#+\-.!|~$:^=&])")
_ICON = re.compile(r":(?=(?:material|streamlit|[\w+-]+:))")
_JOINER = "\u2060"
_CODE = re.compile(r"(```.*?```|`[^`\n]*`)", re.S)
_ROW = re.compile(r"\s*(?:\|.*\||\+[-=+]+\+|\S.*\t.*\t.*|\S+(?: \S+)*(?: {2,}\S+){2,})\s*$")
_BEGINS = re.compile(r"(?:def|class|import|from|@)\s*\w|[A-Za-z_]\w*\s*(?::[^=]+)?=[^=]|#")
_STARTS = ("def ", "import ", "from ", "class ", "@")
_GOES_ON = re.compile(
    r"\s*$|\s|[)\]}#@]|(?:def|class|import|from|if|else|elif|for|while|with|try|except|return|assert)"
    r"\b|[A-Za-z_][\w.]*(?:\[.*\])?\s*(?::[^=]+)?[-+*/]?="
)
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


def pieces_of(text: str) -> list[tuple[str, Kind]]:
    """Return a text in pieces, and of each whether it is words, lines of a table or Python code.

    Code stands between fences, or is what Python reads of the lines from a `def`, `import` or
    assignment on.
    """
    pieces: list[tuple[str, Kind]] = []
    lines = text.splitlines()
    words: list[str] = []
    at = 0
    while at < len(lines):
        code, after = _code_at(lines, at)
        if code:
            pieces += _words_and_tables(words)
            pieces.append((code, "code"))
            words = []
        else:
            words += lines[at:after]
        at = after
    return pieces + _words_and_tables(words)


def _code_at(lines: Sequence[str], at: int) -> tuple[str, int]:
    """Return the code that begins at a line, or nothing, and the number of the line after it."""
    if lines[at].lstrip().startswith("```"):
        end = next((k for k in range(at + 1, len(lines)) if lines[k].strip() == "```"), len(lines))
        code = "\n".join(lines[at + 1 : end]).strip("\n")
        return (code, end + 1) if code.strip() else ("", at + 1)
    if not _BEGINS.match(lines[at]):
        return "", at + 1
    end = at
    while end < len(lines) and _GOES_ON.match(lines[end]):
        end += 1
    code = "\n".join(lines[at:end]).rstrip()
    if "def " in code and _is_python(code):
        return code, end
    later = (k for k in range(at + 1, end) if lines[k].startswith(_STARTS))
    return "", next(later, max(end, at + 1))


def _is_python(code: str) -> bool:
    try:
        parsed = ast.parse(code)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return any(isinstance(node, ast.FunctionDef) for node in parsed.body)


def _words_and_tables(lines: Sequence[str]) -> list[tuple[str, Kind]]:
    found: list[tuple[str, Kind]] = []
    for table, block in groupby(lines, key=lambda line: bool(_ROW.match(line))):
        piece = "\n".join(block).strip("\n")
        if piece.strip():
            found.append((piece, "table" if table else "words"))
    return found


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
