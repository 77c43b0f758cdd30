"""The facts of a text in lines and columns: of its tables, and of sentences that tell alike."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from optiwright.formulators.text_numbers import TextNumber, numbers_in
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
    """Return the facts of a text, of its tables and then of its sentences that tell alike.

    A table counts from two lines and two columns on, sentences from two on.
    """
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


def told_together(text: str) -> str:
    """Return a text with sentences that tell alike beside each other, in the order of their things.

    Small models leave out what stands apart: "... For CartB, the toll is $17. For CartC, the toll
    is $23. Tolls of $900 can be paid. For CartA, the toll is $13." becomes "For CartA, ..., For
    CartB, ..., For CartC, ... Tolls of $900 can be paid." where CartA is spoken of first.
    """
    parts = [part for _, part in sentences(text)]
    for alike in _alike(text):
        places = [one.place for one in alike]
        if places == list(range(places[0], places[0] + len(places))):
            continue
        shared = set.intersection(*(set(one.label.lower().split()) for one in alike))
        ordered = sorted(alike, key=lambda one: (_first_told(text, one.label, shared), one.place))
        told = " ".join(_closed(parts[one.place].strip()) for one in ordered)
        lead = re.match(r"\s*", parts[places[0]])
        parts[places[0]] = (lead.group() if lead else "") + told
        for place in places[1:]:
            parts[place] = ""
    return "".join(parts) if any(not part for part in parts) else text


def _first_told(text: str, label: str, shared: set[str]) -> int:
    """Return where a thing is first spoken of, by the words that the others do not have too."""
    own = r"\s+".join(re.escape(w) for w in label.split() if w.lower() not in shared)
    found = re.search(rf"\b{own}\b", text, re.IGNORECASE)
    return found.start() if found else len(text)


def _closed(sentence: str) -> str:
    return sentence if sentence.endswith((".", "!", "?", ";")) else f"{sentence}."


@dataclass(frozen=True)
class _Told:
    """A sentence of facts: what it is of, which of the text's sentences, what its numbers are."""

    label: str
    place: int
    numbers: tuple[TextNumber, ...]


def _told_alike(text: str) -> Iterator[Facts]:
    """Yield the facts of sentences that differ in their numbers and in what they are of alone."""
    for alike in _alike(text):
        columns = tuple(clause_of(text, number) for number in alike[0].numbers)
        numbers = tuple(tuple(n.value for n in one.numbers) for one in alike)
        yield Facts(tuple(one.label for one in alike), columns, numbers)


def _alike(text: str) -> Iterator[list[_Told]]:
    """Yield the sentences that tell alike, of two things or more, in the text's order."""
    numbers = numbers_in(text)
    told: dict[str, list[_Told]] = {}
    for place, (start, sentence) in enumerate(sentences(text)):
        begin = _OF_ONE.match(sentence)
        if begin is None:
            continue
        at, stop = start + begin.end(), start + len(sentence)
        here = tuple(n for n in numbers if at <= n.span[0] < stop)
        rest = ""
        for number in here:
            rest, at = f"{rest}{text[at : number.span[0]]}#", number.span[1]
        rest += text[at:stop]
        frame = " ".join(rest.lower().replace(begin[1].lower(), "_").split()).rstrip(".;")
        told.setdefault(frame, []).append(_Told(begin[1], place, here))
    for alike in told.values():
        if len({one.label for one in alike}) == len(alike) >= 2 and alike[0].numbers:
            yield alike
