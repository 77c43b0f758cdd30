"""Rewards in the form that TRL calls for them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Protocol, TypeAlias

from optiwright.training.instructions import Task
from optiwright.training.rewards import WEIGHTS, Answered, Judge, Reward
from optiwright.training.rows import TrainingRow

Rewarder: TypeAlias = Callable[..., Awaitable[list[float | None]]]


class LogMetric(Protocol):
    """How TRL lets a reward log figures of its own."""

    def __call__(self, name: str, value: float) -> None:
        """Log a mean."""


def trl_reward(judge: Judge | None = None) -> Rewarder:
    """Return the reward as TRL calls it; a data set gives the columns `row` (JSON) and `task`."""
    judge = judge or Judge()

    async def execution(
        prompts: Sequence[Any],
        completions: Sequence[Any],
        *,
        row: Sequence[str],
        task: Sequence[str],
        log_metric: LogMetric | None = None,
        **_: Any,
    ) -> list[float | None]:
        given = [
            Answered(TrainingRow.model_validate_json(one), Task(of), _text(completion))
            for one, of, completion in zip(row, task, completions, strict=True)
        ]
        found = await judge.rewards(given)
        if log_metric is not None:
            _log_parts(found, log_metric)
        return [None if reward is None else reward.value for reward in found]

    return execution


def _log_parts(found: Sequence[Reward | None], log_metric: LogMetric) -> None:
    for name in WEIGHTS:
        values = [getattr(r.parts, name) for r in found if r is not None]
        values = [v for v in values if v is not None]
        if values:
            log_metric(f"reward_{name}", sum(values) / len(values))


def _text(completion: Any) -> str:
    """Return the words of a completion, which TRL gives as text or as messages."""
    if isinstance(completion, str):
        return completion
    return "".join(str(message.get("content") or "") for message in completion)
