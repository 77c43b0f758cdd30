"""What one step more and one step less does, by solving again, where no price is exact."""

from __future__ import annotations

from collections.abc import Sequence

from optiwright.formulators.addressing import Place, find_place
from optiwright.formulators.errors import FormulationError
from optiwright.formulators.model import Formulation, Index
from optiwright.formulators.phrases import label
from optiwright.solver_tools.effects import Basis, Effect, Way, step_of
from optiwright.solver_tools.pool import Pool
from optiwright.solver_tools.solution import GAP, Termination
from optiwright.solver_tools.variants import Allowance, Solved, Variant, solve_variants


async def nudge(
    pool: Pool,
    formulation: Formulation,
    base: float,
    entries: Sequence[tuple[str, Index]],
    allowance: Allowance | None = None,
) -> list[Effect]:
    """Solve again with each entry a step up and a step down, side by side.

    Args:
        pool: where the solves run.
        formulation: the model.
        base: its best value.
        entries: parameters with an index.
        allowance: for each solve.
    """
    places = [find_place(formulation, label(name, index)) for name, index in entries]
    variants = [_variant(formulation, place, sign) for place in places for sign in (1, -1)]
    solved = await solve_variants(pool, variants, allowance)
    return [
        Effect(
            kind="limit",
            name=place.parameter.name,
            index=place.index,
            value=place.value,
            up=_way(solved[2 * k], step_of(place.value), base),
            down=_way(solved[2 * k + 1], -step_of(place.value), base),
            basis=Basis.RESOLVED,
        )
        for k, place in enumerate(places)
    ]


def _variant(formulation: Formulation, place: Place, sign: int) -> Variant:
    moved = place.value + sign * step_of(place.value)
    return Variant(f"{place.name} = {moved:g}", formulation, (place.set_to(moved),))


def _way(solved: Solved | FormulationError, step: float, base: float) -> Way:
    reach = abs(step)
    if isinstance(solved, FormulationError):
        return Way(reach=reach, note=str(solved))
    match solved.termination:
        case Termination.OPTIMAL if solved.objective is not None:
            change = solved.objective - base
            if abs(change) <= 10 * GAP * max(1.0, abs(base)):
                change = 0.0
            return Way(rate=change / step, reach=reach, objective=base + change)
        case Termination.INFEASIBLE:
            return Way(possible=False, reach=reach)
    return Way(reach=reach, note=f"the solver ended with: {solved.termination.value}")
