"""Constraints over many expressions at once, as a model or a person writes them in one line.

`all_different(x[i] for i in I)`, `no_overlap((start[j], hours[j]) for j in Jobs)`,
`cumulative((start[j], hours[j], crew[j]) for j in Jobs) <= people`,
`circuit(go[i, j] for i in Cities for j in Cities if i != j)`, `table((x, y), Pairs)`; or with the
items written out: `no_overlap((start_a, 3), (start_b, 2))`, `circuit(("a", "b", go_ab), ...)`,
`table((x, y), [(0, 1), (1, 2)])`. Read by Python's `ast`; nothing is executed.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from optiwright.formulators.data_names import fresh_name
from optiwright.formulators.errors import FormulationError
from optiwright.formulators.expressions import Choice, Comparison, Generator, Label
from optiwright.formulators.model import (
    AllDifferent,
    Circuit,
    Cumulative,
    Global,
    Index,
    Listed,
    NoOverlap,
    SetDef,
    Table,
)
from optiwright.formulators.parser import parse_expression, parse_over
from optiwright.formulators.python_tree import expression_tree

MOST_WRITTEN = 60
"""Items that may be written out one by one."""

_USES = {
    "all_different": "all_different(x[i] for i in I)",
    "no_overlap": "no_overlap((start[j], duration[j]) for j in Jobs)",
    "cumulative": "cumulative((start[j], duration[j], demand[j]) for j in Jobs) <= capacity",
    "circuit": "circuit(go[i, j] for i in Cities for j in Cities if i != j)",
    "table": "table((x, y), Pairs)",
}
FUNCTIONS = frozenset(_USES)
_WIDTHS = {"all_different": 1, "no_overlap": 2, "cumulative": 3, "circuit": 1}


def global_text(c: Global, told: Callable[[str], str] = str) -> str:
    """Return a constraint as one line of this form, each expression as `told` has it."""
    match c:
        case AllDifferent(each=each):
            parts = [each]
        case NoOverlap(start=start, duration=duration):
            parts = [start, duration]
        case Cumulative(start=start, duration=duration, demand=demand):
            parts = [start, duration, demand]
        case Circuit(arc=arc):
            parts = [arc]
        case Table(values=values):
            return f"table({_item([*map(told, values)])}, {_loops(c.among, rows=True)})"
    parts = [told(part) for part in parts]
    rows = None if isinstance(c, Circuit) else _written(parts)
    if rows is not None:
        line = f"{c.kind}({', '.join(map(_item, rows))})"
    else:
        line = f"{c.kind}({_item(parts)} {_loops(c.among)})".replace(" )", ")")
    return f"{line} <= {told(c.capacity)}" if isinstance(c, Cumulative) else line


def _item(parts: Sequence[str]) -> str:
    return f"({', '.join(parts)})" if len(parts) > 1 else parts[0]


def _written(parts: Sequence[str]) -> list[tuple[str, ...]] | None:
    """Return items that were written out one by one, None where they were not."""
    chains = [_chain(part) for part in parts]
    count = max(map(len, chains))
    if count == 1 or any(len(chain) not in (1, count) for chain in chains):
        return None
    return list(zip(*(c if len(c) > 1 else c * count for c in chains), strict=True))


def _chain(source: str) -> list[str]:
    """Return the values that `a if item == 'x' else b if item == 'y' else c` chooses from."""
    node, found = parse_expression(source), []
    while isinstance(node, Choice) and isinstance(node.condition, Comparison):
        if not any(isinstance(side, Label) for side in node.condition.operands):
            break
        found.append(_cut(source, node.yes))
        node = node.no
    return [*found, _cut(source, node)]


def _loops(among: str, *, rows: bool = False) -> str:
    generators = parse_over(among)
    loops = " ".join(f"for {_targets(g)} in {_cut(among, g.domain)}" for g in generators)
    conditions = [_cut(among, c) for g in generators for c in g.conditions]
    loops += f" if {' and '.join(conditions)}" if conditions else ""
    if not rows:
        return loops
    targets = [t for g in generators for t in g.targets]
    return f"(({', '.join(targets)}) {loops})" if len(targets) > 1 else f"({targets[0]} {loops})"


def _targets(generator: Generator) -> str:
    targets = ", ".join(generator.targets)
    return f"({targets})" if len(generator.targets) > 1 else targets


def _cut(source: str, node: Any) -> str:
    return source[node.span.start : node.span.stop]


# --- reading --------------------------------------------------------------------------------------


def is_global(source: str) -> bool:
    """Whether a line is a call of one of these kinds."""
    return _call(source) is not None


@dataclass(frozen=True)
class _Call:
    kind: str
    node: ast.Call
    capacity: ast.expr | None


def _call(source: str) -> _Call | None:
    try:
        tree = expression_tree(source.strip(), "<expression>").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    capacity = None
    if isinstance(tree, ast.Compare) and len(tree.ops) == 1 and isinstance(tree.ops[0], ast.LtE):
        capacity, tree = tree.comparators[0], tree.left
    if not isinstance(tree, ast.Call) or not isinstance(tree.func, ast.Name):
        return None
    kind = tree.func.id
    known = kind in FUNCTIONS and (capacity is None or kind == "cumulative")
    return _Call(kind, tree, capacity) if known else None


def read_global(
    source: str,
    *,
    name: str,
    over: str,
    description: str,
    named: Callable[[str], str],
    taken: set[str],
) -> tuple[Global, tuple[SetDef, ...]]:
    """Read a line into a constraint, and a set of its items where these are written out.

    Args:
        source: the line.
        name: what the constraint is called.
        over: its index clause.
        description: its sentence.
        named: what is done with each expression in it, such as naming its numbers.
        taken: names that have a meaning; those of new sets are added.

    Raises:
        FormulationError: if the line is none of these forms.
    """
    call = _call(source)
    if call is None:
        raise _wrong(name, "all_different", "this is no such constraint")
    rule = {"name": name, "over": over, "description": description}
    return _Reader(call, rule, named, taken).read()


class _Reader:
    def __init__(
        self,
        call: _Call,
        rule: dict[str, str],
        named: Callable[[str], str],
        taken: set[str],
    ) -> None:
        self.kind = call.kind
        self.capacity = call.capacity
        self.arguments = [*call.node.args]
        for keyword in call.node.keywords:
            if keyword.arg != "capacity":
                raise _wrong(rule["name"], self.kind, f"`{keyword.arg}=` means nothing here")
            self.capacity = keyword.value
        self.rule = rule
        self.named = named
        self.taken = taken

    def fail(self, what: str) -> FormulationError:
        return _wrong(self.rule["name"], self.kind, what)

    def read(self) -> tuple[Global, tuple[SetDef, ...]]:
        if self.kind == "table":
            return self.table()
        if self.kind == "cumulative":
            self.take_capacity()
        items = self.items()
        if isinstance(items, ast.GeneratorExp | ast.ListComp):
            parts = [self.named(ast.unparse(p)) for p in self.parts(items.elt)]
            return self.made(_among(items), parts), ()
        return self.written_out(items)

    def take_capacity(self) -> None:
        last = self.arguments[-1] if len(self.arguments) > 1 else None
        if self.capacity is None and last is not None and not isinstance(last, ast.Tuple):
            self.arguments.pop()
            self.capacity = last
            if isinstance(last, ast.Compare) and ast.unparse(last.left) == "capacity":
                self.capacity = last.comparators[0]  # a single `=` that was read as one
        if self.capacity is None:
            raise self.fail("there is no capacity")

    def items(self) -> ast.GeneratorExp | ast.ListComp | list[ast.expr]:
        only = self.arguments[0] if len(self.arguments) == 1 else None
        if isinstance(only, ast.GeneratorExp | ast.ListComp):
            return only
        listed = isinstance(only, ast.List) or (
            isinstance(only, ast.Tuple) and all(isinstance(e, ast.Tuple) for e in only.elts)
        )
        found = list(only.elts) if listed else self.arguments  # type: ignore[union-attr]
        if not found:
            raise self.fail("nothing is in it")
        if len(found) > MOST_WRITTEN:
            raise self.fail(
                f"{len(found)} items written out, more than {MOST_WRITTEN}; use a set and `for`"
            )
        return found

    def parts(self, node: ast.expr) -> list[ast.expr]:
        width = _WIDTHS[self.kind]
        parts = list(node.elts) if isinstance(node, ast.Tuple) else [node]
        if len(parts) != width:
            raise self.fail(f"{ast.unparse(node)!r} has {len(parts)} parts, not {width}")
        return parts

    def made(self, among: str, parts: Sequence[str]) -> Global:
        rule: dict[str, Any] = {**self.rule, "among": among}
        match self.kind:
            case "all_different":
                return AllDifferent(**rule, each=parts[0])
            case "no_overlap":
                return NoOverlap(**rule, start=parts[0], duration=parts[1])
            case "circuit":
                return Circuit(**rule, arc=parts[0])
        assert self.capacity is not None
        capacity = self.named(ast.unparse(self.capacity))
        start, duration, demand = parts
        return Cumulative(**rule, start=start, duration=duration, demand=demand, capacity=capacity)

    # --- items written out ------------------------------------------------------------------------

    def written_out(self, items: list[ast.expr]) -> tuple[Global, tuple[SetDef, ...]]:
        arcs = self.kind == "circuit"
        rows = [self.arc(item) if arcs else ((), self.parts(item)) for item in items]
        labels = [label or (self.label(parts[0], k),) for k, (label, parts) in enumerate(rows)]
        if len(set(labels)) < len(labels):
            labels = [(f"{label[0]} ({k + 1})",) for k, label in enumerate(labels)]
        indices = [self.fresh(wanted) for wanted in (("tail", "head") if arcs else ("item",))]
        chosen = [
            _choice(indices, labels, [self.named(ast.unparse(parts[k])) for _, parts in rows])
            for k in range(len(rows[0][1]))
        ]
        made, clause = self.new_set("items", indices, labels)
        return self.made(clause, chosen), (made,)

    def arc(self, item: ast.expr) -> tuple[Index, list[ast.expr]]:
        match item:
            case ast.Tuple(elts=[ast.Constant() as tail, ast.Constant() as head, arc]):
                return (_plain(tail.value), _plain(head.value)), [arc]
        raise self.fail(f'{ast.unparse(item)!r} is no arc such as ("a", "b", go_ab)')

    def label(self, node: ast.expr, position: int) -> str:
        return node.id if isinstance(node, ast.Name) else f"{self.rule['name']} {position + 1}"

    def fresh(self, wanted: str) -> str:
        name: str = fresh_name(wanted, self.taken)
        self.taken.add(name)
        return name

    def new_set(
        self, what: str, indices: Sequence[str], elements: Sequence[Index]
    ) -> tuple[SetDef, str]:
        name = self.fresh(f"{self.rule['name']}_{what}"[:70])
        listed: Any = tuple(e[0] if len(e) == 1 else e for e in elements)
        target = f"({', '.join(indices)})" if len(indices) > 1 else indices[0]
        return SetDef(name=name, data=Listed(elements=listed)), f"{target} in {name}"

    # --- tables -----------------------------------------------------------------------------------

    def table(self) -> tuple[Global, tuple[SetDef, ...]]:
        if len(self.arguments) != 2:
            raise self.fail(f"{len(self.arguments)} arguments: values and what they may be")
        first, allowed = self.arguments
        tuples = isinstance(first, ast.Tuple | ast.List)
        parts = list(first.elts) if tuples else [first]  # type: ignore[attr-defined]
        values = tuple(self.named(ast.unparse(part)) for part in parts)
        made: tuple[SetDef, ...] = ()
        if isinstance(allowed, ast.GeneratorExp | ast.ListComp):
            among = _among(allowed)
        else:
            indices = [self.fresh(f"v{k + 1}") for k in range(len(values))]
            if isinstance(allowed, ast.Name):
                target = f"({', '.join(indices)})" if len(indices) > 1 else indices[0]
                among = f"{target} in {allowed.id}"
            else:
                new, among = self.new_set("rows", indices, self.rows(allowed, len(values)))
                made = (new,)
        rule: dict[str, Any] = {**self.rule}
        return Table(**rule, among=among, values=values), made

    def rows(self, node: ast.expr, width: int) -> list[Index]:
        try:
            found = ast.literal_eval(node)
        except (ValueError, SyntaxError, TypeError):
            raise self.fail(f"{ast.unparse(node)!r} is no list of rows and no set") from None
        rows = [tuple(r) if isinstance(r, tuple | list) else (r,) for r in _several(found)]
        whole = all(isinstance(v, int) and not isinstance(v, bool) for row in rows for v in row)
        if not rows or not whole or any(len(row) != width for row in rows):
            raise self.fail(f"each row needs {width} whole numbers")
        return list(dict.fromkeys(rows))


def _several(found: Any) -> list[Any]:
    return list(found) if isinstance(found, list | tuple | set) else [found]


def _plain(value: Any) -> int | str:
    return value if isinstance(value, int) and not isinstance(value, bool) else str(value)


def _among(node: ast.GeneratorExp | ast.ListComp) -> str:
    loops = [f"{ast.unparse(g.target)} in {ast.unparse(g.iter)}" for g in node.generators]
    tests = [t for g in node.generators for t in g.ifs]
    shown = [f"({ast.unparse(t)})" if isinstance(t, ast.BoolOp) else ast.unparse(t) for t in tests]
    return ", ".join(loops) + (f" if {' and '.join(shown)}" if shown else "")


def _choice(indices: Sequence[str], labels: Sequence[Index], texts: Sequence[str]) -> str:
    """Return the expression that is each of the texts at its label."""
    if len(set(texts)) == 1:
        return texts[0]
    conditions = [
        " and ".join(f"{i} == {part!r}" for i, part in zip(indices, label, strict=True))
        for label in labels
    ]
    pairs = [f"{t} if {c} else" for t, c in zip(texts[:-1], conditions, strict=False)]
    return " ".join([*pairs, texts[-1]])


def _wrong(name: str, kind: str, what: str) -> FormulationError:
    return FormulationError(what, where=f"constraint `{name}`", remedy=f"Write `{_USES[kind]}`.")
