"""`optiwright doctor`: what is here, what is missing, and how to get it."""

from __future__ import annotations

import os
import platform
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import version
from tempfile import TemporaryFile

from rich.console import Console
from rich.markup import escape

from optiwright.agent.embedded import runtime_version
from optiwright.agent.errors import shown_address
from optiwright.agent.model_files import DEFAULT_BASE, list_models
from optiwright.agent.places import cache_dir, data_dir, records_dir
from optiwright.formulators.errors import UserError
from optiwright.formulators.model import Formulation, Objective, Sense, Variable
from optiwright.solver_tools.pool import Profile, Reason
from optiwright.solver_tools.sandbox_attacks import ATTACKS
from optiwright.solver_tools.sandbox_policy import level_of
from optiwright.solver_tools.sandbox_trial import met, trial_pool, try_out
from optiwright.solver_tools.solve import available_solvers

SANDBOX_ATTACKS = (
    "create a file in a home directory",
    "read a file there",
    "open a TCP socket",
    "read a secret in the environment",
    "fork",
    "run a program",
    "kill the caller",
)
"""Tried on this machine by `_sandbox_lines`: names of `ATTACKS`."""


@dataclass(frozen=True)
class Line:
    """One thing that was looked at."""

    name: str
    good: bool
    detail: str
    remedy: str = ""
    needed: bool = True


def examine() -> bool:
    """Print a line for each thing; return whether everything needed is there."""
    console = Console(highlight=False, soft_wrap=True)
    lines = []
    for line in _lines():
        lines.append(line)
        mark = "[green]ok  [/green]" if line.good else "[yellow]no  [/yellow]"
        remedy = f"  {line.remedy}" if line.remedy and not line.good else ""
        console.print(f"{mark} {line.name:<16} {escape(line.detail + remedy)}")
    missing = [line.name for line in lines if line.needed and not line.good]
    console.print(f"Missing: {', '.join(missing)}." if missing else "Everything needed is here.")
    return not missing


def _lines() -> Iterator[Line]:
    yield Line("optiwright", True, f"{version('optiwright')}, Python {platform.python_version()}")
    places = _places_line()
    yield places
    yield from _model_lines()
    for solver in available_solvers():
        detail = solver.version or f"not installed ({solver.licence})"
        needed = solver.name in {"highs", "scip"}
        yield Line(solver.name, bool(solver.version), detail, solver.remedy, needed)
    if places.good:
        yield _pool_line()
    yield from _sandbox_lines()


def _model_lines() -> Iterator[Line]:
    served = os.environ.get("OPENAI_BASE_URL") or (
        "OpenAI" if os.environ.get("OPENAI_API_KEY") else ""
    )
    if served:
        address = served if served == "OpenAI" else shown_address(served)
        yield Line("served model", True, f"{address} (from the environment)")
    embedded_needed = not served
    try:
        yield Line("model runtime", True, runtime_version())
    except UserError as error:
        yield Line("model runtime", False, error.what, error.remedy, embedded_needed)
    for entry in list_models():
        if entry.model.name == DEFAULT_BASE or entry.path is not None:
            yield Line(
                "embedded model",
                entry.path is not None,
                f"{entry.model.name}: {entry.path or 'not fetched yet'}",
                "Run `optiwright model pull`.",
                embedded_needed,
            )


def _places_line() -> Line:
    """Write a file in either folder, which tells whether it takes any."""
    for what, folder in (("CACHE", cache_dir()), ("DATA", data_dir())):
        try:
            folder.mkdir(parents=True, exist_ok=True)
            with TemporaryFile(dir=folder):
                pass
        except OSError as error:
            detail = f"{what.lower()} {folder} takes no files: {error.strerror}"
            remedy = f"Make room, or name another folder in `OPTIWRIGHT_{what}_DIR`."
            return Line("places", False, detail, remedy)
    return Line("places", True, f"cache {cache_dir()}, data {data_dir()}")


def _pool_line() -> Line:
    """Solve a one-variable model in a worker, which tells whether workers start here."""
    from optiwright.agent.api import solve

    model = Formulation(
        title="doctor",
        variables=(Variable(name="x", upper="3"),),
        objectives=(Objective(sense=Sense.MAXIMIZE, expression="2*x"),),
    )
    result = solve(model)
    shutil.rmtree(records_dir() / result.run_id)  # else it would be the last answer
    good = result.objective == 6
    return Line(
        "solver workers", good, "a test model was solved" if good else "a test model failed"
    )


def _sandbox_lines() -> Iterator[Line]:
    """Run a few real attacks in the sandbox, which tells what holds here and not what should."""
    with trial_pool() as pool:
        active = pool.submit("math:sqrt", 4.0, time_limit_s=20, profile=Profile.WRITTEN).result()
        if active.reason is not Reason.FINISHED:
            yield Line("sandbox", False, active.error, needed=False)
            return
        what = f"{level_of(active.protections)}: {', '.join(active.protections)}"
        yield Line("sandbox", True, what, needed=False)
        for attack in ATTACKS:
            if attack.name in SANDBOX_ATTACKS:
                held, outcome = try_out(pool, attack)
                detail = f"{attack.name}: {'stopped' if held else 'NOT STOPPED'} ({met(outcome)})"
                yield Line("  attack", held, detail, needed=False)
