"""How many of a fixed set a model in training solves, by the reward's own scorer.

The model writes as `transformers` generates, greedy; the reply is solved in the pool. Random states
are put back afterwards, so that looking changes nothing of the training.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from optiwright.formulators.errors import UserError
from optiwright.training.instructions import Instruction, instructions
from optiwright.training.rewards import REWARDED, Answered, Judge
from optiwright.training.rows import TrainingRow
from optiwright.training.tuning_config import TuningConfig
from optiwright.training.tuning_rows import rendered

_TOGETHER = 8
"""Prompts answered at once."""


class SolvingAccuracy:
    """Counts how many rows a model solves.

    Args:
        rows: the fixed set.
        config: its tasks, the first of which is asked, and its `accuracy`.
        tokenizer: of the model.

    Raises:
        UserError: if replies to the task cannot be run.
    """

    def __init__(self, rows: Sequence[TrainingRow], config: TuningConfig, tokenizer: Any) -> None:
        task = config.data.tasks[0]
        if task not in REWARDED:
            raise UserError(
                f"what is solved cannot be counted for the task {task}",
                where="`accuracy.every`",
                remedy=f"Put one of {', '.join(REWARDED)} first in `data.tasks`, or set it to 0.",
            )
        self.rows = tuple(rows)
        by_id = {row.id: row for row in rows}
        asked = list(instructions(rows, [task]))
        self._asked: list[tuple[TrainingRow, Instruction]] = [(by_id[i.row], i) for i in asked]
        self._tokenizer = tokenizer
        self._max_tokens = config.accuracy.max_tokens

    def of(self, model: Any) -> tuple[int, int]:
        """Return how many were solved, and how many were asked."""
        replies = [
            Answered(row, instruction.task, reply)
            for (row, instruction), reply in zip(self._asked, self._replies(model), strict=True)
        ]
        rewards = asyncio.run(Judge().rewards(replies))
        return sum(r is not None and r.right for r in rewards), len(self._asked)

    def _replies(self, model: Any) -> list[str]:
        import torch

        replies = []
        with _undisturbed(model), torch.no_grad():
            for at in range(0, len(self._asked), _TOGETHER):
                part = self._asked[at : at + _TOGETHER]
                prompts = [rendered(i.prompt, self._tokenizer) for _, i in part]
                replies += self._written(model, prompts)
        return replies

    def _written(self, model: Any, prompts: list[str]) -> list[str]:
        import torch

        tokenizer = self._tokenizer
        encoded = tokenizer(
            prompts,
            add_special_tokens=False,
            padding=True,
            padding_side="left",
            return_tensors="pt",
        ).to(model.device)
        low = model.dtype is torch.bfloat16
        with torch.autocast(model.device.type, torch.bfloat16, enabled=low):
            written = model.generate(
                **encoded,
                max_new_tokens=self._max_tokens,
                do_sample=False,
                use_cache=True,
                pad_token_id=tokenizer.pad_token_id,
                eos_token_id=tokenizer.eos_token_id,
            )
        new = written[:, encoded["input_ids"].shape[1] :]
        return [str(text) for text in tokenizer.batch_decode(new, skip_special_tokens=True)]


@contextmanager
def _undisturbed(model: Any) -> Iterator[None]:
    """Evaluate for a while, and put mode and random states back."""
    import random

    import numpy as np
    import torch

    states = random.getstate(), np.random.get_state(), torch.random.get_rng_state()
    training = model.training
    model.eval()
    try:
        yield
    finally:
        model.train(training)
        random.setstate(states[0])
        np.random.set_state(states[1])
        torch.random.set_rng_state(states[2])
