"""A plan in words: each step in the words of its action, and what it needs that another made."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from optiwright.formulators.errors import FormulationError
from optiwright.formulators.figures import number
from optiwright.formulators.phrases import capitalised, counted, listing
from optiwright.formulators.planning import Action, Fact, Planning
from optiwright.formulators.planning_parser import parse_condition
from optiwright.formulators.planning_terms import Holds
from optiwright.solver_tools.plan_outcome import (
    PlanOutcome,
    PlanStatus,
    PlanStep,
    SimulatedStep,
    Simulation,
)

_SHOWN = 100
"""Steps of a plan that are told."""


@dataclass(frozen=True)
class Link:
    """What a step needs and an earlier one made."""

    condition: str
    """With the objects put in."""
    made_by: int
    """The number of the step that made it so last, counted from 1."""


def filled(text: str, objects: Mapping[str, str]) -> str:
    """Return a text with names put in for others, whole words only."""
    if not objects:
        return text
    names = "|".join(map(re.escape, sorted(objects, key=len, reverse=True)))
    return re.sub(rf"(?<!\w)(?:{names})(?!\w)", lambda m: objects[m.group(0)], text)


def action_of(planning: Planning, step: PlanStep) -> Action | None:
    """Return the action that a step takes; None where there is none of its name and size."""
    return next(
        (
            a
            for a in planning.actions
            if a.name == step.action and len(a.places) == len(step.arguments)
        ),
        None,
    )


def step_words(planning: Planning, step: PlanStep) -> str:
    """Return a step in the words of its action: `lift box2 from the cart`; else as it stands."""
    action = action_of(planning, step)
    if action is None or not action.description.strip():
        return f"`{step}`"
    called = {t.name: _called(t.name, t.words) for t in planning.objects}
    objects = {
        place.name: called.get(argument, argument)
        for place, argument in zip(action.places, step.arguments, strict=True)
    }
    words = filled(action.description.strip().rstrip("."), objects)
    unnamed = [p.name for p in action.places if not _mentions(action.description, p.name)]
    rest = ", ".join(objects[name] for name in unnamed)
    return capitalised(f"{words} ({rest})" if rest else words)


def fact_words(planning: Planning, condition: str) -> str:
    """Return a condition of objects in words, where its fact has some; else as it stands."""
    try:
        read = parse_condition(condition)
    except FormulationError:
        return f"`{condition}`"
    if not isinstance(read, Holds):
        return f"`{condition}`"
    fact = next((f for f in planning.facts if f.name == read.atom.name), None)
    if fact is None or not _tells(fact):
        return f"`{condition}`"
    called = {t.name: _called(t.name, t.words) for t in planning.objects}
    names = {
        place.name: called.get(argument, argument)
        for place, argument in zip(fact.places, read.atom.arguments, strict=False)
    }
    words = filled(fact.description.strip().rstrip("."), names)
    return words if read.positive else f"not that {words}"


def links(planning: Planning, simulation: Simulation) -> tuple[tuple[Link, ...], ...]:
    """Return for each step what it needs that an earlier step made so, in the plan's order."""
    made: dict[str, int] = {}
    ended: dict[str, int] = {}
    found = []
    for place, done in enumerate(simulation.steps, 1):
        found.append(tuple(_links_of(planning, done.step, made, ended)))
        for atom in done.became_true:
            made[_plain(atom)] = place
            ended.pop(_plain(atom), None)
        for atom in done.became_false:
            ended[_plain(atom)] = place
            made.pop(_plain(atom), None)
    return tuple(found)


def goal_links(planning: Planning, simulation: Simulation) -> dict[str, int]:
    """Return for each condition of the goal the step that brought it about; 0: true at first."""
    made: dict[str, int] = {}
    for place, done in enumerate(simulation.steps, 1):
        made |= {_plain(atom): place for atom in done.became_true}
        made |= {f"not {_plain(atom)}": place for atom in done.became_false}
    return {condition: made.get(_plain(condition), 0) for condition in planning.goal}


def _links_of(
    planning: Planning, step: PlanStep, made: Mapping[str, int], ended: Mapping[str, int]
) -> list[Link]:
    found = []
    for condition in needs_of(planning, step):
        by = made.get(condition, 0)
        if condition.startswith("not "):
            by = ended.get(condition.removeprefix("not "), 0)
        if by:
            found.append(Link(condition, by))
    return found


def needs_of(planning: Planning, step: PlanStep) -> list[str]:
    """Return what a step needs, with its objects put in."""
    action = action_of(planning, step)
    if action is None:
        return []
    places = {p.name: a for p, a in zip(action.places, step.arguments, strict=True)}
    return [_plain(filled(need, places)) for need in action.needs]


def steps_told(planning: Planning, simulation: Simulation) -> str:
    """Return the plan as a numbered list, each step with what of it an earlier one made."""
    needed = links(planning, simulation)
    lines = [
        _told(planning, place, done, needed[place - 1])
        for place, done in enumerate(simulation.steps[:_SHOWN], 1)
    ]
    more = len(simulation.steps) - _SHOWN
    if more > 0:
        lines.append(f"... and {more:,} more")
    return "\n".join(lines)


def _told(planning: Planning, place: int, done: SimulatedStep, needed: Sequence[Link]) -> str:
    words = step_words(planning, done.step)
    line = f"{place}. {words}"
    if words != f"`{done.step}`":
        line += f"  (`{done.step}`)"
    if done.unmet:
        return (
            f"{line}; it cannot be taken: {listing([f'`{u}`' for u in done.unmet])} does not hold"
        )
    since = [
        f"{_conditions(planning, [link for link in needed if link.made_by == by])} (step {by})"
        for by in dict.fromkeys(link.made_by for link in needed)
    ]
    below = [f"possible since {listing(since)}"] if since else []
    below += [f"`{name}` is now {number(value)}" for name, value in done.amounts]
    return "\n".join([line, *(f"   - {words}" for words in below)])


def _conditions(planning: Planning, needed: Sequence[Link]) -> str:
    return listing([fact_words(planning, link.condition) for link in needed])


def outcome_told(planning: Planning, outcome: PlanOutcome) -> str:
    """Return what looking for a plan came to, as a model is told that judges the formulation."""
    if outcome.steps:
        steps = "\n".join(f"{n}. {step}" for n, step in enumerate(outcome.steps, 1))
        return f"The plan that a solver found:\n\n{steps}"
    if outcome.status is PlanStatus.IMPOSSIBLE:
        told = "A solver found that with these lines no plan is possible."
        if outcome.reached:
            told += f" Of the goal it could reach only: {', '.join(outcome.reached)}."
        return told
    if outcome.status is PlanStatus.UNSOLVED:
        return "No solver came to an end with these lines."
    return "A solver found that the goal holds from the start, without any step."


def value_told(planning: Planning, value: float | None) -> str:
    """Return a plan's value with what it counts: `7 steps`, `a cost of 12`."""
    if value is None:
        return "none"
    if planning.least == "cost":
        return f"a cost of {number(value)}"
    return counted(round(value), "step")


def _called(name: str, words: str) -> str:
    plain = " ".join(words.split())
    return plain if plain and len(plain) <= 40 else name


def _mentions(text: str, name: str) -> bool:
    return re.search(rf"(?<!\w){re.escape(name)}(?!\w)", text) is not None


def _tells(fact: Fact) -> bool:
    return bool(fact.description.strip()) and all(
        _mentions(fact.description, place.name) for place in fact.places
    )


def _plain(condition: str) -> str:
    """Return a condition as it is written everywhere."""
    try:
        return str(parse_condition(condition))
    except FormulationError:
        return " ".join(condition.split())
