"""A plan as a storyboard: a card for each step with what it changes, from the start to the goal."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from optiwright.agent.picture_parts import EDGE, TOP, WIDTH, Picture, few_told
from optiwright.agent.picture_stacks import Stacks
from optiwright.agent.plan_states import (
    carried_out,
    parents_in,
    states_of,
    steps_shown,
)
from optiwright.agent.planning_told import fact_words, step_words
from optiwright.agent.result import PlanAnswer
from optiwright.agent.svg import cut, document, text, width_of, written
from optiwright.formulators.errors import FormulationError
from optiwright.formulators.figures import number
from optiwright.formulators.phrases import counted
from optiwright.formulators.planning_terms import Atom
from optiwright.solver_tools.plan_outcome import PlanStatus, SimulatedStep, Simulation

_MOST_CARDS = 40
_MOST_LINES = 6
"""Facts of a card that are shown of one sign."""
_GAP = 10
_CARD = (WIDTH - 2 * EDGE - _GAP) / 2
_INSIDE = _CARD - 16
_LINE = 17
_SIGNS = {"+": "main", "\u2212": "other", "\u2713": "main", "\u00d7": "other"}


@dataclass(frozen=True)
class _Card:
    title: str
    lines: tuple[tuple[str, str], ...] = ()
    """A sign and what it is of: became true, not any more, holds, does not hold; or none."""
    state: int | None = None
    """The number of the state that is drawn."""
    marked: Collection[str] = field(default=())


def storyboard(plan: PlanAnswer) -> Picture | None:
    """Return the plan card by card; None without a step, or where nothing of it can be read."""
    done = carried_out(plan)
    if done is None or not done.steps:
        return None
    try:
        board = _Board(plan, done)
    except FormulationError:
        return None
    whole = plan.outcome.status is not PlanStatus.IMPOSSIBLE
    title = "The plan, step by step" if whole else "What can be reached, step by step"
    told = [f"{n}. {_bare(step_words(plan.planning, s.step))}" for n, s in _numbered(done)]
    alt = f"Storyboard of {counted(len(told), 'step')}: {few_told(told)}."
    return Picture(kind="storyboard", title=title, svg=board.drawn(title), alt=alt)


class _Board:
    def __init__(self, plan: PlanAnswer, done: Simulation) -> None:
        self.plan, self.planning, self.done = plan, plan.planning, done
        self.states = states_of(self.planning, done)
        parents, self.told_by_stacks = parents_in(self.planning, self.states)
        self.stacks = Stacks(parents, self._objects(), _INSIDE)
        if not self.stacks.worth:
            self.told_by_stacks = set()

    def drawn(self, title: str) -> str:
        cards = [self._first(), *(self._step(n, s) for n, s in _numbered(self.done)), self._last()]
        shown = cards if len(cards) <= _MOST_CARDS else [*cards[: _MOST_CARDS - 1], cards[-1]]
        said = "+ becomes true, \u2212 ends; orange: the step's objects"
        if not self.told_by_stacks:
            said = "+ becomes true, \u2212 ends"
        parts = [text(EDGE, TOP + 2, cut(said, WIDTH - 2 * EDGE))]
        top = TOP + 14.0
        for k in range(0, len(shown), 2):
            pair = shown[k : k + 2]
            height = max(map(self._height, pair))
            for j, card in enumerate(pair):
                parts += self._card(card, EDGE + j * (_CARD + _GAP), top, height)
            top += height + _GAP
        rest = len(cards) - len(shown)
        if rest:
            parts.append(text(EDGE, top + 10, f"{rest} more steps before the last card"))
            top += 22
        return document(title, WIDTH, round(top), parts)

    def _objects(self) -> list[str]:
        """Return the objects that facts of the stacks or steps name, in their order."""
        named = {a for step in steps_shown(self.plan) for a in step.arguments}
        for state in self.states:
            atoms = (a for a in state.true if a.name in self.told_by_stacks)
            named |= {o for atom in atoms for o in atom.arguments}
        return [t.name for t in self.planning.objects if t.name in named]

    def _first(self) -> _Card:
        start, last = self.states[0], self.states[-1]
        changing = [a for a in sorted(start.true, key=str) if self._changes(a)]
        lines = [("", self._words(str(a))) for a in changing if a.name not in self.told_by_stacks]
        moved = {name for s in self.done.steps for name, _ in s.amounts}
        lines += [("", self._amount(n, start.amounts.get(n, 0.0))) for n in sorted(moved)]
        return _Card("Start", _few(lines, ""), 0 if last is not start else None)

    def _changes(self, atom: Atom) -> bool:
        return any(atom not in state.true for state in self.states)

    def _step(self, place: int, done: SimulatedStep) -> _Card:
        lines = [("\u00d7", f"needs {u}") for u in done.unmet]
        lines += _few([("+", self._words(a)) for a in done.became_true], "+")
        lines += _few([("\u2212", self._words(a)) for a in done.became_false], "\u2212")
        lines += [("", self._amount(name, value)) for name, value in done.amounts]
        title = f"{place}. {_bare(step_words(self.planning, done.step))}"
        return _Card(title, tuple(lines), place, done.step.arguments)

    def _last(self) -> _Card:
        missed = set(self.done.unmet_goal)
        if self.plan.outcome.status is PlanStatus.IMPOSSIBLE:
            missed = set(self.planning.goal) - set(self.plan.outcome.reached)
        signs = [("\u00d7" if c in missed else "\u2713", c) for c in self.planning.goal]
        lines = [(sign, self._words(c)) for sign, c in signs]
        return _Card("The goal" if not missed else "Of the goal", _few(lines, ""))

    def _words(self, condition: str) -> str:
        """Return a condition in words where they have room on a line, else as it stands."""
        words = _bare(fact_words(self.planning, condition))
        return words if len(_wrapped(words, _INSIDE - 16)) <= 2 else condition

    def _amount(self, name: str, value: float) -> str:
        amount = next((a for a in self.planning.amounts if a.name == name.partition("(")[0]), None)
        unit = f" {amount.unit}" if amount is not None and amount.unit else ""
        return f"{name} = {number(value)}{unit}"

    def _height(self, card: _Card) -> float:
        lines = sum(len(_shown(sign, words)) for sign, words in card.lines)
        height = 14.0 + _LINE * (len(_title(card)) + lines)
        if card.state is not None and self.told_by_stacks:
            height += 8 + self.stacks.height(card.state)
        return height

    def _card(self, card: _Card, left: float, top: float, height: float) -> list[str]:
        frame = (
            f'<rect x="{left:.1f}" y="{top:.1f}" width="{_CARD:.1f}" height="{height:.1f}" rx="4" '
            'fill="none" stroke="var(--line)"/>'
        )
        parts, x, y = [frame], left + 8, top + 19
        for line in _title(card):
            parts.append(f'<text x="{x:.1f}" y="{y:.1f}" font-weight="600">{written(line)}</text>')
            y += _LINE
        for sign, words in card.lines:
            if sign:
                mark = f'<text x="{x:.1f}" y="{y:.1f}" style="fill:var(--{_SIGNS[sign]})">'
                parts.append(f"{mark}{sign}</text>")
            for line in _shown(sign, words):
                parts.append(text(x + (16 if sign else 0), y, line))
                y += _LINE
        if card.state is not None and self.told_by_stacks:
            room = self.stacks.height(card.state)
            parts += self.stacks.drawn(card.state, x, top + height - room, card.marked)
        return parts


def _title(card: _Card) -> list[str]:
    return _two_lines(card.title, _INSIDE / 1.12)


def _shown(sign: str, words: str) -> list[str]:
    """Return the words of a line on two lines at most."""
    return _two_lines(words, _INSIDE - (16 if sign else 0))


def _few(lines: Sequence[tuple[str, str]], sign: str) -> tuple[tuple[str, str], ...]:
    if len(lines) <= _MOST_LINES:
        return tuple(lines)
    rest = len(lines) - _MOST_LINES + 1
    return (*lines[: _MOST_LINES - 1], (sign, f"and {rest} more"))


def _two_lines(words: str, room: float) -> list[str]:
    first, *rest = _wrapped(words, room)
    return [cut(first, room), *([cut(" ".join(rest), room)] if rest else [])]


def _wrapped(words: str, room: float) -> list[str]:
    """Return words on as many lines as they take; a word that is too long stands alone."""
    lines: list[str] = []
    for word in words.split():
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and width_of(longer) <= room:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines or [""]


def _bare(words: str) -> str:
    return words.replace("`", "")


def _numbered(done: Simulation) -> list[tuple[int, SimulatedStep]]:
    return list(enumerate(done.steps, 1))
