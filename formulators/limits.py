"""Variables that the objective wants ever larger or smaller, or that may grow for nothing."""

from __future__ import annotations

from collections.abc import Iterator

from optiwright.formulators.classify import Analyst
from optiwright.formulators.errors import FormulationError
from optiwright.formulators.expressions import (
    Addition,
    Arithmetic,
    Choice,
    Item,
    Name,
    Negative,
    Node,
    Number,
    Reduction,
    names_in,
)
from optiwright.formulators.findings import Code, Finding, Severity
from optiwright.formulators.model import (
    Algebraic,
    Definition,
    Domain,
    Formulation,
    Sense,
    Variable,
)
from optiwright.formulators.parser import parse_expression, parse_relation
from optiwright.formulators.scope import Scope

UP, DOWN, EITHER = 1, -1, 0


def unlimited_findings(formulation: Formulation, scope: Scope) -> Iterator[Finding]:
    """Yield the variables that improve the objective without limit, as far as signs can tell."""
    directions = _Directions(scope)
    try:
        pulls = _pulls(formulation, directions)
        limits = _limits(formulation, directions)
    except FormulationError:
        return
    for variable in formulation.variables:
        pull = pulls.get(variable.name, set())
        if variable.domain is Domain.BINARY:
            continue
        costless = bool(pulls) and not pull and variable.upper is None
        if costless and limits.get(variable.name) == {DOWN}:
            yield _free(variable)
        if len(pull) != 1 or EITHER in pull:
            continue
        up = pull == {UP}
        if (variable.upper if up else variable.lower) is not None:
            continue
        if not limits.get(variable.name, set()) & {UP if up else DOWN, EITHER}:
            yield _finding(variable, up)


def _finding(variable: Variable, up: bool) -> Finding:
    way, bound = ("large", "an upper") if up else ("small", "a lower")
    return Finding(
        code=Code.UNBOUNDED,
        severity=Severity.WARNING,
        where=f"variable `{variable.name}`",
        message=f"The objective wants `{variable.name}` as {way} as possible, but no constraint "
        f"and no bound stops it; add the limit that the text gives, or {bound} bound.",
    )


def _free(variable: Variable) -> Finding:
    return Finding(
        code=Code.FREE,
        severity=Severity.WARNING,
        where=f"variable `{variable.name}`",
        message=f"`{variable.name}` may grow without limit and costs nothing, so whatever needs it "
        "is met for nothing; put what it takes or costs into the totals and the objective, or add "
        "the limit that the text gives.",
    )


def _pulls(formulation: Formulation, directions: _Directions) -> dict[str, set[int]]:
    pulls: dict[str, set[int]] = {}
    for goal in formulation.objectives:
        sign = UP if goal.sense is Sense.MAXIMIZE else DOWN
        directions.collect(parse_expression(goal.expression), sign, pulls)
    return pulls


def _limits(formulation: Formulation, directions: _Directions) -> dict[str, set[int]]:
    """Return in which directions the constraints limit each variable."""
    limits: dict[str, set[int]] = {}
    for constraint in formulation.constraints:
        if not isinstance(constraint, Algebraic):
            for text in constraint_texts(constraint):
                directions.collect(parse_expression(text), EITHER, limits)
            continue
        relation = parse_relation(constraint.expression)
        for op, left, right in zip(
            relation.ops, relation.operands, relation.operands[1:], strict=False
        ):
            sign = EITHER if op == "==" else UP if op in {"<=", "<"} else DOWN
            directions.collect(left, sign, limits)
            directions.collect(right, -sign, limits)
    return limits


def constraint_texts(constraint: object) -> Iterator[str]:
    """Yield the expressions of a constraint of any kind, its index clause apart."""
    fields = (
        "condition", "then", "expression", "argument", "value", "each", "start", "duration",
        "demand", "capacity", "arc",
    )  # fmt: skip
    for field in fields:
        text = getattr(constraint, field, None)
        if text:
            yield text
    yield from getattr(constraint, "options", ())
    yield from getattr(constraint, "values", ())


class _Directions:
    """Finds in which direction an expression grows with each of its variables."""

    def __init__(self, scope: Scope) -> None:
        self.scope = scope
        self.analyst = Analyst(scope)

    def collect(self, node: Node, sign: int, found: dict[str, set[int]], depth: int = 0) -> None:
        """Add the directions of `sign` times the tree to `found`."""
        match node:
            case Name(name=name) | Item(name=name):
                self._symbol(name, sign, found, depth)
            case Negative(operand=operand):
                self.collect(operand, -sign, found, depth)
            case Addition(terms=terms):
                for term in terms:
                    self.collect(term, sign, found, depth)
            case Arithmetic(op="*" | "/", left=left, right=right):
                self._scaled(node, left, right, sign, found, depth)
            case Arithmetic(op="**", left=left, right=Number(value=power)) if (
                power > 0 and self.analyst.node(left).low
            ):
                self.collect(left, sign, found, depth)
            case Reduction(op="sum" | "min" | "max", body=body):
                self.collect(body, sign, found, depth)
            case Choice(yes=yes, no=no):
                self.collect(yes, sign, found, depth)
                self.collect(no, sign, found, depth)
            case _:
                for name in names_in(node):
                    self._symbol(name, EITHER, found, depth)

    def _symbol(self, name: str, sign: int, found: dict[str, set[int]], depth: int) -> None:
        symbol = self.scope.symbols.get(name)
        if symbol is None or depth > len(self.scope.symbols):
            return
        if isinstance(symbol.part, Variable):
            found.setdefault(name, set()).add(sign)
        elif isinstance(symbol.part, Definition):
            self.collect(parse_expression(symbol.part.expression), sign, found, depth + 1)

    def _scaled(
        self,
        node: Arithmetic,
        left: Node,
        right: Node,
        sign: int,
        found: dict[str, set[int]],
        depth: int,
    ) -> None:
        natures = self.analyst.node(left), self.analyst.node(right)
        for factor, other, nature in ((left, right, natures[1]), (right, left, natures[0])):
            if not nature.constant or (node.op == "/" and other is left):
                continue
            if nature.low != nature.high:
                self.collect(factor, sign if nature.low else -sign, found, depth)
                return
            if nature.low and nature.high:
                return
        if natures[0].low and natures[1].low:
            self.collect(left, sign, found, depth)
            self.collect(right, sign if node.op == "*" else -sign, found, depth)
            return
        for name in names_in(node):
            self._symbol(name, EITHER, found, depth)
