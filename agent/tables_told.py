"""What several solves come to, as Markdown tables."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from optiwright.agent.fronts import Front
from optiwright.agent.sweeping import Sweep
from optiwright.agent.tornado import Tornado, Turn
from optiwright.formulators.figures import amount, number, short
from optiwright.formulators.phrases import label

_QUANTITIES = 4
_SWITCHES = 3


def tornado_told(found: Tornado) -> str:
    """Return a row for each number that matters, the most telling first."""
    share = f"{short(100 * found.change)}%"
    moving = [s for s in found.swings if s.span is None or s.span > 0]
    rows = [
        (
            s.name,
            "" if s.value is None else amount(s.value, s.unit),
            _turned(s.less),
            _turned(s.more),
            "" if s.span is None else short(s.span),
        )
        for s in moving
    ]
    still = ", ".join(f"`{s.name}`" for s in found.swings if s not in moving)
    parts = [f"Best value now: {number(found.objective)} {found.unit}".rstrip() + "."]
    if rows:
        parts.append(_table(("number", "now", f"{share} less", f"{share} more", "span"), rows))
    if still:
        parts.append(f"{share} more or less changes nothing of {still}.")
    return "\n\n".join(parts)


def sweep_told(found: Sweep) -> str:
    """Return a row for each value, with what switches there."""
    solved = [p for p in found.points if p.objective is not None]
    names = [label(a.name, a.index) for a in solved[0].answers][:_QUANTITIES] if solved else []
    rows = []
    for point in found.points:
        best = point.status.value if point.objective is None else number(point.objective)
        values = {label(a.name, a.index): number(a.value) for a in point.answers}
        more = len(point.switches) - _SWITCHES
        switches = "; ".join(point.switches[:_SWITCHES]) + (f"; {more} more" if more > 0 else "")
        rows.append((short(point.value), best, *(values.get(n, "") for n in names), switches))
    head = (found.unit or found.name, "best value", *names, "what switches")
    notes = dict.fromkeys(p.note for p in found.points if p.note)
    said = f"`{found.name}`, now {amount(found.now, found.unit)}:"
    return "\n\n".join([said, _table(head, rows), *notes])


def front_told(found: Front) -> str:
    """Return a row for each of the best compromises."""
    one, two = found.first, found.second
    rows = [
        (number(p.first), number(p.second), "" if p.exchange is None else short(p.exchange))
        for p in found.points
    ]
    names = [f"{g.name} ({g.unit})" if g.unit else g.name for g in (one, two)]
    table = _table((*names, "price"), rows)
    if len(rows) == 1:
        return f"{one.name} and {two.name} do not conflict: one plan is best in both.\n\n{table}"
    price = f"The price is what {one.name} loses for each unit that {two.name} gains."
    whole = "These are all." if found.complete else "There may be others between them."
    return f"{table}\n\n{price} {whole}"


def _turned(turn: Turn) -> str:
    if turn.objective is not None:
        return number(turn.objective)
    return "not possible" if turn.note else turn.status.value


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(c.replace("|", "/") for c in line) + " |" for line in lines)
