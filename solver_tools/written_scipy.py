"""scipy.optimize in written programs: `linprog` and `milp` to a closed gap, the others as is.

A local method's point is `feasible`, not optimal: it proves nothing about other points.
"""

from __future__ import annotations

from numbers import Number
from typing import TYPE_CHECKING, Any

import numpy as np
import scipy.optimize

from optiwright.solver_tools.written_result import Variable
from optiwright.solver_tools.written_watch import GAP, Watch, domain, finite, summed_up

if TYPE_CHECKING:
    from collections.abc import Callable

    from optiwright.solver_tools.written_result import Status
    from optiwright.solver_tools.written_watch import Patches, Solved

_LOCAL = (
    "minimize",
    "minimize_scalar",
    "differential_evolution",
    "dual_annealing",
    "basinhopping",
    "shgo",
    "direct",
)
_TROUBLE = 4
"""Of several kinds, among them that HiGHS cannot tell unbounded from infeasible."""
_STATUS: dict[int, Status] = {0: "optimal", 2: "infeasible", 3: "unbounded"}


def install(watch: Watch, patches: Patches) -> None:
    """Puts itself before the functions of `scipy.optimize` that solve."""
    patches.set(scipy.optimize, "linprog", _linprog(watch))
    patches.set(scipy.optimize, "milp", _milp(watch))
    for name in _LOCAL:
        patches.set(scipy.optimize, name, _local(watch, getattr(scipy.optimize, name)))


def _linprog(watch: Watch) -> Any:
    original = scipy.optimize.linprog

    def linprog(
        c: Any,
        A_ub: Any = None,
        b_ub: Any = None,
        A_eq: Any = None,
        b_eq: Any = None,
        bounds: Any = (0, None),
        method: str = "highs",
        *_: Any,
        integrality: Any = None,
        **__: Any,
    ) -> Any:
        def run(costs: Any) -> Any:
            options = {"time_limit": watch.seconds, "mip_rel_gap": GAP}
            return original(
                costs, A_ub, b_ub, A_eq, b_eq, bounds, options=options, integrality=integrality
            )

        rows = sum(np.size(side) for side in (b_ub, b_eq) if side is not None)
        return watch.solve(
            lambda: _told_apart(run, c), lambda found: _exact(found, np.size(c), integrality, rows)
        )

    return linprog


def _milp(watch: Watch) -> Any:
    original = scipy.optimize.milp

    def milp(
        c: Any,
        *,
        integrality: Any = None,
        bounds: Any = None,
        constraints: Any = None,
        options: Any = None,
    ) -> Any:
        def run(costs: Any) -> Any:
            own = {"time_limit": watch.seconds, "mip_rel_gap": GAP}
            return original(
                costs, integrality=integrality, bounds=bounds, constraints=constraints, options=own
            )

        rows = _rows(constraints)
        return watch.solve(
            lambda: _told_apart(run, c), lambda found: _exact(found, np.size(c), integrality, rows)
        )

    return milp


def _told_apart(run: Callable[[Any], Any], costs: Any) -> Any:
    """Solves, and tells infeasible from unbounded by a solve without costs."""
    found = run(costs)
    if found.status == _TROUBLE and "unbounded or infeasible" in found.message:
        is_feasible = run(np.zeros(np.size(costs))).status == 0
        found.status = 3 if is_feasible else 2
        found.message = f"The problem is {_STATUS[found.status]}."
    return found


def _rows(constraints: Any) -> int:
    """Counts the rows of what `milp` and `minimize` take as constraints."""
    if constraints is None:
        return 0
    if isinstance(constraints, scipy.optimize.LinearConstraint):
        return int(constraints.A.shape[0])
    if isinstance(constraints, dict | scipy.optimize.NonlinearConstraint):
        return 1
    if any(isinstance(part, Number | np.ndarray) for part in constraints):
        return _rows(scipy.optimize.LinearConstraint(*constraints))
    return sum(_rows(constraint) for constraint in constraints)


def _exact(found: Any, size: int, integrality: Any, rows: int) -> Solved:
    status: Status = _STATUS.get(found.status, "unknown")
    if status == "unknown" and found.x is not None:
        status = "feasible"
    is_integer = np.broadcast_to(0 if integrality is None else integrality, size).astype(bool)
    optimum = found.fun if status == "optimal" else None
    return summed_up(
        "scipy",
        status,
        _variables(found.x, size, is_integer),
        n_constraints=rows,
        objective=found.fun,
        sense="minimize",
        bound=found.get("mip_dual_bound", optimum) if np.any(is_integer) else optimum,
    )


def _variables(values: Any, size: int, is_integer: Any) -> list[Variable]:
    flat = [None] * size if values is None else np.ravel(values)
    return [
        Variable(
            name="x",
            index=(number,),
            value=finite(flat[number]),
            domain=domain(bool(is_integer[number]), -np.inf, np.inf),
        )
        for number in range(size)
    ]


def _local(watch: Watch, original: Any) -> Any:
    def method(*args: Any, **options: Any) -> Any:
        rows = _rows(options.get("constraints"))
        return watch.solve(lambda: original(*args, **options), lambda found: _near(found, rows))

    return method


def _near(found: Any, rows: int) -> Solved:
    size = np.size(found.x) if found.get("x") is not None else 0
    return summed_up(
        "scipy",
        "feasible" if found.get("success", True) else "unknown",
        _variables(found.get("x"), size, np.zeros(size, dtype=bool)),
        n_constraints=rows,
        objective=np.ravel(found.fun)[0] if found.get("fun") is not None else None,
        sense="minimize",
    )
