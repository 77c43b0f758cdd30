"""What the names of a formulation stand for, and what is known of its sets without data tables."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

from optiwright.formulators.errors import FormulationError
from optiwright.formulators.expressions import (
    Addition,
    Arithmetic,
    Generator,
    Item,
    Name,
    Negative,
    Node,
    Number,
)
from optiwright.formulators.model import (
    Definition,
    Element,
    Family,
    Formulation,
    FromTable,
    Given,
    Index,
    Parameter,
    Range,
    SetDef,
    Variable,
)
from optiwright.formulators.parser import parse_expression, parse_over

Part: TypeAlias = SetDef | Parameter | Variable | Definition
Domain: TypeAlias = tuple[frozenset[Element] | None, ...]
"""What each component of an index can be; None where that is not known."""

MAX_RANGE = 1_000_000
"""Elements of a range beyond which nothing is said about them."""


class Role(StrEnum):
    """What kind of thing a name is."""

    SET = "set"
    PARAMETER = "parameter"
    VARIABLE = "variable"
    DEFINITION = "definition"


@dataclass(frozen=True)
class Symbol:
    """One declared name.

    `domain` has one entry for each index that the symbol takes (for a family set too), or is None
    where its own index clause cannot be read.
    """

    name: str
    role: Role
    part: Part
    domain: Domain | None

    @property
    def shown(self) -> str:
        """How messages name it."""
        return f"{self.role.value} `{self.name}`"


class Scope:
    """The declared names of a formulation; of several with one name, the first that is looked up.

    Elements of sets are known where they are listed or a range with known ends.
    """

    def __init__(self, formulation: Formulation) -> None:
        self.formulation = formulation
        self.sets = {s.name: s for s in formulation.sets}
        self._elements: dict[str, tuple[Index, ...] | None] = {}
        self._components: dict[str, Domain] = {}
        self.symbols: dict[str, Symbol] = {}
        kinds: tuple[tuple[Role, tuple[Parameter | Variable | Definition, ...]], ...] = (
            (Role.PARAMETER, formulation.parameters),
            (Role.VARIABLE, formulation.variables),
            (Role.DEFINITION, formulation.definitions),
        )
        for role, parts in kinds:
            for part in parts:
                self._declare(part.name, role, part, part.over)
        for declared in formulation.sets:
            over = declared.data.over if isinstance(declared.data, Family) else ""
            self._declare(declared.name, Role.SET, declared, over)

    def _declare(self, name: str, role: Role, part: Part, over: str) -> None:
        if name not in self.symbols:
            self.symbols[name] = Symbol(name, role, part, self._domain_of(over))

    def _domain_of(self, over: str) -> Domain | None:
        try:
            generators = parse_over(over)
        except FormulationError:
            return None
        components: list[frozenset[Element] | None] = []
        for generator in generators:
            found = self.components(generator)
            if found is None:
                return None
            components.extend(found)
        return tuple(components)

    def components(self, generator: Generator) -> Domain | None:
        """Return what each component of a generator's elements can be; None for an unknown set."""
        name = generator.domain.name
        arity = self.arity(name)
        if arity is None:
            return None
        if name not in self._components:
            self._components[name] = self._components_of(self.elements(name), arity)
        return self._components[name]

    def _components_of(self, elements: tuple[Index, ...] | None, arity: int) -> Domain:
        if elements is None or any(len(e) != arity for e in elements):
            return (None,) * arity
        return tuple(frozenset(e[k] for e in elements) for k in range(arity))

    def arity(self, name: str) -> int | None:
        """Return how many components the elements of a set have; None if there is no such set."""
        if name not in self.sets:
            return None
        data = self.sets[name].data
        if isinstance(data, FromTable):
            return len(data.columns)
        elements = None if isinstance(data, Range) else self.elements(name)
        return len(elements[0]) if elements else 1

    def elements(self, name: str) -> tuple[Index, ...] | None:
        """Return a set's elements (a family's: all its members'), or None if not known here."""
        if name not in self._elements:
            self._elements[name] = self._read(self.sets[name]) if name in self.sets else None
        return self._elements[name]

    def _read(self, part: SetDef) -> tuple[Index, ...] | None:
        data = part.data
        if isinstance(data, FromTable):
            return None
        if isinstance(data, Range):
            return self._range(data)
        if isinstance(data, Family):
            listed = [e for member in data.members for e in member.elements]
        else:
            listed = list(data.elements)
        return tuple(e if isinstance(e, tuple) else (e,) for e in listed)

    def _range(self, data: Range) -> tuple[Index, ...] | None:
        start, stop = self.constant(data.start), self.constant(data.stop)
        if start is None or stop is None or not start.is_integer() or not stop.is_integer():
            return None
        if stop - start > MAX_RANGE:
            return None
        return tuple((k,) for k in range(int(start), int(stop) + 1, data.step))

    def constant(self, source: str) -> float | None:
        """Return the value of an expression of numbers and scalar given parameters, or None."""
        try:
            return self._constant(parse_expression(source))
        except (FormulationError, ArithmeticError):
            return None

    def _constant(self, node: Node) -> float | None:
        match node:
            case Number(value=value):
                return value
            case Name(name=name):
                return self.scalar(name)
            case Negative(operand=operand):
                inner = self._constant(operand)
                return None if inner is None else -inner
            case Addition(terms=terms):
                values = [self._constant(t) for t in terms]
                return None if None in values else sum(v for v in values if v is not None)
            case Arithmetic(op=op, left=left, right=right):
                a, b = self._constant(left), self._constant(right)
                if a is None or b is None or op == "**":
                    return None
                return a * b if op == "*" else a / b
        return None

    def scalar(self, name: str) -> float | None:
        """Return the value of a scalar parameter that is given, or None."""
        symbol = self.symbols.get(name)
        if symbol is None or not isinstance(symbol.part, Parameter):
            return None
        data = symbol.part.data
        if isinstance(data, Given) and symbol.domain == () and len(data.entries) == 1:
            return data.entries[0].value
        return None

    def indices(self, over: str) -> Iterator[Index] | None:
        """Return all indices of an index clause, or None where they are not known here."""
        generators = parse_over(over)
        if any(g.conditions for g in generators):
            return None
        if any(self.elements(g.domain.name) is None for g in generators):
            return None
        if not all(isinstance(n, Name) for g in generators for n in _family_indices(g)):
            return None
        return self._product(generators, {})

    def _product(
        self, generators: tuple[Generator, ...], bound: dict[str, Element]
    ) -> Iterator[Index]:
        if not generators:
            yield ()
            return
        first, rest = generators[0], generators[1:]
        for element in self._members(first, bound):
            inner = dict(bound)
            if len(first.targets) == len(element):
                inner.update(zip(first.targets, element, strict=True))
            for tail in self._product(rest, inner):
                yield element + tail

    def _members(self, generator: Generator, bound: dict[str, Element]) -> tuple[Index, ...]:
        part = self.sets[generator.domain.name]
        if not isinstance(part.data, Family) or not isinstance(generator.domain, Item):
            return self.elements(part.name) or ()
        key = tuple(bound.get(n.name) for n in generator.domain.indices if isinstance(n, Name))
        for member in part.data.members:
            if member.index == key:
                return tuple(e if isinstance(e, tuple) else (e,) for e in member.elements)
        return ()


def _family_indices(generator: Generator) -> tuple[Node, ...]:
    return generator.domain.indices if isinstance(generator.domain, Item) else ()
