"""Optimizers of Nevergrad and Optuna over the unit cube; each stands alone, as its program does."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np

    from optiwright.solver_tools.search_target import Target


def two_points_de(target: Target, rng: np.random.Generator) -> None:
    """Nevergrad's differential evolution with a crossover of two points."""
    nevergrad_search(target, rng, "TwoPointsDE")


def one_plus_one(target: Target, rng: np.random.Generator) -> None:
    """One place and one change of it at a time; handles whole numbers and labels."""
    nevergrad_search(target, rng, "DiscreteOnePlusOne" if target.mixed else "OnePlusOne")


def nevergrad_search(target: Target, rng: np.random.Generator, name: str) -> None:
    """Asks and tells one of Nevergrad's optimizers."""
    import warnings

    import nevergrad as ng

    start = target.best_place if target.start is None else target.start
    unknowns = []
    for axis, place in zip(target.axes, start, strict=True):
        if axis.levels and axis.choices:
            unknowns.append(ng.p.Choice(range(axis.levels)))
        elif axis.levels:
            level = min(int(place * axis.levels), axis.levels - 1)
            scalar = ng.p.Scalar(init=level, lower=0, upper=axis.levels - 1)
            unknowns.append(scalar.set_integer_casting())
        else:
            unknowns.append(ng.p.Scalar(init=float(place), lower=0, upper=1))
    space = ng.p.Tuple(*unknowns)
    space.random_state.seed(int(rng.integers(2**31)))
    while True:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            search = ng.optimizers.registry[name](space, budget=max(1, target.left))
            for _ in range(max(1, target.left)):
                asked = search.ask()
                place = [
                    (float(value) + 0.5) / axis.levels if axis.levels else float(value)
                    for axis, value in zip(target.axes, asked.value, strict=True)
                ]
                search.tell(asked, target(place))


def tpe(target: Target, rng: np.random.Generator) -> None:
    """Optuna's tree of Parzen estimators: places like the better ones, unlike the worse."""
    import optuna

    sampler = optuna.samplers.TPESampler(seed=int(rng.integers(2**31)), multivariate=True)
    optuna_search(target, sampler)


def gaussian_process(target: Target, rng: np.random.Generator) -> None:
    """Optuna's Bayesian optimization with a Gaussian process; for few, costly evaluations."""
    import optuna

    optuna_search(target, optuna.samplers.GPSampler(seed=int(rng.integers(2**31))))


def optuna_search(target: Target, sampler: Any) -> None:
    """Asks and tells a study of Optuna."""
    import warnings

    import optuna

    optuna.logging.set_verbosity(optuna.logging.ERROR)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of what is experimental there
        study = optuna.create_study(sampler=sampler)
        if target.start is not None:
            study.enqueue_trial(
                {
                    f"x{i}": min(int(u * axis.levels), axis.levels - 1) if axis.levels else float(u)
                    for i, (axis, u) in enumerate(zip(target.axes, target.start, strict=True))
                }
            )
        while True:
            trial = study.ask()
            place = []
            for i, axis in enumerate(target.axes):
                if axis.choices:
                    level = trial.suggest_categorical(f"x{i}", list(range(axis.levels)))
                    place.append((level + 0.5) / axis.levels)
                elif axis.levels:
                    level = trial.suggest_int(f"x{i}", 0, axis.levels - 1)
                    place.append((level + 0.5) / axis.levels)
                else:
                    place.append(trial.suggest_float(f"x{i}", 0, 1))
            figure = target.objective(place) if target.constraints else target(place)
            for i, limit in enumerate(target.limits(place)):
                trial.set_constraint(f"c{i}", float(limit))
            study.tell(trial, figure)
