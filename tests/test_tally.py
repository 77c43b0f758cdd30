"""Times as they are told while something runs."""

from __future__ import annotations

import pytest

from optiwright.evaluation.tally import shown_time


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (40, "40 s"),
        (89, "89 s"),
        (90, "2 min"),
        (3560, "59 min"),
        (3590, "1 h 00 min"),
        (3600, "1 h 00 min"),
        (7190, "2 h 00 min"),
        (7500, "2 h 05 min"),
    ],
)
def test_a_time_has_no_sixty_minutes(seconds: float, words: str) -> None:
    assert shown_time(seconds) == words
