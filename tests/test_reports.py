"""Measures and reports: intervals, paired tests, samples, what a reader finds on the page."""

from __future__ import annotations

import json
import math
import re
import shlex
import sys
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from optiwright import cli
from optiwright.agent.documents import (
    Code,
    Folded,
    Heading,
    Paragraph,
    Part,
    Table,
    to_html,
    to_markdown,
)
from optiwright.agent.evidence import Agreement
from optiwright.agent.llm import Request
from optiwright.agent.prices import price_of, shown_money
from optiwright.evaluation.compare import compare
from optiwright.evaluation.draw import part_of
from optiwright.evaluation.evaluated import Evaluated, read_run, read_runs
from optiwright.evaluation.failures import GROUPS, failures
from optiwright.evaluation.frames import Row
from optiwright.evaluation.measures import (
    Share,
    majority_share,
    paired,
    pass_rate,
    rates,
)
from optiwright.evaluation.plots import flow, interval_bars
from optiwright.evaluation.prices import PRICE
from optiwright.evaluation.problems import Ending
from optiwright.evaluation.published import PUBLISHED, published_for
from optiwright.evaluation.records import RECORDS, read_records, read_settings
from optiwright.evaluation.report import write_report
from optiwright.evaluation.statistics import bootstrap, majority, mcnemar, pass_at, wilson
from optiwright.formulators.errors import UserError
from optiwright.solver_tools.sandbox_policy import Isolation
from optiwright.testing import ScriptedModel, ScriptedReply
from tests.evaluations import problem, run_made, settings_of

# --- statistics -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("right", "total", "low", "high"),
    # From the closed formula, as printed in textbooks and by other programs.
    [
        (0, 10, 0.0, 0.2775),
        (10, 10, 0.7225, 1.0),
        (81, 263, 0.2553, 0.3662),
        (1, 2, 0.0945, 0.9055),
    ],
)
def test_wilsons_interval(right: int, total: int, low: float, high: float) -> None:
    assert wilson(right, total) == pytest.approx((low, high), abs=1e-4)


@given(st.integers(1, 400).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_an_interval_holds_its_share_and_mirrors(counts: tuple[int, int]) -> None:
    right, total = counts
    low, high = wilson(right, total)
    assert 0 <= low <= right / total <= high <= 1
    assert wilson(total - right, total) == pytest.approx((1 - high, 1 - low))
    assert wilson(10 * right, 10 * total)[1] - wilson(10 * right, 10 * total)[0] < high - low


@pytest.mark.parametrize(
    ("first", "second", "p"),
    [(0, 0, 1.0), (5, 5, 1.0), (0, 5, 0.0625), (1, 9, 22 / 1024), (0, 6, 0.03125)],
)
def test_mcnemars_exact_p(first: int, second: int, p: float) -> None:
    assert mcnemar(first, second) == mcnemar(second, first) == pytest.approx(p)


def test_a_bootstrap_has_the_width_of_the_normal_interval_and_is_the_same_each_time() -> None:
    values = [0.0, 0.5, 1.0] * 40
    low, high = bootstrap(values)
    half = 1.96 * math.sqrt(1 / 6 / len(values))
    assert (low, high) == pytest.approx((0.5 - half, 0.5 + half), abs=0.02)
    assert bootstrap(values) == (low, high)


@pytest.mark.parametrize(
    ("k", "right", "expected"),
    [(1, [1, 0, 0, 0], 0.25), (2, [1, 0, 0, 0], 0.5), (4, [1, 0, 0, 0], 1.0), (3, [0, 0, 0], 0.0)],
)
def test_pass_at_k_is_the_chance_that_one_of_k_is_right(
    k: int, right: list[int], expected: float
) -> None:
    assert pass_at(k, [bool(r) for r in right]) == pytest.approx(expected)
    with pytest.raises(ValueError, match="cannot be estimated"):
        pass_at(len(right) + 1, [bool(r) for r in right])


@pytest.mark.parametrize(
    ("answers", "place"),
    [
        ([("solved", 5.0), ("solved", 4.0), ("solved", 4.0000001)], 1),
        ([("solved", 5.0), ("solved", 4.0)], 0),
        ([("", None), ("", None), ("infeasible", None)], 2),
        ([("solved", 4.0), ("infeasible", None), ("infeasible", None)], 1),
        ([("", None)], None),
    ],
)
def test_the_majority_is_the_most_frequent_answer(
    answers: list[tuple[str, float | None]], place: int | None
) -> None:
    assert majority(answers) == place


# --- measures -------------------------------------------------------------------------------------


def row(name: str, right: bool | None = True, **given: Any) -> Row:
    usual: dict[str, Any] = {
        "key": f"{name}#0", "problem": name, "benchmark": "made", "kind": "mix", "sample": 0,
        "method": "m", "model": "x", "ending": "solved", "objective": 1.0, "label": "1",
        "level": "checked", "agreement": "single", "scores": {"strict": right}, "ran": True,
        "code_pass": True, "corrections": 0, "calls": 1, "prompt_tokens": 10,
        "completion_tokens": 4, "model_seconds": 2.0, "seconds": 3.0, "error": "",
    }  # fmt: skip
    return Row(**usual | given)


def test_the_rates_are_over_first_samples() -> None:
    rows = [
        row("a", corrections=2, calls=3),
        row("b", False, ran=False),
        row("b", True, sample=1, calls=9),
        row("c", None, scores={"strict": None, "optibench": True}),
    ]
    measured = rates(rows)
    assert (measured.solving.right, measured.solving.total) == (2, 3)
    assert (measured.execution.right, measured.execution.total) == (2, 3)
    assert measured.corrections == pytest.approx(2 / 3)
    assert measured.calls == pytest.approx(5 / 3)


def test_samples_give_pass_and_majority() -> None:
    rows = [row("a", False, objective=5.0), row("a", True, sample=1), row("a", True, sample=2)]
    rows += [row("b", s == 2, sample=s, objective=float(s)) for s in range(3)]
    one, all_of_them = pass_rate(rows, 1), pass_rate(rows, 3)
    assert one is not None and all_of_them is not None
    assert one.rate == pytest.approx((2 / 3 + 1 / 3) / 2)
    assert one.interval == pytest.approx((1 / 3, 2 / 3))
    assert (all_of_them.rate, all_of_them.interval) == (1.0, (1.0, 1.0))
    assert pass_rate(rows, 4) is None
    assert majority_share(rows, 3) == Share(1, 2)
    assert majority_share(rows, 1) == Share(0, 2)


def test_two_runs_are_paired_by_problem() -> None:
    first = [row(n, n in "abc") for n in "abcdef"]
    second = [row(n, n in "cd") for n in "bcdefg"] + [row("h", None)]
    pair = paired(first, second)
    assert (pair.both, pair.only_first, pair.only_second) == (("c",), ("b",), ("d",))
    assert (pair.neither, pair.total) == (("e", "f"), 5)


def test_a_share_of_nothing_is_no_figure() -> None:
    assert str(Share(0, 0)) == "-" and math.isnan(Share(0, 0).percent)
    assert str(Share(9, 10)) == "90.0% (59.6 to 98.2), 9 of 10"


# --- documents ------------------------------------------------------------------------------------


class Page(HTMLParser):
    """Checks that tags close in order, and keeps what the page would fetch."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.fetched: list[str] = []
        self.feed(text)
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in {"meta", "br", "rect", "path"}:
            self.open.append(tag)
        if tag in {"script", "link", "img", "iframe"}:
            self.fetched.append(tag)
        self.fetched += [v or "" for name, v in attrs if name in {"src", "href"}]

    def handle_endtag(self, tag: str) -> None:
        if tag not in {"rect", "path"}:
            assert self.open.pop() == tag


NASTY = "a <script>alert(1)</script> | b & `c` ```\nline two"


def test_whatever_a_text_holds_stays_text() -> None:
    parts: list[Part] = [
        Heading(NASTY),
        Table(("x", "y"), ((NASTY, "1"),)),
        Folded(NASTY, (Code(NASTY, "Text"),)),
    ]
    page = to_html("t", parts)
    assert Page(page).fetched == []
    assert "<script>" not in page and page.count("&lt;script&gt;") == 4
    cell = to_markdown([parts[1]]).splitlines()[2]
    assert len(re.findall(r"(?<!\\)\|", cell)) == 3
    fenced = to_markdown([Code(NASTY)])
    assert fenced.startswith("````\n") and fenced.rstrip().endswith("\n````")


def test_a_plot_is_drawn_to_scale() -> None:
    svg = interval_bars("t", [("half <", Share(50, 100)), ("none", Share(0, 0))])
    Page(svg)
    assert 'width="210.0"' in svg and "half &lt;" in svg and "50/100" in svg and "0/0" in svg
    drawn = flow("t", [("asked", 20, 5), ("ran", 10, 5)])
    widths = [float(w) for w in re.findall(r'rect .*?width="([\d.]+)"', drawn)]
    assert widths == [420.0, 105.0, 210.0, 105.0]


# --- reports --------------------------------------------------------------------------------------


def numbered(offset: dict[int, int]) -> Callable[[Request], ScriptedReply]:
    """Answers a problem with its number, but for those that are off."""

    def reply(request: Request) -> ScriptedReply:
        number = int(request.messages[-1].content.split()[-1].rstrip("?"))
        return str(number + offset.get(number, 0))

    return reply


TWELVE = [problem(i, str(i), benchmark="optibench") for i in range(12)]


@pytest.fixture
def runs(tmp_path: Path) -> tuple[Path, Path]:
    """Two runs on the same problems: 3 and 4 are wrong in the first, 4 to 9 in the second."""
    for name, wrong in (("a", [3, 4]), ("b", [4, 5, 6, 7, 8, 9])):
        model = ScriptedModel(numbered({n: 1 for n in wrong}))
        run_made(tmp_path / name, TWELVE, model, samples=2)
    return next((tmp_path / "a").iterdir()), next((tmp_path / "b").iterdir())


def test_a_report_says_what_came_out_and_beside_which_figures(
    runs: tuple[Path, Path], tmp_path: Path
) -> None:
    markdown, page = write_report(runs, tmp_path / "report")
    text, html = markdown.read_text("utf-8"), page.read_text("utf-8")
    assert "| strict | 83.3% (55.2 to 95.3), 10 of 12 |" in text
    assert "| strict | 50.0% (25.4 to 74.6), 6 of 12 |" in text
    assert "| odd | 83.3% (43.6 to 97.0), 5 of 6 | 0.0 (0.0 to 39.0) | - | - |" in text
    assert "| failed | 83.3% (55.2 to 95.3), 10 of 12 | 100.0% |" in text
    assert re.search(r"\| pass@2 \| 83\.3% \(\d+\.\d to 100\.0\) \|", text) and "majority@2" in text
    assert "| GPT-4o, few-shot program | optibench | 69.4 | every quantity within 1e-4 |" in text
    assert "optiwright eval made --model scripted --seed 0 --method asking --samples 2" in text
    for part in (text, html):
        assert "made-3#0: solved, objective 4, label 3" in part
        assert "What is the best value of problem 3?" in part
    assert Page(html).fetched == []
    assert html.count("<svg") == 1 + 2 * 5
    assert text.count("made-4#0: ") == 2 and "made-4#1" not in text


def test_a_report_says_what_a_run_cost_where_a_price_is_known(
    runs: tuple[Path, Path], tmp_path: Path
) -> None:
    price = price_of("1000/0")
    (runs[0] / PRICE).write_text(price.model_dump_json())
    markdown, _ = write_report(runs, tmp_path / "report")
    text = markdown.read_text("utf-8")
    cost = sum(map(price.of, read_run(runs[0]).rows))
    assert cost > 0 and f"All 24 records cost {shown_money(cost)}, at 1000/0 a million" in text
    assert text.count("| money |") == 1
    spending = text[text.index("| a problem | corrections") :].splitlines()
    assert spending[2].endswith(f"| {shown_money(cost)} |") and spending[3].endswith("| - |")


def test_what_is_quoted_is_code_and_wide_tables_scroll_by_themselves() -> None:
    page = to_html("t", [Paragraph("`a < b` and ` alone"), Table(("x",), (("1",),), words=True)])
    assert "<p><code>a &lt; b</code> and ` alone</p>" in page
    assert '<div class="wide"><table class="words">' in page


def test_evidence_is_pooled_over_benchmarks_and_an_unfinished_run_says_so(tmp_path: Path) -> None:
    for name in ("one", "two"):
        wrong = {3: 1} if name == "one" else {}
        run_made(tmp_path, TWELVE, ScriptedModel(numbered(wrong)), benchmark=name, n=20)
    markdown, _ = write_report(sorted(tmp_path.glob("*-asking-*")), tmp_path / "report")
    text = markdown.read_text("utf-8")
    pooled = text[text.index("## asking, scripted, over 2 benchmarks") :]
    assert "| failed | 95.8% (79.8 to 99.3), 23 of 24 | 100.0% |" in pooled[:900]
    assert "| one, asking, scripted | 12 of 20 |" in text


def test_the_parts_of_a_run_are_reported_as_one(tmp_path: Path) -> None:
    for k in (1, 2, 3):
        model = ScriptedModel(numbered({3: 4}))
        run_made(tmp_path, part_of(TWELVE, f"{k}/3"), model, n=12, part=f"{k}/3")
    folders = sorted(tmp_path.glob("made-asking-*"), key=lambda f: read_settings(f).part or "")
    assert len(folders) == 3
    (whole,) = read_runs(folders)
    assert [r.problem for r in whole.rows] == [p.id for p in TWELVE]
    text = write_report(folders, tmp_path / "report")[0].read_text("utf-8")
    assert "91.7 (64.6 to 98.5)" in next(r for r in text.splitlines() if "| 12 |" in r)
    for k in (1, 2, 3):
        assert f"--n 12 --part {k}/3" in text
    assert text.count("made-3#0: solved, objective 7, label 3") == 1
    with pytest.raises(UserError, match="the same part"):
        read_runs([*folders, folders[1]])


def test_two_runs_are_compared_problem_by_problem(runs: tuple[Path, Path]) -> None:
    text = to_markdown(compare(*map(read_run, runs)))
    assert "both are right on 5 and wrong on 1; 1 problems the first alone" not in text
    assert "both are right on 5 and wrong on 1" in text
    assert "5 problems the first alone, 1 the second: no more than chance explains" in text
    assert "p = 0.219" in text
    assert "| made-5 | odd | 5 | 5 (failed) | 6 (failed) |" in text
    assert "| strict | 83.3% (55.2 to 95.3), 10 of 12 | 50.0%" in text


def test_runs_without_a_problem_in_common_cannot_be_compared(tmp_path: Path) -> None:
    for name, made in (("a", [problem(1)]), ("b", [problem(2)])):
        run_made(tmp_path / name, made, ScriptedModel(numbered({})))
    folders = [next((tmp_path / n).iterdir()) for n in "ab"]
    with pytest.raises(UserError, match="no problem in common"):
        list(compare(*map(read_run, folders)))


def test_failures_are_grouped_by_how_they_came_about(runs: tuple[Path, Path]) -> None:
    record = next(r for r in read_records(runs[0]) if r.key == "made-3#0")

    def group(**changes: Any) -> str:
        changed = record.model_copy(update=changes)
        return next(iter(failures([changed])), "")

    def result(**changes: Any) -> Any:
        assert record.run.result is not None
        return record.run.model_copy(
            update={"result": record.run.result.model_copy(update=changes)}
        )

    def ending(word: str) -> Any:
        return record.claim.model_copy(update={"ending": Ending(word)})

    error, timed_out, no_model, disputed, otherwise, agreed, alone, quantity = GROUPS
    assert group() == alone
    assert group(run=record.run.model_copy(update={"result": None})) == error
    assert group(claim=ending("timed out")) == timed_out
    assert group(claim=ending("no answer")) == no_model
    assert group(claim=ending("infeasible")) == otherwise
    assert group(run=result(agreement=Agreement.DISPUTED)) == disputed
    assert group(run=result(agreement=Agreement.CORROBORATED)) == agreed
    assert group(scores={"strict": True, "optibench": False}) == quantity
    assert group(scores={"strict": True, "optibench": True}) == ""


def test_published_figures_name_their_scorer_and_are_those_of_the_benchmark() -> None:
    assert all(p.scorer and p.source and 0 < p.percent < 100 for p in PUBLISHED)
    corrected = published_for({"mamo-complex-fixed"})
    assert {p.benchmark for p in corrected} == {"mamo-complex"}
    assert published_for({"own"}) == []


def test_a_folder_without_a_run_is_said_so(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="no evaluation is recorded"):
        read_run(tmp_path)
    (tmp_path / RECORDS).write_text(json.dumps({"key": 1}) + "\n")
    with pytest.raises(UserError, match="line 1 is no record"):
        read_run(tmp_path)


@pytest.mark.parametrize(
    ("chosen", "words"),
    [
        ({"quantities": True}, []),
        ({}, ["--no-quantities"]),
        ({"quantities": True, "time_limit_s": 7.5}, ["--time-limit", "7.5"]),
        ({"quantities": True, "isolation": Isolation.BEST_EFFORT}, ["--isolation", "best-effort"]),
        ({"quantities": True, "n": 5, "draw": "plain"}, ["--n", "5", "--plain"]),
        ({"quantities": True, "library": "cvxpy"}, ["--library", "cvxpy"]),
        ({"quantities": True, "part": "2/3"}, ["--part", "2/3"]),
        ({"quantities": True, "votes": 3, "samples": 2}, ["--votes", "3", "--samples", "2"]),
    ],
)
def test_the_command_of_a_run_has_every_choice_that_makes_it(
    chosen: dict[str, Any], words: list[str]
) -> None:
    run = Evaluated((Path(),), settings_of([], **chosen), ())
    shown = shlex.split(run.command)
    always = ["optiwright", "eval", "made", "--model", "scripted", "--seed", "0"]
    assert shown[:7] == always
    assert sorted(shown[7:]) == sorted(["--method", "asking", *words])


def test_the_commands_find_runs_by_name(
    runs: tuple[Path, Path],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def optiwright_(*arguments: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["optiwright", "eval", *arguments])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        return int(ended.value.code or 0), *capsys.readouterr()

    first, second = runs
    out = ("--out", str(first.parent))
    code, said, _ = optiwright_("report", first.name, *out)
    assert code == 0 and str(first / "report.html") in said
    assert (first / "report.html").is_file() and (first / "report.md").is_file()
    code, said, _ = optiwright_("compare", first.name, str(second), *out)
    assert code == 0 and "McNemar's exact test" in said
    code, _, err = optiwright_("report", "nowhere", *out)
    assert code == 2 and first.name in err
