"""A black-box problem made of basic functions: its Python source, its LaTeX, its known optimum.

Basic functions are shifted, turned, stretched and mixed: by a weighted sum over all unknowns, or by
giving each a share of the unknowns, as LLaMoCo does (arXiv 2403.01131). Where there are constraints
the lowest point lies on their edge, beyond which a smooth function goes on falling.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Literal, TypeAlias

import numpy as np
from numpy.typing import ArrayLike

from optiwright.evaluation.function_families import FAMILIES
from optiwright.formulators.black_box import Ask, BlackBox, Code, RealRange, WholeRange

Mixing: TypeAlias = Literal["sum", "split"]
Limits: TypeAlias = Literal["none", "ball", "plane", "several"]
_REFERENCE = 200
"""Random points whose median value a gap is measured against."""
WORST = 1.0
"""The logarithmic gap of who found no point at all: ten times worse than a random point."""
BEST = -8.0
"""Nearer to the optimum than this counts alike."""


@dataclass(frozen=True)
class FunctionProblem:
    """A problem that is drawn; everything about it follows from these fields.

    Attributes:
        parts: names of basic functions.
        weights: one a part.
        mixing: `sum` over all unknowns, or `split` among the parts in turn.
        half_width: the box runs from minus this to this in each unknown.
        whole: how many unknowns, the first ones, are whole numbers.
        turned: whether the axes are rotated.
        stretch: the longest axis is ten to this times the shortest, beyond what the parts bring.
        noise: standard deviation of the logarithm of what it answers above its lowest value.
        limits: which constraints it has.
        lowest: its lowest value.
        budget: evaluations.
        seed: of the shift, the rotation and the constraints' normals.
    """

    parts: tuple[str, ...]
    weights: tuple[float, ...]
    mixing: Mixing
    dimension: int
    half_width: float
    whole: int
    turned: bool
    stretch: float
    noise: float
    limits: Limits
    lowest: float
    budget: int
    seed: int

    @property
    def source(self) -> str:
        """Python source with `bounds`, `objective` and `constraint_1`, ...; needs numpy alone."""
        return self._source(self.noise)

    @property
    def constraints(self) -> tuple[str, ...]:
        """The names of the functions that have to be at most zero."""
        count = {"none": 0, "ball": 1, "plane": 1, "several": 3}[self.limits]
        return tuple(f"constraint_{k + 1}" for k in range(count))

    @property
    def black_box(self) -> BlackBox:
        """The problem as the formulators have it."""
        half = int(self.half_width)
        names = [f"x{k + 1}" for k in range(self.dimension)]
        return BlackBox(
            title="+".join(self.parts),
            unknowns=tuple(
                WholeRange(name=name, lower=-half, upper=half)
                if k < self.whole
                else RealRange(name=name, lower=-self.half_width, upper=self.half_width)
                for k, name in enumerate(names)
            ),
            oracle=Code(source=self.source, function="objective"),
            constraints=tuple(Ask(function=name) for name in self.constraints),
            budget=self.budget,
        )

    @property
    def optimum(self) -> tuple[float, ...]:
        """A point with the lowest value that meets every constraint."""
        return tuple(self._noiseless["SHIFT"].tolist())

    @property
    def latex(self) -> str:
        """The problem as LaTeX; empty where it is not simple."""
        body = FAMILIES[self.parts[0]].latex
        if not body or self.turned or self.stretch or len(self.parts) > 1 or self.whole:
            return ""
        if self.limits != "none" or self.noise:
            return ""
        shift = ", ".join(f"{v:g}" for v in self.optimum)
        factor = FAMILIES[self.parts[0]].reach / self.half_width
        return (
            f"\\min_x \\; {self.lowest:g} + {self.weights[0]:g} {body} \\quad \\text{{where }} "
            f"z_i = {factor:g} (x_i - s_i), \\; s = ({shift}), \\quad \\text{{s.t. }} "
            f"-{self.half_width:g} \\le x_i \\le {self.half_width:g}, \\; n = {self.dimension}"
        )

    def value(self, point: ArrayLike) -> float:
        """Return its value without noise."""
        return float(self._noiseless["objective"](np.asarray(point, dtype=float)))

    def excess(self, point: ArrayLike) -> float:
        """Return by how much the worst constraint or bound is broken; zero where none is."""
        x = np.asarray(point, dtype=float)
        broken = [float(np.max(np.abs(x)) - self.half_width)]
        broken += [float(np.max(np.abs(x[: self.whole] - np.round(x[: self.whole])), initial=0.0))]
        broken += [float(self._noiseless[name](x)) for name in self.constraints]
        return max(0.0, *broken)

    def log_gap(self, value: float) -> float:
        """Return log10 of how far a value is above the lowest, of the way from a random point's.

        Between `BEST` and `WORST`; 0 is the median of random points.
        """
        gap = (value - self.lowest) / self.reference
        if not np.isfinite(gap):
            return WORST
        return float(np.clip(np.log10(max(gap, 10.0**BEST)), BEST, WORST))

    @cached_property
    def reference(self) -> float:
        """How far random points' median value is above the lowest."""
        draws = np.random.default_rng([self.seed, 3])
        points = draws.uniform(-self.half_width, self.half_width, (_REFERENCE, self.dimension))
        points[:, : self.whole] = np.round(points[:, : self.whole])
        return max(float(np.median([self.value(p) for p in points])) - self.lowest, 1e-12)

    def functions(self, seed: int) -> tuple[Callable[[Any], float], list[Callable[[Any], float]]]:
        """Return the objective and the constraints as functions, their noise drawn from a seed."""
        names: dict[str, Any] = _defined(self.source)
        if self.noise:
            names["NOISE"] = np.random.default_rng(seed)
        return names["objective"], [names[name] for name in self.constraints]

    @cached_property
    def _noiseless(self) -> dict[str, Any]:
        return _defined(self._source(0.0))

    def _source(self, noise: float) -> str:
        blocks = ["\n".join(self._constants(noise))]
        blocks += [FAMILIES[name].source for name in dict.fromkeys(self.parts)]
        blocks += [self._objective(noise), *self._limits()]
        return "\n\n\n".join(blocks) + "\n"

    def _constants(self, noise: float) -> list[str]:
        n, far = self.dimension, f"{0.7 * self.half_width:g}"
        drawn = f"np.random.default_rng({self.seed}).uniform(-{far}, {far}, {n})"
        lines = ["import numpy as np", "", self._bounds(), f"SHIFT = np.round({drawn}, 3)"]
        if self.whole:
            lines += [f"SHIFT[:{self.whole}] = np.round(SHIFT[:{self.whole}])"]
        if self.turned:
            drawn = f"np.random.default_rng({self.seed + 1}).normal(size=({n}, {n}))"
            lines += [f"ROTATION = np.linalg.qr({drawn})[0]"]
        if self.stretch:
            lines += [f"STRETCH = 10.0 ** (-np.linspace({self.stretch:g}, 0, {n}))"]
        if self.limits != "none":
            count = len(self.constraints)
            drawn = f"np.random.default_rng({self.seed + 2}).normal(size=({count}, {n}))"
            unit = "NORMALS = NORMALS / np.linalg.norm(NORMALS, axis=1, keepdims=True)"
            lines += [f"NORMALS = {drawn}", unit]
            # All lean to one side, or nothing would be left between them.
            lines += ["NORMALS = NORMALS + 1.5 * NORMALS[0]", unit] if count > 1 else []
        if noise:
            lines += ["NOISE = np.random.default_rng()"]
        return lines

    def _bounds(self) -> str:
        half = int(self.half_width)
        reals = f"[({-self.half_width!r}, {self.half_width!r})] * {self.dimension - self.whole}"
        if not self.whole:
            return f"bounds = {reals}"
        wholes = f"[({-half}, {half})] * {self.whole}"
        every = wholes if self.whole == self.dimension else f"{wholes} + {reals}"
        return f"bounds = {every}\nintegers = {list(range(self.whole))}"

    def _objective(self, noise: float) -> str:
        z = "x - SHIFT"
        z = f"ROTATION @ ({z})" if self.turned else z
        z = f"STRETCH * ({z})" if self.stretch else z
        lines = ["def objective(x):", f"    z = {z}", f"    value = {self._mixed()}"]
        if self.limits != "none":
            # Without this the constraints would cut nothing off: beyond them it would rise again.
            lines += [f"    value = value + {self._pull()} * np.sum(NORMALS @ (x - SHIFT))"]
        if noise:
            lines += [f"    value = value * np.exp({noise:g} * NOISE.normal())"]
        return "\n".join([*lines, f"    return float({self.lowest!r} + value)"])

    def _mixed(self) -> str:
        terms = []
        for k, (name, weight) in enumerate(zip(self.parts, self.weights, strict=True)):
            taken = f"z[{k}::{len(self.parts)}]" if self.mixing == "split" else "z"
            factor = FAMILIES[name].reach / self.half_width
            taken = taken if factor == 1 else f"{factor:g} * {taken}"
            terms.append(f"{name}({taken})" if weight == 1 else f"{weight:g} * {name}({taken})")
        return " + ".join(terms)

    def _pull(self) -> str:
        """Return how steeply the value falls beyond the constraints: about as the parts rise."""
        bare = replace(self, limits="none", noise=0.0)
        return f"{0.3 * bare.reference / (self.half_width * len(self.constraints)):.4g}"

    def _limits(self) -> list[str]:
        """Return the constraints: half-spaces or a ball, with the shift on the edge."""
        made = []
        for k, name in enumerate(self.constraints):
            if self.limits == "ball":
                centre = f"SHIFT + {self.half_width:g} * NORMALS[{k}]"
                body = f"np.sum((x - ({centre})) ** 2) - {self.half_width**2:g}"
            else:
                body = f"-(NORMALS[{k}] @ (x - SHIFT))"
            made.append(f"def {name}(x):\n    return float({body})")
        return made


def _defined(source: str) -> dict[str, Any]:
    """Run source that we made ourselves and return its names."""
    names: dict[str, Any] = {}
    exec(compile(source, "<function>", "exec"), names)
    return names
