"""Rows drawn from families or templates, verified as they are written.

Which rows are drawn follows from families, count and seed alone, so that a run that was broken off
is drawn again for nothing, and only what has no verdict yet is solved.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

from rich.table import Table

from optiwright.formulators.errors import UserError
from optiwright.training.drawn import PoorDraw
from optiwright.training.families import Family, families
from optiwright.training.rows import Split, TrainingRow

T = TypeVar("T")


def chosen_families(names: Sequence[str], split: Split | None) -> list[Family]:
    """Return the families of those names or kinds, else all; of one split where it is given.

    Raises:
        UserError: if there is no family or kind of that name, or none of them is of that split.
    """
    every = families()
    wanted = list(every.values())
    if names:
        known = {family.kind for family in wanted} | set(every)
        if unknown := [name for name in names if name not in known]:
            raise UserError(
                f"there is no family or kind of families {unknown[0]!r}",
                where="--family",
                remedy="`optiwright data families` lists them.",
            )
        wanted = [f for f in wanted if f.name in names or f.kind in names]
    if split is not None:
        wanted = [f for f in wanted if f.aside == (split == "test")]
    if not wanted:
        raise UserError(
            f"none of these families is of split {split}",
            where="--family",
            remedy="Leave out --split, or --family; `optiwright data families` says which are "
            "kept aside for testing.",
        )
    return wanted


def families_table() -> Table:
    """Return the families by kind, with those that are kept aside marked."""
    table = Table("family", "kind", "kept aside", "what is drawn")
    for family in sorted(families().values(), key=lambda f: (f.aside, f.kind, f.name)):
        words = (family.fill.__doc__ or "").strip().partition("\n")[0]
        table.add_row(family.name, family.kind, "yes" if family.aside else "", words)
    return table


def drawn_rows(
    chosen: Sequence[T], count: int, seed: int, draw: Callable[[T, int], TrainingRow]
) -> Iterator[TrainingRow]:
    """Yield up to `count` rows, of families or templates in turn; equal arguments give equal rows.

    A draw that no row can be made of is left out, and so is a text that came before.

    Args:
        chosen: what is drawn from.
        count: of draws.
        seed: another one draws others.
        draw: makes a row of one of them and a seed; raises PoorDraw where none can be made.
    """
    texts: set[str] = set()
    for place in range(count):
        try:
            row = draw(chosen[place % len(chosen)], seed * 1_000_000 + place // len(chosen))
        except PoorDraw:
            continue
        if row.text not in texts:
            texts.add(row.text)
            yield row
