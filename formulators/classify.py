"""Which class a formulation is of, from its expressions alone: degrees, signs and convexity rules.

The rules are those of disciplined convex programming (Grant, Boyd and Ye, 2006): curvature is
derived from the bottom up, with the signs of given parameters and of variables' bounds. What the
rules cannot show convex may still be so.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from optiwright.formulators.errors import FormulationError
from optiwright.formulators.expressions import (
    Addition,
    Arithmetic,
    Call,
    Choice,
    Item,
    Name,
    Negative,
    Node,
    Number,
    Reduction,
)
from optiwright.formulators.model import (
    Algebraic,
    Definition,
    Derived,
    Domain,
    Formulation,
    Given,
    Parameter,
    Sense,
    Variable,
)
from optiwright.formulators.model import Part as ModelPart
from optiwright.formulators.parser import parse_expression, parse_relation
from optiwright.formulators.scope import Scope


class Shape(StrEnum):
    """The form of a formulation's objective and constraints."""

    LINEAR = "linear"
    QUADRATIC = "quadratic"
    CONVEX = "convex"
    """Neither linear nor quadratic, and convex by rule."""
    NONLINEAR = "nonlinear"


class FormulationClass(ModelPart):
    """What kind of problem a formulation is."""

    shape: Shape
    convex: bool
    """Whether the rules show it convex, integrality apart."""
    integer: bool
    """Whether it has integer or binary variables, or constraints that need them."""

    def __str__(self) -> str:
        convexity = "convex " if self.convex and self.shape is Shape.QUADRATIC else ""
        return f"{'integer ' if self.integer else ''}{convexity}{self.shape.value}"


@dataclass(frozen=True)
class Nature:
    """What is known of an expression's values as a function of the variables.

    `degree` is that of a polynomial, None where it is none. An affine expression is both convex
    and concave. `low` and `high` tell whether it is never negative, never positive.
    """

    degree: int | None = None
    convex: bool = False
    concave: bool = False
    low: bool = False
    high: bool = False
    whole: bool = False

    @property
    def constant(self) -> bool:
        """Whether no variable is in it."""
        return self.degree == 0

    @property
    def affine(self) -> bool:
        """Whether it is linear with a constant."""
        return self.degree is not None and self.degree <= 1


_UNKNOWN = Nature()


def formulation_class(formulation: Formulation) -> FormulationClass:
    """Classify a formulation; an expression that cannot be read counts as nonlinear."""
    analyst = Analyst(Scope(formulation))
    parts = [*_objectives(formulation, analyst), *_relations(formulation, analyst)]
    degrees = [degree for degree, _ in parts]
    convex = all(rule for _, rule in parts)
    algebraic = all(isinstance(c, Algebraic) for c in formulation.constraints)
    discrete = any(
        v.domain in {Domain.INTEGER, Domain.BINARY, Domain.SEMICONTINUOUS}
        for v in formulation.variables
    )
    known = [d for d in degrees if d is not None]
    if len(known) == len(degrees) and max(known, default=0) <= 2:
        shape = Shape.QUADRATIC if max(known, default=0) == 2 else Shape.LINEAR
    else:
        shape = Shape.CONVEX if convex else Shape.NONLINEAR
    return FormulationClass(shape=shape, convex=convex, integer=discrete or not algebraic)


def _objectives(formulation: Formulation, analyst: Analyst) -> Iterable[tuple[int | None, bool]]:
    for goal in formulation.objectives:
        nature = analyst.source(goal.expression)
        convex = nature.convex if goal.sense is Sense.MINIMIZE else nature.concave
        yield nature.degree, convex


def _relations(formulation: Formulation, analyst: Analyst) -> Iterable[tuple[int | None, bool]]:
    for constraint in formulation.constraints:
        texts = [
            text
            for text in (
                getattr(constraint, field, "") for field in ("expression", "condition", "then")
            )
            if text
        ]
        for text in (*texts, *getattr(constraint, "options", ())):
            yield from analyst.relation(text)
        for text in (getattr(constraint, field, "") for field in ("argument", "value")):
            if text:
                nature = analyst.source(text)
                yield nature.degree, nature.affine


class Analyst:
    """Derives the nature of expressions from the bottom up."""

    def __init__(self, scope: Scope) -> None:
        self._scope = scope
        self._known: dict[str, Nature] = {}
        self._busy: set[str] = set()

    def source(self, text: str) -> Nature:
        """Return the nature of an expression given as text."""
        try:
            return self.node(parse_expression(text))
        except FormulationError:
            return _UNKNOWN

    def relation(self, text: str) -> list[tuple[int | None, bool]]:
        """Return the degree of each link of a relation, and whether it is convex by rule."""
        try:
            relation = parse_relation(text)
        except FormulationError:
            return []
        natures = [self.node(operand) for operand in relation.operands]
        found: list[tuple[int | None, bool]] = []
        for op, left, right in zip(relation.ops, natures, natures[1:], strict=False):
            low, high = (right, left) if op in {">=", ">"} else (left, right)
            convex = low.convex and high.concave
            if op == "==":
                convex = left.affine and right.affine
            found.append((_most(left.degree, right.degree), convex))
        return found

    def node(self, node: Node) -> Nature:
        """Return the nature of a tree."""
        match node:
            case Number(value=value):
                return Nature(0, True, True, value >= 0, value <= 0, value.is_integer())
            case Name(name=name) | Item(name=name):
                return self._symbol(name)
            case Negative(operand=operand):
                return _negative(self.node(operand))
            case Addition(terms=terms):
                return _sum([self.node(term) for term in terms])
            case Arithmetic(op="*", left=left, right=right):
                if left_equals(left, right):
                    return _power(self.node(left), 2.0)
                return _product(self.node(left), self.node(right))
            case Arithmetic(op="/", left=left, right=right):
                inverse = _power(self.node(right), -1.0)
                return _product(self.node(left), inverse)
            case Arithmetic(op="**", left=left, right=right):
                return self._raised(left, right)
            case Call(function=function, arguments=arguments):
                return self._call(function, arguments)
            case Reduction(op=op, body=body):
                return _reduced(op, self.node(body))
            case Choice(yes=yes, no=no):
                return _either(self.node(yes), self.node(no))
        return _UNKNOWN

    def _symbol(self, name: str) -> Nature:
        if name not in self._known:
            if name in self._busy:
                return _UNKNOWN
            self._busy.add(name)
            self._known[name] = self._declared(name)
            self._busy.discard(name)
        return self._known[name]

    def _declared(self, name: str) -> Nature:
        symbol = self._scope.symbols.get(name)
        part = symbol.part if symbol else None
        if isinstance(part, Variable):
            return self._variable(part)
        if isinstance(part, Definition):
            return self.source(part.expression)
        if isinstance(part, Parameter) and isinstance(part.data, Given):
            values = [e.value for e in part.data.entries]
            values += [] if part.data.default is None else [part.data.default]
            low, high = all(v >= 0 for v in values), all(v <= 0 for v in values)
            return Nature(0, True, True, low, high, all(v.is_integer() for v in values))
        if isinstance(part, Parameter) and isinstance(part.data, Derived):
            return self.source(part.data.expression)
        # A bound index or a table's column: a constant of which no more is known.
        return Nature(0, True, True, whole=part is None)

    def _variable(self, part: Variable) -> Nature:
        binary = part.domain is Domain.BINARY
        low = binary or (part.lower is not None and self.source(part.lower).low)
        high = not binary and part.upper is not None and self.source(part.upper).high
        return Nature(1, True, True, low, high, binary or part.domain is Domain.INTEGER)

    def _raised(self, base: Node, exponent: Node) -> Nature:
        base_nature, power = self.node(base), self.node(exponent)
        value = self.exponent(exponent)
        if value is not None:
            return _power(base_nature, value)
        if base_nature.constant and power.constant:
            return Nature(0, True, True, base_nature.low)
        if base_nature.constant and base_nature.low and power.affine:
            return Nature(None, convex=True, low=True)
        return _UNKNOWN

    def exponent(self, node: Node) -> float | None:
        """Return the value of a number or a scalar given parameter."""
        if isinstance(node, Number):
            return node.value
        return self._scope.scalar(node.name) if isinstance(node, Name) else None

    def _call(self, function: str, arguments: tuple[Node, ...]) -> Nature:
        if function in {"prev", "next", "first", "last", "len"}:
            return Nature(0, True, True, function == "len", False, True)
        natures = [self.node(a) for a in arguments]
        if function in {"min", "max"}:
            return _extreme(function, natures)
        return _function(function, natures[0])


def left_equals(left: Node, right: Node) -> bool:
    """Tell whether two trees are the same name or item, their places in the text apart."""
    if isinstance(left, Name) and isinstance(right, Name):
        return left.name == right.name
    if isinstance(left, Item) and isinstance(right, Item):
        pairs = zip(left.indices, right.indices, strict=False)
        return left.name == right.name and all(left_equals(a, b) for a, b in pairs)
    return False


def _most(*degrees: int | None) -> int | None:
    known = [d for d in degrees if d is not None]
    return max(known, default=0) if len(known) == len(degrees) else None


def _negative(n: Nature) -> Nature:
    return Nature(n.degree, n.concave, n.convex, n.high, n.low, n.whole)


def _sum(parts: list[Nature]) -> Nature:
    return Nature(
        _most(*(p.degree for p in parts)),
        all(p.convex for p in parts),
        all(p.concave for p in parts),
        all(p.low for p in parts),
        all(p.high for p in parts),
        all(p.whole for p in parts),
    )


def _product(a: Nature, b: Nature) -> Nature:
    low = (a.low and b.low) or (a.high and b.high)
    high = (a.low and b.high) or (a.high and b.low)
    whole = a.whole and b.whole
    if b.constant:
        a, b = b, a
    if not a.constant:
        degree = None if a.degree is None or b.degree is None else a.degree + b.degree
        return Nature(degree, False, False, low, high, whole)
    convex = b.affine or (a.low and b.convex) or (a.high and b.concave)
    concave = b.affine or (a.low and b.concave) or (a.high and b.convex)
    return Nature(b.degree, convex, concave, low, high, whole)


def _power(base: Nature, exponent: float) -> Nature:
    even = exponent.is_integer() and int(exponent) % 2 == 0
    if base.constant:
        return Nature(0, True, True, base.low or even, False, base.whole and exponent >= 0)
    if exponent == 1:
        return base
    degree = None
    if exponent.is_integer() and exponent >= 0 and base.degree is not None:
        degree = base.degree * int(exponent)
    whole = base.whole and exponent.is_integer() and exponent >= 0
    if exponent == 0:
        return Nature(0, True, True, True, False, True)
    if exponent < 0:
        return Nature(None, base.low and base.concave, False, base.low or even)
    if exponent < 1:
        return Nature(None, False, base.concave, True)
    convex = (even and base.affine) or (base.low and base.convex)
    return Nature(degree, convex, False, base.low or even, False, whole)


def _function(function: str, n: Nature) -> Nature:
    if n.constant:
        return Nature(0, True, True, function in {"exp", "sqrt", "abs"}, False, False)
    if function == "exp":
        return Nature(None, n.convex, False, True)
    if function in {"log", "sqrt"}:
        return Nature(None, False, n.concave, function == "sqrt")
    if function == "abs":
        convex = n.affine or (n.low and n.convex) or (n.high and n.concave)
        return Nature(None, convex, False, True, False, n.whole)
    return _UNKNOWN


def _extreme(op: str, parts: list[Nature]) -> Nature:
    if all(p.constant for p in parts):
        degree: int | None = 0
    else:
        degree = None
    return Nature(
        degree,
        degree == 0 or (op == "max" and all(p.convex for p in parts)),
        degree == 0 or (op == "min" and all(p.concave for p in parts)),
        all(p.low for p in parts),
        all(p.high for p in parts),
        all(p.whole for p in parts),
    )


def _reduced(op: str, body: Nature) -> Nature:
    if op == "sum":
        return body
    if op == "prod":
        if body.constant:
            return Nature(0, True, True, body.low, False, body.whole)
        return Nature(None, low=body.low, whole=body.whole)
    return _extreme(op, [body])


def _either(yes: Nature, no: Nature) -> Nature:
    return _sum([yes, no])
