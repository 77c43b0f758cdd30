"""Made-up tables for transport, staffing and selection, and scripts over them."""

from __future__ import annotations

from typing import Any

import pandas as pd

from optiwright.formulators.data import Data, read_data

TRANSPORT = (
    "Ship from plants to markets at least cost. Each market gets its demand, and no plant ships "
    "more than its capacity. At most 3 tonnes go from Lyon to Oslo."
)


def transport(missing: int = 0) -> dict[str, pd.DataFrame]:
    """Two plants, three markets; with some routes missing at the end.

    The best is 124, and 140 without Graz to Bern.
    """
    costs = pd.DataFrame(
        {
            "plant": ["lyon"] * 3 + ["graz "] * 3,
            "market": ["Oslo", "Rome", "Bern"] * 2,
            "cost [EUR/t]": [1, 2, 3, 4, 5, 4],
        }
    )
    return {
        "supply": pd.DataFrame({"plant": ["Lyon", "Graz"], "capacity [t]": [30, 40]}),
        "demand": pd.DataFrame({"market": ["Oslo", "Rome", "Bern"], "demand": [10, 20, 15]}),
        "costs": costs.iloc[: 6 - missing],
    }


SHIP = """```python
# decisions
ship = continuous(plants, markets)  # tonnes from plant to market
# totals
total = sum(cost[plant, market]*ship[plant, market] for plant in plants for market in markets)
# objective: least cost
minimize(total)
# no plant ships more than its capacity
for plant in plants:
    require(sum(ship[plant, market] for market in markets) <= capacity[plant])
# each market gets its demand
for market in markets:
    require(sum(ship[plant, market] for plant in plants) >= demand[market])
# at most 3 tonnes from Lyon to Oslo
require(ship["Lyon", "Oslo"] <= 3)
```"""

FILMS = pd.DataFrame(
    {
        "film": ["Tide", "Salt", "Kelp", "Moor"],
        "country": ["IS", "NO", "IS", "NO"],
        "cost": [5, 4, 3, 2],
        "audience": [9, 5, 4, 1],
    }
)


def data_of(**tables: Any) -> Data:
    """Frames as data."""
    return read_data(tables)
