"""The constraint-programming kinds, worked out: a function of the columns for each item."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from optiwright.formulators.errors import FormulationError
from optiwright.formulators.frames import Frame, extend
from optiwright.formulators.grounding import Clause
from optiwright.formulators.indices import TEXT_BASE, Indices
from optiwright.formulators.model import (
    AllDifferent,
    Circuit,
    Cumulative,
    Global,
    NoOverlap,
    Table,
)
from optiwright.formulators.parser import parse_expression, parse_over
from optiwright.formulators.values import Evaluator
from optiwright.solver_tools import program
from optiwright.solver_tools.batches import gather, stack
from optiwright.solver_tools.compile_relations import integer_valued
from optiwright.solver_tools.compile_terms import Context, Terms
from optiwright.solver_tools.intervals import interval
from optiwright.solver_tools.program import Functions, Ints

_NONE = np.empty((0, 0), dtype=np.int64)


def add_globals(context: Context, constraint: Global, clause: Clause) -> None:
    """Add a constraint of one of these kinds, once for each of its indices.

    Raises:
        FormulationError: if an expression cannot be expanded, is not whole where it has to be, is
            negative where it must not be, or the indices are not those that the kind needs.
    """
    _Adding(context, constraint, clause).run()


class _Adding:
    def __init__(self, context: Context, constraint: Global, clause: Clause) -> None:
        self.context = context
        self.constraint = constraint
        self.clause = clause
        self.title = f"constraint `{constraint.name}`"
        reader = Evaluator(context.instance, self.title, constraint.among, whole=True)
        self.inner, self.parents = extend(reader, clause.frame, parse_over(constraint.among))
        known = clause.frame.codes.keys()
        columns = [codes for name, codes in self.inner.codes.items() if name not in known]
        self.codes = np.column_stack(columns) if columns else _NONE
        self.items = Indices(context.instance.labels, self.inner.size, columns)

    def terms(self, source: str) -> Terms:
        return Terms(self.context, self.constraint.name, self.title, source)

    def run(self) -> None:
        match self.constraint:
            case AllDifferent(each=each):
                self.add("all_different", [self.whole(each, self.inner)])
            case NoOverlap(start=start, duration=duration):
                self.add("no_overlap", [self.batch(t, self.inner) for t in (start, duration)])
            case Cumulative(start=start, duration=duration, demand=demand, capacity=capacity):
                parts = [self.batch(t, self.inner) for t in (start, duration)]
                parts.append(self.not_negative(demand))
                self.add("cumulative", parts, self.batch(capacity, self.clause.frame))
            case Circuit(arc=arc):
                self.add("circuit", [self.binary(arc)])
            case Table(values=values):
                self.add_table(values)

    def batch(self, source: str, frame: Frame) -> Functions:
        return self.terms(source).expand(parse_expression(source), frame, 0)

    def whole(self, source: str, frame: Frame) -> Functions:
        """Expands an expression that has to take whole numbers."""
        terms, node = self.terms(source), parse_expression(source)
        body = terms.expand(node, frame, 0)
        if not integer_valued(terms, body) or (body.constant % 1 != 0).any():
            raise terms.reader.fail(
                node,
                "this takes values that are not whole",
                "Make its variables integer and its numbers whole.",
            )
        return body

    def binary(self, source: str) -> Functions:
        body = self.whole(source, self.inner)
        low, high = interval(body, *self.context.builder.bounds())
        if (low < 0).any() or (high > 1).any():
            raise self.fail(source, "this is no binary", "Use a binary variable for each arc.")
        return body

    def not_negative(self, source: str) -> Functions:
        body = self.batch(source, self.inner)
        low, _ = interval(body, *self.context.builder.bounds())
        if (low < 0).any():
            raise self.fail(
                source, "a demand may be below zero here", "Give demands of zero or more."
            )
        return body

    def fail(self, source: str, what: str, remedy: str) -> FormulationError:
        return self.terms(source).reader.fail(parse_expression(source), what, remedy)

    def add(
        self,
        kind: program.GlobalKind,
        parts: Sequence[Functions],
        capacity: Functions | None = None,
    ) -> None:
        """Adds one constraint for each index, with the items that belong to it."""
        for at, index in enumerate(self.clause.domain.indices):
            rows = np.flatnonzero(self.parents == at)
            mine = tuple(gather(part, rows) for part in parts)
            if capacity is not None:
                mine = (*mine, gather(capacity, np.array([at])))
            items = [self.items[int(row)] for row in rows]
            allowed = self.nodes(rows) if kind == "circuit" else _NONE
            self.context.builder.add_global(
                program.Global(kind, self.constraint.name, index, items, mine, allowed)
            )

    def nodes(self, rows: Ints) -> Ints:
        """Returns the two nodes of each arc, numbered from zero."""
        if self.codes.shape[1] != 2 and self.inner.size:
            raise FormulationError(
                f"a circuit's arcs need two indices, from and to, and {self.constraint.among!r} "
                f"binds {self.codes.shape[1]}",
                where=self.title,
                remedy="Write `i in Nodes, j in Nodes if i != j`, or `(i, j) in Arcs`.",
            )
        mine = self.codes[rows].reshape(len(rows), 2)
        return np.unique(mine, return_inverse=True)[1].reshape(mine.shape).astype(np.int64)

    def add_table(self, values: Sequence[str]) -> None:
        bodies = [self.whole(text, self.clause.frame) for text in values]
        width = self.codes.shape[1] if self.inner.size else len(values)
        problem = ""
        if width != len(values):
            problem = f"{len(values)} values, and {width} indices that say what they may be"
        elif self.inner.size and self.codes.max() >= TEXT_BASE:
            problem = "what the values may be has to be whole numbers"
        if problem:
            raise FormulationError(
                f"{problem}, in {self.constraint.among!r}",
                where=self.title,
                remedy="Write `(a, b) in Pairs` for two values, `Pairs` a set of pairs of "
                "integers.",
            )
        for at, index in enumerate(self.clause.domain.indices):
            rows = np.flatnonzero(self.parents == at)
            body = stack([gather(each, np.array([at])) for each in bodies])
            items = [(position + 1,) for position in range(len(values))]
            allowed = self.codes[rows].reshape(len(rows), len(values))
            self.context.builder.add_global(
                program.Global("table", self.constraint.name, index, items, (body,), allowed)
            )
