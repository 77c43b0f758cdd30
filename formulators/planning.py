"""The planning formulation: objects, what can be true of them, actions, start, goal, what is least.

A multi-step plan is a sequence of actions that leads from the start to the goal. The formulation is
what PDDL 2.1 calls domain and problem in one (typed STRIPS with negative preconditions, equality
and numeric fluents; Fox and Long 2003), in the words of the text. Atoms, conditions and effects are
kept as text in the small language of `optiwright.formulators.planning_terms`: `on(b, c)`,
`not holding(x)`, `x != y`, `fuel(t) >= distance(a, b)`, `fuel(t) -= 5`.
"""

from __future__ import annotations

from pathlib import Path
from typing import Literal, Self

from pydantic import Field, ValidationError

from optiwright.formulators.errors import FormulationError
from optiwright.formulators.model import Part, SymbolName

OBJECT = "object"
"""The kind that every object is of."""


class ObjectKind(Part):
    """A kind of objects; what is of it is of its parent too."""

    name: SymbolName
    parent: SymbolName = OBJECT


class Thing(Part):
    """An object that the text names."""

    name: SymbolName
    kind: SymbolName = OBJECT
    words: str = ""


class Place(Part):
    """A typed parameter: of a fact, an amount or an action."""

    name: SymbolName
    kind: SymbolName = OBJECT


class Fact(Part):
    """What is true or not of objects, such as `on(x, y)`; without places, of the world."""

    name: SymbolName
    places: tuple[Place, ...] = ()
    description: str = ""


class Amount(Part):
    """A number that actions may change, such as `fuel(truck)`, or one that is given."""

    name: SymbolName
    places: tuple[Place, ...] = ()
    unit: str = ""
    description: str = ""


class Action(Part):
    """What can be done in one step: what it needs and what it changes, both at once."""

    name: SymbolName
    places: tuple[Place, ...] = ()
    needs: tuple[str, ...] = ()
    """Conditions, all of which hold before it."""
    makes: tuple[str, ...] = ()
    """Atoms that are true after it; they win over `ends`."""
    ends: tuple[str, ...] = ()
    """Atoms that are not true any more after it."""
    changes: tuple[str, ...] = ()
    """Assignments to amounts, `fuel(t) -= 5`, `+=` or `=`, of values before the step."""
    cost: str = "1"
    """What it adds to the cost, an expression of amounts and numbers that is never negative."""
    description: str = ""


class Planning(Part):
    """Objects, facts, amounts, actions, start and goal, and what is to be least."""

    schema_version: Literal[1] = 1
    title: str = ""
    kinds: tuple[ObjectKind, ...] = ()
    objects: tuple[Thing, ...] = ()
    facts: tuple[Fact, ...] = ()
    amounts: tuple[Amount, ...] = ()
    actions: tuple[Action, ...] = ()
    start: tuple[str, ...] = ()
    """Atoms that are true at first, and amounts, `fuel(t1) = 10`; whatever is not here is false,
    and an amount that is not here is zero."""
    goal: tuple[str, ...] = ()
    """Conditions, all of which hold at the end."""
    least: Literal["steps", "cost", "any"] = "steps"
    """What of a plan is to be least: its steps, what its actions cost, or nothing at all."""
    most_steps: int | None = Field(default=None, ge=0)
    """A limit on the steps that the text states; None where it states none."""
    assumptions: tuple[str, ...] = ()
    """What the text leaves open, and how it was read, a sentence each."""

    def is_of(self, kind: str, wanted: str) -> bool:
        """Whether a kind is another one, or below it."""
        parents = {k.name: k.parent for k in self.kinds}
        for _ in range(len(parents) + 1):
            if wanted in (kind, OBJECT):
                return True
            kind = parents.get(kind, OBJECT)
        return False

    def to_json(self) -> str:
        """Return the formulation as indented JSON."""
        return self.model_dump_json(indent=2)

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Read what `to_json` wrote.

        Raises:
            FormulationError: naming the first field at fault.
        """
        try:
            return cls.model_validate_json(text)
        except ValidationError as error:
            first = error.errors()[0]
            place = ".".join(str(part) for part in first["loc"]) or "the whole"
            raise FormulationError(
                f"not a planning formulation: {first['msg']}", where=place
            ) from None

    @classmethod
    def load(cls, path: Path | str) -> Self:
        """Read a file that `to_json` was written to; raises as `from_json`, and OSError."""
        return cls.from_json(Path(path).read_text(encoding="utf-8"))
