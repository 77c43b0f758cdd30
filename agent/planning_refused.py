"""What cannot be asked of a plan, said as such."""

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
