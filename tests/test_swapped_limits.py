"""Limits in another order than the text's go back to their totals; others stay where they are."""

from __future__ import annotations

import pytest

from optiwright.formulators.lift import lift
from optiwright.formulators.mending import mend
from optiwright.formulators.model import Algebraic
from optiwright.formulators.plain import plain_relations
from optiwright.formulators.wire import Form, read_wire

KNIVES = (
    "A smith forges knives of kind A and kind B. A knife A takes 3 kg of steel, 2 hours of "
    "grinding and 4 litres of oil; a knife B 2 kg of steel, 5 hours of grinding and 1 litre of "
    "oil. At most 310 kg of steel, 425 hours of grinding and 190 litres of oil are at hand. "
    "Knife A earns $12, knife B $15."
)
TOTALS = """a = integer(0, None)  # knives A
b = integer(0, None)  # knives B
steel = 3*a + 2*b  # kg of steel
grinding = 2*a + 5*b  # hours of grinding
oil = 4*a + b  # litres of oil
maximize(12*a + 15*b)
"""


def limits(requirements: str, text: str = KNIVES) -> list[str]:
    """The requirements that a draft ends up with, with their numbers, in order."""
    script = TOTALS + "".join(f"require({r})\n" for r in requirements.split("; "))
    made = mend(lift(read_wire(f"```python\n{script}```", Form.FLAT), text), text)
    return [plain for c, plain in plain_relations(made) if isinstance(c, Algebraic)]


@pytest.mark.parametrize(
    "drafted",
    [
        "steel <= 425; grinding <= 310; oil <= 190",
        "steel <= 425; grinding <= 190; oil <= 310",
        "steel <= 190; grinding <= 425; oil <= 310",
    ],
)
def test_limits_in_another_order_go_back_to_their_totals(drafted: str) -> None:
    assert limits(drafted) == ["steel <= 310", "grinding <= 425", "oil <= 190"]


@pytest.mark.parametrize(
    ("drafted", "text"),
    [
        ("steel <= 310; grinding <= 425; oil <= 190", KNIVES),
        ("steel <= 425; grinding <= 310", KNIVES + " He owes 310 francs and 425 pence."),
        ("steel <= 425; grinding <= 310", KNIVES.replace("steel", "it").replace("grinding", "it")),
        ("steel <= 425; grinding >= 310", KNIVES.replace("At most ", "")),
    ],
    ids=["right", "stated twice", "words say nothing", "other signs"],
)
def test_what_is_right_or_may_be_stays(drafted: str, text: str) -> None:
    assert limits(drafted, text) == drafted.split("; ")
