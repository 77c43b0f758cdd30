"""Reviews of labels: the blind draw, verdicts at a terminal and in a sheet, what a report makes."""

from __future__ import annotations

import io
import json
import re
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from optiwright import cli
from optiwright.agent.evidence import Level
from optiwright.agent.llm import LanguageModel, Request
from optiwright.evaluation import precision_of_proved, read_run
from optiwright.evaluation.audit import Case, cases_of, drawn, judged
from optiwright.evaluation.methods import Method, Outcome
from optiwright.evaluation.problems import Problem
from optiwright.evaluation.records import EvaluationSettings
from optiwright.evaluation.reviews import (
    Review,
    Verdict,
    append_reviews,
    known_reviews,
    read_reviews,
    reviews_file,
    shipped_reviews,
)
from optiwright.evaluation.sheets import read_sheet, write_sheet
from optiwright.formulators.errors import UserError
from optiwright.testing import ScriptedModel, ScriptedReply
from tests.evaluations import asking, named, problem, run_made


async def surely(problem: Problem, model: LanguageModel, settings: EvaluationSettings) -> Outcome:
    """Takes the model's word and calls it proved."""
    outcome = await asking(problem, model, settings)
    assert outcome.record.result is not None
    result = outcome.record.result.model_copy(update={"level": Level.PROVED})
    return replace(outcome, record=outcome.record.model_copy(update={"result": result}))


SURE = Method("sure", "calls everything proved", (), surely)
TWELVE = [problem(i, str(i)) for i in range(12)]


def off(*wrong: int) -> ScriptedModel:
    """Answers a problem with its number; those that are named with one more."""

    def reply(request: Request) -> ScriptedReply:
        number = int(request.messages[-1].content.split()[-1].rstrip("?"))
        return str(number + (number in wrong))

    return ScriptedModel(reply)


def run_of(root: Path, model: ScriptedModel, problems: list[Problem] = TWELVE, **more: Any) -> Path:
    run_made(root, problems, model, **more)
    return next(root.iterdir())


@pytest.fixture(autouse=True)
def places_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPTIWRIGHT_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("NO_COLOR", "1")


@pytest.fixture
def runs(tmp_path: Path) -> tuple[Path, Path]:
    """Two ways on the same problems: one is wrong on 3 and 4, the other on 4 and 5."""
    return (
        run_of(tmp_path / "a", off(3, 4), method=SURE),
        run_of(tmp_path / "b", off(4, 5), samples=2),
    )


Optiwright = Callable[..., tuple[int, str, str]]


@pytest.fixture
def audit(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Optiwright:
    """Runs `optiwright eval` with what is typed on standard input."""

    def run(*arguments: str | Path, typed: str = "") -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["optiwright", "eval", *map(str, arguments)])
        monkeypatch.setattr(sys, "stdin", io.StringIO(typed))
        with pytest.raises(SystemExit) as ended:
            cli.main()
        return int(ended.value.code or 0), *capsys.readouterr()

    return run


# --- the draw -------------------------------------------------------------------------------------


def test_agreements_and_disagreements_are_drawn_in_their_own_proportions(
    runs: tuple[Path, Path],
) -> None:
    cases = cases_of(runs, seed=0)
    assert [s for _, s in cases.values()].count("all agree") == 9
    standings = {case.problem.id: standing for case, standing in cases.values()}
    assert {n for n, s in standings.items() if s == "some agree"} == {"made-3", "made-5"}
    assert {n for n, s in standings.items() if s == "none agrees"} == {"made-4"}
    for seed in range(5):
        half = [standings[c.problem.id] for c in drawn(cases, 6, seed)]
        assert half.count("all agree") in (4, 5) and len(half) == 6
    orders = [[c.problem.id for c in drawn(cases, 12, seed)] for seed in (0, 0, 1)]
    assert orders[0] == orders[1] != orders[2] and sorted(orders[0]) == sorted(orders[2])
    assert len(drawn(cases, 500, 0)) == 12
    with pytest.raises(UserError, match="cannot be drawn"):
        drawn(cases, 0, 0)


def test_a_letter_says_nothing_of_whose_answer_it_is(tmp_path: Path) -> None:
    right = run_of(tmp_path / "a", off())
    wrong = run_of(tmp_path / "b", off(*range(12)))
    cases = [case for case, _ in cases_of([right, wrong], seed=3).values()]
    assert all(set(case.answers) == {"A", "B"} for case in cases)
    first = [case.answers["A"] == case.label for case in cases]
    assert 0 < sum(first) < 12
    swapped = [case for case, _ in cases_of([right, wrong], seed=4).values()]
    assert [c.answers for c in swapped] != [c.answers for c in cases]


def test_answers_that_differ_by_rounding_are_one(tmp_path: Path) -> None:
    third = [problem(0, "0.333333")]
    folders = [
        run_of(tmp_path / name, ScriptedModel([reply]), third)
        for name, reply in (("a", "0.33333333"), ("b", "0.3333333333"), ("c", "7"))
    ]
    ((case, standing),) = cases_of(folders, 0).values()
    assert len(case.answers) == 2 and standing == "some agree"


def test_a_problem_is_known_by_text_and_label_alone() -> None:
    here = problem(1, "5")
    again = problem(1, "5", id="x", benchmark="y", kind="z", text=f"\n {here.text} ")
    assert again.content == here.content
    assert problem(1, "6").content.split("-")[0] == here.content.split("-")[0]
    others = [problem(1, "6"), problem(2, "5"), problem(1, label=named(0, cost="5"))]
    assert len({p.content for p in (here, *others)}) == 4
    # Reviews are kept under this name: another one would lose them all.
    assert here.content == "d9eb076ca84a2ec4-69cd7eb8c6092a5f"


# --- verdicts -------------------------------------------------------------------------------------

CASE = Case(problem(1, "5"), "5", {"A": "5", "B": "4.5 (cost = 2)", "C": "no answer"})


@pytest.mark.parametrize(
    ("words", "verdict", "correct"),
    [
        ("right", Verdict.RIGHT, ()),
        (" R ", Verdict.RIGHT, ()),
        ("amb", Verdict.AMBIGUOUS, ()),
        ("wrong 7", Verdict.WRONG, ("7",)),
        ("w  $1,200.50", Verdict.WRONG, ("1200.50",)),
        ("wrong b", Verdict.WRONG, ("4.5",)),
        ("wrong 7 or infeasible", Verdict.WRONG, ("7", "infeasible")),
        ("wrong 5 or B", Verdict.WRONG, ("5", "4.5")),
        ("wrong No Best Solution", Verdict.WRONG, ("no best solution",)),
    ],
)
def test_a_verdict_is_a_word_and_what_is_right(
    words: str, verdict: Verdict, correct: tuple[str, ...]
) -> None:
    review = judged(CASE, words, " a\nremark ")
    assert review is not None
    assert (review.verdict, review.correct, review.note) == (verdict, correct, "a remark")
    assert (review.content, review.problem) == (CASE.problem.content, "made-1")


@pytest.mark.parametrize("words", ["", "  ", "skip", "s"])
def test_a_skipped_case_leaves_no_review(words: str) -> None:
    assert judged(CASE, words) is None


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("maybe", "`maybe` is no verdict"),
        ("right 5", "`right 5` is no verdict"),
        ("righteous", "is no verdict"),
        ("wrong", "neither a value"),
        ("wrong C", "neither a value"),
        ("wrong D", "neither a value"),
        ("wrong nan", "neither a value"),
        ("wrong 5.0", "gives the label itself"),
        ("wrong A", "gives the label itself"),
    ],
)
def test_what_is_no_verdict_is_said_in_a_sentence(words: str, said: str) -> None:
    with pytest.raises(UserError, match=said):
        judged(CASE, words)


@given(st.text() | st.text(alphabet="wrongsABC 15.[]or").map("wrong ".__add__))
def test_no_words_break_the_reader(words: str) -> None:
    try:
        review = judged(CASE, words)
    except UserError:
        return
    assert review is None or bool(review.correct) is (review.verdict is Verdict.WRONG)


def test_a_review_corrects_wrong_labels_and_no_others() -> None:
    for verdict, correct in (("wrong", ()), ("right", ("5",)), ("wrong", ("five",))):
        with pytest.raises(ValidationError):
            Review(content="x", problem="x", verdict=Verdict(verdict), correct=correct)


# --- the terminal ---------------------------------------------------------------------------------


def test_problems_are_judged_blind_and_once(
    audit: Optiwright, runs: tuple[Path, Path], tmp_path: Path
) -> None:
    typed = "right\n\nwrong 77\nnot five\nmaybe\nambiguous\n\nskip\n"
    code, out, _ = audit("audit", *runs, "--n", "4", typed=typed)
    assert code == 0
    assert out.count("What is the best value of problem") == 4
    assert "[1 of 4]" in out and "`maybe` is no verdict" in out
    assert "3 of the 4 drawn are judged" in out and "1 right, 1 wrong, 1 ambiguous" in out
    secrets = ("sure", "asking", "scripted", "proved", "optiwright", str(runs[0]), "made-")
    assert not any(secret in out.replace(str(reviews_file()), "") for secret in secrets)
    kept = read_reviews(reviews_file())
    (wrong,) = (r for r in kept.values() if r.verdict is Verdict.WRONG)
    assert (wrong.correct, wrong.note) == (("77",), "not five")
    code, out, _ = audit("audit", *runs, "--n", "4", typed="right\n\n")
    assert "[1 of 1]" in out and "4 of the 4 drawn are judged" in out
    assert read_reviews(reviews_file()).items() >= kept.items()
    code, out, _ = audit("audit", *runs, "--n", "4")
    assert code == 0 and "best value" not in out


def test_every_case_shows_its_text_label_and_answers(
    audit: Optiwright, runs: tuple[Path, Path]
) -> None:
    _, out, _ = audit("audit", *runs, typed="skip\n" * 12)
    for number in range(12):
        shown = re.search(rf"problem {number}\?\n\nlabel: {number}\n((?:[AB]: \d+\n)+)", out)
        assert shown is not None
        values = {number, number + 1} if number in (3, 5) else {number + (number == 4)}
        assert set(map(int, re.findall(r": (\d+)", shown[1]))) == values


@pytest.mark.parametrize("typed", [["right", "", None], ["right", None]])
def test_an_interrupt_loses_no_verdict(
    audit: Optiwright,
    runs: tuple[Path, Path],
    monkeypatch: pytest.MonkeyPatch,
    typed: list[str | None],
) -> None:
    given: Iterator[str | None] = iter(typed)

    def type_(prompt: str) -> str:
        line = next(given)
        if line is None:
            raise KeyboardInterrupt
        return line

    monkeypatch.setattr("builtins.input", type_)
    code, _, err = audit("audit", *runs)
    assert code == 130 and "the same command goes on" in err
    assert [r.verdict for r in read_reviews(reviews_file()).values()] == [Verdict.RIGHT]


def test_without_a_terminal_the_command_says_how(
    audit: Optiwright, runs: tuple[Path, Path]
) -> None:
    code, out, _ = audit("audit", *runs, typed="right")
    assert code == 0 and "--sheet FILE.md" in out and "1 of the 12 drawn are judged" in out


def test_a_line_that_a_kill_cut_off_is_dropped_and_a_bad_one_named(tmp_path: Path) -> None:
    file = tmp_path / "reviews.jsonl"
    reviews = [judged(replace(CASE, problem=problem(n, "5")), "right") for n in range(3)]
    append_reviews(file, [r for r in reviews if r is not None])
    file.write_bytes(file.read_bytes()[:-9])
    assert len(read_reviews(file)) == 2
    append_reviews(file, [r for r in reviews[2:] if r is not None])
    assert len(read_reviews(file)) == 3
    file.write_text('{"verdict": "fine"}\n')
    with pytest.raises(UserError, match="line 1 is no review"):
        read_reviews(file)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("nowhere",), "no run 'nowhere'"),
        (("RUN", "--n", "0"), "cannot be drawn"),
        (("RUN", "--reviews", "."), "cannot be kept there"),
        (("RUN", "--sheet", "nowhere/sheet.md"), "cannot be made"),
        (("RUN", "--sheet", "."), "cannot be read"),
    ],
)
def test_what_cannot_be_is_one_sentence(
    audit: Optiwright, runs: tuple[Path, Path], arguments: tuple[str, ...], said: str
) -> None:
    filled = [str(runs[0]) if word == "RUN" else word for word in arguments]
    code, _, err = audit("audit", *filled, typed="right\n\n")
    assert code == 2 and said in err and "Traceback" not in err


# --- the sheet ------------------------------------------------------------------------------------


def filled(sheet: str, verdicts: dict[str, str]) -> str:
    """A sheet with verdicts behind the cases' fields, by content."""
    parts = re.split(r"(?m)^(?=## Case )", sheet)
    done = [parts[0]]
    for part in parts[1:]:
        key = part.split("\n")[0].removeprefix("## Case ")
        done.append(part.replace("\nVerdict:", f"\nVerdict: {verdicts.get(key, '')}"))
    return "".join(done)


LINES = st.sampled_from(
    ["Verdict: wrong 9", "Note: x", "- A: 3", "# Labels to judge", "## Case 0123", "> Verdict: r"]
)
TEXTS = st.lists(st.text() | LINES, min_size=1).map("\n".join)


@given(st.lists(TEXTS, min_size=1, max_size=4, unique_by=lambda t: " ".join(t.split())))
def test_whatever_a_text_holds_a_sheet_says_only_what_was_filled_in(texts: list[str]) -> None:
    problems = [problem(i, str(i), text=text) for i, text in enumerate(texts)]
    cases = {p.content: Case(p, p.label.accepted[0], {"A": "901", "B": "902"}) for p in problems}
    sheet = write_sheet(cases.values())
    assert read_sheet(sheet, cases) == []
    verdicts = {key: f"wrong {'AB'[i % 2]}" for i, key in enumerate(cases)}
    for key in cases:
        assert sheet.count(f"## Case {key}") == 1
    reviews = read_sheet("\r\n".join(_fill(sheet, verdicts)), cases)
    assert [r.content for r in reviews] == list(cases)
    assert [r.correct for r in reviews] == [(("901",), ("902",))[i % 2] for i in range(len(cases))]


def _fill(sheet: str, verdicts: dict[str, str]) -> Iterator[str]:
    key = ""
    for line in sheet.splitlines():
        key = line.removeprefix("## Case ") if line.startswith("## Case ") else key
        yield line + (f" {verdicts[key]}" if line == "Verdict:" else "")


def test_a_sheet_is_made_filled_in_and_read(
    audit: Optiwright, runs: tuple[Path, Path], tmp_path: Path
) -> None:
    sheet, kept = tmp_path / "sheet.md", tmp_path / "kept.jsonl"
    command = ("audit", *runs, "--n", "6", "--sheet", sheet, "--reviews", kept)
    code, out, _ = audit(*command)
    assert code == 0 and "6 problems. Fill it in" in out and not kept.exists()
    text = sheet.read_text("utf-8")
    assert not any(w in text for w in ("sure", "asking", "scripted", "made-", "proved"))
    first, second, *_ = keys = re.findall(r"(?m)^## Case (\S+)$", text)
    assert len(keys) == 6
    done = filled(text, {first: "wrong 88", second: "right"})
    sheet.write_text(done.replace("\nNote:", "\nNote: two\nlines", 1), "utf-8")
    code, out, _ = audit(*command)
    assert code == 0 and "2 new verdicts" in out and "2 of the 6 drawn are judged" in out
    reviews = read_reviews(kept)
    assert reviews[first].correct == ("88",) and reviews[first].note == "two lines"
    assert reviews[second].verdict is Verdict.RIGHT
    code, out, _ = audit(*command)
    assert "0 new verdicts" in out and kept.read_bytes().count(b"\n") == 2
    sheet.write_text(filled(text, {first: "right"}), "utf-8")
    audit(*command)
    assert read_reviews(kept)[first].verdict is Verdict.RIGHT
    assert kept.read_bytes().count(b"\n") == 3  # a change of mind is another line
    other = tmp_path / "other.md"
    audit("audit", *runs, "--n", "6", "--sheet", other, "--reviews", kept)
    assert len(re.findall(r"(?m)^## Case ", other.read_text("utf-8"))) == 4


def test_what_is_wrong_with_a_sheet_is_said_and_nothing_of_it_kept(
    audit: Optiwright, runs: tuple[Path, Path], tmp_path: Path
) -> None:
    sheet = tmp_path / "sheet.md"
    command = ("audit", *runs, "--sheet", sheet)
    audit(*command)
    text = sheet.read_text("utf-8")
    first, second, *_ = re.findall(r"(?m)^## Case (\S+)$", text)
    for broken, said in (
        (filled(text, {first: "right", second: "maybe"}), "`maybe` is no verdict (in line "),
        (text.replace(first, "0" * 16 + "-" + "0" * 16), "is of none of these runs"),
        ("# My notes\n", "no review sheet"),
        ("", "no review sheet"),
    ):
        sheet.write_text(broken, "utf-8")
        code, _, err = audit(*command)
        assert code == 2 and said in err
        assert sheet.read_text("utf-8") == broken and not reviews_file().exists()


# --- what a report makes of it --------------------------------------------------------------------


def reviews_of(**verdicts: str) -> dict[str, Review]:
    """Reviews of the twelve, by `p<number>`."""
    made: dict[str, Review] = {}
    for name, words in verdicts.items():
        number = int(name[1:])
        review = judged(Case(problem(number, str(number)), str(number), {}), words)
        assert review is not None
        made[review.content] = review
    return made


def test_proved_is_counted_on_reviewed_labels(runs: tuple[Path, Path]) -> None:
    sure, other = map(read_run, runs)
    reviews = reviews_of(p0="right", p1="wrong 9", p3="right", p4="wrong 5", p5="ambiguous")
    found = precision_of_proved([sure, other], reviews, clean=())
    assert (found.given.right, found.given.total) == (10, 12)
    # 0 is right; 1 is not since 9 is; 3 was answered with 4; 4 with the corrected 5.
    assert (found.reviewed.right, found.reviewed.total, found.ambiguous) == (2, 4, 1)
    assert str(found.reviewed) == "50.0% (15.0 to 85.0), 2 of 4"
    assert found.clean.total == 0
    assert precision_of_proved([other], reviews, clean=()).given.total == 0
    clean = {problem(n, str(n)).content for n in (3, 7, 8)}
    assert str(precision_of_proved([sure], {}, clean).clean) == "66.7% (20.8 to 93.9), 2 of 3"


def test_a_text_counts_once_for_each_way_over_benchmarks(tmp_path: Path) -> None:
    for name in ("one", "two"):
        run_of(tmp_path / name, off(3), method=SURE, benchmark=name)
    clean = [problem(n, str(n), benchmark="optibench-clean") for n in range(2, 5)]
    clean[0] = problem(2, "77", benchmark="optibench-clean")  # the same text, another label
    run_of(tmp_path / "clean", off(3), clean, method=SURE)
    runs = [read_run(next((tmp_path / n).iterdir())) for n in ("one", "two", "clean")]
    small = precision_of_proved(runs, {}, clean=())
    assert (small.given.right, small.given.total) == (11, 12)
    assert (small.clean.right, small.clean.total) == (1, 3)
    settings = runs[0].settings.model_copy(update={"model": "larger"})
    both = precision_of_proved([*runs, replace(runs[0], settings=settings)], {}, clean=())
    assert (both.given.right, both.given.total) == (22, 24)


def test_the_cleaned_problems_are_known_in_other_runs_where_their_file_is_here(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    problems = [problem(n, label=named(0, v=str(n)), benchmark="optibench") for n in range(6)]
    run = read_run(run_of(tmp_path / "run", off(3), problems, method=SURE))
    assert precision_of_proved([run]).clean.total == 0
    rows = [{"question": problems[n].text, "results": {"v": n}} for n in (3, 4, 5)]
    file = tmp_path / "OptiBench_clean403.jsonl"
    file.write_text("\n".join(map(json.dumps, rows)))
    monkeypatch.setenv("OPTIWRIGHT_DATA", str(tmp_path))
    clean = precision_of_proved([run]).clean
    assert (clean.right, clean.total) == (2, 3)


def test_the_report_prints_it_and_marks_reviewed_failures(
    audit: Optiwright, runs: tuple[Path, Path], tmp_path: Path
) -> None:
    kept = tmp_path / "kept.jsonl"
    append_reviews(kept, reviews_of(p3="wrong 4", p7="right", p5="ambiguous").values())
    code, _, err = audit("report", *runs, "--reviews", kept, "--to", tmp_path / "report")
    assert code == 0, err
    text = (tmp_path / "report" / "report.md").read_text("utf-8")
    page = (tmp_path / "report" / "report.html").read_text("utf-8")
    row = "| asking, scripted | 100.0% (34.2 to 100.0), 2 of 2 | 1 | - | 83.3% (55.2 to 95.3), "
    assert f"{row}10 of 12 |" in text
    assert "How often `proved` is right" in page and "2 of 2" in page
    assert "all of these" not in text  # one way alone proves anything
    assert "Label reviewed: wrong, right is 4" in text and "Label reviewed: wrong" in page
    append_reviews(reviews_file(), reviews_of(p0="wrong 8").values())
    audit("report", *runs, "--to", tmp_path / "report")
    assert "| 0.0% (0.0 to 79.3), 0 of 1 |" in (tmp_path / "report" / "report.md").read_text(
        "utf-8"
    )
    code, _, err = audit("report", *runs, "--reviews", tmp_path / "none")
    assert code == 2 and "no file of reviews" in err


def test_where_nothing_is_proved_the_report_is_silent(audit: Optiwright, tmp_path: Path) -> None:
    folder = run_of(tmp_path / "runs", off())
    audit("report", folder)
    assert "How often `proved` is right" not in (folder / "report.md").read_text("utf-8")


def test_reviews_that_are_shipped_are_whole_and_give_way_to_the_users() -> None:
    shipped = shipped_reviews()
    assert len(shipped) == 71
    assert all(re.fullmatch(r"[0-9a-f]{16}-[0-9a-f]{16}", key) for key in shipped)
    assert all(r.note for r in shipped.values() if r.verdict is not Verdict.RIGHT)
    key, review = next((k, r) for k, r in shipped.items() if r.verdict is Verdict.RIGHT)
    mine = review.model_copy(update={"verdict": Verdict.AMBIGUOUS})
    append_reviews(reviews_file(), [mine])
    assert known_reviews() == {**shipped, key: mine}


def test_the_document_tells_what_was_shipped() -> None:
    text = (Path(__file__).resolve().parents[1] / "docs" / "labels.md").read_text("utf-8")
    rows = dict(re.findall(r"(?m)^\| ([\w-]+-\d+) \| (right|wrong|ambiguous)", text))
    assert rows == {r.problem: r.verdict.value for r in shipped_reviews().values()}
    numbers = [int(n) for n in re.findall(r"\*\*(\d+) of 71\*\*", text)]
    counted = [list(rows.values()).count(v) for v in ("wrong", "ambiguous")]
    assert numbers == counted
