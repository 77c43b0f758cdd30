"""Slips in the goal that have one remedy: the stated one, takings less cost, the least time."""

from __future__ import annotations

from optiwright.formulators.lift import unique_names
from optiwright.formulators.mended_parts import assuming, redefined, taken, with_goal
from optiwright.formulators.model import Domain, Formulation, Variable
from optiwright.formulators.profit_goal import profit_without_cost, profits_less_cost
from optiwright.formulators.stated_goal import stated_goal
from optiwright.formulators.time_goal import needs_at_a_rate


def use_stated_goal(formulation: Formulation, text: str) -> Formulation:
    """Return the formulation with the goal that the text states."""
    name = stated_goal(formulation, text)
    if not name:
        return formulation
    changed = with_goal(formulation, name)
    return assuming(changed, f"The goal is `{name}` alone, as the text states it.", {name})


def subtract_cost(formulation: Formulation, text: str) -> Formulation:
    """Return the formulation with takings less cost, where the goal had the takings alone."""
    found = profit_without_cost(formulation, text)
    if found is None:
        return formulation
    parts = {found.takings, found.cost}
    said = f"The profit is `{found.takings}` less `{found.cost}`: no profit of a piece is told."
    return assuming(with_goal(formulation, found.profit), said, parts)


def keep_stated_profits(formulation: Formulation, text: str) -> Formulation:
    """Return the formulation with no cost taken off what the text calls a profit."""
    mended = profits_less_cost(formulation, text)
    for name in mended:
        said = f"The profits in `{name}` are the text's own: no cost comes off them once more."
        formulation = assuming(formulation, said, {name})
    return redefined(formulation, mended) if mended else formulation


def minimize_time(formulation: Formulation, text: str) -> Formulation:
    """Return the formulation with the least time in which every need is met."""
    needs = needs_at_a_rate(formulation, text)
    if not needs:
        return formulation
    (name,) = unique_names(["time"], taken(formulation))
    met = {
        c.name: c.model_copy(update={"expression": f"{total} * {name} >= {number}"})
        for c, total, number in needs
    }
    time = Variable(name=name, domain=Domain.CONTINUOUS, lower="0",
                    description="time until every need is met")  # fmt: skip
    changed = formulation.model_copy(
        update={
            "variables": (*formulation.variables, time),
            "constraints": tuple(met.get(c.name, c) for c in formulation.constraints),
        }
    )
    made = ", ".join(f"`{total}`" for _, total, _ in needs)
    said = f"{made}: what is made in a unit of time; `{name}` is the time until every need is met."
    return assuming(with_goal(changed, name), said, {name})
