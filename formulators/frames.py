"""Index frames: the combinations that bound indices run through, as arrays; and how they grow.

A frame has one row a combination. A generator extends it by a cross product, or, where equality
conditions tie its targets to indices already bound, by a hash join. Every row of the larger frame
knows the row that it came from, in rising order.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol, TypeAlias

import numpy as np

from optiwright.formulators.errors import FormulationError
from optiwright.formulators.expressions import (
    ORDER_FUNCTIONS,
    Addition,
    Call,
    Comparison,
    Generator,
    Item,
    Label,
    Logical,
    Name,
    Negative,
    Node,
    Number,
    names_in,
)
from optiwright.formulators.indices import MAX_INDICES, FamilySet, IndexSet
from optiwright.formulators.lookup import Codes, Mask, Rows

_ANONYMOUS = re.compile(r"_\d+")

Member: TypeAlias = tuple[FamilySet, Codes]
"""A family and, for each row of a frame, the position of the member meant there."""


@dataclass(frozen=True)
class Frame:
    """Combinations of bound indices, one row each."""

    size: int
    codes: Mapping[str, Codes] = field(default_factory=dict)
    """Codes of each bound index, shape (size,)."""
    steps: Mapping[str, IndexSet | FamilySet] = field(default_factory=dict)
    """The ordered set that `prev` and `next` of an index step within."""
    owners: Mapping[str, Codes] = field(default_factory=dict)
    """For an index bound by a family, the position of the member, shape (size,)."""

    def take(self, rows: Codes | Mask) -> Frame:
        """Return the frame of the rows given by positions or by a mask."""
        size = int(np.count_nonzero(rows)) if rows.dtype == np.bool_ else len(rows)
        codes = {name: column[rows] for name, column in self.codes.items()}
        owners = {name: column[rows] for name, column in self.owners.items()}
        return Frame(size, codes, self.steps, owners)


class Reader(Protocol):
    """What growing a frame needs of the evaluator of data expressions."""

    def element(self, node: Node, frame: Frame) -> Codes: ...
    def condition(self, node: Node, frame: Frame) -> Mask: ...
    def set_at(self, node: Name | Item, frame: Frame) -> IndexSet | Member: ...
    def is_symbol(self, name: str) -> bool: ...
    def fail(self, node: Node | Generator, what: str, remedy: str = ...) -> FormulationError: ...


def extend(reader: Reader, frame: Frame, generators: Sequence[Generator]) -> tuple[Frame, Codes]:
    """Bind the targets of generators; a condition is tested as soon as its indices are bound.

    Returns:
        The larger frame, and for each of its rows the row of `frame` it came from, rising.

    Raises:
        FormulationError: if a target shadows a name, a set is unknown or its elements have another
            number of components, or there are more combinations than `MAX_INDICES`.
    """
    waiting = [part for g in generators for c in g.conditions for part in _conjuncts(c)]
    later = {target for g in generators for target in g.targets}
    frame, parents = _filter(reader, frame, _ready(waiting, later), np.arange(frame.size))
    for generator in generators:
        later -= set(generator.targets)
        ready = _ready(waiting, later)
        frame, rows = _bind(reader, frame, generator, ready)
        frame, parents = _filter(reader, frame, ready, parents[rows])
    return frame, parents


def expand_targets(generator: Generator, arity: int) -> tuple[str, ...]:
    """Return a generator's targets; an anonymous one stands for all components of an element."""
    targets = generator.targets
    if len(targets) == 1 and arity > 1 and _ANONYMOUS.fullmatch(targets[0]):
        return tuple(f"{targets[0]}.{k}" for k in range(arity))
    return targets


def spread(start: Codes, count: Codes) -> tuple[Codes, Codes]:
    """Return, for runs of `count[k]` integers from `start[k]`, each one's run and the integers."""
    parents = np.repeat(np.arange(len(count)), count)
    first = np.cumsum(count) - count
    return parents, np.arange(len(parents)) + np.repeat(start - first, count)


def _conjuncts(node: Node) -> list[Node]:
    if isinstance(node, Logical) and node.op == "and":
        return [part for operand in node.operands for part in _conjuncts(operand)]
    return [node]


def _ready(waiting: list[Node], later: set[str]) -> list[Node]:
    """Take the conditions out of `waiting` that mention no index bound later."""
    ready = [node for node in waiting if not names_in(node) & later]
    waiting[:] = [node for node in waiting if names_in(node) & later]
    return ready


def _filter(
    reader: Reader, frame: Frame, conditions: Sequence[Node], parents: Codes
) -> tuple[Frame, Codes]:
    for node in conditions:
        keep = reader.condition(node, frame)
        if not keep.all():
            frame, parents = frame.take(keep), parents[keep]
    return frame, parents


def _bind(
    reader: Reader, frame: Frame, generator: Generator, ready: list[Node]
) -> tuple[Frame, Codes]:
    """Bind one generator's targets; equalities it joined by leave `ready`."""
    source = reader.set_at(generator.domain, frame)
    domain: IndexSet | FamilySet
    if isinstance(source, IndexSet):
        if not source.size:
            # Nothing tells how many components the elements of an empty set would have.
            source = IndexSet(source.name, source.columns[:1] * len(generator.targets))
        domain, owner = source, None
        targets = _targets(reader, frame, generator, source)
        parents, rows = _pair(reader, frame, generator, targets, source, ready)
    else:
        domain, owner = source
        targets = _targets(reader, frame, generator, domain)
        count = domain.count[owner]
        _guard(reader, generator, int(count.sum()))
        parents, rows = spread(domain.start[owner], count)
    grown = frame.take(parents)
    codes = {t: column[rows] for t, column in zip(targets, domain.columns, strict=True)}
    steps = {targets[0]: domain} if domain.arity == 1 else {}
    owners = {targets[0]: owner[parents]} if owner is not None and steps else {}
    size = len(parents)
    return (
        Frame(size, {**grown.codes, **codes}, {**frame.steps, **steps}, {**grown.owners, **owners}),
        parents,
    )


def _pair(
    reader: Reader,
    frame: Frame,
    generator: Generator,
    targets: tuple[str, ...],
    domain: IndexSet,
    ready: list[Node],
) -> tuple[Codes, Codes]:
    keys: dict[str, Node] = {}
    for node in list(ready):
        pair = _equality(node, targets, frame)
        if pair is not None and pair[0] not in keys:
            keys[pair[0]] = pair[1]
            ready.remove(node)
    if not keys:
        _guard(reader, generator, frame.size * domain.size)
        parents = np.repeat(np.arange(frame.size), domain.size)
        return parents, np.tile(np.arange(domain.size), frame.size)
    wanted = [reader.element(node, frame) for node in keys.values()]
    columns = [domain.columns[targets.index(target)] for target in keys]
    order, start, count = _grouped(columns)
    group = Rows([column[order][start] for column in columns]).find(wanted)
    found = group >= 0
    count = np.where(found, count[group] if len(count) else 0, 0)
    start = np.where(found, start[group] if len(start) else 0, 0)
    _guard(reader, generator, int(count.sum()))
    parents, members = spread(start, count)
    return parents, order[members]


def _grouped(columns: Sequence[Codes]) -> tuple[Codes, Codes, Codes]:
    """Return an order that brings equal tuples together, where each group starts, and its size."""
    order = np.lexsort(columns)
    fresh = np.ones(len(order), dtype=np.bool_)
    if len(order):
        fresh[1:] = False
        for column in columns:
            ordered = column[order]
            fresh[1:] |= ordered[1:] != ordered[:-1]
    start = np.flatnonzero(fresh)
    count = np.diff(np.append(start, len(order)))
    return order, start, count


def _equality(node: Node, targets: tuple[str, ...], frame: Frame) -> tuple[str, Node] | None:
    """Return (target, key) if the condition ties a target to indices already bound."""
    if not isinstance(node, Comparison) or node.ops != ("==",):
        return None
    for side, other in (node.operands, node.operands[::-1]):
        bound = not names_in(other) & set(targets)
        if isinstance(side, Name) and side.name in targets and bound and _is_key(other, frame):
            return side.name, other
    return None


def _is_key(node: Node, frame: Frame) -> bool:
    """Whether a node surely names an element: a bound index, a label, a step, an integer shift."""
    match node:
        case Name(name=name):
            return name in frame.codes
        case Label():
            return True
        case Number(value=value):
            return value.is_integer()
        case Negative(operand=operand):
            return _is_key(operand, frame) and not isinstance(operand, Label)
        case Addition(terms=terms):
            return all(_is_key(t, frame) and not isinstance(t, Label) for t in terms)
        case Call(function=function):
            return function in ORDER_FUNCTIONS
    return False


def _targets(
    reader: Reader, frame: Frame, generator: Generator, domain: IndexSet | FamilySet
) -> tuple[str, ...]:
    targets = expand_targets(generator, domain.arity)
    if len(targets) != domain.arity:
        names = ", ".join("ijklmnop"[: domain.arity])
        raise reader.fail(
            generator,
            f"{len(targets)} indices for `{domain.name}`, whose elements have {domain.arity} parts",
            f"Write `{f'({names})' if domain.arity > 1 else names} in {domain.name}`.",
        )
    for target in targets:
        if target in frame.codes or reader.is_symbol(target) or targets.count(target) > 1:
            raise reader.fail(
                generator, f"`{target}` already means something here", "Rename the index."
            )
    return targets


def _guard(reader: Reader, generator: Generator, count: int) -> None:
    if count > MAX_INDICES:
        raise reader.fail(
            generator,
            f"{count:,} combinations, more than the limit of {MAX_INDICES:,}",
            "Use a sparse tuple set, or conditions of the form `i == j`.",
        )
