"""Bayesian optimization by BoTorch over the unit cube; it stands alone, as its program does."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from optiwright.solver_tools.search_target import TOLERANCE

if TYPE_CHECKING:
    import numpy as np

    from optiwright.solver_tools.search_target import Target


def expected_improvement(target: Target, rng: np.random.Generator) -> None:
    """Asks where a Gaussian process of what is known expects the value to improve most."""
    import warnings

    import torch
    from scipy.stats import qmc

    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        for start in target.starts(rng):
            first = min(2 * target.dimension, max(1, target.left // 4))
            spread = qmc.Sobol(target.dimension, rng=rng).random_base2(first.bit_length())
            ahead = [start, *spread[:first]]
            places: list[np.ndarray] = []
            answers: list[list[float]] = []
            while len(places) < 250:  # a model of more would think for seconds
                if ahead:
                    place = ahead.pop(0)
                else:
                    with warnings.catch_warnings():
                        warnings.simplefilter("ignore")  # of models that are hard to fit
                        place = most_promising(target, places, answers, rng)
                place = middle_of_levels(target, place)
                if not target.noisy:  # what is known already would tell nothing
                    others = (middle_of_levels(target, row) for row in rng.random((99, len(place))))
                    known = {tuple(seen) for seen in places}
                    place = next((p for p in (place, *others) if tuple(p) not in known), None)
                    if place is None:
                        return
                places.append(place)
                answers.append([target.evaluate(place)[0], *target.limits(place)])
    finally:
        torch.set_num_threads(threads)


def middle_of_levels(target: Target, place: Any) -> np.ndarray:
    """Returns a place in the middle of the levels that it lies in."""
    import numpy as np

    return np.array(
        [
            axis.unit(axis.value(u)) if axis.levels else u
            for axis, u in zip(target.axes, place, strict=True)
        ]
    )


def most_promising(
    target: Target, places: list[np.ndarray], answers: list[list[float]], rng: np.random.Generator
) -> np.ndarray:
    """Returns the place of the greatest expected improvement that is likely to be allowed."""
    import numpy as np
    import torch
    from botorch.acquisition.analytic import (
        LogConstrainedExpectedImprovement,
        LogExpectedImprovement,
        LogProbabilityOfFeasibility,
    )
    from botorch.optim import optimize_acqf
    from botorch.optim.optimize_mixed import optimize_acqf_mixed_alternating
    from botorch.utils.sampling import manual_seed

    met = [all(limit <= TOLERANCE for limit in limits) for _, *limits in answers]
    x, y = torch.tensor(np.array(places)), torch.tensor(as_modelled(answers))
    edges = [
        [(k + 0.5) / axis.levels for k in range(axis.levels)] if axis.levels else [0.0, 1.0]
        for axis in target.axes
    ]
    bounds = torch.tensor([[edge[0], edge[-1]] for edge in edges], dtype=x.dtype).T
    labels = {i: edges[i] for i, axis in enumerate(target.axes) if axis.choices}
    whole = {i: edges[i] for i, axis in enumerate(target.axes) if axis.levels and i not in labels}
    with manual_seed(int(rng.integers(2**31))):
        model = process_of(x, y, list(labels), noisy=target.noisy)
        with torch.no_grad():  # where there is noise, the best is not what luck made of it
            values = model.posterior(x).mean[:, 0] if target.noisy else y[:, 0]
        limits = {i: (None, 0.0) for i in range(1, y.shape[1])}
        wanted: Any
        if not any(met):
            wanted = LogProbabilityOfFeasibility(model, limits)
        elif limits:
            best = values[met].min()
            wanted = LogConstrainedExpectedImprovement(model, best, 0, limits, maximize=False)
        else:
            wanted = LogExpectedImprovement(model, values.min(), maximize=False)
        effort: dict[str, Any] = {"q": 1, "num_restarts": 4, "raw_samples": 256}
        if target.mixed:
            found, _ = optimize_acqf_mixed_alternating(wanted, bounds, whole, labels, **effort)
        else:
            found, _ = optimize_acqf(wanted, bounds, options={"maxiter": 100}, **effort)
    return np.array(found[0].detach())


def as_modelled(answers: list[list[float]]) -> np.ndarray:
    """Returns values in units of their spread, great ones by magnitude; of limits, zero is zero."""
    import numpy as np

    values, limits = np.array(answers)[:, 0], np.array(answers)[:, 1:]
    seen = np.isfinite(values)
    values = np.where(seen, values, values[seen].max() if seen.any() else 0.0)
    values = values - np.median(values)
    spread = -values.min() or values.max()
    values = values / spread if spread >= np.finfo(float).tiny else np.zeros_like(values)
    values = np.where(values > 0, np.log1p(values.clip(0)), values)
    limits = np.sign(limits) * np.log1p(np.abs(limits))
    spread = limits.std(axis=0)
    return np.column_stack(
        [(values - values.mean()) / (values.std() or 1.0), limits / np.where(spread > 0, spread, 1)]
    )


def process_of(x: Any, y: Any, labels: list[int], *, noisy: bool) -> Any:
    """Returns a Gaussian process of each column of y, fitted; with noise where there is some."""
    from contextlib import suppress

    import torch
    from botorch.exceptions import ModelFittingError
    from botorch.fit import fit_gpytorch_mll
    from botorch.models import MixedSingleTaskGP, SingleTaskGP
    from gpytorch.mlls import ExactMarginalLogLikelihood

    noise = None if noisy else torch.full_like(y, 1e-6)
    if labels:
        model = MixedSingleTaskGP(x, y, labels, noise, outcome_transform=None)
    else:
        model = SingleTaskGP(x, y, noise, outcome_transform=None)
    with suppress(ModelFittingError):  # then it is as the priors say
        fit_gpytorch_mll(
            ExactMarginalLogLikelihood(model.likelihood, model),
            optimizer_kwargs={"options": {"maxiter": 100}},
        )
    return model.eval()
