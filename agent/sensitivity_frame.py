"""A sensitivity as a data frame."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from optiwright.solver_tools.effects import Basis, Effect, Way

if TYPE_CHECKING:
    import pandas as pd

    from optiwright.agent.sensitivity import Sensitivity
    from optiwright.formulators.model import Formulation

COLUMNS = (
    "kind", "name", "index", "value", "unit", "other", "slack", "binding", "price", "price_up",
    "price_down", "from", "to", "possible_up", "possible_down", "objective_up", "objective_down",
    "step", "basis",
)  # fmt: skip


def sensitivity_frame(found: Sensitivity) -> pd.DataFrame:
    """Return one row an effect; the columns are documented at `Sensitivity.frame`."""
    import pandas as pd

    rows = [_row(effect, found.units.get(effect.name, "")) for effect in found.effects]
    return pd.DataFrame(rows, columns=list(COLUMNS))


def units_of(formulation: Formulation) -> dict[str, str]:
    """Return the units of parameters and variables by name."""
    units = {p.name: p.unit for p in formulation.parameters}
    units |= {v.name: v.unit for v in formulation.variables}
    return {name: unit for name, unit in units.items() if unit}


def _row(effect: Effect, unit: str) -> dict[str, Any]:
    up, down = effect.up, effect.down
    resolved = effect.basis is Basis.RESOLVED
    return {
        "kind": effect.kind,
        "name": effect.name,
        "index": ", ".join(map(str, effect.index)),
        "value": effect.value,
        "unit": unit,
        "other": effect.other,
        "slack": effect.slack,
        "binding": effect.binding,
        "price": effect.price,
        "price_up": up.rate if up else None,
        "price_down": down.rate if down else None,
        "from": _end(effect, down, -1.0),
        "to": _end(effect, up, 1.0),
        "possible_up": up.possible if up else None,
        "possible_down": down.possible if down else None,
        "objective_up": up.objective if up else None,
        "objective_down": down.objective if down else None,
        "step": up.reach if up and resolved else None,
        "basis": effect.basis.value,
    }


def _end(effect: Effect, way: Way | None, sign: float) -> float | None:
    """Return the value up to which a way's rate holds."""
    if way is None or way.note or effect.basis is Basis.RESOLVED:
        return None
    return effect.value + sign * (math.inf if way.reach is None else way.reach)
