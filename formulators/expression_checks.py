"""Names, indices and types of one expression: what it would stumble over when it is compiled."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import TypeAlias

from optiwright.formulators.classify import Analyst
from optiwright.formulators.expressions import (
    Addition,
    Arithmetic,
    Call,
    Choice,
    Comparison,
    Generator,
    Item,
    Label,
    Logical,
    Name,
    Negative,
    Node,
    Number,
    Reduction,
    Span,
    Tuple,
    names_in,
)
from optiwright.formulators.findings import Code, Finding, Severity
from optiwright.formulators.model import Definition, Domain, Element, Variable
from optiwright.formulators.parser import (
    ExpressionError,
    parse_expression,
    parse_over,
    parse_relation,
)
from optiwright.formulators.phrases import capitalised
from optiwright.formulators.scope import Role, Scope, Symbol

Elements: TypeAlias = frozenset[Element] | None
_STEPS = frozenset({"prev", "next", "first", "last"})


@dataclass(frozen=True)
class BoundIndex:
    """What an index ranges over: its known elements, and whether a plain set orders them."""

    elements: Elements
    ordered: bool


Env: TypeAlias = Mapping[str, BoundIndex]


class ExpressionChecker:
    """Walks expressions and collects findings and the names that are mentioned."""

    def __init__(self, scope: Scope) -> None:
        self.scope = scope
        self.analyst = Analyst(scope)
        self.findings: list[Finding] = []
        self.mentioned: set[str] = set()
        self.unread = False
        self._where = ""
        self._source = ""
        self._no_variables: Code | None = None

    # --- entrances --------------------------------------------------------------------------------

    def over(self, where: str, source: str, env: Env | None = None) -> Env | None:
        """Check an index clause and return what it binds, or None if it cannot be read."""
        self._where, self._source, self._no_variables = where, "", None
        try:
            generators = parse_over(source)
        except ExpressionError as error:
            self._unreadable(error, source)
            return None
        self._source = source
        return self._bind(generators, env or {})

    def value(self, where: str, source: str, env: Env | None, *, variables: bool = True) -> None:
        """Check an expression that gives a number; `variables` tells whether they may be in it."""
        node = self._start(where, source, env)
        if node is not None and env is not None:
            self._no_variables = None if variables else Code.VARIABLE_IN_DATA
            self._value(node, env)

    def relation(self, where: str, source: str, env: Env | None) -> None:
        """Check a comparison that a constraint demands."""
        node = self._start(where, source, env, relation=True)
        if isinstance(node, Comparison) and env is not None:
            self._no_variables = None
            for operand in node.operands:
                self._value(operand, env)
            self._check_strict(node, {"<", ">"}, "demanded", "Write <= or >=")

    def proposition(self, where: str, source: str, env: Env | None, *, tested: bool) -> None:
        """Check a combination of binaries; `tested` for an implication's condition."""
        node = self._start(where, source, env)
        if node is not None and env is not None:
            self._no_variables = None
            self._proposition(node, env, tested)

    def _start(
        self, where: str, source: str, env: Env | None, *, relation: bool = False
    ) -> Node | None:
        self._where, self._source = where, source
        try:
            node = parse_relation(source) if relation else parse_expression(source)
        except ExpressionError as error:
            self._unreadable(error, source)
            return None
        # Without its index clause the expression is not walked, but its names are used.
        self.mentioned |= names_in(node) if env is None else set()
        return node

    def _unreadable(self, error: ExpressionError, source: str) -> None:
        self.unread = True
        span = (error.span.start, error.span.stop) if error.source == source else None
        self.findings.append(
            Finding(
                code=Code.SYNTAX,
                severity=Severity.ERROR,
                where=self._where,
                message=f"{error.what} at {error.where}. {error.remedy}".strip(),
                expression=source,
                span=span,
            )
        )

    def report(
        self,
        code: Code,
        message: str,
        span: Span | None = None,
        severity: Severity = Severity.ERROR,
    ) -> None:
        """Add a finding about the expression at hand."""
        place = None if span is None else (span.start, span.stop)
        self.findings.append(
            Finding(
                code=code,
                severity=severity,
                where=self._where,
                message=message,
                expression=self._source,
                span=place,
            )
        )

    def unknown_parameter(self, where: str, name: str) -> None:
        """Report a parameter that is named but not declared."""
        self._where, self._source = where, ""
        near = get_close_matches(name, [p.name for p in self.scope.formulation.parameters], 1)
        remedy = f"did you mean `{near[0]}`?" if near else "declare it."
        self.report(Code.UNKNOWN_NAME, f"Parameter `{name}` is not declared: {remedy}")

    # --- values -----------------------------------------------------------------------------------

    def _value(self, node: Node, env: Env) -> None:
        match node:
            case Number():
                pass
            case Name() | Item():
                self._symbol(node, env)
            case Negative(operand=operand):
                self._value(operand, env)
            case Addition(terms=parts):
                self._values(parts, env)
            case Arithmetic(left=left, right=right):
                self._values((left, right), env)
            case Call():
                self._call(node, env)
            case Reduction(body=body, generators=generators):
                self._value(body, self._bind(generators, env))
            case Choice(condition=condition, yes=yes, no=no):
                self._condition(condition, env)
                self._values((yes, no), env)
            case Label(value=label):
                self.report(
                    Code.LABEL_AS_NUMBER,
                    f"The element {label!r} is used as a number; use a parameter indexed by it.",
                    node.span,
                )
            case Comparison() | Logical():
                self.report(
                    Code.RELATION_AS_VALUE,
                    f"{self._text(node)} is a relation, not a number; use a binary variable or "
                    "`a if condition else b`.",
                    node.span,
                )
            case Tuple():
                self.report(
                    Code.SYNTAX, "A tuple is not a number; write one expression.", node.span
                )

    def _values(self, nodes: Iterable[Node], env: Env) -> None:
        for node in nodes:
            self._value(node, env)

    def _call(self, node: Call, env: Env) -> None:
        if node.function in _STEPS:
            self._step(node, env)
        elif node.function == "len":
            self._set(node.arguments[0], env)
        else:
            self._values(node.arguments, env)

    def _symbol(self, node: Name | Item, env: Env) -> None:
        if node.name in env:
            self._bound(node, env[node.name])
            return
        self.mentioned.add(node.name)
        symbol = self.scope.symbols.get(node.name)
        if symbol is None:
            self._unknown(node)
        elif symbol.role is Role.SET:
            self.report(
                Code.SET_AS_VALUE,
                f"Set `{node.name}` is used as a number; write `len({node.name})` or sum over it.",
                node.span,
            )
        else:
            self._check_variables_allowed(symbol, node)
            self._indices(node, symbol, env)

    def _bound(self, node: Name | Item, index: BoundIndex) -> None:
        if isinstance(node, Item):
            self.report(
                Code.SCALAR_INDEXED,
                f"`{node.name}` is an index and takes no index itself; rename it.",
                node.span,
            )
        elif index.elements and all(isinstance(e, str) for e in index.elements):
            self.report(
                Code.LABEL_AS_NUMBER,
                f"Index `{node.name}` stands for names such as {_some(index.elements)}, not for "
                "numbers; use a parameter indexed by it.",
                node.span,
            )

    def _unknown(self, node: Name | Item, labels: Elements = None) -> None:
        name = node.name
        if labels and name in labels:
            remedy = f'quote the element: "{name}"'
        else:
            near = get_close_matches(name, [*self.scope.symbols], 1)
            remedy = f"did you mean `{near[0]}`? Else declare it" if near else "declare it"
        self.report(Code.UNKNOWN_NAME, f"`{name}` is not declared: {remedy}.", node.span)

    def _check_variables_allowed(self, symbol: Symbol, node: Name | Item) -> None:
        if self._no_variables is None or not self._depends(symbol):
            return
        place = {
            Code.VARIABLE_IN_CONDITION: "a condition; use an implication or a binary variable",
            Code.VARIABLE_IN_INDEX: "an index; use binary variables to choose an element",
            Code.VARIABLE_IN_DATA: "data or a bound; write a constraint",
        }[self._no_variables]
        self.report(
            self._no_variables,
            f"{capitalised(symbol.shown)} cannot be in {place} instead.",
            node.span,
        )

    def _depends(self, symbol: Symbol) -> bool:
        part = symbol.part
        if isinstance(part, Definition):
            return not self.analyst.source(part.expression).constant
        return symbol.role is Role.VARIABLE

    # --- indices ----------------------------------------------------------------------------------

    def _indices(self, node: Name | Item, symbol: Symbol, env: Env) -> None:
        given = node.indices if isinstance(node, Item) else ()
        wanted = symbol.domain
        if wanted is not None and len(given) != len(wanted):
            self._wrong_count(node, symbol, len(given), len(wanted))
            wanted = None
        for k, index in enumerate(given):
            self._index(index, env, wanted[k] if wanted is not None else None, node)

    def _wrong_count(self, node: Name | Item, symbol: Symbol, given: int, wanted: int) -> None:
        part = symbol.part
        over = getattr(part, "over", "") or getattr(getattr(part, "data", None), "over", "")
        if wanted == 0:
            code, remedy = Code.SCALAR_INDEXED, f"takes no index; write `{symbol.name}`"
        elif given == 0:
            code, remedy = Code.INDEX_MISSING, f"is indexed over `{over}`; give it its indices"
        else:
            code, remedy = Code.ARITY, f"takes {wanted} indices (`{over}`), not {given}"
        self.report(code, f"{capitalised(symbol.shown)} {remedy}.", node.span)

    def _index(self, node: Node, env: Env, allowed: Elements, owner: Name | Item) -> None:
        found: Elements = None
        if isinstance(node, Name) and node.name in env:
            found = env[node.name].elements
        elif isinstance(node, Label):
            found = frozenset({node.value})
        elif isinstance(node, Number):
            found = frozenset({int(node.value) if node.value.is_integer() else repr(node.value)})
        elif isinstance(node, Call) and node.function in _STEPS:
            found = self._step(node, env)
        elif isinstance(node, Name) and node.name not in self.scope.symbols:
            self.mentioned.add(node.name)
            self._unknown(node, allowed)
        else:
            self._without_variables(Code.VARIABLE_IN_INDEX, node, env)
        if allowed and found and not found & allowed:
            shown = f"element {_some(found)}" if len(found) == 1 else f"`{_plain(node)}`"
            self.report(
                Code.WRONG_INDEX,
                f"In {self._text(owner)}, {shown} is not in the set that `{owner.name}` is indexed "
                f"over there ({_some(allowed)}); check the order of the indices and their sets.",
                node.span,
            )

    def _without_variables(self, code: Code, node: Node, env: Env) -> None:
        outer, self._no_variables = self._no_variables, self._no_variables or code
        self._value(node, env)
        self._no_variables = outer

    def _step(self, node: Call, env: Env) -> Elements:
        first = node.arguments[0]
        if node.function in {"first", "last"}:
            return self._set(first, env)
        if len(node.arguments) == 2:
            if isinstance(first, Name) and first.name in env:
                self._set(node.arguments[1], env)
                return env[first.name].elements
            return self._set(node.arguments[1], env)
        if isinstance(first, Call) and first.function in _STEPS:
            return self._step(first, env)
        if not isinstance(first, Name) or first.name not in env or not env[first.name].ordered:
            self.report(
                Code.STEP,
                f"{self._text(node)} has no set to step in; give an index bound by a plain set, or "
                f"name the set: `{node.function}(t, T)`.",
                node.span,
            )
            return None
        return env[first.name].elements

    def _set(self, node: Node, env: Env) -> Elements:
        """Check that a node is a set; return what its elements' first component can be."""
        if not isinstance(node, Name | Item) or node.name in env:
            self.report(
                Code.NOT_A_SET, f"{self._text(node)} is not a set; name a declared set.", node.span
            )
            return None
        self.mentioned.add(node.name)
        symbol = self.scope.symbols.get(node.name)
        if node.name not in self.scope.sets or symbol is None:
            self._no_set(node, symbol)
            return None
        if symbol.role is Role.SET:
            self._indices(node, symbol, env)
        elements = self.scope.elements(node.name)
        return None if elements is None else frozenset(e[0] for e in elements)

    def _no_set(self, node: Name | Item, symbol: Symbol | None) -> None:
        if symbol is not None:
            what = f"{capitalised(symbol.shown)} is not a set; declare the set that it runs over."
            self.report(Code.NOT_A_SET, what, node.span)
            return
        near = get_close_matches(node.name, [*self.scope.sets], 1)
        remedy = f"did you mean `{near[0]}`?" if near else "declare it."
        self.report(Code.UNKNOWN_NAME, f"Set `{node.name}` is not declared: {remedy}", node.span)

    # --- generators and conditions ----------------------------------------------------------------

    def _bind(self, generators: Iterable[Generator], env: Env) -> Env:
        bound = dict(env)
        for generator in generators:
            self._set(generator.domain, bound)
            components = self.scope.components(generator)
            targets = generator.targets
            if len(targets) == 1 and targets[0][0] == "_" and targets[0][1:].isdigit():
                targets = ()
            elif components is not None and len(components) != len(targets):
                self._wrong_targets(generator, len(components))
                components = None
            for k, target in enumerate(targets):
                self._check_shadow(target, bound, generator)
                elements = components[k] if components is not None else None
                bound[target] = BoundIndex(elements, len(targets) == 1)
            for condition in generator.conditions:
                self._condition(condition, bound)
        return bound

    def _wrong_targets(self, generator: Generator, wanted: int) -> None:
        names = ", ".join("ijklmn"[k % 6] for k in range(wanted))
        self.report(
            Code.ARITY,
            f"The elements of `{generator.domain.name}` have {wanted} components but "
            f"{len(generator.targets)} indices bind them; write `({names}) in "
            f"{generator.domain.name}`.",
            generator.span,
        )

    def _check_shadow(self, target: str, bound: Env, generator: Generator) -> None:
        symbol = self.scope.symbols.get(target)
        if target in bound or symbol is not None:
            what = symbol.shown if symbol is not None else "an outer index"
            self.report(
                Code.SHADOWING,
                f"Index `{target}` of `{target} in {generator.domain.name}` hides {what} of the "
                "same name; choose another letter.",
                generator.span,
            )

    def _condition(self, node: Node, env: Env) -> None:
        if isinstance(node, Logical):
            for operand in node.operands:
                self._condition(operand, env)
        elif not isinstance(node, Comparison):
            self.report(
                Code.VALUE_AS_CONDITION,
                f"{self._text(node)} is not a condition; compare it, for example "
                f"`{_plain(node) or 'a'} == 1`.",
                node.span,
            )
            if isinstance(node, Name | Item):
                self.mentioned.add(node.name)
        elif any(op in {"in", "not in"} for op in node.ops):
            self._membership(node, env)
        else:
            for operand in node.operands:
                self._operand(operand, env)
            self._check_labels(node, env)

    def _membership(self, node: Comparison, env: Env) -> None:
        left, right = node.operands[0], node.operands[-1]
        items = left.items if isinstance(left, Tuple) else (left,)
        self._set(right, env)
        wanted = self.scope.arity(right.name) if isinstance(right, Name | Item) else None
        if wanted is not None and wanted != len(items):
            self.report(
                Code.ARITY,
                f"{self._text(node)} compares {len(items)} components with elements of {wanted}.",
                node.span,
            )
        for item in items:
            self._operand(item, env)

    def _operand(self, node: Node, env: Env) -> None:
        if isinstance(node, Label) or (isinstance(node, Name) and node.name in env):
            return
        self._without_variables(Code.VARIABLE_IN_CONDITION, node, env)

    def _check_labels(self, node: Comparison, env: Env) -> None:
        for pair in zip(node.operands, node.operands[1:], strict=False):
            for index, other in (pair, pair[::-1]):
                if isinstance(index, Name) and index.name in env and isinstance(other, Label):
                    known = env[index.name].elements
                    if known and other.value not in known:
                        self.report(
                            Code.WRONG_INDEX,
                            f"Index `{index.name}` is never {other.value!r}; it ranges over "
                            f"{_some(known)}.",
                            other.span,
                        )

    # --- propositions -----------------------------------------------------------------------------

    def _proposition(self, node: Node, env: Env, tested: bool) -> None:
        if isinstance(node, Logical):
            for operand in node.operands:
                self._proposition(operand, env, tested)
        elif isinstance(node, Comparison):
            self._values(node.operands, env)
            ops = {"<=", ">=", "==", "!="} if tested else {"<", ">"}
            self._check_strict(node, ops, "tested", "Write > or <" if tested else "Write <= or >=")
        elif isinstance(node, Name | Item):
            self._symbol(node, env)
            self._check_binary(node, env)
        else:
            self.report(
                Code.VALUE_AS_CONDITION,
                f"{self._text(node)} is neither true nor false; compare it or use a binary.",
                node.span,
            )

    def _check_binary(self, node: Name | Item, env: Env) -> None:
        symbol = None if node.name in env else self.scope.symbols.get(node.name)
        part = symbol.part if symbol else None
        if isinstance(part, Variable) and part.domain is not Domain.BINARY:
            self.report(
                Code.NOT_BINARY,
                f"Variable `{node.name}` is not binary, so it is neither true nor false; compare "
                "it, or make it binary.",
                node.span,
            )
        elif node.name in env or (symbol is not None and symbol.role is Role.PARAMETER):
            self.report(
                Code.VALUE_AS_CONDITION,
                f"`{node.name}` is a number, neither true nor false; compare it.",
                node.span,
            )

    def _check_strict(self, node: Comparison, ops: set[str], verb: str, remedy: str) -> None:
        pairs = zip(node.ops, node.operands, node.operands[1:], strict=False)
        for op, left, right in pairs:
            whole = self.analyst.node(left).whole and self.analyst.node(right).whole
            if op in ops and not whole:
                self.report(
                    Code.STRICT,
                    f"`{op}` between continuous quantities cannot be {verb}: a solver's tolerance "
                    f"blurs it. {remedy}, with a margin where the text names one.",
                    node.span,
                )

    def _text(self, node: Node) -> str:
        text = self._source[node.span.start : node.span.stop]
        return f"`{text if len(text) <= 60 else text[:57] + '...'}`"


def _plain(node: Node) -> str:
    return node.name if isinstance(node, Name | Item) else ""


def _some(elements: frozenset[Element]) -> str:
    shown = sorted(elements, key=lambda e: (isinstance(e, str), e))[:4]
    more = ", ..." if len(elements) > 4 else ""
    return ", ".join(map(repr, shown)) + more
