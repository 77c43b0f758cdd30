"""Which optimizer for which function: read off a table that ships, with the reason."""

from __future__ import annotations

import json
from collections import defaultdict
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from optiwright.formulators.errors import UserError
from optiwright.solver_tools.optimizers import IN_TURN, OPTIMIZERS, Optimizer, available

if TYPE_CHECKING:
    from collections.abc import Collection

    from optiwright.solver_tools.search_outcome import Traits

TABLE = Path(__file__).with_name("optimizer_table.json")
_MUST = ("kinds", "constrained", "noise")
_WEIGHTS = {"dimension": 5, "budget": 4, "modality": 2, "conditioning": 1}
_BUDGETS = {12: "few(<=12/dim)", 50: "small(<=50/dim)", 500: "medium(<=500/dim)"}
_PATIENCE_S, _SHARE = 20.0, 5.0
"""How long all thinking may take: so many seconds, or so many times what evaluations take."""
_GRADIENTS = {False: "l-bfgs-b", True: "slsqp"}


@cache
def table() -> dict[str, Any]:
    """Returns the shipped table: `rows`, the command that made it and its seed."""
    found: dict[str, Any] = json.loads(TABLE.read_text(encoding="utf-8"))
    return found


def cell_of(traits: Traits, budget: int) -> dict[str, str | bool]:
    """Returns where a function belongs in the table."""
    size, each = traits.dimension, budget / traits.dimension
    return {
        "dimension": "1-3" if size <= 3 else "4-10" if size <= 10 else "11-40",
        "conditioning": traits.conditioning,
        "modality": traits.modality,
        "noise": bool(traits.noisy),
        "constrained": traits.constrained,
        "kinds": "real" if set(traits.kinds) <= {"real"} else "mixed",
        "budget": next((name for most, name in _BUDGETS.items() if each <= most), "large"),
    }


def choose(traits: Traits, budget: int, tried: Collection[str]) -> tuple[str, str]:
    """Returns the name of the most promising optimizer not tried yet, and why it is that.

    Args:
        traits: what is known of the function.
        budget: evaluations at most.
        tried: names to leave out.

    Raises:
        UserError: nothing that is installed is left.
    """
    cell = cell_of(traits, budget)
    mixed = cell["kinds"] == "mixed"
    there = {o.name: o for o in available(dimension=traits.dimension, mixed=mixed)}
    patience = max(_PATIENCE_S, _SHARE * traits.seconds * budget)
    left = {
        name: optimizer
        for name, optimizer in there.items()
        if name not in tried and optimizer.thinks_s * budget <= patience
    }
    if not left:
        raise UserError(
            "every optimizer that takes these unknowns was tried",
            remedy="Install more of them with pip install 'optiwright[blackbox]'.",
        )
    known = _GRADIENTS[traits.constrained]
    smooth = traits.differentiable and not traits.noisy and traits.modality != "many"
    if smooth and known in left:
        return known, f"{left[known].title}, as gradients are known."
    if mixed and tried and not traits.noisy and IN_TURN in left:
        return IN_TURN, f"{left[IN_TURN].title}, to refine what was found."
    for name, gap, share in _ranking(cell):
        if name in left:
            return name, _reason(left[name], cell, gap, share)
    name = next(iter(left))
    return name, f"{left[name].title}, as nothing better is left."


def _ranking(cell: dict[str, str | bool]) -> list[tuple[str, float, float]]:
    """Returns name, mean gap and share of the rows most like the cell, the best first."""
    rows = [row for row in table()["rows"] if all(row["cell"][key] == cell[key] for key in _MUST)]
    if not rows:
        rows = [row for row in table()["rows"] if row["cell"]["kinds"] == cell["kinds"]]
    likeness = [_likeness(row["cell"], cell) for row in rows]
    gathered: defaultdict[str, list[tuple[float, float]]] = defaultdict(list)
    for row, alike in zip(rows, likeness, strict=True):
        if alike == max(likeness):
            for name, gap, share in row["ranking"]:
                gathered[name].append((float(gap), float(share)))
    means = [
        (name, sum(g for g, _ in found) / len(found), sum(s for _, s in found) / len(found))
        for name, found in gathered.items()
        if name in OPTIMIZERS
    ]
    return sorted(means, key=lambda row: (-row[2], row[1]))


def _likeness(row: dict[str, Any], cell: dict[str, str | bool]) -> int:
    """Counts what two cells share; what is unknown goes with everything, if less well."""
    return sum(
        2 * weight if row[key] == cell[key] else weight * ("unknown" in (row[key], cell[key]))
        for key, weight in _WEIGHTS.items()
    )


def _reason(optimizer: Optimizer, cell: dict[str, str | bool], gap: float, share: float) -> str:
    noise = "with noise" if cell["noise"] else "without noise"
    limits = "with constraints" if cell["constrained"] else "without constraints"
    size = str(cell["budget"]).partition("(")[0]
    kind = f"{cell['dimension']} {cell['kinds']} unknowns, {limits}, {noise}, a {size} budget"
    if "seed" not in table():
        return f"{optimizer.title}, by a rule of thumb for {kind}."
    return (
        f"{optimizer.title}: on the functions measured with {kind}, it came within ten times the "
        f"best gap on {share:.0%}."
    )
