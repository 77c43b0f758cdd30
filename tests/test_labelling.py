"""Real replies as rows for KTO: labelled by what came of them, and never a benchmark's problem."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import pytest

import optiwright
from optiwright.agent.feedback import give_feedback
from optiwright.agent.places import records_dir
from optiwright.evaluation.baselines import METHODS
from optiwright.evaluation.contamination import KnownTexts, Overlap
from optiwright.evaluation.problems import Problem
from optiwright.evaluation.records import RECORDS
from optiwright.formulators.errors import UserError
from optiwright.formulators.wire import Form
from optiwright.testing import ScriptedModel, ScriptedReply
from optiwright.training.instructions import Task, prompt_of
from optiwright.training.labelling import Labelling, from_runs, from_thumbs
from optiwright.training.preferences import LabelledReply, read_labelled, write_labelled
from optiwright.training.rows import TrainingRow
from tests.evaluations import Optiwright, named, problem, run_made
from tests.made_up_texts import made_up
from tests.test_baselines import CRASHING, PRINTED, WRONG, fenced
from tests.wire_samples import BAKERY, flat_reply
from tests.written_programs import BAKERY_PROGRAM

SCRIPT = """```python
# decisions
bread = integer(0, None)  # loaves
cake = integer(0, 25)  # cakes
# totals
oven = 3*bread + 8*cake  # minutes
profit = 2*bread + 5*cake  # euros
# objective: greatest profit
maximize(profit)
# at most 240 minutes of oven
require(oven <= 240)
```"""
HALVED = SCRIPT.replace("<= 240", "<= 120")
FAULTY = SCRIPT.replace("maximize(profit)", "maximize(gain)")
ELEMENTS = "## Sets:\nNone.\n\n## Parameters:\n..."
MINE = problem(0, "160", text=BAKERY)


def nothing(text: str) -> Sequence[Overlap]:
    return []


def labelled(
    root: Path,
    method: str,
    replies: Sequence[ScriptedReply],
    about: Problem = MINE,
    **given: object,
) -> tuple[list[LabelledReply], Labelling]:
    """What comes of a run on one problem."""
    model = ScriptedModel(replies)
    run_made(root, [about], model, method=METHODS[method], **given)  # type: ignore[arg-type]
    model.assert_played_out()
    found = Labelling(given.get("overlaps", nothing))  # type: ignore[arg-type]
    return list(from_runs(root.iterdir(), found)), found


def short(replies: Sequence[LabelledReply]) -> list[tuple[Task, bool, str]]:
    return [(reply.task, reply.label, reply.why) for reply in replies]


# --- evaluations ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("source", "label", "why"),
    [
        (PRINTED, True, "strict: 160"),
        (WRONG, False, "strict: 240"),
        (CRASHING, False, "strict: no answer"),
    ],
)
def test_a_program_is_labelled_by_its_own_run(
    tmp_path: Path, source: str, label: bool, why: str
) -> None:
    (reply,), found = labelled(tmp_path, "direct", [fenced(source)])
    assert (reply.task, reply.label, reply.why) == (Task.QUESTION_TO_PROGRAM, label, why)
    assert reply.completion == f"```python\n{source.strip()}\n```"
    row = TrainingRow(source="record", family="", problem_class="", text=BAKERY)
    assert reply.prompt == prompt_of(row, Task.QUESTION_TO_PROGRAM)
    assert reply.origin.endswith(" made-0#0") and not found.left_out


def test_a_reply_without_a_program_is_wrong_as_it_stands(tmp_path: Path) -> None:
    (reply,), _ = labelled(tmp_path, "direct", ["I would bake bread."])
    assert (reply.label, reply.completion) == (False, "I would bake bread.")


@pytest.mark.parametrize(
    ("source", "labels"),
    [(PRINTED, [True, True]), (WRONG, [False, False]), (CRASHING, [False])],
)
def test_five_elements_are_as_the_program_made_of_them_unless_it_crashed(
    tmp_path: Path, source: str, labels: list[bool]
) -> None:
    replies, _ = labelled(tmp_path, "llmopt", [ELEMENTS, fenced(source)])
    tasks = [Task.ELEMENTS_TO_PROGRAM, Task.QUESTION_TO_ELEMENTS][: len(labels)]
    assert [(r.task, r.label) for r in replies] == list(zip(tasks, labels, strict=True))
    assert ELEMENTS in replies[0].prompt[-1].content
    assert len(replies) == 1 or replies[1].completion == ELEMENTS


def test_each_of_several_programs_has_its_own_label(tmp_path: Path) -> None:
    sources = [PRINTED, WRONG, PRINTED]
    replies, _ = labelled(tmp_path, "majority", list(map(fenced, sources)), votes=3)
    assert [reply.label for reply in replies] == [True, False, True]


def test_the_agents_formulation_and_program_are_labelled_apart(tmp_path: Path) -> None:
    replies, _ = labelled(
        tmp_path, "optiwright", [HALVED, fenced(BAKERY_PROGRAM), VERDICT],
        form=Form.FLAT, route="both",
    )  # fmt: skip
    assert short(replies) == [
        (Task.QUESTION_TO_SCRIPT, False, "strict: 80"),
        (Task.QUESTION_TO_PROGRAM, True, "strict: 160"),
    ]
    assert replies[0].completion == HALVED
    assert replies[1].completion == f"```python\n{BAKERY_PROGRAM.strip()}\n```"


VERDICT = {"formulation_right": True, "program_right": True, "why": "both"}


def test_a_first_formulation_that_was_mended_stays_wrong(tmp_path: Path) -> None:
    replies, _ = labelled(
        tmp_path, "optiwright", [FAULTY, SCRIPT], form=Form.FLAT, route="compiled"
    )
    assert short(replies) == [(Task.QUESTION_TO_SCRIPT, False, "strict: no answer")]
    assert replies[0].completion == FAULTY


def test_a_formulation_asked_for_again_with_answers_has_another_text(tmp_path: Path) -> None:
    replies, _ = labelled(tmp_path, "optiwright", [SCRIPT], form=Form.FLAT, route="compiled")
    assert short(replies) == [(Task.QUESTION_TO_SCRIPT, True, "strict: 160")]
    (file,) = tmp_path.glob(f"*/{RECORDS}")
    again = (
        file.read_text().replace('"attempt":1', '"attempt":2').replace('"number":1', '"number":2')
    )
    file.write_text(again)
    assert list(from_runs(tmp_path.iterdir(), Labelling(nothing))) == []


def test_a_right_reply_in_json_is_no_script(tmp_path: Path) -> None:
    replies, _ = labelled(tmp_path, "optiwright", [flat_reply()], form=Form.FLAT, route="compiled")
    assert replies == []


def test_a_label_that_the_scorer_has_no_word_on_is_left_out(tmp_path: Path) -> None:
    about = problem(0, text=BAKERY, label=named(None, loaves="80"))
    replies, found = labelled(tmp_path, "direct", [fenced(PRINTED)], about)
    assert replies == [] and found.left_out == {"nobody can say whether it is right": 1}


# --- contamination --------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["optibench", "nl4opt-no-best"])
def test_problems_of_benchmarks_are_left_out_by_name(tmp_path: Path, name: str) -> None:
    about = problem(0, "160", text=BAKERY, benchmark=name)
    replies, found = labelled(tmp_path, "direct", [fenced(PRINTED)], about)
    held = f"problem of {name.removesuffix('-no-best')}, held as a test"
    assert replies == [] and found.left_out == {held: 1}


def test_a_users_own_problem_that_repeats_a_benchmark_is_left_out_by_its_text(
    tmp_path: Path,
) -> None:
    known = KnownTexts([made_up(BAKERY)])
    run_made(tmp_path, [MINE], ScriptedModel([fenced(PRINTED)]), method=METHODS["direct"])
    found = Labelling(known.overlaps)
    assert list(from_runs(tmp_path.iterdir(), found)) == []
    (reason,) = found.left_out
    assert reason.startswith("repeats a problem of made")


# --- thumbs ---------------------------------------------------------------------------------------


@pytest.fixture
def own_data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("OPTIWRIGHT_DATA_DIR", str(tmp_path / "data"))
    return tmp_path


def answered(*replies: ScriptedReply, **given: object) -> str:
    """The record of an answer."""
    options: dict[str, object] = {"form": "flat", "route": "compiled"} | given
    result = optiwright.solve(BAKERY, model=ScriptedModel(replies), **options)  # type: ignore[arg-type]
    return str(Path(result.record).relative_to(records_dir()))


def by_thumbs(overlaps: object = nothing) -> tuple[list[LabelledReply], Counter[str]]:
    found = Labelling(overlaps)  # type: ignore[arg-type]
    return list(from_thumbs(found)), found.left_out


@pytest.mark.parametrize(("thumb", "label"), [("up", True), ("down", False)])
def test_what_an_answer_rests_on_is_as_the_thumb_says(
    own_data: Path, thumb: str, label: bool
) -> None:
    record = answered(SCRIPT)
    give_feedback(record, "ada", thumb)  # type: ignore[arg-type]
    (reply,), left_out = by_thumbs()
    assert (reply.task, reply.label, reply.why) == (
        Task.QUESTION_TO_SCRIPT, label, f"thumb {thumb}"
    )  # fmt: skip
    assert reply.completion == SCRIPT and reply.origin == f"record {record}" and not left_out


def test_what_failed_is_wrong_whatever_the_thumb_says(own_data: Path) -> None:
    give_feedback(answered(FAULTY, SCRIPT), "ada", "up")
    replies, _ = by_thumbs()
    assert short(replies) == [(Task.QUESTION_TO_SCRIPT, False, "failed")]


def test_a_thumb_is_for_the_program_only_where_both_ended_alike(own_data: Path) -> None:
    give_feedback(answered(SCRIPT, fenced(BAKERY_PROGRAM), route="both"), "ada", "up")
    replies, _ = by_thumbs()
    assert [(r.task, r.label) for r in replies] == [
        (Task.QUESTION_TO_SCRIPT, True),
        (Task.QUESTION_TO_PROGRAM, True),
    ]


def test_an_answer_to_a_benchmarks_text_is_left_out(own_data: Path) -> None:
    give_feedback(answered(SCRIPT), "ada", "up")
    replies, left_out = by_thumbs(KnownTexts([made_up(BAKERY)]).overlaps)
    assert replies == [] and left_out.total() == 1


# --- the file and the command ---------------------------------------------------------------------


def test_a_file_is_read_as_it_was_written(tmp_path: Path) -> None:
    replies, _ = labelled(tmp_path / "runs", "direct", [fenced(WRONG)])
    file = tmp_path / "labelled.jsonl"
    write_labelled(file, replies)
    assert list(read_labelled(file)) == replies and list(tmp_path.iterdir()) != []
    file.write_text('{"task": "?"}\n')
    with pytest.raises(UserError, match="line 1 is no labelled reply"):
        list(read_labelled(file))
    with pytest.raises(UserError, match="no such file"):
        list(read_labelled(tmp_path / "none.jsonl"))
    with pytest.raises(UserError, match="cannot be written"):
        write_labelled(tmp_path / "none" / "x.jsonl", replies)


def test_the_command_says_what_it_took_and_what_it_left(
    optiwright_: Optiwright, own_data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "optiwright.evaluation.overlap.known_texts",
        lambda *_: KnownTexts([made_up("Nothing alike, says 12.")], ["nlp4lp"]),
    )
    root = own_data / "runs"
    run_made(root, [MINE], ScriptedModel([fenced(PRINTED)]), method=METHODS["direct"])
    held = problem(1, "160", text=BAKERY, benchmark="nl4opt")
    run_made(root, [held], ScriptedModel([fenced(WRONG)]), method=METHODS["fewshot"])
    give_feedback(answered(SCRIPT), "ada", "down")
    out = own_data / "labelled.jsonl"
    runs = [str(path) for path in root.iterdir() if (path / RECORDS).is_file()]
    code, said, told = optiwright_("data", "label", *runs, "--out", str(out))
    assert code == 0, told
    assert "2 replies: 1 right, 1 wrong" in said
    assert "left out: 1 (problem of nl4opt, held as a test)" in said
    assert "not recognised: nlp4lp" in said
    assert sorted(reply.label for reply in read_labelled(out)) == [False, True]
    code, said, _ = optiwright_("data", "label", *runs, "--out", str(out), "--no-thumbs")
    assert "1 reply: 1 right, 0 wrong" in said
    assert optiwright_("data", "label", "nowhere", "--out", str(out))[0] == 2
    code, _, told = optiwright_("data", "label", *runs, "--out", "x.parquet")
    assert code == 2 and "JSON lines" in told
