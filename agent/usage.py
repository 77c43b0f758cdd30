"""What a run cost, counted from its events."""

from __future__ import annotations

from pathlib import Path

from optiwright.agent.events import ModelCalled, StepFinished
from optiwright.agent.recorder import read_events
from optiwright.agent.result import StepUsage, Usage


def usage_of(folder: Path, seconds: float) -> Usage:
    """Return calls, tokens and seconds by step, in the order in which steps first ran.

    Args:
        folder: the run's folder.
        seconds: wall-clock time of the whole run.
    """
    steps: dict[str, StepUsage] = {}
    for event in read_events(folder):
        if isinstance(event, ModelCalled):
            so_far = steps.get(event.step, StepUsage(step=event.step))
            added = {
                "calls": so_far.calls + 1,
                "prompt_tokens": so_far.prompt_tokens + event.prompt_tokens,
                "cached_prompt_tokens": so_far.cached_prompt_tokens + event.cached_prompt_tokens,
                "completion_tokens": so_far.completion_tokens + event.completion_tokens,
                "model_seconds": so_far.model_seconds + event.seconds,
            }
            steps[event.step] = so_far.model_copy(update=added)
        elif isinstance(event, StepFinished):
            so_far = steps.get(event.step, StepUsage(step=event.step))
            steps[event.step] = so_far.model_copy(
                update={"seconds": so_far.seconds + event.seconds}
            )
    return Usage(steps=tuple(steps.values()), seconds=seconds)
