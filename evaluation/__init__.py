"""Benchmarks, scorers, runs and reports: how often an answer is right, honestly counted.

`run(...)` is the door; nothing heavy is imported before it is used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from optiwright.evaluation.api import run
    from optiwright.evaluation.catalogue import load
    from optiwright.evaluation.evaluated import read_run
    from optiwright.evaluation.frames import to_frame
    from optiwright.evaluation.precision import precision_of_proved
    from optiwright.evaluation.scorers import SCORERS

__all__ = ["SCORERS", "load", "precision_of_proved", "read_run", "run", "to_frame"]

_HOMES = {
    "SCORERS": "optiwright.evaluation.scorers",
    "load": "optiwright.evaluation.catalogue",
    "precision_of_proved": "optiwright.evaluation.precision",
    "read_run": "optiwright.evaluation.evaluated",
    "run": "optiwright.evaluation.api",
    "to_frame": "optiwright.evaluation.frames",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'optiwright.evaluation' has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return sorted(__all__)
