"""The page in a real Chromium: files, edits, ways out, versions, downloads, who sees what."""

from __future__ import annotations

import hashlib
import io
import json
import os
import random
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from playwright.sync_api import Browser, FilePayload, Locator, Page, expect
from streamlit.testing.v1 import AppTest

from tests.coffee import FOLDER, PROBLEM, coffee
from tests.conversations import PROBLEM as CHEESE
from tests.fake_provider import Behaviour, html, status
from tests.page_server import CHROMIUM, WIDE, Served, chromium, clean, opened, plays, say, served
from tests.test_page import answered, session_of
from tests.waiting import descendants
from tests.wire_samples import (
    BAKERY,
    flat_constraint,
    flat_reply,
    goal,
    indexed_reply,
    wire_constraint,
    wire_parameter,
    wire_set,
    wire_variable,
)

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium is installed"),
]

TOO_MUCH = "A bakery must make 100 loaves of bread. " + BAKERY


MARKETS = "Split the retailers between two divisions so that each market is halved."


def splitting() -> dict[str, Any]:
    """A small program that no branch and bound gets through: 40 yes or no in five equations."""
    draw = random.Random(3)
    rows, items = range(1, 6), range(1, 41)
    sales = {(r, k): draw.randrange(100) for r in rows for k in items}
    halves = [sum(sales[r, k] for k in items) // 2 for r in rows]
    return indexed_reply(
        problem="Which retailers go to the first division",
        sets=[wire_set("Markets", *map(str, rows)), wire_set("Retailers", *map(str, items))],
        parameters=[
            wire_parameter("sales", "Markets, Retailers", *sales.values()),
            wire_parameter("half", "Markets", *halves),
        ],
        variables=[
            wire_variable("chosen", "k in Retailers", type="binary"),
            wire_variable("over", "m in Markets"),
            wire_variable("under", "m in Markets"),
        ],
        objective=goal("minimize", "sum(over[m] + under[m] for m in Markets)", "what is off"),
        constraints=[
            wire_constraint(
                "split",
                "sum(sales[m, k] * chosen[k] for k in Retailers) + under[m] - over[m] == half[m]",
                "m in Markets",
            )
        ],
        asked=[],
        assumptions=[],
    )


def replies(instructions: str, said: str) -> Mapping[str, Any] | str:
    """Formulate what these tests are about."""
    usual = plays(instructions, said)
    if isinstance(usual, Mapping) and "problem" not in usual:
        return usual
    if "roast coffee" in said:
        return coffee()
    if "two divisions" in said:
        return splitting()
    if "must make 100 loaves" in said:
        limits = flat_reply()["constraints"]
        return flat_reply(
            constraints=[*limits, flat_constraint("loaves", "bread >= 100", "100 loaves of bread")]
        )
    return usual


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as started:
        yield started


@pytest.fixture(scope="module")
def quick(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with served(
        tmp_path_factory.mktemp("page"), replies, arguments=("--effort", "quick")
    ) as started:
        yield started


@pytest.fixture
def page(browser: Browser, quick: Served) -> Iterator[Page]:
    context = browser.new_context(viewport=WIDE, accept_downloads=True)  # type: ignore[arg-type]
    yield opened(context, quick.address)
    context.close()


def panel(page: Page, tab: str) -> Locator:
    """Open a tab of the panel, and wait until the page no longer moves: a click would be lost."""
    page.get_by_role("tab", name=tab).click()
    shown = page.get_by_role("tabpanel", name=tab)
    expect(shown).to_be_visible()
    app = page.get_by_test_id("stApp")
    expect(app).to_have_attribute("data-test-script-state", "notRunning")
    return shown


def test_files_are_attached_and_solved_with(page: Page) -> None:
    names = ("roasteries.csv", "orders.xlsx", "prices.json")
    page.locator('input[type="file"]').set_input_files([str(FOLDER / name) for name in names])
    for name in names:
        expect(page.get_by_text(name).first).to_be_visible()
    say(page, PROBLEM)
    answered(page, "7,122.5")
    expect(page.get_by_test_id("stChatMessage").first).to_contain_text("3 files")
    clean(page)


def test_a_table_and_a_number_are_edited_in_place_and_solved_again(page: Page) -> None:
    say(page, CHEESE)
    answered(page, "7,060 euros")
    shown = panel(page, "Formulation")
    shown.get_by_text("Edit", exact=True).click()
    grid = shown.get_by_test_id("stDataFrame").first  # the capacities: Ash, Birch, Cedar
    expect(shown.get_by_role("button", name="Apply and solve")).to_be_visible()
    expect(grid).to_be_visible()
    box = grid.bounding_box()
    assert box is not None
    grid.click(position={"x": box["width"] - 40, "y": 55})
    page.keyboard.press("Enter")
    editor = page.locator("#portal input, #portal textarea").first
    editor.fill("240")
    page.keyboard.press("Enter")
    page.get_by_role("button", name=re.compile("Apply")).first.click()
    answered(page, "300 → 240")
    clean(page)


def test_an_expression_that_cannot_be_read_is_told_in_place_and_changes_nothing(page: Page) -> None:
    say(page, BAKERY)
    answered(page, "160 euros")
    shown = panel(page, "Formulation")
    shown.get_by_text("Edit", exact=True).click()
    field = shown.locator('input[value*="oven_bread"]').first
    field.fill("oven_bread*bread + * cake <= oven_limit")
    field.press("Enter")
    expect(shown.get_by_text("^")).to_be_visible()
    turns = page.get_by_test_id("stChatMessage").count()
    field.fill("oven_bread*bread + oven_cake*cake <= oven_limit + 60")
    field.press("Enter")
    page.get_by_role("button", name=re.compile("Apply")).first.click()
    answered(page, "200 euros instead of 160 euros")
    assert page.get_by_test_id("stChatMessage").count() > turns
    clean(page)


def test_a_long_solve_shows_its_log_bound_and_best_value_and_is_stopped(
    page: Page, quick: Served
) -> None:
    say(page, MARKETS)
    expect(page.get_by_text("The solver's log")).to_be_visible()
    expect(page.get_by_test_id("stVegaLiteChart")).to_be_visible()
    page.reload()  # in mid-solve: the log and the plot go on
    expect(page.get_by_text("The solver's log")).to_be_visible()
    expect(page.get_by_test_id("stVegaLiteChart")).to_be_visible()
    main = page.get_by_test_id("stMainBlockContainer")  # Streamlit has a Stop of its own above
    main.get_by_role("button", name="Stop").click()
    answered(page, "Stopped")
    busy = [p for p in descendants(quick.process.pid) if _seconds(p) > 0]
    before = {p: _seconds(p) for p in busy}
    page.wait_for_timeout(2000)
    spent = sum(_seconds(p) - before[p] for p in busy if p in set(descendants(quick.process.pid)))
    assert spent < 1.0, "something solves on"
    clean(page)


def _seconds(pid: int) -> float:
    """What a process has computed; 0 where it is gone."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def test_an_impossible_problem_shows_its_conflict_and_a_way_out_is_taken(page: Page) -> None:
    say(page, TOO_MUCH)
    expect(page.get_by_role("button", name="Show ways out")).to_be_visible()
    page.get_by_role("button", name="Show ways out").click()
    page.get_by_role("button", name="Take way out 1").click()
    answered(page, "This is now version 2")
    clean(page)


def test_a_what_if_is_kept_compared_and_taken_back(page: Page) -> None:
    say(page, BAKERY)
    answered(page, "160 euros")
    say(page, "What if the oven has 300 minutes?")
    answered(page, "200 euros instead of 160 euros")
    shown = panel(page, "Versions")
    expect(shown.get_by_text("Side by side")).to_be_visible()
    shown.get_by_role("button", name="Keep what-if 2").click()
    answered(page, "Current is version 2")
    shown = panel(page, "Versions")
    shown.get_by_role("button", name="Undo").click()
    answered(page, "Current is version 1")
    clean(page)


def test_what_is_downloaded_opens(page: Page, browser: Browser) -> None:
    say(page, CHEESE)
    answered(page, "7,060 euros")
    shown = panel(page, "Take away")

    def taken(words: str) -> bytes:
        button = shown.get_by_role("button", name=re.compile(re.escape(words))).first
        with page.expect_download() as waited:
            button.click()
        return waited.value.path().read_bytes()

    book = openpyxl.load_workbook(io.BytesIO(taken("(.xlsx)")))
    assert any("240" in str(cell.value) for sheet in book for row in sheet for cell in row)
    assert json.loads(taken("(.json)"))["objective"] == 7060
    assert b"Maximize" in taken("(.lp)") or b"max" in taken("(.lp)").lower()
    report = taken("(.html)").decode()
    reader = browser.new_page()
    fetched: list[str] = []
    reader.on("request", lambda request: fetched.append(request.url))
    reader.set_content(report)
    expect(reader.get_by_role("heading", level=1)).to_be_visible()
    assert "7,060" in reader.inner_text("body")
    assert fetched == []
    reader.close()


def test_one_persons_sessions_are_not_anothers(
    browser: Browser, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("people")
    tokens = {name: f"{name}-{'0123456789' * 3}" for name in ("ada", "bob")}
    lines = [f"{n}:{hashlib.sha256(t.encode()).hexdigest()}" for n, t in tokens.items()]
    (folder / "people").write_text("\n".join(lines) + "\n")
    (folder / "people").chmod(0o600)
    environment = {"OPTIWRIGHT_UI_TOKENS": str(folder / "people")}
    with served(
        folder, replies, arguments=("--effort", "quick"), environment=environment
    ) as shared:

        def signed_in(name: str) -> Page:
            page = browser.new_context(viewport=WIDE).new_page()  # type: ignore[arg-type]
            page.goto(shared.address)
            page.locator("input[type=password]").fill(tokens[name])
            page.get_by_role("button").first.click()
            expect(page.get_by_test_id("stChatInput")).to_be_visible()
            return page

        ada, bob = signed_in("ada"), signed_in("bob")
        say(ada, BAKERY)
        answered(ada, "160 euros")
        expect(ada.get_by_test_id("stSidebar")).to_contain_text("A bakery makes")
        bob.goto(f"{shared.address}?session={session_of(ada)}")
        expect(bob.get_by_test_id("stChatInput")).to_be_visible()
        expect(bob.get_by_text("160 euros")).to_have_count(0)
        bob.goto(f"{shared.address}?session=ada/{session_of(ada)}")
        expect(bob.get_by_test_id("stChatInput")).to_be_visible()
        expect(bob.get_by_text("160 euros")).to_have_count(0)
        stranger = browser.new_context().new_page()
        stranger.goto(f"{shared.address}?session={session_of(ada)}")
        expect(stranger.locator("input[type=password]")).to_be_visible()
        expect(stranger.get_by_test_id("stApp")).to_have_count(0)


def test_what_was_written_beside_an_empty_file_is_not_lost(page: Page) -> None:
    empty = FilePayload(name="empty.csv", mimeType="text/csv", buffer=b"")
    page.locator('input[type="file"]').set_input_files(empty)
    expect(page.get_by_text("empty.csv").first).to_be_visible()
    say(page, BAKERY)
    expect(page.get_by_text("The file is empty (in empty.csv).")).to_be_visible()
    expect(page.get_by_test_id("stChatMessage").first).to_contain_text(BAKERY)
    expect(page.get_by_text("Nothing was said")).to_have_count(0)
    say(page, BAKERY)
    answered(page, "160 euros")
    expect(page.get_by_text("The file is empty")).to_have_count(0)
    clean(page)


@pytest.mark.parametrize(
    ("behaviour", "words"),
    [
        (status(401, "no such key"), "key"),
        (status(404, "no such model"), "model"),
        (html, "chat completion"),
    ],
)
def test_a_model_that_cannot_be_asked_is_told_in_a_sentence(
    browser: Browser, tmp_path: Path, behaviour: Behaviour, words: str
) -> None:
    with served(tmp_path, behaviour=behaviour) as failing:
        page = opened(browser, failing.address, viewport=WIDE)
        say(page, BAKERY)
        expect(page.get_by_text("not answered")).to_be_visible()
        last = page.get_by_test_id("stChatMessage").last
        assert words in last.inner_text()
        assert "{" not in last.inner_text()
        clean(page)
        expect(page.get_by_test_id("stChatInputTextArea")).to_be_enabled()
        page.close()


def test_bound_and_best_value_are_plotted_with_their_words() -> None:
    def shown() -> None:
        from optiwright.agent.progress_told import GapPoint
        from optiwright.ui.progress import show_gap

        show_gap((GapPoint(seconds=1, bound=None, best=None),))
        show_gap((GapPoint(seconds=1, bound=9, best=None), GapPoint(seconds=2, bound=8, best=7)))

    at = AppTest.from_function(shown, default_timeout=30).run()
    assert not at.exception
    (chart,) = at.get("arrow_vega_lite_chart") or at.get("vega_lite_chart")
    assert "after 2 s the bound is 8" in str(chart.proto)


def test_what_failed_and_what_it_costs_are_told_while_the_turn_goes_on(
    browser: Browser, tmp_path: Path
) -> None:
    asked: list[str] = []

    def first_wrong(instructions: str, said: str) -> Mapping[str, Any] | str:
        usual = replies(instructions, said)
        if isinstance(usual, Mapping) and "problem" not in usual:
            return usual
        asked.append(said)
        wrong = [flat_constraint("oven", "3*bred + 8*cake <= 240")]
        return flat_reply(constraints=wrong) if len(asked) == 1 else flat_reply()

    arguments = ("--effort", "quick", "--price", "1000/2000")
    with served(tmp_path, first_wrong, pause_s=6, arguments=arguments) as slow:
        page = opened(browser, slow.address, viewport=WIDE)
        say(page, BAKERY)
        page.get_by_text("What failed, and what was changed").click()
        expect(page.get_by_text("Attempt 1 was not good enough")).to_be_visible()
        expect(page.get_by_text("bred").first).to_be_visible()
        expect(page.get_by_text("in money").first).to_be_visible()
        slow.model.release.set()
        answered(page, "160 euros")
        expect(page.get_by_test_id("stSidebar")).to_contain_text("in money")
        clean(page)
        page.close()
