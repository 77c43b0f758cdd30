"""The trace of a search as a picture: the best value so far over the evaluations."""

from __future__ import annotations

from optiwright.agent.charts import Axis, Dot, line_chart
from optiwright.agent.result import SearchAnswer
from optiwright.formulators.errors import UserError
from optiwright.formulators.model import Sense


def trace_svg(found: SearchAnswer) -> str:
    """Return the best value so far as steps over the evaluations, as SVG that stands alone.

    Raises:
        UserError: if no evaluation came to anything.
    """
    trace = found.outcome.trace
    if not trace:
        raise UserError("nothing was found, so there is no trace to draw", where="search")
    dots: list[Dot] = []
    for point in trace:
        if dots:
            dots.append(Dot(point.evaluation, dots[-1].y))
        dots.append(Dot(point.evaluation, point.value))
    last = max(found.outcome.evaluations + found.outcome.cached, trace[-1].evaluation)
    if last > trace[-1].evaluation:
        dots.append(Dot(last, trace[-1].value))
    word = "greatest" if found.black_box.sense is Sense.MAXIMIZE else "least"
    title = f"The {word} value found so far"
    return line_chart(title, Axis("evaluations"), Axis(f"{word} value"), dots)
