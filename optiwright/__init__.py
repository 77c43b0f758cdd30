"""Optiwright: optimization problems in plain words, to answers that can be checked.

`solve(text)` is the main door; `asolve` and `stream` are its siblings for asyncio and for watching.
Nothing heavy is imported before it is used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from optiwright.formulators.lazily import handed_out

if TYPE_CHECKING:
    from optiwright.agent.api import asolve, solve, stream
    from optiwright.agent.errors import ProviderError
    from optiwright.agent.options import Options
    from optiwright.agent.result import Result
    from optiwright.agent.searching import search
    from optiwright.formulators.errors import FormulationError, OptiwrightError, UserError
    from optiwright.formulators.model import Formulation
    from optiwright.formulators.questions import Question
    from optiwright.solver_tools.solution import SolverError

__all__ = [
    "Formulation",
    "FormulationError",
    "Options",
    "OptiwrightError",
    "ProviderError",
    "Question",
    "Result",
    "SolverError",
    "UserError",
    "asolve",
    "search",
    "solve",
    "stream",
]

_HOMES = {
    "Formulation": "optiwright.formulators.model",
    "FormulationError": "optiwright.formulators.errors",
    "OptiwrightError": "optiwright.formulators.errors",
    "Options": "optiwright.agent.options",
    "ProviderError": "optiwright.agent.errors",
    "Question": "optiwright.formulators.questions",
    "Result": "optiwright.agent.result",
    "SolverError": "optiwright.solver_tools.solution",
    "UserError": "optiwright.formulators.errors",
    "asolve": "optiwright.agent.api",
    "search": "optiwright.agent.searching",
    "solve": "optiwright.agent.api",
    "stream": "optiwright.agent.api",
}

__getattr__, __dir__ = handed_out(__name__, _HOMES)
