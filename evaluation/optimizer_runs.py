"""The pool of optimizers, measured: each on functions whose lowest value is known.

A line a run, appended and never changed; the same call goes on where it was stopped. What the runs
say of which optimizer is for what, `optimizer_table` sums up.
"""

from __future__ import annotations

import math
import os
import time
from collections.abc import Callable, Iterator, Sequence
from itertools import count
from pathlib import Path

import numpy as np

from optiwright.evaluation.function_draws import BUDGETS, DIMENSIONS, Cell, all_cells, draw
from optiwright.evaluation.function_sources import WORST, FunctionProblem
from optiwright.evaluation.lines import append_line, open_lines, read_lines
from optiwright.evaluation.problems import Plain
from optiwright.solver_tools.optimizers import OPTIMIZERS, Optimizer
from optiwright.solver_tools.search_target import TOLERANCE, Answer, Axis, Point, Spent, Target

RUN_LIMIT_S = 3.0
"""Seconds of processor time after which a run ends with what it has: its own work counts."""
_THINKING_LIMIT_S = 120.0
"""Likewise, of those that think long over one evaluation."""
_SLOW = {
    "expected-improvement": 100,
    "gaussian-process": 100,
    "tpe": 200,
    "shgo": 100,
    "two-points-de": 200,
    "one-plus-one": 200,
    "cobyla": 500,
    "cobyqa": 500,
}
"""Optimizers that take a millisecond and more over an evaluation, and the largest budgets that they
are measured with."""
_WHOLE_TIMES = 3
"""How much more that is for those that few others stand beside where there are whole numbers."""
_TYPICAL = {"1-3": 2, "4-10": 6, "11-40": 16}
"""Unknowns of a cell's functions, about."""


class OptimizerRun(Plain):
    """One optimizer on one function."""

    key: str
    cell: Cell
    seed: int
    """What the function was drawn with."""
    function: str
    """Its basic functions."""
    optimizer: str
    log_gap: float
    """As `FunctionProblem.log_gap` of the point with the best value that the optimizer saw."""
    evaluations: int
    seconds: float
    error: str = ""
    """What the optimizer raised, if anything."""


def key_of(cell: Cell, seed: int, optimizer: str) -> str:
    """Return what names a run."""
    return f"{seed} {optimizer} {cell.model_dump_json()}"


def fitting(cell: Cell) -> list[Optimizer]:
    """Return the installed optimizers that are measured on a cell's functions."""
    return [o for o in OPTIMIZERS.values() if o.installed and is_measured(o, cell)]


def is_measured(optimizer: Optimizer, cell: Cell) -> bool:
    """Whether an optimizer can take a cell's functions, and is not too slow for their budget."""
    mixed = cell.kinds == "mixed"
    budget = BUDGETS[cell.budget] * _TYPICAL[cell.dimension]
    most = _SLOW.get(optimizer.name, budget)
    if mixed and optimizer.package == "nevergrad":
        most *= _WHOLE_TIMES
    fits = optimizer.can(dimension=max(DIMENSIONS[cell.dimension]), mixed=mixed)
    return fits and budget <= most


def run_optimizer(
    function: FunctionProblem, optimizer: Optimizer, seed: int, limit_s: float = RUN_LIMIT_S
) -> tuple[float, int, float, str]:
    """Run an optimizer on a function, here and now.

    Returns:
        The logarithmic gap, the evaluations, the processor's seconds, and what it raised.
    """
    watch = _Watch(function, seed, limit_s)
    half = function.half_width
    axes = [Axis(-half, half, whole=k < function.whole) for k in range(function.dimension)]
    target = Target(
        axes,
        watch.ask,
        function.budget,
        constraints=len(function.constraints),
        noisy=bool(function.noise),
    )
    error = ""
    with np.errstate(all="ignore"):
        try:
            optimizer.run(target, np.random.default_rng(seed))
        except Spent:
            pass
        except Exception as fault:  # a library's own fault is what is measured here
            error = f"{type(fault).__name__}: {str(fault)[:120]}"
    return watch.log_gap, watch.evaluations, time.process_time() - watch.started, error


class _Watch:
    """Answers an optimizer and remembers the best point that meets the constraints."""

    def __init__(self, function: FunctionProblem, seed: int, limit_s: float) -> None:
        self._function, self._limit_s = function, limit_s
        self._objective, self._limits = function.functions(seed)
        self._best, self._point = math.inf, None  # type: float, np.ndarray | None
        self.evaluations = 0
        self.started = time.process_time()

    def ask(self, point: Point) -> Answer:
        """Evaluate a point."""
        if time.process_time() - self.started > self._limit_s:
            raise Spent("its time is over")
        self.evaluations += 1
        x = np.array(point, dtype=float)
        value, limits = self._objective(x), [limit(x) for limit in self._limits]
        if value < self._best and max(limits, default=0.0) <= TOLERANCE:
            self._best, self._point = value, x
        return value, limits

    @property
    def log_gap(self) -> float:
        """Of the best point, by its value without noise."""
        if self._point is None:
            return WORST
        return self._function.log_gap(self._function.value(self._point))


def planned(cells: Sequence[Cell], seed: int) -> Iterator[tuple[Cell, int, Optimizer]]:
    """Yield runs without end: round after round, a new function of every cell in each."""
    for turn in count():
        order = np.random.default_rng([seed, turn]).permutation(len(cells))
        for cell in (cells[k] for k in order):
            for optimizer in fitting(cell):
                yield cell, seed + turn, optimizer


def measure(
    out: Path,
    *,
    seed: int = 0,
    minutes: float,
    rounds: int | None = None,
    cells: Sequence[Cell] | None = None,
    on_run: Callable[[OptimizerRun, int], None] = lambda run, done: None,
) -> int:
    """Run the pool until the time is over; what the file holds already is not run again.

    Args:
        out: the file of runs, JSON lines.
        seed: of the first round's functions; each round's is one more.
        minutes: wall-clock time of this call.
        rounds: after which it ends in any case.
        cells: what is measured; None takes all.
        on_run: told of each run, and how many there are.

    Returns:
        How many runs the file holds.
    """
    end = time.monotonic() + 60 * minutes
    out.parent.mkdir(parents=True, exist_ok=True)
    file = open_lines(out)
    try:
        done = {run.key for run in read_optimizer_runs(out)}
        for cell, drawn, optimizer in planned(tuple(cells or all_cells()), seed):
            key = key_of(cell, drawn, optimizer.name)
            if time.monotonic() > end or (rounds is not None and drawn >= seed + rounds):
                break
            if key not in done:
                run = _one(key, cell, drawn, optimizer)
                append_line(file, run)
                done.add(key)
                on_run(run, len(done))
        return len(done)
    finally:
        os.close(file)


def read_optimizer_runs(path: Path) -> Iterator[OptimizerRun]:
    """Yield a file's runs; a last line that a kill cut off is left out.

    Raises:
        UserError: if a line is no run.
    """
    yield from read_lines(path, OptimizerRun, "run of an optimizer")


def _one(key: str, cell: Cell, seed: int, optimizer: Optimizer) -> OptimizerRun:
    function = draw(cell, seed)
    limit_s = _THINKING_LIMIT_S if optimizer.thinks_s else RUN_LIMIT_S
    gap, evaluations, seconds, error = run_optimizer(function, optimizer, seed, limit_s)
    return OptimizerRun(
        key=key,
        cell=cell,
        seed=seed,
        function="+".join(function.parts),
        optimizer=optimizer.name,
        log_gap=gap,
        evaluations=evaluations,
        seconds=round(seconds, 3),
        error=error,
    )
