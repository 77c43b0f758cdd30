"""A formulation in which chosen figures may move, at a price: what elastic relaxation solves.

Each movable parameter gets a variable for its rise and one for its fall, which stand beside it
wherever it limits something. The goal is the least relative change, or the least number of changes
first (Chinneck, Feasibility and Infeasibility in Optimization, 2008, chapters 6 and 7).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from optiwright.formulators.expressions import Item, Label, Name, Node, Number, Span, walk
from optiwright.formulators.model import (
    Algebraic,
    Constraint,
    Domain,
    Entry,
    Formulation,
    Given,
    Index,
    Objective,
    Parameter,
    Sense,
    Variable,
)
from optiwright.formulators.movable import Movable
from optiwright.formulators.parser import parse_expression, parse_over, parse_relation
from optiwright.formulators.scope import Scope
from optiwright.formulators.source import expression_to_source

UP, DOWN, MOVED = "up", "down", "moved"
MOST, FAR = 10.0, 1000.0
"""No figure rises by more than this many times itself where changes are counted, and elsewhere."""

Figures: TypeAlias = Mapping[str, Mapping[Index, float]]
"""The movable parameters' values at every index of their domains."""

_NOWHERE = Span(0, 0)
_MOST_WHOLE = 200


@dataclass(frozen=True)
class Limit:
    """A number that was written into a limit, as a parameter."""

    place: str
    """The constraint, or the variable whose bound it is."""


def with_named_limits(formulation: Formulation) -> tuple[Formulation, dict[str, Limit]]:
    """Return the formulation with numbers written into limits as parameters, and these by name.

    Zero and one stay as they are: they are no figures of anything.
    """
    names = _Names(formulation)
    named: list[Parameter] = []
    limits: dict[str, Limit] = {}

    def name(value: float, wanted: str, place: str, words: str) -> str:
        chosen = names.unused(wanted)
        entries = (Entry(index=(), value=value),)
        named.append(Parameter(name=chosen, description=words, data=Given(entries=entries)))
        limits[chosen] = Limit(place)
        return chosen

    constraints = tuple(_named_sides(c, name) for c in formulation.constraints)
    variables = tuple(_named_bounds(v, name) for v in formulation.variables)
    update = {
        "constraints": constraints,
        "variables": variables,
        "parameters": (*formulation.parameters, *named),
    }
    return formulation.model_copy(update=update), limits


_Namer: TypeAlias = Callable[[float, str, str, str], str]


def _named_sides(constraint: Constraint, name: _Namer) -> Constraint:
    if not isinstance(constraint, Algebraic) or constraint.penalty is not None:
        return constraint
    text = constraint.expression
    for side in reversed(parse_relation(text).operands):
        if isinstance(side, Number) and abs(side.value) not in {0.0, 1.0}:
            words = f"the limit of `{constraint.name}`"
            chosen = name(side.value, f"{constraint.name}_limit", constraint.name, words)
            text = text[: side.span.start] + chosen + text[side.span.stop :]
    return constraint.model_copy(update={"expression": text})


def _named_bounds(variable: Variable, name: _Namer) -> Variable:
    if variable.domain in {Domain.BINARY, Domain.SEMICONTINUOUS}:
        return variable
    update = {}
    for field, word in (("lower", "minimum"), ("upper", "maximum")):
        text = getattr(variable, field)
        node = parse_expression(text) if text is not None else None
        if isinstance(node, Number) and abs(node.value) not in {0.0, 1.0}:
            words = f"the {word} of `{variable.name}`"
            update[field] = name(node.value, f"{variable.name}_{word}", variable.name, words)
    return variable.model_copy(update=update)


def elastic(
    formulation: Formulation,
    movable: Sequence[Movable],
    figures: Figures,
    *,
    whole: frozenset[str] = frozenset(),
    fewest: bool = False,
) -> tuple[Formulation, dict[str, dict[str, str]]]:
    """Return the formulation that moves figures as little as need be.

    Args:
        formulation: one without a feasible point.
        movable: what may move.
        figures: their values.
        whole: those that move by whole numbers.
        fewest: whether the number of figures that move comes first, none of them moved by more
            than `MOST` times itself.

    Returns:
        The formulation, and the names of the variables `UP` and `DOWN` of each parameter.
    """
    builder = _Builder(formulation, figures, whole, fewest)
    for each in movable:
        builder.add(each)
    return builder.finish(), builder.movers


class _Builder:
    def __init__(
        self, formulation: Formulation, figures: Figures, whole: frozenset[str], fewest: bool
    ) -> None:
        self._base = formulation
        self._figures = figures
        entries = sum(len(each) for each in figures.values())
        self._whole = whole if entries <= _MOST_WHOLE else frozenset()
        self._fewest = fewest
        self._names = _Names(formulation)
        self._scope = Scope(formulation)
        self._variables: list[Variable] = []
        self._parameters: list[Parameter] = []
        self._constraints: list[Constraint] = []
        self._price: list[str] = []
        self._count: list[str] = []
        self.movers: dict[str, dict[str, str]] = {}

    def add(self, movable: Movable) -> None:
        """Adds the variables by which a parameter moves, and what they cost."""
        name = movable.parameter
        parameter = next(p for p in self._base.parameters if p.name == name)
        values = self._figures[name]
        over, at = _clause(self._scope, parameter.over)
        domain = Domain.INTEGER if name in self._whole else Domain.CONTINUOUS
        scales = _scales(values)
        ways: dict[str, str] = {}
        for way in [w for w, open_ in ((UP, movable.up), (DOWN, movable.down)) if open_]:
            rooms = _rooms(way, values, scales, MOST if self._fewest else FAR)
            room = self._given(f"{name}_room_{way}", parameter.over, rooms) + at
            mover = ways[way] = self._names.unused(f"{name}_{way}")
            self._variables.append(Variable(name=mover, over=over, domain=domain, upper=room))
            if self._fewest:
                self._switch(mover, room, over, at, values)
            self._price += [f"{_at(ways[way], i)}/{scales[i]!r}" for i in values]
        self.movers[name] = ways

    def _switch(
        self, mover: str, room: str, over: str, at: str, values: Mapping[Index, float]
    ) -> None:
        moved = self._names.unused(f"{mover}_{MOVED}")
        self._variables.append(Variable(name=moved, over=over, domain=Domain.BINARY))
        text = f"{mover}{at} <= {room} * {moved}{at}"
        rule = self._names.unused(f"{moved}_switch")
        self._constraints.append(Algebraic(name=rule, over=over, expression=text))
        self._count += [_at(moved, i) for i in values]

    def _given(self, wanted: str, over: str, values: Mapping[Index, float]) -> str:
        name = self._names.unused(wanted)
        entries = tuple(Entry(index=index, value=value) for index, value in values.items())
        self._parameters.append(Parameter(name=name, over=over, data=Given(entries=entries)))
        return name

    def finish(self) -> Formulation:
        """Returns the formulation with the movers in their places."""
        base = self._base
        variables, freed = self._freed_bounds()
        goals = [_goal(self._price, priority=0)]
        if self._count:
            goals.insert(0, _goal(self._count, priority=1))
        update = {
            "parameters": (*base.parameters, *self._parameters),
            "variables": (*variables, *self._variables),
            "definitions": tuple(
                d.model_copy(update={"expression": self._moved(d.expression)})
                for d in base.definitions
            ),
            "constraints": (
                *(self._eased(c) for c in base.constraints),
                *freed,
                *self._constraints,
            ),
            "objectives": tuple(goals),
            "asked": (),
            "scenarios": (),
        }
        return base.model_copy(update=update)

    def _eased(self, constraint: Constraint) -> Constraint:
        if not isinstance(constraint, Algebraic):
            return constraint
        update = {"expression": self._moved(constraint.expression)}
        return constraint.model_copy(update=update)

    def _freed_bounds(self) -> tuple[list[Variable], list[Algebraic]]:
        """Returns the variables, and as constraints those of their bounds that move."""
        variables, freed = [], []
        for variable in self._base.variables:
            update: dict[str, None] = {}
            for field, sign in (("lower", ">="), ("upper", "<=")):
                text = getattr(variable, field)
                moved = text if text is None else self._moved(text)
                if moved == text or variable.domain is Domain.BINARY:
                    continue
                over, at = _clause(self._scope, variable.over)
                rule = self._names.unused(f"{variable.name}_{field}_bound")
                relation = f"{variable.name}{at} {sign} {moved}"
                freed.append(Algebraic(name=rule, over=over, expression=relation))
                update[field] = None
            variables.append(variable.model_copy(update=update))
        return variables, freed

    def _moved(self, text: str) -> str:
        """Returns an expression with the movers beside the parameters that move."""
        places = [node for node in _symbols(text) if node.name in self.movers]
        for node in sorted(places, key=lambda n: -n.span.start):
            here = text[node.span.start : node.span.stop]
            ways = self.movers[node.name]
            index = here[len(node.name) :]
            terms = "".join(
                f" {sign} {ways[way]}{index}"
                for way, sign in ((UP, "+"), (DOWN, "-"))
                if way in ways
            )
            text = f"{text[: node.span.start]}({here}{terms}){text[node.span.stop :]}"
        return text


def _goal(terms: Sequence[str], priority: int) -> Objective:
    expression = " + ".join(terms) or "0"
    name = "changes" if priority else "change"
    return Objective(name=name, sense=Sense.MINIMIZE, expression=expression, priority=priority)


def _scales(values: Mapping[Index, float]) -> dict[Index, float]:
    """Return what each entry's change is measured in: its own size, or for a zero the others'."""
    sizes = [abs(v) for v in values.values() if v]
    usual = sum(sizes) / len(sizes) if sizes else 1.0
    return {index: abs(value) or usual for index, value in values.items()}


def _rooms(
    way: str, values: Mapping[Index, float], scales: Mapping[Index, float], most: float
) -> dict[Index, float]:
    """Return how far each entry may go: what is not negative does not become so."""
    if way == DOWN and all(value >= 0 for value in values.values()):
        return dict(values)
    return {index: most * scale for index, scale in scales.items()}


def _symbols(text: str) -> Iterator[Name | Item]:
    for node in walk(parse_expression(text)):
        if isinstance(node, Name | Item):
            yield node


def _clause(scope: Scope, over: str) -> tuple[str, str]:
    """Return an index clause with a name for each component, and these names in brackets."""
    if not over:
        return "", ""
    clauses, names = [], list[str]()
    for generator in parse_over(over):
        targets = list(generator.targets)
        if targets[0].startswith("_"):
            arity = scope.arity(generator.domain.name) or 1
            targets = [f"k{len(names) + n}_" for n in range(arity)]
        bound = f"({', '.join(targets)})" if len(targets) > 1 else targets[0]
        conditions = "".join(f" if {expression_to_source(c)}" for c in generator.conditions)
        clauses.append(f"{bound} in {expression_to_source(generator.domain)}{conditions}")
        names += targets
    return ", ".join(clauses), f"[{', '.join(names)}]"


def _at(name: str, index: Index) -> str:
    """Return a symbol at an index, as text."""
    if not index:
        return name
    nodes: list[Node] = [
        Label(part, _NOWHERE) if isinstance(part, str) else Number(float(part), _NOWHERE)
        for part in index
    ]
    return f"{name}[{', '.join(map(expression_to_source, nodes))}]"


class _Names:
    """Names that nothing in a formulation has yet."""

    def __init__(self, f: Formulation) -> None:
        parts = (f.sets, f.parameters, f.variables, f.definitions, f.constraints, f.objectives)
        self._taken = {part.name for group in parts for part in group}

    def unused(self, wanted: str) -> str:
        """Returns the name wanted, with a number behind it where it is taken."""
        name, number = wanted, 2
        while name in self._taken:
            name, number = f"{wanted}_{number}", number + 1
        self._taken.add(name)
        return name
