"""How the interpreter picks a generator's elements: by look-up where equalities allow it.

`sum(f[i, j] for (i, j) in Arcs if i == n)` for every n would else look at every arc every time.
"""

from __future__ import annotations

from dataclasses import dataclass

from optiwright.formulators.expressions import (
    Comparison,
    Generator,
    Logical,
    Name,
    Node,
    names_in,
)


@dataclass(frozen=True)
class Join:
    """How a generator's leading equalities pick elements: places of targets, and their values."""

    places: tuple[int, ...]
    keys: tuple[Node, ...]
    filters: tuple[Node, ...]


def plan(generator: Generator) -> Join:
    """Split a generator's conditions into leading equalities with outer indices, and the rest."""
    conditions = [part for c in generator.conditions for part in _conjuncts(c)]
    places: list[int] = []
    keys: list[Node] = []
    while conditions:
        found = _equality(conditions[0], generator.targets)
        if found is None:
            break
        places.append(found[0])
        keys.append(found[1])
        conditions.pop(0)
    return Join(tuple(places), tuple(keys), tuple(conditions))


def _conjuncts(node: Node) -> tuple[Node, ...]:
    if isinstance(node, Logical) and node.op == "and":
        return tuple(part for operand in node.operands for part in _conjuncts(operand))
    return (node,)


def _equality(node: Node, targets: tuple[str, ...]) -> tuple[int, Node] | None:
    if not isinstance(node, Comparison) or node.ops != ("==",):
        return None
    for mine, other in (node.operands, node.operands[::-1]):
        if isinstance(mine, Name) and mine.name in targets and not names_in(other) & set(targets):
            return targets.index(mine.name), other
    return None
