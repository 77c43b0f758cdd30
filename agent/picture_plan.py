"""A plan over its steps: who acts when, and how amounts go up and down."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import accumulate

from optiwright.agent.picture_parts import EDGE, TOP, WIDTH, Picture, few_told
from optiwright.agent.picture_schedule import Block, schedule_of
from optiwright.agent.plan_states import carried_out, states_of
from optiwright.agent.result import PlanAnswer
from optiwright.agent.svg import cut, document, marks_across, text, titled, width_of
from optiwright.formulators.errors import FormulationError
from optiwright.formulators.figures import measured, short
from optiwright.formulators.planning import Planning

_MOST_ROWS = 12
_MOST_LANES = 24
_ROW, _HEIGHT = 50, 30
_LABEL = 130


def lanes(plan: PlanAnswer) -> Picture | None:
    """Return who acts when, a lane for each step's first object; None where there is one lane.

    Where the cost is to be least and steps cost differently, a step is as long as it costs.
    """
    done = carried_out(plan)
    if done is None:
        return None
    acting = [s for s in done.steps if s.step.arguments and not s.unmet]
    rows = dict.fromkeys(s.step.arguments[0] for s in acting)
    if len(acting) < 3 or not 2 <= len(rows) <= _MOST_LANES or len(rows) == len(acting):
        return None
    by_cost = plan.planning.least == "cost" and len({s.cost for s in done.steps}) > 1
    lengths = [s.cost if by_cost else 1.0 for s in done.steps]
    ends = list(accumulate(lengths))
    if ends[-1] <= 0:
        return None
    blocks = [
        Block(s.step.arguments[0], s.step.action.replace("_", " "), e - n, e)
        for s, n, e in zip(done.steps, lengths, ends, strict=True)
        if s.step.arguments and not s.unmet
    ]
    title = "Who acts when"
    return schedule_of(blocks, title, "cost so far" if by_cost else "steps")


def amounts(plan: PlanAnswer) -> Picture | None:
    """Return the amounts that change, a line of steps each; None where none does."""
    done = carried_out(plan)
    if done is None:
        return None
    names = list(dict.fromkeys(name for s in done.steps for name, _ in s.amounts))
    if not names:
        return None
    try:
        states = states_of(plan.planning, done)
    except FormulationError:
        return None
    rows = {name: [s.amounts.get(name, 0.0) for s in states] for name in names[:_MOST_ROWS]}
    units = {name: _unit(plan.planning, name) for name in rows}
    title = "Amounts over the steps"
    told = [f"{n} from {short(v[0])} to {measured(v[-1], units[n])}" for n, v in rows.items()]
    svg = _drawn(title, rows, units, len(names) - len(rows))
    return Picture(kind="amounts", title=title, svg=svg, alt=f"{title}: {few_told(told)}.")


def _unit(planning: Planning, name: str) -> str:
    called = name.partition("(")[0]
    return next((a.unit for a in planning.amounts if a.name == called), "")


def _drawn(
    title: str, rows: Mapping[str, Sequence[float]], units: Mapping[str, str], rest: int
) -> str:
    left = EDGE + min(_LABEL, max(map(width_of, rows))) + 12
    last = max(width_of(short(values[-1])) for values in rows.values())
    right = WIDTH - EDGE - 6 - last
    steps = max(len(values) for values in rows.values()) - 1
    parts: list[str] = []
    bottom = TOP + _ROW * len(rows)
    marks = [m for m in marks_across((0.0, steps), left, right, WIDTH) if "." not in m.label]
    for mark in marks:
        parts.append(f'<path d="M{mark.x:.1f} {TOP}V{bottom}" stroke="var(--line)"/>')
        parts.append(text(mark.middle, bottom + 18, mark.label, "middle"))
    for k, (name, values) in enumerate(rows.items()):
        top = TOP + _ROW * k + 14.0
        parts.append(text(left - 10, top + 20, cut(name, _LABEL), "end"))
        parts += _line(name, values, units[name], (left, right), top)
    parts.append(text((left + right) / 2, bottom + 36, "steps", "middle"))
    if rest > 0:
        parts.append(text(EDGE, bottom + 56, f"{rest} more amounts are in the list of steps"))
    return document(title, WIDTH, bottom + (66 if rest > 0 else 46), parts)


def _line(
    name: str, values: Sequence[float], unit: str, sides: tuple[float, float], top: float
) -> list[str]:
    left, right = sides
    scale = max(map(abs, values)) or 1.0
    shares = [v / scale for v in values]
    low, high = min(0.0, *shares), max(0.0, *shares)
    span = (high - low) or 1.0
    room = (right - left) / max(1, len(values) - 1)
    places = [
        (left + room * k, top + _HEIGHT * (high - share) / span) for k, share in enumerate(shares)
    ]
    path = f"M{places[0][0]:.1f} {places[0][1]:.1f}"
    path += "".join(f"H{x:.1f}V{y:.1f}" for x, y in places[1:])
    parts = [
        f'<path d="M{left:.1f} {top + _HEIGHT * high / span:.1f}H{right:.1f}" '
        'stroke="var(--line)"/>',
        f'<path d="{path}" fill="none" stroke="var(--main)" stroke-width="2"/>',
    ]
    said_until = 0.0
    for k, ((x, y), value) in enumerate(zip(places, values, strict=True)):
        if k and value == values[k - 1]:
            continue
        dot = f'circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="var(--main)"'
        parts.append(titled(dot, f"{name} after step {k}: {measured(value, unit)}"))
        words = short(value)
        if x + 5 >= said_until:
            parts.append(text(x + 5, y - 4, words))
            said_until = x + 8 + width_of(words)
    return parts
