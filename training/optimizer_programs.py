"""Short programs that search a function with one optimizer: what a model learns to answer with.

Each defines `optimize(objective, constraints, bounds, budget)`, as the prompt `baseline_search`
asks for it, and goes on elsewhere until whoever calls it ends it.
"""

from __future__ import annotations

_HEAD = """\
import numpy as np
{imports}

def optimize(objective, constraints, bounds, budget):
    low, high = np.array(bounds, dtype=float).T
    draws = np.random.default_rng(0)

    def figure(x):
        x = np.clip(x, low, high)
{whole}        value = objective(x)
        miss = sum(max(0.0, g(x)) for g in constraints)
        return value if miss == 0 else 1e9 * (1 + miss)

"""
_WHOLE = "        x[:{0}] = np.round(x[:{0}])\n"
_STARTS = """\
    start = (low + high) / 2
    while True:
{call}        start = draws.uniform(low, high)
"""
_MINIMIZE = "from scipy.optimize import minimize\n"
_LIMITED = """\
        kept = [{{"type": "ineq", "fun": lambda x, g=g: -g(x)}} for g in constraints]
        minimize(objective, start, method="{0}", bounds=bounds, constraints=kept{1})
"""


def _local(method: str, options: str = "") -> tuple[str, str]:
    call = f'        minimize(figure, start, method="{method}", bounds=bounds{options})\n'
    return _MINIMIZE, _STARTS.format(call=call)


def _limited(method: str, options: str = "") -> tuple[str, str]:
    return _MINIMIZE, _STARTS.format(call=_LIMITED.format(method, options))


def _endless(name: str, more: str) -> tuple[str, str]:
    call = f"    while True:\n        {name}(figure, bounds{more})\n"
    return f"from scipy.optimize import {name}\n", call


_CMA = """\
    size = 4 + int(3 * len(bounds) ** 0.5)
    while True:
        start = draws.uniform(low, high)
        options = {"bounds": [0, 1], "popsize": size, "verbose": -9}
        search = cma.CMAEvolutionStrategy((start - low) / (high - low), 0.25, options)
        while not search.stop():
            points = search.ask()
            search.tell(points, [figure(low + (high - low) * np.array(p)) for p in points])
        size *= 2
"""

_PARTS: dict[str, tuple[str, str]] = {
    "l-bfgs-b": _local("L-BFGS-B"),
    "nelder-mead": _local("Nelder-Mead", ', options={"maxfev": budget, "adaptive": True}'),
    "powell": _local("Powell", ', options={"maxfev": budget}'),
    "slsqp": _limited("SLSQP", ', options={"maxiter": 1000, "ftol": 1e-12}'),
    "cobyla": _limited("COBYLA", ', options={"maxiter": budget, "tol": 1e-9}'),
    "cobyqa": _limited("COBYQA", ', options={"maxfev": budget}'),
    "trust-constr": _limited("trust-constr", ', options={"maxiter": budget}'),
    "differential-evolution": _endless(
        "differential_evolution", ", maxiter=10**6, polish=False, rng=draws"
    ),
    "dual-annealing": _endless("dual_annealing", ", maxiter=10**6, rng=draws"),
    "direct": (
        "from scipy.optimize import direct\n",
        "    return direct(figure, bounds, maxfun=10**6, maxiter=10**6, vol_tol=0).x\n",
    ),
    "cma-es": ("import cma\n", _CMA),
}
PROGRAMS = tuple(_PARTS)
"""Names of the pool's optimizers that have a program."""


def program_of(optimizer: str, whole: int) -> str:
    """Return the program of an optimizer; the first `whole` unknowns are whole numbers."""
    imports, body = _PARTS[optimizer]
    rounding = _WHOLE.format(whole) if whole else ""
    return _HEAD.format(imports=imports, whole=rounding) + body
