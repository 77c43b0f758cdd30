"""Laying out the text of a program: names that do not clash, data, comments, long lines."""

from __future__ import annotations

import builtins
import keyword
import re
import textwrap
from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby

from optiwright.formulators.model import Element, Index
from optiwright.formulators.source import number_text, quoted

WIDTH = 96

_STRINGS_AND_WORDS = re.compile(r"""(?:"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|[^\s"'])+""")
_BREAK_BEFORE = frozenset({"+", "-", "<=", ">=", "==", "for", "if", "else"})

_OURS = frozenset(
    {"annotations", "gdp", "fbbt", "math", "m", "model", "numpy", "pyo", "b", "block", "main"}
    | {"TIME_LIMIT", "absolute", "maximum", "minimum", "relation", "link_piecewise", "number"}
    | {"solve", "prepare", "report", "choose_solver", "is_convex_quadratic", "goals", "status"}
    | {"cp", "np", "highspy", "solver", "constraints", "defaultdict", "value", "row", "inf"}
    | {"InfeasibleConstraintException", "compute_bounds_on_expr", "generate_standard_repn"}
)
RESERVED = _OURS | frozenset(dir(builtins)) | frozenset(keyword.kwlist)
"""Names that a program's own data, rules and indices must not take."""


class Names:
    """Hands out names, each only once; one that is taken gets a number behind it."""

    def __init__(self, taken: Iterable[str]) -> None:
        self._taken = set(taken)

    def unique(self, wanted: str) -> str:
        """Return `wanted` or the next free variation of it, and take it."""
        name, k = wanted, 1
        while name in self._taken:
            k += 1
            name = f"{wanted}_{k}"
        self._taken.add(name)
        return name


def index_name(target: str) -> str:
    """Return the Python name of a bound index."""
    return f"{target}_" if target in RESERVED else target


def comment(text: str, indent: str = "") -> list[str]:
    """Return a text as comment lines."""
    plain = " ".join(text.split())
    return textwrap.wrap(
        plain,
        WIDTH - len(indent),
        initial_indent="# ",
        subsequent_indent="# ",
        break_long_words=False,
    )


def element_text(element: Element) -> str:
    """Return one component of an element as Python source."""
    return str(element) if isinstance(element, int) else quoted(element)


def index_text(index: Index) -> str:
    """Return an element as Python source: bare where it has one component."""
    if len(index) == 1:
        return element_text(index[0])
    return f"({', '.join(element_text(e) for e in index)})"


def set_text(elements: Sequence[Index]) -> str:
    """Return a set's elements as a list; consecutive whole numbers as a range."""
    numbers = [e[0] for e in elements if len(e) == 1 and isinstance(e[0], int)]
    if len(numbers) == len(elements) > 2:
        step = numbers[1] - numbers[0]
        span = range(numbers[0], numbers[-1] + (1 if step > 0 else -1), step or 1)
        if numbers == list(span):
            by = f", {step}" if step != 1 else ""
            return f"list(range({span.start}, {span.stop}{by}))"
    return _filled("[", [[index_text(e) for e in elements]], "]")


def family_text(members: Mapping[Index, Sequence[Index]]) -> str:
    """Return an indexed set as a dictionary of lists, one line an index."""
    rows = [[f"{index_text(index)}: {_plain_list(found)}"] for index, found in members.items()]
    return _filled("{", rows, "}")


def _plain_list(elements: Sequence[Index]) -> str:
    return f"[{', '.join(index_text(e) for e in elements)}]"


def values_text(values: Mapping[Index, float], default: float | None) -> str:
    """Return a parameter's values as a dictionary, without those that are the default's.

    Entries of equal first component share lines.
    """
    kept = [(index, value) for index, value in values.items() if value != default]
    rows = [
        [f"{index_text(index)}: {number_text(value)}" for index, value in group]
        for _, group in groupby(kept, key=lambda item: len(item[0]) > 1 and item[0][0])
    ]
    return _filled("{", rows, "}")


def _filled(opening: str, rows: Sequence[Sequence[str]], closing: str) -> str:
    one_line = f"{opening}{', '.join(item for row in rows for item in row)}{closing}"
    if len(one_line) <= WIDTH // 2 or (len(rows) <= 1 and len(one_line) <= WIDTH - 12):
        return one_line
    lines: list[str] = []
    for row in rows:
        line = ""
        for item in row:
            if line and len(line) + len(item) + 6 > WIDTH:
                lines.append(line)
                line = ""
            line = f"{line} {item}," if line else f"{item},"
        lines.append(line)
    return "\n".join([opening, *(f"    {line}" for line in lines), closing])


def statement(head: str, expression: str, indent: str = "") -> list[str]:
    """Return `head expression` on one line, or in brackets over several where it is too long."""
    if len(indent) + len(head) + len(expression) + 1 <= WIDTH:
        return [f"{indent}{head} {expression}"]
    inner = indent + "    "
    return [f"{indent}{head} (", *(inner + line for line in _folded(expression)), f"{indent})"]


def _folded(expression: str) -> list[str]:
    """Return an expression's text in lines, broken before operators and after commas only."""
    lines: list[str] = []
    line = ""
    previous = ""
    piece = ""
    for word in [*_STRINGS_AND_WORDS.findall(expression), "+"]:
        breakable = word in _BREAK_BEFORE or previous.endswith(",")
        if breakable and piece:
            if line and len(line) + len(piece) + 5 > WIDTH - 8:
                lines.append(line)
                line = ""
            line = f"{line} {piece}" if line else piece
            piece = ""
        piece = f"{piece} {word}" if piece else word
        previous = word
    return [*lines, line]


def spaced(lines: Sequence[str]) -> list[str]:
    """Return the lines with two blank ones around each function, its comment included."""
    found: list[str] = []
    inside = False
    for k, line in enumerate(lines):
        starts = _leads_to_function(lines[k:]) and not (found and found[-1].startswith("#"))
        leaves = inside and line != "" and not line[0].isspace()
        if starts or leaves:
            while found and not found[-1]:
                found.pop()
            found += ["", ""]
        inside = line.startswith("def ") or (inside and not leaves)
        if line or (found and found[-1]):
            found.append(line)
    return found


def _leads_to_function(lines: Sequence[str]) -> bool:
    first = next((line for line in lines if not line.startswith("#")), "")
    return lines[0] != "" and first.startswith("def ")
