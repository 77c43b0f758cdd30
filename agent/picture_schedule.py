"""A schedule: what runs when, a block each, from starts and durations or what is on in time."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from optiwright.agent.picture_parts import (
    EDGE,
    TOP,
    WIDTH,
    Decided,
    Picture,
    decided_in,
    few_told,
    members,
    place_words,
)
from optiwright.agent.result import Result
from optiwright.agent.svg import cut, document, marks_across, text, titled, width_of
from optiwright.agent.told_point import plain
from optiwright.formulators.errors import FormulationError
from optiwright.formulators.figures import amount, short
from optiwright.formulators.model import Cumulative, Formulation, Index, NoOverlap
from optiwright.formulators.parser import parse_over
from optiwright.solver_tools.interpret import Interpreter

_MOST_ROWS, _MOST_BLOCKS = 40, 400
_ROW = 28
_LABEL = 140
_START = re.compile(r"\b(?:starts?|begins?|beginning)\b", re.I)
_DURATION = re.compile(r"\b(?:durations?|processing|length|takes|duration of)\b", re.I)


@dataclass(frozen=True)
class Block:
    """What runs in a row from a time to another."""

    row: str
    label: str
    start: float
    end: float

    def words(self, unit: str) -> str:
        """Return it as people say it."""
        return f"{self.label}: {short(self.start)} to {amount(self.end, unit)}"


def schedule(result: Result) -> Picture | None:
    """Return the schedule of a solution with starts and durations; None where it has none."""
    formulation = result.formulation
    if formulation is None:
        return None
    decided = decided_in(result)
    if not decided:
        return None
    values = {d.name: d.values for d in decided}
    try:
        blocks = _of_rules(formulation, Interpreter(formulation, values))
        blocks = blocks or _of_names(formulation, decided)
    except FormulationError:  # what the starts rest on, such as tables, is not at hand
        return None
    if not _can_be_drawn(blocks):
        return None
    return schedule_of(blocks, "Schedule", _unit(formulation, decided))


def on_and_off(decided: Decided) -> Picture:
    """Return when each of something is on, for a yes or no over something and times."""
    times = members(list(decided.values), 1)
    places = {time: k for k, time in enumerate(times)}
    blocks: list[Block] = []
    for row in members(list(decided.values), 0):
        on = [places[i[1]] for i in decided.taken if i[0] == row]
        for first, last in _runs(sorted(on)):
            said = str(times[first]) if first == last else f"{times[first]} to {times[last]}"
            blocks.append(Block(str(row), said, first, last + 1.0))
    rows = [str(row) for row in members(list(decided.values), 0)]
    title = decided.title
    drawn = _Chart(rows[:_MOST_ROWS], blocks, (0.0, float(len(times)))).between(
        list(map(str, times))
    )
    told = [f"{b.row} {b.label}" for b in blocks]
    note = _more_rows(len(rows))
    alt = f"Schedule of {decided.title} by {decided.heads[1]}: {few_told(told)}.{note}"
    return Picture(kind="schedule", title=title, svg=drawn(title), alt=alt)


def _runs(places: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Yield first and last of each run of consecutive numbers."""
    first = None
    for k, place in enumerate(places):
        first = place if first is None else first
        if k + 1 == len(places) or places[k + 1] != place + 1:
            yield first, place
            first = None


def _of_rules(formulation: Formulation, interpreter: Interpreter) -> list[Block]:
    """Return the blocks of the rules that hold intervals apart; a row for each of their indices."""
    rules = [c for c in formulation.constraints if isinstance(c, NoOverlap | Cumulative)]
    # One machine has a row for each of its tasks, several have a row each.
    one = len(rules) == 1 and not rules[0].over
    found: dict[tuple[str, str], Block] = {}
    for rule in rules:
        for at, env in interpreter.scopes(rule.over):
            row = place_words(at) or plain(rule.name)
            for index, inner in interpreter.bindings(parse_over(rule.among), env):
                where = (rule.name, index)
                start = interpreter.quantity(rule.start, inner, *where)
                length = interpreter.quantity(rule.duration, inner, *where)
                label = place_words(index)
                block = Block(label if one else row, label, start, start + max(0.0, length))
                found.setdefault((block.row, label), block)
                if len(found) > _MOST_BLOCKS:
                    return []
    return list(found.values())


def _of_names(formulation: Formulation, decided: Sequence[Decided]) -> list[Block]:
    """Return the blocks of a decision called start and a parameter called duration, if any."""
    start = next((d for d in decided if d.heads and _is(_START, d.name, d.title)), None)
    if start is None:
        return []
    interpreter = Interpreter(formulation, {d.name: d.values for d in decided})
    for p in formulation.parameters:
        if not _is(_DURATION, p.name, p.description):
            continue
        lengths = interpreter.parameter(p.name)
        if set(lengths) >= set(start.values) and len(start.values) <= _MOST_BLOCKS:
            return [_named(i, v, lengths[i]) for i, v in start.values.items()]
    return []


def _named(index: Index, start: float, length: float) -> Block:
    """Return the block of a task, or of a task on a machine, which has the row."""
    *what, where = map(str, index)
    return Block(plain(where), plain(", ".join(what or [where])), start, start + max(0.0, length))


def _is(words: re.Pattern[str], name: str, description: str) -> bool:
    return words.search(f"{name.replace('_', ' ')} {description}") is not None


def _can_be_drawn(blocks: Sequence[Block]) -> bool:
    ends = [t for b in blocks for t in (b.start, b.end)]
    return len(blocks) > 1 and all(map(math.isfinite, ends)) and max(ends) - min(ends) > 0


def _unit(formulation: Formulation, decided: Sequence[Decided]) -> str:
    """Return the unit of times: that of the decision called start."""
    return next((d.unit for d in decided if d.unit and _is(_START, d.name, d.title)), "")


def schedule_of(blocks: Sequence[Block], title: str, unit: str) -> Picture:
    """Return a picture of blocks over an axis of numbers; there is one at least, of some length."""
    in_time = sorted(blocks, key=lambda b: (b.start, b.end))
    rows = list(dict.fromkeys(b.row for b in in_time))
    if len(rows) < len(blocks):  # machines, whose order is no matter of time
        rows = list(dict.fromkeys(b.row for b in blocks))
    span = min(0.0, in_time[0].start), max(b.end for b in blocks)
    drawn = _Chart(rows[:_MOST_ROWS], blocks, span).over_time(unit)
    told = [b.words(unit) + (f" on {b.row}" if b.row != b.label else "") for b in in_time]
    alt = f"Schedule in the order of starts: {few_told(told)}.{_more_rows(len(rows))}"
    return Picture(kind="schedule", title=title, svg=drawn(title), alt=alt)


def _more_rows(count: int) -> str:
    rest = count - _MOST_ROWS
    return f" {rest} more rows are not drawn." if rest > 0 else ""


class _Drawn:
    """Parts of a picture and its height, made a document with a title."""

    def __init__(self, parts: list[str], height: float) -> None:
        self.parts, self.height = parts, height

    def __call__(self, title: str) -> str:
        return document(title, WIDTH, round(self.height), self.parts)


class _Chart:
    """Rows of blocks over a span of time."""

    def __init__(
        self, rows: Sequence[str], blocks: Sequence[Block], span: tuple[float, float]
    ) -> None:
        self.rows, self.blocks = rows, blocks
        self.scale = max(map(abs, span)) or 1.0  # so that no difference of two times overflows
        self.span = span[0] / self.scale, span[1] / self.scale
        self.left = EDGE + min(_LABEL, max(width_of(row) for row in rows)) + 10
        self.right = WIDTH - 2.0 * EDGE
        self.bottom = TOP + _ROW * len(rows)

    def x(self, time: float) -> float:
        """Return where a time is."""
        low, high = self.span
        share = (time / self.scale - low) / (high - low)
        return self.left + (self.right - self.left) * share

    def over_time(self, unit: str) -> _Drawn:
        """Return the chart over an axis of numbers."""
        parts = self._lines()
        low, high = (end * self.scale for end in self.span)
        if math.isfinite(high - low) and high - low > 1e-300:
            for mark in marks_across((low, high), self.left, self.right, WIDTH):
                parts.append(_upright(mark.x, self.bottom))
                parts.append(text(mark.middle, self.bottom + 20, mark.label, "middle"))
        parts += self._drawn_blocks(unit)
        if unit:
            said = cut(unit, self.right - self.left)
            parts.append(text((self.left + self.right) / 2, self.bottom + 40, said, "middle"))
        return _Drawn(parts, self.bottom + (50 if unit else 32))

    def between(self, times: Sequence[str]) -> _Drawn:
        """Return the chart over named times, each with its label in the middle."""
        parts = self._lines()
        room = (self.right - self.left) / len(times)
        widest = max(map(width_of, times))
        step = max(1, math.ceil((min(widest, 90) + 8) / room))
        for k in range(len(times) + 1):
            parts.append(_upright(self.x(k), self.bottom))
        for k in range(0, len(times), step):
            said = cut(times[k], step * room)
            half = width_of(said) / 2
            middle = min(max(self.x(k + 0.5), half), WIDTH - half)
            parts.append(text(middle, self.bottom + 20, said, "middle"))
        return _Drawn([*parts, *self._drawn_blocks("")], self.bottom + 32)

    def _lines(self) -> list[str]:
        parts = []
        for k, row in enumerate(self.rows):
            y = TOP + _ROW * k
            parts.append(text(self.left - 8, y + 19, cut(row, _LABEL), "end"))
            parts.append(
                f'<path d="M{self.left:.1f} {y + _ROW}H{self.right}" stroke="var(--line)"/>'
            )
        return parts

    def _drawn_blocks(self, unit: str) -> list[str]:
        places = {row: k for k, row in enumerate(self.rows)}
        parts: list[str] = []
        for b in self.blocks:
            if b.row not in places:
                continue
            x, y = self.x(b.start), TOP + _ROW * places[b.row] + 4
            width = max(1.5, self.x(b.end) - x)
            words = b.words(unit) if unit or b.row == b.label else f"{b.row}, {b.label}"
            shape = (
                f'rect x="{x:.1f}" y="{y}" width="{width:.1f}" height="{_ROW - 8}" rx="2" '
                f'fill="var(--main)" fill-opacity="0.35" stroke="var(--main)"'
            )
            parts.append(titled(shape, words))
            said = f"{short(b.start)} to {short(b.end)}" if b.row == b.label else b.label
            if width_of(said) <= width - 6:
                parts.append(text(x + width / 2, y + 15, said, "middle"))
        return parts


def _upright(x: float, bottom: float) -> str:
    return f'<path d="M{x:.1f} {TOP}V{bottom + 4:.1f}" stroke="var(--line)"/>'
