"""A planning formulation in words, as Markdown for people."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from optiwright.formulators.phrases import counted
from optiwright.formulators.planning import OBJECT, Action, Amount, Fact, Planning

_LEAST = {
    "steps": "As few steps as can be.",
    "cost": "As little cost as can be.",
    "any": "Any plan will do.",
}


def planning_markdown(planning: Planning) -> str:
    """Return the whole formulation as Markdown: what there is, what can be done, start and goal."""
    return "\n".join(_sections(planning)).strip() + "\n"


def _sections(planning: Planning) -> Iterator[str]:
    if planning.title:
        yield f"### {planning.title}\n"
    yield "**Objects**\n"
    kinds = dict.fromkeys(thing.kind for thing in planning.objects)
    for kind in kinds:
        names = [f"`{t.name}`" for t in planning.objects if t.kind == kind]
        yield f"- {'' if kind == OBJECT else f'{kind}: '}{', '.join(names)}"
    if planning.facts:
        yield "\n**What can be true**\n"
        yield from (f"- {_declared(fact)}" for fact in planning.facts)
    if planning.amounts:
        yield "\n**Amounts**\n"
        yield from (f"- {_declared(amount)}" for amount in planning.amounts)
    yield "\n**What can be done**\n"
    for action in planning.actions:
        yield from _action(planning, action)
    yield "\n**At the start**\n"
    yield from _listed(planning.start)
    yield "\n**Goal**\n"
    yield from _listed(planning.goal)
    yield f"\n{_LEAST[planning.least]}"
    if planning.most_steps is not None:
        yield f"At most {counted(planning.most_steps, 'step')}."
    yield from (f"- Assumed: {sentence}" for sentence in planning.assumptions)


def _declared(part: Fact | Amount | Action) -> str:
    places = [p.name if p.kind == OBJECT else f"{p.name}: {p.kind}" for p in part.places]
    head = f"`{part.name}({', '.join(places)})`" if places else f"`{part.name}`"
    unit = f", in {part.unit}" if isinstance(part, Amount) and part.unit else ""
    return f"{head}{unit}{': ' * bool(part.description)}{part.description}"


def _action(planning: Planning, action: Action) -> Iterator[str]:
    yield f"- {_declared(action)}"
    for word, parts in (
        ("needs", action.needs),
        ("makes true", action.makes),
        ("makes untrue", action.ends),
        ("changes", action.changes),
    ):
        if parts:
            yield f"  - {word} {', '.join(f'`{part}`' for part in parts)}"
    if planning.least == "cost":
        yield f"  - costs `{action.cost}`"


def _listed(texts: Sequence[str]) -> Iterator[str]:
    yield ", ".join(f"`{text}`" for text in texts) or "Nothing."
