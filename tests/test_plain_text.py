"""Text that somebody else wrote shows in the page as it is written."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from optiwright.ui.plain_text import plain, told

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
