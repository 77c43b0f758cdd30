"""Schedules, rosters and tours from a text or a file to an answer, as a user sees them."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

import optiwright
from optiwright import Result, cli
from optiwright.agent.past import open_result
from optiwright.agent.pictures import picture_of
from optiwright.formulators.checks import check
from optiwright.formulators.errors import FormulationError
from optiwright.formulators.findings import Severity
from optiwright.formulators.global_form import global_text, is_global, read_global
from optiwright.formulators.lift import lift
from optiwright.formulators.model import Algebraic, Change, Entry, Formulation, Global
from optiwright.formulators.plain import formulation_to_plain
from optiwright.formulators.wire import Form, read_wire
from optiwright.solver_tools.moves import compiled, move_between
from optiwright.testing import ScriptedModel
from tests import planned

ROSTER = Path(__file__).parent.parent / "examples" / "schedules" / "roster.txt"


# --- one line -------------------------------------------------------------------------------------


def read(line: str) -> Global:
    found, _ = read_global(
        line, name="c", over="", description="", named=lambda text: text, taken=set()
    )
    return found


@pytest.mark.parametrize(
    "line",
    [
        "all_different(x[i] for i in I)",
        "no_overlap((s[j], d[j] * b[j]) for j in Jobs if d[j] > 0)",
        "no_overlap((s[j, m], d[j, m]) for (j, m) in Steps)",
        "cumulative((s[j], d[j], n[j]) for j in Jobs) <= crew",
        "circuit(go[i, j] for i in Cities for j in Cities if i != j)",
        "table((x[1], x[2] + 1), ((a, b) for (a, b) in Pairs))",
        "table(x, (a for a in Values if a != 3))",
        "all_different(a, b + 1, c)",
        "no_overlap((a, 3), (b, 2 * c))",
        "cumulative((a, 3, 1), (b, 2, 2)) <= 2",
    ],
)
def test_a_line_is_read_as_it_is_written(line: str) -> None:
    assert is_global(line)
    assert global_text(read(line)) == line


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("all_different()", "nothing is in it"),
        ("no_overlap((a, 1, 2), (b, 1, 2))", r"3 parts, not 2.*no_overlap\(\(start"),
        ("cumulative((a, 1, 2), (b, 1, 2))", "no capacity"),
        ("circuit((a, b, c))", "no arc such as"),
        ("circuit(a, b)", "no arc such as"),
        ("table((a, b), [(1, 2.5)])", "2 whole numbers"),
        ("table((a, b), [(1, 2, 3)])", "2 whole numbers"),
        ("table((a, b), a + b)", "no list of rows"),
        ("table((a, b))", "1 arguments"),
        ("all_different(a, b, domain=3)", "`domain=` means nothing"),
        (f"all_different({', '.join('a' * 61)})", "61 items written out"),
    ],
)
def test_what_is_wrong_with_a_line_is_said(line: str, expected: str) -> None:
    with pytest.raises(FormulationError, match=expected) as caught:
        read(line)
    assert caught.value.where == "constraint `c`"


@given(st.text(alphabet="abx01(),[]<= \"'for in_dife", max_size=40))
@settings(max_examples=200, deadline=None)
def test_any_line_is_read_or_refused(text: str) -> None:
    for line in (f"no_overlap({text})", f"table({text})", f"circuit({text})", text):
        try:
            if is_global(line):
                assert global_text(read(line))
        except FormulationError:
            pass


SCRIPT = """```python
# decisions
glaze = integer(0, None)  # hour when glazing starts
fire = integer(0, None)  # hour when firing starts
dry = integer(0, None)  # hour when drying starts
# totals
end = max(glaze + 2, fire + 5, dry + 3)  # hour when all is done
# objective: done early
minimize(end)
# the potter does one thing at a time
no_overlap((glaze, 2), (dry, 3))
# 4 kilowatts for 3, 3 and 1
require(cumulative((glaze, 2, 3), (fire, 5, 3), (dry, 3, 1), capacity=4))
# they start at different hours
require(all_different(glaze, fire, dry))
# drying and glazing start at 0 and 8 or at 3 and 5
table((dry, glaze), [(0, 8), (3, 5)])
```"""


def test_a_script_with_items_written_out_keeps_the_texts_numbers() -> None:
    text = "Glazing takes 2 hours, firing 5, drying 3. There are 4 kilowatts."
    f = lift(read_wire(SCRIPT, Form.FLAT), text)
    assert [x.message for x in check(f, text) if x.severity is Severity.ERROR] == []
    shown = formulation_to_plain(f)
    assert "no_overlap((glaze, 2), (dry, 3))" in shown
    assert "cumulative((glaze, 2, 3), (fire, 5, 3), (dry, 3, 1)) <= 4" in shown
    assert any(p.words and p.data.entries[0].value == 5 for p in f.parameters)  # type: ignore[union-attr]
    result = optiwright.solve(f)
    # Drying from 0 and glazing from 8 it is: from 3 and 5 the potter would do both at hour 5.
    assert result.objective == 10
    assert r"\operatorname{cumulative}" in f.to_latex()


def test_an_indexed_line_has_neither_condition_nor_penalty() -> None:
    reply = json.loads(roster_reply())
    rest = next(c for c in reply["constraints"] if c["name"] == "rest")
    rest["penalty"] = "3"
    with pytest.raises(FormulationError, match=r"a condition or a penalty.*`rest`"):
        lift(read_wire(json.dumps(reply), Form.INDEXED), "")


# --- a roster from its text -----------------------------------------------------------------------


def roster_reply() -> str:
    """What a model that can writes of the roster: the indexed form."""
    return json.dumps(planned.ROSTER_REPLY)


@pytest.fixture(scope="module")
def roster() -> Result:
    model = ScriptedModel([roster_reply()])
    return optiwright.solve(ROSTER.read_text(), model=model, form="indexed", route="compiled")


def test_a_roster_is_solved_from_its_text(roster: Result) -> None:
    assert roster.objective == 1
    assert roster.level.value == "checked"
    assert roster.solution is not None
    assert roster.solution.solver.startswith("CP-SAT")
    on = {v.index for v in roster.solution.values if v.value}
    order = planned.DAYS
    for person in planned.STAFF:
        shifts = {day: s for p, day, s in on if p == person}
        assert len(shifts) <= 5
        for day, after in pairwise(order):
            assert not (shifts.get(day) == 3 and shifts.get(after) in (1, 2)), (person, day)
            assert not (shifts.get(day) == 2 and shifts.get(after) == 1), (person, day)
    assert roster.program.count("model.add_allowed_assignments") == 36
    assert picture_of(roster) is not None


def test_the_roster_that_comes_along_is_that_one(roster: Result) -> None:
    kept = Formulation.load(ROSTER.with_suffix(".formulation.json"))
    assert kept == roster.formulation


# --- files, by command ----------------------------------------------------------------------------


def solved_by_command(f: Formulation, folder: Path, *options: str) -> str:
    path = folder / "f.json"
    f.save(path)
    done = CliRunner().invoke(cli.app, ["solve", "--formulation", str(path), *options])
    assert done.exit_code == 0, done.output
    return done.output


def test_a_job_shop_has_a_schedule_and_evidence(tmp_path: Path) -> None:
    shown = solved_by_command(planned.job_shop(), tmp_path, "--save", str(tmp_path / "out"))
    assert "(CP-SAT" in shown
    assert "no_overlap((start[j, k], hours[j, k]) for (j, k, n) in Uses if n == m)" in shown
    assert "when all is done (least): 11 h" in " ".join(shown.split())
    assert "the best answer to this model is certified" in " ".join(shown.split())
    result = open_result(tmp_path / "out")
    picture = picture_of(result)
    assert picture is not None
    assert picture.kind == "schedule"
    assert "saw" in picture.svg
    assert "model.add_no_overlap" in result.program


def test_a_schedule_that_cannot_be_is_told_by_its_machine(tmp_path: Path) -> None:
    f = planned.job_shop()
    soon = Algebraic(name="soon", description="All is done in 8 hours", expression="makespan <= 8")
    shown = solved_by_command(
        f.model_copy(update={"constraints": (*f.constraints, soon)}), tmp_path
    )
    plain = " ".join(shown.split())
    assert "A machine does one step at a time" in plain
    assert "All is done in 8 hours" in plain
    assert "found the same" in plain


def test_a_number_in_a_schedule_is_no_limit_by_itself() -> None:
    f = planned.project()
    entry = Entry(index=(), value=5)
    more = compiled(f, [Change(parameter="crew", entries=(entry,))])
    program = compiled(f, [])
    assert program is not None
    assert move_between(program, more, 1.0) is None
    assert move_between(program, compiled(f, []), 1.0) is not None
