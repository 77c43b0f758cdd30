"""Names and indices of a script over tables, put as the expression language wants them.

Only what has one meaning is put right: an index that is called like something else is renamed, the
indices of an item are put in its sets' order, the label of an element (`region[city]`) becomes an
index of its own, and items of a table that lacks some combinations are taken where it has a row.
"""

from __future__ import annotations

import ast
import copy
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import permutations

from optiwright.formulators.table_symbols import Ready, ReadyLabel, ReadyParameter, plural

Pair = tuple[tuple[str, ...], str]
"""Targets of a loop and the set it runs over."""
Env = dict[str, str]
"""What an index of the script is called in the formulation."""
_Rows = tuple[str, tuple[int, ...]]
"""A set of a table's rows, and which indices of a symbol are one of them."""

_SUMS = frozenset({"sum", "lpSum", "quicksum", "fsum", "Sum"})
_WRAPPERS = frozenset({"list", "set", "sorted", "tuple"})


@dataclass
class _Generator:
    """One loop of the formulation."""

    targets: tuple[str, ...]
    domain: str
    conditions: list[ast.expr] = field(default_factory=list)

    def text(self) -> str:
        target = f"({', '.join(self.targets)})" if len(self.targets) > 1 else self.targets[0]
        return f"{target} in {self.domain}"


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
        self._declared = set(_declared(tree))
        self._symbols = self._declared | {p.name for p in ready.parameters} | set(self._sets)
        self._lower = _by_lower(self._symbols)
        self._domain_of_index: dict[str, str] = {}
        self._parts: dict[str, tuple[str, ...]] = {}
        self._rows: dict[str, _Rows] = {}
        self._restricted = dict(self._restrict(tree))
        restricting = {rows for rows, _ in self._restricted.values()}
        self._row_sets = _names_in(tree) & set(self._sets) | restricting
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
        base, indices = _unchained(node)
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
                    yield name, tuple(p for a in _given(call) for p in self._parts_of(a))
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

    # --- clauses ----------------------------------------------------------------------------------

    def over(
        self,
        name: str,
        pairs: Sequence[Pair],
        conditions: Sequence[ast.expr] = (),
        body: ast.expr | None = None,
    ) -> tuple[str, Env]:
        """Return an index clause, and what the script's indices are called in it.

        Args:
            name: what the clause is of.
            pairs: the loops, outermost first.
            conditions: what the loops have around them.
            body: the requirement inside, for the items in it that need a row of their table.
        """
        env: Env = {}
        bound = tuple(t for targets, _ in pairs for t in targets)
        if name in self._restricted:
            rows, places = self._rows[name] = self._restricted[name]
            if places == tuple(range(len(bound))):
                pairs = [(bound, rows)]
            else:
                inside = ast.Tuple([ast.Name(bound[k]) for k in places])
                conditions = [*conditions, ast.Compare(inside, [ast.In()], [ast.Name(rows)])]
        elif len(pairs) == 1 and self._sets[pairs[0][1]].parts:
            self._rows[name] = (pairs[0][1], tuple(range(len(bound))))
        self._parts[name] = tuple(p for _, domain in pairs for p in self.parts([domain]))
        generators = self._bind(pairs, env)
        held = copy.deepcopy(body) if body is not None else ast.Constant(0)
        tests = [copy.deepcopy(c) for c in conditions]
        self._looked_up(generators, env, [held, *tests])
        rewriter = _Rewriter(self, env)
        if generators:
            generators[-1].conditions += [rewriter.visit(t) for t in tests]
            self.guard(generators, env, [rewriter.visit(held)])
        shown = [c for g in generators for c in g.conditions]
        clause = ", ".join(g.text() for g in generators)
        if shown:
            clause += " if " + " and ".join(_in_brackets(c) for c in shown)
        return clause, env

    def text(self, node: ast.expr, env: Env) -> str:
        """Return an expression of the script in the expression language."""
        return _unparsed(_Rewriter(self, dict(env)).visit(copy.deepcopy(node)))

    def _bind(self, pairs: Sequence[Pair], env: Env) -> list[_Generator]:
        generators = []
        for targets, domain in pairs:
            self.used.add(domain)
            parts = self.parts([domain])
            fresh = tuple(self._fresh(t, env) for t in targets)
            for target, new, part in zip(targets, fresh, parts, strict=False):
                env[target] = new
                self._domain_of_index[new] = part
            generators.append(_Generator(fresh, domain))
        return generators

    def _fresh(self, target: str, env: Env) -> str:
        taken = self._symbols | set(env.values())
        if target not in taken:
            return target
        return next(n for k in range(2, 100) if (n := f"{target}_{k}") not in taken)

    # --- labels -----------------------------------------------------------------------------------

    def _looked_up(self, generators: list[_Generator], env: Env, scope: list[ast.expr]) -> None:
        """Give each label of a bound index an index of its own, in `env` as `label[index]`."""
        bound = {old: new for old, new in env.items() if any(new in g.targets for g in generators)}
        for label, index in sorted({k for node in scope for k in self._labels_of(node)}):
            if index not in bound or f"{label.name}[{index}]" in env:
                continue
            self.used.add(label.pairs)
            found = self._fresh(f"{bound[index]}_{label.name}", env)
            env[f"{label.name}[{index}]"] = found
            self._domain_of_index[found] = label.among
            owner = next(g for g in generators if bound[index] in g.targets)
            if owner.targets == (bound[index],) and owner.domain == label.of:
                owner.targets, owner.domain = (bound[index], found), label.pairs
                continue
            again = self._fresh(f"{bound[index]}_again", env)
            env[again] = again
            same = ast.Compare(ast.Name(again), [ast.Eq()], [ast.Name(bound[index])])
            generators.append(_Generator((again, found), label.pairs, [same]))

    def _labels_of(self, node: ast.expr) -> Iterator[tuple[ReadyLabel, str]]:
        for inner in ast.walk(node):
            match inner:
                case ast.Subscript(value=ast.Name(id=name), slice=ast.Name(id=index)):
                    if name in self._labels and name not in self._declared:
                        yield self._labels[name], index

    # --- rows -------------------------------------------------------------------------------------

    def guard(self, generators: list[_Generator], env: Env, bodies: Sequence[ast.expr]) -> None:
        """Have the items of a table with missing rows taken only where it has one."""
        known = set(env.values())
        here = {t for g in generators for t in g.targets}
        held = {(g.domain, g.targets) for g in generators}
        scope = [*bodies, *(c for g in generators for c in g.conditions)]
        held |= {found for node in scope for found in _memberships(node)}
        for body in bodies:
            for rows, indices in self._items_by_row(body):
                if (rows, indices) in held or not set(indices) <= known or not set(indices) & here:
                    continue
                held.add((rows, indices))
                owner = next(g for g in reversed(generators) if set(indices) & set(g.targets))
                inside = ast.Tuple([ast.Name(i) for i in indices])
                owner.conditions.append(ast.Compare(inside, [ast.In()], [ast.Name(rows)]))
                self.used.add(rows)

    def _items_by_row(self, node: ast.AST) -> Iterator[tuple[str, tuple[str, ...]]]:
        if isinstance(node, ast.IfExp):
            return  # it says itself when it holds
        item = _plain_item(node)
        if item is not None and item[0] in self._rows:
            rows, places = self._rows[item[0]]
            if max(places) < len(item[1]):
                yield rows, tuple(item[1][k] for k in places)
        for child in ast.iter_child_nodes(node):
            yield from self._items_by_row(child)

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

    def label_index(self, name: str, node: ast.expr, env: Env) -> str | None:
        """Return the index that stands for an element's label."""
        known = isinstance(node, ast.Name) and name in self._labels
        return env.get(f"{name}[{node.id}]") if known and isinstance(node, ast.Name) else None

    def comprehension(
        self, node: ast.GeneratorExp | ast.ListComp, env: Env
    ) -> tuple[ast.expr, list[_Generator], Env]:
        """Return the body of a sum, its loops, and the names inside."""
        inner = dict(env)
        generators: list[_Generator] = []
        for comprehension in node.generators:
            pair = self._pair(comprehension)
            if pair is None:
                continue
            generators += self._bind([pair], inner)
        tests = [t for c in node.generators for t in c.ifs]
        self._looked_up(generators, inner, [node.elt, *tests])
        rewriter = _Rewriter(self, inner)
        conditions = [rewriter.visit(t) for t in tests]
        body = rewriter.visit(node.elt)
        if generators:
            generators[-1].conditions += conditions
            self.guard(generators, inner, [body])
        return body, generators, inner

    def _pair(self, node: ast.comprehension) -> Pair | None:
        targets = node.target.elts if isinstance(node.target, ast.Tuple) else [node.target]
        names = tuple(t.id for t in targets if isinstance(t, ast.Name))
        found = self.set_name(node.iter)
        return (names, found) if found is not None and len(names) == len(targets) else None


class _Rewriter(ast.NodeTransformer):
    """Rewrites one expression."""

    def __init__(self, names: Names, env: Env) -> None:
        self.names = names
        self.env = env

    def visit_Name(self, node: ast.Name) -> ast.expr:
        if node.id in self.env:
            return ast.Name(self.env[node.id])
        return ast.Name(self.names.resolve(node.id))

    def visit_Attribute(self, node: ast.Attribute) -> ast.expr:
        if isinstance(node.value, ast.Name):
            found = self.names.parameter_of(node.value.id, node.attr)
            if found is not None:
                return ast.Name(self.names.resolve(found))
        return self.generic_visit(node)  # type: ignore[return-value]

    def visit_Subscript(self, node: ast.Subscript) -> ast.expr:
        base, indices = _unchained(node)
        if isinstance(base, ast.Name) and len(indices) == 1:
            label = self.names.label_index(base.id, indices[0], self.env)
            if label is not None:
                return ast.Name(label)
            ends = {0: "first", -1: "last"}
            found, at = self.names.set_name(base), _whole(indices[0])
            if found is not None and at in ends:
                self.names.used.add(found)
                return ast.Call(ast.Name(ends[at]), [ast.Name(found)], [])
        rewritten = [self.names.step(self.visit(i)) for i in indices]
        held = self.visit(base)
        if isinstance(held, ast.Name):
            rewritten = self.names.in_order(held.id, rewritten)
            rewritten = self.names.spelt(held.id, rewritten)
        place = rewritten[0] if len(rewritten) == 1 else ast.Tuple(rewritten)
        return ast.Subscript(held, place)

    def visit_Compare(self, node: ast.Compare) -> ast.expr:
        """Write a label that an index is compared with as the tables do."""
        sides = [self.visit(side) for side in (node.left, *node.comparators)]
        known = [self.names.domain_of(side) for side in sides]
        part = next((k for k in known if k), "")
        if part:
            sides = [self.names.spelt_as(side, part) for side in sides]
        return ast.Compare(sides[0], node.ops, sides[1:])

    def visit_Call(self, node: ast.Call) -> ast.expr:
        function = (
            node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
        )
        function = "sum" if function in _SUMS else function
        inner = node.args[0] if len(node.args) == 1 else None
        if isinstance(inner, ast.GeneratorExp | ast.ListComp):
            readable = all(self.names._pair(c) is not None for c in inner.generators)
            if readable:
                body, generators, _ = self.names.comprehension(inner, self.env)
                return ast.Call(ast.Name(function), [_generator_expression(body, generators)], [])
        arguments = [self._argument(a) for a in node.args]
        return ast.Call(ast.Name(function), arguments, [])

    def _argument(self, node: ast.expr) -> ast.expr:
        found = self.names.set_name(node) if isinstance(node, ast.Name) else None
        if found is not None and isinstance(node, ast.Name) and node.id not in self.env:
            self.names.used.add(found)
            return ast.Name(found)
        visited: ast.expr = self.visit(node)
        return visited


def _generator_expression(body: ast.expr, generators: Sequence[_Generator]) -> ast.GeneratorExp:
    return ast.GeneratorExp(
        body,
        [
            ast.comprehension(
                ast.Tuple([ast.Name(t) for t in g.targets], ast.Store())
                if len(g.targets) > 1
                else ast.Name(g.targets[0]),
                ast.Name(g.domain),
                g.conditions,
                0,
            )
            for g in generators
        ],
    )


def _in_brackets(condition: ast.expr) -> str:
    text = _unparsed(condition)
    return f"({text})" if isinstance(condition, ast.BoolOp) else text


def _unparsed(node: ast.expr) -> str:
    """Return an expression's text; `ast` writes `sum((x for x in X))`, with brackets to spare."""
    text = ast.unparse(node)
    for found in reversed(list(re.finditer(r"\b(?:sum|prod|min|max)(\(\()", text))):
        opened = found.start(1) + 1
        closed = _closing(text, opened)
        if text[closed + 1 : closed + 2] == ")":
            text = text[:opened] + text[opened + 1 : closed] + text[closed + 1 :]
    return text


def _closing(text: str, opened: int) -> int:
    """Return where the bracket is closed that is opened here; brackets in quotes count for none."""
    depth, quote = 0, ""
    for at in range(opened, len(text)):
        sign = text[at]
        if quote:
            quote = "" if sign == quote and text[at - 1] != "\\" else quote
        elif sign in "\"'":
            quote = sign
        else:
            depth += (sign == "(") - (sign == ")")
            if depth == 0:
                return at
    return len(text)


def _unchained(node: ast.Subscript) -> tuple[ast.expr, list[ast.expr]]:
    """Return what `cost[i][j]` and `cost[i, j]` take an item of, and the indices."""
    indices: list[ast.expr] = []
    base: ast.expr = node
    while isinstance(base, ast.Subscript):
        part = base.slice
        indices = [*(part.elts if isinstance(part, ast.Tuple) else [part]), *indices]
        base = base.value
    return base, indices


def _plain_item(node: ast.AST) -> tuple[str, tuple[str, ...]] | None:
    """Return an item's name and indices where all of these are names."""
    if not isinstance(node, ast.Subscript):
        return None
    base, indices = _unchained(node)
    names = tuple(i.id for i in indices if isinstance(i, ast.Name))
    if not isinstance(base, ast.Name) or len(names) != len(indices):
        return None
    return base.id, names


def _given(call: ast.Call) -> Iterator[ast.expr]:
    """Yield what a decision is over, one by one."""
    for given in [*call.args, *(k.value for k in call.keywords if k.arg == "over")]:
        yield from given.elts if isinstance(given, ast.Tuple | ast.List) else [given]


def _memberships(node: ast.AST) -> Iterator[tuple[str, tuple[str, ...]]]:
    for inner in ast.walk(node):
        match inner:
            case ast.Compare(left=ast.Tuple(elts=parts), ops=[ast.In()],
                             comparators=[ast.Name(id=rows)]):  # fmt: skip
                yield rows, tuple(p.id for p in parts if isinstance(p, ast.Name))


def _whole(node: ast.expr) -> int | None:
    match node:
        case ast.Constant(value=int() as value):
            return value
        case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int() as value)):
            return -value
    return None


def _declared(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign):
            for target in node.targets:
                base = target.value if isinstance(target, ast.Subscript) else target
                if isinstance(base, ast.Name):
                    yield base.id


def _names_in(tree: ast.Module) -> set[str]:
    return {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}


def _by_lower(names: Iterable[str]) -> dict[str, str]:
    """Return the names by themselves in small letters, where that tells them apart."""
    found: dict[str, list[str]] = {}
    for name in names:
        found.setdefault(name.lower(), []).append(name)
    return {low: same[0] for low, same in found.items() if len(same) == 1}
