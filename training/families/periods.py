"""Names of periods, and a stock that is handed on from one to the next."""

from __future__ import annotations

from optiwright.training.story import Story
from optiwright.training.things import Thing

_NAMED = {
    "month": ("January", "February", "March", "April", "May", "June", "July", "August",
              "September", "October", "November", "December"),
    "day": ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday"),
}  # fmt: skip


def periods(s: Story, count: int) -> tuple[str, list[Thing]]:
    """Return what a period is called, and periods in their order."""
    noun = s.pick("month", "month", "week", "quarter", "day")
    named = _NAMED.get(noun, ())
    if named and s.chance(0.5):
        begin = s.draw.randint(0, len(named) - count)
        return noun, [Thing(name) for name in named[begin : begin + count]]
    return noun, [Thing(f"{noun} {n}") for n in range(1, count + 1)]


def on(noun: str, period: Thing) -> str:
    """Return "In March,", "On Monday,", for the beginning of a sentence."""
    return f"{'On' if noun == 'day' else 'In'} {period},"
