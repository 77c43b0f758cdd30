"""Families of generated problems: each draws structure and numbers, and knows the answer.

A family is a function that fills a `Story`, under `@family(...)` in a module of this package; the
modules are found by themselves. See ARCHITECTURE.md for how to add one.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

from optiwright.training.story import Story

Fill = Callable[[Story], None]


@dataclass(frozen=True)
class Family:
    """A family: its name, its kind, whether it is kept aside for testing, and how it is drawn."""

    name: str
    kind: str
    """What practitioners call it: blending, transport, scheduling, ..."""
    fill: Fill
    aside: bool = False


_FOUND: dict[str, Family] = {}


def family(kind: str, *, aside: bool = False) -> Callable[[Fill], Fill]:
    """Register the function below as a family under its own name."""

    def register(fill: Fill) -> Fill:
        name = fill.__name__
        if name in _FOUND and _FOUND[name].fill.__module__ != fill.__module__:
            raise ValueError(f"there are two families {name!r}")
        _FOUND[name] = Family(name, kind, fill, aside)
        return fill

    return register


@cache
def families() -> dict[str, Family]:
    """Return every family by name, in the order of names."""
    for module in sorted(m.name for m in pkgutil.iter_modules(__path__)):
        importlib.import_module(f"{__name__}.{module}")
    return dict(sorted(_FOUND.items()))
