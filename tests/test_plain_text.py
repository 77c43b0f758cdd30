"""Text that somebody else wrote shows in the page as it is written."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from optiwright.ui.plain_text import pieces_of, plain, told

MARKS = r"([\\`*_{}\[\]()<>#+\-.!|~$:^=&])"


@given(st.text(max_size=200))
def test_every_mark_is_escaped_and_nothing_is_lost(text: str) -> None:
    shown = plain(text)
    assert re.sub(r"\\" + MARKS, r"\1", shown).split("  \n") == text.splitlines() or not text
    assert re.search(r"(?<!\\)(?:\\\\)*" + MARKS.replace(r"\\", "", 1), shown) is None


@pytest.mark.parametrize(
    ("answer", "shown"),
    [
        ("**Costs $5 and $6.**", r"**Costs \$5 and \$6.**"),
        ("`a$b` is $1", r"`a$b` is \$1"),
        ("a :red[word] and :material/key:", r"a \:red[word] and \:material/key:"),
        ("ratio 3:2, at 10:30", "ratio 3:2, at 10:30"),
        ("![](http://x/y.png)", r"!\[]\(http://x/y.png)"),
        ("[here](http://x)", r"[here]\(http://x)"),
        ("<b>bold</b> and 3 < 4", r"\<b>bold\</b> and 3 < 4"),
        ("# Title\n\n- one\n- two", "# Title\n\n- one\n- two"),
        (r"already \$5", r"already \$5"),
    ],
)
def test_an_answer_keeps_its_form_and_loses_what_names_could_do(answer: str, shown: str) -> None:
    assert told(answer) == shown


@given(st.text(alphabet="ab |+-\t\n", max_size=120))
def test_pieces_hold_every_line_that_says_something(text: str) -> None:
    kept = [line for piece, _ in pieces_of(text) for line in piece.splitlines() if line.strip()]
    assert kept == [line for line in text.splitlines() if line.strip()]


@pytest.mark.parametrize(
    "table",
    ["| a | b |\n|---|---|\n| 1 | 2 |", "+---+---+\n| 1 | 2 |", "a\tb\tc\n1\t2\t3",
     "from   Arle  Bonn\nAsh    4     9"],
)  # fmt: skip
def test_a_table_is_a_piece_of_its_own(table: str) -> None:
    text = f"We ship crates.\n\n{table}\n\nWhat is cheapest?"
    assert pieces_of(text) == [
        ("We ship crates.", "words"),
        (table, "table"),
        ("What is cheapest?", "words"),
    ]


def test_a_sentence_is_no_table() -> None:
    text = "Two kinds | of words.  And more of them - like this."
    assert pieces_of(text) == [(text, "words")]


FUNCTION = """\
import math

# how far it is off
def loss(x, y):
    if x > 3:
        return 9

    return (x - 1) ** 2 + math.cos(y)

bounds = [(-5, 5),
          (0, 1)]"""


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        (f"Minimise this.\n\n{FUNCTION}\n\nAt most 50 tries.",
         [("Minimise this.", "words"), (FUNCTION, "code"), ("At most 50 tries.", "words")]),
        (f"Look:\n```python\n{FUNCTION}\n```", [("Look:", "words"), (FUNCTION, "code")]),
        (FUNCTION, [(FUNCTION, "code")]),
        ("x = 3 apples\n\ndef f(x):\n    return x",
         [("x = 3 apples\n", "words"), ("def f(x):\n    return x", "code")]),
    ],
)  # fmt: skip
def test_a_function_is_a_piece_of_its_own(text: str, pieces: list[tuple[str, str]]) -> None:
    assert [(p.strip("\n"), k) for p, k in pieces_of(text)] == [
        (p.strip("\n"), k) for p, k in pieces
    ]


@pytest.mark.parametrize(
    "text",
    ["def is short for definite", "import duties = 5 euros\nfrom Arle to Bonn",
     "profit = revenue - cost\ncost = 3 a piece", "class = 5\nx = [1, 2]", "```\n```"],
)  # fmt: skip
def test_words_that_begin_like_code_stay_words(text: str) -> None:
    assert {kind for _, kind in pieces_of(text)} <= {"words"}
