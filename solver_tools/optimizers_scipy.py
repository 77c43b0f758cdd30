"""SciPy's optimizers over the unit cube, each begun again elsewhere until it is stopped.

Each function stands alone: a program to take away has its text in it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np

    from optiwright.solver_tools.search_target import Target


def l_bfgs_b(target: Target, rng: np.random.Generator) -> None:
    """Quasi-Newton steps within bounds."""
    from scipy.optimize import minimize

    for start in target.starts(rng):
        found = minimize(
            target if target.constraints else target.objective,
            start,
            jac=None if target.constraints else target.slope,
            bounds=target.bounds,
            method="L-BFGS-B",
            options={"ftol": 1e-13, "gtol": 1e-10},
        )
        target.ended(found.fun)


def slsqp(target: Target, rng: np.random.Generator) -> None:
    """Quadratic programs in sequence, with constraints."""
    from scipy.optimize import minimize

    kept = [{"type": "ineq", "fun": lambda x: -target.limits(x)}] if target.constraints else []
    for start in target.starts(rng):
        found = minimize(
            target.objective,
            start,
            jac=target.slope,
            bounds=target.bounds,
            constraints=kept,
            method="SLSQP",
            options={"maxiter": 1000, "ftol": 1e-12},
        )
        target.ended(target(found.x.clip(0, 1)))


def trust_constr(target: Target, rng: np.random.Generator) -> None:
    """An interior point method with a trust region, with constraints."""
    from scipy.optimize import NonlinearConstraint, minimize

    for start in target.starts(rng):
        found = minimize(
            target.objective,
            start.clip(0.01, 0.99),
            jac=target.slope or "2-point",
            bounds=target.bounds,
            constraints=(
                [NonlinearConstraint(target.limits, -float("inf"), 0)] if target.constraints else []
            ),
            method="trust-constr",
            options={"maxiter": 10_000, "gtol": 1e-9, "xtol": 1e-10},
        )
        target.ended(target(found.x.clip(0, 1)))


def nelder_mead(target: Target, rng: np.random.Generator) -> None:
    """A simplex that walks and shrinks; begun again smaller where it came to rest."""
    from scipy.optimize import minimize

    for start in target.starts(rng):
        value = float("inf")
        while True:
            found = minimize(
                target,
                start,
                bounds=target.bounds,
                method="Nelder-Mead",
                options={
                    "maxfev": target.left + 1,
                    "xatol": 1e-10,
                    "fatol": 1e-12,
                    "adaptive": target.dimension > 5,
                },
            )
            if found.fun >= value - 1e-10 * abs(value):
                break
            start, value = found.x, found.fun
        target.ended(found.fun)


def powell(target: Target, rng: np.random.Generator) -> None:
    """Line searches along directions that are made conjugate."""
    from scipy.optimize import minimize

    for start in target.starts(rng):
        found = minimize(
            target,
            start,
            bounds=target.bounds,
            method="Powell",
            options={"maxfev": target.left + 1, "xtol": 1e-10, "ftol": 1e-12},
        )
        target.ended(found.fun)


def cobyqa(target: Target, rng: np.random.Generator) -> None:
    """Quadratic models by interpolation within a trust region, with constraints."""
    from scipy.optimize import NonlinearConstraint, minimize

    for start in target.starts(rng):
        found = minimize(
            target.objective,
            start,
            bounds=target.bounds,
            constraints=(
                [NonlinearConstraint(target.limits, -float("inf"), 0)] if target.constraints else []
            ),
            method="COBYQA",
            options={
                "maxfev": target.left + 1,
                "initial_tr_radius": 0.2,
                "final_tr_radius": 1e-9,
                "scale": False,
            },
        )
        target.ended(target(found.x.clip(0, 1)))


def cobyla(target: Target, rng: np.random.Generator) -> None:
    """Linear models by interpolation within a trust region, with constraints."""
    from scipy.optimize import minimize

    kept = [{"type": "ineq", "fun": lambda x: -target.limits(x)}] if target.constraints else []
    for start in target.starts(rng):
        found = minimize(
            target.objective,
            start,
            bounds=target.bounds,
            constraints=kept,
            method="COBYLA",
            options={"maxiter": target.left + 1, "rhobeg": 0.2, "tol": 1e-9},
        )
        target.ended(target(found.x.clip(0, 1)))


def in_turn(target: Target, rng: np.random.Generator) -> None:
    """Real numbers by a simplex with the others held, then the others step by step."""
    from scipy.optimize import minimize

    reals = [i for i, axis in enumerate(target.axes) if not axis.levels]
    others = [i for i, axis in enumerate(target.axes) if axis.levels]
    for start in target.starts(rng):
        place, value, before = start.copy(), target(start), float("inf")
        while value < before:
            before = value

            def of_reals(part: np.ndarray, held: np.ndarray = place) -> float:
                moved = held.copy()
                moved[reals] = part
                return target(moved)

            if reals:
                found = minimize(
                    of_reals,
                    place[reals],
                    bounds=[(0.0, 1.0)] * len(reals),
                    method="Nelder-Mead",
                    options={"maxfev": 40 * len(reals), "xatol": 1e-9, "fatol": 1e-10},
                )
                place[reals], value = found.x, found.fun
            for i in rng.permutation(others):
                count, labels = target.axes[i].levels, bool(target.axes[i].choices)
                level = min(int(place[i] * count), count - 1)
                for way in range(1, count) if labels else (-1, 1):
                    other = (level + way) % count if labels else level + way
                    while 0 <= other < count:
                        moved = place.copy()
                        moved[i] = (other + 0.5) / count
                        figure = target(moved)
                        if figure >= value:
                            break
                        place, value = moved, figure
                        other = count if labels else other + way
        target.ended(value)


def differential_evolution(target: Target, rng: np.random.Generator) -> None:
    """A population whose differences are its steps."""
    from scipy.optimize import differential_evolution as evolve

    start = target.start
    while True:
        size = max(2, min(15, target.left // (20 * target.dimension)))
        found = evolve(
            target,
            target.bounds,
            x0=start,
            popsize=size,
            maxiter=1_000_000,
            tol=1e-8,
            polish=False,
            rng=rng,
            init="sobol",
        )
        target.ended(found.fun)
        start = None


def dual_annealing(target: Target, rng: np.random.Generator) -> None:
    """Simulated annealing with long leaps and a local search."""
    from scipy.optimize import dual_annealing as anneal

    start = target.start
    while True:
        found = anneal(target, target.bounds, x0=start, maxiter=1_000_000, rng=rng)
        target.ended(found.fun)
        start = None


def shgo(target: Target, rng: np.random.Generator) -> None:
    """Simplices over a sample, and a local search in each promising one."""
    from scipy.optimize import shgo as cover

    size = 2 * target.dimension + 2
    while True:
        found = cover(target, target.bounds, n=size, iters=1, sampling_method="sobol")
        if found.success:
            target.ended(found.fun)
        size *= 2


def direct(target: Target, rng: np.random.Generator) -> None:
    """Boxes that are cut into thirds, the most promising of each size first."""
    from scipy.optimize import direct as divide

    found = divide(
        target,
        target.bounds,
        maxfun=target.left + 1,
        maxiter=100_000,
        vol_tol=0,
        len_tol=1e-9,
        locally_biased=target.dimension > 3,
    )
    target.ended(found.fun)


def sobol(target: Target, rng: np.random.Generator) -> None:
    """Places of a sequence that fills the cube evenly; a baseline."""
    from scipy.stats import qmc

    sequence = qmc.Sobol(target.dimension, rng=rng)
    while True:
        for place in sequence.random(32):
            target(place)


def first_look(target: Target, rng: np.random.Generator) -> None:
    """Places spread evenly until one meets every constraint; up to a quarter of what is left."""
    from scipy.stats import qmc

    most = max(1, target.left // 4)
    spread = qmc.Sobol(target.dimension, rng=rng).random_base2(most.bit_length())
    for place in [next(target.starts(rng)), *spread][:most]:
        if target.meets(place):
            return


def every_point(target: Target, rng: np.random.Generator) -> None:
    """All points there are, where no unknown is a real number."""
    from itertools import product

    edges = [[(i + 0.5) / axis.levels for i in range(axis.levels)] for axis in target.axes]
    for place in product(*edges):
        target(place)


def at_random(target: Target, rng: np.random.Generator) -> None:
    """Places at random; a baseline."""
    while True:
        target(rng.random(target.dimension))
