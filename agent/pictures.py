"""A fitting picture of an answer, by itself: which one follows from the shape of the solution.

A schedule where something starts and takes time; the feasible region of two decisions; else the
indexed decision that says most: a roster where it is a yes or no over people, days and shifts; over
two indices a heat map, a network where most of it is zero, or a schedule where it is on or off in
time; over one index, or none, bars. Where nothing says anything, such as for a single number, there
is none. A plan has a storyboard, a search its trace.
"""

from __future__ import annotations

from optiwright.agent.fronts import Front
from optiwright.agent.picture_bars import bars, scalar_bars
from optiwright.agent.picture_grid import fits_grid, heat_map
from optiwright.agent.picture_network import fits_network, network
from optiwright.agent.picture_parts import Decided, Picture, decided_in, few_told
from optiwright.agent.picture_plan import amounts, lanes
from optiwright.agent.picture_region import region
from optiwright.agent.picture_roster import roster, roster_of
from optiwright.agent.picture_schedule import on_and_off, schedule
from optiwright.agent.picture_storyboard import storyboard
from optiwright.agent.picture_trace import trace_picture
from optiwright.agent.result import Result
from optiwright.formulators.figures import amount

__all__ = ["Picture", "picture_of", "picture_of_front", "pictures_of"]


def pictures_of(result: Result) -> tuple[Picture, ...]:
    """Return the pictures of a result, the one that says most first; a model has one at most."""
    if result.plan is not None:
        plan = result.plan
        drawn = [storyboard(plan), lanes(plan), amounts(plan)]
    elif result.search is not None:
        drawn = [trace_picture(result.search)]
    else:
        drawn = [picture_of(result)]
    return tuple(picture for picture in drawn if picture is not None)


def picture_of(result: Result) -> Picture | None:
    """Return the picture that fits a formulation's result; None where none says anything.

    It solves nothing: compromises between two goals are a question of their own, drawn by
    `picture_of_front(result.pareto())`.
    """
    decided = decided_in(result)
    return schedule(result) or region(result, decided) or _of_decisions(decided)


def picture_of_front(front: Front) -> Picture:
    """Return the best compromises between two goals as a picture."""
    one, two = front.first, front.second
    told = [f"{amount(p.first, one.unit)} with {amount(p.second, two.unit)}" for p in front.points]
    title = f"Best compromises: {one.name} against {two.name}"
    alt = f"{title}, {len(told)} points: {few_told(told)}."
    return Picture(kind="compromises", title=title, svg=front.to_svg(), alt=alt)


def _of_decisions(decided: list[Decided]) -> Picture | None:
    indexed = [d for d in decided if d.heads and d.taken and len(d.values) > 1]
    if not indexed:
        return scalar_bars([d for d in decided if not d.heads])
    for one in indexed:
        found = roster_of(one)
        if found is not None:
            return roster(one, found)
    chosen = max(indexed, key=_telling)  # the first of those that say as much
    if len(chosen.heads) != 2:
        alike = [d for d in indexed if d.values.keys() == chosen.values.keys()]
        return bars(alike if len(chosen.heads) == 1 else [chosen])
    if chosen.yes_no and chosen.timed[1]:
        return on_and_off(chosen)
    if fits_network(chosen):
        return network(chosen)
    return heat_map(chosen) if fits_grid(chosen) else bars([chosen])


def _telling(decided: Decided) -> tuple[int, bool]:
    """Return how much a decision says: with two indices most, and how much more than yes or no."""
    rank = {1: 0, 2: 2}.get(len(decided.heads), 1)
    return rank, not decided.yes_no
