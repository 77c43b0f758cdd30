"""Covers by who is within reach: summed up by the text's table where the text is plain."""

from __future__ import annotations

import pytest

from optiwright.formulators.checks import check
from optiwright.formulators.lift import lift
from optiwright.formulators.mending import mend
from optiwright.formulators.model import Formulation
from optiwright.formulators.plain import plain_relations
from optiwright.formulators.wire import Form, read_wire

REACH = """A depot may be built in Ulm, Wels or Zug. Each town must have a depot within 20 minutes.
How few depots do?

| from / to | Ulm | Wels | Zug |
|---|---|---|---|
| Ulm | 0 | 30 | {far} |
| Wels | 30 | 0 | 15 |
| Zug | 20 | 15 | 0 |
"""


@pytest.mark.parametrize(
    ("text", "covers"),
    [
        (REACH.format(far=20), ["ulm + zug >= 1", "wels + zug >= 1", "ulm + wels + zug >= 1"]),
        # From where to where, if there and back are not the same?
        (REACH.format(far=25), ["ulm + wels >= 1", "wels >= 1", "ulm + wels + zug >= 1"]),
        # Which of two reaches?
        (REACH.format(far=20) + "Zug may be within 30 minutes.",
         ["ulm + wels >= 1", "wels >= 1", "ulm + wels + zug >= 1"]),
    ],
    ids=["as the table says", "not symmetric", "two reaches"],
)  # fmt: skip
def test_a_cover_is_by_those_within_reach(text: str, covers: list[str]) -> None:
    script = """ulm = binary()  # 1 if a depot is built in Ulm
wels = binary()  # 1 if a depot is built in Wels
zug = binary()  # 1 if a depot is built in Zug
minimize(ulm + wels + zug)
# a depot within 20 minutes of Ulm
require(ulm + wels >= 1)
# a depot within 20 minutes of Wels
require(wels >= 1)
# a depot within 20 minutes of Zug
require(ulm + wels + zug >= 1)"""
    assert covers_of(script, text) == covers


def test_a_cover_that_is_written_as_something_else_is_one() -> None:
    script = """ulm = binary()  # 1 if a depot is built in Ulm
wels = binary()  # 1 if a depot is built in Wels
zug = binary()  # 1 if a depot is built in Zug
# totals
minutes = 30*ulm + 15*wels + 20*zug  # minutes of the way
minimize(ulm + wels + zug)
# Ulm is within 20 minutes
require(minutes >= 20*ulm)
# Wels is within 20 minutes
require(minutes >= 20*wels)
# Zug is within 20 minutes
require(minutes <= 20)"""
    text = REACH.format(far=20)
    covers = ["ulm + zug >= 1", "wels + zug >= 1", "ulm + wels + zug >= 1"]
    assert covers_of(script, text) == covers
    made = mended(script, text)
    # What the table says is accounted for, and the minutes have no use any more.
    assert made.definitions == () and not check(made, text)


def covers_of(script: str, text: str) -> list[str]:
    return [plain for _, plain in plain_relations(mended(script, text))]


def mended(script: str, text: str) -> Formulation:
    return mend(lift(read_wire(f"```python\n{script}\n```", Form.FLAT), text), text)
