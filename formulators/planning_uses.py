"""Where a planning formulation uses names: each text of it taken apart, with where it stands."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from optiwright.formulators.errors import FormulationError
from optiwright.formulators.planning import Place, Planning
from optiwright.formulators.planning_parser import (
    parse_atom,
    parse_change,
    parse_condition,
    parse_start,
    parse_term,
)
from optiwright.formulators.planning_terms import (
    Atom,
    Change,
    Compare,
    Condition,
    Given,
    Holds,
    Same,
    Term,
    amounts_in,
)


@dataclass
class Use:
    """One text: what of it is a fact, an amount, or a name by itself."""

    text: str
    where: str
    places: tuple[Place, ...] = ()
    facts: list[Atom] = field(default_factory=list)
    amounts: list[Atom] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    fault: FormulationError | None = None


def uses_of(planning: Planning) -> Iterator[Use]:
    """Yield every text of a formulation; one that cannot be read comes with its fault."""
    bare = frozenset(a.name for a in planning.amounts if not a.places)

    def condition(text: str) -> Condition:
        return parse_condition(text, bare)

    for action in planning.actions:
        where = f"action `{action.name}`"
        for read, texts in (
            (condition, action.needs),
            (parse_atom, (*action.makes, *action.ends)),
            (parse_change, action.changes),
            (parse_term, (action.cost,)),
        ):
            for text in texts:
                use = Use(text, where, action.places)
                yield _filled(use, read, cost=read is parse_term)
    for text in planning.start:
        yield _filled(Use(text, "start"), parse_start)
    for text in planning.goal:
        yield _filled(Use(text, "goal"), condition)


def _filled(
    use: Use, read: Callable[[str], Condition | Change | Given | Term], *, cost: bool = False
) -> Use:
    try:
        told = read(use.text)
    except FormulationError as error:
        use.fault = error
        return use
    match told:
        case Holds(atom, _):
            use.facts.append(atom)
        case Atom() if not cost:
            use.facts.append(told)
        case Same(left, right, _):
            use.names += [left, right]
        case Compare(_, left, right):
            use.amounts += [*amounts_in(left), *amounts_in(right)]
        case Change(target, _, value):
            use.amounts += [target, *amounts_in(value)]
        case Given(atom, _):
            use.amounts.append(atom)
        case _:
            use.amounts += amounts_in(told)
    return use
