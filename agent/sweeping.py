"""One number of a formulation moved through values, the problem solved at each: a sweep."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from optiwright.agent.charts import Axis, Dot, line_chart
from optiwright.agent.loop import wait
from optiwright.agent.plotted import Plotted
from optiwright.agent.result import STATUS_OF, Answer, Plain, Result, Status
from optiwright.agent.sensitivity import formulation_of, objective_unit
from optiwright.agent.switching import switches
from optiwright.formulators.addressing import Place, find_place
from optiwright.formulators.errors import FormulationError, UserError
from optiwright.formulators.model import Change, Formulation
from optiwright.formulators.phrases import label
from optiwright.solver_tools.pool import default_pool
from optiwright.solver_tools.variants import Solved, Variant, solve_variants

if TYPE_CHECKING:
    import pandas as pd

MOST_POINTS = 1000


class SweepPoint(Plain):
    """What came out with the number at one value."""

    value: float
    status: Status
    objective: float | None = None
    answers: tuple[Answer, ...] = ()
    """The quantities that the text asks for."""
    switches: tuple[str, ...] = ()
    """What is otherwise than at the solved point before: decisions that begin or end, or change
    between yes and no, and constraints that become tight or loose."""
    note: str = ""
    """Why there is no answer, where the formulation does not take the value."""


class Sweep(Plotted):
    """A number's values and what comes out at each, in rising order."""

    name: str
    """Of the parameter or its entry."""
    unit: str = ""
    scaled: bool = False
    """Whether the values are factors on every entry."""
    now: float
    """The value, or 1 as a factor, that it has in the formulation."""
    objective_unit: str = ""
    points: tuple[SweepPoint, ...]

    @property
    def frame(self) -> pd.DataFrame:
        """One row a value: value, status, objective, each asked quantity, switches, note."""
        import pandas as pd

        rows = []
        for point in self.points:
            row: dict[str, object] = {
                "value": point.value,
                "status": point.status.value,
                "objective": point.objective,
            }
            row |= {label(a.name, a.index): a.value for a in point.answers}
            row |= {"switches": "; ".join(point.switches), "note": point.note}
            rows.append(row)
        return pd.DataFrame(rows)

    def to_svg(self) -> str:
        """Return the best value over the number; rings where the plan switches, crosses without."""
        dots = [
            Dot(p.value, p.objective, "; ".join(p.switches), marked=bool(p.switches))
            for p in self.points
        ]
        across = Axis(f"factor on {self.name}" if self.scaled else self.name, self.unit)
        return line_chart(
            f"Best value as {self.name} changes", across, Axis("best value", self.objective_unit),
            dots,
        )  # fmt: skip


def sweep(
    result: Result, parameter: str, values: Iterable[float], *, scaled: bool = False
) -> Sweep:
    """Solve afresh with one number at each of several values, as many at once as the pool has room.

    No point starts from another's answer: measured, that saves a tenth of the time for linear
    problems and nothing with integers (docs/results.md, `benchmarks/warm_sweep.py`).

    Args:
        result: one with a formulation; it may be infeasible as it stands.
        parameter: a parameter's name, or an entry as in `demand[cafe2]`.
        values: at most 1,000, in any order.
        scaled: values are factors on the parameter, every entry of an indexed one.

    Raises:
        UserError: if there is no such parameter, or the values are none, too many or not finite.
    """
    formulation = formulation_of(result)
    place = find_place(formulation, parameter)
    if not scaled and not place.single:
        some = next(iter(place.values))
        raise UserError(
            f"`{place.name}` has {len(place.values)} entries",
            where="parameter",
            remedy=f"Name one, such as `{label(place.name, some)}`, or give factors on all of them "
            "with `scaled` (`--scaled`).",
        )
    steps = _checked(values)
    changes = [place.scaled(v) if scaled else place.set_to(v) for v in steps]
    solved = wait(_solved(formulation, place, steps, changes))
    return Sweep(
        name=place.name,
        unit="" if scaled else place.parameter.unit,
        scaled=scaled,
        now=1.0 if scaled else place.value,
        objective_unit=objective_unit(formulation),
        points=tuple(_points(formulation, steps, solved)),
    )


def spread(start: float, stop: float, steps: int) -> list[float]:
    """Return evenly spread values, both ends included.

    Raises:
        UserError: if there are fewer than two steps, too many, or the ends are no two numbers.
    """
    if not 2 <= steps <= MOST_POINTS:
        raise UserError(f"a sweep takes 2 to {MOST_POINTS:,} steps, not {steps}", where="steps")
    if not (math.isfinite(start) and math.isfinite(stop)) or start == stop:
        raise UserError(
            f"a sweep goes from one number to another, not from {start:g} to {stop:g}",
            where="from, to",
        )
    width = (stop - start) / (steps - 1)
    return [float(f"{start + k * width:.12g}") for k in range(steps)]


def _checked(values: Iterable[float]) -> list[float]:
    try:
        steps = sorted({float(value) for value in values})
    except (TypeError, ValueError):
        raise UserError("the values of a sweep are numbers", where="values") from None
    if not steps or len(steps) > MOST_POINTS:
        raise UserError(
            f"a sweep takes 1 to {MOST_POINTS:,} values, not {len(steps):,}", where="values"
        )
    if not all(map(math.isfinite, steps)):
        raise UserError("the values of a sweep are finite numbers", where="values")
    return steps


async def _solved(
    formulation: Formulation, place: Place, steps: Sequence[float], changes: Sequence[Change]
) -> list[Solved | FormulationError]:
    variants = [
        Variant(f"{place.name} = {step:g}", formulation, (change,))
        for step, change in zip(steps, changes, strict=True)
    ]
    return await solve_variants(default_pool(), variants)


def _points(
    formulation: Formulation, steps: Sequence[float], solved: Sequence[Solved | FormulationError]
) -> Iterable[SweepPoint]:
    before: Solved | None = None
    for value, found in zip(steps, solved, strict=True):
        if isinstance(found, FormulationError):
            yield SweepPoint(value=value, status=Status.NO_FORMULATION, note=str(found))
            continue
        yield SweepPoint(
            value=value,
            status=STATUS_OF[found.termination],
            objective=found.objective,
            answers=answers_of(found),
            switches=tuple(switches(formulation, before, found)) if before else (),
        )
        before = found if found.evaluation is not None else before


def answers_of(solved: Solved) -> tuple[Answer, ...]:
    """Return the quantities that the text asks for, at a variant's solution."""
    asked = solved.evaluation.asked if solved.evaluation is not None else ()
    return tuple(Answer(name=a.name, index=a.index, value=a.value, unit=a.unit) for a in asked)
