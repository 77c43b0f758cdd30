"""What one more and one less of a number does, in words."""

from __future__ import annotations

from dataclasses import dataclass

from optiwright.formulators.figures import amount, is_money, number, singular, step_unit
from optiwright.formulators.model import Sense
from optiwright.solver_tools.effects import Way

_SAME = 1e-6


@dataclass(frozen=True)
class Scale:
    """A number that moves, the step by which it is spoken of, and what the objective is in."""

    value: float
    unit: str
    step: float
    goal_unit: str
    sense: Sense


def clauses(scale: Scale, up: Way, down: Way, resolved: bool) -> str:
    """Return what more does and what less does, as two halves of a sentence."""
    more = _half(scale, up, 1.0, resolved)
    if _alike(up, down) and not resolved:
        return f"{more}; {_step(scale, -1.0)} {_as_much(scale, down)}{_range(scale, down, -1.0)}"
    return f"{more}; {_half(scale, down, -1.0, resolved)}"


def worth(scale: Scale, change: float) -> str:
    """Return what a change of the objective means: worth, cost, saving, or up and down."""
    shown = amount(abs(change), scale.goal_unit)
    good = (change > 0) == (scale.sense is Sense.MAXIMIZE)
    if is_money(scale.goal_unit):
        if not good:
            return f"costs {shown}"
        return f"is worth {shown}" if scale.sense is Sense.MAXIMIZE else f"saves {shown}"
    return f"{'raises' if change > 0 else 'lowers'} the objective by {shown}"


def _half(scale: Scale, way: Way, sign: float, resolved: bool) -> str:
    word = "more" if sign > 0 else "less"
    if not way.possible:
        by = _step(scale, sign) if resolved else f"any {word}"
        return f"with {by} there is no solution"
    if way.rate is None:
        return f"what {word} would do was not found ({way.note or 'no answer in time'})"
    if resolved:
        return f"{_step(scale, sign)} {_again(scale, way, sign)}"
    if way.rate == 0:
        return f"{word} changes nothing" + ("" if way.reach is None else _range(scale, way, sign))
    change = sign * way.rate * scale.step
    return f"{_step(scale, sign)} {worth(scale, change)}{_range(scale, way, sign)}"


def _again(scale: Scale, way: Way, sign: float) -> str:
    assert way.rate is not None
    to = f"(to {amount(scale.value + sign * scale.step, scale.unit)})"
    if way.rate == 0 or way.objective is None:
        return f"{to} changes nothing"
    change = sign * way.rate * scale.step
    return (
        f"{to} {worth(scale, change)}, for {number(way.objective)} {scale.goal_unit}".rstrip()
        + " in all"
    )


def _step(scale: Scale, sign: float) -> str:
    """Return `one more hour`, `one hour less`, `0.01 more`, `1 $ more`."""
    word = "more" if sign > 0 else "less"
    unit = step_unit(scale.unit)
    if scale.step != 1.0 or is_money(unit):
        return f"{amount(scale.step, unit)} {word}"
    one = singular(unit)
    return f"one more {one}".strip() if sign > 0 else " ".join(f"one {one} less".split())


def _as_much(scale: Scale, down: Way) -> str:
    """Return what less does where it is the opposite of what more does."""
    assert down.rate is not None
    if not is_money(scale.goal_unit):
        return f"{'lowers' if down.rate > 0 else 'raises'} it as much"
    good = (down.rate < 0) == (scale.sense is Sense.MAXIMIZE)
    if not good:
        return "costs as much"
    return "is worth as much" if scale.sense is Sense.MAXIMIZE else "saves as much"


def _alike(up: Way, down: Way) -> bool:
    if up.rate is None or down.rate is None or up.rate == 0:
        return False
    return abs(up.rate - down.rate) <= _SAME * max(abs(up.rate), abs(down.rate))


def _range(scale: Scale, way: Way, sign: float) -> str:
    """Return how far it holds, and that there is no solution further on, where that is so."""
    if way.note:
        return f" ({way.note})"
    up = sign > 0
    word = "more" if up else "less"
    if way.reach is None:
        return f", however much {word}"
    to = scale.value + sign * way.reach
    if not up and scale.value > 0 and to <= _SAME * scale.value:
        return ", all the way down to 0"
    ends = way.end is not None and way.end - way.reach <= _SAME * max(1.0, way.reach)
    last = "; beyond that there is no solution" if ends else ""
    far = amount(way.reach, step_unit(scale.unit))
    return f", {'up' if up else 'down'} to {far} {word} (to {amount(to, scale.unit)}){last}"
