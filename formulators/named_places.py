"""The names of a formulation that a change can be about, with what stands at each index."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from optiwright.formulators.expressions import Generator
from optiwright.formulators.instance import Instance, ground
from optiwright.formulators.model import (
    Algebraic,
    Element,
    Formulation,
    Index,
)
from optiwright.formulators.parser import parse_over
from optiwright.formulators.plain import scalar_values, with_numbers

Kind: TypeAlias = Literal["parameter", "decision", "constraint"]


@dataclass(frozen=True)
class Named:
    """A parameter, a decision (a variable, or a total of them) or a constraint.

    Attributes:
        sets: for each position of its index the name of the set, empty for a scalar.
        elements: for each position the elements that occur there, in order.
        domain: all its indices.
        words: its description, unit and the words of the text, in one line.
        total: whether it is a definition, a total over decisions.
    """

    name: str
    kind: Kind
    sets: tuple[str, ...]
    elements: tuple[tuple[Element, ...], ...]
    domain: Sequence[Index]
    description: str
    unit: str = ""
    words: str = ""
    total: bool = False
    binary: bool = False

    @property
    def arity(self) -> int:
        """How many indices it takes."""
        return len(self.sets)


def places_of(formulation: Formulation) -> list[Named]:
    """Return what can be changed, in the formulation's order.

    Raises:
        FormulationError: if the formulation does not join with its data.
    """
    instance = ground(formulation)
    found = []
    for parameter in formulation.parameters:
        found.append(
            _named(instance, parameter.name, "parameter", parameter.over, parameter.description,
                   unit=parameter.unit, words=parameter.words)
        )  # fmt: skip
    for variable in formulation.variables:
        binary = variable.domain.value == "binary"
        found.append(
            _named(instance, variable.name, "decision", variable.over, variable.description,
                   unit=variable.unit, words=variable.words, binary=binary)
        )  # fmt: skip
    for definition in formulation.definitions:
        found.append(
            _named(instance, definition.name, "decision", definition.over, definition.description,
                   unit=definition.unit, total=True)
        )  # fmt: skip
    numbers = scalar_values(formulation)
    for rule in formulation.constraints:
        said = rule.description
        if not said and isinstance(rule, Algebraic):
            said = with_numbers(rule.expression, numbers)
        found.append(_named(instance, rule.name, "constraint", rule.over, said, words=rule.words))
    return found


def _named(
    instance: Instance,
    name: str,
    kind: Kind,
    over: str,
    description: str,
    *,
    unit: str = "",
    words: str = "",
    total: bool = False,
    binary: bool = False,
) -> Named:
    domain = instance.clause(f"{kind} `{name}`", over).domain.indices
    sets = tuple(label for g in parse_over(over) for label in _sets(instance, g))
    elements = tuple(tuple(dict.fromkeys(index[k] for index in domain)) for k in range(len(sets)))
    return Named(name, kind, sets, elements, domain, description, unit, words, total, binary)


def _sets(instance: Instance, generator: Generator) -> list[str]:
    return [generator.domain.name] * instance.index_set(generator.domain.name).arity
