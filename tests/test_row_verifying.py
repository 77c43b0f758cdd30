"""Rows are kept where formulation and program agree, and dropped for the right reason elsewhere."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from optiwright.formulators.errors import UserError
from optiwright.solver_tools.certify import Optimality, Verdict
from optiwright.solver_tools.pool import Outcome, Pool, Profile, default_pool
from optiwright.solver_tools.pool import Reason as PoolReason
from optiwright.solver_tools.variants import Solved, solve_variant
from optiwright.training.row_files import read_rows, write_rows
from optiwright.training.row_verdicts import Reason, RowVerdict
from optiwright.training.rows import AskedValue, TrainingRow
from optiwright.training.verified_files import read_verdicts, verdicts_file, verify_rows
from optiwright.training.verifying_rows import Care, verify
from tests.training_rows import (
    BAKERY,
    BAKERY_PROGRAM,
    BAKERY_SCRIPT,
    BEST,
    FERRY_SCRIPT,
    WELLS,
    WELLS_INDEXED,
    bakery,
    ferry,
    wells,
)
from tests.waiting import descendants, eventually

WITHIN = Care(time_limit_s=20.0)


def script(*changes: tuple[str, str]) -> str:
    """The bakery's script, changed."""
    changed = BAKERY_SCRIPT
    for before, after in changes:
        assert before in changed
        changed = changed.replace(before, after)
    return changed


def program(before: str, after: str) -> str:
    """The bakery's program, changed."""
    assert before in BAKERY_PROGRAM
    return BAKERY_PROGRAM.replace(before, after)


def indexed(before: str, after: str) -> str:
    """The wells in the indexed form, changed."""
    assert before in WELLS_INDEXED
    return WELLS_INDEXED.replace(before, after)


def verdict(row: TrainingRow, care: Care = WITHIN) -> RowVerdict:
    (found,) = verify([row], default_pool(), care)
    assert found.row == row.id
    return found


# --- what is right --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("row", "optimum", "sense", "kind"),
    [
        (bakery(), BEST, "maximize", "MIP"),
        (bakery(optimum=BEST * (1 + 1e-8), sense="maximize"), BEST, "maximize", "MIP"),
        (wells(), 1335.0, "minimize", "MIP"),
        (ferry(), 13467.0, "maximize", "convex QP"),
    ],
    ids=["script", "with its optimum", "indexed", "not linear"],
)
def test_rows_that_are_right_are_kept(
    row: TrainingRow, optimum: float, sense: str, kind: str
) -> None:
    found = verdict(row)
    assert found.kept, found
    assert found.formulated == pytest.approx(optimum, rel=1e-6)
    assert found.programmed == pytest.approx(optimum, rel=1e-6)
    assert (found.sense, found.problem_class) == (sense, kind)
    assert 0 < found.seconds < 60


@pytest.mark.parametrize(
    "text",
    [
        BAKERY.replace("15 hours", "900 minutes"),
        BAKERY.replace("20 minutes", "twenty minutes"),
        BAKERY.replace("eleven dollars", "11.00 dollars"),
        BAKERY + " It pays a rent of 700 dollars, and 3 bakers are there from 4 o'clock on.",
    ],
    ids=["another unit", "spelled", "with zeros", "distractors"],
)
def test_numbers_are_told_in_many_ways(text: str) -> None:
    assert verdict(bakery(text=text)).kept


def test_both_formulations_count_where_a_row_has_both() -> None:
    both = {
        "problem": "bake",
        "sets": [],
        "parameters": [],
        "variables": [
            {"name": "bread", "type": "integer", "lower": "0", "meaning": "loaves"},
            {"name": "cake", "type": "integer", "lower": "0", "upper": "14", "meaning": "cakes"},
        ],
        "objective": {"sense": "maximize", "meaning": "", "expression": "3.5*bread + 11*cake"},
        "constraints": [
            {"name": "oven", "meaning": "", "expression": "20*bread + 50*cake <= 15*60"}
        ],
    }
    assert verdict(bakery(indexed=json.dumps(both))).kept
    both["objective"]["expression"] = "3.5*bread + 11*cake + 1"  # type: ignore[index]
    found = verdict(bakery(indexed=json.dumps(both)))
    assert found.reason is Reason.FORMS_DIFFER
    assert found.detail == "script 189, indexed form 190"
    broken = verdict(bakery(indexed=json.dumps(both | {"objective": None})))
    assert broken.reason is Reason.NO_OPTIMUM and "indexed form" in broken.detail


# --- what is not ----------------------------------------------------------------------------------

LOOP = "import highspy\nh = highspy.Highs()\nwhile True:\n    h.run()\nprint(1)\n"

WRONG: list[tuple[str, TrainingRow, Reason, str]] = [
    ("no program", bakery(program=""), Reason.ONE_WAY, ""),
    ("no formulation", bakery(script=""), Reason.ONE_WAY, ""),
    ("no script", bakery(script="bake as much"), Reason.UNREADABLE, "script: "),
    (
        "an unknown name",
        bakery(script=script(("11*cake)", "11*cakes)"))),
        Reason.UNREADABLE,
        "cakes",
    ),
    (
        "half an object",
        wells(indexed=WELLS_INDEXED[:-40]),
        Reason.UNREADABLE,
        "indexed form: the reply is not complete JSON",
    ),
    (
        "values that are too few",
        wells(indexed=indexed("[70, 60]", "[70, 60, 5]")),
        Reason.UNREADABLE,
        "capacity",
    ),
    (
        "a question about nothing",
        wells(indexed=indexed('"asked": []', '"asked": [{"meaning": "x", "expression": "y"}]')),
        Reason.UNREADABLE,
        "`y`",
    ),
    (
        "a number that the text lacks",
        bakery(text=BAKERY.replace("20 minutes", "some minutes")),
        Reason.UNTOLD_NUMBER,
        "script: 20 (parameter `minutes_bread`)",
    ),
    (
        "a number in a table that the text lacks",
        wells(text=WELLS.replace("4, 6 and 9", "4, 6 and 8")),
        Reason.UNTOLD_NUMBER,
        "indexed form: 9 (parameter `pumping`)",
    ),
    (
        "a number that was worked out",
        bakery(text=BAKERY.replace("20 minutes", "2 times 10 minutes")),
        Reason.UNTOLD_NUMBER,
        "script: 20 (parameter `minutes_bread`)",
    ),
    (
        "no limit",
        bakery(script=script(("# oven time\nrequire(minutes <= 15*60)\n", ""))),
        Reason.NO_OPTIMUM,
        "unbounded",
    ),
    (
        "limits that contradict",
        bakery(script=script(("minutes <= 15*60)", "minutes <= 15*60)\nrequire(bread >= 50)")),
               text=BAKERY + " It promised 50 loaves."),
        Reason.NO_OPTIMUM,
        "infeasible",
    ),
    (
        "costs instead of profits",
        bakery(script=script(("maximize", "minimize")), program=program("maximize", "minimize")),
        Reason.NOTHING_DONE,
        "script",
    ),
    (
        "a decision that is none",
        bakery(script=script(("integer(0, 14)", "integer(14, 14)"))),
        Reason.IDLE_DECISION,
        "`cake` can only be 14",
    ),
    (
        "a decision that has no bearing",
        bakery(script=script(
            ("# totals", "staff = integer(0, None)  # bakers\n# totals"),
            ("minutes <= 15*60)", "minutes <= 15*60)\n# staff\nrequire(staff <= 14)"),
        )),
        Reason.IDLE_DECISION,
        "nothing joins `staff` with the objective",
    ),
    (
        "a decision without weight",
        bakery(script=script(
            ("# totals", "staff = integer(0, None)  # bakers\n# totals"),
            ("11*cake)", "11*cake + 0*staff)"),
            ("minutes <= 15*60)", "minutes <= 15*60)\n# staff\nrequire(staff <= 14)"),
        )),
        Reason.IDLE_DECISION,
        "nothing joins `staff` with the objective",
    ),
    (
        "a decision that only costs",
        bakery(script=script(
            ("# totals", "flyers = integer(0, None)  # flyers\n# totals"),
            ("11*cake)", "11*cake - 2*flyers)"),
        )),
        Reason.IDLE_DECISION,
        "`flyers` is in no requirement and best at zero",
    ),
    (
        "another optimum",
        bakery(optimum=BEST * (1 + 1e-5)),
        Reason.LABEL_DIFFERS,
        "189.00189 instead of 189",
    ),
    ("another sense", bakery(sense="minimize"), Reason.LABEL_DIFFERS, "minimize"),
    (
        "a program with another number",
        bakery(program=program("3.5*", "3.50004*")),
        Reason.PROGRAM_DIFFERS,
        "189.0004 instead of 189",
    ),
    (
        "a program that crashes",
        bakery(program=program("m.oven", "1/0\nm.oven")),
        Reason.PROGRAM_FAILED,
        "ZeroDivisionError",
    ),
    (
        "a program without a solution",
        bakery(program=program("<= 15*60", "<= -15*60")),
        Reason.PROGRAM_FAILED,
        "",
    ),
    (
        "a program that claims a value without a solution",
        bakery(program=program("<= 15*60", "<= -15*60") + f"report(objective={BEST})\n"),
        Reason.PROGRAM_FAILED,
        "no value, status infeasible",
    ),
    (
        "a program for another machine",
        bakery(program="import gurobipy\n" + BAKERY_PROGRAM),
        Reason.PROGRAM_FAILED,
        "gurobipy",
    ),
]  # fmt: skip


@pytest.mark.parametrize(
    ("row", "reason", "detail"), [w[1:] for w in WRONG], ids=[w[0] for w in WRONG]
)
def test_rows_that_are_wrong_are_dropped_for_their_reason(
    row: TrainingRow, reason: Reason, detail: str
) -> None:
    found = verdict(row)
    assert (found.reason, found.kept) == (reason, False), found
    assert detail in found.detail


def test_a_program_that_does_not_end_is_dropped() -> None:
    found = verdict(bakery(program=LOOP), Care(time_limit_s=1.0))
    assert found.reason is Reason.TIMED_OUT
    assert found.formulated == BEST and found.programmed is None


def test_a_formulation_that_cannot_be_solved_in_time_is_dropped() -> None:
    """Market split with 30 decisions (Cornuéjols and Dawande, 1998): no solver closes it."""
    weights = [[(37 * k * (row + 3) + 11 * row + k * k * 13) % 97 + 2 for k in range(30)]
               for row in range(3)]  # fmt: skip
    lines = [f"x{k} = binary()" for k in range(30)]
    lines += [f"s{row} = continuous(0, None)" for row in range(6)]
    lines.append("minimize(s0 + s1 + s2 + s3 + s4 + s5)")
    for row, some in enumerate(weights):
        total = " + ".join(f"{w}*x{k}" for k, w in enumerate(some))
        lines.append(f"require({total} + s{2 * row} - s{2 * row + 1} == {sum(some) // 2})")
    numbers = ", ".join(str(n) for some in weights for n in [*some, sum(some) // 2])
    hard = bakery(text=f"Split {numbers}.", script="```python\n" + "\n".join(lines) + "\n```")
    found = verdict(hard, Care(time_limit_s=0.3))
    assert found.reason is Reason.TIMED_OUT, found
    assert "script" in found.detail


def test_an_optimum_that_is_not_certified_is_dropped(monkeypatch: pytest.MonkeyPatch) -> None:
    async def doubtful(*given: Any) -> Solved:
        solved = await solve_variant(*given)
        return replace(solved, verdict=Verdict(Optimality.BOUNDED, ("The gap is 3%.",)))

    monkeypatch.setattr("optiwright.training.proved_optima.solve_variant", doubtful)
    found = verdict(bakery())
    assert found.reason is Reason.NOT_PROVED and "The gap is 3%." in found.detail


# --- geometry -------------------------------------------------------------------------------------


def test_constants_of_geometry_need_no_word_where_a_formulation_is_not_linear() -> None:
    doubled = FERRY_SCRIPT.replace("(p - 8)*tickets", "4*(p - 8)*tickets")
    found = verdict(ferry(script=doubled))
    assert found.reason is Reason.PROGRAM_DIFFERS
    linear = bakery(script=script(("minutes <= 15*60)", "3*minutes <= 3*15*60)")))
    assert verdict(linear).reason is Reason.UNTOLD_NUMBER
    doubled = script(("minutes <= 15*60)", "2*minutes <= 2*15*60)"))
    assert verdict(bakery(script=doubled)).kept


# --- the pool -------------------------------------------------------------------------------------


def test_many_rows_come_all_and_once() -> None:
    rows = [bakery(id=f"row-{k}", optimum=BEST if k % 3 else 7.0) for k in range(12)]
    found = {v.row: v.reason for v in verify(rows, default_pool(), Care(jobs=4))}
    assert found == {
        row.id: Reason.AGREED if k % 3 else Reason.LABEL_DIFFERS for k, row in enumerate(rows)
    }


def test_a_pool_that_is_gone_is_no_fault_of_the_row() -> None:
    pool = Pool()
    pool.close()
    (found,) = verify([bakery()], pool)
    assert found.reason is Reason.NOT_JUDGED and not found.settled(1.0)


def test_programs_that_cannot_be_confined_stop_everything() -> None:
    class Unconfined(Pool):
        """Refuses what it cannot confine, as a pool does where the kernel has no Landlock."""

        async def run(self, function: str, *args: Any, **given: Any) -> Outcome:
            if given.get("profile") is Profile.WRITTEN:
                return Outcome(PoolReason.REFUSED, error="Landlock is missing.")
            return await default_pool().run(function, *args, **given)

    with pytest.raises(UserError, match="programs cannot be run here: Landlock is missing"):
        list(verify([bakery()], Unconfined()))


@pytest.mark.parametrize("care", [Care(time_limit_s=0.0), Care(jobs=0)])
def test_limits_that_are_none(care: Care) -> None:
    with pytest.raises(UserError, match="are no limits"):
        verify([bakery()], default_pool(), care)


# --- files ----------------------------------------------------------------------------------------

Verified = Callable[..., tuple[int, list[str]]]


@pytest.fixture
def verified(tmp_path: Path) -> Verified:
    """Verifies rows into `out.jsonl`: how many were kept, the rows that were looked at."""

    def run(rows: list[TrainingRow], care: Care = WITHIN, stop_after: int = 99) -> Any:
        write_rows(tmp_path / "in.jsonl", rows)
        looked_at: list[str] = []

        def tell(found: RowVerdict, before: bool, total: int) -> None:
            assert total == len({row.id for row in rows})
            looked_at.extend([] if before else [found.row])
            if len(looked_at) >= stop_after:
                raise KeyboardInterrupt

        path, to = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
        kept = verify_rows(lambda: read_rows(path), to, default_pool(), care, tell)
        return kept, looked_at

    return run


def numbered(count: int) -> list[TrainingRow]:
    """So many bakeries; every third has a wrong optimum."""
    return [
        bakery(id=f"row-{k}", optimum=None if k % 3 else 7.0, text=f"{BAKERY} Plan {'I' * k}.")
        for k in range(count)
    ]


def test_what_is_kept_is_written_marked_and_completed(verified: Verified, tmp_path: Path) -> None:
    rows = [*numbered(4), wells(), wells()]
    assert verified(rows)[0] == 3
    kept = list(read_rows(tmp_path / "out.jsonl"))
    assert [row.id for row in kept] == ["row-1", "row-2", wells().id]
    assert all(row.verified for row in kept)
    assert (kept[0].optimum, kept[0].sense) == (BEST, "maximize")
    assert kept[2].optimum == pytest.approx(1335.0) and kept[2].problem_class == "MIP"
    found = read_verdicts(tmp_path / "out.jsonl").values()
    assert sorted(v.row for v in found) == sorted({row.id for row in rows})


def test_what_the_program_reports_answers_what_is_asked(verified: Verified, tmp_path: Path) -> None:
    """What it reports that is no number is passed over."""
    asked = [
        AskedValue(meaning="profit", expression="objective"),
        AskedValue(meaning="loaves", expression="bread"),
        AskedValue(meaning="cakes", expression="cake"),
    ]
    reports = f"{BAKERY_PROGRAM}report(loaves=pyo.value(m.bread), cakes='many', rest=None)\n"
    assert verified([bakery(program=reports, asked=asked)])[0] == 1
    (kept,) = read_rows(tmp_path / "out.jsonl")
    assert [a.value for a in kept.asked] == [BEST, 10.0, None]


def test_nothing_is_solved_twice(verified: Verified, tmp_path: Path) -> None:
    rows = numbered(5)
    with pytest.raises(KeyboardInterrupt):
        verified(rows, stop_after=2)
    assert not (tmp_path / "out.jsonl").exists()
    lines = verdicts_file(tmp_path / "out.jsonl")
    before = set(read_verdicts(tmp_path / "out.jsonl"))
    assert len(before) >= 2
    with lines.open("ab") as file:
        file.write(b'{"row":"row-4","rea')  # cut off by a kill
    kept, looked_at = verified(rows)
    assert kept == 3 and len(looked_at) == 5 - len(before)
    assert verified(rows) == (3, [])


def test_a_row_that_changed_is_looked_at_again(verified: Verified) -> None:
    assert verified(numbered(2))[0] == 1
    mended = [row.model_copy(update={"optimum": BEST}) for row in numbered(2)]
    kept, looked_at = verified(mended)
    assert (kept, sorted(looked_at)) == (2, ["row-0", "row-1"])


def test_a_longer_limit_and_other_rules_are_another_try(
    verified: Verified, monkeypatch: pytest.MonkeyPatch
) -> None:
    slow = [bakery(program=LOOP), bakery()]
    assert sorted(verified(slow, Care(time_limit_s=0.5))[1]) == sorted(row.id for row in slow)
    assert verified(slow, Care(time_limit_s=0.4)) == (1, [])
    assert verified(slow, Care(time_limit_s=0.6)) == (1, [slow[0].id])
    monkeypatch.setattr("optiwright.training.row_verdicts.RULES", 2)
    assert len(verified(slow, Care(time_limit_s=0.6))[1]) == 2


def test_a_bad_row_is_found_before_anything_is_solved(tmp_path: Path) -> None:
    path = tmp_path / "in.jsonl"
    path.write_text(f"{bakery().model_dump_json()}\n{{}}\n")
    with pytest.raises(UserError, match="line 2"):
        verify_rows(lambda: read_rows(path), tmp_path / "out.jsonl", default_pool(), WITHIN)
    assert [p.name for p in tmp_path.iterdir()] == ["in.jsonl"]


def test_closing_the_iterator_ends_what_is_under_way() -> None:
    with closing(Pool(2)) as pool:
        rows = [bakery(), bakery(id="endless", program=LOOP)]
        under_way = verify(rows, pool, Care(time_limit_s=60.0, jobs=2))
        assert next(under_way).kept
        under_way.close()  # type: ignore[attr-defined]
        server = pool.submit("os:getppid", time_limit_s=20).result().value
        assert eventually(lambda: at_rest(server), 20)


def at_rest(server: int) -> bool:
    """Whether no process below the pool's server computes."""

    def used() -> int:
        stats = [Path(f"/proc/{pid}/stat") for pid in descendants(server)]
        return sum(sum(map(int, s.read_text().split()[13:15])) for s in stats if s.exists())

    before = used()
    time.sleep(0.3)
    return used() - before <= 1
