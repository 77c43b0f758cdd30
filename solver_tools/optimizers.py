"""The pool of optimizers for functions without a formula: what each can, and whose it is."""

from __future__ import annotations

import importlib.util
from dataclasses import dataclass
from typing import TYPE_CHECKING

from optiwright.formulators.errors import UserError
from optiwright.solver_tools import (
    optimizers_botorch,
    optimizers_cma,
    optimizers_more,
    optimizers_scipy,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy as np

    from optiwright.solver_tools.search_target import Target


@dataclass(frozen=True)
class Optimizer:
    """A method of a well-kept library behind one interface.

    `run` asks the target until that raises `Spent`, or returns where the method has an end.
    """

    name: str
    title: str
    package: str
    run: Callable[[Target, np.random.Generator], None]
    mixed: bool = False
    """Whether whole numbers and labels are within its reach."""
    constraints: bool = False
    """Whether it sees constraints; others see places that break them as worse than all others."""
    noise: bool = False
    """Whether it holds up where the same place has different values."""
    local: bool = False
    """Whether one run of it looks near its start alone."""
    least: int = 1
    most: int = 1000
    """The fewest and the most unknowns that it is for."""
    needs: tuple[str, ...] = ()
    """Further modules that have to be there."""
    extra: str = "blackbox"
    """The extra of the package that brings what is needed."""
    complete: bool = False
    """Whether it goes through all points; it is for few of them, none with a real number."""
    thinks_s: float = 0.0
    """About how long it thinks over one evaluation, where that is long."""

    @property
    def installed(self) -> bool:
        """Whether its packages are there."""
        return all(importlib.util.find_spec(name) for name in (self.package, *self.needs))

    def can(self, *, dimension: int, mixed: bool) -> bool:
        """Whether it takes such unknowns."""
        fits = self.mixed if mixed else not self.complete
        return self.least <= dimension <= self.most and fits


EVERY_POINT = "every-point"
IN_TURN = "in-turn"
_BAYES = "bayes"
_scipy, _cma, _more = optimizers_scipy, optimizers_cma, optimizers_more
OPTIMIZERS: dict[str, Optimizer] = {
    optimizer.name: optimizer
    for optimizer in (
        Optimizer("l-bfgs-b", "L-BFGS-B from many starts", "scipy", _scipy.l_bfgs_b, local=True),
        Optimizer(
            "slsqp", "SLSQP from many starts", "scipy", _scipy.slsqp, constraints=True, local=True
        ),
        Optimizer(
            "trust-constr",
            "an interior point method from many starts",
            "scipy",
            _scipy.trust_constr,
            constraints=True,
            local=True,
        ),
        Optimizer(
            "cobyqa",
            "COBYQA from many starts",
            "scipy",
            _scipy.cobyqa,
            constraints=True,
            local=True,
            most=60,
        ),
        Optimizer(
            "cobyla",
            "COBYLA from many starts",
            "scipy",
            _scipy.cobyla,
            constraints=True,
            local=True,
            most=60,
        ),
        Optimizer(
            "nelder-mead",
            "the simplex of Nelder and Mead from many starts",
            "scipy",
            _scipy.nelder_mead,
            local=True,
            most=40,
        ),
        Optimizer("powell", "Powell's method from many starts", "scipy", _scipy.powell, local=True),
        Optimizer(
            "differential-evolution",
            "differential evolution",
            "scipy",
            _scipy.differential_evolution,
            mixed=True,
            noise=True,
        ),
        Optimizer(
            IN_TURN,
            "real numbers and whole ones in turn",
            "scipy",
            _scipy.in_turn,
            mixed=True,
            local=True,
        ),
        Optimizer("dual-annealing", "dual annealing", "scipy", _scipy.dual_annealing),
        Optimizer("shgo", "simplicial homology optimization", "scipy", _scipy.shgo, most=10),
        Optimizer("direct", "DIRECT", "scipy", _scipy.direct, most=20),
        Optimizer(
            "cma-es",
            "CMA-ES with growing populations",
            "cma",
            _cma.cma_es,
            mixed=True,
            constraints=True,
            noise=True,
            least=2,
        ),
        Optimizer(
            "two-points-de",
            "Nevergrad's two-points differential evolution",
            "nevergrad",
            _more.two_points_de,
            mixed=True,
            noise=True,
        ),
        Optimizer(
            "one-plus-one",
            "Nevergrad's (1+1) evolution",
            "nevergrad",
            _more.one_plus_one,
            mixed=True,
        ),
        Optimizer(
            "tpe",
            "Optuna's Parzen estimators",
            "optuna",
            _more.tpe,
            mixed=True,
            constraints=True,
            noise=True,
        ),
        Optimizer(
            "gaussian-process",
            "Optuna's Gaussian process",
            "optuna",
            _more.gaussian_process,
            mixed=True,
            constraints=True,
            noise=True,
            most=20,
            needs=("torch",),
            extra=_BAYES,
            thinks_s=0.3,
        ),
        Optimizer(
            "expected-improvement",
            "BoTorch's expected improvement",
            "botorch",
            optimizers_botorch.expected_improvement,
            mixed=True,
            constraints=True,
            noise=True,
            most=20,
            extra=_BAYES,
            thinks_s=0.3,
        ),
        Optimizer(
            EVERY_POINT, "every point", "scipy", _scipy.every_point, mixed=True, complete=True
        ),
        Optimizer("sobol", "a Sobol sequence", "scipy", _scipy.sobol, mixed=True, noise=True),
        Optimizer("random", "places at random", "scipy", _scipy.at_random, mixed=True, noise=True),
    )
}


def available(*, dimension: int, mixed: bool) -> list[Optimizer]:
    """Returns the installed optimizers that take such unknowns."""
    fitting = (o for o in OPTIMIZERS.values() if o.can(dimension=dimension, mixed=mixed))
    return [o for o in fitting if o.installed and not o.complete]


def named(name: str, *, dimension: int, mixed: bool) -> Optimizer:
    """Returns the optimizer of that name.

    Raises:
        UserError: there is none, it is not installed, or it does not take such unknowns.
    """
    optimizer = OPTIMIZERS.get(name)
    offered = ", ".join(f"`{o.name}`" for o in available(dimension=dimension, mixed=mixed))
    if optimizer is None:
        raise UserError(f"there is no optimizer `{name}`; for this problem there are {offered}")
    if not optimizer.can(dimension=dimension, mixed=mixed):
        size = f"{dimension} unknown{'' if dimension == 1 else 's'}"
        what = "whole numbers or labels" if mixed and not optimizer.mixed else size
        raise UserError(f"`{name}` does not take {what}; for this problem there are {offered}")
    if not optimizer.installed:
        raise UserError(
            f"`{name}` needs the package `{optimizer.package}`"
            f"{' and ' + ', '.join(optimizer.needs) if optimizer.needs else ''}, "
            f"which pip install 'optiwright[{optimizer.extra}]' brings; without it there are "
            f"{offered}"
        )
    return optimizer
