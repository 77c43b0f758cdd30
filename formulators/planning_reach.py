"""What of a planning formulation can never come about, and what of it is not used."""

from __future__ import annotations

from collections.abc import Iterator

from optiwright.formulators.findings import Code, Finding, Severity
from optiwright.formulators.planning import Planning
from optiwright.formulators.planning_ground import Goal, Ground
from optiwright.formulators.planning_parser import parse_atom, parse_change, parse_start
from optiwright.formulators.planning_terms import Given, Holds
from optiwright.formulators.planning_uses import uses_of


def reach_findings(planning: Planning, found: Ground) -> Iterator[Finding]:
    """Yield what cannot be reached, and what nothing speaks of."""
    for goal in found.goals:
        if not goal.reachable:
            yield _warning(
                Code.IMPOSSIBLE,
                "goal",
                f"`{goal.text}` can never hold: {_why(planning, goal)}; look whether an effect, a "
                "need or a fact of the start is missing or wrong.",
            )
    reached = {action.name for action in found.actions}
    for action in planning.actions:
        if action.name not in reached:
            needs = f" ({', '.join(action.needs)})" if action.needs else ""
            yield _warning(
                Code.IMPOSSIBLE,
                f"action `{action.name}`",
                f"`{action.name}` can never be taken, or never changes anything: its needs{needs} "
                "hold together for no objects; look whether a fact of the start is missing.",
            )
    yield from _not_given(planning)
    yield from _unused(planning)


def _why(planning: Planning, goal: Goal) -> str:
    condition = goal.condition
    if not isinstance(condition, Holds):
        return "no action that can be taken brings it about"
    word = "makes" if condition.positive else "ends"
    effects = [e for a in planning.actions for e in (a.makes if condition.positive else a.ends)]
    if condition.atom.name not in {parse_atom(e).name for e in effects}:
        return f"no action {word} `{condition.atom.name}`"
    return f"no action that can be taken {word} `{condition.atom}`"


def _not_given(planning: Planning) -> Iterator[Finding]:
    starts = [parse_start(text) for text in planning.start]
    given = {entry.atom.name for entry in starts if isinstance(entry, Given)}
    given |= {parse_change(text).target.name for a in planning.actions for text in a.changes}
    used = {atom.name for use in uses_of(planning) for atom in use.amounts}
    for amount in planning.amounts:
        if amount.name in used - given:
            places = f"({', '.join(p.name for p in amount.places)})" if amount.places else ""
            yield _warning(
                Code.MISSING_ENTRY,
                f"amount `{amount.name}`",
                f"`{amount.name}` is used and never given, so that it is zero everywhere; give its "
                f"values at the start, as in `start {amount.name}{places} = 5`.",
            )


def _unused(planning: Planning) -> Iterator[Finding]:
    uses = list(uses_of(planning))
    atoms = [atom for use in uses for atom in (*use.facts, *use.amounts)]
    used = {atom.name for atom in atoms}
    named = {name for atom in atoms for name in atom.arguments}
    named |= {name for use in uses for name in use.names}
    for word, parts in (("fact", planning.facts), ("amount", planning.amounts)):
        for part in parts:
            if part.name not in used:
                yield _warning(
                    Code.UNUSED,
                    f"{word} `{part.name}`",
                    f"`{part.name}` is declared and used nowhere; use it or leave it out.",
                )
    for thing in planning.objects:
        if thing.name not in named:
            yield _warning(
                Code.UNUSED,
                f"object `{thing.name}`",
                f"Neither start nor goal nor any action speaks of `{thing.name}`; say what is true "
                "of it at the start.",
            )


def _warning(code: Code, where: str, message: str) -> Finding:
    return Finding(code=code, severity=Severity.WARNING, where=where, message=message)
