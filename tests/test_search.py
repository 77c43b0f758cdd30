"""Searches of black boxes from end to end: in the sandbox, as a command, as a callable."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from optiwright.formulators.black_box import BlackBox, Command
from optiwright.formulators.errors import UserError
from optiwright.solver_tools.oracle import Evaluation
from optiwright.solver_tools.pool import Isolation, Outcome, Pool, default_pool
from optiwright.solver_tools.pool_protocol import Reason
from optiwright.solver_tools.search import SearchProgress, search
from optiwright.solver_tools.search_journal import line_of
from optiwright.solver_tools.search_outcome import SearchOutcome, SearchStatus
from tests.black_boxes import BOWL, DISC, VALLEY, black_box, reals

ROOT = Path(__file__).resolve().parents[1]
pytestmark = pytest.mark.filterwarnings("ignore")


@pytest.fixture
def pool() -> Pool:
    return default_pool()


@pytest.fixture
def found(pool: Pool) -> Callable[..., SearchOutcome]:
    def run(box: BlackBox, time_limit_s: float = 30, **options: Any) -> SearchOutcome:
        return asyncio.run(search(box, pool, time_limit_s=time_limit_s, **options))

    return run


Found = Callable[..., SearchOutcome]

# --- what is found --------------------------------------------------------------------------------


def test_a_bowl_is_found_with_its_evidence(found: Found) -> None:
    outcome = found(black_box(BOWL))
    assert outcome.status is SearchStatus.FOUND
    assert outcome.point == pytest.approx((0.7, -0.4), abs=1e-4)
    assert outcome.value == pytest.approx(0, abs=1e-8) and outcome.repeats == (outcome.value,)
    assert outcome.evaluations <= 200 and outcome.failures == outcome.cached == 0
    values = [point.value for point in outcome.trace]
    assert values == sorted(values, reverse=True) and values[-1] == outcome.value
    assert outcome.stages[0].optimizer == "l-bfgs-b" and "gradients" in outcome.stages[0].reason
    assert outcome.traits is not None and outcome.traits.differentiable
    assert "not proved" in outcome.sureness and "started" not in outcome.sureness
    assert "def l_bfgs_b" in outcome.program


def test_constraints_are_met_and_the_greatest_is_sought(found: Found) -> None:
    limits = [{"function": "inside"}, {"function": "right"}]
    least = found(black_box(DISC, constraints=limits))
    assert least.value == pytest.approx(0.2 - 0.96**0.5, abs=1e-4)
    assert max(least.constraints) <= 1e-6
    most = found(black_box(DISC, constraints=limits, sense="maximize"))
    assert most.value == pytest.approx(2**0.5, abs=1e-4)


def test_whole_numbers_and_labels_come_back_as_they_are(found: Found) -> None:
    source = (
        "def f(size, count, colour):\n"
        "    return (size - 0.3) ** 2 + (count - 7) ** 2 + (0 if colour == 'green' else 4)\n"
    )
    unknowns = [
        {"kind": "real", "name": "size", "lower": 0, "upper": 1},
        {"kind": "whole", "name": "count", "lower": 0, "upper": 20},
        {"kind": "one_of", "name": "colour", "choices": ["red", "green", "blue"]},
    ]
    oracle = {"kind": "code", "source": source, "function": "f", "style": "named"}
    outcome = found(black_box("", unknowns, oracle=oracle, budget=150, start=(0.5, 3, "red")))
    assert outcome.point[1:] == (7, "green") and outcome.value == pytest.approx(0, abs=1e-2)


def test_a_noisy_value_is_the_mean_of_fresh_evaluations(found: Found) -> None:
    source = (
        "import numpy as np\nrng = np.random.default_rng(5)\n"
        "def f(x):\n    return float(np.sum((x - 0.3) ** 2) + 0.5 * rng.normal())\n"
    )
    outcome = found(black_box(source, budget=400))
    assert outcome.traits is not None and outcome.traits.noisy
    assert len(outcome.repeats) >= 10 and outcome.evaluations <= 400
    assert outcome.value == pytest.approx(np.mean(outcome.repeats))
    assert outcome.value is not None
    assert abs(outcome.value) < 0.5 < abs(min(point.value for point in outcome.trace))
    assert "noisy" in outcome.sureness


def test_where_constraints_cannot_be_met_the_nearest_point_is_told(found: Found) -> None:
    source = "def f(x):\n    return x[0]\n\ndef never(x):\n    return 1 + x[0] ** 2\n"
    outcome = found(black_box(source, constraints=[{"function": "never"}], budget=120))
    assert outcome.status is SearchStatus.NO_POINT and outcome.sureness == ""
    assert outcome.point[0] == pytest.approx(0, abs=0.05)
    assert "the nearest breaks `never` by 1" in outcome.message


def test_a_stall_has_another_method_take_over(found: Found) -> None:
    source = "def f(x):\n    return 1.0 if abs(x[0] - 1.5) > 0.02 else 0.0\n"
    outcome = found(black_box(source, reals(1), budget=250))
    assert len(outcome.stages) >= 2
    assert "no progress in" in outcome.stages[1].reason
    assert len({stage.optimizer for stage in outcome.stages}) == len(outcome.stages)


def test_the_same_seed_takes_the_same_way(found: Found) -> None:
    box = black_box(VALLEY, reals(3), budget=150)
    first, second = (found(box, optimizer="cma-es", seed=4) for _ in range(2))
    assert (first.point, first.trace) == (second.point, second.trace)
    assert {stage.optimizer for stage in first.stages} == {"cma-es"}
    assert found(box, optimizer="cma-es", seed=5).point != first.point


def test_a_budget_of_one_is_one_evaluation(found: Found) -> None:
    outcome = found(black_box(BOWL, budget=1, start=(1.0, 1.0)))
    assert (outcome.evaluations, outcome.point) == (1, (1.0, 1.0))
    assert outcome.value == pytest.approx(0.09 + 3 * 1.96) and outcome.sureness.startswith("Hardly")


def test_where_there_are_few_points_all_are_evaluated(found: Found) -> None:
    unknowns = [
        {"kind": "whole", "name": "n", "lower": 1, "upper": 6},
        {"kind": "one_of", "name": "c", "choices": ["red", "green"]},
    ]
    box = black_box("def f(x):\n    return (x[0] - 4) ** 2 + len(x[1])\n", unknowns, budget=20)
    outcome = found(box)
    assert (outcome.point, outcome.value) == ((4, "red"), 3)
    assert outcome.stages[0].reason == "There are 12 points in all."
    assert outcome.sureness == "Certain, as every one of the 12 points was evaluated."
    assert "Certain" not in found(box.model_copy(update={"budget": 8})).sureness


# --- what goes wrong in the function --------------------------------------------------------------

BEYOND = "    if x[0] > 1.2:\n{}\n    return (x[0] - 1.4) ** 2 + x[1] ** 2\n"


@pytest.mark.parametrize(
    ("body", "head"),
    [
        ("        raise ValueError('x')", ""),
        ("        return float('nan')", ""),
        ("        import os; os._exit(3)", ""),
        ("        import ctypes; ctypes.string_at(0)", ""),
        ("        return len(bytearray(10 ** 12))", ""),
        ("        import sys; sys.exit()", ""),
        ("        socket.create_connection(('192.0.2.1', 80))", "import socket\n"),
    ],
)
def test_where_it_fails_the_search_goes_on(found: Found, body: str, head: str) -> None:
    source = f"{head}def f(x):\n{BEYOND.format(body)}"
    outcome = found(black_box(source, budget=60), optimizer="nelder-mead")
    assert outcome.status is SearchStatus.FOUND and outcome.failures >= 1
    assert outcome.value == pytest.approx(0.04, abs=0.01)
    assert outcome.evaluations <= 60


@pytest.mark.parametrize(
    "body",
    [
        "        while True: pass",
        "        while 1:\n            try: time.sleep(9)\n            except BaseException: pass",
        "        sum(range(10 ** 13))",
    ],
    ids=["loops", "does not heed", "holds all threads"],
)
def test_where_it_hangs_it_is_stopped(found: Found, body: str) -> None:
    source = f"import time\ndef f(x):\n{BEYOND.format(body)}"
    box = black_box(source, budget=9, noisy=False, start=(1.1, 0.1))
    began = time.monotonic()
    outcome = found(box, time_limit_s=6, optimizer="nelder-mead")
    assert time.monotonic() - began < 20
    assert outcome.failures >= 1 and outcome.value is not None


def test_what_it_prints_and_writes_goes_nowhere(found: Found, tmp_path: Path) -> None:
    source = (
        "import os\n\ndef f(x):\n    print('x' * 1_000_000)\n    os.write(2, b'y' * 100_000)\n"
        "    open('own.txt', 'a').write('z')\n    return x[0] ** 2\n"
    )
    outcome = found(black_box(source, budget=50))
    assert outcome.failures == 0 and outcome.evaluations > 20


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("def f(x):\n    raise OSError('no licence')", "`f` raised OSError: no licence in line 2"),
        ("def f(x):\n    return float('inf')", "gave inf, which is no finite number"),
        ("def f(x):\n    open('/opt/x', 'w')", "raised OSError"),
        ("def g(x):\n    return 1", "defines no function `f`; it defines `g`"),
        ("def f(x) return", "Line 1 is no valid Python"),
        ("while True:\n    pass", "Running the source took too long"),
        ("import os\nos._exit(1)", "ended early"),
    ],
)
def test_where_nothing_has_a_value_the_function_is_quoted(
    found: Found, source: str, said: str
) -> None:
    outcome = found(black_box(source, budget=40), time_limit_s=5)
    assert outcome.status is SearchStatus.FAILED and outcome.point == ()
    assert said in outcome.message and "Traceback" not in outcome.message
    assert outcome.evaluations <= 25


def test_what_cannot_be_confined_is_refused(found: Found) -> None:
    with closing(Pool(workers=1, without=("Landlock",))) as lesser:
        box = black_box(BOWL, budget=9)
        refused = asyncio.run(search(box, lesser, time_limit_s=20))
        assert refused.status is SearchStatus.FAILED and "isolation" in refused.message
        ran = asyncio.run(search(box, lesser, time_limit_s=20, isolation=Isolation.BEST_EFFORT))
        assert ran.status is SearchStatus.FOUND and "missing: Landlock" in ran.message


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"unknowns": reals(2, 3, 1)}, "the lower bound 3 is above the upper bound 1"),
        (
            {"unknowns": [{"kind": "real", "name": "a", "lower": 0, "upper": 1, "log": True}]},
            "`log` needs a lower bound above zero",
        ),
        ({"start": (1.0,)}, "the start has 1 values, and there are 2 unknowns"),
        ({"start": (1.0, 9.0)}, "the start of `x1` is 9.0"),
        ({"start": (1.0, "a")}, "the start of `x1` is 'a'"),
    ],
)
def test_what_does_not_fit_is_refused_before_anything_is_asked(
    found: Found, fields: dict[str, Any], said: str
) -> None:
    with pytest.raises(UserError) as refused:
        found(black_box(BOWL, **fields))
    assert said in str(refused.value)


class Killing:
    """A pool whose first job writes some lines; all are killed at their time limit."""

    def __init__(self, lines: Sequence[Evaluation]) -> None:
        self._text = '{"stage": "cma-es", "reason": "a test"}\n'
        self._text += "".join(line_of(line).decode() for line in lines)

    async def run(
        self, function: str, *_: object, on_output: Callable[[str], None], **__: object
    ) -> Outcome:
        on_output(self._text)
        self._text = ""
        return Outcome(Reason.TIMEOUT, error="It was killed after 3 s.")


def test_where_the_job_is_killed_the_best_of_the_journal_is_kept(tmp_path: Path) -> None:
    def killed(*lines: Evaluation, folder: Path | None = None, **fields: Any) -> SearchOutcome:
        box = black_box(DISC, constraints=[{"function": "right"}], **fields)
        pool: Any = Killing(lines)
        return asyncio.run(search(box, pool, time_limit_s=9, folder=folder))

    good, better = (Evaluation(point=(x, 0.0), value=x, constraints=(0.2 - x,)) for x in (1.0, 0.5))
    broken = Evaluation(point=(0.0, 0.1), value=0.1, constraints=(0.2,))
    failed = Evaluation(point=(0.3, 0.0), failure="no licence")
    slope = Evaluation(point=(0.5, 0.0), gradient=(1.0, 1.0))
    outcome = killed(good, broken, better, slope, failed)
    assert outcome.status is SearchStatus.FOUND and outcome.repeats == ()
    assert (outcome.point, outcome.value, outcome.constraints) == ((0.5, 0.0), 0.5, (-0.3,))
    assert (outcome.evaluations, outcome.failures, outcome.cached) == (4, 1, 0)
    assert [point.value for point in outcome.trace] == [1.0, 0.5]
    assert outcome.message == (
        "The search ended early: It was killed after 3 s. The best of 4 evaluations until then "
        "was kept; it was not evaluated again."
    )
    assert "def cma_es" in outcome.program
    nearest = killed(broken)
    assert nearest.status is SearchStatus.NO_POINT and nearest.point == (0.0, 0.1)
    assert "the nearest breaks `right` by 0.2" in nearest.message
    nothing = killed(failed)
    assert nothing.status is SearchStatus.FAILED and nothing.program == ""
    assert (nothing.evaluations, nothing.failures) == (1, 1)
    assert killed(good, better, folder=tmp_path, sense="maximize").value == 1.0
    narrower = (reals(1, 0.75)[0], reals(2)[1])  # than those that what is kept was paid for
    within = killed(folder=tmp_path, unknowns=narrower)
    assert within.point == (1.0, 0.0) and within.cached == 1


# --- commands and callables -----------------------------------------------------------------------

COUNTED = 'read line; echo "$line" >> {log}; echo ${{#line}}'
"""A command that keeps a log of what it is asked; its value is how long that is."""


def counted(log: Path, budget: int = 40, before: str = "") -> BlackBox:
    arguments = ("sh", "-c", before + COUNTED.format(log=log))
    oracle = Command(arguments=arguments, trusted=True)
    return black_box("", oracle=oracle, budget=budget, noisy=False)


def test_a_trusted_command_is_a_process_of_the_users(found: Found, tmp_path: Path) -> None:
    log = tmp_path / "asked"
    outcome = found(counted(log), optimizer="random")
    asked = [json.loads(line) for line in log.read_text().splitlines()]
    assert outcome.status is SearchStatus.FOUND and len(asked) == outcome.evaluations
    best = dict(zip(("x0", "x1"), outcome.point, strict=True))
    assert best in asked and outcome.value == min(len(json.dumps(point)) for point in asked)


def test_a_command_is_confined_and_gets_the_files_that_it_names(
    found: Found, tmp_path: Path
) -> None:
    script = tmp_path / "simulate.sh"
    script.write_text(f"#!/bin/sh\ncat > /dev/null\ntouch {tmp_path}/out 2> /dev/null\necho 5\n")
    oracle = Command(arguments=(str(script),))
    outcome = found(black_box("", oracle=oracle, budget=12))
    assert outcome.value == 5 and not (tmp_path / "out").exists()
    simulate = tmp_path / "simulate.py"
    simulate.write_text("import json, sys\nprint(json.load(sys.stdin)['x0'])\n")
    oracle = Command(arguments=(sys.executable, "-S", str(simulate)))
    value = found(black_box("", oracle=oracle, budget=3)).value
    assert value is not None and value <= 0
    (tmp_path / "binary").write_bytes(b"\x7fELF")
    with pytest.raises(UserError, match="Name the interpreter first"):
        found(black_box("", oracle=Command(arguments=(str(tmp_path / "binary"),))))


def test_constraints_that_a_command_tells_of_unasked_hold(found: Found) -> None:
    told = 'read line; echo "{\\"value\\": ${#line}, \\"constraints\\": [1]}"'
    oracle = Command(arguments=("sh", "-c", told), trusted=True)
    outcome = found(black_box("", oracle=oracle, budget=12))
    assert outcome.status is SearchStatus.NO_POINT and outcome.traits is not None
    assert outcome.traits.constrained and "constraint 1 by 1" in outcome.message


def test_a_command_is_not_waited_for_beyond_the_time(found: Found) -> None:
    slow = Command(arguments=("sh", "-c", "sleep 0.4; echo 1"), trusted=True)
    began = time.monotonic()
    outcome = found(black_box("", oracle=slow, budget=50), time_limit_s=1.5)
    assert time.monotonic() - began < 4 and outcome.failures == 0
    assert outcome.value == 1 and "the time was over before the budget" in outcome.sureness
    assert outcome.message == "The time was over before the best point was evaluated again."


def test_a_callable_is_asked_where_its_caller_is(found: Found) -> None:
    asked = []

    def mine(x: Any) -> float:
        asked.append(tuple(x))
        return float(np.sum((x - 0.5) ** 2))

    told: list[SearchProgress] = []
    outcome = found(black_box("..."), function=mine, on_progress=told.append)
    assert outcome.point == pytest.approx((0.5, 0.5), abs=0.02)
    assert len(asked) == outcome.evaluations and len(set(asked)) < len(asked)
    assert told[-1].evaluations == outcome.evaluations and told[-1].best == outcome.value


# --- nothing is paid twice ------------------------------------------------------------------------


def test_a_second_search_pays_only_for_what_is_new(found: Found, tmp_path: Path) -> None:
    log = tmp_path / "asked"
    first = found(counted(log), folder=tmp_path / "kept")
    paid = log.read_text().splitlines()
    again = found(counted(log), folder=tmp_path / "kept")
    assert log.read_text().splitlines() == paid
    assert again.cached == again.evaluations == first.evaluations
    assert (again.point, again.value) == (first.point, first.value)
    longer = found(counted(log, budget=80), folder=tmp_path / "kept")
    assert longer.cached >= 10 and len(log.read_text().splitlines()) == len(paid) + (
        longer.evaluations - longer.cached
    )


def test_a_search_in_the_sandbox_is_kept_as_well(found: Found, tmp_path: Path) -> None:
    first = found(black_box(VALLEY), folder=tmp_path)
    again = found(black_box(VALLEY), folder=tmp_path)
    assert again.cached == again.evaluations == first.evaluations
    assert (again.point, again.repeats) == (first.point, first.repeats)
    other = found(black_box(VALLEY + "#"), folder=tmp_path)
    assert other.cached == 0


KILLED = """
import asyncio, sys
from pathlib import Path
from optiwright.formulators.black_box import BlackBox
from optiwright.solver_tools.pool import Pool
from optiwright.solver_tools.search import search

box = BlackBox.model_validate_json(sys.argv[1])
asyncio.run(search(box, Pool(), time_limit_s=60, optimizer="random", folder=Path(sys.argv[2])))
"""


def test_after_kill_9_a_search_goes_on_where_it_was(found: Found, tmp_path: Path) -> None:
    log, kept = tmp_path / "asked", tmp_path / "kept"
    box = counted(log, budget=60, before="sleep 0.02; ")
    process = subprocess.Popen(
        [sys.executable, "-W", "ignore", "-c", KILLED, box.model_dump_json(), str(kept)],
        env=os.environ | {"PYTHONPATH": str(ROOT)},
    )
    try:
        while not (log.exists() and log.read_text().count("\n") >= 12):
            assert process.poll() is None
            time.sleep(0.02)
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()
    time.sleep(0.1)  # for the evaluation that was under way
    paid = log.read_text().splitlines()
    (journal,) = kept.iterdir()
    with journal.open("a") as file:
        file.write('{"point":[0.1,')  # as the kill may have left it
    outcome = found(box, optimizer="random", folder=kept)
    asked = log.read_text().splitlines()
    assert outcome.evaluations <= 60 and outcome.cached >= len(paid) - 1
    points = set(asked)
    assert len(asked) - len(points) <= 2  # the one under way, and the best one again


def test_cancelling_ends_the_command_and_the_job(pool: Pool, tmp_path: Path) -> None:
    async def cancelled(box: BlackBox, ready: Callable[[], bool]) -> None:
        heard: list[SearchProgress] = []
        running = asyncio.create_task(
            search(box, pool, time_limit_s=60, folder=tmp_path / "kept", on_progress=heard.append)
        )
        while not ready() and not any(state.evaluations >= 3 for state in heard):
            await asyncio.sleep(0.02)
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running

    pid = tmp_path / "pid"
    waiting = Command(arguments=("sh", "-c", f"echo $$ > {pid}; exec sleep 600"), trusted=True)
    began = time.monotonic()
    asyncio.run(
        cancelled(black_box("", oracle=waiting), lambda: pid.exists() and bool(pid.read_text()))
    )
    number = int(pid.read_text())
    assert time.monotonic() - began < 30
    with pytest.raises(ProcessLookupError):
        os.kill(number, 0)
    slow = "import time\n\ndef f(x):\n    time.sleep(0.05)\n    return x[0] ** 2\n"
    asyncio.run(cancelled(black_box(slow, budget=30), lambda: False))
    again = asyncio.run(
        search(black_box(slow, budget=30), pool, time_limit_s=30, folder=tmp_path / "kept")
    )
    assert again.cached >= 3
