"""Problems by hand with open numbers: read, drawn, solved; those that ship are right models."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st

import optiwright
from optiwright.formulators.errors import UserError
from optiwright.formulators.instance import ground
from optiwright.formulators.lift import lift
from optiwright.formulators.mending import mend
from optiwright.formulators.script import GRAMMARS, Place
from optiwright.formulators.wire import Form, read_wire
from optiwright.solver_tools.compile import compile_program
from optiwright.solver_tools.written_run import execute
from optiwright.training.resocratic_script import formulation_of
from optiwright.training.row_checks import untold_numbers
from optiwright.training.short_program import program_of
from optiwright.training.synthesis import drawn_rows
from optiwright.training.templates import (
    OWN,
    Template,
    chosen_templates,
    drawn_from,
    read_templates,
)
from tests.grammars import admits

ROWERS = """# rowers
numbers: boats = 3..9, load = 1200..1800/100, share = 20|25, who = harbour|lake club

A {who} has {boats} boats, which carry {load:,} kg. Rowers weigh 80 kg, coxes 50 kg
and are at least {share}% of all. How many people can row?

~~~
# decisions
rowers = integer(0, None)  # rowers
coxes = integer(0, None)  # coxes
# totals
weight = 80*rowers + 50*coxes  # kg
people = rowers + coxes  # people
# objective: how many people
maximize(people)
# boats carry {load} kg
require(weight <= {load})
# coxes are at least {share}%
require(coxes >= {share/100}*people)
# a cox a boat
require(coxes >= {boats})
~~~
"""
SHIPPED = chosen_templates(["all"])


def one(folder: Path, text: str = ROWERS) -> tuple[Template, ...]:
    """The templates of a file with that text."""
    path = folder / "some.md"
    path.write_text(text, encoding="utf-8")
    return read_templates(path)


def test_a_draw_fills_text_and_script_alike(tmp_path: Path) -> None:
    (template,) = one(tmp_path)
    assert template.numbers["load"] == tuple(range(1200, 1801, 100))
    row = drawn_from(template, 3)
    assert row == drawn_from(template, 3)
    assert "{" not in row.text + row.script
    load = next(n for n in template.numbers["load"] if f"{n:,} kg" in row.text)
    assert f"require(weight <= {load})" in row.script
    assert "require(coxes >= 0.2*people)" in row.script or "0.25*people" in row.script
    assert ("A harbour has" in row.text) != ("A lake club has" in row.text)
    assert (row.family, row.sense, row.problem_class) == ("rowers", "maximize", "integer linear")


def test_a_small_number_is_written_as_people_write_it(tmp_path: Path) -> None:
    (template,) = one(
        tmp_path, ROWERS.replace("20|25", "0.00008").replace("{share/100}", "{share}")
    )
    row = drawn_from(template, 1)
    assert "0.00008%" in row.text and "require(coxes >= 0.00008*people)" in row.script


def test_templates_take_turns_and_no_text_comes_twice(tmp_path: Path) -> None:
    few = ROWERS.replace("3..9", "4").replace("1200..1800/100", "1500").replace("# rowers", "# few")
    templates = one(tmp_path, few + ROWERS)
    rows = list(drawn_rows(templates, 60, 0, drawn_from))
    assert len({row.text for row in rows}) == len(rows)
    assert 1 <= sum(row.family == "few" for row in rows) <= 4
    assert [row.family for row in rows[:2]] == ["few", "rowers"]


@given(st.integers(0, 40), st.integers(0, 40), st.sampled_from([0.05, 0.25, 0.5, 1, 5]))
def test_a_range_has_its_ends_and_no_more(low: int, extra: int, step: float) -> None:
    high = low + extra * step
    text = ROWERS.replace("1200..1800/100", f"{low}..{high:g}/{step}")
    with TemporaryDirectory() as folder:
        (template,) = one(Path(folder), text)
    drawn = template.numbers["load"]
    assert drawn[0] == low and drawn[-1] == pytest.approx(high) and len(drawn) == extra + 1


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "there is no template"),
        ("Hello\n" + ROWERS, "'Hello' stands before the first template"),
        (ROWERS + ROWERS, "there are two of that name"),
        (ROWERS.replace("numbers:", "draw:"), "where the line of numbers is expected"),
        (ROWERS.replace("~~~\n# decisions", "# decisions"), "there are 0"),
        (ROWERS.replace("3..9", "9..3"), "empty range"),
        (ROWERS.replace("3..9", "3..9.1.2"), "no range of numbers"),
        (ROWERS.replace("20|25", "20|"), "nothing to choose from"),
        (ROWERS.partition("~~~")[0] + "~~~\n~~~\n", "the text or the script is empty"),
    ],
)
def test_a_file_that_is_not_in_the_form_is_told(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(UserError, match=r"some\.md") as caught:
        one(tmp_path, text)
    assert said in str(caught.value)


def test_an_open_number_that_is_not_drawn_is_told(tmp_path: Path) -> None:
    (template,) = one(tmp_path, ROWERS.replace("{load:,}", "{cargo}"))
    with pytest.raises(UserError, match=r"'\{cargo\}' cannot be worked out"):
        drawn_from(template, 0)


def test_a_script_that_is_none_is_told_with_its_template(tmp_path: Path) -> None:
    (template,) = one(tmp_path, ROWERS.replace("maximize(people)", "maximise(people)"))
    with pytest.raises(UserError, match=r"maximise.*in rowers, line 8.*Mend it in the file"):
        drawn_from(template, 0)


def test_what_is_open_is_arithmetic_and_nothing_else(tmp_path: Path) -> None:
    (template,) = one(tmp_path, ROWERS.replace("{load:,}", "{__import__('os')}"))
    with pytest.raises(UserError, match="cannot be worked out"):
        drawn_from(template, 0)


def test_a_name_that_is_no_file_is_told() -> None:
    with pytest.raises(UserError, match="linear-short"):
        chosen_templates(["nowhere.md"])


def test_the_command_draws_verified_rows_and_takes_no_families(tmp_path: Path) -> None:
    one(tmp_path)
    command = [sys.executable, "-m", "optiwright", "data", "synth", "--n", "4"]
    given = ["--templates", str(tmp_path / "some.md"), "--out", str(tmp_path / "rows.jsonl")]
    done = subprocess.run([*command, *given], capture_output=True, text=True, timeout=120)
    assert "4 rows, 4 kept" in done.stdout, done.stderr
    refused = subprocess.run(
        [*command, *given, "--family", "bakery"], capture_output=True, text=True, timeout=60
    )
    assert refused.returncode == 2 and "templates have no families" in refused.stderr


SLUICES = """# sluices
numbers: a = 3..5, b = 4..7, load = 90..120, radius = 2..4

Workers stand at two round sluices of {radius} m radius; one lets {a} boats through an hour for each
worker, the other {b}. {load} boats wait at either, and there are 9 workers. Finish soonest; a
worker needs half the area of a sluice for a break.

~~~
# decisions
upper = integer(0, None)  # workers at the upper one
lower = integer(0, None)  # workers at the lower one
# totals
value = upper + lower  # workers
room = 0.5*pi*{radius}**2*value  # square metres
wait = max({load}/({a}*upper), {load}/({b}*lower))  # hours
# objective: soonest
minimize(wait)
# 9 workers
require(value <= 9)
# room for them
require(room >= 0)
# somebody at each
require(upper >= 1)
require(lower >= 1)
~~~
"""


def test_the_greatest_of_several_pi_and_a_name_of_the_programs_have_a_program(
    tmp_path: Path,
) -> None:
    (template,) = one(tmp_path, SLUICES)
    program = drawn_from(template, 1).program
    assert "minimize" in program and "pi" in program
    report = execute(program, 20.0)
    optimum = optiwright.solve(formulation_of(drawn_from(template, 1).script)).objective
    assert report["objective"] == pytest.approx(optimum)


def test_a_decision_with_a_name_of_pyomos_own_has_a_program() -> None:
    program = program_of("load = integer(0, 9)\nmaximize(2*load)")
    assert execute(program, 20.0)["objective"] == pytest.approx(18)


def test_a_goal_whose_best_has_no_bound_has_no_program() -> None:
    with pytest.raises(ValueError, match="no program for maximize of `max`"):
        program_of("x = integer(0, 9)\nmaximize(max(x, 3))")


# --- those that come with the package -------------------------------------------------------------


def test_there_are_many_and_each_file_can_be_named() -> None:
    assert len(SHIPPED) >= 2200
    files = sorted(path.stem for path in OWN.glob("*.md"))
    assert sum(len(chosen_templates([name])) for name in files) == len(SHIPPED)


@pytest.mark.parametrize("template", SHIPPED, ids=lambda template: template.name)
def test_a_right_model_is_told_whole_compiles_and_is_left_as_it_is(template: Template) -> None:
    row = drawn_from(template, 1)
    written = lift(read_wire(row.script, Form.FLAT), row.text)
    assert untold_numbers(row.text, written) == []
    assert mend(written, row.text) == written, row.text
    assert admits(GRAMMARS[Place.START], row.script), row.script
    compile_program(ground(written))
