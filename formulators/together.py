"""Two decisions that are never taken both."""

from __future__ import annotations

from collections.abc import Iterator

from optiwright.formulators.changes import EACH, SUMMED, AddConstraint, At, Others
from optiwright.formulators.errors import FormulationError
from optiwright.formulators.instance import ground
from optiwright.formulators.model import Domain, Formulation, Index
from optiwright.formulators.picking import (
    arities_of,
    condition_of,
    element_text,
    named_clause,
    picked,
    shown_at,
    symbol_text,
)


def never_both(
    formulation: Formulation, first: tuple[str, At], second: tuple[str, At], where: str
) -> Iterator[AddConstraint]:
    """Yield the constraints that two binaries are never 1 both.

    Where both have `"*"` at a position, the same element is meant there: `work[Ann, *]` and
    `work[Ben, *]` are never both on one day.

    Raises:
        FormulationError: if one is no binary, an index is unknown, or no two could be 1 at once.
    """
    for name, at in (first, second):
        _refuse(formulation, name, at, where)
    (name, at), (other, other_at) = first, second
    instance = ground(formulation)
    mine = picked(where, name, instance.domain(name), at)
    theirs = set(picked(where, other, instance.domain(other), other_at))
    pairs = [
        (i, j)
        for i in mine
        if (j := _beside(i, at, other_at)) in theirs and (name, i) != (other, j)
    ]
    if not pairs:
        raise FormulationError(
            f"`{name}{shown_at(at)}` and `{other}{shown_at(other_at)}` never meet",
            where=where,
            remedy="Give the same number of indices, `*` where both mean the same element.",
        )
    sentence = f"`{name}{shown_at(at)}` and `{other}{shown_at(other_at)}` are never both"
    if len(pairs) == len(mine) > 1:
        symbol = next(v for v in formulation.variables if v.name == name)
        clause = named_clause(formulation, symbol.over, arities_of(instance, symbol.over))
        targets = clause.targets
        beside = [
            targets[k] if pick == EACH else element_text(_plain(pick))
            for k, pick in enumerate(other_at)
        ]
        yield AddConstraint(
            name=_free(formulation, 1),
            over=clause.where(condition_of(targets, at)),
            expression=f"{symbol_text(name, targets)} + {symbol_text(other, beside)} <= 1",
            description=sentence,
        )
        return
    for k, (i, j) in enumerate(pairs, 1):
        left = symbol_text(name, [element_text(e) for e in i])
        right = symbol_text(other, [element_text(e) for e in j])
        yield AddConstraint(
            name=_free(formulation, k), expression=f"{left} + {right} <= 1", description=sentence
        )


def _refuse(formulation: Formulation, name: str, at: At, where: str) -> None:
    binary = {v.name for v in formulation.variables if v.domain is Domain.BINARY}
    if name not in binary:
        raise FormulationError(
            f"`{name}` is no yes-or-no decision",
            where=where,
            remedy=f"Those are {', '.join(f'`{b}`' for b in sorted(binary))}."
            if binary
            else "There is none; limit a decision instead.",
        )
    if SUMMED in at or any(isinstance(p, Others) for p in at):
        raise FormulationError(
            "`never both` takes elements and `*` only", where=where, remedy="Write one of those."
        )


def _beside(index: Index, at: At, other_at: At) -> Index:
    """Return the other decision's index that goes with one of the first's."""
    if len(at) != len(other_at):
        return tuple(_plain(p) for p in other_at)
    return tuple(index[k] if pick == EACH else _plain(pick) for k, pick in enumerate(other_at))


def _plain(pick: object) -> str | int:
    assert isinstance(pick, str | int)
    return pick


def _free(formulation: Formulation, number: int) -> str:
    taken = {c.name for c in formulation.constraints}
    free = (f"never_both_{k}" for k in range(1, len(taken) + number + 1))
    return [name for name in free if name not in taken][number - 1]
