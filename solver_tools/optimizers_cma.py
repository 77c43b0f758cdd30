"""CMA-ES of the package cma over the unit cube. Each function stands alone, as its program does."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np

    from optiwright.solver_tools.search_target import Target


def cma_es(target: Target, rng: np.random.Generator) -> None:
    """A normal distribution that learns its covariance; populations double with each restart."""
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of plots that nobody asked for
        import cma
        from cma import constraints_handler, logger

    constraints_handler._Logger = logger.LoggerDummy  # as it says there; else it writes a folder
    size = 4 + int(3 * len(target.bounds) ** 0.5)
    if target.noisy:
        size *= 2
    steps = [i for i, axis in enumerate(target.axes) if axis.levels]
    for start in target.starts(rng):
        if target.dimension == 1:
            raise ValueError("CMA-ES needs two unknowns or more")
        search = cma.CMAEvolutionStrategy(
            start,
            0.1 if target.start is not None and start is target.start else 0.25,
            {
                "bounds": [0.0, 1.0],
                "popsize": size,
                "seed": int(rng.integers(1, 2**31)),
                "verbose": -9,
                # a level of a whole number has to stay within reach
                "minstd": [
                    0.3 / target.axes[i].levels if i in steps else 0.0
                    for i in range(target.dimension)
                ],
            },
        )
        penalized = None
        if target.constraints:
            penalized = cma.ConstrainedFitnessAL(target.objective, target.limits, archives=False)
        while not search.stop():
            places = search.ask()
            search.tell(places, [(penalized or target)(place) for place in places])
            if penalized is not None:
                penalized.update(search)
        target.ended(target(search.result.xfavorite.clip(0, 1)))
        size *= 2
