"""Reading benchmarks: every layout, rows that cannot be read, repeats, draws, own labels."""

from __future__ import annotations

import json
import os
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from optiwright.evaluation.catalogue import BENCHMARKS, Loaded, load, place_of
from optiwright.evaluation.claims import Claim, Named
from optiwright.evaluation.draw import draw, part_of
from optiwright.evaluation.duplicates import without_repeats
from optiwright.evaluation.problems import Ending, Finding, Label, Problem
from optiwright.evaluation.scorers import SCORERS
from optiwright.evaluation.what_if_layout import split_question
from optiwright.formulators.errors import UserError
from tests.planning_instances import write_planning

BAKERY = "A bakery sells bread at 2 euros and cakes at 5 euros; 240 minutes of oven are there."
JOINERY = "A joiner makes 12 stools or 9 tables a day from 30 boards and wants the best earnings."


def optibench_row(index: int, **results: str) -> dict[str, Any]:
    return {"question": BAKERY, "index": index, "type": "linear-notable", "results": results}


def row(text: str, answer: object, **more: object) -> dict[str, Any]:
    return {"en_question": text, "en_answer": answer, **more}


def write(path: Path, content: object) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.suffix == ".jsonl":
        assert isinstance(content, list)
        path.write_text("\n".join(map(json.dumps, content)), encoding="utf-8")
    else:
        path.write_text(
            content if isinstance(content, str) else json.dumps(content), encoding="utf-8"
        )
    return path


FILES: dict[str, tuple[str, list[dict[str, Any]]]] = {
    "optibench": (
        "optibench/OptiBench.json",
        [optibench_row(0, loaves="80.0", profit="160.00"), optibench_row(33, share="0.65")],
    ),
    "optibench-clean": ("OptiBench_clean403.jsonl", [optibench_row(4, profit="160.0")]),
    "nl4opt": ("nl4opt/NL4OPT.json", [row(BAKERY, "350.0"), row(JOINERY, "No Best Solution")]),
    "mamo-easy": ("mamo/MAMO_EasyLP.json", [row(BAKERY, "10000")]),
    "mamo-complex": ("mamo/MAMO_ComplexLP.json", [row(BAKERY, "148.6")]),
    "mamo-complex-fixed": (
        "mamo/MAMO_ComplexLP_fixed.jsonl",
        [row(BAKERY, "32.0", is_checked=1, original_answer="31")],
    ),
    "industryor": (
        "industryor/IndustryOR_fixedV2.json",
        [row(BAKERY, "18.6943", difficulty="Easy", id=3)],
    ),
    "optmath": ("optmath/OptMATH_Bench.json", [row(BAKERY, -6.850983177424753, id=2)]),
    "bwor": ("bwor/BWOR.json", [row(BAKERY, "32.43", cn_question="...", difficulty="Medium")]),
}


def folders(root: Path) -> None:
    """The three layouts that have a folder a problem."""
    write(root / "logior/prob_001/question.txt", BAKERY)
    write(root / "logior/prob_001/answer.json", {"status": "optimal", "obj": 30.0})
    write(root / "logior/prob_002/question.txt", JOINERY)
    write(root / "logior/prob_002/answer.json", {"status": "infeasible", "obj": None})
    write(root / "complexor/diet/description.txt", "Feed the herd at the least cost.")
    samples = [{"input": {"cost": [2.5, 4]}, "output": [10.25]}, {"input": {}, "output": [7]}]
    write(root / "complexor/diet/sample.json", samples)
    write(root / "nlp4lp/1/description.txt", BAKERY)
    write(root / "nlp4lp/1/parameters.json", {"Oven": 240})
    write(root / "nlp4lp/1/solution.json", {"objective": 160.0, "variables": {"x": 1}})
    write(root / "whatif/bakery.md", BAKERY)
    infeasible = "infeasible\nConflicting Constraints:\n['oven']"
    asked = [("What if the oven is cold?", infeasible), ("What if a cake earns 6?", 350.0)]
    write(
        root / "whatif/bakery.json",
        [{"question": q, "type": "oven", "gt_exec_result": a} for q, a in asked],
    )
    write_planning(root / "planning")


@pytest.fixture
def data(tmp_path: Path) -> Path:
    for place, rows in FILES.values():
        write(tmp_path / place, rows)
    folders(tmp_path)
    return tmp_path


def own_answer(label: Label) -> Claim:
    """What a run would claim that knows the label."""
    named = tuple(Named(name=q.name, value=float(q.value)) for q in label.quantities)
    first = label.accepted[0] if label.accepted else None
    if first in {Ending.NO_BEST, Ending.INFEASIBLE}:
        return Claim(ending=Ending.INFEASIBLE)
    if first == Ending.UNBOUNDED:
        return Claim(ending=Ending.UNBOUNDED)
    objective = None if first is None else float(first)
    return Claim(ending=Ending.SOLVED, objective=objective, quantities=named, feasible=True)


def assert_labels_score(loaded: Loaded) -> None:
    """Every problem's own label is right by every rule that has a say."""
    for problem in loaded.problems:
        verdicts = {n: s(problem.label, own_answer(problem.label)) for n, s in SCORERS.items()}
        said = [verdict for verdict in verdicts.values() if verdict is not None]
        assert said and all(said), (problem.id, problem.label, verdicts)


@pytest.mark.parametrize("name", list(BENCHMARKS))
def test_every_benchmark_is_read_and_its_own_labels_are_right(name: str, data: Path) -> None:
    loaded = load(name, data)
    assert loaded.findings == ()
    assert {p.benchmark for p in loaded.problems} == {name}
    assert len({p.id for p in loaded.problems}) == len(loaded.problems)
    assert_labels_score(loaded)


REAL = pytest.mark.skipif(
    "OPTIWRIGHT_TEST_DATA" not in os.environ, reason="no benchmark files (OPTIWRIGHT_TEST_DATA)"
)


@REAL
@pytest.mark.parametrize("name", list(BENCHMARKS))
def test_the_real_files_labels_are_right(name: str) -> None:
    folder = Path(os.environ["OPTIWRIGHT_TEST_DATA"])
    if place_of(BENCHMARKS[name], folder) is not None:
        loaded = load(name, folder)
        assert loaded.findings == ()
        assert_labels_score(loaded)


def test_a_what_if_question_has_its_base_before_it(data: Path) -> None:
    loaded = load("whatif", data)
    assert [split_question(p) for p in loaded.problems] == [
        (BAKERY, "What if the oven is cold?"),
        (BAKERY, "What if a cake earns 6?"),
    ]
    assert [p.label.accepted for p in loaded.problems] == [("infeasible",), ("350.0",)]
    assert [p.id for p in loaded.problems] == ["whatif-bakery-0", "whatif-bakery-1"]
    with pytest.raises(UserError, match="no question about a base"):
        split_question(load("nl4opt", data).problems[0])


def test_what_if_questions_without_their_base_are_a_finding(data: Path) -> None:
    (data / "whatif/bakery.md").rename(data / "whatif/oven.md")
    with pytest.raises(UserError, match="no problem in it can be read"):
        load("whatif", data)
    write(data / "whatif/oven.json", [{"question": "What if?", "gt_exec_result": 1}])
    loaded = load("whatif", data)
    assert [f.where for f in loaded.findings] == ["bakery.json"]
    (data / "whatif/oven.json").unlink()
    (data / "whatif/bakery.json").unlink()
    with pytest.raises(UserError, match="no what-if questions"):
        load("whatif", data)


def test_optibenchs_objective_is_the_last_quantity_but_for_a_few(data: Path) -> None:
    usual, without = load("optibench", data).problems
    assert (usual.label.accepted, usual.label.objective_at) == (("160.00",), 1)
    assert (without.label.accepted, without.label.objective_at) == ((), None)
    rows = [
        optibench_row(78, cost="4750", open="1"),
        optibench_row(423, carts="5", servers="2", refills="33", others="7"),
        optibench_row(545, technicians="13", researchers="0"),
    ]
    write(data / "optibench/OptiBench.json", rows)
    first, middle, none = (p.label for p in load("optibench", data).problems)
    assert (first.accepted, middle.accepted, none.accepted) == (("4750",), ("33",), ())


def test_a_folder_a_problem_is_read_in_all_three_layouts(data: Path) -> None:
    assert [p.label.accepted for p in load("logior", data).problems] == [
        ("30.0",),
        (Ending.INFEASIBLE,),
    ]
    first, second = load("complexor", data).problems
    assert first.text.endswith('Data: {"cost": [2.5, 4]}')
    assert (first.label.accepted, second.label.accepted) == (("10.25",), ("7",))
    assert load("nlp4lp", data).problems[0].text == BAKERY  # it states its own numbers


def test_our_own_examples_are_a_benchmark() -> None:
    examples = load(str(Path(__file__).parents[1] / "examples"))
    answers = {p.id: p.label.accepted for p in examples.problems}
    assert len(answers) == 12
    assert answers["examples-bakery"] == ("122",)
    assert answers["examples-juice"] == (Ending.UNBOUNDED,)
    assert_labels_score(examples)


def test_own_lines_are_read_and_what_cannot_be_is_said(tmp_path: Path) -> None:
    lines = [
        json.dumps({"text": BAKERY, "answer": [160, "infeasible"], "type": "mix", "id": "a"}),
        "{not json",
        json.dumps({"text": BAKERY}),
        json.dumps({"answer": 5}),
        json.dumps({"text": JOINERY, "answer": "many"}),
        json.dumps([1, 2]),
        json.dumps({"text": f"{JOINERY}\u2028", "answer": 7}, ensure_ascii=False),
    ]
    path = tmp_path / "mine.jsonl"
    path.write_text("\ufeff" + "\n".join(lines), encoding="utf-8")
    loaded = load(str(path))
    assert [(p.id, p.kind) for p in loaded.problems] == [("mine-a", "mix"), ("mine-6", "mine")]
    said = {f.where: f.what for f in loaded.findings}
    assert list(said) == [f"mine.jsonl, row {n}" for n in range(1, 6)]
    for where, part in zip(
        said, ["not JSON", "no label", "no text", "not a number", "no object"], strict=True
    ):
        assert part in said[where]


def test_lines_in_a_json_file_and_keys_in_capitals_are_read(tmp_path: Path) -> None:
    """As ORLM, OptMATH and SIRL publish their files, and MAMO its rows."""
    mamo = [
        {"id": n, "Question": text, "Answer": "2000", "Category": "optimization", "Type": "easy_lp"}
        for n, text in enumerate((BAKERY, JOINERY), start=1)
    ]
    (tmp_path / "MAMO_EasyLP.json").write_text("".join(f"{json.dumps(r)}\n" for r in mamo))
    loaded = load("mamo-easy", tmp_path)
    assert loaded.findings == ()
    assert [(p.id, p.kind, p.text) for p in loaded.problems] == [
        ("mamo-easy-1", "easy_lp", BAKERY),
        ("mamo-easy-2", "easy_lp", JOINERY),
    ]


def test_a_repeated_id_is_told_apart(tmp_path: Path) -> None:
    path = write(tmp_path / "mine.jsonl", [row(BAKERY, 1, id=7), row(JOINERY, 2, id=7)])
    assert [p.id for p in load(str(path)).problems] == ["mine-7", "mine-7-2"]


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("nowhere", None, "no benchmark and no file"),
        ("optibench", None, "not here"),
        ("all", None, "no benchmark is here"),
        ("a.json", "[", "not JSON"),
        ("a.json", '{"a": 1}', "not a list"),
        ("a.json", "[]", "no problem in it"),
        ("folder/a.txt", "x", "no benchmark that is known"),
    ],
)
def test_what_is_no_benchmark_is_refused(
    tmp_path: Path, name: str, content: str | None, said: str
) -> None:
    if content is not None:
        write(tmp_path / name, content)
        name = str(tmp_path / name.split("/")[0])
    with pytest.raises(UserError, match=said):
        load(name, tmp_path / "data")


# --- repeats --------------------------------------------------------------------------------------

LONG = (
    "A farmer grows wheat and barley on 45 hectares. Wheat brings 200 a hectare and barley 300. "
    "Wheat needs 3 workers and barley 2, and there are 100 workers. How should the land be used?"
)


def problem(number: int, text: str, answer: str = "1", kind: str = "k") -> Problem:
    return Problem(
        id=f"b-{number}", benchmark="b", kind=kind, text=text, label=Label(accepted=(answer,))
    )


@pytest.mark.parametrize(
    ("other", "same"),
    [
        (LONG, True),
        (LONG.replace("\u0020", "\n", 3).upper(), True),
        (LONG.replace("How should", "In what way should"), True),
        (LONG.replace("45", "60").replace("300", "250"), False),  # other data: another problem
        (BAKERY, False),
    ],
)
def test_a_text_that_is_nearly_another_counts_once(other: str, same: bool) -> None:
    kept, findings = without_repeats([problem(0, LONG, "7"), problem(1, other, "8")])
    assert len(kept) == (1 if same else 2)
    assert [f.where for f in findings] == (["b-1"] if same else [])
    assert not same or "the labels differ: 8 here, 7 there" in findings[0].what


def test_all_counts_a_text_once_and_prefers_corrected_labels(tmp_path: Path) -> None:
    write(tmp_path / "MAMO_ComplexLP.json", [row(LONG, "5"), row(JOINERY, "6")])
    write(tmp_path / "MAMO_ComplexLP_fixed.jsonl", [row(LONG, "7")])
    loaded = load("all", tmp_path)
    assert [(p.benchmark, p.label.accepted) for p in loaded.problems] == [
        ("mamo-complex-fixed", ("7",)),
        ("mamo-complex", ("6",)),
    ]
    assert any("5 here, 7 there" in f.what for f in loaded.findings)
    assert Finding(where="optibench", what="its file is not here; it is left out") in (
        loaded.findings
    )


# --- draws ----------------------------------------------------------------------------------------

MANY = [problem(i, f"{i} things", kind="abc"[(i > 59) + (i > 89)]) for i in range(100)]


def test_only_the_problems_without_a_best_solution(data: Path) -> None:
    loaded = load("nl4opt-no-best", data)
    assert loaded.name == "nl4opt-no-best"
    assert [p.label.accepted for p in loaded.problems] == [(Ending.NO_BEST,)]
    with pytest.raises(UserError, match="every problem of mamo-easy has a best solution"):
        load("mamo-easy-no-best", data)


def test_a_stratified_draw_keeps_the_proportions() -> None:
    drawn = draw(MANY, 20, seed=3)
    assert Counter(p.kind for p in drawn) == {"a": 12, "b": 6, "c": 2}
    assert Counter(p.kind for p in draw(MANY, 7, seed=3)).total() == 7


def test_a_draw_is_the_seeds_and_a_larger_one_contains_it() -> None:
    for stratified in (True, False):
        first = draw(MANY, 20, seed=3, stratified=stratified)
        assert first == draw(MANY, 20, seed=3, stratified=stratified)
        assert first != draw(MANY, 20, seed=4, stratified=stratified)
        assert len({p.id for p in first}) == 20
    assert draw(MANY, 30, seed=3, stratified=False)[:10] == draw(MANY, 10, 3, stratified=False)
    assert draw(MANY, None, seed=3) == MANY


def test_the_parts_of_a_draw_are_the_draw() -> None:
    drawn = draw(MANY, 20, seed=3)
    for parts in (1, 3, 20):
        shares = [part_of(drawn, f"{k + 1}/{parts}") for k in range(parts)]
        assert [p for share in shares for p in share] == drawn
        assert max(map(len, shares)) - min(map(len, shares)) <= 1
    assert part_of(drawn, None) == drawn


@pytest.mark.parametrize("part", ["0/3", "4/3", "1/21", "2", "a/b", "1/0", "", "-1/3"])
def test_a_part_that_there_is_not_is_refused(part: str) -> None:
    with pytest.raises(UserError, match="there is no part"):
        part_of(draw(MANY, 20, seed=3), part)


@pytest.mark.parametrize("n", [0, -1, 101])
def test_more_than_there_is_cannot_be_drawn(n: int) -> None:
    with pytest.raises(UserError, match="cannot be drawn"):
        draw(MANY, n, seed=0)
