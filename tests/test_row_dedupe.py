"""Rows that repeat each other or a benchmark's problem are found, named and refused."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from optiwright.evaluation.contamination import How
from optiwright.evaluation.duplicates import first_of_the_same
from optiwright.evaluation.fingerprints import Fingerprint, words_of
from optiwright.evaluation.overlap import known_texts
from optiwright.formulators.errors import UserError
from optiwright.training.deduplicating import deduplicate, refuse_contaminated, repeats_among
from optiwright.training.row_files import read_rows, write_rows
from tests.evaluations import Optiwright
from tests.training_rows import BAKERY, bakery, ferry, wells

JOINERY = (
    "A joiner makes 12 stools or 9 tables a day from 30 boards of oak, sells a stool for 45 and a "
    "table for 110 dollars, and wants to know what to make in 21 days for the best earnings."
)
OTHERWISE = JOINERY.replace("45", "48").replace("110", "135").replace("21", "17")


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A folder with one benchmark of our own making; the others are not here."""
    folder = tmp_path / "benchmarks"
    folder.mkdir()
    problems = [{"en_question": JOINERY, "en_answer": "1"}]
    (folder / "NL4OPT.json").write_text(json.dumps(problems))
    return folder


# --- against benchmarks ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "how"),
    [
        (JOINERY, How.EXACT),
        (JOINERY.upper().replace(",", " -- "), How.EXACT),
        (JOINERY.replace("sells a stool", "offers a stool"), How.NEARLY),
        (OTHERWISE, How.OTHER_NUMBERS),
        ("We plan our week. " * 30 + JOINERY[: len(JOINERY) // 2], How.IN_PART),
    ],
)
def test_a_row_that_repeats_a_benchmark_is_refused_by_name(text: str, how: How, data: Path) -> None:
    rows = [bakery(), bakery(text=text, family="joinery"), wells()]
    with pytest.raises(UserError) as told:
        refuse_contaminated(rows, data=data)
    said = str(told.value)
    assert "1 row repeats a benchmark's problem" in said
    assert f"{rows[1].id} (joinery) repeats nl4opt-0 {how.value}" in said
    assert rows[0].id not in said and "optiwright data dedupe" in said


def test_many_contaminated_rows_are_counted(data: Path) -> None:
    rows = [bakery(text=f"{JOINERY} {'Hm. ' * k}") for k in range(25)]
    with pytest.raises(UserError, match=r"25 rows repeat .*\n(.*repeats nl4opt-0.*\n){20}.*5 more"):
        refuse_contaminated(rows, data=data)


def test_clean_rows_pass_and_benchmarks_that_are_not_here_are_named(data: Path) -> None:
    absent = refuse_contaminated([bakery(), wells(), ferry()], known_texts(data))
    assert "optibench" in absent and "nl4opt" not in absent


# --- against each other ---------------------------------------------------------------------------


def test_a_story_with_other_numbers_is_another_row() -> None:
    rows = [
        bakery(),
        bakery(text=BAKERY.replace("3.5", "4.5").replace("50", "45")),
        bakery(text=BAKERY.replace(",", "").upper(), seed=4),
        bakery(text=BAKERY.replace("at most", "no more than"), seed=5),
    ]
    found = [(r.row.seed, r.first is rows[0], r.exact) for r in repeats_among(rows)]
    assert found == [(4, True, True), (5, True, False)]


WORDS = ("bread", "cake", "oven", "of", "a", "2", "3", "40", "50", "6.5")
TEXTS = st.lists(st.lists(st.sampled_from(WORDS), min_size=1, max_size=9), max_size=12)


@settings(deadline=None)
@given(TEXTS)
def test_only_rare_numbers_and_words_are_compared_and_nothing_is_missed(
    texts: list[list[str]],
) -> None:
    prints = [Fingerprint.of(words_of(" ".join(words))) for words in texts]
    expected: list[int] = []
    for place, mark in enumerate(prints):
        firsts = [k for k in range(place) if expected[k] == k and mark.same(prints[k])]
        expected.append(min(firsts, default=place))
    assert first_of_the_same(prints) == expected


def test_what_is_left_out_is_told(data: Path) -> None:
    rows = [bakery(text=JOINERY), bakery(), bakery(seed=3), wells()]
    known = known_texts(data)
    found = deduplicate(rows, known)
    assert found.kept == (rows[1], rows[3])
    contaminated, repeat, counts, held, absent = found.lines(known)
    assert contaminated.startswith(f"{rows[0].id} (bakery) repeats nl4opt-0 word for word")
    assert repeat == f"{rows[1].id} (bakery) repeats row {rows[1].id} word for word"
    assert counts == "2 of 4 rows kept; 1 repeat another, 1 a benchmark's problem (nl4opt 1)"
    assert held.startswith("held against: nl4opt 1, ")
    assert absent.startswith("not here, so that their texts are not recognised: optibench")


def test_the_command_writes_what_is_left(
    tmp_path: Path, data: Path, optiwright_: Optiwright
) -> None:
    write_rows(tmp_path / "a.jsonl", [bakery(text=OTHERWISE), bakery()])
    write_rows(tmp_path / "b.parquet", [wells(), bakery(seed=7)])
    code, out, err = optiwright_(
        "data", "dedupe", str(tmp_path / "a.jsonl"), str(tmp_path / "b.parquet"),
        "--data", str(data), "--out", str(tmp_path / "clean.jsonl"),
    )  # fmt: skip
    assert (code, err.strip()) == (0, "")
    assert "repeats nl4opt-0 with other numbers" in out
    assert out.endswith(f"2 rows in {tmp_path / 'clean.jsonl'}\n")
    assert list(read_rows(tmp_path / "clean.jsonl")) == [bakery(), wells()]
