"""An answer beside a panel that shows the rest of it: what came out is said at once."""

from __future__ import annotations

import pytest

from optiwright.agent.answer import answer_text
from optiwright.agent.answer_short import in_short
from optiwright.agent.result import Status
from optiwright.formulators.model import Formulation
from tests.sample_formulations import SAMPLES
from tests.solved_results import solved


@pytest.mark.parametrize(
    "f", [s.formulation for s in list(SAMPLES.values())[:6]], ids=list(SAMPLES)[:6]
)
def test_the_headline_and_what_was_assumed_are_said_at_once(f: Formulation) -> None:
    answer = answer_text(solved(f))
    said, beside = in_short(answer)
    assert said.startswith(answer.partition("\n")[0])
    assert "**What to do**" not in said and "**How sure.**" not in said
    assert "**How sure.**" in beside and "**Assumed**" not in beside
    assert ("**Assumed**" in said) == ("**Assumed**" in answer)
    assert sorted(said.split() + beside.split()) == sorted(answer.split())


def test_of_a_contradiction_the_headline_is_said_at_once() -> None:
    found = {
        "status": Status.INFEASIBLE,
        "conflict": ("`a`: x >= 3", "`b`: x <= 2"),
        "solution": None,
        "answers": (),
    }
    result = solved(SAMPLES["product_mix"].formulation)
    answer = answer_text(result.model_copy(update=found))
    said, beside = in_short(answer)
    assert said == "**There is no solution: the requirements contradict each other.**"
    assert beside.startswith("These cannot all hold:\n") and "**How sure.**" in beside
    assert sorted(said.split() + beside.split()) == sorted(answer.split())


@pytest.mark.parametrize("words", ["", "Hello.", "**Stopped.** Nothing was changed.\n\n- a\n- b"])
def test_other_answers_stay_as_they_are(words: str) -> None:
    assert in_short(words) == (words, "")
