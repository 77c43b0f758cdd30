"""Programs of ours that a process runs before it forks children for a model's.

What Python and the libraries do but once is then done for all children: imports put off until they
are needed, methods looked up and kept, code rewritten for the types that it meets. Nothing is left
of these programs that a later one could see.
"""

from __future__ import annotations

import contextlib
import io
import linecache
import os
import threading
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_LIMIT_S = 20.0
_PATIENCE_S = 1.0
PROGRAMS = (
    """
m = pyo.ConcreteModel()
m.make = pyo.Var(["chairs", "tables"], within=pyo.NonNegativeReals)
m.wood = pyo.Constraint(expr=m.make["chairs"] + 3 * m.make["tables"] <= 12)
m.gain = pyo.Objective(expr=2 * m.make["chairs"] + 5 * m.make["tables"], sense=pyo.maximize)
pyo.SolverFactory("appsi_highs").solve(m)
report(objective=pyo.value(m.gain))
""",
    """
x = cp.Variable(2, nonneg=True)
cp.Problem(cp.Maximize(2 * x[0] + 5 * x[1]), [x[0] + 3 * x[1] <= 12]).solve()
""",
    """
h = highspy.Highs()
x = [h.addVariable(lb=0) for _ in range(2)]
h.addConstr(x[0] + 3 * x[1] <= 12)
h.maximize(2 * x[0] + 5 * x[1])
""",
)


def perform(source: str) -> None:
    """Runs one of the programs."""
    from optiwright.solver_tools.written_run import execute  # what only confined processes need

    with contextlib.redirect_stdout(io.StringIO()):
        execute(source, _LIMIT_S)


def rehearse() -> bool:
    """Runs all of them and clears up; returns whether no thread of theirs is left."""
    with _nothing_left():
        for source in PROGRAMS:
            perform(source)
    for thread in threading.enumerate():
        if thread is not threading.current_thread():
            thread.join(_PATIENCE_S)
    return _is_alone()


@contextlib.contextmanager
def _nothing_left() -> Iterator[None]:
    """Undoes what later programs could tell a rehearsal by, or would fail from."""
    import highspy
    from cvxpy.lin_ops import lin_utils

    from optiwright.solver_tools.written_faults import PROGRAM

    number = lin_utils.ID_COUNTER.count  # by which variables without a name are named
    yield
    lin_utils.ID_COUNTER.count = number
    linecache.cache.pop(PROGRAM, None)
    highspy.Highs.resetGlobalScheduler(True)  # a child would wait for its threads in vain


def _is_alone() -> bool:
    ends = time.monotonic() + _PATIENCE_S
    while len(os.listdir("/proc/self/task")) > 1:  # one that was joined may take a moment to go
        if time.monotonic() > ends:
            return False
        time.sleep(0.001)
    return True
