"""Loops, sums and requirements of a script over tables, as the expression language writes them.

Only what has one meaning is put right: an index that is called like something else is renamed, the
label of an element (`region[city]`) becomes an index of its own, and items of a table that lacks
some combinations are taken where it has a row.
"""

from __future__ import annotations

import ast
import copy
from collections.abc import Iterator, Sequence

from optiwright.formulators.data_names import fresh_name
from optiwright.formulators.script_names import Env, Names, Pair
from optiwright.formulators.script_syntax import (
    Generator,
    generator_expression,
    in_brackets,
    memberships,
    plain_item,
    unchained,
    unparsed,
    whole_number,
)
from optiwright.formulators.table_symbols import ReadyLabel

_SUMS = frozenset({"sum", "lpSum", "quicksum", "fsum", "Sum"})


class Clauses(Names):
    """The clauses and expressions of one script."""

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
            clause += " if " + " and ".join(in_brackets(c) for c in shown)
        return clause, env

    def text(self, node: ast.expr, env: Env) -> str:
        """Return an expression of the script in the expression language."""
        return unparsed(_Rewriter(self, dict(env)).visit(copy.deepcopy(node)))

    def _bind(self, pairs: Sequence[Pair], env: Env) -> list[Generator]:
        generators = []
        for targets, domain in pairs:
            self.used.add(domain)
            parts = self.parts([domain])
            fresh = tuple(self._fresh(t, env) for t in targets)
            for target, new, part in zip(targets, fresh, parts, strict=False):
                env[target] = new
                self._domain_of_index[new] = part
            generators.append(Generator(fresh, domain))
        return generators

    def _fresh(self, target: str, env: Env) -> str:
        return fresh_name(target, self._symbols | set(env.values()))

    # --- labels -----------------------------------------------------------------------------------

    def _looked_up(self, generators: list[Generator], env: Env, scope: list[ast.expr]) -> None:
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
            generators.append(Generator((again, found), label.pairs, [same]))

    def _labels_of(self, node: ast.expr) -> Iterator[tuple[ReadyLabel, str]]:
        for inner in ast.walk(node):
            match inner:
                case ast.Subscript(value=ast.Name(id=name), slice=ast.Name(id=index)):
                    if name in self._labels and name not in self._declared:
                        yield self._labels[name], index

    # --- rows -------------------------------------------------------------------------------------

    def guard(self, generators: list[Generator], env: Env, bodies: Sequence[ast.expr]) -> None:
        """Have the items of a table with missing rows taken only where it has one."""
        known = set(env.values())
        here = {t for g in generators for t in g.targets}
        held = {(g.domain, g.targets) for g in generators}
        scope = [*bodies, *(c for g in generators for c in g.conditions)]
        held |= {found for node in scope for found in memberships(node)}
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
        item = plain_item(node)
        if item is not None and item[0] in self._rows:
            rows, places = self._rows[item[0]]
            if max(places) < len(item[1]):
                yield rows, tuple(item[1][k] for k in places)
        for child in ast.iter_child_nodes(node):
            yield from self._items_by_row(child)

    def label_index(self, name: str, node: ast.expr, env: Env) -> str | None:
        """Return the index that stands for an element's label."""
        known = isinstance(node, ast.Name) and name in self._labels
        return env.get(f"{name}[{node.id}]") if known and isinstance(node, ast.Name) else None

    def comprehension(
        self, node: ast.GeneratorExp | ast.ListComp, env: Env
    ) -> tuple[ast.expr, list[Generator], Env]:
        """Return the body of a sum, its loops, and the names inside."""
        inner = dict(env)
        generators: list[Generator] = []
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

    def __init__(self, names: Clauses, env: Env) -> None:
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
        base, indices = unchained(node)
        if isinstance(base, ast.Name) and len(indices) == 1:
            label = self.names.label_index(base.id, indices[0], self.env)
            if label is not None:
                return ast.Name(label)
            ends = {0: "first", -1: "last"}
            found, at = self.names.set_name(base), whole_number(indices[0])
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
                return ast.Call(ast.Name(function), [generator_expression(body, generators)], [])
        arguments = [self._argument(a) for a in node.args]
        return ast.Call(ast.Name(function), arguments, [])

    def _argument(self, node: ast.expr) -> ast.expr:
        found = self.names.set_name(node) if isinstance(node, ast.Name) else None
        if found is not None and isinstance(node, ast.Name) and node.id not in self.env:
            self.names.used.add(found)
            return ast.Name(found)
        visited: ast.expr = self.visit(node)
        return visited
