"""Whether the solves of a sweep would gain from a warm start, with HiGHS.

Run: python benchmarks/warm_sweep.py [--points 8] [--size 1.0]

One number of a problem goes through values, as in `Result.sweep`. Each point is solved three times,
in turn: cold, as a sweep does it; from the base's basis, or from its plan where there are integers;
and from those of the point before. All three must come to the same value. Beside the ratios stands
what a point takes besides the solver: compiling, and holding the answer against the formulation.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import highspy
import numpy as np

from optiwright.formulators.instance import ground
from optiwright.formulators.model import (
    Algebraic,
    Change,
    Domain,
    Element,
    Entry,
    Formulation,
    Given,
    Index,
    Listed,
    Objective,
    Parameter,
    Range,
    Sense,
    SetDef,
    Variable,
)
from optiwright.solver_tools import highs
from optiwright.solver_tools.compile import compile_program
from optiwright.solver_tools.judgement import judge
from optiwright.solver_tools.program import Kind, Program
from optiwright.solver_tools.solve import solve_program, to_solution

_SAME = 1e-6


@dataclass(frozen=True)
class Series:
    """A problem and the values that its parameter `limit` goes through."""

    name: str
    formulation: Formulation
    values: tuple[float, ...]

    def changes(self, value: float) -> tuple[Change, ...]:
        """Return the change that sets the parameter."""
        return (Change(parameter="limit", entries=(Entry(index=(), value=value),)),)

    def program(self, value: float) -> Program:
        """Return the program at a value."""
        return compile_program(ground(self.formulation, changes=self.changes(value)))


@dataclass
class Seconds:
    """What all points together took."""

    cold: float = 0.0
    from_base: float = 0.0
    from_neighbour: float = 0.0
    beside: float = 0.0
    values: list[tuple[float | None, ...]] = field(default_factory=list)


def given(values: dict[Index, float]) -> Given:
    """Return data written in."""
    return Given(entries=tuple(Entry(index=k, value=v) for k, v in values.items()))


def names(letter: str, count: int) -> tuple[Element, ...]:
    """Return elements such as p0, p1."""
    return tuple(f"{letter}{k}" for k in range(count))


def sites(plants: int, markets: int, points: int, *, integer: bool) -> Series:
    """Return a choice of plants (or of shares of them), each with at most `limit` sent from it."""
    rng = np.random.default_rng(0)
    p, m = names("p", plants), names("m", markets)
    need = {(k,): float(v) for k, v in zip(m, rng.integers(5, 20, markets), strict=True)}
    fair = sum(need.values()) / plants
    open_ = Variable(
        name="use", over="i in P", domain=Domain.BINARY if integer else Domain.CONTINUOUS, upper="1"
    )
    formulation = Formulation(
        sets=(
            SetDef(name="P", data=Listed(elements=p)),
            SetDef(name="M", data=Listed(elements=m)),
        ),
        parameters=(
            Parameter(
                name="cost",
                over="i in P, j in M",
                data=given({(i, j): float(rng.integers(1, 100)) for i in p for j in m}),
            ),
            Parameter(
                name="rent",
                over="i in P",
                data=given({(i,): float(rng.integers(500, 1500)) for i in p}),
            ),
            Parameter(name="need", over="j in M", data=given(need)),
            Parameter(name="room", data=given({(): 3 * fair})),
            Parameter(name="limit", data=given({(): 2 * fair})),
        ),
        variables=(Variable(name="send", over="i in P, j in M", lower="0"), open_),
        objectives=(
            Objective(
                sense=Sense.MINIMIZE,
                expression="sum(cost[i, j] * send[i, j] for i in P for j in M)"
                " + sum(rent[i] * use[i] for i in P)",
            ),
        ),
        constraints=(
            Algebraic(
                name="met", over="j in M", expression="sum(send[i, j] for i in P) >= need[j]"
            ),
            Algebraic(
                name="held", over="i in P", expression="sum(send[i, j] for j in M) <= room * use[i]"
            ),
            Algebraic(name="most", over="i in P", expression="sum(send[i, j] for j in M) <= limit"),
        ),
    )
    values = tuple(np.linspace(1.05 * fair, 3 * fair, points).tolist())
    kind = "whole plants" if integer else "shares of plants"
    return Series(f"{kind}, {plants} by {markets}", formulation, values)


def stocks(goods: int, months: int, points: int, *, integer: bool) -> Series:
    """Return production with stocks over months, each with `limit` hours."""
    rng = np.random.default_rng(0)
    g = names("g", goods)
    both = [(i, t) for i in g for t in range(1, months + 1)]
    formulation = Formulation(
        sets=(
            SetDef(name="G", data=Listed(elements=g)),
            SetDef(name="T", data=Range(start="1", stop=str(months))),
        ),
        parameters=(
            Parameter(
                name="need",
                over="i in G, t in T",
                data=given({k: float(rng.integers(0, 100)) for k in both}),
            ),
            Parameter(
                name="cost",
                over="i in G, t in T",
                data=given({k: float(rng.integers(500, 1500)) / 100 for k in both}),
            ),
            Parameter(
                name="hours",
                over="i in G",
                data=given({(i,): float(rng.integers(10, 30)) / 10 for i in g}),
            ),
            Parameter(name="limit", data=given({(): 110.0 * goods})),
        ),
        variables=(
            Variable(
                name="make",
                over="i in G, t in T",
                domain=Domain.INTEGER if integer else Domain.CONTINUOUS,
                lower="0",
            ),
            Variable(name="keep", over="i in G, t in T", lower="0"),
        ),
        objectives=(
            Objective(
                sense=Sense.MINIMIZE,
                expression="sum(cost[i, t] * make[i, t] + keep[i, t] for i in G for t in T)",
            ),
        ),
        constraints=(
            Algebraic(
                name="first", over="i in G", expression="make[i, 1] == need[i, 1] + keep[i, 1]"
            ),
            Algebraic(
                name="later",
                over="i in G, t in T if t > 1",
                expression="keep[i, t - 1] + make[i, t] == need[i, t] + keep[i, t]",
            ),
            Algebraic(
                name="time",
                over="t in T",
                expression="sum(hours[i] * make[i, t] for i in G) <= limit",
            ),
        ),
    )
    kind = "whole goods" if integer else "goods and stocks"
    values = tuple(np.linspace(105.0 * goods, 200.0 * goods, points).tolist())
    return Series(f"{kind}, {goods} by {months}", formulation, values)


def solve(program: Program, start: highspy.Highs | None) -> tuple[highspy.Highs, float]:
    """Solve with the options of a sweep, from another solve's end if there is one."""
    solver = highs.load(program)
    for name, value in {"threads": 1, "mip_rel_gap": 1e-8, "mip_abs_gap": 1e-9}.items():
        solver.setOptionValue(name, value)
    began = time.perf_counter()
    if start is not None and start.getInfo().primal_solution_status == 2:
        if np.any(program.kind == Kind.INTEGER):
            point: Any = highspy.HighsSolution()
            point.col_value = start.getSolution().col_value
            solver.setSolution(point)
        else:
            solver.setBasis(start.getBasis())
    solver.run()
    return solver, time.perf_counter() - began


def value_of(solver: highspy.Highs) -> float | None:
    """Return the best value, None where there is none."""
    optimal = solver.getModelStatus() == highspy.HighsModelStatus.kOptimal
    return float(solver.getInfo().objective_function_value) if optimal else None


def measure(series: Series) -> Seconds:
    """Solve every point in each way."""
    spent = Seconds()
    base, _ = solve(compile_program(ground(series.formulation)), None)
    before: highspy.Highs | None = None
    for value in series.values:
        began = time.perf_counter()
        program = series.program(value)
        spent.beside += time.perf_counter() - began
        cold, seconds = solve(program, None)
        spent.cold += seconds
        warm, seconds = solve(program, base)
        spent.from_base += seconds
        near, seconds = solve(program, before or base)
        spent.from_neighbour += seconds
        before = near
        spent.values.append(tuple(map(value_of, (cold, warm, near))))
        raw = solve_program(program)
        began = time.perf_counter()
        judge(series.formulation, series.changes(value), program, raw, to_solution(program, raw))
        spent.beside += time.perf_counter() - began
    return spent


def agree(values: Sequence[float | None]) -> bool:
    """Return whether all ways came to the same value, or none to one."""
    found = [v for v in values if v is not None]
    if len(found) < len(values):
        return not found
    return max(found) - min(found) <= _SAME * max(1.0, abs(found[0]))


def problems(size: float, points: int) -> list[Series]:
    """Return the problems measured, larger or smaller by a factor."""

    def scaled(count: int) -> int:
        return max(3, round(count * size))

    return [
        sites(scaled(30), scaled(60), points, integer=False),
        sites(scaled(60), scaled(150), points, integer=False),
        stocks(scaled(40), scaled(24), points, integer=False),
        stocks(scaled(150), scaled(52), points, integer=False),
        sites(scaled(12), scaled(24), points, integer=True),
        sites(scaled(16), scaled(40), points, integer=True),
        stocks(scaled(10), scaled(8), points, integer=True),
    ]


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--points", type=int, default=8)
    parser.add_argument("--size", type=float, default=1.0, help="factor on every problem's size")
    options = parser.parse_args()
    print(
        "| problem | columns | cold, ms a point | from the base | from the point before "
        "| besides, ms |"
    )
    print("|---|---|---|---|---|---|")
    for series in problems(options.size, options.points):
        spent = measure(series)
        assert all(agree(values) for values in spent.values), (series.name, spent.values)
        columns = compile_program(ground(series.formulation)).columns
        milli = 1000 / len(series.values)
        print(
            f"| {series.name} | {columns:,} | {spent.cold * milli:.0f} "
            f"| {spent.cold / spent.from_base:.2f} "
            f"| {spent.cold / spent.from_neighbour:.2f} | {spent.beside * milli:.0f} |",
            flush=True,
        )


if __name__ == "__main__":
    main()
