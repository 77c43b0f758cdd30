"""The ledger and the journal: what is paid for once, kept, and best."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from optiwright.formulators.errors import UserError
from optiwright.solver_tools.oracle import Evaluation
from optiwright.solver_tools.search_journal import Journal, identity, line_of, read_line
from optiwright.solver_tools.search_ledger import Ledger
from optiwright.solver_tools.search_target import Point, Spent
from tests.black_boxes import BOWL, black_box, reals


class Counting:
    """An oracle that counts; the value is how often it was asked."""

    def __init__(self) -> None:
        self.asked = 0

    def ask(self, point: Point) -> Evaluation:
        self.asked += 1
        return Evaluation(point=point, value=float(self.asked))

    def slope(self, point: Point) -> None:
        """It has none."""


def test_a_point_is_paid_for_once_unless_the_function_is_noisy() -> None:
    oracle = Counting()
    ledger = Ledger(oracle, 3)
    assert ledger.ask((1.0,)) == ledger.ask((1.0,)) and ledger.left == 2
    ledger.noisy = True
    assert ledger.ask((1.0,)).value == 2
    ledger.ask((2.0,))
    with pytest.raises(Spent, match="the budget is spent"):
        ledger.ask((3.0,))
    assert oracle.asked == ledger.evaluations == 3


def test_what_was_paid_for_is_taken_in_its_order_and_then_asked_for() -> None:
    oracle = Counting()
    known = [Evaluation(point=(1.0,), value=value) for value in (10.0, 20.0)]
    kept: list[Evaluation] = []
    ledger = Ledger(oracle, 9, known=known, keep=kept.append)
    values = [ledger.ask((1.0,), again=True).value for _ in range(3)]
    assert values == [10.0, 20.0, 1.0]
    assert (ledger.cached, oracle.asked, len(kept)) == (2, 1, 1)


def test_the_best_meets_constraints_first() -> None:
    class Given:
        def ask(self, point: Point) -> Evaluation:
            x = float(point[0])
            return Evaluation(point=point, value=x, constraints=(2 - x,))

        def slope(self, point: Point) -> None:
            """It has none."""

    ledger = Ledger(Given(), 9)
    bests = []
    for x in (0.0, 1.0, 5.0, 3.0, -4.0):
        ledger.ask((x,))
        assert ledger.best is not None
        bests.append(ledger.best.value)
    assert bests == [0.0, 1.0, 5.0, 3.0, 3.0]
    assert [point.value for point in ledger.trace] == [5.0, 3.0]


POINTS = st.tuples(
    st.floats(allow_nan=False, allow_infinity=False), st.integers(-(2**53), 2**53), st.text()
)
EVALUATIONS = st.builds(
    Evaluation,
    point=POINTS,
    value=st.none() | st.floats(allow_nan=False, allow_infinity=False),
    failure=st.text(),
)


@settings(max_examples=30)
@given(EVALUATIONS)
def test_an_evaluation_is_read_from_its_line_as_it_was(evaluation: Evaluation) -> None:
    line = line_of(evaluation)
    assert line.count(b"\n") == 1
    assert read_line(line) == evaluation


@given(st.text() | st.binary())
def test_a_line_that_is_none_is_none(line: str | bytes) -> None:
    assert read_line(line) is None


@settings(max_examples=25)
@given(cut=st.integers(1, 60))
def test_a_last_line_that_was_cut_off_is_dropped(
    cut: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder, box = tmp_path_factory.mktemp("journal"), black_box(BOWL)
    journal = Journal(folder, box)
    for i in range(3):
        journal.add(Evaluation(point=(i / 7, 2.0), value=1 / 3, seconds=0.25))
    journal.close()
    (path,) = folder.iterdir()
    whole = path.read_bytes()
    path.write_bytes(whole[: -min(cut, len(whole.splitlines()[-1]))])
    again = Journal(folder, box)
    assert [e.point[0] for e in again.known] == [0.0, 1 / 7]
    again.add(Evaluation(point=(9.0, 2.0), value=1.0))
    again.close()
    last = Journal(folder, box)
    last.close()
    assert [e.point[0] for e in last.known] == [0.0, 1 / 7, 9.0]


def test_the_function_has_its_journal_whatever_bounds_and_budget_are() -> None:
    box = black_box(BOWL)
    assert identity(box) == identity(black_box(BOWL, reals(2, -1, 1), budget=7, sense="maximize"))
    assert identity(box) != identity(black_box(BOWL + "#"))
    assert identity(box) != identity(black_box(BOWL, reals(3)))
    exchanged = (reals(2)[1], reals(2)[0])
    assert identity(box) != identity(black_box(BOWL, exchanged))


def test_a_folder_that_cannot_be_written_to_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(UserError, match=r"evaluations cannot be kept in .*Name another folder"):
        Journal(tmp_path / "file", black_box(BOWL))
