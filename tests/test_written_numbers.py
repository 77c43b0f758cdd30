"""A written program's numbers against the text's: what it leaves out, and what it invents."""

from __future__ import annotations

import pytest

from optiwright.solver_tools.written_numbers import dropped_by, program_numbers
from tests.wire_samples import BAKERY
from tests.written_programs import BAKERY_PROGRAM as PROGRAM

TEXT = "Three shops get 40, 50 and 60 boxes at 2.5 euros each; a lorry, at 15% less, takes 9."


def differences(source: str, text: str = TEXT) -> tuple[list[float], list[float]]:
    found = program_numbers(text, source)
    return [n.value for n in found.left_out], [use.value for use in found.invented]


def test_a_program_of_the_texts_numbers_differs_in_none() -> None:
    assert differences(PROGRAM, BAKERY) == ([], [])


@pytest.mark.parametrize(
    ("source", "left_out", "invented"),
    [
        ("need = [40, 50, 60]\nc = sum(need) * 2.5 * 0.85\nreport(c, 9)", [], []),
        ("need = [40, 50, 60]\nc = sum(need) * 2.5\nreport(c, 9)", [15], []),
        ("need = [40, 50, 70]\nc = sum(need) * 2.5 * 0.85\nreport(c, 9)", [60], [70]),
        # What is only said is not used.
        ("# 9 boxes, 15%\nneed = [40, 50, 60]\nc = sum(need) * 2.5", [15, 9], []),
        ("'9 boxes'\nprint('15% less')\nneed = [40, 50, 60]\nc = sum(need) * 2.5", [15, 9], []),
        # What nothing reads is not used either.
        ("need = [40, 50, 60]\nrate = 15\nc = sum(need) * 2.5\nreport(c, 9)", [15], []),
        # Keys, indices, ranges, exponents, settings and big numbers need no origin.
        ("d = {1: 40, 2: 50, 3: 60}\nx = d[2]**2 * 2.5 * 0.85\nreport(x, 9)", [], []),
        ("for i in range(17):\n    y = [40, 50, 60][i] * 2.5 * 0.85\nreport(y, 9)", [], []),
        ("m.solver.options['gap'] = 0.33\nM = 12345\nx = [40, 50, 60, 2.5, 15, 9, M, 1e6]\nf(x)",
         [], []),
        ("SolverFactory('scip').solve(m, timelimit=33)\nf([40, 50, 60, 2.5, 15, 9])", [], []),
        # Products are computed from the text; names of things hold its numbers.
        ("f(40 * 2.5, 125, 150, 15, 9, 50)", [], []),
        ("f({'40 boxes': 50, '60': 2.5, 'c': 15}, 9)", [], []),
        ("no Python (", [], []),
    ],
)  # fmt: skip
def test_what_differs(source: str, left_out: list[float], invented: list[float]) -> None:
    assert differences(source) == (left_out, invented)


def test_a_count_of_the_text_may_be_the_number_of_variables() -> None:
    assert [n.value for n in program_numbers("17 towns, 40 trips.", "f(40)").left_out] == [17]
    assert program_numbers("17 towns, 40 trips.", "f(40)", n_variables=17).left_out == ()


@pytest.mark.parametrize("wells", ["range(8)", "range(1, 9)", "RangeSet(1, 8)", "[1] * 8"])
def test_a_count_of_the_text_may_be_that_of_a_range(wells: str) -> None:
    assert program_numbers("There are 8 wells, 1.5 miles apart.", f"f({wells}, 1.5)").left_out == ()
    missed = program_numbers("There are 23 wells, 1.5 miles apart.", f"f({wells}, 1.5)").left_out
    assert [n.value for n in missed] == [23]


def test_what_a_rewrite_drops() -> None:
    robbed = PROGRAM.replace(" <= 240", " <= 24")
    assert [n.value for n in dropped_by(BAKERY, PROGRAM, robbed)] == [240]
    assert dropped_by(BAKERY, robbed, PROGRAM) == ()
    assert dropped_by(BAKERY, PROGRAM, PROGRAM.replace("2 *", "2.0 *")) == ()
    # What was not there before was not dropped.
    assert dropped_by(BAKERY, robbed, robbed.replace("25", "26")) != ()
    assert dropped_by(BAKERY, robbed, robbed) == ()
    assert dropped_by(BAKERY, "no Python (", PROGRAM) == ()
