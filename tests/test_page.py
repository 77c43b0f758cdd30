"""The page in a real Chromium: a problem from its text to its answer, stopped, reloaded, shared."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.conversations import CLEAR
from tests.page_server import (
    CHROMIUM,
    PHONE,
    WIDE,
    Served,
    chromium,
    clean,
    opened,
    plays,
    say,
    served,
)
from tests.test_clarify import CHAIRS
from tests.wire_samples import BAKERY, flat_constraint, flat_reply, flat_variable, goal

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium is installed"),
]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as started:
        yield started


@pytest.fixture(scope="module")
def page_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with served(tmp_path_factory.mktemp("page")) as started:
        yield started


@pytest.fixture
def page(browser: Browser, page_server: Served) -> Iterator[Page]:
    context = browser.new_context(viewport=WIDE)  # type: ignore[arg-type]
    yield opened(context, page_server.address)
    context.close()


def answered(page: Page, words: str) -> None:
    """Wait until the last turn's answer has these words, and the page no longer moves."""
    expect(page.get_by_test_id("stChatMessage").last).to_contain_text(words)
    app = page.get_by_test_id("stApp")
    expect(app).to_have_attribute("data-test-script-state", "notRunning")


def session_of(page: Page) -> str:
    found = re.search(r"[?&]session=([^&]+)", page.url)
    assert found is not None, page.url
    return found[1]


def test_a_problem_is_stated_answered_changed_and_questioned(page: Page) -> None:
    say(page, BAKERY)
    answered(page, "160 euros")
    expect(page.get_by_role("tab", name="Answer")).to_be_visible()
    say(page, "What if the oven has 300 minutes?")
    answered(page, "200 euros instead of 160 euros")
    say(page, "Why no cake?")
    answered(page, "otherwise it is worse")
    clean(page)


def test_a_stop_ends_the_model_call_and_the_turn_says_so(browser: Browser, tmp_path: Path) -> None:
    with served(tmp_path, pause_s=30) as slow:
        page = opened(browser, slow.address, viewport=WIDE)
        say(page, BAKERY)
        expect(page.get_by_text("The model reads the problem")).to_be_visible()
        main = page.get_by_test_id("stMainBlockContainer")  # Streamlit has a Stop of its own
        main.get_by_role("button", name="Stop").click()
        answered(page, "Stopped. Nothing was changed")
        expect(page.get_by_text("stopped by you")).to_be_visible()
        expect(page.get_by_test_id("stChatInputTextArea")).to_be_enabled()
        slow.model.release.set()
        page.get_by_role("button", name="Try again").click()
        answered(page, "160 euros")
        expect(page.get_by_role("button", name="Try again")).to_have_count(0)
        clean(page)
        page.close()


def test_a_reload_in_mid_solve_and_a_second_tab_find_the_running_turn(
    browser: Browser, tmp_path: Path
) -> None:
    with served(tmp_path, pause_s=30) as slow:
        page = opened(browser, slow.address, viewport=WIDE)
        say(page, BAKERY)
        expect(page.get_by_text("The model reads the problem")).to_be_visible()
        page.reload()
        expect(page.get_by_text("The model reads the problem")).to_be_visible()
        expect(page.get_by_text("A bakery makes bread").first).to_be_visible()
        other = opened(browser, page.url, viewport=PHONE)
        expect(other.get_by_text("The model reads the problem")).to_be_visible()
        slow.model.release.set()
        answered(page, "160 euros")
        answered(other, "160 euros")
        assert len(slow.model.bodies) == len(past_calls(slow)), "a call was made twice"
        page.close()
        other.close()


def past_calls(page_server: Served) -> list[Any]:
    """All calls that the records of a server's runs hold."""
    import json

    runs = (page_server.data / "runs").glob("*/record.json")
    return [call for run in runs for call in json.loads(run.read_text())["calls"]]


def test_a_turn_whose_server_was_killed_can_be_gone_on_with(
    browser: Browser, tmp_path: Path
) -> None:
    with served(tmp_path, pause_s=60) as first:
        page = opened(browser, first.address, viewport=WIDE)
        say(page, BAKERY)
        expect(page.get_by_text("The model reads the problem")).to_be_visible()
        name = session_of(page)
        page.close()
        first.process.kill()
    with served(tmp_path) as second:
        page = opened(browser, f"{second.address}?session={name}", viewport=WIDE)
        page.get_by_role("button", name="Go on with it").click()
        answered(page, "160 euros")
        clean(page)
        page.close()


@pytest.mark.alone
def test_ten_sessions_at_once_do_not_mix(browser: Browser, tmp_path: Path) -> None:
    """Each has a profit of its own, and its page shows that and no other."""

    def replies(instructions: str, said: str) -> Mapping[str, Any] | str:
        found = re.search(r"A loaf earns (\d+) euros", said)
        if found is None:
            return CLEAR
        return flat_reply(
            objective=flat_reply()["objective"] | {"expression": f"{found[1]}*bread + 5*cake"}
        )

    with served(tmp_path, replies, pause_s=0.5, arguments=("--effort", "quick")) as shared:
        context = browser.new_context(viewport=WIDE)  # type: ignore[arg-type]
        pages = [opened(context, shared.address) for _ in range(10)]
        for k, page in enumerate(pages):
            say(page, BAKERY.replace("earns 2 euros", f"earns {k + 11} euros"))
        for k, page in enumerate(pages):
            answered(page, f"{80 * (k + 11):,}")
            shown = page.inner_text("body")
            others = [n for n in range(10) if n != k and f"{80 * (n + 11):,} euros" in shown]
            assert others == []
        assert len({session_of(page) for page in pages}) == 10
        context.close()


def test_a_question_that_the_text_leaves_open_is_asked_and_answered(
    browser: Browser, tmp_path: Path
) -> None:
    made = flat_reply(
        problem="How many chairs and tables to make for the greatest profit",
        variables=[flat_variable("chairs"), flat_variable("tables")],
        objective=goal("maximize", "30*chairs + 50*tables", "profit", "euros"),
        constraints=[
            flat_constraint("work", "2*chairs + 4*tables <= 80", "there are 80 hours of work"),
            flat_constraint("school", "chairs >= 10", "he must make 10 chairs"),
        ],
    )

    def replies(instructions: str, said: str) -> Mapping[str, Any]:
        return CLEAR if plays(instructions, said) is CLEAR else made

    with served(tmp_path, replies, arguments=("--effort", "quick")) as asking:
        page = opened(browser, asking.address, viewport=WIDE)
        say(page, CHAIRS["text"])
        expect(page.get_by_text("Before this is solved")).to_be_visible()
        expect(page.get_by_role("radio").first).to_be_visible()
        page.reload()
        expect(page.get_by_role("radio", name="at least 10 chairs")).to_be_checked()
        page.get_by_text("exactly 10 chairs", exact=True).last.click()
        expect(page.get_by_role("radio", name="exactly 10 chairs")).to_be_checked()
        page.get_by_role("button", name="Answer").click()
        answered(page, "profit (greatest): 1,050 euros")
        say(page, f"New problem: {CHAIRS['text']}")
        page.get_by_role("button", name="Use your best guess").click()
        answered(page, "profit (greatest): 1,200 euros")
        answered(page, "(best guess)")
        clean(page)
        page.close()


def test_a_sessions_name_is_changed_and_it_is_deleted_in_the_sidebar(page: Page) -> None:
    say(page, f"Loaves. {BAKERY}")
    answered(page, "160 euros")
    name = session_of(page)
    sidebar = page.get_by_test_id("stSidebar")
    sidebar.get_by_test_id("stPopover").first.get_by_role("button").click()
    page.get_by_label("Name", exact=True).fill("loaves")
    page.get_by_label("Name", exact=True).press("Enter")
    page.get_by_role("button", name="Rename").click()
    expect(page).to_have_url(re.compile("session=loaves"))
    answered(page, "160 euros")
    assert name != "loaves"
    expect(sidebar.get_by_role("button", name="loaves: Loaves. A bakery")).to_be_visible()
    sure = page.get_by_text("Yes, delete it")
    if not sure.is_visible():
        sidebar.get_by_test_id("stPopover").first.get_by_role("button").click()
    sure.click()
    page.get_by_role("button", name="Delete", exact=True).click()
    expect(page.get_by_role("heading", name="What is to be decided?")).to_be_visible()
    expect(sidebar.get_by_text("Loaves. A bakery")).to_have_count(0)
    clean(page)


def test_what_hostile_text_holds_is_shown_as_it_is(page: Page) -> None:
    hostile = (
        f"{BAKERY} <img src=x onerror=alert(1)> $x^2$ and $5 :red[danger] **bold** "
        "![](http://127.0.0.1:9/leak.png) [here](http://127.0.0.1:9)"
    )
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    say(page, hostile)
    answered(page, "160 euros")
    first = page.get_by_test_id("stChatMessage").first
    expect(first).to_contain_text("<img src=x onerror=alert(1)> $x^2$ and $5 :red[danger] **bold**")
    for link in first.get_by_role("link").all():  # addresses that are written out, as themselves
        assert (link.get_attribute("href") or "").rstrip("/") == link.inner_text().rstrip("/")
    assert not [url for url in asked if "127.0.0.1:9/" in url]


def test_buttons_that_look_alike_are_read_aloud_apart(page: Page) -> None:
    for title in ("Which cakes to bake", "The cheapest feed"):
        expect(page.get_by_role("button", name=f"Read it first {title}")).to_have_count(1)
    say(page, BAKERY)
    answered(page, "160 euros")
    page.get_by_role("tab", name="Formulation").click()
    expect(page.get_by_role("button", name="Text of cake", exact=True)).to_be_visible()


def test_a_formulation_to_look_at_is_what_the_panel_opens(page: Page) -> None:
    page.get_by_text("Look before solving").click()
    say(page, BAKERY)
    page.get_by_role("button", name="Solve it").click()
    expect(page.get_by_role("heading", name="160 euros")).to_be_visible()
    clean(page)


def test_the_first_page_and_an_answer_fit_a_telephone_and_the_dark(
    browser: Browser, page_server: Served
) -> None:
    page = opened(browser, page_server.address, viewport=PHONE, color_scheme="dark")
    say(page, BAKERY)
    answered(page, "160 euros")
    expect(page.get_by_role("tabpanel", name="Answer")).to_contain_text("160")
    wide = page.evaluate("document.documentElement.scrollWidth")
    assert wide <= PHONE["width"], "the page scrolls sideways"
    clean(page)
    page.close()


def test_an_example_is_begun_and_its_formulation_opened_by_keyboard_alone(page: Page) -> None:
    focused = (
        "document.activeElement.innerText || document.activeElement.getAttribute('aria-label')"
    )

    def tab_to(words: str) -> None:
        for _ in range(80):
            page.keyboard.press("Tab")
            if (page.evaluate(focused) or "").strip() == words:
                return
        raise AssertionError(f"{words!r} is not reached by the Tab key")

    expect(page.get_by_role("button", name="Which cakes to bake", exact=True)).to_be_visible()
    tab_to("Which cakes to bake")
    page.keyboard.press("Enter")
    answered(page, "160 euros")
    tab_to("Answer")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    expect(page.get_by_role("tabpanel", name="Formulation")).to_be_visible()
    clean(page)
