"""Basic functions whose lowest value is known, as source: what black-box problems are made of.

In the manner of BBOB and CEC. Each is a Python function of a vector `z` with numpy as `np`, zero
where `z` is zero and nowhere less; `function_sources` shifts, turns, stretches and mixes them.
Families that are `held_out` serve the benchmark alone, never the table of optimizers.
"""

from __future__ import annotations

import textwrap
from dataclasses import dataclass
from typing import Literal, TypeAlias

Conditioning: TypeAlias = Literal["low", "high"]
Modality: TypeAlias = Literal["one", "many"]


@dataclass(frozen=True)
class Basic:
    """A basic function.

    Attributes:
        body: the lines of `def name(z):`, which end in `return`.
        latex: the sum that it is, over z_1 to z_n; empty where that is not simple.
        reach: half the width of the box that it is made for.
        conditioning: `high` where its level sets are long and thin.
        modality: `many` where it has local minima beside the lowest.
        least: the fewest variables that it makes sense for.
        held_out: whether it is kept aside for the benchmark.
    """

    name: str
    body: str
    reach: float
    conditioning: Conditioning
    modality: Modality
    latex: str = ""
    least: int = 1
    held_out: bool = False

    @property
    def source(self) -> str:
        """Its definition."""
        return f"def {self.name}(z):\n{textwrap.indent(self.body, '    ')}"


_POWERS = "10.0 ** ({0} * np.arange(len(z)) / max(len(z) - 1, 1))"
_SCHWEFEL = """\
y = z + 420.968746359982
outside = np.maximum(np.abs(y) - 500, 0)
wave = np.sum(y * np.sin(np.sqrt(np.abs(y))))
return 418.982887272433799 * len(z) - wave + 0.1 * np.sum(outside**2)"""
_LEVY = """\
w = 1 + z / 4
inner = (w[:-1] - 1) ** 2 * (1 + 10 * np.sin(np.pi * w[:-1] + 1) ** 2)
last = (w[-1] - 1) ** 2 * (1 + np.sin(2 * np.pi * w[-1]) ** 2)
return np.sin(np.pi * w[0]) ** 2 + np.sum(inner) + last"""
_WEIERSTRASS = """\
k = np.arange(12)
wave = np.cos(2 * np.pi * np.outer(z + 0.5, 3.0**k)) - np.cos(np.pi * 3.0**k)
return np.sum(0.5**k * wave)"""
_ACKLEY = """\
near = np.exp(-0.2 * np.sqrt(np.mean(z**2)))
wave = np.exp(np.mean(np.cos(2 * np.pi * z)))
return 20 * (1 - near) + np.e - wave"""
_PEAKS = """\
draws = np.random.default_rng(21)
centers = draws.uniform(-4.0, 4.0, (21, len(z)))
centers[0] = 0.0
heights = np.r_[10.0, np.linspace(1.1, 9.1, 20)]
distance = np.sum((z - centers) ** 2, axis=1)
return (10 - np.max(heights * np.exp(-distance / (2 * len(z))))) ** 2"""
_ZAKHAROV = """\
s = np.sum(0.5 * np.arange(1, len(z) + 1) * z)
return np.sum(z**2) + s**2 + s**4"""
_ROSENBROCK = """\
y = z + 1
return np.sum(100 * (y[1:] - y[:-1] ** 2) ** 2 + (1 - y[:-1]) ** 2)"""
_GRIEWANK = """\
root = np.sqrt(np.arange(1, len(z) + 1))
return 1 + np.sum(z**2) / 4000 - np.prod(np.cos(z / root))"""
_STEP = f"""\
y = np.floor(np.abs(z) + 0.5)
return np.sum({_POWERS.format(1)} * y**2)"""
_DIFFERENT_POWERS = """\
p = 2 + 4 * np.arange(len(z)) / max(len(z) - 1, 1)
return np.sqrt(np.sum(np.abs(z) ** p))"""

_DIXON_PRICE = """\
i = np.arange(1, len(z) + 1)
y = z + 2.0 ** (-(2.0**i - 2) / 2.0**i)
return (y[0] - 1) ** 2 + np.sum(i[1:] * (2 * y[1:] ** 2 - y[:-1]) ** 2)"""
_SCHAFFERS = """\
s = np.sqrt(z[:-1] ** 2 + z[1:] ** 2)
return np.mean(np.sqrt(s) * (1 + np.sin(50 * s**0.2) ** 2)) ** 2"""
_KATSUURA = """\
n, scales = len(z), 2.0 ** np.arange(1, 21)
waves = np.abs(np.outer(z, scales) - np.round(np.outer(z, scales))) / scales
product = np.prod((1 + np.arange(1, n + 1) * np.sum(waves, axis=1)) ** (10 / n**1.2))
return 10 / n**2 * (product - 1)"""
_HAPPY_CAT = """\
y = z - 1
r = np.sum(y**2)
return np.abs(r - len(z)) ** 0.25 + (0.5 * r + np.sum(y)) / len(z) + 0.5"""
_STYBLINSKI = """\
y = z - 2.903534027771177
return 0.5 * np.sum(y**4 - 16 * y**2 + 5 * y) + 39.16616570377142 * len(z)"""
_SALOMON = """\
r = np.sqrt(np.sum(z**2))
return 1 - np.cos(2 * np.pi * r) + 0.1 * r"""

FAMILIES: dict[str, Basic] = {
    b.name: b
    for b in (
        Basic("sphere", "return np.sum(z**2)", 5, "low", "one", r"\sum_{i=1}^{n} z_i^2"),
        Basic(
            "ellipsoid",
            f"return np.sum({_POWERS.format(6)} * z**2)",
            5,
            "high",
            "one",
            r"\sum_{i=1}^{n} 10^{6 \frac{i-1}{n-1}} z_i^2",
            least=2,
        ),
        Basic("discus", "return 1e6 * z[0] ** 2 + np.sum(z[1:] ** 2)", 5, "high", "one", least=2),
        Basic("cigar", "return z[0] ** 2 + 1e6 * np.sum(z[1:] ** 2)", 5, "high", "one", least=2),
        Basic("different_powers", _DIFFERENT_POWERS, 5, "high", "one", least=2),
        Basic(
            "rosenbrock",
            _ROSENBROCK,
            2,
            "high",
            "one",
            r"\sum_{i=1}^{n-1} \left(100 (z_{i+1} + 1 - (z_i + 1)^2)^2 + z_i^2\right)",
            least=2,
        ),
        Basic("zakharov", _ZAKHAROV, 5, "high", "one", least=2),
        Basic(
            "sharp_ridge",
            "return z[0] ** 2 + 100 * np.sqrt(np.sum(z[1:] ** 2))",
            5,
            "high",
            "one",
            least=2,
        ),
        Basic("steps", _STEP, 5, "low", "one"),
        Basic("quadric_root", "return np.sqrt(np.sum(np.abs(z) ** 1.5))", 5, "low", "one"),
        Basic(
            "rastrigin",
            "return 10 * len(z) + np.sum(z**2 - 10 * np.cos(2 * np.pi * z))",
            5,
            "low",
            "many",
            r"10 n + \sum_{i=1}^{n} \left(z_i^2 - 10 \cos(2 \pi z_i)\right)",
        ),
        Basic("griewank", _GRIEWANK, 100, "low", "many"),
        Basic("ackley", _ACKLEY, 30, "low", "many"),
        Basic("levy", _LEVY, 10, "low", "many"),
        Basic("schwefel", _SCHWEFEL, 400, "low", "many"),
        Basic("weierstrass", _WEIERSTRASS, 0.5, "low", "many"),
        Basic("peaks", _PEAKS, 5, "low", "many"),
        # kept aside
        Basic(
            "double_sum",
            "return np.sum(np.cumsum(z) ** 2)",
            5,
            "high",
            "one",
            r"\sum_{i=1}^{n} \left(\sum_{j=1}^{i} z_j\right)^2",
            least=2,
            held_out=True,
        ),
        Basic(
            "sector",
            "return np.sum((np.where(z > 0, 100.0, 1.0) * z) ** 2) ** 0.9",
            5,
            "high",
            "one",
            held_out=True,
        ),
        Basic(
            "absolute",
            "return np.sum(np.abs(z)) + np.max(np.abs(z))",
            5,
            "low",
            "one",
            held_out=True,
        ),
        Basic(
            "quartic",
            "return np.sum(np.arange(1, len(z) + 1) * z**4)",
            2,
            "low",
            "one",
            r"\sum_{i=1}^{n} i z_i^4",
            held_out=True,
        ),
        Basic("dixon_price", _DIXON_PRICE, 3, "high", "one", least=2, held_out=True),
        Basic("happy_cat", _HAPPY_CAT, 2, "high", "one", least=2, held_out=True),
        Basic("schaffers", _SCHAFFERS, 50, "low", "many", least=2, held_out=True),
        Basic("katsuura", _KATSUURA, 5, "low", "many", held_out=True),
        Basic("salomon", _SALOMON, 20, "low", "many", held_out=True),
        Basic(
            "alpine", "return np.sum(np.abs(z * np.sin(z) + 0.1 * z))", 10, "low", "many",
            held_out=True,
        ),
        Basic(
            "styblinski",
            _STYBLINSKI,
            5,
            "low",
            "many",
            held_out=True,
        ),
    )
}  # fmt: skip
"""Every family by name."""
