"""How long a job shop takes with CP-SAT, and as rows over binaries with HiGHS.

Run: python benchmarks/job_shop.py [--jobs 6] [--machines 4] [--limit 60] [--seeds 3]

Both solve the same formulation, drawn from a seed: each job visits every machine once in an order
of its own, and all is to be done as soon as possible. The ways are run in turn, one thread each;
the table shows seconds, the value reached, and the gap that is left. Where both are optimal the
values must be equal.
"""

from __future__ import annotations

import argparse
import random
import statistics
from itertools import pairwise

from optiwright.formulators.instance import ground
from optiwright.formulators.model import Formulation
from optiwright.solver_tools.compile import compile_program
from optiwright.solver_tools.program import Program
from optiwright.solver_tools.solution import RawSolution, Termination
from optiwright.solver_tools.solve import solve_program

SOLVERS = ("cp-sat", "highs")


def job_shop(jobs: int, machines: int, seed: int) -> Program:
    """Draw a job shop with hours from 1 to 99."""
    draw = random.Random(seed)
    hours = [
        {"index": [j, m], "value": draw.randint(1, 99)}
        for j in range(1, jobs + 1)
        for m in range(1, machines + 1)
    ]
    orders = [draw.sample(range(1, machines + 1), machines) for _ in range(jobs)]
    steps = [[j, a, b] for j, order in enumerate(orders, 1) for a, b in pairwise(order)]
    span = {"start": "start[j, m]", "duration": "hours[j, m]"}
    formulation = Formulation.model_validate(
        {
            "sets": [
                {"name": "Jobs", "data": {"kind": "range", "start": "1", "stop": str(jobs)}},
                {
                    "name": "Machines",
                    "data": {"kind": "range", "start": "1", "stop": str(machines)},
                },
                {"name": "Steps", "data": {"kind": "listed", "elements": steps}},
            ],
            "parameters": [
                {
                    "name": "hours",
                    "over": "j in Jobs, m in Machines",
                    "data": {"kind": "given", "entries": hours},
                }
            ],
            "variables": [
                {"name": "start", "over": "j in Jobs, m in Machines", "domain": "integer"}
            ],
            "objectives": [
                {
                    "sense": "minimize",
                    "expression": "max(start[j, m] + hours[j, m] for j in Jobs for m in Machines)",
                }
            ],
            "constraints": [
                {
                    "name": "order",
                    "kind": "algebraic",
                    "over": "(j, a, b) in Steps",
                    "expression": "start[j, a] + hours[j, a] <= start[j, b]",
                },
                {
                    "name": "machine",
                    "kind": "no_overlap",
                    "over": "m in Machines",
                    "among": "j in Jobs",
                    **span,
                },
            ],
        }
    )
    return compile_program(ground(formulation))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--jobs", type=int, default=6)
    parser.add_argument("--machines", type=int, default=4)
    parser.add_argument("--limit", type=float, default=60.0, help="seconds for each solve")
    parser.add_argument("--seeds", type=int, default=3, help="how many are drawn")
    given = parser.parse_args()
    print(f"{'seed':>4} {'way':>7} {'seconds':>9} {'value':>8} {'gap':>8}")
    ratios = []
    for seed in range(given.seeds):
        program = job_shop(given.jobs, given.machines, seed)
        found = {}
        for way in SOLVERS:
            found[way] = solve_program(program, solver=way, time_limit_s=given.limit)
            print(_line(seed, way, found[way]))
        first, second = (found[way] for way in SOLVERS)
        ended = first.termination is second.termination is Termination.OPTIMAL
        if ended and first.objective != second.objective:
            raise SystemExit(f"seed {seed}: {first.objective} and {second.objective}")
        ratios.append(second.seconds / first.seconds)
    print(f"HiGHS took {statistics.median(ratios):.1f} times as long as CP-SAT (median)")


def _line(seed: int, way: str, raw: RawSolution) -> str:
    value = "-" if raw.objective is None else f"{raw.objective:g}"
    gap = "-" if raw.gap is None else f"{raw.gap:.1%}"
    return f"{seed:>4} {way:>7} {raw.seconds:>9.2f} {value:>8} {gap:>8}"


if __name__ == "__main__":
    main()
