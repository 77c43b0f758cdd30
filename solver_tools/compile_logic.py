"""Implications, alternatives and propositions to rows over binaries.

A condition is first brought to negation normal form. Then each part either is enforced, or gets a
literal: a function that is 0 or 1 at every feasible point, and whose being 1 forces the part. One
direction is enough, since no part stands under a negation any more. A relation is forced by its
literal with a big-M from the interval of its body.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np

from optiwright.formulators.errors import FormulationError
from optiwright.formulators.expressions import Comparison, ComparisonOp, Logical, Node
from optiwright.formulators.grounding import Clause
from optiwright.formulators.model import Either, Implication, Logic
from optiwright.formulators.parser import parse_expression, parse_relation
from optiwright.solver_tools.batches import add, columns_at, constants, is_constant, scale
from optiwright.solver_tools.compile_extremes import unbounded
from optiwright.solver_tools.compile_relations import Part, comparison_part, integer_valued
from optiwright.solver_tools.compile_terms import Context, Terms
from optiwright.solver_tools.intervals import interval
from optiwright.solver_tools.program import Floats, Functions, Kind

_OPPOSITE: dict[ComparisonOp, ComparisonOp] = {
    "<=": ">",
    ">=": "<",
    "<": ">=",
    ">": "<=",
    "==": "!=",
    "!=": "==",
}


@dataclass(frozen=True)
class _Fixed:
    """A condition on data alone."""

    terms: Terms
    node: Node
    positive: bool


@dataclass(frozen=True)
class _Bit:
    """A binary, or its negation."""

    terms: Terms
    node: Node
    positive: bool


@dataclass(frozen=True)
class _Atom:
    """One comparison; `given` is the operator as written, where it was negated."""

    terms: Terms
    op: ComparisonOp
    left: Node
    right: Node
    given: ComparisonOp | None


@dataclass(frozen=True)
class _Junction:
    op: Literal["and", "or"]
    parts: tuple[_Form, ...]


_Form: TypeAlias = _Fixed | _Bit | _Atom | _Junction


def implication(context: Context, constraint: Implication, clause: Clause) -> None:
    """Add rows by which `then` holds wherever the condition does."""
    rules = _Rules(context, constraint.name, clause)
    condition = rules.terms(constraint.condition)
    denied = rules.literal(_normal(condition, parse_expression(constraint.condition), False))
    then = rules.terms(constraint.then)
    demanded = add([constants(np.asarray(1.0), clause.frame.size), scale(denied, -1.0)])
    rules.enforce(_normal(then, parse_relation(constraint.then), True), demanded)


def either(context: Context, constraint: Either, clause: Clause) -> None:
    """Add rows by which at least so many of the options hold."""
    if constraint.at_least > len(constraint.options):
        raise FormulationError(
            f"at least {constraint.at_least} of {len(constraint.options)} options cannot hold",
            where=f"constraint `{constraint.name}`",
        )
    rules = _Rules(context, constraint.name, clause)
    held = [
        rules.literal(_normal(rules.terms(option), parse_relation(option), True))
        for option in constraint.options
    ]
    rules.add(add(held), float(constraint.at_least), np.inf)


def logic(context: Context, constraint: Logic, clause: Clause) -> None:
    """Add rows by which a proposition over binaries holds."""
    rules = _Rules(context, constraint.name, clause)
    node = parse_expression(constraint.expression)
    always = constants(np.asarray(1.0), clause.frame.size)
    rules.enforce(_normal(rules.terms(constraint.expression), node, True), always)


def _normal(terms: Terms, node: Node, positive: bool) -> _Form:
    """Bring a condition, or its negation, to negation normal form."""
    if isinstance(node, Logical):
        if node.op == "not":
            return _normal(terms, node.operands[0], not positive)
        op: Literal["and", "or"] = "and" if (node.op == "and") == positive else "or"
        return _Junction(op, tuple(_normal(terms, part, positive) for part in node.operands))
    if not terms.decides(node):
        return _Fixed(terms, node, positive)
    if not isinstance(node, Comparison):
        return _Bit(terms, node, positive)
    atoms = tuple(
        _comparison(terms, op, node.operands[k], node.operands[k + 1], positive)
        for k, op in enumerate(node.ops)
    )
    return atoms[0] if len(atoms) == 1 else _Junction("and" if positive else "or", atoms)


def _comparison(terms: Terms, op: ComparisonOp, left: Node, right: Node, positive: bool) -> _Form:
    if op in {"in", "not in"}:
        raise terms.reader.fail(left, f"`{op}` concerns indices, not variables")
    given = None if positive else op
    op = op if positive else _OPPOSITE[op]
    if op != "!=":
        return _Atom(terms, op, left, right, given)
    sides: tuple[ComparisonOp, ...] = ("<", ">")
    return _Junction("or", tuple(_Atom(terms, side, left, right, given or op) for side in sides))


class _Rules:
    """The rows and columns of one logical constraint."""

    def __init__(self, context: Context, name: str, clause: Clause) -> None:
        self.context = context
        self.builder = context.builder
        self.name = name
        self.clause = clause
        self.frame = clause.frame

    def terms(self, source: str) -> Terms:
        return Terms(self.context, self.name, f"constraint `{self.name}`", source)

    def add(
        self, body: Functions, lower: Floats | float, upper: Floats | float, own: bool = False
    ) -> None:
        if own:
            self.builder.add_own_rows(self.name, body, lower, upper)
        else:
            self.builder.add_rows(self.name, self.clause.domain.indices, body, lower, upper)

    def literal(self, form: _Form) -> Functions:
        """Return functions, 0 or 1, whose being 1 forces the form."""
        if isinstance(form, _Fixed):
            return self._fixed(form)
        if isinstance(form, _Bit):
            return self._bit(form)
        columns = self.builder.add_auxiliary(
            f"holds_{self.name}", self.frame.size, 0.0, 1.0, Kind.INTEGER
        )
        holds = columns_at(columns)
        self.enforce(form, holds, own=True)
        return holds

    def enforce(self, form: _Form, literal: Functions, own: bool = False) -> None:
        """Add rows by which the form holds wherever the literal is 1."""
        match form:
            case _Fixed():
                self.add(add([self._fixed(form), scale(literal, -1.0)]), 0.0, np.inf, own)
            case _Bit():
                self.add(add([self._bit(form), scale(literal, -1.0)]), 0.0, np.inf, own)
            case _Junction(op="and", parts=parts):
                for part in parts:
                    self.enforce(part, literal, own)
            case _Junction(parts=parts):
                held = [self.literal(part) for part in parts]
                self.add(add([*held, scale(literal, -1.0)]), 0.0, np.inf, own)
            case _Atom():
                self._force(form, literal, own)

    def _fixed(self, form: _Fixed) -> Functions:
        holds = form.terms.reader.condition(form.node, self.frame) == form.positive
        return constants(holds.astype(np.float64), self.frame.size)

    def _bit(self, form: _Bit) -> Functions:
        body = form.terms.expand(form.node, self.frame, 0)
        low, high = interval(body, *self.builder.bounds())
        whole = integer_valued(form.terms, body) and (body.constant % 1 == 0).all()
        if not whole or (low < 0).any() or (high > 1).any():
            raise form.terms.reader.fail(
                form.node, "this is no binary", "Compare it, as in `x > 0`, or use a binary."
            )
        if form.positive:
            return body
        return add([constants(np.asarray(1.0), self.frame.size), scale(body, -1.0)])

    def _force(self, form: _Atom, literal: Functions, own: bool) -> None:
        part = self._part(form)
        low, high = interval(part.body, *self.builder.bounds())
        switched = not is_constant(literal)
        for bound, worst, sign in ((part.upper, high, 1.0), (part.lower, low, -1.0)):
            if not np.isfinite(bound).any():
                continue
            slack = np.maximum(sign * (worst - bound), 0.0) if switched else np.zeros(len(bound))
            if not np.isfinite(slack).all():
                row = int(np.argmax(~np.isfinite(slack)))
                raise unbounded(form.terms, form.left, part.body, self.frame, row)
            if switched:
                body = add([part.body, scale(literal, sign * slack)])
                limit = bound + sign * slack
            else:
                body = part.body
                limit = np.where(literal.constant >= 0.5, bound, sign * np.inf)
            unlimited = np.full(len(bound), -sign * np.inf)
            ends = (unlimited, limit) if sign > 0 else (limit, unlimited)
            self.add(body, ends[0], ends[1], own)

    def _part(self, form: _Atom) -> Part:
        given = form.given
        if given is not None and form.op in {"<", ">"}:
            # Negated: say what is wrong in terms of what was written.
            sides = [form.terms.expand(side, self.frame, 0) for side in (form.left, form.right)]
            if not all(integer_valued(form.terms, side) for side in sides):
                raise form.terms.reader.fail(
                    form.left,
                    f"where `{given}` between continuous values fails, a strict inequality would "
                    "have to hold, whose solutions form no closed set",
                    f"Use `{given[0]}` in the condition."
                    if given in {"<=", ">="}
                    else "Use `<` or `>` in the condition, with a margin.",
                )
        return comparison_part(form.terms, form.op, form.left, form.right, self.frame)
