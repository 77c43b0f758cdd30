"""The page's versions, downloads and thumbs: what they show, and the turns that they begin."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import streamlit as st
from openpyxl import load_workbook
from streamlit.testing.v1 import AppTest

from optiwright import Result
from optiwright.agent.exporting import FORMATS
from optiwright.agent.feedback import feedback_of
from optiwright.agent.options import Options
from optiwright.agent.places import data_dir, records_dir
from optiwright.agent.result import Status
from optiwright.agent.session import Session
from optiwright.agent.session_state import Turn
from optiwright.agent.versions_table import versions_table
from optiwright.agent.writable import file_stem, offers, table_names
from optiwright.formulators.errors import OptiwrightError
from optiwright.formulators.model import Domain, Formulation
from tests.conversations import PROBLEM, PROFIT, Conversing, creameries
from tests.pages import Page
from tests.plans_by_hand import BLOCKS, as_result, hand_made
from tests.readable_samples import OPTIMA
from tests.sample_formulations import SAMPLES
from tests.searches_by_hand import searched
from tests.solved_results import solved
from tests.waiting import eventually

TRANSPORT = SAMPLES["transport"]


@pytest.fixture(autouse=True)
def folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPTIWRIGHT_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.delenv("OPTIWRIGHT_UI", raising=False)
    st.cache_data.clear()
    st.cache_resource.clear()


def talked(*texts: str) -> Session:
    """A session in which things were said."""
    talking = Session("plan", options=Options(model=Conversing([creameries()]), route="compiled"))
    for text in (PROBLEM, *texts):
        turn = talking.send(text)
        assert isinstance(turn, Turn) and turn.ok, turn
    return talking


# --- what is held side by side --------------------------------------------------------------------


def test_versions_stand_side_by_side() -> None:
    talking = talked(
        "The price in Bonn is now 60", "undo", "What if the capacity of Birch grows by 20%?",
        "At least 900 crates must be sent to Arle",
    )  # fmt: skip
    results = {v.number: result_at(v.record) for v in talking.talk.versions}
    table = versions_table({1: results[1], 2: results[2], 3: results[3]})
    rows = {row.what: row for row in table.rows}
    assert rows["The profit"].cells == ("7,060 euros", "8,060 euros", "7,592 euros")
    assert rows["The profit"].differs and not rows["Outcome"].differs
    assert "the profit" not in rows and not rows["whether each runs[Ash]"].differs
    assert table.changes[0].lines == ("price[Bonn]: 55 -> 60 (+9.09%)",)
    assert "capacity[Birch]: 260 -> 312" in table.changes[1].lines[0]
    moved = {row.what: row.cells for row in table.decisions}
    assert moved["whether a creamery runs, run[Cedar]"] == ("yes", "yes", "no")
    assert moved["crates sent, send[Birch, Corve]"] == ("0 crates", "0 crates", "112 crates")
    assert not any(len(set(cells)) == 1 for cells in moved.values())
    assert table.solved and table.more == 0
    none = versions_table({1: results[1], 4: results[4]})
    assert not none.solved and none.decisions == ()
    assert {row.what: row.cells for row in none.rows}["Outcome"] == ("optimal", "infeasible")
    same = versions_table({1: results[1], 9: results[1]})
    assert same.decisions == () and same.changes[0].lines == ()
    assert not any(row.differs for row in same.rows)


def result_at(record: str) -> Result:
    return Result.from_json((records_dir() / record / "result.json").read_text(encoding="utf-8"))


# --- what can be written --------------------------------------------------------------------------


def test_every_offer_without_a_fault_can_be_written_and_every_fault_is_a_sentence() -> None:
    for f in (TRANSPORT.formulation, *(f for f, _ in OPTIMA.values())):
        result = solved(f, "t")
        for offer in offers(result):
            if offer.fault:
                assert re.fullmatch(r"[A-Z].*[^.]\.", offer.fault), offer.fault
                assert result.run_id not in offer.fault
                with pytest.raises(OptiwrightError, match=re.escape(offer.fault[1:9])):
                    offer.content(result)
            else:
                assert offer.content(result)


def test_what_cannot_be_expressed_is_said_of_the_right_formats() -> None:
    def without(result: Result) -> set[str]:
        return {offer.suffix for offer in offers(result) if offer.fault}

    whole = {"-cp-sat.py", "-cp-sat.ipynb"}
    offered = {offer.suffix for offer in offers(solved(TRANSPORT.formulation))}
    assert without(solved(TRANSPORT.formulation)) == set() and not offered & whole
    assert {o.suffix for o in offers(solved(OPTIMA["covering"][0])) if not o.fault} >= whole
    several = solved(whole_goals())
    assert without(several) >= whole
    curved = without(solved(OPTIMA["nonlinear"][0]))
    assert curved == {
        ".lp", ".mps", "-cvxpy.py", "-highspy.py", "-cvxpy.ipynb", "-highspy.ipynb",
    }  # fmt: skip
    nothing = Result(run_id="r", text="t", status=Status.NO_FORMULATION)
    assert {o.suffix for o in offers(nothing) if not o.fault} == {".md", ".html", ".json"}
    assert table_names(nothing) == ()
    assert table_names(solved(TRANSPORT.formulation)) == ("ship",)


def whole_goals() -> Formulation:
    """Goals of several priorities, which CP-SAT has no program for, over whole numbers."""
    f = OPTIMA["lexicographic"][0]
    whole = tuple(v.model_copy(update={"domain": Domain.INTEGER}) for v in f.variables)
    return f.model_copy(update={"variables": whole})


def test_a_table_of_a_plan_or_a_search_is_called_what_it_has() -> None:
    def table(result: Result) -> str:
        return next(offer.what for offer in offers(result) if offer.suffix == ".csv")

    assert table(as_result(hand_made(BLOCKS))) == "The steps"
    assert table(searched()) == "The point"
    assert table(solved(TRANSPORT.formulation)) == "the decisions"


@pytest.mark.parametrize(
    ("title", "stem"),
    [
        ("Canning plants", "Canning-plants"),
        ("../../etc/passwd", "etc-passwd"),
        ("a\\b:c*d?\"<>|\x00e", "a-b-c-d-e"),
        ("CON", "answer-CON"),
        ("com1", "answer-com1"),
        ("", "answer"),
        ("...", "answer"),
        ("Käse für Bonn 漢", "Käse-für-Bonn-漢"),
        ("word " * 40, "word-" * 11 + "word"),
        ("x" * 300, "x" * 60),
    ],
)  # fmt: skip
def test_a_files_name_is_safe(title: str, stem: str) -> None:
    f = TRANSPORT.formulation.model_copy(update={"title": title})
    assert file_stem(Result(run_id="r", text="t", status=Status.FORMULATED, formulation=f)) == stem


# --- the page -------------------------------------------------------------------------------------


def versions_page() -> None:
    from optiwright.agent.session import Session
    from optiwright.ui.scene import Scene
    from optiwright.ui.versions_view import show_versions

    session = Session("plan")
    show_versions(Scene(session, session.standing()))


def away_page() -> None:
    from optiwright.agent.session import Session
    from optiwright.ui.scene import Scene
    from optiwright.ui.take_away import show_take_away

    session = Session("plan")
    show_take_away(Scene(session, session.standing()))


def thumbs_page() -> None:
    from optiwright.agent.session import Session
    from optiwright.ui.scene import Scene
    from optiwright.ui.thumbs import show_thumbs

    session = Session("plan")
    show_thumbs(Scene(session, session.standing()))


def shown(page: Callable[[], None]) -> AppTest:
    at = AppTest.from_function(page, default_timeout=60).run()
    assert not at.exception
    return at


def button(at: AppTest, label: str) -> Any:
    return next(b for b in at.button if b.label == label)


def turn_after(at: AppTest, label: str, count: int) -> Turn:
    """Click a button and wait for the turn that it begins."""
    button(at, label).click().run()
    assert not at.exception
    assert eventually(lambda: len(Session("plan").talk.turns) > count), label
    return Session("plan").talk.turns[-1]


def test_buttons_begin_the_turns_that_they_name() -> None:
    talked("Make it at most two creameries.", "What if the capacity of Birch grows by 20%?")
    turn = turn_after(shown(versions_page), "Keep what-if 3", 3)
    assert (turn.kind, turn.way, turn.current, turn.ok) == ("keep", "given", 3, True)
    turn = turn_after(shown(versions_page), "Undo", 4)
    assert (turn.kind, turn.way, turn.current, turn.ok) == ("undo", "given", 2, True)
    turn = turn_after(shown(versions_page), "Go to version 1", 5)
    assert (turn.kind, turn.way, turn.current, turn.ok) == ("back", "given", 1, True)
    at = shown(versions_page)
    assert button(at, "Undo").disabled
    assert not any(b.label == "Go to version 1" for b in at.button)
    at.text_input[0].input("few")
    turn = turn_after(at, "Name it", 6)
    assert (turn.kind, turn.way, turn.ok) == ("branch", "given", True)
    assert Session("plan").talk.names == {"few": 1}
    at = shown(versions_page)
    at.multiselect[0].set_value([1, 3]).run()
    turn = turn_after(at, "Say it in the conversation", 7)
    assert (turn.kind, turn.way, turn.ok) == ("compare", "given", True)
    assert turn.answer.startswith("**Version 1 and version 3**")


def test_a_name_that_another_version_has_is_refused_without_a_turn() -> None:
    talked("Make it at most two creameries.", "/branch few", "undo")
    at = shown(versions_page)
    at.text_input[0].input("few")
    button(at, "Name it").click().run()
    assert at.error[0].value == "Version 2 is called so. Choose another name."
    button(shown(versions_page), "Name it").click().run()
    assert len(Session("plan").talk.turns) == 4


def test_the_tree_says_what_each_version_is_and_changes() -> None:
    talked("Make it at most two creameries.", "/branch `few_$x$`", "The price in Bonn is now 60")
    at = shown(versions_page)
    texts = "\n".join(m.value for m in at.markdown)
    assert "↳ **Version 2, few\\_\\$x\\$** (change of version 1)" in texts
    assert "↳ ↳ **Version 3** (change of version 2) :material/check_circle: current" in texts
    assert "- price[Bonn]: 55 -> 60" in texts and "optimal, 6,760 euros" in texts.replace("\\", "")
    frame = at.table[0].value
    assert list(frame.columns) == ["Version 2", "Version 3", " "]
    assert list(frame.loc["The profit"]) == ["6,760 euros", "7,760 euros", "differs"]
    at.multiselect[0].set_value([1, 2, 3]).run()
    assert list(at.table[0].value.columns) == ["Version 1", "Version 2", "Version 3", " "]
    assert not any(b.label == "Say it in the conversation" for b in at.button)
    at.multiselect[0].set_value([2]).run()
    assert not at.table and "Choose two or three." in [c.value for c in at.caption]


def test_a_version_whose_files_are_gone_is_a_sentence() -> None:
    talking = talked("The price in Bonn is now 60")
    (records_dir() / talking.talk.versions[1].record / "result.json").unlink()
    at = shown(versions_page)
    assert "answer of version 2 cannot be read" in at.info[0].value.replace("\\", "")
    assert "The files of this answer are gone" in shown(away_page).info[0].value


class Downloads:
    """Takes the place of Streamlit's button, to write the files as a browser's click would."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.files: dict[str, Callable[[], bytes]] = {}
        self.labels: list[str] = []
        monkeypatch.setattr(st, "download_button", self.button)

    def button(
        self, label: str, data: Callable[[], bytes], name: str, mime: str, **given: Any
    ) -> bool:
        assert callable(data) and given["on_click"] == "ignore" and "/" in mime
        assert name not in self.files
        self.files[name] = data
        self.labels.append(label)
        return False

    def read(self, name: str) -> bytes:
        return self.files[name]()


STEM = "Which-creameries-run-and-what-each-sends-where-for-the"


def test_every_download_is_written_when_asked_and_can_be_opened(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    talked()
    downloads = Downloads(monkeypatch)
    at = waited(downloads)
    suffixes = {name.removeprefix(STEM) for name in downloads.files if name.startswith(STEM)}
    assert suffixes >= {f.suffix for f in FORMATS if f.suffix not in {".py", ".ipynb"}}
    assert suffixes >= {"-pyomo.py", "-cvxpy.py", "-highspy.py", "-pyomo.ipynb", "-highspy.ipynb"}
    result = Result.from_json(downloads.read(f"{STEM}.json").decode())
    assert result.objective == pytest.approx(PROFIT)
    assert "7,060 euros" in Page(downloads.read(f"{STEM}.html").decode()).shown
    book = load_workbook(io.BytesIO(downloads.read(f"{STEM}.xlsx")))
    assert {"Answer", "run", "send"} <= set(book.sheetnames)
    rows = list(csv.reader(io.StringIO(downloads.read(f"{STEM}-send.csv").decode())))
    assert rows[0] == ["Creameries", "Towns", "send"] and ["Ash", "Arle", "240.0"] in rows
    assert "import cvxpy" in downloads.read(f"{STEM}-cvxpy.py").decode()
    assert json.loads(downloads.read(f"{STEM}-highspy.ipynb"))["nbformat"] == 4
    assert downloads.read(f"{STEM}.lp").decode().startswith("\\")
    assert json.loads(downloads.read("plan.json"))["turns"]
    assert downloads.read("plan.md").decode().startswith("# ")
    assert PROBLEM in downloads.read("plan.txt").decode()
    assert at.code[0].value.endswith("?session=plan")
    assert "opens on this machine alone" in at.caption[-1].value
    assert all(len(label) > 4 for label in downloads.labels)


def waited(downloads: Downloads) -> AppTest:
    """The page when it is known which files can be written."""
    at = shown(away_page)

    def known() -> bool:
        if len(downloads.files) > 3:
            return True
        downloads.files.clear()
        at.run()
        assert not at.exception
        return False

    assert eventually(known)
    return at


def test_a_format_that_cannot_express_the_answer_says_so_in_place_of_its_button(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    talked("At least 900 crates must be sent to Arle")
    downloads = Downloads(monkeypatch)
    at = waited(downloads)
    assert not any(name.endswith((".xlsx", ".csv")) for name in downloads.files)
    told = [m.value for m in at.markdown if m.value.startswith("An Excel workbook")]
    assert len(told) == 1 and "There is no solution to write" in told[0].replace("\\", "")
    assert "The decisions (.csv)" in told[0]
    assert any(name.endswith(".html") for name in downloads.files)


def test_thumbs_are_kept_changed_and_taken_back() -> None:
    talking = talked()
    record = talking.talk.versions[0].record
    at = shown(thumbs_page)
    thumbs = at.feedback[0]
    assert not at.text_input
    thumbs.set_value(0).run()
    given = feedback_of(record)
    assert given is not None and (given.thumb, given.version) == ("down", 1)
    at.run()
    assert len((data_dir() / "feedback" / "feedback.jsonl").read_text().splitlines()) == 1
    at.text_input[0].input("Bonn is missing, key sk-planted-0123456789abcdefghij")
    button(at, "Keep the reason").click().run()
    given = feedback_of(record)
    assert given is not None and given.reason == "Bonn is missing, key [a key]"
    again = shown(thumbs_page)
    thumbs = again.feedback[0]
    assert thumbs.value == 0
    thumbs.set_value(1).run()
    given = feedback_of(record)
    assert given is not None and (given.thumb, given.reason[:4]) == ("up", "Bonn")
    thumbs = again.feedback[0]
    thumbs.set_value(None).run()
    assert feedback_of(record) is None and not again.exception
