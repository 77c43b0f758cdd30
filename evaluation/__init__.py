"""Benchmarks, scorers, runs and reports: how often an answer is right, honestly counted.

`run(...)` is the door; nothing heavy is imported before it is used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from optiwright.formulators.lazily import handed_out

if TYPE_CHECKING:
    from optiwright.evaluation.api import run
    from optiwright.evaluation.catalogue import load
    from optiwright.evaluation.evaluated import read_run
    from optiwright.evaluation.frames import to_frame
    from optiwright.evaluation.overlap import known_texts
    from optiwright.evaluation.precision import precision_of_proved
    from optiwright.evaluation.scorers import SCORERS

__all__ = ["SCORERS", "known_texts", "load", "precision_of_proved", "read_run", "run", "to_frame"]

_HOMES = {
    "SCORERS": "optiwright.evaluation.scorers",
    "known_texts": "optiwright.evaluation.overlap",
    "load": "optiwright.evaluation.catalogue",
    "precision_of_proved": "optiwright.evaluation.precision",
    "read_run": "optiwright.evaluation.evaluated",
    "run": "optiwright.evaluation.api",
    "to_frame": "optiwright.evaluation.frames",
}

__getattr__, __dir__ = handed_out(__name__, _HOMES)
