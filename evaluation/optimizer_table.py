"""What runs of the pool say of which optimizer is for what: the table that `solver_tools` ships.

A row is a cell and its ranking. Cells in which the conditioning or the minima are `unknown` take in
all functions whatever these are: before anything is evaluated, nobody knows them.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import product
from pathlib import Path
from statistics import fmean
from typing import Any, TypeAlias

from optiwright.evaluation.optimizer_runs import OptimizerRun, is_measured
from optiwright.formulators.errors import UserError
from optiwright.solver_tools.optimizers import OPTIMIZERS

UNKNOWN = "unknown"
_FEW = 4
"""Functions of which a row has at least so many, unless all is unknown in it: else it is chance."""
_TENFOLD = 1.0
"""Logarithm of how much worse than the best still counts as near it."""

Ranking: TypeAlias = list[tuple[str, float, float]]
"""Optimizer, mean log10 of the relative gap, share of functions within ten times the best's."""
Function: TypeAlias = tuple[str, int]
"""A cell as JSON and a seed."""


def optimizer_table(runs: Iterable[OptimizerRun], made_by: str, seed: int) -> dict[str, Any]:
    """Return the table of runs, as it ships.

    Raises:
        UserError: if there are no runs.
    """
    gaps: dict[str, dict[Function, dict[str, float]]] = {}
    functions: set[Function] = set()
    for run in runs:
        optimizer = OPTIMIZERS.get(run.optimizer)
        if optimizer is None or not is_measured(optimizer, run.cell):
            continue
        for cell in _cells_of(run):
            function = (run.cell.model_dump_json(), run.seed)
            functions.add(function)
            gaps.setdefault(cell, {}).setdefault(function, {})[run.optimizer] = run.log_gap
    if not gaps:
        raise UserError("there are no runs to make a table of")
    complete = {cell: _complete(found) for cell, found in sorted(gaps.items())}
    rows = [
        {"cell": json.loads(cell), "functions": len(found), "ranking": _ranking(found)}
        for cell, found in complete.items()
        if len(found) >= _FEW or cell.count(UNKNOWN) > 1
    ]
    return {"made_by": made_by, "seed": seed, "functions": len(functions), "rows": rows}


def write_table(path: Path, table: Mapping[str, Any]) -> None:
    """Write a table, a row a line."""
    head = {key: value for key, value in table.items() if key != "rows"}
    rows = ",\n".join(f"  {json.dumps(row)}" for row in table["rows"])
    path.write_text(f'{json.dumps(head)[:-1]}, "rows": [\n{rows}\n]}}\n', encoding="utf-8")


def best_optimizers(runs: Iterable[OptimizerRun]) -> dict[Function, str]:
    """Return for each function the optimizer that came nearest to its lowest value."""
    best: dict[Function, OptimizerRun] = {}
    for run in runs:
        function = (run.cell.model_dump_json(), run.seed)
        before = best.get(function)
        if before is None or _order(run) < _order(before):
            best[function] = run
    return {function: run.optimizer for function, run in best.items()}


def _order(run: OptimizerRun) -> tuple[float, int]:
    """Nearest first, and of those that come as near, with the fewest evaluations."""
    return round(run.log_gap, 2), run.evaluations


def _cells_of(run: OptimizerRun) -> Iterator[str]:
    """Yield the run's cell and the cells in which something of it is not known."""
    told = run.cell.model_dump()
    conditioning, modality = told["conditioning"], told["modality"]
    for c, m in product((conditioning, UNKNOWN), (modality, UNKNOWN)):
        yield json.dumps({**told, "conditioning": c, "modality": m}, sort_keys=True)


def _complete(found: Mapping[Function, Mapping[str, float]]) -> list[Mapping[str, float]]:
    """Return the gaps on the functions that all optimizers of a cell were run on."""
    most = max(map(len, found.values()))
    return [gaps for gaps in found.values() if len(gaps) == most]


def _ranking(complete: Sequence[Mapping[str, float]]) -> Ranking:
    """Rank optimizers by how often they are near the best, then by how near they come."""
    ranked: Ranking = []
    for name in sorted(set.intersection(*(set(gaps) for gaps in complete))):
        near = [gaps[name] <= min(gaps.values()) + _TENFOLD for gaps in complete]
        mean = fmean(gaps[name] for gaps in complete)
        ranked.append((name, round(mean, 2), round(fmean(near), 2)))
    return sorted(ranked, key=lambda r: (-r[2], r[1]))
