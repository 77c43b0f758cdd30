"""What a written program finds ready: the usual names, `report`, and slips of interface forgiven.

Forgiven, because they have one meaning: names of Pyomo and of the usual imports that were not
imported (`value`, `np`, `pi`, ...); a model that is worked on and never made; Pyomo's domains in
the singular (`NonNegativeInteger`); `math.exp`, `math.sqrt`, ... of an expression of Pyomo,
pyscipopt or CVXPY, and `np.exp` of one of Pyomo; a nonlinear objective in pyscipopt
(`written_scip`); unknown solvers and options of solvers (the modules beside this).
"""

from __future__ import annotations

import importlib
import math
import re
import sys
from typing import TYPE_CHECKING, Any

import cvxpy as cp
import highspy
import numpy as np
import pyomo.environ as pyo
import pyscipopt
from pyomo.core.expr.numvalue import NumericValue

from optiwright.solver_tools.written_faults import PROGRAM, clean
from optiwright.solver_tools.written_names import plain_index
from optiwright.solver_tools.written_result import Quantity
from optiwright.solver_tools.written_watch import finite

if TYPE_CHECKING:
    from collections.abc import Iterator

    from optiwright.solver_tools.written_watch import Patches

_DEPTH = 4
_SINGULARS = {
    "NonNegativeInteger": "NonNegativeIntegers",
    "NonNegativeReal": "NonNegativeReals",
    "NonPositiveInteger": "NonPositiveIntegers",
    "NonPositiveReal": "NonPositiveReals",
    "PositiveInteger": "PositiveIntegers",
    "PositiveReal": "PositiveReals",
    "Integer": "Integers",
    "Real": "Reals",
}
_USES_MODEL = re.compile(r"^model\.", re.MULTILINE)
_MAKES_MODEL = re.compile(r"\bmodel\s*(=[^=]|:|,)|\b(as|def|for|import)\s+model\b")
_FUNCTIONS = ("exp", "log", "sqrt", "sin", "cos", "tan", "log10")
_CVXPY = ("exp", "log", "sqrt")
_OFFERED: dict[str, Any] = {
    **{name: getattr(pyo, name) for name in dir(pyo) if not name.startswith("_")},
    **{old: getattr(pyo, new) for old, new in _SINGULARS.items()},
    **{"pyo": pyo, "np": np, "math": math, "cp": cp, "highspy": highspy, "pi": math.pi},
}
_IMPORTED = {"pd": "pandas"}
"""Names of what is imported only for a program that uses it."""


class Reported:
    """What the program said by `report`."""

    def __init__(self) -> None:
        self.called = False
        self.objective: float | None = None
        self.quantities: dict[str, float | str | None] = {}

    def report(self, objective: Any = None, **quantities: Any) -> None:
        """Takes the objective and the quantities asked for; later calls add and replace."""
        self.called = True
        if objective is not None:
            self.objective = finite(_plain(objective))
        for name, value in quantities.items():
            self.quantities.update(_flattened(name, value, _DEPTH))

    def as_quantities(self) -> tuple[Quantity, ...]:
        """Returns what was reported beside the objective."""
        return tuple(Quantity(name=name, value=v) for name, v in self.quantities.items())


def _plain(value: Any) -> Any:
    """Returns what a modelling library's expression or a numpy value stands for."""
    if hasattr(value, "is_expression_type") or isinstance(value, pyo.Objective):
        return value if _is_indexed(value) else pyo.value(value, exception=False)
    if isinstance(value, cp.expressions.expression.Expression):
        value = value.value
    if isinstance(value, np.ndarray):
        return value.item() if value.size == 1 else value.tolist()
    return value.item() if isinstance(value, np.generic) else value


def _is_indexed(value: Any) -> bool:
    return hasattr(value, "is_indexed") and bool(value.is_indexed())


def _is_series(value: Any) -> bool:
    pandas = sys.modules.get("pandas")
    return pandas is not None and isinstance(value, pandas.Series)


def _flattened(name: str, value: Any, depth: int) -> Iterator[tuple[str, float | str | None]]:
    value = _plain(value)
    items: Any = ()
    if depth and (isinstance(value, dict) or _is_series(value)):
        items = value.items()
    elif depth and isinstance(value, list | tuple | set):
        items = enumerate(value)
    elif depth and _is_indexed(value):
        items = [(index, value[index]) for index in value]
    elif isinstance(value, str):
        yield name, clean(value)
        return
    else:
        yield name, finite(value)
        return
    for key, item in items:
        index = ",".join(map(str, plain_index(key)))
        yield from _flattened(f"{name}[{index}]", item, depth - 1)


def names(reported: Reported, source: str) -> dict[str, Any]:
    """Returns what stands in the program's namespace before it runs: what its text names."""
    words = set(re.findall(r"\w+", source))
    given = {word: _OFFERED[word] for word in words if word in _OFFERED}
    given |= {name: importlib.import_module(_IMPORTED[name]) for name in words & _IMPORTED.keys()}
    return given | {"report": reported.report, "__file__": PROGRAM}


def forgotten_model(source: str) -> dict[str, Any]:
    """Returns the model that a program works on under the name `model` and never makes."""
    if not _USES_MODEL.search(source) or _MAKES_MODEL.search(source):
        return {}
    return {"model": pyscipopt.Model() if "pyscipopt" in source else pyo.ConcreteModel()}


def install(patches: Patches) -> None:
    """Has libraries forgive the slips that the module's docstring lists."""
    for old, new in _SINGULARS.items():
        patches.set(pyo, old, getattr(pyo, new))
    for name in _FUNCTIONS:
        patches.set(math, name, _forgiving(name, getattr(math, name)))
        patches.set(NumericValue, name, getattr(pyo, name))  # numpy calls it on objects


def _forgiving(name: str, original: Any) -> Any:
    """Returns a function of `math` that also takes a modelling library's expression."""

    def function(value: Any, *rest: Any) -> Any:
        if isinstance(value, float | int):
            return original(value, *rest)
        if hasattr(value, "is_expression_type") and not rest:
            return getattr(pyo, name)(value)
        if isinstance(value, pyscipopt.scip.Expr | pyscipopt.scip.GenExpr) and not rest:
            return getattr(pyscipopt, name)(value)
        if isinstance(value, cp.Expression) and name in _CVXPY and not rest:
            return getattr(cp, name)(value)
        return original(value, *rest)

    return function
