"""Runs an optimizer that a language model wrote on a black box, within a budget of evaluations.

Runs inside the confined child, with the function's source: it guards nothing itself, and what it
answers is held against the function by its caller.
"""

from __future__ import annotations

import math
import time
from contextlib import nullcontext
from typing import Any

import numpy as np

from optiwright.formulators.black_box import BlackBox, Code
from optiwright.solver_tools.oracle import axes_of
from optiwright.solver_tools.oracle_code import SourceFault, code_oracle
from optiwright.solver_tools.search_ledger import Ledger
from optiwright.solver_tools.search_target import Spent, Target

FUNCTION = "optimize"
"""What the program has to define: `optimize(f, dimension, budget, rng)`."""


def run_job(
    program: str, box_json: str, budget: int, seed: int, time_limit_s: float
) -> dict[str, Any]:
    """Returns the best evaluation, how many there were, and what stopped the program.

    Args:
        program: defines `optimize`, which asks `f` for the value to be least at places of the unit
            cube, one edge an unknown.
        box_json: the black box; its function is a source.
        budget: evaluations at most.
        seed: of the generator that the program is given.
        time_limit_s: for all of it.
    """
    box = BlackBox.model_validate_json(box_json)
    assert isinstance(box.oracle, Code)
    found: dict[str, Any] = {"best": None, "evaluations": 0, "failures": 0, "error": ""}
    try:
        oracle = code_oracle(box, box.oracle, lambda point: nullcontext())
    except SourceFault as fault:
        return found | {"error": str(fault)}
    maximize = box.sense == "maximize"
    deadline = time.monotonic() + time_limit_s
    ledger = Ledger(oracle, budget, maximize=maximize, deadline=deadline)

    axes = axes_of(box)
    target = Target(
        axes, ledger.answer, budget, maximize=maximize, constraints=len(box.constraints)
    )
    space: dict[str, Any] = {"np": np, "math": math}
    try:
        exec(compile(program, "program.py", "exec", dont_inherit=True), space)
        if FUNCTION not in space:
            raise NameError(f"there is no function `{FUNCTION}`")
        space[FUNCTION](target, len(axes), budget, np.random.default_rng(seed))
    except Spent:
        pass
    except BaseException as error:
        found["error"] = f"The program raised {type(error).__name__}: {error}"[:300]
    best = ledger.best.model_dump(mode="json") if ledger.best is not None else None
    return found | {
        "best": best,
        "evaluations": ledger.evaluations,
        "failures": ledger.failures,
    }
