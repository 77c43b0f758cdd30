"""Scenarios step by step: read, cut at the first bad step, turned into scripts that solve."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from optiwright.agent.loop import wait
from optiwright.formulators.script import GRAMMARS, Place
from optiwright.training.demonstrations import Demonstration, demonstrations
from optiwright.training.near_duplicates import NearDuplicates
from optiwright.training.question_checks import number_fault
from optiwright.training.resocratic_script import formulation_of, script_of, sound_part
from optiwright.training.resocratic_steps import Bounds, Scenario, read_scenario
from optiwright.training.solved_scripts import Found, solved
from tests.grammars import admits
from tests.inventive_model import KAYAKS, LAMPS

HEADS = re.compile(r"^## (?:Variables|Objective|Constraint \d)$", re.MULTILINE)


def read(text: str) -> tuple[int, str]:
    """How many steps are sound, and why the reading stopped."""
    scenario, why = read_scenario(text)
    return len(scenario.steps), why


def test_steps_become_a_script_with_the_prose_as_its_comments() -> None:
    scenario, why = read_scenario(f"Here it is:\n\n{KAYAKS}")
    assert not why
    assert script_of(scenario) == (
        "```python\n"
        "# decisions\n"
        "kayaks = integer(0, None)  # kayaks built\n"
        "rafts = integer(0, None)  # rafts built\n"
        "# totals\n"
        "earned = 130*kayaks + 210*rafts  # euros earned\n"
        "hours = 11*kayaks + 19*rafts  # hours of work\n"
        "# objective: A kayak earns 130 euros and a raft 210; it wants to earn the most\n"
        "maximize(earned)\n"
        "# A kayak takes 11 hours and a raft 19, of which there are 400\n"
        "require(hours <= 400)\n"
        "# A club has ordered 8 rafts\n"
        "require(rafts >= 8)\n"
        "```"
    )
    assert [len(prefix.steps) for prefix in scenario.prefixes] == [3, 4]
    assert read_scenario(scenario.text)[0] == scenario


def test_a_goal_that_is_no_total_becomes_one() -> None:
    text = (
        KAYAKS.replace("maximize(earned)", "maximize(earned - 2*rafts)")
        .replace("// earned = 130*kayaks + 210*rafts  # euros earned\n", "")
        .replace("earned - 2*rafts", "130*kayaks + 210*rafts")
        .replace("hours = ", "work = ")
        .replace("// hours <=", "// work <=")
    )
    without = Scenario(read_scenario(text)[0].steps[:2])
    assert "goal = 130*kayaks + 210*rafts\n" in script_of(without)
    assert script_of(without).count("maximize(goal)") == 1


@pytest.mark.parametrize(
    ("old", "new", "sound", "said"),
    [
        ("## Objective", "## Constraint 1", 1, "found constraint where the objective"),
        ("## Constraint 1", "## Constraint 2", 2, "has the number 2"),
        ("A club has ordered 8 rafts.\n", "", 3, "nothing in words"),
        ("// rafts >= 8\n", "", 3, "no formal line"),
        ("// rafts >= 8", "// rafts > 8", 3, "no comparison with"),
        ("// rafts >= 8", "// rafts => 8", 3, "cannot be read"),
        ("// rafts >= 8", "// lots = rafts + 8", 3, "comparisons and no goal"),
        ("// rafts >= 8", "// rafts >= 8\n// minimize(rafts)", 3, "comparisons and no goal"),
        ("// rafts >= 8", "// more = integer(0, 8)\n// more <= 8", 3, "`integer` stands within"),
        ("// rafts >= 8", "// rafts >= 8 and kayaks >= 2", 3, "no comparison with"),
        ("// rafts >= 8", "// rafts >= 'eight'", 3, "something other than numbers"),
        ("// maximize(earned)", "", 1, "one `minimize(...)` or `maximize(...)`"),
        ("// maximize(earned)", "// maximize(earned)\n// minimize(kayaks)", 1, "one `minimize"),
        ('"type": "integer"}', '"type": "whole"}', 0, "type: Input should be"),
        ('{"name": "kayaks"', '{"name": "2kayaks"', 0, "name: String should match"),
        ('"kayaks >= 0"', '"rafts >= 0"', 0, "is not one of the decision and numbers"),
        ('"kayaks >= 0"', '"9 <= kayaks <= 4"', 0, "is empty"),
        ('"kayaks >= 0"', '"any"', 0, "is no comparison"),
        ('// {"name": "kayaks"', '// {name: "kayaks"', 0, "no JSON object"),
    ],
)  # fmt: skip
def test_a_scenario_is_cut_at_its_first_bad_step(old: str, new: str, sound: int, said: str) -> None:
    assert old in KAYAKS
    steps, why = read(KAYAKS.replace(old, new, 1))
    assert steps == sound
    assert why.startswith(f"step {sound + 1}: ") and said in why


@pytest.mark.parametrize(
    ("old", "new", "kept", "said"),
    [
        ("// rafts >= 8", "// boats >= 8", 3, "boats"),
        ("// rafts >= 8", "// kayaks = 2*rafts\n// kayaks >= 8", 3, "kayaks"),
        ("// hours <= 400", "// frob(hours) <= 400", 2, "frob"),
        ("earned = 130*kayaks", "earned = 130*canoes", 0, "canoes"),
    ],
)
def test_a_step_that_is_no_formulation_is_cut_too(old: str, new: str, kept: int, said: str) -> None:
    scenario, why = read_scenario(KAYAKS.replace(old, new, 1))
    assert not why
    scenario, why = sound_part(scenario)
    assert len(scenario.steps) == kept
    assert said in why


def test_there_are_seven_steps_at_most() -> None:
    more = "".join(f"\n## Constraint {k}\nAt least {k}.\n// rafts >= {k}\n" for k in range(3, 9))
    assert read(KAYAKS + more) == (7, "step 8: there are more than 7 steps")
    assert read("") == (0, "there is no step")


@pytest.mark.parametrize(
    ("said", "kind", "bounds"),
    [
        ("kayaks >= 0", "integer", Bounds(0, None)),
        ("kayaks <= 9", "continuous", Bounds(None, 9)),
        ("-3 <= kayaks <= 4.5", "real", Bounds(-3, 4.5)),
        ("kayaks >= 2, kayaks <= 9", "integer", Bounds(2, 9)),
        ("9 >= kayaks and kayaks >= 3 and kayaks >= 1", "Integer", Bounds(3, 9)),
        ("kayaks == 5", "integer", Bounds(5, 5)),
        ("0 <= kayaks <= 1", "binary", Bounds(0, 1)),
    ],
)
def test_ranges_are_read(said: str, kind: str, bounds: Bounds) -> None:
    text = KAYAKS.replace('"kayaks >= 0", "type": "integer"', f'"{said}", "type": "{kind}"')
    assert read_scenario(text)[0].steps[0].variables[0][1] == bounds


@given(st.text(max_size=400))
def test_whatever_is_no_scenario_is_read_to_an_end(text: str) -> None:
    scenario, why = read_scenario(text)
    assert scenario.steps or why


PIECES = st.sampled_from(
    [*KAYAKS.splitlines(), *LAMPS.splitlines(), "", "```", "// x <= 3", "// 1", "**Objective**:"]
)  # fmt: skip


@given(st.lists(PIECES, max_size=25))
def test_mixed_up_steps_are_in_order_and_within_the_grammar(lines: list[str]) -> None:
    scenario, _ = sound_part(read_scenario("\n".join(lines))[0])
    kinds = [step.kind for step in scenario.steps]
    assert kinds == ["variables", "objective", *["constraint"] * 5][: len(kinds)]
    for prefix in scenario.prefixes:
        assert admits(GRAMMARS[Place.START], script_of(prefix))
        formulation_of(script_of(prefix))


@given(st.text(st.characters(codec="utf-8", exclude_characters="\r\n"), max_size=300))
def test_whatever_prose_says_the_script_stays_what_it_is(prose: str) -> None:
    text = KAYAKS.replace("A club has ordered 8 rafts.", prose)
    scenario, _ = read_scenario(text)
    if len(scenario.steps) == 4:
        script = script_of(scenario)
        assert all(len(line) <= 220 for line in script.splitlines())
        plain = script_of(read_scenario(KAYAKS)[0])
        assert formulation_of(script).constraints[1].expression == (  # type: ignore[union-attr]
            formulation_of(plain).constraints[1].expression  # type: ignore[union-attr]
        )


# --- the demonstrations ---------------------------------------------------------------------------


def test_there_are_enough_demonstrations() -> None:
    kinds = [demonstration.kind for demonstration in demonstrations()]
    assert kinds.count("linear") >= 12 and kinds.count("nonlinear") >= 8
    near = NearDuplicates()
    assert [near.add(d.text, d.title) for d in demonstrations()] == [""] * len(kinds)


@pytest.mark.parametrize("shown", demonstrations(), ids=lambda d: d.title)
def test_every_prefix_of_a_demonstration_is_what_a_row_must_be(shown: Demonstration) -> None:
    scenario, why = sound_part(shown.scenario)
    assert not why and len(scenario.steps) == len(HEADS.findall(shown.text))
    values = []
    for prefix in scenario.prefixes:
        script = script_of(prefix)
        assert admits(GRAMMARS[Place.START], script)
        told = " ".join(step.prose for step in prefix.steps)
        assert number_fault(told, formulation_of(script, told)) == ""
        found = wait(solved(script))
        assert isinstance(found, Found), found
        values.append(found.value)
    assert len(set(values)) > 1, "no constraint changes the answer"


# --- near duplicates ------------------------------------------------------------------------------


def test_texts_that_are_nearly_one_are_found_and_others_are_not() -> None:
    near = NearDuplicates()
    assert near.add(KAYAKS, "kayaks") == ""
    assert near.add(LAMPS, "lamps") == ""
    changed = KAYAKS.replace("130", "140").replace("boat house", "yard").replace("club", "school")
    assert near.add(changed, "again") == "kayaks"
    assert near.add(LAMPS.replace("smith", "forge"), "more lamps") == "lamps"
    assert near.add("", "nothing") == ""
