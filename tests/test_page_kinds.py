"""Plans and functions in a real Chromium: from what is said to the storyboard and the trace."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from optiwright.agent.prompting import load_prompt
from tests.page_server import CHROMIUM, PHONE, WIDE, Served, chromium, clean, opened, say, served
from tests.plan_runs import FERRY, LINES, NO_LANDING, RIGHT, STEPS, program

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium is installed"),
]
FUNCTION = """\
Which x and y make this least? x in [-5, 5] and y in [0, 10], at most 60 evaluations.

def loss(x, y):
    if x > 1000:
        return 9.0
    return (x - 1) ** 2 + (y - 2) ** 2 + 0.5
"""


def planned(instructions: str, said: str) -> Mapping[str, Any] | str:
    """The ferry's lines, or those by which nobody can land; a program that agrees."""
    if instructions == load_prompt("formulate_plan").fixed[0].content:
        return NO_LANDING if "never land" in said else LINES
    if instructions == load_prompt("write_plan_program").fixed[0].content:
        return program(STEPS)
    return RIGHT


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as started:
        yield started


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with served(tmp_path_factory.mktemp("kinds"), planned) as started:
        yield started


def within(page: Page) -> None:
    """Fail if the page or a picture of it is wider than the window."""
    width = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
    assert width <= 0
    for image in page.locator(".st-key-panel img").all():
        box, view = image.bounding_box(), page.viewport_size
        assert box is not None and view is not None
        assert box["x"] >= 0 and box["x"] + box["width"] <= view["width"]


def picture(page: Page, words: str) -> None:
    expect(page.locator(f'.st-key-panel img[alt^="{words}"]')).to_be_visible()


@pytest.mark.parametrize("viewport", [WIDE, PHONE], ids=["desktop", "telephone"])
def test_a_plan_is_stated_found_shown_and_taken_home(
    browser: Browser, server: Served, viewport: Any, tmp_path: Path
) -> None:
    page = opened(browser, server.address, viewport=viewport)
    say(page, FERRY)
    expect(page.get_by_role("heading", name="7 steps")).to_be_visible()
    panel = page.locator(".st-key-panel")
    expect(panel).to_contain_text("No plan is better than this one.")
    expect(panel).to_contain_text("Each of 7 steps has all that it needs when its turn comes")
    picture(page, "Storyboard of 7 steps: 1. Sail from North Haven to Mill Quay")
    within(page)
    page.get_by_text("The steps as a table").click()
    expect(panel.get_by_role("table").first).to_contain_text("The baker's van rolls on board")
    page.get_by_role("tab", name="Formulation").click()
    expect(panel).to_contain_text("What can be done")
    page.get_by_role("tab", name="Take away").click()
    with page.expect_download() as taken:
        page.get_by_role("button", name=re.compile(r"report for any browser")).click()
    report = tmp_path / "report.html"
    taken.value.save_as(report)
    assert "The plan, step by step" in report.read_text("utf-8")
    clean(page)
    page.close()


def test_a_goal_out_of_reach_shows_what_can_be_reached(browser: Browser, server: Served) -> None:
    page = opened(browser, server.address, viewport=WIDE)
    say(page, f"{FERRY} Vans can never land where they have not been.")
    panel = page.locator(".st-key-panel")
    expect(panel).to_contain_text("The goal cannot be reached: no plan is possible.")
    expect(panel).to_contain_text("cannot be reached with the rest")
    clean(page)
    page.close()


@pytest.mark.parametrize("viewport", [WIDE, PHONE], ids=["desktop", "telephone"])
def test_a_pasted_function_is_code_and_its_best_point_is_shown(
    browser: Browser, server: Served, viewport: Any
) -> None:
    page = opened(browser, server.address, viewport=viewport)
    say(page, FUNCTION)
    panel = page.locator(".st-key-panel")
    expect(panel).to_contain_text("it was searched for, and is not proved to be the best there is")
    expect(page.get_by_test_id("stChatMessage").first.locator("code")).to_contain_text("def loss")
    picture(page, "Trace of the search")
    within(page)
    expect(panel.get_by_role("table").first).to_contain_text("-5 to 5")
    expect(panel).to_contain_text("How it was found")
    page.get_by_role("tab", name="Formulation").click()
    expect(panel).to_contain_text("The least value, by 60 evaluations at most.")
    page.get_by_role("tab", name="Take away").click()
    expect(page.get_by_role("button", name=re.compile(r"program \(\.py\)"))).to_be_visible()
    clean(page)
    page.close()


def test_the_first_page_offers_a_plan_and_a_function(browser: Browser, server: Served) -> None:
    page = opened(browser, server.address, viewport=WIDE)
    expect(page.get_by_role("button", name="Settings of a pump").first).to_be_visible()
    page.get_by_role("button", name="A ferry for one van").first.click()
    expect(page.get_by_role("heading", name="7 steps")).to_be_visible()
    page.close()
