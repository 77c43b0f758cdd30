"""How long a transport problem of 1,000 by 1,000 takes from its files to a compiled program.

Run: python benchmarks/data_transport.py [--size 1000] [--repeats 3]

Three CSV files are written: costs with a row for each pair (a million of them, keyed by names),
plants and markets. In a process each, in turn, so that a busy machine slows both: Optiwright reads
the files, binds and checks sets and parameters, and compiles; plain pandas reads the same files and
pivots the costs, and does no more. The table shows the medians, and each over plain pandas. The
peak is the whole process's, with what the libraries take when they are imported.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd

from optiwright.formulators.binding import bind
from optiwright.formulators.data import read_data
from optiwright.formulators.instance import ground
from optiwright.formulators.model import (
    Algebraic,
    Bound,
    Formulation,
    FromTable,
    Objective,
    Parameter,
    Sense,
    SetDef,
    Variable,
)
from optiwright.solver_tools.compile import compile_program

FORMULATION = Formulation(
    sets=(
        SetDef(name="Plants", data=FromTable(table="plants", columns=("plant",))),
        SetDef(name="Markets", data=FromTable(table="markets", columns=("market",))),
    ),
    parameters=(
        Parameter(
            name="cost",
            over="i in Plants, j in Markets",
            data=Bound(table="costs", value_column="cost", key_columns=("plant", "market")),
        ),
        Parameter(
            name="supply",
            over="i in Plants",
            data=Bound(table="plants", value_column="supply", key_columns=("plant",)),
        ),
        Parameter(
            name="demand",
            over="j in Markets",
            data=Bound(table="markets", value_column="demand", key_columns=("market",)),
        ),
    ),
    variables=(Variable(name="x", over="i in Plants, j in Markets"),),
    objectives=(
        Objective(
            sense=Sense.MINIMIZE,
            expression="sum(cost[i, j] * x[i, j] for i in Plants for j in Markets)",
        ),
    ),
    constraints=(
        Algebraic(
            name="ship", over="i in Plants", expression="sum(x[i, j] for j in Markets) <= supply[i]"
        ),
        Algebraic(
            name="meet", over="j in Markets", expression="sum(x[i, j] for i in Plants) >= demand[j]"
        ),
    ),
)
FILES = ("costs.csv", "plants.csv", "markets.csv")


def write_files(folder: Path, size: int) -> None:
    """Write the three files, always the same for a size."""
    rng = np.random.default_rng(0)
    plants = [f"plant {k}" for k in range(size)]
    markets = [f"market {k}" for k in range(size)]
    demand = rng.uniform(1, 10, size).round(3)
    costs = rng.uniform(1, 100, size * size).round(2)
    frames = {
        "costs": pd.DataFrame(
            {"plant": np.repeat(plants, size), "market": markets * size, "cost": costs}
        ),
        "plants": pd.DataFrame({"plant": plants, "supply": (demand.sum() / size * 1.2).round(3)}),
        "markets": pd.DataFrame({"market": markets, "demand": demand}),
    }
    for name, frame in frames.items():
        frame.to_csv(folder / f"{name}.csv", index=False)


def with_optiwright(folder: Path) -> dict[str, float]:
    """Read, bind and compile; return seconds."""
    started = time.perf_counter()
    data = read_data([folder / name for name in FILES])
    read = time.perf_counter()
    formulation = FORMULATION.with_data(data)
    bind(formulation)
    bound = time.perf_counter()
    program = compile_program(ground(formulation))
    compiled = time.perf_counter()
    assert program.columns == len(data.tables["costs"])
    return {"read": read - started, "bind": bound - read, "compile": compiled - bound}


def with_pandas(folder: Path) -> dict[str, float]:
    """Read the same files and pivot the costs; return seconds."""
    started = time.perf_counter()
    costs, *_ = (pd.read_csv(folder / name) for name in FILES)
    read = time.perf_counter()
    wide = costs.pivot(index="plant", columns="market", values="cost")
    pivoted = time.perf_counter()
    assert wide.size == len(costs)
    return {"read": read - started, "pivot": pivoted - read}


WAYS = {"optiwright": with_optiwright, "pandas": with_pandas}


def peak_mib() -> float:
    """Return the most memory that this process has had; its `ru_maxrss` may be its parent's."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return float(status.partition("VmHWM:")[2].split()[0]) / 1024


def in_a_process(way: str, folder: Path) -> dict[str, float]:
    """Return what a way took in a process of its own."""
    command = [sys.executable, __file__, "--way", way, "--folder", str(folder)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    found: dict[str, float] = json.loads(done.stdout)
    return found


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--size", type=int, default=1000, help="plants, and markets")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--way", choices=list(WAYS), help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.way:
        idle = peak_mib()
        seconds = WAYS[options.way](options.folder)
        print(json.dumps(seconds | {"idle": idle, "peak": peak_mib()}))
        return
    with tempfile.TemporaryDirectory() as place:
        write_files(Path(place), options.size)
        runs: dict[str, list[dict[str, float]]] = {way: [] for way in WAYS}
        for _ in range(options.repeats):
            for way in WAYS:
                runs[way].append(in_a_process(way, Path(place)))
    show(options.size, runs)


def show(size: int, runs: dict[str, list[dict[str, float]]]) -> None:
    """Print medians as a Markdown table."""
    medians = {
        way: {what: statistics.median(run[what] for run in found) for what in found[0]}
        for way, found in runs.items()
    }
    ours, plain = medians["optiwright"], medians["pandas"]
    base = plain["read"] + plain["pivot"]
    print(f"Transport, {size} by {size}, {size * size:,} rows of costs\n")
    print("| what | seconds | over pandas' reading and pivoting |\n|---|---|---|")
    for what in ("read", "bind", "compile"):
        print(f"| Optiwright: {what} | {ours[what]:.2f} | {ours[what] / base:.2f} |")
    whole = ours["read"] + ours["bind"] + ours["compile"]
    print(f"| Optiwright: all | {whole:.2f} | {whole / base:.2f} |")
    print(f"| pandas: read | {plain['read']:.2f} | {plain['read'] / base:.2f} |")
    print(f"| pandas: pivot | {plain['pivot']:.2f} | {plain['pivot'] / base:.2f} |")
    print("\n| peak memory, MiB | before it began | at its highest |\n|---|---|---|")
    for way, found in medians.items():
        print(f"| {way} | {found['idle']:.0f} | {found['peak']:.0f} |")


if __name__ == "__main__":
    main()
