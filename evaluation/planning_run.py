"""A plan carried out on a published instance, by code that knows nothing of how it was found.

Names are taken loosely (case, hyphens, underscores), since a text and its PDDL write them
differently; objects may stand in another order than the domain's where their types say which is
which. Beside it the least number of steps, by breadth-first search.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from optiwright.evaluation.planning_pddl import Atom, Domain, Instance, Operator
from optiwright.solver_tools.plan_outcome import PlanStep


@dataclass(frozen=True)
class Trip:
    """What carrying a plan out came to.

    Attributes:
        steps: the plan in the published names, as far as it could be read.
        fault: why it does not reach the goal; empty where it does.
    """

    steps: tuple[Atom, ...]
    fault: str = ""


def carry_out(domain: Domain, instance: Instance, steps: Sequence[PlanStep]) -> Trip:
    """Carry a plan out and say whether it can be done and reaches the goal."""
    state = set(instance.start)
    done: list[Atom] = []
    for number, step in enumerate(steps, start=1):
        named = _named(domain, instance, step)
        if isinstance(named, str):
            return Trip(tuple(done), f"step {number}, {step}: {named}")
        operator, binding = named
        done.append((operator.name, *(binding[name] for name, _ in operator.parameters)))
        needs, needs_not = _put(operator.needs, binding), _put(operator.needs_not, binding)
        unmet = [_shown(a) for a in needs - state]
        unmet += [f"not {_shown(a)}" for a in needs_not & state]
        if unmet:
            return Trip(tuple(done), f"step {number}, {step}: it needs {', '.join(sorted(unmet))}")
        state -= _put(operator.deletes, binding)
        state |= _put(operator.adds, binding)
    missing = sorted(map(_shown, instance.goal - state))
    return Trip(tuple(done), f"at the end there is no {', '.join(missing)}" if missing else "")


def least_steps(domain: Domain, instance: Instance, most_states: int = 200_000) -> int | None:
    """Return how many steps a shortest plan has, by breadth-first search over all states.

    None where there are more than `most_states` states, or no plan at all.
    """
    index: dict[Atom, int] = {}

    def mask(atoms: Iterable[Atom]) -> int:
        return sum(1 << index.setdefault(atom, len(index)) for atom in atoms)

    moves = {tuple(map(mask, move)) for move in _moves(domain, instance)}
    goal = mask(instance.goal)
    front = seen = {mask(instance.start)}
    steps = 0
    while front and len(seen) <= most_states:
        if any(state & goal == goal for state in front):
            return steps
        reached = set()
        for state in front:
            for needs, needs_not, adds, deletes in moves:
                if state & needs == needs and not state & needs_not:
                    reached.add(state & ~deletes | adds)
        front = reached - seen
        seen |= front
        steps += 1
    return None


def _moves(domain: Domain, instance: Instance) -> Iterator[tuple[frozenset[Atom], ...]]:
    """Yield what each action with its objects needs, needs not, adds and deletes.

    What no action changes is looked up in the start and left out, so that actions which differ in
    nothing else are one.
    """
    changed = {a[0] for o in domain.operators for a in o.adds | o.deletes}
    for operator in domain.operators:
        for binding in _bindings(domain, instance, operator):
            needs = _put(operator.needs, binding)
            fixed = {atom for atom in needs if atom[0] not in changed}
            if fixed <= instance.start:
                rest = (operator.needs_not, operator.adds, operator.deletes)
                yield (needs - fixed, *(_put(atoms, binding) for atoms in rest))


def _bindings(domain: Domain, instance: Instance, operator: Operator) -> Iterator[dict[str, str]]:
    choices = [
        [name for name, kind in instance.objects.items() if domain.is_of(kind, wanted)]
        for _, wanted in operator.parameters
    ]
    names = [name for name, _ in operator.parameters]
    for chosen in itertools.product(*choices):
        yield dict(zip(names, chosen, strict=True))


def _put(atoms: frozenset[Atom], binding: Mapping[str, str]) -> frozenset[Atom]:
    return frozenset((a[0], *(binding.get(name, name) for name in a[1:])) for a in atoms)


def _named(
    domain: Domain, instance: Instance, step: PlanStep
) -> tuple[Operator, dict[str, str]] | str:
    """Return a step's operator and its parameters' objects, or what is wrong with its names."""
    operators = {loose(operator.name): operator for operator in domain.operators}
    known = {loose(name): name for name in instance.objects}
    operator = operators.get(loose(step.action))
    if operator is None:
        return f"there is no action {step.action!r}"
    unknown = [a for a in step.arguments if loose(a) not in known]
    if unknown:
        return f"there is no object {unknown[0]!r}"
    wanted = [kind for _, kind in operator.parameters]
    if len(step.arguments) != len(wanted):
        return f"it takes {len(wanted)} objects, not {len(step.arguments)}"
    objects = [known[loose(argument)] for argument in step.arguments]
    kinds = [instance.objects[name] for name in objects]
    if not _fits(domain, kinds, wanted):
        by_kind = sorted(zip(kinds, objects, strict=True), key=lambda pair: _place(pair[0], wanted))
        kinds, objects = [k for k, _ in by_kind], [o for _, o in by_kind]
        if not _fits(domain, kinds, wanted):
            return f"its objects are not of the kinds {', '.join(wanted)}"
    return operator, dict(zip((name for name, _ in operator.parameters), objects, strict=True))


def _fits(domain: Domain, kinds: Sequence[str], wanted: Sequence[str]) -> bool:
    return all(domain.is_of(k, w) for k, w in zip(kinds, wanted, strict=True))


def _place(kind: str, wanted: Sequence[str]) -> int:
    return wanted.index(kind) if kind in wanted else len(wanted)


def loose(name: str) -> str:
    """Return a name without what texts and PDDL write differently."""
    return "".join(c for c in name.casefold() if c.isalnum())


def _shown(atom: Atom) -> str:
    return f"{atom[0]}({', '.join(atom[1:])})"
