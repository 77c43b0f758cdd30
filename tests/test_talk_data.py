"""Files in a conversation: attached, solved with, replaced; what does not fit changes nothing."""

from __future__ import annotations

import io
import re
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from optiwright import UserError, cli
from optiwright.agent import session as session_module
from optiwright.agent.acts_talking import commands_told
from optiwright.agent.options import Options
from optiwright.agent.places import data_dir
from optiwright.agent.routing import Scene, route_plainly
from optiwright.agent.session import Session
from optiwright.agent.session_files import file_path, keep_file
from optiwright.agent.session_state import Turn
from optiwright.chat import attached
from optiwright.formulators.data import Data, read_data
from optiwright.formulators.data_replacing import replaced
from optiwright.formulators.text_numbers import numbers_in
from tests.coffee import FOLDER, PROBLEM, TURNS, coffee, roasting
from tests.conversations import PROBLEM as CHEESE
from tests.conversations import ROOT, Conversing, creameries

DOCUMENT = (ROOT / "docs" / "chat.md").read_text(encoding="utf-8")
FILES = {n: (FOLDER / n).read_bytes() for n in ("roasteries.csv", "orders.xlsx", "prices.json")}
JUNE = (FOLDER / "roasteries-june.csv").read_bytes()
BEST = 7122.5


@pytest.fixture(autouse=True)
def folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPTIWRIGHT_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.chdir(tmp_path)


def session(*replies: Any, name: str = "coffee") -> Session:
    model = Conversing(list(replies) or [coffee()])
    return Session(name, options=Options(model=model, route="compiled"))


def sent(talking: Session, text: str, **files: bytes) -> Turn:
    ended = talking.send(text, files={n.replace("__", "."): c for n, c in files.items()})
    assert isinstance(ended, Turn)
    return ended


def value(talking: Session) -> float | None:
    result = talking.result
    assert result is not None
    return result.objective


# --- the example ----------------------------------------------------------------------------------


def test_the_example_is_as_the_guide_shows_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    (tmp_path / "examples").symlink_to(ROOT / "examples")
    model = roasting()
    monkeypatch.setattr(session_module, "choose_model", lambda *_, **__: model)
    monkeypatch.setattr("sys.argv", ["optiwright", "chat", "--session", "coffee", "--effort=quick"])
    monkeypatch.setattr("sys.stdin", io.StringIO(TURNS))
    with pytest.raises(SystemExit) as ended:
        cli.main()
    out = capsys.readouterr().out
    assert not ended.value.code, out
    shown = re.findall(r"```text\n(.*?)```", DOCUMENT.partition("\n## Files")[2], flags=re.DOTALL)
    assert shown
    for part in re.split(r"^\.\.\.$\n", "...\n".join(shown), flags=re.MULTILINE):
        assert part.strip() in out, part
    turns = Session("coffee").talk.turns
    assert [t.kind for t in turns] == [
        "data", "problem", "revision", "what_if", "why", "data", "compare", "explain", "back",
        "export",
    ]  # fmt: skip
    assert all(t.ok for t in turns)
    assert [t.way for t in turns if t.way == "model"] == []
    assert turns[1].exchanges[0].answer == "in all"
    assert [v.objective for v in Session("coffee").talk.versions] == pytest.approx(
        [BEST, 7038, 7114.8, 7988.9]
    )
    plan = pd.read_excel(tmp_path / "plan.xlsx", sheet_name=None)
    assert "send" in plan


# --- problems with files --------------------------------------------------------------------------


def test_files_of_a_formulation_that_was_taken_back_are_those_of_the_next_one() -> None:
    model = Conversing([coffee(), coffee()])
    talking = Session("coffee", options=Options(model=model, only_formulate=True))
    first = talking.send(PROBLEM, files=FILES)
    assert isinstance(first, Turn) and first.made == 1 and first.current == 1
    assert sent(talking, "undo").current == 0
    again = sent(talking, PROBLEM)
    assert again.ok and again.made == 2, again.answer
    solved = sent(talking, "/solve")
    assert solved.ok and value(talking) == pytest.approx(BEST)
    assert talking.result is not None and len(talking.result.data) >= len(FILES)


def test_files_come_with_a_problem_that_has_no_number_of_its_own() -> None:
    text = (
        "Which roasteries run, and what does each send where, for the largest profit by the files?"
    )
    assert not numbers_in(text)
    reply = coffee()
    reply["constraints"] = reply["constraints"][:2]
    reply["parameters"] = [p for p in reply["parameters"] if p["name"] != "load"]
    talking = session(reply)
    turn = talking.send(text, files=FILES)
    assert isinstance(turn, Turn) and (turn.kind, turn.ok) == ("problem", True), turn
    assert value(talking) == pytest.approx(8185.3)
    assert "- orders.xlsx, sheet `orders`: `orders`, 4 rows" in turn.answer
    assert "Commas in `Capacity` were read as decimal commas" in turn.answer


def test_a_problem_without_quantities_and_files_is_refused() -> None:
    turn = sent(session(), "Ship everything from the plants to the markets as cheaply as possible")
    assert not turn.ok and "the text states no quantity" in turn.answer.lower()


def test_files_wait_for_their_problem_and_are_then_used_up() -> None:
    talking = session(coffee(), creameries(), coffee())
    turn = sent(talking, "/data")
    assert turn.ok and turn.answer.startswith("There are no files yet")
    wrong = FILES["roasteries.csv"].replace(b"62,5", b"1,5")
    assert sent(talking, "use this", roasteries__csv=wrong).ok
    assert not sent(talking, "use this", junk__csv=b"\x00\x01").ok  # and is left out from here on
    assert sent(talking, "use this", roasteries__csv=FILES["roasteries.csv"]).ok
    both = {n: c for n, c in FILES.items() if n != "roasteries.csv"}
    turn = sent(talking, "", **{n.replace(".", "__"): c for n, c in both.items()})
    assert "`prices` (prices.json), 4 rows: `city`, `price`" in turn.answer
    assert "Read, and not used yet:" in sent(talking, "/data").answer
    assert sent(talking, PROBLEM).ok
    assert value(talking) == pytest.approx(BEST)
    assert "Read, and not used yet" not in sent(talking, "/data").answer
    turn = sent(talking, f"New problem: {CHEESE}")
    assert turn.ok and "**Data**" not in turn.answer


def test_a_problem_that_fails_for_its_file_is_solved_with_the_corrected_one() -> None:
    talking = session(*[coffee()] * 8)
    bad = FILES["roasteries.csv"].replace(b"48;", b"many;")
    turn = talking.send(PROBLEM, files=FILES | {"roasteries.csv": bad})
    assert isinstance(turn, Turn) and not turn.ok
    assert "\n\nNothing was solved." in turn.answer  # not part of the list's last item
    assert "'many' in row 3" in turn.answer
    assert not talking.talk.versions
    turn = sent(talking, "/data right.csv", right__csv=FILES["roasteries.csv"])
    assert turn.ok, turn.answer
    assert value(talking) == pytest.approx(BEST)
    (version,) = talking.talk.versions
    assert (version.how, version.parent) == ("problem", 0)


# --- new files for what there is ------------------------------------------------------------------


def solved() -> Session:
    talking = session()
    assert isinstance(turn := talking.send(PROBLEM, files=FILES), Turn) and turn.ok, turn
    return talking


def test_a_new_file_takes_the_place_of_the_table_with_its_columns() -> None:
    talking = solved()
    sent(talking, "The capacity of Birnam is now 40 tonnes.")
    turn = sent(talking, "use this file instead", june__csv=JUNE)
    assert (turn.kind, turn.made, turn.current) == ("data", 3, 3) and turn.ok
    assert "- table roasteries: `june.csv` instead of `roasteries.csv` (3 rows)" in turn.answer
    assert "- running[Cairn]: 760 -> 390 (-48.7%)" in turn.answer
    assert "- `capacity[Birnam]` stays 40" in turn.answer
    assert value(talking) == pytest.approx(7988.9)
    (version,) = [v for v in talking.talk.versions if v.number == 3]
    assert (version.how, version.parent, version.title) == ("data", 2, "with june.csv")
    result = talking.result
    assert result is not None and result.text.startswith("We roast coffee")
    asked = sent(talking, "What if the demand of Brack grows by 20%?")
    assert asked.ok and "instead of 7,988.9 euros" in asked.answer
    assert sent(talking, "undo").current == 2
    assert value(talking) == pytest.approx(7038)


def test_what_does_not_fit_is_told_with_its_rows_and_changes_nothing() -> None:
    talking = solved()
    wrong = JUNE.replace(b"48;", b"-48;").replace(b"Cairn", b"Cadair")
    turn = sent(talking, "/data june.csv", june__csv=wrong)
    assert (turn.kind, turn.ok, turn.made, turn.current) == ("data", False, 0, 1)
    assert "-48 below zero in row 3, which parameter `capacity` cannot be" in turn.answer
    assert "no row for ('Cadair', 'Brack')" in turn.answer
    assert "Nothing was changed." in turn.answer
    turn = sent(talking, "/data", junk__csv=b"\x00\x01")
    assert not turn.ok and "junk.csv" in turn.answer
    assert value(talking) == pytest.approx(BEST)
    assert sent(talking, "/data other.csv", other__csv=JUNE).ok


def test_several_files_that_go_together_come_in_one_turn() -> None:
    """A roastery more needs its freight."""
    talking = solved()
    more = JUNE + b"Dolgar;30;95;100\n"
    freight = b"Roastery,Brack,Dunmore,Elvan,Fenwick\nAske,14,22,31,19\nBirnam,27,12,18,25\n"
    freight += b"Cairn,33,29,9,16\nDolgar,5,5,5,5\n"
    assert not sent(talking, "/data a.csv", a__csv=more).ok
    turn = sent(talking, "/data a.csv b.csv", a__csv=more, b__csv=freight)
    assert turn.ok, turn.answer
    result = talking.result
    assert result is not None and result.formulation is not None
    assert "(3 rows" not in turn.answer and "(4 rows, before 3)" in turn.answer
    assert ("run", ("Dolgar",)) in {(v.name, v.index) for v in result.solution.values}  # type: ignore[union-attr]


def test_a_file_that_nothing_is_taken_from_formulates_the_text_anew() -> None:
    talking = session(creameries(), *[coffee()] * 6, name="anew")
    assert sent(talking, CHEESE).ok
    sent(talking, "Make it at most two creameries.")
    turn = talking.send("Use these files for the lorries that carry 90.", files=FILES)
    assert isinstance(turn, Turn) and (turn.kind, turn.ok) == ("data", True), turn
    assert "changes that were made since are not in it" in turn.answer
    version = talking.talk.version
    assert version is not None and (version.how, version.parent) == ("data", 2)
    result = talking.result
    assert result is not None
    assert result.text.startswith("Lindmoor") and result.text.endswith("that carry 90.")


def test_words_without_a_file_say_how_one_is_attached() -> None:
    talking = solved()
    for text in ("use this file instead", "/data /etc/hostname"):
        turn = sent(talking, text)
        assert not turn.ok and turn.answer == "No file came with that. Attach one."


# --- which table a new one replaces ---------------------------------------------------------------


def tables(**frames: dict[str, list[Any]]) -> Data:
    return read_data({name: pd.DataFrame(frame) for name, frame in frames.items()})


def test_a_table_replaces_the_one_of_its_name_whatever_its_columns() -> None:
    base = tables(a={"k": ["x"], "v": [1]}, b={"k": ["x"], "v": [2]})
    put = replaced(base, tables(a={"key": ["x"]}), {"a": {"k", "v"}})
    assert put.instead == put.taken == ("a",)
    assert list(put.data.tables["a"].columns) == ["key"]
    assert put.data.tables["b"] is base.tables["b"]


def test_a_table_that_could_stand_for_several_is_refused_unless_the_words_say() -> None:
    base = tables(a={"k": ["x"], "v": [1]}, b={"k": ["x"], "v": [2]}, c={"k": ["x"], "v": [3]})
    new, taken = tables(n={"K": ["x"], "v": [9], "w": [0]}), {"a": {"k", "v"}, "b": {"k"}}
    with pytest.raises(UserError, match="`n` could stand for `a` or `b`"):
        replaced(base, new, taken)
    put = replaced(base, new, taken, "this instead of b, please")
    assert put.taken == ("b",) and list(put.data.tables["b"]["v"]) == [9]
    assert list(put.data.tables["a"]["v"]) == [1]
    assert replaced(base, new, {"b": {"k"}}).taken == ("b",)


def test_a_long_form_goes_where_its_wide_table_goes() -> None:
    wide: dict[str, list[Any]] = {"site": ["p", "q"], "x": [1, 2], "y": [3, 4], "z": [5, 6]}
    other: dict[str, list[Any]] = {"site": ["p", "q"], "cap": [1, 2], "cost": [3, 4], "fee": [5, 6]}
    base = tables(rates=wide, sites=other)
    assert {"rates_long", "sites_long"} <= set(base.tables)
    taken = {"rates_long": {"site", "column", "value"}, "sites": {"site", "cap"}}
    put = replaced(base, tables(sites2=other | {"cap": [7, 8]}), taken)
    assert put.taken == ("sites",) and put.data.tables["rates_long"] is base.tables["rates_long"]
    assert list(put.data.tables["sites"]["cap"]) == [7, 8]
    grown = replaced(base, tables(rates2=wide | {"u": [0, 0]}), taken)
    assert grown.taken == ("rates",) and len(grown.data.tables["rates_long"]) == 8
    plain = replaced(base, tables(rates={"site": ["p"], "note": ["n"]}), taken)
    assert "rates_long" not in plain.data.tables


def test_what_replaces_nothing_is_added() -> None:
    base = tables(a={"k": ["x"], "v": [1]})
    put = replaced(base, tables(n={"other": ["x"]}), {"a": {"k", "v"}})
    assert put.instead == () and list(put.data.tables) == ["a", "n"]


# --- the way in -----------------------------------------------------------------------------------


@given(st.text(max_size=200))
def test_a_files_name_never_leads_out_of_its_folder(name: str) -> None:
    note = keep_file(name, b"x\n1\n")
    path = file_path(note)
    assert path.parent == data_dir() / "files" / note.sha256
    assert path.resolve() == path.parent.resolve() / note.name
    assert path.read_bytes() == b"x\n1\n"


@pytest.mark.parametrize(
    ("name", "kept"),
    [("..", "file"), ("../../x.csv", "x.csv"), ("C:\\data\\x.csv", "x.csv"), ("a\n.csv", "a.csv"),
     ("n" * 300 + ".csv", "n" * 96 + "." + "csv")],
)  # fmt: skip
def test_names_of_files(name: str, kept: str) -> None:
    note = keep_file(name, b"1")
    assert note.name.startswith(kept[:90]) and note.name.endswith(kept[-4:])
    assert len(note.name) <= 105


def test_files_are_named_in_the_terminal(tmp_path: Path) -> None:
    (tmp_path / "my costs.csv").write_bytes(b"1")
    (tmp_path / "b.csv").write_bytes(b"2")
    assert attached("my costs.csv") == {"my costs.csv": b"1"}
    assert attached("'my costs.csv' b.csv") == {"my costs.csv": b"1", "b.csv": b"2"}
    assert attached("") == {}
    for named, what in (
        ("gone.csv", "cannot be read"),
        ("b.csv ./b.csv", "two files are called `b.csv`"),
        ('"b.csv', "a quote is opened"),
        ("x" * 5000, "cannot be read"),
        (".", "cannot be read"),
    ):
        with pytest.raises(UserError, match=what):
            attached(named)


def test_files_are_attached_by_a_turns_first_line() -> None:
    text = f"/data examples/a.csv\nNew problem: {PROBLEM}"
    found = route_plainly(text, Scene(attached=("a.csv",)))
    assert found is not None and (found.kind, found.to) == ("problem", PROBLEM)
    found = route_plainly("New problem: ship it all", Scene(attached=("a.csv",)))
    assert found is not None and (found.kind, found.to) == ("problem", "ship it all")
    found = route_plainly("/data a.csv", Scene(attached=("a.csv",)))
    assert found is not None and found.kind == "data"
    assert "- `/data FILE FILE`: attach files" in commands_told()
    found = route_plainly("/data a.csv\nhello", Scene())
    assert found is not None and found.kind == "talk"
