"""Runs a program that looks for a plan, and reads the plan that it prints: one JSON object a line.

`{"action": "lift", "objects": ["box2", "dock"]}` is a step, in their order, and the last line says
what it is: `{"result": "optimal"}`, `"found"`, or `"impossible"` without any step.
"""

from __future__ import annotations

import json
from typing import Any, Literal, TypeAlias, get_args

from pydantic import ValidationError

from optiwright.solver_tools.plan_outcome import Plain, PlanStep

Claim: TypeAlias = Literal["optimal", "found", "impossible"]
MOST_STEPS = 2000
_NO_RESULT = (
    "The program ran to its end and printed no plan: print one JSON object a step, "
    '`{"action": ..., "objects": [...]}`, and last `{"result": "optimal"}`, `"found"` or '
    '`"impossible"`.'
)


class PlanReport(Plain):
    """What a program's run came to."""

    claim: Claim | None = None
    """None where it printed no plan."""
    steps: tuple[PlanStep, ...] = ()
    error: str = ""
    """What went wrong, for a model that has to mend it."""
    syntax: bool = False
    """Whether it could not be read at all."""
    out_of_time: bool = False
    """Whether it was interrupted at its time limit."""


def execute(source: str, time_limit_s: float) -> dict[str, Any]:
    """Run `source` as `__main__` and return a `PlanReport` as JSON-able data; for the pool's child.

    Nothing is raised: whatever the program does short of ending its process is data.
    """
    from optiwright.solver_tools.written_run import run_source

    run = run_source(source, time_limit_s)
    report = read_printed(run.text)
    if run.fault is not None and report.claim is None:
        said = {
            "error": run.fault.error,
            "syntax": run.fault.is_syntax,
            "out_of_time": run.fault.out_of_time,
        }
        report = report.model_copy(update=said)
    return report.model_dump(mode="json")


def read_printed(text: str) -> PlanReport:
    """Return the plan in what a program printed; lines that are no JSON are passed over.

    A program that says no result and printed steps has found a plan. What it printed after its last
    result counts for nothing, and of several plans the last.
    """
    steps: list[PlanStep] = []
    report: PlanReport | None = None
    for line in text.splitlines():
        found = _object(line)
        if "result" in found:
            report, steps = _ended(str(found["result"]), steps), []
        elif "action" in found:
            step = _step(found)
            if isinstance(step, str):
                return PlanReport(error=step)
            steps.append(step)
    if report is None and steps:
        report = _ended("found", steps)
    return report or PlanReport(error=_NO_RESULT)


def _object(line: str) -> dict[str, Any]:
    line = line.strip()
    if not line.startswith("{"):
        return {}
    try:
        found = json.loads(line)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _step(found: dict[str, Any]) -> PlanStep | str:
    """Return a step, or what is wrong with it."""
    objects = found.get("objects", [])
    if isinstance(objects, str):
        objects = [objects]
    elif isinstance(objects, dict):
        objects = list(objects.values())
    try:
        return PlanStep(action=found["action"], arguments=tuple(str(o) for o in objects))
    except (ValidationError, TypeError):
        return (
            f"The line `{json.dumps(found)[:120]}` is no step: print "
            '`{"action": "name", "objects": ["first", "second"]}`.'
        )


def _ended(said: str, steps: list[PlanStep]) -> PlanReport:
    claim = said.strip().lower()
    if claim not in get_args(Claim):
        return PlanReport(
            error=f'The last line says `{{"result": "{said[:40]}"}}`: print `"optimal"`, `"found"` '
            'or `"impossible"`.'
        )
    if len(steps) > MOST_STEPS:
        return PlanReport(error=f"The plan has {len(steps):,} steps, more than {MOST_STEPS:,}.")
    if claim == "impossible" and steps:
        return PlanReport(error="It prints steps, and that no plan is possible: print one of both.")
    return PlanReport(claim=claim, steps=tuple(steps))  # type: ignore[arg-type]
