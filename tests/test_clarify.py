"""What a text leaves open: asked where it changes the answer, else read both ways."""

from __future__ import annotations

import asyncio
import io
import json
from collections.abc import Callable, Mapping
from importlib import resources
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from langgraph.checkpoint.memory import InMemorySaver

import optiwright
from optiwright.agent.events import Event, QuestionsAnswered, QuestionsAsked, RunFinished
from optiwright.agent.evidence import Agreement, Level
from optiwright.agent.loop import wait
from optiwright.agent.options import Options
from optiwright.agent.recorder import read_events
from optiwright.agent.result import Result
from optiwright.agent.run import Waiting, execute, resume
from optiwright.asking import TerminalUser
from optiwright.evaluation import run as evaluate
from optiwright.formulators.changes import SetTo
from optiwright.formulators.errors import UserError
from optiwright.formulators.lift import lift
from optiwright.formulators.open_points import left_open
from optiwright.formulators.questions import Choice, Kind, Question
from optiwright.formulators.wire import Form, read_wire
from optiwright.testing import ScriptedModel
from tests.agent_runs import dropped, record_of

_FILE = resources.files("optiwright.evaluation").joinpath("clarify.jsonl")
ROWS = [json.loads(line) for line in _FILE.read_text("utf-8").splitlines()]
BY_ID = {row["id"]: row for row in ROWS}
CHAIRS, CELLAR = BY_ID["chairs"], BY_ID["cellar"]
EXACTLY = "exactly_he_must_make_10_chairs_for_the_school"


def small(row: Mapping[str, Any]) -> ScriptedModel:
    model = ScriptedModel(lambda request: str(row["script"]))
    model.small = True
    return model


def fenced(source: str) -> str:
    return f"```python\n{source}\n```"


def solved(row: Mapping[str, Any], **options: Any) -> Result:
    chosen: dict[str, Any] = {"model": small(row), "form": "flat", "route": "compiled"} | options
    return optiwright.solve(row["text"], **chosen)


def asked_of(row: Mapping[str, Any], reply: str | None = None) -> tuple[Result, list[Question]]:
    questions: list[Question] = []

    def ask(open_: tuple[Question, ...]) -> dict[str, str] | None:
        questions.extend(open_)
        return None if reply is None else {open_[0].id: reply}

    return solved(row, ask=ask), questions


def test_the_set_has_every_kind_and_as_many_clear_texts() -> None:
    kinds = {row["kind"] for row in ROWS}
    assert kinds == {"clear", *(f"open: {k.value}" for k in Kind if k is not Kind.OTHER)}
    clear = sum(row["kind"] == "clear" for row in ROWS)
    assert clear >= 14 and len(ROWS) - clear >= 14


@pytest.mark.parametrize("name", [n for n in BY_ID if BY_ID[n]["kind"] != "clear"])
def test_what_is_open_is_asked_and_nothing_else(name: str) -> None:
    row = BY_ID[name]
    result, questions = asked_of(row)
    (question,) = questions
    labels = list(row["readings"])
    assert f"open: {question.kind.value}" == row["kind"]
    assert [c.label for c in question.choices] == labels
    assert question.guess == labels[0]
    assert result.objective == pytest.approx(row["answer"][0])
    assert result.alternatives == () and result.clarified[0].guessed
    for label, value in list(row["readings"].items())[1:]:
        other, _ = asked_of(row, label.upper())
        assert other.objective == pytest.approx(value)
        assert f"You said**\n\n- {question.text} {label}" in other.explanation
        assert f"You said: {label}." in other.explain()


@pytest.mark.parametrize("name", [n for n in BY_ID if BY_ID[n]["kind"] == "clear"])
def test_nothing_is_asked_where_nothing_is_open(name: str) -> None:
    result, questions = asked_of(BY_ID[name])
    assert not questions
    assert result.objective == pytest.approx(BY_ID[name]["answer"][0])
    assert not [case for case in result.alternatives if case.matters]


@pytest.mark.parametrize("name", list(BY_ID))
def test_without_a_user_the_readings_stand_side_by_side(name: str) -> None:
    row, model = BY_ID[name], small(BY_ID[name])
    result = solved(row, model=model)
    assert result.objective == pytest.approx(row["answer"][0])
    mattering = [case for case in result.alternatives if case.matters]
    assert [c.objective for c in mattering] == pytest.approx(row["answer"][1:])
    assert [f"open: {q.kind.value}" for q in result.questions] == [row["kind"]] * (
        row["kind"] != "clear"
    )
    assert {r.grammar != "" for r in model.requests} == {True}  # no call but for the formulation
    assert Result.from_json(result.to_json()) == result
    if mattering:
        listed = result.explanation.partition("**Read otherwise**")[2]
        first, second = listed.index("1. "), listed.index(f"2. {mattering[0].name}")
        assert "(the answer above)" in listed[first:second]
    elif row["kind"] != "clear":
        assert "The text does not say; here" in result.explanation


def test_a_reading_with_the_same_answer_is_no_question_but_an_assumption() -> None:
    text = CHAIRS["text"].replace("A chair earns 30", "A chair earns 20")
    script = CHAIRS["script"].replace("30*chairs", "20*chairs")
    result, questions = asked_of({"text": text, "script": script})
    assert not questions
    same = "; `exactly 10 chairs` gives the same answer."
    assert result.formulation is not None
    assert any(a.text.endswith(same) for a in result.formulation.assumptions)
    alone = solved({"text": text, "script": script})
    assert [case.matters for case in alone.alternatives] == [False]
    assert "Read otherwise" in alone.explanation and "the answer is the same" in alone.explanation


def test_an_answer_turns_the_formulation_and_leaves_the_rest() -> None:
    least, _ = asked_of(CHAIRS, "1")
    just, _ = asked_of(CHAIRS, "exactly 10 chairs")
    assert least.formulation is not None and just.formulation is not None
    before = {c.name: c for c in least.formulation.constraints}
    after = {c.name: c for c in just.formulation.constraints}
    changed = [name for name in before if before[name] != after.get(name)]
    assert len(changed) == 1 and before.keys() == after.keys()
    kept = {"constraints": ()}
    assert just.formulation.model_copy(update=kept) == least.formulation.model_copy(update=kept)


def test_a_missing_number_goes_into_the_text_which_is_formulated_anew() -> None:
    anew = CELLAR["script"] + "# the cellar holds 30 casks\nrequire(red + white <= 30)\n"

    def play(request: Any) -> str:
        return str(anew if "30 casks" in request.messages[-1].content else CELLAR["script"])

    model = ScriptedModel(play)
    model.small = True
    times: list[int] = []

    def ask(questions: tuple[Question, ...]) -> dict[str, str]:
        times.append(len(questions))
        return {questions[0].id: "30 casks"}

    result = solved(CELLAR, model=model, ask=ask)
    assert times == [1] and result.objective == pytest.approx(2500)
    assert "The cellar space is limited: 30 casks." in model.requests[-1].messages[-1].content
    assert [a.number for a in record_of(result.record).attempts] == [1, 2]


def test_a_number_that_was_made_up_is_replaced_at_each_of_its_places() -> None:
    result, _ = asked_of(BY_ID["kiosk"], "400")
    assert result.objective == pytest.approx(100)


KIOSK_PROGRAM = """
from pyomo.environ import *
model = ConcreteModel()
model.station = Var(within=Binary)
model.port = Var(within=Binary)
model.profit = Objective(expr=(500 - 200)*model.station + (320 - 200)*model.port, sense=maximize)
SolverFactory("highs").solve(model)
report(objective=value(model.profit))
"""


def test_an_answer_on_a_number_that_nobody_gave_is_not_called_checked() -> None:
    kiosk = BY_ID["kiosk"]
    for result in (solved(kiosk), asked_of(kiosk)[0]):
        (told,) = result.made_up
        assert result.level is Level.UNCHECKED and told.startswith("200 for ")
        assert f"a number that the text does not give, {told}. Put it into" in result.explanation
        assert "**greatest profit: 420.**" in result.explanation
    result, _ = asked_of(kiosk, "400")
    assert (result.level, result.made_up) == (Level.CHECKED, ())
    # Two at once are asked of none, since a small model then has another problem in mind.
    two = kiosk | {"script": kiosk["script"].replace("200*port", "250*port")}
    result = solved(two)
    assert len(result.made_up) == 2 and result.level is Level.UNCHECKED
    assert "numbers that the text does not give, 200 for " in result.explanation
    assert "Put them into" in result.explanation


def test_a_change_leaves_an_answer_unchecked_until_it_gives_the_number() -> None:
    base = solved(BY_ID["kiosk"])
    dearer = base.apply([SetTo(parameter="profit_port", value=600)]).result
    assert (dearer.level, dearer.made_up) == (Level.UNCHECKED, base.made_up)
    assert "200 for " in dearer.explanation
    given = [SetTo(parameter=name, value=150) for name in ("fees_station", "fees_port")]
    known = dearer.apply(given).result
    assert (known.level, known.made_up) == (Level.CHECKED, ())


def test_a_number_that_two_blind_models_put_in_leaves_an_answer_checked() -> None:
    kiosk = BY_ID["kiosk"]
    model = ScriptedModel(lambda r: str(kiosk["script"]) if r.grammar else fenced(KIOSK_PROGRAM))
    model.small = True
    result = solved(kiosk, model=model, route="both")
    assert result.made_up and result.agreement is Agreement.CORROBORATED
    assert result.level is Level.CHECKED


def test_the_second_program_is_written_from_the_text_with_the_answers() -> None:
    seen: list[str] = []

    def play(request: Any) -> str:
        if request.grammar:
            return str(CHAIRS["script"])
        seen.append(request.messages[-1].content)
        return fenced("print('nothing')")

    model = ScriptedModel(play)
    model.small = True
    solved(CHAIRS, model=model, route="both", ask=lambda q: {EXACTLY: "2"})
    assert "or exactly? It is exactly 10 chairs, no more." in seen[0]


def test_what_was_answered_holds_for_a_repair_and_is_not_asked_again() -> None:
    idle = "waste = 7*chairs + 3*tables  # kg of waste\nprofit ="
    sloppy = CHAIRS["script"].replace("profit =", idle, 1)
    model = ScriptedModel([sloppy, {"settled": [], "more": []}, CHAIRS["script"]])
    times: list[int] = []

    def ask(questions: tuple[Question, ...]) -> dict[str, str]:
        times.append(len(questions))
        return {EXACTLY: "exactly 10 chairs"}

    result = solved(CHAIRS, model=model, ask=ask)
    model.assert_played_out()
    assert times == [1] and result.objective == pytest.approx(1050)


def test_several_draws_ask_once() -> None:
    times: list[int] = []

    async def ask(questions: tuple[Question, ...]) -> dict[str, str]:
        await asyncio.sleep(0)
        times.append(len(questions))
        return {questions[0].id: "2"}

    result = solved(CHAIRS, effort="thorough", ask=ask)
    assert times == [1] and result.objective == pytest.approx(1050)
    assert "3 of 3" in result.checks[-1].detail


LOOK = {
    "question": "Is the week's work for tables only a part of it?",
    "guess": "80 hours for both",
    "other": "no limit on hours",
    "changes": [],
}


def looked(*replies: Any, row: Mapping[str, Any] = CHAIRS) -> tuple[Result, list[str]]:
    """The result with a model that is not small, and the kinds of what it had the user asked."""
    kinds: list[str] = []

    def ask(questions: tuple[Question, ...]) -> None:
        kinds.extend(q.kind.value for q in questions)

    model = ScriptedModel([row["script"], *replies])
    result = solved(row, model=model, ask=ask)
    model.assert_played_out()
    return result, kinds


def test_a_larger_model_settles_points_and_names_others() -> None:
    nothing: dict[str, Any] = {"settled": [], "more": []}
    assert looked(nothing)[1] == ["at least or exactly"]
    assert looked(nothing | {"settled": [EXACTLY]})[1] == []
    more = {**LOOK, "changes": ["require tables >= 10  # ten tables are made too"]}
    result, kinds = looked(nothing | {"more": [more]})
    assert kinds == ["at least or exactly", "other"]
    assert "clarify" in record_of(result.record).prompts
    calls = {s.step: s.calls for s in result.usage.steps}
    assert calls["clarify"] == 1


@pytest.mark.parametrize(
    "changes", [["drop everything"], ["require tables >= 11"], ["none"], ["set sun to 80"], []]
)
def test_what_a_larger_model_makes_up_is_no_question(changes: list[str]) -> None:
    look = {"settled": [], "more": [{**LOOK, "changes": changes}]}
    assert looked(look)[1] == ["at least or exactly"]


def test_a_larger_model_that_does_not_answer_costs_nothing() -> None:
    assert looked("I would not know.")[1] == ["at least or exactly"]
    assert looked(dropped())[1] == ["at least or exactly"]


def test_a_larger_model_is_not_asked_where_nothing_is_open_or_nobody_there() -> None:
    assert looked(row=BY_ID["toys"])[1] == []
    model = ScriptedModel([CHAIRS["script"]])
    solved(CHAIRS, model=model)
    model.assert_played_out()


# --- waiting --------------------------------------------------------------------------------------


def begin(saver: InMemorySaver, row: Mapping[str, Any], **options: Any) -> Result | Waiting:
    chosen = Options(model=small(row), **({"route": "compiled"} | options))
    return wait(execute(row["text"], chosen, _ignore, saver=saver))


def _ignore(event: Event) -> None:
    """Nobody listens."""


def test_a_run_waits_and_goes_on_with_the_answers_another_day() -> None:
    saver = InMemorySaver()
    waiting = begin(saver, CHAIRS)
    assert isinstance(waiting, Waiting)
    assert [q.id for q in waiting.questions] == [EXACTLY]
    record = record_of(waiting.record)
    assert (record.questions, record.answers, record.result) == (waiting.questions, (), None)

    later = ScriptedModel([])  # nothing is asked of the model again
    options = Options(model=later, form=Form.FLAT, route="compiled")
    heard: list[Event] = []
    done = wait(
        resume(waiting.run_id, {EXACTLY: "exactly 10 chairs"}, options, heard.append, saver=saver)
    )
    assert isinstance(done, Result) and done.objective == pytest.approx(1050)
    assert (done.run_id, done.record) == (waiting.run_id, waiting.record)
    events = list(read_events(Path(done.record)))
    assert [e.seq for e in events] == list(range(len(events)))
    kinds = [e.kind for e in events if isinstance(e, QuestionsAsked | QuestionsAnswered)]
    assert kinds == ["questions_asked", "questions_answered"]
    assert heard == events[-len(heard) :] and isinstance(events[-1], RunFinished)
    steps = {s.step: s.calls for s in done.usage.steps}
    assert steps["formulate"] == 1 and "clarify" in steps and "solve" in steps
    assert record_of(done.record).answers == done.clarified


def test_a_bad_answer_is_refused_and_the_run_waits_on() -> None:
    saver = InMemorySaver()
    waiting = begin(saver, CHAIRS)
    assert isinstance(waiting, Waiting)
    options = Options(model=ScriptedModel([]), form=Form.FLAT, route="compiled")
    for wrong in ({EXACTLY: "perhaps"}, {"other": "1"}):
        with pytest.raises(UserError, match=r"no answer|no open question"):
            wait(resume(waiting.run_id, wrong, options, _ignore, saver=saver))
        assert record_of(waiting.record).error is None
    still = wait(resume(waiting.run_id, None, options, _ignore, saver=saver))
    assert still == waiting
    done = wait(resume(waiting.run_id, {}, options, _ignore, saver=saver))
    assert isinstance(done, Result) and done.objective == pytest.approx(1200)
    with pytest.raises(UserError, match="no open question"):
        wait(resume(waiting.run_id, {EXACTLY: "2"}, options, _ignore, saver=saver))
    with pytest.raises(UserError, match="no run is recorded"):
        wait(resume("19990101-000000-abcdefab", None, options, _ignore, saver=saver))


def test_a_run_that_broke_off_goes_on_from_its_last_step() -> None:
    saver = InMemorySaver()

    def play(request: Any) -> str | Exception:
        return str(CHAIRS["script"]) if request.grammar else RuntimeError("pulled the plug")

    model = ScriptedModel(play)
    model.small = True
    options = Options(model=model, ask=lambda q: {EXACTLY: "2"})
    with pytest.raises(RuntimeError, match="plug"):
        wait(
            execute(
                CHAIRS["text"], options, _ignore, saver=saver, run_id="20000101-000000-unplugged"
            )
        )
    program = "print('status: optimal')"
    later = ScriptedModel(lambda request: fenced(program))
    later.small = True
    done = wait(
        resume("20000101-000000-unplugged", None, Options(model=later), _ignore, saver=saver)
    )
    assert isinstance(done, Result) and done.objective == pytest.approx(1050)
    assert not any(r.grammar for r in later.requests)
    assert done.clarified[0].label == "exactly 10 chairs"


def test_a_run_with_nothing_open_ends_with_its_result() -> None:
    assert isinstance(begin(InMemorySaver(), BY_ID["toys"]), Result)


# --- answers --------------------------------------------------------------------------------------

QUESTION = Question(
    id="q",
    kind=Kind.DATA,
    text="How many?",
    choices=(Choice(label="forty", meaning="forty is taken"),),
    guess="forty",
    words="room",
    number=True,
    parameters=("room", "space"),
)


@given(st.text(max_size=30))
def test_any_reply_is_an_answer_or_is_refused(reply: str) -> None:
    try:
        answer = QUESTION.answered(reply)
    except UserError as error:
        assert "forty" in error.remedy
        return
    assert answer.guessed == (not reply.strip())
    assert len(answer.changes) in {0, 2}


@pytest.mark.parametrize(("reply", "value"), [("40", 40), ("1,250 kg", 1250), ("30%", 0.3)])
def test_a_number_is_read_as_the_text_writes_numbers(reply: str, value: float) -> None:
    answer = QUESTION.answered(reply)
    assert answer.changes == tuple(SetTo(parameter=p, value=value) for p in ("room", "space"))
    assert not answer.into_text
    assert QUESTION.model_copy(update={"parameters": ()}).answered(reply).into_text


def test_a_callback_that_answers_nonsense_is_told() -> None:
    with pytest.raises(UserError, match="is no answer"):
        asked_of(CHAIRS, "as you like")
    with pytest.raises(UserError, match="not a mapping"):
        solved(CHAIRS, ask=lambda q: ["2"])


# --- the terminal ---------------------------------------------------------------------------------


def typed(
    monkeypatch: pytest.MonkeyPatch,
    command: Callable[..., tuple[int, str, str]],
    keys: str,
    *more: str,
    problem: str = CHAIRS["text"],
) -> str:
    """What the command line says where somebody sits at the terminal and types."""
    monkeypatch.setattr("optiwright.agent.setting_up.choose_model", lambda *a, **k: small(CHAIRS))
    monkeypatch.setattr("optiwright.asking.is_terminal", lambda: True)
    lines = iter(keys.splitlines())

    def read(prompt: str) -> str:
        for line in lines:
            return line
        raise EOFError

    monkeypatch.setattr("builtins.input", read)
    code, said, _ = command("solve", problem, "--route", "compiled", *more)
    assert code == 0
    return said


def test_the_terminal_asks_until_it_understands(
    monkeypatch: pytest.MonkeyPatch, optiwright_: Callable[..., tuple[int, str, str]]
) -> None:
    said = typed(monkeypatch, optiwright_, "3\n2\n")
    assert "at least that, or exactly?" in said and "`3` is no answer" in said
    assert "1. at least 10 chairs (best guess)" in said and "1,050" in said
    assert "1,200" in typed(monkeypatch, optiwright_, "")
    for flag in ("--no-questions", "--yes"):
        quiet = typed(monkeypatch, optiwright_, "2\n", flag)
        assert "Question 1" not in quiet and "2. it is exactly 10 chairs" in quiet


def test_json_is_never_mixed_with_questions(
    monkeypatch: pytest.MonkeyPatch, optiwright_: Callable[..., tuple[int, str, str]]
) -> None:
    said = typed(monkeypatch, optiwright_, "2\n", "--json")
    assert Result.from_json(said).questions[0].id == EXACTLY


def test_without_a_terminal_nobody_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    from optiwright.asking import is_terminal

    monkeypatch.setattr("sys.stdin", io.StringIO("2\n"))
    assert not is_terminal()
    user = TerminalUser()
    monkeypatch.setattr("builtins.input", lambda prompt: "2")
    user.answer((QUESTION.model_copy(update={"number": False, "choices": (*QUESTION.choices,
                 Choice(label="b", meaning="b"))}),))  # fmt: skip
    assert wait(user.ask(())) == {"q": "2"}


# --- measured -------------------------------------------------------------------------------------


def test_the_benchmark_measures_what_was_asked(
    tmp_path: Path, optiwright_: Callable[..., tuple[int, str, str]]
) -> None:
    scripts = {row["text"]: row["script"] for row in ROWS}

    def play(request: Any) -> str:
        said = request.messages[-1].content
        return str(next(s for text, s in scripts.items() if text in said))

    model = ScriptedModel(play)
    model.small = True
    frame = evaluate(
        "clarify", model=model, route="compiled", form="flat", quantities=False, out=tmp_path
    )
    assert len(frame) == len(ROWS) and frame["strict"].all()
    open_ = frame["kind"].str.startswith("open: ")
    assert (frame["asked"].str.len() > 0).equals(open_)
    (folder,) = tmp_path.iterdir()
    from optiwright.evaluation.console import show_summary

    show_summary(folder)
    code, _, _ = optiwright_("eval", "report", str(folder))
    report = (folder / "report.md").read_text("utf-8")
    assert code == 0 and "silent where nothing is open" in report and "18 of 18" in report


# --- what is worth a question ---------------------------------------------------------------------


def test_a_reading_under_which_nothing_is_possible_is_not_asked_about() -> None:
    text = BY_ID["kites"]["text"].replace("120 metres", "90 metres")
    script = BY_ID["kites"]["script"].replace("120", "90")
    assert asked_of({"text": text, "script": script})[1] == []


def test_a_goal_that_is_best_met_by_doing_nothing_is_not_asked_about() -> None:
    cabs = BY_ID["cabs"]
    text = cabs["text"].replace(", and at least 800 guests must be carried", "")
    script = cabs["script"].partition("# at least 800")[0]
    assert asked_of({"text": text, "script": script})[1] == []


def test_at_most_three_questions_are_asked_and_the_rest_is_assumed() -> None:
    things = ("stools", "shelves", "benches", "desks")
    needs = " ".join(
        f"He must make {11 + k} {t} for the school. No more than {41 + k} {t} fit into his shed."
        for k, t in enumerate(things)
    )
    text = f"A joiner earns 9 euros with each thing that he makes. {needs} What is the most profit?"
    lines = [f"{t} = integer(0, None)  # {t} made" for t in things]
    lines += [f"profit = {' + '.join(f'9*{t}' for t in things)}  # euros earned"]
    lines += ["maximize(profit)"]
    for k, t in enumerate(things):
        lines += [f"# he must make {11 + k} {t}", f"require({t} == {11 + k})"]
        lines += [f"# no more than {41 + k} {t}", f"require({t} <= {41 + k})"]
    row = {"text": text, "script": "\n".join(["# decisions", *lines, ""])}
    questions: list[Question] = []

    def ask(open_: tuple[Question, ...]) -> None:
        questions.extend(open_)

    result = solved(row, ask=ask)
    alone = solved(row)
    assert len(questions) == 3 and len(alone.alternatives) == 2
    assert result.objective == alone.objective == 450 and result.formulation is not None
    assert sum("which the text leaves open" in a.text for a in result.formulation.assumptions) == 4


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("A cake earns 4 and takes 2 eggs, I have 60 eggs. Whats the most i can earn??", False),
        ("A cake earns 4 and takes 2 eggs, I have ?? eggs. What is the most I can earn?", True),
        ("A cake earns 4 and takes 2 eggs, I have 60 eggs; the budget is gone. The most?", False),
        ("A cake earns 4 and takes 2 of 60 eggs. They must fit the budget. The most?", True),
    ],
)
def test_question_marks_ask_for_a_number_only_in_its_place(text: str, *, asked: bool) -> None:
    script = """```python
cake = integer(0, 30)  # cakes
maximize(4*cake)
require(2*cake <= 60)
```"""
    model = lift(read_wire(script, Form.FLAT), text)
    assert any(q.kind is Kind.DATA for q in left_open(model, text)) is asked


@pytest.mark.parametrize(
    ("goal", "asked"),
    [
        ("What is the best plan?", True),
        ("It wants to carry as many guests as posible. Which plan is that?", False),
        ("We want to carry as many of our guests as we can. Which plan is that?", False),
        ("Guests are taken as long as they can be carried. What is the best plan?", True),
    ],
)
def test_a_goal_that_is_stated_is_not_asked_for(goal: str, *, asked: bool) -> None:
    text = BY_ID["cabs"]["text"].replace("What is the best plan?", goal)
    model = lift(read_wire(BY_ID["cabs"]["script"], Form.FLAT), text)
    assert any(q.kind is Kind.OBJECTIVE for q in left_open(model, text)) is asked
