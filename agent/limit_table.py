"""What limits an answer as a table: constraints at their limit, and what more of each is worth."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from optiwright.agent.result import Result
from optiwright.agent.sensitivity import Sensitivity, formulation_of
from optiwright.agent.told_point import place, plain
from optiwright.formulators.figures import short
from optiwright.formulators.phrases import label
from optiwright.solver_tools.effects import Basis, Effect, Way

if TYPE_CHECKING:
    import pandas as pd

COLUMNS = ("limit", "it is", "one more", "one less", "holds from", "holds to")


def limit_table(result: Result, found: Sensitivity) -> pd.DataFrame:
    """Return a row for each constraint at its limit, the most valuable first; all of it text.

    `one more` and `one less` are changes of the best value, in its own sense and unit, for a unit
    of the limit's; they hold for the limit from one value to another. What has no price of this
    kind, as where decisions are whole numbers, is blank.
    """
    import pandas as pd

    formulation = formulation_of(result)
    meaning = {c.name: plain(c.description) for c in formulation.constraints}
    tight = [e for e in found.effects if e.kind == "constraint" and e.binding]
    tight.sort(key=_worth, reverse=True)
    return pd.DataFrame([_row(e, meaning.get(e.name, "")) for e in tight], columns=list(COLUMNS))


def basis_told(found: Sensitivity) -> str:
    """Return what the prices of a table rest on, in a sentence."""
    bases = {e.basis for e in found.effects if e.kind == "constraint"}
    if Basis.HELD in bases:
        return (
            "The prices hold with every whole-numbered decision kept as it is; what is really "
            "possible takes solving again, which `What limits it?` does."
        )
    if Basis.MARGIN in bases:
        return "The prices are for very small changes."
    return "Each price is exact while its limit stays between the two values beside it."


def _worth(effect: Effect) -> float:
    rates = [way.rate for way in (effect.up, effect.down) if way is not None]
    return max((abs(rate) for rate in rates if rate is not None), default=0.0)


def _row(effect: Effect, meaning: str) -> tuple[str, ...]:
    where = f", {place(effect.index)}" if effect.index else ""
    words = f"{meaning.rstrip('.')}{where}" if meaning else label(effect.name, effect.index)
    more, less = _rate(effect.up, 1.0), _rate(effect.down, -1.0)
    low, high = _end(effect, effect.down, -1.0), _end(effect, effect.up, 1.0)
    return words, short(effect.value), more, less, low, high


def _rate(way: Way | None, sign: float) -> str:
    """Return what a unit in one direction changes."""
    if way is None:
        return ""
    if not way.possible:
        return "no solution"
    return "" if way.rate is None else _signed(sign * way.rate)


def _signed(value: float) -> str:
    return f"{'+' if value > 0 else ''}{short(value)}"


def _end(effect: Effect, way: Way | None, sign: float) -> str:
    if way is None or way.note or way.rate is None or effect.basis is Basis.RESOLVED:
        return ""
    if way.reach is None or not math.isfinite(way.reach):
        return "any"
    return short(effect.value + sign * way.reach)
