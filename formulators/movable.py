"""Which figures of a formulation can be moved to make it possible, which way, and which should.

A figure is a parameter that stands on its own in a limit: a budget, a capacity, a need. What is
multiplied with decisions, counts elements or steers a rule is none. By default those move that
sound as if they could; balances, definitions and rules of nature do not.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from optiwright.formulators.classify import Analyst
from optiwright.formulators.expressions import (
    Addition,
    Arithmetic,
    Generator,
    Item,
    Name,
    Negative,
    Node,
    Reduction,
    names_in,
)
from optiwright.formulators.limits import constraint_texts
from optiwright.formulators.model import (
    Algebraic,
    Constraint,
    Definition,
    Derived,
    Domain,
    Family,
    Formulation,
    Parameter,
    Range,
    Variable,
)
from optiwright.formulators.parser import names_of, parse_expression, parse_over, parse_relation
from optiwright.formulators.scope import Scope

_SOFT_UP = (
    r"budget|afford|avail|capacit|limit|at most|no more|not more|up to|max|supply|supplies|stock"
    r"|quota|exceed|only|\bcap\b|hours|staff|workforce|\bhave\b|\bhas\b|there (?:is|are)"
)
_SOFT_DOWN = (
    r"demand|need|requir|at least|no less|no fewer|not less|minimum|\bmin\b|order|target|contract"
    r"|promis|least|must (?:make|sell|have|get|be (?:made|sold|baked|met|covered))"
)
_UP, _DOWN = re.compile(_SOFT_UP, re.IGNORECASE), re.compile(_SOFT_DOWN, re.IGNORECASE)
_HARD = re.compile(
    r"balance|conserv|continuity|definition|\bphysic|\blaws?\b|\blegal|safety|regulat",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Movable:
    """A parameter that can be moved, and which ways make its limits easier to meet."""

    parameter: str
    up: bool
    down: bool
    limits: tuple[str, ...]
    """The constraints that it limits, and the variables whose bound it is."""
    by_default: bool
    """Whether it sounds as if it could be moved: a budget, a capacity, a demand."""


@dataclass
class _Use:
    """Where a parameter was met."""

    up: bool = False
    down: bool = False
    limits: list[str] = field(default_factory=list)
    sounds: list[str] = field(default_factory=list)
    described: bool = False
    balances: bool = False
    """Whether it stands in an equation."""
    steers: bool = False
    """Whether it is used in another way than as a figure of a limit."""


def movable_figures(formulation: Formulation) -> tuple[Movable, ...]:
    """Return the parameters that can be moved, in the formulation's order."""
    uses = _Uses(formulation).found()
    return tuple(
        Movable(p.name, up, down, tuple(dict.fromkeys(use.limits)), by_default)
        for p in formulation.parameters
        if not isinstance(p.data, Derived)
        for use in [uses[p.name]]
        if not use.steers and use.limits
        for up, down, by_default in [_ways(p, use)]
        if up or down
    )


def _ways(parameter: Parameter, use: _Use) -> tuple[bool, bool, bool]:
    """Return whether a parameter may rise, may fall, and is moved by default.

    In an equation either would do; its own words say which a user would mean.
    """
    own = _words(parameter.name, parameter.description, parameter.words)
    if use.balances:
        up, down = bool(_UP.search(own)), bool(_DOWN.search(own))
        stated = (up != down) and not _HARD.search(_words(parameter.name, parameter.description))
        return (up or not down, down or not up, True) if stated else (True, True, False)
    around = _words(own, *use.sounds)
    soft = bool(_UP.search(around) or _DOWN.search(around))
    silent = not parameter.description and not parameter.words and not use.described
    return use.up, use.down, (soft or silent) and not _HARD.search(around)


def _words(*parts: str) -> str:
    return " ".join(part.replace("_", " ") for part in parts if part)


class _Uses:
    """Collects how each parameter is used."""

    def __init__(self, formulation: Formulation) -> None:
        self._formulation = formulation
        self._scope = Scope(formulation)
        self._analyst = Analyst(self._scope)
        self._uses = {p.name: _Use() for p in formulation.parameters}
        self._deciding = {v.name for v in formulation.variables}
        for _ in formulation.definitions:
            for d in formulation.definitions:
                if _mentioned([d.expression]) & self._deciding:
                    self._deciding.add(d.name)

    def found(self) -> dict[str, _Use]:
        """Returns every parameter's use."""
        f = self._formulation
        for part in (*f.variables, *f.parameters, *f.definitions, *f.constraints, *f.asked):
            self._steers(_of_clause(part.over))
        for each in f.sets:
            if isinstance(each.data, Range):
                self._steers(_mentioned([each.data.start, each.data.stop]))
            elif isinstance(each.data, Family):
                self._steers(_of_clause(each.data.over))
        for parameter in f.parameters:
            if isinstance(parameter.data, Derived):
                self._steers(_mentioned([parameter.data.expression]))
        for variable in f.variables:
            self._bounds(variable)
        for constraint in f.constraints:
            self._constraint(constraint)
        return self._uses

    def _bounds(self, variable: Variable) -> None:
        for text, sign in ((variable.lower, 1), (variable.upper, -1)):
            if text is None or variable.domain is Domain.BINARY:
                continue
            if variable.domain is Domain.SEMICONTINUOUS:
                self._steers(_mentioned([text]))
                continue
            self._collect(parse_expression(text), sign, variable)

    def _constraint(self, constraint: Constraint) -> None:
        if not isinstance(constraint, Algebraic):
            self._steers(_mentioned(constraint_texts(constraint)))
            self._steers(_of_clause(getattr(constraint, "among", "")))
            return
        if constraint.penalty is not None:
            self._steers(_mentioned([constraint.penalty]))
            return
        relation = parse_relation(constraint.expression)
        for k, op in enumerate(relation.ops):
            sign = 0 if op in {"==", "!="} else 1 if op in {"<=", "<"} else -1
            for side, way in ((relation.operands[k], sign), (relation.operands[k + 1], -sign)):
                self._collect(side, way, constraint)

    def _collect(self, node: Node, sign: int, place: Algebraic | Variable, depth: int = 0) -> None:
        """Notes the parameters that stand in `node` by themselves.

        `sign` is 1 where a fall of the node makes the place easier, -1 where a rise does, 0 in an
        equation.
        """
        match node:
            case Name(name=name) | Item(name=name):
                if isinstance(node, Item):
                    self._steers(frozenset().union(*map(names_in, node.indices)))
                self._symbol(name, sign, place, depth)
            case Negative(operand=operand):
                self._collect(operand, -sign, place, depth)
            case Addition(terms=terms):
                for term in terms:
                    self._collect(term, sign, place, depth)
            case Reduction(op="sum", body=body, generators=generators):
                self._generators(generators)
                self._collect(body, sign, place, depth)
            case Arithmetic(op="*" | "/", left=left, right=right):
                self._scaled(node, left, right, sign, place, depth)
            case _:
                self._steers(names_in(node))

    def _scaled(
        self,
        node: Arithmetic,
        left: Node,
        right: Node,
        sign: int,
        place: Algebraic | Variable,
        depth: int,
    ) -> None:
        """Follows a product of data, or what is divided by data; a price of decisions steers."""
        pairs = ((left, right), (right, left)) if node.op == "*" else ((left, right),)
        for figure, factor in pairs:
            nature = self._analyst.node(factor)
            fixed = nature.constant and nature.low != nature.high
            if fixed and names_in(figure) & self._uses.keys() and not self._decides(figure):
                self._steers(names_in(factor))
                way = sign if nature.low else -sign
                self._collect(figure, way, place, depth)
                return
        self._steers(names_in(node))

    def _symbol(self, name: str, sign: int, place: Algebraic | Variable, depth: int) -> None:
        symbol = self._scope.symbols.get(name)
        if symbol is not None and isinstance(symbol.part, Definition):
            if depth <= len(self._scope.symbols):
                inner = parse_expression(symbol.part.expression)
                self._collect(inner, sign, place, depth + 1)
            return
        use = self._uses.get(name)
        if use is None:
            return
        use.up, use.down = use.up or sign < 0, use.down or sign > 0
        use.balances = use.balances or sign == 0
        use.limits.append(place.name)
        use.sounds.append(_words(place.name, place.description, place.words))
        use.described = use.described or bool(place.description or place.words)

    def _decides(self, node: Node) -> bool:
        return bool(names_in(node) & self._deciding)

    def _generators(self, generators: Iterable[Generator]) -> None:
        for generator in generators:
            self._steers(names_in(generator))

    def _steers(self, names: Iterable[str]) -> None:
        for name in names:
            if name in self._uses:
                self._uses[name].steers = True


def _of_clause(over: str) -> frozenset[str]:
    """Return the names in an index clause's sets and conditions."""
    return frozenset().union(*map(names_in, parse_over(over))) if over else frozenset()


def _mentioned(texts: Iterable[str]) -> frozenset[str]:
    return frozenset().union(*(names_of(text) for text in texts if text))
