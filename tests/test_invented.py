"""Requirements and bounds that a small model makes up, or takes over from a worked example."""

from __future__ import annotations

import pytest

import optiwright
from optiwright.formulators.lift import lift
from optiwright.formulators.mending import mend
from optiwright.formulators.model import Formulation
from optiwright.formulators.plain import plain_relations, scalar_values
from optiwright.formulators.wire import Form, read_wire

TEXT = (
    "A shepherd feeds hay at 3 euros a bale and oats at 4 euros a sack. A bale has 5 units of "
    "starch and 30 of fibre, a sack 9 and 12. At least 45 units of starch and 120 of fibre are "
    "needed. {more} What is the cheapest feed?"
)


def drafted(*requirements: str, more: str = "", hay: str = "continuous(0, None)") -> Formulation:
    text = TEXT.format(more=more)
    required = "\n".join(requirements)
    script = f"""```python
hay = {hay}  # bales of hay
oats = continuous(0, None)  # sacks of oats
starch = 5*hay + 9*oats  # units of starch
fibre = 30*hay + 12*oats  # units of fibre
minimize(3*hay + 4*oats)
require(starch >= 45)
require(fibre >= 120)
{required}
```"""
    return mend(lift(read_wire(script, Form.FLAT), text), text)


def required(formulation: Formulation) -> list[str]:
    """The requirements but those of starch and fibre."""
    return [plain for _, plain in plain_relations(formulation)][2:]


SHARE = "# at most 30% of the feed may be oats\nrequire(oats <= 0.3*(hay + oats))"


def test_a_share_that_the_text_does_not_speak_of_is_left_out_and_that_is_said() -> None:
    found = drafted(SHARE)
    assert required(found) == []  # though the text has a 30, of fibre
    assert 0.3 not in scalar_values(found).values()
    assert any("30% of the feed" in a.text and "left out" in a.text for a in found.assumptions)
    assert optiwright.solve(found).objective == pytest.approx(optiwright.solve(drafted()).objective)


@pytest.mark.parametrize(
    "more",
    [
        "At most 30% of the feed may be oats.",
        "At least 70 percent of it must be hay.",
        "Oats may be 0.3 of the feed at most.",
    ],
)
def test_a_share_that_the_text_has_in_some_manner_stays(more: str) -> None:
    assert required(drafted(SHARE, more=more)) == ["oats <= 0.3 * (hay + oats)"]


def test_a_third_may_be_written_as_a_percentage() -> None:
    script = "# at least 33% of the feed is hay\nrequire(hay >= 0.33*(hay + oats))"
    assert required(drafted(script, more="At least one third of it must be hay.")) != []


def test_an_amount_that_the_text_has_nowhere_is_left_out() -> None:
    assert required(drafted("# the mix weighs 87 kg\nrequire(hay + oats == 87)")) == []


@pytest.mark.parametrize(
    "written",
    [
        "# the larder has room for this\nrequire(hay + oats <= 87)",
        "# at most 87 in all, and 45 of them hay\nrequire(hay <= 45)",
        "# feed of either kind\nrequire(hay + oats >= 1)",
        "require(hay + oats <= 87)",
    ],
    ids=["not said in numbers", "another number", "one", "no words"],
)
def test_what_does_not_name_its_number_itself_is_left_to_the_checks(written: str) -> None:
    assert len(required(drafted(written))) == 1


def test_a_counts_bound_that_the_text_has_nowhere_is_none() -> None:
    found = drafted(hay="integer(17, 23)")
    assert next((v.lower, v.upper) for v in found.variables) == ("0", None)
    assert sum("has no bound" in a.text for a in found.assumptions) == 2
    stated = drafted(hay="integer(5, 12)")
    assert all(v.lower != "0" for v in stated.variables if v.name == "hay")


def test_a_bound_stays_where_something_is_not_linear() -> None:
    text = "A sheet of 45 by 90 cm is folded to the largest tray. How high?"
    script = """```python
x = integer(0, 22)  # cm of height
volume = (45 - 2*x)*(90 - 2*x)*x  # cubic cm
maximize(volume)
```"""
    found = mend(lift(read_wire(script, Form.FLAT), text), text)
    assert found.variables[0].upper is not None


FLEET = (
    "A lake line uses rafts and ferries. A raft carries 3 people and takes 3 litres, a ferry 1 and "
    "5. At least 10 ferries must go, and at most 30% of the boats can be rafts. There are 200 "
    "litres. What is the greatest number of people?"
)


def test_a_bound_with_the_number_of_something_else_is_none() -> None:
    script = """```python
rafts = integer(0, 10)  # rafts that go
ferries = integer(10, 30)  # ferries that go
litres = 3*rafts + 5*ferries  # litres
maximize(3*rafts + ferries)
require(litres <= 200)
require(rafts <= 0.3*ferries)
```"""
    found = mend(lift(read_wire(script, Form.FLAT), FLEET), FLEET)
    bounds = {v.name: (v.lower, v.upper) for v in found.variables}
    assert bounds["rafts"] == ("0", None)
    assert bounds["ferries"][0] not in {None, "0"} and bounds["ferries"][1] is None
    assert [plain for _, plain in plain_relations(found)][1] == "rafts <= 0.3 * (rafts + ferries)"
    assert optiwright.solve(found).objective == pytest.approx(71)
