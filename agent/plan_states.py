"""The states that a plan runs through, for what is drawn of it; and who stands on or in what."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TypeAlias

from optiwright.agent.result import PlanAnswer
from optiwright.formulators.errors import FormulationError
from optiwright.formulators.planning import Planning
from optiwright.formulators.planning_parser import parse_atom, parse_start
from optiwright.formulators.planning_terms import Atom, Given
from optiwright.solver_tools.plan_outcome import PlanStep, Simulation
from optiwright.solver_tools.plan_simulation import simulate

Parents: TypeAlias = dict[str, str]
"""Of an object the one that it stands on or is in."""


@dataclass(frozen=True)
class PlanState:
    """What is true at a time of a plan, and how large amounts are."""

    true: frozenset[Atom]
    amounts: Mapping[str, float]


def steps_shown(plan: PlanAnswer) -> tuple[PlanStep, ...]:
    """Return the plan's steps; of an impossible goal those to the part that can be reached."""
    return plan.outcome.steps or plan.outcome.reached_by


def carried_out(plan: PlanAnswer) -> Simulation | None:
    """Return the steps that are shown, carried out; None where nothing of them can be read."""
    steps = steps_shown(plan)
    done = plan.simulation
    if done is not None and tuple(s.step for s in done.steps) == steps:
        return done
    try:
        return simulate(plan.planning, steps)
    except FormulationError:
        return None


def states_of(planning: Planning, simulation: Simulation) -> list[PlanState]:
    """Return the state at the start and that after each step.

    Raises:
        FormulationError: something of the start cannot be read.
    """
    true: frozenset[Atom] = frozenset()
    amounts: dict[str, float] = {}
    for entry in map(parse_start, planning.start):
        if isinstance(entry, Given):
            amounts[str(entry.atom)] = float(entry.value)
        elif entry.positive:
            true |= {entry.atom}
    states = [PlanState(true, amounts)]
    for done in simulation.steps:
        ended = frozenset(map(parse_atom, done.became_false))
        true = (true - ended) | frozenset(map(parse_atom, done.became_true))
        amounts = amounts | dict(done.amounts)
        states.append(PlanState(true, amounts))
    return states


def parents_in(planning: Planning, states: Sequence[PlanState]) -> tuple[list[Parents], set[str]]:
    """Return in each state what stands on or in what, and the names of the facts that say so.

    Nothing is known of a fact but how it behaves: one of two objects that changes, and by which at
    every time each first object has one second at most (or each second one first), without going
    round in a circle, tells where things are. Facts that fit together are taken together.
    """
    taken: list[Parents] = [{} for _ in states]
    names: set[str] = set()
    for fact in planning.facts:
        if len(fact.places) != 2:
            continue
        pairs = [[a.arguments for a in s.true if a.name == fact.name] for s in states]
        changing = any(set(a) != set(b) for a, b in pairwise(pairs))
        # A fact that only grows, such as `visited`, says nothing of where its second object is.
        shrinks = any(set(a) - set(b) for a, b in pairwise(pairs))
        for child in (0, 1) if shrinks else (0,):
            together = [_joined(t, p, child) for t, p in zip(taken, pairs, strict=True)]
            if changing and all(t is not None for t in together):
                taken = [t for t in together if t is not None]
                names.add(fact.name)
                break
    return taken, names


def _joined(known: Parents, pairs: Sequence[tuple[str, ...]], child: int) -> Parents | None:
    """Return parents with those of pairs; None where an object would have two, or be its own."""
    joined = dict(known)
    for pair in pairs:
        one, other = pair[child], pair[1 - child]
        if joined.setdefault(one, other) != other:
            return None
    return None if any(one in _above(joined, one) for one in joined) else joined


def _above(parents: Parents, one: str) -> Iterator[str]:
    """Yield the parents of an object, one after the other, up to a circle's closing."""
    seen: set[str] = set()
    while one in parents and one not in seen:
        seen.add(one)
        one = parents[one]
        yield one


def tree_of(parents: Parents, objects: Sequence[str]) -> list[list[tuple[str, int]]]:
    """Return a list for each object without a parent: what is on or in it, and how deep."""
    children: dict[str, list[str]] = {}
    for one in objects:
        if one in parents:
            children.setdefault(parents[one], []).append(one)

    def below(one: str, depth: int) -> Iterator[tuple[str, int]]:
        yield one, depth
        for child in children.get(one, []):
            yield from below(child, depth + 1)

    return [list(below(one, 0)) for one in objects if one not in parents]
