"""A story in the indexed form of a formulation."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable

from optiwright.formulators.phrases import capitalised, listing
from optiwright.formulators.wire_records import (
    IndexedAsked,
    IndexedConstraint,
    IndexedVariable,
    IndexedWire,
    WireDefinition,
    WireObjective,
    WireParameter,
    WireSet,
)
from optiwright.training.story import Story
from optiwright.training.story_indices import StoryIndices
from optiwright.training.story_parts import Element, Key, SetPart, TotalPart, Words


def indexed_of(story: Story) -> IndexedWire:
    """Return the story in the indexed form."""
    goal = story.goal
    if goal is None:
        raise ValueError("the story has no goal")
    return IndexedWire(
        problem=capitalised(goal.meaning),
        sets=[WireSet(name=s.name, meaning=s.meaning, elements=_elements(s)) for s in story.sets],
        parameters=[
            WireParameter(
                name=d.name,
                meaning=d.meaning,
                unit=d.unit,
                over=", ".join(d.over),
                values=[d.values[key].value for key in _order(story, d.over)],
            )
            for d in story.data
        ],
        variables=[
            IndexedVariable(
                name=d.name,
                meaning=_general(story, d.meaning, d.over),
                unit=d.unit,
                over=d.over,
                type=d.kind,
                type_basis="inferred",
                lower="0" if d.kind == "binary" else d.lower,
                upper="1" if d.kind == "binary" else d.upper,
            )
            for d in story.decisions
        ]
        + [_carried(story, t) for t in story.totals if t.carried],
        definitions=[
            WireDefinition(
                name=t.name,
                meaning=_general(story, t.meaning, t.over),
                over=t.over,
                expression=t.expression,
            )
            for t in story.totals
            if not t.carried
        ],
        objective=WireObjective(
            sense=goal.sense, meaning=goal.meaning, unit=goal.unit, expression=goal.expression
        ),
        constraints=[_balance(story, t) for t in story.totals if t.carried]
        + [
            IndexedConstraint(
                name=r.name,
                meaning=r.meaning,
                over=r.over,
                condition=None,
                expression=r.relation,
                penalty=None,
            )
            for r in story.rules
        ],
        asked=[
            IndexedAsked(
                meaning=_general(story, a.meaning, a.over), over=a.over, expression=a.expression
            )
            for a in story.asks
        ],
        assumptions=[],
        scenarios=[],
    )


def indexed_text(wire: IndexedWire) -> str:
    """Return the JSON that a model is to write: on one line, as the prompt's examples are."""
    return json.dumps(wire.model_dump(mode="json"), ensure_ascii=False, separators=(",", ":"))


def _carried(story: Story, total: TotalPart) -> IndexedVariable:
    return IndexedVariable(
        name=total.name,
        meaning=_general(story, total.meaning, total.over),
        unit="",
        over=total.over,
        type="continuous",
        type_basis="inferred",
        lower=None,
        upper=None,
    )


def _balance(story: Story, total: TotalPart) -> IndexedConstraint:
    return IndexedConstraint(
        name=f"{total.name}_balance",
        meaning=_general(story, total.meaning, total.over),
        over=total.over,
        condition=None,
        expression=f"{total.name}[{', '.join(_targets(total.over))}] == {total.expression}",
        penalty=None,
    )


def _elements(part: SetPart) -> list[str | int | list[str | int]]:
    first, last = part.elements[0], part.elements[-1]
    if isinstance(first, int) and isinstance(last, int) and last - first > 1:
        return [f"{first}..{last}"]
    return [
        [_plain(e) for e in element] if isinstance(element, tuple) else _plain(element)
        for element in part.elements
    ]


def _plain(element: Element) -> str | int:
    return element if isinstance(element, int) else str(element)


def _order(story: Story, over: Iterable[str]) -> list[Key]:
    """Return the keys over sets, the last varying fastest."""
    elements = {s.name: s.elements for s in story.sets}
    keys: list[Key] = [()]
    for name in over:
        parts = [e if isinstance(e, tuple) else (e,) for e in elements[name]]
        keys = [(*key, *part) for key in keys for part in parts]
    return keys


def _targets(over: str) -> list[str]:
    return re.findall(r"[A-Za-z_]\w*", re.sub(r"\bin\s+\w+(\[[^]]*\])?|\bif\b.*", " ", over))


def _general(story: Story, words: Words, over: str) -> str:
    """Return words about an element as words about the index: the element's name for its letter.

    "candles made of the kind tall" of `p in Kinds` becomes "candles made of the kind p".
    """
    if isinstance(words, str):
        return words
    key, _ = next(StoryIndices(story).indices(over))
    text = words(*key)
    targets = _targets(over)
    for element, target in zip(key, targets, strict=False):
        names = [str(element)] if isinstance(element, int) else [element.plural, element.one]
        for name in names:
            text = re.sub(rf"(?<!\w){re.escape(name)}(?!\w)", target, text)
    return text or listing(targets)
