"""The first page: its examples, and who sees whose sessions."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from optiwright.agent.session_store import this_user
from optiwright.ui.gallery import EXAMPLES
from optiwright.ui.scene import Scene
from optiwright.ui.settings import PageSettings
from optiwright.ui.sign_in import PERSON

ROOT = Path(__file__).resolve().parents[1]


def opened(session: str = "") -> AppTest:
    app = AppTest.from_file(str(ROOT / "ui" / "app.py"), default_timeout=60)
    if session:
        app.query_params["session"] = session
    return app.run()


@pytest.fixture
def said(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str, dict[str, bytes]]]:
    """What is said on the page, in which session, in place of a turn."""
    heard: list[tuple[str, str, dict[str, bytes]]] = []

    def say(scene: Scene, text: str, files: dict[str, bytes] | None = None) -> None:
        heard.append((scene.session.name, text, files or {}))

    monkeypatch.setattr(Scene, "say", say)
    return heard


def test_every_example_is_there_with_its_files_and_no_two_look_alike() -> None:
    assert 12 <= len(EXAMPLES) <= 15
    assert len({e.title for e in EXAMPLES}) == len({e.file for e in EXAMPLES}) == len(EXAMPLES)
    for example in EXAMPLES:
        assert example.text == (ROOT / "examples" / example.file).read_text("utf-8").strip()
        assert all(example.attached.values())
    known = {row["file"] for row in json.loads((ROOT / "examples" / "expected.json").read_text())}
    assert len({e.file for e in EXAMPLES} & known) >= 10


def test_one_click_begins_with_an_example(said: list[tuple[str, str, dict[str, bytes]]]) -> None:
    app = opened()
    assert [c.value for c in app.code] == [e.text for e in EXAMPLES]
    app.button(key="example-feed.txt").click().run()
    ((session, text, files),) = said
    assert text.startswith("A farmer mixes") and files == {}
    assert session == f"{this_user()}/{app.query_params['session']}"
    assert not app.exception


def test_a_session_in_which_nothing_was_said_says_so() -> None:
    app = opened("nothing-here")
    assert [i.value for i in app.info] == [
        "Nothing was said in this session yet, or it was deleted. Begin below."
    ]
    assert not app.exception


def test_an_address_that_names_no_session_shows_its_words_as_they_stand() -> None:
    app = opened("![](http://elsewhere/a.png)")
    (told,) = app.error
    assert "![" not in told.value and "](" not in told.value
    assert "elsewhere" in told.value
    assert not app.exception


def test_an_example_with_tables_brings_them(said: list[tuple[str, str, dict[str, bytes]]]) -> None:
    opened().button(key="example-data/freight.txt").click().run()
    ((_, text, files),) = said
    assert text.startswith("Two plants")
    assert list(files) == ["plants.csv", "markets.csv", "freight.csv"]
    assert files["plants.csv"] == (ROOT / "examples" / "data" / "plants.csv").read_bytes()


@pytest.fixture
def behind_a_door(monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """The page as people with tokens get it; the headers are those that their door adds."""
    headers: dict[str, str] = {}
    for name, value in PageSettings(access="token").environment().items():
        monkeypatch.setenv(name, value)

    class Context:
        pass

    context = Context()
    context.headers = headers  # type: ignore[attr-defined]
    monkeypatch.setattr("optiwright.ui.people.st.context", context)
    return headers


def test_past_the_door_nobody_sees_anything(
    behind_a_door: dict[str, str], said: list[tuple[str, str, dict[str, bytes]]]
) -> None:
    app = opened("plan")
    assert [e.value for e in app.error] == [
        "Nobody is signed in. Start the page by `optiwright ui`."
    ]
    assert not app.button and not app.chat_input and not app.sidebar.button


def test_each_ones_sessions_are_below_their_own_name(
    behind_a_door: dict[str, str], said: list[tuple[str, str, dict[str, bytes]]]
) -> None:
    behind_a_door[PERSON] = "ada"
    opened().button(key="example-feed.txt").click().run()
    assert said[0][0].startswith("ada/")


@pytest.mark.parametrize(
    "name", ["ben/plan", "../ben/plan", "/ben/plan", "ben%2Fplan", "ben\n/plan"]
)
def test_a_link_opens_nobody_elses_session(behind_a_door: dict[str, str], name: str) -> None:
    behind_a_door[PERSON] = "ada"
    app = opened(name)
    (told,) = app.error
    assert "name" in told.value
    assert not app.exception and app.button(key="example-feed.txt")


def test_with_a_provider_the_page_asks_to_sign_in(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in PageSettings(access="oidc").environment().items():
        monkeypatch.setenv(name, value)
    app = opened("plan")
    assert [b.label for b in app.button] == ["Sign in"]
    assert not app.chat_input and not app.sidebar.button and not app.exception


def test_sessions_that_cannot_be_read_are_told_in_a_sentence(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("OPTIWRIGHT_SESSIONS", "postgresql://ada:planted-secret@127.0.0.1:9/none")
    app = opened()
    assert not app.exception
    (told,) = app.error
    assert "planted" not in told.value and "Traceback" not in told.value
    assert told.value[0].isupper()
