"""The facts of a text in lines and columns: of its tables, and of sentences that tell alike."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from optiwright.formulators.text_numbers import numbers_in
from optiwright.formulators.text_tables import TextTable, tables_in
from optiwright.formulators.wording import clause_of, sentences

_OF_ONE = re.compile(r"\s*for\s+(?:an?\s+|the\s+|each\s+|every\s+)?([^,:]{1,40})[,:]\s+", re.I)
"""How a sentence of facts begins: "For TruckA, the fuel costs $2 and the toll $5."."""


@dataclass(frozen=True)
class Facts:
    """Numbers in lines and columns, a name for each line and each column."""

    lines: tuple[str, ...]
    columns: tuple[str, ...]
    numbers: tuple[tuple[float, ...], ...]

    @property
    def turned(self) -> Facts:
        """Lines and columns the other way round."""
        return Facts(self.columns, self.lines, tuple(zip(*self.numbers, strict=True)))


def facts_in(text: str) -> list[Facts]:
    """Return the facts of a text, of two lines and more: of its tables, then of its sentences."""
    return [*_of_tables(text), *_told_alike(text)]


def squares_in(text: str) -> list[Facts]:
    """Return the tables of a text with as many rows as columns of numbers, a name for each."""
    return [facts for facts in _of_tables(text) if len(facts.lines) == len(facts.columns)]


def _of_tables(text: str) -> Iterator[Facts]:
    for table in tables_in(text):
        facts = _facts(table)
        if facts is not None and min(len(facts.lines), len(facts.columns)) >= 2:
            yield facts


def _facts(table: TextTable) -> Facts | None:
    """Returns the numbers of a table with names in its first column; None if a cell has not one."""
    head, *columns = table.header
    numbers: list[tuple[float, ...]] = []
    for _, *cells in table.rows:
        found = [numbers_in(cell) for cell in cells]
        if any(len(stated) != 1 for stated in found):
            return None
        numbers.append(tuple(stated[0].value for stated in found))
    lines = tuple(f"{head} {row[0]}" for row in table.rows)
    return Facts(lines, tuple(columns), tuple(numbers))


def _told_alike(text: str) -> Iterator[Facts]:
    """Yield the facts of sentences that differ in their numbers and in what they are of alone."""
    numbers = numbers_in(text)
    told: dict[str, list[tuple[str, tuple[float, ...], tuple[str, ...]]]] = {}
    for start, sentence in sentences(text):
        begin = _OF_ONE.match(sentence)
        if begin is None:
            continue
        here = [n for n in numbers if start + begin.end() <= n.span[0] < start + len(sentence)]
        rest, at = "", start + begin.end()
        for number in here:
            rest, at = f"{rest}{text[at : number.span[0]]}#", number.span[1]
        rest += text[at : start + len(sentence)]
        frame = " ".join(rest.lower().replace(begin[1].lower(), "_").split()).rstrip(".;")
        columns = tuple(clause_of(text, number) for number in here)
        told.setdefault(frame, []).append((begin[1], tuple(n.value for n in here), columns))
    for alike in told.values():
        lines = tuple(line for line, _, _ in alike)
        if len(set(lines)) == len(lines) >= 2 and alike[0][1]:
            yield Facts(lines, alike[0][2], tuple(values for _, values, _ in alike))
