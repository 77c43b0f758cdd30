"""Sessions: turns, versions, questions, stops, budgets, two clients, both stores, secrets."""

from __future__ import annotations

import asyncio
import importlib
import json
import os
import stat
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from optiwright import UserError
from optiwright.agent import sessions
from optiwright.agent import turns as turns_module
from optiwright.agent.budgets import Budget, Budgets
from optiwright.agent.llm import Reply, Request
from optiwright.agent.options import Options
from optiwright.agent.places import data_dir, records_dir, sessions_dir
from optiwright.agent.prices import price_of
from optiwright.agent.run import Waiting
from optiwright.agent.session import Session
from optiwright.agent.session_events import TurnFinished
from optiwright.agent.session_files import file_path
from optiwright.agent.session_state import Route, Turn
from optiwright.agent.session_thread import Ended
from optiwright.formulators.difference import difference
from optiwright.formulators.model import Formulation
from optiwright.formulators.wire import Form
from optiwright.testing import ScriptedModel, ScriptedReply
from tests.coffee import FOLDER, roasting
from tests.coffee import PROBLEM as QUESTION
from tests.conversations import PROBLEM, PROFIT, ROOT, Conversing, creameries
from tests.postgres_server import PASSWORD, binaries, postgres
from tests.test_clarify import CHAIRS, small
from tests.wire_samples import BAKERY, flat_reply, indexed_reply

KEY = "sk-planted-0123456789abcdefghij"


@pytest.fixture(autouse=True)
def folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPTIWRIGHT_DATA_DIR", str(tmp_path / "data"))


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    if binaries() is None:
        pytest.skip("no PostgreSQL server is installed")
    with postgres() as address:
        yield address


@pytest.fixture(params=["sqlite", "postgres"])
def store(request: pytest.FixtureRequest) -> str | None:
    """Both stores, one after the other."""
    if request.param == "sqlite":
        return None
    address: str = request.getfixturevalue("server")
    return address


def session(*replies: ScriptedReply, name: str = "plan", **given: Any) -> Session:
    model = Conversing(replies or [creameries()])
    return Session(name, options=Options(model=model, route="compiled"), **given)


class Held(Conversing):
    """Answers only when it is let."""

    def __init__(self, replies: list[ScriptedReply]) -> None:
        super().__init__(replies)
        self.asked, self.go_on = threading.Event(), threading.Event()

    async def complete(
        self, request: Request, on_text: Callable[[str], None] | None = None
    ) -> Reply:
        self.asked.set()
        await asyncio.to_thread(self.go_on.wait, 60)
        return await super().complete(request, on_text)


class Endless(ScriptedModel):
    """Never answers."""

    def __init__(self) -> None:
        super().__init__([])
        self.asked = threading.Event()

    async def complete(
        self, request: Request, on_text: Callable[[str], None] | None = None
    ) -> Reply:
        self.asked.set()
        await asyncio.sleep(600)
        raise AssertionError


def said(talking: Session, *texts: str) -> Turn:
    """What the last of several turns comes to."""
    ended: Ended | None = None
    for text in texts:
        ended = talking.send(text)
    assert isinstance(ended, Turn)
    return ended


def formulations(talking: Session) -> list[Formulation]:
    """The formulation of every version."""
    found = []
    for version in talking.talk.versions:
        file = records_dir() / version.record / "formulation.json"
        found.append(Formulation.load(file))
    return found


# --- turns ----------------------------------------------------------------------------------------


def test_a_conversation_is_kept_by_the_store_and_goes_on_in_another_object(
    store: str | None,
) -> None:
    first = session(name="ada/kept", store=store)
    if first.talk.turns:
        sessions.delete("ada/kept", store)
    turn = said(first, PROBLEM)
    assert (turn.kind, turn.current, turn.ok) == ("problem", 1, True)
    assert first.result is not None and first.result.objective == pytest.approx(PROFIT)
    again = session(name="ada/kept", store=store)
    turn = said(again, "Make it at most two creameries.")
    assert (turn.number, turn.kind, turn.made, turn.current) == (2, "revision", 2, 2)
    assert again.result is not None and again.result.objective == pytest.approx(6760)
    assert [t.text for t in again.talk.turns] == [PROBLEM, "Make it at most two creameries."]
    assert [n.turns for n in sessions.sessions_of("ada", store)] == [2]
    sessions.delete("ada/kept", store)
    assert sessions.sessions_of("ada", store) == []


def test_a_revision_keeps_what_it_does_not_touch() -> None:
    talking = session()
    said(talking, PROBLEM, "Make it at most two creameries.", "The price in Bonn is now 60")
    first, second, third = formulations(talking)
    assert second.model_copy(update={"constraints": first.constraints}) == first
    assert second.constraints[: len(first.constraints)] == first.constraints
    assert len(second.constraints) == len(first.constraints) + 1
    assert difference(second, third) == ("price[Bonn]: 55 -> 60 (+9.09%)",)
    prices = third.model_copy(update={"parameters": second.parameters})
    assert prices == second


def test_another_goal_is_a_revision_too() -> None:
    talking = session()
    turn = said(talking, PROBLEM, "Maximise revenue, not profit")
    assert turn.kind == "revision"
    first, second = formulations(talking)
    assert second.leading is not None and second.leading.expression == "revenue"
    assert second.model_copy(update={"objectives": first.objectives}) == first


def test_a_what_if_stands_aside_until_it_is_kept() -> None:
    talking = session()
    turn = said(talking, PROBLEM, "What if the capacity of Birch grows by 20%?")
    assert (turn.kind, turn.made, turn.current) == ("what_if", 2, 1)
    assert said(talking, "keep that").current == 2
    assert said(talking, "undo").current == 1


def test_undo_and_a_change_make_branches_that_are_named_and_compared() -> None:
    talking = session()
    said(talking, PROBLEM, "Make it at most two creameries.", "/branch few", "undo")
    turn = said(talking, "The price in Bonn is now 60", "compare few and version 3")
    parents = [v.parent for v in talking.talk.versions]
    assert parents == [0, 1, 1]
    assert "price[Bonn]: 55 -> 60" in turn.answer
    assert said(talking, "/branch few").current == 2
    assert said(talking, "go back to the first version").current == 1
    assert "2 `few` change: Make it at most two creameries." in said(talking, "/history").answer


def test_undo_of_the_first_version_says_that_there_is_nothing_before() -> None:
    talking = session()
    turn = said(talking, PROBLEM, "undo")
    assert not turn.ok and "nothing to go back to" in turn.answer and turn.current == 1


def test_questions_about_the_answer_change_nothing() -> None:
    talking = session()
    said(talking, PROBLEM)
    for text, kind in {
        "Why is Cedar run?": "why",
        "How sure are you?": "explain",
        "Show the formulation": "show",
        "What limits it?": "sensitivity",
        "Which numbers matter most?": "tornado",
        "Vary the capacity of Ash from 200 to 400": "sweep",
        "/pareto revenue": "pareto",
        "Prove it": "prove",
        "Hello": "talk",
        "help": "help",
    }.items():
        turn = said(talking, text)
        assert (turn.kind, turn.ok, turn.made, turn.current) == (kind, True, 0, 1), turn
        assert len(turn.answer) > 40


def test_a_sweep_is_of_the_number_that_is_meant() -> None:
    turn = said(session(), PROBLEM, "Vary the capacity of Ash from 200 to 400")
    assert turn.answer.startswith("`capacity[Ash]`, now 300")
    assert "| 200 |" in turn.answer and "| 400 |" in turn.answer


def test_an_infeasible_change_has_its_repairs_taken() -> None:
    talking = session()
    said(talking, PROBLEM, "At least 900 crates must be sent to Arle")
    assert talking.talk.versions[-1].status == "infeasible"
    turn = said(talking, "/repairs")
    assert turn.ok and turn.answer.startswith("1. ")
    turn = said(talking, "take the first repair")
    assert (turn.kind, turn.ok) == ("repair", True), turn.answer
    assert talking.talk.versions[-1].status == "optimal"


def test_a_second_problem_begins_a_tree_of_its_own() -> None:
    model = Conversing([creameries(), flat_reply()])
    options = Options(model=model, route="compiled")
    talking = Session("two", options=options)
    said(talking, PROBLEM)
    # the second reply is in the other form, which a run asks for by the option
    talking = Session("two", options=Options(model=model, route="compiled", form=Form.FLAT))
    turn = said(talking, f"New problem: {BAKERY}")
    assert turn.ok, turn.answer
    assert [v.parent for v in talking.talk.versions] == [0, 0]
    assert talking.result is not None and talking.result.objective == pytest.approx(160)


def test_words_that_leave_it_open_are_sorted_by_the_model() -> None:
    talking = session(creameries(), "talk", "nonsense", "revision", "limit run[+] to at most 2")
    said(talking, PROBLEM)
    assert said(talking, "My cousin lives in Bonn").kind == "talk"
    turn = said(talking, "Bonn, Bonn, Bonn")
    assert (turn.kind, turn.way, turn.ok) == ("unclear", "model", False)
    turn = said(talking, "The bank gives money for 2 of them")
    assert (turn.kind, turn.way, turn.current) == ("revision", "model", 2)


def test_an_error_is_the_turns_answer_and_the_session_goes_on() -> None:
    talking = session()
    turn = said(talking, "undo")
    assert not turn.ok and "no answer yet" in turn.answer
    assert not said(talking, "/nonsense").ok
    assert said(talking, PROBLEM).ok
    assert said(talking, "/export nowhere.md").answer.startswith("This client writes no files")


def test_an_empty_turn_and_a_bad_name_are_refused() -> None:
    with pytest.raises(UserError, match="empty"):
        session().send("  ")
    with pytest.raises(UserError, match="cannot be a session's name"):
        Session("a plan")
    with pytest.raises(UserError, match="owner's name"):
        Session("../x/plan")
    with pytest.raises(UserError, match=r"'\.\./\.\./x' cannot be a session's name"):
        Session("ada/../../x")


def test_the_answer_is_written_where_the_client_may_write(tmp_path: Path) -> None:
    talking = session(folder=tmp_path)
    turn = said(talking, PROBLEM, "export it to plan.md")
    assert turn.ok, turn.answer
    assert "Lindmoor" in (tmp_path / "plan.md").read_text("utf-8")
    again = said(talking, "export it to plan.md")
    assert again.answer == "The file exists already (in plan.md). Choose another name."


# --- questions that wait --------------------------------------------------------------------------


def asking(name: str) -> Session:
    """A session about a text that leaves something open, with a model that is asked once."""
    options = Options(model=small(CHAIRS), route="compiled", form=Form.FLAT)
    return Session(name, options=options)


def test_a_turn_waits_and_is_answered_by_another_client_another_day() -> None:
    ended = asking("asks").send(CHAIRS["text"])
    assert isinstance(ended, Waiting) and len(ended.questions) == 1
    other = session(name="asks")
    standing = other.standing()
    assert (standing.state, standing.text) == ("waiting", CHAIRS["text"])
    assert standing.waiting == ended and standing.talk.turns == ()
    with pytest.raises(UserError, match="is no answer"):
        other.send("perhaps")
    assert other.standing().state == "waiting"
    label = ended.questions[0].choices[-1].label
    turn = asking("asks").send(label)
    assert isinstance(turn, Turn) and turn.ok and turn.made == 1
    assert [e.answer for e in turn.exchanges] == [label]
    assert asking("asks").standing().state == "idle"


def test_questions_are_answered_by_best_guess_or_left() -> None:
    talking = asking("guess")
    assert isinstance(talking.send(CHAIRS["text"]), Waiting)
    turn = said(talking, "use your best guess")
    assert turn.ok and turn.exchanges[0].answer.endswith("(best guess)")
    assert isinstance(talking.send(f"New problem: {CHAIRS['text']}"), Waiting)
    turn = said(talking, "never mind")
    assert (turn.stopped, turn.made, turn.current) == ("user", 0, 1)
    assert isinstance(talking.send(f"New problem: {CHAIRS['text']}"), Waiting)
    turn = said(talking, "/history")  # a command in place of an answer
    assert turn.kind == "history" and [t.stopped for t in talking.talk.turns[1:]] == [
        "user"
    ] * 2 + [""]


# --- stopping and budgets -------------------------------------------------------------------------


def test_a_stopped_turn_is_recorded_and_changes_nothing() -> None:
    model = Endless()
    talking = Session("slow", options=Options(model=model, route="compiled"))
    talking.start(PROBLEM)
    assert model.asked.wait(30) and talking.running
    with pytest.raises(UserError, match="under way"):
        talking.start("hello")
    talking.stop()
    events = list(talking.watch())
    last = events[-1]
    assert isinstance(last, TurnFinished)
    assert (last.turn.stopped, last.turn.ok, last.turn.current) == ("user", False, 0)
    assert talking.standing().state == "idle"
    assert said(talking, "hello").number == 2


def test_whoever_comes_to_watch_sees_the_turn_from_its_beginning() -> None:
    talking = session()
    talking.start(PROBLEM)
    first = list(talking.watch())
    second = list(talking.watch())
    assert first == second
    kinds = [e.kind for e in first]
    assert kinds[:2] == ["turn_started", "turn_routed"] and kinds[-1] == "turn_finished"
    assert {"run_started", "model_called", "step_finished", "run_finished"} <= set(kinds)


def test_a_budget_of_calls_ends_a_run_with_what_there_is() -> None:
    broken = creameries()
    broken["constraints"][0]["expression"] = "sum(sent[c, t] for t in Towns) <= capacity[c]"
    once = Budgets(turn=Budget(calls=1))
    turn = said(session(broken, creameries(), budgets=once), PROBLEM)
    assert not turn.ok and turn.spent.calls == 1
    talking = session(creameries(), "talk", name="b", budgets=Budgets(session=Budget(calls=1)))
    said(talking, PROBLEM)
    turn = said(talking, "Bonn, Bonn, Bonn")
    assert turn.stopped == "budget" or "budget of 1 call is spent" in turn.answer
    assert "the session's budget" in turn.answer
    assert said(talking, "Make it at most two creameries.").ok  # takes no call


def test_tokens_and_money_are_counted_and_bounded() -> None:
    price = price_of("1/10")
    talking = session(creameries(), "talk", budgets=Budgets(price=price))
    spent = said(talking, PROBLEM).spent
    assert spent.money == pytest.approx(
        (spent.paid_prompt_tokens + 10 * spent.paid_completion_tokens) / 1e6
    )
    for budget in (Budget(money=spent.money / 2), Budget(tokens=spent.tokens // 2)):
        talking = session(creameries(), "talk", budgets=Budgets(session=budget, price=price))
        assert "is spent" in said(talking, "Bonn, Bonn, Bonn").answer
    with pytest.raises(UserError, match="needs a price"):
        session(budgets=Budgets(turn=Budget(money=1)))
    with pytest.raises(UserError, match="allows nothing"):
        session(budgets=Budgets(turn=Budget(calls=0)))


def test_a_budget_of_seconds_ends_a_turn(monkeypatch: pytest.MonkeyPatch) -> None:
    from optiwright.agent import session as module

    monkeypatch.setattr(module, "_GRACE_S", 0.2)
    talking = Session(
        "slow",
        options=Options(model=Endless(), route="compiled"),
        budgets=Budgets(turn=Budget(seconds=0.3)),
    )
    turn = said(talking, PROBLEM)
    assert turn.stopped == "budget"
    assert "budget of time" in turn.answer or "budget of 0.3 seconds" in turn.answer
    assert 0.3 <= turn.spent.seconds < 10


# --- several clients ------------------------------------------------------------------------------


def test_a_second_client_is_told_and_neither_loses_a_turn(store: str | None) -> None:
    model = Held([creameries()])
    one = Session("ada/shared", options=Options(model=model, route="compiled"), store=store)
    two = session(name="ada/shared", store=store)
    if one.talk.turns:
        sessions.delete("ada/shared", store)
    one.start(PROBLEM)
    assert model.asked.wait(30)
    with pytest.raises(UserError, match=r"another client is at work .*process"):
        two.send("hello there")
    with pytest.raises(UserError, match="another client"):
        sessions.delete("ada/shared", store)
    model.go_on.set()
    assert isinstance(list(one.watch())[-1], TurnFinished)
    assert said(two, "hello again").number == 2
    assert [t.text for t in one.talk.turns] == [PROBLEM, "hello again"]
    sessions.delete("ada/shared", store)


def test_ten_sessions_at_once_do_not_mix() -> None:
    talking = [session(name=f"s{k}") for k in range(10)]
    for k, one in enumerate(talking):
        one.start("hello", route=Route(kind="talk", way="given", to=str(k)))
    for one in talking:
        assert isinstance(list(one.watch())[-1], TurnFinished)
    assert len(sessions.sessions_of()) == 10
    assert all(len(one.talk.turns) == 1 for one in talking)


def test_one_users_sessions_are_not_anothers() -> None:
    said(session(name="ada/plan"), PROBLEM)
    assert session(name="bob/plan").talk.turns == ()
    assert [n.full_name for n in sessions.sessions_of("ada")] == ["ada/plan"]
    assert sessions.sessions_of("bob") == []


# --- the store ------------------------------------------------------------------------------------


def test_sessions_are_renamed_deleted_and_written_out(tmp_path: Path, store: str | None) -> None:
    talking = session(name="ada/old", store=store)
    if talking.talk.turns:
        sessions.delete("ada/old", store)
    said(talking, PROBLEM, "Make it at most two creameries.")
    assert sessions.rename("ada/old", "new", store).full_name == "ada/new"
    with pytest.raises(UserError, match="there is no session `old`"):
        sessions.known("ada/old", store)
    said(session(name="ada/other", store=store), "hello")
    with pytest.raises(UserError, match="already"):
        sessions.rename("ada/new", "other", store)
    for suffix in ("md", "json", "txt"):
        sessions.export("ada/new", tmp_path / f"out.{suffix}", store=store)
    assert "Make it at most two creameries." in (tmp_path / "out.md").read_text("utf-8")
    assert len(json.loads((tmp_path / "out.json").read_text("utf-8"))["versions"]) == 2
    assert (tmp_path / "out.txt").read_text("utf-8").startswith('"""\nLindmoor')
    with pytest.raises(UserError, match="cannot be written to"):
        sessions.export("ada/new", tmp_path / "out.xlsx", store=store)
    runs = list(records_dir().iterdir())
    assert sessions.delete("ada/new", store) == 1 and runs and not runs[0].exists()
    sessions.delete("ada/other", store)


def test_the_file_is_the_users_alone() -> None:
    said(session(), "hello")
    for file in sessions_dir().iterdir():
        assert stat.S_IMODE(file.stat().st_mode) & 0o077 == 0 or file.name == "making", file
    assert stat.S_IMODE(sessions_dir().stat().st_mode) == 0o700


def test_the_store_does_not_grow_with_every_step() -> None:
    talking = session()
    said(talking, PROBLEM, *["hello"] * 5)
    import sqlite3

    with sqlite3.connect(sessions_dir() / "sessions.sqlite") as database:
        (kept,) = database.execute("select count(*) from checkpoints").fetchone()
    assert kept == 1


def test_an_address_that_is_none_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(UserError, match="begins with `mysql`"):
        session(store="mysql://x").send("hello")
    address = f"postgresql://tests:{PASSWORD}@127.0.0.1:9/none"
    with pytest.raises(UserError, match="cannot be used") as refused:
        session(store=address).send("hello")
    assert PASSWORD not in str(refused.value)


def test_a_wrong_password_is_not_shown(server: str) -> None:
    with pytest.raises(UserError, match="cannot be used") as refused:
        session(store=server.replace(PASSWORD, "hunter3-is-wrong")).send("hello")
    assert "hunter3-is-wrong" not in str(refused.value)


def test_a_store_opened_by_many_at_once_locks_nobody_out(tmp_path: Path) -> None:
    program = (
        "import sys\nfrom optiwright.agent.session import Session\n"
        "print(Session(sys.argv[1]).send('hello').number)"
    )
    running = [
        subprocess.Popen(
            [sys.executable, "-c", program, f"s{k}"], stdout=subprocess.PIPE, text=True
        )
        for k in range(2)
    ]
    assert [p.communicate(timeout=200)[0].strip() for p in running] == ["1"] * 2


# --- secrets --------------------------------------------------------------------------------------


def test_a_planted_key_is_nowhere(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    model = Conversing([creameries(), "talk"])
    other = "sk-another-0123456789abcdefgh"
    options = Options(model=model, route="compiled", api_key="given-key-0123456789")
    talking = Session("secret", options=options)
    said(talking, PROBLEM, f"my key is {KEY}, and {other}, or given-key-0123456789, ok?")
    assert "[a key]" in talking.talk.turns[-1].text
    seen = 0
    for folder, _, files in os.walk(data_dir()):
        for file in files:
            content = (Path(folder) / file).read_bytes()
            seen += 1
            for key in (KEY, other, "given-key-0123456789"):
                assert key.encode() not in content, file
    assert seen > 3
    assert all(KEY not in m.content for r in model.requests for m in r.messages)


# --- files and graphs -----------------------------------------------------------------------------


def test_an_attached_file_is_kept_by_its_content_and_not_in_the_state() -> None:
    talking = session()
    turn = talking.send("use this", files={"../costs.csv": b"a,b\n1,2\n"})
    assert isinstance(turn, Turn) and (turn.kind, turn.ok) == ("data", True)
    assert "- `costs` (costs.csv), 1 row: `a`, `b`" in turn.answer
    (note,) = turn.files
    assert note.name == "costs.csv" and file_path(note).read_bytes() == b"a,b\n1,2\n"
    assert talking.talk.files == (note,)
    with pytest.raises(UserError, match="the file is empty"):
        talking.send("use this", files={"empty.csv": b""})


def test_a_deleted_session_takes_along_the_files_that_no_other_has(store: str | None) -> None:
    both, one = b"a,b\n1,2\n", b"a,b\n1,3\n"
    coffee = {
        n: (FOLDER / n).read_bytes() for n in ("roasteries.csv", "orders.xlsx", "prices.json")
    }
    for name in ("ada/first", "bob/second", "ada/third"):
        if session(name=name, store=store).talk.turns:
            sessions.delete(name, store)
    first, second = (session(name=n, store=store) for n in ("ada/first", "bob/second"))
    files = {
        "both.csv": both,
        "one.csv": one,
        "alias.csv": both,
        "prices.json": coffee["prices.json"],
    }
    turn = first.send("use this", files=files)
    assert isinstance(turn, Turn) and second.send("use this", files={"both.csv": both})
    third = Session("ada/third", options=Options(model=roasting(), route="compiled"), store=store)
    assert isinstance(third.send(QUESTION, files=coffee), Waiting)
    notes = {n.name: n for n in turn.files}
    assert all(file_path(n).is_file() for n in notes.values()) and len(notes) == 4
    sessions.delete("ada/first", store)
    left = {name for name, note in notes.items() if file_path(note).is_file()}
    assert left == {"both.csv", "prices.json"}
    assert not file_path(notes["one.csv"]).parent.exists()
    sessions.delete("bob/second", store)
    sessions.delete("ada/third", store)
    assert list((data_dir() / "files").iterdir()) == []


def test_a_session_is_listed_by_its_first_problem() -> None:
    talking = session()
    said(talking, "/help")
    assert sessions.known("plan").title == "no problem yet"
    said(talking, PROBLEM, "Make it at most two creameries.")
    assert PROBLEM.startswith(sessions.known("plan").title[:40])
    waiting = asking("open")
    waiting.send("/help")
    waiting.send(CHAIRS["text"])
    assert sessions.known("open").title[:40] == CHAIRS["text"][:40]


def test_langgraph_json_names_graphs_that_can_be_drawn() -> None:
    named = json.loads((ROOT / "langgraph.json").read_text("utf-8"))["graphs"]
    for place in named.values():
        module, _, name = place.partition(":")
        found = getattr(importlib.import_module(module), name)
        graph = found.compile() if hasattr(found, "compile") else found
        assert "graph TD" in graph.get_graph().draw_mermaid()


def test_a_problem_that_cannot_be_formulated_is_told_what_is_missing() -> None:
    wrong = flat_reply(constraints=[{"name": "oven", "meaning": "", "expression": "3*bred <= 240"}])
    talking = session(wrong, wrong, wrong, wrong, wrong)
    turn = talking.send(BAKERY)
    assert isinstance(turn, Turn) and not turn.ok
    assert "What is missing" in turn.answer and "bred" in turn.answer
    assert talking.talk.versions == ()


def test_what_was_left_out_of_a_problem_can_be_said_after_it() -> None:
    whole = indexed_reply()
    first, *others = whole["parameters"]
    lacking = whole | {"parameters": [first | {"values": []}, *others]}
    model = Conversing([lacking, lacking, lacking, lacking, whole, lacking, lacking, whole])
    talking = Session("plan", options=Options(model=model, route="compiled", form=Form.INDEXED))
    text = "A bakery has 240 minutes of oven. A loaf takes 3 minutes, a cake 8. At most 25 cakes "
    text += "are sold. How much of each should be baked to earn the most?"
    earned = "A loaf earns 2 euros and a cake 5."
    asked = said(talking, text)
    assert not asked.ok and "Nothing was solved" in asked.answer
    assert "What is missing" not in asked.answer  # which is told already
    again = said(talking, earned)
    assert not again.ok  # once more, and what was said is not lost
    answered = said(talking, "Can you solve it now? The cake earns 5.")
    assert answered.ok and "total profit (greatest): 160" in answered.answer
    formulating = [r for r in model.requests if r.schema_name == "formulation"]
    assert formulating[-1].messages[-1].content == (
        f"{text}\n\n{earned}\n\nCan you solve it now? The cake earns 5."
    )
    assert not said(talking, f"New problem: {text}").ok  # a problem of its own, after an answer
    answered = said(talking, "What is missing is this: a loaf earns 2 and a cake 5.")
    assert answered.ok and model.requests[-1].messages[-1].content.startswith(text)


def test_a_fault_of_ours_ends_the_turn_is_logged_and_is_known_to_who_watches(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def broken(desk: object) -> None:
        raise ZeroDivisionError("planted")

    monkeypatch.setitem(turns_module.ACTS, "problem", broken)
    talking = session()
    talking.start(PROBLEM)
    with pytest.raises(ZeroDivisionError):
        list(talking.watch())
    assert isinstance(talking.trouble, ZeroDivisionError)
    assert talking.standing().state == "idle"
    assert talking.talk.turns[-1].stopped == "killed"
    assert "ended with a fault" in caplog.text
