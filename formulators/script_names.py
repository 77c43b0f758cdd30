"""What the names of a script over tables stand for: the tables' own, and those that it declares."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Sequence
from itertools import permutations

from optiwright.formulators.script_syntax import (
    by_lower,
    declared_names,
    given_domains,
    names_in,
    unchained,
)
from optiwright.formulators.table_layout import plural
from optiwright.formulators.table_symbols import Ready, ReadyParameter

Pair = tuple[tuple[str, ...], str]
"""Targets of a loop and the set it runs over."""
Env = dict[str, str]
"""What an index of the script is called in the formulation."""
_Rows = tuple[str, tuple[int, ...]]
"""A set of a table's rows, and which indices of a symbol are one of them."""

_WRAPPERS = frozenset({"list", "set", "sorted", "tuple"})


class Names:
    """What the names of one script stand for.

    Args:
        tree: the script; names that it declares are not free for indices.
        ready: the names that the tables give.
    """

    def __init__(self, tree: ast.Module, ready: Ready) -> None:
        self.ready = ready
        self.used: set[str] = set()
        self.set_names = tuple(s.name for s in ready.sets)
        self._sets = {s.name: s for s in ready.sets}
        self._labels = {label.name: label for label in ready.labels}
        self._declared = set(declared_names(tree))
        self._symbols = self._declared | {p.name for p in ready.parameters} | set(self._sets)
        self._lower = by_lower(self._symbols)
        self._domain_of_index: dict[str, str] = {}
        self._parts: dict[str, tuple[str, ...]] = {}
        self._rows: dict[str, _Rows] = {}
        self._restricted = dict(self._restrict(tree))
        restricting = {rows for rows, _ in self._restricted.values()}
        self._row_sets = names_in(tree) & set(self._sets) | restricting
        for parameter in ready.parameters:
            self._parts[parameter.name] = self.parts(parameter.over)
            if self.by_rows(parameter.over):
                places = range(len(parameter.indices))
                self._rows[parameter.name] = (parameter.over[0], tuple(places))

    # --- what the tables give ---------------------------------------------------------------------

    def parts(self, over: Sequence[str]) -> tuple[str, ...]:
        """Return the sets that the components of an index are of."""
        return tuple(p for s in over for p in (self._sets[s].parts or (s,)) if s in self._sets)

    def by_rows(self, over: Sequence[str]) -> bool:
        """Whether a parameter is taken where its table has a row, and not as zero elsewhere."""
        return len(over) == 1 and bool(self._sets[over[0]].parts) and over[0] in self._row_sets

    def over_of(self, parameter: ReadyParameter) -> tuple[str, ...]:
        """Return the sets that a parameter is declared over."""
        whole = self._sparse(parameter.over) and not self.by_rows(parameter.over)
        return self.parts(parameter.over) if whole else parameter.over

    @property
    def assumptions(self) -> list[str]:
        """Return what was read into the tables, one sentence each."""
        said = [
            f"`{name}` is decided only where the table `{self._sets[rows].table}` has a row."
            for name, (rows, _) in self._restricted.items()
        ]
        return said + [
            f"Where the table `{p.table}` has no row, `{p.name}` is 0."
            for p in self.ready.parameters
            if p.name in self.used and self._sparse(p.over) and not self.by_rows(p.over)
        ]

    def _sparse(self, over: Sequence[str]) -> bool:
        return len(over) == 1 and bool(self._sets[over[0]].parts)

    def _restrict(self, tree: ast.Module) -> Iterator[tuple[str, _Rows]]:
        """Yield the decisions that a table with missing rows prices, and the set of its rows."""
        sparse = {p.name: p.over[0] for p in self.ready.parameters if self._sparse(p.over)}
        decisions = dict(self._decisions(tree.body, ()))
        for node in ast.walk(tree):
            if not (isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult)):
                continue
            items = [i for inner in ast.walk(node) if (i := self._meant(inner)) is not None]
            for price, at in items:
                for decision, indices in items:
                    rows, sets = sparse.get(price), decisions.get(decision, ())
                    if not rows or len(sets) != len(indices) or not set(at) <= set(indices):
                        continue
                    for order in permutations(at):
                        places = tuple(indices.index(i) for i in order)
                        if tuple(sets[k] for k in places) == self._sets[rows].parts:
                            yield decision, (rows, places)
                            break

    def _meant(self, node: ast.AST) -> tuple[str, tuple[str, ...]] | None:
        """Return an item's name, as it is declared, and its indices where these are names."""
        if not isinstance(node, ast.Subscript):
            return None
        base, indices = unchained(node)
        name = base.id if isinstance(base, ast.Name) else ""
        if isinstance(base, ast.Attribute) and isinstance(base.value, ast.Name):
            name = self.parameter_of(base.value.id, base.attr) or ""
        names = tuple(i.id for i in indices if isinstance(i, ast.Name))
        if not name or len(names) != len(indices):
            return None
        return (name if name in self._symbols else self._lower.get(name.lower(), name)), names

    def _decisions(
        self, body: Sequence[ast.stmt], around: tuple[str, ...]
    ) -> Iterator[tuple[str, tuple[str, ...]]]:
        """Yield the decisions of statements, each with the sets that its indices are of."""
        for node in body:
            match node:
                case ast.For(iter=domain, body=inner):
                    yield from self._decisions(inner, (*around, *self._parts_of(domain)))
                case ast.If(body=inner, orelse=other):
                    yield from self._decisions([*inner, *other], around)
                case ast.Assign(targets=[ast.Name(id=name)], value=ast.DictComp(generators=loops)):
                    yield name, tuple(p for g in loops for p in self._parts_of(g.iter))
                case ast.Assign(targets=[ast.Name(id=name)], value=ast.Call() as call):
                    yield name, tuple(p for a in given_domains(call) for p in self._parts_of(a))
                case ast.Assign(targets=[ast.Subscript(value=ast.Name(id=name))]):
                    yield name, around

    def _parts_of(self, domain: ast.expr) -> tuple[str, ...]:
        name = self.set_name(domain)
        return self.parts([name]) if name is not None else ()

    def set_name(self, node: ast.expr) -> str | None:
        """Return the set that a loop's or a decision's domain means, or None if it is none."""
        match node:
            case ast.Name(id=name):
                return self._set_called(name)
            case ast.Attribute(value=ast.Name(id=table), attr=column):
                return self._set_of_column(table, column)
            case ast.Subscript(value=ast.Name(id=table), slice=ast.Constant(value=str() as column)):
                return self._set_of_column(table, column)
            case ast.Call(func=ast.Name(id=name), args=[inner]) if name in _WRAPPERS:
                return self.set_name(inner)
        return None

    def _set_called(self, name: str) -> str | None:
        for wanted in (name, name.lower(), plural(name.lower())):
            if wanted in self._sets and (wanted == name or name not in self._declared):
                return wanted
        rows = [s.name for s in self.ready.sets if s.table.lower() == name.lower() and s.parts]
        return rows[0] if len(rows) == 1 and name not in self._symbols else None

    def _set_of_column(self, table: str, column: str) -> str | None:
        found = [
            s.name for s in self.ready.sets
            if s.table.lower() == table.lower()
            and [c.lower() for c in s.columns] == [column.lower()]
        ]  # fmt: skip
        return found[0] if found else self._set_called(column)

    def indices_of(self, name: str, domain: str, sets: Sequence[str], at: int) -> tuple[str, ...]:
        """Return indices for the set at a place of a decision's domain, each name once."""
        earlier = list(sets[:at]).count(domain)
        found = self._sets[domain].indices
        return tuple(f"{i}_{earlier + 1}" for i in found) if earlier else found

    def safe(self, indices: Iterable[str]) -> tuple[str, ...]:
        """Return indices under names that nothing else has."""
        return tuple(i if i not in self._symbols else f"{i}_index" for i in indices)

    # --- items ------------------------------------------------------------------------------------

    def resolve(self, name: str) -> str:
        """Return a name as it is declared, where it differs in capitals alone."""
        meant = name if name in self._symbols else self._lower.get(name.lower(), name)
        if meant in self._symbols:
            self.used.add(meant)
        return meant

    def parameter_of(self, table: str, column: str) -> str | None:
        """Return the parameter that a table's column is."""
        for p in self.ready.parameters:
            if (p.table.lower(), p.column.lower()) == (table.lower(), column.lower()):
                return p.name
        return None

    def in_order(self, name: str, indices: list[ast.expr]) -> list[ast.expr]:
        """Return an item's indices in the order of its sets, where only one order fits."""
        parts = self._parts.get(name, ())
        sets = [self._domain_of_index.get(i.id) if isinstance(i, ast.Name) else None
                for i in indices]  # fmt: skip
        if len(parts) != len(indices) or None in sets or tuple(sets) == parts:
            return indices
        fits = [p for p in permutations(range(len(parts))) if tuple(sets[k] for k in p) == parts]
        return [indices[k] for k in fits[0]] if len(fits) == 1 else indices

    def spelt(self, name: str, indices: list[ast.expr]) -> list[ast.expr]:
        """Return an item's indices with labels as the tables write them."""
        parts = self._parts.get(name, ())
        if len(parts) != len(indices):
            return indices
        return [self.spelt_as(i, p) for i, p in zip(indices, parts, strict=True)]

    def spelt_as(self, index: ast.expr, part: str) -> ast.expr:
        """Return a label as a set's table writes it."""
        match index:
            case ast.Constant(value=str() as said):
                found = self._sets[part].spelling.get(said.strip().lower(), said)
                whole = self._sets[part].whole and said.strip().isdigit()
                return ast.Constant(int(said) if whole else found)
        return index

    def step(self, index: ast.expr) -> ast.expr:
        """Return `month - 1` as `prev(month)` where months are words."""
        match index:
            case ast.BinOp(left=ast.Name(id=name), op=op, right=ast.Constant(value=1)):
                found = self._sets.get(self._domain_of_index.get(name, ""))
                if found is not None and not found.whole:
                    word = "prev" if isinstance(op, ast.Sub) else "next"
                    return ast.Call(ast.Name(word), [ast.Name(name)], [])
        return index

    def domain_of(self, node: ast.expr) -> str:
        """Return the set that an index is of; nothing for anything else."""
        return self._domain_of_index.get(node.id, "") if isinstance(node, ast.Name) else ""
