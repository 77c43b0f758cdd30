"""A turn's or run's events, put together as what people watch: steps, the reply so far, the log."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from typing import Literal

from optiwright.agent.budgets import Spent
from optiwright.agent.events import (
    ModelCalled,
    ModelText,
    Notice,
    RunFailed,
    RunFinished,
    RunStarted,
    SolverOutput,
    StepFinished,
    StepStarted,
)
from optiwright.agent.result import Plain
from optiwright.agent.session_events import SessionEvent, TurnNotice, WhatChanges

DOING = {
    "formulate": "the model reads the problem and writes a formulation",
    "check": "checking the formulation",
    "clarify": "solving the readings of what the text leaves open",
    "compile": "compiling",
    "solve": "solving",
    "verify": "verifying the answer",
    "repair": "the model mends the formulation",
    "write": "the model writes a program from the text alone",
    "run": "running the program",
    "rewrite": "the model mends its program",
    "compare": "comparing the two answers",
    "judge": "the model judges which of the two the text supports",
    "search_read": "reading the function, and looking for a formula in it",
    "search_run": "searching for the best point",
    "search_verify": "checking the point that was found",
    "plan_formulate": "the model reads the problem and writes what there is and what can be done",
    "plan_check": "checking what it wrote",
    "plan_find": "looking for a plan",
    "plan_verify": "carrying the plan out",
    "plan_repair": "the model looks at its formulation again",
    "plan_write": "the model writes a program from the text alone, and it is run",
    "plan_compare": "comparing the two plans",
    "explain": "writing the answer",
}
"""What each step of a run does, for people."""

DONE = {
    "formulate": "Formulation",
    "check": "Check",
    "clarify": "Readings of the text",
    "ask": "Questions",
    "compile": "For the solver",
    "solve": "Solver",
    "verify": "Check of the answer",
    "repair": "Mended formulation",
    "write": "Second program",
    "run": "Its run",
    "rewrite": "Mended program",
    "compare": "Comparison of the two",
    "judge": "Judge of the two",
    "search_read": "Function",
    "search_run": "Search",
    "search_verify": "Check of the point",
    "plan_formulate": "Formulation",
    "plan_check": "Check",
    "plan_find": "Plan",
    "plan_verify": "Plan carried out",
    "plan_repair": "Second look",
    "plan_write": "Second program",
    "plan_compare": "Comparison of the two",
    "explain": "Answer in words",
}
"""What came of each step of a run, for people."""

STAGES = (
    ("Read", ("formulate", "repair", "plan_formulate", "plan_repair", "search_read")),
    ("Check", ("check", "clarify", "ask", "plan_check")),
    ("Solve", ("compile", "solve", "plan_find", "search_run")),
    ("Verify", ("verify", "plan_verify", "search_verify")),
    (
        "Second reading",
        ("write", "run", "rewrite", "compare", "judge", "plan_write", "plan_compare"),
    ),
    ("Answer", ("explain",)),
)
"""The run's graph as people see it: the nodes by what they are for, in order."""


class StepTold(Plain):
    """One step of a run."""

    step: str
    attempt: int
    doing: str
    state: Literal["running", "done", "to mend"]
    summary: str = ""
    seconds: float = 0.0

    @property
    def name(self) -> str:
        """What came of it, in a word or a few."""
        return DONE.get(self.step, self.step)


class Stage(Plain):
    """A part of the graph, and whether the run is there, was there, or was not."""

    name: str
    state: Literal["ahead", "now", "done", "to mend"]
    times: int = 0
    """How often the run came to it."""


class GapPoint(Plain):
    """A line of a MIP's log: seconds, bound and best value; None while there is none."""

    seconds: float
    bound: float | None
    best: float | None


class Progress(Plain):
    """What a turn has come to until now."""

    steps: tuple[StepTold, ...] = ()
    notices: tuple[str, ...] = ()
    changes: tuple[str, ...] = ()
    """The difference that the turn makes to the formulation, a line each."""
    reply: str = ""
    """The model's reply as far as it has come; empty between two."""
    log: str = ""
    """The log of the solve under way, or of the last one."""
    calls: int = 0
    tokens: int = 0
    """Sent and generated, cached replies too."""
    paid: Spent = Spent()
    """What was sent and generated, without replies that were remembered."""
    record: str = ""
    """The folder of the run under way, or of the last one."""

    @property
    def now(self) -> str:
        """What is being done."""
        running = [step for step in self.steps if step.state == "running"]
        return running[-1].doing if running else (self.notices[-1] if self.notices else "")

    @property
    def stages(self) -> tuple[Stage, ...]:
        """The run's graph, a stage each."""
        return tuple(self._stage(name, nodes) for name, nodes in STAGES)

    def _stage(self, name: str, nodes: tuple[str, ...]) -> Stage:
        own = [step for step in self.steps if step.step in nodes]
        if not own:
            return Stage(name=name, state="ahead")
        last: Literal["now", "done", "to mend"] = (
            "now"
            if any(step.state == "running" for step in own)
            else "to mend"
            if own[-1].state == "to mend"
            else "done"
        )
        before = [None, *(step.step for step in self.steps)]
        times = sum(
            step.step in nodes and came not in nodes
            for step, came in zip(self.steps, before, strict=False)
        )
        return Stage(name=name, state=last, times=times)

    @property
    def gap(self) -> tuple[GapPoint, ...]:
        """The bound and the best value over time, where the log is that of a MIP."""
        return gap_points(self.log)


def progress_of(events: Iterable[SessionEvent]) -> Progress:
    """Put a turn's events together, all that have come."""
    steps: list[StepTold] = []
    notices: list[str] = []
    reply: list[str] = []
    log: list[str] = []
    changes: tuple[str, ...] = ()
    calls = tokens = 0
    paid, record = Spent(), ""
    for event in events:
        match event:
            case StepStarted(step=step, attempt=attempt):
                doing = DOING.get(step, step)
                steps.append(StepTold(step=step, attempt=attempt, doing=doing, state="running"))
                reply = []
                if step == "solve":
                    log = []
            case StepFinished():
                _finish(steps, event)
            case ModelText(text=text):
                reply.append(text)
            case ModelCalled():
                calls, reply = calls + 1, []
                tokens += event.prompt_tokens + event.completion_tokens
                if not event.cached:
                    paid += Spent(
                        calls=1,
                        paid_prompt_tokens=event.prompt_tokens,
                        paid_cached_tokens=event.cached_prompt_tokens,
                        paid_completion_tokens=event.completion_tokens,
                    )
            case RunStarted(record=folder):
                record = folder
            case SolverOutput(text=text):
                log.append(text)
            case Notice(message=message) | TurnNotice(message=message):
                notices.append(message)
            case WhatChanges(lines=lines):
                changes = lines
            case RunFinished() | RunFailed():
                steps = [s for s in steps if s.state != "running"]
            case _:
                pass
    return Progress(
        steps=tuple(steps),
        notices=tuple(notices),
        changes=changes,
        reply="".join(reply),
        log="".join(log),
        calls=calls,
        tokens=tokens,
        paid=paid,
        record=record,
    )


def _finish(steps: list[StepTold], event: StepFinished) -> None:
    """Mark the step that an event ends; of several samples' at once, the one begun first."""
    at = next(
        (k for k, s in enumerate(steps) if s.step == event.step and s.state == "running"), None
    )
    told = StepTold(
        step=event.step,
        attempt=event.attempt,
        doing=DOING.get(event.step, event.step),
        state="done" if event.ok else "to mend",
        summary=event.summary,
        seconds=event.seconds,
    )
    if at is None:
        steps.append(told)
    else:
        steps[at] = told


_NUMBER = r"[-+]?(?:inf|\d+(?:\.\d+)?(?:e[-+]?\d+)?)"
_HIGHS = re.compile(
    rf"^.{{0,3}}\s*\d+\s+\d+\s+\d+\s+\d+\.\d+%\s+({_NUMBER})\s+({_NUMBER})\s+\S+.*?(\d+\.\d+)s\s*$"
)
_SCIP = re.compile(
    rf"^.?\s*(\d+\.\d+)s\|(?:[^|]*\|){{10,14}}\s*({_NUMBER}|--)\s*\|\s*({_NUMBER}|--)\s*\|"
)


def gap_points(log: str) -> tuple[GapPoint, ...]:
    """Read bound and best value over time off the log of HiGHS or SCIP; nothing from any other."""
    points: list[GapPoint] = []
    for line in log.splitlines():
        if found := _HIGHS.match(line):
            bound, best, seconds = found.groups()
        elif found := _SCIP.match(line):
            seconds, bound, best = found.groups()
        else:
            continue
        points.append(GapPoint(seconds=float(seconds), bound=_finite(bound), best=_finite(best)))
    return tuple(points)


def _finite(word: str) -> float | None:
    value = math.inf if word == "--" else float(word)
    return value if math.isfinite(value) else None
