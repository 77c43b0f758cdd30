"""The tuned model that comes with the package: whole, named everywhere, and it solves."""

from __future__ import annotations

from pathlib import Path

import pytest

import optiwright
from optiwright.agent.choose_model import choose_model
from optiwright.agent.model_catalogue import CATALOGUE, DEFAULT_BASE, DEFAULT_MODEL
from optiwright.agent.tuned_card import shipped_models, tuned_at, tuned_models
from optiwright.formulators.errors import UserError
from optiwright.formulators.wire import Form
from tests.evaluations import Optiwright

NAME = "optiwright-1.5b"
KAYAKS = (
    "A rental has 300 metres of rope and 84 hours of varnishing left this spring. A kayak takes 5 "
    "metres of rope and 2 hours of varnishing and brings $45 a season; a rowing boat takes 12 "
    "metres and 3 hours and brings $80. At least 25% of all boats must be rowing boats. How many "
    "of each should be made ready to bring in the most?"
)


def test_its_card_names_a_base_of_the_catalogue_and_its_file_is_whole() -> None:
    assert shipped_models() == [NAME]
    tuned = tuned_at(NAME)
    assert tuned is not None and tuned.named == NAME
    card = tuned.card
    assert (card.name, card.kind, card.form) == (NAME, "adapter", Form.FLAT)
    assert card.base.sha256 == CATALOGUE[card.base.name].sha256
    assert card.licence == CATALOGUE[card.base.name].licence
    assert set(card.files) == {tuned.gguf().name}  # which holds it against its sum
    assert "/" not in str(card.run.get("base")) and card.run["stages"]


def test_it_is_what_answers_where_none_is_named_and_its_base_is_what_is_pulled() -> None:
    tuned = tuned_at(DEFAULT_MODEL)
    assert tuned is not None and (DEFAULT_MODEL, tuned.card.base.name) == (NAME, DEFAULT_BASE)


def test_it_is_listed_with_what_to_type_and_told_of_where_there_is_no_such_model(
    optiwright_: Optiwright,
) -> None:
    assert NAME in [tuned.card.name for tuned in tuned_models()]
    code, out, err = optiwright_("model", "list")
    assert code == 0 and f"--model {NAME}" in out, err
    code, out, err = optiwright_("model", "path", NAME)
    assert code == 0 and Path(out.strip()).name == "adapter.gguf", err
    with pytest.raises(UserError, match=NAME):
        choose_model("optiwright-15b")


@pytest.mark.model
def test_it_solves_a_problem_by_its_own_prompt() -> None:
    solved = optiwright.solve(KAYAKS, model=NAME, effort="quick")
    # Rope and hours both bind: 12 kayaks, 20 rowing boats.
    assert solved.objective == pytest.approx(2140.0), solved.formulation
