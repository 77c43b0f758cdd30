"""Two goals: the best compromises between them, as data, a frame and a plot."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from optiwright.agent.charts import Axis, Dot, line_chart
from optiwright.agent.loop import wait
from optiwright.agent.plotted import Plotted
from optiwright.agent.result import Answer, Plain, Result
from optiwright.agent.sensitivity import formulation_of
from optiwright.agent.sweeping import answers_of
from optiwright.formulators.addressing import nearest
from optiwright.formulators.errors import UserError
from optiwright.formulators.model import Domain, Formulation, Objective, Sense
from optiwright.formulators.parser import ExpressionError, parse_expression
from optiwright.formulators.phrases import label
from optiwright.solver_tools.fronts import Front as Found
from optiwright.solver_tools.fronts import front
from optiwright.solver_tools.pool import default_pool

if TYPE_CHECKING:
    import pandas as pd

MOST_POINTS = 200
_BRIEF = 30
"""Characters of an expression that serves as a goal's name."""


class GoalNote(Plain):
    """A goal of a front."""

    name: str
    """Its words, or its expression."""
    sense: Sense
    unit: str = ""


class FrontPoint(Plain):
    """One of the best compromises: neither goal can be had better without the other worse."""

    first: float
    second: float
    exchange: float | None = None
    """What the first goal loses for a unit that the second gains, from the point before."""
    answers: tuple[Answer, ...] = ()


class Front(Plotted):
    """The points from the best of the first goal to the best of the second."""

    first: GoalNote
    second: GoalNote
    points: tuple[FrontPoint, ...]
    complete: bool
    """Whether these are all; else there are more between them."""
    divisible: bool = True
    """Whether every decision may be a fraction, so that the front is a line and no row of dots."""
    unsolved: int = 0
    """Places between the ends where no proved best point was found."""

    @property
    def frame(self) -> pd.DataFrame:
        """One row a point: both goals by name, exchange, each asked quantity."""
        import pandas as pd

        one, two = self.first.name, self.second.name
        two = f"{two} (second)" if two == one else two
        rows = [
            {one: p.first, two: p.second, "exchange": p.exchange}
            | {label(a.name, a.index): a.value for a in p.answers if a.name not in {one, two}}
            for p in self.points
        ]
        return pd.DataFrame(rows)

    def to_svg(self) -> str:
        """Return the first goal over the second."""
        dots = [Dot(p.second, p.first) for p in reversed(self.points)]
        across = Axis(self.second.name, self.second.unit)
        up = Axis(self.first.name, self.first.unit)
        title = f"Best compromises: {self.first.name} against {self.second.name}"
        return line_chart(title, across, up, dots, joined=self.divisible)


def pareto(
    result: Result,
    n: int = 15,
    second: str | None = None,
    sense: Literal["minimize", "maximize"] = "minimize",
) -> Front:
    """Return the best compromises between two goals.

    Args:
        result: one with a formulation.
        n: points at most, the two ends included.
        second: the second goal where the formulation has one only, or to choose: an objective's or
            a definition's name, or an expression. Weights and priorities do not count.
        sense: of the second goal, where it is no objective of the formulation.

    Raises:
        UserError: if there are not two goals, the second cannot be read, or a goal has no best
            value.
    """
    formulation = formulation_of(result)
    if not 2 <= n <= MOST_POINTS:
        raise UserError(f"a front has 2 to {MOST_POINTS} points, not {n}", where="n")
    if sense not in ("minimize", "maximize"):
        raise UserError(f"a goal's sense is `minimize` or `maximize`, not `{sense}`", where="sense")
    one, two = _goals(formulation, second, Sense(sense))
    found = wait(front(default_pool(), formulation, one, two, n))
    return Front(
        first=_note(formulation, one),
        second=_note(formulation, two),
        points=tuple(_points(found, one)),
        complete=found.complete,
        divisible=all(v.domain is Domain.CONTINUOUS for v in formulation.variables),
        unsolved=found.unsolved,
    )


def _goals(
    formulation: Formulation, second: str | None, sense: Sense
) -> tuple[Objective, Objective]:
    goals = formulation.objectives
    if not goals:
        raise UserError("there is no objective", where="formulation")
    if second is None:
        if len(goals) == 2:
            return goals[0], goals[1]
        raise UserError(
            f"the formulation has {len(goals)} goal{'s' if len(goals) > 1 else ''}, and a front "
            "needs two",
            where="second",
            remedy="Name the second one: a definition or an expression, with its sense."
            + _definitions(formulation),
        )
    named = next((g for g in goals if g.name == second.strip()), None)
    if named is not None and len(goals) > 1:
        return next(g for g in goals if g is not named), named
    if len(goals) > 1:
        raise UserError(
            f"the formulation has {len(goals)} goals, and `{second}` is none of them",
            where="second",
            remedy=nearest(second, [g.name for g in goals]),
        )
    return goals[0], _second(formulation, second.strip(), sense)


def _second(formulation: Formulation, second: str, sense: Sense) -> Objective:
    meaning = {d.name: (d.description, d.unit, d.over) for d in formulation.definitions} | {
        v.name: (v.description, v.unit, v.over) for v in formulation.variables
    }
    if second.isidentifier() and second not in meaning:
        raise UserError(
            f"there is no definition or variable `{second}`",
            where="second",
            remedy=nearest(second, list(meaning)),
        )
    try:
        parse_expression(second)
    except ExpressionError as error:
        raise UserError(f"the second goal cannot be read: {error}", where="second") from None
    description, unit, over = meaning.get(second, ("", "", ""))
    if over:
        raise UserError(
            f"`{second}` has a value for each of `{over}`",
            where="second",
            remedy=f"Write what of it counts, such as a `sum({second}[...] for ...)`.",
        )
    return Objective(
        sense=sense, expression=second, name="second", description=description, unit=unit
    )


def _definitions(formulation: Formulation) -> str:
    names = [d.name for d in formulation.definitions if not d.over]
    return " " + nearest("", names) if names else ""


def _note(formulation: Formulation, goal: Objective) -> GoalNote:
    definitions = {d.name: d for d in formulation.definitions}
    own = definitions.get(goal.expression.strip())
    unit = goal.unit or (own.unit if own else "")
    named = goal.name if goal.name not in {"objective", "second"} else ""
    brief = goal.expression if len(goal.expression) <= _BRIEF or goal.name == "second" else ""
    name = goal.description or (own.description if own else "") or named or brief
    return GoalNote(name=name or "the objective", sense=goal.sense, unit=unit)


def _points(found: Found, first: Objective) -> list[FrontPoint]:
    loss = 1.0 if first.sense is Sense.MINIMIZE else -1.0
    points: list[FrontPoint] = []
    for k, point in enumerate(found.points):
        exchange = None
        if k:
            before = found.points[k - 1]
            exchange = loss * (point.first - before.first) / abs(point.second - before.second)
        points.append(
            FrontPoint(
                first=point.first,
                second=point.second,
                exchange=exchange,
                answers=answers_of(point.solved),
            )
        )
    return points
