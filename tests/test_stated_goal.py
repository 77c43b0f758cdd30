"""The goal that a text states, where a draft's objective adds other things to it."""

from __future__ import annotations

import pytest

from optiwright.formulators.lift import lift
from optiwright.formulators.mending import mend
from optiwright.formulators.model import Formulation
from optiwright.formulators.wire import Form, read_wire

TEXT = (
    "Vans carry 50 crates for 500 euros, carts 30 for 200. Carry 300 crates with 3750 euros. {goal}"
)


def drafted(goal: str, objective: str) -> Formulation:
    text = TEXT.format(goal=goal)
    script = f"""```python
vans = integer(0, None)  # van trips
carts = integer(0, None)  # cart trips
total_trips = vans + carts  # total trips
cost = 500*vans + 200*carts  # euros for fuel
wages = 20*vans + 10*carts  # euros for wages
crates = 50*vans + 30*carts  # crates carried
{objective}
require(crates >= 300)
require(cost <= 3750)
```"""
    return mend(lift(read_wire(script, Form.FLAT), text), text)


@pytest.mark.parametrize(
    ("goal", "objective", "expected"),
    [
        ("Minimize the total number of trips.", "minimize(total_trips + cost + crates)",
         "total_trips"),
        ("Minimise trips, and hurry", "minimize(cost + total_trips)", "total_trips"),
        ("How to minimize the cost?", "minimize(total_trips + cost)", "cost"),
        ("How to minimize the cost?", "minimize(wages + cost)", "wages + cost"),
        ("Maximize the trips.", "minimize(total_trips + cost)", "total_trips + cost"),
        ("Minimize effort.", "minimize(total_trips + cost)", "total_trips + cost"),
        ("Minimize the trips.", "minimize(total_trips + crates)", "total_trips + crates"),
        ("Minimize the trips.", "minimize(total_trips + 2*cost)", "total_trips + 2 * cost"),
        ("Minimize the total of trips and fuel.", "minimize(total_trips + cost)",
         "total_trips + cost"),
        ("Minimize the trips, and the cost.", "minimize(total_trips + cost)",
         "total_trips + cost"),
        ("Minimize the trips and the expenses.", "minimize(total_trips + cost)",
         "total_trips + cost"),
        ("Minimize trips and keep the cost under 3750.", "minimize(total_trips + cost)",
         "total_trips"),
        ("Minimize trips. Then minimize crates.", "minimize(total_trips + cost)",
         "total_trips + cost"),
    ],
)  # fmt: skip
def test_the_goal_that_is_stated_is_the_objective(goal: str, objective: str, expected: str) -> None:
    found = drafted(goal, objective)
    said = [a.text for a in found.assumptions]
    if expected in ("total_trips", "cost"):
        assert found.objectives[0].expression == expected
        assert f"The goal is `{expected}` alone, as the text states it." in said
    else:
        assert "+" in found.objectives[0].expression and not any("goal" in s for s in said)
