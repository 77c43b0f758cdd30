"""Work of the page done aside: the page goes on, the outcome is shown, nothing is done twice."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
from streamlit.testing.v1 import AppTest

from optiwright import UserError
from tests.waiting import eventually


class Slow:
    """Work that waits until it is let."""

    def __init__(self) -> None:
        self.go_on = threading.Event()
        self.times = 0

    def __call__(self) -> int:
        self.times += 1
        assert self.go_on.wait(30)
        return 42


SLOW = Slow()


@pytest.fixture(autouse=True)
def anew() -> Iterator[None]:
    SLOW.__init__()  # type: ignore[misc]
    yield
    SLOW.go_on.set()


def test_the_page_goes_on_meanwhile_and_two_who_ask_have_it_done_once() -> None:
    def page() -> None:
        import streamlit as st

        from optiwright.ui.aside import show_aside
        from tests.test_aside import SLOW

        show_aside("slow", SLOW, "Counting", lambda found: st.markdown(f"it is {found}"))
        st.markdown("the rest of the page")

    first, second = (AppTest.from_function(page, default_timeout=30).run() for _ in range(2))
    for at in (first, second):
        assert [c.value for c in at.caption] == [":material/pending: Counting …"]
        assert [m.value for m in at.markdown] == ["the rest of the page"]
    SLOW.go_on.set()
    assert eventually(lambda: first.run().markdown[0].value == "it is 42")
    assert second.run().markdown[0].value == "it is 42"
    assert not first.caption
    assert SLOW.times == 1


def test_an_error_is_told_in_its_words_and_a_fault_is_not_hidden() -> None:
    def page() -> None:
        import streamlit as st

        from optiwright import UserError
        from optiwright.ui.aside import show_aside

        def refused() -> int:
            raise UserError("no such limit", where="limits", remedy="Name one.")

        def faulty() -> int:
            raise TimeoutError("of the work itself")

        show_aside("refused", refused, "Looking", st.markdown)
        show_aside("faulty", faulty, "Looking", st.markdown)

    at = AppTest.from_function(page, default_timeout=30).run()
    assert [info.value for info in at.info] == [
        str(UserError("no such limit", where="limits", remedy="Name one."))
    ]
    assert at.exception and "of the work itself" in at.exception[0].value
