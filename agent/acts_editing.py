"""The acts by which a formulation is looked at first: edited by hand, and solved as it stands."""

from __future__ import annotations

from optiwright.agent.acts_solving import as_version, tried_on
from optiwright.agent.desk import Desk, titled
from optiwright.agent.session_state import Outcome
from optiwright.formulators.editing import edits_told
from optiwright.formulators.errors import UserError

SOLVE = "solve"
"""What an edit's route is about, where the edited formulation is to be solved in any case."""


async def edit(desk: Desk) -> Outcome:
    """Make the changes that the route gives; no model is asked.

    Raises:
        UserError: if there are none, or another version is current than the one that was edited.
        FormulationError: naming the change that cannot be made, and where in it.
    """
    changes, edited = desk.route.changes, desk.route.numbers
    if not changes:
        raise UserError("the edit changes nothing", where="the turn")
    if edited and int(edited[0]) != desk.version.number:
        raise UserError(
            f"version {desk.version.number} is the current one now, and version "
            f"{int(edited[0])} was edited",
            where="the turn",
            remedy=f"Edit this one, or go back first: `/back {int(edited[0])}`.",
        )
    tried = await tried_on(desk, changes, solve=desk.route.to == SOLVE)
    title = titled(f"edited: {edits_told(changes)}")
    return as_version(desk, tried, how="revision", title=title, stays=True)


async def solve_version(desk: Desk) -> Outcome:
    """Solve the current formulation as it stands, whether or not it was solved before."""
    tried = await tried_on(desk, (), solve=True)
    return as_version(desk, tried, how="revision", title="solved as it stands", stays=True)
