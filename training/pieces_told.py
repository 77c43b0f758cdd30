"""The pieces of a story as sentences, as items of a list, and as tables."""

from __future__ import annotations

import itertools
import random
from collections.abc import Sequence

from optiwright.formulators.phrases import listing
from optiwright.training.speech import Quantity
from optiwright.training.story_parts import Column, GridPiece, Piece, RowsPiece, SaidPiece
from optiwright.training.things import Thing, sentence


def sentences_of(piece: Piece, draw: random.Random) -> list[str]:
    """Return a piece as sentences."""
    match piece:
        case SaidPiece(text=text):
            return [sentence(text)]
        case RowsPiece():
            return _row_sentences(piece, draw)
        case GridPiece():
            return [sentence(piece.say(row, _parts(piece, row))) for row in piece.rows]


def _parts(piece: GridPiece, row: Thing) -> str:
    return listing(piece.part(piece.values[row, c], c) for c in piece.columns)


def _row_sentences(piece: RowsPiece, draw: random.Random) -> list[str]:
    if len(piece.columns) > 1 and draw.random() < 0.2:
        return [_by_column(piece, column) for column in piece.columns]
    said = []
    for place, row in enumerate(piece.rows):
        parts = [column.say.format(column.values[place].text) for column in piece.columns]
        parts = _without_repeated_verbs(parts)
        said.append(sentence(f"{piece.subject(row)} {listing(parts)}"))
    return said


def _without_repeated_verbs(parts: list[str]) -> list[str]:
    """Return "takes 3 minutes of a, 5 minutes of b" for "takes 3 ..., takes 5 ..."."""
    kept = parts[:1]
    for before, part in itertools.pairwise(parts):
        verb, _, rest = part.partition(" ")
        kept.append(rest if rest and before.startswith(f"{verb} ") else part)
    return kept


def _by_column(piece: RowsPiece, column: Column) -> str:
    pairs = [f"{q.text} for {row}" for q, row in zip(column.values, piece.rows, strict=True)]
    return sentence(f"{column.head}: {listing(pairs)}")


def items_of(piece: Piece) -> list[str]:
    """Return a piece as items of a list, tersely."""
    match piece:
        case SaidPiece(text=text):
            return [text.strip().rstrip(".")]
        case RowsPiece():
            return [
                f"{row}: " + ", ".join(f"{c.head} {c.values[place].text}" for c in piece.columns)
                for place, row in enumerate(piece.rows)
            ]
        case GridPiece():
            return [
                f"{piece.title}, {row}: "
                + ", ".join(f"{c} {piece.values[row, c].text}" for c in piece.columns)
                for row in piece.rows
            ]


def table_of(piece: Piece, draw: random.Random) -> str:
    """Return a piece as a Markdown table, the things downward or across; a sentence stays one.

    A unit that all cells of a measure share stands in its heading.
    """
    if isinstance(piece, SaidPiece):
        return sentence(piece.text)
    if isinstance(piece, RowsPiece):
        heads = [_headed(c.head, {q.unit for q in c.values}) for c in piece.columns]
        mixed = [len({q.unit for q in c.values}) > 1 for c in piece.columns]
        lines = [
            [
                row.one,
                *(
                    c.values[i].text if m else c.values[i].cell
                    for c, m in zip(piece.columns, mixed, strict=True)
                ),
            ]
            for i, row in enumerate(piece.rows)
        ]
        grid = [[piece.corner, *heads], *lines]
        if len(heads) > 1 and draw.random() < 0.3:
            grid = [list(column) for column in zip(*grid, strict=True)]
            grid[0][0] = ""
        return _markdown(grid[0], grid[1:])
    units = {q.unit for q in piece.values.values()}
    lines = [
        [row.one, *(_cell(piece.values[row, c], units) for c in piece.columns)]
        for row in piece.rows
    ]
    title = _headed(piece.title, units) if len(units) == 1 else piece.title
    return f"{title}:\n\n{_markdown([piece.corner, *(c.one for c in piece.columns)], lines)}"


def _cell(quantity: Quantity, units: set[str]) -> str:
    return quantity.cell if len(units) == 1 else quantity.text


def _headed(head: str, units: set[str]) -> str:
    unit = next(iter(units)) if len(units) == 1 else ""
    return f"{head} ({unit})" if unit and unit not in head else head


def _markdown(head: Sequence[str], lines: Sequence[Sequence[str]]) -> str:
    rows = [head, ["---"] * len(head), *lines]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)
