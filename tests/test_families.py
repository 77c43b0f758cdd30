"""Generated problems: every family's rows hold together, form by form, whatever the seed."""

from __future__ import annotations

import math
import re
from collections import Counter

import pytest

from optiwright.formulators.instance import ground
from optiwright.formulators.lift import lift
from optiwright.formulators.mending import mend
from optiwright.formulators.script import GRAMMARS, Place
from optiwright.formulators.text_numbers import numbers_in
from optiwright.formulators.wire import Form, read_wire
from optiwright.solver_tools.compile import compile_program
from optiwright.solver_tools.solve import solve_program
from optiwright.training.drawn import PoorDraw, draw_row
from optiwright.training.families import Family, families
from optiwright.training.rows import TrainingRow
from tests.grammars import admits

SEEDS = range(3)
ALL = pytest.mark.parametrize("family", families().values(), ids=list(families()))


def rows_of(family: Family, seeds: range = SEEDS) -> list[TrainingRow]:
    rows = []
    for seed in seeds:
        try:
            rows.append(draw_row(family, seed))
        except PoorDraw:
            continue  # rare, and counted below
    return rows


def optimum(row: TrainingRow, form: Form) -> float | None:
    written = row.script if form is Form.FLAT else row.indexed
    formulation = lift(read_wire(written, form), row.text)
    return solve_program(compile_program(ground(formulation))).objective


@ALL
def test_flat_and_indexed_have_the_same_optimum(family: Family) -> None:
    for row in rows_of(family):
        flat = optimum(row, Form.FLAT)
        assert flat is not None, row.text
        assert optimum(row, Form.INDEXED) == pytest.approx(flat, rel=1e-5, abs=1e-6), row.text


@ALL
def test_a_script_keeps_to_the_grammar_that_holds_the_model(family: Family) -> None:
    for row in rows_of(family):
        assert admits(GRAMMARS[Place.START], row.script), row.script


@ALL
def test_nothing_of_a_right_script_is_put_right(family: Family) -> None:
    for row in rows_of(family, range(6)):
        written = lift(read_wire(row.script, Form.FLAT), row.text)
        assert mend(written, row.text) == written, row.text


@ALL
def test_few_draws_are_poor_and_equal_seeds_give_equal_rows(family: Family) -> None:
    rows = rows_of(family, range(20))
    assert len(rows) >= 17
    assert rows[0] == draw_row(family, rows[0].seed or 0)
    assert len({row.text for row in rows}) == len(rows)
    assert all(row.split == ("test" if family.aside else "train") for row in rows)


@ALL
def test_draws_differ_in_structure_and_not_only_in_numbers(family: Family) -> None:
    shapes = {re.sub(r"[\d.]+", "0", row.script) for row in rows_of(family, range(20))}
    assert len(shapes) >= 10


ODD = (
    r"[{}]|None|Quantity|Thing\(",  # what was meant to be filled in
    r"\.\.(?!\.)| ,| \.(?!\d)|\w  ",
    r"(?i)\b([a-z]+) \1\b",  # a word said twice
    r"\ba (?!i[sfn]\b|its|of)[aeio]\w|\ban [bcdfgjkpqtvwz]\w",
)


@ALL
def test_a_text_is_english_that_somebody_could_have_written(family: Family) -> None:
    for row in rows_of(family, range(20)):
        for pattern in ODD:
            assert not re.search(pattern, row.text), row.text
        assert len(row.text) < 4000


def test_there_are_families_of_every_kind_and_some_are_kept_aside() -> None:
    every = families().values()
    assert len(every) >= 40
    assert 6 <= sum(family.aside for family in every) <= 12
    aside = {family.kind for family in every if family.aside}
    assert not aside & {family.kind for family in every if not family.aside}


def test_the_numbers_of_a_text_are_told_in_several_formats() -> None:
    seen: Counter[str] = Counter()
    for family in families().values():
        for row in rows_of(family):
            seen["comma"] += bool(re.search(r"\d,\d{3}\b", row.text))
            seen["european"] += bool(re.search(r"\d,\d{1,2}\b", row.text))
            seen["table"] += "| --- |" in row.text
            seen["spelled"] += bool(re.search(r"\b(three|four|five|six|ten|twelve)\b", row.text))
            assert all(math.isfinite(n.value) for n in numbers_in(row.text))
    assert all(seen[kind] for kind in ("comma", "european", "table", "spelled")), seen
