"""What a decision means, in words."""

from __future__ import annotations

import pytest

from optiwright.agent.answer import decision_line
from optiwright.formulators.model import Domain, Index, Variable
from optiwright.formulators.phrases import measured
from optiwright.formulators.told_variables import meaning_at, names_its_indices
from optiwright.solver_tools.solution import ValueAt


def variable(description: str, over: str = "", domain: Domain = Domain.INTEGER) -> Variable:
    return Variable(name="x", description=description, over=over, domain=domain, unit="loads")


@pytest.mark.parametrize(
    ("description", "over", "index", "said"),
    [
        ("cases made in week t", "t in Weeks", (3,), "cases made in week 3"),
        (
            "tonnes from i to j",
            "(i, j) in Ways if i != j",
            ("Ulm", "Bonn"),
            "tonnes from Ulm to Bonn",
        ),
        ("tonnes from i on", "i in A, j in B", ("Ulm", "Bonn"), "tonnes from i on"),
        ("day t of t days", "t in Days", (3,), "day t of t days"),
        ("a crate of fruit", "a in Kinds", ("figs",), "a crate of fruit"),
        ("crates of i\n and more", "i in Kinds", ("j",), "crates of j and more"),
        ("crates", "", (), "crates"),
    ],
)
def test_indices_in_a_description_give_way_to_what_they_stand_for(
    description: str, over: str, index: Index, said: str
) -> None:
    assert meaning_at(variable(description, over), index) == said
    assert names_its_indices(variable(description, over)) is (said not in (description, "crates"))


@pytest.mark.parametrize(
    ("description", "said"),
    [
        ("1 if the van goes", "the van goes"),
        ("1 if the new tariff is taken, 0 if the old one stays", "the new tariff is taken"),
        ("One when it is open; zero otherwise.", "it is open"),
        ("whether it is open", "whether it is open"),
        ("10 if it is open", "10 if it is open"),
    ],
)
def test_a_choice_is_told_as_what_is_chosen(description: str, said: str) -> None:
    choice = variable(description, domain=Domain.BINARY)
    assert meaning_at(choice, ()) == said
    line = decision_line(ValueAt(name="x", value=1.0), choice)
    assert line == f"- {said}, `x`: yes"
    assert meaning_at(variable("1 if you must"), ()) == "1 if you must"


@pytest.mark.parametrize(
    ("value", "unit", "said"),
    [
        ("1", "loads", "1 load"),
        ("2", "loads", "2 loads"),
        ("1", "gross", "1 gross"),
        ("1", "people", "1 person"),
        ("1.5", "loads", "1.5 loads"),
        ("1", "EUR", "1 EUR"),
        ("1", "bus", "1 bus"),
        ("1", "loads a day", "1 loads a day"),
        ("0", "", "0"),
    ],
)
def test_one_of_something_is_told_in_the_singular(value: str, unit: str, said: str) -> None:
    assert measured(value, unit) == said
