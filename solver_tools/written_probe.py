"""What a given point breaks in the model that a written program builds.

The program is run again, in the confined child as before; then the model that it solved last is
held against the values given, matched with its variables by name. Each library has its prober, the
module that says what of it can be read. Of scipy nothing is said: its variables have no names, and
a match by position would be a guess. Nor is anything said where no variable is matched, or where
the model has other variables by now than it was solved with.
"""

from __future__ import annotations

import time
from collections import Counter
from typing import TYPE_CHECKING, Any

from optiwright.solver_tools import (
    written_probe_cvxpy,
    written_probe_highs,
    written_probe_pyomo,
    written_probe_scip,
)
from optiwright.solver_tools.written_breaches import ChangedModelError, Point
from optiwright.solver_tools.written_names import named
from optiwright.solver_tools.written_result import ProbeReport
from optiwright.solver_tools.written_run import run_source
from optiwright.solver_tools.written_watch import Watch

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from optiwright.solver_tools.written_result import UsedLibrary, Variable
    from optiwright.solver_tools.written_watch import Solved


def _probe_ortools(model: Any, point: Point, watch: Watch) -> ProbeReport:
    from optiwright.solver_tools import written_probe_ortools  # slow to import, rarely used

    return written_probe_ortools.probe(model, point, watch)


_PROBERS: dict[UsedLibrary, Callable[[Any, Point, Watch], ProbeReport]] = {
    "pyomo": written_probe_pyomo.probe,
    "cvxpy": written_probe_cvxpy.probe,
    "highspy": written_probe_highs.probe,
    "pyscipopt": written_probe_scip.probe,
    "ortools": _probe_ortools,
}


def execute_at(source: str, time_limit_s: float, point: Sequence[Sequence[Any]]) -> dict[str, Any]:
    """Runs `source` and returns a `ProbeReport` as JSON-able data; empty where nothing is known.

    Args:
        source: the program.
        time_limit_s: wall-clock seconds for all of it.
        point: a variable's name, its index as a list, and its value, each.
    """
    ends = time.monotonic() + time_limit_s
    run = run_source(source, time_limit_s)
    last = run.watch.last if run.watch is not None else None
    report = ProbeReport()
    if last is not None:
        known = {(str(name), tuple(index)): float(value) for name, index, value in point}
        given = _point(last, run.namespace, known)
        report = _probed(last, given, Watch(max(1.0, ends - time.monotonic())))
    return report.model_dump(mode="json")


def _probed(last: Solved, point: Point, watch: Watch) -> ProbeReport:
    prober = _PROBERS.get(last.library)
    if prober is None or all(value is None for value in point.values):
        return ProbeReport()
    try:
        return prober(last.model, point, watch)
    except ChangedModelError:
        return ProbeReport()


def _point(
    last: Solved,
    namespace: Mapping[str, Any],
    known: Mapping[tuple[str, tuple[str | int, ...]], float],
) -> Point:
    """Returns the values in the model's order; a name that two variables have matches neither."""
    found = named(last.variables, last.source, namespace)
    counted = Counter((v.name, v.index) for v in found if v is not None)
    names, values = [], []
    for new, old in zip(found, last.variables, strict=True):
        names.append(_shown(new or old))
        unique = new is not None and counted[new.name, new.index] == 1
        values.append(known.get((new.name, new.index)) if new is not None and unique else None)
    missing = last.n_variables - len(names)  # of more than are kept
    names += [f"variable {len(names) + n + 1}" for n in range(missing)]
    return Point(tuple(names), (*values, *[None] * missing))


def _shown(variable: Variable) -> str:
    index = ",".join(map(str, variable.index))
    return f"{variable.name}[{index}]" if index else variable.name
