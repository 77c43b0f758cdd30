"""What the commands on sensitivity print: sentences and tables, most telling first."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich import box
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from optiwright.formulators.figures import amount, number, short
from optiwright.formulators.model import Sense
from optiwright.formulators.phrases import label

if TYPE_CHECKING:
    from optiwright.agent.fronts import Front
    from optiwright.agent.result import Answer
    from optiwright.agent.sweeping import Sweep
    from optiwright.agent.tornado import Swing, Tornado, Turn

_QUANTITIES = 4
"""Asked quantities that a table has room for."""
_SWITCHES = 3


def show_tornado(found: Tornado) -> None:
    """Print a row for each number, and what they say."""
    share = f"{short(100 * found.change)}%"
    table = _table("number", "now", f"{share} less", f"{share} more", "span")
    moving = [s for s in found.swings if s.span is None or s.span > 0]
    for swing in moving:
        value = "" if swing.value is None else amount(swing.value, swing.unit)
        span = "" if swing.span is None else short(swing.span)
        table.add_row(escape(swing.name), value, _turn(swing.less), _turn(swing.more), span)
    console = _console()
    best = f"{number(found.objective)} {found.unit}".rstrip()
    console.print(f"Best value now: {best}.")
    if moving:
        console.print(table)
    still = [s for s in found.swings if s not in moving]
    if still:
        names = escape(", ".join(s.name for s in still))
        console.print(f"{share} more or less changes nothing of: {names}.")
    for swing in found.swings:
        _say_note(console, swing)


def show_sweep(found: Sweep) -> None:
    """Print a row for each value, and what switches there."""
    console = _console()
    now = amount(found.now, found.unit)
    what = f"A factor on `{found.name}`" if found.scaled else f"`{found.name}`, now {now}"
    console.print(escape(f"{what}; best value in {found.objective_unit or 'its own unit'}."))
    solved = [p for p in found.points if p.objective is not None]
    names = _names(solved[0].answers) if solved else []
    table = _table(found.unit or "value", "best value", *names, "what switches")
    for point in found.points:
        best = point.status.value if point.objective is None else number(point.objective)
        values = {label(a.name, a.index): number(a.value) for a in point.answers}
        table.add_row(
            short(point.value),
            best,
            *(values.get(name, "") for name in names),
            escape(_switches(point.switches)),
        )
    console.print(table)
    for note in dict.fromkeys(p.note for p in found.points if p.note):
        console.print(escape(note))


def show_front(found: Front) -> None:
    """Print a row for each point, and whether there are more."""
    one, two = found.first, found.second
    console = _console()
    if len(found.points) == 1:
        console.print(
            escape(f"{one.name} and {two.name} do not conflict: one plan is best in both.")
        )
    table = _table(_with(one.name, one.unit), _with(two.name, two.unit), "price")
    for point in found.points:
        exchange = "" if point.exchange is None else short(point.exchange)
        table.add_row(number(point.first), number(point.second), exchange)
    console.print(table)
    console.print(escape(_how_complete(found)))


def _how_complete(found: Front) -> str:
    one, two = found.first.name, found.second.name
    way = "less" if found.second.sense is Sense.MINIMIZE else "more"
    price = (
        f"The price: by how much {one} gets worse for each unit {way} of {two}, from row to row."
    )
    price = price if len(found.points) > 1 else ""
    if found.complete:
        return f"These are all the best compromises. {price}".strip()
    missing = f" At {found.unsolved} places no best point was proved." if found.unsolved else ""
    return (
        "The ends are exact; the points between are spread evenly, and there may be others. "
        f"{price}{missing}".strip()
    )


def _names(answers: Sequence[Answer]) -> list[str]:
    return [label(a.name, a.index) for a in answers][:_QUANTITIES]


def _switches(switches: Sequence[str]) -> str:
    more = f"; {len(switches) - _SWITCHES} more" if len(switches) > _SWITCHES else ""
    return "; ".join(switches[:_SWITCHES]) + more


def _turn(turn: Turn) -> str:
    if turn.objective is not None:
        return number(turn.objective)
    return "not possible" if turn.note else turn.status.value


def _say_note(console: Console, swing: Swing) -> None:
    note = swing.less.note or swing.more.note
    if note:
        console.print(escape(f"{swing.name} cannot be changed by such a share: {note}"))


def _with(words: str, unit: str) -> str:
    return f"{words} ({unit})" if unit else words


def _table(*columns: str) -> Table:
    table = Table(box=box.SIMPLE)
    for k, column in enumerate(columns):
        last = column == "what switches"
        table.add_column(escape(column), justify="left" if last or not k else "right")
    return table


def _console() -> Console:
    terminal = sys.stdout.isatty()
    return Console(highlight=False, soft_wrap=not terminal, width=None if terminal else 160)
