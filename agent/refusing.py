"""What cannot be asked of a plan, or of a search, said as such."""

from __future__ import annotations

from optiwright.agent.result import Result
from optiwright.formulators.errors import UserError


def refuse_plan(result: Result, what: str, remedy: str) -> None:
    """Refuse what is made for amounts.

    Args:
        result: an answer of any kind.
        what: what a plan has not, such as `limits whose worth could be told`.
        remedy: what there is in its place.

    Raises:
        UserError: if the answer is a plan.
    """
    if result.plan is not None:
        raise UserError(f"a plan has no {what}", where=result.record or "the result", remedy=remedy)


def refuse_search(result: Result, what: str) -> None:
    """Refuse what takes a formula, of a function that was searched.

    Args:
        result: an answer of any kind.
        what: what a search has not, such as `numbers that could be varied one by one`.

    Raises:
        UserError: if the answer is a search's.
    """
    if result.search is not None:
        raise UserError(
            f"a search of a function has no {what}",
            where=result.record or "the result",
            remedy="Change the function, its bounds or its constraints, and search again.",
        )
