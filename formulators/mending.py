"""Slips of a small model that have one remedy, put right without asking it again.

A small model that is told of a slip drafts afresh and makes another; where the text and the rest
of the formulation leave no choice, the remedy is applied instead, and said as an assumption.
"""

from __future__ import annotations

from optiwright.formulators.mending_decisions import (
    count_what_is_chosen,
    make_whole,
    rename_misspelt,
    rename_reserved,
    whole_counts,
)
from optiwright.formulators.mending_goal import (
    keep_stated_profits,
    minimize_time,
    subtract_cost,
    use_stated_goal,
)
from optiwright.formulators.mending_left_out import add_limits
from optiwright.formulators.mending_limits import (
    ask_for_one,
    complete_assignments,
    complete_capital,
    complete_spending,
    cover_within_reach,
    fill_hollow_limits,
    join_cells,
    join_limits,
    leave_out_invented,
    swap_limits,
    turn_signs,
)
from optiwright.formulators.mending_shares import mend_ratios, mend_share_bounds, mend_shares
from optiwright.formulators.mending_totals import (
    complete_totals,
    count_sides,
    open_tops,
    scale_percentages,
    swap_totals,
    turn_differences,
    turn_tables,
)
from optiwright.formulators.model import Formulation
from optiwright.formulators.number_checks import expressions_in
from optiwright.formulators.parser import names_of


def mend(formulation: Formulation, text: str) -> Formulation:
    """Return the formulation with its certain slips put right, an assumption for each.

    - A decision or total with the name of a function ("sum") gets another.
    - A name used in the plural and declared in the singular, or the other way, is the declared one.
    - A total that takes a row of a table for the column that it is named after takes the column.
    - A total that has all lines of a table but one, or of sentences told alike, has that one too,
      where its number stands nowhere else and nothing says that it is left out.
    - What is decided by yes or no where the text asks how many, and one of each does not do, is
      counted.
    - "One within 15 minutes of each city" is one of those that the text's table has within 15.
    - "At least one" as `>= 0` is `>= 1`.
    - A limit of 40 on `40*vans`, or on a total that is 40, is one on the vans, or on all.
    - A limit that each decision has with one number of the text, beside a tighter one of its own,
      is one on all together.
    - Totals that have each other's numbers, and limits that go with each other's totals, change
      places.
    - What is so much for each dollar below a price is a multiple of the price less what is decided.
    - A percentage written as 9 where the same requirement writes another as 0.16 becomes 0.09.
    - A sign that the words next to its number contradict, or else its own, is turned: "at most 20"
      is `<= 20`, and so is "apples available" or "space for 20".
    - A share of a sum that lacks its brackets (`0.3*vans + cars`), is taken of a number of other
      things or of one summand, or has become a bound, is taken of the sum.
    - "30% of the money has to go to chairs" is held against what the chairs cost.
    - "At least twice as many vans as carts" is required of the two where it is turned round, says
      nothing or is left out.
    - A requirement, or a count's bound, with a number that the text has nowhere is left out.
    - An open vessel has one end, where its area counts two.
    - Of an assignment of which one half is required, the other is: each document has one reader.
    - What each column of a grid of pairs needs, asked of one cell, is asked of the column.
    - A return of shares of a capital that is held against money is the capital times it.
    - What a budget is said to pay for, and nothing limits, is spent from it.
    - Three sides are added up for three where four were, and the one along the fourth is told.
    - A goal that the text states is the objective, where money or trips were added to it.
    - A profit is takings less cost, where the objective has the takings alone.
    - From "a profit of $200 each" no cost is taken off once more.
    - A least time is one in which every need is met, where the objective has what an hour makes.
    - A limit that the formulation leaves out ("we get 60 eggs", "1000 hours available") is set on
      the one total that is described by the words after it, or on the sum of all decisions where
      each is one of these things and the text says it of all together.
    - `boxes == round(boxes)` makes the boxes whole.
    - A decision that is described as a number of things, other than units of measure, is integer.

    Args:
        formulation: a lifted flat one; what has sets or tables is left as it is.
        text: the problem in words.
    """
    mended = formulation
    for step in (
        rename_reserved,
        rename_misspelt,
        turn_tables,
        complete_totals,
        count_what_is_chosen,
        make_whole,
        fill_hollow_limits,
        ask_for_one,
        cover_within_reach,
        join_limits,
        swap_totals,
        swap_limits,
        turn_differences,
        scale_percentages,
        turn_signs,
        mend_shares,
        mend_share_bounds,
        mend_ratios,
        leave_out_invented,
        count_sides,
        open_tops,
        complete_spending,
        complete_capital,
        complete_assignments,
        join_cells,
        use_stated_goal,
        subtract_cost,
        keep_stated_profits,
        add_limits,
        minimize_time,
    ):
        mended = step(mended, text)
    return whole_counts(_without_leftovers(formulation, mended))


def _without_leftovers(before: Formulation, after: Formulation) -> Formulation:
    """Return the formulation without the parameters that only what is gone had a use for."""
    if after is before:
        return after
    used = [
        {n for _, source in expressions_in(f) for n in names_of(source)} for f in (before, after)
    ]
    gone = used[0] - used[1]
    kept = tuple(p for p in after.parameters if p.name not in gone)
    return after.model_copy(update={"parameters": kept})
