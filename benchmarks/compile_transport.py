"""How long a transport problem takes from its data to a HiGHS model, in Optiwright and elsewhere.

Run: python benchmarks/compile_transport.py [--size 224] [--repeats 5]

Every way builds the same program (size squared columns, two nonzeros each) from data in the form
that the library itself takes, up to a loaded but unsolved HiGHS model. The ways are run in turn,
so that a busy machine slows them all; the table shows medians, and each median over Optiwright's.
With the default size the program has 100,352 nonzeros. `--check` solves every model and compares
the optimal values instead.
"""

from __future__ import annotations

import argparse
import gc
import os
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import highspy
import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array

from optiwright.formulators.instance import ground
from optiwright.formulators.model import (
    Algebraic,
    Bound,
    Entry,
    Formulation,
    Given,
    Listed,
    Objective,
    Parameter,
    Sense,
    SetDef,
    Variable,
)
from optiwright.solver_tools.compile import compile_program
from optiwright.solver_tools.program import Program

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Data:
    """A transport problem: as many plants as markets."""

    plants: list[str]
    markets: list[str]
    cost: Floats
    supply: Floats
    demand: Floats

    @property
    def size(self) -> int:
        """Number of plants."""
        return len(self.plants)


def make_data(size: int) -> Data:
    """Return a random feasible problem, always the same for a size."""
    rng = np.random.default_rng(0)
    demand = rng.uniform(1, 10, size)
    return Data(
        plants=[f"plant{k}" for k in range(size)],
        markets=[f"market{k}" for k in range(size)],
        cost=rng.uniform(1, 100, (size, size)),
        supply=np.full(size, demand.sum() / size * 1.2),
        demand=demand,
    )


def formulate(data: Data, cost: Given | Bound) -> Formulation:
    """Return the formulation, its costs written in or bound to a table."""

    def column(names: list[str], values: Floats) -> Given:
        pairs = zip(names, values.tolist(), strict=True)
        return Given(entries=tuple(Entry(index=(n,), value=v) for n, v in pairs))

    supply, demand = column(data.plants, data.supply), column(data.markets, data.demand)
    return Formulation(
        sets=(
            SetDef(name="Plants", data=Listed(elements=tuple(data.plants))),
            SetDef(name="Markets", data=Listed(elements=tuple(data.markets))),
        ),
        parameters=(
            Parameter(name="cost", over="i in Plants, j in Markets", data=cost),
            Parameter(name="supply", over="i in Plants", data=supply),
            Parameter(name="demand", over="j in Markets", data=demand),
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
                name="ship",
                over="i in Plants",
                expression="sum(x[i, j] for j in Markets) <= supply[i]",
            ),
            Algebraic(
                name="meet",
                over="j in Markets",
                expression="sum(x[i, j] for i in Plants) >= demand[j]",
            ),
        ),
    )


def written_in(data: Data) -> Callable[[], highspy.Highs]:
    """Optiwright, every cost an entry of the formulation."""
    entries = tuple(
        Entry(index=(plant, market), value=cost)
        for plant, row in zip(data.plants, data.cost.tolist(), strict=True)
        for market, cost in zip(data.markets, row, strict=True)
    )
    formulation = formulate(data, Given(entries=entries))
    return lambda: load(compile_program(ground(formulation)))


def from_table(data: Data) -> Callable[[], highspy.Highs]:
    """Optiwright, the costs in a table's column."""
    bound = Bound(table="routes", value_column="cost", key_columns=("plant", "market"))
    formulation = formulate(data, bound)
    table: dict[str, Any] = {
        "plant": np.repeat(data.plants, data.size).tolist(),
        "market": data.markets * data.size,
        "cost": data.cost.ravel(),
    }
    return lambda: load(compile_program(ground(formulation, {"routes": table})))


def load(program: Program) -> highspy.Highs:
    """Pass a linear program to HiGHS."""
    shape = (program.rows.count, program.columns)
    matrix = csr_array((program.rows.value, (program.rows.row, program.rows.column)), shape=shape)
    cost = np.zeros(program.columns)
    np.add.at(cost, program.objectives.column, program.objectives.value)
    bounds = program.lower, program.upper, program.row_lower, program.row_upper
    return pass_arrays(matrix, cost, *bounds)


def pass_arrays(
    matrix: csr_array,
    cost: Floats,
    lower: Floats,
    upper: Floats,
    row_lower: Floats,
    row_upper: Floats,
) -> highspy.Highs:
    """Hand arrays to HiGHS, the rows' matrix in rows."""
    h = quiet()
    h.passModel(
        matrix.shape[1],
        matrix.shape[0],
        matrix.nnz,
        int(highspy.MatrixFormat.kRowwise),
        int(highspy.ObjSense.kMinimize),
        0.0,
        cost,
        lower,
        upper,
        row_lower,
        row_upper,
        matrix.indptr,
        matrix.indices,
        matrix.data,
        np.zeros(matrix.shape[1], dtype=np.int32),
    )
    return h


def quiet() -> highspy.Highs:
    """Return a HiGHS that prints nothing."""
    h = highspy.Highs()
    h.setOptionValue("output_flag", False)
    return h


def by_hand(data: Data) -> Callable[[], highspy.Highs]:
    """The arrays of this very problem, written by hand."""

    def build() -> highspy.Highs:
        n = data.size
        columns = np.arange(n * n)
        indices = np.concatenate([columns, columns.reshape(n, n).T.ravel()])
        starts = np.arange(0, 2 * n * n + 1, n)
        matrix = csr_array((np.ones(2 * n * n), indices, starts), shape=(2 * n, n * n))
        row_lower = np.concatenate([np.full(n, -np.inf), data.demand])
        row_upper = np.concatenate([data.supply, np.full(n, np.inf)])
        upper = np.full(n * n, np.inf)
        return pass_arrays(matrix, data.cost.ravel(), np.zeros(n * n), upper, row_lower, row_upper)

    return build


def by_constraints(data: Data) -> Callable[[], highspy.Highs]:
    """HiGHS's own expressions, one constraint at a time."""

    def build() -> highspy.Highs:
        h, n = quiet(), data.size
        x = h.addVariables(n, n, obj=data.cost.ravel().tolist())
        for i in range(n):
            h.addConstr(h.qsum(x[i]) <= data.supply[i])
        for j in range(n):
            h.addConstr(h.qsum(x[:, j]) >= data.demand[j])
        return h

    return build


def with_pyomo(data: Data) -> Callable[[], highspy.Highs]:
    """Pyomo, loaded through its persistent HiGHS interface."""
    import pyomo.environ as pyo
    from pyomo.contrib.appsi.solvers.highs import Highs

    def build() -> highspy.Highs:
        n = data.size
        m = pyo.ConcreteModel()
        m.I, m.J = pyo.RangeSet(0, n - 1), pyo.RangeSet(0, n - 1)
        m.x = pyo.Var(m.I, m.J, domain=pyo.NonNegativeReals)
        m.total = pyo.Objective(expr=sum(data.cost[i, j] * m.x[i, j] for i in m.I for j in m.J))
        m.ship = pyo.Constraint(
            m.I, rule=lambda m, i: sum(m.x[i, j] for j in m.J) <= data.supply[i]
        )
        m.meet = pyo.Constraint(
            m.J, rule=lambda m, j: sum(m.x[i, j] for i in m.I) >= data.demand[j]
        )
        solver = Highs()
        solver.set_instance(m)
        h: highspy.Highs = solver._solver_model
        h.setOptionValue("output_flag", False)
        return h

    return build


def with_linopy(data: Data) -> Callable[[], highspy.Highs]:
    """linopy, passed to HiGHS in memory."""
    import linopy
    import pandas as pd
    import xarray as xr

    plants = pd.Index(data.plants, name="plant")
    markets = pd.Index(data.markets, name="market")
    cost = xr.DataArray(data.cost, coords=[plants, markets])
    supply = xr.DataArray(data.supply, coords=[plants])
    demand = xr.DataArray(data.demand, coords=[markets])

    def build() -> highspy.Highs:
        m = linopy.Model()
        x = m.add_variables(lower=0, coords=[plants, markets], name="x")
        m.add_constraints(x.sum("market") <= supply, name="ship")
        m.add_constraints(x.sum("plant") >= demand, name="meet")
        m.add_objective((cost * x).sum())
        h: highspy.Highs = linopy.io.to_highspy(m)
        h.setOptionValue("output_flag", False)
        return h

    return build


def with_pyoptinterface(data: Data) -> Callable[[], Any]:
    """PyOptInterface, over the HiGHS library of the `highsbox` package."""
    import pyoptinterface as poi  # type: ignore[import-untyped]
    from pyoptinterface import highs

    if not highs.is_library_loaded():
        raise ImportError("it needs the package highsbox")

    def build() -> Any:
        m, n = highs.Model(), data.size
        x = np.array([[m.add_variable(lb=0) for _ in range(n)] for _ in range(n)])
        for i in range(n):
            m.add_linear_constraint(poi.quicksum(x[i]), poi.Leq, data.supply[i])
        for j in range(n):
            m.add_linear_constraint(poi.quicksum(x[:, j]), poi.Geq, data.demand[j])
        total = poi.ExprBuilder()
        for variable, price in zip(x.ravel(), data.cost.ravel().tolist(), strict=True):
            total.add_affine_term(variable, price)
        m.set_objective(total, poi.ObjectiveSense.Minimize)
        return m

    return build


WAYS: dict[str, Callable[[Data], Callable[[], Any]]] = {
    "Optiwright, costs written in": written_in,
    "Optiwright, costs in a table": from_table,
    "highspy arrays, by hand": by_hand,
    "highspy addConstr": by_constraints,
    "Pyomo": with_pyomo,
    "linopy": with_linopy,
    "PyOptInterface": with_pyoptinterface,
}


def measure(size: int, repeats: int) -> dict[str, list[float]]:
    """Return seconds by way; the first, cold round is left out."""
    builders = prepare(make_data(size))
    seconds: dict[str, list[float]] = {name: [] for name in builders}
    for turn in range(repeats + 1):
        for name, build in builders.items():
            gc.collect()
            start = time.perf_counter()
            model = build()
            if turn:
                seconds[name].append(time.perf_counter() - start)
            del model
    return seconds


def prepare(data: Data) -> dict[str, Callable[[], Any]]:
    """Return the builders of every library that is installed."""
    builders = {}
    for name, way in WAYS.items():
        try:
            builders[name] = way(data)
        except ImportError as error:
            print(f"left out: {name} ({error})", file=sys.stderr)
    return builders


def optimal_values(size: int) -> dict[str, float]:
    """Return the optimal value of each way's model."""
    values = {}
    for name, build in prepare(make_data(size)).items():
        model = build()
        if isinstance(model, highspy.Highs):
            model.run()
            values[name] = model.getInfo().objective_function_value
        else:
            import pyoptinterface as poi

            model.set_model_attribute(poi.ModelAttribute.Silent, True)
            model.optimize()
            values[name] = model.get_model_attribute(poi.ModelAttribute.ObjectiveValue)
    return values


@contextmanager
def silence() -> Iterator[None]:
    """Send what the libraries print to nowhere, theirs in C++ too."""
    sys.stdout.flush()
    kept, nowhere = os.dup(1), os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    try:
        yield
    finally:
        sys.stdout.flush()
        os.dup2(kept, 1)
        os.close(kept)
        os.close(nowhere)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--size", type=int, default=224, help="plants, and markets")
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--check", action="store_true", help="solve and compare instead")
    options = parser.parse_args()
    if options.check:
        with silence():
            values = optimal_values(options.size)
        for name, value in values.items():
            print(f"{name}: {value:.6f}")
        return
    with silence():
        seconds = measure(options.size, options.repeats)
    medians = {name: statistics.median(runs) for name, runs in seconds.items()}
    base = next(iter(medians.values()))
    print(f"Transport, {options.size} by {options.size}, {2 * options.size**2:,} nonzeros\n")
    print("| way | median, s | against Optiwright |\n|---|---|---|")
    for name, median in medians.items():
        print(f"| {name} | {median:.4f} | {median / base:.2f} |")


if __name__ == "__main__":
    main()
