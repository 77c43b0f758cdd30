"""Tables inside a problem's text: Markdown and boxes, tabs, commas or semicolons, aligned columns.

A table is taken for one only where its lines leave little doubt: as many cells in each, a heading,
and numbers below it. Prose with commas, lists and absolute values are none. The text itself stays
as it is; what is found is offered beside it.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from optiwright.formulators.data_names import fresh_name

Row = tuple[str, ...]


@dataclass(frozen=True)
class TextTable:
    """A table as the text has it: cells as they stand there, rows as long as the heading."""

    name: str
    """An identifier, of the line above where that is a title, else `table1` and so on."""
    header: Row
    rows: tuple[Row, ...]
    span: tuple[int, int]
    """Characters of the text, half-open; the title is not among them."""


@dataclass(frozen=True)
class _Found:
    """A table from some line on: how many lines, and what they hold."""

    lines: int
    header: Row
    rows: tuple[Row, ...]


def tables_in(text: str) -> tuple[TextTable, ...]:
    """Return the tables of a text, in its order."""
    lines = text.splitlines(keepends=True)
    starts = [0]
    for line in lines:
        starts.append(starts[-1] + len(line))
    bare = [line.rstrip() for line in lines]
    tables: list[TextTable] = []
    for at, found in _tables(bare):
        name = _title(bare[:at])
        taken = {t.name for t in tables}
        wanted = name or f"table{len(tables) + 1}"
        unique = fresh_name(wanted, taken)
        stop = starts[at + found.lines - 1] + len(bare[at + found.lines - 1])
        tables.append(TextTable(unique, found.header, found.rows, (starts[at], stop)))
    return tuple(tables)


def _tables(lines: Sequence[str]) -> Iterator[tuple[int, _Found]]:
    at = 0
    while at < len(lines):
        found = next((f for read in _READERS if (f := read(lines[at:]))), None)
        if found is not None:
            yield at, found
        at += found.lines if found is not None else 1


# --- the ways of writing one ----------------------------------------------------------------------

_BARS = str.maketrans("│┃║", "|||")
_RULER = re.compile(r"[\s|+:\-=_─━═┌┬┐├┼┤└┴┘╞╪╡╔╦╗╠╬╣╚╩╝]+")
_DASHES = re.compile(r"[-=─━═_]{2,}")


def _is_ruler(line: str) -> bool:
    return bool(_RULER.fullmatch(line)) and bool(re.search(r"[-=─━═]{2}|:-|-:|\|\s*-", line))


def _pipes(lines: Sequence[str]) -> _Found | None:
    """Markdown's tables and boxes: cells between bars, rulers between rows."""
    block = _while(lines, lambda line: "|" in line.translate(_BARS) or _is_ruler(line))
    content = [line for line in block if not _is_ruler(line)]
    if len(content) < 2 or (_is_ruler(block[0]) and "|" not in block[1].translate(_BARS)):
        return None
    split = [_bar_cells(line.translate(_BARS)) for line in content]
    width = len(split[0])
    if width < 2 or any(len(cells) > width for cells in split):
        return None
    header, *rows = [cells + ("",) * (width - len(cells)) for cells in split]
    ruled = len(content) < len(block)
    if not ruled and (len(rows) < 2 or not _has_numbers(header, rows)):
        return None
    return _Found(len(block), header, tuple(rows))


def _bar_cells(line: str) -> Row:
    cells = re.split(r"(?<!\\)\|", line.strip())
    if cells and not cells[0].strip():
        cells = cells[1:]
    if cells and not cells[-1].strip() and line.rstrip().endswith("|"):
        cells = cells[:-1]
    return tuple(cell.replace("\\|", "|").strip() for cell in cells)


def _tabs(lines: Sequence[str]) -> _Found | None:
    block = _while(lines, lambda line: "\t" in line.strip("\n"))
    return _separated(block, [tuple(c.strip() for c in line.split("\t")) for line in block], 1)


def _commas(lines: Sequence[str]) -> _Found | None:
    return _quoted(lines, ",") or _quoted(lines, ";")


_SAID = re.compile(r"\s*[A-Za-z][^:,;]*:\s+[$€£]?\d")
"""How a line begins that says what its numbers are: `minutes a piece: 4, 6, 7`."""


def _quoted(lines: Sequence[str], sign: str) -> _Found | None:
    """Cells between commas or semicolons, in quotation marks where they have some themselves."""
    block = _while(
        lines, lambda line: sign in line and not line.endswith((".", "?", "!", ":", sign))
    )
    split: list[Row] = []
    for line in block:
        cells = next(csv.reader([line], delimiter=sign, skipinitialspace=True), [])
        split.append(tuple(cell.strip() for cell in cells))
    if any(len(cell) > _LONGEST_CELL for cells in split for cell in cells):
        return None
    if all(_SAID.match(line) for line in block):
        return None
    return _separated(block, split, 2)


def _aligned(lines: Sequence[str]) -> _Found | None:
    """Columns that two spaces or more keep apart; a ruler below the heading says where they are."""
    if len(lines) > 1 and len(_DASHES.findall(lines[1])) > 1 and _is_ruler(lines[1]):
        return _below_a_ruler(lines)
    block = _while(lines, lambda line: bool(_GAP.search(line.strip())) or _is_ruler(line))
    kept = [line for line in block if not _is_ruler(line)]
    split = [tuple(_GAP.split(line.strip())) for line in kept]
    if len(split) > 2 and len(split[0]) + 1 == len(split[1]):
        first = _GAP.split(kept[1].strip())[0]
        if _indent(kept[0]) >= _indent(kept[1]) + len(first):
            split[0] = ("", *split[0])
    found = _separated(kept, split, 2)
    if found is None:
        return None
    used = [line for line in block if not _is_ruler(line)][: found.lines]
    return _Found(_lines_until(block, len(used)), found.header, found.rows)


_GAP = re.compile(r"[ \u00a0]{2,}|\t+")


def _below_a_ruler(lines: Sequence[str]) -> _Found | None:
    edges = [m.start() for m in _DASHES.finditer(lines[1])]
    body = _while(lines[2:], lambda line: bool(line.strip()) and not _is_ruler(line))
    closed = len(lines) > 2 + len(body) and _is_ruler(lines[2 + len(body)])
    split = [_between(line, edges) for line in (lines[0], *body)]
    found = _separated([lines[0], *body], split, 1)
    if found is None or found.lines != len(body) + 1:
        return None
    return _Found(2 + len(body) + closed, found.header, found.rows)


def _between(line: str, edges: Sequence[int]) -> Row:
    stops = [*edges[1:], max(len(line), edges[-1])]
    return tuple(line[a:b].strip() for a, b in zip(edges, stops, strict=True))


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())


def _lines_until(block: Sequence[str], wanted: int) -> int:
    """Return how many lines hold so many that are no rulers."""
    seen = 0
    for number, line in enumerate(block, 1):
        seen += not _is_ruler(line)
        if seen == wanted:
            return number
    return len(block)


_READERS: tuple[Callable[[Sequence[str]], _Found | None], ...] = (_pipes, _tabs, _aligned, _commas)


def _while(lines: Sequence[str], holds: Callable[[str], bool]) -> list[str]:
    block: list[str] = []
    for line in lines:
        if not line.strip() or not holds(line):
            break
        block.append(line)
    return block


def _separated(block: Sequence[str], split: Sequence[Row], least_rows: int) -> _Found | None:
    """Return the rows that are as long as the first one, if they make a table with a heading."""
    if not split or len(split[0]) < 2:
        return None
    width = len(split[0])
    same = next((k for k, cells in enumerate(split) if len(cells) != width), len(split))
    header, rows = split[0], split[1:same]
    cut_short = same < len(split)
    if len(rows) < max(least_rows, 2 * cut_short) or not _has_numbers(header, rows):
        return None
    return _Found(same, header, tuple(rows))


# --- what is a table at all -----------------------------------------------------------------------

_LONGEST_CELL = 60
_NUMBER = re.compile(
    r"[+\-−(]?\s?[$€£¥]?\s?(?:\d[\d,.\u00a0\u202f' ]*|\.\d+)(?:[eE][+-]?\d+)?\)?\s?"
    r"(?:%|[A-Za-z€$£°][\w€$£°²³/]{0,7})?"
)
_NOTHING = frozenset({"", "-", "–", "—", "n/a", "na", "nan", "none", "x"})


def _has_numbers(header: Row, rows: Sequence[Row]) -> bool:
    """Whether some column is of numbers below a heading that is none; counted headings are fine."""
    if len({cell.lower() for cell in header if cell}) < sum(bool(cell) for cell in header):
        return False
    numeric = [k for k in range(len(header)) if _is_numeric([row[k] for row in rows])]
    if not numeric:
        return False
    named = [k for k in numeric if header[k] and not _NUMBER.fullmatch(header[k])]
    return bool(named) or (not _NUMBER.fullmatch(header[0]) and _counts(header[1:]))


def _is_numeric(cells: Sequence[str]) -> bool:
    stated = [c for c in cells if c.lower() not in _NOTHING]
    return bool(stated) and all(_NUMBER.fullmatch(c) for c in stated)


def _counts(cells: Sequence[str]) -> bool:
    """Whether cells count up by one: years, months, nodes."""
    if len(cells) < 2 or not all(re.fullmatch(r"\d{1,4}", c) for c in cells):
        return False
    numbers = [int(c) for c in cells]
    return numbers == list(range(numbers[0], numbers[0] + len(numbers)))


# --- its name -------------------------------------------------------------------------------------

_MOST_WORDS = 6
_LABEL = re.compile(r"^(?:table|tab\.|tabelle)\s*\d*\s*[:.\-–]?\s*", re.IGNORECASE)
_BRACKETED = re.compile(r"\([^()]*\)|\[[^\[\]]*\]")
_SMALL_WORDS = frozenset({"the", "a", "an", "of", "in", "per", "for", "and", "are", "is", "our"})


def _title(above: Sequence[str]) -> str:
    """Return the name that the line above gives a table; empty where it is no title."""
    near = [line.strip() for line in above[-2:]]
    line = next((line for line in reversed(near) if line), "")
    if not line or (
        len(above) > 1 and near[-1] == "" and not re.match(r"[#*|]|.*:$|table", line, re.I)
    ):
        return ""
    plain = _BRACKETED.sub(" ", line.strip("#*_ \t"))
    if plain.endswith(":"):
        plain = re.split(r"[.!?;]\s+", plain)[-1]
    plain = _LABEL.sub("", plain.strip("*_ ")).strip("*_ ").rstrip(":").strip("*_ ")
    words = re.findall(r"[A-Za-z][A-Za-z0-9]*|\d+", plain)
    if not words or len(words) > _MOST_WORDS or re.search(r"[.!?,;|]", plain):
        return ""
    kept = [w.lower() for w in words if w.lower() not in _SMALL_WORDS] or [words[0].lower()]
    name = "_".join(kept)[:40].strip("_")
    return name if name[0].isalpha() else f"table_{name}"
