"""pyscipopt in written programs: quiet, with a closed gap, within the time, and more tolerant.

`Model` is an extension type, so the program gets a class derived from it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pyscipopt

from optiwright.solver_tools.written_names import split_name
from optiwright.solver_tools.written_result import Variable
from optiwright.solver_tools.written_watch import SCIP_SETTINGS, Watch, domain, summed_up

if TYPE_CHECKING:
    from optiwright.solver_tools.written_result import Status
    from optiwright.solver_tools.written_watch import Patches, Solved

_STATUS: dict[str, Status] = {
    "optimal": "optimal",
    "gaplimit": "optimal",
    "infeasible": "infeasible",
    "unbounded": "unbounded",
}
GOAL = "_objective"
"""The variable that stands for a nonlinear objective; not the program's, so not reported."""


def install(watch: Watch, patches: Patches) -> None:
    """Has every import of `pyscipopt.Model` give the class that is watched."""
    base: Any = pyscipopt.Model

    class Model(base):  # type: ignore[misc]
        def __init__(self, *args: Any, **options: Any) -> None:
            super().__init__(*args, **options)
            super().hideOutput(True)
            self.curved: dict[int, Any] = {}
            """Nonlinear constraints' expressions, which SCIP does not give back, by `ptr()`."""

        def addCons(self, cons: Any, *args: Any, **options: Any) -> Any:
            """Also keeps a nonlinear expression."""
            row = super().addCons(cons, *args, **options)
            if row.isNonlinear():
                self.curved[row.ptr()] = cons.expr
            return row

        def hideOutput(self, quiet: bool = True) -> None:
            """Stays quiet: SCIP's log is not the program's result."""

        def redirectOutput(self) -> None:
            """Has nothing to redirect."""

        def setParam(self, name: str, value: Any) -> None:
            """Sets a parameter if there is one of that name that takes the value."""
            try:
                super().setParam(name, value)
            except (KeyError, ValueError, TypeError):
                if watch.inside:
                    raise

        def setObjective(self, expr: Any, sense: str = "minimize", clear: str = "true") -> None:
            """Also takes a nonlinear objective, by a variable that it bounds."""
            if not isinstance(expr, pyscipopt.scip.Expr | pyscipopt.scip.GenExpr) or (
                isinstance(expr, pyscipopt.scip.Expr) and expr.degree() <= 1
            ):
                super().setObjective(expr, sense, clear)
                return
            goal = self.addVar(GOAL, lb=None, ub=None)
            if sense.startswith("max"):
                self.addCons(goal <= expr, name=GOAL)
            else:
                self.addCons(goal >= expr, name=GOAL)
            super().setObjective(goal, sense, clear)

        def optimize(self) -> None:
            """Solves within the time."""
            if watch.inside:
                super().optimize()
            else:
                watch.solve(self._optimize, lambda _: _read(self))

        solve = optimize
        solveConcurrent = optimize
        optimizeNogil = optimize

        def _optimize(self) -> None:
            super().setParam("limits/time", watch.seconds)
            for name, value in SCIP_SETTINGS.items():
                super().setParam(name, value)
            super().optimize()
            if self.getStatus() == "inforunbd":
                self.freeTransform()  # which of the two, presolve does not find out
                super().setParam("presolving/maxrounds", 0)
                super().optimize()

    patches.set(pyscipopt, "Model", Model)
    patches.set(pyscipopt.scip, "Model", Model)


def program_variables(model: Any) -> list[Any]:
    """Returns a model's variables, without the one that stands for a nonlinear objective."""
    return [variable for variable in model.getVars() if variable.name != GOAL]


def _read(model: Any) -> Solved:
    status: Status = _STATUS.get(model.getStatus(), "unknown")
    if status == "unknown" and model.getNSols() > 0:
        status = "feasible"
    has_point = status in ("optimal", "feasible")
    best = model.getBestSol() if has_point else None
    own = program_variables(model)
    rows = sum(row.name != GOAL for row in model.getConss(transformed=False))
    return summed_up(
        "pyscipopt",
        status,
        [_variable(model, best, variable, number) for number, variable in enumerate(own)],
        n_constraints=rows,
        objective=model.getObjVal() if has_point else None,
        sense="maximize" if model.getObjectiveSense().startswith("max") else "minimize",
        bound=model.getDualbound(),
        source=[None if _is_named(variable) else variable for variable in own],
        model=model,
    )


def _is_named(variable: Any) -> bool:
    """Tells whether the program named it; SCIP numbers the others, `x1` and so on."""
    return re.fullmatch(r"x\d+", variable.name) is None


def _variable(model: Any, best: Any, variable: Any, number: int) -> Variable:
    name, index = split_name(variable.name, number)
    value = None if best is None else float(model.getSolVal(best, variable))
    low, high = variable.getLbOriginal(), variable.getUbOriginal()
    kind = domain(variable.vtype() != "CONTINUOUS", low, high)
    return Variable(name=name, index=index, value=value, domain=kind)
