"""Each number a tenth less and a tenth more: which ones the best value hangs on most."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from optiwright.agent.charts import Axis, Bar, tornado_chart
from optiwright.agent.loop import wait
from optiwright.agent.plotted import Plotted
from optiwright.agent.result import STATUS_OF, Plain, Result, Status
from optiwright.agent.sensitivity import objective_unit, optimum_of
from optiwright.formulators.addressing import Place, changeable, find_place
from optiwright.formulators.errors import FormulationError, UserError
from optiwright.formulators.figures import amount, short
from optiwright.formulators.model import Formulation
from optiwright.solver_tools.pool import default_pool
from optiwright.solver_tools.variants import Solved, Variant, solve_variants

if TYPE_CHECKING:
    import pandas as pd

_PLOTTED = 20


class Turn(Plain):
    """What came out with a number at one factor of its value."""

    factor: float
    status: Status
    objective: float | None = None
    note: str = ""


class Swing(Plain):
    """One number, less and more."""

    name: str
    description: str = ""
    unit: str = ""
    value: float | None
    """None for several entries, which are scaled together."""
    less: Turn
    more: Turn

    @property
    def span(self) -> float | None:
        """|objective with more - objective with less|; none where one has no value."""
        if self.less.objective is None or self.more.objective is None:
            return None
        return abs(self.more.objective - self.less.objective)


class Tornado(Plotted):
    """Numbers by what a change of the same share does: first those that leave no answer."""

    objective: float
    unit: str = ""
    change: float
    """The share by which each is changed."""
    swings: tuple[Swing, ...]

    @property
    def frame(self) -> pd.DataFrame:
        """One row a number, the widest span first.

        Columns: parameter, meaning, unit, value, objective_less, objective_more, span, status_less,
        status_more, note.
        """
        import pandas as pd

        columns = [
            "parameter", "meaning", "unit", "value", "objective_less", "objective_more", "span",
            "status_less", "status_more", "note",
        ]  # fmt: skip
        rows = [
            (
                s.name, s.description, s.unit, s.value, s.less.objective, s.more.objective, s.span,
                s.less.status.value, s.more.status.value, s.less.note or s.more.note,
            )
            for s in self.swings
        ]  # fmt: skip
        return pd.DataFrame(rows, columns=columns)

    def to_svg(self) -> str:
        """Return a bar for each number that moves the best value, at most 20."""
        moving = [s for s in self.swings if s.span is None or s.span > 0]
        bars = [self._bar(swing) for swing in moving[:_PLOTTED]]
        title = f"Best value with each number {short(100 * self.change)}% less and more"
        if len(moving) > _PLOTTED:
            title += f" (the first {_PLOTTED} of {len(moving)})"
        return tornado_chart(title, self.objective, Axis("best value", self.unit), bars)

    def _bar(self, swing: Swing) -> Bar:
        value = "" if swing.value is None else f" ({amount(swing.value, swing.unit)})"
        words = [self._words(turn) for turn in (swing.less, swing.more)]
        label = f"{swing.name}{value}"
        return Bar(label, swing.less.objective, swing.more.objective, words[0], words[1])

    def _words(self, turn: Turn) -> str:
        side = "less" if turn.factor < 1 else "more"
        if turn.objective is None:
            return f"{side}: {'not possible' if turn.note else turn.status.value}"
        return f"{side}: {short(turn.objective)}"


def tornado(
    result: Result, parameters: Sequence[str] | None = None, change: float = 0.1
) -> Tornado:
    """Solve again with each number less and more by a share, all others as they are.

    Args:
        result: an optimal answer.
        parameters: names or entries; None for all that are given and not zero. An indexed one is
            scaled as a whole.
        change: the share, above 0 and below 1.

    Raises:
        UserError: if the answer is no optimum, a parameter is unknown or zero, or the share is
            outside its range.
    """
    formulation, solution = optimum_of(result)
    if not 0.0 < change < 1.0:
        raise UserError(
            f"the change is a share between 0 and 1, not {change:g}",
            where="change",
            remedy="0.1 is a tenth.",
        )
    if parameters is None:
        places = [p for p in changeable(formulation) if any(p.values.values())]
    else:
        places = [_not_zero(find_place(formulation, name)) for name in parameters]
    assert solution.objective is not None
    swings = wait(_swings(formulation, places, change))
    return Tornado(
        objective=solution.objective,
        unit=objective_unit(formulation),
        change=change,
        swings=tuple(sorted(swings, key=_rank)),
    )


def _not_zero(place: Place) -> Place:
    if any(place.values.values()):
        return place
    raise UserError(
        f"`{place.name}` is zero, and a share of it is too",
        where="parameters",
        remedy=f"Use a sweep: `optiwright sweep {place.name} --from ... --to ...`.",
    )


async def _swings(formulation: Formulation, places: Sequence[Place], change: float) -> list[Swing]:
    factors = (1.0 - change, 1.0 + change)
    variants = [
        Variant(f"{place.name} x {factor:g}", formulation, (place.scaled(factor),))
        for place in places
        for factor in factors
    ]
    solved = await solve_variants(default_pool(), variants)
    turns = [_turn(found, factors[k % 2]) for k, found in enumerate(solved)]
    return [
        Swing(
            name=place.name,
            description=place.parameter.description,
            unit=place.parameter.unit,
            value=place.value if place.single else None,
            less=turns[2 * k],
            more=turns[2 * k + 1],
        )
        for k, place in enumerate(places)
    ]


def _turn(found: Solved | FormulationError, factor: float) -> Turn:
    if isinstance(found, FormulationError):
        return Turn(factor=factor, status=Status.NO_FORMULATION, note=str(found))
    return Turn(factor=factor, status=STATUS_OF[found.termination], objective=found.objective)


def _rank(swing: Swing) -> tuple[bool, float]:
    """Return what sorts: without an answer first, then by span, then what could not be tried."""
    tried = not (swing.less.note or swing.more.note)
    return (not tried, -(float("inf") if swing.span is None else swing.span))
