"""Confined jobs a second, against `subprocess.run([python, file])` in the same run.

Run: python benchmarks/sandbox_jobs.py [--jobs 60] [--processes 6]

The three-variable LP as a language model writes it, in Pyomo, CVXPY and highspy, by
`written_run:execute` with `Profile.WRITTEN`, on one and two workers. "Warm process" is what the
same program takes within a process that has run it before, "fork and exit" what a process with the
server's memory takes to fork one that ends at once: less than that no job of its own can take.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import tempfile
import time
from concurrent.futures import as_completed
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

from optiwright.solver_tools.pool import Pool, Profile, Reason

if TYPE_CHECKING:
    from collections.abc import Callable

_PAUSE_S = 0.3
_EXECUTE = "optiwright.solver_tools.written_run:execute"
_WARM = """
import time
from optiwright.solver_tools.written_run import execute
execute(SOURCE, 10.0)
for _ in range(20):
    start = time.perf_counter()
    execute(SOURCE, 10.0)
    seconds.append(time.perf_counter() - start)
"""
_FORKED = """
import os, time
for _ in range(40):
    start = time.perf_counter()
    pid = os.fork()
    if pid == 0:
        os._exit(0)
    os.waitpid(pid, 0)
    seconds.append(time.perf_counter() - start)
"""
PROGRAMS = {
    "pyomo": """
import pyomo.environ as pyo
model = pyo.ConcreteModel()
model.x = pyo.Var(range(3), within=pyo.NonNegativeReals)
model.profit = pyo.Objective(
    expr=3 * model.x[0] + 2 * model.x[1] + 4 * model.x[2], sense=pyo.maximize
)
model.time = pyo.Constraint(expr=model.x[0] + model.x[1] + 2 * model.x[2] <= 4)
model.wood = pyo.Constraint(expr=2 * model.x[0] + 3 * model.x[2] <= 5)
pyo.SolverFactory("appsi_highs").solve(model)
print(pyo.value(model.profit))
""",
    "cvxpy": """
import cvxpy as cp
x = cp.Variable(3, nonneg=True)
limits = [x[0] + x[1] + 2 * x[2] <= 4, 2 * x[0] + 3 * x[2] <= 5]
problem = cp.Problem(cp.Maximize(3 * x[0] + 2 * x[1] + 4 * x[2]), limits)
problem.solve()
print(problem.value)
""",
    "highspy": """
import highspy
h = highspy.Highs()
x = [h.addVariable(lb=0) for _ in range(3)]
h.addConstr(x[0] + x[1] + 2 * x[2] <= 4)
h.addConstr(2 * x[0] + 3 * x[2] <= 5)
h.maximize(3 * x[0] + 2 * x[1] + 4 * x[2])
print(h.getInfo().objective_function_value)
""",
}


def _spread(seconds: list[float], whole: float) -> str:
    ordered = sorted(seconds)
    p95 = ordered[min(len(ordered) - 1, int(0.95 * len(ordered)))]
    return f"{len(seconds) / whole:.1f} | {statistics.median(ordered) * 1e3:.0f} | {p95 * 1e3:.0f}"


def _pooled(pool: Pool, source: str, workers: int, jobs: int, pause_s: float = 0.0) -> str:
    """Keeps the workers busy but for pauses; a job's time is from its submission to its outcome."""
    started, seconds, left = {}, [], jobs
    begin = time.perf_counter()
    while left or started:
        while left and len(started) < workers:
            time.sleep(pause_s)
            future = pool.submit(_EXECUTE, source, 10.0, time_limit_s=13, profile=Profile.WRITTEN)
            started[future] = time.perf_counter()
            left -= 1
        future = next(as_completed(started))
        seconds.append(time.perf_counter() - started.pop(future))
        outcome = future.result()
        if outcome.reason is not Reason.FINISHED or abs(outcome.value["objective"] - 10.5) > 1e-6:
            raise SystemExit(f"a job failed: {outcome}")
    return _spread(seconds, time.perf_counter() - begin)


def _bare(source: str, jobs: int) -> str:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "program.py")
        path.write_text(source)
        return _timed(lambda: _run_process(path), jobs)


def _run_process(path: Path) -> None:
    subprocess.run([sys.executable, str(path)], check=True, capture_output=True)


def _timed(step: Callable[[], None], times: int) -> str:
    seconds = []
    for _ in range(times):
        start = time.perf_counter()
        step()
        seconds.append(time.perf_counter() - start)
    return _spread(seconds, sum(seconds))


def _within(pool: Pool, code: str) -> str:
    """Has an unconfined child of the server take the times."""
    seconds: list[float] = []
    code = f"seconds = []\n{code}\nprint('seconds', *seconds)"
    outcome = pool.submit("builtins:exec", code, {}, time_limit_s=60).result()
    (line,) = [line for line in outcome.output.splitlines() if line.startswith("seconds ")]
    seconds += map(float, line.split()[1:])
    return _spread(seconds, sum(seconds))


def main() -> None:
    """Prints a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--jobs", type=int, default=60)
    parser.add_argument("--processes", type=int, default=6)
    options = parser.parse_args()
    with closing(Pool(2)) as pool:
        start = time.perf_counter()
        pool.submit("math:sqrt", 4.0, time_limit_s=60).result()
        print(f"server ready in {time.perf_counter() - start:.1f} s", end=", ")
        start = time.perf_counter()
        pool.submit("math:sqrt", 4.0, time_limit_s=60, profile=Profile.WRITTEN).result()
        print(f"first confined job {time.perf_counter() - start:.2f} s later\n")
        print(f"fork and exit: jobs/s, p50, p95: {_within(pool, _FORKED)}\n")
        print("| program | | jobs/s | p50 ms | p95 ms |\n|---|---|---|---|---|")
        for name, source in PROGRAMS.items():
            warm = _WARM.replace("SOURCE", repr(source))
            print(f"| {name} | subprocess | {_bare(source, options.processes)} |")
            print(f"| {name} | warm process | {_within(pool, warm)} |")
            for workers in (1, 2):
                row = _pooled(pool, source, workers, options.jobs)
                print(f"| {name} | sandbox, {workers} worker(s) | {row} |", flush=True)
            row = _pooled(pool, source, 1, options.jobs // 2, _PAUSE_S)
            print(f"| {name} | sandbox, after a pause each | {row} |", flush=True)


if __name__ == "__main__":
    main()
